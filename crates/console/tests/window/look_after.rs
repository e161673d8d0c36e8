//! What a program that stays open does by itself. The time is tokio's own, paused, so hours pass at once.

use crate::shop::{Shop, TokioClock, order};
use console::forms::{CustomerForm, MerchantForm};
use console::view::{Change, PaymentRow};
use console::{BUILT_IN, Console, Happening, Options};
use simulator::{EffectKind, PayWith};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn open() -> Shop<TokioClock> {
    Shop::with(TokioClock::new(), None)
}

/// Looks after the console while `work` runs, and gives what was told.
async fn told_during(console: &Console, work: impl Future<Output = ()>) -> Vec<Change> {
    let told = Mutex::new(Vec::new());
    let after = console.look_after(|what| {
        match what {
            Happening::Change(change) => told.lock().unwrap().push(change),
            Happening::Merchants => panic!("nobody changed the merchants"),
            Happening::Trouble { merchant, error } => panic!("{merchant}: {error:?}"),
        }
        ControlFlow::Continue(())
    });
    tokio::select! {
        () = after => panic!("it ended by itself"),
        () = work => {}
    }
    told.into_inner().unwrap()
}

async fn secs(secs: u64) {
    tokio::time::sleep(Duration::from_secs(secs)).await;
}

fn paid(changes: &[Change]) -> Vec<&PaymentRow> {
    changes.iter().filter_map(|change| change.paid.as_ref()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_payment_is_told_once_when_its_notice_comes() {
    let shop = open();
    let told = told_during(&shop.console, async {
        secs(1).await;
        shop.order("ORDER001", 100).await;
        secs(2).await;
        shop.world().pay("ORDER001", PayWith::default()).unwrap();
        secs(5).await;
        // Asked as well, it is paid still, and no news.
        shop.console.query_order_form(BUILT_IN, "ORDER001").await.unwrap();
        shop.refund("ORDER001", "R1", 10).await;
        secs(300).await;
    })
    .await;
    let paid = paid(&told);
    assert_eq!(paid.len(), 1, "{told:?}");
    assert_eq!((paid[0].out_trade_no.as_str(), paid[0].total_fen), ("ORDER001", Some(100)));
    assert!(told.len() >= 4, "the order, its refund and the refund's end are changes too: {told:?}");
    assert!(told.windows(2).all(|pair| pair[0].revision <= pair[1].revision));
    assert!(told.iter().all(|change| change.environment == "simulated"));
    let detail = shop.console.payment_detail(BUILT_IN, "ORDER001").unwrap();
    assert!(detail.payment.evidence.notice.is_some());
    assert_eq!(detail.refunds[0].state, "success", "its notice was taken");
}

#[tokio::test(start_paused = true)]
async fn what_was_there_before_is_no_news_and_what_another_program_does_is() {
    let shop = open();
    shop.order("BEFORE01", 100).await;
    shop.pay("BEFORE01", "normal").await;
    shop.order("BEFORE02", 200).await;
    let told = told_during(&shop.console, async {
        secs(2).await;
        let other = shop.another();
        other.create_order_form(BUILT_IN, order("OTHER001", 300)).await.unwrap();
        secs(1).await;
        shop.world().pay("OTHER001", PayWith::default()).unwrap();
        other.query_order_form(BUILT_IN, "OTHER001").await.unwrap();
        shop.world().pay("BEFORE02", PayWith::default()).unwrap();
        other.query_order_form(BUILT_IN, "BEFORE02").await.unwrap();
        other.query_order_form(BUILT_IN, "BEFORE01").await.unwrap();
        secs(2).await;
    })
    .await;
    let mut numbers: Vec<_> = paid(&told).iter().map(|row| row.out_trade_no.clone()).collect();
    numbers.sort();
    assert_eq!(numbers, ["BEFORE02", "OTHER001"], "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_payment_whose_notice_is_lost_is_found_by_asking() {
    let shop = open();
    let told = told_during(&shop.console, async {
        shop.order("ORDER001", 100).await;
        secs(10).await;
        shop.pay("ORDER001", "lost").await;
        secs(10).await;
        let asked = shop.console.exchanges(Some(BUILT_IN), 10).unwrap().len();
        assert_eq!(asked, 1, "it is left time to be told of");
        secs(60).await;
    })
    .await;
    assert_eq!(paid(&told).len(), 1);
    assert!(shop.console.payment_detail(BUILT_IN, "ORDER001").unwrap().payment.evidence.query.is_some());
}

#[tokio::test(start_paused = true)]
async fn an_order_that_ended_is_learned_and_one_nobody_paid_is_closed() {
    let shop = open();
    told_during(&shop.console, async {
        shop.order("ORDER001", 100).await;
        secs(1_799).await;
        let before = shop.console.payment_detail(BUILT_IN, "ORDER001").unwrap().payment.state;
        assert_eq!(before, "unpaid");
        let asked = shop.console.exchanges(Some(BUILT_IN), 100).unwrap().len();
        assert!((4..=12).contains(&asked), "less and less often: {asked}");
        secs(60).await;
    })
    .await;
    assert_eq!(shop.console.payment_detail(BUILT_IN, "ORDER001").unwrap().payment.state, "closed");
    let after = shop.console.exchanges(Some(BUILT_IN), 100).unwrap().len();
    told_during(&shop.console, secs(1_800)).await;
    assert_eq!(shop.console.exchanges(Some(BUILT_IN), 100).unwrap().len(), after, "it is over");
    let closed = shop.world().effects().iter().filter(|effect| effect.kind == EffectKind::Closed).count();
    assert!(closed <= 1, "{closed}");
}

#[tokio::test(start_paused = true)]
async fn the_journal_is_anchored_while_it_grows() {
    let shop = open();
    told_during(&shop.console, async {
        shop.order("ORDER001", 100).await;
        secs(20).await;
    })
    .await;
    let head = std::fs::read_to_string(shop.dir.path().join("ledger/simulated.head")).unwrap();
    let seq: i64 = head.split(':').next().unwrap().parse().unwrap();
    assert_eq!(seq, shop.console.status(BUILT_IN).unwrap().revision);
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_it_is_told_to() {
    let shop = open();
    shop.order("ORDER001", 100).await;
    let work = shop.console.look_after(|_| ControlFlow::Break(()));
    let more = async {
        secs(1).await;
        shop.order("ORDER002", 100).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = work => {}
        () = more => {}
        () = secs(60) => panic!("it went on"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_kept_gateways_notices_are_taken_when_they_fall_due() {
    let dir = tempfile::tempdir().unwrap();
    let console = Console::open(Options {
        data_dir: Some(dir.path().to_owned()),
        clock: Arc::new(TokioClock::new()),
        ..Options::default()
    })
    .unwrap();
    let world = dir.path().join("simulated/world.json");
    told_during(&console, secs(5)).await;
    assert!(!world.exists(), "nothing is made for nothing");
    let told = told_during(&console, async {
        secs(1).await;
        console.create_order_form(BUILT_IN, order("ORDER001", 100)).await.unwrap();
        // Long enough for the looks to have become rare.
        secs(200).await;
        let pay = CustomerForm::Pay { out_trade_no: "ORDER001".into(), coupon_fen: 0, notice: "late".into() };
        console.simulate_form(BUILT_IN, pay).await.unwrap();
        secs(13).await;
        let before = console.payment_detail(BUILT_IN, "ORDER001").unwrap().payment;
        assert!(before.evidence.notice.is_none(), "it is late");
        secs(5).await;
    })
    .await;
    assert_eq!(paid(&told).len(), 1);
    assert!(console.payment_detail(BUILT_IN, "ORDER001").unwrap().payment.evidence.notice.is_some());
}

#[tokio::test]
async fn what_is_awaited_can_be_moved_between_threads() {
    fn moves<T: Send>(what: T) -> T {
        what
    }
    let shop = Shop::open();
    moves(shop.console.create_order_form(BUILT_IN, order("ORDER001", 100))).await.unwrap();
    drop(moves(shop.console.look_after(|_| ControlFlow::Continue(()))));
}

#[tokio::test(start_paused = true)]
async fn a_merchant_that_another_program_adds_or_gives_a_key_is_told() {
    let shop = open();
    let told = Mutex::new(0);
    let after = shop.console.look_after(|what| {
        if what == Happening::Merchants {
            *told.lock().unwrap() += 1;
        }
        ControlFlow::Continue(())
    });
    let work = async {
        secs(2).await;
        assert_eq!(*told.lock().unwrap(), 0, "all of it was there before");
        let other = shop.another();
        let form = MerchantForm {
            name: "shop".into(),
            environment: "sandbox".into(),
            mch_id: "1900000109".into(),
            appid: "wx8888888888888888".into(),
            sign_type: "MD5".into(),
            ..MerchantForm::default()
        };
        other.add_merchant_form(form).unwrap();
        secs(1).await;
        assert_eq!(*told.lock().unwrap(), 1);
        let names: Vec<_> = shop.console.merchants().unwrap().into_iter().map(|one| one.name).collect();
        assert_eq!(names, [BUILT_IN, "shop"]);
        let key = domain::Secret::new("192006250b4c09247ec02edce69f6a2d".to_owned());
        other.set_key_form("shop", "api_v2", key).unwrap();
        secs(1).await;
        assert_eq!(*told.lock().unwrap(), 2);
        other.remove_merchant("shop").unwrap();
        secs(1).await;
        assert!(*told.lock().unwrap() > 2);
    };
    tokio::select! {
        () = after => panic!("it ended by itself"),
        () = work => {}
    }
}

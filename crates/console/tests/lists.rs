//! Windows onto the long lists: rows, marks, filters, sums; and that they follow what happens.

use console::args::{NewOrder, NewRefund, OrderRef, Way};
use console::forms::{PaymentsForm, RefundsForm, RequestsForm};
use console::view::{Mark, PaymentRow};
use console::{BUILT_IN, Code, Console, Options, SimulatedGateway};
use domain::evidence::Source;
use domain::{
    Clock, Environment, Fen, MchId, OrderState, OutRefundNo, OutTradeNo, Timestamp, TradeType, TransactionId,
};
use ledger::PaymentObservation;
use simulator::Simulator;
use simulator::fault::{Fault, FaultRule};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

/// 2026-01-05 10:00:00 in UTC+8.
const MORNING_MS: i64 = 1_767_578_400_000;

struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

struct Shop {
    console: Console,
    world: Arc<Mutex<Simulator>>,
    clock: Arc<HandClock>,
    dir: tempfile::TempDir,
}

impl Shop {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock(AtomicI64::new(MORNING_MS)));
        let time: Arc<dyn Clock> = Arc::<HandClock>::clone(&clock);
        let world = Arc::new(Mutex::new(Simulator::following(1, Arc::clone(&time))));
        let console = Console::open(Options {
            data_dir: Some(dir.path().to_owned()),
            clock: time,
            gateway: SimulatedGateway::InProcess(Arc::clone(&world)),
            ..Options::default()
        });
        Self { console: console.unwrap(), world, clock, dir }
    }

    fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// The same ledger, as another process has it open.
    fn ledger(&self) -> ledger::Ledger {
        let path = self.console.place().ledger(Environment::Simulated);
        let key = domain::Secret::new(*b"SIMULATED journal key, published");
        ledger::Ledger::open(&path, Environment::Simulated, key, self.clock.now()).unwrap().ledger
    }

    fn seen(&self, number: &str, source: Source, state: OrderState) -> PaymentObservation {
        let mch_id = MchId::parse(simulator::MCH_ID).unwrap();
        PaymentObservation::new(BUILT_IN, mch_id, no(number), source, state, self.clock.now())
    }

    fn rows(&self, form: &PaymentsForm) -> Vec<PaymentRow> {
        let window = self.console.payments_window(BUILT_IN, form, 0, 200).unwrap();
        assert_eq!(window.total, i64::try_from(window.rows.len()).unwrap());
        assert_eq!(self.console.payment_sums(BUILT_IN, form).unwrap().count, window.total);
        window.rows
    }

    fn numbers(&self, form: &PaymentsForm) -> String {
        self.rows(form).into_iter().map(|row| row.out_trade_no).collect::<Vec<_>>().join(" ")
    }

    fn row(&self, number: &str) -> PaymentRow {
        self.rows(&of(number)).into_iter().find(|row| row.out_trade_no == number).unwrap()
    }
}

fn no(number: &str) -> OutTradeNo {
    OutTradeNo::parse(number).unwrap()
}

fn of(text: &str) -> PaymentsForm {
    PaymentsForm { text: text.into(), ..PaymentsForm::default() }
}

fn order(number: &str, fen: i64) -> NewOrder {
    NewOrder {
        way: Way::Native { product_id: None },
        total: Fen::new(fen),
        currency: "CNY".into(),
        body: "全麦吐司".into(),
        attach: Some("Till A".into()),
        out_trade_no: Some(no(number)),
        expires_in_secs: None,
        detail: None,
        scene_info: None,
        goods_tag: None,
        no_credit: false,
        device_info: None,
        spbill_create_ip: None,
        notify_url: None,
    }
}

#[tokio::test]
async fn a_row_says_what_is_there_what_is_due_and_what_does_not_fit() {
    let shop = Shop::open();
    assert_eq!(shop.rows(&PaymentsForm::default()), []);
    shop.console.create_order(Some(BUILT_IN), order("ORDER1", 1_600)).await.unwrap();
    let row = shop.row("ORDER1");
    assert_eq!(
        (row.state.as_str(), row.total_fen, row.trade_type.as_deref()),
        ("unpaid", Some(1_600), Some("native"))
    );
    assert_eq!((row.told, row.asked, row.billed), (Mark::Due, Mark::Due, Mark::None));

    let ledger = shop.ledger();
    let transaction = TransactionId::parse("4200002869202601051207388624").unwrap();
    let paid = PaymentObservation {
        transaction_id: Some(transaction.clone()),
        total: Some(Fen::new(1_600)),
        time_end: Some(shop.clock.now().civil()),
        ..shop.seen("ORDER1", Source::Query, OrderState::Paid)
    };
    ledger.observe_payment(&paid, shop.clock.now()).unwrap();
    let row = shop.row("ORDER1");
    assert_eq!((row.told, row.asked, row.billed), (Mark::Due, Mark::Yes, Mark::Due));
    assert_eq!((row.state.as_str(), row.paid_at.as_deref()), ("paid", Some("2026-01-05T10:00:00+08:00")));
    assert!(row.disagreements.is_empty());
    shop.pass(600_000);
    assert_eq!(shop.row("ORDER1").told, Mark::Due);
    shop.pass(1_000);
    let row = shop.row("ORDER1");
    assert_eq!((row.told, row.disagreements), (Mark::Due, vec![]), "they go elsewhere: none ever came here");
    let notice = ledger::NewNotice {
        merchant: BUILT_IN.into(),
        raw: b"<xml/>".to_vec(),
        received: shop.clock.now(),
        kind: ledger::NoticeKind::Payment,
        verified: true,
        verdict: "valid".into(),
        mch_id: None,
        out_trade_no: None,
        out_refund_no: None,
        number: Some("1".into()),
        state: Some("paid".into()),
    };
    ledger.record_notice(&notice, shop.clock.now()).unwrap();
    let row = shop.row("ORDER1");
    assert_eq!((row.told, row.disagreements), (Mark::Differs, vec!["not_told".to_owned()]));
    assert_eq!(shop.numbers(&PaymentsForm { disagreeing: true, ..Default::default() }), "ORDER1");

    // A notice with another amount is there, and does not fit.
    let told = PaymentObservation {
        total: Some(Fen::new(1)),
        ..shop.seen("ORDER1", Source::Notice, OrderState::Paid)
    };
    ledger.observe_payment(&told, shop.clock.now()).unwrap();
    let row = shop.row("ORDER1");
    assert_eq!(
        (row.told, row.asked, row.disagreements),
        (Mark::Differs, Mark::Yes, vec!["total".to_owned()])
    );
    let sums = shop.console.payment_sums(BUILT_IN, &PaymentsForm::default()).unwrap();
    assert_eq!((sums.paid, sums.takings_fen, sums.net_fen, sums.disagreeing), (1, 1_600, 1_600, 1));

    // Nobody tells of a scanned payment; of a closed order nothing is due.
    let scanned = PaymentObservation {
        trade_type: Some(TradeType::Micropay),
        ..shop.seen("SCAN01", Source::Query, OrderState::Paid)
    };
    ledger.observe_payment(&scanned, shop.clock.now()).unwrap();
    let row = shop.row("SCAN01");
    assert_eq!((row.told, row.asked, row.billed), (Mark::None, Mark::Yes, Mark::Due));
    ledger
        .observe_payment(&shop.seen("CLOSED", Source::Query, OrderState::Closed), shop.clock.now())
        .unwrap();
    let row = shop.row("CLOSED");
    assert_eq!((row.told, row.asked, row.billed), (Mark::None, Mark::Yes, Mark::None));

    for (form, expected) in [
        (of("order1"), "ORDER1"),
        (of(" 28 "), "ORDER1"),
        (of("till a"), "ORDER1"),
        (of("麦"), "ORDER1"),
        (of("16"), "ORDER1"),
        (of("16.01"), ""),
        (of("%"), ""),
        (PaymentsForm { evidence: vec!["not_told".into()], ..Default::default() }, ""),
        (
            PaymentsForm { evidence: vec!["asked".into(), "not_billed".into()], ..Default::default() },
            "SCAN01 ORDER1",
        ),
        (PaymentsForm { states: vec!["closed".into(), "unknown".into()], ..Default::default() }, "CLOSED"),
        (PaymentsForm { trade_types: vec!["micropay".into()], ..Default::default() }, "SCAN01"),
        (
            PaymentsForm { from: Some("2026-01-05".into()), to: Some("2026-01-05".into()), ..of("o") },
            "CLOSED ORDER1",
        ),
        (PaymentsForm { from: Some("2026-01-06".into()), ..Default::default() }, ""),
        (PaymentsForm { to: Some("2026-01-04".into()), ..Default::default() }, ""),
        (PaymentsForm { min_fen: Some(1_600), max_fen: Some(1_600), ..Default::default() }, "ORDER1"),
    ] {
        assert_eq!(shop.numbers(&form), expected, "{form:?}");
    }
    for (field, form) in [
        ("states", PaymentsForm { states: vec!["gone".into()], ..Default::default() }),
        ("trade_types", PaymentsForm { trade_types: vec!["cash".into()], ..Default::default() }),
        ("evidence", PaymentsForm { evidence: vec!["felt".into()], ..Default::default() }),
        ("to", PaymentsForm { to: Some("tomorrow".into()), ..Default::default() }),
    ] {
        let error = shop.console.payments_window(BUILT_IN, &form, 0, 10).unwrap_err();
        assert_eq!(error.code, Code::InvalidField, "{field}");
        assert!(error.params.values().any(|value| value == field), "{field}: {error:?}");
    }
    let window = shop.console.payments_window(BUILT_IN, &PaymentsForm::default(), 1, 1).unwrap();
    assert_eq!((window.total, window.offset, window.rows.len()), (3, 1, 1));
    let window = shop.console.payments_window(BUILT_IN, &PaymentsForm::default(), -5, 100_000).unwrap();
    assert_eq!((window.offset, window.rows.len()), (0, 3));
    drop(shop.dir);
}

#[tokio::test]
async fn what_may_or_may_not_have_happened_stands_in_the_lists() {
    let shop = Shop::open();
    let before = shop.console.revision(Environment::Simulated).unwrap();
    shop.console.create_order(Some(BUILT_IN), order("ORDER1", 1_600)).await.unwrap();
    assert!(shop.console.revision(Environment::Simulated).unwrap() > before);
    {
        let mut world = shop.world.lock().unwrap();
        world.pay("ORDER1", simulator::PayWith::default()).unwrap();
        world.arm(FaultRule::on("/pay/unifiedorder", Fault::TimeoutAfter).times(9));
        world.arm(FaultRule::on("/pay/orderquery", Fault::TimeoutAfter).times(9));
        world.arm(FaultRule::on("/secapi/pay/refund", Fault::TimeoutAfter).times(9));
        world.arm(FaultRule::on("/pay/refundquery", Fault::TimeoutAfter).times(9));
    }
    shop.pass(1_000);
    assert!(shop.console.create_order(Some(BUILT_IN), order("ORDER2", 900)).await.is_err());
    let row = shop.row("ORDER2");
    assert_eq!((row.state.as_str(), row.unresolved), ("unknown", true));
    assert_eq!((row.told, row.asked, row.billed), (Mark::None, Mark::Due, Mark::None));
    assert_eq!(shop.numbers(&PaymentsForm { unresolved: true, ..Default::default() }), "ORDER2");

    let paid = PaymentObservation {
        total: Some(Fen::new(1_600)),
        ..shop.seen("ORDER1", Source::Notice, OrderState::Paid)
    };
    shop.ledger().observe_payment(&paid, shop.clock.now()).unwrap();
    let refund = NewRefund {
        out_trade_no: no("ORDER1"),
        refund: Fen::new(600),
        out_refund_no: Some(OutRefundNo::parse("BACK01").unwrap()),
        reason: Some("包装破损 & Wet".into()),
        notify_url: None,
    };
    assert!(shop.console.create_refund(Some(BUILT_IN), refund).await.is_err());
    assert_eq!(shop.numbers(&of("back01")), "ORDER1", "found by its refund's number");
    assert_eq!(shop.numbers(&PaymentsForm { unresolved: true, ..Default::default() }), "ORDER2 ORDER1");
    let refunds = |form: &RefundsForm| shop.console.refunds_window(BUILT_IN, form, 0, 50).unwrap();
    let with = |text: &str| refunds(&RefundsForm { text: text.into(), ..Default::default() });
    let all = refunds(&RefundsForm::default());
    assert_eq!((all.total, all.rows[0].state.as_str(), all.refunded_fen), (1, "unknown", 0));
    for (text, found) in [("破", 1), ("& wet", 1), ("ORDER1", 1), ("ack0", 1), ("amp", 0), ("refund_desc", 0)]
    {
        assert_eq!(with(text).total, found, "{text}");
    }
    shop.world.lock().unwrap().disarm();
    shop.pass(120_000);
    shop.console.query_refund(Some(BUILT_IN), console::args::RefundRef::OutTradeNo(no("ORDER1"))).await.ok();
    let by = |state: &str| refunds(&RefundsForm { states: vec![state.into()], ..Default::default() }).total;
    let all = refunds(&RefundsForm::default());
    assert_eq!(by(&all.rows[0].state), 1);
    assert_eq!(by("closed"), 0);
    let bad = RefundsForm { states: vec!["paid".into()], ..Default::default() };
    assert_eq!(shop.console.refunds_window(BUILT_IN, &bad, 0, 1).unwrap_err().code, Code::InvalidField);

    let requests = |form: &RequestsForm| shop.console.requests_window(BUILT_IN, form, 0, 200).unwrap();
    let all = requests(&RequestsForm::default());
    assert_eq!(all.total, i64::try_from(all.rows.len()).unwrap());
    assert!(all.rows.is_sorted_by_key(|row| std::cmp::Reverse(row.id)));
    let orders = requests(&RequestsForm { apis: vec!["/pay/unifiedorder".into()], ..Default::default() });
    let unknown = requests(&RequestsForm { outcomes: vec!["unknown".into()], ..Default::default() });
    assert!(orders.total >= 2 && unknown.total >= 2 && orders.total < all.total, "{all:?}");
    assert!(unknown.rows.iter().all(|row| row.outcome == "unknown"));
    let order2 = requests(&RequestsForm { text: "order2".into(), ..Default::default() });
    assert!(order2.total > 0 && order2.rows.iter().all(|row| row.out_trade_no.as_deref() == Some("ORDER2")));
    let api = requests(&RequestsForm { text: "UnifiedO".into(), ..Default::default() });
    assert_eq!(api.rows, orders.rows);
    assert_eq!(
        requests(&RequestsForm { text: "吐司".into(), ..Default::default() }).total,
        0,
        "bodies are not searched"
    );
    let bad = RequestsForm { outcomes: vec!["intended".into()], ..Default::default() };
    assert_eq!(shop.console.requests_window(BUILT_IN, &bad, 0, 1).unwrap_err().code, Code::InvalidField);
    let _ = shop.console.query_order(Some(BUILT_IN), OrderRef::OutTradeNo(no("ORDER2"))).await;
}

//! Another process on the same data folder: it makes, asks about and sends back hundreds of payments at once while
//! a person works in the window.
//!
//! ```text
//! crowd DIR SERVED MERCHANT MANY
//! ```
//! `SERVED` holds the line that `simulator serve` printed. It says `ready` when so many orders were made and paid by
//! their customers, which nobody here knows yet. After each of two lines on its input it asks about one half of them
//! and refunds a part of every third, and says `done`.
#![expect(clippy::print_stdout, reason = "this is how it talks to the test")]

use console::args::{Act, NewOrder, NewRefund, OrderRef, SimulatorTarget, Way};
use console::{Console, Options};
use domain::{Fen, OutRefundNo, OutTradeNo, Secret};
use std::sync::Arc;
use std::thread::Builder;

const THREADS: usize = 4;

type Done = Result<(), String>;

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn main() -> Done {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [dir, served, merchant, many] = &words[..] else {
        return Err("crowd DIR SERVED MERCHANT MANY".into());
    };
    let many: usize = many.parse().map_err(said)?;
    let line: serde_json::Value =
        serde_json::from_slice(&std::fs::read(served).map_err(said)?).map_err(said)?;
    let part = |name: &str| line[name].as_str().map(str::to_owned).ok_or_else(|| format!("no {name}"));
    let target = SimulatorTarget::Running {
        control_url: part("control_url")?,
        token: Secret::new(part("control_token")?),
    };
    let console = Console::open(Options { data_dir: Some(dir.into()), ..Options::default() });
    let console = Arc::new(console.map_err(said)?);
    let shop = Arc::new((console, target, merchant.clone()));

    each(&shop, 0..many, |shop, one| Box::pin(make(shop, one)))?;
    println!("ready");
    for half in [0..many / 2, many / 2..many] {
        std::io::stdin().read_line(&mut String::new()).map_err(said)?;
        each(&shop, half, |shop, one| Box::pin(learn(shop, one)))?;
        println!("done");
    }
    Ok(())
}

type Shop = (Arc<Console>, SimulatorTarget, String);
type Work<'a> = std::pin::Pin<Box<dyn Future<Output = Done> + 'a>>;

/// Does the same with every number, several at a time.
fn each(shop: &Arc<Shop>, all: std::ops::Range<usize>, work: fn(&Shop, usize) -> Work<'_>) -> Done {
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let (shop, all) = (Arc::clone(shop), all.clone());
            Builder::new().spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let runtime = runtime.map_err(said)?;
                all.skip(thread).step_by(THREADS).try_for_each(|one| runtime.block_on(work(&shop, one)))
            })
        })
        .collect();
    threads
        .into_iter()
        .try_for_each(|thread| thread.map_err(said)?.join().map_err(|_| "a thread panicked")?)
}

fn number(one: usize) -> Result<OutTradeNo, String> {
    OutTradeNo::parse(&format!("crowd-{one:04}")).map_err(said)
}

async fn make((console, target, merchant): &Shop, one: usize) -> Done {
    let new = NewOrder {
        way: Way::Native { product_id: None },
        total: Fen::new(10_000 + i64::try_from(one).map_err(said)?),
        currency: "CNY".into(),
        body: format!("人群 {one:04}"),
        attach: None,
        out_trade_no: Some(number(one)?),
        expires_in_secs: None,
        detail: None,
        scene_info: None,
        goods_tag: None,
        no_credit: false,
        device_info: None,
        spbill_create_ip: None,
        notify_url: None,
    };
    console.create_order(Some(merchant), new).await.map_err(said)?;
    let act = Act::Pay { out_trade_no: number(one)?, cash_coupon: None, no_cash_coupon: None };
    console.simulate(target, act).await.map(drop).map_err(said)
}

async fn learn((console, _, merchant): &Shop, one: usize) -> Done {
    let order = OrderRef::OutTradeNo(number(one)?);
    console.query_order(Some(merchant), order).await.map_err(said)?;
    if !one.is_multiple_of(3) {
        return Ok(());
    }
    let new = NewRefund {
        out_trade_no: number(one)?,
        refund: Fen::new(100 + i64::try_from(one).map_err(said)?),
        out_refund_no: Some(OutRefundNo::parse(&format!("crowd-back-{one:04}")).map_err(said)?),
        reason: None,
        notify_url: None,
    };
    console.create_refund(Some(merchant), new).await.map(drop).map_err(said)
}

//! One of the two processes of `two_processes`: thirty-two threads that all click the same list, each in an
//! order of its own, on a ledger that another process clicks on at the same time.
//!
//! ```text
//! clicker DIR GATEWAY orders|refunds ORDERS THREADS SEED
//! ```
//! It says `ready`, waits for a line on its input, clicks, and says how often each answer came.
#![expect(clippy::print_stdout, reason = "this is how it talks to the test")]

use console::args::{NewOrder, NewRefund, Way};
use console::{Console, ConsoleError, Options, SimulatedGateway};
use domain::{Fen, OutRefundNo, OutTradeNo};
use paydesk_tests::clicks::{ORDER_FEN, REFUND_FEN, REFUNDS, order_no, refund_no};
use paydesk_tests::dice::Dice;
use std::collections::BTreeMap;
use std::sync::{Arc, Barrier};

fn main() -> Result<(), String> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [dir, gateway, what, orders, threads, seed] = &words[..] else {
        return Err("clicker DIR GATEWAY orders|refunds ORDERS THREADS SEED".into());
    };
    let number = |text: &String| text.parse::<u64>().map_err(|error| error.to_string());
    let (orders, threads, seed) = (number(orders)?, number(threads)?, number(seed)?);
    let console = Console::open(Options {
        data_dir: Some(dir.into()),
        gateway: SimulatedGateway::Running(gateway.clone()),
        ..Options::default()
    });
    let console = Arc::new(console.map_err(|error| error.to_string())?);
    println!("ready");
    std::io::stdin().read_line(&mut String::new()).map_err(|error| error.to_string())?;

    let refunds = what == "refunds";
    let gate = Arc::new(Barrier::new(usize::try_from(threads).map_err(|error| error.to_string())?));
    let workers: Vec<_> = (0..threads)
        .map(|thread| {
            let (console, gate) = (Arc::clone(&console), Arc::clone(&gate));
            let mut list: Vec<(u64, u64)> = (0..orders)
                .flat_map(|order| (0..if refunds { REFUNDS } else { 1 }).map(move |n| (order, n)))
                .collect();
            shuffle(&mut list, &mut Dice::new(seed + thread));
            std::thread::spawn(move || {
                gate.wait();
                click(&console, &list, refunds)
            })
        })
        .collect();
    let mut answers = BTreeMap::<String, u64>::new();
    for worker in workers {
        for answer in worker.join().map_err(|_| "a thread panicked")?? {
            *answers.entry(answer).or_default() += 1;
        }
    }
    for (answer, times) in answers {
        println!("{times} {answer}");
    }
    Ok(())
}

fn shuffle<T>(list: &mut [T], dice: &mut Dice) {
    for last in (1..list.len()).rev() {
        let other = dice.from_to(0, last as u64);
        list.swap(last, usize::try_from(other).unwrap_or(last));
    }
}

/// Clicks everything once, and says what the answers were.
fn click(console: &Console, list: &[(u64, u64)], refunds: bool) -> Result<Vec<String>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let mut answers = Vec::with_capacity(list.len());
    for (order, n) in list {
        let done = if refunds {
            let new = refund(*order, *n)?;
            runtime.block_on(console.create_refund(None, new)).map(drop)
        } else {
            let new = sale(*order)?;
            runtime.block_on(console.create_order(None, new)).map(drop)
        };
        answers.push(done.map_or_else(word, |()| "done".into()));
    }
    Ok(answers)
}

/// The code alone where it is expected; all of it where it is not.
fn word(error: ConsoleError) -> String {
    match error.code {
        console::Code::InProgress | console::Code::RefundTooMuch => error.code.to_string(),
        _ => error.to_string(),
    }
}

fn sale(order: u64) -> Result<NewOrder, String> {
    Ok(NewOrder {
        way: Way::Native { product_id: None },
        total: Fen::new(ORDER_FEN),
        currency: "CNY".into(),
        body: "拿铁一杯".into(),
        attach: None,
        out_trade_no: Some(OutTradeNo::parse(&order_no(order)).map_err(|error| error.to_string())?),
        expires_in_secs: None,
        detail: None,
        scene_info: None,
        goods_tag: None,
        no_credit: false,
        device_info: None,
        spbill_create_ip: None,
        notify_url: None,
    })
}

fn refund(order: u64, n: u64) -> Result<NewRefund, String> {
    Ok(NewRefund {
        out_trade_no: OutTradeNo::parse(&order_no(order)).map_err(|error| error.to_string())?,
        refund: Fen::new(REFUND_FEN),
        out_refund_no: Some(OutRefundNo::parse(&refund_no(order, n)).map_err(|error| error.to_string())?),
        reason: None,
        notify_url: None,
    })
}

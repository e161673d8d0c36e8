//! Two processes, thirty-two threads each, click the same things on one ledger at the same time. Every number
//! takes effect once, nothing is sent back that was not paid, and nobody hears that the database is locked.

use console::args::OrderRef;
use console::{Console, Options, OsEntropy, SimulatedGateway, SystemClock};
use domain::{Clock as _, Environment, OutTradeNo, Secret};
use ledger::Ledger;
use paydesk_tests::clicks::{ORDER_FEN, REFUND_FEN, REFUNDS, order_no, refund_no};
use paydesk_tests::truth::{Books, SIMULATED_CHAIN_KEY, compare};
use simulator::serve::{ServeOptions, Server, serve};
use simulator::{EffectKind, Simulator};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

const ORDERS: u64 = 12;
const THREADS: u64 = 32;
const PROCESSES: u64 = 2;

/// A clicking process. Killed when dropped, so that a failed test leaves none behind.
struct Clicker(Child);

impl Drop for Clicker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Lets both processes click at once, and gives how often each answer came.
fn click(dir: &Path, gateway: &str, what: &str) -> BTreeMap<String, u64> {
    let mut clickers: Vec<_> = (0..PROCESSES)
        .map(|process| {
            let numbers = [ORDERS, THREADS, process * THREADS].map(|number| number.to_string());
            let child = Command::new(env!("CARGO_BIN_EXE_clicker"))
                .arg(dir)
                .args([gateway, what])
                .args(numbers)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            Clicker(child)
        })
        .collect();
    let mut outputs: Vec<_> =
        clickers.iter_mut().map(|clicker| BufReader::new(clicker.0.stdout.take().unwrap()).lines()).collect();
    for output in &mut outputs {
        assert_eq!(output.next().unwrap().unwrap(), "ready");
    }
    for clicker in &mut clickers {
        clicker.0.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }
    let mut answers = BTreeMap::new();
    for line in outputs.into_iter().flatten() {
        let line = line.unwrap();
        let (times, answer) = line.split_once(' ').unwrap();
        *answers.entry(answer.to_owned()).or_default() += times.parse::<u64>().unwrap();
    }
    for clicker in &mut clickers {
        assert!(clicker.0.wait().unwrap().success());
    }
    answers
}

/// Every click has an answer, and no other than these.
fn answered(answers: &BTreeMap<String, u64>, clicks: u64, allowed: &[&str]) {
    let other: Vec<_> = answers.keys().filter(|answer| !allowed.contains(&answer.as_str())).collect();
    assert!(other.is_empty(), "unexpected answers: {other:?} of {answers:?}");
    assert_eq!(answers.values().sum::<u64>(), clicks * THREADS * PROCESSES);
}

fn with<T>(server: &Server, act: impl FnOnce(&mut Simulator) -> T) -> T {
    act(&mut server.simulator().lock().unwrap())
}

/// How often each number had this effect.
fn times(server: &Server, kind: EffectKind) -> BTreeMap<String, u64> {
    let mut times = BTreeMap::new();
    with(server, |gateway| {
        for effect in gateway.effects().iter().filter(|effect| effect.kind == kind) {
            *times.entry(effect.number.clone()).or_default() += 1;
        }
    });
    times
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_click_has_one_effect() {
    let dir = tempfile::tempdir().unwrap();
    let shop = dir.path().join("shop");
    let server = serve(ServeOptions::new(Arc::new(SystemClock), Arc::new(OsEntropy), dir.path().into()))
        .await
        .unwrap();
    let gateway = server.served().url.clone();
    let process = |what: &'static str| tokio::task::block_in_place(|| click(&shop, &gateway, what));

    let answers = process("orders");
    answered(&answers, ORDERS, &["done", "in_progress"]);
    let made = times(&server, EffectKind::OrderMade);
    let expected: BTreeMap<_, _> = (0..ORDERS).map(|order| (order_no(order), 1)).collect();
    assert_eq!(made, expected, "every order is made once");

    let console = Console::open(Options {
        data_dir: Some(shop.clone()),
        gateway: SimulatedGateway::Running(gateway.clone()),
        ..Options::default()
    });
    let console = console.unwrap();
    for order in made.keys() {
        with(&server, |gateway| gateway.pay(order, simulator::PayWith::default())).unwrap();
        let order = OrderRef::OutTradeNo(OutTradeNo::parse(order).unwrap());
        assert_eq!(console.query_order(None, order).await.unwrap().state, "paid");
    }

    let answers = process("refunds");
    answered(&answers, ORDERS * REFUNDS, &["done", "in_progress", "refund_too_much"]);
    assert!(answers.get("refund_too_much").is_some_and(|times| *times > 0), "more was clicked than fits");
    let back = times(&server, EffectKind::RefundAccepted);
    assert!(back.values().all(|times| *times == 1), "a refund went out twice: {back:?}");
    for order in 0..ORDERS {
        let numbers = (0..REFUNDS).filter(|n| back.contains_key(&refund_no(order, *n))).count();
        let fit = usize::try_from(ORDER_FEN / REFUND_FEN).unwrap();
        assert_eq!(numbers, fit, "as many refunds of {} as fit, and no more", order_no(order));
    }

    let file = console.place().ledger(Environment::Simulated);
    let key = Secret::new(SIMULATED_CHAIN_KEY);
    let ledger = Ledger::open(&file, Environment::Simulated, key, SystemClock.now()).unwrap().ledger;
    let books = Books::read(&ledger, None).unwrap();
    let (effects, totals) =
        with(&server, |gateway| (gateway.effects().to_vec(), gateway.totals(simulator::MCH_ID)));
    assert_eq!(compare(&books, &effects, totals), [], "the ledger and the gateway must say the same");
    server.stop().await;
}

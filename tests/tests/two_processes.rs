//! Two processes, thirty-two threads each, click the same things on one ledger at the same time. Every number
//! takes effect once, nothing is sent back that was not paid, and nobody hears that the database is locked.

use console::args::{NewOrder, OrderRef, Way};
use console::{Console, Options, OsEntropy, SimulatedGateway, SystemClock};
use domain::{Clock as _, Environment, Fen, OperationKind, OperationState, OutTradeNo, Secret};
use ledger::{Claim, Ledger};
use paydesk_tests::clicks::{ORDER_FEN, REFUND_FEN, REFUNDS, order_no, refund_no};
use paydesk_tests::truth::{Books, SIMULATED_CHAIN_KEY, compare};
use simulator::fault::{Fault, FaultRule};
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

/// Whoever is interrupted while the gateway is slow lets go of what it had in hand: the next process need not wait
/// for the lease to run out. What was sent is asked about, and never sent again.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ctrl_c_leaves_is_free_at_once() {
    const REFUND: &str = "/secapi/pay/refund";
    let dir = tempfile::tempdir().unwrap();
    let shop = dir.path().join("shop");
    let server = serve(ServeOptions::new(Arc::new(SystemClock), Arc::new(OsEntropy), dir.path().into()))
        .await
        .unwrap();
    let gateway = server.served().url.clone();
    let console = Console::open(Options {
        data_dir: Some(shop.clone()),
        gateway: SimulatedGateway::Running(gateway.clone()),
        ..Options::default()
    });
    let console = console.unwrap();
    let order = order_no(0);
    let new = NewOrder {
        way: Way::Native { product_id: None },
        total: Fen::new(ORDER_FEN),
        currency: "CNY".into(),
        body: "拿铁一杯".into(),
        attach: None,
        out_trade_no: Some(OutTradeNo::parse(&order).unwrap()),
        expires_in_secs: None,
        detail: None,
        scene_info: None,
        goods_tag: None,
        no_credit: false,
        device_info: None,
        spbill_create_ip: None,
        notify_url: None,
    };
    console.create_order(None, new).await.unwrap();
    with(&server, |gateway| gateway.pay(&order, simulator::PayWith::default())).unwrap();
    console.query_order(None, OrderRef::OutTradeNo(OutTradeNo::parse(&order).unwrap())).await.unwrap();

    // It happens, and the answer takes longer than anybody waits here.
    with(&server, |gateway| gateway.arm(FaultRule::on(REFUND, Fault::Delay { ms: 30_000 })));
    let number = refund_no(0, 0);
    let mut waiter = Clicker(
        Command::new(env!("CARGO_BIN_EXE_waiter"))
            .arg(&shop)
            .args([&gateway, &order, &number, &REFUND_FEN.to_string()])
            .stdout(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let sent = async {
        while times(&server, EffectKind::RefundAccepted).is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), sent).await.expect("nothing was sent");

    let file = console.place().ledger(Environment::Simulated);
    let key = Secret::new(SIMULATED_CHAIN_KEY);
    let ledger = Ledger::open(&file, Environment::Simulated, key, SystemClock.now()).unwrap().ledger;
    let operation =
        || ledger.operation_by_number("simulated", OperationKind::Refund, &number).unwrap().unwrap();
    let in_hand = operation();
    assert!(in_hand.is_leased(SystemClock.now()), "{in_hand:?}");
    let pid = waiter.0.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(waiter.0.wait().unwrap().code(), Some(4), "it did not hear Ctrl-C");

    let now = SystemClock.now();
    assert!(in_hand.is_leased(now), "the test took so long that the lease has run out by itself");
    let claimed = ledger.claim(&in_hand.id, "another process", now, 0).unwrap();
    let Claim::Granted(free) = claimed else { panic!("it is still held: {claimed:?}") };
    assert_eq!(free.state, OperationState::Unknown, "it may have been sent");

    let resolved = console.resolve(None).await.unwrap();
    let states: Vec<_> = resolved.iter().map(|operation| operation.state.as_str()).collect();
    assert_eq!(states, ["confirmed"]);
    assert_eq!(times(&server, EffectKind::RefundAccepted), BTreeMap::from([(number.clone(), 1)]));
    let exchanges = ledger.exchanges(None, None, 1000).unwrap();
    let apis: Vec<_> = exchanges.iter().map(|exchange| exchange.what.api.as_str()).collect();
    assert!(!apis.contains(&REFUND), "it was sent again: {apis:?}");
    assert!(apis.contains(&"/pay/refundquery"), "nobody asked: {apis:?}");
    server.stop().await;
}

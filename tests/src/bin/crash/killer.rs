//! Plays the gateway, starts the till, kills it, and in the end compares.

use crate::till::Start;
use console::{OsEntropy, Place, SystemClock};
use domain::{Clock as _, Environment, Secret};
use ledger::Ledger;
use paydesk_tests::dice::Dice;
use paydesk_tests::truth::{Books, SIMULATED_CHAIN_KEY, Violation, compare};
use simulator::Simulator;
use simulator::fault::{Fault, FaultRule};
use simulator::serve::{ServeOptions, Server, serve};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// A ledger is compared and a new one begun after so many kills, so that a long test does not slow down.
const ROUND: u64 = 500;
/// A till that is not ready within this is stuck.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// The last till closes the books within this.
const CLOSED_WITHIN: Duration = Duration::from_secs(180);
/// So often it is looked whether tills get enough done, and this is enough.
const LOOK_EVERY: u64 = 20;
const ENOUGH: usize = 20;
/// Longer than this no till lives.
const LONGEST_LIFE_MS: u64 = 400;
/// A minute at the gateway.
const MINUTE_MS: i64 = 60_000;
/// When the till is killed at the earliest, in microseconds after it has said that it is ready.
const LEAST_LIFE_US: u64 = 1_000;

/// What was asked for.
pub(crate) struct Plan {
    pub(crate) kills: u64,
    pub(crate) seed: u64,
    /// When a till is killed at the latest, in milliseconds after it has said that it is ready. It becomes more
    /// where tills get too little done.
    pub(crate) life_ms: u64,
    /// The build writes after sending: something must be found.
    pub(crate) control: bool,
}

/// What was seen, over all rounds.
#[derive(Default)]
struct Seen {
    kills: u64,
    life_ms: u64,
    effects: BTreeMap<String, u64>,
    operations: u64,
    said_done: u64,
    resolved: u64,
    paid_fen: i64,
    refunded_fen: i64,
    /// Errors that no shop should see.
    errors: Vec<String>,
    lost_answers: Vec<String>,
    violations: Vec<Violation>,
}

pub(crate) fn run(plan: &Plan) -> Result<bool, String> {
    let began = Instant::now();
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let mut seen = Seen::default();
    let mut round = 0;
    while seen.kills < plan.kills {
        let kills = ROUND.min(plan.kills - seen.kills);
        runtime.block_on(play(plan, plan.seed.wrapping_add(round), kills, &mut seen))?;
        round += 1;
    }
    Ok(seen.report(plan, began.elapsed()))
}

/// One shop: its gateway, its ledger, `kills` kills, and the comparison.
async fn play(plan: &Plan, seed: u64, kills: u64, seen: &mut Seen) -> Result<(), String> {
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let own = |name: &str| dir.path().join(name);
    std::fs::create_dir(own("gateway")).map_err(|error| error.to_string())?;
    let options = ServeOptions {
        seed,
        ..ServeOptions::new(Arc::new(SystemClock), Arc::new(OsEntropy), own("gateway"))
    };
    let server = serve(options).await.map_err(|error| error.to_string())?;
    let served = server.served();
    let mut start = Start {
        dir: own("shop"),
        gateway: served.url.clone(),
        control: served.control_url.clone(),
        token: served.control_token.clone(),
        port: free_port()?,
        run: 0,
        seed,
        last: false,
    };
    let mut dice = Dice::new(seed);
    let mut done = Vec::new();
    let mut life_ms = plan.life_ms;
    let mut done_before = 0;
    for run in 1..=kills {
        start.run = run;
        let life = Duration::from_micros(dice.from_to(LEAST_LIFE_US, life_ms * 1000));
        // One in ten dies while it opens its ledger.
        let early = dice.percent(10);
        let trouble = trouble(&mut dice);
        let lines = tokio::task::block_in_place(|| {
            live_and_die(&start, life, early, || with(&server, |gateway| arm(gateway, trouble)))
        })?;
        seen.hear(&lines, &mut done);
        seen.kills += 1;
        // On a slow or busy disk a till must live longer to get anything done that could be lost.
        if run % LOOK_EVERY == 0 {
            if done.len() < done_before + ENOUGH {
                life_ms = (life_ms * 3 / 2).min(LONGEST_LIFE_MS);
            }
            done_before = done.len();
        }
    }
    seen.life_ms = seen.life_ms.max(life_ms);
    (start.run, start.last) = (kills + 1, true);
    with(&server, Simulator::disarm);
    let lines = tokio::task::block_in_place(|| live_to_the_end(&start))?;
    seen.hear(&lines, &mut done);
    seen.compare(&server, &start, &done)?;
    server.stop().await;
    Ok(())
}

/// A port that nobody has at this moment.
fn free_port() -> Result<u16, String> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}

fn with<T>(server: &Server, act: impl FnOnce(&mut Simulator) -> T) -> T {
    act(&mut server.simulator().lock().unwrap_or_else(PoisonError::into_inner))
}

/// Perhaps there is trouble on the line as well.
fn trouble(dice: &mut Dice) -> Option<FaultRule> {
    Some(FaultRule::next(match dice.from_to(1, 16) {
        1..=6 => return None,
        // What is killed in the middle of a request is what this test is about.
        7..=10 => return Some(FaultRule::next(Fault::Delay { ms: dice.from_to(1, 8) }).times(50)),
        11 => Fault::ResetBefore,
        12 => Fault::ResetMidBody,
        13 => Fault::SystemErrorBefore,
        14 => Fault::SystemErrorAfter,
        15 => Fault::Garbage,
        _ => Fault::Status { status: 502, effect: true },
    }))
}

/// A minute passes at the gateway, so that refunds are done and notices are due; and trouble is armed.
fn arm(gateway: &mut Simulator, trouble: Option<FaultRule>) {
    gateway.disarm();
    gateway.advance(MINUTE_MS);
    trouble.into_iter().for_each(|rule| gateway.arm(rule));
}

/// A running till and what it says. Killed when dropped, so that none is left behind.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(start: &Start) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("the till cannot be started: {error}");
        let program = std::env::current_exe().map_err(failed)?;
        let mut child =
            Command::new(program).args(start.words()).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let out = child.stdout.take().ok_or("the till has no output")?;
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, lines })
    }

    /// Waits until it says `line`.
    fn until(&self, line: &str, within: Duration, said: &mut Vec<String>) -> Result<(), String> {
        let end = Instant::now() + within;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(next) if next == line => return Ok(()),
                Ok(next) => said.push(next),
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    return Err(format!("the till did not say {line:?} within {} s", within.as_secs()));
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err(format!(
                        "the till ended by itself before it said {line:?}; it said {said:?}"
                    ));
                }
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGKILL on Unix. It is our own child, and it is waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn live_and_die(
    start: &Start,
    life: Duration,
    early: bool,
    ready: impl FnOnce(),
) -> Result<Vec<String>, String> {
    let mut running = Running::start(start)?;
    let mut said = Vec::new();
    if !early {
        running.until("ready", READY_WITHIN, &mut said)?;
        ready();
    }
    std::thread::sleep(life);
    if let Ok(Some(status)) = running.child.try_wait() {
        said.extend(running.lines.iter());
        return Err(format!("the till ended by itself with {status}; it said {said:?}"));
    }
    let _ = running.child.kill();
    let _ = running.child.wait();
    said.extend(running.lines.iter());
    Ok(said)
}

fn live_to_the_end(start: &Start) -> Result<Vec<String>, String> {
    let mut running = Running::start(start)?;
    let mut said = Vec::new();
    running.until("closed", CLOSED_WITHIN, &mut said)?;
    let status = running.child.wait().map_err(|error| error.to_string())?;
    if status.success() { Ok(said) } else { Err(format!("the last till ended with {status}")) }
}

impl Seen {
    /// Counts what a till said. `done` gets what it was sure of.
    fn hear(&mut self, lines: &[String], done: &mut Vec<(String, String)>) {
        for line in lines {
            let words: Vec<_> = line.split(' ').collect();
            match words[..] {
                ["ready"] => {}
                ["resolved", count] => self.resolved += count.parse().unwrap_or(0),
                ["done", kind, number] => {
                    self.said_done += 1;
                    done.push((kind.to_owned(), number.to_owned()));
                }
                _ => self.errors.push(line.clone()),
            }
        }
    }

    fn compare(&mut self, server: &Server, start: &Start, done: &[(String, String)]) -> Result<(), String> {
        let place = Place::open(Some(&start.dir)).map_err(|error| error.to_string())?;
        let file = place.ledger(Environment::Simulated);
        let key = Secret::new(SIMULATED_CHAIN_KEY);
        let now = SystemClock.now();
        let opened =
            Ledger::open(&file, Environment::Simulated, key, now).map_err(|error| error.to_string())?;
        let anchored = anchored_head(&file)?;
        let books = Books::read(&opened.ledger, Some(anchored)).map_err(|error| error.to_string())?;
        let (effects, totals) =
            with(server, |gateway| (gateway.effects().to_vec(), gateway.totals(simulator::MCH_ID)));
        self.violations.extend(compare(&books, &effects, totals));
        // Whoever was told that it is done must find it done.
        for (kind, number) in done {
            let kept = books.operations.iter().any(|row| {
                row.number() == number
                    && row.kind.as_str() == kind
                    && row.state == domain::OperationState::Confirmed
            });
            if !kept {
                self.lost_answers.push(format!("{kind} {number}"));
            }
        }
        for effect in &effects {
            *self.effects.entry(format!("{:?}", effect.kind)).or_default() += 1;
        }
        self.operations += books.operations.len() as u64;
        self.paid_fen += totals.paid_fen;
        self.refunded_fen += totals.refunded_fen;
        Ok(())
    }

    /// Prints what was seen; whether it is as it must be.
    fn report(&self, plan: &Plan, took: Duration) -> bool {
        let per_second = self.kills * 1000 / u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
        println!(
            "crash test, seed {}: {} kills in {} s, {per_second} a second",
            plan.seed,
            self.kills,
            took.as_secs()
        );
        println!("  each lived at most {} ms", self.life_ms);
        println!("  at the gateway: {:?}", self.effects);
        println!(
            "  in the ledgers: {} operations; {} were said to be done; {} resolved after a restart",
            self.operations, self.said_done, self.resolved
        );
        println!("  paid {} fen, sent back {} fen", self.paid_fen, self.refunded_fen);
        let lost = self.violations.iter().filter(|found| is_lost(found)).count() as u64;
        show("does not fit", &self.violations);
        show("said to be done, and is not", &self.lost_answers);
        show("must not happen in a shop", &self.errors);
        if plan.control {
            println!("  control: {lost} effects were lost in {} kills", self.kills);
            if lost == 0 {
                println!("✗ a build that writes after sending was not caught: the test is blind");
            }
            return lost > 0;
        }
        // Where hardly anything happened, nothing is proved.
        let busy = self.effects.values().sum::<u64>() >= self.kills / 2 && self.resolved > 0;
        if !busy {
            println!("✗ too little happened for a proof: the tills are too slow, or the kills too early");
        }
        let whole =
            busy && self.violations.is_empty() && self.lost_answers.is_empty() && self.errors.is_empty();
        println!("{}", if whole { "✓ nothing lost, nothing twice" } else { "✗ failed, see above" });
        whole
    }
}

/// What the control must show: it happened, and the ledger does not know.
const fn is_lost(found: &Violation) -> bool {
    matches!(found, Violation::EffectWithoutOperation { .. })
}

fn show<T: std::fmt::Debug>(what: &str, all: &[T]) {
    const MOST: usize = 10;
    if !all.is_empty() {
        println!("  {what}: {}", all.len());
        all.iter().take(MOST).for_each(|one| println!("    {one:?}"));
    }
}

/// The head of the journal as the console anchored it beside the simulated ledger.
fn anchored_head(ledger: &Path) -> Result<ledger::Head, String> {
    let text = std::fs::read_to_string(ledger.with_extension("head")).map_err(|error| error.to_string())?;
    text.trim().parse().map_err(|_| format!("the anchored head is {text:?}"))
}

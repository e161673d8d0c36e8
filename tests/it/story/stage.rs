//! Where a history is played: a console on its ledger, a gateway, a clock, and what the shop remembers.

use super::Told;
use super::model::Model;
use super::notices::Post;
use super::rules::{self, Snapshot};
use crate::dice::Dice;
use crate::truth::SIMULATED_CHAIN_KEY;
use console::{BUILT_IN, Code, Console, ConsoleError, Options, SimulatedGateway};
use domain::{Clock, Entropy, Environment, OperationKind, OperationState, OutTradeNo, Secret, Timestamp};
use ledger::Ledger;
use simulator::fault::{Fault, FaultRule};
use simulator::{Control, Simulator};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// 2026-01-05 10:00 in UTC+8: every history begins then.
const MORNING_MS: i64 = 1_767_578_400_000;
/// Where the simulated gateway answers; nobody listens there.
const HOST: &str = "http://127.0.0.1:0";
/// Another process that takes things in hand and is then never heard of.
const OTHER: &str = "another-process";

/// A clock that moves when it is told to, and a millisecond each time it is looked at.
#[derive(Debug)]
pub(super) struct StoryClock(AtomicI64);

impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

impl StoryClock {
    pub(super) fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

struct SeededEntropy(Mutex<Dice>);

impl Entropy for SeededEntropy {
    fn fill(&self, out: &mut [u8]) {
        let mut dice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in out.chunks_mut(8) {
            let bytes = dice.roll().to_le_bytes();
            chunk.copy_from_slice(bytes.get(..chunk.len()).unwrap_or(&bytes));
        }
    }
}

/// An operation that another process has in hand until a time.
struct Held {
    kind: OperationKind,
    number: String,
    until: Timestamp,
    attempts: u32,
}

/// An order as the shop remembers it, to ask for the same again.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) number: OutTradeNo,
    pub(super) order: Option<console::args::NewOrder>,
}

pub(super) struct Stage {
    pub(super) dice: Dice,
    pub(super) clock: Arc<StoryClock>,
    pub(super) world: Arc<Mutex<Simulator>>,
    /// `None` only while it is being opened again.
    console: Option<Console>,
    ledger: Option<Arc<Ledger>>,
    entropy: Arc<SeededEntropy>,
    folder: PathBuf,
    pub(super) model: Model,
    pub(super) last: Snapshot,
    /// What was read last, and at which row of the journal.
    cache: Mutex<(Option<(i64, usize)>, Snapshot)>,
    pub(super) orders: Vec<Asked>,
    pub(super) post: Post,
    held: Vec<Held>,
    down: bool,
    pub(super) poor: bool,
    pub(super) count: u32,
    steps: Vec<String>,
    pub(super) troubles: usize,
    unknown: usize,
}

pub(super) type Played = Result<(), String>;

pub(super) fn failed(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Stage {
    pub(super) fn open(seed: u64, folder: &Path) -> Result<Self, String> {
        let clock = Arc::new(StoryClock(AtomicI64::new(MORNING_MS)));
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        let mut stage = Self {
            dice: Dice::new(seed),
            world: Arc::new(Mutex::new(Simulator::following(seed, shared))),
            clock,
            console: None,
            ledger: None,
            entropy: Arc::new(SeededEntropy(Mutex::new(Dice::new(!seed)))),
            folder: folder.to_owned(),
            model: Model::default(),
            last: Snapshot::default(),
            cache: Mutex::default(),
            orders: Vec::new(),
            post: Post::default(),
            held: Vec::new(),
            down: false,
            poor: false,
            count: 0,
            steps: Vec::new(),
            troubles: 0,
            unknown: 0,
        };
        stage.reopen()?;
        Ok(stage)
    }

    /// Ends the console as a program ends, and starts another one on the same files.
    pub(super) fn reopen(&mut self) -> Played {
        self.console = None;
        self.ledger = None;
        let console = Console::open(Options {
            data_dir: Some(self.folder.clone()),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            entropy: Arc::clone(&self.entropy) as Arc<dyn Entropy>,
            gateway: SimulatedGateway::InProcess(Arc::clone(&self.world)),
            ..Options::default()
        })
        .map_err(failed)?;
        // It makes the ledger if there is none.
        console.ledger_info(None).map_err(failed)?;
        let file = console.place().ledger(Environment::Simulated);
        let key = Secret::new(SIMULATED_CHAIN_KEY);
        let opened = Ledger::open(&file, Environment::Simulated, key, self.clock.now()).map_err(failed)?;
        self.ledger = Some(Arc::new(opened.ledger));
        self.console = Some(console);
        Ok(())
    }

    pub(super) fn console(&self) -> Result<&Console, String> {
        self.console.as_ref().ok_or_else(|| "the console is not open".to_owned())
    }

    pub(super) fn ledger(&self) -> Result<Arc<Ledger>, String> {
        self.ledger.clone().ok_or_else(|| "the ledger is not open".to_owned())
    }

    pub(super) fn world(&self) -> MutexGuard<'_, Simulator> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn say(&mut self, what: String) {
        self.steps.push(what);
    }

    /// A new number of the shop's.
    pub(super) fn number(&mut self, letter: char) -> String {
        self.count += 1;
        format!("story{letter}{:05}", self.count)
    }

    /// An order of the shop's; `None` only while there is none.
    pub(super) fn some_order(&mut self) -> Option<Asked> {
        self.dice.pick(&self.orders).cloned()
    }

    /// No trouble is waiting: whatever is asked now is answered truly.
    pub(super) fn is_calm(&self) -> Result<bool, String> {
        let state = self.world().control(Control::State).map_err(failed)?;
        let none = state["faults"].as_array().is_some_and(Vec::is_empty);
        Ok(none && !self.down)
    }

    /// Lets the model see what has happened at the gateway since it last looked.
    pub(super) fn look(&mut self) -> Played {
        let fresh = self.world().effects().get(self.model.seen..).unwrap_or_default().to_vec();
        for effect in &fresh {
            self.model.saw(effect)?;
            self.model.seen += 1;
        }
        Ok(())
    }

    pub(super) fn snapshot(&self) -> Result<Snapshot, String> {
        let ledger = self.ledger()?;
        // Whatever these rules look at is journalled: where the journal stands still, so does the rest.
        let head = Some((ledger.head().map_err(failed)?.seq, self.model.deals.len()));
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.0 != head {
            *cache = (head, Snapshot::take(&ledger, BUILT_IN, &self.model).map_err(failed)?);
        }
        Ok(cache.1.clone())
    }

    /// One step, and every rule after it.
    pub(super) async fn step(&mut self) -> Played {
        let asked = self.act().await?;
        self.settle(asked)
    }

    pub(super) fn settle(&mut self, asked: bool) -> Played {
        // Time may have done something by itself.
        self.world().advance(0);
        self.look()?;
        self.post.collect(&self.world);
        let now = self.snapshot()?;
        rules::after_a_step(&self.last, &now, &self.model, asked)?;
        let (time, held) = (self.clock.now(), std::mem::take(&mut self.held));
        for held in held.into_iter().filter(|held| held.until > time) {
            let row =
                self.ledger()?.operation_by_number(BUILT_IN, held.kind, &held.number).map_err(failed)?;
            if row.is_none_or(|row| row.attempts != held.attempts || !row.is_leased(time)) {
                return Err(format!("{} {} was taken out of another's hands", held.kind, held.number));
            }
            self.held.push(held);
        }
        self.last = now;
        Ok(())
    }

    /// How a request that can move something came out must fit what is written down, and what is true.
    pub(super) fn judge<T>(
        &mut self,
        (kind, number): (OperationKind, &str),
        result: &Result<T, ConsoleError>,
        calm: bool,
    ) -> Played {
        self.look()?;
        let state = self.ledger()?.operation_by_number(BUILT_IN, kind, number).map_err(failed)?;
        let held = state.as_ref().is_some_and(|row| row.lease_owner.as_deref() == Some(OTHER));
        let state = state.map(|row| row.state);
        let code = result.as_ref().err().map(|error| error.code);
        self.unknown += usize::from(code == Some(Code::OutcomeUnknown));
        let fits = match code {
            None => state == Some(OperationState::Confirmed),
            // Turned away unread: the same number may be sent later.
            Some(Code::Refused) => {
                state == Some(OperationState::Rejected) || state == Some(OperationState::NotSent) && !calm
            }
            Some(Code::NotCollected) => {
                kind == OperationKind::Micropay && state == Some(OperationState::Rejected)
            }
            Some(Code::OutcomeUnknown) => state == Some(OperationState::Unknown) && !calm,
            Some(Code::NotSent) => state == Some(OperationState::NotSent) && !calm,
            Some(Code::InProgress) => held,
            // The order is made; only what it is paid with could not be fetched again.
            Some(Code::NoAnswer) => {
                kind == OperationKind::UnifiedOrder && state == Some(OperationState::Confirmed) && !calm
            }
            Some(_) => false,
        };
        if fits {
            return Ok(());
        }
        let said = result.as_ref().err().map_or_else(|| "done".to_owned(), ToString::to_string);
        Err(format!("{kind} {number} came out as {said:?} and is {state:?} in the ledger (calm: {calm})"))
    }

    /// Plans trouble for a request to come.
    pub(super) fn trouble(&mut self) {
        const PATHS: [Option<&str>; 8] = [
            None,
            None,
            Some("/pay/unifiedorder"),
            Some("/pay/orderquery"),
            Some("/secapi/pay/refund"),
            Some("/pay/refundquery"),
            Some("/pay/closeorder"),
            Some("/pay/micropay"),
        ];
        let effect = self.dice.percent(50);
        let fault = match self.dice.from_to(0, 18) {
            0 => Fault::TimeoutBefore,
            1 => Fault::TimeoutAfter,
            2 => Fault::ResetBefore,
            3 => Fault::ResetMidBody,
            4 => Fault::SystemErrorBefore,
            5 => Fault::SystemErrorAfter,
            6 => Fault::BadSignature,
            7 => Fault::MissingSignature,
            8 => Fault::Garbage,
            9 => Fault::Html,
            10 => Fault::Truncated,
            11 => Fault::WrongOrder,
            12 => Fault::WrongAmount,
            13 => Fault::SlowBytes { ms: 60_000 },
            14 => Fault::Delay { ms: 120_000 },
            15 => Fault::Status { status: 502, effect },
            16 => Fault::ErrCode { code: "BIZERR_NEED_RETRY".into() },
            17 => Fault::ErrCode { code: "FREQUENCY_LIMITED".into() },
            _ => Fault::ErrCode { code: "A_CODE_OF_TOMORROW".into() },
        };
        let path = self.dice.pick(&PATHS).copied().flatten().map(ToOwned::to_owned);
        let times = u32::try_from(self.dice.from_to(1, 4)).unwrap_or(1);
        let skip = u32::try_from(self.dice.from_to(0, 1)).unwrap_or(0);
        self.say(format!("trouble is planned: {fault:?} on {path:?}, after {skip}, {times} times"));
        self.troubles += 1;
        self.world().arm(FaultRule { path, number: None, skip, times, fault });
    }

    /// The line goes dead, or comes back.
    pub(super) fn line(&mut self) {
        self.down = !self.down;
        let up = !self.down;
        self.say(format!("the line is {}", if up { "back" } else { "dead" }));
        self.world().set_host_up(HOST, up);
    }

    /// Another process takes something unresolved in hand, and is not heard of for a minute.
    pub(super) fn take_in_hand(&mut self) -> Played {
        let ledger = self.ledger()?;
        let now = self.clock.now();
        let free: Vec<_> = ledger
            .unresolved(Some(BUILT_IN))
            .map_err(failed)?
            .into_iter()
            .filter(|row| !row.is_leased(now))
            .collect();
        let Some(row) = self.dice.pick(&free) else { return Ok(()) };
        let claim = ledger.claim(&row.id, OTHER, now, 60_000).map_err(failed)?;
        let ledger::Claim::Granted(row) = claim else { return Ok(()) };
        self.say(format!("another process takes {} {} in hand", row.kind, row.number()));
        self.held.push(Held {
            kind: row.kind,
            number: row.number().to_owned(),
            until: now.plus_millis(60_000),
            attempts: row.attempts,
        });
        Ok(())
    }

    /// Ends all trouble, lets everything be found out, and compares the books with the gateway.
    pub(super) async fn finish(&mut self) -> Played {
        self.say("all trouble ends, everything is asked about".into());
        {
            let mut world = self.world();
            world.disarm();
            world.set_host_up(HOST, true);
        }
        self.down = false;
        for _ in 0..8 {
            self.clock.pass(7_200_000);
            self.settle(false)?;
            self.console()?.resolve(None).await.map_err(failed)?;
            self.settle(true)?;
            self.deliver_all()?;
        }
        for asked in self.orders.clone() {
            let number = asked.number.clone();
            match self.console()?.query_order(None, console::args::OrderRef::OutTradeNo(number.clone())).await
            {
                Ok(_) => {}
                Err(error) if error.code == Code::AnsweredNo => {}
                Err(error) => return Err(format!("in calm, a query of {number}: {error}")),
            }
            let deal = self.model.deals.get(number.as_str()).cloned().unwrap_or_default();
            if deal.backs.values().any(|back| back.accepted) {
                let which = console::args::RefundRef::OutTradeNo(number);
                self.console()?.query_refund(None, which).await.map_err(failed)?;
            }
        }
        self.settle(true)?;
        rules::at_the_end(&self.last, &self.model)?;
        self.all_shown()?;
        let report = self.ledger()?.check_full(None).map_err(failed)?;
        if report.is_ok() { Ok(()) } else { Err(format!("the ledger's check: {:?}", report.findings)) }
    }

    pub(super) fn told(self, seed: u64, broken: Option<String>) -> Told {
        let deals = self.model.deals.values();
        let moved = deals
            .map(|deal| usize::from(deal.paid) + deal.backs.values().filter(|back| back.accepted).count());
        Told {
            seed,
            moved: moved.sum(),
            steps: self.steps,
            broken,
            troubles: self.troubles,
            unknown: self.unknown,
        }
    }
}

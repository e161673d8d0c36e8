//! What a program that stays open does by itself: it resolves what is unresolved, takes the simulated notices, asks
//! about orders that nobody told of, closes those that ended, anchors the journals, and tells of every change of a
//! ledger, whoever made it.

use crate::background::{News, without_asking};
use crate::console::{Console, SimulatedGateway};
use crate::error::{Code, ConsoleError, Exit, Result};
use crate::lists::payment_row_of;
use crate::merchants::Merchant;
use crate::status::revision_of;
use crate::view::{Change, ErrorView};
use domain::{Environment, Timestamp};
use ledger::{Ledger, OpenOrder};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, SystemTime};

/// How often the ledgers are looked at: a payment that comes in is seen at once, as people count.
const WATCH: Duration = Duration::from_millis(300);
/// How long after the start a large ledger is checked.
const CHECK_AFTER: Duration = Duration::from_secs(10);
/// After so many looks the merchants are read again; one may have been added.
const LOOKS_PER_LIST: u32 = 10;
/// More new rows than this are the work of another program, and not told payment by payment.
const MOST_NEWS: usize = 5_000;
/// How often a journal that grew is anchored.
const ANCHOR_MS: i64 = 10_000;

/// How often the simulated gateway and the open orders are looked at.
const ROUND: Duration = Duration::from_secs(1);
/// The longest that nobody looks whether the simulated gateway has something to tell.
const LONGEST_LOOK_MS: i64 = 60_000;

/// How old an order is before it is asked about: within this its notice should have come.
const ASK_AFTER_MS: i64 = 30_000;
/// The longest wait between two questions about one open order.
const LONGEST_ASK_MS: i64 = 300_000;
/// Orders older than this are no longer asked about before they end: what they are paid with is good for two hours.
const ASK_WITHIN_MS: i64 = 7_200_000;
/// WeChat Pay wants an order to be this old before it is closed.
const CLOSE_AFTER_MS: i64 = 300_000;
/// The longest wait between two tries to learn how an ended order ended.
const LONGEST_END_MS: i64 = 3_600_000;
/// The longest wait after a merchant's ledger or keychain did not open.
const LONGEST_TROUBLE_MS: i64 = 600_000;
/// Of one merchant at most so many questions a round, so that no other merchant waits for long.
const MOST_ASKED: usize = 20;

/// What happened, or what keeps it from happening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A ledger changed. Where payments turned to paid there is one for each.
    Change(Change),
    /// The merchants, their keys or their certificates changed, by whatever process.
    Merchants,
    /// Something cannot be done for this merchant (of all, if it is empty). It is tried again, less and less often.
    Trouble {
        /// The merchant's name.
        merchant: String,
        /// Why.
        error: ErrorView,
    },
}

/// What was asked about: an order of a merchant, while it was open or after it ended.
type Asked = (String, i64, bool);

/// When a file was changed, and how long it is.
type Stamp = (Option<SystemTime>, u64);

/// `None` where there is no such file.
fn stamp(file: &Path) -> Option<Stamp> {
    let meta = std::fs::metadata(file).ok()?;
    Some((meta.modified().ok(), meta.len()))
}

/// Tells what happened. It is called between waits only.
type Tell<'t> = &'t (dyn Fn(Happening) -> ControlFlow<()> + Sync);

/// What was seen of a ledger when it was last looked at.
struct Seen {
    ledger: Weak<Ledger>,
    revision: i64,
    last_payment: i64,
    /// Payments in which the payer could still act.
    open: HashSet<i64>,
}

/// When something is tried again, each time after twice the wait.
#[derive(Clone, Copy)]
struct Again {
    at: Timestamp,
    wait_ms: i64,
}

impl Again {
    fn after(before: Option<Self>, now: Timestamp, shortest_ms: i64, longest_ms: i64) -> Self {
        let wait_ms = before.map_or(shortest_ms, |again| again.wait_ms.saturating_mul(2).min(longest_ms));
        Self { at: now.plus_millis(wait_ms), wait_ms }
    }
}

impl Console {
    /// Looks after everything until `tell` breaks off or the future is dropped: [`keep_resolving`] for every
    /// merchant, the notices of the built-in simulated gateway, orders that were paid without a notice, orders that
    /// ended, the anchors; and tells what changed in the ledgers, by this or another process.
    ///
    /// To be run by one process as long as it lives. It reads from disks and the keychain, so not on a window's own
    /// thread. It never makes the system ask for the keychain's password: what is locked is tried again later.
    ///
    /// [`keep_resolving`]: Self::keep_resolving
    pub async fn look_after(&self, tell: impl FnMut(Happening) -> ControlFlow<()> + Send) {
        without_asking(self.look_after_all(tell)).await;
    }

    async fn look_after_all(&self, tell: impl FnMut(Happening) -> ControlFlow<()> + Send) {
        let tell = Mutex::new(tell);
        let say = |what| (*tell.lock().unwrap_or_else(PoisonError::into_inner))(what);
        let resolving = self.keep_resolving(None, |news| match news {
            News::Trouble { merchant, error } => {
                say(Happening::Trouble { merchant, error: ErrorView::from(&error) })
            }
            News::Asked { .. } | News::Open(_) => ControlFlow::Continue(()),
        });
        tokio::select! {
            () = resolving => {}
            () = self.keep_watching(&say) => {}
            () = self.keep_taking_notices(&say) => {}
            () = self.keep_asking(&say) => {}
            () = self.check_the_large(&say) => {}
        }
        // What cannot be anchored now is anchored by the next.
        let _ = self.anchor();
    }

    /// Checks the structure of ledgers that were too large to be checked when they were opened: once, after what a
    /// person waits for. It does not end, so that the rest goes on.
    async fn check_the_large(&self, tell: Tell<'_>) {
        tokio::time::sleep(CHECK_AFTER).await;
        for environment in [Environment::Simulated, Environment::Sandbox, Environment::Live] {
            if !self.place.ledger(environment).exists() {
                continue;
            }
            let Ok(ledger) = self.ledger(environment) else { continue };
            if !ledger.opened_unchecked() {
                continue;
            }
            // Seconds of reading: on a thread where that holds nobody up.
            let checked = tokio::task::spawn_blocking(move || ledger.check_quick()).await;
            match checked {
                Ok(Ok(())) => self.run.checked(environment, self.now()),
                Ok(Err(error)) => {
                    let error = ErrorView::from(ConsoleError::from(error));
                    if tell(Happening::Trouble { merchant: String::new(), error }).is_break() {
                        return;
                    }
                }
                Err(_) => {}
            }
        }
        std::future::pending().await
    }

    async fn keep_watching(&self, tell: Tell<'_>) {
        let mut seen: HashMap<Environment, Option<Seen>> = HashMap::new();
        let mut environments = BTreeSet::new();
        let mut looks = 0_u32;
        let mut known = self.merchants_stamp();
        let mut anchored = self.now();
        // What was left behind by a program that was killed is anchored too.
        let mut grown = true;
        loop {
            let found = self.merchants_stamp();
            if found != known {
                known = found;
                looks = 0;
                if tell(Happening::Merchants).is_break() {
                    return;
                }
            }
            if looks.is_multiple_of(LOOKS_PER_LIST)
                && let Ok(everyone) = self.everyone()
            {
                environments = everyone.into_iter().map(|merchant| merchant.environment).collect();
            }
            looks = looks.wrapping_add(1);
            for environment in &environments {
                // What cannot be read is said by the status and by what works on it.
                for change in self.changes(*environment, &mut seen).unwrap_or_default() {
                    grown = true;
                    if tell(Happening::Change(change)).is_break() {
                        return;
                    }
                }
            }
            let now = self.now();
            if grown && now.millis_since(anchored) >= ANCHOR_MS {
                anchored = now;
                grown = false;
                if let Err(error) = self.anchor() {
                    let trouble =
                        Happening::Trouble { merchant: String::new(), error: ErrorView::from(&error) };
                    if tell(trouble).is_break() {
                        return;
                    }
                }
            }
            tokio::time::sleep(WATCH).await;
        }
    }

    /// By what it is seen that somebody changed the merchants or what is kept for them.
    fn merchants_stamp(&self) -> [Option<Stamp>; 2] {
        [self.place.merchants(), self.place.keys()].map(|file| stamp(&file))
    }

    /// What changed in an environment's ledger since it was last looked at.
    fn changes(
        &self,
        environment: Environment,
        seen: &mut HashMap<Environment, Option<Seen>>,
    ) -> Result<Vec<Change>> {
        if !self.place().ledger(environment).exists() {
            seen.insert(environment, None);
            return Ok(Vec::new());
        }
        let ledger = self.ledger_now_and_then(environment)?;
        let change = |paid, revision| Change { environment: environment.to_string(), paid, revision };
        let look = |known: Option<&Seen>| -> Result<Seen> {
            let revision = revision_of(&ledger)?;
            let (open, last_payment) = match known {
                // It was made since it was last looked for: everything in it is new.
                None => (Vec::new(), 0),
                Some(_) => ledger.open_payments()?,
            };
            let open = open.into_iter().collect();
            Ok(Seen { ledger: Arc::downgrade(&ledger), revision, last_payment, open })
        };
        let same = |known: &Seen| known.ledger.upgrade().is_some_and(|open| Arc::ptr_eq(&open, &ledger));
        match seen.get_mut(&environment) {
            // The first look: all of it was there before.
            None => {
                let (open, last_payment) = ledger.open_payments()?;
                let revision = revision_of(&ledger)?;
                let open = open.into_iter().collect();
                let first = Seen { ledger: Arc::downgrade(&ledger), revision, last_payment, open };
                seen.insert(environment, Some(first));
                Ok(Vec::new())
            }
            Some(known @ None) => {
                let mut new = look(None)?;
                new.revision = 0;
                let changes = self.news(&ledger, &mut new)?;
                *known = Some(new);
                Ok(changes.into_iter().map(|(paid, revision)| change(paid, revision)).collect())
            }
            // Another ledger was put in its place.
            Some(Some(known)) if !same(known) => {
                *known = look(Some(known))?;
                Ok(vec![change(None, known.revision)])
            }
            Some(Some(known)) => {
                let changes = self.news(&ledger, known)?;
                Ok(changes.into_iter().map(|(paid, revision)| change(paid, revision)).collect())
            }
        }
    }

    /// What the journal has told since `known`: one entry for each payment that turned to paid, or one without.
    fn news(&self, ledger: &Ledger, known: &mut Seen) -> Result<Vec<(Option<crate::view::PaymentRow>, i64)>> {
        const PIECE: u32 = 1_000;
        let revision = revision_of(ledger)?;
        if revision == known.revision {
            return Ok(Vec::new());
        }
        let mut touched = BTreeSet::new();
        let (mut after, mut rows) = (known.revision, 0_usize);
        loop {
            let piece = ledger.journal(after, PIECE)?;
            let Some(last) = piece.last() else { break };
            after = last.seq;
            rows += piece.len();
            if rows > MOST_NEWS {
                let (open, last_payment) = ledger.open_payments()?;
                known.open = open.into_iter().collect();
                known.last_payment = last_payment;
                known.revision = revision.max(after);
                return Ok(vec![(None, known.revision)]);
            }
            let payments = piece.iter().filter_map(ledger::JournalEntry::payment);
            touched.extend(payments.map(|(merchant, number)| (merchant.to_owned(), number)));
        }
        known.revision = after.max(revision);
        let mut paid = Vec::new();
        let mut last_payment = known.last_payment;
        for (merchant, number) in touched {
            let Some(row) = ledger.payment(&merchant, &number)? else { continue };
            let was_open = known.open.remove(&row.id) || row.id > known.last_payment;
            last_payment = last_payment.max(row.id);
            if row.state.is_open() {
                known.open.insert(row.id);
            } else if was_open && row.state.was_paid() {
                paid.push((Some(payment_row_of(ledger, &row, self.now())?), known.revision));
            }
        }
        known.last_payment = last_payment;
        if paid.is_empty() {
            paid.push((None, known.revision));
        }
        Ok(paid)
    }

    /// A ledger to read, tried now and then where it did not open.
    fn ledger_now_and_then(&self, environment: Environment) -> Result<Arc<Ledger>> {
        const AGAIN_MS: i64 = 5_000;
        // One that is read may be in trouble all the same, such as without its key.
        if let Some(ledger) = self.ledger_at_hand(environment) {
            return Ok(ledger);
        }
        let now = self.now();
        if let Some(error) = self.run.trouble(environment, now.plus_millis(-AGAIN_MS)) {
            return Err(error);
        }
        self.ledger_to_read(environment).inspect_err(|error| self.run.set_trouble(environment, now, error))
    }

    /// Takes the notices of the built-in simulated gateway when they fall due. The kept world is only read when
    /// somebody changed it, when it said that it has something due, and otherwise less and less often.
    async fn keep_taking_notices(&self, tell: Tell<'_>) {
        if let SimulatedGateway::Running(_) = self.gateway {
            // It sends its notices itself.
            return std::future::pending().await;
        }
        // One in this process is looked into for nothing.
        let at_hand = matches!(self.gateway, SimulatedGateway::InProcess(_));
        let mut stamp = None;
        let mut due = None;
        let mut again: Option<Again> = None;
        loop {
            let now = self.now();
            let found = self.world_stamp();
            let wanted = found.is_some()
                && (at_hand
                    || found != stamp
                    || due.is_some_and(|due| due <= now.millis())
                    || again.is_none_or(|again| again.at <= now));
            if wanted {
                if found != stamp {
                    again = None;
                }
                match self.take_due() {
                    Ok(next) => due = next,
                    Err(error) => {
                        due = None;
                        let trouble = Happening::Trouble {
                            merchant: crate::merchants::BUILT_IN.to_owned(),
                            error: ErrorView::from(&error),
                        };
                        if tell(trouble).is_break() {
                            return;
                        }
                    }
                }
                stamp = self.world_stamp();
                again = Some(Again::after(again, now, 1_000, LONGEST_LOOK_MS));
            }
            tokio::time::sleep(ROUND).await;
        }
    }

    fn take_due(&self) -> Result<Option<i64>> {
        self.take_simulated_notices()?;
        self.in_world(|world| world.next_notice_ms())
    }

    /// By what it is seen that somebody changed the built-in world; none if there is no world yet.
    fn world_stamp(&self) -> Option<Stamp> {
        let SimulatedGateway::Kept = self.gateway else { return Some((None, 0)) };
        stamp(&self.place().world())
    }

    /// Asks about orders of which nobody told, and learns how those ended whose time is over.
    async fn keep_asking(&self, tell: Tell<'_>) {
        let mut waits: HashMap<Asked, Again> = HashMap::new();
        let mut troubles: HashMap<String, Again> = HashMap::new();
        loop {
            for merchant in self.everyone().unwrap_or_default() {
                let now = self.now();
                let trouble = troubles.get(&merchant.name).copied();
                if trouble.is_some_and(|again| again.at > now)
                    || !self.place().ledger(merchant.environment).exists()
                {
                    continue;
                }
                match self.ask_round(&merchant, &mut waits).await {
                    Ok(()) => {
                        troubles.remove(&merchant.name);
                    }
                    Err(error) => {
                        let again = Again::after(trouble, self.now(), 1_000, LONGEST_TROUBLE_MS);
                        troubles.insert(merchant.name.clone(), again);
                        let what =
                            Happening::Trouble { merchant: merchant.name, error: ErrorView::from(&error) };
                        if tell(what).is_break() {
                            return;
                        }
                    }
                }
            }
            tokio::time::sleep(ROUND).await;
        }
    }

    async fn ask_round(&self, merchant: &Merchant, waits: &mut HashMap<Asked, Again>) -> Result<()> {
        let now = self.now();
        let key = |order: &OpenOrder, is_over: bool| (merchant.name.clone(), order.id, is_over);
        let (ended, open) = {
            let ledger = self.ledger(merchant.environment)?;
            let ended = ledger.ended_orders(&merchant.name, now)?;
            let mut open = ledger.open_since(&merchant.name, now.plus_millis(-ASK_WITHIN_MS))?;
            open.retain(|order| {
                now.millis_since(order.created) >= ASK_AFTER_MS
                    && ended.iter().all(|other| other.id != order.id)
            });
            (ended, open)
        };
        let over = ended.iter().map(|order| (order, true));
        let all: Vec<_> = over.chain(open.iter().map(|order| (order, false))).collect();
        let known: HashSet<_> = all.iter().map(|(order, is_over)| key(order, *is_over)).collect();
        waits.retain(|asked, _| asked.0 != merchant.name || known.contains(asked));
        let mut asked = 0;
        for (order, is_over) in all {
            let before = waits.get(&key(order, is_over)).copied();
            if before.is_some_and(|again| again.at > now) {
                continue;
            }
            if asked == MOST_ASKED {
                break;
            }
            asked += 1;
            let longest = if is_over { LONGEST_END_MS } else { LONGEST_ASK_MS };
            waits.insert(key(order, is_over), Again::after(before, now, ASK_AFTER_MS, longest));
            let name = Some(&*merchant.name);
            let asked = crate::args::OrderRef::OutTradeNo(order.out_trade_no.clone());
            let state = match self.query_order(name, asked).await {
                Ok(view) => view.state,
                // The gateway is away, or has no such order: asked again later, and nothing is concluded.
                Err(error) if !is_ours(&error) => continue,
                Err(error) => return Err(error),
            };
            let still_open = matches!(&*state, "unpaid" | "accepted" | "user_paying" | "pay_error");
            // It can no longer be paid; closing it makes that certain at once after the last question.
            let closes = is_over
                && still_open
                && order.expires.is_some()
                && merchant.environment != Environment::Sandbox
                && now.millis_since(order.created) >= CLOSE_AFTER_MS;
            if closes {
                match self.close_order(name, &order.out_trade_no).await {
                    Err(error) if is_ours(&error) => return Err(error),
                    // However it went is written down, and what is unknown is resolved.
                    Ok(_) | Err(_) => {}
                }
            }
        }
        Ok(())
    }
}

/// Whether an error is of this computer, so that asking about the next order would meet it too.
fn is_ours(error: &ConsoleError) -> bool {
    error.code.exit() == Exit::Here && !matches!(error.code, Code::NoAnswer | Code::NotSent)
        || error.code == Code::KeyMissing
}

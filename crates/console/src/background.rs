//! What is unresolved is resolved in the background too, for as long as somebody keeps the console open.

use crate::console::Console;
use crate::error::{ConsoleError, Result};
use crate::merchants::{self, Merchant};
use crate::view::OperationView;
use domain::{OperationId, Timestamp};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::Duration;

/// The shortest wait between two rounds, and before the second question about one operation.
const SHORTEST_MS: i64 = 1_000;
/// The longest wait between two rounds: another process may have left something open in the meantime. And the
/// longest between two questions about one operation of a simulated merchant, whose own patience is none.
const LONGEST_MS: i64 = 30_000;
/// How often a merchant is tried whose ledger or keychain does not open, at the least.
const LONGEST_TROUBLE_MS: i64 = 600_000;

/// What the background work has to say after a round.
#[derive(Debug)]
pub enum News {
    /// These were asked about, and stand like this now.
    Asked {
        /// The merchant's name.
        merchant: String,
        /// The operations, soonest first.
        operations: Vec<OperationView>,
    },
    /// Nothing could be asked for this merchant: its ledger or its keychain. It is tried again, less and less
    /// often.
    Trouble {
        /// The merchant's name.
        merchant: String,
        /// Why.
        error: ConsoleError,
    },
    /// A round is over, and so many operations are still unresolved.
    Open(usize),
}

/// When something may be tried again, after how many tries.
#[derive(Clone, Copy)]
struct Wait {
    until: Timestamp,
    tries: u32,
}

impl Wait {
    /// Each wait is twice as long as the one before.
    fn after(before: Option<Self>, now: Timestamp, longest_ms: i64) -> Self {
        let tries = before.map_or(0, |wait| wait.tries);
        let wait = SHORTEST_MS.checked_shl(tries.min(20)).unwrap_or(longest_ms).min(longest_ms);
        Self { until: now.plus_millis(wait), tries: tries.saturating_add(1) }
    }
}

/// What a loop remembers between its rounds.
#[derive(Default)]
struct Memory {
    operations: HashMap<OperationId, Wait>,
    merchants: HashMap<String, Wait>,
}

/// Does the work without ever making the system ask a person for the keychain's password.
pub(crate) async fn without_asking<T>(work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    std::future::poll_fn(|context| vault::without_asking(|| work.as_mut().poll(context))).await
}

impl Console {
    /// Asks about what is unresolved when it is due, of one merchant or of all, until `tell` breaks off or the
    /// future is dropped. Each next question about one operation comes after twice the wait, within the
    /// merchant's patience; a merchant whose ledger or keychain does not open is tried less and less often and
    /// holds up no other. No ledger is made for it, and a ledger without anything unresolved is only looked at.
    ///
    /// To be run by one process as long as it lives: the window, or `paydesk resolve --watch`. Two of them on
    /// one ledger ask about nothing twice at a time, because each takes the operation in hand first.
    /// The system is never made to ask for the keychain's password by this.
    pub async fn keep_resolving(&self, merchant: Option<&str>, tell: impl FnMut(News) -> ControlFlow<()>) {
        without_asking(self.keep_resolving_all(merchant, tell)).await;
    }

    async fn keep_resolving_all(
        &self,
        merchant: Option<&str>,
        mut tell: impl FnMut(News) -> ControlFlow<()>,
    ) {
        let mut memory = Memory::default();
        loop {
            let mut left = 0;
            let mut next = self.now().plus_millis(LONGEST_MS);
            let everyone = match merchant {
                Some(name) => self.pick(Some(name)).map(|merchant| vec![merchant]),
                None => self.everyone(),
            };
            let everyone = match everyone {
                Ok(everyone) => everyone,
                Err(error) => {
                    let merchant = merchant.unwrap_or_default().to_owned();
                    if tell(News::Trouble { merchant, error }).is_break() {
                        return;
                    }
                    left += 1;
                    Vec::new()
                }
            };
            for merchant in everyone {
                let now = self.now();
                let wait = memory.merchants.get(&merchant.name).copied();
                if let Some(wait) = wait.filter(|wait| wait.until > now) {
                    next = next.min(wait.until);
                    // What it has open cannot be counted; it is not nothing.
                    left += 1;
                    continue;
                }
                match self.round(&merchant, &mut memory).await {
                    Ok((asked, open, due)) => {
                        memory.merchants.remove(&merchant.name);
                        left += open;
                        next = due.map_or(next, |due| next.min(due));
                        if !asked.is_empty() {
                            let news = News::Asked { merchant: merchant.name, operations: asked };
                            if tell(news).is_break() {
                                return;
                            }
                        }
                    }
                    Err(error) => {
                        let wait = Wait::after(wait, self.now(), LONGEST_TROUBLE_MS);
                        next = next.min(wait.until);
                        left += 1;
                        memory.merchants.insert(merchant.name.clone(), wait);
                        if tell(News::Trouble { merchant: merchant.name, error }).is_break() {
                            return;
                        }
                    }
                }
            }
            if tell(News::Open(left)).is_break() {
                return;
            }
            let wait = next.millis_since(self.now()).clamp(SHORTEST_MS, LONGEST_MS);
            tokio::time::sleep(Duration::from_millis(wait.unsigned_abs())).await;
        }
    }

    /// Every merchant there is, the built-in one first.
    pub(crate) fn everyone(&self) -> Result<Vec<Merchant>> {
        let mut everyone = vec![Merchant::built_in()?];
        everyone.extend(merchants::load(&self.place)?);
        Ok(everyone)
    }

    /// One merchant's turn: what was asked about, how many operations are open after it, and when the next of
    /// them is due.
    async fn round(
        &self,
        merchant: &Merchant,
        memory: &mut Memory,
    ) -> Result<(Vec<OperationView>, usize, Option<Timestamp>)> {
        if !self.place.ledger(merchant.environment).exists() {
            return Ok((Vec::new(), 0, None));
        }
        let ledger = self.ledger(merchant.environment)?;
        self.release_the_dead(&ledger)?;
        let due_at = |row: &ledger::Operation, memory: &Memory| {
            memory.operations.get(&row.id).map_or(row.next_try, |wait| row.next_try.max(wait.until))
        };
        let now = self.now();
        let mut rows = ledger.unresolved(Some(&merchant.name))?;
        // What this or another process is sending right now is not looked into.
        rows.retain(|row| !row.is_leased(now) && due_at(row, memory) <= now);
        let mut asked = Vec::new();
        if !rows.is_empty() {
            let desk = self.desk(Some(&merchant.name), true)?;
            for row in rows {
                let id = row.id.clone();
                asked.extend(desk.resolve_these(vec![row]).await?);
                let wait = Wait::after(memory.operations.get(&id).copied(), self.now(), LONGEST_MS);
                memory.operations.insert(id, wait);
            }
            self.anchor()?;
        }
        let open = ledger.unresolved(Some(&merchant.name))?;
        for operation in asked.iter().filter_map(|asked| OperationId::parse(&asked.id).ok()) {
            if open.iter().all(|row| row.id != operation) {
                memory.operations.remove(&operation);
            }
        }
        let due = open
            .iter()
            .map(|row| row.lease_until.map_or(due_at(row, memory), |until| due_at(row, memory).max(until)))
            .min();
        Ok((asked, open.len(), due))
    }
}

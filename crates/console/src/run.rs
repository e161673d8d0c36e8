//! What a program remembers while it runs, and forgets when it ends: long work that can be ended, when a ledger was
//! checked, what need not be counted again.

use crate::console::Console;
use crate::error::ConsoleError;
use domain::{Environment, Timestamp};
use ledger::Ledger;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Rows of a table that only ever grows, counted up to a row.
struct Counted {
    ledger: Weak<Ledger>,
    last: i64,
    rows: i64,
}

#[derive(Default)]
pub(crate) struct Run {
    jobs: Mutex<HashMap<String, Arc<AtomicBool>>>,
    checked: Mutex<HashMap<Environment, Timestamp>>,
    counted: Mutex<HashMap<(Environment, String), Counted>>,
    troubles: Mutex<HashMap<Environment, (Timestamp, ConsoleError)>>,
    /// Merchants whose key the keychain did not give when it was last needed.
    keyless: Mutex<HashSet<String>>,
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Long work under way. It is known by its name until it is dropped.
pub(crate) struct Job<'r> {
    run: &'r Run,
    name: String,
    ended: Arc<AtomicBool>,
}

impl Job<'_> {
    /// Whether somebody asked for its end.
    pub(crate) fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }
}

impl Drop for Job<'_> {
    fn drop(&mut self) {
        locked(&self.run.jobs).remove(&self.name);
    }
}

impl Run {
    pub(crate) fn begin(&self, name: &str) -> Job<'_> {
        let ended = Arc::new(AtomicBool::new(false));
        locked(&self.jobs).insert(name.to_owned(), Arc::clone(&ended));
        Job { run: self, name: name.to_owned(), ended }
    }

    /// A ledger was just checked.
    pub(crate) fn checked(&self, environment: Environment, at: Timestamp) {
        locked(&self.checked).insert(environment, at);
    }

    /// When it was; opening it, which is now if it was not before, is a quick check.
    pub(crate) fn checked_at(&self, environment: Environment, now: Timestamp) -> Timestamp {
        *locked(&self.checked).entry(environment).or_insert(now)
    }

    /// How many payments a merchant has. Each is counted once.
    pub(crate) fn payments(&self, ledger: &Arc<Ledger>, merchant: &str) -> Result<i64, ledger::LedgerError> {
        let key = (ledger.environment(), merchant.to_owned());
        let mut counted = locked(&self.counted);
        let known = counted
            .get(&key)
            .filter(|known| known.ledger.upgrade().is_some_and(|open| Arc::ptr_eq(&open, ledger)))
            .map_or((0, 0), |known| (known.last, known.rows));
        let (more, last) = ledger.payments_since(merchant, known.0)?;
        let rows = known.1.saturating_add(more);
        counted.insert(key, Counted { ledger: Arc::downgrade(ledger), last, rows });
        Ok(rows)
    }

    /// Why a ledger did not open, if that was tried since `after`.
    pub(crate) fn trouble(&self, environment: Environment, after: Timestamp) -> Option<ConsoleError> {
        let troubles = locked(&self.troubles);
        troubles.get(&environment).filter(|(at, _)| *at > after).map(|(_, error)| error.clone())
    }

    /// The keychain gave a merchant's key, or (`shut`) gave nothing.
    pub(crate) fn key_asked(&self, merchant: &str, shut: bool) {
        let mut keyless = locked(&self.keyless);
        if shut {
            keyless.insert(merchant.to_owned());
        } else {
            keyless.remove(merchant);
        }
    }

    /// Whether the keychain gave nothing when a merchant's key was last needed.
    pub(crate) fn is_keyless(&self, merchant: &str) -> bool {
        locked(&self.keyless).contains(merchant)
    }

    /// The ledgers may open now: a person did something about it.
    pub(crate) fn forget_trouble(&self) {
        locked(&self.troubles).clear();
    }

    pub(crate) fn set_trouble(&self, environment: Environment, at: Timestamp, error: &ConsoleError) {
        locked(&self.troubles).insert(environment, (at, error.clone()));
    }
}

impl Console {
    /// Ends the long work of this name at its next step; what it had begun is taken away. Work that has ended
    /// already is left as it is.
    pub fn cancel(&self, job: &str) {
        if let Some(ended) = locked(&self.run.jobs).get(job) {
            ended.store(true, Ordering::Relaxed);
        }
    }
}

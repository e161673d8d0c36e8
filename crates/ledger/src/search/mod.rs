//! Long lists of payments, answered from memory: any text from one character on, any filter, any place in the
//! list, at a million payments.
//!
//! SQLite's own index of texts knows nothing of one or two characters, and without it every search reads the whole
//! table. So what is searched and filtered of a merchant's payments is kept in memory, about 40 bytes a payment, from the
//! first search on, and kept current by the journal: every change of what is shown is written there in the same
//! transaction, by whichever process. Rows that are shown come from the file.

mod arena;
mod block;
mod columns;
mod each;
mod fill;
mod fold;
mod needle;
mod others;
#[cfg(test)]
mod tests;
mod words;

pub use others::{ExchangesWanted, ListedRefund, RefundListing, RefundsWanted, requested_state};

use crate::figures::late_as_of;
use crate::ledger::Ledger;
use crate::table::{evidence, operation, payment};
use crate::window::Stands;
use crate::{LedgerError, Payment, PaymentEvidence};
use arena::{Arena, Found};
use domain::{Fen, IdError, Timestamp, TradeType};
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, TryLockError};

/// Up to so many payments are read into memory while somebody waits.
const AT_ONCE: i64 = 5_000;
/// So many answers are kept, for whoever scrolls in one.
const KEPT: usize = 4;

/// An evidence that must be there, or must be missing where it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words say it")]
pub enum Proven {
    Told,
    Asked,
    Billed,
    NotTold,
    NotAsked,
    NotBilled,
}

impl Proven {
    /// All six.
    pub const ALL: [Self; 6] =
        [Self::Told, Self::Asked, Self::Billed, Self::NotTold, Self::NotAsked, Self::NotBilled];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Asked => "asked",
            Self::Billed => "billed",
            Self::NotTold => "not_told",
            Self::NotAsked => "not_asked",
            Self::NotBilled => "not_billed",
        }
    }

    /// The source's place in [`domain::evidence::Source::ALL`], and whether it must be there.
    const fn place(self) -> (usize, bool) {
        match self {
            Self::Told => (0, true),
            Self::Asked => (1, true),
            Self::Billed => (2, true),
            Self::NotTold => (0, false),
            Self::NotAsked => (1, false),
            Self::NotBilled => (2, false),
        }
    }
}

impl FromStr for Proven {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::ALL
            .into_iter()
            .find(|proven| proven.as_str() == text)
            .ok_or(IdError::Shape { kind: "evidence", expected: "is none that this version knows" })
    }
}

/// Which of a merchant's payments. What is empty or `None` leaves all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The merchant; one must be named.
    pub merchant: String,
    /// Anywhere in out_trade_no, transaction_id, body, attach, openid or a refund's numbers, from one character on,
    /// in letters of any case. A text that reads as an amount of yuan, with or without a yuan sign, also finds the
    /// payments of that amount.
    pub text: String,
    /// In one of these states.
    pub stands: Vec<Stands>,
    /// Started in one of these ways.
    pub trade_types: Vec<TradeType>,
    /// Paid at or after this, as [`Ledger::figures`] counts; what was not paid, made then.
    pub from: Option<Timestamp>,
    /// The same before this.
    pub to: Option<Timestamp>,
    /// At least this amount.
    pub min: Option<Fen>,
    /// At most this amount.
    pub max: Option<Fen>,
    /// With these evidences, each source for itself: `Told` and `NotBilled` are those with a notice and without a
    /// bill, `Told` and `NotTold` all to which a notice applies.
    pub evidence: Vec<Proven>,
    /// Only those in which something does not fit together.
    pub disagreeing: bool,
    /// Only those with something unresolved.
    pub unresolved: bool,
}

impl Wanted {
    /// All of a merchant's.
    #[must_use]
    pub fn all(merchant: &str) -> Self {
        Self { merchant: merchant.to_owned(), ..Self::default() }
    }

    /// The amount that the text reads as.
    fn amount(&self) -> Option<i64> {
        let text = self.text.trim();
        let text = text.strip_prefix(['¥', '￥']).unwrap_or(text).trim_start();
        text.parse::<Fen>().ok().map(Fen::get)
    }

    fn is_all(&self) -> bool {
        *self == Self::all(&self.merchant)
    }
}

/// A payment in a list, and all that its row shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The payment.
    pub payment: Payment,
    /// What each source says of it.
    pub evidences: Vec<PaymentEvidence>,
    /// Whether anything about it is unresolved.
    pub unresolved: bool,
}

/// A window onto a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// How many payments fit.
    pub total: usize,
    /// Those in the window, newest first.
    pub rows: Vec<Listed>,
}

/// What payments come to. A sum beyond the range of an amount stays at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// How many there are.
    pub count: i64,
    /// How many of them are paid, refunded ones included.
    pub paid: i64,
    /// What these took.
    pub takings: Fen,
    /// What of it went back.
    pub refunded: Fen,
    /// How many disagree.
    pub disagreeing: i64,
}

/// One merchant's payments in memory.
#[derive(Default)]
struct Shelf {
    /// Read without the shelf's lock by whoever adds up what was found; written under both.
    arena: Option<Arc<RwLock<Arena>>>,
    /// The journal's row up to which they are current.
    seq: i64,
    answers: Vec<Answer>,
}

struct Answer {
    wanted: Wanted,
    /// Whether a payment disagrees can change by time alone.
    now: Option<i64>,
    found: Arc<Found>,
}

/// A merchant's shelf, and whether anything stands on it: that is known without waiting for who fills it.
#[derive(Default)]
struct Room {
    filled: AtomicBool,
    shelf: Mutex<Shelf>,
}

impl Room {
    fn is_filled(&self) -> bool {
        self.filled.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings the shelf up to what `conn` sees. `false` if `go_on` ended it before it was filled.
    fn bring_up(
        &self,
        shelf: &mut Shelf,
        conn: &Connection,
        merchant: &str,
        go_on: &dyn Fn() -> bool,
    ) -> rusqlite::Result<bool> {
        let done = shelf.bring_up(conn, merchant, go_on, &self.filled);
        self.filled.store(shelf.arena.is_some(), Ordering::Relaxed);
        done
    }
}

/// What a ledger keeps in memory for its lists.
#[derive(Default)]
pub(crate) struct Search {
    shelves: Mutex<HashMap<String, Arc<Room>>>,
}

impl Search {
    fn room(&self, merchant: &str) -> Arc<Room> {
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(shelves.entry(merchant.to_owned()).or_default())
    }
}

impl Shelf {
    /// Brings it up to what `conn` sees. `false` if `go_on` ended it before it was filled.
    fn bring_up(
        &mut self,
        conn: &Connection,
        merchant: &str,
        go_on: &dyn Fn() -> bool,
        filled: &AtomicBool,
    ) -> rusqlite::Result<bool> {
        let head = fill::head(conn)?;
        if self.arena.is_some() && head == self.seq {
            return Ok(true);
        }
        self.answers.clear();
        if let Some(arena) = &self.arena {
            let mut arena = arena.write().unwrap_or_else(PoisonError::into_inner);
            if let Some(lines) = fill::changes(conn, merchant, (self.seq, head), &mut arena)? {
                arena.apply(lines);
                self.seq = head;
                return Ok(true);
            }
        }
        // Freed first: two at once are twice the memory.
        self.arena = None;
        filled.store(false, Ordering::Relaxed);
        let Some(arena) = fill::all(conn, merchant, go_on)? else { return Ok(false) };
        self.arena = Some(Arc::new(RwLock::new(arena)));
        self.seq = head;
        Ok(true)
    }

    fn reading(&self) -> Option<RwLockReadGuard<'_, Arena>> {
        self.arena.as_ref().map(|arena| arena.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ids of the payments of an answer from `offset` on, newest first.
    fn ids(&self, found: &Found, offset: usize, limit: usize) -> Vec<i64> {
        self.reading().map_or_else(Vec::new, |arena| arena.ids(found, offset, limit))
    }

    fn answer(&mut self, wanted: &Wanted, now: i64) -> Arc<Found> {
        let timed = wanted.disagreeing.then_some(now);
        let known = |answer: &Answer| answer.wanted == *wanted && answer.now == timed;
        if let Some(at) = self.answers.iter().position(known) {
            let answer = self.answers.remove(at);
            let found = Arc::clone(&answer.found);
            self.answers.push(answer);
            return found;
        }
        let found = match self.reading() {
            Some(arena) => arena.find(wanted, now),
            None => Arena::new().find(wanted, now),
        };
        let found = Arc::new(found);
        if self.answers.len() == KEPT {
            self.answers.remove(0);
        }
        self.answers.push(Answer { wanted: wanted.clone(), now: timed, found: Arc::clone(&found) });
        found
    }
}

/// The payments of these ids with all that their rows show.
fn listed(conn: &Connection, merchant: &str, ids: &[i64]) -> rusqlite::Result<Vec<Listed>> {
    let unresolved: HashSet<String> = operation::unresolved(conn, Some(merchant))?
        .into_iter()
        .map(|op| op.out_trade_no.to_string())
        .collect();
    let sql = format!("SELECT {} FROM payments WHERE id = ?1", payment::COLUMNS);
    let mut statement = conn.prepare_cached(&sql)?;
    let mut told = evidence::Lister::new(conn)?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(payment) = statement.query_row([id], Payment::from_row).optional()? else { continue };
        let number = payment.out_trade_no.as_str();
        let evidences = told.list(merchant, evidence::PAYMENT, number)?;
        let unresolved = unresolved.contains(number);
        rows.push(Listed { payment, evidences, unresolved });
    }
    Ok(rows)
}

impl Ledger {
    /// A window of at most `limit` rows onto the payments that fit, newest first by (created, id), from the row `offset`
    /// on.
    ///
    /// The first call for a merchant with a filter waits until the payments are in memory; without one it does not,
    /// and [`Ledger::prepare`] reads them in meanwhile.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn list_payments(
        &self,
        wanted: &Wanted,
        (offset, limit): (usize, usize),
        now: Timestamp,
    ) -> Result<Listing, LedgerError> {
        let merchant = wanted.merchant.as_str();
        let room = self.search.room(merchant);
        if !room.is_filled() && wanted.is_all() {
            let plain = self.query(|conn| {
                let total = fill::count(conn, merchant)?;
                if total <= AT_ONCE {
                    return Ok(None);
                }
                let ids = fill::plain_ids(conn, merchant, offset, limit)?;
                let total = usize::try_from(total).unwrap_or(usize::MAX);
                Ok(Some(Listing { total, rows: listed(conn, merchant, &ids)? }))
            })?;
            if let Some(plain) = plain {
                return Ok(plain);
            }
        }
        self.query(|conn| {
            let (total, ids) = {
                // Others search and add up while the rows are read.
                let mut shelf = room.lock();
                room.bring_up(&mut shelf, conn, merchant, &|| true)?;
                let now = late_as_of(conn, merchant, now)?;
                let found = shelf.answer(wanted, now.millis());
                (found.total, shelf.ids(&found, offset, limit))
            };
            Ok(Listing { total, rows: listed(conn, merchant, &ids)? })
        })
    }

    /// What the payments that fit come to.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn sum_payments(&self, wanted: &Wanted, now: Timestamp) -> Result<Sums, LedgerError> {
        let merchant = wanted.merchant.as_str();
        let room = self.search.room(merchant);
        self.query(|conn| {
            let mut shelf = room.lock();
            room.bring_up(&mut shelf, conn, merchant, &|| true)?;
            let now = late_as_of(conn, merchant, now)?.millis();
            let found = shelf.answer(wanted, now);
            let Some(arena) = shelf.arena.clone() else { return Ok(Sums::default()) };
            // Before the shelf is let go of: what was found is of the payments as they are now.
            let arena = arena.read().unwrap_or_else(PoisonError::into_inner);
            drop(shelf);
            Ok(arena.sum(&found, now))
        })
    }

    /// Whether a merchant's payments are in memory, or somebody is reading them in.
    #[must_use]
    pub fn is_prepared(&self, merchant: &str) -> bool {
        let room = self.search.room(merchant);
        room.is_filled() || matches!(room.shelf.try_lock(), Err(TryLockError::WouldBlock))
    }

    /// Reads a merchant's payments into memory, so that no search need wait for it, as long as `go_on` says so.
    /// Answers how many they are and how many bytes they take; `None` if it was ended.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn prepare(
        &self,
        merchant: &str,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Option<(usize, usize)>, LedgerError> {
        let room = self.search.room(merchant);
        self.query(|conn| {
            let mut shelf = room.lock();
            room.bring_up(&mut shelf, conn, merchant, go_on)?;
            Ok(shelf.reading().map(|arena| (arena.rows(), arena.bytes())))
        })
    }
}

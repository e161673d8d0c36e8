//! Figures of a day, and what a person should look at: sums that SQLite makes along an index, however long the
//! ledger is.

use crate::ledger::Ledger;
use crate::table::{payment, refund};
use crate::{JournalEntry, LedgerError, Payment, Refund};
use domain::{CivilTime, Day, Fen, OutTradeNo, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

/// The currency the figures are in. Payments in another one are no part of them: a sum of two currencies is none.
const CURRENCY: &str = "CNY";

/// Payments in which the payer can still act, as the index of open orders has them.
const OPEN: &str = "state IN ('unpaid', 'accepted', 'user_paying', 'pay_error')";

/// When an order that is still open ends: at its own time, or where it has none after seven days, when WeChat Pay
/// closes it.
const END: &str = "coalesce(expires_ms, created_ms + 604800000)";

/// What some span of time came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// What was paid.
    pub takings: Fen,
    /// How many payments.
    pub paid: i64,
    /// What arrived back with payers.
    pub refunded: Fen,
    /// How many refunds.
    pub refunds: i64,
}

/// How the last exchange of a merchant ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastExchange {
    /// As in [`crate::NewExchange::outcome`].
    pub outcome: String,
    /// When it began.
    pub started: Timestamp,
    /// How long it took.
    pub duration_ms: i64,
}

/// An order that the payer may still pay, as far as is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenOrder {
    /// Its place among the payments.
    pub id: i64,
    /// Its number.
    pub out_trade_no: OutTradeNo,
    /// When it was asked for.
    pub created: Timestamp,
    /// Its own end, if it has one.
    pub expires: Option<Timestamp>,
}

/// Whether a notice of a payment of this merchant has ever come here and been verified.
fn are_told_here(conn: &Connection, merchant: &str) -> rusqlite::Result<bool> {
    conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM notices WHERE merchant = ?1 AND verified = 1 AND kind = 'payment')",
    )?
    .query_row([merchant], |row| row.get(0))
}

/// As [`Ledger::late_as_of`].
pub(crate) fn late_as_of(conn: &Connection, merchant: &str, now: Timestamp) -> rusqlite::Result<Timestamp> {
    Ok(if are_told_here(conn, merchant)? { now } else { Timestamp::from_millis(i64::MIN) })
}

impl Ledger {
    /// What was paid, by WeChat Pay's clock, and what arrived back, at or after `from` and before `to`.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn figures(&self, merchant: &str, from: CivilTime, to: CivilTime) -> Result<Figures, LedgerError> {
        let span = params![merchant, from.compact(), to.compact(), CURRENCY];
        let moments = params![merchant, from.timestamp().millis(), to.timestamp().millis(), CURRENCY];
        self.query(|conn| {
            let (paid, takings) = conn
                .prepare_cached(
                    "SELECT count(*), coalesce(sum(total_fen), 0) FROM payments
                     WHERE merchant = ?1 AND time_end >= ?2 AND time_end < ?3
                        AND state IN ('paid', 'refunded') AND coalesce(currency, ?4) = ?4",
                )?
                .query_row(span, |row| Ok((row.get(0)?, row.get(1)?)))?;
            let refunded =
                |row: &rusqlite::Row<'_>| -> rusqlite::Result<(i64, i64)> { Ok((row.get(0)?, row.get(1)?)) };
            let (refunds, back) = conn
                .prepare_cached(
                    "SELECT count(*), coalesce(sum(refund_fen), 0) FROM refunds
                     WHERE merchant = ?1 AND state = 'success' AND success_time >= ?2 AND success_time < ?3
                        AND coalesce(currency, ?4) = ?4",
                )?
                .query_row(span, refunded)?;
            // Not every source says when it arrived; then it counts when it was asked for.
            let (untimed, untimed_back) = conn
                .prepare_cached(
                    "SELECT count(*), coalesce(sum(refund_fen), 0) FROM refunds
                     WHERE merchant = ?1 AND state = 'success' AND success_time IS NULL
                        AND created_ms >= ?2 AND created_ms < ?3 AND coalesce(currency, ?4) = ?4",
                )?
                .query_row(moments, refunded)?;
            Ok(Figures {
                takings: Fen::new(takings),
                paid,
                refunded: Fen::new(back.saturating_add(untimed_back)),
                refunds: refunds.saturating_add(untimed),
            })
        })
    }

    /// What was paid in each hour of a day, before `to`.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn takings_by_hour(&self, merchant: &str, day: Day, to: CivilTime) -> Result<[Fen; 24], LedgerError> {
        let from = format!("{}000000", day.compact());
        self.query(|conn| {
            let mut hours = [Fen::ZERO; 24];
            let mut statement = conn.prepare_cached(
                "SELECT CAST(substr(time_end, 9, 2) AS INTEGER), sum(total_fen) FROM payments
                 WHERE merchant = ?1 AND time_end >= ?2 AND time_end < ?3
                    AND state IN ('paid', 'refunded') AND coalesce(currency, ?4) = ?4
                 GROUP BY 1",
            )?;
            let mut rows = statement.query(params![merchant, from, to.compact(), CURRENCY])?;
            while let Some(row) = rows.next()? {
                let hour: i64 = row.get(0)?;
                let hour = usize::try_from(hour).ok();
                if let Some(taken) = hour.and_then(|hour| hours.get_mut(hour)) {
                    *taken = Fen::new(row.get(1)?);
                }
            }
            Ok(hours)
        })
    }

    /// How many payments of a merchant stand after the row `after`, and the last row there is of anybody.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn payments_since(&self, merchant: &str, after: i64) -> Result<(i64, i64), LedgerError> {
        self.query(|conn| {
            let last: i64 = conn
                .prepare_cached("SELECT coalesce(max(id), 0) FROM payments")?
                .query_row([], |row| row.get(0))?;
            // The first time all are counted, along the index; afterwards only the new rows are looked at.
            let sql = match after {
                0 => "SELECT count(*) FROM payments WHERE merchant = ?1 AND id > ?2 AND id <= ?3",
                _ => "SELECT count(*) FROM payments WHERE +merchant = ?1 AND id > ?2 AND id <= ?3",
            };
            let more =
                conn.prepare_cached(sql)?.query_row(params![merchant, after, last], |row| row.get(0))?;
            Ok((more, last))
        })
    }

    /// Whether there is any payment of a merchant.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn has_payments(&self, merchant: &str) -> Result<bool, LedgerError> {
        self.query(|conn| {
            conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM payments WHERE merchant = ?1)")?
                .query_row([merchant], |row| row.get(0))
        })
    }

    /// How the last exchange of a merchant ended, if it is among the newest thousand.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn last_exchange(&self, merchant: &str) -> Result<Option<LastExchange>, LedgerError> {
        self.query(|conn| {
            conn.prepare_cached(
                "SELECT outcome, started_ms, duration_ms FROM exchanges WHERE id =
                    (SELECT id FROM (SELECT id, merchant FROM exchanges ORDER BY id DESC LIMIT 1000)
                     WHERE merchant = ?1 LIMIT 1)",
            )?
            .query_row([merchant], |row| {
                Ok(LastExchange {
                    outcome: row.get(0)?,
                    started: Timestamp::from_millis(row.get(1)?),
                    duration_ms: row.get(2)?,
                })
            })
            .optional()
        })
    }

    /// The newest payments in which something does not fit together.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn disagreeing(&self, merchant: &str, limit: u32) -> Result<Vec<Payment>, LedgerError> {
        self.query(|conn| {
            conn.prepare_cached(&format!(
                "SELECT {} FROM payments WHERE merchant = ?1 AND (disagreements <> '' OR conflict = 1)
                 ORDER BY created_ms DESC, id DESC LIMIT ?2",
                payment::COLUMNS
            ))?
            .query_map(params![merchant, limit], Payment::from_row)?
            .collect()
        })
    }

    /// The moment as of which a notice of this merchant that has not come is late ([`Standing::of`](crate::Standing::of)):
    /// `now`, or before all time while no notice of it has ever come here. Then they go elsewhere, and that one is
    /// missing says nothing.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn late_as_of(&self, merchant: &str, now: Timestamp) -> Result<Timestamp, LedgerError> {
        self.query(|conn| late_as_of(conn, merchant, now))
    }

    /// The newest payments that were paid at or after `from` and before `to` and of which no notice has told. None,
    /// while no notice of this merchant has ever come here: then they go elsewhere, and that one is missing says
    /// nothing. A scanned payment has no notice, and nor has one that was not made here.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn not_told(
        &self,
        merchant: &str,
        from: CivilTime,
        to: CivilTime,
        limit: u32,
    ) -> Result<Vec<Payment>, LedgerError> {
        self.query(|conn| {
            if !are_told_here(conn, merchant)? {
                return Ok(Vec::new());
            }
            conn.prepare_cached(&format!(
                "SELECT {} FROM payments WHERE merchant = ?1 AND time_end >= ?2 AND time_end < ?3
                    AND state IN ('paid', 'refunded') AND trade_type <> 'micropay' AND unasked = 0
                    AND NOT EXISTS (SELECT 1 FROM evidence e WHERE e.merchant = payments.merchant
                        AND e.subject = 'payment' AND e.number = payments.out_trade_no AND e.source = 'notice')
                 ORDER BY time_end DESC LIMIT ?4",
                payment::COLUMNS
            ))?
            .query_map(params![merchant, from.compact(), to.compact(), limit], Payment::from_row)?
            .collect()
        })
    }

    /// The newest refunds that did not arrive: a person must send the money another way.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn abnormal_refunds(&self, merchant: &str, limit: u32) -> Result<Vec<Refund>, LedgerError> {
        self.query(|conn| {
            conn.prepare_cached(&format!(
                "SELECT {} FROM refunds WHERE merchant = ?1 AND state = 'abnormal'
                 ORDER BY created_ms DESC, id DESC LIMIT ?2",
                refund::COLUMNS
            ))?
            .query_map(params![merchant, limit], Refund::from_row)?
            .collect()
        })
    }

    /// Orders that WeChat Pay has, that were not paid as far as is known here, and that end before `now`; the one
    /// that ended first comes first. And when the next one ends.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn ended_orders(&self, merchant: &str, now: Timestamp) -> Result<Vec<OpenOrder>, LedgerError> {
        self.open_orders(&format!("{END} < ?2"), END, merchant, now)
    }

    /// Orders that WeChat Pay has, that were made at or after `from`, and that were not paid as far as is known
    /// here; the oldest first.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn open_since(&self, merchant: &str, from: Timestamp) -> Result<Vec<OpenOrder>, LedgerError> {
        self.open_orders("created_ms >= ?2", "created_ms", merchant, from)
    }

    fn open_orders(
        &self,
        which: &str,
        order: &str,
        merchant: &str,
        at: Timestamp,
    ) -> Result<Vec<OpenOrder>, LedgerError> {
        self.query(|conn| {
            conn.prepare_cached(&format!(
                "SELECT id, out_trade_no, created_ms, expires_ms FROM payments
                 WHERE merchant = ?1 AND {which} AND {OPEN} AND trade_type <> 'micropay'
                    AND EXISTS (SELECT 1 FROM operations o
                        WHERE o.id = payments.operation_id AND o.state = 'confirmed')
                 ORDER BY {order}, id LIMIT 1000"
            ))?
            .query_map(params![merchant, at.millis()], |row| {
                let mut cells = crate::table::Cells::of(row);
                Ok(OpenOrder {
                    id: cells.take()?,
                    out_trade_no: cells.word()?,
                    created: cells.time()?,
                    expires: cells.maybe_time()?,
                })
            })?
            .collect()
        })
    }

    /// The places of all payments in which the payer can still act, and the last place there is.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn open_payments(&self) -> Result<(Vec<i64>, i64), LedgerError> {
        self.query(|conn| {
            let ids = conn
                .prepare_cached(&format!("SELECT id FROM payments WHERE {OPEN}"))?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let last = conn
                .prepare_cached("SELECT coalesce(max(id), 0) FROM payments")?
                .query_row([], |row| row.get(0))?;
            Ok((ids, last))
        })
    }
}

impl JournalEntry {
    /// The merchant and the number of the payment that this row speaks of.
    #[must_use]
    pub fn payment(&self) -> Option<(&str, OutTradeNo)> {
        let (merchant, number) = self.subject.strip_prefix("payment:")?.split_once(':')?;
        Some((merchant, OutTradeNo::parse(number).ok()?))
    }
}

/// What the figures are looked up along, from version 2 on.
pub(crate) const PAYMENT_INDEXES: &str = "
    CREATE INDEX payments_paid ON payments (merchant, time_end, state, currency, total_fen)
        WHERE time_end IS NOT NULL;
    CREATE INDEX payments_disagreeing ON payments (merchant, created_ms)
        WHERE disagreements <> '' OR conflict = 1;
    CREATE INDEX payments_open ON payments (merchant, coalesce(expires_ms, created_ms + 604800000))
        WHERE state IN ('unpaid', 'accepted', 'user_paying', 'pay_error');";

/// The same for refunds.
pub(crate) const REFUND_INDEXES: &str = "
    CREATE INDEX refunds_arrived ON refunds (merchant, success_time, currency, refund_fen)
        WHERE state = 'success';
    CREATE INDEX refunds_abnormal ON refunds (merchant, created_ms) WHERE state = 'abnormal';";

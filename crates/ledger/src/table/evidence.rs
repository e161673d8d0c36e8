//! What each source says of a payment or a refund, kept apart.

use super::{Cells, Table};
use domain::evidence::{Asked, Source};
use domain::{Fen, OrderState, Timestamp, TransactionId};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

pub(crate) const TABLE: Table = Table {
    name: "evidence",
    migrations: &[(
        1,
        "CREATE TABLE evidence (
            row_id      INTEGER PRIMARY KEY,
            merchant    TEXT NOT NULL,
            subject     TEXT NOT NULL,
            number      TEXT NOT NULL,
            source      TEXT NOT NULL,
            first_ms    INTEGER NOT NULL,
            seen_ms     INTEGER NOT NULL,
            state       TEXT NOT NULL,
            amount_fen  INTEGER,
            currency    TEXT,
            remote      TEXT,
            notice_id   INTEGER REFERENCES notices (id),
            exchange_id INTEGER REFERENCES exchanges (id),
            UNIQUE (merchant, subject, number, source)
        ) STRICT;",
    )],
    subject: "'evidence:' || merchant || ':' || subject || ':' || number || ':' || source",
    sealed: "merchant, subject, number, source, state, amount_fen, currency, remote",
    columns: COLUMNS,
    reads: |row| {
        let payment = from_row::<OrderState, TransactionId>(row).map(drop);
        payment.or_else(|_| from_row::<domain::RefundState, domain::RefundId>(row).map(drop))
    },
};

const COLUMNS: &str =
    "row_id, source, first_ms, seen_ms, state, amount_fen, currency, remote, notice_id, exchange_id";

/// What one source says, and where that came from.
///
/// The state is the furthest this source ever told: an old notice that comes late takes nothing back. Should a
/// source contradict itself in amount, currency or number, the smaller value stands here whichever came first,
/// and the contradiction is among the payment's disagreements. Of an order that was asked for, what a source said
/// of other money stands here only until the same source says what agrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceRow<S, N> {
    pub(crate) row_id: i64,
    /// Who says it.
    pub source: Source,
    /// When it first said anything.
    pub first_seen: Timestamp,
    /// When it last did.
    pub seen: Timestamp,
    /// Where it stands.
    pub state: S,
    /// The amount: the order's total, or the refund's.
    pub amount: Option<Fen>,
    /// Its currency, ISO 4217.
    pub currency: Option<String>,
    /// WeChat Pay's number of it.
    pub number: Option<N>,
    /// The stored notice that it came with.
    pub notice_id: Option<i64>,
    /// The stored exchange that it came with.
    pub exchange_id: Option<i64>,
}

/// What one source says of a payment.
pub type PaymentEvidence = EvidenceRow<OrderState, TransactionId>;
/// What one source says of a refund.
pub type RefundEvidence = EvidenceRow<domain::RefundState, domain::RefundId>;

/// Words and numbers that read back what they print.
pub(crate) trait Word:
    std::str::FromStr<Err: std::error::Error + Send + Sync + 'static> + Clone
{
    fn text(&self) -> &str;

    /// Whether it is a state that alone proves nothing about money.
    fn is_bare(&self) -> bool {
        false
    }
}
macro_rules! word {
    ($($name:ty),*) => { $(impl Word for $name { fn text(&self) -> &str { self.as_str() } })* };
}
word!(TransactionId, domain::RefundState, domain::RefundId);

impl Word for OrderState {
    fn text(&self) -> &str {
        self.as_str()
    }

    fn is_bare(&self) -> bool {
        self.is_open()
    }
}

fn from_row<S: Word, N: Word>(row: &Row<'_>) -> rusqlite::Result<EvidenceRow<S, N>> {
    let mut cells = Cells::of(row);
    Ok(EvidenceRow {
        row_id: cells.take()?,
        source: cells.word()?,
        first_seen: cells.time()?,
        seen: cells.time()?,
        state: cells.word()?,
        amount: cells.maybe_fen()?,
        currency: cells.take()?,
        number: cells.maybe_word()?,
        notice_id: cells.take()?,
        exchange_id: cells.take()?,
    })
}

impl PaymentEvidence {
    /// The same in the domain's words, for [`domain::evidence::disagreements`].
    #[must_use]
    pub fn evidence(&self) -> domain::evidence::Evidence {
        domain::evidence::Evidence {
            source: self.source,
            seen_at: self.seen,
            state: self.state,
            total: self.amount,
            currency: self.currency.clone(),
            transaction_id: self.number.clone(),
        }
    }
}

/// The subject of a payment's evidence.
pub(crate) const PAYMENT: &str = "payment";
/// The subject of a refund's evidence.
pub(crate) const REFUND: &str = "refund";

/// Every source's evidence about one payment or refund, in the order sources are shown.
pub(crate) fn list<S: Word, N: Word>(
    conn: &Connection,
    merchant: &str,
    subject: &str,
    number: &str,
) -> rusqlite::Result<Vec<EvidenceRow<S, N>>> {
    Lister::new(conn)?.list(merchant, subject, number)
}

/// The same for one payment after the other.
pub(crate) struct Lister<'c>(CachedStatement<'c>);

impl<'c> Lister<'c> {
    pub(crate) fn new(conn: &'c Connection) -> rusqlite::Result<Self> {
        conn.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM evidence WHERE merchant = ?1 AND subject = ?2 AND number = ?3"
        ))
        .map(Self)
    }

    pub(crate) fn list<S: Word, N: Word>(
        &mut self,
        merchant: &str,
        subject: &str,
        number: &str,
    ) -> rusqlite::Result<Vec<EvidenceRow<S, N>>> {
        let mut rows: Vec<EvidenceRow<S, N>> =
            self.0.query_map([merchant, subject, number], from_row)?.collect::<Result<_, _>>()?;
        rows.sort_by_key(|row| row.source);
        Ok(rows)
    }
}

/// How much one saying of a source counts beside another: what agrees with what was asked for and proves something
/// stands over what contradicts it, and that over what says nothing at all, such as the reply that made the order.
fn weight<S: Word, N: Word>(row: &EvidenceRow<S, N>, asked: Option<&Asked>) -> u8 {
    let Some(asked) = asked else { return 0 };
    let silent = row.amount.is_none() && row.state.is_bare();
    match asked.is_contradicted(row.amount, row.currency.as_deref()) {
        true => 1,
        false if silent => 0,
        false => 2,
    }
}

/// Joins what a source says now to what it said before, and answers the rowid and whether what it says changed.
pub(crate) fn upsert<S: Word + Ord, N: Word + Ord>(
    conn: &Connection,
    (merchant, subject, number): (&str, &str, &str),
    seen: &EvidenceRow<S, N>,
    asked: Option<&Asked>,
) -> rusqlite::Result<(i64, bool)> {
    let before: Option<EvidenceRow<S, N>> = conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM evidence
             WHERE merchant = ?1 AND subject = ?2 AND number = ?3 AND source = ?4"
        ))?
        .query_row([merchant, subject, number, seen.source.as_str()], from_row)
        .optional()?;
    let Some(before) = before else {
        conn.prepare_cached(
            "INSERT INTO evidence (merchant, subject, number, source, first_ms, seen_ms, state, amount_fen,
                currency, remote, notice_id, exchange_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            merchant,
            subject,
            number,
            seen.source.as_str(),
            seen.first_seen.millis(),
            seen.seen.millis(),
            seen.state.text(),
            seen.amount.map(Fen::get),
            seen.currency,
            seen.number.as_ref().map(N::text),
            seen.notice_id,
            seen.exchange_id,
        ])?;
        return Ok((conn.last_insert_rowid(), true));
    };
    let (old, new) = (weight(&before, asked), weight(seen, asked));
    let mut after = before.clone();
    if new > old {
        after = EvidenceRow { row_id: before.row_id, ..seen.clone() };
    } else if new == old {
        after.state = before.state.clone().max(seen.state.clone());
        if new == 1 {
            // Never one of the amount and another of the currency: that could look like what was asked for.
            let said = |row: &EvidenceRow<S, N>| (row.amount, row.currency.clone(), row.number.clone());
            (after.amount, after.currency, after.number) = said(&before).min(said(seen));
        } else {
            super::merge(&mut after.amount, &seen.amount);
            super::merge(&mut after.currency, &seen.currency);
            super::merge(&mut after.number, &seen.number);
        }
        after.notice_id = before.notice_id.max(seen.notice_id);
        after.exchange_id = before.exchange_id.max(seen.exchange_id);
    }
    after.first_seen = before.first_seen.min(seen.first_seen);
    after.seen = before.seen.max(seen.seen);
    let changed = after.state != before.state
        || after.amount != before.amount
        || after.currency != before.currency
        || after.number != before.number;
    conn.prepare_cached(
        "UPDATE evidence SET first_ms = ?2, seen_ms = ?3, state = ?4, amount_fen = ?5, currency = ?6,
            remote = ?7, notice_id = ?8, exchange_id = ?9
         WHERE row_id = ?1",
    )?
    .execute(params![
        after.row_id,
        after.first_seen.millis(),
        after.seen.millis(),
        after.state.text(),
        after.amount.map(Fen::get),
        after.currency,
        after.number.as_ref().map(N::text),
        after.notice_id,
        after.exchange_id,
    ])?;
    Ok((after.row_id, changed))
}

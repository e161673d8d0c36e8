//! Notices as they came, the refused ones too.

use super::{Cells, Table};
use domain::{MchId, OutRefundNo, OutTradeNo, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

pub(crate) const TABLE: Table = Table {
    name: "notices",
    migrations: &[(
        1,
        "CREATE TABLE notices (
            id            INTEGER PRIMARY KEY,
            merchant      TEXT NOT NULL,
            dedupe        TEXT NOT NULL,
            raw           BLOB NOT NULL,
            received_ms   INTEGER NOT NULL,
            kind          TEXT NOT NULL,
            verified      INTEGER NOT NULL,
            verdict       TEXT NOT NULL,
            mch_id        TEXT,
            out_trade_no  TEXT,
            out_refund_no TEXT,
            number        TEXT,
            state         TEXT,
            times         INTEGER NOT NULL,
            last_ms       INTEGER NOT NULL,
            UNIQUE (merchant, dedupe)
        ) STRICT;",
    )],
    subject: "'notice:' || id",
    sealed: "merchant, dedupe, raw, received_ms, kind, verified, verdict, mch_id, out_trade_no, \
             out_refund_no, number, state",
    columns: COLUMNS,
    reads: |row| Notice::from_row(row).map(drop),
};

const COLUMNS: &str = "id, times, last_ms, merchant, raw, received_ms, kind, verified, verdict, mch_id, \
     out_trade_no, out_refund_no, number, state";

/// What a notice speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    /// A payment's result.
    Payment,
    /// A refund's result.
    Refund,
    /// It could not be read.
    Unreadable,
}

impl NoticeKind {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Payment, Self::Refund, Self::Unreadable];

    /// The word for it in files and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Unreadable => "unreadable",
        }
    }
}

impl fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for NoticeKind {
    type Err = domain::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(domain::IdError::Shape { kind: "notice", expected: "is payment, refund or unreadable" })
    }
}

/// A notice to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    /// The merchant's text id under which it was received.
    pub merchant: String,
    /// Its bytes as they came.
    pub raw: Vec<u8>,
    /// When.
    pub received: Timestamp,
    /// What it speaks of.
    pub kind: NoticeKind,
    /// Whether it passed every check. Only then do two notices count as the same one by what they say;
    /// otherwise only if they are the same bytes.
    pub verified: bool,
    /// The verdict in one word of the caller's.
    pub verdict: String,
    /// The merchant's number in it.
    pub mch_id: Option<MchId>,
    /// The order in it.
    pub out_trade_no: Option<OutTradeNo>,
    /// The refund in it.
    pub out_refund_no: Option<OutRefundNo>,
    /// WeChat Pay's number in it: the transaction_id of a payment, the refund_id of a refund.
    pub number: Option<String>,
    /// The state it tells, in one word.
    pub state: Option<String>,
}

/// A stored notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its place, rising with time.
    pub id: i64,
    /// How often it came.
    pub times: u32,
    /// When it came last.
    pub last: Timestamp,
    /// What was stored the first time.
    pub what: NewNotice,
}

/// Whether a notice was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It was.
    FirstSeen {
        /// Its id.
        id: i64,
    },
    /// It was here before. Nothing in it may count twice.
    SeenBefore {
        /// The first one's id.
        id: i64,
        /// When the first one came.
        first: Timestamp,
        /// How often it came, this time included.
        times: u32,
    },
}

impl Recorded {
    /// The id of the stored notice.
    #[must_use]
    pub const fn id(self) -> i64 {
        match self {
            Self::FirstSeen { id } | Self::SeenBefore { id, .. } => id,
        }
    }
}

impl NewNotice {
    /// By what a notice is known again. A notice that was not verified says nothing that may be trusted, so it
    /// must not take the place of a true one: it is known by its bytes alone.
    pub(crate) fn dedupe(&self) -> String {
        match (&self.number, &self.state) {
            (Some(number), Some(state)) if self.verified => {
                let mch_id = self.mch_id.as_ref().map_or("", MchId::as_str);
                format!("{}|{mch_id}|{number}|{state}", self.kind)
            }
            _ => {
                let digest = Sha256::digest(&self.raw);
                format!("bytes|{}|{}|{}", self.verified, self.verdict, crate::hex(&digest))
            }
        }
    }
}

impl Notice {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut cells = Cells::of(row);
        Ok(Self {
            id: cells.take()?,
            times: cells.take()?,
            last: cells.time()?,
            what: NewNotice {
                merchant: cells.take()?,
                raw: cells.take()?,
                received: cells.time()?,
                kind: cells.word()?,
                verified: cells.take()?,
                verdict: cells.take()?,
                mch_id: cells.maybe_word()?,
                out_trade_no: cells.maybe_word()?,
                out_refund_no: cells.maybe_word()?,
                number: cells.take()?,
                state: cells.take()?,
            },
        })
    }
}

pub(crate) fn get(conn: &Connection, id: i64) -> rusqlite::Result<Option<Notice>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM notices WHERE id = ?1"))?
        .query_row([id], Notice::from_row)
        .optional()
}

pub(crate) fn by_dedupe(conn: &Connection, merchant: &str, dedupe: &str) -> rusqlite::Result<Option<Notice>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM notices WHERE merchant = ?1 AND dedupe = ?2"))?
        .query_row([merchant, dedupe], Notice::from_row)
        .optional()
}

/// Newest first, of one merchant or of all, before the id `before`.
pub(crate) fn list(
    conn: &Connection,
    merchant: Option<&str>,
    before: Option<i64>,
    limit: u32,
) -> rusqlite::Result<Vec<Notice>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM notices WHERE (?1 IS NULL OR merchant = ?1) AND id < ?2 ORDER BY id DESC LIMIT ?3"
    ))?
    .query_map(params![merchant, before.unwrap_or(i64::MAX), limit], Notice::from_row)?
    .collect()
}

/// Inserts it and answers its id.
pub(crate) fn insert(conn: &Connection, new: &NewNotice, dedupe: &str) -> rusqlite::Result<i64> {
    conn.prepare_cached(
        "INSERT INTO notices (merchant, dedupe, raw, received_ms, kind, verified, verdict, mch_id, out_trade_no,
            out_refund_no, number, state, times, last_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 1, ?4)",
    )?
    .execute(params![
        new.merchant,
        dedupe,
        new.raw,
        new.received.millis(),
        new.kind.as_str(),
        new.verified,
        new.verdict,
        new.mch_id.as_ref().map(MchId::as_str),
        new.out_trade_no.as_ref().map(OutTradeNo::as_str),
        new.out_refund_no.as_ref().map(OutRefundNo::as_str),
        new.number,
        new.state,
    ])?;
    Ok(conn.last_insert_rowid())
}

/// Counts another arrival of the same notice.
pub(crate) fn seen_again(conn: &Connection, id: i64, at: Timestamp) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE notices SET times = times + 1, last_ms = max(last_ms, ?2) WHERE id = ?1")?
        .execute(params![id, at.millis()])?;
    Ok(())
}

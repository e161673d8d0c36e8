//! The append-only journal. Every change of state appends a row, chained to the one before by HMAC-SHA256
//! under a key that is not in the file: an edit, a deletion or a reordering breaks the chain, and a cut end
//! shows against the head that is kept elsewhere.

use super::{Cells, Table};
use crate::LedgerError;
use domain::{Secret, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

pub(crate) const TABLE: Table = Table {
    name: "journal",
    migrations: &[(
        1,
        "CREATE TABLE journal (
            seq     INTEGER PRIMARY KEY,
            at_ms   INTEGER NOT NULL,
            kind    TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail  TEXT NOT NULL,
            seal    BLOB NOT NULL,
            prev    BLOB NOT NULL,
            mac     BLOB NOT NULL
        ) STRICT;
        CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
            BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
        CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
            BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;",
    )],
    subject: "",
    sealed: "",
    columns: COLUMNS,
    reads: |row| JournalEntry::from_row(row).map(drop),
};

const COLUMNS: &str = "seq, at_ms, kind, subject, detail, seal, prev, mac";

/// One row of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// Its place, from 1 without gaps.
    pub seq: i64,
    /// When it was written.
    pub at: Timestamp,
    /// What was done: `create`, `intend`, `claim`, `settle`, `observe`, `notice`, `exchange`, `migrate`,
    /// `restore`, `salvage`, `accept`, `adopt`.
    pub kind: String,
    /// What it was done to, such as `payment:shop:20250101000000` or `operation:<id>`.
    pub subject: String,
    /// What came of it, `name=value` separated by spaces.
    pub detail: String,
    /// Digest of the row it speaks of.
    pub seal: [u8; 32],
    /// `mac` of the row before; zeros for the first.
    pub prev: [u8; 32],
    /// HMAC-SHA256 under the chain key over `prev` and this row.
    pub mac: [u8; 32],
}

/// The journal's last row. Keep it outside the file: by it a cut end or an old copy is found.
///
/// Its text is `seq:mac` with the mac in 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last row's place; 0 for an empty journal.
    pub seq: i64,
    /// Its mac.
    pub mac: [u8; 32],
}

/// The text is no [`Head`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a journal head is written as a number, a colon and 64 hexadecimal digits")]
pub struct HeadError;

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, crate::hex(&self.mac))
    }
}

impl FromStr for Head {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let (seq, mac) = text.split_once(':').ok_or(HeadError)?;
        let seq = seq.parse().map_err(|_| HeadError)?;
        if mac.len() != 64 || !mac.is_ascii() || seq < 0 {
            return Err(HeadError);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(mac.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| HeadError)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| HeadError)?;
        }
        Ok(Self { seq, mac: bytes })
    }
}

impl JournalEntry {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut cells = Cells::of(row);
        Ok(Self {
            seq: cells.take()?,
            at: cells.time()?,
            kind: cells.take()?,
            subject: cells.take()?,
            detail: cells.take()?,
            seal: cells.digest()?,
            prev: cells.digest()?,
            mac: cells.digest()?,
        })
    }

    /// Adds the whole row to a digest.
    fn digest_into(&self, digest: &mut Sha256) {
        digest.update(self.seq.to_be_bytes());
        digest.update(self.at.millis().to_be_bytes());
        for field in [
            self.kind.as_bytes(),
            self.subject.as_bytes(),
            self.detail.as_bytes(),
            &self.seal,
            &self.prev,
            &self.mac,
        ] {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field);
        }
    }

    /// What the mac of this row must be.
    fn expected_mac(&self, key: &Secret<[u8; 32]>) -> [u8; 32] {
        let mut mac = keyed(key);
        mac.update(&self.prev);
        mac.update(&self.seq.to_be_bytes());
        mac.update(&self.at.millis().to_be_bytes());
        for field in [self.kind.as_bytes(), self.subject.as_bytes(), self.detail.as_bytes(), &self.seal] {
            // Length first, so that no two rows share one text.
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field);
        }
        mac.finalize().into_bytes().into()
    }
}

fn keyed(key: &Secret<[u8; 32]>) -> Hmac<Sha256> {
    Hmac::new_from_slice(key.expose()).unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"))
}

/// A value by which the key is known again, without telling it.
pub(crate) fn key_check(key: &Secret<[u8; 32]>) -> String {
    let mut mac = keyed(key);
    mac.update(b"paydesk ledger chain key");
    crate::hex(&mac.finalize().into_bytes()[..16])
}

/// The journal's last row.
pub(crate) fn head(conn: &Connection) -> rusqlite::Result<Head> {
    let last = conn
        .prepare_cached("SELECT seq, mac FROM journal ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| {
            let mut cells = Cells::of(row);
            Ok(Head { seq: cells.take()?, mac: cells.digest()? })
        })
        .optional()?;
    Ok(last.unwrap_or(Head { seq: 0, mac: [0; 32] }))
}

/// The kind of the row by which a journal goes on under a new key.
pub(crate) const ADOPT: &str = "adopt";

/// What such a row says: up to where the rows are unproven, and what they were when it was written.
pub(crate) fn adoption(last: i64, digest: &[u8; 32]) -> String {
    format!("unproven_to={last} rows={}", crate::hex(digest))
}

/// The last row, and a digest of all, whatever keys they were written under.
pub(crate) fn digest_of_all(conn: &Connection) -> rusqlite::Result<(Head, [u8; 32])> {
    let mut digest = Sha256::new();
    let mut statement = conn.prepare(&format!("SELECT {COLUMNS} FROM journal ORDER BY seq"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        JournalEntry::from_row(row)?.digest_into(&mut digest);
    }
    Ok((head(conn)?, digest.finalize().into()))
}

/// Entries from `after` on, oldest first.
pub(crate) fn list(conn: &Connection, after: i64, limit: u32) -> rusqlite::Result<Vec<JournalEntry>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2"))?
        .query_map(params![after, limit], JournalEntry::from_row)?
        .collect()
}

/// Every entry about `subject`, oldest first.
pub(crate) fn about(conn: &Connection, subject: &str) -> rusqlite::Result<Vec<JournalEntry>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM journal WHERE subject = ?1 ORDER BY seq"))?
        .query_map([subject], JournalEntry::from_row)?
        .collect()
}

/// Walks the whole chain, giving each row to `each`, and compares it with the anchored head.
///
/// The rows that were written under a lost key are proved by the row that says so: they are as they were then.
pub(crate) fn verify(
    conn: &Connection,
    file: &std::path::Path,
    key: &Secret<[u8; 32]>,
    anchored: Option<Head>,
    mut each: impl FnMut(&JournalEntry),
) -> Result<Head, LedgerError> {
    let sqlite = |error| LedgerError::sqlite(file, error);
    let mut last = Head { seq: 0, mac: [0; 32] };
    let mut differs = None;
    let unproven_to = super::meta::get(conn, super::meta::UNPROVEN).map_err(sqlite)?;
    let unproven_to: i64 = unproven_to.and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut unproven = Sha256::new();
    let mut statement =
        conn.prepare(&format!("SELECT {COLUMNS} FROM journal ORDER BY seq")).map_err(sqlite)?;
    let mut rows = statement.query([]).map_err(sqlite)?;
    while let Some(row) = rows.next().map_err(sqlite)? {
        let expected = last.seq + 1;
        let broken = LedgerError::ChainBroken { seq: expected };
        // A row whose columns cannot even be read is a changed row.
        let Ok(entry) = JournalEntry::from_row(row) else { return Err(broken) };
        if entry.seq != expected || entry.prev != last.mac {
            return Err(broken);
        }
        if entry.seq <= unproven_to {
            entry.digest_into(&mut unproven);
        } else if entry.mac != entry.expected_mac(key) {
            return Err(broken);
        } else if entry.seq == unproven_to + 1 && unproven_to > 0 {
            let said = adoption(unproven_to, &unproven.clone().finalize().into());
            if entry.kind != ADOPT || entry.detail != said {
                return Err(broken);
            }
        }
        last = Head { seq: entry.seq, mac: entry.mac };
        if anchored.is_some_and(|anchor| anchor.seq == last.seq && anchor.mac != last.mac) {
            differs = Some(last.seq);
        }
        each(&entry);
    }
    if last.seq <= unproven_to && unproven_to > 0 {
        return Err(LedgerError::ChainBroken { seq: last.seq + 1 });
    }
    match (anchored, differs) {
        (_, Some(seq)) => Err(LedgerError::HeadDiffers { seq }),
        (Some(anchor), _) if anchor.seq > last.seq => {
            Err(LedgerError::HeadAhead { anchored: anchor.seq, last: last.seq })
        }
        _ => Ok(last),
    }
}

/// Whether the last row's own mac is right: a quick look at start.
pub(crate) fn last_is_whole(conn: &Connection, key: &Secret<[u8; 32]>) -> rusqlite::Result<Result<(), i64>> {
    let last = conn
        .prepare_cached(&format!("SELECT {COLUMNS} FROM journal ORDER BY seq DESC LIMIT 1"))?
        .query_row([], |row| Ok(JournalEntry::from_row(row).ok()))
        .optional()?;
    Ok(match last {
        Some(Some(entry)) if entry.mac == entry.expected_mac(key) => Ok(()),
        Some(Some(entry)) => Err(entry.seq),
        // No row, or one that cannot be read: every ledger begins with `create`.
        Some(None) | None => Err(1),
    })
}

/// Appends a row. `seal` is zeros where it speaks of no row.
pub(crate) fn append(
    conn: &Connection,
    key: &Secret<[u8; 32]>,
    at: Timestamp,
    what: (&str, &str, &str),
    seal: [u8; 32],
) -> rusqlite::Result<Head> {
    append_after(conn, key, at, head(conn)?, what, seal)
}

/// The same after a row that is known to be the last.
pub(crate) fn append_after(
    conn: &Connection,
    key: &Secret<[u8; 32]>,
    at: Timestamp,
    last: Head,
    (kind, subject, detail): (&str, &str, &str),
    seal: [u8; 32],
) -> rusqlite::Result<Head> {
    let mut entry = JournalEntry {
        seq: last.seq + 1,
        at,
        kind: kind.into(),
        subject: subject.into(),
        detail: detail.into(),
        seal,
        prev: last.mac,
        mac: [0; 32],
    };
    entry.mac = entry.expected_mac(key);
    conn.prepare_cached(&format!("INSERT INTO journal ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"))?
        .execute(params![entry.seq, at.millis(), kind, subject, detail, seal, entry.prev, entry.mac])?;
    Ok(Head { seq: entry.seq, mac: entry.mac })
}

//! One file a table, each in the same order: migrations, row, reader, writer.
//!
//! A table names the columns that its rows are *sealed* with: a digest of them goes into the journal with every
//! change, so that a later edit of the row itself, past the journal, is found (`check_full`). Columns that
//! change without a journal row (leases, counters, the time of the last look) are left out of the seal.

pub(crate) mod evidence;
pub(crate) mod exchange;
pub(crate) mod journal;
pub(crate) mod meta;
pub(crate) mod notice;
pub(crate) mod operation;
pub(crate) mod payment;
pub(crate) mod refund;

use domain::{CivilTime, Fen, Timestamp};
use rusqlite::types::{FromSql, Type, ValueRef};
use rusqlite::{Connection, Row};
use sha2::{Digest, Sha256};
use std::str::FromStr;

/// What the schema, the seals, the check and the salvage need to know of a table.
pub(crate) struct Table {
    /// Its name.
    pub(crate) name: &'static str,
    /// Each schema version that touches it, with the SQL.
    pub(crate) migrations: &'static [(u32, &'static str)],
    /// The journal's subject of a row, as an SQL expression; empty for tables without seals.
    pub(crate) subject: &'static str,
    /// The sealed columns.
    pub(crate) sealed: &'static str,
    /// The columns that its reader takes; empty for tables without seals.
    pub(crate) columns: &'static str,
    /// Whether its reader can read this row of `columns`.
    pub(crate) reads: fn(&Row<'_>) -> rusqlite::Result<()>,
}

/// Every table, parents before children.
pub(crate) const ALL: [&Table; 8] = [
    &meta::TABLE,
    &journal::TABLE,
    &operation::TABLE,
    &exchange::TABLE,
    &notice::TABLE,
    &payment::TABLE,
    &refund::TABLE,
    &evidence::TABLE,
];

/// The subject and the seal of the row with this rowid.
pub(crate) fn seal(conn: &Connection, table: &Table, rowid: i64) -> rusqlite::Result<(String, [u8; 32])> {
    let sql = format!("SELECT {}, {} FROM {} WHERE rowid = ?1", table.subject, table.sealed, table.name);
    conn.prepare_cached(&sql)?.query_row([rowid], sealed)
}

/// The subject (first column) and the seal (digest of the others) of a row.
pub(crate) fn sealed(row: &Row<'_>) -> rusqlite::Result<(String, [u8; 32])> {
    let mut digest = Sha256::new();
    for column in 1..row.as_ref().column_count() {
        let (tag, bytes): (u8, &[u8]) = match row.get_ref(column)? {
            ValueRef::Null => (0, &[]),
            ValueRef::Integer(number) => {
                digest.update([1]);
                digest.update(number.to_be_bytes());
                continue;
            }
            // STRICT tables here have no REAL columns; a damaged page might still say so.
            ValueRef::Real(_) => (2, &[]),
            ValueRef::Text(text) => (3, text),
            ValueRef::Blob(blob) => (4, blob),
        };
        digest.update([tag]);
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    }
    Ok((row.get(0)?, digest.finalize().into()))
}

/// Takes a row's columns from left to right.
pub(crate) struct Cells<'a, 'r> {
    row: &'a Row<'r>,
    at: usize,
}

impl<'a, 'r> Cells<'a, 'r> {
    pub(crate) fn of(row: &'a Row<'r>) -> Self {
        Self::from(row, 0)
    }

    /// From this column on.
    pub(crate) fn from(row: &'a Row<'r>, at: usize) -> Self {
        Self { row, at }
    }

    pub(crate) fn take<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        let at = self.at;
        self.at += 1;
        self.row.get(at)
    }

    fn bad(&self, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> rusqlite::Error {
        rusqlite::Error::FromSqlConversionFailure(self.at - 1, Type::Text, why.into())
    }

    pub(crate) fn read<T, E>(&mut self, parse: impl FnOnce(&str) -> Result<T, E>) -> rusqlite::Result<T>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let text: String = self.take()?;
        parse(&text).map_err(|error| self.bad(error))
    }

    pub(crate) fn maybe<T, E>(
        &mut self,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> rusqlite::Result<Option<T>>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let text: Option<String> = self.take()?;
        text.map(|text| parse(&text)).transpose().map_err(|error| self.bad(error))
    }

    pub(crate) fn word<T: FromStr>(&mut self) -> rusqlite::Result<T>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        self.read(T::from_str)
    }

    pub(crate) fn maybe_word<T: FromStr>(&mut self) -> rusqlite::Result<Option<T>>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        self.maybe(T::from_str)
    }

    pub(crate) fn fen(&mut self) -> rusqlite::Result<Fen> {
        self.take().map(Fen::new)
    }

    pub(crate) fn maybe_fen(&mut self) -> rusqlite::Result<Option<Fen>> {
        Ok(self.take::<Option<i64>>()?.map(Fen::new))
    }

    pub(crate) fn time(&mut self) -> rusqlite::Result<Timestamp> {
        self.take().map(Timestamp::from_millis)
    }

    pub(crate) fn maybe_time(&mut self) -> rusqlite::Result<Option<Timestamp>> {
        Ok(self.take::<Option<i64>>()?.map(Timestamp::from_millis))
    }

    pub(crate) fn maybe_civil(&mut self) -> rusqlite::Result<Option<CivilTime>> {
        self.maybe(CivilTime::parse_compact)
    }

    pub(crate) fn digest(&mut self) -> rusqlite::Result<[u8; 32]> {
        let bytes: Vec<u8> = self.take()?;
        bytes.try_into().map_err(|_| self.bad("a digest has 32 bytes"))
    }

    /// The sorted words of a comma list, as [`join_codes`] writes it.
    pub(crate) fn codes(&mut self) -> rusqlite::Result<Vec<String>> {
        let text: String = self.take()?;
        Ok(text.split(',').filter(|code| !code.is_empty()).map(str::to_owned).collect())
    }
}

/// `codes` as a sorted comma list without repeats.
pub(crate) fn join_codes(codes: &mut Vec<String>) -> String {
    codes.sort();
    codes.dedup();
    codes.join(",")
}

/// Of two known values the smaller, else the known one. Which of two observations came first must not matter,
/// so a plain "first one stays" will not do; that they differ at all is recorded as a disagreement.
pub(crate) fn merge<T: Ord + Clone>(kept: &mut Option<T>, seen: &Option<T>) {
    if let Some(seen) = seen
        && kept.as_ref().is_none_or(|kept| seen < kept)
    {
        *kept = Some(seen.clone());
    }
}

/// Whether both are known and differ.
pub(crate) fn unlike<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

/// Adds `code` to the sorted `codes` where `differs`.
pub(crate) fn differ(codes: &mut Vec<String>, code: &str, differs: bool) {
    if differs && !codes.iter().any(|known| known == code) {
        codes.push(code.to_owned());
        codes.sort();
    }
}

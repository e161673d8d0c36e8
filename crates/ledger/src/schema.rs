//! The file's format: its numbers, and the way from an older one to this one.

use crate::LedgerError;
use crate::table::{self, Table};
use domain::Environment;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// The newest format this program knows, kept in `user_version`.
pub const SCHEMA_VERSION: u32 = 2;

/// The number in the file's header that says whose file it is: `PyS`, `PyB` or `PyL` and a format of headers.
pub(crate) const fn application_id(environment: Environment) -> u32 {
    match environment {
        Environment::Simulated => u32::from_be_bytes(*b"PyS1"),
        Environment::Sandbox => u32::from_be_bytes(*b"PyB1"),
        Environment::Live => u32::from_be_bytes(*b"PyL1"),
    }
}

/// The file's format.
pub(crate) fn version(conn: &Connection) -> rusqlite::Result<u32> {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// One step up: everything that version `to` adds, table by table, parents first.
pub(crate) fn steps(tables: &[&Table], to: u32) -> Vec<&'static str> {
    tables
        .iter()
        .flat_map(|table| table.migrations)
        .filter(|(version, _)| *version == to)
        .map(|(_, sql)| *sql)
        .collect()
}

/// Brings the file from its format to `target`, each version in one transaction: a version is there whole or
/// not at all. Another process may do the same at the same time; the version is read inside the transaction.
pub(crate) fn migrate(
    conn: &mut Connection,
    file: &Path,
    tables: &[&Table],
    target: u32,
) -> Result<(), LedgerError> {
    let sqlite = |error| LedgerError::sqlite(file, error);
    loop {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite)?;
        let from = version(&tx).map_err(sqlite)?;
        if from >= target {
            return Ok(());
        }
        for sql in steps(tables, from + 1) {
            tx.execute_batch(sql).map_err(sqlite)?;
        }
        tx.pragma_update(None, "user_version", from + 1).map_err(sqlite)?;
        tx.commit().map_err(sqlite)?;
    }
}

/// Brings the file to the program's own format.
pub(crate) fn migrate_to_current(conn: &mut Connection, file: &Path) -> Result<(), LedgerError> {
    migrate(conn, file, &table::ALL, SCHEMA_VERSION)
}

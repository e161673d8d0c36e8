//! What the ledger says of itself: its environment, when it was made, a check value of its chain key.

use super::Table;
use rusqlite::{Connection, OptionalExtension};

pub(crate) const TABLE: Table = Table {
    name: "meta",
    migrations: &[(
        1,
        "CREATE TABLE meta (
            name  TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT;",
    )],
    subject: "'meta:' || name",
    sealed: "value",
    columns: "name, value",
    reads: |_| Ok(()),
};

/// `simulated`, `sandbox` or `live`.
pub(crate) const ENVIRONMENT: &str = "environment";
/// A digest under the chain key, by which a wrong key is told from a changed journal.
pub(crate) const KEY_CHECK: &str = "key_check";

/// The last row of the journal that was written under a key that is lost.
pub(crate) const UNPROVEN: &str = "unproven_to";

/// The value of `name`.
pub(crate) fn get(conn: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    conn.prepare_cached("SELECT value FROM meta WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

/// Writes `name`, over what it was, and answers its rowid.
pub(crate) fn replace(conn: &Connection, name: &str, value: &str) -> rusqlite::Result<i64> {
    conn.prepare_cached(
        "INSERT INTO meta (name, value) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value RETURNING rowid",
    )?
    .query_row([name, value], |row| row.get(0))
}

/// Writes `name` and answers its rowid.
pub(crate) fn put(conn: &Connection, name: &str, value: &str) -> rusqlite::Result<i64> {
    conn.prepare_cached("INSERT INTO meta (name, value) VALUES (?1, ?2)")?.execute([name, value])?;
    Ok(conn.last_insert_rowid())
}

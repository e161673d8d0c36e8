//! Raw requests and replies. The caller removes every secret before it hands them over.

use super::{Cells, Table};
use domain::{OperationId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

pub(crate) const TABLE: Table = Table {
    name: "exchanges",
    migrations: &[(
        1,
        "CREATE TABLE exchanges (
            id           INTEGER PRIMARY KEY,
            merchant     TEXT NOT NULL,
            operation_id TEXT REFERENCES operations (id),
            api          TEXT NOT NULL,
            host         TEXT NOT NULL,
            request      BLOB NOT NULL,
            response     BLOB,
            started_ms   INTEGER NOT NULL,
            duration_ms  INTEGER NOT NULL,
            http_status  INTEGER,
            outcome      TEXT NOT NULL,
            err_code     TEXT
        ) STRICT;
        CREATE INDEX exchanges_operation ON exchanges (operation_id) WHERE operation_id IS NOT NULL;",
    )],
    subject: "'exchange:' || id",
    sealed: "merchant, operation_id, api, host, request, response, started_ms, duration_ms, http_status, \
             outcome, err_code",
    columns: COLUMNS,
    reads: |row| Exchange::from_row(row).map(drop),
};

pub(crate) const COLUMNS: &str = "id, merchant, operation_id, api, host, request, response, started_ms, duration_ms, \
     http_status, outcome, err_code";

/// What to store of a request and its reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewExchange {
    /// The merchant's text id.
    pub merchant: String,
    /// The operation it served, if it was one.
    pub operation_id: Option<OperationId>,
    /// The path, such as `/pay/unifiedorder`.
    pub api: String,
    /// The host it went to.
    pub host: String,
    /// The request's body, with nothing secret left in it: that is the caller's duty.
    pub request: Vec<u8>,
    /// The reply's body, likewise; `None` where none came.
    pub response: Option<Vec<u8>>,
    /// When it was begun.
    pub started: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// The reply's HTTP status.
    pub http_status: Option<u16>,
    /// What came of it, in one word of the caller's.
    pub outcome: String,
    /// WeChat Pay's err_code.
    pub err_code: Option<String>,
}

/// A stored request and its reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Its place, rising with time.
    pub id: i64,
    /// What was stored.
    pub what: NewExchange,
}

impl Exchange {
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut cells = Cells::of(row);
        Ok(Self {
            id: cells.take()?,
            what: NewExchange {
                merchant: cells.take()?,
                operation_id: cells.maybe_word()?,
                api: cells.take()?,
                host: cells.take()?,
                request: cells.take()?,
                response: cells.take()?,
                started: cells.time()?,
                duration_ms: cells.take()?,
                http_status: cells.take()?,
                outcome: cells.take()?,
                err_code: cells.take()?,
            },
        })
    }
}

pub(crate) fn get(conn: &Connection, id: i64) -> rusqlite::Result<Option<Exchange>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM exchanges WHERE id = ?1"))?
        .query_row([id], Exchange::from_row)
        .optional()
}

/// Newest first, of one merchant or of all, before the id `before`.
pub(crate) fn list(
    conn: &Connection,
    merchant: Option<&str>,
    before: Option<i64>,
    limit: u32,
) -> rusqlite::Result<Vec<Exchange>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM exchanges WHERE (?1 IS NULL OR merchant = ?1) AND id < ?2 ORDER BY id DESC LIMIT ?3"
    ))?
    .query_map(params![merchant, before.unwrap_or(i64::MAX), limit], Exchange::from_row)?
    .collect()
}

/// Those of one operation, oldest first.
pub(crate) fn of_operation(conn: &Connection, id: &OperationId) -> rusqlite::Result<Vec<Exchange>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM exchanges WHERE operation_id = ?1 ORDER BY id"))?
        .query_map([id.as_str()], Exchange::from_row)?
        .collect()
}

/// Inserts it and answers its id.
pub(crate) fn insert(conn: &Connection, new: &NewExchange) -> rusqlite::Result<i64> {
    conn.prepare_cached(
        "INSERT INTO exchanges (merchant, operation_id, api, host, request, response, started_ms, duration_ms,
            http_status, outcome, err_code) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        new.merchant,
        new.operation_id.as_ref().map(OperationId::as_str),
        new.api,
        new.host,
        new.request,
        new.response,
        new.started.millis(),
        new.duration_ms,
        new.http_status,
        new.outcome,
        new.err_code,
    ])?;
    Ok(conn.last_insert_rowid())
}

//! Write-ahead operations: what was asked of WeChat Pay, written down before it is sent.

use super::{Cells, Table};
use domain::{Fen, MchId, OperationId, OperationKind, OperationState, OutRefundNo, OutTradeNo, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

pub(crate) const TABLE: Table = Table {
    name: "operations",
    migrations: &[(
        1,
        "CREATE TABLE operations (
            row_id         INTEGER PRIMARY KEY,
            id             TEXT NOT NULL UNIQUE,
            merchant       TEXT NOT NULL,
            mch_id         TEXT NOT NULL,
            kind           TEXT NOT NULL,
            number         TEXT NOT NULL,
            out_trade_no   TEXT NOT NULL,
            out_refund_no  TEXT,
            amount_fen     INTEGER NOT NULL,
            currency       TEXT NOT NULL,
            params_sha256  BLOB NOT NULL,
            request_params TEXT NOT NULL,
            state          TEXT NOT NULL,
            err_code       TEXT,
            err_code_des   TEXT,
            created_ms     INTEGER NOT NULL,
            updated_ms     INTEGER NOT NULL,
            attempts       INTEGER NOT NULL,
            next_try_ms    INTEGER NOT NULL,
            lease_owner    TEXT,
            lease_until_ms INTEGER,
            UNIQUE (merchant, kind, number)
        ) STRICT;
        CREATE INDEX operations_unresolved ON operations (next_try_ms)
            WHERE state IN ('intended', 'unknown');
        CREATE INDEX operations_refunds ON operations (merchant, out_trade_no) WHERE kind = 'refund';",
    )],
    subject: "'operation:' || id",
    sealed: "merchant, mch_id, kind, number, out_trade_no, out_refund_no, amount_fen, currency, params_sha256, \
             request_params, state, err_code, err_code_des, created_ms",
    columns: COLUMNS,
    reads: |row| Operation::from_row(row).map(drop),
};

const COLUMNS: &str = "row_id, id, merchant, mch_id, kind, out_trade_no, out_refund_no, amount_fen, currency, \
     params_sha256, request_params, state, err_code, err_code_des, created_ms, updated_ms, attempts, \
     next_try_ms, lease_owner, lease_until_ms";

/// One thing that was asked, or is about to be asked, of WeChat Pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub(crate) row_id: i64,
    /// Paydesk's own id.
    pub id: OperationId,
    /// The merchant's text id, chosen by the caller.
    pub merchant: String,
    /// The merchant's number.
    pub mch_id: MchId,
    /// What was asked.
    pub kind: OperationKind,
    /// The order.
    pub out_trade_no: OutTradeNo,
    /// The refund, for refunds.
    pub out_refund_no: Option<OutRefundNo>,
    /// The amount: of the order, or of the refund; the order's for close and reverse, or nothing.
    pub amount: Fen,
    /// Its currency, ISO 4217.
    pub currency: String,
    /// SHA-256 over what makes two requests the same, see [`crate::params_digest`].
    pub params_sha256: [u8; 32],
    /// The request's fields without nonce and sign, in the caller's canonical text, to send it again as it was.
    pub request_params: String,
    /// How far it has come.
    pub state: OperationState,
    /// WeChat Pay's err_code of the last reply that had one.
    pub err_code: Option<String>,
    /// Its own words.
    pub err_code_des: Option<String>,
    /// When it was written down.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// How often somebody took it in hand, from 1.
    pub attempts: u32,
    /// The resolver leaves it alone before this.
    pub next_try: Timestamp,
    /// Who has it in hand.
    pub lease_owner: Option<String>,
    /// Until when.
    pub lease_until: Option<Timestamp>,
}

impl Operation {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut cells = Cells::of(row);
        Ok(Self {
            row_id: cells.take()?,
            id: cells.word()?,
            merchant: cells.take()?,
            mch_id: cells.word()?,
            kind: cells.word()?,
            out_trade_no: cells.word()?,
            out_refund_no: cells.maybe_word()?,
            amount: cells.fen()?,
            currency: cells.take()?,
            params_sha256: cells.digest()?,
            request_params: cells.take()?,
            state: cells.word()?,
            err_code: cells.take()?,
            err_code_des: cells.take()?,
            created: cells.time()?,
            updated: cells.time()?,
            attempts: cells.take()?,
            next_try: cells.time()?,
            lease_owner: cells.take()?,
            lease_until: cells.maybe_time()?,
        })
    }

    /// The number under which WeChat Pay does it once: the refund's, else the order's.
    #[must_use]
    pub fn number(&self) -> &str {
        self.out_refund_no.as_ref().map_or(self.out_trade_no.as_str(), OutRefundNo::as_str)
    }

    /// Whether somebody has it in hand at `now`.
    #[must_use]
    pub fn is_leased(&self, now: Timestamp) -> bool {
        self.lease_owner.is_some() && self.lease_until.is_some_and(|until| until > now)
    }
}

pub(crate) fn get(conn: &Connection, id: &OperationId) -> rusqlite::Result<Option<Operation>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM operations WHERE id = ?1"))?
        .query_row([id.as_str()], Operation::from_row)
        .optional()
}

pub(crate) fn by_row_id(conn: &Connection, row_id: i64) -> rusqlite::Result<Operation> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM operations WHERE row_id = ?1"))?
        .query_row([row_id], Operation::from_row)
}

pub(crate) fn by_number(
    conn: &Connection,
    merchant: &str,
    kind: OperationKind,
    number: &str,
) -> rusqlite::Result<Option<Operation>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM operations WHERE merchant = ?1 AND kind = ?2 AND number = ?3"
    ))?
    .query_row([merchant, kind.as_str(), number], Operation::from_row)
    .optional()
}

/// Every operation about an order, oldest first.
pub(crate) fn of_order(
    conn: &Connection,
    merchant: &str,
    out_trade_no: &OutTradeNo,
) -> rusqlite::Result<Vec<Operation>> {
    // Orders, closings and reversals are found by their number, refunds by the index made for them.
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM operations WHERE merchant = ?1 AND number = ?2
            AND kind IN ('unified_order', 'micropay', 'close_order', 'reverse')
         UNION ALL
         SELECT {COLUMNS} FROM operations WHERE merchant = ?1 AND out_trade_no = ?2 AND kind = 'refund'
         ORDER BY row_id"
    ))?
    .query_map([merchant, out_trade_no.as_str()], Operation::from_row)?
    .collect()
}

/// What is unresolved, of one merchant or of all, soonest first.
pub(crate) fn unresolved(conn: &Connection, merchant: Option<&str>) -> rusqlite::Result<Vec<Operation>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM operations
         WHERE state IN ('intended', 'unknown') AND (?1 IS NULL OR merchant = ?1)
         ORDER BY next_try_ms, row_id"
    ))?
    .query_map([merchant], Operation::from_row)?
    .collect()
}

/// What is unresolved, in nobody's hands, and due.
pub(crate) fn due(conn: &Connection, now: Timestamp, limit: u32) -> rusqlite::Result<Vec<Operation>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM operations
         WHERE state IN ('intended', 'unknown') AND next_try_ms <= ?1
            AND (lease_owner IS NULL OR lease_until_ms <= ?1)
         ORDER BY next_try_ms, row_id LIMIT ?2"
    ))?
    .query_map(params![now.millis(), limit], Operation::from_row)?
    .collect()
}

/// Number and sum of the refunds of an order that are asked for, may happen, and have no row in `refunds` yet.
pub(crate) fn pending_refunds(
    conn: &Connection,
    merchant: &str,
    out_trade_no: &OutTradeNo,
) -> rusqlite::Result<Vec<Fen>> {
    conn.prepare_cached(
        "SELECT amount_fen FROM operations
         WHERE kind = 'refund' AND merchant = ?1 AND out_trade_no = ?2
            AND state IN ('intended', 'unknown', 'confirmed')
            AND NOT EXISTS (SELECT 1 FROM refunds
                WHERE refunds.merchant = ?1 AND refunds.out_refund_no = operations.number)",
    )?
    .query_map([merchant, out_trade_no.as_str()], |row| Ok(Fen::new(row.get(0)?)))?
    .collect()
}

/// Inserts it and answers its rowid.
pub(crate) fn insert(conn: &Connection, op: &Operation) -> rusqlite::Result<i64> {
    conn.prepare_cached(
        "INSERT INTO operations (id, merchant, mch_id, kind, number, out_trade_no, out_refund_no, amount_fen,
            currency, params_sha256, request_params, state, created_ms, updated_ms, attempts, next_try_ms,
            lease_owner, lease_until_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    )?
    .execute(params![
        op.id.as_str(),
        op.merchant,
        op.mch_id.as_str(),
        op.kind.as_str(),
        op.number(),
        op.out_trade_no.as_str(),
        op.out_refund_no.as_ref().map(OutRefundNo::as_str),
        op.amount.get(),
        op.currency,
        op.params_sha256,
        op.request_params,
        op.state.as_str(),
        op.created.millis(),
        op.updated.millis(),
        op.attempts,
        op.next_try.millis(),
        op.lease_owner,
        op.lease_until.map(Timestamp::millis),
    ])?;
    Ok(conn.last_insert_rowid())
}

/// Writes the columns that change in an operation's life.
pub(crate) fn update(conn: &Connection, op: &Operation) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE operations SET state = ?2, err_code = ?3, err_code_des = ?4, updated_ms = ?5, attempts = ?6,
            next_try_ms = ?7, lease_owner = ?8, lease_until_ms = ?9
         WHERE row_id = ?1",
    )?
    .execute(params![
        op.row_id,
        op.state.as_str(),
        op.err_code,
        op.err_code_des,
        op.updated.millis(),
        op.attempts,
        op.next_try.millis(),
        op.lease_owner,
        op.lease_until.map(Timestamp::millis),
    ])?;
    Ok(())
}

//! Refunds, by the merchant's own number.

use super::{Cells, Table, differ, merge, unlike};
use crate::Operation;
use domain::{
    CivilTime, Fen, MchId, OperationId, OutRefundNo, OutTradeNo, RefundId, RefundState, Timestamp,
    TransactionId,
    evidence::{Asked, Source},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

pub(crate) const TABLE: Table = Table {
    name: "refunds",
    migrations: &[
        (
            1,
            "CREATE TABLE refunds (
            id                    INTEGER PRIMARY KEY,
            merchant              TEXT NOT NULL,
            out_refund_no         TEXT NOT NULL,
            out_trade_no          TEXT NOT NULL,
            mch_id                TEXT NOT NULL,
            refund_id             TEXT,
            state                 TEXT NOT NULL,
            conflict              INTEGER NOT NULL,
            disagreements         TEXT NOT NULL,
            unasked               INTEGER NOT NULL,
            refund_fen            INTEGER NOT NULL,
            settlement_refund_fen INTEGER,
            currency              TEXT,
            channel               TEXT,
            recv_account          TEXT,
            success_time          TEXT,
            created_ms            INTEGER NOT NULL,
            updated_ms            INTEGER NOT NULL,
            operation_id          TEXT REFERENCES operations (id),
            UNIQUE (merchant, out_refund_no),
            FOREIGN KEY (merchant, out_trade_no) REFERENCES payments (merchant, out_trade_no)
        ) STRICT;
        CREATE INDEX refunds_order ON refunds (merchant, out_trade_no);",
        ),
        (2, crate::figures::REFUND_INDEXES),
    ],
    subject: "'refund:' || merchant || ':' || out_refund_no",
    sealed: "merchant, out_refund_no, out_trade_no, mch_id, refund_id, state, conflict, disagreements, unasked, \
             refund_fen, settlement_refund_fen, currency, channel, recv_account, success_time, created_ms, \
             operation_id",
    columns: COLUMNS,
    reads: |row| Refund::from_row(row).map(drop),
};

/// Every column in the order of [`Refund::from_row`].
pub(crate) const COLUMNS: &str = "id, merchant, out_refund_no, out_trade_no, mch_id, refund_id, state, conflict, \
     disagreements, unasked, refund_fen, settlement_refund_fen, currency, channel, recv_account, success_time, \
     created_ms, updated_ms, operation_id";

/// A refund that WeChat Pay has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its place, rising with the time it was first written.
    pub id: i64,
    /// The merchant's text id, chosen by the caller.
    pub merchant: String,
    /// The merchant's number of it.
    pub out_refund_no: OutRefundNo,
    /// The order it refunds.
    pub out_trade_no: OutTradeNo,
    /// The merchant's number.
    pub mch_id: MchId,
    /// WeChat Pay's number of it.
    pub refund_id: Option<RefundId>,
    /// Where it stands.
    pub state: RefundState,
    /// What was told of it cannot all be true: closed and success, or other money than was asked for. A person
    /// must look. Never taken back.
    pub conflict: bool,
    /// How what was told of it ever disagreed: `amount`, `currency`, `order`, `refund_id`, `state`, `total` (of
    /// the order), sorted. Never emptied again.
    pub disagreements: Vec<String>,
    /// Paydesk did not ask for it.
    pub unasked: bool,
    /// What goes back.
    pub amount: Fen,
    /// What goes back in cash, without the coupons that do not.
    pub settlement_amount: Option<Fen>,
    /// Its currency, ISO 4217.
    pub currency: Option<String>,
    /// The way it goes, in WeChat Pay's word, such as `ORIGINAL`.
    pub channel: Option<String>,
    /// The account it goes to, in WeChat Pay's words.
    pub recv_account: Option<String>,
    /// When the payer had it, UTC+8.
    pub success_time: Option<CivilTime>,
    /// When it was asked for, or first seen.
    pub created: Timestamp,
    /// When anything was last heard of it.
    pub updated: Timestamp,
    /// The operation that asked for it.
    pub operation_id: Option<OperationId>,
}

/// What a source tells of a refund. What it does not carry is `None`; start from [`RefundObservation::new`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of `Refund`")]
pub struct RefundObservation {
    pub merchant: String,
    pub mch_id: MchId,
    pub out_refund_no: OutRefundNo,
    pub out_trade_no: OutTradeNo,
    /// Who tells.
    pub source: Source,
    /// When Paydesk learned it.
    pub seen_at: Timestamp,
    pub state: RefundState,
    /// What goes back. Every source carries it.
    pub amount: Fen,
    pub currency: Option<String>,
    pub refund_id: Option<RefundId>,
    /// WeChat Pay's number of the payment.
    pub transaction_id: Option<TransactionId>,
    /// The payment's amount.
    pub total: Option<Fen>,
    pub settlement_amount: Option<Fen>,
    pub channel: Option<String>,
    pub recv_account: Option<String>,
    pub success_time: Option<CivilTime>,
    /// The stored notice it came with.
    pub notice_id: Option<i64>,
    /// The stored exchange it came with.
    pub exchange_id: Option<i64>,
}

impl RefundObservation {
    /// `source` says at `seen_at` that the refund of `amount` of this order stands at `state`; set the rest
    /// field by field.
    #[must_use]
    pub fn new(
        (merchant, mch_id): (&str, MchId),
        (out_refund_no, out_trade_no): (OutRefundNo, OutTradeNo),
        source: Source,
        (state, amount): (RefundState, Fen),
        seen_at: Timestamp,
    ) -> Self {
        Self {
            merchant: merchant.to_owned(),
            mch_id,
            out_refund_no,
            out_trade_no,
            source,
            seen_at,
            state,
            amount,
            currency: None,
            refund_id: None,
            transaction_id: None,
            total: None,
            settlement_amount: None,
            channel: None,
            recv_account: None,
            success_time: None,
            notice_id: None,
            exchange_id: None,
        }
    }
}

impl Refund {
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut cells = Cells::of(row);
        Ok(Self {
            id: cells.take()?,
            merchant: cells.take()?,
            out_refund_no: cells.word()?,
            out_trade_no: cells.word()?,
            mch_id: cells.word()?,
            refund_id: cells.maybe_word()?,
            state: cells.word()?,
            conflict: cells.take()?,
            disagreements: cells.codes()?,
            unasked: cells.take()?,
            amount: cells.fen()?,
            settlement_amount: cells.maybe_fen()?,
            currency: cells.take()?,
            channel: cells.take()?,
            recv_account: cells.take()?,
            success_time: cells.maybe_civil()?,
            created: cells.time()?,
            updated: cells.time()?,
            operation_id: cells.maybe_word()?,
        })
    }

    /// The refund as it is first told of.
    pub(crate) fn first(seen: &RefundObservation, now: Timestamp) -> Self {
        Self {
            id: 0,
            merchant: seen.merchant.clone(),
            out_refund_no: seen.out_refund_no.clone(),
            out_trade_no: seen.out_trade_no.clone(),
            mch_id: seen.mch_id.clone(),
            refund_id: None,
            state: RefundState::Processing,
            conflict: false,
            disagreements: Vec::new(),
            unasked: true,
            amount: seen.amount,
            settlement_amount: None,
            currency: None,
            channel: None,
            recv_account: None,
            success_time: None,
            created: now,
            updated: now,
            operation_id: None,
        }
    }

    /// It is the one that `op` asks for.
    pub(crate) fn ask(&mut self, op: Operation) {
        self.unasked = false;
        self.amount = op.amount;
        self.currency = Some(op.currency);
        self.out_trade_no = op.out_trade_no;
        self.created = op.created;
        self.operation_id = Some(op.id);
    }

    /// What was asked for, or `None` where nobody here asked for it.
    pub(crate) fn asked_for(&self) -> Option<Asked> {
        let currency = self.currency.clone().filter(|_| !self.unasked)?;
        Some(Asked { total: self.amount, currency })
    }

    /// Whether `seen` speaks of another refund than was asked for, or of an order of another amount. `order` is
    /// what its order was made for.
    pub(crate) fn is_contradicted(&self, seen: &RefundObservation, order: Option<&Asked>) -> bool {
        let same_order = self.out_trade_no == seen.out_trade_no;
        let asked = self.asked_for();
        asked.is_some_and(|asked| {
            !same_order || asked.is_contradicted(Some(seen.amount), seen.currency.as_deref())
        }) || same_order && order.is_some_and(|order| order.is_contradicted(seen.total, None))
    }

    /// Takes in what `seen` tells. What was asked for stays as it was asked; of the rest the unknown is filled.
    /// What speaks of another refund or order than was asked for moves nothing: it is only noted. The result does
    /// not depend on the order of the observations.
    pub(crate) fn join(&mut self, seen: &RefundObservation, order: Option<&Asked>, now: Timestamp) {
        let contradicted = self.is_contradicted(seen, order);
        let codes = &mut self.disagreements;
        if contradicted {
            let same_order = self.out_trade_no == seen.out_trade_no;
            let total = order.filter(|_| same_order).map(|order| order.total);
            differ(codes, "amount", !self.unasked && self.amount != seen.amount);
            differ(codes, "order", !same_order);
            differ(codes, "currency", !self.unasked && unlike(&self.currency, &seen.currency));
            differ(codes, "total", unlike(&total, &seen.total));
            self.conflict = true;
            self.updated = self.updated.max(now);
            return;
        }
        let joined = self.state.join(seen.state);
        self.conflict |= joined.conflict;
        differ(codes, "state", joined.conflict);
        differ(codes, "amount", self.amount != seen.amount);
        differ(codes, "order", self.out_trade_no != seen.out_trade_no);
        differ(codes, "currency", unlike(&self.currency, &seen.currency));
        differ(codes, "refund_id", unlike(&self.refund_id, &seen.refund_id));
        self.state = joined.state;
        if self.unasked {
            self.amount = self.amount.min(seen.amount);
            merge(&mut self.currency, &seen.currency);
            self.created = self.created.min(now);
        }
        merge(&mut self.refund_id, &seen.refund_id);
        merge(&mut self.settlement_amount, &seen.settlement_amount);
        merge(&mut self.channel, &seen.channel);
        merge(&mut self.recv_account, &seen.recv_account);
        merge(&mut self.success_time, &seen.success_time);
        self.updated = self.updated.max(now);
    }
}

pub(crate) fn get(
    conn: &Connection,
    merchant: &str,
    out_refund_no: &OutRefundNo,
) -> rusqlite::Result<Option<Refund>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM refunds WHERE merchant = ?1 AND out_refund_no = ?2"))?
        .query_row([merchant, out_refund_no.as_str()], Refund::from_row)
        .optional()
}

/// The refunds of an order, oldest first.
pub(crate) fn of_order(
    conn: &Connection,
    merchant: &str,
    out_trade_no: &OutTradeNo,
) -> rusqlite::Result<Vec<Refund>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM refunds WHERE merchant = ?1 AND out_trade_no = ?2 ORDER BY id"
    ))?
    .query_map([merchant, out_trade_no.as_str()], Refund::from_row)?
    .collect()
}

/// Inserts the refund (id 0) or writes it over its row, and answers the id.
pub(crate) fn put(conn: &Connection, refund: &Refund) -> rusqlite::Result<i64> {
    let sql = if refund.id == 0 {
        "INSERT INTO refunds (id, merchant, out_refund_no, out_trade_no, mch_id, refund_id, state, conflict,
            disagreements, unasked, refund_fen, settlement_refund_fen, currency, channel, recv_account,
            success_time, created_ms, updated_ms, operation_id)
         VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)"
    } else {
        "UPDATE refunds SET merchant = ?2, out_refund_no = ?3, out_trade_no = ?4, mch_id = ?5, refund_id = ?6,
            state = ?7, conflict = ?8, disagreements = ?9, unasked = ?10, refund_fen = ?11,
            settlement_refund_fen = ?12, currency = ?13, channel = ?14, recv_account = ?15, success_time = ?16,
            created_ms = ?17, updated_ms = ?18, operation_id = ?19
         WHERE id = ?1"
    };
    conn.prepare_cached(sql)?.execute(params![
        refund.id,
        refund.merchant,
        refund.out_refund_no.as_str(),
        refund.out_trade_no.as_str(),
        refund.mch_id.as_str(),
        refund.refund_id.as_ref().map(RefundId::as_str),
        refund.state.as_str(),
        refund.conflict,
        super::join_codes(&mut refund.disagreements.clone()),
        refund.unasked,
        refund.amount.get(),
        refund.settlement_amount.map(Fen::get),
        refund.currency,
        refund.channel,
        refund.recv_account,
        refund.success_time.map(CivilTime::compact),
        refund.created.millis(),
        refund.updated.millis(),
        refund.operation_id.as_ref().map(OperationId::as_str),
    ])?;
    Ok(if refund.id == 0 { conn.last_insert_rowid() } else { refund.id })
}

//! Payments: what was asked for and where it stands.

use super::{Cells, Table, differ, merge, unlike};
use crate::Operation;
use domain::{
    AppId, CivilTime, Fen, MchId, OpenId, OperationId, OperationState, OrderState, OutTradeNo, PrepayId,
    Timestamp, TradeType, TransactionId,
    evidence::{Asked, Source},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

pub(crate) const TABLE: Table = Table {
    name: "payments",
    migrations: &[
        (
            1,
            "CREATE TABLE payments (
            id                   INTEGER PRIMARY KEY,
            merchant             TEXT NOT NULL,
            out_trade_no         TEXT NOT NULL,
            mch_id               TEXT NOT NULL,
            appid                TEXT,
            sub_mch_id           TEXT,
            sub_appid            TEXT,
            sub_openid           TEXT,
            trade_type           TEXT,
            state                TEXT NOT NULL,
            conflict             INTEGER NOT NULL,
            disagreements        TEXT NOT NULL,
            unasked              INTEGER NOT NULL,
            total_fen            INTEGER,
            currency             TEXT,
            body                 TEXT,
            attach               TEXT,
            openid               TEXT,
            transaction_id       TEXT,
            prepay_id            TEXT,
            code_url             TEXT,
            mweb_url             TEXT,
            prepay_ms            INTEGER,
            bank_type            TEXT,
            cash_fee_fen         INTEGER,
            coupon_fee_fen       INTEGER,
            settlement_total_fen INTEGER,
            time_end             TEXT,
            created_ms           INTEGER NOT NULL,
            expires_ms           INTEGER,
            updated_ms           INTEGER NOT NULL,
            refunded_fen         INTEGER NOT NULL,
            operation_id         TEXT REFERENCES operations (id),
            UNIQUE (merchant, out_trade_no)
        ) STRICT;
        CREATE INDEX payments_created ON payments (merchant, created_ms);",
        ),
        (2, crate::figures::PAYMENT_INDEXES),
    ],
    subject: "'payment:' || merchant || ':' || out_trade_no",
    sealed: "merchant, out_trade_no, mch_id, appid, sub_mch_id, sub_appid, sub_openid, trade_type, state, \
             conflict, disagreements, unasked, total_fen, currency, body, attach, openid, transaction_id, \
             prepay_id, code_url, mweb_url, bank_type, cash_fee_fen, coupon_fee_fen, settlement_total_fen, \
             time_end, created_ms, expires_ms, refunded_fen, operation_id",
    columns: COLUMNS,
    reads: |row| Payment::from_row(row).map(drop),
};

/// Every column in the order of [`Payment::from_row`], the last being the state of the asking operation.
pub(crate) const COLUMNS: &str = "id, merchant, out_trade_no, mch_id, appid, sub_mch_id, sub_appid, \
     sub_openid, trade_type, state, conflict, disagreements, unasked, total_fen, currency, body, attach, \
     openid, transaction_id, prepay_id, code_url, mweb_url, prepay_ms, bank_type, cash_fee_fen, \
     coupon_fee_fen, settlement_total_fen, time_end, created_ms, expires_ms, updated_ms, refunded_fen, \
     operation_id, (SELECT o.state FROM operations o WHERE o.id = payments.operation_id)";

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its place, rising with the time it was first written.
    pub id: i64,
    /// The merchant's text id, chosen by the caller.
    pub merchant: String,
    /// The merchant's number of it.
    pub out_trade_no: OutTradeNo,
    /// The merchant's number.
    pub mch_id: MchId,
    /// The account it belongs to.
    pub appid: Option<AppId>,
    /// The sub-merchant, for service providers.
    pub sub_mch_id: Option<MchId>,
    /// The sub-merchant's account.
    pub sub_appid: Option<AppId>,
    /// The payer under `sub_appid`.
    pub sub_openid: Option<OpenId>,
    /// How it was started.
    pub trade_type: Option<TradeType>,
    /// Where it stands.
    pub state: OrderState,
    /// What was told of it cannot all be true: closed and paid, or other money than was asked for. A person must
    /// look. Never taken back.
    pub conflict: bool,
    /// How what was told of it ever disagreed: codes of [`domain::evidence::Disagreement::code`], sorted. Never
    /// emptied again.
    pub disagreements: Vec<String>,
    /// Paydesk did not make it: it was first seen in a notice, a query or a bill.
    pub unasked: bool,
    /// The order's amount; unknown only where `unasked`.
    pub total: Option<Fen>,
    /// Its currency, ISO 4217.
    pub currency: Option<String>,
    /// What is sold.
    pub body: Option<String>,
    /// The merchant's own text, which comes back in notices.
    pub attach: Option<String>,
    /// The payer.
    pub openid: Option<OpenId>,
    /// WeChat Pay's number of it.
    pub transaction_id: Option<TransactionId>,
    /// What the front end pays with.
    pub prepay_id: Option<PrepayId>,
    /// What the QR code holds, for native.
    pub code_url: Option<String>,
    /// Where the browser goes, for H5.
    pub mweb_url: Option<String>,
    /// When those three were given; the newest stand.
    pub prepaid: Option<Timestamp>,
    /// The payer's bank, as WeChat Pay codes it.
    pub bank_type: Option<String>,
    /// What the payer paid in cash.
    pub cash_fee: Option<Fen>,
    /// What coupons paid.
    pub coupon_fee: Option<Fen>,
    /// What is settled with the merchant.
    pub settlement_total: Option<Fen>,
    /// When it was paid, UTC+8.
    pub time_end: Option<CivilTime>,
    /// When it was asked for, or first seen.
    pub created: Timestamp,
    /// Until when it can be paid.
    pub expires: Option<Timestamp>,
    /// When anything was last heard of it.
    pub updated: Timestamp,
    /// What successful refunds sent back.
    pub refunded: Fen,
    /// The operation that made it.
    pub operation_id: Option<OperationId>,
    /// How far that operation came: a payment whose making was rejected does not exist at WeChat Pay.
    pub asked: Option<OperationState>,
}

/// What to write of a payment when its making is intended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    /// The account it belongs to.
    pub appid: AppId,
    /// The sub-merchant, for service providers.
    pub sub_mch_id: Option<MchId>,
    /// The sub-merchant's account.
    pub sub_appid: Option<AppId>,
    /// The payer under `sub_appid`.
    pub sub_openid: Option<OpenId>,
    /// How it is started.
    pub trade_type: TradeType,
    /// What is sold.
    pub body: String,
    /// The merchant's own text.
    pub attach: Option<String>,
    /// The payer, where known.
    pub openid: Option<OpenId>,
    /// Until when it can be paid.
    pub expires: Option<Timestamp>,
}

/// What a source tells of a payment. What it does not carry is `None`; start from [`PaymentObservation::new`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of `Payment`")]
pub struct PaymentObservation {
    pub merchant: String,
    pub mch_id: MchId,
    pub out_trade_no: OutTradeNo,
    /// Who tells.
    pub source: Source,
    /// When Paydesk learned it.
    pub seen_at: Timestamp,
    pub state: OrderState,
    pub total: Option<Fen>,
    pub currency: Option<String>,
    pub transaction_id: Option<TransactionId>,
    pub appid: Option<AppId>,
    pub sub_mch_id: Option<MchId>,
    pub sub_appid: Option<AppId>,
    pub sub_openid: Option<OpenId>,
    pub trade_type: Option<TradeType>,
    pub openid: Option<OpenId>,
    pub body: Option<String>,
    pub attach: Option<String>,
    pub prepay_id: Option<PrepayId>,
    pub code_url: Option<String>,
    pub mweb_url: Option<String>,
    pub bank_type: Option<String>,
    pub cash_fee: Option<Fen>,
    pub coupon_fee: Option<Fen>,
    pub settlement_total: Option<Fen>,
    pub time_end: Option<CivilTime>,
    pub expires: Option<Timestamp>,
    /// The stored notice it came with.
    pub notice_id: Option<i64>,
    /// The stored exchange it came with.
    pub exchange_id: Option<i64>,
}

impl PaymentObservation {
    /// `source` says at `seen_at` that the payment stands at `state`, and nothing else.
    #[must_use]
    pub fn new(
        merchant: &str,
        mch_id: MchId,
        out_trade_no: OutTradeNo,
        source: Source,
        state: OrderState,
        seen_at: Timestamp,
    ) -> Self {
        Self {
            merchant: merchant.to_owned(),
            mch_id,
            out_trade_no,
            source,
            seen_at,
            state,
            total: None,
            currency: None,
            transaction_id: None,
            appid: None,
            sub_mch_id: None,
            sub_appid: None,
            sub_openid: None,
            trade_type: None,
            openid: None,
            body: None,
            attach: None,
            prepay_id: None,
            code_url: None,
            mweb_url: None,
            bank_type: None,
            cash_fee: None,
            coupon_fee: None,
            settlement_total: None,
            time_end: None,
            expires: None,
            notice_id: None,
            exchange_id: None,
        }
    }
}

impl Payment {
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut cells = Cells::of(row);
        Ok(Self {
            id: cells.take()?,
            merchant: cells.take()?,
            out_trade_no: cells.word()?,
            mch_id: cells.word()?,
            appid: cells.maybe_word()?,
            sub_mch_id: cells.maybe_word()?,
            sub_appid: cells.maybe_word()?,
            sub_openid: cells.maybe_word()?,
            trade_type: cells.maybe_word()?,
            state: cells.word()?,
            conflict: cells.take()?,
            disagreements: cells.codes()?,
            unasked: cells.take()?,
            total: cells.maybe_fen()?,
            currency: cells.take()?,
            body: cells.take()?,
            attach: cells.take()?,
            openid: cells.maybe_word()?,
            transaction_id: cells.maybe_word()?,
            prepay_id: cells.maybe_word()?,
            code_url: cells.take()?,
            mweb_url: cells.take()?,
            prepaid: cells.maybe_time()?,
            bank_type: cells.take()?,
            cash_fee: cells.maybe_fen()?,
            coupon_fee: cells.maybe_fen()?,
            settlement_total: cells.maybe_fen()?,
            time_end: cells.maybe_civil()?,
            created: cells.time()?,
            expires: cells.maybe_time()?,
            updated: cells.time()?,
            refunded: cells.fen()?,
            operation_id: cells.maybe_word()?,
            asked: cells.maybe_word()?,
        })
    }

    /// A payment that nobody here asked for, before anything is known of it but its number.
    pub(crate) fn unasked(merchant: &str, mch_id: &MchId, out_trade_no: &OutTradeNo, now: Timestamp) -> Self {
        Self {
            id: 0,
            merchant: merchant.to_owned(),
            out_trade_no: out_trade_no.clone(),
            mch_id: mch_id.clone(),
            appid: None,
            sub_mch_id: None,
            sub_appid: None,
            sub_openid: None,
            trade_type: None,
            state: OrderState::Unpaid,
            conflict: false,
            disagreements: Vec::new(),
            unasked: true,
            total: None,
            currency: None,
            body: None,
            attach: None,
            openid: None,
            transaction_id: None,
            prepay_id: None,
            code_url: None,
            mweb_url: None,
            prepaid: None,
            bank_type: None,
            cash_fee: None,
            coupon_fee: None,
            settlement_total: None,
            time_end: None,
            created: now,
            expires: None,
            updated: now,
            refunded: Fen::ZERO,
            operation_id: None,
            asked: None,
        }
    }

    /// The payment that `operation` makes.
    pub(crate) fn asked(operation: &Operation, new: &NewPayment) -> Self {
        let bare =
            Self::unasked(&operation.merchant, &operation.mch_id, &operation.out_trade_no, operation.created);
        Self {
            appid: Some(new.appid.clone()),
            sub_mch_id: new.sub_mch_id.clone(),
            sub_appid: new.sub_appid.clone(),
            sub_openid: new.sub_openid.clone(),
            trade_type: Some(new.trade_type),
            unasked: false,
            total: Some(operation.amount),
            currency: Some(operation.currency.clone()),
            body: Some(new.body.clone()),
            attach: new.attach.clone(),
            openid: new.openid.clone(),
            expires: new.expires,
            operation_id: Some(operation.id.clone()),
            ..bare
        }
    }

    /// What it was made for, or `None` where nobody here asked for it.
    pub(crate) fn asked_for(&self) -> Option<Asked> {
        let total = self.total.filter(|_| !self.unasked)?;
        Some(Asked { total, currency: self.currency.clone()? })
    }

    /// Joins a state, and notes what cannot be true together.
    pub(crate) fn join_state(&mut self, seen: OrderState) {
        let joined = self.state.join(seen);
        self.state = joined.state;
        self.conflict |= joined.conflict;
        differ(&mut self.disagreements, "state", joined.conflict);
    }

    /// Takes in what `seen` tells, except its evidence. What was asked for stays as it was asked; of the rest
    /// the unknown is filled. What speaks of other money than was asked for moves nothing: it is only noted. The
    /// result does not depend on the order of the observations.
    pub(crate) fn join(&mut self, seen: &PaymentObservation, now: Timestamp) {
        let asked = self.asked_for();
        if asked.is_some_and(|asked| asked.is_contradicted(seen.total, seen.currency.as_deref())) {
            differ(&mut self.disagreements, "total", unlike(&self.total, &seen.total));
            differ(&mut self.disagreements, "currency", unlike(&self.currency, &seen.currency));
            self.conflict = true;
            self.updated = self.updated.max(now);
            return;
        }
        // Compared with the row, which has what was asked or the merged value of all before: whichever of two
        // unlike values comes second is unlike the row, so the order makes no difference here either.
        let codes = &mut self.disagreements;
        differ(codes, "total", unlike(&self.total, &seen.total));
        differ(codes, "currency", unlike(&self.currency, &seen.currency));
        differ(codes, "transaction_id", unlike(&self.transaction_id, &seen.transaction_id));
        self.join_state(seen.state);
        if self.unasked {
            merge(&mut self.appid, &seen.appid);
            merge(&mut self.sub_mch_id, &seen.sub_mch_id);
            merge(&mut self.sub_appid, &seen.sub_appid);
            merge(&mut self.trade_type, &seen.trade_type);
            merge(&mut self.total, &seen.total);
            merge(&mut self.currency, &seen.currency);
            merge(&mut self.body, &seen.body);
            merge(&mut self.attach, &seen.attach);
            self.created = self.created.min(now);
        }
        merge(&mut self.openid, &seen.openid);
        merge(&mut self.sub_openid, &seen.sub_openid);
        merge(&mut self.transaction_id, &seen.transaction_id);
        merge(&mut self.bank_type, &seen.bank_type);
        merge(&mut self.cash_fee, &seen.cash_fee);
        merge(&mut self.coupon_fee, &seen.coupon_fee);
        merge(&mut self.settlement_total, &seen.settlement_total);
        merge(&mut self.time_end, &seen.time_end);
        merge(&mut self.expires, &seen.expires);
        // What the front end pays with is renewed by WeChat Pay: the newest stands, all three together.
        if seen.prepay_id.is_some() {
            let new = (Some(seen.seen_at), &seen.prepay_id, &seen.code_url, &seen.mweb_url);
            if new > (self.prepaid, &self.prepay_id, &self.code_url, &self.mweb_url) {
                self.prepaid = Some(seen.seen_at);
                self.prepay_id = seen.prepay_id.clone();
                self.code_url = seen.code_url.clone();
                self.mweb_url = seen.mweb_url.clone();
            }
        }
        self.updated = self.updated.max(now);
    }
}

pub(crate) fn get(
    conn: &Connection,
    merchant: &str,
    out_trade_no: &OutTradeNo,
) -> rusqlite::Result<Option<Payment>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM payments WHERE merchant = ?1 AND out_trade_no = ?2"))?
        .query_row([merchant, out_trade_no.as_str()], Payment::from_row)
        .optional()
}

/// Inserts the payment (id 0) or writes it over its row, and answers the id.
pub(crate) fn put(conn: &Connection, payment: &Payment) -> rusqlite::Result<i64> {
    let sql = if payment.id == 0 {
        "INSERT INTO payments (id, merchant, out_trade_no, mch_id, appid, sub_mch_id, sub_appid, sub_openid,
            trade_type, state, conflict, disagreements, unasked, total_fen, currency, body, attach, openid,
            transaction_id, prepay_id, code_url, mweb_url, prepay_ms, bank_type, cash_fee_fen, coupon_fee_fen,
            settlement_total_fen, time_end, created_ms, expires_ms, updated_ms, refunded_fen, operation_id)
         VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
            ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33)"
    } else {
        "UPDATE payments SET merchant = ?2, out_trade_no = ?3, mch_id = ?4, appid = ?5, sub_mch_id = ?6,
            sub_appid = ?7, sub_openid = ?8, trade_type = ?9, state = ?10, conflict = ?11, disagreements = ?12,
            unasked = ?13, total_fen = ?14, currency = ?15, body = ?16, attach = ?17, openid = ?18,
            transaction_id = ?19, prepay_id = ?20, code_url = ?21, mweb_url = ?22, prepay_ms = ?23,
            bank_type = ?24, cash_fee_fen = ?25, coupon_fee_fen = ?26, settlement_total_fen = ?27,
            time_end = ?28, created_ms = ?29, expires_ms = ?30, updated_ms = ?31, refunded_fen = ?32,
            operation_id = ?33
         WHERE id = ?1"
    };
    conn.prepare_cached(sql)?.execute(params![
        payment.id,
        payment.merchant,
        payment.out_trade_no.as_str(),
        payment.mch_id.as_str(),
        payment.appid.as_ref().map(AppId::as_str),
        payment.sub_mch_id.as_ref().map(MchId::as_str),
        payment.sub_appid.as_ref().map(AppId::as_str),
        payment.sub_openid.as_ref().map(OpenId::as_str),
        payment.trade_type.map(TradeType::as_str),
        payment.state.as_str(),
        payment.conflict,
        super::join_codes(&mut payment.disagreements.clone()),
        payment.unasked,
        payment.total.map(Fen::get),
        payment.currency,
        payment.body,
        payment.attach,
        payment.openid.as_ref().map(OpenId::as_str),
        payment.transaction_id.as_ref().map(TransactionId::as_str),
        payment.prepay_id.as_ref().map(PrepayId::as_str),
        payment.code_url,
        payment.mweb_url,
        payment.prepaid.map(Timestamp::millis),
        payment.bank_type,
        payment.cash_fee.map(Fen::get),
        payment.coupon_fee.map(Fen::get),
        payment.settlement_total.map(Fen::get),
        payment.time_end.map(CivilTime::compact),
        payment.created.millis(),
        payment.expires.map(Timestamp::millis),
        payment.updated.millis(),
        payment.refunded.get(),
        payment.operation_id.as_ref().map(OperationId::as_str),
    ])?;
    Ok(if payment.id == 0 { conn.last_insert_rowid() } else { payment.id })
}

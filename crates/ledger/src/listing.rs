//! Reading: one row, pages of rows, all rows.

use crate::ledger::Ledger;
use crate::table::{evidence, exchange, journal, notice, operation, payment, refund};
use crate::{
    Exchange, JournalEntry, LedgerError, Notice, Operation, Payment, PaymentEvidence, Refund, RefundEvidence,
};
use domain::evidence::{Asked, Disagreement, Evidence};
use domain::{
    OperationId, OperationKind, OrderState, OutRefundNo, OutTradeNo, RefundState, Timestamp, TradeType,
};
use rusqlite::types::Value;

/// A place in a list that is sorted from new to old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// When the row was made.
    pub created: Timestamp,
    /// Its id, for rows of the same moment.
    pub id: i64,
}

/// Which payments to list. The default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaymentFilter {
    /// Of this merchant only.
    pub merchant: Option<String>,
    /// In one of these states only; any, if empty.
    pub states: Vec<OrderState>,
    /// Started in one of these ways only; any, if empty.
    pub trade_types: Vec<TradeType>,
    /// Made at or after this.
    pub from: Option<Timestamp>,
    /// Made before this.
    pub to: Option<Timestamp>,
    /// With this text in a number, the body, the attach or the payer; letters as they are written.
    pub text: Option<String>,
    /// At most so many; no limit if `None`.
    pub limit: Option<u32>,
    /// Older than this: the last row's [`Payment::position`] of the page before.
    pub before: Option<Position>,
}

/// Which refunds to list. The default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefundFilter {
    /// Of this merchant only.
    pub merchant: Option<String>,
    /// In one of these states only; any, if empty.
    pub states: Vec<RefundState>,
    /// Made at or after this.
    pub from: Option<Timestamp>,
    /// Made before this.
    pub to: Option<Timestamp>,
    /// With this text in a number; letters as they are written.
    pub text: Option<String>,
    /// At most so many; no limit if `None`.
    pub limit: Option<u32>,
    /// Older than this: the last row's [`Refund::position`] of the page before.
    pub before: Option<Position>,
}

impl Payment {
    /// Its place in a list.
    #[must_use]
    pub const fn position(&self) -> Position {
        Position { created: self.created, id: self.id }
    }
}

impl Refund {
    /// Its place in a list.
    #[must_use]
    pub const fn position(&self) -> Position {
        Position { created: self.created, id: self.id }
    }
}

/// A `WHERE` clause in the making. Every value is bound, never written into the SQL.
#[derive(Default)]
struct Where {
    sql: String,
    values: Vec<Value>,
}

impl Where {
    fn and(&mut self, clause: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(clause);
        self.values.extend(values);
    }

    fn one_of(&mut self, column: &str, words: Vec<&'static str>) {
        if !words.is_empty() {
            let marks = vec!["?"; words.len()].join(", ");
            self.and(
                &format!("{column} IN ({marks})"),
                words.into_iter().map(|word| Value::Text(word.into())),
            );
        }
    }

    fn contains(&mut self, columns: &[&str], text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            let any: Vec<String> = columns.iter().map(|column| format!("instr({column}, ?) > 0")).collect();
            let values = columns.iter().map(|_| Value::Text(text.to_owned()));
            self.and(&format!("({})", any.join(" OR ")), values);
        }
    }

    fn span(&mut self, from: Option<Timestamp>, to: Option<Timestamp>, before: Option<Position>) {
        if let Some(from) = from {
            self.and("created_ms >= ?", [Value::Integer(from.millis())]);
        }
        if let Some(to) = to {
            self.and("created_ms < ?", [Value::Integer(to.millis())]);
        }
        if let Some(before) = before {
            let values = [Value::Integer(before.created.millis()), Value::Integer(before.id)];
            self.and("(created_ms, id) < (?, ?)", values);
        }
    }

    fn merchant(&mut self, merchant: Option<&str>) {
        if let Some(merchant) = merchant {
            self.and("merchant = ?", [Value::Text(merchant.to_owned())]);
        }
    }

    fn finish(mut self, select: &str, limit: Option<u32>) -> (String, Vec<Value>) {
        self.values.push(Value::Integer(limit.map_or(-1, i64::from)));
        (format!("{select}{} ORDER BY created_ms DESC, id DESC LIMIT ?", self.sql), self.values)
    }
}

impl PaymentFilter {
    fn sql(&self) -> (String, Vec<Value>) {
        let mut wanted = Where::default();
        wanted.merchant(self.merchant.as_deref());
        wanted.one_of("state", self.states.iter().map(|state| state.as_str()).collect());
        wanted.one_of("trade_type", self.trade_types.iter().map(|kind| kind.as_str()).collect());
        wanted.span(self.from, self.to, self.before);
        let columns = ["out_trade_no", "transaction_id", "body", "attach", "openid"];
        wanted.contains(&columns, self.text.as_deref());
        wanted.finish(&format!("SELECT {} FROM payments", payment::COLUMNS), self.limit)
    }
}

impl RefundFilter {
    fn sql(&self) -> (String, Vec<Value>) {
        let mut wanted = Where::default();
        wanted.merchant(self.merchant.as_deref());
        wanted.one_of("state", self.states.iter().map(|state| state.as_str()).collect());
        wanted.span(self.from, self.to, self.before);
        wanted.contains(&["out_refund_no", "refund_id", "out_trade_no"], self.text.as_deref());
        wanted.finish(&format!("SELECT {} FROM refunds", refund::COLUMNS), self.limit)
    }
}

impl Ledger {
    /// One payment.
    ///
    /// # Errors
    /// Where the ledger cannot be read, as for every method that reads: `Damaged`, `Busy`, `Io`.
    pub fn payment(&self, merchant: &str, out_trade_no: &OutTradeNo) -> Result<Option<Payment>, LedgerError> {
        self.query(|conn| payment::get(conn, merchant, out_trade_no))
    }

    /// A page of payments, newest first.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn payments(&self, filter: &PaymentFilter) -> Result<Vec<Payment>, LedgerError> {
        let mut page = Vec::new();
        self.for_each_payment(filter, |payment| {
            page.push(payment);
            true
        })?;
        Ok(page)
    }

    /// Gives payments to `each`, newest first, one at a time and in one consistent view, until it says `false`.
    /// Memory does not grow with their number.
    ///
    /// # Errors
    /// Where the ledger cannot be read; what was given before stands.
    pub fn for_each_payment(
        &self,
        filter: &PaymentFilter,
        mut each: impl FnMut(Payment) -> bool,
    ) -> Result<(), LedgerError> {
        let (sql, values) = filter.sql();
        self.query(|conn| {
            let mut statement = conn.prepare_cached(&sql)?;
            let mut rows = statement.query(rusqlite::params_from_iter(values))?;
            while let Some(row) = rows.next()? {
                if !each(Payment::from_row(row)?) {
                    break;
                }
            }
            Ok(())
        })
    }

    /// What each source says of a payment, kept apart.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn evidences(
        &self,
        merchant: &str,
        out_trade_no: &OutTradeNo,
    ) -> Result<Vec<PaymentEvidence>, LedgerError> {
        self.query(|conn| evidence::list(conn, merchant, evidence::PAYMENT, out_trade_no.as_str()))
    }

    /// How what the sources say of a payment disagrees today, in detail. [`Payment::disagreements`] also keeps
    /// what once disagreed.
    ///
    /// # Errors
    /// Where the ledger cannot be read; `UnknownOrder`.
    pub fn disagreements(
        &self,
        merchant: &str,
        out_trade_no: &OutTradeNo,
    ) -> Result<Vec<Disagreement>, LedgerError> {
        let (payment, told) = self.query(|conn| {
            let told = evidence::list(conn, merchant, evidence::PAYMENT, out_trade_no.as_str())?;
            Ok((payment::get(conn, merchant, out_trade_no)?, told))
        })?;
        let payment = payment.ok_or(LedgerError::UnknownOrder)?;
        let told: Vec<Evidence> = told.iter().map(PaymentEvidence::evidence).collect();
        let Some(total) = payment.total else { return Ok(Vec::new()) };
        let asked = Asked { total, currency: payment.currency.unwrap_or_else(|| "CNY".to_owned()) };
        Ok(domain::evidence::disagreements(&asked, &told))
    }

    /// One refund.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn refund(&self, merchant: &str, out_refund_no: &OutRefundNo) -> Result<Option<Refund>, LedgerError> {
        self.query(|conn| refund::get(conn, merchant, out_refund_no))
    }

    /// The refunds of an order, oldest first. Refunds that are asked for and not yet answered are among
    /// [`Ledger::operations_of`].
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn refunds_of(&self, merchant: &str, out_trade_no: &OutTradeNo) -> Result<Vec<Refund>, LedgerError> {
        self.query(|conn| refund::of_order(conn, merchant, out_trade_no))
    }

    /// A page of refunds, newest first.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn refunds(&self, filter: &RefundFilter) -> Result<Vec<Refund>, LedgerError> {
        let (sql, values) = filter.sql();
        self.query(|conn| {
            conn.prepare_cached(&sql)?
                .query_map(rusqlite::params_from_iter(values), Refund::from_row)?
                .collect()
        })
    }

    /// What each source says of a refund, kept apart.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn refund_evidences(
        &self,
        merchant: &str,
        out_refund_no: &OutRefundNo,
    ) -> Result<Vec<RefundEvidence>, LedgerError> {
        self.query(|conn| evidence::list(conn, merchant, evidence::REFUND, out_refund_no.as_str()))
    }

    /// One operation.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn operation(&self, id: &OperationId) -> Result<Option<Operation>, LedgerError> {
        self.query(|conn| operation::get(conn, id))
    }

    /// The operation of this kind under this number: the out_refund_no of a refund, else the out_trade_no.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn operation_by_number(
        &self,
        merchant: &str,
        kind: OperationKind,
        number: &str,
    ) -> Result<Option<Operation>, LedgerError> {
        self.query(|conn| operation::by_number(conn, merchant, kind, number))
    }

    /// Every operation about an order, oldest first.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn operations_of(
        &self,
        merchant: &str,
        out_trade_no: &OutTradeNo,
    ) -> Result<Vec<Operation>, LedgerError> {
        self.query(|conn| operation::of_order(conn, merchant, out_trade_no))
    }

    /// What is unresolved, of one merchant or of all, soonest first.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn unresolved(&self, merchant: Option<&str>) -> Result<Vec<Operation>, LedgerError> {
        self.query(|conn| operation::unresolved(conn, merchant))
    }

    /// One stored exchange.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn exchange(&self, id: i64) -> Result<Option<Exchange>, LedgerError> {
        self.query(|conn| exchange::get(conn, id))
    }

    /// Stored exchanges, newest first, older than the id `before`.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn exchanges(
        &self,
        merchant: Option<&str>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Exchange>, LedgerError> {
        self.query(|conn| exchange::list(conn, merchant, before, limit))
    }

    /// The exchanges that served an operation, oldest first.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn exchanges_of(&self, id: &OperationId) -> Result<Vec<Exchange>, LedgerError> {
        self.query(|conn| exchange::of_operation(conn, id))
    }

    /// One stored notice.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn notice(&self, id: i64) -> Result<Option<Notice>, LedgerError> {
        self.query(|conn| notice::get(conn, id))
    }

    /// Stored notices, newest first, older than the id `before`.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn notices(
        &self,
        merchant: Option<&str>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Notice>, LedgerError> {
        self.query(|conn| notice::list(conn, merchant, before, limit))
    }

    /// The journal's rows about one subject (`payment:<merchant>:<out_trade_no>`, `operation:<id>`, …).
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn journal_about(&self, subject: &str) -> Result<Vec<JournalEntry>, LedgerError> {
        self.query(|conn| journal::about(conn, subject))
    }
}

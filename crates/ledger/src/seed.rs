//! A past for a simulated ledger: many payments at once, as if they had happened. Only with the feature `seed`, which
//! the product does not have.
//!
//! Every row is sealed in the journal, once, with the kind `import`: the chain and the full check hold. What a real
//! life would also have written there, step by step, is not.

use crate::ledger::{Ledger, Tx};
use crate::table::evidence::{self, PaymentEvidence, RefundEvidence};
use crate::table::{Table, exchange, journal, notice, operation, payment, refund};
use crate::{
    Head, LedgerError, NewExchange, NewNotice, NewOperation, Operation, Payment, PaymentObservation, Refund,
    RefundObservation, connection, table,
};
use domain::evidence::{Asked, disagreements};
use domain::{Environment, Fen, OperationState, OrderState, RefundState, Timestamp};
use std::cell::Cell;
use std::sync::PoisonError;

/// So many payments are one transaction.
const BATCH: usize = 20_000;

/// A payment and everything about it. What follows from the rest (`state` beyond unpaid, `refunded`, `conflict`,
/// `disagreements`, `updated`) is worked out from what the sources say.
#[derive(Clone, Debug)]
pub struct Past {
    /// The payment; its id does not matter.
    pub payment: Payment,
    /// What was asked for, with what came of it and WeChat Pay's code.
    pub operations: Vec<(NewOperation, OperationState, Option<String>)>,
    /// What each source says, at most one of each.
    pub said: Vec<PaymentObservation>,
    /// Its refunds, each with what a source says of it.
    pub refunds: Vec<(Refund, RefundObservation)>,
    /// Raw requests and replies.
    pub exchanges: Vec<NewExchange>,
    /// Notices as they came.
    pub notices: Vec<NewNotice>,
}

impl Past {
    /// A payment of which nothing else is known.
    #[must_use]
    pub const fn of(payment: Payment) -> Self {
        Self {
            payment,
            operations: Vec::new(),
            said: Vec::new(),
            refunds: Vec::new(),
            exchanges: Vec::new(),
            notices: Vec::new(),
        }
    }

    fn settled(&self) -> Payment {
        let mut row = Payment { id: 0, ..self.payment.clone() };
        for seen in &self.said {
            row.join_state(seen.state);
            row.updated = row.updated.max(seen.seen_at);
        }
        let back: Vec<_> = self.refunds.iter().filter(|(row, _)| row.state == RefundState::Success).collect();
        row.refunded = Fen::checked_sum(back.iter().map(|(row, _)| row.amount)).unwrap_or(Fen::ZERO);
        if !back.is_empty() {
            row.join_state(OrderState::Refunded);
        }
        let asked = Asked {
            total: row.total.unwrap_or(Fen::ZERO),
            currency: row.currency.clone().unwrap_or_else(|| "CNY".into()),
        };
        let said: Vec<_> = self.said.iter().map(|seen| said(seen).evidence()).collect();
        row.disagreements.extend(disagreements(&asked, &said).iter().map(|found| found.code().to_owned()));
        row.disagreements.sort();
        row.disagreements.dedup();
        row
    }
}

fn said(seen: &PaymentObservation) -> PaymentEvidence {
    PaymentEvidence {
        row_id: 0,
        source: seen.source,
        first_seen: seen.seen_at,
        seen: seen.seen_at,
        state: seen.state,
        amount: seen.total,
        currency: seen.currency.clone(),
        number: seen.transaction_id.clone(),
        notice_id: seen.notice_id,
        exchange_id: seen.exchange_id,
    }
}

/// Writes rows and seals them.
struct Writer<'t> {
    tx: &'t Tx<'t>,
    head: Cell<Head>,
}

impl Writer<'_> {
    fn seal(&self, table: &Table, rowid: i64) -> Result<(), LedgerError> {
        let (subject, seal) = self.tx.sql(table::seal(self.tx.conn, table, rowid))?;
        let entry = ("import", subject.as_str(), "");
        let head = self.tx.sql(journal::append_after(
            self.tx.conn,
            self.tx.key(),
            self.tx.now,
            self.head.get(),
            entry,
            seal,
        ))?;
        self.head.set(head);
        Ok(())
    }

    fn write(&self, past: &Past) -> Result<(), LedgerError> {
        let (tx, conn) = (self.tx, self.tx.conn);
        for (new, state, code) in &past.operations {
            let now = past.payment.updated.max(past.payment.created);
            let op = Operation {
                row_id: 0,
                id: new.id.clone(),
                merchant: new.merchant.clone(),
                mch_id: new.mch_id.clone(),
                kind: new.kind,
                out_trade_no: new.out_trade_no.clone(),
                out_refund_no: new.out_refund_no.clone(),
                amount: new.amount,
                currency: new.currency.clone(),
                params_sha256: new.params_sha256,
                request_params: new.request_params.clone(),
                state: *state,
                err_code: None,
                err_code_des: None,
                created: if new.out_refund_no.is_some() { now } else { past.payment.created },
                updated: now,
                attempts: 1,
                next_try: now,
                lease_owner: None,
                lease_until: None,
            };
            let row_id = tx.sql(operation::insert(conn, &op))?;
            if code.is_some() {
                let op = Operation { row_id, err_code: code.clone(), ..op };
                tx.sql(operation::update(conn, &op))?;
            }
            self.seal(&operation::TABLE, row_id)?;
        }
        let row = past.settled();
        let id = tx.sql(payment::put(conn, &row))?;
        self.seal(&payment::TABLE, id)?;
        let mut exchange_id = None;
        for new in &past.exchanges {
            let id = tx.sql(exchange::insert(conn, new))?;
            exchange_id = Some(id);
            self.seal(&exchange::TABLE, id)?;
        }
        let mut notice_id = None;
        for new in &past.notices {
            let id = tx.sql(notice::insert(conn, new, &new.dedupe()))?;
            notice_id = Some(id);
            self.seal(&notice::TABLE, id)?;
        }
        for seen in &past.said {
            let key = (row.merchant.as_str(), evidence::PAYMENT, row.out_trade_no.as_str());
            let mut said = said(seen);
            match seen.source {
                domain::evidence::Source::Notice => said.notice_id = notice_id,
                domain::evidence::Source::Query => said.exchange_id = exchange_id,
                domain::evidence::Source::Bill => {}
            }
            let (row_id, _) = tx.sql(evidence::upsert(conn, key, &said, None))?;
            self.seal(&evidence::TABLE, row_id)?;
        }
        for (row, seen) in &past.refunds {
            let id = tx.sql(refund::put(conn, &Refund { id: 0, ..row.clone() }))?;
            self.seal(&refund::TABLE, id)?;
            let key = (row.merchant.as_str(), evidence::REFUND, row.out_refund_no.as_str());
            let said = RefundEvidence {
                row_id: 0,
                source: seen.source,
                first_seen: seen.seen_at,
                seen: seen.seen_at,
                state: seen.state,
                amount: Some(seen.amount),
                currency: seen.currency.clone(),
                number: seen.refund_id.clone(),
                notice_id: None,
                exchange_id: None,
            };
            let (row_id, _) = tx.sql(evidence::upsert(conn, key, &said, None))?;
            self.seal(&evidence::TABLE, row_id)?;
        }
        Ok(())
    }
}

impl Ledger {
    /// Writes a past into a simulated ledger, oldest first, and answers how many payments it has. After each
    /// transaction `each` is told how many are written so far. Anchor the head afterwards.
    ///
    /// # Errors
    /// `WrongEnvironment` for any but a simulated ledger; where it cannot be written. What was written in earlier
    /// transactions stays.
    pub fn import_past(
        &self,
        past: impl IntoIterator<Item = Past>,
        now: Timestamp,
        mut each: impl FnMut(usize),
    ) -> Result<usize, LedgerError> {
        if self.environment != Environment::Simulated {
            return Err(LedgerError::WrongEnvironment {
                file: self.environment,
                asked: Environment::Simulated,
            });
        }
        if self.is_read_only() {
            return Err(LedgerError::ReadOnly { file: self.file.clone() });
        }
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let sqlite = |error| self.sqlite(error);
        let pages: i64 = writer.pragma_query_value(None, "cache_size", |row| row.get(0)).map_err(sqlite)?;
        // A quarter of a gigabyte: whatever a transaction touches stays in memory until it ends.
        writer.pragma_update(None, "cache_size", -262_144).map_err(sqlite)?;
        let mut past = past.into_iter();
        let mut written = 0;
        let done = loop {
            let batch: Vec<Past> = past.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break Ok(written);
            }
            let wrote = connection::in_transaction(&mut writer, &self.file, |conn| {
                let tx = Tx::new(conn, now, &self.key, &self.file);
                let head = Cell::new(tx.sql(journal::head(conn))?);
                let writer = Writer { tx: &tx, head };
                batch.iter().try_for_each(|past| writer.write(past))
            });
            if let Err(error) = wrote {
                break Err(error);
            }
            written += batch.len();
            each(written);
        };
        writer.pragma_update(None, "cache_size", pages).map_err(sqlite)?;
        done
    }
}

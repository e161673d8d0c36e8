//! What was learned: notices, queries, bills, replies. Joined to what is known, never over it.

use crate::intend::WireError;
use crate::ledger::{Ledger, Need, Tx};
use crate::table::evidence::{self, EvidenceRow, PaymentEvidence, RefundEvidence};
use crate::table::{exchange, notice, operation, payment, refund};
use crate::{
    LedgerError, NewExchange, NewNotice, Operation, Payment, PaymentObservation, Recorded, Refund,
    RefundObservation,
};
use domain::evidence::Asked;
use domain::{
    Fen, MchId, OperationId, OperationKind, OperationOutcome, OrderState, OutTradeNo, RefundState, Timestamp,
};

/// What came of one exchange with WeChat Pay, to be written in one transaction: the raw bytes, what is now known
/// of the payment or refund, and what became of the operation.
#[derive(Clone, Debug, Default)]
pub struct Conclusion {
    /// The raw request and reply.
    pub exchange: Option<NewExchange>,
    /// What is now known of the payment. Its `exchange_id` is set to the exchange's.
    pub payment: Option<PaymentObservation>,
    /// What is now known of refunds, likewise.
    pub refunds: Vec<RefundObservation>,
    /// What became of which operation.
    pub operation: Option<(OperationId, OperationOutcome)>,
    /// WeChat Pay's refusal.
    pub error: Option<WireError>,
    /// When to look again, if the operation is still unresolved; at once if `None`.
    pub next_try: Option<Timestamp>,
}

/// When to ask again after an answer that spoke of other money.
const ASK_AGAIN_MS: i64 = 15_000;

/// What a [`Conclusion`] led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concluded {
    /// The stored exchange.
    pub exchange_id: Option<i64>,
    /// The payment as it is now.
    pub payment: Option<Payment>,
    /// The refunds as they are now.
    pub refunds: Vec<Refund>,
    /// The operation as it is now.
    pub operation: Option<Operation>,
}

impl Tx<'_> {
    fn observe_payment(&self, seen: &PaymentObservation) -> Result<Payment, LedgerError> {
        let known = self.sql(payment::get(self.conn, &seen.merchant, &seen.out_trade_no))?;
        let mut row = known
            .clone()
            .unwrap_or_else(|| Payment::unasked(&seen.merchant, &seen.mch_id, &seen.out_trade_no, self.now));
        let key = (seen.merchant.as_str(), evidence::PAYMENT, seen.out_trade_no.as_str());
        let said = PaymentEvidence {
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
        };
        row.join(seen, self.now);
        self.put_payment(&mut row, known.as_ref(), "observe")?;
        self.put_evidence(key, &said, row.asked_for().as_ref())?;
        Ok(row)
    }

    /// Writes the payment, and journals it where its sealed columns changed.
    pub(crate) fn put_payment(
        &self,
        row: &mut Payment,
        known: Option<&Payment>,
        kind: &str,
    ) -> Result<(), LedgerError> {
        let quiet =
            |row: &Payment| Payment { updated: Timestamp::from_millis(0), prepaid: None, ..row.clone() };
        if known == Some(&*row) {
            return Ok(());
        }
        row.id = self.sql(payment::put(self.conn, row))?;
        if known.map(quiet) != Some(quiet(row)) {
            let detail = format!(
                "state={} total={} refunded={} conflict={}",
                row.state,
                row.total.map_or(-1, Fen::get),
                row.refunded.get(),
                row.conflict
            );
            self.record(&payment::TABLE, row.id, kind, &detail)?;
        }
        Ok(())
    }

    fn put_evidence<S, N>(
        &self,
        key: (&str, &str, &str),
        said: &EvidenceRow<S, N>,
        asked: Option<&Asked>,
    ) -> Result<(), LedgerError>
    where
        S: evidence::Word + Ord,
        N: evidence::Word + Ord,
    {
        let (rowid, changed) = self.sql(evidence::upsert(self.conn, key, said, asked))?;
        if changed {
            let detail = format!("state={} fen={}", said.state.text(), said.amount.map_or(-1, Fen::get));
            self.record(&evidence::TABLE, rowid, "observe", &detail)?;
        }
        Ok(())
    }

    fn observe_refund(&self, seen: &RefundObservation) -> Result<Refund, LedgerError> {
        let known = self.sql(refund::get(self.conn, &seen.merchant, &seen.out_refund_no))?;
        let mut row = known.clone().unwrap_or_else(|| Refund::first(seen, self.now));
        if row.operation_id.is_none() {
            let number = seen.out_refund_no.as_str();
            let op =
                self.sql(operation::by_number(self.conn, &seen.merchant, OperationKind::Refund, number))?;
            if let Some(op) = op {
                row.ask(op);
            }
        }
        // The parent row must be there. What is refunded was paid, if this is believed at all.
        let mut paid = PaymentObservation::new(
            &seen.merchant,
            seen.mch_id.clone(),
            row.out_trade_no.clone(),
            seen.source,
            OrderState::Paid,
            seen.seen_at,
        );
        if row.out_trade_no == seen.out_trade_no {
            paid.transaction_id = seen.transaction_id.clone();
            paid.total = seen.total;
        }
        let known_payment = self.sql(payment::get(self.conn, &seen.merchant, &row.out_trade_no))?;
        let mut parent = known_payment
            .clone()
            .unwrap_or_else(|| Payment::unasked(&seen.merchant, &seen.mch_id, &row.out_trade_no, self.now));
        let order = parent.asked_for();
        let contradicted = row.is_contradicted(seen, order.as_ref());
        let of_order = order.as_ref().is_some_and(|order| order.is_contradicted(paid.total, None));
        if !contradicted || of_order || known_payment.is_none() {
            if contradicted && !of_order {
                paid.state = OrderState::Unpaid;
            }
            parent.join(&paid, self.now);
            self.put_payment(&mut parent, known_payment.as_ref(), "observe")?;
        }

        row.join(seen, order.as_ref(), self.now);
        if known.as_ref() != Some(&row) {
            row.id = self.sql(refund::put(self.conn, &row))?;
        }
        let quiet = |row: &Refund| Refund { updated: Timestamp::from_millis(0), ..row.clone() };
        if known.as_ref().map(quiet) != Some(quiet(&row)) {
            let detail = format!("state={} fen={} conflict={}", row.state, row.amount.get(), row.conflict);
            self.record(&refund::TABLE, row.id, "observe", &detail)?;
        }
        let key = (seen.merchant.as_str(), evidence::REFUND, seen.out_refund_no.as_str());
        let said = RefundEvidence {
            row_id: 0,
            source: seen.source,
            first_seen: seen.seen_at,
            seen: seen.seen_at,
            state: seen.state,
            amount: Some(seen.amount),
            currency: seen.currency.clone(),
            number: seen.refund_id.clone(),
            notice_id: seen.notice_id,
            exchange_id: seen.exchange_id,
        };
        // One that differs in the order alone would look like the refund that was asked for. Its bytes are kept.
        let asked = row.asked_for();
        let differs =
            asked.as_ref().is_some_and(|asked| asked.is_contradicted(said.amount, said.currency.as_deref()));
        if !contradicted || differs {
            self.put_evidence(key, &said, asked.as_ref())?;
        }
        self.sum_refunds(&seen.merchant, &row.out_trade_no, &seen.mch_id)?;
        Ok(row)
    }

    /// Brings the payment's refunded amount in line with its refunds.
    pub(crate) fn sum_refunds(
        &self,
        merchant: &str,
        out_trade_no: &OutTradeNo,
        mch_id: &MchId,
    ) -> Result<(), LedgerError> {
        let known = self.sql(payment::get(self.conn, merchant, out_trade_no))?;
        let mut row =
            known.clone().unwrap_or_else(|| Payment::unasked(merchant, mch_id, out_trade_no, self.now));
        let rows = self.sql(refund::of_order(self.conn, merchant, out_trade_no))?;
        let back = rows.iter().filter(|row| row.state == RefundState::Success);
        row.refunded = Fen::checked_sum(back.clone().map(|row| row.amount)).unwrap_or(Fen::new(i64::MAX));
        if back.count() > 0 {
            row.join_state(OrderState::Refunded);
        }
        self.put_payment(&mut row, known.as_ref(), "observe")
    }

    fn exchange(&self, new: &NewExchange) -> Result<i64, LedgerError> {
        let id = self.sql(exchange::insert(self.conn, new))?;
        let detail = format!("api={} outcome={}", new.api, new.outcome);
        self.record(&exchange::TABLE, id, "exchange", &detail)?;
        Ok(id)
    }

    fn notice(&self, new: &NewNotice) -> Result<Recorded, LedgerError> {
        let dedupe = new.dedupe();
        if let Some(before) = self.sql(notice::by_dedupe(self.conn, &new.merchant, &dedupe))? {
            self.sql(notice::seen_again(self.conn, before.id, new.received))?;
            return Ok(Recorded::SeenBefore {
                id: before.id,
                first: before.what.received,
                times: before.times.saturating_add(1),
            });
        }
        let id = self.sql(notice::insert(self.conn, new, &dedupe))?;
        let detail = format!("kind={} verified={} verdict={}", new.kind, new.verified, new.verdict);
        self.record(&notice::TABLE, id, "notice", &detail)?;
        Ok(Recorded::FirstSeen { id })
    }

    fn conclude(&self, what: &Conclusion) -> Result<Concluded, LedgerError> {
        let exchange_id = what.exchange.as_ref().map(|exchange| self.exchange(exchange)).transpose()?;
        let mut other_money = false;
        let payment = match &what.payment {
            Some(seen) => {
                let seen =
                    PaymentObservation { exchange_id: exchange_id.or(seen.exchange_id), ..seen.clone() };
                let row = self.observe_payment(&seen)?;
                let asked = row.asked_for();
                other_money =
                    asked.is_some_and(|asked| asked.is_contradicted(seen.total, seen.currency.as_deref()));
                Some(row)
            }
            None => None,
        };
        let mut refunds = Vec::with_capacity(what.refunds.len());
        for seen in &what.refunds {
            let seen = RefundObservation { exchange_id: exchange_id.or(seen.exchange_id), ..seen.clone() };
            refunds.push(self.observe_refund(&seen)?);
        }
        let operation = match &what.operation {
            // An answer that moves nothing settles nothing either: the next one decides.
            Some((id, OperationOutcome::Confirmed | OperationOutcome::Rejected)) if other_money => {
                let later = Timestamp::from_millis(self.now.millis().saturating_add(ASK_AGAIN_MS));
                Some(self.settle(id, OperationOutcome::Unknown, None, Some(later))?)
            }
            Some((id, outcome)) => Some(self.settle(id, *outcome, what.error.as_ref(), what.next_try)?),
            None => None,
        };
        Ok(Concluded { exchange_id, payment, refunds, operation })
    }
}

impl Ledger {
    /// Whether what is told speaks of other money than this order was made for. Observed, it moves nothing.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn is_contradicted(&self, seen: &PaymentObservation) -> Result<bool, LedgerError> {
        let asked = self.payment(&seen.merchant, &seen.out_trade_no)?.and_then(|row| row.asked_for());
        Ok(asked.is_some_and(|asked| asked.is_contradicted(seen.total, seen.currency.as_deref())))
    }

    /// Whether what is told speaks of another refund than was asked for, or of an order of another amount.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn is_contradicted_refund(&self, seen: &RefundObservation) -> Result<bool, LedgerError> {
        let number = seen.out_refund_no.as_str();
        let request = self.operation_by_number(&seen.merchant, OperationKind::Refund, number)?;
        let mut row = Refund::first(seen, seen.seen_at);
        if let Some(request) = request {
            row.ask(request);
        }
        let order = self.payment(&seen.merchant, &row.out_trade_no)?.and_then(|row| row.asked_for());
        Ok(row.is_contradicted(seen, order.as_ref()))
    }

    /// Joins what a source tells of a payment to what is known, in one transaction: the state never goes back,
    /// the unknown is filled, the source's evidence is kept apart. A payment nobody here asked for is stored
    /// too, marked `unasked`. Answers the payment as it is now; the order of observations makes no difference.
    ///
    /// # Errors
    /// Where the ledger cannot be written.
    pub fn observe_payment(&self, seen: &PaymentObservation, now: Timestamp) -> Result<Payment, LedgerError> {
        self.write(Need::InFlight, now, |tx| tx.observe_payment(seen))
    }

    /// The same for a refund; it also brings the payment's refunded amount up to date.
    ///
    /// # Errors
    /// Where the ledger cannot be written.
    pub fn observe_refund(&self, seen: &RefundObservation, now: Timestamp) -> Result<Refund, LedgerError> {
        self.write(Need::InFlight, now, |tx| tx.observe_refund(seen))
    }

    /// Writes all that one exchange led to, in one transaction and with one sync of the disk.
    ///
    /// # Errors
    /// As [`Ledger::settle`]. After an error none of it was written: write the exchange alone with
    /// [`Ledger::record_exchange`], so that the raw reply is not lost.
    pub fn conclude(&self, what: &Conclusion, now: Timestamp) -> Result<Concluded, LedgerError> {
        self.write(Need::InFlight, now, |tx| tx.conclude(what))
    }

    /// Stores a raw request and reply, from which the caller has removed every secret, and answers its id.
    ///
    /// # Errors
    /// Where the ledger cannot be written.
    pub fn record_exchange(&self, new: &NewExchange, now: Timestamp) -> Result<i64, LedgerError> {
        self.write(Need::InFlight, now, |tx| tx.exchange(new))
    }

    /// Stores a notice as it came, also one that was refused, and says whether it was here before.
    ///
    /// # Errors
    /// Where the ledger cannot be written.
    pub fn record_notice(&self, new: &NewNotice, now: Timestamp) -> Result<Recorded, LedgerError> {
        self.write(Need::InFlight, now, |tx| tx.notice(new))
    }
}

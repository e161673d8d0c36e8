//! Operations: written down before they are sent, taken in hand by one caller at a time, settled once.

use crate::ledger::{Ledger, Need, Tx};
use crate::table::{operation, payment, refund};
use crate::{LedgerError, NewPayment, Operation, Payment};
use domain::{
    CivilTime, Fen, MchId, OperationId, OperationKind, OperationOutcome, OperationState, OutRefundNo,
    OutTradeNo, Timestamp,
};

/// WeChat Pay's limit of refunds for one order.
const MOST_REFUNDS: usize = 50;

/// Something that is about to be asked of WeChat Pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOperation {
    /// A new id of Paydesk's own.
    pub id: OperationId,
    /// The merchant's text id.
    pub merchant: String,
    /// The merchant's number.
    pub mch_id: MchId,
    /// What is asked.
    pub kind: OperationKind,
    /// The order.
    pub out_trade_no: OutTradeNo,
    /// The refund; only for refunds.
    pub out_refund_no: Option<OutRefundNo>,
    /// The amount of the order or of the refund, more than zero; for close and reverse it may be zero.
    pub amount: Fen,
    /// Its currency, ISO 4217.
    pub currency: String,
    /// What makes two requests the same one, from [`crate::params_digest`].
    pub params_sha256: [u8; 32],
    /// The request's fields without nonce and sign, in the caller's canonical text, so that exactly the same
    /// request can be sent again. No secret may be in it, and no payer's code (`auth_code`).
    pub request_params: String,
    /// The payment it makes; for unified order and micropay.
    pub payment: Option<NewPayment>,
    /// For how long the caller has it in hand, in milliseconds: longer than all its timeouts together, for
    /// after that another may take it up.
    pub lease_ms: i64,
}

/// What became of an intent. It is on the disk when this is returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// It is new. The caller has the lease and must send it now.
    New(Operation),
    /// The same number with the same parameters is there already: somebody did it or is doing it. The caller
    /// must not send it, unless [`Ledger::claim`] grants it the lease.
    Existing(Operation),
}

impl Intent {
    /// The operation either way.
    #[must_use]
    pub const fn operation(&self) -> &Operation {
        match self {
            Self::New(operation) | Self::Existing(operation) => operation,
        }
    }
}

/// Whether an operation could be taken in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It could; the caller has the lease. If its state is `intended` it was certain never to have happened and
    /// may be sent at once; if `unknown`, query first and send only the same request with the same number.
    Granted(Operation),
    /// Somebody else has it in hand until `lease_until`.
    Held(Operation),
    /// It is settled; there is nothing to do.
    Settled(Operation),
}

/// WeChat Pay's own words of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireError {
    /// err_code.
    pub code: String,
    /// err_code_des.
    pub description: Option<String>,
}

impl Tx<'_> {
    fn operation(&self, id: &OperationId) -> Result<Operation, LedgerError> {
        self.sql(operation::get(self.conn, id))?.ok_or(LedgerError::UnknownOperation)
    }

    /// Refuses a refund that WeChat Pay would refuse, or that would send back more than was paid. In the same
    /// transaction as the insert, so two callers cannot both take what is left.
    fn guard_refund(&self, op: &Operation) -> Result<(), LedgerError> {
        let payment = self
            .sql(payment::get(self.conn, &op.merchant, &op.out_trade_no))?
            .ok_or(LedgerError::UnknownOrder)?;
        if !payment.state.was_paid() {
            return Err(LedgerError::NotPaid { state: payment.state });
        }
        let paid = payment.time_end.unwrap_or_else(|| payment.created.civil());
        if is_over_a_year(paid, self.now.civil()) {
            return Err(LedgerError::TooOldToRefund { paid });
        }
        let rows = self.sql(refund::of_order(self.conn, &op.merchant, &op.out_trade_no))?;
        let pending = self.sql(operation::pending_refunds(self.conn, &op.merchant, &op.out_trade_no))?;
        let gone = rows.iter().filter(|row| row.state.counts()).map(|row| row.amount);
        let taken = Fen::checked_sum(gone.chain(pending.iter().copied()));
        let total = payment.total.unwrap_or(Fen::ZERO);
        let left = taken.and_then(|taken| total.checked_sub(taken)).unwrap_or(Fen::ZERO).max(Fen::ZERO);
        if op.amount > left {
            return Err(LedgerError::RefundExceeds { left });
        }
        if rows.len() + pending.len() >= MOST_REFUNDS {
            return Err(LedgerError::TooManyRefunds);
        }
        Ok(())
    }

    fn intend(&self, new: &NewOperation, owner: &str) -> Result<Intent, LedgerError> {
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
            state: OperationState::Intended,
            err_code: None,
            err_code_des: None,
            created: self.now,
            updated: self.now,
            attempts: 1,
            next_try: self.now.plus_millis(new.lease_ms),
            lease_owner: Some(owner.to_owned()),
            lease_until: Some(self.now.plus_millis(new.lease_ms)),
        };
        if let Some(existing) =
            self.sql(operation::by_number(self.conn, &op.merchant, op.kind, op.number()))?
        {
            let same = existing.params_sha256 == op.params_sha256
                && existing.out_trade_no == op.out_trade_no
                && existing.amount == op.amount
                && existing.currency == op.currency;
            return if same {
                Ok(Intent::Existing(existing))
            } else {
                Err(LedgerError::ParamsDiffer { existing: Box::new(existing) })
            };
        }
        match op.kind {
            OperationKind::UnifiedOrder | OperationKind::Micropay => {
                if self.sql(payment::get(self.conn, &op.merchant, &op.out_trade_no))?.is_some() {
                    return Err(LedgerError::NumberTaken);
                }
            }
            OperationKind::Refund => self.guard_refund(&op)?,
            OperationKind::CloseOrder | OperationKind::Reverse => {}
        }
        let row_id = self.sql(operation::insert(self.conn, &op))?;
        let detail = format!("kind={} number={} fen={} attempt=1", op.kind, op.number(), op.amount.get());
        self.record(&operation::TABLE, row_id, "intend", &detail)?;
        if let Some(payment) = &new.payment {
            let id = self.sql(payment::put(self.conn, &Payment::asked(&op, payment)))?;
            self.record(&payment::TABLE, id, "intend", &format!("state=unpaid fen={}", op.amount.get()))?;
        }
        Ok(Intent::New(Operation { row_id, ..op }))
    }

    /// Takes an operation in hand that nobody has.
    fn claim(&self, mut op: Operation, owner: &str, lease_ms: i64) -> Result<Claim, LedgerError> {
        use OperationKind as K;
        use OperationState as S;
        if op.is_leased(self.now) {
            return Ok(Claim::Held(op));
        }
        let before = op.state;
        op.state = match (before, op.kind) {
            // Whoever had it may have sent it and gone.
            (S::Intended | S::Unknown, _) => S::Unknown,
            // Certain not to have happened: it is intended again, and for a refund the amount is taken again.
            // Closing and reversing may be asked again after a refusal; they can do no harm twice.
            (S::NotSent, _) | (S::Rejected, K::CloseOrder | K::Reverse) => {
                if op.kind == K::Refund {
                    self.guard_refund(&op)?;
                }
                S::Intended
            }
            (S::Rejected | S::Confirmed, _) => return Ok(Claim::Settled(op)),
        };
        op.attempts = op.attempts.saturating_add(1);
        op.lease_owner = Some(owner.to_owned());
        op.lease_until = Some(self.now.plus_millis(lease_ms));
        op.next_try = op.next_try.max(self.now.plus_millis(lease_ms));
        op.updated = self.now;
        self.sql(operation::update(self.conn, &op))?;
        if op.state != before {
            let detail = format!("from={before} to={} attempt={}", op.state, op.attempts);
            self.record(&operation::TABLE, op.row_id, "claim", &detail)?;
        }
        Ok(Claim::Granted(op))
    }

    /// Writes what came of an operation and lets go of it.
    pub(crate) fn settle(
        &self,
        id: &OperationId,
        outcome: OperationOutcome,
        error: Option<&WireError>,
        next_try: Option<Timestamp>,
    ) -> Result<Operation, LedgerError> {
        let mut op = self.operation(id)?;
        let before = (op.state, op.err_code.clone(), op.err_code_des.clone());
        op.state = op.state.settle(outcome)?;
        if let Some(error) = error {
            op.err_code = Some(error.code.clone());
            op.err_code_des = error.description.clone();
        }
        op.lease_owner = None;
        op.lease_until = None;
        op.next_try = next_try.unwrap_or(self.now);
        op.updated = self.now;
        self.sql(operation::update(self.conn, &op))?;
        if before != (op.state, op.err_code.clone(), op.err_code_des.clone()) {
            let code = op.err_code.as_deref().unwrap_or("-");
            let detail = format!("from={} to={} err_code={code}", before.0, op.state);
            self.record(&operation::TABLE, op.row_id, "settle", &detail)?;
        }
        Ok(op)
    }
}

/// Whether `now` is later than the same date and time a year after `paid`.
fn is_over_a_year(paid: CivilTime, now: CivilTime) -> bool {
    // yyyyMMddHHmmss: as a number, a year is ten thousand million. 29 February compares as it should.
    let number = |time: CivilTime| time.compact().parse::<u64>().unwrap_or(0);
    number(now) > number(paid) + 10_000_000_000
}

impl Ledger {
    /// Writes down what is about to be asked, on the disk before this returns. Nothing may be sent before.
    ///
    /// For unified order and micropay it also writes the payment, unpaid. For a refund it checks in the same
    /// transaction that the order is paid, not older than a year, has fewer than 50 refunds, and that all
    /// refunds that happened or may still happen leave enough.
    ///
    /// # Errors
    /// `ParamsDiffer` and `NumberTaken` for a used number; `AmountNotPositive`, `UnknownOrder`, `NotPaid`,
    /// `TooOldToRefund`, `RefundExceeds`, `TooManyRefunds`; `DiskFull` before anything else. After any error
    /// nothing may be sent.
    pub fn intend(
        &self,
        new: &NewOperation,
        lease_owner: &str,
        now: Timestamp,
    ) -> Result<Intent, LedgerError> {
        let moves =
            matches!(new.kind, OperationKind::UnifiedOrder | OperationKind::Micropay | OperationKind::Refund);
        if moves && !new.amount.is_positive() {
            return Err(LedgerError::AmountNotPositive);
        }
        self.write(Need::New, now, |tx| tx.intend(new, lease_owner))
    }

    /// Takes an operation in hand for `lease_ms`, if nobody has it.
    ///
    /// An operation that was intended by somebody whose lease ran out becomes `unknown`, for it may have been
    /// sent. One that was never sent is intended again, after the same checks as in [`Ledger::intend`].
    ///
    /// # Errors
    /// `UnknownOperation`; for a refund that was never sent, those of `intend`.
    pub fn claim(
        &self,
        id: &OperationId,
        owner: &str,
        now: Timestamp,
        lease_ms: i64,
    ) -> Result<Claim, LedgerError> {
        self.write(Need::InFlight, now, |tx| tx.claim(tx.operation(id)?, owner, lease_ms))
    }

    /// Takes in hand up to `limit` unresolved operations that are due and in nobody's hands, soonest first.
    ///
    /// # Errors
    /// Where the ledger cannot be written.
    pub fn claim_due(
        &self,
        owner: &str,
        now: Timestamp,
        lease_ms: i64,
        limit: u32,
    ) -> Result<Vec<Operation>, LedgerError> {
        // Most often nothing is due, and then nothing need be locked.
        if self.query(|conn| operation::due(conn, now, 1))?.is_empty() {
            return Ok(Vec::new());
        }
        self.write(Need::InFlight, now, |tx| {
            let mut granted = Vec::new();
            for op in tx.sql(operation::due(tx.conn, now, limit))? {
                if let Claim::Granted(op) = tx.claim(op, owner, lease_ms)? {
                    granted.push(op);
                }
            }
            Ok(granted)
        })
    }

    /// Keeps a lease that `owner` has for `lease_ms` more.
    ///
    /// # Errors
    /// `LeaseLost` if somebody else has it by now: stop, and send nothing more.
    pub fn renew(
        &self,
        id: &OperationId,
        owner: &str,
        now: Timestamp,
        lease_ms: i64,
    ) -> Result<(), LedgerError> {
        self.write(Need::InFlight, now, |tx| {
            let mut op = tx.operation(id)?;
            if op.lease_owner.as_deref() != Some(owner) {
                return Err(LedgerError::LeaseLost { state: op.state });
            }
            op.lease_until = Some(now.plus_millis(lease_ms));
            op.next_try = op.next_try.max(now.plus_millis(lease_ms));
            tx.sql(operation::update(tx.conn, &op))
        })
    }

    /// Ends the leases of an owner that is certain to be gone, so that what it had in hand need not wait for them
    /// to run out. Answers how many there were. What it intended may have been sent: [`Ledger::claim`] says
    /// `unknown` of it.
    ///
    /// # Errors
    /// Where the ledger cannot be written.
    pub fn release_owner(&self, gone: &str, now: Timestamp) -> Result<usize, LedgerError> {
        self.write(Need::InFlight, now, |tx| {
            let mut released = 0;
            for op in tx.sql(operation::unresolved(tx.conn, None))? {
                if op.lease_owner.as_deref() == Some(gone) && op.is_leased(now) {
                    // The lease ends, its owner stays written: an intent that was in hand is never "not sent".
                    let op = Operation { lease_until: Some(now), next_try: now, updated: now, ..op };
                    tx.sql(operation::update(tx.conn, &op))?;
                    released += 1;
                }
            }
            Ok(released)
        })
    }

    /// Writes what came of an operation, alone. [`Ledger::conclude`] writes it together with what was learned.
    ///
    /// # Errors
    /// `UnknownOperation`; `Contradiction` if the opposite was certain.
    pub fn settle(
        &self,
        id: &OperationId,
        outcome: OperationOutcome,
        error: Option<&WireError>,
        now: Timestamp,
    ) -> Result<Operation, LedgerError> {
        self.write(Need::InFlight, now, |tx| tx.settle(id, outcome, error, None))
    }

    /// Lets go of an unresolved operation until `next_try`.
    ///
    /// # Errors
    /// `UnknownOperation`.
    pub fn postpone(&self, id: &OperationId, next_try: Timestamp, now: Timestamp) -> Result<(), LedgerError> {
        self.write(Need::InFlight, now, |tx| {
            let op = tx.operation(id)?;
            let op = Operation { next_try, lease_owner: None, lease_until: None, updated: now, ..op };
            tx.sql(operation::update(tx.conn, &op))
        })
    }
}

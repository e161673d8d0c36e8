//! What must hold after every step, and what must hold at the end.

use super::model::{Deal, End, Model};
use domain::{OperationKind, OperationState, OrderState, RefundState};
use ledger::{Ledger, LedgerError, Operation, Payment, Refund};
use std::collections::BTreeMap;

/// Everything the ledger says, as the story compares it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Snapshot {
    /// By out_trade_no.
    pub(super) payments: BTreeMap<String, Payment>,
    /// By out_refund_no.
    pub(super) refunds: BTreeMap<String, Refund>,
    /// By kind and number.
    pub(super) operations: BTreeMap<(OperationKind, String), Operation>,
}

impl Snapshot {
    /// What the ledger says of the orders that the model knows.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub(super) fn take(ledger: &Ledger, merchant: &str, model: &Model) -> Result<Self, LedgerError> {
        let mut taken = Self::default();
        for number in model.deals.keys() {
            let Ok(number) = domain::OutTradeNo::parse(number) else { continue };
            let Some(payment) = ledger.payment(merchant, &number)? else { continue };
            for operation in ledger.operations_of(merchant, &number)? {
                taken.operations.insert((operation.kind, operation.number().to_owned()), operation);
            }
            for refund in ledger.refunds_of(merchant, &number)? {
                taken.refunds.insert(refund.out_refund_no.to_string(), refund);
            }
            taken.payments.insert(number.to_string(), payment);
        }
        Ok(taken)
    }

    /// The operation under a number.
    #[must_use]
    pub(super) fn operation(&self, kind: OperationKind, number: &str) -> Option<&Operation> {
        self.operations.get(&(kind, number.to_owned()))
    }

    /// Whether a signed notice of other money moved nothing of this payment or refund, and is marked on it.
    #[must_use]
    pub(super) fn differs_only_in_doubt(&self, before: &Self, is_refund: bool, number: &str) -> bool {
        if is_refund {
            let was = before.refunds.get(number);
            return self.refunds.get(number).is_some_and(|row| {
                row.conflict
                    && was.is_none_or(|was| (was.state, was.success_time) == (row.state, row.success_time))
            });
        }
        let (was, is) = (before.payments.get(number), self.payments.get(number));
        was.zip(is).is_some_and(|(was, is)| {
            let same = Payment {
                conflict: true,
                disagreements: is.disagreements.clone(),
                updated: is.updated,
                ..was.clone()
            };
            *is == same && is.disagreements.iter().any(|code| code == "total")
        })
    }

    /// The same without what a mere look may change: who has it in hand, when it was last heard of.
    #[must_use]
    pub(super) fn quiet(mut self) -> Self {
        for operation in self.operations.values_mut() {
            operation.lease_owner = None;
            operation.lease_until = None;
            operation.attempts = 0;
            operation.next_try = domain::Timestamp::from_millis(0);
            operation.updated = domain::Timestamp::from_millis(0);
        }
        for payment in self.payments.values_mut() {
            payment.updated = domain::Timestamp::from_millis(0);
        }
        for refund in self.refunds.values_mut() {
            refund.updated = domain::Timestamp::from_millis(0);
        }
        self
    }
}

macro_rules! rule {
    ($holds:expr, $($words:tt)*) => {
        if !$holds {
            return Err(format!($($words)*));
        }
    };
}

/// What must hold whatever happened. `asked`: whether the step could have asked the gateway anything.
///
/// # Errors
/// The first rule that is broken, in words.
pub(super) fn after_a_step(
    before: &Snapshot,
    now: &Snapshot,
    model: &Model,
    asked: bool,
) -> Result<(), String> {
    for (number, payment) in &now.payments {
        let deal = model.deals.get(number).ok_or(format!("a payment {number} that nobody asked for"))?;
        payment_is_true(payment, deal)?;
        if let Some(was) = before.payments.get(number) {
            rule!(payment.state >= was.state, "{number} went back from {} to {}", was.state, payment.state);
            rule!(payment.refunded >= was.refunded, "{number}: less is refunded than before");
            rule!(
                was.disagreements.iter().all(|code| payment.disagreements.contains(code)),
                "{number}: a disagreement is forgotten"
            );
        }
    }
    for (number, refund) in &now.refunds {
        let order = refund.out_trade_no.as_str();
        let back = model.deals.get(order).and_then(|deal| deal.backs.get(number));
        let back = back.ok_or(format!("a refund {number} that nobody asked for"))?;
        rule!(back.accepted, "the ledger has refund {number} as {}, the gateway has not", refund.state);
        rule!(
            back.asked == refund.amount.get(),
            "refund {number} of {} fen, asked {}",
            refund.amount,
            back.asked
        );
        let fits = match refund.state {
            RefundState::Processing => true,
            RefundState::Abnormal => back.end.is_some(),
            RefundState::Closed => back.end == Some(End::Closed),
            RefundState::Success => back.end == Some(End::Done),
        };
        rule!(fits, "refund {number} is {} in the ledger and {:?} in truth", refund.state, back.end);
        if let Some(was) = before.refunds.get(number) {
            rule!(refund.state >= was.state, "refund {number} went back to {}", refund.state);
        }
    }
    for ((kind, number), operation) in &now.operations {
        operation_is_true(*kind, number, operation, model)?;
        let was = before.operation(*kind, number).map(|was| was.state);
        let state = operation.state;
        let again = matches!(kind, OperationKind::CloseOrder | OperationKind::Reverse);
        let fits = match was {
            None | Some(OperationState::Intended | OperationState::NotSent) => true,
            Some(OperationState::Unknown) => {
                matches!(
                    state,
                    OperationState::Unknown | OperationState::Confirmed | OperationState::Rejected
                )
            }
            Some(OperationState::Rejected) => state == OperationState::Rejected || again,
            Some(OperationState::Confirmed) => state == OperationState::Confirmed,
        };
        rule!(fits, "{kind} {number} went from {was:?} to {state}");
        rule!(
            asked || was.is_none_or(|was| was == state),
            "{kind} {number} went from {was:?} to {state} though nobody was asked"
        );
    }
    // Intent before the wire: nothing happened there that is not written down here.
    for (number, deal) in &model.deals {
        let kind = if deal.scanned { OperationKind::Micropay } else { OperationKind::UnifiedOrder };
        rule!(!deal.made || now.operation(kind, number).is_some(), "{number} was made without an intent");
        let close = now.operation(OperationKind::CloseOrder, number).is_some();
        rule!(!deal.closed || close, "{number} was closed without an intent");
        for (back, truth) in &deal.backs {
            let there = now.operation(OperationKind::Refund, back).is_some();
            rule!(!truth.accepted || there, "{back} was refunded without an intent");
        }
    }
    Ok(())
}

/// No false "paid", no false "failed", and no other amount than asked for.
fn payment_is_true(payment: &Payment, deal: &Deal) -> Result<(), String> {
    let number = &payment.out_trade_no;
    let true_of_it = match payment.state {
        OrderState::Unpaid | OrderState::Accepted => true,
        OrderState::UserPaying | OrderState::PayError => deal.made,
        OrderState::Closed => (deal.closed || deal.expired) && !deal.paid,
        OrderState::Paid => deal.paid,
        OrderState::Refunded => deal.backs.values().any(|back| back.accepted),
        // The gateway says so of what never was, too: there is nothing left to reverse.
        OrderState::Revoked => deal.revoked || deal.scanned && !deal.made,
    };
    rule!(true_of_it, "the ledger says that {number} is {}, in truth {deal:?}", payment.state);
    let other_money = payment.disagreements.iter().any(|code| code == "total");
    rule!(!payment.conflict || other_money, "{number} is said to be closed and paid");
    rule!(
        !payment.disagreements.iter().any(|code| code == "state"),
        "{number} is said to be closed and paid"
    );
    rule!(payment.total.map(domain::Fen::get) == Some(deal.asked), "{number}: total {:?}", payment.total);
    let done = deal.done();
    rule!(payment.refunded.get() <= done, "{number}: {} refunded, in truth {done} fen", payment.refunded);
    Ok(())
}

/// What is confirmed has its effect at the gateway; what is rejected or was not sent has none.
fn operation_is_true(
    kind: OperationKind,
    number: &str,
    operation: &Operation,
    model: &Model,
) -> Result<(), String> {
    let order = operation.out_trade_no.as_str();
    let deal = model.deals.get(order).ok_or(format!("{kind} of an unknown order {order}"))?;
    let (yes, no) = match kind {
        OperationKind::UnifiedOrder => (deal.made, !deal.made),
        // Rejected means: not paid, or paid and reversed. The order itself may exist.
        OperationKind::Micropay => (deal.paid, !deal.paid || deal.revoked),
        // Closed by time is closed. A refusal because it was closed before is no contradiction.
        OperationKind::CloseOrder => (deal.closed || deal.expired || deal.revoked, !deal.closed),
        // Nothing to reverse is reversed.
        OperationKind::Reverse => (deal.revoked || !deal.made, !deal.revoked || !deal.scanned || !deal.paid),
        OperationKind::Refund => {
            let accepted = deal.backs.get(number).is_some_and(|back| back.accepted);
            (accepted, !accepted)
        }
    };
    match operation.state {
        OperationState::Confirmed => rule!(yes, "{kind} {number} is confirmed and did not happen: {deal:?}"),
        OperationState::Rejected | OperationState::NotSent => {
            rule!(no, "{kind} {number} is {} and happened: {deal:?}", operation.state);
        }
        OperationState::Intended | OperationState::Unknown => {}
    }
    Ok(())
}

/// What must hold when everything was resolved and asked about: the ledger and the gateway say the same.
///
/// # Errors
/// The first rule that is broken, in words.
pub(super) fn at_the_end(now: &Snapshot, model: &Model) -> Result<(), String> {
    for ((kind, number), operation) in &now.operations {
        rule!(!operation.state.is_unresolved(), "{kind} {number} is still {}", operation.state);
        // "I do not know" and "there is no such order" are no refusals: the same number goes out again.
        let refused = operation.state == OperationState::Rejected;
        let asked_once = matches!(kind, OperationKind::UnifiedOrder | OperationKind::Refund);
        let open = ["", "SYSTEMERROR", "BIZERR_NEED_RETRY", "A_CODE_OF_TOMORROW", "FREQUENCY_LIMITED"];
        let code = operation.err_code.as_deref().unwrap_or_default();
        rule!(!(refused && asked_once && open.contains(&code)), "{kind} {number} is rejected for {code:?}");
    }
    for (number, deal) in &model.deals {
        let Some(payment) = now.payments.get(number) else {
            rule!(!deal.made, "{number} was made and is not in the ledger");
            continue;
        };
        let state = payment.state.as_str();
        rule!(deal.state().contains(&state), "{number} ends as {state}, in truth {deal:?}");
        let done = deal.done();
        rule!(payment.refunded.get() == done, "{number}: {} refunded, in truth {done} fen", payment.refunded);
        for (back, truth) in &deal.backs {
            let end = now.refunds.get(back).map(|refund| refund.state);
            let fits = match (truth.accepted, truth.end) {
                (false, _) => end.is_none(),
                (true, None) => end == Some(RefundState::Processing),
                (true, Some(End::Done)) => end == Some(RefundState::Success),
                (true, Some(End::Abnormal)) => end == Some(RefundState::Abnormal),
                (true, Some(End::Closed)) => end == Some(RefundState::Closed),
            };
            rule!(fits, "refund {back} ends as {end:?}, in truth {truth:?}");
        }
    }
    Ok(())
}

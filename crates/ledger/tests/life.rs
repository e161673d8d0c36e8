//! One payment's life on a real file: intended, made, paid, refunded, asked about again.

mod support;

use domain::evidence::Source;
use domain::{Fen, OperationKind, OperationOutcome, OperationState, OrderState, RefundState};
use ledger::{Claim, Conclusion, Intent, LedgerError, PaymentFilter, RefundFilter};
use support::*;

#[test]
fn a_whole_life() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    let new = order("ORDER001", 1000);
    let Intent::New(op) = ledger.intend(&new, "a", at(0)).unwrap() else { panic!("new") };
    assert_eq!(op.state, OperationState::Intended);
    let payment = ledger.payment("shop", &number("ORDER001")).unwrap().unwrap();
    assert_eq!((payment.state, payment.asked, payment.unasked), (OrderState::Unpaid, Some(op.state), false));

    // A second click, by anybody: nothing more is to be sent.
    assert_eq!(ledger.intend(&new, "b", at(1)).unwrap(), Intent::Existing(op.clone()));
    assert!(matches!(ledger.claim(&op.id, "b", at(1), 1000).unwrap(), Claim::Held(_)));
    let refused = ledger.intend(&order("ORDER001", 1001), "b", at(1)).unwrap_err();
    assert!(matches!(refused, LedgerError::ParamsDiffer { existing } if existing.id == op.id));
    let mut scan = order("ORDER001", 1000);
    scan.kind = OperationKind::Micropay;
    scan.id = id("scan");
    assert_eq!(ledger.intend(&scan, "b", at(1)).unwrap_err().code(), "number_taken");

    let done = ledger
        .conclude(
            &Conclusion {
                exchange: Some(exchange(&op.id)),
                payment: Some(payment_seen("ORDER001", Source::Query, OrderState::Unpaid, at(2))),
                operation: Some((op.id.clone(), OperationOutcome::Confirmed)),
                ..Conclusion::default()
            },
            at(2),
        )
        .unwrap();
    assert_eq!(done.operation.unwrap().state, OperationState::Confirmed);
    assert_eq!(ledger.exchanges_of(&op.id).unwrap().len(), 1);
    let ask = |no: &str, fen| ledger.intend(&refund_op("ORDER001", no, fen), "a", at(5));
    assert_eq!(ask("R1", 1).unwrap_err().code(), "not_paid");
    assert_eq!(ledger.intend(&refund_op("OTHER", "R1", 1), "a", at(5)).unwrap_err().code(), "unknown_order");

    let mut seen = payment_seen("ORDER001", Source::Notice, OrderState::Paid, at(3));
    seen.transaction_id = Some(transaction(1));
    let paid = ledger.observe_payment(&seen, at(3)).unwrap();
    assert_eq!((paid.state, paid.transaction_id), (OrderState::Paid, Some(transaction(1))));
    // An old reply that comes late takes nothing back.
    let late = payment_seen("ORDER001", Source::Query, OrderState::Unpaid, at(2));
    assert_eq!(ledger.observe_payment(&late, at(4)).unwrap().state, OrderState::Paid);

    assert_eq!(ask("R1", 0).unwrap_err().code(), "amount_not_positive");
    let Intent::New(first) = ask("R1", 400).unwrap() else { panic!("new") };
    assert!(
        matches!(ask("R2", 601).unwrap_err(), LedgerError::RefundExceeds { left } if left == Fen::new(600))
    );
    // Rejected: its amount is free again.
    let no = ledger.settle(&first.id, OperationOutcome::Rejected, None, at(6)).unwrap();
    assert_eq!(no.state, OperationState::Rejected);
    assert!(ledger.settle(&first.id, OperationOutcome::Confirmed, None, at(6)).is_err());
    let Intent::New(second) = ask("R2", 1000).unwrap() else { panic!("new") };
    let concluded = ledger
        .conclude(
            &Conclusion {
                refunds: vec![refund_seen(
                    "ORDER001",
                    "R2",
                    Source::Query,
                    (RefundState::Processing, 1000),
                    at(7),
                )],
                operation: Some((second.id.clone(), OperationOutcome::Confirmed)),
                ..Conclusion::default()
            },
            at(7),
        )
        .unwrap();
    assert_eq!(concluded.refunds[0].operation_id, Some(second.id.clone()));
    assert!(!concluded.refunds[0].unasked);
    assert_eq!(ask("R3", 1).unwrap_err().code(), "refund_exceeds");
    let back = refund_seen("ORDER001", "R2", Source::Notice, (RefundState::Success, 1000), at(8));
    ledger.observe_refund(&back, at(8)).unwrap();
    let payment = ledger.payment("shop", &number("ORDER001")).unwrap().unwrap();
    assert_eq!((payment.state, payment.refunded), (OrderState::Refunded, Fen::new(1000)));
    assert_eq!(ledger.payments(&PaymentFilter::default()).unwrap(), [payment]);
    assert_eq!(ledger.refunds(&RefundFilter::default()).unwrap().len(), 1);
    assert_eq!(ledger.operations_of("shop", &number("ORDER001")).unwrap().len(), 3);
    assert!(ledger.unresolved(None).unwrap().is_empty());
    assert_eq!(ledger.evidences("shop", &number("ORDER001")).unwrap().len(), 2);
    assert!(ledger.disagreements("shop", &number("ORDER001")).unwrap().is_empty());
    ledger.check_chain(Some(ledger.head().unwrap())).unwrap();
}

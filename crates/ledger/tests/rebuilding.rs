//! Payments and refunds whose rows are lost are made again of what else tells of them.

mod support;

use domain::evidence::Source;
use domain::{Environment, Fen, OperationOutcome, OrderState, OutRefundNo, RefundState};
use ledger::Ledger;
use support::*;

/// From outside: two pages of a ledger were overwritten, and all payments were gone though everything else was whole.
#[test]
fn lost_payments_and_refunds_are_made_again_of_their_requests_and_evidence() {
    let dir = tempfile::tempdir().unwrap();
    let (file, to) = (dir.path().join("l.paydesk"), dir.path().join("saved"));
    {
        let ledger = open(&file);
        for no in ["ORDER001", "ORDER002"] {
            paid(&ledger, no);
        }
        ledger.intend(&order("ORDER003", 500), "a", at(3)).unwrap();
        ledger.intend(&refund_op("ORDER001", "R1", 300), "a", at(4)).unwrap();
        ledger.settle(&id("rR1x300"), OperationOutcome::Confirmed, None, at(5)).unwrap();
        ledger
            .observe_refund(
                &refund_seen("ORDER001", "R1", Source::Query, (RefundState::Success, 300), at(6)),
                at(6),
            )
            .unwrap();
        // One that nobody here asked for.
        let mut seen = payment_seen("STRANGER1", Source::Notice, OrderState::Paid, at(7));
        seen.total = Some(Fen::new(70));
        ledger.observe_payment(&seen, at(7)).unwrap();
    }
    // What a lost page is to a salvage: rows that the journal knows and nobody can read.
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM refunds; DELETE FROM payments;").unwrap();
    drop(conn);
    let report = Ledger::salvage(&file, &to, Environment::Simulated, key(), at(20)).unwrap();
    let of = |name: &str| report.tables.iter().find(|table| table.table == name).unwrap().clone();
    for (name, rows) in [("payments", 4), ("refunds", 1)] {
        let table = of(name);
        assert_eq!(
            (table.saved, table.doubtful.len(), table.lost.len()),
            (rows, usize::try_from(rows).unwrap(), 0)
        );
    }
    let ledger = open(&to);
    let row = |no: &str| ledger.payment("shop", &number(no)).unwrap().unwrap();
    let got = |no: &str| {
        let row = row(no);
        (row.state, row.total.map(Fen::get), row.refunded.get(), row.unasked, row.conflict)
    };
    assert_eq!(got("ORDER001"), (OrderState::Refunded, Some(1000), 300, false, false));
    assert_eq!(got("ORDER002"), (OrderState::Paid, Some(1000), 0, false, false));
    assert_eq!(got("ORDER003"), (OrderState::Unpaid, Some(500), 0, false, false));
    assert_eq!(got("STRANGER1"), (OrderState::Paid, Some(70), 0, true, false));
    assert_eq!(row("ORDER002").transaction_id, Some(transaction(1)));
    let refund = ledger.refund("shop", &OutRefundNo::parse("R1").unwrap()).unwrap().unwrap();
    assert_eq!((refund.state, refund.amount.get(), refund.unasked), (RefundState::Success, 300, false));
    assert!(ledger.check_full(None).unwrap().is_ok());
}

#[test]
fn what_cannot_be_made_again_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (file, to) = (dir.path().join("l.paydesk"), dir.path().join("saved"));
    {
        let ledger = open(&file);
        for no in ["ORDER001", "ORDER002"] {
            paid(&ledger, no);
        }
        ledger.intend(&refund_op("ORDER001", "R1", 300), "a", at(4)).unwrap();
        ledger
            .observe_refund(
                &refund_seen("ORDER001", "R1", Source::Query, (RefundState::Success, 300), at(6)),
                at(6),
            )
            .unwrap();
    }
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.execute_batch(
        "PRAGMA foreign_keys = OFF; DELETE FROM refunds; DELETE FROM operations;
         DELETE FROM payments WHERE out_trade_no = 'ORDER002';
         DELETE FROM evidence WHERE number <> 'ORDER001';",
    )
    .unwrap();
    drop(conn);
    let report = Ledger::salvage(&file, &to, Environment::Simulated, key(), at(20)).unwrap();
    let mut lost: Vec<_> = (report.lost_rows.iter())
        .map(|row| (row.table, row.merchant.as_deref(), row.kind.as_deref(), row.number.as_str()))
        .collect();
    lost.sort_unstable();
    assert_eq!(
        lost,
        [
            ("operations", None, Some("refund"), "R1"),
            ("operations", None, Some("unified_order"), "ORDER001"),
            ("operations", None, Some("unified_order"), "ORDER002"),
            ("payments", Some("shop"), None, "ORDER002"),
            ("refunds", Some("shop"), None, "R1"),
        ]
    );
}

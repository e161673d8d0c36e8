//! Many callers at once on one file, through two handles as two processes would.

mod support;

use domain::{Fen, OperationOutcome};
use ledger::{Claim, Intent, LedgerError};
use std::sync::Barrier;
use support::*;

#[test]
fn thirty_two_refunds_never_send_back_more_than_was_paid() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("l.paydesk");
    let ledgers = [open(&file), open(&file)];
    paid(&ledgers[0], "ORDER001");
    let start = Barrier::new(32);
    let taken: Vec<bool> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..32)
            .map(|turn| {
                let (ledger, start) = (&ledgers[turn % 2], &start);
                scope.spawn(move || {
                    start.wait();
                    match ledger.intend(&refund_op("ORDER001", &format!("R{turn}"), 300), "t", at(5)) {
                        Ok(Intent::New(_)) => true,
                        Err(LedgerError::RefundExceeds { left }) => {
                            assert!(left < Fen::new(300));
                            false
                        }
                        other => panic!("{other:?}"),
                    }
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 3);
    ledgers[0].check_chain(None).unwrap();
}

#[test]
fn thirty_two_clicks_send_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("l.paydesk");
    let ledgers = [open(&file), open(&file)];
    for round in 0..8 {
        let start = Barrier::new(32);
        let sent: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..32)
                .map(|turn| {
                    let (ledger, start) = (&ledgers[turn % 2], &start);
                    scope.spawn(move || {
                        let mut new = order(&format!("ORDER{round:03}"), 1000);
                        new.id = id(&format!("round{round}turn{turn}"));
                        start.wait();
                        let intent = ledger.intend(&new, &format!("t{turn}"), at(1)).unwrap();
                        usize::from(matches!(intent, Intent::New(_)))
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(sent, 1);
    }
}

#[test]
fn thirty_two_resolvers_take_each_operation_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("l.paydesk");
    let ledgers = [open(&file), open(&file)];
    for turn in 0..40 {
        ledgers[0].intend(&order(&format!("ORDER{turn:03}"), 100), "gone", at(0)).unwrap();
    }
    // The leases still run: nobody may take anything.
    assert!(ledgers[1].claim_due("early", at(59), 60_000, 100).unwrap().is_empty());
    let mut taken: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..32)
            .map(|turn| {
                let ledger = &ledgers[turn % 2];
                scope.spawn(move || ledger.claim_due(&format!("t{turn}"), at(60), 60_000, 3).unwrap())
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).map(|op| op.id.to_string()).collect()
    });
    taken.sort();
    let count = taken.len();
    taken.dedup();
    assert_eq!((taken.len(), count), (40, 40));
}

#[test]
fn a_lease_that_ran_out_leaves_the_outcome_unknown() {
    use domain::OperationState as S;
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    let Intent::New(op) = ledger.intend(&order("ORDER001", 100), "a", at(0)).unwrap() else { panic!() };
    assert!(matches!(ledger.claim(&op.id, "a", at(10), 1_000).unwrap(), Claim::Held(_)));
    ledger.renew(&op.id, "a", at(10), 60_000).unwrap();
    assert_eq!(ledger.renew(&op.id, "b", at(10), 60_000).unwrap_err().code(), "lease_lost");
    assert!(matches!(ledger.claim(&op.id, "b", at(69), 1_000).unwrap(), Claim::Held(_)));
    let Claim::Granted(taken) = ledger.claim(&op.id, "b", at(70), 60_000).unwrap() else { panic!() };
    assert_eq!((taken.state, taken.attempts), (S::Unknown, 2));
    // The first caller wakes up and says that nothing was sent: too late to be believed.
    let op = ledger.settle(&op.id, OperationOutcome::NotSent, None, at(71)).unwrap();
    assert_eq!(op.state, S::Unknown);
    ledger.postpone(&op.id, at(200), at(72)).unwrap();
    assert!(ledger.claim_due("c", at(199), 1_000, 10).unwrap().is_empty());
    assert_eq!(ledger.claim_due("c", at(200), 1_000, 10).unwrap().len(), 1);
    ledger.settle(&op.id, OperationOutcome::Confirmed, None, at(201)).unwrap();
    assert!(matches!(ledger.claim(&op.id, "d", at(900), 1_000).unwrap(), Claim::Settled(_)));
}

#[test]
fn what_a_dead_process_had_in_hand_is_free_at_once_and_its_outcome_unknown() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    let Intent::New(op) = ledger.intend(&order("ORDER001", 100), "dead", at(0)).unwrap() else { panic!() };
    assert!(matches!(ledger.claim(&op.id, "me", at(1), 1_000).unwrap(), Claim::Held(_)));
    assert_eq!(ledger.release_owner("somebody else", at(1)).unwrap(), 0);
    assert_eq!(ledger.release_owner("dead", at(1)).unwrap(), 1);
    let Claim::Granted(taken) = ledger.claim(&op.id, "me", at(1), 1_000).unwrap() else { panic!() };
    assert_eq!(taken.state, domain::OperationState::Unknown, "it may have been sent before its owner died");
}

#[test]
fn a_refund_that_was_never_sent_takes_its_amount_again_when_it_is_claimed() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    paid(&ledger, "ORDER001");
    let Intent::New(first) = ledger.intend(&refund_op("ORDER001", "R1", 700), "a", at(5)).unwrap() else {
        panic!()
    };
    ledger.settle(&first.id, OperationOutcome::NotSent, None, at(6)).unwrap();
    let Intent::New(second) = ledger.intend(&refund_op("ORDER001", "R2", 700), "a", at(7)).unwrap() else {
        panic!()
    };
    assert_eq!(ledger.claim(&first.id, "b", at(8), 1_000).unwrap_err().code(), "refund_exceeds");
    ledger.settle(&second.id, OperationOutcome::Rejected, None, at(9)).unwrap();
    let Claim::Granted(again) = ledger.claim(&first.id, "b", at(10), 1_000).unwrap() else { panic!() };
    assert_eq!(again.state, domain::OperationState::Intended);
    assert_eq!(
        ledger.intend(&refund_op("ORDER001", "R3", 301), "a", at(11)).unwrap_err().code(),
        "refund_exceeds"
    );
}

#[test]
fn fifty_refunds_and_one_year() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    paid(&ledger, "ORDER001");
    paid(&ledger, "ORDER002");
    for turn in 0..50 {
        ledger.intend(&refund_op("ORDER001", &format!("R{turn}"), 1), "a", at(5)).unwrap();
    }
    assert_eq!(
        ledger.intend(&refund_op("ORDER001", "R50", 1), "a", at(5)).unwrap_err().code(),
        "too_many_refunds"
    );
    let year = 365 * 86_400;
    ledger.intend(&refund_op("ORDER002", "S1", 1), "a", at(2 + year)).unwrap();
    let error = ledger.intend(&refund_op("ORDER002", "S2", 1), "a", at(3 + year)).unwrap_err();
    assert_eq!(error.code(), "too_old_to_refund");
}

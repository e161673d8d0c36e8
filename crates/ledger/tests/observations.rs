//! Observations in any order, twice or late, give the same rows.

mod support;

use domain::evidence::Source;
use domain::{Fen, OrderState, RefundId, RefundState};
use ledger::{
    Ledger, NewNotice, NoticeKind, Payment, PaymentObservation, Recorded, Refund, RefundObservation,
};
use proptest::prelude::*;
use support::*;

fn payment_observation() -> impl Strategy<Value = PaymentObservation> {
    let optional = (
        proptest::option::of(prop_oneof![Just(1000_i64), Just(1000), Just(999)]),
        proptest::option::of(1_u32..3),
        proptest::option::of(prop_oneof![Just("CMB_DEBIT"), Just("OTHERS")]),
        proptest::option::of(prop_oneof![Just("CNY"), Just("USD")]),
        proptest::option::of("[a-c]{2}"),
    );
    (0..3_usize, 0..8_usize, 0..9_i64, optional).prop_map(
        |(source, state, when, (total, transaction_no, bank, currency, prepay))| {
            let mut seen = payment_seen("ORDER001", Source::ALL[source], OrderState::ALL[state], at(when));
            seen.total = total.map(Fen::new);
            seen.transaction_id = transaction_no.map(transaction);
            seen.bank_type = bank.map(str::to_owned);
            seen.currency = currency.map(str::to_owned);
            seen.prepay_id = prepay.map(|text| domain::PrepayId::parse(&text).unwrap());
            seen
        },
    )
}

fn refund_observation() -> impl Strategy<Value = RefundObservation> {
    let number = proptest::option::of(1_u32..3);
    (0..3_usize, 0..4_usize, 0..9_i64, 1..3_u32, number, prop_oneof![Just(300_i64), Just(301)]).prop_map(
        |(source, state, when, refund_no, number, fen)| {
            let what = (RefundState::ALL[state], fen);
            let mut seen =
                refund_seen("ORDER001", &format!("R{refund_no}"), Source::ALL[source], what, at(when));
            seen.refund_id = number.map(|number| RefundId::parse(&format!("5000{number}")).unwrap());
            seen.total = Some(Fen::new(1000));
            seen.recv_account = number.map(|number| format!("招商银行信用卡{number:04}"));
            seen
        },
    )
}

#[derive(Clone, Debug)]
enum Seen {
    Payment(PaymentObservation),
    Refund(RefundObservation),
}

type Rows = (Payment, Vec<Refund>, Vec<ledger::PaymentEvidence>);

fn rows(asked: bool, observations: &[Seen]) -> Rows {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    if asked {
        ledger.intend(&order("ORDER001", 1000), "a", at(0)).unwrap();
    }
    for seen in observations {
        match seen {
            Seen::Payment(seen) => ledger.observe_payment(seen, seen.seen_at).map(drop).unwrap(),
            Seen::Refund(seen) => ledger.observe_refund(seen, seen.seen_at).map(drop).unwrap(),
        }
    }
    let report = ledger.check_full(None).unwrap();
    let wrong: Vec<_> = report.findings.iter().filter(|found| found.code() != "over_refunded").collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let payment = ledger.payment("shop", &number("ORDER001")).unwrap().unwrap();
    let mut refunds = ledger.refunds_of("shop", &number("ORDER001")).unwrap();
    refunds.iter_mut().for_each(|refund| refund.id = 0);
    refunds.sort_by(|a, b| a.out_refund_no.cmp(&b.out_refund_no));
    (payment, refunds, ledger.evidences("shop", &number("ORDER001")).unwrap())
}

fn without_row_ids(evidences: &[ledger::PaymentEvidence]) -> Vec<String> {
    evidences
        .iter()
        .map(|row| {
            format!(
                "{:?}",
                (row.source, row.first_seen, row.seen, row.state, row.amount, &row.currency, &row.number)
            )
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_order_makes_no_difference(
        asked: bool,
        (ordered, shuffled) in proptest::collection::vec(
            prop_oneof![3 => payment_observation().prop_map(Seen::Payment), 1 => refund_observation().prop_map(Seen::Refund)],
            1..7,
        )
        .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let (payment, refunds, evidences) = rows(asked, &ordered);
        let (again, refunds_again, evidences_again) = rows(asked, &shuffled);
        prop_assert_eq!(&payment, &again);
        prop_assert_eq!(refunds, refunds_again);
        prop_assert_eq!(without_row_ids(&evidences), without_row_ids(&evidences_again));
        // Twice changes nothing, and is not journalled.
        let twice: Vec<Seen> = ordered.iter().chain(&shuffled).cloned().collect();
        prop_assert_eq!(&payment, &rows(asked, &twice).0);
    }
}

#[test]
fn seeing_the_same_again_is_not_journalled() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    paid(&ledger, "ORDER001");
    let head = ledger.head().unwrap();
    let mut seen = payment_seen("ORDER001", Source::Notice, OrderState::Paid, at(2));
    seen.transaction_id = Some(transaction(1));
    for later in 3..6 {
        seen.seen_at = at(later);
        ledger.observe_payment(&seen, at(later)).unwrap();
    }
    assert_eq!(ledger.head().unwrap(), head);
    let evidence = &ledger.evidences("shop", &number("ORDER001")).unwrap()[0];
    assert_eq!((evidence.first_seen, evidence.seen), (at(2), at(5)));
}

#[test]
fn what_disagrees_is_shown_and_stays() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    ledger.intend(&order("ORDER001", 1000), "a", at(0)).unwrap();
    let mut seen = payment_seen("ORDER001", Source::Notice, OrderState::Paid, at(1));
    seen.total = Some(Fen::new(1));
    ledger.observe_payment(&seen, at(1)).unwrap();
    let closed = payment_seen("ORDER001", Source::Query, OrderState::Closed, at(2));
    let payment = ledger.observe_payment(&closed, at(2)).unwrap();
    assert_eq!((payment.state, payment.conflict), (OrderState::Closed, true), "who agrees decides");
    assert_eq!(payment.total, Some(Fen::new(1000)), "what was asked for stays");
    assert_eq!(payment.disagreements, ["total"]);
    let live = ledger.disagreements("shop", &number("ORDER001")).unwrap();
    assert_eq!(live.iter().map(|found| found.code()).collect::<Vec<_>>(), ["total", "state"]);
}

/// From outside: a notice of one fen, signed with the merchant's own key, made an order of ten yuan "paid".
#[test]
fn what_differs_from_what_was_asked_moves_nothing() {
    type Spoil = fn(&mut PaymentObservation);
    let cases: [(&str, Spoil); 2] = [
        ("total", |seen| seen.total = Some(Fen::new(1))),
        ("currency", |seen| seen.currency = Some("USD".into())),
    ];
    let truth = || {
        let mut seen = payment_seen("ORDER001", Source::Notice, OrderState::Paid, at(1));
        seen.total = Some(Fen::new(1000));
        seen.currency = Some("CNY".into());
        seen.transaction_id = Some(transaction(2));
        seen.cash_fee = Some(Fen::new(1000));
        seen.bank_type = Some("OTHERS".into());
        seen
    };
    for source in Source::ALL {
        for (code, spoil) in cases {
            let dir = tempfile::tempdir().unwrap();
            let ledger = open(&dir.path().join("l.paydesk"));
            ledger.intend(&order("ORDER001", 1000), "a", at(0)).unwrap();
            let before = ledger.payment("shop", &number("ORDER001")).unwrap().unwrap();
            let mut wrong = PaymentObservation { source, ..truth() };
            wrong.transaction_id = Some(transaction(1));
            wrong.cash_fee = Some(Fen::new(1));
            wrong.bank_type = Some("CMB_DEBIT".into());
            spoil(&mut wrong);
            let after = ledger.observe_payment(&wrong, at(1)).unwrap();
            let marks = (after.conflict, after.disagreements.clone());
            assert_eq!(marks, (true, vec![code.to_owned()]), "{source} {code}");
            let same = Payment { conflict: true, disagreements: marks.1, updated: after.updated, ..before };
            assert_eq!(after, same, "{source} {code}");
            // It is kept, as that source's evidence, until the same source says what agrees.
            let told = ledger.evidences("shop", &number("ORDER001")).unwrap();
            let told = told.iter().find(|row| row.source == source).unwrap();
            assert_eq!((told.amount, told.number.clone()), (wrong.total, wrong.transaction_id.clone()));
            for seen in [truth(), PaymentObservation { source, ..truth() }, wrong] {
                ledger.observe_payment(&seen, at(2)).unwrap();
            }
            let paid = ledger.payment("shop", &number("ORDER001")).unwrap().unwrap();
            let got = (paid.state, paid.transaction_id, paid.cash_fee, paid.bank_type.as_deref());
            let wanted = (OrderState::Paid, Some(transaction(2)), Some(Fen::new(1000)), Some("OTHERS"));
            assert_eq!(got, wanted, "{source} {code}");
            assert!(paid.conflict, "it is not forgotten");
            for told in ledger.evidences("shop", &number("ORDER001")).unwrap() {
                assert_eq!((told.amount, told.number), (Some(Fen::new(1000)), Some(transaction(2))));
            }
        }
    }
}

/// From a story: the answer about a scanned payment gave another amount, moved nothing, and settled it all the same.
#[test]
fn what_differs_settles_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    let new = order("ORDER001", 1000);
    ledger.intend(&new, "a", at(0)).unwrap();
    for (fen, wanted) in [(1, domain::OperationState::Unknown), (1000, domain::OperationState::Confirmed)] {
        let mut seen = payment_seen("ORDER001", Source::Query, OrderState::Paid, at(1));
        seen.total = Some(Fen::new(fen));
        let what = ledger::Conclusion {
            payment: Some(seen),
            operation: Some((new.id.clone(), domain::OperationOutcome::Confirmed)),
            ..ledger::Conclusion::default()
        };
        let done = ledger.conclude(&what, at(1)).unwrap();
        assert_eq!(done.operation.unwrap().state, wanted, "{fen}");
    }
}

#[test]
fn a_refund_that_differs_from_what_was_asked_moves_nothing() {
    type Spoil = fn(&mut RefundObservation);
    let cases: [(&str, Spoil); 4] = [
        ("amount", |seen| seen.amount = Fen::new(301)),
        ("currency", |seen| seen.currency = Some("USD".into())),
        ("order", |seen| seen.out_trade_no = number("ORDER009")),
        ("total", |seen| seen.total = Some(Fen::new(999))),
    ];
    for (code, spoil) in cases {
        let dir = tempfile::tempdir().unwrap();
        let ledger = open(&dir.path().join("l.paydesk"));
        paid(&ledger, "ORDER001");
        ledger.intend(&refund_op("ORDER001", "R1", 300), "a", at(3)).unwrap();
        let mut wrong = refund_seen("ORDER001", "R1", Source::Notice, (RefundState::Success, 300), at(4));
        wrong.refund_id = Some(RefundId::parse("50001").unwrap());
        wrong.recv_account = Some("x".into());
        spoil(&mut wrong);
        let refund = ledger.observe_refund(&wrong, at(4)).unwrap();
        let got = (refund.state, refund.conflict, refund.amount, refund.refund_id, refund.recv_account);
        assert_eq!(got, (RefundState::Processing, true, Fen::new(300), None, None), "{code}");
        assert_eq!(refund.disagreements, [code]);
        let payment = ledger.payment("shop", &number("ORDER001")).unwrap().unwrap();
        assert_eq!((payment.state, payment.refunded), (OrderState::Paid, Fen::ZERO), "{code}");
        assert!(ledger.payment("shop", &number("ORDER009")).unwrap().is_none(), "{code}");
        // Nor is an order paid because a refund of it is told of that nobody believes.
        ledger.intend(&order("ORDER002", 1000), "a", at(5)).unwrap();
        let mut other = refund_seen("ORDER002", "R2", Source::Query, (RefundState::Success, 1), at(6));
        other.total = Some(Fen::new(1));
        ledger.observe_refund(&other, at(6)).unwrap();
        let payment = ledger.payment("shop", &number("ORDER002")).unwrap().unwrap();
        assert_eq!((payment.state, payment.conflict), (OrderState::Unpaid, true));
    }
}

fn notice(ledger: &Ledger, raw: &[u8], verified: bool, secs: i64) -> Recorded {
    let new = NewNotice {
        merchant: "shop".into(),
        raw: raw.to_vec(),
        received: at(secs),
        kind: NoticeKind::Payment,
        verified,
        verdict: if verified { "valid" } else { "invalid" }.into(),
        mch_id: Some(mch_id()),
        out_trade_no: Some(number("ORDER001")),
        out_refund_no: None,
        number: Some(transaction(1).to_string()),
        state: Some("paid".into()),
    };
    ledger.record_notice(&new, at(secs)).unwrap()
}

#[test]
fn a_notice_counts_once_and_a_forged_one_takes_no_place() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    let Recorded::FirstSeen { id: forged } = notice(&ledger, b"forged", false, 1) else { panic!() };
    let Recorded::FirstSeen { id } = notice(&ledger, b"true", true, 2) else {
        panic!("a forged one took its place")
    };
    let again = Recorded::SeenBefore { id, first: at(2), times: 2 };
    assert_eq!(notice(&ledger, b"true, with another nonce", true, 3), again);
    assert_eq!(notice(&ledger, b"forged", false, 4).id(), forged);
    assert!(matches!(notice(&ledger, b"forged too", false, 5), Recorded::FirstSeen { .. }));
    let stored = ledger.notice(id).unwrap().unwrap();
    assert_eq!((stored.times, stored.last, stored.what.raw.as_slice()), (2, at(3), b"true".as_slice()));
    assert_eq!(ledger.notices(Some("shop"), None, 10).unwrap().len(), 3);
    assert!(ledger.notices(Some("other"), None, 10).unwrap().is_empty());
    assert_eq!(ledger.notices(None, Some(id), 10).unwrap().len(), 1);
}

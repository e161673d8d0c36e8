//! Figures of a day, what needs a person, what is open.

mod support;

use domain::evidence::Source;
use domain::{CivilTime, Day, Fen, OrderState, RefundState};
use ledger::{Figures, Ledger, NewNotice, NoticeKind};
use support::*;

fn time(text: &str) -> CivilTime {
    CivilTime::parse(text).unwrap()
}

/// An order that was paid at this time, by a notice or a query.
fn paid_at(ledger: &Ledger, no: &str, fen: i64, when: &str, source: Source) {
    let civil = time(when);
    let at = civil.timestamp();
    let new = order(no, fen);
    ledger.intend(&new, "a", at).unwrap();
    ledger.settle(&new.id, domain::OperationOutcome::Confirmed, None, at).unwrap();
    let mut seen = payment_seen(no, source, OrderState::Paid, at);
    seen.total = Some(Fen::new(fen));
    seen.currency = Some("CNY".into());
    seen.transaction_id = Some(transaction(1));
    seen.time_end = Some(civil);
    ledger.observe_payment(&seen, at).unwrap();
}

fn refunded(ledger: &Ledger, no: &str, refund: &str, state: RefundState, fen: i64, when: Option<&str>) {
    let at = at(100_000);
    let mut seen = refund_seen(no, refund, Source::Query, (state, fen), at);
    seen.success_time = when.map(time);
    ledger.observe_refund(&seen, at).unwrap();
}

#[test]
fn a_day_is_the_sum_of_what_was_paid_and_what_arrived_back() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    paid_at(&ledger, "NIGHT01", 100, "2025-01-01 23:59:59", Source::Notice);
    paid_at(&ledger, "FIRST01", 1_000, "2025-01-02 00:00:00", Source::Notice);
    paid_at(&ledger, "NOON001", 2_000, "2025-01-02 12:30:00", Source::Query);
    paid_at(&ledger, "NOON002", 4_000, "2025-01-02 12:59:59", Source::Query);
    paid_at(&ledger, "NEXT001", 8_000, "2025-01-03 00:00:00", Source::Query);
    ledger.intend(&order("OPEN001", 16_000), "a", time("2025-01-02 13:00:00").timestamp()).unwrap();
    refunded(&ledger, "NOON002", "R1", RefundState::Success, 50, Some("2025-01-02 18:00:00"));
    refunded(&ledger, "NOON002", "R2", RefundState::Success, 70, Some("2025-01-03 18:00:00"));
    refunded(&ledger, "NOON002", "R3", RefundState::Processing, 500, None);
    // Nobody said when it arrived: it counts when it was first seen, on 2 January.
    refunded(&ledger, "NOON001", "R4", RefundState::Success, 30, None);
    let figures = |from: &str, to: &str| ledger.figures("shop", time(from), time(to)).unwrap();
    let (day, next) = ("2025-01-02 00:00:00", "2025-01-03 00:00:00");
    let whole = Figures { takings: Fen::new(7_000), paid: 3, refunded: Fen::new(80), refunds: 2 };
    assert_eq!(figures(day, next), whole);
    assert_eq!(figures(day, "2025-01-02 12:30:00").paid, 1);
    assert_eq!(ledger.figures("other", time(day), time(next)).unwrap(), Figures::default());
    let hours = ledger.takings_by_hour("shop", Day::parse("2025-01-02").unwrap(), time(next)).unwrap();
    let taken: Vec<_> = (0..).zip(hours).filter(|(_, fen)| fen.is_positive()).collect();
    assert_eq!(taken, [(0, Fen::new(1_000)), (12, Fen::new(6_000))]);
    assert_eq!(ledger.payments_since("shop", 0).unwrap(), (6, 6));
    assert_eq!(ledger.payments_since("shop", 4).unwrap(), (2, 6));
    assert_eq!(ledger.payments_since("other", 0).unwrap(), (0, 6));
    assert!(ledger.has_payments("shop").unwrap() && !ledger.has_payments("other").unwrap());
}

#[test]
fn what_nobody_told_of_is_only_missed_where_notices_come() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    paid_at(&ledger, "TOLD001", 100, "2025-01-02 10:00:00", Source::Notice);
    paid_at(&ledger, "ASKED01", 100, "2025-01-02 11:00:00", Source::Query);
    paid_at(&ledger, "ASKED02", 100, "2025-01-02 12:00:00", Source::Query);
    let missed = || -> Vec<String> {
        let (from, to) = (time("2025-01-02 00:00:00"), time("2025-01-02 12:00:00"));
        let rows = ledger.not_told("shop", from, to, 10).unwrap();
        rows.iter().map(|row| row.out_trade_no.to_string()).collect()
    };
    assert!(missed().is_empty(), "no notice ever came here");
    let notice = NewNotice {
        merchant: "shop".into(),
        raw: b"<xml/>".to_vec(),
        received: at(9),
        kind: NoticeKind::Payment,
        verified: true,
        verdict: "valid".into(),
        mch_id: Some(mch_id()),
        out_trade_no: Some(number("TOLD001")),
        out_refund_no: None,
        number: Some("1".into()),
        state: Some("paid".into()),
    };
    ledger.record_notice(&notice, at(9)).unwrap();
    assert_eq!(missed(), ["ASKED01"]);
}

#[test]
fn disagreements_and_refunds_that_did_not_arrive_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    for no in ["ORDER01", "ORDER02", "ORDER03"] {
        paid_at(&ledger, no, 100, "2025-01-02 10:00:00", Source::Notice);
    }
    let mut other = payment_seen("ORDER02", Source::Query, OrderState::Paid, at(200_000));
    other.total = Some(Fen::new(101));
    ledger.observe_payment(&other, at(200_000)).unwrap();
    let closed = payment_seen("ORDER03", Source::Query, OrderState::Closed, at(200_000));
    ledger.observe_payment(&closed, at(200_000)).unwrap();
    let found = ledger.disagreeing("shop", 10).unwrap();
    let numbers: Vec<_> = found.iter().map(|row| row.out_trade_no.as_str()).collect();
    assert_eq!(numbers, ["ORDER03", "ORDER02"]);
    assert_eq!(ledger.disagreeing("shop", 1).unwrap().len(), 1);
    refunded(&ledger, "ORDER01", "R1", RefundState::Abnormal, 10, None);
    refunded(&ledger, "ORDER01", "R2", RefundState::Processing, 10, None);
    let abnormal = ledger.abnormal_refunds("shop", 10).unwrap();
    assert_eq!(abnormal.iter().map(|row| row.out_refund_no.as_str()).collect::<Vec<_>>(), ["R1"]);
}

#[test]
fn only_orders_that_wechat_pay_has_are_open() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    for (no, expires, outcome) in [
        ("SOON001", Some(100), domain::OperationOutcome::Confirmed),
        ("LATER01", Some(1_000), domain::OperationOutcome::Confirmed),
        ("NEVER01", None, domain::OperationOutcome::Confirmed),
        ("REFUSED", Some(100), domain::OperationOutcome::Rejected),
        ("UNKNOWN", Some(100), domain::OperationOutcome::Unknown),
    ] {
        let mut new = order(no, 100);
        new.payment.as_mut().unwrap().expires = expires.map(at);
        ledger.intend(&new, "a", at(0)).unwrap();
        ledger.settle(&new.id, outcome, None, at(1)).unwrap();
    }
    paid(&ledger, "PAID001");
    let ended = |secs: i64| -> Vec<String> {
        let rows = ledger.ended_orders("shop", at(secs)).unwrap();
        rows.iter().map(|row| row.out_trade_no.to_string()).collect()
    };
    assert_eq!(ended(100), Vec::<String>::new());
    assert_eq!(ended(101), ["SOON001"]);
    assert_eq!(ended(7 * 86_400), ["SOON001", "LATER01"]);
    assert_eq!(ended(7 * 86_400 + 1), ["SOON001", "LATER01", "NEVER01"], "WeChat Pay closes it after a week");
    let open = ledger.open_since("shop", at(0)).unwrap();
    assert_eq!(open.len(), 3);
    assert!(ledger.open_since("shop", at(1)).unwrap().is_empty());
    let (ids, last) = ledger.open_payments().unwrap();
    assert_eq!((ids.len(), last), (5, 6));
    let entry = ledger.journal_about("payment:shop:PAID001").unwrap().pop().unwrap();
    assert_eq!(entry.payment(), Some(("shop", number("PAID001"))));
    assert_eq!(ledger.journal(0, 1).unwrap()[0].payment(), None);
}

#[test]
fn a_ledger_of_the_format_before_gets_its_indexes() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("l.paydesk");
    paid(&open(&file), "PAID001");
    let indexes = |conn: &rusqlite::Connection| -> Vec<String> {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
            AND name IN ('payments_paid', 'payments_disagreeing', 'payments_open', 'refunds_arrived',
                'refunds_abnormal') ORDER BY 1";
        conn.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let conn = rusqlite::Connection::open(&file).unwrap();
    let there = indexes(&conn);
    assert_eq!(there.len(), 5);
    for index in &there {
        conn.execute_batch(&format!("DROP INDEX {index}")).unwrap();
    }
    conn.execute_batch("PRAGMA user_version = 1").unwrap();
    drop(conn);
    let opened = Ledger::open(&file, domain::Environment::Simulated, key(), at(5)).unwrap();
    let migrated = opened.migrated.unwrap();
    assert_eq!((migrated.from, migrated.to), (1, ledger::SCHEMA_VERSION));
    assert!(migrated.backup.exists());
    assert_eq!(indexes(&rusqlite::Connection::open(&file).unwrap()), there);
    assert!(opened.ledger.check_full(None).unwrap().is_ok());
    assert_eq!(opened.ledger.payments_since("shop", 0).unwrap(), (1, 1));
}

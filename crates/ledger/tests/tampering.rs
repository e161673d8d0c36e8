//! What is changed past Paydesk is found, and where.

mod support;

use ledger::{Finding, Head, Ledger, LedgerError};
use rusqlite::Connection;
use std::path::Path;
use support::*;

fn ledger_with_history(file: &Path) -> Ledger {
    let ledger = open(file);
    for turn in 0..5 {
        paid(&ledger, &format!("ORDER{turn:03}"));
    }
    ledger
}

const UNLOCK: &str = "DROP TRIGGER journal_no_update; DROP TRIGGER journal_no_delete;";

#[test]
fn every_change_of_the_journal_is_found() {
    type Case = (&'static str, &'static str, fn(&LedgerError, i64) -> bool);
    let cases: [Case; 9] = [
        ("edit", "UPDATE journal SET detail = 'state=paid total=1' WHERE seq = 7", |e, _| {
            matches!(e, LedgerError::ChainBroken { seq: 7 })
        }),
        ("edit a time", "UPDATE journal SET at_ms = at_ms + 1 WHERE seq = 3", |e, _| {
            matches!(e, LedgerError::ChainBroken { seq: 3 })
        }),
        ("edit a mac", "UPDATE journal SET mac = zeroblob(32) WHERE seq = 4", |e, _| {
            matches!(e, LedgerError::ChainBroken { seq: 4 })
        }),
        ("delete", "DELETE FROM journal WHERE seq = 6", |e, _| {
            matches!(e, LedgerError::ChainBroken { seq: 6 })
        }),
        (
            "delete and close the gap",
            "DELETE FROM journal WHERE seq = 6; UPDATE journal SET seq = -seq WHERE seq > 6;
             UPDATE journal SET seq = -seq - 1 WHERE seq < 0",
            |e, _| matches!(e, LedgerError::ChainBroken { seq: 6 }),
        ),
        (
            "swap",
            "UPDATE journal SET seq = -1 WHERE seq = 5; UPDATE journal SET seq = 5 WHERE seq = 6;
             UPDATE journal SET seq = 6 WHERE seq = -1",
            |e, _| matches!(e, LedgerError::ChainBroken { seq: 5 }),
        ),
        (
            "insert",
            "INSERT INTO journal SELECT seq + 1, at_ms, kind, subject, detail, seal, mac, mac FROM journal
             ORDER BY seq DESC LIMIT 1",
            |e, last| matches!(e, LedgerError::ChainBroken { seq } if *seq == last + 1),
        ),
        (
            "cut the end off",
            "DELETE FROM journal WHERE seq > (SELECT max(seq) FROM journal) - 2",
            |e, end| matches!(e, LedgerError::HeadAhead { anchored, last } if *anchored == end && *last == end - 2),
        ),
        ("empty it", "DELETE FROM journal", |e, _| matches!(e, LedgerError::HeadAhead { last: 0, .. })),
    ];
    for (name, sql, expected) in cases {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("l.paydesk");
        let ledger = ledger_with_history(&file);
        let head = ledger.head().unwrap();
        assert_eq!(ledger.check_chain(Some(head)).unwrap(), head);
        Connection::open(&file).unwrap().execute_batch(&format!("{UNLOCK}{sql};")).unwrap();
        let error = ledger.check_chain(Some(head)).unwrap_err();
        assert!(expected(&error, head.seq), "{name}: {error:?}");
        let report = ledger.check_full(Some(head)).unwrap();
        assert!(!report.is_ok(), "{name}");
    }
}

#[test]
fn the_journal_refuses_to_be_changed_by_mistake() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("l.paydesk");
    let _ledger = ledger_with_history(&file);
    let conn = Connection::open(&file).unwrap();
    for sql in ["UPDATE journal SET detail = ''", "DELETE FROM journal"] {
        assert!(conn.execute(sql, []).unwrap_err().to_string().contains("append-only"), "{sql}");
    }
}

#[test]
fn another_journal_in_its_place_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = ledger_with_history(&dir.path().join("l.paydesk"));
    let head = Head { mac: [1; 32], ..ledger.head().unwrap() };
    assert!(matches!(ledger.check_chain(Some(head)).unwrap_err(), LedgerError::HeadDiffers { .. }));
}

#[test]
fn a_broken_last_row_is_found_at_start() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("l.paydesk");
    drop(ledger_with_history(&file));
    let sql = format!("{UNLOCK} UPDATE journal SET detail = 'x' WHERE seq = (SELECT max(seq) FROM journal);");
    Connection::open(&file).unwrap().execute_batch(&sql).unwrap();
    let error = Ledger::open(&file, domain::Environment::Simulated, key(), at(9)).unwrap_err();
    assert_eq!(error.code(), "chain_broken");
}

#[test]
fn a_row_changed_behind_the_journal_is_found() {
    for (sql, code, subject) in [
        ("UPDATE payments SET total_fen = 1 WHERE out_trade_no = 'ORDER003'", "row_changed", "payment:shop:ORDER003"),
        ("UPDATE payments SET body = 'x' WHERE out_trade_no = 'ORDER003'", "row_changed", "payment:shop:ORDER003"),
        ("UPDATE operations SET state = 'rejected' WHERE out_trade_no = 'ORDER002'", "row_changed", "operation:"),
        ("UPDATE evidence SET amount_fen = 2 WHERE number = 'ORDER001'", "row_changed", "evidence:shop:payment:ORDER001"),
        ("DELETE FROM evidence WHERE number = 'ORDER001'", "row_missing", "evidence:shop:payment:ORDER001"),
        (
            "INSERT INTO refunds (merchant, out_refund_no, out_trade_no, mch_id, state, conflict, disagreements,
                unasked, refund_fen, created_ms, updated_ms)
             VALUES ('shop', 'R9', 'ORDER001', '1900000109', 'success', 0, '', 1, 2000, 0, 0)",
            "row_unknown",
            "refund:shop:R9",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("l.paydesk");
        let ledger = ledger_with_history(&file);
        Connection::open(&file).unwrap().execute_batch(sql).unwrap();
        let report = ledger.check_full(None).unwrap();
        let found = report.findings.iter().any(|finding| {
            finding.code() == code
                && matches!(finding, Finding::RowChanged { subject: s } | Finding::RowMissing { subject: s }
                    | Finding::RowUnknown { subject: s } if s.starts_with(subject))
        });
        assert!(found, "{sql}: {report:?}");
        if subject == "refund:shop:R9" {
            let codes: Vec<_> = report.findings.iter().map(Finding::code).collect();
            assert!(codes.contains(&"refund_sum") && codes.contains(&"over_refunded"), "{codes:?}");
        }
    }
}

#[test]
fn a_head_is_read_back() {
    let head = Head { seq: 12, mac: [0xab; 32] };
    assert_eq!(head.to_string().parse(), Ok(head));
    for text in [
        "",
        "12",
        "12:",
        "x:00",
        "-1:abababababababababababababababababababababababababababababababab",
        "1:ü",
    ] {
        assert!(text.parse::<Head>().is_err(), "{text}");
    }
}

//! A ledger whose journal's key is lost: it is read unproven, and a person may go on with it under a new key.

mod support;

use domain::{Environment, Secret};
use ledger::{Finding, Ledger, LedgerError};
use rusqlite::Connection;
use std::path::Path;
use support::*;

fn new_key() -> Secret<[u8; 32]> {
    Secret::new([8; 32])
}

fn reopened(file: &Path) -> Ledger {
    Ledger::open(file, Environment::Simulated, new_key(), at(30)).unwrap().ledger
}

#[test]
fn a_ledger_whose_key_is_lost_is_read_unproven_and_goes_on_under_a_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("l.paydesk");
    let before = {
        let ledger = open(&file);
        paid(&ledger, "ORDER001");
        ledger.head().unwrap()
    };
    let bytes = std::fs::read(&file).unwrap();
    let refused = Ledger::open(&file, Environment::Simulated, new_key(), at(20)).unwrap_err();
    assert!(matches!(refused, LedgerError::WrongChainKey), "{refused}");
    let read = Ledger::open_unproven(&file, Environment::Simulated, new_key()).unwrap();
    assert!(read.payment("shop", &number("ORDER001")).unwrap().is_some() && read.is_read_only());
    drop(read);
    // Whose money it is stands in the file, not in the key.
    let live = Ledger::open_unproven(&file, Environment::Live, new_key()).unwrap_err();
    assert!(matches!(live, LedgerError::WrongEnvironment { .. }), "{live}");
    let live = Ledger::adopt(&file, Environment::Live, &new_key(), at(20)).unwrap_err();
    assert!(matches!(live, LedgerError::WrongEnvironment { .. }), "{live}");
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "it was only read");

    let head = Ledger::adopt(&file, Environment::Simulated, &new_key(), at(20)).unwrap();
    assert_eq!(head.seq, before.seq + 1);
    assert_eq!(Ledger::adopt(&file, Environment::Simulated, &new_key(), at(21)).unwrap(), head, "once");
    let ledger = reopened(&file);
    assert_eq!(ledger.unproven_to().unwrap(), Some(before.seq));
    assert_eq!(
        ledger.journal(0, 100).unwrap().len(),
        usize::try_from(head.seq).unwrap(),
        "the old rows are there"
    );
    assert!(ledger.check_full(Some(head)).unwrap().is_ok());
    ledger.check_head(before).unwrap();
    paid(&ledger, "ORDER002");
    // And once more.
    drop(ledger);
    let third = Secret::new([9; 32]);
    let head = Ledger::adopt(&file, Environment::Simulated, &third, at(40)).unwrap();
    let ledger = Ledger::open(&file, Environment::Simulated, third, at(41)).unwrap().ledger;
    assert_eq!(ledger.unproven_to().unwrap(), Some(head.seq - 1));
    assert!(ledger.check_full(Some(head)).unwrap().is_ok());
}

#[test]
fn what_an_adopted_ledger_held_cannot_be_changed_unnoticed() {
    let changes = [
        ("the old journal", "UPDATE journal SET seal = zeroblob(32) WHERE seq = 2"),
        ("where it begins", "UPDATE meta SET value = value - 1 WHERE name = 'unproven_to'"),
        ("that it was adopted", "DELETE FROM meta WHERE name = 'unproven_to'"),
        ("that all is unproven", "UPDATE meta SET value = 999 WHERE name = 'unproven_to'"),
        ("what it said of it", "UPDATE journal SET detail = detail || '0' WHERE kind = 'adopt'"),
        ("a row", "UPDATE payments SET total_fen = 1"),
    ];
    for (what, sql) in changes {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("l.paydesk");
        paid(&open(&file), "ORDER001");
        Ledger::adopt(&file, Environment::Simulated, &new_key(), at(20)).unwrap();
        paid(&reopened(&file), "ORDER002");
        let conn = Connection::open(&file).unwrap();
        conn.execute_batch("DROP TRIGGER journal_no_update; DROP TRIGGER journal_no_delete;").unwrap();
        assert!(conn.execute(sql, []).unwrap() > 0, "{what}");
        drop(conn);
        let found = reopened(&file).check_full(None).unwrap().findings;
        let named =
            |finding: &Finding| matches!(finding, Finding::ChainBroken { .. } | Finding::RowChanged { .. });
        assert!(found.iter().any(named), "{what}: {found:?}");
    }
}

/// From outside: such a file was called another program's, and nobody offered to salvage it.
#[test]
fn a_ledger_whose_beginning_is_gone_is_damaged_and_can_be_salvaged() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("l.paydesk");
    paid(&open(&file), "ORDER001");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[..100].fill(0);
    std::fs::write(&file, bytes).unwrap();
    let refused = Ledger::open(&file, Environment::Simulated, key(), at(20)).unwrap_err();
    assert!(matches!(refused, LedgerError::Damaged { .. }), "{refused}");
    let to = dir.path().join("saved");
    Ledger::salvage(&file, &to, Environment::Simulated, key(), at(20)).unwrap();
    assert!(open(&to).payment("shop", &number("ORDER001")).unwrap().is_some());
}

#[test]
fn a_backup_under_another_key_is_put_back_only_where_that_was_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let (file, backup) = (dir.path().join("l.paydesk"), dir.path().join("backup"));
    {
        let ledger = open(&file);
        paid(&ledger, "ORDER001");
        ledger.backup(&backup).unwrap();
    }
    let to = dir.path().join("new.paydesk");
    let put = |adopt| Ledger::restore(&backup, &to, Environment::Simulated, new_key(), adopt, at(20));
    assert!(matches!(put(false).unwrap_err(), LedgerError::WrongChainKey));
    assert!(!to.exists());
    let restored = put(true).unwrap();
    assert!(restored.adopted);
    let ledger = reopened(&to);
    assert!(ledger.payment("shop", &number("ORDER001")).unwrap().is_some());
    assert!(ledger.check_full(Some(restored.head)).unwrap().is_ok());
    let live = Ledger::restore(&backup, &to, Environment::Live, new_key(), true, at(20)).unwrap_err();
    assert!(matches!(live, LedgerError::WrongEnvironment { .. }), "{live}");
}

//! Backups, restoring, migrations, and a full disk.

mod support;

use domain::{Environment, OperationOutcome};
use ledger::{Ledger, LedgerError};
use rusqlite::Connection;
use std::fs;
use std::path::Path;
use std::process::Command;
use support::*;

fn restore(from: &Path, to: &Path) -> Result<ledger::Restored, LedgerError> {
    Ledger::restore(from, to, Environment::Simulated, key(), false, at(20))
}

#[test]
fn a_backup_is_whole_and_is_put_back() {
    let dir = tempfile::tempdir().unwrap();
    let (file, copy) = (dir.path().join("l.paydesk"), dir.path().join("copy.bak"));
    let ledger = open(&file);
    paid(&ledger, "ORDER001");
    ledger.backup(&copy).unwrap();
    assert_eq!(ledger.backup(&copy).unwrap_err().code(), "ledger_file_exists");
    let head = ledger.head().unwrap();
    paid(&ledger, "ORDER002");

    // Not while somebody works with it, and not something that is no whole ledger of this environment.
    assert_eq!(restore(&copy, &file).unwrap_err().code(), "ledger_in_use");
    drop(ledger);
    let bad = dir.path().join("bad.bak");
    let mut bytes = fs::read(&copy).unwrap();
    bytes[4096 * 3..4096 * 4].fill(0);
    fs::write(&bad, &bytes).unwrap();
    assert_eq!(restore(&bad, &file).unwrap_err().code(), "ledger_damaged");
    fs::write(&bad, "").unwrap();
    assert_eq!(restore(&bad, &file).unwrap_err().code(), "ledger_damaged");
    let live = Ledger::restore(&copy, &file, Environment::Live, key(), false, at(20)).unwrap_err();
    assert_eq!(live.code(), "ledger_wrong_environment");
    assert_eq!(open(&file).info().unwrap().rows.iter().find(|(name, _)| *name == "payments").unwrap().1, 2);

    let before = fs::read(&file).unwrap();
    let restored = restore(&copy, &file).unwrap();
    assert_eq!(fs::read(restored.moved_aside.unwrap()).unwrap(), before, "the old one is kept");
    let ledger = open(&file);
    assert!(ledger.payment("shop", &number("ORDER001")).unwrap().is_some());
    assert!(ledger.payment("shop", &number("ORDER002")).unwrap().is_none());
    assert_eq!(ledger.check_chain(Some(head)).unwrap(), restored.head);
    let report = ledger.check_full(Some(restored.head)).unwrap();
    assert!(report.is_ok(), "{report:?}");
}

#[test]
fn a_backup_can_be_made_while_others_write() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    std::thread::scope(|scope| {
        scope.spawn(|| (0..100).for_each(|turn| paid(&ledger, &format!("ORDER{turn:03}"))));
        for turn in 0..5 {
            let copy = dir.path().join(format!("{turn}.bak"));
            ledger.backup(&copy).unwrap();
            let report = open(&copy).check_full(None).unwrap();
            assert!(report.is_ok(), "{report:?}");
        }
    });
}

/// A ledger of format 0: named as one, and nothing in it yet.
fn format_0(file: &Path) {
    let conn = Connection::open(file).unwrap();
    let id = i32::from_be_bytes(*b"PyS1");
    conn.execute_batch(&format!(
        "PRAGMA application_id = {id}; CREATE TABLE was_here (x); INSERT INTO was_here VALUES (1);"
    ))
    .unwrap();
}

#[test]
fn an_older_format_is_backed_up_and_brought_up_to_date() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("l.paydesk");
    for turn in 0..9 {
        let _ = fs::remove_file(&file);
        format_0(&file);
        let opened = Ledger::open(&file, Environment::Simulated, key(), at(turn)).unwrap();
        let migrated = opened.migrated.unwrap();
        assert_eq!((migrated.from, migrated.to, opened.created), (0, ledger::SCHEMA_VERSION, false));
        assert_eq!(migrated.backup, dir.path().join(format!("l.paydesk.v0.2025010108000{turn}.bak")));
        let old = Connection::open(&migrated.backup).unwrap();
        let there: i64 = old.query_row("SELECT x FROM was_here", [], |row| row.get(0)).unwrap();
        assert_eq!(there, 1);
        paid(&opened.ledger, "ORDER001");
        assert!(opened.ledger.check_full(None).unwrap().is_ok());
        let again = Ledger::open(&file, Environment::Simulated, key(), at(turn)).unwrap();
        assert_eq!((again.migrated, again.created), (None, false));
    }
    let backups = fs::read_dir(dir.path()).unwrap().flatten();
    let backups = backups.filter(|entry| entry.file_name().to_string_lossy().ends_with(".bak")).count();
    assert_eq!(backups, 7, "the newest seven are kept");
}

#[test]
fn a_migration_that_fails_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("l.paydesk");
    format_0(&file);
    // Something of the new format's name is in the way.
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE refunds (x);").unwrap();
    assert!(Ledger::open(&file, Environment::Simulated, key(), at(0)).is_err());
    let conn = Connection::open(&file).unwrap();
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!((tables, version), (2, 0));
}

/// A small file system of its own, taken away again whatever happens. `None` where mounting is not permitted;
/// the unit tests of `ledger` then still show the refusals on a file that may not grow.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new(size: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", size, "tmpfs"]).arg(dir.path()).output();
        done.is_ok_and(|out| out.status.success()).then_some(Self(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).output();
    }
}

#[test]
fn a_full_disk_ends_what_is_in_flight_and_begins_nothing() {
    let Some(disk) = SmallDisk::new("size=9m") else { return };
    let file = disk.0.path().join("l.paydesk");
    let opened = Ledger::open(&file, Environment::Simulated, key(), at(0)).unwrap();
    assert!(!opened.disk_full);
    let ledger = opened.ledger;
    let mut begun = Vec::new();
    let refused = loop {
        let mut new = order(&format!("ORDER{:05}", begun.len()), 100);
        new.request_params = "x".repeat(3000);
        match ledger.intend(&new, "a", at(1)) {
            Ok(intent) => begun.push(intent.operation().id.clone()),
            Err(error) => break error,
        }
    };
    assert_eq!(refused.code(), "ledger_disk_full");
    assert!(begun.len() > 100);
    for id in &begun {
        ledger.settle(id, OperationOutcome::Confirmed, None, at(2)).unwrap();
    }
    assert!(!disk.0.path().join("l.paydesk.reserve").exists(), "the reserve was needed");
    assert_eq!(ledger.intend(&order("ANOTHER", 100), "a", at(3)).unwrap_err().code(), "ledger_disk_full");
    assert!(ledger.check_full(None).unwrap().is_ok());
    drop(ledger);
    let opened = Ledger::open(&file, Environment::Simulated, key(), at(4)).unwrap();
    assert_eq!(
        opened.ledger.info().unwrap().rows.iter().find(|(name, _)| *name == "operations").unwrap().1,
        begun.len() as u64
    );
    // Space comes back, and so does the reserve.
    drop(opened);
    let done = Command::new("mount").args(["-o", "remount,size=64m"]).arg(disk.0.path()).output().unwrap();
    assert!(done.status.success());
    let opened = Ledger::open(&file, Environment::Simulated, key(), at(5)).unwrap();
    assert!(!opened.disk_full);
    opened.ledger.intend(&order("ANOTHER", 100), "a", at(5)).unwrap();
}

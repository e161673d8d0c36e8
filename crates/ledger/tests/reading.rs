//! Where nothing can be written the ledger is still read, whole, and nothing is left behind. That it also works
//! where the system forbids to write is shown with the real program in `tests/tests/trouble.rs`.

mod support;

use domain::Environment;
use ledger::{Ledger, LedgerError, PaymentFilter};
use std::fs;
use std::path::Path;
use support::*;

fn read(file: &Path) -> Result<Ledger, LedgerError> {
    Ledger::open_to_read(file, Environment::Simulated, key())
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_ledger_opened_to_read_refuses_every_write() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("l.paydesk");
    let writing = open(&file);
    paid(&writing, "ORDER001");
    // Beside one that writes, and alone.
    for alone in [false, true] {
        let ledger = read(&file).unwrap();
        assert!(ledger.is_read_only() && !writing.is_read_only());
        assert_eq!(ledger.payments(&PaymentFilter::default()).unwrap().len(), 1);
        let head = ledger.head().unwrap();
        assert!(ledger.check_full(Some(head)).unwrap().is_ok());
        let refused = ledger.intend(&order("ORDER002", 1), "a", at(9)).unwrap_err();
        assert!(matches!(refused, LedgerError::ReadOnly { .. }), "{alone}: {refused}");
        assert!(ledger.accept(None, at(9)).is_err());
        assert_eq!(ledger.head().unwrap(), head);
        let copy = dir.path().join(format!("copy-{alone}"));
        ledger.backup(&copy).unwrap();
        assert_eq!(read(&copy).unwrap().head().unwrap(), head);
    }
}

#[test]
fn what_cannot_be_believed_is_not_read_either() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("l.paydesk");
    paid(&open(&file), "ORDER001");
    let wrong = Ledger::open_to_read(&file, Environment::Live, key()).unwrap_err();
    assert!(matches!(wrong, LedgerError::WrongEnvironment { .. }), "{wrong}");
    let wrong =
        Ledger::open_to_read(&file, Environment::Simulated, domain::Secret::new([8; 32])).unwrap_err();
    assert!(matches!(wrong, LedgerError::WrongChainKey), "{wrong}");
    let mut bytes = fs::read(&file).unwrap();
    bytes[4096..8192].fill(0xff);
    fs::write(&file, bytes).unwrap();
    assert!(matches!(read(&file).unwrap_err(), LedgerError::Damaged { .. }));
    let none = read(&dir.path().join("none")).unwrap_err();
    assert!(matches!(none, LedgerError::Io { .. }), "{none}");
}

#[test]
fn an_accepted_ledger_has_it_in_its_journal() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    let before = ledger.head().unwrap();
    let ahead = ledger::Head { seq: 99, mac: [1; 32] };
    assert!(matches!(ledger.check_head(ahead), Err(LedgerError::HeadAhead { anchored: 99, last: 1 })));
    let other = ledger::Head { seq: 1, mac: [1; 32] };
    assert!(matches!(ledger.check_head(other), Err(LedgerError::HeadDiffers { seq: 1 })));
    let head = ledger.accept(Some(ahead), at(9)).unwrap();
    assert_eq!(head.seq, before.seq + 1);
    ledger.check_head(before).unwrap();
    ledger.check_head(head).unwrap();
    let last = ledger.journal(before.seq, 1).unwrap().remove(0);
    assert_eq!((last.kind.as_str(), last.detail.as_str()), ("accept", "anchored=99"));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_any_file_of_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("l.paydesk");
    let ledger = open(&file);
    paid(&ledger, "ORDER001");
    ledger.backup(&dir.path().join("backup")).unwrap();
    let closed = |names: &[String]| {
        for name in names {
            let mode = fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{name} is {mode:o}");
        }
    };
    let open_now = names(dir.path());
    assert_eq!(open_now, ["backup", "l.paydesk", "l.paydesk-shm", "l.paydesk-wal", "l.paydesk.reserve"]);
    closed(&open_now);
    drop(ledger);
    // One from before this rule, and a backup that was copied about: both are closed when they are used.
    for name in ["l.paydesk", "backup"] {
        fs::set_permissions(dir.path().join(name), fs::Permissions::from_mode(0o444)).unwrap();
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let ledger = open(&file);
    closed(&["l.paydesk".to_owned()]);
    drop(ledger);
    Ledger::restore(&dir.path().join("backup"), &file, Environment::Simulated, key(), false, at(9)).unwrap();
    closed(&["l.paydesk".to_owned()]);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let fresh = dir.path().join("fresh");
    Ledger::salvage(&file, &fresh, Environment::Simulated, key(), at(9)).unwrap();
    closed(&["fresh".to_owned()]);
}

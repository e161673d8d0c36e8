//! Files in every bad state: each refused by its own name, none written to, none believed silently.

mod support;

use domain::{Environment, Secret};
use ledger::{Damage, Ledger, LedgerError, PaymentFilter, RefundFilter, SalvageReport};
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use support::*;

fn attempt(file: &Path) -> Result<Ledger, LedgerError> {
    Ledger::open(file, Environment::Simulated, key(), at(9)).map(|opened| opened.ledger)
}

/// A closed ledger with a hundred payments and ten refunds, some of them asked for and not answered.
fn sample(directory: &Path) -> PathBuf {
    let file = directory.join("sample.paydesk");
    let ledger = open(&file);
    for turn in 0..100 {
        paid(&ledger, &format!("ORDER{turn:03}"));
    }
    for turn in 0..10 {
        let no = format!("ORDER{turn:03}");
        let op = refund_op(&no, &format!("R{turn}"), 100);
        ledger.intend(&op, "a", at(5)).unwrap();
        if turn % 2 == 0 {
            let what = (domain::RefundState::Success, 100);
            let seen = refund_seen(&no, &format!("R{turn}"), domain::evidence::Source::Query, what, at(6));
            let conclusion = ledger::Conclusion {
                exchange: Some(exchange(&op.id)),
                refunds: vec![seen],
                operation: Some((op.id.clone(), domain::OperationOutcome::Confirmed)),
                ..ledger::Conclusion::default()
            };
            ledger.conclude(&conclusion, at(6)).unwrap();
        }
    }
    let report = ledger.check_full(None).unwrap();
    assert!(report.is_ok(), "{report:?}");
    drop(ledger);
    assert!(!directory.join("sample.paydesk-wal").exists(), "closing writes the log back");
    file
}

/// What the ledger says of money.
fn contents(ledger: &Ledger) -> Result<String, LedgerError> {
    Ok(format!(
        "{:?}{:?}{:?}",
        ledger.payments(&PaymentFilter::default())?,
        ledger.refunds(&RefundFilter::default())?,
        ledger.unresolved(None)?
    ))
}

fn set_aside(file: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let copy = file.with_file_name(name);
    for ending in ["-wal", "-shm"] {
        let _ = fs::remove_file(copy.with_file_name(format!("{name}{ending}")));
    }
    fs::write(&copy, bytes).unwrap();
    copy
}

fn salvage(file: &Path, to: &Path) -> Result<SalvageReport, LedgerError> {
    let _ = fs::remove_file(to);
    Ledger::salvage(file, to, Environment::Simulated, key(), at(10))
}

#[test]
fn each_bad_file_has_its_own_name_and_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = sample(dir.path());
    let good = fs::read(&file).unwrap();
    let edit = |at: usize, new: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + new.len()].copy_from_slice(new);
        bytes
    };
    let cases: [(&str, Vec<u8>, &str, &str); 9] = [
        ("empty", Vec::new(), "ledger_damaged", "is empty"),
        ("header only", good[..50].to_vec(), "ledger_damaged", "ends after 50"),
        ("half", good[..good.len() / 2 / 4096 * 4096].to_vec(), "ledger_damaged", "ends after"),
        ("a page of zeros", edit(4096 * 4, &[0; 4096]), "ledger_damaged", "damaged"),
        ("another program's", edit(68, &[0; 4]), "ledger_not_a_ledger", "not a Paydesk ledger"),
        (
            "text",
            b"not a database at all, and long enough to have a header".repeat(9),
            "ledger_not_a_ledger",
            "not",
        ),
        ("live", edit(68, b"PyL1"), "ledger_wrong_environment", "live environment"),
        ("newer", edit(60, &[0, 0, 0, 99]), "ledger_newer_than_program", "format 99"),
        ("page size", edit(16, &[0, 3]), "ledger_damaged", "damaged"),
    ];
    for (name, bytes, code, words) in cases {
        let copy = set_aside(&file, "case.paydesk", &bytes);
        let error = attempt(&copy).unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(error.to_string().contains(words), "{name}: {error}");
        assert_eq!(fs::read(&copy).unwrap(), bytes, "{name} was written to");
    }
    assert_eq!(attempt(dir.path()).unwrap_err().code(), "ledger_not_a_ledger");
    let other = Ledger::open(&file, Environment::Live, key(), at(9)).unwrap_err();
    assert!(matches!(other, LedgerError::WrongEnvironment { file: Environment::Simulated, .. }));
    let wrong = Ledger::open(&file, Environment::Simulated, Secret::new([8; 32]), at(9)).unwrap_err();
    assert_eq!(wrong.code(), "ledger_wrong_chain_key");
    assert_eq!(fs::read(&file).unwrap(), good);
    // The environment also stands in a row: a header alone does not make it another's.
    let live = set_aside(&file, "live.paydesk", &edit(68, b"PyL1"));
    let error = Ledger::open(&live, Environment::Live, key(), at(9)).unwrap_err();
    assert!(matches!(error, LedgerError::WrongEnvironment { file: Environment::Simulated, .. }), "{error}");
}

#[test]
fn truncated_anywhere_it_is_refused_and_salvaged() {
    let dir = tempfile::tempdir().unwrap();
    let file = sample(dir.path());
    let good = fs::read(&file).unwrap();
    let mut saved_from_most = 0;
    for part in 0..40 {
        let len = good.len() * part / 40;
        let copy = set_aside(&file, "cut.paydesk", &good[..len]);
        let error = attempt(&copy).unwrap_err();
        let named = matches!(error, LedgerError::Damaged { what: Damage::Empty | Damage::Truncated { .. } });
        assert!(named, "{len}: {error}");
        let report = salvage(&copy, &dir.path().join("saved.paydesk")).unwrap();
        let saved: u64 = report.tables.iter().map(|table| table.saved).sum();
        if part == 39 {
            saved_from_most = saved;
        }
        let saved = attempt(&dir.path().join("saved.paydesk")).unwrap();
        let check = saved.check_full(None).unwrap();
        assert!(
            check.findings.iter().all(|found| matches!(found.code(), "refund_sum" | "confirmed_without_row")),
            "{check:?}"
        );
    }
    assert!(saved_from_most > 300, "{saved_from_most}");
}

/// Numbers that look random and are the same every time.
fn numbers() -> impl FnMut(usize) -> usize {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    }
}

#[test]
fn two_hundred_files_with_flipped_bits_tell_no_lies() {
    let dir = tempfile::tempdir().unwrap();
    let file = sample(dir.path());
    let good = fs::read(&file).unwrap();
    let truth = contents(&attempt(&file).unwrap()).unwrap();
    let mut next = numbers();
    let (mut refused, mut found, mut harmless) = (0, 0, 0);
    for turn in 0..200 {
        let mut bytes = good.clone();
        for _ in 0..=turn % 4 {
            let place = next(bytes.len());
            bytes[place] ^= 1 << next(8);
        }
        let copy = set_aside(&file, "flipped.paydesk", &bytes);
        match attempt(&copy) {
            Err(error) => {
                assert!(!matches!(error, LedgerError::Engine { .. } | LedgerError::Rule { .. }), "{error}");
                refused += 1;
            }
            Ok(ledger) => {
                let report = ledger.check_full(None).unwrap();
                if report.is_ok() {
                    assert_eq!(contents(&ledger).unwrap(), truth, "turn {turn}: changed and not found");
                    harmless += 1;
                } else {
                    found += 1;
                }
            }
        }
        if turn % 4 == 0 {
            match salvage(&copy, &dir.path().join("saved.paydesk")) {
                Ok(report) => {
                    let payments = report.tables.iter().find(|table| table.table == "payments").unwrap();
                    assert!(payments.saved >= 60, "turn {turn}: {report:?}");
                    attempt(&dir.path().join("saved.paydesk")).unwrap();
                }
                Err(error) => assert_eq!(error.code(), "ledger_not_a_ledger", "turn {turn}: {error}"),
            }
        }
    }
    assert!(refused > 10 && found > 10 && harmless > 10, "{refused} {found} {harmless}");
}

#[test]
fn a_lost_table_of_contents_is_rebuilt() {
    let dir = tempfile::tempdir().unwrap();
    let file = sample(dir.path());
    let mut bytes = fs::read(&file).unwrap();
    bytes[..4096].fill(0xaa);
    let copy = set_aside(&file, "headless.paydesk", &bytes);
    assert_eq!(attempt(&copy).unwrap_err().code(), "ledger_not_a_ledger");
    let report = salvage(&copy, &dir.path().join("saved.paydesk")).unwrap();
    assert!(report.contents_rebuilt && report.journal_whole, "{report:?}");
    for table in &report.tables {
        assert!(table.lost.is_empty() && table.doubtful.is_empty() && !table.unreadable, "{table:?}");
    }
    let saved = attempt(&dir.path().join("saved.paydesk")).unwrap();
    assert_eq!(contents(&saved).unwrap(), contents(&attempt(&file).unwrap()).unwrap());
    assert!(saved.check_full(None).unwrap().is_ok());
    assert_eq!(fs::read(&copy).unwrap(), bytes);
}

/// Makes a place on which nothing can be written: by a read-only mount for root, whom permissions do not stop,
/// else by permissions. Answers whether that worked.
#[cfg(unix)]
fn read_only(directory: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let run = |arguments: &[&str]| {
        std::process::Command::new("mount")
            .args(arguments)
            .arg(directory)
            .output()
            .is_ok_and(|out| out.status.success())
    };
    let text = directory.to_str().unwrap();
    if run(&["--bind", text]) {
        return run(&["-o", "remount,ro,bind"]);
    }
    fs::set_permissions(directory, fs::Permissions::from_mode(0o555)).unwrap();
    fs::write(directory.join("probe"), b"").is_err()
}

#[cfg(unix)]
#[test]
fn what_cannot_be_written_is_called_read_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("ro");
    fs::create_dir(&place).unwrap();
    let file = sample(&place);
    let fresh = place.join("new.paydesk");
    let closed = read_only(&place);
    let answers = closed.then(|| (attempt(&file).map(drop), attempt(&fresh).map(drop)));
    // Undone before anything can fail, or the directory could not be removed.
    let _ = std::process::Command::new("umount").arg(&place).output();
    fs::set_permissions(&place, fs::Permissions::from_mode(0o755)).unwrap();
    let (old, new) = answers.expect("neither a read-only mount nor permissions stop writing here");
    assert_eq!(old.unwrap_err().code(), "ledger_read_only");
    assert_eq!(new.unwrap_err().code(), "ledger_read_only");
    assert!(attempt(&file).is_ok());
}

#[test]
fn tables_are_strict_and_settings_hold() {
    let dir = tempfile::tempdir().unwrap();
    let file = sample(dir.path());
    let ledger = attempt(&file).unwrap();
    let info = ledger.info().unwrap();
    assert_eq!((info.schema_version, info.environment), (ledger::SCHEMA_VERSION, Environment::Simulated));
    assert!(info.rows.contains(&("payments", 100)), "{info:?}");
    let conn = Connection::open(&file).unwrap();
    let mode: String = conn.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    let loose: i64 = conn
        .query_row("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite%'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(loose, 0);
}

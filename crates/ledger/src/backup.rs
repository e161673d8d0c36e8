//! Verified backups, and putting one back.

use crate::error::stamp;
use crate::ledger::{Ledger, Need};
use crate::open::{believe, beside, check_header, name_damage, rename_new, structure};
use crate::{Head, LedgerError, connection};
use domain::{Environment, Secret, Timestamp};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::fs;
use std::path::{Path, PathBuf};

/// How many backups made before migrations are kept.
const KEEP: usize = 7;

/// Copies the open ledger `conn` to `to` while others go on writing, checks the copy, and only then gives it
/// its name. An existing file is kept.
pub(crate) fn copy(conn: &Connection, to: &Path) -> Result<(), LedgerError> {
    if to.exists() {
        return Err(LedgerError::FileExists { file: to.to_owned() });
    }
    let part = beside(to, ".part");
    let _ = fs::remove_file(&part);
    let done = fill(conn, &part).and_then(|()| rename_new(&part, to));
    if done.is_err() {
        for ending in ["", "-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(beside(&part, ending));
        }
    }
    done.map_err(|error| match error {
        LedgerError::FileExists { .. } | LedgerError::DiskFull | LedgerError::Busy => error,
        error => LedgerError::BackupFailed { file: to.to_owned(), why: error.to_string() },
    })
}

fn fill(conn: &Connection, part: &Path) -> Result<(), LedgerError> {
    let sqlite = |error| LedgerError::sqlite(part, error);
    let mut copy = connection::maker(part)?;
    {
        let backup = Backup::new(conn, &mut copy).map_err(sqlite)?;
        connection::patiently(|| match backup.step(-1).map_err(sqlite)? {
            StepResult::Done => Ok(()),
            _ => Err(LedgerError::Busy),
        })?;
    }
    // One file without a log, which can be opened from read-only media and copied as it is.
    copy.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())).map_err(sqlite)?;
    copy.close().map_err(|(_, error)| sqlite(error))?;
    let check = connection::reader(part)?;
    structure(&check, part, "integrity_check")?;
    check.close().map_err(|(_, error)| sqlite(error))?;
    let io = |error| LedgerError::io(part, &error);
    fs::OpenOptions::new().write(true).open(part).and_then(|file| file.sync_all()).map_err(io)
}

/// The backup before a migration: `<file>.v<N>.<time>.bak`. The newest seven are kept.
pub(crate) fn before_migration(
    conn: &Connection,
    file: &Path,
    version: u32,
    now: Timestamp,
) -> Result<PathBuf, LedgerError> {
    let to = beside(file, &format!(".v{version}.{}.bak", stamp(now)));
    match copy(conn, &to) {
        // Another process made it in the same second.
        Ok(()) | Err(LedgerError::FileExists { .. }) => {}
        Err(error) => return Err(error),
    }
    drop_old(file);
    Ok(to)
}

fn drop_old(file: &Path) {
    let Some(name) = file.file_name().and_then(|name| name.to_str()) else { return };
    let directory = file.parent().filter(|directory| !directory.as_os_str().is_empty());
    let Ok(entries) = fs::read_dir(directory.unwrap_or(Path::new("."))) else { return };
    let mut backups: Vec<(String, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let found = entry.file_name().into_string().ok()?;
            let (version, time) =
                found.strip_prefix(name)?.strip_prefix(".v")?.strip_suffix(".bak")?.split_once('.')?;
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            (digits(version) && digits(time)).then(|| (time.to_owned(), entry.path()))
        })
        .collect();
    backups.sort();
    for (_, path) in backups.iter().rev().skip(KEEP) {
        let _ = fs::remove_file(path);
    }
}

/// A backup put in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Where the ledger that was there before is now.
    pub moved_aside: Option<PathBuf>,
    /// The journal's head now: anchor it anew.
    pub head: Head,
    /// Whether its journal has another key, so that it is unproven and was adopted ([`Ledger::adopt`]).
    pub adopted: bool,
}

impl Ledger {
    /// Copies the ledger to the new file `to` while it is in use, and checks the copy before it gets its name.
    ///
    /// # Errors
    /// `FileExists`, which is kept; `DiskFull`; `BackupFailed` for anything else.
    pub fn backup(&self, to: &Path) -> Result<(), LedgerError> {
        let source = self.reader()?;
        copy(&source, to)
    }

    /// Puts the backup `from` in the place `to`. The backup is checked first; what is at `to` is moved aside,
    /// never overwritten, and must not be open anywhere.
    ///
    /// What was done after the backup is not in it. Query WeChat Pay for the orders of that time. A backup whose
    /// journal has another key is refused, unless `adopt`: then it goes on as [`Ledger::adopt`] says.
    ///
    /// # Errors
    /// What is wrong with the backup; `InUse` if a program has `to` open. Nothing is changed then.
    pub fn restore(
        from: &Path,
        to: &Path,
        environment: Environment,
        chain_key: Secret<[u8; 32]>,
        adopt: bool,
        now: Timestamp,
    ) -> Result<Restored, LedgerError> {
        connection::refuse_old_sqlite()?;
        check_header(from, environment)?;
        let part = beside(to, ".part");
        let _ = fs::remove_file(&part);
        let mut adopted = false;
        let mut put = || -> Result<Option<PathBuf>, LedgerError> {
            fs::copy(from, &part).map_err(|error| LedgerError::io(&part, &error))?;
            // A copy has the mode of what it was copied from, and that may be read-only or open to all.
            writable_by_owner(&part)?;
            let log = beside(from, "-wal");
            if log.exists() {
                let copy = beside(&part, "-wal");
                fs::copy(&log, &copy).map_err(|error| LedgerError::io(&copy, &error))?;
                writable_by_owner(&copy)?;
            }
            let mut copy = connection::writer(&part)?;
            match believe(&copy, &part, environment, Some(&chain_key)) {
                Err(LedgerError::WrongChainKey) if adopt => {
                    believe(&copy, &part, environment, None).map_err(|error| name_damage(from, error))?;
                    adopted = true;
                }
                believed => {
                    believed.map_err(|error| name_damage(from, error))?;
                }
            }
            structure(&copy, &part, "integrity_check")?;
            if adopted {
                crate::adopt::adopt(&mut copy, &part, &chain_key, now)?;
            }
            copy.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))
                .map_err(|error| LedgerError::sqlite(&part, error))?;
            copy.close().map_err(|(_, error)| LedgerError::sqlite(&part, error))?;
            fs::OpenOptions::new()
                .write(true)
                .open(&part)
                .and_then(|file| file.sync_all())
                .map_err(|error| LedgerError::io(&part, &error))?;
            refuse_in_use(to)?;
            let aside = move_aside(to, now)?;
            rename_new(&part, to)?;
            Ok(aside)
        };
        let moved_aside = put().inspect_err(|_| {
            for ending in ["", "-wal", "-shm", "-journal"] {
                let _ = fs::remove_file(beside(&part, ending));
            }
        })?;
        let ledger = Self::open(to, environment, chain_key, now)?.ledger;
        let detail = format!("at={}", stamp(now));
        let head = ledger.write(Need::InFlight, now, |tx| tx.note("restore", &detail))?;
        Ok(Restored { moved_aside, head, adopted })
    }
}

/// Gives a file of ours the mode that ours have.
#[cfg_attr(
    not(unix),
    expect(unused_variables, clippy::unnecessary_wraps, reason = "there are no modes there")
)]
fn writable_by_owner(file: &Path) -> Result<(), LedgerError> {
    #[cfg(unix)]
    fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .map_err(|error| LedgerError::io(file, &error))?;
    Ok(())
}

/// Refuses where any program has the ledger open, this one included.
fn refuse_in_use(file: &Path) -> Result<(), LedgerError> {
    if !file.exists() {
        return Ok(());
    }
    // In exclusive mode the first look takes the whole file, which every open connection to a log-mode file
    // prevents. A damaged file answers with other errors, and then nobody can be working with it.
    let Ok(conn) = connection::writer(file) else { return Ok(()) };
    let look = || -> rusqlite::Result<()> {
        conn.busy_timeout(std::time::Duration::ZERO)?;
        conn.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(()))?;
        conn.execute_batch("BEGIN EXCLUSIVE; ROLLBACK;")
    };
    match look().map_err(|error| LedgerError::sqlite(file, error)) {
        Err(LedgerError::Busy) => Err(LedgerError::InUse { file: file.to_owned() }),
        _ => Ok(()),
    }
}

/// Gives the ledger and its log another name.
fn move_aside(file: &Path, now: Timestamp) -> Result<Option<PathBuf>, LedgerError> {
    if !file.exists() {
        return Ok(None);
    }
    let free = (0..1000_u32)
        .map(|turn| beside(file, &format!(".before-restore-{}-{turn}", stamp(now))))
        .find(|name| !name.exists())
        .ok_or_else(|| LedgerError::FileExists { file: file.to_owned() })?;
    // The log first: a log without its ledger is harmless, a ledger with a stranger's log is not.
    for ending in ["-wal", "-shm", ""] {
        let (old, new) = (beside(file, ending), beside(&free, ending));
        if old.exists() {
            fs::rename(&old, &new).map_err(|error| LedgerError::io(&old, &error))?;
        }
    }
    Ok(Some(free))
}

//! Verified backups, and putting one back.

use crate::error::stamp;
use crate::open::{beside, rename_new, structure};
use crate::{LedgerError, connection};
use domain::Timestamp;
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
    let rows = |conn: &Connection| -> rusqlite::Result<i64> {
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
    };
    rows(&check).map_err(sqlite)?;
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

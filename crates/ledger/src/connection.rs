//! Connections with the settings that every one of them must have.

use crate::LedgerError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs::File;
use std::path::Path;
use std::time::Duration;

/// How long SQLite itself waits for another writer. After that it is tried again, [`BUSY_ROUNDS`] times in all.
const BUSY: Duration = Duration::from_secs(10);
const BUSY_ROUNDS: u32 = 7;

/// SQLite 3.7.0 to 3.51.2 can lose committed writes when two connections write and checkpoint together.
const OLDEST_SQLITE: i32 = 3_051_003;

/// Refuses a SQLite that is known to lose writes.
pub(crate) fn refuse_old_sqlite() -> Result<(), LedgerError> {
    refuse_below(OLDEST_SQLITE)
}

fn refuse_below(oldest: i32) -> Result<(), LedgerError> {
    if rusqlite::version_number() < oldest {
        return Err(LedgerError::SqliteTooOld { found: rusqlite::version() });
    }
    Ok(())
}

/// A connection that may write. The file must be there.
pub(crate) fn writer(file: &Path) -> Result<Connection, LedgerError> {
    connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// A connection to a file that is made if it is not there. Nobody but its owner may read it; SQLite gives the log
/// and its index the mode of the file.
pub(crate) fn maker(file: &Path) -> Result<Connection, LedgerError> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map_err(|error| LedgerError::io(file, &error))?;
    connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
}

/// A connection that only reads.
pub(crate) fn reader(file: &Path) -> Result<Connection, LedgerError> {
    let conn = writer(file)?;
    conn.pragma_update(None, "query_only", true).map_err(|error| LedgerError::sqlite(file, error))?;
    Ok(conn)
}

/// Takes the others' right to read a file and what SQLite has beside it, as far as that can be done here.
#[cfg_attr(not(unix), allow(unused_variables, reason = "the folder's own rights do it there"))]
pub(crate) fn close_to_others(file: &Path) {
    #[cfg(unix)]
    for ending in ["", "-wal", "-shm", ".reserve"] {
        use std::os::unix::fs::PermissionsExt as _;
        let file = crate::open::beside(file, ending);
        if std::fs::metadata(&file).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0) {
            let _ = std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600));
        }
    }
}

/// How a file is read that cannot be written, or whose folder or disk cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// With the log's index beside the file, as everybody else does.
    Shared,
    /// The file alone: there is nothing in its log, and nobody can write here.
    Alone,
    /// With the log, and an index of one's own in memory: the one beside the file is not there and cannot be made.
    OwnIndex,
}

impl Reading {
    /// The ways that may be tried, the safest first. Without a log's rows `Alone` would show the past.
    pub(crate) fn ways(file: &Path) -> &'static [Self] {
        let log = std::fs::metadata(crate::open::beside(file, "-wal")).map_or(0, |meta| meta.len());
        match log {
            0 => &[Self::Shared, Self::Alone],
            _ if cfg!(unix) => &[Self::Shared, Self::OwnIndex],
            _ => &[Self::Shared],
        }
    }

    /// A connection that can only read, in this way.
    pub(crate) fn connect(self, file: &Path) -> Result<Connection, LedgerError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let set_up = || -> rusqlite::Result<Connection> {
            let conn = match self {
                Self::Shared => Connection::open_with_flags(file, flags)?,
                Self::Alone => {
                    Connection::open_with_flags(immutable(file), flags | OpenFlags::SQLITE_OPEN_URI)?
                }
                Self::OwnIndex => {
                    // No locks, because a lock that keeps others out needs a file that can be written.
                    let conn = Connection::open_with_flags_and_vfs(file, flags, c"unix-none")?;
                    conn.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(()))?;
                    conn
                }
            };
            settings(&conn)?;
            // Nor when it closes: the log stays as it was found.
            conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
            // Only a look into it shows whether this way leads there.
            conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            Ok(conn)
        };
        set_up().map_err(|error| LedgerError::sqlite(file, error))
    }
}

/// The file's name as an address that says that nothing changes it.
fn immutable(file: &Path) -> String {
    let mut text = "file:".to_owned();
    let path = file.to_string_lossy();
    // `C:\x` is written `/C:/x`.
    if cfg!(windows) {
        text.push('/');
    }
    for byte in path.bytes() {
        match byte {
            b'\\' if cfg!(windows) => text.push('/'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b':' => {
                text.push(char::from(byte));
            }
            _ => text += &format!("%{byte:02X}"),
        }
    }
    text + "?immutable=1"
}

fn settings(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(128);
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update(None, "cell_size_check", true)
}

fn connect(file: &Path, flags: OpenFlags) -> Result<Connection, LedgerError> {
    let set_up = || -> rusqlite::Result<Connection> {
        let conn = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        settings(&conn)?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "foreign_keys", true)?;
        // 16 MB of log before it is written back: an intent touches about ten pages here and there, and the
        // longer the log, the more of them are written back once for many.
        conn.pragma_update(None, "wal_autocheckpoint", 4000)?;
        // macOS: fsync alone leaves the data in the drive's cache.
        conn.pragma_update(None, "fullfsync", true)?;
        conn.pragma_update(None, "checkpoint_fullfsync", true)?;
        Ok(conn)
    };
    set_up().map_err(|error| LedgerError::sqlite(file, error))
}

/// Does `work` again while another process keeps the file busy, for about a minute.
pub(crate) fn patiently<T>(mut work: impl FnMut() -> Result<T, LedgerError>) -> Result<T, LedgerError> {
    let mut rounds = 1;
    loop {
        match work() {
            Err(error) if error.is_busy() && rounds < BUSY_ROUNDS => rounds += 1,
            done => return done,
        }
    }
}

/// Runs `work` in one immediate transaction: committed if it answers `Ok`, else rolled back.
pub(crate) fn in_transaction<T>(
    conn: &mut Connection,
    file: &Path,
    mut work: impl FnMut(&Connection) -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    let sqlite = |error| LedgerError::sqlite(file, error);
    patiently(|| {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite)?;
        let done = work(&tx)?;
        tx.commit().map_err(sqlite)?;
        Ok(done)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_sqlite_is_refused() {
        assert!(refuse_old_sqlite().is_ok());
        let error = refuse_below(i32::MAX).unwrap_err();
        assert!(matches!(error, LedgerError::SqliteTooOld { .. }), "{error}");
    }

    /// A folder whose name is hard to write as an address.
    fn closed_and_open() -> (tempfile::TempDir, std::path::PathBuf, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a %?#ä 账本");
        let (still, copied) = (folder.join("still"), folder.join("copied"));
        let make = |file: &Path| {
            let key = domain::Secret::new([7; 32]);
            let now = domain::Timestamp::from_secs(0);
            crate::Ledger::open(file, domain::Environment::Simulated, key, now).unwrap().ledger
        };
        make(&still).accept(None, domain::Timestamp::from_secs(1)).unwrap();
        let open = folder.join("open");
        let ledger = make(&open);
        ledger.accept(None, domain::Timestamp::from_secs(1)).unwrap();
        // As a killed process leaves them, on a disk that has no room for an index.
        std::fs::copy(&open, &copied).unwrap();
        std::fs::copy(folder.join("open-wal"), folder.join("copied-wal")).unwrap();
        (dir, still, copied)
    }

    #[test]
    fn what_cannot_be_written_is_read_whole_and_nothing_is_made() {
        let (_dir, still, copied) = closed_and_open();
        assert_eq!(Reading::ways(&still), [Reading::Shared, Reading::Alone]);
        let mut cases = vec![(Reading::Alone, still)];
        if cfg!(unix) {
            assert_eq!(Reading::ways(&copied), [Reading::Shared, Reading::OwnIndex]);
            cases.push((Reading::OwnIndex, copied));
        }
        for (way, file) in cases {
            let found = || -> std::collections::BTreeMap<_, _> {
                let entries = std::fs::read_dir(file.parent().unwrap()).unwrap();
                entries
                    .map(|entry| entry.unwrap().path())
                    .map(|p| (p.clone(), std::fs::read(p).ok()))
                    .collect()
            };
            let before = found();
            let (one, other) = (way.connect(&file).unwrap(), way.connect(&file).unwrap());
            for conn in [&one, &other] {
                let rows: i64 = conn.query_row("SELECT count(*) FROM journal", [], |row| row.get(0)).unwrap();
                assert_eq!(rows, 2, "{way:?}");
                assert!(conn.execute("DELETE FROM meta", []).is_err(), "{way:?}");
            }
            assert!(found() == before, "{way:?} made or changed something");
            drop((one, other));
            assert!(found() == before, "{way:?} made or changed something in the end");
        }
    }

    #[test]
    fn busy_is_tried_again_and_other_errors_are_not() {
        for (error, tries) in [(LedgerError::Busy, BUSY_ROUNDS), (LedgerError::DiskFull, 1)] {
            let busy = error.is_busy();
            let mut seen = 0;
            let done: Result<(), _> = patiently(|| {
                seen += 1;
                Err(if busy { LedgerError::Busy } else { LedgerError::DiskFull })
            });
            assert_eq!((seen, done.unwrap_err().code()), (tries, error.code()));
        }
    }
}

//! Connections with the settings that every one of them must have.

use crate::LedgerError;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
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

/// A connection to a file that is made if it is not there.
pub(crate) fn maker(file: &Path) -> Result<Connection, LedgerError> {
    connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
}

/// A connection that only reads.
pub(crate) fn reader(file: &Path) -> Result<Connection, LedgerError> {
    let conn = writer(file)?;
    conn.pragma_update(None, "query_only", true).map_err(|error| LedgerError::sqlite(file, error))?;
    Ok(conn)
}

fn connect(file: &Path, flags: OpenFlags) -> Result<Connection, LedgerError> {
    let set_up = || -> rusqlite::Result<Connection> {
        let conn = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        conn.busy_timeout(BUSY)?;
        conn.set_prepared_statement_cache_capacity(128);
        conn.pragma_update(None, "trusted_schema", false)?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "foreign_keys", true)?;
        // 16 MB of log before it is written back: an intent touches about ten pages here and there, and the
        // longer the log, the more of them are written back once for many.
        conn.pragma_update(None, "wal_autocheckpoint", 4000)?;
        // macOS: fsync alone leaves the data in the drive's cache.
        conn.pragma_update(None, "fullfsync", true)?;
        conn.pragma_update(None, "checkpoint_fullfsync", true)?;
        conn.pragma_update(None, "cell_size_check", true)?;
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

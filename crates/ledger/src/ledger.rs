use crate::connection::Reading;
use crate::reserve::Reserve;
use crate::table::{self, Table, journal};
use crate::{Head, JournalEntry, LedgerError, connection, schema};
use domain::{Environment, Secret, Timestamp};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// An open ledger. Shared between threads by reference; several processes may have the same file open.
///
/// One connection writes, under a lock; readers have their own and never wait for it.
pub struct Ledger {
    pub(crate) file: PathBuf,
    pub(crate) environment: Environment,
    pub(crate) key: Secret<[u8; 32]>,
    pub(crate) writer: Mutex<Connection>,
    pub(crate) readers: Mutex<Vec<Connection>>,
    pub(crate) reserve: Reserve,
    /// How it is read where it cannot be written; `None` where it can.
    pub(crate) reading: Option<Reading>,
    /// What it keeps in memory for long lists.
    pub(crate) search: crate::search::Search,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").field("file", &self.file).field("environment", &self.environment).finish()
    }
}

/// Where a ledger is and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// The file.
    pub file: PathBuf,
    /// Its environment.
    pub environment: Environment,
    /// Bytes of the file and its log.
    pub size: u64,
    /// Its format.
    pub schema_version: u32,
    /// The SQLite in this program.
    pub sqlite_version: &'static str,
    /// Rows of each table.
    pub rows: Vec<(&'static str, u64)>,
    /// The journal's last row.
    pub head: Head,
}

/// An open write transaction.
pub(crate) struct Tx<'a> {
    pub(crate) conn: &'a Connection,
    pub(crate) now: Timestamp,
    key: &'a Secret<[u8; 32]>,
    file: &'a Path,
}

impl<'a> Tx<'a> {
    /// For a transaction that is open on `conn`.
    #[cfg(any(test, feature = "seed"))]
    pub(crate) const fn new(
        conn: &'a Connection,
        now: Timestamp,
        key: &'a Secret<[u8; 32]>,
        file: &'a Path,
    ) -> Self {
        Self { conn, now, key, file }
    }

    /// The journal's key.
    #[cfg(any(test, feature = "seed"))]
    pub(crate) const fn key(&self) -> &Secret<[u8; 32]> {
        self.key
    }

    /// SQLite's error as one of ours.
    pub(crate) fn sql<T>(&self, result: rusqlite::Result<T>) -> Result<T, LedgerError> {
        result.map_err(|error| LedgerError::sqlite(self.file, error))
    }

    /// Appends to the journal what was done to a row, with the row's seal.
    pub(crate) fn record(
        &self,
        table: &Table,
        rowid: i64,
        kind: &str,
        detail: &str,
    ) -> Result<(), LedgerError> {
        let (subject, seal) = self.sql(table::seal(self.conn, table, rowid))?;
        self.sql(journal::append(self.conn, self.key, self.now, (kind, &subject, detail), seal))?;
        Ok(())
    }

    /// Appends to the journal something that speaks of no row.
    pub(crate) fn note(&self, kind: &str, detail: &str) -> Result<Head, LedgerError> {
        self.sql(journal::append(self.conn, self.key, self.now, (kind, "ledger", detail), [0; 32]))
    }
}

/// Whether a write may use the reserve.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// It begins something new: on a full disk it is refused.
    New,
    /// It ends something in flight: on a full disk the reserve is freed for it.
    InFlight,
}

impl Ledger {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.file
    }

    /// Whose money is in it.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    pub(crate) fn sqlite(&self, error: rusqlite::Error) -> LedgerError {
        LedgerError::sqlite(&self.file, error)
    }

    /// Runs `work` in one immediate, durable transaction.
    pub(crate) fn write<T>(
        &self,
        need: Need,
        now: Timestamp,
        work: impl Fn(&Tx<'_>) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        if self.reading.is_some() {
            return Err(LedgerError::ReadOnly { file: self.file.clone() });
        }
        if need == Need::New {
            self.reserve.keep()?;
        }
        // A thread that panicked inside rolled its transaction back when it unwound.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut once = || {
            connection::in_transaction(&mut writer, &self.file, |conn| {
                work(&Tx { conn, now, key: &self.key, file: &self.file })
            })
        };
        match once() {
            Err(LedgerError::DiskFull) if need == Need::InFlight => {
                self.reserve.free();
                once()
            }
            done => done,
        }
    }

    /// A new connection that only reads.
    pub(crate) fn reader(&self) -> Result<Connection, LedgerError> {
        match self.reading {
            Some(way) => way.connect(&self.file),
            None => connection::reader(&self.file),
        }
    }

    /// Whether nothing can be written into it, as it was opened with [`Ledger::open_to_read`].
    #[must_use]
    pub const fn is_read_only(&self) -> bool {
        self.reading.is_some()
    }

    /// Runs `work` on a connection that only reads, in one consistent view.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        const IDLE: usize = 4;
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut conn = match idle {
            Some(conn) => conn,
            None => self.reader()?,
        };
        let done = {
            let view = conn.transaction().map_err(|error| self.sqlite(error))?;
            work(&view)
        };
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE {
            readers.push(conn);
        }
        done
    }

    /// Runs one query on a connection that only reads.
    pub(crate) fn query<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        self.read(|conn| query(conn).map_err(|error| self.sqlite(error)))
    }

    /// The journal's last row. Keep its text outside the file (the OS keychain) and give it to
    /// [`Ledger::check_chain`].
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn head(&self) -> Result<Head, LedgerError> {
        self.query(journal::head)
    }

    /// Writes down that a person took the ledger as it is, in spite of the head that was anchored. Answers the
    /// head now: anchor it.
    ///
    /// # Errors
    /// Where the ledger cannot be written.
    pub fn accept(&self, anchored: Option<Head>, now: Timestamp) -> Result<Head, LedgerError> {
        let anchored = anchored.map_or_else(|| "-".to_owned(), |head| head.seq.to_string());
        self.write(Need::InFlight, now, |tx| tx.note("accept", &format!("anchored={anchored}")))
    }

    /// Compares the journal with the head that was kept elsewhere, without walking it: two rows are read.
    ///
    /// # Errors
    /// `HeadAhead` where the end was cut off or an old copy was put in place; `HeadDiffers` where another journal
    /// was.
    pub fn check_head(&self, anchored: Head) -> Result<(), LedgerError> {
        self.query(|conn| {
            let last = journal::head(conn)?;
            if last.seq < anchored.seq {
                return Ok(Err(LedgerError::HeadAhead { anchored: anchored.seq, last: last.seq }));
            }
            if anchored.seq > 0 {
                let there = journal::list(conn, anchored.seq - 1, 1)?;
                if there.first().is_none_or(|row| (row.seq, row.mac) != (anchored.seq, anchored.mac)) {
                    return Ok(Err(LedgerError::HeadDiffers { seq: anchored.seq }));
                }
            }
            Ok(Ok(()))
        })?
    }

    /// Journal rows after the row `after`, oldest first.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn journal(&self, after: i64, limit: u32) -> Result<Vec<JournalEntry>, LedgerError> {
        self.query(|conn| journal::list(conn, after, limit))
    }

    /// Walks the whole journal and compares it with the head that was kept elsewhere. Answers the head now.
    ///
    /// # Errors
    /// `ChainBroken` at the first row that was edited, inserted, moved, or follows a deleted one; `HeadAhead`
    /// where the end was cut off; `HeadDiffers` where another journal was put in place.
    pub fn check_chain(&self, anchored: Option<Head>) -> Result<Head, LedgerError> {
        self.read(|conn| journal::verify(conn, &self.file, &self.key, anchored, |_| {}))
    }

    /// Where it is and what is in it.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn info(&self) -> Result<Info, LedgerError> {
        let bytes =
            |ending| std::fs::metadata(crate::open::beside(&self.file, ending)).map_or(0, |meta| meta.len());
        self.query(|conn| {
            let mut rows = Vec::with_capacity(table::ALL.len());
            for table in table::ALL {
                let count = format!("SELECT count(*) FROM {}", table.name);
                let count: i64 = conn.query_row(&count, [], |row| row.get(0))?;
                rows.push((table.name, count.unsigned_abs()));
            }
            Ok(Info {
                file: self.file.clone(),
                environment: self.environment,
                size: bytes("") + bytes("-wal"),
                schema_version: schema::version(conn)?,
                sqlite_version: rusqlite::version(),
                rows,
                head: journal::head(conn)?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Opened;

    #[test]
    fn it_is_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Ledger>();
    }

    /// A file that may not grow stands for a full disk where a small one cannot be mounted.
    #[test]
    fn a_file_that_cannot_grow_is_a_full_disk() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("l.paydesk");
        let key = Secret::new([7; 32]);
        let Opened { ledger, .. } =
            Ledger::open(&file, Environment::Simulated, key, Timestamp::from_secs(0)).unwrap();
        ledger.writer.lock().unwrap().pragma_update_and_check(None, "max_page_count", 1, |_| Ok(())).unwrap();
        let write = |need| {
            let text = "x".repeat(100_000);
            ledger.write(need, Timestamp::from_secs(1), |tx| tx.note("test", &text))
        };
        let head = ledger.head().unwrap();
        assert!(matches!(write(Need::New).unwrap_err(), LedgerError::DiskFull));
        assert!(crate::open::beside(&file, ".reserve").exists(), "the reserve is not for what is new");
        assert!(matches!(write(Need::InFlight).unwrap_err(), LedgerError::DiskFull));
        assert!(!crate::open::beside(&file, ".reserve").exists(), "freed for what is in flight");
        assert_eq!(ledger.head().unwrap(), head, "nothing was written");
    }
}

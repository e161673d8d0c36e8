//! Opening: everything that must hold before a ledger is believed.

use crate::connection::Reading;
use crate::error::stamp;
use crate::ledger::Ledger;
use crate::reserve::Reserve;
use crate::table::{self, journal, meta};
use crate::{Damage, LedgerError, SCHEMA_VERSION, connection, schema};
use domain::{Environment, Secret, Timestamp};
use rusqlite::Connection;
use std::fs;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// An open ledger and what was found or done on the way.
#[derive(Debug)]
pub struct Opened {
    /// The ledger. If it is small its quick check passed: a damaged one is not opened.
    pub ledger: Ledger,
    /// Whether it was made just now.
    pub created: bool,
    /// Whether its format was brought up to date.
    pub migrated: Option<Migrated>,
    /// Whether the disk has no room for the reserve: nothing new can be begun until space is freed.
    pub disk_full: bool,
}

/// A format brought up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The format before.
    pub from: u32,
    /// The format now.
    pub to: u32,
    /// The verified backup made before.
    pub backup: PathBuf,
}

/// `file` with `ending` put after its whole name.
pub(crate) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Makes a rename or a new name in `file`'s directory last through a power loss.
pub(crate) fn sync_directory(file: &Path) {
    // Windows has no such thing, and some file systems refuse; the file's own data is synced before.
    if let Some(directory) = file.parent()
        && let Ok(directory) =
            fs::File::open(if directory.as_os_str().is_empty() { Path::new(".") } else { directory })
    {
        let _ = directory.sync_all();
    }
}

/// Gives `from` the name `to`, never over another file.
pub(crate) fn rename_new(from: &Path, to: &Path) -> Result<(), LedgerError> {
    // A hard link fails where the name is taken, in one step. File systems without them take the long way.
    match fs::hard_link(from, to) {
        Ok(()) => {
            let _ = fs::remove_file(from);
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(LedgerError::FileExists { file: to.to_owned() });
        }
        Err(_) if to.exists() => return Err(LedgerError::FileExists { file: to.to_owned() }),
        Err(_) => fs::rename(from, to).map_err(|error| LedgerError::io(to, &error))?,
    }
    sync_directory(to);
    Ok(())
}

/// What the first 100 bytes of a file say, before SQLite touches it.
pub(crate) fn check_header(file: &Path, environment: Environment) -> Result<(), LedgerError> {
    let mut header = Vec::with_capacity(100);
    let io = |error| LedgerError::io(file, &error);
    let opened = fs::File::open(file).map_err(io)?;
    if opened.metadata().map_err(io)?.is_dir() {
        return Err(LedgerError::NotALedger { file: file.to_owned() });
    }
    opened.take(100).read_to_end(&mut header).map_err(io)?;
    const MAGIC: &[u8] = b"SQLite format 3\0";
    if header.is_empty() {
        return Err(LedgerError::Damaged { what: Damage::Empty });
    }
    // What a lost block leaves behind. No other program's file begins like that.
    if header.iter().all(|byte| *byte == 0) {
        let what = Damage::Unreadable("file is not a database".into());
        return Err(LedgerError::Damaged { what });
    }
    if !header.starts_with(&MAGIC[..MAGIC.len().min(header.len())]) {
        return Err(LedgerError::NotALedger { file: file.to_owned() });
    }
    if header.len() < 100 {
        let what = Damage::Truncated { expected: 4096, found: header.len() as u64 };
        return Err(LedgerError::Damaged { what });
    }
    let id = u32::from_be_bytes([header[68], header[69], header[70], header[71]]);
    match Environment::ALL.into_iter().find(|known| schema::application_id(*known) == id) {
        None => Err(LedgerError::NotALedger { file: file.to_owned() }),
        Some(found) if found != environment => {
            Err(LedgerError::WrongEnvironment { file: found, asked: environment })
        }
        Some(_) => Ok(()),
    }
}

/// Says more exactly what is wrong with a file that SQLite calls damaged.
pub(crate) fn name_damage(file: &Path, error: LedgerError) -> LedgerError {
    let LedgerError::Damaged { what: Damage::Unreadable(_) | Damage::Structure(_) } = &error else {
        return error;
    };
    let mut header = [0; 100];
    let Ok(mut opened) = fs::File::open(file) else { return error };
    let Ok(found) = opened.metadata().map(|meta| meta.len()) else { return error };
    if opened.read_exact(&mut header).is_err() {
        return LedgerError::Damaged { what: Damage::Truncated { expected: 4096, found } };
    }
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let pages = u64::from(u32::from_be_bytes([header[28], header[29], header[30], header[31]]));
    let log = fs::metadata(beside(file, "-wal")).map_or(0, |meta| meta.len());
    let expected = page * pages;
    if log == 0 && found < expected {
        return LedgerError::Damaged { what: Damage::Truncated { expected, found } };
    }
    error
}

/// Says that a place cannot be written or has no room, where SQLite only says that it cannot open a file.
fn name_place(file: &Path, error: LedgerError) -> LedgerError {
    let LedgerError::Io { .. } = error else { return error };
    let writes = |path: &Path, new: bool| {
        let opened = fs::OpenOptions::new().write(true).create_new(new).open(path);
        opened.map_err(|error| LedgerError::io(file, &error))
    };
    let probe = beside(file, &format!(".probe-{}", std::process::id()));
    let in_place = if file.exists() { writes(file, false).map(drop) } else { Ok(()) };
    // As much as the index of the log takes.
    let beside_it = writes(&probe, true)
        .and_then(|mut probe| probe.write_all(&[1; 32 << 10]).map_err(|error| LedgerError::io(file, &error)));
    let _ = fs::remove_file(&probe);
    match (in_place, beside_it) {
        (Err(LedgerError::ReadOnly { .. }), _) | (_, Err(LedgerError::ReadOnly { .. })) => {
            LedgerError::ReadOnly { file: file.to_owned() }
        }
        (_, Err(LedgerError::DiskFull)) => LedgerError::DiskFull,
        _ => error,
    }
}

/// SQLite's structure check; `quick_check` leaves out the comparison of indexes with tables.
pub(crate) fn structure(conn: &Connection, file: &Path, pragma: &str) -> Result<(), LedgerError> {
    let first: String = conn
        .query_row(&format!("PRAGMA {pragma}(1)"), [], |row| row.get(0))
        .map_err(|error| LedgerError::sqlite(file, error))?;
    if first == "ok" { Ok(()) } else { Err(LedgerError::Damaged { what: Damage::Structure(first) }) }
}

/// Makes a new ledger under a name of its own and then gives it `file`'s, so that nobody ever sees half of one.
pub(crate) fn create(
    file: &Path,
    environment: Environment,
    key: &Secret<[u8; 32]>,
    now: Timestamp,
) -> Result<(), LedgerError> {
    if let Some(directory) = file.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        fs::create_dir_all(directory).map_err(|error| LedgerError::io(directory, &error))?;
    }
    // Two threads of one process may come here at once, so the process id alone is not a name of one's own.
    static TURN: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let turn = TURN.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let draft = beside(file, &format!(".new-{}-{turn}", std::process::id()));
    let _ = fs::remove_file(&draft);
    let made = fill_new(&draft, environment, key, now).and_then(|()| rename_new(&draft, file));
    if made.is_err() {
        for ending in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(beside(&draft, ending));
        }
    }
    match made {
        // Another process was first. Its ledger is as good.
        Err(LedgerError::FileExists { .. }) => Ok(()),
        made => made,
    }
}

fn fill_new(
    file: &Path,
    environment: Environment,
    key: &Secret<[u8; 32]>,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let sqlite = |error| LedgerError::sqlite(file, error);
    let mut conn = connection::maker(file)?;
    conn.pragma_update(None, "application_id", schema::application_id(environment)).map_err(sqlite)?;
    schema::migrate_to_current(&mut conn, file)?;
    connection::in_transaction(&mut conn, file, |conn| begin(conn, environment, key, now).map_err(sqlite))?;
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).map_err(sqlite)?;
    conn.close().map_err(|(_, error)| sqlite(error))
}

/// The rows that every ledger begins with.
pub(crate) fn begin(
    conn: &Connection,
    environment: Environment,
    key: &Secret<[u8; 32]>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let row = meta::put(conn, meta::ENVIRONMENT, environment.as_str())?;
    meta::put(conn, meta::KEY_CHECK, &journal::key_check(key))?;
    let (subject, seal) = table::seal(conn, &meta::TABLE, row)?;
    let detail = format!("environment={environment} format={SCHEMA_VERSION}");
    journal::append(conn, key, now, ("create", &subject, &detail), seal)?;
    Ok(())
}

/// Up to so many bytes (some 60,000 payments) a ledger is checked whether its structure is sound before it is opened.
pub(crate) const CHECKED_AT_OPENING: u64 = 64 << 20;

/// What must hold of an opened file before anything in it is believed. Answers its format. Without a key it is only
/// read, unproven.
pub(crate) fn believe(
    conn: &Connection,
    file: &Path,
    environment: Environment,
    key: Option<&Secret<[u8; 32]>>,
) -> Result<u32, LedgerError> {
    let sqlite = |error| LedgerError::sqlite(file, error);
    let found = schema::version(conn).map_err(sqlite)?;
    if found > SCHEMA_VERSION {
        return Err(LedgerError::NewerThanProgram { found, known: SCHEMA_VERSION });
    }
    // Reading a large file to its end takes seconds, from a cold disk half a minute. Whoever keeps it open checks it
    // in the background, and `ledger check` does at once; a damaged page is noticed where it is read.
    if file.metadata().is_ok_and(|about| about.len() <= CHECKED_AT_OPENING) {
        structure(conn, file, "quick_check")?;
    }
    // Format 0 had no rows of its own yet.
    if found > 0 {
        believe_rows(conn, file, environment, key)?;
    }
    Ok(found)
}

fn believe_rows(
    conn: &Connection,
    file: &Path,
    environment: Environment,
    key: Option<&Secret<[u8; 32]>>,
) -> Result<(), LedgerError> {
    let sqlite = |error| LedgerError::sqlite(file, error);
    let missing = |what| LedgerError::Damaged { what: Damage::Missing(what) };
    let said = meta::get(conn, meta::ENVIRONMENT).map_err(sqlite)?.ok_or(missing("the environment"))?;
    let said: Environment = said.parse().map_err(|_| missing("the environment"))?;
    if said != environment {
        return Err(LedgerError::WrongEnvironment { file: said, asked: environment });
    }
    let Some(key) = key else { return Ok(()) };
    let check = meta::get(conn, meta::KEY_CHECK).map_err(sqlite)?.ok_or(missing("the check of the key"))?;
    if check != journal::key_check(key) {
        return Err(LedgerError::WrongChainKey);
    }
    journal::last_is_whole(conn, key).map_err(sqlite)?.map_err(|seq| LedgerError::ChainBroken { seq })
}

impl Ledger {
    /// Opens the ledger `file` of `environment`, or makes it where there is none.
    ///
    /// `chain_key` is the journal's key, 32 random bytes that the caller keeps outside the file. Another
    /// environment's file, a newer program's, another program's, a damaged one and one that cannot be written
    /// are refused and left untouched. An older format is brought up to date after a verified backup.
    ///
    /// # Errors
    /// Any of [`LedgerError`] that speaks of the file.
    pub fn open(
        file: &Path,
        environment: Environment,
        chain_key: Secret<[u8; 32]>,
        now: Timestamp,
    ) -> Result<Opened, LedgerError> {
        Self::open_named(file, environment, chain_key, now)
            .map_err(|error| name_damage(file, name_place(file, error)))
    }

    /// Opens the ledger `file` for reading alone, where [`Ledger::open`] said `ReadOnly` or `DiskFull`: on read-only
    /// media, in a folder of somebody else's, on a full disk. Nothing is made or changed. Every write into it answers
    /// `ReadOnly`.
    ///
    /// # Errors
    /// Any of [`LedgerError`] that speaks of the file. `ReadOnly` where its format is an older one, which would have
    /// to be brought up to date first.
    pub fn open_to_read(
        file: &Path,
        environment: Environment,
        chain_key: Secret<[u8; 32]>,
    ) -> Result<Self, LedgerError> {
        Self::open_reading(file, environment, chain_key, true)
    }

    /// Opens the ledger `file` for reading alone where [`Ledger::open`] said `WrongChainKey`: its rows are there, that
    /// nobody changed them is unproven. [`Ledger::adopt`] goes on with it.
    ///
    /// # Errors
    /// As [`Ledger::open_to_read`].
    pub fn open_unproven(
        file: &Path,
        environment: Environment,
        chain_key: Secret<[u8; 32]>,
    ) -> Result<Self, LedgerError> {
        Self::open_reading(file, environment, chain_key, false)
    }

    fn open_reading(
        file: &Path,
        environment: Environment,
        chain_key: Secret<[u8; 32]>,
        proven: bool,
    ) -> Result<Self, LedgerError> {
        connection::refuse_old_sqlite()?;
        check_header(file, environment)?;
        let mut refused = LedgerError::ReadOnly { file: file.to_owned() };
        for reading in Reading::ways(file) {
            let believed = connection::patiently(|| {
                let conn = reading.connect(file)?;
                let format = believe(&conn, file, environment, proven.then_some(&chain_key))?;
                Ok((conn, format))
            });
            match believed {
                Ok((conn, SCHEMA_VERSION)) => {
                    return Ok(Self {
                        file: file.to_owned(),
                        environment,
                        key: chain_key,
                        writer: Mutex::new(conn),
                        readers: Mutex::new(Vec::new()),
                        reserve: Reserve::beside(file),
                        reading: Some(*reading),
                        search: crate::search::Search::default(),
                    });
                }
                Ok(_) => return Err(LedgerError::ReadOnly { file: file.to_owned() }),
                Err(error) => refused = error,
            }
        }
        Err(name_damage(file, name_place(file, refused)))
    }

    fn open_named(
        file: &Path,
        environment: Environment,
        chain_key: Secret<[u8; 32]>,
        now: Timestamp,
    ) -> Result<Opened, LedgerError> {
        connection::refuse_old_sqlite()?;
        let created = !file.try_exists().map_err(|error| LedgerError::io(file, &error))?;
        if created {
            create(file, environment, &chain_key, now)?;
        }
        check_header(file, environment)?;
        connection::patiently(|| Self::open_checked(file, environment, chain_key.clone(), now, created))
    }

    fn open_checked(
        file: &Path,
        environment: Environment,
        chain_key: Secret<[u8; 32]>,
        now: Timestamp,
        created: bool,
    ) -> Result<Opened, LedgerError> {
        let sqlite = |error| LedgerError::sqlite(file, error);
        connection::close_to_others(file);
        let mut conn = connection::writer(file)?;
        let from = believe(&conn, file, environment, Some(&chain_key))?;
        if conn.is_readonly("main").map_err(sqlite)? {
            return Err(LedgerError::ReadOnly { file: file.to_owned() });
        }
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).map_err(sqlite)?;
        let migrated = if from < SCHEMA_VERSION {
            Some(migrate(&mut conn, file, environment, &chain_key, from, now)?)
        } else {
            None
        };
        let reserve = Reserve::beside(file);
        let disk_full = match reserve.keep() {
            Ok(()) => false,
            Err(LedgerError::DiskFull) => true,
            Err(error) => return Err(error),
        };
        let ledger = Self {
            file: file.to_owned(),
            environment,
            key: chain_key,
            writer: Mutex::new(conn),
            readers: Mutex::new(Vec::new()),
            reserve,
            reading: None,
            search: crate::search::Search::default(),
        };
        Ok(Opened { ledger, created, migrated, disk_full })
    }
}

/// Backs up, then brings the format up to date.
fn migrate(
    conn: &mut Connection,
    file: &Path,
    environment: Environment,
    key: &Secret<[u8; 32]>,
    from: u32,
    now: Timestamp,
) -> Result<Migrated, LedgerError> {
    let backup = crate::backup::before_migration(conn, file, from, now)?;
    schema::migrate_to_current(conn, file)?;
    connection::in_transaction(conn, file, |conn| {
        let sqlite = |error| LedgerError::sqlite(file, error);
        // Format 0 had no rows of its own yet.
        if meta::get(conn, meta::KEY_CHECK).map_err(sqlite)?.is_none() {
            begin(conn, environment, key, now).map_err(sqlite)?;
        }
        let detail = format!("from={from} to={SCHEMA_VERSION} at={}", stamp(now));
        journal::append(conn, key, now, ("migrate", "ledger", &detail), [0; 32]).map_err(sqlite)?;
        Ok(())
    })?;
    believe_rows(conn, file, environment, Some(key))?;
    Ok(Migrated { from, to: SCHEMA_VERSION, backup })
}

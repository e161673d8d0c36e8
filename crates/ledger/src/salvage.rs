//! Saving what can still be read of a damaged ledger into a new one.

use crate::ledger::{Ledger, Need, Tx};
use crate::open::{beside, create, rename_new};
use crate::table::{self, Table, journal};
use crate::{LedgerError, connection, schema};
use domain::{Environment, Secret, Timestamp};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What was saved of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SalvagedTable {
    /// The table.
    pub table: &'static str,
    /// Rows in the new ledger.
    pub saved: u64,
    /// Of those, rows that are not as the old journal sealed them, or that it does not know. Look at each.
    pub doubtful: Vec<String>,
    /// Rows that the old journal knows and that could not be read.
    pub lost: Vec<String>,
    /// Whether some part of the table could not be read, so that rows the journal does not know may be lost too.
    pub unreadable: bool,
}

/// A lost payment, refund or operation, as far as the old journal names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostRow {
    /// `payments`, `refunds` or `operations`.
    pub table: &'static str,
    /// Whose it is; of an operation that is not known.
    pub merchant: Option<String>,
    /// What the operation was to do; an [`OperationKind`](domain::OperationKind) word. Nothing of other rows.
    pub kind: Option<String>,
    /// The order's or the refund's number; of an operation whose number is not known, its id.
    pub number: String,
}

/// What a salvage saved and what it lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SalvageReport {
    /// Table by table.
    pub tables: Vec<SalvagedTable>,
    /// The payments, refunds and operations among the lost rows, by number.
    pub lost_rows: Vec<LostRow>,
    /// Rows of the old journal that could be read. They stay in the damaged file; the new journal begins anew.
    pub journal_rows: u64,
    /// Whether the old journal could be read to its end and its chain is whole.
    pub journal_whole: bool,
    /// Whether the file's own table of contents was lost and replaced by that of a new ledger.
    pub contents_rebuilt: bool,
}

impl Ledger {
    /// Copies every row that can still be read of the file `damaged` into the new ledger `to`, and says what is
    /// lost. `damaged` is only read. References to lost rows are emptied; lost payments and refunds are made again of
    /// their requests and evidence, and are doubtful; a refund of which no request tells gets a payment marked
    /// `unasked`. Query WeChat Pay for what is doubtful or lost.
    ///
    /// # Errors
    /// `FileExists` for `to`; `NotALedger` if nothing at all can be read; `DiskFull`, `Io`.
    pub fn salvage(
        damaged: &Path,
        to: &Path,
        environment: Environment,
        chain_key: Secret<[u8; 32]>,
        now: Timestamp,
    ) -> Result<SalvageReport, LedgerError> {
        Self::salvage_reading(damaged, to, environment, chain_key, now, &|_, _| None)
    }

    /// The same with a reader of the stored requests, by which lost payments get back what was asked for too.
    ///
    /// # Errors
    /// As [`Ledger::salvage`].
    pub fn salvage_reading(
        damaged: &Path,
        to: &Path,
        environment: Environment,
        chain_key: Secret<[u8; 32]>,
        now: Timestamp,
        read: crate::ReadRequest<'_>,
    ) -> Result<SalvageReport, LedgerError> {
        connection::refuse_old_sqlite()?;
        if to.exists() {
            return Err(LedgerError::FileExists { file: to.to_owned() });
        }
        let draft = beside(to, ".salvage");
        let copy = beside(to, ".damaged");
        let remove = |file: &PathBuf| {
            for ending in ["", "-wal", "-shm", "-journal", ".reserve"] {
                let _ = fs::remove_file(beside(file, ending));
            }
        };
        remove(&draft);
        remove(&copy);
        let done = run((damaged, &copy, &draft), environment, &chain_key, now, read);
        let done = done.and_then(|report| rename_new(&draft, to).map(|()| report));
        remove(&draft);
        remove(&copy);
        done
    }
}

fn run(
    (damaged, copy, draft): (&Path, &Path, &Path),
    environment: Environment,
    key: &Secret<[u8; 32]>,
    now: Timestamp,
    read: crate::ReadRequest<'_>,
) -> Result<SalvageReport, LedgerError> {
    let mut report = SalvageReport::default();
    create(draft, environment, key, now)?;
    let template = fs::read(draft).map_err(|error| LedgerError::io(draft, &error))?;
    let (old, rebuilt) = open_copy(damaged, copy, draft, &template, environment)?;
    report.contents_rebuilt = rebuilt;

    let mut seals: BTreeMap<String, [u8; 32]> = BTreeMap::new();
    let (entries, _) = read_table(&old, "journal", &["seq", "subject", "seal"]);
    for cells in entries {
        report.journal_rows += 1;
        if let [_, Value::Text(subject), Value::Blob(seal)] = cells.as_slice()
            && let Ok(seal) = <[u8; 32]>::try_from(seal.as_slice())
            && seal != [0; 32]
        {
            seals.insert(subject.clone(), seal);
        }
    }
    report.journal_whole = journal::verify(&old, copy, key, None, |_| {}).is_ok_and(|head| head.seq > 0);

    let ledger = Ledger::open(draft, environment, key.clone(), now)?.ledger;
    for table in table::ALL.into_iter().filter(|table| !table.subject.is_empty() && table.name != "meta") {
        let (rows, whole) = read_table(&old, table.name, &columns(&ledger, table)?);
        let mut salvaged =
            SalvagedTable { table: table.name, unreadable: !whole, ..SalvagedTable::default() };
        let prefix = table.subject.split('\'').nth(1).unwrap_or_default();
        let mut known: BTreeMap<String, [u8; 32]> = seals
            .iter()
            .filter(|(subject, _)| subject.starts_with(prefix))
            .map(|(a, b)| (a.clone(), *b))
            .collect();
        let (saved, failed) = ledger.write(Need::InFlight, now, |tx| save(tx, table, &rows))?;
        salvaged.unreadable |= failed;
        for (subject, seal) in saved {
            salvaged.saved += 1;
            if known.remove(&subject) != Some(seal) {
                salvaged.doubtful.push(subject);
            }
        }
        salvaged.lost = known.into_keys().collect();
        report.tables.push(salvaged);
    }
    for (name, subject) in ledger.write(Need::InFlight, now, |tx| crate::rebuild::rebuild(tx, read))? {
        let Some(table) = report.tables.iter_mut().find(|table| table.table == name) else { continue };
        table.saved += 1;
        table.lost.retain(|lost| *lost != subject);
        table.doubtful.push(subject);
    }
    report.lost_rows = lost_rows(&old, &report.tables);
    let saved: u64 = report.tables.iter().map(|table| table.saved).sum();
    let lost: usize = report.tables.iter().map(|table| table.lost.len()).sum();
    ledger.write(Need::InFlight, now, |tx| tx.note("salvage", &format!("saved={saved} lost={lost}")))?;
    let writer = ledger.writer.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    drop(ledger.readers);
    writer.close().map_err(|(_, error)| LedgerError::sqlite(draft, error))?;
    Ok(report)
}

/// What was lost for good, by the numbers that a person can ask WeChat Pay about.
fn lost_rows(old: &Connection, tables: &[SalvagedTable]) -> Vec<LostRow> {
    let mut rows = Vec::new();
    for table in tables.iter().filter(|table| matches!(table.table, "payments" | "refunds")) {
        let parts = table.lost.iter().filter_map(|subject| subject.split_once(':')?.1.split_once(':'));
        rows.extend(parts.map(|(merchant, number)| LostRow {
            table: table.table,
            merchant: Some(merchant.to_owned()),
            kind: None,
            number: number.to_owned(),
        }));
    }
    let Some(table) = tables.iter().find(|table| table.table == "operations" && !table.lost.is_empty())
    else {
        return rows;
    };
    // What they were written down for stands in the journal's words about them.
    let mut known: BTreeMap<&str, Option<(String, String)>> =
        table.lost.iter().map(|subject| (subject.as_str(), None)).collect();
    let (entries, _) = read_table(old, "journal", &["subject", "detail"]);
    for cells in &entries {
        if let [Value::Text(subject), Value::Text(detail)] = cells.as_slice()
            && let Some(known) = known.get_mut(subject.as_str())
            && let Some(named) = kind_and_number(detail)
        {
            *known = Some(named);
        }
    }
    rows.extend(known.into_iter().map(|(subject, named)| {
        let (kind, number) = named.unzip();
        let id = subject.split_once(':').map_or(subject, |(_, id)| id);
        LostRow { table: table.table, merchant: None, kind, number: number.unwrap_or_else(|| id.to_owned()) }
    }));
    rows
}

/// Of `kind=refund number=R1 …`, as an intent is noted.
fn kind_and_number(detail: &str) -> Option<(String, String)> {
    let mut words = detail.split(' ');
    let kind = words.next()?.strip_prefix("kind=")?;
    let number = words.next()?.strip_prefix("number=")?;
    Some((kind.to_owned(), number.to_owned()))
}

/// The names of a table's columns, its rowid's first.
fn columns(ledger: &Ledger, table: &Table) -> Result<Vec<String>, LedgerError> {
    ledger.query(|conn| {
        conn.prepare(&format!("PRAGMA table_info({})", table.name))?
            .query_map([], |row| row.get(1))?
            .collect()
    })
}

/// What makes references to lost rows harmless, in the order of the tables.
const REPAIRS: [(&str, &str); 6] = [
    (
        "exchanges",
        "UPDATE exchanges SET operation_id = NULL WHERE operation_id NOT IN (SELECT id FROM operations)",
    ),
    (
        "payments",
        "UPDATE payments SET operation_id = NULL WHERE operation_id NOT IN (SELECT id FROM operations)",
    ),
    (
        "refunds",
        "UPDATE refunds SET operation_id = NULL WHERE operation_id NOT IN (SELECT id FROM operations)",
    ),
    (
        "refunds",
        "INSERT INTO payments (merchant, out_trade_no, mch_id, state, conflict, disagreements, unasked,
            created_ms, updated_ms, refunded_fen)
         SELECT merchant, out_trade_no, min(mch_id), 'paid', 0, '', 1, min(created_ms), max(updated_ms),
            coalesce(sum(refund_fen) FILTER (WHERE state = 'success'), 0)
         FROM refunds r WHERE NOT EXISTS (SELECT 1 FROM payments p
            WHERE p.merchant = r.merchant AND p.out_trade_no = r.out_trade_no)
         GROUP BY merchant, out_trade_no",
    ),
    ("evidence", "UPDATE evidence SET notice_id = NULL WHERE notice_id NOT IN (SELECT id FROM notices)"),
    (
        "evidence",
        "UPDATE evidence SET exchange_id = NULL WHERE exchange_id NOT IN (SELECT id FROM exchanges)",
    ),
];

type Saved = Vec<(String, [u8; 32])>;

/// Writes the rows of one table, each with its own journal row, and says whether some could not be taken.
fn save(tx: &Tx<'_>, table: &Table, rows: &[Vec<Value>]) -> Result<(Saved, bool), LedgerError> {
    let mut failed = false;
    let mut taken = Vec::with_capacity(rows.len());
    tx.sql(tx.conn.execute_batch("PRAGMA defer_foreign_keys = ON"))?;
    for row in rows {
        let marks = vec!["?"; row.len()].join(", ");
        let mut insert =
            tx.sql(tx.conn.prepare_cached(&format!("INSERT INTO {} VALUES ({marks})", table.name)))?;
        match insert.execute(rusqlite::params_from_iter(row)) {
            Ok(_) => taken.push(tx.conn.last_insert_rowid()),
            // A value of a wrong kind, or a number that is there already: what a damaged page holds.
            Err(rusqlite::Error::SqliteFailure(error, _))
                if matches!(
                    error.code,
                    rusqlite::ErrorCode::ConstraintViolation | rusqlite::ErrorCode::TypeMismatch
                ) =>
            {
                failed = true;
            }
            Err(error) => return tx.sql(Err(error)),
        }
    }
    for (_, repair) in REPAIRS.iter().filter(|(name, _)| *name == table.name) {
        tx.sql(tx.conn.execute(repair, []))?;
    }
    let mut saved = Vec::with_capacity(taken.len());
    for rowid in taken {
        let read = format!("SELECT {} FROM {} WHERE rowid = ?1", table.columns, table.name);
        let readable = tx.sql(tx.conn.prepare_cached(&read))?.query_row([rowid], table.reads);
        if readable.is_err() {
            tx.sql(tx.conn.execute(&format!("DELETE FROM {} WHERE rowid = ?1", table.name), [rowid]))?;
            failed = true;
            continue;
        }
        saved.push(tx.sql(table::seal(tx.conn, table, rowid))?);
        tx.record(table, rowid, "salvage", "-")?;
    }
    if table.name == "refunds" {
        // The payments made above for refunds without one.
        let made: Vec<i64> = tx.sql(
            tx.conn
                .prepare(
                    "SELECT id FROM payments WHERE unasked AND total_fen IS NULL AND transaction_id IS NULL",
                )
                .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect()),
        )?;
        for id in made {
            tx.record(&table::payment::TABLE, id, "salvage", "made for its refunds")?;
        }
    }
    Ok((saved, failed))
}

/// Every row of a table that can be read, and whether that is all of them.
///
/// Upwards until a page cannot be read, then downwards from the other end, then into the gap with growing steps.
fn read_table<C: AsRef<str>>(conn: &Connection, table: &str, columns: &[C]) -> (Vec<Vec<Value>>, bool) {
    let columns: Vec<&str> = columns.iter().map(AsRef::as_ref).collect();
    let mut scan =
        Scan { conn, table, columns: columns.join(", "), rows: BTreeMap::new(), bad: BTreeSet::new() };
    let up = scan.run(i64::MIN, i64::MAX, "ASC");
    if up.is_err() {
        let low = scan.rows.keys().next_back().copied().unwrap_or(i64::MIN);
        let high = match scan.run(low.saturating_add(1), i64::MAX, "DESC") {
            Ok(()) => low,
            Err(()) => scan.rows.keys().copied().find(|rowid| *rowid > low).unwrap_or(i64::MAX),
        };
        let mut probe = low.max(0).saturating_add(1);
        let mut step = 1_i64;
        for _ in 0..MOST_PROBES {
            if probe >= high {
                break;
            }
            let before = scan.rows.len();
            let done = scan.run(probe, high.saturating_sub(1), "ASC");
            if done.is_ok() {
                break;
            }
            step = if scan.rows.len() > before { 1 } else { step.saturating_mul(2) };
            let reached = scan.rows.range(probe..high).next_back().map_or(probe, |(rowid, _)| *rowid);
            probe = reached.saturating_add(step);
            // The step may have jumped over the first rows of a page that can be read.
            let _ = scan.run(reached.saturating_add(1), probe.saturating_sub(1), "DESC");
        }
    }
    let whole = up.is_ok() && scan.bad.is_empty();
    (scan.rows.into_values().collect(), whole)
}

/// Where the steps into a gap end: they double, so this is far beyond any table.
const MOST_PROBES: u32 = 500;

struct Scan<'a> {
    conn: &'a Connection,
    table: &'a str,
    columns: String,
    rows: BTreeMap<i64, Vec<Value>>,
    bad: BTreeSet<i64>,
}

impl Scan<'_> {
    /// Reads rows with a rowid in a range until the end or a page that cannot be read.
    fn run(&mut self, from: i64, to: i64, direction: &str) -> Result<(), ()> {
        let sql = format!(
            "SELECT rowid, {} FROM {} WHERE rowid BETWEEN ?1 AND ?2 ORDER BY rowid {direction}",
            self.columns, self.table
        );
        let mut statement = self.conn.prepare(&sql).map_err(drop)?;
        let mut rows = statement.query([from, to]).map_err(drop)?;
        while let Some(row) = rows.next().map_err(drop)? {
            let Ok(rowid) = row.get::<_, i64>(0) else { continue };
            match values(row) {
                Some(cells) => {
                    self.rows.insert(rowid, cells);
                }
                None => {
                    self.bad.insert(rowid);
                }
            }
        }
        Ok(())
    }
}

/// A row's values after the rowid, or `None` if a text is not UTF-8.
fn values(row: &Row<'_>) -> Option<Vec<Value>> {
    (1..row.as_ref().column_count())
        .map(|column| match row.get_ref(column).ok()? {
            ValueRef::Text(text) => std::str::from_utf8(text).ok().map(|text| Value::Text(text.to_owned())),
            other => Value::try_from(other).ok(),
        })
        .collect()
}

/// Copies the damaged file with its log and opens the copy. Where its table of contents cannot be read, that of
/// a new ledger is put in: both were made by the same statements in the same order, so the tables are at the
/// same pages.
fn open_copy(
    damaged: &Path,
    copy: &Path,
    draft: &Path,
    template: &[u8],
    environment: Environment,
) -> Result<(Connection, bool), LedgerError> {
    let read = |file: &Path| fs::read(file).map_err(|error| LedgerError::io(file, &error));
    let write = |file: &Path, bytes: &[u8]| {
        let written = fs::write(file, bytes).map_err(|error| LedgerError::io(file, &error));
        connection::close_to_others(file);
        written
    };
    let mut bytes = read(damaged)?;
    let log = beside(damaged, "-wal");
    write(copy, &bytes)?;
    if log.exists() {
        write(&beside(copy, "-wal"), &read(&log)?)?;
    }
    if let Some(conn) = readable(copy, environment) {
        return Ok((conn, false));
    }
    // What the log held is lost then, as far as it was not yet in the file.
    let _ = fs::remove_file(beside(copy, "-wal"));
    let _ = fs::remove_file(beside(copy, "-shm"));
    let roots: BTreeSet<usize> = {
        let conn = connection::reader(draft)?;
        conn.prepare("SELECT rootpage FROM sqlite_schema WHERE rootpage > 0")
            .and_then(|mut statement| {
                statement.query_map([], |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>()
            })
            .map_err(|error| LedgerError::sqlite(draft, error))?
            .into_iter()
            .filter_map(|page| usize::try_from(page).ok())
            .collect()
    };
    let page = match template {
        [.., _] if template.len() > 100 => match u16::from_be_bytes([template[16], template[17]]) {
            1 => 65_536,
            size => usize::from(size),
        },
        _ => return Err(LedgerError::NotALedger { file: damaged.to_owned() }),
    };
    if bytes.len() < template.len() {
        bytes.resize(template.len(), 0);
    }
    bytes.resize(bytes.len().next_multiple_of(page), 0);
    for (index, contents) in template.chunks(page).enumerate() {
        if !roots.contains(&(index + 1)) {
            bytes[index * page..(index + 1) * page].copy_from_slice(contents);
        }
    }
    let pages = u32::try_from(bytes.len() / page).unwrap_or(u32::MAX);
    bytes[28..32].copy_from_slice(&pages.to_be_bytes());
    bytes[32..40].fill(0);
    write(copy, &bytes)?;
    match readable(copy, environment) {
        Some(conn) => Ok((conn, true)),
        None => Err(LedgerError::NotALedger { file: damaged.to_owned() }),
    }
}

/// The opened file, if its table of contents is one of a ledger of this environment.
fn readable(file: &Path, environment: Environment) -> Option<Connection> {
    let conn = connection::writer(file).ok()?;
    let id: u32 = conn.query_row("PRAGMA application_id", [], |row| row.get(0)).ok()?;
    if id != schema::application_id(environment) {
        return None;
    }
    let tables = table::ALL.into_iter().filter(|table| !table.subject.is_empty());
    for table in tables {
        conn.prepare(&format!("SELECT {} FROM {}", table.sealed, table.name)).ok()?;
    }
    Some(conn)
}

//! A ledger whose journal's key is lost. Its rows are there; that nobody changed them can no longer be proved. A
//! person may go on with it under a new key: the journal says from where on it proves anything again, and what it
//! said until then stays readable and can no longer be changed unnoticed.

use crate::ledger::Ledger;
use crate::open::{believe, check_header, name_damage, sync_directory};
use crate::table::{self, journal, meta};
use crate::{Head, LedgerError, connection};
use domain::{Environment, Secret, Timestamp};
use rusqlite::Connection;
use std::path::Path;

/// Writes into the open file that everything so far is unproven, and goes on under `key`.
pub(crate) fn adopt(
    conn: &mut Connection,
    file: &Path,
    key: &Secret<[u8; 32]>,
    now: Timestamp,
) -> Result<Head, LedgerError> {
    connection::in_transaction(conn, file, |conn| {
        let write = || -> rusqlite::Result<Head> {
            let (last, digest) = journal::digest_of_all(conn)?;
            meta::replace(conn, meta::KEY_CHECK, &journal::key_check(key))?;
            let row = meta::replace(conn, meta::UNPROVEN, &last.seq.to_string())?;
            let (subject, seal) = table::seal(conn, &meta::TABLE, row)?;
            let detail = journal::adoption(last.seq, &digest);
            journal::append_after(conn, key, now, last, (journal::ADOPT, &subject, &detail), seal)
        };
        write().map_err(|error| LedgerError::sqlite(file, error))
    })
}

impl Ledger {
    /// Goes on with the ledger `file`, whose journal has another key, under `chain_key`. All that it holds so far is
    /// unproven from here on, and its journal says so. Answers the head now: anchor it. One that has this key
    /// already is left as it is.
    ///
    /// # Errors
    /// As [`Ledger::open`]: another environment's, another program's, a newer one and a damaged one are refused.
    pub fn adopt(
        file: &Path,
        environment: Environment,
        chain_key: &Secret<[u8; 32]>,
        now: Timestamp,
    ) -> Result<Head, LedgerError> {
        connection::refuse_old_sqlite()?;
        check_header(file, environment)?;
        let mut conn = connection::writer(file)?;
        let head = match believe(&conn, file, environment, Some(chain_key)) {
            Err(LedgerError::WrongChainKey) => {
                believe(&conn, file, environment, None).map_err(|error| name_damage(file, error))?;
                adopt(&mut conn, file, chain_key, now)?
            }
            Err(error) => return Err(name_damage(file, error)),
            Ok(_) => journal::head(&conn).map_err(|error| LedgerError::sqlite(file, error))?,
        };
        conn.close().map_err(|(_, error)| LedgerError::sqlite(file, error))?;
        sync_directory(file);
        Ok(head)
    }

    /// The last row of the journal that is unproven, because the key that it was written under is lost.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn unproven_to(&self) -> Result<Option<i64>, LedgerError> {
        self.query(|conn| Ok(meta::get(conn, meta::UNPROVEN)?.and_then(|text| text.parse().ok())))
    }
}

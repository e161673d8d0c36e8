//! The ledgers: opening, anchoring the journal's head, checks, backups.

use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::place::{read_bounded, write_whole};
use domain::{Environment, Secret};
use ledger::{Head, Ledger};
use std::sync::{Arc, MutexGuard, PoisonError};

/// The key of the simulated ledger's journal. It is published here: that chain finds damage, not forgery, so
/// that the simulator works where there is no keychain.
const SIMULATED_CHAIN_KEY: [u8; 32] = *b"SIMULATED journal key, published";

/// A ledger that is open, and the last row of its journal that was anchored outside of it.
pub(crate) struct Book {
    pub(crate) environment: Environment,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) anchored: Option<Head>,
}

impl Console {
    fn books(&self) -> MutexGuard<'_, Vec<Book>> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The journal's key of an environment: published for the simulated one, in the OS keychain for the others.
    pub(crate) fn chain_key(&self, environment: Environment) -> Result<Secret<[u8; 32]>> {
        if environment == Environment::Simulated {
            return Ok(Secret::new(SIMULATED_CHAIN_KEY));
        }
        let name = format!("journal-key-{environment}");
        let key = self.vault.item_or_create(&name, 32)?;
        let key = <[u8; 32]>::try_from(key.expose().as_slice())
            .map_err(|_| ConsoleError::new(Code::KeychainDamaged).with("detail", name))?;
        Ok(Secret::new(key))
    }

    /// The environment's ledger, opened once.
    pub(crate) fn ledger(&self, environment: Environment) -> Result<Arc<Ledger>> {
        if let Some(book) = self.books().iter().find(|book| book.environment == environment) {
            return Ok(Arc::clone(&book.ledger));
        }
        // Opened without the lock: the keychain may wait for a person.
        let key = self.chain_key(environment)?;
        let path = self.place.ledger(environment);
        let opened =
            Ledger::open(&path, environment, key, self.now()).map_err(|error| named(&path, error))?;
        let mut books = self.books();
        if let Some(book) = books.iter().find(|book| book.environment == environment) {
            return Ok(Arc::clone(&book.ledger));
        }
        let ledger = Arc::new(opened.ledger);
        books.push(Book { environment, ledger: Arc::clone(&ledger), anchored: None });
        Ok(ledger)
    }

    /// Lets go of a ledger, so that it can be replaced.
    pub(crate) fn close_ledger(&self, environment: Environment) {
        self.books().retain(|book| book.environment != environment);
    }

    /// The head that was last anchored outside the ledger: in the OS keychain, or in a file for the simulated.
    pub(crate) fn anchored_head(&self, environment: Environment) -> Result<Option<Head>> {
        let text = if environment == Environment::Simulated {
            read_bounded(&self.head_file(), 4096)?
        } else {
            self.vault.item(&head_item(environment))?.map(|item| item.expose().clone())
        };
        let Some(text) = text else { return Ok(None) };
        let damaged = || ConsoleError::new(Code::KeychainDamaged).with("detail", head_item(environment));
        let text = String::from_utf8(text).map_err(|_| damaged())?;
        text.trim().parse().map(Some).map_err(|_| damaged())
    }

    fn head_file(&self) -> std::path::PathBuf {
        self.place.ledger(Environment::Simulated).with_extension("head")
    }

    /// Anchors the journals' heads outside of the ledgers, so that a tail cut off later is noticed. Call it when
    /// a piece of work is done and before the program ends.
    ///
    /// # Errors
    /// `keychain_*`, `file_failed`. The ledger itself is safe; only its newest rows are not anchored yet.
    /// `ledger_damaged` where the anchored row is not in the journal: it is another one, such as an old copy.
    pub fn anchor(&self) -> Result<()> {
        let open: Vec<_> = self
            .books()
            .iter()
            .map(|book| (book.environment, Arc::clone(&book.ledger), book.anchored))
            .collect();
        for (environment, ledger, anchored) in open {
            let head = ledger.head()?;
            if anchored == Some(head) {
                continue;
            }
            // Another process may be further already: an anchor never goes back. And it never goes over to another
            // journal: an old copy put in place would otherwise pass for whole once it has grown past the anchor.
            match self.anchored_head(environment)? {
                Some(kept) if kept.seq >= head.seq => {}
                Some(kept)
                    if ledger
                        .journal(kept.seq - 1, 1)?
                        .first()
                        .is_none_or(|row| (row.seq, row.mac) != (kept.seq, kept.mac)) =>
                {
                    return Err(named(ledger.path(), ledger::LedgerError::HeadDiffers { seq: kept.seq }));
                }
                Some(_) | None => self.anchor_at(environment, head)?,
            }
            if let Some(book) = self.books().iter_mut().find(|book| book.environment == environment) {
                book.anchored = Some(head);
            }
        }
        Ok(())
    }
}

impl Console {
    /// Anchors a head whatever was anchored before: after a restore or a salvage the journal is another one.
    pub(crate) fn anchor_at(&self, environment: Environment, head: Head) -> Result<()> {
        let text = head.to_string();
        if environment == Environment::Simulated {
            write_whole(&self.head_file(), text.as_bytes(), true)
        } else {
            Ok(self.vault.set_item(&head_item(environment), &Secret::new(text.into_bytes()))?)
        }
    }
}

/// What is wrong with a ledger, and with which file.
pub(crate) fn named(file: &std::path::Path, error: ledger::LedgerError) -> ConsoleError {
    let error = ConsoleError::from(error);
    match error.code {
        Code::LedgerDamaged | Code::LedgerWrongFile => error.with("path", file.display()),
        _ => error,
    }
}

fn head_item(environment: Environment) -> String {
    format!("journal-head-{environment}")
}

//! The ledgers: opening, anchoring the journal's head, checks, backups.

use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::place::{read_bounded, write_whole};
use domain::{Environment, Secret};
use ledger::{Head, Ledger, LedgerError};
use std::path::Path;
use std::sync::{Arc, MutexGuard, PoisonError};

/// The key of the simulated ledger's journal. It is published here: that chain finds damage, not forgery, so
/// that the simulator works where there is no keychain.
const SIMULATED_CHAIN_KEY: [u8; 32] = *b"SIMULATED journal key, published";

/// A ledger that is open, and the last row of its journal that was anchored outside of it.
pub(crate) struct Book {
    pub(crate) environment: Environment,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) anchored: Option<Head>,
    /// Why it can only be read.
    unwritable: Option<ConsoleError>,
    /// What is wrong between it and the anchored head. Then nothing is anchored: that would hide it.
    doubt: Option<ConsoleError>,
    /// What nobody was told yet.
    warnings: Vec<ConsoleError>,
}

impl Book {
    /// Why nothing may be begun in it.
    fn refusal(&self) -> Option<ConsoleError> {
        let doubt = self.doubt.as_ref();
        doubt
            .filter(|doubt| matches!(doubt.code, Code::LedgerRolledBack | Code::LedgerReplaced))
            .or(self.unwritable.as_ref())
            .cloned()
    }
}

/// What is kept of a journal outside of its ledger.
#[derive(Clone, Debug)]
pub(crate) enum Kept {
    /// Nothing: a ledger that is yet to be made, or somebody removed it.
    Nothing,
    /// The head that was last anchored.
    Head(Head),
    /// Something that is no head.
    Damaged(ConsoleError),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Read,
    Write,
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
        let name = chain_key_item(environment);
        let key = self.vault.item_or_create(&name, 32)?;
        let key = <[u8; 32]>::try_from(key.expose().as_slice())
            .map_err(|_| ConsoleError::new(Code::KeychainDamaged).with("detail", name))?;
        Ok(Secret::new(key))
    }

    /// Reads the journal's key, where there is one, for nothing but that the keychain gives it.
    pub(crate) fn ask_for_chain_key(&self, environment: Environment) -> Result<()> {
        if environment != Environment::Simulated {
            self.vault.item(&chain_key_item(environment))?;
        }
        Ok(())
    }

    /// The environment's ledger, opened once, to write into. One that can only be read, or whose journal is not the
    /// anchored one, is refused before anything is sent.
    pub(crate) fn ledger(&self, environment: Environment) -> Result<Arc<Ledger>> {
        self.book(environment, Purpose::Write)
    }

    /// The environment's ledger, opened once, only to read. [`warnings`](Self::warnings) says what is wrong with it.
    /// Nobody is asked for the keychain's password: to read, its journal's key is not needed.
    pub(crate) fn ledger_to_read(&self, environment: Environment) -> Result<Arc<Ledger>> {
        vault::without_asking(|| self.book(environment, Purpose::Read))
    }

    /// The same to check it, which nobody can without the journal's key: a person may be asked.
    pub(crate) fn ledger_to_check(&self, environment: Environment) -> Result<Arc<Ledger>> {
        if self.is_without_key(environment) {
            self.chain_key(environment)?;
            self.close_ledger(environment);
        } else if self.ledger_at_hand(environment).is_none() && self.place.ledger(environment).exists() {
            self.chain_key(environment)?;
        }
        self.ledger_to_read(environment)
    }

    /// The ledger if it is open already.
    pub(crate) fn ledger_at_hand(&self, environment: Environment) -> Option<Arc<Ledger>> {
        let books = self.books();
        books.iter().find(|book| book.environment == environment).map(|book| Arc::clone(&book.ledger))
    }

    /// Whether the ledger is only read because the keychain does not give its journal's key now.
    fn is_without_key(&self, environment: Environment) -> bool {
        self.books().iter().any(|book| {
            book.environment == environment && book.unwritable.as_ref().is_some_and(keychain_is_shut)
        })
    }

    /// What is wrong with the ledgers that were only read, each told once: `ledger_read_only`, `disk_full`,
    /// `ledger_rolled_back`, `ledger_replaced`, `ledger_head_damaged`, `ledger_head_missing`, `ledger_key_lost`,
    /// and `keychain_*` where the keychain does not give the journal's key.
    pub fn warnings(&self) -> Vec<ConsoleError> {
        self.books().iter_mut().flat_map(|book| std::mem::take(&mut book.warnings)).collect()
    }

    /// Whether the ledger is only read because its journal's key is lost.
    pub(crate) fn is_unproven(&self, environment: Environment) -> bool {
        self.books().iter().any(|book| {
            book.environment == environment
                && book.unwritable.as_ref().is_some_and(|error| error.code == Code::LedgerKeyLost)
        })
    }

    /// Drops the warnings about the journal of a ledger whose check says the same.
    pub(crate) fn forget_doubts(&self, environment: Environment) {
        for book in self.books().iter_mut().filter(|book| book.environment == environment) {
            let doubt = book.doubt.as_ref();
            book.warnings.retain(|warning| Some(warning) != doubt && warning.code != Code::LedgerKeyLost);
        }
    }

    fn book(&self, environment: Environment, purpose: Purpose) -> Result<Arc<Ledger>> {
        let answer = |book: &Book| match book.refusal() {
            Some(refusal) if purpose == Purpose::Write => Err(refusal),
            _ => Ok(Arc::clone(&book.ledger)),
        };
        if let Some(book) = self.books().iter().find(|book| book.environment == environment)
            // What could not be written may have been mended meanwhile.
            && (purpose == Purpose::Read || book.unwritable.is_none())
        {
            return answer(book);
        }
        // Opened without the lock: the keychain may wait for a person.
        let new = self.open_book(environment, purpose)?;
        let mut books = self.books();
        if let Some(book) = books.iter().find(|book| book.environment == environment) {
            if book.unwritable.is_none() || new.unwritable.is_some() {
                return answer(book);
            }
            books.retain(|book| book.environment != environment);
        }
        let ledger = answer(&new);
        books.push(new);
        drop(books);
        if let (Purpose::Write, Ok(ledger)) = (purpose, &ledger) {
            self.bury_the_dead(environment, ledger);
        }
        ledger
    }

    fn open_book(&self, environment: Environment, purpose: Purpose) -> Result<Book> {
        let path = self.place.ledger(environment);
        let key = match self.chain_key(environment) {
            Err(error)
                if purpose == Purpose::Read
                    && keychain_is_shut(&error)
                    && path.try_exists().unwrap_or(true) =>
            {
                return self.open_book_without_key(environment, error);
            }
            key => key?,
        };
        // First what is kept of it: what another process writes and anchors after that is ahead of it, not behind.
        let kept = self.kept(environment)?;
        let there = path.try_exists().unwrap_or(true);
        let entries = match &kept {
            Kept::Nothing => None,
            Kept::Head(head) => Some(head.seq.to_string()),
            Kept::Damaged(_) => Some("?".to_owned()),
        };
        if let (false, Some(entries)) = (there, entries) {
            return Err(ConsoleError::new(Code::LedgerGone)
                .with("path", path.display())
                .with("entries", entries));
        }
        let mut warnings = Vec::new();
        let (ledger, unwritable) = match Ledger::open(&path, environment, key.clone(), self.now()) {
            Ok(opened) => {
                warnings.extend(opened.disk_full.then(|| ConsoleError::new(Code::DiskFull)));
                (opened.ledger, None)
            }
            Err(error @ (LedgerError::ReadOnly { .. } | LedgerError::DiskFull))
                if there && purpose == Purpose::Read =>
            {
                let ledger =
                    Ledger::open_to_read(&path, environment, key).map_err(|error| named(&path, error))?;
                (ledger, Some(named(&path, error)))
            }
            Err(error @ LedgerError::WrongChainKey) if there && purpose == Purpose::Read => {
                let ledger =
                    Ledger::open_unproven(&path, environment, key).map_err(|error| named(&path, error))?;
                let lost = named(&path, error);
                // Under another key nothing can be compared with what is anchored.
                return Ok(Book {
                    environment,
                    ledger: Arc::new(ledger),
                    anchored: None,
                    unwritable: Some(lost.clone()),
                    doubt: None,
                    warnings: vec![lost],
                });
            }
            Err(error) => return Err(named(&path, error)),
        };
        let mut anchored = None;
        let doubt = match self.compare(environment, &ledger, kept)? {
            Compared::Fits(head) => {
                anchored = Some(head);
                None
            }
            Compared::New(head) => {
                // At once, so that a journal with entries always has an anchor: one without was robbed of it. If it
                // cannot be kept now, `anchor` says so in the end.
                if unwritable.is_none() && self.anchor_at(environment, head).is_ok() {
                    anchored = Some(head);
                }
                None
            }
            Compared::Doubt(doubt) => Some(doubt),
        };
        warnings.extend(unwritable.clone());
        warnings.extend(doubt.clone());
        Ok(Book { environment, ledger: Arc::new(ledger), anchored, unwritable, doubt, warnings })
    }

    /// What was written down can be read though the keychain is away, as long as nobody believes it proven.
    fn open_book_without_key(&self, environment: Environment, shut: ConsoleError) -> Result<Book> {
        let path = self.place.ledger(environment);
        // Nothing is written or checked under it.
        let no_key = Secret::new([0; 32]);
        let ledger =
            Ledger::open_unproven(&path, environment, no_key).map_err(|error| named(&path, error))?;
        Ok(Book {
            environment,
            ledger: Arc::new(ledger),
            anchored: None,
            unwritable: Some(shut.clone()),
            doubt: None,
            warnings: vec![shut],
        })
    }

    /// Compares a ledger with what is kept of its journal.
    pub(crate) fn compare(&self, environment: Environment, ledger: &Ledger, kept: Kept) -> Result<Compared> {
        let kept = match kept {
            // Another process may have made it and anchored it since that was looked at.
            Kept::Nothing if ledger.head()?.seq > 1 => self.kept(environment)?,
            kept => kept,
        };
        Ok(match kept {
            Kept::Damaged(error) => Compared::Doubt(error),
            Kept::Head(head) => match ledger.check_head(head) {
                Ok(()) => Compared::Fits(head),
                Err(error @ (LedgerError::HeadAhead { .. } | LedgerError::HeadDiffers { .. })) => {
                    Compared::Doubt(named(ledger.path(), error))
                }
                Err(error) => return Err(named(ledger.path(), error)),
            },
            Kept::Nothing => {
                let head = ledger.head()?;
                if head.seq <= 1 {
                    Compared::New(head)
                } else {
                    Compared::Doubt(
                        ConsoleError::new(Code::LedgerHeadMissing)
                            .with("place", self.head_place(environment))
                            .with("entries", head.seq),
                    )
                }
            }
        })
    }

    /// Removes what processes left that were killed. Those with something in hand in a ledger are left to
    /// whoever frees that.
    fn bury_the_dead(&self, environment: Environment, ledger: &Ledger) {
        let now = self.now();
        let Ok(open) = ledger.unresolved(None) else { return };
        let holds = |owner: &str| {
            open.iter().any(|row| row.lease_owner.as_deref() == Some(owner) && row.is_leased(now))
        };
        let others = Environment::ALL
            .into_iter()
            .any(|other| other != environment && self.place.ledger(other).exists());
        crate::owner::sweep(&self.place, &self.owner, now, others, &holds);
    }

    /// Lets go of a ledger, so that it can be replaced.
    pub(crate) fn close_ledger(&self, environment: Environment) {
        self.books().retain(|book| book.environment != environment);
    }

    /// What was last anchored outside the ledger: in the OS keychain, or in a file for the simulated.
    pub(crate) fn kept(&self, environment: Environment) -> Result<Kept> {
        let damaged = || {
            let error = ConsoleError::new(Code::LedgerHeadDamaged);
            Kept::Damaged(error.with("place", self.head_place(environment)))
        };
        let text = if environment == Environment::Simulated {
            match read_bounded(&self.head_file(), 4096) {
                Ok(text) => text,
                Err(_) => return Ok(damaged()),
            }
        } else {
            self.vault.item(&head_item(environment))?.map(|item| item.expose().clone())
        };
        let Some(text) = text else { return Ok(Kept::Nothing) };
        let head = String::from_utf8(text).ok().and_then(|text| text.trim().parse().ok());
        Ok(head.map_or_else(damaged, Kept::Head))
    }

    fn head_file(&self) -> std::path::PathBuf {
        self.place.ledger(Environment::Simulated).with_extension("head")
    }

    /// Where the head is kept, for people.
    fn head_place(&self, environment: Environment) -> String {
        if environment == Environment::Simulated {
            self.head_file().display().to_string()
        } else {
            head_item(environment)
        }
    }

    /// Anchors the journals' heads outside of the ledgers, so that a tail cut off later is noticed. Call it when
    /// a piece of work is done and before the program ends.
    ///
    /// # Errors
    /// `keychain_*`, `file_failed`. The ledger itself is safe; only its newest rows are not anchored yet.
    /// `ledger_rolled_back`, `ledger_replaced` where the anchored row is not in the journal: it is another one, such
    /// as an old copy; `ledger_head_damaged`, `ledger_head_missing`.
    pub fn anchor(&self) -> Result<()> {
        let open: Vec<_> = self
            .books()
            .iter()
            .filter(|book| book.unwritable.is_none() && book.doubt.is_none())
            .map(|book| (book.environment, Arc::clone(&book.ledger), book.anchored))
            .collect();
        for (environment, ledger, anchored) in open {
            let head = ledger.head()?;
            if anchored == Some(head) {
                continue;
            }
            // Another process may be further already: an anchor never goes back. And it never goes over to another
            // journal: an old copy put in place would otherwise pass for whole once it has grown past the anchor.
            match self.kept(environment)? {
                Kept::Damaged(error) => return Err(error),
                Kept::Head(kept) => {
                    if kept.seq < head.seq {
                        ledger.check_head(kept).map_err(|error| named(ledger.path(), error))?;
                        self.anchor_at(environment, head)?;
                    }
                }
                Kept::Nothing if anchored.is_some() => {
                    return Err(ConsoleError::new(Code::LedgerHeadMissing)
                        .with("place", self.head_place(environment))
                        .with("entries", head.seq));
                }
                Kept::Nothing => self.anchor_at(environment, head)?,
            }
            if let Some(book) = self.books().iter_mut().find(|book| book.environment == environment) {
                book.anchored = Some(head);
            }
        }
        Ok(())
    }

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

/// A ledger beside what is kept of its journal.
pub(crate) enum Compared {
    /// The kept head is in it.
    Fits(Head),
    /// It was just made, and nothing is kept of it yet; its head.
    New(Head),
    /// They do not fit, or cannot be compared.
    Doubt(ConsoleError),
}

/// What is wrong with a ledger, and with which file.
pub(crate) fn named(file: &Path, error: LedgerError) -> ConsoleError {
    let code = match &error {
        LedgerError::HeadAhead { anchored, last } => {
            ConsoleError::new(Code::LedgerRolledBack).with("anchored", anchored).with("last", last)
        }
        LedgerError::HeadDiffers { seq } => ConsoleError::new(Code::LedgerReplaced).with("seq", seq),
        _ => ConsoleError::from(error),
    };
    match code.code {
        Code::LedgerDamaged
        | Code::LedgerWrongFile
        | Code::LedgerKeyLost
        | Code::LedgerReadOnly
        | Code::LedgerRolledBack
        | Code::LedgerReplaced => code.with("path", file.display()),
        _ => code,
    }
}

/// Whether the keychain as a whole gives nothing now: it is not there, locked, or refused. What is in it is not lost.
pub(crate) fn keychain_is_shut(error: &ConsoleError) -> bool {
    use Code as C;
    matches!(
        error.code,
        C::KeychainMissing | C::KeychainLocked | C::KeychainDenied | C::KeychainPrompt | C::KeychainFailed
    )
}

fn chain_key_item(environment: Environment) -> String {
    format!("journal-key-{environment}")
}

fn head_item(environment: Environment) -> String {
    format!("journal-head-{environment}")
}

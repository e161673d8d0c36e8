//! Where the program stands with a merchant, asked for every second.

use crate::books::keychain_is_shut;
use crate::console::Console;
use crate::error::Result;
use crate::shape;
use crate::view::{ErrorView, StatusView, moment};
use domain::Environment;
use ledger::Ledger;
use std::sync::Arc;

/// How often a ledger that does not open is tried again: its keychain may wait for a person each time.
const TRY_AGAIN_MS: i64 = 5_000;

/// More than a person reads in a bar.
const MOST_SHOWN: usize = 50;

/// A number that grows with every change of a ledger that a screen may show, by whatever process: the place of the
/// journal's last row.
pub(crate) fn revision_of(ledger: &Ledger) -> Result<i64> {
    Ok(ledger.head()?.seq)
}

impl Console {
    /// Where the program stands with a merchant. Cheap: a few rows are read, nothing is sent, and nobody is asked for
    /// the keychain's password. A ledger that cannot be opened is no error here: it is said in `trouble`, with
    /// nothing else known.
    ///
    /// # Errors
    /// `no_such_merchant`, `file_failed`.
    pub fn status(&self, merchant: &str) -> Result<StatusView> {
        vault::without_asking(|| self.status_now(merchant))
    }

    /// Asks the keychain for what a merchant's work needs, and so perhaps a person for its password: to be called
    /// when a person wants that, and never by itself. Says where the program stands then.
    ///
    /// # Errors
    /// `keychain_*` if it still gives nothing; `no_such_merchant`, `file_failed`.
    pub fn ask_keychain(&self, merchant: &str) -> Result<StatusView> {
        let picked = self.pick(Some(merchant))?;
        // Work may go on wherever it was held up.
        self.run.forget_trouble();
        self.ask_for_chain_key(picked.environment)?;
        match self.api_key(&picked) {
            Err(error) if error.code != crate::Code::KeyMissing => return Err(error),
            // A merchant without a key has nothing to be asked for.
            Ok(_) | Err(_) => {}
        }
        self.status(merchant)
    }

    fn status_now(&self, merchant: &str) -> Result<StatusView> {
        let merchant = self.pick(Some(merchant))?;
        let now = self.now();
        let mut status = StatusView {
            merchant: merchant.name.clone(),
            environment: merchant.environment.to_string(),
            now: moment(now),
            last_outcome: None,
            last_at: None,
            last_ms: None,
            unresolved: Vec::new(),
            unresolved_count: 0,
            payments: 0,
            checked_at: None,
            trouble: None,
            revision: 0,
        };
        let (ledger, trouble) = self.as_far_as_it_opens(merchant.environment);
        status.trouble = trouble.as_ref().map(ErrorView::from);
        if let Some(ledger) = ledger
            && let Err(error) = self.fill(&mut status, &ledger, &merchant.name)
        {
            // One that opened may still be unreadable further in, and then what is unresolved is not known.
            status.trouble = Some(ErrorView::from(&error));
            status.checked_at = None;
        }
        if status.trouble.is_none()
            && self.run.is_keyless(&merchant.name)
            && let Err(error) = self.api_key(&merchant)
        {
            status.trouble = Some(ErrorView::from(&error));
        }
        Ok(status)
    }

    fn fill(&self, status: &mut StatusView, ledger: &Arc<Ledger>, merchant: &str) -> Result<()> {
        let now = self.now();
        status.checked_at = Some(moment(self.run.checked_at(ledger.environment(), now)));
        status.revision = revision_of(ledger)?;
        if let Some(last) = ledger.last_exchange(merchant)? {
            status.last_outcome = Some(last.outcome);
            status.last_at = Some(moment(last.started));
            status.last_ms = Some(last.duration_ms);
        }
        let unresolved = ledger.unresolved(Some(merchant))?;
        status.unresolved_count = i64::try_from(unresolved.len()).unwrap_or(i64::MAX);
        status.unresolved = unresolved.iter().take(MOST_SHOWN).map(shape::operation).collect();
        status.payments = self.run.payments(ledger, merchant)?;
        Ok(())
    }

    /// An environment's ledger, if it can at least be read, and why it cannot be written or not even read.
    fn as_far_as_it_opens(
        &self,
        environment: Environment,
    ) -> (Option<Arc<Ledger>>, Option<crate::ConsoleError>) {
        let now = self.now();
        let recent = self.run.trouble(environment, now.plus_millis(-TRY_AGAIN_MS));
        let trouble = match recent {
            Some(error) => Some(error),
            None => match self.ledger(environment) {
                Ok(ledger) => return (Some(ledger), None),
                Err(error) => {
                    self.run.set_trouble(environment, now, &error);
                    Some(error)
                }
            },
        };
        let readable = trouble.as_ref().is_some_and(|error| {
            use crate::Code as C;
            keychain_is_shut(error)
                || matches!(
                    error.code,
                    C::LedgerReadOnly
                        | C::DiskFull
                        | C::LedgerRolledBack
                        | C::LedgerReplaced
                        | C::LedgerKeyLost
                )
        });
        let ledger = if readable { self.ledger_to_read(environment).ok() } else { None };
        (ledger, trouble)
    }
}

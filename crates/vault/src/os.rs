//! The one keychain of the product: the operating system's.
//!
//! The system may ask a person for a password before it answers, and then a call blocks for as long as the
//! person takes; on Linux the library also panics when it is called from async code. So every call runs on a
//! thread of its own, one at a time, and the caller waits for a limited time.

mod asking;
mod refusal;
#[cfg(test)]
mod tests;

use crate::{Keychain, KeychainError};
pub use asking::{may_ask, without_asking};
use domain::Secret;
use keyring_core::{CredentialStore, Entry, Error};
use refusal::explain;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

/// How long a call waits unless told otherwise: long enough for a person to type a password.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a call that may not ask waits for another one, which may be behind a password window.
const SHORT_PATIENCE: Duration = Duration::from_secs(2);

/// The operating system's keychain: Secret Service, macOS Keychain or Windows Credential Manager.
///
/// Opening it asks nothing of the system; the first use does. A failure is never kept: the next use tries
/// again from the start, so a keychain that is started or unlocked later is found.
///
/// Every call may block for up to twice the patience; call it from a blocking thread, never from async code.
pub struct OsKeychain {
    shared: Arc<Shared>,
    patience: Duration,
}

struct Shared {
    service: String,
    /// Whether a call is under way. It may outlive the one who asked, behind a password window; the next one
    /// waits for it rather than putting a second window on top.
    busy: Mutex<bool>,
    idle: Condvar,
    /// The connection, made on first use and dropped when it fails.
    store: Mutex<Option<Arc<CredentialStore>>>,
    /// How a connection is made.
    connect: Box<Connect>,
    /// How a look is taken at whether an item is locked, without asking anybody.
    look: Box<Look>,
    /// What the system or the person last refused. Where no look can be taken, a call that may not ask answers this.
    refused: Mutex<Option<KeychainError>>,
}

/// What a look tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// It answers without asking.
    Open,
    /// It would ask.
    Locked,
    /// This system does not tell beforehand.
    #[cfg_attr(all(target_os = "linux", not(test)), expect(dead_code, reason = "Linux tells"))]
    Untold,
}

/// Looks at the item of a service and an account, to read it or (`true`) to write it.
type Look = dyn Fn(&str, &str, bool) -> keyring_core::Result<Seen> + Send + Sync;
type Connect = dyn Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send + Sync;

impl OsKeychain {
    /// The keychain's items of `service`, a name such as `paydesk` that groups them in the system's password
    /// program.
    #[must_use]
    pub fn open(service: &str) -> Self {
        Self::open_with_patience(service, PATIENCE)
    }

    /// The same, waiting `patience` for each answer before it is [`KeychainError::PromptNeeded`].
    #[must_use]
    pub fn open_with_patience(service: &str, patience: Duration) -> Self {
        Self::open_on(service, patience, Box::new(open_store), Box::new(look))
    }

    fn open_on(service: &str, patience: Duration, connect: Box<Connect>, look: Box<Look>) -> Self {
        let shared = Shared {
            service: service.to_owned(),
            busy: Mutex::new(false),
            idle: Condvar::new(),
            store: Mutex::new(None),
            connect,
            look,
            refused: Mutex::new(None),
        };
        Self { shared: Arc::new(shared), patience }
    }

    /// Runs `work` on the item on a thread of its own and waits for it. `Ok(None)` if there is no such item. Where
    /// nobody may be asked ([`without_asking`]), an item that is locked is left alone. `writes`: whether it may make
    /// a new item.
    fn call<T: Send + 'static>(
        &self,
        account: &str,
        writes: bool,
        work: impl Fn(&Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<Option<T>, KeychainError> {
        let asks = may_ask();
        let patience = self.patience;
        let turn_within = if asks { patience } else { patience.min(SHORT_PATIENCE) };
        let waited = |time: Duration| KeychainError::PromptNeeded {
            waited_ms: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
        };
        let (mut busy, wait) = self
            .shared
            .idle
            .wait_timeout_while(lock(&self.shared.busy), turn_within, |busy| *busy)
            .unwrap_or_else(PoisonError::into_inner);
        if wait.timed_out() {
            return Err(waited(turn_within));
        }
        *busy = true;
        drop(busy);
        let turn = Turn(Arc::clone(&self.shared));

        let (answer, answered) = mpsc::sync_channel(1);
        let account = account.to_owned();
        let spawned = std::thread::Builder::new().name("keychain".into()).spawn(move || {
            let result = if asks { Ok(()) } else { turn.0.would_not_ask(&account, writes) }
                .and_then(|()| turn.0.run(&account, &work));
            turn.0.remember(result.as_ref().err());
            // The turn ends before the answer goes out, so that whoever has the answer finds the keychain idle.
            drop(turn);
            let _ = answer.send(result); // nobody listens any more: the wait was given up
        });
        if let Err(error) = spawned {
            return Err(KeychainError::Platform {
                system: "thread",
                number: error.raw_os_error().map(i64::from),
                detail: error.to_string(),
            });
        }
        match answered.recv_timeout(patience) {
            Ok(result) => result,
            Err(mpsc::RecvTimeoutError::Timeout) => Err(waited(patience)),
            // The thread is gone without an answer: the library panicked.
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(KeychainError::Platform {
                system: "thread",
                number: None,
                detail: "the keychain library stopped without an answer".into(),
            }),
        }
    }
}

impl Keychain for OsKeychain {
    fn get(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, KeychainError> {
        self.call(account, false, |entry| entry.get_secret().map(Secret::new))
    }

    fn set(&self, account: &str, secret: &Secret<Vec<u8>>) -> Result<(), KeychainError> {
        let secret = secret.clone();
        let item = account.to_owned();
        // "No such item" cannot answer a store; if it does, the item went away under our hands.
        self.call(account, true, move |entry| entry.set_secret(secret.expose()))?
            .ok_or(KeychainError::ItemGone { item })
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.call(account, false, Entry::delete_credential).map(|_| ())
    }
}

/// The right to talk to the keychain, given back even if the library panics.
struct Turn(Arc<Shared>);

impl Drop for Turn {
    fn drop(&mut self) {
        *lock(&self.0.busy) = false;
        self.0.idle.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Whether the system answers without asking a person; else why not.
    fn would_not_ask(&self, account: &str, writes: bool) -> Result<(), KeychainError> {
        match (self.look)(&self.service, account, writes).map_err(|error| explain(error, account))? {
            Seen::Open => Ok(()),
            Seen::Locked => Err(KeychainError::Locked),
            Seen::Untold => lock(&self.refused).clone().map_or(Ok(()), Err),
        }
    }

    fn remember(&self, error: Option<&KeychainError>) {
        *lock(&self.refused) = error
            .filter(|error| matches!(error, KeychainError::Locked | KeychainError::Denied { .. }))
            .cloned();
    }

    /// Does `work`, opening the connection if need be. A connection that fails is opened afresh and the work
    /// done once more: the service may have been restarted since. All three kinds of work may be repeated.
    fn run<T>(
        &self,
        account: &str,
        work: &dyn Fn(&Entry) -> keyring_core::Result<T>,
    ) -> Result<Option<T>, KeychainError> {
        let kept = lock(&self.store).take();
        let was_kept = kept.is_some();
        let store = kept.map_or_else(|| (self.connect)(), Ok).map_err(|error| explain(error, account))?;
        match self.attempt(&store, account, work) {
            Err(Error::PlatformFailure(_)) if was_kept => {
                let store = (self.connect)().map_err(|error| explain(error, account))?;
                self.finish(store, account, work)
            }
            result => self.keep(store, account, result),
        }
    }

    fn finish<T>(
        &self,
        store: Arc<CredentialStore>,
        account: &str,
        work: &dyn Fn(&Entry) -> keyring_core::Result<T>,
    ) -> Result<Option<T>, KeychainError> {
        let result = self.attempt(&store, account, work);
        self.keep(store, account, result)
    }

    fn attempt<T>(
        &self,
        store: &Arc<CredentialStore>,
        account: &str,
        work: &dyn Fn(&Entry) -> keyring_core::Result<T>,
    ) -> keyring_core::Result<T> {
        work(&store.build(&self.service, account, None)?)
    }

    /// Keeps the connection for the next call where it answered, and says what the answer means.
    fn keep<T>(
        &self,
        store: Arc<CredentialStore>,
        account: &str,
        result: keyring_core::Result<T>,
    ) -> Result<Option<T>, KeychainError> {
        match result {
            Ok(value) => {
                *lock(&self.store) = Some(store);
                Ok(Some(value))
            }
            Err(Error::NoEntry) => {
                *lock(&self.store) = Some(store);
                Ok(None)
            }
            Err(error) => Err(explain(error, account)),
        }
    }
}

/// A new connection to the system's own keychain. Never a mock, never the kernel's keyring, which forgets at
/// reboot.
fn open_store() -> keyring_core::Result<Arc<CredentialStore>> {
    #[cfg(target_os = "linux")]
    return zbus_secret_service_keyring_store::Store::new().map(|store| store as Arc<CredentialStore>);
    #[cfg(target_os = "macos")]
    return apple_native_keyring_store::keychain::Store::new().map(|store| store as Arc<CredentialStore>);
    #[cfg(target_os = "windows")]
    return windows_native_keyring_store::Store::new().map(|store| store as Arc<CredentialStore>);
    #[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
    return Err(Error::NoDefaultStore);
}

/// Whether the item is locked, or, where there is none, the collection in which it would be: a service may hide what
/// is in a locked one.
#[cfg(target_os = "linux")]
fn look(service: &str, account: &str, writes: bool) -> keyring_core::Result<Seen> {
    use secret_service::{EncryptionType, Error as Service, blocking::SecretService};
    // No secret goes over this connection.
    let looked = || -> Result<Seen, Service> {
        let system = SecretService::connect(EncryptionType::Plain)?;
        let wanted = [("service", service), ("username", account)].into_iter().collect();
        let found = system.search_items(wanted)?;
        if !found.locked.is_empty() {
            return Ok(Seen::Locked);
        }
        if !found.unlocked.is_empty() && !writes {
            return Ok(Seen::Open);
        }
        match system.get_default_collection() {
            Ok(collection) if collection.is_locked()? => Ok(Seen::Locked),
            // Without one the work itself says so, and nobody is asked.
            Ok(_) | Err(Service::NoResult) => Ok(Seen::Open),
            Err(error) => Err(error),
        }
    };
    looked().map_err(|error| Error::PlatformFailure(Box::new(error)))
}

/// Windows asks nobody. Whether macOS would ask cannot be learned beforehand.
#[cfg(not(target_os = "linux"))]
fn look(_: &str, _: &str, _: bool) -> keyring_core::Result<Seen> {
    Ok(Seen::Untold)
}

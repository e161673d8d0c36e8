//! What the real keychain cannot be made to do on demand: block, stop without an answer, go away and come back.

use super::*;
use keyring_core::api::{CredentialApi, CredentialStoreApi};
use keyring_core::{Credential, Result};
use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the next call to the system does. After the last one, every call finds the item.
enum Does {
    Fails(Error),
    Panics,
    /// Waits until the test lets go of the other end.
    Waits(mpsc::Receiver<()>),
}

#[derive(Default)]
struct System {
    calls: Mutex<VecDeque<Does>>,
    connections: AtomicUsize,
    connections_that_fail: AtomicUsize,
    gets: AtomicUsize,
    /// What a look tells; by default that nothing would be asked.
    seen: Mutex<Option<Seen>>,
}

struct Store(Arc<System>);
struct Item(Arc<System>);

impl CredentialStoreApi for Store {
    fn vendor(&self) -> String {
        "test".into()
    }
    fn id(&self) -> String {
        "test".into()
    }
    fn build(&self, _: &str, _: &str, _: Option<&HashMap<&str, &str>>) -> Result<Entry> {
        Ok(Entry::new_with_credential(Arc::new(Item(Arc::clone(&self.0)))))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl CredentialApi for Item {
    fn set_secret(&self, _: &[u8]) -> Result<()> {
        self.get_secret().map(|_| ())
    }
    fn get_secret(&self) -> Result<Vec<u8>> {
        self.0.gets.fetch_add(1, Ordering::SeqCst);
        let next = lock(&self.0.calls).pop_front();
        match next {
            None => Ok(b"found".to_vec()),
            Some(Does::Fails(error)) => Err(error),
            Some(Does::Panics) => panic!("as the library does inside async code"),
            Some(Does::Waits(until)) => {
                let _ = until.recv();
                Ok(b"late".to_vec())
            }
        }
    }
    fn delete_credential(&self) -> Result<()> {
        self.get_secret().map(|_| ())
    }
    fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
        Ok(None)
    }
    fn get_specifiers(&self) -> Option<(String, String)> {
        None
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn keychain(patience_ms: u64, calls: impl IntoIterator<Item = Does>) -> (OsKeychain, Arc<System>) {
    let system = Arc::new(System { calls: Mutex::new(calls.into_iter().collect()), ..System::default() });
    let connecting = Arc::clone(&system);
    let connect = move || {
        connecting.connections.fetch_add(1, Ordering::SeqCst);
        let failing = |left: usize| left.checked_sub(1);
        if connecting.connections_that_fail.fetch_update(Ordering::SeqCst, Ordering::SeqCst, failing).is_ok()
        {
            return Err(Error::PlatformFailure("org.freedesktop.DBus.Error.ServiceUnknown: none".into()));
        }
        Ok(Arc::new(Store(Arc::clone(&connecting))) as Arc<CredentialStore>)
    };
    let looking = Arc::clone(&system);
    let look = move |_: &str, _: &str, _: bool| Ok(lock(&looking.seen).unwrap_or(Seen::Open));
    let patience = Duration::from_millis(patience_ms);
    (OsKeychain::open_on("paydesk", patience, Box::new(connect), Box::new(look)), system)
}

fn broken() -> Does {
    Does::Fails(Error::PlatformFailure("the connection was closed".into()))
}

#[test]
fn one_connection_serves_many_calls() {
    let (keychain, system) = keychain(5_000, [Does::Fails(Error::NoEntry)]);
    assert!(keychain.get("a").unwrap().is_none());
    assert_eq!(keychain.get("a").unwrap().unwrap().expose(), b"found");
    keychain.set("a", &Secret::new(vec![1])).unwrap();
    keychain.delete("a").unwrap();
    assert_eq!(system.connections.load(Ordering::SeqCst), 1);
}

#[test]
fn absent_is_an_answer_except_to_a_store() {
    let absent = || Does::Fails(Error::NoEntry);
    let (keychain, _) = keychain(5_000, [absent(), absent(), absent()]);
    assert!(keychain.get("a").unwrap().is_none());
    keychain.delete("a").unwrap();
    assert_eq!(keychain.set("a", &Secret::new(vec![1])).unwrap_err().code(), "keychain_item_gone");
}

#[test]
fn a_service_that_was_restarted_is_found_again() {
    let (keychain, system) = keychain(5_000, []);
    keychain.get("a").unwrap();
    lock(&system.calls).push_back(broken());
    assert_eq!(keychain.get("a").unwrap().unwrap().expose(), b"found");
    assert_eq!(system.connections.load(Ordering::SeqCst), 2);
    // A new connection that fails is not tried over and over.
    lock(&system.calls).extend([broken(), broken()]);
    assert_eq!(keychain.get("a").unwrap_err().code(), "keychain_platform");
    assert_eq!(system.connections.load(Ordering::SeqCst), 3);
}

#[test]
fn a_failure_to_connect_does_not_stick() {
    let (keychain, system) = keychain(5_000, []);
    system.connections_that_fail.store(2, Ordering::SeqCst);
    assert_eq!(keychain.get("a").unwrap_err().code(), "keychain_no_service");
    assert_eq!(keychain.get("a").unwrap_err().code(), "keychain_no_service");
    assert!(keychain.get("a").unwrap().is_some());
}

#[test]
fn a_window_that_waits_is_said_and_never_stacked() {
    let (answer, answered) = mpsc::channel();
    let (keychain, system) = keychain(50, [Does::Waits(answered)]);
    let waiting = KeychainError::PromptNeeded { waited_ms: 50 };
    assert_eq!(keychain.get("a").unwrap_err(), waiting);
    // The person has not answered: whoever asks meanwhile waits too, and opens no second window.
    assert_eq!(keychain.get("b").unwrap_err(), waiting);
    assert_eq!(keychain.set("b", &Secret::new(vec![1])).unwrap_err(), waiting);
    assert_eq!(system.gets.load(Ordering::SeqCst), 1);
    // The person answers, and all is well: the same call, asked again, is answered.
    drop(answer);
    let patient = OsKeychain { shared: Arc::clone(&keychain.shared), patience: Duration::from_secs(30) };
    assert_eq!(patient.get("b").unwrap().unwrap().expose(), b"found");
}

#[test]
fn a_library_that_panics_takes_nobody_with_it() {
    let (keychain, _) = keychain(5_000, [Does::Panics]);
    assert!(matches!(keychain.get("a").unwrap_err(), KeychainError::Platform { system: "thread", .. }));
    assert!(keychain.get("a").unwrap().is_some());
}

#[test]
fn what_is_locked_is_left_alone_where_nobody_may_be_asked() {
    let (keychain, system) = keychain(5_000, []);
    *lock(&system.seen) = Some(Seen::Locked);
    without_asking(|| {
        assert_eq!(keychain.get("a").unwrap_err(), KeychainError::Locked);
        assert_eq!(keychain.set("a", &Secret::new(vec![1])).unwrap_err(), KeychainError::Locked);
        assert_eq!(keychain.delete("a").unwrap_err(), KeychainError::Locked);
    });
    assert_eq!(system.gets.load(Ordering::SeqCst), 0, "the system was touched, and would have asked");
    // Whoever may ask does, and a keychain that was unlocked meanwhile answers all.
    assert!(keychain.get("a").unwrap().is_some());
    *lock(&system.seen) = Some(Seen::Open);
    assert!(without_asking(|| keychain.get("a")).unwrap().is_some());
}

#[test]
#[cfg(target_os = "linux")] // it is the bus's refusal that is played
fn where_no_look_can_be_taken_a_refusal_is_remembered() {
    let refused = Error::NoStorageAccess("org.freedesktop.DBus.Error.AccessDenied".into());
    let (keychain, system) = keychain(5_000, [Does::Fails(refused)]);
    *lock(&system.seen) = Some(Seen::Untold);
    assert_eq!(keychain.get("a").unwrap_err().code(), "keychain_denied");
    let asked = system.gets.load(Ordering::SeqCst);
    for _ in 0..3 {
        assert_eq!(without_asking(|| keychain.get("a")).unwrap_err().code(), "keychain_denied");
    }
    assert_eq!(system.gets.load(Ordering::SeqCst), asked, "it asked again");
    assert!(keychain.get("a").unwrap().is_some(), "a person asks again");
    assert!(without_asking(|| keychain.get("a")).unwrap().is_some());
}

#[test]
fn who_may_not_ask_does_not_wait_behind_a_window() {
    let (answer, answered) = mpsc::channel();
    let (keychain, _) = keychain(30_000, [Does::Waits(answered)]);
    let keychain = Arc::new(keychain);
    let window = {
        let keychain = Arc::clone(&keychain);
        std::thread::spawn(move || keychain.get("a").map(drop))
    };
    while !*lock(&keychain.shared.busy) {
        std::thread::sleep(Duration::from_millis(1));
    }
    let soon = KeychainError::PromptNeeded { waited_ms: 2_000 };
    assert_eq!(without_asking(|| keychain.get("b")).unwrap_err(), soon, "not the person's whole 30 s");
    drop(answer);
    window.join().unwrap().unwrap();
}

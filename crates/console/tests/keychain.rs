//! A keychain that is locked or away: nobody is asked for a password but who asked for something, and what was
//! written down is read all the same.

use console::args::{KeyKind, NewMerchant, OrderRef, PaymentQuery};
use console::{BUILT_IN, Code, Console, Lang, Options};
use domain::{AppId, Environment, MchId, OutTradeNo, Secret};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use vault::{Keychain, KeychainError, may_ask};

/// How a keychain is, and what its person says who is asked for the password.
#[derive(Clone, PartialEq)]
enum Is {
    Open,
    Locked { dismissed: bool },
    Away,
}

#[derive(Default)]
struct State {
    items: HashMap<String, Vec<u8>>,
    is: Option<Is>,
    asked: usize,
}

/// A keychain in memory that asks a person as the real one does.
#[derive(Clone, Default)]
struct Drawer(Arc<Mutex<State>>);

impl Drawer {
    fn put(&self, is: Is) {
        self.0.lock().unwrap().is = Some(is);
    }

    fn asked(&self) -> usize {
        self.0.lock().unwrap().asked
    }

    fn open<T>(&self, work: impl FnOnce(&mut State) -> T) -> Result<T, KeychainError> {
        let mut state = self.0.lock().unwrap();
        match state.is.clone() {
            None | Some(Is::Open) => {}
            Some(Is::Away) => return Err(KeychainError::NoService { detail: "no bus".into() }),
            Some(Is::Locked { dismissed }) => {
                if !may_ask() {
                    return Err(KeychainError::Locked);
                }
                state.asked += 1;
                if dismissed {
                    return Err(KeychainError::Locked);
                }
                state.is = Some(Is::Open);
            }
        }
        Ok(work(&mut state))
    }
}

impl Keychain for Drawer {
    fn get(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, KeychainError> {
        self.open(|state| state.items.get(account).cloned().map(Secret::new))
    }
    fn set(&self, account: &str, secret: &Secret<Vec<u8>>) -> Result<(), KeychainError> {
        self.open(|state| {
            state.items.insert(account.into(), secret.expose().clone());
        })
    }
    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.open(|state| {
            state.items.remove(account);
        })
    }
}

fn open(dir: &Path, drawer: &Drawer) -> Console {
    let keychain = Some(Box::new(drawer.clone()) as Box<dyn Keychain>);
    Console::open(Options { data_dir: Some(dir.to_owned()), keychain, ..Options::default() }).unwrap()
}

/// A live merchant with a key and a ledger, and the program opened anew.
fn bakery(dir: &Path) -> (Console, Drawer) {
    let drawer = Drawer::default();
    let console = open(dir, &drawer);
    let merchant = NewMerchant {
        name: "bakery".into(),
        label: String::new(),
        environment: Environment::Live,
        mch_id: MchId::parse("1900000109").unwrap(),
        appid: AppId::parse("wx2421b1c4370ec43b").unwrap(),
        sub_mch_id: None,
        sub_appid: None,
        hmac_sha256: true,
        notify_url: None,
        gateway_url: None,
        gateway_ca: None,
    };
    console.add_merchant(merchant).unwrap();
    let key = Secret::new("192006250b4c09247ec02edce69f6a2d".to_owned());
    console.set_key("bakery", KeyKind::ApiV2, key).unwrap();
    console.ledger_accept(Some("bakery")).unwrap();
    drop(console);
    (open(dir, &drawer), drawer)
}

fn trouble(console: &Console, merchant: &str) -> Option<String> {
    console.status(merchant).unwrap().trouble.map(|trouble| trouble.code)
}

fn number() -> OutTradeNo {
    OutTradeNo::parse("20250101").unwrap()
}

/// From outside: the password window came back some twenty times in the first minute after it was dismissed.
#[tokio::test]
async fn nothing_that_runs_by_itself_asks_for_a_password() {
    let dir = tempfile::tempdir().unwrap();
    let (console, drawer) = bakery(dir.path());
    drawer.put(Is::Locked { dismissed: true });
    let mut told = 0;
    let work = console.look_after(|_| {
        told += 1;
        ControlFlow::Continue(())
    });
    let _ = tokio::time::timeout(Duration::from_secs(3), work).await;
    assert!(told > 0, "it was not looked after at all");
    assert_eq!(trouble(&console, "bakery").as_deref(), Some("keychain_locked"));
    assert_eq!(trouble(&console, BUILT_IN), None, "the built-in one needs no keychain");
    assert_eq!(console.merchants().unwrap()[1].keys.len(), 1);
    console.payments(Some("bakery"), &PaymentQuery::default()).unwrap();
    console.overview("bakery", None).unwrap();
    assert_eq!(drawer.asked(), 0, "a person was asked who wanted nothing");
}

#[tokio::test]
async fn a_person_who_wants_something_is_asked_once_and_all_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (console, drawer) = bakery(dir.path());
    drawer.put(Is::Locked { dismissed: true });
    assert_eq!(trouble(&console, "bakery").as_deref(), Some("keychain_locked"));
    assert_eq!(console.ask_keychain("bakery").unwrap_err().code, Code::KeychainLocked);
    assert_eq!(drawer.asked(), 1, "one window for one wish");
    let order = OrderRef::OutTradeNo(number());
    assert_eq!(
        console.query_order(Some("bakery"), order).await.unwrap_err().code,
        Code::KeychainLocked,
        "what needs the key asks too"
    );
    assert_eq!(drawer.asked(), 2);
    assert_eq!(trouble(&console, "bakery").as_deref(), Some("keychain_locked"));
    assert_eq!(drawer.asked(), 2);

    drawer.put(Is::Locked { dismissed: false });
    assert_eq!(console.ask_keychain("bakery").unwrap().trouble, None);
    assert_eq!(drawer.asked(), 3);
    assert!(console.ledger_check(Some("bakery"), true, Lang::En).unwrap().ok);
    // Locked again while the ledger is open: whoever meets it, the status says so, until it is open.
    drawer.put(Is::Locked { dismissed: true });
    let order = OrderRef::OutTradeNo(number());
    let asked = console.query_order(Some("bakery"), order).await;
    assert_eq!(asked.unwrap_err().code, Code::KeychainLocked);
    assert_eq!(trouble(&console, "bakery").as_deref(), Some("keychain_locked"));
    drawer.put(Is::Open);
    assert_eq!(trouble(&console, "bakery"), None);
}

#[tokio::test]
async fn without_a_keychain_past_payments_are_read_and_nothing_is_written() {
    for (is, code) in
        [(Is::Away, Code::KeychainMissing), (Is::Locked { dismissed: true }, Code::KeychainLocked)]
    {
        let dir = tempfile::tempdir().unwrap();
        let (console, drawer) = bakery(dir.path());
        let file = console.place().ledger(Environment::Live);
        let before = std::fs::read(&file).unwrap();
        drawer.put(is);
        console.payments(Some("bakery"), &PaymentQuery::default()).unwrap();
        let warnings: Vec<_> = console.warnings().iter().map(|warning| warning.code).collect();
        assert_eq!(warnings, [code], "read, and said that it is unproven");
        let status = console.status("bakery").unwrap();
        assert_eq!(status.trouble.map(|trouble| trouble.code).as_deref(), Some(code.as_str()));
        assert!(status.checked_at.is_some(), "what is unresolved is known");
        let order = OrderRef::OutTradeNo(number());
        assert_eq!(console.query_order(Some("bakery"), order).await.unwrap_err().code, code);
        for full in [false, true] {
            let checked = console.ledger_check(Some("bakery"), full, Lang::En);
            assert_eq!(checked.unwrap_err().code, code, "nobody can prove it without its key");
        }
        assert_eq!(std::fs::read(&file).unwrap(), before);
        // The keychain comes back, and the ledger is proven as before.
        drawer.put(Is::Open);
        assert_eq!(console.ask_keychain("bakery").unwrap().trouble, None);
        assert!(console.ledger_check(Some("bakery"), true, Lang::En).unwrap().ok);
    }
}

/// No ledger is begun without its key: there is nothing to read either.
#[test]
fn a_ledger_that_is_not_there_is_not_made_without_a_keychain() {
    let dir = tempfile::tempdir().unwrap();
    let (console, drawer) = bakery(dir.path());
    let file = console.place().ledger(Environment::Live);
    for gone in ["db", "db-wal", "db-shm"] {
        let _ = std::fs::remove_file(file.with_extension(gone));
    }
    drawer.put(Is::Away);
    let read = console.payments(Some("bakery"), &PaymentQuery::default());
    assert_eq!(read.map(drop).unwrap_err().code, Code::KeychainMissing);
    assert!(!file.exists());
    let status = console.status("bakery").unwrap();
    assert_eq!((status.checked_at, status.unresolved_count), (None, 0), "not known, not nothing");
}

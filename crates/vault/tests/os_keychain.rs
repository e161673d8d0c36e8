//! The real keychain of this system, one situation at a time. `README.md` beside this file has the commands that
//! make each situation; `PAYDESK_TEST_KEYCHAIN_CASE` names it. Without `PAYDESK_TEST_KEYCHAIN=real` nothing is
//! touched: a plain `cargo test` must not write into the keychain of whoever runs it.
#![expect(clippy::print_stderr, reason = "says which of the tests were not asked for")]

use domain::{Entropy, Secret, Timestamp};
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use vault::{
    KeyKind, Keychain as _, KeychainError, OsKeychain, Vault, VaultError, read_certificate, without_asking,
};

const SERVICE: &str = "paydesk-test";
const KEY: &str = "0123456789abcdef0123456789ABCDEF";

/// The situations, each with a test of its name; `many_at_once` is part of `unlocked`.
const CASES: [&str; 8] =
    ["unlocked", "reopened", "gone", "locked", "prompt", "no_collection", "no_service", "no_bus"];

/// Whether this is the situation that was made. A situation that nobody knows fails, so that a misspelt one
/// cannot pass for tested.
fn asked_for(case: &str) -> bool {
    assert!(CASES.contains(&case), "{case} is not in the list");
    let real = std::env::var("PAYDESK_TEST_KEYCHAIN").is_ok_and(|value| value == "real");
    let asked = real && {
        let made = std::env::var("PAYDESK_TEST_KEYCHAIN_CASE").unwrap_or_default();
        assert!(CASES.contains(&made.as_str()), "PAYDESK_TEST_KEYCHAIN_CASE={made} is none of {CASES:?}");
        made == case
    };
    if !asked {
        eprintln!("the case `{case}` was not asked for: see crates/vault/tests/README.md");
    }
    asked
}

struct Random;
impl Entropy for Random {
    fn fill(&self, out: &mut [u8]) {
        std::fs::File::open("/dev/urandom").unwrap().read_exact(out).unwrap();
    }
}

/// In the directory of the keyring, so that both live and go together.
fn directory() -> PathBuf {
    PathBuf::from(std::env::var_os("XDG_DATA_HOME").expect("XDG_DATA_HOME is set")).join("paydesk")
}

fn keychain() -> OsKeychain {
    OsKeychain::open(SERVICE)
}

fn vault() -> Vault {
    Vault::new(Box::new(keychain()), &directory(), Arc::new(Random))
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn keychain_error<T>(result: Result<T, VaultError>) -> KeychainError {
    match result {
        Err(VaultError::Keychain(error)) => error,
        Err(other) => panic!("not the keychain: {other:?}"),
        Ok(_) => panic!("it worked"),
    }
}

/// Checked in every situation in which there is nothing to talk to: each call says so, at once.
fn nothing_works(is_right: fn(&KeychainError) -> bool) {
    let keychain = keychain();
    for error in [
        keychain.get("a").map(|_| ()).unwrap_err(),
        keychain.set("a", &Secret::new(vec![1])).unwrap_err(),
        keychain.delete("a").unwrap_err(),
        keychain_error(vault().probe()),
        keychain_error(vault().set_key("shop", KeyKind::ApiV2, secret(KEY), Timestamp::from_secs(1))),
    ] {
        assert!(is_right(&error), "{error:?}");
    }
    assert!(vault().keys("shop").unwrap().is_empty(), "a key is listed that was not stored");
}

#[test]
fn unlocked() {
    if !asked_for("unlocked") {
        return;
    }
    let keychain = keychain();
    assert!(keychain.get("nothing").unwrap().is_none());
    keychain.delete("nothing").unwrap();
    for value in [&b"one"[..], b"", b"\0\xff\n", &[7; 100_000]] {
        keychain.set("item", &Secret::new(value.to_vec())).unwrap();
        assert_eq!(keychain.get("item").unwrap().unwrap().expose(), value);
        // Another connection sees it too.
        assert_eq!(OsKeychain::open(SERVICE).get("item").unwrap().unwrap().expose(), value);
        assert!(OsKeychain::open("paydesk-test-other").get("item").unwrap().is_none());
    }
    keychain.delete("item").unwrap();
    assert!(keychain.get("item").unwrap().is_none());

    let vault = vault();
    vault.probe().unwrap();
    vault.remove_merchant("shop").unwrap();
    vault.set_key("shop", KeyKind::ApiV2, secret(KEY), Timestamp::from_secs(1)).unwrap();
    assert_eq!(vault.key("shop", KeyKind::ApiV2).unwrap().expose(), KEY);
    // An open one is used as ever by work that may not ask.
    without_asking(|| {
        assert_eq!(vault.key("shop", KeyKind::ApiV2).unwrap().expose(), KEY);
        assert!(keychain.get("nothing").unwrap().is_none());
        vault.probe().unwrap();
    });
    let p12 = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/legacy_rc2.p12")).unwrap();
    let certificate = read_certificate(&[&p12], Some(&secret("1900000109"))).unwrap();
    vault.import_certificate("shop", &certificate, Timestamp::from_secs(1)).unwrap();
    // Left there on purpose: `reopened` finds them.
}

#[test]
fn many_at_once() {
    if !asked_for("unlocked") {
        return;
    }
    let keychain = Arc::new(keychain());
    let threads: Vec<_> = (0..16_u8)
        .map(|number| {
            let keychain = Arc::clone(&keychain);
            std::thread::spawn(move || {
                let account = format!("thread-{number}");
                keychain.set(&account, &Secret::new(vec![number])).unwrap();
                assert_eq!(*keychain.get(&account).unwrap().unwrap().expose(), [number]);
                keychain.delete(&account).unwrap();
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn reopened() {
    if !asked_for("reopened") {
        return;
    }
    let vault = vault();
    assert_eq!(vault.key("shop", KeyKind::ApiV2).unwrap().expose(), KEY);
    assert_eq!(vault.certificate("shop").unwrap().info().mch_id.as_ref().unwrap().as_str(), "1900000109");
}

#[test]
fn locked() {
    if !asked_for("locked") {
        return;
    }
    assert_eq!(keychain_error(vault().key("shop", KeyKind::ApiV2)), KeychainError::Locked);
    assert_eq!(keychain_error(vault().certificate("shop")), KeychainError::Locked);
    assert_eq!(keychain_error(vault().probe()), KeychainError::Locked);
    let new = vault().set_key("shop", KeyKind::ApiV2, secret(&KEY.to_lowercase()), Timestamp::from_secs(2));
    assert_eq!(keychain_error(new), KeychainError::Locked);
    // What needs no keychain still works.
    assert_eq!(vault().keys("shop").unwrap().len(), 1);
    assert!(vault().certificate_info("shop").unwrap().is_some());
}

#[test]
fn prompt() {
    if !asked_for("prompt") {
        return;
    }
    let patience = Duration::from_secs(2);
    let keychain = OsKeychain::open_with_patience(SERVICE, patience);
    let vault = Vault::new(Box::new(keychain), &directory(), Arc::new(Random));
    // Where nobody may be asked there is no window to wait for.
    without_asking(|| {
        assert_eq!(keychain_error(vault.key("shop", KeyKind::ApiV2)), KeychainError::Locked);
        assert_eq!(keychain_error(vault.certificate("shop")), KeychainError::Locked);
        assert_eq!(keychain_error(vault.probe()), KeychainError::Locked);
    });
    for _ in 0..2 {
        let error = keychain_error(vault.key("shop", KeyKind::ApiV2));
        assert_eq!(error, KeychainError::PromptNeeded { waited_ms: 2000 });
    }
}

#[test]
fn no_collection() {
    if !asked_for("no_collection") {
        return;
    }
    let keychain = keychain();
    assert!(keychain.get("a").unwrap().is_none());
    assert_eq!(keychain.set("a", &Secret::new(vec![1])).unwrap_err(), KeychainError::NoCollection);
    assert_eq!(keychain_error(vault().probe()), KeychainError::NoCollection);
}

#[test]
fn no_service() {
    if !asked_for("no_service") {
        return;
    }
    nothing_works(|error| matches!(error, KeychainError::NoService { .. }));
}

#[test]
fn no_bus() {
    if !asked_for("no_bus") {
        return;
    }
    nothing_works(|error| matches!(error, KeychainError::NoService { .. }));
}

#[test]
fn gone() {
    if !asked_for("gone") {
        return;
    }
    let vault = vault();
    vault.remove_merchant("vanishing").unwrap();
    let info = vault.set_key("vanishing", KeyKind::ApiV2, secret(KEY), Timestamp::from_secs(1)).unwrap();
    // Behind the vault's back, with the name it gave the item.
    let metadata = std::fs::read_to_string(directory().join("vault.json")).unwrap();
    let id = metadata.split("\"vault_id\": \"").nth(1).unwrap().split('"').next().unwrap();
    keychain().delete(&format!("{id}/key/vanishing/1")).unwrap();
    let error = keychain_error(vault.key("vanishing", KeyKind::ApiV2));
    assert!(matches!(error, KeychainError::ItemGone { .. }), "{error:?}");
    assert!(error.to_string().contains(&info.fingerprint), "{error}");
    // Entering it again mends it.
    vault.set_key("vanishing", KeyKind::ApiV2, secret(KEY), Timestamp::from_secs(2)).unwrap();
    assert_eq!(vault.key("vanishing", KeyKind::ApiV2).unwrap().expose(), KEY);
    vault.remove_merchant("vanishing").unwrap();
}

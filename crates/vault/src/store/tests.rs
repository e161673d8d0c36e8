use super::*;
use crate::testing::{CountingEntropy, MemoryKeychain};
use crate::{Owner, read_certificate};
use std::fs;

const ONE: &str = "11111111111111111111111111111111";
const TWO: &str = "22222222222222222222222222222222";
const THREE: &str = "33333333333333333333333333333333";

struct Room {
    directory: tempfile::TempDir,
    keychain: MemoryKeychain,
    vault: Vault,
}

impl Room {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let keychain = MemoryKeychain::new();
        let vault = open(&directory.path().join("vault"), &keychain);
        Self { directory, keychain, vault }
    }

    fn set(&self, merchant: &str, kind: KeyKind, key: &str, at: i64) -> Result<KeyInfo, VaultError> {
        self.vault.set_key(merchant, kind, secret(key), Timestamp::from_secs(at))
    }

    fn key(&self, merchant: &str, kind: KeyKind) -> Result<String, &'static str> {
        self.vault.key(merchant, kind).map(|key| key.expose().clone()).map_err(|error| error.code())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join("vault").join(name)
    }

    fn import(&self, merchant: &str) -> Certificate {
        let certificate = certificate();
        self.vault.import_certificate(merchant, &certificate, Timestamp::from_secs(1)).unwrap();
        certificate
    }
}

fn open(directory: &Path, keychain: &MemoryKeychain) -> Vault {
    Vault::new(Box::new(keychain.clone()), directory, Arc::new(CountingEntropy::default()))
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn certificate() -> Certificate {
    let p12 = include_bytes!("../../tests/fixtures/legacy_rc2.p12");
    read_certificate(&[p12], Some(&secret("1900000109"))).unwrap()
}

fn code<T>(result: Result<T, VaultError>) -> &'static str {
    result.err().map_or("ok", |error| error.code())
}

/// Every error of the keychain.
fn keychain_errors() -> Vec<KeychainError> {
    let text = || String::from("x");
    vec![
        KeychainError::NoService { detail: text() },
        KeychainError::NoCollection,
        KeychainError::Locked,
        KeychainError::Denied { detail: text() },
        KeychainError::PromptNeeded { waited_ms: 1 },
        KeychainError::ItemGone { item: text() },
        KeychainError::TooLong { max: 2560 },
        KeychainError::Ambiguous { item: text(), count: 2 },
        KeychainError::Damaged { item: text() },
        KeychainError::Platform { system: "windows", number: Some(87), detail: text() },
    ]
}

#[test]
fn each_keychain_error_says_what_to_do_and_has_a_word_of_its_own() {
    let errors = keychain_errors();
    let codes: std::collections::BTreeSet<_> = errors.iter().map(KeychainError::code).collect();
    assert_eq!(codes.len(), errors.len());
    let texts: std::collections::BTreeSet<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), errors.len());
}

#[test]
fn a_key_is_kept_and_replaced() {
    use KeyKind::*;
    let room = Room::new();
    assert_eq!(room.key("shop", ApiV2), Err("vault_no_key"));
    let first = room.set("shop", ApiV2, ONE, 10).unwrap();
    assert_eq!(room.key("shop", ApiV2).unwrap(), ONE);
    // The same key again is the same key: nothing is retired, nothing gets older or younger.
    assert_eq!(room.set("shop", ApiV2, ONE, 11).unwrap(), first);
    assert_eq!(room.vault.keys("shop").unwrap(), std::slice::from_ref(&first));
    room.set("shop", ApiV2, TWO, 20).unwrap();
    room.set("shop", ApiV2, THREE, 30).unwrap();
    room.set("shop", AppSecret, ONE, 40).unwrap();
    room.set("shop", AppSecret, TWO, 50).unwrap();
    let dates: Vec<_> = room
        .vault
        .keys("shop")
        .unwrap()
        .iter()
        .map(|info| (info.kind, info.added_at.secs(), info.retired_at.map(Timestamp::secs)))
        .collect();
    // Only API v2 keys are kept when they are replaced, the newest first.
    assert_eq!(
        dates,
        [(ApiV2, 30, None), (AppSecret, 50, None), (Former, 20, Some(30)), (Former, 10, Some(20))]
    );
    let all = room.vault.all_keys("shop").unwrap();
    let values: Vec<&str> = all.iter().map(|(_, key)| key.expose().as_str()).collect();
    assert_eq!(values, [THREE, TWO, TWO, ONE]);
    assert_eq!(
        all.iter().map(|(info, _)| info.clone()).collect::<Vec<_>>(),
        room.vault.keys("shop").unwrap()
    );
    assert_eq!(all[3].0.fingerprint, first.fingerprint);
    assert_eq!(room.key("shop", Former).unwrap(), TWO);
    // The replaced AppSecret left the keychain: four keys and the key of the fingerprints.
    assert_eq!(room.keychain.accounts().len(), 5, "{:?}", room.keychain.accounts());
}

#[test]
fn keys_of_merchants_and_of_directories_are_apart() {
    let room = Room::new();
    room.set("shop", KeyKind::ApiV2, ONE, 1).unwrap();
    room.set("Shop", KeyKind::ApiV2, TWO, 1).unwrap();
    room.set("小店/../x", KeyKind::ApiV2, THREE, 1).unwrap();
    assert_eq!(room.key("shop", KeyKind::ApiV2).unwrap(), ONE);
    assert_eq!(room.key("Shop", KeyKind::ApiV2).unwrap(), TWO);
    assert_eq!(room.key("小店/../x", KeyKind::ApiV2).unwrap(), THREE);
    let entropy = Arc::new(CountingEntropy::default());
    entropy.fill(&mut [0; 8]); // another id than the first vault's
    let elsewhere = Vault::new(Box::new(room.keychain.clone()), &room.directory.path().join("b"), entropy);
    elsewhere.set_key("shop", KeyKind::ApiV2, secret(THREE), Timestamp::from_secs(1)).unwrap();
    elsewhere.remove_merchant("shop").unwrap();
    assert_eq!(room.key("shop", KeyKind::ApiV2).unwrap(), ONE);
}

#[test]
fn what_is_refused_before_anything_is_touched() {
    let room = Room::new();
    for (merchant, kind, key, expected) in [
        ("shop", KeyKind::ApiV2, &ONE[1..], "key_length"),
        ("shop", KeyKind::ApiV2, "", "key_empty"),
        ("shop", KeyKind::Former, ONE, "vault_not_settable"),
        ("", KeyKind::ApiV2, ONE, "vault_name"),
        ("a\nb", KeyKind::ApiV2, ONE, "vault_name"),
        (&"x".repeat(81), KeyKind::ApiV2, ONE, "vault_name"),
    ] {
        assert_eq!(code(room.set(merchant, kind, key, 1)), expected);
    }
    assert_eq!(room.keychain.calls(), 0);
    assert!(!room.file("").exists());
}

#[test]
fn when_the_keychain_fails_the_key_from_before_stays() {
    for error in keychain_errors() {
        // A replacement makes three calls before it is safe: fingerprint key, old key, new key.
        for calls in 0..3 {
            let room = Room::new();
            room.set("shop", KeyKind::ApiV2, ONE, 1).unwrap();
            room.keychain.fail_after(calls, error.clone());
            assert_eq!(code(room.set("shop", KeyKind::ApiV2, TWO, 2)), error.code(), "after {calls}");
            assert_eq!(code(room.vault.probe()), error.code());
            assert_eq!(room.key("shop", KeyKind::ApiV2), Err(error.code()));
            assert_eq!(code(room.vault.all_keys("shop")), error.code());
            assert_eq!(code(room.vault.remove_key("shop", KeyKind::ApiV2)), error.code());
            assert_eq!(code(room.vault.item_or_create("chain", 32)), error.code());
            assert_eq!(
                code(room.vault.import_certificate("shop", &certificate(), Timestamp::from_secs(1))),
                error.code()
            );
            // Lists need no keychain, and show what was there.
            assert_eq!(room.vault.keys("shop").unwrap().len(), 1);
            room.keychain.recover();
            assert_eq!(room.key("shop", KeyKind::ApiV2).unwrap(), ONE);
            room.set("shop", KeyKind::ApiV2, TWO, 3).unwrap();
            assert_eq!(room.key("shop", KeyKind::ApiV2).unwrap(), TWO);
        }
    }
}

#[test]
fn a_replaced_key_that_cannot_be_deleted_goes_later() {
    let count =
        |room: &Room| room.keychain.accounts().iter().filter(|account| account.contains("/key/")).count();
    for mend in [true, false] {
        let room = Room::new();
        room.set("shop", KeyKind::AppSecret, ONE, 1).unwrap();
        room.keychain.fail_after(3, KeychainError::Locked);
        room.set("shop", KeyKind::AppSecret, TWO, 2).unwrap();
        room.keychain.recover();
        assert_eq!(room.key("shop", KeyKind::AppSecret).unwrap(), TWO);
        assert_eq!((count(&room), room.vault.keys("shop").unwrap().len()), (2, 1));
        if mend {
            room.set("shop", KeyKind::AppSecret, THREE, 3).unwrap();
            assert_eq!(count(&room), 1);
        } else {
            room.vault.remove_merchant("shop").unwrap();
            assert_eq!(count(&room), 0);
        }
    }
}

#[test]
fn an_item_that_went_away_or_was_changed() {
    let room = Room::new();
    let info = room.set("shop", KeyKind::ApiV2, ONE, 1).unwrap();
    room.keychain.forget("/key/shop/");
    let error = room.vault.key("shop", KeyKind::ApiV2).unwrap_err();
    assert_eq!(error.code(), "keychain_item_gone");
    assert!(error.to_string().contains(&info.fingerprint), "{error}");
    assert_eq!(code(room.vault.all_keys("shop")), "keychain_item_gone");
    // Entered again, it is there again; the lost one is no former key, for nobody has it.
    room.set("shop", KeyKind::ApiV2, TWO, 2).unwrap();
    assert_eq!(room.vault.keys("shop").unwrap().len(), 1);
    assert_eq!(room.key("shop", KeyKind::ApiV2).unwrap(), TWO);
    for value in [&b"\xff\xfe"[..], b"", b"somebody else's", TWO.as_bytes().split_last().unwrap().1] {
        room.keychain.overwrite("/key/shop/", value);
        assert_eq!(room.key("shop", KeyKind::ApiV2), Err("keychain_damaged"), "{value:?}");
    }
    // A well-formed key, but not the one whose fingerprint was shown.
    room.keychain.overwrite("/key/shop/", THREE.as_bytes());
    assert_eq!(room.key("shop", KeyKind::ApiV2), Err("keychain_damaged"));
    assert_eq!(code(room.vault.all_keys("shop")), "keychain_damaged");
}

#[test]
fn a_lost_key_of_the_fingerprints_condemns_no_key() {
    let room = Room::new();
    let before = room.set("shop", KeyKind::ApiV2, ONE, 1).unwrap();
    assert_eq!(room.keychain.forget("/own/fingerprint-key"), 1);
    assert_eq!(room.key("shop", KeyKind::ApiV2).unwrap(), ONE);
    room.set("shop", KeyKind::ApiV2, TWO, 2).unwrap();
    let keys = room.vault.all_keys("shop").unwrap();
    assert_eq!(keys[1].0.fingerprint, before.fingerprint);
    assert_eq!(keys[1].1.expose(), ONE);
}

#[test]
fn the_probe() {
    let room = Room::new();
    room.vault.probe().unwrap();
    assert!(room.keychain.accounts().is_empty());
    assert!(!room.file("").exists(), "a probe leaves nothing behind");
}

#[test]
fn removal() {
    let room = Room::new();
    room.set("shop", KeyKind::ApiV2, ONE, 1).unwrap();
    room.set("shop", KeyKind::ApiV2, TWO, 2).unwrap();
    room.set("shop", KeyKind::ApiV3, ONE, 3).unwrap();
    assert_eq!(room.vault.remove_key("shop", KeyKind::Former).unwrap(), 1);
    assert_eq!(room.vault.remove_key("shop", KeyKind::Former).unwrap(), 0);
    assert_eq!(room.vault.remove_key("nobody", KeyKind::ApiV2).unwrap(), 0);
    assert_eq!(room.vault.keys("shop").unwrap().len(), 2);
    room.import("shop");
    room.vault.remove_merchant("shop").unwrap();
    assert!(room.vault.keys("shop").unwrap().is_empty());
    assert_eq!(code(room.vault.certificate("shop")), "vault_no_certificate");
    assert!(!room.keychain.accounts().iter().any(|account| account.contains("/key/")));
    room.vault.remove_merchant("shop").unwrap();
}

#[test]
fn small_items() {
    let room = Room::new();
    assert!(room.vault.item("ledger-live").unwrap().is_none());
    room.vault.delete_item("ledger-live").unwrap();
    let made = room.vault.item_or_create("ledger-live", 32).unwrap();
    assert_eq!(made.expose().len(), 32);
    assert_eq!(room.vault.item_or_create("ledger-live", 32).unwrap().expose(), made.expose());
    room.vault.set_item("ledger-live", &Secret::new(b"head".to_vec())).unwrap();
    assert_eq!(room.vault.item("ledger-live").unwrap().unwrap().expose(), b"head");
    assert!(room.vault.item("ledger-Live").unwrap().is_none());
    // The vault's own items are elsewhere.
    room.import("shop");
    room.vault.set_item("sealing-key", &Secret::new(vec![1])).unwrap();
    room.vault.set_item("own/sealing-key", &Secret::new(vec![1])).unwrap();
    room.vault.certificate("shop").unwrap();
    room.vault.delete_item("ledger-live").unwrap();
    assert!(room.vault.item("ledger-live").unwrap().is_none());
    for name in ["", "a\0"] {
        assert_eq!(code(room.vault.item(name)), "vault_name", "{name:?}");
        assert_eq!(code(room.vault.set_item(name, &Secret::new(vec![1]))), "vault_name", "{name:?}");
        assert_eq!(code(room.vault.delete_item(name)), "vault_name", "{name:?}");
        assert_eq!(code(room.vault.item_or_create(name, 1)), "vault_name", "{name:?}");
    }
}

#[test]
fn a_certificate_is_sealed_and_opened() {
    let room = Room::new();
    assert_eq!(code(room.vault.certificate("shop")), "vault_no_certificate");
    assert_eq!(room.vault.certificate_info("shop").unwrap(), None);
    let certificate = room.import("shop");
    let read = room.vault.certificate("shop").unwrap();
    assert_eq!(read.pem().expose(), certificate.pem().expose());
    assert_eq!(read.info(), certificate.info());
    let calls = room.keychain.calls();
    let info = room.vault.certificate_info("shop").unwrap().unwrap();
    assert_eq!(room.keychain.calls(), calls, "the keychain was asked");
    assert_eq!(&info, certificate.info());
    assert_eq!(info.owner(&domain::MchId::parse("1900000109").unwrap()), Owner::Same);
    // Nothing of the private key is on disk in the open.
    let bytes = fs::read(room.file("certificates/m-shop.sealed")).unwrap();
    for line in certificate.pem().expose().lines() {
        assert!(!bytes.windows(line.len()).any(|window| window == line.as_bytes()), "{line}");
    }
    assert!(room.vault.remove_certificate("shop").unwrap());
    assert!(!room.vault.remove_certificate("shop").unwrap());
}

#[test]
fn a_sealed_certificate_that_was_tampered_with() {
    let room = Room::new();
    room.import("shop");
    let path = room.file("certificates/m-shop.sealed");
    let whole = fs::read(&path).unwrap();
    let header = whole.iter().position(|byte| *byte == b'\n').unwrap();
    for at in (0..header).chain((header..whole.len()).step_by(41)).chain([whole.len() - 1]) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&path, &changed).unwrap();
        let code = code(room.vault.certificate("shop"));
        // The name of the key is in the header, so a change there looks like another key.
        let right = ["vault_sealed_damaged", "vault_sealed_by_another_key", "vault_newer"].contains(&code);
        assert!(right, "byte {at}: {code}");
        assert!(at <= header || code == "vault_sealed_damaged", "byte {at}: {code}");
    }
    for len in [0, 1, header, header + 1, header + 24, header + 25, whole.len() - 1] {
        fs::write(&path, &whole[..len]).unwrap();
        assert_eq!(code(room.vault.certificate("shop")), "vault_sealed_damaged", "cut at {len}");
    }
    // Another merchant's file in this one's place.
    room.import("other");
    fs::copy(room.file("certificates/m-other.sealed"), &path).unwrap();
    assert_eq!(code(room.vault.certificate("shop")), "vault_sealed_damaged");
}

#[test]
fn a_sealing_key_that_is_gone_or_another() {
    let room = Room::new();
    room.import("shop");
    room.keychain.overwrite("/own/sealing-key", &[9; 32]);
    assert_eq!(code(room.vault.certificate("shop")), "vault_sealed_by_another_key");
    room.keychain.overwrite("/own/sealing-key", &[9; 31]);
    assert_eq!(code(room.vault.certificate("shop")), "keychain_damaged");
    room.keychain.forget("/own/sealing-key");
    assert_eq!(code(room.vault.certificate("shop")), "vault_sealing_key_gone");
    room.keychain.fail(KeychainError::Locked);
    assert_eq!(code(room.vault.certificate("shop")), "keychain_locked");
    room.keychain.recover();
    // Importing again mends it.
    room.import("shop");
    room.vault.certificate("shop").unwrap();
}

#[test]
fn a_damaged_or_newer_vault_json_is_left_alone() {
    for (content, expected) in [
        ("", "vault_metadata_damaged"),
        ("{}", "vault_metadata_damaged"),
        ("{\"format\":1,\"vault_id\":\"../../x\",\"merchants\":{}}", "vault_metadata_damaged"),
        (
            "{\"format\":1,\"vault_id\":\"0123456789abcdef\",\"merchants\":{\"a\":{\"last\":1,\"keys\":[{\"number\":1,\
             \"kind\":\"x\",\"fingerprint\":\"AAAA\",\"fingerprint_key_id\":\"\",\"added_at_ms\":1}]}}}",
            "vault_metadata_damaged",
        ),
        ("{\"format\":2,\"anything\":[]}", "vault_newer"),
    ] {
        let room = Room::new();
        fs::create_dir_all(room.file("")).unwrap();
        fs::write(room.file("vault.json"), content).unwrap();
        assert_eq!(code(room.vault.keys("shop")), expected, "{content}");
        assert_eq!(code(room.set("shop", KeyKind::ApiV2, ONE, 1)), expected, "{content}");
        assert_eq!(code(room.vault.item_or_create("chain", 32)), expected, "{content}");
        assert_eq!(fs::read_to_string(room.file("vault.json")).unwrap(), content);
        assert!(room.keychain.accounts().is_empty());
    }
}

#[test]
fn no_secret_is_on_disk() {
    let room = Room::new();
    room.set("shop", KeyKind::ApiV2, ONE, 1).unwrap();
    let text = fs::read_to_string(room.file("vault.json")).unwrap();
    assert!(!text.contains(ONE) && text.contains("shop"), "{text}");
}

#[test]
#[cfg(unix)]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let room = Room::new();
    // What a crash left behind is not written into, whoever could read it.
    fs::create_dir_all(room.file("")).unwrap();
    let bait = room.directory.path().join("bait");
    std::os::unix::fs::symlink(&bait, room.file("vault.json.new")).unwrap();
    room.set("shop", KeyKind::ApiV2, ONE, 1).unwrap();
    room.import("shop");
    assert!(!bait.exists());
    for name in ["vault.json", "vault.lock", "certificates/m-shop.sealed"] {
        let mode = fs::metadata(room.file(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_eq!(fs::metadata(room.file("certificates")).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
#[cfg(unix)]
fn a_directory_that_cannot_be_written() {
    let room = Room::new();
    fs::write(room.directory.path().join("vault"), "a file stands where the directory should").unwrap();
    assert_eq!(code(room.set("shop", KeyKind::ApiV2, ONE, 1)), "vault_storage");
    assert!(room.keychain.accounts().is_empty());
}

#[test]
fn two_of_everything_at_once() {
    let room = Room::new();
    let path = room.file("");
    let entropy = Arc::new(CountingEntropy::default());
    let threads: Vec<_> = (0..8)
        .map(|number| {
            // Each its own vault, as two processes have.
            let vault =
                Vault::new(Box::new(room.keychain.clone()), &path, Arc::clone(&entropy) as Arc<dyn Entropy>);
            std::thread::spawn(move || {
                let merchant = format!("shop-{number}");
                for (at, key) in [ONE, TWO, THREE].into_iter().enumerate() {
                    let at = Timestamp::from_secs(i64::try_from(at).unwrap());
                    vault.set_key(&merchant, KeyKind::ApiV2, secret(key), at).unwrap();
                }
                vault.import_certificate(&merchant, &certificate(), Timestamp::from_secs(1)).unwrap();
                vault.item_or_create("chain", 32).unwrap().expose().clone()
            })
        })
        .collect();
    let chains: Vec<Vec<u8>> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(chains.windows(2).all(|pair| pair[0] == pair[1]), "two made a chain key each");
    for number in 0..8 {
        assert_eq!(room.vault.all_keys(&format!("shop-{number}")).unwrap().len(), 3);
        room.vault.certificate(&format!("shop-{number}")).unwrap();
    }
}

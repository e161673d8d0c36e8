#[cfg(test)]
mod tests;

use crate::key::{fingerprint, key_id};
use crate::metadata::{self, KeyRecord, Metadata};
use crate::{
    Certificate, CertificateInfo, KeyInfo, KeyKind, Keychain, KeychainError, VaultError, file, seal,
};
use domain::{Entropy, Secret, Timestamp};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// The random key that fingerprints are made under.
const FINGERPRINT_KEY: &str = "own/fingerprint-key";
/// The random key that certificates are sealed under.
const SEALING_KEY: &str = "own/sealing-key";

/// The keys and certificates of all merchants of one data directory.
///
/// Everything that changes the vault holds a lock file, so two processes may use one directory. Calls that
/// reach the keychain may block while a person types a password: call them from a blocking thread.
///
/// A merchant is named by the name the caller stores it under: 1 to 80 bytes without control characters.
pub struct Vault {
    keychain: Box<dyn Keychain>,
    directory: PathBuf,
    entropy: Arc<dyn Entropy>,
}

/// The lock file, held.
struct Held(#[expect(dead_code, reason = "held open for its lock")] File);

impl Vault {
    /// The vault of `directory`. Nothing is read or made yet; the directory is made on the first change.
    ///
    /// `entropy` must be the operating system's wherever a real merchant's secrets are stored: the keys that
    /// certificates are sealed under come from it.
    #[must_use]
    pub fn new(keychain: Box<dyn Keychain>, directory: &Path, entropy: Arc<dyn Entropy>) -> Self {
        Self { keychain, directory: directory.to_owned(), entropy }
    }

    /// Whether the keychain can be used: stores a random value, reads it back, compares, deletes it.
    ///
    /// # Errors
    /// [`VaultError::Keychain`] with what to do, or [`VaultError::ProbeMismatch`].
    pub fn probe(&self) -> Result<(), VaultError> {
        let mut name = [0; 8];
        self.entropy.fill(&mut name);
        let account = format!("probe/{}", hex(&name));
        let value = self.random(32);
        self.keychain.set(&account, &value)?;
        let read = self.keychain.get(&account);
        self.keychain.delete(&account)?;
        match read? {
            Some(read) if same(read.expose(), value.expose()) => Ok(()),
            _ => Err(VaultError::ProbeMismatch),
        }
    }

    /// Stores a key, and says what may be shown of it.
    ///
    /// The one it replaces goes, except that an API v2 key becomes a former one with its dates, because
    /// notices from before are signed with it. Storing the same key again changes nothing. If this fails, the
    /// key from before is still the current one.
    ///
    /// # Errors
    /// [`VaultError::KeyShape`] if it cannot be such a key; [`VaultError::NotSettable`] for a former key;
    /// [`VaultError::Keychain`] and [`VaultError::Storage`].
    pub fn set_key(
        &self,
        merchant: &str,
        kind: KeyKind,
        key: Secret<String>,
        now: Timestamp,
    ) -> Result<KeyInfo, VaultError> {
        check_name(merchant)?;
        if kind == KeyKind::Former {
            return Err(VaultError::NotSettable);
        }
        kind.check(&key)?;
        let held = self.hold()?;
        let mut metadata = self.metadata_or_new(&held)?;
        let fingerprint_key = self.create_item(&held, &metadata, FINGERPRINT_KEY, 32)?;
        let info = KeyInfo {
            kind,
            fingerprint: fingerprint(&fingerprint_key, &key),
            added_at: now,
            retired_at: None,
        };

        let id = metadata.vault_id.clone();
        let record = metadata.merchants.entry(merchant.to_owned()).or_default();
        if let Some(at) = record.keys.iter().position(|old| old.is(kind)) {
            let old = &mut record.keys[at];
            match self.keychain.get(&key_account(&id, merchant, old.number))? {
                Some(value) if same(value.expose(), key.expose().as_bytes()) => {
                    return old.info().ok_or_else(|| self.damaged());
                }
                Some(_) if kind == KeyKind::ApiV2 => old.retire(now),
                _ => record.unwanted.push(record.keys.remove(at).number),
            }
        }
        // The item first, under a number of its own: until vault.json names it, nothing has changed. A crash
        // between the two leaves an item that the next key of this merchant overwrites.
        record.last = record.last.checked_add(1).ok_or_else(|| self.damaged())?;
        self.keychain.set(&key_account(&id, merchant, record.last), &bytes_of(&key))?;
        record.keys.push(KeyRecord::new(record.last, &info, key_id(&fingerprint_key)));
        metadata::write(&self.metadata_path(), &metadata)?;
        self.sweep(&held, merchant, &mut metadata);
        Ok(info)
    }

    /// The current key of this kind. For [`KeyKind::Former`]: the one replaced last.
    ///
    /// # Errors
    /// [`VaultError::NoKey`] if none was stored; [`KeychainError::ItemGone`] if the keychain lost it;
    /// [`KeychainError::Damaged`] if it holds something else; any other [`KeychainError`].
    pub fn key(&self, merchant: &str, kind: KeyKind) -> Result<Secret<String>, VaultError> {
        let metadata = self.metadata()?;
        let found = metadata.as_ref().and_then(|metadata| {
            let record = metadata.merchants.get(merchant)?;
            Some((metadata, record.keys.iter().rev().find(|key| key.is(kind))?))
        });
        let (metadata, record) = found.ok_or(VaultError::NoKey { kind })?;
        self.read_key(metadata, merchant, record, self.read_item(FINGERPRINT_KEY)?.as_ref())
    }

    /// Every key of the merchant, the newest of each kind first, for trying them on a signature.
    ///
    /// # Errors
    /// As [`key`](Self::key), for the first that cannot be read. A merchant without keys has an empty list.
    pub fn all_keys(&self, merchant: &str) -> Result<Vec<(KeyInfo, Secret<String>)>, VaultError> {
        let Some(metadata) = self.metadata()? else { return Ok(Vec::new()) };
        let Some(record) = metadata.merchants.get(merchant) else { return Ok(Vec::new()) };
        let fingerprint_key = self.read_item(FINGERPRINT_KEY)?;
        let mut keys = Vec::with_capacity(record.keys.len());
        for key in record.keys.iter().rev() {
            let info = key.info().ok_or_else(|| self.damaged())?;
            keys.push((info, self.read_key(&metadata, merchant, key, fingerprint_key.as_ref())?));
        }
        keys.sort_by_key(|(info, _)| info.kind); // stable: the newest stays first
        Ok(keys)
    }

    /// What may be shown of the merchant's keys, in the order of [`all_keys`](Self::all_keys). The keychain is
    /// not asked.
    ///
    /// # Errors
    /// [`VaultError::MetadataDamaged`], [`VaultError::Newer`], [`VaultError::Storage`].
    pub fn keys(&self, merchant: &str) -> Result<Vec<KeyInfo>, VaultError> {
        let Some(metadata) = self.metadata()? else { return Ok(Vec::new()) };
        let records = metadata.merchants.get(merchant).map_or(&[][..], |record| &record.keys);
        let mut keys: Vec<KeyInfo> = records.iter().rev().filter_map(KeyRecord::info).collect();
        keys.sort_by_key(|info| info.kind);
        Ok(keys)
    }

    /// Removes every key of this kind. Says how many there were.
    ///
    /// # Errors
    /// [`VaultError::Keychain`]: what could not be removed is still listed.
    pub fn remove_key(&self, merchant: &str, kind: KeyKind) -> Result<usize, VaultError> {
        let held = self.hold()?;
        self.remove_keys(&held, merchant, |key| key.is(kind))
    }

    /// Removes the merchant's keys and certificate.
    ///
    /// # Errors
    /// [`VaultError::Keychain`], [`VaultError::Storage`]: what could not be removed is still listed.
    pub fn remove_merchant(&self, merchant: &str) -> Result<(), VaultError> {
        let held = self.hold()?;
        self.remove_keys(&held, merchant, |_| true)?;
        file::remove(&self.sealed_path(merchant)?)?;
        let Some(mut metadata) = self.metadata()? else { return Ok(()) };
        if let Some(record) = metadata.merchants.remove(merchant) {
            // Replaced ones, and the item of a key that a crash cut short, if there is one.
            for number in record.unwanted.into_iter().chain(record.last.checked_add(1)) {
                self.keychain.delete(&key_account(&metadata.vault_id, merchant, number))?;
            }
            metadata::write(&self.metadata_path(), &metadata)?;
        }
        Ok(())
    }

    /// Removes the items of keys that were replaced. What the keychain refuses stays noted for the next time:
    /// the new key is stored by then, so it is no failure of storing it.
    fn sweep(&self, _held: &Held, merchant: &str, metadata: &mut Metadata) {
        let id = metadata.vault_id.clone();
        let Some(record) = metadata.merchants.get_mut(merchant) else { return };
        let before = record.unwanted.len();
        record.unwanted.retain(|number| self.keychain.delete(&key_account(&id, merchant, *number)).is_err());
        if record.unwanted.len() < before {
            // Not written, it is only swept once more.
            let _ = metadata::write(&self.metadata_path(), metadata);
        }
    }

    fn remove_keys(
        &self,
        _held: &Held,
        merchant: &str,
        which: impl Fn(&KeyRecord) -> bool,
    ) -> Result<usize, VaultError> {
        let Some(mut metadata) = self.metadata()? else { return Ok(0) };
        let id = metadata.vault_id.clone();
        let Some(record) = metadata.merchants.get_mut(merchant) else { return Ok(0) };
        let numbers: Vec<u32> = record.keys.iter().filter(|key| which(key)).map(|key| key.number).collect();
        for number in &numbers {
            self.keychain.delete(&key_account(&id, merchant, *number))?;
        }
        record.keys.retain(|key| !numbers.contains(&key.number));
        if !numbers.is_empty() {
            metadata::write(&self.metadata_path(), &metadata)?;
        }
        Ok(numbers.len())
    }

    /// Seals the certificate into a file, replacing one from before.
    ///
    /// # Errors
    /// [`VaultError::Keychain`] and [`VaultError::Storage`]; one from before is then still there.
    pub fn import_certificate(
        &self,
        merchant: &str,
        certificate: &Certificate,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        let path = self.sealed_path(merchant)?;
        let held = self.hold()?;
        let metadata = self.metadata_or_new(&held)?;
        let key = self.create_item(&held, &metadata, SEALING_KEY, seal::KEY_LEN)?;
        let mut nonce = [0; seal::NONCE_LEN];
        self.entropy.fill(&mut nonce);
        let sealed = seal::seal(&key, nonce, merchant, certificate, now)?;
        file::make_directory(&self.directory.join("certificates"))?;
        file::replace(&path, &sealed)
    }

    /// The merchant's certificate with its private key.
    ///
    /// # Errors
    /// [`VaultError::NoCertificate`], [`VaultError::SealingKeyGone`], [`VaultError::SealedByAnotherKey`],
    /// [`VaultError::SealedDamaged`], [`VaultError::Newer`], [`VaultError::Keychain`].
    pub fn certificate(&self, merchant: &str) -> Result<Certificate, VaultError> {
        let path = self.sealed_path(merchant)?;
        let sealed = file::read(&path, seal::MAX_BYTES)?.ok_or(VaultError::NoCertificate)?;
        let header = seal::read_header(&sealed, merchant, &path)?;
        let key = self.read_item(SEALING_KEY)?.ok_or(VaultError::SealingKeyGone)?;
        seal::open(&key, &sealed, &header)
    }

    /// What may be shown of the merchant's certificate, or `None` if there is none. The keychain is not asked,
    /// so this is what the file says: [`certificate`](Self::certificate) finds out whether it was changed.
    ///
    /// # Errors
    /// [`VaultError::SealedDamaged`], [`VaultError::Newer`], [`VaultError::Storage`].
    pub fn certificate_info(&self, merchant: &str) -> Result<Option<CertificateInfo>, VaultError> {
        let path = self.sealed_path(merchant)?;
        let Some(sealed) = file::read(&path, seal::MAX_BYTES)? else { return Ok(None) };
        seal::read_header(&sealed, merchant, &path)?.info().map(Some)
    }

    /// Removes the merchant's certificate. Says whether there was one.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub fn remove_certificate(&self, merchant: &str) -> Result<bool, VaultError> {
        let path = self.sealed_path(merchant)?;
        let _held = self.hold()?;
        let was_there = path.exists();
        file::remove(&path)?;
        Ok(was_there)
    }

    /// A small secret of the caller's own, such as the key of a ledger's journal; `None` if there is none.
    ///
    /// # Errors
    /// [`VaultError::Keychain`], [`VaultError::Name`], and those of reading `vault.json`.
    pub fn item(&self, name: &str) -> Result<Option<Secret<Vec<u8>>>, VaultError> {
        check_name(name)?;
        self.read_item(&item_path(name))
    }

    /// Stores a small secret of the caller's own: at most 2,560 bytes, which is what Windows takes.
    ///
    /// # Errors
    /// [`VaultError::Keychain`], [`VaultError::Name`], [`VaultError::Storage`].
    pub fn set_item(&self, name: &str, value: &Secret<Vec<u8>>) -> Result<(), VaultError> {
        check_name(name)?;
        let id = match self.metadata()? {
            Some(metadata) => metadata.vault_id,
            None => self.metadata_or_new(&self.hold()?)?.vault_id,
        };
        Ok(self.keychain.set(&account(&id, &item_path(name)), value)?)
    }

    /// Removes a small secret. Removing what is not there is no error.
    ///
    /// # Errors
    /// [`VaultError::Keychain`], [`VaultError::Name`], and those of reading `vault.json`.
    pub fn delete_item(&self, name: &str) -> Result<(), VaultError> {
        check_name(name)?;
        let Some(metadata) = self.metadata()? else { return Ok(()) };
        Ok(self.keychain.delete(&account(&metadata.vault_id, &item_path(name)))?)
    }

    /// The small secret of that name; where there is none, `len` random bytes are stored and returned. Two
    /// processes that ask at once get the same.
    ///
    /// It cannot know whether there should have been one: a caller for whom a new key would be a loss checks
    /// that with [`item`](Self::item) first.
    ///
    /// # Errors
    /// [`VaultError::Keychain`], [`VaultError::Name`], [`VaultError::Storage`].
    pub fn item_or_create(&self, name: &str, len: usize) -> Result<Secret<Vec<u8>>, VaultError> {
        check_name(name)?;
        if let Some(value) = self.item(name)? {
            return Ok(value);
        }
        let held = self.hold()?;
        let metadata = self.metadata_or_new(&held)?;
        self.create_item(&held, &metadata, &item_path(name), len)
    }

    fn read_item(&self, path: &str) -> Result<Option<Secret<Vec<u8>>>, VaultError> {
        let Some(metadata) = self.metadata()? else { return Ok(None) };
        Ok(self.keychain.get(&account(&metadata.vault_id, path))?)
    }

    /// The item at `path`, made of random bytes if it is not there.
    fn create_item(
        &self,
        _held: &Held,
        metadata: &Metadata,
        path: &str,
        len: usize,
    ) -> Result<Secret<Vec<u8>>, VaultError> {
        let account = account(&metadata.vault_id, path);
        if let Some(value) = self.keychain.get(&account)? {
            return Ok(value);
        }
        let value = self.random(len);
        self.keychain.set(&account, &value)?;
        Ok(value)
    }

    fn read_key(
        &self,
        metadata: &Metadata,
        merchant: &str,
        record: &KeyRecord,
        fingerprint_key: Option<&Secret<Vec<u8>>>,
    ) -> Result<Secret<String>, VaultError> {
        let info = record.info().ok_or_else(|| self.damaged())?;
        let item = || format!("the {} key {} of {merchant}", info.kind.as_str(), info.fingerprint);
        let value = self
            .keychain
            .get(&key_account(&metadata.vault_id, merchant, record.number))?
            .ok_or_else(|| KeychainError::ItemGone { item: item() })?;
        let damaged = || KeychainError::Damaged { item: item() };
        let key = Secret::new(str::from_utf8(value.expose()).map_err(|_| damaged())?.to_owned());
        info.kind.check(&key).map_err(|_| damaged())?;
        // Another key in this one's place would only show as signatures that do not match. Where the key of the
        // fingerprints was lost and made anew, there is nothing to compare with.
        match fingerprint_key.filter(|under| record.fingerprint_key_id == key_id(under)) {
            Some(under) if fingerprint(under, &key) != info.fingerprint => Err(damaged().into()),
            _ => Ok(key),
        }
    }

    fn random(&self, len: usize) -> Secret<Vec<u8>> {
        let mut bytes = vec![0; len];
        self.entropy.fill(&mut bytes);
        Secret::new(bytes)
    }

    fn hold(&self) -> Result<Held, VaultError> {
        file::make_directory(&self.directory)?;
        file::lock(&self.directory.join("vault.lock")).map(Held)
    }

    fn metadata_path(&self) -> PathBuf {
        self.directory.join("vault.json")
    }

    fn metadata(&self) -> Result<Option<Metadata>, VaultError> {
        metadata::read(&self.metadata_path())
    }

    /// The metadata; the first time, new and already on disk, so that no item is ever made under an id that a
    /// crash forgets.
    fn metadata_or_new(&self, _held: &Held) -> Result<Metadata, VaultError> {
        if let Some(metadata) = self.metadata()? {
            return Ok(metadata);
        }
        let mut id = [0; 8];
        self.entropy.fill(&mut id);
        let metadata = Metadata::new(hex(&id));
        metadata::write(&self.metadata_path(), &metadata)?;
        Ok(metadata)
    }

    fn sealed_path(&self, merchant: &str) -> Result<PathBuf, VaultError> {
        check_name(merchant)?;
        Ok(self.directory.join("certificates").join(format!("m-{}.sealed", safe(merchant))))
    }

    fn damaged(&self) -> VaultError {
        VaultError::MetadataDamaged { path: self.metadata_path() }
    }
}

fn check_name(name: &str) -> Result<(), VaultError> {
    let good = (1..=80).contains(&name.len()) && !name.chars().any(char::is_control);
    if good { Ok(()) } else { Err(VaultError::Name) }
}

/// A name that is safe in a file name on every system and never that of another: small letters, digits, `_`
/// and `-` stay; every other byte is `%` and two digits, capitals too, because some systems take `A` for `a`.
fn safe(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&hex(&[byte]));
        }
    }
    out
}

/// The name of a keychain item.
fn account(vault_id: &str, path: &str) -> String {
    format!("{vault_id}/{path}")
}

fn key_account(vault_id: &str, merchant: &str, number: u32) -> String {
    account(vault_id, &format!("key/{}/{number}", safe(merchant)))
}

/// Where the callers' own small secrets are, apart from the vault's.
fn item_path(name: &str) -> String {
    format!("item/{}", safe(name))
}

fn bytes_of(key: &Secret<String>) -> Secret<Vec<u8>> {
    Secret::new(key.expose().as_bytes().to_vec())
}

fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

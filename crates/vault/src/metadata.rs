//! `vault.json`: which keys there are. Nothing in it is secret.

use crate::{KeyInfo, KeyKind, VaultError, file};
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

const FORMAT: u32 = 1;
const MAX_BYTES: u64 = 16 << 20;

/// The whole file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metadata {
    format: u32,
    /// Random, in the name of every keychain item of this vault, so that two data directories of one user
    /// never touch each other's items.
    pub(crate) vault_id: String,
    pub(crate) merchants: BTreeMap<String, MerchantRecord>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MerchantRecord {
    /// The number of the last key stored. Each key has an item of its own, never written twice, so that
    /// replacing a key cannot lose both.
    pub(crate) last: u32,
    pub(crate) keys: Vec<KeyRecord>,
    /// Numbers of replaced keys whose items the keychain has not let go of yet.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) unwanted: Vec<u32>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyRecord {
    pub(crate) number: u32,
    kind: String,
    fingerprint: String,
    /// Which key the fingerprint was made under.
    pub(crate) fingerprint_key_id: String,
    added_at_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    retired_at_ms: Option<i64>,
}

impl KeyRecord {
    pub(crate) fn new(number: u32, info: &KeyInfo, fingerprint_key_id: String) -> Self {
        Self {
            number,
            kind: info.kind.as_str().to_owned(),
            fingerprint: info.fingerprint.clone(),
            fingerprint_key_id,
            added_at_ms: info.added_at.millis(),
            retired_at_ms: info.retired_at.map(Timestamp::millis),
        }
    }

    /// What may be shown of it. `None` cannot happen after [`read`], which has checked the kind.
    pub(crate) fn info(&self) -> Option<KeyInfo> {
        Some(KeyInfo {
            kind: self.kind.parse().ok()?,
            fingerprint: self.fingerprint.clone(),
            added_at: Timestamp::from_millis(self.added_at_ms),
            retired_at: self.retired_at_ms.map(Timestamp::from_millis),
        })
    }

    pub(crate) fn is(&self, kind: KeyKind) -> bool {
        self.kind == kind.as_str()
    }

    /// Makes the key a former one.
    pub(crate) fn retire(&mut self, now: Timestamp) {
        self.kind = KeyKind::Former.as_str().to_owned();
        self.retired_at_ms = Some(now.millis());
    }
}

impl Metadata {
    pub(crate) fn new(vault_id: String) -> Self {
        Self { format: FORMAT, vault_id, merchants: BTreeMap::new() }
    }
}

/// Reads the file; `None` if there is none yet.
pub(crate) fn read(path: &Path) -> Result<Option<Metadata>, VaultError> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let Some(bytes) = file::read(path, MAX_BYTES)? else { return Ok(None) };
    let damaged = || VaultError::MetadataDamaged { path: path.to_owned() };
    let Format { format } = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
    if format > FORMAT {
        return Err(VaultError::Newer { path: path.to_owned() });
    }
    let metadata: Metadata = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
    let id_is_ours =
        metadata.vault_id.len() == 16 && metadata.vault_id.bytes().all(|b| b.is_ascii_hexdigit());
    let kinds_are_known =
        metadata.merchants.values().flat_map(|merchant| &merchant.keys).all(|key| key.info().is_some());
    if id_is_ours && kinds_are_known { Ok(Some(metadata)) } else { Err(damaged()) }
}

/// Writes the file whole. The caller holds the lock.
pub(crate) fn write(path: &Path, metadata: &Metadata) -> Result<(), VaultError> {
    let mut bytes = serde_json::to_vec_pretty(metadata)
        .unwrap_or_else(|_| unreachable!("text, numbers and lists are always JSON"));
    bytes.push(b'\n');
    file::replace(path, &bytes)
}

//! A certificate sealed in a file: one line of JSON that may be read, then a nonce, then XChaCha20-Poly1305 of
//! the PEM. The whole line is authenticated, so neither the merchant nor the dates can be changed unseen, and
//! a file cannot be passed off as another merchant's. All in one file: replacing it is one rename, and what is
//! shown can never be another certificate's than what is used.

use crate::certificate::{Certificate, CertificateInfo, InfoRecord};
use crate::key::key_id;
use crate::{KeychainError, VaultError};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use domain::{Secret, Timestamp};
use serde::{Deserialize, Serialize};
use std::path::Path;

pub(crate) const KEY_LEN: usize = 32;
pub(crate) const NONCE_LEN: usize = 24;
pub(crate) const MAX_BYTES: u64 = 4 << 20;
const FORMAT: u32 = 1;

/// The line of JSON, and how long it is with its line end.
pub(crate) struct Header {
    record: HeaderRecord,
    len: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderRecord {
    format: u32,
    merchant: String,
    /// Tells another key from a changed file.
    key_id: String,
    imported_at_ms: i64,
    info: InfoRecord,
}

impl Header {
    pub(crate) fn info(&self) -> Result<CertificateInfo, VaultError> {
        self.record.info.read().ok_or(VaultError::SealedDamaged)
    }
}

fn cipher(key: &Secret<Vec<u8>>) -> Result<XChaCha20Poly1305, VaultError> {
    XChaCha20Poly1305::new_from_slice(key.expose())
        .map_err(|_| KeychainError::Damaged { item: "the key that seals the certificates".into() }.into())
}

/// The whole file.
pub(crate) fn seal(
    key: &Secret<Vec<u8>>,
    nonce: [u8; NONCE_LEN],
    merchant: &str,
    certificate: &Certificate,
    now: Timestamp,
) -> Result<Vec<u8>, VaultError> {
    let record = HeaderRecord {
        format: FORMAT,
        merchant: merchant.to_owned(),
        key_id: key_id(key),
        imported_at_ms: now.millis(),
        info: InfoRecord::new(certificate.info()),
    };
    let mut file =
        serde_json::to_vec(&record).unwrap_or_else(|_| unreachable!("text and numbers are always JSON"));
    file.push(b'\n');
    let payload = Payload { msg: certificate.pem().expose().as_bytes(), aad: &file };
    let sealed = cipher(key)?
        .encrypt(&XNonce::from(nonce), payload)
        .unwrap_or_else(|_| unreachable!("a certificate of at most a few MiB can be sealed"));
    file.extend_from_slice(&nonce);
    file.extend_from_slice(&sealed);
    Ok(file)
}

/// The part that needs no key.
pub(crate) fn read_header(file: &[u8], merchant: &str, path: &Path) -> Result<Header, VaultError> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let end = file.iter().position(|byte| *byte == b'\n').ok_or(VaultError::SealedDamaged)?;
    let line = &file[..end];
    let Format { format } = serde_json::from_slice(line).map_err(|_| VaultError::SealedDamaged)?;
    if format > FORMAT {
        return Err(VaultError::Newer { path: path.to_owned() });
    }
    let record: HeaderRecord = serde_json::from_slice(line).map_err(|_| VaultError::SealedDamaged)?;
    if record.merchant != merchant {
        return Err(VaultError::SealedDamaged);
    }
    Ok(Header { record, len: end + 1 })
}

/// Opens the file whose header was read.
pub(crate) fn open(key: &Secret<Vec<u8>>, file: &[u8], header: &Header) -> Result<Certificate, VaultError> {
    let cipher = cipher(key)?;
    if header.record.key_id != key_id(key) {
        return Err(VaultError::SealedByAnotherKey);
    }
    let (aad, body) = file.split_at_checked(header.len).ok_or(VaultError::SealedDamaged)?;
    let (nonce, sealed) = body.split_first_chunk::<NONCE_LEN>().ok_or(VaultError::SealedDamaged)?;
    let pem = cipher
        .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad })
        .map(Secret::new)
        .map_err(|_| VaultError::SealedDamaged)?;
    let pem = Secret::new(str::from_utf8(pem.expose()).map_err(|_| VaultError::SealedDamaged)?.to_owned());
    Ok(Certificate::from_parts(pem, header.info()?))
}

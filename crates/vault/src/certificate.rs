//! A merchant's API certificate: read from the files WeChat Pay gives out, checked, described.

mod der;
mod pem;

use crate::{CertificateError, NoCertificate, Validity};
use domain::{MchId, Secret, Timestamp};
use p12_keystore::Pkcs12Archive;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Version};
use zeroize::Zeroize as _;

/// More than any certificate file has.
const MAX_BYTES: usize = 1 << 20;
const DAY_MS: i64 = 86_400_000;

/// What may be shown of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateInfo {
    /// Whose it is, as X.509 writes names: `C=CN, O=…, OU=…, CN=1900000109`.
    pub subject: String,
    /// The merchant it was issued to: WeChat Pay writes the mch_id as the subject's CN. `None` if it is no number.
    pub mch_id: Option<MchId>,
    /// The serial number in hexadecimal capitals, as the merchant platform shows it.
    pub serial: String,
    /// Who issued it, as X.509 writes names.
    pub issuer: String,
    /// The first moment it is good.
    pub not_before: Timestamp,
    /// The last second it is good.
    pub not_after: Timestamp,
    /// SHA-256 of the certificate, 64 hexadecimal digits in small letters.
    pub fingerprint: String,
}

/// Whether a certificate is of the merchant that is to use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// It is.
    Same,
    /// It is another merchant's: WeChat Pay refuses refunds made with it.
    Other {
        /// Whose it is.
        mch_id: MchId,
    },
    /// Its subject names no merchant, so it is not known. WeChat Pay's own always do.
    Unknown,
}

impl CertificateInfo {
    /// Where its life stands at `now`.
    #[must_use]
    pub fn validity(&self, now: Timestamp) -> Validity {
        if now < self.not_before {
            return Validity::NotYet { from: self.not_before };
        }
        // not_after is the last good second, all of it.
        let left_ms = self.not_after.plus_millis(1000).millis_since(now);
        let days_left = left_ms.div_euclid(DAY_MS);
        match days_left {
            _ if left_ms <= 0 => Validity::Expired { since: self.not_after },
            0..30 => Validity::ExpiresSoon { days_left },
            _ => Validity::Valid { days_left },
        }
    }

    /// Whether it is the certificate of `mch_id`.
    #[must_use]
    pub fn owner(&self, mch_id: &MchId) -> Owner {
        match &self.mch_id {
            Some(own) if own == mch_id => Owner::Same,
            Some(own) => Owner::Other { mch_id: own.clone() },
            None => Owner::Unknown,
        }
    }
}

/// A certificate with its private key, ready for TLS.
#[derive(Clone, Debug)]
pub struct Certificate {
    pem: Secret<String>,
    info: CertificateInfo,
}

impl Certificate {
    pub(crate) const fn from_parts(pem: Secret<String>, info: CertificateInfo) -> Self {
        Self { pem, info }
    }

    /// The private key, the certificate and the chain above it, in this order, as PEM: what rustls and
    /// `reqwest::Identity::from_pem` take.
    #[must_use]
    pub const fn pem(&self) -> &Secret<String> {
        &self.pem
    }

    /// What may be shown of it.
    #[must_use]
    pub const fn info(&self) -> &CertificateInfo {
        &self.info
    }
}

/// Reads a certificate and its private key from `files`: one `.p12`, or one or two PEM files in either order.
///
/// `password` opens a `.p12`; WeChat Pay's takes the merchant number. Ciphers old (RC2-40, 3DES) and modern
/// (AES) are read, with and without MAC. A certificate that has expired or has not begun is read: see
/// [`CertificateInfo::validity`], which needs the time.
///
/// # Errors
/// [`CertificateError`]. Whatever the bytes are, it answers; it never panics.
pub fn read_certificate(
    files: &[&[u8]],
    password: Option<&Secret<String>>,
) -> Result<Certificate, CertificateError> {
    let len = files.iter().map(|file| file.len()).fold(0, usize::saturating_add);
    if len > MAX_BYTES {
        return Err(CertificateError::TooLarge { len });
    }
    let mut found = Found::default();
    for file in files {
        // A .p12 is one DER SEQUENCE, so its first byte is 0x30; "0" is no first byte of a PEM file we know.
        if file.first() == Some(&0x30) {
            read_p12(file, password, &mut found)?
        } else {
            pem::read(file, &mut found)?
        }
    }
    found.into_certificate()
}

/// What the files hold.
#[derive(Default)]
struct Found {
    /// In DER.
    certificates: Vec<Vec<u8>>,
    keys: Vec<Key>,
}

/// A private key in DER, and the kind of PEM section it goes into.
struct Key {
    label: &'static str,
    der: Secret<Vec<u8>>,
}

fn read_p12(
    file: &[u8],
    password: Option<&Secret<String>>,
    found: &mut Found,
) -> Result<(), CertificateError> {
    use p12_keystore::error::Error;
    // Some files have no password; an empty one opens them. Only if it does not is the password missing.
    let given = password.map_or("", |password| password.expose());
    let archive = Pkcs12Archive::from_pkcs12(file, given).map_err(|error| match error {
        // Without a MAC, a wrong password shows as a failure to decrypt, or as garbage afterwards.
        Error::MacError(_) | Error::Pkcs5Error(_) | Error::UnpadError if password.is_none() => {
            CertificateError::PasswordNeeded
        }
        Error::MacError(_) | Error::Pkcs5Error(_) | Error::UnpadError => CertificateError::WrongPassword,
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => {
            CertificateError::NotACertificate { detail: NoCertificate::Cipher }
        }
        _ => CertificateError::NotACertificate { detail: NoCertificate::P12Damaged },
    })?;
    found.certificates.extend(archive.certs.iter().map(|bag| bag.cert.as_der().to_vec()));
    for bag in archive.keys {
        found.keys.push(Key { label: "PRIVATE KEY", der: Secret::new(bag.key.as_der().to_vec()) });
    }
    Ok(())
}

impl Found {
    fn into_certificate(self) -> Result<Certificate, CertificateError> {
        let mut parsed = Vec::with_capacity(self.certificates.len());
        for der in &self.certificates {
            let (rest, certificate) = X509Certificate::from_der(der)
                .map_err(|_| CertificateError::NotACertificate { detail: NoCertificate::X509Unreadable })?;
            if !rest.is_empty() {
                return Err(CertificateError::NotACertificate { detail: NoCertificate::Behind });
            }
            parsed.push(certificate);
        }
        if parsed.is_empty() {
            return Err(CertificateError::NotACertificate { detail: NoCertificate::Absent });
        }
        if self.keys.is_empty() {
            return Err(CertificateError::NoPrivateKey);
        }
        let (key, leaf) = pair(&self.keys, &parsed)?;
        if leaf.version() != X509Version::V3 {
            return Err(CertificateError::Version1);
        }
        let info = describe(leaf)?;
        let mut chain = vec![leaf];
        while let Some(issuer) = parsed.iter().find(|candidate| {
            let last = chain[chain.len() - 1];
            candidate.subject().as_raw() == last.issuer().as_raw()
                && !chain.iter().any(|known| known.as_raw() == candidate.as_raw())
        }) {
            chain.push(issuer);
        }
        let mut text = pem::section(key.label, key.der.expose());
        for certificate in chain {
            text.push_str(&pem::section("CERTIFICATE", certificate.as_raw()));
        }
        let pem = Secret::new(text.clone());
        text.zeroize();
        Ok(Certificate { pem, info })
    }
}

/// The key and the certificate that belong together.
fn pair<'f, 'c>(
    keys: &'f [Key],
    certificates: &'f [X509Certificate<'c>],
) -> Result<(&'f Key, &'f X509Certificate<'c>), CertificateError> {
    let mut readable = false;
    for key in keys {
        let Some(public) = der::public_half(key.label, key.der.expose()) else { continue };
        readable = true;
        let own = |certificate: &&X509Certificate<'_>| {
            public.is_of(&certificate.public_key().subject_public_key.data)
        };
        if let Some(certificate) = certificates.iter().find(own) {
            return Ok((key, certificate));
        }
    }
    Err(if readable {
        CertificateError::KeyDoesNotMatchCertificate
    } else {
        CertificateError::UnsupportedKey
    })
}

fn describe(certificate: &X509Certificate<'_>) -> Result<CertificateInfo, CertificateError> {
    let moment = |seconds: i64| Timestamp::from_secs(seconds);
    let mch_id = certificate
        .subject()
        .iter_common_name()
        .filter_map(|name| name.as_str().ok())
        .find_map(|name| MchId::parse(name).ok());
    let serial = certificate.raw_serial();
    // DER puts a zero before a number whose first bit is set; it is no part of the number.
    let serial = match serial {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    };
    Ok(CertificateInfo {
        subject: certificate.subject().to_string(),
        mch_id,
        serial: serial.iter().map(|byte| format!("{byte:02X}")).collect(),
        issuer: certificate.issuer().to_string(),
        not_before: moment(certificate.validity().not_before.timestamp()),
        not_after: moment(certificate.validity().not_after.timestamp()),
        fingerprint: Sha256::digest(certificate.as_raw()).iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

/// [`CertificateInfo`] as it stands in the head of a sealed file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InfoRecord {
    subject: String,
    mch_id: Option<String>,
    serial: String,
    issuer: String,
    not_before_ms: i64,
    not_after_ms: i64,
    fingerprint: String,
}

impl InfoRecord {
    pub(crate) fn new(info: &CertificateInfo) -> Self {
        Self {
            subject: info.subject.clone(),
            mch_id: info.mch_id.as_ref().map(MchId::to_string),
            serial: info.serial.clone(),
            issuer: info.issuer.clone(),
            not_before_ms: info.not_before.millis(),
            not_after_ms: info.not_after.millis(),
            fingerprint: info.fingerprint.clone(),
        }
    }

    /// `None` if a field is not what [`new`](Self::new) writes.
    pub(crate) fn read(&self) -> Option<CertificateInfo> {
        let mch_id = match &self.mch_id {
            Some(text) => Some(MchId::parse(text).ok()?),
            None => None,
        };
        Some(CertificateInfo {
            subject: self.subject.clone(),
            mch_id,
            serial: self.serial.clone(),
            issuer: self.issuer.clone(),
            not_before: Timestamp::from_millis(self.not_before_ms),
            not_after: Timestamp::from_millis(self.not_after_ms),
            fingerprint: self.fingerprint.clone(),
        })
    }
}

//! PEM files as people have them: with text around the sections, any line ends, any line length.

use super::{Found, Key};
use crate::{CertificateError, NoCertificate};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Secret;
use pem_rfc7468::LineEnding;

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// Adds the file's certificates and private keys to `found`.
pub(super) fn read(file: &[u8], found: &mut Found) -> Result<(), CertificateError> {
    let neither = CertificateError::NotACertificate { detail: NoCertificate::OtherFile };
    let text = str::from_utf8(file).map_err(|_| neither.clone())?;
    if !text.contains(BEGIN) {
        return Err(neither);
    }
    let mut rest = text;
    while let Some(at) = rest.find(BEGIN) {
        let cut_off = || CertificateError::NotACertificate { detail: NoCertificate::PemCutOff };
        let section = &rest[at + BEGIN.len()..];
        let (label, section) = section.split_once(DASHES).ok_or_else(cut_off)?;
        let end = format!("-----END {label}-----");
        let (body, after) = section.split_once(end.as_str()).ok_or_else(cut_off)?;
        rest = after;
        let key_label = match label {
            "CERTIFICATE" | "X509 CERTIFICATE" => {
                found.certificates.push(decode(body)?.expose().clone());
                continue;
            }
            "PRIVATE KEY" => "PRIVATE KEY",
            "RSA PRIVATE KEY" => "RSA PRIVATE KEY",
            "EC PRIVATE KEY" => "EC PRIVATE KEY",
            "ENCRYPTED PRIVATE KEY" => return Err(CertificateError::EncryptedKey),
            _ => continue, // EC PARAMETERS, DH PARAMETERS and the like: of no use here
        };
        if body.contains("ENCRYPTED") {
            return Err(CertificateError::EncryptedKey); // the headers of old OpenSSL: Proc-Type, DEK-Info
        }
        found.keys.push(Key { label: key_label, der: decode(body)? });
    }
    Ok(())
}

fn decode(body: &str) -> Result<Secret<Vec<u8>>, CertificateError> {
    let letters = Secret::new(body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<u8>>());
    STANDARD
        .decode(letters.expose())
        .map(Secret::new)
        .map_err(|_| CertificateError::NotACertificate { detail: NoCertificate::PemNotBase64 })
}

/// One section, with a line end after it.
pub(super) fn section(label: &str, der: &[u8]) -> String {
    pem_rfc7468::encode_string(label, LineEnding::LF, der)
        .unwrap_or_else(|_| unreachable!("a known label and at most 1 MiB can be written as PEM"))
}

//! Merchant keys and certificates in the OS keychain.
//!
//! Keys live in the operating system's keychain and nowhere else: the Secret Service on Linux, the Keychain on
//! macOS, the Credential Manager on Windows. Certificates are too long for one keychain item on Windows, so
//! they are sealed in a file under a random key that the keychain holds. There is no fallback to plain text, to
//! a file with a password, or to memory: where there is no keychain, the error says so and what to do.
//!
//! What is not secret (which keys there are, their fingerprints and dates) is in `vault.json`, so that lists
//! can be shown without asking the keychain, which may ask a person for a password.

mod certificate;
mod error;
mod file;
mod key;
mod keychain;
mod metadata;
mod os;
mod seal;
mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use certificate::{Certificate, CertificateInfo, Owner, read_certificate};
pub use error::{CertificateError, KeyShapeError, KeychainError, NoCertificate, Validity, VaultError};
pub use key::{KeyInfo, KeyKind};
pub use keychain::Keychain;
pub use os::{OsKeychain, may_ask, without_asking};
pub use store::Vault;

use domain::Timestamp;
use std::path::PathBuf;

/// Why the OS keychain did not do what was asked. Nothing of a secret is ever inside.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// There is no keychain to talk to: no session bus, or nothing on it that offers the Secret Service. Start
    /// a desktop session, or `dbus-run-session` with gnome-keyring or KWallet; then try again.
    #[error(
        "this computer offers no keychain ({detail}); nothing was stored. Start a desktop session, or install \
         and start gnome-keyring or KWallet, and try again"
    )]
    NoService {
        /// What was tried and failed, from the system.
        detail: String,
    },
    /// The keychain service runs but has no default collection, so nothing can be stored. Make one: log in to
    /// the desktop with a password once, or create a default keyring in the system's password program.
    #[error(
        "the keychain has no default keyring; nothing was stored. Create one in your system's password \
         program (or log in to the desktop with a password) and try again"
    )]
    NoCollection,
    /// The keychain is locked and was not unlocked: no password window could be shown, or it was dismissed.
    #[error("the keychain is locked and was not unlocked; unlock it with your login password and try again")]
    Locked,
    /// The system or the person refused access to this item. On macOS: allow Paydesk in Keychain Access; an
    /// item made by a differently signed copy is refused.
    #[error("the system refused access to the keychain ({detail}); allow Paydesk to use it and try again")]
    Denied {
        /// The system's words.
        detail: String,
    },
    /// No answer in time. Nearly always a window that waits for a person's password. What was asked may still
    /// happen once it is answered; asking again is harmless.
    #[error(
        "the keychain did not answer within {waited_ms} ms; a window is probably waiting for your password. \
         Answer it and try again"
    )]
    PromptNeeded {
        /// How long was waited, in milliseconds.
        waited_ms: u64,
    },
    /// Paydesk stored this item and the keychain no longer has it: deleted by hand, or another user's or a
    /// reset keychain. Enter the key or import the certificate again.
    #[error("the keychain no longer has {item}, which was stored there; enter it again")]
    ItemGone {
        /// Which item, in Paydesk's words. Not secret.
        item: String,
    },
    /// The value does not fit into one item. (Windows: 2,560 bytes.)
    #[error("the value is longer than the {max} bytes this system's keychain takes")]
    TooLong {
        /// Most bytes the system takes.
        max: u32,
    },
    /// The keychain has several items of that name and cannot say which is meant. Delete the extra ones in the
    /// system's password program.
    #[error("the keychain has {count} items for {item}; delete the wrong ones and try again")]
    Ambiguous {
        /// Which item.
        item: String,
        /// How many there are.
        count: usize,
    },
    /// The keychain has the item, but it does not hold what Paydesk put there. Enter the key again.
    #[error("the keychain's item {item} does not hold what was stored there; enter it again")]
    Damaged {
        /// Which item.
        item: String,
    },
    /// The system failed in a way that has no name of its own here.
    #[error("the keychain failed ({system}: {detail}); nothing can be said of the key. Try again")]
    Platform {
        /// `secret-service`, `macos`, `windows` or `keyring`.
        system: &'static str,
        /// The system's own number for it, where it has one.
        number: Option<i64>,
        /// The system's words.
        detail: String,
    },
}

impl KeychainError {
    /// A stable word for it, for `--json` and the translations.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoService { .. } => "keychain_no_service",
            Self::NoCollection => "keychain_no_collection",
            Self::Locked => "keychain_locked",
            Self::Denied { .. } => "keychain_denied",
            Self::PromptNeeded { .. } => "keychain_prompt_needed",
            Self::ItemGone { .. } => "keychain_item_gone",
            Self::TooLong { .. } => "keychain_too_long",
            Self::Ambiguous { .. } => "keychain_ambiguous",
            Self::Damaged { .. } => "keychain_damaged",
            Self::Platform { .. } => "keychain_platform",
        }
    }
}

/// What is wrong with a key as it was given. It names the place, never the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyShapeError {
    /// Nothing was given.
    #[error("the key is empty")]
    Empty,
    /// A byte order mark, as some editors put in front of a file.
    #[error("the key begins with a byte order mark; save the file without it")]
    ByteOrderMark,
    /// A space, tab or end of line, at this byte. Usually the last line's end.
    #[error("the key has a space or line end at byte {at}; copy the key alone")]
    Whitespace {
        /// Byte offset.
        at: usize,
    },
    /// Something that is not printable ASCII, at this byte: a full-width letter, a hidden character.
    #[error("the key has a character at byte {at} that is not a plain letter, digit or sign")]
    Character {
        /// Byte offset.
        at: usize,
    },
    /// Not as long as a key of this kind is.
    #[error("a key of this kind has {} characters, this has {len}", count(*min, *max))]
    Length {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
        /// Characters given.
        len: usize,
    },
}

/// `32`, or `16 to 64`.
fn count(min: usize, max: usize) -> String {
    if min == max { format!("exactly {min}") } else { format!("{min} to {max}") }
}

impl KeyShapeError {
    /// A stable word for it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "key_empty",
            Self::ByteOrderMark => "key_byte_order_mark",
            Self::Whitespace { .. } => "key_whitespace",
            Self::Character { .. } => "key_character",
            Self::Length { .. } => "key_length",
        }
    }
}

/// Why a file is not a certificate that a refund can be made with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The .p12 does not open with this password. WeChat Pay's files take the merchant number (mch_id).
    #[error("the password does not open this certificate file; WeChat Pay's takes the merchant number")]
    WrongPassword,
    /// The .p12 needs a password and none was given.
    #[error("this certificate file needs a password; WeChat Pay's takes the merchant number")]
    PasswordNeeded,
    /// Neither PKCS #12 nor PEM, or cut off, or with no certificate in it.
    #[error("this is no certificate: {detail}")]
    NotACertificate {
        /// What was found instead.
        detail: NoCertificate,
    },
    /// A certificate without its private key. From WeChat Pay's archive take `apiclient_cert.p12`, or
    /// `apiclient_cert.pem` together with `apiclient_key.pem`.
    #[error(
        "the private key is missing; give apiclient_cert.p12, or apiclient_cert.pem together with apiclient_key.pem"
    )]
    NoPrivateKey,
    /// The private key is itself under a password, which WeChat Pay's never is.
    #[error("the private key is encrypted; give apiclient_cert.p12, or the key without a password")]
    EncryptedKey,
    /// A private key that is neither RSA nor an elliptic curve with its public half beside it.
    #[error("the private key is of a kind that cannot be used; WeChat Pay's are RSA")]
    UnsupportedKey,
    /// The key belongs to another certificate: files of two merchants, or of two renewals, were mixed.
    #[error("the private key belongs to another certificate; take both from the same download")]
    KeyDoesNotMatchCertificate,
    /// X.509 version 1, which TLS clients refuse today. WeChat Pay's are version 3.
    #[error("this is an X.509 version 1 certificate, which cannot be used for TLS; download it again")]
    Version1,
    /// More than 1 MiB, which no certificate is.
    #[error("the file is too large for a certificate ({len} bytes)")]
    TooLarge {
        /// Bytes given.
        len: usize,
    },
}

impl CertificateError {
    /// A stable word for it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongPassword => "certificate_wrong_password",
            Self::PasswordNeeded => "certificate_password_needed",
            Self::NotACertificate { .. } => "certificate_not_a_certificate",
            Self::NoPrivateKey => "certificate_no_private_key",
            Self::EncryptedKey => "certificate_encrypted_key",
            Self::UnsupportedKey => "certificate_unsupported_key",
            Self::KeyDoesNotMatchCertificate => "certificate_key_mismatch",
            Self::Version1 => "certificate_version_1",
            Self::TooLarge { .. } => "certificate_too_large",
        }
    }
}

/// What a file is that holds no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCertificate {
    /// Another kind of file.
    OtherFile,
    /// A PEM section without its end.
    PemCutOff,
    /// A PEM section that is not base64.
    PemNotBase64,
    /// A .p12 under a cipher that is not known here.
    Cipher,
    /// A .p12 that ends early or was changed.
    P12Damaged,
    /// An X.509 certificate that cannot be read.
    X509Unreadable,
    /// Bytes after the certificate's end.
    Behind,
    /// A sound file without a certificate.
    Absent,
}

impl NoCertificate {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::OtherFile,
        Self::PemCutOff,
        Self::PemNotBase64,
        Self::Cipher,
        Self::P12Damaged,
        Self::X509Unreadable,
        Self::Behind,
        Self::Absent,
    ];

    /// A stable word for it, snake_case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OtherFile => "other_file",
            Self::PemCutOff => "pem_cut_off",
            Self::PemNotBase64 => "pem_not_base64",
            Self::Cipher => "cipher",
            Self::P12Damaged => "p12_damaged",
            Self::X509Unreadable => "x509_unreadable",
            Self::Behind => "behind",
            Self::Absent => "absent",
        }
    }
}

impl std::fmt::Display for NoCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::OtherFile => "the file is neither PKCS #12 nor PEM",
            Self::PemCutOff => "a PEM section that is cut off",
            Self::PemNotBase64 => "a PEM section that is not base64",
            Self::Cipher => "a PKCS #12 file under a cipher that is not known",
            Self::P12Damaged => "a PKCS #12 file that is cut off or damaged",
            Self::X509Unreadable => "an X.509 certificate that cannot be read",
            Self::Behind => "a certificate with something behind it",
            Self::Absent => "there is no certificate in it",
        })
    }
}

/// Why the vault did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The OS keychain.
    #[error(transparent)]
    Keychain(#[from] KeychainError),
    /// The key as given.
    #[error(transparent)]
    KeyShape(#[from] KeyShapeError),
    /// The certificate as given.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The keychain took a value and gave back another. It cannot be trusted with keys.
    #[error("the keychain gave back another value than it was given; it was not used for anything")]
    ProbeMismatch,
    /// A merchant's or item's name that is empty, over 80 bytes or has a control character.
    #[error("the name must have 1 to 80 bytes and no control character")]
    Name,
    /// A former key cannot be set: it becomes one when the API v2 key is replaced.
    #[error("a former key is not set; it becomes one when the API v2 key is replaced")]
    NotSettable,
    /// No key of this kind was ever stored for the merchant. Store it (`merchant set-key`).
    #[error("no {} key is stored for this merchant; store it first", kind.as_str())]
    NoKey {
        /// The kind asked for.
        kind: crate::KeyKind,
    },
    /// No certificate was ever imported for the merchant. Import it (`merchant import-cert`).
    #[error("no certificate is stored for this merchant; import it first")]
    NoCertificate,
    /// The sealed certificate was changed or cut off since it was written. Import the certificate again.
    #[error("the sealed certificate was changed or damaged on disk; import it again")]
    SealedDamaged,
    /// The sealed certificate was sealed under another key than the keychain holds: a restored or copied
    /// directory, or a reset keychain. Import the certificate again.
    #[error("the sealed certificate belongs to another keychain; import it again")]
    SealedByAnotherKey,
    /// The keychain no longer has the key that the certificates are sealed under. Import them again.
    #[error("the keychain no longer has the key that seals the certificates; import them again")]
    SealingKeyGone,
    /// Written by a newer Paydesk. Nothing was changed; use that version.
    #[error("{} was written by a newer Paydesk; nothing was changed, use that version", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// `vault.json` cannot be read as what Paydesk writes. It is left as it is; the keys are still in the
    /// keychain. Restore the file from a backup, or move it away and enter the keys again.
    #[error(
        "{} is damaged; nothing was changed. Restore it from a backup, or move it away and enter the keys again",
        path.display()
    )]
    MetadataDamaged {
        /// The file.
        path: PathBuf,
    },
    /// A file or directory could not be read or written.
    #[error("{} could not be {action}: {source}", path.display())]
    Storage {
        /// The file or directory.
        path: PathBuf,
        /// `read`, `written`, `locked` or `removed`.
        action: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
}

impl VaultError {
    /// A stable word for it, for `--json` and the translations.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Keychain(error) => error.code(),
            Self::KeyShape(error) => error.code(),
            Self::Certificate(error) => error.code(),
            Self::ProbeMismatch => "vault_probe_mismatch",
            Self::Name => "vault_name",
            Self::NotSettable => "vault_not_settable",
            Self::NoKey { .. } => "vault_no_key",
            Self::NoCertificate => "vault_no_certificate",
            Self::SealedDamaged => "vault_sealed_damaged",
            Self::SealedByAnotherKey => "vault_sealed_by_another_key",
            Self::SealingKeyGone => "vault_sealing_key_gone",
            Self::Newer { .. } => "vault_newer",
            Self::MetadataDamaged { .. } => "vault_metadata_damaged",
            Self::Storage { .. } => "vault_storage",
        }
    }
}

/// Where a certificate's life stands at one moment. See [`Certificate::validity`](crate::CertificateInfo::validity).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Good for thirty days or more.
    Valid {
        /// Whole days left.
        days_left: i64,
    },
    /// Good, but for less than thirty days: renew it on the merchant platform.
    ExpiresSoon {
        /// Whole days left; 0 on the last day.
        days_left: i64,
    },
    /// Over. WeChat Pay refuses refunds made with it.
    Expired {
        /// When it ended.
        since: Timestamp,
    },
    /// Not begun; usually this computer's clock is wrong.
    NotYet {
        /// When it begins.
        from: Timestamp,
    },
}

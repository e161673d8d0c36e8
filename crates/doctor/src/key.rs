//! The keys at hand.

use domain::Secret;
use std::fmt;
use wxpay::ApiKey;

/// What a key is for. All but the first three sign nothing here, and are the first suspects where a signature
/// is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyKind {
    /// API v2 (API密钥).
    ApiV2,
    /// API v2 in the official sandbox.
    Sandbox,
    /// Given by hand for this one question.
    Given,
    /// A key of API v2 that another has replaced.
    Former,
    /// APIv3 (APIv3密钥): 32 bytes too.
    ApiV3,
    /// The AppSecret of a mini program or public account: 32 hex digits.
    AppSecret,
}

impl KeyKind {
    /// The stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiV2 => "api_v2",
            Self::Sandbox => "sandbox",
            Self::Given => "given",
            Self::Former => "former",
            Self::ApiV3 => "api_v3",
            Self::AppSecret => "app_secret",
        }
    }
}

/// A key, and whose it is.
#[derive(Clone)]
pub struct Key {
    /// The merchant's name; empty for a key given by hand.
    pub merchant: String,
    /// What it is for.
    pub kind: KeyKind,
    /// Whether it is one that should have signed, as the current key of the merchant that the document names.
    pub rightful: bool,
    key: ApiKey,
}

impl Key {
    /// A key at hand.
    #[must_use]
    pub fn new(merchant: impl Into<String>, kind: KeyKind, rightful: bool, key: Secret<String>) -> Self {
        Self { merchant: merchant.into(), kind, rightful, key: ApiKey::new(key) }
    }

    pub(crate) fn text(&self) -> &str {
        self.key.expose()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({} · {})", self.merchant, self.kind.as_str())
    }
}

use crate::KeyShapeError;
use domain::{Secret, Timestamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// The API v2 key (API密钥): 32 characters. It signs every request and notice.
    ApiV2,
    /// The APIv3 key: 32 characters. Paydesk only needs it to read what v3 encrypted.
    ApiV3,
    /// The AppSecret of the official account or mini program: 32 characters as WeChat issues it.
    AppSecret,
    /// The sandbox's signing key, as `getsignkey` answers it: 32 characters.
    Sandbox,
    /// An API v2 key that was replaced, kept because notices and bills from before are signed with it.
    Former,
}

impl KeyKind {
    /// All five, in the order they are shown.
    pub const ALL: [Self; 5] = [Self::ApiV2, Self::ApiV3, Self::AppSecret, Self::Sandbox, Self::Former];

    /// The word for it in files and on the wire: `api_v2`, `api_v3`, `app_secret`, `sandbox` or `former`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiV2 => "api_v2",
            Self::ApiV3 => "api_v3",
            Self::AppSecret => "app_secret",
            Self::Sandbox => "sandbox",
            Self::Former => "former",
        }
    }

    /// Whether `key` looks like a key of this kind. Nothing is trimmed: a key with a line end is not the key,
    /// and the caller decides whether to cut it off and say so.
    ///
    /// API v2, APIv3 and sandbox keys have exactly 32 characters; an AppSecret 16 to 128, as WeChat fixes no
    /// length. All are printable ASCII without spaces.
    ///
    /// # Errors
    /// [`KeyShapeError`] with the first thing that is wrong.
    pub fn check(self, key: &Secret<String>) -> Result<(), KeyShapeError> {
        let text = key.expose();
        if text.is_empty() {
            return Err(KeyShapeError::Empty);
        }
        if text.starts_with('\u{feff}') {
            return Err(KeyShapeError::ByteOrderMark);
        }
        if let Some((at, _)) = text.char_indices().find(|(_, c)| c.is_whitespace()) {
            return Err(KeyShapeError::Whitespace { at });
        }
        if let Some((at, _)) = text.char_indices().find(|(_, c)| !c.is_ascii_graphic()) {
            return Err(KeyShapeError::Character { at });
        }
        let (min, max) = if self == Self::AppSecret { (16, 128) } else { (32, 32) };
        if (min..=max).contains(&text.len()) {
            Ok(())
        } else {
            Err(KeyShapeError::Length { min, max, len: text.len() })
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for KeyKind {
    type Err = domain::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(domain::IdError::Shape {
            kind: "key kind",
            expected: "is api_v2, api_v3, app_secret, sandbox or former",
        })
    }
}

/// What may be shown of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// What it is for.
    pub kind: KeyKind,
    /// Four characters that tell one key from another, the same whenever the same key is stored in this vault.
    pub fingerprint: String,
    /// When it was stored.
    pub added_at: Timestamp,
    /// When it was replaced; only former keys were.
    pub retired_at: Option<Timestamp>,
}

/// The letters of a fingerprint: without those that are read for one another.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Four characters for `key`: 20 bits of HMAC-SHA256 under `fingerprint_key`, a random key of this vault that
/// only the keychain holds.
///
/// A plain or salted hash would let whoever sees a list, a screenshot or `vault.json` try guessed keys
/// against it at a billion a second. Under a key they do not have, a fingerprint tells them nothing; whoever
/// can read that key from the keychain can read the merchant's keys there too.
pub(crate) fn fingerprint(fingerprint_key: &Secret<Vec<u8>>, key: &Secret<String>) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(fingerprint_key.expose())
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    mac.update(b"paydesk key fingerprint 1\0");
    mac.update(key.expose().as_bytes());
    let digest = mac.finalize().into_bytes();
    digest.iter().take(4).map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// A name for a random key of 256 bits, to tell it from another. Of such a key a hash gives nothing away.
pub(crate) fn key_id(key: &Secret<Vec<u8>>) -> String {
    let mut hash = Sha256::new();
    hash.update(b"paydesk key id 1\0");
    hash.update(key.expose());
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn shapes() {
        use KeyKind::*;
        let good = "0123456789abcdef0123456789ABCDEF";
        for (kind, text, expected) in [
            (ApiV2, good.to_owned(), Ok(())),
            (ApiV3, good.to_owned(), Ok(())),
            (AppSecret, good.to_owned(), Ok(())),
            (AppSecret, good[..16].to_owned(), Ok(())),
            (ApiV2, String::new(), Err(KeyShapeError::Empty)),
            (ApiV2, good[..31].to_owned(), Err(KeyShapeError::Length { min: 32, max: 32, len: 31 })),
            (Sandbox, format!("{good}0"), Err(KeyShapeError::Length { min: 32, max: 32, len: 33 })),
            (AppSecret, good[..15].to_owned(), Err(KeyShapeError::Length { min: 16, max: 128, len: 15 })),
            (ApiV2, format!("{good}\n"), Err(KeyShapeError::Whitespace { at: 32 })),
            (ApiV2, format!(" {}", &good[1..]), Err(KeyShapeError::Whitespace { at: 0 })),
            (ApiV2, format!("{}\u{3000}", &good[..31]), Err(KeyShapeError::Whitespace { at: 31 })),
            (ApiV2, format!("\u{feff}{good}"), Err(KeyShapeError::ByteOrderMark)),
            (ApiV2, format!("{}\u{200b}", &good[..31]), Err(KeyShapeError::Character { at: 31 })),
            (ApiV3, format!("０{}", &good[1..]), Err(KeyShapeError::Character { at: 0 })),
            (ApiV3, format!("\0{}", &good[1..]), Err(KeyShapeError::Character { at: 0 })),
        ] {
            assert_eq!(kind.check(&secret(&text)), expected, "{kind} {text:?}");
        }
    }

    #[test]
    fn a_fingerprint_depends_on_the_key_and_on_the_vault() {
        let (one, two) = (Secret::new(vec![1; 32]), Secret::new(vec![2; 32]));
        let key = secret("0123456789abcdef0123456789ABCDEF");
        assert_eq!(fingerprint(&one, &key), fingerprint(&one, &key));
        assert_ne!(fingerprint(&one, &key), fingerprint(&two, &key));
        assert_ne!(fingerprint(&one, &key), fingerprint(&one, &secret("0123456789abcdef0123456789ABCDEG")));
        assert!(fingerprint(&one, &key).bytes().all(|letter| ALPHABET.contains(&letter)));
        assert_eq!(fingerprint(&one, &key).len(), 4);
    }

    #[test]
    fn words_are_read_back() {
        for kind in KeyKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
    }
}

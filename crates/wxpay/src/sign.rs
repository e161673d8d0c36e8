//! Signing and verifying: `k=v` of the fields in byte order joined with `&`, then `&key=` and the key.

use crate::Fields;
use domain::Secret;
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// How a document is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignType {
    /// 32 hex digits. What WeChat Pay assumes where a request has no `sign_type`.
    Md5,
    /// 64 hex digits; the key is both appended and the HMAC key.
    HmacSha256,
}

impl SignType {
    /// The word for it on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::HmacSha256 => "HMAC-SHA256",
        }
    }

    /// Reads the word for it on the wire, exactly as written there.
    #[must_use]
    pub fn from_wire(text: &str) -> Option<Self> {
        [Self::Md5, Self::HmacSha256].into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for SignType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The secret a merchant shares with WeChat Pay (API密钥). In life it has exactly 32 bytes; published test
/// vectors use others, so other lengths are taken and [`is_well_formed`](Self::is_well_formed) tells.
#[derive(Clone)]
pub struct ApiKey(Secret<String>);

impl ApiKey {
    /// Takes the key in.
    #[must_use]
    pub const fn new(key: Secret<String>) -> Self {
        Self(key)
    }

    /// Whether it has 32 bytes of printable ASCII, as WeChat Pay asks.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        self.0.expose().len() == 32 && self.0.expose().bytes().all(|byte| byte.is_ascii_graphic())
    }

    /// The key's text, for the moment of use.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The AES-256 key of refund notices: the lower-case hex of the key's MD5, as 32 ASCII bytes.
    #[must_use]
    pub fn refund_notice_key(&self) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        hex_into(&Md5::digest(self.expose().as_bytes()), b"0123456789abcdef", &mut *key);
        key
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey([secret])")
    }
}

/// The digest of a document.
#[derive(Clone, Copy)]
pub struct Signature {
    kind: SignType,
    /// The first 16 bytes for MD5, all for HMAC-SHA256.
    bytes: [u8; 32],
}

impl Signature {
    /// Reads 32 or 64 hex digits in either case. `None` if it is anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let kind = match text.len() {
            32 => SignType::Md5,
            64 => SignType::HmacSha256,
            _ => return None,
        };
        let mut bytes = [0; 32];
        let mut wrong = 0;
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let (high, low) = (HEX_DIGIT[usize::from(pair[0])], HEX_DIGIT[usize::from(pair[1])]);
            *byte = high << 4 | low;
            wrong |= high | low;
        }
        (wrong < 16).then_some(Self { kind, bytes })
    }

    /// Which digest it is.
    #[must_use]
    pub const fn kind(&self) -> SignType {
        self.kind
    }

    fn digest(&self) -> &[u8] {
        match self.kind {
            SignType::Md5 => &self.bytes[..16],
            SignType::HmacSha256 => &self.bytes,
        }
    }
}

/// Compares the digests' bytes in constant time.
impl PartialEq for Signature {
    fn eq(&self, other: &Self) -> bool {
        // What is beyond a digest of MD5 is zero on both sides. As two numbers, because comparing byte by byte in
        // constant time takes as long as a twentieth of the digest.
        let halves = |bytes: &[u8; 32]| {
            let (low, high) = bytes.split_at(16);
            [low, high].map(|half| u128::from_le_bytes(half.try_into().unwrap_or_default()))
        };
        let ([low, high], [other_low, other_high]) = (halves(&self.bytes), halves(&other.bytes));
        self.kind == other.kind && bool::from(low.ct_eq(&other_low) & high.ct_eq(&other_high))
    }
}

impl Eq for Signature {}

/// Upper-case hex, as it goes over the wire.
impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut hex = [0; 64];
        let digest = self.digest();
        hex_into(digest, b"0123456789ABCDEF", &mut hex);
        f.pad(std::str::from_utf8(&hex[..digest.len() * 2]).unwrap_or_default())
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({self})")
    }
}

/// The value of each byte that is a hex digit; 255 for all others. A table, because the digits of a digest are
/// as random as nothing else, and every branch on one is a guess.
const HEX_DIGIT: [u8; 256] = {
    let mut digits = [255; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value as usize] as usize] = value;
        digits[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    digits
};

fn hex_into(digest: &[u8], alphabet: &[u8; 16], out: &mut [u8]) {
    for (byte, pair) in digest.iter().zip(out.chunks_exact_mut(2)) {
        pair[0] = alphabet[usize::from(byte >> 4)];
        pair[1] = alphabet[usize::from(byte & 15)];
    }
}

/// Whether a field belongs to the string to sign: all do but empty ones and `sign` itself.
#[must_use]
pub fn is_signed(name: &str, value: &str) -> bool {
    !value.is_empty() && name != "sign"
}

/// Writes the string to sign into `out` from its beginning, up to where the key belongs, and gives its length.
/// `None` if `out` is too short.
fn write_string(fields: &Fields<'_>, out: &mut [u8]) -> Option<usize> {
    let size = out.len();
    let mut rest = out;
    for (name, value) in fields.sorted() {
        if is_signed(name, value) {
            let (field, after) = rest.split_at_mut_checked(name.len() + value.len() + 2)?;
            let (before, field) = field.split_at_mut(name.len());
            copy(before, name.as_bytes());
            let [equals, inside @ .., and] = field else { return None };
            *equals = b'=';
            copy(inside, value.as_bytes());
            *and = b'&';
            rest = after;
        }
    }
    rest.get_mut(..KEY.len())?.copy_from_slice(KEY);
    Some(size - rest.len() + KEY.len())
}

/// Copies `from`, which is as long as `to`. Most names and values are so short that a call that finds out how to
/// copy takes longer than copying.
#[inline]
fn copy(to: &mut [u8], from: &[u8]) {
    /// The first and the last `N`, which overlap where there are fewer than twice as many.
    #[inline]
    fn ends<const N: usize>(to: &mut [u8], from: &[u8]) -> Option<()> {
        let (first, last) = (*from.first_chunk::<N>()?, *from.last_chunk::<N>()?);
        *to.first_chunk_mut::<N>()? = first;
        *to.last_chunk_mut::<N>()? = last;
        Some(())
    }
    match from.len() {
        16..=32 => ends::<16>(to, from),
        8..16 => ends::<8>(to, from),
        4..8 => ends::<4>(to, from),
        2..4 => ends::<2>(to, from),
        _ => None,
    }
    .unwrap_or_else(|| to.copy_from_slice(from));
}

/// What the key follows in the string to sign.
const KEY: &[u8] = b"key=";

/// Calls `with` with the string to sign up to where the key belongs.
fn with_string<T>(fields: &Fields<'_>, with: impl FnOnce(&[u8]) -> T) -> T {
    // Room for nearly every document where no memory has to be asked for.
    let mut near = [0; 1024];
    if let Some(len) = write_string(fields, &mut near) {
        return with(&near[..len]);
    }
    let len = fields.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>() + KEY.len();
    let mut far = vec![0; len];
    let len = write_string(fields, &mut far).unwrap_or_else(|| unreachable!("it was measured"));
    with(&far[..len])
}

/// The string to sign as it may be shown: `a=1&b=2&key=***`, the key masked.
#[must_use]
pub fn masked_string(fields: &Fields<'_>) -> String {
    with_string(fields, |string| {
        let mut masked = Vec::with_capacity(string.len() + 3);
        masked.extend_from_slice(string);
        masked.extend_from_slice(b"***");
        // It is made of texts.
        String::from_utf8(masked)
            .unwrap_or_else(|other| String::from_utf8_lossy(other.as_bytes()).into_owned())
    })
}

/// Signs the fields: every one that is not empty and not `sign`, raw values, in byte order.
#[must_use]
pub fn sign(fields: &Fields<'_>, key: &ApiKey, kind: SignType) -> Signature {
    let key = key.expose().as_bytes();
    // The key is given to the digest apart from the rest, so that it is never copied into a string.
    with_string(fields, |string| {
        let mut bytes = [0; 32];
        match kind {
            SignType::Md5 => {
                let mut digest = Md5::new_with_prefix(string);
                digest.update(key);
                bytes[..16].copy_from_slice(&digest.finalize());
            }
            SignType::HmacSha256 => {
                let mut mac = Hmac::<Sha256>::new_from_slice(key)
                    .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
                mac.update(string);
                mac.update(key);
                bytes.copy_from_slice(&mac.finalize().into_bytes());
            }
        }
        Signature { kind, bytes }
    })
}

/// Which digest a document must carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// This one. Another is a downgrade (or a mix-up) and is refused even if it matches.
    Exactly(SignType),
    /// Whichever its length says. For looking at documents whose merchant is not known.
    ByLength,
}

/// Why a document's signature was not accepted. Nothing in such a document may be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// There is no `sign`, or it is empty.
    #[error("the document is not signed")]
    Unsigned,
    /// `sign` is not 32 or 64 hex digits.
    #[error("sign is not 32 or 64 hex digits")]
    NotADigest,
    /// `sign` is of another kind than this merchant uses.
    #[error("the document is signed with {presented}, but this merchant uses {expected}")]
    OtherKind {
        /// What the merchant uses.
        expected: SignType,
        /// What the document carries.
        presented: SignType,
    },
    /// The digest differs: another key, or the document was changed.
    #[error("the signature does not match")]
    Mismatch {
        /// What the document carries.
        presented: Signature,
        /// What this key gives for these fields.
        expected: Signature,
    },
}

/// Verifies the document's `sign` over every other field, known or not. Gives the digest's kind.
///
/// # Errors
/// [`VerifyError`]; then nothing in the document may be believed.
pub fn verify(fields: &Fields<'_>, key: &ApiKey, expect: Expect) -> Result<SignType, VerifyError> {
    let text = fields.text("sign").ok_or(VerifyError::Unsigned)?;
    let presented = Signature::parse(text).ok_or(VerifyError::NotADigest)?;
    if let Expect::Exactly(kind) = expect
        && kind != presented.kind
    {
        return Err(VerifyError::OtherKind { expected: kind, presented: presented.kind });
    }
    let expected = sign(fields, key, presented.kind);
    if presented == expected {
        Ok(presented.kind)
    } else {
        Err(VerifyError::Mismatch { presented, expected })
    }
}

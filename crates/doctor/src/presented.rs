//! The signature as it came: what digests it may be, and what is wrong with how it is written.

use crate::cause::{Cause, Proven};
use crate::document::Kind;
use wxpay::SignType;
use wxpay::replay::{Digest, Sum};

/// A way from a string to the signature that was presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) target: Vec<u8>,
    pub(crate) digest: Digest,
    pub(crate) again: Option<Again>,
    pub(crate) proven: Vec<Proven>,
}

/// From what a second digest was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    Capitals,
    Small,
    Bytes,
}

impl Again {
    const ALL: [Self; 3] = [Self::Capitals, Self::Small, Self::Bytes];

    const fn written(self) -> &'static str {
        match self {
            Self::Capitals => "twice, from capitals",
            Self::Small => "twice, from small letters",
            Self::Bytes => "twice, from bytes",
        }
    }

    /// The second digest.
    pub(crate) fn of(self, sum: &Sum, digest: Digest, hmac_key: &[u8]) -> Sum {
        match self {
            Self::Capitals => digest.of(sum.hex(true).as_bytes(), hmac_key),
            Self::Small => digest.of(sum.hex(false).as_bytes(), hmac_key),
            Self::Bytes => digest.of(sum.bytes(), hmac_key),
        }
    }
}

/// How a digest may be written. Right are capitals, for wx.config small letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writing {
    Capitals,
    Small,
    Mixed,
    HexOfCapitals,
    HexOfSmall,
    Base64OfCapitals,
    Base64OfSmall,
    Base64,
    Base64ForAddresses,
}

impl Writing {
    const ALL: [Self; 9] = [
        Self::Capitals,
        Self::Small,
        Self::Mixed,
        Self::HexOfCapitals,
        Self::HexOfSmall,
        Self::Base64OfCapitals,
        Self::Base64OfSmall,
        Self::Base64,
        Self::Base64ForAddresses,
    ];

    /// What is wrong with it.
    fn proven(self, kind: Kind) -> Option<Proven> {
        let (cause, written) = match self {
            Self::Capitals if kind != Kind::Jssdk => return None,
            Self::Small if kind == Kind::Jssdk => return None,
            Self::Capitals => (Cause::DigestLetterCase, "upper case"),
            Self::Small => (Cause::DigestLetterCase, "lower case"),
            Self::Mixed => (Cause::DigestLetterCase, "mixed case"),
            Self::HexOfCapitals => (Cause::DigestOfDigest, "hex of hex in capitals"),
            Self::HexOfSmall => (Cause::DigestOfDigest, "hex of hex in small letters"),
            Self::Base64OfCapitals => (Cause::DigestOfDigest, "base64 of hex in capitals"),
            Self::Base64OfSmall => (Cause::DigestOfDigest, "base64 of hex in small letters"),
            Self::Base64 => (Cause::DigestOfDigest, "base64"),
            Self::Base64ForAddresses => (Cause::DigestOfDigest, "base64 with - and _"),
        };
        Some(Proven { cause, params: vec![("written", written.to_owned())] })
    }

    /// A digest written so.
    fn write(self, sum: &Sum) -> String {
        let of = |text: &str| Sum::hex_of(text.as_bytes(), true);
        match self {
            Self::Capitals => sum.hex(true),
            Self::Small => sum.hex(false),
            Self::Mixed => {
                let mut first = true;
                let letter = |letter: char| {
                    let small = letter.is_ascii_alphabetic() && std::mem::take(&mut first);
                    if small { letter.to_ascii_lowercase() } else { letter }
                };
                sum.hex(true).chars().map(letter).collect()
            }
            Self::HexOfCapitals => of(&sum.hex(true)),
            Self::HexOfSmall => of(&sum.hex(false)),
            Self::Base64OfCapitals => base64(sum.hex(true).as_bytes(), false),
            Self::Base64OfSmall => base64(sum.hex(false).as_bytes(), false),
            Self::Base64 => base64(sum.bytes(), false),
            Self::Base64ForAddresses => base64(sum.bytes(), true),
        }
    }

    /// In which of the two cases hex is.
    fn of_hex(text: &[u8]) -> Self {
        let small = text.iter().any(u8::is_ascii_lowercase);
        let capital = text.iter().any(u8::is_ascii_uppercase);
        match (small, capital) {
            (true, true) => Self::Mixed,
            (true, false) => Self::Small,
            (false, _) => Self::Capitals,
        }
    }
}

/// The digest that is right for such a document.
pub(crate) const fn right(kind: Kind, asked: SignType) -> Digest {
    match (kind, asked) {
        (Kind::Jssdk, _) => Digest::Sha1,
        (_, SignType::Md5) => Digest::Md5,
        (_, SignType::HmacSha256) => Digest::HmacSha256,
    }
}

/// A digest written as it is right for such a document.
pub(crate) fn written(kind: Kind, sum: &Sum) -> String {
    sum.hex(kind != Kind::Jssdk)
}

/// What is wrong where `digest` was taken; `None` where it cannot have been.
fn wrong(digest: Digest, right: Digest) -> Option<Option<Cause>> {
    Some(Some(match (digest, right) {
        (digest, right) if digest == right => return Some(None),
        (Digest::Sha1, _) => Cause::DigestSha1,
        (Digest::Sha256, _) => Cause::DigestSha256Plain,
        (Digest::Md5, Digest::HmacSha256) => Cause::DigestMd5ForHmac,
        (Digest::HmacSha256, Digest::Md5) => Cause::DigestHmacForMd5,
        // wx.config has SHA-1; nobody was seen to take these there.
        (Digest::Md5 | Digest::HmacSha256, _) => return None,
    }))
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| Some(digit(pair[0])? << 4 | digit(pair[1])?);
    text.len().is_multiple_of(2).then(|| text.chunks_exact(2).map(pair).collect())?
}

/// The longest text that may be a digest: hex of the hex of 32 bytes.
const LONGEST: usize = 128;

/// Every digest that `text` may be, and how it is written then.
fn read(text: &str) -> Vec<(Vec<u8>, Writing)> {
    let mut all = Vec::new();
    if text.len() > LONGEST {
        return all;
    }
    if let Some(bytes) = unhex(text.as_bytes()) {
        if let Some(inner) = unhex(&bytes) {
            let small = Writing::of_hex(&bytes) == Writing::Small;
            all.push((inner, if small { Writing::HexOfSmall } else { Writing::HexOfCapitals }));
        }
        all.push((bytes, Writing::of_hex(text.as_bytes())));
    }
    if let Some(bytes) = unbase64(text) {
        if let Some(inner) = unhex(&bytes) {
            let small = Writing::of_hex(&bytes) == Writing::Small;
            all.push((inner, if small { Writing::Base64OfSmall } else { Writing::Base64OfCapitals }));
        }
        let addresses = text.contains(['-', '_']);
        all.push((bytes, if addresses { Writing::Base64ForAddresses } else { Writing::Base64 }));
    }
    all
}

/// All ways to what was presented; none if it can be no digest.
pub(crate) fn ways(text: &str, kind: Kind, asked: SignType) -> Vec<Way> {
    let right = right(kind, asked);
    let mut ways = Vec::new();
    for (target, writing) in read(text) {
        for digest in [Digest::Md5, Digest::HmacSha256, Digest::Sha1, Digest::Sha256] {
            let Some(cause) = wrong(digest, right).filter(|_| digest.bytes() == target.len()) else {
                continue;
            };
            let mut proven: Vec<Proven> =
                cause.into_iter().map(|cause| Proven { cause, params: Vec::new() }).collect();
            proven.extend(writing.proven(kind));
            ways.push(Way { target: target.clone(), digest, again: None, proven: proven.clone() });
            for again in Again::ALL {
                let mut proven = proven.clone();
                let params = vec![("written", again.written().to_owned())];
                proven.push(Proven { cause: Cause::DigestOfDigest, params });
                ways.push(Way { target: target.clone(), digest, again: Some(again), proven });
            }
        }
    }
    ways
}

/// The way with exactly these mistakes among `proven`, for a replay; `None` if there is none.
pub(crate) fn taken(proven: &[Proven], kind: Kind, asked: SignType) -> Option<Taken> {
    let right = right(kind, asked);
    let has = |wanted: &Proven| proven.contains(wanted);
    let digest = [Digest::Md5, Digest::HmacSha256, Digest::Sha1, Digest::Sha256].into_iter().find(|digest| {
        wrong(*digest, right).flatten().is_some_and(|cause| proven.iter().any(|proven| proven.cause == cause))
    });
    let again = Again::ALL.into_iter().find(|again| {
        has(&Proven { cause: Cause::DigestOfDigest, params: vec![("written", again.written().to_owned())] })
    });
    let writing =
        Writing::ALL.into_iter().find(|writing| writing.proven(kind).is_some_and(|wrong| has(&wrong)));
    let rightly = if kind == Kind::Jssdk { Writing::Small } else { Writing::Capitals };
    let of_digest = |cause: Cause| {
        matches!(
            cause,
            Cause::DigestLetterCase
                | Cause::DigestOfDigest
                | Cause::DigestSha1
                | Cause::DigestSha256Plain
                | Cause::DigestMd5ForHmac
                | Cause::DigestHmacForMd5
        )
    };
    let made = proven.iter().filter(|proven| of_digest(proven.cause)).count();
    let found =
        [digest.is_some(), again.is_some(), writing.is_some()].into_iter().filter(|found| *found).count();
    (made == found).then_some(Taken {
        digest: digest.unwrap_or(right),
        again,
        writing: writing.unwrap_or(rightly),
        mistakes: made,
    })
}

/// What was done with a string to get a signature.
pub(crate) struct Taken {
    pub(crate) digest: Digest,
    again: Option<Again>,
    writing: Writing,
    /// How many mistakes it has.
    pub(crate) mistakes: usize,
}

impl Taken {
    /// Does it.
    pub(crate) fn finish(&self, sum: Sum, hmac_key: &[u8]) -> String {
        let sum = self.again.map_or(sum, |again| again.of(&sum, self.digest, hmac_key));
        self.writing.write(&sum)
    }
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xFF) as u8);
        }
    }
    Some(bytes)
}

fn base64(bytes: &[u8], addresses: bool) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for at in 0..4 {
            let letter = char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]);
            text.push(match letter {
                _ if at > group.len() => '=',
                '+' if addresses => '-',
                '/' if addresses => '_',
                letter => letter,
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_as_in_rfc_4648() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes(), false), coded);
            assert_eq!(unbase64(coded).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(base64(b"\xFB\xFF", true), "-_8=");
        assert_eq!(unbase64("a b"), None);
    }

    #[test]
    fn every_writing_is_read_back_as_itself() {
        let sum = Digest::Md5.of(b"a", b"");
        for writing in Writing::ALL {
            let text = writing.write(&sum);
            let expected = (sum.bytes().to_vec(), writing);
            let ambiguous = writing == Writing::Base64ForAddresses && !text.contains(['-', '_']);
            assert!(ambiguous || read(&text).contains(&expected), "{writing:?} {text}");
        }
    }

    #[test]
    fn what_is_no_digest_has_no_way() {
        for text in ["", "0", "SIGN", "小", "9A0A8659F005D6984697E2CA0A9CF3B", &"A".repeat(1 << 20)] {
            assert!(ways(text, Kind::Plain, SignType::Md5).is_empty(), "{}", text.len());
        }
    }
}

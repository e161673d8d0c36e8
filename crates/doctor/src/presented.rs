//! The signature as it came, and what digests it may be.

use crate::cause::{Cause, Proven};

/// A digest that the text may stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) bytes: Vec<u8>,
    /// What is wrong with how it is written.
    pub(crate) proven: Vec<Proven>,
}

fn proven(cause: Cause, written: &str) -> Proven {
    Proven { cause, params: vec![("written", written.to_owned())] }
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| Some(digit(pair[0])? << 4 | digit(pair[1])?);
    (text.len() % 2 == 0).then(|| text.chunks_exact(2).map(pair).collect())?
}

fn is_length(bytes: &[u8]) -> bool {
    matches!(bytes.len(), 16 | 20 | 32)
}

/// Every digest that `text` may stand for; none if it can be none.
pub(crate) fn targets(text: &str) -> Vec<Target> {
    let mut targets = Vec::new();
    if let Some(bytes) = unhex(text.as_bytes()) {
        let small = text.bytes().any(|byte| byte.is_ascii_lowercase());
        let capital = text.bytes().any(|byte| byte.is_ascii_uppercase());
        let case = match (small, capital) {
            (true, true) => vec![proven(Cause::DigestLetterCase, "mixed case")],
            (true, false) => vec![proven(Cause::DigestLetterCase, "lower case")],
            _ => Vec::new(),
        };
        // Hex of hex: its bytes are digits themselves.
        if let Some(inner) = unhex(&bytes).filter(|inner| is_length(inner)) {
            targets.push(Target { bytes: inner, proven: vec![proven(Cause::DigestOfDigest, "hex of hex")] });
        }
        if is_length(&bytes) {
            targets.push(Target { bytes, proven: case });
        }
    }
    if let Some(bytes) = unbase64(text) {
        if let Some(inner) = unhex(&bytes).filter(|inner| is_length(inner)) {
            targets.push(Target { bytes: inner, proven: vec![proven(Cause::DigestOfDigest, "base64 of hex")] });
        }
        if is_length(&bytes) {
            targets.push(Target { bytes, proven: vec![proven(Cause::DigestOfDigest, "base64")] });
        }
    }
    targets
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

//! Digests over bytes of any making, for whoever replays the mistakes of others. Nothing in this room signs
//! with them.

mod sha256;

use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha256::{Hmac, Sha256};

/// A digest that somebody may have taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Digest {
    /// 16 bytes.
    Md5,
    /// 20 bytes.
    Sha1,
    /// 32 bytes.
    Sha256,
    /// 32 bytes, with a key of its own.
    HmacSha256,
}

impl Digest {
    /// How many bytes it has.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 | Self::HmacSha256 => 32,
        }
    }

    /// Of `bytes`; `hmac_key` matters to HMAC alone.
    #[must_use]
    pub fn of(self, bytes: &[u8], hmac_key: &[u8]) -> Sum {
        Running::new(self, hmac_key).end(&[bytes])
    }
}

/// A digest's bytes, zeros behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sum {
    bytes: [u8; 32],
    len: usize,
}

impl Sum {
    #[inline]
    fn new(bytes: &[u8]) -> Self {
        let mut sum = Self { bytes: [0; 32], len: bytes.len() };
        sum.bytes[..bytes.len()].copy_from_slice(bytes);
        sum
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Hex, in capitals or not.
    #[must_use]
    pub fn hex(&self, capitals: bool) -> String {
        Self::hex_of(self.bytes(), capitals)
    }

    /// Hex of any bytes, in capitals or not.
    #[must_use]
    pub fn hex_of(bytes: &[u8], capitals: bool) -> String {
        let digits = if capitals { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
        let both = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        both.map(|digit| char::from(digits[usize::from(digit)])).collect()
    }
}

/// A digest that has taken in a part of its text. Copies are cheap, so that many texts that begin alike, as
/// one document does under many keys, are begun once.
#[derive(Clone)]
pub struct Running {
    state: State,
}

#[derive(Clone)]
enum State {
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Hmac(Hmac),
}

impl Running {
    /// Begins; `hmac_key` matters to HMAC alone.
    #[inline]
    #[must_use]
    pub fn new(digest: Digest, hmac_key: &[u8]) -> Self {
        let state = match digest {
            Digest::Md5 => State::Md5(Md5::new()),
            Digest::Sha1 => State::Sha1(Sha1::new()),
            Digest::Sha256 => State::Sha256(Sha256::new()),
            Digest::HmacSha256 => State::Hmac(Hmac::new(hmac_key)),
        };
        Self { state }
    }

    /// Takes in more of the text.
    #[inline]
    pub fn take(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Md5(state) => state.update(bytes),
            State::Sha1(state) => state.update(bytes),
            State::Sha256(state) => state.take(bytes),
            State::Hmac(state) => state.take(bytes),
        }
    }

    /// What it is if the text ends with `rest`, taken piece by piece.
    #[inline]
    #[must_use]
    pub fn end(&self, rest: &[&[u8]]) -> Sum {
        match &self.state {
            State::Md5(state) => Sum::new(&ended(state, rest)),
            State::Sha1(state) => Sum::new(&ended(state, rest)),
            State::Sha256(state) => Sum::new(&state.end(rest)),
            State::Hmac(state) => Sum::new(&state.end(rest)),
        }
    }
}

fn ended<D: md5::Digest + Clone>(begun: &D, rest: &[&[u8]]) -> md5::digest::Output<D> {
    let mut whole = begun.clone();
    rest.iter().for_each(|piece| whole.update(piece));
    whole.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_nothing_are_the_published_ones() {
        for (digest, hex) in [
            (Digest::Md5, "d41d8cd98f00b204e9800998ecf8427e"),
            (Digest::Sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            (Digest::Sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (Digest::HmacSha256, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
        ] {
            let sum = digest.of(b"", b"");
            assert_eq!((sum.hex(false).as_str(), sum.bytes().len()), (hex, digest.bytes()));
        }
    }

    #[test]
    fn where_the_beginning_ends_makes_no_difference() {
        let text = b"appid=wx&body=test&key=SECRET";
        for digest in [Digest::Md5, Digest::Sha1, Digest::Sha256, Digest::HmacSha256] {
            for cut in 0..text.len() {
                let (beginning, rest) = text.split_at(cut);
                let mut running = Running::new(digest, b"k");
                running.take(beginning);
                assert_eq!(running.end(&[rest]), digest.of(text, b"k"));
                // An end ends nothing.
                assert_eq!(running.end(&[rest, b""]), digest.of(text, b"k"));
            }
        }
    }
}

//! SHA-256 block by block, so that a search that ends one beginning a thousand ways copies nothing but eight words.
//! Every block is the library's work.

use sha2::block_api::compress256;

/// SHA-256 takes in so many bytes at a time.
const BLOCK: usize = 64;

/// What it has before the first block: FIPS 180-4, 5.3.3.
const BEGUN: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// So many blocks of an end are taken in at once.
const ROOM: usize = 4;

/// SHA-256 that has taken in a part of its text.
#[derive(Clone)]
pub(super) struct Sha256 {
    state: [u32; 8],
    /// How many bytes are in `state`: whole blocks.
    taken: u64,
    held: [u8; BLOCK],
    /// How many bytes of `held` are the text's: less than a block.
    len: usize,
}

impl Sha256 {
    pub(super) const fn new() -> Self {
        Self { state: BEGUN, taken: 0, held: [0; BLOCK], len: 0 }
    }

    /// That has taken in one block.
    fn after(block: [u8; BLOCK]) -> Self {
        let mut begun = Self::new();
        compress256(&mut begun.state, &[block]);
        begun.taken = BLOCK as u64;
        begun
    }

    /// Takes in more of the text.
    #[inline]
    pub(super) fn take(&mut self, mut bytes: &[u8]) {
        if self.len > 0 {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - self.len));
            self.held[self.len..self.len + now.len()].copy_from_slice(now);
            self.len += now.len();
            if self.len < BLOCK {
                return;
            }
            compress256(&mut self.state, &[self.held]);
            self.taken += BLOCK as u64;
            bytes = later;
        }
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        compress256(&mut self.state, blocks);
        self.taken += (blocks.len() * BLOCK) as u64;
        self.held[..rest.len()].copy_from_slice(rest);
        self.len = rest.len();
    }

    /// The digest if the text ends with these pieces.
    #[inline]
    pub(super) fn end(&self, rest: &[&[u8]]) -> [u8; 32] {
        let more: usize = rest.iter().map(|piece| piece.len()).sum();
        let mut room = [[0; BLOCK]; ROOM];
        let blocks = (self.len + more + 9).div_ceil(BLOCK);
        if blocks > ROOM {
            let mut whole = self.clone();
            rest.iter().for_each(|piece| whole.take(piece));
            // Less than a block is left now.
            return whole.end(&[]);
        }
        let bytes = room[..blocks].as_flattened_mut();
        let mut at = 0;
        for piece in std::iter::once(&&self.held[..self.len]).chain(rest) {
            bytes[at..at + piece.len()].copy_from_slice(piece);
            at += piece.len();
        }
        bytes[at] = 0x80;
        let bits = (self.taken + at as u64) << 3;
        let end = bytes.len() - 8;
        bytes[end..].copy_from_slice(&bits.to_be_bytes());
        let mut state = self.state;
        compress256(&mut state, &room[..blocks]);
        let mut digest = [0; 32];
        for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
            *bytes = word.to_be_bytes();
        }
        digest
    }
}

/// HMAC-SHA256 that has taken in a part of its text: RFC 2104.
#[derive(Clone)]
pub(super) struct Hmac {
    inner: Sha256,
    /// What the outer digest has after the key.
    outer: [u32; 8],
}

impl Hmac {
    pub(super) fn new(key: &[u8]) -> Self {
        let mut block = [0; BLOCK];
        match block.get_mut(..key.len()) {
            Some(room) => room.copy_from_slice(key),
            None => block[..32].copy_from_slice(&Sha256::new().end(&[key])),
        }
        let with = |pad: u8| Sha256::after(block.map(|byte| byte ^ pad));
        Self { inner: with(0x36), outer: with(0x5c).state }
    }

    /// Takes in more of the text.
    #[inline]
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.inner.take(bytes);
    }

    /// What it is if the text ends with these pieces.
    #[inline]
    pub(super) fn end(&self, rest: &[&[u8]]) -> [u8; 32] {
        let sum = self.inner.end(rest);
        let outer = Sha256 { state: self.outer, taken: BLOCK as u64, held: [0; BLOCK], len: 0 };
        outer.end(&[&sum])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hmac::{KeyInit as _, Mac as _};
    use sha2::Digest as _;

    #[test]
    fn it_is_the_librarys_wherever_it_is_cut() {
        let text: Vec<u8> = (0..=255).cycle().take(600).collect();
        for len in (0..300).chain([511, 512, 513, 600]) {
            for cut in [0, 1, 55, 56, 63, 64, 65, 127, 128, 200] {
                let (before, behind) = text[..len].split_at(cut.min(len));
                let (first, second) = behind.split_at(behind.len() / 3);
                let mut running = Sha256::new();
                running.take(before);
                let sum = running.end(&[first, b"", second]);
                assert_eq!(sum[..], sha2::Sha256::digest(&text[..len])[..], "{len} {cut}");
                let mut running = Hmac::new(&text[..len]);
                running.take(before);
                let mut whole = hmac::Hmac::<sha2::Sha256>::new_from_slice(&text[..len]).unwrap();
                whole.update(&text[..len]);
                let sum = running.end(&[first, second]);
                assert_eq!(sum[..], whole.finalize().into_bytes()[..], "{len} {cut}");
            }
        }
    }
}

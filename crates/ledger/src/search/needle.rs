//! A text looked for in a great many short ones that stand behind each other.
//!
//! Numbers of orders are digits, and no digit is rare: looking for one of them finds a place in every other number.
//! So two bytes of the text are looked for at once, those that are rarest together, sixty-four places at a step;
//! and to go on behind a match costs nothing, where a general search begins anew each time.

use wide::u8x16;

/// Places looked at in one step.
const STEP: usize = 64;

/// How often each byte stands in what is searched, roughly.
pub(super) struct Often([u32; 256]);

impl Often {
    pub(super) const fn new() -> Self {
        Self([0; 256])
    }

    /// Takes in a sample.
    pub(super) fn count(&mut self, sample: &[u8]) {
        for byte in sample {
            self.0[usize::from(*byte)] += 1;
        }
    }
}

/// The bytes that stand in a text.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Bytes([u64; 4]);

impl Bytes {
    pub(super) fn of(text: &[u8]) -> Self {
        let mut bytes = [0; 4];
        for byte in text {
            bytes[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
        Self(bytes)
    }

    fn hold(self, other: Self) -> bool {
        self.0.iter().zip(other.0).all(|(mine, other)| mine & other == other)
    }
}

/// The text that is looked for.
pub(super) struct Needle<'n> {
    text: &'n [u8],
    bytes: Bytes,
    /// Two places in it, the earlier one first: the same where it has only one byte.
    pair: (usize, usize),
}

impl<'n> Needle<'n> {
    /// `None` for an empty text, which is everywhere.
    pub(super) fn new(text: &'n [u8], often: &Often) -> Option<Self> {
        let rarity = |at: &usize| (often.0[usize::from(text[*at])], *at);
        // A byte far from another tells more than its neighbour, but no byte beyond a step is worth loading for.
        let rarest = (0..text.len().min(32)).min_by_key(rarity)?;
        let other = (0..text.len().min(32)).filter(|at| *at != rarest).min_by_key(rarity).unwrap_or(rarest);
        Some(Self { text, bytes: Bytes::of(text), pair: (rarest.min(other), rarest.max(other)) })
    }

    /// The digit that is all of it.
    pub(super) fn digit(&self) -> Option<u8> {
        match self.text {
            [digit @ b'0'..=b'9'] => Some(digit - b'0'),
            _ => None,
        }
    }

    /// Whether it can stand where only these bytes do.
    pub(super) fn can_be_in(&self, bytes: Bytes) -> bool {
        bytes.hold(self.bytes)
    }

    /// Where it first stands from `from` on.
    #[inline]
    pub(super) fn find(&self, hay: &[u8], from: usize) -> Option<usize> {
        let (one, other) = self.pair;
        let (first, second) = (u8x16::splat(self.text[one]), u8x16::splat(self.text[other]));
        let mut at = from;
        let heres = hay.get(from + one..)?;
        let theres = hay.get(from + other..).unwrap_or_default();
        let (heres, _) = heres.as_chunks::<STEP>();
        let (theres, _) = theres.as_chunks::<STEP>();
        for (here, there) in heres.iter().zip(theres) {
            let mut bits = bits(here, first) & bits(there, second);
            while bits != 0 {
                let place = at + bits.trailing_zeros() as usize;
                if hay.get(place..place + self.text.len()) == Some(self.text) {
                    return Some(place);
                }
                bits &= bits - 1;
            }
            at += STEP;
        }
        memchr::memmem::find(hay.get(at..)?, self.text).map(|further| at + further)
    }

    /// Calls `hit` with the index of each text that holds it. The texts stand behind each other in `hay`, each ends
    /// before one of `ends` with a byte that the needle has not.
    pub(super) fn each(&self, hay: &[u8], ends: &[u32], mut hit: impl FnMut(usize)) {
        let (mut from, mut at) = (0, 0);
        while let Some(found) = self.find(hay, from) {
            // Where many match, the next match is in the next text or the one after it.
            let mut near = 0;
            while ends[at] as usize <= found {
                at += 1;
                near += 1;
                if near == 4 {
                    at += ends[at..].partition_point(|end| *end as usize <= found);
                    break;
                }
            }
            hit(at);
            from = ends[at] as usize;
            at += 1;
        }
    }
}

#[inline]
fn bits(chunk: &[u8; STEP], byte: u8x16) -> u64 {
    let (parts, _) = chunk.as_chunks::<16>();
    let mut bits = 0;
    for (at, part) in parts.iter().enumerate() {
        bits |= u64::from(u8x16::new(*part).simd_eq(byte).to_bitmask()) << (16 * at);
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_stands_where_a_plain_search_finds_it(
            texts in prop::collection::vec("[0-3a]{0,40}|[面包 ]{0,8}", 0..60),
            needle in "[0-3a]{1,4}|[面包]{1,2}|[0-3]{20,40}",
            sample in "[0-3a面包]{0,9}",
        ) {
            let (mut hay, mut ends) = (Vec::new(), Vec::new());
            for text in &texts {
                hay.extend_from_slice(text.as_bytes());
                hay.push(super::super::block::END);
                ends.push(u32::try_from(hay.len()).unwrap());
            }
            let mut often = Often::new();
            often.count(sample.as_bytes());
            let sought = Needle::new(needle.as_bytes(), &often).unwrap();
            let mut found = Vec::new();
            sought.each(&hay, &ends, |at| found.push(at));
            let expected: Vec<usize> =
                (0..texts.len()).filter(|at| texts[*at].contains(&needle)).collect();
            prop_assert_eq!(&found, &expected);
            prop_assert!(expected.is_empty() || sought.can_be_in(Bytes::of(&hay)));
            for from in 0..hay.len() {
                let plain = memchr::memmem::find(&hay[from..], needle.as_bytes()).map(|at| from + at);
                prop_assert_eq!(sought.find(&hay, from), plain);
            }
        }
    }

    #[test]
    fn what_cannot_be_there_is_known_before_looking() {
        let digits = Bytes::of(b"0123456789\xff");
        let needle = |text: &'static str| Needle::new(text.as_bytes(), &Often::new()).unwrap();
        assert!(needle("42").can_be_in(digits));
        assert!(!needle("4a").can_be_in(digits));
        assert!(!needle("面").can_be_in(digits));
        assert!(Needle::new(b"", &Often::new()).is_none());
    }
}

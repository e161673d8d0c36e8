//! A text looked for in a great many short ones that stand behind each other.

use memchr::memmem::Finder;

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
    finder: Finder<'n>,
    bytes: Bytes,
}

impl<'n> Needle<'n> {
    /// `None` for an empty text, which is everywhere.
    pub(super) fn new(text: &'n [u8]) -> Option<Self> {
        let needle = Self { text, finder: Finder::new(text), bytes: Bytes::of(text) };
        (!text.is_empty()).then_some(needle)
    }

    /// The digit that is all of it.
    pub(super) fn digit(&self) -> Option<u8> {
        match self.text {
            [digit @ b'0'..=b'9'] => Some(digit - b'0'),
            _ => None,
        }
    }

    /// All of it, if it can stand in a text that is kept upright.
    pub(super) fn upright(&self) -> Option<&'n [u8]> {
        Some(self.text).filter(|text| super::columns::fits(text))
    }

    /// Whether it can stand where only these bytes do.
    pub(super) fn can_be_in(&self, bytes: Bytes) -> bool {
        bytes.hold(self.bytes)
    }

    /// Calls `hit` with the index of each text that holds it. The texts stand behind each other in `hay`, each ends
    /// before one of `ends` with a byte that the needle has not.
    pub(super) fn each(&self, hay: &[u8], ends: &[u32], mut hit: impl FnMut(usize)) {
        // `from` is where the text at `at` begins.
        let (mut from, mut at) = (0, 0);
        let mut inside = None;
        while at < ends.len() {
            // Numbers of one time begin alike: where one holds it, the next one often does at the same place.
            if let Some(place) = inside.map(|inside: usize| from + inside)
                && place < ends[at] as usize
                && hay[place..].starts_with(self.text)
            {
                hit(at);
                from = ends[at] as usize;
                at += 1;
                continue;
            }
            let Some(found) = self.finder.find(&hay[from..]) else { return };
            let found = from + found;
            // Where many match, the next match is in the next text or the one after it.
            let mut near = 0;
            while ends[at] as usize <= found {
                from = ends[at] as usize;
                at += 1;
                near += 1;
                if near == 4 {
                    at += ends[at..].partition_point(|end| *end as usize <= found);
                    from = ends[at - 1] as usize;
                }
            }
            hit(at);
            inside = Some(found - from);
            from = ends[at] as usize;
            at += 1;
        }
    }
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
        ) {
            let (mut hay, mut ends) = (Vec::new(), Vec::new());
            for text in &texts {
                hay.extend_from_slice(text.as_bytes());
                hay.push(super::super::block::END);
                ends.push(u32::try_from(hay.len()).unwrap());
            }
            let sought = Needle::new(needle.as_bytes()).unwrap();
            let mut found = Vec::new();
            sought.each(&hay, &ends, |at| found.push(at));
            let expected: Vec<usize> =
                (0..texts.len()).filter(|at| texts[*at].contains(&needle)).collect();
            prop_assert_eq!(&found, &expected);
            prop_assert!(expected.is_empty() || sought.can_be_in(Bytes::of(&hay)));
        }
    }

    #[test]
    fn what_cannot_be_there_is_known_before_looking() {
        let digits = Bytes::of(b"0123456789\xff");
        let needle = |text: &'static str| Needle::new(text.as_bytes()).unwrap();
        assert!(needle("42").can_be_in(digits));
        assert!(!needle("4a").can_be_in(digits));
        assert!(!needle("面").can_be_in(digits));
        assert!(Needle::new(b"").is_none());
    }
}

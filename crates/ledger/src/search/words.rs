//! Texts that come again and again, kept once: what is sold, tills, customers.

use super::block::END;
use super::needle::Needle;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

/// Some places of a dictionary, a bit each: so that all of them stay near while a million rows are looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hits(Vec<u64>);

impl Hits {
    pub(super) fn has(&self, place: u32) -> bool {
        self.0.get(place as usize / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }
}

/// A dictionary of folded texts. A text's place in it starts at 1; 0 is no text.
pub(super) struct Words {
    text: Vec<u8>,
    ends: Vec<u32>,
    places: HashMap<u64, u32>,
    /// So many are taken in before it is asked whether they come again.
    trial: usize,
    most: usize,
    again: usize,
}

impl Words {
    /// For at most `most`, of which `trial` may come once.
    pub(super) fn new(trial: usize, most: usize) -> Self {
        Self { text: Vec::new(), ends: Vec::new(), places: HashMap::new(), trial, most, again: 0 }
    }

    fn word(&self, place: u32) -> &[u8] {
        let at = place as usize - 1;
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.text[start..self.ends[at] as usize - 1]
    }

    /// The place of `text`, which is put in if it is new and such texts do come again. `None`: it has no place,
    /// and stands in its row.
    pub(super) fn place(&mut self, text: &[u8]) -> Option<u32> {
        let mut hasher = DefaultHasher::new();
        hasher.write(text);
        let hash = hasher.finish();
        if let Some(place) = self.places.get(&hash) {
            self.again += 1;
            return Some(*place).filter(|place| self.word(*place) == text);
        }
        let known = self.ends.len();
        let rare = known >= self.trial && self.again < known;
        let end = u32::try_from(self.text.len() + text.len() + 1).ok()?;
        if rare || known >= self.most {
            return None;
        }
        self.text.extend_from_slice(text);
        self.text.push(END);
        self.ends.push(end);
        let place = u32::try_from(known + 1).ok()?;
        self.places.insert(hash, place);
        Some(place)
    }

    /// The places that hold the needle; `None` where none does.
    pub(super) fn find(&self, needle: &Needle<'_>) -> Option<Hits> {
        let mut hits: Option<Hits> = None;
        needle.each(&self.text, &self.ends, |at| {
            let hits = hits.get_or_insert_with(|| Hits(vec![0; (self.ends.len() + 1).div_ceil(64)]));
            hits.0[(at + 1) / 64] |= 1 << ((at + 1) % 64);
        });
        hits
    }

    /// Bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * 4 + self.places.capacity() * 18
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_again_is_kept_once_and_what_does_not_is_left_out() {
        let mut words = Words::new(4_096, 100_000);
        assert_eq!(words.place("面包".as_bytes()), Some(1));
        assert_eq!(words.place("牛奶".as_bytes()), Some(2));
        assert_eq!(words.place("面包".as_bytes()), Some(1));
        let find = |words: &Words, needle: &str| words.find(&Needle::new(needle.as_bytes()).unwrap());
        assert_eq!(find(&words, "包"), Some(Hits(vec![0b010])));
        assert_eq!(find(&words, "包牛"), None, "no match goes over a border");
        let unlike = (0..20_000).filter(|n| words.place(format!("order {n}").as_bytes()).is_some()).count();
        assert!(unlike == 4_094, "{unlike}");
        assert_eq!(words.place("面包".as_bytes()), Some(1), "what is in stays in");
        let mut few = Words::new(1, 1);
        assert_eq!((few.place(b"a"), few.place(b"b"), few.place(b"a")), (Some(1), None, Some(1)));
    }
}

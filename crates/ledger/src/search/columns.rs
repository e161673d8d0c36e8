//! The numbers of a thousand payments, upright: the first letter of all of them, then the second, and of each place
//! one bit after the other, sixty-four payments in a word.
//!
//! Numbers of one time are alike. A bit that all of them have in common takes no room, so two numbers of 24 and 28
//! digits come to 14 bytes a payment. And a text is looked for in all of them at once, a bit of a letter at a time,
//! until none is left that could hold it: how often it is there makes no difference.

use super::block::{Mask, ROWS};

/// The longest text that is kept upright.
const LONGEST: usize = 64;
/// Eight letters side by side, of each the lowest bit; and what brings these bits together in the highest byte.
const LOWEST: u64 = 0x0101_0101_0101_0101;
const TOGETHER: u64 = 0x0102_0408_1020_4080;

/// Whether a text can be kept upright: few letters of seven bits, none of them 0, which stands for "no letter".
pub(super) fn fits(text: &[u8]) -> bool {
    text.len() <= LONGEST && text.iter().all(|letter| (1..0x80).contains(letter))
}

/// One place of all texts.
#[derive(Clone, Copy)]
struct Place {
    /// The bits that all letters have in common.
    same: u8,
    /// The bits in which they differ; each has a plane.
    differ: u8,
    /// The plane of the lowest of these. Those of the others follow.
    plane: u16,
}

impl Place {
    /// Whether any text can have this letter here.
    const fn can_be(self, letter: u8) -> bool {
        (self.same ^ letter) & !self.differ == 0
    }

    /// The bits in which the letters differ, with their planes.
    fn bits(self) -> impl Iterator<Item = (u8, usize)> {
        (0..7).filter(move |bit| self.differ >> bit & 1 == 1).zip(usize::from(self.plane)..)
    }
}

/// At most [`ROWS`] texts.
#[derive(Default)]
pub(super) struct Columns {
    places: Box<[Place]>,
    planes: Box<[Mask]>,
}

impl Columns {
    /// Of texts that [`fits`] says can be kept so. They stand behind each other, each ends before one of `ends`.
    pub(super) fn of(text: &[u8], ends: &[u32]) -> Self {
        let starts = std::iter::once(0).chain(ends.iter().map(|end| *end as usize));
        let spans: Vec<_> = starts.zip(ends).map(|(start, end)| (start, *end as usize)).collect();
        let width = spans.iter().map(|(start, end)| end - start).max().unwrap_or(0);
        let (mut places, mut planes) = (Vec::with_capacity(width), Vec::new());
        let mut letters = [0; ROWS];
        for at in 0..width {
            let (mut any, mut all) = (0, 0x7f);
            for (letter, (start, end)) in letters.iter_mut().zip(&spans) {
                *letter = text[*start..*end].get(at).copied().unwrap_or(0);
                any |= *letter;
                all &= *letter;
            }
            let plane = u16::try_from(planes.len()).unwrap_or(u16::MAX);
            let place = Place { same: all, differ: any ^ all, plane };
            planes.extend(place.bits().map(|(bit, _)| plane_of(&letters, bit)));
            places.push(place);
        }
        Self { places: places.into(), planes: planes.into() }
    }

    /// The text of a row; empty where it has none.
    pub(super) fn text(&self, row: usize) -> Vec<u8> {
        let letter = |place: &Place| {
            let bit = |plane: usize| u8::from(self.planes[plane][row / 64] >> (row % 64) & 1 == 1);
            place.bits().fold(place.same, |letter, (at, plane)| letter | bit(plane) << at)
        };
        self.places.iter().map(letter).take_while(|letter| *letter != 0).collect()
    }

    /// Sets the bits of those of `rows` whose text holds `needle`, which itself [`fits`].
    pub(super) fn find(&self, needle: &[u8], rows: &Mask, mask: &mut Mask) {
        if needle.is_empty() || needle.len() > self.places.len() {
            return;
        }
        // Those that are found need not be looked at again.
        let mut open = *rows;
        take_out(&mut open, mask);
        for places in self.places.windows(needle.len()) {
            let mut letters = places.iter().zip(needle);
            if !letters.clone().all(|(place, letter)| place.can_be(*letter)) {
                continue;
            }
            let mut left = open;
            if letters.all(|(place, letter)| self.keep(*place, *letter, &mut left)) {
                mask.iter_mut().zip(left).for_each(|(mask, found)| *mask |= found);
                if !take_out(&mut open, &left) {
                    return;
                }
            }
        }
    }

    /// Takes out of `left` the rows that do not have this letter at this place. Whether any is left.
    fn keep(&self, place: Place, letter: u8, left: &mut Mask) -> bool {
        for (bit, plane) in place.bits() {
            let unlike = if letter >> bit & 1 == 1 { 0 } else { u64::MAX };
            for (left, plane) in left.iter_mut().zip(&self.planes[plane]) {
                *left &= plane ^ unlike;
            }
        }
        left.iter().fold(0, |any, left| any | left) != 0
    }

    /// Bytes it takes, beside itself.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.places) + size_of_val(&*self.planes)
    }
}

/// Takes some rows out of others. Whether any are left.
fn take_out(rows: &mut Mask, some: &Mask) -> bool {
    rows.iter_mut().zip(some).for_each(|(row, some)| *row &= !some);
    rows.iter().fold(0, |any, row| any | row) != 0
}

/// One bit of each letter.
fn plane_of(letters: &[u8; ROWS], bit: u8) -> Mask {
    let mut plane = Mask::default();
    for (word, letters) in plane.iter_mut().zip(letters.chunks_exact(64)) {
        let mut bytes = [0; 8];
        for (byte, letters) in bytes.iter_mut().zip(letters.chunks_exact(8)) {
            let eight = letters.iter().rev().fold(0, |eight, letter| eight << 8 | u64::from(*letter));
            let bits = (eight >> bit & LOWEST).wrapping_mul(TOGETHER) >> 56;
            *byte = u8::try_from(bits).unwrap_or(0);
        }
        *word = u64::from_le_bytes(bytes);
    }
    plane
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn upright(texts: &[String]) -> Columns {
        let (mut text, mut ends) = (Vec::new(), Vec::new());
        for one in texts {
            text.extend_from_slice(one.as_bytes());
            ends.push(u32::try_from(text.len()).unwrap());
        }
        Columns::of(&text, &ends)
    }

    fn rows(columns: &Columns, count: usize, needle: &str) -> Vec<usize> {
        let (mut all, mut mask) = (Mask::default(), Mask::default());
        for row in 0..count {
            all[row / 64] |= 1 << (row % 64);
        }
        columns.find(needle.as_bytes(), &all, &mut mask);
        (0..ROWS).filter(|row| mask[row / 64] >> (row % 64) & 1 == 1).collect()
    }

    proptest! {
        #[test]
        fn a_text_is_found_where_a_plain_search_finds_it(
            texts in prop::collection::vec("2026[01]{0,3}[0-9]{0,20}|[ -~]{0,64}|", 0..200),
            needle in "[0-9]{1,5}|20260{0,3}|[ -~]{1,3}|[0-9]{60,70}",
        ) {
            let columns = upright(&texts);
            let expected: Vec<usize> = (0..texts.len()).filter(|row| texts[*row].contains(&needle)).collect();
            prop_assert_eq!(rows(&columns, texts.len(), &needle), expected);
            for (row, text) in texts.iter().enumerate() {
                prop_assert_eq!(&columns.text(row), text.as_bytes());
            }
        }
    }

    #[test]
    fn what_all_have_in_common_takes_no_room() {
        let texts: Vec<String> = (0..ROWS).map(|row| format!("4200002026112109{row:04}")).collect();
        let columns = upright(&texts);
        // Of the four digits that count up to 1023, the first differs in one bit, each other one in four.
        assert_eq!(columns.planes.len(), 13);
        assert_eq!(rows(&columns, ROWS, "091023"), [1023]);
        assert_eq!(rows(&columns, ROWS, "4200002026").len(), ROWS);
        assert_eq!(rows(&columns, ROWS, "4200003").len(), 0);
    }

    #[test]
    fn only_short_plain_texts_are_kept_so() {
        for (text, expected) in [
            ("20261121093000", true),
            ("", true),
            ("ord|a_b-c*@", true),
            ("面包", false),
            ("a\0b", false),
            (&*"1".repeat(64), true),
            (&*"1".repeat(65), false),
        ] {
            assert_eq!(fits(text.as_bytes()), expected, "{text:?}");
        }
    }
}

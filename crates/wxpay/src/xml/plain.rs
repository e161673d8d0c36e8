//! The short way: a document as WeChat Pay writes nearly every one, `<xml>`, then fields that are
//! `<name>text</name>` or `<name><![CDATA[text]]></name>` with line feeds and spaces between them, then `</xml>`.
//!
//! It takes that and nothing more. Whatever deserves a closer look, be it good or bad, it leaves to
//! [`scan`](super::scan), which would read these the same.

use super::sixteen::Sixteen;
use super::{MAX_NAME, first_forbidden};
use crate::Fields;
use crate::fields::{Field, MAX_FIELDS, is_name_byte};
use std::borrow::Cow;

const SECTION: &str = "><![CDATA[";

/// Reads `text`. `None`: have a closer look.
pub(super) fn read<'a>(text: &'a str, root: &str) -> Option<Fields<'a>> {
    let mut rest = text.strip_prefix('<')?.strip_prefix(root)?.strip_prefix('>')?;
    let mut list: Vec<Field<'a>> = Vec::with_capacity(32);
    let mut ascending = true;
    let mut last = 0;
    loop {
        let field = match rest.strip_prefix("\n<") {
            Some(field) => field,
            None => past_blanks(rest).strip_prefix('<')?,
        };
        if let Some(end) = field.strip_prefix('/') {
            let after = end.strip_prefix(root)?.strip_prefix('>')?;
            let blank = |byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
            if !after.bytes().all(blank) {
                return None;
            }
            let fields = if ascending { Ok(Fields::from_ascending(list)) } else { Fields::from_list(list) };
            return fields.ok();
        }
        let head = Sixteen::first(field.as_bytes())?;
        let len = match head.name_len() {
            16 => long_name(field)?,
            len => len,
        };
        let (name, inside) = field.split_at_checked(len)?;
        let (value, end) = match inside.strip_prefix(SECTION) {
            Some(data) => {
                let (value, rest) = data.split_at_checked(run(data, [b']'; 3])?)?;
                match rest.strip_prefix("]]></") {
                    Some(end) => (value, end),
                    None => section(data)?,
                }
            }
            None => {
                let data = inside.strip_prefix('>')?;
                let (value, rest) = data.split_at_checked(run(data, [b'<', b'&', b']'])?)?;
                (value, rest.strip_prefix("</")?)
            }
        };
        let closed = match Sixteen::first(end.as_bytes()) {
            Some(other) if len <= 16 => (!head.same(other)).trailing_zeros() as usize >= len,
            _ => end.starts_with(name),
        };
        let first = *field.as_bytes().first()?;
        if !closed || !(first.is_ascii_alphabetic() || first == b'_') || list.len() >= MAX_FIELDS {
            return None;
        }
        rest = end.split_at_checked(len)?.1.strip_prefix('>')?;
        let order = order(field.as_bytes(), len);
        ascending &= order > last || order == last && list.last().is_none_or(|last| *last.name < *name);
        last = order;
        push(&mut list, name, value);
    }
}

/// Adds a field. Where there is room the compiler sees that nothing has to grow, and writes the field where it
/// belongs instead of beside it first: that copy alone was a fifth of all reading.
#[inline]
fn push<'a>(list: &mut Vec<Field<'a>>, name: &'a str, value: &'a str) {
    #[cold]
    #[inline(never)]
    fn push_and_grow<'a>(list: &mut Vec<Field<'a>>, name: &'a str, value: &'a str) {
        list.push(Field { name: Cow::Borrowed(name), value: Cow::Borrowed(value) });
    }
    if list.len() < list.capacity() {
        list.push(Field { name: Cow::Borrowed(name), value: Cow::Borrowed(value) });
    } else {
        push_and_grow(list, name, value);
    }
}

/// Passes over line feeds and spaces.
#[inline]
fn past_blanks(text: &str) -> &str {
    if let Some(here) = Sixteen::first(text.as_bytes()) {
        let len = (here.equal(b'\n') | here.equal(b' ')).trailing_ones() as usize;
        if let Some((_, rest)) = text.split_at_checked(len)
            && len < 16
            && rest.starts_with('<')
        {
            return rest;
        }
    }
    text.trim_start_matches([' ', '\t', '\r', '\n'])
}

/// How long a name is that fills the first sixteen bytes.
#[cold]
#[inline(never)]
fn long_name(field: &str) -> Option<usize> {
    field.bytes().take(MAX_NAME + 1).position(|byte| !is_name_byte(byte))
}

/// The first eight bytes of a name of `len`, zeros where it is shorter, as a number: two names stand in the same
/// order as these, unless these are equal.
#[inline]
fn order(name: &[u8], len: usize) -> u64 {
    const KEEP: [u64; 9] = {
        let mut keep = [u64::MAX; 9];
        let mut len = 0;
        while len < 8 {
            keep[len] = !(u64::MAX >> (8 * len));
            len += 1;
        }
        keep
    };
    name.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes) & KEEP[len.min(8)])
}

/// What stands in a section in which a `]` stands, and what follows the `</` behind it.
#[inline(never)]
fn section(data: &str) -> Option<(&str, &str)> {
    let (value, _) = data.split_once("]]>")?;
    let end = data.get(value.len()..)?.strip_prefix("]]></")?;
    first_forbidden(value).is_none().then_some((value, end))
}

/// How many bytes stand before the first of `ends`. `None` without one, and where a character is among them, or
/// may be, that no document may have.
#[inline]
fn run(text: &str, ends: [u8; 3]) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    // A text that is longer goes another way.
    while at < 64 {
        let Some(here) = Sixteen::first(bytes.get(at..)?) else { break };
        let end = here.equal(ends[0]) | here.equal(ends[1]) | here.equal(ends[2]);
        let before = end.trailing_zeros().min(16);
        // What stands behind the end is looked at in its turn.
        if here.suspicious().trailing_zeros() < before {
            return long_run(text, ends);
        }
        if end != 0 {
            return Some(at + before as usize);
        }
        at += 16;
    }
    long_run(text, ends)
}

#[cold]
#[inline(never)]
fn long_run(text: &str, [a, b, c]: [u8; 3]) -> Option<usize> {
    let len = memchr::memchr3(a, b, c, text.as_bytes())?;
    first_forbidden(text.get(..len)?).is_none().then_some(len)
}

#[cfg(test)]
mod tests {
    use super::super::scan;
    use super::*;
    use proptest::prelude::*;

    fn field() -> impl Strategy<Value = String> {
        let value = prop_oneof![
            4 => "[0-9]{0,12}",
            4 => "[ -~]{0,40}",
            2 => "\\PC{0,30}",
            1 => "[a-z\\]]{0,6}\\]\\]?>?[a-z]{0,70}",
            1 => "[,（\u{FFFE}\u{FFFD}😀\u{1}\t\r\n]{0,20}",
        ];
        let name = prop_oneof![8 => "[a-z_]{1,12}", 1 => "[a-zA-Z0-9_.-]{1,20}", 1 => "[a-c]{125,131}"];
        (name, value, 0..6_u8).prop_map(|(name, value, how)| match how {
            0 | 1 => format!("<{name}>{value}</{name}>"),
            2 | 3 => format!("<{name}><![CDATA[{value}]]></{name}>\n"),
            4 => format!("\r\n\t<{name} ><![CDATA[{value}]]>{value}</{name}>  "),
            _ => format!("<{name}/>"),
        })
    }

    /// A document, whole or with some byte of it changed, gone or doubled.
    fn document() -> impl Strategy<Value = String> {
        let damage = (any::<prop::sample::Index>(), 0..8_u8, "[<>/&\\]!x \n\u{0}]");
        (prop::collection::vec(field(), 0..8), damage).prop_map(|(fields, (at, how, with))| {
            let mut text = format!("<xml>{}</xml>", fields.concat());
            let mut place = at.index(text.len());
            while !text.is_char_boundary(place) {
                place -= 1;
            }
            match how {
                0 => text.insert_str(place, &with),
                1 => drop(text.remove(place)),
                2 => text.truncate(place),
                3 => text.push_str(&with),
                _ => {}
            }
            text
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        /// What it takes, the reader that looks closely takes too, and reads the same.
        #[test]
        fn it_reads_as_the_close_look_does(text in document()) {
            if let Some(fields) = read(&text, "xml") {
                prop_assert_eq!(first_forbidden(&text), None);
                let close = scan::scan(&text, "xml").map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
                prop_assert!(fields.iter().eq(close.iter()), "in the order of the document");
                prop_assert!(fields.sorted().eq(close.sorted()), "by the names");
            }
        }
    }

    #[test]
    fn what_wechat_pay_writes_goes_the_short_way() {
        let long = "长".repeat(100);
        for document in [
            "<xml>\n  <appid><![CDATA[wx2421b1c4370ec43b]]></appid>\n  <total_fee>1</total_fee>\n</xml>\n"
                .to_owned(),
            "<xml><detail><![CDATA[{\"goods\":[1,[2]],\"a\":\"]]\"}]]></detail><attach></attach></xml>"
                .to_owned(),
            "<xml><b><![CDATA[（拿铁），😀]]></b><a><![CDATA[]]></a></xml>".to_owned(),
            format!("<xml><settlement_total_fee>1</settlement_total_fee><x><![CDATA[{long}]]></x></xml>"),
        ] {
            let fields = read(&document, "xml").unwrap_or_else(|| panic!("{document}"));
            assert!(fields.iter().eq(scan::scan(&document, "xml").unwrap().iter()), "{document}");
        }
        for other in [
            "",
            "<xml>",
            "<xml></xml",
            "<xml><a>1</b></xml>",
            "<xml><a>&amp;</a></xml>",
            "<xml><a>1</a><a>1</a></xml>",
            "<xml><a>\u{1}</a></xml>",
            "<xml><a><![CDATA[\u{FFFE}]]></a></xml>",
            "<xml><a>]]></a></xml>",
            "<xml><1a>1</1a></xml>",
            "<xml><a>1</a></xml><xml/>",
            "<root><a>1</a></root>",
        ] {
            assert!(read(other, "xml").is_none(), "{other}");
        }
    }

    #[test]
    fn the_end_of_a_text_is_found_wherever_it_stands() {
        for len in 0..150_usize {
            // Neighbours of what ends it are not taken for it.
            let text: String = (0..len).map(|at| ['\\', '^', 'ݝ', ';', '='][at % 5]).collect();
            assert_eq!(run(&text, [b'<', b'&', b']']), None, "{text}");
            for end in ['<', '&', ']'] {
                let document = format!("{text}{end}{text}");
                assert_eq!(run(&document, [b'<', b'&', b']']), Some(text.len()), "{document}");
                let broken = format!("{text}\u{1}{end}");
                assert_eq!(run(&broken, [b'<', b'&', b']']), None, "{broken}");
            }
        }
    }

    #[test]
    fn names_that_begin_alike_are_ordered_and_told_apart() {
        let names = ["a", "coupon_f", "coupon_fe", "coupon_fee", "coupon_fee_0", "coupon_fee_1", "coupon_g"];
        for first in 0..names.len() {
            for second in 0..names.len() {
                // The short way, and the close look for the blank in the start tag.
                for blank in ["", " "] {
                    let (one, two) = (names[first], names[second]);
                    let text = format!("<xml><{one}>1</{one}><{two}{blank}>2</{two}></xml>");
                    match super::super::read(text.as_bytes()) {
                        Ok(fields) => {
                            assert_ne!(one, two);
                            assert!(fields.sorted().map(|(name, _)| name).is_sorted(), "{text}");
                            assert_eq!((fields.get(one), fields.get(two)), (Some("1"), Some("2")));
                        }
                        Err(refusal) => {
                            assert_eq!(
                                (one, refusal.kind),
                                (two, super::super::RefusalKind::DuplicateField),
                                "{text}"
                            );
                        }
                    }
                }
            }
        }
    }
}

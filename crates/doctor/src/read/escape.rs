//! What logs and pages do to a text, undone: `\x3C`, `\u003c`, `&lt;`, `%3C`, base64, GBK.

use crate::reading::Undone;
use encoding_rs::GBK;

/// A text with one layer of escapes undone, and which.
pub(super) struct Plain {
    pub(super) text: String,
    pub(super) undone: Vec<Undone>,
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The byte that the first two hexadecimal digits stand for.
pub(super) fn two_digits(bytes: &[u8]) -> Option<u8> {
    let [high, low, ..] = bytes else { return None };
    Some(digit(*high)? << 4 | digit(*low)?)
}

/// The number that the first four hexadecimal digits stand for.
pub(super) fn four_digits(bytes: &[u8]) -> Option<u32> {
    let high = two_digits(bytes)?;
    let low = two_digits(bytes.get(2..)?)?;
    Some(u32::from(high) << 8 | u32::from(low))
}

/// Bytes as text: UTF-8, or else GBK.
pub(super) fn text_of(bytes: Vec<u8>) -> Option<(String, bool)> {
    match String::from_utf8(bytes) {
        Ok(text) => Some((text, false)),
        Err(error) => gbk(error.as_bytes()).map(|text| (text, true)),
    }
}

/// The text that the bytes are in GBK; `None` if they are none.
pub fn gbk(bytes: &[u8]) -> Option<String> {
    GBK.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

/// Gathers undone bytes, and what was undone.
struct Gathering {
    bytes: Vec<u8>,
    undone: Vec<Undone>,
}

impl Gathering {
    fn new(text: &str) -> Self {
        Self { bytes: Vec::with_capacity(text.len()), undone: Vec::new() }
    }

    fn push(&mut self, letter: char) {
        self.bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn note(&mut self, undone: Undone) {
        if !self.undone.contains(&undone) {
            self.undone.push(undone);
        }
    }

    /// `None` if nothing was undone, or what came of it is no text.
    fn done(self) -> Option<Plain> {
        if self.undone.is_empty() {
            return None;
        }
        let mut undone = self.undone;
        let (text, gbk) = text_of(self.bytes)?;
        undone.extend(gbk.then_some(Undone::Gbk));
        Some(Plain { text, undone })
    }
}

/// Undoes `\xE6`, `\u6d4b`, `\n`, `\/`, `\"` and their like once. What is no escape stays.
pub(super) fn backslashes(text: &str) -> Option<Plain> {
    let bytes = text.as_bytes();
    let mut plain = Gathering::new(text);
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes[at..].iter().position(|byte| *byte == b'\\').unwrap_or(bytes.len() - at);
        plain.bytes.extend_from_slice(&bytes[at..at + run]);
        at += run;
        let Some(letter) = bytes.get(at + 1) else {
            plain.bytes.extend_from_slice(&bytes[at..]);
            break;
        };
        if *letter == b'\\' {
            // Where they stand in a row, two are one.
            let row = bytes[at..].iter().take_while(|byte| **byte == b'\\').count();
            plain.note(Undone::JsonEscapes);
            plain.bytes.resize(plain.bytes.len() + row / 2, b'\\');
            at += row / 2 * 2;
            continue;
        }
        let rest = &bytes[at + 2..];
        let simple = match letter {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'b' => Some(8),
            b'f' => Some(12),
            b'"' | b'\'' | b'`' | b'/' => Some(*letter),
            _ => None,
        };
        if let Some(byte) = simple {
            plain.note(Undone::JsonEscapes);
            plain.bytes.push(byte);
            at += 2;
        } else if let Some(byte) = two_digits(rest).filter(|_| matches!(letter, b'x' | b'X')) {
            plain.note(Undone::HexEscapes);
            plain.bytes.push(byte);
            at += 4;
        } else if let Some((letter, len)) = (*letter == b'u').then(|| utf16(rest)).flatten() {
            plain.note(Undone::JsonEscapes);
            plain.push(letter);
            at += 2 + len;
        } else {
            plain.bytes.push(b'\\');
            at += 1;
        }
    }
    plain.done()
}

/// The character behind `\u`, and how many bytes it takes: four, or ten with its second half.
fn utf16(digits: &[u8]) -> Option<(char, usize)> {
    let high = four_digits(digits)?;
    if let Some(letter) = char::from_u32(high) {
        return Some((letter, 4));
    }
    let low = four_digits(digits.get(4..)?.strip_prefix(b"\\u")?)?;
    let pair = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
    Some((char::decode_utf16(pair).next()?.ok()?, 10))
}

/// Undoes `&lt;`, `&quot;`, `&#39;` and their like once. What is no reference stays.
pub(super) fn references(text: &str) -> Option<Plain> {
    let mut plain = Gathering::new(text);
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.bytes.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        match reference(rest) {
            Some((letter, len)) => {
                plain.note(Undone::HtmlEscapes);
                plain.push(letter);
                rest = &rest[len..];
            }
            None => {
                plain.bytes.push(b'&');
                rest = &rest[1..];
            }
        }
    }
    plain.bytes.extend_from_slice(rest.as_bytes());
    plain.done()
}

/// The character that the reference at the start stands for, and its length.
fn reference(text: &str) -> Option<(char, usize)> {
    let len = text.bytes().take(12).position(|byte| byte == b';')?;
    let letter = match &text[1..len] {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        name => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((letter, len + 1))
}

/// Undoes `%3C` once, and `+` where it stands for a blank: where neither `%20` nor a bare `/` says otherwise.
pub(super) fn percents(text: &str) -> Option<Plain> {
    let plus = !text.contains("%20") && !text.contains('/');
    percents_with(text, plus)
}

/// As [`percents`], told whether `+` stands for a blank.
pub(super) fn percents_with(text: &str, plus: bool) -> Option<Plain> {
    let bytes = text.as_bytes();
    let mut plain = Gathering::new(text);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = if *byte == b'%' { two_digits(&bytes[at + 1..]) } else { None };
        match escaped {
            Some(byte) => {
                plain.note(Undone::PercentEscapes);
                plain.bytes.push(byte);
                at += 3;
            }
            None => {
                plain.bytes.push(if *byte == b'+' && plus { b' ' } else { *byte });
                at += 1;
            }
        }
    }
    plain.done()
}

/// The text with letters, digits and `_` as what they are where they stand escaped: nobody has to escape them, and who
/// looks for a name in any writing must not miss it for that.
#[must_use]
pub fn letters(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '&', '%']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let bytes = rest.as_bytes();
        let escaped = match bytes {
            [b'\\', b'x' | b'X', digits @ ..] => two_digits(digits).map(|byte| (byte, 4)),
            [b'\\', b'u', b'0', b'0', digits @ ..] => two_digits(digits).map(|byte| (byte, 6)),
            [b'%', digits @ ..] => two_digits(digits).map(|byte| (byte, 3)),
            [b'&', b'#', ..] => {
                reference(rest).and_then(|(letter, len)| u8::try_from(letter).ok().map(|byte| (byte, len)))
            }
            _ => None,
        };
        match escaped.filter(|(byte, _)| byte.is_ascii_alphanumeric() || *byte == b'_') {
            Some((byte, len)) => {
                plain.push(char::from(byte));
                rest = &rest[len..];
            }
            None => {
                plain.push(char::from(bytes[0]));
                rest = &rest[1..];
            }
        }
    }
    plain + rest
}

/// How many escaped marks are looked at to find the beginning of a document.
const MOST_MARKS: usize = 8192;

/// Which escape stands where a document has its marks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    Backslashes,
    References,
    Percents,
}

/// Undoes the layer that hides the marks of a document, if there is one.
pub(super) fn layer(text: &str) -> Option<Plain> {
    match hiding(text.as_bytes())? {
        Escape::Backslashes => backslashes(text),
        Escape::References => references(text),
        Escape::Percents => percents(text),
    }
}

/// The escape that hides the beginning of a document or an object; else the first one that hides any of their marks;
/// else the one that hides the ends of lines.
fn hiding(bytes: &[u8]) -> Option<Escape> {
    let (mut weak, mut lines) = (None, false);
    // Whether all since the last open brace was blank.
    let mut opened = false;
    let mut at = 0;
    let mut left = MOST_MARKS;
    while left > 0 {
        let begins = |byte: &u8| matches!(byte, b'\\' | b'&' | b'%');
        let Some(len) = bytes[at..].iter().position(begins) else { break };
        if let Some(last) = bytes[at..at + len].trim_ascii_end().last() {
            opened = *last == b'{';
        }
        at += len;
        let Some((byte, len, escape)) = hidden(&bytes[at..]) else {
            opened = false;
            at += 1;
            continue;
        };
        at += len;
        left -= 1;
        match byte {
            b'<' if begins_document(&bytes[at..]) => return Some(escape),
            b'"' | b'\'' if opened => return Some(escape),
            b'<' | b'{' | b'"' | b'\'' | b'=' | b'&' | b'%' | b'/' if weak.is_none() => weak = Some(escape),
            b'\n' | b'\\' => lines |= escape == Escape::Backslashes,
            _ => {}
        }
        opened = byte == b'{' || opened && byte.is_ascii_whitespace();
    }
    weak.or(lines.then_some(Escape::Backslashes))
}

/// What follows the bracket of a document.
fn begins_document(rest: &[u8]) -> bool {
    [&b"xml"[..], b"?xml", b"root", b"!DOCTYPE", b"%3F", b"%3f", b"\\x3F", b"\\x3f"]
        .iter()
        .any(|name| rest.starts_with(name))
}

/// The ASCII character that is escaped at the start, its length there, and how.
fn hidden(bytes: &[u8]) -> Option<(u8, usize, Escape)> {
    match bytes {
        [b'\\', byte @ (b'"' | b'\'' | b'/' | b'\\'), ..] => Some((*byte, 2, Escape::Backslashes)),
        [b'\\', b'n' | b'r' | b't', ..] => Some((b'\n', 2, Escape::Backslashes)),
        [b'\\', b'x' | b'X', digits @ ..] => Some((two_digits(digits)?, 4, Escape::Backslashes)),
        [b'\\', b'u', b'0', b'0', digits @ ..] => Some((two_digits(digits)?, 6, Escape::Backslashes)),
        [b'&', b'a'..=b'z' | b'#', ..] => {
            let name = &bytes[..bytes.len().min(10)];
            let len = name.iter().position(|byte| *byte == b';')? + 1;
            let (letter, len) = reference(std::str::from_utf8(&name[..len]).ok()?)?;
            Some((u8::try_from(letter).ok()?, len, Escape::References))
        }
        [b'%', digits @ ..] => Some((two_digits(digits)?, 3, Escape::Percents)),
        _ => None,
    }
}

/// The bytes that base64 stands for, blanks between passed over; `None` if it is none.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in text.trim().trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b' ' | b'\r' | b'\n' => continue,
            _ => return None,
        };
        held = held << 6 & 0xFFFF | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xFF).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_layer_is_undone_and_named() {
        use Undone::{Gbk, HexEscapes, HtmlEscapes, JsonEscapes, PercentEscapes};
        type Way = fn(&str) -> Option<Plain>;
        type Case = (Way, &'static str, Option<(&'static str, &'static [Undone])>);
        let cases: [Case; 18] = [
            (backslashes, r"\x3Cxml\x3E\x0A", Some(("<xml>\n", &[HexEscapes]))),
            (backslashes, r"\xE6\x94\xAF", Some(("支", &[HexEscapes]))),
            (backslashes, r"\xD6\xA7\xB8\xB6", Some(("支付", &[HexEscapes, Gbk]))),
            (backslashes, r"\u003cxml\u003e\/\ud83d\ude00", Some(("<xml>/😀", &[JsonEscapes]))),
            (backslashes, r"a\\nb", Some((r"a\nb", &[JsonEscapes]))),
            (backslashes, r"C:\Users\q \u12 \xZ \", None),
            (backslashes, r"\ud83d", None),
            (references, "&lt;a&gt;&amp;lt;&quot;&#39;&#x4E2D;", Some(("<a>&lt;\"'中", &[HtmlEscapes]))),
            (references, "a & b &; &nothing; &#xFFFFFFFF;", None),
            (percents, "%3Ca%3E+%E4%B8%AD", Some(("<a> 中", &[PercentEscapes]))),
            (percents, "%3Ca%3E+%20", Some(("<a>+ ", &[PercentEscapes]))),
            (percents, "100% %zz %", None),
            (layer, r"a=%3Cb \u003cxml", Some((r"a=%3Cb <xml", &[JsonEscapes]))),
            (layer, r"a\\u003cb", Some((r"a\u003cb", &[JsonEscapes]))),
            (layer, "plain 100%, a & b", None),
            (layer, r"&lt;xml&gt;\/%3C", Some((r"<xml>\/%3C", &[HtmlEscapes]))),
            (layer, r"GET /?a=%22 {\x22a\x22:1}", Some((r#"GET /?a=%22 {"a":1}"#, &[HexEscapes]))),
            (layer, r"a=1\nb=%E6", Some(("a=1\nb=%E6", &[JsonEscapes]))),
        ];
        for (way, text, expected) in cases {
            let plain = way(text);
            let got = plain.as_ref().map(|plain| (plain.text.as_str(), plain.undone.as_slice()));
            assert_eq!(got, expected, "{text}");
        }
    }

    #[test]
    fn base64_of_every_length() {
        for (text, expected) in
            [("", ""), ("YQ==", "a"), ("YWI=", "ab"), ("YWJj", "abc"), ("YW\nJjZA", "abcd")]
        {
            assert_eq!(base64(text).as_deref(), Some(expected.as_bytes()), "{text}");
        }
        assert_eq!(base64("<xml>"), None);
    }
}

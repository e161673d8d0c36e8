//! How a string to sign is made: right, and with any number of mistakes.

use encoding_rs::GBK;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A field on its way into the string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'d> {
    pub(crate) name: Cow<'d, str>,
    pub(crate) value: Cow<'d, str>,
    /// Whether it enters although it is empty.
    pub(crate) kept: bool,
}

/// In which order fields enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Bytes,
    CaseInsensitive,
    Natural,
    Descending,
    Document,
    Value,
}

/// What stands between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Join {
    pub(crate) between: &'static str,
    pub(crate) equals: &'static str,
    /// Behind the last field.
    pub(crate) trailing: &'static str,
}

/// In which bytes the text is digested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    Utf8,
    Gbk,
    Latin1,
    QuestionMarks,
    Utf16Le,
    Utf16Be,
}

/// All that makes the string but for the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recipe<'d> {
    /// In the order of the document, without the signature.
    pub(crate) entries: Vec<Entry<'d>>,
    pub(crate) order: Order,
    pub(crate) join: Join,
    pub(crate) charset: Charset,
}

impl<'d> Recipe<'d> {
    /// The right way.
    pub(crate) fn right(fields: impl Iterator<Item = (&'d str, &'d str)>) -> Self {
        let entry = |(name, value)| Entry { name: Cow::Borrowed(name), value: Cow::Borrowed(value), kept: false };
        Self {
            entries: fields.map(entry).collect(),
            order: Order::Bytes,
            join: Join { between: "&", equals: "=", trailing: "" },
            charset: Charset::Utf8,
        }
    }

    /// The fields that enter, in their order.
    pub(crate) fn sorted(&self) -> Vec<&Entry<'d>> {
        let mut entries: Vec<_> =
            self.entries.iter().filter(|entry| entry.kept || !entry.value.is_empty()).collect();
        match self.order {
            Order::Bytes => entries.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes())),
            Order::CaseInsensitive => {
                entries.sort_by_cached_key(|entry| (entry.name.to_lowercase(), entry.name.to_string()));
            }
            Order::Natural => entries.sort_by(|a, b| natural(&a.name, &b.name)),
            Order::Descending => entries.sort_by(|a, b| b.name.as_bytes().cmp(a.name.as_bytes())),
            Order::Document => {}
            Order::Value => entries.sort_by(|a, b| a.value.as_bytes().cmp(b.value.as_bytes())),
        }
        entries
    }

    /// The text up to where the key belongs.
    pub(crate) fn text(&self) -> String {
        let mut text = String::with_capacity(1024);
        for (at, entry) in self.sorted().into_iter().enumerate() {
            for part in [if at == 0 { "" } else { self.join.between }, &entry.name, self.join.equals, &entry.value] {
                text.push_str(part);
            }
        }
        text.push_str(self.join.trailing);
        text
    }

    /// Text in the bytes that are digested.
    pub(crate) fn bytes<'t>(&self, text: &'t str) -> Cow<'t, [u8]> {
        match self.charset {
            _ if text.is_ascii() && !matches!(self.charset, Charset::Utf16Le | Charset::Utf16Be) => {
                Cow::Borrowed(text.as_bytes())
            }
            Charset::Utf8 => Cow::Borrowed(text.as_bytes()),
            Charset::Gbk => match GBK.encode(text) {
                // What GBK does not have becomes `?` where programs encode.
                (_, _, true) => {
                    let letter = |letter: char| {
                        let mut utf8 = [0; 4];
                        let (bytes, _, missing) = GBK.encode(letter.encode_utf8(&mut utf8));
                        if missing { vec![b'?'] } else { bytes.into_owned() }
                    };
                    Cow::Owned(text.chars().flat_map(letter).collect())
                }
                (bytes, ..) => Cow::Owned(bytes.into_owned()),
            },
            Charset::Latin1 => {
                Cow::Owned(text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect())
            }
            Charset::QuestionMarks => {
                let letter = |letter: char| if letter.is_ascii() { letter as u8 } else { b'?' };
                Cow::Owned(text.chars().map(letter).collect())
            }
            Charset::Utf16Le => Cow::Owned(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Charset::Utf16Be => Cow::Owned(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        }
    }
}

/// Runs of digits by their number, all else by its bytes in one case.
fn natural(a: &str, b: &str) -> Ordering {
    let parts = |text: &str| -> Vec<(bool, u128, String)> {
        let mut parts: Vec<(bool, u128, String)> = Vec::new();
        for letter in text.to_lowercase().chars() {
            let digit = letter.is_ascii_digit();
            match parts.last_mut() {
                Some((same, number, run)) if *same == digit => {
                    run.push(letter);
                    *number = if digit { run.parse().unwrap_or(u128::MAX) } else { 0 };
                }
                _ => {
                    let number = letter.to_digit(10).filter(|_| digit).map_or(0, u128::from);
                    parts.push((digit, number, letter.to_string()));
                }
            }
        }
        parts
    };
    let key = |text: &str| -> Vec<(bool, u128, String)> {
        let plain = |(digit, number, run): (bool, u128, String)| if digit { (false, number, String::new()) } else { (true, 0, run) };
        parts(text).into_iter().map(plain).collect()
    };
    key(a).cmp(&key(b)).then_with(|| a.cmp(b))
}

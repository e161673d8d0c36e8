//! How a string to sign is made: right, and with any number of mistakes.

use crate::document::{Document, Kind};
use encoding_rs::GBK;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

/// A name or a value. Copies are cheap, for the search makes many.
#[derive(Clone)]
pub(crate) enum Text<'d> {
    Lent(&'d str),
    Made(Rc<str>),
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Lent(text) => text,
            Self::Made(text) => text,
        }
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<'d> From<&'d str> for Text<'d> {
    fn from(text: &'d str) -> Self {
        Self::Lent(text)
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self::Made(text.into())
    }
}

/// A field on its way into the string.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'d> {
    pub(crate) name: Text<'d>,
    pub(crate) value: Text<'d>,
    /// Whether it enters although it is empty.
    pub(crate) kept: bool,
    /// Its place in the document.
    place: usize,
}

/// In which order fields enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Bytes,
    /// As if all letters were small; names that differ in nothing else by their bytes.
    Small,
    /// As if all letters were capitals, so that `_` stands behind them.
    Capitals,
    /// Runs of digits by their number.
    Natural,
    /// As dictionaries do: `_` and case matter last.
    Dictionary,
    Descending,
    Document,
    Value,
}

/// What stands between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Join {
    pub(crate) between: &'static str,
    pub(crate) equals: &'static str,
    /// Between the last field and the key.
    pub(crate) key: &'static str,
}

impl Join {
    pub(crate) const RIGHT: Self = Self { between: "&", equals: "=", key: "&key=" };
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
    /// A byte order mark, then UTF-16BE, as Java does.
    Utf16Marked,
    /// UTF-8 taken for Latin-1 and written as UTF-8.
    Utf8AsLatin1,
    /// UTF-8 taken for GBK and written as UTF-8.
    Utf8AsGbk,
}

/// All that makes the string but for the key.
#[derive(Clone, Debug)]
pub(crate) struct Recipe<'d> {
    /// By name, because most strings are; without the signature.
    pub(crate) entries: Vec<Entry<'d>>,
    pub(crate) order: Order,
    pub(crate) join: Join,
    pub(crate) charset: Charset,
}

impl<'d> Recipe<'d> {
    /// The right way.
    pub(crate) fn right(document: &Document<'d>) -> Self {
        let mut recipe =
            Self { entries: Vec::new(), order: Order::Bytes, join: Join::RIGHT, charset: Charset::Utf8 };
        recipe.fill(document.fields);
        if document.kind == Kind::Jssdk {
            for entry in recipe.entries.iter_mut().filter(|entry| &*entry.name == "url") {
                if let Text::Lent(url) = entry.value {
                    entry.value = url.split('#').next().unwrap_or_default().into();
                }
            }
        }
        recipe
    }

    /// Takes these fields for the ones it has.
    pub(crate) fn fill(&mut self, fields: &'d [(String, String)]) {
        let entry = |(place, (name, value)): (usize, &'d (String, String))| Entry {
            name: name.as_str().into(),
            value: value.as_str().into(),
            kept: false,
            place,
        };
        self.entries = fields.iter().enumerate().map(entry).collect();
        self.entries.sort_by(by_name);
    }

    /// Puts a field in at the end, empty or not as `kept` says.
    pub(crate) fn put(&mut self, name: impl Into<Text<'d>>, value: impl Into<Text<'d>>, kept: bool) {
        let place = usize::MAX;
        self.entries.push(Entry { name: name.into(), value: value.into(), kept, place });
    }

    /// The fields that enter, in their order.
    fn sorted(&self) -> Vec<&Entry<'d>> {
        let enters = |entry: &&Entry<'d>| entry.kept || !entry.value.is_empty();
        let mut entries: Vec<_> = self.entries.iter().filter(enters).collect();
        match self.order {
            Order::Bytes => entries.sort_by(|a, b| by_name(a, b)),
            Order::Small => entries.sort_by_cached_key(|entry| (entry.name.to_lowercase(), &*entry.name)),
            Order::Capitals => entries.sort_by_cached_key(|entry| (entry.name.to_uppercase(), &*entry.name)),
            Order::Natural => entries.sort_by_cached_key(|entry| (natural(&entry.name), &*entry.name)),
            Order::Dictionary => entries.sort_by_cached_key(|entry| (dictionary(&entry.name), &*entry.name)),
            Order::Descending => entries.sort_by(|a, b| by_name(b, a)),
            Order::Document => entries.sort_by_key(|entry| entry.place),
            Order::Value => {
                entries.sort_by(|a, b| a.value.cmp(&b.value).then_with(|| a.place.cmp(&b.place)));
            }
        }
        entries
    }

    /// The fields one by one as they stand in the string, each with what is between it and the one before.
    pub(crate) fn pieces(&self) -> Vec<(&'static str, String)> {
        let pieces = self.sorted().into_iter().enumerate().map(|(at, entry)| {
            let between = if at == 0 { "" } else { self.join.between };
            (between, [&entry.name, self.join.equals, &entry.value].concat())
        });
        pieces.collect()
    }

    /// Where the fields stood in the document, in the order of the string; none for those that were added.
    pub(crate) fn places(&self) -> Vec<Option<usize>> {
        self.sorted()
            .into_iter()
            .map(|entry| Some(entry.place).filter(|place| *place != usize::MAX))
            .collect()
    }

    /// Writes the text up to where the key belongs over what `text` held.
    pub(crate) fn write(&self, text: &mut String) {
        text.clear();
        for (at, entry) in self.sorted().into_iter().enumerate() {
            if at > 0 {
                text.push_str(self.join.between);
            }
            text.push_str(&entry.name);
            text.push_str(self.join.equals);
            text.push_str(&entry.value);
        }
    }

    /// Text in the bytes that are digested; `first`: whether it is the beginning.
    pub(crate) fn bytes<'t>(&self, text: &'t str, first: bool) -> Cow<'t, [u8]> {
        let wide = matches!(self.charset, Charset::Utf16Le | Charset::Utf16Be | Charset::Utf16Marked);
        if self.charset == Charset::Utf8 || !wide && text.is_ascii() {
            return Cow::Borrowed(text.as_bytes());
        }
        Cow::Owned(match self.charset {
            Charset::Utf8 => text.into(),
            Charset::Gbk => gbk(text),
            Charset::Latin1 => {
                text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect()
            }
            Charset::QuestionMarks => text
                .chars()
                .map(|letter| u8::try_from(letter).ok().filter(u8::is_ascii).unwrap_or(b'?'))
                .collect(),
            Charset::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Charset::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Charset::Utf16Marked => {
                let mark = first.then_some(0xFEFF_u16);
                mark.into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
            }
            Charset::Utf8AsLatin1 => text.bytes().map(char::from).collect::<String>().into_bytes(),
            Charset::Utf8AsGbk => {
                GBK.decode_without_bom_handling(text.as_bytes()).0.into_owned().into_bytes()
            }
        })
    }
}

fn by_name(a: &Entry<'_>, b: &Entry<'_>) -> Ordering {
    a.name.as_bytes().cmp(b.name.as_bytes())
}

/// In GBK; what it does not have becomes `?`, as programs have it.
fn gbk(text: &str) -> Vec<u8> {
    let (bytes, _, missing) = GBK.encode(text);
    if !missing {
        return bytes.into_owned();
    }
    let mut all = Vec::with_capacity(text.len());
    let mut utf8 = [0; 4];
    for letter in text.chars() {
        let (bytes, _, missing) = GBK.encode(letter.encode_utf8(&mut utf8));
        all.extend_from_slice(if missing { b"?" } else { &bytes });
    }
    all
}

/// Runs of digits as numbers, before all else; letters in one case.
fn natural(name: &str) -> Vec<(bool, u128, String)> {
    let mut parts: Vec<(bool, u128, String)> = Vec::new();
    for letter in name.to_lowercase().chars() {
        let digit = letter.to_digit(10).map(u128::from);
        match (parts.last_mut(), digit) {
            (Some((false, number, _)), Some(digit)) => {
                *number = number.saturating_mul(10).saturating_add(digit)
            }
            (_, Some(digit)) => parts.push((false, digit, String::new())),
            (Some((true, _, run)), None) => run.push(letter),
            (_, None) => parts.push((true, 0, letter.to_string())),
        }
    }
    parts
}

/// Letters and digits alone, in one case.
fn dictionary(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wxpay::SignType;

    fn text(fields: &[(&str, &str)], change: impl Fn(&mut Recipe<'_>)) -> String {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let document = Document::new(Kind::Plain, &fields, "", SignType::Md5);
        let mut recipe = Recipe::right(&document);
        change(&mut recipe);
        let mut text = "what stood there".to_owned();
        recipe.write(&mut text);
        let pieces: Vec<String> =
            recipe.pieces().into_iter().map(|(between, field)| format!("{between}{field}")).collect();
        assert_eq!(text, pieces.concat());
        text
    }

    #[test]
    fn fields_enter_in_every_order_as_written_by_hand() {
        let fields =
            [("remark", "2"), ("re_openid", "1"), ("a10", "4"), ("a9", "3"), ("Z", "5"), ("empty", "")];
        for (order, expected) in [
            (Order::Bytes, "Z=5&a10=4&a9=3&re_openid=1&remark=2"),
            (Order::Small, "a10=4&a9=3&re_openid=1&remark=2&Z=5"),
            (Order::Capitals, "a10=4&a9=3&remark=2&re_openid=1&Z=5"),
            (Order::Natural, "a9=3&a10=4&re_openid=1&remark=2&Z=5"),
            (Order::Dictionary, "a10=4&a9=3&remark=2&re_openid=1&Z=5"),
            (Order::Descending, "remark=2&re_openid=1&a9=3&a10=4&Z=5"),
            (Order::Document, "remark=2&re_openid=1&a10=4&a9=3&Z=5"),
            (Order::Value, "re_openid=1&remark=2&a9=3&a10=4&Z=5"),
        ] {
            assert_eq!(text(&fields, |recipe| recipe.order = order), expected, "{order:?}");
        }
    }

    #[test]
    fn text_is_written_in_every_charset_as_known() {
        let document = Document::new(Kind::Plain, &[], "", SignType::Md5);
        let mut recipe = Recipe::right(&document);
        for (charset, expected) in [
            (Charset::Utf8, &b"a\xE5\xB0\x8F\xF0\x9F\x98\x80"[..]),
            (Charset::Gbk, b"a\xD0\xA1?"),
            (Charset::Latin1, b"a??"),
            (Charset::QuestionMarks, b"a??"),
            (Charset::Utf16Le, b"a\0\x0F\x5C\x3D\xD8\0\xDE"),
            (Charset::Utf16Be, b"\0a\x5C\x0F\xD8\x3D\xDE\0"),
            (Charset::Utf16Marked, b"\xFE\xFF\0a\x5C\x0F\xD8\x3D\xDE\0"),
        ] {
            recipe.charset = charset;
            assert_eq!(&*recipe.bytes("a小😀", true), expected, "{charset:?}");
        }
        recipe.charset = Charset::Utf8AsLatin1;
        assert_eq!(&*recipe.bytes("é", true), "Ã©".as_bytes());
        recipe.charset = Charset::Utf8AsGbk;
        assert_eq!(&*recipe.bytes("测试", true), "娴嬭瘯".as_bytes());
    }
}

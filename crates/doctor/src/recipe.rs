//! How a string to sign is made: right, and with any number of mistakes.

use crate::document::{Document, Kind};
use crate::mistakes::{COMPONENT, percent};
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
    /// Its place in the document; `usize::MAX` if it was added.
    pub(crate) place: usize,
}

impl Entry<'_> {
    /// Whether it is the other one, unchanged.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.place == other.place
            && self.kept == other.kept
            && *self.name == *other.name
            && *self.value == *other.value
    }

    /// Whether it is in the string.
    pub(crate) fn enters(&self) -> bool {
        self.kept || !self.value.is_empty()
    }

    /// Writes it behind what `text` holds.
    pub(crate) fn write(&self, equals: &str, text: &mut String) {
        text.push_str(&self.name);
        text.push_str(equals);
        text.push_str(&self.value);
    }
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

impl Order {
    /// Whether names are compared by something that has to be made of them first.
    const fn is_by_rank(self) -> bool {
        matches!(self, Self::Small | Self::Capitals | Self::Natural | Self::Dictionary)
    }

    /// By what names are compared; names that are the same in it are compared by their bytes.
    fn rank(self, name: &str) -> Rank {
        match self {
            Self::Natural => natural(name),
            Self::Small => vec![(true, 0, name.to_lowercase())],
            Self::Capitals => vec![(true, 0, name.to_uppercase())],
            Self::Dictionary => vec![(true, 0, dictionary(name))],
            Self::Bytes | Self::Descending | Self::Document | Self::Value => Rank::new(),
        }
    }

    /// Which of the two stands before the other one. Where neither does they stand as in the recipe.
    pub(crate) fn compare(self, a: &Entry<'_>, b: &Entry<'_>) -> Ordering {
        match self {
            Self::Bytes => by_name(a, b),
            Self::Descending => by_name(b, a),
            Self::Document => a.place.cmp(&b.place),
            Self::Value => a.value.cmp(&b.value).then_with(|| a.place.cmp(&b.place)),
            Self::Small | Self::Capitals | Self::Natural | Self::Dictionary => {
                self.rank(&a.name).cmp(&self.rank(&b.name)).then_with(|| by_name(a, b))
            }
        }
    }
}

/// Parts of a name: whether it is text, the number if not, the text.
type Rank = Vec<(bool, u128, String)>;

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
    /// All letters small, the key's too.
    Small,
    /// All letters capitals, the key's too.
    Capitals,
    /// Percent-encoded whole, as a part of an address.
    Encoded,
    /// What a browser makes of `&notify_url` and `&timestamp` where it shows them: `¬ify_url`, `×tamp`.
    Entities,
    /// Behind this.
    Behind(&'static str),
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

    /// With these fields instead.
    pub(crate) fn with(&self, entries: Vec<Entry<'d>>) -> Self {
        Self { entries, order: self.order, join: self.join, charset: self.charset }
    }

    /// The field of this name and its place in `entries`, alone in a recipe; an empty one where it is not there, and
    /// `None` where it is there twice.
    pub(crate) fn only(&self, name: &str) -> Option<(Option<usize>, Self)> {
        let mut named = self.entries.iter().enumerate().filter(|(_, entry)| *entry.name == *name);
        let one = named.next();
        named.next().is_none().then(|| {
            (one.map(|(at, _)| at), self.with(one.map(|(_, entry)| entry.clone()).into_iter().collect()))
        })
    }

    /// The places in `entries` of those that enter, in their order.
    pub(crate) fn sorted(&self) -> Vec<usize> {
        let entry = |at: &usize| &self.entries[*at];
        let mut places: Vec<usize> = (0..self.entries.len()).filter(|at| entry(at).enters()).collect();
        if self.order.is_by_rank() {
            places.sort_by_cached_key(|at| (self.order.rank(&entry(at).name), &*entry(at).name));
        } else {
            places.sort_by(|a, b| self.order.compare(entry(a), entry(b)));
        }
        places
    }

    /// The fields that enter, in their order.
    fn entering(&self, each: impl FnMut(&Entry<'d>)) {
        // Nearly always they stand in it already.
        if self.order == Order::Bytes && self.entries.is_sorted_by(|a, b| by_name(a, b).is_le()) {
            self.entries.iter().filter(|entry| entry.enters()).for_each(each);
        } else {
            self.sorted().into_iter().map(|at| &self.entries[at]).for_each(each);
        }
    }

    /// The fields one by one as they stand in the string, each with what is between it and the one before.
    pub(crate) fn pieces(&self) -> Vec<(&'static str, String)> {
        let mut pieces = Vec::new();
        self.entering(|entry| {
            let between = if pieces.is_empty() { "" } else { self.join.between };
            pieces.push((between, [&entry.name, self.join.equals, &entry.value].concat()));
        });
        pieces
    }

    /// Where the fields stood in the document, in the order of the string; none for those that were added.
    pub(crate) fn places(&self) -> Vec<Option<usize>> {
        let mut places = Vec::new();
        self.entering(|entry| places.push(Some(entry.place).filter(|place| *place != usize::MAX)));
        places
    }

    /// Writes the text up to where the key belongs over what `text` held.
    pub(crate) fn write(&self, text: &mut String) {
        text.clear();
        let signs = self.join.between.len() + self.join.equals.len();
        text.reserve(self.entries.iter().map(|entry| entry.name.len() + entry.value.len() + signs).sum());
        let mut between = "";
        self.entering(|entry| {
            text.push_str(between);
            entry.write(self.join.equals, text);
            between = self.join.between;
        });
    }

    /// Whether a field's bytes depend on what stands around it.
    pub(crate) const fn is_whole(&self) -> bool {
        matches!(
            self.charset,
            Charset::Utf16Marked | Charset::Utf8AsGbk | Charset::Entities | Charset::Behind(_)
        )
    }

    /// Text in the bytes that are digested; `first`: whether it is the beginning.
    pub(crate) fn bytes<'t>(&self, text: &'t str, first: bool) -> Cow<'t, [u8]> {
        let same = match self.charset {
            Charset::Utf8 => true,
            Charset::Utf16Le | Charset::Utf16Be | Charset::Utf16Marked => false,
            Charset::Small | Charset::Capitals | Charset::Encoded => false,
            Charset::Entities | Charset::Behind(_) => false,
            _ => text.is_ascii(),
        };
        if same {
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
            Charset::Utf16Le => sixteen_bits(text, false, u16::to_le_bytes),
            Charset::Utf16Be => sixteen_bits(text, false, u16::to_be_bytes),
            Charset::Utf16Marked => sixteen_bits(text, first, u16::to_be_bytes),
            Charset::Utf8AsLatin1 => text.bytes().map(char::from).collect::<String>().into_bytes(),
            Charset::Utf8AsGbk => {
                GBK.decode_without_bom_handling(text.as_bytes()).0.into_owned().into_bytes()
            }
            // Letter by letter, so that pieces are as they are in the whole.
            Charset::Small => text.chars().flat_map(char::to_lowercase).collect::<String>().into_bytes(),
            Charset::Capitals => text.chars().flat_map(char::to_uppercase).collect::<String>().into_bytes(),
            Charset::Encoded => percent(text, COMPONENT, true).into_bytes(),
            Charset::Entities => text.replace("&not", "¬").replace("&times", "×").into_bytes(),
            Charset::Behind(sign) => [if first { sign } else { "" }, text].concat().into_bytes(),
        })
    }
}

fn by_name(a: &Entry<'_>, b: &Entry<'_>) -> Ordering {
    a.name.as_bytes().cmp(b.name.as_bytes())
}

/// Two bytes for each unit, perhaps a byte order mark before them.
fn sixteen_bits(text: &str, marked: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mut all = Vec::with_capacity(text.len() * 2 + 2);
    if marked {
        all.extend_from_slice(&bytes(0xFEFF));
    }
    text.encode_utf16().for_each(|unit| all.extend_from_slice(&bytes(unit)));
    all
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
fn natural(name: &str) -> Rank {
    let mut parts = Rank::new();
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
        for (charset, expected) in
            [(Charset::Small, "a=ß小&é"), (Charset::Capitals, "A=SS小&É"), (Charset::Encoded, "A%3D%C3%9F")]
        {
            recipe.charset = charset;
            let bytes = recipe.bytes("A=ß小&É", true);
            assert!(bytes.starts_with(expected.as_bytes()), "{charset:?} {bytes:?}");
        }
        recipe.charset = Charset::Utf8AsLatin1;
        assert_eq!(&*recipe.bytes("é", true), "Ã©".as_bytes());
        recipe.charset = Charset::Utf8AsGbk;
        assert_eq!(&*recipe.bytes("测试", true), "娴嬭瘯".as_bytes());
    }
}

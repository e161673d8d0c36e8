//! A value of JSON, written anew by a program that lays it out or escapes it another way.

use super::{Made, Reach, Slot, each};
use crate::cause::Cause;
use std::borrow::Cow;
use std::fmt::Write as _;

/// How deep it may be.
const DEEPEST: usize = 32;

/// Whether a value may be JSON.
pub(super) fn is_likely(value: &str) -> bool {
    value.starts_with(['{', '['])
}

/// All ways in which a program may have written the value of a field anew.
pub(super) fn add<'d>(made: &mut Made<'d>, name: &'d str, value: &'d str) {
    let Some(tree) = Reader { text: value, at: 0 }.document() else { return };
    // What a language makes of an object that is put into a text unasked.
    for word in ["[object Object]", "Array"] {
        let here = if word == "Array" { Reach::Alone } else { Reach::Part };
        if word == "Array" || value.starts_with('{') {
            let cause = (Cause::ValuesJsonEscaped, super::how(word));
            made.one(cause, (Slot::Value, here), name, move |_| word.to_owned());
        }
    }
    let mut known = vec![value.to_owned()];
    for style in styles() {
        let Some(new) = tree.written(&style, value.len()).filter(|new| !known.contains(new)) else {
            continue;
        };
        known.push(new.clone());
        let reach = if style.is_likely() { Reach::Part } else { Reach::Alone };
        let cause = (Cause::ValuesJsonEscaped, style.params());
        made.one(cause, (Slot::Value, reach), name, move |_| new.clone());
    }
}

/// The same done to every value that is JSON, for a document that has several.
pub(super) fn every(made: &mut Made<'_>) {
    for style in styles().filter(Style::is_likely) {
        let change = move |value: &str| {
            let tree = Reader { text: value, at: 0 }.document().filter(|_| is_likely(value))?;
            tree.written(&style, value.len())
        };
        made.add(Cause::ValuesJsonEscaped, style.params(), Slot::Value, move |recipe| each(recipe, change))
            .reach = Reach::Part;
    }
}

/// What stands between the parts.
struct Layout {
    written: &'static str,
    colon: &'static str,
    comma: &'static str,
    /// So many blanks for each level at the beginning of a line; all in one line where there are none.
    indent: usize,
    sorted: bool,
}

const fn line(written: &'static str, colon: &'static str, comma: &'static str, sorted: bool) -> Layout {
    Layout { written, colon, comma, indent: 0, sorted }
}

const fn lines(written: &'static str, indent: usize, sorted: bool) -> Layout {
    Layout { written, colon: ": ", comma: ",", indent, sorted }
}

static LAYOUTS: [Layout; 8] = [
    line("compact", ":", ",", false),
    // As Python writes it.
    line("with blanks", ": ", ", ", false),
    line("compact, keys sorted", ":", ",", true),
    line("with blanks, keys sorted", ": ", ", ", true),
    lines("indented by two", 2, false),
    lines("indented by four", 4, false),
    lines("indented by two, keys sorted", 2, true),
    lines("indented by four, keys sorted", 4, true),
];

/// How the characters inside texts are written.
struct Escapes {
    written: &'static str,
    /// `\/` for `/`.
    slash: bool,
    /// `\uxxxx` for what is not ASCII.
    wide: bool,
    /// Signs that become `\u00xx`.
    signs: &'static str,
    /// Whether the digits behind `\u` are capitals.
    capitals: bool,
}

const fn escapes(written: &'static str, slash: bool, wide: bool, signs: &'static str) -> Escapes {
    Escapes { written, slash, wide, signs, capitals: false }
}

/// JavaScript writes plain text; Python escapes what is not ASCII, PHP slashes too unless it is told not to; Go, Gson
/// and .NET escape what would mean something in HTML.
static ESCAPES: [Escapes; 8] = [
    escapes("escapes undone", false, false, ""),
    escapes("characters escaped", false, true, ""),
    escapes("characters and slashes escaped", true, true, ""),
    escapes("slashes escaped", true, false, ""),
    escapes("signs of HTML escaped", false, false, "<>&\u{2028}\u{2029}"),
    escapes("signs of HTML and quotes escaped", false, false, "<>&='\u{2028}\u{2029}"),
    Escapes { capitals: true, ..escapes("characters escaped in capitals", false, true, "") },
    Escapes {
        capitals: true,
        ..escapes("characters and signs escaped in capitals", false, true, "\"'&+<>`")
    },
];

/// A layout, and escapes; without them texts stay as they stand.
#[derive(Clone, Copy)]
struct Style {
    layout: &'static Layout,
    escapes: Option<&'static Escapes>,
}

fn styles() -> impl Iterator<Item = Style> {
    let with = |layout: &'static Layout| {
        let escapes = std::iter::once(None).chain(ESCAPES.iter().map(Some));
        escapes.map(move |escapes| Style { layout, escapes })
    };
    LAYOUTS.iter().flat_map(with)
}

impl Style {
    /// Whether programs have it without being asked for it, so that it may stand beside other mistakes.
    fn is_likely(&self) -> bool {
        let Layout { indent, sorted, .. } = *self.layout;
        let plain = self.escapes.is_none_or(|escapes| escapes.signs.is_empty() && !escapes.capitals);
        indent == 0 && (self.escapes.is_none() || !sorted && plain)
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        let mut params = vec![("written", self.layout.written.to_owned())];
        params.extend(self.escapes.map(|escapes| ("escapes", escapes.written.to_owned())));
        params
    }

    /// Where a line begins, at a level.
    fn begin(&self, level: usize, out: &mut String) {
        if self.layout.indent > 0 {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', level * self.layout.indent));
        }
    }

    /// A text with its quotes.
    fn text(&self, text: &str, out: &mut String) {
        match self.escapes.and_then(|escapes| Some((escapes, plain(text)?))) {
            Some((escapes, plain)) => escapes.write(&plain, out),
            None => out.push_str(text),
        }
    }
}

impl Escapes {
    fn write(&self, plain: &str, out: &mut String) {
        out.push('"');
        for letter in plain.chars() {
            match letter {
                sign if self.signs.contains(sign) => self.unicode(sign, out),
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\u{8}' => out.push_str("\\b"),
                '\u{C}' => out.push_str("\\f"),
                '/' if self.slash => out.push_str("\\/"),
                control if control < ' ' => self.unicode(control, out),
                wide if self.wide && !wide.is_ascii() => self.unicode(wide, out),
                other => out.push(other),
            }
        }
        out.push('"');
    }

    fn unicode(&self, letter: char, out: &mut String) {
        for unit in letter.encode_utf16(&mut [0; 2]) {
            let _ = if self.capitals { write!(out, "\\u{unit:04X}") } else { write!(out, "\\u{unit:04x}") };
        }
    }
}

/// What a text says; `None` where it has an escape that JSON does not know.
fn plain(text: &str) -> Option<Cow<'_, str>> {
    let mut rest = text.strip_prefix('"')?.strip_suffix('"')?;
    if !rest.contains('\\') {
        return Some(Cow::Borrowed(rest));
    }
    let mut out = String::with_capacity(rest.len());
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let (letter, length) = escaped(&rest[at..])?;
        out.push(letter);
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

/// The character that the escape at the beginning means, and the escape's length.
fn escaped(rest: &str) -> Option<(char, usize)> {
    let unit = |from: usize| {
        let digits = rest.get(from..from + 6)?.strip_prefix("\\u")?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        plain.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
    };
    let letter = match rest.as_bytes().get(1)? {
        sign @ (b'"' | b'\\' | b'/') => char::from(*sign),
        b'b' => '\u{8}',
        b'f' => '\u{C}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let first = unit(0)?;
            return match char::decode_utf16([first]).next()? {
                Ok(letter) => Some((letter, 6)),
                Err(_) => Some((char::decode_utf16([first, unit(6)?]).next()?.ok()?, 12)),
            };
        }
        _ => return None,
    };
    Some((letter, 2))
}

/// Numbers are kept as they are written, and so are texts but for their escapes.
enum Tree<'v> {
    Object(Vec<(&'v str, Tree<'v>)>),
    Array(Vec<Tree<'v>>),
    Word(&'v str),
}

impl Tree<'_> {
    /// The value written anew, of `length` bytes before; `None` where it grows to what nobody sends, as what is laid
    /// out in lines under many brackets would.
    fn written(&self, style: &Style, length: usize) -> Option<String> {
        let mut out = String::with_capacity(length * 2);
        let most = length * 6 + 1024;
        self.write(&mut out, style, 0, most);
        (out.len() <= most).then_some(out)
    }

    fn write(&self, out: &mut String, style: &Style, level: usize, most: usize) {
        let Layout { colon, comma, sorted, .. } = *style.layout;
        let between = |out: &mut String, at: usize| {
            out.push_str(if at == 0 { "" } else { comma });
            style.begin(level + 1, out);
            out.len() <= most
        };
        match self {
            Self::Word(word) => style.text(word, out),
            Self::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if !between(out, at) {
                        return;
                    }
                    item.write(out, style, level + 1, most);
                }
                if !items.is_empty() {
                    style.begin(level, out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                if sorted {
                    members.sort_by_key(|(key, _)| *key);
                }
                out.push('{');
                for (at, (key, value)) in members.iter().enumerate() {
                    if !between(out, at) {
                        return;
                    }
                    style.text(key, out);
                    out.push_str(colon);
                    value.write(out, style, level + 1, most);
                }
                if !members.is_empty() {
                    style.begin(level, out);
                }
                out.push('}');
            }
        }
    }
}

struct Reader<'v> {
    text: &'v str,
    at: usize,
}

impl<'v> Reader<'v> {
    fn document(mut self) -> Option<Tree<'v>> {
        let tree = self.value(0)?;
        self.blanks();
        (self.at == self.text.len()).then_some(tree)
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    /// Takes `sign` if it stands here, blanks before it.
    fn takes(&mut self, sign: char) -> bool {
        self.blanks();
        let here = self.text[self.at..].starts_with(sign);
        self.at += if here { sign.len_utf8() } else { 0 };
        here
    }

    fn value(&mut self, depth: usize) -> Option<Tree<'v>> {
        if depth > DEEPEST {
            return None;
        }
        if self.takes('{') {
            let mut members = Vec::new();
            while !self.takes('}') {
                if !members.is_empty() && !self.takes(',') {
                    return None;
                }
                let key = self.string()?;
                if !self.takes(':') {
                    return None;
                }
                members.push((key, self.value(depth + 1)?));
            }
            Some(Tree::Object(members))
        } else if self.takes('[') {
            let mut items = Vec::new();
            while !self.takes(']') {
                if !items.is_empty() && !self.takes(',') {
                    return None;
                }
                items.push(self.value(depth + 1)?);
            }
            Some(Tree::Array(items))
        } else if self.text[self.at..].starts_with('"') {
            self.string().map(Tree::Word)
        } else {
            let rest = &self.text[self.at..];
            let len = rest.find([',', ']', '}', ' ', '\t', '\r', '\n', '"', ':']).unwrap_or(rest.len());
            self.at += len;
            (len > 0).then(|| Tree::Word(&rest[..len]))
        }
    }

    /// A text with its quotes.
    fn string(&mut self) -> Option<&'v str> {
        self.blanks();
        let rest = &self.text[self.at..];
        let inside = rest.strip_prefix('"')?;
        let mut escaped = false;
        let end = inside.find(|letter| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends
        })?;
        self.at += end + 2;
        Some(&rest[..end + 2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the names of layout and escapes.
    fn written(text: &str, layout: &str, escapes: &str) -> Option<String> {
        let wanted = |style: &Style| {
            style.layout.written == layout && style.escapes.map_or("", |escapes| escapes.written) == escapes
        };
        let style = styles().find(wanted).unwrap();
        Reader { text, at: 0 }.document()?.written(&style, text.len())
    }

    #[test]
    fn json_is_laid_out_anew_and_its_texts_stay() {
        let text = r#"{ "b":[1, {"y":"a , \" : b"}],"a": "\u5c0f" ,"c":1.50,"d":[]}"#;
        for (layout, expected) in [
            ("compact", r#"{"b":[1,{"y":"a , \" : b"}],"a":"\u5c0f","c":1.50,"d":[]}"#),
            ("with blanks", r#"{"b": [1, {"y": "a , \" : b"}], "a": "\u5c0f", "c": 1.50, "d": []}"#),
            ("compact, keys sorted", r#"{"a":"\u5c0f","b":[1,{"y":"a , \" : b"}],"c":1.50,"d":[]}"#),
            (
                "indented by two",
                "{\n  \"b\": [\n    1,\n    {\n      \"y\": \"a , \\\" : b\"\n    }\n  ],\n  \"a\": \"\\u5c0f\",\n  \
                 \"c\": 1.50,\n  \"d\": []\n}",
            ),
        ] {
            assert_eq!(written(text, layout, "").as_deref(), Some(expected));
        }
    }

    /// What json.dumps, json_encode (with and without its flags), JSON.stringify, encoding/json, Gson and
    /// System.Text.Json make of the same value.
    #[test]
    fn texts_are_escaped_as_each_language_does() {
        let text = r#"{"小":"a/b<c>&'d'=\"e\"😀\n"}"#;
        for (escapes, expected) in [
            ("", text),
            ("escapes undone", text),
            ("characters escaped", r#"{"\u5c0f":"a/b<c>&'d'=\"e\"\ud83d\ude00\n"}"#),
            ("characters and slashes escaped", r#"{"\u5c0f":"a\/b<c>&'d'=\"e\"\ud83d\ude00\n"}"#),
            ("slashes escaped", r#"{"小":"a\/b<c>&'d'=\"e\"😀\n"}"#),
            ("signs of HTML escaped", r#"{"小":"a/b\u003cc\u003e\u0026'd'=\"e\"😀\n"}"#),
            (
                "signs of HTML and quotes escaped",
                r#"{"小":"a/b\u003cc\u003e\u0026\u0027d\u0027\u003d\"e\"😀\n"}"#,
            ),
            (
                "characters and signs escaped in capitals",
                r#"{"\u5C0F":"a/b\u003Cc\u003E\u0026\u0027d\u0027=\u0022e\u0022\uD83D\uDE00\n"}"#,
            ),
        ] {
            assert_eq!(written(text, "compact", escapes).as_deref(), Some(expected), "{escapes}");
            // Whatever it was escaped like before.
            assert_eq!(written(expected, "compact", "escapes undone").as_deref(), Some(text), "{escapes}");
        }
        let broken = r#"{"a":"\x \ud83d 小"}"#;
        assert_eq!(written(broken, "compact", "characters escaped").as_deref(), Some(broken));
    }

    #[test]
    fn what_is_no_json_is_left_alone() {
        let deep = "[".repeat(100_000);
        for text in ["", "{", "{\"a", "{\"a\"}", "{\"a\":}", "[1,]x", "{}{}", "{\"a\\", &deep] {
            assert_eq!(written(text, "compact", ""), None, "{:?}", text.get(..9));
        }
    }

    #[test]
    fn nothing_is_laid_out_to_many_times_its_length() {
        let wide = format!("{}{}{}", "[".repeat(30), vec!["1"; 20_000].join(","), "]".repeat(30));
        assert_eq!(written(&wide, "indented by four", ""), None);
        assert_eq!(written(&wide, "compact", "").as_deref(), Some(&*wide));
    }
}

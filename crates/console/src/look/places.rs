//! Where keys stand in a text whoever they belong to: behind a name that says so, at any depth and under any escape, or
//! bare behind the string that was signed. Nothing is parsed: a text may be cut, nested or broken, and is gone through
//! once.

use crate::words::is_like_a_key;
use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::sync::LazyLock;
use wxpay::api::fields;

/// How names of secrets end, in small letters and digits alone.
const ENDS: [&str; 10] =
    ["key", "secret", "password", "passwd", "accesstoken", "refreshtoken", "密钥", "秘钥", "密码", "口令"];

/// The names among them that are no secret's.
const PUBLIC: [&str; 2] = ["publickey", "pubkey"];

/// Names that are also those of harmless things: only what is as long as a secret is one.
const PERHAPS: [&str; 2] = ["ticket", "token"];
const LEAST: usize = 16;

/// A name and what stands between it and its value is no longer than this, in bytes.
const REACH: usize = 96;

/// What may stand around a name or a value for a quote.
const QUOTES: [&str; 9] = ["\\\"", "\"", "\\'", "'", "`", "&quot;", "&#34;", "%22", "\\u0022"];

/// What stands between a name and its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Equals,
    Colon,
    /// `<key>…`
    Angle,
    /// `put("key", "…")`
    Comma,
}

/// What stands in a secret's place.
pub(super) struct Place {
    pub(super) range: Range<usize>,
    /// Whether it is the secret itself beyond doubt, not a piece of a program that has it.
    pub(super) literal: bool,
}

/// What the names of other people's secrets have in them, in small letters and digits alone. Fields of the protocol
/// have it too, which are no secrets.
const HOLDS: [&str; 12] = [
    "key",
    "secret",
    "pass",
    "pwd",
    "token",
    "ticket",
    "credential",
    "auth",
    "salt",
    "miyao",
    "密钥",
    "秘钥",
];

/// Whole names of secrets.
const WHOLE: [&str; 4] = ["sk", "ak", "sec", "cred"];

/// What has such a word in it by chance.
const CHANCE: [&str; 6] = ["publickey", "pubkey", "keyword", "monkey", "passenger", "compass"];

/// What is shorter is no secret where only a part of its name says so.
const LEAST_BY_PART: usize = 8;

/// Whether a field of this name holds a secret, its value being so long in bytes.
pub(super) fn is_secret(name: &str, len: usize) -> bool {
    if !may_be_secret(name) {
        return false;
    }
    let last = name.rsplit('.').next().unwrap_or(name);
    let plain: String = last.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let ends = |ends: &[&str]| ends.iter().any(|end| plain.ends_with(end));
    if ends(&PUBLIC) {
        return false;
    }
    ends(&ENDS) || len >= LEAST && ends(&PERHAPS) || len >= LEAST_BY_PART && by_part(plain, len, last)
}

/// Whether a part of the name says so.
fn by_part(mut plain: String, len: usize, name: &str) -> bool {
    for chance in CHANCE {
        if plain.contains(chance) {
            plain = plain.replace(chance, "");
        }
    }
    let long = |part: &str| len >= LEAST || !PERHAPS.contains(&part);
    let holds = HOLDS.iter().any(|part| long(part) && plain.contains(part));
    (holds || WHOLE.contains(&plain.as_str())) && !is_documented(name)
}

/// What hardly any name passes: it has the beginning of one of the words in it, or another script's letters.
fn may_be_secret(name: &str) -> bool {
    const BEGINNINGS: [&[u8; 2]; 11] =
        [b"ke", b"se", b"pa", b"pw", b"to", b"ti", b"cr", b"au", b"sa", b"mi", b"sk"];
    !name.is_ascii()
        || name.as_bytes().windows(2).any(|two| {
            let two = [two[0] | 0x20, two[1] | 0x20];
            BEGINNINGS.contains(&&two) || two == *b"ak"
        })
}

/// The names of all documented fields, as [`folded`] does it.
static DOCUMENTED: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let names = fields::ALL.iter().flat_map(|message| message.fields).map(|field| folded(field.name));
    names.collect()
});

/// Documented names that are no secrets', written as they are documented; of those with a number what stands before it.
static HARMLESS: LazyLock<HashSet<&str, BuildHasherDefault<Hash>>> = LazyLock::new(|| {
    let names = fields::ALL.iter().flat_map(|message| message.fields).map(|field| field.name);
    let known = names.map(|name| name.strip_suffix('$').unwrap_or(name)).filter(|name| !name.contains('$'));
    known.filter(|name| !is_secret(name, usize::MAX)).collect()
});

/// FNV-1a: names that are ours are looked up, and in a log millions of times.
struct Hash(u64);

impl Default for Hash {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Hash {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// Whether neither [`is_secret`] nor [`may_be_a_key`] says anything of a field of this name, whatever its value. Most
/// fields are spared both by it.
pub(super) fn is_harmless(name: &str) -> bool {
    HARMLESS.contains(name.trim_end_matches(|c: char| c.is_ascii_digit()))
}

/// The name in small letters alone.
fn folded(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphabetic());
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether a field of WeChat Pay's is called so, in whatever spelling and with whatever number.
pub(super) fn is_documented(name: &str) -> bool {
    DOCUMENTED.contains(&folded(name))
}

/// How names of what is no secret end, or what they have in them: numbers, nonces and digests look as keys do.
const ID_ENDS: [&str; 8] = ["id", "no", "str", "number", "num", "md", "hash", "code"];
const ID_HOLDS: [&str; 5] = ["nonce", "sign", "trade", "order", "digest"];

/// Whether the value of a field that WeChat Pay does not know may be a key or a ticket by its looks.
pub(super) fn may_be_a_key(name: &str, value: &str) -> bool {
    let any = |is: fn(&u8) -> bool| value.bytes().any(|byte| is(&byte));
    let mixed = any(u8::is_ascii_digit) && any(u8::is_ascii_alphabetic);
    let key = value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let in_a_ticket = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let ticket = (64..=256).contains(&value.len())
        && value.bytes().all(in_a_ticket)
        && any(u8::is_ascii_lowercase)
        && any(u8::is_ascii_uppercase);
    if !(mixed && (key || ticket)) || is_documented(name) {
        return false;
    }
    let name = folded(name);
    !ID_ENDS.iter().any(|end| name.ends_with(end)) && !ID_HOLDS.iter().any(|part| name.contains(part))
}

/// Whether there may be any place in the text: what most values are spared by.
pub(super) fn may_hold(text: &str) -> bool {
    text.bytes().fold(false, |any, byte| {
        any | matches!(byte, b'=' | b':' | b'>' | b',' | b'%' | b'\\' | b'&' | b'\n' | b'\r' | 0xEF)
    })
}

/// Every place behind a secret's name, from left to right.
pub(super) fn named(text: &str) -> Vec<Place> {
    let mut places = Vec::new();
    let mut at = 0;
    while let Some(len) = text.as_bytes()[at..].iter().position(begins_sign) {
        at += len;
        match sign(&text[at..]).and_then(|(len, sign)| place(text, at, at + len, sign)) {
            Some(place) => {
                at = place.range.end.max(at + 1);
                places.push(place);
            }
            None => at += 1,
        }
    }
    places
}

/// Whether a [`sign`] may begin with this byte, which then begins a character.
const fn begins_sign(byte: &u8) -> bool {
    matches!(byte, b'=' | b':' | b'>' | b',' | b'%' | b'&' | b'\\' | 0xEF)
}

/// The sign at the start, and how long it is.
fn sign(text: &str) -> Option<(usize, Sign)> {
    const ALL: [(&str, Sign); 15] = [
        ("=>", Sign::Colon),
        ("=", Sign::Equals),
        (":=", Sign::Colon),
        (":", Sign::Colon),
        ("：", Sign::Colon),
        (">", Sign::Angle),
        (",", Sign::Comma),
        ("%3D", Sign::Equals),
        ("%3A", Sign::Colon),
        ("%3E", Sign::Angle),
        ("&gt;", Sign::Angle),
        ("\\u003E", Sign::Angle),
        ("\\x3E", Sign::Angle),
        ("\\u003D", Sign::Equals),
        ("\\x3D", Sign::Equals),
    ];
    let first = text.as_bytes().first();
    let begins = |sign: &str| {
        sign.as_bytes().first() == first
            && text.get(..sign.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(sign))
    };
    let (written, sign) = ALL.into_iter().find(|(written, _)| begins(written))?;
    // A comparison.
    (!(sign == Sign::Equals && text[written.len()..].starts_with('='))).then_some((written.len(), sign))
}

/// The place behind the sign from `at` to `from`, if a secret's name stands before it.
fn place(text: &str, at: usize, from: usize, sign: Sign) -> Option<Place> {
    let (name, before, quoted) = name(window(text, at))?;
    if !may_be_secret(name) {
        return None;
    }
    let opened = before.ends_with('<') || ["lt;", "3c", "3C"].iter().any(|end| before.ends_with(end));
    // Escapes of a bracket end in letters, which are taken for some of the name's.
    let opened =
        opened || ["u003c", "x3c", "3c"].iter().any(|open| name.to_ascii_lowercase().starts_with(open));
    if match sign {
        Sign::Angle => !opened,
        Sign::Comma => !quoted,
        Sign::Equals | Sign::Colon => false,
    } {
        return None;
    }
    if !is_secret(name, usize::MAX) {
        return None;
    }
    // A name in a text of a program, so that a quote behind the sign ends that.
    let within = before.ends_with(['&', '?', '"', '\'', '`']) && !quoted;
    let (range, literal) = value(text, from, sign, within)?;
    is_secret(name, range.len()).then_some(Place { range, literal })
}

/// The last characters before a place.
fn window(text: &str, at: usize) -> &str {
    let start = (at.saturating_sub(REACH)..=at).find(|start| text.is_char_boundary(*start)).unwrap_or(at);
    &text[start..at]
}

/// The name that a text ends with, what stands before it, and whether it stands in quotes.
fn name(text: &str) -> Option<(&str, &str, bool)> {
    let mut rest = text.trim_end();
    let mut quoted = false;
    // How none of them ends: most names stand in none.
    let bare = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_' || *byte >= 0x80;
    while !rest.as_bytes().last().is_some_and(bare)
        && let Some(before) =
            QUOTES.iter().chain(&["]", "\\"]).find_map(|quote| rest.strip_suffix(quote)).map(str::trim_end)
    {
        (rest, quoted) = (before, true);
    }
    let in_a_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let start = rest.trim_end_matches(in_a_name).len();
    (start < rest.len()).then(|| (&rest[start..], &rest[..start], quoted))
}

/// What stands behind a sign, and whether it is the very text. `within`: the name stands in a text of a program, so that
/// a quote right behind the sign ends that.
fn value(text: &str, from: usize, sign: Sign, within: bool) -> Option<(Range<usize>, bool)> {
    let rest = &text[from..];
    let blank = rest.len() - rest.trim_start().len();
    let rest = rest.trim_start();
    let start = from + blank;
    if let Some(inside) = rest.strip_prefix("<![CDATA[") {
        return found(start + 9, inside.find("]]>").unwrap_or(inside.len()), true);
    }
    if sign == Sign::Angle {
        let ends = ["<", "&lt;", "\\u003c", "\\u003C", "\\x3c", "\\x3C", "%3C", "%3c"];
        let mut begun = rest.match_indices(['<', '&', '\\', '%']).map(|(at, _)| at);
        let end = begun.find(|at| ends.iter().any(|end| rest[*at..].starts_with(end)));
        return found(start, rest[..end.unwrap_or(rest.len())].trim_end().len(), true);
    }
    if let Some(quote) = QUOTES.iter().find(|quote| rest.starts_with(**quote)) {
        if within && sign == Sign::Equals && blank == 0 {
            return None;
        }
        return found(start + quote.len(), closed(&rest[quote.len()..], quote), true);
    }
    if sign == Sign::Comma {
        return None;
    }
    let ends = |c: char| {
        c.is_whitespace()
            || matches!(c, '&' | '"' | '\'' | '`' | '<')
            || sign == Sign::Colon && matches!(c, ',' | ';' | ')' | '}' | ']')
    };
    let end = rest.char_indices().find(|(at, c)| ends(*c) || *c == '%' && rest[*at..].starts_with("%26"));
    let end = end.map_or(rest.len(), |(at, _)| at);
    // A call or a member of a program is no text.
    let bare = !rest[..end].contains(['(', '[', '$', '.']) && (blank == 0 || is_like_a_key(&rest[..end]));
    found(start, end, bare)
}

fn found(start: usize, len: usize, literal: bool) -> Option<(Range<usize>, bool)> {
    (len > 0).then(|| (start..start + len, literal))
}

/// Where a text in quotes ends.
fn closed(text: &str, quote: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if !escaped && text[at..].starts_with(quote) || c == '\n' {
            return at;
        }
        // In a text whose quotes are escaped themselves a sign of escape tells nothing.
        escaped = quote.len() == 1 && c == '\\' && !escaped;
    }
    text.len()
}

/// Bare keys behind a string, on a line of their own or behind a `&`: nothing else stands there without a name.
pub(super) fn bare(text: &str) -> Vec<Range<usize>> {
    let in_a_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '_' | '-');
    let mut places = Vec::new();
    for (at, _) in text.match_indices(['&', '\n', '\r']) {
        let rest = &text[at + 1..];
        let piece = &rest[..rest.find(['&', '\n', '\r']).unwrap_or(rest.len())];
        let start = at + 1 + (piece.len() - piece.trim_start().len());
        let piece = piece.trim().trim_matches(['"', '\'']);
        if is_like_a_key(piece) && piece.chars().all(in_a_key) {
            let start = start + text[start..].find(piece).unwrap_or(0);
            places.push(start..start + piece.len());
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(text: &str) -> String {
        let mut out = String::new();
        let mut at = 0;
        for Place { range, .. } in named(text) {
            out += &text[at..range.start];
            out += "***";
            at = range.end;
        }
        out + &text[at..]
    }

    #[test]
    fn a_name_at_any_depth_tells_its_secret() {
        for (text, masked) in [
            ("a=1&key=abc&b=2", "a=1&key=***&b=2"),
            ("KEY=abc", "KEY=***"),
            ("mch_key : 'a b'", "mch_key : '***'"),
            (r#"{"a":{"b":[{"api-key":"ab\"c"}]}}"#, r#"{"a":{"b":[{"api-key":"***"}]}}"#),
            (r#"{\"key\":\"abc\",\"a\":1}"#, r#"{\"key\":\"***\",\"a\":1}"#),
            (r#"{"key": 12345}"#, r#"{"key": ***}"#),
            ("<key>abc</key><a>1</a>", "<key>***</key><a>1</a>"),
            ("<appSecret><![CDATA[a<c]]></appSecret>", "<appSecret><![CDATA[***]]></appSecret>"),
            ("&lt;key&gt;abc&lt;/key&gt;", "&lt;key&gt;***&lt;/key&gt;"),
            (r"\u003ckey\u003eabc\u003c/key\u003e", r"\u003ckey\u003e***\u003c/key\u003e"),
            ("%7B%22key%22%3A%22abc%22%7D", "%7B%22key%22%3A%22***%22%7D"),
            ("attach%3D1%26key%3Dabc%26b%3D2", "attach%3D1%26key%3D***%26b%3D2"),
            ("https://a.example/?x=1&mch_key=abc#b", "https://a.example/?x=1&mch_key=***"),
            ("map.put(\"key\", \"abc\")", "map.put(\"key\", \"***\")"),
            ("['key' => 'abc']", "['key' => '***']"),
            ("商户密钥：abc def", "商户密钥：*** def"),
            ("jsapi_ticket=sM4AOVdWfPE4DxkXGEs8&a=1", "jsapi_ticket=***&a=1"),
            ("api_secret_v2=abcdefgh&b=1", "api_secret_v2=***&b=1"),
            ("<KEY1>abcdefgh</KEY1>", "<KEY1>***</KEY1>"),
            (
                "{\"Sk\":\"abcdefgh\",\"pass_phrase\":\"abcdefgh\"}",
                "{\"Sk\":\"***\",\"pass_phrase\":\"***\"}",
            ),
            // What is none.
            ("auth_code=120061098828009406&risk=abcdefgh", "auth_code=120061098828009406&risk=abcdefgh"),
            (
                "{\"keywords\":\"bread and butter\",\"pass\":\"yes\"}",
                "{\"keywords\":\"bread and butter\",\"pass\":\"yes\"}",
            ),
            ("{\"ticket\":\"VIP\"}", "{\"ticket\":\"VIP\"}"),
            ("public_key=abc&monkeys=3", "public_key=abc&monkeys=3"),
            ("str + \"&key=\" + key", "str + \"&key=\" + key"),
            ("if (key == other)", "if (key == other)"),
            ("a.key > 5", "a.key > 5"),
            ("&key=", "&key="),
            ("key", "key"),
            ("", ""),
        ] {
            assert_eq!(without(text), masked, "{text}");
        }
    }

    #[test]
    fn a_bare_key_behind_a_string_is_seen() {
        const KEY: &str = "192006250b4c09247ec02edce69f6a2d";
        for (text, seen) in [
            (format!("x&{KEY}"), Some((2, 34))),
            (format!("x\n\"{KEY}\"\r\n"), Some((3, 35))),
            (format!("x&key{KEY}&b"), Some((2, 37))),
            (format!("A&nonce_str={KEY}&b"), None),
            (KEY.to_owned(), None),
            ("bread & butter & a\nline of words".to_owned(), None),
        ] {
            let found: Vec<_> = bare(&text).into_iter().map(|place| (place.start, place.end)).collect();
            assert_eq!(found, Vec::from_iter(seen), "{text}");
        }
    }

    #[test]
    fn what_is_harmless_is_so_by_every_rule() {
        let ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";
        let mut many = 0;
        for field in fields::ALL.iter().flat_map(|message| message.fields) {
            for number in ["0", "12", ""] {
                let name = field.name.replace('$', number);
                if is_harmless(&name) {
                    many += 1;
                    assert!(!is_secret(&name, usize::MAX) && !may_be_a_key(&name, ticket), "{name}");
                }
            }
        }
        assert!(many > 300, "{many}");
        for name in ["key", "Key", "foo", "token", "coupon", "appid_", "key_0", "partnerkey", "APPID", ""] {
            assert!(!is_harmless(name), "{name}");
        }
    }

    #[test]
    fn what_looks_like_a_key_under_a_name_of_ones_own_is_one() {
        const KEY: &str = "192006250b4c09247ec02edce69f6a2d";
        for (name, is) in [
            ("foo", true),
            ("Api", true),
            ("zfmy", true),
            ("nonce_str", false),
            ("nonceStr", false),
            ("random_str", false),
            ("outTradeNo", false),
            ("attach", false),
            ("Sign", false),
            ("coupon_id_12", false),
        ] {
            assert_eq!(may_be_a_key(name, KEY), is, "{name}");
        }
        let ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";
        assert!(
            may_be_a_key("x", ticket) && !may_be_a_key("x", &KEY[1..]) && !may_be_a_key("x", &KEY.repeat(2))
        );
    }

    /// Long and hostile texts are gone through once: otherwise this would take minutes.
    #[test]
    fn it_takes_no_longer_than_its_text() {
        for piece in [
            "key=",
            "\"key\":\"",
            "<key>",
            "key:\\\"",
            "key='\\",
            "&",
            "%22key%22%3A",
            "key%3Da%26",
            "=\u{3000}",
        ] {
            let text = piece.repeat((1 << 20) / piece.len());
            assert!(named(&text).len() + bare(&text).len() <= text.len(), "{piece}");
        }
    }
}

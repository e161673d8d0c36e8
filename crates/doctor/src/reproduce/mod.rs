//! The same mistake with other ids, texts and key: a payload to show to anybody, and a failing test of it.

mod dummy;
mod fix;
mod language;
mod snippet;

pub use fix::fix;
pub use language::Language;

use crate::cause::{Cause, Proven};
use crate::document::{Document, Kind};
use crate::key::{Key, KeyKind};
use crate::replay::{SECOND_KEY, replay};
use crate::search::{Diagnosis, Explanation, examine_to};
use domain::Secret;
use dummy::{Dummies, is_protocol_json, is_public};
use std::collections::HashSet;
use wxpay::{Fields, SignType, xml};

/// The key of a reproduction: the one of WeChat Pay's own published example.
pub const DUMMY_KEY: &str = "192006250b4c09247ec02edce69f6a2d";
/// The key of a reproduction in which another key than the rightful one signed: published too.
pub const OTHER_DUMMY_KEY: &str = "8934e7d15453e97507ef794cf7b0519d";

/// Documents over this many bytes are not reproduced: nobody reads them.
const MOST_BYTES: usize = 32 * 1024;
/// So many times other dummies are tried, if the mistakes do not show with the first ones.
const TRIES: u64 = 6;
/// So many of those are looked at, each of which takes a search.
const MOST_LOOKED: usize = 3;
/// No piece of an id or text as long as this survives.
const PIECE: usize = 6;

/// A document with the same mistakes that says nothing of the original. Everything in it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reproduction {
    /// What kind of document it is.
    pub kind: Kind,
    /// Which digest is right.
    pub asked: SignType,
    /// Its fields without the signature.
    pub fields: Vec<(String, String)>,
    /// The document beside it, where one was given.
    pub beside: Option<Vec<(String, String)>>,
    /// Other pages, for wx.config.
    pub pages: Vec<String>,
    /// The wrong signature.
    pub presented: String,
    /// The right one.
    pub expected: String,
    /// The key that gives the right one. A published test key, with blanks or quotes around it where they matter; empty
    /// for wx.config.
    pub key: String,
    /// The document: XML, or JSON for what a front end sends.
    pub payload: String,
    /// A file with a failing test in each language, in the order of [`Language::ALL`]. It needs no package but, in Rust,
    /// the digest's own.
    pub tests: Vec<(Language, String)>,
}

/// Makes the mistakes of an explanation once more, with dummies. `keys` are those that the explanation was found with.
/// The result has been examined in its turn: it is given only if the very same causes are proven of it, and if no piece of
/// an id, a nonce or a text of the original stands in it. `go_on` is that of [`examine`](crate::examine).
pub fn reproduce(
    document: &Document<'_>,
    explanation: &Explanation,
    keys: &[Key],
    go_on: &mut dyn FnMut(u64) -> bool,
) -> Option<Reproduction> {
    let size: usize = document
        .fields
        .iter()
        .chain(document.beside.unwrap_or_default())
        .map(|(n, v)| n.len() + v.len())
        .sum();
    if explanation.proven.is_empty() || size > MOST_BYTES {
        return None;
    }
    let original = pieces(document);
    let (mut ended, mut looked) = (false, 0);
    let mut watched = |tried| {
        ended |= !go_on(tried);
        !ended
    };
    for salt in 0..TRIES {
        let dummy = Dummy::of(document, salt);
        if dummy.shows(&original) {
            continue;
        }
        for key in key_shapes(&explanation.proven) {
            let Some((presented, expected)) = dummy.signed(explanation, keys, &key, &mut watched) else {
                continue;
            };
            // By chance a digest may have six digits of a number.
            let digests = windows("sign", &presented).into_iter().chain(windows("sign", &expected));
            if !digests.into_iter().any(|piece| original.contains(&piece)) {
                return dummy.told(presented, expected, key);
            }
        }
        looked += 1;
        if looked == MOST_LOOKED {
            break;
        }
    }
    None
}

/// A document of dummies.
struct Dummy {
    kind: Kind,
    asked: SignType,
    fields: Vec<(String, String)>,
    beside: Option<Vec<(String, String)>>,
    pages: Vec<String>,
}

impl Dummy {
    fn of(document: &Document<'_>, salt: u64) -> Self {
        let dummies = Dummies { salt, keep_scheme: document.kind == Kind::Jssdk };
        let all = |fields: &[(String, String)]| -> Vec<(String, String)> {
            fields.iter().map(|(name, value)| (name.clone(), dummies.value(name, value))).collect()
        };
        let mut fields = all(document.fields);
        // A call is made without it; what would be right can only be shown with one.
        if document.kind == Kind::Jsapi && document.get("appId").is_none_or(str::is_empty) {
            fields.retain(|(name, _)| name != "appId");
            fields.push(("appId".to_owned(), dummies.value("appId", "wx0123456789abcdef")));
        }
        Self {
            kind: document.kind,
            asked: document.asked,
            fields,
            beside: document.beside.map(all),
            pages: document.pages.iter().map(|page| dummies.value("url", page)).collect(),
        }
    }

    fn document<'d>(&'d self, presented: &'d str) -> Document<'d> {
        Document {
            beside: self.beside.as_deref(),
            pages: &self.pages,
            ..Document::new(self.kind, &self.fields, presented, self.asked)
        }
    }

    /// Whether a piece of the original is to be seen in it.
    fn shows(&self, original: &HashSet<String>) -> bool {
        let beside = self.beside.as_deref().unwrap_or_default();
        let fields = self.fields.iter().chain(beside);
        let shows =
            |name: &str, value: &str| windows(name, value).iter().any(|piece| original.contains(piece));
        fields
            .map(|(name, value)| (name.as_str(), value))
            .chain(self.pages.iter().map(|page| ("url", page)))
            .any(|(name, value)| shows(name, value))
    }

    /// The signature that the mistakes give with this key, and the right one; `None` unless they are proven again.
    fn signed(
        &self,
        explanation: &Explanation,
        keys: &[Key],
        key: &str,
        go_on: &mut dyn FnMut(u64) -> bool,
    ) -> Option<(String, String)> {
        let proven = &explanation.proven;
        let other = proven.iter().any(|proven| proven.cause == Cause::OtherKey);
        let signing = if other { key.replace(DUMMY_KEY, OTHER_DUMMY_KEY) } else { key.to_owned() };
        let presented = replay(&self.document(""), &signing, proven)?;
        let mut at_hand = vec![given(KeyKind::Given, true, key)];
        if other {
            let kind = explanation.key.and_then(|at| keys.get(at)).map_or(KeyKind::Former, |key| key.kind);
            at_hand.push(given(kind, false, &signing));
        }
        if proven.iter().any(|proven| proven.cause == Cause::HmacKeyDiffers) {
            at_hand.push(given(KeyKind::Former, false, SECOND_KEY));
        }
        let causes = |proven: &[Proven]| -> Vec<Cause> { proven.iter().map(|proven| proven.cause).collect() };
        let depth = proven.iter().map(cost).sum();
        let seen: Diagnosis = examine_to(&self.document(&presented), &at_hand, depth, go_on);
        let same = seen.explanations.iter().any(|again| causes(&again.proven) == causes(proven));
        let expected = seen.expected.filter(|expected| same && *expected != presented)?;
        Some((presented, expected))
    }

    fn told(self, presented: String, expected: String, key: String) -> Option<Reproduction> {
        let key = if self.kind == Kind::Jssdk { String::new() } else { key };
        let case = snippet::Case {
            kind: self.kind,
            asked: self.asked,
            fields: &self.fields,
            presented: &presented,
            key: &key,
        };
        let tests =
            Language::ALL.iter().map(|language| (*language, snippet::test(*language, &case))).collect();
        let payload = payload(self.kind, &self.fields, &presented)?;
        let Self { kind, asked, fields, beside, pages } = self;
        Some(Reproduction { kind, asked, fields, beside, pages, presented, expected, key, payload, tests })
    }
}

/// For how many mistakes the search takes it at most: what is made of several is looked for later.
fn cost(proven: &Proven) -> usize {
    let several = match proven.cause {
        Cause::FieldsLeftOut | Cause::FieldsAdded => ("fields", ", "),
        Cause::NamesWrong => ("from", ", "),
        Cause::JssdkUrl => ("written", "; "),
        _ => return 1,
    };
    let is = |(name, said): &(&str, String)| *name == several.0 && said.contains(several.1);
    if proven.params.iter().any(is) { 2 } else { 1 }
}

fn given(kind: KeyKind, rightful: bool, key: &str) -> Key {
    Key::new("shop", kind, rightful, Secret::new(key.to_owned()))
}

/// The dummy key as it may have to be for a mistake with keys to change it.
fn key_shapes(proven: &[Proven]) -> Vec<String> {
    let has = |cause| proven.iter().any(|proven| proven.cause == cause);
    let mut shapes = vec![DUMMY_KEY.to_owned()];
    if has(Cause::KeyLetterCase) {
        shapes.push(DUMMY_KEY.to_uppercase());
    }
    if has(Cause::KeyWhitespace) {
        shapes.extend([format!(" {DUMMY_KEY} "), format!("\"{DUMMY_KEY}\""), format!("'{DUMMY_KEY}'")]);
    }
    shapes
}

/// Every piece of the original's ids, nonces and texts.
fn pieces(document: &Document<'_>) -> HashSet<String> {
    let fields = document.fields.iter().chain(document.beside.unwrap_or_default());
    let any = Dummies { salt: 0, keep_scheme: false };
    // What is kept on purpose gives nothing away.
    let kept = |name: &str, value: &str| any.value(name, value) == value;
    let telling = fields
        .filter(|(name, value)| !is_public(name) && !is_protocol_json(name, value) && !kept(name, value));
    telling.flat_map(|(name, value)| windows(name, value)).collect()
}

/// Words of a reproduction's own, or of programs, which may have stood in the original too.
const OWN: [&str; 7] = [
    "https://shop.example/",
    "http://shop.example/",
    "undefined",
    "[object Object]",
    "prepay_id=",
    "203.0.113.",
    "2001:db8::",
];

/// The pieces of a value that could give it away: at least half of their characters belong to words.
fn windows(name: &str, value: &str) -> Vec<String> {
    let telling =
        |piece: &[char]| piece.iter().filter(|letter| dummy::is_word(**letter)).count() * 2 >= PIECE;
    let said = dummy::said(name, value);
    let pieces =
        said.windows(PIECE).filter(|piece| telling(piece)).map(|piece| piece.iter().collect::<String>());
    let known = |piece: &str| OWN.iter().chain(dummy::VOCABULARY).any(|known| known.contains(piece));
    pieces.filter(|piece| !known(piece)).collect()
}

/// The document as it would be sent.
fn payload(kind: Kind, fields: &[(String, String)], presented: &str) -> Option<String> {
    let sign = match kind {
        Kind::Plain | Kind::App => "sign",
        Kind::Jsapi => "paySign",
        Kind::Jssdk => "signature",
    };
    if kind == Kind::Plain {
        let mut document = Fields::new();
        for (name, value) in fields {
            document.add(name.as_str(), value.as_str()).ok()?;
        }
        document.add(sign, presented).ok()?;
        let text = xml::write(&document);
        return Some(xml::indented(&text).unwrap_or(text));
    }
    let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain([(sign, presented)]);
    let rows: Vec<String> = pairs.map(|(name, value)| format!("  {}: {}", json(name), json(value))).collect();
    Some(format!("{{\n{}\n}}", rows.join(",\n")))
}

/// A text in JSON.
fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

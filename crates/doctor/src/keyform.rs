//! Keys as they may have been used, rightly and wrongly.

use crate::cause::{Cause, Proven};
use crate::document::Kind;
use crate::key::Key;
use domain::Secret;

/// How the key stands in the string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyJoin {
    /// Behind the fields, rightly `&key=` before it.
    Right,
    /// Behind the fields, after this.
    Behind(&'static str),
    /// Not at all.
    Nowhere,
    /// As a field named `key`, in its order.
    Sorted,
    /// Before all fields.
    First,
}

/// The key that HMAC takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HmacKey {
    /// The one in the string.
    Same,
    /// Another one at hand.
    Stored(usize),
    Word(&'static str),
}

/// A key, and all that was done wrong with it.
pub(crate) struct KeyForm {
    /// Which of the keys at hand; none where none was used.
    pub(crate) key: Option<usize>,
    pub(crate) text: Secret<String>,
    pub(crate) join: KeyJoin,
    pub(crate) hmac_key: Secret<String>,
    /// Whether nothing is wrong but whose it is.
    pub(crate) plain: bool,
    pub(crate) proven: Vec<Proven>,
}

/// What tutorials write where HMAC's key belongs.
const WORDS: [&str; 9] = ["", "key", "KEY", "secret", "laoxie", "wechat", "123456", "your_key", "test"];

/// What programs write where there is no key.
const NO_KEYS: [&str; 7] = ["", "KEY", "key", "null", "undefined", "None", "nil"];

const JOINS: [(&str, KeyJoin); 8] = [
    ("key= without &", KeyJoin::Behind("key=")),
    ("the bare key", KeyJoin::Behind("")),
    ("& and the bare key", KeyJoin::Behind("&")),
    ("key sorted in as a field", KeyJoin::Sorted),
    ("key put first", KeyJoin::First),
    ("&KEY=", KeyJoin::Behind("&KEY=")),
    ("&Key=", KeyJoin::Behind("&Key=")),
    ("&secret=", KeyJoin::Behind("&secret=")),
];

fn written(cause: Cause, written: &str) -> Proven {
    Proven { cause, params: vec![("written", written.to_owned())] }
}

/// The text of a key, with what may have come with it.
fn texts(key: &str) -> Vec<(Proven, Secret<String>)> {
    let blank = |name: &str| written(Cause::KeyWhitespace, name);
    let all = [
        (blank("line feed behind"), format!("{key}\n")),
        (blank("CR LF behind"), format!("{key}\r\n")),
        (blank("blank behind"), format!("{key} ")),
        (blank("blank before"), format!(" {key}")),
        (blank("tab behind"), format!("{key}\t")),
        (blank("tab before"), format!("\t{key}")),
        (blank("blanks around"), format!(" {key} ")),
        (blank("byte order mark before"), format!("\u{FEFF}{key}")),
        (blank("\" around"), format!("\"{key}\"")),
        (blank("' around"), format!("'{key}'")),
        (blank("blanks around lost"), key.trim_matches([' ', '\t', '\r', '\n', '\u{FEFF}']).to_owned()),
        (blank("quotes around lost"), key.trim_matches(['"', '\'']).to_owned()),
        (written(Cause::KeyLetterCase, "lower case"), key.to_lowercase()),
        (written(Cause::KeyLetterCase, "upper case"), key.to_uppercase()),
    ];
    let other = all.into_iter().map(|(proven, text)| (proven, Secret::new(text)));
    other.filter(|(_, text)| text.expose() != key).collect()
}

/// Gathers forms.
struct Forms<'k> {
    keys: &'k [Key],
    hmac: bool,
    list: Vec<KeyForm>,
}

/// The forms of keys, the likelier ones first: right ones, and with `wrong` all others too. `hmac`: whether HMAC is
/// among the digests that fit.
pub(crate) fn forms(keys: &[Key], hmac: bool, kind: Kind, wrong: bool) -> Vec<KeyForm> {
    let mut forms = Forms { keys, hmac, list: Vec::new() };
    if kind != Kind::Jssdk && !wrong {
        for at in (0..keys.len()).filter(|at| keys[*at].rightful) {
            forms.own(at, keys[at].text(), KeyJoin::Right, HmacKey::Same, Vec::new());
        }
        return forms.list;
    }
    if kind == Kind::Jssdk {
        forms.without("", KeyJoin::Nowhere, Vec::new());
        for at in 0..keys.len() {
            let text = keys[at].text();
            forms.own(
                at,
                text,
                KeyJoin::Right,
                HmacKey::Same,
                vec![written(Cause::KeyJoinedWrongly, "key appended")],
            );
        }
        return forms.list;
    }
    for at in 0..keys.len() {
        forms.of(at);
    }
    // These need no key at hand.
    for word in NO_KEYS {
        let name = if word.is_empty() { "&key= and nothing" } else { word };
        forms.without(word, KeyJoin::Right, vec![written(Cause::KeyEmpty, name)]);
    }
    forms.without("", KeyJoin::Nowhere, vec![written(Cause::KeyEmpty, "nothing appended")]);
    forms.list
}

impl Forms<'_> {
    fn without(&mut self, word: &str, join: KeyJoin, proven: Vec<Proven>) {
        let text = Secret::new(word.to_owned());
        let hmac_key = text.clone();
        self.list.push(KeyForm { key: None, text, join, hmac_key, plain: proven.is_empty(), proven });
    }

    fn own(&mut self, at: usize, text: &str, join: KeyJoin, hmac: HmacKey, mut proven: Vec<Proven>) {
        let (key, plain) = (&self.keys[at], proven.is_empty());
        if !key.rightful {
            let params = vec![("merchant", key.merchant.clone()), ("kind", key.kind.as_str().to_owned())];
            proven.insert(0, Proven { cause: Cause::OtherKey, params });
        }
        let hmac_key = match hmac {
            HmacKey::Same => text,
            HmacKey::Stored(other) => self.keys[other].text(),
            HmacKey::Word(word) => word,
        };
        let [text, hmac_key] = [text, hmac_key].map(|text| Secret::new(text.to_owned()));
        self.list.push(KeyForm { key: Some(at), text, join, hmac_key, plain, proven });
    }

    /// All forms of one key.
    fn of(&mut self, at: usize) {
        let text = self.keys[at].text();
        self.own(at, text, KeyJoin::Right, HmacKey::Same, Vec::new());
        let changed = texts(text);
        for (proven, changed) in &changed {
            self.own(at, changed.expose(), KeyJoin::Right, HmacKey::Same, vec![proven.clone()]);
        }
        for (name, join) in JOINS {
            let joined = written(Cause::KeyJoinedWrongly, name);
            self.own(at, text, join, HmacKey::Same, vec![joined.clone()]);
            for (proven, changed) in &changed {
                self.own(at, changed.expose(), join, HmacKey::Same, vec![proven.clone(), joined.clone()]);
            }
        }
        if self.hmac {
            self.hmac(at, text, &changed);
        }
    }

    fn hmac(&mut self, at: usize, text: &str, changed: &[(Proven, Secret<String>)]) {
        let missing = written(Cause::HmacKeyDiffers, "&key= missing");
        self.own(at, text, KeyJoin::Nowhere, HmacKey::Same, vec![missing.clone()]);
        for (proven, changed) in changed {
            self.own(
                at,
                changed.expose(),
                KeyJoin::Nowhere,
                HmacKey::Same,
                vec![proven.clone(), missing.clone()],
            );
        }
        for (other, stored) in self.keys.iter().enumerate().filter(|(other, _)| *other != at) {
            let params = vec![
                ("written", "another key at hand".to_owned()),
                ("merchant", stored.merchant.clone()),
                ("kind", stored.kind.as_str().to_owned()),
            ];
            let differs = Proven { cause: Cause::HmacKeyDiffers, params };
            self.own(at, text, KeyJoin::Right, HmacKey::Stored(other), vec![differs]);
        }
        for word in WORDS {
            let differs = written(Cause::HmacKeyDiffers, if word.is_empty() { "empty" } else { word });
            self.own(at, text, KeyJoin::Right, HmacKey::Word(word), vec![differs.clone()]);
            for (proven, changed) in changed {
                let proven = vec![proven.clone(), differs.clone()];
                self.own(at, changed.expose(), KeyJoin::Right, HmacKey::Word(word), proven);
            }
        }
    }
}

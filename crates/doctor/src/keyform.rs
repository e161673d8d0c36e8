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

/// The forms of keys with so many mistakes, the likelier ones first. `hmac`: whether HMAC is among the
/// digests that fit.
pub(crate) fn forms(keys: &[Key], hmac: bool, kind: Kind, mistakes: usize) -> Vec<KeyForm> {
    let mut forms = Forms { keys, mistakes, list: Vec::new() };
    if kind == Kind::Jssdk {
        forms.without("", KeyJoin::Nowhere, Vec::new());
        for (at, key) in keys.iter().enumerate() {
            let joined = vec![written(Cause::KeyJoinedWrongly, "key appended")];
            forms.own(at, key.text(), KeyJoin::Right, HmacKey::Same, joined);
        }
        return forms.list;
    }
    for at in 0..keys.len() {
        forms.of(at, hmac);
    }
    if mistakes == 1 {
        // These need no key at hand.
        for word in NO_KEYS {
            let name = if word.is_empty() { "&key= and nothing" } else { word };
            forms.without(word, KeyJoin::Right, vec![written(Cause::KeyEmpty, name)]);
        }
        forms.without("", KeyJoin::Nowhere, vec![written(Cause::KeyEmpty, "nothing appended")]);
    }
    if mistakes == 2 {
        for word in NO_KEYS {
            let empty = written(Cause::KeyEmpty, if word.is_empty() { "&key= and nothing" } else { word });
            for (name, join) in JOINS {
                let joined = written(Cause::KeyJoinedWrongly, name);
                forms.without(word, join, vec![empty.clone(), joined]);
            }
        }
    }
    forms.list
}

/// Gathers forms with so many mistakes.
struct Forms<'k> {
    keys: &'k [Key],
    mistakes: usize,
    list: Vec<KeyForm>,
}

impl Forms<'_> {
    fn without(&mut self, word: &str, join: KeyJoin, proven: Vec<Proven>) {
        if proven.len() == self.mistakes {
            let text = Secret::new(word.to_owned());
            let hmac_key = text.clone();
            self.list.push(KeyForm { key: None, text, join, hmac_key, plain: proven.is_empty(), proven });
        }
    }

    /// Takes in a form that has these mistakes besides whose key it is, if so many are looked for.
    fn own(&mut self, at: usize, text: &str, join: KeyJoin, hmac: HmacKey, mut proven: Vec<Proven>) {
        let (key, plain) = (&self.keys[at], proven.is_empty());
        if proven.len() + usize::from(!key.rightful) != self.mistakes {
            return;
        }
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
    fn of(&mut self, at: usize, hmac: bool) {
        let text = self.keys[at].text();
        let wrong = self.mistakes.saturating_sub(usize::from(!self.keys[at].rightful));
        self.own(at, text, KeyJoin::Right, HmacKey::Same, Vec::new());
        if wrong == 0 {
            return;
        }
        let changed = texts(text);
        let mut uses: Vec<(Proven, KeyJoin, HmacKey)> = Vec::new();
        for (name, join) in JOINS {
            uses.push((written(Cause::KeyJoinedWrongly, name), join, HmacKey::Same));
        }
        if hmac {
            uses.extend(self.hmac(at));
        }
        // Behind the string, and so behind the key that stands there; HMAC's own is as it should be.
        for (proven, behind) in [
            (written(Cause::KeyJoinedWrongly, "& behind the key"), "&"),
            (written(Cause::KeyJoinedWrongly, "line feed behind the string"), "\n"),
            (written(Cause::KeyJoinedWrongly, "CR LF behind the string"), "\r\n"),
        ] {
            // Without HMAC a line feed behind the string is one behind the key.
            if hmac || behind == "&" {
                let text = Secret::new(format!("{text}{behind}"));
                self.own(at, text.expose(), KeyJoin::Right, HmacKey::Stored(at), vec![proven]);
            }
        }
        for (proven, changed) in &changed {
            self.own(at, changed.expose(), KeyJoin::Right, HmacKey::Same, vec![proven.clone()]);
        }
        for (used, join, hmac) in &uses {
            self.own(at, text, *join, *hmac, vec![used.clone()]);
            for (proven, changed) in changed.iter().filter(|_| wrong == 2) {
                self.own(at, changed.expose(), *join, *hmac, vec![proven.clone(), used.clone()]);
            }
            // Joined wrongly, and then HMAC with another key.
            for (differs, _, other) in uses.iter().filter(|_| wrong == 2 && *hmac == HmacKey::Same) {
                if *other != HmacKey::Same && *join != KeyJoin::Nowhere {
                    self.own(at, text, *join, *other, vec![used.clone(), differs.clone()]);
                }
            }
        }
    }

    /// What may be wrong with HMAC's own key.
    fn hmac(&self, at: usize) -> Vec<(Proven, KeyJoin, HmacKey)> {
        let differs = |name: &str| written(Cause::HmacKeyDiffers, name);
        let mut uses = vec![(differs("&key= missing"), KeyJoin::Nowhere, HmacKey::Same)];
        for (other, stored) in self.keys.iter().enumerate().filter(|(other, _)| *other != at) {
            let params = vec![
                ("written", "another key at hand".to_owned()),
                ("merchant", stored.merchant.clone()),
                ("kind", stored.kind.as_str().to_owned()),
            ];
            uses.push((
                Proven { cause: Cause::HmacKeyDiffers, params },
                KeyJoin::Right,
                HmacKey::Stored(other),
            ));
        }
        for word in WORDS {
            let name = if word.is_empty() { "empty" } else { word };
            uses.push((differs(name), KeyJoin::Right, HmacKey::Word(word)));
        }
        uses
    }
}

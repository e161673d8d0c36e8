//! Keys as they may have been used, rightly and wrongly.

use crate::cause::{Cause, Proven};
use crate::key::Key;

/// How the key stands in the string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyJoin {
    /// Behind the fields, after this: rightly `&key=`.
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
pub(crate) enum HmacKey {
    /// The one in the string.
    Same,
    /// Another one at hand.
    Stored(usize),
    Word(&'static str),
}

/// A key, and all that was done wrong with it.
pub(crate) struct KeyForm {
    /// Which of the keys at hand.
    pub(crate) key: usize,
    pub(crate) text: String,
    pub(crate) join: KeyJoin,
    pub(crate) hmac: HmacKey,
    pub(crate) proven: Vec<Proven>,
}

/// What tutorials write where a key belongs.
const WORDS: [&str; 9] = ["", "key", "KEY", "secret", "laoxie", "wechat", "123456", "your_key", "test"];

const JOINS: [(&str, KeyJoin); 8] = [
    ("key= without &", KeyJoin::Behind("key=")),
    ("the bare key", KeyJoin::Behind("")),
    ("& and the bare key", KeyJoin::Behind("&")),
    ("&KEY=", KeyJoin::Behind("&KEY=")),
    ("&Key=", KeyJoin::Behind("&Key=")),
    ("&secret=", KeyJoin::Behind("&secret=")),
    ("key sorted in as a field", KeyJoin::Sorted),
    ("key put first", KeyJoin::First),
];

const RIGHT: KeyJoin = KeyJoin::Behind("&key=");

fn written(cause: Cause, written: &str) -> Proven {
    Proven { cause, params: vec![("written", written.to_owned())] }
}

/// The text of a key, with what may have come with it.
fn texts(key: &str) -> Vec<(Proven, String)> {
    let blank = |name: &str| written(Cause::KeyWhitespace, name);
    let mut all = vec![
        (blank("line feed behind"), format!("{key}\n")),
        (blank("CR LF behind"), format!("{key}\r\n")),
        (blank("blank behind"), format!("{key} ")),
        (blank("blank before"), format!(" {key}")),
        (blank("tab behind"), format!("{key}\t")),
        (blank("byte order mark before"), format!("\u{FEFF}{key}")),
        (blank("\" around"), format!("\"{key}\"")),
        (blank("' around"), format!("'{key}'")),
        (blank("blanks around lost"), key.trim().to_owned()),
        (blank("quotes around lost"), key.trim_matches(['"', '\'']).to_owned()),
        (written(Cause::KeyLetterCase, "lower case"), key.to_lowercase()),
        (written(Cause::KeyLetterCase, "upper case"), key.to_uppercase()),
    ];
    all.retain(|(_, text)| text != key);
    all
}

/// All forms with so many mistakes. `hmac`: whether HMAC is among the digests that fit.
pub(crate) fn forms(keys: &[Key], hmac: bool, mistakes: usize) -> Vec<KeyForm> {
    let mut forms = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        let own = |text: String, join, hmac, mut proven: Vec<Proven>| {
            if !key.rightful {
                let params =
                    vec![("merchant", key.merchant.clone()), ("kind", key.kind.as_str().to_owned())];
                proven.insert(0, Proven { cause: Cause::OtherKey, params });
            }
            KeyForm { key: at, text, join, hmac, proven }
        };
        let text = || key.text().to_owned();
        forms.push(own(text(), RIGHT, HmacKey::Same, Vec::new()));
        let changed = texts(key.text());
        for (proven, text) in &changed {
            forms.push(own(text.clone(), RIGHT, HmacKey::Same, vec![proven.clone()]));
        }
        for (name, join) in JOINS {
            let joined = written(Cause::KeyJoinedWrongly, name);
            forms.push(own(text(), join, HmacKey::Same, vec![joined.clone()]));
            if key.rightful {
                for (proven, text) in &changed {
                    forms.push(own(text.clone(), join, HmacKey::Same, vec![proven.clone(), joined.clone()]));
                }
            }
        }
        if hmac {
            let differs = |name: &str| written(Cause::HmacKeyDiffers, name);
            forms.push(own(text(), KeyJoin::Nowhere, HmacKey::Same, vec![differs("&key= missing")]));
            for word in WORDS {
                let name = if word.is_empty() { "empty" } else { word };
                forms.push(own(text(), RIGHT, HmacKey::Word(word), vec![differs(name)]));
            }
            for (other, stored) in keys.iter().enumerate().filter(|(other, _)| *other != at && key.rightful) {
                let params = vec![("merchant", stored.merchant.clone()), ("kind", stored.kind.as_str().to_owned())];
                let differs = Proven { cause: Cause::HmacKeyDiffers, params };
                forms.push(own(text(), RIGHT, HmacKey::Stored(other), vec![differs]));
            }
        }
    }
    // Without any key at all; these need none at hand.
    for word in ["", "KEY", "key", "null", "undefined", "None"] {
        let name = if word.is_empty() { "&key= and nothing" } else { word };
        let proven = vec![written(Cause::KeyEmpty, name)];
        forms.push(KeyForm { key: usize::MAX, text: word.to_owned(), join: RIGHT, hmac: HmacKey::Same, proven });
    }
    let proven = vec![written(Cause::KeyEmpty, "nothing appended")];
    forms.push(KeyForm { key: usize::MAX, text: String::new(), join: KeyJoin::Nowhere, hmac: HmacKey::Same, proven });
    forms.retain(|form| form.proven.len() == mistakes);
    forms
}

//! No key goes out in an answer, wherever it stood in what was pasted.

use super::keys::Keyring;
use crate::view::VerifyView;
use crate::words::is_like_a_key;
use doctor::reproduce::{DUMMY_KEY, OTHER_DUMMY_KEY};

/// What stands in a key's place.
pub(crate) const MASK: &str = "***";

/// The keys of reproductions.
const PUBLISHED: [&str; 2] = [DUMMY_KEY, OTHER_DUMMY_KEY];

/// Shorter ones are no keys, and would mask half of every text.
const SHORTEST: usize = 8;

/// No more characters of a string than this are looked at to be shown.
const MOST: usize = 512;

/// The keys at hand, to be masked wherever they stand.
pub(crate) struct Masks<'k> {
    keys: Vec<&'k str>,
}

/// Whether one of the keys at hand stands in the text.
pub(crate) fn holds_a_key(ring: &Keyring, text: &str) -> bool {
    // Hardly any text is as long as a key.
    let fits = |key: &str| key.len() >= SHORTEST && key.len() <= text.len() && text.contains(key);
    ring.all.iter().any(|one| fits(one.key.expose()))
}

impl<'k> Masks<'k> {
    pub(crate) fn new(ring: &'k Keyring) -> Self {
        let mut keys: Vec<_> = ring.all.iter().map(|one| one.key.expose()).collect();
        keys.retain(|key| key.len() >= SHORTEST);
        // One that holds another one goes first.
        keys.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        keys.dedup();
        Self { keys }
    }

    pub(crate) fn mask(&self, text: &mut String) {
        for key in &self.keys {
            if text.contains(key) {
                *text = text.replace(key, MASK);
            }
        }
    }

    /// Masks every text of an answer. A reproduction is made with published keys, which are no secrets there.
    pub(crate) fn cover(&self, view: &mut VerifyView) {
        view.for_each_text(&mut |text| self.mask(text));
        let published = |key: &&str| !PUBLISHED.contains(key);
        let others = Self { keys: self.keys.iter().copied().filter(published).collect() };
        if let Some(reproduction) = &mut view.reproduction {
            others.mask(&mut reproduction.payload);
            reproduction.tests.iter_mut().for_each(|test| others.mask(&mut test.code));
        }
    }

    /// The beginning of a string that somebody signed, without what is or could be a key: what a `key=` names, and
    /// what looks like one and does not stand in `known`.
    pub(crate) fn string(&self, text: &str, known: &str) -> String {
        let in_a_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '_' | '-');
        let mut text = text.to_owned();
        if let Some((end, _)) = text.char_indices().nth(MOST) {
            text.truncate(end);
            // A key that was cut in two would not be known for one.
            text.truncate(text.trim_end_matches(in_a_word).len());
        }
        self.mask(&mut text);
        let text = after_key(&text);
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(begin) = rest.find(in_a_word) {
            let (before, from) = rest.split_at(begin);
            let (word, after) = from.split_at(from.find(|c| !in_a_word(c)).unwrap_or(from.len()));
            out.push_str(before);
            out.push_str(if is_like_a_key(word) && !known.contains(word) { MASK } else { word });
            rest = after;
        }
        out + rest
    }
}

/// Masks what may be a key in what a program is said to hold, for of a program it is not known which text is one: 32
/// letters and digits in one piece.
pub(crate) fn cover_programs_keys(view: &mut VerifyView) {
    for field in &mut view.fields {
        let is_key = |word: &&str| word.len() == 32;
        let words = field.value.split(|c: char| !c.is_ascii_alphanumeric());
        let keys: Vec<String> = words.filter(is_key).map(ToOwned::to_owned).collect();
        for key in keys {
            field.value = field.value.replace(&key, MASK);
        }
    }
}

/// The text with what stands behind each `key=` masked, up to the next `&`.
fn after_key(text: &str) -> String {
    const NAMES: [&str; 3] = ["key=", "secret=", "key:"];
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    loop {
        let next = NAMES.iter().filter_map(|name| Some(lower[at..].find(name)? + at + name.len())).min();
        let Some(value) = next else { break };
        let end = text[value..].find('&').map_or(text.len(), |and| value + and);
        out.push_str(&text[at..value]);
        if end > value {
            out.push_str(MASK);
        }
        at = end;
    }
    out + &text[at..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_a_key_is_masked() {
        let masks = Masks { keys: vec!["192006250b4c09247ec02edce69f6a2d"] };
        let known = "appid=wxd930ea5d5a258f4f&transaction_id=4200000000000000000000000001";
        for (text, masked) in [
            ("&key=192006250b4c09247ec02edce69f6a2d", "&key=***"),
            ("192006250b4c09247ec02edce69f6a2d&appid=wxd930ea5d5a258f4f", "***&appid=wxd930ea5d5a258f4f"),
            ("&KEY=short&appid=1", "&KEY=***&appid=1"),
            ("&appSecret=x", "&appSecret=***"),
            ("=JSAPI0123456789abcdef0123456789abcdef", "=***"),
            ("4200000000000000000000000001&body=面包", "4200000000000000000000000001&body=面包"),
            ("&key=", "&key="),
            ("", ""),
        ] {
            assert_eq!(masks.string(text, known), masked, "{text}");
        }
    }
}

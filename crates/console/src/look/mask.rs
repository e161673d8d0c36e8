//! No key goes out in an answer, wherever it stood in what was pasted.

use super::keys::Keyring;
use super::places::{self, Place};
use crate::view::{FieldView, SignView, VerifyView};
use crate::words::is_like_a_key;
use doctor::reproduce::{DUMMY_KEY, OTHER_DUMMY_KEY};
use std::borrow::Cow;
use std::ops::Range;

/// What stands in a key's place.
pub(crate) const MASK: &str = "***";

/// The keys of reproductions.
const PUBLISHED: [&str; 2] = [DUMMY_KEY, OTHER_DUMMY_KEY];

/// Shorter ones are no keys, and would mask half of every text.
const SHORTEST: usize = 8;

/// No more characters of a string than this are looked at to be shown.
const MOST: usize = 512;

/// A key of WeChat Pay has so many characters.
const KEY: usize = 32;

/// A prepay_id has so many letters and digits in one piece; no other value has more than a key.
const PREPAY_ID: usize = 36;

/// So many keys of others are learned from what was pasted. Each is looked for in the whole answer.
const MOST_LEARNED: usize = 16;

/// The keys that are masked wherever they stand: those at hand, and those that what was pasted says are keys.
#[derive(Default)]
pub(crate) struct Masks<'k> {
    keys: Vec<Cow<'k, str>>,
    learned: usize,
}

/// Whether something of this field would be masked.
pub(crate) fn holds_a_key(ring: &Keyring, name: &str, value: &str) -> bool {
    // Hardly any text is as long as a key.
    let fits = |text: &str| {
        ring.all
            .iter()
            .map(|one| one.key.expose())
            .any(|key| key.len() >= SHORTEST && key.len() <= text.len() && text.contains(key))
    };
    let in_it =
        || places::may_hold(value) && (!places::named(value).is_empty() || !places::bare(value).is_empty());
    let named = || {
        !places::is_harmless(name)
            && (places::is_secret(name, value.len()) || places::may_be_a_key(name, value))
    };
    name.len() >= KEY || fits(value) || fits(name) || named() || in_it()
}

impl<'k> Masks<'k> {
    pub(crate) fn new(ring: &'k Keyring) -> Self {
        let keys = ring.all.iter().map(|one| Cow::Borrowed(one.key.expose()));
        let mut masks = Self { keys: keys.filter(|key| key.len() >= SHORTEST).collect(), learned: 0 };
        masks.sort();
        masks
    }

    /// This key, and those that stand in what it signs.
    pub(crate) fn of(key: &'k str, signed: &[u8]) -> Self {
        let mut masks = Self { keys: Vec::new(), learned: 0 };
        masks.keys.extend(Some(Cow::Borrowed(key)).filter(|key| key.len() >= SHORTEST));
        masks.learn(&String::from_utf8_lossy(signed));
        masks
    }

    fn sort(&mut self) {
        // One that holds another one goes first.
        self.keys.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        self.keys.dedup();
    }

    /// Learns the keys that stand in a text under their names, so that they are masked wherever else they stand.
    pub(crate) fn learn(&mut self, text: &str) {
        for Place { range, literal } in places::named(text) {
            if literal {
                self.take(&text[range]);
            }
        }
    }

    fn take(&mut self, key: &str) {
        // A word that is no key, such as the name of a field, would be masked in half of the answer.
        let mixed = !key.contains('_')
            && key.bytes().any(|byte| byte.is_ascii_digit())
            && key.bytes().any(|byte| byte.is_ascii_alphabetic());
        let fits = (SHORTEST..=MOST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        if fits && (mixed || is_like_a_key(key)) && self.learned < MOST_LEARNED {
            self.learned += 1;
            self.keys.push(Cow::Owned(key.to_owned()));
            self.sort();
        }
    }

    /// Learns the keys that stand in the fields, and the one that stands bare behind a string that was signed.
    /// `string`: whether they are read from nothing but such a string.
    pub(crate) fn learn_fields(&mut self, fields: &[FieldView], string: bool) {
        for FieldView { name, value, .. } in fields {
            if places::is_secret(name, value.len()) {
                self.take(value);
            }
        }
        if let Some(key) = fields.last().filter(|_| string).and_then(|last| glued(&last.name, &last.value)) {
            self.take(key);
        }
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        self.keys.retain(|key| matches!(key, Cow::Borrowed(_)) || !names.contains(&&**key));
        for name in names {
            // A key before a string is read as the beginning of its first name.
            let words = name.split(|c: char| !c.is_ascii_alphanumeric());
            words.filter(|word| word.len() >= KEY).for_each(|word| self.take(word));
        }
    }

    /// Learns what may be a key by its looks, under names that nobody knows: none of a field that is known says the same.
    pub(crate) fn learn_likely(&mut self, fields: &[FieldView]) {
        let known =
            |value: &str| fields.iter().any(|one| one.value == value && places::is_documented(&one.name));
        let likely = fields
            .iter()
            .filter(|one| !is_expression(one) && places::may_be_a_key(&one.name, &one.value))
            .take(MOST_LEARNED);
        for FieldView { value, .. } in likely {
            if !known(value) {
                self.take(value);
            }
        }
    }

    /// Learns what stands in an answer that is not masked yet.
    pub(crate) fn learn_answer(&mut self, view: &VerifyView) {
        let string = matches!(view.format.as_str(), "query" | "lines") && view.presented.is_none();
        self.learn_fields(&view.fields, string);
        self.learn_likely(&view.fields);
        // What stands in the place of a signature and can be none, but a key.
        if let Some(presented) = view.presented.as_deref().filter(|presented| {
            let bytes = presented.as_bytes();
            bytes.len() == KEY
                && bytes.iter().all(u8::is_ascii_alphanumeric)
                && !bytes.iter().all(u8::is_ascii_hexdigit)
        }) {
            self.take(presented);
        }
    }

    /// Masks the keys that are known for what they are.
    pub(crate) fn mask(&self, text: &mut String) {
        for key in &self.keys {
            if text.contains(&**key) {
                *text = text.replace(&**key, MASK);
            }
        }
    }

    /// Masks these too and whatever stands in a key's place, in a value or a string that is signed.
    pub(crate) fn mask_value(&self, text: &mut String) {
        let places = self.places(text);
        if !places.is_empty() {
            *text = without(text, &places, 0..text.len());
        }
    }

    /// Where keys stand in it, from left to right, none over another.
    pub(crate) fn places(&self, text: &str) -> Vec<Range<usize>> {
        let mut all: Vec<Range<usize>> = Vec::new();
        for key in &self.keys {
            all.extend(text.match_indices(&**key).map(|(at, key)| at..at + key.len()));
        }
        if places::may_hold(text) {
            all.extend(places::named(text).into_iter().map(|place| place.range));
            all.extend(places::bare(text));
        }
        all.sort_unstable_by_key(|range| (range.start, range.end));
        let mut places: Vec<Range<usize>> = Vec::with_capacity(all.len());
        for range in all {
            match places.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => places.push(range),
            }
        }
        places
    }

    /// The value of a field as it may be shown.
    pub(crate) fn field(&self, name: &str, value: &mut String) {
        if places::is_secret(name, value.len()) && !value.is_empty() {
            MASK.clone_into(value);
        } else {
            self.mask_value(value);
        }
    }

    /// Masks every text of what was signed by hand. The document's values are masked already.
    pub(crate) fn cover_signed(&self, view: &mut SignView) {
        self.mask_value(&mut view.string_to_sign);
        self.mask(&mut view.xml);
        for field in &mut view.fields {
            if !is_expression(field) {
                self.field(&field.name, &mut field.value);
            }
            self.mask(&mut field.name);
            self.mask(&mut field.value);
        }
        for finding in &mut view.findings {
            finding.field.iter_mut().for_each(|name| self.mask(name));
            self.mask(&mut finding.message);
        }
    }

    /// Masks a name: what is as long as a key in one piece is none.
    pub(crate) fn mask_name(&self, name: &mut String) {
        self.mask(name);
        let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() >= KEY);
        let keys: Vec<String> = words.map(ToOwned::to_owned).collect();
        for key in keys {
            *name = name.replace(&key, MASK);
        }
    }

    /// Masks every text of an answer. A reproduction is made with published keys, which are no secrets there.
    pub(crate) fn cover(&mut self, view: &mut VerifyView) {
        self.learn_answer(view);
        for field in view.fields.iter_mut().chain(&mut view.other_reading) {
            if !is_expression(field) {
                self.field(&field.name, &mut field.value);
            }
        }
        if let Some(string) = &mut view.string_to_sign {
            self.mask_value(string);
        }
        view.for_each_text(&mut |text| self.mask(text));
        let published = |key: &&Cow<'k, str>| !PUBLISHED.contains(&&***key);
        let others = Self { keys: self.keys.iter().filter(published).cloned().collect(), learned: 0 };
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
        self.mask_value(&mut text);
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

/// An expression of a program tells how a key is named, and is none.
fn is_expression(field: &FieldView) -> bool {
    field.reason.as_deref() == Some("expression")
}

/// The part of a text with these places masked, none of which lies across its ends.
pub(crate) fn without(text: &str, places: &[Range<usize>], part: Range<usize>) -> String {
    let mut out = String::with_capacity(part.len());
    let mut at = part.start;
    for place in places.iter().filter(|place| place.start >= part.start && place.end <= part.end) {
        out.push_str(&text[at..place.start]);
        out.push_str(MASK);
        at = place.end;
    }
    out + &text[at..part.end]
}

/// The key that was glued to the end of a string without its `&key=`: the last field's value is then longer than any.
fn glued<'v>(name: &str, value: &'v str) -> Option<&'v str> {
    let run = value.len() - value.trim_end_matches(|c: char| c.is_ascii_alphanumeric()).len();
    let before = value[..value.len() - run].chars().next_back();
    let after_text = before
        .is_some_and(|c| !c.is_ascii() || c.is_whitespace() || matches!(c, '}' | ']' | ')' | '>' | '"'));
    let most = if ["prepay_id", "prepayid", "package"].contains(&name) { PREPAY_ID } else { KEY };
    (run > most || run == KEY && after_text).then(|| &value[value.len() - KEY..])
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
        let masks = Masks { keys: vec!["192006250b4c09247ec02edce69f6a2d".into()], learned: 0 };
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

//! The developer's own string beside the right one, character by character.

use super::mask::{MASK, Masks, without};
use crate::args::OwnString;
use crate::view::DifferenceView;
use domain::Secret;
use wxpay::replay::Digest;

/// So many characters are shown before the difference, and so many from it on.
const BEFORE: usize = 24;
const FROM: usize = 40;

/// What a developer's string is beside the right one.
pub(crate) enum Compared {
    /// The same, with the key or without it.
    Same,
    /// The same up to the key, and another key.
    OtherKey(DifferenceView),
    /// Another string.
    Differs(DifferenceView),
}

/// Compares. `right` ends with `&key=***` if a key belongs there, and has its values as they are; `key` is the right key,
/// if that is known. What is shown has no key in it.
pub(crate) fn compare(right: &str, key: Option<&str>, said: &str, masks: &Masks<'_>) -> Compared {
    let said = said.trim_end_matches(['\r', '\n']);
    let with_mark = right.strip_suffix(MASK).unwrap_or(right);
    let fields =
        with_mark.strip_suffix("&key=").or_else(|| with_mark.strip_suffix("key=")).unwrap_or(with_mark);
    if said == fields || said == with_mark || said == right {
        return Compared::Same;
    }
    let places = masks.places(right);
    let from = |at: usize| without(right, &places, at..right.len());
    let up_to = |at: usize| without(right, &places, 0..at);
    if let Some(own) = said.strip_prefix(with_mark).filter(|_| with_mark.len() < right.len()) {
        let at = with_mark.len();
        return match key {
            Some(key) if own != key => Compared::OtherKey(view(right, at, &up_to(at), MASK, MASK)),
            _ => Compared::Same,
        };
    }
    let at = same(with_mark, said);
    // Where a key differs within, not even its beginning is shown.
    let at = places.iter().find(|place| place.contains(&at)).map_or(at, |place| place.start);
    let shown = masks.string(&said[at..], &from(0));
    Compared::Differs(view(right, at, &up_to(at), &from(at), &shown))
}

/// Whether the bytes of the string, with the key that they end with or one of these, give the signature.
pub(crate) fn gives<'k>(own: &OwnString, sign: &str, mut keys: impl Iterator<Item = &'k str>) -> bool {
    let sign = sign.trim();
    let bytes = own.bytes.expose();
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let is = |digest: Digest, bytes: &[u8], key: &str| {
        digest.of(bytes, key.as_bytes()).hex(true).eq_ignore_ascii_case(sign)
    };
    is(Digest::Md5, bytes, "")
        || keys.any(|key| {
            let whole = Secret::new([bytes, b"&key=", key.as_bytes()].concat());
            is(Digest::Md5, whole.expose(), "")
                || is(Digest::HmacSha256, whole.expose(), key)
                || is(Digest::HmacSha256, bytes, key)
        })
}

/// How many bytes both begin with, in whole characters.
fn same(one: &str, other: &str) -> usize {
    let differs = one.char_indices().zip(other.chars()).find(|((_, a), b)| a != b);
    differs.map_or(one.len().min(other.len()), |((at, _), _)| at)
}

/// The difference at byte `at` of the right string: what stands before it, and both strings from it on.
fn view(right: &str, at: usize, before: &str, expected: &str, said: &str) -> DifferenceView {
    let shown = before.chars().count();
    let context: String = before.chars().skip(shown.saturating_sub(BEFORE)).collect();
    let cut = |text: &str| text.chars().take(FROM).collect::<String>();
    DifferenceView {
        at_byte: at as u64,
        at_character: right[..at].chars().count() as u64,
        expected: context.clone() + &cut(expected),
        said: context + &cut(said),
        same: u32::try_from(shown.min(BEFORE)).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::keys::Keyring;

    const RIGHT: &str = "appid=wx1&body=面包&mch_id=10&key=***";

    fn compared(said: &str) -> Option<(u64, u64, String, String)> {
        let ring = Keyring { all: Vec::new(), trouble: None, merchants: Vec::new() };
        match compare(RIGHT, Some("SECRETSECRETSECRETSECRETSECRET12"), said, &Masks::new(&ring)) {
            Compared::Same => None,
            Compared::OtherKey(view) | Compared::Differs(view) => {
                Some((view.at_byte, view.at_character, view.expected, view.said))
            }
        }
    }

    #[test]
    fn the_first_differing_character_is_found() {
        for said in [
            "appid=wx1&body=面包&mch_id=10",
            "appid=wx1&body=面包&mch_id=10&key=",
            "appid=wx1&body=面包&mch_id=10&key=SECRETSECRETSECRETSECRETSECRET12\n",
        ] {
            assert_eq!(compared(said), None, "{said}");
        }
        let difference = |said: &str| compared(said).unwrap();
        let body = difference("appid=wx1&body=面条&mch_id=10");
        assert_eq!((body.0, body.1), (18, 16));
        assert_eq!(body.2, "appid=wx1&body=面包&mch_id=10&key=***");
        assert_eq!(body.3, "appid=wx1&body=面条&mch_id=10");
        let ended = difference("appid=wx1&body=面包&mch_id=1");
        assert_eq!((ended.1, &*ended.3), (26, "pid=wx1&body=面包&mch_id=1"));
        let first = difference("");
        assert_eq!((first.0, &*first.3), (0, ""));
    }

    /// The right string itself has a key in a value, and is compared as it is.
    #[test]
    fn a_key_in_a_value_is_compared_and_not_said() {
        const OWN: &str = "0123456789abcdef0123456789abcdef";
        let ring = Keyring { all: Vec::new(), trouble: None, merchants: Vec::new() };
        let mut masks = Masks::new(&ring);
        masks.learn(&format!("key={OWN}"));
        let right = format!("appid=wx1&attach={OWN} 面包&mch_id=10&key=***");
        let fields = right.strip_suffix("&key=***").unwrap();
        assert!(matches!(compare(&right, None, fields, &masks), Compared::Same));
        for (said, at) in [
            (fields.replace("面包", "面条"), 51),
            (fields.replace("abcdef 面", "abcdee 面"), 17),
            (fields.replace("0123456789", "012345"), 17),
        ] {
            let Compared::Differs(view) = compare(&right, None, &said, &masks) else { panic!("{said}") };
            assert_eq!(view.at_character, at, "{said}");
            for shown in [&view.expected, &view.said] {
                assert!(!shown.contains("0123") && shown.contains(MASK), "{shown}");
            }
        }
    }

    #[test]
    fn a_key_in_it_is_never_said() {
        const OWN: &str = "0123456789abcdef0123456789abcdef";
        for said in [
            format!("appid=wx1&body=面包&mch_id=10&key={OWN}"),
            format!("appid=wx1&body=面包&mch_id=10{OWN}"),
            format!("appid=wx1&body=面包&mch_id=10&{OWN}"),
            format!("key={OWN}&appid=wx1&body=面包&mch_id=10"),
            format!("{OWN}appid=wx1"),
            format!("appid=wx1&body=面包&key={OWN}&mch_id=10"),
        ] {
            let (_, _, _, shown) = compared(&said).unwrap();
            assert!(!shown.contains(&OWN[..8]) && !shown.contains(&OWN[24..]), "{shown}");
        }
    }
}

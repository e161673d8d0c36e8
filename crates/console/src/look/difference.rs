//! The developer's own string beside the right one, character by character.

use super::mask::{MASK, Masks};
use crate::view::DifferenceView;

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

/// Compares. `right` ends with `&key=***`; `key` is the right key, if that is known.
pub(crate) fn compare(right: &str, key: Option<&str>, said: &str, masks: &Masks<'_>) -> Compared {
    let said = said.trim_end_matches(['\r', '\n']);
    let with_mark = right.strip_suffix(MASK).unwrap_or(right);
    let fields =
        with_mark.strip_suffix("&key=").or_else(|| with_mark.strip_suffix("key=")).unwrap_or(with_mark);
    if said == fields || said == with_mark || said == right {
        return Compared::Same;
    }
    if let Some(own) = said.strip_prefix(with_mark) {
        return match key {
            Some(key) if own != key => Compared::OtherKey(view(right, with_mark.len(), MASK.to_owned())),
            _ => Compared::Same,
        };
    }
    let at = same(with_mark, said);
    let shown = masks.string(&said[at..], right);
    Compared::Differs(view(right, at, shown))
}

/// How many bytes both begin with, in whole characters.
fn same(one: &str, other: &str) -> usize {
    let differs = one.char_indices().zip(other.chars()).find(|((_, a), b)| a != b);
    differs.map_or(one.len().min(other.len()), |((at, _), _)| at)
}

fn view(right: &str, at: usize, said: String) -> DifferenceView {
    let (before, expected) = right.split_at(at);
    let characters = before.chars().count();
    let skipped = characters.saturating_sub(BEFORE);
    let context: String = before.chars().skip(skipped).collect();
    let cut = |text: &str| text.chars().take(FROM).collect::<String>();
    DifferenceView {
        at_byte: at as u64,
        at_character: characters as u64,
        expected: context.clone() + &cut(expected),
        said: context + &cut(&said),
        same: u32::try_from(characters - skipped).unwrap_or(u32::MAX),
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

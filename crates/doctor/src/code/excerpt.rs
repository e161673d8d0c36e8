//! What stands at a place, short, and without anybody's key.

/// Characters on either side of the place.
const SIDE: usize = 58;

/// Characters on either side that are looked at, so that no key is cut into something that looks like none.
const LOOKED: usize = 200;

/// From this length on a run of letters and digits may be a key or a digest.
const KEY: usize = 32;

/// From this length on a value beside the word key may be one.
const NAMED_KEY: usize = 8;

const MASK: &str = "****";

/// At most 120 characters of the line around byte `at`.
pub(super) fn around(src: &str, at: usize) -> String {
    let at = (0..=at.min(src.len())).rev().find(|at| src.is_char_boundary(*at)).unwrap_or(0);
    let (before, after) = (&src[..at], &src[at..]);
    let line_before: String = before.chars().rev().take_while(|c| *c != '\n').take(LOOKED).collect();
    let line_after: String = after.chars().take_while(|c| *c != '\n').take(LOOKED).collect();
    let mut chars: Vec<char> = line_before.chars().rev().collect();
    let place = chars.len();
    chars.extend(line_after.chars());
    let hidden = hidden(&chars);
    let start = place.saturating_sub(SIDE);
    let end = (place + SIDE).min(chars.len());
    let mut shown = String::new();
    let mut masked = false;
    for index in start..end {
        if hidden[index] {
            if !masked {
                shown.push_str(MASK);
            }
        } else {
            shown.push(if chars[index].is_control() { ' ' } else { chars[index] });
        }
        masked = hidden[index];
    }
    shown.trim().chars().take(120).collect()
}

/// A value for a sentence: short, on one line, keys masked.
pub(super) fn value(text: &str) -> String {
    let chars: Vec<char> = text.chars().take(LOOKED).collect();
    let hidden = hidden(&chars);
    let kept =
        chars.iter().zip(hidden).take(60).map(|(c, hidden)| if hidden || c.is_control() { '*' } else { *c });
    kept.collect::<String>().trim().to_owned()
}

/// Which characters belong to something that may be a secret.
fn hidden(chars: &[char]) -> Vec<bool> {
    let mut hidden = vec![false; chars.len()];
    let mut start = 0;
    while start < chars.len() {
        if !chars[start].is_ascii_alphanumeric() {
            start += 1;
            continue;
        }
        let length = chars[start..].iter().take_while(|c| c.is_ascii_alphanumeric()).count();
        let named =
            length >= NAMED_KEY && after_secret_name(&chars[..start]) && !is_code(&chars[start..], length);
        if length >= KEY || named {
            hidden[start..start + length].fill(true);
        }
        start += length;
    }
    hidden
}

/// Whether a call, a member or a word of Chinese goes on there: then it is no literal.
fn is_code(chars: &[char], length: usize) -> bool {
    chars.get(length).is_some_and(|next| matches!(next, '.' | '(' | '_' | '[' | '$'))
}

/// Whether `key=`, `"secret": "` and the like stand right before.
fn after_secret_name(before: &[char]) -> bool {
    let mut quoted = false;
    let mut sets = false;
    let mut rest = before;
    while let [head @ .., last] = rest {
        match last {
            '\'' | '"' | '`' => quoted = true,
            '=' | ':' | '>' => sets = true,
            ' ' | '\\' | ',' => {}
            _ => break,
        }
        rest = head;
    }
    let word: String =
        rest.iter().rev().take(20).take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
    let word: String = word.chars().rev().collect::<String>().to_ascii_lowercase();
    // `key = config.key` is a name on both sides; `&key=abc` and `<key>abc` are not quoted, but they have no blank
    // either.
    let bare = matches!(before.last(), Some('=' | '>'));
    sets && (quoted || bare)
        && ["key", "secret", "password", "passwd"].iter().any(|name| word.ends_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_shown() {
        for (text, expected) in [
            ("key = '192006250b4c09247ec02edce69f6a2d';", "key = '****';"),
            ("a=1&key=secretsecret", "a=1&key=****"),
            ("\"mch_key\": \"abcdefgh1\",", "\"mch_key\": \"****\","),
            ("const key = config.mch_key", "const key = config.mch_key"),
            ("secret: '小程序密钥'", "secret: '小程序密钥'"),
            ("<key>abcdefghij</key>", "<key>****</key>"),
        ] {
            for at in 0..text.len() {
                assert_eq!(around(text, at), expected, "{text} at {at}");
            }
        }
    }

    #[test]
    fn it_is_short_and_of_one_line() {
        let text = format!("a\n{}X{}\nb", "中文 ".repeat(100), "y z ".repeat(100));
        let shown = around(&text, text.find('X').unwrap());
        assert!(shown.chars().count() <= 120 && shown.contains('X') && !shown.contains('\n'));
    }

    #[test]
    fn a_key_at_the_edge_is_masked_whole() {
        let key = "192006250b4c09247ec02edce69f6a2d";
        let text = format!("X{}{key}{}", " ".repeat(40), " ".repeat(40));
        assert!(!around(&text, 0).contains("1920"));
    }
}

//! Programs whose line breaks were lost on the way through a web page: a `//` comment then swallows the rest. Where
//! code goes on behind it is seen by what cannot be part of a sentence.

use super::names::known_end;

/// What is known of the line when a comment begins.
#[derive(Clone, Copy)]
pub(super) struct Comments {
    /// Whether the line has more than one comment: then its line breaks were lost.
    pub(super) many: bool,
    /// The innermost bracket that is open.
    pub(super) open: Option<u8>,
}

impl Comments {
    /// Whether the line has more than one `//` that is not part of an address.
    pub(super) fn many_in(line: &str) -> bool {
        let bytes = line.as_bytes();
        let begins = |at: usize| at == 0 || !matches!(bytes[at - 1], b':' | b'/');
        let mut found = line.match_indices("//").filter(|(at, _)| begins(*at));
        let first = found.next();
        // `// // a` is a comment that was commented out.
        first.is_some_and(|(at, _)| {
            found.any(|(next, _)| next > at + 4 && !line[at + 2..next].trim().is_empty())
        })
    }
}

/// Longest name that is looked at.
const NAME: usize = 64;

/// Where in `src` the comment between `start` and `end` gives way to code, or to the next comment.
pub(super) fn resumes_at(src: &str, start: usize, end: usize, line: Comments) -> Option<usize> {
    let bytes = src.as_bytes();
    let mut at = start + 2;
    while at < end && matches!(bytes[at], b' ' | b'\t' | b'/') {
        at += 1;
    }
    // A comment that begins with code is code that was commented out.
    let first = at;
    let mut own = Vec::new();
    while at < end {
        let byte = bytes[at];
        match byte {
            b'/' if at > first && bytes.get(at + 1) == Some(&b'/') && bytes[at - 1] != b':' => {
                return Some(at);
            }
            b'(' | b'[' | b'{' if own.len() < NAME => own.push(byte),
            b')' | b']' | b'}' => {
                let opener = opener(byte);
                if own.last() == Some(&opener) {
                    own.pop();
                } else if line.many && own.is_empty() && line.open == Some(opener) {
                    return Some(at);
                }
            }
            _ if byte.is_ascii_alphanumeric() || byte == b'_' => {
                let length = word_length(&bytes[at..end]);
                let word = &src[at..at + length];
                let found =
                    parameter(&src[..end], at, word, line).or_else(|| statement(&src[..end], at, word, line));
                if let Some(found) = found.filter(|found| *found > first) {
                    return Some(found);
                }
                at += length;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

pub(super) const fn opener(closer: u8) -> u8 {
    match closer {
        b')' => b'(',
        b']' => b'[',
        _ => b'{',
    }
}

fn word_length(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')).count()
}

fn skip_blanks(text: &str, at: usize) -> usize {
    at + text.as_bytes()[at..].iter().take(NAME).take_while(|byte| **byte == b' ').count()
}

/// A parameter: `描述total_fee: 1`, `类型body, // …`.
fn parameter(text: &str, at: usize, word: &str, line: Comments) -> Option<usize> {
    if !line.many {
        return None;
    }
    let after = skip_blanks(text, at + word.len());
    let rest = &text.as_bytes()[after..];
    let follows = match rest {
        [b':', b'/', ..] => false,
        [b':', ..] => true,
        [b',', ..] => text[skip_blanks(text, after + 1)..].starts_with("//"),
        _ => false,
    };
    if follows { known_end(word).map(|cut| at + cut) } else { None }
}

/// A statement: `描述const a = …`, `说明return b;`, `地址async notify(`.
fn statement(text: &str, at: usize, word: &str, line: Comments) -> Option<usize> {
    let cut = ["const", "let", "var", "async", "return", "if"].iter().find_map(|keyword| {
        let glued = word.strip_suffix(keyword)?;
        // `xmlconst a` was two lines; `outlet` is a word.
        let fits = glued.is_empty() || *keyword == "const" || glued.ends_with(|c: char| c.is_ascii_digit());
        fits.then_some((glued.len(), *keyword))
    });
    let (glued, keyword) = cut?;
    let begin = at + glued;
    let before = text[..begin].chars().next_back()?;
    let close = !before.is_ascii() || matches!(before, ')' | '}') || glued > 0;
    if !(close || (line.many && before == ' ')) {
        return None;
    }
    let after = begin + keyword.len();
    let name = skip_blanks(text, after);
    let bytes = text.as_bytes();
    let length = word_length(&bytes[name..]).min(NAME);
    let then = skip_blanks(text, name + length);
    let next = bytes.get(then).copied().unwrap_or(0);
    let fits = match keyword {
        "if" => bytes.get(name) == Some(&b'('),
        "return" => name > after && (length > 0 && matches!(next, b';' | b'.' | b'(')),
        "async" => name > after && length > 0 && next == b'(',
        _ => name > after && ((length > 0 && matches!(next, b'=' | b';')) || bytes.get(name) == Some(&b'{')),
    };
    fits.then_some(begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_after_a_comment_is_found_and_sentences_stay_comments() {
        for (text, expected) in [
            ("// 描述const a = 1;", Some("const a = 1;")),
            ("// json->xmlconst a = 1;", Some("const a = 1;")),
            ("// 加密let hash;", Some("let hash;")),
            ("// 回调地址async notify(ctx) {", Some("async notify(ctx) {")),
            ("// 16:10:17let a = b;", Some("let a = b;")),
            ("// {a:1}return queryString.split(1)", Some("return queryString.split(1)")),
            ("// const a = 1;", None),
            ("// 用const声明的常量不能改", None),
            ("// the outlet x = 3", None),
            ("// will return soon", None),
            ("// 金额 total_fee: 单位分", None),
        ] {
            let line = Comments { many: Comments::many_in(text), open: None };
            let found = resumes_at(text, 0, text.len(), line).map(|at| &text[at..]);
            assert_eq!(found, expected, "{text}");
        }
    }
}

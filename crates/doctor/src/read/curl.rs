//! curl commands, as browsers copy and manuals print them. Nothing is run, and no file that one names is opened.

use super::{http, query, text};
use crate::reading::{Format, Reading, Unreadable};
use wxpay::xml::{Refusal, RefusalKind};

/// Most words of a command.
const MOST: usize = 1024;

/// Options that carry a body.
const DATA: [&str; 6] =
    ["--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json"];

/// What a command would send, read. `depth`: how many layers may still be undone.
pub(super) fn read(command: &str, depth: u8) -> Option<Result<Reading, Unreadable>> {
    let command = command.trim_start();
    let command = command.strip_prefix("$ ").unwrap_or(command).trim_start();
    let rest = command.strip_prefix("curl.exe").or_else(|| command.strip_prefix("curl"))?;
    if !rest.starts_with([' ', '\t', '\n', '\r', '\\', '^']) {
        return None;
    }
    // A shell's quotes come first where a value only has a caret of its own.
    let first = rest.find(['\'', '"']).unwrap_or(rest.len());
    let windows =
        rest[..first].contains("^\n") || rest[..first].contains("^\r") || rest[..first].ends_with('^');
    let words = if windows {
        // The other system's shell: what it escapes, it escapes with a caret.
        words(&without_carets(rest))
    } else {
        words(rest)
    };
    let Some(words) = words else {
        return Some(Err(Refusal { kind: RefusalKind::TooManyFields, at: 0 }.into()));
    };
    let Sent { data, address, v3 } = sent(words);
    let read = match (data, address) {
        (Some(data), _) => text(&data, depth),
        (None, Some(address)) => query::whole(&address).unwrap_or(Err(Unreadable::Nothing)),
        (None, None) => Err(Unreadable::Nothing),
    };
    Some(http::headed(read, Format::Curl, v3))
}

/// What a command would send.
struct Sent {
    data: Option<String>,
    address: Option<String>,
    v3: bool,
}

fn sent(words: Vec<String>) -> Sent {
    let mut sent = Sent { data: None, address: None, v3: false };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let (option, given) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option.to_owned(), Some(value.to_owned())),
            _ if word.len() > 2 && (word.starts_with("-d") || word.starts_with("-H")) => {
                (word[..2].to_owned(), Some(word[2..].to_owned()))
            }
            _ => (word, None),
        };
        if option == "-d" || DATA.contains(&option.as_str()) {
            let data = given.or_else(|| words.next()).unwrap_or_default();
            // A file's name; what is in the file is not asked for.
            if data.starts_with('@') && option != "--data-raw" {
                continue;
            }
            match &mut sent.data {
                Some(all) => {
                    all.push('&');
                    all.push_str(&data);
                }
                None => sent.data = Some(data),
            }
        } else if matches!(option.as_str(), "-H" | "--header") {
            let header = given.or_else(|| words.next()).unwrap_or_default();
            sent.v3 |= header.split_once(':').is_some_and(|(name, value)| http::is_v3(name, value));
        } else if option.starts_with("http://") || option.starts_with("https://") {
            sent.address = Some(option);
        }
    }
    sent
}

fn without_carets(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '^' {
            plain.push(letter);
            continue;
        }
        match letters.next() {
            // A line that goes on.
            Some('\r') => drop(letters.next_if_eq(&'\n')),
            Some('\n') | None => {}
            Some(escaped) => plain.push(escaped),
        }
    }
    plain
}

/// The words of a command as a shell would make them of it, without expanding anything. `None` for too many.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text;
    while words.len() <= MOST {
        let run = rest.find([' ', '\t', '\r', '\n', '\\', '\'', '"', '$']).unwrap_or(rest.len());
        if run > 0 {
            word.get_or_insert_default().push_str(&rest[..run]);
        }
        let Some(mark) = rest[run..].chars().next() else {
            words.extend(word);
            return Some(words);
        };
        rest = &rest[run + 1..];
        match mark {
            '\\' => rest = escaped(rest, word.get_or_insert_default()),
            '\'' => rest = quoted(rest, word.get_or_insert_default()),
            '"' => rest = double_quoted(rest, word.get_or_insert_default()),
            '$' if rest.starts_with('\'') => rest = dollar_quoted(&rest[1..], word.get_or_insert_default()),
            '$' => word.get_or_insert_default().push('$'),
            _ => words.extend(word.take()),
        }
    }
    None
}

/// The letter behind a backslash; none for the end of a line, behind which the command goes on.
fn escaped<'a>(text: &'a str, word: &mut String) -> &'a str {
    if let Some(rest) = text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n')) {
        return rest;
    }
    let mut letters = text.chars();
    word.extend(letters.next());
    letters.as_str()
}

/// `'…'`, in which nothing is special.
fn quoted<'a>(text: &'a str, word: &mut String) -> &'a str {
    let (inside, rest) = text.split_once('\'').unwrap_or((text, ""));
    word.push_str(inside);
    rest
}

/// `"…"`.
fn double_quoted<'a>(text: &'a str, word: &mut String) -> &'a str {
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\']) {
        let (inside, mark) = rest.split_at(at);
        word.push_str(inside);
        if let Some(behind) = mark.strip_prefix('"') {
            return behind;
        }
        match mark.as_bytes().get(1) {
            Some(b'\n') => rest = &mark[2..],
            Some(b'"' | b'\\' | b'$' | b'`') => {
                word.push_str(&mark[1..2]);
                rest = &mark[2..];
            }
            _ => {
                word.push('\\');
                rest = &mark[1..];
            }
        }
    }
    word.push_str(rest);
    ""
}

/// `$'…'`, in which `\n`, `\'`, `\xE6` and `\u6d4b` stand for what they do in C.
fn dollar_quoted<'a>(text: &'a str, word: &mut String) -> &'a str {
    let mut end = 0;
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(end).filter(|byte| **byte != b'\'') {
        end += if *byte == b'\\' { 2 } else { 1 };
    }
    let (raw, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    match super::escape::backslashes(raw) {
        Some(plain) => word.push_str(&plain.text),
        None => word.push_str(raw),
    }
    rest.strip_prefix('\'').unwrap_or(rest)
}

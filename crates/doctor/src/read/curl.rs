//! curl commands, as browsers copy and manuals print them. Nothing is run, and no file that one names is opened.

use super::{http, query, text};
use crate::reading::{Format, Reading, Unreadable};

/// Options that carry a body.
const DATA: [&str; 6] = ["--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json"];

/// What a command would send, read. `depth`: how many layers may still be undone.
pub(super) fn read(command: &str, depth: u8) -> Option<Result<Reading, Unreadable>> {
    let command = command.trim_start();
    let command = command.strip_prefix("$ ").unwrap_or(command).trim_start();
    let rest = command.strip_prefix("curl.exe").or_else(|| command.strip_prefix("curl"))?;
    if !rest.starts_with([' ', '\t', '\n', '\r', '\\', '^']) {
        return None;
    }
    let words = if rest.contains("^\"") || rest.contains("^\n") || rest.contains("^\r") {
        // The other system's shell: what it escapes, it escapes with a caret.
        words(&without_carets(rest))
    } else {
        words(rest)
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

/// The words of a command as a shell would make them of it, without expanding anything.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\\' => match letters.next() {
                Some('\n') | None => {}
                Some('\r') => drop(letters.next_if_eq(&'\n')),
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            '\'' => word.get_or_insert_default().extend(letters.by_ref().take_while(|letter| *letter != '\'')),
            '"' => double_quoted(&mut letters, word.get_or_insert_default()),
            '$' if letters.next_if_eq(&'\'').is_some() => dollar_quoted(&mut letters, word.get_or_insert_default()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn double_quoted(letters: &mut Letters<'_>, word: &mut String) {
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return,
            '\\' => match letters.next() {
                Some(escaped @ ('"' | '\\' | '$' | '`')) => word.push(escaped),
                Some('\n') | None => {}
                Some(other) => word.extend(['\\', other]),
            },
            letter => word.push(letter),
        }
    }
}

/// `$'…'`, in which `\n`, `\'`, `\xE6` and `\u6d4b` stand for what they do in C.
fn dollar_quoted(letters: &mut Letters<'_>, word: &mut String) {
    let mut raw = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => break,
            '\\' => {
                raw.push('\\');
                raw.extend(letters.next());
            }
            letter => raw.push(letter),
        }
    }
    match super::escape::backslashes(&raw) {
        Some(plain) => word.push_str(&plain.text),
        None => word.push_str(&raw),
    }
}

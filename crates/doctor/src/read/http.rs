//! HTTP messages, as tools and logs show them: a first line, headers, a body.

use super::{gather, query, text};
use crate::reading::{Format, Reading, Special, Undone, Unreadable};
use wxpay::Fields;
use wxpay::xml::{Refusal, RefusalKind};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

/// Headers that open a message without a first line.
const HEADERS: [&str; 14] = [
    "host",
    "content-type",
    "content-length",
    "user-agent",
    "accept",
    "accept-encoding",
    "connection",
    "date",
    "server",
    "cache-control",
    "authorization",
    "request-id",
    "pragma",
    "transfer-encoding",
];

/// A message taken apart.
struct Message<'a> {
    /// What a request is for.
    target: Option<&'a str>,
    v3: bool,
    /// Where the body begins.
    body: usize,
}

/// Whether the header is one of API v3.
pub(super) fn is_v3(name: &str, value: &str) -> bool {
    let starts =
        |text: &str, word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    starts(name, "wechatpay-")
        || name.eq_ignore_ascii_case("authorization") && starts(value.trim(), "wechatpay2-")
}

/// What the body or, without one, the target of the message says. `depth`: how many layers may still be undone.
pub(super) fn read(message: &str, depth: u8) -> Option<Result<Reading, Unreadable>> {
    let Message { target, v3, body } = take_apart(message)?;
    let read = match text(&message[body..], depth) {
        Err(error) if is_nothing(&error) => {
            let query =
                target.and_then(|target| target.split_once('?')).and_then(|(_, query)| query::whole(query));
            query.unwrap_or(Err(Unreadable::Nothing))
        }
        Err(Unreadable::Refused(Refusal { kind, at })) => Err(Refusal { kind, at: at + body }.into()),
        read => read,
    };
    Some(headed(read, Format::Http, v3).map(|mut reading| {
        reading.undone.insert(0, Undone::Headers);
        reading
    }))
}

fn is_nothing(error: &Unreadable) -> bool {
    matches!(error, Unreadable::Nothing | Unreadable::Refused(Refusal { kind: RefusalKind::Empty, .. }))
}

/// The reading of a body under this format. Of API v3, headers alone say enough.
pub(super) fn headed(
    read: Result<Reading, Unreadable>,
    format: Format,
    v3: bool,
) -> Result<Reading, Unreadable> {
    let mut reading = match read {
        Ok(reading) => reading,
        Err(error) if v3 && is_nothing(&error) => gather::bare(format, Fields::new()),
        Err(error) => return Err(error),
    };
    reading.format = format;
    if v3 {
        reading.special = Some(Special::V3Notice);
    }
    Ok(reading)
}

fn take_apart(message: &str) -> Option<Message<'_>> {
    let start = message.len() - message.trim_start().len();
    let (first, mut at) = line(message, start);
    let words: Vec<&str> = first.split(' ').take(4).collect();
    let target = match *words {
        [method, target, version] if METHODS.contains(&method) && version.starts_with("HTTP/") => {
            Some(target)
        }
        [version, status, ..] if version.starts_with("HTTP/") && is_status(status) => None,
        _ => {
            let (name, value) = header(first)?;
            let known = HEADERS.iter().any(|known| name.eq_ignore_ascii_case(known)) || is_v3(name, value);
            // It is a header like any other, so it is looked at again.
            at = known.then_some(start)?;
            None
        }
    };
    let mut v3 = false;
    while at < message.len() {
        let (line, next) = line(message, at);
        if line.trim().is_empty() {
            at = next;
            break;
        }
        let Some((name, value)) = header(line) else { break };
        v3 |= is_v3(name, value);
        at = next;
    }
    Some(Message { target, v3, body: at })
}

/// The line that begins there, and where the next one does.
fn line(text: &str, at: usize) -> (&str, usize) {
    let rest = &text[at..];
    match rest.find('\n') {
        Some(len) => (rest[..len].trim_end_matches('\r'), at + len + 1),
        None => (rest, text.len()),
    }
}

fn is_status(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit())
}

fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (!name.is_empty() && name.bytes().all(token)).then_some((name, value))
}

//! `a=1&b=2`: the string that was signed, a form, or an address.

use super::escape;
use super::gather::{self, is_key, is_name, is_telling};
use super::object::Pair;
use crate::reading::{Format, Reading, Undone, Unreadable};
use std::borrow::Cow;
use wxpay::xml::{Refusal, RefusalKind};

/// Most parts between `&` that are looked at.
const MOST_PARTS: usize = 1024;

/// A name and its raw value.
type Part<'t> = (Cow<'t, str>, String);

type Read = Option<Result<Reading, Unreadable>>;

/// A text that is a query string from its first character to its last.
pub(super) fn whole(text: &str) -> Read {
    let text = text.trim();
    if let Some(query) = of_address(text) {
        return Some(around(read(query)?));
    }
    read(text.strip_prefix('?').unwrap_or(text))
}

/// The query of an address.
fn of_address(text: &str) -> Option<&str> {
    let address = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    if address.contains(char::is_whitespace) {
        return None;
    }
    let (_, query) = address.split_once('?')?;
    Some(query.split('#').next().unwrap_or(query))
}

fn around(read: Result<Reading, Unreadable>) -> Result<Reading, Unreadable> {
    read.map(|mut reading| {
        reading.undone.insert(0, Undone::TextAround);
        reading
    })
}

/// The first line that holds a query string of several pairs that tell of WeChat Pay, whatever stands before it.
pub(super) fn within(text: &str) -> Read {
    let pairs = |line: &&str| line.contains('&') && line.contains('=');
    text.lines().filter(pairs).find_map(|line| {
        let query = unquoted_tail(past_words(line.trim())?);
        let read = read(query)?;
        let telling = |reading: &Reading| reading.fields.len() > 1 && gather::tells(reading);
        match &read {
            Ok(reading) if !telling(reading) => None,
            Err(Unreadable::Nothing) => None,
            _ => Some(around(read)),
        }
    })
}

/// The line from its first name that a `=` follows, with words, quotes or a colon before it.
fn past_words(line: &str) -> Option<&str> {
    let first = &line[..line.find('&')?];
    let before = |letter: char| letter.is_whitespace() || "\"'`:：[({>|,?".contains(letter);
    for (at, _) in first.match_indices('=') {
        let name = first[..at]
            .rfind(before)
            .map_or(0, |start| start + first[start..].chars().next().map_or(1, char::len_utf8));
        let value = first[at + 1..].trim_start();
        if is_name(&first[name..at]) && !value.starts_with(['"', '\'', '`']) {
            return Some(&line[name..]);
        }
    }
    None
}

/// Without the quote that ends it, and what stands behind that.
fn unquoted_tail(query: &str) -> &str {
    query.trim_end_matches(['"', '\'', '`', ';', ')', ']', '}'])
}

fn read(text: &str) -> Read {
    let parts = match split(text)? {
        Ok(parts) => parts,
        Err(refusal) => return Some(Err(refusal.into())),
    };
    let form = is_form(&parts);
    // Where blanks are `%20`, a plus is a plus.
    let plus = !text.contains("%20");
    let mut undone = Vec::from_iter(form.then_some(Undone::PercentEscapes));
    let mut pairs = Vec::with_capacity(parts.len());
    for (name, value) in parts {
        let value = match form.then(|| escape::percents_with(&value, plus)).flatten() {
            Some(plain) => {
                for each in plain.undone {
                    if !undone.contains(&each) {
                        undone.push(each);
                    }
                }
                plain.text
            }
            None if form && plus => value.replace('+', " "),
            None => value,
        };
        pairs.push(Pair::text(name, value));
    }
    Some(gather::pairs(Format::Query, pairs).map(|mut reading| {
        reading.undone = undone;
        reading
    }))
}

/// Names and raw values. `None` if it is no query string.
fn split(text: &str) -> Option<Result<Vec<Part<'_>>, Refusal>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    let url = text.starts_with("jsapi_ticket=");
    let mut rest = text;
    for _ in 0..MOST_PARTS {
        // The address that a page signs may have a query of its own; it stands last.
        if let Some(address) = rest.strip_prefix("url=").filter(|_| url) {
            parts.push((Cow::Borrowed("url"), address.to_owned()));
            return Some(Ok(parts));
        }
        let (part, after) = rest.split_once('&').map_or((rest, None), |(part, after)| (part, Some(after)));
        match part.split_once('=') {
            // `stringA="appid=…`: the query string begins inside.
            Some((_, value)) if parts.is_empty() && value.starts_with(['"', '\'']) && value.contains('=') => {
                return None;
            }
            // A blank end, or `&` in the midst of a raw value.
            _ if part.trim().is_empty() => {}
            None => {
                let (_, value) = parts.last_mut()?;
                value.push('&');
                value.push_str(part);
            }
            Some((name, value)) => parts.push((named(name.trim_start())?, value.to_owned())),
        }
        if parts.len() > 256 {
            return Some(Err(Refusal { kind: RefusalKind::TooManyFields, at: text.len() - rest.len() }));
        }
        match after {
            Some(after) => rest = after,
            None => return finished(parts),
        }
    }
    // More of them than any text has; what stands there is not looked at further.
    (!parts.is_empty())
        .then_some(Err(Refusal { kind: RefusalKind::TooManyFields, at: text.len() - rest.len() }))
}

/// A name, which a form may escape as it does its values: `total%5Ffee`. Whoever takes the form apart has two of it.
fn named(name: &str) -> Option<Cow<'_, str>> {
    if is_name(name) {
        return Some(Cow::Borrowed(name));
    }
    let plain = escape::percents_with(name, false)?.text;
    is_name(&plain).then_some(Cow::Owned(plain))
}

/// A single pair with a name that tells nothing is a query string only if it is no prose.
fn finished(parts: Vec<Part<'_>>) -> Option<Result<Vec<Part<'_>>, Refusal>> {
    let single = parts.len() == 1 && !parts.iter().any(|(name, _)| is_telling(name));
    let prose = single && parts.iter().any(|(_, value)| value.contains(char::is_whitespace));
    (!parts.is_empty() && !prose).then_some(Ok(parts))
}

/// Whether all values are as a form encodes them, and some had to be. The string that was signed has them raw: with
/// a key behind, or with one character that a form does not leave, it is no form.
fn is_form(parts: &[Part<'_>]) -> bool {
    let left = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'*' | b'-' | b'.' | b'_' | b'~' | b'!' | b'\'' | b'(' | b')' | b'+' | b'%')
    };
    let escaped = |value: &str| {
        let mut percents = value.match_indices('%');
        percents.clone().next().is_some()
            && percents.all(|(at, _)| escape::two_digits(&value.as_bytes()[at + 1..]).is_some())
    };
    let clean = |value: &str| value.bytes().all(left) && (!value.contains('%') || escaped(value));
    !parts.iter().any(|(name, _)| is_key(name))
        && parts.iter().all(|(_, value)| clean(value))
        && parts.iter().any(|(_, value)| escaped(value))
}

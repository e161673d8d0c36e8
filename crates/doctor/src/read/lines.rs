//! One name and value a line, as people write them down and programs print them.

use super::gather::{self, is_name};
use super::object::{Object, Pair, Value};
use crate::reading::{Format, Reading, Undone, Unreadable};
use wxpay::xml::{Refusal, RefusalKind};

/// A line of the text.
enum Line<'a> {
    Pair(Pair, &'a str),
    Blank,
    Other,
}

/// Most lines with pairs.
const MOST: usize = 256;

/// Lines that are pairs, with the raw lines.
type Run<'a> = Vec<(Pair, &'a str)>;

/// Lines that are pairs from first to last.
pub(super) fn whole(text: &str) -> Option<Result<Reading, Unreadable>> {
    if let Some(read) = map(text) {
        return Some(read);
    }
    let mut run = Run::new();
    for line in text.lines() {
        match self::line(line) {
            Line::Pair(pair, raw) => run.push((pair, raw)),
            Line::Blank => {}
            Line::Other => return None,
        }
        if run.len() > MOST {
            break;
        }
    }
    gathered(run)
}

/// The first run of lines that are pairs and tell of WeChat Pay.
pub(super) fn within(text: &str) -> Option<Result<Reading, Unreadable>> {
    let mut run = Run::new();
    for line in text.lines().map(line).chain([Line::Other]) {
        match line {
            Line::Pair(pair, raw) if run.len() <= MOST => run.push((pair, raw)),
            Line::Pair(..) | Line::Blank => {}
            Line::Other => {
                let run = std::mem::take(&mut run);
                if run.len() < 2 || !telling(&run) {
                    continue;
                }
                return Some(gathered(run)?.map(|mut reading| {
                    reading.undone.push(Undone::TextAround);
                    reading
                }));
            }
        }
    }
    None
}

fn telling(run: &Run<'_>) -> bool {
    run.iter().any(|(pair, _)| gather::is_telling(&pair.name))
}

fn gathered(mut run: Run<'_>) -> Option<Result<Reading, Unreadable>> {
    let telling = telling(&run);
    if run.len() < 2 - usize::from(telling) {
        return None;
    }
    if run.len() > MOST {
        return Some(Err(Refusal { kind: RefusalKind::TooManyFields, at: 0 }.into()));
    }
    // A comma that ends every line but the last belongs to none of them.
    let (last, others) = run.split_last_mut()?;
    if !others.is_empty() && others.iter().all(|(_, raw)| raw.ends_with(',')) {
        for (pair, _) in others.iter_mut().chain([last]) {
            if let Value::Text(value) = &mut pair.value
                && let Some(plain) = value.strip_suffix(',')
            {
                *value = plain.to_owned();
            }
        }
    }
    let read = gather::pairs(Format::Lines, run.into_iter().map(|(pair, _)| pair).collect());
    // The same word before many lines of a log is no field.
    (telling || read.is_ok()).then_some(read)
}

fn line(raw: &str) -> Line<'_> {
    let text = raw.trim();
    if text.is_empty() || text.starts_with("//") || text.starts_with('#') {
        return Line::Blank;
    }
    let text = ["- ", "* ", "• ", "· "].iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(text);
    match pair(text.trim_start()) {
        Some(pair) => Line::Pair(pair, text),
        None => Line::Other,
    }
}

/// `name: value`, `name = value`, `"name": "value",`, `[name] => value`.
fn pair(text: &str) -> Option<Pair> {
    let (name, quoted, rest) = name(text)?;
    let rest = rest.trim_start();
    let value = ["=>", ":", "=", "："].iter().find_map(|sign| rest.strip_prefix(sign))?.trim();
    if value.starts_with('=') || !is_name(name) {
        return None;
    }
    let value = match value.as_bytes().first() {
        Some(b'"' | b'\'') => literal(value)?,
        _ if quoted => bare(value.trim_end_matches(',').trim_end()),
        // A statement of a program, or the head of one.
        _ if value.ends_with([';', '{', '(', '[']) => return None,
        _ => Value::Text(value.to_owned()),
    };
    Some(Pair { name: name.to_owned(), value })
}

/// The name at the start, whether it stands in quotes, and what follows it.
fn name(text: &str) -> Option<(&str, bool, &str)> {
    for (open, close) in [('"', '"'), ('\'', '\''), ('[', ']')] {
        if let Some(inner) = text.strip_prefix(open) {
            let (name, rest) = inner.split_once(close)?;
            return Some((name, open != '[', rest));
        }
    }
    let end = text.find(|letter: char| !(letter.is_ascii_alphanumeric() || "_-.".contains(letter)))?;
    Some((&text[..end], false, &text[end..]))
}

/// A value in quotes, with a comma or a comment behind at most.
fn literal(value: &str) -> Option<Value> {
    // The reader of objects knows all about quotes.
    let object = format!("{{a:{value}\n}}");
    let mut pairs = Object::read(&object, 0).ok().filter(|read| read.end == object.len())?.pairs;
    match (pairs.pop()?.value, pairs.is_empty()) {
        (value @ Value::Text(_), true) => Some(value),
        _ => None,
    }
}

fn bare(value: &str) -> Value {
    match value {
        "null" => Value::Bare(String::new()),
        _ => Value::Bare(value.to_owned()),
    }
}

/// `{a=1, b=2}`, as Java prints a map.
fn map(text: &str) -> Option<Result<Reading, Unreadable>> {
    let inside = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    let mut pairs: Vec<Pair> = Vec::new();
    for part in inside.split(", ") {
        match part.split_once('=') {
            Some((name, value)) if is_name(name) => pairs.push(Pair::text(name, value)),
            _ => {
                let Some(Pair { value: Value::Text(value), .. }) = pairs.last_mut() else { return None };
                value.push_str(", ");
                value.push_str(part);
            }
        }
        if pairs.len() > MOST {
            return Some(Err(Refusal { kind: RefusalKind::TooManyFields, at: 0 }.into()));
        }
    }
    (!pairs.is_empty()).then(|| gather::pairs(Format::Lines, pairs))
}

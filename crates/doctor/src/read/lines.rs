//! One name and value a line, as people write them down and programs print them.

use super::gather::{self, is_name};
use super::object::{Object, Pair, Value};
use crate::reading::{Format, Reading, Undone, Unreadable};
use wxpay::xml::{Refusal, RefusalKind};

/// A line with a name and a value.
struct Pairing<'a> {
    name: &'a str,
    /// What stands behind the sign.
    value: &'a str,
    /// Whether the name stands in quotes.
    quoted: bool,
}

/// A line of the text.
enum Line<'a> {
    Pair(Pairing<'a>),
    Blank,
    Other,
}

/// Most lines with pairs.
const MOST: usize = 256;

type Read = Option<Result<Reading, Unreadable>>;

/// Lines that are pairs from first to last.
pub(super) fn whole(text: &str) -> Read {
    if let Some(read) = map(text) {
        return Some(read);
    }
    let mut run = Vec::new();
    for line in text.lines() {
        match self::line(line) {
            Line::Pair(pairing) => run.push(pairing),
            Line::Blank => {}
            Line::Other => return None,
        }
        if run.len() > MOST {
            break;
        }
    }
    gathered(run)
}

/// The first run of lines that are pairs and tell of WeChat Pay. `cut`: whether the text goes on behind its end.
pub(super) fn within(text: &str, cut: bool) -> Read {
    let mut run = Vec::new();
    let end = (!cut).then_some(Line::Other);
    for line in text.lines().map(line).chain(end) {
        match line {
            Line::Pair(pairing) if run.len() <= MOST => run.push(pairing),
            Line::Pair(_) | Line::Blank => {}
            Line::Other => {
                let run = std::mem::take(&mut run);
                if run.len() < 2 || !telling(&run) {
                    continue;
                }
                if let Some(read) = gathered(run) {
                    return Some(read.map(|mut reading| {
                        reading.undone.push(Undone::TextAround);
                        reading
                    }));
                }
            }
        }
    }
    None
}

/// The same in what PHP prints, where an element that holds nothing is printed in three lines: `Array`, `(` and `)`.
pub(super) fn printed(text: &str, cut: bool) -> Read {
    let lines: Vec<&str> = text.lines().collect();
    let mut plain = String::with_capacity(text.len());
    let mut at = 0;
    while at < lines.len() {
        let holds = |kind: &str| lines[at].trim_end().ends_with(kind);
        let brackets =
            ["(", ")"].iter().zip(&lines[at + 1..]).filter(|(sign, line)| line.trim() == **sign).count();
        let name =
            lines[at].split_once("=> ").filter(|_| brackets == 2 && (holds("Array") || holds(" Object")));
        plain.push_str(name.map_or(lines[at], |(name, _)| name));
        plain.push_str(if name.is_some() { "=> \n" } else { "\n" });
        at += if name.is_some() { 3 } else { 1 };
    }
    within(&plain, cut)
}

fn telling(run: &[Pairing<'_>]) -> bool {
    run.iter().any(|pairing| gather::is_telling(pairing.name))
}

fn gathered(run: Vec<Pairing<'_>>) -> Read {
    let telling = telling(&run);
    if run.len() < 2 - usize::from(telling) {
        return None;
    }
    if run.len() > MOST {
        return telling.then_some(Err(Refusal { kind: RefusalKind::TooManyFields, at: 0 }.into()));
    }
    // A comma that ends every line but the last belongs to none of them.
    let commas = run.len() > 1 && run[..run.len() - 1].iter().all(|pairing| pairing.value.ends_with(','));
    let mut pairs = Vec::with_capacity(run.len());
    for pairing in run {
        pairs.push(pairing.pair(commas)?);
    }
    let read = gather::pairs(Format::Lines, pairs);
    // The same word before many lines of a log is no field.
    (telling || read.is_ok()).then_some(read)
}

fn line(raw: &str) -> Line<'_> {
    let text = raw.trim();
    if text.is_empty() || text.starts_with("//") || text.starts_with('#') {
        return Line::Blank;
    }
    let text = ["- ", "* ", "• ", "· "].iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(text);
    pairing(text.trim_start()).map_or(Line::Other, Line::Pair)
}

/// `name: value`, `name = value`, `"name": "value",`, `[name] => value`.
fn pairing(text: &str) -> Option<Pairing<'_>> {
    let (name, quoted, rest) = name(text)?;
    let rest = rest.trim_start();
    let value = ["=>", ":", "=", "："].iter().find_map(|sign| rest.strip_prefix(sign))?.trim();
    // A statement of a program, or the head of one.
    let statement = value.starts_with('=') || !quoted && value.ends_with([';', '{', '(', '[']);
    (!statement && is_name(name)).then_some(Pairing { name, value, quoted })
}

impl Pairing<'_> {
    /// `None` if the value begins as a text and is none.
    fn pair(&self, commas: bool) -> Option<Pair> {
        let value = match self.value.as_bytes().first() {
            Some(b'"' | b'\'') => literal(self.value)?,
            _ if self.quoted => bare(self.value.trim_end_matches(',').trim_end()),
            _ if commas => Value::Text(self.value.trim_end_matches(',').to_owned()),
            _ => Value::Text(self.value.to_owned()),
        };
        Some(Pair { name: self.name.to_owned(), value })
    }
}

/// The name at the start, whether it stands in quotes, and what follows it.
fn name(text: &str) -> Option<(&str, bool, &str)> {
    for (open, close) in [('"', '"'), ('\'', '\''), ('[', ']')] {
        if let Some(inner) = text.strip_prefix(open) {
            let (name, rest) = inner.split_once(close)?;
            return Some((name, open != '[', rest));
        }
    }
    let end = text
        .bytes()
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')))?;
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

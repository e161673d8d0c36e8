//! Objects in their surroundings: alone, handed to WeChat's front end, given a name, or in a log line.

use super::gather;
use super::object::{Object, Value};
use crate::reading::{Format, Reading, Special, Undone, Unreadable};
use wxpay::xml::{Refusal, RefusalKind};

type Read = Option<Result<Reading, Unreadable>>;

/// Calls that take what was signed, by how they end before their parenthesis.
const CALLS: [&str; 5] = ["requestPayment", "chooseWXPay", "wx.config", "jWeixin.config", "weixin.config"];

/// Longest name of a variable that is kept.
const LONGEST: usize = 120;

/// A text that is one object, perhaps given a name. Why it is none, where it begins as one.
pub(super) fn whole(text: &str) -> Read {
    let begin =
        text.len() - text.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '(').len();
    if !text[begin..].starts_with('{') {
        let object = Object::read(text, named(text)?).ok()?;
        return ends(text, object.end).then(|| given_a_name(text, object));
    }
    match Object::read(text, begin) {
        Ok(object) if ends(text, object.end) => Some(read(object)),
        Ok(_) => None,
        Err(refusal) => Some(Err(refusal.into())),
    }
}

/// `const x = {…}` is a piece of JavaScript; `x={"a":"b"}` only has JSON in it.
fn given_a_name(text: &str, object: Object) -> Result<Reading, Unreadable> {
    let before = text.trim_start().split('=').next().unwrap_or_default().trim();
    if !object.json || before.contains(char::is_whitespace) {
        return gather::pairs(Format::JsCall, object.pairs);
    }
    gather::pairs(Format::Json, object.pairs).map(|mut reading| {
        reading.undone.push(Undone::TextAround);
        reading
    })
}

fn read(object: Object) -> Result<Reading, Unreadable> {
    let format = if object.json { Format::Json } else { Format::JsCall };
    gather::pairs(format, object.pairs)
}

/// Whether nothing but the end of a statement stands behind.
fn ends(text: &str, end: usize) -> bool {
    text[end..].chars().all(|letter| letter.is_whitespace() || matches!(letter, ')' | ';' | ','))
}

/// The brace of `const x = {`, `return {`, `x = {`.
fn named(text: &str) -> Option<usize> {
    let brace = text.find('{')?;
    let before = text[..brace].trim();
    let statement = before.strip_suffix('=').is_some_and(|name| {
        let mut words = name.split_whitespace();
        let plain =
            |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$.:".contains(&byte));
        name.len() < 100 && !name.trim().is_empty() && words.all(plain)
    });
    (statement || matches!(before, "return" | "export default")).then_some(brace)
}

/// The object that is handed to WeChat's front end.
pub(super) fn handed_over(text: &str) -> Read {
    for (at, _) in text.match_indices('(') {
        let before = text[..at].trim_end_matches(' ');
        let rest = &text[at + 1..];
        let brace = match before.as_bytes().last() {
            Some(b't' | b'y' | b'g') if CALLS.iter().any(|call| before.ends_with(call)) => {
                first_brace(rest, "")
            }
            Some(b'e') if before.ends_with("invoke") => first_brace(rest, "getBrandWCPayRequest"),
            _ => None,
        };
        let Some(brace) = brace else { continue };
        let Ok(object) = Object::read(text, at + 1 + brace) else { return None };
        // uni-app hands an app's call on in a field of its own, as an object or as its JSON.
        let order = object.get("orderInfo").filter(|order| order.starts_with('{'));
        let object = order.and_then(|order| Object::read(order, 0).ok()).unwrap_or(object);
        return Some(gather::pairs(Format::JsCall, object.pairs).map(|reading| called(reading, before)));
    }
    None
}

/// A reading of what is handed over to a call that stands behind `before`.
fn called(mut reading: Reading, before: &str) -> Reading {
    let callee = |letter: char| letter.is_alphanumeric() || "_$.".contains(letter);
    let around = !before.trim_end_matches(callee).trim().is_empty();
    reading.undone.extend(around.then_some(Undone::TextAround));
    if before.ends_with(".config") {
        reading.special = Some(Special::Jssdk);
    }
    reading.at_customers = true;
    reading
}

/// A call of WeChat's front end whose values stand elsewhere: `wx.requestPayment(res.data)`.
pub(super) fn without_values(text: &str) -> Read {
    for (at, _) in text.match_indices('(') {
        let before = text[..at].trim_end_matches(' ');
        let rest = &text[at + 1..];
        let argument = match before.as_bytes().last() {
            Some(b't' | b'y') if CALLS[..2].iter().any(|call| before.ends_with(call)) => rest,
            Some(b'e') if before.ends_with("invoke") => {
                let Some(behind) = behind_word(rest, "getBrandWCPayRequest") else { continue };
                behind
            }
            _ => continue,
        };
        let argument = argument.trim_start();
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.');
        let length = argument.bytes().take(LONGEST).take_while(|byte| part(byte)).count();
        let name = &argument[..length];
        let ends = argument[length..].trim_start().starts_with([')', ',']);
        if ends && name.starts_with(|first: char| first.is_ascii_alphabetic() || "_$".contains(first)) {
            let value = Value::Expression(name.to_owned());
            let all = vec![super::object::Pair { name: "...".to_owned(), value }];
            return Some(gather::pairs(Format::JsCall, all).map(|reading| called(reading, before)));
        }
    }
    None
}

/// The brace of the first argument, or of the second behind this text.
fn first_brace(arguments: &str, text: &str) -> Option<usize> {
    let rest = if text.is_empty() { arguments } else { behind_word(arguments, text)? };
    let rest = rest.trim_start();
    rest.starts_with('{').then(|| arguments.len() - rest.len())
}

/// What stands behind the first argument, which must be this text, and its comma.
fn behind_word<'t>(arguments: &'t str, text: &str) -> Option<&'t str> {
    let rest = arguments.trim_start().strip_prefix(['"', '\'', '`'])?;
    let rest = rest.strip_prefix(text)?.strip_prefix(['"', '\'', '`'])?;
    rest.trim_start().strip_prefix(',')
}

/// The first object in other text that tells of WeChat Pay, or else the first one with a value.
pub(super) fn within(text: &str) -> Read {
    let mut from = 0;
    let mut other = None;
    while let Some(brace) = text.get(from..).and_then(|rest| rest.find('{')).map(|len| from + len) {
        // Each attempt goes on where the one before ended, so that all of them together pass the text once.
        from = match Object::read(text, brace) {
            Ok(object) => {
                let end = object.end;
                let literal = object.pairs.iter().any(|pair| !matches!(pair.value, Value::Expression(_)));
                let read = read(object).map(|mut reading| {
                    reading.undone.push(Undone::TextAround);
                    changed_behind(text, (brace, end), &mut reading);
                    reading
                });
                match read {
                    Ok(reading) if gather::tells(&reading) => return Some(Ok(reading)),
                    Err(error @ Unreadable::Twice { .. }) => return Some(Err(error)),
                    Ok(reading) if literal && other.is_none() => other = Some(Ok(reading)),
                    _ => {}
                }
                end
            }
            Err(Refusal { kind: RefusalKind::Truncated | RefusalKind::TooManyFields, .. }) => break,
            Err(refusal) => boundary(text, refusal.at.max(brace + 1)),
        };
    }
    other
}

/// Notes what a program does with the object when it has it: then nobody knows what it sends.
fn changed_behind(text: &str, (start, end): (usize, usize), reading: &mut Reading) {
    let signed = ["sign", "paySign"].iter().any(|name| reading.fields.text(name).is_some());
    if !signed {
        return;
    }
    if let Some(change) = crate::code::changed_behind(text, start, end) {
        reading.format = Format::JsCall;
        reading.expressions.push(("...".to_owned(), change));
    }
}

/// The first boundary between characters from there.
pub(super) fn boundary(text: &str, mut at: usize) -> usize {
    while at < text.len() && !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

//! The recogniser: takes anything pasted and finds the fields in it. Nothing is executed, fetched or expanded.
//!
//! What is surest comes first, and what is refused is not tried again as something else: a document with a DOCTYPE
//! stays refused under that name, whatever another reader could make of it. Only an escape that is undone makes a
//! new document of it.

mod call;
mod curl;
mod document;
mod dumps;
mod escape;
mod framed;
mod gather;
mod har;
mod http;
mod lines;
mod object;
mod query;
mod several;

pub use escape::{gbk, letters};
pub use several::{MOST_MESSAGES, Messages, several};

use crate::reading::{Format, Reading, Undone, Unreadable};
use encoding_rs::{Encoding, UTF_8};
use std::borrow::Cow;
use wxpay::Fields;
use wxpay::xml::{MAX_BYTES, Refusal, RefusalKind};

/// How many envelopes and escapes may lie around what is signed.
const DEPTH: u8 = 4;

/// Where something is looked for within a text: in so much of it, in bytes.
const WINDOW: usize = 64 * 1024;

/// Most lines that one query string may be broken into.
const MOST_LINES: usize = 512;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Reads what was pasted.
///
/// # Errors
/// [`Unreadable`] for more than 1 MiB, for what is refused, and for what has no fields in it.
pub fn read(bytes: &[u8]) -> Result<Reading, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Refusal { kind: RefusalKind::TooLarge, at: MAX_BYTES }.into());
    }
    let pasted = bytes.len();
    let bytes = &*in_utf8(bytes);
    let (start, mark) =
        if bytes.starts_with(BOM) { (BOM.len(), Some(Undone::ByteOrderMark)) } else { (0, None) };
    decoded(&bytes[start..], mark).map_err(|error| match error {
        // Where escapes were undone, the place in what was pasted is not known to the byte.
        Unreadable::Refused(Refusal { kind, at }) => {
            Refusal { kind, at: at.saturating_add(start).min(pasted) }.into()
        }
        other => other,
    })
}

/// What was pasted in UTF-8 where it is UTF-16 and says so by its byte order mark, as Windows saves and exports it; the
/// mark stays. Everything else as it is.
#[must_use]
pub fn in_utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Some((encoding, mark)) = Encoding::for_bom(bytes).filter(|(encoding, _)| *encoding != UTF_8) else {
        return Cow::Borrowed(bytes);
    };
    match encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]) {
        Some(plain) if plain.len() <= MAX_BYTES => Cow::Owned([BOM, plain.as_bytes()].concat()),
        _ => Cow::Borrowed(bytes),
    }
}

fn decoded(bytes: &[u8], mark: Option<Undone>) -> Result<Reading, Unreadable> {
    let wrong = match std::str::from_utf8(bytes) {
        Ok(pasted) => return from_text(pasted).map(|reading| undone_before(reading, mark)),
        Err(error) => Refusal { kind: RefusalKind::NotUtf8, at: error.valid_up_to() },
    };
    let Some(pasted) = escape::gbk(bytes).filter(|_| mark.is_none() && !bytes.contains(&0)) else {
        return Err(wrong.into());
    };
    match from_text(&pasted) {
        Ok(reading) => Ok(undone_before(reading, [Undone::Gbk])),
        Err(twice @ Unreadable::Twice { .. }) => Err(twice),
        // It may not be GBK at all.
        Err(_) => Err(wrong.into()),
    }
}

fn from_text(pasted: &str) -> Result<Reading, Unreadable> {
    if let Some(at) = pasted.find('\0') {
        return Err(Refusal { kind: RefusalKind::ControlCharacter, at }.into());
    }
    text(pasted.trim_end(), DEPTH).map(|reading| {
        let mut reading = under_signed_names(unwrapped_object(reading, DEPTH));
        let code = matches!(reading.format, Format::JsCall | Format::Code);
        reading.at_customers |= code && crate::code::runs_at_customers(window(pasted).0);
        reading
    })
}

/// What `PayReq` of the SDK for Android calls the fields of a call, and the names under which they are signed.
const SDK_NAMES: [(&str, &str); 7] = [
    ("packageValue", "package"),
    ("appId", "appid"),
    // The SDK for iOS.
    ("openID", "appid"),
    ("partnerId", "partnerid"),
    ("prepayId", "prepayid"),
    ("nonceStr", "noncestr"),
    ("timeStamp", "timestamp"),
];

/// A call under the names that are signed.
pub(crate) fn under_signed_names(reading: Reading) -> Reading {
    let computed = |name: &str| reading.expressions.iter().any(|(other, _)| other == name);
    let has = |name: &str| reading.fields.get(name).is_some() || computed(name);
    // A server's answer to a page, as WxJava makes it: the page itself hands on `package`.
    let of_page = reading.format == Format::Json && has("paySign") && has("packageValue");
    let of_app = has("partnerId") && has("prepayId") && (has("sign") || has("packageValue"));
    let names = match (of_page, of_app) {
        (true, _) => &SDK_NAMES[..1],
        (_, true) => &SDK_NAMES[..],
        _ => return reading,
    };
    if names.iter().any(|(sdk, signed)| has(sdk) && has(signed)) {
        return reading;
    }
    let renamed = |name: &str| {
        let known = names.iter().find(|(sdk, _)| *sdk == name);
        known.map_or(name, |(_, signed)| signed).to_owned()
    };
    let mut fields = Fields::new();
    let whole =
        reading.fields.iter().all(|(name, value)| fields.add(renamed(name), value.to_owned()).is_ok());
    if !whole {
        return reading;
    }
    let expressions =
        reading.expressions.iter().map(|(name, value)| (renamed(name), value.clone())).collect();
    undone_before(Reading { fields, expressions, ..reading }, [Undone::SdkNames])
}

/// The one signed object within an unsigned one, as a server's answer has it: `{"code":0,"data":{…}}`.
fn unwrapped_object(reading: Reading, depth: u8) -> Reading {
    let Some(depth) = depth.checked_sub(1).filter(|_| !several::is_message(&reading)) else { return reading };
    if !matches!(reading.format, Format::Json | Format::JsCall) {
        return reading;
    }
    let object = |(_, value): (&str, &str)| call::whole(value.trim().strip_prefix('{').map(|_| value)?)?.ok();
    // As JavaScript prints what is in an object.
    let printed = reading.expressions.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let printed = printed.filter_map(object).filter(|inner| inner.expressions.is_empty());
    let mut inner = reading
        .fields
        .iter()
        .filter_map(object)
        .chain(printed)
        .map(|inner| unwrapped_object(inner, depth))
        .filter(|inner| several::is_message(inner) && gather::tells(inner));
    let one = inner.next().filter(|_| inner.next().is_none());
    drop(inner);
    one.map_or(reading, |inner| undone_before(inner, [Undone::TextAround]))
}

fn undone_before(mut reading: Reading, undone: impl IntoIterator<Item = Undone>) -> Reading {
    reading.undone.splice(0..0, undone);
    let mut seen = Vec::new();
    reading.undone.retain(|each| {
        !seen.contains(each) && {
            seen.push(*each);
            true
        }
    });
    reading
}

/// Reads a text. `depth`: how many layers may still be undone.
fn text(pasted: &str, depth: u8) -> Result<Reading, Unreadable> {
    let trimmed = pasted.trim();
    if trimmed.is_empty() {
        return Err(Refusal { kind: RefusalKind::Empty, at: 0 }.into());
    }
    if document::is_markup(pasted.trim_start()) {
        return document::whole(pasted);
    }
    let Some(depth) = depth.checked_sub(1) else { return Err(Unreadable::Nothing) };
    for envelope in [http::read, curl::read, har::read] {
        if let Some(read) = envelope(pasted, depth) {
            return read;
        }
    }
    if let Some(inner) = in_quotes(trimmed) {
        return unquoted(inner, depth);
    }
    if let Some(plain) = framed::logged(pasted) {
        return text(&plain, depth)
            .map(|reading| undone_before(reading, [Undone::JsonEscapes, Undone::TextAround]));
    }
    if let Some(read) = dumps::printed_by_go(trimmed) {
        return read;
    }
    let plain = plain(pasted);
    match &plain {
        Some(Ok(reading)) if gather::tells(reading) => return plain.unwrap_or(Err(Unreadable::Nothing)),
        Some(Err(Unreadable::Twice { .. })) => return plain.unwrap_or(Err(Unreadable::Nothing)),
        _ => {}
    }
    // A whole object of JSON is a log's line, whatever signs of programs stand in it.
    let json = matches!(&plain, Some(Ok(reading)) if reading.format == Format::Json);
    let read = with_document(pasted, json).or_else(|| rest(pasted, plain, depth));
    let read = read.unwrap_or(Err(Unreadable::Nothing));
    let Err(Unreadable::Refused(_) | Unreadable::Nothing) = &read else { return read };
    let unframed = framed::unframed(pasted).and_then(|plain| text(&plain, depth).ok());
    unframed.map_or(read, |reading| Ok(undone_before(reading, [Undone::TextAround])))
}

/// The inside of a text that stands in quotes from end to end.
fn in_quotes(text: &str) -> Option<&str> {
    let text = text.strip_prefix('b').unwrap_or(text);
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
    let inner = text[1..].strip_suffix(quote)?;
    let mut escaped = false;
    let ends = inner.chars().any(|letter| {
        let ends = letter == quote && !escaped;
        escaped = letter == '\\' && !escaped;
        ends
    });
    (!ends && !escaped).then_some(inner)
}

/// Reads the inside of a text in quotes.
fn unquoted(inner: &str, depth: u8) -> Result<Reading, Unreadable> {
    match escape::backslashes(inner) {
        Some(plain) => unescaped(plain, depth),
        None => text(inner, depth).map(|reading| undone_before(reading, [Undone::TextAround])),
    }
}

fn unescaped(plain: escape::Plain, depth: u8) -> Result<Reading, Unreadable> {
    let mut reading = text(&plain.text, depth)?;
    if reading.format == Format::Xml {
        reading.format = Format::XmlEscaped;
    }
    Ok(undone_before(reading, plain.undone))
}

type Read = Option<Result<Reading, Unreadable>>;

/// A text that is an object, pairs in lines or a query string from end to end.
fn plain(pasted: &str) -> Read {
    match call::whole(pasted) {
        Some(Err(Unreadable::Refused(refusal))) => {
            return Some(lines::whole(pasted).unwrap_or(Err(refusal.into())));
        }
        None => {}
        read => return read,
    }
    if concatenates(pasted) {
        return None;
    }
    if !pasted.trim().contains('\n') {
        return query::whole(pasted)
            .or_else(|| (!pasted.contains('&')).then(|| lines::whole(pasted)).flatten());
    }
    if let Some(joined) = unwrapped(pasted) {
        let around = |reading| undone_before(reading, [Undone::TextAround]);
        return query::whole(&joined).map(|read| read.map(around));
    }
    lines::whole(pasted).or_else(|| query::whole(pasted).filter(|_| !is_program(pasted)))
}

/// A query string that was broken into lines beside its `&`, in one line again.
fn unwrapped(pasted: &str) -> Option<String> {
    let mut lines = pasted.trim().lines().map(str::trim);
    // Of more lines than a document has fields, none is looked at.
    let all = lines.by_ref().take(MOST_LINES).collect::<Vec<_>>();
    let lines = lines.next().is_none().then_some(all)?;
    let (first, others) = lines.split_first()?;
    let (_, before) = lines.split_last()?;
    let behind = before.iter().all(|line| line.ends_with('&'));
    let ahead = others.iter().all(|line| line.starts_with('&')) && !first.is_empty();
    (behind || ahead).then(|| lines.concat())
}

/// The document in XML that stands in the text.
fn with_document(pasted: &str, json: bool) -> Read {
    let found = document::within(pasted)?;
    let one_line = !pasted.trim().contains('\n');
    let of_program = found.quoted
        && !json
        && match &found.read {
            Ok(reading) => {
                // The answer that a program gives to a notice.
                let logged = one_line && gather::tells(reading);
                let answers = is_program(pasted) && !logged && reading.fields.text("sign").is_none();
                answers || is_filled_in(reading, one_line && !is_program(pasted))
            }
            // A document that a program puts together from pieces.
            Err(Unreadable::Refused(refusal)) => match refusal.kind {
                RefusalKind::StrayText
                | RefusalKind::Nesting
                | RefusalKind::Truncated
                | RefusalKind::MismatchedEnd
                | RefusalKind::FieldName
                | RefusalKind::Syntax => true,
                // Two of them, or two branches of one.
                RefusalKind::SecondRoot | RefusalKind::DuplicateField => !one_line && is_program(pasted),
                _ => false,
            },
            Err(_) => false,
        };
    if !of_program {
        let change = || if found.quoted { crate::code::text_changed(pasted, found.start) } else { None };
        return Some(found.read.map(|mut reading| {
            reading.expressions.extend(change().map(|change| ("...".to_owned(), change)));
            reading
        }));
    }
    // A program that goes over a map has no names of its own, and is no document either.
    let nameless = found.read.is_err() && !one_line && is_program(pasted);
    let otherwise = if nameless { Err(Unreadable::Nothing) } else { found.read };
    Some(program(window(pasted).0).unwrap_or(otherwise))
}

/// Whether values are what a program puts in their place: `" + appid + "`, `$appid`. A document that carries a digest
/// was sent, whatever else stands in it; and in the line of a log a customer may have written one `$a` or `%s`.
fn is_filled_in(reading: &Reading, log: bool) -> bool {
    let sent = reading.fields.text("sign").and_then(wxpay::Signature::parse).is_some();
    let slots = || reading.fields.iter().filter(|(_, value)| crate::code::is_slot(value)).take(2).count();
    reading.fields.iter().any(|(_, value)| is_joined(value)) || (!sent && slots() > usize::from(log))
}

/// Whether a text ends before the value and another one begins behind it: `" + a + "`, `").append(a).append("`.
fn is_joined(value: &str) -> bool {
    let value = value.trim();
    let Some(quote) = value.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`')) else {
        return false;
    };
    let Some(inner) = value[1..].strip_suffix(quote) else { return false };
    let inner = inner.trim();
    inner.len() >= 3
        && inner.starts_with(['+', '.', ')', '&', '%', ','])
        && inner.ends_with(['+', '.', '(', '&', '%', ','])
}

/// What is left when there is no document: what the text is as a whole, or what stands in it.
fn rest(pasted: &str, plain: Read, depth: u8) -> Read {
    let (whole, failed) = match plain {
        Some(Ok(reading)) if matches!(reading.format, Format::Json | Format::JsCall) => {
            // It may be the line of a log that has a document in one of its fields; else it is what it is.
            let inner = escaped(pasted, depth).and_then(Result::ok);
            return Some(Ok(inner.filter(|inner| inner.format == Format::XmlEscaped).unwrap_or(reading)));
        }
        Some(Ok(reading)) => (Some(Ok(reading)), None),
        failed => (None, failed),
    };
    let (window, cut) = window(pasted);
    if let Some(read) = handed_over(window) {
        return Some(read);
    }
    // One line is a log's before it is a program, whatever signs of programs stand in its values.
    if !window.trim().contains('\n') {
        let object = call::within(window).and_then(Result::ok);
        if let Some(reading) = object.filter(|object| object.format == Format::Json && gather::tells(object))
        {
            return Some(Ok(reading));
        }
        let inner = escaped(pasted, depth).and_then(Result::ok);
        if let Some(reading) = inner.filter(|inner| inner.format == Format::XmlEscaped) {
            return Some(Ok(reading));
        }
    }
    let programs = is_program(window);
    let lines = || lines::within(window, cut);
    // What PHP prints looks like what it runs.
    let printed = window.contains("] => ").then(|| lines::printed(window, cut)).flatten();
    if let Some(read) = printed
        .or_else(|| (!cut).then(|| dumps::within(window)).flatten())
        .or_else(|| programs.then(|| program(window)).flatten())
    {
        return Some(read);
    }
    // The lines of an object are pairs too, and do not say what becomes of it.
    let handled = call::within(window).filter(|read| {
        let whole = |reading: &Reading| reading.expressions.iter().any(|(name, _)| name == "...");
        read.as_ref().is_ok_and(|reading| several::is_message(reading) && whole(reading))
    });
    if handled.is_some() {
        return handled;
    }
    let inside = query::within(window).or_else(lines).or_else(|| call::within(window));
    if inside.as_ref().is_some_and(|read| read.is_err() || is_sure(read)) {
        return inside;
    }
    let inner = escaped(pasted, depth);
    if inner.as_ref().is_some_and(is_sure) {
        return inner;
    }
    if let Some(read) = call::without_values(window) {
        return Some(read);
    }
    let (inner, refused) = match inner {
        Some(Err(error)) => (None, (error != Unreadable::Nothing).then_some(Err(error))),
        inner => (inner, None),
    };
    let program = || (!programs).then(|| program(window)).flatten();
    whole.or(inside).or(inner).or(refused).or(failed).or_else(program)
}

/// The object that is handed to WeChat's front end, also where an article escaped its quotes.
fn handed_over(pasted: &str) -> Read {
    call::handed_over(pasted).or_else(|| {
        let plain = escape::backslashes(pasted)?;
        let read = call::handed_over(&plain.text)?;
        Some(read.map(|reading| undone_before(reading, plain.undone)))
    })
}

/// Whether it is what was looked for, and not something that only happens to have names and values.
fn is_sure(read: &Result<Reading, Unreadable>) -> bool {
    read.as_ref().is_ok_and(|reading| reading.format == Format::XmlEscaped || gather::tells(reading))
}

/// What stands behind one layer of escapes.
fn escaped(pasted: &str, depth: u8) -> Read {
    escape::layer(pasted).map(|plain| unescaped(plain, depth))
}

/// What a piece of a program says.
fn program(pasted: &str) -> Read {
    crate::code::read(pasted).map(gather::finish)
}

/// The whole lines that the text begins with, as far as something is looked for in them, and whether it goes on.
fn window(text: &str) -> (&str, bool) {
    let Some(start) = text.as_bytes().get(..WINDOW) else { return (text, false) };
    let end = start.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    (&text[..end], true)
}

/// Whether texts are put together in it: a plus sign behind a quote that ends a text, or before one that begins one.
fn concatenates(text: &str) -> bool {
    let text = window(text).0;
    text.match_indices('+').any(|(at, _)| {
        let quote = |letter: &char| matches!(letter, '"' | '\'');
        let mut before = text[..at].trim_end_matches(' ').chars().rev();
        let mut behind = text[at + 1..].trim_start_matches(' ').chars();
        // A quote behind one of these begins a text: the plus sign is the text's own.
        let ends = |letter: &char| !matches!(letter, ':' | ',' | '[' | '(' | '{' | '=' | ' ');
        let begins = |letter: &char| !matches!(letter, ',' | '}' | ']' | ')' | ';' | '\n');
        (before.next().filter(quote).is_some() && before.next().filter(ends).is_some())
            || (behind.next().filter(quote).is_some() && behind.next().filter(begins).is_some())
    })
}

/// Words and signs of programs.
const WORDS: [&str; 18] = [
    "function", "=>", "const ", "let ", "var ", "public ", "private ", "def ", "func ", "->", "import ",
    "require(", "await ", "new ", ".put(", ".append(", ":=", "();",
];

/// Whether it looks like a piece of a program.
#[must_use]
pub fn is_program(text: &str) -> bool {
    concatenates(text) || WORDS.iter().any(|word| window(text).0.contains(word))
}

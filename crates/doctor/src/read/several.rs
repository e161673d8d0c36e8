//! Several messages in one paste: the entries of a HAR file, the lines of a log, objects beside each other or in a
//! list. Each is read as if it stood alone.

use super::object::{Object, Value};
use super::{call, decoded, document, gather, har};
use crate::reading::{Message, Reading, Special, Unreadable};
use wxpay::xml::{MAX_BYTES, Refusal, RefusalKind};

/// So many of them are taken out at most.
pub const MOST_MESSAGES: usize = 64;

/// Most lines that are read by themselves.
const MOST_LINES: usize = 512;

/// A message has at least so many fields: a single line of one has fewer.
const FEWEST_FIELDS: usize = 3;

/// So often the end of a document may be looked for in vain.
const MOST_ENDLESS: usize = 16;

/// The messages of a paste.
#[derive(Debug, Default)]
pub struct Messages {
    /// At most [`MOST_MESSAGES`], in their order.
    pub all: Vec<Message>,
    /// Whether there may be others: more than that, or one that has a name twice. What is right of `all` says nothing
    /// of them.
    pub others: bool,
}

impl Messages {
    /// Takes one more, as long as there is room.
    pub(super) fn push(&mut self, message: Message) {
        if self.all.len() < MOST_MESSAGES {
            self.all.push(message);
        } else {
            self.others = true;
        }
    }

    /// How much was found.
    fn weight(&self) -> usize {
        self.all.len() + usize::from(self.others)
    }
}

/// The messages of the API in what was pasted, where each is one by itself. None if it is not such a file or log, or
/// has no message in it.
#[must_use]
pub fn several(bytes: &[u8]) -> Messages {
    if bytes.len() > MAX_BYTES {
        return Messages::default();
    }
    let bytes = bytes.strip_prefix(super::BOM).unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return Messages::default() };
    if let Some(messages) = har::messages(text) {
        return messages;
    }
    let (documents, lines) = (documents(text), lines(text));
    let others = documents.others || lines.others;
    // Of as many, the lines say more: also what was escaped.
    let all = if documents.weight() > lines.weight() { documents.all } else { lines.all };
    // What is refused for a name that comes twice is so without any of this.
    if all.is_empty() { Messages::default() } else { Messages { all, others } }
}

/// Objects, and documents in XML beside them, that are a signed message each: two at least. Documents in XML alone
/// are no matter of this: two of them are refused.
fn documents(text: &str) -> Messages {
    let (mut messages, mut objects, mut endless) = (Messages::default(), 0, 0);
    let (mut at, mut line, mut counted, mut others) = (0, 1, 0, false);
    if !text.contains('{') || !(has_signature(text) || text.contains('\\')) {
        return messages;
    }
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(['{', '<'])).map(|len| at + len) {
        if messages.others || endless == MOST_ENDLESS {
            messages.others = true;
            break;
        }
        let object = text[start..].starts_with('{');
        let end = match if object { object_at(text, start) } else { markup_at(text, start) } {
            Extent::Message(end) => end,
            Extent::Other(next) => {
                at = next;
                continue;
            }
            Extent::Endless => {
                endless += 1;
                at = start + 1;
                continue;
            }
        };
        at = end;
        let alone = &text[start..end];
        let reading = match decoded(alone.as_bytes(), None) {
            Ok(reading) => reading,
            Err(unread) => {
                // A document that is refused is refused in the look at the whole text.
                let twice = object && matches!(unread, Unreadable::Twice { .. });
                objects += usize::from(twice);
                others |= twice;
                continue;
            }
        };
        if reading.fields.len() >= FEWEST_FIELDS && is_message(&reading) && gather::tells(&reading) {
            line += text[counted..start].matches('\n').count();
            counted = start;
            objects += usize::from(object);
            messages.push(Message { number: line, exchange: None, text: alone.to_owned(), reading });
        }
    }
    messages.others |= others;
    if objects == 0 || messages.weight() < 2 {
        return Messages::default();
    }
    messages
}

/// How far what begins somewhere goes.
enum Extent {
    /// It may be a message, and ends before this byte.
    Message(usize),
    /// It is none; what may be one begins there at the earliest.
    Other(usize),
    /// It has no end.
    Endless,
}

fn object_at(text: &str, start: usize) -> Extent {
    match Object::read(text, start) {
        Ok(object) => {
            let signs = |name: &str| ["sign", "paySign", "signature"].contains(&name);
            let signed =
                object.pairs.iter().any(|pair| signs(&pair.name) && matches!(pair.value, Value::Text(_)));
            if signed { Extent::Message(object.end) } else { Extent::Other(object.end) }
        }
        Err(Refusal { kind: RefusalKind::Truncated | RefusalKind::TooManyFields, .. }) => Extent::Endless,
        Err(refusal) => Extent::Other(call::boundary(text, refusal.at.max(start + 1))),
    }
}

fn markup_at(text: &str, start: usize) -> Extent {
    if !["<xml", "<?xml"].iter().any(|root| text[start..].starts_with(root)) {
        return Extent::Other(start + 1);
    }
    document::extent(&text[start..]).map_or(Extent::Endless, |length| Extent::Message(start + length))
}

/// Lines that are a signed message each.
fn lines(text: &str) -> Messages {
    let mut messages = Messages::default();
    // Nearly all that is looked at is one line of a log, and this must cost it nothing.
    if !text.trim_end().contains('\n') {
        return messages;
    }
    // All signatures are called so, and so is nothing in most lines of a log.
    let telling = text.lines().enumerate().filter(|(_, line)| has_signature(line));
    let mut twice = false;
    for (looked, (at, line)) in telling.enumerate() {
        if messages.others || looked == MOST_LINES {
            messages.others = true;
            break;
        }
        match decoded(line.as_bytes(), None) {
            Ok(reading) => {
                if reading.fields.len() >= FEWEST_FIELDS && is_message(&reading) && gather::tells(&reading) {
                    let text = line.to_owned();
                    messages.push(Message { number: at + 1, exchange: None, text, reading });
                }
            }
            Err(unread) => twice |= matches!(unread, Unreadable::Twice { .. }),
        }
    }
    messages.others |= twice;
    messages
}

fn has_signature(line: &str) -> bool {
    ["sign", "Sign", "req_info"].iter().any(|word| line.contains(word))
}

/// Whether it carries a signature, or what stands for one.
pub(super) fn is_message(reading: &Reading) -> bool {
    let signed = ["sign", "paySign", "signature", "req_info"];
    reading.special == Some(Special::V3Notice)
        || signed.iter().any(|name| reading.fields.text(name).is_some())
}

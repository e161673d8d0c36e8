//! Several messages in one paste: the entries of a HAR file, the lines of a log. Each is read as if it stood alone.

use super::{decoded, gather, har};
use crate::reading::{Message, Reading, Special};
use wxpay::xml::MAX_BYTES;

/// So many of them are taken out at most.
pub const MOST_MESSAGES: usize = 64;

/// Most lines that are read by themselves.
const MOST_LINES: usize = 512;

/// A message has at least so many fields: a single line of one has fewer.
const FEWEST_FIELDS: usize = 3;

/// The messages of the API in what was pasted, where each is one by itself; at most [`MOST_MESSAGES`]. None if it is
/// not such a file or log, or has no message in it.
#[must_use]
pub fn several(bytes: &[u8]) -> Vec<Message> {
    if bytes.len() > MAX_BYTES {
        return Vec::new();
    }
    let bytes = bytes.strip_prefix(super::BOM).unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
    har::messages(text).unwrap_or_else(|| lines(text))
}

/// Lines that are a signed message each.
fn lines(text: &str) -> Vec<Message> {
    let mut messages = Vec::new();
    // Nearly all that is looked at is one line of a log, and this must cost it nothing.
    if !text.trim_end().contains('\n') {
        return messages;
    }
    // All signatures are called so, and so is nothing in most lines of a log.
    let telling = text.lines().enumerate().filter(|(_, line)| has_signature(line));
    for (at, line) in telling.take(MOST_LINES) {
        let Ok(reading) = decoded(line.as_bytes(), None) else { continue };
        if reading.fields.len() >= FEWEST_FIELDS && is_message(&reading) && gather::tells(&reading) {
            messages.push(Message { number: at + 1, exchange: None, text: line.to_owned(), reading });
        }
        if messages.len() == MOST_MESSAGES {
            break;
        }
    }
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

//! Documents in XML: alone, in a log line, or escaped by one. Fields come from the strict scanner and nothing else;
//! here is only decided where a document begins and ends, and which escapes are undone before it is read.

use super::escape::{self, two_digits};
use super::gather;
use crate::reading::{Format, Reading, Undone, Unreadable};
use wxpay::Fields;
use wxpay::xml::{self, Refusal, RefusalKind};

/// How often a log may have escaped a document over.
const LAYERS: usize = 3;

/// Longest name of a text of several lines.
const NAME: usize = 64;

const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// What may open a text that is a document, and none of these: programs and pages that hold one.
const PROGRAMS: [&str; 6] = ["<?php", "<?=", "<%", "<script", "<template", "<view"];

/// Whether the text, without blanks before it, is markup from its first character.
pub(super) fn is_markup(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('<') else { return false };
    // `<134>` opens a line of syslog.
    let priority = rest.bytes().take_while(u8::is_ascii_digit).count();
    let syslog = (1..=3).contains(&priority) && rest.as_bytes().get(priority) == Some(&b'>');
    !syslog && !PROGRAMS.iter().any(|word| text.starts_with(word))
}

fn fields(text: &str) -> Result<Fields<'static>, Refusal> {
    let refusal = match xml::read(text.as_bytes()) {
        Ok(fields) => return Ok(fields.into_owned()),
        Err(refusal) => refusal,
    };
    if refusal.kind != RefusalKind::Root {
        return Err(refusal);
    }
    // The decrypted inside of a refund notice.
    match xml::read_root(text.as_bytes(), "root") {
        Ok(fields) => Ok(fields.into_owned()),
        Err(inner) if inner.kind == RefusalKind::Root => Err(refusal),
        Err(inner) => Err(inner),
    }
}

/// The fields of the document at the very start, and the byte behind it.
fn first(text: &str) -> Result<(Fields<'static>, usize), Refusal> {
    let refusal = match fields(text) {
        Ok(fields) => return Ok((fields, text.len())),
        Err(refusal) => refusal,
    };
    // Behind its end stands something else. What is wrong before its end is as wrong without that.
    match end(text, &refusal) {
        // Of two documents a verdict on the first would be read as one on both.
        Some(end) if start(&text[end..]).is_none() => fields(&text[..end]).map(|fields| (fields, end)),
        _ => Err(refusal),
    }
}

/// The bytes of the document at the very start, whatever stands behind it.
pub(super) fn extent(text: &str) -> Option<usize> {
    match fields(text) {
        Ok(_) => Some(text.len()),
        Err(refusal) => end(text, &refusal),
    }
}

/// The byte behind the end of the root, if that was passed before the refusal.
fn end(text: &str, refusal: &Refusal) -> Option<usize> {
    let bytes = text.as_bytes().get(..refusal.at)?;
    let after = if text.starts_with("<?xml") { text.find("?>").map_or(0, |at| at + 2) } else { 0 };
    let close: &[u8] =
        if text[after..].trim_start_matches(BLANKS).starts_with("<root") { b"</root" } else { b"</xml" };
    let mut at = after;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == b'<')?;
        let rest = &bytes[at..];
        if rest.starts_with(b"<![CDATA[") {
            at += rest.windows(3).position(|end| end == b"]]>")? + 3;
        } else if let Some(after) = rest.strip_prefix(close) {
            let blanks = after.iter().position(|byte| !byte.is_ascii_whitespace())?;
            at += close.len() + blanks + 1;
            if after[blanks] == b'>' {
                return Some(at);
            }
        } else {
            at += 1;
        }
    }
}

fn reading(format: Format, undone: Vec<Undone>, fields: Fields<'static>) -> Result<Reading, Unreadable> {
    gather::document(format, undone, fields)
}

/// The document at the start with its escapes undone, if that makes one.
fn unescaped(text: &str) -> Option<Result<Reading, Unreadable>> {
    let mut plain = escape::backslashes(text)?;
    for _ in 0..LAYERS {
        if let Ok((fields, _)) = first(plain.text.trim_start_matches(BLANKS)) {
            return Some(reading(Format::XmlEscaped, plain.undone, fields));
        }
        let next = escape::backslashes(&plain.text)?;
        plain.text = next.text;
        plain.undone.extend(next.undone);
    }
    None
}

/// A text that is markup from its first character, blanks before it aside. What is refused here stays refused.
pub(super) fn whole(text: &str) -> Result<Reading, Unreadable> {
    let document = text.trim_start_matches(BLANKS);
    let before = text.len() - document.len();
    match fields(document) {
        Ok(fields) => {
            // Blanks before a declaration are not allowed.
            let around = before > 0 && document.starts_with("<?");
            reading(Format::Xml, around.then_some(Undone::TextAround).into_iter().collect(), fields)
        }
        Err(refusal) => {
            unescaped(document).unwrap_or(Err(Refusal { kind: refusal.kind, at: refusal.at + before }.into()))
        }
    }
}

/// A document in the midst of other text.
pub(super) struct Within {
    pub(super) read: Result<Reading, Unreadable>,
    /// Where it begins.
    pub(super) start: usize,
    /// Whether it stands in quotes, as a text of a program or of JSON does.
    pub(super) quoted: bool,
}

/// Reads the first document that stands in the text.
pub(super) fn within(text: &str) -> Option<Within> {
    let start = start(text)?;
    let document = &text[start..];
    let quoted = opens_a_text(&text[..start]);
    let read = match first(document) {
        Ok((fields, end)) => {
            let escaped = quoted || in_a_text(text, start, start + end) || escaped_by_nginx(&document[..end]);
            match escaped.then(|| unescaped(&document[..end])).flatten() {
                Some(read) => read,
                None => reading(Format::Xml, Vec::new(), fields),
            }
        }
        Err(refusal) => {
            unescaped(document).unwrap_or(Err(Refusal { kind: refusal.kind, at: refusal.at + start }.into()))
        }
    };
    let read = read.map(|mut reading| {
        reading.undone.insert(0, Undone::TextAround);
        reading
    });
    Some(Within { read, start, quoted })
}

/// Whether a text of a program or of JSON begins at the end of this: a quote, or the name that ends a text of several
/// lines, `<<<XML`; blanks and escaped line ends may stand behind it.
fn opens_a_text(before: &str) -> bool {
    let mut rest = before;
    loop {
        rest = rest.trim_end_matches(BLANKS);
        match ["\\n", "\\r", "\\t"].iter().find_map(|escape| rest.strip_suffix(escape)) {
            Some(shorter) => rest = shorter,
            None => break,
        }
    }
    if rest.ends_with(['"', '\'', '`']) {
        return true;
    }
    let name = rest.len() - rest.bytes().rev().take_while(|byte| is_word(*byte)).take(NAME).count();
    name < rest.len() && ["<<<", "<<~", "<<-"].iter().any(|sign| rest[..name].ends_with(sign))
}

/// Whether what stands between these bytes is within a text of JSON that begins before it and ends behind it, in one
/// line: then its escapes are the text's.
fn in_a_text(text: &str, start: usize, end: usize) -> bool {
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let (mut inside, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate().skip(line) {
        match byte {
            b'\n' => return false,
            b'"' if !escaped => {
                inside = !inside;
                if at >= start {
                    let behind = text[at + 1..].trim_start_matches([' ', '\t']);
                    return !inside && at >= end && behind.starts_with([',', '}', ']', ')']);
                }
            }
            _ if at == start && !inside => return false,
            _ => {}
        }
        escaped = byte == b'\\' && !escaped;
    }
    false
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Where the first document begins: at a declaration, a DOCTYPE, or a root.
fn start(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        at += text.get(at..)?.find('<')?;
        let rest = &bytes[at + 1..];
        let opens = |name: &[u8]| {
            rest.starts_with(name)
                && matches!(rest.get(name.len()), Some(b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n' | b'\\'))
        };
        let doctype = || rest.get(..8).is_some_and(|word| word.eq_ignore_ascii_case(b"!DOCTYPE"));
        if opens(b"xml") || opens(b"?xml") || opens(b"root") || doctype() {
            return Some(at);
        }
        at += 1;
    }
}

/// Whether the document is written as nginx writes a variable: nothing but printable ASCII without `"` and `\`,
/// and all else, but nothing more, as `\x0A`.
fn escaped_by_nginx(document: &str) -> bool {
    let bytes = document.as_bytes();
    if bytes.iter().any(|byte| !matches!(byte, b' '..=b'~') || *byte == b'"') {
        return false;
    }
    let mut escapes = false;
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\\') {
        match bytes[at + 1..].strip_prefix(b"x").and_then(two_digits) {
            Some(b' ' | b'!' | b'#'..=b'[' | b']'..=b'~') | None => return false,
            Some(_) => escapes = true,
        }
    }
    escapes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_markup_and_what_only_looks_so() {
        for (text, expected) in [
            ("<xml>", true),
            ("<!DOCTYPE x>", true),
            ("<html>", true),
            ("<", true),
            ("<134>Nov 21 till: <xml>", false),
            ("<?php $a = 1;", false),
            ("<script>wx.config({})", false),
            ("x<xml>", false),
        ] {
            assert_eq!(is_markup(text), expected, "{text}");
        }
    }

    #[test]
    fn only_what_nginx_writes_is_taken_for_its_work() {
        for (document, expected) in [
            (r"<xml><a>\xE6\x94\xAF</a>\x0A</xml>", true),
            (r"<xml><a>\x22\x5C</a></xml>", true),
            (r"<xml><a>\x41</a></xml>", false),
            (r"<xml><a>\n\x0A</a></xml>", false),
            (r"<xml><a>支\x0A</a></xml>", false),
            (r#"<xml><a>"\x0A</a></xml>"#, false),
            ("<xml><a>1</a></xml>", false),
        ] {
            assert_eq!(escaped_by_nginx(document), expected, "{document}");
        }
    }
}

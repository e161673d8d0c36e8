//! A document as a person reads it.

use quick_xml::events::{BytesText, Event};
use quick_xml::{Reader, Writer};

/// The document with one field a line, for people to look at and never to sign: the fields as they stand,
/// CDATA and all, and the white space between them made anew. `None` for what is no well-formed XML.
///
/// This is the one place in the product that reads XML leniently, which is why it gives text and no fields.
#[must_use]
pub fn indented(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text);
    // Not the library's own indenting, which also breaks lines inside values.
    let mut writer = Writer::new(Vec::with_capacity(text.len() * 2));
    let mut depth = 0_usize;
    loop {
        let event = reader.read_event().ok()?;
        let line = match &event {
            Event::Start(_) => {
                depth += 1;
                (depth > 1).then(|| depth - 1)
            }
            Event::Empty(_) => (depth > 0).then_some(depth),
            Event::End(_) => {
                depth = depth.checked_sub(1)?;
                (depth == 0).then_some(0)
            }
            // White space between the fields; inside a field it is the value.
            Event::Text(between) if depth < 2 && between.trim().is_empty() => continue,
            Event::DocType(_) => return None,
            Event::Eof if depth == 0 => break,
            Event::Eof => return None,
            _ => None,
        };
        if let Some(depth) = line {
            let blank = format!("\n{}", "  ".repeat(depth));
            writer.write_event(Event::Text(BytesText::from_escaped(blank))).ok()?;
        }
        writer.write_event(event).ok()?;
    }
    String::from_utf8(writer.into_inner()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml;

    #[test]
    fn one_field_a_line_and_the_same_fields() {
        let text =
            "<xml><a>1</a>\n\n <b><![CDATA[x<y & z]]></b><c/><d>a &amp; b &#13;</d><e> 两 行\n</e></xml>";
        let shown = indented(text).unwrap();
        assert_eq!(xml::read(text.as_bytes()).unwrap(), xml::read(shown.as_bytes()).unwrap(), "{shown}");
        assert!(shown.starts_with("<xml>\n  <a>1</a>\n  <b><![CDATA[x<y & z]]></b>\n"), "{shown}");
        assert_eq!(indented(&shown).as_deref(), Some(shown.as_str()));
    }

    #[test]
    fn what_is_no_document_is_left_to_be_shown_as_it_is() {
        for text in ["<xml><a>", "<!DOCTYPE x><xml/>", "</xml>", "<a></b>", "<xml>&", "<![CDATA["] {
            assert_eq!(indented(text), None, "{text}");
        }
    }
}

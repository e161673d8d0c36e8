//! Text that strangers wrote: shown as what it is, never obeyed.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character is invisible, moves other characters, or steers a terminal. U+FE0E and U+FE0F only choose
/// how an emoji looks and stay.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FE00}'..='\u{FE0D}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// The text with such characters as marks: `‹U+202E›`.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    marked(text, |_| false)
}

/// The same for a document of several lines: its line feeds and tabs stay.
pub(crate) fn document(text: &str) -> Cow<'_, str> {
    marked(text, |c| matches!(c, '\n' | '\t'))
}

fn marked(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(|c| hidden(c) && !keep(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hidden(c) && !keep(c) {
            let _ = write!(out, "‹U+{:04X}›", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// A JSON document in which such characters are written as escapes: the same data, harmless to look at.
pub(crate) fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut units = [0; 2];
    for c in text.chars() {
        if hidden(c) && c != '\n' {
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// The same of one line of JSON; `None` if there is no such character in it.
pub(crate) fn marked_json(line: &[u8]) -> Option<String> {
    // In UTF-8 most characters of Chinese begin with 0xE4 to 0xEC, and none that is hidden does. Without a branch, so
    // that many bytes are looked at in one step.
    let plain = |byte: &u8| {
        (byte.wrapping_sub(b' ') < 0x5F) | (byte.wrapping_sub(0x80) < 0x40) | (byte.wrapping_sub(0xE4) < 9)
    };
    if line.chunks(256).all(|piece| piece.iter().fold(true, |all, byte| all & plain(byte))) {
        return None;
    }
    let text = String::from_utf8_lossy(line);
    text.chars().any(hidden).then(|| json(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_shown() {
        for (text, shown) in [
            ("面包 bread ❤\u{fe0f}", "面包 bread ❤\u{fe0f}"),
            ("\u{1b}[31mred", "‹U+001B›[31mred"),
            ("a\u{202e}fdp.exe", "a‹U+202E›fdp.exe"),
            ("zero\u{200b}width", "zero‹U+200B›width"),
            ("a\r\nb\tc", "a‹U+000D›‹U+000A›b‹U+0009›c"),
            ("\u{9b}2J\u{7f}\0", "‹U+009B›2J‹U+007F›‹U+0000›"),
            ("\u{e0041}", "‹U+E0041›"),
        ] {
            assert_eq!(visible(text), shown);
        }
        assert_eq!(document("<a>\n\t\u{1b}</a>"), "<a>\n\t‹U+001B›</a>");
    }

    #[test]
    fn a_line_is_marked_where_it_must_be() {
        for text in ["\"面包 bread\"", "\"❤\u{fe0f}，。\"", "{}"] {
            assert_eq!(marked_json(text.as_bytes()), None, "{text}");
        }
        for c in (0x7F..0x11_0000).filter_map(char::from_u32).filter(|c| hidden(*c)) {
            let text = format!("\"面{c}\"");
            assert_eq!(marked_json(text.as_bytes()).as_deref(), Some(json(&text).as_str()), "{c:?}");
        }
    }

    #[test]
    fn json_means_the_same() {
        let text = "\u{1b}[2J\u{202e}\u{9b}面包\u{e0041}\n";
        let document = serde_json::to_string_pretty(&serde_json::json!({ "body": text })).unwrap();
        let shown = json(&document);
        assert!(!shown.contains(['\u{1b}', '\u{202e}', '\u{9b}', '\u{e0041}']));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap()["body"], text);
    }
}

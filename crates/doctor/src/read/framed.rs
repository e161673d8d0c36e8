//! Documents of several lines where something else begins each of them: the time of a log, a line's number, the mark of a
//! quotation, or an object of JSON around each line, as container engines write them.

use super::object::{Object, Value};

/// Names under which a log has a line.
const LOGGED: [&str; 3] = ["log", "message", "msg"];

/// Most lines that are put together.
const MOST: usize = 512;

/// Longest that stands before a line, in bytes.
const LONGEST: usize = 200;

/// The lines of a log of which each stands in an object of its own, put together; where a document is in them.
pub(super) fn logged(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut many = 0;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let object = line.starts_with('{').then(|| Object::read(line, 0).ok())??;
        if object.end < line.len() {
            return None;
        }
        let logged = object.pairs.iter().find(|pair| LOGGED.contains(&pair.name.as_str()))?;
        let Value::Text(said) = &logged.value else { return None };
        plain.push_str(said);
        if !said.ends_with('\n') {
            plain.push('\n');
        }
        many += 1;
        if many > MOST {
            return None;
        }
    }
    (many > 1 && plain.contains("<xml") && plain.contains("</xml>")).then_some(plain)
}

/// The document without what stands before each of its lines.
pub(super) fn unframed(text: &str) -> Option<String> {
    let start = text.find("<xml")?;
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let frame = &text[line..start];
    if frame.is_empty() || frame.len() > LONGEST {
        return None;
    }
    let mut plain = String::new();
    for (many, line) in text[line..].lines().enumerate() {
        let inside = without(line, frame)?;
        plain.push_str(inside);
        if inside.trim_end().ends_with("</xml>") {
            return (many > 0).then_some(plain);
        }
        plain.push('\n');
        if many > MOST {
            return None;
        }
    }
    None
}

/// A line without a frame of this shape: digits stand for any digits or blanks, and all else for itself.
fn without<'t>(line: &'t str, frame: &str) -> Option<&'t str> {
    let loose = |c: char| c.is_ascii_digit() || c == ' ';
    let mut rest = line;
    for wanted in frame.chars() {
        let here = rest.chars().next()?;
        if here != wanted && !(loose(here) && loose(wanted)) {
            return None;
        }
        rest = &rest[here.len_utf8()..];
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_each_line_is_taken_away() {
        let document = "<xml>\n  <a>1</a>\n</xml>";
        for (frame, others) in [
            ("> ", "> "),
            ("web_1  | ", "web_1  | "),
            ("2024-01-01T00:00:09.123Z stdout F ", "2024-01-01T00:00:10.007Z stdout F "),
            ("     9\t", "    10\t"),
            ("Jan 01 00:00:00 host app[12]: ", "Jan 01 00:00:00 host app[12]: "),
        ] {
            let mut lines = document.lines();
            let text = format!("{frame}{}\n", lines.next().unwrap());
            let text = lines.fold(text, |text, line| text + others + line + "\n");
            assert_eq!(unframed(&text).as_deref(), Some(document), "{text}");
        }
        for other in [document, "a <xml>\nb <a>1</a>\n</xml>", "a <xml></xml>", "a <xml>\na "] {
            assert_eq!(unframed(other), None, "{other}");
        }
        let records: String = document
            .lines()
            .map(|line| format!("{{\"log\":\"{line}\\n\",\"stream\":\"stdout\"}}\n"))
            .collect();
        assert_eq!(logged(&records).as_deref().map(str::trim_end), Some(document));
        for other in ["{\"log\":\"<xml></xml>\"}", "{\"log\":1}\n{\"log\":2}", "x\ny", document] {
            assert_eq!(logged(other), None, "{other}");
        }
    }
}

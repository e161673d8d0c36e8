//! Sentences laid out in the columns there are, broken between words, and between any two characters of Chinese.

use anstyle::Style;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// What stands in one line.
pub(super) type Line = Vec<(Style, String)>;

/// What is not broken within.
struct Word {
    style: Style,
    text: String,
    /// How many blanks stand before it.
    blanks: usize,
}

/// What may not begin a line, and what may not end one.
const CLOSING: &str = "，。：；、）”》！？,.;:!?)";
const OPENING: &str = "（“《(";

/// The pieces one after the other in lines of `width` columns, the first of them begun at column `indent`, the others
/// at `hang`. A word that is longer than a line stays whole, so that it can be copied.
pub(super) fn lines(pieces: &[(Style, String)], indent: usize, hang: usize, width: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = vec![Vec::new()];
    let mut column = indent;
    for word in words(pieces) {
        let wide = word.text.width();
        let begun = lines.last().is_some_and(|line| !line.is_empty());
        let mut blanks = word.blanks;
        if begun && column.saturating_add(blanks).saturating_add(wide) > width {
            lines.push(Vec::new());
            (column, blanks) = (hang, 0);
        }
        if let Some(line) = lines.last_mut() {
            put(line, word.style, &" ".repeat(blanks));
            put(line, word.style, &word.text);
        }
        column += blanks + wide;
    }
    lines
}

fn put(line: &mut Line, style: Style, text: &str) {
    match line.last_mut() {
        Some((same, before)) if *same == style => before.push_str(text),
        _ if text.is_empty() => {}
        _ => line.push((style, text.to_owned())),
    }
}

fn words(pieces: &[(Style, String)]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut blanks, mut open) = (0, false);
    for (style, text) in pieces {
        let mut before: Option<char> = None;
        for c in text.chars() {
            if c == ' ' {
                (blanks, before) = (blanks + 1, None);
                continue;
            }
            let is_wide = |c: char| c.width() == Some(2);
            let joins = blanks == 0
                && before
                    .is_some_and(|before| open || CLOSING.contains(c) || !is_wide(c) && !is_wide(before));
            match words.last_mut() {
                Some(word) if joins => word.text.push(c),
                _ => words.push(Word { style: *style, text: c.into(), blanks }),
            }
            (blanks, before, open) = (0, Some(c), OPENING.contains(c));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid(pieces: &[&str], indent: usize, hang: usize, width: usize) -> Vec<String> {
        let styles = [Style::new(), Style::new().bold()];
        let pieces: Vec<_> =
            pieces.iter().enumerate().map(|(at, text)| (styles[at % 2], (*text).to_owned())).collect();
        let lines = lines(&pieces, indent, hang, width);
        lines.into_iter().map(|line| line.into_iter().map(|(_, text)| text).collect()).collect()
    }

    #[test]
    fn lines_break_between_words_and_between_characters_of_chinese() {
        for (pieces, indent, hang, width, expected) in [
            (&["a few words", "  id"][..], 0, 0, usize::MAX, &["a few words  id"][..]),
            (&["a few words", "  id"], 2, 4, 12, &["a few", "words", "id"]),
            (&["签名无效，请核对（密钥）"], 0, 0, 8, &["签名无", "效，请核", "对（密", "钥）"]),
            (&["用 paydesk 看"], 0, 0, 8, &["用", "paydesk", "看"]),
            (&["a-word-that-is-too-long b"], 0, 2, 6, &["a-word-that-is-too-long", "b"]),
            (&[""], 0, 0, 6, &[""]),
        ] {
            let laid = laid(pieces, indent, hang, width);
            assert_eq!(laid, expected, "{pieces:?}");
            let whole = |line: &&String| !line.contains("too-long");
            assert!(laid.iter().skip(1).filter(whole).all(|line| hang + line.width() <= width), "{laid:?}");
        }
    }
}

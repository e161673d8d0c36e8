//! Letters of any case as one letter, character by character: Unicode's simple case folding, as far as the
//! standard library's tables of capitals tell it.

/// The letter that stands for `letter` in any case.
fn fold(letter: char) -> char {
    fn one(mut letters: impl Iterator<Item = char>) -> Option<char> {
        let first = letters.next();
        if letters.next().is_none() { first } else { None }
    }
    let capital = one(letter.to_uppercase()).unwrap_or(letter);
    one(capital.to_lowercase()).unwrap_or(capital)
}

/// Appends `text` in one case.
pub(super) fn fold_into(text: &str, out: &mut Vec<u8>) {
    let mut utf8 = [0; 4];
    for letter in text.chars() {
        match letter {
            '\0'..='\x7f' => out.push((letter as u8).to_ascii_lowercase()),
            // Chinese, Japanese and Korean have no case, and most of what is sold here is written so.
            '\u{2e80}'..='\u{a63f}' | '\u{ac00}'..='\u{d7ff}' => {
                out.extend_from_slice(letter.encode_utf8(&mut utf8).as_bytes());
            }
            _ => out.extend_from_slice(fold(letter).encode_utf8(&mut utf8).as_bytes()),
        }
    }
}

/// `text` in one case.
pub(super) fn folded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_any_case_are_one() {
        for (one, other) in [
            ("Wx42Z", "wX42z"),
            ("ÀÉÎ", "àéî"),
            ("ΣΟΦΟΣ", "σοφος"),
            ("ς", "Σ"),
            ("Я", "я"),
            // The Kelvin sign is a K.
            ("\u{212a}", "k"),
            ("ſ", "S"),
            ("ẞ", "ß"),
            ("Ａ", "ａ"),
            ("面包🍞", "面包🍞"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        // What would become several letters stays as it is.
        assert_ne!(folded("ß"), folded("ss"));
        assert_ne!(folded("İ"), folded("i"));
    }
}

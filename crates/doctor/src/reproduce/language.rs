//! The languages that fixes and failing tests are written in.

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// JavaScript on Node.
    Node,
    /// Python 3.
    Python,
    /// Java.
    Java,
    /// Go.
    Go,
    /// PHP.
    Php,
    /// Rust.
    Rust,
}

impl Language {
    /// Every one.
    pub const ALL: &[Self] = &[Self::Node, Self::Python, Self::Java, Self::Go, Self::Php, Self::Rust];

    /// The stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python",
            Self::Java => "java",
            Self::Go => "go",
            Self::Php => "php",
            Self::Rust => "rust",
        }
    }

    /// The name that a file with the failing test must have for the language's own tools to run it.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Node => "signature.test.mjs",
            Self::Python => "test_signature.py",
            Self::Java => "SignatureTest.java",
            Self::Go => "signature_test.go",
            Self::Php => "signature_test.php",
            Self::Rust => "signature.rs",
        }
    }

    /// Text as this language writes it down, quotes and all. What cannot be seen is written as an escape.
    #[must_use]
    pub fn literal(self, text: &str) -> String {
        let quote = if matches!(self, Self::Node | Self::Python) { '\'' } else { '"' };
        let mut out = String::with_capacity(text.len() + 2);
        out.push(quote);
        for letter in text.chars() {
            match letter {
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '$' if self == Self::Php => out.push_str("\\$"),
                _ if letter == quote => out.extend(['\\', quote]),
                _ if letter.is_ascii_control() || is_invisible(letter) => self.escape(letter, &mut out),
                // Without knowing in which charset the compiler reads the file.
                _ if self == Self::Java && !letter.is_ascii() => self.escape(letter, &mut out),
                _ => out.push(letter),
            }
        }
        out.push(quote);
        out
    }

    fn escape(self, letter: char, out: &mut String) {
        match self {
            // Java reads \u000a as a line's end before it sees a text.
            Self::Java if letter.is_ascii() => out.push_str(&format!("\\{:03o}", u32::from(letter))),
            Self::Java => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            Self::Php | Self::Rust => out.push_str(&format!("\\u{{{:x}}}", u32::from(letter))),
            Self::Node | Self::Python | Self::Go if letter <= '\u{FFFF}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            Self::Node => out.push_str(&format!("\\u{{{:x}}}", u32::from(letter))),
            Self::Python | Self::Go => out.push_str(&format!("\\U{:08x}", u32::from(letter))),
        }
    }
}

/// Characters that change how a line looks without being seen; compilers warn of them, or take them for nothing.
const fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{7F}'..='\u{A0}' | '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFD}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_as_each_language_reads_them() {
        let text = "a'b\"$c\\支\n\u{1}\u{FEFF}😀";
        for (language, literal) in [
            (Language::Node, r#"'a\'b"$c\\支\n\u0001\ufeff😀'"#),
            (Language::Python, r#"'a\'b"$c\\支\n\u0001\ufeff😀'"#),
            (Language::Java, r#""a'b\"$c\\\u652f\n\001\ufeff\ud83d\ude00""#),
            (Language::Go, r#""a'b\"$c\\支\n\u0001\ufeff😀""#),
            (Language::Php, r#""a'b\"\$c\\支\n\u{1}\u{feff}😀""#),
            (Language::Rust, r#""a'b\"$c\\支\n\u{1}\u{feff}😀""#),
        ] {
            assert_eq!(language.literal(text), literal, "{language:?}");
        }
    }
}

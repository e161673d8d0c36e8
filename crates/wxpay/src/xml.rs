//! Strict XML both ways: one root, one level of children, text or CDATA, and nothing else.
//!
//! The list of what is allowed is short, so the reader allows that and refuses all else by name
//! ([`RefusalKind`]) and byte offset. Nothing is ever expanded, fetched or executed.
//!
//! Where a compliant reader turns a bare carriage return into a line feed, this one keeps it: what is signed is
//! what stands there. [`write`] never writes one bare, so both read the same.

mod indent;
mod plain;
mod scan;
mod sixteen;

pub use indent::indented;

use crate::Fields;
use std::fmt;

/// Largest document, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// A document that was not taken, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub kind: RefusalKind,
    /// Byte offset into the document as given, a byte order mark included.
    pub at: usize,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal: $text:literal,)*) => {
        /// What is wrong with a document. Each has a stable name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum RefusalKind {
            $($(#[$doc])* $kind,)*
        }

        impl RefusalKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The stable name, snake_case.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            const fn sentence(self) -> &'static str {
                match self { $(Self::$kind => $text,)* }
            }
        }
    };
}

kinds! {
    /// Nothing but white space.
    Empty = "empty": "the document is empty",
    /// Over 1 MiB.
    TooLarge = "too_large": "the document is larger than 1 MiB",
    /// Bytes that are not UTF-8, such as GBK or UTF-16.
    NotUtf8 = "not_utf8": "the document is not UTF-8",
    /// A declaration of another encoding than UTF-8.
    Encoding = "encoding": "the document declares another encoding than UTF-8",
    /// NUL, or another character that XML does not allow.
    ControlCharacter = "control_character": "the document has a control character",
    /// `<!DOCTYPE`: the door for external entities.
    Doctype = "doctype": "the document has a DOCTYPE, which can make a careless reader fetch files",
    /// A processing instruction other than the declaration, or a declaration that is not at the very start.
    ProcessingInstruction = "processing_instruction": "the document has a processing instruction",
    /// `<!-- -->`.
    Comment = "comment": "the document has a comment",
    /// An entity other than `&amp;` `&lt;` `&gt;` `&quot;` `&apos;`.
    Entity = "entity": "the document has an entity that is not one of the five of XML",
    /// `&#…;` for no character that XML allows, or `&` alone.
    Reference = "reference": "the document has a broken character reference",
    /// An element with attributes.
    Attribute = "attribute": "the document has an attribute",
    /// An element inside a field.
    Nesting = "nesting": "a field has an element inside",
    /// The root is another element than the one asked for, as in an HTML page.
    Root = "root": "the root element is not the expected one",
    /// Something after the root, or a second one.
    SecondRoot = "second_root": "the document goes on after its root element",
    /// Text outside the fields.
    StrayText = "stray_text": "the document has text between its fields",
    /// The same field twice.
    DuplicateField = "duplicate_field": "a field stands in the document twice",
    /// Over 256 fields.
    TooManyFields = "too_many_fields": "the document has more than 256 fields",
    /// An element name with other characters than letters, digits, `_`, `-` and `.`, or over 128 of them.
    FieldName = "field_name": "an element name has characters that no field has",
    /// An end that does not belong to the open element.
    MismatchedEnd = "mismatched_end": "an element is closed by another one's end",
    /// The document ends before its root does.
    Truncated = "truncated": "the document is cut off",
    /// `]]>` in text, or markup that is no markup.
    Syntax = "syntax": "the document is not well-formed",
}

impl fmt::Display for RefusalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (byte {})", self.kind.sentence(), self.at)
    }
}

impl std::error::Error for Refusal {}

/// Longest name of an element, in bytes.
const MAX_NAME: usize = 128;
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Reads a document whose root is `xml`, as requests, replies and notices have.
///
/// # Errors
/// [`Refusal`] for all that is not one flat document; its fields are then unknown and nothing may be believed.
pub fn read(bytes: &[u8]) -> Result<Fields<'_>, Refusal> {
    read_root(bytes, "xml")
}

/// Reads a document with another root, such as the `root` of a decrypted refund notice.
///
/// # Errors
/// As [`read`].
pub fn read_root<'a>(bytes: &'a [u8], root: &str) -> Result<Fields<'a>, Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(Refusal { kind: RefusalKind::TooLarge, at: MAX_BYTES });
    }
    let start = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
    let shift = |refusal: Refusal| Refusal { kind: refusal.kind, at: start + refusal.at };
    let text = match simdutf8::compat::from_utf8(&bytes[start..]) {
        Ok(text) => text,
        Err(error) => {
            return Err(shift(Refusal { kind: RefusalKind::NotUtf8, at: error.valid_up_to() }));
        }
    };
    if let Some(fields) = plain::read(text, root) {
        return Ok(fields);
    }
    if let Some(at) = first_forbidden(text) {
        return Err(shift(Refusal { kind: RefusalKind::ControlCharacter, at }));
    }
    scan::scan(text, root).map_err(shift)
}

/// Where the first character stands that XML 1.0 forbids even outside markup: below the space all but tab, line
/// feed and carriage return, and U+FFFE and U+FFFF, which are EF BF BE and EF BF BF.
fn first_forbidden(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let low = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    // First whether there is anything to look for, without a branch for each byte: the compiler makes that many
    // bytes at a time. Honest documents stop here.
    if !bytes.iter().fold(false, |found, byte| found | low(*byte) | (*byte == 0xEF)) {
        return None;
    }
    let at = |index: usize| low(bytes[index]) || matches!(bytes[index..], [0xEF, 0xBF, 0xBE | 0xBF, ..]);
    (0..bytes.len()).find(|index| at(*index))
}

/// Writes a document as `<xml>…</xml>` that [`read`] and every compliant reader reads back to the same fields.
///
/// Numbers and plain words stand bare, all else in CDATA. A value with a carriage return is written with
/// references instead, because readers turn a bare one into a line feed and the signature would break.
#[must_use]
pub fn write(fields: &Fields<'_>) -> String {
    write_root(fields, "xml")
}

/// As [`write()`], with another root.
#[must_use]
pub fn write_root(fields: &Fields<'_>, root: &str) -> String {
    let mut out =
        String::with_capacity(64 + fields.iter().map(|(n, v)| 2 * n.len() + v.len() + 20).sum::<usize>());
    for part in ["<", root, ">"] {
        out.push_str(part);
    }
    for (name, value) in fields.iter() {
        for part in ["<", name, ">"] {
            out.push_str(part);
        }
        if value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')) {
            out.push_str(value);
        } else if value.contains('\r') {
            for c in value.chars() {
                match c {
                    '&' => out.push_str("&amp;"),
                    '<' => out.push_str("&lt;"),
                    '>' => out.push_str("&gt;"),
                    '\r' => out.push_str("&#13;"),
                    c => out.push(c),
                }
            }
        } else {
            out.push_str("<![CDATA[");
            out.push_str(&value.replace("]]>", "]]]]><![CDATA[>"));
            out.push_str("]]>");
        }
        for part in ["</", name, ">"] {
            out.push_str(part);
        }
    }
    for part in ["</", root, ">"] {
        out.push_str(part);
    }
    out
}

//! Strict XML both ways: one root, one level of children, text or CDATA, and nothing else.
//!
//! quick-xml gives the events and is lenient about most of what must be refused here. The list of what is
//! allowed is short, so the code allows that and refuses all else by name ([`RefusalKind`]) and byte offset.
//! Nothing is ever expanded, fetched or executed.

use crate::Fields;
use crate::fields::{Field, MAX_FIELDS, is_name, is_xml_char};
use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::Event;
use std::borrow::Cow;
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
    let text = match std::str::from_utf8(&bytes[start..]) {
        Ok(text) => text,
        Err(error) => {
            return Err(Refusal { kind: RefusalKind::NotUtf8, at: start + error.valid_up_to() });
        }
    };
    Parser { text, start, root }.read()
}

struct Parser<'a, 'r> {
    text: &'a str,
    /// Bytes before `text`: those of a byte order mark.
    start: usize,
    root: &'r str,
}

/// A field whose end has not come yet.
struct Open<'a> {
    name: &'a str,
    at: usize,
    value: Cow<'a, str>,
}

impl<'a> Parser<'a, '_> {
    fn refuse(&self, kind: RefusalKind, at: usize) -> Refusal {
        Refusal { kind, at: self.start + at }
    }

    fn read(&self) -> Result<Fields<'a>, Refusal> {
        use RefusalKind as R;
        if let Some(at) = first_forbidden(self.text) {
            return Err(self.refuse(R::ControlCharacter, at));
        }
        let mut reader = Reader::from_str(self.text);
        let config = reader.config_mut();
        config.check_end_names = true;
        config.check_comments = false;
        let mut list: Vec<Field<'a>> = Vec::with_capacity(32);
        let mut offsets: Vec<u32> = Vec::with_capacity(32);
        let mut in_root = false;
        let mut done = false;
        let mut open: Option<Open<'a>> = None;
        loop {
            let at = position(&reader);
            let event = reader.read_event().map_err(|error| self.explain(&error, &reader, at, done))?;
            match event {
                Event::Text(text) => {
                    let Cow::Borrowed(raw) = text.into_inner() else {
                        return Err(self.refuse(R::Syntax, at));
                    };
                    match &mut open {
                        Some(field) => {
                            if let Some(inside) = raw.find("]]>") {
                                return Err(self.refuse(R::Syntax, at + inside));
                            }
                            append(&mut field.value, raw);
                        }
                        None => {
                            let blank = |byte: u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
                            if let Some(inside) = raw.bytes().position(|byte| !blank(byte)) {
                                let kind = if done { R::SecondRoot } else { R::StrayText };
                                return Err(self.refuse(kind, at + inside));
                            }
                        }
                    }
                }
                Event::CData(data) => {
                    let Cow::Borrowed(raw) = data.into_inner() else {
                        return Err(self.refuse(R::Syntax, at));
                    };
                    match &mut open {
                        Some(field) => append(&mut field.value, raw),
                        None => {
                            let kind = if done { R::SecondRoot } else { R::StrayText };
                            return Err(self.refuse(kind, at));
                        }
                    }
                }
                Event::Start(tag) => {
                    let name = self.tag_name(at, tag.name().as_ref().len(), tag.attributes_raw())?;
                    if done {
                        return Err(self.refuse(R::SecondRoot, at));
                    }
                    if !in_root {
                        if name != self.root {
                            return Err(self.refuse(R::Root, at));
                        }
                        in_root = true;
                    } else if open.is_some() {
                        return Err(self.refuse(R::Nesting, at));
                    } else {
                        self.check_count(&list, at)?;
                        open = Some(Open { name, at, value: Cow::Borrowed("") });
                    }
                }
                Event::Empty(tag) => {
                    let name = self.tag_name(at, tag.name().as_ref().len(), tag.attributes_raw())?;
                    if done {
                        return Err(self.refuse(R::SecondRoot, at));
                    }
                    if !in_root {
                        if name != self.root {
                            return Err(self.refuse(R::Root, at));
                        }
                        in_root = true;
                        done = true;
                    } else if open.is_some() {
                        return Err(self.refuse(R::Nesting, at));
                    } else {
                        self.check_count(&list, at)?;
                        list.push(Field { name: Cow::Borrowed(name), value: Cow::Borrowed("") });
                        offsets.push(offset(at));
                    }
                }
                Event::End(_) => match open.take() {
                    Some(field) => {
                        list.push(Field { name: Cow::Borrowed(field.name), value: field.value });
                        offsets.push(offset(field.at));
                    }
                    None => done = true,
                },
                Event::GeneralRef(reference) => {
                    let Some(field) = &mut open else {
                        return Err(self.refuse(if done { R::SecondRoot } else { R::StrayText }, at));
                    };
                    let c = match &*reference {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        other if other.starts_with('#') => match reference.resolve_char_ref() {
                            Ok(Some(c)) if is_xml_char(c) => c,
                            _ => return Err(self.refuse(R::Reference, at)),
                        },
                        _ => return Err(self.refuse(R::Entity, at)),
                    };
                    field.value.to_mut().push(c);
                }
                Event::Decl(declaration) => {
                    if at != 0 {
                        return Err(self.refuse(R::ProcessingInstruction, at));
                    }
                    match declaration.encoding() {
                        None => {}
                        Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => {}
                        Some(_) => return Err(self.refuse(R::Encoding, at)),
                    }
                }
                Event::PI(_) => return Err(self.refuse(R::ProcessingInstruction, at)),
                Event::DocType(_) => return Err(self.refuse(R::Doctype, at)),
                Event::Comment(_) => return Err(self.refuse(R::Comment, at)),
                Event::Eof if done => break,
                Event::Eof if in_root => return Err(self.refuse(R::Truncated, self.text.len())),
                Event::Eof => return Err(self.refuse(R::Empty, 0)),
            }
        }
        Fields::from_list(list).map_err(|index| {
            let at = usize::try_from(offsets[index]).unwrap_or(usize::MAX);
            self.refuse(R::DuplicateField, at)
        })
    }

    fn check_count(&self, list: &[Field<'a>], at: usize) -> Result<(), Refusal> {
        if list.len() >= MAX_FIELDS { Err(self.refuse(RefusalKind::TooManyFields, at)) } else { Ok(()) }
    }

    /// The name of the tag whose `<` is at `at`, if it is a name and nothing but blanks follows it.
    fn tag_name(&self, at: usize, len: usize, attributes: &str) -> Result<&'a str, Refusal> {
        let name = self.text.get(at + 1..at + 1 + len).unwrap_or("");
        if !is_name(name) {
            return Err(self.refuse(RefusalKind::FieldName, at));
        }
        if attributes.bytes().any(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            return Err(self.refuse(RefusalKind::Attribute, at));
        }
        Ok(name)
    }

    /// quick-xml's own complaint in our words.
    fn explain(&self, error: &Error, reader: &Reader<&[u8]>, at: usize, done: bool) -> Refusal {
        use RefusalKind as R;
        let after = usize::try_from(reader.error_position()).unwrap_or(at).max(at);
        match error {
            Error::Syntax(SyntaxError::InvalidBangMarkup) => self.refuse(R::Syntax, after),
            Error::Syntax(SyntaxError::UnclosedDoctype) => self.refuse(R::Doctype, after),
            Error::Syntax(SyntaxError::UnclosedComment) => self.refuse(R::Comment, after),
            Error::Syntax(_) => self.refuse(R::Truncated, self.text.len()),
            Error::IllFormed(IllFormedError::MissingEndTag(_)) => self.refuse(R::Truncated, self.text.len()),
            Error::IllFormed(IllFormedError::UnmatchedEndTag(_)) if done => self.refuse(R::SecondRoot, after),
            Error::IllFormed(
                IllFormedError::UnmatchedEndTag(_) | IllFormedError::MismatchedEndTag { .. },
            ) => self.refuse(R::MismatchedEnd, after),
            Error::IllFormed(IllFormedError::UnclosedReference) => self.refuse(R::Reference, after),
            _ => self.refuse(R::Syntax, after),
        }
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn append<'a>(value: &mut Cow<'a, str>, more: &'a str) {
    if value.is_empty() {
        *value = Cow::Borrowed(more);
    } else {
        value.to_mut().push_str(more);
    }
}

/// Where the first character stands that XML 1.0 forbids even outside markup.
fn first_forbidden(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    // Below space only tab, line feed and carriage return are allowed; U+FFFE and U+FFFF are EF BF BE / BF.
    let low = bytes.iter().position(|byte| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r'));
    let noncharacter =
        memchr::memmem::find(bytes, b"\xEF\xBF\xBE").or_else(|| memchr::memmem::find(bytes, b"\xEF\xBF\xBF"));
    match (low, noncharacter) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
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

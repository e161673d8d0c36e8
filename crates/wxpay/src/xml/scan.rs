//! The reader: one pass over the bytes, in which each step names the few things it takes and refuses all else.
//!
//! It borrows names and values from the document wherever they stand there unbroken. Positions are byte offsets
//! into `text`; every cut is made beside an ASCII character, so it never splits another one.

use super::{MAX_NAME, Refusal, RefusalKind};
use crate::Fields;
use crate::fields::{Field, MAX_FIELDS, is_xml_char};
use std::borrow::Cow;

use RefusalKind as R;

/// What a byte can be part of.
const NAME: u8 = 1;
const NAME_START: u8 = 2;
/// Ends a run of plain text: `<`, `&`, and `]`, which may be the start of `]]>`.
const TEXT_END: u8 = 4;
const BLANK: u8 = 8;

/// The classes of each byte. Bytes of characters beyond ASCII have none.
const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let b = byte as u8;
        if b.is_ascii_alphabetic() || b == b'_' {
            class[byte] |= NAME | NAME_START;
        }
        if b.is_ascii_digit() || b == b'-' || b == b'.' {
            class[byte] |= NAME;
        }
        if matches!(b, b'<' | b'&' | b']') {
            class[byte] |= TEXT_END;
        }
        if matches!(b, b' ' | b'\t' | b'\r' | b'\n') {
            class[byte] |= BLANK;
        }
        byte += 1;
    }
    class
};

const CDATA: &[u8] = b"<![CDATA[";

/// A start tag: where its name ends and whether it is `<name/>`.
struct Tag<'a> {
    name: &'a str,
    empty: bool,
}

/// Reads `text`, whose characters are known to be allowed. Positions in a refusal count from its beginning.
pub(super) fn scan<'a>(text: &'a str, root: &str) -> Result<Fields<'a>, Refusal> {
    Scanner { text, bytes: text.as_bytes(), at: 0 }.document(root)
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

fn refuse<T>(kind: RefusalKind, at: usize) -> Result<T, Refusal> {
    Err(Refusal { kind, at })
}

impl<'a> Scanner<'a> {
    fn document(mut self, root: &str) -> Result<Fields<'a>, Refusal> {
        self.declaration()?;
        self.skip(BLANK);
        if self.at == self.bytes.len() {
            return refuse(R::Empty, 0);
        }
        let start = self.at;
        self.only_markup(R::StrayText)?;
        if self.bytes[start + 1] == b'/' {
            return refuse(R::MismatchedEnd, start);
        }
        let tag = self.root_tag(root)?;
        let list = if tag.empty { Vec::new() } else { self.fields(root)? };
        self.skip(BLANK);
        if self.at < self.bytes.len() {
            self.only_markup(R::SecondRoot)?;
            return refuse(R::SecondRoot, self.at);
        }
        Fields::from_list(list).map_err(|(list, index)| {
            // Names are slices of the text, so the second twin's address tells where it stands.
            let name = list[index].name.as_ptr().addr();
            let at = name.saturating_sub(self.text.as_ptr().addr()).saturating_sub(1);
            Refusal { kind: R::DuplicateField, at }
        })
    }

    /// The fields of an open root, and its end.
    fn fields(&mut self, root: &str) -> Result<Vec<Field<'a>>, Refusal> {
        let mut list = Vec::with_capacity(32);
        loop {
            self.skip(BLANK);
            let start = self.at;
            if start == self.bytes.len() {
                return refuse(R::Truncated, start);
            }
            self.only_markup(R::StrayText)?;
            if self.bytes.get(start + 1) == Some(&b'/') {
                self.end(root)?;
                return Ok(list);
            }
            let tag = self.start_tag()?;
            if list.len() == MAX_FIELDS {
                return refuse(R::TooManyFields, start);
            }
            let value = if tag.empty { Cow::Borrowed("") } else { self.value(tag.name)? };
            list.push(Field { name: Cow::Borrowed(tag.name), value });
        }
    }

    /// What stands between a field's start tag and its end, and the end.
    fn value(&mut self, name: &str) -> Result<Cow<'a, str>, Refusal> {
        let mut value = Cow::Borrowed("");
        loop {
            let start = self.at;
            match self.bytes.get(start) {
                Some(b'<') => {
                    if self.bytes[start..].starts_with(CDATA) {
                        append(&mut value, self.cdata()?);
                    } else if self.bytes.get(start + 1) == Some(&b'/') {
                        self.end(name)?;
                        return Ok(value);
                    } else {
                        self.only_markup(R::StrayText)?;
                        return refuse(R::Nesting, start);
                    }
                }
                Some(b'&') => {
                    let c = self.reference()?;
                    value.to_mut().push(c);
                }
                Some(_) => {
                    let text = self.plain_text()?;
                    append(&mut value, text);
                }
                None => return refuse(R::Truncated, self.bytes.len()),
            }
        }
    }

    /// Passes over bytes of the class.
    #[inline]
    fn skip(&mut self, class: u8) {
        let rest = &self.bytes[self.at..];
        let len = rest.iter().position(|byte| CLASS[usize::from(*byte)] & class == 0);
        self.at += len.unwrap_or(rest.len());
    }

    /// Text without markup in it, at least one byte.
    fn plain_text(&mut self) -> Result<&'a str, Refusal> {
        let start = self.at;
        loop {
            while self.bytes.get(self.at).is_some_and(|byte| CLASS[usize::from(*byte)] & TEXT_END == 0) {
                self.at += 1;
            }
            if self.bytes.get(self.at) != Some(&b']') {
                return Ok(&self.text[start..self.at]);
            }
            if self.bytes[self.at..].starts_with(b"]]>") {
                return refuse(R::Syntax, self.at);
            }
            self.at += 1;
        }
    }

    /// A section whose start is known to be here.
    fn cdata(&mut self) -> Result<&'a str, Refusal> {
        let start = self.at + CDATA.len();
        let mut from = start;
        while let Some(found) = memchr::memchr(b']', &self.bytes[from..]) {
            let end = from + found;
            if self.bytes[end..].starts_with(b"]]>") {
                self.at = end + 3;
                return Ok(&self.text[start..end]);
            }
            from = end + 1;
        }
        refuse(R::Truncated, self.bytes.len())
    }

    /// A reference such as `&amp;` or `&#20320;`, whose `&` is known to be here.
    fn reference(&mut self) -> Result<char, Refusal> {
        let start = self.at;
        let body = &self.bytes[start + 1..];
        // `&#x0010FFFF;` is long; zeros may make it longer without meaning more, but not without end.
        let len = body.iter().take(40).position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'#');
        let Some(len) = len else {
            let cut = body.len() < 40;
            return if cut { refuse(R::Truncated, self.bytes.len()) } else { refuse(R::Reference, start) };
        };
        let name = &self.text[start + 1..start + 1 + len];
        if body[len] != b';' {
            return refuse(R::Reference, start);
        }
        self.at = start + len + 2;
        if let Some(number) = name.strip_prefix('#') {
            let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |hex| (hex, 16));
            let code = digits
                .chars()
                .try_fold(0_u32, |code, digit| code.checked_mul(radix)?.checked_add(digit.to_digit(radix)?));
            let c = code.filter(|_| !digits.is_empty()).and_then(char::from_u32);
            return c.filter(|c| is_xml_char(*c)).ok_or(Refusal { kind: R::Reference, at: start });
        }
        match name {
            "amp" => Ok('&'),
            "lt" => Ok('<'),
            "gt" => Ok('>'),
            "quot" => Ok('"'),
            "apos" => Ok('\''),
            _ if name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.contains('#') => {
                refuse(R::Entity, start)
            }
            _ => refuse(R::Reference, start),
        }
    }

    /// The start tag here, whose `<` is known to be here.
    fn start_tag(&mut self) -> Result<Tag<'a>, Refusal> {
        let start = self.at;
        let name = self.name();
        self.tag_rest(start, name)
    }

    /// The start tag of the root. Its name is looked at before anything else: a page in HTML is named by that.
    fn root_tag(&mut self, root: &str) -> Result<Tag<'a>, Refusal> {
        let start = self.at;
        let name = self.name();
        let cut = self.at == self.bytes.len() && root.starts_with(name);
        if name != root && !name.is_empty() && !cut {
            return refuse(R::Root, start);
        }
        self.tag_rest(start, name)
    }

    /// The name after the `<` here; empty if there is none.
    fn name(&mut self) -> &'a str {
        self.at += 1;
        let from = self.at;
        self.skip(NAME);
        &self.text[from..self.at]
    }

    fn tag_rest(&mut self, start: usize, name: &'a str) -> Result<Tag<'a>, Refusal> {
        let named = name.as_bytes().first().is_some_and(|byte| CLASS[usize::from(*byte)] & NAME_START != 0);
        if self.bytes.get(self.at) == Some(&b'>') && named && name.len() <= MAX_NAME {
            self.at += 1;
            return Ok(Tag { name, empty: false });
        }
        if self.at == self.bytes.len() && (named || name.is_empty()) {
            return refuse(R::Truncated, self.bytes.len());
        }
        if !named || name.len() > MAX_NAME {
            return refuse(R::FieldName, start);
        }
        let after = self.at;
        self.skip(BLANK);
        match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
            (Some(b'>'), _) => {
                self.at += 1;
                Ok(Tag { name, empty: false })
            }
            (Some(b'/'), Some(b'>')) => {
                self.at += 2;
                Ok(Tag { name, empty: true })
            }
            (None, _) | (Some(b'/'), None) => refuse(R::Truncated, self.bytes.len()),
            // `<a b>` and `<a b="c">`; but `<a:b>` and `<支付>` have no name of a field.
            _ if self.at > after => refuse(R::Attribute, start),
            _ => refuse(R::FieldName, start),
        }
    }

    /// The end of the element `name`. `</` is known to be here.
    fn end(&mut self, name: &str) -> Result<(), Refusal> {
        let start = self.at;
        let rest = &self.bytes[start + 2..];
        if rest.starts_with(name.as_bytes()) && rest.get(name.len()) == Some(&b'>') {
            self.at = start + name.len() + 3;
            return Ok(());
        }
        self.at = start + 2;
        self.skip(NAME);
        let found = &self.text[start + 2..self.at];
        let cut = self.at == self.bytes.len() && name.starts_with(found);
        if found != name && !cut {
            return refuse(R::MismatchedEnd, start);
        }
        self.skip(BLANK);
        match self.bytes.get(self.at) {
            Some(b'>') => {
                self.at += 1;
                Ok(())
            }
            None => refuse(R::Truncated, self.bytes.len()),
            Some(_) => refuse(R::MismatchedEnd, start),
        }
    }

    /// Makes sure that `<` or `</` of an element is here, and refuses all other markup by its name. `stray` is
    /// for what is no markup.
    fn only_markup(&self, stray: RefusalKind) -> Result<(), Refusal> {
        let rest = &self.bytes[self.at..];
        if rest.first() != Some(&b'<') {
            return refuse(stray, self.at);
        }
        match rest.get(1) {
            None => refuse(R::Truncated, self.bytes.len()),
            Some(b'?') => refuse(R::ProcessingInstruction, self.at),
            Some(b'!') => {
                let is =
                    |word: &[u8]| rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word);
                let cut = |word: &[u8]| rest.len() < word.len() && word.starts_with(rest);
                if is(b"<!--") {
                    refuse(R::Comment, self.at)
                } else if is(b"<!DOCTYPE") {
                    refuse(R::Doctype, self.at)
                } else if rest.starts_with(CDATA) {
                    refuse(stray, self.at)
                } else if cut(b"<!--") || cut(b"<!DOCTYPE") || cut(CDATA) {
                    refuse(R::Truncated, self.bytes.len())
                } else {
                    refuse(R::Syntax, self.at)
                }
            }
            Some(_) => Ok(()),
        }
    }

    /// `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` at the very start, or nothing.
    fn declaration(&mut self) -> Result<(), Refusal> {
        let Some(rest) = self.text.strip_prefix("<?xml") else {
            let cut = self.text.starts_with("<?") && "<?xml".starts_with(self.text);
            return if cut { refuse(R::Truncated, self.bytes.len()) } else { Ok(()) };
        };
        if !rest.starts_with([' ', '\t', '\r', '\n']) {
            // `<?xml-stylesheet …`, or cut.
            let cut = "?>".starts_with(rest);
            return if cut {
                refuse(R::Truncated, self.bytes.len())
            } else {
                refuse(R::ProcessingInstruction, 0)
            };
        }
        let Some(end) = rest.find("?>") else { return refuse(R::Truncated, self.bytes.len()) };
        self.at = "<?xml".len() + end + 2;
        let mut rest = rest[..end].trim_end_matches([' ', '\t', '\r', '\n']);
        let mut given = Vec::new();
        while let Some((name, value, after)) = pseudo_attribute(rest) {
            given.push((name, value));
            rest = after;
        }
        let names: Vec<_> = given.iter().map(|(name, _)| *name).collect();
        let known = matches!(
            *names,
            ["version"]
                | ["version", "encoding"]
                | ["version", "standalone"]
                | ["version", "encoding", "standalone"]
        );
        if !known || !rest.is_empty() {
            return refuse(R::Syntax, 0);
        }
        for (name, value) in given {
            match name {
                "version" if value != "1.0" => return refuse(R::Syntax, 0),
                "encoding" if !value.eq_ignore_ascii_case("utf-8") => return refuse(R::Encoding, 0),
                "standalone" if !matches!(value, "yes" | "no") => return refuse(R::Syntax, 0),
                _ => {}
            }
        }
        Ok(())
    }
}

/// A name and a value in quotes at the start of `text`, after at least one blank, and what follows.
fn pseudo_attribute(text: &str) -> Option<(&str, &str, &str)> {
    let blank = [' ', '\t', '\r', '\n'];
    let rest = text.trim_start_matches(blank);
    if rest.len() == text.len() {
        return None;
    }
    let (name, rest) = rest.split_once('=')?;
    let rest = rest.trim_start_matches(blank);
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, rest) = rest[1..].split_once(quote)?;
    Some((name.trim_end_matches(blank), value, rest))
}

fn append<'a>(value: &mut Cow<'a, str>, more: &'a str) {
    if value.is_empty() {
        *value = Cow::Borrowed(more);
    } else {
        value.to_mut().push_str(more);
    }
}

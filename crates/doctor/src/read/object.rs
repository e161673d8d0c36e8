//! Objects as JSON and JavaScript write them, and the relatives that logs print: Python's dictionaries, Ruby's hashes.
//!
//! One pass without recursion: what is nested is passed over and kept as it was written. Nothing is evaluated but
//! literals, and literals that a `+` joins.

use super::escape::{four_digits, two_digits};
use wxpay::xml::{Refusal, RefusalKind};

/// Most properties an object may have, as fields in a document.
const MOST: usize = 256;

/// Most brackets that may be open at once.
const DEEPEST: usize = 64;

/// What stands behind a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A text, its escapes undone.
    Text(String),
    /// A number or another bare word, as it was written; empty for `null` and its like.
    Bare(String),
    /// An object or a list of plain values, as it was written.
    Nested(String),
    /// What only a program can tell, as it was written.
    Expression(String),
}

/// A name and what stands behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) value: Value,
}

impl Pair {
    pub(super) fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: Value::Text(value.into()) }
    }
}

/// An object that was read.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) pairs: Vec<Pair>,
    /// The byte behind its closing brace.
    pub(super) end: usize,
    /// Whether all of it is JSON.
    pub(super) json: bool,
}

impl Object {
    /// Reads the object whose brace is at `start`. A refusal says how far it was an object.
    pub(super) fn read(text: &str, start: usize) -> Result<Self, Refusal> {
        let mut reader = Reader { text, bytes: text.as_bytes(), at: start, json: true };
        let pairs = reader.object()?;
        Ok(Self { pairs, end: reader.at, json: reader.json })
    }

    /// The text or nested value of the name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|pair| pair.name == name).and_then(|pair| match &pair.value {
            Value::Text(value) | Value::Nested(value) | Value::Bare(value) => Some(value.as_str()),
            Value::Expression(_) => None,
        })
    }

    /// The object that the name holds.
    pub(super) fn object(&self, name: &str) -> Option<Self> {
        let Value::Nested(raw) = &self.pairs.iter().find(|pair| pair.name == name)?.value else {
            return None;
        };
        raw.starts_with('{').then(|| Self::read(raw, 0).ok())?
    }

    /// The objects of the list that the name holds; at most `most` are looked at.
    pub(super) fn list(&self, name: &str, most: usize) -> Vec<Self> {
        let nested = self.pairs.iter().find(|pair| pair.name == name).map(|pair| &pair.value);
        let Some(Value::Nested(raw)) = nested else { return Vec::new() };
        let mut list = Vec::new();
        let mut at = 1;
        while list.len() < most {
            let Some(next) = raw.get(at..).and_then(|rest| rest.find('{')) else { break };
            let Ok(object) = Self::read(raw, at + next) else { break };
            at = object.end;
            list.push(object);
        }
        list
    }
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    json: bool,
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

/// `12`, `-1.50`, `1e+27`, `0015`: JSON's numbers, and zeros before them.
pub(super) fn is_number(word: &str) -> bool {
    let word = word.strip_prefix('-').unwrap_or(word);
    let (number, power) = word.split_once(['e', 'E']).unwrap_or((word, "0"));
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(part) && digits(power.strip_prefix(['+', '-']).unwrap_or(power))
}

impl<'a> Reader<'a> {
    fn refuse<T>(&self, kind: RefusalKind) -> Result<T, Refusal> {
        let kind = if self.at >= self.bytes.len() { RefusalKind::Truncated } else { kind };
        Err(Refusal { kind, at: self.at })
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Passes over blanks and comments.
    fn skip(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                // No-break and full-width blanks, as web pages have them.
                0xC2 if self.bytes[self.at..].starts_with("\u{A0}".as_bytes()) => self.blank(2),
                0xE3 if self.bytes[self.at..].starts_with("\u{3000}".as_bytes()) => self.blank(3),
                b'/' if self.bytes.get(self.at + 1) == Some(&b'/') => self.line_comment(),
                b'/' if self.bytes.get(self.at + 1) == Some(&b'*') => {
                    let rest = &self.bytes[self.at + 2..];
                    let end = rest.windows(2).position(|end| end == b"*/");
                    self.at = end.map_or(self.bytes.len(), |len| self.at + len + 4);
                    self.json = false;
                }
                b'#' => self.line_comment(),
                _ => return,
            }
        }
    }

    fn blank(&mut self, len: usize) {
        self.at += len;
        self.json = false;
    }

    fn line_comment(&mut self) {
        self.json = false;
        self.at = self.text[self.at..].find(['\n', '\r']).map_or(self.bytes.len(), |len| self.at + len);
    }

    fn object(&mut self) -> Result<Vec<Pair>, Refusal> {
        let mut pairs = Vec::new();
        self.at += 1;
        for _ in 0..=MOST {
            self.skip();
            if self.peek() == Some(b'}') {
                // After a comma, only JavaScript lets it end.
                self.json &= pairs.is_empty();
                self.at += 1;
                return Ok(pairs);
            }
            pairs.extend(self.pair()?);
            self.skip();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(pairs);
                }
                _ => return self.refuse(RefusalKind::Syntax),
            }
        }
        self.refuse(RefusalKind::TooManyFields)
    }

    /// One property; none for a function, which is no parameter.
    fn pair(&mut self) -> Result<Option<Pair>, Refusal> {
        if self.bytes[self.at..].starts_with(b"...") {
            self.json = false;
            self.at += 3;
            let value = self.expression(self.at)?;
            return Ok(value.map(|value| Pair { name: "...".to_owned(), value }));
        }
        let (mut name, quoted) = self.name()?;
        self.skip();
        if matches!(name.as_str(), "async" | "get" | "set")
            && self.peek().is_some_and(|byte| is_word(byte) || byte == b'*')
        {
            self.at += usize::from(self.peek() == Some(b'*'));
            self.skip();
            name = self.name()?.0;
            self.skip();
        }
        match self.peek() {
            Some(b':') => self.at += 1,
            // Ruby's and PHP's way.
            Some(b'=') if self.bytes.get(self.at + 1) == Some(&b'>') => {
                self.json = false;
                self.at += 2;
            }
            Some(b'(') => {
                self.json = false;
                self.balanced()?;
                self.skip();
                if self.peek() != Some(b'{') {
                    return self.refuse(RefusalKind::Syntax);
                }
                self.balanced()?;
                return Ok(None);
            }
            Some(b',' | b'}') if !quoted => {
                self.json = false;
                let value = Value::Expression(name.clone());
                return Ok(Some(Pair { name, value }));
            }
            _ => return self.refuse(RefusalKind::Syntax),
        }
        Ok(self.value()?.map(|value| Pair { name, value }))
    }

    /// A name, and whether it stands in quotes.
    fn name(&mut self) -> Result<(String, bool), Refusal> {
        let start = self.at;
        match self.peek() {
            Some(b'"' | b'\'' | b'`') => {
                let mut name = String::new();
                if self.literal(&mut name)? { Ok((name, true)) } else { self.refuse(RefusalKind::Syntax) }
            }
            Some(byte) if is_word(byte) => {
                self.json = false;
                Ok((self.word().to_owned(), false))
            }
            // `['name']: value` of JavaScript.
            Some(b'[') => {
                self.json = false;
                self.at += 1;
                self.skip();
                let mut name = String::new();
                let quoted = matches!(self.peek(), Some(b'"' | b'\'' | b'`'));
                let whole = quoted && self.literal(&mut name)?;
                self.skip();
                if !whole || self.peek() != Some(b']') {
                    return self.refuse(RefusalKind::Syntax);
                }
                self.at += 1;
                Ok((name, true))
            }
            // `:name => value` of Ruby.
            Some(b':') if self.bytes.get(start + 1).is_some_and(|byte| is_word(*byte)) => {
                self.json = false;
                self.at += 1;
                Ok((self.word().to_owned(), true))
            }
            _ => self.refuse(RefusalKind::Syntax),
        }
    }

    fn word(&mut self) -> &'a str {
        let start = self.at;
        let rest = &self.bytes[start..];
        self.at += rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len());
        &self.text[start..self.at]
    }

    /// Whether a value may end here.
    fn ended(&mut self) -> bool {
        self.skip();
        matches!(self.peek(), Some(b',' | b'}'))
    }

    /// A value; none for a function.
    fn value(&mut self) -> Result<Option<Value>, Refusal> {
        self.skip();
        let start = self.at;
        match self.peek() {
            Some(b'"' | b'\'' | b'`') => {
                if let Some(text) = self.joined()?
                    && self.ended()
                {
                    return Ok(Some(Value::Text(text)));
                }
            }
            Some(b'{' | b'[') => {
                let plain = self.balanced()?;
                let raw = self.text[start..self.at].to_owned();
                if plain && self.ended() {
                    return Ok(Some(Value::Nested(raw)));
                }
            }
            Some(byte) if is_word(byte) || byte == b'-' => {
                if let Some(bare) = self.bare() {
                    return Ok(Some(bare));
                }
            }
            None => return self.refuse(RefusalKind::Truncated),
            Some(_) => {}
        }
        self.json = false;
        self.expression(start)
    }

    /// A number, a truth, or nothing at all.
    fn bare(&mut self) -> Option<Value> {
        let start = self.at;
        let rest = &self.bytes[start..];
        let part = |byte: &u8| is_word(*byte) || matches!(byte, b'.' | b'-' | b'+');
        self.at += rest.iter().position(|byte| !part(byte)).unwrap_or(rest.len());
        let word = &self.text[start..self.at];
        let json = matches!(word, "null" | "true" | "false") || is_number(word);
        let value = match word {
            "null" | "undefined" | "None" | "nil" | "NULL" => "",
            "True" | "False" => word,
            _ if json => word,
            _ => return None,
        };
        self.json &= json;
        self.ended().then(|| Value::Bare(value.to_owned()))
    }

    /// A text, or several that `+` joins. `None` if it is more than that.
    fn joined(&mut self) -> Result<Option<String>, Refusal> {
        let mut text = String::new();
        if !self.literal(&mut text)? {
            return Ok(None);
        }
        loop {
            let end = self.at;
            self.skip();
            if self.peek() != Some(b'+') {
                self.at = end;
                return Ok(Some(text));
            }
            self.at += 1;
            self.json = false;
            self.skip();
            match self.peek() {
                Some(b'"' | b'\'' | b'`') if self.literal(&mut text)? => {}
                _ => return Ok(None),
            }
        }
    }

    /// Adds a text in quotes of any kind, its escapes undone. `false` for a template with a substitution.
    fn literal(&mut self, text: &mut String) -> Result<bool, Refusal> {
        let quote = self.bytes[self.at];
        self.json &= quote == b'"';
        self.at += 1;
        let mut from = self.at;
        loop {
            match self.peek() {
                None => return self.refuse(RefusalKind::Truncated),
                Some(byte) if byte == quote => {
                    text.push_str(&self.text[from..self.at]);
                    self.at += 1;
                    return Ok(true);
                }
                Some(b'\\') => {
                    text.push_str(&self.text[from..self.at]);
                    // Where they stand in a row, two are one.
                    let row = self.bytes[self.at..].iter().take_while(|byte| **byte == b'\\').count();
                    text.extend(std::iter::repeat_n('\\', row / 2));
                    self.at += row / 2 * 2;
                    if row % 2 == 1 {
                        self.escape(text)?;
                    }
                    from = self.at;
                }
                Some(b'$') if quote == b'`' && self.bytes.get(self.at + 1) == Some(&b'{') => {
                    self.template_rest()?;
                    return Ok(false);
                }
                Some(b'\n' | b'\r') if quote != b'`' => return self.refuse(RefusalKind::Syntax),
                Some(byte) => {
                    self.json &= byte >= 0x20;
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Result<(), Refusal> {
        self.at += 1;
        if let Some(byte @ (b'"' | b'\\' | b'/')) = self.peek() {
            text.push(char::from(byte));
            self.at += 1;
            return Ok(());
        }
        let Some(letter) = self.text[self.at..].chars().next() else {
            return self.refuse(RefusalKind::Truncated);
        };
        let json = matches!(letter, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u');
        self.json &= json;
        let digits = &self.bytes[self.at + letter.len_utf8()..];
        match letter {
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{C}'),
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'v' => text.push('\u{B}'),
            '0' if !digits.first().is_some_and(u8::is_ascii_digit) => text.push('\0'),
            // A line that goes on.
            '\n' => {}
            'x' => {
                let Some(code) = two_digits(digits) else { return self.refuse(RefusalKind::Syntax) };
                text.push(char::from(code));
                self.at += 2;
            }
            'u' => {
                let Some((letter, len)) = code_point(digits) else { return self.refuse(RefusalKind::Syntax) };
                text.push(letter);
                self.at += len;
            }
            other => text.push(other),
        }
        self.at += letter.len_utf8();
        Ok(())
    }

    /// Passes to the end of a template that has a substitution.
    fn template_rest(&mut self) -> Result<(), Refusal> {
        // Backwards to its quote is not needed: a stack that begins inside it says the same.
        self.pass(vec![b'`'], &mut false)
    }

    /// Passes over what stands between the bracket here and its partner. Whether only plain values stand there.
    fn balanced(&mut self) -> Result<bool, Refusal> {
        let close = closing(self.bytes[self.at]);
        self.at += 1;
        let mut plain = true;
        self.pass(vec![close], &mut plain)?;
        Ok(plain)
    }

    /// Passes on until each open bracket is closed, the last one first. A `` ` `` among them is a template.
    fn pass(&mut self, mut open: Vec<u8>, plain: &mut bool) -> Result<(), Refusal> {
        while let Some(last) = open.last().copied() {
            if open.len() > DEEPEST {
                return self.refuse(RefusalKind::Nesting);
            }
            if last == b'`' {
                match self.peek() {
                    None => return self.refuse(RefusalKind::Truncated),
                    Some(b'`') => drop(open.pop()),
                    Some(b'\\') => self.at += 1,
                    Some(b'$') if self.bytes.get(self.at + 1) == Some(&b'{') => {
                        self.at += 1;
                        open.push(b'}');
                    }
                    Some(_) => {}
                }
                self.at = (self.at + 1).min(self.bytes.len());
                continue;
            }
            self.skip();
            match self.peek() {
                None => return self.refuse(RefusalKind::Truncated),
                Some(byte @ (b'{' | b'[' | b'(')) => {
                    *plain &= byte != b'(';
                    open.push(closing(byte));
                    self.at += 1;
                }
                Some(byte @ (b'}' | b']' | b')')) => {
                    if byte != last {
                        return self.refuse(RefusalKind::Syntax);
                    }
                    open.pop();
                    self.at += 1;
                }
                Some(b'`') => {
                    *plain = false;
                    open.push(b'`');
                    self.at += 1;
                }
                Some(quote @ (b'"' | b'\'')) => {
                    *plain &= quote == b'"';
                    self.quoted(quote)?;
                }
                Some(b',' | b':') => self.at += 1,
                Some(byte) if is_word(byte) || matches!(byte, b'-' | b'.' | b'+') => {
                    let start = self.at;
                    let rest = &self.bytes[start..];
                    let part = |byte: &u8| is_word(*byte) || matches!(byte, b'.' | b'-' | b'+');
                    self.at += rest.iter().position(|byte| !part(byte)).unwrap_or(rest.len());
                    let word = &self.text[start..self.at];
                    *plain &= matches!(word, "null" | "true" | "false") || is_number(word);
                }
                Some(_) => {
                    *plain = false;
                    self.at += 1;
                }
            }
        }
        Ok(())
    }

    /// Passes over a text in quotes.
    fn quoted(&mut self, quote: u8) -> Result<(), Refusal> {
        self.at += 1;
        loop {
            let rest = &self.bytes[self.at..];
            let stop = |byte: &u8| *byte == quote || matches!(byte, b'\\' | b'\n');
            let Some(len) = rest.iter().position(stop) else {
                self.at = self.bytes.len();
                return self.refuse(RefusalKind::Truncated);
            };
            self.at += len;
            match self.bytes[self.at] {
                b'\\' => self.at = (self.at + 2).min(self.bytes.len()),
                b'\n' => return self.refuse(RefusalKind::Syntax),
                _ => {
                    self.at += 1;
                    return Ok(());
                }
            }
        }
    }

    /// An expression that began at `start`, up to the comma or brace that ends it; none for a function.
    fn expression(&mut self, start: usize) -> Result<Option<Value>, Refusal> {
        self.at = start;
        let mut end = start;
        let mut arrow = false;
        loop {
            self.skip();
            match self.peek() {
                None => return self.refuse(RefusalKind::Truncated),
                Some(b',' | b'}') => break,
                Some(b'{' | b'[' | b'(') => drop(self.balanced()?),
                Some(quote @ (b'"' | b'\'')) => self.quoted(quote)?,
                Some(b'`') => {
                    self.at += 1;
                    self.pass(vec![b'`'], &mut false)?;
                }
                // The end of a statement: this is a block, and no object.
                Some(b';' | b']' | b')') => return self.refuse(RefusalKind::Syntax),
                Some(b'=') if self.bytes.get(self.at + 1) == Some(&b'>') => {
                    arrow = true;
                    self.at += 2;
                }
                Some(byte) if is_word(byte) => drop(self.word()),
                Some(_) => self.at += 1,
            }
            end = self.at;
        }
        let raw = self.text[start..end].trim();
        let function = arrow || raw.starts_with("function") || raw.starts_with("async ");
        if raw.is_empty() {
            return self.refuse(RefusalKind::Syntax);
        }
        Ok((!function).then(|| Value::Expression(raw.to_owned())))
    }
}

const fn closing(open: u8) -> u8 {
    match open {
        b'{' => b'}',
        b'[' => b']',
        _ => b')',
    }
}

/// The character behind `\u`, with the bytes that it takes: `003c`, `d83dde00` in two, `{1F600}`.
fn code_point(digits: &[u8]) -> Option<(char, usize)> {
    if let Some(braced) = digits.strip_prefix(b"{") {
        let len = braced.iter().take(8).position(|byte| *byte == b'}')?;
        let code =
            std::str::from_utf8(&braced[..len]).ok().and_then(|code| u32::from_str_radix(code, 16).ok())?;
        return Some((char::from_u32(code)?, len + 2));
    }
    let high = four_digits(digits)?;
    if let Some(letter) = char::from_u32(high) {
        return Some((letter, 4));
    }
    let low = four_digits(digits.get(4..)?.strip_prefix(b"\\u")?)?;
    let letter = char::decode_utf16([u16::try_from(high).ok()?, u16::try_from(low).ok()?]).next()?.ok()?;
    Some((letter, 10))
}

//! What was pasted, read: XML, a flat JSON object, or `a=1&b=2`.

use wxpay::Fields;
use wxpay::xml::{self, Refusal, RefusalKind};

/// What was pasted, read.
pub(crate) enum Pasted<'a> {
    Xml(Fields<'a>),
    /// The decrypted inside of a refund notice.
    Root(Fields<'a>),
    Json(Fields<'a>),
    Query(Fields<'a>),
    Unreadable(Refusal),
}

impl<'a> Pasted<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Self {
        let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let first = start.iter().find(|byte| !byte.is_ascii_whitespace());
        if bytes.len() > xml::MAX_BYTES {
            return Self::Unreadable(Refusal { kind: RefusalKind::TooLarge, at: xml::MAX_BYTES });
        }
        match first {
            Some(b'{') => match std::str::from_utf8(start).ok().and_then(json_fields) {
                Some(fields) => Self::Json(fields),
                None => Self::Unreadable(Refusal { kind: RefusalKind::Syntax, at: 0 }),
            },
            Some(b'<') | None => match xml::read(bytes) {
                Ok(fields) => Self::Xml(fields),
                Err(refusal) => match xml::read_root(bytes, "root") {
                    Ok(fields) => Self::Root(fields),
                    Err(_) => Self::Unreadable(refusal),
                },
            },
            Some(_) => match std::str::from_utf8(start).ok().and_then(query_fields) {
                Some(fields) => Self::Query(fields),
                None => Self::Unreadable(match xml::read(bytes) {
                    Err(refusal) => refusal,
                    Ok(_) => Refusal { kind: RefusalKind::Syntax, at: 0 },
                }),
            },
        }
    }

    pub(crate) const fn format(&self) -> &'static str {
        match self {
            Self::Json(_) => "json",
            Self::Query(_) => "query",
            Self::Xml(_) | Self::Root(_) | Self::Unreadable(_) => "xml",
        }
    }
}

/// A flat JSON object; numbers keep the digits they were written with.
fn json_fields(text: &str) -> Option<Fields<'static>> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
    let mut fields = Fields::new();
    for (name, value) in object {
        let value = match value {
            serde_json::Value::String(text) => text,
            serde_json::Value::Number(number) => number.to_string(),
            serde_json::Value::Bool(flag) => flag.to_string(),
            serde_json::Value::Null => String::new(),
            nested => nested.to_string(),
        };
        fields.add(name, value).ok()?;
    }
    Some(fields)
}

/// `a=1&b=2`, its values as they stand: the string that was signed has them raw.
fn query_fields(text: &str) -> Option<Fields<'static>> {
    let mut fields = Fields::new();
    for pair in text.trim().split('&') {
        let (name, value) = pair.split_once('=')?;
        fields.add(name.to_owned(), value.to_owned()).ok()?;
    }
    Some(fields)
}

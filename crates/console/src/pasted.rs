//! What was pasted, read: XML, a flat JSON object, or `a=1&b=2`.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use wxpay::xml::{self, Refusal, RefusalKind};
use wxpay::{Fields, FieldsError};

/// What was pasted, read.
pub(crate) enum Pasted<'a> {
    Xml(Fields<'a>),
    /// The decrypted inside of a refund notice.
    Root(Fields<'a>),
    Json(Fields<'a>),
    Query(Fields<'a>),
    Unreadable(Refusal),
    /// JSON or a query string that gives this name twice. Readers differ in which value they take.
    Twice(String, &'static str),
}

impl<'a> Pasted<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Self {
        let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let first = start.iter().find(|byte| !byte.is_ascii_whitespace());
        if bytes.len() > xml::MAX_BYTES {
            return Self::Unreadable(Refusal { kind: RefusalKind::TooLarge, at: xml::MAX_BYTES });
        }
        match first {
            Some(b'{') => match std::str::from_utf8(start).ok().and_then(json_pairs).map(gather) {
                Some(Ok(fields)) => Self::Json(fields),
                Some(Err(FieldsError::Duplicate { name })) => Self::Twice(name, "json"),
                Some(Err(_)) | None => Self::Unreadable(Refusal { kind: RefusalKind::Syntax, at: 0 }),
            },
            Some(b'<') | None => match xml::read(bytes) {
                Ok(fields) => Self::Xml(fields),
                Err(refusal) => match xml::read_root(bytes, "root") {
                    Ok(fields) => Self::Root(fields),
                    Err(_) => Self::Unreadable(refusal),
                },
            },
            Some(_) => match std::str::from_utf8(start).ok().and_then(query_pairs).map(gather) {
                Some(Ok(fields)) => Self::Query(fields),
                Some(Err(FieldsError::Duplicate { name })) => Self::Twice(name, "query"),
                Some(Err(_)) | None => Self::Unreadable(match xml::read(bytes) {
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
            Self::Twice(_, format) => format,
        }
    }
}

type Pairs = Vec<(String, String)>;

/// Every pair of a JSON object, also where a name comes twice: a map would silently keep the last one.
struct Object(Pairs);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a flat JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut pairs = Pairs::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    // As it was written: 1.50 is not 1.5 to a signature.
                    let value = match value.get() {
                        text if text.starts_with('"') => {
                            serde_json::from_str(text).map_err(serde::de::Error::custom)?
                        }
                        "null" => String::new(),
                        other => other.to_owned(),
                    };
                    pairs.push((name, value));
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

/// A flat JSON object; numbers keep the digits they were written with.
fn json_pairs(text: &str) -> Option<Pairs> {
    serde_json::from_str::<Object>(text).ok().map(|object| object.0)
}

/// `a=1&b=2`, its values as they stand: the string that was signed has them raw.
fn query_pairs(text: &str) -> Option<Pairs> {
    text.trim()
        .split('&')
        .map(|pair| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect()
}

fn gather(pairs: Pairs) -> Result<Fields<'static>, FieldsError> {
    let mut fields = Fields::new();
    for (name, value) in pairs {
        fields.add(name, value)?;
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_comes_twice_is_named() {
        for (text, format) in [
            (r#"{"body":"a","total_fee":1,"body":"b"}"#, "json"),
            (r#"{"body":"a","body":"a"}"#, "json"),
            ("body=a&total_fee=1&body=b", "query"),
        ] {
            let pasted = Pasted::read(text.as_bytes());
            assert_eq!(pasted.format(), format);
            assert!(matches!(pasted, Pasted::Twice(name, _) if name == "body"), "{text}");
        }
        let read = Pasted::read(br#"{"b":"x","a":12.30,"c":null,"d":true,"e":{"f": [1]}}"#);
        let Pasted::Json(fields) = read else { panic!("a flat object is read") };
        let pairs: Vec<_> = fields.iter().collect();
        assert_eq!(pairs, [("b", "x"), ("a", "12.30"), ("c", ""), ("d", "true"), ("e", r#"{"f": [1]}"#)]);
        assert!(matches!(Pasted::read(b"{\"a\":1,}"), Pasted::Unreadable(_)));
    }
}

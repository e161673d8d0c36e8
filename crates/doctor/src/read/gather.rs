//! Pairs of names and values, gathered into a reading: each name once, and no key among them.

use super::object::{Object, Pair, Value};
use crate::reading::{Format, Reading, Special, Undone, Unreadable};
use std::collections::BTreeSet;
use wxpay::xml::{Refusal, RefusalKind};
use wxpay::{Fields, FieldsError};

/// Names that keys are pasted under, in small letters without `_`. No document has fields of these names.
const KEYS: [&str; 13] = [
    "key",
    "secret",
    "appsecret",
    "apikey",
    "apiv2key",
    "apiv3key",
    "mchkey",
    "merchantkey",
    "paykey",
    "paysignkey",
    "wxpaykey",
    "partnerkey",
    "paternerkey",
];

/// Names that tell that something is about WeChat Pay.
const TELLING: [&str; 22] = [
    "sign",
    "paySign",
    "signature",
    "nonce_str",
    "nonceStr",
    "noncestr",
    "appid",
    "appId",
    "mch_id",
    "mchid",
    "mch_appid",
    "out_trade_no",
    "out_refund_no",
    "transaction_id",
    "prepay_id",
    "prepayid",
    "package",
    "timeStamp",
    "return_code",
    "req_info",
    "total_fee",
    "jsapi_ticket",
];

/// Whether it is the name of a key: also behind the dots of a file of settings.
pub(super) fn is_key(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let plain = last.to_ascii_lowercase().replace(['_', '-'], "");
    KEYS.contains(&plain.as_str())
}

/// Whether the name can be a field's.
pub(super) fn is_name(name: &str) -> bool {
    let first = name.as_bytes().first();
    first.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && name.len() <= 128
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// Whether the name tells that this is about WeChat Pay.
pub(super) fn is_telling(name: &str) -> bool {
    TELLING.contains(&name)
}

/// Whether what was read is about WeChat Pay beyond doubt.
pub(super) fn tells(reading: &Reading) -> bool {
    let mut names = reading.fields.iter().map(|(name, _)| name);
    reading.special.is_some()
        || names.any(is_telling)
        || reading.expressions.iter().any(|(name, _)| is_telling(name))
}

fn refused<T>(kind: RefusalKind) -> Result<T, Unreadable> {
    Err(Refusal { kind, at: 0 }.into())
}

/// A document in XML.
pub(super) fn document(
    format: Format,
    undone: Vec<Undone>,
    fields: Fields<'static>,
) -> Result<Reading, Unreadable> {
    finish(Reading { undone, ..bare(format, fields) })
}

/// Anything else.
///
/// # Errors
/// [`Unreadable`] for a name that stands there twice or is none, a value that no field can have, too many of them,
/// or none.
pub(super) fn pairs(format: Format, pairs: Vec<Pair>) -> Result<Reading, Unreadable> {
    let mut fields = Fields::new();
    let (mut unquoted, mut expressions) = (Vec::new(), Vec::new());
    let special = special(&pairs);
    let pairs = out_of_lists(pairs);
    let mut names: BTreeSet<String> = BTreeSet::new();
    for Pair { name, value } in pairs {
        if name != "..." && !names.insert(name.clone()) {
            return Err(Unreadable::Twice { name, format });
        }
        if names.len() > 256 {
            return refused(RefusalKind::TooManyFields);
        }
        let text = match value {
            Value::Expression(expression) => {
                expressions.push((name, expression));
                continue;
            }
            Value::Text(text) => text,
            // What PHP and others make of an element that holds nothing.
            Value::Nested(raw) if is_empty(&raw) => String::new(),
            Value::Bare(text) | Value::Nested(text) => {
                unquoted.push(name.clone());
                text
            }
        };
        match fields.add(name, text) {
            Ok(()) => {}
            Err(FieldsError::Duplicate { name }) => return Err(Unreadable::Twice { name, format }),
            Err(FieldsError::TooMany) => return refused(RefusalKind::TooManyFields),
            Err(FieldsError::Name { .. }) => return refused(RefusalKind::FieldName),
            Err(FieldsError::Character { .. }) => return refused(RefusalKind::ControlCharacter),
        }
    }
    finish(Reading { unquoted, expressions, special, ..bare(format, fields) })
}

/// Whether it is an object or a list of nothing.
fn is_empty(raw: &str) -> bool {
    let inner = |open, close| raw.strip_prefix(open)?.strip_suffix(close).map(str::trim);
    inner('{', '}').or_else(|| inner('[', ']')).is_some_and(str::is_empty)
}

/// Each value out of its list where all stand in one of their own, as xml2js makes them of a document.
fn out_of_lists(pairs: Vec<Pair>) -> Vec<Pair> {
    let alone = |pair: &Pair| {
        let (Value::Nested(raw) | Value::Expression(raw)) = &pair.value else { return None };
        let inner = raw.trim().strip_prefix('[')?.strip_suffix(']')?;
        // The reader of objects knows all about quotes.
        let object = Object::read(&format!("{{\"a\":{inner}}}"), 0).ok()?;
        let [Pair { value, .. }] = object.pairs.as_slice() else { return None };
        let value = match value {
            Value::Text(_) => value.clone(),
            Value::Bare(text) if text.is_empty() => Value::Text(String::new()),
            Value::Nested(raw) if is_empty(raw) => Value::Text(String::new()),
            _ => return None,
        };
        Some(Pair { name: pair.name.clone(), value })
    };
    if pairs.len() < 2 || !matches!(pairs[0].value, Value::Nested(_) | Value::Expression(_)) {
        return pairs;
    }
    pairs.iter().map(alone).collect::<Option<Vec<_>>>().unwrap_or(pairs)
}

/// Fields, and nothing else to say of them.
pub(super) fn bare(format: Format, fields: Fields<'static>) -> Reading {
    Reading {
        format,
        undone: Vec::new(),
        fields,
        key_pasted: false,
        unquoted: Vec::new(),
        expressions: Vec::new(),
        special: None,
        at_customers: false,
    }
}

/// Takes keys out. Nothing left is nothing read.
pub(super) fn finish(mut reading: Reading) -> Result<Reading, Unreadable> {
    let keys: Vec<String> =
        reading.fields.iter().map(|(name, _)| name).filter(|name| is_key(name)).map(str::to_owned).collect();
    for name in &keys {
        reading.fields.remove(name);
        reading.key_pasted = true;
    }
    reading.unquoted.retain(|name| !is_key(name));
    reading.expressions.retain(|(name, _)| !is_key(name));
    for (_, expression) in &mut reading.expressions {
        if let Some(masked) = masked(expression) {
            *expression = masked;
            reading.key_pasted = true;
        }
    }
    let empty = reading.fields.is_empty() && reading.expressions.is_empty();
    if empty && !reading.key_pasted && reading.special.is_none() {
        return Err(Unreadable::Nothing);
    }
    Ok(reading)
}

/// An expression without the key that stands in it as `key=…`; `None` if none does.
fn masked(expression: &str) -> Option<String> {
    let mut masked = String::new();
    let mut rest = expression;
    while let Some(at) = rest.find("key=") {
        let (before, after) = rest.split_at(at + 4);
        masked.push_str(before);
        let len = after.bytes().take_while(u8::is_ascii_alphanumeric).count();
        // A key has 32 of them; shorter ones are names or placeholders.
        masked.push_str(if len >= 16 { "***" } else { &after[..len] });
        rest = &after[len..];
    }
    masked.push_str(rest);
    (masked != expression).then_some(masked)
}

/// What the pairs are beyond what they say.
fn special(pairs: &[Pair]) -> Option<Special> {
    let has = |name: &str| pairs.iter().any(|pair| pair.name == name);
    let resource = pairs.iter().find(|pair| pair.name == "resource").map(|pair| &pair.value);
    if let Some(Value::Nested(raw)) = resource
        && raw.starts_with('{')
        && Object::read(raw, 0).is_ok_and(|resource| resource.get("ciphertext").is_some())
    {
        return Some(Special::V3Notice);
    }
    let config = has("signature") && (has("nonceStr") || has("noncestr")) || has("jsapi_ticket");
    config.then_some(Special::Jssdk)
}

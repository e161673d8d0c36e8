//! What is odd about the signature of a message of WeChat Pay's own, also where it matches.

use super::values::{meant_sign_type, short};
use super::{Finding, Found};
use wxpay::Fields;

/// What WeChat Pay does not write: another word for the digest than its two, and a digest in small letters. The message
/// has been written anew on its way, or is a copy.
#[must_use]
pub fn of_received(fields: &Fields<'_>) -> Vec<Finding> {
    let mut found = Found::default();
    if let Some(value) = fields.text("sign_type")
        && let Some(meant) = meant_sign_type(value)
    {
        let params = [("value", &*short(value)), ("meant", meant), ("kind", "received")];
        found.warn("sign_type_unknown", "sign_type", &params);
    }
    let sign = fields.text("sign").unwrap_or_default();
    if wxpay::Signature::parse(sign).is_some() && sign.bytes().any(|byte| byte.is_ascii_lowercase()) {
        found.warn("sign_not_in_capitals", "sign", &[]);
    }
    found.list
}

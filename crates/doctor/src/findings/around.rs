//! What shows only beside something else: the order behind a front end's call, the merchant, the key.

use super::{Finding, Found, message_of};
use crate::reading::Reading;
use wxpay::api::fields::Way;
use wxpay::notice::inspect::Recognised;
use wxpay::{Fields, SignType};

/// What differs between a front end's call and the order (or its reply) that it pays.
#[must_use]
pub fn of_order(reading: &Reading, recognised: Recognised, order: &Fields<'_>) -> Vec<Finding> {
    let mut found = Found::default();
    if message_of(reading, recognised).is_some_and(|message| message.way == Way::FrontEnd) {
        let fields = &reading.fields;
        let said = fields.text("signType").and_then(SignType::from_wire);
        // An order without one was signed with MD5, unless its own signature says otherwise.
        let by_length = order.text("sign").and_then(wxpay::Signature::parse).map(|sign| sign.kind());
        let asked = by_length.or_else(|| order.text("sign_type").and_then(SignType::from_wire));
        if let (Some(said), Some(asked)) = (said, asked)
            && said != asked
        {
            found.refuse("sign_type_differs_from_order", "signType", &[("meant", asked.as_str())]);
        }
        let of_order = [order.text("appid"), order.text("sub_appid")];
        for name in ["appId", "appid"] {
            if let Some(here) = fields.text(name)
                && of_order.iter().any(Option::is_some)
                && !of_order.contains(&Some(here))
            {
                found.refuse("appid_of_other_kind", name, &[("kind", "not_of_order")]);
            }
        }
    }
    found.list
}

/// What differs between a document and the merchant that it should be of. An app's or page's own account may be another
/// one that is bound to the same merchant, so that this is a warning.
#[must_use]
pub fn of_merchant(reading: &Reading, mch_id: &str, appids: &[&str]) -> Vec<Finding> {
    let mut found = Found::default();
    let fields = &reading.fields;
    let numbers: Vec<(&str, &str)> = ["mch_id", "sub_mch_id", "partnerid"]
        .into_iter()
        .filter_map(|name| Some((name, fields.text(name)?)))
        .collect();
    if let Some((name, _)) = numbers.first()
        && numbers.iter().all(|(_, value)| *value != mch_id)
    {
        found.refuse("mch_id_mismatch", name, &[("meant", mch_id)]);
    }
    for name in ["appid", "appId"] {
        let here = fields.text(name).filter(|here| !appids.is_empty() && !appids.contains(here));
        if here.is_some() {
            found.warn("appid_of_other_kind", name, &[("kind", "not_of_merchant")]);
        }
    }
    found.list
}

/// A key of API v2 without the quotes, or the name and `=`, that it was stored with, as in a file of settings; `None`
/// where it stands alone, or is no such key without them.
#[must_use]
pub fn unquoted(key: &str) -> Option<&str> {
    let is_name =
        |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte));
    let named = key.split_once(['=', ':']).filter(|(name, _)| !name.is_empty() && is_name(name));
    let value = named.map_or(key, |(_, value)| value.trim());
    let within = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    let bare = within('"').or_else(|| within('\'')).or_else(|| named.map(|_| value))?;
    (bare.len() == 32 && bare.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(bare)
}

/// What is wrong with a key by its looks alone: keys of API v2 have 32 bytes.
#[must_use]
pub fn of_key(key: &str) -> Option<Finding> {
    let mut found = Found::default();
    if unquoted(key).is_some() {
        found.warn("key_in_quotes", "", &[]);
    } else if key.len() != 32 {
        found.warn("key_not_32_bytes", "", &[("length", &key.len().to_string())]);
    }
    found.list.pop()
}

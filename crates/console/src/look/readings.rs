//! Second readings of a message that was received or pasted, weighed as a person must: what no honest message holds is
//! not harmless.

use wxpay::Fields;
use wxpay::ambiguity::{Ambiguity, harmless_reading};
use wxpay::api::fields::{ALL, FieldDoc, Holds, MessageDoc, Way};

/// Documented fields in which people or programs write what they like, or an address: a `&` may stand there. All other
/// documented fields are ids, amounts, codes, times or words, none of which has one.
const FREE: [&str; 23] = [
    "attach",
    "body",
    "code_url",
    "detail",
    "device_info",
    "discount_name",
    "err_code_des",
    "goods_tag",
    "mweb_url",
    "notify_url",
    "package",
    "product_id",
    "promotion_detail",
    "refund_desc",
    "refund_recv_accout",
    "refund_recv_accout_$",
    "result_msg",
    "retmsg",
    "return_msg",
    "scene_info",
    "trade_state_desc",
    "url",
    "user_truename",
];

/// Whether such a field holds no text of anybody's own.
fn is_closed(name: &str) -> bool {
    let mut documented = ALL.iter().filter_map(|message| message.field(name));
    let free =
        |doc: &FieldDoc| FREE.contains(&doc.name) || matches!(doc.holds, Holds::NotifyUrl | Holds::Package);
    documented.next().is_some_and(|doc| !free(doc))
}

/// The names that stand as `&name=` in a value.
fn marks(value: &str) -> impl Iterator<Item = &str> {
    let is_name = |name: &&str| {
        let all = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        all && !name.is_empty() && *name != "sign"
    };
    value.split('&').skip(1).filter_map(|part| part.split_once('=')).map(|(name, _)| name).filter(is_name)
}

/// What was found, but for what looks harmless and is not: `&name=` in a field that cannot hold such text, or text from
/// which a documented field can be read that leaves the one behind it as it is. `set` is what is signed, `message` what
/// it is taken for.
pub(crate) fn weighed(found: Ambiguity, set: &Fields<'_>, message: Option<&MessageDoc>) -> Ambiguity {
    if !matches!(found, Ambiguity::Harmless { .. }) {
        return found;
    }
    let known = |name: &str| match message {
        Some(message) => message.field(name).is_some(),
        None => ALL.iter().any(|one| one.way != Way::FrontEnd && one.field(name).is_some()),
    };
    let fields: Vec<(&str, &str)> = set.sorted().filter(|(_, value)| !value.is_empty()).collect();
    let first = fields.first().map_or("", |(name, _)| *name);
    for (at, (name, value)) in fields.iter().enumerate() {
        let behind = fields.get(at + 1).map(|(name, _)| *name);
        // What would swallow the next field, as an amount `1&bank_type=CFT`, is nothing that anybody takes.
        let stands = |mark: &str| {
            known(mark) && set.get(mark).is_none() && mark > first && behind.is_none_or(|next| next > mark)
        };
        let mut marks = marks(value);
        let no_honest = if is_closed(name) { marks.next().is_some() } else { marks.any(stands) };
        if no_honest {
            return Ambiguity::Dangerous {
                field: (*name).to_owned(),
                changed: Vec::new(),
                reading: harmless_reading(set),
            };
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use wxpay::ambiguity::{MessageKind, second_readings};
    use wxpay::api::fields::PAYMENT_NOTICE;

    const NOTICE: [(&str, &str); 17] = [
        ("appid", "wx2421b1c4370ec43b"),
        ("attach", "pay"),
        ("bank_type", "CFT"),
        ("cash_fee", "100"),
        ("fee_type", "CNY"),
        ("is_subscribe", "Y"),
        ("mch_id", "1900000109"),
        ("nonce_str", "5d2b6c2a8db53831f7eda20af46e531c"),
        ("openid", "oUpF8uMEb4qRXf22hE3X68TekukE"),
        ("out_trade_no", "1409811653"),
        ("result_code", "SUCCESS"),
        ("return_code", "SUCCESS"),
        ("sub_mch_id", "1900000110"),
        ("time_end", "20140903131540"),
        ("total_fee", "100"),
        ("trade_type", "JSAPI"),
        ("transaction_id", "1004400740201409030005092168"),
    ];

    /// What comes of the notice with these values instead, an empty one left out.
    fn of(changes: &[(&str, &str)]) -> &'static str {
        let mut set = Fields::new();
        for (name, value) in NOTICE {
            let value = changes.iter().find(|(other, _)| *other == name).map_or(value, |(_, value)| *value);
            if !value.is_empty() {
                set.add(name, value.to_owned()).unwrap();
            }
        }
        match weighed(second_readings(&set, MessageKind::PaymentNotice), &set, Some(&PAYMENT_NOTICE)) {
            Ambiguity::None => "none",
            Ambiguity::Harmless { .. } => "harmless",
            Ambiguity::Dangerous { .. } => "dangerous",
        }
    }

    /// Found by a stranger who forged notices: each has the signature of a genuine one.
    #[test]
    fn what_no_honest_notice_holds_is_dangerous() {
        for changes in [
            &[("attach", "x&bank_type=CFT"), ("bank_type", "")][..],
            &[("transaction_id", "1004400740201409030005092168&z=1")],
            &[("is_subscribe", "Y&mch_id=1900000109"), ("mch_id", "")],
            &[("mch_id", "1900000109&nonce_str=n"), ("nonce_str", "")],
            &[("bank_type", "CFT&cash_fee=100&fee_type=CNY"), ("cash_fee", ""), ("fee_type", "")],
            &[("return_code", "SUCCESS&sub_mch_id=1900000110"), ("sub_mch_id", "")],
            &[("sub_mch_id", "1900000110&time_end=20140903131540"), ("time_end", "")],
        ] {
            assert_eq!(of(changes), "dangerous", "{changes:?}");
        }
    }

    #[test]
    fn what_shops_write_into_attach_stays_harmless() {
        for attach in ["a=1&b=2", "x&y=1&z=2", "id=7&version=2", "a&total_fee=100", "q=面包&page=2"] {
            assert_eq!(of(&[("attach", attach)]), "harmless", "{attach}");
        }
        for attach in ["pay", "a=b", "a&b", "&"] {
            assert_eq!(of(&[("attach", attach)]), "none", "{attach}");
        }
    }

    #[test]
    fn every_free_field_is_documented() {
        for name in FREE {
            let documented = ALL.iter().flat_map(|message| message.fields).any(|field| field.name == name);
            assert!(documented, "{name}");
        }
    }
}

use super::*;
use crate::sign::masked_string;
use proptest::prelude::*;

/// Every document with the same string to sign, by trying every set of marks. Written apart from the search
/// above, from the definition at the top of the module.
fn brute_force(fields: &Fields<'_>, mandatory: &[&str]) -> (bool, bool) {
    let own: Vec<(&str, &str)> =
        fields.sorted().filter(|(name, value)| !value.is_empty() && *name != "sign").collect();
    let string = own.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let mut borders = vec![];
    let mut at = 0;
    for (name, value) in &own {
        borders.push(at);
        at += name.len() + value.len() + 2;
    }
    // Where a field could begin: at the start or after an `&`, if a name and `=` follow.
    let starts: Vec<usize> = std::iter::once(0)
        .chain(string.match_indices('&').map(|(at, _)| at + 1))
        .filter(|at| {
            let name = string[*at..].split('=').next().unwrap_or("");
            string[*at..].contains('=') && is_name(name) && name != "sign"
        })
        .collect();
    let (mut any, mut dangerous) = (false, false);
    if starts.first() != Some(&0) {
        return (any, dangerous);
    }
    for set in 0_u32..1 << (starts.len() - 1) {
        let chosen: Vec<usize> =
            (0..starts.len()).filter(|i| *i == 0 || set >> (i - 1) & 1 == 1).map(|i| starts[i]).collect();
        if chosen.iter().all(|start| borders.contains(start)) {
            continue;
        }
        let parts: Vec<(usize, &str, &str)> = (0..chosen.len())
            .map(|i| {
                let end = chosen.get(i + 1).map_or(string.len(), |next| next - 1);
                // Two marks may be so close that the first has no room for its `=`.
                let part = &string[chosen[i]..end.max(chosen[i])];
                let (name, value) = part.split_once('=').unwrap_or((part, ""));
                (chosen[i], name, value)
            })
            .collect();
        let fits = parts.iter().all(|(_, _, value)| !value.is_empty())
            && parts.windows(2).all(|pair| pair[0].1.as_bytes() < pair[1].1.as_bytes());
        if !fits {
            continue;
        }
        any = true;
        let has = |name: &str| parts.iter().any(|(_, other, _)| *other == name);
        if !mandatory.iter().all(|name| has(name)) {
            continue;
        }
        let head = |value: &str| value.split('&').next().unwrap_or("").to_owned();
        let before = |name: &str| own.iter().find(|(other, _)| *other == name).map(|(_, value)| head(value));
        let or_default = |name: &str, value: Option<String>| value.or(default_of(name).map(str::to_owned));
        let another = parts.iter().any(|(_, name, value)| {
            counts(name) && or_default(name, Some(head(value))) != or_default(name, before(name))
        });
        // A field that counts is gone, and what stands in its place by name came from inside a value.
        let swallowed = own.iter().any(|(name, _)| {
            let by = parts.iter().rev().find(|(_, other, _)| other.as_bytes() < name.as_bytes());
            counts(name)
                && !has(name)
                && by.is_some_and(|(start, _, _)| !borders.contains(start))
                && or_default(name, None) != or_default(name, before(name))
        });
        dangerous |= another || swallowed;
    }
    (any, dangerous)
}

fn document(pairs: &[(String, String)]) -> Fields<'static> {
    let mut fields = Fields::new();
    for (name, value) in pairs {
        let _ = fields.add(name.clone(), value.clone());
    }
    fields
}

/// Names that matter to refund requests, and some that sort before, between and after them.
const NAMES: &[&str] = &[
    "appid",
    "attach",
    "b",
    "fee_type",
    "mch_id",
    "n",
    "nonce_str",
    "out_refund_no",
    "p",
    "refund_fee",
    "sign",
    "sub_mch_id",
    "total_fee",
    "u",
    "Z",
];

fn value() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-c1]{0,2}",
        4 => prop::sample::select(NAMES).prop_map(|name| format!("&{name}=")),
        1 => Just("&".to_owned()),
        1 => Just("=".to_owned()),
        1 => Just("CNY".to_owned()),
        1 => Just("微".to_owned()),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    let pair = (prop::sample::select(NAMES).prop_map(str::to_owned), value());
    prop::collection::vec(pair, 1..7)
}

/// What a notice may have besides.
const OPTIONAL: &[&str] = &[
    "cash_fee_type",
    "coupon_count",
    "coupon_fee",
    "coupon_fee_0",
    "fee_type",
    "is_subscribe",
    "settlement_total_fee",
    "sub_appid",
    "sub_is_subscribe",
    "sub_mch_id",
    "sub_openid",
];

/// A text made of the marks that could matter in a notice, and of others.
fn told() -> impl Strategy<Value = String> {
    let names: Vec<_> = MessageKind::PaymentNotice
        .mandatory()
        .iter()
        .chain(OPTIONAL)
        .chain(NAMES)
        .chain(&["c", "cash", "coupon_e", "device_info", "e", "trade_state", "trade_state_desc", "z"])
        .copied()
        .collect();
    let piece =
        (prop::sample::select(names), "[ab1&=]{0,2}").prop_map(|(name, value)| format!("&{name}={value}"));
    (prop::collection::vec(piece, 0..5), "[aA1]{0,1}").prop_map(|(pieces, start)| start + &pieces.concat())
}

/// The mandatory names of a refund request with short values, and hostile text in some.
fn whole_requests() -> impl Strategy<Value = Vec<(String, String)>> {
    let mandatory = MessageKind::RefundRequest.mandatory();
    prop::collection::vec("[ab1]{1,2}", mandatory.len()).prop_flat_map(move |values| {
        let base: Vec<_> = mandatory.iter().map(|name| (*name).to_owned()).zip(values).collect();
        let tail = prop::collection::vec(
            (prop::sample::select(NAMES), "[ab1]{0,2}").prop_map(|(name, value)| format!("&{name}={value}")),
            0..8,
        );
        (Just(base), 0..mandatory.len(), tail, pairs()).prop_map(|(mut base, at, tail, more)| {
            base[at].1.push_str(&tail.concat());
            base.extend(more.into_iter().take(1));
            base
        })
    })
}

fn agrees(fields: &Fields<'_>, kind: MessageKind) -> Result<(), TestCaseError> {
    let own: Vec<_>;
    let mandatory = if kind == MessageKind::Other {
        own = fields
            .sorted()
            .filter(|(name, value)| counts(name) && is_signed(name, value))
            .map(|(name, _)| name)
            .collect();
        &own
    } else {
        kind.mandatory()
    };
    let marks = fields.iter().map(|(_, value)| value.matches('&').count() + 1).sum::<usize>();
    prop_assume!(marks <= 14);
    let (any, dangerous) = brute_force(fields, mandatory);
    let found = second_readings(fields, kind);
    match &found {
        Ambiguity::None => prop_assert!(!any && !dangerous),
        Ambiguity::Harmless { field } => {
            prop_assert!(any && !dangerous, "harmless, but {:?}", masked_string(fields));
            prop_assert!(fields.get(field).is_some_and(|value| value.contains('&')));
            let reading = harmless_reading(fields).expect("there is one");
            prop_assert_eq!(masked_string(&reading.fields), masked_string(fields));
            prop_assert!(&reading.fields != fields);
        }
        Ambiguity::Dangerous { field, changed, reading } => {
            prop_assert!(any && dangerous, "dangerous, but {:?}", masked_string(fields));
            prop_assert!(fields.get(field).is_some_and(|value| value.contains('&')));
            let reading = reading.as_ref().expect("few marks");
            // What it spells out is another document that shares the string.
            prop_assert_eq!(masked_string(&reading.fields), masked_string(fields));
            prop_assert!(&reading.fields != fields);
            prop_assert!(!changed.is_empty());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_brute_force_reader_agrees_on_any_document(pairs in pairs()) {
        agrees(&document(&pairs), MessageKind::Other)?;
    }

    /// Whatever text an order is let through with, its notice and the replies about it have no dangerous reading.
    #[test]
    fn what_is_let_through_is_not_dangerous_when_it_is_told_again(
        value in told(),
        field in prop::sample::select(&TOLD_AGAIN[..]),
        optional in prop::collection::vec(any::<bool>(), OPTIONAL.len()),
        state in prop::sample::select(&["", "SUCCESS", "NOTPAY"][..]),
    ) {
        let mut fields = Fields::new();
        fields.add(field, value).unwrap();
        if told_again(&fields).is_some() {
            return Ok(());
        }
        let kind = if state.is_empty() { MessageKind::PaymentNotice } else { MessageKind::OrderQueryReply };
        let paid = if state == "NOTPAY" { &[][..] } else { MessageKind::PaymentNotice.mandatory() };
        for name in kind.mandatory().iter().chain(paid) {
            let _ = fields.add(*name, if *name == "trade_state" { state } else { "7" });
        }
        for (name, _) in OPTIONAL.iter().zip(&optional).filter(|(_, on)| **on && state != "NOTPAY") {
            let _ = fields.add(*name, if name.ends_with("fee_type") { "CNY" } else { "7" });
        }
        let found = second_readings(&fields, kind);
        prop_assert!(!found.is_dangerous(), "{found:?} in {}", masked_string(&fields));
    }

    #[test]
    fn a_brute_force_reader_agrees_on_whole_requests(pairs in whole_requests()) {
        agrees(&document(&pairs), MessageKind::RefundRequest)?;
    }
}

#[test]
fn what_is_dangerous_and_what_is_not() {
    use MessageKind::{Other, PaymentNotice, RefundRequest, UnifiedOrderRequest};
    let order = "appid=a1,body=x,mch_id=1,nonce_str=n,notify_url=https://a/b,out_trade_no=o,\
                 spbill_create_ip=::1,total_fee=1,trade_type=NATIVE";
    let refund = "appid=a1,mch_id=1,nonce_str=n,out_refund_no=r,refund_fee=1,total_fee=2";
    for (what, kind, base, name, value, expected) in [
        ("plain", UnifiedOrderRequest, order, "attach", "hello", "none"),
        ("only an and", UnifiedOrderRequest, order, "attach", "A&B", "none"),
        ("two parameters", UnifiedOrderRequest, order, "attach", "a=1&b=2", "harmless"),
        ("nothing behind", UnifiedOrderRequest, order, "attach", "x&b=", "harmless"),
        ("swallows optional ones", UnifiedOrderRequest, order, "body", "x&c=1", "harmless"),
        ("another merchant", UnifiedOrderRequest, order, "body", "x&mch_id=2", "dangerous"),
        ("the default currency", UnifiedOrderRequest, order, "body", "x&fee_type=CNY", "harmless"),
        ("another currency", UnifiedOrderRequest, order, "body", "x&fee_type=USD", "dangerous"),
        ("below the first name", UnifiedOrderRequest, order, "body", "x&appid=2", "none"),
        ("names go down", UnifiedOrderRequest, order, "body", "x&attach=2", "harmless"),
        ("the amount, alone", UnifiedOrderRequest, order, "attach", "x&total_fee=9", "harmless"),
        ("a sub-merchant", UnifiedOrderRequest, order, "spbill_create_ip", "1&sub_mch_id=9", "dangerous"),
        ("text before sign", RefundRequest, refund, "refund_desc", "a=1&b=2", "harmless"),
        ("the refund's amount", RefundRequest, refund, "refund_desc", "x&refund_fee=9", "dangerous"),
        ("the same amount", RefundRequest, refund, "refund_desc", "x&refund_fee=1", "harmless"),
        (
            "the order's amount, out of turn",
            RefundRequest,
            refund,
            "refund_desc",
            "x&total_fee=9",
            "harmless",
        ),
        ("missing fields", PaymentNotice, "total_fee=1", "attach", "x&total_fee=9", "harmless"),
        ("unknown kind", Other, "a=1,total_fee=1", "attach", "x&total_fee=9", "dangerous"),
        ("sign is never read", Other, "total_fee=1", "attach", "x&sign=9", "none"),
    ] {
        let mut pairs: Vec<(String, String)> = base
            .split(',')
            .map(|pair| pair.split_once('=').unwrap())
            .filter(|(other, _)| *other != name)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        pairs.push((name.to_owned(), value.to_owned()));
        let found = match second_readings(&document(&pairs), kind) {
            Ambiguity::None => "none",
            Ambiguity::Harmless { .. } => "harmless",
            Ambiguity::Dangerous { .. } => "dangerous",
        };
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn a_query_may_not_become_another_state() {
    let base = "appid=a1,bank_type=CFT,cash_fee=1,mch_id=1,nonce_str=n,openid=o,out_trade_no=t,\
                result_code=SUCCESS,return_code=SUCCESS,time_end=20200101000000,total_fee=1,trade_state=SUCCESS,\
                trade_type=NATIVE,transaction_id=4";
    for (attach, dangerous) in [
        ("a=1&b=2", false),
        ("x&cash_fee=9", false),
        ("x&bank_type=B&cash_fee=9", true),
        // Without what a paid order has, but then it says that it is not paid.
        (
            "x&mch_id=1&nonce_str=n&out_trade_no=t&result_code=SUCCESS&return_code=SUCCESS&trade_state=NOTPAY&u=1",
            true,
        ),
    ] {
        let mut pairs: Vec<(String, String)> = base
            .split(',')
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        pairs.push(("attach".to_owned(), attach.to_owned()));
        let found = second_readings(&document(&pairs), MessageKind::OrderQueryReply);
        assert_eq!(found.is_dangerous(), dangerous, "{attach}: {found:?}");
    }
}

/// The text that many shops put into `attach`, read as its reader would read the rest of the string.
#[test]
fn a_harmless_reading_keeps_what_can_be_told_apart() {
    let told = |pairs: &[(&str, &str)]| {
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let reading = harmless_reading(&document(&pairs))?.fields;
        Some(reading.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" | "))
    };
    for (attach, expected) in [
        ("a=1&b=2", Some("appid=wx1 | attach=a=1 | b=2 | total_fee=7")),
        ("a=1&x=2&y=3", Some("appid=wx1 | attach=a=1 | x=2 | y=3&total_fee=7")),
        ("&b=1&b=2", Some("appid=wx1&attach= | b=1&b=2 | total_fee=7")),
        ("1&aa=2", None),
        ("1&2", None),
    ] {
        let found = told(&[("appid", "wx1"), ("attach", attach), ("total_fee", "7")]);
        assert_eq!(found.as_deref(), expected, "{attach}");
    }
}

#[test]
fn the_work_is_bounded() {
    // A megabyte of marks is answered at once, and never as harmless.
    for (piece, what) in [("&a=1", "short"), ("&zz=1&", "long"), ("&total_fee=1", "amount")] {
        let mut fields = Fields::new();
        fields.add("Attach", piece.repeat(1024 * 1024 / piece.len())).unwrap();
        fields.add("total_fee", "1").unwrap();
        let found = second_readings(&fields, MessageKind::PaymentNotice);
        assert!(matches!(found, Ambiguity::Dangerous { reading: None, .. }), "{what}");
    }
    // As many marks as are weighed, in the order that is the most work.
    let mut fields = Fields::new();
    let text: String = (0..1024).map(|index| format!("&f{index:04}=1")).collect();
    fields.add("a", text).unwrap();
    assert!(matches!(second_readings(&fields, MessageKind::PaymentNotice), Ambiguity::Harmless { .. }));
}

//! Which name may have been meant.

use wxpay::api::fields::MessageDoc;

/// A name without what programs change about it: letter case and underscores.
pub(super) fn fold(name: &str) -> String {
    name.chars()
        .filter(|letter| !matches!(letter, '_' | '-'))
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

/// How a name differs from the documented one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Near {
    /// In letter case only.
    Case(String),
    /// In underscores, or in those and case.
    Underscores(String),
    /// In so many letters, or it is another word for it.
    Letters(String, usize),
}

/// Words that programs use for a field of another name.
const OTHER_WORDS: [(&str, &str); 12] = [
    ("packagevalue", "package"),
    ("packagestr", "package"),
    ("description", "body"),
    ("subject", "body"),
    ("totalamount", "total_fee"),
    ("amount", "total_fee"),
    ("money", "total_fee"),
    ("orderno", "out_trade_no"),
    ("ordersn", "out_trade_no"),
    ("notify", "notify_url"),
    ("callbackurl", "notify_url"),
    ("clientip", "spbill_create_ip"),
];

/// Longest name that is compared letter by letter.
const LONGEST: usize = 40;

/// What of the message's fields may have been meant, the nearest one.
pub(super) fn nearest(message: &MessageDoc, name: &str) -> Option<Near> {
    let (pattern, numbers) = numbered(name);
    let right = |pattern: &str| filled(pattern, &numbers);
    let fields = || message.fields.iter().map(|field| field.name);
    if let Some(field) = fields().find(|field| field.eq_ignore_ascii_case(&pattern)) {
        return Some(Near::Case(right(field)));
    }
    let folded = fold(&pattern);
    if let Some(field) = fields().find(|field| fold(field) == folded) {
        return Some(Near::Underscores(right(field)));
    }
    if let Some((_, field)) =
        OTHER_WORDS.iter().find(|(word, field)| *word == folded && fields().any(|f| f == *field))
    {
        return Some(Near::Letters((*field).to_owned(), 0));
    }
    if name.len() > LONGEST || folded.len() < 3 {
        return None;
    }
    let furthest = if folded.len() <= 5 { 1 } else { 2 };
    let best = fields().map(|field| (distance(&fold(field), &folded), field)).min()?;
    (best.0 <= furthest).then(|| Near::Letters(right(best.1), best.0))
}

/// The name with `$` for each number at the end of one of its words, and those numbers.
fn numbered(name: &str) -> (String, Vec<String>) {
    let (mut pattern, mut numbers) = (Vec::new(), Vec::new());
    for (at, word) in name.split('_').enumerate() {
        if at > 0 && !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
            numbers.push(word.to_owned());
            pattern.push("$");
        } else {
            pattern.push(word);
        }
    }
    (pattern.join("_"), numbers)
}

fn filled(pattern: &str, numbers: &[String]) -> String {
    numbers.iter().fold(pattern.to_owned(), |name, number| name.replacen('$', number, 1))
}

/// How many letters must be put in, taken out, changed, or swapped with the next one.
pub(super) fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (last[j - 1] + same).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use wxpay::api::fields::{PAYMENT_NOTICE, UNIFIED_ORDER};

    #[test]
    fn letters_are_counted_as_people_mistype_them() {
        for (a, b, apart) in [
            ("sign", "sign", 0),
            ("sgin", "sign", 1),
            ("perpay", "prepay", 1),
            ("openid", "openids", 1),
            ("", "abc", 3),
            ("total", "tptal", 1),
            ("body", "attach", 6),
        ] {
            assert_eq!((distance(a, b), distance(b, a)), (apart, apart), "{a} {b}");
        }
    }

    #[test]
    fn what_was_meant() {
        use Near::{Case, Letters, Underscores};
        for (name, near) in [
            ("Mch_id", Some(Case("mch_id".into()))),
            ("APPID", Some(Case("appid".into()))),
            ("open_id", Some(Underscores("openid".into()))),
            ("nonce__str", Some(Underscores("nonce_str".into()))),
            ("nonceStr", Some(Underscores("nonce_str".into()))),
            ("mchid", Some(Underscores("mch_id".into()))),
            ("sgin", Some(Letters("sign".into(), 1))),
            ("notify_ur", Some(Letters("notify_url".into(), 1))),
            ("total_amount", Some(Letters("total_fee".into(), 0))),
            ("coupon_fee_0", None),
            ("x", None),
            ("completely_else", None),
        ] {
            assert_eq!(nearest(&UNIFIED_ORDER, name), near, "{name}");
        }
        assert_eq!(nearest(&PAYMENT_NOTICE, "Coupon_fee_3"), Some(Case("coupon_fee_3".into())));
        assert_eq!(nearest(&PAYMENT_NOTICE, "cuopon_id_12"), Some(Letters("coupon_id_12".into(), 1)));
    }
}

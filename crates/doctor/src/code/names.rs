//! The names that WeChat Pay knows, and what comes near them.

/// Names of requests, replies and notices as they stand on the wire.
pub(super) const WIRE: &[&str] = &[
    "appid",
    "attach",
    "auth_code",
    "bank_type",
    "body",
    "cash_fee",
    "code_url",
    "detail",
    "device_info",
    "err_code",
    "err_code_des",
    "fee_type",
    "goods_tag",
    "is_subscribe",
    "limit_pay",
    "mch_id",
    "mweb_url",
    "nonce_str",
    "notify_url",
    "op_user_id",
    "openid",
    "out_refund_no",
    "out_trade_no",
    "prepay_id",
    "product_id",
    "profit_sharing",
    "receipt",
    "refund_account",
    "refund_desc",
    "refund_fee",
    "refund_fee_type",
    "result_code",
    "return_code",
    "return_msg",
    "scene_info",
    "settlement_total_fee",
    "sign",
    "sign_type",
    "spbill_create_ip",
    "sub_appid",
    "sub_mch_id",
    "sub_openid",
    "time_end",
    "time_expire",
    "time_start",
    "total_fee",
    "trade_state",
    "trade_type",
    "transaction_id",
    "version",
];

/// Names that only an order or another request on the wire has.
pub(super) const ORDER_SIGNS: &[&str] =
    &["mch_id", "nonce_str", "notify_url", "spbill_create_ip", "trade_type"];

/// Names that a page or mini program calls the payment with, `package` among them.
pub(super) const CLIENT: &[&str] = &["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"];

/// What else stands in such a call, or in `wx.config`.
const AROUND_CALL: &[&str] =
    &["success", "fail", "complete", "signature", "jsApiList", "timestamp", "packageValue"];

/// Names that are long enough for one wrong letter to be no accident of another word.
const LONG: &[&str] = &[
    "nonce_str",
    "notify_url",
    "out_refund_no",
    "out_trade_no",
    "prepay_id",
    "result_code",
    "return_code",
    "spbill_create_ip",
    "trade_type",
    "transaction_id",
];

/// The name without its underscores and its letter case.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '$' | '-')).take(64).map(|c| c.to_ascii_lowercase()).collect()
}

/// The letters of a name that count when its spelling does not.
fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|byte| !matches!(byte, b'_' | b'$' | b'-')).map(|byte| byte.to_ascii_lowercase())
}

/// Whether two names differ in underscores and letter case only.
pub(super) fn same(one: &str, other: &str) -> bool {
    letters(one).eq(letters(other))
}

/// Whether anything of WeChat Pay's is called so, in whatever spelling.
pub(super) fn is_known(name: &str) -> bool {
    WIRE.iter().chain(CLIENT).chain(AROUND_CALL).any(|known| same(known, name))
}

/// The wire's spelling of a name that is written another way.
pub(crate) fn on_the_wire(name: &str) -> Option<&'static str> {
    WIRE.iter().find(|known| same(known, name)).copied()
}

/// The spelling that a page's or mini program's call wants.
pub(super) fn in_a_call(name: &str) -> Option<&'static str> {
    if same(name, "packageValue") {
        return Some("package");
    }
    CLIENT.iter().find(|known| same(known, name)).copied()
}

/// Where in `word` a known name begins that the word ends with: `idmch_id` ends with `mch_id`.
pub(super) fn known_end(word: &str) -> Option<usize> {
    let all = WIRE.iter().chain(CLIENT).chain(AROUND_CALL);
    all.filter(|known| word.ends_with(**known)).map(|known| word.len() - known.len()).min()
}

/// The name among `known` that `name` is one slip away from: a letter too many, too few, wrong, or two swapped.
pub(super) fn near<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    if name.len() > 40 || !name.is_ascii() {
        return None;
    }
    known.iter().find(|known| one_slip(name.as_bytes(), known.as_bytes())).copied()
}

/// As [`near`], for names anywhere in a program: only long ones.
pub(super) fn near_long(name: &str) -> Option<&'static str> {
    near(name, LONG).filter(|known| !same(known, name))
}

fn one_slip(written: &[u8], known: &[u8]) -> bool {
    if written == known || written.first() != known.first() || known.len() < 4 {
        return false;
    }
    let same = written.iter().zip(known).take_while(|(a, b)| a == b).count();
    let (rest, want) = (&written[same..], &known[same..]);
    let swapped = rest.len() == want.len()
        && rest.len() >= 2
        && rest[0] == want[1]
        && rest[1] == want[0]
        && rest[2..] == want[2..];
    // Of short names and of plurals another letter makes another word.
    let long = known.len() >= 6;
    let added = long && rest.len() == want.len() + 1 && rest[1..] == *want && rest.len() > 1;
    let missing = long && rest.len() + 1 == want.len() && *rest == want[1..] && !rest.is_empty();
    let wrong = long && rest.len() == want.len() && rest.len() > 1 && rest[1..] == want[1..];
    swapped || added || missing || wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_near_and_another_word_is_not() {
        for (written, expected) in [
            ("perpay_id", Some("prepay_id")),
            ("prepayid", None),
            ("out_tarde_no", Some("out_trade_no")),
            ("retrun_code", Some("return_code")),
            ("return_codes", None),
            ("total_fen", None),
            ("nonceStr", None),
            ("prepay_id", None),
            ("transation_id", Some("transaction_id")),
        ] {
            assert_eq!(near_long(written), expected, "{written}");
        }
        assert_eq!(near("sgin", &["sign"]), Some("sign"));
        assert_eq!(near("sigh", &["sign"]), None);
    }

    #[test]
    fn a_name_at_the_end_of_a_word_is_found() {
        assert_eq!(known_end("idmch_id"), Some(2));
        assert_eq!(known_end("sub_mch_id"), Some(0));
        assert_eq!(known_end("hello"), None);
    }
}

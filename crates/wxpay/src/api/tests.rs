//! Requests and replies of every operation, as data.

mod replies;
mod requests;

use super::*;

pub(super) fn fields(pairs: &[(&'static str, &'static str)]) -> Fields<'static> {
    let mut fields = Fields::new();
    for (name, value) in pairs {
        fields.add(*name, *value).unwrap();
    }
    fields
}

pub(super) fn no() -> OutTradeNo {
    OutTradeNo::parse("20150806125346").unwrap()
}

#[test]
fn every_code_has_one_meaning_in_an_operation() {
    let mut seen = std::collections::BTreeSet::new();
    for (api, code) in err_codes() {
        assert!(seen.insert((api, code.code)), "{api} {}", code.code);
        assert!(!code.meaning.is_empty() && !code.advice.is_empty());
    }
    assert!(seen.len() > 100, "{}", seen.len());
}

/// The reference's tables, by class, against ours.
#[test]
fn classes() {
    use ErrorClass::*;
    fn of<O: Operation>(code: &str) -> ErrorClass {
        classify(O::KIND, O::ERRORS, code)
    }
    for (code, class) in [
        ("SYSTEMERROR", Unknown),
        ("BANKERROR", Unknown),
        ("USERPAYING", Unknown),
        ("PARAM_ERROR", Failed),
        ("ORDERPAID", Settled),
        ("NOAUTH", Failed),
        ("AUTHCODEEXPIRE", Failed),
        ("NOTENOUGH", Failed),
        ("NOTSUPORTCARD", Failed),
        ("ORDERCLOSED", Settled),
        ("ORDERREVERSED", Settled),
        ("AUTH_CODE_ERROR", Failed),
        ("AUTH_CODE_INVALID", Failed),
        ("BUYER_MISMATCH", Failed),
        ("OUT_TRADE_NO_USED", Failed),
        ("INVALID_REQUEST", Failed),
        ("TRADE_ERROR", Failed),
        ("RULELIMIT", Failed),
        ("FREQUENCY_LIMITED", NotAccepted),
        ("NOBODY_KNOWS", Unknown),
    ] {
        assert_eq!(of::<Micropay>(code), class, "micropay {code}");
    }
    for (code, class) in [
        ("SYSTEMERROR", Unknown),
        ("BIZERR_NEED_RETRY", Unknown),
        ("TRADE_OVERDUE", Failed),
        ("ERROR", Failed),
        ("USER_ACCOUNT_ABNORMAL", Failed),
        ("INVALID_REQ_TOO_MUCH", NotAccepted),
        ("NOTENOUGH", Failed),
        ("ORDERNOTEXIST", Failed),
        ("FREQUENCY_LIMITED", NotAccepted),
        ("CERT_ERROR", Failed),
        ("REFUND_FEE_MISMATCH", Failed),
        ("ORDER_NOT_READY", NotAccepted),
        ("NETWORKERROR", Unknown),
        ("nobody knows", Unknown),
    ] {
        assert_eq!(of::<Refund>(code), class, "refund {code}");
    }
    for (code, class) in [
        ("ORDERPAID", Settled),
        ("ORDERCLOSED", Settled),
        ("ORDERNOTEXIST", Failed),
        ("TRADE_STATE_ERROR", Settled),
        ("SYSTEMERROR", Unknown),
    ] {
        assert_eq!(of::<CloseOrder>(code), class, "close_order {code}");
    }
    assert_eq!(of::<Reverse>("REVERSE_EXPIRE"), Failed);
    assert_eq!(of::<Reverse>("TRADE_ERROR"), Settled);
    assert_eq!(of::<UnifiedOrder>("ORDERPAID"), Settled);
    assert_eq!(of::<OrderQuery>("nobody knows"), Failed);
    assert_eq!(error_code::find("micropay", "SIGNERROR").unwrap().class, Failed);
    assert_eq!(error_code::find("refund", "CA_ERROR").unwrap().class, Failed);
    assert_eq!(error_code::find("refund", "nobody knows"), None);
}

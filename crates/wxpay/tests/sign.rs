//! What enters the string to sign, and what a signature may look like.

use domain::Secret;
use proptest::prelude::*;
use wxpay::sign::{self, Expect, VerifyError};
use wxpay::{ApiKey, Fields, SignType, Signature, xml};

fn key() -> ApiKey {
    ApiKey::new(Secret::new("SYNTHETICv2keySYNTHETICv2key0032".to_owned()))
}

fn fields(pairs: &[(&'static str, &'static str)]) -> Fields<'static> {
    let mut fields = Fields::new();
    for (name, value) in pairs {
        fields.add(*name, *value).unwrap();
    }
    fields
}

#[test]
fn what_enters_the_string() {
    for (what, pairs, string) in [
        ("nothing", &[][..], ""),
        ("sorted", &[("b", "2"), ("a", "1")], "a=1&b=2&"),
        ("upper case, then _, then lower case", &[("a", "1"), ("_", "2"), ("Z", "3")], "Z=3&_=2&a=1&"),
        ("shorter first", &[("coupon_fee_0", "2"), ("coupon_fee", "1")], "coupon_fee=1&coupon_fee_0=2&"),
        ("re_openid before remark", &[("remark", "1"), ("re_openid", "2")], "re_openid=2&remark=1&"),
        ("10 before 2", &[("c_2", "1"), ("c_10", "2")], "c_10=2&c_2=1&"),
        ("empty skipped", &[("a", ""), ("b", "1")], "b=1&"),
        ("zero kept", &[("cash_fee", "0")], "cash_fee=0&"),
        ("blank kept", &[("a", " ")], "a= &"),
        ("not trimmed", &[("a", " x\n")], "a= x\n&"),
        ("sign skipped", &[("sign", "X"), ("a", "1")], "a=1&"),
        ("sign_type kept", &[("sign_type", "MD5")], "sign_type=MD5&"),
        ("Sign kept", &[("Sign", "x")], "Sign=x&"),
        ("unknown kept", &[("future_field", "x")], "future_field=x&"),
        ("nothing encoded", &[("a", "& =%20+支")], "a=& =%20+支&"),
        ("numbers as they are", &[("a", "007")], "a=007&"),
        ("the words null and undefined", &[("a", "null"), ("b", "undefined")], "a=null&b=undefined&"),
    ] {
        assert_eq!(sign::masked_string(&fields(pairs)), format!("{string}key=***"), "{what}");
    }
}

#[test]
fn what_a_signature_may_look_like() {
    let md5 = "9A0A8659F005D6984697E2CA0A9CF3B7";
    for (text, kind) in [
        (md5.to_owned(), Some(SignType::Md5)),
        (md5.to_lowercase(), Some(SignType::Md5)),
        ("9a0A8659F005D6984697E2CA0A9CF3B7".to_owned(), Some(SignType::Md5)),
        (md5.repeat(2), Some(SignType::HmacSha256)),
        (md5[1..].to_owned(), None),
        (format!("{md5}0"), None),
        (format!(" {}", &md5[1..]), None),
        (format!("+{}", &md5[1..]), None),
        (format!("{}G", &md5[1..]), None),
        ("A".repeat(40), None),
        ("支".repeat(32), None),
        ("支付AAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(), None),
        (String::new(), None),
    ] {
        assert_eq!(Signature::parse(&text).map(|s| s.kind()), kind, "{text}");
    }
    assert_eq!(Signature::parse(&md5.to_lowercase()).unwrap().to_string(), md5);
}

#[test]
fn which_kind_is_expected() {
    for (signed, expect, verdict) in [
        (SignType::Md5, Expect::Exactly(SignType::Md5), Ok(SignType::Md5)),
        (SignType::HmacSha256, Expect::Exactly(SignType::HmacSha256), Ok(SignType::HmacSha256)),
        (SignType::Md5, Expect::ByLength, Ok(SignType::Md5)),
        (SignType::HmacSha256, Expect::ByLength, Ok(SignType::HmacSha256)),
        (
            SignType::Md5,
            Expect::Exactly(SignType::HmacSha256),
            Err(VerifyError::OtherKind { expected: SignType::HmacSha256, presented: SignType::Md5 }),
        ),
        (
            SignType::HmacSha256,
            Expect::Exactly(SignType::Md5),
            Err(VerifyError::OtherKind { expected: SignType::Md5, presented: SignType::HmacSha256 }),
        ),
    ] {
        let mut document = fields(&[("a", "1")]);
        document.add("sign", sign::sign(&document, &key(), signed).to_string()).unwrap();
        assert_eq!(sign::verify(&document, &key(), expect), verdict);
    }
}

#[test]
fn a_key_never_shows() {
    let document = fields(&[("a", "1"), ("sign", "9A0A8659F005D6984697E2CA0A9CF3B7")]);
    let error = sign::verify(&document, &key(), Expect::ByLength).unwrap_err();
    for shown in [format!("{:?}", key()), format!("{error:?} {error}"), sign::masked_string(&document)] {
        assert!(!shown.contains("SYNTHETIC"), "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is signed verifies after a trip through XML, in any order; and not with one field changed.
    #[test]
    fn what_is_signed_verifies_until_it_is_changed(
        mut values in prop::collection::vec("[ -~\t\n\r支😀]{0,12}", 1..12),
        turn in any::<prop::sample::Index>(),
        changed in any::<prop::sample::Index>(),
        hmac in any::<bool>(),
    ) {
        let kind = if hmac { SignType::HmacSha256 } else { SignType::Md5 };
        let build = |values: &[String], turn: usize| {
            let mut fields = Fields::new();
            for index in 0..values.len() {
                let index = (index + turn) % values.len();
                fields.add(format!("f{index}"), values[index].clone()).unwrap();
            }
            fields
        };
        let signature = sign::sign(&build(&values, 0), &key(), kind).to_string();
        let turn = turn.index(values.len());
        let mut signed = build(&values, turn);
        signed.add("sign", signature.clone()).unwrap();
        let document = xml::write(&signed);
        let read = xml::read(document.as_bytes()).unwrap();
        prop_assert_eq!(sign::verify(&read, &key(), Expect::Exactly(kind)), Ok(kind));

        let changed = changed.index(values.len());
        values[changed].push('x');
        let mut signed = build(&values, turn);
        signed.add("sign", signature).unwrap();
        let refused = matches!(
            sign::verify(&signed, &key(), Expect::Exactly(kind)),
            Err(VerifyError::Mismatch { .. })
        );
        prop_assert!(refused);
    }
}

//! Notices: what is taken, what is refused and under which name, and what is answered.

use domain::{AppId, Fen, MchId, OutTradeNo, RefundState, Secret};
use wxpay::ambiguity::Ambiguity;
use wxpay::notice::inspect::{Recognised, Verdict, inspect};
use wxpay::notice::{Answer, CheckId, Expected, NoticeError, PaymentNotice, answer, verify_sandbox};
use wxpay::refund_notice::{RefundNotice, RefundNoticeError, encrypt, seal};
use wxpay::sign::{self, Expect};
use wxpay::{ApiKey, Fields, SignType, xml};

const KEY: &str = "SYNTHETICv2keySYNTHETICv2key0032";

fn key() -> ApiKey {
    ApiKey::new(Secret::new(KEY.to_owned()))
}

/// A notice as WeChat sends it, with some fields set (or, where the value is empty, left out).
fn notice(changes: &[(&'static str, &str)]) -> Fields<'static> {
    let mut fields = Fields::new();
    for (name, value) in [
        ("appid", "wx2421b1c4370ec43b"),
        ("attach", "支付测试"),
        ("bank_type", "CMB_CREDIT"),
        ("cash_fee", "97"),
        ("coupon_count", "2"),
        ("coupon_fee", "3"),
        ("coupon_fee_0", "1"),
        ("coupon_fee_1", "2"),
        ("coupon_id_0", "10000"),
        ("coupon_id_1", "10001"),
        ("coupon_type_0", "CASH"),
        ("coupon_type_1", "NO_CASH"),
        ("fee_type", "CNY"),
        ("future_field", "x"),
        ("is_subscribe", "Y"),
        ("mch_id", "10000100"),
        ("nonce_str", "5d2b6c2a8db53831f7eda20af46e531c"),
        ("openid", "oUpF8uMEb4qRXf22hE3X68TekukE"),
        ("out_trade_no", "1409811653"),
        ("result_code", "SUCCESS"),
        ("return_code", "SUCCESS"),
        ("settlement_total_fee", "98"),
        ("time_end", "20140903131540"),
        ("total_fee", "100"),
        ("trade_type", "JSAPI"),
        ("transaction_id", "1004400740201409030005092168"),
    ] {
        let value = changes.iter().find(|(other, _)| *other == name).map_or(value, |(_, value)| value);
        if !value.is_empty() {
            fields.add(name, value.to_owned()).unwrap();
        }
    }
    for (name, value) in changes {
        if fields.get(name).is_none() && !value.is_empty() {
            fields.add(*name, (*value).to_owned()).unwrap();
        }
    }
    fields
}

fn signed(mut fields: Fields<'static>, kind: SignType) -> String {
    fields.remove("sign");
    let signature = sign::sign(&fields, &key(), kind).to_string();
    fields.add("sign", signature).unwrap();
    xml::write(&fields)
}

fn md5(changes: &[(&'static str, &str)]) -> String {
    signed(notice(changes), SignType::Md5)
}

const MD5: Expect = Expect::Exactly(SignType::Md5);

#[test]
fn a_good_notice() {
    let document = md5(&[]);
    let notice = PaymentNotice::open(document.as_bytes(), &key(), MD5).unwrap();
    assert_eq!(notice.total_fee, Fen::new(100));
    assert_eq!(notice.cash_fee, Fen::new(97));
    assert_eq!(notice.settlement_total_fee, Some(Fen::new(98)));
    assert_eq!(notice.fee_type, "CNY");
    assert_eq!(notice.attach.as_deref(), Some("支付测试"));
    assert_eq!(notice.is_subscribe, Some(true));
    assert_eq!(notice.time_end.to_string(), "2014-09-03 13:15:40");
    assert_eq!(notice.fields.get("future_field"), Some("x"));
    assert_eq!(notice.fields.get("device_info"), None);
    let coupons: Vec<_> = notice
        .coupons
        .iter()
        .map(|c| (c.index, c.id.as_deref(), c.kind.as_deref(), c.fee.map(Fen::get)))
        .collect();
    assert_eq!(
        coupons,
        [(0, Some("10000"), Some("CASH"), Some(1)), (1, Some("10001"), Some("NO_CASH"), Some(2))]
    );
    let hmac = signed(notice_hmac(), SignType::HmacSha256);
    assert!(PaymentNotice::open(hmac.as_bytes(), &key(), Expect::Exactly(SignType::HmacSha256)).is_ok());
}

fn notice_hmac() -> Fields<'static> {
    notice(&[("sign_type", "HMAC-SHA256")])
}

#[test]
fn what_is_not_taken_and_why() {
    let with_sign = |sign: &str| {
        let mut fields = notice(&[]);
        fields.add("sign", sign.to_owned()).unwrap();
        xml::write(&fields)
    };
    let genuine = md5(&[]);
    let rows: Vec<(&str, String, &str)> = vec![
        ("garbage", "<html>502</html>".into(), "document_refused"),
        ("cut", genuine[..genuine.len() - 10].into(), "document_refused"),
        ("no sign", xml::write(&notice(&[])), "unsigned"),
        ("empty sign", with_sign(""), "unsigned"),
        ("no digest", with_sign("Y"), "not_a_digest"),
        ("SHA-1", with_sign(&"A".repeat(40)), "not_a_digest"),
        ("other key", with_sign(&"A".repeat(32)), "signature_mismatch"),
        ("HMAC where MD5 is due", signed(notice_hmac(), SignType::HmacSha256), "other_sign_type"),
        ("amount changed", genuine.replace("<total_fee>100<", "<total_fee>1<"), "signature_mismatch"),
        ("field added", genuine.replace("</xml>", "<x>1</x></xml>"), "signature_mismatch"),
        ("return_code FAIL", md5(&[("return_code", "FAIL"), ("return_msg", "签名失败")]), "not_success"),
        ("result_code FAIL", md5(&[("result_code", "FAIL"), ("err_code", "SYSTEMERROR")]), "payment_failed"),
        ("no result_code", md5(&[("result_code", "")]), "payment_failed"),
        ("no return_code", md5(&[("return_code", "")]), "field"),
        ("the reply to a query", md5(&[("trade_state", "REFUND")]), "other_message"),
        ("the reply to a refund", md5(&[("refund_id", "50000000000000000000000000001")]), "other_message"),
        ("no total_fee", md5(&[("total_fee", "")]), "field"),
        ("fraction", md5(&[("total_fee", "1.00")]), "field"),
        ("negative", md5(&[("total_fee", "-100")]), "field"),
        ("plus", md5(&[("total_fee", "+100")]), "field"),
        ("full-width digits", md5(&[("total_fee", "１００")]), "field"),
        ("too large", md5(&[("total_fee", "9223372036854775808")]), "field"),
        ("no such time", md5(&[("time_end", "20140931131540")]), "field"),
        ("odd number", md5(&[("out_trade_no", "a b")]), "field"),
        ("coupon in yuan", md5(&[("coupon_fee_1", "0.02")]), "field"),
        ("unknown is_subscribe", md5(&[("is_subscribe", "y")]), "field"),
    ];
    for (what, document, code) in rows {
        let error = PaymentNotice::open(document.as_bytes(), &key(), MD5).err();
        assert_eq!(error.as_ref().map(NoticeError::code), Some(code), "{what}");
        let answer = error.unwrap().answer();
        let answered = xml::read(answer.as_bytes()).unwrap();
        let expected = if code == "payment_failed" { "SUCCESS" } else { "FAIL" };
        assert_eq!(answered.get("return_code"), Some(expected), "{what}");
    }
}

/// Every combination of what may be wrong with a notice: only the one without a fault is taken and agrees.
#[test]
fn nothing_is_green_while_one_check_fails() {
    let order = Expected {
        mch_id: MchId::parse("10000100").unwrap(),
        appid: AppId::parse("wx2421b1c4370ec43b").unwrap(),
        out_trade_no: OutTradeNo::parse("1409811653").unwrap(),
        total: Fen::new(100),
        currency: "CNY".into(),
    };
    let faults = [
        ("mch_id", "10000101", CheckId::MchId),
        ("appid", "wx0000000000000000", CheckId::AppId),
        ("out_trade_no", "1409811654", CheckId::OutTradeNo),
        ("total_fee", "101", CheckId::Amount),
        ("fee_type", "USD", CheckId::Currency),
    ];
    for set in 0_u32..1 << (faults.len() + 1) {
        let chosen: Vec<_> = faults
            .iter()
            .enumerate()
            .filter(|(bit, _)| set >> bit & 1 == 1)
            .map(|(_, fault)| fault)
            .collect();
        let changes: Vec<_> = chosen.iter().map(|(name, value, _)| (*name, *value)).collect();
        let mut document = md5(&changes);
        let bad_signature = set >> faults.len() & 1 == 1;
        if bad_signature {
            document = document.replace("future_field>x<", "future_field>y<");
        }
        match PaymentNotice::open(document.as_bytes(), &key(), MD5) {
            Ok(notice) => {
                assert!(!bad_signature);
                let wrong: Vec<_> = notice
                    .checks(&order)
                    .into_iter()
                    .filter(|check| !check.ok)
                    .map(|check| check.id)
                    .collect();
                assert_eq!(wrong, chosen.iter().map(|(_, _, id)| *id).collect::<Vec<_>>());
            }
            Err(error) => assert!(bad_signature, "{error}"),
        }
    }
    let without = PaymentNotice::open(md5(&[("fee_type", "")]).as_bytes(), &key(), MD5).unwrap();
    assert!(without.checks(&order).iter().all(|check| check.ok), "no fee_type means CNY");
}

#[test]
fn ten_thousand_flipped_bits_are_never_accepted() {
    let document = md5(&[]);
    let genuine = xml::read(document.as_bytes()).unwrap();
    let bits = document.len() * 8;
    let mut flips = 0;
    // Every bit, and then pairs of bits, until there are ten thousand.
    for round in 0.. {
        for bit in 0..bits {
            let mut bytes = document.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if round > 0 {
                let second = (bit * 31 + round * 7919) % bits;
                if second == bit {
                    continue;
                }
                bytes[second / 8] ^= 1 << (second % 8);
            }
            flips += 1;
            if let Ok(notice) = PaymentNotice::open(&bytes, &key(), MD5) {
                // Only the case of the signature's own hex digits may change: it means the same.
                let same = notice.fields.iter().all(|(name, value)| {
                    genuine.get(name).is_some_and(|other| {
                        other.eq_ignore_ascii_case(value) && (name == "sign" || other == value)
                    })
                });
                assert!(same && notice.fields.len() == genuine.len(), "bit {bit} of round {round}");
            }
        }
        if flips >= 10_000 {
            break;
        }
    }
    assert!(flips >= 10_000);
}

/// A payment of one fen whose `attach` spells out another order.
#[test]
fn the_forged_pair() {
    let attach = "A&mch_id=10000100&nonce_str=n&openid=o&out_trade_no=BIG1&result_code=SUCCESS\
                  &return_code=SUCCESS&time_end=20140903131540&total_fee=999900&trade_type=JSAPI\
                  &transaction_id=1004400740201409030005092168&u=";
    // bank_type and cash_fee sort between attach and mch_id, so the text must bring them along.
    let attach = attach.replace("A&mch", "A&bank_type=CFT&cash_fee=999900&mch");
    let genuine = notice(&[("attach", &attach), ("total_fee", "1"), ("cash_fee", "1")]);
    let document = signed(genuine.clone(), SignType::Md5);
    let read = xml::read(document.as_bytes()).unwrap();
    assert_eq!(sign::verify(&read, &key(), MD5), Ok(SignType::Md5), "the signature itself is right");
    let error = PaymentNotice::open(document.as_bytes(), &key(), MD5).unwrap_err();
    let NoticeError::Ambiguous { field, changed } = &error else { panic!("{error}") };
    assert_eq!(field, "attach");
    assert!(changed.contains("out_trade_no") && changed.contains("total_fee"), "{changed}");

    let seen = inspect(document.as_bytes(), Some(&key()), MD5);
    assert_eq!(seen.verdict, Verdict::Ambiguous);
    let Ambiguity::Dangerous { reading: Some(reading), .. } = seen.ambiguity else { panic!() };
    assert_eq!(sign::masked_string(&reading.fields), sign::masked_string(&genuine));
    // Some of what an attacker could present: the other document verifies too, and is refused as well.
    let mut forged = reading.fields;
    forged.add("sign", read.get("sign").unwrap().to_owned()).unwrap();
    assert_eq!(sign::verify(&forged, &key(), MD5), Ok(SignType::Md5));
}

#[test]
fn an_ordinary_attach_is_no_ambiguity() {
    for (attach, warns) in [
        ("a=1&b=2", true),
        ("uid=7&coupon=3", true),
        ("a&b", false),
        ("https://example.com/?a=1&b=2", true),
        ("A&B=2", false), // B sorts before appid: it can begin nothing
        ("{\"a\":\"b&c=d\"}", true),
    ] {
        let document = md5(&[("attach", attach)]);
        let notice = PaymentNotice::open(document.as_bytes(), &key(), MD5).unwrap();
        assert_eq!(notice.warning_field.is_some(), warns, "{attach}");
        assert_eq!(inspect(document.as_bytes(), Some(&key()), MD5).verdict, Verdict::Valid, "{attach}");
    }
}

#[test]
fn the_sandbox_leaves_a_zero_out() {
    let mut fields = notice(&[("cash_fee", "")]);
    fields.add("sign", sign::sign(&fields, &key(), SignType::Md5).to_string()).unwrap();
    fields.add("cash_fee", "0").unwrap();
    let document = xml::write(&fields);
    assert!(PaymentNotice::open(document.as_bytes(), &key(), MD5).is_err());
    let notice = PaymentNotice::open_sandbox(document.as_bytes(), &key(), MD5).unwrap();
    assert_eq!(notice.cash_fee, Fen::ZERO);
    // Another amount is not forgiven, nor another field.
    for (from, to) in [("<cash_fee>0<", "<cash_fee>1<"), ("<total_fee>100<", "<total_fee>0<")] {
        let changed = document.replace(from, to);
        assert_ne!(changed, document);
        let fields = xml::read(changed.as_bytes()).unwrap();
        assert!(verify_sandbox(&fields, &key(), MD5).is_err(), "{to}");
    }
}

#[test]
fn answers() {
    assert_eq!(
        answer(Answer::Ok),
        "<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>"
    );
    for message in ["签名失败", "a]]>b", "", "<&>"] {
        let document = answer(Answer::Fail(message));
        let fields = xml::read(document.as_bytes()).unwrap();
        assert_eq!((fields.get("return_code"), fields.get("return_msg")), (Some("FAIL"), Some(message)));
    }
}

#[test]
fn what_a_document_is_taken_for() {
    let with = |pairs: &[(&'static str, &'static str)]| {
        let mut fields = Fields::new();
        for (name, value) in pairs {
            fields.add(*name, *value).unwrap();
        }
        Recognised::of(&fields)
    };
    let code = [("return_code", "SUCCESS"), ("result_code", "SUCCESS")];
    let paid = [("transaction_id", "1"), ("time_end", "2")];
    assert_eq!(Recognised::of(&notice(&[])), Recognised::PaymentNotice);
    assert_eq!(with(&[code[0], code[1], paid[0], paid[1], ("trade_state", "SUCCESS")]), Recognised::ApiReply);
    assert_eq!(with(&[code[0], code[1], paid[0], paid[1], ("trade_type", "MICROPAY")]), Recognised::ApiReply);
    assert_eq!(with(&[code[0]]), Recognised::ApiReply);
    assert_eq!(with(&[code[0], ("req_info", "x")]), Recognised::RefundNotice);
    assert_eq!(with(&[("refund_status", "SUCCESS"), ("out_refund_no", "1")]), Recognised::RefundContent);
    assert_eq!(
        with(&[("product_id", "1"), ("openid", "o"), ("is_subscribe", "N")]),
        Recognised::NativeCallback
    );
    assert_eq!(
        with(&[("notify_url", "https://a"), ("out_trade_no", "1"), ("total_fee", "1")]),
        Recognised::OrderRequest
    );
    assert_eq!(with(&[("paySign", "x")]), Recognised::PayParamsJsapi);
    assert_eq!(with(&[("prepayid", "x"), ("noncestr", "n")]), Recognised::PayParamsApp);
    assert_eq!(with(&[("hello", "x")]), Recognised::Other);
}

#[test]
fn looking_without_taking() {
    let document = md5(&[]);
    let seen = inspect(document.as_bytes(), None, Expect::ByLength);
    assert_eq!((seen.verdict, seen.expected), (Verdict::Undecidable, None));
    let changed = document.replace("<total_fee>100<", "<total_fee>1<");
    let seen = inspect(changed.as_bytes(), Some(&key()), Expect::ByLength);
    assert_eq!(seen.verdict, Verdict::Invalid);
    assert_ne!(seen.presented, seen.expected);
    assert!(seen.string_to_sign.ends_with("&transaction_id=1004400740201409030005092168&key=***"));
    assert!(!format!("{seen:?}").contains(KEY));
    let out: Vec<_> =
        seen.fields.iter().filter_map(|f| Some((f.name.as_str(), f.left_out?.as_str()))).collect();
    assert_eq!(out, [("sign", "signature")]);
    let seen = inspect(b"<xml><a>", Some(&key()), Expect::ByLength);
    assert_eq!((seen.verdict, seen.refusal.is_some()), (Verdict::Malformed, true));
    let unsigned = xml::write(&notice(&[]));
    assert_eq!(inspect(unsigned.as_bytes(), Some(&key()), MD5).verdict, Verdict::Unsigned);
}

fn refund_fields(changes: &[(&'static str, &'static str)]) -> Fields<'static> {
    let mut fields = Fields::new();
    for (name, value) in [
        ("out_refund_no", "SYNTHREFUND0001"),
        ("out_trade_no", "SYNTHORDER0001"),
        ("refund_account", "REFUND_SOURCE_RECHARGE_FUNDS"),
        ("refund_fee", "3960"),
        ("refund_id", "50000000000000000000000000001"),
        ("refund_recv_accout", "支付用户零钱"),
        ("refund_request_source", "API"),
        ("refund_status", "SUCCESS"),
        ("settlement_refund_fee", "3960"),
        ("settlement_total_fee", "3960"),
        ("success_time", "2018-11-19 16:24:13"),
        ("total_fee", "3960"),
        ("transaction_id", "4200000000000000000000000001"),
    ] {
        let value = changes.iter().find(|(other, _)| *other == name).map_or(value, |(_, value)| *value);
        fields.add(name, value).unwrap();
    }
    fields
}

fn envelope(req_info: &str) -> String {
    format!(
        "<xml><return_code>SUCCESS</return_code><appid>wx2421b1c4370ec43b</appid><mch_id>10000100</mch_id>\
         <nonce_str>n</nonce_str><req_info><![CDATA[{req_info}]]></req_info></xml>"
    )
}

#[test]
fn a_good_refund_notice() {
    let sealed = seal(&refund_fields(&[]), &key());
    // As a log breaks it, too.
    let broken = sealed
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect::<Vec<_>>()
        .join("\n");
    for req_info in [sealed, broken] {
        let notice = RefundNotice::open(envelope(&req_info).as_bytes(), &key()).unwrap();
        assert_eq!((notice.refund_fee, notice.state), (Fen::new(3960), RefundState::Success));
        assert_eq!(notice.refund_id.as_str(), "50000000000000000000000000001");
        assert_eq!(notice.success_time.unwrap().to_string(), "2018-11-19 16:24:13");
    }
    for (status, state) in [("CHANGE", RefundState::Abnormal), ("REFUNDCLOSE", RefundState::Closed)] {
        let sealed = seal(&refund_fields(&[("refund_status", status), ("success_time", "")]), &key());
        let notice = RefundNotice::open(envelope(&sealed).as_bytes(), &key()).unwrap();
        assert_eq!((notice.state, notice.success_time), (state, None));
    }
}

#[test]
fn what_is_no_refund_notice_and_why() {
    let sealed = seal(&refund_fields(&[]), &key());
    let other = ApiKey::new(Secret::new("SYNTHETICv3keySYNTHETICv3key0032".into()));
    let aes = key().refund_notice_key();
    let odd = |changes: &[(&'static str, &'static str)]| envelope(&seal(&refund_fields(changes), &key()));
    let rows: Vec<(&str, String, &str)> = vec![
        ("garbage", "502".into(), "envelope_refused"),
        ("FAIL", "<xml><return_code>FAIL</return_code></xml>".into(), "not_success"),
        ("payment notice", md5(&[]), "no_req_info"),
        ("no base64", envelope("支付"), "not_base64"),
        ("cut base64", envelope(&sealed[..sealed.len() - 3]), "not_base64"),
        ("cut block", envelope(&sealed[..sealed.len() - 4]), "not_blocks"),
        ("blank", envelope(" "), "not_blocks"),
        ("last block gone", envelope(&encrypt_without_end(&sealed)), "wrong_key"),
        ("another key", envelope(&seal(&refund_fields(&[]), &other)), "wrong_key"),
        ("no XML inside", envelope(&encrypt(b"hello", &aes)), "content_refused"),
        ("not UTF-8 inside", envelope(&encrypt(b"\xFF\xFE", &aes)), "content_refused"),
        ("nothing inside", envelope(&encrypt(b"", &aes)), "content_refused"),
        ("DOCTYPE inside", envelope(&encrypt(b"<!DOCTYPE root><root/>", &aes)), "content_refused"),
        ("unknown status", odd(&[("refund_status", "DONE")]), "field"),
        ("no refund_fee", odd(&[("refund_fee", "")]), "field"),
        ("yuan", odd(&[("refund_fee", "39.60")]), "field"),
        ("no such day", odd(&[("success_time", "2018-02-30 00:00:00")]), "field"),
    ];
    for (what, document, code) in rows {
        let error = RefundNotice::open(document.as_bytes(), &key()).err();
        assert_eq!(error.as_ref().map(RefundNoticeError::code), Some(code), "{what}: {error:?}");
    }
}

/// The same `req_info` without its last block of 16 bytes: 797 bytes of text end in the block before.
fn encrypt_without_end(sealed: &str) -> String {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    let bytes = engine.decode(sealed).unwrap();
    engine.encode(&bytes[..bytes.len() - 16])
}

/// All 65,536 endings of two bytes: only those that are whole padding open.
#[test]
fn padding_is_checked_to_the_byte() {
    let aes = key().refund_notice_key();
    for last in 0_u8..=255 {
        for before in 0_u8..=17 {
            let mut block = [7_u8; 16];
            block[14] = before;
            block[15] = last;
            // Encrypting a whole block adds one of padding: drop it.
            let sealed = encrypt_without_end(&encrypt(&block, &aes));
            let opened = wxpay::refund_notice::decrypt(&sealed, &aes);
            let expected = match (before, last) {
                (_, 1) => Some(15),
                (2, 2) => Some(14),
                (7, 7) => Some(9),
                _ => None,
            };
            assert_eq!(opened.ok().map(|plain| plain.len()), expected, "{before} {last}");
        }
    }
}

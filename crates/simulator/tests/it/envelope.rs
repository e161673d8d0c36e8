//! What is checked before the business, and how it is answered.

use crate::bench::*;
use simulator::{
    API_KEY, APPID, Call, CertId, Certificate, Config, MCH_ID, Merchant, Outcome, Simulator, SubMerchant,
};

fn reply(simulator: &mut Simulator, call: &Call<'_>) -> (u16, Vec<u8>) {
    match simulator.handle(call) {
        Outcome::Reply { status, body, .. } => (status, body),
        other => panic!("{other:?}"),
    }
}

fn verdict(simulator: &mut Simulator, body: &[u8]) -> (String, String) {
    let (status, reply) = reply(simulator, &call("/pay/unifiedorder", body));
    assert_eq!(status, 200);
    let answer = read(&reply, API_KEY);
    (answer.verdict(), answer.get("err_code").to_owned())
}

#[test]
fn in_the_order_of_the_gateway() {
    let body = |changed: &Pairs<'_>, key: &str| signed(fields(NATIVE, changed), key);
    let ok = String::from_utf8(body(&[], API_KEY)).unwrap();
    let doctype = ok.replacen("<xml>", "<!DOCTYPE xml><xml>", 1);
    let twice = ok.replacen("</xml>", "<appid>x</appid></xml>", 1);
    let (gbk, _) = (b"<xml><body>\xC4\xE3\xBA\xC3</body></xml>", ());
    let nothing: &[u8] = b"";
    for (name, bytes, said, code) in [
        ("nothing", nothing, "FAIL:post数据为空", "POST_DATA_EMPTY"),
        ("blanks", b" \n", "FAIL:post数据为空", "POST_DATA_EMPTY"),
        ("GBK", gbk, "FAIL:编码格式错误", "NOT_UTF8"),
        ("JSON", b"{}", "FAIL:XML格式错误", "XML_FORMAT_ERROR"),
        ("cut off", &ok.as_bytes()[..90], "FAIL:XML格式错误", "XML_FORMAT_ERROR"),
        ("DOCTYPE", doctype.as_bytes(), "FAIL:XML格式错误", "XML_FORMAT_ERROR"),
        ("a field twice", twice.as_bytes(), "FAIL:XML格式错误", "XML_FORMAT_ERROR"),
        ("other merchant", &body(&[("mch_id", "1")], API_KEY), "FAIL:商户号mch_id不存在", "MCHID_NOT_EXIST"),
        ("no merchant", &body(&[("mch_id", "")], API_KEY), "FAIL:商户号mch_id不存在", "MCHID_NOT_EXIST"),
        ("other appid", &body(&[("appid", "wx1")], API_KEY), "FAIL:appid不存在", "APPID_NOT_EXIST"),
        ("sign_type", &body(&[("sign_type", "SHA1")], API_KEY), "FAIL:签名类型sign_type错误", "PARAM_ERROR"),
        ("other key", &body(&[], "another"), "FAIL:签名错误，请检查后再试", ""),
        ("changed", ok.replacen("888", "1", 1).as_bytes(), "FAIL:签名错误，请检查后再试", ""),
        ("no sign", &wxpay::xml::write(&fields(NATIVE, &[])).into_bytes(), "FAIL:签名错误，请检查后再试", ""),
        // The signature is looked at before the fields are.
        ("other key and no body", &body(&[("body", "")], "another"), "FAIL:签名错误，请检查后再试", ""),
        ("no body", &body(&[("body", "")], API_KEY), "LACK_PARAMS", "LACK_PARAMS"),
        ("HMAC", &body(&[("sign_type", "HMAC-SHA256")], API_KEY), "ok", ""),
    ] {
        let found = verdict(&mut gateway(), bytes);
        assert_eq!((found.0.as_str(), found.1.as_str()), (said, code), "{name}");
    }
    let mut get = call("/pay/unifiedorder", b"");
    get.method = "GET";
    assert_eq!(read(&reply(&mut gateway(), &get).1, API_KEY).get("err_code"), "REQUIRE_POST_METHOD");
    assert_eq!(reply(&mut gateway(), &call("/pay/nothing", b"")).0, 404);
}

#[test]
fn replies_are_signed_as_the_request_was() {
    for (kind, digits) in [("MD5", 32), ("HMAC-SHA256", 64)] {
        assert_eq!(order(&mut gateway(), &[("sign_type", kind)]).get("sign").len(), digits);
    }
}

#[test]
fn a_wrong_signature_as_the_tables_say() {
    let mut gateway = gateway();
    gateway.config_mut().sign_error_as_err_code = true;
    let body = signed(fields(NATIVE, &[]), "another");
    assert_eq!(verdict(&mut gateway, &body).0, "SIGNERROR");
}

#[test]
fn other_merchants_and_providers() {
    let mut gateway = gateway();
    gateway.add_merchant(Merchant::new("9900000002", "wxother", "OTHERkeyOTHERkeyOTHERkeyOTHER002"));
    let mut provider = Merchant::new("9900000003", "wxprovider", API_KEY);
    let sub = SubMerchant { sub_mch_id: "9900000031".into(), appids: vec!["wxsub".into()] };
    provider.sub_merchants.push(sub);
    gateway.add_merchant(provider);
    let bound_elsewhere = signed(fields(NATIVE, &[("appid", "wxother")]), API_KEY);
    assert_eq!(verdict(&mut gateway, &bound_elsewhere).1, "APPID_MCHID_NOT_MATCH");
    assert_eq!(order(&mut gateway, &[("sub_mch_id", "9900000031")]).verdict(), "PARAM_ERROR");
    let base = [("mch_id", "9900000003"), ("appid", "wxprovider")];
    for (more, said) in [
        (&[][..], "LACK_PARAMS"),
        (&[("sub_mch_id", "9900000032")][..], "MCHID_NOT_EXIST"),
        (&[("sub_mch_id", "9900000031"), ("sub_appid", "wxother")][..], "APPID_MCHID_NOT_MATCH"),
        (&[("sub_mch_id", "9900000031"), ("sub_appid", "wxsub")][..], "ok"),
    ] {
        let changed = [&base[..], more].concat();
        assert_eq!(order(&mut gateway, &changed).verdict(), said, "{more:?}");
    }
    // Its number is its own: the built-in merchant may use the same.
    assert_eq!(order(&mut gateway, &[]).verdict(), "ok");
    assert!(gateway.pay("ORDER0001", Default::default()).is_err(), "two merchants have it");
    gateway.pay("9900000003/ORDER0001", Default::default()).unwrap();
    let asked = fields(
        &[("out_trade_no", "ORDER0001")],
        &[base[0], base[1], ("sub_mch_id", "9900000031"), ("sub_appid", "wxsub")],
    );
    let paid = send(&mut gateway, "/pay/orderquery", asked);
    assert_eq!(
        [paid.get("trade_state"), paid.get("sub_mch_id"), paid.get("sub_is_subscribe")],
        ["SUCCESS", "9900000031", "N"]
    );
}

#[test]
fn certificates() {
    for (certificate, status, code) in [
        (Certificate::Absent, 400, ""),
        (Certificate::Shown(CertId("9900000002".into())), 200, "CERT_ERROR"),
        (Certificate::Shown(CertId(MCH_ID.into())), 200, "ORDERNOTEXIST"),
        (Certificate::NotAsked, 200, "ORDERNOTEXIST"),
    ] {
        for path in ["/secapi/pay/refund", "/secapi/pay/reverse"] {
            let body = signed(fields(REFUND, &[]), API_KEY);
            let mut call = call(path, &body);
            call.certificate = certificate.clone();
            let (found, bytes) = reply(&mut gateway(), &call);
            assert_eq!(found, status, "{path} {certificate:?}");
            if status == 200 && (code == "CERT_ERROR" || path.ends_with("refund")) {
                assert_eq!(read(&bytes, API_KEY).verdict(), code);
            }
        }
    }
}

#[test]
fn rates_by_the_gateways_own_clock() {
    let mut gateway = gateway();
    *gateway.config_mut() = Config::default().with_documented_limits();
    gateway.config_mut().limits.insert("/pay/closeorder".into(), 2);
    let said: Vec<String> = (0..3).map(|_| close(&mut gateway, "NONE").verdict()).collect();
    assert_eq!(said, ["ORDERNOTEXIST", "ORDERNOTEXIST", "INVALID_REQUEST"]);
    gateway.advance(1_000);
    assert_eq!(close(&mut gateway, "NONE").verdict(), "ORDERNOTEXIST");
    gateway.config_mut().limits.insert("/secapi/pay/refund".into(), 8);
    // Six refused ones a second are borne; the seventh blocks for a minute, good ones too.
    let said: Vec<String> = (0..9).map(|_| refund(&mut gateway, &[]).verdict()).collect();
    assert_eq!(said[..7], ["ORDERNOTEXIST"; 7]);
    assert_eq!(said[7..], ["INVALID_REQ_TOO_MUCH"; 2]);
    order(&mut gateway, &[]);
    gateway.pay("ORDER0001", Default::default()).unwrap();
    assert_eq!(refund(&mut gateway, &[]).verdict(), "INVALID_REQ_TOO_MUCH");
    gateway.advance(60_000);
    assert_eq!(refund(&mut gateway, &[]).verdict(), "ok");
    gateway.config_mut().refused_refunds_limit = None;
    gateway.config_mut().limits.insert("/secapi/pay/refund".into(), 0);
    assert_eq!(refund(&mut gateway, &[]).verdict(), "FREQUENCY_LIMITED");
    assert!(gateway.merchant(MCH_ID).unwrap().appids.contains(&APPID.to_owned()));
}

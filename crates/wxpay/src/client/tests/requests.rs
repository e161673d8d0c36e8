use super::*;
use crate::FieldsError;
use crate::api::unified_order::{Extra, Identity, UserType};
use std::time::Duration;

fn sent(script: &Script) -> Fields<'static> {
    let requests = script.sent();
    xml::read(requests.last().unwrap().body.expose()).unwrap().into_owned()
}

#[test]
fn what_is_added_and_signed() {
    let script = Script::of(vec![reply(ORDERED)]);
    now(client(&script, live()).call(&order(), &mut silent())).unwrap();
    let fields = sent(&script);
    for (name, value) in [
        ("appid", "wxd678efh567hg6787"),
        ("mch_id", "1900000109"),
        ("sign_type", "HMAC-SHA256"),
        ("out_trade_no", "20150806125346"),
        ("total_fee", "88"),
        ("trade_type", "NATIVE"),
    ] {
        assert_eq!(fields.get(name), Some(value), "{name}");
    }
    assert_eq!(fields.get("nonce_str").map(str::len), Some(32));
    assert!(sign::verify(&fields, &key(), Expect::Exactly(SignType::HmacSha256)).is_ok());
}

#[test]
fn paths_certificates_and_patience() {
    fn check<Op: Operation>(op: &Op, gateway: Gateway, path: &str, certificate: bool, read_s: u64) {
        let script = Script::of(vec![body("")]);
        let _ = now(client(&script, gateway).call(op, &mut silent()));
        let request = &script.sent()[0];
        assert_eq!((request.path, request.certificate), (path, certificate));
        assert_eq!(request.connect_timeout, Duration::from_secs(6));
        assert_eq!(request.read_timeout, Duration::from_secs(read_s), "{path}");
    }
    check(&order(), live(), "/pay/unifiedorder", false, 8);
    check(&micropay(), live(), "/pay/micropay", false, 10);
    check(&OrderQuery::new(no()), live(), "/pay/orderquery", false, 8);
    check(&CloseOrder { out_trade_no: no() }, live(), "/pay/closeorder", false, 8);
    check(&Reverse { order: no().into() }, live(), "/secapi/pay/reverse", true, 8);
    check(&refund(), live(), "/secapi/pay/refund", true, 8);
    check(&RefundQuery::of_order(no(), 0), live(), "/pay/refundquery", false, 8);
    check(&micropay(), Gateway::Sandbox, "/xdc/apiv2sandbox/pay/micropay", false, 10);
    check(&OrderQuery::new(no()), Gateway::Sandbox, "/xdc/apiv2sandbox/pay/orderquery", false, 8);
}

#[test]
fn a_service_provider() {
    let script = Script::of(vec![reply(&with(
        ORDERED,
        &[("trade_type", "JSAPI"), ("sub_mch_id", "1900000110"), ("sub_appid", "wx8888888888888888")],
    ))]);
    let mut client = client(&script, live());
    let openid = OpenId::parse("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o").unwrap();
    let order = UnifiedOrder { trade: Trade::Jsapi { payer: Payer::SubOpenId(openid) }, ..order() };
    assert!(matches!(client.prepare(&order), Err(BuildError::Missing { field: "sub_appid", .. })));
    client.profile.sub_mch_id = MchId::parse("1900000110").ok();
    client.profile.sub_appid = AppId::parse("wx8888888888888888").ok();
    now(client.call(&order, &mut silent())).unwrap();
    let fields = sent(&script);
    assert_eq!(fields.get("sub_mch_id"), Some("1900000110"));
    assert_eq!(fields.get("sub_appid"), Some("wx8888888888888888"));
    assert_eq!(fields.get("sub_openid"), Some("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"));
    assert_eq!(fields.get("openid"), None);
}

#[test]
fn what_was_written_down_is_sent_again_as_it_was() {
    let script = Script::of(vec![reply(REFUNDED), reply(REFUNDED)]);
    let client = client(&script, live());
    let prepared = client.prepare(&refund()).unwrap();
    let canonical = prepared.canonical();
    assert_eq!(canonical, client.prepare(&refund()).unwrap().canonical(), "the same for the same parameters");
    assert!(!canonical.contains("nonce_str") && !canonical.contains("sign"));
    now(client.send(&prepared, &mut silent())).unwrap();
    let first = sent(&script);
    now(client.resend::<Refund>(&canonical, &mut silent())).unwrap();
    assert_eq!(first, sent(&script));
}

#[test]
fn what_cannot_be_sent_again() {
    let script = Script::of(vec![]);
    let mut client = client(&script, live());
    let canonical = client.prepare(&refund()).unwrap().canonical();
    let resend = |client: &Client, text: &str| match now(client.resend::<Refund>(text, &mut silent())) {
        Err(CallError::NotSent(NotSentWhy::Build(error))) => error.code(),
        other => panic!("{other:?}"),
    };
    assert_eq!(resend(&client, &canonical[1..]), "stored");
    client.profile.appid = AppId::parse("wx1").unwrap();
    assert_eq!(resend(&client, &canonical), "other_merchant");

    let code = client.prepare(&micropay()).unwrap().canonical();
    assert!(code.contains("12***") && !code.contains("120061098828009406"), "{code}");
    let error = now(client.resend::<Micropay>(&code, &mut silent())).unwrap_err();
    assert_eq!(error, BuildError::NotRepeatable { api: "micropay" }.into());
}

#[test]
fn a_text_that_makes_another_order_of_it_is_not_sent() {
    let script = Script::of(vec![]);
    let client = client(&script, live());
    let order = |attach: &str| UnifiedOrder {
        extra: Extra { attach: Some(attach.into()), ..Extra::default() },
        ..order()
    };
    let evil = "x&body=y&mch_id=1&nonce_str=n&notify_url=u&out_trade_no=2&spbill_create_ip=1&total_fee=1&trade_type=APP";
    let error = client.prepare(&order(evil)).unwrap_err();
    assert_eq!(error, BuildError::Ambiguous { field: "attach".into() });
    // What a stranger sent: harmless in the order, another payment in its notice.
    for told in [
        "A&bank_type=CFT&cash_fee=1&fee_type=CNY&mch_id=9900000001&nonce_str=a&openid=o&out_trade_no=BIG1&total_fee=999900&u=",
        "A&bank_type=CFT&cash_fee=1",
        "A&b=&mch_id=1",
        "A&fee_type=USD",
    ] {
        assert_eq!(
            client.prepare(&order(told)).unwrap_err(),
            BuildError::Ambiguous { field: "attach".into() }
        );
        let scan = Micropay {
            extra: crate::api::micropay::Extra { attach: Some(told.into()), ..Default::default() },
            ..micropay()
        };
        assert_eq!(client.prepare(&scan).unwrap_err(), BuildError::Ambiguous { field: "attach".into() });
    }
    // What many shops use is taken.
    for fine in ["a=1&b=2", "uid=7&coupon=3&sub_order=5", "A&B", "total_fee=1", "&&=&"] {
        assert_eq!(
            client.prepare(&order(fine)).map(|prepared| prepared.get("attach").is_some()),
            Ok(true),
            "{fine}"
        );
    }
}

#[test]
fn the_log_has_nothing_secret() {
    let identity = Identity {
        user_type: UserType::IdCard,
        user_creid: "110101199003070000".into(),
        user_truename: "张三丰".into(),
    };
    let order = UnifiedOrder { extra: Extra { identity: Some(identity), ..Extra::default() }, ..order() };
    assert!(!format!("{order:?}").contains("张三丰"));
    let mut log = String::new();
    let mut keep = |e: &Exchange| log.push_str(&format!("{e:?}"));
    // The gateway, or something on the way, sends everything back: as a document, cut off, and as text.
    let echo = |cut: usize| -> super::Answer {
        Box::new(move |asked: &Fields<'_>| {
            let mut body = xml::write(asked).into_bytes();
            body.truncate(body.len() - cut);
            Ok(Response { status: 200, date_secs: None, body })
        })
    };
    let script = Script::of(vec![echo(0), echo(5), echo(0), echo(5)]);
    let client = client(&script, live());
    for _ in 0..2 {
        let _ = now(client.call(&order, &mut keep));
        let _ = now(client.call(&micropay(), &mut keep));
    }
    assert!(log.contains("12***") && log.contains("out_trade_no") && log.contains("腾讯充值中心"));
    for secret in [KEY, "120061098828009406", "110101199003070000", "张三丰"] {
        assert!(!log.contains(secret), "{secret}");
    }
}

#[test]
fn the_log_tells_status_code_and_clock() {
    let xml = signed(&good(&[("result_code", "FAIL"), ("err_code", "NOTENOUGH")]), SignType::HmacSha256);
    for (ahead_s, off) in [(0, false), (-300, false), (301, true), (-86_400, true)] {
        let xml = xml.clone();
        let script = Script::of(vec![Box::new(move |_| {
            let date_secs = Some(1_415_664_000 + ahead_s);
            Ok(Response { status: 200, date_secs, body: xml.clone().into() })
        })]);
        let mut seen = Vec::new();
        let _ = now(client(&script, live()).call(&refund(), &mut |e: &Exchange| seen.push(e.clone())));
        let exchange = &seen[0];
        assert_eq!((exchange.status, exchange.err_code.as_deref()), (Some(200), Some("NOTENOUGH")));
        assert_eq!(exchange.outcome, OperationOutcome::Rejected);
        assert_eq!(exchange.clock_skew_ms, Some(ahead_s * 1000));
        assert_eq!(exchange.clock_is_off(), off, "{ahead_s}");
    }
}

#[test]
fn a_control_character_is_refused_before_sending() {
    let script = Script::of(vec![]);
    let order = UnifiedOrder { body: "a\u{0}b".into(), ..order() };
    let error = client(&script, live()).prepare(&order).unwrap_err();
    assert_eq!(error, BuildError::Field(FieldsError::Character { name: "body".into(), at: 1 }));
}

#[test]
fn h5_needs_its_page() {
    let script = Script::of(vec![reply(&[("trade_type", "MWEB"), ("prepay_id", "wx1")])]);
    let scene = H5Scene::Wap { wap_url: "https://pay.qq.com".into(), wap_name: "腾讯充值".into() };
    let order = UnifiedOrder { trade: Trade::H5 { scene }, ..order() };
    match now(client(&script, live()).call(&order, &mut silent())) {
        Err(CallError::Unknown(UnknownWhy::Contradicts(ReplyError::Missing { field }))) => {
            assert_eq!(field, "mweb_url");
        }
        other => panic!("{other:?}"),
    }
    let scene_info = r#"{"h5_info":{"type":"Wap","wap_url":"https://pay.qq.com","wap_name":"腾讯充值"}}"#;
    assert_eq!(sent(&script).get("scene_info"), Some(scene_info));
}

#[test]
fn calls_can_move_between_threads() {
    fn check<T: Send>(_: &T) {}
    let script = Script::of(vec![]);
    let client = client(&script, live());
    let (refund, query, mut observer) = (refund(), OrderQuery::new(no()), silent());
    check(&client.call(&refund, &mut observer));
    check(&client.call(&query, &mut observer));
    check(&client.resend::<Refund>("", &mut observer));
}

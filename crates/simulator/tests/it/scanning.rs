//! Micropay, reversal, and the official sandbox that has only those.

use crate::bench::*;
use simulator::{API_KEY, CodeKind, Outcome, PayWith, Simulator};

fn reverse(simulator: &mut Simulator, number: &str) -> Answer {
    send(simulator, "/secapi/pay/reverse", fields(&[("out_trade_no", number)], &[]))
}

#[test]
fn codes_of_every_kind() {
    for (kind, fee, said, state) in [
        (CodeKind::Fresh, "888", "ok", "SUCCESS"),
        (CodeKind::Fresh, "100000", "ok", "SUCCESS"),
        (CodeKind::Fresh, "100001", "USERPAYING", "USERPAYING"),
        (CodeKind::NeedsPassword, "1", "USERPAYING", "USERPAYING"),
        (CodeKind::Expired, "1", "AUTHCODEEXPIRE", ""),
        (CodeKind::Poor, "1", "NOTENOUGH", "NOTPAY"),
        (CodeKind::CardNotAllowed, "1", "NOTSUPORTCARD", "NOTPAY"),
        (CodeKind::SomeoneElses, "1", "ok", "SUCCESS"),
    ] {
        let mut gateway = gateway();
        let code = gateway.auth_code(kind);
        assert_eq!(scan(&mut gateway, &code, &[("total_fee", fee)]).verdict(), said, "{kind:?} {fee}");
        assert_eq!(query(&mut gateway, "SCAN0001").get("trade_state"), state, "{kind:?} {fee}");
        assert_eq!(gateway.notices().count(), 0, "micropay has no notice");
        gateway.advance(45_000);
        let later = if ["SUCCESS", ""].contains(&state) { state } else { "REVOKED" };
        assert_eq!(query(&mut gateway, "SCAN0001").get("trade_state"), later, "{kind:?} {fee}");
    }
    let mut gateway = gateway();
    for (code, said) in [
        ("160000000000000000", "AUTH_CODE_ERROR"),
        ("13000000000000000", "AUTH_CODE_ERROR"),
        ("130000000000000000", "AUTH_CODE_INVALID"),
        ("", "LACK_PARAMS"),
    ] {
        assert_eq!(scan(&mut gateway, code, &[]).verdict(), said, "{code:?}");
    }
    let code = gateway.auth_code(CodeKind::Fresh);
    gateway.advance(60_000);
    assert_eq!(scan(&mut gateway, &code, &[]).verdict(), "AUTHCODEEXPIRE");
    gateway.merchant_mut("9900000001").unwrap().not_granted.push("MICROPAY".into());
    assert_eq!(scan(&mut gateway, &code, &[]).verdict(), "NOAUTH");
}

#[test]
fn the_same_number_again() {
    type Between = fn(&mut Simulator);
    let rows: &[(CodeKind, Between, Option<CodeKind>, &Pairs<'_>, &str)] = &[
        (CodeKind::Fresh, |_| (), None, &[], "ORDERPAID"),
        (CodeKind::Fresh, |_| (), Some(CodeKind::Fresh), &[("out_trade_no", "SCAN0002")], "ok"),
        (CodeKind::Fresh, |_| (), None, &[("out_trade_no", "SCAN0002")], "AUTH_CODE_ERROR"),
        (CodeKind::NeedsPassword, |_| (), None, &[], "USERPAYING"),
        (CodeKind::NeedsPassword, |_| (), Some(CodeKind::Fresh), &[], "OUT_TRADE_NO_USED"),
        (CodeKind::NeedsPassword, |_| (), Some(CodeKind::SomeoneElses), &[], "BUYER_MISMATCH"),
        (CodeKind::NeedsPassword, |gateway| gateway.mistype("SCAN0001").unwrap(), None, &[], "TRADE_ERROR"),
        (CodeKind::NeedsPassword, |gateway| gateway.advance(45_000), None, &[], "ORDERREVERSED"),
        (
            CodeKind::NeedsPassword,
            |gateway| gateway.pay("SCAN0001", PayWith::default()).map(drop).unwrap(),
            None,
            &[],
            "ORDERPAID",
        ),
    ];
    for (row, (kind, between, other, changed, said)) in rows.iter().enumerate() {
        let mut gateway = gateway();
        let code = gateway.auth_code(*kind);
        scan(&mut gateway, &code, &[]);
        between(&mut gateway);
        let code = other.map_or(code, |kind| gateway.auth_code(kind));
        assert_eq!(scan(&mut gateway, &code, changed).verdict(), *said, "row {row}");
    }
    let mut gateway = gateway();
    order(&mut gateway, &[]);
    let code = gateway.auth_code(CodeKind::Fresh);
    assert_eq!(scan(&mut gateway, &code, &[("out_trade_no", "ORDER0001")]).verdict(), "OUT_TRADE_NO_USED");
}

#[test]
fn reversing() {
    let mut gateway = gateway();
    let nothing = reverse(&mut gateway, "NONE");
    assert_eq!((nothing.verdict().as_str(), nothing.get("recall")), ("ok", "N"));
    // A scan that was under way when its number was reversed takes no money.
    let code = gateway.auth_code(CodeKind::Fresh);
    assert_eq!(scan(&mut gateway, &code, &[("out_trade_no", "NONE")]).verdict(), "PARAM_ERROR");
    reverse(&mut gateway, "NONE0001");
    assert_eq!(scan(&mut gateway, &code, &[("out_trade_no", "NONE0001")]).verdict(), "ORDERREVERSED");
    order(&mut gateway, &[]);
    assert_eq!(reverse(&mut gateway, "ORDER0001").verdict(), "INVALID_REQUEST");
    let code = gateway.auth_code(CodeKind::Fresh);
    scan(&mut gateway, &code, &[]);
    for _ in 0..2 {
        assert_eq!(reverse(&mut gateway, "SCAN0001").verdict(), "ok");
    }
    assert_eq!(query(&mut gateway, "SCAN0001").get("trade_state"), "REVOKED");
    let totals = gateway.totals("9900000001");
    assert_eq!((totals.paid_fen, totals.revoked_fen), (888, 888));
    assert_eq!(gateway.merchant("9900000001").unwrap().unsettled_fen, 0);
    assert_eq!(refund(&mut gateway, &[("out_trade_no", "SCAN0001")]).verdict(), "ERROR");
    let code = gateway.auth_code(CodeKind::Fresh);
    scan(&mut gateway, &code, &[("out_trade_no", "SCAN0002")]);
    assert_eq!(close(&mut gateway, "SCAN0002").verdict(), "TRADE_STATE_ERROR");
    gateway.advance(7 * 24 * 3_600_000 + 1);
    assert_eq!(reverse(&mut gateway, "SCAN0002").verdict(), "REVERSE_EXPIRE");
    assert_eq!(refund(&mut gateway, &[("out_trade_no", "SCAN0002")]).verdict(), "ok");
    assert_eq!(reverse(&mut gateway, "SCAN0002").verdict(), "REVERSE_EXPIRE");
}

fn sandbox(
    gateway: &mut Simulator,
    path: &str,
    fee: &str,
    number: &str,
    test: Option<&str>,
) -> Option<(Vec<u8>, String)> {
    let ask = signed(fields(&[], &[("appid", "")]), API_KEY);
    let Outcome::Reply { body, .. } = gateway.handle(&call("/xdc/apiv2getsignkey/sign/getsignkey", &ask))
    else {
        panic!("no key")
    };
    let key = read(&body, API_KEY).get("sandbox_signkey").to_owned();
    assert_eq!(key.len(), 32);
    assert_ne!(key, API_KEY);
    let mut usual = SCAN.to_vec();
    usual.push(("auth_code", "150000111122223333"));
    let body =
        signed(fields(&usual, &[("appid", "wxany"), ("out_trade_no", number), ("total_fee", fee)]), &key);
    let path = format!("/xdc/apiv2sandbox/pay/{path}");
    let mut call = call(&path, &body);
    call.negative_test = test;
    match gateway.handle(&call) {
        Outcome::Reply { body, .. } => Some((body, key)),
        Outcome::Silence => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_official_sandbox() {
    let mut gateway = gateway();
    for (fee, cash, coupons) in [("1", "1", ""), ("2", "1", "1"), ("3", "0", "3")] {
        let number = format!("SANDBOX{fee}");
        let (reply, key) = sandbox(&mut gateway, "micropay", fee, &number, None).unwrap();
        let paid = read(&reply, &key);
        assert_eq!(
            [paid.verdict().as_str(), paid.get("cash_fee"), paid.get("coupon_fee")],
            ["ok", cash, coupons]
        );
        let (reply, key) = sandbox(&mut gateway, "orderquery", fee, &number, None).unwrap();
        // Its quirk: the zero it prints is not in what it signs.
        let mut fields = wxpay::xml::read(&reply).unwrap();
        if fee == "3" {
            assert_eq!(fields.remove("cash_fee").as_deref(), Some("0"));
        }
        wxpay::sign::verify(&fields, &crate::bench::key(&key), wxpay::sign::Expect::ByLength).unwrap();
        assert_eq!(fields.get("trade_state"), Some("SUCCESS"));
    }
    let (reply, key) = sandbox(&mut gateway, "micropay", "4", "SANDBOX4", None).unwrap();
    assert!(read(&reply, &key).get("err_code_des").contains("沙箱支付金额(4)无效"));
    for (test, micropay, queried) in [
        ("MICROPAY_USERPAYING", Some("USERPAYING"), Some("USERPAYING")),
        ("MICROPAY_TIMEOUT", None, Some("SUCCESS")),
        ("MICROPAY_PAYERROR", None, Some("PAYERROR")),
        ("MICROPAY_PAY_QUERY_TIMEOUT", None, None),
    ] {
        let said = sandbox(&mut gateway, "micropay", "1", test, Some(test));
        assert_eq!(said.map(|(reply, key)| read(&reply, &key).verdict()).as_deref(), micropay, "{test}");
        let said = sandbox(&mut gateway, "orderquery", "1", test, Some(test));
        let state = said.map(|(reply, key)| read(&reply, &key).get("trade_state").to_owned());
        assert_eq!(state.as_deref(), queried, "{test}");
    }
    assert_eq!(gateway.effects(), [], "no money, no effects");
    assert_eq!(query(&mut gateway, "SANDBOX1").verdict(), "ORDERNOTEXIST", "a world of its own");
    let wrong = signed(fields(&[], &[]), "another");
    for path in ["/sandboxnew/pay/getsignkey", "/xdc/apiv2getsignkey/sign/getsignkey"] {
        let Outcome::Reply { body, .. } = gateway.handle(&call(path, &wrong)) else { panic!("no reply") };
        assert_eq!(read(&body, API_KEY).verdict(), "FAIL:获取沙箱密钥失败，确认交易密钥是否正确");
    }
}

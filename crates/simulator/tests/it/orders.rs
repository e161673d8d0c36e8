use crate::bench::*;
use simulator::{EffectKind, PayWith};

#[test]
fn one_orders_whole_life() {
    let mut gateway = gateway();
    let made = order(&mut gateway, &[]);
    assert_eq!(made.verdict(), "ok");
    assert!(made.get("code_url").starts_with("weixin://wxpay/bizpayurl?pr="));
    assert_eq!(query(&mut gateway, "ORDER0001").get("trade_state"), "NOTPAY");
    let transaction_id = gateway.pay("ORDER0001", PayWith::default()).unwrap();
    assert_eq!(transaction_id.len(), 28);
    let paid = query(&mut gateway, "ORDER0001");
    assert_eq!(
        ["trade_state", "total_fee", "cash_fee", "transaction_id", "attach", "time_end"]
            .map(|name| paid.get(name)),
        ["SUCCESS", "888", "888", &transaction_id, "深圳分店", "20260105120000"]
    );
    assert_eq!(close(&mut gateway, "ORDER0001").verdict(), "ORDERPAID");
    assert_eq!(refund(&mut gateway, &[]).verdict(), "ok");
    assert_eq!(query(&mut gateway, "ORDER0001").get("trade_state"), "REFUND");
    assert_eq!(refund_query(&mut gateway, &[("out_refund_no", "R1")]).get("refund_status_0"), "PROCESSING");
    gateway.advance(3_000);
    let done = refund_query(&mut gateway, &[("out_trade_no", "ORDER0001")]);
    assert_eq!(done.get("refund_status_0"), "SUCCESS");
    assert_eq!(done.get("refund_success_time_0"), "2026-01-05 12:00:03");
    let kinds: Vec<EffectKind> = gateway.effects().iter().map(|effect| effect.kind).collect();
    assert_eq!(
        kinds,
        [EffectKind::OrderMade, EffectKind::Paid, EffectKind::RefundAccepted, EffectKind::RefundDone]
    );
    let totals = gateway.totals(simulator::MCH_ID);
    assert_eq!((totals.paid_fen, totals.refunded_fen), (888, 300));
}

#[test]
fn fields_of_an_order() {
    let (long, longest) = ("x".repeat(129), "支".repeat(128));
    let jsapi = [("trade_type", "JSAPI"), ("openid", "oUpF8uMuAJO")];
    let mweb = ("trade_type", "MWEB");
    let h5 = ("scene_info", r#"{"h5_info":{"type":"Wap"}}"#);
    for (changed, said) in [
        (&[("body", &*long)][..], "PARAM_ERROR"),
        (&[("body", &*longest)], "ok"),
        (&[("body", "")], "LACK_PARAMS"),
        (&[("nonce_str", "")], "LACK_PARAMS"),
        (&[("out_trade_no", "")], "LACK_PARAMS"),
        (&[("out_trade_no", "12345")], "PARAM_ERROR"),
        (&[("out_trade_no", "订单123456")], "PARAM_ERROR"),
        (&[("out_trade_no", "12345@6")], "PARAM_ERROR"),
        (&[("total_fee", "")], "LACK_PARAMS"),
        (&[("total_fee", "0")], "PARAM_ERROR"),
        (&[("total_fee", "-1")], "PARAM_ERROR"),
        (&[("total_fee", "1.00")], "PARAM_ERROR"),
        (&[("total_fee", "99999999999999999999")], "PARAM_ERROR"),
        (&[("fee_type", "USD")], "PARAM_ERROR"),
        (&[("notify_url", "http://a/?b=1")], "PARAM_ERROR"),
        (&[("notify_url", "/a")], "PARAM_ERROR"),
        (&[("trade_type", "MICROPAY")], "PARAM_ERROR"),
        (&[("product_id", "")], "LACK_PARAMS"),
        (&[("trade_type", "JSAPI")], "LACK_PARAMS"),
        (&jsapi, "ok"),
        (&[("trade_type", "JSAPI"), ("sub_openid", "o1")], "LACK_PARAMS"),
        (&[("trade_type", "APP")], "ok"),
        (&[mweb], "LACK_PARAMS"),
        (&[mweb, ("scene_info", r#"{"h5_info":{}}"#)], "LACK_PARAMS"),
        (&[mweb, ("scene_info", "{")], "PARAM_ERROR"),
        (&[mweb, h5], "ok"),
        (&[("time_expire", "20260105120100")], "PARAM_ERROR"),
        (&[("time_expire", "20260105120101")], "ok"),
        (&[("time_expire", "2026010512010")], "PARAM_ERROR"),
        (&[("detail", "no json")], "PARAM_ERROR"),
    ] {
        let answer = order(&mut gateway(), changed);
        assert_eq!(answer.verdict(), said, "{changed:?}: {}", answer.get("err_code_des"));
        let kind =
            changed.iter().find(|(name, _)| *name == "trade_type").map_or("NATIVE", |(_, value)| value);
        let (code, web) = (!answer.get("code_url").is_empty(), !answer.get("mweb_url").is_empty());
        assert_eq!(
            (code, web),
            (said == "ok" && kind == "NATIVE", said == "ok" && kind == "MWEB"),
            "{changed:?}"
        );
    }
}

#[test]
fn ordering_again() {
    const DAY: i64 = 24 * 3_600_000;
    type Before = fn(&mut simulator::Simulator);
    let rows: &[(Before, &Pairs<'_>, &str, bool)] = &[
        (|_| (), &[], "ok", true),
        (|_| (), &[("nonce_str", "other")], "ok", true),
        (|gateway| gateway.advance(2 * 3_600_000 - 1), &[], "ok", true),
        (|gateway| gateway.advance(2 * 3_600_000), &[], "ok", false),
        (|_| (), &[("total_fee", "889")], "INVALID_REQUEST", false),
        (|_| (), &[("body", "other")], "INVALID_REQUEST", false),
        (|_| (), &[("time_expire", "20260106120000")], "INVALID_REQUEST", false),
        (|gateway| gateway.pay("ORDER0001", PayWith::default()).map(drop).unwrap(), &[], "ORDERPAID", false),
        (
            |gateway| gateway.pay("ORDER0001", PayWith::default()).map(drop).unwrap(),
            &[("total_fee", "1")],
            "OUT_TRADE_NO_USED",
            false,
        ),
        (|gateway| assert_eq!(close(gateway, "ORDER0001").verdict(), "ok"), &[], "ORDERCLOSED", false),
        (|gateway| gateway.let_expire("ORDER0001").unwrap(), &[], "ORDERCLOSED", false),
        (|gateway| gateway.advance(7 * DAY), &[], "ORDERCLOSED", false),
        (|gateway| gateway.mistype("ORDER0001").unwrap(), &[], "ok", true),
        (
            |gateway| gateway.merchant_mut("9900000001").unwrap().not_granted.push("NATIVE".into()),
            &[],
            "NOAUTH",
            false,
        ),
    ];
    for (row, (before, changed, said, same)) in rows.iter().enumerate() {
        let mut gateway = gateway();
        let first = order(&mut gateway, &[]);
        before(&mut gateway);
        let again = order(&mut gateway, changed);
        assert_eq!(again.verdict(), *said, "row {row}");
        assert_eq!(first.get("prepay_id") == again.get("prepay_id"), *same, "row {row}");
        assert_eq!(gateway.totals("9900000001").orders, 1, "row {row}");
    }
}

#[test]
fn what_the_customer_can_do() {
    let mut gateway = gateway();
    assert!(gateway.pay("ORDER0001", PayWith::default()).is_err());
    order(&mut gateway, &[]);
    gateway.cancel("ORDER0001").unwrap();
    assert_eq!(query(&mut gateway, "ORDER0001").get("trade_state"), "NOTPAY");
    gateway.mistype("ORDER0001").unwrap();
    let failed = query(&mut gateway, "ORDER0001");
    assert_eq!(
        [failed.get("trade_state"), failed.get("attach"), failed.get("total_fee")],
        ["PAYERROR", "深圳分店", ""]
    );
    gateway.advance(2 * 3_600_000);
    assert!(gateway.pay("ORDER0001", PayWith::default()).unwrap_err().to_string().contains("two hours"));
    order(&mut gateway, &[]);
    gateway.pay("ORDER0001", PayWith::default()).unwrap();
    for again in [gateway.pay("ORDER0001", PayWith::default()).map(drop), gateway.mistype("ORDER0001")] {
        assert!(again.is_err(), "paid once is paid");
    }
    assert_eq!(gateway.totals("9900000001").payments, 1);
}

#[test]
fn coupons_in_a_query() {
    let mut gateway = gateway();
    order(&mut gateway, &[]);
    let coupon = |id: &str, cash, fee| simulator::Coupon { id: id.into(), cash, fee };
    let too_much = PayWith { coupons: vec![coupon("1", true, 889)], bank: None };
    assert!(gateway.pay("ORDER0001", too_much).is_err());
    let coupons = vec![coupon("1", true, 100), coupon("2", false, 88)];
    gateway.pay("ORDER0001", PayWith { coupons, bank: Some("CMB_CREDIT".into()) }).unwrap();
    let paid = query(&mut gateway, "ORDER0001");
    for (name, value) in [
        ("total_fee", "888"),
        ("settlement_total_fee", "800"),
        ("cash_fee", "700"),
        ("coupon_fee", "188"),
        ("coupon_count", "2"),
        ("coupon_type_0", "CASH"),
        ("coupon_type_1", "NO_CASH"),
        ("coupon_id_1", "2"),
        ("coupon_fee_1", "88"),
        ("bank_type", "CMB_CREDIT"),
    ] {
        assert_eq!(paid.get(name), value, "{name}");
    }
}

#[test]
fn querying_and_closing() {
    let mut gateway = gateway();
    assert_eq!(query(&mut gateway, "NONE").verdict(), "ORDERNOTEXIST");
    assert_eq!(send(&mut gateway, "/pay/orderquery", fields(&[], &[])).verdict(), "LACK_PARAMS");
    let bad = fields(&[("transaction_id", "a b")], &[]);
    assert_eq!(send(&mut gateway, "/pay/orderquery", bad).verdict(), "INVALID_TRANSACTIONID");
    assert_eq!(close(&mut gateway, "NONE").verdict(), "ORDERNOTEXIST");
    order(&mut gateway, &[]);
    gateway.config_mut().close_min_age_ms = 300_000;
    assert_eq!(close(&mut gateway, "ORDER0001").verdict(), "TRADE_STATE_ERROR");
    gateway.advance(300_000);
    assert_eq!(close(&mut gateway, "ORDER0001").verdict(), "ok");
    assert_eq!(close(&mut gateway, "ORDER0001").verdict(), "ORDERCLOSED");
    assert_eq!(query(&mut gateway, "ORDER0001").get("trade_state"), "CLOSED");
    assert!(gateway.pay("ORDER0001", PayWith::default()).is_err());
    // transaction_id wins over out_trade_no.
    order(&mut gateway, &[("out_trade_no", "ORDER0002")]);
    let id = gateway.pay("ORDER0002", PayWith::default()).unwrap();
    let both = fields(&[("transaction_id", &id), ("out_trade_no", "ORDER0001")], &[]);
    assert_eq!(send(&mut gateway, "/pay/orderquery", both).get("out_trade_no"), "ORDER0002");
}

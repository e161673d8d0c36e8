use super::*;
use domain::{CivilTime, Fen, OrderState, RefundState, TradeType};
use proptest::prelude::*;

type Pairs = &'static [(&'static str, &'static str)];

const PAID: Pairs = &[
    ("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
    ("is_subscribe", "N"),
    ("trade_type", "MWEB"),
    ("trade_state", "SUCCESS"),
    ("bank_type", "CMC"),
    ("total_fee", "302"),
    ("settlement_total_fee", "300"),
    ("fee_type", "CNY"),
    ("cash_fee", "299"),
    ("coupon_fee", "3"),
    ("coupon_count", "2"),
    ("coupon_type_0", "CASH"),
    ("coupon_id_0", "10000"),
    ("coupon_fee_0", "1"),
    ("coupon_type_1", "NO_CASH"),
    ("coupon_id_1", "10001"),
    ("coupon_fee_1", "2"),
    ("transaction_id", "1009660380201506130728806387"),
    ("out_trade_no", "20150806125346"),
    ("attach", "深圳分店"),
    ("time_end", "20141030133525"),
    ("trade_state_desc", "支付成功"),
    ("new_in_2030", "x"),
    ("sign", "S"),
    ("nonce_str", "n"),
];

/// The pairs without the named one, and with the second set.
fn but(base: Pairs, without: &str, with: Pairs) -> Fields<'static> {
    let mut all = fields(base);
    for (name, _) in with {
        all.remove(name);
    }
    all.remove(without);
    for (name, value) in with {
        all.add(*name, *value).unwrap();
    }
    all
}

fn asked() -> Fields<'static> {
    fields(&[("out_trade_no", "20150806125346")])
}

#[test]
fn a_paid_order() {
    let reply = OrderQuery::read(&asked(), &fields(PAID)).unwrap();
    assert_eq!((reply.state, reply.state_description.as_deref()), (OrderState::Paid, Some("支付成功")));
    let payment = reply.payment.unwrap();
    assert_eq!(payment.trade_type, Some(TradeType::H5));
    assert_eq!((payment.total_fee, payment.cash_fee), (Fen::new(302), Fen::new(299)));
    assert_eq!(payment.time_end, CivilTime::parse_compact("20141030133525").unwrap());
    assert_eq!((payment.coupon_count, payment.coupons.len()), (Some(2), 2));
    assert_eq!(
        payment.coupons[1],
        Coupon { kind: Some(CouponKind::NoCash), id: Some("10001".into()), fee: Some(Fen::new(2)) }
    );
    assert_eq!(reply.attach.as_deref(), Some("深圳分店"));
    // What nobody knows is kept.
    assert_eq!(reply.rest, fields(&[("new_in_2030", "x")]));
}

#[test]
fn every_state_and_how_little_an_unpaid_order_has() {
    for (word, state) in [
        ("REFUND", OrderState::Refunded),
        ("NOTPAY", OrderState::Unpaid),
        ("CLOSED", OrderState::Closed),
        ("REVOKED", OrderState::Revoked),
        ("USERPAYING", OrderState::UserPaying),
        ("PAYERROR", OrderState::PayError),
        ("ACCEPT", OrderState::Accepted),
    ] {
        let mut reply = asked();
        reply.add("trade_state", word).unwrap();
        let reply = OrderQuery::read(&asked(), &reply).unwrap();
        assert_eq!((reply.state, reply.payment), (state, None), "{word}");
        assert_eq!(reply.out_trade_no, Some(no()));
    }
    // A refunded order that tells everything all the same.
    let refunded = OrderQuery::read(&asked(), &but(PAID, "", &[("trade_state", "REFUND")])).unwrap();
    assert_eq!(refunded.payment.unwrap().total_fee, Fen::new(302));
    // Fields of a payment that is not complete are kept.
    let part = but(PAID, "cash_fee", &[("trade_state", "REFUND")]);
    let part = OrderQuery::read(&asked(), &part).unwrap();
    assert_eq!((part.payment, part.rest.get("total_fee")), (None, Some("302")));
}

#[test]
fn what_a_query_does_not_believe() {
    for (without, with, field) in [
        ("", &[("out_trade_no", "2")][..], "out_trade_no"),
        ("trade_state", &[], "trade_state"),
        ("", &[("trade_state", "PAID")], "trade_state"),
        ("total_fee", &[], "total_fee"),
        ("", &[("total_fee", "-1")], "total_fee"),
        ("", &[("total_fee", "3.02")], "total_fee"),
        ("", &[("total_fee", "99999999999999999999")], "total_fee"),
        ("", &[("total_fee", "３")], "total_fee"),
        ("", &[("time_end", "20141330133525")], "time_end"),
        ("", &[("transaction_id", "一")], "transaction_id"),
        ("", &[("coupon_fee_1", "x")], "coupon_fee_1"),
        ("", &[("is_subscribe", "maybe")], "is_subscribe"),
        ("transaction_id", &[], "transaction_id"),
        ("out_trade_no", &[], "out_trade_no"),
    ] {
        let error = OrderQuery::read(&asked(), &but(PAID, without, with)).unwrap_err();
        assert_eq!(error.field(), field, "{error}");
    }
    let unpaid = fields(&[("trade_state", "NOTPAY")]);
    assert_eq!(OrderQuery::read(&asked(), &unpaid).unwrap_err().field(), "out_trade_no");
    let by_wechats = fields(&[("transaction_id", "42")]);
    let other = fields(&[("trade_state", "NOTPAY"), ("transaction_id", "43")]);
    assert_eq!(OrderQuery::read(&by_wechats, &other).unwrap_err().field(), "transaction_id");
}

const REFUNDS: Pairs = &[
    ("transaction_id", "4007752501201407033233368018"),
    ("out_trade_no", "20150806125346"),
    ("total_fee", "1000"),
    ("cash_fee", "900"),
    ("total_refund_count", "12"),
    ("refund_count", "2"),
    ("out_refund_no_0", "R1"),
    ("refund_id_0", "50000000000000000000000000001"),
    ("refund_channel_0", "ORIGINAL"),
    ("refund_fee_0", "300"),
    ("settlement_refund_fee_0", "298"),
    ("coupon_refund_fee_0", "7"),
    ("coupon_refund_count_0", "2"),
    ("coupon_type_0_0", "CASH"),
    ("coupon_refund_id_0_0", "10000"),
    ("coupon_refund_fee_0_0", "5"),
    ("coupon_type_0_1", "NO_CASH"),
    ("coupon_refund_id_0_1", "10001"),
    ("coupon_refund_fee_0_1", "2"),
    ("refund_status_0", "SUCCESS"),
    ("refund_account_0", "REFUND_SOURCE_RECHARGE_FUNDS"),
    ("refund_recv_accout_0", "招商银行信用卡0403"),
    ("refund_success_time_0", "2016-07-25 15:26:26"),
    ("out_refund_no_1", "R2"),
    ("refund_id_1", "50000000000000000000000000002"),
    ("refund_fee_1", "1"),
    ("refund_status_1", "CHANGE"),
    ("coupon_refund_fee_1_0", "1"),
];

#[test]
fn refunds_with_their_coupons() {
    let reply = RefundQuery::read(&asked(), &fields(REFUNDS)).unwrap();
    assert_eq!((reply.total_refund_count, reply.refunds.len()), (Some(12), 2));
    let [first, second] = &reply.refunds[..] else { panic!() };
    // All coupons of refund 0 are 7; its first is 5. The names differ by a tail only.
    assert_eq!(first.coupon_refund_fee, Some(Fen::new(7)));
    let fees: Vec<_> = first.coupons.iter().map(|coupon| coupon.fee.unwrap().get()).collect();
    assert_eq!(fees, [5, 2]);
    assert_eq!(first.coupons[1].kind, Some(CouponKind::NoCash));
    assert_eq!(first.state, RefundState::Success);
    assert_eq!(first.recv_account.as_deref(), Some("招商银行信用卡0403"));
    assert_eq!(first.success_time.unwrap().to_string(), "2016-07-25 15:26:26");
    assert_eq!((second.state, second.coupon_refund_fee), (RefundState::Abnormal, None));
    assert_eq!(second.coupons.len(), 1);
    assert!(reply.rest.is_empty(), "{:?}", reply.rest);
}

#[test]
fn what_a_refund_query_does_not_believe() {
    let one = fields(&[("out_refund_no", "R1")]);
    for (asked, without, with, field) in [
        (&asked(), "", &[("refund_count", "3")][..], "out_refund_no_2"),
        (&asked(), "", &[("refund_count", "4294967295")], "out_refund_no_2"),
        (&asked(), "", &[("refund_count", "4294967296")], "refund_count"),
        (&asked(), "refund_count", &[], "refund_count"),
        (&asked(), "refund_status_1", &[], "refund_status_1"),
        (&asked(), "", &[("refund_status_1", "?")], "refund_status_1"),
        (&asked(), "", &[("out_trade_no", "9")], "out_trade_no"),
        (&asked(), "", &[("refund_fee_0", "")], "refund_fee_0"),
        (&asked(), "", &[("refund_success_time_0", "20160725152626")], "refund_success_time_0"),
        (&one, "", &[], "out_refund_no_1"),
        (&one, "", &[("refund_count", "0")], "out_refund_no_0"),
        (&fields(&[("refund_id", "51")]), "", &[("refund_count", "1")], "refund_id_0"),
    ] {
        let error = RefundQuery::read(asked, &but(REFUNDS, without, with)).unwrap_err();
        assert_eq!(error.field(), field, "{error}");
    }
    assert_eq!(
        RefundQuery::read(&one, &but(REFUNDS, "", &[("refund_count", "1")])).unwrap().refunds.len(),
        1
    );
    for (word, state) in [
        ("PROCESSING", RefundState::Processing),
        ("REFUNDCLOSE", RefundState::Closed),
        ("FAIL", RefundState::Closed),
    ] {
        assert_eq!(refund_state_from_wire(word), Some(state));
    }
}

#[test]
fn the_other_replies() {
    let native = fields(&[("trade_type", "NATIVE")]);
    let order = fields(&[("trade_type", "NATIVE"), ("prepay_id", "wx1"), ("code_url", "weixin://x")]);
    let reply = UnifiedOrder::read(&native, &order).unwrap();
    assert_eq!((reply.prepay_id.as_str(), reply.code_url.as_deref()), ("wx1", Some("weixin://x")));
    for (pairs, field) in [
        (&[("trade_type", "APP"), ("prepay_id", "wx1")][..], "trade_type"),
        (&[("prepay_id", "wx1"), ("code_url", "x")], "trade_type"),
        (&[("trade_type", "NATIVE"), ("prepay_id", "wx1")], "code_url"),
        (&[("trade_type", "NATIVE"), ("code_url", "x")], "prepay_id"),
    ] {
        assert_eq!(UnifiedOrder::read(&native, &fields(pairs)).unwrap_err().field(), field);
    }
    for (word, recall) in [("Y", Ok(true)), ("N", Ok(false)), ("X", Err(())), ("", Err(()))] {
        let reply = Reverse::read(&asked(), &fields(&[("recall", word)]));
        assert_eq!(reply.map(|reply| reply.recall).map_err(drop), recall);
    }
    let scanned = fields(&[("out_trade_no", "20150806125346"), ("total_fee", "302")]);
    assert_eq!(Micropay::read(&scanned, &fields(PAID)).unwrap().payment.cash_fee, Fen::new(299));
    let cheaper = fields(&[("out_trade_no", "20150806125346"), ("total_fee", "301")]);
    assert_eq!(Micropay::read(&cheaper, &fields(PAID)).unwrap_err().field(), "total_fee");
    let dollars = but(PAID, "", &[("fee_type", "USD")]);
    assert_eq!(Micropay::read(&scanned, &dollars).unwrap_err().field(), "fee_type");
    let closed = CloseOrder::read(&asked(), &fields(&[("result_msg", "OK")])).unwrap();
    assert_eq!(closed.result_msg.as_deref(), Some("OK"));
}

proptest! {
    /// Any values in the fields that are read: read or refused.
    #[test]
    fn any_values(values in proptest::collection::vec("[0-9a-zA-Z \u{4e00}-\u{4e10}.:-]{0,20}", 40)) {
        let mut names: Vec<&str> = PAID.iter().chain(REFUNDS).map(|(name, _)| *name).collect();
        names.extend(["recall", "prepay_id", "code_url", "refund_id", "refund_fee", "out_refund_no"]);
        let mut reply = Fields::new();
        for (name, value) in names.iter().zip(values.iter().cycle()) {
            let _ = reply.add((*name).to_owned(), value.clone());
        }
        let asked = Fields::new();
        let _ = (UnifiedOrder::read(&asked, &reply), Micropay::read(&asked, &reply));
        let _ = (OrderQuery::read(&asked, &reply), CloseOrder::read(&asked, &reply));
        let _ = (Reverse::read(&asked, &reply), Refund::read(&asked, &reply));
        let _ = (RefundQuery::read(&asked, &reply), GetSignKey::read(&asked, &reply));
    }
}

use crate::bench::*;
use simulator::{Coupon, PayWith, RefundStatus, Simulator};

fn paid() -> Simulator {
    let mut gateway = gateway();
    order(&mut gateway, &[]);
    gateway.pay("ORDER0001", PayWith::default()).unwrap();
    gateway
}

#[test]
fn every_way_a_refund_is_refused() {
    const YEAR: i64 = 365 * 24 * 3_600_000;
    type Before = fn(&mut Simulator);
    let nothing: Before = |_| ();
    let once: Before = |gateway| assert_eq!(refund(gateway, &[]).verdict(), "ok");
    let whole: Before = |gateway| assert_eq!(refund(gateway, &[("refund_fee", "888")]).verdict(), "ok");
    let rows: &[(Before, &Pairs<'_>, &str, &str)] = &[
        (nothing, &[("out_trade_no", "NONE")], "ORDERNOTEXIST", ""),
        (nothing, &[("out_trade_no", "")], "LACK_PARAMS", ""),
        (nothing, &[("out_refund_no", "")], "LACK_PARAMS", ""),
        (nothing, &[("refund_fee", "0")], "PARAM_ERROR", ""),
        (nothing, &[("refund_fee", "889")], "ERROR", "累计退款金额大于支付金额"),
        (nothing, &[("total_fee", "999")], "INVALID_REQUEST", ""),
        (nothing, &[("refund_fee_type", "USD")], "PARAM_ERROR", ""),
        (nothing, &[("notify_url", "http://a/?b")], "PARAM_ERROR", ""),
        (once, &[("refund_fee", "301")], "REFUND_FEE_MISMATCH", ""),
        (once, &[("total_fee", "889")], "REFUND_FEE_MISMATCH", ""),
        (once, &[("out_refund_no", "R2"), ("refund_fee", "589")], "ERROR", "累计退款金额大于支付金额"),
        (once, &[("out_refund_no", "R2"), ("refund_fee", "588")], "ok", ""),
        (whole, &[("out_refund_no", "R2")], "ERROR", "订单已全额退款"),
        (|gateway| gateway.advance(YEAR), &[], "ok", ""),
        (|gateway| gateway.advance(YEAR + 1), &[], "TRADE_OVERDUE", ""),
        (|gateway| gateway.cancel_account("ORDER0001").unwrap(), &[], "USER_ACCOUNT_ABNORMAL", ""),
        (|gateway| gateway.merchant_mut("9900000001").unwrap().unsettled_fen = 299, &[], "NOTENOUGH", ""),
        (nothing, &[("refund_account", "REFUND_SOURCE_RECHARGE_FUNDS")], "NOTENOUGH", ""),
        (
            |gateway| gateway.merchant_mut("9900000001").unwrap().recharge_fen = 300,
            &[("refund_account", "REFUND_SOURCE_RECHARGE_FUNDS")],
            "ok",
            "",
        ),
        (
            |gateway| {
                gateway.config_mut().refund_gap_ms = 60_000;
                assert_eq!(refund(gateway, &[]).verdict(), "ok");
            },
            &[("out_refund_no", "R2")],
            "FREQUENCY_LIMITED",
            "",
        ),
    ];
    for (row, (before, changed, said, words)) in rows.iter().enumerate() {
        let mut gateway = paid();
        before(&mut gateway);
        let totals = gateway.totals("9900000001");
        let answer = refund(&mut gateway, changed);
        assert_eq!(answer.verdict(), *said, "row {row}");
        assert!(answer.get("err_code_des").contains(words), "row {row}");
        assert_eq!(gateway.totals("9900000001") == totals, *said != "ok", "row {row}: the effect");
    }
    let mut gateway = gateway();
    order(&mut gateway, &[]);
    assert_eq!(refund(&mut gateway, &[]).verdict(), "ORDERNOTEXIST", "unpaid");
}

#[test]
fn one_number_refunds_once() {
    let mut gateway = paid();
    let first = refund(&mut gateway, &[]);
    gateway.advance(10_000);
    let again = refund(&mut gateway, &[]);
    assert_eq!(first.get("refund_id"), again.get("refund_id"));
    assert_eq!((gateway.totals("9900000001").refunds, gateway.totals("9900000001").refunded_fen), (1, 300));
    order(&mut gateway, &[("out_trade_no", "ORDER0002")]);
    gateway.pay("ORDER0002", PayWith::default()).unwrap();
    assert_eq!(refund(&mut gateway, &[("out_trade_no", "ORDER0002")]).verdict(), "INVALID_REQUEST");
}

#[test]
fn at_most_fifty_and_ten_a_page() {
    let mut gateway = paid();
    for n in 0..50 {
        let number = format!("R{n}");
        let answer = refund(&mut gateway, &[("out_refund_no", &number), ("refund_fee", "10")]);
        assert_eq!(answer.verdict(), "ok", "{n}");
    }
    let one_more = [("out_refund_no", "R50"), ("refund_fee", "10")];
    assert_eq!(refund(&mut gateway, &one_more).verdict(), "INVALID_REQUEST");
    for (offset, count, first) in [("", "10", "R0"), ("24", "10", "R24"), ("45", "5", "R45"), ("50", "", "")]
    {
        let page = refund_query(&mut gateway, &[("out_trade_no", "ORDER0001"), ("offset", offset)]);
        assert_eq!((page.get("refund_count"), page.get("out_refund_no_0")), (count, first), "{offset}");
        assert_eq!(page.get("total_refund_count"), if count.is_empty() { "" } else { "50" });
    }
    let one = refund_query(&mut gateway, &[("out_refund_no", "R7")]);
    assert_eq!((one.get("refund_count"), one.get("total_refund_count")), ("1", ""));
    let by_id =
        refund_query(&mut gateway, &[("refund_id", one.get("refund_id_0")), ("out_refund_no", "NONE")]);
    assert_eq!(by_id.get("out_refund_no_0"), "R7", "refund_id wins");
    for asked in
        [("out_refund_no", "NONE"), ("out_trade_no", "NONE"), ("refund_id", "1"), ("transaction_id", "1")]
    {
        assert_eq!(refund_query(&mut gateway, &[asked]).verdict(), "REFUNDNOTEXIST", "{asked:?}");
    }
    assert_eq!(refund_query(&mut gateway, &[]).verdict(), "LACK_PARAMS");
}

#[test]
fn how_a_refund_ends() {
    for (result, left_fen, again) in [
        (RefundStatus::Success, 588, "ERROR"),
        (RefundStatus::Change, 888, "ERROR"),
        (RefundStatus::RefundClose, 888, "ok"),
    ] {
        let mut gateway = paid();
        refund(&mut gateway, &[]);
        gateway.refund_result("R1", result).unwrap();
        let status = refund_query(&mut gateway, &[("out_refund_no", "R1")]);
        assert_eq!(status.get("refund_status_0"), result.as_str());
        assert_eq!(gateway.merchant("9900000001").unwrap().unsettled_fen, left_fen, "{result:?}");
        // What was closed can be refunded again; what is on its way or stuck cannot.
        assert_eq!(refund(&mut gateway, &[("out_refund_no", "R2"), ("refund_fee", "888")]).verdict(), again);
        assert!(gateway.refund_result("R1", RefundStatus::RefundClose).is_err());
        gateway.advance(1_000_000_000);
        assert_eq!(gateway.refund_status("9900000001", "R1"), Some(result), "{result:?}: it stays");
        let handled = gateway.refund_result("R1", RefundStatus::Success);
        assert_eq!(handled.is_ok(), result == RefundStatus::Change);
    }
}

#[test]
fn to_a_card_it_takes_days() {
    let mut gateway = gateway();
    order(&mut gateway, &[]);
    gateway.pay("ORDER0001", PayWith { coupons: vec![], bank: Some("CMB_DEBIT".into()) }).unwrap();
    refund(&mut gateway, &[]);
    gateway.advance(3 * 24 * 3_600_000 - 1);
    assert_eq!(gateway.refund_status("9900000001", "R1"), Some(RefundStatus::Processing));
    gateway.advance(1);
    assert_eq!(gateway.refund_status("9900000001", "R1"), Some(RefundStatus::Success));
}

#[test]
fn coupons_go_back_in_parts_that_add_up() {
    let mut gateway = gateway();
    order(&mut gateway, &[]);
    let coupons = vec![
        Coupon { id: "1".into(), cash: true, fee: 101 },
        Coupon { id: "2".into(), cash: false, fee: 77 },
    ];
    gateway.pay("ORDER0001", PayWith { coupons, bank: None }).unwrap();
    let mut sums = [0; 4];
    for (number, fee) in [("R1", "1"), ("R2", "300"), ("R3", "287"), ("R4", "300")] {
        let answer = refund(&mut gateway, &[("out_refund_no", number), ("refund_fee", fee)]);
        assert_eq!(answer.verdict(), "ok");
        let get = |name: &str| answer.get(name).parse::<i64>().unwrap_or(0);
        let names = ["refund_fee", "cash_refund_fee", "coupon_refund_fee"];
        let values = names.map(get);
        assert_eq!(values[0], values[1] + values[2]);
        let kinds = (0..2).map(|n| {
            (answer.get(&format!("coupon_type_{n}")).to_owned(), get(&format!("coupon_refund_fee_{n}")))
        });
        let no_cash: i64 = kinds.filter(|(kind, _)| kind == "NO_CASH").map(|(_, fee)| fee).sum();
        let settlement = if no_cash > 0 { get("settlement_refund_fee") } else { values[0] };
        assert_eq!(settlement, values[0] - no_cash);
        for (sum, value) in sums.iter_mut().zip([values[0], values[1], values[2], no_cash]) {
            *sum += value;
        }
    }
    assert_eq!(sums, [888, 710, 178, 77]);
    assert_eq!(gateway.merchant("9900000001").unwrap().unsettled_fen, 0);
}

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

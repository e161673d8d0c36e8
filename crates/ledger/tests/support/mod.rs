#![allow(dead_code, reason = "each test file uses some of it")]

use domain::evidence::Source;
use domain::{
    AppId, Environment, Fen, MchId, OperationId, OperationKind, OrderState, OutRefundNo, OutTradeNo,
    RefundState, Secret, Timestamp, TradeType, TransactionId,
};
use ledger::{Ledger, NewExchange, NewOperation, NewPayment, PaymentObservation, RefundObservation};
use std::path::Path;

pub(crate) fn key() -> Secret<[u8; 32]> {
    Secret::new([7; 32])
}

/// 2025-01-01T08:00:00+08:00 and so many seconds.
pub(crate) fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_735_689_600 + secs)
}

pub(crate) fn open(file: &Path) -> Ledger {
    Ledger::open(file, Environment::Simulated, key(), at(0)).unwrap().ledger
}

pub(crate) fn number(text: &str) -> OutTradeNo {
    OutTradeNo::parse(text).unwrap()
}

pub(crate) fn mch_id() -> MchId {
    MchId::parse("1900000109").unwrap()
}

pub(crate) fn id(text: &str) -> OperationId {
    let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    OperationId::parse(&format!("{letters:0<24}")).unwrap()
}

pub(crate) fn transaction(number: u32) -> TransactionId {
    TransactionId::parse(&format!("42000000000000000000{number:08}")).unwrap()
}

pub(crate) fn order(no: &str, fen: i64) -> NewOperation {
    let params = format!("total_fee={fen}");
    NewOperation {
        id: id(&format!("o{no}x{fen}")),
        merchant: "shop".into(),
        mch_id: mch_id(),
        kind: OperationKind::UnifiedOrder,
        out_trade_no: number(no),
        out_refund_no: None,
        amount: Fen::new(fen),
        currency: "CNY".into(),
        params_sha256: ledger::params_digest(&params),
        request_params: params,
        payment: Some(NewPayment {
            appid: AppId::parse("wx2421b1c4370ec43b").unwrap(),
            sub_mch_id: None,
            sub_appid: None,
            sub_openid: None,
            trade_type: TradeType::Native,
            body: "茶叶 🍵".into(),
            attach: None,
            openid: None,
            expires: None,
        }),
        lease_ms: 60_000,
    }
}

pub(crate) fn refund_op(no: &str, refund_no: &str, fen: i64) -> NewOperation {
    NewOperation {
        id: id(&format!("r{refund_no}x{fen}")),
        kind: OperationKind::Refund,
        out_refund_no: Some(OutRefundNo::parse(refund_no).unwrap()),
        payment: None,
        ..order(no, fen)
    }
}

pub(crate) fn payment_seen(
    no: &str,
    source: Source,
    state: OrderState,
    when: Timestamp,
) -> PaymentObservation {
    PaymentObservation::new("shop", mch_id(), number(no), source, state, when)
}

pub(crate) fn refund_seen(
    no: &str,
    refund_no: &str,
    source: Source,
    (state, fen): (RefundState, i64),
    when: Timestamp,
) -> RefundObservation {
    RefundObservation::new(
        ("shop", mch_id()),
        (OutRefundNo::parse(refund_no).unwrap(), number(no)),
        source,
        (state, Fen::new(fen)),
        when,
    )
}

pub(crate) fn exchange(id: &OperationId) -> NewExchange {
    NewExchange {
        merchant: "shop".into(),
        operation_id: Some(id.clone()),
        api: "/pay/unifiedorder".into(),
        host: "api.mch.weixin.qq.com".into(),
        request: b"<xml><body>\xe8\x8c\xb6</body></xml>".to_vec(),
        response: Some(b"<xml/>".to_vec()),
        started: at(0),
        duration_ms: 12,
        http_status: Some(200),
        outcome: "confirmed".into(),
        err_code: None,
    }
}

/// A paid order of 10 yuan.
pub(crate) fn paid(ledger: &Ledger, no: &str) {
    ledger.intend(&order(no, 1000), "a", at(0)).unwrap();
    ledger.settle(&id(&format!("o{no}x1000")), domain::OperationOutcome::Confirmed, None, at(1)).unwrap();
    let mut seen = payment_seen(no, Source::Notice, OrderState::Paid, at(2));
    seen.total = Some(Fen::new(1000));
    seen.currency = Some("CNY".into());
    seen.transaction_id = Some(transaction(1));
    seen.time_end = Some(at(2).civil());
    ledger.observe_payment(&seen, at(2)).unwrap();
}

//! Checked replies as observations for the ledger. Pure.

use crate::desk::Learned;
use crate::merchants::Merchant;
use domain::evidence::Source;
use domain::{OrderState, OutTradeNo, RefundState, Timestamp};
use ledger::{PaymentObservation, RefundObservation};
use wxpay::api::{self, Payment};
use wxpay::client::Done;
use wxpay::notice::PaymentNotice;
use wxpay::refund_notice::RefundNotice;

fn seen(
    merchant: &Merchant,
    out_trade_no: OutTradeNo,
    source: Source,
    state: OrderState,
    at: Timestamp,
) -> PaymentObservation {
    PaymentObservation::new(&merchant.name, merchant.mch_id.clone(), out_trade_no, source, state, at)
}

fn paid(mut seen: PaymentObservation, payment: &Payment) -> PaymentObservation {
    seen.total = Some(payment.total_fee);
    seen.currency = Some(payment.currency().to_owned());
    seen.transaction_id = Some(payment.transaction_id.clone());
    seen.trade_type = payment.trade_type;
    seen.openid = payment.openid.clone();
    seen.sub_openid = payment.sub_openid.clone();
    seen.attach = payment.attach.clone();
    seen.bank_type = Some(payment.bank_type.clone());
    seen.cash_fee = Some(payment.cash_fee);
    seen.coupon_fee = payment.coupon_fee;
    seen.settlement_total = payment.settlement_total_fee;
    seen.time_end = Some(payment.time_end);
    seen
}

/// An order was made. That tells what the front end pays with, and, by the checked reply, that it is unpaid.
pub(crate) fn ordered(
    merchant: &Merchant,
    number: &OutTradeNo,
    done: &Done<api::unified_order::Reply>,
) -> Learned {
    let mut seen = seen(merchant, number.clone(), Source::Query, OrderState::Unpaid, done.at);
    seen.prepay_id = Some(done.reply.prepay_id.clone());
    seen.code_url = done.reply.code_url.clone();
    seen.mweb_url = done.reply.mweb_url.clone();
    Learned { payment: Some(seen), ..Learned::default() }
}

/// A scanned payment went through.
pub(crate) fn scanned(merchant: &Merchant, done: &Done<api::micropay::Reply>) -> Learned {
    let payment = &done.reply.payment;
    let state = OrderState::Paid;
    let seen = seen(merchant, payment.out_trade_no.clone(), Source::Query, state, done.at);
    Learned { payment: Some(paid(seen, payment)), ..Learned::default() }
}

/// A query was answered. `asked` fills in the number where only WeChat Pay's was asked for and given back.
pub(crate) fn queried(
    merchant: &Merchant,
    reply: &api::order_query::Reply,
    asked: Option<&OutTradeNo>,
    at: Timestamp,
) -> Option<PaymentObservation> {
    let number = reply.out_trade_no.clone().or_else(|| asked.cloned())?;
    let mut seen = seen(merchant, number, Source::Query, reply.state, at);
    seen.transaction_id = reply.transaction_id.clone();
    seen.attach = reply.attach.clone();
    Some(match &reply.payment {
        Some(payment) => paid(seen, payment),
        None => seen,
    })
}

pub(crate) fn closed(merchant: &Merchant, number: &OutTradeNo, at: Timestamp) -> Learned {
    let seen = seen(merchant, number.clone(), Source::Query, OrderState::Closed, at);
    Learned { payment: Some(seen), ..Learned::default() }
}

pub(crate) fn reversed(
    merchant: &Merchant,
    number: &OutTradeNo,
    done: &Done<api::reverse::Reply>,
) -> Learned {
    if done.reply.recall {
        return Learned { call_again: true, ..Learned::default() };
    }
    let seen = seen(merchant, number.clone(), Source::Query, OrderState::Revoked, done.at);
    Learned { payment: Some(seen), ..Learned::default() }
}

fn refund_seen(
    merchant: &Merchant,
    numbers: (domain::OutRefundNo, OutTradeNo),
    source: Source,
    what: (RefundState, domain::Fen),
    at: Timestamp,
) -> RefundObservation {
    RefundObservation::new((&merchant.name, merchant.mch_id.clone()), numbers, source, what, at)
}

/// A refund was accepted: the money is on its way.
pub(crate) fn refunded(merchant: &Merchant, done: &Done<api::refund::Reply>) -> Learned {
    let reply = &done.reply;
    let numbers = (reply.out_refund_no.clone(), reply.out_trade_no.clone());
    let what = (RefundState::Processing, reply.refund_fee);
    let mut seen = refund_seen(merchant, numbers, Source::Query, what, done.at);
    seen.currency = reply.fee_type.clone();
    seen.refund_id = Some(reply.refund_id.clone());
    seen.transaction_id = Some(reply.transaction_id.clone());
    seen.total = Some(reply.total_fee);
    seen.settlement_amount = reply.settlement_refund_fee;
    seen.channel = reply.refund_channel.clone();
    Learned { refunds: vec![seen], ..Learned::default() }
}

pub(crate) fn refunds_queried(
    merchant: &Merchant,
    reply: &api::refund_query::Reply,
    at: Timestamp,
) -> Vec<RefundObservation> {
    let one = |record: &api::refund_query::Record| {
        let numbers = (record.out_refund_no.clone(), reply.out_trade_no.clone());
        let mut seen = refund_seen(merchant, numbers, Source::Query, (record.state, record.refund_fee), at);
        seen.currency = reply.fee_type.clone();
        seen.refund_id = Some(record.refund_id.clone());
        seen.transaction_id = Some(reply.transaction_id.clone());
        seen.total = Some(reply.total_fee);
        seen.settlement_amount = record.settlement_refund_fee;
        seen.channel = record.refund_channel.clone();
        seen.recv_account = record.recv_account.clone();
        seen.success_time = record.success_time;
        seen
    };
    reply.refunds.iter().map(one).collect()
}

/// A verified payment notice.
pub(crate) fn noticed(merchant: &Merchant, notice: &PaymentNotice, at: Timestamp) -> PaymentObservation {
    let mut seen = seen(merchant, notice.out_trade_no.clone(), Source::Notice, OrderState::Paid, at);
    seen.total = Some(notice.total_fee);
    seen.currency = Some(notice.fee_type.clone());
    seen.transaction_id = Some(notice.transaction_id.clone());
    seen.appid = Some(notice.appid.clone());
    seen.sub_appid = notice.sub_appid.clone();
    seen.sub_mch_id = notice.sub_mch_id.clone();
    seen.trade_type = api::trade_type_from_wire(&notice.trade_type);
    seen.openid = Some(notice.openid.clone());
    seen.sub_openid = notice.sub_openid.clone();
    seen.attach = notice.attach.clone();
    seen.bank_type = Some(notice.bank_type.clone());
    seen.cash_fee = Some(notice.cash_fee);
    seen.coupon_fee = notice.coupon_fee;
    seen.settlement_total = notice.settlement_total_fee;
    seen.time_end = Some(notice.time_end);
    seen
}

/// A refund notice that opened with the merchant's key.
pub(crate) fn refund_noticed(merchant: &Merchant, notice: &RefundNotice, at: Timestamp) -> RefundObservation {
    let numbers = (notice.out_refund_no.clone(), notice.out_trade_no.clone());
    let mut seen = refund_seen(merchant, numbers, Source::Notice, (notice.state, notice.refund_fee), at);
    seen.refund_id = Some(notice.refund_id.clone());
    seen.transaction_id = Some(notice.transaction_id.clone());
    seen.total = Some(notice.total_fee);
    seen.settlement_amount = notice.settlement_refund_fee;
    seen.recv_account = notice.refund_recv_accout.clone();
    seen.success_time = notice.success_time;
    seen
}

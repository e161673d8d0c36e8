//! `/pay/refundquery`

use crate::api::find_order;
use crate::field_table::{self, Field, Kind, Refusal, may, refuse};
use crate::gate::{Believed, Said};
use crate::message::Message;
use crate::notices::receiver;
use crate::order::{self, RefundStatus, dashed};
use crate::simulator::{Simulator, key};

const FIELDS: &[Field] = &[
    may("transaction_id", 32, Kind::Text),
    may("out_trade_no", 32, Kind::Number { at_sign: true, min: 1 }),
    may("out_refund_no", 64, Kind::Number { at_sign: true, min: 1 }),
    may("refund_id", 32, Kind::Text),
    may("offset", 18, Kind::Count),
    may("device_info", 32, Kind::Text),
];

/// Most refunds in one answer.
const PAGE: usize = 10;

pub(crate) fn answer(simulator: &mut Simulator, asked: &Believed<'_>) -> Result<Said, Refusal> {
    field_table::check(&asked.fields, FIELDS)?;
    let world = &simulator.world;
    let absent = || refuse("REFUNDNOTEXIST", "退款订单查询失败");
    // refund_id wins over out_refund_no, that over transaction_id, that over out_trade_no.
    let one = match (asked.text("refund_id"), asked.text("out_refund_no")) {
        (Some(id), _) => Some(world.refund_ids.get(id).cloned().unwrap_or_default()),
        (None, Some(number)) => Some(key(&asked.merchant.mch_id, number)),
        (None, None) => None,
    };
    let (order_key, keys): (String, Vec<String>) = match one {
        Some(refund_key) => match world.refunds.get(&refund_key) {
            Some(refund) if refund.mch_id == asked.merchant.mch_id => {
                (key(&refund.mch_id, &refund.out_trade_no), vec![refund_key])
            }
            _ => return absent(),
        },
        None => {
            let order_key = find_order(world, asked, "REFUNDNOTEXIST")?;
            let Some(order) = world.orders.get(&order_key) else { return absent() };
            (order_key, order.refunds.iter().map(|number| key(&order.mch_id, number)).collect())
        }
    };
    let order = world.orders.get(&order_key);
    let Some(order) = order.filter(|order| order.sub_mch_id.as_deref() == asked.text("sub_mch_id")) else {
        return absent();
    };
    if keys.is_empty() {
        return absent();
    }
    let offset = usize::try_from(asked.amount("offset")).unwrap_or(usize::MAX);
    if offset >= keys.len() {
        return refuse("PARAM_ERROR", "参数错误:offset超过退款总笔数");
    }
    let page: Vec<_> = keys.iter().skip(offset).take(PAGE).filter_map(|key| world.refunds.get(key)).collect();
    let count = |len: usize| i64::try_from(len).unwrap_or(i64::MAX);
    let transaction = order.payment.as_ref().map_or("", |payment| &payment.transaction_id);
    let mut message = Message::new()
        .text("transaction_id", transaction)
        .text("out_trade_no", &*order.out_trade_no)
        .number("total_fee", order.total_fee);
    if order.settlement() != order.total_fee {
        message = message.number("settlement_total_fee", order.settlement());
    }
    message = message.text("fee_type", order.fee_type()).number("cash_fee", order.cash());
    if keys.len() > PAGE {
        message = message.number("total_refund_count", count(keys.len()));
    }
    message = message.number("refund_count", count(page.len()));
    for (n, refund) in page.into_iter().enumerate() {
        message = message.append(row(order, refund, n));
    }
    Ok(Said::Yes(message))
}

fn row(order: &order::Order, refund: &order::Refund, n: usize) -> Message {
    let mut row = Message::new()
        .text(format!("out_refund_no_{n}"), &*refund.out_refund_no)
        .text(format!("refund_id_{n}"), &*refund.refund_id)
        .text(format!("refund_channel_{n}"), "ORIGINAL")
        .number(format!("refund_fee_{n}"), refund.fee);
    if refund.settlement() != refund.fee {
        row = row.number(format!("settlement_refund_fee_{n}"), refund.settlement());
    }
    if !refund.coupons.is_empty() {
        row = row
            .number(format!("coupon_refund_fee_{n}"), refund.coupon_fee())
            .number(format!("coupon_refund_count_{n}"), i64::try_from(refund.coupons.len()).unwrap_or(0));
    }
    for (m, part) in refund.coupons.iter().enumerate() {
        row = row
            .text(format!("coupon_type_{n}_{m}"), if part.cash { "CASH" } else { "NO_CASH" })
            .text(format!("coupon_refund_id_{n}_{m}"), &*part.id)
            .number(format!("coupon_refund_fee_{n}_{m}"), part.fee);
    }
    row = row
        .text(format!("refund_status_{n}"), refund.status.as_str())
        .text(format!("refund_account_{n}"), &*refund.account)
        .text(format!("refund_recv_accout_{n}"), receiver(order));
    match refund.finished.filter(|_| refund.status == RefundStatus::Success) {
        Some(at) => row.text(format!("refund_success_time_{n}"), dashed(at)),
        None => row,
    }
}

//! `/secapi/pay/refund`

use crate::api::find_order;
use crate::effects::EffectKind;
use crate::field_table::{self, Field, Kind, Refusal, may, must, refuse};
use crate::gate::{Believed, Said};
use crate::merchant::RECHARGE;
use crate::message::Message;
use crate::order::{self, CouponRefund, Order, RefundStatus, TradeState};
use crate::simulator::{Simulator, Timer, World, key};

const FIELDS: &[Field] = &[
    may("transaction_id", 32, Kind::Text),
    may("out_trade_no", 32, Kind::Number { at_sign: true, min: 1 }),
    must("out_refund_no", 64, Kind::Number { at_sign: true, min: 1 }),
    must("total_fee", 18, Kind::Amount),
    must("refund_fee", 18, Kind::Amount),
    may("refund_fee_type", 8, Kind::Word(&["CNY"])),
    may("refund_desc", 80, Kind::Text),
    may("refund_account", 30, Kind::Word(&[UNSETTLED, RECHARGE])),
    may("notify_url", 256, Kind::Url),
    may("device_info", 32, Kind::Text),
    may("op_user_id", 32, Kind::Text),
];

const UNSETTLED: &str = "REFUND_SOURCE_UNSETTLED_FUNDS";
/// How long after it was paid an order can be refunded.
const REFUNDABLE_MS: i64 = 365 * 24 * 3_600_000;
/// Most refunds of one order.
const MOST_REFUNDS: usize = 50;

pub(crate) fn answer(simulator: &mut Simulator, asked: &Believed<'_>) -> Result<Said, Refusal> {
    field_table::check(&asked.fields, FIELDS)?;
    let now = asked.now;
    let order_key = find_order(&simulator.world, asked, "ORDERNOTEXIST")?;
    let world = &mut simulator.world;
    let Some(order) = world.orders.get(&order_key).cloned() else {
        return refuse("ORDERNOTEXIST", "订单不存在");
    };
    let number = asked.text("out_refund_no").unwrap_or_default().to_owned();
    let refund_key = key(&order.mch_id, &number);
    let (total, fee) = (asked.amount("total_fee"), asked.amount("refund_fee"));
    if let Some(earlier) = world.refunds.get(&refund_key) {
        if earlier.out_trade_no != order.out_trade_no {
            return refuse("INVALID_REQUEST", "商户退款单号重复，已用于其他订单");
        }
        if earlier.fee != fee || order.total_fee != total {
            return refuse("REFUND_FEE_MISMATCH", "订单金额或退款金额与之前请求不一致，请核实后再试");
        }
        return accepted(world, &order, &refund_key);
    }
    match order.state {
        TradeState::Success | TradeState::Refund => {}
        TradeState::Revoked => return refuse("ERROR", "订单已撤销，不能退款"),
        _ => return refuse("ORDERNOTEXIST", "订单未支付，不能退款"),
    }
    let paid = order.payment.as_ref().map_or(0, |payment| payment.at);
    if now - paid > REFUNDABLE_MS {
        return refuse("TRADE_OVERDUE", "订单已经超过可退款的最大期限（支付完成后一年内可退款）");
    }
    if order.total_fee != total {
        return refuse("INVALID_REQUEST", "订单总金额total_fee与原订单不一致");
    }
    if order.payer_gone {
        return refuse("USER_ACCOUNT_ABNORMAL", "退款请求失败，用户账号已注销");
    }
    let own: Vec<_> =
        order.refunds.iter().filter_map(|number| world.refunds.get(&key(&order.mch_id, number))).collect();
    let sent_back: i64 = own.iter().filter(|refund| refund.counts()).map(|refund| refund.fee).sum();
    if sent_back >= order.total_fee {
        return refuse("ERROR", "订单已全额退款");
    }
    if fee > order.total_fee - sent_back {
        return refuse("ERROR", "累计退款金额大于支付金额");
    }
    if own.len() >= MOST_REFUNDS {
        return refuse("INVALID_REQUEST", "退款次数超过限制，一笔订单最多退款50次");
    }
    let gap = world.config.refund_gap_ms;
    if own.last().is_some_and(|last| now - last.accepted < gap) {
        return refuse("FREQUENCY_LIMITED", "同一笔订单的多次部分退款需间隔1分钟");
    }
    let coupons = coupon_parts(&order, world, fee, sent_back);
    let account = asked.text("refund_account").unwrap_or(UNSETTLED).to_owned();
    let to_card = !matches!(
        order.payment.as_ref().map(|payment| payment.bank_type.as_str()),
        None | Some("OTHERS" | "CFT" | "LQT")
    );
    let mut refund = order::Refund {
        mch_id: order.mch_id.clone(),
        out_trade_no: order.out_trade_no.clone(),
        out_refund_no: number.clone(),
        refund_id: String::new(),
        fee,
        coupons,
        account,
        status: RefundStatus::Processing,
        accepted: now,
        finished: None,
        notify_url: asked.owned("notify_url"),
    };
    let Some(merchant) = world.merchants.get_mut(&order.mch_id) else {
        return refuse("MCHID_NOT_EXIST", "商户号不存在");
    };
    if merchant.available(&refund.account) < refund.settlement() {
        return refuse("NOTENOUGH", "基本账户余额不足，请充值后重新发起");
    }
    merchant.take_from(&refund.account, refund.settlement());
    refund.refund_id = world.new_id("5099", 29);
    let after = if to_card { world.config.card_refund_ms } else { world.config.balance_refund_ms };
    world.record(now, &order.mch_id, EffectKind::RefundAccepted, &number, fee);
    world.set_timer(now.saturating_add(after.max(0)), Timer::Finish(refund_key.clone()));
    world.refund_ids.insert(refund.refund_id.clone(), refund_key.clone());
    world.refunds.insert(refund_key.clone(), refund);
    if let Some(order) = world.orders.get_mut(&order_key) {
        order.refunds.push(number);
        order.state = TradeState::Refund;
    }
    accepted(world, &order, &refund_key)
}

/// How much of each coupon goes back with this refund: its share of all that has gone back by then, rounded down,
/// less what went back of it before. So the parts of a full refund add up exactly.
fn coupon_parts(order: &Order, world: &World, fee: i64, sent_back: i64) -> Vec<CouponRefund> {
    let mut left = fee;
    let mut parts = Vec::new();
    for coupon in order.coupons() {
        let before: i64 = order
            .refunds
            .iter()
            .filter_map(|number| world.refunds.get(&key(&order.mch_id, number)))
            .filter(|refund| refund.counts())
            .flat_map(|refund| &refund.coupons)
            .filter(|part| part.id == coupon.id)
            .map(|part| part.fee)
            .sum();
        let wide = i128::from(coupon.fee) * i128::from(sent_back + fee) / i128::from(order.total_fee.max(1));
        let share = (i64::try_from(wide).unwrap_or(0) - before).clamp(0, left);
        left -= share;
        if share > 0 {
            parts.push(CouponRefund { id: coupon.id.clone(), cash: coupon.cash, fee: share });
        }
    }
    parts
}

fn accepted(world: &World, order: &Order, refund_key: &str) -> Result<Said, Refusal> {
    let Some(refund) = world.refunds.get(refund_key) else { return refuse("SYSTEMERROR", "系统异常") };
    let transaction = order.payment.as_ref().map_or("", |payment| &payment.transaction_id);
    let mut message = Message::new()
        .text("transaction_id", transaction)
        .text("out_trade_no", &*order.out_trade_no)
        .text("out_refund_no", &*refund.out_refund_no)
        .text("refund_id", &*refund.refund_id)
        .text("refund_channel", "")
        .number("refund_fee", refund.fee);
    if refund.settlement() != refund.fee {
        message = message.number("settlement_refund_fee", refund.settlement());
    }
    message = message.number("total_fee", order.total_fee);
    if order.settlement() != order.total_fee {
        message = message.number("settlement_total_fee", order.settlement());
    }
    message = message
        .text("fee_type", order.fee_type())
        .number("cash_fee", order.cash())
        .number("cash_refund_fee", refund.fee - refund.coupon_fee())
        .number("coupon_refund_fee", refund.coupon_fee())
        .number("coupon_refund_count", i64::try_from(refund.coupons.len()).unwrap_or(0));
    for (index, part) in refund.coupons.iter().enumerate() {
        message = message
            .text(format!("coupon_type_{index}"), if part.cash { "CASH" } else { "NO_CASH" })
            .text(format!("coupon_refund_id_{index}"), &*part.id)
            .number(format!("coupon_refund_fee_{index}"), part.fee);
    }
    Ok(Said::Yes(message))
}

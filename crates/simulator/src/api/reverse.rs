//! `/secapi/pay/reverse`

use crate::api::find_order;
use crate::effects::EffectKind;
use crate::field_table::{self, Field, Kind, Refusal, may, refuse};
use crate::gate::{Believed, Said};
use crate::message::Message;
use crate::order::TradeState;
use crate::simulator::{Simulator, key};

const FIELDS: &[Field] =
    &[may("transaction_id", 32, Kind::Text), may("out_trade_no", 32, Kind::Number { at_sign: true, min: 1 })];

/// How long after it was made a micropay order can be reversed.
const REVERSIBLE_MS: i64 = 7 * 24 * 3_600_000;

pub(crate) fn answer(simulator: &mut Simulator, asked: &Believed<'_>) -> Result<Said, Refusal> {
    field_table::check(&asked.fields, FIELDS)?;
    let done = || Ok(Said::Yes(Message::new().text("recall", "N")));
    let found = match find_order(&simulator.world, asked, "ORDERNOTEXIST") {
        Ok(found) => found,
        // Nothing to reverse is reversed already, and stays so for a request that is still under way.
        Err(refusal) if refusal.code == "ORDERNOTEXIST" => {
            if let Some(number) = asked.text("out_trade_no") {
                simulator.world.reversed.insert(key(&asked.merchant.mch_id, number));
            }
            return done();
        }
        Err(refusal) => return Err(refusal),
    };
    let Some(order) = simulator.world.orders.get_mut(&found) else { return done() };
    if !order.is_micropay() {
        return refuse("INVALID_REQUEST", "只有付款码支付的订单可以撤销，其他订单请使用退款");
    }
    if order.state == TradeState::Revoked {
        return done();
    }
    if asked.now - order.made > REVERSIBLE_MS {
        return refuse("REVERSE_EXPIRE", "订单无法撤销，已超过7天，请使用退款");
    }
    if order.state == TradeState::Refund {
        return refuse("TRADE_ERROR", "订单已发生退款，不能撤销");
    }
    let back = if order.state.was_paid() { order.total_fee } else { 0 };
    let settlement = if order.state.was_paid() { order.settlement() } else { 0 };
    order.state = TradeState::Revoked;
    let number = order.out_trade_no.clone();
    if let Some(merchant) = simulator.world.merchants.get_mut(&asked.merchant.mch_id) {
        merchant.take_from("", settlement);
    }
    simulator.world.record(asked.now, &asked.merchant.mch_id, EffectKind::Revoked, &number, back);
    done()
}

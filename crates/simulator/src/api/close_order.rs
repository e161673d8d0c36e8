//! `/pay/closeorder`

use crate::api::find_order;
use crate::effects::EffectKind;
use crate::field_table::{self, Field, Kind, Refusal, must, refuse};
use crate::gate::{Believed, Said};
use crate::message::Message;
use crate::order::TradeState;
use crate::simulator::Simulator;

const FIELDS: &[Field] = &[must("out_trade_no", 32, Kind::Number { at_sign: true, min: 1 })];

pub(crate) fn answer(simulator: &mut Simulator, asked: &Believed<'_>) -> Result<Said, Refusal> {
    field_table::check(&asked.fields, FIELDS)?;
    let least = simulator.world.config.close_min_age_ms;
    let key = find_order(&simulator.world, asked, "ORDERNOTEXIST")?;
    let Some(order) = simulator.world.orders.get_mut(&key) else {
        return refuse("ORDERNOTEXIST", "订单不存在");
    };
    match order.state {
        _ if order.is_micropay() => return refuse("TRADE_STATE_ERROR", "付款码订单请使用撤销接口"),
        TradeState::Success | TradeState::Refund => return refuse("ORDERPAID", "该订单已支付，不能关闭"),
        TradeState::Closed | TradeState::Revoked => return refuse("ORDERCLOSED", "订单已关闭"),
        _ if asked.now - order.made < least => {
            return refuse("TRADE_STATE_ERROR", "订单生成后不能马上调用关单接口，最短调用时间间隔为5分钟");
        }
        _ => order.state = TradeState::Closed,
    }
    let (mch_id, number) = (order.mch_id.clone(), order.out_trade_no.clone());
    simulator.world.record(asked.now, &mch_id, EffectKind::Closed, &number, 0);
    Ok(Said::Yes(Message::new().text("result_msg", "OK")))
}

//! `/pay/orderquery`

use crate::api::find_order;
use crate::field_table::{self, Field, Kind, Refusal, may, refuse};
use crate::gate::{Believed, Said};
use crate::message::Message;
use crate::notices::payment_fields;
use crate::order::Order;
use crate::simulator::Simulator;

const FIELDS: &[Field] = &[
    may("transaction_id", 32, Kind::Text),
    may("out_trade_no", 32, Kind::Number { at_sign: true, min: 1 }),
    may("version", 32, Kind::Word(&["1.0"])),
];

pub(crate) fn answer(simulator: &mut Simulator, asked: &Believed<'_>) -> Result<Said, Refusal> {
    field_table::check(&asked.fields, FIELDS)?;
    let key = find_order(&simulator.world, asked, "ORDERNOTEXIST")?;
    match simulator.world.orders.get(&key) {
        Some(order) => Ok(Said::Yes(state(order))),
        None => refuse("ORDERNOTEXIST", "订单不存在"),
    }
}

/// All that was paid, or, of an order that was not, its number and attach and why.
pub(crate) fn state(order: &Order) -> Message {
    let sentence = order.trouble.as_deref().filter(|_| !order.state.was_paid());
    let message = if order.state.was_paid() {
        payment_fields(order, 0)
    } else {
        Message::new().text("out_trade_no", &*order.out_trade_no).maybe("attach", order.param("attach"))
    };
    message
        .text("trade_state", order.state.as_str())
        .text("trade_state_desc", sentence.unwrap_or(order.state.sentence()))
}

//! One file per operation: its table of fields, and what it does.

pub(crate) mod close_order;
pub(crate) mod micropay;
pub(crate) mod order_query;
pub(crate) mod refund;
pub(crate) mod refund_query;
pub(crate) mod reverse;
pub(crate) mod sandbox;
pub(crate) mod unified_order;

use crate::field_table::{Refusal, refuse};
use crate::gate::Believed;
use crate::simulator::{World, key};
use wxpay::Fields;

/// Fields that differ from one sending of the same request to the next.
const PASSING: [&str; 4] = ["nonce_str", "sign", "sign_type", "spbill_create_ip"];

/// What a request says, without what changes each time and sorted, to tell a repetition from another request.
pub(crate) fn lasting(fields: &Fields<'_>) -> Vec<(String, String)> {
    let lasting = fields.sorted().filter(|(name, value)| !PASSING.contains(name) && !value.is_empty());
    lasting.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The key of the order a request names by `transaction_id`, which wins, or by `out_trade_no`.
///
/// # Errors
/// `absent` where there is none of this merchant (and sub-merchant); INVALID_TRANSACTIONID for a
/// `transaction_id` that is no number at all.
pub(crate) fn find_order(
    world: &World,
    asked: &Believed<'_>,
    absent: &'static str,
) -> Result<String, Refusal> {
    let found = match (asked.text("transaction_id"), asked.text("out_trade_no")) {
        (Some(id), _) => {
            if !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return refuse("INVALID_TRANSACTIONID", "无效transaction_id");
            }
            world.transactions.get(id).cloned()
        }
        (None, Some(number)) => Some(key(&asked.merchant.mch_id, number)),
        (None, None) => return refuse("LACK_PARAMS", "缺少参数:transaction_id与out_trade_no二选一"),
    };
    let own = found.filter(|key| {
        world.orders.get(key).is_some_and(|order| {
            order.mch_id == asked.merchant.mch_id && order.sub_mch_id.as_deref() == asked.text("sub_mch_id")
        })
    });
    match own {
        Some(key) => Ok(key),
        None if absent == "REFUNDNOTEXIST" => refuse(absent, "退款订单查询失败"),
        None => refuse(absent, "订单不存在"),
    }
}

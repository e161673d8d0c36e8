//! The official sandbox of today, `/xdc/apiv2sandbox/`, and both ways to its key.
//!
//! Only micropay and orderquery, told by the amount what to play, and by a header what to go wrong.

use crate::api::lasting;
use crate::api::micropay::is_code;
use crate::api::order_query::state;
use crate::api::unified_order::PAYER;
use crate::field_table::{self, Field, Kind, Refusal, may, must, refuse};
use crate::gate::{Believed, Call, Said};
use crate::message::{Message, rejection};
use crate::notices::payment_fields;
use crate::order::{Coupon, Order, Payment, TradeState};
use crate::simulator::{Simulator, key};
use wxpay::{SignType, sign, xml};

const MICROPAY: &[Field] = &[
    must("body", 128, Kind::Text),
    must("out_trade_no", 32, Kind::Number { at_sign: false, min: 1 }),
    must("total_fee", 18, Kind::Amount),
    must("spbill_create_ip", 64, Kind::Text),
    must("auth_code", 128, Kind::Text),
];
const QUERY: &[Field] = &[
    may("transaction_id", 32, Kind::Text),
    must("out_trade_no", 32, Kind::Number { at_sign: false, min: 1 }),
];

/// The sandbox key, for whoever signs with the real one. The reply is not signed.
pub(crate) fn sign_key(simulator: &Simulator, call: &Call<'_>) -> String {
    let wrong_key = "获取沙箱密钥失败，确认交易密钥是否正确";
    if call.method != "POST" {
        return rejection("请使用post方法", Some("REQUIRE_POST_METHOD"));
    }
    let Ok(fields) = xml::read(call.body) else { return rejection("XML格式错误", None) };
    let merchant = fields.text("mch_id").and_then(|mch_id| simulator.world.merchants.get(mch_id));
    let Some(merchant) = merchant else { return rejection("商户号非法", None) };
    if fields.text("nonce_str").is_none() {
        return rejection("缺少参数nonce_str", None);
    }
    if sign::verify(&fields, &merchant.key(), sign::Expect::Exactly(SignType::Md5)).is_err() {
        return rejection(wrong_key, None);
    }
    Message::new()
        .text("return_code", "SUCCESS")
        .text("return_msg", "ok")
        .text("mch_id", &*merchant.mch_id)
        .text("sandbox_signkey", merchant.sandbox_key())
        .into_xml("xml")
}

/// The orders of the sandbox are a world of their own: their key cannot be one of a real order.
fn sandbox_key(asked: &Believed<'_>) -> String {
    key(&format!("sandbox {}", asked.merchant.mch_id), asked.text("out_trade_no").unwrap_or_default())
}

pub(crate) fn micropay(simulator: &mut Simulator, asked: &Believed<'_>) -> Result<Said, Refusal> {
    field_table::check(&asked.fields, MICROPAY)?;
    if !is_code(asked.text("auth_code").unwrap_or_default()) {
        return refuse("AUTH_CODE_ERROR", "付款码格式错误");
    }
    let total_fee = asked.amount("total_fee");
    let coupon = |id: &str, cash: bool, fee: i64| Coupon { id: id.into(), cash, fee };
    let coupons = match total_fee {
        1 => vec![],
        2 => vec![coupon("1000001", true, 1)],
        3 => vec![coupon("1000001", true, 1), coupon("1000002", false, 2)],
        other => {
            return refuse("PARAM_ERROR", format!("沙箱支付金额({other})无效，请检查需要验收的case"));
        }
    };
    let key = sandbox_key(asked);
    let (state, silent) = match asked.negative_test {
        Some("MICROPAY_USERPAYING") => (TradeState::UserPaying, false),
        Some("MICROPAY_TIMEOUT" | "MICROPAY_PAY_QUERY_TIMEOUT") => (TradeState::Success, true),
        Some("MICROPAY_PAYERROR") => (TradeState::PayError, true),
        _ => (TradeState::Success, false),
    };
    let transaction_id = simulator.world.new_id("4299", 28);
    let payment = (state == TradeState::Success).then(|| Payment {
        transaction_id,
        openid: PAYER.into(),
        bank_type: "OTHERS".into(),
        coupons,
        at: asked.now,
    });
    let order = Order {
        mch_id: asked.merchant.mch_id.clone(),
        appid: asked.text("appid").unwrap_or_default().to_owned(),
        sub_mch_id: None,
        sub_appid: None,
        out_trade_no: asked.text("out_trade_no").unwrap_or_default().to_owned(),
        trade_type: "MICROPAY".into(),
        params: lasting(&asked.fields),
        total_fee,
        hmac: asked.sign_type == SignType::HmacSha256,
        state,
        made: asked.now,
        expires: i64::MAX,
        prepay_id: String::new(),
        prepay_made: 0,
        payment,
        refunds: Vec::new(),
        payer: PAYER.into(),
        payer_gone: false,
        sandbox: true,
        trouble: None,
    };
    let order = simulator.world.orders.entry(key).or_insert(order);
    if silent {
        Ok(Said::Nothing)
    } else if order.state == TradeState::UserPaying {
        refuse("USERPAYING", "需要用户输入支付密码")
    } else {
        Ok(Said::Yes(payment_fields(order, 0)))
    }
}

pub(crate) fn order_query(simulator: &mut Simulator, asked: &Believed<'_>) -> Result<Said, Refusal> {
    field_table::check(&asked.fields, QUERY)?;
    if asked.negative_test == Some("MICROPAY_PAY_QUERY_TIMEOUT") {
        return Ok(Said::Nothing);
    }
    let Some(order) = simulator.world.orders.get(&sandbox_key(asked)) else {
        return refuse("ORDERNOTEXIST", "订单不存在");
    };
    let message = state(order);
    // The sandbox computes this signature without the zero it prints.
    if message.get("cash_fee") == Some("0") {
        Ok(Said::YesSignedWithout(message, "cash_fee"))
    } else {
        Ok(Said::Yes(message))
    }
}

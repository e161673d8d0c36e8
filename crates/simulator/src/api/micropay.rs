//! `/pay/micropay`

use crate::api::lasting;
use crate::api::unified_order::end_of_life;
use crate::customer::PayWith;
use crate::effects::EffectKind;
use crate::field_table::{self, Field, Kind, Refusal, may, must, refuse};
use crate::gate::{Believed, Said};
use crate::notices::payment_fields;
use crate::order::{CodeKind, Order, TradeState};
use crate::simulator::{Simulator, Timer, key};
use wxpay::SignType;

const FIELDS: &[Field] = &[
    may("version", 32, Kind::Word(&["1.0"])),
    may("profit_sharing", 1, Kind::Word(&["Y", "N"])),
    may("deposit", 1, Kind::Word(&["Y", "N"])),
    may("device_info", 32, Kind::Text),
    must("body", 128, Kind::Text),
    may("detail", 6000, Kind::Json),
    may("attach", 127, Kind::Text),
    must("out_trade_no", 32, Kind::Number { at_sign: false, min: 6 }),
    must("total_fee", 18, Kind::Amount),
    may("fee_type", 16, Kind::Word(&["CNY"])),
    must("spbill_create_ip", 64, Kind::Text),
    may("goods_tag", 32, Kind::Text),
    may("limit_pay", 32, Kind::Word(&["no_credit"])),
    may("time_start", 14, Kind::Time),
    may("time_expire", 14, Kind::Time),
    may("receipt", 8, Kind::Word(&["Y", "N"])),
    must("auth_code", 128, Kind::Text),
    may("scene_info", 256, Kind::Json),
];

/// An unpaid micropay order is given up so long after it was made.
pub(crate) const GIVE_UP_MS: i64 = 45_000;
/// A code in the wallet changes after so long.
const CODE_MS: i64 = 60_000;
/// Above this the password is asked for, in fen.
const PASSWORD_ABOVE_FEN: i64 = 100_000;

pub(crate) fn answer(simulator: &mut Simulator, asked: &Believed<'_>) -> Result<Said, Refusal> {
    field_table::check(&asked.fields, FIELDS)?;
    if asked.merchant.not_granted.iter().any(|kind| kind == "MICROPAY") {
        return refuse("NOAUTH", "商户无权限，未开通付款码支付");
    }
    let code = asked.text("auth_code").unwrap_or_default().to_owned();
    if !is_code(&code) {
        return refuse("AUTH_CODE_ERROR", "付款码格式错误，请扫描微信支付付款码");
    }
    let number = asked.text("out_trade_no").unwrap_or_default().to_owned();
    let order_key = key(&asked.merchant.mch_id, &number);
    let known = simulator.world.codes.get(&code).cloned();
    let payer = match known.as_ref().map(|code| code.kind) {
        Some(CodeKind::SomeoneElses) => "oSimulatedPayer0000000000002",
        _ => crate::api::unified_order::PAYER,
    };
    let params = lasting(&asked.fields);
    if let Some(order) = simulator.world.orders.get(&order_key) {
        let same = order.params == params;
        return match order.state {
            _ if !order.is_micropay() => refuse("OUT_TRADE_NO_USED", "商户订单号重复"),
            TradeState::Success | TradeState::Refund => refuse("ORDERPAID", "该订单已支付"),
            TradeState::Revoked => refuse("ORDERREVERSED", "订单已撤销，请更换商户订单号重新支付"),
            TradeState::Closed => refuse("ORDERCLOSED", "订单已关闭"),
            _ if order.payer != payer => refuse("BUYER_MISMATCH", "支付帐号错误，同一笔订单支付人不一致"),
            _ if !same => refuse("OUT_TRADE_NO_USED", "商户订单号重复，更换付款码请更换商户订单号"),
            TradeState::UserPaying => refuse("USERPAYING", "需要用户输入支付密码"),
            _ => refuse("TRADE_ERROR", "支付失败，请更换商户订单号重新支付"),
        };
    }
    if simulator.world.reversed.contains(&order_key) {
        return refuse("ORDERREVERSED", "订单已撤销，请更换商户订单号重新支付");
    }
    let Some(shown) = known else {
        return refuse("AUTH_CODE_INVALID", "付款码无效，请扫描微信支付付款码");
    };
    if shown.used_for.is_some() {
        return refuse("AUTH_CODE_ERROR", "付款码已使用过，请用户刷新后重新扫码");
    }
    if shown.kind == CodeKind::Expired || asked.now - shown.shown >= CODE_MS {
        return refuse("AUTHCODEEXPIRE", "二维码已过期，请用户在微信上刷新后再试");
    }
    let now = asked.now;
    let total_fee = asked.amount("total_fee");
    let order = Order {
        mch_id: asked.merchant.mch_id.clone(),
        appid: asked.text("appid").unwrap_or_default().to_owned(),
        sub_mch_id: asked.owned("sub_mch_id"),
        sub_appid: asked.owned("sub_appid"),
        out_trade_no: number.clone(),
        trade_type: "MICROPAY".into(),
        params,
        total_fee,
        hmac: asked.sign_type == SignType::HmacSha256,
        state: TradeState::NotPay,
        made: now,
        expires: end_of_life(asked, now)?,
        prepay_id: String::new(),
        prepay_made: 0,
        payment: None,
        refunds: Vec::new(),
        payer: payer.into(),
        payer_gone: false,
        sandbox: false,
        trouble: None,
    };
    let world = &mut simulator.world;
    if let Some(code) = world.codes.get_mut(&code) {
        code.used_for = Some(order_key.clone());
    }
    world.record(now, &order.mch_id, EffectKind::OrderMade, &number, total_fee);
    world.set_timer(now + GIVE_UP_MS, Timer::GiveUp(order_key.clone()));
    world.orders.insert(order_key.clone(), order);
    let trouble = |world: &mut crate::simulator::World, text: &str| {
        if let Some(order) = world.orders.get_mut(&order_key) {
            order.trouble = Some(text.to_owned());
        }
    };
    match shown.kind {
        CodeKind::Poor => {
            trouble(world, "用户帐号余额不足");
            return refuse("NOTENOUGH", "用户帐号余额不足，请用户更换银行卡支付");
        }
        CodeKind::CardNotAllowed => {
            trouble(world, "不支持卡类型");
            return refuse("NOTSUPORTCARD", "不支持卡类型，请用户更换银行卡支付");
        }
        kind if kind == CodeKind::NeedsPassword || total_fee > PASSWORD_ABOVE_FEN => {
            if let Some(order) = world.orders.get_mut(&order_key) {
                order.state = TradeState::UserPaying;
            }
            return refuse("USERPAYING", "需要用户输入支付密码");
        }
        _ => {}
    }
    simulator.take_payment(&order_key, PayWith::default(), now);
    match simulator.world.orders.get(&order_key) {
        Some(order) => Ok(Said::Yes(payment_fields(order, 0))),
        None => refuse("SYSTEMERROR", "系统异常"),
    }
}

/// 18 digits, the first two 10 to 15.
pub(crate) fn is_code(code: &str) -> bool {
    let bytes = code.as_bytes();
    bytes.len() == 18
        && bytes.iter().all(u8::is_ascii_digit)
        && bytes[0] == b'1'
        && (b'0'..=b'5').contains(&bytes[1])
}

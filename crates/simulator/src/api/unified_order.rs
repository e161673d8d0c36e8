//! `/pay/unifiedorder`

use crate::api::lasting;
use crate::effects::EffectKind;
use crate::field_table::{self, Field, Kind, Refusal, may, must, refuse};
use crate::gate::{Believed, Said};
use crate::message::Message;
use crate::order::{Order, TradeState, compact};
use crate::simulator::{Simulator, Timer, key};
use domain::CivilTime;
use wxpay::SignType;

const FIELDS: &[Field] = &[
    may("device_info", 32, Kind::Text),
    may("version", 32, Kind::Word(&["1.0"])),
    must("body", 128, Kind::Text),
    may("detail", 6000, Kind::Json),
    may("attach", 127, Kind::Text),
    must("out_trade_no", 32, Kind::Number { at_sign: false, min: 6 }),
    may("fee_type", 16, Kind::Word(&["CNY"])),
    must("total_fee", 18, Kind::Amount),
    must("spbill_create_ip", 64, Kind::Text),
    may("time_start", 14, Kind::Time),
    may("time_expire", 14, Kind::Time),
    may("goods_tag", 32, Kind::Text),
    must("notify_url", 256, Kind::Url),
    must("trade_type", 16, Kind::Word(&["JSAPI", "NATIVE", "APP", "MWEB"])),
    may("product_id", 32, Kind::Text),
    may("limit_pay", 32, Kind::Word(&["no_credit"])),
    may("openid", 128, Kind::Text),
    may("sub_openid", 128, Kind::Text),
    may("receipt", 8, Kind::Word(&["Y", "N"])),
    may("profit_sharing", 16, Kind::Word(&["Y", "N"])),
    may("scene_info", 256, Kind::Json),
    may("user_type", 32, Kind::Text),
    may("user_creid", 32, Kind::Text),
    may("user_truename", 64, Kind::Text),
];

/// How long a prepay_id is good for.
pub(crate) const PREPAY_MS: i64 = 2 * 3_600_000;
/// How long an unpaid order lives that names no end.
const LIFE_MS: i64 = 7 * 24 * 3_600_000;
/// Least time from the order's beginning to its end.
const LEAST_LIFE_MS: i64 = 60_000;

/// Who pays where the request does not say: the payer behind the QR code, the app or the browser.
pub(crate) const PAYER: &str = "oSimulatedPayer0000000000001";

pub(crate) fn answer(simulator: &mut Simulator, asked: &Believed<'_>) -> Result<Said, Refusal> {
    field_table::check(&asked.fields, FIELDS)?;
    let trade_type = asked.text("trade_type").unwrap_or_default();
    if asked.merchant.not_granted.iter().any(|kind| kind == trade_type) {
        return refuse("NOAUTH", "商户无此接口权限");
    }
    let payer = match (asked.text("openid"), asked.text("sub_openid")) {
        (Some(_), Some(_)) if trade_type == "JSAPI" => {
            return refuse("PARAM_ERROR", "参数错误:openid与sub_openid只能传一个");
        }
        (None, Some(_)) if asked.text("sub_appid").is_none() => {
            return refuse("LACK_PARAMS", "传sub_openid时缺少参数sub_appid");
        }
        (Some(openid), _) | (None, Some(openid)) => openid.to_owned(),
        (None, None) if trade_type == "JSAPI" => return refuse("LACK_PARAMS", "JSAPI支付必须传openid"),
        (None, None) => PAYER.to_owned(),
    };
    if trade_type == "NATIVE" && asked.text("product_id").is_none() {
        return refuse("LACK_PARAMS", "缺少参数product_id");
    }
    if trade_type == "MWEB" && !has_h5_info(asked.text("scene_info")) {
        return refuse("LACK_PARAMS", "缺少参数scene_info.h5_info");
    }
    let now = asked.now;
    let number = asked.text("out_trade_no").unwrap_or_default().to_owned();
    let order_key = key(&asked.merchant.mch_id, &number);
    let params = lasting(&asked.fields);
    if let Some(order) = simulator.world.orders.get(&order_key) {
        let same = order.params == params && order.sub_mch_id.as_deref() == asked.text("sub_mch_id");
        match order.state {
            _ if order.is_micropay() => return refuse("OUT_TRADE_NO_USED", "商户订单号重复"),
            TradeState::Success | TradeState::Refund if same => return refuse("ORDERPAID", "该订单已支付"),
            TradeState::Success | TradeState::Refund => return refuse("OUT_TRADE_NO_USED", "商户订单号重复"),
            TradeState::Closed | TradeState::Revoked => return refuse("ORDERCLOSED", "该订单已关闭"),
            _ if !same => {
                return refuse("INVALID_REQUEST", "201 商户订单号重复，重入时参数必须与原请求一致");
            }
            _ => {}
        }
    } else {
        let expires = end_of_life(asked, now)?;
        let order = Order {
            mch_id: asked.merchant.mch_id.clone(),
            appid: asked.text("appid").unwrap_or_default().to_owned(),
            sub_mch_id: asked.owned("sub_mch_id"),
            sub_appid: asked.owned("sub_appid"),
            out_trade_no: number.clone(),
            trade_type: trade_type.to_owned(),
            params,
            total_fee: asked.amount("total_fee"),
            hmac: asked.sign_type == SignType::HmacSha256,
            state: TradeState::NotPay,
            made: now,
            expires,
            prepay_id: String::new(),
            prepay_made: 0,
            payment: None,
            refunds: Vec::new(),
            payer,
            payer_gone: false,
            sandbox: false,
            trouble: None,
        };
        let world = &mut simulator.world;
        world.record(now, &order.mch_id, EffectKind::OrderMade, &number, order.total_fee);
        world.set_timer(expires, Timer::Expire(order_key.clone()));
        world.orders.insert(order_key.clone(), order);
    }
    let fresh = format!("wx{}{}", compact(now), simulator.world.rng.hex(20));
    let Some(order) = simulator.world.orders.get_mut(&order_key) else {
        return refuse("SYSTEMERROR", "系统异常");
    };
    if order.prepay_id.is_empty() || now - order.prepay_made >= PREPAY_MS {
        order.prepay_id = fresh;
        order.prepay_made = now;
    }
    let short = order.prepay_id.get(order.prepay_id.len().saturating_sub(9)..).unwrap_or_default();
    let message = Message::new().text("prepay_id", &*order.prepay_id).text("trade_type", trade_type);
    Ok(Said::Yes(match trade_type {
        "NATIVE" => message.text("code_url", format!("weixin://wxpay/bizpayurl?pr={short}")),
        "MWEB" => message.text(
            "mweb_url",
            format!(
                "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={}&package={}",
                order.prepay_id,
                order.made.rem_euclid(10_000_000_000)
            ),
        ),
        _ => message,
    }))
}

fn has_h5_info(scene_info: Option<&str>) -> bool {
    let value = scene_info.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    value.is_some_and(|value| {
        let kind = value.get("h5_info").and_then(|info| info.get("type")).and_then(|kind| kind.as_str());
        matches!(kind, Some("Wap" | "IOS" | "Android"))
    })
}

/// When an order that is never paid ends.
pub(crate) fn end_of_life(asked: &Believed<'_>, now: i64) -> Result<i64, Refusal> {
    let moment = |name| asked.text(name).and_then(|text| CivilTime::parse_compact(text).ok());
    let start = moment("time_start").map_or(now, |time| time.timestamp().millis());
    match moment("time_expire").map(|time| time.timestamp().millis()) {
        None => Ok(now.saturating_add(LIFE_MS)),
        Some(end) if end - start <= LEAST_LIFE_MS => {
            refuse("PARAM_ERROR", "参数错误:time_expire与time_start的间隔必须大于1分钟")
        }
        Some(end) if end <= now => refuse("PARAM_ERROR", "参数错误:time_expire时间过短，不能早于当前时间"),
        Some(end) => Ok(end),
    }
}

//! Which documented message it is, also where names in it are misspelt.

use super::near::fold;
use crate::reading::{Reading, Special};
use wxpay::Fields;
use wxpay::api::fields as doc;
use wxpay::api::fields::MessageDoc;
use wxpay::notice::inspect::Recognised;

/// The documented message that this is; `None` where it cannot be told, or is none.
#[must_use]
pub fn message_of(reading: &Reading, recognised: Recognised) -> Option<&'static MessageDoc> {
    match reading.special {
        Some(Special::V3Notice) => return None,
        Some(Special::Jssdk) => return Some(&doc::WX_CONFIG),
        None => {}
    }
    match recognised {
        Recognised::PaymentNotice => Some(&doc::PAYMENT_NOTICE),
        Recognised::RefundNotice => Some(&doc::REFUND_NOTICE),
        Recognised::RefundContent => Some(&doc::REFUND_CONTENT),
        Recognised::NativeCallback => Some(&doc::NATIVE_CALLBACK),
        Recognised::ApiReply => Some(reply(&reading.fields)),
        Recognised::OrderRequest
        | Recognised::PayParamsJsapi
        | Recognised::PayParamsApp
        | Recognised::Other => sent(reading, recognised),
    }
}

fn reply(fields: &Fields<'_>) -> &'static MessageDoc {
    let has = |name: &str| fields.text(name).is_some();
    match () {
        () if fields.text("result_code") == Some("FAIL") => &doc::ANY_REPLY,
        () if has("trade_state") => &doc::ORDER_QUERY_REPLY,
        () if has("prepay_id") => &doc::UNIFIED_ORDER_REPLY,
        () if has("refund_count") || has("refund_status_0") => &doc::REFUND_QUERY_REPLY,
        () if has("refund_id") => &doc::REFUND_REPLY,
        () if has("recall") => &doc::REVERSE_REPLY,
        () if has("time_end") => &doc::MICROPAY_REPLY,
        () if has("result_msg") => &doc::CLOSE_ORDER_REPLY,
        () => &doc::ANY_REPLY,
    }
}

/// What a merchant or a front end sends, by its names whatever their spelling.
fn sent(reading: &Reading, recognised: Recognised) -> Option<&'static MessageDoc> {
    let expressions = reading.expressions.iter().map(|(name, _)| name.as_str());
    let filled = reading.fields.iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name);
    let names: Vec<String> = filled.chain(expressions).map(fold).collect();
    let has = |name: &str| names.iter().any(|other| other == name);
    let count = |set: &[&str]| set.iter().filter(|name| has(name)).count();
    let order = ["body", "outtradeno", "totalfee", "notifyurl", "tradetype", "spbillcreateip", "openid"];
    if super::V3_NAMES.iter().filter(|name| reading.fields.text(name).is_some()).count() >= 2
        && !has("totalfee")
    {
        return None;
    }
    let app = has("partnerid") || has("prepayid");
    match recognised {
        Recognised::PayParamsApp => Some(&doc::APP_CALL),
        Recognised::PayParamsJsapi if app && !has("paysign") => Some(&doc::APP_CALL),
        Recognised::PayParamsJsapi => Some(&doc::JSAPI_CALL),
        Recognised::OrderRequest if has("authcode") => Some(&doc::MICROPAY),
        Recognised::OrderRequest => Some(&doc::UNIFIED_ORDER),
        _ if has("authcode") && count(&order) >= 2 => Some(&doc::MICROPAY),
        _ if count(&order) >= 3 => Some(&doc::UNIFIED_ORDER),
        _ if has("refundfee") && (has("outrefundno") || has("totalfee")) => Some(&doc::REFUND),
        _ if app && (has("package") || has("noncestr")) => Some(&doc::APP_CALL),
        _ if has("paysign") || (has("package") && (has("noncestr") || has("timestamp"))) => {
            Some(&doc::JSAPI_CALL)
        }
        _ if has("billdate") => Some(&doc::DOWNLOAD_BILL),
        _ if !has("mchid") => None,
        _ if has("outrefundno") || has("refundid") => Some(&doc::REFUND_QUERY),
        // The requests that query, close and reverse an order have the same fields, but for a version.
        _ if has("outtradeno") || has("transactionid") => Some(&doc::ORDER_QUERY),
        _ => None,
    }
}

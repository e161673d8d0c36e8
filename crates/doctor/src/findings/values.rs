//! Values that are not what their field must hold.

use super::placeholder::is_placeholder;
use super::{Found, Seen, Severity, is_v3_sign_type, near};
use domain::OutTradeNo;
use wxpay::SignType;
use wxpay::api::fields::{FieldDoc, Holds, MessageDoc, Way};

/// An amount of more digits than this is over 99,999,999.99: hardly meant.
const LIKELY_DIGITS: usize = 10;

pub(super) fn add(seen: &Seen<'_>, found: &mut Found) {
    for (name, value) in seen.fields.iter() {
        let field = seen.message.and_then(|message| message.field(name).or_else(|| misspelt(message, name)));
        let ours = seen.way() != Some(Way::Answer);
        if ours && is_placeholder(name, value, field) {
            found.refuse("placeholder_left_in", name, &[("value", &short(value))]);
            continue;
        }
        if let (Some(message), Some(field)) = (seen.message, field) {
            one(message, field, name, value, found);
        }
        if ours && value.chars().any(|letter| letter > '\u{FFFF}') {
            found.warn("four_byte_characters", name, &[]);
        }
    }
    whole(seen, found);
}

/// The documented field that a misspelt name means.
fn misspelt(message: &MessageDoc, name: &str) -> Option<&'static FieldDoc> {
    match near::nearest(message, name)? {
        near::Near::Case(meant) | near::Near::Underscores(meant) | near::Near::Letters(meant, _) => {
            message.field(&meant)
        }
    }
}

/// The beginning of a value, for people to find it by.
pub(super) fn short(value: &str) -> String {
    value.chars().take(40).collect()
}

fn one(message: &MessageDoc, field: &FieldDoc, name: &str, value: &str, found: &mut Found) {
    if value.is_empty() {
        return;
    }
    match field.holds {
        Holds::Fen => amount(message, name, value, found),
        Holds::NotifyUrl => notify_url(name, value, found),
        Holds::AppId => appid(name, value, found),
        Holds::OutTradeNo if message.way == Way::Request => out_trade_no(message, name, value, found),
        Holds::SignType => sign_type(name, value, found),
        Holds::TradeType => trade_type(message, name, value, found),
        Holds::Seconds => seconds(name, value, found),
        Holds::Package if message.name == "jsapi_call" => package(name, value, found),
        Holds::Package if message.name == "app_call" && value != "Sign=WXPay" => {
            found.refuse("package_not_sign_wxpay", name, &[]);
        }
        Holds::Text => too_long(message, field, name, value, found),
        _ => {}
    }
    if field.name == "prepayid" && is_nothing(value) {
        found.refuse("prepay_id_missing", name, &[("value", value)]);
    }
}

/// The limits are documented without a unit. Over the limit in characters it is surely too long, over it in bytes of
/// UTF-8 perhaps.
fn too_long(message: &MessageDoc, field: &FieldDoc, name: &str, value: &str, found: &mut Found) {
    if message.way == Way::Answer || field.max == 0 || value.len() <= field.max {
        return;
    }
    let (max, length) = (field.max.to_string(), value.chars().count());
    if length > field.max {
        found.refuse("value_too_long", name, &[("max", &max), ("length", &length.to_string())]);
    } else {
        found.warn("value_too_long", name, &[("max", &max), ("bytes", &value.len().to_string())]);
    }
}

fn amount(message: &MessageDoc, name: &str, value: &str, found: &mut Found) {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        let number = value.trim().trim_start_matches(['-', '+']);
        let mut letters = number.bytes();
        let numeric = letters.next().is_some_and(|first| first.is_ascii_digit() || first == b'.')
            && letters.all(|byte| {
                byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'e' | b'E' | b'+' | b'-' | b' ')
            });
        // What is no number at all is called impossible, as the engine of the verdict calls it.
        if !numeric {
            found.refuse("amount_impossible", name, &[("value", &short(value))]);
        } else if value.trim().starts_with('-') {
            found.refuse("amount_out_of_range", name, &[("value", &short(value))]);
        } else {
            found.refuse("amount_not_integer_fen", name, &[("value", &short(value))]);
        }
        return;
    }
    let figures = value.trim_start_matches('0');
    let nothing = figures.is_empty() && message.way == Way::Request;
    // More does not fit into 64 bits.
    if nothing || value.parse::<i64>().is_err() {
        found.refuse("amount_out_of_range", name, &[("value", &short(value))]);
    } else if message.way == Way::Request && figures.len() > LIKELY_DIGITS {
        found.warn("amount_out_of_range", name, &[("value", &short(value))]);
    }
}

fn out_trade_no(message: &MessageDoc, name: &str, value: &str, found: &mut Found) {
    let new = matches!(message.name, "unified_order" | "micropay");
    let sound = if new { OutTradeNo::for_new_order(value) } else { OutTradeNo::parse(value) };
    if sound.is_err() {
        let length = value.chars().count().to_string();
        found.refuse("out_trade_no_invalid", name, &[("length", &length), ("value", &short(value))]);
    }
}

/// Ids of WeChat accounts that call payments begin with `wx`, those of a company in WeCom with `ww` or `wx`.
fn appid(name: &str, value: &str, found: &mut Found) {
    if value.starts_with("gh_") {
        found.refuse("appid_of_other_kind", name, &[("kind", "original_id")]);
    } else if value.bytes().all(|byte| byte.is_ascii_digit()) {
        found.refuse("appid_of_other_kind", name, &[("kind", "mch_id")]);
    }
}

fn sign_type(name: &str, value: &str, found: &mut Found) {
    if let Some(meant) = meant_sign_type(value).filter(|_| !is_v3_sign_type(value)) {
        found.refuse("sign_type_unknown", name, &[("value", &short(value)), ("meant", meant)]);
    }
}

/// The digest that a word for none must mean; `None` where it is a word for one.
pub(super) fn meant_sign_type(value: &str) -> Option<&'static str> {
    if SignType::from_wire(value).is_some() {
        return None;
    }
    let bare: String = value.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    Some(if bare.contains("256") || bare.contains("HMAC") { "HMAC-SHA256" } else { "MD5" })
}

/// What unified order takes.
const TRADE_TYPES: [&str; 4] = ["JSAPI", "NATIVE", "APP", "MWEB"];
/// What replies and notices say besides.
const SEEN_TRADE_TYPES: [&str; 3] = ["MICROPAY", "FACEPAY", "PAP"];

fn trade_type(message: &MessageDoc, name: &str, value: &str, found: &mut Found) {
    if TRADE_TYPES.contains(&value) {
        return;
    }
    let bare = near::fold(value);
    let meant =
        TRADE_TYPES.iter().find(|known| known.eq_ignore_ascii_case(&bare)).copied().or(match bare.as_str() {
            "h5" | "wap" | "wxh5" => Some("MWEB"),
            "miniprogram" | "mini" | "wxa" | "js" => Some("JSAPI"),
            "qrcode" | "scan" | "pc" => Some("NATIVE"),
            _ => None,
        });
    let mut params = vec![("value", value)];
    params.extend(meant.map(|meant| ("meant", meant)));
    match message.way {
        Way::Answer if meant.is_none() || SEEN_TRADE_TYPES.contains(&value) => {}
        Way::Answer => found.warn("trade_type_unknown", name, &params),
        _ => found.refuse("trade_type_unknown", name, &params),
    }
}

fn seconds(name: &str, value: &str, found: &mut Found) {
    match (value.len(), value.bytes().all(|byte| byte.is_ascii_digit())) {
        (10, true) => {}
        (13, true) => found.refuse("timestamp_in_milliseconds", name, &[]),
        _ => found.refuse("timestamp_not_seconds", name, &[]),
    }
}

/// What programs write where nothing was there.
fn is_nothing(value: &str) -> bool {
    matches!(
        value.trim(),
        "" | "undefined" | "null" | "None" | "NULL" | "nil" | "NaN" | "false" | "[object Object]"
    )
}

fn package(name: &str, value: &str, found: &mut Found) {
    match value.split_once('=') {
        Some(("prepay_id", id)) if is_nothing(id) => {
            found.refuse("prepay_id_missing", name, &[("value", &short(value))])
        }
        Some(("prepay_id", _)) => {}
        Some((word, _)) if near::distance(&near::fold(word), "prepayid") <= 2 => {
            found.refuse("package_misspelt", name, &[("value", &short(word)), ("meant", "prepay_id=")]);
        }
        _ if is_nothing(value) => found.refuse("prepay_id_missing", name, &[("value", &short(value))]),
        _ => found.refuse("package_without_prepay_id", name, &[]),
    }
}

/// Where only WeChat's own example listens.
const DEMO_HOST: &str = "wxpay.wxutil.com";

fn notify_url(name: &str, value: &str, found: &mut Found) {
    let mut say = |reason, severity| found.add("notify_url_unusable", name, severity, &[("reason", reason)]);
    let Some(rest) = ["https://", "http://"].iter().find_map(|scheme| value.strip_prefix(scheme)) else {
        let encoded = value.get(..16).unwrap_or(value).to_ascii_lowercase().contains("%3a");
        return say(if encoded { "encoded" } else { "no_address" }, Severity::Refused);
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host_of(authority);
    if host.is_empty() {
        say("no_address", Severity::Refused);
    } else if value.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        say("blank", Severity::Refused);
    } else if value.contains(['?', '#']) {
        say("query", Severity::Refused);
    } else if is_local(host) {
        say("local", Severity::Refused);
    } else if host.eq_ignore_ascii_case(DEMO_HOST) {
        say("demo", Severity::Warning);
    } else if value.chars().count() > 256 {
        found.refuse(
            "value_too_long",
            name,
            &[("max", "256"), ("length", &value.chars().count().to_string())],
        );
    }
}

/// Without whoever signs in and the port.
fn host_of(authority: &str) -> &str {
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// Whether WeChat's servers cannot reach it.
fn is_local(host: &str) -> bool {
    match host.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(address)) => {
            address.is_loopback()
                || address.is_private()
                || address.is_unspecified()
                || address.is_link_local()
        }
        Ok(std::net::IpAddr::V6(address)) => {
            address.is_loopback() || address.is_unspecified() || address.segments()[0] & 0xFE00 == 0xFC00
        }
        Err(_) => {
            let host = host.to_ascii_lowercase();
            let dot = host.rsplit_once('.');
            dot.is_none()
                || dot.is_some_and(|(_, top)| matches!(top, "local" | "localhost" | "lan" | "internal"))
        }
    }
}

/// What takes more than one field to see.
fn whole(seen: &Seen<'_>, found: &mut Found) {
    let Some(message) = seen.message else { return };
    // WeChat's script refuses a number here; wx.config and wx.chooseWXPay take one under their `timestamp`.
    if message.name == "jsapi_call" && seen.reading.unquoted.iter().any(|name| name == "timeStamp") {
        found.refuse("timestamp_not_a_string", "timeStamp", &[]);
    }
    if message.name == "refund" {
        let fen = |name: &str| seen.fields.text(name).and_then(|text| text.parse::<i64>().ok());
        if let (Some(whole), Some(part)) = (fen("total_fee"), fen("refund_fee"))
            && part > whole
        {
            found.refuse("amount_out_of_range", "refund_fee", &[("max", &whole.to_string())]);
        }
    }
}

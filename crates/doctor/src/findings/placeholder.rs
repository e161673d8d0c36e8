//! Words of a tutorial that stand where a value belongs.

use wxpay::api::fields::{FieldDoc, Holds};

/// What documentation writes for values, in its own capitals.
const WORDS: [&str; 22] = [
    "APPID",
    "APP_ID",
    "AppID",
    "MCHID",
    "MCH_ID",
    "KEY",
    "APIKEY",
    "API_KEY",
    "APIv2密钥",
    "SECRET",
    "APPSECRET",
    "SIGN",
    "PAYSIGN",
    "NONCE_STR",
    "NONCESTR",
    "OPENID",
    "IP",
    "PREPAY_ID",
    "NOTIFY_URL",
    "OUT_TRADE_NO",
    "TIMESTAMP",
    "JSAPI_TICKET",
];

/// How tutorials begin what the reader is to replace.
const BEGINNINGS: [&str; 10] =
    ["your_", "your-", "your ", "<your", "${", "{{", "todo", "changeme", "replace_", "fill_in"];

/// Fields whose values are never words of a language.
fn is_id(field: &FieldDoc) -> bool {
    match field.holds {
        Holds::AppId
        | Holds::MchId
        | Holds::NotifyUrl
        | Holds::OutTradeNo
        | Holds::Package
        | Holds::Seconds
        | Holds::Signature => true,
        Holds::Text => {
            ["nonce", "openid", "prepay", "transaction_id", "out_refund_no", "refund_id", "_ip", "auth_code"]
                .iter()
                .any(|part| field.name.to_ascii_lowercase().contains(part))
        }
        Holds::Fen | Holds::Number | Holds::SignType | Holds::TradeType => false,
    }
}

/// Whether the value is one. `field`: its documented field, if it has one.
pub(super) fn is_placeholder(name: &str, value: &str, field: Option<&FieldDoc>) -> bool {
    let value = value.trim();
    let bare = value.strip_prefix("prepay_id=").unwrap_or(value);
    let bare = bare.trim_matches(['"', '\'']);
    if bare.is_empty() {
        return false;
    }
    let small = bare.get(..bare.len().min(16)).unwrap_or_default().to_ascii_lowercase();
    let run = bare.strip_prefix("wx").unwrap_or(bare);
    let crossed_out = |letter: char| matches!(letter, 'x' | 'X' | '*' | '.' | '…' | '×');
    let is_name = |text: &str| text.eq_ignore_ascii_case(name) || text.eq_ignore_ascii_case("prepay_id");
    WORDS.contains(&bare)
        || (field.is_some() && is_name(bare))
        || BEGINNINGS.iter().any(|beginning| small.starts_with(beginning))
        || (bare.starts_with("你的") && bare.chars().count() <= 12)
        || (run.chars().all(crossed_out) && (run.chars().count() >= 3 || run == "…"))
        || field.is_some_and(|field| is_id(field) && !value.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wxpay::api::fields::{JSAPI_CALL, UNIFIED_ORDER};

    #[test]
    fn words_of_tutorials() {
        for (name, value, is) in [
            ("appid", "APPID", true),
            ("appid", "wxd930ea5d5a258f4f", false),
            ("appid", "wxxxxxxx", true),
            ("appid", "小程序appId", true),
            ("mch_id", "你的商户号", true),
            ("nonce_str", "nonce_str", true),
            ("openid", "openid", true),
            ("out_trade_no", "out_trade_no", true),
            ("spbill_create_ip", "IP", true),
            ("body", "测试", false),
            ("body", "你的名字.主题商城的一张非常好看的电影票", false),
            ("body", "test", false),
            ("notify_url", "https://你的服务器域名/payment/wxnotify", true),
            ("notify_url", "https://shop.example/notify", false),
            ("attach", "xxx", true),
            ("attach", "xx", false),
            ("attach", "", false),
            ("mch_id", "your_mch_id", true),
            ("mch_id", "${mchId}", true),
            ("future_field", "future_field", false),
        ] {
            assert_eq!(is_placeholder(name, value, UNIFIED_ORDER.field(name)), is, "{name}={value}");
        }
        for (value, is) in [("prepay_id=xxxxx", true), ("prepay_id=***", true), ("prepay_id=wx2017", false)] {
            assert_eq!(is_placeholder("package", value, JSAPI_CALL.field("package")), is, "{value}");
        }
    }
}

//! The documented fields of every message: what a field may hold, how long it may be, whether it must be there.
//!
//! From the field tables of <https://pay.weixin.qq.com/wiki/doc/api/index.html>. Lengths are documented without a unit;
//! whoever checks them must say whether bytes of UTF-8 or characters are meant. Replies and notices may have more fields
//! than these: WeChat Pay adds some at any time, and they are signed like all others.

mod front_end;

pub use front_end::{APP_CALL, JSAPI_CALL, WX_CONFIG};

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holds {
    /// Text of any kind, or a word.
    Text,
    /// An amount in fen.
    Fen,
    /// A whole number that is no amount.
    Number,
    /// An address that WeChat Pay calls.
    NotifyUrl,
    /// An account: appid.
    AppId,
    /// A merchant's number.
    MchId,
    /// The merchant's number of an order.
    OutTradeNo,
    /// Which digest: `MD5` or `HMAC-SHA256`.
    SignType,
    /// How it is paid.
    TradeType,
    /// Seconds since 1970, 10 digits.
    Seconds,
    /// `prepay_id=…`, or what an app sends instead.
    Package,
    /// The signature.
    Signature,
}

/// Whether a field must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// In every message of its kind.
    Always,
    /// At least one of those that say so.
    OneOf,
    /// Documented as always there, but missing even in official examples; or needed only together with another.
    Usual,
    /// It may be absent.
    Optional,
}

/// A documented field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldDoc {
    /// Its name. `$` stands for a number from 0 on: `coupon_fee_$` is `coupon_fee_0`, `coupon_fee_1`, …
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// The documented limit; 0 where none is documented.
    pub max: usize,
    /// Whether it must be there.
    pub need: Need,
}

impl FieldDoc {
    /// Whether this is the field of that name.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        fits(self.name.as_bytes(), name.as_bytes())
    }
}

/// Whether `name` is `pattern`, in which each `$` stands for up to three digits.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut pattern, mut name) = (pattern, name);
    loop {
        match (pattern.split_first(), name.split_first()) {
            (None, None) => return true,
            (Some((b'$', rest)), Some(_)) => {
                let digits = name.iter().take_while(|byte| byte.is_ascii_digit()).count();
                if digits == 0 || digits > 3 {
                    return false;
                }
                (pattern, name) = (rest, &name[digits..]);
            }
            (Some((one, rest)), Some((other, behind))) if one == other => (pattern, name) = (rest, behind),
            _ => return false,
        }
    }
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// From the merchant: WeChat Pay judges it.
    Request,
    /// From WeChat Pay.
    Answer,
    /// From a page, a mini program or an app to WeChat.
    FrontEnd,
}

/// A documented message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageDoc {
    /// Its stable name, such as `unified_order` or `payment_notice`.
    pub name: &'static str,
    /// Which way it goes.
    pub way: Way,
    /// Its fields.
    pub fields: &'static [FieldDoc],
}

impl MessageDoc {
    /// The documented field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static FieldDoc> {
        self.fields.iter().find(|field| field.is(name))
    }
}

const fn field(name: &'static str, holds: Holds, max: usize, need: Need) -> FieldDoc {
    FieldDoc { name, holds, max, need }
}

const fn text(name: &'static str, max: usize) -> FieldDoc {
    field(name, Holds::Text, max, Need::Optional)
}

const fn must(name: &'static str, max: usize) -> FieldDoc {
    field(name, Holds::Text, max, Need::Always)
}

const fn usual(name: &'static str, max: usize) -> FieldDoc {
    field(name, Holds::Text, max, Need::Usual)
}

const fn one_of(name: &'static str, max: usize) -> FieldDoc {
    field(name, Holds::Text, max, Need::OneOf)
}

const fn fen(name: &'static str) -> FieldDoc {
    field(name, Holds::Fen, 0, Need::Optional)
}

const fn fen_must(name: &'static str) -> FieldDoc {
    field(name, Holds::Fen, 0, Need::Always)
}

const fn fen_usual(name: &'static str) -> FieldDoc {
    field(name, Holds::Fen, 0, Need::Usual)
}

const fn number(name: &'static str) -> FieldDoc {
    field(name, Holds::Number, 0, Need::Optional)
}

const APPID: FieldDoc = field("appid", Holds::AppId, 32, Need::Always);
const MCH_ID: FieldDoc = field("mch_id", Holds::MchId, 32, Need::Always);
const SUB_APPID: FieldDoc = field("sub_appid", Holds::AppId, 32, Need::Optional);
const SUB_MCH_ID: FieldDoc = field("sub_mch_id", Holds::MchId, 32, Need::Optional);
const NONCE_STR: FieldDoc = must("nonce_str", 32);
const SIGN: FieldDoc = field("sign", Holds::Signature, 64, Need::Usual);
const SIGN_TYPE: FieldDoc = field("sign_type", Holds::SignType, 32, Need::Optional);
const DEVICE_INFO: FieldDoc = text("device_info", 32);
const VERSION: FieldDoc = text("version", 32);
const RETURN_CODE: FieldDoc = must("return_code", 16);
const RETURN_MSG: FieldDoc = text("return_msg", 128);
const RESULT_CODE: FieldDoc = usual("result_code", 16);
const ERR_CODE: FieldDoc = text("err_code", 32);
const ERR_CODE_DES: FieldDoc = text("err_code_des", 128);
const NEW_ORDER: FieldDoc = field("out_trade_no", Holds::OutTradeNo, 32, Need::Always);
const AN_ORDER: FieldDoc = field("out_trade_no", Holds::OutTradeNo, 32, Need::OneOf);
const ITS_ORDER: FieldDoc = field("out_trade_no", Holds::OutTradeNo, 32, Need::Usual);
const NOTIFY_URL: FieldDoc = field("notify_url", Holds::NotifyUrl, 256, Need::Always);
const TRADE_TYPE: FieldDoc = field("trade_type", Holds::TradeType, 16, Need::Usual);

/// 统一下单, `POST /pay/unifiedorder`.
pub const UNIFIED_ORDER: MessageDoc = MessageDoc {
    name: "unified_order",
    way: Way::Request,
    fields: &[
        APPID,
        MCH_ID,
        SUB_APPID,
        SUB_MCH_ID,
        DEVICE_INFO,
        NONCE_STR,
        SIGN,
        SIGN_TYPE,
        VERSION,
        must("body", 128),
        text("detail", 6000),
        text("attach", 127),
        NEW_ORDER,
        text("fee_type", 16),
        fen_must("total_fee"),
        must("spbill_create_ip", 64),
        text("time_start", 14),
        text("time_expire", 14),
        text("goods_tag", 32),
        NOTIFY_URL,
        field("trade_type", Holds::TradeType, 16, Need::Always),
        text("product_id", 32),
        text("limit_pay", 32),
        usual("openid", 128),
        text("sub_openid", 128),
        text("receipt", 8),
        text("profit_sharing", 16),
        usual("scene_info", 256),
        text("user_type", 32),
        text("user_creid", 32),
        text("user_truename", 64),
        text("fingerprint", 0),
    ],
};

/// 付款码支付, `POST /pay/micropay`.
pub const MICROPAY: MessageDoc = MessageDoc {
    name: "micropay",
    way: Way::Request,
    fields: &[
        APPID,
        MCH_ID,
        SUB_APPID,
        SUB_MCH_ID,
        VERSION,
        text("profit_sharing", 16),
        text("deposit", 1),
        DEVICE_INFO,
        NONCE_STR,
        SIGN,
        SIGN_TYPE,
        must("body", 128),
        text("detail", 6000),
        text("attach", 127),
        NEW_ORDER,
        fen_must("total_fee"),
        text("fee_type", 16),
        must("spbill_create_ip", 64),
        text("goods_tag", 32),
        text("limit_pay", 32),
        text("time_start", 14),
        text("time_expire", 14),
        text("receipt", 8),
        must("auth_code", 128),
        text("scene_info", 256),
    ],
};

/// 查询订单, `POST /pay/orderquery`.
pub const ORDER_QUERY: MessageDoc = MessageDoc {
    name: "order_query",
    way: Way::Request,
    fields: &[
        APPID,
        MCH_ID,
        SUB_APPID,
        SUB_MCH_ID,
        one_of("transaction_id", 32),
        AN_ORDER,
        NONCE_STR,
        SIGN,
        SIGN_TYPE,
        VERSION,
    ],
};

/// 关闭订单, `POST /pay/closeorder`.
pub const CLOSE_ORDER: MessageDoc = MessageDoc {
    name: "close_order",
    way: Way::Request,
    fields: &[APPID, MCH_ID, SUB_APPID, SUB_MCH_ID, NEW_ORDER, NONCE_STR, SIGN, SIGN_TYPE],
};

/// 撤销订单, `POST /secapi/pay/reverse`.
pub const REVERSE: MessageDoc = MessageDoc {
    name: "reverse",
    way: Way::Request,
    fields: &[
        APPID,
        MCH_ID,
        SUB_APPID,
        SUB_MCH_ID,
        one_of("transaction_id", 32),
        AN_ORDER,
        NONCE_STR,
        SIGN,
        SIGN_TYPE,
    ],
};

/// 申请退款, `POST /secapi/pay/refund`, with `version` and `detail` of `refundv2`.
pub const REFUND: MessageDoc = MessageDoc {
    name: "refund",
    way: Way::Request,
    fields: &[
        APPID,
        MCH_ID,
        SUB_APPID,
        SUB_MCH_ID,
        NONCE_STR,
        SIGN,
        SIGN_TYPE,
        one_of("transaction_id", 32),
        AN_ORDER,
        must("out_refund_no", 64),
        fen_must("total_fee"),
        fen_must("refund_fee"),
        text("refund_fee_type", 8),
        text("refund_desc", 80),
        text("refund_account", 30),
        field("notify_url", Holds::NotifyUrl, 256, Need::Optional),
        DEVICE_INFO,
        text("op_user_id", 32),
        VERSION,
        text("detail", 6000),
    ],
};

/// 查询退款, `POST /pay/refundquery`.
pub const REFUND_QUERY: MessageDoc = MessageDoc {
    name: "refund_query",
    way: Way::Request,
    fields: &[
        APPID,
        MCH_ID,
        SUB_APPID,
        SUB_MCH_ID,
        DEVICE_INFO,
        NONCE_STR,
        SIGN,
        SIGN_TYPE,
        one_of("transaction_id", 32),
        AN_ORDER,
        one_of("out_refund_no", 64),
        one_of("refund_id", 32),
        number("offset"),
        VERSION,
    ],
};

/// 下载对账单, `POST /pay/downloadbill`.
pub const DOWNLOAD_BILL: MessageDoc = MessageDoc {
    name: "download_bill",
    way: Way::Request,
    fields: &[
        APPID,
        MCH_ID,
        SUB_APPID,
        SUB_MCH_ID,
        DEVICE_INFO,
        NONCE_STR,
        SIGN,
        SIGN_TYPE,
        must("bill_date", 8),
        text("bill_type", 16),
        text("tar_type", 8),
    ],
};

/// The reply of unified order.
pub const UNIFIED_ORDER_REPLY: MessageDoc = MessageDoc {
    name: "unified_order_reply",
    way: Way::Answer,
    fields: &[
        RETURN_CODE,
        RETURN_MSG,
        APPID,
        MCH_ID,
        SUB_APPID,
        SUB_MCH_ID,
        DEVICE_INFO,
        NONCE_STR,
        SIGN,
        SIGN_TYPE,
        RESULT_CODE,
        ERR_CODE,
        ERR_CODE_DES,
        TRADE_TYPE,
        usual("prepay_id", 64),
        text("code_url", 0),
        text("mweb_url", 0),
    ],
};

/// A payment's notice.
pub const PAYMENT_NOTICE: MessageDoc = MessageDoc {
    name: "payment_notice",
    way: Way::Answer,
    fields: &[
        RETURN_CODE,
        RETURN_MSG,
        APPID,
        MCH_ID,
        SUB_APPID,
        SUB_MCH_ID,
        DEVICE_INFO,
        NONCE_STR,
        SIGN,
        SIGN_TYPE,
        RESULT_CODE,
        ERR_CODE,
        ERR_CODE_DES,
        must("openid", 128),
        text("sub_openid", 128),
        text("is_subscribe", 1),
        text("sub_is_subscribe", 1),
        TRADE_TYPE,
        usual("bank_type", 32),
        fen_must("total_fee"),
        fen("settlement_total_fee"),
        text("fee_type", 16),
        fen_usual("cash_fee"),
        text("cash_fee_type", 16),
        text("rate_value", 16),
        fen("coupon_fee"),
        number("coupon_count"),
        text("coupon_type", 8),
        text("coupon_id", 20),
        text("coupon_type_$", 8),
        text("coupon_id_$", 20),
        text("coupon_batch_id_$", 20),
        fen("coupon_fee_$"),
        must("transaction_id", 32),
        NEW_ORDER,
        text("attach", 128),
        must("time_end", 14),
        VERSION,
        text("promotion_detail", 6000),
        text("trade_state", 32),
        text("trade_state_desc", 256),
    ],
};

/// The reply of micropay.
pub const MICROPAY_REPLY: MessageDoc =
    MessageDoc { name: "micropay_reply", way: Way::Answer, fields: PAYMENT_NOTICE.fields };

/// The reply of an order's query.
pub const ORDER_QUERY_REPLY: MessageDoc = MessageDoc {
    name: "order_query_reply",
    way: Way::Answer,
    fields: &[
        RETURN_CODE,
        RETURN_MSG,
        APPID,
        MCH_ID,
        SUB_APPID,
        SUB_MCH_ID,
        DEVICE_INFO,
        NONCE_STR,
        SIGN,
        SIGN_TYPE,
        RESULT_CODE,
        ERR_CODE,
        ERR_CODE_DES,
        usual("openid", 128),
        text("sub_openid", 128),
        text("is_subscribe", 1),
        text("sub_is_subscribe", 1),
        TRADE_TYPE,
        usual("trade_state", 32),
        usual("bank_type", 32),
        fen_usual("total_fee"),
        fen("settlement_total_fee"),
        text("fee_type", 16),
        fen_usual("cash_fee"),
        text("cash_fee_type", 16),
        text("rate_value", 16),
        fen("coupon_fee"),
        number("coupon_count"),
        text("coupon_type", 8),
        text("coupon_id", 20),
        text("coupon_type_$", 8),
        text("coupon_id_$", 20),
        text("coupon_batch_id_$", 20),
        fen("coupon_fee_$"),
        usual("transaction_id", 32),
        ITS_ORDER,
        text("attach", 128),
        usual("time_end", 14),
        usual("trade_state_desc", 256),
        text("promotion_detail", 6000),
        fen("consume_fee"),
        text("discount_name", 0),
        text("discount_id", 0),
        fen("discount_fee"),
        VERSION,
    ],
};

/// The reply of closing an order.
pub const CLOSE_ORDER_REPLY: MessageDoc = MessageDoc {
    name: "close_order_reply",
    way: Way::Answer,
    fields: &[
        RETURN_CODE,
        RETURN_MSG,
        APPID,
        MCH_ID,
        SUB_APPID,
        SUB_MCH_ID,
        NONCE_STR,
        SIGN,
        SIGN_TYPE,
        RESULT_CODE,
        text("result_msg", 32),
        ERR_CODE,
        ERR_CODE_DES,
    ],
};

/// The reply of reversing an order.
pub const REVERSE_REPLY: MessageDoc = MessageDoc {
    name: "reverse_reply",
    way: Way::Answer,
    fields: &[
        RETURN_CODE,
        RETURN_MSG,
        APPID,
        MCH_ID,
        SUB_APPID,
        SUB_MCH_ID,
        NONCE_STR,
        SIGN,
        SIGN_TYPE,
        RESULT_CODE,
        ERR_CODE,
        ERR_CODE_DES,
        usual("recall", 1),
    ],
};

/// The reply of a refund.
pub const REFUND_REPLY: MessageDoc = MessageDoc {
    name: "refund_reply",
    way: Way::Answer,
    fields: &[
        RETURN_CODE,
        RETURN_MSG,
        APPID,
        MCH_ID,
        SUB_APPID,
        SUB_MCH_ID,
        DEVICE_INFO,
        NONCE_STR,
        SIGN,
        SIGN_TYPE,
        RESULT_CODE,
        ERR_CODE,
        ERR_CODE_DES,
        usual("transaction_id", 32),
        ITS_ORDER,
        usual("out_refund_no", 64),
        usual("refund_id", 32),
        fen_usual("refund_fee"),
        text("refund_fee_type", 8),
        fen("settlement_refund_fee"),
        fen_usual("total_fee"),
        fen("settlement_total_fee"),
        text("fee_type", 16),
        fen_usual("cash_fee"),
        text("cash_fee_type", 16),
        fen("cash_refund_fee"),
        text("cash_refund_fee_type", 16),
        fen("coupon_refund_fee"),
        number("coupon_refund_count"),
        text("coupon_refund_id", 20),
        text("coupon_type_$", 8),
        text("coupon_refund_id_$", 20),
        fen("coupon_refund_fee_$"),
        text("refund_channel", 16),
        text("promotion_detail", 6000),
    ],
};

/// The reply of a refund's query.
pub const REFUND_QUERY_REPLY: MessageDoc = MessageDoc {
    name: "refund_query_reply",
    way: Way::Answer,
    fields: &[
        RETURN_CODE,
        RETURN_MSG,
        APPID,
        MCH_ID,
        SUB_APPID,
        SUB_MCH_ID,
        DEVICE_INFO,
        NONCE_STR,
        SIGN,
        SIGN_TYPE,
        RESULT_CODE,
        ERR_CODE,
        ERR_CODE_DES,
        usual("transaction_id", 32),
        ITS_ORDER,
        fen_usual("total_fee"),
        fen("settlement_total_fee"),
        text("fee_type", 16),
        fen_usual("cash_fee"),
        text("cash_fee_type", 16),
        fen("refund_fee"),
        fen("coupon_refund_fee"),
        fen("cash_refund_fee"),
        number("total_refund_count"),
        usual("refund_count", 0),
        usual("out_refund_no_$", 64),
        usual("refund_id_$", 32),
        text("refund_channel_$", 16),
        fen("refund_fee_$"),
        fen("settlement_refund_fee_$"),
        text("coupon_type_$_$", 8),
        fen("coupon_refund_fee_$"),
        number("coupon_refund_count_$"),
        text("coupon_refund_id_$_$", 20),
        fen("coupon_refund_fee_$_$"),
        usual("refund_status_$", 16),
        text("refund_account_$", 30),
        usual("refund_recv_accout_$", 64),
        text("refund_success_time_$", 20),
        fen("cash_refund_fee_$"),
        text("promotion_detail", 6000),
    ],
};

/// A reply that says no more than whether the request was taken, or one whose request cannot be told.
pub const ANY_REPLY: MessageDoc = MessageDoc {
    name: "api_reply",
    way: Way::Answer,
    fields: &[
        RETURN_CODE,
        RETURN_MSG,
        field("appid", Holds::AppId, 32, Need::Optional),
        field("mch_id", Holds::MchId, 32, Need::Optional),
        SUB_APPID,
        SUB_MCH_ID,
        text("nonce_str", 32),
        SIGN,
        SIGN_TYPE,
        text("result_code", 16),
        ERR_CODE,
        ERR_CODE_DES,
        text("error_code", 16),
        text("retmsg", 128),
        text("retcode", 16),
        text("sandbox_signkey", 32),
    ],
};

/// The envelope of a refund's notice.
pub const REFUND_NOTICE: MessageDoc = MessageDoc {
    name: "refund_notice",
    way: Way::Answer,
    fields: &[RETURN_CODE, RETURN_MSG, APPID, MCH_ID, SUB_APPID, SUB_MCH_ID, NONCE_STR, must("req_info", 0)],
};

/// What a refund's notice holds under its `req_info`.
pub const REFUND_CONTENT: MessageDoc = MessageDoc {
    name: "refund_content",
    way: Way::Answer,
    fields: &[
        must("transaction_id", 32),
        NEW_ORDER,
        must("refund_id", 32),
        must("out_refund_no", 64),
        fen_must("total_fee"),
        fen("settlement_total_fee"),
        fen_must("refund_fee"),
        fen_usual("settlement_refund_fee"),
        fen("cash_refund_fee"),
        must("refund_status", 16),
        text("success_time", 20),
        usual("refund_recv_accout", 64),
        usual("refund_account", 30),
        usual("refund_request_source", 30),
    ],
};

/// What WeChat Pay calls when a static QR code is scanned (Native mode 1).
pub const NATIVE_CALLBACK: MessageDoc = MessageDoc {
    name: "native_callback",
    way: Way::Answer,
    fields: &[
        APPID,
        MCH_ID,
        SUB_APPID,
        SUB_MCH_ID,
        must("openid", 128),
        must("is_subscribe", 1),
        NONCE_STR,
        must("product_id", 32),
        SIGN,
        SIGN_TYPE,
    ],
};

/// Every documented message.
pub const ALL: &[MessageDoc] = &[
    UNIFIED_ORDER,
    MICROPAY,
    ORDER_QUERY,
    CLOSE_ORDER,
    REVERSE,
    REFUND,
    REFUND_QUERY,
    DOWNLOAD_BILL,
    UNIFIED_ORDER_REPLY,
    MICROPAY_REPLY,
    ORDER_QUERY_REPLY,
    CLOSE_ORDER_REPLY,
    REVERSE_REPLY,
    REFUND_REPLY,
    REFUND_QUERY_REPLY,
    ANY_REPLY,
    PAYMENT_NOTICE,
    REFUND_NOTICE,
    REFUND_CONTENT,
    NATIVE_CALLBACK,
    JSAPI_CALL,
    APP_CALL,
    WX_CONFIG,
];

/// What the merchant sends.
pub const REQUESTS: &[MessageDoc] =
    &[UNIFIED_ORDER, MICROPAY, ORDER_QUERY, CLOSE_ORDER, REVERSE, REFUND, REFUND_QUERY, DOWNLOAD_BILL];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dollar_is_a_number() {
        for (pattern, name, is) in [
            ("coupon_fee_$", "coupon_fee_0", true),
            ("coupon_fee_$", "coupon_fee_12", true),
            ("coupon_fee_$", "coupon_fee_", false),
            ("coupon_fee_$", "coupon_fee", false),
            ("coupon_fee_$", "coupon_fee_0_0", false),
            ("coupon_refund_fee_$_$", "coupon_refund_fee_0_1", true),
            ("coupon_fee_$", "coupon_fee_0000", false),
            ("sign", "sign", true),
            ("sign", "Sign", false),
        ] {
            assert_eq!(fits(pattern.as_bytes(), name.as_bytes()), is, "{pattern} {name}");
        }
    }

    #[test]
    fn no_message_documents_a_field_twice() {
        for message in ALL {
            for (at, field) in message.fields.iter().enumerate() {
                assert!(message.fields[..at].iter().all(|other| other.name != field.name), "{}", field.name);
            }
        }
    }
}

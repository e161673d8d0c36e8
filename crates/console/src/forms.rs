//! What a form gives: plain texts and numbers, checked here and turned into [`crate::args`]. A wrong one is
//! `invalid_field` or `invalid_amount` with the field's name.

pub(crate) mod fill;

use serde::{Deserialize, Serialize};

/// Which payments. Everything absent or empty means all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct PaymentsForm {
    /// Anywhere in a number, the body, the attachment or the payer, from one character on. Letters of any case.
    /// A text that reads as an amount of yuan finds that amount too.
    pub text: String,
    /// [`domain::OrderState`] words, and `unknown`, `rejected`, `not_sent`.
    pub states: Vec<String>,
    /// [`domain::TradeType`] words.
    pub trade_types: Vec<String>,
    /// First day, `2026-11-21`, by when it was paid, as a day's takings are counted; if it was not, by when it was
    /// made.
    pub from: Option<String>,
    /// Last day, itself included.
    pub to: Option<String>,
    /// At least this amount.
    pub min_fen: Option<i64>,
    /// At most this amount.
    pub max_fen: Option<i64>,
    /// Only with this evidence: any of `told`, `asked`, `billed`, `not_told`, `not_asked`, `not_billed`.
    pub evidence: Vec<String>,
    /// Only those in which something does not fit together.
    pub disagreeing: bool,
    /// Only those with something unresolved.
    pub unresolved: bool,
}

/// Which refunds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct RefundsForm {
    /// Anywhere in a number or the reason.
    pub text: String,
    /// [`domain::RefundState`] words, and `unknown`, `rejected`, `not_sent`.
    pub states: Vec<String>,
    /// First day by when it was made.
    pub from: Option<String>,
    /// Last day, itself included.
    pub to: Option<String>,
}

/// Which exchanges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct RequestsForm {
    /// Anywhere in the path, an order's number or a code.
    pub text: String,
    /// `confirmed`, `rejected`, `unknown`, `not_sent`.
    pub outcomes: Vec<String>,
    /// Paths such as `/pay/unifiedorder`.
    pub apis: Vec<String>,
}

/// A new order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct OrderForm {
    /// `native`, `jsapi`, `app` or `h5`.
    pub trade_type: String,
    /// Its number, from `new_number`: fixed before anybody can click twice.
    pub out_trade_no: String,
    /// The amount.
    pub total_fen: i64,
    /// What it is for.
    pub body: String,
    /// Echoed in notices and queries.
    pub attach: Option<String>,
    /// Seconds until it can no longer be paid; more than 60.
    pub expires_in_secs: Option<i64>,
    /// JSAPI: the payer.
    pub openid: Option<String>,
    /// JSAPI in service-provider mode: the payer under the sub-merchant's appid.
    pub sub_openid: Option<String>,
    /// H5: the site's address.
    pub wap_url: Option<String>,
    /// H5: the site's name.
    pub wap_name: Option<String>,
}

/// A payment by the payer's code.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct MicropayForm {
    /// The code that was scanned. It is money for a minute: it is never shown or kept.
    pub auth_code: String,
    /// Its number, from `new_number`.
    pub out_trade_no: String,
    /// The amount.
    pub total_fen: i64,
    /// What it is for.
    pub body: String,
    /// Echoed in queries.
    pub attach: Option<String>,
}

/// A refund.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct RefundForm {
    /// The order.
    pub out_trade_no: String,
    /// Its number: of the plan that opened the sheet. Empty to plan the first time.
    pub out_refund_no: String,
    /// How much.
    pub refund_fen: i64,
    /// What the payer is told; at most 80 bytes.
    pub reason: Option<String>,
}

/// A merchant to add.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct MerchantForm {
    /// The name it will be picked by: 1 to 32 letters, digits, `-` and `_`, in any script.
    pub name: String,
    /// Free text for people; the name if empty.
    pub label: String,
    /// `simulated`, `sandbox` or `live`.
    pub environment: String,
    /// The merchant number.
    pub mch_id: String,
    /// The account payments belong to.
    pub appid: String,
    /// Service-provider mode.
    pub sub_mch_id: Option<String>,
    /// Service-provider mode.
    pub sub_appid: Option<String>,
    /// `MD5` or `HMAC-SHA256`.
    pub sign_type: String,
    /// Where notices go.
    pub notify_url: Option<String>,
    /// Only simulated: the address of a running `paydesk simulator serve`.
    pub gateway_url: Option<String>,
    /// Only simulated: the PEM of the authority to trust.
    pub gateway_ca: Option<String>,
}

/// Something pasted, to be looked at. It may hold a key, so it is printed nowhere. The key given once is no part of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct PasteForm {
    /// What was pasted, as it is.
    pub text: String,
    /// Only this merchant's keys; every stored merchant's if absent.
    pub merchant: Option<String>,
    /// `MD5` or `HMAC-SHA256`: what it must be signed with. Otherwise its merchant's, or what its length says.
    pub sign_type: Option<String>,
    /// A second document, such as the order behind a front end's call.
    pub beside: Option<String>,
    /// The string that the developer's own program signed, with or without its key.
    pub string: Option<String>,
}

/// Fields to sign.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct SignForm {
    /// The fields, in any format that can be pasted.
    pub text: String,
    /// Whose key signs; the picked one's if absent.
    pub merchant: Option<String>,
    /// `MD5` or `HMAC-SHA256`; otherwise what the fields say, else the merchant's.
    pub sign_type: Option<String>,
}

/// The second signature, for a front end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct PayParamsForm {
    /// `jsapi`, `app`, `h5` or `native`.
    pub kind: String,
    /// JSAPI and app: from unified order.
    pub prepay_id: Option<String>,
    /// H5: from unified order.
    pub mweb_url: Option<String>,
    /// H5: the page to come back to.
    pub redirect_url: Option<String>,
    /// Native mode 1: what the static code is for.
    pub product_id: Option<String>,
}

/// The values of `wx.config`. The ticket is no part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct JssdkForm {
    /// The page's address, as the browser shows it.
    pub url: String,
    /// The official account; the merchant's appid if absent.
    pub appid: Option<String>,
    /// Text that is used once; a new one if absent.
    pub nonce_str: Option<String>,
    /// Seconds since 1970; now if absent.
    pub timestamp: Option<i64>,
}

/// What the simulated customer, or the simulated gateway, does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum CustomerForm {
    /// Pays. `coupon_fen` from a coupon that is not recharged.
    Pay {
        /// The order.
        out_trade_no: String,
        /// Of it from a coupon; 0 for none.
        coupon_fen: i64,
        /// What becomes of the notice: `normal`, `late`, `repeated`, `lost`.
        notice: String,
    },
    /// Mistypes the password.
    Mistype {
        /// The order.
        out_trade_no: String,
    },
    /// Cancels.
    Cancel {
        /// The order.
        out_trade_no: String,
    },
    /// Lets it expire.
    Expire {
        /// The order.
        out_trade_no: String,
    },
    /// Shows a payment code of this kind: `fresh`, `password`, `expired`, `poor`. Gives the code.
    AuthCode {
        /// The kind.
        kind: String,
    },
    /// What comes of a refund: `success`, `abnormal` or `closed`.
    RefundResult {
        /// The refund.
        out_refund_no: String,
        /// What.
        result: String,
    },
}

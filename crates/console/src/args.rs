//! What the console is asked to do.

use domain::{
    AppId, AuthCode, Environment, Fen, MchId, OpenId, OrderState, OutRefundNo, OutTradeNo, RefundId,
    RefundState, Secret, Timestamp, TradeType, TransactionId,
};

/// A merchant to store.
#[derive(Clone, Debug)]
pub struct NewMerchant {
    /// The name it will be picked by: 1 to 32 letters, digits, `-` and `_`, in any script.
    pub name: String,
    /// Free text for people; the name if empty.
    pub label: String,
    /// Where its requests go.
    pub environment: Environment,
    /// The merchant number.
    pub mch_id: MchId,
    /// The account payments belong to.
    pub appid: AppId,
    /// Service-provider mode: the sub-merchant.
    pub sub_mch_id: Option<MchId>,
    /// Service-provider mode: the sub-merchant's appid.
    pub sub_appid: Option<AppId>,
    /// Whether it signs with HMAC-SHA256; MD5 otherwise.
    pub hmac_sha256: bool,
    /// Where notices go.
    pub notify_url: Option<String>,
    /// A simulated merchant on a running `paydesk simulator serve`: its address, on the loopback.
    pub gateway_url: Option<String>,
    /// A simulated merchant on `simulator serve --tls`: the PEM of the authority to trust, and no other.
    pub gateway_ca: Option<String>,
}

/// The kinds of key a merchant has. Former keys are made by replacing an API v2 key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// The key of this API (API密钥 / APIv2密钥).
    ApiV2,
    /// The key of API v3.
    ApiV3,
    /// The secret of the appid.
    AppSecret,
    /// The key of WeChat's sandbox.
    Sandbox,
}

/// An order to make.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// How it will be paid, with what that way alone needs.
    pub way: Way,
    /// The amount.
    pub total: Fen,
    /// ISO 4217; CNY for merchants in China.
    pub currency: String,
    /// What it is for; at most 128 bytes.
    pub body: String,
    /// Echoed in notices and queries; at most 127 bytes.
    pub attach: Option<String>,
    /// Its number; a new one is made if absent. The same number with the same content is the same order.
    pub out_trade_no: Option<OutTradeNo>,
    /// Seconds until it can no longer be paid; more than 60.
    pub expires_in_secs: Option<i64>,
    /// Goods, as WeChat Pay's JSON.
    pub detail: Option<String>,
    /// Shop, as WeChat Pay's JSON (not for H5, which makes its own).
    pub scene_info: Option<String>,
    /// Promotion tag.
    pub goods_tag: Option<String>,
    /// No credit cards.
    pub no_credit: bool,
    /// Terminal or shop.
    pub device_info: Option<String>,
    /// The payer's IP address, or this computer's for Native.
    pub spbill_create_ip: Option<String>,
    /// Instead of the merchant's.
    pub notify_url: Option<String>,
}

/// How an order will be paid.
#[derive(Clone, Debug)]
pub enum Way {
    /// A QR code.
    Native {
        /// What is bought; the order's number if absent.
        product_id: Option<String>,
    },
    /// Inside WeChat. One of the two is needed.
    Jsapi {
        /// The payer under the merchant's appid.
        openid: Option<OpenId>,
        /// The payer under the sub-merchant's appid.
        sub_openid: Option<OpenId>,
    },
    /// A mobile app.
    App,
    /// A mobile browser.
    H5 {
        /// The site's address.
        wap_url: String,
        /// The site's name.
        wap_name: String,
    },
}

/// A payment by the payer's code.
#[derive(Clone, Debug)]
pub struct NewMicropay {
    /// The code that was scanned.
    pub auth_code: AuthCode,
    /// The amount.
    pub total: Fen,
    /// What it is for; at most 128 bytes.
    pub body: String,
    /// Echoed in queries; at most 127 bytes.
    pub attach: Option<String>,
    /// Its number; a new one is made if absent.
    pub out_trade_no: Option<OutTradeNo>,
    /// The terminal's IP address.
    pub spbill_create_ip: Option<String>,
}

/// Which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderRef {
    /// By the merchant's number.
    OutTradeNo(OutTradeNo),
    /// By WeChat Pay's number.
    TransactionId(TransactionId),
}

/// A refund to make.
#[derive(Clone, Debug)]
pub struct NewRefund {
    /// The order it belongs to.
    pub out_trade_no: OutTradeNo,
    /// How much goes back.
    pub refund: Fen,
    /// Its number; fixed before anybody can click twice. A new one is made if absent.
    pub out_refund_no: Option<OutRefundNo>,
    /// What the payer is told; at most 80 bytes.
    pub reason: Option<String>,
    /// Instead of the merchant's.
    pub notify_url: Option<String>,
}

/// Which refunds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundRef {
    /// One, by the merchant's number.
    OutRefundNo(OutRefundNo),
    /// One, by WeChat Pay's number.
    RefundId(RefundId),
    /// All of an order.
    OutTradeNo(OutTradeNo),
}

/// Which payments to list. Everything absent means all.
#[derive(Clone, Debug, Default)]
pub struct PaymentQuery {
    /// Only these states.
    pub states: Vec<OrderState>,
    /// Only these trade types.
    pub trade_types: Vec<TradeType>,
    /// Made at or after.
    pub from: Option<Timestamp>,
    /// Made before.
    pub to: Option<Timestamp>,
    /// Somewhere in a number, the body or the attachment.
    pub text: Option<String>,
    /// At most this many; 50 if absent.
    pub limit: Option<usize>,
}

/// Which refunds to list.
#[derive(Clone, Debug, Default)]
pub struct RefundQuery {
    /// Only these states.
    pub states: Vec<RefundState>,
    /// Only of this order.
    pub out_trade_no: Option<OutTradeNo>,
    /// At most this many; 50 if absent.
    pub limit: Option<usize>,
}

/// The second signature.
#[derive(Clone, Debug)]
pub enum PayParamsFor {
    /// JSAPI or mini program.
    Jsapi {
        /// From unified order.
        prepay_id: domain::PrepayId,
    },
    /// App.
    App {
        /// From unified order.
        prepay_id: domain::PrepayId,
    },
    /// H5: where the payer's browser goes, and where it comes back to.
    H5 {
        /// From unified order.
        mweb_url: String,
        /// The page to come back to.
        redirect_url: Option<String>,
    },
    /// Native mode 1: the text of a static QR code, which is scanned before there is an order.
    Native {
        /// What it is for, in the merchant's own words.
        product_id: String,
    },
}

/// The string that a developer's own program signed, with the bytes that it has in a file.
#[derive(Debug)]
pub struct OwnString {
    pub(crate) bytes: Secret<Vec<u8>>,
    pub(crate) text: Secret<String>,
    pub(crate) gbk: bool,
}

impl OwnString {
    /// Takes bytes in UTF-8 or GBK; `None` if they are neither.
    #[must_use]
    pub fn read(bytes: Vec<u8>) -> Option<Self> {
        let (text, gbk) = match std::str::from_utf8(&bytes) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (doctor::read::gbk(&bytes)?, true),
        };
        Some(Self { bytes: Secret::new(bytes), text: Secret::new(text), gbk })
    }
}

impl From<String> for OwnString {
    fn from(text: String) -> Self {
        Self { bytes: Secret::new(text.clone().into_bytes()), text: Secret::new(text), gbk: false }
    }
}

/// How to look at something pasted.
#[derive(Debug, Default)]
pub struct Looking {
    /// Only this merchant's keys; every stored merchant's if absent.
    pub merchant: Option<String>,
    /// A key given for this one time; then no stored key is tried.
    pub key_once: Option<Secret<String>>,
    /// What the document must be signed with; otherwise its merchant's, or what its length says.
    pub hmac_sha256: Option<bool>,
    /// Write a valid notice into its merchant's ledger as evidence.
    pub record: bool,
    /// A second document, such as the order behind a front end's call.
    pub beside: Option<Vec<u8>>,
    /// The string that the developer's own program signed. It may end with a key.
    pub string: Option<OwnString>,
    /// Make the first explanation again with dummy values, as tests to show around.
    pub reproduce: bool,
    /// How long to look for causes, in milliseconds; a second if absent.
    pub patience_ms: Option<u64>,
}

/// The values of `wx.config` to sign.
#[derive(Debug, Default)]
pub struct JssdkSigning {
    /// Whose appid is given to the page; the picked merchant's if absent.
    pub merchant: Option<String>,
    /// Another appid than the merchant's.
    pub appid: Option<String>,
    /// The page's address.
    pub url: String,
    /// Text that is used once; a new one if absent.
    pub nonce_str: Option<String>,
    /// Seconds since 1970; now if absent.
    pub timestamp: Option<i64>,
}

/// What to sign and how.
#[derive(Debug, Default)]
pub struct Signing {
    /// This merchant's key.
    pub merchant: Option<String>,
    /// A key given for this one time.
    pub key_once: Option<Secret<String>>,
    /// HMAC-SHA256 if true, MD5 if false; else the document's `sign_type`, else the merchant's.
    pub hmac_sha256: Option<bool>,
}

/// How text goes into the cells of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cells {
    /// The exact text.
    Raw,
    /// A `'` before text that a spreadsheet could take for a formula (and before a `'`), so that taking one
    /// `'` away gives the exact text back.
    Safe,
}

/// Which simulator a simulated act goes to.
#[derive(Clone, Debug)]
pub enum SimulatorTarget {
    /// The one built in, whose world is kept beside the simulated ledger.
    BuiltIn,
    /// A running `paydesk simulator serve`.
    Running {
        /// Its control address.
        control_url: String,
        /// Its control token.
        token: Secret<String>,
    },
}

/// What a simulated customer, time or trouble does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The customer pays.
    Pay {
        /// The order.
        out_trade_no: OutTradeNo,
        /// With coupons of this much, recharged (`CASH`).
        cash_coupon: Option<Fen>,
        /// With coupons of this much, not recharged (`NO_CASH`).
        no_cash_coupon: Option<Fen>,
    },
    /// The customer mistypes the password (`mistype`), cancels (`cancel`) or lets it expire (`expire`).
    Fail {
        /// The order.
        out_trade_no: OutTradeNo,
        /// Which of the three.
        how: FailHow,
    },
    /// What comes of a refund.
    RefundResult {
        /// The refund.
        out_refund_no: OutRefundNo,
        /// Success, abnormal or closed.
        result: RefundState,
    },
    /// Time passes.
    Advance {
        /// This many milliseconds.
        ms: i64,
    },
    /// Trouble is planned, as the simulator's own JSON of a fault.
    Fault {
        /// The plan.
        plan: String,
    },
    /// The customer shows a payment code of this kind (`fresh`, `password`, `expired`, `poor`).
    AuthCode {
        /// The kind.
        kind: String,
    },
}

/// How a simulated customer fails to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailHow {
    /// A wrong password.
    Mistype,
    /// Thinks better of it.
    Cancel,
    /// Does nothing until it is too late.
    Expire,
}

/// A simulator to serve on the loopback.
#[derive(Clone, Debug, Default)]
pub struct Serving {
    /// 0 for any free port.
    pub port: u16,
    /// Its seed.
    pub seed: u64,
    /// HTTPS, with the client certificate demanded where WeChat Pay demands it.
    pub tls: bool,
}

/// The demo.
#[derive(Clone, Debug, Default)]
pub struct DemoOptions {
    /// The same seed gives the same bytes; a random one if absent.
    pub seed: Option<u64>,
}

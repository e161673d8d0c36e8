//! What the gateway knows of an order and of a refund.

use domain::Timestamp;
use serde::{Deserialize, Serialize};

/// How far an order is, in WeChat Pay's own words (`trade_state`). It never goes back in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TradeState {
    /// Made, not paid.
    NotPay,
    /// Micropay: the payer is entering the password.
    UserPaying,
    /// The attempt to pay failed.
    PayError,
    /// Closed by the merchant or by time.
    Closed,
    /// Paid.
    Success,
    /// Paid, and at least one refund was accepted.
    Refund,
    /// Micropay: reversed, or given up by WeChat after 45 seconds.
    Revoked,
}

impl TradeState {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotPay => "NOTPAY",
            Self::UserPaying => "USERPAYING",
            Self::PayError => "PAYERROR",
            Self::Closed => "CLOSED",
            Self::Success => "SUCCESS",
            Self::Refund => "REFUND",
            Self::Revoked => "REVOKED",
        }
    }

    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::NotPay => "订单未支付",
            Self::UserPaying => "需要用户输入支付密码",
            Self::PayError => "支付失败，请重新下单支付",
            Self::Closed => "订单已关闭",
            Self::Success => "支付成功",
            Self::Refund => "订单发生过退款，退款详情请查询退款单",
            Self::Revoked => "订单已撤销",
        }
    }

    /// Whether money came in and stayed the merchant's (perhaps in part).
    #[must_use]
    pub const fn was_paid(self) -> bool {
        matches!(self, Self::Success | Self::Refund)
    }
}

/// A coupon that pays a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coupon {
    /// Its id, up to 20 digits.
    pub id: String,
    /// Whether WeChat gives the merchant the money for it (`CASH`) or the merchant bears it (`NO_CASH`).
    pub cash: bool,
    /// What it pays, in fen.
    pub fee: i64,
}

impl Coupon {
    pub(crate) const fn kind(&self) -> &'static str {
        if self.cash { "CASH" } else { "NO_CASH" }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) transaction_id: String,
    pub(crate) openid: String,
    pub(crate) bank_type: String,
    pub(crate) coupons: Vec<Coupon>,
    pub(crate) at: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) mch_id: String,
    pub(crate) appid: String,
    pub(crate) sub_mch_id: Option<String>,
    pub(crate) sub_appid: Option<String>,
    pub(crate) out_trade_no: String,
    /// JSAPI, NATIVE, APP, MWEB or MICROPAY.
    pub(crate) trade_type: String,
    /// Every field of the request but the ones that differ each time, to tell a repetition from another order.
    pub(crate) params: Vec<(String, String)>,
    pub(crate) total_fee: i64,
    pub(crate) hmac: bool,
    pub(crate) state: TradeState,
    pub(crate) made: i64,
    pub(crate) expires: i64,
    pub(crate) prepay_id: String,
    pub(crate) prepay_made: i64,
    pub(crate) payment: Option<Payment>,
    /// In the order they were accepted.
    pub(crate) refunds: Vec<String>,
    /// Who will pay: of the request, or of the payment code.
    pub(crate) payer: String,
    /// The payer's account was cancelled: refunds cannot reach it.
    pub(crate) payer_gone: bool,
    /// A sandbox order: no money, no notices.
    pub(crate) sandbox: bool,
    /// Why the last attempt failed, where it did.
    pub(crate) trouble: Option<String>,
}

impl Order {
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|v| !v.is_empty())
    }

    pub(crate) fn is_micropay(&self) -> bool {
        self.trade_type == "MICROPAY"
    }

    pub(crate) fn fee_type(&self) -> &str {
        self.param("fee_type").unwrap_or("CNY")
    }

    pub(crate) fn coupon_fee(&self) -> i64 {
        self.coupons().iter().map(|coupon| coupon.fee).sum()
    }

    fn no_cash(&self) -> i64 {
        self.coupons().iter().filter(|coupon| !coupon.cash).map(|coupon| coupon.fee).sum()
    }

    pub(crate) fn coupons(&self) -> &[Coupon] {
        self.payment.as_ref().map_or(&[], |payment| &payment.coupons)
    }

    /// What the merchant gets: all but the coupons it bears itself.
    pub(crate) fn settlement(&self) -> i64 {
        self.total_fee - self.no_cash()
    }

    pub(crate) fn cash(&self) -> i64 {
        self.total_fee - self.coupon_fee()
    }
}

/// How far a refund is, in WeChat Pay's own words (`refund_status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RefundStatus {
    /// Accepted, the money is on its way.
    Processing,
    /// The payer's card cannot take it: the money is back with the merchant and a person must act.
    Change,
    /// Closed: nothing was sent back.
    RefundClose,
    /// The payer has the money.
    Success,
}

impl RefundStatus {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "PROCESSING",
            Self::Change => "CHANGE",
            Self::RefundClose => "REFUNDCLOSE",
            Self::Success => "SUCCESS",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CouponRefund {
    pub(crate) id: String,
    pub(crate) cash: bool,
    pub(crate) fee: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) mch_id: String,
    pub(crate) out_trade_no: String,
    pub(crate) out_refund_no: String,
    pub(crate) refund_id: String,
    pub(crate) fee: i64,
    pub(crate) coupons: Vec<CouponRefund>,
    pub(crate) account: String,
    pub(crate) status: RefundStatus,
    pub(crate) accepted: i64,
    pub(crate) finished: Option<i64>,
    pub(crate) notify_url: Option<String>,
}

impl Refund {
    pub(crate) fn coupon_fee(&self) -> i64 {
        self.coupons.iter().map(|coupon| coupon.fee).sum()
    }

    pub(crate) fn settlement(&self) -> i64 {
        self.fee - self.coupons.iter().filter(|coupon| !coupon.cash).map(|coupon| coupon.fee).sum::<i64>()
    }

    /// Whether it takes from what can still be refunded.
    pub(crate) fn counts(&self) -> bool {
        self.status != RefundStatus::RefundClose
    }
}

/// What kind of payment code a customer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeKind {
    /// A fresh one: pays at once up to 1000 yuan, above that the password is asked for.
    Fresh,
    /// The password is asked for, whatever the amount.
    NeedsPassword,
    /// Its minute is over.
    Expired,
    /// There is not enough money behind it.
    Poor,
    /// A fresh one of another payer than every other kind's.
    SomeoneElses,
    /// The card behind it may not pay this merchant.
    CardNotAllowed,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) kind: CodeKind,
    pub(crate) shown: i64,
    /// The order it was charged for.
    pub(crate) used_for: Option<String>,
}

/// 14 digits in UTC+8.
pub(crate) fn compact(ms: i64) -> String {
    Timestamp::from_millis(ms).civil().compact()
}

/// `yyyy-MM-dd HH:mm:ss` in UTC+8.
pub(crate) fn dashed(ms: i64) -> String {
    Timestamp::from_millis(ms).civil().to_string()
}

use super::{Answer, Coupon, ReplyError, trade_type_from_wire};
use domain::{CivilTime, Fen, OpenId, OutTradeNo, TradeType, TransactionId};

/// A payment that was made, as a query, the reply to a scanned code and a notice all tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// WeChat Pay's number.
    pub transaction_id: TransactionId,
    /// The merchant's number.
    pub out_trade_no: OutTradeNo,
    /// How it was started; `None` for a word that Paydesk does not know, such as `FACEPAY`.
    pub trade_type: Option<TradeType>,
    /// The order's amount, in units of `fee_type`.
    pub total_fee: Fen,
    /// What is settled with the merchant, where coupons make it less.
    pub settlement_total_fee: Option<Fen>,
    /// The order's currency; absent means CNY.
    pub fee_type: Option<String>,
    /// What the payer paid in money.
    pub cash_fee: Fen,
    /// The currency the payer paid in; absent means CNY.
    pub cash_fee_type: Option<String>,
    /// All coupons together.
    pub coupon_fee: Option<Fen>,
    /// How many coupons WeChat Pay says there are.
    pub coupon_count: Option<u32>,
    /// The coupons one by one.
    pub coupons: Vec<Coupon>,
    /// When it was paid.
    pub time_end: CivilTime,
    /// The bank, such as `ICBC_DEBIT`; an open list.
    pub bank_type: String,
    /// The payer under `appid`.
    pub openid: Option<OpenId>,
    /// Whether the payer follows the account. Newer documents say that it is always `N`.
    pub is_subscribe: Option<bool>,
    /// The payer under `sub_appid`.
    pub sub_openid: Option<OpenId>,
    /// Whether the payer follows the sub-merchant's account.
    pub sub_is_subscribe: Option<bool>,
    /// The terminal or shop.
    pub device_info: Option<String>,
    /// What the merchant attached to the order.
    pub attach: Option<String>,
    /// Cross-border: the exchange rate times 10^8, as text.
    pub rate_value: Option<String>,
    /// Single-item promotion, JSON as it came.
    pub promotion_detail: Option<String>,
}

impl Payment {
    /// Takes these fields out of a document.
    pub(crate) fn read(answer: &mut Answer) -> Result<Self, ReplyError> {
        Ok(Self {
            transaction_id: answer.id("transaction_id")?,
            out_trade_no: answer.id("out_trade_no")?,
            trade_type: trade_type_from_wire(&answer.text("trade_type")?),
            total_fee: answer.amount("total_fee")?,
            settlement_total_fee: answer.opt_amount("settlement_total_fee")?,
            fee_type: answer.opt("fee_type"),
            cash_fee: answer.amount("cash_fee")?,
            cash_fee_type: answer.opt("cash_fee_type"),
            coupon_fee: answer.opt_amount("coupon_fee")?,
            coupon_count: answer.opt_count("coupon_count")?,
            coupons: answer.coupons(["coupon_type", "coupon_id", "coupon_fee"], "")?,
            time_end: answer.compact_time("time_end")?,
            bank_type: answer.text("bank_type")?,
            openid: answer.opt_id("openid")?,
            is_subscribe: answer.opt_flag("is_subscribe")?,
            sub_openid: answer.opt_id("sub_openid")?,
            sub_is_subscribe: answer.opt_flag("sub_is_subscribe")?,
            device_info: answer.opt("device_info"),
            attach: answer.opt("attach"),
            rate_value: answer.opt("rate_value"),
            promotion_detail: answer.opt("promotion_detail"),
        })
    }

    /// The order's currency, `CNY` where the document names none.
    #[must_use]
    pub fn currency(&self) -> &str {
        self.fee_type.as_deref().unwrap_or("CNY")
    }
}

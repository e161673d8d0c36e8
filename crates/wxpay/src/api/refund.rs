//! 申请退款 `refund`: sends money back.
//!
//! <https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_4>, `POST /secapi/pay/refund`, **certificate**. Within a
//! year, at most 50 times an order and a minute apart. One `out_refund_no` refunds once, however often it is sent;
//! success means accepted, and [`refund_query`](super::refund_query) or a notice tells the rest.

use super::error_code::{self as e, ErrorClass as C, ErrorCode};
use super::{Answer, BuildError, Coupon, Draft, Operation, OrderRef, ReplyError, Rule};
use crate::Fields;
use domain::{Fen, OperationKind, OutRefundNo, OutTradeNo, RefundId, TransactionId};

/// Sends money back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Of which order.
    pub order: OrderRef,
    /// The merchant's number of this refund.
    pub out_refund_no: OutRefundNo,
    /// The order's whole amount.
    pub total_fee: Fen,
    /// How much of it goes back: at least 1, at most `total_fee`.
    pub refund_fee: Fen,
    /// What may also be said.
    pub extra: Extra,
}

/// What may also be said of a refund. All absent by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra {
    /// Currency of three capital letters, that of the payment; absent means CNY.
    pub refund_fee_type: Option<String>,
    /// The reason the payer reads, at most 80 bytes. Not shown for parts of up to 1 yuan.
    pub refund_desc: Option<String>,
    /// Which of the merchant's accounts pays; only for merchants with the old flow of funds.
    pub refund_account: Option<RefundAccount>,
    /// Where the notice goes instead of the address set on the merchant platform, at most 256 bytes.
    pub notify_url: Option<String>,
    /// The terminal, at most 32 bytes; old documents only.
    pub device_info: Option<String>,
    /// Who refunds, at most 32 bytes; old documents only, where it is `mch_id` by default.
    pub op_user_id: Option<String>,
}

/// Which of the merchant's accounts pays a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundAccount {
    /// What is not settled yet. The default.
    UnsettledFunds,
    /// What the merchant has available.
    RechargeFunds,
}

impl RefundAccount {
    /// The word for it on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnsettledFunds => "REFUND_SOURCE_UNSETTLED_FUNDS",
            Self::RechargeFunds => "REFUND_SOURCE_RECHARGE_FUNDS",
        }
    }
}

/// Accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// WeChat Pay's number of the refund.
    pub refund_id: RefundId,
    /// The merchant's number of the refund.
    pub out_refund_no: OutRefundNo,
    /// WeChat Pay's number of the payment.
    pub transaction_id: TransactionId,
    /// The merchant's number of the order.
    pub out_trade_no: OutTradeNo,
    /// What goes back.
    pub refund_fee: Fen,
    /// What is taken from the merchant, where coupons make it less.
    pub settlement_refund_fee: Option<Fen>,
    /// The order's whole amount.
    pub total_fee: Fen,
    /// What was settled of it, where coupons made it less.
    pub settlement_total_fee: Option<Fen>,
    /// The order's currency; absent means CNY.
    pub fee_type: Option<String>,
    /// What the payer paid in money.
    pub cash_fee: Fen,
    /// The currency the payer paid in.
    pub cash_fee_type: Option<String>,
    /// What goes back in money.
    pub cash_refund_fee: Option<Fen>,
    /// What goes back as coupons, all together.
    pub coupon_refund_fee: Option<Fen>,
    /// How many coupons WeChat Pay says there are.
    pub coupon_refund_count: Option<u32>,
    /// The coupons one by one.
    pub coupons: Vec<Coupon>,
    /// Which way it goes back: `ORIGINAL`, `BALANCE`, `OTHER_BALANCE`, `OTHER_BANKCARD`.
    pub refund_channel: Option<String>,
    /// Fields that Paydesk does not know.
    pub rest: Fields<'static>,
}

impl Operation for Refund {
    type Reply = Reply;
    const NAME: &'static str = "refund";
    const PATH: &'static str = "/secapi/pay/refund";
    const KIND: Option<OperationKind> = Some(OperationKind::Refund);
    const CERTIFICATE: bool = true;
    const ERRORS: &'static [ErrorCode] = &[
        e::SYSTEMERROR,
        ErrorCode::new(
            "BIZERR_NEED_RETRY",
            C::Unknown,
            "the order is being worked on elsewhere",
            "send exactly the same again, same number",
        ),
        ErrorCode::new(
            "TRADE_OVERDUE",
            C::Failed,
            "the payment is older than a year",
            "refund by other means",
        ),
        ErrorCode::new("ERROR", C::Failed, "a business error", "follow the description"),
        ErrorCode::new(
            "USER_ACCOUNT_ABNORMAL",
            C::Failed,
            "the payer's account is closed or blocked",
            "refund by other means",
        ),
        e::INVALID_REQ_TOO_MUCH,
        ErrorCode::new(
            "NOTENOUGH",
            C::Failed,
            "the merchant's balance is not enough",
            "top up, then the same number again",
        ),
        e::INVALID_TRANSACTIONID,
        e::PARAM_ERROR,
        e::APPID_NOT_EXIST,
        e::MCHID_NOT_EXIST,
        e::APPID_MCHID_NOT_MATCH,
        ErrorCode::new("ORDERNOTEXIST", C::Failed, "there is no such paid order", "check the number"),
        e::REQUIRE_POST_METHOD,
        e::SIGNERROR,
        e::XML_FORMAT_ERROR,
        e::FREQUENCY_LIMITED,
        e::NOAUTH,
        e::CERT_ERROR,
        ErrorCode::new(
            "REFUND_FEE_MISMATCH",
            C::Failed,
            "this refund number was used with another amount",
            "check what was refunded under it",
        ),
        e::INVALID_REQUEST,
        ErrorCode::new(
            "ORDER_NOT_READY",
            C::NotAccepted,
            "the order is still being processed",
            "the same number, later",
        ),
    ];

    fn fields(&self) -> Result<Fields<'static>, BuildError> {
        let extra = &self.extra;
        let mut draft = Draft::new();
        self.order.write(&mut draft)?;
        draft.text("out_refund_no", self.out_refund_no.as_str(), 64)?;
        draft.amount("total_fee", self.total_fee)?;
        draft.amount("refund_fee", self.refund_fee)?;
        if self.refund_fee > self.total_fee {
            return Err(BuildError::Format { field: "refund_fee", expected: Rule::WithinOrder });
        }
        draft.currency("refund_fee_type", extra.refund_fee_type.as_deref())?;
        draft.opt("refund_desc", extra.refund_desc.as_deref(), 80)?;
        draft.opt("refund_account", extra.refund_account.map(RefundAccount::as_str), 30)?;
        if let Some(url) = extra.notify_url.as_deref().filter(|url| !url.is_empty()) {
            draft.notify_url("notify_url", url)?;
        }
        draft.opt("device_info", extra.device_info.as_deref(), 32)?;
        draft.opt("op_user_id", extra.op_user_id.as_deref(), 32)?;
        Ok(draft.done())
    }

    fn read(asked: &Fields<'_>, reply: &Fields<'_>) -> Result<Reply, ReplyError> {
        let mut answer = Answer::to(asked, reply)?;
        answer.opt("sub_appid");
        Ok(Reply {
            refund_id: answer.id("refund_id")?,
            out_refund_no: answer.id("out_refund_no")?,
            transaction_id: answer.id("transaction_id")?,
            out_trade_no: answer.id("out_trade_no")?,
            refund_fee: answer.amount("refund_fee")?,
            settlement_refund_fee: answer.opt_amount("settlement_refund_fee")?,
            total_fee: answer.amount("total_fee")?,
            settlement_total_fee: answer.opt_amount("settlement_total_fee")?,
            fee_type: answer.opt("fee_type"),
            cash_fee: answer.amount("cash_fee")?,
            cash_fee_type: answer.opt("cash_fee_type"),
            cash_refund_fee: answer.opt_amount("cash_refund_fee")?,
            coupon_refund_fee: answer.opt_amount("coupon_refund_fee")?,
            coupon_refund_count: answer.opt_count("coupon_refund_count")?,
            coupons: answer.coupons(["coupon_type", "coupon_refund_id", "coupon_refund_fee"], "")?,
            refund_channel: answer.opt("refund_channel"),
            rest: answer.rest(),
        })
    }
}

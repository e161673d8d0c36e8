//! 查询退款 `refundquery`: asks where the refunds of an order stand.
//!
//! <https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_5>, `POST /pay/refundquery`, no certificate. An order with more
//! than ten refunds is told in pages of ten, by `offset`.

use super::answer::malformed;
use super::error_code::{self as e, ErrorClass as C, ErrorCode};
use super::{Answer, BuildError, Coupon, Draft, Operation, OrderRef, ReplyError, refund_state_from_wire};
use crate::Fields;
use domain::{CivilTime, Fen, OutRefundNo, OutTradeNo, RefundId, RefundState, TransactionId};

/// Which refunds are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundRef {
    /// One, by WeChat Pay's number.
    RefundId(RefundId),
    /// One, by the merchant's number.
    OutRefundNo(OutRefundNo),
    /// All of an order.
    Order(OrderRef),
}

/// Asks where refunds stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundQuery {
    /// Which refunds.
    pub refund: RefundRef,
    /// The first to be told, counted from 0.
    pub offset: Option<u32>,
}

impl RefundQuery {
    /// Asks for one refund.
    #[must_use]
    pub const fn one(out_refund_no: OutRefundNo) -> Self {
        Self { refund: RefundRef::OutRefundNo(out_refund_no), offset: None }
    }

    /// Asks for the refunds of an order, from the `offset`th on.
    pub fn of_order(order: impl Into<OrderRef>, offset: u32) -> Self {
        let offset = (offset > 0).then_some(offset);
        Self { refund: RefundRef::Order(order.into()), offset }
    }
}

/// Where the refunds stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// WeChat Pay's number of the payment.
    pub transaction_id: TransactionId,
    /// The merchant's number of the order.
    pub out_trade_no: OutTradeNo,
    /// The order's whole amount.
    pub total_fee: Fen,
    /// What was settled of it, where coupons made it less.
    pub settlement_total_fee: Option<Fen>,
    /// The order's currency; absent means CNY.
    pub fee_type: Option<String>,
    /// What the payer paid in money.
    pub cash_fee: Fen,
    /// How many refunds the order has in all; told where there are more than ten.
    pub total_refund_count: Option<u32>,
    /// The refunds of this page.
    pub refunds: Vec<Record>,
    /// Totals of this answer, which some replies have: `refund_fee`.
    pub refund_fee: Option<Fen>,
    /// `coupon_refund_fee` without an index.
    pub coupon_refund_fee: Option<Fen>,
    /// `cash_refund_fee` without an index.
    pub cash_refund_fee: Option<Fen>,
    /// Fields that Paydesk does not know.
    pub rest: Fields<'static>,
}

/// One refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The merchant's number.
    pub out_refund_no: OutRefundNo,
    /// WeChat Pay's number.
    pub refund_id: RefundId,
    /// Where it stands.
    pub state: RefundState,
    /// How much goes back.
    pub refund_fee: Fen,
    /// What is taken from the merchant, where coupons make it less.
    pub settlement_refund_fee: Option<Fen>,
    /// What goes back as coupons, all together.
    pub coupon_refund_fee: Option<Fen>,
    /// How many coupons WeChat Pay says there are.
    pub coupon_refund_count: Option<u32>,
    /// The coupons one by one.
    pub coupons: Vec<Coupon>,
    /// Which way it goes back: `ORIGINAL`, `BALANCE`, `OTHER_BALANCE`, `OTHER_BANKCARD`.
    pub refund_channel: Option<String>,
    /// Which of the merchant's accounts pays.
    pub refund_account: Option<String>,
    /// Where it goes, such as `招商银行信用卡0403`. (WeChat Pay spells the field `refund_recv_accout`.)
    pub recv_account: Option<String>,
    /// When the payer had the money.
    pub success_time: Option<CivilTime>,
}

impl Operation for RefundQuery {
    type Reply = Reply;
    const NAME: &'static str = "refund_query";
    const PATH: &'static str = "/pay/refundquery";
    const ERRORS: &'static [ErrorCode] = &[
        e::SYSTEMERROR,
        ErrorCode::new(
            "REFUNDNOTEXIST",
            C::Failed,
            "there is no such refund, or the order was never refunded",
            "check the number",
        ),
        e::INVALID_TRANSACTIONID,
        e::PARAM_ERROR,
        e::APPID_NOT_EXIST,
        e::MCHID_NOT_EXIST,
        e::APPID_MCHID_NOT_MATCH,
        e::REQUIRE_POST_METHOD,
        e::SIGNERROR,
        e::XML_FORMAT_ERROR,
    ];

    fn fields(&self) -> Result<Fields<'static>, BuildError> {
        let mut draft = Draft::new();
        match &self.refund {
            RefundRef::RefundId(id) => draft.text("refund_id", id.as_str(), 32)?,
            RefundRef::OutRefundNo(no) => draft.text("out_refund_no", no.as_str(), 64)?,
            RefundRef::Order(order) => order.write(&mut draft)?,
        }
        draft.opt("offset", self.offset.map(|offset| offset.to_string()).as_deref(), 10)?;
        Ok(draft.done())
    }

    fn read(asked: &Fields<'_>, reply: &Fields<'_>) -> Result<Reply, ReplyError> {
        let mut answer = Answer::to(asked, reply)?;
        answer.opt("sub_appid");
        answer.opt("device_info");
        let count = answer
            .opt_count("refund_count")?
            .ok_or_else(|| ReplyError::Missing { field: "refund_count".to_owned() })?;
        // The document has at most 256 fields, so a count beyond that ends at the first record that is not there.
        let mut refunds = Vec::new();
        for index in 0..count {
            refunds.push(Record::read(&mut answer, index)?);
        }
        for (index, record) in refunds.iter().enumerate() {
            let numbers =
                [("out_refund_no", record.out_refund_no.as_str()), ("refund_id", record.refund_id.as_str())];
            for (stem, said) in numbers {
                if let Some(asked) = asked.text(stem).filter(|asked| *asked != said) {
                    return Err(ReplyError::Contradicts {
                        field: format!("{stem}_{index}"),
                        asked: asked.to_owned(),
                        said: said.to_owned(),
                    });
                }
            }
        }
        if refunds.is_empty() && (asked.text("out_refund_no").or(asked.text("refund_id"))).is_some() {
            return Err(ReplyError::Missing { field: "out_refund_no_0".to_owned() });
        }
        Ok(Reply {
            transaction_id: answer.id("transaction_id")?,
            out_trade_no: answer.id("out_trade_no")?,
            total_fee: answer.amount("total_fee")?,
            settlement_total_fee: answer.opt_amount("settlement_total_fee")?,
            fee_type: answer.opt("fee_type"),
            cash_fee: answer.amount("cash_fee")?,
            total_refund_count: answer.opt_count("total_refund_count")?,
            refunds,
            refund_fee: answer.opt_amount("refund_fee")?,
            coupon_refund_fee: answer.opt_amount("coupon_refund_fee")?,
            cash_refund_fee: answer.opt_amount("cash_refund_fee")?,
            rest: answer.rest(),
        })
    }
}

impl Record {
    /// Takes the fields `…_index` and the coupons' `…_index_$m` out. Names are asked for whole, so
    /// `coupon_refund_fee_0` (all coupons of refund 0) and `coupon_refund_fee_0_0` (its first) do not mix.
    fn read(answer: &mut Answer, index: u32) -> Result<Self, ReplyError> {
        let name = |stem: &str| format!("{stem}_{index}");
        let status = name("refund_status");
        Ok(Self {
            out_refund_no: answer.id(&name("out_refund_no"))?,
            refund_id: answer.id(&name("refund_id"))?,
            state: refund_state_from_wire(&answer.text(&status)?).ok_or_else(|| malformed(&status))?,
            refund_fee: answer.amount(&name("refund_fee"))?,
            settlement_refund_fee: answer.opt_amount(&name("settlement_refund_fee"))?,
            coupon_refund_fee: answer.opt_amount(&name("coupon_refund_fee"))?,
            coupon_refund_count: answer.opt_count(&name("coupon_refund_count"))?,
            coupons: answer
                .coupons(["coupon_type", "coupon_refund_id", "coupon_refund_fee"], &format!("_{index}"))?,
            refund_channel: answer.opt(&name("refund_channel")),
            refund_account: answer.opt(&name("refund_account")),
            recv_account: answer.opt(&name("refund_recv_accout")),
            success_time: answer.opt_time(&name("refund_success_time"))?,
        })
    }
}

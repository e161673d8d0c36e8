//! 查询订单 `orderquery`: asks where an order stands.
//!
//! <https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_2>, `POST /pay/orderquery`, no certificate. The way out of
//! every unknown outcome of a payment.

use super::answer::malformed;
use super::error_code::{self as e, ErrorClass as C, ErrorCode};
use super::{Answer, BuildError, Draft, Operation, OrderRef, Payment, ReplyError, order_state_from_wire};
use crate::Fields;
use domain::{OrderState, OutTradeNo, TransactionId};

/// Asks where an order stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderQuery {
    /// Which order.
    pub order: OrderRef,
    /// `1.0` to be told of single-item promotions.
    pub version: Option<String>,
}

impl OrderQuery {
    /// Asks for an order without promotions.
    pub fn new(order: impl Into<OrderRef>) -> Self {
        Self { order: order.into(), version: None }
    }
}

/// Where the order stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The merchant's number. WeChat Pay may leave it out of an unpaid order that was asked for by its own.
    pub out_trade_no: Option<OutTradeNo>,
    /// WeChat Pay's number, which an unpaid order need not have.
    pub transaction_id: Option<TransactionId>,
    /// Where it stands (`trade_state`).
    pub state: OrderState,
    /// WeChat Pay's words for it (`trade_state_desc`).
    pub state_description: Option<String>,
    /// What the merchant attached to the order.
    pub attach: Option<String>,
    /// What was paid. Always there in state [`OrderState::Paid`]; in all other states WeChat Pay tells only
    /// the number, so it is there only if it tells everything all the same.
    pub payment: Option<Payment>,
    /// Fields that Paydesk does not know, or that a payment which is not complete came with.
    pub rest: Fields<'static>,
}

impl Operation for OrderQuery {
    type Reply = Reply;
    const NAME: &'static str = "order_query";
    const PATH: &'static str = "/pay/orderquery";
    const SANDBOX_PATH: Option<&'static str> = Some("/xdc/apiv2sandbox/pay/orderquery");
    const ERRORS: &'static [ErrorCode] = &[
        ErrorCode::new(
            "ORDERNOTEXIST",
            C::Failed,
            "there is no such order",
            "check the number; a scanned payment may take a moment to appear",
        ),
        e::SYSTEMERROR,
    ];

    fn fields(&self) -> Result<Fields<'static>, BuildError> {
        let mut draft = Draft::new();
        self.order.write(&mut draft)?;
        draft.opt("version", self.version.as_deref(), 32)?;
        Ok(draft.done())
    }

    fn read(asked: &Fields<'_>, reply: &Fields<'_>) -> Result<Reply, ReplyError> {
        let mut answer = Answer::to(asked, reply)?;
        let state = order_state_from_wire(&answer.text("trade_state")?).ok_or(malformed("trade_state"))?;
        let state_description = answer.opt("trade_state_desc");
        answer.opt("sub_appid");
        // Read from a copy: a payment that is not complete leaves its fields in `rest`.
        let mut whole = Answer::unasked(reply);
        let payment = match Payment::read(&mut whole) {
            Ok(payment) => Some(payment),
            Err(error) if state == OrderState::Paid => return Err(error),
            Err(_) => None,
        };
        if let Some(payment) = payment {
            for field in ["trade_state", "trade_state_desc", "sub_appid"] {
                whole.opt(field);
            }
            return Ok(Reply {
                out_trade_no: Some(payment.out_trade_no.clone()),
                transaction_id: Some(payment.transaction_id.clone()),
                state,
                state_description,
                attach: payment.attach.clone(),
                payment: Some(payment),
                rest: whole.rest(),
            });
        }
        // The number is documented as always there; asked for by it, an answer without it answers nothing.
        let out_trade_no = match asked.text("out_trade_no") {
            Some(_) => Some(answer.id("out_trade_no")?),
            None => answer.opt_id("out_trade_no")?,
        };
        let transaction_id = answer.opt_id("transaction_id")?;
        if out_trade_no.is_none() && transaction_id.is_none() {
            return Err(ReplyError::Missing { field: "out_trade_no".to_owned() });
        }
        let attach = answer.opt("attach");
        let rest = answer.rest();
        Ok(Reply { out_trade_no, transaction_id, state, state_description, attach, payment: None, rest })
    }
}

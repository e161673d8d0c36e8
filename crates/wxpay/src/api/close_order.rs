//! 关闭订单 `closeorder`: closes an order that is not paid.
//!
//! <https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_3>, `POST /pay/closeorder`, no certificate. Not for scanned
//! payments, and not in the first five minutes of an order.

use super::error_code::{self as e, ErrorClass as C, ErrorCode};
use super::{Answer, BuildError, Draft, Operation, ReplyError};
use crate::Fields;
use domain::{OperationKind, OutTradeNo};

/// Closes an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseOrder {
    /// Which order.
    pub out_trade_no: OutTradeNo,
}

/// Closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// WeChat Pay's word for it, `OK`.
    pub result_msg: Option<String>,
    /// Fields that Paydesk does not know.
    pub rest: Fields<'static>,
}

impl Operation for CloseOrder {
    type Reply = Reply;
    const NAME: &'static str = "close_order";
    const PATH: &'static str = "/pay/closeorder";
    const KIND: Option<OperationKind> = Some(OperationKind::CloseOrder);
    const ERRORS: &'static [ErrorCode] = &[
        ErrorCode::new("ORDERPAID", C::Settled, "the order is already paid", "treat it as a paid order"),
        e::SYSTEMERROR,
        ErrorCode::new("ORDERNOTEXIST", C::Failed, "there is no such order", "nothing to close"),
        ErrorCode::new("ORDERCLOSED", C::Settled, "the order is already closed", "nothing to do"),
        e::SIGNERROR,
        e::REQUIRE_POST_METHOD,
        e::XML_FORMAT_ERROR,
        ErrorCode::new(
            "TRADE_STATE_ERROR",
            C::Settled,
            "the order's state does not allow closing",
            "query the order",
        ),
    ];

    fn fields(&self) -> Result<Fields<'static>, BuildError> {
        let mut draft = Draft::new();
        draft.text("out_trade_no", self.out_trade_no.as_str(), 32)?;
        Ok(draft.done())
    }

    fn read(asked: &Fields<'_>, reply: &Fields<'_>) -> Result<Reply, ReplyError> {
        let mut answer = Answer::to(asked, reply)?;
        answer.opt("sub_appid");
        Ok(Reply { result_msg: answer.opt("result_msg"), rest: answer.rest() })
    }
}

//! 撤销订单 `reverse`: undoes a scanned payment.
//!
//! <https://pay.weixin.qq.com/wiki/doc/api/micropay.php?chapter=9_11>, `POST /secapi/pay/reverse`, **certificate**. Not paid:
//! the order is closed; paid: the money goes back. For seven days, and not in the first 15 seconds after the
//! code was sent. May be repeated.

use super::error_code::{self as e, ErrorClass as C, ErrorCode};
use super::{Answer, BuildError, Draft, Operation, OrderRef, ReplyError};
use crate::Fields;
use domain::OperationKind;

/// Undoes a scanned payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reverse {
    /// Which payment.
    pub order: OrderRef,
}

/// Taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Whether it must be called again (`recall` = `Y`): the payment is not undone yet.
    pub recall: bool,
    /// Fields that Paydesk does not know.
    pub rest: Fields<'static>,
}

impl Operation for Reverse {
    type Reply = Reply;
    const NAME: &'static str = "reverse";
    const PATH: &'static str = "/secapi/pay/reverse";
    const KIND: Option<OperationKind> = Some(OperationKind::Reverse);
    const CERTIFICATE: bool = true;
    const ERRORS: &'static [ErrorCode] = &[
        ErrorCode::new("SYSTEMERROR", C::Unknown, "WeChat Pay timed out", "query, then reverse again"),
        e::INVALID_TRANSACTIONID,
        e::PARAM_ERROR,
        e::REQUIRE_POST_METHOD,
        e::SIGNERROR,
        ErrorCode::new("REVERSE_EXPIRE", C::Failed, "the payment is older than seven days", "refund it"),
        e::INVALID_REQUEST,
        ErrorCode::new("TRADE_ERROR", C::Settled, "the order's state does not allow it", "query the order"),
    ];

    fn fields(&self) -> Result<Fields<'static>, BuildError> {
        let mut draft = Draft::new();
        self.order.write(&mut draft)?;
        Ok(draft.done())
    }

    fn read(asked: &Fields<'_>, reply: &Fields<'_>) -> Result<Reply, ReplyError> {
        let mut answer = Answer::to(asked, reply)?;
        let recall =
            answer.opt_flag("recall")?.ok_or_else(|| ReplyError::Missing { field: "recall".to_owned() })?;
        answer.opt("sub_appid");
        Ok(Reply { recall, rest: answer.rest() })
    }
}

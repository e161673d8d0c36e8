//! 付款码支付 `micropay`: takes money by the code that the payer shows.
//!
//! <https://pay.weixin.qq.com/wiki/doc/api/micropay.php?chapter=9_10>, `POST /pay/micropay`, no certificate, no notice: the
//! reply or a query tells. Never sent twice: after an unknown outcome (`USERPAYING` among them) query every
//! five seconds, and reverse after thirty. A new code needs a new number.

use super::detail::Detail;
use super::error_code::{self as e, ErrorClass as C, ErrorCode};
use super::scene::Scene;
use super::{Answer, BuildError, Draft, Operation, Payment, ReplyError};
use crate::Fields;
use domain::{AuthCode, CivilTime, Fen, OperationKind, OutTradeNo};

/// Takes money by the payer's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Micropay {
    /// The merchant's number; a new one for every new code.
    pub out_trade_no: OutTradeNo,
    /// What is bought, at most 128 bytes.
    pub body: String,
    /// The amount, at least 1, in fen.
    pub total_fee: Fen,
    /// The code that was scanned.
    pub auth_code: AuthCode,
    /// The terminal's address, IPv4 or IPv6.
    pub spbill_create_ip: String,
    /// What may also be said.
    pub extra: Extra,
}

/// What may also be said of a scanned payment. All absent by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra {
    /// The terminal or shop, at most 32 bytes.
    pub device_info: Option<String>,
    /// `1.0` for single-item promotions, at most 32 bytes.
    pub version: Option<String>,
    /// The goods.
    pub detail: Option<Detail>,
    /// Comes back in queries, at most 127 bytes.
    pub attach: Option<String>,
    /// Currency of three capital letters; absent means CNY.
    pub fee_type: Option<String>,
    /// When the order was made, UTC+8.
    pub time_start: Option<CivilTime>,
    /// When it ends, more than a minute later, UTC+8.
    pub time_expire: Option<CivilTime>,
    /// A promotion's tag, at most 32 bytes.
    pub goods_tag: Option<String>,
    /// Whether credit cards are refused.
    pub no_credit: bool,
    /// Whether the payer may ask for an invoice (`receipt`).
    pub receipt: bool,
    /// Whether the money is frozen for profit sharing.
    pub profit_sharing: Option<bool>,
    /// Whether this is a deposit.
    pub deposit: Option<bool>,
    /// The shop.
    pub scene: Option<Scene>,
}

/// Paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What was paid.
    pub payment: Payment,
    /// Fields that Paydesk does not know.
    pub rest: Fields<'static>,
}

impl Operation for Micropay {
    type Reply = Reply;
    const NAME: &'static str = "micropay";
    const PATH: &'static str = "/pay/micropay";
    const SANDBOX_PATH: Option<&'static str> = Some("/xdc/apiv2sandbox/pay/micropay");
    const KIND: Option<OperationKind> = Some(OperationKind::Micropay);
    const REPEATABLE: bool = false;
    const SLOW: bool = true;
    const ERRORS: &'static [ErrorCode] = &[
        ErrorCode::new("SYSTEMERROR", C::Unknown, "WeChat Pay timed out", "query at once"),
        ErrorCode::new("BANKERROR", C::Unknown, "the bank timed out", "query at once"),
        ErrorCode::new(
            "USERPAYING",
            C::Unknown,
            "the payer is entering the password",
            "query every 5 seconds, reverse after 30",
        ),
        e::PARAM_ERROR,
        e::ORDERPAID,
        e::NOAUTH,
        ErrorCode::new(
            "AUTHCODEEXPIRE",
            C::Failed,
            "the payer's code has expired",
            "refresh it and scan again",
        ),
        ErrorCode::new(
            "NOTENOUGH",
            C::Failed,
            "the payer's balance is not enough",
            "another card; scan again",
        ),
        ErrorCode::new("NOTSUPORTCARD", C::Failed, "this kind of card is not allowed", "another card"),
        e::ORDERCLOSED,
        ErrorCode::new("ORDERREVERSED", C::Settled, "the order was reversed", "pay again under a new number"),
        ErrorCode::new(
            "AUTH_CODE_ERROR",
            C::Failed,
            "the payer's code is wrong",
            "refresh it and scan again",
        ),
        ErrorCode::new("AUTH_CODE_INVALID", C::Failed, "this is no WeChat Pay code", "scan the right code"),
        e::XML_FORMAT_ERROR,
        e::REQUIRE_POST_METHOD,
        e::SIGNERROR,
        e::LACK_PARAMS,
        e::NOT_UTF8,
        e::APPID_NOT_EXIST,
        e::MCHID_NOT_EXIST,
        e::APPID_MCHID_NOT_MATCH,
        ErrorCode::new("BUYER_MISMATCH", C::Failed, "another payer began this order", "take a new number"),
        e::OUT_TRADE_NO_USED,
        e::INVALID_REQUEST,
        ErrorCode::new(
            "TRADE_ERROR",
            C::Failed,
            "the account or a risk rule forbids it",
            "check the account",
        ),
        ErrorCode::new("RULELIMIT", C::Failed, "a rule forbids it", "pay by other means"),
    ];

    fn fields(&self) -> Result<Fields<'static>, BuildError> {
        let extra = &self.extra;
        let mut draft = Draft::new();
        draft.new_order(&self.out_trade_no)?;
        draft.text("body", &self.body, 128)?;
        draft.amount("total_fee", self.total_fee)?;
        draft.currency("fee_type", extra.fee_type.as_deref())?;
        draft.text("auth_code", self.auth_code.expose(), 128)?;
        draft.ip("spbill_create_ip", &self.spbill_create_ip)?;
        draft.opt("device_info", extra.device_info.as_deref(), 32)?;
        draft.opt("version", extra.version.as_deref(), 32)?;
        draft.opt("detail", extra.detail.as_ref().map(Detail::to_json).transpose()?.as_deref(), 6000)?;
        draft.opt("attach", extra.attach.as_deref(), 127)?;
        draft.life(extra.time_start, extra.time_expire)?;
        draft.opt("goods_tag", extra.goods_tag.as_deref(), 32)?;
        draft.opt("limit_pay", extra.no_credit.then_some("no_credit"), 32)?;
        draft.opt("receipt", extra.receipt.then_some("Y"), 8)?;
        draft.flag("profit_sharing", extra.profit_sharing)?;
        draft.flag("deposit", extra.deposit)?;
        draft.opt("scene_info", extra.scene.as_ref().map(Scene::to_json).transpose()?.as_deref(), 256)?;
        Ok(draft.done())
    }

    fn read(asked: &Fields<'_>, reply: &Fields<'_>) -> Result<Reply, ReplyError> {
        let mut answer = Answer::to(asked, reply)?;
        let payment = Payment::read(&mut answer)?;
        answer.opt("sub_appid");
        Ok(Reply { payment, rest: answer.rest() })
    }
}

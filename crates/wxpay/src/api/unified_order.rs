//! 统一下单 `unifiedorder`: makes an order for JSAPI (and mini programs), Native, App or H5.
//!
//! <https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_1>, `POST /pay/unifiedorder`, no certificate. Sending the
//! same number with the same parameters again gives the same or a renewed `prepay_id`.

use super::detail::Detail;
use super::error_code::{self as e, ErrorClass as C, ErrorCode};
use super::scene::{H5Scene, Scene};
use super::{Answer, BuildError, Draft, Operation, ReplyError, Rule};
use crate::Fields;
use domain::{CivilTime, Fen, OpenId, OperationKind, OutTradeNo, PrepayId, TradeType};

/// How the payment is started, with what that needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trade {
    /// Inside WeChat: an official account's page or a mini program.
    Jsapi {
        /// Who pays.
        payer: Payer,
    },
    /// The payer scans a QR code.
    Native {
        /// The merchant's number of what is bought, at most 32 bytes.
        product_id: String,
    },
    /// A mobile app calls WeChat.
    App,
    /// A mobile browser calls WeChat (`MWEB`). `spbill_create_ip` must be the payer's own.
    H5 {
        /// The page or app that calls.
        scene: H5Scene,
    },
}

impl Trade {
    /// Which kind of trade it is.
    #[must_use]
    pub const fn kind(&self) -> TradeType {
        match self {
            Self::Jsapi { .. } => TradeType::Jsapi,
            Self::Native { .. } => TradeType::Native,
            Self::App => TradeType::App,
            Self::H5 { .. } => TradeType::H5,
        }
    }

    const fn wire(&self) -> &'static str {
        match self {
            Self::Jsapi { .. } => "JSAPI",
            Self::Native { .. } => "NATIVE",
            Self::App => "APP",
            Self::H5 { .. } => "MWEB",
        }
    }
}

/// Who pays, for JSAPI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payer {
    /// Under `appid`.
    OpenId(OpenId),
    /// Under the sub-merchant's `sub_appid` (service providers only).
    SubOpenId(OpenId),
}

/// Makes an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnifiedOrder {
    /// The merchant's number; see [`OutTradeNo::for_new_order`].
    pub out_trade_no: OutTradeNo,
    /// What is bought, at most 128 bytes, such as `腾讯充值中心-QQ会员充值`.
    pub body: String,
    /// The amount, at least 1, in fen (or the smallest unit of `fee_type`).
    pub total_fee: Fen,
    /// Where notices go: absolute, without a query string, at most 256 bytes.
    pub notify_url: String,
    /// The payer's address (App, H5) or this computer's (Native), IPv4 or IPv6.
    pub spbill_create_ip: String,
    /// How it is paid.
    pub trade: Trade,
    /// What may also be said.
    pub extra: Extra,
}

/// What may also be said of an order. All absent by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra {
    /// The terminal or shop, at most 32 bytes; `WEB` for a page.
    pub device_info: Option<String>,
    /// `1.0` for single-item promotions, at most 32 bytes.
    pub version: Option<String>,
    /// The goods.
    pub detail: Option<Detail>,
    /// Comes back in queries and notices, at most 127 bytes.
    pub attach: Option<String>,
    /// Currency of three capital letters; absent means CNY.
    pub fee_type: Option<String>,
    /// When the order was made, UTC+8.
    pub time_start: Option<CivilTime>,
    /// When it ends, more than a minute later, UTC+8. Fixed by the first request under this number.
    pub time_expire: Option<CivilTime>,
    /// A promotion's tag, at most 32 bytes.
    pub goods_tag: Option<String>,
    /// Whether credit cards are refused.
    pub no_credit: bool,
    /// Whether the payer may ask for an invoice (`receipt`).
    pub receipt: bool,
    /// Whether the money is frozen for profit sharing.
    pub profit_sharing: Option<bool>,
    /// The shop (not for H5, which has its own scene).
    pub scene: Option<Scene>,
    /// Who may pay, if only one person may.
    pub identity: Option<Identity>,
}

/// The one person who may pay. Personal data: masked wherever a request is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The kind of document.
    pub user_type: UserType,
    /// Its number, at most 32 bytes.
    pub user_creid: String,
    /// The name on it, at most 64 bytes.
    pub user_truename: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({:?}, …)", self.user_type)
    }
}

/// A kind of identity document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserType {
    /// 身份证.
    IdCard,
    /// Exit-entry permit for Hong Kong and Macao residents.
    HongkongMacao,
    /// Residence permit for Hong Kong and Macao residents.
    HongkongMacaoResident,
    /// Residence permit for Taiwan residents.
    TaiwanResident,
    /// Permanent residence card of a foreigner.
    ForeignResident,
    /// A passport.
    OverseaPassport,
}

impl UserType {
    /// The word for it on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdCard => "IDCARD",
            Self::HongkongMacao => "HONGKONG_MACAO",
            Self::HongkongMacaoResident => "HONGKONG_MACAO_RESIDENT",
            Self::TaiwanResident => "TAIWAN_RESIDENT",
            Self::ForeignResident => "FOREIGN_RESIDENT",
            Self::OverseaPassport => "OVERSEA_PASSPORT",
        }
    }
}

/// The order stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What the front end pays with, good for two hours.
    pub prepay_id: PrepayId,
    /// Native: the text of the QR code, good for two hours.
    pub code_url: Option<String>,
    /// H5: where to send the browser, good for five minutes.
    pub mweb_url: Option<String>,
    /// The terminal, as asked.
    pub device_info: Option<String>,
    /// Fields that Paydesk does not know.
    pub rest: Fields<'static>,
}

impl Operation for UnifiedOrder {
    type Reply = Reply;
    const NAME: &'static str = "unified_order";
    const PATH: &'static str = "/pay/unifiedorder";
    const KIND: Option<OperationKind> = Some(OperationKind::UnifiedOrder);
    const ERRORS: &'static [ErrorCode] = &[
        e::INVALID_REQUEST,
        e::NOAUTH,
        ErrorCode::new(
            "NOTENOUGH",
            C::Failed,
            "the payer's balance is not enough",
            "another card, or top up",
        ),
        e::ORDERPAID,
        e::ORDERCLOSED,
        e::SYSTEMERROR,
        e::APPID_NOT_EXIST,
        e::MCHID_NOT_EXIST,
        e::APPID_MCHID_NOT_MATCH,
        e::LACK_PARAMS,
        e::OUT_TRADE_NO_USED,
        e::SIGNERROR,
        e::XML_FORMAT_ERROR,
        e::REQUIRE_POST_METHOD,
        e::POST_DATA_EMPTY,
        e::NOT_UTF8,
    ];

    fn fields(&self) -> Result<Fields<'static>, BuildError> {
        let extra = &self.extra;
        let mut draft = Draft::new();
        draft.new_order(&self.out_trade_no)?;
        draft.text("body", &self.body, 128)?;
        draft.amount("total_fee", self.total_fee)?;
        draft.currency("fee_type", extra.fee_type.as_deref())?;
        draft.notify_url("notify_url", &self.notify_url)?;
        draft.ip("spbill_create_ip", &self.spbill_create_ip)?;
        draft.text("trade_type", self.trade.wire(), 16)?;
        match &self.trade {
            Trade::Jsapi { payer: Payer::OpenId(id) } => draft.text("openid", id.as_str(), 128)?,
            Trade::Jsapi { payer: Payer::SubOpenId(id) } => draft.text("sub_openid", id.as_str(), 128)?,
            Trade::Native { product_id } => draft.text("product_id", product_id, 32)?,
            Trade::App => {}
            Trade::H5 { scene } => draft.text("scene_info", &scene.to_json()?, 256)?,
        }
        match (&extra.scene, &self.trade) {
            (None, _) => {}
            (Some(_), Trade::H5 { .. }) => {
                return Err(BuildError::Format { field: "scene_info", expected: Rule::OneScene });
            }
            (Some(scene), _) => draft.text("scene_info", &scene.to_json()?, 256)?,
        }
        draft.opt("device_info", extra.device_info.as_deref(), 32)?;
        draft.opt("version", extra.version.as_deref(), 32)?;
        draft.opt("detail", extra.detail.as_ref().map(Detail::to_json).transpose()?.as_deref(), 6000)?;
        draft.opt("attach", extra.attach.as_deref(), 127)?;
        draft.life(extra.time_start, extra.time_expire)?;
        draft.opt("goods_tag", extra.goods_tag.as_deref(), 32)?;
        draft.opt("limit_pay", extra.no_credit.then_some("no_credit"), 32)?;
        draft.opt("receipt", extra.receipt.then_some("Y"), 8)?;
        draft.flag("profit_sharing", extra.profit_sharing)?;
        if let Some(identity) = &extra.identity {
            draft.text("user_type", identity.user_type.as_str(), 32)?;
            draft.text("user_creid", &identity.user_creid, 32)?;
            draft.text("user_truename", &identity.user_truename, 64)?;
        }
        Ok(draft.done())
    }

    fn read(asked: &Fields<'_>, reply: &Fields<'_>) -> Result<Reply, ReplyError> {
        let mut answer = Answer::to(asked, reply)?;
        let trade = answer.text("trade_type")?;
        let mut only_for = |name: &str, kind: &str| match answer.opt(name) {
            None if trade == kind => Err(ReplyError::Missing { field: name.to_owned() }),
            url => Ok(url),
        };
        let code_url = only_for("code_url", "NATIVE")?;
        let mweb_url = only_for("mweb_url", "MWEB")?;
        let prepay_id = answer.id("prepay_id")?;
        answer.opt("sub_appid");
        Ok(Reply {
            prepay_id,
            code_url,
            mweb_url,
            device_info: answer.opt("device_info"),
            rest: answer.rest(),
        })
    }
}

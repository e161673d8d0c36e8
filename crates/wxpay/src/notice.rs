//! Payment notices: what WeChat Pay posts to `notify_url` once a payment succeeded, and what to answer.
//!
//! A notice carries no time that is signed, so an old genuine one verifies for ever: whoever takes one must
//! look up whether it was seen before, and compare it with the order ([`PaymentNotice::checks`]).

pub mod inspect;
pub(crate) mod typed;

pub use typed::FieldError;

use crate::ambiguity::{Ambiguity, MessageKind, second_readings};
use crate::sign::{self, Expect, VerifyError};
use crate::xml::{self, Refusal};
use crate::{ApiKey, Fields, SignType};
use domain::{AppId, CivilTime, Fen, MchId, OpenId, OutTradeNo, TransactionId};
use typed::Typed;

/// Why a notice was not taken. In every case the payment is neither confirmed nor denied: query the order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// Not one flat document.
    #[error("the notice is refused: {0}")]
    Refused(#[source] Refusal),
    /// `return_code` is not `SUCCESS`: there is no payment in it, and no signature.
    #[error("the notice says {return_msg:?} instead of a payment; query the order")]
    NotSuccess {
        /// What it says, perhaps nothing.
        return_msg: String,
    },
    /// The signature is missing, of another kind, or does not match. Somebody else may have sent it.
    #[error("the notice is not believed: {0}")]
    Signature(#[from] VerifyError),
    /// The signature matches, and matches another document as well, which says something else of the payment.
    #[error(
        "the signature matches, but the text in {field} makes it match another document too, with another \
         {changed}; query the order"
    )]
    Ambiguous {
        /// The field whose text does it.
        field: String,
        /// The fields that the other document has with another value, with commas.
        changed: String,
    },
    /// The signature matches and `result_code` is not `SUCCESS`: the payment failed. WeChat Pay hardly ever
    /// sends this.
    #[error("the notice says that the payment failed: {err_code} {err_code_des}")]
    PaymentFailed {
        /// Our number of the order, if it is there.
        out_trade_no: Option<String>,
        /// WeChat Pay's code.
        err_code: String,
        /// WeChat Pay's words.
        err_code_des: String,
    },
    /// The signature matches, but it is another message of WeChat Pay, such as the reply to a query, which somebody
    /// sent here.
    #[error("this is no notice of a payment: it has the field {field}; query the order")]
    OtherMessage {
        /// A field that no notice of a payment has.
        field: &'static str,
    },
    /// The signature matches, but a field is missing or not what it should be.
    #[error("the notice is signed, but {0}; query the order")]
    Field(#[from] FieldError),
}

impl NoticeError {
    /// A stable word for it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) => "document_refused",
            Self::NotSuccess { .. } => "not_success",
            Self::Signature(VerifyError::Unsigned) => "unsigned",
            Self::Signature(VerifyError::NotADigest) => "not_a_digest",
            Self::Signature(VerifyError::OtherKind { .. }) => "other_sign_type",
            Self::Signature(VerifyError::Mismatch { .. }) => "signature_mismatch",
            Self::Ambiguous { .. } => "ambiguous",
            Self::PaymentFailed { .. } => "payment_failed",
            Self::OtherMessage { .. } => "other_message",
            Self::Field(_) => "field",
        }
    }

    /// What to answer WeChat Pay with: its own words for a bad signature, or for bad fields.
    #[must_use]
    pub fn answer(&self) -> String {
        match self {
            Self::PaymentFailed { .. } => answer(Answer::Ok),
            Self::Signature(_) | Self::Ambiguous { .. } => answer(Answer::Fail("签名失败")),
            _ => answer(Answer::Fail("参数格式校验错误")),
        }
    }
}

/// A coupon that paid for part of an order (`coupon_id_$n` and its like).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coupon {
    /// The number in the fields' names, from 0.
    pub index: u16,
    /// Its number at WeChat Pay.
    pub id: Option<String>,
    /// `CASH` (bought) or `NO_CASH` (takes from what is settled).
    pub kind: Option<String>,
    /// What it paid.
    pub fee: Option<Fen>,
}

/// A payment that succeeded, as a notice with a good and unambiguous signature tells it.
///
/// That it can be had means that the signature was verified. It does not mean that it belongs to an order of
/// ours, in that amount, or that it is new: see [`checks`](Self::checks).
#[derive(Clone, Debug)]
pub struct PaymentNotice {
    /// How it was signed.
    pub sign_type: SignType,
    /// The account of the payment.
    pub appid: AppId,
    /// The merchant (the provider, in provider mode).
    pub mch_id: MchId,
    /// The sub-merchant's account, in provider mode.
    pub sub_appid: Option<AppId>,
    /// The sub-merchant, in provider mode.
    pub sub_mch_id: Option<MchId>,
    /// The device the order was made with.
    pub device_info: Option<String>,
    /// The payer under `appid`.
    pub openid: OpenId,
    /// The payer under `sub_appid`.
    pub sub_openid: Option<OpenId>,
    /// Whether the payer follows the official account. May always be no.
    pub is_subscribe: Option<bool>,
    /// The same for the sub-merchant's account.
    pub sub_is_subscribe: Option<bool>,
    /// `JSAPI`, `NATIVE`, `APP`, `MWEB` …
    pub trade_type: String,
    /// The payer's bank, such as `CMB_CREDIT`; the list is open.
    pub bank_type: String,
    /// The order's amount.
    pub total_fee: Fen,
    /// The order's amount without coupons that are not cash.
    pub settlement_total_fee: Option<Fen>,
    /// The order's currency, ISO 4217. `CNY` where the notice says nothing.
    pub fee_type: String,
    /// What the payer paid in money.
    pub cash_fee: Fen,
    /// The currency of `cash_fee`.
    pub cash_fee_type: Option<String>,
    /// The rate from the order's currency to the payment's, times 10⁸.
    pub rate_value: Option<String>,
    /// What coupons paid, all together.
    pub coupon_fee: Option<Fen>,
    /// The coupons, by their numbers.
    pub coupons: Vec<Coupon>,
    /// WeChat Pay's number of the payment.
    pub transaction_id: TransactionId,
    /// Our number of the order.
    pub out_trade_no: OutTradeNo,
    /// What the order was made with for ourselves.
    pub attach: Option<String>,
    /// When it was paid, in UTC+8.
    pub time_end: CivilTime,
    /// The version of the interface.
    pub version: Option<String>,
    /// JSON about promotions, as it came.
    pub promotion_detail: Option<String>,
    /// A field whose text can be taken for fields, harmlessly: show a warning.
    pub warning_field: Option<String>,
    /// Every field, known or not, as it came.
    pub fields: Fields<'static>,
}

impl PaymentNotice {
    /// Takes a notice: strict XML, `return_code`, signature over every field, one reading only, fields.
    ///
    /// # Errors
    /// [`NoticeError`]; then nothing in it may be believed, and [`NoticeError::answer`] is what to send back.
    pub fn open(bytes: &[u8], key: &ApiKey, expect: Expect) -> Result<Self, NoticeError> {
        Self::take(bytes, key, expect, sign::verify)
    }

    /// As [`open`](Self::open), for WeChat's sandbox only: see [`verify_sandbox`].
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_sandbox(bytes: &[u8], key: &ApiKey, expect: Expect) -> Result<Self, NoticeError> {
        Self::take(bytes, key, expect, verify_sandbox)
    }

    fn take(
        bytes: &[u8],
        key: &ApiKey,
        expect: Expect,
        verify: fn(&Fields<'_>, &ApiKey, Expect) -> Result<SignType, VerifyError>,
    ) -> Result<Self, NoticeError> {
        let fields = xml::read(bytes).map_err(NoticeError::Refused)?;
        let (sign_type, warning_field) = believe(&fields, key, expect, MessageKind::PaymentNotice, verify)?;
        // Replies are signed with the same key, and one to a query has every field of a notice: after a refund it
        // would still say how much was paid.
        let foreign = ["trade_state", "refund_id", "out_refund_no", "refund_count"];
        if let Some(field) = foreign.into_iter().find(|name| fields.get(name).is_some()) {
            return Err(NoticeError::OtherMessage { field });
        }
        if fields.text("result_code") != Some("SUCCESS") {
            return Err(NoticeError::PaymentFailed {
                out_trade_no: fields.text("out_trade_no").map(str::to_owned),
                err_code: fields.get("err_code").unwrap_or_default().to_owned(),
                err_code_des: fields.get("err_code_des").unwrap_or_default().to_owned(),
            });
        }
        let typed = Typed::new(&fields);
        typed.need("return_code")?;
        Ok(Self {
            sign_type,
            appid: typed.id("appid", AppId::parse)?,
            mch_id: typed.id("mch_id", MchId::parse)?,
            sub_appid: typed.id_if("sub_appid", AppId::parse)?,
            sub_mch_id: typed.id_if("sub_mch_id", MchId::parse)?,
            device_info: typed.string_if("device_info"),
            openid: typed.id("openid", OpenId::parse)?,
            sub_openid: typed.id_if("sub_openid", OpenId::parse)?,
            is_subscribe: typed.yes_if("is_subscribe")?,
            sub_is_subscribe: typed.yes_if("sub_is_subscribe")?,
            trade_type: typed.need("trade_type")?.to_owned(),
            bank_type: typed.need("bank_type")?.to_owned(),
            total_fee: typed.fen("total_fee")?,
            settlement_total_fee: typed.fen_if("settlement_total_fee")?,
            fee_type: typed.string_if("fee_type").unwrap_or_else(|| "CNY".to_owned()),
            cash_fee: typed.fen("cash_fee")?,
            cash_fee_type: typed.string_if("cash_fee_type"),
            rate_value: typed.string_if("rate_value"),
            coupon_fee: typed.fen_if("coupon_fee")?,
            coupons: coupons(&fields)?,
            transaction_id: typed.id("transaction_id", TransactionId::parse)?,
            out_trade_no: typed.id("out_trade_no", OutTradeNo::parse)?,
            attach: typed.string_if("attach"),
            time_end: typed.time("time_end", CivilTime::parse_compact)?,
            version: typed.string_if("version"),
            promotion_detail: typed.string_if("promotion_detail"),
            warning_field,
            fields: fields.into_owned(),
        })
    }

    /// Compares the notice with the order it claims to pay. Only if every check is `ok` may the order be called
    /// paid.
    #[must_use]
    pub fn checks(&self, expected: &Expected) -> Vec<Check> {
        check_fields(&self.fields, expected)
    }
}

/// `return_code`, signature and ambiguity of a signed message from WeChat Pay. Gives the kind of digest and
/// the field that deserves a warning.
pub(crate) fn believe(
    fields: &Fields<'_>,
    key: &ApiKey,
    expect: Expect,
    kind: MessageKind,
    verify: fn(&Fields<'_>, &ApiKey, Expect) -> Result<SignType, VerifyError>,
) -> Result<(SignType, Option<String>), NoticeError> {
    if let Some(code) = fields.text("return_code")
        && code != "SUCCESS"
    {
        let return_msg = fields.get("return_msg").unwrap_or_default().to_owned();
        return Err(NoticeError::NotSuccess { return_msg });
    }
    let sign_type = verify(fields, key, expect)?;
    match second_readings(fields, kind) {
        Ambiguity::None => Ok((sign_type, None)),
        Ambiguity::Harmless { field } => Ok((sign_type, Some(field))),
        Ambiguity::Dangerous { field, changed, .. } => {
            Err(NoticeError::Ambiguous { field, changed: changed.join(", ") })
        }
    }
}

/// Verifies as WeChat's sandbox signs: it leaves a `cash_fee` of `0` out of the string although it sends it.
/// Never for live messages: it would let somebody add that field.
///
/// # Errors
/// [`VerifyError`] of the document as it came.
pub fn verify_sandbox(fields: &Fields<'_>, key: &ApiKey, expect: Expect) -> Result<SignType, VerifyError> {
    let first = sign::verify(fields, key, expect);
    if first.is_ok() || fields.get("cash_fee") != Some("0") {
        return first;
    }
    let mut without = fields.clone();
    without.remove("cash_fee");
    sign::verify(&without, key, expect).or(first)
}

fn coupons(fields: &Fields<'_>) -> Result<Vec<Coupon>, FieldError> {
    let mut coupons = std::collections::BTreeMap::new();
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        let family = ["coupon_id_", "coupon_type_", "coupon_fee_"].into_iter();
        let Some((family, index)) = family.filter_map(|f| Some((f, name.strip_prefix(f)?))).next() else {
            continue;
        };
        // A name such as coupon_fee_x is an unknown field like any other.
        let digits = index.bytes().all(|byte| byte.is_ascii_digit());
        let Some(index) = index.parse().ok().filter(|_| digits) else { continue };
        let coupon = coupons.entry(index).or_insert(Coupon { index, id: None, kind: None, fee: None });
        match family {
            "coupon_id_" => coupon.id = Some(value.to_owned()),
            "coupon_type_" => coupon.kind = Some(value.to_owned()),
            _ => coupon.fee = Some(Typed::new(fields).fen(name)?),
        }
    }
    Ok(coupons.into_values().collect())
}

/// What an order was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Our merchant's number.
    pub mch_id: MchId,
    /// The account the order was made under.
    pub appid: AppId,
    /// Our number of the order.
    pub out_trade_no: OutTradeNo,
    /// The order's amount.
    pub total: Fen,
    /// Its currency, ISO 4217.
    pub currency: String,
}

/// What a check compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CheckId {
    /// The merchant's number.
    MchId,
    /// The account.
    AppId,
    /// Our number of the order.
    OutTradeNo,
    /// The amount in fen.
    Amount,
    /// The currency.
    Currency,
}

impl CheckId {
    /// The stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MchId => "mch_id",
            Self::AppId => "appid",
            Self::OutTradeNo => "out_trade_no",
            Self::Amount => "amount",
            Self::Currency => "currency",
        }
    }
}

/// One comparison of a message with an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was compared.
    pub id: CheckId,
    /// Whether they agree.
    pub ok: bool,
    /// What the order was made with.
    pub expected: String,
    /// What the message says; empty if nothing.
    pub said: String,
}

/// Compares fields, verified or not, with an order. An amount is compared as a number, a missing currency is
/// `CNY`, and whatever else is missing disagrees.
#[must_use]
pub fn check_fields(fields: &Fields<'_>, expected: &Expected) -> Vec<Check> {
    let said = |name: &str| fields.get(name).unwrap_or_default().to_owned();
    let text = |id, name: &str, expected: &str| {
        let said = said(name);
        Check { id, ok: said == expected, expected: expected.to_owned(), said }
    };
    let currency = fields.text("fee_type").unwrap_or("CNY");
    vec![
        text(CheckId::MchId, "mch_id", expected.mch_id.as_str()),
        text(CheckId::AppId, "appid", expected.appid.as_str()),
        text(CheckId::OutTradeNo, "out_trade_no", expected.out_trade_no.as_str()),
        Check {
            id: CheckId::Amount,
            ok: fields.get("total_fee").and_then(typed::fen) == Some(expected.total),
            expected: expected.total.get().to_string(),
            said: said("total_fee"),
        },
        Check {
            id: CheckId::Currency,
            ok: currency == expected.currency,
            expected: expected.currency.clone(),
            said: currency.to_owned(),
        },
    ]
}

/// What to tell WeChat Pay about a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// It was taken, now or before. WeChat Pay stops sending it.
    Ok,
    /// It was not, for this reason. WeChat Pay sends it again, for about a day.
    Fail(&'a str),
}

/// The document to answer a notice with.
#[must_use]
pub fn answer(answer: Answer<'_>) -> String {
    let (code, message) = match answer {
        Answer::Ok => ("SUCCESS", "OK"),
        Answer::Fail(message) => ("FAIL", message),
    };
    let mut fields = Fields::new();
    // A message that XML cannot carry is left out: the code alone says it.
    let _ = fields.add("return_code", code);
    let _ = fields.add("return_msg", message);
    // The documentation's own form wraps both in CDATA, and some readers look for it.
    let mut out = String::from("<xml>");
    for (name, value) in fields.iter() {
        let value = value.replace("]]>", "]]]]><![CDATA[>");
        for part in ["<", name, "><![CDATA[", &value, "]]></", name, ">"] {
            out.push_str(part);
        }
    }
    out.push_str("</xml>");
    out
}

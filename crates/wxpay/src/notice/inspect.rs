//! Looking at a signed document without taking it: for a person who pastes one and asks what it is.
//!
//! Unlike [`PaymentNotice::open`](super::PaymentNotice::open) this gives what could be read even where the
//! signature does not match. Nothing it gives may change a payment.

use crate::ambiguity::{Ambiguity, MessageKind, second_readings};
use crate::sign::{Expect, VerifyError, is_signed, masked_string, sign, verify};
use crate::xml::{self, Refusal};
use crate::{ApiKey, Fields, SignType};

/// What the document looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recognised {
    /// A payment's notice.
    PaymentNotice,
    /// A refund's notice, `req_info` and all.
    RefundNotice,
    /// What stands inside a refund notice: root `root`.
    RefundContent,
    /// The callback of a static QR code (Native mode 1).
    NativeCallback,
    /// A request to unified order or micropay.
    OrderRequest,
    /// A reply to any request.
    ApiReply,
    /// What a JSAPI page or a mini program calls the payment with.
    PayParamsJsapi,
    /// What an app calls the payment with.
    PayParamsApp,
    /// Something else.
    Other,
}

impl Recognised {
    /// The stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentNotice => "payment_notice",
            Self::RefundNotice => "refund_notice",
            Self::RefundContent => "refund_content",
            Self::NativeCallback => "native_callback",
            Self::OrderRequest => "order_request",
            Self::ApiReply => "api_reply",
            Self::PayParamsJsapi => "pay_params_jsapi",
            Self::PayParamsApp => "pay_params_app",
            Self::Other => "other",
        }
    }

    /// What a document with these fields looks like.
    #[must_use]
    pub fn of(fields: &Fields<'_>) -> Self {
        let has = |names: &[&str]| names.iter().all(|name| fields.text(name).is_some());
        let any = |names: &[&str]| names.iter().any(|name| fields.text(name).is_some());
        if has(&["req_info"]) {
            Self::RefundNotice
        } else if has(&["paySign"]) || has(&["timeStamp", "nonceStr", "package"]) {
            Self::PayParamsJsapi
        } else if has(&["prepayid", "noncestr"]) {
            Self::PayParamsApp
        } else if has(&["result_code", "transaction_id", "time_end"])
            && !any(&["trade_state", "refund_id", "out_refund_no"])
        {
            // A micropay reply has the same fields; only its trade type tells.
            if fields.text("trade_type") == Some("MICROPAY") { Self::ApiReply } else { Self::PaymentNotice }
        } else if any(&["return_code", "result_code"]) {
            Self::ApiReply
        } else if has(&["product_id", "openid", "is_subscribe"]) {
            Self::NativeCallback
        } else if any(&["notify_url", "auth_code"]) && has(&["out_trade_no", "total_fee"]) {
            Self::OrderRequest
        } else if has(&["refund_status", "out_refund_no"]) {
            Self::RefundContent
        } else {
            Self::Other
        }
    }

    /// What [`second_readings`] must know of it.
    #[must_use]
    pub fn message_kind(self, fields: &Fields<'_>) -> MessageKind {
        let has = |name: &str| fields.text(name).is_some();
        match self {
            Self::PaymentNotice => MessageKind::PaymentNotice,
            Self::NativeCallback => MessageKind::NativeCallback,
            Self::OrderRequest if has("auth_code") => MessageKind::MicropayRequest,
            Self::OrderRequest => MessageKind::UnifiedOrderRequest,
            Self::ApiReply if has("trade_state") => MessageKind::OrderQueryReply,
            Self::ApiReply if has("prepay_id") => MessageKind::UnifiedOrderReply,
            Self::ApiReply if has("refund_count") => MessageKind::RefundQueryReply,
            Self::ApiReply if has("refund_id") => MessageKind::RefundReply,
            Self::ApiReply if has("time_end") => MessageKind::MicropayReply,
            _ => MessageKind::Other,
        }
    }
}

/// What can be said of the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It matches.
    Valid,
    /// It matches, but WeChat Pay would refuse the document for something else.
    ValidButRefused,
    /// It does not match, or is no digest.
    Invalid,
    /// There is none, and there should be.
    Unsigned,
    /// It matches another document as well, which says something else of the payment.
    Ambiguous,
    /// It cannot be said: no key, or not all that is signed is here.
    Undecidable,
    /// The document cannot be read.
    Malformed,
}

impl Verdict {
    /// The stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::ValidButRefused => "valid_but_refused",
            Self::Invalid => "invalid",
            Self::Unsigned => "unsigned",
            Self::Ambiguous => "ambiguous",
            Self::Undecidable => "undecidable",
            Self::Malformed => "malformed",
        }
    }
}

/// A field as it enters the string to sign, or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenField {
    /// The name.
    pub name: String,
    /// The value, as it came.
    pub value: String,
    /// Why it is not part of the string to sign; `None` if it is.
    pub left_out: Option<LeftOut>,
}

/// Why a field is not part of the string to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeftOut {
    /// It is empty.
    Empty,
    /// It is the signature.
    Signature,
    /// This kind of document signs a fixed set of names, and it is not among them.
    NotInSet,
}

impl LeftOut {
    /// The stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Signature => "signature",
            Self::NotInSet => "not_in_set",
        }
    }
}

/// Something about a document that its signature does not decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable word for it.
    pub id: &'static str,
    /// The field.
    pub field: &'static str,
    /// Whether WeChat Pay refuses it, or it only deserves a look.
    pub refused: bool,
}

/// All that can be said of a pasted document.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// What can be said of its signature.
    pub verdict: Verdict,
    /// What it looks like.
    pub recognised: Recognised,
    /// Which digest it carries, or would carry.
    pub sign_type: Option<SignType>,
    /// The signature it carries, as it came.
    pub presented: Option<String>,
    /// The signature that the key gives. `None` without a key.
    pub expected: Option<String>,
    /// The string to sign, the key masked. Empty if the document cannot be read.
    pub string_to_sign: String,
    /// The fields in the order of the document.
    pub fields: Vec<SeenField>,
    /// Whether it can be read in a second way.
    pub ambiguity: Ambiguity,
    /// What else is to be seen.
    pub findings: Vec<Finding>,
    /// Why it cannot be read.
    pub refusal: Option<Refusal>,
}

/// Looks at a document in XML. Without a key the verdict is at best [`Verdict::Undecidable`].
#[must_use]
pub fn inspect(bytes: &[u8], key: Option<&ApiKey>, expect: Expect) -> Inspection {
    match xml::read(bytes) {
        Ok(fields) => inspect_fields(&fields, key, expect),
        Err(refusal) => match xml::read_root(bytes, "root") {
            Ok(fields) => Inspection {
                verdict: Verdict::Unsigned,
                recognised: Recognised::RefundContent,
                ..inspect_fields(&fields, key, expect)
            },
            Err(_) => Inspection {
                verdict: Verdict::Malformed,
                recognised: Recognised::Other,
                sign_type: None,
                presented: None,
                expected: None,
                string_to_sign: String::new(),
                fields: Vec::new(),
                ambiguity: Ambiguity::None,
                findings: Vec::new(),
                refusal: Some(refusal),
            },
        },
    }
}

/// The fields that are signed, with their signature under the name `sign`; and whether all of them are here. A call
/// of a page or a mini program signs five names, and most leave the appId out of the call itself.
#[must_use]
pub fn signed_set(fields: &Fields<'_>, recognised: Recognised) -> (Fields<'static>, bool) {
    if recognised != Recognised::PayParamsJsapi {
        return (fields.clone().into_owned(), true);
    }
    let mut set = Fields::new();
    for (signed, names) in [
        ("appId", &["appId"][..]),
        // wx.chooseWXPay is called with `timestamp`, but what is signed is `timeStamp`.
        ("timeStamp", &["timeStamp", "timestamp"]),
        ("nonceStr", &["nonceStr"]),
        ("package", &["package"]),
        ("signType", &["signType"]),
        ("sign", &["paySign", "sign"]),
    ] {
        if let Some(value) = names.iter().find_map(|name| fields.text(name)) {
            // The value stood in a document already, so it can stand in another.
            let _ = set.add(signed, value.to_owned());
        }
    }
    // wx.requestPayment and wx.chooseWXPay are called without the appId, though it is signed.
    let complete = set.text("appId").is_some();
    (set, complete)
}

/// Looks at fields that were read from something else than XML, such as JSON or a query string.
#[must_use]
pub fn inspect_fields(fields: &Fields<'_>, key: Option<&ApiKey>, expect: Expect) -> Inspection {
    let recognised = Recognised::of(fields);
    let (set, complete) = signed_set(fields, recognised);
    let ambiguity = second_readings(&set, recognised.message_kind(fields));
    let presented = set.text("sign").map(str::to_owned);
    let by_name = ["sign_type", "signType"].into_iter().find_map(|name| SignType::from_wire(set.text(name)?));
    let by_length = presented.as_deref().and_then(crate::Signature::parse).map(|sign| sign.kind());
    let by_merchant = match expect {
        Expect::Exactly(kind) => Some(kind),
        Expect::ByLength => None,
    };
    let sign_type = by_length.or(by_name).or(by_merchant);
    let findings = findings(fields, recognised);
    let refused = findings.iter().any(|finding| finding.refused);
    let verdict = match (key, &presented) {
        (_, None) => Verdict::Unsigned,
        _ if !complete => Verdict::Undecidable,
        (None, Some(_)) => Verdict::Undecidable,
        (Some(key), Some(_)) => match verify(&set, key, expect) {
            Ok(_) if ambiguity.is_dangerous() => Verdict::Ambiguous,
            Ok(_) if refused => Verdict::ValidButRefused,
            Ok(_) => Verdict::Valid,
            Err(VerifyError::Unsigned) => Verdict::Unsigned,
            Err(_) => Verdict::Invalid,
        },
    };
    let expected = key
        .filter(|_| complete && recognised != Recognised::RefundNotice)
        .map(|key| sign(&set, key, sign_type.unwrap_or(SignType::Md5)).to_string());
    let seen = |(name, value): (&str, &str)| SeenField {
        name: name.to_owned(),
        value: value.to_owned(),
        left_out: left_out(name, value, recognised),
    };
    Inspection {
        verdict,
        recognised,
        sign_type,
        presented,
        expected,
        string_to_sign: masked_string(&set),
        fields: fields.iter().map(seen).collect(),
        ambiguity,
        findings,
        refusal: None,
    }
}

/// Why a field of such a document is not part of the string to sign; `None` if it is.
#[must_use]
pub fn left_out(name: &str, value: &str, recognised: Recognised) -> Option<LeftOut> {
    let front = recognised == Recognised::PayParamsJsapi;
    if name == "sign" || (front && name == "paySign") {
        Some(LeftOut::Signature)
    } else if !is_signed(name, value) {
        Some(LeftOut::Empty)
    } else if front && !["appId", "timeStamp", "timestamp", "nonceStr", "package", "signType"].contains(&name)
    {
        Some(LeftOut::NotInSet)
    } else {
        None
    }
}

/// What WeChat's own client refuses in front-end parameters although they are signed well, and amounts that are none.
#[must_use]
pub fn findings(fields: &Fields<'_>, recognised: Recognised) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |id, field, refused| found.push(Finding { id, field, refused });
    let time = |name| fields.text(name).map(|text| (text.len(), text.bytes().all(|b| b.is_ascii_digit())));
    match recognised {
        Recognised::PayParamsJsapi => {
            let name = if fields.text("timeStamp").is_some() { "timeStamp" } else { "timestamp" };
            match time(name) {
                Some((13, true)) => add("timestamp_in_milliseconds", name, true),
                Some((10, true)) | None => {}
                Some(_) => add("timestamp_not_seconds", name, true),
            }
            if !fields.get("package").unwrap_or_default().starts_with("prepay_id=") {
                add("package_without_prepay_id", "package", true);
            }
            if fields.text("signType").is_none() {
                add("sign_type_missing", "signType", false);
            }
        }
        Recognised::PayParamsApp => {
            match time("timestamp") {
                Some((13, true)) => add("timestamp_in_milliseconds", "timestamp", true),
                Some((10, true)) | None => {}
                Some(_) => add("timestamp_not_seconds", "timestamp", true),
            }
            if fields.get("package") != Some("Sign=WXPay") {
                add("package_not_sign_wxpay", "package", true);
            }
        }
        _ => {}
    }
    // In every message: a good signature under no amount is no payment.
    for name in AMOUNTS {
        let amount = fields.text(name);
        if amount.is_some_and(|text| crate::notice::typed::fen(text).is_none()) {
            add("amount_impossible", name, true);
        }
    }
    found
}

/// The fields that are amounts in fen, in the messages that are looked at.
const AMOUNTS: [&str; 9] = [
    "total_fee",
    "cash_fee",
    "coupon_fee",
    "settlement_total_fee",
    "refund_fee",
    "settlement_refund_fee",
    "cash_refund_fee",
    "coupon_refund_fee",
    "refund_fee_0",
];

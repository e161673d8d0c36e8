//! The second signature: what the front end calls WeChat with once an order was made.
//!
//! The names differ in case from those of the server's side and from each other; each way of calling has its
//! own set, and one wrong letter makes the payer see `支付验证签名失败`.
//!
//! Official: `pay.weixin.qq.com/wiki/doc/api/` jsapi `7_7`, wxa `7_7`, app `8_5`, native `6_4`, H5 `15_4`.

use crate::ambiguity::MessageKind;
use crate::notice::typed::Typed;
use crate::notice::{NoticeError, believe};
use crate::sign::{self, Expect, sign};
use crate::xml;
use crate::{ApiKey, Fields, SignType};
use domain::{AppId, Entropy, MchId, OpenId, PrepayId, Timestamp, new_nonce};
use std::fmt::Write as _;

/// Whose order it is.
#[derive(Clone, Copy, Debug)]
pub struct Seller<'a> {
    /// The account (the provider's, in provider mode).
    pub appid: &'a AppId,
    /// The merchant (the provider, in provider mode).
    pub mch_id: &'a MchId,
    /// The sub-merchant's account, if the order was made with one.
    pub sub_appid: Option<&'a AppId>,
    /// The sub-merchant, in provider mode.
    pub sub_mch_id: Option<&'a MchId>,
}

/// Whose openid the order was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payer {
    /// `openid`, under `appid`.
    OfAppid,
    /// `sub_openid`, under `sub_appid`. The front end then runs under `sub_appid` too.
    OfSubAppid,
}

/// Why there is nothing to call the payment with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayParamsError {
    /// The order was made with `sub_openid`, but no `sub_appid` is given.
    #[error("the order was made with sub_openid, so the front end needs sub_appid; there is none")]
    NoSubAppid,
    /// The clock is before 2001-09-09 or after 2286-11-20, so its seconds do not have ten digits.
    #[error("this computer's clock is wrong ({secs} s since 1970); WeChat refuses such a timeStamp")]
    Clock {
        /// What it says.
        secs: i64,
    },
    /// Not an absolute `https` or `http` address, or one with a blank or control character.
    #[error("{field} must be an absolute http or https address without blanks")]
    Url {
        /// Which one.
        field: &'static str,
    },
    /// `mweb_url` names a page to return to already.
    #[error("mweb_url has a redirect_url already")]
    HasRedirect,
    /// 1 to 32 characters that XML can carry.
    #[error("product_id must have 1 to 32 printable ASCII characters")]
    ProductId,
}

/// How a web page or a mini program calls the payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallStyle {
    /// `WeixinJSBridge.invoke('getBrandWCPayRequest', …)` in a page inside WeChat.
    Bridge,
    /// `wx.chooseWXPay(…)` of the JSSDK: `timestamp` in lower case, and no appId.
    ChooseWxPay,
    /// `wx.requestPayment(…)` in a mini program: no appId.
    RequestPayment,
}

/// What a page inside WeChat or a mini program calls the payment with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsapiParams {
    /// `appId`: what it runs under.
    pub app_id: AppId,
    /// `timeStamp`: ten digits, as text.
    pub time_stamp: String,
    /// `nonceStr`.
    pub nonce_str: String,
    /// `package`: `prepay_id=…`.
    pub package: String,
    /// `signType`: the same as the order's.
    pub sign_type: SignType,
    /// `paySign`.
    pub pay_sign: String,
}

/// Ten digits of seconds.
fn seconds(now: Timestamp) -> Result<String, PayParamsError> {
    let secs = now.secs();
    if (1_000_000_000..=9_999_999_999).contains(&secs) {
        Ok(secs.to_string())
    } else {
        Err(PayParamsError::Clock { secs })
    }
}

fn document<const N: usize>(pairs: [(&'static str, &str); N]) -> Fields<'static> {
    let mut fields = Fields::new();
    for (name, value) in pairs {
        // Names are ours and differ; values are checked numbers, or text made here.
        let _ = fields.add(name, value.to_owned());
    }
    fields
}

/// Signs what a page inside WeChat or a mini program pays `prepay_id` with. `kind` is what the order was
/// signed with.
///
/// # Errors
/// [`PayParamsError::NoSubAppid`], [`PayParamsError::Clock`].
pub fn jsapi(
    seller: &Seller<'_>,
    payer: Payer,
    prepay_id: &PrepayId,
    key: &ApiKey,
    kind: SignType,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<JsapiParams, PayParamsError> {
    let app_id = match payer {
        Payer::OfAppid => seller.appid,
        Payer::OfSubAppid => seller.sub_appid.ok_or(PayParamsError::NoSubAppid)?,
    };
    let mut params = JsapiParams {
        app_id: app_id.clone(),
        time_stamp: seconds(now)?,
        nonce_str: new_nonce(entropy),
        package: format!("prepay_id={prepay_id}"),
        sign_type: kind,
        pay_sign: String::new(),
    };
    params.pay_sign = sign(&params.signed_fields(), key, kind).to_string();
    Ok(params)
}

impl JsapiParams {
    /// The five fields that are signed.
    #[must_use]
    pub fn signed_fields(&self) -> Fields<'static> {
        document([
            ("appId", self.app_id.as_str()),
            ("timeStamp", &self.time_stamp),
            ("nonceStr", &self.nonce_str),
            ("package", &self.package),
            ("signType", self.sign_type.as_str()),
        ])
    }

    /// Names and values of the call, in the documentation's order.
    #[must_use]
    pub fn pairs(&self, style: CallStyle) -> Vec<(&'static str, &str)> {
        let time = if style == CallStyle::ChooseWxPay { "timestamp" } else { "timeStamp" };
        let mut pairs = vec![
            (time, &*self.time_stamp),
            ("nonceStr", &self.nonce_str),
            ("package", &self.package),
            ("signType", self.sign_type.as_str()),
            ("paySign", &self.pay_sign),
        ];
        if style == CallStyle::Bridge {
            pairs.insert(0, ("appId", self.app_id.as_str()));
        }
        pairs
    }

    /// The call's argument as a JSON object in which every value is text.
    #[must_use]
    pub fn json(&self, style: CallStyle) -> String {
        json(&self.pairs(style))
    }

    /// The whole call, ready to paste into a script.
    #[must_use]
    pub fn call(&self, style: CallStyle) -> String {
        let json = self.json(style);
        match style {
            CallStyle::Bridge => format!(
                "WeixinJSBridge.invoke('getBrandWCPayRequest', {json}, function (res) {{\n  \
                 // res.err_msg: get_brand_wcpay_request:ok | :cancel | :fail. The server must still confirm.\n}});"
            ),
            CallStyle::ChooseWxPay => format!("wx.chooseWXPay({json});"),
            CallStyle::RequestPayment => format!("wx.requestPayment({json});"),
        }
    }
}

/// What an app calls the payment with. All names in lower case, and no sign type among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppParams {
    /// `appid` of the app at the open platform.
    pub appid: AppId,
    /// `partnerid`: the merchant, or the sub-merchant in provider mode.
    pub partnerid: MchId,
    /// `prepayid`, bare.
    pub prepayid: PrepayId,
    /// `noncestr`.
    pub noncestr: String,
    /// `timestamp`: ten digits, as text.
    pub timestamp: String,
    /// `sign`.
    pub sign: String,
}

/// Signs what an app pays `prepay_id` with. `kind` is what the order was signed with.
///
/// # Errors
/// [`PayParamsError::Clock`].
pub fn app(
    seller: &Seller<'_>,
    prepay_id: &PrepayId,
    key: &ApiKey,
    kind: SignType,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<AppParams, PayParamsError> {
    let mut params = AppParams {
        appid: seller.sub_appid.unwrap_or(seller.appid).clone(),
        partnerid: seller.sub_mch_id.unwrap_or(seller.mch_id).clone(),
        prepayid: prepay_id.clone(),
        noncestr: new_nonce(entropy),
        timestamp: seconds(now)?,
        sign: String::new(),
    };
    params.sign = sign(&params.signed_fields(), key, kind).to_string();
    Ok(params)
}

impl AppParams {
    fn pairs(&self) -> [(&'static str, &str); 6] {
        [
            ("appid", self.appid.as_str()),
            ("partnerid", self.partnerid.as_str()),
            ("prepayid", self.prepayid.as_str()),
            ("package", "Sign=WXPay"),
            ("noncestr", &self.noncestr),
            ("timestamp", &self.timestamp),
        ]
    }

    /// The six fields that are signed.
    #[must_use]
    pub fn signed_fields(&self) -> Fields<'static> {
        document(self.pairs())
    }

    /// All seven as a JSON object in which every value is text.
    #[must_use]
    pub fn json(&self) -> String {
        let mut pairs = self.pairs().to_vec();
        pairs.push(("sign", &self.sign));
        json(&pairs)
    }
}

/// The address that a mobile browser opens to pay: `mweb_url`, and where to come back to if that is another
/// page than the one it came from. The host of `redirect_url` must belong to the merchant's H5 domain.
///
/// # Errors
/// [`PayParamsError::Url`], [`PayParamsError::HasRedirect`].
pub fn h5_url(mweb_url: &str, redirect_url: Option<&str>) -> Result<String, PayParamsError> {
    check_url("mweb_url", mweb_url)?;
    let Some(redirect_url) = redirect_url else { return Ok(mweb_url.to_owned()) };
    check_url("redirect_url", redirect_url)?;
    if mweb_url.contains("redirect_url=") {
        return Err(PayParamsError::HasRedirect);
    }
    let mut out = String::with_capacity(mweb_url.len() + 3 * redirect_url.len());
    out.push_str(mweb_url);
    out.push(if mweb_url.contains('?') { '&' } else { '?' });
    out.push_str("redirect_url=");
    percent_encode(redirect_url, &mut out);
    Ok(out)
}

fn check_url(field: &'static str, url: &str) -> Result<(), PayParamsError> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '['));
    let blank = url.contains(|c: char| c.is_whitespace() || c.is_control());
    if host && !blank { Ok(()) } else { Err(PayParamsError::Url { field }) }
}

/// As `encodeURIComponent` does.
fn percent_encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
        if plain {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// A JSON object of texts that may also stand inside a `<script>` and in JavaScript of any age.
fn json(pairs: &[(&str, &str)]) -> String {
    let mut out = String::from("{");
    for (index, (name, value)) in pairs.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { "," });
        for (text, end) in [(name, ":"), (value, "")] {
            out.push('"');
            for c in text.chars() {
                match c {
                    '"' => out.push_str("\\\""),
                    '\\' => out.push_str("\\\\"),
                    '\u{2028}' | '\u{2029}' | '<' | '>' | '&' | '\'' | '\0'..='\u{1F}' | '\u{7F}' => {
                        let _ = write!(out, "\\u{:04x}", u32::from(c));
                    }
                    c => out.push(c),
                }
            }
            out.push('"');
            out.push_str(end);
        }
    }
    out.push('}');
    out
}

/// The link in a static QR code (Native mode 1). Scanned, it makes WeChat Pay call the merchant's pay callback
/// with `product_id`; see [`NativeCallback`]. It is signed with MD5, which is all its `sign` has room for.
///
/// Mode 2 needs none of this: `code_url` of unified order is the QR code's text.
///
/// # Errors
/// [`PayParamsError::Clock`], [`PayParamsError::ProductId`].
pub fn native_link(
    seller: &Seller<'_>,
    product_id: &str,
    key: &ApiKey,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<String, PayParamsError> {
    let printable = product_id.bytes().all(|byte| byte.is_ascii_graphic());
    if !(1..=32).contains(&product_id.len()) || !printable {
        return Err(PayParamsError::ProductId);
    }
    let (time_stamp, nonce_str) = (seconds(now)?, new_nonce(entropy));
    let pairs = [
        ("appid", seller.appid.as_str()),
        ("mch_id", seller.mch_id.as_str()),
        ("product_id", product_id),
        ("time_stamp", &time_stamp),
        ("nonce_str", &nonce_str),
    ];
    let mut link = format!("weixin://wxpay/bizpayurl?sign={}", sign(&document(pairs), key, SignType::Md5));
    for (name, value) in pairs {
        link.push('&');
        link.push_str(name);
        link.push('=');
        percent_encode(value, &mut link);
    }
    Ok(link)
}

/// What WeChat Pay asks when a static QR code was scanned: who wants to buy what. Answer within 5 s with
/// [`answer_native`] or [`refuse_native`].
#[derive(Clone, Debug)]
pub struct NativeCallback {
    /// How it was signed. The answer is signed the same way.
    pub sign_type: SignType,
    /// The account.
    pub appid: AppId,
    /// The merchant.
    pub mch_id: MchId,
    /// Who scanned.
    pub openid: OpenId,
    /// Whether they follow the official account.
    pub is_subscribe: Option<bool>,
    /// What the QR code is for.
    pub product_id: String,
    /// Every field, known or not.
    pub fields: Fields<'static>,
}

impl NativeCallback {
    /// Takes a callback: strict XML, signature over every field, one reading only, fields.
    ///
    /// # Errors
    /// [`NoticeError`]; then make no order.
    pub fn open(bytes: &[u8], key: &ApiKey, expect: Expect) -> Result<Self, NoticeError> {
        let fields = xml::read(bytes).map_err(NoticeError::Refused)?;
        let (sign_type, _) = believe(&fields, key, expect, MessageKind::NativeCallback, sign::verify)?;
        let typed = Typed::new(&fields);
        Ok(Self {
            sign_type,
            appid: typed.id("appid", AppId::parse)?,
            mch_id: typed.id("mch_id", MchId::parse)?,
            openid: typed.id("openid", OpenId::parse)?,
            is_subscribe: typed.yes_if("is_subscribe")?,
            product_id: typed.need("product_id")?.to_owned(),
            fields: fields.into_owned(),
        })
    }
}

/// Answers a [`NativeCallback`] with the order made for it: signed XML.
#[must_use]
pub fn answer_native(
    callback: &NativeCallback,
    prepay_id: &PrepayId,
    key: &ApiKey,
    entropy: &dyn Entropy,
) -> String {
    native_answer(callback, ("prepay_id", prepay_id.as_str()), "SUCCESS", key, entropy)
}

/// Answers a [`NativeCallback`] with a refusal: `reason` is shown to the person who scanned, cut to 128 bytes.
#[must_use]
pub fn refuse_native(callback: &NativeCallback, reason: &str, key: &ApiKey, entropy: &dyn Entropy) -> String {
    let reason = &reason[..reason.floor_char_boundary(128)];
    native_answer(callback, ("err_code_des", reason), "FAIL", key, entropy)
}

fn native_answer(
    callback: &NativeCallback,
    special: (&'static str, &str),
    result: &str,
    key: &ApiKey,
    entropy: &dyn Entropy,
) -> String {
    let mut fields = document([
        ("return_code", "SUCCESS"),
        ("appid", callback.appid.as_str()),
        ("mch_id", callback.mch_id.as_str()),
        ("nonce_str", &new_nonce(entropy)),
        ("result_code", result),
        special,
    ]);
    if callback.sign_type == SignType::HmacSha256 {
        let _ = fields.add("sign_type", callback.sign_type.as_str());
    }
    let signature = sign(&fields, key, callback.sign_type).to_string();
    let _ = fields.add("sign", signature);
    xml::write(&fields)
}

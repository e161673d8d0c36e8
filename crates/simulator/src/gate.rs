//! The way of a request: what is checked in which order before the business sees it, and how a reply is dressed.

use crate::api;
use crate::fault::{self, Fault};
use crate::field_table::{Refusal, refuse};
use crate::merchant::{CertId, Merchant};
use crate::message::{Message, page, rejection};
use crate::notices::spoil;
use crate::simulator::Simulator;
use std::time::Duration;
use wxpay::xml::RefusalKind;
use wxpay::{ApiKey, Fields, SignType, sign, xml};

/// The client certificate that came with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// None was shown.
    Absent,
    /// This one was shown, and its private key proven.
    Shown(CertId),
    /// The connection has no way to ask for one (plain HTTP): not demanded.
    NotAsked,
}

/// One request, as it came over the wire.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// `POST`, or what is refused.
    pub method: &'a str,
    /// Path with its leading slash.
    pub path: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// The client certificate.
    pub certificate: Certificate,
    /// The value of `Wechatpay-Negative-Test`, which the official sandbox listens to.
    pub negative_test: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// A POST over a connection that does not ask for certificates.
    #[must_use]
    pub const fn post(path: &'a str, body: &'a [u8]) -> Self {
        Self { method: "POST", path, body, certificate: Certificate::NotAsked, negative_test: None }
    }
}

/// What the caller of the gateway sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A reply.
    Reply {
        /// HTTP status.
        status: u16,
        /// The body.
        body: Vec<u8>,
        /// How long until its first byte.
        delay: Duration,
        /// How long between two bytes.
        per_byte: Duration,
    },
    /// The connection stays open and silent.
    Silence,
    /// The connection is lost before a byte came back.
    Reset,
    /// The connection is lost after these bytes of a longer body.
    ResetAfter(Vec<u8>),
}

impl Outcome {
    pub(crate) const fn reply(status: u16, body: Vec<u8>) -> Self {
        Self::Reply { status, body, delay: Duration::ZERO, per_byte: Duration::ZERO }
    }
}

/// A request that has been believed.
pub(crate) struct Believed<'a> {
    pub(crate) fields: Fields<'a>,
    pub(crate) merchant: Merchant,
    pub(crate) sign_type: SignType,
    pub(crate) now: i64,
    pub(crate) path: &'a str,
    pub(crate) negative_test: Option<&'a str>,
}

impl Believed<'_> {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.fields.text(name)
    }

    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// A number the table has already checked.
    pub(crate) fn amount(&self, name: &str) -> i64 {
        self.text(name).and_then(|text| text.parse().ok()).unwrap_or(0)
    }
}

/// What an API has to say.
pub(crate) enum Said {
    /// `result_code` SUCCESS with these fields.
    Yes(Message),
    /// `result_code` SUCCESS, signed as if this field were not there: a quirk of the sandbox.
    YesSignedWithout(Message, &'static str),
    /// Nothing: the sandbox plays a timeout.
    Nothing,
}

type Api = fn(&mut Simulator, &Believed<'_>) -> Result<Said, Refusal>;

fn route(path: &str) -> Option<(Api, bool)> {
    Some(match path {
        "/pay/unifiedorder" => (api::unified_order::answer, false),
        "/pay/micropay" => (api::micropay::answer, false),
        "/pay/orderquery" => (api::order_query::answer, false),
        "/pay/closeorder" => (api::close_order::answer, false),
        "/secapi/pay/reverse" => (api::reverse::answer, true),
        "/secapi/pay/refund" => (api::refund::answer, true),
        "/pay/refundquery" => (api::refund_query::answer, false),
        "/xdc/apiv2sandbox/pay/micropay" => (api::sandbox::micropay, false),
        "/xdc/apiv2sandbox/pay/orderquery" => (api::sandbox::order_query, false),
        _ => return None,
    })
}

/// Whether WeChat Pay demands the client certificate on this path.
#[must_use]
pub fn demands_certificate(path: &str) -> bool {
    path.starts_with("/secapi/")
}

impl Simulator {
    /// Takes one request and does what WeChat Pay would do. Never panics, whatever the bytes.
    pub fn handle(&mut self, call: &Call<'_>) -> Outcome {
        let now = self.tick();
        let fault = self.strike(call);
        match &fault {
            Some(Fault::TimeoutBefore) => return Outcome::Silence,
            Some(Fault::ResetBefore) => return Outcome::Reset,
            Some(Fault::Status { status, effect: false }) => {
                return Outcome::reply(*status, page(*status, "simulated trouble"));
            }
            _ => {}
        }
        let mut outcome = self.process(call, now, fault.as_ref());
        if let (Some(fault), Outcome::Reply { status, body, delay, per_byte }) = (fault, &mut outcome) {
            match fault {
                Fault::TimeoutAfter => return Outcome::Silence,
                Fault::ResetMidBody => {
                    body.truncate(body.len() / 2);
                    return Outcome::ResetAfter(std::mem::take(body));
                }
                Fault::Garbage => {
                    let noise = self.world.rng.hex(48);
                    *body = noise.bytes().map(|byte| byte ^ 0xA5).collect();
                }
                Fault::Html => *body = page(200, "系统繁忙"),
                Fault::Truncated => body.truncate(body.len() / 2),
                Fault::Status { status: wanted, .. } => {
                    *status = wanted;
                    *body = page(wanted, "simulated trouble");
                }
                Fault::SlowBytes { ms } => *per_byte = Duration::from_millis(ms),
                Fault::Delay { ms } => *delay = Duration::from_millis(ms),
                _ => {}
            }
        }
        outcome
    }

    fn strike(&mut self, call: &Call<'_>) -> Option<Fault> {
        if self.world.faults.is_empty() {
            return None;
        }
        let fields = xml::read(call.body).unwrap_or_default();
        let names = ["out_trade_no", "out_refund_no", "transaction_id", "refund_id"];
        let numbers: Vec<&str> = names.into_iter().filter_map(|name| fields.text(name)).collect();
        fault::strike(&mut self.world.faults, call.path, &numbers)
    }

    fn process(&mut self, call: &Call<'_>, now: i64, fault: Option<&Fault>) -> Outcome {
        let reply = |text: String| Outcome::reply(200, text.into_bytes());
        if matches!(
            call.path,
            "/sandboxnew/pay/getsignkey"
                | "/xdc/apiv2getsignkey/sign/getsignkey"
                | "/xdc/apiv2sandbox/pay/getsignkey"
        ) {
            return reply(api::sandbox::sign_key(self, call));
        }
        let Some((api, certificate)) = route(call.path) else {
            return Outcome::reply(404, page(404, "Not Found"));
        };
        if certificate && call.certificate == Certificate::Absent {
            return Outcome::reply(400, page(400, "No required SSL certificate was sent"));
        }
        let sandbox = call.path.starts_with("/xdc/");
        let (believed, key) = match self.believe(call, now, sandbox) {
            Ok(believed) => believed,
            Err(text) => return reply(text),
        };
        let said = match self.admit(&believed, &call.certificate, certificate) {
            Err(refusal) => Err(refusal),
            Ok(()) => match fault {
                Some(Fault::SystemErrorBefore) => refuse("SYSTEMERROR", "系统异常，请用相同参数重新调用"),
                Some(Fault::BankError { effect: false }) => refuse("BANKERROR", "银行端超时"),
                Some(Fault::ErrCode { code }) => refuse_with(code),
                _ => api(self, &believed),
            },
        };
        if said.is_err()
            && call.path == "/secapi/pay/refund"
            && let Some(limit) = self.world.config.refused_refunds_limit
        {
            self.rate(&believed).refuse(now, limit);
        }
        let said = match (said, fault) {
            (Ok(_), Some(Fault::SystemErrorAfter)) => refuse("SYSTEMERROR", "系统异常，请用相同参数重新调用"),
            (Ok(_), Some(Fault::BankError { effect: true })) => refuse("BANKERROR", "银行端超时"),
            (said, _) => said,
        };
        match said {
            Ok(Said::Nothing) => Outcome::Silence,
            Ok(Said::Yes(body)) => reply(self.dress(&believed, &key, Ok(body), None, fault)),
            Ok(Said::YesSignedWithout(body, name)) => {
                reply(self.dress(&believed, &key, Ok(body), Some(name), fault))
            }
            Err(refusal) => reply(self.dress(&believed, &key, Err(refusal), None, fault)),
        }
    }

    /// Everything up to and including the signature. `Err` is the reply of the gateway that turns it down.
    fn believe<'a>(
        &mut self,
        call: &Call<'a>,
        now: i64,
        sandbox: bool,
    ) -> Result<(Believed<'a>, ApiKey), String> {
        if call.method != "POST" {
            return Err(rejection("请使用post方法", Some("REQUIRE_POST_METHOD")));
        }
        let fields = xml::read(call.body).map_err(|refusal| match refusal.kind {
            RefusalKind::Empty => rejection("post数据为空", Some("POST_DATA_EMPTY")),
            RefusalKind::NotUtf8 | RefusalKind::Encoding => rejection("编码格式错误", Some("NOT_UTF8")),
            _ => rejection("XML格式错误", Some("XML_FORMAT_ERROR")),
        })?;
        let merchant = fields.text("mch_id").and_then(|mch_id| self.world.merchants.get(mch_id));
        let Some(merchant) = merchant else {
            return Err(rejection("商户号mch_id不存在", Some("MCHID_NOT_EXIST")));
        };
        // The sandbox takes any appid.
        let appid = fields.text("appid").unwrap_or("");
        if !sandbox && !merchant.appids.iter().any(|known| known == appid) {
            let elsewhere =
                self.world.merchants.values().any(|other| other.appids.iter().any(|known| known == appid));
            return Err(if elsewhere {
                rejection("商户号mch_id与appid不匹配", Some("APPID_MCHID_NOT_MATCH"))
            } else {
                rejection("appid不存在", Some("APPID_NOT_EXIST"))
            });
        }
        let sign_type = match fields.text("sign_type") {
            None => SignType::Md5,
            Some(text) => SignType::from_wire(text)
                .ok_or_else(|| rejection("签名类型sign_type错误", Some("PARAM_ERROR")))?,
        };
        let merchant = merchant.clone();
        let key =
            if sandbox { ApiKey::new(domain::Secret::new(merchant.sandbox_key())) } else { merchant.key() };
        let verdict = sign::verify(&fields, &key, sign::Expect::Exactly(sign_type));
        let believed =
            Believed { fields, merchant, sign_type, now, path: call.path, negative_test: call.negative_test };
        match verdict {
            Ok(_) => Ok((believed, key)),
            Err(_) if sandbox => {
                Err(rejection("沙箱验证签名失败，请确认沙箱签名key是否正确（通过getsignkey调用生成）", None))
            }
            Err(_) if self.world.config.sign_error_as_err_code => {
                let refusal = Refusal { code: "SIGNERROR", text: "签名错误".into() };
                Err(self.dress(&believed, &key, Err(refusal), None, None))
            }
            Err(_) => Err(rejection("签名错误，请检查后再试", None)),
        }
    }

    /// What is looked at after the signature and before the business: rate, certificate, sub-merchant.
    fn admit(
        &mut self,
        believed: &Believed<'_>,
        shown: &Certificate,
        certificate: bool,
    ) -> Result<(), Refusal> {
        let limit = self.world.config.limits.get(believed.path).copied();
        let now = believed.now;
        if self.world.config.refused_refunds_limit.is_some() && self.rate(believed).is_blocked(now) {
            return refuse("INVALID_REQ_TOO_MUCH", "无效请求过多，请检查参数后1分钟再试");
        }
        if let Some(limit) = limit
            && !self.rate(believed).admit(now, limit)
        {
            return if believed.path == "/secapi/pay/refund" {
                refuse("FREQUENCY_LIMITED", "频率限制，请降低频率后重试")
            } else {
                refuse("INVALID_REQUEST", "频率限制，请降低频率后重试")
            };
        }
        if certificate
            && let Certificate::Shown(shown) = shown
            && *shown != believed.merchant.certificate
        {
            return refuse("CERT_ERROR", "证书校验错误，请检查证书是否属于该商户号且为最新");
        }
        let subs = &believed.merchant.sub_merchants;
        if believed.path.starts_with("/xdc/") {
            return Ok(());
        }
        match (subs.is_empty(), believed.text("sub_mch_id")) {
            (true, None) => Ok(()),
            (true, Some(_)) => refuse("PARAM_ERROR", "参数错误:普通商户不能传sub_mch_id"),
            (false, None) => refuse("LACK_PARAMS", "缺少参数sub_mch_id"),
            (false, Some(sub)) => match subs.iter().find(|known| known.sub_mch_id == sub) {
                None => refuse("MCHID_NOT_EXIST", "子商户号sub_mch_id不存在"),
                Some(known) => match believed.text("sub_appid") {
                    Some(appid) if !known.appids.iter().any(|own| own == appid) => {
                        refuse("APPID_MCHID_NOT_MATCH", "子商户号sub_mch_id与sub_appid不匹配")
                    }
                    _ => Ok(()),
                },
            },
        }
    }

    fn rate(&mut self, believed: &Believed<'_>) -> &mut crate::config::Rate {
        let name = format!("{} {}", believed.merchant.mch_id, believed.path);
        self.world.rates.entry(name).or_default()
    }

    /// A whole reply: envelope, signature, body.
    fn dress(
        &mut self,
        believed: &Believed<'_>,
        key: &ApiKey,
        said: Result<Message, Refusal>,
        without: Option<&str>,
        fault: Option<&Fault>,
    ) -> String {
        let mut message = Message::new()
            .text("return_code", "SUCCESS")
            .text("return_msg", "OK")
            .maybe("appid", believed.text("appid"))
            .maybe("mch_id", believed.text("mch_id"))
            .maybe("sub_appid", believed.text("sub_appid"))
            .maybe("sub_mch_id", believed.text("sub_mch_id"))
            .maybe("device_info", believed.text("device_info"))
            .text("nonce_str", self.world.rng.nonce());
        message = match said {
            Ok(body) => message.text("result_code", "SUCCESS").append(body),
            Err(Refusal { code, text }) => {
                // An armed err_code is data, not one of the gateway's own words.
                let code = match fault {
                    Some(Fault::ErrCode { code: armed }) if code == ARMED => armed.as_str(),
                    _ => code,
                };
                message.text("result_code", "FAIL").text("err_code", code).text("err_code_des", text)
            }
        };
        match fault {
            Some(Fault::WrongOrder) => {
                let other = |text: &str| {
                    let last = if text.ends_with('9') { '8' } else { '9' };
                    let mut text = text.to_owned();
                    text.pop();
                    text.push(last);
                    text
                };
                let changed = message.change("out_refund_no", other)
                    | message.change("out_refund_no_0", other)
                    | message.change("out_trade_no", other);
                if !changed {
                    message.change("mch_id", other);
                }
            }
            Some(Fault::WrongAmount) => {
                let more = |text: &str| (text.parse::<i64>().unwrap_or(0) + 1).to_string();
                for name in ["total_fee", "cash_fee", "refund_fee", "cash_refund_fee", "refund_fee_0"] {
                    message.change(name, more);
                }
            }
            _ => {}
        }
        let sign = message.signature(key, believed.sign_type, without);
        match fault {
            Some(Fault::MissingSignature) => message,
            Some(Fault::BadSignature) => message.text("sign", spoil(&sign)),
            _ => message.text("sign", sign),
        }
        .into_xml("xml")
    }
}

/// Stands for the code an [`Fault::ErrCode`] was armed with.
const ARMED: &str = "ARMED";

fn refuse_with<T>(_code: &str) -> Result<T, Refusal> {
    refuse(ARMED, "按计划返回的错误")
}

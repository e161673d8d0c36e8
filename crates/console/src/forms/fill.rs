//! Forms as arguments. Whatever is wrong is said with the form's own field, before anything is written or sent.

use super::{CustomerForm, MerchantForm, MicropayForm, OrderForm, PayParamsForm, RefundForm};
use crate::args::{Act, FailHow, KeyKind, NewMerchant, NewMicropay, NewOrder, NewRefund, PayParamsFor, Way};
use crate::error::{Code, ConsoleError, Result};
use crate::words::Words;
use domain::{
    AppId, AuthCode, Environment, Fen, IdError, MchId, OpenId, OutRefundNo, OutTradeNo, PrepayId, RefundState,
};
use simulator::fault::{NoticeFault, NoticeFaultRule};

/// How late a late notice is: long enough to be seen, short enough to be waited for.
const LATE_MS: i64 = 15_000;
/// How often a repeated notice comes again.
const AGAIN: u32 = 2;
/// More attempts than WeChat Pay makes: a lost notice never comes.
const NEVER: u32 = 1_000;

/// The field is wrong, for this reason.
fn wrong(field: &'static str, why: impl Into<Words>) -> ConsoleError {
    ConsoleError::new(Code::InvalidField).with("field", field).saying("detail", why)
}

/// The word is none of those the field may have.
fn no_such(field: &'static str) -> ConsoleError {
    wrong(field, Words::new("detail.id.shape").with("field", field))
}

fn id<T>(field: &'static str, text: &str, parse: fn(&str) -> std::result::Result<T, IdError>) -> Result<T> {
    if text.is_empty() {
        return Err(wrong(field, Words::new("detail.rule.not_empty")));
    }
    parse(text).map_err(|error| wrong(field, &error))
}

fn maybe_id<T>(
    field: &'static str,
    text: Option<&str>,
    parse: fn(&str) -> std::result::Result<T, IdError>,
) -> Result<Option<T>> {
    text.filter(|text| !text.is_empty()).map(|text| id(field, text, parse)).transpose()
}

/// A text that must be there.
pub(crate) fn needed(field: &'static str, text: Option<String>) -> Result<String> {
    given(text).ok_or_else(|| wrong(field, Words::new("detail.rule.not_empty")))
}

/// A text that may be empty, which is none.
pub(crate) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn amount(field: &'static str, fen: i64) -> Result<Fen> {
    let fen = Fen::new(fen);
    if fen.is_positive() {
        return Ok(fen);
    }
    Err(ConsoleError::new(Code::InvalidAmount)
        .with("field", field)
        .with("given", fen)
        .saying("detail", Words::new("detail.amount.not_positive")))
}

/// The number of an order that is there.
pub(crate) fn order_number(text: &str) -> Result<OutTradeNo> {
    id("out_trade_no", text, OutTradeNo::parse)
}

/// The number of a refund that is there.
pub(crate) fn refund_number(text: &str) -> Result<OutRefundNo> {
    id("out_refund_no", text, OutRefundNo::parse)
}

/// `api_v2`, `api_v3`, `app_secret` or `sandbox`.
pub(crate) fn key_kind(text: &str) -> Result<KeyKind> {
    Ok(match text {
        "api_v2" => KeyKind::ApiV2,
        "api_v3" => KeyKind::ApiV3,
        "app_secret" => KeyKind::AppSecret,
        "sandbox" => KeyKind::Sandbox,
        _ => return Err(no_such("kind")),
    })
}

/// Whether it is HMAC-SHA256; `None` where nothing is said.
pub(crate) fn sign_type(text: Option<&str>) -> Result<Option<bool>> {
    match text {
        None | Some("") => Ok(None),
        Some("HMAC-SHA256") => Ok(Some(true)),
        Some("MD5") => Ok(Some(false)),
        Some(_) => Err(no_such("sign_type")),
    }
}

fn prepay_id(text: Option<&str>) -> Result<PrepayId> {
    id("prepay_id", text.unwrap_or_default().trim(), PrepayId::parse)
}

impl TryFrom<PayParamsForm> for PayParamsFor {
    type Error = ConsoleError;

    fn try_from(form: PayParamsForm) -> Result<Self> {
        Ok(match &*form.kind {
            "jsapi" => Self::Jsapi { prepay_id: prepay_id(form.prepay_id.as_deref())? },
            "app" => Self::App { prepay_id: prepay_id(form.prepay_id.as_deref())? },
            "h5" => Self::H5 {
                mweb_url: needed("mweb_url", form.mweb_url)?,
                redirect_url: given(form.redirect_url),
            },
            "native" => Self::Native { product_id: needed("product_id", form.product_id)? },
            _ => return Err(no_such("kind")),
        })
    }
}

impl TryFrom<OrderForm> for NewOrder {
    type Error = ConsoleError;

    fn try_from(form: OrderForm) -> Result<Self> {
        let way = match &*form.trade_type {
            "native" => Way::Native { product_id: None },
            "app" => Way::App,
            "jsapi" => Way::Jsapi {
                openid: maybe_id("openid", form.openid.as_deref(), OpenId::parse)?,
                sub_openid: maybe_id("sub_openid", form.sub_openid.as_deref(), OpenId::parse)?,
            },
            "h5" => Way::H5 {
                wap_url: needed("wap_url", form.wap_url)?,
                wap_name: needed("wap_name", form.wap_name)?,
            },
            _ => return Err(no_such("trade_type")),
        };
        match &way {
            Way::Jsapi { openid: None, sub_openid: None } => {
                return Err(wrong("openid", Words::new("detail.order.needs_openid")));
            }
            Way::Jsapi { openid: Some(_), sub_openid: Some(_) } => {
                return Err(wrong("openid", Words::new("detail.order.one_openid")));
            }
            _ => {}
        }
        // WeChat Pay counts in whole seconds and wants more than a minute.
        if form.expires_in_secs.is_some_and(|secs| secs <= 60) {
            return Err(wrong("expires_in_secs", Words::new("detail.rule.minute_later")));
        }
        Ok(Self {
            way,
            total: amount("total_fen", form.total_fen)?,
            currency: "CNY".into(),
            body: needed("body", Some(form.body))?,
            attach: given(form.attach),
            out_trade_no: Some(id("out_trade_no", &form.out_trade_no, OutTradeNo::for_new_order)?),
            expires_in_secs: form.expires_in_secs,
            detail: None,
            scene_info: None,
            goods_tag: None,
            no_credit: false,
            device_info: None,
            spbill_create_ip: None,
            notify_url: None,
        })
    }
}

impl TryFrom<MicropayForm> for NewMicropay {
    type Error = ConsoleError;

    fn try_from(form: MicropayForm) -> Result<Self> {
        Ok(Self {
            auth_code: id("auth_code", form.auth_code.trim(), AuthCode::parse)?,
            total: amount("total_fen", form.total_fen)?,
            body: needed("body", Some(form.body))?,
            attach: given(form.attach),
            out_trade_no: Some(id("out_trade_no", &form.out_trade_no, OutTradeNo::for_new_order)?),
            spbill_create_ip: None,
        })
    }
}

impl TryFrom<RefundForm> for NewRefund {
    type Error = ConsoleError;

    fn try_from(form: RefundForm) -> Result<Self> {
        Ok(Self {
            out_trade_no: order_number(&form.out_trade_no)?,
            refund: amount("refund_fen", form.refund_fen)?,
            out_refund_no: maybe_id("out_refund_no", Some(&form.out_refund_no), OutRefundNo::parse)?,
            reason: given(form.reason),
            notify_url: None,
        })
    }
}

impl TryFrom<MerchantForm> for NewMerchant {
    type Error = ConsoleError;

    fn try_from(form: MerchantForm) -> Result<Self> {
        Ok(Self {
            name: needed("name", Some(form.name))?,
            label: form.label,
            environment: form.environment.parse::<Environment>().map_err(|_| no_such("environment"))?,
            mch_id: id("mch_id", &form.mch_id, MchId::parse)?,
            appid: id("appid", &form.appid, AppId::parse)?,
            sub_mch_id: maybe_id("sub_mch_id", form.sub_mch_id.as_deref(), MchId::parse)?,
            sub_appid: maybe_id("sub_appid", form.sub_appid.as_deref(), AppId::parse)?,
            hmac_sha256: match &*form.sign_type {
                "HMAC-SHA256" => true,
                "MD5" => false,
                _ => return Err(no_such("sign_type")),
            },
            notify_url: given(form.notify_url),
            gateway_url: given(form.gateway_url),
            gateway_ca: given(form.gateway_ca),
        })
    }
}

impl CustomerForm {
    /// What it comes to, in order: trouble with the notice is planned before the payment that it strikes.
    ///
    /// # Errors
    /// `invalid_field`, `invalid_amount`.
    pub fn acts(&self) -> Result<Vec<Act>> {
        let fail = |out_trade_no: &str, how| -> Result<_> {
            Ok(vec![Act::Fail { out_trade_no: order_number(out_trade_no)?, how }])
        };
        match self {
            Self::Pay { out_trade_no, coupon_fen, notice } => {
                let number = order_number(out_trade_no)?;
                let fault = match &**notice {
                    "normal" => None,
                    "late" => Some(NoticeFault::Late { ms: LATE_MS }),
                    "repeated" => Some(NoticeFault::Repeated { times: AGAIN }),
                    "lost" => Some(NoticeFault::Lost { attempts: NEVER }),
                    _ => return Err(no_such("notice")),
                };
                let coupon = match coupon_fen {
                    0 => None,
                    fen => Some(amount("coupon_fen", *fen)?),
                };
                let mut acts = Vec::with_capacity(2);
                if let Some(fault) = fault {
                    let rule = NoticeFaultRule::of(number.as_str(), fault);
                    let plan =
                        serde_json::to_string(&rule).map_err(|error| wrong("notice", Words::from(&error)))?;
                    acts.push(Act::Fault { plan });
                }
                acts.push(Act::Pay { out_trade_no: number, cash_coupon: None, no_cash_coupon: coupon });
                Ok(acts)
            }
            Self::Mistype { out_trade_no } => fail(out_trade_no, FailHow::Mistype),
            Self::Cancel { out_trade_no } => fail(out_trade_no, FailHow::Cancel),
            Self::Expire { out_trade_no } => fail(out_trade_no, FailHow::Expire),
            Self::AuthCode { kind } => match &**kind {
                "fresh" | "password" | "expired" | "poor" => Ok(vec![Act::AuthCode { kind: kind.clone() }]),
                _ => Err(no_such("kind")),
            },
            Self::RefundResult { out_refund_no, result } => {
                let result = match &**result {
                    "success" => RefundState::Success,
                    "abnormal" => RefundState::Abnormal,
                    "closed" => RefundState::Closed,
                    _ => return Err(no_such("result")),
                };
                Ok(vec![Act::RefundResult { out_refund_no: refund_number(out_refund_no)?, result }])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field, and what makes it wrong.
    type Wrong<F> = (&'static str, fn(&mut F));

    fn field(error: &ConsoleError) -> (Code, &str) {
        (error.code, error.params.get("field").map_or("", String::as_str))
    }

    fn order() -> OrderForm {
        OrderForm {
            trade_type: "native".into(),
            out_trade_no: "PD20260105001".into(),
            total_fen: 3_600,
            body: "面包".into(),
            ..OrderForm::default()
        }
    }

    #[test]
    fn each_wrong_field_of_an_order_is_named() {
        let wrong: [Wrong<OrderForm>; 11] = [
            ("trade_type", |form| form.trade_type = "NATIVE".into()),
            ("trade_type", |form| form.trade_type = "micropay".into()),
            ("out_trade_no", |form| form.out_trade_no = String::new()),
            ("out_trade_no", |form| form.out_trade_no = "a b c d".into()),
            ("body", |form| form.body = String::new()),
            ("expires_in_secs", |form| form.expires_in_secs = Some(60)),
            ("openid", |form| form.trade_type = "jsapi".into()),
            ("openid", |form| {
                form.trade_type = "jsapi".into();
                form.openid = Some("有".into());
            }),
            ("openid", |form| {
                form.trade_type = "jsapi".into();
                form.openid = Some("one".into());
                form.sub_openid = Some("two".into());
            }),
            ("wap_url", |form| form.trade_type = "h5".into()),
            ("wap_name", |form| {
                form.trade_type = "h5".into();
                form.wap_url = Some("https://example.com".into());
            }),
        ];
        for (name, change) in wrong {
            let mut form = order();
            change(&mut form);
            let error = NewOrder::try_from(form.clone()).unwrap_err();
            assert_eq!(field(&error), (Code::InvalidField, name), "{form:?}");
        }
        for fen in [0, -1, i64::MIN] {
            let error = NewOrder::try_from(OrderForm { total_fen: fen, ..order() }).unwrap_err();
            assert_eq!(field(&error), (Code::InvalidAmount, "total_fen"));
        }
        let right = NewOrder::try_from(OrderForm { attach: Some(String::new()), ..order() }).unwrap();
        assert_eq!((right.total, right.attach, right.currency.as_str()), (Fen::new(3_600), None, "CNY"));
    }

    #[test]
    fn the_other_forms_name_their_wrong_fields() {
        let scan = MicropayForm {
            auth_code: " 130000000000000000\n".into(),
            out_trade_no: "PD20260105001".into(),
            total_fen: 1,
            body: "咖啡".into(),
            attach: None,
        };
        assert!(NewMicropay::try_from(scan.clone()).is_ok(), "a scanner ends the code with a line feed");
        let error = NewMicropay::try_from(MicropayForm { auth_code: "99".into(), ..scan }).unwrap_err();
        assert_eq!(field(&error), (Code::InvalidField, "auth_code"));
        assert!(!format!("{error} {error:?}").contains("99"), "a payer's code is never shown");

        let back =
            RefundForm { out_trade_no: "PD20260105001".into(), refund_fen: 0, ..RefundForm::default() };
        assert_eq!(
            field(&NewRefund::try_from(back.clone()).unwrap_err()),
            (Code::InvalidAmount, "refund_fen")
        );
        let planned = NewRefund::try_from(RefundForm { refund_fen: 5, ..back.clone() }).unwrap();
        assert_eq!((planned.out_refund_no, planned.reason), (None, None));
        let error =
            NewRefund::try_from(RefundForm { refund_fen: 5, out_refund_no: "?".into(), ..back }).unwrap_err();
        assert_eq!(field(&error), (Code::InvalidField, "out_refund_no"));

        let shop = MerchantForm {
            name: "shop".into(),
            environment: "live".into(),
            mch_id: "1900000109".into(),
            appid: "wxd930ea5d5a258f4f".into(),
            sign_type: "MD5".into(),
            ..MerchantForm::default()
        };
        assert!(NewMerchant::try_from(shop.clone()).is_ok());
        let wrong: [Wrong<MerchantForm>; 7] = [
            ("name", |form| form.name = String::new()),
            ("environment", |form| form.environment = "prod".into()),
            ("mch_id", |form| form.mch_id = "abc".into()),
            ("appid", |form| form.appid = String::new()),
            ("sub_mch_id", |form| form.sub_mch_id = Some("x".into())),
            ("sub_appid", |form| form.sub_appid = Some("?".into())),
            ("sign_type", |form| form.sign_type = "SHA1".into()),
        ];
        for (name, change) in wrong {
            let mut form = shop.clone();
            change(&mut form);
            assert_eq!(field(&NewMerchant::try_from(form).unwrap_err()), (Code::InvalidField, name));
        }
        assert_eq!(field(&key_kind("former").unwrap_err()), (Code::InvalidField, "kind"));
    }

    #[test]
    fn a_customers_notice_fault_is_planned_before_the_payment() {
        let pay = |notice: &str, coupon_fen| CustomerForm::Pay {
            out_trade_no: "PD20260105001".into(),
            coupon_fen,
            notice: notice.into(),
        };
        for (notice, planned) in [("normal", 1), ("late", 2), ("repeated", 2), ("lost", 2)] {
            let acts = pay(notice, 0).acts().unwrap();
            assert_eq!(acts.len(), planned, "{notice}");
            assert!(matches!(acts.last(), Some(Act::Pay { .. })));
            assert_eq!(matches!(acts[0], Act::Fault { .. }), planned == 2);
        }
        let [Act::Pay { no_cash_coupon, cash_coupon, .. }] = &pay("normal", 100).acts().unwrap()[..] else {
            panic!("not one payment");
        };
        assert_eq!((*no_cash_coupon, *cash_coupon), (Some(Fen::new(100)), None));
        for (form, name, code) in [
            (pay("never", 0), "notice", Code::InvalidField),
            (pay("normal", -1), "coupon_fen", Code::InvalidAmount),
            (CustomerForm::AuthCode { kind: "rich".into() }, "kind", Code::InvalidField),
            (CustomerForm::Cancel { out_trade_no: String::new() }, "out_trade_no", Code::InvalidField),
            (
                CustomerForm::RefundResult { out_refund_no: "R1".into(), result: "processing".into() },
                "result",
                Code::InvalidField,
            ),
        ] {
            assert_eq!(field(&form.acts().unwrap_err()), (code, name), "{form:?}");
        }
    }
}

//! The second signature, as each front end wants it, and the static QR code's conversation.

use domain::{AppId, Entropy, MchId, PrepayId, Secret, Timestamp};
use wxpay::notice::NoticeError;
use wxpay::notice::inspect::{Verdict, inspect_fields};
use wxpay::pay_params::{
    CallStyle, NativeCallback, PayParamsError, Payer, Seller, answer_native, app, h5_url, jsapi, native_link,
    refuse_native,
};
use wxpay::sign::{self, Expect};
use wxpay::{ApiKey, Fields, SignType, xml};

const KEY: &str = "SYNTHETICv2keySYNTHETICv2key0032";

fn key() -> ApiKey {
    ApiKey::new(Secret::new(KEY.to_owned()))
}

/// Counts up, so that what comes out is the same each time.
struct Counting;
impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        for (byte, value) in out.iter_mut().zip(0..) {
            *byte = value;
        }
    }
}

struct Shop {
    appid: AppId,
    mch_id: MchId,
    sub_appid: AppId,
    sub_mch_id: MchId,
}

fn shop() -> Shop {
    Shop {
        appid: AppId::parse("wxd678efh567hg6787").unwrap(),
        mch_id: MchId::parse("1900000109").unwrap(),
        sub_appid: AppId::parse("wx8888888888888888").unwrap(),
        sub_mch_id: MchId::parse("1900000110").unwrap(),
    }
}

impl Shop {
    fn own(&self) -> Seller<'_> {
        Seller { appid: &self.appid, mch_id: &self.mch_id, sub_appid: None, sub_mch_id: None }
    }

    fn provider(&self) -> Seller<'_> {
        Seller { sub_appid: Some(&self.sub_appid), sub_mch_id: Some(&self.sub_mch_id), ..self.own() }
    }
}

fn prepay_id() -> PrepayId {
    PrepayId::parse("wx2017033010242291fcfe0db70013231072").unwrap()
}

const NOW: Timestamp = Timestamp::from_millis(1_490_840_662_999);

#[test]
fn a_page_or_mini_program() {
    let shop = shop();
    for kind in [SignType::Md5, SignType::HmacSha256] {
        let params = jsapi(&shop.own(), Payer::OfAppid, &prepay_id(), &key(), kind, NOW, &Counting).unwrap();
        assert_eq!(params.time_stamp, "1490840662");
        assert_eq!(params.nonce_str.len(), 32);
        let signed = params.signed_fields();
        assert_eq!(
            sign::masked_string(&signed),
            format!(
                "appId=wxd678efh567hg6787&nonceStr={}&package=prepay_id=wx2017033010242291fcfe0db70013231072\
                 &signType={kind}&timeStamp=1490840662&key=***",
                params.nonce_str
            )
        );
        assert_eq!(params.pay_sign, sign::sign(&signed, &key(), kind).to_string());
    }
}

#[test]
fn each_way_of_calling_has_its_own_names() {
    let shop = shop();
    let params =
        jsapi(&shop.own(), Payer::OfAppid, &prepay_id(), &key(), SignType::Md5, NOW, &Counting).unwrap();
    for (style, names, begins) in [
        (
            CallStyle::Bridge,
            "appId timeStamp nonceStr package signType paySign",
            "WeixinJSBridge.invoke('getBrandWCPayRequest', {\"appId\":",
        ),
        (
            CallStyle::ChooseWxPay,
            "timestamp nonceStr package signType paySign",
            "wx.chooseWXPay({\"timestamp\":\"",
        ),
        (
            CallStyle::RequestPayment,
            "timeStamp nonceStr package signType paySign",
            "wx.requestPayment({\"timeStamp\":\"1490840662\",",
        ),
    ] {
        let json: serde_json::Value = serde_json::from_str(&params.json(style)).unwrap();
        let object = json.as_object().unwrap();
        assert_eq!(object.keys().map(String::as_str).collect::<Vec<_>>().join(" "), names);
        assert!(object.values().all(serde_json::Value::is_string), "numbers make wx.requestPayment fail");
        let call = params.call(style);
        assert!(call.starts_with(begins) && call.ends_with(");"), "{call}");
        assert!(call.contains(&params.json(style)));
        // What is called with is recognised and, where all that is signed is there, verified.
        let mut fields = Fields::new();
        for (name, value) in params.pairs(style) {
            fields.add(name, value.to_owned()).unwrap();
        }
        let seen = inspect_fields(&fields, Some(&key()), Expect::ByLength);
        assert_eq!(seen.recognised.as_str(), "pay_params_jsapi");
        let expected = if style == CallStyle::Bridge { Verdict::Valid } else { Verdict::Undecidable };
        assert_eq!(seen.verdict, expected);
        if style != CallStyle::Bridge {
            fields.add("appId", "wxd678efh567hg6787").unwrap();
            assert_eq!(inspect_fields(&fields, Some(&key()), Expect::ByLength).verdict, Verdict::Valid);
        }
    }
}

#[test]
fn signed_right_and_still_refused() {
    for (changes, verdict, finding) in [
        (("timeStamp", "1490840662000"), Verdict::ValidButRefused, "timestamp_in_milliseconds"),
        (("timeStamp", "2017-03-30"), Verdict::ValidButRefused, "timestamp_not_seconds"),
        (("package", "wx2017"), Verdict::ValidButRefused, "package_without_prepay_id"),
        (("signType", ""), Verdict::Valid, "sign_type_missing"),
    ] {
        let mut fields = Fields::new();
        for (name, value) in [
            ("appId", "wxd678efh567hg6787"),
            ("timeStamp", "1490840662"),
            ("nonceStr", "n"),
            ("package", "prepay_id=wx2017"),
            ("signType", "MD5"),
        ] {
            let value = if changes.0 == name { changes.1 } else { value };
            if !value.is_empty() {
                fields.add(name, value).unwrap();
            }
        }
        let signature = sign::sign(&fields, &key(), SignType::Md5).to_string();
        fields.add("paySign", signature).unwrap();
        fields.add("errMsg", "ignored: it is not in the set").unwrap();
        let seen = inspect_fields(&fields, Some(&key()), Expect::ByLength);
        assert_eq!(seen.findings.iter().map(|f| f.id).collect::<Vec<_>>(), [finding]);
        assert_eq!(seen.verdict, verdict, "{finding}");
        let out = seen.fields.iter().find(|field| field.name == "errMsg").unwrap();
        assert_eq!(out.left_out.map(|reason| reason.as_str()), Some("not_in_set"));
    }
}

#[test]
fn the_provider_pays_under_the_right_names() {
    let shop = shop();
    let (seller, md5) = (shop.provider(), SignType::Md5);
    let under = |payer| jsapi(&seller, payer, &prepay_id(), &key(), md5, NOW, &Counting).unwrap().app_id;
    assert_eq!(under(Payer::OfAppid), shop.appid);
    assert_eq!(under(Payer::OfSubAppid), shop.sub_appid);
    assert_eq!(
        jsapi(&shop.own(), Payer::OfSubAppid, &prepay_id(), &key(), md5, NOW, &Counting),
        Err(PayParamsError::NoSubAppid)
    );
    let own = app(&shop.own(), &prepay_id(), &key(), md5, NOW, &Counting).unwrap();
    assert_eq!((&own.appid, &own.partnerid), (&shop.appid, &shop.mch_id));
    let provider = app(&seller, &prepay_id(), &key(), md5, NOW, &Counting).unwrap();
    assert_eq!((&provider.appid, &provider.partnerid), (&shop.sub_appid, &shop.sub_mch_id));
}

#[test]
fn an_app() {
    let shop = shop();
    let params = app(&shop.own(), &prepay_id(), &key(), SignType::HmacSha256, NOW, &Counting).unwrap();
    assert_eq!(params.sign.len(), 64);
    let json: serde_json::Value = serde_json::from_str(&params.json()).unwrap();
    let names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names.join(" "), "appid partnerid prepayid package noncestr timestamp sign");
    assert_eq!(json["package"], "Sign=WXPay");
    let mut fields = params.signed_fields();
    fields.add("sign", params.sign.clone()).unwrap();
    let seen = inspect_fields(&fields, Some(&key()), Expect::ByLength);
    assert_eq!((seen.verdict, seen.recognised.as_str()), (Verdict::Valid, "pay_params_app"));
}

#[test]
fn a_clock_that_cannot_be_right() {
    let shop = shop();
    for secs in [i64::MIN / 1000, -1, 0, 999_999_999, 10_000_000_000] {
        let now = Timestamp::from_secs(secs);
        let clock = Err(PayParamsError::Clock { secs });
        let params = jsapi(&shop.own(), Payer::OfAppid, &prepay_id(), &key(), SignType::Md5, now, &Counting);
        assert_eq!(params.map(|_| ()), clock);
        assert_eq!(native_link(&shop.own(), "1", &key(), now, &Counting).map(|_| ()), clock);
    }
}

#[test]
fn where_a_browser_goes() {
    const MWEB: &str = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx20161110163838f231619da20804912345&package=1037687096";
    assert_eq!(h5_url(MWEB, None).as_deref(), Ok(MWEB));
    assert_eq!(
        h5_url(MWEB, Some("https://www.example.com/支付?a=1&b=2#c")).unwrap(),
        format!("{MWEB}&redirect_url=https%3A%2F%2Fwww.example.com%2F%E6%94%AF%E4%BB%98%3Fa%3D1%26b%3D2%23c")
    );
    assert_eq!(
        h5_url("https://wx.tenpay.com/x", Some("https://a.b/")).unwrap(),
        "https://wx.tenpay.com/x?redirect_url=https%3A%2F%2Fa.b%2F"
    );
    for (mweb, redirect, error) in [
        ("weixin://wap/pay", None, PayParamsError::Url { field: "mweb_url" }),
        ("", None, PayParamsError::Url { field: "mweb_url" }),
        (MWEB, Some(""), PayParamsError::Url { field: "redirect_url" }),
        (MWEB, Some("/done"), PayParamsError::Url { field: "redirect_url" }),
        (MWEB, Some("javascript:alert(1)"), PayParamsError::Url { field: "redirect_url" }),
        (MWEB, Some("https://"), PayParamsError::Url { field: "redirect_url" }),
        (MWEB, Some("https://a b/"), PayParamsError::Url { field: "redirect_url" }),
        (MWEB, Some("https://a/\n"), PayParamsError::Url { field: "redirect_url" }),
        ("https://a/?redirect_url=b", Some("https://a/"), PayParamsError::HasRedirect),
    ] {
        assert_eq!(h5_url(mweb, redirect), Err(error), "{mweb} {redirect:?}");
    }
}

#[test]
fn a_static_code() {
    let shop = shop();
    let link = native_link(&shop.own(), "shelf&7=", &key(), NOW, &Counting).unwrap();
    let query = link.strip_prefix("weixin://wxpay/bizpayurl?").unwrap();
    assert!(query.contains("&product_id=shelf%267%3D&"), "{query}");
    let mut fields = Fields::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap();
        fields.add(name, value.replace("%26", "&").replace("%3D", "=")).unwrap();
    }
    assert_eq!(sign::verify(&fields, &key(), Expect::Exactly(SignType::Md5)), Ok(SignType::Md5));
    let names: Vec<_> = fields.iter().map(|(name, _)| name).collect();
    assert_eq!(names.join(" "), "sign appid mch_id product_id time_stamp nonce_str");
    for product in ["", "a b", "商品", &"x".repeat(33)] {
        let refused = native_link(&shop.own(), product, &key(), NOW, &Counting);
        assert_eq!(refused, Err(PayParamsError::ProductId), "{product:?}");
    }
}

fn callback(changes: &[(&'static str, &'static str)], kind: SignType) -> String {
    let mut fields = Fields::new();
    for (name, value) in [
        ("appid", "wxd678efh567hg6787"),
        ("openid", "oUpF8uMEb4qRXf22hE3X68TekukE"),
        ("mch_id", "1900000109"),
        ("is_subscribe", "N"),
        ("nonce_str", "n"),
        ("product_id", "shelf7"),
    ] {
        let value = changes.iter().find(|(other, _)| *other == name).map_or(value, |(_, value)| *value);
        fields.add(name, value).unwrap();
    }
    let signature = sign::sign(&fields, &key(), kind).to_string();
    fields.add("sign", signature).unwrap();
    xml::write(&fields)
}

#[test]
fn a_static_code_was_scanned() {
    for kind in [SignType::Md5, SignType::HmacSha256] {
        let document = callback(&[], kind);
        let asked = NativeCallback::open(document.as_bytes(), &key(), Expect::ByLength).unwrap();
        assert_eq!((asked.product_id.as_str(), asked.is_subscribe), ("shelf7", Some(false)));
        let answer = answer_native(&asked, &prepay_id(), &key(), &Counting);
        let fields = xml::read(answer.as_bytes()).unwrap();
        assert_eq!(sign::verify(&fields, &key(), Expect::Exactly(kind)), Ok(kind));
        for (name, value) in [
            ("return_code", "SUCCESS"),
            ("result_code", "SUCCESS"),
            ("appid", "wxd678efh567hg6787"),
            ("mch_id", "1900000109"),
            ("prepay_id", "wx2017033010242291fcfe0db70013231072"),
        ] {
            assert_eq!(fields.get(name), Some(value));
        }
        let refusal = refuse_native(&asked, &"没有这件商品".repeat(20), &key(), &Counting);
        let fields = xml::read(refusal.as_bytes()).unwrap();
        assert_eq!(sign::verify(&fields, &key(), Expect::Exactly(kind)), Ok(kind));
        assert_eq!((fields.get("result_code"), fields.get("prepay_id")), (Some("FAIL"), None));
        assert!(fields.get("err_code_des").unwrap().len() <= 128);
    }
}

#[test]
fn a_callback_that_is_not_believed() {
    let open = |document: &str| {
        NativeCallback::open(document.as_bytes(), &key(), Expect::Exactly(SignType::Md5))
            .map(|_| ())
            .map_err(|e| e.code())
    };
    let good = callback(&[], SignType::Md5);
    assert_eq!(open(&good), Ok(()));
    assert_eq!(open(&good.replace("shelf7", "shelf8")), Err("signature_mismatch"));
    assert_eq!(open(&callback(&[], SignType::HmacSha256)), Err("other_sign_type"));
    assert_eq!(open(&callback(&[("openid", "")], SignType::Md5)), Err("field"));
    assert_eq!(open("<xml></xml>"), Err("unsigned"));
    assert_eq!(open("<!DOCTYPE xml><xml/>"), Err("document_refused"));
    let error = NoticeError::from(wxpay::sign::VerifyError::Unsigned);
    assert!(error.answer().contains("签名失败"));
}

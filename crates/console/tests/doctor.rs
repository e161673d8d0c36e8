//! Wrong signatures, over the keys of several stored merchants: the cause is proven, the key is named, and no key and
//! no unmasked string goes out.

use console::args::{JssdkSigning, KeyKind, Looking, NewMerchant};
use console::view::{Verdict, VerifyView};
use console::{Code, Console, Lang, Looked, Options};
use domain::{AppId, Environment, MchId, Secret};
use std::collections::HashMap;
use std::sync::Mutex;
use vault::{Keychain, KeychainError};
use wxpay::replay::Digest;

#[path = "doctor/proofs.rs"]
mod proofs;

// All made up.
const BAKERY: &str = "bakeryBAKERYbakeryBAKERYbakery01";
const BAKERY_V3: &str = "bakeryV3bakeryV3bakeryV3bakery02";
const BAKERY_SECRET: &str = "0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c03";
const BAKERY_BEFORE: &str = "bakeryOLDbakeryOLDbakeryOLDbak04";
const FLORIST: &str = "floristFLORISTfloristFLORISTfl05";
const FLORIST_SANDBOX: &str = "floristSANDBOXfloristSANDBOXfl06";
const UNKNOWN: &str = "nobodyHASthisKEYnobodyHASthisK07";
const ALL: [&str; 7] = [BAKERY, BAKERY_V3, BAKERY_SECRET, BAKERY_BEFORE, FLORIST, FLORIST_SANDBOX, UNKNOWN];

/// A keychain in memory.
#[derive(Default)]
struct Drawer(Mutex<HashMap<String, Vec<u8>>>);

impl Keychain for Drawer {
    fn get(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, KeychainError> {
        Ok(self.0.lock().unwrap().get(account).cloned().map(Secret::new))
    }
    fn set(&self, account: &str, secret: &Secret<Vec<u8>>) -> Result<(), KeychainError> {
        self.0.lock().unwrap().insert(account.into(), secret.expose().clone());
        Ok(())
    }
    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.0.lock().unwrap().remove(account);
        Ok(())
    }
}

struct Shops {
    console: Console,
    _dir: tempfile::TempDir,
}

impl Shops {
    /// A bakery that signs with MD5 and has changed its key, and a florist with HMAC-SHA256.
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let console = Console::open(Options {
            data_dir: Some(dir.path().to_owned()),
            keychain: Some(Box::new(Drawer::default())),
            ..Options::default()
        })
        .unwrap();
        let shops = Self { console, _dir: dir };
        shops.add("bakery", "1900000109", "wx1111111111111111", false);
        shops.add("florist", "1900000110", "wx2222222222222222", true);
        for (name, kind, key) in [
            ("bakery", KeyKind::ApiV2, BAKERY_BEFORE),
            ("bakery", KeyKind::ApiV2, BAKERY),
            ("bakery", KeyKind::ApiV3, BAKERY_V3),
            ("bakery", KeyKind::AppSecret, BAKERY_SECRET),
            ("florist", KeyKind::ApiV2, FLORIST),
            ("florist", KeyKind::Sandbox, FLORIST_SANDBOX),
        ] {
            shops.console.set_key(name, kind, Secret::new(key.to_owned())).unwrap();
        }
        shops
    }

    fn add(&self, name: &str, mch_id: &str, appid: &str, hmac_sha256: bool) {
        let new = NewMerchant {
            name: name.into(),
            label: name.into(),
            environment: Environment::Live,
            mch_id: MchId::parse(mch_id).unwrap(),
            appid: AppId::parse(appid).unwrap(),
            sub_mch_id: None,
            sub_appid: None,
            hmac_sha256,
            notify_url: None,
            gateway_url: None,
            gateway_ca: None,
        };
        self.console.add_merchant(new).unwrap();
    }

    /// The verdict in both languages, which differ in words alone; and nothing secret in either.
    fn verify_as(&self, text: &str, looking: &Looking) -> VerifyView {
        let english = self.console.verify(text.as_bytes(), looking, Lang::En).unwrap();
        let chinese = self.console.verify(text.as_bytes(), looking, Lang::ZhCn).unwrap();
        for view in [&english, &chinese] {
            let said = serde_json::to_string(view).unwrap();
            for key in ALL {
                assert!(!said.contains(&key[4..20]), "{key} in {said}");
            }
            for begin in ["cause.", "finding.", "meaning.", "check.", "mistake.", "left_out."] {
                assert!(!said.contains(&format!("\"{begin}")), "words are missing: {said}");
            }
        }
        assert_eq!(ids(&english), ids(&chinese));
        assert_eq!(english.verdict, chinese.verdict);
        for (en, zh) in english.causes.iter().zip(&chinese.causes) {
            assert!(en.message != zh.message && en.fix != zh.fix, "{en:?}");
        }
        english
    }

    fn verify(&self, text: &str) -> VerifyView {
        self.verify_as(text, &Looking::default())
    }
}

fn ids(view: &VerifyView) -> Vec<&str> {
    view.causes.iter().map(|cause| cause.id.as_str()).collect()
}

fn found<'v>(view: &'v VerifyView, id: &str) -> Option<&'v str> {
    view.findings.iter().find(|finding| finding.id == id).map(|finding| finding.message.as_str())
}

type Pairs<'p> = &'p [(&'p str, &'p str)];

const NOTICE: Pairs<'_> = &[
    ("appid", "wx1111111111111111"),
    ("bank_type", "OTHERS"),
    ("cash_fee", "1134"),
    ("coupon_count", "1"),
    ("coupon_fee", "100"),
    ("coupon_fee_0", "100"),
    ("fee_type", "CNY"),
    ("is_subscribe", "N"),
    ("mch_id", "1900000109"),
    ("nonce_str", "5d2b6c2a8db53831f7eda20af46e531c"),
    ("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
    ("out_trade_no", "PD2026112100017"),
    ("result_code", "SUCCESS"),
    ("return_code", "SUCCESS"),
    ("time_end", "20261121140509"),
    ("total_fee", "1234"),
    ("trade_type", "JSAPI"),
    ("transaction_id", "4200000000202611210000000017"),
];

const ORDER: Pairs<'_> = &[
    ("appid", "wx1111111111111111"),
    ("body", "巷口面包店-贝果"),
    ("mch_id", "1900000109"),
    ("nonce_str", "ibuaiVcKdpRxkhJA"),
    ("notify_url", "https://bakery.example.com/wxpay/notify"),
    ("out_trade_no", "PD2026112100018"),
    ("spbill_create_ip", "203.0.113.7"),
    ("total_fee", "1234"),
    ("trade_type", "NATIVE"),
    ("product_id", "bagel-1"),
];

/// The right string up to where the key belongs: by hand, apart from the product.
fn string(pairs: Pairs<'_>) -> String {
    let mut sorted: Vec<_> = pairs.iter().filter(|(_, value)| !value.is_empty()).collect();
    sorted.sort_unstable();
    sorted.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn md5(text: &str) -> String {
    Digest::Md5.of(text.as_bytes(), b"").hex(true)
}

fn hmac(text: &str, key: &str) -> String {
    Digest::HmacSha256.of(text.as_bytes(), key.as_bytes()).hex(true)
}

fn xml(pairs: Pairs<'_>, sign: &str) -> String {
    let fields: String =
        pairs.iter().map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>")).collect();
    format!("<xml>{fields}<sign>{sign}</sign></xml>")
}

fn signed_with(pairs: Pairs<'_>, key: &str) -> String {
    xml(pairs, &md5(&format!("{}&key={key}", string(pairs))))
}

#[test]
fn another_key_at_hand_is_named_with_its_merchant_and_kind() {
    let shops = Shops::open();
    let right = md5(&format!("{}&key={BAKERY}", string(NOTICE)));
    assert_eq!(shops.verify(&xml(NOTICE, &right)).verdict, Verdict::Valid);
    for (key, merchant, kind, words) in [
        (FLORIST, "florist", "api_v2", "florist · API key (v2)"),
        (FLORIST_SANDBOX, "florist", "sandbox", "florist · sandbox key"),
        (BAKERY_V3, "bakery", "api_v3", "bakery · API v3 key"),
        (BAKERY_SECRET, "bakery", "app_secret", "bakery · AppSecret"),
    ] {
        let view = shops.verify(&signed_with(NOTICE, key));
        assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec!["other_key"]), "{kind}");
        let cause = &view.causes[0];
        assert_eq!((&*cause.params["merchant"], &*cause.params["kind"]), (merchant, kind));
        assert!(cause.proven && cause.message.contains(words), "{}", cause.message);
        assert_eq!(cause.explanation, 0);
        assert_eq!(view.expected.as_ref(), Some(&right));
        assert_eq!(view.key.as_ref().unwrap().label, format!("{merchant} · {kind}"));
        assert_eq!(view.merchant.as_deref(), Some("bakery"));
        assert_eq!(view.keys_tried, 7, "the built-in merchant's too");
        assert!(view.meaning.as_ref().unwrap().contains("neither ship nor book") || view.meaning.is_some());
        assert_eq!(cause.fixes.len(), 6);
    }
}

/// What came before a key was changed is genuine; what is to be sent is refused.
#[test]
fn a_former_key_may_have_signed_what_was_received_and_nothing_that_is_sent() {
    let shops = Shops::open();
    let notice = shops.verify(&signed_with(NOTICE, BAKERY_BEFORE));
    assert_eq!(notice.verdict, Verdict::Valid);
    assert!(found(&notice, "former_key").is_some());
    assert_eq!(notice.key.unwrap().label, "bakery · former");
    let order = shops.verify(&signed_with(ORDER, BAKERY_BEFORE));
    assert_eq!((order.verdict, ids(&order)), (Verdict::Invalid, vec!["other_key"]));
    assert_eq!(order.causes[0].params["kind"], "former");
}

#[test]
fn mistakes_with_the_right_key_are_proven() {
    let shops = Shops::open();
    let right = string(NOTICE);
    let cases = [
        (md5(&format!("{right}&key={BAKERY}\n")), "key_whitespace"),
        (md5(&format!("{right}&key={}", BAKERY.to_lowercase())), "key_letter_case"),
        (md5(&format!("{right}{BAKERY}")), "key_joined_wrongly"),
        (md5(&format!("{right}&key=")), "key_empty"),
        (hmac(&format!("{right}&key={BAKERY}"), BAKERY), "digest_hmac_for_md5"),
        (hmac(&format!("{right}&key={BAKERY}"), "laoxie"), "hmac_key_differs"),
    ];
    for (sign, cause) in cases {
        let view = shops.verify(&xml(NOTICE, &sign));
        assert_eq!(view.verdict, Verdict::Invalid, "{cause}");
        assert!(ids(&view).contains(&cause), "{cause}: {:?}", ids(&view));
        assert_eq!(view.expected, Some(md5(&format!("{right}&key={BAKERY}"))), "{cause}");
    }
    let order = xml(ORDER, &md5(&format!("{}&key={BAKERY}", string(ORDER))).to_lowercase());
    assert_eq!(ids(&shops.verify(&order)), ["digest_letter_case"]);
}

#[test]
fn fields_that_were_not_signed_are_named() {
    let shops = Shops::open();
    let known: Vec<_> = NOTICE.iter().copied().filter(|(name, _)| !name.starts_with("coupon_")).collect();
    let view = shops.verify(&xml(NOTICE, &md5(&format!("{}&key={BAKERY}", string(&known)))));
    assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec!["fields_left_out"]));
    for name in ["coupon_count", "coupon_fee", "coupon_fee_0"] {
        assert!(view.causes[0].params["fields"].contains(name), "{view:#?}");
        assert!(view.causes[0].message.contains(name), "{}", view.causes[0].message);
    }
}

/// Merchants of WeChat Pay's own examples sign so; what is asked for is what the merchant uses.
#[test]
fn the_other_digest_than_the_merchants_is_a_downgrade_with_its_cause() {
    let shops = Shops::open();
    let florist: Vec<_> = NOTICE
        .iter()
        .map(|(name, value)| match *name {
            "mch_id" => ("mch_id", "1900000110"),
            "appid" => ("appid", "wx2222222222222222"),
            _ => (*name, *value),
        })
        .collect();
    let text = format!("{}&key={FLORIST}", string(&florist));
    assert_eq!(shops.verify(&xml(&florist, &hmac(&text, FLORIST))).verdict, Verdict::Valid);
    let view = shops.verify(&xml(&florist, &md5(&text)));
    assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec!["digest_md5_for_hmac"]));
    assert!(found(&view, "downgrade").is_some());
    assert_eq!(view.expected, Some(hmac(&text, FLORIST)));
}

const CALL: Pairs<'_> = &[
    ("appId", "wx1111111111111111"),
    ("nonceStr", "5K8264ILTKCH16CQ2502SI8ZNMTM67VS"),
    ("package", "prepay_id=wx211405092395522657a690389285100"),
    ("signType", "MD5"),
    ("timeStamp", "1795241109"),
];

fn call(pay_sign: &str) -> String {
    let shown = CALL.iter().filter(|(name, _)| *name != "appId");
    let shown: String = shown.map(|(name, value)| format!("{name}: '{value}', ")).collect();
    format!("wx.requestPayment({{ {shown}paySign: '{pay_sign}' }})")
}

#[test]
fn a_call_is_judged_without_the_app_id_that_it_never_has() {
    let shops = Shops::open();
    let right = md5(&format!("{}&key={BAKERY}", string(CALL)));
    let view = shops.verify(&call(&right));
    assert_eq!((view.verdict, &*view.format), (Verdict::Valid, "js_call"), "{view:#?}");
    assert!(found(&view, "app_id_filled_in").unwrap().contains("wx1111111111111111"));
    assert_eq!(view.merchant.as_deref(), Some("bakery"));
    // The order beside it says which account is meant, and a provider's id where the shop's belongs is proven.
    let mut provider = ORDER.to_vec();
    provider.extend([("sub_appid", "wx3333333333333333"), ("sub_mch_id", "1900000111")]);
    let sub: Vec<_> = CALL
        .iter()
        .map(|(name, value)| if *name == "appId" { (*name, "wx3333333333333333") } else { (*name, *value) })
        .collect();
    let looking = Looking { beside: Some(signed_with(&provider, BAKERY).into_bytes()), ..Looking::default() };
    let view = shops.verify_as(&call(&md5(&format!("{}&key={BAKERY}", string(&sub)))), &looking);
    assert_eq!(view.verdict, Verdict::Valid, "{view:#?}");
    let page = format!(
        r#"{{"appId":"wx3333333333333333","timeStamp":"1795241109","nonceStr":"5K8264ILTKCH16CQ2502SI8ZNMTM67VS","package":"prepay_id=wx211405092395522657a690389285100","signType":"MD5","paySign":"{right}"}}"#
    );
    let view = shops.verify_as(&page, &looking);
    assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec!["provider_ids"]), "{view:#?}");
    let order_sign = md5(&format!("{}&key={BAKERY}", string(&provider)));
    let view = shops.verify_as(&call(&order_sign), &looking);
    assert_eq!((view.verdict, ids(&view)[0]), (Verdict::Invalid, "order_sign_reused"), "{view:#?}");
    assert_eq!(view.merchant.as_deref(), Some("bakery"), "the order says whose it is");
}

fn has(view: &VerifyView, id: &str) -> bool {
    found(view, id).is_some()
}

#[test]
fn what_can_be_no_signature_is_blamed_on_no_key() {
    let shops = Shops::open();
    let right = md5(&format!("{}&key={BAKERY}", string(NOTICE)));
    let view = shops.verify(&xml(NOTICE, &right[..31]));
    assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec![]));
    assert!(found(&view, "sign_is_no_digest").unwrap().contains("31"), "{view:#?}");
    assert!(found(&view, "no_key_fits").is_none());
    // Blanks around it are named, and hide nothing behind them.
    let view = shops.verify(&xml(NOTICE, &format!("\n  {right}\n")));
    assert!(found(&view, "sign_has_blanks").is_some() && found(&view, "no_key_fits").is_none(), "{view:#?}");
    let wrong = md5(&format!("{}&key={BAKERY}\n", string(NOTICE)));
    let view = shops.verify(&xml(NOTICE, &format!(" {wrong}")));
    assert_eq!(ids(&view), ["key_whitespace"]);
    assert!(found(&view, "sign_has_blanks").is_some());
}

#[test]
fn what_no_key_explains_is_said_to_be_that() {
    let shops = Shops::open();
    let view = shops.verify(&signed_with(NOTICE, UNKNOWN));
    assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec![]));
    let search = view.search.unwrap();
    assert!(search.tried > 1_000);
    let said = found(&view, "no_key_fits").or_else(|| found(&view, "search_ended")).unwrap();
    assert!(said.contains('7'), "{said}");
    assert_eq!(view.expected, Some(md5(&format!("{}&key={BAKERY}", string(NOTICE)))));
    // Whose it is nobody can say: no value is called right.
    let nobody = [("body", "x"), ("nonce_str", "ibuaiVcKdpRxkhJA")];
    let view = shops.verify(&signed_with(&nobody, UNKNOWN));
    assert_eq!((view.verdict, view.expected, view.key), (Verdict::Invalid, None, None));
    let stranger: Vec<_> = NOTICE
        .iter()
        .map(|(name, value)| if *name == "mch_id" { (*name, "1900000199") } else { (*name, *value) })
        .collect();
    let view = shops.verify(&signed_with(&stranger, UNKNOWN));
    assert_eq!((view.verdict, &view.expected, &view.key), (Verdict::Undecidable, &None, &None), "{view:#?}");
    assert!(found(&view, "downgrade").is_none());
    // Whose key it is nobody can say, but it signs; what it says of the merchant is checked.
    assert!(shops.verify(&signed_with(&stranger, BAKERY)).contradicted());
    let key_once = || Some(Secret::new(FLORIST.to_owned()));
    let view = shops
        .verify_as(&signed_with(NOTICE, BAKERY), &Looking { key_once: key_once(), ..Looking::default() });
    assert_eq!((view.verdict, view.keys_tried), (Verdict::Invalid, 1));
    assert!(found(&view, "no_key_fits").or_else(|| found(&view, "search_ended")).is_some(), "{view:#?}");
}

#[test]
fn a_reproduction_says_nothing_of_the_original() {
    let shops = Shops::open();
    let mut unsorted = ORDER.to_vec();
    unsorted.rotate_left(3);
    let joined: Vec<_> = unsorted.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let pasted = xml(&unsorted, &md5(&format!("{}&key={BAKERY}", joined.join("&"))));
    let view = shops.verify_as(&pasted, &Looking { reproduce: true, ..Looking::default() });
    assert_eq!(ids(&view), ["not_sorted"]);
    let made = view.reproduction.unwrap();
    let languages: Vec<_> = made.tests.iter().map(|test| test.language.as_str()).collect();
    assert_eq!(languages, ["node", "python", "java", "go", "php", "rust"]);
    let everything: String =
        made.tests.iter().map(|test| test.code.as_str()).collect::<String>() + &made.payload;
    for value in
        ["1900000109", "wx1111111111111111", "PD2026112100018", "ibuaiVcKdpRxkhJA", "bakery.example.com"]
    {
        assert!(!everything.contains(value), "{value}");
    }
    let again = shops.verify_as(
        &made.payload,
        &Looking {
            key_once: Some(Secret::new(doctor::reproduce::DUMMY_KEY.to_owned())),
            ..Looking::default()
        },
    );
    assert_eq!((again.verdict, ids(&again)), (Verdict::Invalid, vec!["not_sorted"]), "{again:#?}");
    // Without being asked for nothing is made.
    assert_eq!(shops.verify(&pasted).reproduction, None);
}

#[test]
fn the_developers_own_string_is_compared_and_its_key_never_said() {
    let shops = Shops::open();
    let right = string(ORDER);
    let pasted = signed_with(ORDER, BAKERY);
    let compared =
        |said: String| shops.verify_as(&pasted, &Looking { string: Some(said.into()), ..Looking::default() });
    for same in [right.clone(), format!("{right}&key={BAKERY}"), format!("{right}&key={BAKERY}\n")] {
        let view = compared(same);
        assert_eq!(view.difference, None);
        assert!(found(&view, "string_is_right").is_some());
    }
    let other_key = compared(format!("{right}&key={UNKNOWN}"));
    assert!(found(&other_key, "string_with_other_key").is_some());
    let difference = other_key.difference.unwrap();
    assert_eq!(usize::try_from(difference.at_byte).unwrap(), right.len() + 5);
    assert!(difference.said.ends_with("&key=***"), "{difference:?}");
    let differs = compared(format!("{}&key={UNKNOWN}", right.replace("贝果", "可颂")));
    let difference = differs.difference.unwrap();
    assert!(difference.expected.contains("贝果") && difference.said.contains("可颂"), "{difference:?}");
    let same = difference.same as usize;
    let cut = |text: &str| text.chars().take(same).collect::<String>();
    assert_eq!(cut(&difference.expected), cut(&difference.said));
    for said in [format!("{right}{UNKNOWN}"), format!("key={UNKNOWN}&{right}"), format!("{UNKNOWN}{right}")] {
        assert!(compared(said).difference.is_some());
    }
}

/// The pair of the core issue: one signature, two payments.
#[test]
fn a_forged_pair_stays_ambiguous_with_the_other_payment_shown() {
    let shops = Shops::open();
    let mut forged: Vec<(&str, &str)> = NOTICE.to_vec();
    forged.retain(|(name, _)| !name.starts_with("coupon_"));
    let attach = "A&bank_type=CFT&cash_fee=88000&fee_type=CNY&is_subscribe=N&mch_id=1900000109&\
                  nonce_str=5d2b6c2a8db53831f7eda20af46e531c&openid=oUpF8uMuAJO_M2pxb1Q9zNjWeS6o&\
                  out_trade_no=PD2026112199999&result_code=SUCCESS&return_code=SUCCESS&\
                  time_end=20261121140509&total_fee=88000&trade_type=JSAPI&\
                  transaction_id=4200000000202611219999999999&z=1";
    forged.push(("attach", attach));
    forged.sort_unstable();
    let view = shops.verify(&signed_with(&forged, BAKERY));
    assert_eq!(view.verdict, Verdict::Ambiguous, "{view:#?}");
    assert!(view.causes.is_empty() && found(&view, "ambiguous").is_some());
    let other =
        |name: &str| view.other_reading.iter().find(|field| field.name == name).map(|field| &*field.value);
    assert_eq!((other("out_trade_no"), other("total_fee")), (Some("PD2026112199999"), Some("88000")));
    assert!(view.meaning.unwrap().contains("neither"));
    let line = signed_with(&forged, BAKERY);
    let looking = Looking::default();
    let judge = shops.console.judge(&looking, Lang::En);
    assert_eq!(judge.line(line.as_bytes()).unwrap().verdict(), Verdict::Ambiguous);
}

/// WeChat's published example of the JSSDK.
#[test]
fn wx_config_is_signed_and_verified() {
    const TICKET: &str =
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";
    const SIGNATURE: &str = "0f9de62fce790f9a083d5c99e95740ceb90c27ed";
    let shops = Shops::open();
    let ticket = Secret::new(TICKET.to_owned());
    let signing = JssdkSigning {
        appid: Some("wx1111111111111111".into()),
        url: "http://mp.weixin.qq.com?params=value#fragment".into(),
        nonce_str: Some("Wm3WZYTPz0wzccnW".into()),
        timestamp: Some(1_414_587_457),
        ..JssdkSigning::default()
    };
    let view = shops.console.jssdk_sign(&signing, &ticket).unwrap();
    assert_eq!((&*view.signature, &*view.url), (SIGNATURE, "http://mp.weixin.qq.com?params=value"));
    assert!(view.call.contains(SIGNATURE) && !serde_json::to_string(&view).unwrap().contains(&TICKET[..12]));
    for (signing, field) in [
        (JssdkSigning { url: "shop".into(), ..JssdkSigning::default() }, "url"),
        (
            JssdkSigning {
                url: "https://a.example/".into(),
                timestamp: Some(1_414_587_457_000),
                appid: Some("wx1111111111111111".into()),
                ..JssdkSigning::default()
            },
            "timestamp",
        ),
    ] {
        let error = shops.console.jssdk_sign(&signing, &ticket).unwrap_err();
        assert_eq!((error.code, &*error.params["field"]), (Code::InvalidField, field));
    }
    let looking = |url: &str| Looking {
        key_once: Some(Secret::new(TICKET.to_owned())),
        beside: Some(format!("url={url}").into_bytes()),
        ..Looking::default()
    };
    let pasted = format!(
        "wx.config({{ appId: 'wx1111111111111111', timestamp: 1414587457, nonceStr: 'Wm3WZYTPz0wzccnW', \
         signature: '{SIGNATURE}', jsApiList: ['chooseWXPay'] }})"
    );
    let seen = shops.verify_as(&pasted, &looking("http://mp.weixin.qq.com?params=value"));
    assert_eq!((seen.verdict, &*seen.recognised), (Verdict::Valid, "jssdk"), "{seen:#?}");
    let seen = shops.verify_as(&pasted, &looking("https://mp.weixin.qq.com?params=value"));
    assert_eq!((seen.verdict, ids(&seen)), (Verdict::Invalid, vec!["jssdk_url"]), "{seen:#?}");
    let said = serde_json::to_string(&seen).unwrap();
    assert!(!said.contains(&TICKET[..12]), "{said}");
    let signed: Vec<_> =
        seen.fields.iter().filter(|field| field.included).map(|field| &*field.name).collect();
    assert_eq!(signed, ["timestamp", "nonceStr"]);
    let seen = shops.verify(&pasted);
    assert_eq!(seen.verdict, Verdict::Undecidable);
    assert!(found(&seen, "jssdk_needs_ticket").is_some());
}

#[test]
fn a_notice_of_api_v3_is_recognised_and_not_judged() {
    let shops = Shops::open();
    let view = shops.verify(
        "POST /notify HTTP/1.1\r\nWechatpay-Timestamp: 1795241109\r\nWechatpay-Nonce: EgsKjsjgYhdd\r\n\
         Wechatpay-Signature: c2lnbmF0dXJl\r\nWechatpay-Serial: 5157F09EFDC096DE15EBE81A47057A7232F1B8E1\r\n\
         Content-Type: application/json\r\n\r\n{\"id\":\"EV-1\",\"event_type\":\"TRANSACTION.SUCCESS\",\
         \"resource_type\":\"encrypt-resource\",\"resource\":{\"ciphertext\":\"x\",\"nonce\":\"y\"}}",
    );
    assert_eq!((view.verdict, &*view.recognised, &*view.format), (Verdict::Undecidable, "v3_notice", "http"));
    assert!(found(&view, "v3_notice").is_some());
}

/// A merchant's program, pasted with its key.
#[test]
fn a_programs_mistakes_are_named_and_its_key_is_not() {
    let shops = Shops::open();
    let program = format!(
        "const mchKey = '{UNKNOWN}';\nasync function pay(order) {{\n  const params = {{\n    \
         appId: config.appid,\n    timeStamp: Date.now(),\n    nonceStr: order.nonce_str,\n    \
         package: order.prepay_id,\n    signType: 'MD5',\n  }};\n  params.paySign = sign(params, mchKey);\n  \
         wx.requestPayment(params);\n}}\n"
    );
    let view = shops.verify(&program);
    assert_eq!((view.verdict, &*view.format), (Verdict::Undecidable, "code"), "{view:#?}");
    let mistakes: Vec<_> = view.mistakes.iter().map(|mistake| mistake.id.as_str()).collect();
    assert!(mistakes.contains(&"timestamp_in_milliseconds"), "{mistakes:?}");
    assert!(view.mistakes.iter().all(|mistake| mistake.line > 0 && !mistake.excerpt.is_empty()));
    // The tutorials that people follow, as they stand.
    for (tutorial, mistake) in [
        ("mini-program", "app_secret_in_client"),
        ("public-account", "trade_type_unknown"),
        ("thinkjs", "package_misspelt"),
        ("egg", "hmac_key_literal"),
        ("java", "notify_url_is_demo"),
    ] {
        let path = format!("{}/../../tests/fixtures/tutorials/{tutorial}.txt", env!("CARGO_MANIFEST_DIR"));
        let view = shops.verify(&std::fs::read_to_string(path).unwrap());
        let mistakes: Vec<_> = view.mistakes.iter().map(|mistake| mistake.id.as_str()).collect();
        assert_eq!((view.verdict, &*view.format), (Verdict::Undecidable, "code"), "{tutorial}");
        assert!(mistakes.contains(&mistake), "{tutorial}: {mistakes:?}");
    }
}

fn json(looked: &Looked<'_>) -> String {
    let mut json = Vec::new();
    looked.write(&mut json).unwrap();
    String::from_utf8(json).unwrap()
}

/// A log is looked at another way, and comes to the same answers.
#[test]
fn a_line_is_answered_as_the_message_is() {
    let shops = Shops::open();
    let mut lines = vec![
        signed_with(NOTICE, BAKERY),
        signed_with(NOTICE, FLORIST),
        signed_with(NOTICE, BAKERY_BEFORE),
        signed_with(ORDER, BAKERY),
        String::new(),
        "<xml><a>".into(),
        r#"{"a":"1"}"#.into(),
    ];
    for (name, value) in [
        ("total_fee", "1.5"),
        ("attach", "a=1&b=2"),
        ("attach", BAKERY),
        ("return_code", "FAIL"),
        ("attach", "\"a\" \\ b\tc/支付\u{202e}\u{7f}"),
        ("coupon_id_0", "1"),
        ("product_key", "192006250b4c09247ec02edce69f6a2d"),
    ] {
        let mut pairs: Vec<_> = NOTICE.iter().copied().filter(|(other, _)| *other != name).collect();
        pairs.push((name, value));
        lines.push(signed_with(&pairs, BAKERY));
    }
    for looking in [
        Looking::default(),
        Looking { key_once: Some(Secret::new(BAKERY.to_owned())), ..Looking::default() },
        Looking { merchant: Some("florist".into()), ..Looking::default() },
    ] {
        let judge = shops.console.judge(&looking, Lang::En);
        for line in &lines {
            let whole =
                serde_json::to_value(shops.console.verify(line.as_bytes(), &looking, Lang::En).unwrap());
            let looked = judge.line(line.as_bytes()).unwrap();
            let mut quick: serde_json::Value = serde_json::from_str(&json(&looked)).unwrap();
            let mut whole = whole.unwrap();
            // How far a search came depends on the machine.
            for view in [&mut quick, &mut whole] {
                view.as_object_mut().unwrap().remove("search");
            }
            if whole["causes"].as_array().unwrap().is_empty() && whole["verdict"] == "invalid" {
                whole["findings"].take();
                quick["findings"].take();
            }
            assert_eq!(quick, whole, "{line}");
            if matches!(looked, Looked::Quick(_)) {
                let whole = shops.console.verify(line.as_bytes(), &looking, Lang::En).unwrap();
                assert_eq!(json(&looked), serde_json::to_string(&whole).unwrap(), "also in its order");
            }
        }
        let quick = |line: &&String| matches!(judge.line(line.as_bytes()), Ok(Looked::Quick(_)));
        let escaped = lines.iter().any(|line| line.contains('\\') && quick(&line));
        assert_eq!(escaped, looking.merchant.is_none());
    }
}

/// What is taken back must not be in the ledger by then.
#[test]
fn nothing_is_recorded_beside_another_value() {
    let shops = Shops::open();
    let looking = Looking { record: true, ..Looking::default() };
    let text = format!("2026 notify {} total_fee=1", signed_with(NOTICE, BAKERY));
    let view = shops.verify(&text);
    assert_eq!((view.verdict, has(&view, "not_covered")), (Verdict::Undecidable, true), "{view:#?}");
    let error = shops.console.verify(text.as_bytes(), &looking, Lang::En).unwrap_err();
    assert_eq!(
        (error.code, error.params["detail"].as_str()),
        (Code::CheckFailed, "detail.record.only_valid")
    );
}

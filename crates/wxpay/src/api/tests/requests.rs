use super::*;
use crate::api::detail::{Detail, Goods, GoodsDetail};
use crate::api::refund::RefundAccount;
use crate::api::refund_query::RefundRef;
use crate::api::scene::{H5Scene, Scene, StoreInfo};
use crate::api::unified_order::{Extra, Identity, Payer, Trade, UserType};
use crate::xml;
use domain::{AuthCode, CivilTime, Fen, OpenId, OutRefundNo, RefundId};
use proptest::prelude::*;

fn order() -> UnifiedOrder {
    UnifiedOrder {
        out_trade_no: no(),
        body: "腾讯充值中心-QQ会员充值".into(),
        total_fee: Fen::new(88),
        notify_url: "https://www.example.com/wxpay/notify".into(),
        spbill_create_ip: "123.12.12.123".into(),
        trade: Trade::App,
        extra: Extra::default(),
    }
}

fn extra(change: impl FnOnce(&mut Extra)) -> UnifiedOrder {
    let mut order = order();
    change(&mut order.extra);
    order
}

fn micropay() -> Micropay {
    Micropay {
        out_trade_no: no(),
        body: "形象店".into(),
        total_fee: Fen::new(888),
        auth_code: AuthCode::parse("120061098828009406").unwrap(),
        spbill_create_ip: "2001:db8::1".into(),
        extra: micropay::Extra::default(),
    }
}

fn refund() -> Refund {
    Refund {
        order: no().into(),
        out_refund_no: OutRefundNo::parse("R1").unwrap(),
        total_fee: Fen::new(100),
        refund_fee: Fen::new(100),
        extra: refund::Extra::default(),
    }
}

fn time(text: &str) -> Option<CivilTime> {
    Some(CivilTime::parse_compact(text).unwrap())
}

fn wrong<O: Operation>(operation: &O) -> String {
    let error = operation.fields().unwrap_err();
    format!("{} {}", error.code(), error.field().unwrap_or("-"))
}

#[test]
fn an_order_with_everything() {
    let order = UnifiedOrder {
        trade: Trade::Jsapi { payer: Payer::OpenId(OpenId::parse("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o").unwrap()) },
        extra: Extra {
            device_info: Some("WEB".into()),
            version: Some("1.0".into()),
            detail: Some(Detail::Goods(GoodsDetail {
                cost_price: Some(Fen::new(608_800)),
                receipt_id: None,
                goods: vec![Goods {
                    goods_id: "iphone6s_16G".into(),
                    wxpay_goods_id: Some("1001".into()),
                    goods_name: Some("iPhone6s 16G".into()),
                    quantity: 1,
                    price: Fen::new(528_800),
                    ..Goods::default()
                }],
            })),
            attach: Some("深圳分店".into()),
            fee_type: Some("CNY".into()),
            time_start: time("20091225091010"),
            time_expire: time("20091227091010"),
            goods_tag: Some("WXG".into()),
            no_credit: true,
            receipt: true,
            profit_sharing: Some(false),
            scene: Some(Scene::Store(StoreInfo {
                id: "SZTX001".into(),
                name: Some("腾大餐厅".into()),
                area_code: Some("440305".into()),
                address: Some("科技园中一路腾讯大厦".into()),
            })),
            identity: Some(Identity {
                user_type: UserType::IdCard,
                user_creid: "1".into(),
                user_truename: "张三".into(),
            }),
        },
        ..order()
    };
    let expected = fields(&[
        ("out_trade_no", "20150806125346"),
        ("body", "腾讯充值中心-QQ会员充值"),
        ("total_fee", "88"),
        ("fee_type", "CNY"),
        ("notify_url", "https://www.example.com/wxpay/notify"),
        ("spbill_create_ip", "123.12.12.123"),
        ("trade_type", "JSAPI"),
        ("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
        (
            "scene_info",
            r#"{"store_info":{"id":"SZTX001","name":"腾大餐厅","area_code":"440305","address":"科技园中一路腾讯大厦"}}"#,
        ),
        ("device_info", "WEB"),
        ("version", "1.0"),
        (
            "detail",
            r#"{"cost_price":608800,"goods_detail":[{"goods_id":"iphone6s_16G","wxpay_goods_id":"1001","goods_name":"iPhone6s 16G","quantity":1,"price":528800}]}"#,
        ),
        ("attach", "深圳分店"),
        ("time_start", "20091225091010"),
        ("time_expire", "20091227091010"),
        ("goods_tag", "WXG"),
        ("limit_pay", "no_credit"),
        ("receipt", "Y"),
        ("profit_sharing", "N"),
        ("user_type", "IDCARD"),
        ("user_creid", "1"),
        ("user_truename", "张三"),
    ]);
    let written = order.fields().unwrap();
    for (name, value) in expected.iter() {
        assert_eq!(written.get(name), Some(value), "{name}");
    }
    assert_eq!(written, expected);
}

#[test]
fn scenes_of_h5() {
    let s = String::from;
    for (scene, json) in [
        (
            H5Scene::Wap { wap_url: s("https://pay.qq.com"), wap_name: s("腾讯充值") },
            r#"{"h5_info":{"type":"Wap","wap_url":"https://pay.qq.com","wap_name":"腾讯充值"}}"#,
        ),
        (
            H5Scene::Ios { app_name: s("王者荣耀"), bundle_id: s("com.tencent.wzryIOS") },
            r#"{"h5_info":{"type":"IOS","app_name":"王者荣耀","bundle_id":"com.tencent.wzryIOS"}}"#,
        ),
        (
            H5Scene::Android { app_name: s("王者荣耀"), package_name: s("com.tencent.tmgp.sgame") },
            r#"{"h5_info":{"type":"Android","app_name":"王者荣耀","package_name":"com.tencent.tmgp.sgame"}}"#,
        ),
        (H5Scene::Raw(s(r#"{ "h5_info": {"type":"Wap"} }"#)), r#"{ "h5_info": {"type":"Wap"} }"#),
    ] {
        let order = UnifiedOrder { trade: Trade::H5 { scene }, ..order() };
        assert_eq!(order.fields().unwrap().get("scene_info"), Some(json));
        assert_eq!(order.fields().unwrap().get("trade_type"), Some("MWEB"));
    }
}

#[test]
fn what_is_refused_before_sending() {
    let s = |text: &str| Some(text.to_owned());
    let url = |url: &str| UnifiedOrder { notify_url: url.into(), ..order() };
    let h5 = |scene| UnifiedOrder { trade: Trade::H5 { scene }, ..order() };
    let goods = |goods: Goods| {
        extra(|e| {
            e.detail = Some(Detail::Goods(GoodsDetail { goods: vec![goods], ..GoodsDetail::default() }))
        })
    };
    let item = || Goods { goods_id: "1".into(), quantity: 1, ..Goods::default() };
    let store = |change: fn(&mut StoreInfo)| {
        let mut info = StoreInfo { id: "1".into(), ..StoreInfo::default() };
        change(&mut info);
        extra(|e| e.scene = Some(Scene::Store(info)))
    };
    for (order, why) in [
        (
            UnifiedOrder { out_trade_no: OutTradeNo::parse("12345").unwrap(), ..order() },
            "format out_trade_no",
        ),
        (
            UnifiedOrder { out_trade_no: OutTradeNo::parse("123456@").unwrap(), ..order() },
            "format out_trade_no",
        ),
        (UnifiedOrder { total_fee: Fen::ZERO, ..order() }, "format total_fee"),
        (UnifiedOrder { total_fee: Fen::new(-1), ..order() }, "format total_fee"),
        (UnifiedOrder { body: String::new(), ..order() }, "missing body"),
        (UnifiedOrder { spbill_create_ip: "localhost".into(), ..order() }, "format spbill_create_ip"),
        (UnifiedOrder { spbill_create_ip: String::new(), ..order() }, "missing spbill_create_ip"),
        (
            UnifiedOrder { trade: Trade::Native { product_id: String::new() }, ..order() },
            "missing product_id",
        ),
        (url(""), "missing notify_url"),
        (url("/notify"), "format notify_url"),
        (url("https://"), "format notify_url"),
        (url("https://a.example/n?x=1"), "format notify_url"),
        (url("https://a.example/n x"), "format notify_url"),
        (url(&format!("https://a.example/{}", "n".repeat(250))), "too_long notify_url"),
        (h5(H5Scene::Raw("{}".into())), "missing scene_info.h5_info"),
        (h5(H5Scene::Raw("[".into())), "format scene_info"),
        (h5(H5Scene::Wap { wap_url: String::new(), wap_name: "n".into() }), "missing scene_info.h5_info"),
        (h5(H5Scene::Wap { wap_url: "u".repeat(256), wap_name: "n".into() }), "too_long scene_info"),
        (extra(|e| e.fee_type = s("RMB ")), "format fee_type"),
        (extra(|e| e.detail = Some(Detail::Raw("no json".into()))), "format detail"),
        (extra(|e| e.detail = Some(Detail::Goods(GoodsDetail::default()))), "missing detail.goods_detail"),
        (goods(Goods { quantity: 0, ..item() }), "format detail.quantity"),
        (goods(Goods { goods_id: "项".into(), ..item() }), "format detail.goods_id"),
        (goods(Goods { price: Fen::new(-1), ..item() }), "format detail.price"),
        (goods(Goods { body: Some("b".repeat(1001)), ..item() }), "too_long detail.body"),
        (store(|info| info.id.clear()), "missing scene_info.id"),
        (store(|info| info.area_code = Some("12345".into())), "format scene_info.area_code"),
        (store(|info| info.name = Some("腾".repeat(22))), "too_long scene_info.name"),
        (
            extra(|e| (e.time_start, e.time_expire) = (time("20091225091010"), time("20091225091110"))),
            "format time_expire",
        ),
        (
            extra(|e| (e.time_start, e.time_expire) = (time("20091225091010"), time("20081225091110"))),
            "format time_expire",
        ),
    ] {
        assert_eq!(wrong(&order), why);
    }
    let start_and_end = extra(|e| {
        (e.time_start, e.time_expire) = (time("20091225091010"), time("20091225091111"));
    });
    assert!(start_and_end.fields().is_ok(), "61 seconds are enough");
    assert_eq!(wrong(&Refund { refund_fee: Fen::new(101), ..refund() }), "format refund_fee");
    assert_eq!(wrong(&Refund { refund_fee: Fen::ZERO, ..refund() }), "format refund_fee");
    assert_eq!(wrong(&Micropay { total_fee: Fen::ZERO, ..micropay() }), "format total_fee");
}

/// Each text field takes exactly its documented number of bytes: one more is refused, in ASCII, Chinese, emoji.
#[test]
fn limits_are_bytes() {
    fn check(field: &str, max: usize, write: impl Fn(String) -> Result<Fields<'static>, BuildError>) {
        for letter in ["a", "微", "😀"] {
            let fits = letter.repeat(max / letter.len());
            let fields = write(fits.clone()).unwrap_or_else(|error| panic!("{field}: {error}"));
            assert_eq!(fields.get(field), Some(&*fits));
            let long = letter.repeat(max / letter.len() + 1);
            let error = write(long.clone()).unwrap_err();
            let (bytes, chars) = (long.len(), long.chars().count());
            assert!(
                matches!(error, BuildError::TooLong { field: f, max: m, bytes: b, chars: c }
                    if (f, m, b, c) == (field, max, bytes, chars)),
                "{field}: {error}"
            );
            let text = error.to_string();
            assert!(text.contains(&bytes.to_string()) && text.contains(&chars.to_string()), "{text}");
        }
    }
    check("body", 128, |body| UnifiedOrder { body, ..order() }.fields());
    check("attach", 127, |text| extra(|e| e.attach = Some(text)).fields());
    check("goods_tag", 32, |text| extra(|e| e.goods_tag = Some(text)).fields());
    check("device_info", 32, |text| extra(|e| e.device_info = Some(text)).fields());
    check("product_id", 32, |product_id| {
        UnifiedOrder { trade: Trade::Native { product_id }, ..order() }.fields()
    });
    check("user_truename", 64, |user_truename| {
        let identity = Identity { user_type: UserType::IdCard, user_creid: "1".into(), user_truename };
        extra(|e| e.identity = Some(identity)).fields()
    });
    check("refund_desc", 80, |text| {
        Refund { extra: refund::Extra { refund_desc: Some(text), ..Default::default() }, ..refund() }.fields()
    });
    check("attach", 127, |text| {
        Micropay { extra: micropay::Extra { attach: Some(text), ..Default::default() }, ..micropay() }
            .fields()
    });
}

#[test]
fn the_other_requests() {
    let refund = Refund {
        extra: refund::Extra {
            refund_fee_type: Some("CNY".into()),
            refund_desc: Some("商品已售完".into()),
            refund_account: Some(RefundAccount::RechargeFunds),
            notify_url: Some("https://weixin.qq.com/notify/".into()),
            ..refund::Extra::default()
        },
        ..refund()
    };
    let expected = fields(&[
        ("out_trade_no", "20150806125346"),
        ("out_refund_no", "R1"),
        ("total_fee", "100"),
        ("refund_fee", "100"),
        ("refund_fee_type", "CNY"),
        ("refund_desc", "商品已售完"),
        ("refund_account", "REFUND_SOURCE_RECHARGE_FUNDS"),
        ("notify_url", "https://weixin.qq.com/notify/"),
    ]);
    assert_eq!(refund.fields(), Ok(expected));
    let query = RefundQuery::of_order(no(), 24).fields();
    assert_eq!(query, Ok(fields(&[("out_trade_no", "20150806125346"), ("offset", "24")])));
    let by_id =
        RefundQuery { refund: RefundRef::RefundId(RefundId::parse("50").unwrap()), offset: None }.fields();
    assert_eq!(by_id, Ok(fields(&[("refund_id", "50")])));
    let one = RefundQuery::one(OutRefundNo::parse("R1").unwrap()).fields();
    assert_eq!(one, Ok(fields(&[("out_refund_no", "R1")])));
    let by_wechats = OrderQuery::new(TransactionId::parse("42").unwrap()).fields();
    assert_eq!(by_wechats, Ok(fields(&[("transaction_id", "42")])));
    let close = CloseOrder { out_trade_no: no() }.fields();
    assert_eq!(close, Ok(fields(&[("out_trade_no", "20150806125346")])));
    let scanned = Micropay {
        extra: micropay::Extra { deposit: Some(true), profit_sharing: Some(false), ..Default::default() },
        ..micropay()
    };
    let expected = fields(&[
        ("out_trade_no", "20150806125346"),
        ("body", "形象店"),
        ("total_fee", "888"),
        ("auth_code", "120061098828009406"),
        ("spbill_create_ip", "2001:db8::1"),
        ("deposit", "Y"),
        ("profit_sharing", "N"),
    ]);
    assert_eq!(scanned.fields(), Ok(expected));
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(body in ".{1,30}", attach in ".{0,30}", fee in 1_i64..) {
        let order = UnifiedOrder {
            body,
            total_fee: Fen::new(fee),
            extra: Extra { attach: Some(attach), ..Extra::default() },
            ..order()
        };
        // Control characters are refused, all else comes back as it went.
        if let Ok(fields) = order.fields() {
            let text = xml::write(&fields);
            prop_assert_eq!(&xml::read(text.as_bytes()).unwrap(), &fields);
            prop_assert_eq!(xml::write(&xml::read(text.as_bytes()).unwrap()), text);
        }
    }
}

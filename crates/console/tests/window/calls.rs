//! Forms in, views out; preferences; status.

use crate::shop::{Shop, order};
use console::forms::{CustomerForm, MerchantForm, MicropayForm, OrderForm, RefundForm};
use console::view::{ErrorView, Preferences, SavedView};
use console::{BUILT_IN, Code};
use domain::Secret;
use simulator::fault::{Fault, FaultRule};
use std::fs;

#[tokio::test]
async fn each_trade_type_gives_what_the_payers_side_needs() {
    let shop = Shop::open();
    let number = shop.console.new_number(BUILT_IN).unwrap();
    assert_ne!(number, shop.console.new_number(BUILT_IN).unwrap());
    let made = shop.order(&number, 3_600).await;
    assert_eq!((made.payment.out_trade_no, made.payment.state.as_str()), (number, "unpaid"));
    assert!(made.pay.qr.is_some() && made.pay.code_url.is_some());
    let with = |trade_type: &str, number: &str| OrderForm {
        trade_type: trade_type.into(),
        openid: Some("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".into()).filter(|_| trade_type == "jsapi"),
        wap_url: Some("https://bakery.example".into()),
        wap_name: Some("面包店".into()),
        ..order(number, 100)
    };
    let jsapi = shop.console.create_order_form(BUILT_IN, with("jsapi", "JSAPI001")).await.unwrap().pay;
    assert!(jsapi.params.is_some() && jsapi.calls.len() == 3);
    let app = shop.console.create_order_form(BUILT_IN, with("app", "APP00001")).await.unwrap().pay;
    assert!(app.params.is_some() && app.calls.is_empty());
    let h5 = shop.console.create_order_form(BUILT_IN, with("h5", "H500001")).await.unwrap().pay;
    assert!(h5.mweb_url.is_some());
    assert_eq!(shop.console.new_number("nobody").unwrap_err().code, Code::NoSuchMerchant);
}

#[tokio::test]
async fn a_click_twice_is_one_refund_and_a_refund_without_a_number_is_none() {
    let shop = Shop::open();
    shop.order("ORDER001", 3_600).await;
    shop.pay("ORDER001", "normal").await;
    let mut form = RefundForm { out_trade_no: "ORDER001".into(), refund_fen: 600, ..RefundForm::default() };
    let without = shop.console.create_refund_form(BUILT_IN, form.clone()).await.unwrap_err();
    assert_eq!((without.code, &*without.params["field"]), (Code::InvalidField, "out_refund_no"));
    let plan = shop.console.plan_refund_form(BUILT_IN, form.clone()).unwrap();
    assert_eq!((plan.left_after_fen, plan.again), (3_000, false));
    form.out_refund_no = plan.out_refund_no;
    for _ in 0..2 {
        shop.console.create_refund_form(BUILT_IN, form.clone()).await.unwrap();
    }
    assert!(shop.console.plan_refund_form(BUILT_IN, form.clone()).unwrap().again);
    assert_eq!(shop.world().totals(simulator::MCH_ID).refunded_fen, 600);
    let asked = shop.console.query_refund_form(BUILT_IN, &form.out_refund_no).await.unwrap();
    assert_eq!(asked.len(), 1);
    let too_much = RefundForm { refund_fen: 3_001, out_refund_no: "R2".into(), ..form };
    let error = shop.console.plan_refund_form(BUILT_IN, too_much).unwrap_err();
    assert_eq!(error.code, Code::RefundTooMuch);
    let view = ErrorView::from(&error);
    assert!(view.zh.contains("30.00") && view.en.contains("30.00"), "{view:?}");
}

#[tokio::test]
async fn the_customers_strip_does_what_it_says_and_only_on_the_simulator() {
    let shop = Shop::open();
    let state = |number: &'static str| {
        let console = &shop.console;
        async move { console.query_order_form(BUILT_IN, number).await.unwrap().state }
    };
    let act = |form: CustomerForm| shop.console.simulate_form(BUILT_IN, form);
    shop.order("FAIL0001", 100).await;
    act(CustomerForm::Mistype { out_trade_no: "FAIL0001".into() }).await.unwrap();
    assert_eq!(state("FAIL0001").await, "pay_error");
    act(CustomerForm::Expire { out_trade_no: "FAIL0001".into() }).await.unwrap();
    assert_eq!(state("FAIL0001").await, "closed");
    shop.order("FAIL0002", 100).await;
    act(CustomerForm::Cancel { out_trade_no: "FAIL0002".into() }).await.unwrap();
    assert_eq!(state("FAIL0002").await, "unpaid");
    assert_eq!(shop.console.close_order_form(BUILT_IN, "FAIL0002").await.unwrap().state, "closed");

    let code = act(CustomerForm::AuthCode { kind: "fresh".into() }).await.unwrap().unwrap();
    let scanned = MicropayForm {
        auth_code: code,
        out_trade_no: "SCAN0001".into(),
        total_fen: 2_350,
        body: "拿铁".into(),
        attach: None,
    };
    let paid = shop.console.micropay_form(BUILT_IN, scanned).await.unwrap();
    assert_eq!((paid.state.as_str(), paid.total_fen), ("paid", 2_350));
    assert_eq!(shop.console.reverse_form(BUILT_IN, "SCAN0001").await.unwrap().state, "revoked");

    let error = shop
        .console
        .simulate_form("shop", CustomerForm::AuthCode { kind: "fresh".into() })
        .await
        .unwrap_err();
    assert_eq!(error.code, Code::NotSimulated);
}

#[tokio::test]
async fn notices_come_as_the_customer_was_told() {
    let shop = Shop::open();
    let told = |number: &str| {
        let detail = shop.console.payment_detail(BUILT_IN, number).unwrap();
        detail.payment.evidence.notice.is_some()
    };
    for (number, notice) in
        [("N0000001", "normal"), ("N0000002", "late"), ("N0000003", "repeated"), ("N0000004", "lost")]
    {
        shop.order(number, 100).await;
        shop.pay(number, notice).await;
        assert_eq!(told(number), matches!(notice, "normal" | "repeated"), "{notice}");
    }
    // Any act takes what is due by then.
    shop.pass(20_000);
    shop.console.simulate_form(BUILT_IN, CustomerForm::AuthCode { kind: "fresh".into() }).await.unwrap();
    assert!(told("N0000002"));
    // Trouble planned for a payment that did not happen is no trouble of the next.
    let early = CustomerForm::Pay { out_trade_no: "N0000005".into(), coupon_fen: 0, notice: "lost".into() };
    let refused = shop.console.simulate_form(BUILT_IN, early).await.unwrap_err();
    assert_eq!(refused.code, Code::SimulatorRefused);
    shop.order("N0000005", 100).await;
    shop.pay("N0000005", "normal").await;
    assert!(told("N0000005"));
    shop.pass(86_400_000);
    shop.console.simulate_form(BUILT_IN, CustomerForm::AuthCode { kind: "fresh".into() }).await.unwrap();
    assert!(!told("N0000004"));
}

#[tokio::test]
async fn the_status_counts_and_says_what_is_unresolved() {
    let shop = Shop::open();
    let before = shop.console.status(BUILT_IN).unwrap();
    assert_eq!((before.payments, before.last_outcome.as_deref(), before.trouble), (0, None, None));
    shop.order("ORDER001", 100).await;
    let one = shop.console.status(BUILT_IN).unwrap();
    assert_eq!((one.payments, one.last_outcome.as_deref()), (1, Some("confirmed")));
    assert!(one.revision > before.revision);
    assert_eq!(one.revision, shop.console.status(BUILT_IN).unwrap().revision, "looking changes nothing");
    shop.world().arm(FaultRule::on("/pay/unifiedorder", Fault::TimeoutAfter));
    shop.world().arm(FaultRule::on("/pay/orderquery", Fault::Garbage));
    let lost = shop.console.create_order_form(BUILT_IN, order("ORDER002", 100)).await.unwrap_err();
    assert_eq!(ErrorView::from(&lost).exit, "unknown");
    let open = shop.console.status(BUILT_IN).unwrap();
    assert_eq!((open.payments, open.unresolved_count, open.unresolved.len()), (2, 1, 1));
    assert_eq!(open.last_outcome.as_deref(), Some("unknown"));
    let resolved = shop.console.resolve_form(BUILT_IN).await.unwrap();
    assert_eq!(resolved[0].state, "confirmed");
    assert_eq!(shop.console.status(BUILT_IN).unwrap().unresolved_count, 0);
    // Payments another program made are counted too.
    shop.another().create_order_form(BUILT_IN, order("ORDER003", 100)).await.unwrap();
    assert_eq!(shop.console.status(BUILT_IN).unwrap().payments, 3);
}

#[test]
fn a_ledger_that_does_not_open_is_said_in_the_status() {
    let shop = Shop::open();
    let file = shop.dir.path().join("ledger/simulated.db");
    fs::write(&file, "not a ledger").unwrap();
    let status = shop.console.status(BUILT_IN).unwrap();
    let trouble = status.trouble.unwrap();
    assert_eq!((trouble.exit.as_str(), status.payments), ("here", 0), "{trouble:?}");
    fs::remove_file(&file).unwrap();
    assert!(shop.console.status(BUILT_IN).unwrap().trouble.is_some(), "it is not tried every second");
    shop.pass(6_000);
    assert_eq!(shop.console.status(BUILT_IN).unwrap().trouble, None);
}

#[test]
fn choices_are_kept_and_a_damaged_file_is_said_and_set_aside() {
    let shop = Shop::open();
    let file = shop.dir.path().join("preferences.json");
    assert_eq!(shop.console.start().preferences, Preferences::default());
    assert!(!file.exists(), "starting writes nothing");
    let mine = Preferences {
        language: "en".into(),
        theme: "dark".into(),
        merchant: Some("gone".into()),
        views: vec![SavedView { name: "退款".into(), query: "state=refunded".into(), columns: Vec::new() }],
        ..Preferences::default()
    };
    assert_eq!(shop.console.save_preferences(mine.clone()).unwrap(), mine);
    let start = shop.another().start();
    assert_eq!((start.preferences, start.trouble), (mine.clone(), None));
    assert_eq!(start.merchant, BUILT_IN, "the one last shown is gone");
    assert_eq!(start.merchants.len(), 1);

    for wrong in [
        Preferences { language: "fr".into(), ..mine.clone() },
        Preferences { theme: "blue".into(), ..mine.clone() },
        Preferences { refund_limit_fen: -1, ..mine.clone() },
    ] {
        assert_eq!(shop.console.save_preferences(wrong).unwrap_err().code, Code::InvalidField);
    }
    assert_eq!(shop.console.start().preferences, mine);

    fs::write(&file, r#"{"theme":"light","of_tomorrow":[1]}"#).unwrap();
    let start = shop.console.start();
    assert_eq!(
        (start.preferences.theme.as_str(), start.trouble),
        ("light", None),
        "unknown fields are ignored"
    );
    for damaged in ["", "{", r#"{"theme":3}"#, r#"{"theme":"blue"}"#] {
        fs::write(&file, damaged).unwrap();
        let start = shop.console.start();
        assert_eq!(start.preferences, Preferences::default(), "{damaged}");
        assert!(start.trouble.is_some(), "{damaged}");
    }
    shop.console.save_preferences(mine.clone()).unwrap();
    assert_eq!(fs::read_to_string(file.with_extension("damaged.json")).unwrap(), r#"{"theme":"blue"}"#);
    assert_eq!((shop.console.start().preferences, shop.console.start().trouble), (mine, None));
    fs::write(shop.dir.path().join("merchants.json"), "{").unwrap();
    let start = shop.console.start();
    assert_eq!((start.merchants.len(), start.merchant.as_str()), (1, BUILT_IN));
    assert!(start.trouble.is_some());
}

#[tokio::test]
async fn a_merchant_is_added_with_key_and_certificate_and_nothing_secret_comes_back() {
    let shop = Shop::open();
    let form = MerchantForm {
        name: "bakery".into(),
        environment: "live".into(),
        mch_id: "1900000109".into(),
        appid: "wxd930ea5d5a258f4f".into(),
        sign_type: "HMAC-SHA256".into(),
        notify_url: Some("https://bakery.example/notify".into()),
        ..MerchantForm::default()
    };
    let added = shop.console.add_merchant_form(form.clone()).unwrap();
    assert_eq!((added.label.as_str(), added.keys.len()), ("bakery", 0));
    assert_eq!(shop.console.add_merchant_form(form).unwrap_err().code, Code::MerchantExists);
    let key = "192006250b4c09247ec02edce69f6a2d";
    let view = shop.console.set_key_form("bakery", "api_v2", Secret::new(format!(" {key}\n"))).unwrap();
    assert_eq!(view.kind, "api_v2");
    let shown = serde_json::to_string(&shop.console.start()).unwrap();
    assert!(!shown.contains(key) && shown.contains(&view.fingerprint));
    let wrong = shop.console.set_key_form("bakery", "former", Secret::new(key.to_owned())).unwrap_err();
    assert_eq!(&*wrong.params["field"], "kind");
    for (bytes, code) in [("!", Code::CertificateUnusable), ("AAAA", Code::CertificateUnusable)] {
        let password = Secret::new(String::new());
        let error = shop.console.import_certificate_form("bakery", bytes, password).unwrap_err();
        assert_eq!(error.code, code, "{bytes}");
    }
    let needs = shop.console.overview("bakery", None).unwrap().needs;
    assert!(needs.is_empty(), "{needs:?}");
    let moved = shop.console.set_notify_url("bakery", Some(" https://new.example/notify\n")).unwrap();
    assert_eq!((moved.notify_url.as_deref(), moved.keys.len()), (Some("https://new.example/notify"), 1));
    for wrong in ["new.example", "https://new.example/notify?a=1", "https://"] {
        let error = shop.console.set_notify_url("bakery", Some(wrong)).unwrap_err();
        assert_eq!((error.code, &*error.params["field"]), (Code::InvalidField, "notify_url"), "{wrong}");
    }
    let stored = shop.another().merchant(Some("bakery")).unwrap();
    assert_eq!(stored.notify_url.as_deref(), Some("https://new.example/notify"));
    assert_eq!(shop.console.set_notify_url("bakery", Some(" ")).unwrap().notify_url, None);
    for (name, code) in [(BUILT_IN, Code::BuiltInMerchant), ("nobody", Code::NoSuchMerchant)] {
        assert_eq!(shop.console.set_notify_url(name, None).unwrap_err().code, code);
    }
    let refund = |fen| RefundForm { refund_fen: fen, ..RefundForm::default() };
    assert!(!shop.console.refund_wants_confirmation(&refund(50_000)));
    assert!(shop.console.refund_wants_confirmation(&refund(50_001)));
    assert!(shop.console.check_merchant_form(BUILT_IN).await.unwrap().ok);
}

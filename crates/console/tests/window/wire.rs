//! What goes over the wire to the page, as files that the page's own tests load. The shop's time and chance are
//! fixed, so the files are the same on every machine; a difference is a change of the contract.

use crate::shop::{Shop, order};
use console::args::Looking;
use console::forms::{
    CustomerForm, JssdkForm, MerchantForm, MicropayForm, OrderForm, PasteForm, PayParamsForm, PaymentsForm,
    RefundForm, RefundsForm, RequestsForm, SignForm,
};
use console::view::ErrorView;
use console::{BUILT_IN, Code, ConsoleError, Lang};
use domain::Secret;
use serde::Serialize;
use simulator::fault::{Fault, FaultRule, NoticeFault, NoticeFaultRule};
use std::path::{Path, PathBuf};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/wire");

/// What writes the files instead of comparing them.
const WRITE: &str = "PAYDESK_WRITE_CONTRACT";

/// Where the shop's files seem to be.
const DATA: &str = "/data/paydesk";

struct Wire {
    data: PathBuf,
    differing: Vec<String>,
    known: Vec<String>,
}

impl Wire {
    fn put(&mut self, name: &str, view: &impl Serialize) {
        let mut text = serde_json::to_string_pretty(view).unwrap().replace(self.data.to_str().unwrap(), DATA);
        text.push('\n');
        let file = Path::new(FOLDER).join(format!("{name}.json"));
        self.known.push(format!("{name}.json"));
        if std::env::var_os(WRITE).is_some() {
            std::fs::create_dir_all(FOLDER).unwrap();
            std::fs::write(file, text).unwrap();
        } else if std::fs::read_to_string(file).unwrap_or_default() != text {
            self.differing.push(name.to_owned());
        }
    }
}

#[tokio::test]
async fn the_wires_files_are_current() {
    let shop = Shop::open();
    let console = &shop.console;
    let mut wire = Wire { data: shop.dir.path().to_owned(), differing: Vec::new(), known: Vec::new() };
    wire.put("overview_empty", &console.overview(BUILT_IN, None).unwrap());
    wire.put("payments_window_empty", &console.payments_window(BUILT_IN, &all(), 0, 50).unwrap());

    // A week before, at the same hour and later.
    past_week(&shop).await;
    for (trade_type, number) in [
        ("native", "PD20260105A01"),
        ("jsapi", "PD20260105A02"),
        ("app", "PD20260105A03"),
        ("h5", "PD20260105A04"),
    ] {
        let form = OrderForm {
            trade_type: trade_type.into(),
            openid: Some("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".into()).filter(|_| trade_type == "jsapi"),
            wap_url: Some("https://bakery.example".into()),
            wap_name: Some("面包店".into()),
            ..order(number, 3_600)
        };
        let made = console.create_order_form(BUILT_IN, form).await.unwrap();
        wire.put(&format!("order_created_{trade_type}"), &made);
        shop.pass(1_000);
    }
    today(&shop).await;
    let scanned = micropay(&shop).await;
    wire.put("micropay", &scanned);
    refunds(&shop, &mut wire).await;
    let lost = trouble(&shop).await;

    wire.put("status", &console.status(BUILT_IN).unwrap());
    wire.put("overview", &console.overview(BUILT_IN, None).unwrap());
    wire.put("payments_window", &console.payments_window(BUILT_IN, &all(), 0, 50).unwrap());
    let one = PaymentsForm { text: "a05".into(), states: vec!["paid".into()], ..all() };
    wire.put("payments_window_filtered", &console.payments_window(BUILT_IN, &one, 0, 50).unwrap());
    wire.put("payment_sums", &console.payment_sums(BUILT_IN, &all()).unwrap());
    for (name, number) in [
        ("payment_detail", "PD20260105A01"),
        ("payment_detail_disagreeing", "PD20260105A06"),
        ("payment_detail_unresolved", "PD20260105A09"),
    ] {
        wire.put(name, &console.payment_detail(BUILT_IN, number).unwrap());
    }
    let raw = console.payment_detail(BUILT_IN, "PD20260105A01").unwrap().raw;
    for (name, api) in
        [("raw_exchange", "unifiedorder"), ("raw_query", "orderquery"), ("raw_notice", "notify")]
    {
        let item = raw.iter().find(|item| item.api == api).unwrap();
        wire.put(name, &console.raw(BUILT_IN, &item.source, item.id).unwrap());
    }
    let refunds = RefundsForm::default();
    wire.put("refunds_window", &console.refunds_window(BUILT_IN, &refunds, 0, 50).unwrap());
    let requests = RequestsForm::default();
    wire.put("requests_window", &console.requests_window(BUILT_IN, &requests, 0, 50).unwrap());
    wire.put("check_merchant", &console.check_merchant_form(BUILT_IN).await.unwrap());
    wire.put("ledger_check", &console.ledger_check_form(BUILT_IN, true).map(without_language).unwrap());
    wire.put("errors", &errors(&shop, lost).await);
    add_merchant(&shop);
    wire.put("merchants", &console.merchants().unwrap());
    let mut start = console.start();
    // The machine's own.
    start.system_language = "zh-CN".into();
    wire.put("start", &start);
    workbench(&shop, &mut wire);

    let differing = &wire.differing;
    assert!(
        differing.is_empty(),
        "{differing:?} in tests/fixtures/wire are not current: run this test with {WRITE}=1, and see what changed"
    );
    for file in std::fs::read_dir(FOLDER).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(wire.known.contains(&name), "nothing writes tests/fixtures/wire/{name} any more");
    }
}

fn all() -> PaymentsForm {
    PaymentsForm::default()
}

/// The sentences of a check are in the language of the person.
fn without_language(mut check: console::view::LedgerCheckView) -> console::view::LedgerCheckView {
    for line in &mut check.checks {
        line.message.clear();
    }
    check
}

/// WeChat Pay's documents publish it.
const KEY: &str = "192006250b4c09247ec02edce69f6a2d";

/// What the workbench is given, in Chinese, which the machine's own language does not change.
fn workbench(shop: &Shop<crate::shop::HandClock>, wire: &mut Wire) {
    let console = &shop.console;
    let key = || Some(Secret::new(KEY.to_owned()));
    let looking = |string: Option<&str>| Looking {
        key_once: key(),
        string: string.map(|string| string.to_owned().into()),
        reproduce: true,
        ..Looking::default()
    };
    let request = "<xml><appid>wxd930ea5d5a258f4f</appid><mch_id>10000100</mch_id><device_info>1000</device_info>\
        <body>test</body><nonce_str>ibuaiVcKdpRxkhJA</nonce_str><sign>9A0A8659F005D6984697E2CA0A9CF3B7</sign></xml>";
    let said =
        "appid=wxd930ea5d5a258f4f&body=Test&device_info=1000&mch_id=10000100&nonce_str=ibuaiVcKdpRxkhJA";
    let unsorted = "<xml><mch_id>10000100</mch_id><appid>wxd930ea5d5a258f4f</appid>\
        <nonce_str>ibuaiVcKdpRxkhJA</nonce_str><body>test</body><device_info>1000</device_info>\
        <sign>DE60B47BA9F9A68D24282115C698E3C6</sign></xml>";
    let program = "const params = {\n  appId: config.appid,\n  timeStamp: Date.now(),\n  nonceStr: order.nonce_str,\n  \
        package: order.prepay_id,\n  signType: 'MD5',\n}\nwx.requestPayment(params)\n";
    let documents = [
        ("verify_valid", request, None),
        ("verify_proven", unsorted, None),
        ("verify_string", request, Some(said)),
        ("verify_unexplained", &request.replace("test", "rest"), None),
        ("verify_program", program, None),
        ("verify_malformed", "<!DOCTYPE xml><xml/>", None),
    ];
    for (name, text, string) in documents {
        let mut view = console.verify(text.as_bytes(), &looking(string), Lang::ZhCn).unwrap();
        if let Some(search) = &mut view.search {
            // How much is looked at changes with what is looked for, and how far that came with the machine.
            search.tried = 12_345;
            search.ended = false;
        }
        let unexplained = ["search_ended", "no_key_fits"];
        view.findings.retain(|finding| !unexplained.contains(&finding.id.as_str()));
        wire.put(name, &view);
    }
    let sign = SignForm {
        text: r#"{"appid":"wxd930ea5d5a258f4f","body":"面包","total_fee":1}"#.into(),
        ..SignForm::default()
    };
    wire.put("sign", &console.sign_pasted(sign, key()).unwrap());
    let app = PayParamsForm {
        kind: "app".into(),
        prepay_id: Some("wx201410272009395522657a690389285100".into()),
        ..PayParamsForm::default()
    };
    wire.put("pay_params_app", &console.pay_params_of(BUILT_IN, app).unwrap());
    let jssdk = JssdkForm { url: "http://mp.weixin.qq.com?params=value".into(), ..JssdkForm::default() };
    let ticket = Secret::new(
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg".to_owned(),
    );
    wire.put("jssdk", &console.jssdk_sign_form(BUILT_IN, jssdk, ticket).unwrap());
    wire.put("causes", &console::causes(Lang::ZhCn));
    let notices = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/sign/refund-req-info.json");
    let notices: serde_json::Value = serde_json::from_slice(&std::fs::read(notices).unwrap()).unwrap();
    let whole = |vector: &&serde_json::Value| vector["plain"].as_str().unwrap().starts_with("<root>");
    let notice = notices["vectors"].as_array().unwrap().iter().find(whole).unwrap();
    let paste = PasteForm { text: notice["req_info"].as_str().unwrap().into(), ..PasteForm::default() };
    let key = Secret::new(notice["api_key"].as_str().unwrap().to_owned());
    wire.put("decrypt", &console.decrypt_pasted(paste, Some(key)).unwrap());
}

async fn past_week(shop: &Shop<crate::shop::HandClock>) {
    const HOUR: i64 = 3_600_000;
    shop.order("PD20260105W01", 2_900).await;
    shop.pay("PD20260105W01", "normal").await;
    shop.pass(6 * HOUR);
    shop.order("PD20260105W02", 12_800).await;
    shop.pay("PD20260105W02", "normal").await;
    shop.pass(7 * 24 * HOUR - 6 * HOUR);
}

async fn today(shop: &Shop<crate::shop::HandClock>) {
    let console = &shop.console;
    shop.pay("PD20260105A01", "normal").await;
    shop.pass(60_000);
    console.query_order_form(BUILT_IN, "PD20260105A01").await.unwrap();
    shop.pass(60_000);
    // Text of a stranger, and a coupon.
    let foreign = OrderForm {
        body: "<b>贝果</b>\u{202E}txt.exe\u{200B} & \"x\"".into(),
        attach: Some("'=1+1".into()),
        ..order("PD20260105A05", 5_600)
    };
    console.create_order_form(BUILT_IN, foreign).await.unwrap();
    let pay = CustomerForm::Pay {
        out_trade_no: "PD20260105A05".into(),
        coupon_fen: 600,
        notice: "repeated".into(),
    };
    console.simulate_form(BUILT_IN, pay).await.unwrap();
    shop.order("PD20260105A06", 3_800).await;
    shop.world().arm_notice(NoticeFaultRule::of("PD20260105A06", NoticeFault::WrongAmount { attempts: 1 }));
    shop.pay("PD20260105A06", "normal").await;
    // The notice differs, so it is the question that decides.
    console.query_order_form(BUILT_IN, "PD20260105A06").await.unwrap();
    // Paid, and nobody told.
    shop.order("PD20260105A07", 4_100).await;
    shop.pay("PD20260105A07", "lost").await;
    console.query_order_form(BUILT_IN, "PD20260105A07").await.unwrap();
    shop.pass(900_000);
    shop.order("PD20260105A08", 700).await;
    console.close_order_form(BUILT_IN, "PD20260105A08").await.unwrap();
}

async fn micropay(shop: &Shop<crate::shop::HandClock>) -> console::view::PaymentView {
    let code = CustomerForm::AuthCode { kind: "fresh".into() };
    let auth_code = shop.console.simulate_form(BUILT_IN, code).await.unwrap().unwrap();
    let form = MicropayForm {
        auth_code,
        out_trade_no: "PD20260105S01".into(),
        total_fen: 2_350,
        body: "拿铁".into(),
        attach: None,
    };
    shop.console.micropay_form(BUILT_IN, form).await.unwrap()
}

async fn refunds(shop: &Shop<crate::shop::HandClock>, wire: &mut Wire) {
    let form = RefundForm {
        out_trade_no: "PD20260105A01".into(),
        out_refund_no: "PD20260105R01".into(),
        refund_fen: 1_600,
        reason: Some("卖完了".into()),
    };
    wire.put("refund_plan", &shop.console.plan_refund_form(BUILT_IN, form).unwrap());
    let refund = shop.refund("PD20260105A01", "PD20260105R01", 1_600).await;
    wire.put("refund_created", &refund);
    shop.refund_comes_to("PD20260105R01", "success").await;
    shop.refund("PD20260105A05", "PD20260105R02", 5_600).await;
    shop.refund("PD20260105S01", "PD20260105R03", 350).await;
    shop.refund_comes_to("PD20260105R03", "abnormal").await;
}

/// One order and one refund of which nobody knows whether they were made.
async fn trouble(shop: &Shop<crate::shop::HandClock>) -> ConsoleError {
    shop.world().arm(FaultRule::on("/secapi/pay/refund", Fault::TimeoutAfter));
    shop.world().arm(FaultRule::on("/pay/refundquery", Fault::Garbage));
    let refund = RefundForm {
        out_trade_no: "PD20260105A06".into(),
        out_refund_no: "PD20260105R04".into(),
        refund_fen: 800,
        reason: None,
    };
    let lost = shop.console.create_refund_form(BUILT_IN, refund).await.unwrap_err();
    assert_eq!(lost.code, Code::OutcomeUnknown);
    shop.world().arm(FaultRule::on("/pay/unifiedorder", Fault::ResetBefore));
    shop.world().arm(FaultRule::on("/pay/refundquery", Fault::Garbage));
    shop.world().arm(FaultRule::on("/pay/orderquery", Fault::Garbage));
    let open = shop.console.create_order_form(BUILT_IN, order("PD20260105A09", 1_200)).await.unwrap_err();
    assert_eq!(open.code, Code::OutcomeUnknown);
    lost
}

/// One of each kind that a screen meets: of a form, refused, unknown, of this computer.
async fn errors(shop: &Shop<crate::shop::HandClock>, unknown: ConsoleError) -> Vec<ErrorView> {
    let console = &shop.console;
    let field = OrderForm { openid: None, trade_type: "jsapi".into(), ..order("PD20260105A10", 100) };
    let amount = order("PD20260105A10", 0);
    let too_much = RefundForm {
        out_trade_no: "PD20260105A01".into(),
        out_refund_no: "PD20260105R05".into(),
        refund_fen: 999_999,
        reason: None,
    };
    let errors = [
        console.create_order_form(BUILT_IN, field).await.unwrap_err(),
        console.create_order_form(BUILT_IN, amount).await.unwrap_err(),
        console.plan_refund_form(BUILT_IN, too_much).unwrap_err(),
        console.close_order_form(BUILT_IN, "PD20260105A01").await.unwrap_err(),
        console.query_order_form(BUILT_IN, "PD20260105XXX").await.unwrap_err(),
        console.payment_detail(BUILT_IN, "PD20260105XXX").unwrap_err(),
        unknown,
        ConsoleError::new(Code::Declined),
        ConsoleError::new(Code::Cancelled),
        ConsoleError::new(Code::KeychainLocked),
        ConsoleError::new(Code::LedgerReadOnly).with("path", format!("{DATA}/ledger/live.db")),
    ];
    errors.iter().map(ErrorView::from).collect()
}

fn add_merchant(shop: &Shop<crate::shop::HandClock>) {
    let form = MerchantForm {
        name: "bakery".into(),
        label: "巷口面包店".into(),
        environment: "live".into(),
        mch_id: "1900000109".into(),
        appid: "wxd930ea5d5a258f4f".into(),
        sign_type: "HMAC-SHA256".into(),
        notify_url: Some("https://bakery.example/wxpay/notify".into()),
        ..MerchantForm::default()
    };
    shop.console.add_merchant_form(form).unwrap();
    // WeChat Pay's documents publish it.
    let key = Secret::new("192006250b4c09247ec02edce69f6a2d".to_owned());
    shop.console.set_key_form("bakery", "api_v2", key).unwrap();
}

//! Bad input and trouble, each from one end to the other: what the console says, what the ledger keeps, and what
//! had happened at the gateway.

mod books;

use console::args::{
    Cells, Looking, NewMicropay, NewOrder, NewRefund, OrderRef, PaymentQuery, RefundRef, Way,
};
use console::view::Verdict;
use console::{BUILT_IN, Code, Console, ConsoleError, Lang, Options, SimulatedGateway};
use domain::{
    AuthCode, Clock, Environment, Fen, OperationKind, OperationState, OutRefundNo, OutTradeNo, Secret,
    Timestamp,
};
use ledger::{Ledger, LedgerError};
use paydesk_tests::dice::Dice;
use paydesk_tests::truth::SIMULATED_CHAIN_KEY;
use simulator::fault::{Fault, FaultRule};
use simulator::{CodeKind, EffectKind, PayWith, Simulator};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use vault::{Keychain, KeychainError};

const MORNING_MS: i64 = 1_767_578_400_000;
const ORDER: &str = "/pay/unifiedorder";
const QUERY: &str = "/pay/orderquery";
const CLOSE: &str = "/pay/closeorder";
const SCAN: &str = "/pay/micropay";
const REFUND: &str = "/secapi/pay/refund";
const REFUND_QUERY: &str = "/pay/refundquery";

struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// A keychain that forgets: these tests end before it matters.
#[derive(Default)]
struct Drawer(Mutex<BTreeMap<String, Secret<Vec<u8>>>>);

impl Keychain for Drawer {
    fn get(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, KeychainError> {
        Ok(self.0.lock().unwrap().get(account).cloned())
    }
    fn set(&self, account: &str, secret: &Secret<Vec<u8>>) -> Result<(), KeychainError> {
        self.0.lock().unwrap().insert(account.to_owned(), secret.clone());
        Ok(())
    }
    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.0.lock().unwrap().remove(account);
        Ok(())
    }
}

struct Shop {
    console: Console,
    world: Arc<Mutex<Simulator>>,
    dir: tempfile::TempDir,
    /// Its clock, where a test sets it.
    clock: Option<Arc<HandClock>>,
}

impl Shop {
    /// A shop whose clock is ahead of the gateway's by so much.
    fn ahead_by(ms: i64) -> Self {
        let clock = Arc::new(HandClock(AtomicI64::new(MORNING_MS + ms)));
        let world = Simulator::new(1, Timestamp::from_millis(MORNING_MS));
        let shop =
            Self::with(tempfile::tempdir().unwrap(), Arc::clone(&clock) as _, Arc::new(Mutex::new(world)));
        Self { clock: Some(clock), ..shop }
    }

    fn with(dir: tempfile::TempDir, clock: Arc<dyn Clock>, world: Arc<Mutex<Simulator>>) -> Self {
        let console = Console::open(Options {
            data_dir: Some(dir.path().to_owned()),
            clock,
            keychain: Some(Box::new(Drawer::default())),
            gateway: SimulatedGateway::InProcess(Arc::clone(&world)),
            ..Options::default()
        })
        .unwrap();
        Self { console, world, dir, clock: None }
    }

    fn open() -> Self {
        Self::ahead_by(0)
    }

    fn world(&self) -> MutexGuard<'_, Simulator> {
        self.world.lock().unwrap()
    }

    fn file(&self) -> PathBuf {
        self.console.place().ledger(Environment::Simulated)
    }

    fn count(&self, kind: EffectKind, number: &str) -> usize {
        self.world().effects().iter().filter(|effect| effect.kind == kind && effect.number == number).count()
    }

    fn state(&self, kind: OperationKind, number: &str) -> Option<OperationState> {
        let key = Secret::new(SIMULATED_CHAIN_KEY);
        let now = Timestamp::from_millis(MORNING_MS);
        let opened = Ledger::open(&self.file(), Environment::Simulated, key, now).unwrap();
        opened.ledger.operation_by_number(BUILT_IN, kind, number).unwrap().map(|row| row.state)
    }

    async fn paid(no: &str) -> Self {
        let shop = Self::open();
        shop.console.create_order(None, order(no)).await.unwrap();
        shop.world().pay(no, PayWith::default()).unwrap();
        shop.console.query_order(None, OrderRef::OutTradeNo(number(no))).await.unwrap();
        shop
    }

    /// Everything due arrives.
    fn take_notices(&self) -> Vec<console::Taken> {
        let due = self.world().due_notices();
        due.iter().map(|delivery| self.console.receive_notice(None, &delivery.body).unwrap()).collect()
    }
}

fn number(text: &str) -> OutTradeNo {
    OutTradeNo::parse(text).unwrap()
}

fn order(no: &str) -> NewOrder {
    NewOrder {
        way: Way::Native { product_id: None },
        total: Fen::new(8_800),
        currency: "CNY".into(),
        body: "面包".into(),
        attach: None,
        out_trade_no: Some(number(no)),
        expires_in_secs: None,
        detail: None,
        scene_info: None,
        goods_tag: None,
        no_credit: false,
        device_info: None,
        spbill_create_ip: None,
        notify_url: None,
    }
}

fn refund(no: &str, refund_no: &str, fen: i64) -> NewRefund {
    NewRefund {
        out_trade_no: number(no),
        refund: Fen::new(fen),
        out_refund_no: Some(OutRefundNo::parse(refund_no).unwrap()),
        reason: None,
        notify_url: None,
    }
}

fn code<T>(result: Result<T, ConsoleError>) -> Option<Code> {
    result.err().map(|error| error.code)
}

/// A fault of a reply, and whether what was asked for had happened by then.
fn broken_replies() -> Vec<(Fault, bool)> {
    vec![
        (Fault::TimeoutBefore, false),
        (Fault::ResetBefore, false),
        (Fault::SystemErrorBefore, false),
        (Fault::Status { status: 502, effect: false }, false),
        (Fault::TimeoutAfter, true),
        (Fault::ResetMidBody, true),
        (Fault::SystemErrorAfter, true),
        (Fault::Status { status: 502, effect: true }, true),
        (Fault::Html, true),
        (Fault::Garbage, true),
        (Fault::Truncated, true),
        (Fault::BadSignature, true),
        (Fault::MissingSignature, true),
        (Fault::WrongOrder, true),
    ]
}

#[tokio::test]
async fn whatever_is_wrong_with_a_reply_it_is_unknown_and_found_out_by_asking() {
    use OperationKind as K;
    // Which request, how it is asked about, and what it does at the gateway.
    let cases = [
        (K::UnifiedOrder, ORDER, QUERY, EffectKind::OrderMade, "trouble-0001"),
        (K::CloseOrder, CLOSE, QUERY, EffectKind::Closed, "trouble-0001"),
        (K::Micropay, SCAN, QUERY, EffectKind::Paid, "trouble-scan"),
        (K::Refund, REFUND, REFUND_QUERY, EffectKind::RefundAccepted, "trouble-r1"),
    ];
    for (kind, path, asked, effect, no) in cases {
        for (fault, happened) in broken_replies() {
            // The reply to closing names no order; WrongOrder then speaks of another merchant.
            let shop = match kind {
                K::Refund => Shop::paid("trouble-0001").await,
                _ => Shop::open(),
            };
            if kind == K::CloseOrder {
                shop.console.create_order(None, order(no)).await.unwrap();
            }
            shop.world().arm(FaultRule::on(path, fault.clone()));
            // The question that follows at once finds nobody either; for a scan all that follow.
            shop.world().arm(FaultRule::on(asked, Fault::TimeoutBefore).times(1));
            let what = format!("{kind} and {fault:?}");
            let said = match kind {
                K::UnifiedOrder => code(shop.console.create_order(None, order(no)).await),
                K::CloseOrder => code(shop.console.close_order(None, &number(no)).await),
                K::Refund => code(shop.console.create_refund(None, refund("trouble-0001", no, 100)).await),
                _ => {
                    // A scan goes on asking by itself: to leave it open the line stays dead.
                    shop.world().disarm();
                    shop.world().arm(FaultRule::on(path, fault.clone()));
                    shop.world().arm(FaultRule::on(asked, Fault::TimeoutBefore).times(20));
                    shop.world().arm(FaultRule::on("/secapi/pay/reverse", Fault::TimeoutBefore).times(20));
                    let auth_code = shop.world().auth_code(CodeKind::Fresh);
                    let new = NewMicropay {
                        auth_code: AuthCode::parse(&auth_code).unwrap(),
                        total: Fen::new(100),
                        body: "x".into(),
                        attach: None,
                        out_trade_no: Some(number(no)),
                        spbill_create_ip: None,
                    };
                    code(shop.console.micropay(None, new, &mut |_| {}).await)
                }
            };
            assert_eq!(said, Some(Code::OutcomeUnknown), "{what}");
            assert_eq!(shop.state(kind, no), Some(OperationState::Unknown), "{what}");
            assert_eq!(shop.count(effect, no), usize::from(happened), "{what}");
            shop.world().disarm();
            shop.console.resolve(None).await.unwrap();
            if kind == K::Micropay {
                // It may still be under way: that nobody knows it is believed the second time, a while later.
                for _ in 0..2 {
                    shop.clock.as_ref().unwrap().0.fetch_add(60_000, Ordering::Relaxed);
                    shop.console.resolve(None).await.unwrap();
                }
                // Never sent twice, and by now it is to be reversed: it happened and went back, or it did not.
                assert_eq!(shop.count(effect, no), usize::from(happened), "{what}");
                assert!(!shop.state(kind, no).unwrap().is_unresolved(), "{what}");
            } else {
                assert_eq!(shop.state(kind, no), Some(OperationState::Confirmed), "{what}");
                assert_eq!(shop.count(effect, no), 1, "{what}");
            }
        }
    }
}

#[tokio::test]
async fn a_refunds_reply_with_another_amount_is_not_believed() {
    let shop = Shop::paid("amount-0001").await;
    shop.world().arm(FaultRule::on(REFUND, Fault::WrongAmount));
    shop.world().arm(FaultRule::on(REFUND_QUERY, Fault::WrongAmount));
    let said = code(shop.console.create_refund(None, refund("amount-0001", "amount-r1", 100)).await);
    assert_eq!(said, Some(Code::OutcomeUnknown));
    assert_eq!(shop.state(OperationKind::Refund, "amount-r1"), Some(OperationState::Unknown));
    shop.console.resolve(None).await.unwrap();
    assert_eq!(shop.state(OperationKind::Refund, "amount-r1"), Some(OperationState::Confirmed));
    let which = RefundRef::OutRefundNo(OutRefundNo::parse("amount-r1").unwrap());
    let view = shop.console.query_refund(None, which).await.unwrap().remove(0);
    assert_eq!(view.refund_fen, 100);
    assert_eq!(shop.count(EffectKind::RefundAccepted, "amount-r1"), 1);
}

/// The payment as everybody sees it: the detail, the list, the exported row.
fn seen_by_all(shop: &Shop, no: &str) -> console::view::PaymentView {
    let view = shop.console.payment(None, &number(no)).unwrap();
    let listed = shop.console.payments(None, &PaymentQuery::default()).unwrap().payments;
    let listed = listed.into_iter().find(|row| row.out_trade_no == no).unwrap();
    assert_eq!((&listed.state, listed.conflict), (&view.state, view.conflict));
    let file = shop.dir.path().join("seen.csv");
    shop.console.export_payments(None, &PaymentQuery::default(), &file, Cells::Raw, true).unwrap();
    let csv = std::fs::read_to_string(&file).unwrap();
    let row = csv.lines().find(|line| line.contains(no)).unwrap();
    assert!(row.contains(&format!(",{},", view.state)), "{row}");
    for found in &view.disagreements {
        assert!(listed.disagreements.iter().any(|other| other.code == found.code), "{listed:?}");
        assert!(row.contains(&found.code), "{row}");
    }
    view
}

/// From outside: a notice of one fen, signed with the merchant's own key, made an order "paid".
#[tokio::test]
async fn a_signed_notice_of_other_money_moves_nothing_and_everybody_sees_it() {
    for (field, to, differs) in [("total_fee", "1", "total"), ("fee_type", "USD", "currency")] {
        let shop = Shop::open();
        shop.console.create_order(None, order("other-money-1")).await.unwrap();
        shop.world().pay("other-money-1", PayWith::default()).unwrap();
        let genuine = shop.world().due_notices().remove(0).body;
        let wrong = resigned(&genuine, &[(field, to), ("transaction_id", "4200000000000000000000009999")]);
        assert!(shop.console.receive_notice(None, &wrong).unwrap().believed, "it is the merchant's own key");
        let view = seen_by_all(&shop, "other-money-1");
        assert_eq!(
            (view.state.as_str(), view.refundable_fen, view.total_fen),
            ("unpaid", 0, 8_800),
            "{field}"
        );
        assert!(view.conflict && view.transaction_id.is_none() && view.cash_fee_fen.is_none(), "{field}");
        assert_eq!(view.disagreements[0].code, differs);
        assert!(view.evidence.notice.is_some(), "it is kept");
        assert_eq!(
            code(shop.console.create_refund(None, refund("other-money-1", "other-r1", 1)).await),
            Some(Code::NotPaid)
        );
        // The next question decides, and the true notice still counts.
        shop.console.query_order(None, OrderRef::OutTradeNo(number("other-money-1"))).await.unwrap();
        let view = seen_by_all(&shop, "other-money-1");
        let truth =
            shop.console.query_order(None, OrderRef::OutTradeNo(number("other-money-1"))).await.unwrap();
        assert_eq!((view.state.as_str(), view.cash_fee_fen), ("paid", Some(8_800)), "{field}");
        assert_eq!(view.transaction_id, truth.evidence.query.as_ref().unwrap().transaction_id);
        assert!(view.conflict && !view.disagreements.is_empty(), "it is not forgotten");
        assert!(shop.console.receive_notice(None, &genuine).unwrap().before.is_none());
        let told = seen_by_all(&shop, "other-money-1").evidence.notice.unwrap();
        assert_eq!((told.total_fen, told.transaction_id), (Some(8_800), view.transaction_id));
    }
}

/// A notice with other values in some fields, signed anew.
fn resigned(notice: &[u8], changes: &[(&str, &str)]) -> Vec<u8> {
    let fields = wxpay::xml::read(notice).unwrap();
    let mut all: BTreeMap<String, String> =
        fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    for (name, to) in changes {
        all.insert((*name).to_owned(), (*to).to_owned());
    }
    all.remove("sign");
    let key = wxpay::ApiKey::new(Secret::new(simulator::API_KEY.to_owned()));
    let document = |all: &BTreeMap<String, String>| {
        let inner: String =
            all.iter().map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>")).collect();
        format!("<xml>{inner}</xml>").into_bytes()
    };
    let bytes = document(&all);
    let sign = wxpay::sign::sign(&wxpay::xml::read(&bytes).unwrap(), &key, wxpay::SignType::HmacSha256);
    all.insert("sign".into(), sign.to_string());
    document(&all)
}

#[tokio::test]
async fn a_dead_line_is_certain_and_the_same_number_goes_out_later() {
    let shop = Shop::paid("line-0001").await;
    shop.world().set_host_up("http://127.0.0.1:0", false);
    assert_eq!(code(shop.console.create_order(None, order("line-0002")).await), Some(Code::NotSent));
    assert_eq!(shop.state(OperationKind::UnifiedOrder, "line-0002"), Some(OperationState::NotSent));
    let early = shop.console.plan_refund(None, &refund("line-0002", "line-r0", 1)).unwrap_err();
    assert_eq!((early.code, early.params["state"].as_str()), (Code::NotPaid, "not_sent"), "it never left");
    let back = || refund("line-0001", "line-r1", 100);
    assert_eq!(code(shop.console.create_refund(None, back()).await), Some(Code::NotSent));
    let query = OrderRef::OutTradeNo(number("line-0001"));
    assert_eq!(code(shop.console.query_order(None, query).await), Some(Code::NotSent));
    assert_eq!(shop.console.payment(None, &number("line-0001")).unwrap().state, "paid");
    assert_eq!(shop.count(EffectKind::OrderMade, "line-0002"), 0);
    shop.world().set_host_up("http://127.0.0.1:0", true);
    shop.console.create_order(None, order("line-0002")).await.unwrap();
    shop.console.create_refund(None, back()).await.unwrap();
    assert_eq!(shop.count(EffectKind::OrderMade, "line-0002"), 1);
    assert_eq!(shop.count(EffectKind::RefundAccepted, "line-r1"), 1);
}

/// Writes over a part of a file.
#[tokio::test]
async fn a_simulated_merchant_reaches_nobody_but_this_computer() {
    let shop = Shop::open();
    let merchant = |url: &str| console::args::NewMerchant {
        name: "bakery".into(),
        label: String::new(),
        environment: Environment::Simulated,
        mch_id: domain::MchId::parse("9900000002").unwrap(),
        appid: domain::AppId::parse("wxsimulated0000002").unwrap(),
        sub_mch_id: None,
        sub_appid: None,
        hmac_sha256: true,
        notify_url: Some("http://127.0.0.1:1/notify".into()),
        gateway_url: Some(url.to_owned()),
        gateway_ca: None,
    };
    for url in [
        "https://api.mch.weixin.qq.com",
        "http://127.0.0.1@api.mch.weixin.qq.com",
        "http://127.0.0.1.nip.io",
        "http://0.0.0.0:1",
        "http://[::ffff:10.0.0.1]:1",
        "ftp://127.0.0.1",
        "",
    ] {
        assert_eq!(code(shop.console.add_merchant(merchant(url))), Some(Code::InvalidField), "{url}");
    }
    // Somebody edits the file by hand: the address is refused again where it would be dialled.
    shop.console.add_merchant(merchant("http://127.0.0.1:1")).unwrap();
    let key = Secret::new("SYNTHETICkeySYNTHETICkeySYNTH001".to_owned());
    shop.console.set_key("bakery", console::args::KeyKind::ApiV2, key).unwrap();
    let file = shop.dir.path().join("merchants.json");
    let text = std::fs::read_to_string(&file).unwrap();
    for url in ["https://api.mch.weixin.qq.com", "http://127.0.0.1:1@10.0.0.1"] {
        std::fs::write(&file, text.replace("http://127.0.0.1:1\"", &format!("{url}\""))).unwrap();
        assert!(std::fs::read_to_string(&file).unwrap().contains(url));
        let said = code(shop.console.create_order(Some("bakery"), order("loopback-01")).await);
        assert_eq!(said, Some(Code::InvalidField), "{url}");
        let query = OrderRef::OutTradeNo(number("loopback-01"));
        assert_eq!(
            code(shop.console.query_order(Some("bakery"), query).await),
            Some(Code::InvalidField),
            "{url}"
        );
    }
    assert!(shop.world().effects().is_empty());
}

#[tokio::test]
async fn an_hour_of_difference_between_the_clocks_changes_nothing_about_the_money() {
    for ahead in [-3_600_000, 3_600_000] {
        let shop = Shop::ahead_by(ahead);
        let mut new = order("clock-0001");
        new.expires_in_secs = Some(2 * 3_600 + 60);
        shop.console.create_order(None, new).await.unwrap();
        shop.world().pay("clock-0001", PayWith::default()).unwrap();
        assert!(shop.take_notices().iter().all(|taken| taken.believed));
        let query = OrderRef::OutTradeNo(number("clock-0001"));
        assert_eq!(shop.console.query_order(None, query).await.unwrap().state, "paid");
        let view = shop.console.create_refund(None, refund("clock-0001", "clock-r1", 100)).await.unwrap();
        assert_eq!(view.state, "processing");
        shop.world().advance(60_000);
        assert!(shop.take_notices().iter().any(|taken| taken.believed && taken.is_refund));
        let view = shop.console.payment(None, &number("clock-0001")).unwrap();
        assert_eq!((view.refunded_fen, view.disagreements.len(), view.conflict), (100, 0, false), "{ahead}");
    }
}

#[tokio::test]
async fn every_script_survives_the_way_byte_for_byte() {
    let texts = [
        "面包与牛奶",
        "👩‍👩‍👧‍👦🍞 e\u{301}",
        "\u{202e}evil.exe\u{202c} שלום عربى",
        "<b>&amp;\"'</b> ]]> & =",
        "a=1&b=2",
        " leading and trailing ",
        "=1+1,\"quoted\",\ttab",
        "'already quoted",
    ];
    for (index, text) in texts.iter().enumerate() {
        let no = format!("text-000{index}");
        let shop = Shop::open();
        let new = NewOrder { body: (*text).into(), attach: Some((*text).into()), ..order(&no) };
        shop.console.create_order(None, new).await.unwrap();
        shop.world().pay(&no, PayWith::default()).unwrap();
        assert!(shop.take_notices().iter().all(|taken| taken.believed), "{text}");
        let query = OrderRef::OutTradeNo(number(&no));
        let view = shop.console.query_order(None, query).await.unwrap();
        assert_eq!((view.body.as_deref(), view.attach.as_deref()), (Some(*text), Some(*text)));
        assert!(view.evidence.notice.is_some() && view.evidence.query.is_some(), "{text}");
        let new = NewRefund { reason: Some((*text).into()), ..refund(&no, &format!("{no}-r"), 1) };
        let view = shop.console.create_refund(None, new).await.unwrap();
        assert_eq!(view.reason.as_deref(), Some(*text));
        for cells in [Cells::Raw, Cells::Safe] {
            let file = shop.dir.path().join("payments.csv");
            shop.console.export_payments(None, &PaymentQuery::default(), &file, cells, true).unwrap();
            let csv = std::fs::read_to_string(&file).unwrap();
            let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']);
            let cell = if cells == Cells::Safe && risky { format!("'{text}") } else { (*text).to_owned() };
            let quoted = format!("\"{}\"", cell.replace('"', "\"\""));
            assert!(csv.contains(&cell) || csv.contains(&quoted), "{cells:?} {text:?}: {csv}");
        }
    }
}

#[tokio::test]
async fn a_text_that_makes_an_order_two_orders_is_refused_before_it_is_sent() {
    let shop = Shop::open();
    for body in ["x&mch_id=2", "x&fee_type=USD", "x&body=y&mch_id=1&total_fee=1"] {
        let new = NewOrder { body: body.into(), ..order("ambiguous-1") };
        assert_eq!(code(shop.console.create_order(None, new).await), Some(Code::AmbiguousOrder), "{body}");
    }
    // With everything that an order must have in it, the attachment alone can pose as another order.
    let attach = "A&body=b&mch_id=1&nonce_str=n&notify_url=http://a.b&out_trade_no=big-01\
                  &spbill_create_ip=1.1.1.1&total_fee=9&trade_type=APP&u=";
    assert!(attach.len() <= 127);
    let new = NewOrder { attach: Some(attach.into()), ..order("ambiguous-1") };
    assert_eq!(code(shop.console.create_order(None, new).await), Some(Code::AmbiguousOrder));
    assert_eq!(shop.state(OperationKind::UnifiedOrder, "ambiguous-1"), None);
    assert_eq!(code(shop.console.payment(None, &number("ambiguous-1"))), Some(Code::UnknownPayment));
    assert!(shop.world().effects().is_empty());
    // The harmless kind goes through.
    let new = NewOrder { attach: Some("a=1&b=2".into()), ..order("harmless-1") };
    shop.console.create_order(None, new).await.unwrap();
}

/// One of many ways to spoil a document.
fn hostile(genuine: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = genuine.to_vec();
    let last = u64::try_from(bytes.len() - 1).unwrap();
    let mut at = |low: u64| usize::try_from(dice.from_to(low, last)).unwrap();
    let (one, other) = (at(0), at(0));
    let insert = |bytes: &mut Vec<u8>, at: usize, text: &[u8]| {
        bytes.splice(at..at, text.iter().copied());
    };
    match dice.from_to(0, 13) {
        0 => bytes[one] ^= 1 << dice.from_to(0, 7),
        1 => bytes.truncate(one),
        2 => insert(&mut bytes, one, b"\0"),
        3 => insert(&mut bytes, 0, b"<!DOCTYPE xml [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"),
        4 => insert(&mut bytes, one, b"&x;"),
        5 => insert(&mut bytes, 5, b"<total_fee>1</total_fee>"),
        6 => insert(&mut bytes, 5, b"<a><b><c/></b></a>"),
        7 => bytes.extend_from_slice(b"<xml><total_fee>1</total_fee></xml>"),
        8 => bytes = String::from_utf8_lossy(&bytes).encode_utf16().flat_map(u16::to_le_bytes).collect(),
        9 => insert(&mut bytes, 5, &b"<x>".repeat(5_000)),
        10 => bytes = bytes[one.min(other)..one.max(other)].to_vec(),
        11 => insert(&mut bytes, 5, b"<total_fee>&#x110000;</total_fee>"),
        12 => {
            let text = String::from_utf8_lossy(&bytes).replace("<total_fee>", "<total_fee>9");
            bytes = text.into_bytes();
        }
        _ => insert(&mut bytes, one, &[0xff, 0xfe, 0xc0, 0x80]),
    }
    bytes
}

#[tokio::test]
async fn hostile_notices_are_never_valid_and_never_believed() {
    let shop = Shop::open();
    shop.console
        .create_order(None, NewOrder { attach: Some("桌号 7".into()), ..order("hostile-1") })
        .await
        .unwrap();
    shop.world().pay("hostile-1", PayWith::default()).unwrap();
    let genuine = shop.world().due_notices().remove(0).body;
    let looking = |record| Looking {
        key_once: Some(Secret::new(simulator::API_KEY.to_owned())),
        record,
        ..Looking::default()
    };
    let verdict =
        |bytes: &[u8]| shop.console.verify(bytes, &looking(false), Lang::En).map(|view| view.verdict);
    assert_eq!(verdict(&genuine).unwrap(), Verdict::Valid);
    let fields = |bytes: &[u8]| {
        let read = wxpay::xml::read(bytes).ok()?;
        // The digits of a signature may be written in either case.
        let value =
            |name: &str, value: &str| if name == "sign" { value.to_uppercase() } else { value.to_owned() };
        Some(read.iter().map(|(name, text)| (name.to_owned(), value(name, text))).collect::<BTreeMap<_, _>>())
    };
    let (truly, mut dice, mut tried) = (fields(&genuine), Dice::new(7), 0);
    while tried < 400 {
        let bytes = hostile(&genuine, &mut dice);
        // A bit of the declaration or a blank between two fields says nothing.
        if fields(&bytes) == truly {
            continue;
        }
        tried += 1;
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        if let Ok(verdict) = verdict(&bytes) {
            assert_ne!(verdict, Verdict::Valid, "{shown}");
            assert_ne!(verdict, Verdict::ValidButRefused, "{shown}");
        }
        assert!(!shop.console.receive_notice(None, &bytes).unwrap().believed, "{shown}");
    }
    assert_eq!(shop.console.payment(None, &number("hostile-1")).unwrap().state, "unpaid");
    assert!(shop.console.receive_notice(None, &genuine).unwrap().believed);
    assert_eq!(shop.console.payment(None, &number("hostile-1")).unwrap().state, "paid");
}

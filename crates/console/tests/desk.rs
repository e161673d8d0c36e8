//! One merchant at work on the simulator in process: what is written down, sent, believed and asked about.

use console::args::{NewMicropay, NewOrder, NewRefund, OrderRef, PaymentQuery, RefundRef, Way};
use console::{Code, Console, Options, SimulatedGateway};
use domain::{Clock, Fen, OutRefundNo, OutTradeNo, Timestamp};
use simulator::fault::{Fault, FaultRule};
use simulator::{Effect, EffectKind, PayWith, Simulator};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

struct Shop {
    console: Console,
    world: Arc<Mutex<Simulator>>,
    clock: Arc<HandClock>,
    _dir: tempfile::TempDir,
}

fn number(text: &str) -> OutTradeNo {
    OutTradeNo::parse(text).unwrap()
}

fn order(no: &str, fen: i64) -> NewOrder {
    NewOrder {
        way: Way::Native { product_id: None },
        total: Fen::new(fen),
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

impl Shop {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock(AtomicI64::new(1_767_578_400_000)));
        let world = Arc::new(Mutex::new(Simulator::following(1, Arc::clone(&clock) as Arc<dyn Clock>)));
        let console = Console::open(Options {
            data_dir: Some(dir.path().to_owned()),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            gateway: SimulatedGateway::InProcess(Arc::clone(&world)),
            ..Options::default()
        })
        .unwrap();
        Self { console, world, clock, _dir: dir }
    }

    fn world(&self) -> MutexGuard<'_, Simulator> {
        self.world.lock().unwrap()
    }

    fn fault(&self, path: &str, fault: Fault, times: u32) {
        self.world().arm(FaultRule::on(path, fault).times(times));
    }

    fn effects(&self, kind: EffectKind) -> Vec<Effect> {
        self.world().effects().iter().filter(|effect| effect.kind == kind).cloned().collect()
    }

    async fn paid(no: &str, fen: i64) -> Self {
        let shop = Self::open();
        shop.console.create_order(None, order(no, fen)).await.unwrap();
        shop.world().pay(no, PayWith::default()).unwrap();
        shop.console.query_order(None, OrderRef::OutTradeNo(number(no))).await.unwrap();
        shop
    }
}

const ORDER: &str = "/pay/unifiedorder";
const REFUND: &str = "/secapi/pay/refund";
const QUERY: &str = "/pay/orderquery";
const REFUND_QUERY: &str = "/pay/refundquery";

#[tokio::test]
async fn the_same_click_again_is_the_same_order() {
    let shop = Shop::open();
    let first = shop.console.create_order(None, order("ORDER0001", 100)).await.unwrap();
    let sent = shop.console.exchanges(None, 100).unwrap().len();
    let second = shop.console.create_order(None, order("ORDER0001", 100)).await.unwrap();
    assert_eq!(first.pay.code_url, second.pay.code_url);
    assert_eq!(shop.console.exchanges(None, 100).unwrap().len(), sent, "the second click sent something");
    let error = shop.console.create_order(None, order("ORDER0001", 101)).await.unwrap_err();
    assert_eq!(error.code, Code::NumberUsed);
    assert_eq!(shop.effects(EffectKind::OrderMade).len(), 1);
}

#[tokio::test]
async fn whatever_goes_wrong_with_the_reply_the_order_is_made_once() {
    for fault in [
        Fault::TimeoutBefore,
        Fault::TimeoutAfter,
        Fault::ResetBefore,
        Fault::ResetMidBody,
        Fault::SystemErrorBefore,
        Fault::SystemErrorAfter,
        Fault::BadSignature,
        Fault::MissingSignature,
        Fault::Garbage,
        Fault::Html,
        Fault::Truncated,
        Fault::WrongOrder,
        Fault::Status { status: 502, effect: true },
        Fault::Status { status: 502, effect: false },
    ] {
        let shop = Shop::open();
        shop.fault(ORDER, fault.clone(), 1);
        let made = shop.console.create_order(None, order("ORDER0001", 100)).await;
        let made = made.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(made.payment.state, "unpaid", "{fault:?}");
        assert!(made.pay.code_url.is_some(), "{fault:?}: nothing to pay with");
        assert!(made.payment.unresolved.is_empty(), "{fault:?}");
        assert_eq!(shop.effects(EffectKind::OrderMade).len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn while_nobody_answers_the_outcome_is_unknown_and_then_resolved_under_the_same_number() {
    for (fault, happened) in [(Fault::TimeoutBefore, 0), (Fault::TimeoutAfter, 1)] {
        let shop = Shop::paid("ORDER0001", 100).await;
        shop.fault(REFUND, fault.clone(), 1);
        shop.fault(REFUND_QUERY, Fault::TimeoutBefore, 2);
        let error = shop.console.create_refund(None, refund("ORDER0001", "R1", 30)).await.unwrap_err();
        assert_eq!(error.code, Code::OutcomeUnknown, "{fault:?}");
        assert_eq!(shop.effects(EffectKind::RefundAccepted).len(), happened);
        let shown = shop.console.refunds(None, &Default::default()).unwrap();
        assert_eq!(shown.refunds[0].state, "unknown");
        let payment = shop.console.payment(None, &number("ORDER0001")).unwrap();
        assert_eq!(payment.refundable_fen, 70, "what may have gone out cannot go out again");
        let error = shop.console.create_refund(None, refund("ORDER0001", "R2", 71)).await.unwrap_err();
        assert_eq!(error.code, Code::RefundTooMuch);
        let resolved = shop.console.resolve(None).await.unwrap();
        assert!(resolved.iter().all(|row| row.state == "confirmed"), "{resolved:?}");
        assert_eq!(shop.effects(EffectKind::RefundAccepted).len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn more_than_is_left_is_refused_before_anything_is_sent() {
    let shop = Shop::paid("ORDER0001", 100).await;
    shop.console.create_refund(None, refund("ORDER0001", "R1", 60)).await.unwrap();
    let sent = shop.console.exchanges(None, 100).unwrap().len();
    let error = shop.console.create_refund(None, refund("ORDER0001", "R2", 41)).await.unwrap_err();
    assert_eq!((error.code, error.params["left_fen"].as_str()), (Code::RefundTooMuch, "40"));
    assert_eq!(shop.console.exchanges(None, 100).unwrap().len(), sent);
    // The first number again is no new refund, whatever is left.
    let again = shop.console.create_refund(None, refund("ORDER0001", "R1", 60)).await.unwrap();
    assert_eq!(again.refund_fen, 60);
    assert_eq!(shop.effects(EffectKind::RefundAccepted).len(), 1);
    let unpaid = Shop::open();
    unpaid.console.create_order(None, order("ORDER0001", 100)).await.unwrap();
    let error = unpaid.console.create_refund(None, refund("ORDER0001", "R1", 1)).await.unwrap_err();
    assert_eq!(error.code, Code::NotPaid);
    let error = unpaid.console.create_refund(None, refund("ORDER0009", "R1", 1)).await.unwrap_err();
    assert_eq!((error.code, error.params["out_trade_no"].as_str()), (Code::UnknownPayment, "ORDER0009"));
}

#[tokio::test]
async fn a_paid_order_cannot_be_closed_and_a_closed_one_not_paid() {
    let shop = Shop::paid("ORDER0001", 100).await;
    let error = shop.console.close_order(None, &number("ORDER0001")).await.unwrap_err();
    assert_eq!(error.code, Code::Refused, "{error}");
    assert_eq!(shop.console.payment(None, &number("ORDER0001")).unwrap().state, "paid");
    shop.console.create_order(None, order("ORDER0002", 100)).await.unwrap();
    let closed = shop.console.close_order(None, &number("ORDER0002")).await.unwrap();
    assert_eq!(closed.state, "closed");
    assert_eq!(shop.console.close_order(None, &number("ORDER0002")).await.unwrap().state, "closed");
    assert!(shop.world().pay("ORDER0002", PayWith::default()).is_err());
}

#[tokio::test]
async fn a_close_that_was_refused_can_be_asked_for_again() {
    let shop = Shop::open();
    shop.console.create_order(None, order("ORDER0001", 100)).await.unwrap();
    let refuse = Fault::ErrCode { code: "SIGNERROR".into() };
    shop.fault("/pay/closeorder", refuse, 1);
    assert_eq!(shop.console.close_order(None, &number("ORDER0001")).await.unwrap_err().code, Code::Refused);
    assert_eq!(shop.console.close_order(None, &number("ORDER0001")).await.unwrap().state, "closed");
}

#[tokio::test]
async fn the_reply_that_made_the_order_is_no_proof_that_it_was_paid() {
    let shop = Shop::open();
    shop.console.create_order(None, order("ORDER0001", 100)).await.unwrap();
    let act = console::args::Act::Pay {
        out_trade_no: number("ORDER0001"),
        cash_coupon: Some(Fen::new(10)),
        no_cash_coupon: None,
    };
    shop.console.simulate(&console::args::SimulatorTarget::BuiltIn, act).await.unwrap();
    let told = shop.console.payment(None, &number("ORDER0001")).unwrap();
    assert_eq!((told.state.as_str(), told.coupon_fee_fen), ("paid", Some(10)));
    assert!(told.evidence.notice.is_some());
    assert!(told.evidence.query.is_none(), "nobody asked since");
    let asked = shop.console.query_order(None, OrderRef::OutTradeNo(number("ORDER0001"))).await.unwrap();
    assert!(asked.evidence.query.is_some() && asked.disagreements.is_empty());
}

#[tokio::test]
async fn another_amount_in_a_signed_answer_is_shown_and_not_swallowed() {
    let shop = Shop::open();
    shop.console.create_order(None, order("ORDER0001", 100)).await.unwrap();
    shop.world().pay("ORDER0001", PayWith::default()).unwrap();
    shop.fault(QUERY, Fault::WrongAmount, 1);
    let asked = shop.console.query_order(None, OrderRef::OutTradeNo(number("ORDER0001"))).await.unwrap();
    assert_eq!(asked.total_fen, 100, "what was asked for stays");
    assert_eq!(asked.disagreements[0].code, "total");
}

#[tokio::test]
async fn a_refund_arrives_and_both_sides_say_so() {
    let shop = Shop::paid("ORDER0001", 100).await;
    shop.console.create_refund(None, refund("ORDER0001", "R1", 30)).await.unwrap();
    shop.clock.0.fetch_add(60_000, Ordering::Relaxed);
    let number_of = OutRefundNo::parse("R1").unwrap();
    let asked = shop.console.query_refund(None, RefundRef::OutRefundNo(number_of)).await.unwrap();
    assert_eq!(asked[0].state, "success");
    let listed = shop.console.payments(None, &PaymentQuery::default()).unwrap();
    assert_eq!((listed.payments[0].refunded_fen, listed.payments[0].refundable_fen), (30, 70));
    let gateway = shop.world().totals(simulator::MCH_ID);
    assert_eq!((gateway.paid_fen, gateway.refunded_fen), (100, 30));
}

#[tokio::test]
async fn one_harmless_query_tells_a_wrong_clock_from_wrong_settings() {
    let shop = Shop::open();
    let item = |check: &console::view::MerchantCheckView, id: &str| {
        check.items.iter().find(|item| item.id == id).map(|item| (item.ok, item.reason.clone()))
    };
    let check = shop.console.check_merchant(None).await.unwrap();
    assert!(check.ok, "{check:#?}");
    assert_eq!(item(&check, "clock"), Some((Some(true), "clock_right".into())));
    shop.world().advance(3_600_000);
    let check = shop.console.check_merchant(None).await.unwrap();
    assert_eq!(item(&check, "clock"), Some((Some(false), "clock_off".into())));
    assert_eq!(item(&check, "key"), Some((Some(true), "proven".into())), "the clock breaks no signature");
    assert!(shop.console.payments(None, &PaymentQuery::default()).unwrap().payments.is_empty());
}

#[tokio::test]
async fn the_same_line_again_never_refunds_twice() {
    let shop = Shop::paid("ORDER0001", 100).await;
    let line = || NewRefund { out_refund_no: None, ..refund("ORDER0001", "unused", 30) };
    shop.fault(REFUND, Fault::TimeoutAfter, 1);
    shop.fault(REFUND_QUERY, Fault::TimeoutBefore, 2);
    let first = shop.console.create_refund(None, line()).await.unwrap_err();
    assert_eq!(first.code, Code::OutcomeUnknown);
    assert_eq!(shop.console.plan_refund(None, &line()).unwrap_err().code, Code::RefundOpen);
    shop.fault(REFUND_QUERY, Fault::TimeoutBefore, 1);
    let second = shop.console.create_refund(None, line()).await.unwrap_err();
    assert_eq!((second.code, &second.params["number"]), (Code::RefundOpen, &first.params["number"]));
    assert_eq!(shop.effects(EffectKind::RefundAccepted).len(), 1);
    // Known again, the next one is a new one.
    shop.console.resolve(None).await.unwrap();
    shop.console.create_refund(None, line()).await.unwrap();
    assert_eq!(shop.effects(EffectKind::RefundAccepted).len(), 2);
}

#[tokio::test]
async fn an_order_that_was_refused_is_not_waiting_to_be_paid() {
    let shop = Shop::open();
    shop.fault(ORDER, Fault::ErrCode { code: "NOAUTH".into() }, 1);
    assert_eq!(
        shop.console.create_order(None, order("ORDER0001", 100)).await.unwrap_err().code,
        Code::Refused
    );
    assert_eq!(shop.console.payment(None, &number("ORDER0001")).unwrap().state, "rejected");
    let made = shop.console.create_order(None, order("ORDER0002", 100)).await.unwrap();
    assert_eq!(made.payment.state, "unpaid");
    assert!(made.payment.evidence.query.is_none(), "nobody asked yet");
    let asked = shop.console.query_order(None, OrderRef::OutTradeNo(number("ORDER0002"))).await.unwrap();
    assert!(asked.evidence.query.is_some());
}

#[test]
fn a_pasted_key_is_not_shown_and_a_key_that_is_none_is_refused() {
    let shop = Shop::open();
    let key = "192006250b4c09247ec02edce69f6a2d";
    let pasted = format!("a=1&b=2&key={key}");
    let looking = console::args::Looking::default();
    let seen = shop.console.verify(pasted.as_bytes(), &looking, console::Lang::En).unwrap();
    assert!(!serde_json::to_string(&seen).unwrap().contains(key), "{seen:#?}");
    assert_eq!(seen.findings[0].id, "key_in_message");
    let signed =
        shop.console.sign(pasted.as_bytes(), &console::args::Signing::default(), console::Lang::En).unwrap();
    assert!(!serde_json::to_string(&signed).unwrap().contains(key));
    for bad in ["", "abc def", "key\n", "\u{FEFF}key"] {
        let key_once = Some(domain::Secret::new(bad.to_owned()));
        let looking = console::args::Looking { key_once, ..Default::default() };
        let error =
            shop.console.verify(b"<xml><sign>x</sign></xml>", &looking, console::Lang::En).unwrap_err();
        assert_eq!(error.code, Code::KeyMalformed, "{bad:?}");
    }
}

fn scan(shop: &Shop, no: &str, kind: simulator::CodeKind) -> NewMicropay {
    NewMicropay {
        auth_code: domain::AuthCode::parse(&shop.world().auth_code(kind)).unwrap(),
        total: Fen::new(500),
        body: "咖啡".into(),
        attach: None,
        out_trade_no: Some(number(no)),
        spbill_create_ip: None,
    }
}

const SCAN: &str = "/pay/micropay";

/// What a stranger found: it ended with "done", and beside "reversed" stood "outcome unknown, asked again at …".
#[tokio::test]
async fn a_customer_who_does_not_pay_is_no_done_payment() {
    let shop = Shop::open();
    let new = scan(&shop, "SCAN000001", simulator::CodeKind::NeedsPassword);
    let error = shop.console.micropay(None, new.clone(), &mut |_| {}).await.unwrap_err();
    assert_eq!((error.code, error.code.exit().status()), (Code::NotCollected, 1), "{error}");
    assert_eq!(error.params["why"], "detail.not_collected.reversed");
    let payment = shop.console.payment(None, &number("SCAN000001")).unwrap();
    assert_eq!(payment.state, "revoked");
    assert!(payment.unresolved.is_empty(), "{:?}", payment.unresolved);
    assert_eq!(shop.effects(EffectKind::Paid).len(), 0);
    // The same click again says the same.
    let again = shop.console.micropay(None, new, &mut |_| {}).await.unwrap_err();
    assert_eq!((again.code, &*again.params["why"]), (Code::NotCollected, "detail.not_collected.reversed"));

    // A wrong password is the customer's no, not WeChat Pay's.
    let new = scan(&shop, "SCAN000002", simulator::CodeKind::NeedsPassword);
    let mut mistype = |_: &str| drop(shop.world().mistype("SCAN000002"));
    let error = shop.console.micropay(None, new, &mut mistype).await.unwrap_err();
    assert_eq!((error.code, &*error.params["why"]), (Code::NotCollected, "detail.not_collected.failed"));
}

/// What a stranger found: a proxy held the request for 14 seconds, it was called rejected, and then it took money.
#[tokio::test]
async fn a_scan_that_may_still_be_under_way_is_not_called_rejected() {
    let shop = Shop::open();
    shop.fault(SCAN, Fault::TimeoutBefore, 1);
    let new = scan(&shop, "SCAN000001", simulator::CodeKind::Fresh);
    let mut asked = 0;
    let error = shop.console.micropay(None, new.clone(), &mut |_| asked += 1).await.unwrap_err();
    assert_eq!(error.code, Code::OutcomeUnknown, "{error}");
    assert!(asked > 1, "it was not asked about again");
    let open = |shop: &Shop| shop.console.payment(None, &number("SCAN000001")).unwrap().unresolved.len();
    assert_eq!(open(&shop), 1);
    // However often it is asked: not before time went by.
    for _ in 0..3 {
        shop.console.resolve(None).await.unwrap();
        assert_eq!(open(&shop), 1);
    }
    shop.clock.0.fetch_add(20_000, Ordering::Relaxed);
    let resolved = shop.console.resolve(None).await.unwrap();
    assert_eq!((resolved.len(), &*resolved[0].state), (1, "rejected"));
    assert_eq!(open(&shop), 0);
    assert_eq!(shop.effects(EffectKind::OrderMade).len(), 0);
    let error = shop.console.micropay(None, new, &mut |_| {}).await.unwrap_err();
    assert_eq!(error.code, Code::NotCollected, "nobody refused it: {error}");
}

//! Faults, notices, snapshots, and the transport in process.

use crate::bench::*;
use domain::Secret;
use simulator::fault::{Fault, FaultRule, NoticeFault, NoticeFaultRule};
use simulator::{
    API_KEY, Answer as Notified, CertId, InProcess, MCH_ID, NoticeState, Outcome, PayWith, SCHEDULE_SECS,
    Simulator, SnapshotError,
};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use wxpay::transport::{MaybeSent, NotSent, Request, Response, Transport as _, TransportError};

#[test]
fn every_fault_and_whether_it_happened() {
    const PATH: &str = "/pay/unifiedorder";
    for (fault, effect, shape) in [
        (Fault::TimeoutBefore, false, "silence"),
        (Fault::TimeoutAfter, true, "silence"),
        (Fault::ResetBefore, false, "reset"),
        (Fault::ResetMidBody, true, "cut"),
        (Fault::SystemErrorBefore, false, "SYSTEMERROR"),
        (Fault::SystemErrorAfter, true, "SYSTEMERROR"),
        (Fault::BankError { effect: false }, false, "BANKERROR"),
        (Fault::BankError { effect: true }, true, "BANKERROR"),
        (Fault::ErrCode { code: "BIZERR_NEED_RETRY".into() }, false, "BIZERR_NEED_RETRY"),
        (Fault::BadSignature, true, "bad sign"),
        (Fault::MissingSignature, true, "no sign"),
        (Fault::Garbage, true, "no xml"),
        (Fault::Html, true, "no xml"),
        (Fault::Truncated, true, "no xml"),
        (Fault::WrongOrder, true, "ok 9900000009"),
        (Fault::WrongAmount, true, "ok 9900000001"),
        (Fault::SlowBytes { ms: 7 }, true, "slow"),
        (Fault::Delay { ms: 7 }, true, "late"),
        (Fault::Status { status: 502, effect: false }, false, "502"),
        (Fault::Status { status: 502, effect: true }, true, "502"),
    ] {
        let mut gateway = gateway();
        gateway.arm(FaultRule::on(PATH, fault.clone()).for_number("ORDER0001"));
        assert_eq!(order(&mut gateway, &[("out_trade_no", "OTHER0001")]).verdict(), "ok", "another number");
        let body = signed(fields(NATIVE, &[]), API_KEY);
        let found = match gateway.handle(&call(PATH, &body)) {
            Outcome::Silence => "silence".to_owned(),
            Outcome::Reset => "reset".to_owned(),
            Outcome::ResetAfter(bytes) => {
                assert!(!bytes.is_empty());
                "cut".to_owned()
            }
            Outcome::Reply { delay, .. } if !delay.is_zero() => "late".to_owned(),
            Outcome::Reply { per_byte, .. } if !per_byte.is_zero() => "slow".to_owned(),
            Outcome::Reply { status: 200, body, .. } => match wxpay::xml::read(&body) {
                Err(_) => "no xml".to_owned(),
                Ok(fields) => {
                    match wxpay::sign::verify(&fields, &key(API_KEY), wxpay::sign::Expect::ByLength) {
                        Err(wxpay::sign::VerifyError::Unsigned) => "no sign".to_owned(),
                        Err(_) => "bad sign".to_owned(),
                        Ok(_) if fields.text("result_code") == Some("FAIL") => {
                            fields.text("err_code").unwrap().to_owned()
                        }
                        Ok(_) => format!("ok {}", fields.text("mch_id").unwrap()),
                    }
                }
            },
            Outcome::Reply { status, .. } => status.to_string(),
        };
        assert_eq!(found, shape, "{fault:?}");
        assert_eq!(query(&mut gateway, "ORDER0001").verdict() == "ok", effect, "{fault:?}: the effect");
        assert_eq!(order(&mut gateway, &[]).verdict(), "ok", "{fault:?} strikes once");
    }
}

#[test]
fn wrong_numbers_and_amounts_are_well_signed() {
    let mut gateway = gateway();
    order(&mut gateway, &[]);
    gateway.pay("ORDER0001", PayWith::default()).unwrap();
    gateway.arm(FaultRule::next(Fault::WrongOrder));
    assert_eq!(query(&mut gateway, "ORDER0001").get("out_trade_no"), "ORDER0009");
    gateway.arm(FaultRule::next(Fault::WrongAmount));
    assert_eq!(query(&mut gateway, "ORDER0001").get("total_fee"), "889");
    gateway.arm(FaultRule::next(Fault::WrongAmount));
    assert_eq!(refund(&mut gateway, &[]).get("refund_fee"), "301");
    gateway.arm(FaultRule::next(Fault::WrongOrder));
    assert_eq!(refund(&mut gateway, &[]).get("out_refund_no"), "R9");
    gateway.arm(FaultRule::next(Fault::Html));
    gateway.disarm();
    assert_eq!(query(&mut gateway, "ORDER0001").verdict(), "ok");
}

fn announced(fault: Option<NoticeFault>) -> Simulator {
    let mut gateway = gateway();
    if let Some(fault) = fault {
        gateway.arm_notice(NoticeFaultRule::of("ORDER0001", fault));
    }
    order(&mut gateway, &[]);
    gateway.pay("ORDER0001", PayWith::default()).unwrap();
    gateway
}

#[test]
fn notices_come_on_schedule_until_answered() {
    let mut gateway = announced(None);
    let mut elapsed = 0;
    for (attempt, secs) in (1_u32..).zip([0].into_iter().chain(SCHEDULE_SECS)) {
        gateway.advance(secs * 1000 - i64::from(secs > 0));
        if secs > 0 {
            assert_eq!(gateway.due_notices(), [], "attempt {attempt} comes too early");
            gateway.advance(1);
        }
        elapsed += secs;
        let due = gateway.due_notices();
        let [delivery] = due.as_slice() else { panic!("attempt {attempt}: {due:?}") };
        assert_eq!((delivery.attempt, delivery.url.as_str()), (attempt, "http://127.0.0.1:9/pay"));
        let notice = read(&delivery.body, API_KEY);
        assert_eq!(
            [notice.verdict().as_str(), notice.get("total_fee"), notice.get("out_trade_no")],
            ["ok", "888", "ORDER0001"]
        );
        let answer = if attempt % 2 == 0 { Notified::Fail } else { Notified::Nothing };
        gateway.answer(delivery.id, answer);
    }
    assert_eq!(elapsed, 86_640);
    assert_eq!(gateway.notices().next().unwrap().state, NoticeState::GivenUp);
    assert_eq!(gateway.next_notice_ms(), None);
}

#[test]
fn answered_or_not() {
    let mut gateway = announced(None);
    let first = gateway.due_notices();
    assert_eq!(gateway.due_notices(), [], "it is out");
    gateway.advance(14_999);
    assert_eq!(gateway.due_notices(), [], "unanswered for five seconds counts as no answer");
    gateway.advance(1);
    let second = gateway.due_notices();
    assert_eq!(second[0].attempt, 2);
    gateway.answer(second[0].id, Notified::Success);
    gateway.answer(first[0].id, Notified::Fail);
    gateway.advance(100_000_000);
    assert_eq!(gateway.due_notices(), []);
    assert_eq!(gateway.notices().next().unwrap().state, NoticeState::Delivered);
}

#[test]
fn faults_of_notices() {
    let mut gateway = announced(Some(NoticeFault::Lost { attempts: 2 }));
    assert_eq!(gateway.due_notices(), []);
    gateway.advance(15_000);
    assert_eq!(gateway.due_notices(), []);
    gateway.advance(15_000);
    assert_eq!(gateway.due_notices()[0].attempt, 3);
    let mut gateway = announced(Some(NoticeFault::Repeated { times: 2 }));
    let due = gateway.due_notices();
    assert!(due.len() == 3 && due[0] == due[2]);
    let mut gateway = announced(Some(NoticeFault::Late { ms: 60_000 }));
    gateway.advance(59_999);
    assert_eq!(gateway.due_notices(), []);
    gateway.advance(1);
    assert_eq!(gateway.due_notices().len(), 1);
    let mut gateway = announced(Some(NoticeFault::BadSignature { attempts: 1 }));
    let due = gateway.due_notices();
    let fields = wxpay::xml::read(&due[0].body).unwrap();
    assert!(wxpay::sign::verify(&fields, &key(API_KEY), wxpay::sign::Expect::ByLength).is_err());
    gateway.answer(due[0].id, Notified::Fail);
    gateway.advance(15_000);
    read(&gateway.due_notices()[0].body, API_KEY);
    let mut gateway = announced(Some(NoticeFault::WrongAmount { attempts: 1 }));
    assert_eq!(read(&gateway.due_notices()[0].body, API_KEY).get("total_fee"), "889");
    // Reordered: the payment's notice comes after its refund's.
    let mut gateway = announced(Some(NoticeFault::Reordered));
    assert_eq!(gateway.due_notices(), []);
    assert_eq!(refund(&mut gateway, &[("notify_url", "http://127.0.0.1:9/refund")]).verdict(), "ok");
    gateway.advance(3_000);
    let numbers: Vec<String> = gateway.due_notices().into_iter().map(|delivery| delivery.number).collect();
    assert_eq!(numbers, ["R1", "ORDER0001"]);
    // Alone, it comes after fifteen seconds.
    let mut gateway = announced(Some(NoticeFault::Reordered));
    let came = (1..=20).find(|_| {
        let due = gateway.due_notices();
        gateway.advance(1_000);
        !due.is_empty()
    });
    assert_eq!(came, Some(16));
}

#[test]
fn a_refunds_notice_opens_with_the_key() {
    let mut gateway = announced(None);
    gateway.merchant_mut(MCH_ID).unwrap().refund_notify_url = Some("http://127.0.0.1:9/platform".into());
    let sent = gateway.due_notices();
    gateway.answer(sent[0].id, Notified::Success);
    refund(&mut gateway, &[]);
    gateway.advance(3_000);
    let due = gateway.due_notices();
    assert_eq!(due[0].url, "http://127.0.0.1:9/platform");
    let envelope = wxpay::xml::read(&due[0].body).unwrap();
    assert_eq!(envelope.get("sign"), None);
    let inside =
        wxpay::refund_notice::open_fields(envelope.text("req_info").unwrap(), &key(API_KEY)).unwrap();
    for (name, value) in [
        ("out_trade_no", "ORDER0001"),
        ("out_refund_no", "R1"),
        ("refund_fee", "300"),
        ("settlement_refund_fee", "300"),
        ("refund_status", "SUCCESS"),
        ("success_time", "2026-01-05 12:00:03"),
        ("refund_request_source", "API"),
    ] {
        assert_eq!(inside.text(name), Some(value), "{name}");
    }
    gateway.arm_notice(NoticeFaultRule::next(NoticeFault::BadSignature { attempts: 1 }));
    refund(&mut gateway, &[("out_refund_no", "R2")]);
    gateway.advance(3_000);
    let due = gateway.due_notices();
    let envelope = wxpay::xml::read(&due.last().unwrap().body).unwrap();
    assert!(wxpay::refund_notice::open_fields(envelope.text("req_info").unwrap(), &key(API_KEY)).is_err());
}

#[test]
fn a_saved_world_goes_on() {
    let mut gateway = announced(Some(NoticeFault::Lost { attempts: 1 }));
    gateway.arm(FaultRule::on("/pay/closeorder", Fault::TimeoutAfter));
    let saved = gateway.save().unwrap();
    let mut other = Simulator::load(&saved).unwrap();
    assert_eq!(other.save().unwrap(), saved);
    for gateway in [&mut gateway, &mut other] {
        refund(gateway, &[("notify_url", "http://127.0.0.1:9/refund")]);
        gateway.advance(15_000);
        gateway.due_notices();
        order(gateway, &[("out_trade_no", "ORDER0002")]);
    }
    assert_eq!(gateway.save().unwrap(), other.save().unwrap());
    assert_eq!(other.effects(), gateway.effects());
    let text = String::from_utf8(saved.clone()).unwrap();
    for bad in ["", "{}", "[]", "nonsense", &text[..text.len() / 2], &text.replacen("\"now\"", "\"nun\"", 1)]
    {
        assert!(matches!(Simulator::load(bad.as_bytes()), Err(SnapshotError::Unreadable(_))), "{bad:.40}");
    }
    let later = text.replacen("\"paydesk_simulator\":1", "\"paydesk_simulator\":2", 1);
    assert!(matches!(Simulator::load(later.as_bytes()), Err(SnapshotError::OtherVersion { found: 2 })));
}

fn request(path: &'static str, body: Vec<u8>, certificate: bool) -> Request {
    Request {
        host: "https://api.mch.weixin.qq.com".into(),
        path,
        body: Secret::new(body),
        certificate,
        connect_timeout: Duration::from_secs(6),
        read_timeout: Duration::from_secs(8),
    }
}

fn now_or_never(transport: &InProcess, request: &Request) -> Result<Response, TransportError> {
    let mut reply = transport.send(request);
    match reply.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn in_process_it_never_waits() {
    let shared = Arc::new(Mutex::new(gateway()));
    let with = InProcess::new(shared.clone(), Some(CertId(MCH_ID.into())));
    let without = InProcess::new(shared.clone(), None);
    let order = || request("/pay/unifiedorder", signed(fields(NATIVE, &[]), API_KEY), false);
    let refund = || request("/secapi/pay/refund", signed(fields(REFUND, &[]), API_KEY), true);
    let arm = |fault| shared.lock().unwrap().arm(FaultRule::next(fault));
    let response = now_or_never(&without, &order()).unwrap();
    assert_eq!((response.status, response.date_secs), (200, Some(START.secs())));
    shared.lock().unwrap().pay("ORDER0001", PayWith::default()).unwrap();
    let no_certificate = Err(TransportError::NotSent(NotSent::NoCertificate));
    assert_eq!(now_or_never(&without, &refund()).map(drop), no_certificate);
    assert_eq!(read(&now_or_never(&with, &refund()).unwrap().body, API_KEY).verdict(), "ok");
    for (fault, expected) in [
        (Fault::TimeoutBefore, MaybeSent::ReadTimeout),
        (Fault::TimeoutAfter, MaybeSent::ReadTimeout),
        (Fault::Delay { ms: 8_000 }, MaybeSent::ReadTimeout),
        (Fault::SlowBytes { ms: 100 }, MaybeSent::ReadTimeout),
        (Fault::ResetBefore, MaybeSent::Lost),
        (Fault::ResetMidBody, MaybeSent::Lost),
    ] {
        arm(fault.clone());
        let result = now_or_never(&with, &order()).map(drop);
        assert_eq!(result, Err(TransportError::MaybeSent(expected)), "{fault:?}");
    }
    arm(Fault::Delay { ms: 7_999 });
    assert!(now_or_never(&with, &order()).is_ok());
    let host = "https://api.mch.weixin.qq.com";
    shared.lock().unwrap().set_host_up(host, false);
    let down = Err(TransportError::NotSent(NotSent::Connect { host: host.into() }));
    assert_eq!(now_or_never(&with, &order()).map(drop), down);
    let mut backup = order();
    backup.host = "https://api2.mch.weixin.qq.com".into();
    assert!(now_or_never(&with, &backup).is_ok());
    shared.lock().unwrap().set_host_up(host, true);
    assert!(now_or_never(&with, &order()).is_ok());
}

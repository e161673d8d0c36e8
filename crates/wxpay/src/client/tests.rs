//! Every way out of a call, on a transport that answers from a script.

mod exits;
mod failover;
mod requests;

use super::*;
use crate::api::scene::H5Scene;
use crate::api::unified_order::{self, Payer, Trade};
use crate::api::{CloseOrder, GetSignKey, Micropay, OrderQuery, Refund, RefundQuery, Reverse, UnifiedOrder};
use crate::transport::Reply;
use crate::{ApiKey, SignType};
use domain::{AppId, AuthCode, Fen, MchId, OpenId, OutRefundNo, OutTradeNo, Timestamp};
use std::collections::VecDeque;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

/// Answers from a script and keeps what it was sent.
#[derive(Default)]
pub(super) struct Script {
    answers: Mutex<VecDeque<Answer>>,
    requests: Mutex<Vec<Request>>,
}

type Answer = Box<dyn Fn(&Fields<'_>) -> Result<Response, TransportError> + Send + Sync>;

impl Transport for Script {
    fn send<'a>(&'a self, request: &'a Request) -> Reply<'a> {
        let answer = self.answers.lock().unwrap().pop_front().expect("nothing more may be sent");
        self.requests.lock().unwrap().push(request.clone());
        let asked = xml::read(request.body.expose()).unwrap();
        let result = answer(&asked);
        Box::pin(std::future::ready(result))
    }
}

struct Fixed;
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_415_664_000)
    }
}
impl Entropy for Fixed {
    fn fill(&self, out: &mut [u8]) {
        out.fill(7);
    }
}

pub(super) const KEY: &str = "SYNTHETICv2keySYNTHETICv2key0032";

pub(super) fn key() -> ApiKey {
    ApiKey::new(Secret::new(KEY.to_owned()))
}

pub(super) fn client(script: &Arc<Script>, gateway: Gateway) -> Client {
    Client {
        transport: script.clone(),
        profile: Profile {
            mch_id: MchId::parse("1900000109").unwrap(),
            appid: AppId::parse("wxd678efh567hg6787").unwrap(),
            sub_appid: None,
            sub_mch_id: None,
            key: key(),
            sign_type: SignType::HmacSha256,
            gateway,
            timeouts: Timeouts::default(),
            certificate: true,
        },
        entropy: Arc::new(Fixed),
        clock: Arc::new(Fixed),
    }
}

impl Script {
    pub(super) fn of(answers: Vec<Answer>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.into()), requests: Mutex::default() })
    }

    pub(super) fn sent(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

/// Runs a future that never waits.
pub(super) fn now<F: Future>(future: F) -> F::Output {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the script answers at once"),
    }
}

pub(super) fn body(body: impl Into<Vec<u8>>) -> Answer {
    let body = body.into();
    Box::new(move |_| Ok(Response { status: 200, date_secs: None, body: body.clone() }))
}

pub(super) fn fails(error: TransportError) -> Answer {
    Box::new(move |_| Err(error.clone()))
}

/// The fields of a good reply to this merchant, and these. An empty value leaves a field out.
pub(super) fn good(fields: &[(&'static str, &str)]) -> Fields<'static> {
    let mut reply = Fields::new();
    let head = [
        ("return_code", "SUCCESS"),
        ("result_code", "SUCCESS"),
        ("appid", "wxd678efh567hg6787"),
        ("mch_id", "1900000109"),
        ("nonce_str", "n"),
    ];
    for (name, value) in head {
        let value = fields.iter().find(|(other, _)| *other == name).map_or(value, |(_, value)| value);
        if !value.is_empty() {
            reply.add(name, value.to_owned()).unwrap();
        }
    }
    for (name, value) in fields {
        if reply.get(name).is_none() && !value.is_empty() {
            reply.add(*name, (*value).to_owned()).unwrap();
        }
    }
    reply
}

pub(super) fn signed(fields: &Fields<'static>, kind: SignType) -> String {
    let mut fields = fields.clone();
    fields.add("sign", sign::sign(&fields, &key(), kind).to_string()).unwrap();
    xml::write(&fields)
}

pub(super) fn reply(fields: &[(&'static str, &str)]) -> Answer {
    body(signed(&good(fields), SignType::HmacSha256))
}

pub(super) fn no() -> OutTradeNo {
    OutTradeNo::parse("20150806125346").unwrap()
}

pub(super) fn order() -> UnifiedOrder {
    UnifiedOrder {
        out_trade_no: no(),
        body: "腾讯充值中心-QQ会员充值".into(),
        total_fee: Fen::new(88),
        notify_url: "https://www.example.com/wxpay/notify".into(),
        spbill_create_ip: "123.12.12.123".into(),
        trade: Trade::Native { product_id: "12235413214070356458058".into() },
        extra: unified_order::Extra::default(),
    }
}

pub(super) fn micropay() -> Micropay {
    Micropay {
        out_trade_no: no(),
        body: "image形象店-深圳腾大- QQ公仔".into(),
        total_fee: Fen::new(88),
        auth_code: AuthCode::parse("120061098828009406").unwrap(),
        spbill_create_ip: "8.8.8.8".into(),
        extra: crate::api::micropay::Extra::default(),
    }
}

pub(super) fn refund() -> Refund {
    Refund {
        order: no().into(),
        out_refund_no: OutRefundNo::parse("R1").unwrap(),
        total_fee: Fen::new(88),
        refund_fee: Fen::new(8),
        extra: crate::api::refund::Extra::default(),
    }
}

pub(super) fn silent() -> impl FnMut(&Exchange) + Send {
    |_: &Exchange| {}
}

pub(super) fn live() -> Gateway {
    Gateway::LIVE
}

pub(super) const ORDERED: &[(&str, &str)] = &[
    ("trade_type", "NATIVE"),
    ("prepay_id", "wx201410272009395522657a690389285100"),
    ("code_url", "weixin://wxpay/bizpayurl/up?pr=NwY5Mz9&groupid=00"),
];

pub(super) const REFUNDED: &[(&str, &str)] = &[
    ("transaction_id", "4007752501201407033233368018"),
    ("out_trade_no", "20150806125346"),
    ("out_refund_no", "R1"),
    ("refund_id", "2007752501201407033233368018"),
    ("refund_fee", "8"),
    ("total_fee", "88"),
    ("cash_fee", "88"),
];

/// These fields with some replaced or, where the value is empty, left out.
pub(super) fn with(
    base: &[(&'static str, &'static str)],
    changes: &[(&'static str, &'static str)],
) -> Vec<(&'static str, &'static str)> {
    let mut fields: Vec<_> = base.to_vec();
    fields.retain(|(name, _)| changes.iter().all(|(other, _)| other != name));
    fields.extend(changes);
    fields
}

//! A client written for these tests alone: it builds, signs and reads documents and knows nothing of the product's.

use domain::{Secret, Timestamp};
use simulator::{API_KEY, APPID, Call, Certificate, MCH_ID, Outcome, Simulator};
use wxpay::{ApiKey, Fields, SignType, sign, xml};

pub(crate) type Pairs<'a> = [(&'a str, &'a str)];

/// 2026-01-05 12:00:00 in UTC+8.
pub(crate) const START: Timestamp = Timestamp::from_secs(1_767_585_600);

pub(crate) fn gateway() -> Simulator {
    Simulator::new(1, START)
}

pub(crate) fn key(text: &str) -> ApiKey {
    ApiKey::new(Secret::new(text.to_owned()))
}

/// A document of the built-in merchant with these fields over the usual ones. An empty value leaves a field out.
pub(crate) fn fields<'a>(usual: &Pairs<'a>, changed: &Pairs<'a>) -> Fields<'a> {
    let envelope = [("appid", APPID), ("mch_id", MCH_ID), ("nonce_str", "n0nce")];
    let mut fields = Fields::new();
    for (name, value) in
        envelope.iter().chain(usual).filter(|(name, _)| !changed.iter().any(|(other, _)| other == name))
    {
        fields.add(*name, *value).unwrap();
    }
    for (name, value) in changed.iter().filter(|(_, value)| !value.is_empty()) {
        fields.add(*name, *value).unwrap();
    }
    fields
}

pub(crate) fn signed(mut fields: Fields<'_>, api_key: &str) -> Vec<u8> {
    let kind = fields.text("sign_type").and_then(SignType::from_wire).unwrap_or(SignType::Md5);
    let digest = sign::sign(&fields, &key(api_key), kind).to_string();
    fields.add("sign", digest).unwrap();
    xml::write(&fields).into_bytes()
}

pub(crate) fn call<'a>(path: &'a str, body: &'a [u8]) -> Call<'a> {
    Call { method: "POST", path, body, certificate: Certificate::NotAsked, negative_test: None }
}

/// A reply read, its signature checked where it says SUCCESS.
pub(crate) struct Answer(pub(crate) Fields<'static>);

impl Answer {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.text(name).unwrap_or("")
    }

    /// `ok`, the `err_code`, or `FAIL:` and the `return_msg`.
    pub(crate) fn verdict(&self) -> String {
        match (self.get("return_code"), self.get("result_code")) {
            ("SUCCESS", "SUCCESS") => "ok".into(),
            ("SUCCESS", _) => self.get("err_code").into(),
            _ => format!("FAIL:{}", self.get("return_msg")),
        }
    }
}

pub(crate) fn read(body: &[u8], api_key: &str) -> Answer {
    let fields =
        xml::read(body).unwrap_or_else(|refusal| panic!("{refusal}: {}", String::from_utf8_lossy(body)));
    if fields.text("return_code") == Some("SUCCESS") && fields.text("sandbox_signkey").is_none() {
        sign::verify(&fields, &key(api_key), sign::Expect::ByLength).unwrap();
    }
    Answer(fields.into_owned())
}

pub(crate) fn send(simulator: &mut Simulator, path: &str, fields: Fields<'_>) -> Answer {
    let body = signed(fields, API_KEY);
    match simulator.handle(&call(path, &body)) {
        Outcome::Reply { status: 200, body, .. } => read(&body, API_KEY),
        other => panic!("{other:?}"),
    }
}

pub(crate) const NATIVE: &Pairs<'static> = &[
    ("body", "店-苹果"),
    ("out_trade_no", "ORDER0001"),
    ("total_fee", "888"),
    ("spbill_create_ip", "10.0.0.1"),
    ("notify_url", "http://127.0.0.1:9/pay"),
    ("trade_type", "NATIVE"),
    ("product_id", "p1"),
    ("attach", "深圳分店"),
];

pub(crate) const SCAN: &Pairs<'static> = &[
    ("body", "店-苹果"),
    ("out_trade_no", "SCAN0001"),
    ("total_fee", "888"),
    ("spbill_create_ip", "10.0.0.1"),
];

pub(crate) const REFUND: &Pairs<'static> =
    &[("out_trade_no", "ORDER0001"), ("out_refund_no", "R1"), ("total_fee", "888"), ("refund_fee", "300")];

pub(crate) fn order(simulator: &mut Simulator, changed: &Pairs<'_>) -> Answer {
    send(simulator, "/pay/unifiedorder", fields(NATIVE, changed))
}

pub(crate) fn query(simulator: &mut Simulator, number: &str) -> Answer {
    send(simulator, "/pay/orderquery", fields(&[("out_trade_no", number)], &[]))
}

pub(crate) fn close(simulator: &mut Simulator, number: &str) -> Answer {
    send(simulator, "/pay/closeorder", fields(&[("out_trade_no", number)], &[]))
}

pub(crate) fn refund(simulator: &mut Simulator, changed: &Pairs<'_>) -> Answer {
    send(simulator, "/secapi/pay/refund", fields(REFUND, changed))
}

pub(crate) fn refund_query(simulator: &mut Simulator, asked: &Pairs<'_>) -> Answer {
    send(simulator, "/pay/refundquery", fields(&[], asked))
}

pub(crate) fn scan(simulator: &mut Simulator, code: &str, changed: &Pairs<'_>) -> Answer {
    let mut usual = SCAN.to_vec();
    usual.push(("auth_code", code));
    send(simulator, "/pay/micropay", fields(&usual, changed))
}

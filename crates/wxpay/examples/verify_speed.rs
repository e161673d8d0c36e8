//! How much the strict reading of a notice costs beside its unavoidable part, the digest.
//!
//! `cargo run --release -p paydesk-wxpay --example verify_speed` prints the time for one verification of a
//! 25-field notice (strict XML, every field, constant-time comparison) beside the bare MD5 of the same string
//! to sign, taken in turns in one run so that both see the same machine. The goal is a ratio of at least 0.5.
#![allow(clippy::print_stdout)]

use domain::Secret;
use md5::{Digest as _, Md5};
use std::hint::black_box;
use std::time::{Duration, Instant};
use wxpay::sign::{self, Expect};
use wxpay::{ApiKey, Fields, SignType, xml};

const FIELDS: [(&str, &str); 24] = [
    ("appid", "wx2421b1c4370ec43b"),
    ("attach", "支付测试"),
    ("bank_type", "CMB_CREDIT"),
    ("cash_fee", "97"),
    ("coupon_count", "2"),
    ("coupon_fee", "3"),
    ("coupon_fee_0", "1"),
    ("coupon_fee_1", "2"),
    ("coupon_id_0", "10000"),
    ("coupon_id_1", "10001"),
    ("coupon_type_0", "CASH"),
    ("coupon_type_1", "NO_CASH"),
    ("fee_type", "CNY"),
    ("is_subscribe", "Y"),
    ("mch_id", "10000100"),
    ("nonce_str", "5d2b6c2a8db53831f7eda20af46e531c"),
    ("openid", "oUpF8uMEb4qRXf22hE3X68TekukE"),
    ("out_trade_no", "20150806125346140980001"),
    ("result_code", "SUCCESS"),
    ("return_code", "SUCCESS"),
    ("time_end", "20140903131540"),
    ("total_fee", "100"),
    ("trade_type", "JSAPI"),
    ("transaction_id", "1004400740201409030005092168"),
];

const ROUNDS: u32 = 5_000;
const PAIRS: usize = 41;

fn time(mut work: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..ROUNDS {
        work();
    }
    start.elapsed() / ROUNDS
}

fn main() {
    let key = ApiKey::new(Secret::new("SYNTHETICv2keySYNTHETICv2key0032".to_owned()));
    let mut fields = Fields::new();
    for (name, value) in FIELDS {
        fields.add(name, value).expect("the names differ");
    }
    let signature = sign::sign(&fields, &key, SignType::Md5).to_string();
    fields.add("sign", signature).expect("there is no sign yet");
    // As WeChat Pay writes it: by the names, text in CDATA, numbers bare, a line a field.
    let mut document = String::from("<xml>\n");
    for (name, value) in fields.sorted() {
        let number = name.contains("fee") && value.bytes().all(|byte| byte.is_ascii_digit());
        let (open, close) = if number { ("", "") } else { ("<![CDATA[", "]]>") };
        document.push_str(&format!("  <{name}>{open}{value}{close}</{name}>\n"));
    }
    document.push_str("</xml>");
    let string = sign::masked_string(&fields).replace("***", key.expose());

    let mut taken: Vec<(Duration, Duration, Duration)> = Vec::with_capacity(PAIRS);
    for _ in 0..PAIRS {
        let md5 = time(|| {
            black_box(Md5::digest(black_box(string.as_bytes())));
        });
        let verify = time(|| {
            let fields = xml::read(black_box(document.as_bytes())).expect("it is well-formed");
            sign::verify(&fields, &key, Expect::Exactly(SignType::Md5)).expect("it is signed");
            black_box(&fields);
        });
        let read = time(|| {
            black_box(xml::read(black_box(document.as_bytes())).expect("it is well-formed"));
        });
        taken.push((md5, verify, read));
    }
    // Each pair gives one ratio, in thousandths; the median of them counts.
    taken.sort_by_key(|(md5, verify, _)| md5.as_nanos() * 1000 / verify.as_nanos().max(1));
    let (md5, verify, read) = taken[PAIRS / 2];
    let ratio = md5.as_nanos() * 1000 / verify.as_nanos().max(1);
    println!("document {} bytes, string to sign {} bytes", document.len(), string.len());
    println!("raw MD5         {:>6} ns", md5.as_nanos());
    println!("read and verify {:>6} ns, of which reading {} ns", verify.as_nanos(), read.as_nanos());
    println!("ratio           0.{ratio:03} (goal 0.500)");
}

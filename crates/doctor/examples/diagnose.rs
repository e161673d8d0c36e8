//! How long a diagnosis takes: `diagnose MD5|HMAC-SHA256 DEPTH ROUNDS` looks for the mistakes of a notice
//! with 30 fields and a signature that nothing explains, under 20 keys, so that everything is tried. Time it
//! from outside.
#![allow(clippy::print_stdout, reason = "it is a program")]

use doctor::{Document, Key, KeyKind, Kind, examine_to};
use domain::Secret;
use wxpay::SignType;

fn notice() -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = [
        ("appid", "wxd930ea5d5a258f4f"),
        ("attach", "支付测试 & more"),
        ("bank_type", "CMC"),
        ("cash_fee", "9000"),
        ("cash_fee_type", "CNY"),
        ("coupon_count", "3"),
        ("coupon_fee", "1000"),
        ("device_info", "013467007045764"),
        ("fee_type", "CNY"),
        ("is_subscribe", "Y"),
        ("mch_id", "10000100"),
        ("nonce_str", "5d2b6c2a8db53831f7eda20af46e531c"),
        ("openid", "oUpF8uMEb4qRXf22hE3X68TekukE"),
        ("out_trade_no", "1409811653"),
        ("result_code", "SUCCESS"),
        ("return_code", "SUCCESS"),
        ("settlement_total_fee", "9000"),
        ("sub_mch_id", "10000101"),
        ("time_end", "20140903131540"),
        ("total_fee", "10000"),
        ("trade_type", "JSAPI"),
        ("transaction_id", "1004400740201409030005092168"),
        (
            "promotion_detail",
            "{\"promotion_detail\":[{\"promotion_id\":\"109519\",\"name\":\"单品惠-6\",\"amount\":5}]}",
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    for (at, (name, value)) in [
        ("id", "10000"),
        ("fee", "500"),
        ("type", "CASH"),
        ("fee", "250"),
        ("id", "10001"),
        ("type", "CASH"),
        ("fee", "250"),
    ]
    .into_iter()
    .enumerate()
    {
        fields.push((format!("coupon_{name}_{}", at / 3), value.to_owned()));
    }
    fields
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [asked, depth, rounds] = arguments.as_slice() else {
        println!("diagnose MD5|HMAC-SHA256 DEPTH ROUNDS");
        return;
    };
    let asked = SignType::from_wire(asked).unwrap_or(SignType::Md5);
    let (depth, rounds): (usize, u32) = (depth.parse().unwrap_or(2), rounds.parse().unwrap_or(1));
    let fields = notice();
    let keys: Vec<Key> = (0..20)
        .map(|at| {
            let kind = if at % 2 == 0 { KeyKind::ApiV2 } else { KeyKind::ApiV3 };
            let key = format!("192006250b4c09247ec02edce69f6a{at:02}");
            Key::new("shop", kind, at == 0, Secret::new(key))
        })
        .collect();
    let presented = if asked == SignType::Md5 { "9".repeat(32) } else { "9".repeat(64) };
    let document = Document::new(Kind::Plain, &fields, &presented, asked);
    let mut tried = 0;
    for _ in 0..rounds {
        let diagnosis = examine_to(&document, &keys, depth, &mut |_| true);
        tried = diagnosis.tried;
        println!(
            "{} explanations, {} tried, ended: {}",
            diagnosis.explanations.len(),
            tried,
            diagnosis.ended
        );
    }
    println!("{} fields, {tried} digests a round", fields.len());
}

//! Reading, verifying and signing, beside the digest alone over the same bytes.

use crate::measure::{Goal, Row, in_turns};
use domain::Secret;
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use sha2::Sha256;
use std::hint::black_box;
use std::time::{Duration, Instant};
use wxpay::sign::{Expect, masked_string, sign, verify};
use wxpay::{ApiKey, Fields, SignType, xml};

const KEY: &str = "SYNTHETICv2keySYNTHETICv2key0032";

/// A payment notice's fields, but for `sign`, which is the twenty-fifth.
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

/// How often one measurement does it.
const TIMES: u32 = 4_000;
const ROUNDS: usize = 20;
const GOAL: Goal = Goal::Speed(500);

fn timed(mut work: impl FnMut()) -> Result<Duration, String> {
    let start = Instant::now();
    for _ in 0..TIMES {
        work();
    }
    Ok(start.elapsed() / TIMES)
}

/// The notice as WeChat Pay writes it: by the names, text in CDATA, a line a field.
pub(crate) fn notice(kind: SignType) -> Result<String, String> {
    let key = ApiKey::new(Secret::new(KEY.to_owned()));
    let mut fields = unsigned()?;
    let signature = sign(&fields, &key, kind).to_string();
    fields.add("sign", signature).map_err(|error| format!("{error:?}"))?;
    let mut document = String::from("<xml>\n");
    for (name, value) in fields.sorted() {
        let number = name.contains("fee") && value.bytes().all(|byte| byte.is_ascii_digit());
        let (open, close) = if number { ("", "") } else { ("<![CDATA[", "]]>") };
        document.push_str(&format!("<{name}>{open}{value}{close}</{name}>\n"));
    }
    document.push_str("</xml>");
    Ok(document)
}

/// The key that it is signed with.
pub(crate) const fn key() -> &'static str {
    KEY
}

fn unsigned() -> Result<Fields<'static>, String> {
    let mut fields = Fields::new();
    for (name, value) in FIELDS {
        fields.add(name, value).map_err(|error| format!("{error:?}"))?;
    }
    Ok(fields)
}

pub(crate) fn rows() -> Result<Vec<Row>, String> {
    let key = ApiKey::new(Secret::new(KEY.to_owned()));
    let fields = unsigned()?;
    let string = masked_string(&fields).replace("***", KEY);
    let mut rows = Vec::new();
    for (kind, verifying, signing, limit_name) in [
        (SignType::Md5, "read and verify a notice, MD5", "sign it, MD5", "raw MD5, same bytes"),
        (
            SignType::HmacSha256,
            "read and verify a notice, HMAC-SHA256",
            "sign it, HMAC-SHA256",
            "raw HMAC, same bytes",
        ),
    ] {
        let document = notice(kind)?;
        let read_and_verify = || {
            let fields = xml::read(black_box(document.as_bytes())).map_err(|error| error.to_string())?;
            verify(&fields, &key, Expect::Exactly(kind)).map(drop).map_err(|error| error.to_string())
        };
        // Both ways give the same digest, or the comparison is void.
        read_and_verify()?;
        let mut wrong = false;
        let limit = || timed(|| digest(kind, &string));
        let ours = || timed(|| wrong |= black_box(read_and_verify()).is_err());
        let pairs = in_turns(ROUNDS, ours, limit)?;
        rows.extend(Row::of(verifying, limit_name, &pairs, GOAL));
        if wrong {
            return Err("a notice was not verified".into());
        }
        let ours = || {
            timed(|| {
                black_box(sign(black_box(&fields), &key, kind));
            })
        };
        let pairs = in_turns(ROUNDS, ours, limit)?;
        rows.extend(Row::of(signing, limit_name, &pairs, GOAL));
    }
    Ok(rows)
}

fn digest(kind: SignType, string: &str) {
    let bytes = black_box(string.as_bytes());
    match kind {
        SignType::Md5 => {
            black_box(Md5::digest(bytes));
        }
        SignType::HmacSha256 => {
            if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()) {
                mac.update(bytes);
                black_box(mac.finalize().into_bytes());
            }
        }
    }
}

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

/// How often one measurement does it: a fifth of a millisecond, which on a busy machine is often left undisturbed.
const TIMES: u32 = 100;
const ROUNDS: usize = 500;
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
    with_attach(kind, None)
}

/// The same with another `attach`, if one is given.
pub(crate) fn with_attach(kind: SignType, attach: Option<&str>) -> Result<String, String> {
    let key = ApiKey::new(Secret::new(KEY.to_owned()));
    let mut fields = unsigned(attach)?;
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

/// The notice's fields but for `sign`.
pub(crate) fn pairs() -> Vec<(String, String)> {
    FIELDS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The key that it is signed with.
pub(crate) const fn key() -> &'static str {
    KEY
}

fn unsigned(attach: Option<&str>) -> Result<Fields<'_>, String> {
    let mut fields = Fields::new();
    for (name, value) in FIELDS {
        let value = attach.filter(|_| name == "attach").unwrap_or(value);
        fields.add(name, value).map_err(|error| format!("{error:?}"))?;
    }
    Ok(fields)
}

pub(crate) fn rows() -> Result<Vec<Row>, String> {
    let key = ApiKey::new(Secret::new(KEY.to_owned()));
    let fields = unsigned(None)?;
    let string = masked_string(&fields).replace("***", KEY);
    let mut rows = Vec::new();
    for kind in [SignType::Md5, SignType::HmacSha256] {
        let document = notice(kind)?;
        let read_and_verify = || {
            let fields = xml::read(black_box(document.as_bytes())).map_err(|error| error.to_string())?;
            verify(&fields, &key, Expect::Exactly(kind)).map(drop).map_err(|error| error.to_string())
        };
        // What is not verified is not measured either.
        read_and_verify()?;
        let (verifying, signing) = match kind {
            SignType::Md5 => ("read and verify a notice, MD5", "sign it, MD5"),
            SignType::HmacSha256 => ("read and verify a notice, HMAC-SHA256", "sign it, HMAC-SHA256"),
        };
        // The goal is the same for both. Beside its own digest HMAC-SHA256 is only shown: on a processor with
        // instructions for SHA-256 that takes less than reading any text does.
        let limits = [
            ("raw MD5, same bytes", SignType::Md5, GOAL),
            ("raw HMAC-SHA256", SignType::HmacSha256, Goal::Shown),
        ];
        for (limit_name, limit_kind, goal) in limits {
            if kind == SignType::Md5 && limit_kind != kind {
                continue;
            }
            let limit = || timed(|| digest(limit_kind, &string));
            let ours = || timed(|| drop(black_box(read_and_verify())));
            rows.extend(Row::of(verifying, limit_name, &in_turns(ROUNDS, ours, limit)?, goal));
            let ours = || {
                timed(|| {
                    black_box(sign(black_box(&fields), &key, kind));
                })
            };
            rows.extend(Row::of(signing, limit_name, &in_turns(ROUNDS, ours, limit)?, goal));
        }
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

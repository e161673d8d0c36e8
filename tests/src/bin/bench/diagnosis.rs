//! Why a signature is wrong, looked for where nothing explains it, so that everything is tried.

use crate::measure::{Goal, Row, in_turns};
use crate::signing;
use doctor::{Document, Key, KeyKind, Kind, examine_to};
use domain::Secret;
use std::time::{Duration, Instant};
use wxpay::SignType;

const ROUNDS: usize = 10;
const KEYS: u32 = 20;
const FIELDS: usize = 30;

pub(crate) fn rows() -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    // Two mistakes at once; three, which is as far as it goes, within what is promised for all of it.
    let (two, three) = (Goal::Above(50_000_000), Goal::Above(200_000_000));
    for (kind, depth, name, goal) in [
        (SignType::Md5, 2, "30 fields, 20 keys, to depth 2, MD5", two),
        (SignType::HmacSha256, 2, "the same, HMAC-SHA256", two),
        (SignType::Md5, 3, "to depth 3, MD5", three),
        (SignType::HmacSha256, 3, "to depth 3, HMAC-SHA256", three),
    ] {
        let pairs = in_turns(ROUNDS, || once(kind, depth), || Ok(Duration::from_nanos(1)))?;
        rows.extend(Row::of(name, "nothing", &pairs, goal));
    }
    Ok(rows)
}

/// One diagnosis. It is an error if it explains a signature that nobody made, or was ended.
fn once(asked: SignType, depth: usize) -> Result<Duration, String> {
    let mut fields = signing::pairs();
    for (at, name) in
        ["sub_mch_id", "device_info", "cash_fee_type", "settlement_total_fee", "version", "rate_value"]
            .into_iter()
            .enumerate()
    {
        fields.push((name.to_owned(), format!("1900000{at}")));
    }
    if fields.len() != FIELDS {
        return Err(format!("{} fields", fields.len()));
    }
    let key = |at: u32| {
        let kind = if at.is_multiple_of(2) { KeyKind::ApiV2 } else { KeyKind::ApiV3 };
        Key::new("shop", kind, at == 0, Secret::new(format!("192006250b4c09247ec02edce69f6a{at:02}")))
    };
    let keys: Vec<Key> = (0..KEYS).map(key).collect();
    let presented = "9".repeat(if asked == SignType::Md5 { 32 } else { 64 });
    let document = Document::new(Kind::Plain, &fields, &presented, asked);
    let start = Instant::now();
    let diagnosis = examine_to(&document, &keys, depth, &mut |_| true);
    let took = start.elapsed();
    match diagnosis.explanations.is_empty() && !diagnosis.ended {
        true => Ok(took),
        false => Err(format!("{} explanations, ended: {}", diagnosis.explanations.len(), diagnosis.ended)),
    }
}

//! What each fuzz target does with one input. `crates/wxpay/tests/corpus.rs` includes this file and replays the
//! corpora through the same functions, so that what fuzzing once found stays found without a fuzzer.
//!
//! Each function panics if something that must hold of every input does not.

use domain::Secret;
use wxpay::ambiguity::{Ambiguity, MessageKind, second_readings};
use wxpay::notice::PaymentNotice;
use wxpay::notice::inspect::{Verdict, inspect};
use wxpay::refund_notice::{self, RefundNotice};
use wxpay::sign::{self, Expect};
use wxpay::{ApiKey, Fields, SignType, xml};

fn key() -> ApiKey {
    ApiKey::new(Secret::new("SYNTHETICv2keySYNTHETICv2key0032".to_owned()))
}

/// Any bytes are read or refused; what is read is written and read back the same; a second reading shares the
/// string to sign.
pub(crate) fn xml(data: &[u8]) {
    match xml::read(data) {
        Ok(fields) => {
            let document = xml::write(&fields);
            let again = xml::read(document.as_bytes()).expect("what is written is read");
            assert_eq!(again, fields);
            for kind in [MessageKind::PaymentNotice, MessageKind::Other] {
                ambiguity(&fields, kind);
            }
        }
        Err(refusal) => assert!(refusal.at <= data.len()),
    }
    if let Err(refusal) = xml::read_root(data, "root") {
        assert!(refusal.at <= data.len());
    }
}

fn ambiguity(fields: &Fields<'_>, kind: MessageKind) {
    if let Ambiguity::Dangerous { reading: Some(reading), .. } = second_readings(fields, kind) {
        assert_eq!(sign::masked_string(&reading.fields), sign::masked_string(fields));
        assert!(reading.fields != *fields);
    }
}

/// A notice as it comes is never accepted, for nobody knows the key; signed well, it is accepted or refused for
/// what is in it, and what is accepted is what was signed.
pub(crate) fn notice(data: &[u8]) {
    let key = key();
    let expect = Expect::Exactly(SignType::Md5);
    let Ok(mut fields) = xml::read(data).map(Fields::into_owned) else {
        assert!(PaymentNotice::open(data, &key, expect).is_err());
        let seen = inspect(data, Some(&key), expect);
        assert!(matches!(seen.verdict, Verdict::Malformed | Verdict::Unsigned));
        return;
    };
    let as_it_came = PaymentNotice::open(data, &key, expect);
    let verdict = inspect(data, Some(&key), Expect::ByLength).verdict;
    assert!(as_it_came.is_err() || verdict == Verdict::Valid);
    fields.remove("sign");
    let signature = sign::sign(&fields, &key, SignType::Md5).to_string();
    if fields.add("sign", signature).is_err() {
        return;
    }
    let document = xml::write(&fields);
    if let Ok(notice) = PaymentNotice::open(document.as_bytes(), &key, expect) {
        assert_eq!(notice.fields, fields);
        assert!(!second_readings(&fields, MessageKind::PaymentNotice).is_dangerous());
        assert_eq!(fields.get("result_code"), Some("SUCCESS"));
    }
}

/// An envelope of any bytes, and any bytes inside a good envelope.
pub(crate) fn refund_notice(data: &[u8]) {
    let key = key();
    let _ = RefundNotice::open(data, &key);
    let sealed = refund_notice::encrypt(data, &key.refund_notice_key());
    let opened = refund_notice::decrypt(&sealed, &key.refund_notice_key());
    assert_eq!(opened.as_deref(), Ok(data));
    let envelope = format!(
        "<xml><return_code>SUCCESS</return_code><appid>wx2421b1c4370ec43b</appid><mch_id>10000100</mch_id>\
         <nonce_str>n</nonce_str><req_info>{sealed}</req_info></xml>"
    );
    if let Ok(notice) = RefundNotice::open(envelope.as_bytes(), &key) {
        let again = refund_notice::open_fields(&refund_notice::seal(&notice.fields, &key), &key);
        assert_eq!(again, Ok(notice.fields));
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = refund_notice::decrypt(text, &key.refund_notice_key());
    }
}

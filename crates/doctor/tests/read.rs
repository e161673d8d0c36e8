//! What people paste, read from the fixtures: each file with what must come of it.

use doctor::read::read;
use doctor::{Reading, Special, Unreadable};
use serde_json::{Value, json};
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/pasted")
}

fn special(special: Special) -> &'static str {
    match special {
        Special::V3Notice => "v3_notice",
        Special::Jssdk => "jssdk",
    }
}

/// The reading in the shape of the fixtures: what is empty is left out.
fn shown(reading: &Reading) -> Value {
    let fields: serde_json::Map<String, Value> =
        reading.fields.iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let undone: Vec<&str> = reading.undone.iter().map(|undone| undone.as_str()).collect();
    let mut shown = json!({ "format": reading.format.as_str(), "fields": fields });
    if !undone.is_empty() {
        shown["undone"] = json!(undone);
    }
    if reading.key_pasted {
        shown["key_pasted"] = json!(true);
    }
    if !reading.unquoted.is_empty() {
        shown["unquoted"] = json!(reading.unquoted);
    }
    if !reading.expressions.is_empty() {
        shown["expressions"] = json!(reading.expressions);
    }
    if let Some(kind) = reading.special {
        shown["special"] = json!(special(kind));
    }
    shown
}

fn answer(bytes: &[u8]) -> Value {
    match read(bytes) {
        Ok(reading) => shown(&reading),
        Err(Unreadable::Refused(refusal)) => {
            assert!(refusal.at <= bytes.len());
            json!({ "refused": refusal.kind.name() })
        }
        Err(Unreadable::Twice { name, format }) => json!({ "twice": name, "format": format.as_str() }),
        Err(Unreadable::Nothing) => json!({ "nothing": true }),
    }
}

#[test]
fn what_people_paste_is_read_as_it_was_meant() {
    let expected = std::fs::read(folder().join("expected.json")).unwrap();
    let expected: serde_json::Map<String, Value> = serde_json::from_slice(&expected).unwrap();
    let mut wrong = Vec::new();
    for (name, expected) in &expected {
        let bytes = std::fs::read(folder().join(name)).unwrap();
        let got = answer(&bytes);
        // The order of fields is the document's, and is compared too.
        let (read, wanted) = (got.to_string(), sorted_as(&got, expected).to_string());
        if read != wanted {
            wrong.push(format!("{name}:\n  got      {got}\n  expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let files = std::fs::read_dir(folder()).unwrap().count();
    assert_eq!(files, expected.len() + 1, "each file has its expectation");
}

/// `expected` with its outer names in the order of `got`; an object inside keeps its own order.
fn sorted_as(got: &Value, expected: &Value) -> Value {
    let mut sorted = serde_json::Map::new();
    for name in got.as_object().into_iter().flatten().map(|(name, _)| name) {
        if let Some(value) = expected.get(name) {
            sorted.insert(name.clone(), value.clone());
        }
    }
    for (name, value) in expected.as_object().into_iter().flatten() {
        sorted.entry(name.clone()).or_insert_with(|| value.clone());
    }
    Value::Object(sorted)
}

#[test]
fn a_key_never_comes_back() {
    const KEY: &str = "192006250b4c09247ec02edce69f6a2d";
    for text in [
        format!("<xml><appid>wx1</appid><key>{KEY}</key></xml>"),
        format!("appid=wx1&key={KEY}"),
        format!("appid=wx1&KEY={KEY}"),
        format!("appid: wx1\nkey: {KEY}"),
        format!(r#"{{"appid":"wx1","key":"{KEY}"}}"#),
        format!("wx.requestPayment({{signType: 'MD5', key: '{KEY}'}})"),
        format!("wx.requestPayment({{signType: 'MD5', key: '{KEY}' || config.key}})"),
        format!("wx.requestPayment({{signType: 'MD5', paySign: md5(text + '&key={KEY}')}})"),
        format!("curl -d 'appid=wx1&key={KEY}' http://localhost/"),
        format!("POST / HTTP/1.1\n\nappid=wx1&app_secret={KEY}"),
        format!("key={KEY}"),
    ] {
        let reading = read(text.as_bytes()).unwrap();
        let all = format!("{}{:?}", shown(&reading), reading);
        assert!(!all.contains(&KEY[..8]), "{text}: {all}");
        assert!(reading.key_pasted || text.contains("||"), "{text}");
    }
}

#[test]
fn a_megabyte_is_the_most() {
    let bytes = vec![b' '; 100 * 1024 * 1024];
    assert_eq!(answer(&bytes), json!({ "refused": "too_large" }));
    let mut bytes = b"a=1&sign=".to_vec();
    bytes.resize(1024 * 1024, b'x');
    assert_eq!(read(&bytes).unwrap().fields.len(), 2);
    bytes.push(b'x');
    assert_eq!(answer(&bytes), json!({ "refused": "too_large" }));
}

#[test]
fn a_refused_document_stays_refused_wherever_it_stands() {
    for (document, name) in [
        ("<!DOCTYPE xml [<!ENTITY a \"b\">]><xml><appid>&a;</appid></xml>", "doctype"),
        ("<xml><appid>&a;</appid></xml>", "entity"),
        ("<xml><appid>&#0;</appid></xml>", "reference"),
        ("<xml><appid b=\"c\">1</appid></xml>", "attribute"),
        ("<xml><appid><b>1</b></appid></xml>", "nesting"),
        ("<xml><appid>1</appid><appid>2</appid></xml>", "duplicate_field"),
        ("<xml><appid>1</appid><!-- --></xml>", "comment"),
        ("<xml><appid>1</appid><?x y?></xml>", "processing_instruction"),
        ("<?xml version=\"1.0\" encoding=\"GBK\"?><xml><appid>1</appid></xml>", "encoding"),
        ("<xml><appid>1</appid><mch_id>2", "truncated"),
        ("<xml><appid>1</mch_id></xml>", "mismatched_end"),
        ("<xml><appid>1</appid> x </xml>", "stray_text"),
        ("<xml><appid>]]></appid></xml>", "syntax"),
        ("<xml><支付>1</支付></xml>", "field_name"),
        ("<xml><appid>\u{1}</appid></xml>", "control_character"),
    ] {
        let hex: String = document.replace('<', "\\x3C").replace('"', "\\x22");
        let pasted = [
            document.to_owned(),
            format!("2026-11-21 14:05:09 INFO body: {document}"),
            format!("POST / HTTP/1.1\r\nHost: a\r\n\r\n{document}"),
            serde_json::to_string(document).unwrap(),
            serde_json::to_string(document).unwrap().replace('<', "\\u003c"),
            document.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
            format!("curl -d '{document}' http://localhost/"),
            hex,
        ];
        for text in pasted {
            assert_eq!(answer(text.as_bytes()), json!({ "refused": name }), "{text}");
        }
    }
}

#[test]
fn a_key_is_taken_out_under_whatever_name_it_was_pasted() {
    let key = "192006250b4c09247ec02edce69f6a2d";
    for name in
        ["key", "wxpay.key", "paySignKey", "apiV3Key", "api_v2_key", "mch-key", "AppSecret", "wx.pay.mch_key"]
    {
        let text = format!("appid=wxd930ea5d5a258f4f\nsign=9A0A8659F005D6984697E2CA0A9CF3B7\n{name}={key}");
        let reading = read(text.as_bytes()).unwrap();
        assert!(reading.key_pasted && reading.fields.iter().count() == 2, "{name}: {reading:?}");
    }
    // What only sounds alike is a field.
    let reading = read(b"appid=wx1&monkey=1&sign=9A0A8659F005D6984697E2CA0A9CF3B7").unwrap();
    assert!(!reading.key_pasted && reading.fields.text("monkey") == Some("1"));
}

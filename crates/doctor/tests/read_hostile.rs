//! A megabyte of what hurts careless readers: each is answered by name, and in one pass. Were a reader quadratic in
//! any of them, this test would not end.

use doctor::Unreadable;
use doctor::read::read;

const MEGABYTE: usize = 1024 * 1024;

fn repeated(start: &str, piece: &str) -> Vec<u8> {
    let mut bytes = start.as_bytes().to_vec();
    while bytes.len() + piece.len() <= MEGABYTE {
        bytes.extend_from_slice(piece.as_bytes());
    }
    bytes
}

/// What each is answered with; `None` for what is read.
const HOSTILE: &[(&str, &str, Option<&str>)] = &[
    ("", "{", Some("syntax")),
    ("", "[", Some("nothing")),
    ("", "<", Some("field_name")),
    ("x", "<", Some("nothing")),
    ("x", "<xml", Some("nothing")),
    ("x", "<xml>", Some("nesting")),
    ("", "<xml>", Some("nesting")),
    ("", "</xml>", Some("mismatched_end")),
    ("<xml>", "<![CDATA[", Some("stray_text")),
    ("<xml><a>", "<![CDATA[", Some("truncated")),
    ("<xml><a>", "]", Some("truncated")),
    ("<xml><a>", "&", Some("reference")),
    ("<xml>", " ", Some("truncated")),
    ("<xml><appid>1</appid></xml>", "<xml>", Some("second_root")),
    ("<xml><appid>1</appid></xml>", "</xml>", Some("second_root")),
    ("<!DOCTYPE x [", "<!ENTITY a \"b\">", Some("doctype")),
    ("x ", "<!DOCTYPE ", Some("doctype")),
    ("", "\"", Some("nothing")),
    ("", "'", Some("nothing")),
    ("", "`${", Some("nothing")),
    ("", "\\", Some("nothing")),
    ("", "\\x", Some("nothing")),
    ("", "\\x3C", Some("field_name")),
    ("", "\\x5Cx3C", Some("field_name")),
    ("", "\\u003c", Some("field_name")),
    ("", "\\ud83d", Some("nothing")),
    ("", "\\\"", Some("nothing")),
    ("", "&lt;", Some("field_name")),
    ("", "&amp;", Some("nothing")),
    ("", "&", Some("nothing")),
    ("", "&#", Some("nothing")),
    ("", "%", Some("nothing")),
    ("", "%3C", Some("field_name")),
    ("%", "25", Some("nothing")),
    ("", "%25", Some("nothing")),
    ("", "=", Some("nothing")),
    ("", "a=", None),
    ("", "a=1&", Some("too_many_fields")),
    ("sign=1", "&", Some("too_many_fields")),
    ("sign=", "a&", Some("too_many_fields")),
    ("", ":", Some("nothing")),
    ("", "a:", Some("nothing")),
    ("", "a:b\n", Some("nothing")),
    ("sign:1\n", "a:b\n", Some("too_many_fields")),
    ("", "\n", Some("empty")),
    ("x", "\n", Some("nothing")),
    ("", "(", Some("nothing")),
    ("", "( ", Some("nothing")),
    ("", "{ ", Some("syntax")),
    ("x ", "{", Some("nothing")),
    ("x ", "{a:", Some("nothing")),
    ("x ", "{a:b}", Some("nothing")),
    ("{\"a\":", "[", Some("nesting")),
    ("{\"a\":", "{\"a\":", Some("nesting")),
    ("{\"a\":\"", "\\", Some("truncated")),
    ("{\"a\":\"", "\\u", Some("syntax")),
    ("{a:", "`${", Some("nesting")),
    ("{a:", "(", Some("nesting")),
    ("{a:", "/*", Some("truncated")),
    ("{a:", "//\n", Some("truncated")),
    ("{a:", "'a'+", Some("truncated")),
    ("{", "a,", Some("too_many_fields")),
    ("{", "a(){},", Some("too_many_fields")),
    ("{", "...a,", Some("too_many_fields")),
    ("", "wx.requestPayment(", Some("nothing")),
    ("", "wx.requestPayment({", Some("nothing")),
    ("", "wx.requestPayment({a:'", Some("nothing")),
    ("", "POST / HTTP/1.1\n", Some("nothing")),
    ("", "POST / HTTP/1.1\n\n", Some("nothing")),
    ("POST / HTTP/1.1\n", "a:b\n", Some("nothing")),
    ("", "curl -d ", Some("too_many_fields")),
    ("", "curl -d '", Some("too_many_fields")),
    ("curl ", "\\", Some("nothing")),
    ("curl ", "-d a=1 ", Some("too_many_fields")),
    ("curl ", "$'", Some("nothing")),
    ("{\"log\":{\"entries\":[", "{\"postData\":", Some("nesting")),
    ("{\"request\":{\"postData\":{\"text\":\"", "{", Some("truncated")),
    ("{a=1", ", ", Some("syntax")),
    ("{a=1", ", a=1", Some("syntax")),
    ("jsapi_ticket=1", "&url=", None),
    ("const a =", " a", Some("nothing")),
    ("", "支", Some("nothing")),
    ("", "：", Some("nothing")),
    ("", "\u{3000}", Some("empty")),
    ("sign=1", "\0", Some("control_character")),
    ("b", "'", Some("nothing")),
    ("<1>", "<1>", Some("nothing")),
];

#[test]
fn a_megabyte_of_each_is_answered_by_name() {
    let mut wrong = Vec::new();
    for (start, piece, expected) in HOSTILE {
        let answer = match read(&repeated(start, piece)) {
            Ok(_) => None,
            Err(Unreadable::Refused(refusal)) => Some(refusal.kind.name()),
            Err(Unreadable::Twice { .. }) => Some("twice"),
            Err(Unreadable::Nothing) => Some("nothing"),
        };
        if answer != *expected {
            wrong.push(format!("{start:?} {piece:?}: {answer:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    for byte in [0x80, 0xFF, 0xFE] {
        let answer = read(&vec![byte; MEGABYTE]);
        assert!(matches!(answer, Err(Unreadable::Refused(refusal)) if refusal.kind.name() == "not_utf8"));
    }
}

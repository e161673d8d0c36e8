//! What a stranger who attacked the program found: each is a test, so that it stays mended.

use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn paydesk(folder: &Path, words: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_paydesk"))
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .arg("--data-dir")
        .arg(folder.join("paydesk"))
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn done(folder: &Path, words: &[&str]) -> Output {
    let output = paydesk(folder, words, "");
    assert!(output.status.success(), "{words:?}: {output:?}");
    output
}

/// Runs what must be refused, and gives its code and its status.
fn refused(folder: &Path, words: &[&str], input: &str) -> (String, i32) {
    let output = paydesk(folder, &[words, &["--json"]].concat(), input);
    let code = answer(&output)["error"]["code"].as_str().unwrap_or_default().to_owned();
    (code, output.status.code().unwrap())
}

fn is(code: &str, status: i32) -> (String, i32) {
    (code.to_owned(), status)
}

#[test]
fn orders_that_end_are_made_however_far_the_simulated_world_is_ahead() {
    let dir = tempfile::tempdir().unwrap();
    let ends = ["order", "create", "--amount", "1", "--body", "x", "--expires-in", "5m"];
    done(dir.path(), &ends);
    done(dir.path(), &["simulator", "advance", "2h"]);
    done(dir.path(), &ends);
    for (far, code) in [("401d", "usage"), ("9999999d", "usage")] {
        assert_eq!(refused(dir.path(), &["simulator", "advance", far], ""), is(code, 2));
    }
    // Nobody means an order that is open for a century.
    let century = ["order", "create", "--amount", "1", "--body", "x", "--expires-in", "36500d"];
    assert_eq!(refused(dir.path(), &century, ""), is("usage", 2));

    let world = dir.path().join("paydesk/simulated/world.json");
    done(dir.path(), &["order", "create", "--amount", "1", "--body", "x", "--out-trade-no", "before-0001"]);
    assert!(world.exists());
    assert_eq!(refused(dir.path(), &["simulator", "reset"], ""), is("usage", 2), "nobody agreed");
    assert!(world.exists());
    let reset = done(dir.path(), &["simulator", "reset", "--yes", "--json"]);
    assert_eq!((&answer(&reset)["removed"], world.exists()), (&Value::from(true), false));
    assert_eq!(refused(dir.path(), &["order", "query", "before-0001"], ""), is("answered_no", 3));
    for lang in ["zh-CN", "en"] {
        done(dir.path(), &ends);
        let said = text(&done(dir.path(), &["simulator", "reset", "--yes", "--lang", lang]).stdout);
        assert!(said.contains(if lang == "en" { "ledger" } else { "账本" }), "{said}");
    }
}

#[test]
fn a_live_merchant_cannot_look_simulated() {
    let dir = tempfile::tempdir().unwrap();
    let add = |name: &str, label: &str| {
        let words = ["merchant", "add", name, "--label", label, "--environment", "live"];
        let ids = ["--mch-id", "1900000109", "--appid", "wx8888888888888888", "--confirm-live", "1900000109"];
        refused(dir.path(), &[&words[..], &ids].concat(), "")
    };
    for (name, label) in
        [("Simulated", "x"), ("ｓｉｍｕｌａｔｅｄ", "x"), ("shop", "◆ 模拟 SIMULATED"), ("模拟", "x")]
    {
        assert_eq!(add(name, label), is("invalid_field", 2), "{name} {label}");
    }
    assert_eq!(add("shop", "Bakery").1, 0);
}

/// A payment notice signed with the built-in merchant's key.
fn notice(folder: &Path, total: &str) -> String {
    let merchant = answer(&done(folder, &["merchant", "show", "--json"]));
    let fields = serde_json::json!({
        "appid": merchant["appid"], "mch_id": merchant["mch_id"], "nonce_str": "n",
        "return_code": "SUCCESS", "result_code": "SUCCESS", "trade_type": "NATIVE", "bank_type": "OTHERS",
        "openid": "o", "is_subscribe": "N", "total_fee": total, "cash_fee": "1",
        "out_trade_no": "sold-0001", "transaction_id": "4200000000000000000000000001",
        "time_end": "20261121140509",
    });
    text(&paydesk(folder, &["sign", "--output", "xml"], &fields.to_string()).stdout)
}

#[test]
fn an_amount_that_cannot_be_is_not_valid() {
    let dir = tempfile::tempdir().unwrap();
    for (total, fine) in [("1", true), ("-1", false), ("99999999999999999999", false), ("1.5", false)] {
        let output = paydesk(dir.path(), &["verify", "--json"], &notice(dir.path(), total));
        let view = answer(&output);
        assert_eq!(output.status.code(), Some(i32::from(!fine)), "{total}: {view:#}");
        assert_eq!(view["verdict"], if fine { "valid" } else { "valid_but_refused" }, "{total}");
        let found = view["findings"].as_array().unwrap();
        let found = found.iter().any(|f| f["id"] == "amount_impossible" && f["field"] == "total_fee");
        assert_eq!(found, !fine, "{total}: {view:#}");
    }
}

#[test]
fn a_key_that_opens_a_refund_notice_is_said_to_open_it() {
    let dir = tempfile::tempdir().unwrap();
    // Sealed with the built-in merchant's published key: a content without most of its fields, and one with a DTD.
    let lacking = "lxziB8yoRXufjP4+ZUefUaOTYQACvk8+YxxD6ECSTqEivoJ0ED4KlT8clUKWXwVoyqj7UveBg47752Nwk0uwRihD\
             J7oJIC286ZZ0ckwGL7aZ8eI7DfMcwwQSKipOMq8q";
    let with_dtd = "9MDcnHiF0eZr6Jgvsw5MCr/OXVSTxN2PiRj63nmi+WoynA/tZcjaGiuLAZPpyNM8Jws1/BfyHMuEmPVE0OAKJcyp\
             6sxHB2k4lPJZCAIUSGIuiQsFHqWaZbFtT8R4bTzU0gFvN4qdkmWKhIK7lrbV0e5XdQrr3be3iS+52vWCP/k=";
    for (req_info, verdict, id, opens) in
        [(lacking, "valid_but_refused", "field", 0), (with_dtd, "valid_but_refused", "content_refused", 1)]
    {
        let xml = format!(
            "<xml><return_code>SUCCESS</return_code><appid>wxsimulated0000001</appid><mch_id>9900000001</mch_id>\
             <nonce_str>n</nonce_str><req_info>{req_info}</req_info></xml>"
        );
        let verified = paydesk(dir.path(), &["verify", "--json"], &xml);
        let view = answer(&verified);
        assert_eq!((&view["verdict"], verified.status.code()), (&verdict.into(), Some(1)), "{view:#}");
        assert_eq!(view["findings"][0]["id"], id, "{view:#}");
        assert!(view["key"]["label"].as_str().unwrap().starts_with("simulated"), "{view:#}");
        let decrypted = paydesk(dir.path(), &["decrypt", "--lang", "en"], &xml);
        assert_eq!(decrypted.status.code(), Some(opens), "{decrypted:?}");
        if opens == 1 {
            let said = text(&decrypted.stderr);
            assert!(said.contains("opens it") && !said.contains("No key"), "{said}");
        }
    }
}

#[test]
fn a_fault_strikes_where_it_is_meant_to() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let fault = |plan: &str| done(folder, &["simulator", "fault", plan]);
    let order = |number: &str| {
        done(folder, &["order", "create", "--amount", "1", "--body", "x", "--out-trade-no", number]);
        answer(&done(folder, &["simulator", "pay", number, "--json"]))["notices"].clone()
    };
    for plan in [
        r#"{"fault":{"kind":"bad_signature","attempts":1}}"#,
        r#"{"on":"notice","fault":{"kind":"bad_signature"}}"#,
        r#"{"on":"notice","fault":{"kind":"wrong_amount","attempts":9}}"#,
    ] {
        fault(plan);
        // The order's own answer is as it should be; its notice is not.
        let number = format!("fault-{}", plan.len());
        let notices = order(&number);
        if plan.contains("wrong_amount") {
            let view = answer(&done(folder, &["order", "query", &number, "--json"]));
            let told = &view["evidence"]["notice"];
            let differs = !view["disagreements"].as_array().unwrap().is_empty() || told.is_null();
            assert!(differs, "{plan}: {view:#}");
        } else {
            assert_ne!(notices[0]["verdict"], "valid", "{plan}: {notices:#}");
        }
        done(folder, &["simulator", "reset", "--yes"]);
    }
    fault(r#"{"on":"request","fault":{"kind":"bad_signature"}}"#);
    let create =
        ["order", "create", "--amount", "1", "--body", "x", "--out-trade-no", "fault-last", "--json"];
    done(folder, &create);
    let sent = answer(&done(folder, &["requests", "list", "--json"]));
    assert!(sent.as_array().unwrap().iter().any(|one| one["outcome"] == "unknown"), "{sent:#}");
    for plan in [
        r#"{"times":0,"fault":{"kind":"html"}}"#,
        r#"{"on":"moon","fault":{"kind":"html"}}"#,
        r#"{"on":"notice","fault":{"kind":"html"}}"#,
        r#"{"on":"request","fault":{"kind":"lost","attempts":1}}"#,
    ] {
        assert_eq!(refused(folder, &["simulator", "fault", plan], ""), is("simulator_refused", 2), "{plan}");
    }
}

#[test]
fn small_things() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    // A text that nobody can see is none.
    for body in [" ", "\u{3000}\t"] {
        let create = ["order", "create", "--amount", "1", "--body", body];
        assert_eq!(refused(folder, &create, ""), is("invalid_field", 2), "{body:?}");
    }
    // An empty key file is an input that holds nothing, and nothing was to be stored.
    std::fs::write(folder.join("empty"), "\n").unwrap();
    let verify = paydesk(folder, &["verify", "--key-file", "empty", "--lang", "en"], "<xml></xml>");
    let said = text(&verify.stderr);
    assert_eq!(verify.status.code(), Some(2), "{said}");
    assert!(said.contains("empty") && !said.contains("stored"), "{said}");
    // Reversing gives money back, so it is agreed to.
    let scan = ["micropay", "--simulated-code", "fresh", "--amount", "5", "--body", "x"];
    done(folder, &[&scan[..], &["--out-trade-no", "scan-0001"]].concat());
    assert_eq!(refused(folder, &["reverse", "scan-0001"], ""), is("usage", 2));
    let view = answer(&done(folder, &["reverse", "scan-0001", "--yes", "--json"]));
    assert_eq!(view["state"], "revoked");
    // Nobody named a key: whose it was is said beside the signature.
    let signed = paydesk(folder, &["sign", "--lang", "en"], "{\"a\":1}");
    assert!(text(&signed.stderr).contains("SIMULATED"), "{signed:?}");
    assert_eq!(text(&signed.stdout).trim().len(), 64);
    // A merchant on a served simulator is simulated; only its customer is elsewhere.
    let add =
        ["merchant", "add", "served", "--environment", "simulated", "--gateway-url", "http://127.0.0.1:9"];
    done(folder, &[&add[..], &["--mch-id", "1900000109", "--appid", "wx8888888888888888"]].concat());
    let output = paydesk(folder, &[&scan[..], &["--merchant", "served", "--lang", "en"]].concat(), "");
    let said = text(&output.stderr);
    assert!(said.contains("auth-code --served") && output.status.code() == Some(2), "{said}");
}

//! What is pasted into `verify`, `sign` and `decrypt`: a good signature under a lie, names that come twice, nothing.

use serde_json::{Value, json};
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
    let mut stdin = child.stdin.take().unwrap();
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn done(folder: &Path, words: &[&str], input: &str) -> String {
    let output = paydesk(folder, words, input);
    assert!(output.status.success(), "{words:?}: {output:?}");
    text(&output.stdout)
}

/// A payment notice for `sold-0001`, signed with the merchant's own key, with these fields changed.
fn notice(folder: &Path, changed: &[(&str, Value)]) -> String {
    let merchant = paydesk(folder, &["merchant", "show", "--json"], "");
    let merchant = answer(&merchant);
    let mut fields = json!({
        "appid": merchant["appid"], "mch_id": merchant["mch_id"], "nonce_str": "5d2b6c2a8db53831",
        "return_code": "SUCCESS", "result_code": "SUCCESS", "trade_type": "NATIVE", "bank_type": "OTHERS",
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "is_subscribe": "N", "fee_type": "CNY",
        "total_fee": 1234, "cash_fee": 1234, "out_trade_no": "sold-0001",
        "transaction_id": "4200000000000000000000000001", "time_end": "20261121140509",
    });
    for (name, value) in changed {
        fields[name] = value.clone();
    }
    done(folder, &["sign", "--output", "xml"], &fields.to_string())
}

type Changed<'a> = &'a [(&'a str, Value)];

#[test]
fn a_good_signature_under_another_amount_is_a_no() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    done(folder, &["order", "create", "--amount", "12.34", "--body", "x", "--out-trade-no", "sold-0001"], "");
    let cases: [(Changed<'_>, i32, Option<&str>); 5] = [
        (&[], 0, None),
        (&[("total_fee", json!(1)), ("cash_fee", json!(1))], 1, Some("amount")),
        (&[("fee_type", json!("USD"))], 1, Some("currency")),
        (&[("appid", json!("wx8888888888888888"))], 1, Some("appid")),
        // Nothing is known of it: the signature alone is judged.
        (&[("out_trade_no", json!("of-another-till-1"))], 0, None),
    ];
    for (changed, status, contradicts) in cases {
        let xml = notice(folder, changed);
        let output = paydesk(folder, &["verify", "--json"], &xml);
        let view = answer(&output);
        assert_eq!(view["verdict"], "valid", "{changed:?}: {view:#}");
        assert_eq!(output.status.code(), Some(status), "{changed:?}: {view:#}");
        let said_no: Vec<_> = view["checks"].as_array().unwrap().iter().collect();
        let said_no = said_no.iter().filter(|check| check["ok"] == false && check["id"] != "order_known");
        let said_no: Vec<_> = said_no.map(|check| check["id"].as_str().unwrap()).collect();
        assert_eq!(said_no, contradicts.into_iter().collect::<Vec<_>>(), "{view:#}");
        for lang in ["zh-CN", "en"] {
            let output = paydesk(folder, &["verify", "--lang", lang], &xml);
            assert_eq!(output.status.code(), Some(status), "{output:?}");
            let first = text(&output.stdout).lines().next().unwrap_or_default().to_owned();
            assert_eq!(first.starts_with('✓'), status == 0, "{lang}: {first}");
        }
        let output = paydesk(folder, &["verify", "--lines"], &(xml.trim_end().replace('\n', "") + "\n"));
        assert_eq!(output.status.code(), Some(status), "--lines: {output:?}");
    }
}

#[test]
fn a_name_that_comes_twice_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    for input in [r#"{"body":"bread","total_fee":1,"total_fee":100}"#, "body=bread&total_fee=1&total_fee=100"]
    {
        let output = paydesk(dir.path(), &["sign", "--json"], input);
        assert_eq!(output.status.code(), Some(2), "{input}: {output:?}");
        let error = answer(&output);
        assert_eq!(error["error"]["code"], "unreadable_input");
        assert!(error["error"]["message"].as_str().unwrap().contains("total_fee"), "{error}");
        let output = paydesk(dir.path(), &["verify", "--json"], input);
        assert_eq!(output.status.code(), Some(2), "{input}: {output:?}");
        let view = answer(&output);
        assert_eq!(view["verdict"], "malformed");
        assert_eq!(view["findings"][0]["id"], "duplicate_field");
        assert_eq!(view["findings"][0]["field"], "total_fee");
    }
    // What is signed is what was written.
    let string =
        done(dir.path(), &["sign", "--output", "string"], r#"{"b":1.50,"a":12345678901234567890123}"#);
    assert!(string.starts_with("a=12345678901234567890123&b=1.50&key=***"), "{string}");
}

#[test]
fn nothing_is_called_nothing_and_no_key_is_blamed() {
    let dir = tempfile::tempdir().unwrap();
    for input in ["", " \r\n", "\u{feff}\n"] {
        let output = paydesk(dir.path(), &["decrypt", "--json"], input);
        assert_eq!(output.status.code(), Some(2), "{input:?}: {output:?}");
        let error = answer(&output);
        assert_eq!(error["error"]["code"], "unreadable_input");
        let message = error["error"]["message"].as_str().unwrap();
        assert!(!message.contains("APIv3"), "{message}");
        for (lang, word) in [("zh-CN", "读不出来"), ("en", "cannot be read")] {
            let output = paydesk(dir.path(), &["decrypt", "--lang", lang], input);
            assert!(text(&output.stderr).contains(word), "{output:?}");
        }
    }
}

/// A static QR code is signed with the merchant's own key, and says what it is for.
#[test]
fn the_link_of_a_static_code_is_signed() {
    let dir = tempfile::tempdir().unwrap();
    let link =
        |id: &str| paydesk(dir.path(), &["pay-params", "--type", "native", "--product-id", id, "--json"], "");
    let output = link("shelf-7");
    assert!(output.status.success(), "{output:?}");
    let view = answer(&output);
    assert_eq!(view["kind"], "native");
    let code_url = view["params"]["code_url"].as_str().unwrap();
    let signed = code_url.strip_prefix("weixin://wxpay/bizpayurl?").unwrap();
    for name in ["sign=", "appid=", "mch_id=", "product_id=shelf-7", "time_stamp=", "nonce_str="] {
        assert!(signed.split('&').any(|pair| pair.starts_with(name)), "{name}: {code_url}");
    }
    assert!(view["qr"]["size"].as_u64().unwrap() >= 21, "{view}");
    // MD5, whatever the merchant uses: the link has no room for more.
    let verified = paydesk(dir.path(), &["verify", "--sign-type", "MD5", "--json"], signed);
    assert_eq!(answer(&verified)["verdict"], "valid", "{signed}");
    let forged = signed.replace("shelf-7", "shelf-8");
    let verified = paydesk(dir.path(), &["verify", "--sign-type", "MD5", "--json"], &forged);
    assert_eq!(answer(&verified)["verdict"], "invalid");
    // What a link cannot hold is escaped, and what no product is called is refused.
    let odd = answer(&link("a&b=c/7"));
    assert!(odd["params"]["code_url"].as_str().unwrap().contains("&product_id=a%26b%3Dc%2F7&"), "{odd}");
    for id in ["", "面包", "a b", "123456789012345678901234567890123"] {
        let output = link(id);
        assert_eq!(output.status.code(), Some(2), "{id:?}: {output:?}");
        assert_eq!(answer(&output)["error"]["code"], "invalid_field", "{id:?}");
    }
    let output = paydesk(dir.path(), &["pay-params", "--type", "native", "--json"], "");
    assert_eq!((output.status.code(), &answer(&output)["error"]["code"]), (Some(2), &Value::from("usage")));
}

//! The program as scripts and people meet it: exit statuses, JSON, languages, hostile text, pipes.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paydesk"));
    command
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .arg("--data-dir")
        .arg(folder.join("paydesk"))
        .args(words)
        .stdin(Stdio::null());
    command
}

fn paydesk(folder: &Path, words: &[&str]) -> Output {
    command(folder, words).output().unwrap()
}

fn with_input(folder: &Path, words: &[&str], input: &[u8]) -> Output {
    let mut command = command(folder, words);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It may refuse before it has read everything.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!(
            "{error}: {}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs what must end well.
fn done(folder: &Path, words: &[&str]) -> Output {
    let output = paydesk(folder, words);
    assert!(output.status.success(), "{words:?}: {}{}", text(&output.stdout), text(&output.stderr));
    output
}

/// A folder with a paid order of ¥12.34.
fn with_a_paid_order() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let order =
        ["order", "create", "--amount", "12.34", "--body", "面包 bread", "--out-trade-no", "paid-0001"];
    done(dir.path(), &order);
    done(dir.path(), &["simulator", "pay", "paid-0001"]);
    dir
}

const REFUND: [&str; 5] = ["refund", "create", "paid-0001", "--out-refund-no", "refund-0001"];

#[test]
fn errors_have_their_status_and_are_json_when_asked() {
    let dir = with_a_paid_order();
    let refund = |more: &[&'static str]| [REFUND.as_slice(), more].concat();
    let cases: Vec<(Vec<&str>, i32, &str)> = vec![
        (vec!["order", "create", "--body", "x"], 2, "usage"),
        (vec!["order", "create", "--amount", "1", "--fen", "100", "--body", "x"], 2, "usage"),
        (vec!["order", "create", "--amount", "1.234", "--body", "x"], 2, "usage"),
        (vec!["order", "create", "--fen", "1.5", "--body", "x"], 2, "usage"),
        (vec!["order", "create", "--fen", "0", "--body", "x"], 2, "invalid_field"),
        (vec!["order", "create", "--fen", "1", "--body", "x", "--out-trade-no", "short"], 2, "usage"),
        (vec!["order", "crate"], 2, "usage"),
        (vec!["nonsense"], 2, "usage"),
        (vec!["order", "list", "--from", "2026-02-30"], 2, "usage"),
        (vec!["order", "list", "--from", "2026-02-02", "--to", "2026-02-01"], 2, "usage"),
        (vec!["order", "query", "nobody-made-this"], 3, "answered_no"),
        (vec!["order", "list", "--merchant", "nobody"], 2, "no_such_merchant"),
        (refund(&["--amount", "1"]), 2, "usage"), // nobody can be asked, and no --yes
        (refund(&["--amount", "12.35", "--yes"]), 2, "refund_too_much"),
        (vec!["refund", "create", "nothing-here", "--amount", "1", "--yes"], 2, "unknown_payment"),
        (vec!["micropay", "--simulated-code", "poor", "--amount", "5", "--body", "x"], 3, "refused"),
        (
            vec!["micropay", "--auth-code", "999999999999999999", "--amount", "5", "--body", "x"],
            2,
            "invalid_field",
        ),
        (vec!["requests", "show", "999999"], 2, "unknown_exchange"),
        (vec!["simulator", "pay", "nobody-made-this"], 2, "simulator_refused"),
        (vec!["simulator", "fault", "{}"], 2, "simulator_refused"),
        (vec!["merchant", "set-key", "simulated", "--key-file", "none"], 2, "built_in_merchant"),
        (vec!["merchant", "remove", "simulated", "--yes"], 2, "built_in_merchant"),
        (vec!["verify", "no-such-file.xml"], 2, "unreadable_input"),
        (vec!["verify", "-", "--key-file", "-"], 2, "usage"),
        (vec!["export", "payments", "--output", "-"], 2, "usage"), // not together with --json
        (vec!["ledger", "restore", "no-such-file.db", "--yes"], 2, "unreadable_input"),
    ];
    for (words, status, code) in cases {
        let mut with_json = words.clone();
        with_json.push("--json");
        let output = paydesk(dir.path(), &with_json);
        let error = json(&output);
        assert_eq!(error["error"]["code"], code, "{words:?}: {error}");
        assert_eq!(output.status.code(), Some(status), "{words:?}: {error}");
        assert!(error["error"]["params"].is_object() && error["error"]["message"].is_string(), "{error}");
        if words[0] == "export" {
            continue;
        }
        let output = paydesk(dir.path(), &words);
        assert_eq!(output.status.code(), Some(status), "{words:?} without --json");
        assert!(output.stdout.is_empty(), "{words:?} wrote an error to standard output");
        assert!(!output.stderr.is_empty(), "{words:?} said nothing");
    }
    // None of it moved money.
    let order = json(&done(dir.path(), &["order", "query", "paid-0001", "--json"]));
    assert_eq!(order["refunded_fen"], 0);
    assert_eq!(order["refundable_fen"], 1234);
}

#[test]
fn an_unknown_outcome_is_4_until_it_is_known() {
    let dir = with_a_paid_order();
    let fault = |path: &str, kind: &str, times: u8| {
        let plan = format!(r#"{{"path":"{path}","times":{times},"fault":{{"kind":"{kind}"}}}}"#);
        done(dir.path(), &["simulator", "fault", &plan]);
    };
    fault("/secapi/pay/refund", "timeout_after", 1);
    fault("/pay/refundquery", "timeout_before", 1);
    let refund = [REFUND.as_slice(), &["--amount", "2.34", "--yes", "--json"]].concat();
    let output = paydesk(dir.path(), &refund);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stdout));
    let error = json(&output);
    assert_eq!(error["error"]["code"], "outcome_unknown");
    assert_eq!(error["error"]["params"]["number"], "refund-0001");
    // The same command again asks; it does not send a second time.
    let output = done(dir.path(), &refund);
    assert_eq!(json(&output)["refund_fen"], 234);
    let order = json(&done(dir.path(), &["order", "query", "paid-0001", "--json"]));
    assert_eq!(order["refundable_fen"], 1000);
    assert_eq!(json(&done(dir.path(), &["resolve", "--json"])), Value::Array(Vec::new()));
}

#[test]
fn a_payments_life_in_json() {
    let dir = with_a_paid_order();
    let order = json(&done(dir.path(), &["order", "query", "--out-trade-no", "paid-0001", "--json"]));
    assert_eq!(order["environment"], "simulated");
    assert_eq!(order["state"], "paid");
    assert_eq!(order["total_fen"], 1234);
    assert_eq!(order["body"], "面包 bread");
    assert!(order["evidence"]["notice"].is_object() && order["evidence"]["query"].is_object());
    let refund = json(&done(dir.path(), &[REFUND.as_slice(), &["--fen", "234", "--yes", "--json"]].concat()));
    assert_eq!(refund["state"], "processing");
    done(dir.path(), &["simulator", "refund-result", "refund-0001", "success"]);
    let refunds = json(&done(dir.path(), &["refund", "query", "refund-0001", "--json"]));
    assert_eq!(refunds[0]["state"], "success");
    let list = json(&done(dir.path(), &["order", "list", "--state", "refunded", "--json"]));
    assert_eq!(list["payments"][0]["refunded_fen"], 234);
    let csv = done(dir.path(), &["export", "payments"]);
    assert!(csv.stdout.starts_with("\u{feff}environment,".as_bytes()));
    assert_eq!(text(&csv.stdout).lines().count(), 2);
    let exported = ["export", "payments", "--output", "账单.csv", "--json"];
    assert_eq!(json(&done(dir.path(), &exported))["rows"], 1);
    let again = paydesk(dir.path(), &exported);
    assert_eq!((again.status.code(), &json(&again)["error"]["code"]), (Some(2), &Value::from("file_exists")));
    let exchange = json(&done(dir.path(), &["requests", "show", "1", "--json"]));
    assert_eq!(exchange["api"], "/pay/unifiedorder");
    assert_eq!(json(&done(dir.path(), &["ledger", "check", "--full", "--json"]))["ok"], true);
}

#[test]
fn people_are_told_in_their_language_that_nothing_is_real() {
    let dir = with_a_paid_order();
    for (lang, banner, state) in [("zh-CN", "◆ 模拟 SIMULATED", "已付款"), ("en", "◆ SIMULATED", "paid")]
    {
        for words in [
            vec!["order", "list"],
            vec!["order", "query", "paid-0001"],
            vec!["merchant", "check"],
            vec!["ledger", "info"],
            vec!["requests", "list"],
            vec!["resolve"],
            vec!["simulator", "advance", "1s"],
        ] {
            let output = done(dir.path(), &[words.as_slice(), &["--lang", lang]].concat());
            let text = text(&output.stdout);
            assert!(text.starts_with(banner), "{words:?}: {text}");
            assert!(!text.contains("LIVE") && !text.contains("正式"), "{text}");
            assert!(!text.contains('\u{1b}'), "colours in a pipe: {text:?}");
            if words[0] == "order" {
                assert!(text.contains(state) && text.contains("¥12.34"), "{text}");
            }
        }
    }
    let by_locale = command(dir.path(), &["order", "list"]).env("LANG", "zh_CN.UTF-8").output().unwrap();
    assert!(text(&by_locale.stdout).contains("商户订单号"));
}

#[test]
fn hostile_text_stays_text() {
    let dir = tempfile::tempdir().unwrap();
    let attach = "a\u{202e}txt.exe\u{200b}";
    let words = [
        "order",
        "create",
        "--fen",
        "1",
        "--body",
        "b\u{2066}x",
        "--attach",
        attach,
        "--out-trade-no",
        "evil-0001",
    ];
    done(dir.path(), &words);
    for words in [["order", "list", "-v"], ["order", "query", "evil-0001"], ["requests", "show", "1"]] {
        let shown = text(&done(dir.path(), &words).stdout);
        assert!(!shown.contains(['\u{202e}', '\u{200b}', '\u{2066}']), "{words:?}: {shown:?}");
        assert!(shown.contains("‹U+2066›"), "{words:?}: {shown}");
    }
    let output = done(dir.path(), &["order", "query", "evil-0001", "--json"]);
    assert!(!text(&output.stdout).contains(['\u{202e}', '\u{200b}', '\u{2066}']));
    assert_eq!(json(&output)["attach"], attach, "the data itself is whole");
}

/// The official example of chapter 4_3, and its published key.
const REQUEST: &str = "<xml><appid>wxd930ea5d5a258f4f</appid><mch_id>10000100</mch_id><device_info>1000</device_info>\
    <body>test</body><nonce_str>ibuaiVcKdpRxkhJA</nonce_str><sign>9A0A8659F005D6984697E2CA0A9CF3B7</sign></xml>";
const KEY: &str = "192006250b4c09247ec02edce69f6a2d";

#[test]
fn verify_answers_by_its_status() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("key"), format!("{KEY}\r\n")).unwrap();
    let forged = REQUEST.replace("test", "rest");
    let unsigned = REQUEST.replace("<sign>9A0A8659F005D6984697E2CA0A9CF3B7</sign>", "");
    let doctype = format!("<!DOCTYPE x>{REQUEST}");
    for (input, verdict, status) in [
        (REQUEST, "valid", 0),
        (&forged, "invalid", 1),
        (&unsigned, "unsigned", 1),
        (&doctype, "malformed", 2),
        ("", "malformed", 2),
    ] {
        let output = with_input(dir.path(), &["verify", "--key-file", "key", "--json"], input.as_bytes());
        assert_eq!(json(&output)["verdict"], verdict, "{input}");
        assert_eq!(output.status.code(), Some(status), "{input}");
        for lang in ["zh-CN", "en"] {
            let output =
                with_input(dir.path(), &["verify", "--key-file", "key", "--lang", lang], input.as_bytes());
            let shown = text(&output.stdout);
            assert!(shown.contains(verdict) && !shown.contains("verdict."), "{shown}");
            assert!(!shown.contains(KEY), "the key is in {shown}");
        }
    }
    let huge = with_input(dir.path(), &["verify", "--json"], &vec![b'<'; (1 << 20) + 1]);
    assert_eq!(
        (huge.status.code(), &json(&huge)["error"]["code"]),
        (Some(2), &Value::from("input_too_large"))
    );

    let lines = format!("{REQUEST}\n{forged}\r\n-\n{REQUEST}");
    let output = with_input(dir.path(), &["verify", "--lines", "--key-file", "key"], lines.as_bytes());
    let verdicts: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let verdicts: Vec<_> = verdicts.iter().map(|view| view["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["valid", "invalid", "malformed", "valid"]);
    assert_eq!(output.status.code(), Some(1));

    // Blank lines are no messages, wherever they stand.
    let lines = format!("\n  \r\n{REQUEST}\n\t\n\n{REQUEST}\r\n\n\n");
    let output = with_input(dir.path(), &["verify", "--lines", "--key-file", "key"], lines.as_bytes());
    assert_eq!((output.status.code(), text(&output.stdout).lines().count()), (Some(0), 2));
}

#[test]
fn signing_gives_the_answer_alone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("key"), KEY).unwrap();
    std::fs::write(dir.path().join("request"), REQUEST).unwrap();
    let signature = done(dir.path(), &["sign", "request", "--key-file", "key"]);
    assert_eq!(text(&signature.stdout), "9A0A8659F005D6984697E2CA0A9CF3B7\n");
    assert!(signature.stderr.is_empty());
    let string =
        text(&done(dir.path(), &["sign", "request", "--key-file", "key", "--output", "string"]).stdout);
    assert!(string.ends_with("&key=***\n") && !string.contains(KEY), "{string}");
    let xml = text(&done(dir.path(), &["sign", "request", "--key-file", "key", "--output", "xml"]).stdout);
    let verified = with_input(dir.path(), &["verify", "--key-file", "key", "--json"], xml.as_bytes());
    assert_eq!(json(&verified)["verdict"], "valid");
    let by_input =
        with_input(dir.path(), &["sign", "request", "--key-file", "-"], format!("{KEY}\n").as_bytes());
    assert_eq!(by_input.stdout, signature.stdout);
}

#[test]
fn a_live_merchant_is_confirmed_and_never_acted_for_by_the_simulator() {
    let dir = tempfile::tempdir().unwrap();
    let add = [
        "merchant",
        "add",
        "shop",
        "--environment",
        "live",
        "--mch-id",
        "1900000109",
        "--appid",
        "wx8888888888888888",
    ];
    assert_eq!(paydesk(dir.path(), &add).status.code(), Some(2), "without confirmation");
    let confirmed = |number| [add.as_slice(), &["--confirm-live", number, "--json"]].concat();
    assert_eq!(json(&paydesk(dir.path(), &confirmed("1900000100")))["error"]["code"], "declined");
    assert_eq!(json(&done(dir.path(), &confirmed("1900000109")))["environment"], "live");
    let act = paydesk(dir.path(), &["simulator", "pay", "order-0001", "--merchant", "shop", "--json"]);
    assert_eq!(json(&act)["error"]["code"], "not_simulated");
    let scan = ["micropay", "--simulated-code", "fresh", "--fen", "1", "--body", "x", "--json"];
    assert_eq!(json(&paydesk(dir.path(), &scan))["error"]["code"], "not_simulated");
    let shown = text(&done(dir.path(), &["merchant", "show", "shop", "--lang", "zh-CN"]).stdout);
    assert!(shown.starts_with("● 正式 LIVE") && !shown.contains("模拟"), "{shown}");
    // No keychain here: said as that, and the key is nowhere.
    std::fs::write(dir.path().join("key"), "CANARYcanaryCANARYcanaryCANARY00").unwrap();
    let set = paydesk(dir.path(), &["-vvv", "merchant", "set-key", "shop", "--key-file", "key", "--json"]);
    assert_eq!(
        (set.status.code(), &json(&set)["error"]["code"]),
        (Some(5), &Value::from("keychain_missing"))
    );
    let everything = text(&set.stdout) + &text(&set.stderr);
    assert!(!everything.contains("CANARY"), "{everything}");
    assert!(!text(&std::fs::read(dir.path().join("paydesk/merchants.json")).unwrap()).contains("CANARY"));
}

#[test]
fn the_demo_gives_the_same_bytes_for_a_seed() {
    let dir = tempfile::tempdir().unwrap();
    let first = done(dir.path(), &["demo", "--seed", "7", "--json"]);
    assert_eq!(first.stdout, done(dir.path(), &["demo", "--seed", "7", "--json"]).stdout);
    let view = json(&first);
    let steps = view["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 10);
    assert!(steps.iter().all(|step| step["ok"] == true && step["evidence"].is_object()));
    for file in view["files"].as_array().unwrap() {
        assert!(Path::new(file["path"].as_str().unwrap()).exists());
    }
    for lang in ["zh-CN", "en"] {
        let story = text(&done(dir.path(), &["demo", "--seed", "7", "--lang", lang]).stdout);
        assert!(!story.contains("demo."), "a key instead of words: {story}");
        for step in steps {
            let words = console::Lang::parse(lang)
                .unwrap()
                .say(&format!("demo.{}", step["step"].as_str().unwrap()), &[]);
            assert!(story.contains(&words), "{words} is not told in {story}");
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let dir = with_a_paid_order();
    for words in [
        vec!["order", "list"],
        vec!["export", "payments"],
        vec!["completions", "bash"],
        vec!["demo"],
        vec!["--help"],
    ] {
        let mut child =
            command(dir.path(), &words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{words:?}");
        let said = text(&output.stderr);
        assert!(
            !said.contains("panic") && !said.contains("Broken pipe") && !said.contains('✗'),
            "{words:?}: {said}"
        );
    }
}

/// What a stranger found: `verify bad.xml | true` ended with 0.
#[test]
fn a_reader_that_goes_away_turns_no_answer_around() {
    let dir = with_a_paid_order();
    let signed = paydesk(dir.path(), &["requests", "list", "--json"]);
    assert!(signed.status.success());
    let good = text(&with_input(dir.path(), &["sign", "--output", "xml"], br#"{"a":"1"}"#).stdout);
    let good = good.trim_end().replace('\n', "");
    let bad = good.replacen(">1<", ">2<", 1).replacen("[1]", "[2]", 1);
    assert_ne!(good, bad);
    std::fs::write(dir.path().join("bad.xml"), &bad).unwrap();
    let lines = |lines: &[&str]| {
        let path = dir.path().join(format!("{}.txt", lines.len()));
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        path.display().to_string()
    };
    let (one, two, three) = (lines(&[&good]), lines(&[&bad, &good]), lines(&[&good, &good, &bad]));
    let cases: [(&[&str], i32); 11] = [
        (&["verify", "bad.xml"], 1),
        (&["verify", "bad.xml", "--json"], 1),
        (&["verify", "--lines", &one], 0),
        (&["verify", "--lines", &two], 1),
        // The third was never looked at.
        (&["verify", "--lines", &three], 5),
        (&["micropay", "--simulated-code", "poor", "--amount", "5", "--body", "x", "--json"], 3),
        (&["order", "query", "nobody-made-this", "--json"], 3),
        (&["requests", "show", "999999", "--json"], 2),
        (&["order", "list"], 0),
        (&["order", "create", "--amount", "1", "--body", "x"], 0),
        (&["ledger", "check"], 0),
    ];
    for (words, status) in cases {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command(dir.path(), words).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{words:?}: {}", text(&output.stderr));
    }
}

/// A refund that was made is never called unsent because its answer could not be printed.
#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_printed_does_not_deny_what_was_done() {
    let dir = with_a_paid_order();
    for more in [&["--amount", "1", "--yes"][..], &["--amount", "1", "--yes", "--json"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command(dir.path(), &[&REFUND, more].concat()).stdout(full).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(5), "{said}");
        assert!(said.contains("unprinted") && said.contains("may have been done"), "{said}");
    }
    let refunds = json(&done(dir.path(), &["refund", "list", "--json"]));
    assert_eq!(refunds["refunds"].as_array().map(Vec::len), Some(1), "{refunds}");
}

/// Another environment's ledger, or a newer program's, is not damaged: to salvage it would mix or lose rows.
#[test]
fn salvage_leaves_another_environments_and_a_newer_ledger_alone() {
    let dir = with_a_paid_order();
    let file = dir.path().join("paydesk/ledger/simulated.db");
    let whole = std::fs::read(&file).unwrap();
    // The header's user_version and application_id.
    let others = [(60, 99_u32.to_be_bytes(), "ledger_newer"), (68, *b"PyL1", "ledger_wrong_file")];
    for (at, bytes, code) in others {
        let mut other = whole.clone();
        other[at..at + 4].copy_from_slice(&bytes);
        std::fs::write(&file, &other).unwrap();
        let output = paydesk(dir.path(), &["ledger", "salvage", "--yes"]);
        assert_eq!(output.status.code(), Some(5), "{}", text(&output.stdout));
        let said = text(&output.stderr);
        assert!(said.contains(code), "{said}");
        assert!(code == "ledger_newer" || said.contains("simulated.db is not"), "{said}");
        assert_eq!(std::fs::read(&file).unwrap(), other, "it was touched");
    }
}

/// An old copy of the ledger, or a fresh one in its place, does not pass for whole, and does not grow until it would.
#[test]
fn a_ledger_that_was_put_back_is_never_anchored_as_whole() {
    let dir = with_a_paid_order();
    let file = dir.path().join("paydesk/ledger/simulated.db");
    let old = std::fs::read(&file).unwrap();
    let order = ["order", "create", "--amount", "1", "--body", "x"];
    let before = done(dir.path(), &order);
    assert!(before.stderr.is_empty(), "{}", text(&before.stderr));
    std::fs::write(&file, &old).unwrap();
    for _ in 0..3 {
        let refused = paydesk(dir.path(), &order);
        assert_eq!(refused.status.code(), Some(5), "{}", text(&refused.stderr));
        assert!(text(&refused.stderr).contains("[ledger_rolled_back]"), "{}", text(&refused.stderr));
    }
    assert!(!paydesk(dir.path(), &["ledger", "check", "--full"]).status.success());
}

#[test]
fn the_customer_can_show_every_kind_of_payment_code() {
    let dir = tempfile::tempdir().unwrap();
    for kind in ["fresh", "password", "expired", "poor"] {
        done(dir.path(), &["simulator", "auth-code", kind]);
    }
}

#[test]
fn a_served_simulator_is_told_and_stops() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = command(dir.path(), &["simulator", "serve", "--until-stdin-ends"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let served: Value = serde_json::from_str(&line).unwrap();
    for name in ["url", "mch_id", "appid", "control_url", "control_token"] {
        assert!(served[name].is_string(), "{name} in {line}");
    }
    std::fs::write(dir.path().join("served.json"), &line).unwrap();
    let code =
        json(&done(dir.path(), &["simulator", "auth-code", "fresh", "--served", "served.json", "--json"]));
    assert_eq!(code["auth_code"].as_str().unwrap().len(), 18);
    // A merchant of one's own on it: nobody answers for it without its key, which needs a keychain.
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "exactly one line");
}

#[cfg(unix)]
#[test]
fn a_served_simulator_stops_when_it_is_told_to() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = command(dir.path(), &["simulator", "serve", "--quiet"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(output.stderr.is_empty(), "--quiet: {}", text(&output.stderr));
}

#[test]
fn help_and_refusals_in_chinese() {
    let dir = tempfile::tempdir().unwrap();
    let help = text(&done(dir.path(), &["refund", "create", "--help", "--lang", "zh-CN"]).stdout);
    assert!(help.starts_with("退回一笔支付的部分或全部\n\n用法："), "{help}");
    let refused = paydesk(dir.path(), &["order", "create", "--amount", "abc", "--body", "x", "--lang=zh-CN"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("的值“abc”不对"), "{}", text(&refused.stderr));
}

/// A core dump would hold the keys that were in memory.
#[cfg(target_os = "linux")]
#[test]
fn it_leaves_no_core_dump() {
    let data = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_paydesk"))
        .args(["simulator", "serve", "--until-stdin-ends", "--data-dir"])
        .arg(data.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let out = child.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    drop(child.stdin.take());
    child.wait().unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{core}");
}

//! Whatever goes wrong is said in one language, and no key that was typed in the wrong place is said at all.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A published example key, and the same as a person may paste it.
const KEY: &str = "192006250b4c09247ec02edce69f6a2d";

fn paydesk(folder: &Path, lang: &str, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_paydesk"))
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .args(["--lang", lang, "--data-dir"])
        .arg(folder.join("paydesk"))
        .args(words)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(both).unwrap()
}

/// Two or more English words in a row. Names of fields, values and commands are no prose, nor is what stands in
/// quotes as somebody else's own words.
fn prose(text: &str) -> Option<String> {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, quoted)) = rest.split_once("原话“") {
        kept += before;
        rest = quoted.split_once('”').map_or("", |(_, after)| after);
    }
    kept += rest;
    for piece in kept.split(|c: char| !c.is_ascii() || c == '\n') {
        let mut run: Vec<&str> = Vec::new();
        let mut command = false;
        for word in piece.split(' ') {
            let bare = word.trim_matches(['.', ';', ':', '(', ')', '"', '?', '!']);
            let plain = bare.len() > 1 && bare.bytes().all(|byte| byte.is_ascii_lowercase());
            command = word == "paydesk" || (command && (plain || bare.contains('-')));
            if plain && !command {
                run.push(word);
                if run.len() > 1 {
                    return Some(run.join(" "));
                }
            } else {
                run.clear();
            }
        }
    }
    None
}

fn has_chinese(text: &str) -> bool {
    text.chars()
        .any(|c| matches!(c, '\u{3000}'..='\u{303F}' | '\u{4E00}'..='\u{9FFF}' | '\u{FF00}'..='\u{FFEF}'))
}

/// Every command, below which every kind of misuse is tried.
const COMMANDS: [&[&str]; 49] = [
    &[],
    &["demo"],
    &["merchant"],
    &["merchant", "add"],
    &["merchant", "list"],
    &["merchant", "show"],
    &["merchant", "check"],
    &["merchant", "set-key"],
    &["merchant", "import-cert"],
    &["merchant", "remove"],
    &["order"],
    &["order", "create"],
    &["order", "query"],
    &["order", "close"],
    &["order", "list"],
    &["pay-params"],
    &["micropay"],
    &["reverse"],
    &["simulator", "reset"],
    &["refund"],
    &["refund", "create"],
    &["refund", "query"],
    &["refund", "list"],
    &["verify"],
    &["sign"],
    &["decrypt"],
    &["requests"],
    &["requests", "list"],
    &["requests", "show"],
    &["ledger"],
    &["ledger", "info"],
    &["ledger", "check"],
    &["ledger", "backup"],
    &["ledger", "restore"],
    &["ledger", "salvage"],
    &["ledger", "accept"],
    &["resolve"],
    &["simulator"],
    &["simulator", "serve"],
    &["simulator", "pay"],
    &["simulator", "fail"],
    &["simulator", "refund-result"],
    &["simulator", "advance"],
    &["simulator", "fault"],
    &["simulator", "auth-code"],
    &["export"],
    &["export", "payments"],
    &["completions"],
    &["man"],
];

/// Misuse that is told from the arguments alone, so that nothing is done or waited for.
const MISUSES: [&[&str]; 5] = [
    &["--no-such-option"],
    &["--lang=fr"],
    &["--merchant"],
    &["-Z"],
    &["one-too-many", "two-too-many", "three-too-many", "four-too-many", "five-too-many"],
];

#[test]
fn misuse_of_any_command_is_refused_in_one_language() {
    let dir = tempfile::tempdir().unwrap();
    for command in COMMANDS {
        for misuse in MISUSES {
            let words = [command, misuse].concat();
            let output = paydesk(dir.path(), "zh-CN", &words);
            let chinese = said(&output);
            assert_eq!(output.status.code(), Some(2), "{words:?}: {chinese}");
            assert_eq!(prose(&chinese), None, "{words:?}: {chinese}");
            assert!(has_chinese(&chinese) && !chinese.contains("rror:"), "{words:?}: {chinese}");
            assert!(!chinese.contains("[OPTIONS]") && !chinese.contains("Usage"), "{words:?}: {chinese}");
        }
    }
}

#[test]
fn every_help_is_chinese() {
    let dir = tempfile::tempdir().unwrap();
    for command in COMMANDS {
        let chinese = said(&paydesk(dir.path(), "zh-CN", &[command, &["--help"]].concat()));
        let (help, _examples) =
            chinese.split_once("示例：").unwrap_or_else(|| panic!("{command:?}: {chinese}"));
        assert_eq!(prose(help), None, "{command:?}: {chinese}");
        assert!(!help.contains("OPTIONS") && !help.contains("Usage"), "{command:?}: {chinese}");
    }
}

/// A text that makes another order of the one it stands in.
const EVIL: &str =
    "x&body=y&mch_id=1&nonce_str=n&notify_url=u&out_trade_no=2&spbill_create_ip=1&total_fee=1&trade_type=APP";

/// What can be refused before anything is sent, one row for each reason at least.
const REFUSED: &[&[&str]] = &[
    &["--bare"],
    &["order", "crate"],
    &["order", "create"],
    &["order", "create", "--amount", "1"],
    &["order", "create", "--amount", "", "--body", "x"],
    &["order", "create", "--amount", "1.234", "--body", "x"],
    &["order", "create", "--amount", "1,000", "--body", "x"],
    &["order", "create", "--amount", "99999999999999999999", "--body", "x"],
    &["order", "create", "--fen", "1.5", "--body", "x"],
    &["order", "create", "--fen", "9223372036854775808", "--body", "x"],
    &["order", "create", "--fen", "0", "--body", "x"],
    &["order", "create", "--fen", "1", "--body", ""],
    &["order", "create", "--fen", "1", "--amount", "1", "--body", "x"],
    &["order", "create", "--fen", "1", "--body", "x", "--out-trade-no", "short"],
    &["order", "create", "--fen", "1", "--body", "x", "--out-trade-no", "订单-000001"],
    &["order", "create", "--fen", "1", "--body", "x", "--client-ip", "nonsense"],
    &["order", "create", "--fen", "1", "--body", "x", "--currency", "yuan"],
    &["order", "create", "--fen", "1", "--body", "x", "--detail", "nonsense"],
    &["order", "create", "--fen", "1", "--body", "x", "--notify-url", "ftp://shop.example"],
    &["order", "create", "--fen", "1", "--body", "x", "--notify-url", "https://shop.example/?a=1"],
    &["order", "create", "--fen", "1", "--body", "x", "--notify-url", "https://"],
    &["order", "create", "--fen", "1", "--body", "x", "--expires-in", "1s"],
    &["order", "create", "--fen", "1", "--body", "x", "--expires-in", "soon"],
    &["order", "create", "--fen", "1", "--body", "x", "--expires-in", "99999999999999999999d"],
    &["order", "create", "--fen", "1", "--body", "x", "--attach", EVIL],
    &["order", "create", "--fen", "1", "--body", "x", "--type", "jsapi"],
    &["order", "create", "--fen", "1", "--body", "x", "--type", "h5"],
    &["order", "create", "--fen", "1", "--body", "x", "--type", "cash"],
    &["order", "create", "--amout", "1", "--body", "x"],
    &["order", "list", "--from", "yesterday"],
    &["order", "list", "--from", "2026-02-30"],
    &["order", "list", "--from", "2026-02-02", "--to", "2026-02-01"],
    &["order", "list", "--state", "payed"],
    &["order", "list", "--limit", "many"],
    &["order", "list", "--limit", "-1"],
    &["order", "list", "--limit", "99999999999999999999999"],
    &["order", "list", "--limit"],
    &["order", "list", "--merchant", "nobody"],
    &["order", "query", "nobody-made-this"],
    &["order", "query", "a&b"],
    &["refund", "create", "nothing-here", "--amount", "1"],
    &["refund", "create", "nothing-here", "--amount", "1", "--yes"],
    &["refund", "query", "nothing-here"],
    &["micropay", "--auth-code", "12", "--fen", "1", "--body", "x"],
    &["micropay", "--auth-code", "999999999999999999", "--fen", "1", "--body", "x"],
    &["micropay", "--simulated-code", "poor", "--amount", "5", "--body", "x"],
    &["pay-params", "--type", "h5", "--mweb-url", "nonsense"],
    &["pay-params", "--type", "jsapi", "--prepay-id", "wx 2014"],
    &["merchant", "add", "a b", "--environment", "sandbox", "--mch-id", "1900000109", "--appid", "wx1"],
    &["merchant", "add", "a", "--environment", "simulated", "--mch-id", "1900000109", "--appid", "wx1"],
    &["merchant", "add", "a", "--environment", "moon", "--mch-id", "1900000109", "--appid", "wx1"],
    &["merchant", "add", "a", "--environment", "live", "--mch-id", "x", "--appid", "wx1"],
    &["merchant", "add", "a", "--environment", "live", "--mch-id", "1900000109", "--appid", "wx1"],
    &["merchant", "set-key", "simulated", "--key-file", "none"],
    &["merchant", "set-key", "nobody", "--key-file", "none"],
    &["merchant", "remove", "simulated", "--yes"],
    &["merchant", "import-cert", "nobody", "none.p12"],
    &["verify", "no-such-file.xml"],
    &["verify", "."],
    &["verify", "-", "--key-file", "-"],
    &["verify", "empty.xml", "--key-file", "empty.key"],
    &["verify", "empty.xml", "--key-file", "blank.key"],
    &["verify", "--record", "order.xml"],
    &["sign", "broken.xml", "--key-file", "good.key"],
    &["sign", "twice.xml", "--key-file", "good.key"],
    &["sign", "gbk.xml", "--key-file", "good.key"],
    &["sign", "order.xml", "--key-file", "gbk.xml"],
    &["sign", "order.xml", "--sign-type", "SHA1"],
    &["decrypt", "order.xml", "--key-file", "good.key"],
    &["decrypt", "gbk.xml", "--key-file", "good.key"],
    &["decrypt", "empty.xml", "--key-file", "good.key"],
    &["decrypt", "nonsense.txt", "--key-file", "good.key"],
    &["requests", "show", "first"],
    &["requests", "show", "999999"],
    &["ledger", "restore", "no-such-file.db", "--yes"],
    &["ledger", "restore", "order.xml", "--yes"],
    &["ledger", "restore", "order.xml"],
    &["ledger", "backup", "order.xml"],
    &["simulator", "pay", "nobody-made-this"],
    &["simulator", "fail", "nobody-made-this"],
    &["simulator", "refund-result", "nobody-made-this"],
    &["simulator", "advance", "5x"],
    &["simulator", "fault", "{}"],
    &["simulator", "fault", "nonsense"],
    &["simulator", "fault", "{"],
    &["simulator", "pay", "order-0001", "--served", "order.xml"],
    &["simulator", "pay", "order-0001", "--served", "empty.json"],
    &["simulator", "pay", "order-0001", "--served", "elsewhere.json"],
    &["simulator", "serve", "--port", "70000"],
    &["simulator", "serve", "--port", "http"],
    &["export", "payments", "--output", "order.xml"],
    &["export", "payments", "--output", "no/such/folder.csv"],
    &["completions", "cmd"],
];

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("order.xml", b"<xml><a>1</a></xml>".as_slice()),
        ("broken.xml", b"<xml><a>1</a>"),
        ("twice.xml", b"<xml><a>1</a><a>2</a></xml>"),
        ("gbk.xml", b"<xml><a>\xD6\xD0</a></xml>"),
        ("empty.xml", b""),
        ("nonsense.txt", b"what is this"),
        ("good.key", KEY.as_bytes()),
        ("empty.key", b""),
        ("blank.key", b"a b"),
        ("empty.json", b"{}"),
        ("elsewhere.json", br#"{"control_url":"http://127.0.0.1:1","control_token":"x"}"#),
    ] {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    dir
}

#[test]
fn whatever_goes_wrong_is_said_in_one_language() {
    let dir = folder();
    let mut wrong = String::new();
    for words in REFUSED {
        let chinese = paydesk(dir.path(), "zh-CN", words);
        let english = paydesk(dir.path(), "en", words);
        assert!(!chinese.status.success(), "{words:?}: {}", said(&chinese));
        assert_eq!(chinese.status, english.status, "{words:?}");
        let (chinese, english) = (said(&chinese), said(&english));
        if prose(&chinese).is_some() || !has_chinese(&chinese) || chinese.contains("{") {
            wrong += &format!("{words:?}: {chinese}");
        }
        // What a person typed and what WeChat Pay says stays as it is.
        let own = words.iter().any(|word| has_chinese(word))
            || english.contains("answered_no")
            || english.contains("[refused]");
        if has_chinese(&english) && !own {
            wrong += &format!("{words:?}: {english}");
        }
        for sloppy in [" :", "  .", "；。", "：。", "（）", "“”"] {
            if chinese.contains(sloppy) && !words.contains(&"") {
                wrong += &format!("{words:?} ({sloppy}): {chinese}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn programs_get_codes_and_no_sentence_but_the_message() {
    let dir = folder();
    for words in [
        ["order", "create", "--fen", "1", "--body", "", "--json"].as_slice(),
        &["micropay", "--auth-code", "12", "--fen", "1", "--body", "x", "--json"],
        &["sign", "broken.xml", "--key-file", "good.key", "--json"],
        &["verify", "no-such-file.xml", "--json"],
    ] {
        let of =
            |lang| -> Value { serde_json::from_slice(&paydesk(dir.path(), lang, words).stdout).unwrap() };
        let (chinese, english) = (of("zh-CN"), of("en"));
        assert_eq!(chinese["error"]["params"], english["error"]["params"], "{words:?}");
        assert_ne!(chinese["error"]["message"], english["error"]["message"], "{words:?}");
        let detail = english["error"]["params"]["detail"].as_str().unwrap();
        assert!(!detail.contains(' ') && detail.contains('.'), "{words:?}: {detail}");
    }
}

#[test]
fn a_key_typed_in_the_wrong_place_is_not_repeated() {
    let dir = folder();
    let with_dashes = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
    for key in [KEY, with_dashes, "abcdefghijklmnopqrstuvwxyzabcdef"] {
        let option = format!("--key={key}");
        let glued = format!("-k{key}");
        for words in [
            [key].as_slice(),
            &["order", key],
            &["demo", key],
            &["resolve", key],
            &["merchant", "set-key", key],
            &["merchant", "set-key", "shop", key],
            &["merchant", "set-key", "shop", "api-v2", key],
            &["merchant", "set-key", "shop", &option],
            &["merchant", "set-key", "shop", &glued],
            &["merchant", "set-key", "simulated", "--key-file", key],
            &["merchant", "add", key, "--environment", key],
            &["merchant", "remove", key, "--yes"],
            &["verify", "order.xml", "--key-file", key],
            &["verify", "order.xml", "--sign-type", key],
            &["sign", "order.xml", "--key-file", key],
            &["sign", "order.xml", key],
            &["order", "list", "--merchant", key],
            &["order", "list", "--limit", key],
            &["order", "create", "--amount", key, "--body", "x"],
        ] {
            for lang in ["zh-CN", "en"] {
                for json in [&[][..], &["--json"]] {
                    let output = paydesk(dir.path(), lang, &[words, json].concat());
                    let text = said(&output);
                    assert!(!output.status.success(), "{words:?}: {text}");
                    assert!(!text.contains(key) && !text.contains(&key[8..]), "{words:?}: {text}");
                }
            }
        }
    }
}

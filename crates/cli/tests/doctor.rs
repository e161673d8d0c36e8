//! `verify` where the signature is wrong, and what belongs to it: each flag, its exit status, and no key on any way out.

use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// WeChat Pay's documents publish it.
const KEY: &str = "192006250b4c09247ec02edce69f6a2d";
/// Made up.
const OTHER: &str = "otherOTHERotherOTHERotherOTHER02";

const REQUEST: &str = "<xml><appid>wxd930ea5d5a258f4f</appid><mch_id>10000100</mch_id><device_info>1000</device_info>\
    <body>test</body><nonce_str>ibuaiVcKdpRxkhJA</nonce_str><sign>9A0A8659F005D6984697E2CA0A9CF3B7</sign></xml>";
const STRING: &str =
    "appid=wxd930ea5d5a258f4f&body=test&device_info=1000&mch_id=10000100&nonce_str=ibuaiVcKdpRxkhJA";

/// The same request, its fields signed as they stand, with the published key.
const UNSORTED: &str = "<xml><mch_id>10000100</mch_id><appid>wxd930ea5d5a258f4f</appid>\
    <nonce_str>ibuaiVcKdpRxkhJA</nonce_str><body>test</body><device_info>1000</device_info>\
    <sign>DE60B47BA9F9A68D24282115C698E3C6</sign></xml>";

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
    let output = child.wait_with_output().unwrap();
    let everything = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(!everything.contains(OTHER), "a key in {everything}");
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("key"), KEY).unwrap();
    dir
}

#[test]
fn a_proven_cause_is_said_with_what_to_do_and_to_programs_whole() {
    let dir = folder();
    let verify = ["verify", "--key-file", "key"];
    let output = paydesk(dir.path(), &[&verify[..], &["--json"]].concat(), UNSORTED);
    assert_eq!(output.status.code(), Some(1));
    let view = answer(&output);
    assert_eq!(view["verdict"], "invalid");
    assert_eq!(view["expected"], "9A0A8659F005D6984697E2CA0A9CF3B7");
    let cause = &view["causes"][0];
    assert_eq!(
        (&cause["id"], &cause["proven"], &cause["explanation"]),
        (&"not_sorted".into(), &true.into(), &0.into())
    );
    assert_eq!(cause["fixes"].as_array().unwrap().len(), 6);
    assert_eq!(view["reproduction"]["tests"].as_array().unwrap().len(), 6);
    assert!(view["search"]["tried"].as_u64().unwrap() > 0);
    for (lang, why, fix) in [
        ("zh-CN", "原因：没有排序", "从小到大排序"),
        ("en", "why: the fields were not sorted", "Sort the names"),
    ] {
        let output = paydesk(dir.path(), &[&verify[..], &["--lang", lang]].concat(), UNSORTED);
        let shown = text(&output.stdout);
        assert!(shown.contains(why) && shown.contains(fix) && shown.contains("not_sorted"), "{shown}");
        assert!(!shown.contains("label.") && !shown.contains(KEY), "{shown}");
    }
}

#[test]
fn the_mistake_can_be_had_as_a_failing_test() {
    let dir = folder();
    for (language, mark) in [
        ("node", "node:test"),
        ("python", "unittest"),
        ("java", "class "),
        ("go", "testing"),
        ("php", "<?php"),
        ("rust", "#[test]"),
    ] {
        let words = ["verify", "--key-file", "key", "--reproduction", language];
        let output = paydesk(dir.path(), &words, UNSORTED);
        let code = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(code.contains(mark) && !code.contains("ibuaiVcKdpRxkhJA"), "{language}: {code}");
    }
    // There is nothing to make again, and the message itself does not stand in its place.
    let output = paydesk(
        dir.path(),
        &["verify", "--key-file", "key", "--reproduction", "go", "--lang", "en"],
        REQUEST,
    );
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.is_empty(), "{output:?}");
    assert!(text(&output.stderr).contains("no mistake to make again"), "{output:?}");
}

#[test]
fn the_developers_own_string_is_compared_at_the_character() {
    let dir = folder();
    for (string, difference) in [
        (STRING.to_owned(), None),
        (format!("{STRING}&key={KEY}\n"), None),
        (format!("{STRING}&key={OTHER}"), Some((STRING.len() + 5, STRING.len() + 5))),
        (STRING.replace("test", "tést"), Some((31, 31))),
        (format!("{STRING}{OTHER}"), Some((STRING.len(), STRING.len()))),
        (format!("key={OTHER}&{STRING}"), Some((0, 0))),
        (String::new(), Some((0, 0))),
    ] {
        std::fs::write(dir.path().join("string"), &string).unwrap();
        let output =
            paydesk(dir.path(), &["verify", "--key-file", "key", "--string", "string", "--json"], REQUEST);
        // The message is judged by its own signature.
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let view = answer(&output);
        let at = &view["difference"];
        let found = at.as_object().map(|at| {
            let number = |name: &str| usize::try_from(at[name].as_u64().unwrap()).unwrap();
            (number("at_byte"), number("at_character"))
        });
        assert_eq!(found, difference, "{string}: {at}");
    }
    std::fs::write(dir.path().join("string"), STRING.replace("test", "最好")).unwrap();
    for (lang, words) in [("zh-CN", "第 31 个字符起不同"), ("en", "differs from character 31 on")] {
        let words_given = ["verify", "--key-file", "key", "--string", "string", "--lang", lang];
        let shown = text(&paydesk(dir.path(), &words_given, REQUEST).stdout);
        let mark = shown.lines().find(|line| line.contains('^')).unwrap();
        assert!(mark.contains(words), "{mark}");
        let said = shown.lines().find(|line| line.contains("最好")).unwrap();
        // The label before both is as wide in both lines, but for wide characters that are two columns each.
        let column = |line: &str, mark: &str| {
            let before = line.split(mark).next().unwrap();
            before.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>()
        };
        assert_eq!(column(mark, "^"), column(said, "最好"), "\n{said}\n{mark}");
    }
}

/// A mini program's call has no appId, though it is signed: the order beside it has one.
#[test]
fn a_second_document_says_what_the_first_lacks() {
    let dir = folder();
    std::fs::write(dir.path().join("order"), REQUEST).unwrap();
    let call = "wx.requestPayment({ timeStamp: '1414561699', nonceStr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS', \
                package: 'prepay_id=wx201410272009395522657a690389285100', signType: 'MD5', \
                paySign: 'FD19D752A746E5F238A6E53BD99EEBD0' })";
    let alone = paydesk(dir.path(), &["verify", "--key-file", "key", "--json"], call);
    assert_eq!(
        (alone.status.code(), &answer(&alone)["verdict"]),
        (Some(2), &"undecidable".into()),
        "{alone:?}"
    );
    let words = ["verify", "--key-file", "key", "--with", "order", "--json"];
    let with = paydesk(dir.path(), &words, call);
    assert_eq!((with.status.code(), &answer(&with)["verdict"]), (Some(0), &"valid".into()), "{with:?}");
    let reused = call.replace("FD19D752A746E5F238A6E53BD99EEBD0", "9A0A8659F005D6984697E2CA0A9CF3B7");
    let view = answer(&paydesk(dir.path(), &words, &reused));
    assert_eq!(view["causes"][0]["id"], "order_sign_reused", "{view:#}");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let dir = folder();
    for words in [
        &["verify", "--key-file", "-"][..],
        &["verify", "--with", "-", "-"],
        &["verify", "key", "--with", "-", "--string", "-"],
        &["verify", "--lines", "--with", "key"],
        &["verify", "--lines", "--reproduction", "go"],
        &["verify", "--reproduction", "cobol"],
        &["verify", "--list-causes", "--lines"],
        &["jssdk", "sign", "--url", "https://shop.example/"],
        &["jssdk", "sign", "--url", "shop.example", "--ticket-file", "key"],
    ] {
        assert_eq!(paydesk(dir.path(), words, "").status.code(), Some(2), "{words:?}");
    }
}

#[test]
fn every_cause_is_listed_in_both_languages() {
    let dir = folder();
    let output = paydesk(dir.path(), &["verify", "--list-causes", "--json"], "");
    let causes = answer(&output);
    let causes = causes.as_array().unwrap();
    assert!(causes.len() > 45);
    for lang in ["zh-CN", "en"] {
        let shown = text(&paydesk(dir.path(), &["verify", "--list-causes", "--lang", lang], "").stdout);
        for cause in causes {
            assert!(shown.lines().any(|line| cause["id"] == line), "{}", cause["id"]);
        }
        assert!(!shown.contains("cause."), "{shown}");
    }
    // Nothing was opened for it.
    assert!(!dir.path().join("paydesk").exists());
}

#[test]
fn wx_config_is_signed_as_published() {
    let dir = folder();
    let ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";
    std::fs::write(dir.path().join("ticket"), ticket).unwrap();
    let words = [
        "jssdk",
        "sign",
        "--url",
        "http://mp.weixin.qq.com?params=value",
        "--ticket-file",
        "ticket",
        "--nonce-str",
        "Wm3WZYTPz0wzccnW",
        "--timestamp",
        "1414587457",
    ];
    let output = paydesk(dir.path(), &[&words[..], &["--json"]].concat(), "");
    let view = answer(&output);
    assert_eq!(view["signature"], "0f9de62fce790f9a083d5c99e95740ceb90c27ed");
    for name in ["appId", "timestamp", "nonceStr", "url", "string_to_sign", "call"] {
        assert!(!view[name].is_null(), "{name}: {view:#}");
    }
    let shown = text(&paydesk(dir.path(), &words, "").stdout);
    assert!(shown.contains("wx.config({") && !shown.contains("label."), "{shown}");
    assert!(!(shown + &text(&output.stdout)).contains(&ticket[..12]));
}

/// The pair of the core issue: one signature proves two payments.
#[test]
fn an_ambiguous_notice_is_a_no_with_the_other_payment_shown() {
    let dir = folder();
    let attach = "A&bank_type=CFT&cash_fee=88000&fee_type=CNY&is_subscribe=N&mch_id=10000100&nonce_str=n&openid=o&\
                  out_trade_no=PD2026112199999&result_code=SUCCESS&return_code=SUCCESS&time_end=20261121140509&\
                  total_fee=88000&trade_type=JSAPI&transaction_id=4200000000202611219999999999&z=1";
    let fields = serde_json::json!({
        "appid": "wxd930ea5d5a258f4f", "attach": attach, "bank_type": "OTHERS", "cash_fee": "1", "fee_type": "CNY",
        "is_subscribe": "N", "mch_id": "10000100", "nonce_str": "n", "openid": "o", "out_trade_no": "PD2026112100017",
        "result_code": "SUCCESS", "return_code": "SUCCESS", "time_end": "20261121140509", "total_fee": "1",
        "trade_type": "JSAPI", "transaction_id": "4200000000202611210000000017",
    });
    let xml = paydesk(dir.path(), &["sign", "--key-file", "key", "--output", "xml"], &fields.to_string());
    let xml = text(&xml.stdout);
    let output = paydesk(dir.path(), &["verify", "--key-file", "key", "--json"], &xml);
    let view = answer(&output);
    assert_eq!((output.status.code(), &view["verdict"]), (Some(1), &"ambiguous".into()), "{view:#}");
    let other = view["other_reading"].as_array().unwrap();
    let value =
        |name: &str| other.iter().find(|field| field["name"] == name).map(|field| field["value"].clone());
    assert_eq!(
        (value("out_trade_no"), value("total_fee")),
        (Some("PD2026112199999".into()), Some("88000".into()))
    );
    let shown = text(&paydesk(dir.path(), &["verify", "--key-file", "key", "--lang", "en"], &xml).stdout);
    assert!(shown.contains("the other reading of the same signature") && shown.contains("88000"), "{shown}");
}

/// An answer is there before the next line is sent, as with `tail -f`.
#[test]
fn a_line_is_answered_before_the_next_one_comes() {
    use std::io::{BufRead as _, BufReader};
    let dir = folder();
    let mut child = Command::new(env!("CARGO_BIN_EXE_paydesk"))
        .env_clear()
        .arg("--data-dir")
        .arg(dir.path().join("paydesk"))
        .args(["verify", "--lines", "--key-file"])
        .arg(dir.path().join("key"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for (line, verdict) in [(REQUEST, "valid"), (UNSORTED, "invalid"), (REQUEST, "valid"), ("x", "malformed")]
    {
        writeln!(input, "{line}").unwrap();
        let mut answer = String::new();
        output.read_line(&mut answer).unwrap();
        let view: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(view["verdict"], verdict, "{view:#}");
    }
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

/// Found by a stranger: a character counted from 1 and a byte from 0, and two rows that were the same.
#[test]
fn where_the_string_differs_is_counted_from_one() {
    let dir = folder();
    for (string, said, not) in [
        (STRING.replace("test", "tést"), "character 32 on (byte 32)", "string_with_other_key"),
        (format!("{STRING}&key={OTHER}"), "string_with_other_key", "yours"),
    ] {
        std::fs::write(dir.path().join("string"), &string).unwrap();
        let words = ["verify", "--key-file", "key", "--string", "string", "--lang", "en"];
        let shown = text(&paydesk(dir.path(), &words, REQUEST).stdout);
        assert!(shown.contains(said) && !shown.contains(not), "{shown}");
        assert_eq!(shown.matches("string_with_other_key").count(), usize::from(not == "yours"), "{shown}");
    }
}

//! What the program says before anything is done: its help, its refusals of settings, its tables.

use serde_json::Value;
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

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn done(folder: &Path, words: &[&str]) -> String {
    let output = paydesk(folder, words);
    assert!(output.status.success(), "{words:?}: {output:?}");
    text(&output.stdout)
}

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// How many columns a terminal gives a text.
fn width(text: &str) -> usize {
    text.chars().map(|c| if ('\u{2E80}'..='\u{FF60}').contains(&c) { 2 } else { 1 }).sum()
}

#[test]
fn help_says_what_a_status_means_and_what_a_plan_may_say() {
    let dir = tempfile::tempdir().unwrap();
    for (lang, heading, no) in [("zh-CN", "退出码：", "1  否"), ("en", "Exit status:", "1  no")] {
        let help = done(dir.path(), &["verify", "--help", "--lang", lang]);
        assert!(help.contains(heading) && help.contains(no), "{help}");
    }
    // What the simulator knows, its reader says of a kind that it does not know.
    let plan = r#"{"fault":{"kind":"?"}}"#;
    let ends = [
        serde_json::from_str::<simulator::fault::FaultRule>(plan).unwrap_err().to_string(),
        serde_json::from_str::<simulator::fault::NoticeFaultRule>(plan).unwrap_err().to_string(),
    ];
    let kinds: Vec<_> = ends.iter().flat_map(|end| end.split('`').skip(1).step_by(2)).collect();
    let kinds: Vec<_> = kinds.into_iter().filter(|word| *word != "?").collect();
    assert!(kinds.len() >= 24, "{ends:?}");
    for lang in ["zh-CN", "en"] {
        let help = done(dir.path(), &["simulator", "fault", "--help", "--lang", lang]);
        let notes = help.split_once("timeout_after\"}}'").unwrap().1;
        for word in kinds.iter().chain(&["path", "number", "skip", "times"]) {
            assert!(notes.contains(word), "{word} is not told in {lang}: {help}");
        }
    }
    for kind in [
        r#"{"kind":"lost","attempts":1}"#,
        r#"{"kind":"repeated","times":1}"#,
        r#"{"kind":"late","ms":5}"#,
        r#"{"kind":"reordered"}"#,
        r#"{"kind":"err_code","code":"BIZERR_NEED_RETRY"}"#,
        r#"{"kind":"bank_error","effect":true}"#,
        r#"{"kind":"delay","ms":5}"#,
        r#"{"kind":"slow_bytes","ms":5}"#,
    ] {
        done(dir.path(), &["simulator", "fault", &format!(r#"{{"number":"x","times":1,"fault":{kind}}}"#)]);
    }
}

/// An answer that nobody can be given is no success, and nothing is done for it.
#[cfg(unix)]
#[test]
fn a_closed_standard_output_is_a_failure_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let shell = |line: &str| {
        let mut command = Command::new("sh");
        command
            .args(["-c", line])
            .env("PAYDESK", env!("CARGO_BIN_EXE_paydesk"))
            .env("DATA", dir.path().join("paydesk"));
        command.output().unwrap()
    };
    let order = "order create --amount 5 --body coffee --out-trade-no closed-1 --lang en";
    for (words, ends) in [
        ("order list --lang en", ">&-"),
        ("order list --lang en --json", ">&-"),
        ("order list --lang en", "<&- >&-"),
        ("order list --lang en", "1</dev/null"),
        ("--help --lang en", ">&-"),
        (order, ">&-"),
    ] {
        let output = shell(&format!("\"$PAYDESK\" --data-dir \"$DATA\" {words} {ends}"));
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(5), "{words} {ends}: {output:?}");
        assert!(said.contains("[stdout_closed]") && said.contains("closed"), "{words} {ends}: {said}");
    }
    // Not even the order was made; and what is thrown away on purpose is.
    assert!(!done(dir.path(), &["order", "list"]).contains("closed-1"));
    for ends in ["> /dev/null", ">> /dev/null", "<> /dev/null >&0", "2>&- | cat"] {
        let output = shell(&format!("\"$PAYDESK\" --data-dir \"$DATA\" order list {ends}"));
        assert_eq!(output.status.code(), Some(0), "{ends}: {output:?}");
    }
}

const ADD: [&str; 10] = [
    "merchant",
    "add",
    "shop",
    "--environment",
    "simulated",
    "--mch-id",
    "1900000109",
    "--appid",
    "wx8888888888888888",
    "--gateway-url",
];

#[test]
fn a_gateway_is_scheme_host_and_port() {
    let dir = tempfile::tempdir().unwrap();
    for url in [
        "http://127.0.0.1:8080/pay",
        "http://127.0.0.1:8080//",
        "http://127.0.0.1:8080/?x=1",
        "http://127.0.0.1:8080?x=1",
        "http://127.0.0.1:8080#x",
        "http://user:secret@127.0.0.1:8080",
        "http://user@localhost",
        "http://user:secret@pay.example/path",
        "http://127.0.0.1:port",
        "http://127.0.0.1:",
        "http://[::1]x",
        "http://127.0.0.1:99999",
        "http://pay.example",
        "ftp://127.0.0.1",
        "127.0.0.1:8080",
        "",
    ] {
        let output = paydesk(dir.path(), &[ADD.as_slice(), &[url, "--json"]].concat());
        assert_eq!(output.status.code(), Some(2), "{url}: {output:?}");
        let error = answer(&output);
        assert_eq!(error["error"]["code"], "invalid_field", "{url}");
        assert_eq!(error["error"]["params"]["field"], "gateway_url", "{url}");
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(!said.contains("secret"), "{said}");
        assert_eq!(said.contains("password"), url.contains('@'), "{url}: {said}");
    }
    assert_eq!(
        answer(&paydesk(dir.path(), &["merchant", "list", "--json"])).as_array().map(Vec::len),
        Some(1)
    );
    for (name, url) in [("a", "http://127.0.0.1:8080/"), ("b", "https://[::1]:9"), ("c", "http://localhost")]
    {
        let mut words = ADD;
        (words[2], words[6]) =
            (name, ["1900000101", "1900000102", "1900000103"][usize::from(name.as_bytes()[0] - b'a')]);
        let output = paydesk(dir.path(), &[words.as_slice(), &[url, "--json"]].concat());
        // Its view needs the keychain; what is stored does not.
        let _ = output;
        let stored = std::fs::read_to_string(dir.path().join("paydesk/merchants.json")).unwrap();
        assert!(stored.contains(&format!("\"{}\"", url.trim_end_matches('/'))), "{stored}");
    }
}

#[test]
fn the_sandbox_key_is_for_a_merchant_of_the_sandbox() {
    let dir = tempfile::tempdir().unwrap();
    let fetch = |name: &str| {
        let output = paydesk(dir.path(), &["merchant", "fetch-sandbox-key", name, "--json"]);
        (output.status.code(), answer(&output)["error"]["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(fetch("simulated"), (Some(2), "not_in_sandbox".into()));
    assert_eq!(fetch("nobody"), (Some(2), "no_such_merchant".into()));
}

#[test]
fn tables_fit_a_narrow_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let number = "a-long-number-of-32-characters-1";
    let order =
        ["order", "create", "--amount", "12345.67", "--body", "很长很长的商品名称，写不下", "--out-trade-no"];
    done(dir.path(), &[order.as_slice(), &[number]].concat());
    done(dir.path(), &["simulator", "pay", number]);
    let refund =
        ["refund", "create", number, "--amount", "1", "--out-refund-no", "refund-of-the-long-number-000001"];
    done(dir.path(), &[refund.as_slice(), &["--reason", "顾客不要了，东西已经退回来了", "--yes"]].concat());
    let fault = r#"{"path":"/secapi/pay/refund","fault":{"kind":"timeout_after"}}"#;
    done(dir.path(), &["simulator", "fault", fault]);
    let fault = r#"{"path":"/pay/refundquery","times":9,"fault":{"kind":"timeout_before"}}"#;
    done(dir.path(), &["simulator", "fault", fault]);
    let lost =
        ["refund", "create", number, "--amount", "2", "--out-refund-no", "lost-of-the-long-number-00000001"];
    assert_eq!(paydesk(dir.path(), &[lost.as_slice(), &["--yes"]].concat()).status.code(), Some(4));
    for lang in ["zh-CN", "en"] {
        for (words, kept) in [
            (vec!["order", "list"], vec![number, "¥12,345.67"]),
            (vec!["refund", "list"], vec!["refund-of-the-long-number-000001", "-¥1.00"]),
            (vec!["requests", "list"], vec![number]),
            (vec!["merchant", "list"], vec!["simulated"]),
            (vec!["merchant", "show"], vec!["SIMU"]),
            (vec!["resolve"], vec!["lost-of-the-long-number-00000001", "¥2.00"]),
        ] {
            for columns in ["60", "80", "120"] {
                let words = [words.as_slice(), &["--lang", lang]].concat();
                let output = command(dir.path(), &words).env("COLUMNS", columns).output().unwrap();
                let shown = text(&output.stdout);
                // The other lines are sentences.
                let table: Vec<_> = shown.lines().filter(|line| line.starts_with("  ")).collect();
                assert!(table.len() >= 2, "{words:?}: {shown}");
                for line in &table {
                    assert!(width(line) <= columns.parse().unwrap(), "{words:?} at {columns}:\n{shown}");
                }
                for text in &kept {
                    assert!(shown.contains(text), "{text} is lost, {words:?} at {columns}:\n{shown}");
                }
            }
        }
        let wide = done(dir.path(), &["order", "list", "--lang", lang]);
        assert!(
            wide.contains("很长很长的商品名称") && wide.contains("native"),
            "a pipe has no width: {wide}"
        );
        let list = [["order", "list", "--lang", lang].as_slice()].concat();
        let narrow = command(dir.path(), &list).env("COLUMNS", "60").output().unwrap();
        assert!(!text(&narrow.stdout).contains("native"), "{}", text(&narrow.stdout));
    }
}

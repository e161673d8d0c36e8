//! Runs every example that any command's help shows, in a folder of its own and without a shell.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The order in which the examples of the commands run: each stands on those before it.
const ORDER: [&str; 51] = [
    "demo",
    "merchant",
    "merchant add",
    "merchant list",
    "merchant set",
    "merchant set-key",
    "merchant import-cert",
    "merchant fetch-sandbox-key",
    "merchant remove",
    "merchant show",
    "merchant check",
    "order",
    "",
    "order create",
    "simulator pay",
    "simulator fail",
    "order query",
    "order list",
    "order close",
    "pay-params",
    "micropay",
    "reverse",
    "refund",
    "refund create",
    "simulator refund-result",
    "refund query",
    "refund list",
    "resolve",
    "verify",
    "sign",
    "decrypt",
    "jssdk",
    "jssdk sign",
    "requests",
    "requests list",
    "requests show",
    "simulator",
    "simulator advance",
    "simulator auth-code",
    "simulator fault",
    "simulator reset",
    "simulator serve",
    "export",
    "export payments",
    "ledger",
    "ledger info",
    "ledger check",
    "ledger backup",
    "ledger restore",
    "ledger salvage",
    "ledger accept",
];

/// Also examples, of what needs no merchant and no ledger.
const ANY_TIME: [&str; 2] = ["completions", "man"];

/// What needs a keychain ends in 5 on a computer that has none, as this test makes this one.
const NEEDS_KEYCHAIN: [&str; 2] = ["merchant set-key", "merchant import-cert"];

/// What needs a key that could not be stored there, and sends nothing without it.
const NEEDS_KEY: [&str; 1] = ["merchant fetch-sandbox-key"];

fn paydesk(folder: &Path, words: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_paydesk"))
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("XDG_DATA_HOME", folder.join("data"))
        // No keychain of whoever runs the test is touched.
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .args(words)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The help of a command.
fn help(path: &[String]) -> String {
    let mut words = path.to_vec();
    words.push("--help".into());
    let output = paydesk(Path::new("/"), &words);
    assert!(output.status.success(), "{path:?} --help");
    String::from_utf8(output.stdout).unwrap()
}

/// The names under `Commands:`.
fn subcommands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| !line.trim().is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).map(ToOwned::to_owned).collect()
}

struct Example {
    line: String,
    words: Vec<String>,
    status: i32,
}

/// `$ paydesk a "b c" 'd'  # exit 1`
fn example(line: &str) -> Example {
    let (command, status) = match line.split_once("  # exit ") {
        Some((command, status)) => (command, status.trim().parse().unwrap()),
        None => (line, 0),
    };
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in command.chars() {
        match (c, quote) {
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, Some(open)) if c == open => quote = None,
            (' ', None) => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    assert!(quote.is_none(), "an open quote in {line}");
    words.extend(word);
    assert_eq!(words.remove(0), "paydesk", "{line}");
    Example { line: line.to_owned(), words, status }
}

fn examples(help: &str) -> Vec<Example> {
    let examples = help.split_once("Examples:\n").map_or("", |(_, examples)| examples);
    // A line that ends in a backslash goes on in the next one, as in a shell.
    let joined = examples.split(" \\\n").map(str::trim_start).collect::<Vec<_>>().join(" ");
    joined.lines().filter_map(|line| line.trim().strip_prefix("$ ")).map(example).collect()
}

fn collect(path: &[String], all: &mut Vec<(String, Vec<Example>)>) {
    let help = help(path);
    all.push((path.join(" "), examples(&help)));
    for name in subcommands(&help) {
        collect(&path.iter().cloned().chain([name]).collect::<Vec<_>>(), all);
    }
}

/// The files that the examples name. Keys in them are published or made up.
fn lay_out(folder: &Path) {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/sign");
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(fixtures.join(name)).unwrap()).unwrap()
    };
    let official = &read("official-4_3.json")["vectors"][0];
    let request = official["document"].as_str().unwrap();
    write("request.xml", request);
    write("forged.xml", &request.replace("test", "rest"));
    write("requests.jsonl", &format!("{request}\r\n{request}\n"));
    write("signed.txt", "appid=wxd930ea5d5a258f4f&body=test&device_info=1000&mch_id=10000100");
    // What a mini program calls: without the appId, which is signed all the same.
    write(
        "call.js",
        "wx.requestPayment({ timeStamp: '1414561699', nonceStr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS', \
         package: 'prepay_id=wx201410272009395522657a690389285100', signType: 'MD5', \
         paySign: 'FD19D752A746E5F238A6E53BD99EEBD0' })",
    );
    write(
        "unsorted.xml",
        "<xml><mch_id>10000100</mch_id><appid>wxd930ea5d5a258f4f</appid><nonce_str>ibuaiVcKdpRxkhJA</nonce_str>\
         <body>test</body><device_info>1000</device_info><sign>DE60B47BA9F9A68D24282115C698E3C6</sign></xml>",
    );
    write(
        "ticket.txt",
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
    );
    write("key.txt", &format!("{}\n", official["key"].as_str().unwrap()));
    write("fields.json", r#"{"appid":"wxd930ea5d5a258f4f","body":"测试","total_fee":1}"#);
    let notices = read("refund-req-info.json");
    let whole = |vector: &&serde_json::Value| vector["plain"].as_str().unwrap().starts_with("<root>");
    let notice = notices["vectors"].as_array().unwrap().iter().find(whole).unwrap();
    write("refund-notice.txt", notice["req_info"].as_str().unwrap());
    write("notice-key.txt", notice["api_key"].as_str().unwrap());
    let p12 = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vault/tests/fixtures/legacy_3des.p12");
    std::fs::copy(p12, folder.join("apiclient_cert.p12")).unwrap();
}

#[test]
fn every_example_runs() {
    let mut all = Vec::new();
    collect(&[], &mut all);
    assert!(all.len() >= ORDER.len() + ANY_TIME.len(), "help was not walked through");
    for (path, examples) in &all {
        assert!(!examples.is_empty(), "`{path}` shows no example");
    }
    let known: BTreeSet<_> = ORDER.into_iter().chain(ANY_TIME).collect();
    let shown: BTreeSet<_> = all.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(known, shown, "this test must name every command");

    let dir = tempfile::tempdir().unwrap();
    let folder: PathBuf = dir.path().canonicalize().unwrap();
    lay_out(&folder);
    // The noun's own example is one of its verbs'.
    for path in ORDER.into_iter().chain(ANY_TIME) {
        let (_, examples) = all.iter().find(|(shown, _)| shown == path).unwrap();
        for example in examples {
            let output = paydesk(&folder, &example.words);
            let said = String::from_utf8_lossy(&output.stderr);
            let status = output.status.code();
            if NEEDS_KEYCHAIN.contains(&path) {
                assert_eq!(status, Some(5), "{}\n{said}", example.line);
                assert!(said.contains("[keychain_"), "{}\n{said}", example.line);
                continue;
            }
            if NEEDS_KEY.contains(&path) {
                assert_eq!(status, Some(2), "{}\n{said}", example.line);
                assert!(said.contains("my-sandbox-shop") && said.contains("[key_missing]"), "{said}");
                continue;
            }
            assert_eq!(
                status,
                Some(example.status),
                "{}\n{}\n{said}",
                example.line,
                String::from_utf8_lossy(&output.stdout)
            );
        }
    }
    for made in ["payments.csv", "everything.csv", "ledger-backup.db", "man-pages"] {
        assert!(folder.join(made).exists(), "{made} was not made");
    }
}

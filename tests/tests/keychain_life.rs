//! A merchant's whole life as a user would live it: the real `paydesk`, a real OS keychain, a real certificate
//! over HTTPS, real notices over a socket. The gateway is `paydesk simulator serve --tls`.
//!
//! `cargo xtask test` runs this on a gnome-keyring of its own (see `xtask/src/keychain.rs`). Anywhere else it
//! says that it was not asked for, because the user's own keychain is not ours to write to.
#![allow(clippy::print_stdout, reason = "a test that was not asked for says so")]

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

fn paydesk() -> Option<PathBuf> {
    if std::env::var("PAYDESK_TEST_KEYCHAIN").as_deref() != Ok("real") {
        println!("the keychain test was not asked for: `cargo xtask test` runs it");
        return None;
    }
    Some(PathBuf::from(std::env::var_os("PAYDESK").expect("PAYDESK names the program to test")))
}

struct Shop {
    program: PathBuf,
    dir: tempfile::TempDir,
}

impl Shop {
    /// Runs `paydesk` with `--json`. Gives its exit status and its answer.
    fn run(&self, words: &[&str]) -> (i32, Value) {
        self.run_with(words, &[])
    }

    fn run_with(&self, words: &[&str], variables: &[(&str, &str)]) -> (i32, Value) {
        let output = Command::new(&self.program)
            .args(words)
            .arg("--json")
            .arg("--data-dir")
            .arg(self.dir.path().join("data"))
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let answer = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!(
                "{words:?} did not answer in JSON ({error}): {} {}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            )
        });
        (output.status.code().unwrap(), answer)
    }

    fn ok(&self, words: &[&str]) -> Value {
        let (status, answer) = self.run(words);
        assert_eq!(status, 0, "{words:?}: {answer:#}");
        answer
    }

    fn refused(&self, words: &[&str]) -> (i32, String) {
        let (status, answer) = self.run(words);
        let code = answer["error"]["code"].as_str().unwrap_or_else(|| panic!("{words:?} worked: {answer:#}"));
        (status, code.to_owned())
    }

    fn file(&self, name: &str, contents: &[u8]) -> String {
        let path = self.dir.path().join(name);
        std::fs::write(&path, contents).unwrap();
        path.display().to_string()
    }
}

/// `paydesk simulator serve`, told to end when this is dropped.
struct Gateway {
    child: Child,
    said: Value,
    line: String,
}

impl Gateway {
    fn serve(program: &Path, dir: &Path) -> Self {
        let mut child = Command::new(program)
            .args(["simulator", "serve", "--tls", "--until-stdin-ends", "--data-dir"])
            .arg(dir.join("gateway"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        Self { child, said, line }
    }

    fn text(&self, name: &str) -> &str {
        self.said[name].as_str().unwrap_or_else(|| panic!("serve said no {name}: {}", self.line))
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The shop's own server: keeps every notice and answers SUCCESS.
fn listen() -> (String, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/notify", listener.local_addr().unwrap());
    let (notice, notices) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Some(body) = stream.ok().and_then(take_notice) else { continue };
            if notice.send(body).is_err() {
                return;
            }
        }
    });
    (url, notices)
}

fn take_notice(mut stream: TcpStream) -> Option<Vec<u8>> {
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let answer =
        "<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>";
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(answer.as_bytes()).ok()?;
    Some(body)
}

/// `apiclient_cert.p12` as WeChat Pay hands it out: RC2 and 3DES, under the merchant number.
fn p12(shop: &Shop, gateway: &Gateway) -> String {
    let file = shop.dir.path().join("apiclient_cert.p12");
    let made = Command::new("openssl")
        .args(["pkcs12", "-export", "-legacy", "-in", gateway.text("cert_file")])
        .arg("-out")
        .arg(&file)
        .arg("-passout")
        .arg(format!("pass:{}", gateway.text("mch_id")))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    file.display().to_string()
}

#[test]
fn a_merchants_whole_life() {
    let Some(program) = paydesk() else { return };
    let shop = Shop { program, dir: tempfile::tempdir().unwrap() };
    let gateway = Gateway::serve(&shop.program, shop.dir.path());
    let served = shop.file("served.json", gateway.line.as_bytes());
    let (notify_url, notices) = listen();
    let next = || notices.recv_timeout(Duration::from_secs(20)).expect("no notice came");

    shop.ok(&[
        "merchant",
        "add",
        "bakery",
        "--environment",
        "simulated",
        "--mch-id",
        gateway.text("mch_id"),
        "--appid",
        gateway.text("appid"),
        "--gateway-url",
        gateway.text("url"),
        "--gateway-ca",
        gateway.text("ca_file"),
        "--notify-url",
        &notify_url,
        "--sign-type",
        "HMAC-SHA256",
    ]);
    assert_eq!(shop.refused(&["merchant", "check", "bakery"]).1, "key_missing");
    // A wrong key is told apart from everything else by one harmless query.
    let wrong = shop.file("wrong.txt", b"SYNTHETICwrongSYNTHETICwrong0001");
    shop.ok(&["merchant", "set-key", "bakery", "--key-file", &wrong]);
    let (status, check) = shop.run(&["merchant", "check", "bakery"]);
    assert_eq!((status, &check["ok"]), (1, &Value::Bool(false)), "{check:#}");
    shop.ok(&["merchant", "set-key", "bakery", "--key-file", gateway.text("key_file")]);
    let (_, check) = shop.run(&["merchant", "check", "bakery"]);
    let item =
        |id: &str| check["items"].as_array().unwrap().iter().find(|item| item["id"] == id).unwrap().clone();
    for id in ["reachable", "key", "mch_id", "appid"] {
        assert_eq!(item(id)["ok"], true, "{check:#}");
    }
    let shown = shop.ok(&["merchant", "show", "bakery"]);
    let kinds: Vec<_> = shown["keys"].as_array().unwrap().iter().map(|key| key["kind"].clone()).collect();
    assert_eq!(kinds, ["api_v2", "former"], "{shown:#}");

    // An order, paid; its notice, verified and recorded; the same notice again counts once.
    let made = shop.ok(&[
        "order",
        "create",
        "--amount",
        "88.00",
        "--body",
        "面包与咖啡",
        "--out-trade-no",
        "life-order-0001",
    ]);
    assert!(made["pay"]["code_url"].as_str().unwrap().starts_with("weixin://"), "{made:#}");
    shop.ok(&["simulator", "pay", "life-order-0001", "--served", &served]);
    let notice = shop.file("notice.xml", &next());
    let told = shop.ok(&["verify", &notice, "--record"]);
    assert_eq!((&told["verdict"], &told["recorded"]), (&Value::from("valid"), &Value::Bool(true)));
    assert!(told["checks"].as_array().unwrap().iter().all(|check| check["ok"] == true), "{told:#}");
    let again = shop.ok(&["verify", &notice]);
    let first = again["checks"].as_array().unwrap().iter().find(|check| check["id"] == "first_seen").unwrap();
    assert_eq!(first["ok"], false);
    let asked = shop.ok(&["order", "query", "--out-trade-no", "life-order-0001"]);
    assert_eq!(asked["state"], "paid");
    assert!(!asked["evidence"]["notice"].is_null() && !asked["evidence"]["query"].is_null(), "{asked:#}");

    // No certificate, no refund; and nothing was sent for it.
    let refund = [
        "refund",
        "create",
        "life-order-0001",
        "--amount",
        "8.00",
        "--out-refund-no",
        "life-refund-1",
        "--yes",
    ];
    assert_eq!(shop.refused(&refund).1, "certificate_missing");
    let certificate = shop.ok(&["merchant", "import-cert", "bakery", &p12(&shop, &gateway)]);
    assert_eq!(certificate["mch_id"], gateway.text("mch_id"));
    let went = shop.ok(&refund);
    assert_eq!((&went["state"], &went["refund_fen"]), (&Value::from("processing"), &Value::from(800)));
    assert_eq!(shop.ok(&refund)["refund_id"], went["refund_id"], "a second click made a second refund");
    shop.ok(&["simulator", "refund-result", "life-refund-1", "success", "--served", &served]);
    let notice = shop.file("refund-notice.xml", &next());
    let opened = shop.ok(&["decrypt", &notice]);
    assert!(opened["xml"].as_str().unwrap().contains("life-refund-1"));
    assert_eq!(shop.ok(&["verify", &notice, "--record"])["recorded"], true);
    let asked = shop.ok(&["refund", "query", "--out-refund-no", "life-refund-1"]);
    assert_eq!(asked[0]["state"], "success");
    assert_eq!(asked[0]["evidence"], serde_json::json!(["notice", "query"]));

    // A second order, closed.
    shop.ok(&["order", "create", "--amount", "1.00", "--body", "x", "--out-trade-no", "life-order-0002"]);
    assert_eq!(shop.ok(&["order", "close", "life-order-0002"])["state"], "closed");

    let book = shop.ok(&["ledger", "check", "--full"]);
    assert_eq!(book["ok"], true, "{book:#}");
    let csv = shop.dir.path().join("payments.csv");
    let written = shop.ok(&["export", "payments", "--output", csv.to_str().unwrap()]);
    assert_eq!(written["rows"], 2);
    assert!(std::fs::read_to_string(csv).unwrap().contains("面包与咖啡"));
    shop.ok(&["merchant", "remove", "bakery", "--yes"]);
    assert_eq!(shop.refused(&["merchant", "show", "bakery"]).1, "no_such_merchant");
}

#[test]
fn without_a_keychain_it_says_so() {
    let Some(program) = paydesk() else { return };
    let shop = Shop { program, dir: tempfile::tempdir().unwrap() };
    shop.ok(&[
        "merchant",
        "add",
        "bakery",
        "--environment",
        "live",
        "--confirm-live",
        "1900000109",
        "--mch-id",
        "1900000109",
        "--appid",
        "wx8888888888888888",
    ]);
    let key = shop.file("key.txt", b"SYNTHETICv2keySYNTHETICv2key0032");
    let words = ["merchant", "set-key", "bakery", "--key-file", &key];
    let (status, answer) = shop.run_with(&words, &[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")]);
    assert_eq!((status, answer["error"]["code"].as_str()), (5, Some("keychain_missing")), "{answer:#}");
    assert!(answer["error"]["message"].as_str().unwrap().len() > 20);
    // Nothing of it stands anywhere.
    for entry in walk(&shop.dir.path().join("data")) {
        let bytes = std::fs::read(&entry).unwrap();
        let found = bytes.windows(14).any(|window| window == b"SYNTHETICv2key");
        assert!(!found, "{} holds the key", entry.display());
    }
    // And the simulated merchant still works.
    shop.ok(&["--merchant", "simulated", "order", "create", "--amount", "1.00", "--body", "x"]);
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            files.extend(walk(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files
}

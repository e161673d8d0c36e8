//! Canary secrets go through every command of the real `paydesk`, and are looked for everywhere afterwards: in
//! what it prints, in its arguments and environment while it runs, and in every file it leaves.
//!
//! On a keychain of its own (`cargo xtask test`, see `xtask/src/keychain.rs`) they are stored and used against a
//! gateway that knows them. Without one they go through the commands that take a key once, and through the
//! refusals of those that would store it.
#![expect(clippy::print_stdout, reason = "the keychain runner reads whether a test was asked for")]

use base64::Engine as _;
use domain::Entropy;
use simulator::serve::{ServeOptions, Server, serve};
use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const API_V2: &str = "CANARYv2canaryCANARYv2canary0001";
const WRONG_V2: &str = "CANARYwrongkeyCANARYwrongkey0002";
const API_V3: &str = "CANARYv3canaryCANARYv3canary0003";
const APP_SECRET: &str = "ca4a12ca4a12ca4a12ca4a12ca4a0004";
const SANDBOX: &str = "CANARYsandboxCANARYsandbox000005";
const P12_PASSWORD: &str = "CANARYp12passwordCANARY0006";
const AUTH_CODE: &str = "134270617265006177";

/// How a secret could stand in a file: as it is, or in the ways in which programs write bytes down.
fn disguises(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    // Its middle, so that what a program cuts off or puts around it does not hide it.
    let piece = secret.get(2..secret.len() - 2).unwrap();
    let hex: String = piece.bytes().map(|byte| format!("{byte:02x}")).collect();
    let escaped: String = piece.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mut found = vec![
        ("as it is", piece.as_bytes().to_vec()),
        ("in small letters", piece.to_lowercase().into_bytes()),
        ("in capitals", piece.to_uppercase().into_bytes()),
        ("in hex", hex.clone().into_bytes()),
        ("in capital hex", hex.to_uppercase().into_bytes()),
        ("percent-encoded", escaped.into_bytes()),
        ("in UTF-16, little end first", piece.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("in UTF-16, big end first", piece.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        (
            "as a list of numbers",
            piece.bytes().map(|b| b.to_string()).collect::<Vec<_>>().join(", ").into_bytes(),
        ),
        (
            "as a tight list of numbers",
            piece.bytes().map(|b| b.to_string()).collect::<Vec<_>>().join(",").into_bytes(),
        ),
        ("backwards", piece.bytes().rev().collect()),
    ];
    for engine in
        [base64::engine::general_purpose::STANDARD_NO_PAD, base64::engine::general_purpose::URL_SAFE_NO_PAD]
    {
        for skip in 0..3 {
            // Wherever it begins in what is encoded, some whole groups of three bytes are in it.
            let whole = &piece.as_bytes()[skip..];
            let whole = &whole[..whole.len() / 3 * 3];
            found.push(("in base64", engine.encode(whole).into_bytes()));
        }
    }
    found
}

/// Every secret in every disguise, found in one walk over the bytes.
struct Secrets {
    /// A secret's name, a disguise, and how it looks in it.
    needles: Vec<(String, &'static str, Vec<u8>)>,
    /// By their first four bytes.
    begins: HashMap<[u8; 4], Vec<usize>>,
    /// Which first two bytes there are.
    likely: Vec<bool>,
}

impl Secrets {
    fn new() -> Self {
        let mut secrets = Self { needles: Vec::new(), begins: HashMap::new(), likely: vec![false; 1 << 16] };
        for (name, value) in [
            ("API v2 key", API_V2),
            ("wrong API v2 key", WRONG_V2),
            ("API v3 key", API_V3),
            ("AppSecret", APP_SECRET),
            ("sandbox key", SANDBOX),
            ("p12 password", P12_PASSWORD),
            ("payment code", AUTH_CODE),
        ] {
            secrets.add(name, value);
        }
        secrets
    }

    fn add(&mut self, name: &str, secret: &str) {
        for (how, bytes) in disguises(secret) {
            let begin = [bytes[0], bytes[1], bytes[2], bytes[3]];
            self.begins.entry(begin).or_default().push(self.needles.len());
            self.likely[usize::from(u16::from_be_bytes([begin[0], begin[1]]))] = true;
            self.needles.push((name.to_owned(), how, bytes));
        }
    }

    /// Every line of a private key.
    fn add_pem(&mut self, pem: &str) {
        let begin = pem.find("PRIVATE KEY").expect("a PEM with a private key");
        let lines: Vec<_> =
            pem[begin..].lines().filter(|line| line.len() > 40 && !line.contains('-')).collect();
        assert!(!lines.is_empty());
        for line in lines {
            self.add("private key", line);
        }
    }

    /// Says where any of them is.
    fn in_bytes(&self, place: &str, bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        for (at, pair) in bytes.windows(2).enumerate() {
            if !self.likely[usize::from(u16::from_be_bytes([pair[0], pair[1]]))] {
                continue;
            }
            let rest = &bytes[at..];
            let Some(begin) = rest.first_chunk::<4>() else { break };
            for (name, how, needle) in
                self.begins.get(begin).into_iter().flatten().map(|at| &self.needles[*at])
            {
                if rest.starts_with(needle) {
                    found.push(format!("the {name} stands {how} in {place}"));
                }
            }
        }
        found
    }
}

/// `paydesk` and everything seen of it.
struct Watched {
    program: PathBuf,
    folder: PathBuf,
    variables: Vec<(String, String)>,
    secrets: Secrets,
    found: Vec<String>,
    runs: usize,
    looks: usize,
}

impl Watched {
    fn new(program: PathBuf, folder: &Path, real: bool) -> Self {
        let mut variables = vec![("HOME".to_owned(), folder.display().to_string())];
        if real {
            for name in ["DBUS_SESSION_BUS_ADDRESS", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "PATH"] {
                variables.extend(std::env::var(name).ok().map(|value| (name.to_owned(), value)));
            }
        } else {
            variables.push(("DBUS_SESSION_BUS_ADDRESS".into(), "unix:path=/nonexistent/bus".into()));
        }
        let secrets = Secrets::new();
        Self { program, folder: folder.to_owned(), variables, secrets, found: Vec::new(), runs: 0, looks: 0 }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Writes a file that the user would give. It is not looked at afterwards.
    fn given(&self, name: &str, contents: &[u8]) -> String {
        let folder = self.folder.join("given");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, contents).unwrap();
        path.display().to_string()
    }

    /// Runs it twice (--verbose in English, --json --verbose) and looks at everything. Gives the last exit
    /// status and what it printed then.
    fn run(&mut self, words: &[&str], input: &[u8]) -> (i32, String) {
        let mut last = (0, String::new());
        for more in [["--verbose", "--verbose", "--lang=en"].as_slice(), &["--json", "--verbose"]] {
            last = self.once(words, more, input);
        }
        last
    }

    fn once(&mut self, words: &[&str], more: &[&str], input: &[u8]) -> (i32, String) {
        let mut child = Command::new(&self.program)
            .args(words)
            .args(more)
            .arg("--data-dir")
            .arg(self.data())
            .current_dir(&self.folder)
            .env_clear()
            .env("RUST_BACKTRACE", "1")
            .envs(self.variables.clone())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        self.runs += 1;
        let process = PathBuf::from(format!("/proc/{}", child.id()));
        let line = words.join(" ");
        // Read while it runs; what it was started with it keeps until it ends.
        let seen: Vec<_> =
            ["cmdline", "environ"].map(|name| (name, std::fs::read(process.join(name)))).into();
        let mut stdin = child.stdin.take().unwrap();
        let _ = stdin.write_all(input);
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        for (name, bytes) in seen {
            if let Ok(bytes) = bytes.as_ref().map(Vec::as_slice)
                && !bytes.is_empty()
            {
                self.looks += 1;
                self.look(&format!("the {name} of `{line}`"), bytes);
            }
        }
        self.look(&format!("the arguments of `{line}`"), line.as_bytes());
        self.look(&format!("standard output of `{line}`"), &output.stdout);
        self.look(&format!("standard error of `{line}`"), &output.stderr);
        let status = output.status.code().unwrap_or(-1);
        assert_ne!(status, 101, "`{line}` panicked: {}", String::from_utf8_lossy(&output.stderr));
        (status, String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn ok(&mut self, words: &[&str]) -> String {
        let (status, said) = self.run(words, b"");
        assert_eq!(status, 0, "{words:?}: {said}");
        said
    }

    fn look(&mut self, place: &str, bytes: &[u8]) {
        let found = self.secrets.in_bytes(place, bytes);
        self.found.extend(found);
    }

    /// Looks at every file that is there now, and says how many those are.
    fn look_at_files(&mut self) -> usize {
        let mut folders = vec![self.folder.clone()];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    let ours = path == self.folder.join("given") || path == self.folder.join("gateway");
                    if !ours {
                        folders.push(path);
                    }
                    continue;
                }
                files += 1;
                let mut bytes = Vec::new();
                std::fs::File::open(&path).unwrap().read_to_end(&mut bytes).unwrap();
                self.look(&path.display().to_string(), &bytes);
                self.look("a file name", path.display().to_string().as_bytes());
            }
        }
        files
    }

    /// Says what was found of everything.
    fn finish(mut self) {
        let files = self.look_at_files();
        assert!(files > 3 && self.runs > 30, "{files} files of {} runs: that tests nothing", self.runs);
        // It hides its environment from others, and on a busy machine a short run is over before it is looked at.
        // What it was started with is looked at in any case, so these looks are only a second pair of eyes.
        assert!(self.looks > 0, "not one of {} runs could be looked at while it ran", self.runs);
        self.found.sort();
        self.found.dedup();
        assert!(self.found.is_empty(), "{:#?}", self.found);
    }
}

/// What needs no keychain, in every way in which it can go right and wrong.
fn with_a_key_given_once(paydesk: &mut Watched) {
    let key = paydesk.given("key.txt", API_V2.as_bytes());
    let wrong = paydesk.given("wrong.txt", WRONG_V2.as_bytes());
    let fields =
        paydesk.given("fields.json", br#"{"appid":"wx1","mch_id":"1900000109","nonce_str":"n","a":"b"}"#);
    for kind in ["MD5", "HMAC-SHA256"] {
        for output in ["signature", "xml", "string"] {
            paydesk.ok(&["sign", &fields, "--key-file", &key, "--sign-type", kind, "--output", output]);
        }
        let (_, signed) = paydesk.once(
            &["sign", &fields, "--key-file", &key, "--sign-type", kind, "--output", "xml"],
            &[],
            b"",
        );
        let signed = paydesk.given("signed.xml", signed.as_bytes());
        assert_eq!(paydesk.run(&["verify", &signed, "--key-file", &key], b"").0, 0);
        assert_eq!(paydesk.run(&["verify", &signed, "--key-file", &wrong], b"").0, 1);
        paydesk.run(&["verify", "--lines", &signed, "--key-file", &key], b"");
        // The string that a program signed, the key wherever programs put it.
        let string = "a=b&appid=wx1&mch_id=1900000109&nonce_str=n";
        for said in [
            format!("{string}&key={API_V2}"),
            format!("{string}{API_V2}"),
            format!("key={WRONG_V2}&{string}"),
            format!("{string}&secret={APP_SECRET}&key={WRONG_V2}"),
        ] {
            let said = paydesk.given("string.txt", said.as_bytes());
            paydesk.run(&["verify", &signed, "--key-file", &key, "--with", &signed, "--string", &said], b"");
        }
        paydesk.run(&["verify", &signed, "--key-file", &wrong, "--reproduction", "python"], b"");
    }
    // A program with its key, and a ticket.
    let program = format!(
        "const mchKey = '{API_V2}';\nconst appSecret = \"{APP_SECRET}\";\n\
         const params = {{ appid: 'wx1', mch_id: '1900000109', nonce_str: n, total_fee: 1.5, sign: md5(s + '&key={API_V2}') }};\n\
         request.post('https://api.mch.weixin.qq.com/pay/unifiedorder', params);\n"
    );
    let program = paydesk.given("pay.js", program.as_bytes());
    paydesk.run(&["verify", &program], b"");
    paydesk.run(&["verify", &program, "--key-file", &key], b"");
    let appid = "wx1111111111111111";
    paydesk.ok(&["jssdk", "sign", "--url", "https://a.example/", "--appid", appid, "--ticket-file", &key]);
    // A person pastes the key itself, or a string to sign with the key at its end.
    paydesk.run(&["verify", &paydesk.given("bad.xml", b"<xml><a>"), "--key-file", &key], b"");
    paydesk.run(&["decrypt", &paydesk.given("notice.txt", b"AAAA"), "--key-file", &key], b"");
    // Keys that are none: with spaces, too long, not text; a folder, no file, both from standard input.
    let spaced = paydesk.given("spaced.txt", format!(" {API_V2} \n\n").as_bytes());
    let long = paydesk.given("long.txt", API_V2.repeat(600).as_bytes());
    let noise = paydesk.given("noise.txt", &[API_V2.as_bytes(), &[0xff, 0xfe]].concat());
    for file in [&*spaced, &*long, &*noise, "/", "/nowhere/key.txt", "-"] {
        paydesk.run(&["sign", &fields, "--key-file", file], API_V2.as_bytes());
        paydesk.run(&["merchant", "set-key", "nobody", "api-v2", "--key-file", file], API_V3.as_bytes());
    }
    paydesk.run(&["sign", "-", "--key-file", "-"], API_V2.as_bytes());
    paydesk.run(&["sign", &fields], API_V2.as_bytes());
}

/// Every other command on the built-in merchant.
fn with_the_simulated_merchant(paydesk: &mut Watched) {
    let commands: &[&[&str]] = &[
        &["demo", "--seed", "1"],
        &["merchant", "list"],
        &["merchant", "show", "simulated"],
        &["merchant", "check", "simulated"],
        &[
            "order",
            "create",
            "--amount",
            "1.00",
            "--body",
            "x",
            "--out-trade-no",
            "canary-0001",
            "-m",
            "simulated",
        ],
        &["simulator", "pay", "canary-0001"],
        &["order", "query", "canary-0001", "-m", "simulated"],
        &["order", "list", "-m", "simulated"],
        &[
            "refund",
            "create",
            "canary-0001",
            "--fen",
            "10",
            "--out-refund-no",
            "canary-r1",
            "--yes",
            "-m",
            "simulated",
        ],
        &["refund", "query", "canary-r1", "-m", "simulated"],
        &["refund", "list", "-m", "simulated"],
        &["requests", "list", "-m", "simulated"],
        &["requests", "show", "1", "-m", "simulated"],
        &["resolve", "-m", "simulated"],
        &["ledger", "info", "-m", "simulated"],
        &["ledger", "check", "--full", "-m", "simulated"],
        &["ledger", "backup", "backup.db", "--force", "-m", "simulated"],
        &["export", "payments", "--output", "payments.csv", "--force", "-m", "simulated"],
        &[
            "pay-params",
            "--type",
            "app",
            "--prepay-id",
            "wx201410272009395522657a690389285100",
            "-m",
            "simulated",
        ],
        &["simulator", "advance", "5m"],
        &["completions", "bash"],
        &["man"],
        &["--version"],
    ];
    for words in commands {
        let (status, said) = paydesk.run(words, b"");
        assert!(matches!(status, 0 | 2), "{words:?}: {status} {said}");
    }
    let scan = ["micropay", "--auth-code", "-", "--amount", "1", "--body", "x", "-m", "simulated"];
    assert_eq!(paydesk.run(&scan, AUTH_CODE.as_bytes()).0, 3);
}

fn program() -> PathBuf {
    if let Some(program) = std::env::var_os("PAYDESK") {
        return program.into();
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--package", "paydesk", "--message-format", "json"])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(built.status.success());
    let text = String::from_utf8_lossy(&built.stdout).into_owned();
    let messages = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let program = messages
        .filter(|message| message["target"]["name"] == "paydesk")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    program.expect("cargo says where it put paydesk")
}

#[test]
fn no_keychain_and_a_key_given_once() {
    if std::env::var_os("PAYDESK_TEST_KEYCHAIN").is_some() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut paydesk = Watched::new(program(), dir.path(), false);
    with_a_key_given_once(&mut paydesk);
    // What would be stored is refused, and stays nowhere.
    let add = [
        "merchant",
        "add",
        "bakery",
        "--environment",
        "simulated",
        "--mch-id",
        simulator::MCH_ID,
        "--appid",
        simulator::APPID,
        "--gateway-url",
        "http://127.0.0.1:9",
    ];
    assert!(matches!(paydesk.once(&add, &["--json"], b"").0, 0));
    for (kind, key) in
        [("api-v2", API_V2), ("api-v3", API_V3), ("app-secret", APP_SECRET), ("sandbox", SANDBOX)]
    {
        let file = paydesk.given(&format!("{kind}.txt"), key.as_bytes());
        let (status, said) = paydesk.run(&["merchant", "set-key", "bakery", kind, "--key-file", &file], b"");
        assert_eq!(status, 5, "{said}");
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/vault/tests/fixtures");
    let pem = std::fs::read_to_string(fixtures.join("apiclient_key.pem")).unwrap();
    paydesk.secrets.add_pem(&pem);
    let (certificate, own) = (fixtures.join("apiclient_cert.pem"), fixtures.join("apiclient_key.pem"));
    let (certificate, own) = (certificate.to_str().unwrap(), own.to_str().unwrap());
    let (status, said) = paydesk.run(&["merchant", "import-cert", "bakery", certificate, own], b"");
    assert!(matches!(status, 2 | 5), "{status} {said}");
    let password = paydesk.given("password.txt", P12_PASSWORD.as_bytes());
    let p12 = fixtures.join("legacy_rc2.p12");
    let import = ["merchant", "import-cert", "bakery", p12.to_str().unwrap(), "--password-file", &password];
    assert_ne!(paydesk.run(&import, b"").0, 0);
    with_the_simulated_merchant(&mut paydesk);
    paydesk.finish();
}

struct Plain;
impl Entropy for Plain {
    fn fill(&self, out: &mut [u8]) {
        out.fill_with({
            let mut dice = paydesk_tests::dice::Dice::new(7);
            move || dice.roll().to_le_bytes()[0]
        });
    }
}

/// A gateway whose merchant has the canary's key.
async fn gateway(folder: &Path) -> Server {
    std::fs::create_dir_all(folder).unwrap();
    let mut options = ServeOptions::new(Arc::new(console::SystemClock), Arc::new(Plain), folder.to_owned());
    options.tls = true;
    let server = serve(options).await.unwrap();
    let mut world = server.simulator().lock().unwrap();
    world.merchant_mut(simulator::MCH_ID).unwrap().api_key = API_V2.into();
    drop(world);
    server
}

#[test]
fn a_canary_in_a_real_keychain() {
    if std::env::var("PAYDESK_TEST_KEYCHAIN").as_deref() != Ok("real") {
        println!("the canary in a keychain was not asked for: `cargo xtask test` runs it");
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let server = runtime.block_on(gateway(&dir.path().join("gateway")));
    let served = server.served().clone();
    let mut paydesk = Watched::new(program(), dir.path(), true);
    paydesk.secrets.add_pem(&std::fs::read_to_string(&served.cert_file).unwrap());

    let (url, ca) = (served.url.as_str(), served.ca_file.to_str().unwrap());
    let add = [
        "merchant",
        "add",
        "bakery",
        "--environment",
        "simulated",
        "--mch-id",
        &served.mch_id,
        "--appid",
        &served.appid,
        "--gateway-url",
        url,
        "--gateway-ca",
        ca,
        "--notify-url",
        "http://127.0.0.1:9/n",
    ];
    assert_eq!(paydesk.once(&add, &["--json"], b"").0, 0);
    let wrong = paydesk.given("wrong.txt", WRONG_V2.as_bytes());
    paydesk.ok(&["merchant", "set-key", "bakery", "api-v2", "--key-file", &wrong]);
    assert_eq!(paydesk.run(&["merchant", "check", "bakery"], b"").0, 1);
    for (kind, key) in
        [("api-v2", API_V2), ("api-v3", API_V3), ("app-secret", APP_SECRET), ("sandbox", SANDBOX)]
    {
        let file = paydesk.given(&format!("{kind}.txt"), key.as_bytes());
        paydesk.ok(&["merchant", "set-key", "bakery", kind, "--key-file", &file]);
    }
    // From a p12 under a password, as well as from PEM.
    let p12 = dir.path().join("given/canary.p12");
    let made = Command::new("openssl")
        .args(["pkcs12", "-export", "-legacy", "-in"])
        .arg(&served.cert_file)
        .arg("-out")
        .arg(&p12)
        .arg("-passout")
        .arg(format!("pass:{P12_PASSWORD}"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let p12 = p12.to_str().unwrap();
    let password = paydesk.given("password.txt", P12_PASSWORD.as_bytes());
    assert_ne!(paydesk.run(&["merchant", "import-cert", "bakery", p12, "--password-file", &wrong], b"").0, 0);
    paydesk.ok(&["merchant", "import-cert", "bakery", p12, "--password-file", &password]);
    paydesk.ok(&["merchant", "import-cert", "bakery", served.cert_file.to_str().unwrap()]);

    let order = [
        "order",
        "create",
        "--type",
        "jsapi",
        "--openid",
        "oSimulatedPayer0000000000001",
        "--amount",
        "1.00",
        "--body",
        "x",
        "--out-trade-no",
        "canary-1001",
    ];
    paydesk.ok(&order);
    let pay = simulator::PayWith::default();
    server.simulator().lock().unwrap().pay("canary-1001", pay).unwrap();
    paydesk.ok(&["order", "query", "canary-1001"]);
    paydesk.ok(&[
        "refund",
        "create",
        "canary-1001",
        "--fen",
        "10",
        "--out-refund-no",
        "canary-r1001",
        "--yes",
    ]);
    paydesk.ok(&["refund", "query", "canary-r1001"]);
    let scan = ["micropay", "--auth-code", "-", "--amount", "1", "--body", "x"];
    assert_eq!(paydesk.run(&scan, AUTH_CODE.as_bytes()).0, 3);
    for words in [
        &["merchant", "show", "bakery"][..],
        &["merchant", "check", "bakery"],
        &["merchant", "list"],
        &["pay-params", "--type", "jsapi", "--prepay-id", "wx201410272009395522657a690389285100"],
        &["pay-params", "--type", "app", "--prepay-id", "wx201410272009395522657a690389285100"],
        &["requests", "list"],
        &["requests", "show", "1"],
        &["ledger", "check", "--full"],
        &["ledger", "backup", "bakery.db", "--force"],
        &["export", "payments", "--output", "bakery.csv", "--force"],
        &["refund", "list"],
        &["order", "list"],
        &["order", "close", "canary-1001"],
        &["resolve"],
    ] {
        let (status, said) = paydesk.run(words, b"");
        assert!(matches!(status, 0 | 3), "{words:?}: {status} {said}");
    }
    let fields = paydesk.given("own.json", br#"{"appid":"wx1","mch_id":"1","a":"b"}"#);
    paydesk.ok(&["sign", &fields, "--output", "string"]);
    let (_, signed) = paydesk.once(&["sign", &fields, "--output", "xml"], &[], b"");
    let signed = paydesk.given("own.xml", signed.as_bytes());
    paydesk.run(&["verify", &signed], b"");
    // The gateway in trouble, and a key that it no longer knows.
    for fault in [
        simulator::fault::Fault::Html,
        simulator::fault::Fault::BadSignature,
        simulator::fault::Fault::ResetMidBody,
    ] {
        server.simulator().lock().unwrap().arm(simulator::fault::FaultRule::next(fault).times(2));
        paydesk.run(&["order", "query", "canary-1001"], b"");
    }
    server.simulator().lock().unwrap().disarm();
    with_a_key_given_once(&mut paydesk);
    with_the_simulated_merchant(&mut paydesk);
    paydesk.ok(&["merchant", "set-key", "bakery", "api-v2", "--key-file", &wrong]);
    paydesk.run(&["order", "query", "canary-1001"], b"");
    // Its keys' names and the sealed certificate are still there.
    paydesk.look_at_files();
    assert_eq!(paydesk.once(&["merchant", "remove", "bakery", "--yes"], &["--json"], b"").0, 0);
    runtime.block_on(async {
        let _ = tokio::time::timeout(Duration::from_secs(5), server.stop()).await;
    });
    paydesk.finish();
}

#[test]
fn a_canary_is_found_in_every_disguise() {
    let secrets = Secrets::new();
    for (how, bytes) in disguises(API_V2) {
        let noise = [b"before ", bytes.as_slice(), b" after"].concat();
        assert!(!secrets.in_bytes("here", &noise).is_empty(), "{how}");
    }
    for before in ["", "x", "xy", "xyz"] {
        let text = format!("{before}{API_V2} and more");
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        assert!(!secrets.in_bytes("here", encoded.as_bytes()).is_empty(), "{before}");
    }
    assert!(secrets.in_bytes("here", b"nothing of the kind").is_empty());
}

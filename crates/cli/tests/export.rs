//! An export of many payments, as a person at a terminal and a script meet it: how far it is, Ctrl-C, and what a
//! killed one leaves.
#![cfg(unix)]

use domain::evidence::Source;
use domain::{Environment, Fen, MchId, OrderState, OutTradeNo, Secret, Timestamp};
use ledger::{Ledger, PaymentObservation};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const PAYMENTS: usize = 20_000;

/// The simulated ledger's journal key, which is published.
const JOURNAL_KEY: [u8; 32] = *b"SIMULATED journal key, published";

struct Shop {
    dir: tempfile::TempDir,
}

impl Shop {
    /// A shop with many payments. In memory where that is offered: every payment is synced to the disk.
    fn with_many_payments() -> Self {
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let shop = Self { dir: dir.unwrap() };
        // Its folders are the program's own to make.
        assert!(shop.command(&["ledger", "info"]).stdout(Stdio::null()).status().unwrap().success());
        let file = shop.dir.path().join("paydesk/ledger/simulated.db");
        let now = Timestamp::from_millis(1_795_255_509_000);
        let ledger =
            Ledger::open(&file, Environment::Simulated, Secret::new(JOURNAL_KEY), now).unwrap().ledger;
        let mch_id = MchId::parse("1900000109").unwrap();
        for n in 0..PAYMENTS {
            let number = OutTradeNo::parse(&format!("many-{n:08}")).unwrap();
            let mut seen = PaymentObservation::new(
                "simulated",
                mch_id.clone(),
                number,
                Source::Notice,
                OrderState::Paid,
                now,
            );
            seen.total = Some(Fen::new(1234));
            seen.body = Some("面包 bread".into());
            ledger.observe_payment(&seen, now).unwrap();
        }
        drop(ledger);
        fs::create_dir(shop.exports()).unwrap();
        shop
    }

    fn exports(&self) -> PathBuf {
        self.dir.path().join("exports")
    }

    /// Every file beside the export, hidden ones too.
    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(self.exports()).unwrap();
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_paydesk"));
        command
            .current_dir(self.dir.path())
            .env_clear()
            .env("HOME", self.dir.path())
            .env("TERM", "xterm")
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
            .arg("--data-dir")
            .arg(self.dir.path().join("paydesk"))
            .args(words)
            .stdin(Stdio::null());
        command
    }

    fn export(&self, more: &[&str]) -> Command {
        self.command(&[&["export", "payments", "--output", "exports/账单.csv", "--force"], more].concat())
    }

    /// Starts an export and waits until it is in the middle of writing.
    fn half_way(&self, more: &[&str]) -> Child {
        let mut child = self.export(more).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while !self.is_growing() {
            assert_eq!(child.try_wait().unwrap(), None, "it ended before it was in the middle");
            std::thread::yield_now();
        }
        child
    }

    fn is_growing(&self) -> bool {
        let mut files = fs::read_dir(self.exports()).unwrap().flatten();
        files.any(|file| {
            file.file_name().to_string_lossy().ends_with("-part")
                && file.metadata().is_ok_and(|file| file.len() > 0)
        })
    }
}

fn kill(child: &Child, signal: &str) {
    let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs a command whose standard error is a terminal, and gives what that showed.
fn at_a_terminal(command: &mut Command) -> String {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&near).unwrap();
    unlockpt(&near).unwrap();
    let name = ptsname(&near, Vec::new()).unwrap();
    let far = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let mut near = File::from(near);
    let shown = std::thread::spawn(move || {
        let mut shown = Vec::new();
        let mut buffer = [0; 4096];
        // It ends with an error when the last one who could write is gone.
        while let Ok(read) = near.read(&mut buffer) {
            if read == 0 {
                break;
            }
            shown.extend_from_slice(&buffer[..read]);
        }
        shown
    });
    let status = command.stdout(Stdio::null()).stderr(far).status().unwrap();
    assert!(status.success(), "{status}");
    command.stderr(Stdio::null()); // the far end is closed with it
    text(&shown.join().unwrap())
}

#[test]
fn a_long_export_shows_how_far_it_is_and_can_be_stopped() {
    let shop = Shop::with_many_payments();
    fs::write(shop.exports().join("账单.csv"), "of yesterday").unwrap();
    ended_by_a_person(&shop);
    killed(&shop);
    into_a_pipe(&shop);
    watched(&shop);
}

/// Ctrl-C and a polite kill: nothing new, nothing lost.
fn ended_by_a_person(shop: &Shop) {
    for signal in ["-INT", "-TERM"] {
        let child = shop.half_way(&["--json"]);
        kill(&child, signal);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{signal}: {output:?}");
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(answer["error"]["code"], "stopped");
        assert_eq!(shop.files(), ["账单.csv"], "{signal} left something behind");
        assert_eq!(fs::read(shop.exports().join("账单.csv")).unwrap(), b"of yesterday");
    }
    let child = shop.half_way(&["--lang", "en"]);
    kill(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    assert!(output.stdout.is_empty() && text(&output.stderr).contains("no file was written"), "{output:?}");
}

/// What cannot be heard leaves a part behind, which the next export takes away.
fn killed(shop: &Shop) {
    let mut child = shop.half_way(&[]);
    // Another exporter beside it does not take the living one's work away.
    let other = ["export", "payments", "--output", "exports/other.csv", "--text", "many-00000001"];
    assert!(shop.command(&other).stdout(Stdio::null()).status().unwrap().success());
    assert_eq!(shop.files().len(), 3, "{:?}", shop.files());
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    assert_eq!(shop.files().len(), 3, "{:?}", shop.files());
    assert_eq!(fs::read(shop.exports().join("账单.csv")).unwrap(), b"of yesterday");
    let output = shop.export(&["--json"]).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["rows"], PAYMENTS);
    assert!(output.stderr.is_empty(), "no terminal, no progress: {}", text(&output.stderr));
    assert_eq!(shop.files(), ["other.csv", "账单.csv"]);
    let csv = fs::read(shop.exports().join("账单.csv")).unwrap();
    assert_eq!(answer["bytes"], csv.len());
    assert_eq!(text(&csv).lines().count(), PAYMENTS + 1);
}

/// A reader that does not read cannot keep it from ending.
fn into_a_pipe(shop: &Shop) {
    let mut child =
        shop.command(&["export", "payments"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut out = BufReader::with_capacity(64, child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    kill(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

/// At a terminal a line says how far it is, and is gone at the end.
fn watched(shop: &Shop) {
    let shown = at_a_terminal(&mut shop.export(&["--lang", "en"]));
    let drawn: Vec<_> = shown.split("\r\x1b[K").collect();
    assert_eq!(drawn.first(), Some(&""), "{shown:?}");
    assert_eq!(drawn.last(), Some(&""), "it is not wiped: {shown:?}");
    let drawn: Vec<_> = drawn.into_iter().filter(|line| !line.is_empty()).collect();
    assert!((1..PAYMENTS / 100).contains(&drawn.len()), "{} lines: {shown:?}", drawn.len());
    for line in &drawn {
        assert!(line.contains("Exporting: ") && line.contains(" / 20000"), "{line:?}");
    }
    for silent in ["--quiet", "--json"] {
        assert_eq!(at_a_terminal(&mut shop.export(&[silent])), "", "{silent}");
    }
}

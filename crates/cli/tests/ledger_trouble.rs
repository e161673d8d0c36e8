//! The program where its files cannot be written, are gone, or are not what they were. It is run as a user who has
//! no more rights than a shop's: where these tests are run by root, as nobody.
#![cfg(unix)]
#![allow(clippy::print_stderr, reason = "a test that could not be made whole says so")]

use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const NOBODY: u32 = 65_534;

/// A folder with a shop's files in it, and the program where that user may run it.
struct Shop {
    dir: tempfile::TempDir,
    root: bool,
}

impl Shop {
    fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::metadata(dir.path()).unwrap().uid() == 0;
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        // Where it was built nobody may look.
        let program = dir.path().join("paydesk");
        fs::copy(env!("CARGO_BIN_EXE_paydesk"), &program).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        let shop = Self { dir, root };
        fs::create_dir(shop.data()).unwrap();
        shop.own(&shop.data());
        shop
    }

    /// With a paid order of ¥12.34 and a refund.
    fn paid() -> Self {
        let shop = Self::empty();
        shop.done(&[
            "order",
            "create",
            "--amount",
            "12.34",
            "--body",
            "面包",
            "--out-trade-no",
            "trouble-0001",
        ]);
        shop.done(&["simulator", "pay", "trouble-0001"]);
        shop.done(&["order", "query", "trouble-0001"]);
        let number = ["--out-refund-no", "trouble-r1", "--yes"];
        shop.done(&[&["refund", "create", "trouble-0001", "--amount", "1.00"][..], &number].concat());
        shop
    }

    fn own(&self, path: &Path) {
        if self.root {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn ledger(&self) -> PathBuf {
        self.data().join("ledger").join("simulated.db")
    }

    /// `program` as a user without special rights.
    fn plain(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.dir.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.dir.path())
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
            .stdin(Stdio::null());
        if self.root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    fn words<'a>(data: &'a str, words: &[&'a str]) -> Vec<&'a str> {
        let lang = if words.contains(&"--lang") { &[][..] } else { &["--lang", "en"] };
        [&["--data-dir", data], lang, words].concat()
    }

    fn run(&self, words: &[&str]) -> Output {
        let data = self.data().display().to_string();
        self.plain(&self.dir.path().join("paydesk")).args(Self::words(&data, words)).output().unwrap()
    }

    fn done(&self, words: &[&str]) -> Output {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {}{}", out(&output), err(&output));
        output
    }

    fn refused(&self, words: &[&str]) -> Value {
        let output = self.run(&[words, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(5), "{words:?}: {}{}", out(&output), err(&output));
        json(&output)["error"].clone()
    }

    /// Everything under the data folder.
    fn files(&self) -> Vec<PathBuf> {
        let (mut files, mut folders) = (Vec::new(), vec![self.data()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files.sort();
        files
    }

    fn folders(&self) -> Vec<PathBuf> {
        let mut folders: Vec<_> = self.files().iter().map(|file| file.parent().unwrap().to_owned()).collect();
        folders
            .extend([self.data(), self.data().join("owners")].into_iter().filter(|folder| folder.exists()));
        folders.sort();
        folders.dedup();
        folders
    }

    fn forbid_writing(&self) {
        self.set_modes(0o400, 0o500);
    }

    fn set_modes(&self, file: u32, folder: u32) {
        let (files, folders) = (self.files(), self.folders());
        for path in files {
            fs::set_permissions(path, Permissions::from_mode(file)).unwrap();
        }
        for path in folders {
            fs::set_permissions(path, Permissions::from_mode(folder)).unwrap();
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        // So that the folder can be removed.
        self.set_modes(0o600, 0o700);
    }
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}{}", out(output), err(output)))
}

/// Everything that only reads, and something that must stand in what it answers.
const READS: [(&[&str], &str); 6] = [
    (&["order", "list"], "trouble-0001"),
    (&["refund", "list"], "trouble-r1"),
    (&["requests", "list"], "/secapi/pay/refund"),
    (&["requests", "show", "1"], "trouble-0001"),
    (&["export", "payments", "--output", "-"], "trouble-0001"),
    (&["ledger", "check", "--full"], "is whole"),
];

/// Checks that all reads work and say so once, and that what writes is refused.
fn reads_work_and_writes_are_refused(run: &dyn Fn(&[&str]) -> Output, code: &str) {
    for (words, stands) in READS {
        let output = run(words);
        assert!(output.status.success(), "{words:?}: {}{}", out(&output), err(&output));
        assert!(out(&output).contains(stands), "{words:?}: {}", out(&output));
        let said = err(&output).matches(&format!("[{code}]")).count();
        assert_eq!(said, 1, "{words:?}: {}", err(&output));
    }
    let output = run(&["order", "list", "--json"]);
    assert_eq!(json(&output)["payments"][0]["out_trade_no"], "trouble-0001");
    assert!(err(&output).contains(code), "{}", err(&output));
    for words in [
        &["order", "create", "--amount", "1.00", "--body", "x"][..],
        &["refund", "create", "trouble-0001", "--amount", "1.00", "--yes"],
    ] {
        let output = run(&[words, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(5), "{words:?}: {}{}", out(&output), err(&output));
        let error = json(&output)["error"].clone();
        assert_eq!(error["code"], code, "{words:?}: {error}");
        assert!(error["message"].as_str().unwrap().contains("sent"), "{error}");
    }
}

#[test]
fn lists_work_where_nothing_can_be_written() {
    let shop = Shop::paid();
    shop.forbid_writing();
    let before: Vec<_> = shop.files().into_iter().map(|file| (fs::read(&file).unwrap(), file)).collect();
    reads_work_and_writes_are_refused(&|words| shop.run(words), "ledger_read_only");
    let after: Vec<_> = shop.files().into_iter().map(|file| (fs::read(&file).unwrap(), file)).collect();
    assert!(before == after, "something was made or changed");
    // With quiet only errors are said, and this is none.
    assert_eq!(err(&shop.run(&["order", "list", "--quiet"])), "");
    // The file alone, in a folder that can be written.
    shop.set_modes(0o600, 0o700);
    fs::set_permissions(shop.ledger(), Permissions::from_mode(0o400)).unwrap();
    reads_work_and_writes_are_refused(&|words| shop.run(words), "ledger_read_only");
    // Mended, everything goes on.
    shop.set_modes(0o600, 0o700);
    shop.done(&["order", "create", "--amount", "1.00", "--body", "x"]);
    assert_eq!(err(&shop.run(&["order", "list"])), "");
}

#[test]
fn what_a_killed_process_left_in_the_log_is_read_where_nothing_can_be_written() {
    let shop = Shop::paid();
    let log = shop.ledger().with_extension("db-wal");
    // What stands only in the log: the ledger is copied while it is open.
    let key = domain::Secret::new(*b"SIMULATED journal key, published");
    let now = domain::Timestamp::from_secs(1_800_000_000);
    let open = ledger::Ledger::open(&shop.ledger(), domain::Environment::Simulated, key, now).unwrap().ledger;
    let head = open.accept(None, now).unwrap();
    let (file, rows) = (fs::read(shop.ledger()).unwrap(), fs::read(&log).unwrap());
    assert!(!rows.is_empty());
    drop(open);
    fs::write(shop.ledger(), file).unwrap();
    fs::write(&log, rows).unwrap();
    for path in shop.files() {
        shop.own(&path);
    }
    assert!(!shop.ledger().with_extension("db-shm").exists());
    shop.forbid_writing();
    let info = json(&shop.run(&["ledger", "info", "--json"]));
    assert_eq!(info["journal_seq"], head.seq);
    reads_work_and_writes_are_refused(&|words| shop.run(words), "ledger_read_only");
}

#[test]
fn lists_work_where_no_file_may_grow() {
    // The same for a program as a full disk, and anybody may set it up.
    let shop = Shop::paid();
    let data = shop.data().display().to_string();
    let run = |words: &[&str]| {
        let script = "trap '' XFSZ; ulimit -f 0; exec ./paydesk \"$@\"";
        let mut command = shop.plain(Path::new("/bin/sh"));
        command.args(["-c", script, "sh"]).args(Shop::words(&data, words)).output().unwrap()
    };
    reads_work_and_writes_are_refused(&run, "disk_full");
    shop.done(&["order", "create", "--amount", "1.00", "--body", "x"]);
}

/// A disk of its own needs the right to mount one. Where these tests have it, it is used; everywhere the test above
/// says the same of files that may not grow.
#[cfg(target_os = "linux")]
#[test]
fn lists_work_on_a_full_disk() {
    let shop = Shop::paid();
    // A mount namespace of its own, so that nothing is left mounted; a user's own one where that is allowed.
    let data = shop.data().display().to_string();
    let run = |words: &[&str]| {
        let script = r#"set -e
            cp -R "$1" kept; mount -t tmpfs -o size=5m none "$1"; cp -R kept/. "$1"; rm -rf kept
            rm "$1"/ledger/simulated.db.reserve
            dd if=/dev/zero of="$1"/fill bs=4096 2>/dev/null || true
            shift; exec "$@""#;
        let mut command = Command::new("unshare");
        command.args(if shop.root { &["-m"][..] } else { &["-r", "-m"] });
        command.args(["sh", "-c", script, "sh", &data, "./paydesk"]).args(Shop::words(&data, words));
        command.current_dir(shop.dir.path()).stdin(Stdio::null()).output().unwrap()
    };
    let works = Command::new("unshare")
        .args(if shop.root { &["-m"][..] } else { &["-r", "-m"] })
        .args(["mount", "-t", "tmpfs", "none", "/mnt"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !works {
        eprintln!(
            "no disk can be mounted here: a_full_disk stands on lists_work_where_no_file_may_grow alone"
        );
        return;
    }
    reads_work_and_writes_are_refused(&run, "disk_full");
}

#[test]
fn a_ledger_that_is_gone_is_noticed_at_once() {
    let shop = Shop::empty();
    // A first run says nothing of it.
    assert_eq!(err(&shop.done(&["order", "list"])), "");
    drop(shop);
    let shop = Shop::paid();
    let backup = shop.data().join("backup.db").display().to_string();
    shop.done(&["ledger", "backup", &backup]);
    fs::remove_file(shop.ledger()).unwrap();
    for words in [
        &["order", "list"][..],
        &["refund", "list"],
        &["requests", "list"],
        &["ledger", "check"],
        &["ledger", "check", "--full"],
        &["order", "create", "--amount", "1.00", "--body", "x"],
        &["order", "query", "trouble-0001"],
    ] {
        let error = shop.refused(words);
        assert_eq!(error["code"], "ledger_gone", "{words:?}");
        assert!(error["params"]["entries"].as_str().unwrap().parse::<u32>().unwrap() > 5, "{error}");
        for way in ["WeChat Pay", "ledger restore", "ledger accept"] {
            assert!(error["message"].as_str().unwrap().contains(way), "{error}");
        }
        assert!(!shop.ledger().exists(), "{words:?} made another one");
    }
    // Back from a backup.
    shop.done(&["ledger", "restore", &backup, "--yes"]);
    assert!(out(&shop.done(&["order", "list"])).contains("trouble-0001"));
    // Or a new one on purpose, and not without being asked.
    fs::remove_file(shop.ledger()).unwrap();
    assert_eq!(shop.run(&["ledger", "accept"]).status.code(), Some(2));
    assert!(!shop.ledger().exists());
    let view = json(&shop.done(&["ledger", "accept", "--yes", "--json"]));
    assert_eq!(view["begun"], true);
    assert!(!out(&shop.done(&["order", "list"])).contains("trouble-0001"));
    shop.done(&["order", "query", "trouble-0001"]);
    assert!(out(&shop.done(&["order", "list"])).contains("trouble-0001"));
    assert!(out(&shop.done(&["ledger", "check", "--full"])).contains("is whole"));
}

#[test]
fn an_old_copy_in_the_ledgers_place_is_noticed_at_once() {
    let shop = Shop::paid();
    let old = fs::read(shop.ledger()).unwrap();
    shop.done(&["order", "create", "--amount", "1.00", "--body", "x", "--out-trade-no", "trouble-0002"]);
    fs::write(shop.ledger(), old).unwrap();
    let list = shop.done(&["order", "list", "--quiet"]);
    assert!(
        out(&list).contains("trouble-0001") && err(&list).contains("[ledger_rolled_back]"),
        "{}",
        err(&list)
    );
    let error = shop.refused(&["refund", "create", "trouble-0001", "--amount", "1.00", "--yes"]);
    assert_eq!(error["code"], "ledger_rolled_back");
    let check = shop.run(&["ledger", "check", "--json"]);
    assert_eq!((check.status.code(), &json(&check)["findings"][0]["id"]), (Some(1), &"head_ahead".into()));
    assert_eq!(err(&check), "", "not said twice");
    shop.done(&["ledger", "accept", "--yes"]);
    shop.done(&["refund", "create", "trouble-0001", "--amount", "1.00", "--yes"]);
}

#[test]
fn a_head_that_is_damaged_or_gone_has_its_own_words() {
    type Harm = fn(&Path);
    let cases: [(&str, Harm); 3] = [
        ("head_damaged", |head| fs::write(head, "junk").unwrap()),
        ("head_damaged", |head| fs::write(head, [0xff; 5000]).unwrap()),
        ("head_missing", |head| fs::remove_file(head).unwrap()),
    ];
    let shop = Shop::paid();
    let head = shop.ledger().with_extension("head");
    for (id, harm) in cases {
        harm(&head);
        for words in [&["order", "list"][..], &["order", "query", "trouble-0001"]] {
            let output = shop.done(words);
            assert_eq!(err(&output).matches(&format!("[ledger_{id}]")).count(), 1, "{}", err(&output));
            assert!(
                err(&output).contains("ledger accept") && !err(&output).contains("key"),
                "{}",
                err(&output)
            );
        }
        for kind in [&["ledger", "check"][..], &["ledger", "check", "--full"]] {
            let output = shop.run(&[kind, &["--json"]].concat());
            let view = json(&output);
            assert_eq!((output.status.code(), view["findings"].as_array().unwrap().len()), (Some(1), 1));
            assert_eq!(view["findings"][0]["id"], id);
            let text = out(&shop.run(kind));
            assert_eq!(text.matches('✗').count(), 1, "{text}");
        }
        shop.done(&["ledger", "accept", "--yes"]);
        let output = shop.done(&["ledger", "check", "--full"]);
        assert_eq!(err(&output), "");
    }
}

#[test]
fn only_the_failing_line_of_a_check_is_marked_and_it_says_why() {
    let shop = Shop::paid();
    // What the order is for, with another text of the same length over it.
    let mut bytes = fs::read(shop.ledger()).unwrap();
    let told = "面包".as_bytes();
    let places: Vec<_> = (0..bytes.len() - told.len()).filter(|at| bytes[*at..].starts_with(told)).collect();
    for at in places {
        bytes[at..at + told.len()].copy_from_slice("茶水".as_bytes());
    }
    fs::write(shop.ledger(), bytes).unwrap();
    let output = shop.run(&["ledger", "check", "--full"]);
    let text = out(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for (line, sign) in [("structure", "✓"), ("references", "✓"), ("journal's chain", "✗"), ("sums", "✓")]
    {
        let found = text.lines().find(|found| found.contains(line) && !found.contains('!')).unwrap_or(&text);
        assert!(found.contains(sign), "{line}: {text}");
    }
    assert!(text.contains("order trouble-0001 (merchant simulated) was changed past Paydesk"), "{text}");
    assert!(!text.contains("RowChanged") && !text.contains("{ "), "{text}");
    let zh = shop.run(&["--lang", "zh-CN", "ledger", "check", "--full", "--json"]);
    let view = json(&zh);
    assert!(view["findings"].as_array().unwrap().iter().all(|found| {
        found["id"] == "row_changed" && found["check"] == "journal" && found["params"]["subject"].is_string()
    }));
    let checks = view["checks"].as_array().unwrap();
    let failed: Vec<_> =
        checks.iter().filter(|check| check["ok"] == false).map(|check| &check["id"]).collect();
    assert_eq!(failed, ["journal"]);
}

#[test]
fn nobody_else_can_read_what_is_kept() {
    let shop = Shop::empty();
    // A loose mask, as some systems have it.
    let data = shop.data().display().to_string();
    let run = |words: &[&str]| {
        let mut command = shop.plain(Path::new("/bin/sh"));
        command
            .args(["-c", "umask 0; exec ./paydesk \"$@\"", "sh"])
            .args(Shop::words(&data, words))
            .output()
            .unwrap()
    };
    let order = ["order", "create", "--amount", "12.34", "--body", "x", "--out-trade-no", "trouble-0001"];
    assert!(run(&order).status.success());
    let backup = shop.data().join("backup.db").display().to_string();
    assert!(run(&["ledger", "backup", &backup]).status.success());
    assert!(run(&["ledger", "restore", &backup, "--yes"]).status.success());
    assert!(run(&order).status.success());
    let files = shop.files();
    assert!(files.len() > 6, "{files:?}");
    for file in files {
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{} is {mode:o}", file.display());
    }
    // What the person asked for is theirs: their umask says who may read it.
    for (mask, expected) in [("027", 0o640), ("022", 0o644)] {
        let csv = shop.data().join(format!("{mask}.csv"));
        let script = format!(
            "umask {mask}; exec ./paydesk --data-dir data export payments --output {}",
            csv.display()
        );
        let output = shop.plain(Path::new("/bin/sh")).args(["-c", &script]).output().unwrap();
        assert!(output.status.success(), "{}", err(&output));
        assert_eq!(fs::metadata(&csv).unwrap().permissions().mode() & 0o777, expected);
    }
    for folder in shop.folders().into_iter().filter(|folder| *folder != shop.data()) {
        let mode = fs::metadata(&folder).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o700, "{} is {mode:o}", folder.display());
    }
}

#[test]
fn what_killed_processes_left_is_gone_after_the_next_start() {
    let shop = Shop::paid();
    let owners = shop.data().join("owners");
    for turn in 0..3 {
        let left = owners.join(format!("killed{turn}.lock"));
        fs::write(&left, "").unwrap();
        shop.own(&left);
    }
    shop.done(&["order", "query", "trouble-0001"]);
    assert_eq!(fs::read_dir(owners).unwrap().count(), 0);
}

//! `resolve --watch`: it goes on asking until nothing is open, and Ctrl-C ends it.

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paydesk"));
    command.env_clear().env("HOME", folder).arg("--data-dir").arg(folder.join("paydesk"));
    command.args(words).stdin(Stdio::null());
    command
}

/// A folder with a refund of which nobody knows whether it happened, and whose query fails so many times more.
fn with_a_lost_refund(silent: u8) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let run = |words: &[&str], status: i32| {
        let output = command(dir.path(), words).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(status),
            "{words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    let fault = |path: &str, kind: &str, times: u8| {
        let plan = format!(r#"{{"path":"{path}","times":{times},"fault":{{"kind":"{kind}"}}}}"#);
        run(&["simulator", "fault", &plan], 0);
    };
    let order = ["order", "create", "--amount", "12.34", "--body", "面包", "--out-trade-no", "A00000001"];
    run(&order, 0);
    run(&["simulator", "pay", "A00000001"], 0);
    fault("/secapi/pay/refund", "timeout_after", 1);
    fault("/pay/refundquery", "garbage", silent);
    run(&["refund", "create", "A00000001", "--amount", "1", "--yes"], 4);
    dir
}

#[test]
fn it_ends_when_everything_is_known() {
    let dir = with_a_lost_refund(3);
    let output = command(dir.path(), &["resolve", "--watch", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<Value> =
        output.stdout.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    let states: Vec<_> = lines.iter().map(|line| line["operations"][0]["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["unknown", "unknown", "confirmed"], "{lines:?}");
    assert_eq!(lines[0]["merchant"], "simulated");
}

#[test]
fn with_nothing_open_it_ends_at_once_and_a_strange_name_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let output = command(dir.path(), &["resolve", "--watch", "--lang", "en"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert!(String::from_utf8_lossy(&output.stderr).contains("Nothing is unresolved"), "{output:?}");
    let output = command(dir.path(), &["resolve", "--watch", "-m", "none"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it() {
    let dir = with_a_lost_refund(250);
    let mut child =
        command(dir.path(), &["resolve", "--watch", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("\"unknown\""), "{line}");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    // The status of what is not known: it still is not.
    assert_eq!(child.wait().unwrap().code(), Some(4));
}

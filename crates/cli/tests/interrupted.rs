//! Ctrl-C while money may be on its way: the next command takes up at once what the interrupted one had in hand.
#![cfg(unix)]

use domain::{Environment, Secret, Timestamp};
use ledger::Ledger;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
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

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn a_till_that_is_interrupted_while_the_customer_types_can_go_on_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let scan = ["micropay", "--simulated-code", "password", "--amount", "5", "--body", "x"];
    let scan = [scan.as_slice(), &["--out-trade-no", "scan-0001", "--lang", "en"]].concat();
    let mut child = command(dir.path(), &scan).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It says that it waits for the customer.
    let mut said = String::new();
    BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("Waiting for the customer"), "{said}");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(4));

    let file = dir.path().join("paydesk/ledger/simulated.db");
    let key = Secret::new(*b"SIMULATED journal key, published");
    let long_ago = Timestamp::from_millis(1_000_000_000_000);
    let ledger = Ledger::open(&file, Environment::Simulated, key, long_ago).unwrap().ledger;
    let open = ledger.unresolved(None).unwrap();
    assert_eq!(open.len(), 1, "{open:?}");
    let seen = ledger.exchanges(None, None, 100).unwrap();
    let begun = seen.iter().map(|exchange| exchange.what.started).max().unwrap();
    assert!(!open[0].is_leased(begun.plus_millis(1_000)), "its hand is still on it: {open:?}");
    drop(ledger);

    let pay = command(dir.path(), &["simulator", "pay", "scan-0001", "--json"]).output().unwrap();
    assert!(pay.status.success(), "{pay:?}");
    let resolved = command(dir.path(), &["resolve", "--json"]).output().unwrap();
    assert!(resolved.status.success(), "{resolved:?}");
    let order = command(dir.path(), &["order", "query", "scan-0001", "--json"]).output().unwrap();
    assert_eq!(answer(&order)["state"], "paid");
    let sent = command(dir.path(), &["requests", "list", "--json"]).output().unwrap();
    let sent = answer(&sent);
    let scans = sent.as_array().unwrap().iter().filter(|exchange| exchange["api"] == "/pay/micropay");
    assert_eq!(scans.count(), 1, "{sent}");
}

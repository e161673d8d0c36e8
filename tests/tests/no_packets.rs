//! In simulated mode no packet leaves this computer: the real `paydesk`, watched at the level of system calls,
//! never even makes an internet socket.
//!
//! `cargo xtask test` runs this with the release build and strace; without `PAYDESK` it was not asked for.
#![allow(clippy::print_stdout, reason = "a test that was not asked for says so")]

use std::path::Path;
use std::process::Command;

/// Runs `paydesk` under strace and gives what it did with the network.
fn watched(program: &Path, dir: &Path, words: &[&str]) -> String {
    let log = dir.join("strace.log");
    let output = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=%network", "-o"])
        .arg(&log)
        .arg(program)
        .args(words)
        .arg("--data-dir")
        .arg(dir.join("data"))
        .output()
        .expect("strace is installed by `cargo xtask setup`");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(log).unwrap()
}

#[test]
fn the_simulated_merchant_makes_no_internet_socket() {
    let Some(program) = std::env::var_os("PAYDESK") else {
        println!("was not asked for: `cargo xtask test` runs it");
        return;
    };
    let program = Path::new(&program);
    let dir = tempfile::tempdir().unwrap();
    for words in [
        &["demo", "--json"][..],
        &["order", "create", "--amount", "1.00", "--body", "x", "--out-trade-no", "no-packets-1"],
        &["simulator", "pay", "no-packets-1"],
        &["order", "query", "--out-trade-no", "no-packets-1"],
        &["refund", "create", "no-packets-1", "--amount", "0.50", "--out-refund-no", "np-1", "--yes"],
        &["merchant", "check"],
        &["resolve"],
    ] {
        let calls = watched(program, dir.path(), words);
        for family in ["AF_INET", "AF_INET6", "AF_PACKET", "AF_NETLINK"] {
            let found = calls.lines().find(|line| line.contains(family));
            assert!(found.is_none(), "{words:?} reached for the network: {found:?}");
        }
    }
    // The watch works: a program that does use the network is seen.
    let seen = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=%network", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&seen.stderr).contains("AF_INET"), "strace saw nothing at all");
}

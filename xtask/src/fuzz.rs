//! Lets cargo-fuzz look for input that breaks a reader. The corpora it found are replayed by ordinary tests.

use crate::step::Steps;
use crate::workspace;
use std::process::Stdio;

/// Pinned, so that two machines look in the same way.
const CARGO_FUZZ: &str = "0.13.2";

/// Runs `target` of the folder `fuzz` for `seconds` seconds.
pub(crate) fn fuzz(steps: &mut Steps, target: &str, seconds: u64) -> bool {
    if !workspace::root().join("fuzz/Cargo.toml").exists() {
        return steps.missing("fuzz", "there is no folder fuzz");
    }
    let mut version = workspace::cargo(&["fuzz", "--version"]);
    let installed =
        version.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !installed {
        println!("→ installing cargo-fuzz {CARGO_FUZZ} (cargo install): it drives the fuzzer");
        let words = ["install", "--locked", "cargo-fuzz", "--version", CARGO_FUZZ];
        if !steps.command("install cargo-fuzz", &mut workspace::cargo(&words)) {
            return false;
        }
    }
    // The sanitizer needs the nightly compiler; `rustup run` also works where `cargo` is not rustup's own.
    let limit = format!("-max_total_time={seconds}");
    let words = ["run", "nightly", "cargo", "fuzz", "run", target, "--", &limit];
    steps.command(&format!("fuzz {target}"), &mut workspace::command("rustup", &words))
}

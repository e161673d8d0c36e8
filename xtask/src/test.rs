//! Everything that continuous integration runs, in the order in which it is cheapest to fail.

use crate::setup::{self, Purpose};
use crate::step::Steps;
use crate::{clients, i18n, icons, keychain, page, product, tidy, window, workspace};

/// How often the crash test kills in every run. By hand: `cargo xtask crash --kills 10000`.
const KILLS: u64 = 300;
/// How often it kills the build that must be caught.
const CONTROL_KILLS: u64 = 150;
/// How many seeds the story has in every run.
const SEEDS: u64 = 2_000;

/// Runs every step. One that fails does not stop the others, except that nothing starts without its tools.
pub(crate) fn test(steps: &mut Steps) {
    if !setup::setup(steps, Purpose::Test) {
        return;
    }
    let mut cargo = |name: &str, words: &[&str]| steps.command(name, &mut workspace::cargo(words));
    cargo("format", &["fmt", "--all", "--", "--check"]);
    cargo("clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    steps.check("tidy", tidy::check);
    i18n::test(steps);
    steps.check("icons", icons::check);
    // Before the tests: the window that they build has the page inside.
    page::test(steps);
    // All targets, and the examples in the documentation with the code that must not compile.
    // The languages that some of them run have just been installed.
    let mut tests = workspace::cargo(&["test", "--workspace", "--no-fail-fast"]);
    steps.command("tests", tests.env(setup::EVERY_LANGUAGE, "1"));
    // Their targets are no part of `--all-targets`, because a bare `cargo test` must not run them.
    let stories = ["clippy", "--package", "paydesk-window-tests", "--test", "*", "--", "-D", "warnings"];
    steps.command("clippy: window", &mut workspace::cargo(&stories));
    window::test(steps, None);
    keychain::test(steps);
    if product::build(steps) {
        clients::test(steps);
        keychain::product(steps);
        product::no_packets(steps);
    }
    product::stories(steps, SEEDS, product::Built::WithTests);
    product::crash_control(steps, CONTROL_KILLS);
    product::crash(steps, KILLS, product::Built::WithTests);
}

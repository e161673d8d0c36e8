//! The keychain tests, against a real gnome-keyring on a private D-Bus. The user's own keychain is not touched.
//!
//! What each situation is and how it is made by hand: `crates/vault/tests/README.md`.

use crate::step::{Steps, line};
use crate::workspace;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One situation, in which some of the tests are run.
struct Case {
    /// Its name, which the tests are told.
    name: &'static str,
    /// What makes the situation: words before the test's own command.
    before: &'static [&'static str],
    /// Which tests are run.
    tests: &'static [&'static str],
    /// Whether it finds the keyring that the cases before it left, or none.
    same_keyring: bool,
    /// Variables besides.
    variables: &'static [(&'static str, &'static str)],
    /// The file its tests are in.
    file: &'static str,
}

const UNLOCK: &str =
    "printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec \"$@\"";
const START: &str = "gnome-keyring-daemon --start --components=secrets >/dev/null && exec \"$@\"";
const UNLOCKED: &[&str] = &["dbus-run-session", "--", "sh", "-c", UNLOCK, "sh"];
const STARTED: &[&str] = &["dbus-run-session", "--", "sh", "-c", START, "sh"];
const STARTED_ON_A_DISPLAY: &[&str] = &["xvfb-run", "-a", "dbus-run-session", "--", "sh", "-c", START, "sh"];
const NOTHING_ON_THE_BUS: &[&str] =
    &["dbus-run-session", "--config-file=crates/vault/tests/bus-without-services.conf", "--"];
const NO_BUS: &[(&str, &str)] = &[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")];

const fn case(name: &'static str, before: &'static [&'static str], tests: &'static [&'static str]) -> Case {
    Case { name, before, tests, same_keyring: true, variables: &[], file: "os_keychain" }
}

/// The whole product on a real keychain: each test starts the `paydesk` that was built for release.
const PRODUCT: &[Case] = &[
    Case {
        file: "keychain_life",
        same_keyring: false,
        ..case("life", UNLOCKED, &["a_merchants_whole_life", "without_a_keychain_it_says_so"])
    },
    Case {
        file: "canary",
        same_keyring: false,
        ..case("canary", UNLOCKED, &["a_canary_in_a_real_keychain"])
    },
];

/// Runs the product's cases, one step each. `paydesk` has been built for release.
pub(crate) fn product(steps: &mut Steps) -> bool {
    let mut all = true;
    for case in PRODUCT {
        let build = ["test", "--workspace", "--test", case.file, "--no-run"];
        if !steps.command(&format!("keychain, {}: build", case.name), &mut workspace::cargo(&build)) {
            all = false;
            continue;
        }
        all &= steps.check(&format!("keychain, the product: {}", case.name), || {
            let folder = fresh_folder().map_err(|fault| vec![fault])?;
            let ran = run(case, &folder);
            remove(&folder);
            ran
        });
    }
    all
}

/// In this order: some find what the ones before them left.
const CASES: &[Case] = &[
    case("unlocked", UNLOCKED, &["unlocked", "many_at_once"]),
    case("reopened", UNLOCKED, &["reopened"]),
    case("gone", UNLOCKED, &["gone"]),
    case("locked", STARTED, &["locked"]),
    case("prompt", STARTED_ON_A_DISPLAY, &["prompt"]),
    Case { same_keyring: false, ..case("no_collection", STARTED, &["no_collection"]) },
    Case { same_keyring: false, ..case("no_service", NOTHING_ON_THE_BUS, &["no_service"]) },
    Case { same_keyring: false, variables: NO_BUS, ..case("no_bus", &[], &["no_bus"]) },
];

/// Runs every case, one step each.
pub(crate) fn test(steps: &mut Steps) -> bool {
    if !workspace::root().join("crates/vault/tests/os_keychain.rs").exists() {
        return steps.missing("keychain", "the vault has no keychain tests");
    }
    // Built first: a case has little time for its keychain, and none for the compiler.
    let build = ["test", "--workspace", "--test", "os_keychain", "--no-run"];
    if !steps.command("keychain: build", &mut workspace::cargo(&build)) {
        return false;
    }
    let shared = match fresh_folder() {
        Ok(folder) => folder,
        Err(fault) => return steps.check("keychain", || Err(vec![fault])),
    };
    let mut all = true;
    for case in CASES {
        all &= steps.check(&format!("keychain: {}", case.name), || run(case, &shared));
    }
    remove(&shared);
    all
}

fn run(case: &Case, shared: &Path) -> Result<String, Vec<String>> {
    let own = fresh_folder().map_err(|fault| vec![fault])?;
    let data = if case.same_keyring { shared } else { &own };
    let mut command = command(case, data, &own);
    println!("  {}", line(&command));
    let output = command.output();
    remove(&own);
    let output = output.map_err(|error| vec![format!("{} could not be started: {error}", case.name)])?;
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    verdict(case, output.status.success(), &said)
}

/// The test's command inside its situation. `data` holds the keyring's files, `runtime` its sockets.
fn command(case: &Case, data: &Path, runtime: &Path) -> Command {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let test = ["test", "--quiet", "--workspace", "--test", case.file, "--", "--exact", "--nocapture"];
    let mut words: Vec<&str> = case.before.to_vec();
    words.push(&cargo);
    words.extend(test);
    words.extend(case.tests);
    let mut command = workspace::command(words[0], &words[1..]);
    command.env("XDG_DATA_HOME", data).env("XDG_RUNTIME_DIR", runtime);
    command.env("PAYDESK_TEST_KEYCHAIN", "real").env("PAYDESK_TEST_KEYCHAIN_CASE", case.name);
    if let Ok(target) = workspace::target() {
        command.env("PAYDESK", target.join("release/paydesk"));
    }
    // By these a keyring or a password window of the user's own session could be reached.
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL", "DBUS_SESSION_BUS_ADDRESS"] {
        command.env_remove(name);
    }
    command.envs(case.variables.iter().copied());
    command
}

/// A test that was not asked for passes without testing anything, so passing alone does not count.
fn verdict(case: &Case, success: bool, said: &str) -> Result<String, Vec<String>> {
    let count = format!("{} passed", case.tests.len());
    if success && said.contains(&count) && !said.contains("was not asked for") {
        return Ok(format!("{count}: {}", case.tests.join(", ")));
    }
    Err(vec![format!("the case {} failed, or tested nothing; it said:\n{said}", case.name)])
}

/// A new empty folder that only we may enter, with a short path, since sockets are made in it.
pub(crate) fn fresh_folder() -> Result<PathBuf, String> {
    let made = Command::new("mktemp").arg("-d").output().map_err(|error| format!("mktemp: {error}"))?;
    let path = String::from_utf8_lossy(&made.stdout).trim().to_owned();
    if made.status.success() && !path.is_empty() {
        Ok(path.into())
    } else {
        Err(format!("mktemp -d ended with {}", made.status))
    }
}

fn remove(folder: &Path) {
    if let Err(error) = std::fs::remove_dir_all(folder) {
        println!("  {} stays behind: {error}", folder.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passing_alone_does_not_count() {
        for (success, said, expected) in [
            (true, "test result: ok. 2 passed; 0 failed", true),
            (false, "test result: FAILED. 1 passed; 1 failed", false),
            (true, "test result: ok. 0 passed; 0 failed; 2 filtered out", false),
            (true, "the case `unlocked` was not asked for\ntest result: ok. 2 passed", false),
        ] {
            assert_eq!(verdict(&CASES[0], success, said).is_ok(), expected, "{said}");
        }
    }

    #[test]
    fn every_test_of_the_vault_has_a_case() {
        let path = workspace::root().join("crates/vault/tests/os_keychain.rs");
        let source = std::fs::read_to_string(path).unwrap();
        let tests = source.split("#[test]\nfn ").skip(1).filter_map(|rest| rest.split_once('('));
        let names: Vec<&str> = tests.map(|(name, _)| name).collect();
        assert!(names.contains(&"unlocked"), "{names:?}");
        for name in names {
            assert!(CASES.iter().any(|case| case.tests.contains(&name)), "{name} is run by no case");
        }
    }
}

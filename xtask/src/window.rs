//! The real window on a display and a keychain of its own: its stories, its pictures, its figures.

use crate::keychain::fresh_folder;
use crate::step::Steps;
use crate::{page, workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The stories, each a file in `tests/window/tests`, the quickest to fail first.
const STORIES: &[&str] = &[
    "frame",
    "first_day",
    "question",
    "trade_types",
    "merchant",
    "workbench",
    "accessible",
    "crowd",
    "hostile",
    "refused",
    "trouble",
];

/// The smallest screen that the window is designed for.
const SCREEN: &str = "-screen 0 1280x800x24";

/// Runs a command with a keyring that was unlocked by a login, on a bus of its own.
const UNLOCKED: &str =
    "printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec \"$@\"";

/// The programs that the tests start.
struct Programs {
    window: PathBuf,
    paydesk: PathBuf,
    /// Said, because a debug build is slower.
    kind: &'static str,
}

/// Runs every story, one after the other, or the one that is named.
pub(crate) fn test(steps: &mut Steps, only: Option<&str>) -> bool {
    let Some(programs) = build(steps, false) else { return false };
    let stories = STORIES.iter().filter(|story| only.is_none_or(|only| only == **story));
    let mut all = true;
    let mut ran = false;
    for story in stories {
        ran = true;
        let words = ["test", "--quiet", "--package", "paydesk-window-tests", "--test", story];
        let build = [&words[..], &["--no-run"]].concat();
        if !steps.command(&format!("window, {story}: build"), &mut workspace::cargo(&build)) {
            all = false;
            continue;
        }
        let run = [&words[..], &["--", "--test-threads=1"]].concat();
        let name = format!("window ({}), {story}", programs.kind);
        all &= on_a_display(steps, &name, &workspace::cargo(&run), &programs);
    }
    ran && all
}

/// Takes a picture of every screen, state, language and theme.
pub(crate) fn shots(steps: &mut Steps) -> bool {
    let Some(programs) = build(steps, false) else { return false };
    build_seed(steps) && program(steps, "shots", &programs)
}

/// The window's figures beside those of a blank one, in one run.
pub(crate) fn bench(steps: &mut Steps) -> bool {
    let Some(programs) = build(steps, true) else { return false };
    build_seed(steps) && program(steps, "bench_window", &programs)
}

/// What fills a ledger, which takes too long as a debug build.
fn build_seed(steps: &mut Steps) -> bool {
    let words = ["build", "--quiet", "--release", "--package", "paydesk-tests", "--bin", "seed"];
    steps.command("seed: build", &mut workspace::cargo(&words))
}

fn program(steps: &mut Steps, name: &str, programs: &Programs) -> bool {
    let words = ["run", "--quiet", "--package", "paydesk-window-tests", "--bin", name];
    let build = ["build", "--quiet", "--package", "paydesk-window-tests", "--bin", name];
    steps.command(&format!("{name}: build"), &mut workspace::cargo(&build))
        && on_a_display(steps, &format!("{name} ({})", programs.kind), &workspace::cargo(&words), programs)
}

/// Builds the page and the window: as it is given to people if it is to be measured or was built so before,
/// otherwise like the tests, which takes less long.
fn build(steps: &mut Steps, measured: bool) -> Option<Programs> {
    let target = match workspace::target() {
        Ok(target) => target,
        Err(fault) => {
            steps.check("window", || Err(vec![fault]));
            return None;
        }
    };
    let release = measured || binary(&target, "release", "paydesk-window").exists();
    let (folder, kind) = if release { ("release", "release") } else { ("debug", "debug") };
    println!("→ the window is driven as a {kind} build");
    let mut words = vec!["build", "--quiet", "--package", "paydesk", "--package", "paydesk-window"];
    if release {
        words.push("--release");
    }
    let built = page::install(steps)
        && page::build(steps)
        && steps.command(&format!("window: {kind} build"), &mut workspace::cargo(&words));
    built.then(|| Programs {
        window: binary(&target, folder, "paydesk-window"),
        paydesk: binary(&target, folder, "paydesk"),
        kind,
    })
}

fn binary(target: &Path, folder: &str, name: &str) -> PathBuf {
    target.join(folder).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Runs a command on a display, a bus and an unlocked keyring that nobody else has.
fn on_a_display(steps: &mut Steps, name: &str, inner: &Command, programs: &Programs) -> bool {
    let folder = match fresh_folder() {
        Ok(folder) => folder,
        Err(fault) => return steps.check(name, || Err(vec![fault])),
    };
    let words = ["-a", "-s", SCREEN, "dbus-run-session", "--", "sh", "-c", UNLOCKED, "sh"];
    let mut command = workspace::command("xvfb-run", &words);
    command.arg(inner.get_program()).args(inner.get_args());
    command.env("XDG_DATA_HOME", &folder).env("XDG_RUNTIME_DIR", &folder);
    command.env("PAYDESK_WINDOW", &programs.window).env("PAYDESK", &programs.paydesk);
    command.env("PAYDESK_WINDOW_BUILD", programs.kind);
    if let Ok(target) = workspace::target() {
        // What the screen showed when a test failed.
        command.env("PAYDESK_WINDOW_FAILED", target.join("window"));
        command.env("PAYDESK_SHOTS", target.join("shots"));
        command.env("PAYDESK_SEED", binary(&target, "release", "seed"));
    }
    // By these the user's own session could be reached.
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL", "DBUS_SESSION_BUS_ADDRESS"] {
        command.env_remove(name);
    }
    let passed = steps.command(name, &mut command);
    let _ = std::fs::remove_dir_all(&folder);
    passed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_story_is_run() {
        let folder = workspace::root().join("tests/window/tests");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        files.sort();
        let mut stories = STORIES.to_vec();
        stories.sort_unstable();
        assert_eq!(files, stories);
    }
}

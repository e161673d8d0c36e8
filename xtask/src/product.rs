//! Builds Paydesk, runs it, and runs the programs that try to break it.

use crate::page;
use crate::setup::{self, Purpose};
use crate::step::Steps;
use crate::workspace;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// Where the release build of `paydesk` stands.
///
/// # Errors
/// What cargo says when it is asked for the build folder.
pub(crate) fn binary() -> Result<PathBuf, String> {
    let name = format!("paydesk{}", std::env::consts::EXE_SUFFIX);
    workspace::target().map(|target| target.join("release").join(name))
}

/// Builds `paydesk` as it is given to people.
pub(crate) fn build(steps: &mut Steps) -> bool {
    steps.command("release build", &mut workspace::cargo(&["build", "--release", "--package", "paydesk"]))
}

/// Where the release build of the window stands.
///
/// # Errors
/// What cargo says when it is asked for the build folder.
fn window_binary() -> Result<PathBuf, String> {
    let name = format!("paydesk-window{}", std::env::consts::EXE_SUFFIX);
    workspace::target().map(|target| target.join("release").join(name))
}

/// Builds the page and the window as they are given to people.
pub(crate) fn build_window(steps: &mut Steps) -> bool {
    page::install(steps)
        && page::build(steps)
        && steps.command(
            "release build of the window",
            &mut workspace::cargo(&["build", "--release", "--package", "paydesk-window"]),
        )
}

/// Installs what is missing, builds, and opens the window on the simulator; where nothing can be seen, runs the main
/// job in this terminal. The status is the program's own.
pub(crate) fn run(steps: &mut Steps, arguments: &[String]) -> ExitCode {
    let shown = has_display();
    let purpose = if shown { Purpose::Run } else { Purpose::Terminal };
    if shown {
        println!(
            "→ paydesk opens its window on a simulated WeChat Pay: no money moves, nothing leaves this computer"
        );
        println!(
            "  the first build takes minutes (some 5 on two cores), because it is the one that is given to people"
        );
    } else {
        println!(
            "→ there is no display (DISPLAY and WAYLAND_DISPLAY are not set), so no window can open; instead"
        );
        println!(
            "→ paydesk runs its main job on a simulated WeChat Pay: no money moves, nothing leaves this computer"
        );
    }
    if !(setup::setup(steps, purpose) && if shown { build_window(steps) } else { build(steps) }) {
        return ExitCode::FAILURE;
    }
    let (binary, first): (_, &[&str]) =
        if shown { (window_binary(), &["--merchant", "simulated"]) } else { (binary(), &["demo"]) };
    let binary = match binary {
        Ok(binary) => binary,
        Err(fault) => {
            eprintln!("{fault}");
            return ExitCode::FAILURE;
        }
    };
    println!("→ {} {} {}", binary.display(), first.join(" "), arguments.join(" "));
    // In the folder where the user stands, so that files that it is told to write land there.
    match Command::new(&binary).args(first).args(arguments).status() {
        Ok(status) => {
            let code = status.code().and_then(|code| u8::try_from(code).ok());
            code.map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            eprintln!("{} could not be started: {error}", binary.display());
            ExitCode::FAILURE
        }
    }
}

/// Whether a window can be seen. Only on Linux may a person sit at a computer without a screen of its own.
fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(not(target_os = "linux")) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Watches the simulated merchant at the level of system calls.
pub(crate) fn no_packets(steps: &mut Steps) -> bool {
    let mut command = workspace::cargo(&["test", "--workspace", "--test", "no_packets"]);
    match binary() {
        Ok(binary) => steps.command("no packet leaves", command.env("PAYDESK", binary)),
        Err(fault) => steps.check("no packet leaves", || Err(vec![fault])),
    }
}

/// How a program of the `tests` room is built.
#[derive(Clone, Copy)]
pub(crate) enum Built {
    /// Like the tests, with which it is built anyway.
    WithTests,
    /// Optimised, which takes minutes to build and is worth it where much is run.
    Release,
}

/// Kills a working process `kills` times and compares its ledger with the gateway.
pub(crate) fn crash(steps: &mut Steps, kills: u64, built: Built) -> bool {
    let name = format!("crash test, {kills} kills");
    program(steps, &name, built, "crash", &["--kills", &kills.to_string()])
}

/// The same test on a build that writes after it sends. If that one passes, the test is blind. Run it before the
/// true one: both programs have the same place.
pub(crate) fn crash_control(steps: &mut Steps, kills: u64) -> bool {
    let build = ["build", "--quiet", "--workspace", "--bin", "crash", "--features", "paydesk-tests/control"];
    if !steps.command("crash control: build", &mut workspace::cargo(&build)) {
        return false;
    }
    let name = "crash control: a build that writes after sending must fail";
    with_tests(steps, name, "crash", &["--control", "--kills", &kills.to_string()])
}

/// The same story on `seeds` seeds against the reference model.
pub(crate) fn stories(steps: &mut Steps, seeds: u64, built: Built) -> bool {
    let name = format!("story, {seeds} seeds");
    program(steps, &name, built, "story", &["--seeds", &seeds.to_string()])
}

/// One seed of the story again.
pub(crate) fn story_of(steps: &mut Steps, seed: u64) -> bool {
    let name = format!("story of seed {seed}");
    program(steps, &name, Built::Release, "story", &["--seed", &seed.to_string()])
}

/// Figures beside their limits, of the release build.
pub(crate) fn bench(steps: &mut Steps) -> bool {
    build(steps) && program(steps, "bench", Built::Release, "bench", &[])
}

/// One of the programs of the `tests` room.
pub(crate) fn program(
    steps: &mut Steps,
    name: &str,
    built: Built,
    program: &str,
    arguments: &[&str],
) -> bool {
    let source = ["tests/src/bin", "tests/bin", "tests/it/bin"].map(|folder| workspace::root().join(folder));
    let there = source
        .iter()
        .any(|folder| folder.join(format!("{program}.rs")).exists() || folder.join(program).exists());
    if !there {
        return steps.missing(name, &format!("the tests have no program `{program}`"));
    }
    match built {
        Built::WithTests => {
            // With the features of the whole workspace, as the tests are: otherwise half of it is built again.
            let build = ["build", "--quiet", "--workspace", "--bins"];
            steps.command(&format!("{name}: build"), &mut workspace::cargo(&build))
                && with_tests(steps, name, program, arguments)
        }
        Built::Release => {
            let words = ["run", "--quiet", "--package", "paydesk-tests", "--bin", program, "--release", "--"];
            let mut command = workspace::cargo(&[&words[..], arguments].concat());
            steps.command(name, told(&mut command, arguments))
        }
    }
}

/// A program of the `tests` room that was built beside the tests.
fn with_tests(steps: &mut Steps, name: &str, program: &str, arguments: &[&str]) -> bool {
    match workspace::target() {
        Ok(target) => {
            let path = target.join("debug").join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
            let mut command = workspace::command(&path.display().to_string(), arguments);
            steps.command(name, told(&mut command, arguments))
        }
        Err(fault) => steps.check(name, || Err(vec![fault])),
    }
}

/// Tells a program how often it kills and where the release build is.
fn told<'c>(command: &'c mut Command, arguments: &[&str]) -> &'c mut Command {
    if let Some(at) = arguments.iter().position(|word| *word == "--kills") {
        command.env("PAYDESK_CRASH_KILLS", arguments.get(at + 1).unwrap_or(&""));
    }
    if let Ok(binary) = binary() {
        command.env("PAYDESK", binary);
    }
    command
}

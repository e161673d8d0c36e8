//! Everything that is done with this repository, with nothing but cargo: `cargo xtask help`.
//!
//! Each task says what it does before it does it, and leaves nothing out that continuous integration does.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program talks to a person at a terminal"
)]

mod arguments;
mod clients;
mod codegen;
mod fuzz;
mod i18n;
mod icons;
mod keychain;
mod package;
mod page;
mod product;
mod seed;
mod setup;
mod step;
mod test;
mod tidy;
mod window;
mod workspace;

use arguments::{Arguments, Usage};
use setup::Purpose;
use std::process::ExitCode;
use step::Steps;

const HELP: &str = "\
cargo xtask TASK

  run [-- ARGUMENTS]    install what is missing, build, open the window on the simulator
                        (without a display: run `paydesk demo ARGUMENTS` in the terminal)
  test                  everything that continuous integration runs
  setup [--run]         only install what is missing: for the tests, or only for `run`
  tidy                  the import table of ARCHITECTURE.md and the other rules of the house
  codegen               write what is generated from the console's views: TypeScript and snapshots
  i18n                  both languages say the same, and every text that is used exists
  keychain              the keychain tests against a real gnome-keyring on a private D-Bus
  clients               third-party WeChat Pay clients against the simulator over TLS
  window [STORY]        the real window, driven as a person would on a display and a keychain of its own
  shots                 pictures of every screen, state, language and theme, in target/shots
  crash [--kills N]     kill a working process N times and compare its ledger with the gateway (10000)
  story [--seeds N]     the same story on N seeds against a reference model (2000)
  story --seed S        that one seed again, told in full
  page                  the window's page: types, unit tests, build, size
  icons                 render the icons from their SVG
  dist [--debug]        make this system's package (on Linux a .deb with the window and the command line) in
                        target/release/bundle; of a debug build, to try it, in target/debug/bundle
  bench                 figures beside their limits
  bench ui              the window's figures beside those of a blank one
  seed --payments N [--data-dir DIR] [--seed S]
                        fill the simulated ledger with a bakery's trade of N payments up to now
  fuzz TARGET [--seconds N]   let cargo-fuzz look for input that breaks TARGET (60)
  help                  this text

Set PAYDESK_XTASK_PARTIAL=1 to report what is not in the tree yet instead of failing.
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let task = words.next().unwrap_or_else(|| "help".into());
    match perform(&task, Arguments::new(words)) {
        Ok(code) => code,
        Err(usage) => {
            eprintln!("cargo xtask {task}: {usage}\n\n{HELP}");
            ExitCode::from(2)
        }
    }
}

fn perform(task: &str, mut arguments: Arguments) -> Result<ExitCode, Usage> {
    let mut steps = Steps::new();
    match task {
        "run" => return Ok(product::run(&mut steps, &arguments.rest())),
        "test" => {
            arguments.end()?;
            test::test(&mut steps);
            println!("\n{}", steps.table());
        }
        "setup" | "ci-env" => {
            let purpose = if arguments.flag("--run") { Purpose::Run } else { Purpose::Test };
            arguments.end()?;
            setup::setup(&mut steps, purpose);
        }
        "bench" if arguments.flag("ui") => {
            arguments.end()?;
            window::bench(&mut steps);
        }
        "tidy" | "codegen" | "i18n" | "keychain" | "clients" | "page" | "icons" | "bench" => {
            arguments.end()?;
            match task {
                "tidy" => steps.check("tidy", tidy::check),
                "codegen" => codegen::write(&mut steps),
                "i18n" => i18n::test(&mut steps),
                "keychain" => keychain::test(&mut steps),
                "page" => page::test(&mut steps),
                "icons" => icons::render(&mut steps),
                "clients" => product::build(&mut steps) && clients::test(&mut steps),
                _ => product::bench(&mut steps),
            };
        }
        "dist" => {
            let debug = arguments.flag("--debug");
            arguments.end()?;
            package::dist(&mut steps, debug);
        }
        "window" => {
            let story = arguments.word();
            arguments.end()?;
            window::test(&mut steps, story.as_deref());
        }
        "shots" => {
            arguments.end()?;
            window::shots(&mut steps);
        }
        "crash" => {
            let kills = arguments.number("--kills")?.unwrap_or(10_000);
            arguments.end()?;
            product::crash(&mut steps, kills, product::Built::Release);
        }
        "story" => {
            let (seed, seeds) = (arguments.number("--seed")?, arguments.number("--seeds")?);
            arguments.end()?;
            match (seed, seeds) {
                (Some(_), Some(_)) => return Err(Usage::Both("--seed", "--seeds")),
                (Some(seed), None) => product::story_of(&mut steps, seed),
                (None, seeds) => {
                    product::stories(&mut steps, seeds.unwrap_or(2_000), product::Built::Release)
                }
            };
        }
        "seed" => {
            let (payments, seed) = (arguments.number("--payments")?, arguments.number("--seed")?);
            let data_dir = arguments.value("--data-dir")?;
            arguments.end()?;
            let payments = payments.ok_or(Usage::Missing("--payments"))?;
            seed::seed(&mut steps, payments, data_dir, seed.unwrap_or(1));
        }
        "fuzz" => {
            let seconds = arguments.number("--seconds")?.unwrap_or(60);
            let target = arguments.word().ok_or(Usage::Missing("TARGET"))?;
            arguments.end()?;
            fuzz::fuzz(&mut steps, &target, seconds);
        }
        "help" | "--help" | "-h" => print!("{HELP}"),
        _ => return Err(Usage::Task),
    }
    Ok(if steps.all_passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

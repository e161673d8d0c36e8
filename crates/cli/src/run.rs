//! From the arguments to the exit status.

use crate::args::{Cli, Command};
use crate::desk::{Desk, Outcome, write_bytes, write_text};
use crate::failure::Failure;
use crate::{commands, help};
use clap::{CommandFactory as _, FromArgMatches as _};
use console::Lang;
use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::OnceLock;

/// Runs the command of this process.
pub(crate) fn main() -> ExitCode {
    console::no_core_dumps();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let lang = language(&arguments);
    std::panic::set_hook(Box::new(move |info| {
        // What it worked on may be a secret, so only the place is said.
        let place =
            info.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
        let _ = writeln!(std::io::stderr(), "paydesk: {} ({place})", lang.say("error.internal", &[]));
    }));
    // Before anything is done: an order that was made and that nobody is told of would be asked for again.
    if is_closed() {
        return ExitCode::from(report(&Failure::Closed, false, lang));
    }
    let status = match parse(&arguments, lang) {
        Ok(cli) => run(cli, lang),
        Err(status) => status,
    };
    ExitCode::from(status)
}

/// Whether nothing can be written to standard output, because it was closed: `closed.c` sees to it that this can be
/// told. One that was opened only to be read is no better.
#[cfg(unix)]
fn is_closed() -> bool {
    use rustix::fs::{OFlags, fcntl_getfl};
    fcntl_getfl(std::io::stdout()).is_ok_and(|flags| flags & OFlags::RWMODE == OFlags::RDONLY)
}

#[cfg(not(unix))]
const fn is_closed() -> bool {
    false
}

/// The language before anything is parsed, because help and refusals are in it: `--lang`, or the system's.
fn language(arguments: &[OsString]) -> Lang {
    let mut words = arguments.iter().skip(1).map_while(|word| word.to_str()).take_while(|word| *word != "--");
    let mut given = None;
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--lang=") {
            Some(value) => Some(value),
            None if word == "--lang" => words.next(),
            None => continue,
        };
        // One that there is not does not take the language away that was understood before.
        given = value.and_then(Lang::parse).or(given);
    }
    given.unwrap_or_else(console::system_language)
}

fn parse(arguments: &[OsString], lang: Lang) -> Result<Cli, u8> {
    let command = match lang {
        Lang::En => Cli::command(),
        Lang::ZhCn => help::localised(Cli::command(), lang),
    };
    let parsed = command.try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    parsed.map_err(|error| refused(&error, arguments, lang))
}

/// What clap has to say: help and version on standard output, a refusal where errors go.
fn refused(error: &clap::Error, arguments: &[OsString], lang: Lang) -> u8 {
    use clap::error::ErrorKind as K;
    if matches!(error.kind(), K::DisplayHelp | K::DisplayVersion) {
        return match write_text(&help::page(error, lang)) {
            Ok(()) | Err(Failure::Gone) => 0,
            Err(failure) => failure.status(),
        };
    }
    let json = arguments.iter().take_while(|word| *word != "--").any(|word| word == "--json");
    if json {
        let detail = help::detail(error, lang);
        return report(&Failure::Usage(detail), true, lang);
    }
    let _ = anstream::stderr().write_all(help::refusal(error, lang).as_bytes());
    2
}

fn run(cli: Cli, lang: Lang) -> u8 {
    let Cli { common, command, .. } = cli;
    let desk = Desk {
        lang,
        json: common.json,
        quiet: common.quiet,
        verbose: common.verbose,
        merchant: common.merchant,
        data_dir: common.data_dir,
        console: OnceLock::new(),
    };
    let outcome = dispatch(&desk, command);
    // The journals' heads go where the ledgers are not, so that a tail cut off later is noticed.
    if let Some(console) = desk.console.get()
        && let Err(error) = console.anchor()
    {
        desk.note(&desk.say("note.not_anchored", &[("why", &lang.error(&error))]));
    }
    match outcome {
        Ok(status) => status,
        Err(failure) => report(&failure, desk.json, lang),
    }
}

fn report(failure: &Failure, json: bool, lang: Lang) -> u8 {
    match failure {
        Failure::Gone => {}
        // Standard output has just failed, so this goes where errors go, in JSON too.
        _ if json && !matches!(failure, Failure::Unprinted(_)) => {
            let text = serde_json::to_string_pretty(&failure.json(lang)).unwrap_or_default();
            let _ = write_bytes((crate::print::foreign::json(&text) + "\n").as_bytes());
        }
        _ => drop(anstream::stderr().write_all(failure.text(lang).as_bytes())),
    }
    failure.status()
}

fn dispatch(desk: &Desk, command: Command) -> Outcome {
    match command {
        Command::Demo(demo) => commands::demo::run(desk, &demo),
        Command::Merchant(command) => commands::merchant::run(desk, command),
        Command::Order(command) => commands::order::run(desk, command),
        Command::PayParams(params) => commands::pay::params(desk, params),
        Command::Micropay(micropay) => commands::pay::micropay(desk, micropay),
        Command::Reverse(number) => commands::pay::reverse(desk, &number),
        Command::Refund(command) => commands::refund::run(desk, command),
        Command::Resolve(resolve) => commands::resolve::run(desk, &resolve),
        Command::Verify(verify) => commands::paste::verify(desk, verify),
        Command::Sign(sign) => commands::paste::sign(desk, &sign),
        Command::Jssdk(command) => commands::paste::jssdk(desk, command),
        Command::Decrypt(decrypt) => commands::paste::decrypt(desk, &decrypt),
        Command::Requests(command) => commands::requests::run(desk, &command),
        Command::Ledger(command) => commands::ledger::run(desk, &command),
        Command::Simulator(command) => commands::simulator::run(desk, command),
        Command::Export(command) => commands::export::run(desk, &command),
        Command::Completions(completions) => commands::pages::completions(desk, &completions),
        Command::Man(man) => commands::pages::man(desk, &man),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_last_that_was_given_and_understood() {
        let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(language(&words(&["paydesk", "--lang", "zh-CN", "demo"])), Lang::ZhCn);
        assert_eq!(language(&words(&["paydesk", "demo", "--lang=en"])), Lang::En);
        assert_eq!(language(&words(&["paydesk", "--lang=en", "demo", "--lang=zh-CN"])), Lang::ZhCn);
        assert_eq!(language(&words(&["paydesk", "--lang=zh-CN", "demo", "--lang=fr"])), Lang::ZhCn);
    }
}

//! The crash test: a till that makes orders and refunds on a real ledger file is killed with SIGKILL at random
//! moments, started again, and in the end what its ledger says is compared with what happened at the gateway.
//!
//! ```text
//! crash [--kills N] [--seed S] [--life-ms 25]   nothing may be wrong
//! crash --control [...]                          built with `--features control`: writes after sending, and must be caught
//! crash --till ...                               the till itself; started by the test
//! ```
//! The kills come from the computer's own timing, so a seed gives the same shop, not the same run.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program talks to a person at a terminal, and its till to it"
)]

mod killer;
mod shop;
mod till;

use std::process::ExitCode;

/// How many kills there are if nobody says otherwise.
const KILLS: u64 = 300;
/// When a till is killed at the latest.
const LIFE_MS: u64 = 25;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.first().map(String::as_str) {
        Some("--till") => till::run(&words[1..]).map(|()| true),
        _ => plan(&words).and_then(|plan| killer::run(&plan)),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("crash: {why}");
            ExitCode::from(2)
        }
    }
}

fn plan(words: &[String]) -> Result<killer::Plan, String> {
    let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{text:?} is no number"));
    let kills = std::env::var("PAYDESK_CRASH_KILLS").ok();
    let mut plan = killer::Plan {
        kills: kills.as_deref().map_or(Ok(KILLS), number)?,
        seed: u64::from(std::process::id()),
        life_ms: LIFE_MS,
        control: false,
    };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a number")).and_then(|text| number(text));
        match word.as_str() {
            "--kills" => plan.kills = value()?,
            "--seed" => plan.seed = value()?,
            "--life-ms" => plan.life_ms = value()?,
            "--control" => plan.control = true,
            _ => return Err(format!("{word:?} is not understood; see the top of its source")),
        }
    }
    if plan.control && !cfg!(feature = "control") {
        return Err("this build writes before it sends; build with `--features control`".into());
    }
    Ok(plan)
}

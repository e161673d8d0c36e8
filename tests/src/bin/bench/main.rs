//! Figures beside their limits. Only ratios taken inside one run are facts that last: ours and its limit are
//! measured in turns (A B B A), each pair gives one ratio, and the median of them counts.
//!
//! ```text
//! bench [--gate] [PART]     --gate: ends with status 1 where a goal is missed; PART: signing, disk, start, lists,
//!                           diagnosis, hostile or lines alone
//! ```
//! `PAYDESK` names the release build of `paydesk`; without it the one beside this program is taken.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program talks to a person at a terminal"
)]

mod diagnosis;
mod disk;
mod hostile;
mod lines;
mod lists;
mod measure;
mod signing;
mod start;

use measure::Row;
use std::process::ExitCode;

/// One group of figures, or why it could not be measured.
type Part = fn() -> Result<Vec<Row>, String>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let gate = words.iter().any(|word| word == "--gate");
    if let [first, what, number] = words.as_slice()
        && first == hostile::ONE
    {
        return one(what, number);
    }
    let only: Vec<&String> = words.iter().filter(|word| *word != "--gate").collect();
    if cfg!(debug_assertions) {
        println!("this is a debug build: its figures mean nothing");
    }
    let mut missed = false;
    let parts: [(&str, Part); 7] = [
        ("signing", signing::rows),
        ("disk", disk::rows),
        ("start", start::rows),
        ("lists", lists::rows),
        ("diagnosis", diagnosis::rows),
        ("hostile", hostile::rows),
        ("lines", lines::rows),
    ];
    if only.len() > 1 || only.iter().any(|word| parts.iter().all(|(name, _)| name != word)) {
        eprintln!("bench [--gate] [signing | disk | start | lists | diagnosis | hostile | lines]");
        return ExitCode::from(2);
    }
    println!("{}", Row::head());
    for (name, part) in parts.into_iter().filter(|(name, _)| only.iter().all(|word| name == word)) {
        match part() {
            Ok(rows) => {
                for row in rows {
                    missed |= !row.is_met();
                    println!("{row}");
                }
            }
            Err(why) => {
                missed = true;
                println!("{name}: not measured: {why}");
            }
        }
    }
    if gate && missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// What a process of its own is asked for.
fn one(what: &str, number: &str) -> ExitCode {
    match number.parse().map_err(|_| number.to_owned()).and_then(|number| hostile::one(what, number)) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

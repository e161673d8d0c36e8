//! `story --seeds N [--from K]`: the same story on N seeds against the reference model. `story --seed S`: one
//! seed again, told in full.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program talks to a person at a terminal"
)]

use paydesk_tests::story::{Told, tell};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What was asked for on the command line.
enum Asked {
    One(u64),
    Many { from: u64, seeds: u64 },
}

fn asked(words: &[String]) -> Option<Asked> {
    let (mut seed, mut seeds, mut from) = (None, None, None);
    for pair in words.chunks(2) {
        let [name, value] = pair else { return None };
        let value: u64 = value.parse().ok()?;
        match name.as_str() {
            "--seed" => seed = Some(value),
            "--seeds" => seeds = Some(value),
            "--from" => from = Some(value),
            _ => return None,
        }
    }
    match (seed, seeds) {
        (Some(seed), None) if from.is_none() => Some(Asked::One(seed)),
        (None, seeds) => Some(Asked::Many { from: from.unwrap_or(0), seeds: seeds.unwrap_or(2_000) }),
        _ => None,
    }
}

/// A folder in memory where there is one: the story is about order, not about the disk.
fn folder() -> std::io::Result<tempfile::TempDir> {
    let memory = PathBuf::from("/dev/shm");
    let made = tempfile::Builder::new().prefix("paydesk-story-").tempdir_in(&memory);
    made.or_else(|_| tempfile::Builder::new().prefix("paydesk-story-").tempdir())
}

fn play(seed: u64, folder: &Path) -> Told {
    let folder = folder.join(seed.to_string());
    let told = tell(seed, &folder);
    let _ = std::fs::remove_dir_all(&folder);
    told
}

/// Prints a history that broke a rule, and how to see it again.
fn report(told: &Told, rule: &str) {
    println!("seed {}:", told.seed);
    for (index, step) in told.steps.iter().enumerate() {
        println!("{:4}  {step}", index + 1);
    }
    println!("\nbroken: {rule}\nagain:  cargo xtask story --seed {}", told.seed);
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(asked) = asked(&words) else {
        eprintln!("story --seeds N [--from K] | story --seed S");
        return ExitCode::from(2);
    };
    let folder = match folder() {
        Ok(folder) => folder,
        Err(error) => {
            eprintln!("no folder to play in: {error}");
            return ExitCode::from(2);
        }
    };
    match asked {
        Asked::One(seed) => {
            let told = play(seed, folder.path());
            match &told.broken {
                Some(rule) => {
                    report(&told, rule);
                    ExitCode::FAILURE
                }
                None => {
                    for (index, step) in told.steps.iter().enumerate() {
                        println!("{:4}  {step}", index + 1);
                    }
                    println!("\nseed {seed}: every rule held");
                    ExitCode::SUCCESS
                }
            }
        }
        Asked::Many { from, seeds } => many(from, seeds, folder.path()),
    }
}

fn many(from: u64, seeds: u64, folder: &Path) -> ExitCode {
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let all = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= seeds {
                        break;
                    }
                    let told = play(from.wrapping_add(index), folder);
                    if told.broken.is_some() {
                        stop.store(true, Ordering::Relaxed);
                    }
                    all.lock().unwrap_or_else(PoisonError::into_inner).push(told);
                }
            });
        }
    });
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.sort_by_key(|told| told.seed);
    if let Some(told) = all.iter().find(|told| told.broken.is_some()) {
        report(told, told.broken.as_deref().unwrap_or_default());
        return ExitCode::FAILURE;
    }
    let sum = |of: fn(&Told) -> usize| all.iter().map(of).sum::<usize>();
    println!(
        "{} histories, {} steps, {} troubles, {} outcomes unknown at first, {} payments and refunds: every rule held",
        all.len(),
        sum(|told| told.steps.len()),
        sum(|told| told.troubles),
        sum(|told| told.unknown),
        sum(|told| told.moved),
    );
    ExitCode::SUCCESS
}

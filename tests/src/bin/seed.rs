//! Fills the built-in simulated merchant's ledger with a bakery's trade of weeks, so that long lists can be looked at.
//!
//! ```text
//! seed --payments N [--data-dir DIR] [--seed S]
//! ```
//! It can reach no other ledger. Without a folder it is the platform's own, the one that Paydesk opens by itself.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program talks to a person at a terminal"
)]

use console::{BUILT_IN, Console, Options, SystemClock};
use domain::{AppId, Clock as _, MchId};
use paydesk_tests::bakery::{Bakery, Seller};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

struct Asked {
    payments: u64,
    seed: u64,
    data_dir: Option<PathBuf>,
}

fn asked() -> Option<Asked> {
    let mut words = std::env::args().skip(1);
    let mut asked = Asked { payments: 0, seed: 1, data_dir: None };
    while let Some(word) = words.next() {
        let value = words.next()?;
        match word.as_str() {
            "--payments" => asked.payments = value.parse().ok()?,
            "--seed" => asked.seed = value.parse().ok()?,
            "--data-dir" => asked.data_dir = Some(value.into()),
            _ => return None,
        }
    }
    Some(asked).filter(|asked| asked.payments > 0)
}

fn fill(asked: Asked) -> Result<(), String> {
    let console = Console::open(Options { data_dir: asked.data_dir, ..Options::default() })
        .map_err(|error| error.to_string())?;
    let seller = Seller {
        merchant: BUILT_IN.into(),
        mch_id: MchId::parse(simulator::MCH_ID).map_err(|error| error.to_string())?,
        appid: AppId::parse(simulator::APPID).map_err(|error| error.to_string())?,
    };
    let start = Instant::now();
    let trade = Bakery::new(seller, asked.payments, asked.seed, SystemClock.now());
    let each = |written| println!("  {written} of {}", asked.payments);
    let written = console.import_past(trade, each).map_err(|error| error.to_string())?;
    let path = console.place().ledger(domain::Environment::Simulated);
    let bytes = std::fs::metadata(&path).map_or(0, |file| file.len());
    println!(
        "{written} payments in {} s; {} MB in {}",
        start.elapsed().as_secs(),
        bytes >> 20,
        path.display()
    );
    Ok(())
}

fn main() -> ExitCode {
    let Some(asked) = asked() else {
        eprintln!("seed --payments N [--data-dir DIR] [--seed S]");
        return ExitCode::from(2);
    };
    match fill(asked) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("seed: {why}");
            ExitCode::FAILURE
        }
    }
}

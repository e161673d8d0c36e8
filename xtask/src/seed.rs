//! A ledger with much in it, to look at long lists.

use crate::product::{Built, program};
use crate::step::Steps;
use std::path::Path;

/// Fills the simulated ledger in `data_dir`, or in the platform's own place, with `payments` payments.
pub(crate) fn seed(steps: &mut Steps, payments: u64, data_dir: Option<String>, seed: u64) -> bool {
    let mut words =
        vec!["--payments".to_owned(), payments.to_string(), "--seed".to_owned(), seed.to_string()];
    if let Some(folder) = data_dir {
        // The program is started in the folder of the workspace, and the user stands elsewhere.
        let folder =
            std::path::absolute(Path::new(&folder)).map_or(folder, |path| path.display().to_string());
        words.extend(["--data-dir".to_owned(), folder]);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    program(steps, &format!("seed, {payments} payments"), Built::Release, "seed", &words)
}

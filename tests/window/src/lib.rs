//! Drives the real window through WebDriver, on a display of its own with a keychain of its own.
//!
//! `cargo xtask window` starts both and names the programs: `PAYDESK_WINDOW` is the window, `PAYDESK` the command.

mod driver;
mod gateway;
mod hand;
mod keychain;
mod page;
mod place;
mod steps;
mod words;

pub use driver::Window;
pub use gateway::Gateway;
pub use hand::{Question, hand};
pub use keychain::Keychain;
pub use page::{Page, key};
pub use place::{Place, Running};
pub use words::Words;

use std::path::PathBuf;

/// A program that was built, by the variable that names it.
///
/// # Panics
/// If nobody has named it.
#[must_use]
pub fn program(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file());
    path.unwrap_or_else(|| panic!("run this by `cargo xtask window`: it sets {variable}"))
}

/// A file of the repository, by its path from the root.
#[must_use]
pub fn repository(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}

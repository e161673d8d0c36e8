//! Paydesk, headless: what the window, the command line and the tests share.
//!
//! [`Console`] is the product. Its methods take [`args`] and give [`view`]s or a [`ConsoleError`] with a closed
//! code; words for people come from [`words`]. Whatever moves money goes through one place, `desk`, which writes
//! the intent down before anything is sent.
#![deny(clippy::float_arithmetic)]

mod admin;
pub mod args;
mod background;
mod books;
mod by_hand;
mod calls;
mod check;
mod clock;
mod console;
#[cfg(test)]
mod contract;
mod demo;
mod desk;
mod detail;
mod error;
mod error_view;
mod export;
mod export_shown;
mod failure;
pub mod forms;
mod jssdk;
mod learn;
mod ledgers;
mod lists;
mod look;
mod look_after;
mod merchants;
mod micropay;
mod notices;
mod orders;
mod overview;
mod owner;
mod place;
mod qr;
mod refunds;
mod resolve;
mod run;
mod running;
#[cfg(feature = "seed")]
mod seed;
mod shape;
mod simulate;
mod start;
mod status;
mod timeline;
pub mod view;
mod whole;
pub mod words;
mod workbench;
mod world;

pub use background::News;
pub use clock::{OsEntropy, SystemClock, no_core_dumps};
pub use console::{Console, Options, Patience, SimulatedGateway};
pub use demo::demo;
pub use error::{Code, ConsoleError, Exit, Result};
pub use export::Follow;
pub use look::{Judge, Looked, QuickView};
pub use look_after::Happening;
pub use merchants::BUILT_IN;
pub use notices::Taken;
pub use place::Place;
pub use start::system_language;
pub use vault::without_asking;
pub use words::Lang;
pub use workbench::causes;

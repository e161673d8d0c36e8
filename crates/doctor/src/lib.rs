//! The signature doctor. Given a document, the signature it was presented with and the keys at hand, it says
//! whether the signature is right and, if not, **proves** why: it replays known mistakes until one gives the
//! wrong digest.
//!
//! Pure: no network, no clock, no file; and it does not know where keys come from.

mod cause;
pub mod code;
mod document;
pub mod findings;
mod key;
mod keyform;
mod mistakes;
mod presented;
pub mod read;
mod reading;
mod recipe;
mod replay;
pub mod reproduce;
mod search;

pub use cause::{Cause, Proven};
pub use document::{Document, Kind};
pub use key::{Key, KeyKind};
pub use reading::{Exchange, Format, Message, Reading, Special, Undone, Unreadable};
pub use replay::{SECOND_KEY, replay};
pub use search::{Diagnosis, Explanation, examine, examine_to};

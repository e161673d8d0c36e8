//! The signature doctor. Given a document, the signature it was presented with and the keys at hand, it says whether
//! the signature is right and, if not, **proves** why: it replays known mistakes until one gives the wrong digest.
//!
//! Pure: no network, no clock, no file; and it does not know where keys come from.

mod cause;
mod document;
mod key;
mod keyform;
mod mistakes;
mod presented;
mod recipe;
mod search;

pub use cause::{Cause, Proven};
pub use document::{Document, Kind};
pub use key::{Key, KeyKind};
pub use search::{Diagnosis, Explanation, examine};

//! The gateway from outside, at bytes.

mod bench;
mod orders;
mod serve;

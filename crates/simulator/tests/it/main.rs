//! The gateway from outside, at bytes.

mod bench;
mod envelope;
mod orders;
mod random;
mod refunds;
mod scanning;
mod serve;
mod trouble;

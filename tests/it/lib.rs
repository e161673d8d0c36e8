//! What the whole-product tests share.

pub mod dice;
pub mod truth;

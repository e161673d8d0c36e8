//! What the whole-product tests share.

pub mod bakery;
pub mod clicks;
pub mod dice;
pub mod story;
pub mod truth;

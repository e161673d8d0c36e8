//! WeChat Pay API v2: flat XML signed with MD5 or HMAC-SHA256.
//!
//! The bottom is [`Fields`] (a flat document), [`xml`] (strict reading and writing) and [`sign`] (the
//! arithmetic). On them stand one file per operation, notices, the second signature for the front end, and a
//! client over a [`Transport`](transport::Transport). Nothing here knows SQL, a keychain or a window.
#![deny(clippy::float_arithmetic)]

pub mod ambiguity;
pub mod api;
pub mod client;
mod fields;
pub mod http;
pub mod notice;
pub mod pay_params;
pub mod refund_notice;
pub mod replay;
pub mod sign;
pub mod transport;
pub mod xml;

pub use client::{CallError, Client, Done, Exchange, Gateway, Profile};
pub use fields::{Field, Fields, FieldsError};
pub use sign::{ApiKey, SignType, Signature};

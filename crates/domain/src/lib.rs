//! The words Paydesk thinks in: money, numbers, states, evidence and time.
//!
//! Nothing here reads a clock, a file or a socket, and nothing here knows how WeChat Pay spells a field on
//! the wire. Every function is pure: the same arguments give the same answer, so a day can be simulated and a
//! failure replayed from a seed.
#![deny(clippy::float_arithmetic)]

mod entropy;
mod environment;
pub mod evidence;
mod fen;
mod id;
mod operation;
mod order;
mod refund;
mod secret;
mod time;

pub use entropy::{Entropy, new_nonce, new_operation_id, new_out_refund_no, new_out_trade_no};
pub use environment::{Environment, EnvironmentError};
pub use fen::{Fen, FenError};
pub use id::{
    Alphabet, AppId, AuthCode, IdError, MchId, OpenId, OperationId, OutRefundNo, OutTradeNo, PrepayId,
    RefundId, TransactionId,
};
pub use operation::{OperationKind, OperationOutcome, OperationState, SettleError};
pub use order::{OrderState, TradeType};
pub use refund::RefundState;
pub use secret::Secret;
pub use time::{CivilTime, Clock, Day, TimeError, Timestamp};

/// What joining an observation to a state did. See [`OrderState::join`] and [`RefundState::join`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined<S> {
    /// The state afterwards: never behind the one before.
    pub state: S,
    /// Whether `state` differs from the one before.
    pub changed: bool,
    /// Whether the two cannot both be true of one payment, such as closed and paid. A person must see it.
    pub conflict: bool,
}

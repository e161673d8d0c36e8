//! A stateful simulated WeChat Pay with faults and its own clock.
//!
//! [`Simulator`] is a state machine over bytes: it takes the bytes of a request and gives the bytes of a reply, as
//! WeChat Pay's gateway (API v2) would. It reads messages by its own tables, not by the client's types, so that a
//! misunderstanding of one side shows as a disagreement of both. Signing and strict XML it shares with the client;
//! published vectors prove those.
//!
//! Two ways in: [`InProcess`] is a transport for the client in the same process; [`serve`] listens on
//! the loopback over HTTP or HTTPS.
//!
//! # What it does not imitate
//!
//! - Bills, fund flow, comments, profit sharing, contracts (papay), red packets, transfers, face pay, deposits,
//!   `/secapi/pay/refundv2`, `/tools/*`, `/payitil/report`, API v3, and the old sandbox but for its key.
//! - Other currencies than CNY, single-item promotions (`promotion_detail`), `limit_pay`, profit sharing's freeze:
//!   the fields are checked and have no effect.
//! - The front end: no page opens, no second signature is looked at; whoever names an order pays it. Native mode 1
//!   (the static QR code that calls the merchant back) is not played.
//! - Whether an `openid` belongs to the `appid`, whether a URL's domain is registered, where a request comes from.
//! - The password-free limit of five payments a day, and risk decisions.
//! - Repeating SYSTEMERROR and slowness by chance: trouble comes only where it is armed.
//! - The five minutes before an order may be closed, the fifteen seconds before a reversal and the minute between
//!   refunds are not enforced, and rates are not limited, unless [`Config`] asks for it.
//! - Old fund-flow accounts: refunds come from what was paid in, less what was taken out.
//! - The exact words of `err_code_des` and `return_msg`, which change without notice at WeChat's side. A reply with
//!   `return_code` FAIL carries an `err_code` here, where the error tables have one, though the gateway often sends
//!   only the words.

mod api;
mod config;
mod control;
mod customer;
mod effects;
pub mod fault;
mod field_table;
mod gate;
mod in_process;
mod merchant;
mod message;
mod notices;
mod order;
mod rng;
pub mod serve;
mod simulator;
mod snapshot;

pub use config::Config;
pub use control::{Control, ControlError, Failure};
pub use customer::{CustomerError, PayWith};
pub use effects::{Effect, EffectKind, Totals};
pub use gate::{Call, Certificate, Outcome, demands_certificate};
pub use in_process::{InProcess, Shared};
pub use merchant::{API_KEY, APP_SECRET, APPID, CertId, MCH_ID, Merchant, SubMerchant};
pub use notices::{ANSWER_WITHIN_MS, Answer, Delivery, NoticeRecord, NoticeState, SCHEDULE_SECS};
pub use order::{CodeKind, Coupon, RefundStatus, TradeState};
pub use simulator::Simulator;
pub use snapshot::SnapshotError;

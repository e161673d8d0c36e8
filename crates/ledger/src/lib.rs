//! The local SQLite ledger: write-ahead operations, tables, chained journal.
//!
//! The only room that knows SQL. Whatever can make an order or move money is first written here
//! ([`Ledger::intend`]), committed to the disk, and only then sent; what came of it is written with
//! [`Ledger::conclude`]. All sums that decide about money (how much can still be refunded) are made inside one
//! immediate transaction, so that two windows, two threads or two processes on one file cannot both be right.
//!
//! ```no_run
//! # use domain::{Environment, Secret, Timestamp};
//! # fn main() -> Result<(), ledger::LedgerError> {
//! # let now = Timestamp::from_secs(1_700_000_000);
//! let opened = ledger::Ledger::open("live.paydesk".as_ref(), Environment::Live, Secret::new([7; 32]), now)?;
//! for operation in opened.ledger.claim_due("resolver-1", now, 60_000, 20)? {
//!     println!("{} {} is {}", operation.kind, operation.number(), operation.state);
//! }
//! # Ok(())
//! # }
//! ```
#![deny(clippy::float_arithmetic)]

mod adopt;
mod backup;
mod check;
mod connection;
mod error;
mod figures;
mod intend;
mod ledger;
mod listing;
mod observe;
mod open;
mod rebuild;
pub use rebuild::ReadRequest;
mod reserve;
mod salvage;
mod schema;
mod search;
#[cfg(any(test, feature = "seed"))]
mod seed;
mod table;
mod window;

pub use backup::Restored;
pub use check::{CheckReport, Finding};
pub use error::{Damage, LedgerError};
pub use figures::{Figures, LastExchange, OpenOrder};
pub use intend::{Claim, Intent, NewOperation, WireError};
pub use ledger::{Info, Ledger};
pub use listing::{PaymentFilter, Position, RefundFilter};
pub use observe::{Concluded, Conclusion};
pub use open::{Migrated, Opened};
pub use salvage::{LostRow, SalvageReport, SalvagedTable};
pub use schema::SCHEMA_VERSION;
pub use search::{
    ExchangesWanted, Listed, ListedRefund, Listing, Proven, RefundListing, RefundsWanted, Sums, Wanted,
    requested_state,
};
#[cfg(any(test, feature = "seed"))]
pub use seed::Past;
pub use table::evidence::{EvidenceRow, PaymentEvidence, RefundEvidence};
pub use table::exchange::{Exchange, NewExchange};
pub use table::journal::{Head, HeadError, JournalEntry};
pub use table::notice::{NewNotice, Notice, NoticeKind, Recorded};
pub use table::operation::Operation;
pub use table::payment::{NewPayment, Payment, PaymentObservation};
pub use table::refund::{Refund, RefundObservation};
pub use window::{Mark, Standing, Stands};

/// SHA-256 of `canonical`, for [`NewOperation::params_sha256`]. Put in what makes two requests the same one:
/// amount, body, payer and the like, without nonce, sign and the time of the click.
#[must_use]
pub fn params_digest(canonical: &str) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(canonical.as_bytes()).into()
}

/// `bytes` in lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

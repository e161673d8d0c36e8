//! What can be asked of WeChat Pay, one file per operation, all built alike: the official name and path, the
//! request with every documented field, the reply, the table of its error codes, tests.
//!
//! An operation gives its own ("business") fields only. The [client](crate::client) adds who asks (`appid`,
//! `mch_id`, `sub_appid`, `sub_mch_id`), `nonce_str`, `sign_type` and `sign`, and hands the reply over once its
//! signature has been verified.

mod answer;
pub mod close_order;
mod coupon;
pub mod detail;
mod draft;
pub mod error_code;
pub mod fields;
pub mod get_sign_key;
pub mod micropay;
pub mod order_query;
mod payment;
pub mod refund;
pub mod refund_query;
pub mod reverse;
mod rule;
pub mod scene;
#[cfg(test)]
mod tests;
pub mod unified_order;

pub(crate) use answer::{Answer, envelope};
pub use answer::{ReplyError, order_state_from_wire, refund_state_from_wire, trade_type_from_wire};
pub use close_order::CloseOrder;
pub use coupon::{Coupon, CouponKind};
pub use draft::BuildError;
pub(crate) use draft::Draft;
pub use error_code::{ErrorClass, ErrorCode, classify, err_codes};
pub use get_sign_key::GetSignKey;
pub use micropay::Micropay;
pub use order_query::OrderQuery;
pub use payment::Payment;
pub use refund::Refund;
pub use refund_query::RefundQuery;
pub use reverse::Reverse;
pub use rule::Rule;
pub use unified_order::UnifiedOrder;

use crate::{Fields, SignType};
use domain::{OperationKind, OutTradeNo, TransactionId};

/// Something that can be asked of WeChat Pay.
pub trait Operation {
    /// What a good reply says.
    type Reply: Send;

    /// The field's own name for it, such as `unified_order`.
    const NAME: &'static str;
    /// Where it is posted to, such as `/pay/unifiedorder`.
    const PATH: &'static str;
    /// Where it is posted to in the official sandbox, if the sandbox has it.
    const SANDBOX_PATH: Option<&'static str> = None;
    /// What it is in the ledger. `None` for a query, which moves nothing and may be repeated at will.
    const KIND: Option<OperationKind> = None;
    /// Whether WeChat Pay demands the merchant's client certificate.
    const CERTIFICATE: bool = false;
    /// Whether WeChat Pay signs the reply. Then a reply without a good signature is not believed.
    const SIGNED_REPLY: bool = true;
    /// Whether the request carries `appid` and `sign_type`. Only the sandbox's key is asked for without.
    const WITH_APPID: bool = true;
    /// Whether the very same request may be sent again after an unknown outcome. A payer's code may not.
    const REPEATABLE: bool = true;
    /// Whether WeChat Pay calls the bank before it answers, which takes longer.
    const SLOW: bool = false;
    /// Its documented error codes.
    const ERRORS: &'static [ErrorCode];

    /// The business fields of the request.
    ///
    /// # Errors
    /// [`BuildError`] naming the field; nothing has been sent.
    fn fields(&self) -> Result<Fields<'static>, BuildError>;

    /// Reads a reply that is signed and successful, and checks that it answers what was `asked`: our number,
    /// the amount and the currency where the reply has them.
    ///
    /// # Errors
    /// [`ReplyError`]. The reply proves nothing then; for what moves money the outcome is unknown.
    fn read(asked: &Fields<'_>, reply: &Fields<'_>) -> Result<Self::Reply, ReplyError>;
}

/// Which order is meant: by WeChat Pay's number (preferred by its documents) or by the merchant's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderRef {
    /// `transaction_id`.
    TransactionId(TransactionId),
    /// `out_trade_no`.
    OutTradeNo(OutTradeNo),
}

impl OrderRef {
    fn write(&self, draft: &mut Draft) -> Result<(), BuildError> {
        match self {
            Self::TransactionId(id) => draft.text("transaction_id", id.as_str(), 32),
            Self::OutTradeNo(no) => draft.text("out_trade_no", no.as_str(), 32),
        }
    }
}

impl From<OutTradeNo> for OrderRef {
    fn from(no: OutTradeNo) -> Self {
        Self::OutTradeNo(no)
    }
}

impl From<TransactionId> for OrderRef {
    fn from(id: TransactionId) -> Self {
        Self::TransactionId(id)
    }
}

/// The digest a request of this operation is signed with: the merchant's, but MD5 for the sandbox's key.
pub(crate) fn sign_type_of<O: Operation>(merchants: SignType) -> SignType {
    if O::WITH_APPID { merchants } else { SignType::Md5 }
}

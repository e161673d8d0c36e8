use super::OperationView;
use serde::{Deserialize, Serialize};

/// A refund, or one that was asked for and whose outcome is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RefundView {
    /// The merchant's name in Paydesk.
    pub merchant: String,
    /// `simulated`, `sandbox` or `live`.
    pub environment: String,
    /// The merchant's number of the refund.
    pub out_refund_no: String,
    /// The order it belongs to.
    pub out_trade_no: String,
    /// WeChat Pay's number, once accepted.
    pub refund_id: Option<String>,
    /// A [`domain::RefundState`] word, or `unknown`, `rejected` or `not_sent` while only the request exists.
    pub state: String,
    /// What goes back.
    pub refund_fen: i64,
    /// What of it is taken from the settlement.
    pub settlement_refund_fen: Option<i64>,
    /// The order's amount.
    pub total_fen: Option<i64>,
    /// ISO 4217.
    pub currency: String,
    /// WeChat Pay's word for the way it goes back.
    pub channel: Option<String>,
    /// Where it goes, in WeChat Pay's words.
    pub recv_account: Option<String>,
    /// Why, as the payer is told.
    pub reason: Option<String>,
    /// When the payer got it, by WeChat Pay's clock.
    pub success_at: Option<String>,
    /// When Paydesk made or first saw it.
    pub created_at: String,
    /// Who told us: `notice`, `query`, `bill`, each at most once.
    pub evidence: Vec<String>,
    /// Two states were seen that cannot both be true.
    pub conflict: bool,
    /// How what was told of it ever disagreed: `amount`, `currency`, `order`, `refund_id`, `state`.
    #[serde(default)]
    pub disagreements: Vec<String>,
    /// The request and what became of it.
    pub operation: Option<OperationView>,
}

/// What a refund would do. Nothing has been sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RefundPlan {
    /// The merchant's name in Paydesk.
    pub merchant: String,
    /// `simulated`, `sandbox` or `live`.
    pub environment: String,
    /// The number it will have, whoever clicks how often.
    pub out_refund_no: String,
    /// The order it belongs to.
    pub out_trade_no: String,
    /// What goes back.
    pub refund_fen: i64,
    /// The order's amount.
    pub total_fen: i64,
    /// What went back before.
    pub refunded_fen: i64,
    /// What can still be sent back afterwards.
    pub left_after_fen: i64,
    /// This number was used for it before: nothing more will go back.
    pub again: bool,
}

/// A page of refunds, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RefundList {
    /// The page.
    pub refunds: Vec<RefundView>,
    /// Whether there are more.
    pub more: bool,
}

use serde::{Deserialize, Serialize};

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// An order was made. The amount is its total.
    OrderMade,
    /// The customer paid. The amount is its total.
    Paid,
    /// The merchant closed it.
    Closed,
    /// Its time was over.
    Expired,
    /// Micropay: reversed by the merchant, or given up by the gateway. The amount is what went back.
    Revoked,
    /// A refund was accepted. The number is `out_refund_no`, the amount the refund's.
    RefundAccepted,
    /// The payer got a refund's money.
    RefundDone,
    /// A refund failed: closed, or the payer's card cannot take it.
    RefundFailed,
}

/// Something that happened at the gateway, in the order it happened: what tests compare a ledger with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// Whose.
    pub mch_id: String,
    /// What.
    pub kind: EffectKind,
    /// `out_trade_no`, or `out_refund_no` for refunds.
    pub number: String,
    /// In fen.
    pub amount_fen: i64,
}

/// Sums of one merchant's effects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Orders made.
    pub orders: u64,
    /// Payments.
    pub payments: u64,
    /// What was paid, in fen.
    pub paid_fen: i64,
    /// Refunds accepted.
    pub refunds: u64,
    /// What of that was not closed again, in fen: sent back, or on its way.
    pub refunded_fen: i64,
    /// What went back by reversing, in fen.
    pub revoked_fen: i64,
}

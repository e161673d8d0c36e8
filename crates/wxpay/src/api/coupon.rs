use domain::Fen;

/// Whether a coupon was paid for beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CouponKind {
    /// `CASH`, pre-funded (充值券): the merchant receives its amount.
    Cash,
    /// `NO_CASH`, not funded (免充值券): it lowers what the merchant receives.
    NoCash,
    /// A word that is not documented.
    Other(String),
}

impl CouponKind {
    pub(crate) fn from_wire(word: String) -> Self {
        match word.as_str() {
            "CASH" => Self::Cash,
            "NO_CASH" => Self::NoCash,
            _ => Self::Other(word),
        }
    }
}

/// One coupon of a payment or a refund.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coupon {
    /// What kind, `coupon_type_$n`.
    pub kind: Option<CouponKind>,
    /// Its batch or its own number, `coupon_id_$n` or `coupon_refund_id_$n`.
    pub id: Option<String>,
    /// Its amount.
    pub fee: Option<Fen>,
}

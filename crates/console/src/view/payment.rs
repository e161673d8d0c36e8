use serde::{Deserialize, Serialize};

/// A payment and everything that proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PaymentView {
    /// The merchant's name in Paydesk.
    pub merchant: String,
    /// `simulated`, `sandbox` or `live`.
    pub environment: String,
    /// The merchant's number.
    pub out_trade_no: String,
    /// WeChat Pay's number, once it is paid.
    pub transaction_id: Option<String>,
    /// `jsapi`, `native`, `app`, `h5` or `micropay`; `null` if only a notice told of it.
    pub trade_type: Option<String>,
    /// A [`domain::OrderState`] word; `rejected` or `not_sent` if the order was never made.
    pub state: String,
    /// The order's amount.
    pub total_fen: i64,
    /// ISO 4217.
    pub currency: String,
    /// What has gone back to the payer.
    pub refunded_fen: i64,
    /// What can still be sent back, everything on its way counted as gone.
    pub refundable_fen: i64,
    /// What it is for.
    pub body: Option<String>,
    /// What the merchant attached.
    pub attach: Option<String>,
    /// The payer.
    pub openid: Option<String>,
    /// The bank or wallet it was paid from.
    pub bank_type: Option<String>,
    /// What the payer paid in cash.
    pub cash_fee_fen: Option<i64>,
    /// What coupons paid.
    pub coupon_fee_fen: Option<i64>,
    /// What is settled to the merchant.
    pub settlement_total_fen: Option<i64>,
    /// When Paydesk made or first saw it.
    pub created_at: String,
    /// When it can no longer be paid.
    pub expires_at: Option<String>,
    /// When it was paid, by WeChat Pay's clock.
    pub paid_at: Option<String>,
    /// Who told us.
    pub evidence: EvidenceView,
    /// Every way in which what we were told does not fit together.
    pub disagreements: Vec<DisagreementView>,
    /// Two states were seen that cannot both be true, such as closed and paid.
    pub conflict: bool,
    /// Paydesk did not make this order; a notice or query told of it.
    pub unasked: bool,
    /// What is still open about it.
    pub unresolved: Vec<OperationView>,
}

/// The three evidences, kept apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EvidenceView {
    /// WeChat Pay told us.
    pub notice: Option<EvidenceMark>,
    /// We asked.
    pub query: Option<EvidenceMark>,
    /// It was billed.
    pub bill: Option<EvidenceMark>,
}

/// What one source says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EvidenceMark {
    /// When it was last seen.
    pub seen_at: String,
    /// The state it gives.
    pub state: String,
    /// The amount it gives.
    pub total_fen: Option<i64>,
    /// The WeChat Pay number it gives.
    pub transaction_id: Option<String>,
}

/// One way in which what we were told does not fit together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DisagreementView {
    /// `total`, `currency`, `transaction_id` or `state`.
    pub code: String,
    /// Who says the one, `notice`, `query`, `bill` or `order` (what was asked for).
    pub one: String,
    /// What it says.
    pub one_says: String,
    /// Who says the other; `earlier` if its source has said something else since, and only the kept notices and
    /// exchanges still have the words.
    pub other: String,
    /// What it says.
    pub other_says: String,
}

/// Something asked of the gateway whose outcome is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OperationView {
    /// Paydesk's own id of it.
    pub id: String,
    /// A [`domain::OperationKind`] word.
    pub kind: String,
    /// A [`domain::OperationState`] word.
    pub state: String,
    /// The order's number.
    pub out_trade_no: String,
    /// The refund's number.
    pub out_refund_no: Option<String>,
    /// The amount.
    pub amount_fen: Option<i64>,
    /// WeChat Pay's code, if it refused or left it open.
    pub err_code: Option<String>,
    /// WeChat Pay's own words.
    pub err_code_des: Option<String>,
    /// When it was written down.
    pub created_at: String,
    /// How often it was sent or asked about.
    pub attempts: i64,
    /// When it will be asked about next.
    pub next_try_at: Option<String>,
}

/// A new order, and what the payer's side needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OrderCreated {
    /// The order.
    pub payment: PaymentView,
    /// How it is paid.
    pub pay: PayView,
}

/// How an order is paid. Which fields are there depends on the trade type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PayView {
    /// What the front end pays with; good for two hours.
    pub prepay_id: Option<String>,
    /// Native: the text of the QR code, to be shown unchanged.
    pub code_url: Option<String>,
    /// Native: the QR code.
    pub qr: Option<QrView>,
    /// H5: where the payer's browser goes, within five minutes.
    pub mweb_url: Option<String>,
    /// JSAPI, mini program and App: the signed parameters by name.
    #[cfg_attr(test, ts(type = "Record<string, string> | null"))]
    pub params: Option<serde_json::Map<String, serde_json::Value>>,
    /// JSAPI and mini program: the same as calls ready to paste, by name of the call.
    pub calls: Vec<(String, String)>,
}

/// A QR code as modules, without its quiet zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct QrView {
    /// Modules on a side.
    pub size: usize,
    /// Rows from the top, `1` dark and `0` light.
    pub rows: Vec<String>,
}

/// A page of payments, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PaymentList {
    /// The page.
    pub payments: Vec<PaymentView>,
    /// Whether there are more.
    pub more: bool,
}

//! What a screen shows at once: rows and sums of long lists, the day at a glance, where the program stands.

use super::{MerchantView, OperationView, PaymentView, RefundView};
use serde::{Deserialize, Serialize};

/// A payment in a list: what a row shows, and no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PaymentRow {
    /// The merchant's number.
    pub out_trade_no: String,
    /// WeChat Pay's number, once it is paid.
    pub transaction_id: Option<String>,
    /// A [`domain::OrderState`] word; `rejected`, `not_sent` or `unknown` if the order was not surely made.
    pub state: String,
    /// `jsapi`, `native`, `app`, `h5` or `micropay`; `null` if only a notice told of it.
    pub trade_type: Option<String>,
    /// The order's amount.
    pub total_fen: Option<i64>,
    /// What has gone back to the payer.
    pub refunded_fen: i64,
    /// ISO 4217.
    pub currency: String,
    /// What it is for.
    pub body: Option<String>,
    /// What the merchant attached.
    pub attach: Option<String>,
    /// When Paydesk made or first saw it.
    pub created_at: String,
    /// When it was paid, by WeChat Pay's clock.
    pub paid_at: Option<String>,
    /// A verified notice told of it.
    pub told: Mark,
    /// A query confirmed it.
    pub asked: Mark,
    /// It was found in the bill.
    pub billed: Mark,
    /// What does not fit together: `total`, `currency`, `transaction_id`, `state`, `not_told`.
    pub disagreements: Vec<String>,
    /// Something about it is unresolved.
    pub unresolved: bool,
}

/// How one of the three evidences stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// There.
    Yes,
    /// Not yet, and not due yet.
    Due,
    /// There or missing, and it does not fit the others.
    Differs,
    /// It does not apply.
    None,
}

/// A window onto a long list of payments, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PaymentsWindow {
    /// How many fit the filter altogether.
    pub total: i64,
    /// The place of the first row given, from 0.
    pub offset: i64,
    /// The rows.
    pub rows: Vec<PaymentRow>,
}

/// What the payments that fit a filter come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PaymentSums {
    /// All that fit.
    pub count: i64,
    /// Those of them that are paid, refunded ones included.
    pub paid: i64,
    /// What the paid ones took.
    pub takings_fen: i64,
    /// What of it went back.
    pub refunded_fen: i64,
    /// The difference.
    pub net_fen: i64,
    /// Those with a disagreement.
    pub disagreeing: i64,
}

/// Everything about one payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PaymentDetail {
    /// As it stands.
    pub payment: PaymentView,
    /// As a row of the list shows it.
    pub row: PaymentRow,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// Its refunds, oldest first.
    pub refunds: Vec<RefundView>,
    /// The raw exchanges and notices, oldest first.
    pub raw: Vec<RawItem>,
}

/// One thing that happened to a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TimelineEntry {
    /// `ordered`, `user_paying`, `pay_error`, `paid`, `told`, `asked`, `billed`, `closed`, `revoked`, `refund_asked`,
    /// `refunded`, `refund_failed`, `unknown`.
    pub kind: String,
    /// When.
    pub at: String,
    /// The source that proves it: `notice`, `query`, `bill`, `reply`, or `null` if only asked for.
    pub source: Option<String>,
    /// The amount it is about.
    pub amount_fen: Option<i64>,
    /// A number it is about: of a refund.
    pub number: Option<String>,
    /// A code: the state told, the bank, WeChat Pay's error code.
    pub detail: Option<String>,
    /// Whether it fits what the others say.
    pub agrees: bool,
}

/// Something raw about a payment, to be unfolded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RawItem {
    /// `exchange` or `notice`.
    pub source: String,
    /// Its number among its own kind.
    pub id: i64,
    /// `unifiedorder`, `orderquery`, `notify`, …
    pub api: String,
    /// When.
    pub at: String,
    /// `confirmed`, `rejected`, `unknown`, `not_sent`; of a notice `verified` or its refusal.
    pub outcome: String,
    /// WeChat Pay's own word in an exchange: a verified answer's `trade_state`, or else its `result_code`; else the
    /// error code. An answer that is not believed says nothing.
    pub told: Option<String>,
    /// How long it took; a notice takes no time.
    pub duration_ms: Option<i64>,
}

/// What lies behind a [`RawItem`], one field a line. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RawView {
    /// `exchange` or `notice`.
    pub source: String,
    /// Its number among its own kind.
    pub id: i64,
    /// The path, such as `/pay/unifiedorder`; `notify` for a notice.
    pub api: String,
    /// Scheme and host of an exchange.
    pub host: Option<String>,
    /// When.
    pub at: String,
    /// HTTP status of an exchange, if a reply came.
    pub status: Option<i64>,
    /// How long an exchange took.
    pub duration_ms: Option<i64>,
    /// As in [`RawItem`].
    pub outcome: String,
    /// WeChat Pay's code.
    pub err_code: Option<String>,
    /// What was sent; what arrived, for a notice.
    pub request: String,
    /// What came back; what was answered, for a notice.
    pub response: Option<String>,
    /// The string that was signed of the request, its key masked.
    pub signed: Option<String>,
    /// The same request as a curl command with the signature and every secret masked.
    pub curl: Option<String>,
    /// Whether it is a query, which may be asked again without moving anything.
    pub repeatable: bool,
}

/// A window onto the exchanges with the gateway, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RequestsWindow {
    /// How many fit the filter altogether.
    pub total: i64,
    /// The place of the first row given, from 0.
    pub offset: i64,
    /// The rows.
    pub rows: Vec<super::ExchangeSummary>,
}

/// A window onto the refunds, newest first; those whose outcome is unknown are among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RefundsWindow {
    /// How many fit the filter altogether.
    pub total: i64,
    /// The place of the first row given, from 0.
    pub offset: i64,
    /// The rows.
    pub rows: Vec<RefundView>,
    /// What the ones that fit and went back, or are on the way, come to.
    pub refunded_fen: i64,
}

/// A day at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OverviewView {
    /// The day, `2026-11-21`, in UTC+8.
    pub day: String,
    /// Up to when: now if it is today, else the day's end.
    pub until: String,
    /// Whether the ledger has never seen a payment of this merchant.
    pub empty: bool,
    /// The day's figures.
    pub today: DayFigures,
    /// The same weekday a week earlier, up to the same time of day.
    pub week_ago: DayFigures,
    /// Takings by hour of the day, 0 to 23.
    pub hours: Vec<HourFigures>,
    /// What a person should look at, the most urgent first.
    pub needs: Vec<Need>,
    /// The latest payments.
    pub latest: Vec<PaymentRow>,
}

/// What a day came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DayFigures {
    /// Takings less refunds.
    pub net_fen: i64,
    /// What was paid.
    pub takings_fen: i64,
    /// How many payments.
    pub paid: i64,
    /// Takings by payment, rounded to the fen, halves up; `null` without payments.
    pub average_fen: Option<i64>,
    /// What went back that day.
    pub refunded_fen: i64,
    /// How many refunds.
    pub refunds: i64,
}

/// One hour's takings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct HourFigures {
    /// 0 to 23.
    pub hour: i64,
    /// On the day.
    pub takings_fen: i64,
    /// A week earlier, the whole hour.
    pub week_ago_fen: i64,
}

/// Something that needs a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Need {
    /// `unresolved_refund`, `unresolved_order`, `disagreement`, `not_told` (paid and no notice for 10 minutes),
    /// `refund_abnormal`, `certificate_expiring`, `certificate_expired`, `key_missing`.
    pub kind: String,
    /// The order or refund it is about.
    pub number: Option<String>,
    /// The order to open.
    pub out_trade_no: Option<String>,
    /// The amount it is about.
    pub amount_fen: Option<i64>,
    /// When it happened, will be asked about next, or runs out.
    pub at: Option<String>,
    /// Days left.
    pub days: Option<i64>,
}

/// Where the program stands with a merchant; what a status bar shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StatusView {
    /// The merchant's name.
    pub merchant: String,
    /// `simulated`, `sandbox` or `live`.
    pub environment: String,
    /// Now.
    pub now: String,
    /// How the last exchange ended: `confirmed`, `rejected`, `unknown`, `not_sent`; `null` if there was none.
    pub last_outcome: Option<String>,
    /// When it was.
    pub last_at: Option<String>,
    /// How long it took.
    pub last_ms: Option<i64>,
    /// What is unresolved, soonest first; at most 50.
    pub unresolved: Vec<OperationView>,
    /// How many are unresolved altogether.
    pub unresolved_count: i64,
    /// Payments of this merchant in the ledger.
    pub payments: i64,
    /// When the ledger was last checked, quick or full, in this run.
    pub checked_at: Option<String>,
    /// Why the ledger cannot be used or only read.
    pub trouble: Option<ErrorView>,
    /// A number that grows with every change of the ledger, by this or another process.
    pub revision: i64,
}

/// What went wrong, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ErrorView {
    /// A code of [`crate::Code`].
    pub code: String,
    /// `no`, `usage`, `refused`, `unknown` or `here`: what it means for the money.
    pub exit: String,
    /// WeChat Pay's code, if it said one.
    pub err_code: Option<String>,
    /// The number it is about.
    pub number: Option<String>,
    /// The form's field it is about.
    pub field: Option<String>,
    /// What failed, what it means, what to do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// What the program starts with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StartView {
    /// Paydesk's version.
    pub version: String,
    /// The folder of its files.
    pub data_dir: String,
    /// `zh-CN` or `en`, the system's.
    pub system_language: String,
    /// The stored choices.
    pub preferences: Preferences,
    /// All merchants, the built-in one first.
    pub merchants: Vec<MerchantView>,
    /// The merchant to show: the one last shown, if it is still there, else the built-in one.
    pub merchant: String,
    /// Why merchants or preferences could not be read; the rest is then the default.
    pub trouble: Option<ErrorView>,
}

/// A person's choices. Kept in `preferences.json`, nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct Preferences {
    /// `system`, `zh-CN` or `en`.
    pub language: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// A sound when a payment comes in.
    pub sound: bool,
    /// A notification of the system when a payment comes in.
    pub notify: bool,
    /// A refund over this wants the system's own confirmation too.
    pub refund_limit_fen: i64,
    /// The merchant shown last.
    pub merchant: Option<String>,
    /// Whether the rail shows icons only.
    pub rail_collapsed: bool,
    /// Columns of the payments' list, in order.
    pub columns: Vec<String>,
    /// Saved views of the payments.
    pub views: Vec<SavedView>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            language: "system".into(),
            theme: "system".into(),
            sound: false,
            notify: true,
            refund_limit_fen: 50_000,
            merchant: None,
            rail_collapsed: false,
            columns: [
                "time",
                "state",
                "amount",
                "refunded",
                "body",
                "trade_type",
                "out_trade_no",
                "transaction_id",
                "evidence",
            ]
            .map(Into::into)
            .to_vec(),
            views: Vec::new(),
        }
    }
}

/// A filter of the payments under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SavedView {
    /// Its name.
    pub name: String,
    /// The filter as the query part of an address.
    pub query: String,
    /// Its columns.
    pub columns: Vec<String>,
}

/// Something changed that a screen may show. A screen asks again for what it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Change {
    /// The environment whose ledger changed.
    pub environment: String,
    /// A payment that turned to paid just now, for a sound and a notification; a screen needs nothing of it.
    pub paid: Option<PaymentRow>,
    /// The ledger's [`StatusView::revision`] now.
    pub revision: i64,
}

/// How far long work is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Progress {
    /// The name the caller gave the work.
    pub job: String,
    /// Done.
    pub done: i64,
    /// Of so many, if it is known.
    pub total: Option<i64>,
}

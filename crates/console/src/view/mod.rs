//! What the console gives and takes: the one contract that the window, `--json` and the tests share.
//!
//! Money is `*_fen`, whole fen. Times are RFC 3339 in UTC+8, to the second. An absent value is `null`, never
//! an empty text. No view ever holds a secret.

mod diagnosis;
mod ledger;
mod merchant;
mod payment;
mod refund;
mod screens;
mod verify;

pub use diagnosis::{
    CauseView, DifferenceView, JssdkView, ListedCause, MistakeView, ReproductionView, SearchView, SnippetView,
};
pub use ledger::{
    AcceptView, BackupView, DemoFile, DemoStep, DemoView, ExchangeSummary, ExchangeView, ExportView,
    FindingView, LedgerCheckView, LedgerInfoView, LostRow, RestoreView, SalvageView, TableCount,
};
pub use merchant::{CertificateView, CheckItem, KeyView, MerchantCheckView, MerchantView};
pub use payment::{
    DisagreementView, EvidenceMark, EvidenceView, OperationView, OrderCreated, PayView, PaymentList,
    PaymentView, QrView,
};
pub use refund::{RefundList, RefundPlan, RefundView};
pub use screens::{
    Change, DayFigures, ErrorView, HourFigures, Mark, Need, OverviewView, PaymentDetail, PaymentRow,
    PaymentSums, PaymentsWindow, Preferences, Progress, RawItem, RawView, RefundsWindow, RequestsWindow,
    SavedView, StartView, StatusView, TimelineEntry,
};
pub use verify::{
    CheckView, DecryptView, FieldView, Finding, KeyUsed, PayParamsView, SignView, Verdict, VerifyView,
};

pub(crate) use verify::is_contradiction;

use domain::{CivilTime, Timestamp};

/// A moment as views carry it: `2026-11-21T14:05:09+08:00`.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    civil(at.civil())
}

/// A wall-clock time of UTC+8 as views carry it.
#[must_use]
pub fn civil(at: CivilTime) -> String {
    format!("{}+08:00", at.to_string().replace(' ', "T"))
}

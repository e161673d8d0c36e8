//! The window's TypeScript is generated from the views and forms, and is current or a test fails.

use crate::{forms, view};
use ts_rs::{Config, TS};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/ipc/generated.ts");

/// What `cargo xtask codegen` sets so that the file is written instead of compared.
const WRITE: &str = "PAYDESK_WRITE_CONTRACT";

macro_rules! contract {
    ($($kind:ty),* $(,)?) => {
        fn declarations() -> Vec<String> {
            // Whole fen and ids: JSON numbers, within 2^53.
            let config = Config::new().with_large_int("number");
            vec![$(declaration::<$kind>(&config),)*]
        }
    };
}

contract! {
    view::Change, view::PaymentRow, view::Mark, view::PaymentsWindow, view::PaymentSums, view::PaymentDetail,
    view::TimelineEntry, view::RawItem, view::RawView, view::RequestsWindow, view::RefundsWindow,
    view::OverviewView, view::DayFigures, view::HourFigures, view::Need, view::StatusView, view::ErrorView,
    view::StartView, view::Preferences, view::SavedView, view::Progress,
    view::PaymentView, view::EvidenceView, view::EvidenceMark, view::DisagreementView, view::OperationView,
    view::OrderCreated, view::PayView, view::QrView, view::RefundView, view::RefundPlan,
    view::MerchantView, view::KeyView, view::CertificateView, view::MerchantCheckView, view::CheckItem,
    view::LedgerInfoView, view::TableCount, view::LedgerCheckView, view::CheckView, view::FindingView,
    view::BackupView, view::AcceptView, view::RestoreView, view::SalvageView, view::LostRow,
    view::ExchangeSummary, view::ExportView,
    view::VerifyView, view::Verdict, view::CauseView, view::SnippetView, view::MistakeView, view::ReproductionView,
    view::DifferenceView, view::SearchView, view::Finding, view::FieldView, view::KeyUsed, view::SignView,
    view::DecryptView, view::PayParamsView, view::JssdkView, view::ListedCause,
    forms::PaymentsForm, forms::RefundsForm, forms::RequestsForm, forms::OrderForm, forms::MicropayForm,
    forms::RefundForm, forms::MerchantForm, forms::CustomerForm,
    forms::PasteForm, forms::SignForm, forms::PayParamsForm, forms::JssdkForm,
}

fn declaration<T: TS>(config: &Config) -> String {
    format!("{}export {}\n", T::docs().unwrap_or_default(), T::decl(config))
}

#[test]
fn the_windows_types_are_current() {
    let mut text =
        String::from("// Generated from the console's views by `cargo xtask codegen`. Do not edit.\n\n");
    text.push_str(&declarations().join("\n"));
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(FILE, text).unwrap();
        return;
    }
    let written = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(written == text, "ui/src/ipc/generated.ts is not current: run `cargo xtask codegen`");
}

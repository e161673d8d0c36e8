use super::CheckView;
use serde::{Deserialize, Serialize};

/// Where a ledger is and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LedgerInfoView {
    /// The file.
    pub path: String,
    /// `simulated`, `sandbox` or `live`.
    pub environment: String,
    /// Bytes on disk, the write-ahead log included.
    pub bytes: i64,
    /// Version of its tables.
    pub schema: i64,
    /// Version of SQLite.
    pub sqlite: String,
    /// Rows by table.
    pub tables: Vec<TableCount>,
    /// Operations whose outcome is not known.
    pub unresolved: i64,
    /// Last entry of the journal.
    pub journal_seq: i64,
    /// Where the journal's head is kept: `keychain`, or `file` (only the built-in simulated ledger).
    pub head_kept_in: String,
}

/// Rows of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TableCount {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: i64,
}

/// What a check of a ledger found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LedgerCheckView {
    /// The file.
    pub path: String,
    /// `simulated`, `sandbox` or `live`.
    pub environment: String,
    /// Whether nothing is wrong.
    pub ok: bool,
    /// `quick` or `full`.
    pub kind: String,
    /// Each thing that was looked at.
    pub checks: Vec<CheckView>,
    /// What is wrong.
    pub findings: Vec<FindingView>,
}

/// Something wrong with a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FindingView {
    /// Stable, snake_case.
    pub id: String,
    /// The check that it belongs to, one of `checks`.
    pub check: String,
    /// The sentence for people.
    pub message: String,
    /// Where and what, by name.
    pub params: std::collections::BTreeMap<String, String>,
}

/// A ledger that was taken as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AcceptView {
    /// The ledger.
    pub path: String,
    /// `simulated`, `sandbox` or `live`.
    pub environment: String,
    /// Whether it was begun anew, because there was none.
    pub begun: bool,
    /// The last entry of the journal that was anchored before, where that could be read.
    pub anchored_before: Option<i64>,
    /// Its last entry now, which is anchored.
    pub journal_seq: i64,
    /// Whether its journal's key was lost: it goes on under a new one, and what it held is unproven.
    pub adopted: bool,
}

/// A verified backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct BackupView {
    /// The backup.
    pub path: String,
    /// Its bytes.
    pub bytes: i64,
    /// Whether the key that proves it unchanged is in this computer's keychain, and not in the backup.
    pub key_in_keychain: bool,
}

/// A restored ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RestoreView {
    /// The ledger.
    pub path: String,
    /// Where the one before it lies now.
    pub moved_aside: Option<String>,
    /// Whether the backup's journal has a key that is lost: it goes on under a new one, and what it held is unproven.
    pub adopted: bool,
}

/// What could be saved out of a damaged ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SalvageView {
    /// The fresh ledger.
    pub path: String,
    /// Where the damaged one lies now.
    pub moved_aside: Option<String>,
    /// Rows saved by table.
    pub saved: Vec<TableCount>,
    /// Rows known to be lost by table.
    pub lost: Vec<TableCount>,
    /// Which payments, refunds and operations these are, as far as the journal names them: at most 200.
    pub lost_rows: Vec<LostRow>,
    /// Tables of which a part could not be read: of these, rows that the journal does not know may be lost too.
    pub unreadable: Vec<String>,
    /// Rows saved that are not as the journal has them, by table: compare them with WeChat Pay.
    pub doubtful: Vec<TableCount>,
    /// Whether the journal could be carried over whole.
    pub journal_whole: bool,
}

/// A payment, a refund or an operation that a salvage lost: to be looked for at WeChat Pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LostRow {
    /// `payments`, `refunds` or `operations`.
    pub table: String,
    /// Whose it is; `null` of an operation, of which that is not known.
    pub merchant: Option<String>,
    /// What the operation was to do: `unified_order`, `refund` and the like; `null` of other rows.
    pub kind: Option<String>,
    /// The order's or the refund's number; of an operation whose number is not known, its id.
    pub number: String,
}

/// One exchange with the gateway, in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExchangeSummary {
    /// Its number in the ledger.
    pub id: i64,
    /// When it began.
    pub at: String,
    /// The merchant's name.
    pub merchant: String,
    /// The path, such as `/pay/unifiedorder`.
    pub api: String,
    /// Scheme and host.
    pub host: String,
    /// HTTP status, if a reply came.
    pub status: Option<i64>,
    /// How long it took.
    pub duration_ms: i64,
    /// `confirmed`, `rejected`, `unknown` or `not_sent`.
    pub outcome: String,
    /// WeChat Pay's code.
    pub err_code: Option<String>,
    /// The order's number.
    pub out_trade_no: Option<String>,
}

/// One exchange whole. Nothing in it is secret. It is only written: to read a flattened struct back, serde
/// would need floats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExchangeView {
    /// The summary.
    #[serde(flatten)]
    pub summary: ExchangeSummary,
    /// What was sent, secrets masked.
    pub request: String,
    /// What came back, secrets masked; bytes that are not UTF-8 are shown as U+FFFD.
    pub response: Option<String>,
}

impl ExchangeView {
    /// A request or response as a person reads it: one field a line. What is no document is given as it is.
    #[must_use]
    pub fn laid_out(text: &str) -> String {
        wxpay::xml::indented(text).unwrap_or_else(|| text.to_owned())
    }
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExportView {
    /// The file.
    pub path: String,
    /// Rows, the heading not counted.
    pub rows: i64,
    /// Its bytes.
    pub bytes: i64,
}

/// The whole job on the simulator, step by step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DemoView {
    /// Always true: nothing here is real money.
    pub simulated: bool,
    /// The seed that gives the same bytes again.
    pub seed: u64,
    /// The steps in order.
    pub steps: Vec<DemoStep>,
    /// What was written.
    pub files: Vec<DemoFile>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DemoStep {
    /// Stable, snake_case.
    pub step: String,
    /// Whether it did what it should.
    pub ok: bool,
    /// What proves it, by name.
    #[cfg_attr(test, ts(type = "Record<string, unknown>"))]
    pub evidence: serde_json::Map<String, serde_json::Value>,
}

/// A file that the demo wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DemoFile {
    /// What it is: `ledger` or `payments_csv`.
    pub kind: String,
    /// Where it is.
    pub path: String,
}

//! The payments that a list shows, in its columns, as a file in the person's downloads.

use crate::args::Cells;
use crate::calls::free_name;
use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::export::{BOM, cell};
use crate::forms::PaymentsForm;
use crate::lists::{payment_row, payments_wanted};
use crate::place::failed;
use crate::view::{ExportView, Mark, PaymentRow, Progress};
use crate::whole::Whole;
use crate::words::Words;
use domain::Fen;
use std::borrow::Cow;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// What a column of the list comes to in the file: the headings of `payments export`.
const COLUMNS: [(&str, &[&str]); 13] = [
    ("time", &["created_at"]),
    ("paid_at", &["paid_at"]),
    ("state", &["state"]),
    ("amount", &["total_yuan"]),
    ("refunded", &["refunded_yuan"]),
    ("currency", &["currency"]),
    ("body", &["body"]),
    ("attach", &["attach"]),
    ("trade_type", &["trade_type"]),
    ("out_trade_no", &["out_trade_no"]),
    ("transaction_id", &["transaction_id"]),
    // The list shows both in one: the marks, and what does not fit.
    ("evidence", &["evidence", "disagreements"]),
    ("disagreements", &["disagreements"]),
];

/// The headings for the columns shown, each once.
fn headings(columns: &[String]) -> Result<Vec<&'static str>> {
    let wrong =
        |why: Words| ConsoleError::new(Code::InvalidField).with("field", "columns").saying("detail", why);
    let mut headings = Vec::new();
    for column in columns {
        let found = COLUMNS.iter().find(|(name, _)| name == column);
        let (_, these) =
            found.ok_or_else(|| wrong(Words::new("detail.id.shape").with("field", "columns")))?;
        for heading in *these {
            if !headings.contains(heading) {
                headings.push(*heading);
            }
        }
    }
    if headings.is_empty() {
        return Err(wrong(Words::new("detail.rule.not_empty")));
    }
    Ok(headings)
}

fn value<'r>(row: &'r PaymentRow, heading: &str) -> Cow<'r, str> {
    let yuan = |fen: i64| Cow::Owned(Fen::new(fen).to_string());
    let text = |value: &'r Option<String>| Cow::Borrowed(value.as_deref().unwrap_or(""));
    match heading {
        "created_at" => Cow::Borrowed(&row.created_at),
        "paid_at" => text(&row.paid_at),
        "state" => Cow::Borrowed(&row.state),
        "total_yuan" => row.total_fen.map_or(Cow::Borrowed(""), yuan),
        "refunded_yuan" => yuan(row.refunded_fen),
        "currency" => Cow::Borrowed(&row.currency),
        "body" => text(&row.body),
        "attach" => text(&row.attach),
        "trade_type" => text(&row.trade_type),
        "out_trade_no" => Cow::Borrowed(&row.out_trade_no),
        "transaction_id" => text(&row.transaction_id),
        "disagreements" => Cow::Owned(row.disagreements.join(" ")),
        _ => {
            // One that is missing and should be there is no evidence.
            let there = |mark: Mark, name| {
                let untold = name == "notice" && row.disagreements.iter().any(|code| code == "not_told");
                (mark == Mark::Yes || (mark == Mark::Differs && !untold)).then_some(name)
            };
            let marks = [there(row.told, "notice"), there(row.asked, "query"), there(row.billed, "bill")];
            Cow::Owned(marks.into_iter().flatten().collect::<Vec<_>>().join(" "))
        }
    }
}

/// A list as CSV, as `payments export` writes it.
struct Shown<W: Write> {
    out: csv::Writer<W>,
    headings: Vec<&'static str>,
    rows: i64,
}

impl<W: Write> Shown<W> {
    fn new(mut out: W, headings: Vec<&'static str>) -> std::io::Result<Self> {
        out.write_all(BOM.as_bytes())?;
        let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        out.write_record(&headings).map_err(std::io::Error::from)?;
        Ok(Self { out, headings, rows: 0 })
    }

    fn row(&mut self, row: &PaymentRow) -> std::io::Result<()> {
        for heading in &self.headings {
            let text = value(row, heading);
            // Amounts are numbers that Paydesk made; all else is text.
            let safe =
                if heading.ends_with("_yuan") { Cow::Borrowed(&*text) } else { cell(&text, Cells::Safe) };
            self.out.write_field(&*safe).map_err(std::io::Error::from)?;
        }
        self.out.write_record(None::<&[u8]>).map_err(std::io::Error::from)?;
        self.rows += 1;
        Ok(())
    }
}

impl Console {
    /// Writes exactly the payments that fit, in the columns shown, as a new CSV file in the person's downloads. It
    /// tells `progress` how far it is, and [`cancel`](Self::cancel) of `job` ends it; then nothing is left behind.
    ///
    /// # Errors
    /// `invalid_field` for the filter or a column that there is not; `cancelled`; `disk_full`, `file_failed`.
    pub fn export_payments_form(
        &self,
        merchant: &str,
        form: &PaymentsForm,
        columns: &[String],
        job: &str,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ExportView> {
        let working = self.run.begin(job);
        let merchant = self.pick(Some(merchant))?;
        let wanted = payments_wanted(&merchant, form)?;
        let headings = headings(columns)?;
        let ledger = self.ledger_to_read(merchant.environment)?;
        let now = self.now();
        let late_as_of = ledger.late_as_of(&merchant.name, now)?;
        let folder = self.downloads()?;
        let stem = format!("paydesk-{}-{}", merchant.name, now.civil().compact());
        let path = free_name(&folder, &stem, "csv");
        let refused = |error: std::io::Error| failed(&path, &error);
        let mut whole = Whole::begin(&path)?;
        let mut csv = Shown::new(&mut whole, headings).map_err(refused)?;
        let mut problem = None;
        ledger.for_each_listed(&wanted, now, |total, piece| {
            for listed in &piece {
                let row = payment_row(&listed.payment, &listed.evidences, listed.unresolved, late_as_of);
                if let Err(error) = csv.row(&row) {
                    problem = Some(refused(error));
                    return ControlFlow::Break(());
                }
            }
            progress(Progress { job: job.to_owned(), done: csv.rows, total: i64::try_from(total).ok() });
            if working.is_ended() {
                problem = Some(ConsoleError::new(Code::Cancelled));
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        if let Some(problem) = problem {
            return Err(problem);
        }
        let rows = csv.rows;
        csv.out.flush().map_err(refused)?;
        drop(csv);
        // Somebody who took the name meanwhile keeps it.
        let bytes = i64::try_from(whole.finish(false)?).unwrap_or(i64::MAX);
        Ok(ExportView { path: path.display().to_string(), rows, bytes })
    }

    /// Where a person finds what was downloaded.
    fn downloads(&self) -> Result<PathBuf> {
        let own = || {
            let dirs = directories::UserDirs::new()?;
            dirs.download_dir().filter(|folder| folder.is_dir()).map(Path::to_owned)
        };
        let folder =
            self.downloads.clone().or_else(own).unwrap_or_else(|| self.place().root().join("exports"));
        std::fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
        Ok(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_heading_stands_once_and_a_column_that_is_none_is_refused() {
        let named = |columns: &[&str]| {
            let columns: Vec<_> = columns.iter().map(|&column| column.to_owned()).collect();
            headings(&columns)
        };
        assert_eq!(
            named(&["amount", "time", "evidence", "disagreements"]).unwrap(),
            ["total_yuan", "created_at", "evidence", "disagreements"]
        );
        assert!(named(&[]).is_err());
        assert_eq!(&*named(&["openid"]).unwrap_err().params["field"], "columns");
        let all = crate::view::Preferences::default().columns;
        assert!(headings(&all).is_ok(), "every column of the list has a heading");
    }
}

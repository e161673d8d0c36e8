//! Payments as a file for other programs.

use crate::args::{Cells, PaymentQuery};
use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::orders::{filter, view_of};
use crate::place::failed;
use crate::view::{ExportView, PaymentView};
use crate::whole::Whole;
use crate::words::Words;
use domain::Fen;
use std::borrow::Cow;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

/// Whoever follows a long piece of work: is told how far it is, and can end it.
pub struct Follow<'a> {
    /// Whether the whole is counted first, which takes a little time.
    pub count: bool,
    /// Is told after each piece, and while they are counted, how many are done and how many there are, or `None`
    /// where that is not known. `Break` ends the work.
    pub each: &'a mut dyn FnMut(i64, Option<i64>) -> ControlFlow<()>,
}

impl Console {
    /// Writes payments as CSV to a file, whole or not at all. A file of that name is as it was until then.
    ///
    /// # Errors
    /// `file_exists` unless `force`; `disk_full`, `file_failed`.
    pub fn export_payments(
        &self,
        merchant: Option<&str>,
        query: &PaymentQuery,
        to: &Path,
        cells: Cells,
        force: bool,
    ) -> Result<ExportView> {
        let each = &mut |_, _| ControlFlow::Continue(());
        let view =
            self.export_payments_followed(merchant, query, to, cells, force, Follow { count: false, each })?;
        // Nobody ends it.
        view.ok_or_else(|| {
            ConsoleError::new(Code::FileFailed)
                .with("path", to.display())
                .saying("detail", Words::new("detail.file.ended"))
        })
    }

    /// The same, followed. `None` if it was ended: then nothing was written.
    ///
    /// # Errors
    /// Those of [`export_payments`](Self::export_payments).
    pub fn export_payments_followed(
        &self,
        merchant: Option<&str>,
        query: &PaymentQuery,
        to: &Path,
        cells: Cells,
        force: bool,
        follow: Follow<'_>,
    ) -> Result<Option<ExportView>> {
        // Asked before the work, and again when the file is given its name.
        if !force && to.exists() {
            return Err(ConsoleError::new(Code::FileExists).with("path", to.display()));
        }
        let mut whole = Whole::begin_theirs(to)?;
        let Some(rows) = self.write_payments(merchant, query, &mut whole, to, cells, follow)? else {
            return Ok(None);
        };
        let bytes = whole.finish(force)?;
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        Ok(Some(ExportView { path: to.display().to_string(), rows, bytes }))
    }

    /// Writes payments as CSV to `out`, and gives their number; `None` if it was ended, and then what was written
    /// stands.
    ///
    /// # Errors
    /// `file_failed` if `out` does not take them.
    pub fn export_payments_to(
        &self,
        merchant: Option<&str>,
        query: &PaymentQuery,
        out: &mut dyn Write,
        cells: Cells,
        follow: Follow<'_>,
    ) -> Result<Option<i64>> {
        self.write_payments(merchant, query, out, Path::new("-"), cells, follow)
    }

    fn write_payments(
        &self,
        merchant: Option<&str>,
        query: &PaymentQuery,
        out: &mut dyn Write,
        to: &Path,
        cells: Cells,
        follow: Follow<'_>,
    ) -> Result<Option<i64>> {
        let merchant = self.pick(merchant)?;
        let ledger = self.ledger_to_read(merchant.environment)?;
        let filter = filter(&merchant, query);
        let refused = |error: std::io::Error| failed(to, &error);
        let Follow { count, each } = follow;
        let mut ended = false;
        let mut total = None;
        if count {
            let mut rows: i64 = 0;
            ledger.for_each_payment(&filter, |_| {
                rows += 1;
                ended = each(0, None).is_break();
                !ended
            })?;
            total = Some(rows);
        }
        let mut csv = PaymentsCsv::new(out, cells).map_err(refused)?;
        let mut problem = None;
        if !ended {
            ledger.for_each_payment(&filter, |row| {
                let view = view_of(&ledger, &merchant, &row);
                problem = view.and_then(|view| csv.row(&view).map_err(refused)).err();
                ended = each(csv.rows, total).is_break();
                problem.is_none() && !ended
            })?;
        }
        match problem {
            Some(error) => Err(error),
            None if ended => Ok(None),
            None => csv.finish().map(Some).map_err(refused),
        }
    }
}

/// A byte order mark: without it Excel reads Chinese as GBK.
pub(crate) const BOM: &str = "\u{FEFF}";

/// The columns of a payments export, in order.
pub(crate) const COLUMNS: [&str; 19] = [
    "environment",
    "merchant",
    "created_at",
    "paid_at",
    "state",
    "total_yuan",
    "refunded_yuan",
    "currency",
    "cash_fee_yuan",
    "coupon_fee_yuan",
    "trade_type",
    "out_trade_no",
    "transaction_id",
    "body",
    "attach",
    "bank_type",
    "openid",
    "evidence",
    "disagreements",
];

/// Text as a cell. In the safe mode a `'` goes before whatever a spreadsheet could take for a formula, and
/// before a `'`; so whoever takes one leading `'` away has the exact text again.
pub(crate) fn cell(text: &str, cells: Cells) -> Cow<'_, str> {
    let risky = |c: char| {
        matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\0' | '\'' | '＝' | '＋' | '－' | '＠')
    };
    match cells {
        Cells::Safe if text.starts_with(risky) => Cow::Owned(format!("'{text}")),
        _ => Cow::Borrowed(text),
    }
}

/// Writes CSV: UTF-8 with a byte order mark (without it Excel reads Chinese as GBK), CRLF, amounts in yuan as
/// plain numbers that Paydesk made, and everything else as text.
pub(crate) struct PaymentsCsv<W: Write> {
    out: csv::Writer<W>,
    cells: Cells,
    pub(crate) rows: i64,
}

impl<W: Write> PaymentsCsv<W> {
    pub(crate) fn new(mut out: W, cells: Cells) -> std::io::Result<Self> {
        out.write_all(BOM.as_bytes())?;
        let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        out.write_record(COLUMNS).map_err(std::io::Error::from)?;
        Ok(Self { out, cells, rows: 0 })
    }

    pub(crate) fn row(&mut self, payment: &PaymentView) -> std::io::Result<()> {
        let yuan = |fen: i64| Fen::new(fen).to_string();
        let absent = |value: &Option<String>| value.clone().unwrap_or_default();
        let evidence = [
            ("notice", &payment.evidence.notice),
            ("query", &payment.evidence.query),
            ("bill", &payment.evidence.bill),
        ];
        let evidence: Vec<_> =
            evidence.iter().filter(|(_, mark)| mark.is_some()).map(|(name, _)| *name).collect();
        let disagreements: Vec<_> = payment.disagreements.iter().map(|found| found.code.as_str()).collect();
        let row: [String; COLUMNS.len()] = [
            payment.environment.clone(),
            payment.merchant.clone(),
            payment.created_at.clone(),
            absent(&payment.paid_at),
            payment.state.clone(),
            yuan(payment.total_fen),
            yuan(payment.refunded_fen),
            payment.currency.clone(),
            payment.cash_fee_fen.map(yuan).unwrap_or_default(),
            payment.coupon_fee_fen.map(yuan).unwrap_or_default(),
            absent(&payment.trade_type),
            payment.out_trade_no.clone(),
            absent(&payment.transaction_id),
            absent(&payment.body),
            absent(&payment.attach),
            absent(&payment.bank_type),
            absent(&payment.openid),
            evidence.join(" "),
            disagreements.join(" "),
        ];
        let is_amount = |column: usize| COLUMNS[column].ends_with("_yuan");
        let cells = row.iter().enumerate().map(|(column, text)| match is_amount(column) {
            true => Cow::Borrowed(text.as_str()),
            false => cell(text, self.cells),
        });
        self.out.write_record(cells.map(|cell| cell.into_owned())).map_err(std::io::Error::from)?;
        self.rows += 1;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> std::io::Result<i64> {
        self.out.flush()?;
        Ok(self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn safe_cells_can_be_undone() {
        for text in ["", "面包", "=1+1", "'=1", "''", "-5", "@x", "+86", "\t=1", "＝1", "a=1"] {
            let safe = cell(text, Cells::Safe);
            assert_eq!(safe.strip_prefix('\'').unwrap_or(&safe), text);
            assert!(!safe.starts_with(['=', '+', '-', '@', '\t', '＝']), "{safe}");
            assert_eq!(cell(text, Cells::Raw), text);
        }
    }
}

use crate::args::Cells;
use crate::view::PaymentView;
use domain::Fen;
use std::borrow::Cow;
use std::io::Write;

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
fn cell(text: &str, cells: Cells) -> Cow<'_, str> {
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
        out.write_all("\u{FEFF}".as_bytes())?;
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

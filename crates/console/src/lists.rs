//! Windows onto the long lists: payments, refunds, exchanges. Rows and sums of what a filter leaves, newest first.

use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::forms::{PaymentsForm, RefundsForm, RequestsForm};
use crate::merchants::Merchant;
use crate::shape;
use crate::status::revision_of;
use crate::view::{
    Mark, PaymentRow, PaymentSums, PaymentsWindow, RefundView, RefundsWindow, RequestsWindow, civil, moment,
};
use crate::words::Words;
use domain::{Day, Environment, Fen, OperationState, RefundState, Timestamp};
use ledger::{
    ExchangesWanted, Ledger, ListedRefund, Payment, PaymentEvidence, RefundsWanted, Standing, Wanted,
};
use std::str::FromStr;
use std::sync::Arc;

/// More rows than any screen shows at once.
const MOST_ROWS: i64 = 200;

fn mark(mark: ledger::Mark) -> Mark {
    match mark {
        ledger::Mark::Yes => Mark::Yes,
        ledger::Mark::Due => Mark::Due,
        ledger::Mark::Differs => Mark::Differs,
        ledger::Mark::None => Mark::None,
    }
}

/// A payment as a row of a list shows it. `unresolved`: whether any operation about it is; `late_as_of`: the ledger's.
pub(crate) fn payment_row(
    row: &Payment,
    evidences: &[PaymentEvidence],
    unresolved: bool,
    late_as_of: Timestamp,
) -> PaymentRow {
    let standing = Standing::of(row, evidences, late_as_of);
    PaymentRow {
        out_trade_no: row.out_trade_no.to_string(),
        transaction_id: row.transaction_id.as_ref().map(ToString::to_string),
        state: standing.stands.as_str().into(),
        trade_type: row.trade_type.map(|kind| kind.to_string()),
        total_fen: row.total.map(Fen::get),
        refunded_fen: row.refunded.get(),
        currency: row.currency.clone().unwrap_or_else(|| "CNY".into()),
        body: row.body.clone(),
        attach: row.attach.clone(),
        created_at: moment(row.created),
        paid_at: row.time_end.map(civil),
        told: mark(standing.told),
        asked: mark(standing.asked),
        billed: mark(standing.billed),
        disagreements: standing.disagreements,
        unresolved,
    }
}

/// The row of one payment, with all that it takes looked up.
pub(crate) fn payment_row_of(ledger: &Ledger, row: &Payment, now: Timestamp) -> Result<PaymentRow> {
    let evidences = ledger.evidences(&row.merchant, &row.out_trade_no)?;
    let operations = ledger.operations_of(&row.merchant, &row.out_trade_no)?;
    let unresolved = operations.iter().any(|operation| operation.state.is_unresolved());
    Ok(payment_row(row, &evidences, unresolved, ledger.late_as_of(&row.merchant, now)?))
}

fn no_such(field: &'static str) -> ConsoleError {
    ConsoleError::new(Code::InvalidField)
        .with("field", field)
        .saying("detail", Words::new("detail.id.shape").with("field", field))
}

fn words<T: FromStr>(field: &'static str, words: &[String]) -> Result<Vec<T>> {
    words.iter().map(|word| word.parse().map_err(|_| no_such(field))).collect()
}

/// From the first moment of a day on, and before the first moment after another.
fn days(from: Option<&str>, to: Option<&str>) -> Result<(Option<Timestamp>, Option<Timestamp>)> {
    let day = |field, text: Option<&str>| {
        let parsed = text.filter(|text| !text.is_empty()).map(Day::parse).transpose();
        parsed.map_err(|error| {
            ConsoleError::new(Code::InvalidField).with("field", field).saying("detail", &error)
        })
    };
    let after = day("to", to)?.and_then(Day::next);
    Ok((day("from", from)?.map(Day::start), after.map(Day::start)))
}

fn window(offset: i64, limit: i64) -> (i64, (usize, usize)) {
    let offset = offset.max(0);
    let count = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    (offset, (count(offset), count(limit.clamp(0, MOST_ROWS))))
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What a form asks for.
pub(crate) fn payments_wanted(merchant: &Merchant, form: &PaymentsForm) -> Result<Wanted> {
    let (from, to) = days(form.from.as_deref(), form.to.as_deref())?;
    Ok(Wanted {
        merchant: merchant.name.clone(),
        // What is pasted often brings a space or the end of its line.
        text: form.text.trim().to_owned(),
        stands: words("states", &form.states)?,
        trade_types: words("trade_types", &form.trade_types)?,
        from,
        to,
        min: form.min_fen.map(Fen::new),
        max: form.max_fen.map(Fen::new),
        evidence: words("evidence", &form.evidence)?,
        disagreeing: form.disagreeing,
        unresolved: form.unresolved,
    })
}

impl Console {
    /// A window of at most 200 rows onto the payments that fit, newest first, from the row `offset` on, which is
    /// the first one's place from 0.
    ///
    /// # Errors
    /// `invalid_field` for a word or a day that is none; those of opening the ledger.
    pub fn payments_window(
        &self,
        merchant: &str,
        form: &PaymentsForm,
        offset: i64,
        limit: i64,
    ) -> Result<PaymentsWindow> {
        let merchant = self.pick(Some(merchant))?;
        let wanted = payments_wanted(&merchant, form)?;
        let ledger = self.ledger_to_read(merchant.environment)?;
        let now = self.now();
        let (offset, window) = window(offset, limit);
        let found = ledger.list_payments(&wanted, window, now)?;
        let late_as_of = ledger.late_as_of(&merchant.name, now)?;
        if !ledger.is_prepared(&merchant.name) {
            prepare(ledger, merchant.name);
        }
        let row = |listed: &ledger::Listed| {
            payment_row(&listed.payment, &listed.evidences, listed.unresolved, late_as_of)
        };
        Ok(PaymentsWindow { total: number(found.total), offset, rows: found.rows.iter().map(row).collect() })
    }

    /// What the payments that fit come to.
    ///
    /// # Errors
    /// Those of [`payments_window`](Self::payments_window).
    pub fn payment_sums(&self, merchant: &str, form: &PaymentsForm) -> Result<PaymentSums> {
        let merchant = self.pick(Some(merchant))?;
        let wanted = payments_wanted(&merchant, form)?;
        let sums = self.ledger_to_read(merchant.environment)?.sum_payments(&wanted, self.now())?;
        Ok(PaymentSums {
            count: sums.count,
            paid: sums.paid,
            takings_fen: sums.takings.get(),
            refunded_fen: sums.refunded.get(),
            net_fen: sums.takings.get().saturating_sub(sums.refunded.get()),
            disagreeing: sums.disagreeing,
        })
    }

    /// A window of at most 200 rows onto the refunds that fit, newest first. Those that WeChat Pay does not know, or
    /// of which that is not known, stand among them.
    ///
    /// # Errors
    /// Those of [`payments_window`](Self::payments_window).
    pub fn refunds_window(
        &self,
        merchant: &str,
        form: &RefundsForm,
        offset: i64,
        limit: i64,
    ) -> Result<RefundsWindow> {
        let merchant = self.pick(Some(merchant))?;
        let known = |word: &String| {
            RefundState::from_str(word).is_ok()
                || matches!(word.as_str(), "unknown" | "rejected" | "not_sent")
        };
        if !form.states.iter().all(known) {
            return Err(no_such("states"));
        }
        let (from, to) = days(form.from.as_deref(), form.to.as_deref())?;
        let wanted = RefundsWanted {
            merchant: merchant.name.clone(),
            text: form.text.trim().to_owned(),
            states: form.states.clone(),
            from,
            to,
        };
        let (offset, window) = window(offset, limit);
        let found =
            self.ledger_to_read(merchant.environment)?.list_refunds(&wanted, window, &shape::reason_of)?;
        Ok(RefundsWindow {
            total: number(found.total),
            offset,
            rows: found.rows.iter().filter_map(|row| refund(&merchant, row)).collect(),
            refunded_fen: found.refunded.get(),
        })
    }

    /// A window of at most 200 rows onto the exchanges with the gateway that fit, newest first.
    ///
    /// # Errors
    /// Those of [`payments_window`](Self::payments_window).
    pub fn requests_window(
        &self,
        merchant: &str,
        form: &RequestsForm,
        offset: i64,
        limit: i64,
    ) -> Result<RequestsWindow> {
        let merchant = self.pick(Some(merchant))?;
        let outcome = |word: &String| {
            OperationState::from_str(word).is_ok_and(|state| state != OperationState::Intended)
        };
        if !form.outcomes.iter().all(outcome) {
            return Err(no_such("outcomes"));
        }
        let wanted = ExchangesWanted {
            merchant: merchant.name.clone(),
            text: form.text.trim().to_owned(),
            outcomes: form.outcomes.clone(),
            apis: form.apis.clone(),
        };
        let (offset, window) = window(offset, limit);
        let ledger = self.ledger_to_read(merchant.environment)?;
        let (total, rows) = ledger.list_exchanges(&wanted, window, &shape::number_of)?;
        let rows = rows.iter().map(shape::exchange_summary).collect();
        Ok(RequestsWindow { total: number(total), offset, rows })
    }

    /// A number that grows with every change of an environment's ledger that a screen may show, by whatever process;
    /// the same as in [`crate::view::StatusView`]. One row is read.
    ///
    /// # Errors
    /// Those of opening the ledger.
    pub fn revision(&self, environment: Environment) -> Result<i64> {
        revision_of(&*self.ledger_to_read(environment)?)
    }
}

fn refund(merchant: &Merchant, row: &ListedRefund) -> Option<RefundView> {
    let request = row.request.as_ref();
    match &row.refund {
        Some(refund) => Some(shape::refund(merchant, refund, row.total, &row.evidences, request)),
        None => request.map(|request| shape::requested_refund(merchant, request, row.total)),
    }
}

/// Reads the payments into memory meanwhile, so that the first search need not wait.
fn prepare(ledger: Arc<Ledger>, merchant: String) {
    let work = move || {
        // Once everybody else has let go of it, it is to be closed.
        let go_on = || Arc::strong_count(&ledger) > 1;
        // Whoever needs them reads them then, and is told what is wrong.
        let _ = ledger.prepare(&merchant, &go_on);
    };
    let _ = std::thread::Builder::new().name("lists".into()).spawn(work);
}

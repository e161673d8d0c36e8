//! Windows onto the long lists: payments, refunds, exchanges. Rows and sums of what a filter leaves, newest first.

use crate::error::Result;
use crate::view::{Mark, PaymentRow, civil, moment};
use domain::{Fen, Timestamp};
use ledger::{Payment, PaymentEvidence, Standing};

fn mark(mark: ledger::Mark) -> Mark {
    match mark {
        ledger::Mark::Yes => Mark::Yes,
        ledger::Mark::Due => Mark::Due,
        ledger::Mark::Differs => Mark::Differs,
        ledger::Mark::None => Mark::None,
    }
}

/// A payment as a row of a list shows it at `now`. `unresolved`: whether any operation about it is.
pub(crate) fn payment_row(
    row: &Payment,
    evidences: &[PaymentEvidence],
    unresolved: bool,
    now: Timestamp,
) -> PaymentRow {
    let standing = Standing::of(row, evidences, now);
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
pub(crate) fn payment_row_of(ledger: &ledger::Ledger, row: &Payment, now: Timestamp) -> Result<PaymentRow> {
    let evidences = ledger.evidences(&row.merchant, &row.out_trade_no)?;
    let operations = ledger.operations_of(&row.merchant, &row.out_trade_no)?;
    let unresolved = operations.iter().any(|operation| operation.state.is_unresolved());
    Ok(payment_row(row, &evidences, unresolved, now))
}

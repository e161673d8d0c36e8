//! Payments and refunds whose rows are lost, made again of what else tells of them: the requests that made them and
//! what each source said. What only the row held (when it was paid, by which bank) is asked for again.

use crate::ledger::Tx;
use crate::table::{self, evidence, operation, payment, refund};
use crate::{LedgerError, Payment, PaymentObservation, Refund};
use domain::evidence::Source;
use domain::{
    Fen, MchId, OperationId, OperationKind, OperationState, OrderState, OutTradeNo, RefundState, Timestamp,
    TradeType,
};

/// Orders that were asked for and have no row, or one that was made for its refunds alone.
const LOST_ORDERS: &str = "SELECT o.id FROM operations o LEFT JOIN payments p
     ON p.merchant = o.merchant AND p.out_trade_no = o.out_trade_no
     WHERE o.kind IN ('unified_order', 'micropay')
     AND (p.id IS NULL OR (p.unasked = 1 AND p.operation_id IS NULL AND p.total_fen IS NULL))
     ORDER BY o.created_ms, o.id";

/// Payments that a source told of and nobody here asked for. Whose number they came under, another row tells.
const LOST_STRANGERS: &str = "SELECT DISTINCT e.merchant, e.number,
        coalesce((SELECT n.mch_id FROM notices n WHERE n.merchant = e.merchant AND n.mch_id IS NOT NULL LIMIT 1),
                 (SELECT o.mch_id FROM operations o WHERE o.merchant = e.merchant LIMIT 1),
                 (SELECT p.mch_id FROM payments p WHERE p.merchant = e.merchant LIMIT 1))
     FROM evidence e WHERE e.subject = 'payment' AND NOT EXISTS (SELECT 1 FROM payments p
        WHERE p.merchant = e.merchant AND p.out_trade_no = e.number)";

/// Refunds that were asked for and have no row, though they were accepted or a source told of them.
const LOST_REFUNDS: &str = "SELECT o.id FROM operations o
     WHERE o.kind = 'refund' AND NOT EXISTS (SELECT 1 FROM refunds r
        WHERE r.merchant = o.merchant AND r.out_refund_no = o.number)
     AND (o.state = 'confirmed' OR EXISTS (SELECT 1 FROM evidence e
        WHERE e.merchant = o.merchant AND e.subject = 'refund' AND e.number = o.number))
     ORDER BY o.created_ms, o.id";

/// Reads a field of a stored request, which the ledger itself keeps as it is and does not understand.
pub type ReadRequest<'a> = &'a dyn Fn(&str, &str) -> Option<String>;

/// Makes every lost payment and refund again that can be. Answers the table and the journal's subject of each.
pub(crate) fn rebuild(
    tx: &Tx<'_>,
    read: ReadRequest<'_>,
) -> Result<Vec<(&'static str, String)>, LedgerError> {
    let mut made = Vec::new();
    for op in operations(tx, LOST_ORDERS)? {
        let known = tx.sql(payment::get(tx.conn, &op.merchant, &op.out_trade_no))?;
        let mut row = Payment::unasked(&op.merchant, &op.mch_id, &op.out_trade_no, op.created);
        row.id = known.map_or(0, |known| known.id);
        row.unasked = false;
        row.total = Some(op.amount);
        row.currency = Some(op.currency.clone());
        let field = |name: &str| read(&op.request_params, name);
        row.body = field("body");
        row.attach = field("attach");
        row.appid = field("appid").and_then(|text| text.parse().ok());
        row.openid = field("openid").and_then(|text| text.parse().ok());
        row.trade_type = match op.kind {
            OperationKind::Micropay => Some(TradeType::Micropay),
            _ => field("trade_type").and_then(|text| text.parse().ok()),
        };
        row.operation_id = Some(op.id.clone());
        made.push(put(tx, row)?);
    }
    let strangers: Vec<(String, String, Option<String>)> =
        tx.sql(tx.conn.prepare(LOST_STRANGERS).and_then(|mut all| {
            all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
        }))?;
    for (merchant, number, mch_id) in strangers {
        let (Ok(number), Some(Ok(mch_id))) =
            (OutTradeNo::parse(&number), mch_id.as_deref().map(MchId::parse))
        else {
            continue;
        };
        made.push(put(tx, Payment::unasked(&merchant, &mch_id, &number, tx.now))?);
    }
    for op in operations(tx, LOST_REFUNDS)? {
        let Some(number) = op.out_refund_no.clone() else { continue };
        if tx.sql(payment::get(tx.conn, &op.merchant, &op.out_trade_no))?.is_none() {
            let mut order = Payment::unasked(&op.merchant, &op.mch_id, &op.out_trade_no, op.created);
            order.state = OrderState::Paid;
            made.push(put(tx, order)?);
        }
        let told: Vec<crate::RefundEvidence> =
            tx.sql(evidence::list(tx.conn, &op.merchant, evidence::REFUND, number.as_str()))?;
        let (merchant, mch_id) = (op.merchant.clone(), op.mch_id.clone());
        let seen = |source: Source, state: RefundState, amount: Option<Fen>, at: Timestamp| {
            crate::RefundObservation::new(
                (&merchant, mch_id.clone()),
                (number.clone(), op.out_trade_no.clone()),
                source,
                (state, amount.unwrap_or(op.amount)),
                at,
            )
        };
        let mut row =
            Refund::first(&seen(Source::Query, RefundState::Processing, None, op.created), op.created);
        row.ask(op.clone());
        for said in told {
            let mut seen = seen(said.source, said.state, said.amount, said.seen);
            seen.refund_id = said.number.clone();
            seen.currency = said.currency.clone();
            row.join(&seen, None, tx.now);
        }
        let id = tx.sql(refund::put(tx.conn, &row))?;
        tx.record(&refund::TABLE, id, "salvage", REBUILT)?;
        made.push((refund::TABLE.name, tx.sql(table::seal(tx.conn, &refund::TABLE, id))?.0));
        tx.sum_refunds(&merchant, &row.out_trade_no, &mch_id)?;
    }
    Ok(made)
}

const REBUILT: &str = "rebuilt of its request and evidence";

fn operations(tx: &Tx<'_>, sql: &str) -> Result<Vec<crate::Operation>, LedgerError> {
    let ids: Vec<String> =
        tx.sql(tx.conn.prepare(sql).and_then(|mut all| all.query_map([], |row| row.get(0))?.collect()))?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        if let Ok(id) = OperationId::parse(&id)
            && let Some(op) = tx.sql(operation::get(tx.conn, &id))?
        {
            found.push(op);
        }
    }
    Ok(found)
}

/// Joins what each source said, and writes the row.
fn put(tx: &Tx<'_>, mut row: Payment) -> Result<(&'static str, String), LedgerError> {
    let told: Vec<crate::PaymentEvidence> =
        tx.sql(evidence::list(tx.conn, &row.merchant, evidence::PAYMENT, row.out_trade_no.as_str()))?;
    for said in told {
        let mut seen = PaymentObservation::new(
            &row.merchant,
            row.mch_id.clone(),
            row.out_trade_no.clone(),
            said.source,
            said.state,
            said.seen,
        );
        seen.total = said.amount;
        seen.currency = said.currency.clone();
        seen.transaction_id = said.number.clone();
        row.join(&seen, tx.now);
    }
    let accepted =
        |op: &crate::Operation| op.kind == OperationKind::Refund && op.state == OperationState::Confirmed;
    let of_order = tx.sql(operation::of_order(tx.conn, &row.merchant, &row.out_trade_no))?;
    if of_order.iter().any(accepted) {
        row.join_state(OrderState::Paid);
    }
    let id = tx.sql(payment::put(tx.conn, &row))?;
    tx.record(&payment::TABLE, id, "salvage", REBUILT)?;
    tx.sum_refunds(&row.merchant, &row.out_trade_no, &row.mch_id)?;
    Ok((payment::TABLE.name, tx.sql(table::seal(tx.conn, &payment::TABLE, id))?.0))
}

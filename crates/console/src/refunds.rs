//! Refunds: planned, made, asked about, listed.

use crate::args::{NewRefund, RefundQuery, RefundRef};
use crate::console::Console;
use crate::desk::{Desk, query_error};
use crate::error::{Code, ConsoleError, Result};
use crate::orders::{PAGE, refundable};
use crate::view::{RefundList, RefundPlan, RefundView};
use crate::words::Words;
use crate::{learn, shape};
use domain::{Fen, OperationKind, OutRefundNo, OutTradeNo};
use ledger::{Operation as Row, Refund, RefundFilter};
use wxpay::api::refund::{self, Extra};
use wxpay::api::{self, OrderRef};

/// WeChat Pay's page of refunds.
const WIRE_PAGE: u32 = 10;

impl Console {
    /// What a refund would do, before anybody is asked to agree to it. Nothing is sent or written. The number
    /// is fixed here, so that a second click is the same refund.
    ///
    /// # Errors
    /// `unknown_payment`, `not_paid`, `refund_too_much`.
    pub fn plan_refund(&self, merchant: Option<&str>, new: &NewRefund) -> Result<RefundPlan> {
        let merchant = self.pick(merchant)?;
        let ledger = self.ledger(merchant.environment)?;
        let unknown = || ConsoleError::new(Code::UnknownPayment).with("out_trade_no", &new.out_trade_no);
        let payment = ledger.payment(&merchant.name, &new.out_trade_no)?.ok_or_else(unknown)?;
        let number = new
            .out_refund_no
            .clone()
            .unwrap_or_else(|| domain::new_out_refund_no(&*self.entropy, self.now()));
        refuse_beside_an_open_one(&ledger, &merchant.name, new)?;
        // The same number again is the same refund: it takes nothing more.
        let again = ledger.operation_by_number(&merchant.name, OperationKind::Refund, number.as_str())?;
        let left = refundable(&ledger, &payment)?;
        if again.is_none() {
            if !payment.state.was_paid() {
                let told = ledger.evidences(&merchant.name, &new.out_trade_no)?;
                return Err(ConsoleError::new(Code::NotPaid).with("state", shape::state_of(&payment, &told)));
            }
            if !new.refund.is_positive() {
                return Err(ConsoleError::new(Code::InvalidAmount)
                    .with("given", new.refund)
                    .saying("detail", Words::new("detail.amount.not_positive")));
            }
            if new.refund > left {
                return Err(ConsoleError::new(Code::RefundTooMuch)
                    .with("left_fen", left.get())
                    .with("left", left)
                    .with("asked_fen", new.refund.get())
                    .with("asked", new.refund));
            }
        }
        let after = if again.is_some() { left } else { left.checked_sub(new.refund).unwrap_or(Fen::ZERO) };
        Ok(RefundPlan {
            merchant: merchant.name,
            environment: merchant.environment.to_string(),
            out_refund_no: number.to_string(),
            out_trade_no: new.out_trade_no.to_string(),
            refund_fen: new.refund.get(),
            total_fen: payment.total.unwrap_or(Fen::ZERO).get(),
            refunded_fen: payment.refunded.get(),
            left_after_fen: after.get(),
            again: again.is_some(),
        })
    }

    /// Sends part or all of a payment back. The same number again is the same refund: it goes out once.
    ///
    /// # Errors
    /// `refund_too_much`, `not_paid`, `too_many_refunds`, `too_old_to_refund`, `number_used`,
    /// `certificate_missing` before anything is sent; `refused`; `outcome_unknown`: the money may have moved,
    /// and it is asked about until it is known.
    pub async fn create_refund(&self, merchant: Option<&str>, new: NewRefund) -> Result<RefundView> {
        let desk = self.desk(merchant, true)?;
        desk.catch_up().await;
        refuse_beside_an_open_one(&desk.ledger, &desk.merchant.name, &new)?;
        let out_refund_no = new
            .out_refund_no
            .clone()
            .unwrap_or_else(|| domain::new_out_refund_no(&*self.entropy, desk.now()));
        let payment = desk.row(&new.out_trade_no)?;
        let total = payment
            .total
            .ok_or_else(|| ConsoleError::new(Code::UnknownPayment).with("out_trade_no", &new.out_trade_no))?;
        let notify_url = new.notify_url.clone().or_else(|| desk.merchant.notify_url.clone());
        if let Some(url) = &notify_url {
            crate::admin::check_notify_url(url)?;
        }
        let refund = api::Refund {
            order: OrderRef::from(new.out_trade_no.clone()),
            out_refund_no: out_refund_no.clone(),
            total_fee: total,
            refund_fee: new.refund,
            extra: Extra {
                refund_fee_type: payment.currency.clone().filter(|currency| currency != "CNY"),
                refund_desc: new.reason.clone(),
                notify_url,
                ..Extra::default()
            },
        };
        let over = new.refund > total;
        if over {
            let left = refundable(&desk.ledger, &payment)?;
            return Err(ConsoleError::new(Code::RefundTooMuch)
                .with("left_fen", left.get())
                .with("left", left)
                .with("asked_fen", new.refund.get())
                .with("asked", new.refund));
        }
        let prepared = desk.client.prepare(&refund)?;
        let currency = payment.currency.clone().unwrap_or_else(|| "CNY".into());
        let kind = OperationKind::Refund;
        let mut intent = desk.operation(&prepared, kind, new.out_trade_no.clone(), new.refund, &currency);
        intent.out_refund_no = Some(out_refund_no.clone());
        let learn = |done: &wxpay::Done<refund::Reply>| learn::refunded(&desk.merchant, done);
        desk.perform(&prepared, intent, learn).await?;
        desk.refund_view(&out_refund_no)
    }

    /// Asks WeChat Pay about one refund, or all of an order, and writes down what it says.
    ///
    /// # Errors
    /// `refused` (`REFUNDNOTEXIST`), `no_answer`, `not_sent`. The ledger keeps what it knew.
    pub async fn query_refund(&self, merchant: Option<&str>, which: RefundRef) -> Result<Vec<RefundView>> {
        let desk = self.desk(merchant, false)?;
        // Kept with the refund's own exchanges, whatever is answered.
        let about = match &which {
            RefundRef::OutRefundNo(number) => {
                let kind = OperationKind::Refund;
                desk.ledger.operation_by_number(&desk.merchant.name, kind, number.as_str())?
            }
            RefundRef::RefundId(_) | RefundRef::OutTradeNo(_) => None,
        };
        let about = about.map(|operation| operation.id);
        let mut numbers = Vec::new();
        let mut offset = 0;
        loop {
            let (query, number) = match &which {
                RefundRef::OutRefundNo(number) => (api::RefundQuery::one(number.clone()), number.to_string()),
                RefundRef::RefundId(id) => {
                    let refund = api::refund_query::RefundRef::RefundId(id.clone());
                    (api::RefundQuery { refund, offset: None }, id.to_string())
                }
                RefundRef::OutTradeNo(number) => {
                    (api::RefundQuery::of_order(number.clone(), offset), number.to_string())
                }
            };
            let (result, exchange) = desk.question(&query, about.as_ref()).await?;
            let now = desk.now();
            match result {
                Ok(done) => {
                    let refunds = learn::refunds_queried(&desk.merchant, &done.reply, done.at);
                    let found = refunds.len();
                    numbers.extend(refunds.iter().map(|seen| seen.out_refund_no.clone()));
                    desk.conclude(&ledger::Conclusion { exchange, refunds, ..Default::default() }, now)?;
                    offset += WIRE_PAGE;
                    let all = done.reply.total_refund_count.unwrap_or(0);
                    if !matches!(which, RefundRef::OutTradeNo(_)) || found == 0 || offset >= all {
                        break;
                    }
                }
                Err(error) => {
                    if let Some(exchange) = exchange {
                        desk.ledger.record_exchange(&exchange, now)?;
                    }
                    return Err(query_error(&error, "refund_query", &number));
                }
            }
        }
        numbers.iter().map(|number| desk.refund_view(number)).collect()
    }

    /// Refunds, newest first; what was asked for and is not known to WeChat Pay yet stands among them.
    ///
    /// # Errors
    /// Those of opening the ledger.
    pub fn refunds(&self, merchant: Option<&str>, query: &RefundQuery) -> Result<RefundList> {
        let merchant = self.pick(merchant)?;
        let ledger = self.ledger_to_read(merchant.environment)?;
        let limit = query.limit.unwrap_or(PAGE);
        let rows = match &query.out_trade_no {
            Some(number) => {
                let mut rows = ledger.refunds_of(&merchant.name, number)?;
                rows.retain(|row| query.states.is_empty() || query.states.contains(&row.state));
                rows.reverse();
                rows
            }
            None => ledger.refunds(&RefundFilter {
                merchant: Some(merchant.name.clone()),
                states: query.states.clone(),
                limit: Some(u32::try_from(limit.saturating_add(1)).unwrap_or(u32::MAX)),
                ..RefundFilter::default()
            })?,
        };
        let mut refunds = Vec::new();
        if query.states.is_empty() {
            for operation in ledger.unresolved(Some(&merchant.name))? {
                let of_order =
                    query.out_trade_no.as_ref().is_none_or(|number| *number == operation.out_trade_no);
                let known =
                    rows.iter().any(|row| Some(&row.out_refund_no) == operation.out_refund_no.as_ref());
                if operation.kind == OperationKind::Refund && of_order && !known {
                    let total = total(&ledger, &merchant.name, &operation.out_trade_no)?;
                    refunds.push(shape::requested_refund(&merchant, &operation, total));
                }
            }
        }
        let more = refunds.len() + rows.len() > limit;
        let room = limit.saturating_sub(refunds.len());
        for row in rows.iter().take(room) {
            refunds.push(view_of(&ledger, &merchant, row)?);
        }
        refunds.truncate(limit);
        Ok(RefundList { refunds, more })
    }
}

/// While it is not known whether a refund of an order went out, no other of that order gets a number made for
/// it: whoever runs the same line again means the same refund, and would pay twice. Who really means another
/// one names its number.
fn refuse_beside_an_open_one(ledger: &ledger::Ledger, merchant: &str, new: &NewRefund) -> Result<()> {
    if new.out_refund_no.is_some() {
        return Ok(());
    }
    let open = ledger
        .operations_of(merchant, &new.out_trade_no)?
        .into_iter()
        .find(|operation| operation.kind == OperationKind::Refund && operation.state.is_unresolved());
    match open {
        None => Ok(()),
        Some(open) => Err(ConsoleError::new(Code::RefundOpen)
            .with("number", open.number())
            .with("amount", open.amount)
            .with("out_trade_no", &new.out_trade_no)),
    }
}

fn total(ledger: &ledger::Ledger, merchant: &str, out_trade_no: &OutTradeNo) -> Result<Option<Fen>> {
    Ok(ledger.payment(merchant, out_trade_no)?.and_then(|payment| payment.total))
}

fn view_of(
    ledger: &ledger::Ledger,
    merchant: &crate::merchants::Merchant,
    row: &Refund,
) -> Result<RefundView> {
    let evidences = ledger.refund_evidences(&row.merchant, &row.out_refund_no)?;
    let kind = OperationKind::Refund;
    let request: Option<Row> = ledger.operation_by_number(&row.merchant, kind, row.out_refund_no.as_str())?;
    let total = total(ledger, &row.merchant, &row.out_trade_no)?;
    Ok(shape::refund(merchant, row, total, &evidences, request.as_ref()))
}

impl Desk<'_> {
    pub(crate) fn refund_view(&self, number: &OutRefundNo) -> Result<RefundView> {
        if let Some(row) = self.ledger.refund(&self.merchant.name, number)? {
            return view_of(&self.ledger, &self.merchant, &row);
        }
        let kind = OperationKind::Refund;
        let request = self.ledger.operation_by_number(&self.merchant.name, kind, number.as_str())?;
        let request =
            request.ok_or_else(|| ConsoleError::new(Code::UnknownRefund).with("out_refund_no", number))?;
        let total = total(&self.ledger, &self.merchant.name, &request.out_trade_no)?;
        Ok(shape::requested_refund(&self.merchant, &request, total))
    }
}

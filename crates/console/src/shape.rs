//! Ledger rows as views. Pure: everything is in the arguments.

use crate::merchants::Merchant;
use crate::view::{
    DisagreementView, EvidenceMark, EvidenceView, ExchangeSummary, ExchangeView, OperationView, PaymentView,
    RefundView, civil, moment,
};
use domain::evidence::{Asked, Disagreement, Source, disagreements};
use domain::{Fen, OperationState, OrderState, Timestamp};
use ledger::{Exchange, Operation, Payment, PaymentEvidence, Refund, RefundEvidence};

fn text(value: Option<&impl ToString>) -> Option<String> {
    value.map(ToString::to_string)
}

pub(crate) fn operation(row: &Operation) -> OperationView {
    OperationView {
        id: row.id.to_string(),
        kind: row.kind.to_string(),
        state: row.state.to_string(),
        out_trade_no: row.out_trade_no.to_string(),
        out_refund_no: text(row.out_refund_no.as_ref()),
        amount_fen: Some(row.amount.get()).filter(|fen| *fen != 0),
        err_code: row.err_code.clone(),
        err_code_des: row.err_code_des.clone(),
        created_at: moment(row.created),
        attempts: i64::from(row.attempts),
        next_try_at: row.state.is_unresolved().then(|| moment(row.next_try)),
    }
}

/// A payment with its evidences, what is left of it to refund and what is open about it.
pub(crate) fn payment(
    merchant: &Merchant,
    row: &Payment,
    evidences: &[PaymentEvidence],
    refundable: Fen,
    unresolved: &[Operation],
) -> PaymentView {
    // The reply that made the order says "unpaid". Once it is paid, that proves nothing and is no mark.
    let proves = |evidence: &&PaymentEvidence| {
        let asked_since = row.unasked || evidence.first_seen != evidence.seen;
        !evidence.state.is_open() || (row.state.is_open() && asked_since)
    };
    let mark = |source: Source| {
        let told = evidences.iter().find(|evidence| evidence.source == source).filter(proves);
        told.map(|evidence| EvidenceMark {
            seen_at: moment(evidence.seen),
            state: evidence.state.to_string(),
            total_fen: evidence.amount.map(Fen::get),
            transaction_id: text(evidence.number.as_ref()),
        })
    };
    let told: Vec<_> = evidences.iter().map(PaymentEvidence::evidence).collect();
    let total = row.total.unwrap_or(Fen::ZERO);
    let currency = row.currency.clone().unwrap_or_else(|| "CNY".into());
    let asked = Asked { total, currency: currency.clone() };
    PaymentView {
        merchant: merchant.name.clone(),
        environment: merchant.environment.to_string(),
        out_trade_no: row.out_trade_no.to_string(),
        transaction_id: text(row.transaction_id.as_ref()),
        trade_type: text(row.trade_type.as_ref()),
        state: state_of(row, evidences).into(),
        total_fen: total.get(),
        currency,
        refunded_fen: row.refunded.get(),
        refundable_fen: refundable.get(),
        body: row.body.clone(),
        attach: row.attach.clone(),
        openid: text(row.openid.as_ref()),
        bank_type: row.bank_type.clone(),
        cash_fee_fen: row.cash_fee.map(Fen::get),
        coupon_fee_fen: row.coupon_fee.map(Fen::get),
        settlement_total_fen: row.settlement_total.map(Fen::get),
        created_at: moment(row.created),
        expires_at: row.expires.map(moment),
        paid_at: row.time_end.map(civil),
        evidence: EvidenceView {
            notice: mark(Source::Notice),
            query: mark(Source::Query),
            bill: mark(Source::Bill),
        },
        disagreements: shown(row, disagreements(&asked, &told).iter().map(disagreement).collect()),
        conflict: row.conflict,
        unasked: row.unasked,
        unresolved: unresolved.iter().map(operation).collect(),
    }
}

/// Where a payment stands, in one word. An order that WeChat Pay refused, or that never left, is not waiting to be
/// paid: there is nothing to pay. Unless WeChat Pay itself has since said that there is such an order.
pub(crate) fn state_of(row: &Payment, evidences: &[PaymentEvidence]) -> &'static str {
    match (row.state, row.asked) {
        _ if !evidences.is_empty() => row.state.as_str(),
        (OrderState::Unpaid, Some(OperationState::Rejected)) => "rejected",
        (OrderState::Unpaid, Some(OperationState::NotSent)) => "not_sent",
        (state, _) => state.as_str(),
    }
}

/// What differs now, and that something once differed. A source that said two things keeps one of them as its
/// evidence; that it said another is not forgotten for that.
fn shown(row: &Payment, mut now: Vec<DisagreementView>) -> Vec<DisagreementView> {
    for code in &row.disagreements {
        if now.iter().any(|found| found.code == *code) {
            continue;
        }
        let known = match code.as_str() {
            "total" => text(row.total.as_ref()),
            "currency" => row.currency.clone(),
            "transaction_id" => text(row.transaction_id.as_ref()),
            _ => Some(row.state.to_string()),
        };
        let known = known.unwrap_or_default();
        now.push(DisagreementView {
            code: code.clone(),
            one: "order".into(),
            other: "earlier".into(),
            other_says: format!("≠ {known}"),
            one_says: known,
        });
    }
    now
}

fn disagreement(found: &Disagreement) -> DisagreementView {
    let (one, one_says, other, other_says) = match found {
        Disagreement::Total { source, asked, said } => {
            ("order".to_owned(), asked.to_string(), source.to_string(), said.to_string())
        }
        Disagreement::Currency { source, asked, said } => {
            ("order".to_owned(), asked.clone(), source.to_string(), said.clone())
        }
        Disagreement::TransactionId { one, other } => {
            (one.0.to_string(), one.1.to_string(), other.0.to_string(), other.1.to_string())
        }
        Disagreement::State { one, other } => {
            (one.0.to_string(), one.1.to_string(), other.0.to_string(), other.1.to_string())
        }
    };
    DisagreementView { code: found.code().into(), one, one_says, other, other_says }
}

/// A refund as the ledger has it, with the request that made it.
pub(crate) fn refund(
    merchant: &Merchant,
    row: &Refund,
    total: Option<Fen>,
    evidences: &[RefundEvidence],
    request: Option<&Operation>,
) -> RefundView {
    RefundView {
        merchant: merchant.name.clone(),
        environment: merchant.environment.to_string(),
        out_refund_no: row.out_refund_no.to_string(),
        out_trade_no: row.out_trade_no.to_string(),
        refund_id: text(row.refund_id.as_ref()),
        state: row.state.to_string(),
        refund_fen: row.amount.get(),
        settlement_refund_fen: row.settlement_amount.map(Fen::get),
        total_fen: total.map(Fen::get),
        currency: row.currency.clone().unwrap_or_else(|| "CNY".into()),
        channel: row.channel.clone(),
        recv_account: row.recv_account.clone(),
        reason: request.and_then(reason),
        success_at: row.success_time.map(civil),
        created_at: moment(row.created),
        // The reply that accepted it is no question that was asked.
        evidence: evidences
            .iter()
            .filter(|evidence| evidence.state.is_final() || evidence.first_seen != evidence.seen)
            .map(|evidence| evidence.source.to_string())
            .collect(),
        conflict: row.conflict,
        disagreements: row.disagreements.clone(),
        operation: request.map(operation),
    }
}

/// A refund that so far is only a request.
pub(crate) fn requested_refund(merchant: &Merchant, request: &Operation, total: Option<Fen>) -> RefundView {
    let state = match request.state {
        OperationState::Intended | OperationState::Unknown => "unknown",
        OperationState::NotSent => "not_sent",
        OperationState::Rejected => "rejected",
        OperationState::Confirmed => "processing",
    };
    RefundView {
        merchant: merchant.name.clone(),
        environment: merchant.environment.to_string(),
        out_refund_no: text(request.out_refund_no.as_ref()).unwrap_or_default(),
        out_trade_no: request.out_trade_no.to_string(),
        refund_id: None,
        state: state.into(),
        refund_fen: request.amount.get(),
        settlement_refund_fen: None,
        total_fen: total.map(Fen::get),
        currency: request.currency.clone(),
        channel: None,
        recv_account: None,
        reason: reason(request),
        success_at: None,
        created_at: moment(request.created),
        evidence: Vec::new(),
        conflict: false,
        disagreements: Vec::new(),
        operation: Some(operation(request)),
    }
}

/// What the payer was told, out of the request as it was written down.
fn reason(request: &Operation) -> Option<String> {
    reason_of(&request.request_params)
}

/// The same, of the request itself.
pub(crate) fn reason_of(request: &str) -> Option<String> {
    let fields = wxpay::xml::read(request.as_bytes()).ok()?;
    fields.text("refund_desc").map(ToOwned::to_owned)
}

/// One field of a request as it was written down, a trade type in our word.
pub(crate) fn field_of(request: &str, name: &str) -> Option<String> {
    let fields = wxpay::xml::read(request.as_bytes()).ok()?;
    let value = fields.text(name)?;
    match name {
        "trade_type" => wxpay::api::trade_type_from_wire(value).map(|kind| kind.to_string()),
        _ => Some(value.to_owned()),
    }
}

/// The order's number in a request.
pub(crate) fn number_of(request: &[u8]) -> Option<String> {
    let fields = wxpay::xml::read(request).ok()?;
    fields.text("out_trade_no").map(ToOwned::to_owned)
}

pub(crate) fn exchange_summary(row: &Exchange) -> ExchangeSummary {
    let what = &row.what;
    ExchangeSummary {
        id: row.id,
        at: moment(what.started),
        merchant: what.merchant.clone(),
        api: what.api.clone(),
        host: what.host.clone(),
        status: what.http_status.map(i64::from),
        duration_ms: what.duration_ms,
        outcome: what.outcome.clone(),
        err_code: what.err_code.clone(),
        out_trade_no: number_of(&what.request),
    }
}

pub(crate) fn exchange(row: &Exchange) -> ExchangeView {
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    ExchangeView {
        summary: exchange_summary(row),
        request: shown(&row.what.request),
        response: row.what.response.as_deref().map(shown),
    }
}

/// Whole days from one moment to another, rounded down.
pub(crate) fn days(from: Timestamp, to: Timestamp) -> i64 {
    to.millis_since(from).div_euclid(86_400_000)
}

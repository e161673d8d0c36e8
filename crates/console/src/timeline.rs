//! What happened to a payment, each thing with who proves it. Pure.

use crate::view::{PaymentView, RawItem, TimelineEntry, civil, moment};
use domain::evidence::Source;
use domain::{Fen, OperationKind, OperationState, OrderState, RefundState, Timestamp};
use ledger::{EvidenceRow, Operation, Payment, PaymentEvidence, Refund, RefundEvidence};

/// Everything that is known of a payment.
pub(crate) struct Told<'a> {
    pub(crate) row: &'a Payment,
    pub(crate) view: &'a PaymentView,
    pub(crate) operations: &'a [Operation],
    pub(crate) evidences: &'a [PaymentEvidence],
    pub(crate) refunds: &'a [(Refund, Vec<RefundEvidence>)],
    /// What was exchanged about it, oldest first.
    pub(crate) raw: &'a [RawItem],
}

/// The kinds in the order in which they happen, for what happened in one second.
const KINDS: [&str; 13] = [
    "ordered",
    "user_paying",
    "pay_error",
    "paid",
    "told",
    "asked",
    "billed",
    "closed",
    "revoked",
    "refund_asked",
    "refunded",
    "refund_failed",
    "unknown",
];

fn entry(kind: &str, at: String) -> TimelineEntry {
    TimelineEntry {
        kind: kind.into(),
        at,
        source: None,
        amount_fen: None,
        number: None,
        detail: None,
        agrees: true,
    }
}

/// What happened, oldest first.
pub(crate) fn of(told: &Told<'_>) -> Vec<TimelineEntry> {
    let mut all = Vec::new();
    all.extend(ordered(told));
    all.extend(tried(told));
    all.extend(paid(told));
    all.extend(said(told));
    all.extend(ended(told));
    for operation in told.operations {
        if operation.kind == OperationKind::Refund {
            all.push(refund_asked(operation));
            let answered = told
                .refunds
                .iter()
                .any(|(refund, _)| Some(&refund.out_refund_no) == operation.out_refund_no.as_ref());
            if !answered && matches!(operation.state, OperationState::Rejected | OperationState::NotSent) {
                all.push(TimelineEntry {
                    source: (operation.state == OperationState::Rejected).then(|| "reply".into()),
                    amount_fen: Some(operation.amount.get()),
                    number: operation.out_refund_no.as_ref().map(ToString::to_string),
                    detail: Some(
                        operation.err_code.clone().unwrap_or_else(|| operation.state.as_str().to_owned()),
                    ),
                    ..entry("refund_failed", moment(operation.updated))
                });
            }
        }
        if operation.state.is_unresolved() {
            all.push(TimelineEntry {
                amount_fen: Some(operation.amount.get()).filter(|fen| *fen != 0),
                number: operation.out_refund_no.as_ref().map(ToString::to_string),
                detail: operation.err_code.clone(),
                ..entry("unknown", moment(operation.updated))
            });
        }
    }
    all.extend(told.refunds.iter().filter_map(|(refund, evidences)| arrived(refund, evidences)));
    let place = |kind: &str| KINDS.iter().position(|known| *known == kind);
    all.sort_by(|one, other| (&one.at, place(&one.kind)).cmp(&(&other.at, place(&other.kind))));
    all
}

fn ordered(told: &Told<'_>) -> Option<TimelineEntry> {
    let row = told.row;
    let making = |operation: &&Operation| {
        matches!(operation.kind, OperationKind::UnifiedOrder | OperationKind::Micropay)
    };
    let operation = told.operations.iter().find(making);
    if operation.is_none() && row.unasked {
        return None;
    }
    let answered = operation.is_some_and(|operation| {
        matches!(operation.state, OperationState::Confirmed | OperationState::Rejected)
    });
    Some(TimelineEntry {
        source: answered.then(|| "reply".into()),
        amount_fen: row.total.map(Fen::get),
        detail: operation
            .filter(|operation| operation.state != OperationState::Confirmed)
            .map(|operation| operation.err_code.clone().unwrap_or_else(|| operation.state.as_str().into())),
        ..entry("ordered", moment(row.created))
    })
}

/// What queries told of the customer's tries before it was known how they ended: each time that it was another thing.
/// What is still so is told by what the query says last.
fn tried(told: &Told<'_>) -> Vec<TimelineEntry> {
    let mut all = Vec::new();
    let mut before = None;
    for item in told.raw.iter().filter(|item| item.api == "orderquery" && item.outcome == "confirmed") {
        let said = match item.told.as_deref() {
            Some("USERPAYING") => Some(OrderState::UserPaying),
            Some("PAYERROR") => Some(OrderState::PayError),
            _ => None,
        };
        if let Some(state) = said.filter(|_| said != before) {
            all.push(TimelineEntry {
                source: Some("query".into()),
                ..entry(state.as_str(), item.at.clone())
            });
        }
        before = said;
    }
    let last = told.view.evidence.query.as_ref().map(|mark| mark.state.as_str());
    if before.is_some_and(|state| last == Some(state.as_str())) {
        all.pop();
    }
    all
}

/// When WeChat Pay's clock says it was paid, proved by whoever was first to say so.
fn paid(told: &Told<'_>) -> Option<TimelineEntry> {
    let row = told.row;
    let came_in = |state: OrderState| state.was_paid() || state == OrderState::Revoked;
    let witness = told
        .evidences
        .iter()
        .filter(|evidence| came_in(evidence.state) && evidence.number.is_some())
        .min_by_key(|evidence| (said_at(evidence), evidence.source))?;
    let at = row.time_end.map_or_else(|| moment(witness.seen), civil);
    Some(TimelineEntry {
        source: Some(witness.source.to_string()),
        amount_fen: witness.amount.or(row.total).map(Fen::get),
        detail: row.bank_type.clone(),
        agrees: agrees(told.view, witness.source),
        ..entry("paid", at)
    })
}

/// When a source came to say what it says. A query's first words are those of the reply that made the order.
fn said_at<S, N>(evidence: &EvidenceRow<S, N>) -> Timestamp {
    if evidence.source == Source::Query { evidence.seen } else { evidence.first_seen }
}

/// What each source says, at the time it last did; of a notice, when it first came.
fn said(told: &Told<'_>) -> impl Iterator<Item = TimelineEntry> {
    let marks = &told.view.evidence;
    let kinds = [
        (Source::Notice, "told", marks.notice.is_some()),
        (Source::Query, "asked", marks.query.is_some()),
        (Source::Bill, "billed", marks.bill.is_some()),
    ];
    kinds.into_iter().filter(|(.., proves)| *proves).filter_map(|(source, kind, _)| {
        let evidence = told.evidences.iter().find(|evidence| evidence.source == source)?;
        let at = if source == Source::Notice { evidence.first_seen } else { evidence.seen };
        Some(TimelineEntry {
            source: Some(source.to_string()),
            amount_fen: evidence.amount.map(Fen::get),
            detail: Some(evidence.state.to_string()),
            agrees: agrees(told.view, source),
            ..entry(kind, moment(at))
        })
    })
}

/// That it was closed or taken back, proved by the reply to that or by who said so.
fn ended(told: &Told<'_>) -> impl Iterator<Item = TimelineEntry> {
    let ends = [
        ("closed", OrderState::Closed, OperationKind::CloseOrder),
        ("revoked", OrderState::Revoked, OperationKind::Reverse),
    ];
    ends.into_iter().filter_map(|(kind, state, by)| {
        let done = told
            .operations
            .iter()
            .find(|operation| operation.kind == by && operation.state == OperationState::Confirmed);
        if let Some(done) = done {
            return Some(TimelineEntry {
                source: Some("reply".into()),
                agrees: !told.row.conflict,
                ..entry(kind, moment(done.updated))
            });
        }
        let witness = told.evidences.iter().find(|evidence| evidence.state == state)?;
        Some(TimelineEntry {
            source: Some(witness.source.to_string()),
            agrees: !told.row.conflict,
            ..entry(kind, moment(witness.seen))
        })
    })
}

fn refund_asked(operation: &Operation) -> TimelineEntry {
    TimelineEntry {
        amount_fen: Some(operation.amount.get()),
        number: operation.out_refund_no.as_ref().map(ToString::to_string),
        ..entry("refund_asked", moment(operation.created))
    }
}

fn arrived(refund: &Refund, evidences: &[RefundEvidence]) -> Option<TimelineEntry> {
    let kind = match refund.state {
        RefundState::Processing => return None,
        RefundState::Success => "refunded",
        RefundState::Abnormal | RefundState::Closed => "refund_failed",
    };
    let witness = evidences
        .iter()
        .filter(|evidence| evidence.state == refund.state)
        .min_by_key(|evidence| (said_at(evidence), evidence.source));
    let seen = witness.map_or(refund.updated, |witness| witness.seen);
    Some(TimelineEntry {
        source: witness.map(|witness| witness.source.to_string()),
        amount_fen: Some(refund.amount.get()),
        number: Some(refund.out_refund_no.to_string()),
        detail: match refund.state {
            RefundState::Success => refund.recv_account.clone(),
            state => Some(state.to_string()),
        },
        agrees: !refund.conflict && refund.disagreements.is_empty(),
        ..entry(kind, refund.success_time.map_or_else(|| moment(seen), civil))
    })
}

/// Whether what a source says fits what the others say.
fn agrees(view: &PaymentView, source: Source) -> bool {
    let source = source.as_str();
    view.disagreements.iter().all(|found| found.one != source && found.other != source)
}

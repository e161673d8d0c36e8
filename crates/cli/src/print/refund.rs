//! Refunds.

use super::money::amount;
use super::page::{BAD, BOLD, Facts, PLAIN, Page, time_utc8, words};
use super::payment::{foot, state, state_cell, time_cell};
use super::table::{Cell, Side, Step, Table};
use console::view::{RefundList, RefundPlan, RefundView};

/// One refund.
pub(crate) fn one(page: &mut Page, refund: &RefundView) {
    page.environment(&refund.environment, Some(&refund.merchant));
    page.end();
    facts_of(page, refund);
}

fn facts_of(page: &mut Page, refund: &RefundView) {
    let money = |fen| amount(page.lang, fen, &refund.currency);
    let (back, total, settled) =
        (money(refund.refund_fen), refund.total_fen.map(money), refund.settlement_refund_fen.map(money));
    page.pad(2);
    page.put(BOLD, &back);
    page.pad(2);
    state(page, "state.refund.", &refund.state);
    page.end();
    let mut facts = Facts::default();
    facts.add("label.out_refund_no", &refund.out_refund_no);
    facts.add("label.out_trade_no", &refund.out_trade_no);
    facts.maybe("label.refund_id", refund.refund_id.as_ref());
    facts.maybe("label.order_total", total);
    facts.maybe("label.settlement_refund", settled);
    facts.maybe("label.reason", refund.reason.as_ref());
    facts.maybe("label.channel", refund.channel.as_ref());
    facts.maybe("label.recv_account", refund.recv_account.as_ref());
    facts.add("label.created_at", time_utc8(&refund.created_at));
    facts.maybe("label.success_at", refund.success_at.as_deref().map(time_utc8));
    if !refund.evidence.is_empty() {
        let sources: Vec<_> = refund.evidence.iter().map(|word| words(page.lang, "source.", word)).collect();
        facts.put("label.evidence", PLAIN, sources.join(" + "), None);
    }
    if let Some(operation) = &refund.operation {
        let answer = [operation.err_code.as_deref(), operation.err_code_des.as_deref()];
        let answer: Vec<_> = answer.into_iter().flatten().collect();
        if !answer.is_empty() {
            facts.add("label.answer", answer.join(" "));
        }
    }
    page.facts(&facts);
    for code in &refund.disagreements {
        let what = words(page.lang, "disagreement.", code);
        let text = page.say("trouble.refund_disagreement", &[("what", &what)]);
        page.pad(2);
        page.styled(BAD, &format!("! {text}"));
    }
    if refund.conflict {
        let text = page.say("trouble.conflict", &[]);
        page.pad(2);
        page.styled(BAD, &format!("! {text}"));
    }
}

/// The refunds that a query answered with.
pub(crate) fn several(page: &mut Page, refunds: &[RefundView], environment: &str, merchant: &str) {
    page.environment(environment, Some(merchant));
    if refunds.is_empty() {
        page.end();
        page.line(&page.say("list.no_refunds", &[]));
    }
    for refund in refunds {
        page.end();
        facts_of(page, refund);
    }
}

/// A page of refunds.
pub(crate) fn list(page: &mut Page, list: &RefundList, environment: &str, merchant: &str) {
    page.environment(environment, Some(merchant));
    page.end();
    if list.refunds.is_empty() {
        page.line(&page.say("list.no_refunds", &[]));
        return;
    }
    let mut table = Table::new(&[
        ("label.time", Side::Left),
        ("label.state", Side::Left),
        ("label.refund", Side::Right),
        ("label.out_refund_no", Side::Left),
        ("label.out_trade_no", Side::Left),
        ("label.reason", Side::Left),
    ])
    .giving_way(&[
        ("label.reason", Step::Cut(10)),
        ("label.time", Step::Brief),
        ("label.state", Step::Brief),
        ("label.out_trade_no", Step::Under),
        ("label.out_refund_no", Step::Under),
        ("label.reason", Step::Drop),
        ("label.state", Step::Cut(8)),
    ]);
    for refund in &list.refunds {
        table.row(vec![
            time_cell(&refund.created_at),
            state_cell(page.lang, "state.refund.", &refund.state),
            Cell::new(BOLD, &amount(page.lang, refund.refund_fen.saturating_neg(), &refund.currency)),
            refund.out_refund_no.as_str().into(),
            refund.out_trade_no.as_str().into(),
            Cell::short(refund.reason.as_deref().unwrap_or(""), 24),
        ]);
    }
    table.put(page);
    foot(page, list.refunds.len(), list.more);
}

/// What other refunds of the order may still take: neither back yet nor left.
fn on_the_way(plan: &RefundPlan) -> i64 {
    // A number that was used before is among them already.
    [plan.refunded_fen, plan.left_after_fen, if plan.again { 0 } else { plan.refund_fen }]
        .iter()
        .fold(plan.total_fen, |rest, part| rest.saturating_sub(*part))
}

/// What is about to happen, before anybody agrees to it.
pub(crate) fn plan(page: &mut Page, plan: &RefundPlan) {
    page.environment(&plan.environment, Some(&plan.merchant));
    let yuan = super::money::yuan;
    let mut facts = Facts::default();
    facts.put("label.refund", BOLD, yuan(plan.refund_fen), None);
    facts.add("label.out_trade_no", &plan.out_trade_no);
    facts.add("label.out_refund_no", &plan.out_refund_no);
    facts.add("label.order_total", yuan(plan.total_fen));
    facts.add("label.refunded", yuan(plan.refunded_fen));
    let on_the_way = on_the_way(plan);
    if on_the_way != 0 {
        facts.add("label.on_the_way", yuan(on_the_way));
    }
    facts.add("label.left_after", yuan(plan.left_after_fen));
    page.facts(&facts);
    if plan.again {
        let text = page.say("refund.again", &[]);
        page.pad(2);
        page.line(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From outside: ¥100, of which ¥8 is on its way and ¥20 is asked for, was "refunded ¥0.00, left ¥72.00".
    #[test]
    fn a_plan_counts_what_is_on_its_way() {
        let plan = |refunded_fen, refund_fen, left_after_fen, again| RefundPlan {
            merchant: "shop".into(),
            environment: "simulated".into(),
            out_refund_no: "R2".into(),
            out_trade_no: "ORDER001".into(),
            refund_fen,
            total_fen: 10_000,
            refunded_fen,
            left_after_fen,
            again,
        };
        for (plan, wanted) in [
            (plan(0, 2_000, 7_200, false), 800),
            (plan(800, 2_000, 7_200, false), 0),
            (plan(0, 800, 9_200, true), 800),
        ] {
            assert_eq!(on_the_way(&plan), wanted);
        }
    }
}

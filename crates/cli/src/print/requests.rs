//! The raw exchanges.

use super::page::{BAD, BOLD, CARE, DIM, Facts, GOOD, Page, time_utc8, words};
use super::table::{Cell, Side, Step, Table};
use anstyle::Style;
use console::view::{ExchangeSummary, ExchangeView};

fn style_of(outcome: &str) -> Style {
    match outcome {
        "confirmed" => GOOD,
        "rejected" => BAD,
        "unknown" => CARE,
        _ => DIM,
    }
}

/// The list.
pub(crate) fn list(page: &mut Page, exchanges: &[ExchangeSummary], environment: &str, merchant: &str) {
    page.environment(environment, Some(merchant));
    page.end();
    if exchanges.is_empty() {
        page.line(&page.say("list.no_exchanges", &[]));
        return;
    }
    let mut table = Table::new(&[
        ("label.id", Side::Right),
        ("label.time", Side::Left),
        ("label.api", Side::Left),
        ("label.outcome", Side::Left),
        ("label.err_code", Side::Left),
        ("label.duration", Side::Right),
        ("label.out_trade_no", Side::Left),
    ])
    .giving_way(&[
        ("label.time", Step::Brief),
        ("label.duration", Step::Drop),
        ("label.out_trade_no", Step::Under),
        ("label.err_code", Step::Under),
        ("label.api", Step::Under),
    ]);
    for exchange in exchanges {
        table.row(vec![
            exchange.id.to_string().into(),
            super::payment::time_cell(&exchange.at),
            exchange.api.as_str().into(),
            Cell::new(style_of(&exchange.outcome), &words(page.lang, "outcome.", &exchange.outcome)),
            exchange.err_code.as_deref().unwrap_or("").into(),
            format!("{} ms", exchange.duration_ms).into(),
            exchange.out_trade_no.as_deref().unwrap_or("").into(),
        ]);
    }
    table.put(page);
    super::payment::foot(page, exchanges.len(), false);
}

/// One of them whole.
pub(crate) fn one(page: &mut Page, view: &ExchangeView, environment: &str) {
    let exchange = &view.summary;
    page.environment(environment, Some(&exchange.merchant));
    page.end();
    let outcome = words(page.lang, "outcome.", &exchange.outcome);
    let mut facts = Facts::default();
    facts.add("label.id", exchange.id);
    facts.add("label.time", time_utc8(&exchange.at));
    facts.add("label.api", &exchange.api);
    facts.add("label.host", &exchange.host);
    facts.put("label.outcome", style_of(&exchange.outcome), outcome, Some(&exchange.outcome));
    facts.maybe("label.status", exchange.status);
    facts.maybe("label.err_code", exchange.err_code.as_ref());
    facts.add("label.duration", format!("{} ms", exchange.duration_ms));
    page.facts(&facts);
    page.end();
    let title = page.say("label.request", &[]);
    page.styled(BOLD, &title);
    page.document(&ExchangeView::laid_out(&view.request));
    page.end();
    let title = page.say("label.response", &[]);
    page.styled(BOLD, &title);
    match &view.response {
        Some(response) => page.document(&ExchangeView::laid_out(response)),
        None => {
            let text = page.say("requests.no_response", &[]);
            page.styled(DIM, &text);
        }
    }
}

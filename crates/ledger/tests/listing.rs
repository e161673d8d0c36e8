//! Pages, filters and search.

mod support;

use domain::OrderState;
use ledger::{Ledger, PaymentFilter, RefundFilter};
use support::*;

fn numbers(ledger: &Ledger, filter: &PaymentFilter) -> Vec<String> {
    ledger.payments(filter).unwrap().iter().map(|payment| payment.out_trade_no.to_string()).collect()
}

#[test]
fn filters_and_pages() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l.paydesk"));
    for turn in 0..7 {
        let mut new = order(&format!("ORDER{turn}"), 100);
        new.payment.as_mut().unwrap().body = if turn == 3 { "红茶 100%_'" } else { "绿茶" }.into();
        // Three of the same moment: the page must not lose or repeat one.
        ledger.intend(&new, "a", at(i64::from(turn) / 3)).unwrap();
    }
    paid(&ledger, "PAID01");
    let all = PaymentFilter::default;
    let of = |text: &str| PaymentFilter { text: Some(text.into()), ..all() };
    for (filter, expected) in [
        (all(), "ORDER6 ORDER5 ORDER4 ORDER3 PAID01 ORDER2 ORDER1 ORDER0"),
        (PaymentFilter { limit: Some(2), ..all() }, "ORDER6 ORDER5"),
        (PaymentFilter { states: vec![OrderState::Paid], ..all() }, "PAID01"),
        (
            PaymentFilter { states: vec![OrderState::Paid, OrderState::Unpaid], limit: Some(1), ..all() },
            "ORDER6",
        ),
        (PaymentFilter { from: Some(at(1)), to: Some(at(2)), ..all() }, "ORDER5 ORDER4 ORDER3"),
        (PaymentFilter { trade_types: vec![domain::TradeType::App], ..all() }, ""),
        (PaymentFilter { merchant: Some("other".into()), ..all() }, ""),
        (of("红"), "ORDER3"),
        (of("100%_'"), "ORDER3"),
        (of("%"), "ORDER3"),
        (of("ORDER6"), "ORDER6"),
        (of("42000000"), "PAID01"),
        (of("没有"), ""),
    ] {
        assert_eq!(numbers(&ledger, &filter).join(" "), expected, "{filter:?}");
    }
    let mut paged = Vec::new();
    let mut filter = PaymentFilter { limit: Some(3), ..all() };
    loop {
        let page = ledger.payments(&filter).unwrap();
        let Some(last) = page.last() else { break };
        filter.before = Some(last.position());
        paged.extend(page.iter().map(|payment| payment.out_trade_no.to_string()));
    }
    assert_eq!(paged, numbers(&ledger, &all()));

    let mut given = 0;
    ledger
        .for_each_payment(&all(), |_| {
            given += 1;
            given < 5
        })
        .unwrap();
    assert_eq!(given, 5);
    assert!(ledger.refunds(&RefundFilter::default()).unwrap().is_empty());
    assert_eq!(ledger.journal_about("payment:shop:PAID01").unwrap().len(), 2);
    assert_eq!(ledger.journal(0, 3).unwrap().iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2, 3]);
}

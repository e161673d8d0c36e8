//! A day at a glance.

use crate::shop::{Shop, order};
use console::forms::PaymentsForm;
use console::{BUILT_IN, Code};
use simulator::fault::{Fault, FaultRule, NoticeFault, NoticeFaultRule};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

#[tokio::test]
async fn a_day_is_compared_with_the_same_hours_a_week_before() {
    let shop = Shop::open();
    let overview = |day: Option<&str>| shop.console.overview(BUILT_IN, day).unwrap();
    let empty = overview(None);
    assert!(empty.empty && empty.needs.is_empty() && empty.latest.is_empty());
    assert_eq!((empty.day.as_str(), empty.hours.len(), empty.today.average_fen), ("2026-01-05", 24, None));

    // Monday at ten, and at eleven at night.
    shop.order("MON00001", 1_000).await;
    shop.pay("MON00001", "normal").await;
    shop.pass(13 * HOUR);
    shop.order("MON00002", 5_000).await;
    shop.pay("MON00002", "normal").await;
    // The next Monday at eleven.
    shop.pass(7 * DAY - 12 * HOUR);
    for (number, fen) in [("MON00003", 2_000), ("MON00004", 1_001), ("MON00005", 500)] {
        shop.order(number, fen).await;
        shop.pay(number, "normal").await;
    }
    shop.order("MON00006", 9_999).await;
    shop.refund("MON00003", "R1", 300).await;
    shop.refund_comes_to("R1", "success").await;

    let seen = overview(None);
    assert_eq!(seen.until, "2026-01-12T11:00:00+08:00");
    let today = &seen.today;
    assert_eq!((today.paid, today.takings_fen, today.average_fen), (3, 3_501, Some(1_167)));
    assert_eq!((today.refunds, today.refunded_fen, today.net_fen), (1, 300, 3_201));
    // At eleven a week before, eleven at night was still to come.
    assert_eq!((seen.week_ago.paid, seen.week_ago.takings_fen), (1, 1_000));
    let hours = |index: usize| (seen.hours[index].takings_fen, seen.hours[index].week_ago_fen);
    assert_eq!((hours(10), hours(11), hours(23)), ((0, 1_000), (3_501, 0), (0, 5_000)));
    assert_eq!(seen.latest.len(), 6);
    assert_eq!(seen.latest[0].out_trade_no, "MON00006");

    let monday = overview(Some("2026-01-05"));
    assert_eq!((monday.until.as_str(), monday.today.takings_fen), ("2026-01-06T00:00:00+08:00", 6_000));
    assert_eq!(monday.latest.len(), 2, "what came later is no part of that day");
    assert_eq!(overview(Some("2027-01-01")).today.paid, 0);
    for day in ["", "today", "2026-02-30", "20260105"] {
        let error = shop.console.overview(BUILT_IN, Some(day)).unwrap_err();
        assert_eq!((error.code, &*error.params["field"]), (Code::InvalidField, "day"), "{day}");
    }
}

#[tokio::test]
async fn a_days_takings_are_the_same_on_the_overview_and_under_the_days_list() {
    let shop = Shop::open();
    // Made ten seconds before midnight: one is paid in time, one after, one never.
    shop.pass(13 * HOUR + 59 * 60_000 + 50_000);
    for (number, fen) in [("LATE0001", 1_000), ("LATE0002", 200), ("LATE0003", 30)] {
        shop.order(number, fen).await;
    }
    shop.pay("LATE0001", "normal").await;
    shop.pass(20_000);
    shop.pay("LATE0002", "normal").await;
    shop.order("NEXT0001", 4).await;
    shop.pay("NEXT0001", "normal").await;
    let day = |day: &str| PaymentsForm { from: Some(day.into()), to: Some(day.into()), ..Default::default() };
    for (date, takings, paid, numbers) in [
        ("2026-01-05", 1_000, 1, vec!["LATE0003", "LATE0001"]),
        ("2026-01-06", 204, 2, vec!["NEXT0001", "LATE0002"]),
    ] {
        let figures = shop.console.overview(BUILT_IN, Some(date)).unwrap().today;
        let sums = shop.console.payment_sums(BUILT_IN, &day(date)).unwrap();
        assert_eq!((figures.takings_fen, figures.paid), (takings, paid), "{date}");
        assert_eq!((sums.takings_fen, sums.paid), (takings, paid), "{date}");
        let rows = shop.console.payments_window(BUILT_IN, &day(date), 0, 9).unwrap().rows;
        let listed: Vec<_> = rows.iter().map(|row| row.out_trade_no.as_str()).collect();
        assert_eq!(listed, numbers, "{date}");
    }
}

#[tokio::test]
async fn what_needs_a_person_stands_in_the_order_of_its_urgency() {
    let shop = Shop::open();
    let kinds = || -> Vec<(String, Option<String>)> {
        let needs = shop.console.overview(BUILT_IN, None).unwrap().needs;
        needs.into_iter().map(|need| (need.kind, need.number)).collect()
    };
    for number in ["PAID0001", "PAID0002", "PAID0003"] {
        shop.order(number, 1_000).await;
    }
    shop.pay("PAID0001", "normal").await;
    shop.pay("PAID0002", "lost").await;
    shop.console.query_order_form(BUILT_IN, "PAID0002").await.unwrap();
    shop.world().arm_notice(NoticeFaultRule::of("PAID0003", NoticeFault::WrongAmount { attempts: 1 }));
    shop.pay("PAID0003", "normal").await;
    let differs = ("disagreement".to_owned(), Some("PAID0003".to_owned()));
    assert_eq!(kinds(), std::slice::from_ref(&differs), "ten minutes are not over");
    shop.pass(700_000);
    let untold = ("not_told".to_owned(), Some("PAID0002".to_owned()));
    assert_eq!(kinds(), [differs.clone(), untold.clone()]);

    shop.refund("PAID0001", "R1", 100).await;
    shop.refund_comes_to("R1", "abnormal").await;
    shop.world().arm(FaultRule::on("/secapi/pay/refund", Fault::TimeoutAfter));
    shop.world().arm(FaultRule::on("/pay/refundquery", Fault::Garbage).times(2));
    let form = console::forms::RefundForm {
        out_trade_no: "PAID0001".into(),
        out_refund_no: "R2".into(),
        refund_fen: 200,
        reason: None,
    };
    assert_eq!(shop.console.create_refund_form(BUILT_IN, form).await.unwrap_err().code, Code::OutcomeUnknown);
    shop.world().arm(FaultRule::on("/pay/unifiedorder", Fault::TimeoutAfter));
    shop.world().arm(FaultRule::on("/pay/orderquery", Fault::Garbage));
    assert!(shop.console.create_order_form(BUILT_IN, order("LOST0001", 700)).await.is_err());
    let all = kinds();
    let names: Vec<_> = all.iter().map(|(kind, number)| (&**kind, number.as_deref().unwrap())).collect();
    assert_eq!(
        names,
        [
            ("unresolved_refund", "R2"),
            ("unresolved_order", "LOST0001"),
            ("refund_abnormal", "R1"),
            ("disagreement", "PAID0003"),
            ("not_told", "PAID0002"),
        ]
    );
    let needs = shop.console.overview(BUILT_IN, None).unwrap().needs;
    assert_eq!((needs[0].amount_fen, needs[0].out_trade_no.as_deref()), (Some(200), Some("PAID0001")));
    assert!(needs.iter().all(|need| need.at.is_some()));
    // What was paid more than a day ago is no news.
    shop.pass(DAY);
    assert!(!kinds().contains(&untold));
}

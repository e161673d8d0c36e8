//! One payment with all that happened to it and the documents behind it.

use crate::shop::Shop;
use console::{BUILT_IN, Code};
use simulator::fault::{Fault, FaultRule, NoticeFault, NoticeFaultRule};

#[tokio::test]
async fn a_payment_tells_its_story_with_who_proves_it() {
    let shop = Shop::open();
    shop.order("ORDER001", 3_600).await;
    shop.pass(60_000);
    shop.pay("ORDER001", "normal").await;
    shop.pass(60_000);
    shop.console.query_order_form(BUILT_IN, "ORDER001").await.unwrap();
    shop.pass(60_000);
    shop.refund("ORDER001", "R1", 600).await;
    shop.pass(60_000);
    // Any act takes the notices that are due by then.
    let look = console::forms::CustomerForm::AuthCode { kind: "fresh".into() };
    shop.console.simulate_form(BUILT_IN, look).await.unwrap();
    let detail = shop.console.payment_detail(BUILT_IN, "ORDER001").unwrap();
    let story: Vec<_> = detail
        .timeline
        .iter()
        .map(|entry| {
            (&*entry.kind, &entry.at[11..16], entry.source.as_deref(), entry.amount_fen, entry.agrees)
        })
        .collect();
    assert_eq!(
        story,
        [
            ("ordered", "10:00", Some("reply"), Some(3_600), true),
            ("paid", "10:01", Some("notice"), Some(3_600), true),
            ("told", "10:01", Some("notice"), Some(3_600), true),
            ("asked", "10:02", Some("query"), Some(3_600), true),
            ("refund_asked", "10:03", None, Some(600), true),
            ("refunded", "10:03", Some("notice"), Some(600), true),
        ]
    );
    assert_eq!((detail.row.refunded_fen, detail.refunds.len()), (600, 1));
    assert_eq!(detail.payment.refundable_fen, 3_000);
    let raw: Vec<_> = detail.raw.iter().map(|item| (&*item.source, &*item.api, &*item.outcome)).collect();
    assert_eq!(
        raw,
        [
            ("exchange", "unifiedorder", "confirmed"),
            ("notice", "notify", "verified"),
            ("exchange", "orderquery", "confirmed"),
            ("exchange", "refund", "confirmed"),
            ("notice", "notify", "verified"),
        ]
    );
    let error = shop.console.payment_detail(BUILT_IN, "NOBODY01").unwrap_err();
    assert_eq!(error.code, Code::UnknownPayment);
}

#[tokio::test]
async fn what_does_not_fit_is_marked_in_the_story() {
    let shop = Shop::open();
    shop.order("ORDER001", 3_600).await;
    shop.world().arm_notice(NoticeFaultRule::of("ORDER001", NoticeFault::WrongAmount { attempts: 1 }));
    shop.pay("ORDER001", "normal").await;
    let detail = shop.console.payment_detail(BUILT_IN, "ORDER001").unwrap();
    let told = detail.timeline.iter().find(|entry| entry.kind == "told").unwrap();
    assert_eq!((told.amount_fen, told.agrees), (Some(3_601), false));
    assert_eq!(detail.row.disagreements, ["total"]);
}

#[tokio::test]
async fn what_failed_and_what_was_closed_is_told_too() {
    let shop = Shop::open();
    shop.order("ORDER001", 3_600).await;
    shop.console.close_order_form(BUILT_IN, "ORDER001").await.unwrap();
    let kinds = |number: &str| -> Vec<_> {
        let detail = shop.console.payment_detail(BUILT_IN, number).unwrap();
        detail.timeline.into_iter().map(|entry| (entry.kind, entry.detail)).collect()
    };
    let story = kinds("ORDER001");
    assert!(story.iter().any(|(kind, _)| kind == "closed"), "{story:?}");
    shop.order("ORDER002", 3_600).await;
    shop.pay("ORDER002", "normal").await;
    shop.refund("ORDER002", "R1", 600).await;
    shop.refund_comes_to("R1", "abnormal").await;
    let story = kinds("ORDER002");
    assert_eq!(story.last().unwrap(), &("refund_failed".to_owned(), Some("abnormal".to_owned())));
}

#[tokio::test]
async fn a_mistyped_password_that_a_query_told_of_stays_in_the_story() {
    let shop = Shop::open();
    shop.order("ORDER001", 3_600).await;
    let asked = || async { shop.console.query_order_form(BUILT_IN, "ORDER001").await.unwrap() };
    let story = || {
        let detail = shop.console.payment_detail(BUILT_IN, "ORDER001").unwrap();
        let tried = ["user_paying", "pay_error"];
        let kinds = detail.timeline.iter().map(|entry| entry.kind.clone());
        let kinds: Vec<_> = kinds.filter(|kind| kind == "asked" || tried.contains(&kind.as_str())).collect();
        (kinds, detail.row.asked)
    };
    asked().await;
    shop.pass(60_000);
    let mistype = console::forms::CustomerForm::Mistype { out_trade_no: "ORDER001".into() };
    shop.console.simulate_form(BUILT_IN, mistype).await.unwrap();
    for _ in 0..2 {
        asked().await;
        shop.pass(60_000);
    }
    // While it is so, the query itself says it.
    assert_eq!(story(), (vec!["asked".to_owned()], console::view::Mark::Yes));
    shop.pay("ORDER001", "normal").await;
    // Only the notice has told of the payment: it was asked about, and nothing of it confirmed by that.
    assert_eq!(story(), (vec!["pay_error".to_owned()], console::view::Mark::Due));
    asked().await;
    assert_eq!(story(), (vec!["pay_error".to_owned(), "asked".to_owned()], console::view::Mark::Yes));
}

#[tokio::test]
async fn a_raw_document_is_laid_out_and_can_be_pasted_without_its_signature() {
    let shop = Shop::open();
    shop.order("ORDER001", 3_600).await;
    shop.pay("ORDER001", "normal").await;
    let queried = shop.console.query_order_form(BUILT_IN, "ORDER001").await;
    assert!(queried.is_ok());
    let detail = shop.console.payment_detail(BUILT_IN, "ORDER001").unwrap();
    let of = |api: &str| detail.raw.iter().find(|item| item.api == api).unwrap();
    let order = shop.console.raw(BUILT_IN, "exchange", of("unifiedorder").id).unwrap();
    assert!(order.request.lines().count() > 5, "{}", order.request);
    assert!(order.response.is_some() && order.status == Some(200) && !order.repeatable);
    let signed = order.signed.unwrap();
    assert!(signed.ends_with("key=***") && signed.contains("total_fee=3600"), "{signed}");
    let line = order.curl.unwrap();
    assert!(line.contains("/pay/unifiedorder") && line.contains("***"), "{line}");
    let sign = order.request.split("<sign>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    assert!(sign.len() >= 32 && !line.contains(sign), "{line}");
    for text in [&signed, &line, &order.request] {
        assert!(!text.contains(simulator::API_KEY));
    }
    let notice = shop.console.raw(BUILT_IN, "notice", of("notify").id).unwrap();
    assert!(notice.request.contains("transaction_id") && notice.response.unwrap().contains("SUCCESS"));
    assert_eq!((notice.curl, notice.repeatable, notice.outcome.as_str()), (None, false, "verified"));

    // A query is asked again; anything else is not.
    let query = of("orderquery").id;
    assert!(shop.console.raw(BUILT_IN, "exchange", query).unwrap().repeatable);
    let again = shop.console.repeat_request(BUILT_IN, query).await.unwrap();
    assert!(again.id > query && again.outcome == "confirmed" && again.api == "/pay/orderquery");
    let refused = shop.console.repeat_request(BUILT_IN, of("unifiedorder").id).await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidField);
    for (source, id, code) in [
        ("exchange", 99_999, Code::UnknownExchange),
        ("notice", 99_999, Code::UnknownExchange),
        ("dream", 1, Code::InvalidField),
    ] {
        assert_eq!(shop.console.raw(BUILT_IN, source, id).unwrap_err().code, code);
    }
}

#[tokio::test]
async fn a_refund_query_is_repeated_and_what_it_says_is_believed() {
    let shop = Shop::open();
    shop.order("ORDER001", 3_600).await;
    shop.pay("ORDER001", "normal").await;
    shop.refund("ORDER001", "R1", 600).await;
    shop.console.query_refund_form(BUILT_IN, "R1").await.unwrap();
    let asked = shop.console.exchanges(Some(BUILT_IN), 10).unwrap();
    let query = asked.iter().find(|exchange| exchange.api == "/pay/refundquery").unwrap().id;
    {
        use simulator::RefundStatus;
        shop.world().refund_result("R1", RefundStatus::Success).unwrap();
    }
    let again = shop.console.repeat_request(BUILT_IN, query).await.unwrap();
    assert_eq!(again.outcome, "confirmed");
    let detail = shop.console.payment_detail(BUILT_IN, "ORDER001").unwrap();
    assert_eq!((detail.refunds[0].state.as_str(), detail.row.refunded_fen), ("success", 600));
    // An order the gateway does not know is answered with a no, and that is shown.
    assert!(shop.console.query_order_form(BUILT_IN, "NOBODY01").await.is_err());
    let newest = shop.console.exchanges(Some(BUILT_IN), 1).unwrap()[0].id;
    let no = shop.console.repeat_request(BUILT_IN, newest).await.unwrap();
    assert_eq!((no.outcome.as_str(), no.err_code.as_deref()), ("rejected", Some("ORDERNOTEXIST")));
}

#[tokio::test]
async fn a_refund_that_was_refused_is_found_by_its_number_too() {
    let shop = Shop::open();
    shop.order("ORDER001", 3_600).await;
    shop.pay("ORDER001", "normal").await;
    shop.refund("ORDER001", "R1", 600).await;
    let withdraw = simulator::Control::Withdraw { mch_id: simulator::MCH_ID.into(), fen: 1_000_000_000 };
    shop.world().control(withdraw).unwrap();
    let form = console::forms::RefundForm {
        out_trade_no: "ORDER001".into(),
        out_refund_no: "R2".into(),
        refund_fen: 700,
        reason: None,
    };
    let refused = shop.console.create_refund_form(BUILT_IN, form).await.unwrap_err();
    assert_eq!(refused.code, Code::Refused, "{refused}");
    // Whoever looks up the number must not take it for one that nothing was asked under.
    let refunds = shop.console.payment_detail(BUILT_IN, "ORDER001").unwrap().refunds;
    let all: Vec<_> =
        refunds.iter().map(|one| (&*one.out_refund_no, &*one.state, one.refund_fen, one.total_fen)).collect();
    assert_eq!(all, [("R1", "processing", 600, Some(3_600)), ("R2", "rejected", 700, Some(3_600))]);
    assert!(refunds[1].operation.is_some());
}

#[tokio::test]
async fn every_question_stands_among_the_documents_whatever_was_answered() {
    let shop = Shop::open();
    shop.order("ORDER001", 3_600).await;
    shop.pay("ORDER001", "normal").await;
    shop.refund("ORDER001", "R1", 600).await;
    for _ in 0..2 {
        shop.console.query_order_form(BUILT_IN, "ORDER001").await.unwrap();
        shop.console.query_refund_form(BUILT_IN, "R1").await.unwrap();
    }
    shop.world().arm(FaultRule::on("/pay/orderquery", Fault::Garbage));
    assert!(shop.console.query_order_form(BUILT_IN, "ORDER001").await.is_err());
    let raw = shop.console.payment_detail(BUILT_IN, "ORDER001").unwrap().raw;
    let of = |api: &str| raw.iter().filter(|item| item.api == api).count();
    assert_eq!((of("orderquery"), of("refundquery")), (3, 2), "{raw:?}");
}

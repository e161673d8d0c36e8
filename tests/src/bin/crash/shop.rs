//! The shop's side: what a cashier does at a till, one thing after the other.

use crate::till::{Till, say};
use console::args::{NewOrder, NewRefund, OrderRef, PaymentQuery, RefundQuery, RefundRef, Way};
use console::{Code, ConsoleError};
use domain::{Fen, OrderState, OutRefundNo, OutTradeNo};
use paydesk_tests::dice::Dice;

/// What can go wrong in a shop without anything being wrong with Paydesk. Everything else is reported.
const EXPECTED: [Code; 6] = [
    Code::Refused,
    Code::OutcomeUnknown,
    Code::InProgress,
    Code::RefundTooMuch,
    Code::NoAnswer,
    Code::NotSent,
];

/// Whether a call was answered. Whatever should not have happened is told to the killer.
fn heard<T>(result: Result<T, ConsoleError>) -> Option<T> {
    result.map_err(|error| report(&error)).ok()
}

fn report(error: &ConsoleError) {
    if !EXPECTED.contains(&error.code) {
        say(&format!("error {error}"));
    }
}

/// One customer, or one who comes back.
pub(crate) async fn serve(till: &Till, dice: &mut Dice, turn: u64) -> Result<(), String> {
    if dice.percent(55) { sell(till, dice, turn).await } else { take_back(till, dice, turn).await }
}

async fn sell(till: &Till, dice: &mut Dice, turn: u64) -> Result<(), String> {
    let number = format!("ORDER-{}-{turn}", till.run);
    let number = OutTradeNo::for_new_order(&number).map_err(|error| error.to_string())?;
    let order = NewOrder {
        way: Way::Native { product_id: None },
        total: dice.fen(100, 10_000),
        currency: "CNY".into(),
        body: "拿铁一杯".into(),
        attach: None,
        out_trade_no: Some(number.clone()),
        expires_in_secs: None,
        detail: None,
        scene_info: None,
        goods_tag: None,
        no_credit: false,
        device_info: None,
        spbill_create_ip: None,
        notify_url: Some(till.notify_url.clone()),
    };
    let made = if dice.percent(20) {
        // Two clicks. Whichever is first, it is one order.
        let (one, two) = tokio::join!(
            till.console.create_order(None, order.clone()),
            till.console.create_order(None, order)
        );
        heard(one).or(heard(two)).is_some()
    } else {
        heard(till.console.create_order(None, order).await).is_some()
    };
    if !made {
        return Ok(());
    }
    say(&format!("done unified_order {number}"));
    match dice.from_to(1, 10) {
        1 => {
            if heard(till.console.close_order(None, &number).await).is_some() {
                say(&format!("done close_order {number}"));
            }
        }
        2 => {}
        paid => {
            till.customer_pays(&number).await;
            // Half of the time the notice is left to tell.
            if paid % 2 == 0 {
                heard(till.console.query_order(None, OrderRef::OutTradeNo(number)).await);
            }
        }
    }
    Ok(())
}

/// Gives back a part, or all, of one of the last payments.
async fn take_back(till: &Till, dice: &mut Dice, turn: u64) -> Result<(), String> {
    let paid = PaymentQuery {
        states: vec![OrderState::Paid, OrderState::Refunded],
        limit: Some(8),
        ..PaymentQuery::default()
    };
    let Some(list) = heard(till.console.payments(None, &paid)) else { return Ok(()) };
    let Some(payment) = dice.pick(&list.payments) else { return sell(till, dice, turn).await };
    let order = OutTradeNo::parse(&payment.out_trade_no).map_err(|error| error.to_string())?;
    // The number is fixed before anything is sent: whoever clicks again, clicks the same refund.
    let number = format!("REFUND-{}-{turn}", till.run);
    let number = OutRefundNo::parse(&number).map_err(|error| error.to_string())?;
    let left = payment.refundable_fen;
    let refund = match dice.from_to(1, 10) {
        1 => Fen::new(left.saturating_add(1)),
        2 => Fen::new(left.max(1)),
        _ => dice.fen(1, (left / 2).max(1)),
    };
    let new = NewRefund {
        out_trade_no: order,
        refund,
        out_refund_no: Some(number.clone()),
        reason: None,
        notify_url: Some(till.notify_url.clone()),
    };
    let made = if dice.percent(30) {
        let (one, two) = tokio::join!(
            till.console.create_refund(None, new.clone()),
            till.console.create_refund(None, new)
        );
        heard(one).or(heard(two)).is_some()
    } else {
        heard(till.console.create_refund(None, new).await).is_some()
    };
    if made {
        say(&format!("done refund {number}"));
    }
    Ok(())
}

/// The last run's work: asks about everything that is not settled, so that the books can be closed.
pub(crate) async fn close_the_books(till: &Till) -> Result<(), String> {
    let failed = |error: ConsoleError| format!("the last run failed: {error}");
    let mut rounds = 0;
    loop {
        let open = till.console.resolve(None).await.map_err(failed)?;
        if open.is_empty() {
            break;
        }
        rounds += 1;
        if rounds == 20 {
            let last = till.console.exchanges(None, 2).map_err(failed)?;
            let last: Vec<_> = last.iter().map(|one| till.console.exchange(None, one.id)).collect();
            return Err(format!(
                "after twenty rounds these are not resolved: {open:#?}; last heard: {last:#?}"
            ));
        }
    }
    let open =
        PaymentQuery { states: vec![OrderState::Unpaid], limit: Some(1_000_000), ..Default::default() };
    for payment in till.console.payments(None, &open).map_err(failed)?.payments {
        let number = OutTradeNo::parse(&payment.out_trade_no).map_err(|error| error.to_string())?;
        // One that WeChat Pay never made stays unpaid.
        if let Err(error) = till.console.query_order(None, OrderRef::OutTradeNo(number)).await
            && error.code != Code::Refused
        {
            return Err(failed(error));
        }
    }
    let moving = RefundQuery {
        states: vec![domain::RefundState::Processing],
        limit: Some(1_000_000),
        ..RefundQuery::default()
    };
    for refund in till.console.refunds(None, &moving).map_err(failed)?.refunds {
        let number = OutRefundNo::parse(&refund.out_refund_no).map_err(|error| error.to_string())?;
        till.console.query_refund(None, RefundRef::OutRefundNo(number)).await.map_err(failed)?;
    }
    till.console.anchor().map_err(failed)
}

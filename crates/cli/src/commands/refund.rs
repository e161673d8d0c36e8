use crate::args::{CreateRefund, ListRefunds, QueryRefund, RefundCommand};
use crate::desk::{Desk, Outcome};
use crate::print::{page::Page, refund as print};
use console::args::{NewRefund, RefundQuery, RefundRef};
use domain::OutRefundNo;
use std::io::Write as _;

pub(crate) fn run(desk: &Desk, command: RefundCommand) -> Outcome {
    match command {
        RefundCommand::Create(new) => create(desk, new),
        RefundCommand::Query(query) => ask(desk, query),
        RefundCommand::List(list) => self::list(desk, &list),
    }
}

/// Nothing that moves money happens on one line: it is planned, shown, agreed to, and then sent under the number
/// that was shown.
fn create(desk: &Desk, new: CreateRefund) -> Outcome {
    let out_trade_no =
        new.number.or(new.out_trade_no).ok_or_else(|| desk.usage("usage.number_needed", &[]))?;
    if !new.yes && !desk.can_ask() {
        return Err(desk.usage("usage.yes_needed", &[]));
    }
    let mut refund = NewRefund {
        out_trade_no,
        refund: new.amount.get(),
        out_refund_no: new.out_refund_no,
        reason: new.reason,
        notify_url: new.notify_url,
    };
    let plan = desk.console()?.plan_refund(desk.merchant(), &refund)?;
    refund.out_refund_no = OutRefundNo::parse(&plan.out_refund_no).ok();
    if !new.yes {
        let mut page = Page::new(desk.lang);
        print::plan(&mut page, &plan);
        let _ = anstream::stderr().write_all(page.finish().as_bytes());
        desk.confirm(false, &desk.say("ask.refund", &[]))?;
    }
    let view = desk.wait(desk.console()?.create_refund(desk.merchant(), refund))?;
    desk.answer(&view, |page| print::one(page, &view))?;
    Ok(0)
}

fn ask(desk: &Desk, query: QueryRefund) -> Outcome {
    let number = query.number.or(query.out_refund_no).map(RefundRef::OutRefundNo);
    let which = number
        .or(query.refund_id.map(RefundRef::RefundId))
        .or(query.out_trade_no.map(RefundRef::OutTradeNo))
        .ok_or_else(|| desk.usage("usage.number_needed", &[]))?;
    let merchant = desk.console()?.merchant(desk.merchant())?;
    let view = desk.wait(desk.console()?.query_refund(desk.merchant(), which))?;
    desk.answer(&view, |page| print::several(page, &view, &merchant.environment, &merchant.name))?;
    Ok(0)
}

fn list(desk: &Desk, list: &ListRefunds) -> Outcome {
    let query = RefundQuery {
        states: list.state.clone(),
        out_trade_no: list.out_trade_no.clone(),
        limit: Some(list.limit),
    };
    let merchant = desk.console()?.merchant(desk.merchant())?;
    let view = desk.console()?.refunds(desk.merchant(), &query)?;
    desk.answer(&view, |page| print::list(page, &view, &merchant.environment, &merchant.name))?;
    Ok(0)
}

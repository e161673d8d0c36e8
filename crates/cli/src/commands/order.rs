use crate::args::{CreateOrder, ListOrders, OrderCommand, OrderType, QueryOrder};
use crate::desk::{Desk, Outcome, though_unread, write_bytes};
use crate::failure::Failure;
use crate::print::{payment as print, qr};
use console::args::{NewOrder, OrderRef, PaymentQuery, Way};
use console::view::QrView;
use std::io::IsTerminal as _;

pub(crate) fn run(desk: &Desk, command: OrderCommand) -> Outcome {
    match command {
        OrderCommand::Create(new) => create(desk, *new),
        OrderCommand::Query(query) => ask(desk, query),
        OrderCommand::Close(number) => {
            let number = number.get().ok_or_else(|| desk.usage("usage.number_needed", &[]))?;
            let view = desk.wait(desk.console()?.close_order(desk.merchant(), number))?;
            desk.answer(&view, |page| print::one(page, &view))?;
            Ok(0)
        }
        OrderCommand::List(list) => self::list(desk, &list),
    }
}

fn create(desk: &Desk, new: CreateOrder) -> Outcome {
    let way = match new.kind {
        OrderType::Native => Way::Native { product_id: new.product_id },
        OrderType::Jsapi => Way::Jsapi { openid: new.openid, sub_openid: new.sub_openid },
        OrderType::App => Way::App,
        OrderType::H5 => {
            Way::H5 { wap_url: new.wap_url.unwrap_or_default(), wap_name: new.wap_name.unwrap_or_default() }
        }
    };
    let order = NewOrder {
        way,
        total: new.amount.get(),
        currency: new.currency,
        body: new.body,
        attach: new.attach,
        out_trade_no: new.out_trade_no,
        expires_in_secs: new.expires_in,
        detail: new.detail,
        scene_info: new.scene_info,
        goods_tag: new.goods_tag,
        no_credit: new.no_credit,
        device_info: new.device_info,
        spbill_create_ip: new.client_ip,
        notify_url: new.notify_url,
    };
    let view = desk.wait(desk.console()?.create_order(desk.merchant(), order))?;
    desk.answer(&view, |page| print::created(page, &view))?;
    draw(desk, view.pay.qr.as_ref())?;
    Ok(0)
}

/// Draws a QR code where it can be scanned: on a terminal.
pub(crate) fn draw(desk: &Desk, code: Option<&QrView>) -> Result<(), Failure> {
    if let Some(code) = code.filter(|_| !desk.json && std::io::stdout().is_terminal()) {
        let colours = anstream::stdout().current_choice() != anstream::ColorChoice::Never;
        though_unread(write_bytes(format!("\n{}", qr::draw(code, colours)).as_bytes()))?;
    }
    Ok(())
}

fn ask(desk: &Desk, query: QueryOrder) -> Outcome {
    let number = query.number.or(query.out_trade_no).map(OrderRef::OutTradeNo);
    let which = number.or(query.transaction_id.map(OrderRef::TransactionId));
    let which = which.ok_or_else(|| desk.usage("usage.number_needed", &[]))?;
    let view = desk.wait(desk.console()?.query_order(desk.merchant(), which))?;
    desk.answer(&view, |page| print::one(page, &view))?;
    Ok(0)
}

/// The payments that a filter of the command line means. `to` is the last day, whole.
pub(crate) fn query(
    desk: &Desk,
    filter: &crate::args::Filter,
    limit: Option<usize>,
) -> Result<PaymentQuery, Failure> {
    if let (Some(from), Some(to)) = (filter.from, filter.to)
        && from > to
    {
        return Err(desk.usage("usage.from_after_to", &[("from", &from), ("to", &to)]));
    }
    Ok(PaymentQuery {
        states: filter.state.clone(),
        trade_types: filter.kind.clone(),
        from: filter.from.map(domain::Day::start),
        to: filter.to.and_then(domain::Day::next).map(domain::Day::start),
        text: filter.text.clone(),
        limit,
    })
}

fn list(desk: &Desk, list: &ListOrders) -> Outcome {
    let query = query(desk, &list.filter, Some(list.limit))?;
    let merchant = desk.console()?.merchant(desk.merchant())?;
    let view = desk.console()?.payments(desk.merchant(), &query)?;
    desk.answer(&view, |page| print::list(page, &view, &merchant.environment, &merchant.name))?;
    Ok(0)
}

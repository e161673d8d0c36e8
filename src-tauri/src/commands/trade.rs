//! What can move money. The number is fixed before it gets here, so the same call twice is one payment or refund.

use super::{Answer, At, ask, off, wait};
use crate::ask as question;
use console::forms::{CustomerForm, MicropayForm, OrderForm, RefundForm};
use console::view::{OperationView, OrderCreated, PaymentView, RefundPlan, RefundView};
use console::{Code, ConsoleError, without_asking};
use std::sync::Arc;
use tauri::AppHandle;

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn new_number(desk: At<'_>, merchant: String) -> Answer<String> {
    ask(&desk, move |console| console.new_number(&merchant)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn create_order(desk: At<'_>, merchant: String, form: OrderForm) -> Answer<OrderCreated> {
    ask(&desk, move |console| wait(console.create_order_form(&merchant, form))).await
}

/// The till asks by itself too, every few seconds, so nobody is asked for the keychain's password.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn query_order(desk: At<'_>, merchant: String, out_trade_no: String) -> Answer<PaymentView> {
    ask(&desk, move |console| without_asking(|| wait(console.query_order_form(&merchant, &out_trade_no))))
        .await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn close_order(desk: At<'_>, merchant: String, out_trade_no: String) -> Answer<PaymentView> {
    ask(&desk, move |console| wait(console.close_order_form(&merchant, &out_trade_no))).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn micropay(desk: At<'_>, merchant: String, form: MicropayForm) -> Answer<PaymentView> {
    ask(&desk, move |console| wait(console.micropay_form(&merchant, form))).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn reverse(desk: At<'_>, merchant: String, out_trade_no: String) -> Answer<PaymentView> {
    ask(&desk, move |console| wait(console.reverse_form(&merchant, &out_trade_no))).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn plan_refund(desk: At<'_>, merchant: String, form: RefundForm) -> Answer<RefundPlan> {
    ask(&desk, move |console| console.plan_refund_form(&merchant, form)).await
}

/// Over the limit the operating system asks first.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn create_refund(
    app: AppHandle,
    desk: At<'_>,
    merchant: String,
    form: RefundForm,
) -> Answer<RefundView> {
    let desk = Arc::clone(desk.inner());
    off(move || {
        let console = desk.console()?;
        if console.refund_wants_confirmation(&form) {
            // What would be refused is refused before a person is asked.
            console.plan_refund_form(&merchant, form.clone())?;
            if !question::refund(&app, &desk, &merchant, &form) {
                return Err(ConsoleError::new(Code::Declined));
            }
        }
        wait(console.create_refund_form(&merchant, form))
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn query_refund(
    desk: At<'_>,
    merchant: String,
    out_refund_no: String,
) -> Answer<Vec<RefundView>> {
    ask(&desk, move |console| wait(console.query_refund_form(&merchant, &out_refund_no))).await
}

/// As [`query_order`].
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn resolve(desk: At<'_>, merchant: String) -> Answer<Vec<OperationView>> {
    ask(&desk, move |console| without_asking(|| wait(console.resolve_form(&merchant)))).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn simulate(desk: At<'_>, merchant: String, form: CustomerForm) -> Answer<Option<String>> {
    ask(&desk, move |console| wait(console.simulate_form(&merchant, form))).await
}

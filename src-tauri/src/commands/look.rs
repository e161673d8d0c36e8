//! Looking: the day, the lists, one payment, what went over the wire.

use super::{Answer, At, ask, wait};
use console::forms::{PaymentsForm, RefundsForm, RequestsForm};
use console::view::{
    ExportView, OverviewView, PaymentDetail, PaymentSums, PaymentsWindow, RawView, RefundsWindow,
    RequestsWindow,
};
use tauri::{AppHandle, Emitter as _};

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn overview(desk: At<'_>, merchant: String, day: Option<String>) -> Answer<OverviewView> {
    ask(&desk, move |console| console.overview(&merchant, day.as_deref())).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn payments_window(
    desk: At<'_>,
    merchant: String,
    form: PaymentsForm,
    offset: i64,
    limit: i64,
) -> Answer<PaymentsWindow> {
    ask(&desk, move |console| console.payments_window(&merchant, &form, offset, limit)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn payment_sums(desk: At<'_>, merchant: String, form: PaymentsForm) -> Answer<PaymentSums> {
    ask(&desk, move |console| console.payment_sums(&merchant, &form)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn payment_detail(
    desk: At<'_>,
    merchant: String,
    out_trade_no: String,
) -> Answer<PaymentDetail> {
    ask(&desk, move |console| console.payment_detail(&merchant, &out_trade_no)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn raw(desk: At<'_>, merchant: String, source: String, id: i64) -> Answer<RawView> {
    ask(&desk, move |console| console.raw(&merchant, &source, id)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn refunds_window(
    desk: At<'_>,
    merchant: String,
    form: RefundsForm,
    offset: i64,
    limit: i64,
) -> Answer<RefundsWindow> {
    ask(&desk, move |console| console.refunds_window(&merchant, &form, offset, limit)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn requests_window(
    desk: At<'_>,
    merchant: String,
    form: RequestsForm,
    offset: i64,
    limit: i64,
) -> Answer<RequestsWindow> {
    ask(&desk, move |console| console.requests_window(&merchant, &form, offset, limit)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn repeat_request(desk: At<'_>, merchant: String, id: i64) -> Answer<RawView> {
    ask(&desk, move |console| wait(console.repeat_request(&merchant, id))).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn export_payments(
    app: AppHandle,
    desk: At<'_>,
    merchant: String,
    form: PaymentsForm,
    columns: Vec<String>,
    job: String,
) -> Answer<ExportView> {
    ask(&desk, move |console| {
        console.export_payments_form(&merchant, &form, &columns, &job, &mut |progress| {
            let _ = app.emit_to(crate::window::LABEL, "progress", progress);
        })
    })
    .await
}

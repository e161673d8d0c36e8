//! The workbench. A key or a ticket given once goes in, is forgotten at once, and never comes back out.

use super::{Answer, At, ask};
use console::forms::{JssdkForm, PasteForm, PayParamsForm, SignForm};
use console::view::{DecryptView, JssdkView, ListedCause, PayParamsView, SignView, VerifyView};
use domain::Secret;

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn verify_pasted(desk: At<'_>, form: PasteForm, key: Option<String>) -> Answer<VerifyView> {
    let key = key.map(Secret::new);
    ask(&desk, move |console| console.verify_pasted(form, key)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn sign_pasted(desk: At<'_>, form: SignForm, key: Option<String>) -> Answer<SignView> {
    let key = key.map(Secret::new);
    ask(&desk, move |console| console.sign_pasted(form, key)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn decrypt_pasted(
    desk: At<'_>,
    form: PasteForm,
    key: Option<String>,
) -> Answer<DecryptView> {
    let key = key.map(Secret::new);
    ask(&desk, move |console| console.decrypt_pasted(form, key)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn pay_params_of(
    desk: At<'_>,
    merchant: String,
    form: PayParamsForm,
) -> Answer<PayParamsView> {
    ask(&desk, move |console| console.pay_params_of(&merchant, form)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn jssdk_sign(
    desk: At<'_>,
    merchant: String,
    form: JssdkForm,
    ticket: String,
) -> Answer<JssdkView> {
    let ticket = Secret::new(ticket);
    ask(&desk, move |console| console.jssdk_sign_form(&merchant, form, ticket)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn list_causes(desk: At<'_>) -> Answer<Vec<ListedCause>> {
    ask(&desk, |console| Ok(console.list_causes())).await
}

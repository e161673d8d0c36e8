//! Merchants, their keys and certificates. Secrets go in, and never come back out.

use super::{Answer, At, ask, wait};
use console::forms::MerchantForm;
use console::view::{KeyView, MerchantCheckView, MerchantView};
use domain::Secret;

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn merchants(desk: At<'_>) -> Answer<Vec<MerchantView>> {
    ask(&desk, console::Console::merchants).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn add_merchant(desk: At<'_>, form: MerchantForm) -> Answer<MerchantView> {
    ask(&desk, move |console| console.add_merchant_form(form)).await
}

/// Without an address nobody is told.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn set_notify_url(desk: At<'_>, name: String, url: Option<String>) -> Answer<MerchantView> {
    ask(&desk, move |console| console.set_notify_url(&name, url.as_deref())).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn remove_merchant(desk: At<'_>, name: String) -> Answer<MerchantView> {
    ask(&desk, move |console| console.remove_merchant(&name)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn set_key(desk: At<'_>, name: String, kind: String, key: String) -> Answer<KeyView> {
    let key = Secret::new(key);
    ask(&desk, move |console| console.set_key_form(&name, &kind, key)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn fetch_sandbox_key(desk: At<'_>, name: String) -> Answer<KeyView> {
    ask(&desk, move |console| wait(console.fetch_sandbox_key(&name))).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn import_certificate(
    desk: At<'_>,
    name: String,
    bytes: String,
    password: String,
) -> Answer<MerchantView> {
    let (bytes, password) = (Secret::new(bytes), Secret::new(password));
    ask(&desk, move |console| console.import_certificate_form(&name, bytes.expose(), password)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn check_merchant(desk: At<'_>, name: String) -> Answer<MerchantCheckView> {
    ask(&desk, move |console| wait(console.check_merchant_form(&name))).await
}

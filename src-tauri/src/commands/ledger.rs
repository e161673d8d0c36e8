//! The ledger itself: where it stands, whether it is whole, copies of it.

use super::{Answer, At, ask};
use console::view::{AcceptView, BackupView, LedgerCheckView, LedgerInfoView, RestoreView, SalvageView};

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn ledger_info(desk: At<'_>, merchant: String) -> Answer<LedgerInfoView> {
    ask(&desk, move |console| console.ledger_info_form(&merchant)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn ledger_check(desk: At<'_>, merchant: String, full: bool) -> Answer<LedgerCheckView> {
    ask(&desk, move |console| console.ledger_check_form(&merchant, full)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn ledger_backup(desk: At<'_>, merchant: String) -> Answer<BackupView> {
    ask(&desk, move |console| console.ledger_backup_form(&merchant)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn ledger_backups(desk: At<'_>, merchant: String) -> Answer<Vec<BackupView>> {
    ask(&desk, move |console| console.ledger_backups(&merchant)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn ledger_restore(desk: At<'_>, merchant: String, path: String) -> Answer<RestoreView> {
    ask(&desk, move |console| console.ledger_restore_form(&merchant, &path)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn ledger_salvage(desk: At<'_>, merchant: String) -> Answer<SalvageView> {
    ask(&desk, move |console| console.ledger_salvage_form(&merchant)).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn ledger_accept(desk: At<'_>, merchant: String) -> Answer<AcceptView> {
    ask(&desk, move |console| console.ledger_accept_form(&merchant)).await
}

//! The program itself: what it starts with, a person's choices, long work that is to end.

use super::{Answer, At, ask, off};
use crate::{live, menu, window};
use console::view::{Preferences, StartView, StatusView};
use std::sync::Arc;
use tauri::{AppHandle, Manager as _};

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn start(desk: At<'_>) -> Answer<StartView> {
    let named = desk.arguments.merchant.clone();
    ask(&desk, move |console| {
        let mut view = console.start();
        if let Some(named) = named.filter(|name| view.merchants.iter().any(|known| known.name == *name)) {
            view.merchant = named;
        }
        Ok(view)
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn status(desk: At<'_>, merchant: String) -> Answer<StatusView> {
    ask(&desk, move |console| console.status(&merchant)).await
}

/// A person wants it: the system may ask for the keychain's password.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn ask_keychain(desk: At<'_>, merchant: String) -> Answer<StatusView> {
    ask(&desk, move |console| console.ask_keychain(&merchant)).await
}

/// The menus, the tray and the system's own windows follow.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn save_preferences(
    app: AppHandle,
    desk: At<'_>,
    preferences: Preferences,
) -> Answer<Preferences> {
    let desk = Arc::clone(desk.inner());
    off(move || {
        let before = desk.preferences();
        let saved = desk.console()?.save_preferences(preferences)?;
        if saved.theme != before.theme {
            app.set_theme(window::theme(&saved.theme));
        }
        if saved.language != before.language {
            menu::refresh(&app);
        }
        if (&saved.language, &saved.merchant) != (&before.language, &before.merchant) {
            app.state::<live::Live>().changed();
        }
        Ok(saved)
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn cancel(desk: At<'_>, job: String) -> Answer<()> {
    ask(&desk, move |console| {
        console.cancel(&job);
        Ok(())
    })
    .await
}

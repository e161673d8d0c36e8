//! The menus, in the language that was chosen.
//!
//! macOS has them at the top of the screen and Windows in the window. On Linux, where desktop programs go without,
//! F10 brings the bar and takes it away again. The page has its own keys; only what it does not know has one here.

use crate::desk::Desk;
use crate::window;
use console::Lang;
use std::sync::Arc;
use tauri::menu::{Menu, MenuBuilder, MenuEvent, MenuItemBuilder, Submenu, SubmenuBuilder};
use tauri::{AppHandle, Manager as _, WebviewWindow, Wry};

/// The screens, in the rail's order.
const SCREENS: [&str; 6] = ["overview", "payments", "refunds", "collect", "workbench", "requests"];

/// What begins the id of an item that leads to a screen.
const GO: &str = "go:";
pub(crate) const OPEN: &str = "open";
pub(crate) const QUIT: &str = "quit";

/// The id of an item that leads to `screen`.
pub(crate) fn go_to(screen: &str) -> String {
    format!("{GO}{screen}")
}

/// Gives the window its menu, or the key that brings it.
pub(crate) fn attach(app: &AppHandle, window: &WebviewWindow) {
    #[cfg(target_os = "linux")]
    on_key(app, window);
    #[cfg(not(target_os = "linux"))]
    let _ = window;
    refresh(app);
}

/// Writes the menus anew, after the language changed.
pub(crate) fn refresh(app: &AppHandle) {
    let handle = app.clone();
    // The choices are in a file: read off the main thread.
    tauri::async_runtime::spawn_blocking(move || {
        let lang = handle.state::<Arc<Desk>>().lang();
        let app = handle.clone();
        let _ = handle.run_on_main_thread(move || set(&app, lang));
    });
}

#[cfg(not(target_os = "linux"))]
fn set(app: &AppHandle, lang: Lang) {
    if let Ok(menu) = bar(app, lang) {
        let _ = app.set_menu(menu);
    }
}

/// Only a bar that is there is written anew.
#[cfg(target_os = "linux")]
fn set(app: &AppHandle, lang: Lang) {
    let window = app.get_webview_window(window::LABEL);
    if let Some(window) = window.filter(|window| window.menu().is_some())
        && let Ok(menu) = bar(app, lang)
    {
        let shown = window.is_menu_visible().unwrap_or(false);
        let _ = window.set_menu(menu);
        if !shown {
            let _ = window.hide_menu();
        }
    }
}

/// F10 for the bar, Ctrl+Q to end, whether the bar is there or not.
#[cfg(target_os = "linux")]
fn on_key(app: &AppHandle, window: &WebviewWindow) {
    use gtk::gdk::{ModifierType, keys::constants as key};
    use gtk::glib::Propagation;
    use gtk::prelude::WidgetExt as _;

    let Ok(native) = window.gtk_window() else { return };
    let app = app.clone();
    native.connect_key_press_event(move |_, event| {
        let held =
            event.state() & (ModifierType::CONTROL_MASK | ModifierType::MOD1_MASK | ModifierType::SHIFT_MASK);
        match event.keyval() {
            key::F10 if held.is_empty() => toggle(&app),
            key::q if held == ModifierType::CONTROL_MASK => app.exit(0),
            _ => return Propagation::Proceed,
        }
        Propagation::Stop
    });
}

#[cfg(target_os = "linux")]
fn toggle(app: &AppHandle) {
    let Some(window) = app.get_webview_window(window::LABEL) else { return };
    if window.menu().is_some() {
        let _ =
            if window.is_menu_visible().unwrap_or(false) { window.hide_menu() } else { window.show_menu() };
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn_blocking(move || {
        let lang = app.state::<Arc<Desk>>().lang();
        let handle = app.clone();
        let _ = app.run_on_main_thread(move || {
            if let Ok(menu) = bar(&handle, lang) {
                let _ = window.set_menu(menu);
            }
        });
    });
}

fn bar(app: &AppHandle, lang: Lang) -> tauri::Result<Menu<Wry>> {
    let say = |key: &str| lang.say(key, &[]);
    let item = |id: String, text: String, key: Option<&str>| {
        let item = MenuItemBuilder::with_id(id, text);
        if let Some(key) = key { item.accelerator(key) } else { item }.build(app)
    };
    let settings = item(go_to("settings"), say("ui.screen.settings"), Some("CmdOrCtrl+,"))?;
    let quit = item(QUIT.into(), say("shell.menu.quit"), Some("CmdOrCtrl+Q"))?;

    let first = if cfg!(target_os = "macos") { "Paydesk".to_owned() } else { say("shell.menu.file") };
    let file = SubmenuBuilder::new(app, first)
        .item(&item(go_to("collect"), say("shell.menu.collect"), None)?)
        .separator()
        .item(&settings)
        .separator()
        .item(&quit)
        .build()?;
    let mut view = SubmenuBuilder::new(app, say("shell.menu.view"));
    for screen in SCREENS {
        view = view.item(&item(go_to(screen), say(&format!("ui.screen.{screen}")), None)?);
    }
    let mut bar = MenuBuilder::new(app).item(&file);
    if let Some(edit) = edit(app, lang)? {
        bar = bar.item(&edit);
    }
    bar.item(&view.build()?).build()
}

/// Without it Cmd+C does nothing on macOS. GTK has no such items without another library, and needs none.
fn edit(app: &AppHandle, lang: Lang) -> tauri::Result<Option<Submenu<Wry>>> {
    if cfg!(target_os = "linux") {
        return Ok(None);
    }
    let say = |key: &str| lang.say(key, &[]);
    let menu = SubmenuBuilder::new(app, say("shell.menu.edit"))
        .undo_with_text(say("shell.menu.undo"))
        .redo_with_text(say("shell.menu.redo"))
        .separator()
        .cut_with_text(say("shell.menu.cut"))
        .copy_with_text(say("shell.menu.copy"))
        .paste_with_text(say("shell.menu.paste"))
        .select_all_with_text(say("shell.menu.select_all"))
        .build()?;
    Ok(Some(menu))
}

/// What an item of any menu does, the tray's too.
pub(crate) fn chosen(app: &AppHandle, event: &MenuEvent) {
    match event.id().as_ref() {
        QUIT => app.exit(0),
        OPEN => window::show(app),
        id => {
            if let Some(screen) = id.strip_prefix(GO) {
                window::go(app, screen);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_of_the_menu_has_a_name_and_is_in_the_page() {
        for screen in SCREENS.into_iter().chain(["settings"]) {
            for lang in [Lang::ZhCn, Lang::En] {
                assert!(lang.has(&format!("ui.screen.{screen}")), "{screen} has no name in {lang:?}");
            }
            let folder = format!("{}/../ui/src/screens/{screen}", env!("CARGO_MANIFEST_DIR"));
            assert!(std::path::Path::new(&folder).is_dir(), "the page has no screen {screen}");
        }
    }
}

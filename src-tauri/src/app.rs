//! Puts it together: plugins, the desk, the window, and what is made once the window stands.

use crate::arguments::Arguments;
use crate::desk::Desk;
use crate::{live, menu, tray, window};
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use tauri::{AppHandle, Manager as _, RunEvent, WindowEvent};

/// Runs the window until it is closed.
pub(crate) fn run(arguments: Arguments) -> ExitCode {
    if no_display() {
        return refuse("shell.no_display", &"");
    }
    let desk = Arc::new(Desk::new(arguments));
    let plugin = tauri_plugin_single_instance::Builder::new().callback(|app, _, _| window::show(app));
    #[cfg(target_os = "linux")]
    let plugin = plugin.dbus_id(bus_name(&desk));
    let built = tauri::Builder::default()
        // First, so that a second start ends before it touches anything.
        .plugin(plugin.build())
        .plugin(remembering(&desk).build())
        .plugin(tauri_plugin_notification::init())
        .manage(Arc::clone(&desk))
        .invoke_handler(include!("commands/list.rs"))
        .on_menu_event(|app, event| menu::chosen(app, &event))
        .on_window_event(|window, event| {
            if let WindowEvent::ThemeChanged(theme) = event {
                tray::paint(window.app_handle(), *theme);
            }
        })
        .setup(|app| {
            let handle = app.handle().clone();
            window::open(&handle, &app.state::<Arc<Desk>>())?;
            handle.manage(live::begin(&handle));
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => ExitCode::from(u8::try_from(app.run_return(ended)).unwrap_or(1)),
        Err(error) => refuse("shell.not_started", &error),
    }
}

fn ended(app: &AppHandle, event: RunEvent) {
    if let RunEvent::Exit = event {
        app.state::<live::Live>().end();
        app.state::<Arc<Desk>>().close();
    }
}

/// Size and place stand beside the ledger, so that each data folder has its own.
fn remembering(desk: &Desk) -> tauri_plugin_window_state::Builder {
    use tauri_plugin_window_state::{Builder, StateFlags};
    let flags = StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN;
    let builder = Builder::new().with_state_flags(flags);
    match desk.console() {
        Ok(console) => builder.with_filename(console.place().root().join("window.json").to_string_lossy()),
        Err(_) => builder,
    }
}

/// The name under which a second start finds the first. Another data folder is another program.
#[cfg(target_os = "linux")]
fn bus_name(desk: &Desk) -> String {
    use std::hash::{Hash as _, Hasher as _};
    let mut name = String::from("com.github.paydesk");
    if let (Some(_), Ok(console)) = (&desk.arguments.data_dir, desk.console()) {
        let root = console.place().root();
        let mut hasher = std::hash::DefaultHasher::new();
        std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned()).hash(&mut hasher);
        name.push_str(&format!(".in{:016x}", hasher.finish()));
    }
    name
}

/// GTK ends the program if there is nothing to draw on; a person is told instead.
fn no_display() -> bool {
    cfg!(target_os = "linux")
        && ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .all(|name| std::env::var_os(name).is_none_or(|value| value.is_empty()))
}

fn refuse(key: &str, detail: &dyn std::fmt::Display) -> ExitCode {
    let text = console::system_language().say(key, &[("detail", detail)]);
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::FAILURE
}

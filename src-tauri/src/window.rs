//! The one window: made, found again, brought to the front.

use crate::desk::Desk;
use crate::web_process;
use std::sync::Once;
use std::time::Duration;
use tauri::utils::config::Color;
use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::{AppHandle, Emitter as _, Manager as _, Theme, Url, WebviewWindow, WebviewWindowBuilder};

/// Its label, which the capability names.
pub(crate) const LABEL: &str = "main";

/// A page that does not come is waited for so long before the window is shown without it.
const PATIENCE: Duration = Duration::from_secs(2);

/// It is shown once by itself. After that it is a person's.
static SHOWN: Once = Once::new();

/// Opens it as `tauri.conf.json` says.
///
/// # Errors
/// Tauri's, if the webview cannot be made.
pub(crate) fn open(app: &AppHandle, desk: &Desk) -> tauri::Result<()> {
    let Some(config) = app.config().app.windows.iter().find(|window| window.label == LABEL) else {
        return Err(tauri::Error::WindowNotFound);
    };
    let theme = theme(&desk.preferences().theme);
    app.set_theme(theme);
    let mut builder = WebviewWindowBuilder::from_config(app, config)?
        // A stranger's text that became a link after all leads nowhere.
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        // Drawn before its page is there, WebKitGTK waits for it half a second, and can do nothing else meanwhile.
        .visible(false)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished {
                show_once(&window);
            }
        });
    if theme == Some(Theme::Dark) {
        // Until the page is drawn; the page's own colour.
        builder = builder.background_color(Color(0x17, 0x19, 0x1c, 0xff));
    }
    let window = builder.build()?;
    web_process::bring_back(&window);
    crate::menu::attach(app, &window);
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(PATIENCE).await;
        show_once(&window);
    });
    Ok(())
}

fn show_once(window: &WebviewWindow) {
    SHOWN.call_once(|| {
        let _ = window.show();
        let _ = window.set_focus();
    });
}

/// The theme that was chosen; `None` is the system's.
pub(crate) fn theme(word: &str) -> Option<Theme> {
    match word {
        "light" => Some(Theme::Light),
        "dark" => Some(Theme::Dark),
        _ => None,
    }
}

/// Whether an address is the page's own.
fn is_ours(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // Windows has no schemes of one's own.
        "http" | "https" => cfg!(windows) && url.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

/// Brings it before the person's eyes.
pub(crate) fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}

/// Brings it up on a screen.
pub(crate) fn go(app: &AppHandle, place: &str) {
    show(app);
    let _ = app.emit_to(LABEL, "go", place);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_nowhere_else() {
        for (address, expected) in [
            ("tauri://localhost/index.html#payments", true),
            ("tauri://evil.example/", false),
            ("https://example.com/", false),
            ("http://tauri.localhost/", cfg!(windows)),
            ("http://127.0.0.1:1420/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
            ("javascript:alert(1)", false),
        ] {
            assert_eq!(is_ours(&address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn the_window_is_the_one_that_the_capability_names() {
        let read = |path: &str| -> serde_json::Value {
            let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
        };
        let config = read("tauri.conf.json");
        assert_eq!(config["app"]["windows"].as_array().unwrap().len(), 1);
        assert_eq!(config["app"]["windows"][0]["label"], LABEL);
        assert_eq!(read("capabilities/main.json")["windows"], serde_json::json!([LABEL]));
    }

    #[test]
    fn the_policy_lets_nothing_in() {
        let path = format!("{}/tauri.conf.json", env!("CARGO_MANIFEST_DIR"));
        let config: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let app = &config["app"];
        assert_eq!(app["withGlobalTauri"], false);
        assert_eq!(config["build"]["devUrl"], serde_json::Value::Null, "a release would look for a server");
        let policy = app["security"]["csp"].as_object().unwrap();
        assert_eq!(policy["default-src"], "'none'");
        assert_eq!(policy["script-src"], "'self'");
        for (name, value) in policy {
            let value = value.as_str().unwrap();
            assert!(!value.contains("unsafe") && !value.contains('*'), "{name}: {value}");
            assert!(!value.contains("https:"), "{name}: {value}");
        }
    }
}

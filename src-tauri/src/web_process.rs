//! The process that draws the page may die: killed, out of memory, a fault of the webview. The page then comes back
//! by itself. What was sent stands in the ledger, and nothing is sent twice: numbers are fixed before a click.

#[cfg(target_os = "linux")]
pub(crate) fn bring_back(window: &tauri::WebviewWindow) {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::Duration;
    use webkit2gtk::WebViewExt as _;

    let _ = window.with_webview(|webview| {
        // How often it died of late. A page that always dies is not brought back in a tight loop.
        let deaths = Rc::new(Cell::new(0_u32));
        webview.inner().connect_web_process_terminated(move |view, _| {
            let wait = wait_ms(deaths.get());
            deaths.set(deaths.get().saturating_add(1));
            let view = view.clone();
            gtk::glib::timeout_add_local_once(Duration::from_millis(wait), move || view.reload());
            let deaths = Rc::clone(&deaths);
            gtk::glib::timeout_add_local_once(Duration::from_secs(60), move || {
                deaths.set(deaths.get().saturating_sub(1));
            });
        });
    });
}

/// WebView2 and WKWebView bring their own page back, or are asked to by Tauri.
#[cfg(not(target_os = "linux"))]
pub(crate) const fn bring_back(_window: &tauri::WebviewWindow) {}

/// How long to wait before the page is brought back, after so many deaths within a minute.
#[cfg(target_os = "linux")]
fn wait_ms(deaths: u32) -> u64 {
    100_u64.checked_shl(deaths.min(9)).unwrap_or(u64::MAX).min(30_000)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn it_comes_back_at_once_and_then_less_and_less_often() {
        let waits: Vec<u64> = [0, 1, 4, 9, 100].map(super::wait_ms).to_vec();
        assert_eq!(waits, [100, 200, 1_600, 30_000, 30_000]);
    }
}

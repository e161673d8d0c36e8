//! What stories have in common: a payment from the amount to the notice, a refund from the sheet to its outcome.

use crate::{Page, key};
use serde_json::{Value, json};
use std::time::Duration;

/// Longer than the hold button wants.
const HELD: Duration = Duration::from_millis(2_200);

impl Page {
    /// On the collect screen: fills in the amount and what it is for, and makes the order. Gives its number.
    pub async fn order(&self, amount: &str, body: &str) -> String {
        self.until("the amount, ready", ".c-form input.num:not([readonly])").await;
        self.until_true(
            "a number",
            "return !document.querySelector('.c-form .btn-primary')?.matches('[hidden]')",
            Vec::new(),
        )
        .await;
        self.fill(".c-form input.num", amount).await;
        self.fill(".c-form input[maxlength='127']:not(.mono)", body).await;
        self.click_on(".c-form button[type=submit]:not([disabled])").await;
        self.number().await
    }

    /// The number of the order at the till.
    pub async fn number(&self) -> String {
        self.until("the order's number", ".c-ids code").await;
        self.text_of(".c-ids dd:first-of-type code").await.trim().to_owned()
    }

    /// The simulated customer pays, and the window says so by itself.
    pub async fn pay(&self) {
        self.click_on(".c-sim .sim-main:not([disabled])").await;
        self.until("paid", ".c-paid").await;
    }

    /// Waits until a step of the order (`ordered`, `waiting`, `paid`, `told`: 1 to 4) is done.
    pub async fn until_step(&self, step: u8) {
        self.until("a step done", &format!(".stepper li:nth-child({step}).is-done")).await;
    }

    /// Opens a payment's detail in the list.
    pub async fn open_payment(&self, number: &str) {
        self.go(&format!("payments?q={number}&open={number}")).await;
        self.until_text("aside.detail .kv", number).await;
    }

    /// Opens the refund sheet of the payment that is open.
    pub async fn open_refund(&self) {
        self.click_on("aside.detail .pane-acts button:first-child:not([disabled])").await;
        self.until("the sheet's amount", ".sheet .input-lg input:not([disabled])").await;
    }

    /// In the sheet: the amount, then the button held down.
    pub async fn refund_by_hold(&self, amount: &str) {
        self.fill(".sheet .input-lg input", amount).await;
        self.until("the button, ready", ".sheet .hold:not([disabled])").await;
        self.press_on(".sheet .hold", HELD).await;
        self.until("the outcome", ".sheet .rf-done, .sheet .note-amber").await;
    }

    /// In the sheet: the amount, then the amount typed again, then Enter.
    pub async fn refund_by_typing(&self, amount: &str) {
        self.fill(".sheet .input-lg input", amount).await;
        self.until("the field, ready", ".sheet-foot input:not([disabled])").await;
        self.fill(".sheet-foot input", amount).await;
        self.keys(&[key::ENTER]).await;
        self.until("the outcome", ".sheet .rf-done, .sheet .note-amber").await;
    }

    /// Closes the sheet by its key.
    pub async fn close_sheet(&self) {
        self.keys(&[key::ESCAPE]).await;
        self.until_gone(".sheet").await;
    }

    /// How many rows the list has, by what it says to screen readers.
    pub async fn rows(&self) -> u64 {
        let script = "const g = document.querySelector('.grid[aria-busy=false]'); return g ? Number(g.getAttribute('aria-rowcount')) - 1 : null";
        self.until_true("a list", script, Vec::new()).await.as_u64().unwrap_or(0)
    }

    /// Waits until the list has so many rows.
    pub async fn until_rows(&self, rows: u64) {
        let script = "return document.querySelector('.grid[aria-busy=false]')?.getAttribute('aria-rowcount') === arguments[0]";
        let _: Value =
            self.until_true(&format!("{rows} rows"), script, vec![json!((rows + 1).to_string())]).await;
    }

    /// Searches as a person does: `/`, then letter by letter.
    pub async fn search(&self, text: &str) {
        self.keys(&['/']).await;
        self.write(text).await;
    }

    /// Strangers' text is text: nothing acted, nothing was added to the page, nothing leaves the window.
    ///
    /// # Panics
    /// If anything did.
    pub async fn calm(&self, place: &str) {
        let script = "
            const wide = [document.documentElement, document.body, document.querySelector('.app'), document.querySelector('.main')]
              .filter((e) => e && (e.scrollWidth > e.clientWidth + 1 || (e !== document.querySelector('.main') && e.scrollHeight > e.clientHeight + 1)))
              .map((e) => [e.className || e.tagName, ...[...e.querySelectorAll('*')].filter((c) => c.getBoundingClientRect().right > e.getBoundingClientRect().right + 1).slice(0, 3).map((c) => c.outerHTML.slice(0, 90))]);
            const out = [...document.querySelectorAll('.top, .rail, .status, .main, .detail, .req-pane, .sheet, .grid-row, .panel')]
              .filter((e) => { const r = e.getBoundingClientRect(); return r.right > innerWidth + 1 || r.left < -1; }).map((e) => e.className);
            const tall = [...document.querySelectorAll('.grid-row')].filter((e) => Math.abs(e.getBoundingClientRect().height - 32) > 1).map((e) => e.innerText.slice(0, 60));
            return {
              hit: window.__hit ?? null, polluted: ({}).polluted ?? null,
              inside: [...document.querySelectorAll('bdi *:not(.ctl)')].map((e) => e.outerHTML.slice(0, 80)),
              added: [...document.querySelectorAll('iframe, object, embed, base, meta[http-equiv], img[src=x], body script, marquee, video, audio')].map((e) => e.outerHTML.slice(0, 80)),
              seen: [...window.__seen.violations, ...window.__seen.dialogs, ...window.__seen.errors], moved: window.__seen.moved,
              home: location.protocol + '//' + location.host, wide, out, tall,
            }";
        let found = self.eval(script, Vec::new()).await;
        let expected = json!({
            "hit": null, "polluted": null, "inside": [], "added": [], "seen": [], "moved": 0,
            "home": "tauri://localhost", "wide": [], "out": [], "tall": [],
        });
        if found != expected {
            self.fail(&format!("{place}: {found:#}")).await;
        }
    }
}

//! What a person sees and does in the page.

use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How long anything may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long the driver may take to answer.
const LIMIT: Duration = Duration::from_secs(90);

/// Keys that have a name, as WebDriver writes them.
pub mod key {
    /// Tab.
    pub const TAB: char = '\u{e004}';
    /// Enter.
    pub const ENTER: char = '\u{e007}';
    /// Esc.
    pub const ESCAPE: char = '\u{e00c}';
    /// Shift.
    pub const SHIFT: char = '\u{e008}';
    /// Ctrl.
    pub const CONTROL: char = '\u{e009}';
    /// Arrow down.
    pub const DOWN: char = '\u{e015}';
    /// Arrow right.
    pub const RIGHT: char = '\u{e014}';
    /// End.
    pub const END: char = '\u{e010}';
}

/// Notes whatever a stranger's text could do, and everything that comes over the way between page and program.
const WATCH: &str = r"
    if (window.__seen) return;
    const seen = (window.__seen = { violations: [], errors: [], dialogs: [], calls: [], results: [], moved: 0 });
    addEventListener('securitypolicyviolation', (e) => seen.violations.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample));
    addEventListener('error', (e) => seen.errors.push(String(e.message)));
    addEventListener('unhandledrejection', (e) => seen.errors.push(String(e.reason?.message ?? JSON.stringify(e.reason))));
    for (const name of ['alert', 'confirm', 'prompt', 'open']) window[name] = (...all) => { seen.dialogs.push(name + ' ' + all.join()); };
    addEventListener('pagehide', () => (seen.moved += 1));
    const send = window.fetch;
    window.fetch = (to, options) => { seen.calls.push([decodeURIComponent(String(to).split('/').at(-1)), String(options?.body ?? '')]); return send(to, options); };
    const callbacks = window.__TAURI_INTERNALS__.callbacks, get = callbacks.get.bind(callbacks);
    callbacks.get = (id) => { const f = get(id); return f && ((data) => { seen.results.push(data); return f(data); }); };
";

/// The page of one window.
pub struct Page {
    client: Client,
}

impl Page {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The WebDriver session itself.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Runs a script in the page and gives what it returns.
    ///
    /// # Panics
    /// If the script throws.
    pub async fn eval(&self, script: &str, arguments: Vec<Value>) -> Value {
        let start: String = script.chars().take(300).collect();
        let answer = timeout(LIMIT, self.client.execute(script, arguments)).await;
        let Ok(answer) = answer else { panic!("{start}: no answer") };
        answer.unwrap_or_else(|error| panic!("{start}: {error}"))
    }

    /// The same for a script that calls back: the last argument is the function to call.
    ///
    /// # Panics
    /// If the script throws.
    pub async fn eval_async(&self, script: &str, arguments: Vec<Value>) -> Value {
        let start: String = script.chars().take(300).collect();
        let answer = timeout(LIMIT, self.client.execute_async(script, arguments)).await;
        let Ok(answer) = answer else { panic!("{start}: no answer") };
        answer.unwrap_or_else(|error| panic!("{start}: {error}"))
    }

    /// Begins to note what happens unseen.
    pub async fn watch(&self) {
        self.eval(WATCH, Vec::new()).await;
    }

    /// What was noted: `violations`, `errors`, `dialogs`, `calls`, `results`, `moved`.
    pub async fn seen(&self, what: &str) -> Value {
        self.eval("return window.__seen?.[arguments[0]] ?? null", vec![json!(what)]).await
    }

    /// How often a command was called since the window was opened.
    pub async fn calls(&self, command: &str) -> u64 {
        let script = "return window.__seen.calls.filter(([name]) => name === arguments[0]).length";
        self.eval(script, vec![json!(command)]).await.as_u64().unwrap_or(0)
    }

    /// Ends the test, with a picture of what was on the screen.
    ///
    /// # Panics
    /// Always.
    pub async fn fail(&self, what: &str) -> ! {
        let folder = std::env::var_os("PAYDESK_WINDOW_FAILED").map(PathBuf::from);
        let name = std::thread::current().name().unwrap_or("window").replace("::", "-");
        if let Some(folder) = folder {
            self.picture(&folder.join(format!("{name}.png")));
        }
        panic!("{what}. The page says:\n{}\nerrors: {}", self.text().await, self.seen("errors").await);
    }

    /// Waits until a condition, as a script, holds; gives its value.
    ///
    /// # Panics
    /// If it never does.
    pub async fn until_true(&self, what: &str, script: &str, arguments: Vec<Value>) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let value = self.eval(script, arguments.clone()).await;
            if value != Value::Null && value != json!(false) {
                return value;
            }
            if Instant::now() > until {
                self.fail(&format!("never: {what}")).await;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until a selector matches something that is shown, and gives it.
    ///
    /// # Panics
    /// If it never does.
    pub async fn until(&self, what: &str, selector: &str) -> Element {
        let until = Instant::now() + PATIENCE;
        loop {
            // The driver's own "displayed" takes what stands in `display: contents` for hidden.
            let shown = "const e = document.querySelector(arguments[0]);
                return !!e && e.getClientRects().length > 0 && e.checkVisibility({ visibilityProperty: true })";
            if self.eval(shown, vec![json!(selector)]).await == json!(true)
                && let Ok(element) = self.client.find(Locator::Css(selector)).await
            {
                return element;
            }
            if Instant::now() > until {
                self.fail(&format!("{what} ({selector}) never came")).await;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// The same for what may take longer than anything else.
    ///
    /// # Panics
    /// If it never comes.
    pub async fn until_within(&self, time: Duration, selector: &str) {
        let until = Instant::now() + time;
        while self.count(selector).await == 0 {
            if Instant::now() > until {
                self.fail(&format!("{selector} never came")).await;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until the page, or what a selector matches of it, holds a text.
    ///
    /// # Panics
    /// If it never does.
    pub async fn until_text(&self, selector: &str, text: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.text_of(selector).await.contains(text) {
            if Instant::now() > until {
                self.fail(&format!("“{text}” never came in {selector}")).await;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until nothing matches any more.
    ///
    /// # Panics
    /// If it stays.
    pub async fn until_gone(&self, selector: &str) {
        let until = Instant::now() + PATIENCE;
        while self.count(selector).await > 0 {
            if Instant::now() > until {
                self.fail(&format!("{selector} stays")).await;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// How many elements match.
    pub async fn count(&self, selector: &str) -> u64 {
        let script = "return document.querySelectorAll(arguments[0]).length";
        self.eval(script, vec![json!(selector)]).await.as_u64().unwrap_or(0)
    }

    /// All text a person can see.
    pub async fn text(&self) -> String {
        self.text_of("body").await
    }

    /// The text of everything a selector matches, one a line.
    pub async fn text_of(&self, selector: &str) -> String {
        let script =
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.innerText).join('\\n')";
        self.eval(script, vec![json!(selector)]).await.as_str().unwrap_or_default().to_owned()
    }

    /// An attribute of the first element that matches.
    pub async fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let script = "return document.querySelector(arguments[0])?.getAttribute(arguments[1]) ?? null";
        self.eval(script, vec![json!(selector), json!(name)]).await.as_str().map(str::to_owned)
    }

    /// Clicks what is there to be clicked: a button, link, tab or row by the text it shows or is called by.
    ///
    /// # Panics
    /// If nothing of that text comes.
    pub async fn click(&self, text: &str) {
        let script = "
            const fits = (e) => [e.innerText?.trim(), e.getAttribute('aria-label'), e.title].includes(arguments[0])
              || e.innerText?.trim().startsWith(arguments[0]);
            const top = document.querySelector('[role=dialog], [role=menu]') ?? document;
            const all = [...top.querySelectorAll('button, a, [role=tab], [role=radio], [role=option], [role^=menuitem], [role=row], summary')];
            const shown = all.filter((e) => fits(e) && e.getClientRects().length > 0 && !e.disabled);
            return shown.find((e) => e.innerText?.trim() === arguments[0]) ?? shown[0] ?? null";
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.eval(script, vec![json!(text)]).await;
            if !found.is_null() {
                let element: Element = Element::from_element_id(
                    self.client.clone(),
                    found["element-6066-11e4-a52e-4f735466cecf"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned()
                        .into(),
                );
                if element.click().await.is_ok() {
                    return;
                }
            }
            if Instant::now() > until {
                self.fail(&format!("nothing to click says “{text}”")).await;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Clicks the first thing that a selector matches.
    ///
    /// # Panics
    /// If it never comes, or cannot be clicked.
    pub async fn click_on(&self, selector: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let element = self.until("something to click", selector).await;
            let scroll = "document.querySelector(arguments[0])?.scrollIntoView({ block: 'nearest' })";
            self.eval(scroll, vec![json!(selector)]).await;
            // It may have been drawn anew between the two.
            match element.click().await {
                Ok(()) => return,
                Err(_) if Instant::now() < until => sleep(Duration::from_millis(50)).await,
                Err(error) => self.fail(&format!("{selector} cannot be clicked: {error}")).await,
            }
        }
    }

    /// Types into a field, after what is in it is taken away.
    ///
    /// # Panics
    /// If there is no such field.
    pub async fn fill(&self, selector: &str, text: &str) {
        let field = self.until("a field", selector).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Types into the field of this label.
    ///
    /// # Panics
    /// If there is no such field.
    pub async fn fill_labelled(&self, label: &str, text: &str) {
        let script = "
            const by = [...document.querySelectorAll('label[for]')].find((e) => e.innerText.trim().startsWith(arguments[0]));
            const field = by ? document.getElementById(by.htmlFor) : document.querySelector(`[aria-label=${CSS.escape(arguments[0])}]`);
            return field ? '#' + CSS.escape(field.id || (field.id = 'tested-' + Math.random().toString(36).slice(2))) : null";
        let selector = self.until_true(&format!("a field “{label}”"), script, vec![json!(label)]).await;
        self.fill(selector.as_str().unwrap_or_default(), text).await;
    }

    /// Types keys wherever the focus is.
    ///
    /// # Panics
    /// If the driver refuses.
    pub async fn keys(&self, keys: &[char]) {
        let mut actions = KeyActions::new("keys".into());
        for &key in keys {
            actions = actions.then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    /// Types a text wherever the focus is.
    ///
    /// # Panics
    /// If the driver refuses.
    pub async fn write(&self, text: &str) {
        self.keys(&text.chars().collect::<Vec<_>>()).await;
    }

    /// Presses a key while another one is held.
    ///
    /// # Panics
    /// If the driver refuses.
    pub async fn chord(&self, held: char, key: char) {
        let actions = KeyActions::new("keys".into())
            .then(KeyAction::Down { value: held })
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key })
            .then(KeyAction::Up { value: held });
        self.client.perform_actions(actions).await.unwrap();
    }

    /// Holds a key down for so long.
    ///
    /// # Panics
    /// If the driver refuses.
    pub async fn hold(&self, key: char, how_long: Duration) {
        let down = KeyActions::new("keys".into()).then(KeyAction::Down { value: key });
        self.client.perform_actions(down).await.unwrap();
        sleep(how_long).await;
        self.client.release_actions().await.unwrap();
    }

    /// Presses the mouse on something for so long.
    ///
    /// # Panics
    /// If the driver refuses.
    pub async fn press_on(&self, selector: &str, how_long: Duration) {
        use fantoccini::actions::{MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
        let element = self.until("something to press", selector).await;
        let down = MouseActions::new("mouse".into())
            .then(PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 })
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT });
        self.client.perform_actions(down).await.unwrap();
        sleep(how_long).await;
        self.client.release_actions().await.unwrap();
    }

    /// Clicks twice, as quickly as a hand does.
    ///
    /// # Panics
    /// If the driver refuses.
    pub async fn double_click(&self, selector: &str) {
        use fantoccini::actions::{MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
        let element = self.until("something to click", &format!("{selector}:not([disabled])")).await;
        let mut actions = MouseActions::new("mouse".into()).then(PointerAction::MoveToElement {
            element,
            duration: None,
            x: 0.0,
            y: 0.0,
        });
        for _ in 0..2 {
            actions = actions
                .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
                .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    /// Waits until the page is there again after its process died, showing what a selector matches.
    ///
    /// # Panics
    /// If it does not come back.
    pub async fn back_again(&self, selector: &str) {
        let until = Instant::now() + PATIENCE;
        let there = "return document.querySelector(arguments[0]) !== null";
        loop {
            let answer =
                timeout(Duration::from_secs(3), self.client.execute(there, vec![json!(selector)])).await;
            match answer {
                Ok(Ok(Value::Bool(true))) => return,
                _ if Instant::now() < until => sleep(Duration::from_millis(200)).await,
                other => panic!("the page did not come back with {selector}: {other:?}"),
            }
        }
    }

    /// Tabs until the focus stands on what a script says it should, without a single click.
    ///
    /// # Panics
    /// If it is not reached within so many steps.
    pub async fn tab_to(&self, what: &str, selector: &str) {
        for _ in 0..80 {
            let there = "return document.activeElement?.matches(arguments[0]) ?? false";
            if self.eval(there, vec![json!(selector)]).await == json!(true) {
                return;
            }
            self.keys(&[key::TAB]).await;
        }
        self.fail(&format!("{what} ({selector}) is not reached by Tab")).await;
    }

    /// Goes to a place in the window.
    pub async fn go(&self, place: &str) {
        self.eval("location.hash = arguments[0]", vec![json!(format!("#/{place}"))]).await;
        sleep(Duration::from_millis(50)).await;
    }

    /// Writes a picture of the screen, which the window fills. The driver's own picture never comes of a page on
    /// which nothing moves.
    ///
    /// # Panics
    /// If it cannot be taken.
    pub fn picture(&self, path: &Path) {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).unwrap();
        }
        let mut command = Command::new("import");
        let status = command.args(["-window", "root", "-strip"]).arg(path).status();
        assert!(status.is_ok_and(|status| status.success()), "import: install imagemagick");
    }
}

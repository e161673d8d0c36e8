//! Pictures of every screen, state, language and theme, from the real window, into `target/shots`; a few of them
//! into `docs/pictures`, for the README and the documentation.
#![expect(clippy::print_stdout, reason = "this program says where its pictures are")]

use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use window::{Page, Place, Window, key, program};

/// Of a bakery's trade; enough for every figure of the overview to have last week's beside it.
const PAYMENTS: &str = "6000";

/// What the documentation shows, by the name of the picture.
const CHOSEN: &[&str] = &["overview", "payment", "refund-sheet", "collect", "settings"];

/// Where everything goes.
struct Album {
    folder: PathBuf,
    look: String,
    taken: u32,
}

impl Album {
    async fn take(&mut self, page: &Page, name: &str) {
        // Nothing is moving any more, and the pointer hovers over nothing.
        let still = "return document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getTiming().iterations === Infinity)";
        page.until_true("the page is still", still, Vec::new()).await;
        tokio::time::sleep(Duration::from_millis(150)).await;
        page.picture(&self.folder.join(format!("{name}.{}.png", self.look)));
        self.taken += 1;
    }

    async fn look(&mut self, page: &Page, lang: &str, theme: &str) {
        let set = "
            const [language, theme, done] = arguments, call = window.__TAURI_INTERNALS__.invoke;
            call('start').then((s) => call('save_preferences', { preferences: { ...s.preferences, language, theme, rail_collapsed: false } })).then(() => done(true), (e) => done(JSON.stringify(e)))";
        assert_eq!(page.eval_async(set, vec![json!(lang), json!(theme)]).await, json!(true));
        page.eval("location.hash = '#/overview'; location.reload()", Vec::new()).await;
        page.back_again(".app").await;
        page.watch().await;
        self.look = format!("{lang}.{theme}");
    }
}

#[tokio::main]
async fn main() {
    let folder = PathBuf::from(std::env::var_os("PAYDESK_SHOTS").unwrap_or_else(|| "target/shots".into()));
    let mut album = Album { folder: folder.clone(), look: String::new(), taken: 0 };
    let looks = [("zh-CN", "light"), ("zh-CN", "dark"), ("en", "light"), ("en", "dark")];

    let traded = Place::fresh();
    seed(&traded);
    let _ = traded.cli(&[
        "merchant",
        "add",
        "second",
        "--environment",
        "sandbox",
        "--mch-id",
        "1900000109",
        "--appid",
        "wx8888888888888888",
        "--label",
        "面包房（二店）",
    ]);
    let window = Window::open_with(&traded, &["--merchant", "simulated"], &[]).await;
    for (lang, theme) in looks {
        album.look(&window.page, lang, theme).await;
        with_trade(&mut album, &window.page).await;
    }
    window.close().await;

    let empty = Place::fresh();
    let window = Window::open(&empty).await;
    for (lang, theme) in looks {
        album.look(&window.page, lang, theme).await;
        without_trade(&mut album, &window.page).await;
    }
    window.close().await;

    let broken = Place::fresh();
    let _ = broken.cli(&["order", "create", "--amount", "1.00", "--body", "面包"]);
    let ledger = broken.paydesk().join("ledger/simulated.db");
    let mut bytes = std::fs::read(&ledger).unwrap();
    bytes.iter_mut().skip(4_096).for_each(|byte| *byte ^= 0x5a);
    std::fs::write(&ledger, bytes).unwrap();
    let window = Window::open(&broken).await;
    for (lang, theme) in looks {
        album.look(&window.page, lang, theme).await;
        for (name, place) in [
            ("error-overview", "overview"),
            ("error-payments", "payments"),
            ("error-ledger", "settings?section=ledger"),
        ] {
            window.page.go(place).await;
            window.page.until("the error", ".list-state[role=alert], .error-box").await;
            album.take(&window.page, name).await;
        }
    }
    window.close().await;

    let nowhere = Place::fresh();
    std::fs::write(nowhere.paydesk(), "a file where the folder should be").unwrap();
    let window = Window::open(&nowhere).await;
    album.look = "zh-CN.light".into();
    album.take(&window.page, "recovery").await;
    window.close().await;

    println!("  {} pictures in {}", album.taken, folder.display());
    choose(&folder);
}

/// Fills the simulated ledger; the program stands beside the others.
fn seed(place: &Place) {
    let status = Command::new(program("PAYDESK_SEED"))
        .args(["--payments", PAYMENTS, "--seed", "1", "--data-dir"])
        .arg(place.paydesk())
        .status()
        .unwrap();
    assert!(status.success(), "the seed ended with {status}");
}

async fn with_trade(album: &mut Album, page: &Page) {
    page.until("the figures", ".ov .panel .grid-row, .ov table tbody tr, .ov .panel").await;
    page.until_gone(".ov .is-loading").await;
    album.take(page, "overview").await;

    page.go("payments").await;
    page.until("rows", ".grid-row:not(.is-loading)").await;
    page.until("sums", ".foot b").await;
    album.take(page, "payments").await;
    // One that was paid, and refunded in part if there is one in view.
    let open = "const rows = [...document.querySelectorAll('.grid-row')];
        const row = rows.find((e) => e.querySelector('.state-part, .state-refunded_part')) ?? rows.find((e) => e.querySelector('.state-paid, .state-ok')) ?? rows[2];
        row.click()";
    page.eval(open, Vec::new()).await;
    page.until("the detail", "aside.detail .tl").await;
    album.take(page, "payment").await;
    page.click_on("aside.detail .pane-raw summary, aside.detail .pane-raw button").await;
    album.take(page, "payment-raw").await;
    if page.count("aside.detail .pane-acts button:first-child:not([disabled])").await > 0 {
        page.open_refund().await;
        page.fill(".sheet .input-lg input", "1.20").await;
        album.take(page, "refund-sheet").await;
        page.close_sheet().await;
    }
    page.go("payments?q=nothing-like-this").await;
    page.until("nothing", ".list-state").await;
    album.take(page, "payments-none").await;
    page.go("payments?state=unknown&disagreeing=1").await;
    album.take(page, "payments-filtered").await;

    page.go("refunds").await;
    page.until("rows", ".grid-row:not(.is-loading)").await;
    album.take(page, "refunds").await;
    page.click_on(".grid-row").await;
    page.until("the detail", "aside.detail .tl").await;
    album.take(page, "refund").await;
    loading(album, page).await;

    page.go("collect").await;
    page.until("the amount", ".c-form input.num:not([readonly])").await;
    album.take(page, "collect-empty").await;
    page.order("88.00", "生日蛋糕 6 寸").await;
    page.until("the code", "svg.qr").await;
    album.take(page, "collect").await;
    page.pay().await;
    page.until_step(4).await;
    album.take(page, "collect-paid").await;
    for (nth, name) in [(2, "collect-jsapi"), (3, "collect-h5"), (4, "collect-app")] {
        page.click_on(".c-done button").await;
        page.click_on(&format!("[role=tab]:nth-of-type({nth})")).await;
        page.order("12.00", "可颂").await;
        page.until("the calls", ".c-calls").await;
        album.take(page, name).await;
        page.pay().await;
    }
    page.click_on(".c-done button").await;
    page.click_on("[role=tab]:nth-of-type(5)").await;
    page.fill(".c-form input.num", "6.00").await;
    page.click_on(".c-form button[type=submit]:not([disabled])").await;
    page.until("the place for a code", ".c-scan").await;
    album.take(page, "collect-scan").await;
    page.click_on(".sim-acts li:nth-child(1) button").await;
    page.until("paid", ".c-paid").await;

    workbench(album, page).await;

    page.go("requests").await;
    page.until("rows", ".grid-row:not(.is-loading)").await;
    album.take(page, "requests").await;
    page.click_on(".grid-row").await;
    page.until("the exchange", ".req-pane .code").await;
    album.take(page, "request").await;

    for (section, name) in [
        ("add=1", "settings-add"),
        ("section=merchants", "settings-merchants"),
        ("merchant=second", "settings"),
        ("section=ledger", "settings-ledger"),
        ("section=look", "settings-look"),
        ("section=sound", "settings-sound"),
        ("section=limit", "settings-limit"),
        ("section=keys", "settings-keys"),
        ("section=about", "settings-about"),
    ] {
        page.go(&format!("settings?{section}")).await;
        page.until("the section", "main h1").await;
        album.take(page, name).await;
    }
    page.go("overview").await;
    page.chord(key::CONTROL, 'k').await;
    page.until("the palette", "[role=combobox]").await;
    page.write("88").await;
    page.until("hits", "[role=option]").await;
    album.take(page, "palette").await;
    page.keys(&[key::ESCAPE]).await;
    page.until_gone("[role=dialog]").await;
    page.chord(key::SHIFT, '?').await;
    page.until("the keys", ".keys-list").await;
    album.take(page, "keys").await;
    page.keys(&[key::ESCAPE]).await;
    page.until_gone("[role=dialog]").await;
    page.click_on(".top .merchant").await;
    page.until("the menu", "[role=menu]").await;
    album.take(page, "merchants").await;
    page.keys(&[key::ESCAPE]).await;
}

/// An example that fails, and the other tabs as they are found.
async fn workbench(album: &mut Album, page: &Page) {
    page.go("workbench").await;
    page.until("the way in", ".wb-out .list-state button").await;
    album.take(page, "workbench-empty").await;
    page.click_on(".wb-out .list-state button").await;
    page.until("a diagnosis", ".wb-out[aria-busy=false] .dx").await;
    album.take(page, "workbench").await;
    page.eval("document.querySelector('.wb-out .dx').scrollIntoView()", Vec::new()).await;
    album.take(page, "workbench-diagnosis").await;
    page.click_on(".wb-acts button").await;
    for tab in ["sign", "refund", "pay", "jssdk"] {
        page.go(&format!("workbench?tab={tab}")).await;
        page.until("the tab", ".wb-out .list-state").await;
        album.take(page, &format!("workbench-{tab}")).await;
    }
}

/// The lists while their answer is still on its way.
async fn loading(album: &mut Album, page: &Page) {
    let hold = "window.__fetch = window.fetch;
        window.fetch = (to, options) => /_window|overview|payment_sums/.test(String(to)) ? new Promise(() => {}) : window.__fetch(to, options)";
    page.eval(hold, Vec::new()).await;
    for place in ["overview", "payments", "requests", "refunds"] {
        page.go("settings").await;
        page.go(place).await;
        page.until("the screen", "main h1").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        album.take(page, &format!("loading-{place}")).await;
    }
    page.eval("window.fetch = window.__fetch; location.reload()", Vec::new()).await;
    page.back_again(".app").await;
    page.watch().await;
}

async fn without_trade(album: &mut Album, page: &Page) {
    for place in ["overview", "payments", "refunds", "requests"] {
        page.go(place).await;
        page.until("the screen", ".blank, .list-state").await;
        album.take(page, &format!("empty-{place}")).await;
    }
}

/// Copies what the documentation shows, and says how large it is.
fn choose(folder: &Path) {
    let to = window::repository("docs/pictures");
    std::fs::create_dir_all(&to).unwrap();
    let mut bytes = 0;
    for name in CHOSEN {
        for theme in ["light", "dark"] {
            let from = folder.join(format!("{name}.zh-CN.{theme}.png"));
            let target = to.join(format!("{name}-{theme}.png"));
            bytes +=
                std::fs::copy(&from, &target).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        }
    }
    println!("  {} of them in docs/pictures, {bytes} bytes", CHOSEN.len() * 2);
}

//! The frame: rail, languages, themes, palette, key help, merchant switcher; what is chosen stays chosen.

use serde_json::json;
use window::{Place, Window, Words, key};

const SCREENS: [(&str, &str); 6] = [
    ("overview", "ui.screen.overview"),
    ("payments", "ui.screen.payments"),
    ("refunds", "ui.screen.refunds"),
    ("collect", "ui.screen.collect"),
    ("requests", "ui.screen.requests"),
    ("settings", "ui.screen.settings"),
];

#[tokio::test]
async fn every_screen_opens_from_the_rail_and_says_its_name() {
    let (place, zh) = (Place::fresh(), Words::zh());
    let window = Window::open(&place).await;
    let page = &window.page;
    for (path, label) in SCREENS {
        page.click(zh.say(label)).await;
        page.until("the rail's mark", &format!("nav a[aria-current=page][href='#/{path}']")).await;
        page.until("something on the screen", "main h1, main nav, main .c-ways, main [role=tablist]").await;
        assert_eq!(page.count("main .recovery").await, 0, "{path}: {}", page.text().await);
    }
    // The environment is always to be seen, in words.
    page.until_text(".top", zh.say("ui.env.simulated")).await;
    page.until_text(".status", "UTC+8").await;
    assert_eq!(page.seen("errors").await, json!([]));
    assert_eq!(page.seen("violations").await, json!([]));
}

#[tokio::test]
async fn language_and_theme_switch_at_once_and_are_still_so_after_a_restart() {
    let (place, zh, en) = (Place::fresh(), Words::zh(), Words::en());
    let window = Window::open(&place).await;
    let page = &window.page;
    page.until_text("nav", zh.say("ui.screen.payments")).await;
    page.go("settings?section=look").await;
    page.click(zh.say("ui.lang.en")).await;
    page.until_text("nav", en.say("ui.screen.payments")).await;
    assert!(!page.text_of("nav").await.contains(zh.say("ui.screen.payments")));
    assert_eq!(page.attribute("html", "lang").await.as_deref(), Some("en"));
    page.click(en.say("ui.settings.dark")).await;
    let dark = "const c = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number);
        return (c[0] + c[1] + c[2] < 200) === arguments[0]";
    page.until_true("a dark page", dark, vec![json!(true)]).await;
    window.close().await;

    let window = Window::open(&place).await;
    let page = &window.page;
    page.until_text("nav", en.say("ui.screen.payments")).await;
    page.until_true("a dark page", dark, vec![json!(true)]).await;
    page.go("settings?section=look").await;
    page.click(en.say("ui.settings.light")).await;
    page.until_true("a light page", dark, vec![json!(false)]).await;
    page.click(en.say("ui.lang.zh")).await;
    page.until_text("nav", zh.say("ui.screen.payments")).await;
}

#[tokio::test]
async fn the_palette_goes_anywhere_and_the_keys_are_listed() {
    let (place, zh) = (Place::fresh(), Words::zh());
    let window = Window::open(&place).await;
    let page = &window.page;
    page.chord(key::CONTROL, 'k').await;
    page.until("the palette", "[role=combobox]").await;
    page.write(zh.say("ui.screen.requests")).await;
    page.until_text("[role=option]", zh.say("ui.screen.requests")).await;
    page.keys(&[key::ENTER]).await;
    page.until("the rail's mark", "nav a[aria-current=page][href='#/requests']").await;
    page.until_gone("[role=dialog]").await;

    page.chord(key::SHIFT, '?').await;
    page.until_text("[role=dialog]", zh.say("ui.key.walk")).await;
    page.keys(&[key::ESCAPE]).await;
    page.until_gone("[role=dialog]").await;
    page.keys(&['/']).await;
    let focused = "return document.activeElement?.matches('.top input[type=search]') ?? false";
    page.until_true("the search has the focus", focused, Vec::new()).await;
}

#[tokio::test]
async fn a_second_merchant_is_switched_to_and_the_window_says_its_environment() {
    let (place, zh) = (Place::fresh(), Words::zh());
    let words = ["merchant", "add", "second", "--environment", "sandbox", "--mch-id", "1900000109"];
    let more = ["--appid", "wx8888888888888888", "--label", "第二家"];
    let _ = place.cli(&[&words[..], &more[..]].concat());
    let window = Window::open(&place).await;
    let page = &window.page;
    page.click_on(".top .merchant").await;
    page.click_on("[role^=menuitem]:nth-of-type(2)").await;
    page.until_text(".top", "第二家").await;
    page.until_text(".top", zh.say("ui.env.sandbox")).await;
}

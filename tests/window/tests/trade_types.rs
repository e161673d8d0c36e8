//! Every trade type, and everything that a customer does wrong.

use serde_json::json;
use std::time::Duration;
use window::{Page, Place, Window, Words};

async fn at_the_till() -> (Place, Window, Words) {
    let (place, zh) = (Place::fresh(), Words::zh());
    let window = Window::open(&place).await;
    window.page.go("collect").await;
    window.page.until("the amount", ".c-form input.num:not([readonly])").await;
    (place, window, zh)
}

async fn quiet(page: &Page) {
    for what in ["errors", "violations", "dialogs"] {
        assert_eq!(page.seen(what).await, json!([]), "{what}");
    }
    // The simulated merchant's key, and its AppSecret, never came to the page.
    let script = "return JSON.stringify([window.__seen.results, document.documentElement.outerHTML,
        Object.entries(localStorage), Object.entries(sessionStorage)])";
    let all = page.eval(script, Vec::new()).await.to_string();
    assert!(all.contains("out_trade_no"), "the recorder is blind");
    for secret in ["SIMULATEDkeySIMULATEDkeySIMUL001", "51a0000000000000000000000051a001"] {
        assert!(!all.contains(secret), "{secret} came to the page");
    }
}

#[tokio::test]
async fn jsapi_app_and_h5_give_what_the_payers_side_needs_and_are_paid() {
    let (_place, window, zh) = at_the_till().await;
    let page = &window.page;
    for (way, shown) in [("jsapi", "paySign"), ("app", "partnerid"), ("h5", "https://")] {
        page.click(zh.say(&format!("ui.collect.way.{way}"))).await;
        let number = page.order("6.60", "豆浆").await;
        page.until_text(".c-calls", shown).await;
        page.pay().await;
        page.until_step(4).await;
        assert_eq!(page.number().await, number);
        page.click_on(".c-done button").await;
    }
    page.go("payments").await;
    page.until_rows(3).await;
    for way in ["jsapi", "app", "h5"] {
        page.until_text(".grid-body", zh.say(&format!("ui.trade_type.{way}"))).await;
    }
    quiet(page).await;
}

/// Fills in the amount and waits for a payer's code.
async fn scan(page: &Page, amount: &str) {
    page.until("the amount", ".c-form input.num:not([readonly])").await;
    page.fill(".c-form input.num", amount).await;
    page.click_on(".c-form button[type=submit]:not([disabled])").await;
    page.until("the place for a code", ".c-scan input").await;
}

/// The customer shows the code of this place in the strip.
async fn show(page: &Page, nth: u8) {
    page.click_on(&format!(".sim-acts li:nth-child({nth}) button:not([disabled])")).await;
}

#[tokio::test]
async fn a_payment_code_is_charged_refused_paid_by_password_or_reversed() {
    let (_place, window, zh) = at_the_till().await;
    let page = &window.page;
    page.click(zh.say("ui.collect.way.micropay")).await;

    scan(page, "3.00").await;
    show(page, 1).await;
    page.until("paid", ".c-paid").await;
    let first = page.number().await;
    page.click_on(".c-done button").await;

    // Expired, then too poor: nothing was charged, and the shopkeeper can scan again at once.
    scan(page, "4.00").await;
    show(page, 3).await;
    page.until_text(".c-stage", "AUTHCODEEXPIRE").await;
    show(page, 4).await;
    page.until_text(".c-stage", "NOTENOUGH").await;

    // A code that wants the password.
    show(page, 2).await;
    page.until_text(".co-state", zh.say("ui.collect.state.paying")).await;
    page.pay().await;
    page.click_on(".c-done button").await;

    // The same, and nobody types it: the program asks for a while, then takes the payment back by itself.
    scan(page, "5.00").await;
    show(page, 2).await;
    page.until_text(".co-state", zh.say("ui.collect.state.paying")).await;
    page.until_within(Duration::from_secs(60), ".c-done").await;
    page.until_text(".co-state", zh.say("ui.collect.state.closed")).await;
    page.until_text(".co-state", "REVOKED").await;

    // A scanner's keystrokes land in the field wherever the focus is; what is no code is refused before it is sent.
    let sent = page.calls("micropay").await;
    page.click_on(".c-done button").await;
    scan(page, "2.00").await;
    page.eval("document.activeElement?.blur()", Vec::new()).await;
    page.write("999999999999999999").await;
    page.until_text(".c-stage", zh.say("ui.collect.scan.not_code")).await;
    assert_eq!(page.calls("micropay").await, sent);

    // The shop undoes one that was paid: held, not clicked.
    page.open_payment(&first).await;
    page.click(zh.say("ui.pane.reverse")).await;
    page.click_on(".pane-sure .hold:not([disabled])").await;
    assert_eq!(page.calls("reverse").await, 0, "a click is not enough");
    page.press_on(".pane-sure .hold", Duration::from_millis(2_200)).await;
    page.until_text("aside.detail", zh.say("ui.said.revoked")).await;
    assert_eq!(page.calls("reverse").await, 1);
    quiet(page).await;
}

#[tokio::test]
async fn cancelling_and_a_wrong_password_leave_it_open_and_the_shop_closes_it() {
    let (_place, window, zh) = at_the_till().await;
    let page = &window.page;
    let number = page.order("7.00", "烧饼").await;
    for act in [3, 2] {
        show(page, act).await;
        page.until("ready again", &format!(".sim-acts li:nth-child({act}) button:not([disabled])")).await;
        page.until_text(".co-state", zh.say("ui.collect.state.scan")).await;
        page.until("the code", "svg.qr").await;
    }
    page.click(zh.say("ui.collect.close")).await;
    // The amount can be changed, and is still there.
    page.until("the amount, free again", ".c-form input.num:not([readonly])").await;
    let amount = page.eval("return document.querySelector('.c-form input.num').value", Vec::new()).await;
    assert_eq!(amount, json!("7.00"));
    page.open_payment(&number).await;
    page.until_text("aside.detail", zh.say("ui.said.closed")).await;
    quiet(page).await;
}

#[tokio::test]
async fn an_order_that_expires_is_closed_and_says_so_by_itself() {
    let (_place, window, zh) = at_the_till().await;
    let page = &window.page;
    let number = page.order("8.00", "油条").await;
    show(page, 4).await;
    page.until_text(".co-state", zh.say("ui.collect.state.closed")).await;
    assert_eq!(page.count("svg.qr").await, 0, "the code cannot be scanned any more");
    page.go("payments").await;
    page.until_text(".grid-row", &number[..6]).await;
    page.until_text(".grid-row", zh.say("ui.state.order.closed")).await;
    quiet(page).await;
}

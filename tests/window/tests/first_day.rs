//! A shop's first day: a payment from the first start to its refund, found again after a restart.

use serde_json::json;
use window::{Page, Place, Window, Words, key};

/// Whatever happened, nothing broke unseen.
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
async fn first_run_collect_paid_by_itself_refunded_and_found_again() {
    let (place, zh) = (Place::fresh(), Words::zh());
    let window = Window::open(&place).await;
    let page = &window.page;

    page.until_text(".blank", zh.say("ui.overview.empty")).await;
    page.click_on(".door-main").await;
    let number = page.order("88.00", "全麦面包 whole wheat").await;
    page.until("the code", "svg.qr path").await;
    page.until("the count-down", ".c-count [role=progressbar]").await;
    page.pay().await;
    page.until_step(4).await;
    page.until_text(".co-state", zh.say("ui.collect.state.paid")).await;

    page.click(zh.say("ui.collect.look")).await;
    page.until_text("aside.detail .kv", &number).await;
    page.until_text("aside.detail", "¥88.00").await;
    for entry in ["ui.timeline.ordered", "ui.timeline.paid", "ui.timeline.told"] {
        page.until_text("aside.detail .tl", zh.say(entry)).await;
    }
    page.until_text("aside.detail .proofs", zh.say("ui.proof.told.yes")).await;

    page.open_refund().await;
    page.until_text(".sheet", zh.say("ui.refund.number.fixed")).await;
    page.refund_by_hold("30.00").await;
    page.close_sheet().await;
    page.until_text("aside.detail .pane-refunds", "30.00").await;
    page.open_refund().await;
    page.until_text(".sheet .split-key", "¥58.00").await;
    page.refund_by_typing("12.34").await;
    page.close_sheet().await;
    page.until_text("aside.detail .pane-refunds", "12.34").await;
    assert_eq!(page.calls("create_refund").await, 2);

    page.click(zh.say("ui.screen.refunds")).await;
    page.until_rows(2).await;
    for amount in ["30.00", "12.34"] {
        page.until_text(".grid-row .amt", amount).await;
    }
    quiet(page).await;
    window.close().await;

    let window = Window::open(&place).await;
    let page = &window.page;
    page.until("the overview, with figures", ".ov .tiles, .ov").await;
    assert_eq!(page.count(".blank").await, 0);
    page.search(&number[number.len() - 6..]).await;
    page.until_rows(1).await;
    page.until_text(".grid-row", "88.00").await;
    page.keys(&[key::ESCAPE]).await;
    page.search("麦").await;
    page.until_rows(1).await;
    page.keys(&[key::DOWN, key::ENTER]).await;
    page.until_text("aside.detail .kv", &number).await;
    page.until_text("aside.detail", "¥45.66").await;
    quiet(page).await;

    // What the window showed is what the ledger has.
    let refunds = place.cli(&["refund", "list"]);
    let mut amounts: Vec<i64> =
        refunds["refunds"].as_array().unwrap().iter().filter_map(|one| one["refund_fen"].as_i64()).collect();
    amounts.sort_unstable();
    assert_eq!(amounts, [1_234, 3_000], "{refunds}");
}

#[tokio::test]
async fn the_same_by_keyboard_alone() {
    let (place, zh) = (Place::fresh(), Words::zh());
    let window = Window::open(&place).await;
    let page = &window.page;
    // No click from here on: a click anywhere is counted.
    page.eval(
        "window.__clicks = 0; addEventListener('pointerdown', () => (window.__clicks += 1), true)",
        Vec::new(),
    )
    .await;

    page.until("the doors", ".door-main").await;
    page.tab_to("the door", ".door-main").await;
    page.keys(&[key::ENTER]).await;
    page.until_true(
        "the amount has the focus",
        "return document.activeElement?.matches('.c-form input.num') ?? false",
        Vec::new(),
    )
    .await;
    page.write("5.20").await;
    page.tab_to("what for", ".c-form input[maxlength='127']:not(.mono)").await;
    page.write("豆浆").await;
    page.keys(&[key::ENTER]).await;
    let number = page.number().await;
    page.until("the code", "svg.qr path").await;
    page.until("the customer, ready", ".c-sim .sim-main:not([disabled])").await;
    page.keys(&['p']).await;
    page.until("paid", ".c-paid").await;

    page.chord(key::CONTROL, 'k').await;
    page.until("the palette", "[role=combobox]").await;
    page.write(&number[number.len() - 6..]).await;
    page.until_text("[role=option]", &number).await;
    // The actions that fit stand first; nothing is called by digits.
    page.keys(&[key::ENTER]).await;
    page.until_text("aside.detail .kv", &number).await;
    page.tab_to("refund", "aside.detail .pane-acts button:first-child").await;
    page.keys(&[key::ENTER]).await;
    page.until_true(
        "the sheet's amount has the focus",
        "return document.activeElement?.matches('.sheet .input-lg input') ?? false",
        Vec::new(),
    )
    .await;
    page.write("1.20").await;
    page.tab_to("the hold button", ".sheet .hold:not([disabled])").await;
    page.hold(' ', std::time::Duration::from_millis(2_200)).await;
    page.until("the outcome", ".sheet .rf-done, .sheet .note-amber").await;
    page.keys(&[key::ESCAPE]).await;
    page.until_gone(".sheet").await;
    page.chord(key::CONTROL, '3').await;
    page.until_rows(1).await;
    page.until_text(".grid-row .amt", "1.20").await;
    assert_eq!(page.eval("return window.__clicks", Vec::new()).await, json!(0));
    assert_eq!(page.calls("create_refund").await, 1);
    let _ = zh;
    quiet(page).await;
}

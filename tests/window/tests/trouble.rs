//! What goes wrong around the window: the page's process dies, hands slip, the ledger or the keychain is not there.

use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use window::{Keychain, Page, Place, Window, Words, hand, key};

/// A shop with one paid payment, whose refund sheet is open with something typed.
async fn with_a_sheet(place: &Place) -> (Window, String) {
    let window = Window::open(place).await;
    let page = &window.page;
    page.go("collect").await;
    let number = page.order("88.00", "面包").await;
    page.pay().await;
    page.open_payment(&number).await;
    page.open_refund().await;
    page.fill(".sheet .input-lg input", "12.30").await;
    page.fill(".sheet-body input:not([inputmode])", "少一个").await;
    (window, number)
}

fn refunds(place: &Place) -> Vec<(String, i64)> {
    let list = place.cli(&["refund", "list"]);
    let all = list["refunds"].as_array().cloned().unwrap_or_default();
    let pair = |one: &serde_json::Value| {
        Some((one["out_refund_no"].as_str()?.to_owned(), one["refund_fen"].as_i64()?))
    };
    all.iter().filter_map(pair).collect()
}

async fn refund_number(page: &Page) -> String {
    page.text_of(".sheet .input-ro code").await.trim().to_owned()
}

/// Where something stands on the screen, which the window fills.
async fn place_of(page: &Page, selector: &str) -> (String, String) {
    let script = "const r = document.querySelector(arguments[0]).getBoundingClientRect();
        return [Math.round(r.left + r.width / 2), Math.round(r.top + r.height / 2)]";
    let place = page.eval(script, vec![json!(selector)]).await;
    (place[0].to_string(), place[1].to_string())
}

#[tokio::test]
async fn the_pages_process_dies_and_comes_back_with_the_sheet_as_it_was() {
    let place = Place::fresh();
    let (window, number) = with_a_sheet(&place).await;
    let page = &window.page;
    let before = refund_number(page).await;
    page.until("the field, ready", ".sheet-foot input:not([disabled])").await;
    let (x, y) = place_of(page, ".sheet-foot input").await;
    window.kill_web_process();

    // The driver's session died with it: from here on a hand is needed, on the same screen.
    // Nothing was sent by coming back. Then the amount is typed again into the sheet that stands there: it is taken
    // only if it is the amount that stood there before, and goes out under the number that was fixed before.
    let until = Instant::now() + Duration::from_secs(60);
    while refunds(&place).is_empty() {
        assert!(Instant::now() < until, "the sheet did not come back");
        sleep(Duration::from_secs(2)).await;
        hand(&["mousemove", &x, &y, "click", "--repeat", "3", "--delay", "50", "1"]);
        hand(&["type", "--delay", "30", "12.30"]);
        hand(&["key", "Return"]);
        sleep(Duration::from_secs(1)).await;
    }
    // Dead once more, right after it was sent, and Enter again: it was sent once.
    window.kill_web_process();
    sleep(Duration::from_secs(3)).await;
    hand(&["mousemove", &x, &y, "click", "1"]);
    hand(&["type", "--delay", "30", "12.30"]);
    hand(&["key", "Return"]);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(refunds(&place), [(before.clone(), 1_230)]);
    let refund = place.cli(&["refund", "list"])["refunds"][0].clone();
    assert_eq!((&refund["reason"], &refund["out_trade_no"]), (&json!("少一个"), &json!(number)));
    let sent = place.cli(&["requests", "list"]);
    let sent = sent.as_array().cloned().unwrap_or_default();
    let refunds = sent.iter().filter(|one| one["api"].as_str().is_some_and(|api| api.ends_with("/refund")));
    assert_eq!(refunds.count(), 1, "sent once");
}

#[tokio::test]
async fn two_clicks_and_many_enters_are_one_order_and_one_refund() {
    let place = Place::fresh();
    let window = Window::open(&place).await;
    let page = &window.page;
    page.go("collect").await;
    page.until("the amount", ".c-form input.num:not([readonly])").await;
    page.fill(".c-form input.num", "9.00").await;
    page.double_click(".c-form button[type=submit]").await;
    page.keys(&[key::ENTER; 10]).await;
    let number = page.number().await;
    page.until("the code", "svg.qr").await;
    assert_eq!(place.cli(&["order", "list"])["payments"].as_array().unwrap().len(), 1);

    page.double_click(".c-sim .sim-main").await;
    page.until("paid", ".c-paid").await;
    page.open_payment(&number).await;
    page.double_click("aside.detail .pane-acts button:first-child").await;
    page.until("the sheet", ".sheet .input-lg input:not([disabled])").await;
    assert_eq!(page.count(".sheet").await, 1);
    page.fill(".sheet .input-lg input", "1.00").await;
    // A click on what wants to be held does nothing.
    page.double_click(".sheet .hold").await;
    page.until("the field", ".sheet-foot input:not([disabled])").await;
    page.fill(".sheet-foot input", "1.00").await;
    page.keys(&[key::ENTER; 12]).await;
    page.until("the outcome", ".sheet .rf-done, .sheet .note-amber").await;
    assert_eq!(page.calls("create_refund").await, 1);
    assert_eq!(refunds(&place).len(), 1);
}

#[tokio::test]
async fn a_key_held_down_is_one_refund() {
    let place = Place::fresh();
    let (window, _) = with_a_sheet(&place).await;
    let page = &window.page;
    page.tab_to("the button", ".sheet .hold").await;
    page.hold(key::ENTER, Duration::from_secs(5)).await;
    page.until("the outcome", ".sheet .rf-done, .sheet .note-amber").await;
    assert_eq!(page.calls("create_refund").await, 1);
    assert_eq!(refunds(&place).len(), 1);
}

fn ledger(place: &Place) -> PathBuf {
    place.paydesk().join("ledger/simulated.db")
}

/// What still works: another screen, the language, the settings.
async fn the_rest_works(page: &Page, zh: &Words, en: &Words) {
    page.go("settings?section=look").await;
    page.click(zh.say("ui.lang.en")).await;
    page.until_text("nav", en.say("ui.screen.payments")).await;
    page.click(en.say("ui.lang.zh")).await;
    page.until_text("nav", zh.say("ui.screen.payments")).await;
    page.go("settings?section=merchants").await;
    page.until_text("main h1", zh.say("ui.settings.merchants")).await;
}

/// A ledger with a payment in it, and the window closed.
async fn traded(place: &Place) {
    let _ = place.cli(&[
        "order",
        "create",
        "--amount",
        "1.00",
        "--body",
        "面包",
        "--out-trade-no",
        "trouble-0001",
    ]);
    let _ = place.cli(&["order", "list"]);
}

#[tokio::test]
async fn a_damaged_ledger_is_said_and_what_to_do_and_the_rest_works() {
    let (place, zh, en) = (Place::fresh(), Words::zh(), Words::en());
    traded(&place).await;
    let path = ledger(&place);
    let mut bytes = std::fs::read(&path).unwrap();
    let size = bytes.len();
    assert!(size > 8_192, "{size}");
    for byte in &mut bytes[4_096..size] {
        *byte ^= 0x5a;
    }
    std::fs::write(&path, bytes).unwrap();
    for more in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{more}", path.display()));
    }
    let window = Window::open(&place).await;
    let page = &window.page;
    page.until_text(".status", zh.say("ui.status.ledger_bad")).await;
    page.go("payments").await;
    page.until("the error", ".list-state[role=alert], .error-box").await;
    page.click_on(".status a.red").await;
    page.until("what it means and what to do", "main .error-box").await;
    the_rest_works(page, &zh, &en).await;
    assert_eq!(page.seen("violations").await, json!([]));
}

#[tokio::test]
async fn a_deleted_ledger_is_missed_and_nothing_is_begun_over_it() {
    let (place, zh, en) = (Place::fresh(), Words::zh(), Words::en());
    traded(&place).await;
    std::fs::remove_file(ledger(&place)).unwrap();
    for more in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{more}", ledger(&place).display()));
    }
    let window = Window::open(&place).await;
    let page = &window.page;
    page.until_text(".status", zh.say("ui.status.ledger_bad")).await;
    page.click_on(".status a.red").await;
    page.until("what it means and what to do", "main .error-box").await;
    the_rest_works(page, &zh, &en).await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_opens_a_recovery_screen() {
    let place = Place::fresh();
    std::fs::write(place.paydesk(), "a file where the folder should be").unwrap();
    let window = Window::open(&place).await;
    let page = &window.page;
    // Nobody can say yet which language was chosen: it is the web engine's.
    page.until_text(".recovery code", "file_failed").await;
    // Mended, it goes on without a restart.
    std::fs::remove_file(place.paydesk()).unwrap();
    page.click_on(".recovery button").await;
    page.until("the window", ".app").await;
}

#[tokio::test]
async fn without_a_keychain_or_with_a_locked_one_the_window_opens_and_says_so() {
    let (zh, en) = (Words::zh(), Words::en());
    for (name, keychain) in [("absent", Keychain::absent()), ("locked", Keychain::locked())] {
        let place = Place::fresh().with_keychain(&keychain);
        let words = ["merchant", "add", "second", "--environment", "sandbox", "--mch-id", "1900000109"];
        let _ =
            place.cli_works(&[&words[..], &["--appid", "wx8888888888888888", "--label", "第二家"]].concat());
        let window = Window::open_with(&place, &["--merchant", "second"], &[]).await;
        let page = &window.page;
        // Its key cannot be had, which is said where it is wanted, in a time that a person waits.
        page.go("settings?merchant=second").await;
        page.until("the merchant", ".set-foot button").await;
        let key = format!(".keyrow input[aria-label='{}']", zh.say("ui.key_kind.api_v2"));
        page.fill(&key, "192006250b4c09247ec02edce69f6a2d").await;
        page.keys(&[key::ENTER]).await;
        page.until_within(Duration::from_secs(90), ".set-form .error-box").await;
        let said = page.text_of(".error-box").await;
        assert!(said.contains("keychain"), "{name}: {said}");
        the_rest_works(page, &zh, &en).await;
        assert_eq!(page.seen("dialogs").await, json!([]));
    }
}

//! A refund over the limit: the operating system's own question, answered by a hand on the display.

use serde_json::json;
use std::time::Duration;
use tokio::time::sleep;
use window::{Page, Place, Question, Window, Words, hand, key};

/// What a refund of six hundred yuan is asked by; the limit is five hundred.
fn title(zh: &Words) -> String {
    zh.with("shell.ask.refund", &[("amount", "¥600.00")])
}

/// The sheet of a payment that was paid, with six hundred yuan typed twice, one Enter before it goes out.
async fn one_enter_before(page: &Page, paid: &str) -> String {
    page.go("collect").await;
    let number = page.order(paid, "面包").await;
    page.pay().await;
    page.open_payment(&number).await;
    page.open_refund().await;
    again(page).await;
    number
}

async fn again(page: &Page) {
    page.fill(".sheet .input-lg input", "600.00").await;
    page.until("the field, ready", ".sheet-foot input:not([disabled])").await;
    page.fill(".sheet-foot input", "600.00").await;
}

/// The sheet says that it was not wanted, and nothing of it is anywhere.
async fn declined(page: &Page, place: &Place) {
    page.until_text(".sheet .error-box", "declined").await;
    assert_eq!(place.effects("refund_accepted"), []);
    assert_eq!(place.cli(&["refund", "list"])["refunds"], json!([]));
    assert_eq!(sent(place), 0);
}

/// How many requests for a refund went out.
fn sent(place: &Place) -> usize {
    let all = place.cli(&["requests", "list"]);
    let apis = all.as_array().unwrap().iter().filter_map(|one| one["api"].as_str());
    apis.filter(|api| api.ends_with("/refund")).count()
}

/// Once at the gateway and once in the ledger, with this amount, for this order.
async fn refunded_once(page: &Page, place: &Place, number: &str) {
    page.until("the outcome", ".sheet .rf-done, .sheet .note-amber").await;
    // Whatever was pressed too often has arrived by now.
    sleep(Duration::from_secs(1)).await;
    let list = place.cli(&["refund", "list"]);
    let refund = &list["refunds"][0];
    assert_eq!(list["refunds"].as_array().unwrap().len(), 1, "{list}");
    assert_eq!((&refund["refund_fen"], &refund["out_trade_no"]), (&json!(60_000), &json!(number)));
    let refund_no = refund["out_refund_no"].as_str().unwrap().to_owned();
    assert_eq!(place.effects("refund_accepted"), [(refund_no, 60_000)]);
    assert_eq!(sent(place), 1);
}

async fn quiet(page: &Page) {
    for what in ["errors", "violations", "dialogs"] {
        assert_eq!(page.seen(what).await, json!([]), "{what}");
    }
}

#[tokio::test]
async fn no_is_nothing_however_it_is_said_and_a_yes_clicked_twice_is_one_refund() {
    let (place, zh) = (Place::fresh(), Words::zh());
    let window = Window::open(&place).await;
    let page = &window.page;
    let number = one_enter_before(page, "1234.00").await;

    // Closed.
    page.keys(&[key::ENTER]).await;
    let question = Question::come(&title(&zh));
    assert_eq!(place.effects("refund_accepted"), [], "before the answer");
    question.point();
    hand(&["key", "Escape"]);
    question.gone();
    declined(page, &place).await;

    // By the button held, and no.
    page.fill(".sheet .input-lg input", "600.00").await;
    page.until("the button, ready", ".sheet .hold:not([disabled])").await;
    page.press_on(".sheet .hold", Duration::from_millis(2_200)).await;
    let question = Question::come(&title(&zh));
    question.press(false);
    declined(page, &place).await;

    // Enter many times, and Enter held down: what was meant for the sheet does not answer the question. The mouse
    // stands where the question will, since keys go where the mouse is on a display without a window manager.
    let [left, top, width, height] = question.place;
    for keys in [&["key", "--repeat", "12", "--delay", "60", "Return"][..], &["keydown", "Return"][..]] {
        again(page).await;
        hand(&["mousemove", &(left + width / 2).to_string(), &(top + height / 2).to_string()]);
        hand(keys);
        sleep(Duration::from_secs(3)).await;
        hand(&["keyup", "Return"]);
        page.until_true("it was answered", "return !document.querySelector('.sheet .is-sending')", vec![])
            .await;
        assert_eq!(Question::all(&title(&zh)), []);
        declined(page, &place).await;
    }

    // Yes, twice.
    again(page).await;
    page.keys(&[key::ENTER]).await;
    let question = Question::come(&title(&zh));
    question.point_at(true);
    hand(&["click", "--repeat", "2", "--delay", "60", "1"]);
    question.gone();
    refunded_once(page, &place, &number).await;
    assert_eq!(page.calls("create_refund").await, 5);
    quiet(page).await;
}

#[tokio::test]
async fn a_yes_by_many_enters_is_one_refund_and_what_is_not_over_the_limit_is_not_asked() {
    let (place, zh) = (Place::fresh(), Words::zh());
    let window = Window::open(&place).await;
    let page = &window.page;
    let number = one_enter_before(page, "600.00").await;
    page.keys(&[key::ENTER; 3]).await;
    let question = Question::come(&title(&zh));
    question.point();
    // From the no, which has the focus, to the yes.
    hand(&["key", "Left"]);
    hand(&["key", "--repeat", "8", "--delay", "60", "Return"]);
    question.gone();
    refunded_once(page, &place, &number).await;
    assert_eq!(page.calls("create_refund").await, 1);

    // Five hundred exactly goes out unasked; one fen more is asked.
    page.close_sheet().await;
    page.go("collect").await;
    page.click_on(".c-paid .btn-primary, .c-form .btn-primary").await;
    let other = page.order("1000.01", "蛋糕").await;
    page.pay().await;
    page.open_payment(&other).await;
    page.open_refund().await;
    page.refund_by_typing("500.00").await;
    assert_eq!(place.effects("refund_accepted").len(), 2);
    page.close_sheet().await;
    page.open_refund().await;
    page.fill(".sheet .input-lg input", "500.01").await;
    page.until("the field, ready", ".sheet-foot input:not([disabled])").await;
    page.fill(".sheet-foot input", "500.01").await;
    page.keys(&[key::ENTER]).await;
    let question = Question::come(&zh.with("shell.ask.refund", &[("amount", "¥500.01")]));
    question.point();
    hand(&["key", "Return"]);
    question.gone();
    page.until_text(".sheet .error-box", "declined").await;
    assert_eq!(place.effects("refund_accepted").len(), 2);
    quiet(page).await;
}

/// A page that somebody else has taken over asks for the same refund many times: each is asked, one at a time, and
/// however many times a person says yes it is one refund.
#[tokio::test]
async fn a_page_that_asks_three_times_gets_three_questions_and_one_refund() {
    let (place, zh) = (Place::fresh(), Words::zh());
    let window = Window::open(&place).await;
    let page = &window.page;
    let number = one_enter_before(page, "1234.00").await;
    let refund_no = page.text_of(".sheet .input-ro code").await.trim().to_owned();
    let script = "
        const form = { out_trade_no: arguments[0], out_refund_no: arguments[1], refund_fen: 60000, reason: null };
        window.__answers = [];
        for (let n = 0; n < 3; n++)
          window.__TAURI_INTERNALS__.invoke('create_refund', { merchant: 'simulated', form })
            .then((one) => window.__answers.push(one.refund_fen), (error) => window.__answers.push(error.code))";
    page.eval(script, vec![json!(number), json!(refund_no)]).await;
    for _ in 0..3 {
        let question = Question::come(&title(&zh));
        question.press(true);
    }
    let answers = "return window.__answers.length === 3 ? window.__answers : null";
    let answers = page.until_true("three answers", answers, vec![]).await;
    assert_eq!(answers, json!([60_000, 60_000, 60_000]));
    assert_eq!(place.effects("refund_accepted"), [(refund_no, 60_000)]);
    quiet(page).await;
}

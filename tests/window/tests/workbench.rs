//! The workbench: a notice that fails is pasted, its cause read, the fix pasted back; and nothing secret comes or stays.

use console::view::Verdict;
use domain::Secret;
use serde_json::json;
use std::time::{Duration, Instant};
use window::{Page, Place, Window, Words, key};
use wxpay::{ApiKey, Fields, SignType};

/// A synthetic key that is stored nowhere, and that no reproduction uses.
const ONCE: &str = "SYNTHETICkeyGIVENonceSYNTHETIC01";

/// The fields of a payment notice to the built-in merchant.
fn notice() -> Vec<(&'static str, String)> {
    [
        ("appid", simulator::APPID),
        ("attach", "counter=3"),
        ("bank_type", "OTHERS"),
        ("cash_fee", "3600"),
        ("fee_type", "CNY"),
        ("mch_id", simulator::MCH_ID),
        ("nonce_str", "5d2b6c2a8db53831f7eda20af46e531c"),
        ("openid", "oUpF8uMEb4qRXf22hE3X68TekukE"),
        ("out_trade_no", "QW25112011260418"),
        ("result_code", "SUCCESS"),
        ("return_code", "SUCCESS"),
        ("time_end", "20251120112617"),
        ("total_fee", "3600"),
        ("trade_type", "NATIVE"),
        ("transaction_id", "4200002893202511201946027735"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

/// What somebody signs who leaves these fields out.
fn signed(fields: &[(&str, String)], without: &[&str], key: &str, kind: SignType) -> String {
    let mut all = Fields::new();
    for (name, value) in fields.iter().filter(|(name, _)| !without.contains(name)) {
        all.add((*name).to_owned(), value.clone()).unwrap();
    }
    wxpay::sign::sign(&all, &ApiKey::new(Secret::new(key.to_owned())), kind).to_string()
}

fn document(fields: &[(&str, String)], sign: &str) -> String {
    let body: Vec<_> =
        fields.iter().map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>")).collect();
    format!("<xml>\n{}\n<sign>{sign}</sign>\n</xml>", body.join("\n"))
}

/// Pastes as a person does, over whatever stands in the editor.
async fn paste(page: &Page, text: &str) {
    page.until("the editor", ".wb-in > .wb-ed .cm-content").await;
    page.eval("document.querySelector('.wb-in > .wb-ed .cm-content').focus()", Vec::new()).await;
    page.chord(key::CONTROL, 'a').await;
    let script = "
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', arguments[0]);
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))";
    page.eval(script, vec![json!(text)]).await;
}

/// What the verdict is, once it is another than `before`.
async fn verdict(page: &Page, verdict: Verdict) {
    let word = serde_json::to_value(verdict).unwrap();
    page.until_text(".wb-out:not([aria-busy=true]) .verdict code", word.as_str().unwrap()).await;
}

/// Everything that came to the page, that it shows and that it keeps.
async fn everything(page: &Page) -> String {
    let script =
        "return JSON.stringify([window.__seen.results, document.documentElement.outerHTML, location.href,
        [...document.querySelectorAll('input')].map((e) => e.value),
        Object.entries(localStorage), Object.entries(sessionStorage)])";
    page.eval(script, Vec::new()).await.to_string()
}

async fn quiet(page: &Page) {
    for what in ["errors", "violations", "dialogs"] {
        assert_eq!(page.seen(what).await, json!([]), "{what}");
    }
}

#[tokio::test]
async fn a_failing_notice_is_explained_and_mended_in_both_languages() {
    let (place, zh, en) = (Place::fresh(), Words::zh(), Words::en());
    let window = Window::open(&place).await;
    let page = &window.page;
    page.click(zh.say("ui.screen.workbench")).await;
    let fields = notice();
    let wrong = signed(&fields, &["attach"], simulator::API_KEY, SignType::HmacSha256);
    let right = signed(&fields, &[], simulator::API_KEY, SignType::HmacSha256);

    for (words, other) in [(&zh, &en), (&en, &zh)] {
        paste(page, &document(&fields, &wrong)).await;
        verdict(page, Verdict::Invalid).await;
        page.until_text(".wb-out .verdict-red .verdict-t", words.head("ui.workbench.invalid_because")).await;
        page.until_text(".dx .tag-green", words.say("ui.workbench.proven")).await;
        page.until_text(".dx", "fields_left_out").await;
        page.until_text(".dx", "attach").await;
        // The same is heard.
        page.until_text(".wb-out [role=status]", words.head("ui.workbench.invalid_because")).await;
        page.until("the field, marked where it stands", ".wb-ed .cm-line.wb-line-bad").await;
        page.until_text(".wb-ed .wb-line-sign", &wrong).await;
        // Read as what it is, and by which key.
        page.until_text(".wb-rec", words.say("recognised.payment_notice")).await;
        page.until_text(".klist .hit", words.say("ui.workbench.key.hit")).await;
        let corrected = page.text_of("#wb-corrected").await;
        assert_eq!(corrected, right);
        paste(page, &document(&fields, &corrected)).await;
        verdict(page, Verdict::Valid).await;
        page.until_text(".wb-out .verdict-green", words.say("verdict.valid")).await;
        page.until_gone("#wb-corrected").await;
        // The ledger knows nothing of it: valid is not yet to be believed.
        page.until_text(".wb-checks", words.head("check.order_known.no")).await;
        // What stands there is said anew in the other language.
        page.click(other.say(if std::ptr::eq(other, &raw const en) { "ui.lang.en" } else { "ui.lang.zh" }))
            .await;
        page.until_text(".wb-out .verdict-green", other.say("verdict.valid")).await;
    }
    quiet(page).await;
    let all = everything(page).await;
    assert!(all.contains("keys_tried"), "the recorder is blind");
    for secret in [simulator::API_KEY, simulator::APP_SECRET] {
        assert!(!all.contains(secret), "{secret} came to the page");
    }
    // What was pasted stays in memory: not in the address, not in any storage.
    let kept = "return JSON.stringify([location.href, history.state, Object.entries(localStorage), Object.entries(sessionStorage)])";
    let kept = page.eval(kept, Vec::new()).await.to_string();
    for trace in ["QW25112011260418", "5d2b6c2a8db53831f7eda20af46e531c", wrong.as_str()] {
        assert!(!kept.contains(trace), "{trace} was kept: {kept}");
    }
}

#[tokio::test]
async fn from_the_rail_to_the_answer_by_keys_alone() {
    let (place, zh) = (Place::fresh(), Words::zh());
    let window = Window::open(&place).await;
    let page = &window.page;
    let fields = notice();
    let text = document(&fields, &signed(&fields, &[], simulator::API_KEY, SignType::Md5));
    // Something to paste is taken from where it stands, by keys.
    page.chord(key::CONTROL, '5').await;
    page.until("the editor has the focus", ".wb-in > .wb-ed .cm-content:focus").await;
    page.write(&text.replace('\n', "")).await;
    verdict(page, Verdict::Invalid).await;
    page.chord(key::CONTROL, 'a').await;
    page.chord(key::CONTROL, 'x').await;
    page.until_gone(".wb-out .verdict").await;
    page.until_text(".wb-out .list-state", zh.say("ui.workbench.empty")).await;
    page.chord(key::CONTROL, 'v').await;
    verdict(page, Verdict::Invalid).await;
    // MD5 where the merchant uses HMAC-SHA256: right digits, of the wrong kind.
    page.until_text(".wb-out", "MD5").await;
    let before = page.calls("verify_pasted").await;
    page.chord(key::CONTROL, key::ENTER).await;
    verdict(page, Verdict::Invalid).await;
    assert_eq!(page.calls("verify_pasted").await, before + 1, "Ctrl+Enter asks again");
    // Keys of the window do nothing while somebody types; Tab leads out of the editor, to the keys and the answer.
    page.keys(&['n', '/', '?']).await;
    assert_eq!(page.count("[role=dialog]").await, 0);
    page.keys(&[key::TAB]).await;
    let out = "return !document.activeElement.closest('.wb-ed')";
    page.until_true("the focus left the editor", out, Vec::new()).await;
    page.tab_to("the answer", ".wb-out").await;
    // The tabs by arrows, and back and forth in history.
    page.eval("document.querySelector('[role=tab][aria-selected=true]').focus()", Vec::new()).await;
    page.keys(&[key::RIGHT]).await;
    page.until("signing", "#wb-tab-sign[aria-selected=true]:focus").await;
    assert_eq!(page.eval("return location.hash", Vec::new()).await, json!("#/workbench?tab=sign"));
    page.eval("history.back()", Vec::new()).await;
    page.until("verifying", "#wb-tab-verify[aria-selected=true]").await;
    // What was pasted is still there, and judged.
    page.until("the verdict", ".wb-out .verdict").await;
    quiet(page).await;
}

#[tokio::test]
async fn a_key_given_once_is_used_once_and_nowhere_to_be_found() {
    let (place, zh) = (Place::fresh(), Words::zh());
    let window = Window::open(&place).await;
    let page = &window.page;
    page.go("workbench").await;
    let fields = notice();
    paste(page, &document(&fields, &signed(&fields, &[], ONCE, SignType::HmacSha256))).await;
    verdict(page, Verdict::Invalid).await;
    // A debug build may not get to the end of all that it tries.
    let nothing = "return /no_key_fits|search_ended/.test(document.querySelector('.dx')?.innerText ?? '')";
    page.until_true("nothing explains it", nothing, Vec::new()).await;
    assert_eq!(page.count("#wb-corrected").await, 1, "what the merchant's own key would have signed");
    page.click(zh.say("ui.workbench.keys.once")).await;
    page.until("nothing is judged", ".wb-out .list-state").await;
    page.fill(".wb-once input[type=password]", ONCE).await;
    page.keys(&[key::ENTER]).await;
    verdict(page, Verdict::Valid).await;
    let value = "return document.querySelector('.wb-once input').value";
    assert_eq!(page.eval(value, Vec::new()).await, json!(""), "the field is empty at once");
    page.until_text(".wb-out .verdict", zh.say("key.given")).await;
    // Another letter, and the answer is gone: the key is not there to judge it.
    page.click_on(".wb-in > .wb-ed .cm-content").await;
    page.write("x").await;
    page.until_text(".wb-out .list-state", zh.say("ui.workbench.stale")).await;
    // Typed and left behind: forgotten.
    page.fill(".wb-once input", ONCE).await;
    page.go("payments").await;
    page.until("another screen", ".filters").await;
    page.go("workbench").await;
    page.until("the choice begins anew", ".wb-keys [role=radio][aria-checked=true]").await;
    assert_eq!(page.count(".wb-once").await, 0);
    let all = everything(page).await;
    assert!(!all.contains(ONCE), "the key is somewhere in the page, or came back");
    // It went to the program once, as the one argument that it is.
    let calls = page.seen("calls").await;
    let with = calls.as_array().unwrap().iter().filter(|call| call.to_string().contains(ONCE)).count();
    assert_eq!(with, 1);
    quiet(page).await;
}

/// The refund notice of an order, as it arrived.
const REFUND_NOTICE: &str = "
    const [out_trade_no, done] = arguments, call = window.__TAURI_INTERNALS__.invoke, merchant = 'simulated';
    (async () => {
      for (let turn = 0; turn < 100; turn++) {
        const { raw } = await call('payment_detail', { merchant, out_trade_no });
        for (const { source, id } of raw.filter((one) => one.source === 'notice')) {
          const { request } = await call('raw', { merchant, source, id });
          if (request.includes('req_info')) return request;
        }
        await new Promise((later) => setTimeout(later, 100));
      }
      return null;
    })().then(done, (error) => done({ error: JSON.stringify(error) }))";

/// Strangers' text in every field, in names, in what is no document at all.
fn hostile() -> Vec<String> {
    let acting = "<script>__hit=1</script><img src=x onerror=__hit=1>\"'>{@html 1}${__hit=1}";
    let strange = "\u{202e}99.88¥\u{202c}\u{200b}\u{2066}\u{feff}Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍ مرحبا 👨‍👩‍👧‍👦\u{e0041}";
    let mut fields = notice();
    fields[1].1 = format!("{strange}{}", "W".repeat(600));
    let inside = document(&fields, &signed(&fields, &["openid"], simulator::API_KEY, SignType::HmacSha256));
    vec![
        inside,
        json!({ "attach": acting, strange: acting, "__proto__": { "polluted": 1 }, "sign": "A".repeat(64), "mch_id": simulator::MCH_ID }).to_string(),
        format!("<xml><body><![CDATA[{acting}{strange}]]></body><sign>{}</sign></xml>", "A".repeat(32)),
        format!("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><xml><body>&b;{acting}</body></xml>"),
        format!("wx.requestPayment({{ timeStamp: 1, {strange}: '{acting}', package: 'prepay_id=', paySign: '{}' }})", "A".repeat(32)),
        format!("const key = '{acting}'\ncrypto.createHmac('sha256', '{strange}').update(s).digest('hex')"),
        format!("{acting}\r\n{strange}\u{0}\u{1b}[31m\r"),
        "\u{202e}".repeat(5_000),
    ]
}

#[tokio::test]
async fn strangers_text_is_text_and_what_cannot_be_seen_has_a_mark() {
    let place = Place::fresh();
    let window = Window::open(&place).await;
    let page = &window.page;
    page.go("workbench").await;
    for (at, text) in hostile().iter().enumerate() {
        paste(page, text).await;
        page.until("an answer", ".wb-out[aria-busy=false] > :is(.verdict, .error-box)").await;
        for fold in ["details.wb-fold > summary"] {
            page.eval(
                "document.querySelectorAll(arguments[0]).forEach((e) => (e.parentElement.open = true))",
                vec![json!(fold)],
            )
            .await;
        }
        page.calm(&format!("hostile {at}")).await;
        // Nothing invisible is left in the editor or in the answer, and the text in the editor is what was pasted.
        let bare = "return [...document.querySelectorAll('.wb-ed .cm-content, .wb-out')].flatMap((e) => [...e.innerText].filter((c) => /[\\u202a-\\u202e\\u2066-\\u2069\\u200b\\u200e\\u200f\\ufeff\\u0000\\u001b]/.test(c))).length";
        assert_eq!(page.eval(bare, Vec::new()).await, json!(0), "hostile {at}");
        let wide = "return [...document.querySelectorAll('.wb-out > *, .wb-in > *')].filter((e) => e.getBoundingClientRect().right > e.parentElement.getBoundingClientRect().right + 1).map((e) => e.className)";
        assert_eq!(page.eval(wide, Vec::new()).await, json!([]), "hostile {at}");
        let tab = if at % 2 == 0 { "sign" } else { "refund" };
        page.go(&format!("workbench?tab={tab}")).await;
        paste(page, text).await;
        page.until("an answer", ".wb-out[aria-busy=false] > :not(.sr)").await;
        page.calm(&format!("hostile {at}, {tab}")).await;
        page.go("workbench").await;
    }
    assert!(page.count(".wb-ed .cm-content .ctl").await > 0, "marks in the editor");
}

#[tokio::test]
async fn a_mebibyte_is_read_and_more_is_refused_while_the_page_lives() {
    let place = Place::fresh();
    let window = Window::open(&place).await;
    let page = &window.page;
    page.go("workbench").await;
    let mut fields = notice();
    let empty = document(&fields, &signed(&fields, &[], simulator::API_KEY, SignType::HmacSha256)).len();
    // Lines as people see them, and one line that has no end.
    let long = "面".repeat(((1 << 20) - empty) / 3);
    fields[1].1 = long;
    let text = document(&fields, &signed(&fields, &[], simulator::API_KEY, SignType::HmacSha256));
    assert!(text.len() <= 1 << 20);
    let begun = Instant::now();
    paste(page, &text).await;
    verdict(page, Verdict::Valid).await;
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    // It still answers to keys.
    let begun = Instant::now();
    page.write("x").await;
    page.until_text(".wb-out", "second_root").await;
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    paste(page, &format!("{text}{text}")).await;
    page.until_text(".wb-out", "too_large").await;
    let sent = page.seen("calls").await;
    let most = sent.as_array().unwrap().iter().map(|call| call[1].as_str().map_or(0, str::len)).max();
    assert!(most.unwrap() < 4 << 20, "{most:?} bytes went to the program");
    quiet(page).await;
}

#[tokio::test]
async fn the_other_tabs_answer_too_and_keep_their_secrets() {
    let (place, zh) = (Place::fresh(), Words::zh());
    let window = Window::open(&place).await;
    let page = &window.page;
    let fields = notice();
    // Sign: what the merchant's key gives is what the product's own signing gives.
    page.go("workbench?tab=sign").await;
    let unsigned = document(&fields, "").replace("<sign></sign>\n", "");
    paste(page, &unsigned).await;
    page.until_text(".wb-out", &signed(&fields, &[], simulator::API_KEY, SignType::HmacSha256)).await;
    page.click("MD5").await;
    page.until_text(".wb-out", &signed(&fields, &[], simulator::API_KEY, SignType::Md5)).await;

    // Pay parameters: the calls, ready to paste.
    page.go("workbench?tab=pay").await;
    page.fill(".wb-form input", "wx201410272009395522657a690389285100").await;
    page.keys(&[key::ENTER]).await;
    page.until_text(".wb-out", "wx.requestPayment(").await;
    page.until_text(".wb-params", "paySign").await;

    // JSSDK: the ticket goes in, and the field is empty at once.
    let ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";
    page.go("workbench?tab=jssdk").await;
    let labels = [zh.say("ui.workbench.jssdk.url"), "jsapi_ticket", "nonce_str", "timestamp"];
    let values = ["http://mp.weixin.qq.com?params=value#x", ticket, "Wm3WZYTPz0wzccnW", "1414587457"];
    for (label, value) in labels.into_iter().zip(values) {
        page.fill_labelled(label, value).await;
    }
    page.keys(&[key::ENTER]).await;
    // WeChat's own example.
    page.until_text(".wb-out", "0f9de62fce790f9a083d5c99e95740ceb90c27ed").await;
    let value = "return document.querySelector('.wb-form input[type=password]').value";
    assert_eq!(page.eval(value, Vec::new()).await, json!(""));
    let all = everything(page).await;
    for secret in [simulator::API_KEY, ticket] {
        assert!(!all.contains(secret), "{secret} is in the page");
    }

    // A refund notice of a refund that the simulator made.
    page.go("collect").await;
    let number = page.order("88.00", "面包").await;
    page.pay().await;
    page.open_payment(&number).await;
    page.open_refund().await;
    page.refund_by_hold("8.00").await;
    page.close_sheet().await;
    let notice = page.eval_async(REFUND_NOTICE, vec![json!(number)]).await;
    page.go("workbench?tab=refund").await;
    paste(page, notice.as_str().unwrap()).await;
    page.until_text(".wb-out", &number).await;
    page.until_text(".wb-out", "refund_fee").await;
    quiet(page).await;
}

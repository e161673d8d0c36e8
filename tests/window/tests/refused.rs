//! A gateway that refuses in hostile words: they are shown as text, with marks, and nothing is pushed out of place.

use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::time::Duration;
use window::{Gateway, Page, Place, Window, key};

/// What a reply's text may hold, each with what must be seen of it and the mark that it must have.
fn texts() -> Vec<(String, &'static str, Option<&'static str>)> {
    let long = format!("<img src=x onerror=__hit=1>{}", "长W".repeat(5_000));
    vec![
        (
            "<script>__hit=1</script><img src=x onerror=__hit=1>{@html 1}".into(),
            "<script>__hit=1</script><img src=x onerror=__hit=1>{@html 1}",
            None,
        ),
        ("余额不足\u{202e}款退已¥99.88\u{202c}".into(), "余额不足", Some("RLO")),
        ("a\u{200b}b\u{2066}c\u{feff}d".into(), "a", Some("ZWSP")),
        ("</bdi></code></div><svg onload=__hit=1>مرحبا بالعالم ١٢٣ שלום".into(), "مرحبا بالعالم", None),
        (format!("👨‍👩‍👧‍👦🏳️‍🌈\u{e0041}{}", "Z\u{0351}\u{036b}".repeat(40)), "👨‍👩‍👧‍👦", Some("U+E0041")),
        // Placeholders of our own sentences.
        ("{number} {err_code} {operation} {err_code_des}".into(), "{number} {err_code}", None),
        (long, "<img src=x onerror=__hit=1>长W", None),
    ]
}

/// A certificate of this merchant, which nobody looks at on plain HTTP, but without which no refund is sent.
fn certificate(place: &Place, mch_id: &str) -> String {
    let file = |name: &str| place.root().join(name).display().to_string();
    let (key, cert) = (file("mine.key"), file("mine.crt"));
    let subject = format!("/CN={mch_id}");
    let words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", &subject];
    let mut command = Command::new("openssl");
    command.args(words).args(["-keyout", &key, "-out", &cert]).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(command.status().unwrap().success(), "openssl");
    let both = [key, cert].map(|path| std::fs::read_to_string(path).unwrap()).concat();
    std::fs::write(place.root().join("mine.pem"), both).unwrap();
    file("mine.pem")
}

fn shop(place: &Place, said: &Value, gateway: &Gateway) {
    let text = |name: &str| said[name].as_str().unwrap();
    let words = ["merchant", "add", "shop", "--environment", "simulated", "--mch-id", text("mch_id")];
    let more = ["--appid", text("appid"), "--gateway-url", gateway.url()];
    let notify = ["--notify-url", "http://127.0.0.1:9/notify"];
    let _ = place.cli(&[&words[..], &more[..], &notify[..]].concat());
    let _ = place.cli(&["merchant", "set-key", "shop", "--key-file", text("key_file")]);
    let _ = place.cli(&["merchant", "import-cert", "shop", &certificate(place, text("mch_id"))]);
}

/// What stands in a box of the page: calm, in its place, with what must be seen of it.
async fn shown(page: &Page, place: &str, selector: &str, (_, seen, mark): &(String, &str, Option<&str>)) {
    page.until_text(selector, seen).await;
    page.calm(place).await;
    let script = "
        const pane = document.querySelector('.sheet') ?? document.querySelector('aside.detail') ?? document.querySelector('.main');
        const edge = pane.getBoundingClientRect();
        const all = [...document.querySelectorAll(arguments[0])];
        return {
          wide: all.filter((e) => { const r = e.getBoundingClientRect(); return e.scrollWidth > e.clientWidth + 1 || r.right > edge.right + 1 || r.left < edge.left - 1; })
            .map((e) => [e.className, e.scrollWidth, e.clientWidth, e.getBoundingClientRect().left, e.getBoundingClientRect().right, edge.left, edge.right]),
          marks: all.flatMap((e) => [...e.querySelectorAll('bdi .ctl')].map((c) => c.innerText)),
          raw: all.some((e) => [...e.innerText].some((c) => /[\\u202a-\\u202e\\u2066-\\u2069\\u200b\\ufeff]/.test(c))),
          // What can be done stays in reach.
          lost: [...document.querySelectorAll('.sheet-foot button')].filter((e) => { const r = e.getBoundingClientRect(); return r.bottom > innerHeight || r.right > innerWidth || r.width === 0; }).length,
        }";
    let fits = |found: &Value| {
        found["wide"] == json!([]) && found["raw"] == json!(false) && found["lost"] == json!(0)
    };
    let mut found = page.eval(script, vec![json!(selector)]).await;
    // WebKit may report an overflow of the layout before in the very frame that a box appears in: what counts
    // is the box that a person can look at.
    for _ in 0..10 {
        if fits(&found) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        found = page.eval(script, vec![json!(selector)]).await;
    }
    if !fits(&found) {
        page.fail(&format!("{place}: {found}")).await;
    }
    if let Some(mark) = mark {
        assert!(found["marks"].as_array().unwrap().contains(&json!(mark)), "{place}: {found}");
    }
}

#[tokio::test]
async fn a_no_in_hostile_words_is_text_wherever_it_is_shown() {
    let (place, served) = (Place::fresh(), Place::fresh());
    let (_serving, said) = served.start(&["simulator", "serve", "--until-stdin-ends"]);
    let gateway = Gateway::before(&said);
    shop(&place, &said, &gateway);
    let line = place.root().join("served.json");
    std::fs::write(&line, said.to_string()).unwrap();
    let line = line.display().to_string();
    let order = |number: &str| {
        let words = ["--merchant", "shop", "order", "create", "--amount", "88.00", "--body", "面包"];
        let _ = place.cli(&[&words[..], &["--out-trade-no", number]].concat());
    };
    let texts = texts();
    order("open-0001");
    for at in 0..texts.len() {
        let number = format!("paid-000{at}");
        order(&number);
        let _ = place.cli(&["simulator", "pay", &number, "--served", &line]);
        let _ = place.cli(&["--merchant", "shop", "order", "query", &number]);
    }

    let window = Window::open_with(&place, &["--merchant", "shop"], &[]).await;
    let page = &window.page;
    for (at, text) in texts.iter().enumerate() {
        let start: String = text.0.chars().take(30).collect();
        // A question that is answered with a no, whose code is hostile too.
        page.go("payments").await;
        page.until_gone("aside.detail").await;
        page.open_payment("open-0001").await;
        let code = format!("NO\u{202e}<img src=x onerror=__hit=1>{}", "X".repeat(300));
        gateway.refuse("/pay/orderquery", &code, &text.0);
        page.click_on("aside.detail .pane-acts button:nth-child(2):not([disabled])").await;
        shown(page, &format!("asked: {start}"), "aside.detail .error-box", text).await;
        // Closing it is refused.
        gateway.refuse("/pay/closeorder", "PARAM_ERROR", &text.0);
        page.click_on("aside.detail .pane-acts button:nth-child(3):not([disabled])").await;
        page.click_on(".pane-sure .rf-acts button:nth-child(2)").await;
        page.until_text("aside.detail .error-box", "PARAM_ERROR").await;
        shown(page, &format!("closed: {start}"), "aside.detail .error-box", text).await;
        // An order is refused at the till.
        gateway.refuse("/pay/unifiedorder", "NOAUTH", &text.0);
        page.go("collect").await;
        page.until("the amount, ready", ".c-form input.num:not([readonly])").await;
        page.fill(".c-form input.num", "1.00").await;
        page.fill(".c-form input[maxlength='127']:not(.mono)", "面包").await;
        page.click_on(".c-form button[type=submit]:not([disabled])").await;
        shown(page, &format!("ordered: {start}"), ".main .error-box", text).await;
        // A refund is refused: in the sheet.
        let code = if at % 2 == 0 { "NOTENOUGH" } else { "TRADE_OVERDUE" };
        gateway.refuse("/secapi/pay/refund", code, &text.0);
        let number = format!("paid-000{at}");
        page.open_payment(&number).await;
        page.open_refund().await;
        page.fill(".sheet .input-lg input", "1.00").await;
        page.until("the field, ready", ".sheet-foot input:not([disabled])").await;
        page.fill(".sheet-foot input", "1.00").await;
        page.keys(&[key::ENTER]).await;
        page.until("the refusal", ".sheet :is(.note-red, .error-box)").await;
        shown(page, &format!("refunded: {start}"), ".sheet :is(.note-red, .error-box)", text).await;
        page.close_sheet().await;
        page.calm(&format!("after the refund: {start}")).await;
        gateway.refuse_nothing();
    }
    page.go("refunds").await;
    page.until("refunds, or none", ".grid[aria-busy=false], .list-state").await;
    page.calm("refunds").await;
    page.go("requests").await;
    page.until("requests", ".grid-row").await;
    page.calm("requests").await;
    for row in 2..8 {
        page.click_on(&format!(".grid-rows .grid-row:nth-child({row})")).await;
        page.until("the exchange", ".req-pane .code").await;
        page.calm(&format!("exchange {row}")).await;
    }
    page.go("overview").await;
    page.until("the overview", ".ov .panel").await;
    page.calm("overview").await;
    // The check of a merchant says what the gateway says.
    gateway.refuse("/pay/orderquery", "NOAUTH", &texts[1].0);
    page.go("settings?merchant=shop").await;
    page.click_on(".set-foot button.btn:not([disabled])").await;
    page.until("it is checked", ".set-check[aria-busy=false] .verdict").await;
    page.calm("the check").await;
    // Nothing of all that was refused happened, and nobody thinks it did.
    let refunds = place.cli(&["--merchant", "shop", "refund", "list"]);
    let states: Vec<_> = refunds["refunds"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert!(states.iter().all(|state| **state == json!("rejected")), "{states:?}");
}

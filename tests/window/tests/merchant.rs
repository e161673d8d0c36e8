//! A merchant of one's own: added, checked wrong and right; and no secret ever comes back to the page.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use window::{Page, Place, Window, Words, key};

/// The key that WeChat Pay's documentation publishes as its example.
const PUBLISHED_KEY: &str = "192006250b4c09247ec02edce69f6a2d";
const PASSWORD: &str = "p12-password-8c1f";

fn openssl(words: &[&str]) {
    let mut command = Command::new("openssl");
    let status = command.args(words).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "openssl {words:?}");
}

/// A `.p12` of the certificate and the key in a PEM file.
fn p12(pem: &Path) -> PathBuf {
    let out = pem.with_extension("p12");
    let (pem, to) = (pem.display().to_string(), out.display().to_string());
    let password = format!("pass:{PASSWORD}");
    openssl(&["pkcs12", "-export", "-in", &pem, "-inkey", &pem, "-out", &to, "-passout", &password]);
    out
}

/// A certificate of another merchant.
fn others(place: &Place) -> PathBuf {
    let file = |name: &str| place.root().join(name).display().to_string();
    let (key, cert) = (file("other.key"), file("other.crt"));
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "3650",
        "-subj",
        "/CN=1900000109",
        "-keyout",
        &key,
        "-out",
        &cert,
    ]);
    let pem = place.root().join("other.pem");
    let both = [key, cert].map(|path| std::fs::read_to_string(path).unwrap()).concat();
    std::fs::write(&pem, both).unwrap();
    p12(&pem)
}

/// What must never stand in the page: whole secrets, and the certificate's lines.
fn secrets(said: &Value) -> Vec<String> {
    let read = |name: &str| std::fs::read_to_string(said[name].as_str().unwrap()).unwrap();
    let mut all = vec![PUBLISHED_KEY.to_owned(), PASSWORD.to_owned(), read("key_file").trim().to_owned()];
    let pem = read("cert_file");
    let lines: Vec<&str> = pem.lines().filter(|line| line.len() == 64).collect();
    assert!(lines.len() > 5, "a certificate and a key");
    all.extend(lines.into_iter().map(str::to_owned));
    all
}

/// Everything that the page has, or ever got.
async fn everything(page: &Page) -> String {
    let script = "return JSON.stringify([window.__seen.results, document.documentElement.outerHTML,
        [...document.querySelectorAll('input, textarea')].map((e) => e.value),
        Object.entries(localStorage), Object.entries(sessionStorage), document.cookie, location.href])";
    page.eval(script, Vec::new()).await.as_str().unwrap().to_owned()
}

async fn set_key(page: &Page, zh: &Words, text: &str) {
    let name = zh.say("ui.key_kind.api_v2");
    let replace = format!("[aria-label='{} {name}']", zh.say("ui.settings.replace"));
    if page.count(&replace).await > 0 {
        page.click_on(&replace).await;
    }
    page.fill(&format!(".keyrow input[aria-label='{name}']"), text).await;
    page.keys(&[key::ENTER]).await;
    page.until("stored", &replace).await;
}

async fn set_certificate(page: &Page, zh: &Words, file: &Path) {
    let name = zh.say("ui.settings.certificate");
    let replace = format!("[aria-label='{} {name}']", zh.say("ui.settings.replace"));
    if page.count(&replace).await > 0 {
        page.click_on(&replace).await;
    }
    page.fill(
        &format!(".keyrow input[aria-label='{}']", zh.say("ui.settings.certificate_password")),
        PASSWORD,
    )
    .await;
    let field = page.client().find(fantoccini::Locator::Css(".keyrow input[type=file]")).await.unwrap();
    field.send_keys(&file.display().to_string()).await.unwrap();
}

async fn check(page: &Page, verdict: &str) {
    page.click_on(".set-foot button.btn:not([disabled])").await;
    page.until_true(
        "it is checked",
        "return document.querySelector('.set-check')?.getAttribute('aria-busy') === 'false'",
        vec![],
    )
    .await;
    page.until_text(".set-check .verdict", verdict).await;
}

#[tokio::test]
async fn a_merchant_is_added_checked_wrong_and_right_and_its_secrets_stay_away() {
    let (place, gateway, zh) = (Place::fresh(), Place::fresh(), Words::zh());
    let (_serving, said) = gateway.start(&["simulator", "serve", "--tls", "--until-stdin-ends"]);
    let text = |name: &str| said[name].as_str().unwrap().to_owned();
    let right_key = std::fs::read_to_string(text("key_file")).unwrap().trim().to_owned();
    let pem = place.root().join("mine.pem");
    std::fs::copy(text("cert_file"), &pem).unwrap();
    let (mine, others) = (p12(&pem), others(&place));
    let secrets = secrets(&said);

    let window = Window::open(&place).await;
    let page = &window.page;
    page.go("settings?add=1").await;
    // Away from "live", whose radio is chosen first.
    page.click_on(".radios .radio:nth-child(1)").await;
    page.fill("#set-label", "面包店 <b>二</b>").await;
    page.fill("#set-mch", &text("mch_id")).await;
    page.fill("#set-appid", &text("appid")).await;
    page.fill("#set-gateway", &text("url")).await;
    page.fill("#set-notify", "http://127.0.0.1:9/notify").await;
    let ca = std::fs::read_to_string(text("ca_file")).unwrap();
    let paste = "const e = document.querySelector('#set-ca'); e.value = arguments[0]; e.dispatchEvent(new InputEvent('input', { bubbles: true }))";
    page.eval(paste, vec![json!(ca)]).await;
    page.fill(&format!(".keyrow input[aria-label='{}']", zh.say("ui.key_kind.api_v2")), PUBLISHED_KEY).await;
    page.click(zh.say("ui.settings.save")).await;
    page.until("stored", ".set-foot button").await;
    page.until_text(".set-form h1", "面包店 <b>二</b>").await;

    // The key of somebody else: said, with what to do.
    check(page, zh.say("ui.settings.verdict.bad")).await;
    page.until("what is wrong", ".checks .red").await;
    // The right key; a certificate of another merchant is refused, and whose it is is said.
    set_key(page, &zh, &right_key).await;
    set_certificate(page, &zh, &others).await;
    page.until_text(".error-box", "1900000109").await;
    page.until_text(".error-box", "certificate_unusable").await;
    check(page, zh.say("ui.settings.verdict.no_refund")).await;
    // Everything right.
    set_certificate(page, &zh, &mine).await;
    let replace = format!("{} {}", zh.say("ui.settings.replace"), zh.say("ui.settings.certificate"));
    page.until("stored", &format!("[aria-label='{replace}']")).await;
    check(page, zh.say("ui.settings.verdict.good")).await;
    assert_eq!(page.count(".checks .red").await, 0);

    // It works: an order of it is made over HTTPS.
    page.go("settings?section=merchants").await;
    page.click(zh.say("ui.settings.use")).await;
    page.until_text(".top .merchant", "面包店").await;
    page.go("collect").await;
    page.order("1.00", "面包").await;
    page.until("the code", "svg.qr").await;
    page.go("requests").await;
    page.until_text(".grid-row", "unifiedorder").await;
    page.click_on(".grid-row").await;
    page.until_text(".req-pane", "sign").await;

    let all = everything(page).await;
    for secret in &secrets {
        assert!(!all.contains(secret.as_str()), "{secret} came back to the page");
    }
    // The recorder is not blind.
    assert!(all.contains(&text("mch_id")) && all.contains("prepay_id"), "nothing was recorded");
    for what in ["errors", "violations", "dialogs"] {
        assert_eq!(page.seen(what).await, json!([]), "{what}");
    }
    window.close().await;

    // The same after a restart, when everything is read anew.
    let window = Window::open(&place).await;
    let page = &window.page;
    for place in ["settings?section=merchants", "settings?section=ledger", "requests", "payments"] {
        page.go(place).await;
        page.until("something", "main h1").await;
    }
    let start = "const done = arguments[0]; window.__TAURI_INTERNALS__.invoke('start').then((s) => done(JSON.stringify(s)))";
    let start = page.eval_async(start, Vec::new()).await;
    let all = format!("{}{}", everything(page).await, start.as_str().unwrap());
    for secret in &secrets {
        assert!(!all.contains(secret.as_str()), "{secret} came back to the page");
    }
}

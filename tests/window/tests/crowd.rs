//! Hundreds of changes arrive at once, made by another process on the same folder, while a person clicks.

use serde_json::{Value, json};
use simulator::Control;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use window::{Page, Place, Window, Words, key};

const MANY: usize = 240;

/// The other process. It ends with its test.
struct Crowd {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Crowd {
    fn start(place: &Place, served: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crowd"));
        command.arg(place.paydesk()).arg(served).args(["shop", &MANY.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, said }
    }

    fn go(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
    }

    fn says(&mut self, word: &str) {
        assert_eq!(self.said.next().and_then(Result::ok).as_deref(), Some(word), "the other process failed");
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A merchant whose gateway is served on the loopback.
fn shop(place: &Place, said: &Value) {
    let text = |name: &str| said[name].as_str().unwrap();
    let _ = place.cli(&[
        "merchant",
        "add",
        "shop",
        "--environment",
        "simulated",
        "--label",
        "面包店",
        "--mch-id",
        text("mch_id"),
        "--appid",
        text("appid"),
        "--gateway-url",
        text("url"),
        "--gateway-ca",
        text("ca_file"),
        "--notify-url",
        "http://127.0.0.1:9/notify",
    ]);
    let _ = place.cli(&["merchant", "set-key", "shop", "--key-file", text("key_file")]);
    let _ = place.cli(&["merchant", "import-cert", "shop", text("cert_file")]);
}

/// What happened at the gateway itself: how often, by kind and number, and of how much.
async fn effects(said: &Value) -> BTreeMap<(String, String), Vec<i64>> {
    let (url, token) = (said["control_url"].as_str().unwrap(), said["control_token"].as_str().unwrap());
    let state = simulator::serve::control(url, token, &Control::State).await.unwrap();
    let mut all = BTreeMap::<_, Vec<i64>>::new();
    for one in state["effects"].as_array().unwrap() {
        let text = |name: &str| one[name].as_str().unwrap().to_owned();
        all.entry((text("kind"), text("number"))).or_default().push(one["amount_fen"].as_i64().unwrap());
    }
    all
}

fn yuan(fen: i64) -> String {
    let (yuan, rest) = (fen / 100, fen % 100);
    if yuan >= 1_000 {
        format!("¥{},{:03}.{rest:02}", yuan / 1_000, yuan % 1_000)
    } else {
        format!("¥{yuan}.{rest:02}")
    }
}

/// Every row that is drawn says what the ledger says of its payment.
async fn rows_are_true(page: &Page, zh: &Words, ledger: &[Value]) -> BTreeSet<String> {
    let script = "return [...document.querySelectorAll('.grid-rows .grid-row:not(.is-loading)')].map((e) => e.innerText)";
    let rows = page.eval(script, vec![]).await;
    let mut seen = BTreeSet::new();
    for row in rows.as_array().unwrap().iter().filter_map(Value::as_str) {
        let one = ledger.iter().find(|one| row.contains(one["body"].as_str().unwrap()));
        let one = one.unwrap_or_else(|| panic!("not in the ledger: {row}"));
        let (total, back) = (one["total_fen"].as_i64().unwrap(), one["refunded_fen"].as_i64().unwrap());
        let state = match one["state"].as_str().unwrap() {
            "refunded" if back < total => "refunded_part",
            "refunded" => "refunded_all",
            other => other,
        };
        let mut expected = vec![yuan(total), zh.say(&format!("ui.state.order.{state}")).to_owned()];
        if back > 0 {
            expected.push(yuan(back));
        }
        for text in expected {
            assert!(row.contains(&text), "the list says {row:?}; the ledger {one}");
        }
        seen.insert(one["out_trade_no"].as_str().unwrap().to_owned());
    }
    seen
}

#[tokio::test]
async fn clicks_in_a_crowd_have_one_effect_each_and_the_list_ends_as_the_ledger() {
    let (place, gateway, zh) = (Place::fresh(), Place::fresh(), Words::zh());
    let (_serving, said) = gateway.start(&["simulator", "serve", "--tls", "--until-stdin-ends"]);
    shop(&place, &said);
    let served = place.root().join("served.json");
    std::fs::write(&served, said.to_string()).unwrap();
    let file = served.display().to_string();

    // The person's own orders: 1 and 2 are paid and nobody has told, 3 and 4 are paid, 5 and 6 are not.
    for one in 1..=6 {
        let number = format!("mine-000{one}");
        let body = format!("自己 000{one}");
        let words = ["--merchant", "shop", "order", "create", "--amount", "88.00", "--body", &body];
        let _ = place.cli(&[&words[..], &["--out-trade-no", &number]].concat());
        if one <= 4 {
            let _ = place.cli(&["simulator", "pay", &number, "--served", &file]);
        }
        if one == 3 || one == 4 {
            let _ = place.cli(&["--merchant", "shop", "order", "query", &number]);
        }
    }
    let mut crowd = Crowd::start(&place, &served);
    crowd.says("ready");

    let window = Window::open_with(&place, &["--merchant", "shop"], &[]).await;
    let page = &window.page;
    let listen = "window.__changes = 0;
        const heard = window.__TAURI_INTERNALS__.transformCallback(() => (window.__changes += 1));
        window.__TAURI_INTERNALS__.invoke('plugin:event|listen', { event: 'change', target: { kind: 'Any' }, handler: heard })
          .then(() => arguments[0](null), (error) => arguments[0](String(error)))";
    assert_eq!(page.eval_async(listen, vec![]).await, Value::Null);
    page.go("payments").await;
    page.until_rows(MANY as u64 + 6).await;

    // The window stands still while half of it happens: then it all arrives at once.
    window.stand_still(true);
    crowd.go();
    crowd.says("done");
    window.stand_still(false);
    crowd.go();
    let asked = zh.say("ui.pane.asked");
    for number in ["mine-0001", "mine-0002"] {
        page.go(&format!("payments?open={number}")).await;
        page.until_text("aside.detail .kv", number).await;
        page.click_on("aside.detail .pane-acts button:nth-child(2):not([disabled])").await;
        page.until_text("body", asked).await;
        page.until_text("aside.detail", zh.say("state.order.paid")).await;
    }
    for number in ["mine-0005", "mine-0006"] {
        page.go(&format!("payments?open={number}")).await;
        page.until_text("aside.detail .kv", number).await;
        page.double_click("aside.detail .pane-acts button:nth-child(3)").await;
        if page.count(".pane-sure").await == 0 {
            page.click_on("aside.detail .pane-acts button:nth-child(3)").await;
        }
        page.double_click(".pane-sure .rf-acts button:nth-child(2)").await;
        page.until_text("aside.detail .pane-what", "CLOSED").await;
    }
    for (number, held) in [("mine-0003", false), ("mine-0004", true)] {
        page.go(&format!("payments?open={number}")).await;
        page.until_text("aside.detail .kv", number).await;
        page.open_refund().await;
        if held {
            page.refund_by_hold("12.30").await;
        } else {
            page.fill(".sheet .input-lg input", "12.30").await;
            page.until("the field, ready", ".sheet-foot input:not([disabled])").await;
            page.fill(".sheet-foot input", "12.30").await;
            page.keys(&[key::ENTER; 8]).await;
            page.until("the outcome", ".sheet .rf-done, .sheet .note-amber").await;
        }
        page.close_sheet().await;
    }
    crowd.says("done");
    for (command, times) in [("query_order", 2), ("close_order", 2), ("create_refund", 2)] {
        assert_eq!(page.calls(command).await, times, "{command}");
    }

    // One effect for each click, and for each of the crowd's.
    let effects = effects(&said).await;
    assert!(effects.values().all(|amounts| amounts.len() == 1), "twice: {effects:?}");
    let of = |kind: &str, mine: bool| -> Vec<(&str, i64)> {
        let fits = effects
            .iter()
            .filter(|((which, number), _)| which == kind && number.starts_with("crowd-") != mine);
        fits.map(|((_, number), amounts)| (number.as_str(), amounts[0])).collect()
    };
    assert_eq!(of("closed", true).iter().map(|one| one.0).collect::<Vec<_>>(), ["mine-0005", "mine-0006"]);
    assert_eq!(of("closed", false), []);
    assert_eq!(of("paid", true).len(), 4);
    assert_eq!(of("paid", false).len(), MANY);
    assert_eq!(of("refund_accepted", true).iter().map(|one| one.1).collect::<Vec<_>>(), [1_230, 1_230]);
    assert_eq!(of("refund_accepted", false).len(), MANY / 3);

    // The list, at its top and at its end, and its sums, as the ledger has them.
    let list = place.cli(&["--merchant", "shop", "order", "list", "--limit", "1000"]);
    let ledger = list["payments"].as_array().unwrap();
    assert_eq!(ledger.len(), MANY + 6);
    let sum = |name: &str| -> i64 { ledger.iter().filter_map(|one| one[name].as_i64()).sum() };
    let takings = sum("total_fen") - 2 * 8_800;
    // The gateway has not said yet that any of them arrived: only then is it taken off.
    let back = sum("refunded_fen");
    let refunds = place.cli(&["--merchant", "shop", "refund", "list", "--limit", "1000"]);
    let sent = refunds["refunds"].as_array().unwrap().iter().filter_map(|one| one["refund_fen"].as_i64());
    let accepted = effects.iter().filter(|((kind, _), _)| kind == "refund_accepted").map(|(_, of)| of[0]);
    assert_eq!(sent.sum::<i64>(), accepted.sum::<i64>());
    page.go("payments").await;
    page.until_gone("aside.detail").await;
    page.until_text(".foot", &yuan(takings)).await;
    page.until_text(".foot", &yuan(takings - back)).await;
    page.until_rows(MANY as u64 + 6).await;
    let mut seen = rows_are_true(page, &zh, ledger).await;
    page.eval("document.querySelector('.grid-row[data-active]').focus()", vec![]).await;
    page.keys(&[key::END]).await;
    page.until_text(".grid-rows", "自己 0001").await;
    seen.extend(rows_are_true(page, &zh, ledger).await);
    assert!(seen.len() > 25 && (1..=6).all(|one| seen.contains(&format!("mine-000{one}"))), "{seen:?}");

    let changes = page.eval("return window.__changes", vec![]).await.as_u64().unwrap_or(0);
    assert!(changes >= MANY as u64 / 2, "only {changes} changes arrived");
    assert_eq!(page.count("[role=alert], .error-box, .toast-bad, .status a.red").await, 0);
    for what in ["errors", "violations", "dialogs"] {
        assert_eq!(page.seen(what).await, json!([]), "{what}");
    }
}

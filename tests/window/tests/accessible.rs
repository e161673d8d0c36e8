//! Every screen and the sheet, in both themes, by the rules of axe-core: nothing serious.

use serde_json::{Value, json};
use window::{Page, Place, Window, key};

const AXE: &str = "
    const done = arguments[0];
    axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(
      (all) => done(all.violations.map((v) => ({ id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.slice(0, 4).map((n) => n.target.join(' ') + ' — ' + n.failureSummary) }))),
      (error) => done([{ id: 'axe', impact: 'critical', help: String(error), nodes: [] }]))";

/// Gives what is serious on the page as it stands, once its colours have stopped changing.
async fn serious(page: &Page, axe: &str, place: &str) -> Vec<String> {
    let still = "return document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getTiming().iterations === Infinity)";
    page.until_true("the page is still", still, Vec::new()).await;
    if page.eval("return typeof window.axe", Vec::new()).await != json!("object") {
        page.eval(&format!("{axe};window.axe = axe"), Vec::new()).await;
    }
    let found: Value = page.eval_async(AXE, Vec::new()).await;
    let found = found.as_array().cloned().unwrap_or_default();
    found
        .iter()
        .filter(|one| matches!(one["impact"].as_str(), Some("serious" | "critical")))
        .map(|one| format!("{place}: {} {}: {} {:#}", one["impact"], one["id"], one["help"], one["nodes"]))
        .collect()
}

#[tokio::test]
async fn nothing_serious_on_any_screen_in_either_theme() {
    let place = Place::fresh();
    let axe = std::fs::read_to_string(window::repository("ui/node_modules/axe-core/axe.min.js")).unwrap();
    let window = Window::open(&place).await;
    let page = &window.page;
    let mut found = Vec::new();
    let theme = "document.documentElement.dataset.theme = arguments[0]";

    for dark in ["light", "dark"] {
        page.eval(theme, vec![json!(dark)]).await;
        page.until("the overview", ".blank, .ov").await;
        found.extend(serious(page, &axe, &format!("empty overview, {dark}")).await);
    }
    page.go("collect").await;
    let number = page.order("88.00", "面包").await;
    for dark in ["light", "dark"] {
        page.eval(theme, vec![json!(dark)]).await;
        found.extend(serious(page, &axe, &format!("collect, {dark}")).await);
    }
    page.pay().await;
    page.open_payment(&number).await;
    page.open_refund().await;
    page.refund_by_hold("8.00").await;
    page.close_sheet().await;
    let places = [
        ("overview", "overview"),
        ("payments", "payments"),
        ("a payment", &format!("payments?open={number}")),
        ("refund sheet", &format!("payments?open={number}&refund={number}")),
        ("refunds", "refunds"),
        ("collect, fresh", "collect"),
        ("workbench", "workbench"),
        ("workbench, sign", "workbench?tab=sign"),
        ("workbench, refund notice", "workbench?tab=refund"),
        ("workbench, pay parameters", "workbench?tab=pay"),
        ("workbench, JSSDK", "workbench?tab=jssdk"),
        ("requests", "requests"),
        ("an exchange", "requests?open=1"),
        ("settings", "settings"),
        ("settings, a new merchant", "settings?add=1"),
        ("settings, ledger", "settings?section=ledger"),
        ("settings, look", "settings?section=look"),
        ("settings, sound", "settings?section=sound"),
        ("settings, limit", "settings?section=limit"),
        ("settings, keys", "settings?section=keys"),
        ("settings, about", "settings?section=about"),
    ];
    for (name, place) in places {
        page.go(place).await;
        let ready = if place.contains("refund=") { ".sheet .input-lg input" } else { "main h1" };
        page.until(name, ready).await;
        for dark in ["light", "dark"] {
            page.eval(theme, vec![json!(dark)]).await;
            found.extend(serious(page, &axe, &format!("{name}, {dark}")).await);
        }
    }
    // A diagnosis with everything unfolded, and with a key to be given once.
    page.go("workbench").await;
    page.click_on(".wb-out .list-state button").await;
    page.until("a verdict", ".wb-out[aria-busy=false] .verdict").await;
    page.eval("document.querySelectorAll('details').forEach((e) => (e.open = true))", Vec::new()).await;
    page.click_on(".wb-keys [role=radio]:nth-child(2)").await;
    page.click_on(".wb-keys [role=radio]:nth-child(1)").await;
    page.until("a verdict", ".wb-out[aria-busy=false] .verdict").await;
    page.eval("document.querySelectorAll('details').forEach((e) => (e.open = true))", Vec::new()).await;
    for dark in ["light", "dark"] {
        page.eval(theme, vec![json!(dark)]).await;
        found.extend(serious(page, &axe, &format!("a diagnosis, {dark}")).await);
    }
    page.go("overview").await;
    page.until_gone(".sheet").await;
    for (name, keys) in [("palette", None), ("keys", Some('?'))] {
        match keys {
            None => page.chord(key::CONTROL, 'k').await,
            Some(name) => page.chord(key::SHIFT, name).await,
        }
        page.until(name, "[role=dialog]").await;
        for dark in ["light", "dark"] {
            page.eval(theme, vec![json!(dark)]).await;
            found.extend(serious(page, &axe, &format!("{name}, {dark}")).await);
        }
        page.keys(&[key::ESCAPE]).await;
        page.until_gone("[role=dialog]").await;
    }
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "{} found:\n{}", found.len(), found.join("\n"));
}

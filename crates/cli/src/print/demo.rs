//! The demo as a story.

use super::money::yuan;
use super::page::{BAD, BOLD, DIM, Facts, GOOD, PLAIN, Page, time_utc8, words};
use console::Lang;
use console::view::{DemoStep, DemoView};
use serde_json::Value;

/// Before the first step.
pub(crate) fn opening(page: &mut Page) {
    page.environment("simulated", None);
    let text = page.say("demo.intro", &[]);
    page.line(&text);
    page.end();
}

/// One step and what proves it.
pub(crate) fn step(page: &mut Page, number: usize, step: &DemoStep) {
    let (style, sign) = if step.ok { (GOOD, "✓") } else { (BAD, "✗") };
    page.put(style, sign);
    page.put(DIM, &format!(" {number:>2}  "));
    let title = words(page.lang, "demo.", &step.step);
    page.put(BOLD, &title);
    page.end();
    let proof = format!("demo.proves.{}", step.step);
    if page.lang.has(&proof) {
        page.pad(6);
        page.line(&page.say(&proof, &[]));
    }
    let mut facts = Facts::default();
    for (name, value) in &step.evidence {
        // The proof and who acts stand above in words, in the language of the person.
        if name == "proof" || name == "by" {
            continue;
        }
        let label = format!("label.{}", name.strip_suffix("_fen").unwrap_or(name));
        let label = if page.lang.has(&label) { label } else { name.clone() };
        facts.put(label, PLAIN, shown(page.lang, &step.step, name, value), None);
    }
    page.indented_facts(6, &facts);
    page.end();
}

fn shown(lang: Lang, step: &str, name: &str, value: &Value) -> String {
    match value {
        Value::Number(number) => match number.as_i64() {
            Some(fen) if name.ends_with("_fen") => yuan(fen),
            _ => number.to_string(),
        },
        Value::String(text) if name == "at" || name.ends_with("_at") => time_utc8(text),
        Value::String(raw) => match name {
            "environment" => words(lang, "env.", raw),
            "state" if step.starts_with("refund") => words(lang, "state.refund.", raw),
            "state" => words(lang, "state.order.", raw),
            "verdict" if step.starts_with("refund") => words(lang, "verdict.notice.", raw),
            "verdict" => words(lang, "verdict.", raw),
            "evidence" => words(lang, "source.", raw),
            _ => raw.clone(),
        },
        Value::Array(items) => {
            items.iter().map(|item| shown(lang, step, name, item)).collect::<Vec<_>>().join(" + ")
        }
        Value::Bool(true) => "✓".to_owned(),
        Value::Bool(false) => "✗".to_owned(),
        Value::Null => "—".to_owned(),
        Value::Object(_) => value.to_string(),
    }
}

/// After the last step.
pub(crate) fn closing(page: &mut Page, view: &DemoView) {
    let ok = view.steps.iter().all(|step| step.ok);
    let (style, key) = if ok { (GOOD, "demo.all_held") } else { (BAD, "demo.not_held") };
    let text = page.say(key, &[("steps", &view.steps.len()), ("seed", &view.seed)]);
    page.styled(style, &text);
    page.end();
    for file in &view.files {
        let name = words(page.lang, "demo.file.", &file.kind);
        page.pad(2);
        page.put(DIM, &format!("{name}  "));
        page.line(&file.path);
    }
    page.end();
    let text = page.say("demo.next", &[]);
    page.line(&text);
    for line in [
        "paydesk order create --amount 88.00 --body coffee --out-trade-no my-first-order",
        "paydesk simulator pay my-first-order",
        "paydesk order query my-first-order",
        "paydesk refund create my-first-order --amount 8.00",
    ] {
        page.pad(2);
        page.put(DIM, "$ ");
        page.line(line);
    }
    page.end();
    page.environment("simulated", None);
}

//! What can be said of something pasted.

use super::merchant::mark;
use super::page::{BAD, BOLD, CARE, DIM, Facts, GOOD, PLAIN, Page, words};
use super::table::{Cell, Side, Step, Table};
use console::Lang;
use console::view::{DecryptView, FieldView, Verdict, VerifyView};

/// The verdict's stable word.
const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Valid => "valid",
        Verdict::ValidButRefused => "valid_but_refused",
        Verdict::Invalid => "invalid",
        Verdict::Unsigned => "unsigned",
        Verdict::Ambiguous => "ambiguous",
        Verdict::Undecidable => "undecidable",
        Verdict::Malformed => "malformed",
    }
}

/// A verdict and its proof.
pub(crate) fn verdict(page: &mut Page, view: &VerifyView) {
    let raw = word(view.verdict);
    let style = match view.verdict {
        Verdict::Valid => GOOD,
        Verdict::ValidButRefused | Verdict::Undecidable => CARE,
        _ => BAD,
    };
    let (style, sign) = match view.verdict {
        // The digest is right and the content is another's: nobody may read only a green tick.
        Verdict::Valid if view.contradicted() => (BAD, "✗ "),
        Verdict::Valid => (style, "✓ "),
        _ => (style, "✗ "),
    };
    // A refund notice has no signature: that it opens is the proof.
    let opened =
        view.recognised == "refund_notice" && matches!(view.verdict, Verdict::Valid | Verdict::Invalid);
    let said = words(page.lang, if opened { "verdict.notice." } else { "verdict." }, raw);
    page.put(style.bold(), &format!("{sign}{said}"));
    page.put(DIM, &format!("  {raw}"));
    page.end();
    if view.contradicted() {
        let text = page.say("verdict.contradicted", &[]);
        page.styled(BAD, &text);
    }
    let mut facts = Facts::default();
    let recognised = words(page.lang, "recognised.", &view.recognised);
    facts.put("label.recognised", PLAIN, recognised, Some(&view.recognised));
    facts.add("label.format", &view.format);
    facts.maybe("label.sign_type", view.sign_type.as_ref());
    if let Some(key) = &view.key {
        facts.put("label.key", PLAIN, key_named(page.lang, &key.label), key.fingerprint.as_deref());
    }
    facts.maybe("label.presented", view.presented.as_ref());
    facts.maybe("label.expected", view.expected.as_ref());
    page.facts(&facts);
    fields(page, &view.fields);
    if let Some(text) = &view.string_to_sign {
        page.end();
        let title = page.say("label.string_to_sign", &[]);
        page.styled(DIM, &title);
        page.pad(2);
        page.line(text);
    }
    if !view.findings.is_empty() {
        page.end();
    }
    for finding in &view.findings {
        let style = if finding.severity == "refused" { BAD } else { CARE };
        page.pad(2);
        page.put(style, &format!("! {}", finding.message));
        page.put(DIM, &format!("  {}", finding.id));
        page.end();
    }
    if !view.checks.is_empty() {
        page.end();
    }
    for check in &view.checks {
        let (style, sign) = mark(check.ok);
        page.pad(2);
        page.put(style, sign);
        page.line(&format!(" {}", check.message));
    }
    if view.recorded {
        page.end();
        let text = page.say("verify.recorded", &[]);
        page.styled(GOOD, &text);
    }
}

fn fields(page: &mut Page, fields: &[FieldView]) {
    if fields.is_empty() {
        return;
    }
    page.end();
    let mut table =
        Table::new(&[("label.signed", Side::Left), ("label.field", Side::Left), ("label.value", Side::Left)])
            .giving_way(&[("label.value", Step::Fold(16))]);
    for field in fields {
        let why = match (&field.reason, field.included) {
            (_, true) => Cell::new(GOOD, "✓"),
            (Some(reason), false) => Cell::new(DIM, &words(page.lang, "left_out.", reason)),
            (None, false) => Cell::new(DIM, "—"),
        };
        table.row(vec![why, Cell::new(BOLD, &field.name), Cell::short(&field.value, 90)]);
    }
    table.put(page);
}

/// A key as people call it: one that was given for this once, or a merchant's with its kind.
fn key_named(lang: Lang, label: &str) -> String {
    match label.rsplit_once(" · ") {
        Some((merchant, kind)) => format!("{merchant} · {}", words(lang, "key.", kind)),
        None => words(lang, "key.", label),
    }
}

/// A decrypted notice.
pub(crate) fn decrypted(page: &mut Page, view: &DecryptView) {
    let mut facts = Facts::default();
    facts.put("label.key", PLAIN, key_named(page.lang, &view.key.label), view.key.fingerprint.as_deref());
    page.facts(&facts);
    page.end();
    let mut table = Table::new(&[("label.field", Side::Left), ("label.value", Side::Left)])
        .giving_way(&[("label.value", Step::Fold(16))]);
    for field in &view.fields {
        table.row(vec![Cell::new(BOLD, &field.name), field.value.as_str().into()]);
    }
    table.put(page);
}

//! What can be said of something pasted.

use super::foreign;
use super::merchant::mark;
use super::page::{BAD, BOLD, CARE, DIM, Facts, GOOD, PLAIN, Page, words};
use super::table::{Cell, Side, Step, Table};
use console::Lang;
use console::view::{
    CauseView, DecryptView, DifferenceView, FieldView, JssdkView, ListedCause, MistakeView, Verdict,
    VerifyView,
};
use unicode_width::UnicodeWidthStr as _;

/// What is said of the developer's own string where nothing is wrong with it: the one good news among the findings.
const RIGHT: &str = "string_is_right";

/// What is said of it where nothing but its key is: it stands in the place of the difference.
const OTHER_KEY: &str = "string_with_other_key";

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
    let opened = view.recognised == "refund_notice"
        && matches!(view.verdict, Verdict::Valid | Verdict::ValidButRefused | Verdict::Invalid);
    let said = words(page.lang, if opened { "verdict.notice." } else { "verdict." }, raw);
    page.put(style.bold(), &format!("{sign}{said}"));
    page.put(DIM, &format!("  {raw}"));
    page.end();
    if view.contradicted() {
        let text = page.say("verdict.contradicted", &[]);
        page.styled(BAD, &text);
    }
    if let Some(meaning) = &view.meaning {
        page.sentence(0, 0, &[(PLAIN, meaning)]);
    }
    causes_of(page, &view.causes);
    // Of two keys nothing is shown, so that there is nothing to compare.
    if let Some(other) = view.findings.iter().find(|finding| finding.id == OTHER_KEY) {
        page.end();
        page.sentence(0, 2, &[(BAD, &format!("✗ {}", other.message)), (DIM, &format!("  {}", other.id))]);
    } else if let Some(difference) = &view.difference {
        self::difference(page, difference);
    }
    if let Some(right) = view.findings.iter().find(|finding| finding.id == RIGHT) {
        page.end();
        page.sentence(0, 2, &[(GOOD, &format!("✓ {}", right.message)), (DIM, &format!("  {}", right.id))]);
    }
    page.end();
    let mut facts = Facts::default();
    let recognised = words(page.lang, "recognised.", &view.recognised);
    facts.put("label.recognised", PLAIN, recognised, Some(&view.recognised));
    facts.put("label.format", PLAIN, words(page.lang, "format.", &view.format), Some(&view.format));
    if !view.undone.is_empty() {
        let undone: Vec<_> = view.undone.iter().map(|one| words(page.lang, "undone.", one)).collect();
        facts.add("label.undone", undone.join(&page.say("cause.param.between", &[])));
    }
    facts.maybe("label.sign_type", view.sign_type.as_ref());
    if let Some(key) = &view.key {
        facts.put("label.key", PLAIN, key_named(page.lang, &key.label), key.fingerprint.as_deref());
    }
    facts.maybe("label.presented", view.presented.as_ref());
    facts.maybe("label.expected", view.expected.as_ref());
    if let Some(search) = view.search {
        let tried = page.say("label.tried.value", &[("keys", &view.keys_tried), ("digests", &search.tried)]);
        facts.add("label.tried", tried);
    }
    page.facts(&facts);
    fields(page, &view.fields);
    if !view.other_reading.is_empty() {
        page.end();
        let title = page.say("label.other_reading", &[]);
        page.styled(BAD, &title);
        fields(page, &view.other_reading);
    }
    if let Some(text) = &view.string_to_sign {
        page.end();
        let title = page.say("label.string_to_sign", &[]);
        page.styled(DIM, &title);
        page.pad(2);
        page.line(text);
    }
    mistakes(page, &view.mistakes);
    let others = || view.findings.iter().filter(|finding| ![RIGHT, OTHER_KEY].contains(&&*finding.id));
    if others().next().is_some() {
        page.end();
    }
    for finding in others() {
        let style = if finding.severity == "refused" { BAD } else { CARE };
        let said = format!("! {}", finding.message);
        page.sentence(2, 4, &[(style, &said), (DIM, &format!("  {}", finding.id))]);
    }
    if !view.checks.is_empty() {
        page.end();
    }
    for check in &view.checks {
        let (style, sign) = mark(check.ok);
        page.sentence(2, 4, &[(style, sign), (PLAIN, &format!(" {}", check.message))]);
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

/// What was proven, the simplest explanation first, each with what to do instead.
fn causes_of(page: &mut Page, causes: &[CauseView]) {
    let mut explanation = None;
    for cause in causes {
        let lead = match explanation {
            None => "label.cause",
            Some(before) if before == cause.explanation => "label.cause.and",
            Some(_) => "label.cause.or",
        };
        if explanation != Some(cause.explanation) {
            page.end();
        }
        explanation = Some(cause.explanation);
        let lead = page.say(lead, &[]);
        page.sentence(0, 2, &[(BAD, &lead), (BOLD, &cause.message), (DIM, &format!("  {}", cause.id))]);
        page.sentence(2, 4, &[(GOOD, "→ "), (PLAIN, &cause.fix)]);
    }
}

/// Both strings around the first differing character, and a mark below it. Of what does not fit into a line the end
/// gives way, for the mark must stand below its character.
fn difference(page: &mut Page, view: &DifferenceView) {
    let same: String = view.expected.chars().take(view.same as usize).collect();
    let (right, said) = (page.say("label.string.right", &[]), page.say("label.string.said", &[]));
    let widest = right.width().max(said.width());
    let room = page.width.saturating_sub(widest + 4);
    page.end();
    for (label, text) in [(&right, &view.expected), (&said, &view.said)] {
        page.pad(2);
        page.put(DIM, label);
        page.pad(widest - label.width() + 2);
        page.line(&fitting(text, room));
    }
    let column = 2 + widest + 2 + foreign::visible(&same).width();
    let at = page
        .say("label.string.at", &[("character", &(view.at_character + 1)), ("byte", &(view.at_byte + 1))]);
    page.pad(column);
    if column.saturating_add(2 + at.width()) <= page.width {
        page.styled(BAD, &format!("^ {at}"));
    } else {
        page.styled(BAD, "^");
        page.sentence(2, 2, &[(BAD, &at)]);
    }
}

/// As much of a text as fits into so many columns.
fn fitting(text: &str, columns: usize) -> String {
    let mut wide = 0;
    let fits = |c: &char| {
        wide += foreign::visible(c.encode_utf8(&mut [0; 4])).width();
        wide <= columns
    };
    text.chars().take_while(fits).collect()
}

/// The mistakes of a program, line by line.
fn mistakes(page: &mut Page, mistakes: &[MistakeView]) {
    if mistakes.is_empty() {
        return;
    }
    page.end();
    let title = page.say("label.mistakes", &[]);
    page.styled(BOLD, &title);
    for mistake in mistakes {
        let line = page.say("label.line", &[("line", &mistake.line)]);
        let id = format!("  {}", mistake.id);
        page.sentence(2, 4, &[(BAD, &line), (PLAIN, &mistake.message), (DIM, &id)]);
        page.pad(4);
        page.styled(DIM, &mistake.excerpt);
    }
}

/// Every cause that can be proven.
pub(crate) fn causes(page: &mut Page, causes: &[ListedCause]) {
    for cause in causes {
        page.put(BOLD, &cause.id);
        page.end();
        page.sentence(2, 2, &[(PLAIN, &cause.message)]);
        page.sentence(2, 4, &[(GOOD, "→ "), (PLAIN, &cause.fix)]);
    }
}

/// The values of `wx.config`, and the call.
pub(crate) fn jssdk(page: &mut Page, view: &JssdkView) {
    let mut facts = Facts::default();
    facts.add("label.appid", &view.app_id);
    facts.add("label.jssdk.timestamp", view.timestamp);
    facts.add("label.jssdk.nonce", &view.nonce_str);
    facts.add("label.jssdk.signature", &view.signature);
    facts.add("label.jssdk.url", &view.url);
    page.facts(&facts);
    page.end();
    let title = page.say("label.jssdk.string", &[]);
    page.styled(DIM, &title);
    page.pad(2);
    page.line(&view.string_to_sign);
    page.end();
    let title = page.say("label.jssdk.call", &[]);
    page.sentence(0, 0, &[(DIM, &title)]);
    page.document(&view.call);
    page.end();
    let note = page.say("note.jssdk", &[]);
    page.sentence(0, 0, &[(DIM, &note)]);
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

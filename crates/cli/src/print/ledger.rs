//! The ledger and files that were written.

use super::merchant::mark;
use super::page::{BAD, BOLD, CARE, DIM, Facts, GOOD, PLAIN, Page, words};
use super::table::{Cell, Side, Step, Table};
use console::view::{
    AcceptView, BackupView, ExportView, LedgerCheckView, LedgerInfoView, RestoreView, SalvageView, TableCount,
};
use console::{ConsoleError, Lang};

/// Where it is and what is in it.
pub(crate) fn info(page: &mut Page, info: &LedgerInfoView) {
    page.environment(&info.environment, None);
    page.end();
    let head = words(page.lang, "head.", &info.head_kept_in);
    let mut facts = Facts::default();
    facts.add("label.file", &info.path);
    facts.add("label.bytes", info.bytes);
    facts.add("label.schema", format!("{} (SQLite {})", info.schema, info.sqlite));
    facts.put(
        "label.unresolved",
        if info.unresolved == 0 { PLAIN } else { CARE },
        info.unresolved.to_string(),
        None,
    );
    facts.add("label.journal", info.journal_seq);
    facts.put("label.head", PLAIN, head, Some(&info.head_kept_in));
    page.facts(&facts);
    page.end();
    rows(page, &info.tables);
}

fn rows(page: &mut Page, tables: &[TableCount]) {
    let mut table = Table::new(&[("label.table", Side::Left), ("label.rows", Side::Right)])
        .giving_way(&[("label.table", Step::Cut(6))]);
    for count in tables {
        table.row(vec![count.table.as_str().into(), count.rows.to_string().into()]);
    }
    table.put(page);
}

/// What a check found.
pub(crate) fn check(page: &mut Page, view: &LedgerCheckView) {
    page.environment(&view.environment, None);
    page.end();
    for check in &view.checks {
        let (style, sign) = mark(check.ok);
        page.pad(2);
        page.put(style, sign);
        page.line(&format!(" {}", check.message));
    }
    for finding in &view.findings {
        page.pad(2);
        page.put(BAD, &format!("! {}", finding.message));
        page.put(DIM, &format!("  [{}]", finding.id));
        page.end();
    }
    page.end();
    // Only what is kept outside of it is wrong: nothing in it needs to be saved.
    let only_head = view.findings.iter().all(|found| matches!(&*found.id, "head_damaged" | "head_missing"));
    let (style, key) = match (view.ok, only_head) {
        (true, _) => (GOOD, "ledger.whole"),
        (false, true) => (CARE, "ledger.not_anchored"),
        (false, false) => (BAD, "ledger.damaged"),
    };
    let text = page.say(key, &[("path", &view.path)]);
    page.styled(style, &text);
    if view.ok && view.kind == "quick" {
        let text = page.say("ledger.only_quick", &[]);
        page.styled(DIM, &text);
    }
}

/// What is wrong with a ledger that was only read. As an error it would say what was refused.
pub(crate) fn warning(warning: &ConsoleError, lang: Lang) -> String {
    let key = format!("warning.{}", warning.code);
    if !lang.has(&key) {
        return lang.error(warning);
    }
    let params: Vec<(&str, &dyn std::fmt::Display)> =
        warning.params.iter().map(|(name, value)| (*name, value as &dyn std::fmt::Display)).collect();
    lang.say(&key, &params)
}

/// A ledger that was taken as it is.
pub(crate) fn accepted(page: &mut Page, view: &AcceptView) {
    page.environment(&view.environment, None);
    let key = if view.begun { "ledger.begun" } else { "ledger.accepted" };
    let text = page.say(key, &[("path", &view.path), ("seq", &view.journal_seq)]);
    page.styled(GOOD, &text);
    adopted(page, view.adopted);
}

/// That what it held is unproven from here on.
fn adopted(page: &mut Page, adopted: bool) {
    if adopted {
        let text = page.say("ledger.adopted", &[]);
        page.styled(CARE, &text);
    }
}

/// A backup.
pub(crate) fn backup(page: &mut Page, view: &BackupView) {
    let text = page.say("ledger.backed_up", &[("path", &view.path), ("bytes", &view.bytes)]);
    page.styled(GOOD, &text);
}

/// A restored ledger.
pub(crate) fn restored(page: &mut Page, view: &RestoreView) {
    let text = page.say("ledger.restored", &[("path", &view.path)]);
    page.styled(GOOD, &text);
    adopted(page, view.adopted);
    aside(page, view.moved_aside.as_deref());
}

fn aside(page: &mut Page, path: Option<&str>) {
    if let Some(path) = path {
        page.line(&page.say("ledger.moved_aside", &[("path", &path)]));
    }
}

/// What could be saved.
pub(crate) fn salvaged(page: &mut Page, view: &SalvageView) {
    let text = page.say("ledger.salvaged", &[("path", &view.path)]);
    page.styled(BOLD, &text);
    aside(page, view.moved_aside.as_deref());
    page.end();
    let of = |list: &[TableCount], table: &str| {
        list.iter().find(|count| count.table == table).map_or(0, |count| count.rows)
    };
    let mut table = Table::new(&[
        ("label.table", Side::Left),
        ("label.saved", Side::Right),
        ("label.lost", Side::Right),
        ("label.doubtful", Side::Right),
    ])
    .giving_way(&[("label.table", Step::Cut(6)), ("label.saved", Step::Drop)]);
    for count in &view.saved {
        let number = |rows: i64| Cell::new(if rows == 0 { PLAIN } else { BAD }, &rows.to_string());
        table.row(vec![
            count.table.as_str().into(),
            count.rows.to_string().into(),
            number(of(&view.lost, &count.table)),
            number(of(&view.doubtful, &count.table)),
        ]);
    }
    table.put(page);
    lost_rows(page, view);
    if !view.doubtful.is_empty() || !view.lost.is_empty() {
        let text = page.say("ledger.ask_each", &[]);
        page.styled(CARE, &text);
    }
    page.end();
    let (style, key) =
        if view.journal_whole { (GOOD, "ledger.journal_whole") } else { (CARE, "ledger.journal_new") };
    let text = page.say(key, &[]);
    page.styled(style, &text);
}

/// What was lost, by its numbers as far as these are known.
fn lost_rows(page: &mut Page, view: &SalvageView) {
    for row in &view.lost_rows {
        let of = row.merchant.as_ref().or(row.kind.as_ref()).map_or("-", String::as_str);
        let key = format!("ledger.lost.{}", row.table);
        let text = page.say(&key, &[("number", &row.number), ("of", &of)]);
        page.styled(BAD, &text);
    }
    for count in &view.lost {
        let named = view.lost_rows.iter().filter(|row| row.table == count.table).count();
        let more = count.rows - i64::try_from(named).unwrap_or(0);
        if named > 0 && more > 0 {
            page.line(&page.say("ledger.lost.more", &[("table", &count.table), ("count", &more)]));
        }
    }
    for table in &view.unreadable {
        let text = page.say("ledger.lost.unreadable", &[("table", table)]);
        page.styled(CARE, &text);
    }
    if !view.lost_rows.is_empty() || !view.unreadable.is_empty() {
        page.end();
    }
}

/// An export.
pub(crate) fn exported(page: &mut Page, view: &ExportView, environment: &str, merchant: &str) {
    page.environment(environment, Some(merchant));
    let text =
        page.say("export.written", &[("path", &view.path), ("rows", &view.rows), ("bytes", &view.bytes)]);
    page.styled(GOOD, &text);
}

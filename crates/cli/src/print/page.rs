//! A page of text for a terminal. Styles are put around texts here and nowhere else, and every text is made
//! harmless first, so that no escape sequence of a stranger's can get through.

use super::foreign;
use anstyle::{AnsiColor, Style};
use console::Lang;
use std::borrow::Cow;
use std::fmt::Display;
use unicode_width::UnicodeWidthStr as _;

const fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(anstyle::Color::Ansi(colour)))
}

pub(crate) const PLAIN: Style = Style::new();
pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = colour(AnsiColor::Green);
pub(crate) const BAD: Style = colour(AnsiColor::Red);
pub(crate) const CARE: Style = colour(AnsiColor::Yellow);

/// Text that grows.
pub(crate) struct Page {
    pub(crate) lang: Lang,
    /// How many columns there are; no end of them where a program reads.
    pub(crate) width: usize,
    text: String,
}

/// The narrowest terminal that is taken into account.
const NARROWEST: usize = 20;

/// How many columns standard output has: what `COLUMNS` says, else what the terminal does. A pipe has no end of
/// them.
pub(crate) fn columns() -> usize {
    let said =
        std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).filter(|columns| *columns > 0);
    let out = std::io::stdout();
    let seen = || {
        // Asked of standard output itself: a terminal elsewhere says nothing about a file.
        let terminal = std::io::IsTerminal::is_terminal(&out);
        let size = terminal.then(|| terminal_size::terminal_size_of(&out)).flatten();
        size.map(|(width, _)| usize::from(width.0)).filter(|columns| *columns > 0)
    };
    said.or_else(seen).map_or(usize::MAX, |columns: usize| columns.max(NARROWEST))
}

impl Page {
    pub(crate) const fn new(lang: Lang) -> Self {
        Self { lang, width: usize::MAX, text: String::new() }
    }

    pub(crate) fn say(&self, key: &str, params: &[(&str, &dyn Display)]) -> String {
        self.lang.say(key, params)
    }

    /// Adds a text in a style.
    pub(crate) fn put(&mut self, style: Style, text: &str) {
        let text = foreign::visible(text);
        if style == PLAIN {
            self.text += &text;
        } else {
            self.text += &format!("{style}{text}{style:#}");
        }
    }

    /// Ends the line.
    pub(crate) fn end(&mut self) {
        self.text.push('\n');
    }

    /// Adds a line.
    pub(crate) fn line(&mut self, text: &str) {
        self.put(PLAIN, text);
        self.end();
    }

    /// Adds a line in a style.
    pub(crate) fn styled(&mut self, style: Style, text: &str) {
        self.put(style, text);
        self.end();
    }

    /// Adds a sentence of pieces in styles, folded into the columns there are: begun at `indent`, going on at `hang`.
    pub(crate) fn sentence(&mut self, indent: usize, hang: usize, pieces: &[(Style, &str)]) {
        let pieces: Vec<_> =
            pieces.iter().map(|(style, text)| (*style, foreign::visible(text).into_owned())).collect();
        let mut column = indent;
        for line in super::sentence::lines(&pieces, indent, hang, self.width) {
            self.pad(column);
            for (style, text) in line {
                self.put(style, &text);
            }
            self.end();
            column = hang;
        }
    }

    /// Adds a document of several lines, indented.
    pub(crate) fn document(&mut self, text: &str) {
        for line in text.lines() {
            self.text += "  ";
            self.text += &foreign::document(line);
            self.end();
        }
    }

    /// Adds a text whose spaces are to stay, such as a table's cell, padded to a width.
    pub(crate) fn pad(&mut self, columns: usize) {
        self.text.extend(std::iter::repeat_n(' ', columns));
    }

    /// Adds the environment, which every answer about money begins with, and the merchant.
    pub(crate) fn environment(&mut self, environment: &str, merchant: Option<&str>) {
        let style = match environment {
            "live" => Style::new().bold().fg_color(Some(AnsiColor::Red.into())),
            "sandbox" => Style::new().bold().fg_color(Some(AnsiColor::Blue.into())),
            _ => Style::new().bold().fg_color(Some(AnsiColor::Yellow.into())),
        };
        let (name, note) = match environment {
            "live" => ("env.live", "env.note.live"),
            "sandbox" => ("env.sandbox", "env.note.sandbox"),
            _ => ("env.simulated", "env.note.simulated"),
        };
        let (name, note) = (self.say(name, &[]), self.say(note, &[]));
        self.put(style, &name);
        self.put(DIM, &format!(" · {note}"));
        if let Some(merchant) = merchant {
            self.put(DIM, " · ");
            self.put(PLAIN, merchant);
        }
        self.end();
    }

    /// Adds facts, one a line, their names in one column.
    pub(crate) fn facts(&mut self, facts: &Facts) {
        self.indented_facts(2, facts);
    }

    /// The same, further in.
    pub(crate) fn indented_facts(&mut self, columns: usize, facts: &Facts) {
        let names: Vec<String> = facts.0.iter().map(|fact| self.say(&fact.label, &[])).collect();
        let widest = names.iter().map(|name| name.width()).max().unwrap_or(0);
        for (fact, name) in facts.0.iter().zip(&names) {
            self.pad(columns);
            self.put(DIM, name);
            self.pad(widest - name.width() + 2);
            self.put(fact.style, &fact.value);
            if let Some(raw) = &fact.raw {
                self.put(DIM, &format!("  {raw}"));
            }
            self.end();
        }
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }
}

struct Fact {
    label: Cow<'static, str>,
    style: Style,
    value: String,
    raw: Option<String>,
}

/// Names and values.
#[derive(Default)]
pub(crate) struct Facts(Vec<Fact>);

impl Facts {
    /// Adds a fact; `label` is a key of `locales/`.
    pub(crate) fn add(&mut self, label: &'static str, value: impl Display) {
        self.put(label, PLAIN, value.to_string(), None);
    }

    /// Adds a fact if there is one.
    pub(crate) fn maybe(&mut self, label: &'static str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.add(label, value);
        }
    }

    /// Adds a fact in a style, with WeChat Pay's or Paydesk's raw word beside it.
    pub(crate) fn put(
        &mut self,
        label: impl Into<Cow<'static, str>>,
        style: Style,
        value: String,
        raw: Option<&str>,
    ) {
        self.0.push(Fact { label: label.into(), style, value, raw: raw.map(ToOwned::to_owned) });
    }
}

/// The words for a state, `family` being `state.order.`, `state.refund.` and so on; the raw word if there are none.
pub(crate) fn words(lang: Lang, family: &str, raw: &str) -> String {
    let key = format!("{family}{raw}");
    if lang.has(&key) { lang.say(&key, &[]) } else { raw.to_owned() }
}

/// A view's moment as people read it. Which zone it is, is said once a page.
pub(crate) fn time(view: &str) -> String {
    view.strip_suffix("+08:00").unwrap_or(view).replacen('T', " ", 1)
}

/// The same without the century and the seconds, where there is little room.
pub(crate) fn time_brief(view: &str) -> String {
    let time = time(view);
    match (time.get(2..16), time.len()) {
        (Some(brief), 19) => brief.to_owned(),
        _ => time,
    }
}

/// The same with its zone.
pub(crate) fn time_utc8(view: &str) -> String {
    format!("{} UTC+8", time(view))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(page: Page) -> String {
        anstream::adapter::strip_str(&page.finish()).to_string()
    }

    #[test]
    fn simulated_can_never_be_taken_for_live() {
        let shown = |lang, environment| {
            let mut page = Page::new(lang);
            page.environment(environment, Some("bakery"));
            plain(page)
        };
        assert_eq!(shown(Lang::ZhCn, "simulated"), "◆ 模拟 SIMULATED · 不是真钱，数据不出本机 · bakery\n");
        assert_eq!(shown(Lang::ZhCn, "sandbox"), "■ 沙箱 SANDBOX · 微信支付沙箱，不是真钱 · bakery\n");
        assert_eq!(shown(Lang::ZhCn, "live"), "● 正式 LIVE · 真实资金 · bakery\n");
        assert_eq!(
            shown(Lang::En, "simulated"),
            "◆ SIMULATED · no real money; nothing leaves this computer · bakery\n"
        );
        assert_eq!(shown(Lang::En, "live"), "● LIVE · real money · bakery\n");
    }

    #[test]
    fn names_of_facts_are_in_one_column() {
        let mut facts = Facts::default();
        facts.add("label.out_trade_no", "A1");
        facts.put("label.state", GOOD, "已付款".into(), Some("paid"));
        let mut page = Page::new(Lang::ZhCn);
        page.facts(&facts);
        assert_eq!(plain(page), "  商户订单号  A1\n  状态        已付款  paid\n");
    }

    #[test]
    fn escape_sequences_do_not_get_through() {
        let mut page = Page::new(Lang::En);
        page.put(GOOD, "a\u{1b}]0;title\u{7}b");
        page.line("\u{1b}[2J");
        page.document("x\u{1b}[1m\ny");
        let text = page.finish();
        assert_eq!(text.matches('\u{1b}').count(), 2, "only our own style: {text:?}");
        assert!(text.contains("‹U+001B›]0;title‹U+0007›b"));
    }

    #[test]
    fn times() {
        assert_eq!(time_utc8("2026-11-21T14:05:09+08:00"), "2026-11-21 14:05:09 UTC+8");
        assert_eq!(time("someday"), "someday");
        assert_eq!(time_brief("2026-11-21T14:05:09+08:00"), "26-11-21 14:05");
        assert_eq!(time_brief("someday"), "someday");
    }
}

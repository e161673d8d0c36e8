//! Tables whose columns stand under each other whatever script is in them, and which a narrow terminal does not
//! break: what matters least gives way first.

use super::foreign;
use super::page::{DIM, PLAIN, Page};
use anstyle::Style;
use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// On which side a column's cells begin.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// One cell.
pub(crate) struct Cell {
    style: Style,
    text: String,
    /// What says the same in fewer columns.
    brief: Option<String>,
}

/// How a column gives way where the terminal is too narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Its cells say the same in fewer columns.
    Brief,
    /// Its cells are cut, but not to less than so many columns.
    Cut(usize),
    /// The last column only: its cells go on in the next line, in not less than so many columns.
    Fold(usize),
    /// It stands on a line of its own under the row, whole: for numbers, of which no digit may be lost.
    Under,
    /// It is not shown.
    Drop,
}

impl Cell {
    pub(crate) fn new(style: Style, text: &str) -> Self {
        Self { style, text: foreign::visible(text).into_owned(), brief: None }
    }

    /// With this where there is little room.
    pub(crate) fn or_brief(mut self, text: &str) -> Self {
        self.brief = Some(foreign::visible(text).into_owned());
        self
    }

    /// The same, cut to a width.
    pub(crate) fn short(text: &str, most: usize) -> Self {
        Self { style: PLAIN, text: cut(&foreign::visible(text), most), brief: None }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::new(PLAIN, text)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::new(PLAIN, &text)
    }
}

/// At most `most` columns of a text, an ellipsis in place of the rest.
fn cut(text: &str, most: usize) -> String {
    if text.width() <= most {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut width = 1; // the ellipsis
    for c in text.chars() {
        width += c.width().unwrap_or(0);
        if width > most {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// A text in pieces of at most `most` columns each.
fn fold(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut width = 0;
    for c in text.chars() {
        let next = c.width().unwrap_or(0);
        if width + next > most && width > 0 {
            lines.push(String::new());
            width = 0;
        }
        width += next;
        if let Some(line) = lines.last_mut() {
            line.push(c);
        }
    }
    lines
}

/// Headings and rows.
pub(crate) struct Table {
    head: Vec<(&'static str, Side)>,
    rows: Vec<Vec<Cell>>,
    steps: &'static [(&'static str, Step)],
}

/// What became of a column.
#[derive(Clone, Copy, Default)]
struct Shape {
    brief: bool,
    cut: Option<usize>,
    fold: Option<usize>,
    under: bool,
    gone: bool,
}

impl Shape {
    fn text<'c>(&self, cell: &'c Cell) -> Cow<'c, str> {
        let text = match &cell.brief {
            Some(brief) if self.brief => brief,
            _ => &cell.text,
        };
        match self.cut {
            Some(most) => Cow::Owned(cut(text, most)),
            None => Cow::Borrowed(text),
        }
    }

    fn width(&self, cell: &Cell) -> usize {
        let width = self.text(cell).width();
        self.fold.map_or(width, |most| width.min(most))
    }

    /// Whether it stands in the row itself.
    const fn in_row(&self) -> bool {
        !self.under && !self.gone
    }
}

/// Before every row, and between two columns.
const GAP: usize = 2;

impl Table {
    /// A table with these headings, which are keys of `locales/`.
    pub(crate) fn new(head: &[(&'static str, Side)]) -> Self {
        Self { head: head.to_vec(), rows: Vec::new(), steps: &[] }
    }

    /// Where there is no room for all, these columns give way, one step after the other.
    pub(crate) fn giving_way(mut self, steps: &'static [(&'static str, Step)]) -> Self {
        self.steps = steps;
        self
    }

    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    fn widths(&self, head: &[Cell], shapes: &[Shape]) -> Vec<usize> {
        let column = |(column, shape): (usize, &Shape)| {
            let rows = self.rows.iter().filter_map(|row| row.get(column));
            rows.chain([&head[column]]).map(|cell| shape.width(cell)).max().unwrap_or(0)
        };
        shapes.iter().enumerate().map(column).collect()
    }

    /// How many columns of the terminal are missing.
    fn missing(room: usize, widths: &[usize], shapes: &[Shape]) -> usize {
        let shown = widths.iter().zip(shapes).filter(|(_, shape)| shape.in_row());
        shown.map(|(width, _)| width + GAP).sum::<usize>().saturating_sub(room)
    }

    /// How each column is shown in so much room.
    fn shapes(&self, head: &[Cell], room: usize) -> Vec<Shape> {
        let mut shapes = vec![Shape::default(); head.len()];
        for (key, step) in self.steps {
            let widths = self.widths(head, &shapes);
            let missing = Self::missing(room, &widths, &shapes);
            if missing == 0 {
                break;
            }
            let Some(column) = self.head.iter().position(|(name, _)| name == key) else { continue };
            let left = |least: usize| Some(widths[column].saturating_sub(missing).max(least));
            match *step {
                Step::Brief => shapes[column].brief = true,
                Step::Cut(least) => shapes[column].cut = left(least),
                Step::Fold(least) => shapes[column].fold = left(least),
                Step::Under => shapes[column].under = true,
                Step::Drop => shapes[column].gone = true,
            }
        }
        shapes
    }

    pub(crate) fn put(&self, page: &mut Page) {
        let head: Vec<Cell> = self.head.iter().map(|(key, _)| Cell::new(DIM, &page.say(key, &[]))).collect();
        let shapes = self.shapes(&head, page.width);
        let widths = self.widths(&head, &shapes);
        for row in std::iter::once(&head).chain(&self.rows) {
            self.put_row(page, row, &shapes, &widths);
        }
    }

    fn put_row(&self, page: &mut Page, row: &[Cell], shapes: &[Shape], widths: &[usize]) {
        let shown: Vec<usize> = (0..row.len().min(shapes.len())).filter(|at| shapes[*at].in_row()).collect();
        let mut rest = Vec::new();
        let mut indent = GAP;
        page.pad(GAP);
        for (nth, column) in shown.iter().copied().enumerate() {
            let (cell, shape) = (&row[column], shapes[column]);
            let text = shape.text(cell);
            let space = widths[column].saturating_sub(text.width());
            let right = self.head[column].1 == Side::Right;
            if right {
                page.pad(space);
            }
            match shape.fold {
                Some(most) => {
                    let mut lines = fold(&text, most).into_iter();
                    page.put(cell.style, &lines.next().unwrap_or_default());
                    rest = lines.map(|line| (indent, cell.style, line)).collect();
                }
                None => page.put(cell.style, &text),
            }
            if nth + 1 < shown.len() {
                page.pad(if right { GAP } else { space + GAP });
            }
            indent += widths[column] + GAP;
        }
        page.end();
        let under = (0..row.len().min(shapes.len())).filter(|at| shapes[*at].under);
        rest.extend(under.map(|at| (2 * GAP, row[at].style, row[at].text.clone())));
        for (indent, style, line) in rest {
            if !line.is_empty() {
                page.pad(indent);
                page.put(style, &line);
                page.end();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use console::Lang;

    #[test]
    fn columns_stand_under_each_other_in_any_script() {
        let mut table = Table::new(&[
            ("label.body", Side::Left),
            ("label.amount", Side::Right),
            ("label.state", Side::Left),
        ]);
        table.row(vec!["面包".into(), "¥1,234.50".into(), "已付款".into()]);
        table.row(vec!["bread 🍞".into(), "¥0.01".into(), "\u{1b}[0m".into()]);
        table.row(vec![Cell::short("很长很长的商品名称", 9), "-¥2.00".into(), "x".into()]);
        let mut page = Page::new(Lang::ZhCn);
        table.put(&mut page);
        let text = anstream::adapter::strip_str(&page.finish()).to_string();
        assert_eq!(
            text,
            "  商品            金额  状态\n  面包       ¥1,234.50  已付款\n  bread 🍞       ¥0.01  ‹U+001B›[0m\n  很长很长…     -¥2.00  x\n"
        );
    }

    #[test]
    fn what_matters_least_gives_way_first() {
        let mut table = Table::new(&[
            ("label.body", Side::Left),
            ("label.amount", Side::Right),
            ("label.number", Side::Left),
            ("label.state", Side::Left),
        ])
        .giving_way(&[
            ("label.state", Step::Brief),
            ("label.body", Step::Cut(6)),
            ("label.body", Step::Drop),
            ("label.number", Step::Under),
        ]);
        let state = || Cell::from("已付款 paid").or_brief("已付款");
        table.row(vec!["很长的商品名称".into(), "¥1.00".into(), "number-0001".into(), state()]);
        table.row(vec!["b".into(), "¥1,000.00".into(), "n".into(), state()]);
        let shown = |width| {
            let mut page = Page::new(Lang::ZhCn);
            page.width = width;
            table.put(&mut page);
            let text = anstream::adapter::strip_str(&page.finish()).to_string();
            assert!(text.lines().all(|line| line.width() <= width), "{width}: {text}");
            text
        };
        let wide = shown(60);
        assert_eq!(wide, shown(usize::MAX));
        assert!(wide.contains("很长的商品名称      ¥1.00  number-0001  已付款 paid"), "{wide}");
        assert_eq!(
            shown(45),
            "  商品              金额  单号         状态\n  \
               很长的商品…      ¥1.00  number-0001  已付款\n  \
               b            ¥1,000.00  n            已付款\n"
        );
        assert_eq!(
            shown(20),
            "       金额  状态\n    单号\n      ¥1.00  已付款\n    number-0001\n  ¥1,000.00  已付款\n    n\n"
        );
    }

    #[test]
    fn the_last_column_goes_on_below_itself() {
        let mut table = Table::new(&[("label.field", Side::Left), ("label.value", Side::Left)])
            .giving_way(&[("label.value", Step::Fold(8))]);
        table.row(vec!["body".into(), "面包面包面包x".into()]);
        let mut page = Page::new(Lang::En);
        page.width = 16;
        table.put(&mut page);
        let text = anstream::adapter::strip_str(&page.finish()).to_string();
        assert_eq!(text, "  field  value\n  body   面包面包\n         面包x\n");
        assert_eq!(fold("", 4), [""]);
        assert_eq!(fold("面包", 1), ["面", "包"]);
    }

    #[test]
    fn cutting_counts_columns() {
        assert_eq!(cut("面包店", 6), "面包店");
        assert_eq!(cut("面包店x", 6), "面包…");
        assert_eq!(cut("abcdef", 3), "ab…");
    }
}

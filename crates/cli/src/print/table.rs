//! Tables whose columns stand under each other whatever script is in them.

use super::foreign;
use super::page::{DIM, PLAIN, Page};
use anstyle::Style;
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
}

impl Cell {
    pub(crate) fn new(style: Style, text: &str) -> Self {
        Self { style, text: foreign::visible(text).into_owned() }
    }

    /// The same, cut to a width.
    pub(crate) fn short(text: &str, most: usize) -> Self {
        Self { style: PLAIN, text: cut(&foreign::visible(text), most) }
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

/// Headings and rows.
pub(crate) struct Table {
    head: Vec<(&'static str, Side)>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table with these headings, which are keys of `locales/`.
    pub(crate) fn new(head: &[(&'static str, Side)]) -> Self {
        Self { head: head.to_vec(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    pub(crate) fn put(&self, page: &mut Page) {
        let head: Vec<Cell> = self.head.iter().map(|(key, _)| Cell::new(DIM, &page.say(key, &[]))).collect();
        let widths: Vec<usize> = (0..head.len())
            .map(|column| {
                let rows = self.rows.iter().filter_map(|row| row.get(column));
                rows.chain([&head[column]]).map(|cell| cell.text.width()).max().unwrap_or(0)
            })
            .collect();
        for row in std::iter::once(&head).chain(&self.rows) {
            page.pad(2);
            for (column, cell) in row.iter().enumerate() {
                let space = widths.get(column).map_or(0, |width| width.saturating_sub(cell.text.width()));
                let right = self.head.get(column).is_some_and(|(_, side)| *side == Side::Right);
                if right {
                    page.pad(space);
                }
                page.put(cell.style, &cell.text);
                if column + 1 < row.len() {
                    page.pad(if right { 2 } else { space + 2 });
                }
            }
            page.end();
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
    fn cutting_counts_columns() {
        assert_eq!(cut("面包店", 6), "面包店");
        assert_eq!(cut("面包店x", 6), "面包…");
        assert_eq!(cut("abcdef", 3), "ab…");
    }
}

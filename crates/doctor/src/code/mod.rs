//! Programs that build parameters: what parameters stand in them, and which mistakes.
//!
//! Everything is decided on the words of the text as they stand there; nothing is executed. Tutorials come as prose
//! with pieces of programs in it, in many languages, often with their line breaks lost; so the reading is tolerant
//! and each rule looks for what it can be sure of. A text that has nothing to do with WeChat Pay has no mistakes.

mod excerpt;
mod fields;
mod lost;
mod names;
mod pairs;
mod place;
mod program;
mod rules;
mod shape;
mod texts;
mod token;
mod touched;

pub(crate) use names::on_the_wire;

use crate::cause::Cause;
use crate::reading::Reading;
use program::Program;

pub(crate) use place::runs_at_customers;
pub use rules::ALL;
pub(crate) use texts::slot as is_slot;

/// Most mistakes that are named.
pub const MOST: usize = 200;

/// Most bytes of a text that are taken apart as a program: many times what a tutorial has, and so few that whatever
/// stands in them is taken apart within some milliseconds and megabytes. What stands behind them is not looked at:
/// see [`is_cut`].
pub const MOST_BYTES: usize = 48 * 1024;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// WeChat Pay refuses what this makes, or money or a secret is at risk.
    Refused,
    /// It works by luck, misleads, or fails later.
    Warning,
}

impl Severity {
    /// The stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Warning => "warning",
        }
    }
}

/// A mistake that stands in a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which one: stable, one of [`ALL`].
    pub id: &'static str,
    /// The line it stands in, from 1.
    pub line: u32,
    /// What stands there: at most 120 characters, keys masked.
    pub excerpt: String,
    /// What it is about, such as `from` and `to` of a name. Never a key.
    pub params: Vec<(&'static str, String)>,
    /// The cause that a signature made this way would be proven to have.
    pub cause: Option<Cause>,
    /// How bad it is.
    pub severity: Severity,
}

/// The parameters that stand in a piece of a program: literal ones as fields, the others as expressions. Of several
/// sets the one with the most of WeChat Pay's names; `None` if there are fewer than two.
#[must_use]
pub fn read(text: &str) -> Option<Reading> {
    fields::read(&Program::new(texts::within(text, MOST_BYTES))).map(crate::read::under_signed_names)
}

/// What a text does with the object that stands in it between these bytes, where it is more than to read it; `None`
/// if nothing is, or if it is too far behind.
pub(crate) fn changed_behind(text: &str, start: usize, end: usize) -> Option<String> {
    let program = Program::new(texts::within(text, MOST_BYTES));
    let at = touched::changed_behind(&program, start, end)?;
    Some(program.line_from(at))
}

/// What a text does with the document in quotes that begins at this byte, where it may not stay as it stands there.
pub(crate) fn text_changed(text: &str, start: usize) -> Option<String> {
    let program = Program::new(texts::within(text, MOST_BYTES));
    let at = touched::text_changed(&program, start)?;
    Some(program.line_from(at))
}

/// The mistakes that stand in a piece of a program or a tutorial, by line; at most [`MOST`]. Of a text that
/// [is cut](is_cut), none that say something is missing: it may stand in what was not looked at.
#[must_use]
pub fn mistakes(text: &str) -> Vec<Seen> {
    let read = texts::within(text, MOST_BYTES);
    if !program::is_about_wechat_pay(read) {
        return Vec::new();
    }
    let mut seen = rules::all(&Program::new(read));
    if is_cut(text) {
        seen.retain(|seen| !rules::OF_WHAT_IS_MISSING.contains(&seen.id));
    }
    seen
}

/// Whether a text is too long to be looked at to its end: behind [`MOST_BYTES`] nothing is.
#[must_use]
pub const fn is_cut(text: &str) -> bool {
    text.len() > MOST_BYTES
}

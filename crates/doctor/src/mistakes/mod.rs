//! Every mistake that is replayed on the way to the string. Each file holds one family; none knows of a key.

mod bytes;
mod fields;
mod names;
mod order;
mod values;

pub(crate) use fields::leave_out;

use crate::cause::{Cause, Proven};
use crate::document::Document;
use crate::recipe::{Entry, Recipe};
use std::borrow::Cow;

/// Mistakes of the same slot exclude each other; lower ones are made first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    Beside,
    Provider,
    Values,
    Value,
    Drop,
    Add,
    SignType,
    Sign,
    Empty,
    Zero,
    Names,
    Quotes,
    Order,
    Join,
    Charset,
}

/// A mistake.
pub(crate) struct Mistake<'d> {
    pub(crate) proven: Proven,
    pub(crate) slot: Slot,
    /// Whether it is tried together with others. Of families with a member for each field only whole ones are.
    pub(crate) joins: bool,
    change: Box<dyn Fn(&mut Recipe<'d>) + 'd>,
}

impl<'d> Mistake<'d> {
    pub(crate) fn make(&self, recipe: &mut Recipe<'d>) {
        (self.change)(recipe);
    }
}

/// Gathers mistakes.
pub(crate) struct Made<'d> {
    pub(crate) list: Vec<Mistake<'d>>,
}

impl<'d> Made<'d> {
    fn add(
        &mut self,
        cause: Cause,
        params: Vec<(&'static str, String)>,
        slot: Slot,
        change: impl Fn(&mut Recipe<'d>) + 'd,
    ) -> &mut Mistake<'d> {
        let proven = Proven { cause, params };
        self.list.push(Mistake { proven, slot, joins: true, change: Box::new(change) });
        let last = self.list.len() - 1;
        &mut self.list[last]
    }

    /// A mistake in one field alone, not tried together with others.
    fn alone(
        &mut self,
        cause: Cause,
        params: Vec<(&'static str, String)>,
        slot: Slot,
        change: impl Fn(&mut Recipe<'d>) + 'd,
    ) {
        self.add(cause, params, slot, change).joins = false;
    }
}

/// Every mistake that may have been made with the document. Those that change nothing are among them still.
pub(crate) fn all<'d>(document: &Document<'d>) -> Vec<Mistake<'d>> {
    let mut made = Made { list: Vec::new() };
    fields::add(document, &mut made);
    names::add(document, &mut made);
    values::add(document, &mut made);
    order::add(&mut made);
    bytes::add(&mut made);
    made.list
}

/// Changes each value.
fn each<'d>(recipe: &mut Recipe<'d>, change: impl Fn(&str) -> String) {
    for entry in &mut recipe.entries {
        if !entry.value.is_empty() {
            let new = change(&entry.value);
            if new != entry.value {
                entry.value = Cow::Owned(new);
            }
        }
    }
}

/// Changes the value of one field.
fn one<'d>(recipe: &mut Recipe<'d>, name: &str, change: impl Fn(&str) -> String) {
    for entry in recipe.entries.iter_mut().filter(|entry| entry.name == name) {
        entry.value = Cow::Owned(change(&entry.value));
    }
}

/// Puts a field in at the end.
fn put<'d>(recipe: &mut Recipe<'d>, name: impl Into<Cow<'d, str>>, value: impl Into<Cow<'d, str>>) {
    recipe.entries.push(Entry { name: name.into(), value: value.into(), kept: false });
}

fn named(name: &str) -> Vec<(&'static str, String)> {
    vec![("field", name.to_owned())]
}

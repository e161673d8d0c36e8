//! Every mistake that is replayed on the way to the string. Each file holds one family; none knows of a key.

mod bytes;
mod coerce;
mod fields;
mod json;
mod jssdk;
mod names;
mod order;
mod packages;
mod values;

pub(crate) use fields::{added, left_out};
pub(crate) use values::{COMPONENT, percent};

use crate::cause::{Cause, Proven};
use crate::document::{Document, Kind};
use crate::recipe::{Recipe, Text};

/// Mistakes of the same slot exclude each other, unless they are in different fields; lower ones are made
/// first: a program gathers fields, then names them, then writes their values, then joins them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Slot {
    /// All fields at once are others.
    Document,
    Beside,
    Provider,
    Value,
    Drop,
    Zero,
    Add,
    SignType,
    Sign,
    Empty,
    Names,
    Values,
    Quotes,
    Order,
    Join,
    Charset,
}

/// With what else a mistake is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// With all: a way in which a program makes strings.
    Whole,
    /// With one whole one, and with any key: one field, of a family that is likely.
    Part,
    /// With one whole one, or another key: one field, of a family that has a member for each.
    Alone,
    /// With nothing else: hardly anybody who makes it makes another one, and it has no piece of a string in common
    /// with others.
    Lone,
    /// Only with others that wake it: by itself it changes nothing here.
    Idle,
}

/// A mistake.
pub(crate) struct Mistake<'d> {
    pub(crate) proven: Proven,
    pub(crate) slot: Slot,
    /// The only field that it changes, if it is only one.
    pub(crate) field: Option<Text<'d>>,
    pub(crate) reach: Reach,
    /// How many mistakes it counts as: 1, or 2 for what is made of several.
    pub(crate) cost: usize,
    /// The only key at hand that it can be made with: its own signature signed once more.
    pub(crate) only: Option<usize>,
    change: Box<dyn Fn(&mut Recipe<'d>) + 'd>,
}

impl<'d> Mistake<'d> {
    pub(crate) fn make(&self, recipe: &mut Recipe<'d>) {
        (self.change)(recipe);
    }

    /// Whether it does with each field the same, whatever else is in the string.
    pub(crate) fn is_apart(&self) -> bool {
        self.slot != Slot::Document && self.proven.cause != Cause::SpacesAsPlus
    }

    /// Whether both can have been made.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        let different = |one: &Text<'_>, other: &Text<'_>| **one != **other;
        let fields = self.field.as_ref().zip(other.field.as_ref());
        // Several fields left out are one mistake, which is looked for by itself.
        self.slot != other.slot
            || self.slot != Slot::Drop && fields.is_some_and(|(one, other)| different(one, other))
    }
}

type Params = Vec<(&'static str, String)>;

/// Gathers mistakes.
pub(crate) struct Made<'d> {
    pub(crate) list: Vec<Mistake<'d>>,
}

impl<'d> Made<'d> {
    /// A mistake of a whole program.
    fn add(
        &mut self,
        cause: Cause,
        params: Params,
        slot: Slot,
        change: impl Fn(&mut Recipe<'d>) + 'd,
    ) -> &mut Mistake<'d> {
        let (proven, change) = (Proven { cause, params }, Box::new(change));
        let mistake = Mistake { proven, slot, field: None, reach: Reach::Whole, cost: 1, only: None, change };
        self.list.push(mistake);
        let last = self.list.len() - 1;
        &mut self.list[last]
    }

    /// A mistake in one field alone.
    fn one(
        &mut self,
        (cause, mut params): (Cause, Params),
        (slot, reach): (Slot, Reach),
        field: &'d str,
        change: impl Fn(&str) -> String + 'd,
    ) {
        if !params.iter().any(|(name, _)| *name == "field") {
            params.insert(0, ("field", field.to_owned()));
        }
        let mistake = self.add(cause, params, slot, move |recipe| one(recipe, field, &change));
        mistake.field = Some(field.into());
        mistake.reach = reach;
    }
}

/// Documents with more fields, or more bytes, than anything that is signed has: only whole mistakes are
/// looked for.
const MOST_FIELDS: usize = 100;
const MOST_BYTES: usize = 64 << 10;

/// Whether each field of the document may be looked at by itself.
pub(crate) fn is_small(document: &Document<'_>) -> bool {
    let bytes = document.fields.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    document.fields.len() <= MOST_FIELDS && bytes <= MOST_BYTES
}

/// Every mistake that may have been made with the document; those that change nothing are among them still.
/// `own` are the right signatures by the keys at hand, with the key's place.
pub(crate) fn all<'d>(document: &Document<'d>, own: &[(usize, String)]) -> Vec<Mistake<'d>> {
    let mut made = Made { list: Vec::new() };
    fields::add(document, own, &mut made);
    if document.kind == Kind::Jssdk {
        jssdk::add(document, &mut made);
    } else {
        names::add(document, &mut made);
        order::sorts(&mut made);
    }
    values::add(document, &mut made);
    if matches!(document.kind, Kind::Jsapi | Kind::App) {
        packages::add(document, &mut made);
    }
    order::joins(&mut made);
    bytes::add(&mut made);
    made.list
}

/// The fields of a document that may be looked at by themselves, with their values; empty ones are not among
/// them.
fn single<'d>(document: &Document<'d>) -> Vec<(&'d str, &'d str)> {
    let fields = if is_small(document) { document.fields } else { &[] };
    let filled = fields.iter().filter(|(_, value)| !value.is_empty());
    filled.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Changes each value; `None` leaves it as it is.
fn each(recipe: &mut Recipe<'_>, change: impl Fn(&str) -> Option<String>) {
    for entry in recipe.entries.iter_mut().filter(|entry| !entry.value.is_empty()) {
        if let Some(new) = change(&entry.value) {
            entry.value = new.into();
        }
    }
}

/// Changes the value of one field.
fn one(recipe: &mut Recipe<'_>, name: &str, change: impl Fn(&str) -> String) {
    for entry in recipe.entries.iter_mut().filter(|entry| &*entry.name == name) {
        entry.value = change(&entry.value).into();
    }
}

fn named(name: &str) -> Params {
    vec![("field", name.to_owned())]
}

fn how(written: &str) -> Params {
    vec![("written", written.to_owned())]
}

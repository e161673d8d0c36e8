//! A call that has no appId, although one is signed.

use super::{Diagnosis, examine_to};
use crate::document::{Document, Kind};
use crate::key::Key;

/// What stands where the appId belongs: nobody's.
const NOBODY: &str = "\u{7F}";

/// Whether what must be signed is not all there: a page's or mini program's call is made without its appId.
pub(super) fn lacks_app_id(document: &Document<'_>) -> bool {
    document.kind == Kind::Jsapi && document.get("appId").is_none_or(str::is_empty)
}

/// Looks for the mistakes with nobody's appId in its place, so that only what leaves it out, or signs something else
/// altogether, can explain the signature. What would be right cannot be said.
pub(super) fn examine(
    document: &Document<'_>,
    keys: &[Key],
    deepest: usize,
    go_on: &mut dyn FnMut(u64) -> bool,
) -> Diagnosis {
    let others = document.fields.iter().filter(|(name, _)| name != "appId").cloned();
    let fields: Vec<_> = others.chain([("appId".to_owned(), NOBODY.to_owned())]).collect();
    let whole = Document { fields: &fields, ..*document };
    Diagnosis { expected: None, ..examine_to(&whole, keys, deepest, go_on) }
}

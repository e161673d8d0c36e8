//! The mistake once more with nobody's secrets, and the line that mends it.

use crate::view::{ReproductionView, SnippetView};
use doctor::reproduce::{Language, fix, reproduce};
use doctor::{Cause, Document, Explanation, Key};

/// The one line that mends it, in each language.
pub(super) fn fixes(cause: Cause) -> Vec<SnippetView> {
    let line = |language: &Language| snippet(*language, fix(cause, *language));
    Language::ALL.iter().map(line).collect()
}

fn snippet(language: Language, code: &str) -> SnippetView {
    SnippetView { language: language.as_str().into(), code: code.into() }
}

/// The explanation made again; `None` where that cannot be done, or not in time.
pub(super) fn reproduced(
    document: &Document<'_>,
    keys: &[Key],
    explanation: &Explanation,
    go_on: &mut dyn FnMut(u64) -> bool,
) -> Option<ReproductionView> {
    let made = reproduce(document, explanation, keys, go_on)?;
    let tests = made.tests.iter().map(|(language, code)| snippet(*language, code)).collect();
    Some(ReproductionView { payload: made.payload, tests })
}

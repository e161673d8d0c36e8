//! Mistakes made once more, on purpose: for a reproduction with other values and another key.

use crate::cause::{Cause, Proven};
use crate::document::Document;
use crate::key::{Key, KeyKind};
use crate::keyform::{KeyForm, forms};
use crate::mistakes::{self, Mistake};
use crate::presented::taken;
use crate::recipe::Recipe;
use crate::search::{AS_IT_STANDS, end, own};
use domain::Secret;
use wxpay::replay::Running;

/// The second key of a replay, for mistakes that take two: HMAC-SHA256 with another key at hand than the one
/// in the string. Whoever has [`examine`](crate::examine) look at such a replay gives it this key besides.
pub const SECOND_KEY: &str = "0123456789abcdef0123456789ABCDEF";

/// Mistakes with the key.
const OF_KEYS: [Cause; 5] = [
    Cause::KeyWhitespace,
    Cause::KeyLetterCase,
    Cause::KeyEmpty,
    Cause::KeyJoinedWrongly,
    Cause::HmacKeyDiffers,
];

/// What `document` would have been presented with, had exactly the mistakes `proven` been made with `key`:
/// upper-case hex unless a mistake says otherwise (lower-case for wx.config). `document` may have other
/// values than the one that the mistakes were proven of, as long as it has the same names, also in `beside`,
/// and values of the same kind. `presented` matters not. `key` is the one that signed, also where it was
/// another than the rightful one; where blanks or quotes around it were lost, it has them.
///
/// `None` where the mistakes cannot be made with this document and this key.
#[must_use]
pub fn replay(document: &Document<'_>, key: &str, proven: &[Proven]) -> Option<String> {
    if let [only] = proven
        && only.cause == Cause::OrderSignReused
        && only.params.iter().any(|(_, written)| written == AS_IT_STANDS)
    {
        return document.beside("sign").map(str::to_owned);
    }
    let taken = taken(proven, document.kind, document.asked)?;
    let form = key_form(document, key, proven)?;
    let mut made = made(document, key, proven);
    let others = proven.iter().filter(|proven| proven.cause == Cause::OtherKey).count();
    if made.len() + taken.mistakes + key_mistakes(proven).count() + others != proven.len() {
        return None;
    }
    made.sort_by_key(|mistake| mistake.slot);
    let mut recipe = Recipe::right(document);
    for mistake in made {
        mistake.make(&mut recipe);
    }
    let mut text = String::new();
    recipe.write(&mut text);
    let hmac_key = form.hmac_key.expose().as_bytes();
    let mut running = Running::new(taken.digest, hmac_key);
    running.take(&recipe.bytes(&text, true));
    Some(taken.finish(end(&running, taken.digest, &recipe, &form), hmac_key))
}

fn key_mistakes(proven: &[Proven]) -> impl Iterator<Item = &Proven> {
    proven.iter().filter(|proven| OF_KEYS.contains(&proven.cause))
}

/// The key with these mistakes.
fn key_form(document: &Document<'_>, key: &str, proven: &[Proven]) -> Option<KeyForm> {
    let given = |rightful, text: &str| Key::new("", KeyKind::Given, rightful, Secret::new(text.to_owned()));
    let keys = [given(true, key), given(false, SECOND_KEY)];
    let wanted: Vec<&Proven> = key_mistakes(proven).collect();
    forms(&keys, true, document.kind, wanted.len()).into_iter().find(|form| {
        let has = |wanted: &&&Proven| form.proven.iter().any(|proven| is_same(proven, wanted));
        form.key != Some(1) && wanted.iter().all(|wanted| has(&wanted))
    })
}

/// The mistakes on the way to the string; fewer than there are in `proven` where some are of another kind.
fn made<'d>(document: &Document<'d>, key: &str, proven: &'d [Proven]) -> Vec<Mistake<'d>> {
    let mut all = mistakes::all(document, &[(0, own(document, key))]);
    let mut made = Vec::new();
    for wanted in proven {
        let exactly = all.iter().position(|mistake| mistake.proven == *wanted);
        if let Some(at) = exactly.or_else(|| all.iter().position(|mistake| is_same(&mistake.proven, wanted)))
        {
            made.push(all.remove(at));
            continue;
        }
        let Some((_, fields)) = wanted.params.iter().find(|(name, _)| *name == "fields") else { continue };
        let fields: Vec<&'d str> = fields.split(", ").collect();
        match wanted.cause {
            Cause::FieldsLeftOut => made.push(mistakes::left_out(fields)),
            Cause::FieldsAdded => made.extend(mistakes::added(document, &fields)),
            _ => {}
        }
    }
    made
}

/// What a mistake's parameters say of the values that were at hand, not of what was done.
const OF_VALUES: [(Cause, &[&str]); 4] = [
    (Cause::TimestampChanged, &["signed"]),
    (Cause::NonceChanged, &["signed"]),
    (Cause::JssdkUrl, &["url"]),
    (Cause::HmacKeyDiffers, &["merchant", "kind"]),
];

/// Whether both are the same mistake, if with other values.
fn is_same(one: &Proven, other: &Proven) -> bool {
    let of_values =
        OF_VALUES.iter().find(|(cause, _)| *cause == one.cause).map_or(&[][..], |(_, names)| names);
    let done = |proven: &Proven| -> Vec<(&'static str, String)> {
        proven.params.iter().filter(|(name, _)| !of_values.contains(name)).cloned().collect()
    };
    one.cause == other.cause && done(one) == done(other)
}

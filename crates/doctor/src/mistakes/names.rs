//! Under which names fields are signed.

use super::{Made, Slot};
use crate::cause::Cause;
use crate::document::{Document, Kind};
use std::borrow::Cow;

/// The page's names and the app's.
const FRONT: [(&str, &str); 5] = [
    ("appId", "appid"),
    ("timeStamp", "timestamp"),
    ("nonceStr", "noncestr"),
    ("partnerId", "partnerid"),
    ("prepayId", "prepayid"),
];

/// What is written for another: the same field, spelt as elsewhere.
const SPELLINGS: [&[&str]; 6] = [
    &["nonce_str", "nonceStr", "noncestr"],
    &["timeStamp", "timestamp", "time_stamp"],
    &["appid", "appId", "app_id", "AppId"],
    &["mch_id", "mchid", "mchId", "partnerid", "partnerId"],
    &["prepayid", "prepay_id", "prepayId"],
    &["signType", "sign_type", "signtype"],
];

pub(super) fn add<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    match document.kind {
        Kind::Jsapi => all(made, Cause::AppNamesForJsapi, "app", |name| {
            let app = FRONT.iter().find(|(page, _)| *page == name).map(|(_, app)| (*app).to_owned());
            app.unwrap_or_else(|| name.to_owned())
        }),
        Kind::App => all(made, Cause::JsapiNamesForApp, "jsapi", |name| {
            let page = FRONT.iter().find(|(_, app)| *app == name).map(|(page, _)| (*page).to_owned());
            page.unwrap_or_else(|| name.to_owned())
        }),
        Kind::Plain => {}
    }
    for (way, change) in WAYS {
        all(made, Cause::NamesWrong, way, *change);
    }
    for (name, value) in document.fields {
        if value.is_empty() {
            continue;
        }
        let mut other: Vec<String> = WAYS.iter().map(|(_, change)| change(name)).collect();
        for spellings in SPELLINGS.iter().filter(|spellings| spellings.contains(&name.as_str())) {
            other.extend(spellings.iter().map(|spelling| (*spelling).to_owned()));
        }
        other.retain(|spelling| spelling != name);
        other.sort_unstable();
        other.dedup();
        // A front-end call has few fields, so that each spelling may be joined with other mistakes.
        let joins = document.kind != Kind::Plain;
        for spelling in other {
            let params = vec![("from", name.clone()), ("to", spelling.clone())];
            made.add(Cause::NamesWrong, params, Slot::Names, move |recipe| {
                for entry in recipe.entries.iter_mut().filter(|entry| entry.name == name.as_str()) {
                    entry.name = Cow::Owned(spelling.clone());
                }
            })
            .joins = joins;
        }
    }
    provider(document, made);
}

/// Ways in which all names are spelt wrong together.
const WAYS: &[(&str, fn(&str) -> String)] = &[
    ("camelCase", camel),
    ("snake_case", snake),
    ("lowercase", |name| name.to_lowercase()),
    ("UPPERCASE", |name| name.to_uppercase()),
    ("Capitalised", capitalised),
    ("double__underscore", |name| name.replace('_', "__")),
    ("nounderscore", |name| name.replace('_', "")),
];

fn all<'d>(made: &mut Made<'d>, cause: Cause, way: &'static str, change: impl Fn(&str) -> String + 'd) {
    made.add(cause, vec![("all", way.to_owned())], Slot::Names, move |recipe| {
        for entry in &mut recipe.entries {
            entry.name = Cow::Owned(change(&entry.name));
        }
    });
}

fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut capital = false;
    for letter in name.chars() {
        if letter == '_' {
            capital = true;
        } else if std::mem::take(&mut capital) {
            out.extend(letter.to_uppercase());
        } else {
            out.push(letter);
        }
    }
    out
}

fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out.trim_start_matches('_').to_owned()
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The provider's numbers in the place of the sub-merchant's, or the other way round.
fn provider<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    let from = |name: &str| document.get(name).or_else(|| document.beside(name)).filter(|value| !value.is_empty());
    let appid = match document.kind {
        Kind::Jsapi => "appId",
        Kind::Plain | Kind::App => "appid",
    };
    let mch_id = if document.kind == Kind::App { "partnerid" } else { "mch_id" };
    let mut swaps: Vec<(&'static str, &'d str)> = Vec::new();
    for (name, others) in [(appid, ["sub_appid", "appid"]), (mch_id, ["sub_mch_id", "mch_id"])] {
        let here = document.get(name);
        for other in others {
            if let (Some(here), Some(there)) = (here, from(other))
                && here != there
            {
                swaps.push((name, there));
            }
        }
    }
    let mut sets: Vec<Vec<(&'static str, &'d str)>> = swaps.iter().map(|swap| vec![*swap]).collect();
    if swaps.len() > 1 {
        sets.push(swaps);
    }
    for set in sets {
        let names: Vec<_> = set.iter().map(|(name, _)| *name).collect();
        made.add(Cause::ProviderIds, vec![("fields", names.join(", "))], Slot::Provider, move |recipe| {
            for (name, value) in &set {
                super::one(recipe, name, |_| (*value).to_owned());
            }
        });
    }
}

//! Under which names fields are signed.

use super::{Made, Mistake, Reach, Slot, how, single};
use crate::cause::Cause;
use crate::document::{Document, Kind};
use crate::recipe::Recipe;

/// The page's names and the app's.
const FRONT: [(&str, &str); 5] = [
    ("appId", "appid"),
    ("timeStamp", "timestamp"),
    ("nonceStr", "noncestr"),
    ("partnerId", "partnerid"),
    ("prepayId", "prepayid"),
];

/// What is written for another: the same field, spelt as elsewhere.
const SPELLINGS: [&[&str]; 7] = [
    &["nonce_str", "nonceStr", "noncestr"],
    &["timeStamp", "timestamp", "time_stamp"],
    &["appid", "appId", "app_id", "AppId"],
    &["mch_id", "mchid", "mchId", "partnerid", "partnerId"],
    &["prepayid", "prepay_id", "prepayId"],
    &["package", "packageValue", "Package"],
    &["signType", "sign_type", "signtype"],
];

pub(super) fn add<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    match document.kind {
        Kind::Jsapi => app_names(document, made),
        Kind::App => page_names(document, made),
        Kind::Plain | Kind::Jssdk => {}
    }
    for (way, change) in WAYS {
        let likely = ["camelCase", "snake_case", "lowercase"].contains(&way);
        all(made, Cause::NamesWrong, way, change).reach = if likely { Reach::Whole } else { Reach::Part };
    }
    // A front-end call has few fields, so that each spelling may be joined with other mistakes.
    let front = document.kind != Kind::Plain;
    for (name, _) in single(document) {
        for spelling in spellings(name) {
            let known = SPELLINGS.iter().any(|known| known.contains(&name) && known.contains(&&*spelling));
            let reach = if front || known { Reach::Part } else { Reach::Alone };
            made.list.push(Mistake { reach, field: Some(name.into()), ..respelt(vec![(name, spelling)]) });
        }
    }
    if front {
        several(document, made);
    }
    provider(document, made);
}

/// Other spellings of a name, those seen elsewhere first.
fn spellings(name: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let known = SPELLINGS.iter().filter(|known| known.contains(&name)).flat_map(|known| known.iter());
    let ways = WAYS.iter().map(|(_, change)| change(name));
    for spelling in known.map(|spelling| (*spelling).to_owned()).chain(ways) {
        if spelling != name && !all.contains(&spelling) {
            all.push(spelling);
        }
    }
    all
}

/// These fields under these names.
fn respelt(names: Vec<(&str, String)>) -> Mistake<'_> {
    let mut made = Made { list: Vec::new() };
    let from: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
    let to: Vec<&str> = names.iter().map(|(_, spelling)| spelling.as_str()).collect();
    let params = vec![("from", from.join(", ")), ("to", to.join(", "))];
    made.add(Cause::NamesWrong, params, Slot::Names, move |recipe| {
        for entry in &mut recipe.entries {
            if let Some((_, spelling)) = names.iter().find(|(name, _)| *name == &*entry.name) {
                entry.name = spelling.clone().into();
            }
        }
    });
    made.list.remove(0)
}

/// Several names of a front-end call at once, as elsewhere.
fn several<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    let mut sets: Vec<Vec<(&'d str, String)>> = vec![Vec::new()];
    for (name, _) in single(document) {
        let known = SPELLINGS.iter().find(|known| known.contains(&name)).copied().unwrap_or_default();
        let spelt = known.iter().filter(|spelling| **spelling != name);
        let longer: Vec<_> = spelt
            .flat_map(|spelling| {
                sets.iter()
                    .map(|set| [set.as_slice(), &[(name, (*spelling).to_owned())]].concat())
                    .collect::<Vec<_>>()
            })
            .collect();
        // Of a document with many such fields not all sets are tried.
        if sets.len() + longer.len() <= 500 {
            sets.extend(longer);
        }
    }
    for set in sets.into_iter().filter(|set| set.len() > 1) {
        made.list.push(Mistake { reach: Reach::Part, cost: 2, ..respelt(set) });
    }
}

/// The page's call under the app's names, alone or with the app's own fields.
fn app_names<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    let app = |name: &str| {
        FRONT.iter().find(|(page, _)| *page == name).map_or(name.to_owned(), |(_, app)| (*app).to_owned())
    };
    all(made, Cause::AppNamesForJsapi, "", app);
    let rename = move |recipe: &mut Recipe<'d>| {
        recipe.entries.retain(|entry| &*entry.name != "signType");
        for entry in &mut recipe.entries {
            entry.name = app(&entry.name).into();
        }
    };
    made.add(Cause::AppNamesForJsapi, how("without signType"), Slot::Names, rename);
    let prepay = document.get("package").and_then(|package| package.strip_prefix("prepay_id="));
    let partner = document.beside("mch_id").or_else(|| document.beside("partnerid"));
    if let (Some(prepay), Some(partner)) = (prepay, partner) {
        made.add(Cause::AppNamesForJsapi, how("with partnerid and prepayid"), Slot::Names, move |recipe| {
            rename(recipe);
            super::one(recipe, "package", |_| "Sign=WXPay".to_owned());
            recipe.put("partnerid", partner, false);
            recipe.put("prepayid", prepay, false);
        });
    }
}

/// The app's call under the page's names, alone or with the page's own fields.
fn page_names<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    let page = |name: &str| {
        FRONT.iter().find(|(_, app)| *app == name).map_or(name.to_owned(), |(page, _)| (*page).to_owned())
    };
    all(made, Cause::JsapiNamesForApp, "", page);
    let Some(prepay) = document.get("prepayid") else { return };
    for (written, kind) in
        [("with signType MD5", "MD5"), ("with signType HMAC-SHA256", "HMAC-SHA256"), ("without signType", "")]
    {
        made.add(Cause::JsapiNamesForApp, how(written), Slot::Names, move |recipe| {
            recipe.entries.retain(|entry| !["partnerid", "prepayid"].contains(&&*entry.name));
            for entry in &mut recipe.entries {
                entry.name = page(&entry.name).into();
            }
            super::one(recipe, "package", |_| format!("prepay_id={prepay}"));
            recipe.put("signType", kind, false);
        });
    }
}

/// What it is called, and what it makes of a name.
type Way = (&'static str, fn(&str) -> String);

/// Ways in which all names are spelt wrong together.
const WAYS: [Way; 7] = [
    ("camelCase", camel),
    ("snake_case", snake),
    ("lowercase", |name| name.to_lowercase()),
    ("UPPERCASE", |name| name.to_uppercase()),
    ("Capitalised", capitalised),
    ("double__underscore", |name| name.replace('_', "__")),
    ("nounderscore", |name| name.replace('_', "")),
];

fn all<'m, 'd>(
    made: &'m mut Made<'d>,
    cause: Cause,
    way: &'static str,
    change: impl Fn(&str) -> String + 'd,
) -> &'m mut Mistake<'d> {
    let params = if way.is_empty() { Vec::new() } else { vec![("all", way.to_owned())] };
    made.add(cause, params, Slot::Names, move |recipe| {
        for entry in &mut recipe.entries {
            let new = change(&entry.name);
            if new != *entry.name {
                entry.name = new.into();
            }
        }
    })
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
    let from =
        |name: &str| document.get(name).or_else(|| document.beside(name)).filter(|value| !value.is_empty());
    let appid = match document.kind {
        Kind::Jsapi => "appId",
        Kind::Plain | Kind::App | Kind::Jssdk => "appid",
    };
    let mch_id = if document.kind == Kind::App { "partnerid" } else { "mch_id" };
    let mut swaps: Vec<(&'static str, &'d str)> = Vec::new();
    for (name, others) in [(appid, ["sub_appid", "appid"]), (mch_id, ["sub_mch_id", "mch_id"])] {
        let there = others
            .into_iter()
            .filter_map(from)
            .find(|there| document.get(name).is_some_and(|here| here != *there));
        swaps.extend(there.map(|there| (name, there)));
    }
    // The sub-merchant's own fields hold the provider's.
    for (name, other) in [("sub_appid", "appid"), ("sub_mch_id", "mch_id")] {
        if let (Some(here), Some(there)) = (document.get(name), document.get(other))
            && here != there
        {
            swaps.push((name, there));
        }
    }
    let mut sets: Vec<Vec<(&'static str, &'d str)>> = swaps.iter().map(|swap| vec![*swap]).collect();
    let main = |set: &[(&'static str, &'d str)], sub: bool| -> Vec<_> {
        set.iter().filter(|(name, _)| name.starts_with("sub_") == sub).copied().collect()
    };
    sets.extend([main(&swaps, false), main(&swaps, true), swaps].into_iter().filter(|set| set.len() > 1));
    sets.dedup();
    for set in sets {
        let names: Vec<_> = set.iter().map(|(name, _)| *name).collect();
        made.add(Cause::ProviderIds, vec![("fields", names.join(", "))], Slot::Provider, move |recipe| {
            for (name, value) in &set {
                super::one(recipe, name, |_| (*value).to_owned());
            }
        });
    }
}

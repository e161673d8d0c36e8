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
const SPELLINGS: [&[&str]; 8] = [
    &["openid", "openId"],
    &["nonce_str", "nonceStr", "noncestr"],
    &["timeStamp", "timestamp", "time_stamp"],
    &["appid", "appId", "app_id", "AppId"],
    &["mch_id", "mchid", "mchId", "partnerid", "partnerId"],
    &["prepayid", "prepay_id", "prepayId"],
    &["package", "packageValue", "Package"],
    &["signType", "sign_type", "signtype"],
];

/// The same in messages of other products and in API v3.
const OTHER_APIS: [&[&str]; 4] = [
    &["appid", "wxappid", "mch_appid"],
    &["mch_id", "mchid"],
    &["sub_mch_id", "sub_mchid"],
    &["openid", "open_id", "re_openid"],
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
    let sets = SPELLINGS.iter().chain(&OTHER_APIS);
    let known = sets.filter(|known| known.contains(&name)).flat_map(|known| known.iter());
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

/// A field with the value that it was signed with.
type Swap<'d> = (&'static str, &'d str);

/// The provider's numbers in the place of the sub-merchant's, or the other way round: of either kind alone, or of both.
fn provider<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    let appid = match document.kind {
        Kind::Jsapi => "appId",
        Kind::Plain | Kind::App | Kind::Jssdk => "appid",
    };
    let mch_id = if document.kind == Kind::App { "partnerid" } else { "mch_id" };
    let accounts = exchanges(document, appid, ["sub_appid", "appid"]);
    let numbers = exchanges(document, mch_id, ["sub_mch_id", "mch_id"]);
    let both = accounts.iter().flat_map(|one| numbers.iter().map(|other| [one.as_slice(), other].concat()));
    let both: Vec<_> = both.collect();
    for set in accounts.into_iter().chain(numbers).chain(both) {
        let names: Vec<_> = set.iter().map(|(name, _)| *name).collect();
        // A program takes one side's numbers for both kinds, or mixes up one.
        let likely = set.len() == 1
            || set.len() == 4
            || names.iter().all(|name| name.starts_with("sub_"))
            || names.iter().all(|name| !name.starts_with("sub_"));
        made.add(Cause::ProviderIds, vec![("fields", names.join(", "))], Slot::Provider, move |recipe| {
            for (name, value) in &set {
                super::one(recipe, name, |_| (*value).to_owned());
            }
        })
        .reach = if likely { Reach::Whole } else { Reach::Part };
    }
}

/// What may have become of one kind of number: the document's own field has the other's value, the sub-merchant's field
/// has, or both.
fn exchanges<'d>(
    document: &Document<'d>,
    name: &'static str,
    [sub, main]: [&'static str; 2],
) -> Vec<Vec<Swap<'d>>> {
    let from =
        |name: &str| document.get(name).or_else(|| document.beside(name)).filter(|value| !value.is_empty());
    let differs = |there: &&str| document.get(name).is_some_and(|here| here != *there);
    let there = [sub, main].into_iter().filter_map(from).find(differs);
    let mut all: Vec<Vec<Swap<'d>>> = there.map(|there| vec![(name, there)]).into_iter().collect();
    // The sub-merchant's own field holds the provider's.
    if let (Some(here), Some(there)) = (document.get(sub), document.get(main).filter(|_| name == main))
        && here != there
    {
        let own = (sub, there);
        all.push(vec![own]);
        // Each holds the other's.
        all.extend(all.first().filter(|first| first[0] != own).map(|first| vec![first[0], own]));
    }
    all
}

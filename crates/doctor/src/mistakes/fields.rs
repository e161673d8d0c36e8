//! Which fields are in the string.

use super::{Made, Mistake, Reach, Slot, is_small, named, one, single};
use crate::cause::Cause;
use crate::document::{Document, Kind};
use wxpay::api::fields as api;
use wxpay::api::fields::{MessageDoc, Need};

/// What languages write for nothing.
const NULLS: [&str; 4] = ["null", "undefined", "None", "NULL"];

/// What else they write for it where the field is there.
const WRITTEN_NULLS: [&str; 5] = ["<nil>", "nil", "false", "0", "[]"];

/// Fields that a class has, so that a program that signs the class signs them without a value.
const OPTIONAL: [&str; 13] = [
    "attach",
    "coupon_fee",
    "detail",
    "device_info",
    "fee_type",
    "goods_tag",
    "limit_pay",
    "openid",
    "product_id",
    "scene_info",
    "sign_type",
    "time_expire",
    "time_start",
];

/// Fields that programs lose together, by how their names begin: a class without them, a map of another
/// version.
const GROUPS: [(&str, &[&str]); 11] = [
    ("coupon_*_n", &["coupon_id_", "coupon_type_", "coupon_fee_"]),
    ("coupon_*", &["coupon_"]),
    ("sub_*", &["sub_"]),
    ("settlement_*", &["settlement_"]),
    ("coupon_*, settlement_*", &["coupon_", "settlement_"]),
    ("coupon_*, settlement_*, promotion_detail", &["coupon_", "settlement_", "promotion_detail"]),
    ("cash_fee_type, rate_value, version", &["cash_fee_type", "rate_value", "version"]),
    ("device_info, attach", &["device_info", "attach"]),
    ("attach, detail, scene_info", &["attach", "detail", "scene_info"]),
    ("return_*", &["return_"]),
    ("return_*, result_code, err_code*", &["return_", "result_code", "err_code"]),
];

pub(super) fn add<'d>(document: &Document<'d>, own: &[(usize, String)], made: &mut Made<'d>) {
    let front = matches!(document.kind, Kind::Jsapi | Kind::App);
    empties(document, made);
    absent(document, made);
    made.add(Cause::ZeroValuesDropped, Vec::new(), Slot::Zero, |recipe| {
        recipe.entries.retain(|entry| &*entry.value != "0");
    });
    if document.kind != Kind::Jssdk {
        sign(document, own, made);
        sign_type(document, made);
    }
    losses(document, made);
    beside(document, made);
    changed(document, made);
    if document.kind != Kind::Plain {
        milliseconds(document, made);
        asked_twice(document, made);
    }
    if front
        && document.order_beside()
        && let Some(fields) = document.beside
    {
        let params = vec![("written", "the digest of the other document".to_owned())];
        made.add(Cause::OrderSignReused, params, Slot::Document, move |recipe| {
            recipe.fill(fields);
            recipe.entries.retain(|entry| !["sign", "paySign"].contains(&&*entry.name));
        });
    }
}

fn empties<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    let empty: Vec<&'d str> =
        document.fields.iter().filter(|(_, value)| value.is_empty()).map(|(name, _)| name.as_str()).collect();
    if empty.is_empty() {
        return;
    }
    made.add(Cause::EmptyValuesIncluded, Vec::new(), Slot::Empty, |recipe| {
        recipe.entries.iter_mut().for_each(|entry| entry.kept = true);
    });
    for null in NULLS.into_iter().chain(WRITTEN_NULLS) {
        let params = vec![("written", null.to_owned())];
        let mistake = made.add(Cause::NullLiteralsIncluded, params, Slot::Empty, move |recipe| {
            for entry in recipe.entries.iter_mut().filter(|entry| entry.value.is_empty()) {
                entry.value = null.into();
            }
        });
        mistake.reach = if NULLS.contains(&null) { Reach::Whole } else { Reach::Part };
    }
    if empty.len() > 1 && is_small(document) {
        for name in empty {
            let mistake = made.add(Cause::EmptyValuesIncluded, named(name), Slot::Empty, move |recipe| {
                recipe
                    .entries
                    .iter_mut()
                    .filter(|entry| &*entry.name == name)
                    .for_each(|entry| entry.kept = true);
            });
            mistake.field = Some(name.into());
            mistake.reach = Reach::Alone;
        }
    }
}

/// Fields that a class has and the document has not.
fn absent<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    if document.kind != Kind::Plain {
        return;
    }
    for name in OPTIONAL.into_iter().filter(|name| document.get(name).is_none()) {
        let likely = ["attach", "detail", "device_info", "goods_tag"].contains(&name);
        let reach = if likely { Reach::Part } else { Reach::Alone };
        for null in NULLS {
            let params = vec![("written", null.to_owned()), ("field", name.to_owned())];
            let mistake = made.add(Cause::NullLiteralsIncluded, params, Slot::Empty, move |recipe| {
                recipe.put(name, null, false);
            });
            mistake.field = Some(name.into());
            mistake.reach = reach;
        }
        let mistake = made.add(Cause::EmptyValuesIncluded, named(name), Slot::Empty, move |recipe| {
            recipe.put(name, "", true);
        });
        mistake.field = Some(name.into());
        mistake.reach = reach;
    }
}

/// The signature signed too. Never the one that was presented: it cannot stand in the text that it is the
/// digest of.
fn sign<'d>(document: &Document<'d>, own: &[(usize, String)], made: &mut Made<'d>) {
    let names: &[&'static str] = if document.kind == Kind::Jsapi { &["paySign", "sign"] } else { &["sign"] };
    for name in names.iter().copied() {
        let params = |written: &str| vec![("field", name.to_owned()), ("written", written.to_owned())];
        for (key, own) in own {
            let own = own.clone();
            made.add(Cause::SignIncluded, params("its own"), Slot::Sign, move |recipe| {
                recipe.put(name, own.clone(), false);
            })
            .only = Some(*key);
        }
        for other in ["sign", "paySign"].into_iter().filter_map(|other| document.beside(other)) {
            made.add(Cause::SignIncluded, params("the other document's"), Slot::Sign, move |recipe| {
                recipe.put(name, other, false);
            });
        }
        for word in ["", "null", "undefined"] {
            let written = if word.is_empty() { "empty" } else { word };
            made.add(Cause::SignIncluded, params(written), Slot::Sign, move |recipe| {
                recipe.put(name, word, true)
            });
        }
    }
}

fn sign_type<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    let names: &[&'static str] = match document.kind {
        Kind::Jsapi => &["signType"],
        Kind::App => &["sign_type", "signType"],
        Kind::Plain | Kind::Jssdk => &["sign_type"],
    };
    for name in names.iter().copied() {
        if document.get(name).is_some_and(|value| !value.is_empty()) {
            made.add(Cause::SignTypeLeftOut, named(name), Slot::SignType, move |recipe| {
                recipe.entries.retain(|entry| &*entry.name != name);
            });
            continue;
        }
        for value in ["MD5", "HMAC-SHA256"] {
            let params = vec![("field", name.to_owned()), ("value", value.to_owned())];
            made.add(Cause::SignTypeAdded, params, Slot::SignType, move |recipe| {
                recipe.entries.retain(|entry| &*entry.name != name);
                recipe.put(name, value, false);
            });
        }
    }
}

/// A mistake that leaves these fields out.
pub(crate) fn left_out(names: Vec<&str>) -> Mistake<'_> {
    let mut made = Made { list: Vec::new() };
    let params = vec![("fields", names.join(", "))];
    made.add(Cause::FieldsLeftOut, params, Slot::Drop, move |recipe| {
        recipe.entries.retain(|entry| !names.contains(&&*entry.name));
    });
    made.list.remove(0)
}

fn losses<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    let signed =
        || document.fields.iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name.as_str());
    let app_id = match document.kind {
        Kind::Jsapi => "appId",
        Kind::App => "appid",
        Kind::Plain | Kind::Jssdk => "",
    };
    if document.get(app_id).is_some() {
        made.add(Cause::AppIdLeftOut, Vec::new(), Slot::Drop, move |recipe| {
            recipe.entries.retain(|entry| &*entry.name != app_id);
        });
    }
    let mut known: Vec<Vec<&str>> = Vec::new();
    for (_, group) in GROUPS {
        let names: Vec<&str> =
            signed().filter(|name| group.iter().any(|begin| name.starts_with(begin))).collect();
        // One alone is among the single ones.
        if names.len() > 1 && !known.contains(&names) {
            known.push(names.clone());
            made.list.push(left_out(names));
        }
    }
    for names in unknown(document) {
        if !known.contains(&names) {
            known.push(names.clone());
            made.list.push(Mistake { reach: Reach::Part, ..left_out(names) });
        }
    }
    // What has a cause of its own.
    let others = [app_id, if document.kind == Kind::Jsapi { "signType" } else { "sign_type" }];
    for (name, _) in single(document).into_iter().filter(|(name, _)| !others.contains(name)) {
        made.list.push(Mistake { reach: Reach::Part, field: Some(name.into()), ..left_out(vec![name]) });
    }
}

/// What the documentation's first examples of an order and of its notice had: programs made after them sign no more.
const OLD: [&[&str]; 2] = [
    &[
        "appid",
        "attach",
        "body",
        "mch_id",
        "nonce_str",
        "notify_url",
        "openid",
        "out_trade_no",
        "spbill_create_ip",
        "total_fee",
        "trade_type",
    ],
    &[
        "appid",
        "attach",
        "bank_type",
        "fee_type",
        "is_subscribe",
        "mch_id",
        "nonce_str",
        "openid",
        "out_trade_no",
        "result_code",
        "return_code",
        "sub_mch_id",
        "time_end",
        "total_fee",
        "trade_type",
        "transaction_id",
    ],
];

/// The fields that a program leaves out which signs those that it knows: the ones that are documented, that must be
/// there, that are in an old example, that an order has, or that are in the other document.
fn unknown<'d>(document: &Document<'d>) -> Vec<Vec<&'d str>> {
    if document.kind != Kind::Plain || !is_small(document) {
        return Vec::new();
    }
    let filled = document.fields.iter().filter(|(_, value)| !value.is_empty());
    let signed: Vec<&'d str> = filled.map(|(name, _)| name.as_str()).collect();
    // The first one of those that know the most.
    let knows = |message: &&MessageDoc| signed.iter().filter(|name| message.field(name).is_some()).count();
    let message = api::ALL.iter().rev().max_by_key(knows);
    let documented = |name: &str| message.is_some_and(|message| message.field(name).is_some());
    let needed = |name: &str| {
        let field = message.and_then(|message| message.field(name));
        field.is_some_and(|field| matches!(field.need, Need::Always | Need::OneOf))
    };
    let usual = |name: &str| {
        let field = message.and_then(|message| message.field(name));
        field.is_some_and(|field| field.need != Need::Optional)
    };
    let of_order = |name: &str| api::UNIFIED_ORDER.field(name).is_some();
    let beside = |name: &str| document.beside(name).is_some();
    let known: [&dyn Fn(&str) -> bool; 7] =
        [&documented, &needed, &usual, &of_order, &beside, &|name| OLD[0].contains(&name), &|name| {
            OLD[1].contains(&name)
        }];
    let left = |known: &&dyn Fn(&str) -> bool| -> Vec<&'d str> {
        signed.iter().copied().filter(|name| !known(name)).collect()
    };
    let all = known.iter().map(left);
    all.filter(|names| names.len() > 1 && names.len() < signed.len()).collect()
}

/// So many fields of the other document are looked at one by one.
const MOST_BESIDE: usize = 40;

/// If it has so few of its own, each may have got into the string of a program that has other mistakes too.
const FEW_BESIDE: usize = 4;

/// What only the other document has.
fn others<'d>(document: &Document<'d>) -> Vec<(&'d str, &'d str)> {
    let beside = document.beside.unwrap_or_default().iter();
    let pairs = beside.map(|(name, value)| (name.as_str(), value.as_str()));
    let here = |name: &str| document.get(name).is_some();
    pairs
        .filter(|(name, value)| {
            !value.is_empty() && !["sign", "paySign", "key"].contains(name) && !here(name)
        })
        .take(MOST_BESIDE)
        .collect()
}

/// A mistake that signs these fields of the other document too; `None` where it has not all of them.
pub(crate) fn added<'d>(document: &Document<'d>, names: &[&str]) -> Option<Mistake<'d>> {
    let others = others(document);
    let find = |name: &&str| others.iter().find(|(other, _)| other == name).copied();
    let fields = names.iter().map(find).collect::<Option<Vec<_>>>()?;
    let mut made = Made { list: Vec::new() };
    let params = vec![("fields", names.join(", "))];
    made.add(Cause::FieldsAdded, params, Slot::Add, move |recipe| {
        for (name, value) in &fields {
            recipe.put(*name, *value, false);
        }
    });
    made.list.pop()
}

fn beside<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    let names: Vec<&str> = others(document).into_iter().map(|(name, _)| name).collect();
    for (at, name) in names.iter().enumerate() {
        let single = added(document, &[name]);
        let reach = if names.len() <= FEW_BESIDE { Reach::Whole } else { Reach::Part };
        made.list.extend(single.map(|single| Mistake { reach, ..single }));
        for other in names.iter().skip(at + 1).filter(|_| names.len() > 2) {
            let two = added(document, &[name, other]);
            made.list.extend(two.map(|two| Mistake { reach: Reach::Alone, cost: 2, ..two }));
        }
    }
    if names.len() > 1 {
        made.list.extend(added(document, &names));
    }
}

/// The same moment in milliseconds, or in seconds where it stands in milliseconds.
fn milliseconds<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    for name in ["timeStamp", "timestamp"] {
        let here = document.get(name).filter(|here| here.bytes().all(|byte| byte.is_ascii_digit()));
        let signed = match here {
            Some(here) if here.len() == 10 => format!("{here}000"),
            Some(here) if here.len() == 13 => here[..10].to_owned(),
            _ => continue,
        };
        let params = vec![("signed", signed.clone())];
        made.add(Cause::TimestampChanged, params, Slot::Beside, move |recipe| {
            one(recipe, name, |_| signed.clone());
        })
        .field = Some(name.into());
    }
}

/// So many seconds may have passed between the two times that the clock was asked.
const SECONDS_BETWEEN: u64 = 3;

/// A moment before or behind: the clock was asked once for the string and once for the call.
fn asked_twice<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    for name in ["timeStamp", "timestamp"] {
        let Some(here) = document.get(name).and_then(|here| here.parse::<u64>().ok()) else { continue };
        let moments = (here.saturating_sub(SECONDS_BETWEEN)..=here.saturating_add(SECONDS_BETWEEN)).rev();
        let there = document.beside("timeStamp").or_else(|| document.beside("timestamp"));
        let others = moments.filter(|moment| *moment != here).map(|moment| moment.to_string());
        for signed in others.filter(|moment| there != Some(moment)) {
            let params = vec![("signed", signed.clone()), ("written", "the clock asked twice".to_owned())];
            let mistake = made.add(Cause::TimestampChanged, params, Slot::Beside, move |recipe| {
                one(recipe, name, |_| signed.clone());
            });
            mistake.field = Some(name.into());
            mistake.reach = Reach::Alone;
        }
    }
}

/// The time or the nonce of the other document.
fn changed<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    let changes: [(Cause, &[&'static str]); 2] = [
        (Cause::TimestampChanged, &["timeStamp", "timestamp"]),
        (Cause::NonceChanged, &["nonceStr", "noncestr", "nonce_str"]),
    ];
    for (cause, names) in changes {
        let here = names.iter().copied().find(|name| document.get(name).is_some());
        let there = names.iter().find_map(|name| document.beside(name));
        if let (Some(name), Some(value)) = (here, there) {
            made.add(cause, vec![("signed", value.to_owned())], Slot::Beside, move |recipe| {
                one(recipe, name, |_| value.to_owned());
            })
            .field = Some(name.into());
        }
    }
}

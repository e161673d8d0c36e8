//! Which fields are in the string.

use super::{Made, Slot, named, put};
use crate::cause::Cause;
use crate::document::{Document, Kind};

/// What languages write for nothing.
const NULLS: [&str; 4] = ["null", "undefined", "None", "NULL"];

/// Fields that a class has, so that a program that signs the class signs them without a value.
const OPTIONAL: [&str; 12] = [
    "attach",
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

/// Fields that programs lose together: a class without them, a map of another version.
const GROUPS: [&[&str]; 8] = [
    &["coupon_"],
    &["sub_"],
    &["promotion_detail"],
    &["settlement_"],
    &["coupon_", "settlement_"],
    &["coupon_", "settlement_", "promotion_detail"],
    &["cash_fee_type", "rate_value", "version"],
    &["device_info", "attach"],
];

pub(super) fn add<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    empties(document, made);
    if document.fields.iter().any(|(_, value)| value == "0") {
        made.add(Cause::ZeroValuesDropped, Vec::new(), Slot::Zero, |recipe| {
            recipe.entries.retain(|entry| entry.value != "0");
        });
    }
    let sign = if document.kind == Kind::Jsapi { "paySign" } else { "sign" };
    let presented = document.presented;
    made.add(Cause::SignIncluded, named(sign), Slot::Sign, move |recipe| put(recipe, sign, presented));
    if sign != "sign" {
        made.add(Cause::SignIncluded, named("sign"), Slot::Sign, move |recipe| put(recipe, "sign", presented));
    }
    sign_type(document, made);
    left_out(document, made);
    added(document, made);
}

fn empties<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    if document.fields.iter().any(|(_, value)| value.is_empty()) {
        made.add(Cause::EmptyValuesIncluded, Vec::new(), Slot::Empty, |recipe| {
            for entry in &mut recipe.entries {
                entry.kept = true;
            }
        });
        for null in NULLS {
            let params = vec![("written", null.to_owned())];
            made.add(Cause::NullLiteralsIncluded, params, Slot::Empty, move |recipe| {
                for entry in recipe.entries.iter_mut().filter(|entry| entry.value.is_empty()) {
                    entry.value = null.into();
                }
            });
        }
    }
    if document.kind == Kind::Plain {
        for name in OPTIONAL.into_iter().filter(|name| document.get(name).is_none()) {
            for null in NULLS {
                let params = vec![("written", null.to_owned()), ("field", name.to_owned())];
                made.alone(Cause::NullLiteralsIncluded, params, Slot::Empty, move |recipe| put(recipe, name, null));
            }
            made.alone(Cause::EmptyValuesIncluded, named(name), Slot::Empty, move |recipe| {
                put(recipe, name, "");
                if let Some(entry) = recipe.entries.last_mut() {
                    entry.kept = true;
                }
            });
        }
    }
}

fn sign_type<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    let name = if document.kind == Kind::Jsapi { "signType" } else { "sign_type" };
    if document.get(name).is_some_and(|value| !value.is_empty()) {
        made.add(Cause::SignTypeLeftOut, named(name), Slot::SignType, move |recipe| {
            recipe.entries.retain(|entry| entry.name != name);
        });
        return;
    }
    for value in ["MD5", "HMAC-SHA256"] {
        let params = vec![("field", name.to_owned()), ("value", value.to_owned())];
        made.add(Cause::SignTypeAdded, params, Slot::SignType, move |recipe| {
            recipe.entries.retain(|entry| entry.name != name);
            put(recipe, name, value);
        });
    }
}

/// A mistake that leaves these fields out.
pub(crate) fn leave_out<'d>(made: &mut Made<'d>, names: Vec<&'d str>, joins: bool) {
    let params = vec![("fields", names.join(", "))];
    made.add(Cause::FieldsLeftOut, params, Slot::Drop, move |recipe| {
        recipe.entries.retain(|entry| !names.iter().any(|name| *name == entry.name));
    })
    .joins = joins;
}

fn left_out<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    let signed = || document.fields.iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name.as_str());
    if document.kind == Kind::Jsapi {
        made.add(Cause::AppIdLeftOut, Vec::new(), Slot::Drop, |recipe| {
            recipe.entries.retain(|entry| entry.name != "appId");
        });
    }
    for group in GROUPS {
        let names: Vec<&str> = signed().filter(|name| group.iter().any(|begin| name.starts_with(begin))).collect();
        // One alone is among the single ones, and all are no document.
        if names.len() > 1 && names.len() < document.fields.len() {
            leave_out(made, names, true);
        }
    }
    let own = |name: &&str| {
        let other = match document.kind {
            Kind::Jsapi => ["appId", "signType"],
            Kind::Plain | Kind::App => ["sign_type", ""],
        };
        !other.contains(name)
    };
    for name in signed().filter(own) {
        leave_out(made, vec![name], true);
    }
}

fn added<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    let Some(beside) = document.beside else { return };
    let other: Vec<(&str, &str)> = (beside.iter())
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, value)| !value.is_empty() && *name != "sign" && document.get(name).is_none())
        .collect();
    for (name, value) in other.clone() {
        made.add(Cause::FieldsAdded, vec![("fields", name.to_owned())], Slot::Add, move |recipe| {
            put(recipe, name, value);
        });
    }
    if other.len() > 1 {
        let names: Vec<_> = other.iter().map(|(name, _)| *name).collect();
        made.add(Cause::FieldsAdded, vec![("fields", names.join(", "))], Slot::Add, move |recipe| {
            for (name, value) in &other {
                put(recipe, *name, *value);
            }
        });
    }
    let changes = [
        (Cause::TimestampChanged, ["timeStamp", "timestamp"].as_slice()),
        (Cause::NonceChanged, ["nonceStr", "noncestr", "nonce_str"].as_slice()),
    ];
    for (cause, names) in changes {
        let here = names.iter().find(|name| document.get(name).is_some());
        let there = names.iter().find_map(|name| document.beside(name));
        if let (Some(name), Some(value)) = (here, there) {
            let name: &'static str = name;
            made.add(cause, vec![("signed", value.to_owned())], Slot::Beside, move |recipe| {
                super::one(recipe, name, |_| value.to_owned());
            });
        }
    }
}

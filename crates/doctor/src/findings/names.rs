//! Names that no documented field has.

use super::near::{Near, nearest};
use super::{Found, Seen, Severity};
use crate::reading::Format;
use wxpay::api::fields::{ALL, MessageDoc, Need, Way};

pub(super) fn add(seen: &Seen<'_>, found: &mut Found) {
    let Some(message) = seen.message else { return };
    for name in seen.names() {
        if message.field(name).is_none() {
            match message.way {
                Way::Request => request(message, name, found),
                Way::FrontEnd => front_end(seen, message, name, found),
                Way::Answer => answer(message, name, found),
            }
        }
    }
}

fn documented(name: &str) -> bool {
    ALL.iter().any(|message| message.field(name).is_some())
}

/// WeChat Pay refuses what it does not know.
fn request(message: &MessageDoc, name: &str, found: &mut Found) {
    match nearest(message, name) {
        Some(Near::Case(meant)) => found.refuse("name_wrong_case", name, &[("meant", &meant)]),
        Some(Near::Underscores(meant)) => found.refuse("name_unknown", name, &[("meant", &meant)]),
        _ if documented(name) => found.refuse("field_not_accepted", name, &[("message", message.name)]),
        Some(Near::Letters(meant, _)) => found.refuse("name_unknown", name, &[("meant", &meant)]),
        None => found.refuse("name_unknown", name, &[]),
    }
}

/// WeChat looks for the names that it knows and passes over all others: a server's own fields may stand beside them.
fn front_end(seen: &Seen<'_>, message: &MessageDoc, name: &str, found: &mut Found) {
    // An app's own objects have camelCase names; only what is signed must have these.
    let of = |meant: &str| {
        let harmless = message.name == "app_call" || seen.has(meant);
        if harmless { Severity::Warning } else { Severity::Refused }
    };
    match nearest(message, name) {
        _ if message.name == "app_call" && ["sign_type", "signType", "signtype"].contains(&name) => {
            found.warn("field_not_accepted", name, &[("message", message.name)]);
        }
        Some(Near::Case(meant)) => found.add("name_wrong_case", name, of(&meant), &[("meant", &meant)]),
        Some(Near::Underscores(meant)) => found.add("name_unknown", name, of(&meant), &[("meant", &meant)]),
        Some(Near::Letters(meant, _)) if !documented(name) && !seen.has(&meant) => {
            let needed = message.field(&meant).is_some_and(|field| field.need == Need::Always);
            let severity = if needed { of(&meant) } else { Severity::Warning };
            found.add("name_unknown", name, severity, &[("meant", &meant)]);
        }
        // In the call itself it does nothing, and who puts it there thinks that it does.
        _ if seen.reading.format == Format::JsCall && message.name == "jsapi_call" && documented(name) => {
            found.warn("field_not_accepted", name, &[("message", message.name)]);
        }
        _ => {}
    }
}

/// WeChat Pay adds fields at any time: only one that looks like a slip is worth a word.
fn answer(message: &MessageDoc, name: &str, found: &mut Found) {
    if documented(name) {
        return;
    }
    match nearest(message, name) {
        Some(Near::Case(meant)) => found.warn("name_wrong_case", name, &[("meant", &meant)]),
        Some(Near::Underscores(meant)) | Some(Near::Letters(meant, 1)) => {
            found.warn("name_unknown", name, &[("meant", &meant)]);
        }
        _ => {}
    }
}

//! Addresses and keys.

use super::signer::appends_key;
use super::values::is_placeholder;
use super::{KEY_IN_TWO_PLACES, KEY_LITERAL_IN_CODE, NOTIFY_URL_IS_DEMO, NOTIFY_URL_UNUSABLE, Report};
use crate::code::names::plain;
use crate::code::pairs::Value;
use crate::code::token::Kind;
use std::collections::BTreeMap;

pub(super) fn look(report: &mut Report<'_, '_>) {
    let program = report.program;
    for pair in program.groups.iter().flat_map(|group| &group.pairs) {
        if let Value::Text(text) = pair.value
            && plain(pair.name) == "notifyurl"
        {
            address(report, pair.at, text.trim());
        }
    }
    literals(report);
    joined_keys(report);
    two_places(report);
}

fn address(report: &mut Report<'_, '_>, at: usize, text: &str) {
    let host = text.split("//").nth(1).unwrap_or("").split(['/', '?', ':']).next().unwrap_or("");
    if host == "wxpay.wxutil.com" || host == "weixin.qq.com" || host.ends_with(".weixin.qq.com") {
        report.say(&NOTIFY_URL_IS_DEMO, at, &[("value", text)]);
        return;
    }
    if text.is_empty() || is_placeholder("notify_url", text, true) {
        return;
    }
    let near =
        ["localhost", "127.0.0.1"].contains(&host) || host.starts_with("192.168.") || host.starts_with("10.");
    if near || (!host.is_empty() && text.contains('?')) {
        report.say(&NOTIFY_URL_UNUSABLE, at, &[("value", text)]);
    }
}

/// What keys are called.
const KEYS: &[&str] = &[
    "key",
    "mchkey",
    "apikey",
    "partnerkey",
    "paykey",
    "mchsecret",
    "secretkey",
    "wxkey",
    "signkey",
    "appsecret",
    "secret",
    "apiv2key",
    "wxpaykey",
    "merchantkey",
    "paternerkey",
];

/// `key = "…32 characters…"`.
fn literals(report: &mut Report<'_, '_>) {
    let program = report.program;
    for (index, token) in program.scan.tokens.iter().enumerate() {
        let text = token.text;
        let key = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let sets = program.back(index, 1).is_some_and(|sign| sign.is_any(&["=", ":", "=>", ":=", ","]));
        if token.kind != Kind::Str || !key || !sets {
            continue;
        }
        let skip = if program.back(index, 2).is_some_and(|closing| closing.is("]")) { 3 } else { 2 };
        let Some(name) = program.back(index, skip) else { continue };
        if matches!(name.kind, Kind::Ident | Kind::Str) && KEYS.contains(&plain(name.text).as_str()) {
            report.at(&KEY_LITERAL_IN_CODE, index, &[("name", name.text)]);
        }
    }
}

/// `"…&key=…32 characters…"`.
fn joined_keys(report: &mut Report<'_, '_>) {
    let program = report.program;
    for (index, token) in program.scan.tokens.iter().enumerate().filter(|(_, token)| appends_key(token)) {
        let value = token.text.split("key=").nth(1).unwrap_or("").split('&').next().unwrap_or("");
        if value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            report.at(&KEY_LITERAL_IN_CODE, index, &[("name", "key")]);
        }
    }
}

/// `const { config } = require('x')` here and `const { weapp } = require('x')` there, both asked for the same things.
fn two_places(report: &mut Report<'_, '_>) {
    let program = report.program;
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for (index, token) in program.scan.tokens.iter().enumerate() {
        if !token.is_word("require") || !program.is(index + 1, "(") || !program.is(index.wrapping_sub(1), "=")
        {
            continue;
        }
        let one = program.back(index, 2).is_some_and(|t| t.is("}"))
            && program.back(index, 4).is_some_and(|t| t.is("{"));
        let (Some(path), Some(name)) = (program.get(index + 2), program.back(index, 3)) else { continue };
        if path.kind != Kind::Str || !one || !report.room(&KEY_IN_TWO_PLACES) {
            continue;
        }
        let first = *names.entry(path.text).or_insert(name.text);
        if first != name.text && asked(report, first) && asked(report, name.text) {
            let params = [("first", first), ("second", name.text)];
            report.at(&KEY_IN_TWO_PLACES, index - 3, &params);
            names.insert(path.text, name.text);
        }
    }
}

/// Whether this is asked for a merchant's numbers or key.
fn asked(report: &Report<'_, '_>, name: &str) -> bool {
    let wanted = ["mchkey", "key", "mchid", "appid", "partnerkey"];
    report.program.scan.tokens.windows(3).any(|three| {
        three[0].is_word(name) && three[1].is(".") && wanted.contains(&plain(three[2].text).as_str())
    })
}

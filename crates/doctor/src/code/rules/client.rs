//! What runs on the customer's phone: secrets that do not belong there, and answers that are misread.

use super::signer::appends_key;
use super::{
    APP_SECRET_IN_CLIENT, KEY_IN_CLIENT_CODE, RESPONSE_DATA_SKIPPED, Report, SIGN_TYPE_DIFFERS,
    SIGN_TYPE_FIXED_ON_CLIENT,
};
use crate::cause::Cause;
use crate::code::names::plain;
use crate::code::pairs::{Group, Origin, Pair, Purpose, Value};
use crate::code::place::runs_at_customers;
use crate::code::program::Program;
use crate::code::token::Kind;

use super::values::is_placeholder;

/// Objects whose `request` runs in a mini program.
const PHONES: &[&str] = &["wx", "uni", "Taro", "my", "tt", "swan", "qq"];

pub(super) fn look(report: &mut Report<'_, '_>) {
    let program = report.program;
    for index in 0..program.scan.tokens.len() {
        let request =
            program.get(index).is_some_and(|token| token.kind == Kind::Ident && PHONES.contains(&token.text))
                && program.is(index + 1, ".")
                && program.get(index + 2).is_some_and(|token| token.is_word("request"))
                && program.is(index + 3, "(");
        if request && report.room(&RESPONSE_DATA_SKIPPED) {
            secrets(report, index + 3);
            answer(report, index + 3);
        }
    }
    for group in &program.groups {
        fixed(report, group);
    }
    keys(report);
    two_types(report);
}

fn secrets(report: &mut Report<'_, '_>, open: usize) {
    let program = report.program;
    let Some(close) = program.shape.partner(open) else { return };
    let login = (open..close).find(|at| {
        program.get(*at).is_some_and(|t| t.kind == Kind::Str && t.text.contains("jscode2session"))
    });
    let Some(login) = login else { return };
    report.at(&APP_SECRET_IN_CLIENT, login, &[]);
    let secret = (open..close).find(|at| {
        program.get(*at).is_some_and(|t| ["secret", "appsecret"].contains(&plain(t.text).as_str()))
            && program.get(at + 1).is_some_and(|t| t.is_colon())
    });
    if let Some(at) = secret {
        report.at(&APP_SECRET_IN_CLIENT, at, &[("name", "secret")]);
    }
}

/// What an answer to `wx.request` has besides what the server sent.
const OF_AN_ANSWER: &[&str] = &[
    "data",
    "statusCode",
    "header",
    "headers",
    "cookies",
    "errMsg",
    "errno",
    "profile",
    "exception",
    "code",
    "status",
];

/// `success(res) { … res.timeStamp … }`: what the server sent is in `res.data`.
fn answer(report: &mut Report<'_, '_>, open: usize) {
    let program = report.program;
    let Some((first, _)) = program.arguments(open).first().copied() else { return };
    let entries = program.shape.entries(&program.scan, first);
    let success =
        entries.into_iter().find(|(start, _)| program.get(*start).is_some_and(|t| t.is_word("success")));
    let Some((start, end)) = success else { return };
    let named = (start..end.min(start + 8)).find_map(|at| {
        let token = program.get(at).filter(|token| token.kind == Kind::Ident && at > start)?;
        let opens = program.is(at - 1, "(") && program.is(at + 1, ")");
        (opens || program.is(at + 1, "=>")).then_some(token.text)
    });
    let Some(name) = named else { return };
    let mut members: Vec<&str> = Vec::new();
    let mut place = None;
    for at in start..end {
        let own = program.get(at).is_some_and(|t| t.is_word(name))
            && program.is(at + 1, ".")
            && !program.is(at.wrapping_sub(1), ".");
        let Some(member) = program.get(at + 2).filter(|member| own && member.kind == Kind::Ident) else {
            continue;
        };
        if OF_AN_ANSWER.contains(&member.text) || program.is(at + 3, "(") {
            continue;
        }
        place = place.or(Some(at));
        if !members.contains(&member.text) && members.len() < 8 {
            members.push(member.text);
        }
    }
    if let Some(at) = place {
        report.at(&RESPONSE_DATA_SKIPPED, at, &[("name", name), ("members", &members.join(", "))]);
    }
}

const OTHERS: &[&str] = &["timestamp", "noncestr", "package", "packagevalue", "paysign"];

/// signType as a literal among values that the server gave.
fn fixed(report: &mut Report<'_, '_>, group: &Group<'_>) {
    let Some(pair) = group.get("signType") else { return };
    if !matches!(pair.value, Value::Text("MD5" | "HMAC-SHA256")) {
        return;
    }
    let program = report.program;
    let others = group.pairs.iter().filter(|pair| OTHERS.contains(&plain(pair.name).as_str()));
    let given = others.filter(|pair| match pair.value {
        Value::Expr(span) => group.is_call() && program.tokens(span).iter().any(|token| token.is(".")),
        Value::Text(text) => {
            group.origin == Origin::Prose
                && is_placeholder(pair.name, text.trim_start_matches("prepay_id="), false)
        }
        _ => false,
    });
    if given.count() >= 2 {
        report.say(&SIGN_TYPE_FIXED_ON_CLIENT, pair.at, &[]);
    }
}

/// Words of a server.
const SERVER: &[&str] = &[
    "require",
    "module",
    "ctx",
    "express",
    "egg",
    "public",
    "func",
    "def",
    "$_POST",
    "Controller",
    "HttpServletRequest",
    "$this",
    "namespace",
    "koa",
    "createHash",
    "createHmac",
    "hashlib",
    "MessageDigest",
    "process",
    "exports",
    "ksort",
    "strtoupper",
];

/// `&key=` in one piece with the call that opens the payment.
fn keys(report: &mut Report<'_, '_>) {
    let program = report.program;
    let calls = ["requestPayment", "chooseWXPay", "WeixinJSBridge"];
    let mut looked = 0;
    for (index, token) in program.scan.tokens.iter().enumerate() {
        if !appends_key(token) || looked > 40 {
            continue;
        }
        looked += 1;
        let mut outer = None;
        let mut at = index;
        for _ in 0..48 {
            let Some(open) = program.shape.parent(at) else { break };
            outer = program.shape.partner(open).map(|close| (open, close));
            at = open;
        }
        let beside =
            outer.is_some_and(|span| program.has_word(span, &calls) && !program.has_word(span, SERVER));
        let whole = program.has_word(program.all(), &calls)
            && !program.has_word(program.all(), SERVER)
            && runs_at_customers(program.src);
        if beside || whole {
            report.at(&KEY_IN_CLIENT_CODE, index, &[]);
        }
    }
}

/// The digest that a pair says, if it says one.
fn said(pair: &Pair<'_>) -> Option<&'static str> {
    let text = match pair.value {
        Value::Text(text) if !text.trim().is_empty() => text,
        Value::Prose(text) if !text.trim_matches(['\'', '"', ' ']).is_empty() => text,
        _ => pair.note?,
    };
    match (text.contains("HMAC-SHA256"), text.contains("MD5")) {
        (true, false) => Some("HMAC-SHA256"),
        (false, true) => Some("MD5"),
        _ => None,
    }
}

fn two_types(report: &mut Report<'_, '_>) {
    let program: &Program<'_> = report.program;
    let mut first: Option<&'static str> = None;
    for group in &program.groups {
        if !matches!(group.purpose, Purpose::Order | Purpose::Client) {
            continue;
        }
        let Some(pair) = group.get("signType") else { continue };
        let Some(kind) = said(pair) else { continue };
        let before = *first.get_or_insert(kind);
        if before != kind {
            let cause = if before == "MD5" { Cause::DigestHmacForMd5 } else { Cause::DigestMd5ForHmac };
            let params = [("first", before), ("second", kind)];
            report.say_with(&SIGN_TYPE_DIFFERS, Some(cause), pair.at, &params);
            return;
        }
    }
}

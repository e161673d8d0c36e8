//! When a signature is made, and of what: fields that come too late, values made twice, a digest that is not the one said.

use super::signer::appends_key;
use super::{
    FIELD_ADDED_AFTER_SIGN, NONCE_MADE_TWICE, ORDER_SIGN_REUSED, Report, SIGN_TYPE_CONTRADICTED,
    SIGN_TYPE_NOT_SENT,
};
use crate::cause::Cause;
use crate::code::names::{CLIENT, WIRE, plain};
use crate::code::pairs::{Group, OTHERS, Origin, Pair, Purpose, Value};
use crate::code::program::{Program, has_part};
use crate::code::shape::Span;
use crate::code::token::Kind;

pub(super) fn look(report: &mut Report<'_, '_>) {
    let program = report.program;
    for (number, group) in program.groups.iter().enumerate() {
        if !matches!(group.origin, Origin::Object | Origin::Calls) {
            continue;
        }
        too_late(report, group);
        reused(report, group);
        // A group that stands in the value of another one comes soon behind it.
        twice(report, group, &program.groups[number + 1..(number + 9).min(program.groups.len())]);
    }
    digest_said(report);
}

fn signature<'g, 't>(group: &'g Group<'t>) -> Option<&'g Pair<'t>> {
    group.pairs.iter().rev().find(|pair| ["sign", "paysign"].contains(&plain(pair.name).as_str()))
}

/// What WeChat Pay answers with, and what programs keep beside it: not sent, so not signed.
const ANSWERED: &[&str] = &[
    "bank_type",
    "cash_fee",
    "code_url",
    "err_code",
    "err_code_des",
    "is_subscribe",
    "mweb_url",
    "prepay_id",
    "result_code",
    "return_code",
    "return_msg",
    "settlement_total_fee",
    "sign",
    "time_end",
    "trade_state",
    "transaction_id",
    "version",
];

/// `params.sign = sign(params); params.notify_url = …`.
fn too_late(report: &mut Report<'_, '_>, group: &Group<'_>) {
    let program = report.program;
    let known: Vec<&str> = match group.purpose {
        Purpose::Order => WIRE.iter().filter(|name| !ANSWERED.contains(name)).copied().collect(),
        Purpose::Client => CLIENT.iter().filter(|name| **name != "paySign").copied().collect(),
        _ => return,
    };
    let Some(sign) = signature(group).filter(|_| !group.variable.is_empty()) else { return };
    if !report.room(&FIELD_ADDED_AFTER_SIGN) {
        return;
    }
    let Some(made) = made_of(program, sign, group.variable) else { return };
    let late = group.pairs.iter().find(|pair| {
        pair.token > made.1
            && known.contains(&pair.name)
            && beside(program, made.0, pair.token)
            // What is set anew was signed under its former value, which may be the same.
            && !group.pairs.iter().any(|other| other.name == pair.name && other.token < made.0)
    });
    if let Some(pair) = late {
        report.say(&FIELD_ADDED_AFTER_SIGN, pair.at, &[("name", pair.name)]);
    }
}

/// The expression that made the signature from this variable, straight or by way of another one.
fn made_of(program: &Program<'_>, sign: &Pair<'_>, variable: &str) -> Option<Span> {
    let span = program.expression(sign.token, sign.name, sign.value)?;
    let given = program
        .tokens(span)
        .windows(2)
        .any(|two| two[0].is_any(&["(", ","]) && two[1].kind == Kind::Ident && two[1].text == variable);
    given.then_some(span)
}

/// Whether two words stand in the same block, at the same depth: neither in a branch that the other is not in.
fn beside(program: &Program<'_>, one: usize, other: usize) -> bool {
    let block = |at: usize| {
        let mut open = program.shape.parent(at);
        for _ in 0..3 {
            open = match open {
                Some(inner) if program.is(inner, "(") || program.is(inner, "[") => {
                    program.shape.parent(inner)
                }
                found => return found,
            };
        }
        open
    };
    let line =
        |at: usize| program.get(at).map_or((0, 0), |token| (token.line, indent(program.src, token.start)));
    let (first, second) = (line(one), line(other));
    block(one) == block(other) && (first.0 == second.0 || first.1 == second.1)
}

/// Longest indent that is counted.
const INDENT: usize = 200;

/// How many blanks the line of a byte begins with, if it is near.
fn indent(src: &str, at: usize) -> usize {
    let bytes = &src.as_bytes()[at.saturating_sub(INDENT * 4)..at];
    let line = bytes.iter().rposition(|byte| *byte == b'\n').map_or(bytes, |end| &bytes[end + 1..]);
    line.iter().take(INDENT).take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// The random text of a group, made on the spot.
fn nonce<'g, 't>(program: &Program<'t>, group: &'g Group<'t>) -> Option<&'g Pair<'t>> {
    let pair = group.pairs.iter().find(|pair| plain(pair.name) == "noncestr")?;
    let Value::Expr((start, end)) = pair.value else { return None };
    let span = (start, end.min(start + 40));
    let random = program.has_part(span, &["rand", "nonce", "uuid", "guid", "uniqid"]);
    (random && program.tokens(span).iter().any(|token| token.is("("))).then_some(pair)
}

/// `{ …, nonceStr: nonce(), paySign: sign({ …, nonceStr: nonce() }) }`.
fn twice(report: &mut Report<'_, '_>, group: &Group<'_>, behind: &[Group<'_>]) {
    let program = report.program;
    let Some(Value::Expr((start, end))) = signature(group).map(|pair| pair.value) else { return };
    let inside = |other: &&Group<'_>| other.open.is_some_and(|open| (start..end).contains(&open));
    if let Some(pair) = nonce(program, group)
        .filter(|_| behind.iter().filter(inside).any(|other| nonce(program, other).is_some()))
    {
        report.say(&NONCE_MADE_TWICE, pair.at, &[("name", pair.name)]);
    }
}

/// `package: 'prepay_id=' + reply.prepay_id, paySign: reply.sign`, on the server.
fn reused(report: &mut Report<'_, '_>, group: &Group<'_>) {
    let program = report.program;
    if group.purpose != Purpose::Client || group.is_call() {
        return;
    }
    let Some(sign) = group.pairs.iter().find(|pair| pair.name == "paySign") else { return };
    let Value::Expr((start, end)) = sign.value else { return };
    let Some(owner) = program.get(start).filter(|token| token.kind == Kind::Ident) else { return };
    let last =
        program.tokens((start + 1, end)).iter().rev().find(|t| matches!(t.kind, Kind::Ident | Kind::Str));
    let member = end - start <= 6
        && last.is_some_and(|last| ["sign", "getSign", "Sign"].contains(&last.text))
        && program.get(start + 1).is_some_and(|t| t.is_any(&[".", "->", "["]));
    let package = group.pairs.iter().find(|pair| pair.name == "package");
    let Some(span) = package.and_then(|pair| program.expression(pair.token, pair.name, pair.value)) else {
        return;
    };
    let from_reply = program.tokens(span).windows(3).any(|three| {
        three[0].text == owner.text
            && three[1].is_any(&[".", "->", "["])
            && ["prepayid", "getprepayid", "get"].contains(&plain(three[2].text).as_str())
    });
    if member && from_reply {
        report.say(&ORDER_SIGN_REUSED, sign.at, &[]);
    }
}

/// The digest that a sign_type says, beside the one that is made.
fn digest_said(report: &mut Report<'_, '_>) {
    let program = report.program;
    let tokens = &program.scan.tokens;
    let code = |part: &'static str| {
        move |t: &crate::code::token::Token<'_>| {
            // What only says a sign_type makes no digest.
            let says = t.kind == Kind::Str && ["MD5", "HMAC-SHA256"].contains(&t.text);
            matches!(t.kind, Kind::Ident | Kind::Str) && !says && has_part(t.text, &[part])
        }
    };
    // Which one is made is known only where one of the two is in sight, and a key is joined.
    let (md5, hmac) = (tokens.iter().any(code("md5")), tokens.iter().any(code("hmac")));
    let instance = tokens
        .windows(3)
        .any(|three| three[0].is_word("getInstance") && three[1].is("(") && three[2].text == "MD5");
    let md5 = md5 || instance;
    if md5 == hmac || !tokens.iter().any(appends_key) {
        return;
    }
    let made = if hmac { "HMAC-SHA256" } else { "MD5" };
    let elsewhere = program.has_part(program.all(), &["sign_type", "signtype"])
        || program.says(program.all(), &["sign_type", "signType"]);
    let orders = program.groups.iter().filter(|group| {
        let known = matches!(group.purpose, Purpose::Order | Purpose::Client);
        known && matches!(group.origin, Origin::Object | Origin::Calls) && !group.is_call()
    });
    for group in orders {
        let said = group.pairs.iter().find(|pair| plain(pair.name) == "signtype");
        match said.map(|pair| (pair, pair.value)) {
            Some((pair, Value::Text(text @ ("MD5" | "HMAC-SHA256")))) if text != made => {
                let cause = if hmac { Cause::DigestHmacForMd5 } else { Cause::DigestMd5ForHmac };
                let params = [("said", text), ("made", made)];
                report.say_with(&SIGN_TYPE_CONTRADICTED, Some(cause), pair.at, &params);
            }
            None if hmac && !elsewhere && group.purpose == Purpose::Order => not_sent(report, group),
            _ => {}
        }
    }
}

/// An order without a sign_type is one that is signed with MD5.
fn not_sent(report: &mut Report<'_, '_>, group: &Group<'_>) {
    let whole = group.has("total_fee") && (group.has("body") || group.has("trade_type"));
    if let Some(first) = group.pairs.first().filter(|_| whole && !group.has(OTHERS)) {
        report.say(&SIGN_TYPE_NOT_SENT, first.at, &[]);
    }
}

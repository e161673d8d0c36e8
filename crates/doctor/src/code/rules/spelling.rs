//! Names in another spelling than WeChat Pay's.

use super::{
    ENDPOINT_MISSPELT, NAME_UNKNOWN, NAME_WRONG_CASE, PACKAGE_FROM_UNDEFINED, PACKAGE_MISSPELT, Report,
};
use crate::code::names::{CLIENT, WIRE, in_a_call, near, near_long, on_the_wire, plain};
use crate::code::pairs::{Group, Origin, Pair, Purpose, Style};
use crate::code::token::Kind;

pub(super) fn look(report: &mut Report<'_, '_>) {
    let program = report.program;
    for group in &program.groups {
        match group.purpose {
            Purpose::Client => call(report, group),
            Purpose::Order => order(report, group),
            Purpose::App | Purpose::Jssdk | Purpose::Other => {}
        }
    }
    anywhere(report);
    endpoints(report);
}

/// Whether the name is what goes over the wire, not a type's own name for it.
fn on_wire(pair: &Pair<'_>) -> bool {
    let capital = pair.name.starts_with(|c: char| c.is_ascii_uppercase());
    pair.style != Style::Struct && !(pair.style == Style::Member && capital)
}

fn say(report: &mut Report<'_, '_>, pair: &Pair<'_>, to: &str) {
    let rule = if pair.name.eq_ignore_ascii_case(to) { &NAME_WRONG_CASE } else { &NAME_UNKNOWN };
    report.say(rule, pair.at, &[("from", pair.name), ("to", to)]);
}

fn call(report: &mut Report<'_, '_>, group: &Group<'_>) {
    let exact =
        group.pairs.iter().filter(|pair| CLIENT.contains(&pair.name) && pair.name != "package").count();
    // Somebody's own names between server and page, if none is WeChat Pay's.
    if exact == 0 && !group.is_call() && group.origin != Origin::Query {
        return;
    }
    let signed = group.pairs.iter().any(|pair| pair.name == "paySign");
    let for_page = group.callee.ends_with("chooseWXPay") || (signed && !group.is_call());
    for pair in group.pairs.iter().filter(|pair| on_wire(pair)) {
        let to = in_a_call(pair.name).or_else(|| near(pair.name, CLIENT));
        if let Some(to) = to.filter(|to| *to != pair.name && !(for_page && pair.name == "timestamp")) {
            say(report, pair, to);
        }
    }
}

fn order(report: &mut Report<'_, '_>, group: &Group<'_>) {
    for pair in group.pairs.iter().filter(|pair| on_wire(pair)) {
        let to = on_the_wire(pair.name).or_else(|| near(pair.name, WIRE));
        let there = |to: &str| group.pairs.iter().any(|other| other.name == to);
        if let Some(to) = to.filter(|to| *to != pair.name && !there(to)) {
            say(report, pair, to);
        }
    }
}

/// Members, keys and texts anywhere that are one slip away from a name.
fn anywhere(report: &mut Report<'_, '_>) {
    let program = report.program;
    for (index, token) in program.scan.tokens.iter().enumerate() {
        match token.kind {
            Kind::Ident => {
                let Some(known) = near_long(token.text) else { continue };
                let member = program.back(index, 1).is_some_and(|dot| dot.is_any(&[".", "->", "?."]));
                // What is read from an object of one's own is named as that is; prepay_id is nobody's own.
                let set = program.get(index + 1).is_some_and(|sign| sign.is("="));
                if member && (set || known == "prepay_id") {
                    missing(report, token.start, token.text, known);
                } else if known == "prepay_id" && program.is(index + 1, "=") && touches(report, index) {
                    report.at(&PACKAGE_MISSPELT, index, &[("from", token.text), ("to", known)]);
                }
            }
            Kind::Str => {
                let name = token.text.trim_end_matches('=');
                let word =
                    name.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or(name);
                let Some(known) = near_long(word) else { continue };
                if known == "prepay_id" && name.len() < token.text.len() {
                    report.at(&PACKAGE_MISSPELT, index, &[("from", word), ("to", known)]);
                } else if word.len() == token.text.len() {
                    missing(report, token.start, word, known);
                }
            }
            _ => {}
        }
    }
}

/// Whether the next token follows without a blank: `perpay_id=abc` in prose, not an assignment.
fn touches(report: &Report<'_, '_>, index: usize) -> bool {
    let program = report.program;
    let (Some(token), Some(next)) = (program.get(index), program.get(index + 1)) else { return false };
    token.end == next.start
}

fn missing(report: &mut Report<'_, '_>, at: usize, from: &str, to: &str) {
    let rule = if to == "prepay_id" { &PACKAGE_FROM_UNDEFINED } else { &NAME_UNKNOWN };
    report.say(rule, at, &[("from", from), ("to", to)]);
}

const ENDPOINTS: &[&str] = &[
    "unifiedorder",
    "orderquery",
    "closeorder",
    "refund",
    "refundquery",
    "downloadbill",
    "downloadfundflow",
    "micropay",
];

/// `…/pay/unifideorder`, and a name for it that is another word.
fn endpoints(report: &mut Report<'_, '_>) {
    let program = report.program;
    const HOST: &str = "api.mch.weixin.qq.com/pay/";
    for (at, _) in program.src.match_indices(HOST) {
        let path = &program.src[at + HOST.len()..];
        let word = path.bytes().take(40).take_while(u8::is_ascii_alphanumeric).count();
        let word = &path[..word];
        let near_one = near(word, ENDPOINTS).or_else(|| another_order(word).then_some("unifiedorder"));
        if let Some(to) = near_one.filter(|_| !ENDPOINTS.contains(&word)) {
            report.say(&ENDPOINT_MISSPELT, at + HOST.len(), &[("from", word), ("to", to)]);
        }
    }
    for (index, token) in program.scan.tokens.iter().enumerate() {
        if token.kind == Kind::Ident && another_order(token.text) {
            let line = line_around(program.src, token.start);
            if line.contains("pay/unifiedorder") {
                report.at(&ENDPOINT_MISSPELT, index, &[("from", token.text), ("to", "unifiedorder")]);
            }
        }
    }
}

fn another_order(word: &str) -> bool {
    let word = plain(word);
    word.starts_with("uni")
        && word.ends_with("order")
        && (9..=14).contains(&word.len())
        && !["unifiedorder", "unifyorder", "uniorder"].contains(&word.as_str())
}

/// The line around a byte, a few hundred bytes of it.
fn line_around(src: &str, at: usize) -> &str {
    let (first, last) = (floor(src, at.saturating_sub(300)), floor(src, at + 300));
    let start = src[first..at].rfind('\n').map_or(first, |end| first + end + 1);
    let end = src[at..last].find('\n').map_or(last, |end| at + end);
    &src[start..end]
}

fn floor(src: &str, at: usize) -> usize {
    (0..=at.min(src.len())).rev().find(|at| src.is_char_boundary(*at)).unwrap_or(0)
}

//! Amounts, order numbers and who pays: what must come from the order and not from chance or the customer.

use super::values::{in_milliseconds, is_placeholder};
use super::{
    AMOUNT_NOT_INTEGER_FEN, AMOUNT_TRUNCATED, CLIENT_IP_FIXED, OPENID_FROM_SHARED_CACHE,
    OPENID_FROM_UNDECLARED, OUT_TRADE_NO_FIXED, OUT_TRADE_NO_LONG_DIGITS, Report, TOTAL_FEE_FROM_CLIENT,
};
use crate::code::names::plain;
use crate::code::pairs::{Group, Origin, Pair, Purpose, Value};
use crate::code::program::{Program, has_part};
use crate::code::shape::Span;
use crate::code::token::Kind;

pub(super) fn look(report: &mut Report<'_, '_>) {
    let program = report.program;
    for group in &program.groups {
        let made = matches!(group.origin, Origin::Object | Origin::Calls | Origin::Xml);
        if !made || group.purpose != Purpose::Order {
            continue;
        }
        // Values that are all literals are a document, not a program.
        let computed = group.pairs.iter().any(|pair| matches!(pair.value, Value::Expr(_) | Value::Same));
        let order = group.has("total_fee") && (group.has("body") || group.has("trade_type"));
        for pair in &group.pairs {
            match plain(pair.name).as_str() {
                "totalfee" | "refundfee" => amount(report, pair, order),
                "outtradeno" if computed && order => number(report, pair),
                "spbillcreateip" if computed => address(report, group, pair),
                "openid" => openid(report, pair),
                _ => {}
            }
        }
    }
}

/// What makes whole numbers and does not round.
const CUTS: &[&str] = &[
    "parseInt",
    "int",
    "Int",
    "intval",
    "intValue",
    "longValue",
    "floor",
    "trunc",
    "toInt",
    "long",
    "int64",
    "Int64",
];

fn amount(report: &mut Report<'_, '_>, pair: &Pair<'_>, order: bool) {
    let program = report.program;
    if let Value::Text(text) | Value::Bare(text) = pair.value {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if digits && text.contains('.') {
            report.say(&AMOUNT_NOT_INTEGER_FEN, pair.at, &[("value", text)]);
        }
        return;
    }
    let Some(span) = program.expression(pair.token, pair.name, pair.value) else { return };
    let tokens = program.tokens(span);
    let times =
        tokens.windows(2).any(|pair| pair[0].is("*") && ["100", "100.0", "100d"].contains(&pair[1].text));
    let computed = tokens.iter().any(|token| token.kind == Kind::Ident || token.text.contains('.'));
    let rounded =
        program.has_part(span, &["round", "fixed", "decimal", "bcmul", "ceil", "fen", "format", "epsilon"]);
    let cut = program.has_word(span, CUTS);
    if times && computed && !rounded {
        let rule = if cut { &AMOUNT_TRUNCATED } else { &AMOUNT_NOT_INTEGER_FEN };
        report.say(rule, pair.at, &[("value", program.source(span))]);
    }
    if !times && two_decimals(program, span) {
        report.say(&AMOUNT_NOT_INTEGER_FEN, pair.at, &[("value", program.source(span))]);
    }
    let own = match pair.value {
        Value::Expr(own) => from_client(program, own),
        _ => false,
    };
    if order && plain(pair.name) == "totalfee" && (own || from_client(program, span)) {
        report.say(&TOTAL_FEE_FROM_CLIENT, pair.at, &[("value", program.source(span))]);
    }
}

/// `price.toFixed(2)`, `"%.2f" % price`: a text with a point in it, unless the point is taken out again.
fn two_decimals(program: &Program<'_>, span: Span) -> bool {
    let tokens = program.tokens(span);
    let fixed = tokens.windows(3).any(|three| {
        ["toFixed", "toPrecision"].contains(&three[0].text) && three[1].is("(") && three[2].text == "2"
    });
    let formatted = program.says(span, &["%.2f", "%.02f", ":.2f}"]);
    let taken_out = program.has_part(span, &["replace", "split", "round", "bcmul", "bcdiv"])
        || program.has_word(span, CUTS)
        || program.has_word(span, &["Math", "Number", "float", "parseFloat"]);
    (fixed || formatted) && !taken_out
}

/// Whether an expression is what a request brought.
fn from_client(program: &Program<'_>, span: Span) -> bool {
    let tokens = program.tokens(span);
    let global =
        program.has_word(span, &["$_POST", "$_GET", "$_REQUEST", "getParameter", "FormValue", "PostForm"]);
    let member = tokens.windows(3).any(|three| {
        ["req", "request", "Request", "$request"].contains(&three[0].text)
            && three[1].is_any(&[".", "->"])
            && [
                "body", "query", "params", "form", "args", "GET", "POST", "data", "json", "input", "Form",
                "param",
            ]
            .contains(&three[2].text)
    });
    global || member
}

fn number(report: &mut Report<'_, '_>, pair: &Pair<'_>) {
    let program = report.program;
    if let Value::Text(text) = pair.value {
        let fixed = text.bytes().any(|byte| byte.is_ascii_digit()) && !is_placeholder(pair.name, text, true);
        if fixed {
            report.say(&OUT_TRADE_NO_FIXED, pair.at, &[("value", text)]);
        }
        return;
    }
    let Some(span) = program.expression(pair.token, pair.name, pair.value) else { return };
    let joined = program.tokens(span).iter().any(|token| token.is_any(&["+", "."]));
    let random = program.has_part(span, &["rand", "code"]);
    let letters = program
        .tokens(span)
        .iter()
        .any(|token| token.kind == Kind::Str && token.text.bytes().any(|byte| byte.is_ascii_alphabetic()));
    if in_milliseconds(program, span) && joined && random && !letters {
        report.say(&OUT_TRADE_NO_LONG_DIGITS, pair.at, &[("value", program.source(span))]);
    }
}

fn address(report: &mut Report<'_, '_>, group: &Group<'_>, pair: &Pair<'_>) {
    let Value::Text(text) = pair.value else { return };
    let native = group.get("trade_type").is_some_and(|pair| pair.value == Value::Text("NATIVE"));
    let parts: Vec<&str> = text.split('.').collect();
    let numbers = parts.len() == 4 && parts.iter().all(|part| part.parse::<u8>().is_ok());
    if numbers && !native {
        report.say(&CLIENT_IP_FIXED, pair.at, &[("value", text)]);
    }
}

fn openid(report: &mut Report<'_, '_>, pair: &Pair<'_>) {
    let program = report.program;
    let Value::Expr((start, end)) = pair.value else { return };
    let shared = (start..end).any(|at| {
        let Some(token) = program.get(at).filter(|token| token.kind == Kind::Str) else { return false };
        let alone =
            program.is(at + 1, ")") && program.is(at.wrapping_sub(1), "(") && !token.text.contains("${");
        let called =
            (2..8).any(|back| program.back(at, back).is_some_and(|t| has_part(t.text, &["cache", "redis"])));
        alone && called && at >= start + 2
    });
    if shared {
        report.say(&OPENID_FROM_SHARED_CACHE, pair.at, &[]);
    }
    undeclared(report, pair, (start, end));
}

/// Names that a framework or a file around it declares.
const AROUND: &[&str] = &[
    "this", "self", "ctx", "req", "request", "session", "config", "params", "options", "app", "that", "data",
    "res",
];

/// `openid: user.openid`, where `user` is nowhere else in a text that shows the whole function.
fn undeclared(report: &mut Report<'_, '_>, pair: &Pair<'_>, (start, end): Span) {
    let program = report.program;
    let Some(owner) = program.get(start).filter(|_| end == start + 3 && program.is(start + 1, ".")) else {
        return;
    };
    let Some(function) = program.shape.function_of(&program.scan, start) else { return };
    let script = program.has_word(function, &["const", "let", "var"]);
    if owner.kind != Kind::Ident || owner.text.starts_with('$') || AROUND.contains(&owner.text) || !script {
        return;
    }
    if !report.room(&OPENID_FROM_UNDECLARED) {
        return;
    }
    let declared = program.scan.tokens.iter().enumerate().any(|(at, token)| {
        let member = program.back(at, 1).is_some_and(|dot| dot.is_any(&[".", "->"]));
        token.is_word(owner.text) && !member && !program.is(at + 1, ".")
    });
    if !declared {
        report.say(&OPENID_FROM_UNDECLARED, pair.at, &[("name", owner.text)]);
    }
}

//! What answers WeChat Pay's notices: whether it verifies them, and what it checks besides.

use super::{
    CALLBACK_NEVER_REFUSES, CALLBACK_NEVER_VERIFIES, Report, SIGN_TYPE_IGNORED, SUCCESS_LOGGED_FIRST,
    UPDATES_ORDER_ON_SIGNATURE_ALONE,
};
use crate::code::program::{Program, has_part};
use crate::code::shape::Span;
use crate::code::token::{Kind, Token};
use std::collections::BTreeSet;

pub(super) fn look(report: &mut Report<'_, '_>) {
    let program = report.program;
    let mut spans: Vec<Span> = Vec::new();
    for (index, token) in program.scan.tokens.iter().enumerate() {
        let known = spans.last().is_some_and(|span| index < span.1) || spans.len() > 40;
        if known || !answers(program, index, token) {
            continue;
        }
        if !report.room(&CALLBACK_NEVER_VERIFIES) {
            break;
        }
        let span = program.region(index);
        if is_callback(program, span) {
            spans.push(span);
        }
    }
    for span in spans {
        callback(report, span);
    }
}

/// `<return_code>…` in a text, `put("return_code", "SUCCESS")`, `{ return_code: 'SUCCESS' }`.
fn answers(program: &Program<'_>, index: usize, token: &Token<'_>) -> bool {
    match token.kind {
        Kind::Str if token.text.contains("<return_code>") => true,
        Kind::Str | Kind::Ident if token.text == "return_code" => {
            let sign = program.get(index + 1).is_some_and(|t| t.is_colon() || t.is_any(&["=>", ","]));
            let called = program.back(index, 1).is_some_and(|t| t.is_any(&["(", "{", "[", ","]));
            let success =
                program.get(index + 2).is_some_and(|t| t.kind == Kind::Str && t.text.contains("SUCCESS"));
            sign && called && success
        }
        _ => false,
    }
}

const READS: &[&str] = &[
    "getinputstream",
    "getrawbody",
    "xml2js",
    "rawbody",
    "simplexml",
    "file_get_contents",
    "readall",
    "parsexml",
    "xmltomap",
    "parsestring",
    "inputstream",
    "getreader",
    "notify",
    "callback",
    "$_post",
    "fromxml",
    "xmltodict",
];

fn is_callback(program: &Program<'_>, span: Span) -> bool {
    let order = program.has_part(span, &["unifiedorder"]) || program.says(span, &["pay/unifiedorder"]);
    program.says(span, &["SUCCESS"])
        && !order
        && (program.has_part(span, READS) || program.says(span, &["php://input"]))
}

/// Libraries that verify before they hand a notice over.
const VERIFYING: &[&str] = &[
    "verify",
    "handlepaid",
    "handlenotify",
    "parseordernotify",
    "notifyresult",
    "wxpaynotify",
    "validate",
    "middleware",
    "checksign",
    "signature",
];

fn verifies(program: &Program<'_>, span: Span) -> Option<usize> {
    let from = span.0.saturating_sub(12);
    let signs = |token: &Token<'_>| {
        let word = token.text.to_ascii_lowercase();
        matches!(token.kind, Kind::Ident | Kind::Str)
            && ((word.contains("sign")
                && !["design", "assign", "signal", "signed int"].iter().any(|other| word.contains(other)))
                || has_part(&word, VERIFYING)
                || word.contains("验签"))
    };
    program.tokens((from, span.1)).iter().position(signs).map(|at| from + at)
}

fn callback(report: &mut Report<'_, '_>, span: Span) {
    let program = report.program;
    let verified = verifies(program, span);
    logged_first(report, span, verified);
    let refuses =
        program.says(span, &["FAIL", "fail"]) || program.has_word(span, &["throw", "raise", "abort", "FAIL"]);
    if !refuses {
        let answer = program
            .tokens(span)
            .iter()
            .position(|token| token.kind == Kind::Str && token.text.contains("return_code"));
        report.at(&CALLBACK_NEVER_REFUSES, span.0 + answer.unwrap_or(0), &[]);
    }
    let Some(verified) = verified else {
        report.at(&CALLBACK_NEVER_VERIFIES, span.0, &[]);
        return;
    };
    if never_compared(program, span) {
        report.at(&CALLBACK_NEVER_VERIFIES, verified, &[]);
        return;
    }
    signature_alone(report, span);
    fixed_digest(report, span);
}

/// Words before what is tested.
const CONDITIONS: &[&str] = &[
    "if", "elif", "unless", "while", "not", "and", "or", "return", "assert", "guard", "switch", "match",
    "case",
];

fn is_of_sign(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Ident | Kind::Str) && has_part(token.text, &["sign"])
}

/// A signature is computed, and nowhere compared, tested or handed to what may do that.
fn never_compared(program: &Program<'_>, span: Span) -> bool {
    let computed = (span.0..span.1).any(|at| {
        program.get(at).is_some_and(|t| t.kind == Kind::Ident && has_part(t.text, &["sign"]))
            && program.get(at + 1).is_some_and(|t| t.is_any(&["=", ":="]))
            && (2..7).any(|step| {
                program.is(at + step, "(")
                    && program.get(at + step - 1).is_some_and(|t| has_part(t.text, &["sign", "md5", "hmac"]))
            })
    });
    if !computed || program.has_part(span, VERIFYING) || program.has_part(span, &["check", "valid", "legal"])
    {
        return false;
    }
    let tokens = program.tokens(span);
    // What stands before and behind it: a condition, a comparison, a call that compares.
    let tested = |at: usize| {
        let before = &tokens[at.saturating_sub(8)..at];
        let near = &tokens[at.saturating_sub(8)..(at + 9).min(tokens.len())];
        before.iter().any(|t| t.kind == Kind::Ident && CONDITIONS.contains(&t.text))
            || near.iter().any(|t| {
                compares(t) || t.is("?") || (t.kind == Kind::Ident && has_part(t.text, &["equal", "compare"]))
            })
    };
    !(0..tokens.len()).filter(|at| is_of_sign(&tokens[*at])).any(tested)
}

/// `log.info("回调成功")` before anything was looked at.
fn logged_first(report: &mut Report<'_, '_>, span: Span, verified: Option<usize>) {
    let program = report.program;
    let first_branch =
        (span.0..span.1).find(|at| program.get(*at).is_some_and(|t| t.is_word("if"))).unwrap_or(span.1);
    let until = verified.unwrap_or(first_branch).min(first_branch);
    let logged = (span.0..until).find(|at| {
        let Some(token) = program.get(*at).filter(|token| token.kind == Kind::Str) else { return false };
        let logs = (1..10).any(|back| {
            program.back(*at, back).is_some_and(|t| {
                ["log", "logger", "LOGGER", "console", "print", "println", "System", "Log", "LOG"]
                    .contains(&t.text)
            })
        });
        logs && token.text.contains("成功")
    });
    if let Some(at) = logged {
        report.at(&SUCCESS_LOGGED_FIRST, at, &[]);
    }
}

fn compares(token: &Token<'_>) -> bool {
    token.is_any(&["===", "==", "!=", "!==", "<", ">", "<=", ">=", "<>"])
        || ["equals", "compareTo", "equal", "Equal", "Equals", "isEqual", "bccomp", "intval"]
            .contains(&token.text)
}

/// Whether an amount is compared with something.
fn compares_amount(program: &Program<'_>, span: Span) -> bool {
    let tokens = program.tokens(span);
    tokens.iter().enumerate().any(|(at, token)| {
        let amount = matches!(token.kind, Kind::Ident | Kind::Str)
            && has_part(token.text, &["fee", "amount", "price", "money", "total"]);
        let near = &tokens[at.saturating_sub(6)..(at + 7).min(tokens.len())];
        amount && near.iter().any(compares)
    })
}

fn signature_alone(report: &mut Report<'_, '_>, span: Span) {
    let program = report.program;
    let tokens = program.tokens(span);
    let update = tokens.iter().position(|token| match token.kind {
        Kind::Ident => {
            let word = token.text.to_ascii_lowercase();
            ["update", "save", "insert"].iter().any(|part| word.starts_with(part))
                || word.contains("setstatus")
                || word.contains("setpaystatus")
        }
        Kind::Str => token.text.trim_start().to_ascii_uppercase().starts_with("UPDATE "),
        _ => false,
    });
    let Some(update) = update else { return };
    let delegated =
        program.has_part(span, &["checkamount", "checkorder", "checktotal", "verifyamount", "verifyorder"]);
    let result = program.has_part(span, &["result_code", "resultcode", "issuccess"])
        || program.says(span, &["result_code"]);
    let amount = compares_amount(program, span) || delegated;
    let missing: Vec<&str> = [("result_code", result), ("total_fee", amount)]
        .iter()
        .filter(|(_, there)| !there)
        .map(|(name, _)| *name)
        .collect();
    if !missing.is_empty() {
        report.at(&UPDATES_ORDER_ON_SIGNATURE_ALONE, span.0 + update, &[("missing", &missing.join(", "))]);
    }
}

/// The signer takes a digest and has a default; the callback gives it none and never looks at sign_type.
fn fixed_digest(report: &mut Report<'_, '_>, span: Span) {
    let program = report.program;
    if program.has_part(span, &["sign_type", "signtype"]) || program.says(span, &["sign_type"]) {
        return;
    }
    let defaults = with_default(program);
    let call = (span.0..span.1).find(|at| {
        program.get(*at).is_some_and(|token| defaults.contains(token.text))
            && program.is(at + 1, "(")
            && program.arguments(at + 1).len() == 1
    });
    if let Some(at) = call {
        report.at(&SIGN_TYPE_IGNORED, at, &[]);
    }
}

/// Functions that are declared with a digest that one may leave out: `sign(data, signType = "MD5")`.
fn with_default<'t>(program: &Program<'t>) -> BTreeSet<&'t str> {
    let tokens = program.scan.tokens.iter().enumerate();
    let declared = tokens.filter(|(at, token)| {
        token.kind == Kind::Ident
            && has_part(token.text, &["sign"])
            && program.is(at + 1, "(")
            && program.is(at + 3, ",")
            && program.get(at + 4).is_some_and(|second| has_part(second.text, &["type"]))
            && (5..8)
                .any(|step| program.get(at + step).is_some_and(|t| t.kind == Kind::Str && t.text == "MD5"))
    });
    declared.map(|(_, token)| token.text).collect()
}

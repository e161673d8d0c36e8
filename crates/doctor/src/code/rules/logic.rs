//! Slips of programming that end in a wrong payment.

use super::{
    BROWSER_OPTION_ON_SERVER, ERROR_CODE_DROPPED, LINE_BREAKS_LOST, NULL_DEREFERENCED,
    PACKAGE_FROM_UNDEFINED, REGEX_LOST_BACKSLASHES, Report, SPLIT_DROPS_REST, TIME_END_IN_LOCAL_ZONE,
};
use crate::code::names::WIRE;
use crate::code::pairs::Origin;
use crate::code::program::has_part;
use crate::code::token::Kind;

pub(super) fn look(report: &mut Report<'_, '_>) {
    lost(report);
    for index in 0..report.program.scan.tokens.len() {
        nothing_used(report, index);
        compact(report, index);
        zone(report, index);
        split(report, index);
        cors(report, index);
    }
    reasons(report);
    expressions(report);
}

/// Said once, with the lines: a web page loses all of them at a time.
fn lost(report: &mut Report<'_, '_>) {
    let program = report.program;
    let glued = program.groups.iter().filter(|group| group.origin == Origin::Prose).flat_map(|group| {
        let glued = group.pairs.iter().filter(|pair| {
            let before = program.back(pair.token, 1);
            before.is_some_and(|before| before.kind == Kind::Text && before.end == pair.at)
        });
        let glued: Vec<usize> = glued.map(|pair| pair.at).collect();
        if glued.len() >= 2 { glued } else { Vec::new() }
    });
    let mut places: Vec<usize> = program.scan.lost.iter().copied().chain(glued).collect();
    places.sort_unstable();
    let Some(first) = places.first().copied() else { return };
    let mut lines: Vec<String> = places.iter().map(|at| program.scan.line_of(*at).to_string()).collect();
    lines.dedup();
    lines.truncate(20);
    report.say(&LINE_BREAKS_LOST, first, &[("lines", &lines.join(", "))]);
}

/// The tokens of `a.b.c` from `index` on.
fn path<'t>(report: &Report<'_, 't>, index: usize) -> Vec<&'t str> {
    let mut list = Vec::new();
    let mut at = index;
    while list.len() < 6 {
        let Some(token) = report.program.get(at).filter(|token| token.kind == Kind::Ident) else { break };
        list.push(token.text);
        if !report.program.is(at + 1, ".") {
            break;
        }
        at += 2;
    }
    list
}

/// `isNull(a) && a.b`, `!a && a.b`, `a == null && a.b`.
fn nothing_used(report: &mut Report<'_, '_>, index: usize) {
    let program = report.program;
    if !program.is(index, "&&") {
        return;
    }
    let used = path(report, index + 1);
    let Some(name) = used.first().filter(|_| used.len() > 1) else { return };
    let before = |steps: usize| program.back(index, steps);
    let word = |steps: usize, text: &str| before(steps).is_some_and(|token| token.is_word(text));
    let calls = before(1).is_some_and(|t| t.is(")"))
        && word(2, name)
        && before(3).is_some_and(|t| t.is("("))
        && before(4).is_some_and(|t| {
            let call = t.text.to_ascii_lowercase();
            ["isnull", "isnil", "isundefined", "isempty", "is_null"]
                .iter()
                .any(|start| call.starts_with(start))
        })
        && !negated(report, index - 4);
    let denies = word(1, name) && before(2).is_some_and(|t| t.is("!"));
    let is_null = ["null", "undefined", "nil"].iter().any(|text| word(1, text))
        && before(2).is_some_and(|t| t.is_any(&["==", "==="]))
        && word(3, name);
    if calls || denies || is_null {
        report.at(&NULL_DEREFERENCED, index, &[("name", name)]);
    }
}

/// Whether `!` stands before the call `a.b.c` that ends at `index`.
fn negated(report: &Report<'_, '_>, index: usize) -> bool {
    let mut at = index;
    for _ in 0..6 {
        if !report.program.back(at, 1).is_some_and(|dot| dot.is_any(&[".", "->", "::"])) {
            break;
        }
        at = at.saturating_sub(2);
    }
    report.program.back(at, 1).is_some_and(|sign| sign.is("!"))
}

/// xml-js in its compact form has `{ xml: { prepay_id: { _text } } }`: `result.prepay_id` is undefined.
fn compact(report: &mut Report<'_, '_>, index: usize) {
    let program = report.program;
    let converts = program.get(index).is_some_and(|t| t.is_word("xml2js") || t.is_word("xml2json"))
        && program.is(index + 1, "(");
    let Some(close) = program.shape.partner(index + 1).filter(|close| converts && *close > index) else {
        return;
    };
    let inside = (index + 1, close);
    let mapped = program.has_word(inside, &["textKey", "cdataKey", "elementNameFn"]);
    if !program.has_word(inside, &["compact"]) || mapped || program.is(close + 1, ".") {
        return;
    }
    let sets = (1..7).find(|back| program.back(index, *back).is_some_and(|t| t.is("=")));
    let Some(name) = sets.and_then(|back| program.back(index, back + 1)) else { return };
    for at in close..(close + 2000).min(program.scan.tokens.len()) {
        if !program.get(at).is_some_and(|t| t.is_word(name.text)) || program.is(at.wrapping_sub(1), ".") {
            continue;
        }
        if program.is(at + 1, "=") {
            return;
        }
        let member = program.get(at + 2).filter(|_| program.is(at + 1, "."));
        if member.is_some_and(|member| WIRE.contains(&member.text)) && !program.is(at + 3, ".") {
            report.at(&PACKAGE_FROM_UNDEFINED, at, &[("value", program.source((at, at + 3)))]);
        }
    }
}

/// `new Date(x)`, where x was made from time_end and no zone is named.
fn zone(report: &mut Report<'_, '_>, index: usize) {
    let program = report.program;
    let made = program.get(index).is_some_and(|t| t.is_word("Date"))
        && program.back(index, 1).is_some_and(|t| t.is_word("new"));
    let Some(argument) =
        program.get(index + 2).filter(|t| made && program.is(index + 1, "(") && t.kind == Kind::Ident)
    else {
        return;
    };
    // `a = new Date(a)`: what a was before.
    let before = if program.is(index.wrapping_sub(2), "=") { index.saturating_sub(3) } else { index - 1 };
    let from = if argument.is_word("time_end") {
        Some((index + 2, index + 3))
    } else {
        program.set_to(argument.text, before)
    };
    let Some(from) = from.filter(|_| program.is(index + 3, ")")) else { return };
    let zoned = program.says(from, &["+08", "+8", "GMT", "Asia/"]);
    if program.has_word(from, &["time_end"]) && !zoned {
        report.at(&TIME_END_IN_LOCAL_ZONE, index - 1, &[]);
    }
}

/// `const a = b.split("=")`, then `a[1]`.
fn split(report: &mut Report<'_, '_>, index: usize) {
    let program = report.program;
    let splits = program.get(index).is_some_and(|t| t.is_word("split"))
        && program.is(index + 1, "(")
        && program.get(index + 2).is_some_and(|t| t.kind == Kind::Str && t.text == "=")
        && program.is(index + 3, ")");
    if !splits {
        return;
    }
    let Some(name) = (2..8)
        .find(|back| program.back(index, *back).is_some_and(|t| t.is("=")))
        .and_then(|back| program.back(index, back + 1))
    else {
        return;
    };
    let after = (index + 4, index + 60);
    let second = program
        .tokens(after)
        .windows(4)
        .any(|four| four[0].is_word(name.text) && four[1].is("[") && four[2].text == "1" && four[3].is("]"));
    if second && !program.has_word(after, &["slice", "join", "splice"]) {
        report.at(&SPLIT_DROPS_REST, index, &[]);
    }
}

/// `mode: 'cors'` in what sends the order.
fn cors(report: &mut Report<'_, '_>, index: usize) {
    let program = report.program;
    let option = program.get(index).is_some_and(|t| t.text == "mode")
        && program.get(index + 1).is_some_and(|t| t.is_colon())
        && program.get(index + 2).is_some_and(|t| t.kind == Kind::Str && t.text == "cors");
    if option
        && report.room(&BROWSER_OPTION_ON_SERVER)
        && program.has_part(program.region(index), &["unifiedorder"])
    {
        report.at(&BROWSER_OPTION_ON_SERVER, index, &[]);
    }
}

/// `return_msg` is handed on where result_code was looked at, and err_code_des nowhere.
fn reasons(report: &mut Report<'_, '_>) {
    let program = report.program;
    let mut looked = 0;
    for (index, token) in program.scan.tokens.iter().enumerate() {
        let handed = token.text == "return_msg"
            && token.kind == Kind::Ident
            && program.back(index, 1).is_some_and(|dot| dot.is("."))
            && (2..8).any(|back| program.back(index, back).is_some_and(|t| t.is_word("return")));
        if !handed || looked > 40 {
            continue;
        }
        looked += 1;
        let span = program.region(index);
        let asked = program.has_word(span, &["result_code"]) || program.says(span, &["result_code"]);
        let told = program.tokens(span).iter().any(|t| has_part(t.text, &["err_code"]));
        if asked && !told {
            report.at(&ERROR_CODE_DROPPED, index, &[]);
        }
    }
}

/// `(d{4})(d{2})` was `(\d{4})(\d{2})`.
fn expressions(report: &mut Report<'_, '_>) {
    let src = report.program.src;
    let mut skip = 0;
    for (at, found) in src.match_indices("(d{") {
        let rest = &src.as_bytes()[at + found.len()..];
        let digits = rest.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
        let twice =
            rest.get(digits..digits + 2) == Some(b"})") && rest.get(digits + 2..digits + 5) == Some(b"(d{");
        if twice && at >= skip {
            report.say(&REGEX_LOST_BACKSLASHES, at, &[]);
            skip = at + 200;
        }
    }
}

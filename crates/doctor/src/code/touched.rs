//! Whether a program does anything with its parameters but set them once and read them. What it does is not known
//! from its words: where it may change them, sets them only sometimes, or has others beside them, nothing is said of
//! what it sends.

use super::pairs::{Group, Origin};
use super::program::Program;
use super::token::{Kind, Token};

/// Words that make something happen only sometimes, or that nobody can follow.
const BRANCHES: &[&str] = &[
    "if", "else", "elif", "elsif", "unless", "for", "foreach", "while", "until", "switch", "case", "when",
    "try", "catch", "except", "rescue", "goto", "eval", "extract",
];

const CHOICES: &[&str] = &["&&", "||", "?", "??"];

/// What goes on with a value that has just ended, or stands before one.
const GOES_ON: &[&str] = &[".", "->", "?.", "|", "+", "&&", "||", "??", "?", "-", "&", "%", "*", "["];

/// Calls, in small letters, that only read what they are given.
const READS: &[&str] = &[
    "print",
    "println",
    "printf",
    "log",
    "info",
    "debug",
    "dump",
    "var_dump",
    "print_r",
    "dumps",
    "stringify",
    "json_encode",
    "sendreq",
    "requestpayment",
    "choosewxpay",
    "invoke",
    "toxml",
    "maptoxml",
    "arraytoxml",
    "dicttoxml",
    "http_build_query",
    "urlencode",
    "puts",
    "p",
];

/// Calls, in small letters, that make a map of what they are given and add nothing.
const WRAPS: &[&str] = &[
    "dict",
    "ordereddict",
    "map",
    "hashmap",
    "treemap",
    "linkedhashmap",
    "mapof",
    "of",
    "from",
    "array",
    "freeze",
];

/// Calls that put a text behind another one.
const APPENDS: &[&str] = &["append", "Append", "concat", "WriteString", "push"];

/// Words, besides types, that make something empty.
const EMPTY: &[&str] = &["new", "make", "dict", "array", "map", "mutableMapOf", "hashMapOf", "string"];

/// How far is looked back for the name that is given to a value.
const FAR: usize = 24;

/// The first token of what may change what the group says; `None` if nothing does.
pub(super) fn touched(program: &Program<'_>, group: &Group<'_>) -> Option<usize> {
    let first = group.pairs.iter().map(|pair| pair.token).min()?;
    let last = group.pairs.iter().map(|pair| pair.token).max()?;
    if group.origin == Origin::Prose {
        return None;
    }
    if let Some(branch) = (0..program.all().1).find(|at| branches(program, *at)) {
        return Some(branch);
    }
    match (group.origin, group.open) {
        (Origin::Object, Some(open)) => of_object(program, group, open),
        (Origin::Calls, _) => {
            let own = |at: usize| group.pairs.iter().any(|pair| puts(program, pair.token, at));
            elsewhere(program, group.variable, first, &own)
        }
        _ => of_text(program, first, last),
    }
}

fn is_any(program: &Program<'_>, at: usize, signs: &[&str]) -> bool {
    program.get(at).is_some_and(|token| token.is_any(signs))
}

fn word<'t>(program: &Program<'t>, at: usize) -> Option<&'t str> {
    program.get(at).filter(|token| token.kind == Kind::Ident).map(|token| token.text)
}

fn branches(program: &Program<'_>, at: usize) -> bool {
    // `<?php` and `?>` are no choice.
    let tag =
        program.is(at, "?") && (program.back(at, 1).is_some_and(|t| t.is("<")) || program.is(at + 1, ">"));
    let member = program.back(at, 1).is_some_and(|t| t.is_any(&[".", "->"]));
    word(program, at).is_some_and(|word| BRANCHES.contains(&word) && !member)
        || (is_any(program, at, CHOICES) && !tag)
}

fn of_object(program: &Program<'_>, group: &Group<'_>, open: usize) -> Option<usize> {
    let close = program.shape.partner(open)?;
    if group.unread {
        return Some(open);
    }
    let callee = group.callee.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let plain = callee.is_empty() || [READS, WRAPS].iter().any(|calls| calls.contains(&callee.as_str()));
    if !plain || program.back(open, 1).is_some_and(|before| before.is_any(&["+", "|", "&&", "||", "??"])) {
        return Some(open);
    }
    let mut next = close + 1;
    while program.is(next, ")") {
        next += 1;
    }
    let same_line = |token: &Token<'_>| program.get(close).is_some_and(|last| last.line == token.line);
    if program.get(next).is_some_and(|t| t.is_any(GOES_ON) || (t.kind == Kind::Ident && same_line(t))) {
        return Some(next);
    }
    let (name, variable) = named(program, open)?;
    let own = |at: usize| at == name || (open..=close).contains(&at);
    elsewhere(program, variable, open, &own)
}

/// A text that is put together: what goes on with it may only add texts.
fn of_text(program: &Program<'_>, first: usize, last: usize) -> Option<usize> {
    let called = |at: usize| {
        program.get(at).is_some_and(|t| t.is_any(&[".", "->", "?."]))
            && word(program, at + 1).is_some_and(|word| !APPENDS.contains(&word) && !word.starts_with('$'))
            && program.back(at, 1).is_some_and(|t| t.kind == Kind::Str || t.is(")"))
    };
    if let Some(at) = (first..last + 2).find(|at| called(*at)) {
        return Some(at);
    }
    if let Some(at) = unknown_piece(program, first, last) {
        return Some(at);
    }
    let receiver = program.is(first.wrapping_sub(1), "(").then(|| first.wrapping_sub(4));
    let receiver = receiver.and_then(|at| word(program, at).map(|name| (at, name)));
    let (name, variable) = named(program, first).or(receiver)?;
    let adds = |at: usize| {
        is_any(program, at + 1, &["+=", ".="])
            || (is_any(program, at + 1, &[".", "->"])
                && word(program, at + 2).is_some_and(|word| APPENDS.contains(&word)))
    };
    elsewhere(program, variable, first, &|at| at == name || adds(at))
}

/// A piece of a text that stands elsewhere: among the texts between these tokens, or joined to their ends.
fn unknown_piece(program: &Program<'_>, first: usize, last: usize) -> Option<usize> {
    let joins = |at: usize| is_any(program, at, &["+", ".", ".."]);
    let is_text = |at: usize| program.get(at).is_some_and(|token| token.kind == Kind::Str);
    let piece = |at: usize| {
        let before =
            at.checked_sub(1).is_some_and(|at| is_any(program, at, &["+", ".", "..", "(", "+=", ".="]));
        let member = at.checked_sub(2).is_some_and(|at| word(program, at).is_some())
            && program.back(at, 1).is_some_and(|t| t.is("."));
        let behind = joins(at + 1) || is_any(program, at + 1, &[")", ";", "(", "."]);
        let line = program.get(at).map(|token| token.line) != program.get(at + 1).map(|token| token.line);
        word(program, at).is_some_and(|word| !APPENDS.contains(&word))
            && before
            && !member
            && (behind || line)
    };
    if let Some(at) = (first + 1..last).find(|at| piece(*at)) {
        return Some(at);
    }
    // On to the end of the chain that the last text is in.
    let mut end = last;
    while joins(end + 1) && is_text(end + 2) {
        end += 2;
    }
    let mut start = first;
    while start >= 2 && joins(start - 1) && is_text(start - 2) {
        start -= 2;
    }
    if joins(end + 1) && word(program, end + 2).is_some() {
        return Some(end + 2);
    }
    let before = start.checked_sub(2)?;
    (joins(start - 1) && (word(program, before).is_some() || program.is(before, ")"))).then_some(before)
}

/// Where the variable stands besides its own places and where it is only made or read.
fn elsewhere(
    program: &Program<'_>,
    variable: &str,
    first: usize,
    own: &dyn Fn(usize) -> bool,
) -> Option<usize> {
    (0..program.all().1).find(|at| {
        word(program, *at) == Some(variable)
            && !own(*at)
            && (*at >= first || !made_empty(program, *at))
            && !reads(program, *at)
    })
}

/// Whether the name at `at` is the receiver that the pair whose name is at `pair` is put into.
fn puts(program: &Program<'_>, pair: usize, at: usize) -> bool {
    let distance = pair.wrapping_sub(at);
    match distance {
        // `p["name"] = …`, `p.name = …`, `p.setName(…)`
        2 => true,
        4 => program.is(at + 3, "(") && word(program, at + 2).is_some_and(|call| call != "putIfAbsent"),
        _ => false,
    }
}

/// `Map<String, String> p = new TreeMap<>()`, `p := url.Values{}`, `p = {}`, `var p map[string]string`.
fn made_empty(program: &Program<'_>, at: usize) -> bool {
    if !is_any(program, at + 1, &["=", ":="]) {
        return false;
    }
    let end = super::pairs::statement_end(&program.scan, &program.shape, at + 2);
    let span = (at + 2, end);
    let tokens = program.tokens(span);
    let capital = |word: &str| word.starts_with(|first: char| first.is_ascii_uppercase());
    let makes = tokens.iter().any(|t| t.kind == Kind::Ident && (EMPTY.contains(&t.text) || capital(t.text)));
    let make = tokens.first().is_some_and(|t| t.is_word("make"));
    let names = tokens.iter().any(|t| t.kind == Kind::Ident);
    let bracket = |at: usize| is_any(program, at, &["(", "{"]) || (program.is(at, "[") && !names);
    let filled = (at + 2..end).any(|at| bracket(at) && program.shape.partner(at) != Some(at + 1));
    let brackets = tokens.iter().any(|t| t.is_any(&["(", "{", "["]));
    // `StringBuilder sb = ""` is as empty.
    let blank = tokens.len() == 1 && tokens[0].kind == Kind::Str && tokens[0].text.is_empty();
    blank || (brackets && (make || !filled) && (makes || !names))
}

/// `return p`, `print(p)`, `toXml(p)`.
fn reads(program: &Program<'_>, at: usize) -> bool {
    let alone = !is_any(program, at + 1, &[".", "->", "?.", "[", "=", ":=", "(", "+", "|", "++"]);
    if program.back(at, 1).is_some_and(|t| t.is_word("return") || t.is_word("echo")) {
        return alone;
    }
    let Some(open) = program.shape.parent(at).filter(|open| program.is(*open, "(")) else { return false };
    let argument =
        program.back(at, 1).is_some_and(|t| t.is_any(&["(", ","])) && is_any(program, at + 1, &[")", ","]);
    let call = open.checked_sub(1).and_then(|before| word(program, before)).unwrap_or_default();
    argument && READS.contains(&call.to_ascii_lowercase().as_str())
}

/// The variable that is set to what begins at `start`: its token, and its name.
fn named<'t>(program: &Program<'t>, start: usize) -> Option<(usize, &'t str)> {
    let line = program.get(start)?.line;
    for at in (start.saturating_sub(FAR)..start).rev() {
        let token = program.get(at)?;
        if token.is_any(&["=", ":=", "+=", ".="]) {
            let name = annotated(program, at).unwrap_or_else(|| at.wrapping_sub(1));
            return word(program, name).map(|text| (name, text));
        }
        if token.is_any(&[";", "}"]) || (token.line != line && !is_any(program, at + 1, &["+", "."])) {
            return None;
        }
    }
    None
}

/// `p: Record<string, string> =`: the name before its type.
fn annotated(program: &Program<'_>, sign: usize) -> Option<usize> {
    let line = program.get(sign)?.line;
    let from = sign.saturating_sub(FAR);
    let colon = (from..sign).rev().take_while(|at| {
        program.get(*at).is_some_and(|token| token.line == line && !token.is_any(&[";", "{", "}"]))
    });
    colon.filter(|at| program.is(*at, ":")).last().and_then(|at| at.checked_sub(1))
}

/// What a text goes on to do with the object that stands in it between these bytes and is given a name there.
pub(super) fn changed_behind(program: &Program<'_>, start: usize, end: usize) -> Option<usize> {
    let tokens = &program.scan.tokens;
    let open = tokens.partition_point(|token| token.start < start);
    let close = tokens.partition_point(|token| token.start < end);
    let merges = is_any(program, close, &["+", "|"]) && is_any(program, close + 1, &["{", "["]);
    let calls = program.is(close, ".") && word(program, close + 1).is_some() && program.is(close + 2, "(");
    if merges || calls {
        return Some(close);
    }
    if let Some(at) = joined(program, open, close) {
        return Some(at);
    }
    let (name, variable) = named(program, open)?;
    let changes = |at: usize| {
        let argument = program.shape.parent(at).is_some_and(|open| is_any(program, open, &["(", "{", "["]));
        let spread = program.back(at, 1).is_some_and(|t| t.is_any(&["...", "*", "**", "&", "|", "+", "="]));
        let word = program.back(at, 1).is_some_and(|t| t.is_word("delete") || t.is_word("del"));
        argument || spread || word || is_any(program, at + 1, &["[", ".", "->", "=", "|=", "+=", "|"])
    };
    let own = |at: usize| at == name || (open..close).contains(&at);
    (0..program.all().1)
        .find(|at| word(program, *at) == Some(variable) && !own(*at) && changes(*at) && !reads(program, *at))
}

/// Calls, in small letters, that put several into one.
const MERGES: &[&str] = &[
    "assign",
    "extend",
    "merge",
    "mergedeep",
    "defaults",
    "putall",
    "update",
    "array_merge",
    "array_replace",
    "concat",
    "combine",
    "reduce",
    "mixin",
];

/// What stands between a value and another one that may come in its place or into it.
const JOINS: &[&str] = &["+", "|", "||", "??", "&&", "?", "?:"];

/// Where the value between these tokens is one of several that are put together or chosen from. `close` is the token
/// behind it.
fn joined(program: &Program<'_>, open: usize, close: usize) -> Option<usize> {
    let before = open.checked_sub(1)?;
    // In a log, lines of anything stand around an object.
    let given = is_any(program, before, &["=", ":=", "(", ",", "[", ":"])
        || program.get(before).is_some_and(|t| t.is_word("return"));
    let goes_on = is_any(program, close, JOINS) || program.is(close, "[");
    if given && goes_on {
        return Some(close);
    }
    let chosen = || {
        let line = program.get(open).map(|token| token.line);
        let from = before.saturating_sub(FAR);
        program.is(before, ":")
            && (from..before).any(|at| program.is(at, "?") && program.get(at).map(|token| token.line) == line)
    };
    if is_any(program, before, JOINS) || chosen() {
        return Some(before);
    }
    let parent = program.shape.parent(open)?;
    if program.is(parent, "[") {
        let behind = program.shape.partner(parent)? + 1;
        return (program.is(behind, ".") && program.is(behind + 2, "(")).then_some(behind);
    }
    let call = parent.checked_sub(1).and_then(|at| word(program, at))?.to_ascii_lowercase();
    let several = program.arguments(parent).len() > 1;
    (program.is(parent, "(") && several && MERGES.contains(&call.as_str())).then_some(parent)
}

/// Calls that only read a text, by parts of their names.
const TEXT_READS: &[&str] = &[
    "parse", "verify", "check", "valid", "notify", "handle", "log", "print", "echo", "info", "debug", "warn",
    "error", "send", "post", "write", "load", "decode", "read", "test", "assert", "equal", "xml", "string",
    "buffer", "bytes", "body", "payload", "reader", "put", "append", "add", "set", "push", "new",
];

/// What a program does with the text in quotes that stands in it at this byte, where it may not stay as it is there.
pub(super) fn text_changed(program: &Program<'_>, start: usize) -> Option<usize> {
    let tokens = &program.scan.tokens;
    let at = tokens.partition_point(|token| token.start <= start).checked_sub(1)?;
    if tokens[at].kind != Kind::Str {
        return None;
    }
    let next = at + 1;
    let calls = is_any(program, next, &[".", "->", "?."]) && word(program, next + 1).is_some();
    let encodes = |word: &str| {
        ["encode", "getBytes", "trim", "strip", "toString", "to_string", "to_owned"].contains(&word)
    };
    if calls && !word(program, next + 1).is_some_and(encodes) {
        return Some(next);
    }
    let operand = |at: usize| {
        program.get(at).is_some_and(|token| token.kind == Kind::Ident || token.is_any(&["(", "$", "{", "["]))
    };
    if is_any(program, next, &["+", ".", "%", "[", ".."]) && operand(next + 1) {
        return Some(next);
    }
    let before = at.checked_sub(1)?;
    if is_any(program, before, &["+", "."])
        && before.checked_sub(1).is_some_and(|at| word(program, at).is_some())
    {
        return Some(before);
    }
    let piped = program.is(next, "|")
        && (0..at).any(|at| word(program, at).is_some_and(|word| ["echo", "printf", "cat"].contains(&word)));
    if piped {
        return Some(next);
    }
    let parent = program.shape.parent(at).filter(|parent| program.is(*parent, "("))?;
    let call = parent.checked_sub(1).and_then(|at| word(program, at))?.to_ascii_lowercase();
    let reads = TEXT_READS.iter().any(|part| call.contains(part));
    let behind = program.shape.partner(parent)? + 1;
    let goes_on = program.is(behind, ".")
        && word(program, behind + 1).is_some_and(|word| word.to_ascii_lowercase().contains("replace"));
    (!reads || goes_on).then_some(parent)
}

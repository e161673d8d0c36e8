//! The parameters of a program as fields.

use super::names::{in_a_call, on_the_wire};
use super::pairs::{Group, OTHERS, Pair, Purpose, Style, Value};
use super::program::Program;
use super::shape::Span;
use super::token::Kind;
use super::touched::touched;
use crate::reading::{Format, Reading, Special};
use wxpay::{Fields, Signature};

/// Longest expression that is kept, in characters.
const LONGEST: usize = 200;

/// Calls that put what stands elsewhere into an object.
const MERGES: &[&str] = &["array_merge", "assign", "merge", "extend", "putAll", "update"];

pub(super) fn read(program: &Program<'_>) -> Option<Reading> {
    let group = chosen(&program.groups)?;
    let mut reading = Reading {
        format: Format::Code,
        undone: Vec::new(),
        fields: Fields::new(),
        key_pasted: false,
        unquoted: Vec::new(),
        expressions: Vec::new(),
        special: (group.purpose == Purpose::Jssdk).then_some(Special::Jssdk),
        at_customers: false,
    };
    for pair in group.pairs.iter().take(256) {
        take(program, group, pair, &mut reading);
    }
    if MERGES.iter().any(|call| group.callee.rsplit('.').next() == Some(call)) {
        reading.expressions.push((OTHERS.to_owned(), group.callee.clone()));
    }
    let digest = |name: &str| reading.fields.text(name).and_then(Signature::parse).is_some();
    if reading.expressions.is_empty() && ["sign", "paySign"].iter().any(|name| digest(name)) {
        // Of several with a signature, one says nothing of the others.
        let others = program.groups.iter().filter(|group| is_signed(group)).count() > 1;
        let at = others.then_some(0).or_else(|| touched(program, group));
        reading.expressions.extend(at.map(|at| (OTHERS.to_owned(), program.line_from(at))));
    }
    Some(reading)
}

fn is_signed(group: &Group<'_>) -> bool {
    group.known() >= 3 && group.pairs.iter().any(is_digest)
}

/// The only group that carries a digest, else the one with the most known names.
fn chosen<'g, 't>(groups: &'g [Group<'t>]) -> Option<&'g Group<'t>> {
    let most = groups.iter().map(Group::known).max().filter(|known| *known >= 2)?;
    let mut all = groups.iter().filter(|group| is_signed(group));
    match (all.next(), all.next()) {
        (Some(one), None) => Some(one),
        _ => groups.iter().find(|group| group.known() == most),
    }
}

fn is_digest(pair: &Pair<'_>) -> bool {
    let named = ["sign", "paySign", "Sign", "PaySign"].contains(&pair.name);
    named && matches!(pair.value, Value::Text(text) if Signature::parse(text).is_some())
}

/// What a name becomes on its way out: a type's own `MchId` is `mch_id`.
fn name_of<'p>(group: &Group<'_>, pair: &Pair<'p>) -> &'p str {
    let capital = pair.name.starts_with(|first: char| first.is_ascii_uppercase());
    if pair.style != Style::Struct && !(pair.style == Style::Member && capital) {
        return pair.name;
    }
    let (wire, call) = (on_the_wire(pair.name), in_a_call(pair.name));
    let out = if group.purpose == Purpose::Client { call.or(wire) } else { wire.or(call) };
    out.unwrap_or(pair.name)
}

fn take(program: &Program<'_>, group: &Group<'_>, pair: &Pair<'_>, reading: &mut Reading) {
    let name = name_of(group, pair);
    let (literal, bare) = match pair.value {
        Value::Text(text) => (Some(text), false),
        Value::Bare(text) => (Some(text), true),
        Value::Expr(_) | Value::Same | Value::Slot(_) | Value::Prose(_) => (None, false),
    };
    if name == "key" {
        reading.key_pasted |= literal.is_some();
        return;
    }
    let Some(text) = literal else {
        let said = match pair.value {
            Value::Expr(span) => program.source(trimmed(program, span)),
            Value::Slot(text) | Value::Prose(text) => text.trim(),
            _ => pair.name,
        };
        let said = said.chars().take(LONGEST).collect();
        reading.expressions.push((name.to_owned(), said));
        return;
    };
    let in_quotes = matches!(pair.style, Style::Bare | Style::Quoted | Style::Member | Style::Struct);
    let text = if in_quotes && !bare { unescaped(text) } else { text.to_owned() };
    // Set twice, it is the one or the other: only the program can tell.
    if let Some(first) = reading.fields.get(name) {
        if first != text {
            let said = format!("{first} / {text}").chars().take(LONGEST).collect();
            reading.expressions.push((name.to_owned(), said));
        }
        return;
    }
    // What XML cannot carry is no field.
    if reading.fields.add(name.to_owned(), text).is_ok() && bare {
        reading.unquoted.push(name.to_owned());
    }
}

/// An expression without what only joins it to the texts around it: `).append(a.b()).append(` is `a.b()`.
fn trimmed(program: &Program<'_>, (mut start, mut end): Span) -> Span {
    let joins = |at: usize| program.get(at).is_some_and(|t| t.is_any(&["+", ".", ",", ";", "&", "%"]));
    let appends = |at: usize| {
        program.get(at).is_some_and(|t| {
            t.kind == Kind::Ident && ["append", "Append", "concat", "WriteString", "push"].contains(&t.text)
        })
    };
    let ends_before = start < end && program.is(start, ")");
    while start < end && (joins(start) || program.is(start, ")")) {
        start += 1;
    }
    if ends_before && appends(start) && program.is(start + 1, "(") {
        start += 2;
    }
    while start < end {
        let last = end - 1;
        if joins(last) {
            end = last;
        } else if program.is(last, "(") && last > start {
            end = last - usize::from(appends(last - 1));
        } else if program.is(last, ")") && program.shape.partner(last).is_none_or(|open| open < start) {
            end = last;
        } else {
            break;
        }
    }
    (start, end)
}

/// A literal with the escapes undone that nearly all languages have.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let Some(letter) = after.chars().next() else {
            plain.push('\\');
            return plain;
        };
        rest = &after[letter.len_utf8()..];
        match letter {
            'n' => plain.push('\n'),
            't' => plain.push('\t'),
            'r' => plain.push('\r'),
            '\\' | '"' | '\'' | '/' | '`' | '$' => plain.push(letter),
            'u' => {
                let code = rest.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                match code.and_then(char::from_u32) {
                    Some(decoded) => {
                        plain.push(decoded);
                        rest = &rest[4..];
                    }
                    None => plain.push_str("\\u"),
                }
            }
            other => {
                plain.push('\\');
                plain.push(other);
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_others_kept() {
        for (text, expected) in [
            ("a\\\"b", "a\"b"),
            ("\\u652f\\u4ed8", "支付"),
            ("\\ud83d\\ude00", "\\ud83d\\ude00"),
            ("\\*\\*", "\\*\\*"),
            ("a\\", "a\\"),
            ("\\u65", "\\u65"),
            ("支付", "支付"),
        ] {
            assert_eq!(unescaped(text), expected, "{text}");
        }
    }
}

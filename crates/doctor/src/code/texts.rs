//! Parameters inside texts and prose: XML put together in strings, `a=1&b=2`, and `name: value` lines.

use super::names::is_known;
use super::pairs::{Group, Origin, Pair, Style, Value};
use super::shape::Shape;
use super::token::{Kind, Scan, Token};

/// Longest place in a text that is filled in.
const SLOT: usize = 120;

/// Whether a text is filled in later, all of it: `%s`, `%(name)s`, `{0}`, `{name}`, `$x`, `$x->y`, `${x}`, `#{x}`.
pub(crate) fn slot(text: &str) -> bool {
    let text = text.trim();
    let bytes = text.as_bytes();
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    match bytes {
        _ if bytes.len() > SLOT => false,
        [b'%', letter] => matches!(letter, b's' | b'd' | b'v'),
        [b'%', b'(', .., b')', b's' | b'd'] => true,
        [b'$' | b'#', b'{', .., b'}'] => true,
        [b'$', first, rest @ ..] => {
            let path = |byte: &u8| word(byte) || b"->.[]'()\"".contains(byte);
            (first.is_ascii_alphabetic() || *first == b'_') && rest.iter().all(path)
        }
        // An object of JSON is none.
        [b'{', inner @ .., b'}'] => !matches!(inner.trim_ascii_start(), [b'"', ..]),
        _ => false,
    }
}

/// Whether a part of a text is filled in as PHP, Ruby and Kotlin do it: `$x`, `{$x}`, `${x}`, `#{x}`.
pub(super) fn interpolates(text: &str) -> bool {
    text.as_bytes().windows(2).any(|two| match two {
        [b'$', next] => next.is_ascii_alphabetic() || matches!(next, b'_' | b'{'),
        [b'#', b'{'] => true,
        _ => false,
    })
}

/// A value in a text: one that is filled in, or the text itself.
pub(super) fn literal(text: &str) -> Value<'_> {
    if slot(text) || interpolates(text) { Value::Slot(text) } else { Value::Text(text) }
}

/// A literal as a value: PHP's `"id-$id"` is none.
pub(super) fn whole_or_slot(text: &str) -> Value<'_> {
    if interpolates(text) { Value::Slot(text) } else { Value::Text(text) }
}

fn is_tag(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The beginning of a text, `most` bytes at most.
pub(super) fn within(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}

/// How many tokens may stand between two texts of one document.
const APART: usize = 24;

struct Open<'t> {
    name: &'t str,
    at: usize,
    token: usize,
    wrapped: bool,
}

/// Documents in texts: `"<appid>" + appid + "</appid>"`.
pub(super) fn xml<'t>(scan: &Scan<'t>) -> Vec<Group<'t>> {
    let mut groups: Vec<Group<'t>> = Vec::new();
    let mut last = None;
    let mut open: Option<Open<'t>> = None;
    for (index, token) in scan.tokens.iter().enumerate() {
        if token.kind != Kind::Str || !(token.text.contains('<') || open.is_some()) {
            continue;
        }
        let near = last.is_some_and(|last| index - last <= APART);
        if !near || token.text.trim_start().starts_with("<xml") || groups.is_empty() {
            open = None;
            groups.push(Group::new(Origin::Xml));
        }
        last = Some(index);
        let Some(group) = groups.last_mut() else { continue };
        document(index, token, &mut open, group);
    }
    groups.retain(|group| !group.pairs.is_empty());
    groups
}

fn document<'t>(index: usize, token: &Token<'t>, open: &mut Option<Open<'t>>, group: &mut Group<'t>) {
    let text = token.text;
    let start = token.inner;
    if let Some(begun) = open.take() {
        let rest = text.trim_start();
        let closes = rest.starts_with("</") || rest.starts_with("]]>");
        let ends = text.find("</").is_some_and(|at| text[at + 2..].starts_with(begun.name));
        if closes || (ends && is_known(begun.name)) {
            let value = Value::Expr((begun.token + 1, index));
            let (name, at, wrapped) = (begun.name, begun.at, begun.wrapped);
            group.pairs.push(Pair {
                name,
                at,
                token: begun.token,
                style: Style::Tag,
                value,
                note: None,
                wrapped,
            });
        }
    }
    let mut at = 0;
    while let Some(tag) = text[at..].find('<').map(|found| at + found + 1) {
        let Some(end) = text[tag..].find(['>', '<']).map(|found| tag + found) else { return };
        at = end;
        let name = &text[tag..end];
        if !(is_tag(name) && text[end..].starts_with('>')) {
            continue;
        }
        let content = within(&text[end + 1..], 1024);
        let (wrapped, value) = match content.strip_prefix("<![CDATA[") {
            Some(rest) => (true, rest.split("]]>").next().unwrap_or(rest)),
            None => (false, content.split('<').next().unwrap_or(content)),
        };
        let closed = value.len() < content.len() - if wrapped { 9 } else { 0 };
        if !closed && (value.trim().is_empty() || is_known(name)) {
            *open = Some(Open { name, at: start + tag, token: index, wrapped });
            return;
        }
        let ended = wrapped || content[value.len()..].starts_with("</");
        if closed && ended {
            let (value, at, style) = (literal(value), start + tag, Style::Tag);
            group.pairs.push(Pair { name, at, token: index, style, value, note: None, wrapped });
        }
    }
}

/// The known names that a text gives with `=`, and their values, with the byte each stands at in the text.
fn query_pairs(text: &str) -> Vec<(usize, &str, &str)> {
    let mut list = Vec::new();
    let mut at = 0;
    for piece in text.split('&') {
        let skipped = piece.rfind('?').map_or(0, |mark| mark + 1);
        if let Some((name, value)) = piece[skipped..].split_once('=') {
            let blank = name.len() - name.trim_start().len();
            let name = name.trim();
            if is_tag(name) {
                list.push((at + skipped + blank, name, value));
            }
        }
        at += piece.len() + 1;
    }
    list
}

/// A query's own names beside WeChat Pay's.
fn in_a_query(name: &str) -> bool {
    is_known(name)
        || ["key", "secret", "jsapi_ticket", "noncestr", "timestamp", "url", "partnerid", "prepayid"]
            .contains(&name)
}

/// Strings to sign and addresses: in texts joined by operators, and as words in prose.
pub(super) fn queries<'t>(scan: &Scan<'t>) -> Vec<Group<'t>> {
    let mut groups: Vec<Group<'t>> = Vec::new();
    let mut last: Option<usize> = None;
    for (index, token) in scan.tokens.iter().enumerate() {
        if token.kind != Kind::Str || !token.text.contains('=') {
            continue;
        }
        let start = token.inner;
        let found: Vec<_> =
            query_pairs(token.text).into_iter().filter(|(_, name, _)| in_a_query(name)).collect();
        if found.is_empty() || token.text.contains('<') {
            continue;
        }
        let joined = last.is_some_and(|last| {
            index - last <= 12
                && !scan.tokens[last..index].iter().any(|t| t.is_any(&[";", "{", "}", ",", "="]))
        });
        if !joined {
            groups.push(Group::new(Origin::Query));
        }
        last = Some(index);
        let Some(group) = groups.last_mut() else { continue };
        for (at, name, value) in found {
            let ends = at + name.len() + 1 + value.len() >= token.text.len();
            let goes_on =
                ends && value.is_empty() && scan.get(index + 1).is_some_and(|t| t.is_any(&["+", ".", ","]));
            let joined_on = ends && (value.ends_with('=') || continues(scan, index));
            let value = match value {
                "" if goes_on => Value::Expr((index + 2, index + 3)),
                value if joined_on && !value.is_empty() => Value::Slot(value),
                value => literal(value),
            };
            let (at, style) = (start + at, Style::Query);
            group.pairs.push(Pair { name, at, token: index, style, value, note: None, wrapped: false });
        }
    }
    groups.retain(|group| group.pairs.len() >= 2);
    groups.extend(queries_in_prose(scan));
    groups
}

/// Whether the program puts something right behind the text at `index`: `"…package=prepay_id=" + id`.
fn continues(scan: &Scan<'_>, index: usize) -> bool {
    let Some(sign) = scan.get(index + 1) else { return false };
    // A `.` that a name touches calls something of the text, where it is not PHP's.
    let calls = |name: &Token<'_>| {
        let own = name.text.starts_with('$') || ["concat", "append"].contains(&name.text);
        name.kind == Kind::Ident && name.start == sign.end && !own
    };
    sign.is("+") || sign.is(".") && !scan.get(index + 2).is_some_and(calls)
}

fn queries_in_prose<'t>(scan: &Scan<'t>) -> Vec<Group<'t>> {
    let mut groups = Vec::new();
    for (start, line) in scan.lines() {
        if !line.contains('&') || line.contains("//") {
            continue;
        }
        let mut at = start;
        for word in line.split_ascii_whitespace() {
            let Some(found) = scan.src[at..start + line.len()].find(word) else { continue };
            at += found;
            if word.contains(['"', '\'', '`', '(', '<', '$', '+']) || word.matches('&').count() < 2 {
                continue;
            }
            let pairs = query_pairs(word).into_iter().filter(|(_, name, _)| in_a_query(name));
            let token = scan.tokens.partition_point(|token| token.end <= at);
            let mut group = Group::new(Origin::Query);
            group.pairs.extend(pairs.map(|(offset, name, value)| Pair {
                name,
                at: at + offset,
                token,
                style: Style::Query,
                value: Value::Text(value),
                note: None,
                wrapped: false,
            }));
            if group.pairs.len() >= 3 {
                groups.push(group);
            }
        }
    }
    groups
}

/// `name: value` in lines that stand in no bracket.
pub(super) fn prose<'t>(scan: &Scan<'t>, shape: &Shape) -> Vec<Group<'t>> {
    let mut groups: Vec<Group<'t>> = Vec::new();
    let mut last_line = 0;
    for index in 0..scan.tokens.len() {
        let Some(pair) = prose_pair(scan, shape, index) else { continue };
        let line = scan.tokens[index].line;
        if groups.is_empty() || line > last_line + 2 {
            groups.push(Group::new(Origin::Prose));
        }
        last_line = line;
        if let Some(group) = groups.last_mut() {
            group.pairs.push(pair);
        }
    }
    groups
}

fn begins_prose_pair(scan: &Scan<'_>, index: usize) -> bool {
    let Some(token) = scan.get(index) else { return false };
    let word = matches!(token.kind, Kind::Ident | Kind::Str);
    if !word
        || !scan.get(index + 1).is_some_and(|next| next.is_colon() && next.line == token.line)
        || !is_known(token.text)
    {
        return false;
    }
    // `https:` and the like are no names; `a ? b : c` and `a.b: c` are no lines.
    let before =
        index.checked_sub(1).and_then(|before| scan.get(before)).filter(|before| before.line == token.line);
    before.is_none_or(|before| {
        before.kind == Kind::Text
            || before.is_any(&[",", "，", "、", "；", ";", ")", "）", "*", "-", "。", "/"])
    })
}

fn prose_pair<'t>(scan: &Scan<'t>, shape: &Shape, index: usize) -> Option<Pair<'t>> {
    if !begins_prose_pair(scan, index) || shape.parent(index).is_some() {
        return None;
    }
    let token = scan.get(index)?;
    let first = scan.get(index + 2).filter(|first| first.line == token.line);
    let quoted = first.filter(|first| first.kind == Kind::Str);
    let next = scan.get(index + 3).filter(|next| next.line == token.line);
    let value = match quoted {
        Some(text) if next.is_none_or(|next| next.is_any(&[",", ";"])) => Value::Text(text.text),
        _ => Value::Prose(prose_value(scan, index + 2)),
    };
    let at = token.inner;
    let name = token.text;
    Some(Pair { name, at, token: index, style: Style::Prose, value, note: None, wrapped: false })
}

/// The rest of the line, up to the next name that a value follows.
fn prose_value<'t>(scan: &Scan<'t>, from: usize) -> &'t str {
    let Some(first) = scan.get(from.wrapping_sub(1)) else { return "" };
    let line = first.line;
    let mut at = from;
    let mut end = first.end;
    while let Some(token) = scan.get(at).filter(|token| token.line == line && at < from + 200) {
        if begins_prose_pair(scan, at) {
            end = end.max(token.start);
            break;
        }
        end = token.end;
        at += 1;
    }
    scan.src.get(first.end..end).unwrap_or("").trim().trim_end_matches([',', '，', ';'])
}

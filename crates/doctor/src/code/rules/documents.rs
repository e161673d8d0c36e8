//! Documents that programs write: XML by hand and by libraries.

use super::values::is_placeholder;
use super::{CHARSET_UNSTATED, Report, VALUES_CONCATENATED_INTO_XML_UNESCAPED, XML_ROOT_MISSING};
use crate::code::names::plain;
use crate::code::pairs::{Group, Origin, Pair, Value};
use crate::code::token::Kind;

/// Fields whose text may hold `<` or `&`.
const FREE: &[&str] =
    &["body", "attach", "detail", "scene_info", "refund_desc", "goods_tag", "notify_url", "user_truename"];

pub(super) fn look(report: &mut Report<'_, '_>) {
    let program = report.program;
    for group in program.groups.iter().filter(|group| group.origin == Origin::Xml) {
        unescaped(report, group);
        letters(report, group);
    }
    roots(report);
    content_types(report);
}

/// Free text between tags, without CDATA and without escaping. A pattern of placeholders is to be filled in the same
/// way.
fn unescaped(report: &mut Report<'_, '_>, group: &Group<'_>) {
    let program = report.program;
    let joined = group.pairs.windows(2).any(|pair| pair[0].token != pair[1].token);
    let placeholders = group.pairs.iter().filter(|pair| match pair.value {
        Value::Text(text) => is_placeholder(pair.name, text, true),
        _ => false,
    });
    let pattern = joined && placeholders.count() >= 2;
    let escaped =
        |span| program.has_part(span, &["escape", "encode", "cdata", "htmlspecialchars", "xmlutil"]);
    let open = |pair: &&Pair<'_>| match pair.value {
        Value::Expr(span) => !escaped(span),
        Value::Slot(_) => true,
        Value::Text(text) => pattern && !text.is_empty(),
        _ => false,
    };
    let list: Vec<_> =
        group.pairs.iter().filter(|pair| FREE.contains(&pair.name) && !pair.wrapped).filter(open).collect();
    if let Some(first) = list.first() {
        let names: Vec<&str> = list.iter().map(|pair| pair.name).collect();
        report.say(&VALUES_CONCATENATED_INTO_XML_UNESCAPED, first.at, &[("names", &names.join(", "))]);
    }
}

/// Text that is not ASCII in a document of a language whose bytes depend on the machine.
fn letters(report: &mut Report<'_, '_>, group: &Group<'_>) {
    let program = report.program;
    let (Some(first), Some(last)) = (group.pairs.first(), group.pairs.last()) else { return };
    let around = (first.token.saturating_sub(20), last.token + 120);
    let typed = program.has_word(around, &["String", "StringBuffer", "StringBuilder", "string"]);
    let stated = program.says(around, &["utf", "UTF"]) || program.has_part(around, &["utf"]);
    let foreign = group.pairs.iter().find(|pair| match pair.value {
        Value::Text(text) => FREE.contains(&pair.name) && !text.is_ascii(),
        _ => false,
    });
    if let Some(pair) = foreign.filter(|_| typed && !stated) {
        report.say(&CHARSET_UNSTATED, pair.at, &[("name", pair.name)]);
    }
}

/// `new xml2js.Builder()` calls the root of several fields `root`.
fn roots(report: &mut Report<'_, '_>) {
    let program = report.program;
    if !program.has_word(program.all(), &["xml2js"]) {
        return;
    }
    let mut builders: Vec<&str> = Vec::new();
    for (index, token) in program.scan.tokens.iter().enumerate() {
        let made = token.is_word("Builder")
            && program.is(index + 1, "(")
            && program.back(index, 1).is_some_and(|t| t.is(".") || t.is_word("new"));
        if made {
            let named = program
                .shape
                .partner(index + 1)
                .is_some_and(|close| program.has_word((index + 1, close), &["rootName"]));
            let wrapped = program
                .scan
                .tokens
                .windows(4)
                .any(|four| four[0].is_word("buildObject") && four[2].is("{") && four[3].text == "xml");
            if !named && !wrapped {
                report.at(&XML_ROOT_MISSING, index, &[]);
                let variable = (1..6)
                    .find(|back| program.back(index, *back).is_some_and(|t| t.is("=")))
                    .and_then(|back| program.back(index, back + 1));
                builders.extend(variable.map(|name| name.text));
            }
        }
        let builds = token.is_word("buildObject")
            && program.back(index, 2).is_some_and(|name| builders.contains(&name.text));
        if builds && program.get(index + 2).is_some_and(|first| !first.is("{")) && builders.len() < 20 {
            report.at(&XML_ROOT_MISSING, index, &[]);
        }
    }
}

/// `content-type: text/xml` of a request, without a character set.
fn content_types(report: &mut Report<'_, '_>) {
    let program = report.program;
    let mut looked = 0;
    for (index, token) in program.scan.tokens.iter().enumerate() {
        let xml = token.kind == Kind::Str && ["text/xml", "application/xml"].contains(&token.text);
        let named =
            (1..4).any(|back| program.back(index, back).is_some_and(|t| plain(t.text) == "contenttype"));
        if !(xml && named) || looked > 100 {
            continue;
        }
        looked += 1;
        let span = program.region(index);
        // How a notice is answered does not matter.
        let answers = program.says(span, &["return_code"])
            || program.has_word(span, &["res", "response"])
                && !program.has_part(span, &["unified", "order", "body"]);
        if !answers {
            report.at(&CHARSET_UNSTATED, index, &[("name", "content-type")]);
        }
    }
}

//! Strings to sign that are put together by hand, and the key at their end.

use super::signer::appends_key;
use super::{APP_ID_LEFT_OUT, KEY_NOT_JOINED, KEY_OF_OTHER_KIND, NOT_SORTED, Report};
use crate::code::names::{plain, same};
use crate::code::pairs::{Group, Origin};
use crate::code::program::has_part;
use crate::code::token::{Kind, Token};

pub(super) fn look(report: &mut Report<'_, '_>) {
    let program = report.program;
    for group in program.groups.iter().filter(|group| group.origin == Origin::Query) {
        by_hand(report, group);
    }
    other_secrets(report);
    without_and(report);
    keyless(report);
}

/// `"appId=" + a + "&timeStamp=" + b + … + "&key=" + key`.
fn by_hand(report: &mut Report<'_, '_>, group: &Group<'_>) {
    let program = report.program;
    let Some(end) = group.pairs.iter().position(|pair| pair.name == "key") else { return };
    let signed = &group.pairs[..end];
    let written = |token: usize| {
        program.get(token).is_some_and(|t| t.kind == Kind::Str && !t.text.contains(['?', '/']))
    };
    // A key that is not last is another mistake, and an address no string to sign.
    if signed.len() < 3 || end + 1 != group.pairs.len() || !signed.iter().all(|pair| written(pair.token)) {
        return;
    }
    if let Some(pair) = signed.windows(2).find(|two| two[0].name > two[1].name).map(|two| &two[1]) {
        report.say(&NOT_SORTED, pair.at, &[("name", pair.name)]);
    }
    let has = |name: &str| signed.iter().any(|pair| pair.name == name);
    let call = has("nonceStr") && has("package") && has("timeStamp");
    if call && !signed.iter().any(|pair| same(pair.name, "appId")) {
        report.say(&APP_ID_LEFT_OUT, signed[0].at, &[]);
    }
}

/// `'&key=' + appSecret`.
fn other_secrets(report: &mut Report<'_, '_>) {
    let program = report.program;
    for (index, token) in program.scan.tokens.iter().enumerate() {
        let joins = appends_key(token)
            && token.text.ends_with("key=")
            && program.get(index + 1).is_some_and(|t| t.is_any(&["+", ".", ","]));
        if !joins {
            continue;
        }
        let secret = (index + 2..index + 10)
            .map_while(|at| program.get(at))
            .take_while(|t| {
                t.kind == Kind::Ident || t.is_any(&[".", "->", "::", "[", "(", ")"]) || t.kind == Kind::Str
            })
            .find(|t| {
                let name = plain(t.text);
                name.contains("appsecret") || name.contains("apiv3key") || name.contains("v3key")
            });
        if let Some(secret) = secret {
            report.say(&KEY_OF_OTHER_KIND, secret.start, &[("name", secret.text)]);
        }
    }
}

/// `"…&total_fee=" + fee + "key=" + key`, `http_build_query($data) . 'key=' . $key`: what stands before it has no `&` at
/// its end.
fn without_and(report: &mut Report<'_, '_>) {
    let program = report.program;
    for (index, token) in program.scan.tokens.iter().enumerate() {
        let begins = token.kind == Kind::Str && token.text.starts_with("key=") && index >= 3;
        let joined = |sign: usize| program.get(sign).is_some_and(|t| t.is_any(&["+", "."]));
        if !begins || !joined(index - 1) {
            continue;
        }
        let before = index - 2;
        let value = program.get(before).is_some_and(|t| t.kind == Kind::Ident)
            && joined(before - 1)
            && program
                .back(before, 2)
                .is_some_and(|t| t.kind == Kind::Str && t.text.ends_with('=') && t.text.contains(['&', '?']));
        if value || ends_a_query(report, before) {
            report.at(&KEY_NOT_JOINED, index, &[]);
        }
    }
}

/// Whether the `)` at `close` ends what joins pairs with `&` between them and none behind: `http_build_query(…)`,
/// `….join('&')`, `'&'.join(…)`.
fn ends_a_query(report: &Report<'_, '_>, close: usize) -> bool {
    let program = report.program;
    let Some(open) = program.shape.partner(close).filter(|open| *open < close && program.is(*open, "("))
    else {
        return false;
    };
    let called = program.back(open, 1).map_or("", |name| name.text);
    let is_and = |at: Option<&Token<'_>>| at.is_some_and(|t| t.kind == Kind::Str && t.text == "&");
    match called {
        "http_build_query" => true,
        "urldecode" => program.get(open + 1).is_some_and(|t| t.is_word("http_build_query")),
        "join" => is_and(program.get(open + 1)) && open + 2 == close || is_and(program.back(open, 3)),
        _ => false,
    }
}

/// Most digests around which a signer without a key is looked for.
const MOST: usize = 40;

/// A function that sorts, joins `k=v` with `&` and hashes, in a text that says nothing of a key.
fn keyless(report: &mut Report<'_, '_>) {
    let program = report.program;
    let tokens = &program.scan.tokens;
    let others = ["alipay", "Alipay", "ALIPAY", "unionpay", "jsapi_ticket", "支付宝", "银联"];
    let keyed = tokens.iter().any(|t| t.kind == Kind::Str && has_part(t.text, &["key"]));
    if keyed || others.iter().any(|word| program.src.contains(word)) {
        return;
    }
    let digests = ["md5", "hexdigest", "createHash", "createHmac", "md5Hex", "md5DigestAsHex", "hash_hmac"];
    let made = tokens.iter().enumerate().filter(|(_, t)| t.kind == Kind::Ident && digests.contains(&t.text));
    for (index, _) in made.take(MOST) {
        let Some(span) = program.shape.function_of(&program.scan, index) else { continue };
        let sorts = program.has_part(span, &["sort", "treemap"]);
        let signs = program.has_part(span, &["sign"]) && !program.has_part(span, &["rsa", "private"]);
        let joins = program.says(span, &["="]) && program.says(span, &["&"]);
        if sorts && signs && joins {
            report.at(&KEY_NOT_JOINED, index, &[]);
            return;
        }
    }
}

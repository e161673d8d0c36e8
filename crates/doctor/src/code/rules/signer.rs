//! The function that signs: what it puts into the string, in which order, and what it makes of it.

use super::digest::INSIDE;
use super::{
    CHARSET_UNSTATED, DIGEST_NOT_UPPER_CASE, EMPTY_CHECK_BY_LENGTH, EMPTY_VALUES_INCLUDED, HMAC_KEY_LITERAL,
    NOT_SORTED, Report, SIGN_INCLUDED, SORTED_OTHERWISE, VALUES_URL_DECODED, VALUES_URL_ENCODED,
};
use crate::cause::Cause;
use crate::code::names::{CLIENT, plain};
use crate::code::pairs::{Group, Origin, Pair, Purpose, Value};
use crate::code::program::{Program, has_part};
use crate::code::shape::Span;
use crate::code::token::{Kind, Token};

/// Most signers that are looked at.
const MOST_SIGNERS: usize = 40;

pub(super) fn look(report: &mut Report<'_, '_>) {
    let mut spans: Vec<Span> = Vec::new();
    for (index, token) in report.program.scan.tokens.iter().enumerate() {
        if appends_key(token) && spans.len() < MOST_SIGNERS {
            let span = report.program.region(index);
            let known = spans.iter().any(|(start, end)| (*start..*end).contains(&index));
            if !known {
                spans.push(span);
            }
        }
    }
    for span in spans {
        signer(report, span);
    }
    hmac_keys(report);
    charsets(report);
}

/// `"&key="`, or a text that ends so.
pub(super) fn appends_key(token: &Token<'_>) -> bool {
    let at = if token.kind == Kind::Str { token.text.find("key=") } else { None };
    at.is_some_and(|at| at == 0 || token.text[..at].ends_with('&'))
}

/// What goes over all parameters.
const LOOPS: &[&str] = &[
    "for",
    "foreach",
    "forEach",
    "keys",
    "keySet",
    "entrySet",
    "items",
    "range",
    "reduce",
    "map",
    "http_build_query",
    "entries",
    "stringify",
    "iteritems",
    "ksort",
    "Keys",
];

fn signer(report: &mut Report<'_, '_>, span: Span) {
    let program = report.program;
    coded(report, span);
    let loops = program.has_word(span, LOOPS);
    if !loops {
        // Nothing makes upper case of what is put into lower case, whoever joined the string.
        if let Some(at) = lowered(program, span).filter(|at| makes_a_sign(program, *at)) {
            report.at(&DIGEST_NOT_UPPER_CASE, at, &[]);
        }
        return;
    }
    // One that leaves out the empty ones may be given everything but the signature.
    if empties(report, span) {
        own_signature(report, span);
    }
    order(report, span);
    letter_case(report, span);
    super::digest::look(report, span);
}

const DECODES: &[&str] = &[
    "decodeURIComponent",
    "decodeURI",
    "unescape",
    "urldecode",
    "rawurldecode",
    "URLDecoder",
    "unquote",
    "QueryUnescape",
    "UrlDecode",
];

const ENCODES: &[&str] = &[
    "encodeURIComponent",
    "encodeURI",
    "urlencode",
    "rawurlencode",
    "http_build_query",
    "URLEncoder",
    "quote",
    "quote_plus",
    "QueryEscape",
    "UrlEncode",
];

/// Decoding what was just encoded is a known way to join pairs, and harmless to most values.
fn coded(report: &mut Report<'_, '_>, span: Span) {
    // What is encoded after the key was joined is encoded for the way, not for the signature.
    let tokens = report.program.tokens(span);
    let until = tokens.iter().rposition(appends_key).unwrap_or(tokens.len());
    let find = |names: &[&str]| {
        let named = |token: &Token<'_>| token.kind == Kind::Ident && names.contains(&token.text);
        tokens[..until].iter().position(named).map(|at| span.0 + at)
    };
    match (find(DECODES), find(ENCODES)) {
        (Some(at), None) => report.at(&VALUES_URL_DECODED, at, &[]),
        (None, Some(at)) => report.at(&VALUES_URL_ENCODED, at, &[]),
        _ => {}
    }
}

/// Calls that tell an empty value.
const EMPTY_CALLS: &[&str] = &[
    "isempty",
    "isblank",
    "isnotblank",
    "isnotempty",
    "isnullorempty",
    "isnullorwhitespace",
    "hastext",
    "haslength",
    "array_filter",
    "omitby",
    "pickby",
    "strlen",
    "is_empty",
    "checkempty",
    "isnullorundefinedorempty",
];

/// What a value is called in a loop.
const VALUES: &[&str] = &["v", "val", "value", "$v", "$val", "$value"];

fn comparison(token: &Token<'_>) -> bool {
    token.is_any(&["===", "==", "!=", "!==", "<>"])
}

/// Whether a name there is tested by itself: `if (params[k] && …)`, `if v and …`, `.filter(([k, v]) => v)`.
fn tests_a_value(program: &Program<'_>, at: usize) -> bool {
    let before = program.back(at, 1);
    let tested = before
        .is_some_and(|t| t.is_any(&["(", "!", "&&", "||", "=>"]) || ["if", "and", "not"].contains(&t.text));
    let Some(token) = program.get(at).filter(|token| tested && token.kind == Kind::Ident) else {
        return false;
    };
    let indexed =
        program.is(at + 1, "[") && program.get(at + 2).is_some_and(|t| matches!(t.kind, Kind::Ident));
    let end = match program.shape.partner(at + 1).filter(|_| indexed) {
        Some(close) => close + 1,
        None => at + 1,
    };
    // PHP's `foreach ($values as $k => $v)`.
    let taken =
        before.is_some_and(|t| t.is("=>")) && program.back(at, 2).is_some_and(|t| t.text.starts_with('$'));
    let value = indexed || VALUES.contains(&token.text);
    let ends = program
        .get(end)
        .is_some_and(|t| t.is_any(&[")", "&&", "||", "?", "]", "}", ":"]) || ["and", "or"].contains(&t.text));
    // The brackets of an `if` or of a condition, not of a call or of what is joined.
    let condition = program.back(at, 2).is_some_and(|t| {
        t.is_any(&["(", "!", "&&", "||", "=>"]) || ["if", "while", "filter", "elif"].contains(&t.text)
    });
    let fits = condition || !before.is_some_and(|t| t.is("("));
    value && ends && fits && !taken
}

/// Whether empty values are signed.
fn empties(report: &mut Report<'_, '_>, span: Span) -> bool {
    let program = report.program;
    let tokens = program.tokens(span);
    let by_length = tokens.windows(4).position(|four| {
        let of_value = four[0].is("]") || VALUES.contains(&four[0].text);
        let measured = four[1].is(".") && four[2].is_word("length");
        of_value && measured && (comparison(&four[3]) || four[3].is_any(&[">", "<", "<="]))
    });
    // The text compared with stands on either side.
    let blank = |token: &Token<'_>| token.kind == Kind::Str && token.text.trim().is_empty();
    let compared = tokens
        .windows(2)
        .any(|pair| (comparison(&pair[0]) && blank(&pair[1])) || (blank(&pair[0]) && comparison(&pair[1])));
    let equals = tokens.windows(3).any(|three| {
        ["equals", "includes", "contains", "in", "not"].contains(&three[0].text)
            && (blank(&three[2]) || blank(&three[1]))
    });
    let listed = tokens.windows(2).any(|pair| pair[0].is_any(&["[", ",", "("]) && blank(&pair[1]));
    let among = program.has_part(span, &["includes", "in_array", "indexof", "contains"])
        || tokens.windows(2).any(|pair| pair[0].is_word("in") && pair[1].is_any(&["(", "[", "{"]));
    let called = program.has_part(span, EMPTY_CALLS) || program.has_word(span, &["empty", "Boolean"]);
    let tested = (span.0..span.1).any(|at| tests_a_value(program, at));
    let measured = tokens
        .windows(3)
        .any(|three| three[0].is_word("len") && three[1].is("(") && VALUES.contains(&three[2].text));
    let filtered = tokens.windows(4).any(|four| {
        // A filter that stands elsewhere may do it.
        four[0].is_word("filter") && four[1].is("(") && four[2].kind == Kind::Ident && four[3].is(")")
    });
    if let Some(at) = by_length {
        report.at(&EMPTY_CHECK_BY_LENGTH, span.0 + at + 2, &[]);
        return false;
    }
    if never_empty(program, span) {
        return false;
    }
    if compared || equals || (listed && among) || called || tested || measured || filtered {
        return false;
    }
    let undefined =
        tokens.iter().position(|token| ["undefined", "null", "nil", "None", "isset"].contains(&token.text));
    let filter = if undefined.is_some() { "undefined" } else { "none" };
    let at = undefined.or_else(|| tokens.iter().position(appends_key)).unwrap_or(0);
    report.at(&EMPTY_VALUES_INCLUDED, span.0 + at, &[("filter", filter)]);
    true
}

/// Whether what is signed is a set that stands beside it and has no value that can be empty: a call's own five, or
/// texts and numbers alone.
fn never_empty(program: &Program<'_>, span: Span) -> bool {
    let inside = |group: &&Group<'_>| {
        group.origin == Origin::Object && group.open.is_some_and(|open| (span.0..span.1).contains(&open))
    };
    let mut sets = program.groups.iter().filter(inside).filter(|group| group.pairs.len() >= 2).peekable();
    let full = |group: &Group<'_>| {
        let call =
            group.purpose == Purpose::Client && group.pairs.iter().all(|pair| CLIENT.contains(&pair.name));
        let literal = |pair: &Pair<'_>| match pair.value {
            Value::Text(text) | Value::Bare(text) => {
                !text.trim().is_empty() && !NOTHINGS.contains(&text.trim())
            }
            _ => false,
        };
        let looped = !group.variable.is_empty()
            && program
                .tokens(span)
                .iter()
                .filter(|token| token.kind == Kind::Ident && token.text == group.variable)
                .count()
                >= 2;
        // What it is signed with is put in when the string is made already.
        let signature = |pair: &&Pair<'_>| ["sign", "paysign"].contains(&plain(pair.name).as_str());
        let mut signed = group.pairs.iter().filter(|pair| !signature(pair));
        looped && (call || signed.all(literal))
    };
    sets.peek().is_some() && sets.all(full)
}

/// Words for nothing.
const NOTHINGS: &[&str] = &["null", "undefined", "None", "nil", "NULL"];

fn own_signature(report: &mut Report<'_, '_>, span: Span) {
    let program = report.program;
    let tokens = program.tokens(span);
    let named = tokens.iter().any(|token| {
        token.kind == Kind::Str
            && ["sign", "paysign", "signature"].contains(&token.text.to_ascii_lowercase().as_str())
    });
    let constant = tokens.windows(2).any(|pair| {
        pair[0].is(".")
            && has_part(pair[1].text, &["sign"])
            && pair[1].text.to_ascii_lowercase().ends_with("sign")
    }) || program.has_word(span, &["FIELD_SIGN", "SIGN"]);
    let Some(at) =
        tokens.iter().position(|token| ["filter", "if"].contains(&token.text) && token.kind == Kind::Ident)
    else {
        return;
    };
    if !named && !constant {
        report.at(&SIGN_INCLUDED, span.0 + at, &[]);
    }
}

fn order(report: &mut Report<'_, '_>, span: Span) {
    let program = report.program;
    let otherwise = program.tokens(span).iter().position(|token| {
        token.kind == Kind::Ident
            && [
                "localeCompare",
                "natsort",
                "natcasesort",
                "CASE_INSENSITIVE_ORDER",
                "OrdinalIgnoreCase",
                "compareToIgnoreCase",
                "SORT_NATURAL",
                "SORT_FLAG_CASE",
                "CurrentCultureIgnoreCase",
                "InvariantCultureIgnoreCase",
                "Collator",
            ]
            .contains(&token.text)
    });
    let otherwise = otherwise.or_else(|| {
        let compares = |token: &Token<'_>| {
            matches!(token.kind, Kind::Ident | Kind::Str)
                && ["strcasecmp", "strnatcmp", "strnatcasecmp"].contains(&token.text)
        };
        program.tokens(span).iter().position(compares)
    });
    if let Some(at) = otherwise {
        report.at(&SORTED_OTHERWISE, span.0 + at, &[]);
        return;
    }
    if let Some((at, cause)) = another_order(program, span) {
        report.say_with(&SORTED_OTHERWISE, Some(cause), program.get(at).map_or(0, |t| t.start), &[]);
        return;
    }
    let sorted = program.has_part(program.all(), &["sort", "treemap", "orderby", "btreemap"]);
    if !sorted && let Some(at) = program.tokens(span).iter().position(appends_key) {
        report.at(&NOT_SORTED, span.0 + at, &[]);
    }
}

/// Sorted backwards, by values, or by names in one letter case.
fn another_order(program: &Program<'_>, span: Span) -> Option<(usize, Cause)> {
    let word = |at: usize, word: &str| program.get(at).is_some_and(|token| token.is_word(word));
    let is = |at: usize, words: &[&str]| {
        program.get(at).is_some_and(|token| token.kind == Kind::Ident && words.contains(&token.text))
    };
    let call = |at: usize, words: &[&str]| is(at, words) && program.is(at + 1, "(");
    (span.0..span.1).find_map(|at| {
        if call(at, &["krsort", "rsort"]) || is(at, &["reverseOrder", "OrderByDescending"]) {
            return Some((at, Cause::SortedDescending));
        }
        if call(at, &["asort", "arsort"]) {
            return Some((at, Cause::SortedByValue));
        }
        if !call(at, &["sort", "sorted"]) {
            return None;
        }
        let close = program.shape.partner(at + 1).filter(|close| *close > at)?;
        let inside = (at + 2, close.min(at + 2 + INSIDE));
        let backwards = program.is(close + 1, ".") && call(close + 2, &["reverse"])
            || (inside.0..inside.1).any(|at| word(at, "reverse") && word(at + 2, "True"));
        let lowers =
            ["toLowerCase", "toUpperCase", "lower", "upper", "casefold", "downcase", "ToLower", "strtolower"];
        let by_value = program.has_word(inside, &["lambda"])
            && program.tokens(inside).windows(3).any(|t| t[0].is("[") && t[1].text == "1" && t[2].is("]"))
            && !program.tokens(inside).windows(3).any(|t| t[0].is("[") && t[1].text == "0" && t[2].is("]"));
        match () {
            () if backwards => Some((at, Cause::SortedDescending)),
            () if program.has_word(inside, &lowers) => Some((at, Cause::SortedCaseInsensitively)),
            () if by_value => Some((at, Cause::SortedByValue)),
            () => None,
        }
    })
}

/// Only where the digest itself is made in sight: a helper may well give upper case.
fn letter_case(report: &mut Report<'_, '_>, span: Span) {
    let program = report.program;
    let made = program.tokens(span).iter().position(|token| {
        token.kind == Kind::Ident
            && [
                "createHash",
                "hexdigest",
                "md5",
                "createHmac",
                "hash_hmac",
                "md5Hex",
                "md5DigestAsHex",
                "encodeHexString",
            ]
            .contains(&token.text)
    });
    let upper =
        program.has_part(program.all(), &["upper"]) || program.says(program.all(), &["%X", "X2", "%02X"]);
    if let Some(at) = lowered(program, span) {
        report.at(&DIGEST_NOT_UPPER_CASE, at, &[]);
        return;
    }
    let made = made.map(|at| span.0 + at).filter(|_| !upper);
    if let Some(at) = made.filter(|at| program.has_word(span, &["return"]) || is_set_as_sign(program, *at)) {
        report.at(&DIGEST_NOT_UPPER_CASE, at, &[]);
    }
}

/// Most words between a signature's name and the digest that it is set to.
const BEFORE_DIGEST: usize = 12;

/// Whether the statement of a word sets something called a signature, or ends a function that joins the key.
fn makes_a_sign(program: &Program<'_>, at: usize) -> bool {
    for back in 1..=BEFORE_DIGEST * 2 {
        let Some(token) = program.back(at, back) else { return false };
        if token.is_word("return") {
            return true;
        }
        if token.is_any(&[";", "{", "}"]) {
            return false;
        }
        if token.is_any(&["=", ":=", "=>"]) {
            let text = |steps: usize| program.back(at, back + steps).map_or("", |token| token.text);
            let name = if text(1) == "]" { text(2) } else { text(1) };
            return has_part(name, &["sign"]);
        }
    }
    false
}

/// `$data['sign'] = md5($text)`, `sign = hashlib.md5(text).hexdigest()`: what these languages give is lower case.
fn is_set_as_sign(program: &Program<'_>, at: usize) -> bool {
    let python = program.back(at, 2).is_some_and(|owner| owner.is_word("hashlib"))
        && program.has_word((at, at + BEFORE_DIGEST * 2), &["hexdigest"]);
    let own = program.back(at, 1).is_some_and(|sign| sign.is_any(&[".", "->", "::"]));
    let first = program.get(at + 2).filter(|_| program.is(at + 1, "("));
    let php = !own && first.is_some_and(|first| first.text.starts_with('$'));
    if !python && !php {
        return false;
    }
    for back in 1..=BEFORE_DIGEST {
        let Some(token) = program.back(at, back) else { return false };
        if token.is_any(&[";", "{", "}"]) {
            return false;
        }
        if token.is_any(&["=", "=>"]) {
            let text = |steps: usize| program.back(at, back + steps).map_or("", |token| token.text);
            let name = if text(1) == "]" { text(2) } else { text(1) };
            return ["sign", "paysign"].contains(&plain(name).as_str());
        }
    }
    false
}

/// Where a digest is put into lower case, which nothing undoes: `md5(…).toLowerCase()`, `strtolower(md5(…))`.
fn lowered(program: &Program<'_>, span: Span) -> Option<usize> {
    let hashes = ["md5", "createhash", "createhmac", "hash_hmac", "digest", "hmac", "sha256"];
    let lower = |at: usize| {
        let lowers = ["toLowerCase", "strtolower", "ToLower", "toLower", "lower", "downcase"];
        program.get(at).is_some_and(|token| token.kind == Kind::Ident && lowers.contains(&token.text))
            && program.is(at + 1, "(")
    };
    let compared = |at: usize| {
        let around = (at.saturating_sub(8).max(span.0), (at + 10).min(span.1));
        program.tokens(around).iter().any(|token| comparison(token) || has_part(token.text, &["equal"]))
    };
    // The key's own digest is written in lower case: it opens refund notices.
    let of_key = |(start, end): Span| {
        end - start <= 6
            && program.has_part((start, end), &["key"])
            && !program.tokens((start, end)).iter().any(|token| token.kind == Kind::Str)
    };
    let key_hashed = |at: usize| {
        let hashed = |at: usize| {
            let close =
                program.shape.partner(at + 1).filter(|close| *close > at + 1 && program.is(at + 1, "("));
            program.has_part((at, at + 1), &hashes) && close.is_some_and(|close| of_key((at + 2, close)))
        };
        (at.saturating_sub(8).max(span.0)..(at + 8).min(span.1)).any(hashed)
    };
    let of_digest = |at: usize| {
        let inside =
            program.shape.partner(at + 1).map_or((at, at), |close| (at + 2, close.min(at + 2 + INSIDE)));
        let before = (at.saturating_sub(8).max(span.0), at);
        let behind = program.back(at, 1).is_some_and(|dot| dot.is_any(&[".", "->"]));
        program.has_part(inside, &hashes) || (behind && program.has_part(before, &hashes))
    };
    if program.has_part(span, &["upper"]) || program.says(span, &["%X", "X2", "%02X"]) {
        return None;
    }
    (span.0..span.1).find(|at| lower(*at) && of_digest(*at) && !compared(*at) && !key_hashed(*at))
}

/// Calls that make an HMAC, and which argument is the key.
const HMACS: &[(&str, usize)] =
    &[("createHmac", 1), ("hash_hmac", 2), ("HmacSHA256", 1), ("HMACSHA256", 0), ("SecretKeySpec", 0)];

/// What turns a text into bytes.
const WRAPPERS: &[&str] = &[
    "Buffer",
    "from",
    "byte",
    "bytes",
    "getBytes",
    "Encoding",
    "UTF8",
    "GetBytes",
    "encode",
    "b",
    "StandardCharsets",
    "UTF_8",
    "Utf8",
    "parse",
    "CryptoJS",
    "enc",
    "new",
    "ASCII",
];

fn hmac_keys(report: &mut Report<'_, '_>) {
    let program = report.program;
    // Other services have HMACs too.
    if !program.scan.tokens.iter().any(appends_key) {
        return;
    }
    for index in 0..program.scan.tokens.len() {
        let Some(place) = key_argument(program, index) else { continue };
        let open = if program.is(index + 1, "(") { index + 1 } else { index + 3 };
        let Some(span) = program.arguments(open).get(place).copied() else { continue };
        let tokens = program.tokens(span);
        let text = tokens.iter().position(|token| token.kind == Kind::Str);
        let plain = tokens.iter().all(|token| token.kind != Kind::Ident || WRAPPERS.contains(&token.text));
        if let Some(at) = text.filter(|_| plain) {
            report.at(&HMAC_KEY_LITERAL, span.0 + at, &[]);
        }
    }
}

fn key_argument(program: &Program<'_>, index: usize) -> Option<usize> {
    let token = program.get(index).filter(|token| token.kind == Kind::Ident)?;
    if let Some((_, place)) = HMACS.iter().find(|(name, _)| *name == token.text) {
        return program.is(index + 1, "(").then_some(*place);
    }
    let made = token.is_word("hmac") && program.is(index + 1, ".") && program.is(index + 3, "(");
    match program.get(index + 2)?.text {
        "new" if made => Some(0),
        "New" if made => Some(1),
        _ => None,
    }
}

/// Bytes for a digest in whatever character set the machine has.
fn charsets(report: &mut Report<'_, '_>) {
    let program = report.program;
    let java = program.has_word(program.all(), &["String", "StringBuffer", "StringBuilder"]);
    let mut looked = 0;
    for (index, token) in program.scan.tokens.iter().enumerate() {
        if !java || token.kind != Kind::Ident || looked > 200 {
            continue;
        }
        if token.is_word("getBytes") && program.is(index + 1, "(") && program.is(index + 2, ")") {
            looked += 1;
            let span = program.region(index);
            if program.has_part(span, &["md5", "messagedigest", "sign", "hmac"])
                || program.says(span, &["MD5"])
            {
                report.at(&CHARSET_UNSTATED, index, &[]);
            }
        }
    }
}

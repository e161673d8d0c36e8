//! Values that WeChat Pay refuses, and words left in the place of values.

use super::{
    PACKAGE_FROM_UNDEFINED, PACKAGE_NOT_SIGN_WXPAY, PACKAGE_WITHOUT_PREPAY_ID, PLACEHOLDER_LEFT_IN, Report,
    SIGN_TYPE_UNKNOWN, TIMESTAMP_IN_MILLISECONDS, TIMESTAMP_NOT_A_STRING, TRADE_TYPE_UNKNOWN,
};
use crate::cause::Cause;
use crate::code::names::{in_a_call, on_the_wire, plain};
use crate::code::pairs::{Group, Pair, Purpose, Style, Value};
use crate::code::program::Program;
use crate::code::shape::Span;
use crate::code::token::Kind;

pub(super) fn look(report: &mut Report<'_, '_>) {
    let program = report.program;
    for group in &program.groups {
        let purpose = group.purpose;
        for pair in &group.pairs {
            placeholder(report, group, pair);
            match plain(pair.name).as_str() {
                "tradetype" => trade_type(report, pair),
                "signtype" if purpose != Purpose::Other => sign_type(report, pair),
                "timestamp" if matches!(purpose, Purpose::Client | Purpose::App) => {
                    timestamp(report, group, pair)
                }
                "package" if purpose == Purpose::Client => package(report, pair),
                "package" | "packagevalue" if purpose == Purpose::App => app_package(report, pair),
                _ => {}
            }
        }
    }
    keys(report);
    starred(report);
}

/// The one word that a value is.
fn word<'t>(pair: &Pair<'t>) -> Option<&'t str> {
    let text = match pair.value {
        Value::Text(text) | Value::Prose(text) => text.trim(),
        _ => return None,
    };
    let fits = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    fits.then_some(text)
}

const TRADE_TYPES: &[&str] = &["JSAPI", "NATIVE", "APP", "MWEB", "MICROPAY", "FACEPAY"];

fn trade_type(report: &mut Report<'_, '_>, pair: &Pair<'_>) {
    let Some(word) = word(pair).filter(|word| !TRADE_TYPES.contains(word)) else { return };
    let meant = TRADE_TYPES.iter().find(|known| known.eq_ignore_ascii_case(word));
    // A word of prose may be anything; a literal of a program is sent.
    let literal = matches!(pair.value, Value::Text(_)) && pair.style != Style::Prose;
    let kind = pair.style == Style::Member || is_placeholder(pair.name, word, true);
    if meant.is_some() || (literal && !kind) {
        report.say(&TRADE_TYPE_UNKNOWN, pair.at, &[("value", word), ("to", meant.copied().unwrap_or(""))]);
    }
}

fn sign_type(report: &mut Report<'_, '_>, pair: &Pair<'_>) {
    let Some(word) = word(pair).filter(|word| !["MD5", "HMAC-SHA256", "RSA"].contains(word)) else { return };
    let to = match plain(word).as_str() {
        "md5" => "MD5",
        "hmacsha256" | "sha256" | "hmac" | "hmacsha265" => "HMAC-SHA256",
        "sha1" => "MD5",
        _ => return,
    };
    report.say(&SIGN_TYPE_UNKNOWN, pair.at, &[("value", word), ("to", to)]);
}

fn timestamp(report: &mut Report<'_, '_>, group: &Group<'_>, pair: &Pair<'_>) {
    let program = report.program;
    if let Value::Text(text) | Value::Bare(text) = pair.value {
        if text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            report.say(&TIMESTAMP_IN_MILLISECONDS, pair.at, &[("name", pair.name)]);
        }
        let number = text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_digit());
        if matches!(pair.value, Value::Bare(_)) && number && group.purpose == Purpose::Client {
            report.say(&TIMESTAMP_NOT_A_STRING, pair.at, &[("name", pair.name)]);
        }
        return;
    }
    let Some(span) = program.expression(pair.token, pair.name, pair.value) else { return };
    if in_milliseconds(program, span) {
        report.say(&TIMESTAMP_IN_MILLISECONDS, pair.at, &[("name", pair.name)]);
    }
    let own = match pair.value {
        Value::Expr(own) => is_text(program, own),
        _ => false,
    };
    let kept = matches!(pair.style, Style::Bare | Style::Quoted | Style::Member);
    if kept && group.purpose == Purpose::Client && !own && is_number(program, span) {
        report.say(&TIMESTAMP_NOT_A_STRING, pair.at, &[("name", pair.name)]);
    }
}

/// Whether an expression is a time in milliseconds.
pub(super) fn in_milliseconds(program: &Program<'_>, span: Span) -> bool {
    let tokens = program.tokens(span);
    let millis = program.has_word(
        span,
        &[
            "getTime",
            "currentTimeMillis",
            "UnixMilli",
            "ToUnixTimeMilliseconds",
            "TotalMilliseconds",
            "getTimeInMillis",
        ],
    );
    let word = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is_word(word));
    let now =
        (0..tokens.len()).any(|at| word(at, "Date") && (word(at + 2, "now") || word(at + 4, "valueOf")));
    let date = (0..tokens.len()).any(|at| word(at, "new") && word(at + 1, "Date"));
    let counted = tokens
        .first()
        .is_some_and(|first| first.is("+") || first.is_word("Number") || first.is_word("String"));
    let plus = tokens.windows(2).any(|pair| pair[0].is("+") && pair[1].is_word("new"));
    let python = program.has_word(span, &["time"])
        && tokens.windows(2).any(|pair| pair[0].is("*") && pair[1].text.starts_with("1000"));
    let shortened = tokens
        .windows(2)
        .any(|pair| pair[0].is("/") && (pair[1].text.starts_with("1000") || pair[1].text.starts_with("1e3")))
        || program.has_word(
            span,
            &[
                "substring",
                "substr",
                "slice",
                "TimeUnit",
                "toSeconds",
                "getEpochSecond",
                "Substring",
                "unix",
                "divide",
            ],
        );
    (millis || now || python || (date && (counted || plus))) && !shortened
}

const TEXTS: &[&str] = &[
    "String",
    "str",
    "strval",
    "toString",
    "ToString",
    "string",
    "format",
    "Format",
    "Sprintf",
    "Sprint",
    "FormatInt",
    "Itoa",
    "toFixed",
    "padStart",
    "concat",
    "join",
    "substring",
    "substr",
    "slice",
    "Substring",
];

/// Whether an expression makes a text of what is in it.
fn is_text(program: &Program<'_>, span: Span) -> bool {
    program.has_word(span, TEXTS) || program.tokens(span).iter().any(|token| token.kind == Kind::Str)
}

/// Whether an expression is a number for certain.
fn is_number(program: &Program<'_>, span: Span) -> bool {
    let Some(first) = program.tokens(span).first() else { return false };
    let heads =
        ["Date", "Math", "parseInt", "Number", "System", "time", "int", "intval", "new", "moment", "dayjs"];
    let head = (first.kind == Kind::Ident && heads.contains(&first.text)) || first.is_any(&["+", "("]);
    let counted = program.has_word(
        span,
        &[
            "now",
            "getTime",
            "floor",
            "round",
            "ceil",
            "trunc",
            "parseInt",
            "Number",
            "currentTimeMillis",
            "Unix",
            "unix",
            "time",
            "int",
            "intval",
            "valueOf",
            "UnixMilli",
        ],
    ) || first.is("+");
    head && counted && !is_text(program, span)
}

fn package(report: &mut Report<'_, '_>, pair: &Pair<'_>) {
    let program = report.program;
    match pair.value {
        Value::Text(text) => {
            let value = text.trim().strip_prefix("prepay_id=");
            if value
                .is_some_and(|value| ["undefined", "null", "[object Object]", "None", "nil"].contains(&value))
            {
                report.say(&PACKAGE_FROM_UNDEFINED, pair.at, &[("value", text)]);
            }
            if value.is_none() && text.starts_with("wx") && text.len() > 20 && !text.contains('=') {
                report.say(&PACKAGE_WITHOUT_PREPAY_ID, pair.at, &[]);
            }
        }
        Value::Expr(_) | Value::Same => {
            let Some(span) = program.expression(pair.token, pair.name, pair.value) else { return };
            let tokens = program.tokens(span);
            let path = |token: &crate::code::token::Token<'_>| {
                matches!(token.kind, Kind::Ident)
                    || token.is_any(&[".", "->", "?.", "[", "]", "(", ")"])
                    || token.kind == Kind::Str
            };
            let last = tokens.iter().rev().find(|token| matches!(token.kind, Kind::Ident | Kind::Str));
            let bare =
                last.is_some_and(|last| ["prepayid", "getprepayid"].contains(&plain(last.text).as_str()));
            let prefixed = program.says(span, &["pay_id="]);
            if bare && !prefixed && tokens.iter().all(path) {
                report.say(&PACKAGE_WITHOUT_PREPAY_ID, pair.at, &[]);
            }
        }
        _ => {}
    }
}

/// What an app is called with has no number in its package: that is `prepayid`.
fn app_package(report: &mut Report<'_, '_>, pair: &Pair<'_>) {
    let program = report.program;
    let wrong = match pair.value {
        Value::Text(text) | Value::Slot(text) => text.contains("pay_id="),
        Value::Expr(_) | Value::Same => program
            .expression(pair.token, pair.name, pair.value)
            .is_some_and(|span| program.says(span, &["pay_id="])),
        Value::Bare(_) | Value::Prose(_) => false,
    };
    if wrong {
        report.say(&PACKAGE_NOT_SIGN_WXPAY, pair.at, &[]);
    }
}

/// Words that stand for a value.
const WORDS: &[&str] = &[
    "APPID",
    "APP_ID",
    "MCH_ID",
    "MCHID",
    "KEY",
    "API_KEY",
    "APIKEY",
    "MCH_KEY",
    "SECRET",
    "APPSECRET",
    "APP_SECRET",
    "SIGN",
    "IP",
    "OPENID",
    "CODE",
    "NONCE_STR",
    "PREPAY_ID",
    "TRADE_TYPE",
    "NOTIFY_URL",
    "OUT_TRADE_NO",
];

/// Fields that hold no Chinese.
const PLAIN: &[&str] = &[
    "appid",
    "mchid",
    "openid",
    "secret",
    "noncestr",
    "sign",
    "paysign",
    "key",
    "notifyurl",
    "timestamp",
    "jscode",
    "spbillcreateip",
    "outtradeno",
    "mchkey",
];

/// Whether a literal stands for a value. `copied`: in a text that is sent as it is, where the field's own name is one
/// too.
pub(super) fn is_placeholder(name: &str, text: &str, copied: bool) -> bool {
    let text = text.trim();
    if text.is_empty() {
        return false;
    }
    let all = |c: char| text.chars().all(|other| other.eq_ignore_ascii_case(&c) || other == '\\');
    let mine = ["你的", "您的", "your_", "YOUR_", "your-", "Your", "YOUR ", "your ", "xxxx", "XXXX"];
    let own = plain(text) == plain(name) && (copied || text.chars().all(|c| !c.is_ascii_lowercase()));
    WORDS.contains(&text)
        || (text.len() >= 2 && (all('x') || all('*')))
        || mine.iter().any(|part| text.contains(part))
        || own
        || (!text.is_ascii() && PLAIN.contains(&plain(name).as_str()))
}

fn placeholder(report: &mut Report<'_, '_>, group: &Group<'_>, pair: &Pair<'_>) {
    let Value::Text(text) = pair.value else { return };
    let known = on_the_wire(pair.name).or(in_a_call(pair.name)).is_some();
    let copied = matches!(pair.style, Style::Tag | Style::Query);
    let text = match in_a_call(pair.name) {
        Some("package") => text.strip_prefix("prepay_id=").unwrap_or(text),
        _ => text,
    };
    // `prepay_id=***` is looked for in prose too.
    if in_a_call(pair.name) == Some("package") && text.len() >= 3 && text.chars().all(is_star) {
        return;
    }
    let named = known || ["key", "secret", "js_code"].contains(&pair.name);
    if named && group.purpose != Purpose::Jssdk && is_placeholder(pair.name, text, copied) {
        let cause = (pair.name == "key").then_some(Cause::KeyEmpty);
        report.say_with(&PLACEHOLDER_LEFT_IN, cause, pair.at, &[("name", pair.name), ("value", text)]);
    }
}

const fn is_star(c: char) -> bool {
    matches!(c, '*' | '\\' | 'x' | 'X')
}

/// `"&key=KEY"`: signed as it stands.
fn keys(report: &mut Report<'_, '_>) {
    for token in &report.program.scan.tokens {
        if token.kind != Kind::Str {
            continue;
        }
        for (at, _) in token.text.match_indices("key=") {
            let begins = at == 0 || token.text[..at].ends_with(['&', '?']);
            let value = token.text[at + 4..].split('&').next().unwrap_or("");
            if begins && is_placeholder("key", value, true) {
                let params = [("name", "key"), ("value", value)];
                report.say_with(&PLACEHOLDER_LEFT_IN, Some(Cause::KeyEmpty), token.inner + at, &params);
            }
        }
    }
}

/// `prepay_id=***` anywhere, also in prose that is copied.
fn starred(report: &mut Report<'_, '_>) {
    let src = report.program.src;
    for (at, found) in src.match_indices("prepay_id=") {
        let value = &src[at + found.len()..];
        let length = value.bytes().take(40).take_while(|byte| is_star(char::from(*byte))).count();
        let value = &value[..length];
        if length >= 3 {
            report.say(&PLACEHOLDER_LEFT_IN, at, &[("name", "package"), ("value", value)]);
        }
    }
}

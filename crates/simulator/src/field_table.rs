//! What a request must and may carry, from the gateway's side of the documents. Written apart from the client's
//! tables on purpose: where the two disagree, a test finds it.

use domain::CivilTime;
use wxpay::Fields;

/// What a value looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// Digits, at least 1.
    Amount,
    /// Digits, 0 too.
    Count,
    /// `yyyyMMddHHmmss`.
    Time,
    /// An absolute http(s) URL without a query.
    Url,
    /// `0-9 A-Z a-z _ - | *` and `@` where a second argument says so.
    Number { at_sign: bool, min: usize },
    /// One of these words.
    Word(&'static [&'static str]),
    /// JSON text.
    Json,
}

/// One field: its name, its most characters, what it looks like, whether it must be there.
pub(crate) struct Field {
    name: &'static str,
    max: usize,
    kind: Kind,
    required: bool,
}

pub(crate) const fn must(name: &'static str, max: usize, kind: Kind) -> Field {
    Field { name, max, kind, required: true }
}

pub(crate) const fn may(name: &'static str, max: usize, kind: Kind) -> Field {
    Field { name, max, kind, required: false }
}

/// Why a request is refused with `result_code` FAIL: the `err_code` and the words beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) text: String,
}

pub(crate) fn refuse<T>(code: &'static str, text: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { code, text: text.into() })
}

/// Fields every request may or must have. `appid`, `mch_id` and `sign` have been looked at before.
const EVERY: &[Field] = &[
    must("appid", 32, Kind::Text),
    must("mch_id", 32, Kind::Text),
    must("nonce_str", 32, Kind::Text),
    may("sub_appid", 32, Kind::Text),
    may("sub_mch_id", 32, Kind::Text),
];

/// Checks the request against the table.
///
/// # Errors
/// LACK_PARAMS for a field that must be there and is not, PARAM_ERROR for one that has another form.
pub(crate) fn check(fields: &Fields<'_>, table: &[Field]) -> Result<(), Refusal> {
    for field in EVERY.iter().chain(table) {
        match fields.text(field.name) {
            None if field.required => return refuse("LACK_PARAMS", format!("缺少参数{}", field.name)),
            None => {}
            Some(value) => {
                if value.chars().count() > field.max {
                    return refuse(
                        "PARAM_ERROR",
                        format!("参数错误:{}字段长度超过{}", field.name, field.max),
                    );
                }
                if let Some(trouble) = trouble(value, field.kind) {
                    return refuse("PARAM_ERROR", format!("参数错误:{}{trouble}", field.name));
                }
            }
        }
    }
    Ok(())
}

fn trouble(value: &str, kind: Kind) -> Option<&'static str> {
    let digits =
        |value: &str| value.bytes().all(|byte| byte.is_ascii_digit()) && value.parse::<i64>().is_ok();
    let ok = match kind {
        Kind::Text => true,
        Kind::Amount => {
            return (!digits(value)
                || value.parse() == Ok(0)
                || value.parse::<i64>().is_ok_and(|fen| fen > MOST_FEN))
            .then_some("必须为正整数");
        }
        Kind::Count => digits(value),
        Kind::Time => CivilTime::parse_compact(value).is_ok(),
        Kind::Url => {
            let rest = value.strip_prefix("http://").or_else(|| value.strip_prefix("https://"));
            rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
                && !value.contains(['?', '#'])
                && value.bytes().all(|byte| byte.is_ascii_graphic())
        }
        Kind::Number { at_sign, min } => {
            value.len() >= min
                && value.bytes().all(|byte| {
                    byte.is_ascii_alphanumeric()
                        || matches!(byte, b'_' | b'-' | b'|' | b'*')
                        || (at_sign && byte == b'@')
                })
        }
        Kind::Word(words) => words.contains(&value),
        Kind::Json => serde_json::from_str::<serde_json::Value>(value).is_ok(),
    };
    (!ok).then_some("格式错误")
}

/// The largest amount taken: ten million yuan and a fen would already be beyond what one payment can be.
const MOST_FEN: i64 = 1_000_000_000;

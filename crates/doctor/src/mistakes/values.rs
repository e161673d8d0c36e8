//! In which form values are signed.

use super::coerce::{COERCIONS, LIKELY_COERCIONS, is_number};
use super::{Made, Reach, Slot, each, how, json, single};
use crate::cause::Cause;
use crate::document::{Document, Kind};
use std::fmt::Write as _;

/// What JavaScript's encodeURIComponent leaves as it is, besides letters and digits.
pub(crate) const COMPONENT: &str = "-_.!~*'()";
/// What its encodeURI leaves.
pub(super) const ADDRESS: &str = "-_.!~*'();/?:@&=+$,#";
/// What RFC 3986 calls unreserved.
const UNRESERVED: &str = "-_.~";
/// What a form leaves; its blanks are pluses.
const FORM: &str = "-_.* ";
/// The same as PHP's http_build_query has it.
const QUERY: &str = "-_. ";

/// Fields that people fill in, so that blanks come with them.
const TYPED: [&str; 20] = [
    "appid",
    "appId",
    "attach",
    "bank_type",
    "body",
    "detail",
    "device_info",
    "err_code_des",
    "goods_tag",
    "jsapi_ticket",
    "mch_id",
    "notify_url",
    "openid",
    "out_refund_no",
    "out_trade_no",
    "product_id",
    "refund_desc",
    "return_msg",
    "scene_info",
    "url",
];

pub(super) fn add<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    if document.kind != Kind::Jssdk {
        encoded(made);
        escaped(made);
        coerced(made);
    }
    quoted(made);
    line_breaks(made);
    made.add(Cause::ValuesTrimmed, Vec::new(), Slot::Values, |recipe| {
        each(recipe, |value| changed(value, value.trim()))
    });
    for (name, value) in single(document) {
        blanks(made, name, value);
        if document.kind != Kind::Jssdk {
            alone(made, name, value);
            if json::is_likely(value) {
                json::add(made, name, value);
            } else {
                json_text(made, name, value);
            }
        }
    }
    if document.kind != Kind::Jssdk
        && single(document).iter().filter(|(_, value)| json::is_likely(value)).count() > 1
    {
        json::every(made);
    }
}

/// The new text, if it is another.
fn changed(old: &str, new: impl Into<String> + AsRef<str>) -> Option<String> {
    (new.as_ref() != old).then(|| new.into())
}

/// Escapes of JSON: what it is called, whether `/` is escaped too, and what is not ASCII, with digits in capitals or not.
const JSON_ESCAPES: [(&str, bool, Option<bool>); 6] = [
    ("\\\"", false, None),
    ("\\/", true, None),
    ("\\uxxxx", false, Some(false)),
    ("\\uXXXX", false, Some(true)),
    ("\\/ \\uxxxx", true, Some(false)),
    ("\\/ \\uXXXX", true, Some(true)),
];

fn encoded(made: &mut Made<'_>) {
    for (written, capitals, keep) in [
        ("RFC 3986", true, UNRESERVED),
        ("RFC 3986, lower case", false, UNRESERVED),
        ("encodeURIComponent", true, COMPONENT),
        ("encodeURIComponent, lower case", false, COMPONENT),
        ("encodeURI", true, ADDRESS),
    ] {
        made.add(Cause::ValuesUrlEncoded, how(written), Slot::Values, move |recipe| {
            each(recipe, |value| changed(value, percent(value, keep, capitals)));
        });
    }
    for (written, plus) in [("%", false), ("% and +", true)] {
        made.add(Cause::ValuesUrlDecoded, how(written), Slot::Values, move |recipe| {
            each(recipe, |value| changed(value, decoded(value, plus)));
        });
    }
    made.add(Cause::SpacesAsPlus, how("+"), Slot::Values, |recipe| {
        each(recipe, |value| changed(value, value.replace(' ', "+")));
    });
    for (written, capitals, keep) in
        [("form", true, FORM), ("form, lower case", false, FORM), ("http_build_query", true, QUERY)]
    {
        made.add(Cause::SpacesAsPlus, how(written), Slot::Values, move |recipe| {
            // Without a blank it is an encoding as any other, and is that cause.
            if recipe.entries.iter().any(|entry| entry.value.contains(' ')) {
                each(recipe, |value| changed(value, percent(value, keep, capitals).replace(' ', "+")));
            }
        });
    }
}

fn escaped(made: &mut Made<'_>) {
    for (written, quotes) in
        [("&amp; &lt; &gt;", 0), ("&quot; too", 1), ("&quot; &apos; too", 2), ("&quot; &#39; too", 3)]
    {
        made.add(Cause::ValuesXmlEscaped, how(written), Slot::Values, move |recipe| {
            each(recipe, |value| value.contains(['&', '<', '>', '"', '\'']).then(|| xml(value, quotes)));
        });
    }
    for (written, numbers) in [("all", true), ("texts", false)] {
        made.add(Cause::CdataSigned, how(written), Slot::Values, move |recipe| {
            each(recipe, |value| (numbers || !is_number(value)).then(|| format!("<![CDATA[{value}]]>")));
        });
    }
    for (written, slash, unicode) in JSON_ESCAPES {
        made.add(Cause::ValuesJsonEscaped, how(written), Slot::Values, move |recipe| {
            each(recipe, |value| changed(value, json_escaped(value, slash, unicode)));
        });
    }
}

fn quoted(made: &mut Made<'_>) {
    for (mark, name) in [('"', "\""), ('\'', "'")] {
        for (written, numbers) in [(name.to_owned(), true), (format!("{name}, numbers bare"), false)] {
            made.add(Cause::QuotesSigned, how(&written), Slot::Quotes, move |recipe| {
                each(recipe, |value| (numbers || !is_number(value)).then(|| format!("{mark}{value}{mark}")));
            })
            .reach = if mark == '"' && numbers { Reach::Whole } else { Reach::Part };
        }
    }
}

/// A program that signs what it will send, or what it was sent as bytes, has the line breaks of its system; a reader of
/// XML has LF alone (XML 1.0, 2.11).
fn line_breaks(made: &mut Made<'_>) {
    made.add(Cause::LineBreaksChanged, how("CR LF"), Slot::Value, |recipe| {
        each(recipe, |value| changed(value, value.replace("\r\n", "\n").replace('\n', "\r\n")));
    });
    made.add(Cause::LineBreaksChanged, how("LF"), Slot::Value, |recipe| {
        each(recipe, |value| changed(value, value.replace("\r\n", "\n").replace('\r', "\n")));
    });
    made.add(Cause::LineBreaksChanged, how("none"), Slot::Value, |recipe| {
        each(recipe, |value| changed(value, value.replace(['\r', '\n'], "")));
    });
}

fn coerced(made: &mut Made<'_>) {
    for (written, coerce) in COERCIONS {
        made.add(Cause::NumbersCoerced, how(written), Slot::Value, move |recipe| each(recipe, coerce))
            .reach = Reach::Part;
    }
}

/// How blanks may stand around a value, before and behind it.
const BLANKS: [(&str, &str, &str); 5] = [
    ("blank behind", "", " "),
    ("line feed behind", "", "\n"),
    ("CR LF behind", "", "\r\n"),
    ("blank before", " ", ""),
    ("blanks around", " ", " "),
];

/// Blanks that the document has lost, or that were lost before signing.
fn blanks<'d>(made: &mut Made<'d>, name: &'d str, value: &'d str) {
    let likely = if TYPED.contains(&name) { BLANKS.len() } else { 2 };
    for (written, before, behind) in &BLANKS[..likely] {
        let reach = if TYPED.contains(&name) && !behind.is_empty() && before.is_empty() {
            Reach::Part
        } else {
            Reach::Alone
        };
        made.one((Cause::ValuesUntrimmed, how(written)), (Slot::Value, reach), name, move |value| {
            format!("{before}{value}{behind}")
        });
    }
    if value.trim() != value {
        made.one((Cause::ValuesTrimmed, Vec::new()), (Slot::Value, Reach::Alone), name, |value| {
            value.trim().to_owned()
        });
    }
}

/// An amount in yuan where it stands in fen, and the other way round: the program signed before it reckoned, or sent
/// what it had before.
fn amounts<'d>(made: &mut Made<'d>, name: &'d str, value: &'d str) {
    let amount = name == "amount" || name.ends_with("_fee") || name.ends_with("_amount");
    let mut add = |unit: &str, signed: String| {
        if signed != value {
            let cause = (Cause::NumbersCoerced, vec![("unit", unit.to_owned())]);
            made.one(cause, (Slot::Value, Reach::Alone), name, move |_| signed.clone());
        }
    };
    if !amount || value.len() > 12 {
        return;
    }
    if is_number(value) {
        let padded = format!("{:0>3}", value.trim_start_matches('0'));
        let (yuan, fen) = padded.split_at(padded.len() - 2);
        let short = format!("{yuan}.{fen}");
        let shorter = short.trim_end_matches('0').trim_end_matches('.').to_owned();
        if shorter != short {
            add("in yuan, without zeros at the end", shorter);
        }
        add("in yuan", short);
        add("with .00", format!("{value}.00"));
    } else if let Some((yuan, part)) = value.split_once('.')
        && is_number(yuan)
        && part.len() <= 2
        && part.bytes().all(|byte| byte.is_ascii_digit())
    {
        let fen = format!("{yuan}{part:0<2}");
        let fen = fen.trim_start_matches('0');
        add("in fen", if fen.is_empty() { "0".to_owned() } else { fen.to_owned() });
    }
}

/// One field written another way than the rest.
fn alone<'d>(made: &mut Made<'d>, name: &'d str, value: &'d str) {
    amounts(made, name, value);
    for (at, (written, coerce)) in COERCIONS.into_iter().enumerate() {
        let reach = if at < LIKELY_COERCIONS { Reach::Part } else { Reach::Alone };
        if let Some(new) = coerce(value).filter(|new| new != value) {
            made.one((Cause::NumbersCoerced, how(written)), (Slot::Value, reach), name, move |_| new.clone());
        }
    }
    for (written, capitals) in [("RFC 3986", true), ("RFC 3986, lower case", false)] {
        if percent(value, UNRESERVED, capitals) != value {
            made.one(
                (Cause::ValuesUrlEncoded, how(written)),
                (Slot::Value, Reach::Alone),
                name,
                move |value| percent(value, UNRESERVED, capitals),
            );
        }
    }
    if value.contains("://") {
        // An address in an address, encoded for each of the two.
        made.one(
            (Cause::ValuesUrlEncoded, how("RFC 3986, twice")),
            (Slot::Value, Reach::Alone),
            name,
            |value| percent(&percent(value, UNRESERVED, true), UNRESERVED, true),
        );
    }
    if decoded(value, false) != value {
        made.one((Cause::ValuesUrlDecoded, how("%")), (Slot::Value, Reach::Alone), name, |value| {
            decoded(value, false)
        });
    }
    if value.contains(['&', '<', '>']) {
        made.one(
            (Cause::ValuesXmlEscaped, how("&amp; &lt; &gt;")),
            (Slot::Value, Reach::Alone),
            name,
            |value| xml(value, 0),
        );
    }
}

/// One text that stands in the string as it stands in JSON, without its quotes.
fn json_text<'d>(made: &mut Made<'d>, name: &'d str, value: &'d str) {
    let mut known = vec![value.to_owned()];
    for (written, slash, unicode) in JSON_ESCAPES {
        let new = json_escaped(value, slash, unicode);
        if !known.contains(&new) {
            known.push(new.clone());
            let cause = (Cause::ValuesJsonEscaped, how(written));
            made.one(cause, (Slot::Value, Reach::Alone), name, move |_| new.clone());
        }
    }
}

/// Percent-encoded but for letters, digits and what `keep` has.
pub(crate) fn percent(value: &str, keep: &str, capitals: bool) -> String {
    let digits = if capitals { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let mut out = String::with_capacity(value.len() * 2);
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || keep.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            let digit = |four: u8| char::from(digits[usize::from(four)]);
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    out
}

/// Without the escapes; as it stands where one is broken.
pub(super) fn decoded(value: &str, plus: bool) -> String {
    let mut out = Vec::with_capacity(value.len());
    let bytes = value.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        let byte = digit(at + 1).zip(digit(at + 2)).map(|(high, low)| high << 4 | low);
        match byte.and_then(|byte| u8::try_from(byte).ok()).filter(|_| bytes[at] == b'%') {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(if plus && bytes[at] == b'+' { b' ' } else { bytes[at] });
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| value.to_owned())
}

fn xml(value: &str, quotes: u8) -> String {
    let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    match quotes {
        0 => value,
        1 => value.replace('"', "&quot;"),
        2 => value.replace('"', "&quot;").replace('\'', "&apos;"),
        _ => value.replace('"', "&quot;").replace('\'', "&#39;"),
    }
}

fn json_escaped(value: &str, slash: bool, unicode: Option<bool>) -> String {
    let mut out = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '/' if slash => out.push_str("\\/"),
            _ if !letter.is_ascii() && unicode.is_some() => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    let _ = if unicode == Some(true) {
                        write!(out, "\\u{unit:04X}")
                    } else {
                        write!(out, "\\u{unit:04x}")
                    };
                }
            }
            _ => out.push(letter),
        }
    }
    out
}

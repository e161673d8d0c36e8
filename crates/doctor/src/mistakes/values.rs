//! In which form values are signed.

use super::{Made, Slot, each, named, one};
use crate::cause::Cause;
use crate::document::{Document, Kind};
use std::fmt::Write as _;

pub(super) fn add<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    whole(made);
    let text = |value: &str| !value.is_empty();
    for (name, value) in document.fields.iter().filter(|(_, value)| text(value)) {
        let name = name.as_str();
        single(made, name, value);
        if value.starts_with(['{', '[']) {
            json(made, name, value);
        }
    }
    if document.kind != Kind::Plain {
        package(document, made);
    }
}

fn how(written: &str) -> Vec<(&'static str, String)> {
    vec![("written", written.to_owned())]
}

fn whole(made: &mut Made<'_>) {
    for (written, capitals, keep) in [
        ("encodeURIComponent", true, "-_.!~*'()"),
        ("encodeURIComponent, lower case", false, "-_.!~*'()"),
        ("RFC 3986", true, "-_.~"),
        ("RFC 3986, lower case", false, "-_.~"),
        ("encodeURI", true, "-_.!~*'();/?:@&=+$,#"),
    ] {
        made.add(Cause::ValuesUrlEncoded, how(written), Slot::Values, move |recipe| {
            each(recipe, |value| percent(value, keep, capitals));
        });
    }
    made.add(Cause::ValuesUrlDecoded, how("%"), Slot::Values, |recipe| each(recipe, |value| decoded(value, false)));
    made.add(Cause::ValuesUrlDecoded, how("% +"), Slot::Values, |recipe| each(recipe, |value| decoded(value, true)));
    for (written, capitals) in [("form", true), ("form, lower case", false)] {
        made.add(Cause::SpacesAsPlus, how(written), Slot::Values, move |recipe| {
            each(recipe, |value| percent(value, "-_.* ", capitals).replace(' ', "+"));
        });
    }
    made.add(Cause::SpacesAsPlus, how("+"), Slot::Values, |recipe| each(recipe, |value| value.replace(' ', "+")));
    for (written, quotes) in [("&amp; &lt; &gt;", 0), ("&quot; too", 1), ("&apos; too", 2), ("&#39; too", 3)] {
        made.add(Cause::ValuesXmlEscaped, how(written), Slot::Values, move |recipe| {
            each(recipe, |value| xml(value, quotes));
        });
    }
    made.add(Cause::CdataSigned, how("all"), Slot::Values, |recipe| {
        each(recipe, |value| format!("<![CDATA[{value}]]>"));
    });
    made.add(Cause::CdataSigned, how("texts"), Slot::Values, |recipe| {
        each(recipe, |value| if is_number(value) { value.to_owned() } else { format!("<![CDATA[{value}]]>") });
    });
    for (written, slash, unicode) in [
        ("\\\"", false, None),
        ("\\/", true, None),
        ("\\uxxxx", false, Some(false)),
        ("\\uXXXX", false, Some(true)),
        ("\\/ \\uxxxx", true, Some(false)),
        ("\\/ \\uXXXX", true, Some(true)),
    ] {
        made.add(Cause::ValuesJsonEscaped, how(written), Slot::Values, move |recipe| {
            each(recipe, |value| json_escaped(value, slash, unicode));
        });
    }
    made.add(Cause::ValuesTrimmed, Vec::new(), Slot::Values, |recipe| each(recipe, |value| value.trim().to_owned()));
    for (written, mark) in [("\"", '"'), ("'", '\'')] {
        made.add(Cause::QuotesSigned, how(written), Slot::Quotes, move |recipe| {
            each(recipe, |value| format!("{mark}{value}{mark}"));
        });
        made.add(Cause::QuotesSigned, how(&format!("{written}, numbers bare")), Slot::Quotes, move |recipe| {
            each(recipe, |value| if is_number(value) { value.to_owned() } else { format!("{mark}{value}{mark}") });
        });
    }
    for (written, coerce) in COERCIONS {
        made.add(Cause::NumbersCoerced, how(written), Slot::Value, move |recipe| {
            each(recipe, |value| coerce(value).unwrap_or_else(|| value.to_owned()));
        });
    }
}

/// What becomes of a text of digits that is taken for a number.
const COERCIONS: [(&str, fn(&str) -> Option<String>); 4] = [
    ("leading zeros lost", without_zeros),
    ("with .0", |value| is_number(value).then(|| format!("{value}.0"))),
    ("trailing zeros lost", |value| {
        let (whole, part) = value.split_once('.')?;
        let part = part.trim_end_matches('0');
        Some(if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") })
    }),
    ("as JavaScript writes a number", javascript_number),
];

fn single<'d>(made: &mut Made<'d>, name: &'d str, value: &'d str) {
    for (written, before, behind) in
        [("blank behind", "", " "), ("blank before", " ", ""), ("line feed behind", "", "\n"), ("CR LF behind", "", "\r\n"), ("blanks around", " ", " ")]
    {
        let params = vec![("field", name.to_owned()), ("written", written.to_owned())];
        made.alone(Cause::ValuesUntrimmed, params, Slot::Value, move |recipe| {
            one(recipe, name, |value| format!("{before}{value}{behind}"));
        });
    }
    if value.trim() != value {
        made.alone(Cause::ValuesTrimmed, named(name), Slot::Value, move |recipe| {
            one(recipe, name, |value| value.trim().to_owned());
        });
    }
    for (written, coerce) in COERCIONS {
        if let Some(new) = coerce(value).filter(|new| new != value) {
            let params = vec![("field", name.to_owned()), ("written", written.to_owned())];
            made.alone(Cause::NumbersCoerced, params, Slot::Value, move |recipe| one(recipe, name, |_| new.clone()));
        }
    }
    for (written, capitals) in [("upper case", true), ("lower case", false)] {
        let params = vec![("field", name.to_owned()), ("written", written.to_owned())];
        let new = percent(value, "-_.~", capitals);
        if new != value {
            made.alone(Cause::ValuesUrlEncoded, params, Slot::Value, move |recipe| one(recipe, name, |_| new.clone()));
        }
    }
}

/// A value of JSON, written anew by a program that lays it out another way.
fn json<'d>(made: &mut Made<'d>, name: &'d str, value: &'d str) {
    for (written, colon, comma) in [("compact", ":", ","), ("as Python writes it", ": ", ", ")] {
        if let Some(new) = respaced(value, colon, comma).filter(|new| new != value) {
            let params = vec![("field", name.to_owned()), ("written", written.to_owned())];
            made.add(Cause::ValuesJsonEscaped, params, Slot::Value, move |recipe| one(recipe, name, |_| new.clone()));
        }
    }
}

fn package<'d>(document: &Document<'d>, made: &mut Made<'d>) {
    let Some(value) = document.get("package") else { return };
    let bare = value.strip_prefix("prepay_id=").unwrap_or(value);
    let prepay = document.get("prepayid").or_else(|| document.beside("prepay_id")).unwrap_or(bare);
    let forms = [
        ("without prepay_id=", bare.to_owned()),
        ("prepay_id= twice", format!("prepay_id=prepay_id={bare}")),
        ("perpay_id=", format!("perpay_id={prepay}")),
        ("prepayid=", format!("prepayid={prepay}")),
        ("prepay_id=", format!("prepay_id={prepay}")),
        ("prepay_id=undefined", "prepay_id=undefined".to_owned()),
        ("prepay_id=null", "prepay_id=null".to_owned()),
        ("prepay_id=[object Object]", "prepay_id=[object Object]".to_owned()),
        ("Sign=WXPay", "Sign=WXPay".to_owned()),
    ];
    for (written, new) in forms {
        if new != value {
            made.add(Cause::PackagePrefix, how(written), Slot::Value, move |recipe| {
                one(recipe, "package", |_| new.clone());
            });
        }
    }
}

fn is_number(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn without_zeros(value: &str) -> Option<String> {
    let short = value.trim_start_matches('0');
    is_number(value).then(|| if short.is_empty() { "0".to_owned() } else { short.to_owned() })
}

/// As JavaScript writes the number that the digits are: rounded to a double, with an exponent from 1e21 on.
fn javascript_number(value: &str) -> Option<String> {
    if !is_number(value) {
        return None;
    }
    let shortest = format!("{:e}", value.parse::<f64>().ok()?);
    let (digits, exponent) = shortest.split_once('e')?;
    let exponent: usize = exponent.parse().ok()?;
    if exponent >= 21 {
        return Some(format!("{digits}e+{exponent}"));
    }
    let digits = digits.replace('.', "");
    Some(format!("{digits:0<width$}", width = exponent + 1))
}

fn percent(value: &str, keep: &str, capitals: bool) -> String {
    let mut out = String::with_capacity(value.len() * 3);
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || (byte.is_ascii() && keep.contains(char::from(byte))) {
            out.push(char::from(byte));
        } else {
            let _ = if capitals { write!(out, "%{byte:02X}") } else { write!(out, "%{byte:02x}") };
        }
    }
    out
}

/// Without the escapes; as it stands where one is broken.
fn decoded(value: &str, plus: bool) -> String {
    let mut out = Vec::with_capacity(value.len());
    let bytes = value.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let byte = escape
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
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
                    let _ = if unicode == Some(true) { write!(out, "\\u{unit:04X}") } else { write!(out, "\\u{unit:04x}") };
                }
            }
            _ => out.push(letter),
        }
    }
    out
}

/// JSON with other blanks between its parts; `None` where a text in it does not end.
fn respaced(value: &str, colon: &str, comma: &str) -> Option<String> {
    let mut out = String::with_capacity(value.len());
    let (mut inside, mut escaped) = (false, false);
    for letter in value.chars() {
        if inside {
            out.push(letter);
            inside = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
            continue;
        }
        match letter {
            ' ' | '\t' | '\r' | '\n' => {}
            ':' => out.push_str(colon),
            ',' => out.push_str(comma),
            _ => {
                inside = letter == '"';
                out.push(letter);
            }
        }
    }
    (!inside).then_some(out)
}

//! What programs print to be looked at: PHP's `var_dump` and `serialize`, the dictionaries of Objective-C, and tables
//! whose cells a tab parts.

use super::gather::{self, is_name};
use super::object::{Pair, Value};
use crate::reading::{Format, Reading, Undone, Unreadable};

/// Most pairs that are read.
const MOST: usize = 257;

type Read = Option<Result<Reading, Unreadable>>;

/// The first of them that stands in the text and tells of WeChat Pay.
pub(super) fn within(text: &str) -> Read {
    let all = [var_dump, serialized, dictionary, table, rows, printed_object, go_map];
    let found = all.into_iter().find_map(|read| read(text));
    let (pairs, whole) =
        found.filter(|(pairs, _)| pairs.iter().any(|pair| gather::is_telling(&pair.name)))?;
    Some(gather::pairs(Format::Lines, on_the_wire(pairs)).map(|mut reading| {
        reading.undone.extend((!whole).then_some(Undone::TextAround));
        reading
    }))
}

/// `a=1, b=2` in brackets behind other text, as loggers of Java print a map, Lombok an object and Commons another one.
fn printed_object(text: &str) -> Option<Pairs> {
    let line = text.lines().find(|line| line.contains("sign=") || line.contains("paySign="))?;
    let opens = line.char_indices().filter(|(_, sign)| "{([".contains(*sign));
    let mut all = opens.filter_map(|(open, sign)| of_brackets(&line[open + 1..], sign));
    all.find(|pairs| pairs.len() > 2 && has_digest(pairs)).map(|pairs| (pairs, false))
}

/// Whether a signature stands there: what a program hands on under its own names looks the same else.
fn has_digest(pairs: &[Pair]) -> bool {
    let signs = |name: &str| ["sign", "paysign"].contains(&name.to_ascii_lowercase().as_str());
    let digest =
        |value: &Value| matches!(value, Value::Text(text) if wxpay::Signature::parse(text).is_some());
    pairs.iter().any(|pair| signs(&pair.name) && digest(&pair.value))
}

/// Where the bracket that opened before this is closed; the last one where they do not match.
fn closing(rest: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 1_usize;
    for (at, sign) in rest.char_indices() {
        if sign == open {
            depth += 1;
        } else if sign == close {
            depth -= 1;
        }
        if depth == 0 {
            return Some(at);
        }
    }
    rest.rfind(close)
}

fn of_brackets(rest: &str, open: char) -> Option<Vec<Pair>> {
    let close = match open {
        '{' => '}',
        '(' => ')',
        _ => ']',
    };
    let name = |part: &str| part.split_once('=').is_some_and(|(name, _)| is_name(name));
    let inside = &rest[..closing(rest, open, close)?];
    let between = if inside.split(", ").skip(1).any(name) { ", " } else { "," };
    let mut pairs: Vec<Pair> = Vec::new();
    for part in inside.split(between).take(MOST) {
        match part.split_once('=') {
            // A call of Python.
            Some((_, value)) if open == '(' && value.starts_with(['"', '\'']) => return None,
            Some((name, value)) if is_name(name) => {
                // Some print their texts in quotes.
                let inner = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
                pairs.push(Pair::text(name, inner.unwrap_or(value)));
            }
            // A comma of the value before.
            _ => {
                let Some(Pair { value: Value::Text(value), .. }) = pairs.last_mut() else { return None };
                value.push_str(between);
                value.push_str(part);
            }
        }
    }
    Some(pairs)
}

/// `map[a:1 b:2]` and `{a:1 b:2}`, as Go prints a map and a struct; `a:[1]` for a map of lists.
fn go_map(text: &str) -> Option<Pairs> {
    let (begin, inside) = match text.find("map[") {
        Some(at) => (at, text[at + 4..].trim_end().rsplit_once(']')?.0),
        None => {
            let at = text.find('{')?;
            (at, text[at + 1..].trim_end().rsplit_once('}')?.0)
        }
    };
    let mut pairs: Vec<Pair> = Vec::new();
    for part in inside.split(' ').take(MOST * 4) {
        // What other languages write between them.
        let value = part.split_once(':').map_or(part, |(_, value)| value);
        if value.starts_with(['"', '\'', '`']) || part.ends_with([',', ':']) {
            return None;
        }
        match part.split_once(':') {
            Some((name, value)) if is_name(name) => pairs.push(Pair::text(name, value)),
            _ => {
                let Some(Pair { value: Value::Text(value), .. }) = pairs.last_mut() else { return None };
                value.push(' ');
                value.push_str(part);
            }
        }
    }
    let listed = |pair: &Pair| match &pair.value {
        Value::Text(value) => {
            value.strip_prefix('[')?.strip_suffix(']').map(|inner| Pair::text(&*pair.name, inner))
        }
        _ => None,
    };
    let pairs = pairs.iter().map(listed).collect::<Option<Vec<_>>>().unwrap_or(pairs);
    (pairs.len() > 2 && has_digest(&pairs)).then_some((pairs, begin == 0))
}

/// Rows of a table in Markdown, of a list of pairs as C# and Java print them, and of a list with numbers.
fn rows(text: &str) -> Option<Pairs> {
    let mut pairs = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = row(line)?;
        let rule = name.chars().all(|c| matches!(c, '-' | ':' | ' '));
        if rule || pairs.is_empty() && is_head(name) {
            continue;
        }
        pairs.push(Pair::text(is_name(name).then_some(name)?, value));
        if pairs.len() == MOST {
            break;
        }
    }
    (pairs.len() > 1).then_some((pairs, true))
}

fn row(line: &str) -> Option<(&str, &str)> {
    if let Some(cells) = line.strip_prefix('|').and_then(|line| line.strip_suffix('|')) {
        let (name, value) = cells.split_once('|')?;
        return Some((name.trim(), value.trim()));
    }
    if let Some(inside) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
        return inside.split_once(", ");
    }
    if let Some(entry) = line.strip_prefix("key=") {
        return entry.split_once(", value=");
    }
    let (number, pair) = line.split_once(". ")?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| pair.split_once('='))?
}

/// Whether it stands over the names of a table.
fn is_head(name: &str) -> bool {
    let heads = ["name", "key", "field", "param", "parameter", "参数", "字段", "名称", "键"];
    heads.contains(&name.to_lowercase().as_str())
}

/// A map or a struct as Go prints it, from end to end: what JavaScript would take for expressions.
pub(super) fn printed_by_go(text: &str) -> Read {
    let begins = ["map[", "{", "&{"].iter().any(|sign| text.starts_with(sign));
    let (pairs, _) = go_map(text).filter(|_| begins)?;
    has_digest(&pairs).then(|| gather::pairs(Format::Lines, on_the_wire(pairs)))
}

/// Under the names of the wire, where all are those of a class: `outTradeNo`, `OutTradeNo`.
fn on_the_wire(pairs: Vec<Pair>) -> Vec<Pair> {
    let wire = |pair: &Pair| {
        let name = crate::code::on_the_wire(&pair.name)?;
        Some(Pair { name: name.to_owned(), value: pair.value.clone() })
    };
    // Calls of a front end have such names themselves.
    let of_class = ["outTradeNo", "OutTradeNo", "mchId", "MchId", "nonceStr", "NonceStr"];
    let call = ["paySign", "partnerId", "prepayId", "timeStamp"];
    let has = |names: &[&str]| pairs.iter().any(|pair| names.contains(&pair.name.as_str()));
    if !has(&of_class) || has(&call) {
        return pairs;
    }
    pairs.iter().map(wire).collect::<Option<Vec<_>>>().unwrap_or(pairs)
}

/// The pairs, and whether nothing else stands there.
type Pairs = (Vec<Pair>, bool);

/// `["name"]=> string(3) "abc"`: the length says where a value ends, whatever stands in it.
fn var_dump(text: &str) -> Option<Pairs> {
    let begin = text.find("array(").or_else(|| text.find("object("))?;
    let mut rest = text[begin..].split_once('{')?.1;
    let mut pairs = Vec::new();
    // As PHP has it, and as Xdebug.
    let signs = [("[\"", "\"]=>"), ("'", "' =>")];
    while let Some((inner, ends)) =
        signs.iter().find_map(|(begins, ends)| Some((rest.trim_start().strip_prefix(begins)?, ends)))
    {
        let (name, behind) = inner.split_once(ends)?;
        let (value, behind) = printed(behind.trim_start())?;
        pairs.push(Pair { name: is_name(name).then_some(name)?.to_owned(), value });
        rest = behind;
        if pairs.len() == MOST {
            break;
        }
    }
    let ends = rest.trim_start().strip_prefix('}')?.trim().is_empty();
    (!pairs.is_empty()).then_some((pairs, begin == 0 && ends))
}

/// A value of `var_dump`, and what stands behind it.
fn printed(text: &str) -> Option<(Value, &str)> {
    if let Some(rest) = text.strip_prefix("NULL") {
        return Some((Value::Bare(String::new()), rest));
    }
    let (kind, rest) = text.split_once('(')?;
    let (inside, rest) = rest.split_once(')')?;
    // An element that holds nothing.
    if matches!(kind, "array" | "object") {
        let rest = rest.split_once('{')?.1.trim_start().strip_prefix('}')?;
        return Some((Value::Text(String::new()), rest));
    }
    match kind {
        "string" => {
            let (value, rest) = counted(inside, rest.strip_prefix(' ')?)?;
            Some((Value::Text(value.to_owned()), rest))
        }
        "int" | "float" | "double" | "bool" => Some((Value::Bare(inside.to_owned()), rest)),
        _ => None,
    }
}

/// A text in quotes of which the length in bytes is known, and what stands behind it.
fn counted<'t>(length: &str, text: &'t str) -> Option<(&'t str, &'t str)> {
    let inner = text.strip_prefix('"')?;
    let (value, rest) = inner.split_at_checked(length.parse().ok()?)?;
    Some((value, rest.strip_prefix('"')?))
}

/// `a:1:{s:4:"name";s:3:"abc";}`
fn serialized(text: &str) -> Option<Pairs> {
    let begin = text.find("a:").filter(|at| text[*at..].contains(":{s:"))?;
    let mut rest = text[begin..].split_once(":{")?.1;
    let mut pairs = Vec::new();
    while rest.starts_with("s:") && pairs.len() < MOST {
        let (name, behind) = scalar(rest)?;
        let (value, behind) = scalar(behind)?;
        let Value::Text(name) = name else { return None };
        pairs.push(Pair { name: is_name(&name).then_some(name)?, value });
        rest = behind;
    }
    let ends = rest.strip_prefix('}')?.trim().is_empty();
    (!pairs.is_empty()).then_some((pairs, begin == 0 && ends))
}

/// `s:3:"abc";`, `i:1;` or `N;`, and what stands behind it.
fn scalar(text: &str) -> Option<(Value, &str)> {
    if let Some(rest) = text.strip_prefix("N;") {
        return Some((Value::Bare(String::new()), rest));
    }
    if let Some(text) = text.strip_prefix("s:") {
        let (length, rest) = text.split_once(':')?;
        let (value, rest) = counted(length, rest)?;
        return Some((Value::Text(value.to_owned()), rest.strip_prefix(';')?));
    }
    let (value, rest) =
        ["i:", "d:", "b:"].iter().find_map(|kind| text.strip_prefix(kind))?.split_once(';')?;
    Some((Value::Bare(value.to_owned()), rest))
}

/// `{ name = value; "name" = "value"; }`
fn dictionary(text: &str) -> Option<Pairs> {
    let begin = text.find('{')?;
    let mut rest = text[begin + 1..].trim_start();
    let mut pairs = Vec::new();
    while !rest.starts_with('}') && pairs.len() < MOST {
        let (name, behind) = word(rest)?;
        let (value, behind) = word(behind.trim_start().strip_prefix('=')?.trim_start())?;
        pairs.push(Pair::text(is_name(&name).then_some(name)?, value));
        rest = behind.trim_start().strip_prefix(';')?.trim_start();
    }
    let ends = rest.strip_prefix('}')?.trim().is_empty();
    (!pairs.is_empty()).then_some((pairs, text[..begin].trim().is_empty() && ends))
}

/// A word, or a text in quotes with the escapes undone that Objective-C writes, and what stands behind it.
fn word(text: &str) -> Option<(String, &str)> {
    let Some(inner) = text.strip_prefix('"') else {
        let bare = |c: char| c.is_ascii_alphanumeric() || "_./:$-".contains(c);
        let end = text.find(|c| !bare(c))?;
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut units: Vec<u16> = Vec::new();
    let mut letters = inner.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((String::from_utf16(&units).ok()?, &inner[at + 1..])),
            '\\' => match letters.next()?.1 {
                'n' => units.push(10),
                't' => units.push(9),
                'r' => units.push(13),
                // NSLog doubles the backslash where a description is printed once more.
                'U' | 'u' => {
                    let digits = inner.get(at + 2..at + 6)?;
                    units.push(u16::from_str_radix(digits, 16).ok()?);
                    letters.nth(3);
                }
                other => units.extend(other.encode_utf16(&mut [0; 2]).iter()),
            },
            other => units.extend(other.encode_utf16(&mut [0; 2]).iter()),
        }
    }
    None
}

/// A name, a tab and a value a line, as a table is copied.
fn table(text: &str) -> Option<Pairs> {
    let mut pairs = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (name, value) = line.split_once('\t')?;
        if pairs.is_empty() && is_head(name.trim()) {
            continue;
        }
        let name = is_name(name.trim()).then(|| name.trim())?;
        pairs.push(Pair::text(name, value.trim_start_matches('\t').trim_end_matches(['\t', '\r'])));
        if pairs.len() == MOST {
            break;
        }
    }
    (pairs.len() > 1).then_some((pairs, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "5CDB9EDFC2494E30456F6CDA3F5CA3DD";

    fn read(text: &str) -> Vec<(String, String)> {
        let reading = within(text).unwrap().unwrap();
        reading.fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn pairs<'a>(pairs: &[(&'a str, &'a str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// As PHP 8.2 prints them.
    #[test]
    fn what_php_prints_is_read_by_its_lengths() {
        let dumped = "array(4) {\n  [\"appid\"]=>\n  string(3) \"wx1\"\n  [\"attach\"]=>\n  string(10) \"支\"付\n=>\"\n  \
                      [\"total_fee\"]=>\n  int(100)\n  [\"openid\"]=>\n  NULL\n}\n";
        let expected = [("appid", "wx1"), ("attach", "支\"付\n=>"), ("total_fee", "100"), ("openid", "")];
        assert_eq!(read(dumped), pairs(&expected));
        let stored = "a:4:{s:5:\"appid\";s:3:\"wx1\";s:6:\"attach\";s:10:\"支\"付\n=>\";s:9:\"total_fee\";i:100;s:6:\"openid\";N;}";
        assert_eq!(read(stored), pairs(&expected));
        let empty = "object(SimpleXMLElement)#1 (2) {\n  [\"appid\"]=>\n  string(3) \"wx1\"\n  [\"attach\"]=>\n  \
                     object(SimpleXMLElement)#2 (0) {\n  }\n}";
        assert_eq!(read(empty), pairs(&[("appid", "wx1"), ("attach", "")]));
        for broken in
            ["array(1) {\n  [\"appid\"]=>\n  string(9) \"wx1\"\n}", "a:1:{s:5:\"appid\";s:2:\"支\";}"]
        {
            assert!(within(broken).is_none(), "{broken}");
        }
    }

    #[test]
    fn dictionaries_and_tables_are_read() {
        let logged = "2024 App[1:2] {\n    \"appid\" = wx1;\n    attach = \"\\U652f\\\"b\";\n    \"package\" = \"Sign=WXPay\";\n}";
        assert_eq!(read(logged), pairs(&[("appid", "wx1"), ("attach", "支\"b"), ("package", "Sign=WXPay")]));
        assert_eq!(read("appid\twx1\r\nattach\ta b\r\n"), pairs(&[("appid", "wx1"), ("attach", "a b")]));
        let of_map = [("appid", "wx1"), ("attach", "a, b"), ("sign", DIGEST)];
        let plain = [("appid", "wx1"), ("attach", "a"), ("sign", DIGEST)];
        for (text, expected) in [
            (
                "INFO c.Pay - params={appid=wx1, attach=a, b, sign=5CDB9EDFC2494E30456F6CDA3F5CA3DD} done",
                &of_map[..],
            ),
            ("Notify(appid=wx1, attach=a, sign=5CDB9EDFC2494E30456F6CDA3F5CA3DD)", &plain),
            ("x.Notify@1a[appid=wx1,attach='a',sign=5CDB9EDFC2494E30456F6CDA3F5CA3DD]", &plain),
            ("map[appid:wx1 attach:a sign:5CDB9EDFC2494E30456F6CDA3F5CA3DD]", &plain),
            ("map[appid:[wx1] attach:[a] sign:[5CDB9EDFC2494E30456F6CDA3F5CA3DD]]", &plain),
            ("{appid:wx1 attach:a sign:5CDB9EDFC2494E30456F6CDA3F5CA3DD}", &plain),
            ("| Key | Value |\n|---|---|\n| appid | wx1 |\n| attach | a |", &plain[..2]),
            ("[appid, wx1]\n[attach, a]", &plain[..2]),
            ("key=appid, value=wx1\nkey=attach, value=a", &plain[..2]),
            ("1. appid=wx1\n2. attach=a", &plain[..2]),
            ("Key\tValue\nappid\twx1\nattach\ta", &plain[..2]),
        ] {
            assert_eq!(read(text), pairs(expected), "{text}");
        }
        let behind = format!("p={{appid=wx1, attach={{x}}, sign={DIGEST}}} result={{ok=1}}");
        assert_eq!(read(&behind), pairs(&[("appid", "wx1"), ("attach", "{x}"), ("sign", DIGEST)]));
        for other in [
            "dict(appid=appid, mch_id=mch_id, sign=sign)",
            "{ a = 1; b }",
            "{\"a\":1}",
            "a\tb\nc d\n",
            "func() { x = 1; }",
        ] {
            assert!(within(other).is_none(), "{other}");
        }
    }
}

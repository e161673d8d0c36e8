//! What else stands in a paste beside what was verified. A verdict on one message is read as one on the whole paste, so
//! that nothing is called valid while another value of the same field stands there, or one that no signature covers.

use super::Judge;
use super::say::{finding, with};
use crate::view::{Verdict, VerifyView};
use doctor::{Format, Reading, Undone};
use std::cell::OnceCell;
use wxpay::Fields;
use wxpay::notice::inspect::Recognised;

/// The fields that say what was paid, by whom and for what.
const TELLING: [&str; 14] = [
    "total_fee",
    "cash_fee",
    "settlement_total_fee",
    "refund_fee",
    "settlement_refund_fee",
    "result_code",
    "trade_state",
    "refund_status",
    "out_trade_no",
    "transaction_id",
    "out_refund_no",
    "refund_id",
    "mch_id",
    "paySign",
];

/// What says the same and most messages have not: beside one of those it is taken for a part of it.
const ABSENT: [&str; 6] =
    ["coupon_fee", "cash_refund_fee", "sub_mch_id", "sub_openid", "sub_appid", "trade_state_desc"];

/// What is signed of a page's call.
const OF_PAGE: [&str; 5] = ["appId", "timeStamp", "nonceStr", "package", "signType"];

/// What programs call an amount and a number of a payment, as [`plain`] has it.
const OWN_AMOUNTS: [&str; 6] = ["amount", "totalamount", "payamount", "money", "payertotal", "paymoney"];
const OWN_NUMBERS: [&str; 4] = ["orderno", "tradeno", "ordersn", "ordernumber"];

/// What a refund notice has beside what is sealed in it.
const OUTSIDE: [&str; 8] =
    ["return_code", "return_msg", "appid", "mch_id", "sub_appid", "sub_mch_id", "nonce_str", "req_info"];

/// What no call of a front end has: they are a notice's or an answer's, and the call's signature does not cover them.
const NO_CALLS: [&str; 6] =
    ["transaction_id", "time_end", "trade_state", "refund_status", "req_info", "settlement_total_fee"];

/// What may stand between a name and its value beside blanks. Nothing that may be a part of a value.
const BETWEEN: [&str; 35] = [
    "<![CDATA[",
    "&quot;",
    "&gt;",
    "&lt;![CDATA[",
    "&#34;",
    "&#39;",
    "\\u0022",
    "\\u003e",
    "\\u003E",
    "\\u003c![CDATA[",
    "\\u003C![CDATA[",
    "\\x22",
    "\\x3e",
    "\\x3E",
    "\\x3c![CDATA[",
    "\\x3C![CDATA[",
    "%22",
    "%3A",
    "%3a",
    "%3D",
    "%3d",
    "\"",
    "'",
    "`",
    ":",
    "=",
    ">",
    ",",
    "[",
    "]",
    "(",
    "\\",
    "：",
    // In the rows of a table, and as Java prints an entry.
    "|",
    "value=",
];

/// What a value ends with beside blanks.
const ENDS: [&str; 29] = [
    "\"", "'", "`", ",", "&", ";", "<", ")", "]", "}", "|", "\\\"", "\\'", "\\\\", "\\n", "\\r", "\\t",
    "\\u0022", "\\u003c", "\\u003C", "\\x22", "\\x3c", "\\x3C", "%22", "%26", "%2C", "%3C", "%0A", "，",
];

/// Fields that logs and programs have under the same name for something else, or whose other values say nothing of a
/// payment.
const COMMON: [&str; 11] = [
    "sign",
    "sign_type",
    "signType",
    "signature",
    "nonce_str",
    "timestamp",
    "body",
    "detail",
    "version",
    "key",
    "url",
];

/// A value that is shorter holds no name of a field.
const SHORTEST_HOLDING: usize = 5;

/// So long is the longest name that is compared in any spelling.
const LONGEST: usize = 40;

/// A field that was verified.
struct Field {
    name: String,
    /// Small letters without `_`, as every spelling of it has them.
    plain: String,
    value: String,
    /// Whether it is among the telling ones.
    telling: bool,
    /// Whether it is signed: of what a page's call carries besides, nothing is.
    signed: bool,
}

/// The fields that were verified.
#[derive(Default)]
pub(super) struct Verified(Vec<Field>);

impl Verified {
    pub(super) fn take(&mut self, fields: &Fields<'_>) {
        let of_page = Recognised::of(fields) == Recognised::PayParamsJsapi;
        let pairs = fields.iter().filter(|(name, _)| !COMMON.contains(name));
        self.0.extend(pairs.filter(|(_, value)| !value.is_empty()).map(|(name, value)| Field {
            name: name.to_owned(),
            plain: plain(name),
            value: doctor::read::letters(value),
            telling: TELLING.contains(&name),
            signed: !of_page || OF_PAGE.contains(&name),
        }));
    }

    /// The first of these fields that stands in the text with a value that was not verified.
    ///
    /// A telling one that is named must be followed by what was verified. Any other, one in another spelling, and a
    /// telling one that the message has not, must be given another value as programs and documents write one.
    fn other(&self, text: &str) -> Option<String> {
        let text = &*doctor::read::letters(text);
        // What was verified may hold what looks like a field. Found once: in a long text there may be many.
        let held: OnceCell<Vec<(usize, usize)>> = OnceCell::new();
        let nested = |at: usize| {
            let word = text[at..].split(|c| !in_a_name(c)).next().unwrap_or_default();
            // The name alone is a value where it is given none.
            let bare = given(&text[at + word.len()..], word).is_none();
            let shortest = word.len() + usize::from(!bare);
            let find = |field: &Field| {
                let value =
                    Some(&*field.value).filter(|value| field.signed && value.len() >= SHORTEST_HOLDING)?;
                text.find(value).map(|first| (first, first + value.len()))
            };
            let held = held.get_or_init(|| self.0.iter().filter_map(find).collect());
            held.iter().any(|(first, end)| end - first >= shortest && (*first..*end).contains(&at))
        };
        let shortest = self.0.iter().map(|field| field.plain.len()).chain(["money".len()]).min();
        let shortest = shortest.unwrap_or_default();
        let mut rest = 0;
        while let Some(begin) = text[rest..].find(in_a_name).map(|at| rest + at) {
            let end = text[begin..].find(|c| !in_a_name(c)).map_or(text.len(), |len| begin + len);
            let (word, behind) = (&text[begin..end], &text[end..]);
            rest = end;
            // The end of an element.
            if !(shortest..=LONGEST).contains(&word.len()) || text[..begin].ends_with('/') {
                continue;
            }
            let Some(field) = self.0.iter().find(|field| is_spelt(word, &field.plain)) else {
                // A call of a front end is a message of its own.
                let other = || TELLING.contains(&word) || ABSENT.contains(&word);
                let told = || given(behind, word).or_else(|| given_by_name(&text[..begin], behind));
                let other_amount = || self.is_another(word, told()?).then_some(());
                let covered = !(other() && told().is_some() || other_amount().is_some()) || nested(begin);
                if word == "paySign" || !covered {
                    return Some(word.to_owned());
                }
                continue;
            };
            let named = || self.0.iter().filter(|other| other.plain == field.plain);
            let by_name = || named().filter(|field| field.name == word);
            if word == "paySign" || by_name().any(|field| field.telling) {
                if !by_name().any(|field| is_followed(&field.value, behind)) && !nested(begin) {
                    return Some(word.to_owned());
                }
                continue;
            }
            if !COMMON.contains(&word)
                && let Some(given) =
                    given(behind, &field.plain).or_else(|| given_by_name(&text[..begin], behind))
                && !named().any(|field| is_same(&field.value, given))
                && !nested(begin)
            {
                return Some(word.to_owned());
            }
        }
        None
    }
}

impl Verified {
    /// Whether a name that programs have of their own for an amount or a number is given another one than each of those
    /// that were verified, be it in fen or in yuan.
    fn is_another(&self, word: &str, given: &str) -> bool {
        let spelling = plain(word);
        let verified = |ends: &[&str]| -> Vec<&str> {
            let named = self.0.iter().filter(|field| ends.iter().any(|end| field.plain.ends_with(end)));
            named.map(|field| &*field.value).collect()
        };
        if OWN_NUMBERS.contains(&spelling.as_str()) {
            let numbers = verified(&["tradeno", "transactionid", "refundno", "refundid"]);
            return !numbers.is_empty() && !numbers.iter().any(|number| is_same(number, given));
        }
        if !OWN_AMOUNTS.contains(&spelling.as_str()) {
            return false;
        }
        let digits = given.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
        let (yuan, part) = digits.split_once('.').unwrap_or((digits, ""));
        let fen = format!("{yuan}{:0<2}", part.get(..2).unwrap_or(part));
        let same = |amount: &&str| {
            let amount = amount.trim_start_matches('0');
            digits.trim_start_matches('0') == amount || fen.trim_start_matches('0') == amount
        };
        let amounts = verified(&["fee"]);
        !digits.is_empty() && !amounts.is_empty() && !amounts.iter().any(same)
    }
}

/// Whether a word is a spelling of a name that has none but small letters.
fn is_spelt(word: &str, plain: &str) -> bool {
    let letters = word.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase());
    letters.eq(plain.bytes())
}

/// A name as every spelling of it has it.
fn plain(name: &str) -> String {
    name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect()
}

/// What stands between a name and its value, if it begins with such.
fn past_between(text: &str) -> Option<&str> {
    let blank = || text.strip_prefix(char::is_whitespace);
    BETWEEN.iter().find_map(|between| text.strip_prefix(between)).or_else(blank).or_else(|| past_type(text))
}

/// Without the type of a value, as PHP prints it: `string(3) "abc"`, `int(3)`, and stores it: `;s:3:"abc"`, `;i:3`.
fn past_type(text: &str) -> Option<&str> {
    if let Some(rest) =
        [";i:", ";d:", ";b:", "int(", "float("].iter().find_map(|kind| text.strip_prefix(kind))
    {
        return Some(rest);
    }
    let (rest, end) = match text.strip_prefix("string(") {
        Some(rest) => (rest, ')'),
        None => (text.strip_prefix(";s:")?, ':'),
    };
    rest.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix(end)
}

fn is_followed(value: &str, mut behind: &str) -> bool {
    loop {
        if behind.strip_prefix(value).is_some_and(ends) {
            return true;
        }
        match past_between(behind) {
            Some(next) => behind = next,
            None => return false,
        }
    }
}

/// The value that a name is given, from its first letter on: none where it is only named, or given what a program has
/// under that name.
fn given<'t>(behind: &'t str, spelling: &str) -> Option<&'t str> {
    let mut rest = behind;
    while let Some(next) = past_between(rest) {
        // A list of names gives none of them a value.
        if rest.starts_with(',') {
            return None;
        }
        // An escape that is a part of the value.
        if rest.len() - next.len() == 1 && (rest.starts_with("\\u") || rest.starts_with("\\x")) {
            break;
        }
        rest = next;
    }
    let between = &behind[..behind.len() - rest.len()];
    let gives = ["=", ":", "：", ">", "gt;", "3D", "3d", "3A", "3a", "3E", "3e"];
    let begins = rest.starts_with(|c: char| c.is_ascii_alphanumeric() || "%\\-+{".contains(c));
    if !begins || !gives.iter().any(|sign| between.contains(sign)) {
        return None;
    }
    let quoted = between.ends_with(['"', '\'', '`', '[']);
    let len = rest.find(|c: char| c.is_whitespace() || ",;)}<&\"".contains(c)).unwrap_or(rest.len());
    (quoted || !plain(&rest[..len]).contains(spelling)).then_some(rest)
}

/// The value of a part of a form, `name="x"`, or of a pair as HAR files have it, `"name":"x","value":"…"`.
fn given_by_name<'t>(before: &str, behind: &'t str) -> Option<&'t str> {
    before.trim_end_matches(['"', '\'', '\\', ' ', ':', '=']).strip_suffix("name")?;
    let blanks = |c: char| c.is_whitespace() || "\"'\\:,".contains(c);
    let rest = behind.trim_start_matches(blanks);
    let rest = rest.strip_prefix("value").map_or(rest, |rest| rest.trim_start_matches(blanks));
    rest.starts_with(|c: char| c.is_ascii_alphanumeric()).then_some(rest)
}

/// Whether a text begins with a value, however either is escaped: by its letters and digits.
fn is_same(value: &str, text: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
    if text.strip_prefix(value).is_some_and(ends) {
        return true;
    }
    // What looks like an escape in the value may be one, or what it says.
    [past_escapes as fn(&str) -> &str, past_signs].into_iter().any(|past| {
        let mut wanted = past(value);
        // Nothing but characters that are not compared may stand for them.
        if wanted.is_empty() {
            return past_escapes(text).len() < text.len();
        }
        let mut rest = text;
        while let Some(letter) = wanted.chars().next() {
            let Some(next) = past_escapes(rest).strip_prefix(letter) else { return false };
            (wanted, rest) = (past(&wanted[letter.len_utf8()..]), next);
        }
        ends(rest)
    })
}

/// Without what is no letter or digit.
fn past_signs(text: &str) -> &str {
    text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric())
}

/// Without what is no letter or digit, and without escapes.
fn past_escapes(mut text: &str) -> &str {
    loop {
        let escape = match text.as_bytes() {
            [b'%', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => 3,
            [b'\\', b'u' | b'U', ..] => 6,
            [b'\\', b'x', ..] => 4,
            [b'\\', c, ..] if c.is_ascii() => 2,
            [b'&', ..] => text.bytes().take(10).position(|byte| byte == b';').map_or(1, |at| at + 1),
            _ => 0,
        };
        let next = if escape > 0 { text.get(escape..) } else { None };
        match next.or_else(|| text.strip_prefix(|c: char| !c.is_ascii_alphanumeric())) {
            Some(next) => text = next,
            None => return text,
        }
    }
}

/// A field of which another value stands in the paste than the one that was read.
pub(crate) fn other_value(fields: &Fields<'_>, bytes: &[u8]) -> Option<String> {
    let mut read = Verified::default();
    read.take(fields);
    read.other(&String::from_utf8_lossy(bytes))
}

/// Whether a document stands in it in one piece, which no reader of documents took. One that a program joins from many
/// is another matter.
fn has_document(text: &str) -> bool {
    let piece = text.find("<xml").map(|at| text[at..].split(['"', '\'', '`']).next().unwrap_or_default());
    piece.is_some_and(|piece| piece.matches("</").nth(1).is_some())
}

/// Whether a line is a query string that no reader of query strings takes.
fn is_query(line: &str) -> bool {
    line.contains('&') && line.matches('=').nth(1).is_some() && !doctor::read::is_program(line)
}

/// Whether a value ends before this.
fn ends(after: &str) -> bool {
    after.is_empty()
        || after.starts_with(char::is_whitespace)
        || !after.starts_with("&#") && ENDS.iter().any(|end| after.starts_with(end))
}

fn in_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl Judge<'_> {
    /// Takes back that a message is valid where something else stands in it or beside it that was not verified.
    /// `sealed`: what a refund notice holds.
    pub(super) fn of_all(
        &self,
        bytes: &[u8],
        reading: &Reading,
        sealed: Option<&Fields<'_>>,
        view: &mut VerifyView,
    ) {
        if view.verdict != Verdict::Valid {
            return;
        }
        let fields = &reading.fields;
        let strange = match Recognised::of(fields) {
            Recognised::RefundNotice => fields
                .iter()
                .map(|(name, _)| name)
                .find(|name| !OUTSIDE.contains(name))
                .map(ToOwned::to_owned),
            Recognised::PayParamsJsapi => {
                let two =
                    (fields.text("sign").is_some() && fields.text("paySign").is_some()).then_some("sign");
                let no_calls = NO_CALLS.into_iter().find(|name| fields.text(name).is_some());
                two.or(no_calls).map(ToOwned::to_owned)
            }
            _ => None,
        };
        if let Some(name) = strange {
            self.take_back(&name, view);
            return;
        }
        // WeChat Pay takes it for a field, and so for signed.
        if reading.key_pasted && matches!(reading.format, Format::Xml | Format::XmlEscaped | Format::Json) {
            self.take_back("key", view);
            return;
        }
        // All that stands in such a document is signed. Of a page's call five fields are.
        let of_page = Recognised::of(fields) == Recognised::PayParamsJsapi;
        let alone = matches!(reading.format, Format::Xml | Format::XmlEscaped | Format::Json)
            && !reading.undone.contains(&Undone::TextAround)
            && !of_page
            && reading.special.is_none();
        let text = String::from_utf8_lossy(bytes);
        // wx.chooseWXPay alone calls it so, and the call of an app.
        let choosing = !text.contains("requestPayment") && !text.contains("getBrandWCPayRequest");
        let misnamed = if !of_page {
            None
        } else if !choosing && !text.contains("chooseWXPay") {
            Some(("timestamp", "timestamp_of_choose_wxpay"))
        } else if choosing && text.contains("chooseWXPay(") {
            Some(("timeStamp", "time_stamp_in_choose_wxpay"))
        } else {
            None
        };
        if let Some((name, id)) = misnamed.filter(|(name, _)| fields.text(name).is_some()) {
            view.findings.push(finding(id, Some(name), true, self.lang));
            view.verdict = Verdict::ValidButRefused;
            view.meaning = Some(self.lang.say("meaning.refused.front", &[]));
            return;
        }
        if reading.format == Format::Code && (has_document(&text) || text.lines().any(is_query)) {
            view.findings.push(finding("read_leniently", None, true, self.lang));
            self.not_all(view);
            return;
        }
        let mut verified = Verified::default();
        [Some(fields), sealed].into_iter().flatten().for_each(|fields| verified.take(fields));
        if alone {
            return;
        }
        self.beside(&text, &verified, view);
        let around = [Undone::TextAround, Undone::Headers].iter().any(|one| reading.undone.contains(one))
            || matches!(reading.format, Format::Curl | Format::Har | Format::Code | Format::Http);
        if view.verdict == Verdict::Valid && around && view.meaning.is_none() {
            view.meaning = Some(self.lang.say("meaning.valid.around", &[]));
        }
    }

    /// The same of a whole paste of which all these were verified.
    pub(super) fn beside(&self, text: &str, verified: &Verified, view: &mut VerifyView) {
        if let Some(name) = verified.other(text) {
            self.take_back(&name, view);
        }
    }

    fn take_back(&self, name: &str, view: &mut VerifyView) {
        view.findings.push(with("not_covered", Some(name), true, &[], self.lang));
        self.not_all(view);
    }

    /// What was looked at is right, and that is not said of what was pasted.
    pub(super) fn not_all(&self, view: &mut VerifyView) {
        view.verdict = Verdict::Undecidable;
        view.meaning = Some(self.lang.say("meaning.not_all_looked_at", &[]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verified(fields: &[(&str, &str)]) -> Verified {
        let mut set = Fields::new();
        for (name, value) in fields {
            set.add(*name, *value).unwrap();
        }
        let mut verified = Verified::default();
        verified.take(&set);
        verified
    }

    #[test]
    fn another_value_of_a_telling_field_is_seen_in_any_writing() {
        let verified = verified(&[("total_fee", "100"), ("out_trade_no", "A22")]);
        for same in [
            "total_fee=100&out_trade_no=A22",
            "<total_fee>100</total_fee><out_trade_no><![CDATA[A22]]></out_trade_no>",
            r#"{"total_fee":100,"out_trade_no" : "A22"}"#,
            r#"{"total_fee":["100"]}"#,
            r#"{\"total_fee\":\"100\"}"#,
            "%22total_fee%22%3A%22100%22",
            "&quot;total_fee&quot;:&quot;100&quot; \\u003ctotal_fee\\u003e100",
            "total_fee_2=7 settlement_total_fee",
            "amount=1.00 amount: 100, order_no=A22",
            "the call of the page",
        ] {
            assert_eq!(verified.other(same), None, "{same}");
        }
        for other in [
            "total_fee=100&total_fee=1",
            "total_fee=1&cash_fee=100",
            "total_fee[]=1",
            "<a:total_fee>1</a:total_fee>",
            "{\"data\":{\"total_fee\":1001}}",
            "total_fee=22100",
            "total_fee=-100",
            "total_fee=100.5",
            "total_fee=100%30",
            r#"{"total_fee":"100\u0030"}"#,
            r#"{"total\u005ffee":"1"}"#,
            "total%5Ffee=1",
            "<&#116;otal_fee>1",
            "total_fee",
        ] {
            assert_eq!(verified.other(other).as_deref(), Some("total_fee"), "{other}");
        }
        assert_eq!(verified.other("out_trade_no=A23").as_deref(), Some("out_trade_no"));
        for (name, other) in [
            ("refund_fee", "refund_fee=7"),
            ("trade_state", r#"{"trade_state":"SUCCESS"}"#),
            ("amount", r#"{"amount":99999}"#),
            ("totalAmount", "totalAmount=1.01"),
            ("order_no", "order_no: EVIL"),
        ] {
            assert_eq!(verified.other(other).as_deref(), Some(name), "{other}");
        }
        assert_eq!(verified.other("{\"paySign\":\"0\"}").as_deref(), Some("paySign"));
    }

    #[test]
    fn another_value_of_any_field_is_seen_where_it_is_given_one() {
        let verified = verified(&[
            ("total_fee", "100"),
            ("openid", "oUp-F8_u"),
            ("package", "prepay_id=wx20"),
            ("attach", r#"{"openid":"oX","n":1}"#),
            ("remark", "支付"),
            ("sign", "AB"),
        ]);
        for same in [
            "totalFee=100 TOTAL_FEE: 100",
            "openid=oUp-F8_u&package=prepay_id%3Dwx20",
            r#"{"package":"prepay_id\u003dwx20","openId":"oUp-F8_u"}"#,
            r#"package: res.data.package, openid: ctx.openid"#,
            r#"<attach>{"openid":"oX","n":1}</attach> attach=%7B%22openid%22:%22oUp-F8_u%22"#,
            r#"{"remark":"\u652f\u4ed8"} remark=支付"#,
            "the openid, package and attach of it; openid",
            "package com.example.pay; openid：用户的标识",
            "fields: [\"openid\", \"attach\"]",
            "sign=CD body=x",
            r#"{"name":"openid","value":"oUp-F8_u"}"#,
            "openid=",
        ] {
            let found = verified.other(same);
            // The attach that is written another way holds an openid.
            assert!(found.is_none() || same.contains("%7B"), "{found:?} {same}");
        }
        for (name, other) in [
            ("totalFee", "totalFee=9"),
            ("TOTAL_FEE", "TOTAL_FEE=1000"),
            ("openid", "openid=oEVIL"),
            ("openid", r#"{"data":{},"openid":"EVIL"}"#),
            ("openid", "<openid><![CDATA[oUp-F8_u2]]></openid>"),
            ("openId", "openId: 'oUpF'"),
            ("package", "Object.assign(call, {package:'prepay_id=EVIL'})"),
            ("package", "p.package = 'prepay_id=EVIL'"),
            ("remark", "remark=EVIL"),
            ("openid", "Content-Disposition: form-data; name=\"openid\"\r\n\r\nEVIL\r\n--a--"),
            ("openid", r#"{"name": "openid", "value": "EVIL"}"#),
            ("attach", r#"attach={"openid":"oX","n":2}"#),
        ] {
            assert_eq!(verified.other(other).as_deref(), Some(name), "{other}");
        }
    }
}

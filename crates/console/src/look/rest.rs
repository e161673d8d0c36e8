//! What else stands in a paste beside what was verified. A verdict on one message is read as one on the whole paste, so
//! that nothing is called valid while another value of the same field stands there, or one that no signature covers.

use super::Judge;
use super::say::{finding, with};
use crate::view::{Verdict, VerifyView};
use doctor::{Format, Reading};
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

/// What a refund notice has beside what is sealed in it.
const OUTSIDE: [&str; 8] =
    ["return_code", "return_msg", "appid", "mch_id", "sub_appid", "sub_mch_id", "nonce_str", "req_info"];

/// What no call of a front end has: they are a notice's or an answer's, and the call's signature does not cover them.
const NO_CALLS: [&str; 6] =
    ["transaction_id", "time_end", "trade_state", "refund_status", "req_info", "settlement_total_fee"];

/// What may stand between a name and its value beside blanks. Nothing that may be a part of a value.
const BETWEEN: [&str; 32] = [
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
    "]",
    "(",
    "\\",
    "：",
];

/// What a value ends with beside blanks.
const ENDS: [&str; 29] = [
    "\"", "'", "`", ",", "&", ";", "<", ")", "]", "}", "|", "\\\"", "\\'", "\\\\", "\\n", "\\r", "\\t",
    "\\u0022", "\\u003c", "\\u003C", "\\x22", "\\x3c", "\\x3C", "%22", "%26", "%2C", "%3C", "%0A", "，",
];

/// The values of telling fields that were verified.
#[derive(Default)]
pub(super) struct Verified(Vec<(&'static str, String)>);

impl Verified {
    pub(super) fn take(&mut self, fields: &Fields<'_>) {
        let values =
            TELLING.into_iter().filter_map(|name| Some((name, doctor::read::letters(fields.text(name)?))));
        self.0.extend(values);
    }

    /// The first of these fields that stands in the text with a value that was not verified.
    fn other(&self, text: &str) -> Option<&'static str> {
        // A call of a front end is a message of its own.
        let verified =
            |name: &&str| *name == "paySign" || self.0.iter().any(|(verified, _)| verified == name);
        let text = doctor::read::letters(text);
        TELLING.into_iter().filter(verified).find(|name| {
            text.match_indices(name).any(|(at, _)| {
                let (before, behind) = (&text[..at], &text[at + name.len()..]);
                // A longer name, or the end of an element.
                let part = before.ends_with(in_a_name) || behind.starts_with(in_a_name);
                !part && !before.ends_with('/') && !self.is_followed(name, behind)
            })
        })
    }

    fn is_followed(&self, name: &str, mut rest: &str) -> bool {
        let values = || self.0.iter().filter(|(verified, _)| *verified == name).map(|(_, value)| &**value);
        let begins = |rest: &str| values().any(|value| rest.strip_prefix(value).is_some_and(ends));
        loop {
            if begins(rest) {
                return true;
            }
            let blank = || rest.strip_prefix(char::is_whitespace);
            let next = BETWEEN.iter().find_map(|between| rest.strip_prefix(between)).or_else(blank);
            match next {
                Some(next) => rest = next,
                None => return false,
            }
        }
    }
}

/// A telling field of which another value stands in the paste than the one that was read.
pub(crate) fn other_value(fields: &Fields<'_>, bytes: &[u8]) -> Option<&'static str> {
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
    pub(super) fn of_all(&self, bytes: &[u8], reading: &Reading, view: &mut VerifyView) {
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
        let text = String::from_utf8_lossy(bytes);
        // wx.chooseWXPay alone calls it so, and the call of an app.
        let choosing = !text.contains("requestPayment") && !text.contains("getBrandWCPayRequest");
        let of_page = Recognised::of(fields) == Recognised::PayParamsJsapi;
        if of_page && !choosing && !text.contains("chooseWXPay") && fields.text("timestamp").is_some() {
            view.findings.push(finding("timestamp_of_choose_wxpay", Some("timestamp"), true, self.lang));
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
        verified.take(fields);
        self.beside(&text, &verified, view);
    }

    /// The same of a whole paste of which all these were verified.
    pub(super) fn beside(&self, text: &str, verified: &Verified, view: &mut VerifyView) {
        if let Some(name) = verified.other(text) {
            self.take_back(name, view);
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

    #[test]
    fn another_value_of_a_verified_field_is_seen_in_any_writing() {
        let verified = Verified(vec![("total_fee", "100".into()), ("out_trade_no", "A22".into())]);
        for same in [
            "total_fee=100&out_trade_no=A22",
            "<total_fee>100</total_fee><out_trade_no><![CDATA[A22]]></out_trade_no>",
            r#"{"total_fee":100,"out_trade_no" : "A22"}"#,
            r#"{\"total_fee\":\"100\"}"#,
            "%22total_fee%22%3A%22100%22",
            "&quot;total_fee&quot;:&quot;100&quot; \\u003ctotal_fee\\u003e100",
            "settlement_total_fee=7 total_fee_2=7 ",
            "refund_fee=7",
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
            assert_eq!(verified.other(other), Some("total_fee"), "{other}");
        }
        assert_eq!(verified.other("out_trade_no=A23"), Some("out_trade_no"));
        assert_eq!(verified.other("{\"paySign\":\"0\"}"), Some("paySign"));
    }
}

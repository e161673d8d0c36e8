//! What no digest decides: WeChat refuses it, or somebody should worry.
//!
//! The field tables of [`wxpay::api::fields`] say what a message may have in it; here stands what follows from them and
//! what else goes wrong without any signature being wrong. A documented example of any message has no finding.

mod around;
mod message;
mod names;
mod near;
mod placeholder;
mod received;
mod values;

pub use around::{of_key, of_merchant, of_order, unquoted};
pub use message::message_of;
pub use received::of_received;

use crate::reading::{Format, Reading, Special};
use wxpay::ambiguity::{Ambiguity, second_readings};
use wxpay::api::fields::{MessageDoc, Need, Way};
use wxpay::notice::inspect::{Recognised, inspect_fields};
use wxpay::sign::Expect;
use wxpay::{Fields, SignType};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// WeChat refuses it, or nobody may believe it.
    Refused,
    /// It deserves a look.
    Warning,
}

impl Severity {
    /// The stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Warning => "warning",
        }
    }
}

/// Something about a document that its signature does not decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable word for it; one of [`ALL`].
    pub id: &'static str,
    /// The field, as the document spells it.
    pub field: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// What is to be said besides, by name: `meant` (the right name or value), `max` and `length` (characters, or `bytes`
    /// instead of `length`), `message` (which message takes no such field), `one_of` (names of which one must be there),
    /// `value`, and `reason` or `kind`, which are words of a short list.
    pub params: Vec<(&'static str, String)>,
}

/// Every id that a finding may have: those of this room first, then why a document in XML is not taken.
pub const ALL: &[&str] = &[
    "unsigned",
    "key_not_32_bytes",
    "key_in_quotes",
    "timestamp_in_milliseconds",
    "timestamp_not_seconds",
    "timestamp_not_a_string",
    "package_without_prepay_id",
    "package_misspelt",
    "package_not_sign_wxpay",
    "prepay_id_missing",
    "amount_not_integer_fen",
    "amount_out_of_range",
    "amount_impossible",
    "out_trade_no_invalid",
    "name_unknown",
    "name_wrong_case",
    "field_missing",
    "field_not_accepted",
    "value_too_long",
    "sign_not_in_capitals",
    "sign_type_unknown",
    "sign_type_missing",
    "sign_type_differs_from_order",
    "trade_type_unknown",
    "notify_url_unusable",
    "four_byte_characters",
    "placeholder_left_in",
    "appid_of_other_kind",
    "mch_id_mismatch",
    "v3_in_v2",
    "v2_in_v3",
    "v3_sign_probe",
    "wrong_envelope",
    "reply_has_no_sign_on_failure",
    "key_in_client_code",
    "key_in_source",
    "ambiguous_value",
    "ambiguous",
    "downgrade",
    "other_sign_type",
    "empty",
    "too_large",
    "not_utf8",
    "encoding",
    "control_character",
    "doctype",
    "processing_instruction",
    "comment",
    "entity",
    "reference",
    "attribute",
    "nesting",
    "root",
    "second_root",
    "stray_text",
    "duplicate_field",
    "too_many_fields",
    "field_name",
    "mismatched_end",
    "truncated",
    "syntax",
];

/// What was pasted, and what it is taken for.
pub(super) struct Seen<'r> {
    reading: &'r Reading,
    fields: &'r Fields<'static>,
    message: Option<&'static MessageDoc>,
}

impl Seen<'_> {
    fn way(&self) -> Option<Way> {
        self.message.map(|message| message.way)
    }

    /// Whether the field is there and not empty, be its value a text or an expression.
    fn has(&self, name: &str) -> bool {
        self.fields.text(name).is_some() || self.reading.expressions.iter().any(|(other, _)| other == name)
    }

    /// All names, also those with an expression in the place of a value.
    fn names(&self) -> impl Iterator<Item = &str> {
        let expressions = self.reading.expressions.iter().map(|(name, _)| name.as_str());
        self.fields.iter().map(|(name, _)| name).chain(expressions)
    }

    /// Whether it stands in a program, which builds a part of it elsewhere.
    fn in_a_program(&self) -> bool {
        self.reading.format == Format::Code
    }
}

/// Gathers findings, each once.
#[derive(Default)]
pub(super) struct Found {
    list: Vec<Finding>,
}

impl Found {
    fn add(&mut self, id: &'static str, field: &str, severity: Severity, params: &[(&'static str, &str)]) {
        if self.has(id, field) {
            return;
        }
        let params = params.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let field = (!field.is_empty()).then(|| field.to_owned());
        self.list.push(Finding { id, field, severity, params });
    }

    fn refuse(&mut self, id: &'static str, field: &str, params: &[(&'static str, &str)]) {
        self.add(id, field, Severity::Refused, params);
    }

    fn warn(&mut self, id: &'static str, field: &str, params: &[(&'static str, &str)]) {
        self.add(id, field, Severity::Warning, params);
    }

    fn has(&self, id: &str, field: &str) -> bool {
        self.list.iter().any(|found| found.id == id && found.field.as_deref().unwrap_or_default() == field)
    }

    fn about(&self, field: &str) -> impl Iterator<Item = &Finding> {
        self.list.iter().filter(move |found| found.field.as_deref() == Some(field))
    }

    /// Whether a misspelt name was found to mean this one.
    fn meant(&self, name: &str) -> bool {
        self.list.iter().any(|found| found.params.iter().any(|(key, value)| *key == "meant" && value == name))
    }
}

/// All that is to be seen in what was pasted, what WeChat refuses first. `asked`: the digest that its merchant asks for,
/// if that is known.
#[must_use]
pub fn findings(reading: &Reading, recognised: Recognised, asked: Option<SignType>) -> Vec<Finding> {
    let message = message_of(reading, recognised);
    let seen = Seen { reading, fields: &reading.fields, message };
    let mut found = Found::default();
    envelope(&seen, recognised, &mut found);
    names::add(&seen, &mut found);
    values::add(&seen, &mut found);
    missing(&seen, &mut found);
    unsigned(&seen, recognised, &mut found);
    other_digest(&seen, asked, &mut found);
    inspected(&seen, recognised, &mut found);
    key_in_client_code(&seen, &mut found);
    found.list.sort_by_key(|finding| finding.severity);
    found.list
}

/// Documents that belong elsewhere: to API v3, to another reader, to another product.
fn envelope(seen: &Seen<'_>, recognised: Recognised, found: &mut Found) {
    let fields = seen.fields;
    for (name, value) in fields.iter() {
        if value.contains("WECHATPAY/SIGNTEST/") {
            found.warn("v3_sign_probe", name, &[]);
        }
    }
    let has = |names: &[&str]| names.iter().all(|name| fields.text(name).is_some());
    if matches!(recognised, Recognised::RefundNotice | Recognised::RefundContent) && has(&["sign"]) {
        found.warn("wrong_envelope", "sign", &[("kind", "refund_notice")]);
    }
    for (names, kind) in [
        (&["ToUserName", "MsgType"][..], "official_account_message"),
        (&["event_ciphertext"], "payscore_notice"),
        (&["errcode", "errmsg"], "account_api_reply"),
    ] {
        if has(names) {
            found.warn("wrong_envelope", names[0], &[("kind", kind)]);
        }
    }
    v3(seen, found);
}

/// What API v3 calls things that v2 calls otherwise.
pub(super) const V3_NAMES: [&str; 9] = [
    "mchid",
    "sp_mchid",
    "sub_mchid",
    "sp_appid",
    "description",
    "amount",
    "payer",
    "amount.total",
    "payer.openid",
];

fn v3(seen: &Seen<'_>, found: &mut Found) {
    if seen.reading.special == Some(Special::V3Notice) {
        return;
    }
    let fields = seen.fields;
    let sign = ["paySign", "sign"].into_iter().find(|name| fields.text(name).is_some());
    let presented = sign.and_then(|name| fields.text(name)).unwrap_or_default();
    let kind = ["signType", "sign_type"].into_iter().find(|name| fields.text(name).is_some());
    let says_v3 = kind.and_then(|name| fields.text(name)).is_some_and(is_v3_sign_type);
    let field = kind.or(sign).unwrap_or_default();
    let is_rsa = presented.len() >= 300;
    match (says_v3, is_rsa) {
        (true, false) if wxpay::Signature::parse(presented).is_some() => {
            found.refuse("v2_in_v3", field, &[("reason", "digest")]);
        }
        (true, _) => found.warn("v3_in_v2", field, &[("reason", "sign_type")]),
        (false, true) => found.refuse("v3_in_v2", sign.unwrap_or_default(), &[("reason", "rsa")]),
        (false, false) => {}
    }
    let v3_names = || seen.names().filter(|name| V3_NAMES.contains(name));
    if v3_names().count() < 2 {
        return;
    }
    let first = v3_names().next().unwrap_or_default();
    match ["sign", "nonce_str", "sign_type"].into_iter().find(|name| seen.has(name)) {
        Some(v2) => found.refuse("v2_in_v3", v2, &[("reason", "names")]),
        None => found.warn("v3_in_v2", first, &[("reason", "names")]),
    }
}

fn is_v3_sign_type(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("RSA") || kind.starts_with("WECHATPAY2-")
}

/// What is not there and must be.
fn missing(seen: &Seen<'_>, found: &mut Found) {
    let Some(message) = seen.message.filter(|_| !seen.in_a_program()) else { return };
    let is = |name: &str, value: &str| seen.fields.text(name).is_some_and(|text| text == value);
    let done = message.way != Way::Answer
        || (seen.fields.text("return_code").is_none_or(|code| code == "SUCCESS")
            && !is("result_code", "FAIL"));
    if !done {
        return;
    }
    let severity = if message.way == Way::Answer { Severity::Warning } else { Severity::Refused };
    for field in message.fields.iter().filter(|field| field.need == Need::Always) {
        if !seen.has(field.name) && !found.meant(field.name) {
            found.add("field_missing", field.name, severity, &[]);
        }
    }
    let mut any_of = |names: &[&str]| {
        if !names.is_empty() && !names.iter().any(|name| seen.has(name) || found.meant(name)) {
            found.add("field_missing", names[0], severity, &[("one_of", &names.join(", "))]);
        }
    };
    let one_of: Vec<&str> =
        message.fields.iter().filter(|field| field.need == Need::OneOf).map(|field| field.name).collect();
    any_of(&one_of);
    if message.name == "unified_order" {
        let trade = seen.fields.text("trade_type").unwrap_or_default();
        if trade.eq_ignore_ascii_case("JSAPI") {
            any_of(&["openid", "sub_openid"]);
        } else if trade.eq_ignore_ascii_case("MWEB") {
            any_of(&["scene_info"]);
        }
    }
}

/// Whether a signature is missing, and whether that is as it should be.
fn unsigned(seen: &Seen<'_>, recognised: Recognised, found: &mut Found) {
    let fields = seen.fields;
    let signature = match seen.message.map(|message| message.name) {
        Some("jsapi_call") => "paySign",
        Some("wx_config") => "signature",
        Some("refund_notice" | "refund_content") => return,
        Some(_) => "sign",
        None if ["mch_id", "nonce_str"].iter().all(|name| seen.has(name)) => "sign",
        None => return,
    };
    let signed =
        ["sign", "paySign", "signature"].into_iter().any(|name| seen.has(name)) || found.meant(signature);
    if signed || seen.in_a_program() {
        return;
    }
    if recognised == Recognised::ApiReply {
        let failed = fields.text("return_code").is_some_and(|code| code != "SUCCESS");
        if failed || fields.text("error_code").is_some() {
            found.warn("reply_has_no_sign_on_failure", "return_code", &[]);
            return;
        }
        let acknowledges =
            |name: &str| ["return_code", "return_msg", "sandbox_signkey", "mch_id"].contains(&name);
        if fields.iter().all(|(name, _)| acknowledges(name)) {
            return;
        }
    }
    found.refuse("unsigned", signature, &[]);
}

/// A digest of another kind than the one that the merchant asks for: a mix-up at best.
fn other_digest(seen: &Seen<'_>, asked: Option<SignType>, found: &mut Found) {
    let Some(asked) = asked else { return };
    let Some(name) = ["paySign", "sign"].into_iter().find(|name| seen.fields.text(name).is_some()) else {
        return;
    };
    let presented = seen.fields.text(name).and_then(wxpay::Signature::parse);
    match (presented.map(|sign| sign.kind()), asked) {
        (Some(SignType::Md5), SignType::HmacSha256) => found.refuse("downgrade", name, &[]),
        (Some(SignType::HmacSha256), SignType::Md5) => found.refuse("other_sign_type", name, &[]),
        _ => {}
    }
}

/// What the engine of the verdict finds, but for what has been said more exactly; and second readings.
fn inspected(seen: &Seen<'_>, recognised: Recognised, found: &mut Found) {
    for finding in inspect_fields(seen.fields, None, Expect::ByLength).findings {
        let said = found.about(finding.field).any(|other| {
            other.id == "placeholder_left_in"
                || (finding.id.starts_with("amount_") && other.id.starts_with("amount_"))
                || (finding.id.starts_with("package_")
                    && (other.id.starts_with("package_") || other.id == "prepay_id_missing"))
        });
        // What stands under a misspelt name is not missing.
        if !said && !found.meant(finding.field) {
            let severity = if finding.refused { Severity::Refused } else { Severity::Warning };
            found.add(finding.id, finding.field, severity, &[]);
        }
    }
    match second_readings(seen.fields, recognised.message_kind(seen.fields)) {
        Ambiguity::None => {}
        Ambiguity::Harmless { field } => found.warn("ambiguous_value", &field, &[]),
        Ambiguity::Dangerous { field, changed, .. } => {
            found.refuse("ambiguous", &field, &[("changed", &changed.join(", "))]);
        }
    }
}

/// Names under which programs hold what nobody but the server may have.
const SECRETS: [&str; 9] =
    ["key", "secret", "appsecret", "mchkey", "apikey", "paykey", "partnerkey", "mchsecret", "sessionkey"];

/// A key, or an AppSecret, in what a page or a mini program runs, or in the source text of a server.
fn key_in_client_code(seen: &Seen<'_>, found: &mut Found) {
    let code = matches!(seen.reading.format, Format::JsCall | Format::Code);
    // With its signature, what a front end is called with goes to it whole; without one it is what is being signed.
    let handed = seen.way() == Some(Way::FrontEnd) && !code && (seen.has("paySign") || seen.has("sign"));
    if seen.reading.at_customers || handed {
        if seen.reading.key_pasted {
            found.refuse("key_in_client_code", "key", &[]);
        }
        for name in seen.names() {
            if SECRETS.contains(&near::fold(name).as_str()) {
                found.refuse("key_in_client_code", name, &[]);
            }
        }
    } else if seen.reading.format == Format::JsCall {
        // The mistakes of other programs are named apart.
        if seen.reading.key_pasted {
            found.warn("key_in_source", "key", &[]);
        }
        for (name, _) in seen.fields.iter().filter(|(name, _)| SECRETS.contains(&near::fold(name).as_str())) {
            found.warn("key_in_source", name, &[]);
        }
    }
}

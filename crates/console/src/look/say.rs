//! What was found, said for people. Every id has words in both languages, which a test demands.

use crate::view::{
    CauseView, CheckView, FieldView, Finding, ListedCause, MistakeView, SnippetView, Verdict, VerifyView,
};
use crate::words::Lang;
use doctor::{Cause, Proven};
use std::fmt::Display;
use wxpay::notice::inspect::Recognised;

/// A cause with what it is about.
pub(crate) fn cause(proven: &Proven, explanation: u32, fixes: Vec<SnippetView>, lang: Lang) -> CauseView {
    let id = proven.cause.id();
    CauseView {
        id: id.into(),
        proven: true,
        params: proven.params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        message: sentence(id, &proven.params, lang),
        fix: lang.say(&format!("cause.{id}.fix"), &[]),
        fixes,
        explanation,
    }
}

/// The cause in a sentence of its own for these parameters, else the general one with the parameters behind it.
fn sentence(id: &str, params: &[(&'static str, String)], lang: Lang) -> String {
    let said: Vec<(&str, String)> =
        params.iter().map(|(name, value)| (*name, param_word(name, value, lang))).collect();
    let names: Vec<&str> = params.iter().map(|(name, _)| *name).collect();
    let own = format!("cause.{id}.{}", names.join("_"));
    if !names.is_empty() && lang.has(&own) {
        let filled: Vec<(&str, &dyn Display)> =
            said.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
        return lang.say(&own, &filled);
    }
    let cause = lang.say(&format!("cause.{id}"), &[]);
    if said.is_empty() {
        return cause;
    }
    let each: Vec<String> = said.iter().map(|(name, value)| param(name, value, lang)).collect();
    let params = each.join(&lang.say("cause.param.between", &[]));
    lang.say("cause.with", &[("cause", &cause), ("params", &params)])
}

fn param(name: &str, value: &str, lang: Lang) -> String {
    let key = format!("cause.param.{name}");
    if lang.has(&key) {
        lang.say(&key, &[("value", &value)])
    } else {
        lang.say("cause.param.other", &[("name", &name), ("value", &value)])
    }
}

/// A parameter's value as people call it: a kind of key, a way of writing. Names and values of fields stay.
fn param_word(name: &str, value: &str, lang: Lang) -> String {
    let key = match name {
        "kind" => format!("key.{value}"),
        "merchant" if value.is_empty() => "key.given".to_owned(),
        "written" | "escapes" | "all" | "charset" | "unit" => format!("written.{}", slug(value)),
        _ => return value.to_owned(),
    };
    if lang.has(&key) { lang.say(&key, &[]) } else { value.to_owned() }
}

/// A way of writing as a part of a key: `&key= missing` is `and_key_equals_missing`.
fn slug(text: &str) -> String {
    let mut words: Vec<String> = vec![String::new()];
    for c in text.chars() {
        let sign = match c {
            '&' => "and",
            '=' => "equals",
            '"' => "double_quote",
            '\'' => "quote",
            ':' => "colon",
            c if c.is_ascii_alphanumeric() => {
                if let Some(word) = words.last_mut() {
                    word.push(c.to_ascii_lowercase());
                }
                continue;
            }
            _ => "",
        };
        words.extend([sign.to_owned(), String::new()]);
    }
    words.retain(|word| !word.is_empty());
    words.join("_")
}

/// Every cause that can be proven.
pub(crate) fn causes(lang: Lang) -> Vec<ListedCause> {
    let listed = |cause: &Cause| ListedCause {
        id: cause.id().into(),
        message: lang.say(&format!("cause.{}", cause.id()), &[]),
        fix: lang.say(&format!("cause.{}.fix", cause.id()), &[]),
    };
    Cause::ALL.iter().map(listed).collect()
}

/// Something noteworthy.
pub(crate) fn finding(id: &str, field: Option<&str>, refused: bool, lang: Lang) -> Finding {
    with(id, field, refused, &[], lang)
}

/// The same with what fills its sentence.
pub(crate) fn with(
    id: &str,
    field: Option<&str>,
    refused: bool,
    params: &[(&'static str, String)],
    lang: Lang,
) -> Finding {
    let name = field.unwrap_or("");
    let mut filled: Vec<(&str, &dyn Display)> = vec![("field", &name)];
    filled.extend(params.iter().map(|(name, value)| (*name, value as &dyn Display)));
    Finding {
        id: id.into(),
        field: field.map(ToOwned::to_owned),
        severity: if refused { "refused" } else { "warning" }.into(),
        message: lang.say(&format!("finding.{id}"), &filled),
    }
}

/// What the doctor noticed. Some have more than one thing to say, by their `reason` or `kind`, or by what is known.
pub(crate) fn noticed(found: &doctor::findings::Finding, lang: Lang) -> Finding {
    let refused = found.severity == doctor::findings::Severity::Refused;
    let mut said = with(found.id, found.field.as_deref(), refused, &found.params, lang);
    let word =
        |name: &str| found.params.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str());
    let own = ["reason", "kind"].iter().find_map(|name| word(name)).unwrap_or_default();
    let mut keys = vec![format!("finding.{}.{own}", found.id)];
    keys.extend(found.params.iter().map(|(name, _)| format!("finding.{}.{name}", found.id)));
    if let Some(key) = keys.iter().find(|key| lang.has(key)) {
        let name = found.field.as_deref().unwrap_or("");
        let mut filled: Vec<(&str, &dyn Display)> = vec![("field", &name)];
        filled.extend(found.params.iter().map(|(name, value)| (*name, value as &dyn Display)));
        said.message = lang.say(key, &filled);
    }
    said
}

/// A mistake in a program.
pub(crate) fn mistake(seen: &doctor::code::Seen, lang: Lang) -> MistakeView {
    let filled: Vec<(&str, &dyn Display)> =
        seen.params.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
    MistakeView {
        id: seen.id.into(),
        line: seen.line,
        excerpt: seen.excerpt.clone(),
        message: lang.say(&format!("mistake.{}", seen.id), &filled),
        cause: seen.cause.map(|cause| cause.id().to_owned()),
    }
}

pub(crate) fn check(id: &str, ok: Option<bool>, expected: &str, said: &str, lang: Lang) -> CheckView {
    let word = match ok {
        Some(true) => "ok",
        Some(false) => "no",
        None => "unknown",
    };
    // Where it says nothing, no sentence has a place for what it says.
    let silent = format!("check.{id}.{word}.silent");
    let key = if said.is_empty() && lang.has(&silent) { silent } else { format!("check.{id}.{word}") };
    let message = lang.say(&key, &[("expected", &expected), ("said", &said)]);
    CheckView { id: id.into(), ok, message }
}

pub(crate) fn nothing_known(ids: &[&str], lang: Lang) -> Vec<CheckView> {
    ids.iter().map(|id| check(id, None, "", "", lang)).collect()
}

/// A field that is part of no string to sign.
pub(super) fn plain_field(name: &str, value: &str) -> FieldView {
    FieldView { name: name.into(), value: value.into(), included: false, reason: Some("not_signed".into()) }
}

/// A field inside a refund notice's `req_info`.
pub(crate) fn sealed_field(name: &str, value: &str) -> FieldView {
    FieldView { reason: Some("sealed".into()), ..plain_field(name, value) }
}

/// The verdict's stable word.
pub(super) const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Valid => "valid",
        Verdict::ValidButRefused => "valid_but_refused",
        Verdict::Invalid => "invalid",
        Verdict::Unsigned => "unsigned",
        Verdict::Ambiguous => "ambiguous",
        Verdict::Undecidable => "undecidable",
        Verdict::Malformed => "malformed",
    }
}

/// What the verdict means for the money, and what to do. `None` where all is well, or nothing hangs on it.
pub(crate) fn meaning(verdict: Verdict, recognised: &str, lang: Lang) -> Option<String> {
    let word = match verdict {
        Verdict::Valid => return None,
        Verdict::ValidButRefused => "refused",
        other => verdict_word(other),
    };
    let what = match recognised {
        "payment_notice" | "native_callback" => "notice",
        "refund_notice" | "refund_content" => "refund",
        "order_request" => "request",
        "api_reply" => "reply",
        "pay_params_jsapi" | "pay_params_app" => "front",
        _ => "other",
    };
    let key = format!("meaning.{word}.{what}");
    lang.has(&key).then(|| lang.say(&key, &[]))
}

/// An answer about which nothing is known yet.
pub(crate) fn blank(verdict: Verdict, recognised: &str, format: &str, lang: Lang) -> VerifyView {
    VerifyView {
        verdict,
        meaning: meaning(verdict, recognised, lang),
        recognised: recognised.into(),
        format: format.into(),
        undone: Vec::new(),
        sign_type: None,
        presented: None,
        expected: None,
        string_to_sign: None,
        fields: Vec::new(),
        key: None,
        keys_tried: 0,
        merchant: None,
        causes: Vec::new(),
        mistakes: Vec::new(),
        reproduction: None,
        difference: None,
        other_reading: Vec::new(),
        search: None,
        findings: Vec::new(),
        checks: Vec::new(),
        recorded: false,
    }
}

/// What cannot be read.
pub(crate) fn unreadable(
    id: &str,
    field: Option<String>,
    message: String,
    format: &str,
    lang: Lang,
) -> VerifyView {
    VerifyView {
        findings: vec![Finding { id: id.into(), field, severity: "refused".into(), message }],
        ..blank(Verdict::Malformed, Recognised::Other.as_str(), format, lang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Lang; 2] = [Lang::ZhCn, Lang::En];

    #[test]
    fn every_cause_and_its_fix_have_words_in_both_languages() {
        for lang in BOTH {
            for listed in causes(lang) {
                for text in [&listed.message, &listed.fix] {
                    assert!(!text.starts_with("cause.") && !text.contains('{'), "{}: {text}", listed.id);
                }
            }
        }
        assert_eq!(causes(Lang::En).len(), Cause::ALL.len());
    }

    #[test]
    fn every_finding_has_words_in_both_languages() {
        for lang in BOTH {
            for id in doctor::findings::ALL {
                assert!(lang.has(&format!("finding.{id}")), "finding.{id} in {lang:?}");
            }
        }
    }

    #[test]
    fn every_mistake_of_a_program_has_words_in_both_languages() {
        for lang in BOTH {
            for id in doctor::code::ALL {
                assert!(lang.has(&format!("mistake.{id}")), "mistake.{id} in {lang:?}");
            }
        }
    }

    /// A sentence with an empty place in it.
    fn has_a_hole(text: &str) -> bool {
        let holes = ["  ", "( ", " )", "()", "（）", "写 分", ": )", "实为 ", "said "];
        holes.iter().any(|hole| text.contains(hole)) || text.ends_with([' ', ':', '：', ','])
    }

    #[test]
    fn a_check_of_what_is_not_said_has_no_hole_in_it() {
        for lang in BOTH {
            for id in super::super::checks::PAYMENT_CHECKS {
                // What differs from what is ours and was seen before is said with what it says.
                let unknown = check(id, None, "", "", lang).message;
                assert!(!has_a_hole(&unknown), "{unknown}");
                if id != "first_seen" && id != "order_known" {
                    let differs = check(id, Some(false), "1", "", lang).message;
                    assert!(!has_a_hole(&differs), "{differs}");
                }
            }
            let amount = check("amount", None, "", "100", lang).message;
            assert!(amount.contains("100"), "{amount}");
        }
    }

    #[test]
    fn a_cause_says_what_it_is_about() {
        let say = |cause, params: &[(&'static str, &str)], lang| {
            let params = params.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            super::cause(&Proven { cause, params }, 0, Vec::new(), lang).message
        };
        let other = [("merchant", "bakery"), ("kind", "api_v3")];
        assert_eq!(say(Cause::OtherKey, &other, Lang::En), "another key signed it: bakery · API v3 key");
        assert!(say(Cause::OtherKey, &other, Lang::ZhCn).contains("bakery"));
        let blank = [("written", "line feed behind")];
        assert!(say(Cause::KeyWhitespace, &blank, Lang::En).ends_with("(as: line feed behind)"));
        assert!(say(Cause::KeyWhitespace, &blank, Lang::ZhCn).contains("后面多了换行"));
        // What a stranger wrote is filled in as it is.
        let names = [("from", "{to}"), ("to", "{from}")];
        assert!(say(Cause::NamesWrong, &names, Lang::En).contains("{to} was signed as {from}"));
        assert_eq!(slug("&key= missing"), "and_key_equals_missing");
    }
}

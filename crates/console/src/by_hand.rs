//! Signing and decrypting by hand.

use crate::args::{Looking, Signing};
use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::look::{Masks, field, finding, sealed_field, with};
use crate::notices::sign_type;
use crate::view::{DecryptView, FieldView, Finding, SignView};
use crate::words::{Lang, Words};
use doctor::read::read;
use doctor::{Format, Reading, Special, Undone, Unreadable};
use wxpay::ambiguity::{Ambiguity, second_readings};
use wxpay::notice::inspect::{Recognised, signed_set};
use wxpay::sign;
use wxpay::xml::{self, Refusal, RefusalKind};
use wxpay::{ApiKey, Fields, FieldsError, SignType};

impl Console {
    /// Signs fields given in any format that is read; a `sign` in them is replaced. Of a program only what stands there
    /// literally is known, which the findings say.
    ///
    /// # Errors
    /// `malformed_xml`, `unreadable_input`; `key_missing`, `keychain_*`.
    pub fn sign(&self, bytes: &[u8], signing: &Signing, lang: Lang) -> Result<SignView> {
        // A key in it was taken out: a pasted string to sign ends with it, and it is no field.
        let mut reading = read(bytes).map_err(unread)?;
        // Signed as UTF-8 it would say what nobody's bytes say.
        if reading.undone.contains(&Undone::Gbk) {
            let at = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
            return Err(malformed(&Refusal { kind: RefusalKind::NotUtf8, at }));
        }
        let (key, own) = self.signing_key(signing)?;
        let recognised = Recognised::of(&reading.fields);
        let signature_of = if recognised == Recognised::PayParamsJsapi { "paySign" } else { "sign" };
        let signed_before = reading.fields.text(signature_of).is_some();
        reading.fields.remove("sign");
        reading.fields.remove(signature_of);
        let fields = &reading.fields;
        // A program that has no value in it.
        if fields.is_empty() && !reading.expressions.is_empty() {
            return Err(unread(Unreadable::Nothing));
        }
        let named =
            ["sign_type", "signType"].into_iter().find_map(|name| SignType::from_wire(fields.text(name)?));
        let kind = match signing.hmac_sha256 {
            Some(true) => SignType::HmacSha256,
            Some(false) => SignType::Md5,
            None => named.unwrap_or(own),
        };
        let (set, _) = signed_set(fields, recognised);
        let mut view = SignView {
            sign_type: kind.to_string(),
            signature: sign::sign(&set, &key, kind).to_string(),
            string_to_sign: sign::masked_string(&set),
            xml: String::new(),
            format: reading.format.as_str().into(),
            fields: fields_of(&reading, recognised),
            findings: Vec::new(),
        };
        let mut masks = Masks::of(key.expose(), bytes);
        let string = matches!(reading.format, Format::Query | Format::Lines) && !signed_before;
        masks.learn_fields(&view.fields, string);
        view.findings = noted(&reading, recognised, &masks, lang);
        view.findings.extend(doubtful(&set, &reading, recognised, lang));
        if let Some(named) = named.filter(|named| *named != kind) {
            let params = [("named", named.to_string()), ("signed", kind.to_string())];
            view.findings.push(with("signed_other_digest", Some("sign_type"), true, &params, lang));
        }
        if reading.format != Format::Code
            && let Some(name) = crate::look::other_value(fields, bytes)
        {
            view.findings.push(finding("signed_one_of_several", Some(&name), true, lang));
        }
        masks.learn_likely(&view.fields);
        view.xml = document(fields, signature_of, &view.signature, &masks)?;
        masks.cover_signed(&mut view);
        Ok(view)
    }

    /// The key to sign with, and its merchant's digest.
    fn signing_key(&self, signing: &Signing) -> Result<(ApiKey, SignType)> {
        if let Some(key) = &signing.key_once {
            crate::look::check_once(key)?;
            return Ok((ApiKey::new(key.clone()), SignType::Md5));
        }
        let merchant = self.pick(signing.merchant.as_deref())?;
        Ok((self.api_key(&merchant)?, sign_type(&merchant)))
    }

    /// Opens a refund notice's `req_info`, given as the whole notice or as the bare text.
    ///
    /// # Errors
    /// `cannot_decrypt` if no key at hand opens it; `keychain_*`.
    pub fn decrypt(&self, bytes: &[u8], looking: &Looking) -> Result<DecryptView> {
        let text = std::str::from_utf8(bytes).map_err(|_| {
            ConsoleError::new(Code::UnreadableInput).saying("detail", Words::new("finding.not_utf8"))
        })?;
        // No key is to blame for what is not there.
        if text.trim_start_matches('\u{FEFF}').trim().is_empty() {
            return Err(
                ConsoleError::new(Code::UnreadableInput).saying("detail", Words::new("finding.empty"))
            );
        }
        let (req_info, mch_id) =
            if text.trim_start().starts_with(['<', '\u{FEFF}']) || text.contains("req_info") {
                let fields = read(bytes).map_err(unread)?.fields;
                let req_info = fields.text("req_info").map(ToOwned::to_owned);
                let missing = || {
                    ConsoleError::new(Code::UnreadableInput)
                        .saying("detail", Words::new("detail.refund_notice.no_req_info"))
                };
                (req_info.ok_or_else(missing)?, fields.text("mch_id").map(ToOwned::to_owned))
            } else {
                (text.trim().to_owned(), None)
            };
        let ring = self.keyring(looking)?;
        let mut why = None;
        for candidate in ring.openers(mch_id.as_deref()) {
            match wxpay::refund_notice::decrypt(&req_info, &candidate.key.refund_notice_key()) {
                Ok(plain) => match inside(&plain) {
                    Ok(fields) => {
                        return Ok(DecryptView {
                            xml: String::from_utf8_lossy(&plain).into_owned(),
                            fields: fields.iter().map(|(name, value)| sealed_field(name, value)).collect(),
                            key: candidate.used.clone(),
                        });
                    }
                    // It is text, so this is the key; once in 256 times another one seems to open it.
                    Err(refusal) if std::str::from_utf8(&plain).is_ok() => {
                        let label = &candidate.used.label;
                        let why = Words::new("detail.refund_notice.opens_but")
                            .with("key", label)
                            .saying("why", &refusal);
                        return Err(ConsoleError::new(Code::CheckFailed).saying("detail", why));
                    }
                    Err(refusal) => why = why.or(Some(Words::from(&refusal))),
                },
                Err(error) => why = why.or(Some(Words::from(&error))),
            }
        }
        if let Some(trouble) = ring.trouble {
            return Err(trouble);
        }
        Err(ConsoleError::new(Code::CannotDecrypt)
            .saying("detail", why.unwrap_or_else(|| Words::new("detail.refund_notice.no_key"))))
    }
}

/// The document with its signature, every key masked.
fn document(fields: &Fields<'_>, name: &str, signature: &str, masks: &Masks<'_>) -> Result<String> {
    let unwritten = |error: FieldsError| ConsoleError::new(Code::UnreadableInput).saying("detail", &error);
    let mut shown = Fields::new();
    for (name, value) in fields.iter() {
        let mut value = value.to_owned();
        masks.field(name, &mut value);
        shown.add(name.to_owned(), value).map_err(unwritten)?;
    }
    shown.add(name.to_owned(), signature.to_owned()).map_err(unwritten)?;
    Ok(xml::write(&shown))
}

/// Its fields, and what a program computes.
fn fields_of(reading: &Reading, recognised: Recognised) -> Vec<FieldView> {
    let literal = reading.fields.iter().map(|(name, value)| field(name, value, recognised));
    let computed = reading.expressions.iter().map(|(name, value)| FieldView {
        name: name.clone(),
        value: value.clone(),
        included: false,
        reason: Some("expression".into()),
    });
    literal.chain(computed).collect()
}

/// What has to be said beside a signature that nobody may take for more than it is.
fn noted(reading: &Reading, recognised: Recognised, masks: &Masks<'_>, lang: Lang) -> Vec<Finding> {
    let mut noted = Vec::new();
    if reading.format == Format::Code || !reading.expressions.is_empty() {
        let signed = reading.fields.iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name);
        // What the signature is, is what is asked for.
        let names = reading.expressions.iter().map(|(name, _)| name.as_str());
        let unknown: Vec<&str> = names.filter(|name| !["sign", "paySign"].contains(name)).collect();
        let id = if unknown.is_empty() { "signed_literals" } else { "signed_without" };
        let params = [("signed", signed.collect::<Vec<_>>().join(", ")), ("unknown", unknown.join(", "))];
        noted.push(with(id, None, false, &params, lang));
    }
    if reading.special == Some(Special::Jssdk) {
        noted.push(finding("signed_not_as_wx_config", None, false, lang));
    }
    if recognised == Recognised::PayParamsJsapi && reading.fields.text("appId").is_none() {
        noted.push(finding("signed_without_app_id", Some("appId"), false, lang));
    }
    if reading.key_pasted {
        noted.push(finding("key_in_message", Some("key"), false, lang));
    }
    for (name, value) in reading.fields.iter() {
        let mut shown = value.to_owned();
        masks.field(name, &mut shown);
        if shown != value {
            noted.push(finding("signed_a_secret", Some(name), true, lang));
        }
    }
    noted
}

/// Whether what was signed can be read as another document.
fn doubtful(set: &Fields<'_>, reading: &Reading, recognised: Recognised, lang: Lang) -> Option<Finding> {
    let found = second_readings(set, recognised.message_kind(set));
    match crate::look::weighed(found, set, doctor::findings::message_of(reading, recognised)) {
        Ambiguity::None => None,
        Ambiguity::Harmless { field } => Some(finding("ambiguous_value", Some(&field), false, lang)),
        Ambiguity::Dangerous { field, .. } => Some(finding("ambiguous", Some(&field), true, lang)),
    }
}

/// The fields that were sealed. WeChat's root is `root`; other implementations are known to send `xml`.
fn inside(plain: &[u8]) -> std::result::Result<wxpay::Fields<'_>, Refusal> {
    xml::read_root(plain, "root").or_else(|refusal| xml::read(plain).map_err(|_| refusal))
}

/// What cannot be read. Signed with one of two values of a name, it would say what nobody meant.
fn unread(unread: Unreadable) -> ConsoleError {
    let detail = match unread {
        Unreadable::Refused(refusal) => return malformed(&refusal),
        Unreadable::Twice { mut name, .. } => {
            Masks::default().mask_name(&mut name);
            Words::new("detail.fields.duplicate").with("name", name)
        }
        Unreadable::Nothing => Words::new("finding.nothing_in_it"),
    };
    ConsoleError::new(Code::UnreadableInput).saying("detail", detail)
}

fn malformed(refusal: &Refusal) -> ConsoleError {
    ConsoleError::new(Code::MalformedXml)
        .with("refusal", refusal.kind)
        .with("at", refusal.at)
        .saying("detail", refusal)
}

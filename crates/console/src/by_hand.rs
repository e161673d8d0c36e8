//! Signing and decrypting by hand.

use crate::args::{Looking, Signing};
use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::look::plain_field;
use crate::notices::sign_type;
use crate::view::{DecryptView, SignView};
use crate::words::Words;
use doctor::read::read;
use doctor::{Undone, Unreadable};
use wxpay::sign;
use wxpay::xml::{self, Refusal, RefusalKind};
use wxpay::{ApiKey, SignType};

impl Console {
    /// Signs fields given as XML, JSON or a query string; a `sign` in them is replaced.
    ///
    /// # Errors
    /// `malformed_xml`, `unreadable_input`; `key_missing`, `keychain_*`.
    pub fn sign(&self, bytes: &[u8], signing: &Signing) -> Result<SignView> {
        // A key in it was taken out: a pasted string to sign ends with it, and it is no field.
        let reading = read(bytes).map_err(unread)?;
        // Signed as UTF-8 it would say what nobody's bytes say.
        if reading.undone.contains(&Undone::Gbk) {
            let at = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
            return Err(malformed(&Refusal { kind: RefusalKind::NotUtf8, at }));
        }
        let mut fields = reading.fields;
        fields.remove("sign");
        if let Some(key) = &signing.key_once {
            crate::look::check_once(key)?;
        }
        let (key, own) = match &signing.key_once {
            Some(key) => (ApiKey::new(key.clone()), SignType::Md5),
            None => {
                let merchant = self.pick(signing.merchant.as_deref())?;
                (self.api_key(&merchant)?, sign_type(&merchant))
            }
        };
        let named =
            ["sign_type", "signType"].into_iter().find_map(|name| SignType::from_wire(fields.text(name)?));
        let kind = match signing.hmac_sha256 {
            Some(true) => SignType::HmacSha256,
            Some(false) => SignType::Md5,
            None => named.unwrap_or(own),
        };
        let signature = sign::sign(&fields, &key, kind).to_string();
        let string_to_sign = sign::masked_string(&fields);
        fields
            .add("sign", signature.clone())
            .map_err(|error| ConsoleError::new(Code::UnreadableInput).saying("detail", &error))?;
        Ok(SignView { sign_type: kind.to_string(), signature, string_to_sign, xml: xml::write(&fields) })
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
                            fields: fields.iter().map(|(name, value)| plain_field(name, value)).collect(),
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

/// The fields that were sealed. WeChat's root is `root`; other implementations are known to send `xml`.
fn inside(plain: &[u8]) -> std::result::Result<wxpay::Fields<'_>, Refusal> {
    xml::read_root(plain, "root").or_else(|refusal| xml::read(plain).map_err(|_| refusal))
}

/// What cannot be read. Signed with one of two values of a name, it would say what nobody meant.
fn unread(unread: Unreadable) -> ConsoleError {
    let detail = match unread {
        Unreadable::Refused(refusal) => return malformed(&refusal),
        Unreadable::Twice { name, .. } => Words::new("detail.fields.duplicate").with("name", name),
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

//! Looking at something pasted: is its signature right, and is it the message we wait for? No key ever leaves
//! this room, and no string to sign unmasked.

use crate::args::Looking;
use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::merchants::{self, Merchant};
use crate::notices::sign_type;
use crate::pasted::Pasted;
use crate::view::{CheckView, FieldView, Finding, KeyUsed, Verdict, VerifyView};
use crate::words::{Lang, Words};
use domain::{OutRefundNo, OutTradeNo, Secret};
use wxpay::ambiguity::Ambiguity;
use wxpay::notice::inspect::{self, Inspection, Recognised};
use wxpay::notice::{CheckId, Expected, check_fields};
use wxpay::refund_notice::{RefundNotice, RefundNoticeError};
use wxpay::sign::Expect;
use wxpay::xml::RefusalKind;
use wxpay::{ApiKey, Fields, SignType};

/// A key that is tried, and whose it is.
pub(crate) struct Candidate {
    merchant: Option<Merchant>,
    pub(crate) used: KeyUsed,
    pub(crate) key: ApiKey,
    expect: Expect,
}

/// Whether a refund notice was refused for what it holds, so that the key did open it. Bytes that are no text are
/// what another key makes of it once in 256 times.
fn opens(error: &RefundNoticeError) -> bool {
    match error {
        RefundNoticeError::Xml(refusal) => refusal.kind != RefusalKind::NotUtf8,
        RefundNoticeError::Field(_) => true,
        _ => false,
    }
}

fn fits(seen: &Inspection) -> bool {
    use inspect::Verdict as V;
    matches!(seen.verdict, V::Valid | V::ValidButRefused | V::Ambiguous)
}

/// A key that cannot be one says nothing about a message: better refused than a false "not valid". Its length is
/// free, because published examples are signed with all kinds.
pub(crate) fn check_once(key: &Secret<String>) -> Result<()> {
    let text = key.expose();
    if text.is_empty() {
        return Err(ConsoleError::new(Code::KeyMalformed)
            .with("kind", "key")
            .saying("detail", Words::new("detail.key.empty")));
    }
    match text.bytes().position(|byte| !byte.is_ascii_graphic()) {
        Some(at) => Err(ConsoleError::new(Code::KeyMalformed)
            .with("kind", "key")
            .saying("detail", Words::new("detail.key.not_plain").with("at", at))),
        None => Ok(()),
    }
}

fn once(key: &Secret<String>, hmac: Option<bool>) -> Candidate {
    let expect = match hmac {
        Some(true) => Expect::Exactly(SignType::HmacSha256),
        Some(false) => Expect::Exactly(SignType::Md5),
        None => Expect::ByLength,
    };
    // Given once, forgotten at once: it gets no fingerprint, which would be a trace.
    let used = KeyUsed { label: "given".into(), fingerprint: None };
    Candidate { merchant: None, used, key: ApiKey::new(key.clone()), expect }
}

impl Console {
    /// The keys to try, best guess first: the built-in merchant's, then those of stored merchants whose number
    /// is in the document, then the others. `Err` of the second part: some keys could not be had.
    pub(crate) fn candidates(
        &self,
        looking: &Looking,
        mch_id: Option<&str>,
    ) -> Result<(Vec<Candidate>, Option<ConsoleError>)> {
        if let Some(key) = &looking.key_once {
            check_once(key)?;
            return Ok((vec![once(key, looking.hmac_sha256)], None));
        }
        let mut all = match &looking.merchant {
            Some(name) => vec![self.pick(Some(name))?],
            None => {
                let mut all = vec![Merchant::built_in()?];
                all.extend(merchants::load(&self.place)?);
                all
            }
        };
        all.sort_by_key(|merchant| Some(merchant.mch_id.as_str()) != mch_id);
        let mut candidates = Vec::new();
        let mut trouble = None;
        for merchant in all {
            let expect = match looking.hmac_sha256 {
                Some(true) => Expect::Exactly(SignType::HmacSha256),
                Some(false) => Expect::Exactly(SignType::Md5),
                None => Expect::Exactly(sign_type(&merchant)),
            };
            if merchant.is_built_in() {
                let used = KeyUsed { label: "simulated · api_v2".into(), fingerprint: Some("SIMU".into()) };
                let key = self.api_key(&merchant)?;
                candidates.push(Candidate { merchant: Some(merchant), used, key, expect });
                continue;
            }
            match self.vault.all_keys(&merchant.name) {
                Ok(keys) => {
                    for (info, key) in keys {
                        if matches!(info.kind, vault::KeyKind::ApiV3 | vault::KeyKind::AppSecret) {
                            continue;
                        }
                        let label = format!("{} · {}", merchant.name, info.kind.as_str());
                        let used = KeyUsed { label, fingerprint: Some(info.fingerprint) };
                        let merchant = Some(merchant.clone());
                        candidates.push(Candidate { merchant, used, key: ApiKey::new(key), expect });
                    }
                }
                Err(error) => trouble = Some(error.into()),
            }
        }
        Ok((candidates, trouble))
    }

    /// Says whether the signature of something pasted is right, over every key at hand, and how the message
    /// compares with what the ledger knows.
    ///
    /// # Errors
    /// `keychain_*` if no key at hand matches and others could not be had; `no_such_merchant`.
    pub fn verify(&self, bytes: &[u8], looking: &Looking, lang: Lang) -> Result<VerifyView> {
        let pasted = Pasted::read(bytes);
        let format = pasted.format();
        let mut fields = match pasted {
            Pasted::Unreadable(refusal) => {
                let message = lang.say(&format!("finding.{}", refusal.kind), &[("at", &refusal.at)]);
                let message = lang.say("finding.at_byte", &[("finding", &message), ("at", &refusal.at)]);
                return Ok(unreadable(refusal.kind.name(), None, message, format));
            }
            Pasted::Twice(name, _) => {
                let message = lang.say("finding.duplicate_named", &[("field", &name)]);
                let id = RefusalKind::DuplicateField.name();
                return Ok(unreadable(id, Some(name), message, format));
            }
            Pasted::Xml(fields) | Pasted::Root(fields) | Pasted::Json(fields) | Pasted::Query(fields) => {
                fields
            }
        };
        // No message has a field of that name, but many a string to sign ends with it. It goes no further.
        let key_pasted = fields.remove("key").is_some();
        let (candidates, trouble) = self.candidates(looking, fields.text("mch_id"))?;
        if Recognised::of(&fields) == Recognised::RefundNotice {
            return self.verify_refund_notice(bytes, &fields, &candidates, trouble, looking, lang);
        }
        let mut best: Option<(Inspection, Option<&Candidate>)> = None;
        let mut at_home = false;
        for candidate in &candidates {
            let seen = inspect::inspect_fields(&fields, Some(&candidate.key), candidate.expect);
            let fitting = fits(&seen);
            // Two merchants can have one key (a simulated one of one's own and the built-in one). The message
            // is that one's whose ledger knows the order.
            let known = fitting && self.knows(candidate, fields.text("out_trade_no"))?;
            let better = match &best {
                None => true,
                Some((before, _)) => (fitting && !fits(before)) || (known && !at_home),
            };
            if better {
                best = Some((seen, Some(candidate)));
                at_home = known;
            }
        }
        let (seen, candidate) =
            best.unwrap_or_else(|| (inspect::inspect_fields(&fields, None, Expect::ByLength), None));
        if seen.verdict == inspect::Verdict::Invalid
            && let Some(trouble) = trouble
        {
            return Err(trouble);
        }
        let merchant = self.merchant_of(candidate, &fields)?;
        let mut findings = findings(&seen, lang);
        if key_pasted {
            findings.push(finding("key_in_message", Some("key"), false, lang));
        }
        if let Some(candidate) = candidate {
            downgrade(&seen, candidate, &mut findings, lang);
        }
        let signed = matches!(seen.verdict, inspect::Verdict::Valid);
        let checks = match merchant.as_ref().filter(|_| seen.recognised == Recognised::PaymentNotice) {
            Some(merchant) => self.payment_checks(merchant, &fields, lang)?,
            None if seen.recognised == Recognised::PaymentNotice => nothing_known(&PAYMENT_CHECKS, lang),
            None => Vec::new(),
        };
        let mut recorded = false;
        if looking.record {
            recorded = self.record_valid(signed, &seen, merchant.as_ref(), candidate, bytes)?;
        }
        Ok(VerifyView {
            verdict: verdict(seen.verdict),
            recognised: seen.recognised.as_str().into(),
            format: format.into(),
            sign_type: seen.sign_type.map(|kind| kind.to_string()),
            presented: seen.presented.clone(),
            expected: seen.expected.clone(),
            string_to_sign: Some(seen.string_to_sign.clone()),
            fields: seen.fields.iter().map(field).collect(),
            key: candidate.map(|candidate| candidate.used.clone()),
            causes: Vec::new(),
            findings,
            checks,
            recorded,
        })
    }

    /// Whether the candidate's ledger has this order.
    fn knows(&self, candidate: &Candidate, out_trade_no: Option<&str>) -> Result<bool> {
        let number = out_trade_no.and_then(|number| OutTradeNo::parse(number).ok());
        let (Some(merchant), Some(number)) = (&candidate.merchant, number) else { return Ok(false) };
        if !self.place.ledger(merchant.environment).exists() {
            return Ok(false);
        }
        Ok(self.ledger_to_read(merchant.environment)?.payment(&merchant.name, &number)?.is_some())
    }

    fn record_valid(
        &self,
        signed: bool,
        seen: &Inspection,
        merchant: Option<&Merchant>,
        candidate: Option<&Candidate>,
        bytes: &[u8],
    ) -> Result<bool> {
        let not =
            |why: &'static str| Err(ConsoleError::new(Code::CheckFailed).saying("detail", Words::new(why)));
        if !signed || seen.recognised != Recognised::PaymentNotice {
            return not("detail.record.only_valid");
        }
        match (merchant, candidate) {
            // A key given once proves nothing about whose ledger it belongs in.
            (Some(merchant), Some(candidate)) if candidate.merchant.is_some() => {
                self.record_pasted(merchant, &candidate.key, bytes)?;
                Ok(true)
            }
            _ => not("detail.record.no_key"),
        }
    }

    /// Whose message it is: that of the key, or, for a key given once, that of the number in the document.
    fn merchant_of(&self, candidate: Option<&Candidate>, fields: &Fields<'_>) -> Result<Option<Merchant>> {
        if let Some(merchant) = candidate.and_then(|candidate| candidate.merchant.clone()) {
            return Ok(Some(merchant));
        }
        let Some(mch_id) = fields.text("mch_id") else { return Ok(None) };
        let built_in = Merchant::built_in()?;
        if built_in.mch_id.as_str() == mch_id {
            return Ok(Some(built_in));
        }
        Ok(merchants::load(&self.place)?.into_iter().find(|merchant| merchant.mch_id.as_str() == mch_id))
    }

    /// Compares a payment notice with the ledger. A ledger that was never made knows no order.
    fn payment_checks(&self, merchant: &Merchant, fields: &Fields<'_>, lang: Lang) -> Result<Vec<CheckView>> {
        let number = fields.text("out_trade_no").and_then(|number| OutTradeNo::parse(number).ok());
        let (mut payment, mut seen_before) = (None, None);
        if self.place.ledger(merchant.environment).exists()
            && let Some(number) = &number
        {
            let ledger = self.ledger_to_read(merchant.environment)?;
            payment = ledger.payment(&merchant.name, number)?.filter(|payment| !payment.unasked);
            let evidences = ledger.evidences(&merchant.name, number)?;
            seen_before = evidences
                .iter()
                .find(|evidence| evidence.source == domain::evidence::Source::Notice)
                .map(|e| e.first_seen);
        }
        let mut checks = vec![check("order_known", Some(payment.is_some()), "", "", lang)];
        let expected = payment.as_ref().map(|payment| Expected {
            mch_id: merchant.mch_id.clone(),
            appid: payment.appid.clone().unwrap_or_else(|| merchant.appid.clone()),
            out_trade_no: payment.out_trade_no.clone(),
            total: payment.total.unwrap_or(domain::Fen::ZERO),
            currency: payment.currency.clone().unwrap_or_else(|| "CNY".into()),
        });
        match &expected {
            Some(expected) => {
                for found in check_fields(fields, expected) {
                    if found.id != CheckId::OutTradeNo {
                        checks.push(check(
                            found.id.as_str(),
                            Some(found.ok),
                            &found.expected,
                            &found.said,
                            lang,
                        ));
                    }
                }
            }
            None => {
                let said = |name: &str| fields.text(name).unwrap_or("");
                checks.push(check("amount", None, "", said("total_fee"), lang));
                for (name, own) in [("mch_id", merchant.mch_id.as_str()), ("appid", merchant.appid.as_str())]
                {
                    checks.push(check(name, Some(said(name) == own), own, said(name), lang));
                }
                checks.push(check("currency", None, "", said("fee_type"), lang));
            }
        }
        let first = seen_before.map(crate::view::moment).unwrap_or_default();
        checks.push(check("first_seen", Some(seen_before.is_none()), "", &first, lang));
        checks.sort_by_key(|check| PAYMENT_CHECKS.iter().position(|id| *id == check.id));
        Ok(checks)
    }

    fn verify_refund_notice(
        &self,
        bytes: &[u8],
        fields: &Fields<'_>,
        candidates: &[Candidate],
        trouble: Option<ConsoleError>,
        looking: &Looking,
        lang: Lang,
    ) -> Result<VerifyView> {
        let mut opened: Option<(RefundNotice, &Candidate)> = None;
        let mut why = None;
        let mut unlocked: Option<(RefundNoticeError, &Candidate)> = None;
        for candidate in candidates {
            match RefundNotice::open(bytes, &candidate.key) {
                Ok(notice) => {
                    if opened.is_none() || self.knows(candidate, Some(notice.out_trade_no.as_str()))? {
                        opened = Some((notice, candidate));
                    }
                }
                Err(error) if opens(&error) => unlocked = unlocked.or(Some((error, candidate))),
                Err(error) => why = why.or(Some(error)),
            }
        }
        if opened.is_none()
            && unlocked.is_none()
            && let Some(trouble) = trouble
        {
            return Err(trouble);
        }
        let mut view = VerifyView {
            verdict: if candidates.is_empty() { Verdict::Undecidable } else { Verdict::Invalid },
            recognised: Recognised::RefundNotice.as_str().into(),
            format: "xml".into(),
            sign_type: None,
            presented: None,
            expected: None,
            string_to_sign: None,
            fields: fields.iter().map(|(name, value)| plain_field(name, value)).collect(),
            key: None,
            causes: Vec::new(),
            findings: Vec::new(),
            checks: Vec::new(),
            recorded: false,
        };
        if let (None, Some((error, candidate))) = (&opened, &unlocked) {
            // The key is right and what it guards is not: a document that nobody may believe.
            view.verdict = Verdict::ValidButRefused;
            view.key = Some(candidate.used.clone());
            let why = lang.tell(&Words::from(error));
            let message =
                lang.say(&format!("finding.{}", error.code()), &[("field", &"req_info"), ("why", &why)]);
            view.findings.push(Finding { message, ..finding(error.code(), Some("req_info"), true, lang) });
            return Ok(view);
        }
        let Some((notice, candidate)) = opened else {
            let id = why.as_ref().map_or("refund_no_key", RefundNoticeError::code);
            view.findings.push(finding(id, Some("req_info"), true, lang));
            return Ok(view);
        };
        // It has no signature: that it opens with the merchant's key is the proof.
        view.verdict = Verdict::Valid;
        view.key = Some(candidate.used.clone());
        view.fields.extend(notice.fields.iter().map(|(name, value)| plain_field(name, value)));
        if let Some(merchant) = self.merchant_of(Some(candidate), fields)? {
            view.checks = self.refund_checks(&merchant, &notice, lang)?;
            if looking.record && candidate.merchant.is_some() {
                self.record_pasted(&merchant, &candidate.key, bytes)?;
                view.recorded = true;
            }
        } else {
            view.checks = nothing_known(&PAYMENT_CHECKS, lang);
        }
        Ok(view)
    }

    fn refund_checks(
        &self,
        merchant: &Merchant,
        notice: &RefundNotice,
        lang: Lang,
    ) -> Result<Vec<CheckView>> {
        let mut request = None;
        let mut before = None;
        if self.place.ledger(merchant.environment).exists() {
            let ledger = self.ledger_to_read(merchant.environment)?;
            let number: &OutRefundNo = &notice.out_refund_no;
            let kind = domain::OperationKind::Refund;
            request = ledger.operation_by_number(&merchant.name, kind, number.as_str())?;
            let evidences = ledger.refund_evidences(&merchant.name, number)?;
            before = evidences
                .iter()
                .find(|evidence| evidence.source == domain::evidence::Source::Notice)
                .map(|e| e.first_seen);
        }
        let asked = request.as_ref().map(|request| request.amount);
        let said = notice.refund_fee;
        let amount = asked.map(|asked| asked == said);
        let first = before.map(crate::view::moment).unwrap_or_default();
        let fen = |fen: domain::Fen| fen.get().to_string();
        Ok(vec![
            check("order_known", Some(request.is_some()), "", "", lang),
            check("amount", amount, &asked.map(fen).unwrap_or_default(), &fen(said), lang),
            check(
                "mch_id",
                Some(notice.mch_id == merchant.mch_id),
                merchant.mch_id.as_str(),
                notice.mch_id.as_str(),
                lang,
            ),
            check(
                "appid",
                Some(notice.appid == merchant.appid),
                merchant.appid.as_str(),
                notice.appid.as_str(),
                lang,
            ),
            check("first_seen", Some(before.is_none()), "", &first, lang),
        ])
    }
}

const PAYMENT_CHECKS: [&str; 6] = ["order_known", "amount", "mch_id", "appid", "currency", "first_seen"];

fn check(id: &str, ok: Option<bool>, expected: &str, said: &str, lang: Lang) -> CheckView {
    let word = match ok {
        Some(true) => "ok",
        Some(false) => "no",
        None => "unknown",
    };
    let message = lang.say(&format!("check.{id}.{word}"), &[("expected", &expected), ("said", &said)]);
    CheckView { id: id.into(), ok, message }
}

fn nothing_known(ids: &[&str], lang: Lang) -> Vec<CheckView> {
    ids.iter().map(|id| check(id, None, "", "", lang)).collect()
}

fn finding(id: &str, field: Option<&str>, refused: bool, lang: Lang) -> Finding {
    Finding {
        id: id.into(),
        field: field.map(ToOwned::to_owned),
        severity: if refused { "refused" } else { "warning" }.into(),
        message: lang.say(&format!("finding.{id}"), &[("field", &field.unwrap_or(""))]),
    }
}

fn findings(seen: &Inspection, lang: Lang) -> Vec<Finding> {
    let mut all: Vec<_> =
        seen.findings.iter().map(|found| finding(found.id, Some(found.field), found.refused, lang)).collect();
    match &seen.ambiguity {
        Ambiguity::None => {}
        Ambiguity::Harmless { field } => all.push(finding("ambiguous_value", Some(field), false, lang)),
        Ambiguity::Dangerous { field, .. } => all.push(finding("ambiguous", Some(field), true, lang)),
    }
    all
}

/// A digest of another kind than the merchant uses: a mix-up at best.
fn downgrade(seen: &Inspection, candidate: &Candidate, findings: &mut Vec<Finding>, lang: Lang) {
    let presented = seen.presented.as_deref().and_then(wxpay::Signature::parse);
    if let (Expect::Exactly(kind), Some(presented)) = (candidate.expect, presented)
        && presented.kind() != kind
    {
        let id = if presented.kind() == SignType::Md5 { "downgrade" } else { "other_sign_type" };
        findings.push(finding(id, Some("sign"), true, lang));
    }
}

fn field(seen: &inspect::SeenField) -> FieldView {
    FieldView {
        name: seen.name.clone(),
        value: seen.value.clone(),
        included: seen.left_out.is_none(),
        reason: seen.left_out.map(|reason| reason.as_str().to_owned()),
    }
}

pub(crate) fn plain_field(name: &str, value: &str) -> FieldView {
    FieldView { name: name.into(), value: value.into(), included: false, reason: Some("not_signed".into()) }
}

fn verdict(verdict: inspect::Verdict) -> Verdict {
    match verdict {
        inspect::Verdict::Valid => Verdict::Valid,
        inspect::Verdict::ValidButRefused => Verdict::ValidButRefused,
        inspect::Verdict::Invalid => Verdict::Invalid,
        inspect::Verdict::Unsigned => Verdict::Unsigned,
        inspect::Verdict::Ambiguous => Verdict::Ambiguous,
        inspect::Verdict::Undecidable => Verdict::Undecidable,
        inspect::Verdict::Malformed => Verdict::Malformed,
    }
}

fn unreadable(id: &str, field: Option<String>, message: String, format: &str) -> VerifyView {
    VerifyView {
        verdict: Verdict::Malformed,
        recognised: Recognised::Other.as_str().into(),
        format: format.into(),
        sign_type: None,
        presented: None,
        expected: None,
        string_to_sign: None,
        fields: Vec::new(),
        key: None,
        causes: Vec::new(),
        findings: vec![Finding { id: id.into(), field, severity: "refused".into(), message }],
        checks: Vec::new(),
        recorded: false,
    }
}

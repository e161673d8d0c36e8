//! Refund notices. They carry no signature: that one opens with the merchant's key is the proof.

use super::Judge;
use super::checks::PAYMENT_CHECKS;
use super::keys::{Candidate, Keyring};
use super::say::{blank, finding, nothing_known, plain_field, sealed_field, with};
use crate::error::Result;
use crate::view::{Finding, Verdict, VerifyView};
use crate::words::Words;
use doctor::{Format, Reading};
use domain::Fen;
use std::borrow::Cow;
use wxpay::notice::inspect::Recognised;
use wxpay::refund_notice::{RefundNotice, RefundNoticeError, open_fields};
use wxpay::xml::RefusalKind;

/// Whether a refund notice was refused for what it holds, so that the key did open it. Bytes that are no text are
/// what another key makes of it once in 256 times.
fn opens(error: &RefundNoticeError, req_info: Option<&str>, candidate: &Candidate) -> bool {
    match error {
        RefundNoticeError::NotSuccess { .. } => {
            req_info.is_some_and(|sealed| open_fields(sealed, &candidate.key).is_ok())
        }
        RefundNoticeError::Xml(refusal) => refusal.kind != RefusalKind::NotUtf8,
        RefundNoticeError::Field(_) => true,
        _ => false,
    }
}

/// An amount that is more than the one it is a part of. WeChat Pay sends none; one who joins the blocks of two notices,
/// each of which is sealed by itself, may.
fn too_much(notice: &RefundNotice) -> Option<(&'static str, &'static str)> {
    let RefundNotice { total_fee, settlement_total_fee, refund_fee, settlement_refund_fee, .. } = notice;
    let more =
        |part: Option<Fen>, whole: Option<Fen>| part.zip(whole).is_some_and(|(part, whole)| part > whole);
    [
        ("refund_fee", Some(*refund_fee), "total_fee", Some(*total_fee)),
        ("settlement_refund_fee", *settlement_refund_fee, "refund_fee", Some(*refund_fee)),
        ("settlement_total_fee", *settlement_total_fee, "total_fee", Some(*total_fee)),
    ]
    .into_iter()
    .find_map(|(name, part, most, whole)| more(part, whole).then_some((name, most)))
}

impl Judge<'_> {
    pub(super) fn of_refund_notice(
        &self,
        bytes: &[u8],
        reading: &Reading,
        ring: &Keyring,
    ) -> Result<VerifyView> {
        let (lang, fields) = (self.lang, &reading.fields);
        // What was undone to read it is undone for opening it too.
        let as_sent = reading.format == Format::Xml && reading.undone.is_empty();
        let notice: Cow<'_, [u8]> =
            if as_sent { bytes.into() } else { wxpay::xml::write(fields).into_bytes().into() };
        let candidates = ring.openers(fields.text("mch_id"));
        let mut opened: Option<(RefundNotice, &Candidate)> = None;
        let mut why = None;
        let mut unlocked: Option<(RefundNoticeError, &Candidate)> = None;
        for &candidate in &candidates {
            match RefundNotice::open(&notice, &candidate.key) {
                Ok(notice) => {
                    if opened.is_none() || self.knows(candidate, Some(notice.out_trade_no.as_str()))? {
                        opened = Some((notice, candidate));
                    }
                }
                Err(error) if opens(&error, fields.text("req_info"), candidate) => {
                    unlocked = unlocked.or(Some((error, candidate)));
                }
                Err(error) => why = why.or(Some(error)),
            }
        }
        if let (None, None, Some(trouble)) = (&opened, &unlocked, &ring.trouble) {
            return Err(trouble.clone());
        }
        let verdict = match (&opened, &unlocked) {
            (Some(_), _) => Verdict::Valid,
            // The key is right and what it guards is not: a document that nobody may believe.
            (None, Some(_)) => Verdict::ValidButRefused,
            (None, None) if candidates.is_empty() => Verdict::Undecidable,
            (None, None) => Verdict::Invalid,
        };
        let recognised = Recognised::RefundNotice.as_str();
        let mut view = blank(verdict, recognised, reading.format.as_str(), lang);
        view.keys_tried = u32::try_from(candidates.len()).unwrap_or(u32::MAX);
        view.fields = fields.iter().map(|(name, value)| plain_field(name, value)).collect();
        if let (None, Some((error, candidate))) = (&opened, &unlocked) {
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
        view.key = Some(candidate.used.clone());
        view.fields.extend(notice.fields.iter().map(|(name, value)| sealed_field(name, value)));
        if let Some((name, most)) = too_much(&notice) {
            view.findings.push(with("more_than_paid", Some(name), true, &[("most", most.into())], lang));
            view.verdict = Verdict::ValidButRefused;
            view.meaning = Some(lang.say("meaning.refused.refund", &[]));
            return Ok(view);
        }
        view.meaning = Some(lang.say("meaning.valid.refund", &[]));
        // Nothing is written down of what is taken back here.
        self.of_all(bytes, reading, Some(&notice.fields), &mut view);
        let Some(merchant) = self.merchant_of(Some(candidate), ring.named(fields), ring) else {
            view.checks = nothing_known(&PAYMENT_CHECKS, lang);
            return Ok(view);
        };
        view.merchant = Some(merchant.name.clone());
        view.checks = self.refund_checks(&merchant, &notice)?;
        if self.looking.record && candidate.merchant.is_some() && view.verdict == Verdict::Valid {
            self.console.record_pasted(&merchant, &candidate.key, bytes)?;
            view.recorded = true;
        }
        Ok(view)
    }
}

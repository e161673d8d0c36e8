//! Messages that carry a signature: the verdict, and what else is to be said of them.

use super::Judge;
use super::checks::PAYMENT_CHECKS;
use super::keys::{Candidate, Keyring, Named};
use super::readings::weighed;
use super::say::{blank, finding, meaning, nothing_known, noticed, with};
use crate::error::{Code, ConsoleError, Result};
use crate::merchants::Merchant;
use crate::view::{CheckView, FieldView, Finding, Verdict, VerifyView};
use crate::words::Words;
use doctor::findings as around;
use doctor::read::read;
use doctor::{KeyKind, Reading};
use std::borrow::Cow;
use std::sync::Arc;
use wxpay::ambiguity::{Ambiguity, harmless_reading, second_readings};
use wxpay::notice::inspect::{self, Recognised, left_out, signed_set};
use wxpay::sign::{Expect, masked_string, verify};
use wxpay::{Fields, SignType, Signature};

/// A signed message, read.
pub(super) struct Signed<'r> {
    pub(super) reading: &'r Reading,
    pub(super) recognised: Recognised,
    pub(super) named: Named<'r>,
    /// The document that was given beside it.
    pub(super) beside: Option<&'r Fields<'static>>,
    /// What it says itself about its digest.
    pub(super) says: Option<SignType>,
    pub(super) presented: Option<&'r str>,
}

/// A key that signs the message, and the fields that it signs.
struct Fit<'r, 'k> {
    candidate: &'k Candidate,
    /// The message with the appId that it is called without.
    fields: Cow<'r, Fields<'static>>,
}

impl<'r> Signed<'r> {
    fn new(reading: &'r Reading, ring: &Keyring, beside: Option<&'r Fields<'static>>) -> Self {
        let fields = &reading.fields;
        let recognised = Recognised::of(fields);
        let sign = match recognised {
            Recognised::PayParamsJsapi => fields.text("paySign").or_else(|| fields.text("sign")),
            _ => fields.text("sign"),
        };
        let named = match (ring.named(fields), beside) {
            (Named::Nobody | Named::Stranger, Some(order)) if !is_received(recognised) => ring.named(order),
            (named, _) => named,
        };
        Self { reading, recognised, named, beside, says: says(fields), presented: sign }
    }

    /// The message with each appId that it may have been signed with. All but calls of pages and mini programs have
    /// what they need; those are made without it, though it is signed.
    pub(super) fn completed(&self, merchants: &[Arc<Merchant>]) -> Vec<Cow<'r, Fields<'static>>> {
        let fields = &self.reading.fields;
        if !self.lacks_app_id() {
            return vec![Cow::Borrowed(fields)];
        }
        let mut all: Vec<&str> = self.app_id_beside().collect();
        // The built-in one is hardly meant where there are others.
        let (stored, built_in): (Vec<_>, Vec<_>) =
            merchants.iter().partition(|merchant| !merchant.is_built_in());
        for merchant in stored.into_iter().chain(built_in) {
            all.push(merchant.appid.as_str());
            all.extend(merchant.sub_appid.as_ref().map(domain::AppId::as_str));
        }
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|appid| seen.insert(*appid));
        let with = |appid: &str| {
            let mut fields = fields.clone();
            fields.add("appId", appid.to_owned()).ok().map(|()| Cow::Owned(fields))
        };
        all.into_iter().filter_map(with).collect()
    }

    /// Whether the appId that is signed is not there.
    pub(super) fn lacks_app_id(&self) -> bool {
        self.recognised == Recognised::PayParamsJsapi && self.reading.fields.text("appId").is_none()
    }

    /// The message with the appId that belongs to it: the other document's, else that of the merchant whose key signs.
    /// `None` where that is not known.
    pub(super) fn with_app_id_of(&self, merchant: Option<&Merchant>) -> Option<Cow<'r, Fields<'static>>> {
        if !self.lacks_app_id() {
            return Some(Cow::Borrowed(&self.reading.fields));
        }
        let own = merchant.map(|merchant| merchant.appid.as_str());
        let appid = self.app_id_beside().next().or(own)?;
        let mut fields = self.reading.fields.clone();
        fields.add("appId", appid.to_owned()).ok()?;
        Some(Cow::Owned(fields))
    }

    fn app_id_beside(&self) -> impl Iterator<Item = &'r str> {
        let names =
            |beside: &'r Fields<'static>| ["appId", "sub_appid", "appid"].map(|name| beside.text(name));
        self.beside.into_iter().flat_map(names).flatten()
    }

    /// The digest that the candidate's merchant may ask for here.
    pub(super) fn asked(&self, candidate: Option<&Candidate>, by_hand: Option<bool>) -> SignType {
        let presented = self.presented.and_then(Signature::parse).map(|sign| sign.kind());
        let own = match candidate.map(|candidate| candidate.expect) {
            Some(Expect::Exactly(kind)) => Some(kind),
            _ => None,
        };
        match (own, self.says) {
            (Some(own), _) if by_hand.is_some() => own,
            // What it says and carries, and its merchant does not use.
            (Some(own), Some(says)) if own != says && presented == Some(says) => own,
            (_, Some(says)) => says,
            (Some(own), None) => own,
            (None, None) => presented.unwrap_or(SignType::Md5),
        }
    }
}

/// Whether there is a signature of any kind.
pub(super) fn is_signed(fields: &Fields<'_>) -> bool {
    ["sign", "paySign", "signature", "req_info"].into_iter().any(|name| fields.text(name).is_some())
}

fn says(fields: &Fields<'_>) -> Option<SignType> {
    ["sign_type", "signType"].into_iter().find_map(|name| SignType::from_wire(fields.text(name)?))
}

/// Whether the candidate's key signs these fields, with the digest that is asked for: by hand, else by the message
/// itself.
pub(super) fn signs(
    candidate: &Candidate,
    fields: &Fields<'_>,
    recognised: Recognised,
    by_hand: Option<bool>,
) -> bool {
    if candidate.is_simulated_beside(fields) {
        return false;
    }
    let kind = if recognised == Recognised::PayParamsJsapi {
        let (set, complete) = signed_set(fields, recognised);
        if complete { verify(&set, &candidate.key, candidate.expect) } else { return false }
    } else {
        verify(fields, &candidate.key, candidate.expect)
    };
    // What is sent must be in capitals; of what was received only a stranger's copy is not.
    let presented = fields.text("paySign").or_else(|| fields.text("sign")).unwrap_or_default();
    let capitals = is_received(recognised) || !presented.bytes().any(|byte| byte.is_ascii_lowercase());
    kind.is_ok_and(|kind| capitals && (by_hand.is_some() || says(fields).is_none_or(|says| says == kind)))
}

impl Judge<'_> {
    pub(super) fn of_signed(&self, bytes: &[u8], reading: &Reading, ring: &Keyring) -> Result<VerifyView> {
        let lang = self.lang;
        let beside = self.looking.beside.as_deref().map(|bytes| read(bytes).map(|beside| beside.fields));
        let unread_beside = matches!(beside, Some(Err(_)));
        let beside = beside.and_then(std::result::Result::ok);
        let signed = Signed::new(reading, ring, beside.as_ref());
        let fit = self.fit(&signed, ring)?;
        let fields = fit.as_ref().map_or(&reading.fields, |fit| &*fit.fields);
        let (set, complete) = signed_set(fields, signed.recognised);
        let ambiguity = second_readings(&set, signed.recognised.message_kind(fields));
        let message = around::message_of(reading, signed.recognised);
        let ambiguity = weighed(ambiguity, &set, message);
        let owner = self.merchant_of(fit.as_ref().map(|fit| fit.candidate), signed.named, ring);
        let expected = ring.expected(signed.named);
        let asks = match fit.as_ref().map(|fit| fit.candidate).or(expected).map(|one| one.expect) {
            Some(Expect::Exactly(kind)) => Some(kind),
            _ => None,
        };
        let mut findings = self.findings(&signed, fit.is_some(), asks, &ambiguity);
        findings.extend(self.around(&signed, owner.as_deref()));
        findings.extend(self.other_order(&signed));
        let refused = fit.is_some() && is_refused(&findings);
        let judged = ring.all.iter().any(Candidate::signs);
        let verdict = match (&fit, signed.presented) {
            (_, None) => Verdict::Unsigned,
            (Some(_), _) if ambiguity.is_dangerous() => Verdict::Ambiguous,
            (Some(_), _) if refused => Verdict::ValidButRefused,
            (Some(_), _) => Verdict::Valid,
            (None, _) if !judged => Verdict::Undecidable,
            (None, _) if !complete && !self.may_complete(&signed, ring) => Verdict::Undecidable,
            (None, _) => Verdict::Invalid,
        };
        let mut view = blank(verdict, signed.recognised.as_str(), reading.format.as_str(), lang);
        if unread_beside {
            findings.push(finding("beside_unreadable", None, false, lang));
        }
        if let Some(fit) = &fit {
            view.key = Some(fit.candidate.used.clone());
            if fit.candidate.kind == KeyKind::Former {
                findings.push(finding("former_key", Some("sign"), false, lang));
            }
            if matches!(fit.fields, Cow::Owned(_)) {
                let appid = fit.fields.text("appId").unwrap_or_default().to_owned();
                findings.push(with("app_id_filled_in", Some("appId"), false, &[("appid", appid)], lang));
            }
        }
        view.keys_tried = u32::try_from(ring.all.len()).unwrap_or(u32::MAX);
        view.merchant = owner.as_ref().map(|merchant| merchant.name.clone());
        view.presented = signed.presented.map(ToOwned::to_owned);
        let by_length = signed.presented.and_then(Signature::parse).map(|sign| sign.kind());
        view.sign_type = by_length.or(signed.says).or(asks).map(|kind| kind.to_string());
        view.fields = fields.iter().map(|(name, value)| field(name, value, signed.recognised)).collect();
        view.other_reading = other_reading(&ambiguity, &set, signed.recognised);
        view.findings = findings;
        view.checks = self.checks_of(owner.as_deref(), &signed)?;
        if fit.is_some() {
            view.expected.clone_from(&view.presented);
        }
        // A call without its appId can still have been signed without it.
        let open = verdict == Verdict::Undecidable && judged && !complete;
        let mut right = None;
        if verdict == Verdict::Invalid || open {
            right = self.diagnose(&signed, ring, expected, &mut view)?;
            if open && !view.causes.is_empty() {
                view.verdict = Verdict::Invalid;
                view.meaning = meaning(view.verdict, signed.recognised.as_str(), lang);
            }
            // The keys of others cannot judge the message of a merchant who is not at hand.
            let stranger = signed.named == Named::Stranger && self.looking.key_once.is_none();
            let tried = view.search.as_ref().is_some_and(|search| search.tried > 0);
            if stranger && tried && view.causes.is_empty() {
                view.verdict = Verdict::Undecidable;
                view.meaning = meaning(view.verdict, signed.recognised.as_str(), lang);
            }
        }
        let own = fit.as_ref().map(|fit| fit.candidate).or(expected);
        let set = right.unwrap_or(set);
        view.string_to_sign = Some(masked_string(&set));
        self.compare(&masked_string(&set), own, ring, self.masks(bytes), &mut view);
        // Nothing is written down of what is taken back here.
        self.of_all(bytes, reading, None, &mut view);
        if self.looking.record {
            let candidate = fit.as_ref().map(|fit| fit.candidate);
            view.recorded = self.record_valid(&view, owner.as_deref(), candidate, bytes)?;
        }
        Ok(view)
    }

    /// Where a notice or an answer is not about the order that was given beside it.
    fn other_order(&self, signed: &Signed<'_>) -> Option<Finding> {
        let order = signed.beside.filter(|_| is_received(signed.recognised))?;
        let here = &signed.reading.fields;
        ["out_trade_no", "total_fee", "fee_type", "mch_id", "appid", "attach"].into_iter().find_map(|name| {
            let (ours, theirs) = (order.text(name)?, here.text(name)?);
            let params = [("here", theirs.to_owned()), ("there", ours.to_owned())];
            (ours != theirs).then(|| with("beside_differs", Some(name), true, &params, self.lang))
        })
    }

    /// The key that signs it, of those that may. Two merchants can have one key (a simulated one of one's own and
    /// the built-in one): the message is that one's whose ledger knows the order.
    fn fit<'r, 'k>(&self, signed: &Signed<'r>, ring: &'k Keyring) -> Result<Option<Fit<'r, 'k>>> {
        if signed.presented.is_none() {
            return Ok(None);
        }
        let completed = signed.completed(&ring.merchants);
        let fit = |candidate: &'k Candidate| -> Option<Fit<'r, 'k>> {
            let fields = completed
                .iter()
                .find(|fields| signs(candidate, fields, signed.recognised, self.looking.hmac_sha256))?;
            Some(Fit { candidate, fields: fields.clone() })
        };
        let mut fits: Vec<_> = ring.rightful(signed.named, signed.recognised).filter_map(fit).collect();
        let mut chosen = 0;
        if fits.len() > 1 {
            for (at, fit) in fits.iter().enumerate() {
                if self.knows(fit.candidate, fit.fields.text("out_trade_no"))? {
                    chosen = at;
                    break;
                }
            }
        }
        Ok((chosen < fits.len()).then(|| fits.swap_remove(chosen)))
    }

    /// Whether a call without its appId can still be judged: somebody's account is meant beyond doubt.
    pub(super) fn may_complete(&self, signed: &Signed<'_>, ring: &Keyring) -> bool {
        signed
            .beside
            .as_ref()
            .is_some_and(|beside| beside.text("appid").or_else(|| beside.text("appId")).is_some())
            || self.looking.merchant.is_some()
            || ring.merchants.iter().filter(|merchant| !merchant.is_built_in()).count() == 1
    }

    /// Whose message it is: that of the key; else that of the number or account in it.
    pub(super) fn merchant_of(
        &self,
        candidate: Option<&Candidate>,
        named: Named<'_>,
        ring: &Keyring,
    ) -> Option<Arc<Merchant>> {
        if let Some(merchant) = candidate.and_then(|candidate| candidate.merchant.as_ref()) {
            return Some(Arc::clone(merchant));
        }
        ring.merchants.iter().find(|merchant| named.is(merchant)).map(Arc::clone)
    }

    pub(super) fn checks_of(&self, owner: Option<&Merchant>, signed: &Signed<'_>) -> Result<Vec<CheckView>> {
        match owner {
            _ if signed.recognised != Recognised::PaymentNotice => Ok(Vec::new()),
            Some(merchant) => self.payment_checks(merchant, &signed.reading.fields),
            None => Ok(nothing_known(&PAYMENT_CHECKS, self.lang)),
        }
    }

    /// What no digest decides. WeChat Pay knows what it writes: of that only what endangers the reader is said.
    fn findings(
        &self,
        signed: &Signed<'_>,
        fits: bool,
        asks: Option<SignType>,
        ambiguity: &Ambiguity,
    ) -> Vec<Finding> {
        let lang = self.lang;
        let mut said: Vec<Finding> = if fits && is_received(signed.recognised) {
            let fields = &signed.reading.fields;
            let found = inspect::findings(fields, signed.recognised);
            let inspected = found.iter().map(|one| finding(one.id, Some(one.field), one.refused, lang));
            inspected.chain(around::of_received(fields).iter().map(|one| noticed(one, lang))).collect()
        } else {
            let found = doctor::findings::findings(signed.reading, signed.recognised, asks);
            // Second readings are weighed here over what is signed, which is not all of a front end's call.
            let found = found.iter().filter(|one| !matches!(one.id, "ambiguous" | "ambiguous_value"));
            found.map(|one| noticed(one, lang)).collect()
        };
        match ambiguity {
            Ambiguity::None => {}
            Ambiguity::Harmless { field } => said.push(finding("ambiguous_value", Some(field), false, lang)),
            Ambiguity::Dangerous { field, .. } => said.push(finding("ambiguous", Some(field), true, lang)),
        }
        if signed.reading.key_pasted {
            said.push(finding("key_in_message", Some("key"), false, lang));
        }
        said
    }

    /// What differs from the order and the merchant it belongs to. What WeChat Pay sends has checks of its own.
    fn around(&self, signed: &Signed<'_>, owner: Option<&Merchant>) -> Vec<Finding> {
        let mut found = Vec::new();
        if let Some(order) = signed.beside {
            found.extend(around::of_order(signed.reading, signed.recognised, order));
        }
        if let (Some(owner), false) = (owner, is_received(signed.recognised)) {
            let sub = owner.sub_appid.as_ref().map(domain::AppId::as_str);
            let accounts: Vec<&str> = std::iter::once(owner.appid.as_str()).chain(sub).collect();
            found.extend(around::of_merchant(signed.reading, owner.mch_id.as_str(), &accounts));
        }
        if let Some(key) = &self.looking.key_once {
            found.extend(around::of_key(key.expose()));
        }
        found.iter().map(|one| noticed(one, self.lang)).collect()
    }

    fn record_valid(
        &self,
        view: &VerifyView,
        merchant: Option<&Merchant>,
        candidate: Option<&Candidate>,
        bytes: &[u8],
    ) -> Result<bool> {
        let not =
            |why: &'static str| Err(ConsoleError::new(Code::CheckFailed).saying("detail", Words::new(why)));
        if view.verdict != Verdict::Valid || view.recognised != Recognised::PaymentNotice.as_str() {
            return not("detail.record.only_valid");
        }
        match (merchant, candidate) {
            // A key given once proves nothing about whose ledger it belongs in.
            (Some(merchant), Some(candidate)) if candidate.merchant.is_some() => {
                self.console.record_pasted(merchant, &candidate.key, bytes)?;
                Ok(true)
            }
            _ => not("detail.record.no_key"),
        }
    }
}

/// Whether WeChat Pay refuses it although it is signed well. What is a verdict of its own, or a mistake elsewhere, is
/// no refusal.
fn is_refused(findings: &[Finding]) -> bool {
    let aside = ["ambiguous", "downgrade", "other_sign_type", "key_in_client_code"];
    findings.iter().any(|one| one.severity == "refused" && !aside.contains(&one.id.as_str()))
}

/// Whether WeChat Pay sends such a message.
pub(super) fn is_received(recognised: Recognised) -> bool {
    matches!(
        recognised,
        Recognised::PaymentNotice
            | Recognised::ApiReply
            | Recognised::NativeCallback
            | Recognised::RefundContent
    )
}

pub(crate) fn field(name: &str, value: &str, recognised: Recognised) -> FieldView {
    let reason = left_out(name, value, recognised);
    FieldView {
        name: name.into(),
        value: value.into(),
        included: reason.is_none(),
        reason: reason.map(|reason| reason.as_str().to_owned()),
    }
}

/// The other document that one signature proves as well.
fn other_reading(ambiguity: &Ambiguity, set: &Fields<'_>, recognised: Recognised) -> Vec<FieldView> {
    let reading = match ambiguity {
        Ambiguity::None => None,
        Ambiguity::Harmless { .. } => harmless_reading(set),
        Ambiguity::Dangerous { reading, .. } => reading.clone(),
    };
    let fields = reading.iter().flat_map(|reading| reading.fields.iter());
    fields.map(|(name, value)| field(name, value, recognised)).collect()
}

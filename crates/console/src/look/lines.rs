//! Whole logs, one message a line. Nearly every line of one is a notice that is as it should be: those are looked at
//! without copying anything, and come to the same answer.

use super::Judge;
use super::checks::PAYMENT_CHECKS;
use super::keys::{Candidate, Keyring};
use super::mask::holds_a_key;
use super::say::nothing_known;
use super::signed::{is_received, signs};
use crate::error::Result;
use crate::view::{CheckView, KeyUsed, Verdict, VerifyView, is_contradiction};
use doctor::KeyKind;
use serde::ser::{Serialize, SerializeSeq, Serializer};
use std::borrow::Cow;
use wxpay::ambiguity::{Ambiguity, second_readings};
use wxpay::notice::inspect::{self, Recognised, left_out};
use wxpay::sign::masked_string;
use wxpay::{Fields, Signature};

/// What came of a line.
#[derive(serde::Serialize)]
#[serde(untagged)]
pub enum Looked<'b> {
    /// It is as it should be.
    Quick(Box<QuickView<'b>>),
    /// There is more to say.
    Full(Box<VerifyView>),
}

impl Looked<'_> {
    /// The verdict.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Quick(_) => Verdict::Valid,
            Self::Full(view) => view.verdict,
        }
    }

    /// As [`VerifyView::contradicted`].
    #[must_use]
    pub fn contradicted(&self) -> bool {
        match self {
            Self::Quick(view) => view.checks.iter().any(is_contradiction),
            Self::Full(view) => view.contradicted(),
        }
    }
}

/// A [`VerifyView`] that borrows. It is written as that is, field by field.
#[derive(serde::Serialize)]
pub struct QuickView<'b> {
    verdict: Verdict,
    meaning: Option<()>,
    recognised: &'static str,
    format: &'static str,
    undone: [(); 0],
    sign_type: Option<&'static str>,
    presented: String,
    expected: String,
    string_to_sign: String,
    fields: QuickFields<'b>,
    key: &'b KeyUsed,
    keys_tried: u32,
    merchant: Option<&'b str>,
    causes: [(); 0],
    mistakes: [(); 0],
    reproduction: Option<()>,
    difference: Option<()>,
    other_reading: [(); 0],
    search: Option<()>,
    findings: [(); 0],
    checks: Cow<'b, [CheckView]>,
    recorded: bool,
}

struct QuickFields<'b> {
    fields: Fields<'b>,
    recognised: Recognised,
}

impl Serialize for QuickFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Field<'f> {
            name: &'f str,
            value: &'f str,
            included: bool,
            reason: Option<&'static str>,
        }
        let mut list = serializer.serialize_seq(None)?;
        for (name, value) in self.fields.iter() {
            let reason = left_out(name, value, self.recognised).map(inspect::LeftOut::as_str);
            list.serialize_element(&Field { name, value, included: reason.is_none(), reason })?;
        }
        list.end()
    }
}

impl Judge<'_> {
    /// The verdict on one line, the same as that of [`look`](Self::look).
    ///
    /// # Errors
    /// Those.
    pub fn line<'b>(&'b self, line: &'b [u8]) -> Result<Looked<'b>> {
        match self.quick(line)? {
            Some(view) => Ok(Looked::Quick(Box::new(view))),
            None => self.look(line).map(|view| Looked::Full(Box::new(view))),
        }
    }

    /// `None` where there may be more to say than that all is well.
    fn quick<'b>(&'b self, line: &'b [u8]) -> Result<Option<QuickView<'b>>> {
        let key = self.looking.key_once.as_ref();
        let quoted = key.is_some_and(|key| doctor::findings::unquoted(key.expose()).is_some());
        if self.looking.record || self.looking.string.is_some() || quoted || !line.starts_with(b"<") {
            return Ok(None);
        }
        let Ok(fields) = wxpay::xml::read(line) else { return Ok(None) };
        let recognised = Recognised::of(&fields);
        let presented = fields.text("sign").unwrap_or_default();
        let Some(signature) = Signature::parse(presented) else { return Ok(None) };
        if !is_received(recognised) || fields.get("key").is_some() {
            return Ok(None);
        }
        let ring = self.ring()?;
        let fits = |one: &&Candidate| signs(one, &fields, recognised, self.looking.hmac_sha256);
        let named = ring.named(&fields);
        let Some(candidate) = ring.rightful(named, recognised).find(fits) else { return Ok(None) };
        let same = |one: &Candidate| one.key.expose() == candidate.key.expose();
        let alone = ring.all.iter().filter(|one| Keyring::belongs(one, named) && same(one)).count() == 1;
        let settled = alone
            && candidate.kind != KeyKind::Former
            && second_readings(&fields, recognised.message_kind(&fields)) == Ambiguity::None
            && inspect::findings(&fields, recognised).is_empty()
            && doctor::findings::of_received(&fields).is_empty()
            && !fields.iter().any(|(name, value)| holds_a_key(ring, name, value));
        if !settled {
            return Ok(None);
        }
        let owner = match &candidate.merchant {
            Some(merchant) => Some(&**merchant),
            None => ring.merchants.iter().find(|merchant| named.is(merchant)).map(|merchant| &**merchant),
        };
        let checks = match owner {
            _ if recognised != Recognised::PaymentNotice => Cow::Borrowed(&[][..]),
            Some(merchant) => Cow::Owned(self.payment_checks(merchant, &fields)?),
            None => {
                let unknown = || nothing_known(&PAYMENT_CHECKS, self.lang);
                Cow::Borrowed(&self.unknown.get_or_init(unknown)[..])
            }
        };
        Ok(Some(QuickView {
            verdict: Verdict::Valid,
            meaning: None,
            recognised: recognised.as_str(),
            format: doctor::Format::Xml.as_str(),
            undone: [],
            sign_type: Some(signature.kind().as_str()),
            presented: presented.to_owned(),
            expected: presented.to_owned(),
            string_to_sign: masked_string(&fields),
            key: &candidate.used,
            keys_tried: u32::try_from(ring.all.len()).unwrap_or(u32::MAX),
            merchant: owner.map(|merchant| merchant.name.as_str()),
            causes: [],
            mistakes: [],
            reproduction: None,
            difference: None,
            other_reading: [],
            search: None,
            findings: [],
            checks,
            recorded: false,
            fields: QuickFields { fields, recognised },
        }))
    }
}

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
use wxpay::ambiguity::{Ambiguity, second_readings};
use wxpay::notice::inspect::{self, Recognised, left_out};
use wxpay::sign::masked_string;
use wxpay::{Fields, SignType, Signature};

/// What came of a line.
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
            Self::Quick(view) => view.checks.list().iter().any(is_contradiction),
            Self::Full(view) => view.contradicted(),
        }
    }

    /// Writes it behind `out` as the JSON of a [`VerifyView`], in one line without an end.
    ///
    /// # Errors
    /// Never but for a fault of ours; what was written by then stays in `out`.
    pub fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        match self {
            Self::Quick(view) => view.write(out),
            Self::Full(view) => serde_json::to_writer(out, view),
        }
    }
}

/// A [`VerifyView`] that borrows, of what is as it should be. It is written as that is, field by field.
pub struct QuickView<'b> {
    fields: Fields<'b>,
    recognised: Recognised,
    sign_type: SignType,
    key: &'b KeyUsed,
    keys_tried: u32,
    merchant: Option<&'b str>,
    checks: Checks<'b>,
}

/// What was compared with the ledger.
enum Checks<'b> {
    Made(Vec<CheckView>),
    /// Nothing could be, as of many lines: those, and their JSON.
    Unknown(&'b (Vec<CheckView>, Vec<u8>)),
}

impl Checks<'_> {
    fn list(&self) -> &[CheckView] {
        match self {
            Self::Made(list) => list,
            Self::Unknown((list, _)) => list,
        }
    }
}

impl QuickView<'_> {
    /// Byte for byte what `serde_json` writes of the [`VerifyView`]. A log has millions of lines, and most of the time
    /// that one takes went into asking of each character of what was verified whether JSON escapes it.
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let sign = self.fields.text("sign").unwrap_or_default();
        out.extend_from_slice(br#"{"verdict":"valid","meaning":null,"recognised":""#);
        out.extend_from_slice(self.recognised.as_str().as_bytes());
        out.extend_from_slice(br#"","format":""#);
        out.extend_from_slice(doctor::Format::Xml.as_str().as_bytes());
        out.extend_from_slice(br#"","undone":[],"sign_type":""#);
        out.extend_from_slice(self.sign_type.as_str().as_bytes());
        out.extend_from_slice(br#"","presented":"#);
        text(out, sign)?;
        out.extend_from_slice(br#","expected":"#);
        text(out, sign)?;
        out.extend_from_slice(br#","string_to_sign":"#);
        text(out, &masked_string(&self.fields))?;
        out.extend_from_slice(br#","fields":["#);
        for (at, (name, value)) in self.fields.iter().enumerate() {
            out.extend_from_slice(if at == 0 { br#"{"name":"# } else { br#",{"name":"# });
            text(out, name)?;
            out.extend_from_slice(br#","value":"#);
            text(out, value)?;
            match left_out(name, value, self.recognised) {
                None => out.extend_from_slice(br#","included":true,"reason":null}"#),
                Some(reason) => {
                    out.extend_from_slice(br#","included":false,"reason":""#);
                    out.extend_from_slice(reason.as_str().as_bytes());
                    out.extend_from_slice(br#""}"#);
                }
            }
        }
        out.extend_from_slice(br#"],"key":"#);
        serde_json::to_writer(&mut *out, self.key)?;
        out.extend_from_slice(br#","keys_tried":"#);
        serde_json::to_writer(&mut *out, &self.keys_tried)?;
        out.extend_from_slice(br#","merchant":"#);
        serde_json::to_writer(&mut *out, &self.merchant)?;
        out.extend_from_slice(
            br#","causes":[],"mistakes":[],"reproduction":null,"difference":null,"other_reading":[],"search":null,"findings":[],"checks":"#,
        );
        match &self.checks {
            Checks::Made(list) => serde_json::to_writer(&mut *out, list)?,
            Checks::Unknown((_, json)) => out.extend_from_slice(json),
        }
        out.extend_from_slice(br#","recorded":false}"#);
        Ok(())
    }
}

/// A text in JSON. Hardly any has a character in it that is escaped.
#[inline]
fn text(out: &mut Vec<u8>, text: &str) -> serde_json::Result<()> {
    // Without a branch, so that many bytes are looked at in one step.
    let plain = |byte: u8| (byte >= b' ') & (byte != b'"') & (byte != b'\\');
    if !text.bytes().fold(true, |all, byte| all & plain(byte)) {
        return serde_json::to_writer(out, text);
    }
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    Ok(())
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
            _ if recognised != Recognised::PaymentNotice => Checks::Made(Vec::new()),
            Some(merchant) => Checks::Made(self.payment_checks(merchant, &fields)?),
            None => Checks::Unknown(self.unknown.get_or_init(|| {
                let list = nothing_known(&PAYMENT_CHECKS, self.lang);
                let json = serde_json::to_vec(&list).unwrap_or_default();
                (list, json)
            })),
        };
        Ok(Some(QuickView {
            recognised,
            sign_type: signature.kind(),
            key: &candidate.used,
            keys_tried: u32::try_from(ring.all.len()).unwrap_or(u32::MAX),
            merchant: owner.map(|merchant| merchant.name.as_str()),
            checks,
            fields,
        }))
    }
}

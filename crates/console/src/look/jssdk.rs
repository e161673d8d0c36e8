//! The values of `wx.config`. They are signed with a ticket, which is a secret like a key: it is given once, or stands
//! in what was pasted and goes no further.

use super::Judge;
use super::keys::Keyring;
use super::mask::{MASK, Masks};
use super::say::{blank, finding, noticed};
use crate::view::{FieldView, KeyUsed, Verdict, VerifyView};
use doctor::read::read;
use doctor::{Document, Kind, Reading};
use wxpay::notice::inspect::Recognised;
use wxpay::{Fields, SignType};

const TICKETS: [&str; 2] = ["jsapi_ticket", "ticket"];
const NONCES: [&str; 3] = ["nonceStr", "noncestr", "nonce_str"];
const TIMES: [&str; 2] = ["timestamp", "timeStamp"];
const SIGNATURES: [&str; 2] = ["signature", "sign"];

fn field(name: &str, value: &str) -> FieldView {
    let included =
        name == "url" || [&TICKETS[..], &NONCES, &TIMES].into_iter().any(|names| names.contains(&name));
    let reason = (!included).then_some(if SIGNATURES.contains(&name) { "signature" } else { "not_signed" });
    FieldView { name: name.into(), value: value.into(), included, reason: reason.map(ToOwned::to_owned) }
}

fn first<'f>(fields: &'f Fields<'_>, names: &[&str]) -> Option<&'f str> {
    names.iter().find_map(|name| fields.text(name))
}

impl Judge<'_> {
    pub(super) fn of_jssdk(&self, reading: &Reading, ring: &Keyring) -> VerifyView {
        let (lang, fields) = (self.lang, &reading.fields);
        let beside =
            self.looking.beside.as_deref().and_then(|bytes| read(bytes).ok()).map(|beside| beside.fields);
        let both = |names: &[&str]| {
            first(fields, names).or_else(|| first(beside.as_ref()?, names)).map(ToOwned::to_owned)
        };
        let given = self.looking.key_once.as_ref().map(|ticket| ticket.expose().clone());
        let ticket = given.or_else(|| both(&TICKETS));
        let presented = first(fields, &SIGNATURES).map(ToOwned::to_owned);
        let mut view = blank(Verdict::Undecidable, "jssdk", reading.format.as_str(), lang);
        view.sign_type = Some("SHA1".into());
        view.presented.clone_from(&presented);
        view.fields = fields.iter().map(|(name, value)| field(name, value)).collect();
        for field in view.fields.iter_mut().filter(|field| TICKETS.contains(&field.name.as_str())) {
            MASK.clone_into(&mut field.value);
        }
        let found = doctor::findings::findings(reading, Recognised::Other, None);
        view.findings = found.iter().map(|one| noticed(one, lang)).collect();
        let needed = (ticket, both(&NONCES), both(&TIMES), both(&["url"]));
        let (Some(ticket), Some(nonce), Some(timestamp), Some(url)) = needed else {
            view.findings.push(finding("jssdk_needs_ticket", None, false, lang));
            return view;
        };
        let Some(presented) = presented else {
            view.verdict = Verdict::Unsigned;
            return view;
        };
        view.key =
            self.looking.key_once.is_some().then(|| KeyUsed { label: "given".into(), fingerprint: None });
        view.keys_tried = u32::try_from(ring.all.len()).unwrap_or(u32::MAX);
        let page = url.split('#').next().unwrap_or_default();
        view.string_to_sign =
            Some(format!("jsapi_ticket={MASK}&noncestr={nonce}&timestamp={timestamp}&url={page}"));
        let right = format!("jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}");
        let pairs = [("jsapi_ticket", ticket), ("noncestr", nonce), ("timestamp", timestamp), ("url", url)]
            .map(|(name, value)| (name.to_owned(), value));
        let pages: Vec<String> =
            beside.iter().filter_map(|beside| beside.text("url")).map(ToOwned::to_owned).collect();
        let mut document = Document::new(Kind::Jssdk, &pairs, &presented, SignType::Md5);
        document.pages = &pages;
        let diagnosis = self.examine(&document, &[], &mut view);
        view.expected = diagnosis.expected;
        if view.expected.as_deref() == Some(presented.as_str()) {
            view.verdict = Verdict::Valid;
            view.search = None;
            view.causes.clear();
        } else {
            view.verdict = Verdict::Invalid;
            if view.causes.is_empty() {
                view.findings.push(finding("ticket_does_not_fit", None, false, lang));
            }
        }
        view.meaning = super::say::meaning(view.verdict, "jssdk", lang);
        let mut masks = Masks::new(ring);
        masks.learn(&right);
        self.compare(&right, None, ring, masks, &mut view);
        view
    }
}

//! Why a signature is wrong: the doctor is asked, within a time that a person waits.

use super::Judge;
use super::difference::{Compared, compare, gives};
use super::keys::{Candidate, Keyring, Named};
use super::mask::Masks;
use super::reproduction::{fixes, reproduced};
use super::say::{cause, finding, mistake, with};
use super::signed::Signed;
use crate::clock::Stopwatch;
use crate::error::Result;
use crate::merchants::Merchant;
use crate::view::{MistakeView, SearchView, Verdict, VerifyView};
use doctor::{Cause, Diagnosis, Document, Format, Key, Kind, Reading, Undone};
use domain::Secret;
use std::borrow::Cow;
use std::sync::atomic::Ordering;
use wxpay::notice::inspect::{Recognised, left_out, signed_set};
use wxpay::sign::{Expect, sign};
use wxpay::{Fields, SignType, Signature};

/// How long is looked where nobody says otherwise, in milliseconds.
const PATIENCE_MS: u64 = 1_000;

/// So many explanations are shown; those behind are no simpler.
const MOST: usize = 12;

/// Fields in the order of a document.
type Pairs = Vec<(String, String)>;

fn pairs(fields: &Fields<'_>) -> Pairs {
    fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

const fn kind(recognised: Recognised) -> Kind {
    match recognised {
        Recognised::PayParamsJsapi => Kind::Jsapi,
        Recognised::PayParamsApp => Kind::App,
        _ => Kind::Plain,
    }
}

/// What is rightly signed, in the order of the document, empty values too, and nothing that is no part of it.
fn signed_pairs(fields: &Fields<'_>, recognised: Recognised) -> Pairs {
    if recognised == Recognised::PayParamsJsapi {
        let (mut set, _) = signed_set(fields, recognised);
        set.remove("sign");
        return pairs(&set);
    }
    let mut all = pairs(fields);
    all.retain(|(name, value)| {
        left_out(name, value, recognised).is_none_or(|reason| reason.as_str() == "empty")
    });
    all
}

/// Who may have signed a message, and with what.
struct Suspects<'k> {
    /// The one key that should have.
    expected: Option<&'k Candidate>,
    /// Every key: those that should have signed first, so that they explain it where several do; and whether it should.
    order: Vec<(&'k Candidate, bool)>,
    /// The digest that is asked for, and whether nothing says so but the signature's own length.
    asked: SignType,
    by_length: bool,
    /// The document beside it, else what its merchant has in common with a provider.
    beside: Option<Pairs>,
}

impl<'k> Suspects<'k> {
    fn new(
        signed: &Signed<'_>,
        ring: &'k Keyring,
        expected: Option<&'k Candidate>,
        by_hand: Option<bool>,
    ) -> Self {
        let rightful = |one: &Candidate| one.is_current() && Keyring::belongs(one, signed.named);
        let own = |one: &Candidate| expected.is_some_and(|right| std::ptr::eq(right, one));
        let mut order: Vec<_> = ring.all.iter().map(|one| (one, rightful(one))).collect();
        order.sort_by_key(|(one, rightful)| (!own(one), !rightful));
        let known = expected.is_some_and(|one| matches!(one.expect, Expect::Exactly(_)));
        let asked = match by_hand {
            Some(true) if !known => SignType::HmacSha256,
            Some(false) if !known => SignType::Md5,
            _ => signed.asked(expected, by_hand),
        };
        let by_length = !known
            && by_hand.is_none()
            && signed.says.is_none()
            && signed.presented.is_some_and(|sign| Signature::parse(sign.trim()).is_some());
        let merchant = ring.merchants.iter().find(|merchant| signed.named.is(merchant));
        let beside = signed.beside.map(pairs).or_else(|| provider_ids(merchant?));
        Self { expected, order, asked, by_length, beside }
    }

    fn signer(&self, at: Option<usize>) -> Option<&'k Candidate> {
        self.order.get(at?).map(|(one, _)| *one)
    }

    /// The keys for a message with these fields.
    fn keys(&self, fields: &Fields<'_>) -> Vec<Key> {
        let rightful = |one: &Candidate, rightful: bool| rightful && !one.is_simulated_beside(fields);
        self.order.iter().map(|(one, is)| key(one, rightful(one, *is))).collect()
    }
}

/// The numbers of a merchant and its provider, each of which may have been signed for the other.
fn provider_ids(merchant: &Merchant) -> Option<Pairs> {
    let sub_appid = merchant.sub_appid.as_ref().map(|id| ("sub_appid", id.as_str()));
    let sub_mch_id = merchant.sub_mch_id.as_ref().map(|id| ("sub_mch_id", id.as_str()));
    if sub_appid.is_none() && sub_mch_id.is_none() {
        return None;
    }
    let own = [("appid", merchant.appid.as_str()), ("mch_id", merchant.mch_id.as_str())];
    let all = own.into_iter().chain(sub_appid).chain(sub_mch_id);
    Some(all.map(|(name, id)| (name.to_owned(), id.to_owned())).collect())
}

/// What the doctor was asked, and what it said.
struct Seen<'r> {
    fields: Cow<'r, Fields<'static>>,
    asked: SignType,
    diagnosis: Diagnosis,
}

/// Of a call without its appId so many are tried.
const MOST_ACCOUNTS: usize = 4;

impl Judge<'_> {
    /// Looks for the mistakes behind a wrong signature and says what would be right. Gives what is rightly signed, where
    /// that is more than the message has.
    pub(super) fn diagnose(
        &self,
        signed: &Signed<'_>,
        ring: &Keyring,
        expected: Option<&Candidate>,
        view: &mut VerifyView,
    ) -> Result<Option<Fields<'static>>> {
        let suspects = Suspects::new(signed, ring, expected, self.looking.hmac_sha256);
        let settled = !signed.lacks_app_id() || self.may_complete(signed, ring);
        // Blanks around it would hide every other mistake.
        let presented = signed.presented.unwrap_or_default();
        if presented.trim() != presented {
            view.findings.push(finding("sign_has_blanks", Some("sign"), true, self.lang));
        }
        let seen = self.seen(signed, &suspects, (ring, settled), view);
        let explained = !seen.diagnosis.explanations.is_empty();
        if !explained && !settled {
            return Ok(None);
        }
        let right = self.say_what_is_right(signed, &suspects, &seen, ring, view);
        if !explained {
            self.unexplained(&seen.diagnosis, presented.trim(), ring, view)?;
        }
        Ok(right)
    }

    /// Asks the doctor; of a call without its appId once for each that may belong there.
    fn seen<'r>(
        &self,
        signed: &Signed<'r>,
        suspects: &Suspects<'_>,
        (ring, settled): (&Keyring, bool),
        view: &mut VerifyView,
    ) -> Seen<'r> {
        // Whose the call is matters not where the appId was left out, and if nobody is known to be meant it is looked for
        // by what is there alone first.
        let mut tries = signed.completed(&ring.merchants).into_iter();
        let bare = || Cow::Borrowed(&signed.reading.fields);
        let first = if settled { tries.next().unwrap_or_else(bare) } else { bare() };
        let rest: Vec<_> =
            if signed.lacks_app_id() { tries.take(MOST_ACCOUNTS).collect() } else { Vec::new() };
        let patience = self.patience() / (rest.len() as u64 + 1);
        let mut seen = self.asked_twice(signed, suspects, first, patience, view);
        for fields in rest {
            if !seen.diagnosis.explanations.is_empty() {
                break;
            }
            let before = seen.diagnosis.tried;
            let mut other = self.asked_twice(signed, suspects, fields, patience, view);
            other.diagnosis.tried += before;
            if other.diagnosis.explanations.is_empty() {
                seen.diagnosis.tried = other.diagnosis.tried;
                seen.diagnosis.ended |= other.diagnosis.ended;
            } else {
                seen = other;
            }
        }
        self.searched(!seen.diagnosis.explanations.is_empty());
        view.search = Some(SearchView { tried: seen.diagnosis.tried, ended: seen.diagnosis.ended });
        seen
    }

    /// Asks the doctor. A key that signs the message as it stands may be of a merchant who asks for another digest.
    fn asked_twice<'r>(
        &self,
        signed: &Signed<'r>,
        suspects: &Suspects<'_>,
        fields: Cow<'r, Fields<'static>>,
        patience: u64,
        view: &mut VerifyView,
    ) -> Seen<'r> {
        let mut asked = suspects.asked;
        let mut diagnosis = self.asked(signed, suspects, &fields, asked, patience, view);
        if let Some(doctor::Explanation { key: Some(at), proven }) = diagnosis.explanations.first()
            && proven.is_empty()
        {
            asked = signed.asked(suspects.signer(Some(*at)), self.looking.hmac_sha256);
            if asked != suspects.asked {
                diagnosis = self.asked(signed, suspects, &fields, asked, patience, view);
            }
        }
        Seen { fields, asked, diagnosis }
    }

    fn asked(
        &self,
        signed: &Signed<'_>,
        suspects: &Suspects<'_>,
        fields: &Fields<'_>,
        asked: SignType,
        patience: u64,
        view: &mut VerifyView,
    ) -> Diagnosis {
        let signed_fields = signed_pairs(fields, signed.recognised);
        let presented = signed.presented.unwrap_or_default().trim();
        let mut document = Document::new(kind(signed.recognised), &signed_fields, presented, asked);
        // What else a call carries may have been signed with it, as by who signs all of an object.
        let beside: Pairs = match document.kind {
            Kind::Jsapi | Kind::App => {
                let signs = |name: &str| matches!(name, "sign" | "paySign");
                let others = fields.iter().filter(|(name, _)| {
                    !signs(name) && !signed_fields.iter().any(|(signed, _)| signed == name)
                });
                let given = suspects.beside.iter().flatten().cloned();
                given.chain(others.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
            }
            _ => suspects.beside.clone().unwrap_or_default(),
        };
        document.beside = (!beside.is_empty()).then_some(&beside);
        self.ask(&document, &suspects.keys(fields), patience, view)
    }

    /// What would be right, and by which key, as far as that is known.
    fn say_what_is_right(
        &self,
        signed: &Signed<'_>,
        suspects: &Suspects<'_>,
        seen: &Seen<'_>,
        ring: &Keyring,
        view: &mut VerifyView,
    ) -> Option<Fields<'static>> {
        let explained = seen.diagnosis.explanations.first();
        let signer = explained.and_then(|first| suspects.signer(first.key));
        let proves = |cause| explained.is_some_and(|first| first.proven.iter().any(|one| one.cause == cause));
        let other_key = proves(Cause::OtherKey);
        let own = suspects.expected.or(signer.filter(|_| signed.named != Named::Stranger && !other_key));
        let only = ring.only_merchant().filter(|_| self.may_complete(signed, ring));
        let merchant = own.and_then(|own| own.merchant.as_deref()).or(only);
        // The appId was signed, and is known from that; else it is what its merchant has.
        let leaves_out =
            [Cause::AppIdLeftOut, Cause::FieldsLeftOut, Cause::OrderSignReused].into_iter().any(proves);
        let fields = match explained {
            Some(_) if !leaves_out && seen.fields.text("appId").is_some() => Some(seen.fields.clone()),
            _ => signed.with_app_id_of(merchant),
        };
        let set = fields.map(|fields| signed_set(&fields, signed.recognised).0);
        if let (Some(own), Some(set)) = (own, &set) {
            view.expected = Some(sign(set, &own.key, seen.asked).to_string());
        }
        if let Some(used) = signer.or(own) {
            view.key = Some(used.used.clone());
        }
        if signer.is_some_and(Candidate::is_simulated) && other_key {
            view.findings.push(finding("simulated_key", None, false, self.lang));
        }
        if suspects.by_length {
            let kind = [("kind", seen.asked.to_string())];
            view.findings.push(with("sign_type_by_length", Some("sign"), false, &kind, self.lang));
        }
        if !signed.lacks_app_id() {
            return None;
        }
        let appid = set.as_ref().and_then(|set| set.text("appId")).unwrap_or_default().to_owned();
        let id = if set.is_some() { "app_id_assumed" } else { "app_id_unknown" };
        view.findings.push(with(id, Some("appId"), false, &[("appid", appid)], self.lang));
        set
    }

    /// Says that nothing known explains it.
    fn unexplained(
        &self,
        diagnosis: &Diagnosis,
        presented: &str,
        ring: &Keyring,
        view: &mut VerifyView,
    ) -> Result<()> {
        if let Some(trouble) = &ring.trouble {
            return Err(trouble.clone());
        }
        if diagnosis.tried == 0 {
            // No key is to blame for what can be no digest.
            let length = [("count", presented.chars().count().to_string())];
            view.findings.push(with("sign_is_no_digest", Some("sign"), true, &length, self.lang));
            return Ok(());
        }
        let count = [("count", ring.all.len().to_string())];
        let id = if diagnosis.ended { "search_ended" } else { "no_key_fits" };
        let mut found = with(id, Some("sign"), false, &count, self.lang);
        if !diagnosis.ended && self.looking.key_once.is_some() {
            found.message = self.lang.say("finding.no_key_fits.given", &[]);
        }
        view.findings.push(found);
        Ok(())
    }

    /// Asks the doctor, and writes down what was proven and how long was looked.
    pub(super) fn examine(&self, document: &Document<'_>, keys: &[Key], view: &mut VerifyView) -> Diagnosis {
        let diagnosis = self.ask(document, keys, self.patience(), view);
        self.searched(!diagnosis.explanations.is_empty());
        view.search = Some(SearchView { tried: diagnosis.tried, ended: diagnosis.ended });
        diagnosis
    }

    /// Asks the doctor, and writes down what was proven.
    fn ask(&self, document: &Document<'_>, keys: &[Key], patience: u64, view: &mut VerifyView) -> Diagnosis {
        let watch = Stopwatch::start();
        let diagnosis = doctor::examine(document, keys, &mut |_| !watch.has_passed(patience));
        for (number, explanation) in (0_u32..).zip(diagnosis.explanations.iter().take(MOST)) {
            view.causes.extend(explanation.proven.iter().map(|proven| {
                // The fixes of what is not the simplest would fill a screen.
                let fixes = if number == 0 { fixes(proven.cause) } else { Vec::new() };
                cause(proven, number, fixes, self.lang)
            }));
        }
        if let (Some(first), true) = (diagnosis.explanations.first(), self.looking.reproduce) {
            let watch = Stopwatch::start();
            let go_on = &mut |_| !watch.has_passed(PATIENCE_MS);
            view.reproduction = reproduced(document, keys, first, go_on);
        }
        diagnosis
    }

    /// How long may be looked, in milliseconds. Where one message after the other is explained by nothing, less and
    /// less: a log of a million of them would take days.
    fn patience(&self) -> u64 {
        let patience = self.looking.patience_ms.unwrap_or(PATIENCE_MS);
        let fruitless = self.fruitless.load(Ordering::Relaxed);
        (patience >> (fruitless / 8).min(7)).max(1)
    }

    fn searched(&self, explained: bool) {
        if explained {
            self.fruitless.store(0, Ordering::Relaxed);
        } else {
            self.fruitless.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The developer's own string beside the right one, which has its values as they are and ends with `key=***` if a
    /// key belongs there.
    pub(super) fn compare(
        &self,
        right: &str,
        key: Option<&Candidate>,
        ring: &Keyring,
        mut masks: Masks<'_>,
        view: &mut VerifyView,
    ) {
        let Some(own) = &self.looking.string else { return };
        masks.learn_answer(view);
        if own.gbk {
            let keys = ring.all.iter().map(|one| one.key.expose());
            let signed = view.presented.as_deref().is_some_and(|sign| gives(own, sign, keys));
            let id = if signed { "string_signed_in_gbk" } else { "string_in_gbk" };
            view.findings.push(finding(id, None, signed, self.lang));
        }
        let key = key.map(|one| one.key.expose());
        match compare(right, key, own.text.expose(), &masks) {
            Compared::Same => {
                let mut found = finding("string_is_right", None, false, self.lang);
                if view.verdict == Verdict::Invalid {
                    found.message = self.lang.say("finding.string_is_right.invalid", &[]);
                }
                view.findings.push(found);
            }
            Compared::OtherKey(difference) => {
                view.findings.push(finding("string_with_other_key", None, true, self.lang));
                view.difference = Some(difference);
            }
            Compared::Differs(difference) => {
                let at = [("at", (difference.at_character + 1).to_string())];
                view.findings.push(with("string_differs", None, true, &at, self.lang));
                view.difference = Some(difference);
            }
        }
    }

    /// The mistakes in a program, if it is one.
    pub(super) fn programs_mistakes(&self, bytes: &[u8]) -> Vec<MistakeView> {
        self.mistakes_of(&String::from_utf8_lossy(bytes))
    }

    /// The same of a text.
    pub(super) fn mistakes_of(&self, text: &str) -> Vec<MistakeView> {
        doctor::code::mistakes(text).iter().map(|seen| mistake(seen, self.lang)).collect()
    }
}

/// Whether what was pasted is a program, or may be one, as is what stands in a tutorial.
pub(super) fn may_be_a_program(reading: &Reading) -> bool {
    match reading.format {
        Format::Code | Format::JsCall | Format::Lines => true,
        Format::Xml | Format::XmlEscaped | Format::Json | Format::Query => {
            reading.undone.contains(&Undone::TextAround)
        }
        Format::Http | Format::Curl | Format::Har => false,
    }
}

fn key(one: &Candidate, rightful: bool) -> Key {
    let merchant = one.merchant.as_ref().map(|merchant| merchant.name.clone()).unwrap_or_default();
    Key::new(merchant, one.kind, rightful, Secret::new(one.key.expose().to_owned()))
}

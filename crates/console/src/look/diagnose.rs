//! Why a signature is wrong: the doctor is asked, within a time that a person waits.

use super::Judge;
use super::difference::{Compared, compare, gives};
use super::keys::{Candidate, Keyring};
use super::mask::Masks;
use super::reproduction::{fixes, reproduced};
use super::say::{cause, finding, mistake, with};
use super::signed::Signed;
use crate::clock::Stopwatch;
use crate::error::Result;
use crate::view::{MistakeView, SearchView, Verdict, VerifyView};
use doctor::{Diagnosis, Document, Format, Key, Kind, Reading, Undone};
use domain::Secret;
use std::sync::atomic::Ordering;
use wxpay::Fields;
use wxpay::notice::inspect::{Recognised, left_out, signed_set};
use wxpay::sign::sign;

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

impl Judge<'_> {
    /// Looks for the mistakes behind a wrong signature and says what would be right.
    pub(super) fn diagnose(
        &self,
        signed: &Signed<'_>,
        ring: &Keyring,
        expected: Option<&Candidate>,
        view: &mut VerifyView,
    ) -> Result<()> {
        let asked = signed.asked(expected, self.looking.hmac_sha256);
        let completed = signed.completed(&ring.merchants);
        let fields = completed.first().map_or(&signed.reading.fields, |fields| &**fields);
        let (set, _) = signed_set(fields, signed.recognised);
        if let Some(right) = expected {
            view.expected = Some(sign(&set, &right.key, asked).to_string());
            view.key = Some(right.used.clone());
        }
        let rightful = |one: &Candidate| one.is_current() && Keyring::belongs(one, signed.named);
        let own = |one: &Candidate| expected.is_some_and(|right| std::ptr::eq(right, one));
        // Those that should have signed first, so that they explain it where several do.
        let mut order: Vec<&Candidate> = ring.all.iter().collect();
        order.sort_by_key(|one| (!own(one), !rightful(one)));
        let keys: Vec<Key> = order.iter().map(|one| key(one, rightful(one))).collect();
        let signed_fields = signed_pairs(fields, signed.recognised);
        let beside = signed.beside.as_ref().map(|beside| pairs(beside));
        let presented = signed.presented.unwrap_or_default();
        // Blanks around it would hide every other mistake.
        let bare = presented.trim();
        if bare != presented {
            view.findings.push(finding("sign_has_blanks", Some("sign"), true, self.lang));
        }
        let mut document = Document::new(kind(signed.recognised), &signed_fields, bare, asked);
        document.beside = beside.as_deref();
        let diagnosis = self.examine(&document, &keys, view);
        if let Some(used) = diagnosis.explanations.first().and_then(|first| order.get(first.key?)) {
            view.key = Some(used.used.clone());
        }
        if !diagnosis.explanations.is_empty() {
            return Ok(());
        }
        if let Some(trouble) = &ring.trouble {
            return Err(trouble.clone());
        }
        if diagnosis.tried == 0 {
            // No key is to blame for what can be no digest.
            let length = [("count", bare.chars().count().to_string())];
            view.findings.push(with("sign_is_no_digest", Some("sign"), true, &length, self.lang));
            return Ok(());
        }
        let count = [("count", ring.all.len().to_string())];
        let mut found = with(
            if diagnosis.ended { "search_ended" } else { "no_key_fits" },
            Some("sign"),
            false,
            &count,
            self.lang,
        );
        if !diagnosis.ended && self.looking.key_once.is_some() {
            found.message = self.lang.say("finding.no_key_fits.given", &[]);
        }
        view.findings.push(found);
        Ok(())
    }

    /// Asks the doctor, and writes down what was proven.
    pub(super) fn examine(&self, document: &Document<'_>, keys: &[Key], view: &mut VerifyView) -> Diagnosis {
        let watch = Stopwatch::start();
        let patience = self.patience();
        let diagnosis = doctor::examine(document, keys, &mut |_| !watch.has_passed(patience));
        self.searched(!diagnosis.explanations.is_empty());
        view.search = Some(SearchView { tried: diagnosis.tried, ended: diagnosis.ended });
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
        let text = String::from_utf8_lossy(bytes);
        doctor::code::mistakes(&text).iter().map(|seen| mistake(seen, self.lang)).collect()
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

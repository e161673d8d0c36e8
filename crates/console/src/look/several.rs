//! Several messages in one paste: each is judged, one is shown, and of the others is said what came of them.

use super::Judge;
use super::rest::Verified;
use super::say::{finding, verdict_word, with};
use crate::clock::Stopwatch;
use crate::error::Result;
use crate::view::{Finding, Verdict, VerifyView};
use doctor::Message;

/// So long others are judged, in milliseconds: a person waits.
const PATIENCE_MS: u64 = 2_000;

/// So many others are said one by one.
const MOST: usize = 12;

impl Judge<'_> {
    /// The verdict on the first message that is not as it should be, or else on the first one, with what came of the
    /// others; `None` where there are no messages that stand by themselves. While one of them was not looked at,
    /// nothing is called valid.
    pub(super) fn several(&self, bytes: &[u8]) -> Result<Option<VerifyView>> {
        let doctor::read::Messages { all: mut messages, others } = doctor::read::several(bytes);
        let of_file = messages.first().is_some_and(|first| first.exchange.is_some());
        let alone = messages.len() == 1 && of_file && !others;
        // Two signed lines of a tutorial are no log.
        let log = messages.len() > 1 && (of_file || self.programs_mistakes(bytes).is_empty());
        let mut verified = Verified::default();
        messages.iter().for_each(|message| verified.take(&message.reading.fields));
        if alone && let Some(message) = messages.pop() {
            let mut view = self.judged(message.text.as_bytes(), message.reading)?;
            if is_well(&view) {
                self.beside(&String::from_utf8_lossy(bytes), &verified, &mut view);
            }
            return Ok(Some(view));
        }
        if !log {
            if messages.len() < 2 && !others {
                return Ok(None);
            }
            // One of them that is right says nothing of the others.
            let view = self.looked(bytes)?;
            let beside = view.findings.iter().any(|one| one.id == "not_covered");
            if (view.verdict != Verdict::Valid && !beside) || messages.len() < 2 {
                return Ok(Some(if others { self.of_others_too(view) } else { view }));
            }
        }
        let count = messages.len();
        let watch = Stopwatch::start();
        let mut judged = Vec::new();
        for message in messages {
            if !judged.is_empty() && watch.has_passed(PATIENCE_MS) {
                break;
            }
            let place = self.place(&message);
            judged.push((place, self.judged(message.text.as_bytes(), message.reading)?));
        }
        let wrong = |(_, view): &(String, VerifyView)| !is_well(view);
        let shown = judged.iter().position(wrong).unwrap_or(0);
        let left = count - judged.len();
        let (place, mut view) = judged.remove(shown);
        view.findings.extend(self.others(&place, &judged, count));
        if left > 0 || others {
            view = self.of_others_too(view);
        } else if is_well(&view) {
            self.beside(&String::from_utf8_lossy(bytes), &verified, &mut view);
        }
        self.masks(bytes).cover(&mut view);
        Ok(Some(view))
    }

    /// The verdict on one where others were not looked at: if it is right, that is not said of what was pasted.
    fn of_others_too(&self, mut view: VerifyView) -> VerifyView {
        view.findings.push(finding("messages_not_looked_at", None, true, self.lang));
        if is_well(&view) {
            self.not_all(&mut view);
        }
        view
    }

    /// Where a message stands.
    fn place(&self, message: &Message) -> String {
        let number = message.number;
        match &message.exchange {
            None => self.lang.say("place.line", &[("number", &number)]),
            Some(exchange) => {
                let key = if exchange.is_reply { "place.reply" } else { "place.request" };
                self.lang.say(key, &[("number", &number), ("request", &exchange.request)])
            }
        }
    }

    fn others(&self, place: &str, others: &[(String, VerifyView)], count: usize) -> Vec<Finding> {
        let well = others.iter().filter(|(_, view)| is_well(view)).count();
        let params = [("count", count.to_string()), ("place", place.to_owned()), ("valid", well.to_string())];
        let mut said = vec![with("several_messages", None, false, &params, self.lang)];
        let wrong = others.iter().filter(|(_, view)| !is_well(view));
        said.extend(wrong.take(MOST).map(|(place, view)| {
            let word = if view.contradicted() { "contradicted" } else { verdict_word(view.verdict) };
            let verdict = self.lang.say(&format!("verdict.{word}"), &[]);
            let params = [("place", place.clone()), ("verdict", verdict)];
            let refused = view.verdict != Verdict::Undecidable;
            with("other_message", None, refused, &params, self.lang)
        }));
        said
    }
}

fn is_well(view: &VerifyView) -> bool {
    view.verdict == Verdict::Valid && !view.contradicted()
}

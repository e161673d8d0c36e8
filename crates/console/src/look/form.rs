//! What can be read in two ways, so that the signature tells which one it was: the plus signs of a query string, which a
//! form writes for blanks and everything else means, and the blanks that a formatter puts around values.

use super::Judge;
use super::say::{finding, meaning};
use super::signed::{is_received, signs};
use crate::error::Result;
use crate::view::{Finding, Verdict, VerifyView};
use doctor::{Format, Reading, Undone};
use wxpay::Fields;
use wxpay::notice::inspect::Recognised;

impl Judge<'_> {
    /// The verdict on what was read, or on its other reading if only that one is signed by a key at hand.
    pub(super) fn judged_either_way(&self, bytes: &[u8], reading: Reading) -> Result<VerifyView> {
        let Some(other) = other_way(bytes, &reading) else { return self.judged(bytes, reading) };
        let ring = self.ring()?;
        let signed = |fields: &Fields<'_>| {
            let recognised = Recognised::of(fields);
            ring.all.iter().any(|one| signs(one, fields, recognised, self.looking.hmac_sha256))
        };
        if signed(&reading.fields) || !signed(&other.fields) {
            return self.judged(bytes, reading);
        }
        // What is sent with blanks around its values is read with them.
        let sent = other.format != Format::Query && !is_received(Recognised::of(&other.fields));
        let said = self.said_of(&other, sent);
        let mut view = self.judged(bytes, other)?;
        view.findings.push(said);
        if sent && view.verdict == Verdict::Valid {
            view.verdict = Verdict::ValidButRefused;
            view.meaning = meaning(view.verdict, &view.recognised, self.lang);
        }
        Ok(view)
    }

    fn said_of(&self, reading: &Reading, sent: bool) -> Finding {
        if reading.format != Format::Query {
            return finding("formatted_values", None, sent, self.lang);
        }
        let plus = reading.fields.iter().any(|(_, value)| value.contains('+'));
        finding(if plus { "plus_read_as_plus" } else { "plus_read_as_blank" }, None, false, self.lang)
    }
}

/// The same document without the blanks that stand around each of its values, as a formatter puts them there.
fn unformatted(reading: &Reading) -> Option<Reading> {
    let mut fields = Fields::new();
    for (name, value) in reading.fields.iter() {
        let inner = value.trim();
        if !value.is_empty() && (inner.len() + 2 > value.len() || !value.starts_with(char::is_whitespace)) {
            return None;
        }
        fields.add(name.to_owned(), inner.to_owned()).ok()?;
    }
    (!fields.is_empty()).then(|| Reading { fields, ..reading.clone() })
}

/// The same query string with its plus signs read the other way; `None` if it has none.
fn other_way(bytes: &[u8], reading: &Reading) -> Option<Reading> {
    if matches!(reading.format, Format::Xml | Format::XmlEscaped) {
        return unformatted(reading);
    }
    if reading.format != Format::Query || !bytes.contains(&b'+') {
        return None;
    }
    // Where blanks are `%20`, a plus is a plus.
    if bytes.windows(3).any(|three| three == b"%20") {
        return None;
    }
    let (from, to) = if reading.undone.contains(&Undone::PercentEscapes) { (' ', "+") } else { ('+', " ") };
    let mut fields = Fields::new();
    for (name, value) in reading.fields.iter() {
        fields.add(name.to_owned(), value.replace(from, to)).ok()?;
    }
    Some(Reading { fields, ..reading.clone() })
}

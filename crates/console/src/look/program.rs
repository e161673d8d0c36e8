//! Programs: their parameters, their mistakes, and what of them can be judged. Values that come from elsewhere when
//! the program runs cannot.

use super::Judge;
use super::mask;
use super::say::{blank, noticed, with};
use super::signed::field;
use crate::view::{FieldView, Finding, MistakeView, Verdict, VerifyView};
use doctor::{Format, Reading, Special};
use wxpay::Signature;
use wxpay::notice::inspect::Recognised;

/// What is signed in a call of a front end, and its signature, under every name that one of them has.
const SIGNED: [&str; 14] = [
    "appId",
    "appid",
    "timeStamp",
    "timestamp",
    "nonceStr",
    "noncestr",
    "package",
    "signType",
    "paySign",
    "sign",
    "signature",
    "partnerid",
    "prepayid",
    // What is put in whole.
    "...",
];

/// What a call has besides its values.
const AROUND: [&str; 6] = ["success", "fail", "complete", "cancel", "trigger", "jsApiList"];

/// So many names are said.
const MOST: usize = 8;

/// Whether a program can be judged as what it sends: it holds a digest, and nothing of it is computed.
pub(super) fn is_a_message(reading: &Reading) -> bool {
    let digest = |name: &&str| reading.fields.text(name).and_then(Signature::parse).is_some();
    reading.special.is_none() && reading.expressions.is_empty() && ["sign", "paySign"].iter().any(digest)
}

/// Whether what a call is signed over, or its signature, is not in the text.
pub(super) fn lacks_values(reading: &Reading) -> bool {
    let front = reading.at_customers || Recognised::of(&reading.fields) == Recognised::PayParamsJsapi;
    let counts = |name: &str| if front { SIGNED.contains(&name) } else { !AROUND.contains(&name) };
    // What is put in whole, or done with the whole, is not known in any format.
    let whole = |name: &str| name == "..." && reading.format != Format::Code;
    reading
        .expressions
        .iter()
        .any(|(name, _)| whole(name) || reading.format == Format::JsCall && counts(name))
}

/// Whether a whole message stands there, and a program does more with it than send it.
fn is_changed(reading: &Reading) -> bool {
    let digest = |name: &&str| reading.fields.text(name).and_then(Signature::parse).is_some();
    ["sign", "paySign"].iter().any(digest) && reading.expressions.iter().all(|(name, _)| name == "...")
}

impl Judge<'_> {
    /// What can be said of a program: its parameters and its mistakes. It has no signature to judge. `None` if it is
    /// no program about WeChat Pay.
    pub(super) fn program(&self, bytes: &[u8]) -> Option<VerifyView> {
        let text = String::from_utf8_lossy(bytes);
        let mistakes = self.mistakes_of(&text);
        let reading = doctor::code::read(&text);
        if mistakes.is_empty() && reading.is_none() {
            return None;
        }
        let mut view = self.undecided(reading.as_ref(), Format::Code, "meaning.program");
        let signs =
            |(name, _): &(String, String)| ["sign", "paySign", "signature", "..."].contains(&name.as_str());
        if let Some(reading) = reading.filter(|reading| reading.expressions.iter().any(signs)) {
            view.findings.push(self.values_elsewhere(&reading));
        }
        if doctor::code::is_cut(&text) {
            let read = [("kib", (doctor::code::MOST_BYTES / 1024).to_string())];
            view.findings.push(with("program_cut", None, false, &read, self.lang));
        }
        view.mistakes = mistakes;
        mask::cover_programs_keys(&mut view);
        self.masks(bytes).cover(&mut view);
        Some(view)
    }

    /// A call whose values the program gets elsewhere: nothing is signed wrongly, and nothing rightly.
    pub(super) fn without_values(
        &self,
        bytes: &[u8],
        reading: &Reading,
        mistakes: Vec<MistakeView>,
    ) -> VerifyView {
        let meaning =
            if is_changed(reading) { "meaning.changed_by_program" } else { "meaning.values_elsewhere" };
        let mut view = self.undecided(Some(reading), reading.format, meaning);
        view.findings.push(self.values_elsewhere(reading));
        view.mistakes = mistakes;
        mask::cover_programs_keys(&mut view);
        self.masks(bytes).cover(&mut view);
        view
    }

    fn undecided(&self, reading: Option<&Reading>, format: Format, meaning: &str) -> VerifyView {
        let lang = self.lang;
        let mut view = blank(Verdict::Undecidable, Recognised::Other.as_str(), format.as_str(), lang);
        view.meaning = Some(lang.say(meaning, &[]));
        let Some(reading) = reading else { return view };
        let recognised = Recognised::of(&reading.fields);
        recognised_as(reading, recognised).clone_into(&mut view.recognised);
        let literal = reading.fields.iter().map(|(name, value)| field(name, value, recognised));
        let computed = reading.expressions.iter().map(|(name, value)| FieldView {
            name: name.clone(),
            value: value.clone(),
            included: false,
            reason: Some("expression".into()),
        });
        view.fields = literal.chain(computed).collect();
        let found = doctor::findings::findings(reading, recognised, None);
        view.findings = found.iter().map(|one| noticed(one, lang)).collect();
        view
    }

    /// Which values are not in the text, and what to paste to have them.
    fn values_elsewhere(&self, reading: &Reading) -> Finding {
        if is_changed(reading)
            && let Some((_, code)) = reading.expressions.first()
        {
            return with("changed_by_program", None, false, &[("code", code.clone())], self.lang);
        }
        let mut names: Vec<&str> = Vec::new();
        for (name, value) in &reading.expressions {
            let name = if name == "..." { value } else { name };
            if !AROUND.contains(&name.as_str()) && !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names.truncate(MOST);
        with("values_not_in_text", None, false, &[("names", names.join(", "))], self.lang)
    }
}

/// What it looks like, also where values are computed.
fn recognised_as(reading: &Reading, recognised: Recognised) -> &'static str {
    let message = doctor::findings::message_of(reading, recognised).map(|message| message.name);
    match message {
        _ if reading.special == Some(Special::Jssdk) => "jssdk",
        Some("jsapi_call") => Recognised::PayParamsJsapi.as_str(),
        Some("app_call") => Recognised::PayParamsApp.as_str(),
        _ => recognised.as_str(),
    }
}

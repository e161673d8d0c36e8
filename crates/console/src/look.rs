//! Looking at something pasted: is its signature right, and if not, why; and is it the message we wait for? No key
//! ever leaves this room, and no string to sign unmasked.

mod checks;
mod diagnose;
mod difference;
mod form;
mod jssdk;
mod keys;
mod lines;
mod mask;
mod places;
mod program;
mod readings;
mod refunds;
mod reproduction;
mod rest;
mod say;
mod several;
mod signed;

pub(crate) use keys::check_once;
pub(crate) use mask::Masks;
pub(crate) use readings::weighed;
pub(crate) use rest::other_value;
use say::plain_field;
pub(crate) use say::{causes, finding, sealed_field, with};
pub(crate) use signed::field;

pub use lines::{Looked, QuickView};

use crate::args::Looking;
use crate::console::Console;
use crate::error::Result;
use crate::view::{CheckView, Verdict, VerifyView};
use crate::words::Lang;
use doctor::read::read;
use doctor::{Format, Reading, Special, Undone, Unreadable};
use domain::Environment;
use keys::Keyring;
use ledger::Ledger;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};
use wxpay::notice::inspect::Recognised;
use wxpay::xml::RefusalKind;

/// Looks at any number of messages, one after the other or at once: keys and ledgers are opened once, when first
/// needed. What is stored meanwhile is not seen.
pub struct Judge<'c> {
    console: &'c Console,
    looking: &'c Looking,
    lang: Lang,
    ring: OnceLock<Keyring>,
    /// Those of the environments in their order; `None` where none was ever made.
    ledgers: [OnceLock<Option<Arc<Ledger>>>; 3],
    /// The checks of a notice that nothing is known to compare with, and their JSON.
    unknown: OnceLock<(Vec<CheckView>, Vec<u8>)>,
    /// Searches in a row that explained nothing.
    fruitless: AtomicU32,
}

impl Console {
    /// Prepares to look at messages.
    #[must_use]
    pub fn judge<'c>(&'c self, looking: &'c Looking, lang: Lang) -> Judge<'c> {
        Judge {
            console: self,
            looking,
            lang,
            ring: OnceLock::new(),
            ledgers: [const { OnceLock::new() }; 3],
            unknown: OnceLock::new(),
            fruitless: AtomicU32::new(0),
        }
    }

    /// Says whether the signature of something pasted is right, over every key at hand, and if not, why; and how the
    /// message compares with what the ledger knows.
    ///
    /// # Errors
    /// `keychain_*` if no key at hand matches and others could not be had; `no_such_merchant`.
    pub fn verify(&self, bytes: &[u8], looking: &Looking, lang: Lang) -> Result<VerifyView> {
        self.judge(looking, lang).look(bytes)
    }
}

impl Judge<'_> {
    /// The verdict on one message.
    ///
    /// # Errors
    /// Those of [`Console::verify`].
    pub fn look(&self, bytes: &[u8]) -> Result<VerifyView> {
        let bytes = &*doctor::read::in_utf8(bytes);
        let mut view = match self.several(bytes)? {
            Some(view) => view,
            None => self.looked(bytes)?,
        };
        // Whoever gave a string is told what came of it.
        let told = view.findings.iter().any(|one| one.id.starts_with("string_"));
        if self.looking.string.is_some() && !told {
            view.findings.push(say::finding("string_not_compared", None, false, self.lang));
        }
        Ok(view)
    }

    fn looked(&self, bytes: &[u8]) -> Result<VerifyView> {
        let reading = match read(bytes) {
            Ok(reading) => reading,
            Err(unread) => {
                // What is refused for what it is stays refused, whatever another reader could make of it.
                let refused = match &unread {
                    Unreadable::Nothing => false,
                    Unreadable::Refused(_) => format_of(bytes) != Format::Lines,
                    Unreadable::Twice { .. } => true,
                };
                let program = if refused { None } else { self.program(bytes) };
                return Ok(program.unwrap_or_else(|| self.unread(bytes, unread)));
            }
        };
        self.judged_either_way(bytes, reading)
    }

    /// The verdict on what was read.
    fn judged(&self, bytes: &[u8], reading: Reading) -> Result<VerifyView> {
        let reading = as_received(bytes, reading);
        if reading.format == Format::Code && !program::is_a_message(&reading) {
            return Ok(self.program(bytes).unwrap_or_else(|| self.unread(bytes, Unreadable::Nothing)));
        }
        let text = String::from_utf8_lossy(bytes);
        let program =
            matches!(reading.format, Format::Code | Format::JsCall) || doctor::read::is_program(&text);
        let mistakes = if program && diagnose::may_be_a_program(&reading) {
            self.programs_mistakes(bytes)
        } else {
            Vec::new()
        };
        // Fields without a signature among sentences and code are part of what is told there.
        let told = reading.undone.contains(&Undone::TextAround) || reading.format == Format::Lines;
        if told && !mistakes.is_empty() && !signed::is_signed(&reading.fields) {
            return Ok(self.program(bytes).unwrap_or_else(|| self.unread(bytes, Unreadable::Nothing)));
        }
        if program::lacks_values(&reading) {
            return Ok(self.without_values(bytes, &reading, mistakes));
        }
        let ring = self.ring()?;
        let mut view = match reading.special {
            Some(Special::V3Notice) => self.of_v3(&reading),
            Some(Special::Jssdk) => {
                let mut view = self.of_jssdk(&reading, ring);
                self.of_all(bytes, &reading, None, &mut view);
                view
            }
            None if Recognised::of(&reading.fields) == Recognised::RefundNotice => {
                self.of_refund_notice(bytes, &reading, ring)?
            }
            None => self.of_signed(bytes, &reading, ring)?,
        };
        view.undone = reading.undone.iter().map(|undone| undone.as_str().to_owned()).collect();
        view.mistakes = mistakes;
        self.masks(bytes).cover(&mut view);
        Ok(view)
    }

    /// The keys at hand, and those that stand in what was given.
    fn masks(&self, bytes: &[u8]) -> Masks<'_> {
        // Without a keyring there is still what the text says itself.
        let mut masks = self.ring().map_or_else(|_| Masks::default(), Masks::new);
        for text in [Some(bytes), self.looking.beside.as_deref()].into_iter().flatten() {
            masks.learn(&String::from_utf8_lossy(text));
        }
        if let Some(own) = &self.looking.string {
            masks.learn(own.text.expose());
        }
        masks
    }

    fn ring(&self) -> Result<&Keyring> {
        if let Some(ring) = self.ring.get() {
            return Ok(ring);
        }
        let ring = self.console.keyring(self.looking)?;
        Ok(self.ring.get_or_init(|| ring))
    }

    /// The environment's ledger; `None` if none was ever made.
    fn ledger(&self, environment: Environment) -> Result<Option<&Ledger>> {
        let place = &self.ledgers[match environment {
            Environment::Simulated => 0,
            Environment::Sandbox => 1,
            Environment::Live => 2,
        }];
        if let Some(ledger) = place.get() {
            return Ok(ledger.as_deref());
        }
        let there = self.console.place.ledger(environment).exists();
        let ledger = there.then(|| self.console.ledger_to_read(environment)).transpose()?;
        Ok(place.get_or_init(|| ledger).as_deref())
    }

    fn unread(&self, bytes: &[u8], unread: Unreadable) -> VerifyView {
        let lang = self.lang;
        let format = format_of(bytes).as_str();
        match unread {
            Unreadable::Refused(refusal) => {
                let message = lang.say(&format!("finding.{}", refusal.kind), &[("at", &refusal.at)]);
                let message = lang.say("finding.at_byte", &[("finding", &message), ("at", &refusal.at)]);
                say::unreadable(refusal.kind.name(), None, message, format, lang)
            }
            Unreadable::Twice { mut name, format } => {
                self.ring().map_or_else(|_| Masks::default(), Masks::new).mask_name(&mut name);
                let message = lang.say("finding.duplicate_named", &[("field", &name)]);
                let id = RefusalKind::DuplicateField.name();
                say::unreadable(id, Some(name), message, format.as_str(), lang)
            }
            Unreadable::Nothing => {
                say::unreadable("nothing_in_it", None, lang.say("finding.nothing_in_it", &[]), format, lang)
            }
        }
    }

    /// A message of API v3: recognised, and no more. Its signature is RSA under a certificate that is not here.
    fn of_v3(&self, reading: &Reading) -> VerifyView {
        let fields = reading.fields.iter().map(|(name, value)| plain_field(name, value)).collect();
        let mut view = say::blank(Verdict::Undecidable, "v3_notice", reading.format.as_str(), self.lang);
        view.meaning = Some(self.lang.say("meaning.v3", &[]));
        view.fields = fields;
        view.findings.push(say::finding("v3_notice", None, false, self.lang));
        view
    }
}

/// What it was meant to be, for what cannot be read.
fn format_of(bytes: &[u8]) -> Format {
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    match start.first() {
        Some(b'{' | b'[') => Format::Json,
        Some(b'<') if start.starts_with(b"<?php") || start.starts_with(b"<?=") => Format::Lines,
        Some(b'<') | None => Format::Xml,
        Some(_) => Format::Lines,
    }
}

/// What is sent to WeChat Pay as its reader has it: XML makes a bare carriage return a line feed (XML 1.0, 2.11). Ours
/// keeps it, for what WeChat Pay itself signed is what stands there.
fn as_received(bytes: &[u8], reading: Reading) -> Reading {
    let in_xml = matches!(reading.format, Format::Xml | Format::Http | Format::Curl);
    let sent = !signed::is_received(Recognised::of(&reading.fields));
    if !in_xml || !sent || !reading.fields.iter().any(|(_, value)| value.contains('\r')) {
        return reading;
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return reading };
    if !text.contains("<xml") {
        return reading;
    }
    read(text.replace("\r\n", "\n").replace('\r', "\n").as_bytes()).unwrap_or(reading)
}

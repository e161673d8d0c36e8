use crate::args::{Decrypt, DecryptOutput, Sign, SignOutput, Verify};
use crate::desk::{Desk, Outcome, though_unread, write_bytes, write_text};
use crate::failure::{self, Failure};
use crate::print::{foreign, paste as print};
use crate::{input, secret};
use console::args::{Looking, Signing};
use console::view::Verdict;
use std::io::{BufRead, BufReader, IsTerminal as _, Read as _};

/// More than the largest message that is looked at.
const LONGEST_LINE: u64 = (1 << 20) + 1;

/// 0: yes. 1: no. 2: it cannot be read, or something needed is missing.
const fn status(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Valid => 0,
        Verdict::ValidButRefused | Verdict::Invalid | Verdict::Unsigned | Verdict::Ambiguous => 1,
        Verdict::Undecidable | Verdict::Malformed => 2,
    }
}

/// Is its signature right, and is it the message to wait for?
pub(crate) fn verify(desk: &Desk, verify: Verify) -> Outcome {
    let looking = Looking {
        merchant: desk.merchant.clone(),
        key_once: secret::once(desk, verify.key_file.as_deref(), &verify.file)?,
        hmac_sha256: verify.sign_type,
        record: verify.record,
    };
    if verify.lines {
        return lines(desk, &verify, &looking);
    }
    waiting_for_input(desk, &verify.file);
    let view = desk.console()?.verify(&input::read(&verify.file)?, &looking, desk.lang)?;
    desk.answer(&view, |page| print::verdict(page, &view))?;
    Ok(judged(&view))
}

/// The exit status: a good signature under a message that contradicts the order, or the merchant, is a no.
fn judged(view: &console::view::VerifyView) -> u8 {
    if view.contradicted() { 1 } else { status(view.verdict) }
}

/// One message a line, one verdict a line, as they come. One "no" makes the whole answer no.
fn lines(desk: &Desk, verify: &Verify, looking: &Looking) -> Outcome {
    let mut input = BufReader::new(input::open(&verify.file)?);
    let (mut no, mut unreadable) = (false, false);
    while let Some(line) = next_line(&mut input).map_err(|error| failure::file(&verify.file, &error))? {
        let view = desk.console()?.verify(&line, looking, desk.lang)?;
        match judged(&view) {
            0 => {}
            1 => no = true,
            _ => unreadable = true,
        }
        let text = serde_json::to_string(&view).unwrap_or_default();
        match write_bytes((foreign::json(&text) + "\n").as_bytes()) {
            Ok(()) => {}
            // The reader went away. A "no" stays one; a "yes" would speak for lines that nobody has judged.
            Err(Failure::Gone) if no => return Ok(1),
            Err(Failure::Gone) if input.fill_buf().is_ok_and(<[u8]>::is_empty) => break,
            Err(failure) => return Err(failure),
        }
    }
    Ok(match (no, unreadable) {
        (true, _) => 1,
        (false, true) => 2,
        (false, false) => 0,
    })
}

/// The next line without its end. Of one that is too long only the beginning, which is refused by its length.
fn next_line(input: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    if input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    } else if line.len() as u64 == LONGEST_LINE {
        input.skip_until(b'\n')?;
    }
    Ok(Some(line))
}

/// Signs fields.
pub(crate) fn sign(desk: &Desk, sign: &Sign) -> Outcome {
    let signing = Signing {
        merchant: desk.merchant.clone(),
        key_once: secret::once(desk, sign.key_file.as_deref(), &sign.file)?,
        hmac_sha256: sign.sign_type,
    };
    waiting_for_input(desk, &sign.file);
    let view = desk.console()?.sign(&input::read(&sign.file)?, &signing)?;
    // Nobody named the key, so it is said whose it was. Not with the answer, which is only the signature.
    if sign.key_file.is_none() && desk.merchant().is_none() {
        let merchant = desk.console()?.merchant(None)?;
        let env = desk.say(&format!("env.{}", merchant.environment), &[]);
        desk.note(&desk.say("note.signed_as", &[("env", &env), ("merchant", &merchant.name)]));
    }
    if desk.json {
        desk.json(&view)?;
    } else {
        verbatim(match sign.output {
            SignOutput::Signature => &view.signature,
            SignOutput::Xml => &view.xml,
            SignOutput::String => &view.string_to_sign,
        })?;
    }
    Ok(0)
}

/// Opens a refund notice.
pub(crate) fn decrypt(desk: &Desk, decrypt: &Decrypt) -> Outcome {
    let looking = Looking {
        merchant: desk.merchant.clone(),
        key_once: secret::once(desk, decrypt.key_file.as_deref(), &decrypt.file)?,
        ..Looking::default()
    };
    waiting_for_input(desk, &decrypt.file);
    let view = desk.console()?.decrypt(&input::read(&decrypt.file)?, &looking)?;
    if decrypt.output == DecryptOutput::Xml && !desk.json {
        verbatim(&view.xml)?;
    } else {
        desk.answer(&view, |page| print::decrypted(page, &view))?;
    }
    Ok(0)
}

/// Bytes for a program as they are; for a terminal with what it would act on made visible.
fn verbatim(text: &str) -> Result<(), Failure> {
    though_unread(if std::io::stdout().is_terminal() {
        write_text(&format!("{}\n", foreign::document(text)))
    } else {
        write_bytes(format!("{text}\n").as_bytes())
    })
}

/// So that nobody wonders why nothing happens.
fn waiting_for_input(desk: &Desk, file: &std::path::Path) {
    if input::is_standard(file) && std::io::stdin().is_terminal() {
        desk.note(&desk.say("note.paste", &[]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_any_length() {
        let long = "x".repeat(3 << 20);
        let text = format!("a\r\n\n{long}\nlast");
        let mut input = BufReader::new(text.as_bytes());
        let mut lengths = Vec::new();
        while let Some(line) = next_line(&mut input).unwrap() {
            lengths.push(line.len());
        }
        assert_eq!(lengths, [1, 0, (1 << 20) + 1, 4]);
    }

    #[test]
    fn an_exact_line_is_not_taken_for_a_longer_one() {
        let most = usize::try_from(LONGEST_LINE).unwrap();
        let text = format!("{}\nnext\n", "x".repeat(most - 1));
        let mut input = BufReader::new(text.as_bytes());
        assert_eq!(next_line(&mut input).unwrap().unwrap().len(), most - 1);
        assert_eq!(next_line(&mut input).unwrap().unwrap(), b"next");
    }
}

use crate::args::{Decrypt, DecryptOutput, JssdkCommand, Sign, SignOutput, Verify};
use crate::desk::{Desk, Outcome, though_unread, write_bytes, write_text};
use crate::failure::{self, Failure};
use crate::print::{foreign, paste as print};
use crate::{input, secret};
use console::args::{JssdkSigning, Looking, OwnString, Signing};
use console::view::Verdict;
use console::words::Words;
use console::{Code, ConsoleError, Judge, Looked};
use std::io::{BufRead, BufReader, IsTerminal as _, Read};

/// More than the largest message that is looked at.
const LONGEST_LINE: u64 = (1 << 20) + 1;

/// So much of a log is read, and so many answers are written, at a time.
const READ: usize = 1024 * 1024;

/// How long is looked for the causes of one line, in milliseconds.
const LINE_PATIENCE_MS: u64 = 200;

/// 0: yes. 1: no. 2: it cannot be read, or something needed is missing.
const fn status(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Valid => 0,
        Verdict::ValidButRefused | Verdict::Invalid | Verdict::Unsigned | Verdict::Ambiguous => 1,
        Verdict::Undecidable | Verdict::Malformed => 2,
    }
}

/// Is its signature right, and if not, why; and is it the message to wait for?
pub(crate) fn verify(desk: &Desk, verify: Verify) -> Outcome {
    if verify.list_causes {
        let causes = console::causes(desk.lang);
        desk.answer(&causes, |page| print::causes(page, &causes))?;
        return Ok(0);
    }
    let given = [Some(&verify.file), verify.key_file.as_ref(), verify.with.as_ref(), verify.string.as_ref()];
    if given.into_iter().flatten().filter(|file| input::is_standard(file)).count() > 1 {
        return Err(desk.usage("usage.two_on_standard_input", &[]));
    }
    let looking = Looking {
        merchant: desk.merchant.clone(),
        key_once: secret::once(desk, verify.key_file.as_deref(), &verify.file)?,
        hmac_sha256: verify.sign_type,
        record: verify.record,
        beside: verify.with.as_deref().map(input::read).transpose()?,
        string: verify.string.as_deref().map(own_string).transpose()?,
        reproduce: verify.reproduction.is_some() || desk.json,
        patience_ms: verify.lines.then_some(LINE_PATIENCE_MS),
    };
    if verify.lines {
        return lines(desk, &verify, &looking);
    }
    waiting_for_input(desk, &verify.file);
    let view = desk.console()?.verify(&input::read(&verify.file)?, &looking, desk.lang)?;
    let test = verify.reproduction.and_then(|language| {
        let tests = &view.reproduction.as_ref()?.tests;
        tests.iter().find(|test| test.language == language.as_str())
    });
    match test {
        Some(test) => verbatim(test.code.trim_end())?,
        // Whoever asks for it means to show it to others: the message itself must not stand in its place.
        None if verify.reproduction.is_some() && !desk.json => {
            desk.note(&desk.say("note.no_reproduction", &[]));
        }
        None => desk.answer(&view, |page| print::verdict(page, &view))?,
    }
    Ok(judged(view.verdict, view.contradicted()))
}

/// The string that the developer's program signed, in UTF-8 or GBK.
fn own_string(path: &std::path::Path) -> Result<OwnString, Failure> {
    OwnString::read(input::read(path)?).ok_or_else(|| {
        let why = failure::of(path, Words::new("finding.not_utf8"));
        ConsoleError::new(Code::UnreadableInput).saying("detail", why).into()
    })
}

/// The exit status: a good signature under a message that contradicts the order, or the merchant, is a no.
const fn judged(verdict: Verdict, contradicted: bool) -> u8 {
    if contradicted { 1 } else { status(verdict) }
}

/// One message a line, one verdict a line, as they come. One "no" makes the whole answer no.
fn lines(desk: &Desk, verify: &Verify, looking: &Looking) -> Outcome {
    let mut input = BufReader::with_capacity(READ, input::open(&verify.file)?);
    let judge = desk.console()?.judge(looking, desk.lang);
    let mut batch = Batch::default();
    let mut said = Said::default();
    // The first line alone, then more and more at a time.
    let mut most = 1;
    while batch.fill(&mut input, most).map_err(|error| failure::file(&verify.file, &error))? {
        let judged = batch.judge(&judge);
        judged.iter().for_each(|(_, seen, _)| said.add(*seen));
        for (answers, _, trouble) in judged {
            match write_bytes(&answers) {
                Ok(()) => {}
                // The reader went away. A "no" stays one; a "yes" would speak for lines that nobody has judged.
                Err(Failure::Gone) if said.no => return Ok(1),
                Err(Failure::Gone) if input.fill_buf().is_ok_and(<[u8]>::is_empty) => break,
                Err(failure) => return Err(failure),
            }
            if let Some(trouble) = trouble {
                return Err(trouble.into());
            }
        }
        most = (most * 2).min(READ);
    }
    Ok(match (said.no, said.unreadable) {
        (true, _) => 1,
        (false, true) => 2,
        (false, false) => 0,
    })
}

/// What the lines were, taken together.
#[derive(Clone, Copy, Default)]
struct Said {
    no: bool,
    unreadable: bool,
}

impl Said {
    const fn add(&mut self, other: Self) {
        self.no |= other.no;
        self.unreadable |= other.unreadable;
    }
}

/// So many lines are worth a thread of their own.
const WORTH_A_THREAD: usize = 64;

/// Lines that are judged together.
#[derive(Default)]
struct Batch {
    text: Vec<u8>,
    /// Where each line ends.
    ends: Vec<usize>,
}

/// The answers to some lines, what they were, and what ended them early.
type Judged = (Vec<u8>, Said, Option<ConsoleError>);

impl Batch {
    /// Takes lines until there are `most` bytes of them, or the next one has not come yet. Blank ones are none.
    /// `false` at the end.
    fn fill(&mut self, input: &mut BufReader<Box<dyn Read>>, most: usize) -> std::io::Result<bool> {
        self.text.clear();
        self.ends.clear();
        let mut more = false;
        while next_line(input, &mut self.text)? {
            more = true;
            let start = self.ends.last().copied().unwrap_or_default();
            if self.text[start..].trim_ascii().is_empty() {
                self.text.truncate(start);
            } else {
                self.ends.push(self.text.len());
            }
            // Whoever waits for an answer has it before the next line is waited for.
            if self.text.len() >= most || !input.buffer().contains(&b'\n') {
                break;
            }
        }
        Ok(more)
    }

    fn line(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }

    /// Judges them, on as many threads as there are for: what came of them piece by piece, in their order.
    fn judge(&self, judge: &Judge<'_>) -> Vec<Judged> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let each = self.ends.len().div_ceil(threads).max(WORTH_A_THREAD);
        let mut pieces =
            (0..self.ends.len()).step_by(each).map(|from| from..(from + each).min(self.ends.len()));
        let Some(first) = pieces.next() else { return Vec::new() };
        std::thread::scope(|scope| {
            let running: Vec<_> = pieces.map(|piece| scope.spawn(|| self.piece(piece, judge))).collect();
            let first = self.piece(first, judge);
            let others = running
                .into_iter()
                .map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            std::iter::once(first).chain(others).collect()
        })
    }

    fn piece(&self, lines: std::ops::Range<usize>, judge: &Judge<'_>) -> Judged {
        let mut said = Said::default();
        let mut answers = Vec::with_capacity(lines.len().min(256) * 2048);
        for at in lines {
            let looked = match judge.line(self.line(at)) {
                Ok(looked) => looked,
                Err(error) => return (answers, said, Some(error)),
            };
            match judged(looked.verdict(), looked.contradicted()) {
                0 => {}
                1 => said.no = true,
                _ => said.unreadable = true,
            }
            answer(&mut answers, &looked);
        }
        (answers, said, None)
    }
}

fn answer(answers: &mut Vec<u8>, looked: &Looked<'_>) {
    let start = answers.len();
    if looked.write(answers).is_err() {
        answers.truncate(start);
    }
    if let Some(marked) = foreign::marked_json(&answers[start..]) {
        answers.truncate(start);
        answers.extend_from_slice(marked.as_bytes());
    }
    answers.push(b'\n');
}

/// Adds the next line without its end; `false` at the end of all. Of one that is too long only the beginning, which is
/// refused by its length.
fn next_line(input: &mut impl BufRead, lines: &mut Vec<u8>) -> std::io::Result<bool> {
    let start = lines.len();
    let read = input.by_ref().take(LONGEST_LINE).read_until(b'\n', lines)?;
    if read == 0 {
        return Ok(false);
    }
    if lines.last() == Some(&b'\n') {
        lines.pop();
        if lines.len() > start && lines.last() == Some(&b'\r') {
            lines.pop();
        }
    } else if read as u64 == LONGEST_LINE {
        input.skip_until(b'\n')?;
    }
    Ok(true)
}

/// Signs fields.
pub(crate) fn sign(desk: &Desk, sign: &Sign) -> Outcome {
    let signing = Signing {
        merchant: desk.merchant.clone(),
        key_once: secret::once(desk, sign.key_file.as_deref(), &sign.file)?,
        hmac_sha256: sign.sign_type,
    };
    waiting_for_input(desk, &sign.file);
    let view = desk.console()?.sign(&input::read(&sign.file)?, &signing, desk.lang)?;
    // Not with the answer, which is only the signature; programs find it in the answer.
    for finding in view.findings.iter().filter(|_| !desk.json) {
        desk.note(&finding.message);
    }
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

/// The values of `wx.config`.
pub(crate) fn jssdk(desk: &Desk, command: JssdkCommand) -> Outcome {
    let JssdkCommand::Sign(sign) = command;
    let ticket = secret::from_file(desk, &sign.ticket_file)?;
    // Nobody named the account, so it is said whose it is: a ticket of another one fails, and nothing says why.
    let unnamed = sign.appid.is_none() && desk.merchant().is_none();
    let fragment = sign.url.contains('#');
    let signing = JssdkSigning {
        merchant: desk.merchant.clone(),
        appid: sign.appid,
        url: sign.url,
        nonce_str: sign.nonce_str,
        timestamp: sign.timestamp,
    };
    let view = desk.console()?.jssdk_sign(&signing, &ticket)?;
    if unnamed {
        let merchant = desk.console()?.merchant(None)?.name;
        desk.note(&desk.say("note.jssdk_appid", &[("merchant", &merchant), ("appid", &view.app_id)]));
    }
    if fragment {
        desk.note(&desk.say("note.jssdk_fragment", &[("url", &view.url)]));
    }
    desk.answer(&view, |page| print::jssdk(page, &view))?;
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

    /// Many threads answer in the order of the lines.
    #[test]
    fn a_batch_is_answered_in_its_order() {
        let dir = tempfile::tempdir().unwrap();
        let options =
            console::Options { data_dir: Some(dir.path().to_owned()), ..console::Options::default() };
        let console = console::Console::open(options).unwrap();
        let looking = Looking { patience_ms: Some(1), ..Looking::default() };
        let judge = console.judge(&looking, console::Lang::En);
        let text: String =
            (0..1_000).map(|number| format!("{{\"out_trade_no\":\"{number:04}\"}}\n")).collect();
        let mut input = BufReader::new(Box::new(std::io::Cursor::new(text)) as Box<dyn Read>);
        let (mut batch, mut all) = (Batch::default(), Vec::new());
        while batch.fill(&mut input, READ).unwrap() {
            for (answers, said, trouble) in batch.judge(&judge) {
                assert!(said.no && !said.unreadable && trouble.is_none());
                all.extend(answers);
            }
        }
        let answers = String::from_utf8(all).unwrap();
        let numbers: Vec<_> = answers
            .lines()
            .map(|line| {
                let view: serde_json::Value = serde_json::from_str(line).unwrap();
                view["fields"][0]["value"].as_str().unwrap().parse::<usize>().unwrap()
            })
            .collect();
        assert_eq!(numbers, (0..1_000).collect::<Vec<_>>());
    }

    fn lines(text: &str) -> Vec<Vec<u8>> {
        let (mut input, mut line, mut all) = (BufReader::new(text.as_bytes()), Vec::new(), Vec::new());
        while next_line(&mut input, &mut line).unwrap() {
            all.push(std::mem::take(&mut line));
        }
        all
    }

    #[test]
    fn lines_of_any_length() {
        let long = "x".repeat(3 << 20);
        let lengths: Vec<_> = lines(&format!("a\r\n\n{long}\nlast")).iter().map(Vec::len).collect();
        assert_eq!(lengths, [1, 0, (1 << 20) + 1, 4]);
    }

    #[test]
    fn an_exact_line_is_not_taken_for_a_longer_one() {
        let most = usize::try_from(LONGEST_LINE).unwrap();
        let all = lines(&format!("{}\nnext\n", "x".repeat(most - 1)));
        assert_eq!(all[0].len(), most - 1);
        assert_eq!(all[1], b"next");
    }
}

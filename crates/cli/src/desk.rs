//! What every command has at hand: the console, the language, and the two ways out.

use crate::failure::Failure;
use crate::print::page::Page;
use console::{Console, ConsoleError, Lang, Options};
use serde::Serialize;
use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::OnceLock;

/// One command at work.
pub(crate) struct Desk {
    pub(crate) lang: Lang,
    pub(crate) json: bool,
    pub(crate) quiet: bool,
    pub(crate) verbose: u8,
    pub(crate) merchant: Option<String>,
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) console: OnceLock<Console>,
}

/// What a command gives: its exit status.
pub(crate) type Outcome = Result<u8, Failure>;

impl Desk {
    /// The console, opened when first needed.
    pub(crate) fn console(&self) -> Result<&Console, Failure> {
        if let Some(console) = self.console.get() {
            return Ok(console);
        }
        let console = Console::open(Options { data_dir: self.data_dir.clone(), ..Options::default() })?;
        Ok(self.console.get_or_init(|| console))
    }

    /// The merchant named, by this command or for all.
    pub(crate) fn named<'a>(&'a self, here: Option<&'a String>) -> Option<&'a str> {
        here.or(self.merchant.as_ref()).map(String::as_str)
    }

    pub(crate) fn merchant(&self) -> Option<&str> {
        self.named(None)
    }

    pub(crate) fn say(&self, key: &str, params: &[(&str, &dyn Display)]) -> String {
        self.lang.say(key, params)
    }

    /// Something that the arguments' types could not refuse.
    pub(crate) fn usage(&self, key: &str, params: &[(&str, &dyn Display)]) -> Failure {
        Failure::Usage(self.say(key, params))
    }

    /// Waits for an answer. Ctrl-C ends the waiting; what was sent stands in the ledger.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = Result<T, ConsoleError>>) -> Result<T, Failure> {
        self.wait_to_end(async {
            // In this order: from the moment the work says anything, Ctrl-C is heard and no longer kills.
            tokio::select! {
                biased;
                Ok(()) = tokio::signal::ctrl_c() => Err(Failure::Interrupted),
                answer = work => answer.map_err(Failure::from),
            }
        })
    }

    /// Runs something that sees to Ctrl-C itself.
    pub(crate) fn wait_to_end<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| {
            Failure::from(
                ConsoleError::new(console::Code::FileFailed).with("path", "").saying("detail", &error),
            )
        })?;
        runtime.block_on(work)
    }

    /// Prints the answer: the view as JSON, or a page for people.
    pub(crate) fn answer<V: Serialize>(
        &self,
        view: &V,
        human: impl FnOnce(&mut Page),
    ) -> Result<(), Failure> {
        self.warn();
        if self.json {
            return self.json(view);
        }
        let mut page = Page::new(self.lang);
        page.width = crate::print::page::columns();
        human(&mut page);
        though_unread(write_text(&page.finish()))
    }

    /// Prints the answer as one JSON document.
    pub(crate) fn json<V: Serialize>(&self, view: &V) -> Result<(), Failure> {
        self.warn();
        let text = serde_json::to_string_pretty(view).map_err(|error| {
            Failure::from(
                ConsoleError::new(console::Code::FileFailed).with("path", "-").saying("detail", &error),
            )
        })?;
        though_unread(write_bytes((crate::print::foreign::json(&text) + "\n").as_bytes()))
    }

    /// Says something beside the answer.
    pub(crate) fn note(&self, text: &str) {
        self.warn();
        if !self.quiet {
            self.aside(text);
        }
    }

    /// Says what is wrong with the ledgers that the answer comes from, each once, whoever reads the answer. One
    /// that may not be all that happened is no small thing, so it is also said to those who want quiet.
    fn warn(&self) {
        let Some(console) = self.console.get() else { return };
        for warning in console.warnings() {
            if self.quiet && matches!(warning.code, console::Code::LedgerReadOnly | console::Code::DiskFull) {
                continue;
            }
            let mut page = Page::new(self.lang);
            page.put(
                crate::print::page::CARE,
                &format!("! {}", crate::print::ledger::warning(&warning, self.lang)),
            );
            page.put(crate::print::page::DIM, &format!("  [{}]", warning.code));
            page.end();
            let _ = anstream::stderr().write_all(page.finish().as_bytes());
        }
    }

    /// Says something that only the curious want to know.
    pub(crate) fn detail(&self, key: &str, params: &[(&str, &dyn Display)]) {
        if self.verbose > 0 {
            self.aside(&self.say(key, params));
        }
    }

    fn aside(&self, text: &str) {
        let mut page = Page::new(self.lang);
        page.width = crate::print::page::columns();
        page.sentence(0, 2, &[(crate::print::page::DIM, text)]);
        let _ = anstream::stderr().write_all(page.finish().as_bytes());
    }

    /// Whether a person can be asked.
    pub(crate) fn can_ask(&self) -> bool {
        !self.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks, and gives the line that was typed.
    pub(crate) fn ask(&self, question: &str) -> Result<String, Failure> {
        let mut page = Page::new(self.lang);
        page.put(crate::print::page::BOLD, question);
        let _ = anstream::stderr().write_all(page.finish().as_bytes());
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        read.map_err(|error| crate::failure::file(std::path::Path::new("-"), &error))?;
        Ok(line.trim().to_owned())
    }

    /// Goes on only if a person says yes, or said so with `--yes`.
    pub(crate) fn confirm(&self, yes: bool, question: &str) -> Result<(), Failure> {
        if yes {
            return Ok(());
        }
        if !self.can_ask() {
            return Err(self.usage("usage.yes_needed", &[]));
        }
        let answer = self.ask(&format!("{question} {} ", self.say("ask.yes_no", &[])))?;
        if matches!(answer.to_lowercase().as_str(), "y" | "yes" | "是" | "好" | "确定") {
            Ok(())
        } else {
            Err(ConsoleError::new(console::Code::Declined).into())
        }
    }
}

fn out_failed(error: &std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        Failure::Gone
    } else {
        Failure::Unprinted(error.into())
    }
}

/// Goes on where nobody reads the answer: a reader that went away does not turn a "no" into a "yes", so the exit
/// status says what it would have said.
pub(crate) fn though_unread(printed: Result<(), Failure>) -> Result<(), Failure> {
    match printed {
        Err(Failure::Gone) => Ok(()),
        other => other,
    }
}

/// Writes text with colours where the terminal shows them.
pub(crate) fn write_text(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| out_failed(&error))
}

/// Writes bytes as they are.
pub(crate) fn write_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| out_failed(&error))
}

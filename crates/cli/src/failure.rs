//! How a command ends when it does not end well.

use crate::print::page::{self, Page};
use anstyle::{AnsiColor, Style};
use console::words::{Words, shown};
use console::{Code, ConsoleError, Lang};
use serde_json::{Value, json};

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The console says so.
    Console(ConsoleError),
    /// The command line is not right, in words.
    Usage(String),
    /// Somebody pressed Ctrl-C while something was under way.
    Interrupted,
    /// Somebody pressed Ctrl-C during work that only reads the ledger. Nothing was written.
    Stopped,
    /// The answer could not be printed. What was asked may have been done all the same.
    Unprinted(Words),
    /// Standard output was closed before anything began. Nothing was done.
    Closed,
    /// Nobody reads the output any more, as with `head`, and the work stopped there: what it would have said of
    /// the rest nobody knows. Where the work was done all the same, its own status stands: see
    /// [`though_unread`](crate::desk::though_unread).
    Gone,
}

impl From<ConsoleError> for Failure {
    fn from(error: ConsoleError) -> Self {
        Self::Console(error)
    }
}

/// A file of the person's own that cannot be read or written.
pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Failure {
    let code = match error.kind() {
        std::io::ErrorKind::StorageFull => return ConsoleError::new(Code::DiskFull).into(),
        std::io::ErrorKind::NotFound
        | std::io::ErrorKind::PermissionDenied
        | std::io::ErrorKind::IsADirectory => Code::UnreadableInput,
        _ => Code::FileFailed,
    };
    let said = match code {
        Code::UnreadableInput => of(path, error),
        _ => error.into(),
    };
    ConsoleError::new(code).with("path", named(path)).saying("detail", said).into()
}

/// What is wrong with a file, with its name.
pub(crate) fn of(path: &std::path::Path, why: impl Into<Words>) -> Words {
    Words::new("detail.of_file").with("path", named(path)).saying("why", why)
}

/// A file's name as it may be shown: a key that was given in its place is not.
fn named(path: &std::path::Path) -> String {
    let text = path.display().to_string();
    if text.contains(['.', '/', '\\']) { text } else { shown(&text).into_owned() }
}

impl Failure {
    /// The exit status.
    pub(crate) fn status(&self) -> u8 {
        match self {
            Self::Console(error) => error.code.exit().status(),
            Self::Usage(_) => 2,
            Self::Interrupted => 4,
            Self::Stopped => crate::commands::long::STOPPED,
            Self::Unprinted(_) | Self::Closed | Self::Gone => 5,
        }
    }

    /// The sentence for people.
    fn message(&self, lang: Lang) -> String {
        match self {
            Self::Console(error) => lang.error(error),
            Self::Usage(detail) => lang.say("error.usage", &[("detail", detail)]),
            Self::Interrupted => lang.say("error.interrupted", &[]),
            Self::Stopped => lang.say("error.stopped", &[]),
            Self::Unprinted(why) => lang.say("error.unprinted", &[("detail", &lang.tell(why))]),
            Self::Closed => lang.say("error.stdout_closed", &[]),
            Self::Gone => String::new(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Console(error) => error.code.as_str(),
            Self::Usage(_) => "usage",
            Self::Interrupted => "interrupted",
            Self::Stopped => "stopped",
            Self::Unprinted(_) => "unprinted",
            Self::Closed => "stdout_closed",
            Self::Gone => "gone",
        }
    }

    /// `{"error":{"code","params","message"}}`.
    pub(crate) fn json(&self, lang: Lang) -> Value {
        let params = match self {
            Self::Console(error) => json!(error.params),
            Self::Usage(detail) => json!({ "detail": detail }),
            Self::Unprinted(why) => json!({ "detail": why.key }),
            Self::Interrupted | Self::Stopped | Self::Closed | Self::Gone => json!({}),
        };
        json!({ "error": { "code": self.code(), "params": params, "message": self.message(lang) } })
    }

    /// For a terminal.
    pub(crate) fn text(&self, lang: Lang) -> String {
        let mut page = Page::new(lang);
        page.width = page::columns();
        let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        let (message, code) = (self.message(lang), format!("  [{}]", self.code()));
        page.sentence(0, 2, &[(red, "✗ "), (Style::new(), &message), (page::DIM, &code)]);
        page.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_a_code_a_sentence_and_a_status() {
        let error = ConsoleError::new(Code::RefundTooMuch).with("left_fen", 100).with("left", "1.00");
        let failure = Failure::from(error);
        assert_eq!(failure.status(), 2);
        let json = failure.json(Lang::En);
        assert_eq!(json["error"]["code"], "refund_too_much");
        assert_eq!(json["error"]["params"]["left_fen"], "100");
        assert!(json["error"]["message"].as_str().unwrap().contains("at most 1.00 yuan"));
        assert!(
            failure.json(Lang::ZhCn)["error"]["message"].as_str().unwrap().contains("最多还能退 1.00 元")
        );
    }

    #[test]
    fn what_strangers_wrote_cannot_steer_the_terminal() {
        let error = ConsoleError::new(Code::Refused).with("err_code_des", "\u{1b}[2J\u{202e}\u{9b}31m付款");
        let text = Failure::from(error).text(Lang::ZhCn);
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert!(plain.contains("‹U+001B›[2J‹U+202E›‹U+009B›31m付款"), "{plain}");
        assert!(!text.contains("\u{1b}[2J") && !text.contains(['\u{202e}', '\u{9b}']), "{text:?}");
    }

    #[test]
    fn every_status_is_one_of_the_six() {
        for code in Code::ALL {
            assert!((1..=5).contains(&Failure::from(ConsoleError::new(*code)).status()), "{code}");
        }
        assert_eq!(Failure::Usage(String::new()).status(), 2);
        assert_eq!(Failure::Interrupted.status(), 4);
        assert_eq!(Failure::Gone.status(), 5);
    }
}

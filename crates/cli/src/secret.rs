//! The one door for secrets: a file, standard input, or a prompt without echo. Never an argument, never the
//! environment.

use crate::desk::Desk;
use crate::failure::{self, Failure};
use crate::input;
use console::words::Words;
use console::{Code, ConsoleError};
use domain::Secret;
use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

/// No secret is longer; the buffer never grows, so that it leaves no copies behind.
const MOST: usize = 16 * 1024;

/// Reads a secret from a file or `-`. One line end after it is taken off and said with `--verbose`; whatever else
/// stands around it stays, and is refused by the shape of its kind.
pub(crate) fn from_file(desk: &Desk, path: &Path) -> Result<Secret<String>, Failure> {
    let mut buffer = Vec::with_capacity(MOST + 1);
    let read = input::open(path)?.take(MOST as u64 + 1).read_to_end(&mut buffer);
    let bytes = Secret::new(buffer);
    read.map_err(|error| failure::file(path, &error))?;
    if bytes.expose().len() > MOST {
        return Err(ConsoleError::new(Code::InputTooLarge).into());
    }
    let text = std::str::from_utf8(bytes.expose()).map_err(|_| {
        let why = failure::of(path, Words::new("finding.not_utf8"));
        Failure::from(ConsoleError::new(Code::UnreadableInput).saying("detail", why))
    })?;
    let kept = without_line_end(text);
    if kept.len() < text.len() {
        desk.detail("secret.line_end", &[("path", &path.display())]);
    }
    Ok(Secret::new(kept.to_owned()))
}

fn without_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

/// Reads a secret from the file, or asks for it where a person can be asked.
pub(crate) fn get(desk: &Desk, file: Option<&Path>, prompt: &str) -> Result<Secret<String>, Failure> {
    match file {
        Some(path) => from_file(desk, path),
        None if !desk.json && std::io::stdin().is_terminal() => {
            let typed = rpassword::prompt_password(format!("{prompt} "));
            Ok(Secret::new(typed.map_err(|error| failure::file(Path::new("-"), &error))?))
        }
        None => Err(desk.usage("usage.key_file_needed", &[])),
    }
}

/// A key given once, if a file was named. Two things cannot both come from standard input.
pub(crate) fn once(
    desk: &Desk,
    key: Option<&Path>,
    document: &Path,
) -> Result<Option<Secret<String>>, Failure> {
    match key {
        Some(path) if input::is_standard(path) && input::is_standard(document) => {
            Err(desk.usage("usage.two_on_standard_input", &[]))
        }
        Some(path) => {
            let key = from_file(desk, path)?;
            if key.expose().is_empty() {
                let why = failure::of(path, Words::new("detail.key.empty"));
                return Err(ConsoleError::new(Code::UnreadableInput).saying("detail", why).into());
            }
            Ok(Some(key))
        }
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_is_taken_off() {
        for (text, kept) in [
            ("key\n", "key"),
            ("key\r\n", "key"),
            ("key", "key"),
            ("key\n\n", "key\n"),
            (" key \n", " key "),
            ("\u{feff}key", "\u{feff}key"),
            ("", ""),
        ] {
            assert_eq!(without_line_end(text), kept, "{text:?}");
        }
    }
}

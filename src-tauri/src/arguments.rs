//! What the window is started with. Few enough to be read here: the argument parser belongs to the command line.

use std::ffi::OsString;
use std::path::PathBuf;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Window(Arguments),
    Help,
    Version,
}

/// What a window is opened on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// Where Paydesk's files are; the platform's own place if absent. The same as the command line's.
    pub(crate) data_dir: Option<PathBuf>,
    /// The merchant to show first, by name.
    pub(crate) merchant: Option<String>,
}

/// Reads the words after the program's name.
///
/// # Errors
/// The word that is not understood, or after which something is missing.
pub(crate) fn parse(words: impl Iterator<Item = OsString>) -> Result<Asked, String> {
    let mut found = Arguments::default();
    let mut words = words;
    while let Some(word) = words.next() {
        let Some(text) = word.to_str() else { return Err(word.to_string_lossy().into_owned()) };
        let (name, joined) = match text.split_once('=') {
            Some((name, value)) => (name, Some(OsString::from(value))),
            None => (text, None),
        };
        let mut value = || joined.clone().or_else(|| words.next()).ok_or_else(|| name.to_owned());
        match name {
            "--data-dir" => found.data_dir = Some(value()?.into()),
            "--merchant" => found.merchant = Some(value()?.to_string_lossy().into_owned()),
            "--help" | "-h" if joined.is_none() => return Ok(Asked::Help),
            "--version" | "-V" if joined.is_none() => return Ok(Asked::Version),
            // Older macOS gives this to what is started from the Finder.
            _ if name.starts_with("-psn_") => {}
            _ => return Err(text.to_owned()),
        }
    }
    Ok(Asked::Window(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_is_started_with() {
        let window = |data_dir: Option<&str>, merchant: Option<&str>| {
            Ok(Asked::Window(Arguments {
                data_dir: data_dir.map(PathBuf::from),
                merchant: merchant.map(str::to_owned),
            }))
        };
        for (line, expected) in [
            ("", window(None, None)),
            ("--data-dir 账本 --merchant 面包店", window(Some("账本"), Some("面包店"))),
            ("--data-dir=a=b", window(Some("a=b"), None)),
            ("-psn_0_1234", window(None, None)),
            ("--merchant x --help", Ok(Asked::Help)),
            ("-V", Ok(Asked::Version)),
            ("--data-dir", Err("--data-dir".into())),
            ("--simulated", Err("--simulated".into())),
            ("--help=x", Err("--help=x".into())),
            ("payments", Err("payments".into())),
        ] {
            assert_eq!(parse(line.split_whitespace().map(OsString::from)), expected, "{line}");
        }
    }
}

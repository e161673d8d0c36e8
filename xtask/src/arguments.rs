//! The few arguments that a task takes.

use std::collections::VecDeque;
use std::fmt;

/// What is wrong with the arguments. The exit status is 2 and the help follows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Usage {
    /// There is no task of that name.
    Task,
    /// This argument is needed.
    Missing(&'static str),
    /// This option stands alone or before something that is not a whole number.
    Number(&'static str),
    /// This option stands alone.
    Value(&'static str),
    /// These two exclude each other.
    Both(&'static str, &'static str),
    /// The task does not take this.
    Unknown(String),
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task => f.write_str("there is no such task"),
            Self::Missing(name) => write!(f, "{name} is missing"),
            Self::Number(name) => write!(f, "{name} needs a whole number after it"),
            Self::Value(name) => write!(f, "{name} needs a word after it"),
            Self::Both(one, other) => write!(f, "either {one} or {other}, not both"),
            Self::Unknown(word) => write!(f, "`{word}` is not understood"),
        }
    }
}

/// The words after the task's name that nobody has taken yet.
pub(crate) struct Arguments(VecDeque<String>);

impl Arguments {
    pub(crate) fn new(words: impl Iterator<Item = String>) -> Self {
        Self(words.collect())
    }

    /// Takes the option `name` and the number after it.
    ///
    /// # Errors
    /// [`Usage::Number`] if no whole number follows.
    pub(crate) fn number(&mut self, name: &'static str) -> Result<Option<u64>, Usage> {
        let Some(at) = self.0.iter().position(|word| word == name) else { return Ok(None) };
        self.0.remove(at);
        let number = self.0.remove(at).and_then(|word| word.parse().ok());
        number.map(Some).ok_or(Usage::Number(name))
    }

    /// Takes the option `name` and the word after it.
    ///
    /// # Errors
    /// [`Usage::Value`] if none follows.
    pub(crate) fn value(&mut self, name: &'static str) -> Result<Option<String>, Usage> {
        let Some(at) = self.0.iter().position(|word| word == name) else { return Ok(None) };
        self.0.remove(at);
        self.0.remove(at).map(Some).ok_or(Usage::Value(name))
    }

    /// Takes the switch `name`. True if it was there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let at = self.0.iter().position(|word| word == name);
        at.is_some_and(|at| self.0.remove(at).is_some())
    }

    /// Takes the next word that is not an option.
    pub(crate) fn word(&mut self) -> Option<String> {
        let at = self.0.iter().position(|word| !word.starts_with('-'))?;
        self.0.remove(at)
    }

    /// Takes all that is left, without the `--` that may stand before it.
    pub(crate) fn rest(mut self) -> Vec<String> {
        if self.0.front().is_some_and(|word| word == "--") {
            self.0.pop_front();
        }
        self.0.into()
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// [`Usage::Unknown`] with the first word that is.
    pub(crate) fn end(mut self) -> Result<(), Usage> {
        self.0.pop_front().map_or(Ok(()), |word| Err(Usage::Unknown(word)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Arguments {
        Arguments::new(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn what_is_taken_and_what_is_left() {
        let mut fuzz = arguments("xml --seconds 5");
        assert_eq!(fuzz.number("--seconds"), Ok(Some(5)));
        assert_eq!(fuzz.word().as_deref(), Some("xml"));
        assert_eq!(fuzz.end(), Ok(()));
        assert_eq!(arguments("").number("--kills"), Ok(None));
        for wrong in ["--kills", "--kills many", "--kills -1"] {
            assert_eq!(arguments(wrong).number("--kills"), Err(Usage::Number("--kills")), "{wrong}");
        }
        assert_eq!(arguments("--data-dir a").value("--data-dir"), Ok(Some("a".into())));
        assert_eq!(arguments("--data-dir").value("--data-dir"), Err(Usage::Value("--data-dir")));
        assert_eq!(arguments("--fast").end(), Err(Usage::Unknown("--fast".into())));
        assert!(arguments("--run").flag("--run"));
        assert_eq!(arguments("-- --seed 7").rest(), ["--seed", "7"]);
        assert_eq!(arguments("--seed 7").rest(), ["--seed", "7"]);
    }
}

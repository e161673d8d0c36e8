//! What a program with a window starts with: a person's choices, and the merchants.

use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::merchants::BUILT_IN;
use crate::place::{failed, read_bounded, write_whole};
use crate::view::{ErrorView, Preferences, StartView};
use crate::words::{Lang, Words};
use std::path::PathBuf;

/// Larger than any choices a person makes.
const MAX_PREFERENCES: u64 = 1 << 20;

/// The language of this computer's person: what the environment says; where it says nothing, what macOS or Windows
/// was set to, which give programs no such variables. Not verified on macOS or Windows.
#[must_use]
pub fn system_language() -> Lang {
    language_of(|name| std::env::var(name).ok(), set_in_system)
}

/// What was set in the system itself. Not asked elsewhere: there the library reads the environment too, and
/// `LANGUAGE` before all, which means nothing without the others.
fn set_in_system() -> Option<String> {
    if cfg!(any(target_os = "macos", windows)) { sys_locale::get_locale() } else { None }
}

/// The first of the three variables that is set, as POSIX has it, or else what the system says.
fn language_of(variable: impl Fn(&str) -> Option<String>, system: impl FnOnce() -> Option<String>) -> Lang {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(variable)
        .find(|locale| !locale.is_empty())
        .or_else(system)
        .unwrap_or_default();
    Lang::of_locale(&locale)
}

const fn lang_word(lang: Lang) -> &'static str {
    match lang {
        Lang::ZhCn => "zh-CN",
        Lang::En => "en",
    }
}

impl Console {
    fn preferences_file(&self) -> PathBuf {
        self.place().root().join("preferences.json")
    }

    /// A person's choices; those that stand nowhere are the default. Why they could not be read, if so; then all
    /// are the default.
    pub fn preferences(&self) -> (Preferences, Option<ConsoleError>) {
        let path = self.preferences_file();
        let read = || -> Result<Option<Preferences>> {
            let Some(bytes) = read_bounded(&path, MAX_PREFERENCES)? else { return Ok(None) };
            let preferences: Preferences = serde_json::from_slice(&bytes).map_err(|error| {
                ConsoleError::new(Code::FileFailed).with("path", path.display()).saying("detail", &error)
            })?;
            check(&preferences)?;
            Ok(Some(preferences))
        };
        match read() {
            Ok(preferences) => (preferences.unwrap_or_default(), None),
            Err(error) => (Preferences::default(), Some(error)),
        }
    }

    /// Keeps a person's choices, whole or not at all. A file that could not be read is kept beside it.
    ///
    /// # Errors
    /// `invalid_field` for a choice that there is not; `file_failed`, `disk_full`: then what was kept stands.
    pub fn save_preferences(&self, preferences: Preferences) -> Result<Preferences> {
        check(&preferences)?;
        let path = self.preferences_file();
        if self.preferences().1.is_some() {
            let _ = std::fs::rename(&path, path.with_extension("damaged.json"));
        }
        let bytes = serde_json::to_vec_pretty(&preferences).map_err(|error| failed(&path, &error.into()))?;
        write_whole(&path, &bytes, true)?;
        Ok(preferences)
    }

    /// The language that was chosen, or else the system's.
    pub(crate) fn language(&self) -> Lang {
        Lang::parse(&self.preferences().0.language).unwrap_or_else(system_language)
    }

    /// What a window starts with. It never fails: what cannot be read is the default, and `trouble` says why.
    pub fn start(&self) -> StartView {
        let (preferences, unread) = self.preferences();
        let (merchants, troubled) = match self.merchants() {
            Ok(merchants) => (merchants, None),
            // The simulated one needs no file.
            Err(error) => (self.merchant(Some(BUILT_IN)).into_iter().collect(), Some(error)),
        };
        let merchant = preferences
            .merchant
            .clone()
            .filter(|name| merchants.iter().any(|merchant| merchant.name == *name))
            .unwrap_or_else(|| BUILT_IN.to_owned());
        StartView {
            version: env!("CARGO_PKG_VERSION").into(),
            data_dir: self.place().root().display().to_string(),
            system_language: lang_word(system_language()).into(),
            preferences,
            merchants,
            merchant,
            trouble: troubled.or(unread).as_ref().map(ErrorView::from),
        }
    }
}

fn check(preferences: &Preferences) -> Result<()> {
    let one_of = |field: &'static str, value: &str, words: &[&str]| {
        if words.contains(&value) {
            return Ok(());
        }
        Err(ConsoleError::new(Code::InvalidField)
            .with("field", field)
            .saying("detail", Words::new("detail.id.shape").with("field", field)))
    };
    one_of("language", &preferences.language, &["system", "zh-CN", "en"])?;
    one_of("theme", &preferences.theme, &["system", "light", "dark"])?;
    if preferences.refund_limit_fen < 0 {
        return Err(ConsoleError::new(Code::InvalidField)
            .with("field", "refund_limit_fen")
            .saying("detail", Words::new("detail.rule.not_negative")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `set` are the variables, `system` is what the system says.
    fn language(set: &[(&str, &str)], system: Option<&str>) -> Lang {
        let variable = |name: &str| {
            set.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
        };
        language_of(variable, || system.map(str::to_owned))
    }

    #[test]
    fn the_strongest_variable_that_says_something_is_the_language() {
        assert_eq!(language(&[("LANG", "zh_CN.UTF-8")], None), Lang::ZhCn);
        assert_eq!(language(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")], None), Lang::En);
        assert_eq!(
            language(&[("LC_ALL", ""), ("LC_MESSAGES", "zh_TW"), ("LANG", "en_GB")], None),
            Lang::ZhCn
        );
        assert_eq!(language(&[], None), Lang::En);
    }

    #[test]
    fn where_no_variable_says_anything_the_system_is_asked() {
        // As macOS and Windows spell them.
        for chinese in ["zh-Hans-CN", "zh-CN", "zh-Hant-HK"] {
            assert_eq!(language(&[], Some(chinese)), Lang::ZhCn, "{chinese}");
            assert_eq!(language(&[("LANG", "")], Some(chinese)), Lang::ZhCn, "{chinese}");
            assert_eq!(
                language(&[("LANG", "en_US.UTF-8")], Some(chinese)),
                Lang::En,
                "the variables come first"
            );
        }
        assert_eq!(language(&[], Some("en-US")), Lang::En);
        assert_eq!(language(&[("LC_MESSAGES", "zh_CN")], Some("en-US")), Lang::ZhCn);
    }

    #[test]
    fn only_where_the_environment_is_not_the_system_is_the_system_asked() {
        assert_eq!(set_in_system().is_some(), cfg!(any(target_os = "macos", windows)));
    }
}

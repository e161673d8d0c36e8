//! The words on the screen, from the same file as the program's, so that no test has a sentence of its own.

use serde_json::{Map, Value};

/// One language.
pub struct Words {
    texts: Map<String, Value>,
}

impl Words {
    /// Chinese.
    #[must_use]
    pub fn zh() -> Self {
        Self::of("zh-CN")
    }

    /// English.
    #[must_use]
    pub fn en() -> Self {
        Self::of("en")
    }

    /// By the name of its file.
    ///
    /// # Panics
    /// If there is no such file.
    #[must_use]
    pub fn of(lang: &str) -> Self {
        let path = crate::repository(&format!("locales/{lang}.json"));
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { texts: serde_json::from_str(&text).unwrap() }
    }

    /// One text.
    ///
    /// # Panics
    /// If there is none of that key.
    #[must_use]
    pub fn say(&self, key: &str) -> &str {
        self.texts.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("no text {key}"))
    }

    /// The same with its parameters.
    #[must_use]
    pub fn with(&self, key: &str, parameters: &[(&str, &str)]) -> String {
        let mut text = self.say(key).to_owned();
        for (name, value) in parameters {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }

    /// What stands before the first parameter.
    #[must_use]
    pub fn head(&self, key: &str) -> &str {
        self.say(key).split('{').next().unwrap_or_default().trim()
    }
}

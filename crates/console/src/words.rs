//! The words of the product, in zh-CN (the source of truth) and English, shared by every way in.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

/// A language the product speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Simplified Chinese.
    ZhCn,
    /// English.
    En,
}

impl Lang {
    /// Reads `zh-CN` or `en`, exactly.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "zh-CN" => Some(Self::ZhCn),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The language of a system locale such as `zh_CN.UTF-8`: Chinese for anything Chinese, else English.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("zh") { Self::ZhCn } else { Self::En }
    }

    fn words(self) -> &'static BTreeMap<String, String> {
        static ZH: OnceLock<BTreeMap<String, String>> = OnceLock::new();
        static EN: OnceLock<BTreeMap<String, String>> = OnceLock::new();
        let (cell, text) = match self {
            Self::ZhCn => (&ZH, include_str!("../../../locales/zh-CN.json")),
            Self::En => (&EN, include_str!("../../../locales/en.json")),
        };
        // Both files are checked by `cargo xtask i18n`; a broken one shows keys instead of words.
        cell.get_or_init(|| serde_json::from_str(text).unwrap_or_default())
    }

    /// The sentence for `key`, its `{name}` places filled from `params`. A key that has no words is given back
    /// as it is, so that nothing is ever silent.
    #[must_use]
    pub fn say(self, key: &str, params: &[(&str, &dyn fmt::Display)]) -> String {
        let Some(template) = self.words().get(key) else { return key.to_owned() };
        let mut out = String::with_capacity(template.len() + 32);
        let mut rest = template.as_str();
        // Filled in one pass: a parameter's own braces, which may come from strangers, are never read.
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                out.push('{');
                rest = after;
                continue;
            };
            if let Some((_, value)) = params.iter().find(|(param, _)| *param == name) {
                out.push_str(&value.to_string());
            }
            rest = tail;
        }
        out + rest
    }

    /// Whether there are words for `key`.
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        self.words().contains_key(key)
    }

    /// The sentence for an error.
    #[must_use]
    pub fn error(self, error: &crate::ConsoleError) -> String {
        let params: Vec<(&str, &dyn fmt::Display)> =
            error.params.iter().map(|(name, value)| (*name, value as &dyn fmt::Display)).collect();
        self.say(&format!("error.{}", error.code), &params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn every_error_has_words_in_both_languages() {
        for code in Code::ALL {
            for lang in [Lang::ZhCn, Lang::En] {
                assert!(lang.has(&format!("error.{code}")), "error.{code} has no words in {lang:?}");
            }
        }
    }

    #[test]
    fn parameters_are_filled_once() {
        assert_eq!(Lang::En.say("no.such.key", &[]), "no.such.key");
        let text = Lang::En.say("error.no_such_merchant", &[("merchant", &"{merchant} {detail}")]);
        assert!(text.contains("{merchant} {detail}"), "{text}");
    }
}

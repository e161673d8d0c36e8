//! The words of the product, in zh-CN (the source of truth) and English, shared by every way in.

use std::borrow::Cow;
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

    pub(crate) fn words(self) -> &'static BTreeMap<String, String> {
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

    /// The sentence for [`Words`], with those inside them.
    #[must_use]
    pub fn tell(self, words: &Words) -> String {
        let parts: Vec<(&str, String)> =
            words.parts.iter().map(|(name, part)| (*name, self.part(part))).collect();
        let params: Vec<(&str, &dyn fmt::Display)> =
            parts.iter().map(|(name, text)| (*name, text as &dyn fmt::Display)).collect();
        self.say(&words.key, &params)
    }

    fn part(self, part: &Part) -> String {
        match part {
            Part::Text(text) => text.clone(),
            Part::Words(words) => self.tell(words),
        }
    }

    /// Whether there are words for `key`.
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        self.words().contains_key(key)
    }

    /// The sentence for an error, for somebody at a command line.
    #[must_use]
    pub fn error(self, error: &crate::ConsoleError) -> String {
        self.error_in("error", error)
    }

    /// The sentence for an error, for somebody in front of the window: what to do is done there.
    #[must_use]
    pub fn error_in_window(self, error: &crate::ConsoleError) -> String {
        const FAMILY: &str = "window_error";
        let own = self.has(&format!("{FAMILY}.{}", error.code));
        self.error_in(if own { FAMILY } else { "error" }, error)
    }

    fn error_in(self, family: &str, error: &crate::ConsoleError) -> String {
        let texts: Vec<(&str, String)> = error
            .params
            .iter()
            .map(|(name, value)| match error.said.get(name) {
                Some(words) => (*name, self.tell(words)),
                None => (*name, self.code_word(name, value)),
            })
            .collect();
        let params: Vec<(&str, &dyn fmt::Display)> =
            texts.iter().map(|(name, text)| (*name, text as &dyn fmt::Display)).collect();
        // Some requests are wrong as a whole: there is no field to name.
        let whole =
            error.code == crate::Code::InvalidField && error.params.get("field").is_none_or(String::is_empty);
        if whole {
            return self.say("error.invalid_request", &params);
        }
        self.say(&format!("{family}.{}", error.code), &params)
    }

    /// A parameter that is one of the product's own codes (an operation, a state, a kind of key) in words;
    /// anything else as it is.
    fn code_word(self, name: &str, value: &str) -> String {
        if name == "why" && value.is_empty() {
            return self.say("why.not_kept", &[]);
        }
        let family = match name {
            "operation" => "operation.",
            "kind" => "key.",
            "state" | "err_code_des" => "state.order.",
            "why" => "why.",
            _ => return value.to_owned(),
        };
        let key = format!("{family}{value}");
        if self.has(&key) { self.say(&key, &[]) } else { value.to_owned() }
    }
}

/// A text as it may be shown that was given where something else belongs. A key that was pasted in the wrong place
/// is on the screen once already; it must not go into logs and tickets as well.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    if is_like_a_key(text) {
        Cow::Owned(format!("•••• {}", text.chars().count()))
    } else {
        Cow::Borrowed(text)
    }
}

/// Sixteen or more letters, digits and signs of base64 in one piece, as keys are. Short words joined by `-` or
/// `_`, as names and options are, are none.
#[must_use]
pub fn is_like_a_key(text: &str) -> bool {
    let in_a_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-');
    let words = |piece: &str| {
        piece
            .split(['-', '_'])
            .all(|word| word.len() < 16 && word.bytes().all(|byte| byte.is_ascii_lowercase()))
    };
    text.split(|c| !in_a_key(c)).any(|piece| piece.len() >= 16 && !words(piece))
}

/// A sentence, or a part of one, in no language yet: a key of `locales/` and what fills it. [`Lang::tell`] says
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The key.
    pub key: Cow<'static, str>,
    pub(crate) parts: Vec<(&'static str, Part)>,
}

/// What fills a place in [`Words`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The same in every language: a number, a field's name, WeChat Pay's own words.
    Text(String),
    /// To be said in the language of the whole.
    Words(Words),
}

impl Words {
    /// The words of `key`, with nothing in their places yet.
    pub fn new(key: impl Into<Cow<'static, str>>) -> Self {
        Self { key: key.into(), parts: Vec::new() }
    }

    /// Fills a place with what is the same in every language.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.parts.push((name, Part::Text(value.to_string())));
        self
    }

    /// Fills a place with other words.
    #[must_use]
    pub fn saying(mut self, name: &'static str, words: impl Into<Self>) -> Self {
        self.parts.push((name, Part::Words(words.into())));
        self
    }

    /// What it is about, for programs: each place's text, or the key of the words there. What is in `params`
    /// already stays.
    pub(crate) fn add_to(&self, params: &mut BTreeMap<&'static str, String>) {
        for (name, part) in &self.parts {
            let value = match part {
                Part::Text(text) => text.clone(),
                Part::Words(words) => words.key.to_string(),
            };
            params.entry(name).or_insert(value);
            if let Part::Words(words) = part {
                words.add_to(params);
            }
        }
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
    fn keys_are_not_shown() {
        for (text, key) in [
            ("0123456789abcdef0123456789abcdef", true),
            ("abcdefghijklmnopqrstuvwxyz", true),
            ("192006250b4c09247ec02edce69f6a2d", true),
            ("ABCDEFGHIJKLMNOP", true),
            ("3f2504e0-4f89-11d3-9a0c-0305e82c3301", true),
            ("key=0123456789abcdef", true),
            ("0123456789abcde", false),
            ("--out-trade-number", false),
            ("my-little-bakery-shop", false),
            ("面包店的商户名称很长很长很长很长", false),
            ("", false),
        ] {
            assert_eq!(is_like_a_key(text), key, "{text}");
            assert_eq!(shown(text) == text, !key, "{text}");
        }
    }

    #[test]
    fn parameters_are_filled_once() {
        assert_eq!(Lang::En.say("no.such.key", &[]), "no.such.key");
        let text = Lang::En.say("error.no_such_merchant", &[("merchant", &"{merchant} {detail}")]);
        assert!(text.contains("{merchant} {detail}"), "{text}");
    }
}

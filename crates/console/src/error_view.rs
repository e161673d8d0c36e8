//! An error as a screen shows it: with its words in both languages, so that a switch of language needs no call.

use crate::error::{ConsoleError, Exit};
use crate::view::ErrorView;
use crate::words::Lang;

const fn exit_word(exit: Exit) -> &'static str {
    match exit {
        Exit::No => "no",
        Exit::Usage => "usage",
        Exit::Refused => "refused",
        Exit::Unknown => "unknown",
        Exit::Here => "here",
    }
}

impl From<&ConsoleError> for ErrorView {
    fn from(error: &ConsoleError) -> Self {
        let param = |name: &str| error.params.get(name).filter(|value| !value.is_empty()).cloned();
        Self {
            code: error.code.as_str().into(),
            exit: exit_word(error.code.exit()).into(),
            err_code: param("err_code"),
            number: param("number").or_else(|| param("out_refund_no")).or_else(|| param("out_trade_no")),
            field: param("field"),
            zh: Lang::ZhCn.error_in_window(error),
            en: Lang::En.error_in_window(error),
        }
    }
}

impl From<ConsoleError> for ErrorView {
    fn from(error: ConsoleError) -> Self {
        Self::from(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn it_says_what_happened_in_both_languages() {
        let refused = ConsoleError::new(Code::Refused)
            .with("operation", "refund")
            .with("number", "R1")
            .with("err_code", "NOTENOUGH")
            .with("err_code_des", "基本账户余额不足");
        let view = ErrorView::from(&refused);
        assert_eq!((&*view.code, &*view.exit), ("refused", "refused"));
        assert_eq!((view.err_code.as_deref(), view.number.as_deref()), (Some("NOTENOUGH"), Some("R1")));
        assert_eq!(view.field, None);
        for words in [&view.zh, &view.en] {
            assert!(words.contains("NOTENOUGH") && words.contains("R1"), "{words}");
        }
        assert_ne!(view.zh, view.en);
    }

    /// Whoever sits at the window has no command line in front of them.
    #[test]
    fn it_sends_nobody_to_the_command_line() {
        const NEVER_THERE: [Code; 6] = [
            Code::NoSuchMerchant,
            Code::UnknownExchange,
            Code::MerchantNeeded,
            Code::NotSimulated,
            Code::FileExists,
            Code::Declined,
        ];
        for code in Code::ALL.iter().filter(|code| !NEVER_THERE.contains(code)) {
            let view = ErrorView::from(ConsoleError::new(*code));
            for words in [&view.zh, &view.en] {
                let named = ["paydesk ", "--", "终端", "terminal"].iter().any(|name| words.contains(name));
                assert!(!named, "{code}: {words}");
            }
        }
    }

    #[test]
    fn every_code_has_an_exit_word_and_words() {
        for code in Code::ALL {
            let view = ErrorView::from(ConsoleError::new(*code).with("field", ""));
            assert_eq!(view.field, None, "an empty name is none");
            assert!(!view.zh.is_empty() && view.zh != view.en, "{code}: {} / {}", view.zh, view.en);
        }
    }
}

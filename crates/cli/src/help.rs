//! Help in the language of the person. The argument types speak English; the words of other languages stand in
//! `locales/` under `help.<command path>[.<argument>]`.

use crate::args::why;
use crate::failure::Failure;
use crate::print::page::Page;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};
use console::Lang;
use console::words::{is_like_a_key, shown};
use std::borrow::Cow;

/// The key of a command or argument: `help.order.create.out_trade_no`; the program itself is `help.paydesk`.
fn key(path: &[String], name: Option<&str>) -> String {
    let root = path.is_empty().then_some("paydesk");
    let parts = root.into_iter().chain(path.iter().map(String::as_str)).chain(name);
    let parts = parts.map(|part| part.replace('-', "_"));
    std::iter::once("help".to_owned()).chain(parts).collect::<Vec<_>>().join(".")
}

/// The headings of help. clap keeps headings for the program's whole life, so they are made once and given away.
struct Headings {
    commands: &'static str,
    command: &'static str,
    arguments: &'static str,
    options: &'static str,
    global: &'static str,
}

/// The same command with its help in another language.
pub(crate) fn localised(command: Command, lang: Lang) -> Command {
    let kept = |key: &str| -> &'static str { lang.say(key, &[]).leak() };
    let headings = Headings {
        commands: kept("help.heading.commands"),
        command: kept("help.heading.command"),
        arguments: kept("help.heading.arguments"),
        options: kept("help.heading.options"),
        global: kept("help.heading.global"),
    };
    speak(command, lang, &headings, &[])
}

fn speak(mut command: Command, lang: Lang, headings: &Headings, path: &[String]) -> Command {
    let say = |key: &str| lang.say(key, &[]);
    let about = key(path, None);
    let global = |arg: &Arg| arg.is_global_set() || arg.get_id() == "version";
    command = command
        .about(say(&about))
        .help_template(format!(
            "{{about-with-newline}}\n{} {{usage}}\n\n{{all-args}}{{after-help}}",
            say("help.heading.usage")
        ))
        .subcommand_help_heading(headings.commands)
        .subcommand_value_name(headings.command)
        .mut_args(|arg| {
            let words = if global(&arg) {
                key(&[], Some(arg.get_id().as_str()))
            } else {
                key(path, Some(arg.get_id().as_str()))
            };
            let heading = match (global(&arg), arg.is_positional()) {
                (true, _) => headings.global,
                (false, true) => headings.arguments,
                (false, false) => headings.options,
            };
            let help = say(&words) + &extras(&arg, lang);
            let arg = arg.help(help).help_heading(heading);
            if takes_value(&arg) { arg.hide_default_value(true).hide_possible_values(true) } else { arg }
        });
    if let Some(after) = command.get_after_help().map(ToString::to_string) {
        let (examples, notes) = after_help(&after);
        let mut after = examples.replace("Examples:", &say("help.heading.examples"));
        if notes.is_some() {
            after = after + "\n\n" + &say(&key(path, Some("notes")));
        }
        command = command.after_help(after);
    }
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        let path: Vec<String> = path.iter().cloned().chain([name.clone()]).collect();
        command = command.mut_subcommand(name, |sub| speak(sub, lang, headings, &path));
    }
    command
}

/// The examples, and what else there is to say after them.
fn after_help(text: &str) -> (&str, Option<&str>) {
    text.split_once("\n\n").map_or((text, None), |(examples, notes)| (examples, Some(notes)))
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

/// What clap would add in English: the default and what can be given.
fn extras(arg: &Arg, lang: Lang) -> String {
    let mut extras = String::new();
    if !takes_value(arg) {
        return extras;
    }
    let possible = arg.get_possible_values();
    if !possible.is_empty() {
        let values: Vec<_> = possible.iter().map(|value| value.get_name()).collect();
        extras = extras + " " + &lang.say("help.extra.possible", &[("values", &values.join(", "))]);
    }
    let defaults: Vec<_> = arg.get_default_values().iter().filter_map(|value| value.to_str()).collect();
    if !arg.is_hide_default_value_set() && !defaults.is_empty() {
        extras = extras + " " + &lang.say("help.extra.default", &[("value", &defaults.join(", "))]);
    }
    extras
}

fn context(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        Some(ContextValue::StyledStrs(texts)) => {
            texts.iter().map(StyledStr::to_string).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

/// What is wrong with the arguments, in the language of the person. clap's own sentences are English, so only its
/// kinds and the names it gives are used. What was typed is shown unless it could be a key.
pub(crate) fn detail(error: &clap::Error, lang: Lang) -> String {
    let value = context(error, ContextKind::InvalidValue);
    let arg = context(error, ContextKind::InvalidArg);
    let command = context(error, ContextKind::InvalidSubcommand);
    let valid = context(error, ContextKind::ValidValue);
    let prior = context(error, ContextKind::PriorArg);
    let commands = context(error, ContextKind::ValidSubcommand);
    let why = std::error::Error::source(error).and_then(why);
    // What stands in the place of an option's name was typed too.
    let unknown = error.kind() == ErrorKind::UnknownArgument;
    let key = match error.kind() {
        ErrorKind::UnknownArgument if arg.starts_with('-') => "usage.unknown_argument",
        ErrorKind::UnknownArgument => "usage.unexpected",
        ErrorKind::MissingRequiredArgument => "usage.missing_argument",
        ErrorKind::InvalidSubcommand => "usage.unknown_command",
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "usage.command_needed"
        }
        ErrorKind::ArgumentConflict if arg == prior => "usage.given_twice",
        ErrorKind::ArgumentConflict => "usage.conflict",
        ErrorKind::ValueValidation if why.is_none() => "usage.invalid",
        ErrorKind::ValueValidation => "usage.invalid_value",
        ErrorKind::InvalidValue if value.is_empty() && valid.is_empty() => "usage.value_missing",
        ErrorKind::InvalidValue if value.is_empty() => "usage.value_needed",
        ErrorKind::InvalidValue => "usage.not_among",
        ErrorKind::NoEquals => "usage.equals_needed",
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            "usage.count_of_values"
        }
        ErrorKind::InvalidUtf8 => "usage.not_utf8",
        _ => "usage.unreadable",
    };
    let typed = if unknown { &arg } else { &value };
    let mut text = lang.say(
        key,
        &[
            ("arg", &if unknown { shown(&arg) } else { Cow::Borrowed(arg.as_str()) }),
            ("value", &shown(typed)),
            ("valid", &valid),
            ("prior", &prior),
            ("command", &shown(&command)),
            ("why", &why.map(|words| lang.tell(&words)).unwrap_or_default()),
        ],
    );
    let suggested =
        [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    let suggested = suggested.into_iter().map(|kind| context(error, kind)).find(|text| !text.is_empty());
    let mut more = Vec::new();
    let pasted = [typed, &command]
        .into_iter()
        .any(|text| is_like_a_key(text) && text.bytes().any(|byte| byte.is_ascii_alphabetic()));
    if pasted {
        more.push(lang.say("usage.key_not_shown", &[]));
    }
    if let Some(suggested) = suggested {
        more.push(lang.say("usage.did_you_mean", &[("suggested", &suggested)]));
    }
    if error.kind() == ErrorKind::MissingSubcommand && !commands.is_empty() {
        more.push(lang.say("usage.commands", &[("commands", &commands)]));
    }
    for sentence in more {
        text += &lang.say("usage.between", &[]);
        text += &sentence;
    }
    text
}

/// The one word of a usage line that clap keeps to itself.
fn any_options(usage: &str, lang: Lang) -> String {
    usage.replace("[OPTIONS]", &format!("[{}]", lang.say("help.heading.any_options", &[])))
}

/// Help or version for a terminal.
pub(crate) fn page(error: &clap::Error, lang: Lang) -> String {
    any_options(&error.render().ansi().to_string(), lang)
}

/// A refusal of the arguments for a terminal.
pub(crate) fn refusal(error: &clap::Error, lang: Lang) -> String {
    // The help of the command, which is in the person's language already.
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return page(error, lang);
    }
    let mut text = Failure::Usage(detail(error, lang)).text(lang);
    let usage = context(error, ContextKind::Usage);
    let usage = usage.trim().trim_start_matches("Usage:").trim();
    let mut page = Page::new(lang);
    if !usage.is_empty() {
        page.line(&format!("{}{}", lang.say("help.heading.usage_of", &[]), any_options(usage, lang)));
    }
    page.line(&lang.say("usage.help", &[]));
    text += &page.finish();
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::CommandFactory as _;

    /// Every key of the help with its English text.
    fn texts(command: &Command, path: &[String], out: &mut Vec<(String, String)>) {
        let about = key(path, None);
        out.push((about, command.get_about().map(ToString::to_string).unwrap_or_default()));
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        if let (_, Some(notes)) = after_help(&after) {
            out.push((key(path, Some("notes")), notes.to_owned()));
        }
        for arg in command.get_arguments() {
            if path.is_empty() || !arg.is_global_set() {
                out.push((
                    key(path, Some(arg.get_id().as_str())),
                    arg.get_help().map(ToString::to_string).unwrap_or_default(),
                ));
            }
        }
        for sub in command.get_subcommands() {
            texts(sub, &path.iter().cloned().chain([sub.get_name().to_owned()]).collect::<Vec<_>>(), out);
        }
    }

    #[test]
    fn the_arguments_are_well_formed() {
        Cli::command().debug_assert();
        localised(Cli::command(), Lang::ZhCn).debug_assert();
    }

    #[test]
    fn all_help_is_in_both_languages() {
        let mut all = Vec::new();
        texts(&Cli::command(), &[], &mut all);
        assert!(all.len() > 100);
        let mut wrong = String::new();
        for (key, english) in all {
            assert!(!english.is_empty(), "{key} has no help");
            if !Lang::ZhCn.has(&key) || Lang::En.say(&key, &[]) != english {
                wrong += &format!("{key} | {english}\n");
            }
        }
        assert!(
            wrong.is_empty(),
            "in locales/ these are missing or differ from the argument types:\n{wrong}"
        );
    }

    #[test]
    fn every_command_has_a_purpose_of_one_line_and_an_example() {
        fn walk(command: &Command, path: &str) {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(!about.is_empty() && !about.contains('\n'), "{path}: {about:?}");
            let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(examples.starts_with("Examples:\n  $ paydesk"), "{path}: {examples:?}");
            for sub in command.get_subcommands() {
                walk(sub, &format!("{path} {}", sub.get_name()));
            }
        }
        walk(&Cli::command(), "paydesk");
    }

    #[test]
    fn chinese_help_is_chinese() {
        let mut command = localised(Cli::command(), Lang::ZhCn);
        command.build();
        let order =
            command.find_subcommand_mut("order").and_then(|order| order.find_subcommand_mut("list")).unwrap();
        let help = order.render_long_help().to_string();
        assert!(help.contains("用法：") && help.contains("示例：") && help.contains("[默认：50]"), "{help}");
        for english in ["Usage", "Options:", "Print help", "[default", "possible values", "Examples"] {
            assert!(!help.contains(english), "{english} in {help}");
        }
    }
}

//! Checks the words: both languages say the same things, and what the product says exists.
//!
//! A locale file is one flat JSON object, `{"order.created": "Order {out_trade_no} was made."}`. A key is two or
//! more parts in lower snake case joined by dots.

use crate::step::Steps;
use crate::workspace;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What looks like a key and is the name of a file.
const FILE_NAMES: [&str; 10] =
    [".csv", ".db", ".json", ".key", ".p12", ".pem", ".rs", ".sqlite", ".toml", ".xml"];

/// The source of truth first.
const LOCALES: [&str; 2] = ["locales/zh-CN.json", "locales/en.json"];

/// Whose string literals are looked at for keys.
const SPEAKERS: [&str; 3] = ["crates/cli/src", "crates/console/src", "src-tauri/src"];

type Words = BTreeMap<String, String>;

/// Checks both locale files and the keys that the product uses.
pub(crate) fn test(steps: &mut Steps) -> bool {
    match LOCALES.iter().find(|path| !workspace::root().join(path).exists()) {
        Some(path) => steps.missing("i18n", &format!("there is no {path}")),
        None => steps.check("i18n", check),
    }
}

/// One sentence for each difference, or what was looked at.
fn check() -> Result<String, Vec<String>> {
    let root = workspace::root();
    let [source, other] = LOCALES.map(|path| {
        let text = fs::read_to_string(root.join(path)).map_err(|error| vec![format!("{path}: {error}")])?;
        words(path, &text)
    });
    let (source, other) = (source?, other?);
    let mut found = differences(&source, &other);
    let mut files = Vec::new();
    SPEAKERS.iter().for_each(|folder| rust_files(&root.join(folder), &mut files));
    let mut used = 0;
    for file in files {
        let text = fs::read_to_string(&file).map_err(|error| vec![format!("{}: {error}", file.display())])?;
        let name = file.strip_prefix(&root).unwrap_or(&file).display().to_string();
        let keys = keys_in(&text, &source);
        used += keys.len();
        found.extend(unknown(&name, &keys, &source));
    }
    if found.is_empty() {
        Ok(format!(
            "{} texts in {} languages; {used} uses in {}",
            source.len(),
            LOCALES.len(),
            SPEAKERS.join(", ")
        ))
    } else {
        Err(found)
    }
}

/// Reads one locale file.
fn words(path: &str, text: &str) -> Result<Words, Vec<String>> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| vec![format!("{path}: not JSON: {error}")])?;
    let Value::Object(object) = value else { return Err(vec![format!("{path}: not one JSON object")]) };
    let mut found = Vec::new();
    let mut words = Words::new();
    for (key, value) in object {
        match value {
            _ if !is_key(&key) => {
                found.push(format!("{path}: `{key}`: a key is lower_snake.case in two or more parts"))
            }
            Value::String(text) if text.trim().is_empty() => {
                found.push(format!("{path}: `{key}` says nothing"))
            }
            Value::String(text) => drop(words.insert(key, text)),
            _ => found.push(format!("{path}: `{key}` is not a text; the file is flat")),
        }
    }
    if found.is_empty() { Ok(words) } else { Err(found) }
}

fn differences(source: &Words, other: &Words) -> Vec<String> {
    let mut found = Vec::new();
    for key in source.keys().filter(|key| !other.contains_key(*key)) {
        found.push(format!("{}: `{key}` is missing", LOCALES[1]));
    }
    for (key, text) in other {
        let Some(original) = source.get(key) else {
            found.push(format!("{}: `{key}` is missing", LOCALES[0]));
            continue;
        };
        let (here, there) = (placeholders(original), placeholders(text));
        if here != there {
            found.push(format!("`{key}` has {here:?} in {} and {there:?} in {}", LOCALES[0], LOCALES[1]));
        }
    }
    found
}

/// The names in braces, such as `out_trade_no` in `Order {out_trade_no}`.
fn placeholders(text: &str) -> BTreeSet<&str> {
    let parts = text.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

fn is_key(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let mut parts = text.split('.');
    let first = parts
        .next()
        .is_some_and(|first| first.starts_with(|c: char| c.is_ascii_lowercase()) && first.bytes().all(word));
    // A later part may be a number, such as a day of the week, or a name of WeChat Pay's own, such as `paySign`.
    let name = |byte: u8| word(byte) || byte.is_ascii_uppercase();
    let later = |part: &str| {
        !part.is_empty() && !part.starts_with(|c: char| c.is_ascii_uppercase()) && part.bytes().all(name)
    };
    first && text.contains('.') && parts.all(later)
}

/// String literals in `text` that are keys: of a key's shape, with a first part that some known key begins with.
fn keys_in<'a>(text: &'a str, words: &Words) -> Vec<(usize, &'a str)> {
    let families: BTreeSet<&str> = words.keys().filter_map(|key| key.split('.').next()).collect();
    let mut keys = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("//") {
            continue;
        }
        let literals = line.split('"').skip(1).step_by(2);
        let ours = literals.filter(|literal| {
            is_key(literal)
                && literal.split('.').next().is_some_and(|first| families.contains(first))
                && !FILE_NAMES.iter().any(|end| literal.ends_with(end))
        });
        keys.extend(ours.map(|key| (number, key)));
    }
    keys
}

fn unknown(file: &str, keys: &[(usize, &str)], words: &Words) -> Vec<String> {
    let absent = keys.iter().filter(|(_, key)| !words.contains_key(*key));
    absent.map(|(line, key)| format!("{file}:{line}: `{key}` is in no locale file")).collect()
}

fn rust_files(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Words {
        words("x", text).unwrap()
    }

    #[test]
    fn both_languages_say_the_same() {
        let chinese = parse(r#"{"order.made": "订单 {no} 已创建，{amount} 元", "order.gone": "没有"}"#);
        assert!(differences(&chinese, &chinese).is_empty());
        for (english, expected) in [
            (r#"{"order.made": "{amount} yuan for {no}"}"#, "en.json: `order.gone` is missing"),
            (r#"{"order.made": "{no}", "order.gone": "x"}"#, "`order.made` has"),
            (
                r#"{"order.made": "{amount} {no}", "order.gone": "x", "a.b": "c"}"#,
                "zh-CN.json: `a.b` is missing",
            ),
        ] {
            let found = differences(&chinese, &parse(english));
            let [only] = found.as_slice() else { panic!("{english}: {found:?}") };
            assert!(only.contains(expected), "{only:?} does not say {expected:?}");
        }
    }

    #[test]
    fn a_locale_file_is_flat_and_says_something() {
        for (text, expected) in [
            ("[]", "not one JSON object"),
            ("{", "not JSON"),
            (r#"{"a.b": {"c": "d"}}"#, "the file is flat"),
            (r#"{"a.b": " "}"#, "says nothing"),
            (r#"{"Order": "x"}"#, "lower_snake.case"),
        ] {
            assert!(words("x", text).unwrap_err()[0].contains(expected), "{text}");
        }
    }

    #[test]
    fn keys_that_nobody_wrote_are_found() {
        let known = parse(r#"{"order.made": "x", "error.no_key": "y"}"#);
        let code = "say(\"order.made\");\nsay(\"order.maed\"); open(\"order.json\");\n// \"order.old\"\n";
        let keys = keys_in(code, &known);
        assert_eq!(keys, [(1, "order.made"), (2, "order.maed")]);
        assert_eq!(unknown("a.rs", &keys, &known), ["a.rs:2: `order.maed` is in no locale file"]);
    }
}

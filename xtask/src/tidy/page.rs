//! The window's page: one file knows Tauri, no screen knows another, and no word for people stands in a component.

use super::sources::Source;

/// The only file that imports from Tauri.
const TAURI: &str = "ui/src/ipc/tauri.ts";

/// Names that are the same in every language.
const NAMES: &[&str] = &[
    "Paydesk",
    "HTTP",
    "MD5",
    "HMAC-SHA256",
    "Apache-2.0",
    "OR",
    "MIT",
    "KiB",
    "ms",
    "mch_id",
    "appid",
    "notify_url",
    "paydesk",
    "simulator",
    "serve",
    "Esc",
    "Enter",
    "code_url",
    "prepay_id",
    "mweb_url",
    "openid",
    "sub_openid",
    "out_trade_no",
    "out_refund_no",
    "transaction_id",
    "refund_id",
    "wap_url",
    "wap_name",
    "auth_code",
    "attach",
    "JSAPI",
    "App",
    "H5",
    "Native",
    "SUCCESS",
    "PROCESSING",
    "CNY",
    "UTC+8",
];

/// Attributes that a person hears or sees.
const SPOKEN: &[&str] = &["aria-label", "title", "placeholder", "alt", "aria-description"];

/// Everything in a file of `ui/src` that breaks a rule, as `path:line: sentence`.
pub(crate) fn findings(file: &Source<'_>) -> Vec<String> {
    let Some(path) = file.path.strip_prefix("ui/src/") else { return Vec::new() };
    let mut found = Vec::new();
    let is_test = path.ends_with(".test.ts");
    for (number, line) in (1..).zip(file.text.lines()) {
        let mut say = |sentence: &str| found.push(format!("{}:{number}: {sentence}", file.path));
        if file.path != TAURI && (line.contains("'@tauri-apps/") || line.contains("\"@tauri-apps/")) {
            say("@tauri-apps is imported in ui/src/ipc/tauri.ts alone: take the host");
        }
        if let Some(own) =
            path.strip_prefix("screens/").and_then(|rest| rest.split_once('/')).map(|(own, _)| own)
            && let Some(other) = imported_screen(line)
            && other != own
        {
            say("a screen does not import another: what they share goes into parts/, primitives/ or lib/");
        }
    }
    if path.ends_with(".svelte") && !is_test {
        for (number, text) in words(file.text) {
            found.push(format!(
                "{}:{number}: “{text}” stands in a component: words for people live in locales/, under a key",
                file.path
            ));
        }
    }
    found
}

/// The screen that an import line takes something from.
fn imported_screen(line: &str) -> Option<&str> {
    let (_, from) = line.split_once(" from '").or_else(|| line.split_once("import '"))?;
    let from = from.split('\'').next()?;
    let rest = from.strip_prefix("../").filter(|rest| !rest.starts_with("..")).or_else(|| {
        from.split_once("screens/").map(|(_, rest)| rest).filter(|_| from.starts_with("../.."))
    })?;
    rest.split('/').next().filter(|name| !name.is_empty() && !name.contains('.'))
}

/// Literal words of a component's markup, each with its line.
fn words(text: &str) -> Vec<(usize, String)> {
    let markup = blanked(text);
    let mut found = Vec::new();
    for (number, line) in (1..).zip(markup.lines()) {
        let shown = line.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
        found.extend(shown.filter(|word| is_word(word)).map(|word| (number, word.to_owned())));
    }
    for (number, line) in (1..).zip(text.lines()) {
        for name in SPOKEN {
            let Some((_, value)) = line.split_once(&format!(" {name}=\"")) else { continue };
            let value = value.split('"').next().unwrap_or("");
            let literal: String = without_braces(value);
            found.extend(
                literal.split_whitespace().filter(|word| is_word(word)).map(|word| (number, word.to_owned())),
            );
        }
    }
    found
}

fn is_word(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let foreign = word.chars().any(|c| c.is_alphabetic() && !c.is_ascii());
    (foreign || letters >= 2) && !NAMES.contains(&word) && !word.contains("://")
}

fn without_braces(text: &str) -> String {
    let mut depth = 0_usize;
    text.chars()
        .filter(|&c| {
            depth += usize::from(c == '{');
            let out = depth == 0;
            depth -= usize::from(c == '}' && depth > 0);
            out
        })
        .collect()
}

/// The markup with scripts, styles, comments, tags and expressions blanked, line by line as before.
fn blanked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let blank =
        |out: &mut String, piece: &str| out.extend(piece.chars().map(|c| if c == '\n' { c } else { ' ' }));
    while let Some(first) = rest.chars().next() {
        let until = |end: &str| rest.find(end).map_or(rest.len(), |at| at + end.len());
        let length = if rest.starts_with("<script") {
            until("</script>")
        } else if rest.starts_with("<style") {
            until("</style>")
        } else if rest.starts_with("<!--") {
            until("-->")
        } else if first == '<' && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
            tag(rest)
        } else if first == '{' {
            braces(rest)
        } else if first == '&' {
            rest.find(';').filter(|at| *at < 10).map_or(1, |at| at + 1)
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        blank(&mut out, &rest[..length]);
        rest = &rest[length..];
    }
    out
}

/// The length of a tag with its attributes, expressions in them included.
fn tag(text: &str) -> usize {
    let mut quote = None;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        match (quote, c) {
            (None, '>') => return at + 1,
            (None, '{') => {
                at += braces(&text[at..]);
                continue;
            }
            (None, '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        at += c.len_utf8();
    }
    text.len()
}

/// The length of an expression in braces, strings and braces in it included.
fn braces(text: &str) -> usize {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        findings(&Source { path, text })
    }

    #[test]
    fn a_literal_word_is_found_and_an_expression_is_not() {
        for (text, expected) in [
            ("<script>\n  let a = 'Refund'\n</script>\n<h1>{t('ui.x')}</h1>", None),
            ("<h1>Refund</h1>", Some(":1: “Refund”")),
            ("<p>\n  退款 {n}</p>", Some(":2: “退款”")),
            ("<p class=\"long words here\">{a > b ? 'Refund' : \"}\"}</p>", None),
            ("<button onclick={() => { if (a) { go('x') } }}>Go</button>", Some("“Go”")),
            ("<input placeholder=\"Type here\" />", Some("“Type”")),
            ("<input placeholder={t('ui.y')} aria-label=\"{t('ui.z')} {name}\" />", None),
            ("<b>Paydesk</b> <kbd>j</kbd> {count} ms &middot; HTTP", None),
            ("<!-- Words for whoever reads this. -->", None),
        ] {
            let found = found("ui/src/screens/x/View.svelte", text);
            match expected {
                None => assert!(found.is_empty(), "{text}: {found:?}"),
                Some(part) => assert!(found.iter().any(|one| one.contains(part)), "{text}: {found:?}"),
            }
        }
    }

    #[test]
    fn who_imports_what() {
        let tauri = "import { invoke } from '@tauri-apps/api/core'";
        assert!(found(TAURI, tauri).is_empty());
        assert_eq!(found("ui/src/shell/App.ts", tauri).len(), 1);
        for (path, line, ok) in [
            ("ui/src/screens/a/View.svelte", "  import B from '../b/B.svelte'", false),
            ("ui/src/screens/a/b.ts", "import { b } from '../../screens/b'", false),
            ("ui/src/screens/a/index.ts", "import type { Screen } from '..'", true),
            ("ui/src/screens/a/index.ts", "import View from './View.svelte'", true),
            ("ui/src/screens/a/b.ts", "import { t } from '../../lib/i18n.svelte'", true),
            ("ui/src/screens/a/b.ts", "import { x } from '../a/x'", true),
            ("ui/src/shell/Rail.ts", "import { screens } from '../screens'", true),
        ] {
            let script = if path.ends_with(".svelte") {
                format!("<script>\n{line}\n</script>")
            } else {
                line.to_owned()
            };
            assert_eq!(found(path, &script).is_empty(), ok, "{path}: {line}");
        }
    }
}

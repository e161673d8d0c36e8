//! What must not stand in a source file. Each rule is a needle, the files it looks at, where it is allowed, and why.

/// One file of the project: its path from the root, with `/`, and its text.
pub(crate) struct Source<'a> {
    pub(crate) path: &'a str,
    pub(crate) text: &'a str,
}

/// More lines than a person holds in mind.
const MOST_LINES: usize = 800;

/// Written by a program and read by one.
const GENERATED: &[&str] = &["ui/src/ipc/generated.ts"];

/// Where the computer's clock may be read, to be a `domain::Clock`.
const CLOCKS: &[&str] = &["crates/console/src/clock.rs"];

/// Where the time that passes may be measured: nothing measured there is stored, shown as a date or decided upon
/// for money.
const STOPWATCHES: &[&str] = &[
    "crates/console/src/clock.rs",
    "crates/wxpay/src/http",
    "crates/wxpay/examples/",
    "crates/simulator/src/serve",
    "crates/console/tests/",
    "tests/",
    "xtask/",
];

/// The checks themselves name what they look for.
const THIS: &str = "xtask/src/tidy/";

struct Rule {
    needle: &'static str,
    allowed_in: &'static [&'static str],
    because: &'static str,
}

const fn rule(needle: &'static str, allowed_in: &'static [&'static str], because: &'static str) -> Rule {
    Rule { needle, allowed_in, because }
}

/// Rules for Rust, outside comments.
const RUST: &[Rule] = &[
    rule("SystemTime::now", CLOCKS, "time is an argument: take a domain::Clock"),
    rule("Utc::now", &[], "time is an argument: take a domain::Clock"),
    rule(
        "Local::now",
        &[],
        "WeChat Pay's time is UTC+8, never the computer's own zone: take a domain::Clock",
    ),
    rule(
        "Instant::now",
        STOPWATCHES,
        "only transports, benches and xtask measure time; elsewhere take a domain::Clock",
    ),
    rule("danger_accept", &[], "whoever sits on the line could then answer for WeChat Pay"),
    rule("todo!", &[], "unfinished code does not go in"),
    rule("unimplemented!", &[], "unfinished code does not go in"),
    rule("#[ignore", &[], "a test that does not run proves nothing"),
];

/// Rules for every text file, comments too.
const ANY: &[Rule] = &[rule("FIXME", &[], "unfinished work belongs in an issue, not in the tree")];

/// Folders that exist on one machine only.
const MACHINE_PATHS: &[&str] = &["/work/", "/root/", "/home/"];

/// Everything in `file` that a rule refuses, as `path:line: sentence`.
pub(crate) fn findings(file: &Source<'_>) -> Vec<String> {
    let mut found = Vec::new();
    if is_source(file.path) && !GENERATED.contains(&file.path) && file.text.lines().count() > MOST_LINES {
        found.push(format!(
            "{}: {} lines; more than {MOST_LINES} is more than one can hold in mind: split it by what it does",
            file.path,
            file.text.lines().count()
        ));
    }
    if file.path.starts_with(THIS) {
        return found;
    }
    let rust = file.path.ends_with(".rs");
    for (number, line) in (1..).zip(file.text.lines()) {
        let mut say = |what: &str, because: &str| {
            found.push(format!("{}:{number}: {what} must not stand here: {because}", file.path));
        };
        if rust && !line.trim_start().starts_with("//") {
            broken(RUST, file.path, line).for_each(|rule| say(rule.needle, rule.because));
        }
        broken(ANY, file.path, line).for_each(|rule| say(rule.needle, rule.because));
        for path in MACHINE_PATHS.iter().filter(|path| names_machine_path(line, path)) {
            say(path, "that folder exists on one machine only; write a path from the root of the repository");
        }
    }
    found
}

fn broken<'a>(rules: &'a [Rule], path: &'a str, line: &'a str) -> impl Iterator<Item = &'a Rule> {
    rules.iter().filter(move |rule| {
        line.contains(rule.needle) && !rule.allowed_in.iter().any(|place| path.starts_with(place))
    })
}

/// Whether `line` has `path` as the beginning of an absolute path, not as a part of an address or a longer path.
fn names_machine_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !(c.is_alphanumeric() || "._-~/>}".contains(c)))
    })
}

fn is_source(path: &str) -> bool {
    ["rs", "ts", "js", "mjs", "svelte", "css", "py", "sh"]
        .iter()
        .any(|end| path.rsplit_once('.').is_some_and(|(_, extension)| extension == *end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_and_where_it_is_allowed() {
        let long = "\n".repeat(MOST_LINES + 1);
        for (path, text, expected) in [
            ("crates/ledger/src/lib.rs", "let now = SystemTime::now();", Some("take a domain::Clock")),
            ("crates/console/src/clock.rs", "let now = SystemTime::now();", None),
            ("crates/domain/src/time.rs", "/// There is no `SystemTime::now` here.", None),
            ("crates/vault/src/lib.rs", "let start = Instant::now();", Some("only transports, benches")),
            ("tests/src/bin/bench.rs", "let start = Instant::now();", None),
            ("crates/wxpay/src/http.rs", ".danger_accept_invalid_certs(true)", Some("answer for WeChat Pay")),
            ("crates/cli/src/main.rs", "    todo!()", Some("crates/cli/src/main.rs:1: todo! must")),
            (
                "crates/cli/src/main.rs",
                "fn a() {}\n#[ignore = \"slow\"]",
                Some("crates/cli/src/main.rs:2: #[ignore"),
            ),
            ("README.md", "FIXME", Some("belongs in an issue")),
            ("README.md", "run /work/main/x", Some("one machine only")),
            ("README.md", "https://example.com/work/ and framework/ and a/root/b", None),
            ("a.py", "open('/root/key')", Some("one machine only")),
            ("crates/cli/src/long.rs", &long, Some("split it")),
            ("locales/en.json", &long, None),
        ] {
            let found = findings(&Source { path, text });
            match expected {
                None => assert_eq!(found, Vec::<String>::new(), "{path}: {text}"),
                Some(words) => {
                    let [only] = found.as_slice() else { panic!("{path}: {found:?}") };
                    assert!(only.contains(words), "{only:?} does not say {words:?}");
                }
            }
        }
    }
}

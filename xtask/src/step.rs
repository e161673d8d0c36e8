//! Every command and every check goes through one place, which says it, times it and remembers how it ended.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Set to 1 while the house is being built: what is not there yet is reported, and does not fail.
const PARTIAL: &str = "PAYDESK_XTASK_PARTIAL";

/// How one step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ending {
    Passed,
    /// What it needs is not in the tree. Counts as a failure unless the run is partial.
    Missing(String),
    /// Why, in one line.
    Failed(String),
}

struct Step {
    name: String,
    took: Duration,
    ending: Ending,
}

/// Runs steps one after the other. A failed step does not stop the next one, so that one run shows everything.
pub(crate) struct Steps {
    done: Vec<Step>,
    partial: bool,
}

impl Steps {
    /// No step yet. Whether missing ones may be missing is read from the environment.
    pub(crate) fn new() -> Self {
        Self { done: Vec::new(), partial: std::env::var(PARTIAL).is_ok_and(|value| value == "1") }
    }

    /// Runs `command`, with its output shown as it comes. True if it ended with status 0.
    pub(crate) fn command(&mut self, name: &str, command: &mut Command) -> bool {
        println!("→ {name}: {}", line(command));
        let start = Instant::now();
        let program = program(command);
        let ending = match command.status() {
            Ok(status) if status.success() => Ending::Passed,
            Ok(status) => Ending::Failed(format!("`{program}` ended with {status}")),
            Err(error) => Ending::Failed(format!("`{program}` could not be started: {error}")),
        };
        self.note(name, start.elapsed(), ending)
    }

    /// Runs a check of our own. It gives what it looked at, or one sentence for each thing that it found.
    pub(crate) fn check(&mut self, name: &str, work: impl FnOnce() -> Result<String, Vec<String>>) -> bool {
        println!("→ {name}");
        let start = Instant::now();
        let ending = match work() {
            Ok(summary) => {
                println!("  {summary}");
                Ending::Passed
            }
            Err(found) => {
                found.iter().for_each(|sentence| println!("  {sentence}"));
                Ending::Failed(format!("{} found, listed above", found.len()))
            }
        };
        self.note(name, start.elapsed(), ending)
    }

    /// A step whose subject is not in the tree.
    pub(crate) fn missing(&mut self, name: &str, what: &str) -> bool {
        println!("→ {name}: {what}");
        self.note(name, Duration::ZERO, Ending::Missing(what.into()))
    }

    fn note(&mut self, name: &str, took: Duration, ending: Ending) -> bool {
        if let Ending::Failed(why) = &ending {
            println!("✗ {name}: {why}");
        }
        let passed = ending == Ending::Passed;
        self.done.push(Step { name: name.into(), took, ending });
        passed
    }

    /// Whether nothing has failed so far.
    pub(crate) fn all_passed(&self) -> bool {
        self.done.iter().all(|step| match step.ending {
            Ending::Passed => true,
            Ending::Missing(_) => self.partial,
            Ending::Failed(_) => false,
        })
    }

    /// The table of all steps and the one line that counts them.
    pub(crate) fn table(&self) -> String {
        let width = self.done.iter().map(|step| step.name.chars().count()).max().unwrap_or(0);
        let mut table = String::new();
        let (mut passed, mut missing, mut failed) = (0, 0, 0);
        for step in &self.done {
            let (mark, why) = match &step.ending {
                Ending::Passed => (String::from("✓"), ""),
                Ending::Missing(what) if self.partial => (String::from("–"), what.as_str()),
                Ending::Missing(why) | Ending::Failed(why) => (String::from("✗"), why.as_str()),
            };
            match mark.as_str() {
                "✓" => passed += 1,
                "–" => missing += 1,
                _ => failed += 1,
            }
            let seconds = format!("{}.{} s", step.took.as_secs(), step.took.subsec_millis() / 100);
            let row = format!("{mark} {:width$} {seconds:>9}  {why}", step.name);
            let _ = writeln!(table, "{}", row.trim_end());
        }
        let _ = write!(table, "{passed} steps passed, {failed} failed");
        if missing > 0 {
            let _ = write!(table, ", {missing} missing (allowed by {PARTIAL}=1)");
        }
        table
    }
}

/// The program's name; of cargo, whose full path cargo tells us, only the last part.
fn program(command: &Command) -> String {
    let path = Path::new(command.get_program());
    let cargo = path.file_stem().is_some_and(|name| name == "cargo");
    if cargo { "cargo".into() } else { path.display().to_string() }
}

/// The command as one would type it.
pub(crate) fn line(command: &Command) -> String {
    let arguments = command.get_args().map(|word| word.to_string_lossy().into_owned());
    let words = std::iter::once(program(command)).chain(arguments).map(|word| {
        if word.is_empty() || word.contains([' ', '"', '\'', '$', ';', '&', '|']) {
            format!("'{}'", word.replace('\'', r"'\''"))
        } else {
            word
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_named_and_counted() {
        let mut steps = Steps { done: Vec::new(), partial: false };
        assert!(steps.check("good", || Ok("2 files".into())));
        assert!(steps.all_passed());
        assert!(!steps.check("bad", || Err(vec!["a".into(), "b".into()])));
        assert!(!steps.command("absent", &mut Command::new("no-such-program-at-all")));
        assert!(!steps.all_passed());
        let table = steps.table();
        for words in ["✓ good", "✗ bad", "2 found", "`no-such-program-at-all` could not be started"] {
            assert!(table.contains(words), "{words:?} is not in\n{table}");
        }
        assert!(table.ends_with("\n1 steps passed, 2 failed"), "{table}");
    }

    #[test]
    fn what_is_missing_fails_unless_the_run_is_partial() {
        for (partial, expected) in [(false, "0 steps passed, 1 failed"), (true, "1 missing")] {
            let mut steps = Steps { done: Vec::new(), partial };
            steps.missing("clients", "no folder tests/clients");
            assert_eq!(steps.all_passed(), partial);
            assert!(steps.table().contains(expected), "{}", steps.table());
        }
    }

    #[test]
    fn a_command_is_printed_as_it_is_typed() {
        let mut command = Command::new("sh");
        command.args(["-c", "it's $HOME", "--", "x"]);
        assert_eq!(line(&command), r"sh -c 'it'\''s $HOME' -- x");
        assert_eq!(line(Command::new("/some/where/cargo").arg("fmt")), "cargo fmt");
    }
}

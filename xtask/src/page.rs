//! The window's page: installed, checked, built, and small enough.

use crate::step::Steps;
use crate::workspace;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Of all JavaScript that one start loads, gzipped.
const MOST_GZIPPED: u64 = 150_000;

/// Of each part that is loaded later, with the screen that needs it, gzipped.
const MOST_LATER: u64 = 200_000;

/// The words of a language are a file of their own, and one start loads one of them.
const WORDS: [&str; 2] = ["zh-CN-", "en-"];

/// Prints a line `BYTES WHEN NAME` for each script of the page that was built. `WHEN` is `start` for what the page
/// names and whatever that imports by itself, else `later`: what a screen asks for when it is opened.
const SIZES: &str = r#"const {readdirSync, readFileSync} = require('fs'), {gzipSync} = require('zlib');
    const text = (name) => readFileSync('dist/assets/' + name, 'utf8');
    const start = new Set([...readFileSync('dist/index.html', 'utf8').matchAll(/assets\/([^"']+\.js)/g)].map((one) => one[1]));
    for (const name of start) for (const [, other] of text(name).matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) start.add(other);
    for (const name of readdirSync('dist/assets')) if (name.endsWith('.js'))
    console.log(gzipSync(text(name), {level: 9}).length, start.has(name) ? 'start' : 'later', name)"#;

/// A command in the folder of the page.
fn command(program: &str, words: &[&str]) -> Command {
    // On Windows npm is a script, which only a shell finds.
    let mut command = if cfg!(windows) {
        workspace::command("cmd", &[&["/c", program], words].concat())
    } else {
        workspace::command(program, words)
    };
    command.current_dir(workspace::root().join("ui"));
    command
}

/// Tauri's own tool at a pinned version, fetched when it is needed, at the root of the repository. It makes packages
/// and icons; nothing that is built or tested every day wants it. It stands in no lock file, because npm writes the
/// builds of other systems into one only where the registry at hand has them.
pub(crate) fn tauri(words: &[&str]) -> Command {
    const PACKAGE: &str = "@tauri-apps/cli@2.12.5";
    let words = [&["--yes", PACKAGE], words].concat();
    if cfg!(windows) {
        workspace::command("cmd", &[&["/c", "npx"], words.as_slice()].concat())
    } else {
        workspace::command("npx", &words)
    }
}

/// Installs what the page is built of, at the versions of the lock file, unless that was done.
pub(crate) fn install(steps: &mut Steps) -> bool {
    let ui = workspace::root().join("ui");
    let at = |file: &Path| fs::metadata(file).and_then(|about| about.modified()).ok();
    let (installed, locked) =
        (at(&ui.join("node_modules/.package-lock.json")), at(&ui.join("package-lock.json")));
    if installed.is_some() && installed >= locked {
        return true;
    }
    println!("→ installing what the window's page is built of (npm ci in ui): Svelte, Vite and their kind");
    steps.command("page: install", &mut command("npm", &["ci", "--no-audit", "--no-fund"]))
}

/// Builds it into `ui/dist`, which the window has inside.
pub(crate) fn build(steps: &mut Steps) -> bool {
    steps.command("page: build", &mut command("npm", &["run", "--silent", "build"]))
}

/// Types, unit tests, build, size.
pub(crate) fn test(steps: &mut Steps) -> bool {
    if !install(steps) {
        return false;
    }
    let types = steps.command("page: types", &mut command("npm", &["run", "--silent", "check"]));
    let tests = steps.command("page: tests", &mut command("npm", &["run", "--silent", "test"]));
    types & tests & (build(steps) && steps.check("page: size", size))
}

fn size() -> Result<String, Vec<String>> {
    let output = command("node", &["-e", SIZES]).output().map_err(|error| vec![format!("node: {error}")])?;
    if !output.status.success() {
        return Err(vec![String::from_utf8_lossy(&output.stderr).into_owned()]);
    }
    judge(&String::from_utf8_lossy(&output.stdout))
}

fn judge(lines: &str) -> Result<String, Vec<String>> {
    let (mut words, mut start, mut later) = (0_u64, 0_u64, 0_u64);
    let mut found = Vec::new();
    for line in lines.lines() {
        let mut parts = line.splitn(3, ' ');
        let (Some(bytes), Some(when), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let Ok(bytes) = bytes.parse::<u64>() else { continue };
        if WORDS.iter().any(|language| name.starts_with(language)) {
            words = words.max(bytes);
        } else if when == "start" {
            start += bytes;
        } else {
            later += bytes;
            if bytes > MOST_LATER {
                found.push(format!("{name}: {bytes} bytes of JavaScript, gzipped; at most {MOST_LATER}"));
            }
        }
    }
    let all = start + words;
    let said = format!(
        "{all} bytes of JavaScript, gzipped, at the start: {start} and {words} of words; {later} later"
    );
    if start == 0 {
        found.push("the page that was built has no JavaScript".into());
    } else if all > MOST_GZIPPED {
        found.push(format!("{said}; at most {MOST_GZIPPED} at the start"));
    }
    if found.is_empty() { Ok(said) } else { Err(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_one_start_loads_is_counted() {
        assert!(judge("").is_err(), "nothing was built");
        assert!(judge("9000 later zh-CN-c.js\n").is_err(), "nothing starts");
        let built =
            "100000 start index-a.js\n30000 start chunk-b.js\n9000 later zh-CN-c.js\n8000 later en-d.js\n";
        let said = judge(built).unwrap();
        assert!(said.starts_with("139000 bytes"), "{said}");
        let found = judge("150000 start index-a.js\n1 later en-d.js\n").unwrap_err();
        assert!(found[0].contains("at most 150000"), "{found:?}");
    }

    #[test]
    fn what_a_screen_loads_by_itself_is_no_part_of_the_start_and_has_a_limit_of_its_own() {
        let said = judge("100000 start index-a.js\n180000 later View-b.js\n9000 later en-c.js\n").unwrap();
        assert!(said.starts_with("109000 bytes") && said.ends_with("180000 later"), "{said}");
        let found = judge("100000 start index-a.js\n200001 later View-b.js\n").unwrap_err();
        assert!(found[0].starts_with("View-b.js: 200001"), "{found:?}");
    }
}

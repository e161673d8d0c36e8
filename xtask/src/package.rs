//! Makes this system's package, and looks whether all that belongs in it is in it.
//!
//! The recipe is `src-tauri/tauri.conf.json`. What the command line adds to a `.deb` comes from here and not from
//! there, because it is made first, in the build folder, wherever that is.

use crate::page;
use crate::product;
use crate::setup::{self, Purpose};
use crate::step::Steps;
use crate::workspace;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Shells, and where Debian's own packages put what completes a command in them.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "usr/share/bash-completion/completions/paydesk"),
    ("zsh", "usr/share/zsh/vendor-completions/_paydesk"),
    ("fish", "usr/share/fish/vendor_completions.d/paydesk.fish"),
];

/// Languages, and where `man` looks for pages in them.
const MANUALS: [(&str, &str); 2] = [("en", "usr/share/man/man1"), ("zh-CN", "usr/share/man/zh_CN/man1")];

/// The texts of the licences, in the workspace's root.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// The programs that whoever installs it has.
const PROGRAMS: [&str; 2] = ["paydesk", "paydesk-window"];

/// Makes the packages of this system: a `.deb` on Linux, with the window and the command line. `debug` packs a debug
/// build, to try the package without the wait; it is not for giving to people.
pub(crate) fn dist(steps: &mut Steps, debug: bool) -> bool {
    let kinds = match std::env::consts::OS {
        "macos" => "app,dmg",
        "windows" => "nsis",
        _ => "deb",
    };
    let mut words = vec!["bundle", "--bundles", kinds];
    words.extend(debug.then_some("--debug"));
    if !setup::setup(steps, Purpose::Run) || !built(steps, debug) {
        return false;
    }
    // macOS and Windows get the window alone: nobody has tried what a command line in their packages would take.
    if kinds != "deb" {
        return steps.command("packages", &mut page::tauri(&words));
    }
    let folder = match workspace::target() {
        Ok(target) => target.join(if debug { "debug" } else { "release" }),
        Err(fault) => return steps.check("packages", || Err(vec![fault])),
    };
    let (root, config) = (folder.join("package"), folder.join("package.json"));
    steps.check("the command line's part of the package", || stage(&folder, &root, &config))
        && steps.command("packages", page::tauri(&words).arg("--config").arg(&config))
        && steps.check("what is in the package", || look(&folder, &root))
}

fn built(steps: &mut Steps, debug: bool) -> bool {
    if !debug {
        return product::build(steps) && product::build_window(steps);
    }
    let build = ["build", "--package", "paydesk", "--package", "paydesk-window"];
    page::install(steps) && page::build(steps) && steps.command("debug build", &mut workspace::cargo(&build))
}

/// Lays out in `root` what the command line adds, as it will lie on the disk, and writes the part of Tauri's
/// configuration that says so.
fn stage(folder: &Path, root: &Path, config: &Path) -> Result<String, Vec<String>> {
    let binary = folder.join("paydesk");
    // What an earlier version had is not carried along.
    if root.exists() {
        fs::remove_dir_all(root).map_err(|error| file(root, &error))?;
    }
    write(&root.join("usr/bin/paydesk"), |to| fs::copy(&binary, to).map(drop))?;
    // Both licences ask that whoever passes the program on passes their text on too.
    for licence in LICENCES {
        let place = root.join("usr/share/doc/paydesk").join(licence);
        write(&place, |to| fs::copy(workspace::root().join(licence), to).map(drop))?;
    }
    for (shell, place) in COMPLETIONS {
        // A shell has one script for all, so its words are in the language that every terminal can show.
        let script = said(Command::new(&binary).args(["completions", shell, "--lang", "en"]))?;
        write(&root.join(place), |to| fs::write(to, script))?;
    }
    for (language, place) in MANUALS {
        let manual = root.join(place);
        said(Command::new(&binary).args(["man", "--quiet", "--lang", language, "--dir"]).arg(&manual))?;
    }
    let files = listed(root)?;
    let text = format!("{:#}\n", configuration(root, &files));
    fs::write(config, text).map_err(|error| file(config, &error))?;
    Ok(format!("{} files", files.len()))
}

/// What is laid over `tauri.conf.json`. Its paths are whole, because Tauri reads them from a folder of its own.
fn configuration(root: &Path, files: &[PathBuf]) -> Value {
    let pair = |path: &PathBuf| (format!("/{}", path.display()), json!(root.join(path)));
    let files: serde_json::Map<String, Value> = files.iter().map(pair).collect();
    json!({ "bundle": { "linux": { "deb": { "files": files } } } })
}

/// Unpacks the newest package and compares it with what was laid out; starts each program far enough to say what
/// it is.
fn look(folder: &Path, root: &Path) -> Result<String, Vec<String>> {
    let package = newest(&folder.join("bundle/deb"))?;
    if !workspace::on_path("dpkg-deb") {
        return Ok(format!("{}; not looked into: there is no dpkg-deb here", package.display()));
    }
    let unpacked = folder.join("unpacked");
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked).map_err(|error| file(&unpacked, &error))?;
    }
    said(Command::new("dpkg-deb").arg("-x").arg(&package).arg(&unpacked))?;
    let mut found = differences(root, &unpacked)?;
    for program in PROGRAMS {
        match said(Command::new(unpacked.join("usr/bin").join(program)).arg("--version")) {
            Ok(version) if version.starts_with(format!("{program} ").as_bytes()) => {}
            Ok(version) => {
                found.push(format!("{program} calls itself {:?}", String::from_utf8_lossy(&version)));
            }
            Err(fault) => found.extend(fault),
        }
    }
    let _ = fs::remove_dir_all(&unpacked);
    if found.is_empty() { Ok(package.display().to_string()) } else { Err(found) }
}

/// What was laid out in `root` and does not lie in `unpacked` as it was.
fn differences(root: &Path, unpacked: &Path) -> Result<Vec<String>, Vec<String>> {
    let same = |path: &Path| {
        let (ours, theirs) = (fs::read(root.join(path)), fs::read(unpacked.join(path)));
        matches!((ours, theirs), (Ok(ours), Ok(theirs)) if ours == theirs)
    };
    let lost = listed(root)?.into_iter().filter(|path| !same(path));
    Ok(lost.map(|path| format!("/{} is not in the package as it was made", path.display())).collect())
}

/// Every file below `root`, by its way from there, in order.
fn listed(root: &Path) -> Result<Vec<PathBuf>, Vec<String>> {
    let (mut folders, mut files) = (vec![root.to_path_buf()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| file(&folder, &error))? {
            let path = entry.map_err(|error| file(&folder, &error))?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(root).map(Path::to_path_buf).unwrap_or(path));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn newest(folder: &Path) -> Result<PathBuf, Vec<String>> {
    let packages = fs::read_dir(folder).map_err(|error| file(folder, &error))?.flatten();
    packages
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .max_by_key(|path| fs::metadata(path).and_then(|about| about.modified()).ok())
        .ok_or_else(|| vec![format!("there is no package in {}", folder.display())])
}

fn write(to: &Path, write: impl FnOnce(&Path) -> std::io::Result<()>) -> Result<(), Vec<String>> {
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder).and_then(|()| write(to)).map_err(|error| file(to, &error))
}

/// What a program writes, if it ends well.
fn said(command: &mut Command) -> Result<Vec<u8>, Vec<String>> {
    let line = crate::step::line(command);
    let output = command.output().map_err(|error| vec![format!("`{line}` could not be started: {error}")])?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(vec![format!("`{line}` ended with {}: {why}", output.status)])
}

fn file(path: &Path, error: &std::io::Error) -> Vec<String> {
    vec![format!("{}: {error}", path.display())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let root = std::env::temp_dir().join(format!("paydesk-package-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        for (path, text) in files {
            write(&root.join(path), |to| fs::write(to, text)).unwrap();
        }
        root
    }

    #[test]
    fn tauri_is_told_where_each_file_lies_and_where_it_goes() {
        let root = folder("told", &[("usr/share/man/man1/paydesk.1", ""), ("usr/bin/paydesk", "")]);
        let files = listed(&root).unwrap();
        assert_eq!(
            configuration(&root, &files),
            json!({ "bundle": { "linux": { "deb": { "files": {
                "/usr/bin/paydesk": root.join("usr/bin/paydesk"),
                "/usr/share/man/man1/paydesk.1": root.join("usr/share/man/man1/paydesk.1"),
            }}}}})
        );
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn what_is_lost_or_changed_on_the_way_into_the_package_is_named() {
        let made =
            folder("made", &[("usr/bin/paydesk", "program"), ("usr/share/a", "1"), ("usr/share/b", "2")]);
        let whole =
            folder("whole", &[("usr/bin/paydesk", "program"), ("usr/share/a", "1"), ("usr/share/b", "2")]);
        let torn = folder("torn", &[("usr/bin/paydesk", "prog"), ("usr/share/b", "2"), ("usr/share/c", "3")]);
        assert!(differences(&made, &whole).unwrap().is_empty());
        assert_eq!(
            differences(&made, &torn).unwrap(),
            ["/usr/bin/paydesk", "/usr/share/a"]
                .map(|path| format!("{path} is not in the package as it was made"))
        );
        for root in [made, whole, torn] {
            fs::remove_dir_all(root).unwrap();
        }
    }

    #[test]
    fn no_package_is_a_fault() {
        let empty = folder("empty", &[("Paydesk.txt", "")]);
        assert!(newest(&empty).unwrap_err()[0].contains("there is no package"));
        fs::remove_dir_all(empty).unwrap();
    }
}

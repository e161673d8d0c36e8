//! Rules about the tree as a whole: its list of files, their sizes, the decisions, the lock files.

use std::fs;
use std::path::Path;
use std::process::Command;

/// A repository is for text. Larger things are made or fetched.
const MOST_BYTES: u64 = 1024 * 1024;

const LOCK_FILES: &[&str] = &["Cargo.lock", "package-lock.json"];

/// Crates that must not be linked, not even by another crate.
const BANNED: &[(&str, &str)] = &[
    (
        "openssl-sys",
        "it refuses the RC2-40 certificates that WeChat Pay gives out; rustls and p12-keystore do the work",
    ),
    ("native-tls", "it is another TLS library on every system; one behaviour everywhere is worth more"),
    ("aws-lc-sys", "it adds more than a minute of C to every build; ring does what is needed"),
    ("xml-rs", "it expands entities without a limit; the strict reader stands on quick-xml"),
    (
        "keyring",
        "it hides why a keychain is missing, and its older line falls back to a mock; use keyring-core",
    ),
];

/// Every file that a commit of the whole tree would hold, as paths from `root` with `/`, sorted.
///
/// Outside a git checkout (a source archive) it is every file that is not in a build folder.
pub(crate) fn list(root: &Path) -> Vec<String> {
    let git = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output();
    let mut files = match git {
        Ok(output) if output.status.success() => {
            let names = String::from_utf8_lossy(&output.stdout).into_owned();
            names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect()
        }
        _ => {
            let mut files = Vec::new();
            walk(root, "", &mut files);
            files
        }
    };
    files.retain(|file| root.join(file).is_file());
    files.sort();
    files.dedup();
    files
}

fn walk(root: &Path, folder: &str, files: &mut Vec<String>) {
    for entry in fs::read_dir(root.join(folder)).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !["target", "node_modules", ".git"].contains(&name.as_str()) => {
                walk(root, &path, files);
            }
            Ok(kind) if kind.is_file() => files.push(path),
            _ => {}
        }
    }
}

/// Says so if `path`, of `bytes` bytes, is too large.
pub(crate) fn too_large(path: &str, bytes: u64) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    (bytes > MOST_BYTES && !LOCK_FILES.contains(&name)).then(|| {
        format!("{path}: {bytes} bytes; a file over {MOST_BYTES} does not belong in the repository: make it or fetch it")
    })
}

/// Decisions in `files` that the index `readme` of `docs/decisions/` does not link.
pub(crate) fn unlinked_decisions(files: &[String], readme: &str) -> Vec<String> {
    files
        .iter()
        .filter_map(|file| file.strip_prefix("docs/decisions/"))
        .filter(|name| {
            name.ends_with(".md") && *name != "README.md" && !readme.contains(&format!("]({name})"))
        })
        .map(|name| format!("docs/decisions/{name}: nobody finds it: link it from docs/decisions/README.md"))
        .collect()
}

/// What is wrong with the lock file `path`: a source that not everybody can reach, or a banned crate.
pub(crate) fn lock_file(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let elsewhere = match path.rsplit('/').next() {
            Some("Cargo.lock") => {
                let source = line.strip_prefix("source = ");
                source.is_some_and(|from| from != "\"registry+https://github.com/rust-lang/crates.io-index\"")
            }
            Some("package-lock.json") => {
                let source = line.strip_prefix("\"resolved\": ");
                source.is_some_and(|from| !from.starts_with("\"https://registry.npmjs.org/"))
            }
            Some(name) if name.starts_with("requirements") && name.ends_with(".txt") => {
                ["-i", "--index-url", "--extra-index-url", "-f", "--find-links"]
                    .iter()
                    .any(|option| line.split([' ', '=']).next() == Some(option))
            }
            Some(".npmrc") => line.starts_with("registry"),
            _ => false,
        };
        if elsewhere {
            found.push(format!(
                "{path}:{number}: {line}: not everybody can reach it: use the public registry"
            ));
        }
        let banned = line.strip_prefix("name = ").map(|name| name.trim_matches('"'));
        if let Some((name, because)) = BANNED.iter().find(|(name, _)| Some(*name) == banned) {
            found.push(format!("{path}:{number}: {name} must not be linked: {because}"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert!(too_large("docs/film.mp4", MOST_BYTES + 1).unwrap().contains("make it or fetch it"));
        assert_eq!(too_large("docs/small.png", MOST_BYTES), None);
        assert_eq!(too_large("tests/clients/node/package-lock.json", MOST_BYTES + 1), None);
    }

    #[test]
    fn decisions_are_linked() {
        let files = ["docs/decisions/README.md", "docs/decisions/a.md", "docs/decisions/b.md", "c.md"];
        let files = files.map(str::to_owned);
        let found = unlinked_decisions(&files, "see [a](a.md)");
        assert_eq!(found, ["docs/decisions/b.md: nobody finds it: link it from docs/decisions/README.md"]);
    }

    #[test]
    fn lock_files() {
        for (path, line, expected) in [
            ("Cargo.lock", r#"source = "registry+https://github.com/rust-lang/crates.io-index""#, None),
            ("Cargo.lock", r#"source = "git+https://example.com/x""#, Some("public registry")),
            ("fuzz/Cargo.lock", r#"name = "openssl-sys""#, Some("RC2-40")),
            ("Cargo.lock", r#"name = "keyring-core""#, None),
            ("a/package-lock.json", r#"  "resolved": "https://registry.npmjs.org/x/-/x-1.0.0.tgz","#, None),
            (
                "a/package-lock.json",
                r#"  "resolved": "http://127.0.0.1:4873/x.tgz","#,
                Some("public registry"),
            ),
        ] {
            let found = lock_file(path, line);
            match expected {
                None => assert_eq!(found, Vec::<String>::new(), "{path}: {line}"),
                Some(words) => assert!(found.len() == 1 && found[0].contains(words), "{path}: {found:?}"),
            }
        }
    }

    #[test]
    fn this_tree_is_listed_with_and_without_git() {
        let root = crate::workspace::root();
        let tracked = list(&root);
        assert!(tracked.iter().any(|file| file == "xtask/src/tidy/files.rs"));
        let mut walked = Vec::new();
        walk(&root.join("xtask"), "", &mut walked);
        assert!(walked.iter().any(|file| file == "src/tidy/files.rs"), "{walked:?}");
    }
}

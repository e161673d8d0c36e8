//! Compares what every member depends on with the import table.

use super::table::{Room, Table};
use cargo_metadata::{Dependency, DependencyKind, Metadata, Package};
use std::collections::BTreeSet;

/// Every dependency that the table does not allow, as one sentence each, with the reason.
pub(crate) fn findings(metadata: &Metadata, table: &Table) -> Vec<String> {
    let mut found = Vec::new();
    for package in metadata.workspace_packages() {
        let Some(room) = room_of(metadata, package) else { continue };
        if !table.rooms.contains_key(room) {
            found.push(format!("{room} is in no row of the import table: give it one in ARCHITECTURE.md"));
            continue;
        }
        for dependency in &package.dependencies {
            found.extend(refused(metadata, table, room, dependency));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The room of a member: the last part of its folder, so `crates/ledger` is `ledger`; all of `tests` is one room.
fn room_of<'a>(metadata: &Metadata, package: &'a Package) -> Option<&'a str> {
    let folder = package.manifest_path.parent()?;
    let inside = folder.strip_prefix(&metadata.workspace_root).ok()?;
    if inside.starts_with("tests") { Some("tests") } else { folder.file_name() }
}

/// Why `room` may not have `dependency`, if it may not.
fn refused(metadata: &Metadata, table: &Table, room: &str, dependency: &Dependency) -> Option<String> {
    let row = &table.rooms[room];
    // Everything in `tests` is a test, its library too.
    let testing = room == "tests" || dependency.kind == DependencyKind::Development;
    let place = if testing { " in its tests" } else { "" };
    let inside = dependency
        .path
        .as_ref()
        .filter(|path| path.starts_with(&metadata.workspace_root))
        .and_then(|path| path.file_name());

    if let Some(other) = inside {
        let allowed =
            other == room || row.may_use.contains(other) || (testing && row.in_tests.contains(other));
        let list = if row.may_use.is_empty() { "no other room".into() } else { joined(&row.may_use) };
        return (!allowed)
            .then(|| format!("{room} must not use {other}{place}: it may use {list}{}", never(row)));
    }

    let outsider = table.outsiders.get(&dependency.name)?;
    let allowed = outsider.only_in.contains(room) || (testing && outsider.in_tests.contains(room));
    let list = joined(&outsider.only_in);
    (!allowed).then(|| {
        let (name, because) = (&dependency.name, &outsider.because);
        format!("{room} must not use {name}{place}: it is only for {list}, because {because}{}", never(row))
    })
}

fn joined(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn never(row: &Room) -> String {
    match row.never_knows.as_str() {
        "" => " (ARCHITECTURE.md, Who may use whom)".into(),
        words => format!("; it must never know {words} (ARCHITECTURE.md, Who may use whom)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn dependency(name: &str, kind: Option<&str>, path: Option<&str>) -> Value {
        json!({"name": name, "source": null, "req": "*", "kind": kind, "rename": null, "optional": false,
               "uses_default_features": true, "features": [], "target": null, "registry": null, "path": path})
    }

    /// A workspace of one member in `/here/<folder>` with one dependency.
    fn workspace(folder: &str, dependency: Value) -> Metadata {
        let id = format!("path+file:///here/{folder}#paydesk@0.1.0");
        let package = json!({
            "name": "paydesk-room", "version": "0.1.0", "id": id, "source": null, "targets": [], "features": {},
            "dependencies": [dependency], "manifest_path": format!("/here/{folder}/Cargo.toml"),
        });
        serde_json::from_value(json!({
            "packages": [package], "workspace_members": [id], "workspace_default_members": [id], "resolve": null,
            "workspace_root": "/here", "target_directory": "/here/target", "version": 1, "metadata": null,
        }))
        .unwrap()
    }

    fn check(folder: &str, dependency: Value) -> Vec<String> {
        let table = Table::parse(include_str!("../../../ARCHITECTURE.md")).unwrap();
        findings(&workspace(folder, dependency), &table)
    }

    #[test]
    fn what_the_table_refuses_is_found_with_its_reason() {
        let dev = Some("dev");
        for (folder, name, kind, path, expected) in [
            ("crates/domain", "serde", None, None, "domain must not use serde: "),
            ("crates/domain", "serde", None, None, "it must never know IO"),
            ("crates/domain", "tokio", dev, None, "domain must not use tokio in its tests: "),
            ("crates/domain", "rusqlite", Some("build"), None, "domain must not use rusqlite: "),
            ("crates/console", "reqwest", None, None, "because one place decides about timeouts"),
            ("crates/wxpay", "rusqlite", None, None, "only for ledger"),
            ("crates/simulator", "chrono", None, None, "only for domain"),
            (
                "crates/ledger",
                "paydesk-wxpay",
                None,
                Some("/here/crates/wxpay"),
                "ledger must not use wxpay: ",
            ),
            (
                "crates/ledger",
                "paydesk-wxpay",
                dev,
                Some("/here/crates/wxpay"),
                "wxpay in its tests: it may use domain",
            ),
            (
                "crates/vault",
                "paydesk-wxpay",
                None,
                Some("/here/crates/wxpay"),
                "must never know what a refund is",
            ),
            ("crates/cli", "paydesk-ledger", None, Some("/here/crates/ledger"), "it may use console, domain"),
            ("crates/domain", "paydesk-vault", None, Some("/here/crates/vault"), "it may use no other room"),
            (
                "crates/simulator",
                "paydesk-ledger",
                None,
                Some("/here/crates/ledger"),
                "must never know the ledger",
            ),
            ("tests/window", "clap", None, None, "tests must not use clap"),
            ("crates/cli", "fantoccini", None, None, "because the window is driven as a person"),
            ("xtask", "paydesk-domain", None, Some("/here/crates/domain"), "xtask must not use domain"),
            ("crates/shared", "anything", None, None, "shared is in no row of the import table"),
        ] {
            let found = check(folder, dependency(name, kind, path));
            let [only] = found.as_slice() else { panic!("{folder} with {name}: {found:?}") };
            assert!(only.contains(expected), "{only:?} does not say {expected:?}");
        }
    }

    #[test]
    fn what_the_table_allows_is_not_found() {
        let dev = Some("dev");
        for (folder, name, kind, path) in [
            ("crates/domain", "chrono", None, None),
            ("crates/domain", "proptest", dev, None),
            ("crates/wxpay", "md-5", None, None),
            ("crates/ledger", "rusqlite", None, None),
            ("crates/ledger", "paydesk-domain", None, Some("/here/crates/domain")),
            ("crates/console", "rustls", dev, None),
            ("crates/console", "paydesk-ledger", None, Some("/here/crates/ledger")),
            ("crates/cli", "paydesk-ledger", dev, Some("/here/crates/ledger")),
            ("tests", "rusqlite", None, None),
            ("tests/window", "fantoccini", None, None),
            ("crates/vault", "a-crate-nobody-guards", None, None),
        ] {
            assert_eq!(
                check(folder, dependency(name, kind, path)),
                Vec::<String>::new(),
                "{folder} with {name}"
            );
        }
    }
}

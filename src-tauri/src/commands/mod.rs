//! What the page may ask for: one line a command over a method of the console. The list is `list.rs`; a permission
//! for each stands in `capabilities/main.json`, and arguments and results in `ui/src/ipc/host.ts`.

mod ledger;
mod look;
mod merchants;
mod paste;
mod program;
mod trade;

pub(crate) use ledger::*;
pub(crate) use look::*;
pub(crate) use merchants::*;
pub(crate) use paste::*;
pub(crate) use program::*;
pub(crate) use trade::*;

use crate::desk::Desk;
use console::view::ErrorView;
use console::{Console, Lang};
use std::sync::Arc;
use tauri::State;

/// What every command gets beside its own arguments.
type At<'a> = State<'a, Arc<Desk>>;

/// What every command gives.
type Answer<T> = Result<T, ErrorView>;

/// Asks the console, on a thread that may wait for a disk, the keychain or a person. Neither the window nor other
/// commands wait with it.
async fn ask<T: Send + 'static>(
    desk: &At<'_>,
    work: impl FnOnce(&Console) -> console::Result<T> + Send + 'static,
) -> Answer<T> {
    let desk = Arc::clone(desk.inner());
    off(move || work(&*desk.console()?)).await
}

/// Does `work` on such a thread. If it panics the command fails, and the window lives on.
async fn off<T: Send + 'static>(work: impl FnOnce() -> console::Result<T> + Send + 'static) -> Answer<T> {
    match tauri::async_runtime::spawn_blocking(work).await {
        Ok(answer) => answer.map_err(ErrorView::from),
        Err(_) => Err(panicked()),
    }
}

/// Waits, on a thread of [`ask`], for what goes over the network.
fn wait<T>(answer: impl Future<Output = T>) -> T {
    tauri::async_runtime::block_on(answer)
}

/// A fault of ours. What was under way may have been sent: its row in the ledger is asked about like any other.
fn panicked() -> ErrorView {
    ErrorView {
        code: "internal".into(),
        exit: "unknown".into(),
        err_code: None,
        number: None,
        field: None,
        zh: Lang::ZhCn.say("shell.panicked", &[]),
        en: Lang::En.say("shell.panicked", &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn names() -> BTreeSet<String> {
        macro_rules! commands {
            ($($name:ident),* $(,)?) => { [$(stringify!($name)),*] };
        }
        include!("list.rs").map(str::to_owned).into_iter().collect()
    }

    fn read(path: &str) -> String {
        std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn the_page_knows_the_same_commands() {
        let host = read("../ui/src/ipc/host.ts");
        let (_, rest) = host.split_once("export interface Commands {").unwrap();
        let (body, _) = rest.split_once("\n}").unwrap();
        let theirs: BTreeSet<String> = body
            .lines()
            .filter_map(|line| line.trim().split_once(": { args: "))
            .map(|(name, _)| name.to_owned())
            .collect();
        assert_eq!(names(), theirs);
    }

    #[test]
    fn each_is_allowed_by_name_and_nothing_else_is() {
        let capability: serde_json::Value = serde_json::from_str(&read("capabilities/main.json")).unwrap();
        let mut allowed: BTreeSet<String> = capability["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|permission| permission.as_str().unwrap().to_owned())
            .collect();
        // To hear what the program says by itself, and to stop hearing it.
        for event in ["core:event:allow-listen", "core:event:allow-unlisten"] {
            assert!(allowed.remove(event), "{event}");
        }
        let ours: BTreeSet<String> =
            names().iter().map(|name| format!("allow-{}", name.replace('_', "-"))).collect();
        assert_eq!(allowed, ours);
        assert_eq!(
            std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/capabilities")).unwrap().count(),
            1
        );
    }

    #[test]
    fn a_panic_comes_back_as_an_error() {
        let answer: Answer<()> = tauri::async_runtime::block_on(off(|| panic!("a fault, on purpose")));
        let error = answer.unwrap_err();
        assert_eq!((&*error.code, &*error.exit), ("internal", "unknown"));
        assert!(!error.zh.starts_with("shell.") && error.zh != error.en);
    }
}

//! Makes what Tauri compiles in: the page, the icons, and a permission for each command.

use std::path::Path;

macro_rules! commands {
    ($($name:ident),* $(,)?) => { &[$(stringify!($name)),*] };
}

/// The same list that the window answers to.
const COMMANDS: &[&str] = include!("src/commands/list.rs");

fn main() {
    // Before the page was built for the first time, lints and tests compile all the same.
    let page = Path::new("../ui/dist");
    if !page.exists()
        && let Err(error) = std::fs::create_dir_all(page)
    {
        println!("cargo::error=ui/dist cannot be made: {error}");
    }
    println!("cargo::rerun-if-changed=src/commands/list.rs");
    // A page that was built again is compiled in again, also where none was before.
    println!("cargo::rerun-if-changed=../ui/dist");
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        println!("cargo::error={error:#}");
    }
}

//! Where things are: the root of the repository, the build folder, cargo.

use cargo_metadata::{Metadata, MetadataCommand};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    // Cargo sets it when it runs us; the compiled-in path serves whoever runs the binary by hand.
    let here = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&here).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// The members and what each depends on, without the crates from outside.
///
/// # Errors
/// What cargo says, in one sentence.
pub(crate) fn metadata() -> Result<Metadata, String> {
    MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()
        .map_err(|error| format!("cargo metadata: {error}"))
}

/// The build folder, wherever the user has put it.
///
/// # Errors
/// What cargo says, in one sentence.
pub(crate) fn target() -> Result<PathBuf, String> {
    metadata().map(|metadata| metadata.target_directory.into_std_path_buf())
}

/// A command that runs at the root of the repository.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).args(arguments);
    // What cargo told us about xtask is not true of what we start.
    for (name, _) in env::vars_os() {
        let own = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_")
                || name.starts_with("CARGO_MANIFEST_")
                || name.starts_with("CARGO_BIN_")
        });
        if own {
            command.env_remove(name);
        }
    }
    command
}

/// The same cargo that runs us.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let program = env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    command(&program, arguments)
}

/// Whether a program of this name can be started.
pub(crate) fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .any(|folder| folder.join(program).is_file() || folder.join(format!("{program}.exe")).is_file())
}

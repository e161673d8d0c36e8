//! Clients of WeChat Pay that others wrote, run against the simulator as they would run against WeChat Pay.
//!
//! Each folder of `tests/clients` is one client, installed at pinned versions. Its `run.sh` gets the release build
//! of `paydesk` in the variable `PAYDESK`, starts the simulator, does its work and exits with 0 if all was well.

use crate::product;
use crate::step::Steps;
use crate::workspace;
use std::fs;
use std::path::PathBuf;

const FOLDER: &str = "tests/clients";

/// Runs every client. Fails if there is none.
pub(crate) fn test(steps: &mut Steps) -> bool {
    let clients = match folders() {
        Ok(clients) if !clients.is_empty() => clients,
        _ => return steps.missing("third-party clients", &format!("no folder of {FOLDER} has a run.sh")),
    };
    let binary = match product::binary() {
        Ok(binary) => binary,
        Err(fault) => return steps.check("third-party clients", || Err(vec![fault])),
    };
    let mut all = true;
    for client in clients {
        let script = format!("{FOLDER}/{client}/run.sh");
        let mut command = workspace::command("bash", &[&script]);
        all &= steps.command(&format!("client: {client}"), command.env("PAYDESK", &binary));
    }
    all
}

/// The names of the folders that have a `run.sh`, sorted.
fn folders() -> std::io::Result<Vec<String>> {
    let folder: PathBuf = workspace::root().join(FOLDER);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        if entry.path().join("run.sh").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

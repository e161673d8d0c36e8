//! The rules of the house that neither the compiler nor clippy can see.

mod files;
mod imports;
mod page;
mod sources;
mod table;

use crate::workspace;
use sources::Source;
use std::fs;

/// Checks the whole tree.
///
/// # Errors
/// One sentence for each rule that is broken, with the place and the reason.
pub(crate) fn check() -> Result<String, Vec<String>> {
    let root = workspace::root();
    let read =
        |path: &str| fs::read_to_string(root.join(path)).map_err(|error| vec![format!("{path}: {error}")]);
    let table = table::Table::parse(&read("ARCHITECTURE.md")?).map_err(|fault| vec![fault])?;
    let metadata = workspace::metadata().map_err(|fault| vec![fault])?;
    let mut found = imports::findings(&metadata, &table);

    let files = files::list(&root);
    found.extend(files::unlinked_decisions(&files, &read("docs/decisions/README.md")?));
    for path in &files {
        let bytes = fs::read(root.join(path)).map_err(|error| vec![format!("{path}: {error}")])?;
        found.extend(files::too_large(path, bytes.len() as u64));
        // What is not text has no lines to look at.
        let Ok(text) = String::from_utf8(bytes) else { continue };
        found.extend(files::lock_file(path, &text));
        let source = Source { path, text: &text };
        found.extend(sources::findings(&source));
        found.extend(page::findings(&source));
    }
    if found.is_empty() {
        let (members, rooms) = (metadata.workspace_members.len(), table.rooms.len());
        Ok(format!("{} files; {members} members against a table of {rooms} rooms", files.len()))
    } else {
        Err(found)
    }
}

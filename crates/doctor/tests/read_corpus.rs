//! The corpus of the fuzz target `recogniser` through the same function.

use std::path::PathBuf;

#[path = "../../../fuzz/src/recogniser.rs"]
mod recogniser;

#[test]
fn every_kept_input_is_read_or_refused() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/recogniser");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("the folder is readable").path())
        .collect();
    files.sort();
    assert!(files.len() >= 20, "{} is not the corpus", folder.display());
    for file in files {
        let bytes = std::fs::read(&file).expect("the file is readable");
        let run = |bytes: &[u8], what: &str| {
            if std::panic::catch_unwind(|| recogniser::recogniser(bytes)).is_err() {
                panic!("{} {what}: see the panic above", file.display());
            }
        };
        run(&bytes, "as it is");
        // Cut and changed, it must hold as well.
        for at in (0..bytes.len()).step_by(7) {
            run(&bytes[..at], &format!("cut at {at}"));
            let mut changed = bytes.clone();
            changed[at] ^= 0x11;
            run(&changed, &format!("changed at {at}"));
        }
    }
}

//! What the fuzzer keeps is read or refused, and never brings the program down: the corpus of the `p12` target,
//! through the same calls as there, in every ordinary test run.

use domain::Secret;
use std::path::Path;

#[test]
fn every_kept_input_is_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/p12");
    let password = Secret::new("1900000109".to_owned());
    let (mut files, mut read) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let data = std::fs::read(entry.unwrap().path()).unwrap();
        for password in [Some(&password), None] {
            read += usize::from(vault::read_certificate(&[&data], password).is_ok());
        }
        let (one, other) = data.split_at(data.len() / 2);
        let _ = vault::read_certificate(&[one, other], Some(&password));
        files += 1;
    }
    assert!(files >= 20, "the corpus has only {files} inputs");
    assert!(read >= 5, "only {read} certificates of the corpus could be read");
}

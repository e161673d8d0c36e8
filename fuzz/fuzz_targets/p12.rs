#![no_main]

use domain::Secret;

// Any file a merchant may pick as their certificate, alone and beside another, is read or refused.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let password = Secret::new("1900000109".to_owned());
    for password in [Some(&password), None] {
        let _ = vault::read_certificate(&[data], password);
    }
    let (one, other) = data.split_at(data.len() / 2);
    let _ = vault::read_certificate(&[one, other], Some(&password));
});

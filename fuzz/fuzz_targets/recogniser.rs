#![no_main]

#[path = "../src/recogniser.rs"]
mod recogniser;

libfuzzer_sys::fuzz_target!(|data: &[u8]| recogniser::recogniser(data));

//! Compiles what has to run before Rust does: see `src/closed.c`.

fn main() {
    println!("cargo::rerun-if-changed=src/closed.c");
    if std::env::var_os("CARGO_CFG_UNIX").is_none() {
        return;
    }
    // As an object, not as a library: of that the linker takes only what somebody calls.
    for object in cc::Build::new().file("src/closed.c").compile_intermediates() {
        println!("cargo::rustc-link-arg-bins={}", object.display());
    }
}

//! The `paydesk` command.
fn main() {}

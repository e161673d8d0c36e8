//! The `paydesk` command: arguments in, the console's answer out.
//!
//! `args` is what can be asked, `commands` asks the console, `print` shows what it answers. All that reaches a
//! terminal goes through `print::page`, which makes control characters visible, and every secret comes in through
//! `secret`.

mod args;
mod commands;
mod desk;
mod failure;
mod help;
mod input;
mod print;
mod run;
mod secret;

fn main() -> std::process::ExitCode {
    run::main()
}

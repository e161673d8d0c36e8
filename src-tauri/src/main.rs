//! Paydesk in a window: what only a desktop can do (menus, tray, notifications, the native question), and one line
//! a command over [`console::Console`]. Nothing here knows SQL, XML or HTTP; the page knows nothing at all.
//!
//! Start reading at `app`. `desk` holds the console, `commands` is what the page may ask for, `live` is what the
//! program says by itself.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

/// The one list of commands, made into whatever the caller needs of it.
macro_rules! commands {
    ($($name:ident),* $(,)?) => { tauri::generate_handler![$(crate::commands::$name),*] };
}

mod app;
mod arguments;
mod ask;
mod commands;
mod desk;
mod live;
mod menu;
mod money;
mod notify;
mod renderer;
mod tray;
mod web_process;
mod window;

use arguments::Asked;
use std::process::ExitCode;

fn main() -> ExitCode {
    console::no_core_dumps();
    let lang = console::system_language();
    match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Asked::Window(arguments)) => {
            renderer::choose();
            app::run(arguments)
        }
        Ok(Asked::Help) => say(&mut std::io::stdout(), &lang.say("shell.usage", &[])),
        Ok(Asked::Version) => {
            say(&mut std::io::stdout(), concat!("paydesk-window ", env!("CARGO_PKG_VERSION")))
        }
        Err(word) => {
            let text = lang.say("shell.not_understood", &[("word", &word)]);
            say(&mut std::io::stderr(), &format!("{text}\n\n{}", lang.say("shell.usage", &[])));
            ExitCode::from(2)
        }
    }
}

/// Nobody may be listening: a window is started without a terminal.
fn say(to: &mut impl std::io::Write, text: &str) -> ExitCode {
    let _ = writeln!(to, "{text}");
    ExitCode::SUCCESS
}

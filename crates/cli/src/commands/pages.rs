//! What is made from the argument types: completions and man pages.

use crate::args::{Cli, Completions, Man};
use crate::desk::{Desk, Outcome, though_unread, write_bytes};
use crate::{failure, help};
use clap::{Command, CommandFactory as _};
use console::Lang;
use std::path::Path;

fn command(lang: Lang) -> Command {
    match lang {
        Lang::En => Cli::command(),
        Lang::ZhCn => help::localised(Cli::command(), lang),
    }
}

pub(crate) fn completions(desk: &Desk, completions: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(completions.shell, &mut command(desk.lang), "paydesk", &mut script);
    though_unread(write_bytes(&script))?;
    Ok(0)
}

pub(crate) fn man(desk: &Desk, man: &Man) -> Outcome {
    if let Some(folder) = &man.dir {
        std::fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(command(desk.lang), folder))
            .map_err(|error| failure::file(folder, &error))?;
        desk.note(&desk.say("note.man_pages", &[("path", &folder.display())]));
        return Ok(0);
    }
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command(desk.lang)).render(&mut page);
    rendered.map_err(|error| failure::file(Path::new("-"), &error))?;
    though_unread(write_bytes(&page))?;
    Ok(0)
}

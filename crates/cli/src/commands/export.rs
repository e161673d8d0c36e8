use super::long::{self, Course, CtrlC};
use crate::args::{ExportCommand, ExportPayments, Format};
use crate::desk::{Desk, Outcome};
use crate::failure::Failure;
use crate::input;
use crate::print::ledger as print;
use console::Follow;
use std::io::Write;
use std::ops::ControlFlow;

pub(crate) fn run(desk: &Desk, command: &ExportCommand) -> Outcome {
    match command {
        ExportCommand::Payments(export) => match export.format {
            Format::Csv => payments(desk, export),
        },
    }
}

fn payments(desk: &Desk, export: &ExportPayments) -> Outcome {
    let query = super::order::query(desk, &export.filter, None)?;
    let console = desk.console()?;
    let (merchant, cells, count) = (desk.merchant(), export.cells.into(), long::is_watched(desk));
    if input::is_standard(&export.output) {
        if desk.json {
            return Err(desk.usage("usage.json_needs_file", &[]));
        }
        let mut out = Out { to: std::io::stdout().lock(), gone: false };
        let written = long::follow(desk, "note.exporting", CtrlC::Leaves, |course| {
            let follow = Follow { count, each: &mut |done, total| flow(course, done, total) };
            console.export_payments_to(merchant, &query, &mut out, cells, follow)
        });
        // A list to look at: whoever went away has seen enough of it, and no "no" is in it.
        if out.gone {
            return Ok(0);
        }
        let Some(rows) = written? else { return Err(Failure::Stopped) };
        desk.note(&desk.say("note.rows", &[("rows", &rows)]));
        return Ok(0);
    }
    let shop = console.merchant(merchant)?;
    let written = long::follow(desk, "note.exporting", CtrlC::Ends, |course| {
        let follow = Follow { count, each: &mut |done, total| flow(course, done, total) };
        console.export_payments_followed(merchant, &query, &export.output, cells, export.force, follow)
    });
    let Some(view) = written? else { return Err(Failure::Stopped) };
    desk.answer(&view, |page| print::exported(page, &view, &shop.environment, &shop.name))?;
    Ok(0)
}

fn flow(course: &Course, done: i64, total: Option<i64>) -> ControlFlow<()> {
    if course.go_on(done, total) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

/// Standard output that remembers whether its reader went away.
struct Out<W> {
    to: W,
    gone: bool,
}

impl<W: Write> Out<W> {
    fn noted<T>(&mut self, result: std::io::Result<T>) -> std::io::Result<T> {
        if let Err(error) = &result {
            self.gone |= error.kind() == std::io::ErrorKind::BrokenPipe;
        }
        result
    }
}

impl<W: Write> Write for Out<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let result = self.to.write(bytes);
        self.noted(result)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let result = self.to.flush();
        self.noted(result)
    }
}

use crate::args::{ExportCommand, ExportPayments, Format};
use crate::desk::{Desk, Outcome};
use crate::failure::Failure;
use crate::input;
use crate::print::ledger as print;
use std::io::Write;

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
    if input::is_standard(&export.output) {
        if desk.json {
            return Err(desk.usage("usage.json_needs_file", &[]));
        }
        let mut out = Out { to: std::io::stdout().lock(), gone: false };
        let written = console.export_payments_to(desk.merchant(), &query, &mut out, export.cells.into());
        if out.gone {
            return Err(Failure::Gone);
        }
        let rows = written?;
        desk.note(&desk.say("note.rows", &[("rows", &rows)]));
        return Ok(0);
    }
    let merchant = console.merchant(desk.merchant())?;
    let view = console.export_payments(
        desk.merchant(),
        &query,
        &export.output,
        export.cells.into(),
        export.force,
    )?;
    desk.answer(&view, |page| print::exported(page, &view, &merchant.environment, &merchant.name))?;
    Ok(0)
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

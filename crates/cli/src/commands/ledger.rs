use crate::args::LedgerCommand;
use crate::desk::{Desk, Outcome};
use crate::failure;
use crate::print::ledger as print;

pub(crate) fn run(desk: &Desk, command: &LedgerCommand) -> Outcome {
    let console = desk.console()?;
    match command {
        LedgerCommand::Info => {
            let view = console.ledger_info(desk.merchant())?;
            desk.answer(&view, |page| print::info(page, &view))?;
        }
        LedgerCommand::Check { full } => {
            let view = console.ledger_check(desk.merchant(), *full, desk.lang)?;
            desk.answer(&view, |page| print::check(page, &view))?;
            return Ok(u8::from(!view.ok));
        }
        LedgerCommand::Backup { to, force } => {
            let view = console.ledger_backup(desk.merchant(), to, *force)?;
            desk.answer(&view, |page| print::backup(page, &view))?;
            if view.key_in_keychain {
                desk.note(&desk.say("note.backup_key", &[]));
            }
        }
        LedgerCommand::Restore { from, yes } => {
            std::fs::metadata(from).map_err(|error| failure::file(from, &error))?;
            desk.confirm(*yes, &desk.say("ask.restore", &[("path", &from.display())]))?;
            let view = console.ledger_restore(desk.merchant(), from)?;
            desk.answer(&view, |page| print::restored(page, &view))?;
        }
        LedgerCommand::Accept { yes } => {
            desk.confirm(*yes, &desk.say("ask.accept", &[]))?;
            let view = console.ledger_accept(desk.merchant())?;
            desk.answer(&view, |page| print::accepted(page, &view))?;
        }
        LedgerCommand::Salvage { yes } => {
            desk.confirm(*yes, &desk.say("ask.salvage", &[]))?;
            let view = console.ledger_salvage(desk.merchant())?;
            desk.answer(&view, |page| print::salvaged(page, &view))?;
        }
    }
    Ok(0)
}

use crate::args::RequestsCommand;
use crate::desk::{Desk, Outcome};
use crate::print::requests as print;

pub(crate) fn run(desk: &Desk, command: &RequestsCommand) -> Outcome {
    let console = desk.console()?;
    let merchant = console.merchant(desk.merchant())?;
    match command {
        RequestsCommand::List { limit } => {
            let view = console.exchanges(desk.merchant(), *limit)?;
            desk.answer(&view, |page| print::list(page, &view, &merchant.environment, &merchant.name))?;
        }
        RequestsCommand::Show { id } => {
            let view = console.exchange(desk.merchant(), *id)?;
            desk.answer(&view, |page| print::one(page, &view, &merchant.environment))?;
        }
    }
    Ok(0)
}

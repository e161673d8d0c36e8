use crate::args::Resolve;
use crate::desk::{Desk, Outcome, though_unread, write_bytes, write_text};
use crate::failure::Failure;
use crate::print::{page::Page, payment};
use console::view::OperationView;
use console::{ConsoleError, News};
use serde_json::json;
use std::ops::ControlFlow;

pub(crate) fn run(desk: &Desk, resolve: &Resolve) -> Outcome {
    if resolve.watch { watch(desk) } else { once(desk) }
}

/// Asks now about everything that is open. Exit status 4 while something still is.
fn once(desk: &Desk) -> Outcome {
    let merchant = desk.console()?.merchant(desk.merchant())?;
    let view = desk.wait(desk.console()?.resolve(desk.merchant()))?;
    desk.answer(&view, |page| payment::operations(page, &view, &merchant.environment, &merchant.name))?;
    let open = view.iter().any(|operation| matches!(&*operation.state, "intended" | "unknown"));
    Ok(if open { console::Exit::Unknown.status() } else { 0 })
}

/// Asks whenever something is due, of the merchant named or of all, until nothing is open.
fn watch(desk: &Desk) -> Outcome {
    let console = desk.console()?;
    // A name that is not there is said at once, not watched.
    let environments: Vec<_> = match desk.merchant() {
        Some(name) => vec![console.merchant(Some(name))?],
        None => console.merchants()?,
    };
    let environment = |name: &str| {
        environments.iter().find(|known| known.name == name).map_or("", |known| &*known.environment)
    };
    let mut printed = Ok(());
    let mut waiting = None;
    let mut done = false;
    desk.wait(async {
        console
            .keep_resolving(desk.merchant(), |news| {
                match news {
                    News::Asked { merchant, operations } => {
                        printed = asked(desk, environment(&merchant), &merchant, &operations);
                    }
                    News::Trouble { merchant, error } => printed = trouble(desk, &merchant, &error),
                    News::Open(0) => done = true,
                    News::Open(left) if waiting == Some(left) => {}
                    News::Open(left) => {
                        waiting = Some(left);
                        if !desk.json {
                            desk.note(&desk.say("note.still_open", &[("count", &left)]));
                        }
                    }
                }
                if done || printed.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
            .await;
        Ok(())
    })?;
    match printed {
        // Nobody reads on, and something is still open.
        Err(Failure::Gone) if !done => return Ok(console::Exit::Unknown.status()),
        other => though_unread(other)?,
    }
    if done && !desk.json {
        desk.note(&desk.say("list.nothing_unresolved", &[]));
    }
    Ok(0)
}

fn asked(
    desk: &Desk,
    environment: &str,
    merchant: &str,
    operations: &[OperationView],
) -> Result<(), Failure> {
    if desk.json {
        return line(&json!({ "merchant": merchant, "operations": operations }));
    }
    let mut page = Page::new(desk.lang);
    payment::operations(&mut page, operations, environment, merchant);
    write_text(&page.finish())
}

fn trouble(desk: &Desk, merchant: &str, error: &ConsoleError) -> Result<(), Failure> {
    if desk.json {
        return line(
            &json!({ "merchant": merchant, "error": Failure::from(error.clone()).json(desk.lang)["error"] }),
        );
    }
    desk.note(&desk.say("note.cannot_ask", &[("merchant", &merchant), ("why", &desk.lang.error(error))]));
    Ok(())
}

/// One JSON document on one line: what watches goes on and on.
fn line(value: &serde_json::Value) -> Result<(), Failure> {
    write_bytes((crate::print::foreign::json(&value.to_string()) + "\n").as_bytes())
}

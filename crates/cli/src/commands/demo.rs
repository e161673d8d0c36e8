use crate::args::Demo;
use crate::desk::{Desk, Outcome, though_unread, write_text};
use crate::print::{demo as print, page::Page};
use console::args::DemoOptions;

/// The whole job once, told step by step.
pub(crate) fn run(desk: &Desk, demo: &Demo) -> Outcome {
    let mut opening = Page::new(desk.lang);
    print::opening(&mut opening);
    if !desk.json {
        though_unread(write_text(&opening.finish()))?;
    }
    let mut number = 0;
    let mut heard = Ok(());
    let mut tell = |step: &console::view::DemoStep| {
        number += 1;
        if !desk.json && heard.is_ok() {
            let mut page = Page::new(desk.lang);
            print::step(&mut page, number, step);
            heard = though_unread(write_text(&page.finish()));
        }
    };
    let options = DemoOptions { seed: demo.seed };
    let view = desk.wait(console::demo(desk.data_dir.as_deref(), options, &mut tell))?;
    heard?;
    desk.answer(&view, |page| print::closing(page, &view))?;
    Ok(u8::from(!view.steps.iter().all(|step| step.ok)))
}

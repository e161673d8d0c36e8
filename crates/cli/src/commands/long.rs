//! Work that takes a while: how far it is, for whoever watches, and Ctrl-C.

use crate::desk::Desk;
use crate::print::page::{DIM, Page};
use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

/// How often the line is drawn: often enough to see it move, seldom enough to cost nothing.
const EVERY: Duration = Duration::from_millis(100);

/// What a shell calls the end by Ctrl-C: 128 and the number of SIGINT.
pub(crate) const STOPPED: u8 = 130;

/// How far the work is. One side writes it, the other draws it.
#[derive(Default)]
pub(crate) struct Course {
    done: AtomicI64,
    /// Below 1 while nobody knows.
    total: AtomicI64,
    stop: AtomicBool,
}

impl Course {
    /// Says how far it is, and hears whether to go on.
    pub(crate) fn go_on(&self, done: i64, total: Option<i64>) -> bool {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total.unwrap_or(0), Ordering::Relaxed);
        !self.stop.load(Ordering::Relaxed)
    }
}

/// What Ctrl-C does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum CtrlC {
    /// The work is asked to end, and cleans up.
    Ends,
    /// The process ends at once: the work may hang in a pipe that nobody reads, and leaves nothing behind.
    Leaves,
}

/// Whether anybody sees a line on standard error.
pub(crate) fn is_watched(desk: &Desk) -> bool {
    !desk.json && !desk.quiet && std::io::stderr().is_terminal()
}

/// Does the work on this thread, while another one draws the line and listens. `key` has `{done}` and `{total}`.
pub(crate) fn follow<T>(desk: &Desk, key: &str, ctrl_c: CtrlC, work: impl FnOnce(&Course) -> T) -> T {
    let course = Course::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return work(&course) };
    let told = {
        let _inside = runtime.enter();
        super::simulator::told_to_stop()
    };
    // Without ears the system's own ending stands.
    let Ok(told) = told else { return work(&course) };
    let watched = is_watched(desk);
    std::thread::scope(|scope| {
        let (finish, finished) = tokio::sync::oneshot::channel::<()>();
        let course = &course;
        scope.spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = finished => {}
                    () = told => course.stop.store(true, Ordering::Relaxed),
                    () = draw(desk, key, course), if watched => {}
                }
            });
            if watched {
                wipe();
            }
            if ctrl_c == CtrlC::Leaves && course.stop.load(Ordering::Relaxed) {
                std::process::exit(i32::from(STOPPED));
            }
        });
        let done = work(course);
        let _ = finish.send(());
        done
    })
}

async fn draw(desk: &Desk, key: &str, course: &Course) {
    loop {
        tokio::time::sleep(EVERY).await;
        let (done, total) = (course.done.load(Ordering::Relaxed), course.total.load(Ordering::Relaxed));
        if total > 0 {
            let mut page = Page::new(desk.lang);
            page.put(DIM, &desk.say(key, &[("done", &done), ("total", &total)]));
            let _ = anstream::stderr().write_all(format!("\r\x1b[K{}", page.finish()).as_bytes());
        }
    }
}

fn wipe() {
    let _ = std::io::stderr().write_all(b"\r\x1b[K");
}

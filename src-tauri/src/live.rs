//! What the program says by itself. One thread looks after the ledgers and tells the page; another keeps the tray
//! and the notifications, so that neither waits for the other's disk or bus.

use crate::desk::Desk;
use crate::window::LABEL;
use crate::{notify, tray};
use console::Happening;
use console::view::PaymentRow;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Duration;
use tauri::{AppHandle, Emitter as _, Manager as _};
use tokio::sync::Notify;

/// The tray's takings are written anew after this long without any change: a day may have begun.
const QUIET: Duration = Duration::from_secs(60);
/// What comes within this is taken together.
const TOGETHER: Duration = Duration::from_millis(500);
/// How long until a console that did not open is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// What the tray and the notifications are told.
enum Message {
    Changed,
    Paid(Box<PaymentRow>),
    End,
}

/// The threads, to be ended with the window.
pub(crate) struct Live {
    stop: Arc<Notify>,
    ended: Mutex<Receiver<()>>,
    bell: Sender<Message>,
}

impl Live {
    /// The tray is to be written anew.
    pub(crate) fn changed(&self) {
        let _ = self.bell.send(Message::Changed);
    }

    /// Ends them, and waits a moment for what they have in hand.
    pub(crate) fn end(&self) {
        self.stop.notify_one();
        let _ = self.bell.send(Message::End);
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = ended.recv_timeout(Duration::from_secs(1));
    }
}

/// Starts them. A thread that cannot be had is done without: the page asks for its status now and then anyway.
pub(crate) fn begin(app: &AppHandle) -> Live {
    let stop = Arc::new(Notify::new());
    let (ending, ended) = channel();
    let (bell, rings) = channel();
    {
        let (app, stop, bell) = (app.clone(), Arc::clone(&stop), bell.clone());
        let _ = Builder::new().name("look-after".into()).spawn(move || {
            tauri::async_runtime::block_on(look_after(&app, &stop, &bell));
            drop(ending);
        });
    }
    let app = app.clone();
    let _ = Builder::new().name("tray".into()).spawn(move || attend(&app, &rings));
    Live { stop, ended: Mutex::new(ended), bell }
}

async fn look_after(app: &AppHandle, stop: &Notify, bell: &Sender<Message>) {
    let desk = Arc::clone(&app.state::<Arc<Desk>>());
    loop {
        // It ends only where the console does not open, or by a fault; then once more, after a while.
        let console = desk.console();
        let work = async {
            if let Ok(console) = &console {
                console.look_after(|what| tell(app, bell, what)).await;
            }
            tokio::time::sleep(AGAIN).await;
        };
        tokio::select! {
            () = work => {}
            () = stop.notified() => return,
        }
    }
}

fn tell(app: &AppHandle, bell: &Sender<Message>, what: Happening) -> ControlFlow<()> {
    match what {
        Happening::Change(change) => {
            let _ = app.emit_to(LABEL, "change", &change);
            let _ = bell.send(change.paid.map_or(Message::Changed, |row| Message::Paid(Box::new(row))));
        }
        Happening::Merchants => {
            let _ = app.emit_to(LABEL, "merchants", ());
        }
        // What keeps a merchant from being looked after is in its status, which the page shows.
        Happening::Trouble { .. } => {}
    }
    ControlFlow::Continue(())
}

fn attend(app: &AppHandle, rings: &Receiver<Message>) {
    tray::begin(app);
    let desk = Arc::clone(&app.state::<Arc<Desk>>());
    while let Some(paid) = next(rings, QUIET, TOGETHER) {
        notify::paid(app, &desk, &paid);
        tray::refresh(app);
    }
}

/// The payments of the next messages that come together; `None` when it is over.
fn next(rings: &Receiver<Message>, quiet: Duration, together: Duration) -> Option<Vec<PaymentRow>> {
    let mut paid = Vec::new();
    let mut wait = quiet;
    loop {
        match rings.recv_timeout(wait) {
            Ok(Message::Changed) => {}
            Ok(Message::Paid(row)) => paid.push(*row),
            Ok(Message::End) | Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => return Some(paid),
        }
        wait = together;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_together_is_taken_together() {
        let short = Duration::from_millis(20);
        let (bell, rings) = channel();
        assert_eq!(next(&rings, short, short), Some(Vec::new()), "a quiet minute");
        for _ in 0..3 {
            bell.send(Message::Paid(Box::new(crate::notify::tests::row()))).unwrap();
            bell.send(Message::Changed).unwrap();
        }
        assert_eq!(next(&rings, short, short).map(|paid| paid.len()), Some(3));
        bell.send(Message::End).unwrap();
        assert_eq!(next(&rings, short, short), None);
    }
}

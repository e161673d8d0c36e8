//! The console behind the window, opened when first needed, and the languages.

use crate::arguments::Arguments;
use console::view::Preferences;
use console::{Console, ConsoleError, Lang, Options};
use std::sync::{Arc, Mutex, PoisonError};

/// What every part of the window has at hand.
pub(crate) struct Desk {
    pub(crate) arguments: Arguments,
    console: Mutex<Option<Arc<Console>>>,
}

impl Desk {
    pub(crate) const fn new(arguments: Arguments) -> Self {
        Self { arguments, console: Mutex::new(None) }
    }

    /// The console. One that did not open is tried again at the next call: a person may have mended what was
    /// wrong, and the window stays to show what it is.
    ///
    /// # Errors
    /// `file_failed` if its folder cannot be made.
    pub(crate) fn console(&self) -> Result<Arc<Console>, ConsoleError> {
        let mut slot = self.console.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(console) = &*slot {
            return Ok(Arc::clone(console));
        }
        let options = Options { data_dir: self.arguments.data_dir.clone(), ..Options::default() };
        let console = Arc::new(Console::open(options)?);
        *slot = Some(Arc::clone(&console));
        Ok(console)
    }

    /// Lets go of it, so that what it has in hand is free for the next program at once.
    pub(crate) fn close(&self) {
        *self.console.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A person's choices; the default if they cannot be read, which the page says.
    pub(crate) fn preferences(&self) -> Preferences {
        self.console().map(|console| console.preferences().0).unwrap_or_default()
    }

    /// The language of menus, tray and notifications.
    pub(crate) fn lang(&self) -> Lang {
        Lang::parse(&self.preferences().language).unwrap_or_else(console::system_language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_that_did_not_open_is_tried_again() {
        let folder = std::env::temp_dir().join(format!("paydesk-window-{}", std::process::id()));
        std::fs::write(&folder, "a file where a folder should be").unwrap();
        let desk = Desk::new(Arguments { data_dir: Some(folder.clone()), merchant: None });
        let error = desk.console().map(drop).unwrap_err();
        assert_eq!(error.code.as_str(), "file_failed");
        assert_eq!(desk.preferences(), Preferences::default());
        std::fs::remove_file(&folder).unwrap();
        let opened = desk.console().unwrap();
        assert!(Arc::ptr_eq(&opened, &desk.console().unwrap()), "opened twice");
        drop(opened);
        desk.close();
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

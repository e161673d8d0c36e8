//! A keychain apart from the one that all tests share: to be locked, or to be away.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A private bus, with or without a keyring on it.
pub struct Keychain {
    bus: String,
    daemon: Child,
    keyring: Option<Child>,
    _dir: tempfile::TempDir,
}

impl Keychain {
    /// A bus on which nobody keeps secrets, and none can be started.
    ///
    /// # Panics
    /// If the bus cannot be started.
    #[must_use]
    pub fn absent() -> Self {
        let config = crate::repository("crates/vault/tests/bus-without-services.conf");
        Self::bus_of(&[&format!("--config-file={}", config.display())], None)
    }

    /// A keyring that was made by a login and is locked now: its files are there, its password is not.
    ///
    /// # Panics
    /// If it cannot be made.
    #[must_use]
    pub fn locked() -> Self {
        let dir = tempfile::tempdir().unwrap();
        // A login makes the keyring's file, and goes.
        let words =
            ["--", "sh", "-c", "printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null"];
        let mut login = Command::new("dbus-run-session");
        Self::private(login.args(words), dir.path());
        assert!(login.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success());
        let mut keychain = Self::bus_of(&["--session"], Some(dir));
        let mut keyring = Command::new("gnome-keyring-daemon");
        keyring.args(["--start", "--foreground", "--components=secrets"]);
        Self::private(&mut keyring, keychain._dir.path()).env("DBUS_SESSION_BUS_ADDRESS", &keychain.bus);
        keyring.stdout(Stdio::null()).stderr(Stdio::null());
        keychain.keyring = Some(keyring.spawn().unwrap());
        keychain
    }

    fn private<'c>(command: &'c mut Command, dir: &Path) -> &'c mut Command {
        command.env("XDG_DATA_HOME", dir).env("XDG_RUNTIME_DIR", dir).env_remove("GNOME_KEYRING_CONTROL")
    }

    fn bus_of(words: &[&str], dir: Option<tempfile::TempDir>) -> Self {
        let dir = dir.unwrap_or_else(|| tempfile::tempdir().unwrap());
        let mut command = Command::new("dbus-daemon");
        Self::private(command.args(words), dir.path());
        command.args(["--nofork", "--print-address=1"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut daemon = command.spawn().unwrap();
        let mut bus = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut bus).unwrap();
        Self { bus: bus.trim().into(), daemon, keyring: None, _dir: dir }
    }

    /// The bus's address.
    #[must_use]
    pub fn bus(&self) -> &str {
        &self.bus
    }
}

impl Drop for Keychain {
    fn drop(&mut self) {
        for child in self.keyring.iter_mut().chain([&mut self.daemon]) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

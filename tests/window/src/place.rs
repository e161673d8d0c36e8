//! Where a person's files are, and the command line over the same files.

use crate::{keychain, program};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The folders of one person: what is started in it again finds what was left there.
pub struct Place {
    dir: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Place {
    /// A person who has never started Paydesk.
    ///
    /// # Panics
    /// If no folder can be made.
    #[must_use]
    pub fn fresh() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["data", "config", "cache", "home/Downloads"] {
            std::fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        Self { dir, variables: Vec::new() }
    }

    /// The same with another keychain than everybody's.
    #[must_use]
    pub fn with_keychain(mut self, keychain: &keychain::Keychain) -> Self {
        self.variables.push(("DBUS_SESSION_BUS_ADDRESS".into(), keychain.bus().into()));
        self
    }

    /// Where Paydesk keeps its files.
    #[must_use]
    pub fn paydesk(&self) -> PathBuf {
        self.dir.path().join("paydesk")
    }

    /// A folder for whatever a test makes.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    /// The person's home.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// Says to a command where this person's files are, and that the system speaks Chinese.
    pub(crate) fn tell<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let root = self.dir.path();
        command
            .env("HOME", self.home())
            .env("XDG_DATA_HOME", root.join("data"))
            .env("XDG_CONFIG_HOME", root.join("config"))
            .env("XDG_CACHE_HOME", root.join("cache"))
            .env("LANG", "zh_CN.UTF-8")
            .env("NO_AT_BRIDGE", "1")
            .env_remove("XDG_DOWNLOAD_DIR")
            .env_remove("LC_ALL")
            .env_remove("LC_MESSAGES")
            .env_remove("LANGUAGE")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program("PAYDESK"));
        command.arg("--data-dir").arg(self.paydesk()).arg("--json").args(words);
        self.tell(&mut command);
        command
    }

    /// Runs the command line on the same files and gives its answer.
    ///
    /// # Panics
    /// If it fails.
    #[must_use]
    pub fn cli(&self, words: &[&str]) -> Value {
        let output = self.command(words).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "paydesk {words:?}: {}\n{said}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("paydesk {words:?}: {error}\n{said}"))
    }

    /// Whether the command line succeeds.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn cli_works(&self, words: &[&str]) -> bool {
        self.command(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success()
    }

    /// What happened of one kind at the simulated gateway itself, by number and amount in fen, whatever the ledger
    /// says of it.
    ///
    /// # Panics
    /// If its world cannot be read.
    #[must_use]
    pub fn effects(&self, kind: &str) -> Vec<(String, i64)> {
        let world = std::fs::read(self.paydesk().join("simulated/world.json")).unwrap();
        let world: Value = serde_json::from_slice(&world).unwrap();
        let all = world["world"]["effects"].as_array().expect("the world has effects");
        let fits = all.iter().filter(|one| one["kind"] == kind);
        fits.map(|one| (one["number"].as_str().unwrap().to_owned(), one["amount_fen"].as_i64().unwrap()))
            .collect()
    }

    /// Starts what goes on running, and gives it with the first line that it prints.
    ///
    /// # Panics
    /// If it prints nothing.
    #[must_use]
    pub fn start(&self, words: &[&str]) -> (Running, Value) {
        let mut child = self.command(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let running = Running(child);
        let first =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("paydesk {words:?}: {error}: {line}"));
        (running, first)
    }
}

/// A program that ends with its test.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

//! Starting and ending: one driver, one session, one program for each window.

use crate::{Page, Place, program};
use fantoccini::ClientBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal};
use serde_json::json;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// A running window. Dropped, it and its driver are gone.
pub struct Window {
    /// Its page.
    pub page: Page,
    driver: Child,
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn start_driver(place: &Place, port: u16, variables: &[(&str, &str)]) -> Child {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new("WebKitWebDriver");
    place.tell(&mut command);
    command
        .arg(format!("--port={port}"))
        // Without this the new session never answers.
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        // Its own group, so that what it started ends with it.
        .process_group(0);
    command.spawn().expect("WebKitWebDriver: install webkit2gtk-driver")
}

impl Window {
    /// Opens it and waits until something can be done in it.
    ///
    /// # Panics
    /// If it does not open within a minute.
    pub async fn open(place: &Place) -> Self {
        Self::open_with(place, &[], &[]).await
    }

    /// The same with arguments and variables besides.
    ///
    /// # Panics
    /// If it does not open within a minute.
    pub async fn open_with(place: &Place, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut all = vec!["--data-dir".to_owned(), place.paydesk().to_string_lossy().into_owned()];
        all.extend(arguments.iter().map(|&text| text.to_owned()));
        let window = Self::start(place, &program("PAYDESK_WINDOW"), &all, variables).await;
        window.page.until("the page", ".app, .recovery").await;
        window.page.watch().await;
        window
    }

    /// Any program that shows a page for WebKit's driver.
    ///
    /// # Panics
    /// If it does not open within a minute.
    pub async fn start(
        place: &Place,
        program: &Path,
        arguments: &[String],
        variables: &[(&str, &str)],
    ) -> Self {
        let port = free_port();
        let driver = start_driver(place, port, variables);
        let options = json!({ "binary": program, "args": arguments });
        // A page that never comes is said to be missing, not waited for.
        let limits = json!({ "pageLoad": 20_000, "script": 60_000 });
        let capabilities: serde_json::Map<String, serde_json::Value> =
            [("webkitgtk:browserOptions".to_owned(), options), ("timeouts".to_owned(), limits)]
                .into_iter()
                .collect();
        let url = format!("http://127.0.0.1:{port}");
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.clone());
            match timeout(Duration::from_secs(40), builder.connect(&url)).await {
                Ok(Ok(client)) => return Self { page: Page::new(client), driver },
                // The driver itself may still be starting.
                Ok(Err(_)) if Instant::now() < until => sleep(Duration::from_millis(50)).await,
                Ok(Err(error)) => panic!("no window: {error}"),
                Err(_) => panic!("the window did not open within 40 s"),
            }
        }
    }

    /// Closes it as the person would, and waits until it is gone.
    ///
    /// # Panics
    /// If it stays.
    pub async fn close(self) {
        let group = self.processes();
        let _ = self.page.client().clone().close().await;
        let until = Instant::now() + Duration::from_secs(10);
        while group.iter().any(|(pid, name)| name != "WebKitWebDriver" && is_running(*pid)) {
            assert!(Instant::now() < until, "the window stays: {group:?}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// The program, and every process that it started, with their names.
    #[must_use]
    pub fn processes(&self) -> Vec<(i32, String)> {
        let mut all = Vec::new();
        let mut parents = vec![i32::try_from(self.driver.id()).unwrap_or(0)];
        while let Some(parent) = parents.pop() {
            for (pid, name, of) in processes() {
                if of == parent {
                    all.push((pid, name));
                    parents.push(pid);
                }
            }
        }
        all
    }

    /// Lets the program stand still, or go on: meanwhile everything else does.
    ///
    /// # Panics
    /// If it is not there.
    pub fn stand_still(&self, still: bool) {
        let all = self.processes();
        let window = all.iter().find(|(_, name)| name.starts_with("paydesk-window")).expect("a window");
        let signal = if still { Signal::STOP } else { Signal::CONT };
        rustix::process::kill_process(Pid::from_raw(window.0).unwrap(), signal).unwrap();
    }

    /// Kills the process that draws the page, as if it had crashed.
    ///
    /// # Panics
    /// If there is none.
    pub fn kill_web_process(&self) {
        let all = self.processes();
        let web = all.iter().find(|(_, name)| name.starts_with("WebKitWebProces")).expect("a web process");
        rustix::process::kill_process(Pid::from_raw(web.0).unwrap(), Signal::KILL).unwrap();
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let group = i32::try_from(self.driver.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
        let _ = self.driver.wait();
    }
}

/// Every process: its number, its name, its parent.
fn processes() -> Vec<(i32, String, i32)> {
    let folders = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let stats = folders.filter_map(|folder| std::fs::read_to_string(folder.path().join("stat")).ok());
    stats
        .filter_map(|stat| {
            let (head, rest) = stat.rsplit_once(')')?;
            let (pid, name) = head.split_once(" (")?;
            let mut fields = rest.split_whitespace();
            let state = fields.next()?;
            let parent = fields.next()?.parse().ok()?;
            (state != "Z").then_some((pid.parse().ok()?, name.to_owned(), parent))
        })
        .collect()
}

fn is_running(pid: i32) -> bool {
    processes().iter().any(|(other, _, _)| *other == pid)
}

//! A hand on the mouse and the keyboard of the display itself: for what stands outside the page, where no driver
//! reaches.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a question of the system may take to come or to go.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a click may take to be taken before it is made again.
const AGAIN: Duration = Duration::from_secs(3);

/// Moves the mouse, clicks or types as `xdotool` says it.
///
/// # Panics
/// If it cannot.
pub fn hand(words: &[&str]) {
    let status = Command::new("xdotool").args(words).status();
    assert!(status.is_ok_and(|status| status.success()), "xdotool {words:?}");
}

/// A question that stands on the display as a window of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    id: String,
    /// Its left upper corner, then its width and height, in pixels of the display.
    pub place: [i32; 4],
}

impl Question {
    /// Those that show this title.
    #[must_use]
    pub fn all(title: &str) -> Vec<Self> {
        // Searching by a title that is not ASCII finds nothing where the system's locale is C.
        let said = ask(&["search", "--onlyvisible", "--class", "paydesk-window"]);
        let of_title = said.lines().filter(|id| ask(&["getwindowname", id]).trim_end() == title);
        of_title.filter_map(Self::of).collect()
    }

    /// Every window of the program that is to be seen, with its title.
    fn all_shown() -> Vec<(Option<Self>, String)> {
        let said = ask(&["search", "--onlyvisible", "--class", "paydesk-window"]);
        said.lines().map(|id| (Self::of(id), ask(&["getwindowname", id]).trim_end().to_owned())).collect()
    }

    fn of(id: &str) -> Option<Self> {
        let said = ask(&["getwindowgeometry", "--shell", id]);
        let part = |name: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(name))?;
            line.strip_prefix('=')?.parse().ok()
        };
        Some(Self { id: id.into(), place: [part("X")?, part("Y")?, part("WIDTH")?, part("HEIGHT")?] })
    }

    /// Waits for the one with this title, until it has been drawn.
    ///
    /// # Panics
    /// If it never comes, or another one with it.
    #[must_use]
    pub fn come(title: &str) -> Self {
        let until = Instant::now() + PATIENCE;
        let mut before = None;
        loop {
            let all = Self::all(title);
            assert!(all.len() < 2, "asked twice at once: {all:?}");
            let now = all.into_iter().next();
            // It takes its size when its words have been laid out.
            if let Some(question) = &now
                && now == before
            {
                return question.clone();
            }
            assert!(Instant::now() < until, "never asked: {title}");
            before = now;
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until it is gone.
    ///
    /// # Panics
    /// If it stays.
    pub fn gone(&self) {
        let until = Instant::now() + PATIENCE;
        while Self::of(&self.id).is_some() {
            assert!(Instant::now() < until, "the question stays");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Points at it, so that keys go to it: nobody manages windows on this display.
    pub fn point(&self) {
        let [left, top, width, _] = self.place;
        self.move_to(left + width / 2, top + 8);
    }

    /// Points at its left (the first) or right (the last) button.
    pub fn point_at(&self, first: bool) {
        let [left, top, width, height] = self.place;
        self.move_to(left + if first { width / 4 } else { width * 3 / 4 }, top + height - 24);
    }

    /// Clicks its left (the first) or right (the last) button until it takes the click: one that comes while the
    /// question is still being drawn is lost.
    ///
    /// # Panics
    /// If it stays.
    pub fn press(&self, first: bool) {
        let until = Instant::now() + PATIENCE;
        while Self::of(&self.id).is_some() {
            assert!(
                Instant::now() < until,
                "the question takes no click: {self:?} of {:?}",
                Self::all_shown()
            );
            self.point_at(first);
            hand(&["click", "1"]);
            let again = Instant::now() + AGAIN;
            while Instant::now() < again && Self::of(&self.id).is_some() {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }

    fn move_to(&self, x: i32, y: i32) {
        hand(&["mousemove", &x.to_string(), &y.to_string()]);
    }
}

/// What `xdotool` finds; nothing if it finds nothing.
fn ask(words: &[&str]) -> String {
    let output = Command::new("xdotool").args(words).stderr(Stdio::null()).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

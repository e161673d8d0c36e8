//! The window's figures beside their goals, and beside a blank WebKitGTK window in the same run.
//!
//! A figure is the median or a percentile of many; what is measured is the release build on a screen without a
//! graphics card, where everything is drawn by the processor.
#![expect(clippy::print_stdout, reason = "this program prints its figures")]

use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use window::{Page, Place, Window, program};

const STARTS: usize = 7;
const PAYMENTS: &str = "1000000";
/// An existing folder with a seeded ledger, so that it need not be made again; the other figures are left out then.
const FOLDER: &str = "PAYDESK_BENCH_LISTS";
const BLANK: &str = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

struct Table {
    failed: u32,
}

impl Table {
    fn row(&mut self, what: &str, value: u64, unit: &str, goal: u64) {
        let good = value <= goal;
        self.failed += u32::from(!good);
        println!("  {} {what:52} {value:>8} {unit:3} goal ≤ {goal} {unit}", if good { "✓" } else { "✗" });
    }
}

#[tokio::main]
async fn main() {
    let mut table = Table { failed: 0 };
    let full = Place::fresh();
    if let Some(folder) = std::env::var_os(FOLDER) {
        std::os::unix::fs::symlink(folder, full.paydesk()).expect("the folder can be named");
    } else {
        starts(&mut table).await;
        let seeded = Command::new(program("PAYDESK_SEED"))
            .args(["--payments", PAYMENTS, "--seed", "1", "--data-dir"])
            .arg(full.paydesk())
            .status();
        assert!(seeded.is_ok_and(|status| status.success()), "the seed failed");
    }
    plain(&full).await;
    let window = Window::open(&full).await;
    let page = &window.page;
    page.go("payments").await;
    page.until_within(Duration::from_secs(120), ".grid-row:not(.is-loading)").await;
    page.until_within(Duration::from_secs(120), ".foot b").await;
    let frames = scroll(page).await;
    println!("  scrolling: half of the frames within {} ms", percentile(frames.clone(), 50));
    table.row("scrolling 1,000,000 payments: frame p95", percentile(frames, 95), "ms", 25);
    // Texts that some have: what every payment has in its numbers changes nothing that is seen.
    for (name, texts) in
        [("digits", ["99", "37", "58", "71"]), ("one Chinese character", ["面", "包", "奶", "茶"])]
    {
        let mut times = Vec::new();
        for text in texts {
            times.extend(keys(page, text).await);
        }
        println!("  {name}: half of them within {} ms", percentile(times.clone(), 50));
        table.row(&format!("key to painted result p95, {name}"), percentile(times, 95), "ms", 33);
    }
    println!("  {} of the figures missed their goals", table.failed);
    drop((window, full));
    std::process::exit(i32::from(table.failed > 0));
}

/// How long a window takes to start and how much memory it takes, ours and a blank one in turns.
async fn starts(table: &mut Table) {
    let empty = Place::fresh();
    // The first start makes the folders, and the disk's cache.
    Window::open(&empty).await.close().await;
    let (mut ours, mut blanks) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        blanks.push(start(&empty, true).await);
        ours.push(start(&empty, false).await);
    }
    let (our_start, blank_start) =
        (median(ours.iter().map(|one| one.0)), median(blanks.iter().map(|one| one.0)));
    let (our_memory, blank_memory) =
        (median(ours.iter().map(|one| one.1)), median(blanks.iter().map(|one| one.1)));
    println!("  a blank window: {blank_start} ms to its second frame, {} MB", blank_memory / 1024);
    table.row("start to usable (program to second frame)", our_start, "ms", blank_start * 5 / 4);
    table.row(
        "idle memory of all processes, empty ledger",
        our_memory / 1024,
        "MB",
        blank_memory / 1024 + 45,
    );
}

/// Starts a window and gives the milliseconds from the program's start to its second frame after it can be used,
/// and the kilobytes of memory of all its processes once it idles.
async fn start(place: &Place, blank: bool) -> (u64, u64) {
    let begin = Instant::now();
    let (script, program, arguments) = if blank {
        let page = place.root().join("blank.html");
        std::fs::write(&page, "<!doctype html><title>blank</title><div class=app>.</div>").unwrap();
        ("true", BLANK.into(), vec!["--automation".to_owned()])
    } else {
        let data = place.paydesk().to_string_lossy().into_owned();
        (
            "document.querySelector('.app .status')",
            program("PAYDESK_WINDOW"),
            vec!["--data-dir".to_owned(), data],
        )
    };
    let window = Window::start(place, &program, &arguments, &[]).await;
    if blank {
        let url = format!("file://{}", place.root().join("blank.html").display());
        window.page.client().goto(&url).await.unwrap();
    }
    let wait = format!(
        "const done = arguments[0]; const look = () => {script} ? requestAnimationFrame(() => requestAnimationFrame(() => done(true))) : requestAnimationFrame(look); look()"
    );
    window.page.eval_async(&wait, Vec::new()).await;
    let took = millis(begin.elapsed());
    sleep(Duration::from_secs(3)).await;
    let memory = window.processes().iter().map(|(pid, _)| pss(*pid)).sum();
    (took, memory)
}

/// The share of memory that is a process's own and its part of what is shared, in kilobytes.
fn pss(pid: i32) -> u64 {
    let smaps = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = smaps.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok()).unwrap_or(0)
}

/// What the machine itself takes: a page of plain text that is scrolled, and one field's text that is changed. No goal
/// can be met that these miss.
async fn plain(place: &Place) {
    let file = place.root().join("plain.html");
    let row = "<p>20260914120102000123 4200000012202609140123456789 88.00 CNY JSAPI</p>".repeat(400);
    let style = "div{height:600px;overflow:auto;font:12px sans-serif}";
    std::fs::write(&file, format!("<!doctype html><style>{style}</style><div class=grid-body>{row}</div>"))
        .unwrap();
    let window = Window::start(place, BLANK.as_ref(), &["--automation".to_owned()], &[]).await;
    window.page.client().goto(&format!("file://{}", file.display())).await.unwrap();
    let frames = scroll(&window.page).await;
    let script = "
        const done = arguments[0], rows = document.querySelectorAll('p'), times = [];
        const once = () => new Promise((next) => {
          const begin = performance.now();
          for (let at = 0; at < 40; at++) rows[at].textContent = begin + ' ' + at;
          requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => { times.push(performance.now() - begin); setTimeout(next, 100); };
            port2.postMessage(0);
          });
        });
        (async () => { document.querySelector('div').scrollTop = 0; for (let at = 0; at < 40; at++) await once(); done(times); })()";
    let painted = numbers(&window.page.eval_async(script, Vec::new()).await);
    println!(
        "  a plain page in a blank window: scrolling p50 {} ms, p95 {} ms; 40 lines changed to painted p50 {} ms, p95 {} ms",
        percentile(frames.clone(), 50),
        percentile(frames, 95),
        percentile(painted.clone(), 50),
        percentile(painted, 95)
    );
    window.close().await;
}

/// The times between frames while the list is scrolled by the wheel's steps and by leaps.
async fn scroll(page: &Page) -> Vec<u64> {
    let script = "
        const done = arguments[0], box = document.querySelector('.grid-body'), times = [];
        let last = performance.now(), step = 0;
        const frame = (now) => {
          times.push(now - last); last = now;
          if (++step > 400) return done(times.slice(5));
          box.scrollTop += step % 40 === 0 ? 40000 : 96;
          requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame)";
    let times = page.eval_async(script, Vec::new()).await;
    numbers(&times)
}

/// The time from one key in the search until the rows of the program's answer are painted: a message posted in the
/// frame in which they stand in the page arrives behind that frame's painting.
async fn keys(page: &Page, text: &str) -> Vec<u64> {
    let script = "
        const [text, done] = arguments, field = document.querySelector('.top input[type=search]'), times = [];
        const set = (value) => { field.value = value; field.dispatchEvent(new InputEvent('input', { bubbles: true })); };
        const real = window.fetch;
        let open = 0, asked = 0, answered = () => {};
        window.fetch = (to, options) => {
          const answer = real(to, options);
          if (/payments_window/.test(String(to))) {
            open += 1;
            asked = asked || performance.now();
            answer.finally(() => { open -= 1; if (open === 0) answered(); });
          }
          return answer;
        };
        const once = (value) => new Promise((next) => {
          const begin = performance.now();
          let came = 0, drawn = 0;
          asked = 0;
          const end = (took) => { clearTimeout(late); watch.disconnect(); answered = () => {}; times.push([took, asked - begin, came - begin, drawn - begin]); next(); };
          const late = setTimeout(() => end(3000), 3000);
          const painted = () => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => end(performance.now() - begin);
            port2.postMessage(0);
          };
          const watch = new MutationObserver(() => {
            if (!came) return;
            watch.disconnect();
            drawn = performance.now();
            requestAnimationFrame(painted);
          });
          // The rows in view can be the same ones: then it is the list's length that changes.
          const what = { subtree: true, childList: true, characterData: true, attributeFilter: ['aria-rowcount'] };
          watch.observe(document.querySelector('.grid'), what);
          answered = () => { came = performance.now(); };
          set(value);
        });
        (async () => {
          for (let round = 0; round < 4; round++) {
            for (const value of [text, '']) {
              await once(value);
              await new Promise((f) => setTimeout(f, 300));
            }
          }
          window.fetch = real;
          done(times);
        })()";
    let times = page.eval_async(script, vec![json!(text)]).await;
    let of = |stage: usize| {
        median(
            numbers(&times.as_array().into_iter().flatten().map(|one| one[stage].clone()).collect())
                .into_iter(),
        )
    };
    println!(
        "  “{text}”: asked after {} ms, answered after {}, in the page after {}, painted after {}",
        of(1),
        of(2),
        of(3),
        of(0)
    );
    numbers(&times.as_array().into_iter().flatten().map(|one| one[0].clone()).collect())
}

/// Whole milliseconds, rounded up: a figure is never made better.
fn numbers(times: &Value) -> Vec<u64> {
    let all = times.as_array().into_iter().flatten();
    all.filter_map(|one| one.to_string().split('.').next()?.parse::<u64>().ok().map(|whole| whole + 1))
        .collect()
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn median(values: impl Iterator<Item = u64>) -> u64 {
    percentile(values.collect(), 50)
}

fn percentile(mut values: Vec<u64>, of: usize) -> u64 {
    values.sort_unstable();
    let at = (values.len() * of).div_ceil(100).saturating_sub(1);
    values.get(at).copied().unwrap_or(u64::MAX)
}

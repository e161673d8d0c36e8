//! Long lists at a million payments: any search beside a plain `LIKE` over the same rows, sums, windows, memory.

use crate::measure::{Goal, Pairs, Row};
use console::forms::PaymentsForm;
use console::view::PaymentsWindow;
use console::{BUILT_IN, Console, Options, SystemClock};
use domain::{AppId, Clock as _, Environment, MchId};
use paydesk_tests::bakery::{Bakery, Seller};
use paydesk_tests::dice::Dice;
use rusqlite::{Connection, OpenFlags, params};
use std::path::Path;
use std::time::{Duration, Instant};

/// Another number of payments than a million.
const PAYMENTS: &str = "PAYDESK_BENCH_PAYMENTS";
/// An existing folder with a seeded ledger, so that it need not be made again.
const FOLDER: &str = "PAYDESK_BENCH_LISTS";
/// How often each text is searched, of which the quickest time counts; once if it is not said. For a machine that has
/// other work: how long a search waits for its turn there is no figure of ours.
const ROUNDS: &str = "PAYDESK_BENCH_ROUNDS";
/// How many texts are searched.
const TEXTS: usize = 1_000;
/// Every so many of them is also searched with `LIKE`; every so many is held against the tables in full.
const BESIDE: usize = 50;
const HELD: usize = 100;

pub(crate) fn rows() -> Result<Vec<Row>, String> {
    let here = std::env::current_exe().map_err(said)?;
    let made = tempfile::tempdir_in(here.parent().ok_or("no folder")?).map_err(said)?;
    let given = std::env::var_os(FOLDER).map(std::path::PathBuf::from);
    let folder = given.as_deref().unwrap_or(made.path());
    if given.is_none() {
        seed(folder)?;
    }
    let console = open(folder)?;
    let path = console.place().ledger(Environment::Simulated);
    let plain = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(said)?;
    let mut rows = Vec::new();
    let mut figure = |name, limit, pairs: Vec<(u64, u64)>, goal| {
        rows.extend(Row::of(name, limit, &Pairs::of(pairs), goal))
    };

    // Opening, with the file's quick check, is no list's matter.
    let ((), took) = timed(|| console.revision(Environment::Simulated).map(drop))?;
    figure("opening the ledger", "nothing", vec![(took, 1)], Goal::Shown);
    // What the window shows first does not wait for the memory to be filled.
    let (first, took) = timed(|| console.payments_window(BUILT_IN, &PaymentsForm::default(), 0, 200))?;
    figure("first window", "nothing", vec![(took, 1)], Goal::Above(60_000_000));
    let before = resident();
    let (_, took) = timed(|| console.payment_sums(BUILT_IN, &PaymentsForm::default()))?;
    figure("first sums, memory filled", "nothing", vec![(took, 1)], Goal::Above(2_000_000_000));
    println!(
        "lists: {} payments, {} MB more in memory once filled",
        first.total,
        resident().saturating_sub(before)
    );

    let texts = texts(&console, first.total)?;
    let (mut all, mut again, mut pairs) =
        (vec![(u64::MAX, 1); texts.len()], vec![(u64::MAX, 1); texts.len()], Vec::new());
    for _ in 1..rounds()? {
        for (at, text) in texts.iter().enumerate() {
            let form = PaymentsForm { text: text.clone(), ..PaymentsForm::default() };
            let (_, took) = timed(|| console.payments_window(BUILT_IN, &form, 0, 200))?;
            all[at].0 = all[at].0.min(took);
            // What was found is kept: this is what reading the rows takes.
            let (_, took) = timed(|| console.payments_window(BUILT_IN, &form, 0, 200))?;
            again[at].0 = again[at].0.min(took);
        }
    }
    for (turn, text) in texts.iter().enumerate() {
        let form = PaymentsForm { text: text.clone(), ..PaymentsForm::default() };
        let (found, took) = timed(|| console.payments_window(BUILT_IN, &form, 0, 200))?;
        all[turn].0 = all[turn].0.min(took);
        let (_, rows) = timed(|| console.payments_window(BUILT_IN, &form, 0, 200))?;
        again[turn].0 = again[turn].0.min(rows);
        if turn % BESIDE == 0 {
            let start = Instant::now();
            like(&plain, text)?;
            pairs.push((took, nanos(start.elapsed())));
        }
        if turn % HELD == 0 {
            hold(&plain, text, &found)?;
        }
    }
    if std::env::var_os("PAYDESK_BENCH_TEXTS").is_some() {
        let mut slow: Vec<_> = all.iter().map(|(took, _)| *took).zip(&texts).collect();
        slow.sort_unstable();
        for (took, text) in slow.iter().rev().take(40) {
            println!("{took:>12} {text}");
        }
        for (took, text) in slow.iter().rev().skip(40).step_by(25) {
            println!("{took:>12} {text}");
        }
    }
    all.sort_unstable();
    let at = |part: usize| all[(all.len() - 1) * part / 100];
    figure("search and 200 rows, median", "nothing", vec![at(50)], Goal::Above(12_000_000));
    figure("search and 200 rows, 99th of 100", "nothing", vec![at(99)], Goal::Above(12_000_000));
    figure("search and 200 rows, slowest", "nothing", vec![at(100)], Goal::Above(40_000_000));
    again.sort_unstable();
    figure("of it the rows, median", "nothing", vec![again[again.len() / 2]], Goal::Shown);
    figure("search and 200 rows", "LIKE, 200 rows and count", pairs, Goal::Speed(10_000));

    let mut slowest = (0, 1);
    for form in filters(&texts) {
        let (_, took) = timed(|| console.payment_sums(BUILT_IN, &form))?;
        slowest.0 = slowest.0.max(took);
    }
    figure("sums of any filter, slowest", "nothing", vec![slowest], Goal::Above(50_000_000));
    slowest.0 = 0;
    let mut dice = Dice::new(5);
    for _ in 0..200 {
        let offset = i64::try_from(dice.from_to(0, first.total.unsigned_abs())).unwrap_or(0);
        let (_, took) = timed(|| console.payments_window(BUILT_IN, &PaymentsForm::default(), offset, 200))?;
        slowest.0 = slowest.0.max(took);
    }
    figure("200 rows anywhere, slowest", "nothing", vec![slowest], Goal::Above(12_000_000));
    Ok(rows)
}

fn rounds() -> Result<usize, String> {
    std::env::var(ROUNDS).map_or(Ok(1), |text| text.parse().map_err(|_| format!("{ROUNDS} is a number")))
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn nanos(took: Duration) -> u64 {
    u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).max(1)
}

fn timed<T>(work: impl FnOnce() -> console::Result<T>) -> Result<(T, u64), String> {
    let start = Instant::now();
    let value = work().map_err(said)?;
    Ok((value, nanos(start.elapsed())))
}

fn open(folder: &Path) -> Result<Console, String> {
    Console::open(Options { data_dir: Some(folder.to_owned()), ..Options::default() }).map_err(said)
}

fn seed(folder: &Path) -> Result<(), String> {
    let payments = match std::env::var(PAYMENTS) {
        Ok(text) => text.parse().map_err(|_| format!("{PAYMENTS} is a number"))?,
        Err(_) => 1_000_000,
    };
    let seller = Seller {
        merchant: BUILT_IN.into(),
        mch_id: MchId::parse(simulator::MCH_ID).map_err(said)?,
        appid: AppId::parse(simulator::APPID).map_err(said)?,
    };
    let start = Instant::now();
    let trade = Bakery::new(seller, payments, 1, SystemClock.now());
    open(folder)?.import_past(trade, |_| {}).map_err(said)?;
    println!("lists: {payments} payments written in {} s", start.elapsed().as_secs());
    Ok(())
}

/// Pieces of one to twelve letters of what is there, and some that are nowhere.
fn texts(console: &Console, total: i64) -> Result<Vec<String>, String> {
    let mut dice = Dice::new(3);
    let mut texts: Vec<String> =
        ["面", "1", "12", "00", "%", "_", "店", "a", "没有", "0.01"].map(str::to_owned).to_vec();
    while texts.len() < TEXTS {
        let offset = i64::try_from(dice.from_to(0, total.unsigned_abs().saturating_sub(1))).unwrap_or(0);
        let window = console.payments_window(BUILT_IN, &PaymentsForm::default(), offset, 8).map_err(said)?;
        for row in window.rows {
            let whole = match dice.from_to(0, 3) {
                0 => Some(row.out_trade_no),
                1 => row.transaction_id,
                2 => row.attach,
                _ => row.body,
            };
            let letters: Vec<char> = whole.unwrap_or_else(|| "nowhere".into()).chars().collect();
            let size = |number: u64| usize::try_from(number).unwrap_or(0);
            let length = size(dice.from_to(1, 12)).min(letters.len());
            let start = size(dice.from_to(0, (letters.len() - length) as u64));
            texts.push(letters[start..start + length].iter().collect());
        }
    }
    texts.retain(|text| text.trim() == text);
    Ok(texts)
}

const LIKE: &str = "(out_trade_no LIKE ?1 ESCAPE '\\' OR transaction_id LIKE ?1 ESCAPE '\\' OR body LIKE ?1 ESCAPE '\\' \
     OR attach LIKE ?1 ESCAPE '\\' OR openid LIKE ?1 ESCAPE '\\')";

fn pattern(text: &str) -> String {
    let mut pattern = "%".to_owned();
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern + "%"
}

/// The same answer from the table: the newest 200 and how many there are.
fn like(plain: &Connection, text: &str) -> Result<(), String> {
    let sql = format!("SELECT count(*) FROM payments WHERE merchant = ?2 AND {LIKE}");
    let pattern = pattern(text);
    plain.query_row(&sql, params![pattern, BUILT_IN], |row| row.get::<_, i64>(0)).map_err(said)?;
    let sql = format!(
        "SELECT out_trade_no, body, total_fen FROM payments WHERE merchant = ?2 AND {LIKE}
         ORDER BY created_ms DESC, id DESC LIMIT 200"
    );
    let mut statement = plain.prepare_cached(&sql).map_err(said)?;
    let mut rows = statement.query(params![pattern, BUILT_IN]).map_err(said)?;
    while rows.next().map_err(said)?.is_some() {}
    Ok(())
}

/// Holds an answer against the tables, amounts and refunds included: another answer voids the run.
fn hold(plain: &Connection, text: &str, found: &PaymentsWindow) -> Result<(), String> {
    let amount = text.parse::<domain::Fen>().map_or(-1, domain::Fen::get);
    let of = format!(
        "FROM payments p WHERE merchant = ?2 AND ({LIKE} OR total_fen = ?3 OR p.out_trade_no IN
            (SELECT out_trade_no FROM refunds WHERE merchant = ?2
                AND (out_refund_no LIKE ?1 ESCAPE '\\' OR refund_id LIKE ?1 ESCAPE '\\')
             UNION SELECT out_trade_no FROM operations WHERE merchant = ?2 AND kind = 'refund'
                AND number LIKE ?1 ESCAPE '\\'))"
    );
    let given = params![pattern(text), BUILT_IN, amount];
    let total: i64 =
        plain.query_row(&format!("SELECT count(*) {of}"), given, |row| row.get(0)).map_err(said)?;
    let sql = format!("SELECT out_trade_no {of} ORDER BY created_ms DESC, id DESC LIMIT 200");
    let mut statement = plain.prepare_cached(&sql).map_err(said)?;
    let numbers: Vec<String> =
        statement.query_map(given, |row| row.get(0)).and_then(Iterator::collect).map_err(said)?;
    let ours: Vec<&String> = found.rows.iter().map(|row| &row.out_trade_no).collect();
    if total != found.total || !ours.into_iter().eq(&numbers) {
        return Err(format!("{text:?}: LIKE finds {total}, the search {}", found.total));
    }
    Ok(())
}

fn filters(texts: &[String]) -> Vec<PaymentsForm> {
    let all = PaymentsForm::default;
    let day = |text: &str| Some(text.to_owned());
    let mut filters = vec![
        all(),
        PaymentsForm { states: vec!["paid".into(), "refunded".into()], ..all() },
        PaymentsForm { trade_types: vec!["jsapi".into()], min_fen: Some(1_000), ..all() },
        PaymentsForm { evidence: vec!["told".into(), "not_billed".into()], ..all() },
        PaymentsForm { disagreeing: true, ..all() },
        PaymentsForm { unresolved: true, ..all() },
        PaymentsForm { from: day("2020-01-01"), to: day("2099-12-31"), ..all() },
    ];
    filters.extend(texts.iter().take(40).map(|text| PaymentsForm {
        text: text.clone(),
        states: vec!["paid".into()],
        max_fen: Some(5_000),
        ..all()
    }));
    filters
}

/// What this process holds in memory, in MB; 0 where the system does not tell.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

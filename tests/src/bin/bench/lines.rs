//! `paydesk verify --lines` over a log of notices, beside `wechatpay-axios-plugin` doing the same.

use crate::measure::{Goal, Pairs, Row};
use crate::{signing, start};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use wxpay::SignType;

/// Ours.
const MANY: u32 = 1_000_000;
/// So few that it takes as long: theirs is counted by the line.
const FEW: u32 = 20_000;
/// Once, to compare memory with.
const SOME: u32 = 100_000;
const ROUNDS: usize = 2;

pub(crate) fn rows() -> Result<Vec<Row>, String> {
    let paydesk = start::paydesk()?;
    let client = Path::new("tests/clients/node");
    if !client.join("node_modules").exists() {
        return Err("tests/clients/node is not installed: `cargo xtask clients` installs it".to_owned());
    }
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let write = |name: &str, lines: u32| -> Result<PathBuf, String> {
        let path = folder.path().join(name);
        let notice = signing::notice(SignType::Md5)?.replace('\n', "") + "\n";
        let mut file = BufWriter::new(File::create(&path).map_err(|error| error.to_string())?);
        (0..lines).try_for_each(|_| file.write_all(notice.as_bytes())).map_err(|error| error.to_string())?;
        file.flush().map_err(|error| error.to_string())?;
        Ok(path)
    };
    let (many, some, few) = (write("many", MANY)?, write("some", SOME)?, write("few", FEW)?);
    let key = folder.path().join("key");
    std::fs::write(&key, signing::key()).map_err(|error| error.to_string())?;
    let home = folder.path().join("home");
    let ours = |lines: &Path| {
        let mut command = Command::new(&paydesk);
        command.arg("--data-dir").arg(&home).args(["verify", "--lines", "--key-file"]).arg(&key).arg(lines);
        command
    };
    let theirs = || {
        let mut command = Command::new("node");
        command.arg(client.join("lines.js")).arg(&key).arg(&few);
        command
    };
    let (_, little) = timed(ours(&some))?;
    let mut pairs = Vec::new();
    let mut most = 0;
    for _ in 0..ROUNDS {
        let (took, memory) = timed(ours(&many))?;
        most = memory.max(most);
        let (their, _) = timed(theirs())?;
        pairs.push((each(took, MANY), each(their, FEW)));
    }
    println!("verify --lines: at most {little} kB of memory for {SOME} notices, {most} kB for {MANY}");
    let row =
        Row::of("verify --lines, a notice", "wechatpay-axios-plugin", &Pairs::of(pairs), Goal::Speed(30_000));
    Ok(row.into_iter().collect())
}

fn each(took: Duration, lines: u32) -> u64 {
    u64::try_from((took / lines).as_nanos()).unwrap_or(u64::MAX).max(1)
}

/// How long it takes, and how many kilobytes it held at most.
fn timed(mut command: Command) -> Result<(Duration, u64), String> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let mut memory = 0;
    loop {
        memory = held(&child).max(memory);
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            let took = start.elapsed();
            return if status.success() {
                Ok((took, memory))
            } else {
                Err(format!("it ended with {status}"))
            };
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn held(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok()).unwrap_or(0)
}

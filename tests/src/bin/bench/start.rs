//! `paydesk verify` once, from start to end, beside a program that does nothing.

use crate::measure::{Goal, Row, in_turns};
use crate::signing;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use wxpay::SignType;

const ROUNDS: usize = 25;
const NOTHING: &str = "/bin/true";

pub(crate) fn rows() -> Result<Vec<Row>, String> {
    let paydesk = paydesk()?;
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let write = |name: &str, text: &str| -> Result<PathBuf, String> {
        let path = dir.path().join(name);
        std::fs::write(&path, text).map_err(|error| error.to_string())?;
        Ok(path)
    };
    let notice = write("notice.xml", &signing::notice(SignType::Md5)?)?;
    let key = write("key", signing::key())?;
    let home = dir.path().join("home");
    let verify = || {
        let mut command = Command::new(&paydesk);
        command.arg("--data-dir").arg(&home).arg("verify").arg(&notice).arg("--key-file").arg(&key);
        command
    };
    let output = verify().output().map_err(|error| format!("{}: {error}", paydesk.display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("`paydesk verify` ended with {}: {said}", output.status));
    }
    if !Path::new(NOTHING).exists() {
        return Err(format!("there is no {NOTHING}"));
    }
    let pairs = in_turns(ROUNDS, || once(verify()), || once(Command::new(NOTHING)))?;
    Ok(Row::of("paydesk verify, from start to end", NOTHING, &pairs, Goal::Above(10_000_000))
        .into_iter()
        .collect())
}

fn once(mut command: Command) -> Result<Duration, String> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().map_err(|error| error.to_string())?;
    let took = start.elapsed();
    if status.success() { Ok(took) } else { Err(format!("it ended with {status}")) }
}

pub(crate) fn paydesk() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("PAYDESK") {
        return Ok(path.into());
    }
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let beside = here.with_file_name(format!("paydesk{}", std::env::consts::EXE_SUFFIX));
    if beside.exists() { Ok(beside) } else { Err("no `paydesk` beside this program; set PAYDESK".into()) }
}

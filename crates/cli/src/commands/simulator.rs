use crate::args::{How, RefundResult, Running, Serve, SimulatorCommand};
use crate::desk::{Desk, Outcome, though_unread, write_bytes};
use crate::failure::{self, Failure};
use crate::input;
use crate::print::page::{DIM, PLAIN, Page};
use console::args::{Act, FailHow, Serving, SimulatorTarget};
use console::words::Words;
use console::{Code, ConsoleError};
use domain::{RefundState, Secret};
use serde_json::Value;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

pub(crate) fn run(desk: &Desk, command: SimulatorCommand) -> Outcome {
    let (act, running) = match command {
        SimulatorCommand::Serve(serve) => return self::serve(desk, &serve),
        SimulatorCommand::Pay { out_trade_no, cash_coupon, no_cash_coupon, running } => {
            (Act::Pay { out_trade_no, cash_coupon, no_cash_coupon }, running)
        }
        SimulatorCommand::Fail { out_trade_no, how, running } => {
            let how = match how {
                How::Mistype => FailHow::Mistype,
                How::Cancel => FailHow::Cancel,
                How::Expire => FailHow::Expire,
            };
            (Act::Fail { out_trade_no, how }, running)
        }
        SimulatorCommand::RefundResult { out_refund_no, result, running } => {
            let result = match result {
                RefundResult::Success => RefundState::Success,
                RefundResult::Abnormal => RefundState::Abnormal,
                RefundResult::Closed => RefundState::Closed,
            };
            (Act::RefundResult { out_refund_no, result }, running)
        }
        SimulatorCommand::Advance { time, running } => {
            (Act::Advance { ms: time.saturating_mul(1000) }, running)
        }
        SimulatorCommand::Reset { yes } => return reset(desk, yes),
        SimulatorCommand::Fault { plan, running } => {
            let plan = if plan == "-" { input::read_text(Path::new("-"))? } else { plan };
            (Act::Fault { plan }, running)
        }
        SimulatorCommand::AuthCode { kind, running } => {
            (Act::AuthCode { kind: kind.as_str().to_owned() }, running)
        }
    };
    let target = target(desk, &running)?;
    let answer = desk.wait(desk.console()?.simulate(&target, act))?;
    desk.answer(&answer, |page| print(page, &answer))?;
    Ok(0)
}

/// Ends the kept world. What the ledger knows of it stays, so it is asked first.
fn reset(desk: &Desk, yes: bool) -> Outcome {
    desk.confirm(yes, &desk.say("ask.reset", &[]))?;
    let removed = desk.console()?.reset_simulator()?;
    let answer = serde_json::json!({ "simulated": true, "removed": removed });
    desk.answer(&answer, |page| {
        page.environment("simulated", None);
        let text = page.say(if removed { "simulator.reset" } else { "simulator.nothing_to_reset" }, &[]);
        page.line(&text);
    })?;
    Ok(0)
}

/// The built-in simulator, unless the line of a served one is given. A merchant who is not simulated is never
/// meant.
fn target(desk: &Desk, running: &Running) -> Result<SimulatorTarget, Failure> {
    if let Some(path) = &running.served {
        let line: Value = serde_json::from_slice(&input::read(path)?).map_err(|error| {
            ConsoleError::new(Code::UnreadableInput).saying("detail", crate::failure::of(path, &error))
        })?;
        let part = |name: &str| {
            line[name].as_str().map(ToOwned::to_owned).ok_or_else(|| {
                let why =
                    Words::new("detail.file.part_missing").with("path", path.display()).with("field", name);
                Failure::from(ConsoleError::new(Code::UnreadableInput).saying("detail", why))
            })
        };
        return Ok(SimulatorTarget::Running {
            control_url: part("control_url")?,
            token: Secret::new(part("control_token")?),
        });
    }
    if let Some(name) = desk.merchant() {
        let merchant = desk.console()?.merchant(Some(name))?;
        if merchant.environment != "simulated" {
            return Err(ConsoleError::new(Code::NotSimulated).with("merchant", name).into());
        }
        if !merchant.built_in {
            return Err(desk.usage("usage.served_needed", &[("merchant", &name)]));
        }
    }
    Ok(SimulatorTarget::BuiltIn)
}

fn print(page: &mut Page, answer: &Value) {
    page.environment("simulated", None);
    let Some(object) = answer.as_object() else { return };
    for (name, value) in object {
        let plain = match value {
            Value::String(text) => text.clone(),
            Value::Array(_) | Value::Object(_) => continue,
            _ if name == "simulated" => continue,
            other => other.to_string(),
        };
        page.pad(2);
        page.put(DIM, &format!("{name}  "));
        page.line(&plain);
    }
    for notice in object.get("notices").and_then(Value::as_array).into_iter().flatten() {
        let word = |name: &str| notice[name].as_str().unwrap_or_default();
        let kind = crate::print::page::words(page.lang, "recognised.", word("kind"));
        page.pad(2);
        page.put(PLAIN, &format!("→ {kind}  {}", word("number")));
        page.put(DIM, &format!("  {}", word("verdict")));
        page.end();
    }
}

/// Serves until Ctrl-C, the end of its time, or the end of standard input if that was asked for.
fn serve(desk: &Desk, serve: &Serve) -> Outcome {
    let serving = Serving { port: serve.port, seed: serve.seed, tls: serve.tls };
    let console = desk.console()?;
    let mut heard = Ok(());
    let mut ready = |line: &Value| {
        heard = write_bytes(format!("{line}\n").as_bytes());
        desk.note(&desk.say("note.serving", &[("env", &desk.say("env.simulated", &[]))]));
    };
    let (time, until_stdin_ends) = (serve.stop_after, serve.until_stdin_ends);
    let served = async {
        // Before anybody is told that it runs: a kill in the same moment is heard too.
        let told = told_to_stop().map_err(|error| failure::file(Path::new("-"), &error))?;
        let stop = async move {
            tokio::select! {
                () = told => {}
                () = sleep(time), if time.is_some() => {}
                () = stdin_ends(), if until_stdin_ends => {}
            }
        };
        console.serve_simulator(serving, &mut ready, stop).await.map_err(Failure::from)
    };
    desk.wait_to_end(served)?;
    though_unread(heard)?;
    Ok(0)
}

async fn sleep(seconds: Option<i64>) {
    let seconds = u64::try_from(seconds.unwrap_or(0)).unwrap_or(0);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// Ctrl-C, or a polite kill; heard from when this returns.
#[cfg(unix)]
pub(crate) fn told_to_stop() -> std::io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn told_to_stop() -> std::io::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// On a thread of its own: a runtime cannot stop while it waits for standard input, a process can.
async fn stdin_ends() {
    let (say, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        while std::io::stdin().read(&mut buffer).is_ok_and(|read| read > 0) {}
        let _ = say.send(());
    });
    let _ = ended.await;
}

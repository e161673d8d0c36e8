//! The program that is killed: a console on a real ledger, and the shop's own server for notices.

use crate::shop;
use console::args::{Looking, OrderRef};
use console::{Console, Lang, Options, SimulatedGateway};
use paydesk_tests::dice::Dice;
use simulator::Control;
use simulator::serve::control;
use std::path::PathBuf;
use std::rc::Rc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Longest notice that is taken.
const MAX_NOTICE: usize = 64 * 1024;

/// What a till is started with, in the order of its arguments.
pub(crate) struct Start {
    /// Where the console keeps its files.
    pub(crate) dir: PathBuf,
    /// The gateway.
    pub(crate) gateway: String,
    /// The simulated customer, time and trouble.
    pub(crate) control: String,
    pub(crate) token: String,
    /// The shop's own port, for notices.
    pub(crate) port: u16,
    /// Which start this is. Its numbers have it in them.
    pub(crate) run: u64,
    pub(crate) seed: u64,
    /// Whether it is the last one, which closes the books and ends.
    pub(crate) last: bool,
}

impl Start {
    pub(crate) fn words(&self) -> Vec<String> {
        vec![
            "--till".into(),
            self.dir.display().to_string(),
            self.gateway.clone(),
            self.control.clone(),
            self.token.clone(),
            self.port.to_string(),
            self.run.to_string(),
            self.seed.to_string(),
            self.last.to_string(),
        ]
    }

    fn read(words: &[String]) -> Option<Self> {
        let [dir, gateway, control, token, port, run, seed, last] = words else { return None };
        Some(Self {
            dir: dir.into(),
            gateway: gateway.clone(),
            control: control.clone(),
            token: token.clone(),
            port: port.parse().ok()?,
            run: run.parse().ok()?,
            seed: seed.parse().ok()?,
            last: last.parse().ok()?,
        })
    }
}

/// A till at work.
pub(crate) struct Till {
    pub(crate) console: Console,
    pub(crate) run: u64,
    pub(crate) notify_url: String,
    control: String,
    token: String,
}

impl Till {
    /// The customer pays. Trouble between customer and gateway is not the till's business.
    pub(crate) async fn customer_pays(&self, number: &domain::OutTradeNo) {
        let command = Control::Pay { out_trade_no: number.to_string(), coupons: Vec::new(), bank: None };
        let _ = control(&self.control, &self.token, &command).await;
    }
}

/// Tells the killer. A line is written whole, or not at all.
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// The till's whole life, until it is killed.
pub(crate) fn run(words: &[String]) -> Result<(), String> {
    let start = Start::read(words).ok_or("a till is started by the crash test, not by hand")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    tokio::task::LocalSet::new().block_on(&runtime, live(start))
}

async fn live(start: Start) -> Result<(), String> {
    let failed = |error: console::ConsoleError| error.to_string();
    let console = Console::open(Options {
        data_dir: Some(start.dir),
        gateway: SimulatedGateway::Running(start.gateway),
        ..Options::default()
    });
    let till = Rc::new(Till {
        console: console.map_err(failed)?,
        run: start.run,
        notify_url: format!("http://127.0.0.1:{}/notify", start.port),
        control: start.control,
        token: start.token,
    });
    let listener = TcpListener::bind(("127.0.0.1", start.port)).await.map_err(|error| error.to_string())?;
    tokio::task::spawn_local(take_notices(Rc::clone(&till), listener));
    // The first question opens the ledger and sets up the way to the gateway, which takes as long as several
    // orders: killed from then on, it is killed at work.
    let nothing = domain::OutTradeNo::parse("NO-SUCH-ORDER").map_err(|error| error.to_string())?;
    let _ = till.console.query_order(None, OrderRef::OutTradeNo(nothing)).await;
    say("ready");
    if start.last {
        shop::close_the_books(&till).await?;
        say("closed");
        return Ok(());
    }
    let resolved = till.console.resolve(None).await.map_err(failed)?;
    say(&format!("resolved {}", resolved.len()));
    till.console.anchor().map_err(failed)?;
    let mut dice = Dice::new(start.seed.wrapping_add(start.run));
    for turn in 0.. {
        shop::serve(&till, &mut dice, turn).await?;
    }
    Ok(())
}

/// The shop's server: what WeChat Pay sends is written down, and answered SUCCESS only then.
async fn take_notices(till: Rc<Till>, listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::task::spawn_local(take_notice(Rc::clone(&till), stream));
    }
}

async fn take_notice(till: Rc<Till>, mut stream: TcpStream) {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"</xml>") && bytes.len() < MAX_NOTICE {
        if !matches!(stream.read_buf(&mut bytes).await, Ok(read) if read > 0) {
            return;
        }
    }
    let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return };
    let looking = Looking { merchant: Some(console::BUILT_IN.into()), record: true, ..Looking::default() };
    let taken = till.console.verify(&bytes[head + 4..], &looking, Lang::En);
    let code = match taken {
        Ok(view) if view.recorded => "SUCCESS",
        Ok(view) => {
            say(&format!("error a notice was {:?}", view.verdict));
            "FAIL"
        }
        Err(error) => {
            say(&format!("error a notice was not taken: {error}"));
            "FAIL"
        }
    };
    let body = format!("<xml><return_code>{code}</return_code></xml>");
    let answer =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    let _ = stream.write_all(answer.as_bytes()).await;
}

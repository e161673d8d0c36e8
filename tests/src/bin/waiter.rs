//! Refunds an order at a gateway and waits for the answer, as `paydesk refund create` does: Ctrl-C ends the waiting,
//! and what it had in hand is let go of when the console goes. `two_processes` starts and interrupts it.
//!
//! ```text
//! waiter DIR GATEWAY OUT_TRADE_NO OUT_REFUND_NO FEN
//! ```
//! Exit status 0 with an answer, 4 when it was interrupted, 1 otherwise.

use console::args::NewRefund;
use console::{Console, Options, SimulatedGateway};
use domain::{Fen, OutRefundNo, OutTradeNo};
use std::process::ExitCode;

fn main() -> Result<ExitCode, String> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [dir, gateway, order, number, fen] = &words[..] else {
        return Err("waiter DIR GATEWAY OUT_TRADE_NO OUT_REFUND_NO FEN".into());
    };
    let refund = NewRefund {
        out_trade_no: OutTradeNo::parse(order).map_err(|error| error.to_string())?,
        refund: Fen::new(fen.parse().map_err(|_| "FEN is no number")?),
        out_refund_no: Some(OutRefundNo::parse(number).map_err(|error| error.to_string())?),
        reason: None,
        notify_url: None,
    };
    let console = Console::open(Options {
        data_dir: Some(dir.into()),
        gateway: SimulatedGateway::Running(gateway.clone()),
        ..Options::default()
    });
    let console = console.map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(async {
        tokio::select! {
            answer = console.create_refund(None, refund) => {
                answer.map(|_| ExitCode::SUCCESS).map_err(|error| error.to_string())
            }
            Ok(()) = tokio::signal::ctrl_c() => Ok(ExitCode::from(4)),
        }
    })
}

use super::pay::SimulatedCode;
use super::values;
use clap::{Args, Subcommand, ValueEnum};
use domain::{Fen, OutRefundNo, OutTradeNo};
use std::path::PathBuf;

/// What a plan of trouble may say.
const FAULT_HELP: &str = r#"Examples:
  $ paydesk simulator fault '{"fault":{"kind":"timeout_after"}}'
  $ paydesk simulator fault \
      '{"path":"/pay/orderquery","times":2,"fault":{"kind":"status","status":502,"effect":false}}'
  $ paydesk simulator fault \
      '{"on":"request","path":"/pay/orderquery","fault":{"kind":"bad_signature"}}'
  $ paydesk simulator fault \
      '{"on":"notice","fault":{"kind":"bad_signature","attempts":1}}'

The JSON is an object. Only "fault" is needed, an object with a "kind": it strikes the next request. "path" is the only API that it strikes, such as /pay/unifiedorder; "number" the only order or refund number; "skip" lets so many requests pass first; "times" is how often it strikes, at least once.
Kinds where nothing happens: timeout_before, reset_before, system_error_before.
Kinds where it happens and the answer fails: timeout_after, reset_mid_body, system_error_after, bad_signature, missing_signature, garbage, html, truncated, wrong_order, wrong_amount; err_code with "code"; delay and slow_bytes with "ms".
Either, by "effect" true or false: bank_error; status with "status", such as 502.
Of notices, with "on":"notice", number and times: lost, bad_signature and wrong_amount with "attempts"; repeated with "times"; late with "ms"; reordered. "on" may be left out where the kind or "attempts" tells; "on":"request" means the answer to a request.
The built-in simulator answers at once: delay and slow_bytes are felt on a served one."#;

/// `simulator …`
#[derive(Debug, Subcommand)]
pub(crate) enum SimulatorCommand {
    /// Serve the simulated gateway on the loopback, for any WeChat Pay client, until Ctrl-C
    Serve(Serve),
    /// The customer pays an order
    #[command(after_help = "Examples:\n  $ paydesk simulator pay order-0001")]
    Pay {
        /// The order
        #[arg(value_name = "OUT_TRADE_NO")]
        out_trade_no: OutTradeNo,
        /// Pay so many yuan of it with coupons that count as cash
        #[arg(long, value_name = "YUAN")]
        cash_coupon: Option<Fen>,
        /// Pay so many yuan of it with coupons that do not
        #[arg(long, value_name = "YUAN")]
        no_cash_coupon: Option<Fen>,
        #[command(flatten)]
        running: Running,
    },
    /// The customer does not pay an order
    #[command(after_help = "Examples:\n  $ paydesk simulator fail order-0003 --how cancel")]
    Fail {
        /// The order
        #[arg(value_name = "OUT_TRADE_NO")]
        out_trade_no: OutTradeNo,
        /// How
        #[arg(long, value_enum, default_value = "cancel")]
        how: How,
        #[command(flatten)]
        running: Running,
    },
    /// A refund gets its result now
    #[command(after_help = "Examples:\n  $ paydesk simulator refund-result refund-0001 success")]
    RefundResult {
        /// The refund
        #[arg(value_name = "OUT_REFUND_NO")]
        out_refund_no: OutRefundNo,
        /// The result
        #[arg(value_name = "RESULT", value_enum, default_value = "success")]
        result: RefundResult,
        #[command(flatten)]
        running: Running,
    },
    /// Time passes
    #[command(after_help = "Examples:\n  $ paydesk simulator advance 5m")]
    Advance {
        /// How much, such as 90s, 5m, 2h or 1d; at most 400d. There is no way back but `simulator reset`
        #[arg(value_name = "DURATION", value_parser = values::step)]
        time: i64,
        #[command(flatten)]
        running: Running,
    },
    /// Plan trouble for requests to come
    #[command(after_help = FAULT_HELP)]
    Fault {
        /// The plan, as the simulator's JSON of a fault, or - for standard input
        #[arg(value_name = "JSON")]
        plan: String,
        #[command(flatten)]
        running: Running,
    },
    /// Begin the built-in simulated world anew, by this computer's clock
    #[command(after_help = "Examples:\n  $ paydesk simulator reset --yes")]
    Reset {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// The customer shows a payment code to be scanned
    #[command(after_help = "Examples:\n  $ paydesk simulator auth-code fresh")]
    AuthCode {
        /// Which
        #[arg(value_name = "KIND", value_enum, default_value = "fresh")]
        kind: SimulatedCode,
        #[command(flatten)]
        running: Running,
    },
}

/// Which simulator: the built-in one, or one that is being served.
#[derive(Debug, Args)]
pub(crate) struct Running {
    /// A file with the JSON line that `simulator serve` printed; without it the built-in simulator
    #[arg(long, value_name = "FILE")]
    pub(crate) served: Option<PathBuf>,
}

/// How a customer does not pay.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum How {
    /// A wrong password
    Mistype,
    /// Thinks better of it
    Cancel,
    /// Does nothing until it is too late
    Expire,
}

/// What comes of a refund.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RefundResult {
    /// The customer has the money
    Success,
    /// It could not be paid out
    Abnormal,
    /// It was closed
    Closed,
}

/// `simulator serve`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk simulator serve --for 1
  $ paydesk simulator serve --tls --seed 7 --for 1")]
pub(crate) struct Serve {
    /// The port; 0 for any free one
    #[arg(long, value_name = "PORT", default_value = "0")]
    pub(crate) port: u16,
    /// The same seed makes the same numbers
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    pub(crate) seed: u64,
    /// HTTPS, with the client certificate demanded where WeChat Pay demands it
    #[arg(long)]
    pub(crate) tls: bool,
    /// Stop by itself after this time, such as 10m
    #[arg(long = "for", value_name = "DURATION", value_parser = values::seconds)]
    pub(crate) stop_after: Option<i64>,
    /// Stop when standard input ends, so that it never outlives the program that started it
    #[arg(long)]
    pub(crate) until_stdin_ends: bool,
}

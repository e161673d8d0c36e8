//! What can be asked. The English help stands here as documentation; the Chinese in `locales/` under `help.`.

mod export;
mod ledger;
mod merchant;
mod order;
mod paste;
mod pay;
mod refund;
mod requests;
mod simulator;
mod values;

pub(crate) use export::{ExportCommand, ExportPayments, Format};
pub(crate) use ledger::LedgerCommand;
pub(crate) use merchant::{AddMerchant, ImportCert, MerchantCommand, RemoveMerchant, SetKey};
pub(crate) use order::{CreateOrder, Filter, ListOrders, OrderCommand, OrderType, QueryOrder};
pub(crate) use paste::{Decrypt, DecryptOutput, JssdkCommand, Sign, SignOutput, Verify};
pub(crate) use pay::{MicropayArgs, ParamsType, PayParams, Reverse};
pub(crate) use refund::{CreateRefund, ListRefunds, QueryRefund, RefundCommand};
pub(crate) use requests::RequestsCommand;
pub(crate) use simulator::{How, RefundResult, Running, Serve, SimulatorCommand};
pub(crate) use values::why;

use clap::{ArgAction, Args, Parser, Subcommand};
use console::Lang;
use std::path::PathBuf;

/// A merchant's console for WeChat Pay API v2, simulated or live
#[derive(Debug, Parser)]
#[command(
    name = "paydesk",
    version,
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  $ paydesk demo --seed 1
  $ paydesk order create --amount 88.00 --body \"面包 bread\" \\
      --out-trade-no first-order-0001
  $ paydesk order list"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print the version
    #[arg(long, short = 'V', action = ArgAction::Version)]
    version: Option<bool>,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Common {
    /// The stored merchant to work for; with none stored, the built-in simulated one
    #[arg(long, short = 'm', global = true, value_name = "NAME")]
    pub(crate) merchant: Option<String>,
    /// Where Paydesk keeps its files; the platform's own place if absent
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Answer with one JSON document, for machines
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The language of texts; the system's if absent
    #[arg(long, global = true, value_name = "LANG", value_parser = values::lang())]
    pub(crate) lang: Option<Lang>,
    /// Nothing on standard error but errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Say more about what is done; never a secret
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Print help
    #[arg(long, short, global = true, action = ArgAction::Help)]
    help: Option<bool>,
}

/// Everything that can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole job once on the simulator, in a fresh ledger, and show what each step proves
    #[command(after_help = "Examples:\n  $ paydesk demo\n  $ paydesk demo --seed 7 --json")]
    Demo(Demo),
    /// Merchants and their keys
    #[command(subcommand, arg_required_else_help = true, after_help = "Examples:\n  $ paydesk merchant list")]
    Merchant(MerchantCommand),
    /// Make, query, close and list orders
    #[command(subcommand, arg_required_else_help = true, after_help = "Examples:\n  $ paydesk order list")]
    Order(OrderCommand),
    /// Only the second signature, for a front end
    PayParams(PayParams),
    /// Take money by the payer's code: scan, wait for the password, reverse if it never comes
    Micropay(MicropayArgs),
    /// Reverse an order: close it if unpaid, give the money back if paid
    #[command(after_help = "Examples:\n  $ paydesk reverse scan-0001 --yes")]
    Reverse(Reverse),
    /// Make, query and list refunds
    #[command(subcommand, arg_required_else_help = true, after_help = "Examples:\n  $ paydesk refund list")]
    Refund(RefundCommand),
    /// Ask WeChat Pay now about everything whose outcome is unknown
    #[command(after_help = "Examples:\n  $ paydesk resolve\n  $ paydesk resolve --watch")]
    Resolve(Resolve),
    /// Say whether the signature of something pasted is right, and if not, why, with proof
    Verify(Verify),
    /// Sign fields given as XML, JSON or a query string
    Sign(Sign),
    /// Open a refund notice
    Decrypt(Decrypt),
    /// The values of wx.config, with which a page inside WeChat may use the JSSDK
    #[command(
        subcommand,
        arg_required_else_help = true,
        after_help = "Examples:\n  $ paydesk jssdk sign --url https://shop.example/ --ticket-file ticket.txt"
    )]
    Jssdk(JssdkCommand),
    /// The raw exchanges with WeChat Pay
    #[command(subcommand, arg_required_else_help = true, after_help = "Examples:\n  $ paydesk requests list")]
    Requests(RequestsCommand),
    /// The ledger: where it is, checks, backups
    #[command(subcommand, arg_required_else_help = true, after_help = "Examples:\n  $ paydesk ledger info")]
    Ledger(LedgerCommand),
    /// The simulated WeChat Pay: serve it, or act in it as the customer, as time, as trouble
    #[command(
        subcommand,
        arg_required_else_help = true,
        after_help = "Examples:\n  $ paydesk simulator advance 5m"
    )]
    Simulator(SimulatorCommand),
    /// Write payments to a file
    #[command(
        subcommand,
        arg_required_else_help = true,
        after_help = "Examples:\n  $ paydesk export payments --output everything.csv"
    )]
    Export(ExportCommand),
    /// Print a completion script for a shell
    #[command(after_help = "Examples:\n  $ paydesk completions bash")]
    Completions(Completions),
    /// Print the man page, or write one for each command into a folder
    #[command(after_help = "Examples:\n  $ paydesk man\n  $ paydesk man --dir man-pages")]
    Man(Man),
}

/// `demo`
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The same seed gives the same bytes
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
}

/// `completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

/// `man`
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write one page for each command into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

/// `resolve`
#[derive(Debug, Args)]
pub(crate) struct Resolve {
    /// Go on asking, less and less often, until nothing is open; of every merchant if none is named. With --json
    /// one document a line
    #[arg(long)]
    pub(crate) watch: bool,
}

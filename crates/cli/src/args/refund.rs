use super::values::{self, Amount};
use clap::{Args, Subcommand};
use domain::{OutRefundNo, OutTradeNo, RefundId, RefundState};

/// `refund …`
#[derive(Debug, Subcommand)]
pub(crate) enum RefundCommand {
    /// Send part or all of a payment back
    Create(CreateRefund),
    /// Ask WeChat Pay about a refund, or all of an order, and write down what it says
    Query(QueryRefund),
    /// List refunds, newest first
    List(ListRefunds),
}

/// `refund create`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk refund create order-0001 --amount 2.34 \\
      --reason \"少一个\" --out-refund-no refund-0001 --yes")]
pub(crate) struct CreateRefund {
    /// The merchant's number of the order
    #[arg(
        value_name = "OUT_TRADE_NO",
        required_unless_present = "out_trade_no",
        conflicts_with = "out_trade_no"
    )]
    pub(crate) number: Option<OutTradeNo>,
    /// The same, by name
    #[arg(long, value_name = "OUT_TRADE_NO")]
    pub(crate) out_trade_no: Option<OutTradeNo>,
    #[command(flatten)]
    pub(crate) amount: Amount,
    /// The refund's own number; a new one is made if absent
    #[arg(long, value_name = "NUMBER")]
    pub(crate) out_refund_no: Option<OutRefundNo>,
    /// What the payer is told; at most 80 bytes
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Where the notice goes, instead of the merchant's address
    #[arg(long, value_name = "URL")]
    pub(crate) notify_url: Option<String>,
    /// Do not ask again; needed where nobody can be asked
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `refund query`
#[derive(Debug, Args)]
#[group(id = "which_refund", required = true, multiple = false)]
#[command(after_help = "\
Examples:
  $ paydesk refund query refund-0001
  $ paydesk refund query --out-trade-no order-0001")]
pub(crate) struct QueryRefund {
    /// The merchant's number of the refund
    #[arg(value_name = "OUT_REFUND_NO")]
    pub(crate) number: Option<OutRefundNo>,
    /// The same, by name
    #[arg(long, value_name = "OUT_REFUND_NO")]
    pub(crate) out_refund_no: Option<OutRefundNo>,
    /// WeChat Pay's number of the refund
    #[arg(long, value_name = "REFUND_ID")]
    pub(crate) refund_id: Option<RefundId>,
    /// All refunds of this order
    #[arg(long, value_name = "OUT_TRADE_NO")]
    pub(crate) out_trade_no: Option<OutTradeNo>,
}

/// `refund list`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk refund list --out-trade-no order-0001")]
pub(crate) struct ListRefunds {
    /// Only these states
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = values::refund_state())]
    pub(crate) state: Vec<RefundState>,
    /// Only of this order
    #[arg(long, value_name = "OUT_TRADE_NO")]
    pub(crate) out_trade_no: Option<OutTradeNo>,
    /// At most this many
    #[arg(long, value_name = "NUMBER", default_value = "50")]
    pub(crate) limit: usize,
}

use super::values::{self, Amount};
use clap::{Args, Subcommand, ValueEnum};
use domain::{Day, OpenId, OrderState, OutTradeNo, TradeType, TransactionId};

/// `order …`
#[derive(Debug, Subcommand)]
pub(crate) enum OrderCommand {
    /// Make an order and print what the payer's side needs: a QR code, or signed parameters
    Create(Box<CreateOrder>),
    /// Ask WeChat Pay about an order and write down what it says
    Query(QueryOrder),
    /// Close an order, so that it can no longer be paid
    #[command(after_help = "Examples:\n  $ paydesk order close jsapi-order-0002")]
    Close(OrderNumber),
    /// List payments, newest first
    List(ListOrders),
}

/// How an order will be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OrderType {
    /// A QR code
    Native,
    /// Inside WeChat: official account or mini program
    Jsapi,
    /// A mobile app
    App,
    /// A mobile browser
    H5,
}

/// `order create`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk order create --amount 12.34 --body \"面包 bread\" \\
      --out-trade-no order-0001 --expires-in 2h
  $ paydesk order create --type jsapi --fen 500 --body coffee \\
      --openid oUpF8uMuAJO_M2pxb1Q9zNjWeS6o --out-trade-no jsapi-order-0002
  $ paydesk order create --type h5 --fen 500 --body coffee \\
      --wap-url https://shop.example --wap-name shop --out-trade-no order-0003")]
pub(crate) struct CreateOrder {
    /// How it will be paid
    #[arg(long = "type", value_name = "TYPE", value_enum, default_value = "native")]
    pub(crate) kind: OrderType,
    #[command(flatten)]
    pub(crate) amount: Amount,
    /// What it is for, as the payer reads it; at most 128 bytes
    #[arg(long, value_name = "TEXT")]
    pub(crate) body: String,
    /// Its number, 6 to 32 characters; a new one is made if absent
    #[arg(long, value_name = "NUMBER", value_parser = OutTradeNo::for_new_order)]
    pub(crate) out_trade_no: Option<OutTradeNo>,
    /// Until when it can be paid, such as 30m or 2h
    #[arg(long, value_name = "DURATION", value_parser = values::life)]
    pub(crate) expires_in: Option<i64>,
    /// JSAPI: the payer under the merchant's appid
    #[arg(long, value_name = "OPENID")]
    pub(crate) openid: Option<OpenId>,
    /// JSAPI: the payer under the sub-merchant's appid
    #[arg(long, value_name = "OPENID", conflicts_with = "openid")]
    pub(crate) sub_openid: Option<OpenId>,
    /// Native: what is bought; the order's number if absent
    #[arg(long, value_name = "ID")]
    pub(crate) product_id: Option<String>,
    /// H5: the site's address
    #[arg(long, value_name = "URL", required_if_eq("kind", "h5"))]
    pub(crate) wap_url: Option<String>,
    /// H5: the site's name
    #[arg(long, value_name = "TEXT", required_if_eq("kind", "h5"))]
    pub(crate) wap_name: Option<String>,
    /// Echoed in notices and queries; at most 127 bytes
    #[arg(long, value_name = "TEXT")]
    pub(crate) attach: Option<String>,
    /// Goods, as WeChat Pay's JSON
    #[arg(long, value_name = "JSON")]
    pub(crate) detail: Option<String>,
    /// Shop, as WeChat Pay's JSON
    #[arg(long, value_name = "JSON")]
    pub(crate) scene_info: Option<String>,
    /// Promotion tag
    #[arg(long, value_name = "TEXT")]
    pub(crate) goods_tag: Option<String>,
    /// No credit cards
    #[arg(long)]
    pub(crate) no_credit: bool,
    /// Terminal or shop
    #[arg(long, value_name = "TEXT")]
    pub(crate) device_info: Option<String>,
    /// The payer's IP address
    #[arg(long, value_name = "IP")]
    pub(crate) client_ip: Option<String>,
    /// Where the notice goes, instead of the merchant's address
    #[arg(long, value_name = "URL")]
    pub(crate) notify_url: Option<String>,
    /// ISO 4217
    #[arg(long, value_name = "CODE", default_value = "CNY")]
    pub(crate) currency: String,
}

/// An order by the merchant's number, given as it stands or by name.
#[derive(Debug, Args)]
#[group(id = "which_order", required = true, multiple = false)]
pub(crate) struct OrderNumber {
    /// The merchant's number of the order
    #[arg(value_name = "OUT_TRADE_NO")]
    number: Option<OutTradeNo>,
    /// The same, by name
    #[arg(long, value_name = "OUT_TRADE_NO")]
    out_trade_no: Option<OutTradeNo>,
}

impl OrderNumber {
    /// The number; the group sees to it that there is one.
    pub(crate) fn get(&self) -> Option<&OutTradeNo> {
        self.number.as_ref().or(self.out_trade_no.as_ref())
    }
}

/// `order query`
#[derive(Debug, Args)]
#[group(id = "which_payment", required = true, multiple = false)]
#[command(after_help = "\
Examples:
  $ paydesk order query order-0001
  $ paydesk order query --out-trade-no order-0001 --json")]
pub(crate) struct QueryOrder {
    /// The merchant's number of the order
    #[arg(value_name = "OUT_TRADE_NO")]
    pub(crate) number: Option<OutTradeNo>,
    /// The same, by name
    #[arg(long, value_name = "OUT_TRADE_NO")]
    pub(crate) out_trade_no: Option<OutTradeNo>,
    /// WeChat Pay's number of the payment
    #[arg(long, value_name = "TRANSACTION_ID")]
    pub(crate) transaction_id: Option<TransactionId>,
}

/// `order list`, and which payments are exported
#[derive(Debug, Args)]
pub(crate) struct Filter {
    /// Only these states
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = values::order_state())]
    pub(crate) state: Vec<OrderState>,
    /// Only these trade types
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = values::trade_type())]
    pub(crate) kind: Vec<TradeType>,
    /// Made on this day or later (UTC+8)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = values::day)]
    pub(crate) from: Option<Day>,
    /// Made on this day or earlier (UTC+8)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = values::day)]
    pub(crate) to: Option<Day>,
    /// This text somewhere in a number, the body or the attachment
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
}

/// `order list`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk order list
  $ paydesk order list --state paid,refunded --from 2026-01-01 --limit 20 --json")]
pub(crate) struct ListOrders {
    #[command(flatten)]
    pub(crate) filter: Filter,
    /// At most this many
    #[arg(long, value_name = "NUMBER", default_value = "50")]
    pub(crate) limit: usize,
}

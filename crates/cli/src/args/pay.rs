use super::order::OrderNumber;
use super::values::Amount;
use clap::{Args, ValueEnum};
use domain::{OutTradeNo, PrepayId};

/// What a front end can pay with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ParamsType {
    /// Official account or mini program
    Jsapi,
    /// A mobile app
    App,
    /// A mobile browser
    H5,
    /// A static QR code, printed once and scanned before there is an order
    Native,
}

/// `pay-params`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk pay-params --type jsapi \\
      --prepay-id wx201410272009395522657a690389285100
  $ paydesk pay-params --type h5 \\
      --mweb-url \"https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx2014\" \\
      --redirect-url https://shop.example/done
  $ paydesk pay-params --type native --product-id shelf-7")]
pub(crate) struct PayParams {
    /// For which front end
    #[arg(long = "type", value_name = "TYPE", value_enum)]
    pub(crate) kind: ParamsType,
    /// JSAPI and app: from unified order, good for two hours
    #[arg(long, value_name = "PREPAY_ID", required_if_eq_any([("kind", "jsapi"), ("kind", "app")]))]
    pub(crate) prepay_id: Option<PrepayId>,
    /// H5: from unified order, good for five minutes
    #[arg(long, value_name = "URL", required_if_eq("kind", "h5"))]
    pub(crate) mweb_url: Option<String>,
    /// H5: the page to come back to
    #[arg(long, value_name = "URL")]
    pub(crate) redirect_url: Option<String>,
    /// Native: what is bought, 1 to 32 letters, digits and signs; WeChat Pay asks the merchant's pay callback for it
    #[arg(long, value_name = "ID", required_if_eq("kind", "native"))]
    pub(crate) product_id: Option<String>,
}

/// The codes a simulated customer can show.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SimulatedCode {
    /// Pays at once
    Fresh,
    /// Wants the password first
    Password,
    /// Too old
    Expired,
    /// Not enough money
    Poor,
}

impl SimulatedCode {
    /// The simulator's own word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Password => "password",
            Self::Expired => "expired",
            Self::Poor => "poor",
        }
    }
}

/// `reverse`
#[derive(Debug, Args)]
pub(crate) struct Reverse {
    #[command(flatten)]
    pub(crate) number: OrderNumber,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `micropay`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk micropay --simulated-code fresh --amount 5.00 \\
      --body coffee --out-trade-no scan-0001")]
#[group(id = "whose_code")]
pub(crate) struct MicropayArgs {
    /// The 18 digits that were scanned, or - to read them from standard input
    #[arg(long, value_name = "DIGITS", required_unless_present = "simulated_code")]
    pub(crate) auth_code: Option<String>,
    /// On the built-in simulated merchant: the simulated customer shows a code of this kind
    #[arg(long, value_name = "KIND", value_enum, conflicts_with = "auth_code")]
    pub(crate) simulated_code: Option<SimulatedCode>,
    #[command(flatten)]
    pub(crate) amount: Amount,
    /// What it is for; at most 128 bytes
    #[arg(long, value_name = "TEXT")]
    pub(crate) body: String,
    /// Its number; a new one is made if absent
    #[arg(long, value_name = "NUMBER", value_parser = OutTradeNo::for_new_order)]
    pub(crate) out_trade_no: Option<OutTradeNo>,
    /// Echoed in queries; at most 127 bytes
    #[arg(long, value_name = "TEXT")]
    pub(crate) attach: Option<String>,
    /// The terminal's IP address
    #[arg(long, value_name = "IP")]
    pub(crate) client_ip: Option<String>,
}

use super::values;
use clap::{Args, Subcommand, ValueEnum};
use domain::{AppId, Environment, MchId};
use std::path::PathBuf;

/// `merchant …`
#[derive(Debug, Subcommand)]
pub(crate) enum MerchantCommand {
    /// Store a merchant; its key and certificate follow with set-key and import-cert
    Add(Box<AddMerchant>),
    /// List the merchants
    #[command(after_help = "Examples:\n  $ paydesk merchant list")]
    List,
    /// Show one merchant, its keys' fingerprints and its certificate's dates
    #[command(after_help = "Examples:\n  $ paydesk merchant show simulated")]
    Show(Named),
    /// Make one harmless query and say what is right and what is wrong
    #[command(after_help = "Examples:\n  $ paydesk merchant check simulated")]
    Check(Named),
    /// Change where a merchant's notices go
    Set(SetMerchant),
    /// Put a key into the OS keychain
    SetKey(SetKey),
    /// Fetch the key of WeChat's sandbox with the merchant's own key, and put it into the OS keychain
    #[command(after_help = "Examples:\n  $ paydesk merchant fetch-sandbox-key my-sandbox-shop")]
    FetchSandboxKey(FetchSandboxKey),
    /// Import the client certificate, which refunds and reversals need
    ImportCert(ImportCert),
    /// Forget a merchant, its keys and its certificate; its ledger rows stay
    #[command(
        after_help = "Examples:\n  $ paydesk merchant remove my-shop --yes\n  $ paydesk merchant remove my-sandbox-shop --yes"
    )]
    Remove(RemoveMerchant),
}

/// Which merchant.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Its name; the one of --merchant if absent
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
}

/// `merchant add`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk merchant add my-shop --environment simulated \\
      --mch-id 1900000109 --appid wx8888888888888888 \\
      --gateway-url http://127.0.0.1:8080
  $ paydesk merchant add my-sandbox-shop --environment sandbox \\
      --mch-id 1900000109 --appid wx8888888888888888")]
pub(crate) struct AddMerchant {
    /// The name it will be picked by: 1 to 32 letters, digits, - and _
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Where its requests go
    #[arg(long, value_parser = values::environment())]
    pub(crate) environment: Environment,
    /// The merchant number
    #[arg(long, value_name = "MCH_ID")]
    pub(crate) mch_id: MchId,
    /// The account its payments belong to
    #[arg(long, value_name = "APPID")]
    pub(crate) appid: AppId,
    /// What people read; the name if absent
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) label: String,
    /// Service-provider mode: the sub-merchant's number
    #[arg(long, value_name = "MCH_ID")]
    pub(crate) sub_mch_id: Option<MchId>,
    /// Service-provider mode: the sub-merchant's appid
    #[arg(long, value_name = "APPID", requires = "sub_mch_id")]
    pub(crate) sub_appid: Option<AppId>,
    /// How it signs
    #[arg(long, value_name = "TYPE", value_parser = values::hmac(), default_value = "MD5", action = clap::ArgAction::Set)]
    pub(crate) sign_type: bool,
    /// Where its notices go
    #[arg(long, value_name = "URL")]
    pub(crate) notify_url: Option<String>,
    /// Simulated only: the address of a running `paydesk simulator serve`
    #[arg(long, value_name = "URL")]
    pub(crate) gateway_url: Option<String>,
    /// Simulated only: a PEM file with the authority that simulator is trusted by
    #[arg(long, value_name = "FILE")]
    pub(crate) gateway_ca: Option<PathBuf>,
    /// Live only: the merchant number again, where nobody can be asked
    #[arg(long, value_name = "MCH_ID")]
    pub(crate) confirm_live: Option<String>,
}

/// `merchant set`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk merchant set my-sandbox-shop --notify-url https://bakery.example/notify
  $ paydesk merchant set my-sandbox-shop --no-notify-url")]
pub(crate) struct SetMerchant {
    /// The merchant
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Where its notices go from now on
    #[arg(
        long,
        value_name = "URL",
        required_unless_present = "no_notify_url",
        conflicts_with = "no_notify_url"
    )]
    pub(crate) notify_url: Option<String>,
    /// Nowhere: WeChat Pay tells nobody
    #[arg(long)]
    pub(crate) no_notify_url: bool,
}

/// The kinds of key.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kind {
    /// The key of this API
    ApiV2,
    /// The key of API v3
    ApiV3,
    /// The secret of the appid
    AppSecret,
    /// The key of WeChat's sandbox
    Sandbox,
}

impl From<Kind> for console::args::KeyKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::ApiV2 => Self::ApiV2,
            Kind::ApiV3 => Self::ApiV3,
            Kind::AppSecret => Self::AppSecret,
            Kind::Sandbox => Self::Sandbox,
        }
    }
}

/// `merchant set-key`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk merchant set-key my-shop api-v2 --key-file key.txt")]
pub(crate) struct SetKey {
    /// The merchant
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Which key
    #[arg(value_name = "KIND", value_enum, default_value = "api-v2")]
    pub(crate) kind: Kind,
    /// A file that holds the key and nothing else, or - for standard input; without it the key is asked for
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
}

/// `merchant fetch-sandbox-key`
#[derive(Debug, Args)]
pub(crate) struct FetchSandboxKey {
    /// The merchant, whose environment is the sandbox
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

/// `merchant import-cert`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk merchant import-cert my-shop apiclient_cert.p12")]
pub(crate) struct ImportCert {
    /// The merchant
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// apiclient_cert.p12, or the PEM files of certificate and key
    #[arg(value_name = "FILE", required = true, num_args = 1..=3)]
    pub(crate) files: Vec<PathBuf>,
    /// A file with the p12's password, or -; WeChat Pay's own is the merchant number
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

/// `merchant remove`
#[derive(Debug, Args)]
pub(crate) struct RemoveMerchant {
    /// The merchant
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

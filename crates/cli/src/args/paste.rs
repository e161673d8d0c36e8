use super::values;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// A language that a failing test can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// JavaScript on Node
    Node,
    /// Python
    Python,
    /// Java
    Java,
    /// Go
    Go,
    /// PHP
    Php,
    /// Rust
    Rust,
}

impl Language {
    /// The word for it in answers.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python",
            Self::Java => "java",
            Self::Go => "go",
            Self::Php => "php",
            Self::Rust => "rust",
        }
    }
}

/// `verify`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk verify request.xml --key-file key.txt
  $ paydesk verify forged.xml --key-file key.txt \\
      --json  # exit 1
  $ paydesk verify forged.xml --key-file key.txt \\
      --string signed.txt  # exit 1
  $ paydesk verify call.js --key-file key.txt \\
      --with request.xml
  $ paydesk verify unsorted.xml --key-file key.txt \\
      --reproduction python  # exit 1
  $ paydesk verify --lines requests.jsonl --key-file key.txt
  $ paydesk verify --list-causes

Exit status:
  0  the signature is right and nothing known contradicts the message
  1  no: not signed, signed wrongly, readable in two ways, to be refused, or against the order in the ledger
  2  it cannot be judged: unreadable, or there is no key to judge with
  5  something on this computer failed, such as the keychain
With --lines 1 if any line is a no, else 2 if any cannot be judged.")]
pub(crate) struct Verify {
    /// What was received or is to be sent: XML, JSON, a query string, a call, an HTTP message, a log line, a program; standard input if absent or -
    #[arg(value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub(crate) file: PathBuf,
    /// A key for this one time, which is not stored; then no stored key is tried. For wx.config the ticket
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// What it must be signed with; otherwise what its merchant uses, or its length says
    #[arg(long, value_name = "TYPE", value_parser = values::hmac())]
    pub(crate) sign_type: Option<bool>,
    /// A second document, such as the order behind a front end's call
    #[arg(long, value_name = "FILE", conflicts_with = "lines")]
    pub(crate) with: Option<PathBuf>,
    /// The string that your own program signed, to be compared with the right one; it is shown without its key
    #[arg(long, value_name = "FILE", conflicts_with = "lines")]
    pub(crate) string: Option<PathBuf>,
    /// Print the mistake as a failing test without any secret, instead of the verdict
    #[arg(long, value_name = "LANGUAGE", value_enum, conflicts_with_all = ["lines", "json"])]
    pub(crate) reproduction: Option<Language>,
    /// Write a valid notice into its merchant's ledger as evidence
    #[arg(long, conflicts_with = "lines")]
    pub(crate) record: bool,
    /// One message a line; prints one JSON verdict a line, none for a blank one
    #[arg(long)]
    pub(crate) lines: bool,
    /// List every cause that can be proven
    #[arg(long, conflicts_with_all = ["file", "key_file", "sign_type", "with", "string", "reproduction", "record", "lines"])]
    pub(crate) list_causes: bool,
}

/// `jssdk`
#[derive(Debug, Subcommand)]
pub(crate) enum JssdkCommand {
    /// Sign a page's address for wx.config
    Sign(JssdkSign),
}

/// `jssdk sign`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk jssdk sign --ticket-file ticket.txt \\
      --url \"https://shop.example/pay?id=7\"
  $ paydesk jssdk sign --ticket-file ticket.txt \\
      --url https://shop.example/ \\
      --appid wxd930ea5d5a258f4f --json")]
pub(crate) struct JssdkSign {
    /// The page's whole address as the browser has it, in quotes if it has a &; what stands behind # is not signed
    #[arg(long, value_name = "URL")]
    pub(crate) url: String,
    /// The account's jsapi_ticket: the value of ticket that getticket gives, good for 7200 seconds and not stored; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) ticket_file: PathBuf,
    /// The official account that the ticket is of; otherwise the merchant's
    #[arg(long, value_name = "APPID")]
    pub(crate) appid: Option<String>,
    /// Random text that is used once, 1 to 128 letters and digits; otherwise a new one
    #[arg(long, value_name = "TEXT")]
    pub(crate) nonce_str: Option<String>,
    /// Seconds since 1970; otherwise now
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timestamp: Option<i64>,
}

/// What of a signature is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SignOutput {
    /// The signature alone
    Signature,
    /// The document with its sign
    Xml,
    /// The string that was signed, its key masked
    String,
}

/// `sign`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk sign fields.json --key-file key.txt
  $ paydesk sign fields.json --output xml \\
      --sign-type HMAC-SHA256")]
pub(crate) struct Sign {
    /// The fields, in any format that verify reads; standard input if absent or -
    #[arg(value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub(crate) file: PathBuf,
    /// A key for this one time; otherwise the merchant's
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// How to sign; otherwise what the fields say, or the merchant uses
    #[arg(long, value_name = "TYPE", value_parser = values::hmac())]
    pub(crate) sign_type: Option<bool>,
    /// What to print
    #[arg(long, value_name = "WHAT", value_enum, default_value = "signature")]
    pub(crate) output: SignOutput,
}

/// What of a decrypted notice is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DecryptOutput {
    /// Its fields
    Fields,
    /// The document as it was
    Xml,
}

/// `decrypt`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk decrypt refund-notice.txt \\
      --key-file notice-key.txt
  $ paydesk decrypt refund-notice.txt --output xml \\
      --key-file notice-key.txt")]
pub(crate) struct Decrypt {
    /// The notice, or only its req_info; standard input if absent or -
    #[arg(value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub(crate) file: PathBuf,
    /// A key for this one time; then no stored key is tried
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// What to print
    #[arg(long, value_name = "WHAT", value_enum, default_value = "fields")]
    pub(crate) output: DecryptOutput,
}

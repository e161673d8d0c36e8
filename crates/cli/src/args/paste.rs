use super::values;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// `verify`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk verify request.xml --key-file key.txt
  $ paydesk verify forged.xml --key-file key.txt --json  # exit 1
  $ paydesk verify --lines requests.jsonl --key-file key.txt

Exit status:
  0  the signature is right and nothing known contradicts the message
  1  no: not signed, signed wrongly, readable in two ways, to be refused, or against the order in the ledger
  2  it cannot be judged: unreadable, or there is no key to judge with
  5  something on this computer failed, such as the keychain
With --lines 1 if any line is a no, else 2 if any cannot be judged.")]
pub(crate) struct Verify {
    /// What was received; standard input if absent or -
    #[arg(value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub(crate) file: PathBuf,
    /// A key for this one time, which is not stored; then no stored key is tried
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// What it must be signed with; otherwise what its merchant uses, or its length says
    #[arg(long, value_name = "TYPE", value_parser = values::hmac())]
    pub(crate) sign_type: Option<bool>,
    /// Write a valid notice into its merchant's ledger as evidence
    #[arg(long, conflicts_with = "lines")]
    pub(crate) record: bool,
    /// One message a line; prints one JSON verdict a line
    #[arg(long)]
    pub(crate) lines: bool,
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
  $ paydesk sign fields.json --sign-type HMAC-SHA256 --output xml")]
pub(crate) struct Sign {
    /// The fields; standard input if absent or -
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
  $ paydesk decrypt refund-notice.txt --key-file notice-key.txt
  $ paydesk decrypt refund-notice.txt --key-file notice-key.txt --output xml")]
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

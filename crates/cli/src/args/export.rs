use super::order::Filter;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `export …`
#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Write payments as CSV
    Payments(ExportPayments),
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Comma-separated, UTF-8 with a byte order mark
    Csv,
}

/// How text goes into cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Cells {
    /// A ' before text that a spreadsheet could take for a formula
    Safe,
    /// The exact text
    Raw,
}

impl From<Cells> for console::args::Cells {
    fn from(cells: Cells) -> Self {
        match cells {
            Cells::Safe => Self::Safe,
            Cells::Raw => Self::Raw,
        }
    }
}

/// `export payments`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ paydesk export payments --format csv --output payments.csv
  $ paydesk export payments --state paid,refunded --cells raw --output -")]
pub(crate) struct ExportPayments {
    #[command(flatten)]
    pub(crate) filter: Filter,
    /// How the file is written
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "csv")]
    pub(crate) format: Format,
    /// The file, or - for standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
    /// How text goes into cells
    #[arg(long, value_name = "CELLS", value_enum, default_value = "safe")]
    pub(crate) cells: Cells,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) force: bool,
}

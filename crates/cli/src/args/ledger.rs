use clap::Subcommand;
use std::path::PathBuf;

/// `ledger …`
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Where the ledger is and what is in it
    #[command(after_help = "Examples:\n  $ paydesk ledger info")]
    Info,
    /// Check the ledger
    #[command(after_help = "Examples:\n  $ paydesk ledger check\n  $ paydesk ledger check --full --json")]
    Check {
        /// Also every page, every row, every sum and the journal's whole chain
        #[arg(long)]
        full: bool,
    },
    /// Copy the ledger while it is in use, and check the copy
    #[command(after_help = "Examples:\n  $ paydesk ledger backup ledger-backup.db")]
    Backup {
        /// The copy
        #[arg(value_name = "FILE")]
        to: PathBuf,
        /// Replace an existing file
        #[arg(long)]
        force: bool,
    },
    /// Put a checked backup in the ledger's place; the ledger before it is moved aside
    #[command(after_help = "Examples:\n  $ paydesk ledger restore ledger-backup.db --yes")]
    Restore {
        /// The backup
        #[arg(value_name = "FILE")]
        from: PathBuf,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Take the ledger as it is now: anchor its journal anew, or begin an empty one where it is gone
    #[command(after_help = "Examples:\n  $ paydesk ledger accept --yes")]
    Accept {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Save what can still be read of a damaged ledger into a fresh one
    #[command(after_help = "Examples:\n  $ paydesk ledger salvage --yes")]
    Salvage {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

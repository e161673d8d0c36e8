use clap::Subcommand;

/// `requests …`
#[derive(Debug, Subcommand)]
pub(crate) enum RequestsCommand {
    /// List exchanges with the gateway, newest first
    #[command(after_help = "Examples:\n  $ paydesk requests list --limit 5")]
    List {
        /// At most this many
        #[arg(long, value_name = "NUMBER", default_value = "50")]
        limit: usize,
    },
    /// Show one exchange whole: what was sent and what came back, without secrets
    #[command(after_help = "Examples:\n  $ paydesk requests show 1")]
    Show {
        /// Its number in the list
        #[arg(value_name = "ID")]
        id: i64,
    },
}

use crate::Operation;
use domain::{Environment, Fen, OperationState, OrderState, SettleError, Timestamp};
use std::path::{Path, PathBuf};

/// What is wrong with a damaged ledger file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The file is there and has no bytes. A ledger is never made that way.
    Empty,
    /// The file ends before the pages that its own header counts.
    Truncated {
        /// Bytes the header promises.
        expected: u64,
        /// Bytes there are.
        found: u64,
    },
    /// SQLite's structure check failed; its first line.
    Structure(String),
    /// SQLite could not read the file at all; its own words.
    Unreadable(String),
    /// A row holds a value that the ledger never writes.
    Row {
        /// The column, counted from 0 in the order that the table's file names them.
        column: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A row that every ledger has is not there, such as the environment in `meta`.
    Missing(&'static str),
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("the file is empty"),
            Self::Truncated { expected, found } => {
                write!(f, "the file ends after {found} of {expected} bytes")
            }
            Self::Structure(line) => write!(f, "its structure is broken: {line}"),
            Self::Unreadable(line) => write!(f, "it cannot be read: {line}"),
            Self::Row { column, why } => {
                write!(f, "a row holds an impossible value in column {column}: {why}")
            }
            Self::Missing(what) => write!(f, "{what} is missing"),
        }
    }
}

/// Everything that can go wrong in the ledger. After any of these nothing of the refused call was written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another program held the ledger for more than a minute. Nothing was written and nothing may be sent;
    /// ask the person to close the other program, or try again.
    #[error("another program has kept the ledger busy for a minute; nothing was written or sent; try again")]
    Busy,
    /// Restore was asked for while some program has the ledger open. Close it and try again.
    #[error("the ledger {} is open in another program; close it first; nothing was changed", .file.display())]
    InUse {
        /// The ledger.
        file: PathBuf,
    },
    /// The file is damaged. It was not written to. Offer the newest backup (`restore`) or `salvage`, and send
    /// nothing until one of them is done.
    #[error(
        "the ledger is damaged ({what}); it was left as it is and no money command is sent; restore the newest \
         backup, or salvage what can still be read into a new file"
    )]
    Damaged {
        /// What was found.
        what: Damage,
    },
    /// A newer Paydesk wrote the file. It was not touched; update the program.
    #[error(
        "the ledger has format {found} and this program knows {known}; it was left as it is; update Paydesk"
    )]
    NewerThanProgram {
        /// The file's format.
        found: u32,
        /// The newest format this program knows.
        known: u32,
    },
    /// The file belongs to another environment. Simulated, sandbox and live money never share a file.
    #[error(
        "this ledger is of the {file} environment, not {asked}; it was left as it is; pick the right file"
    )]
    WrongEnvironment {
        /// The file's environment.
        file: Environment,
        /// The environment asked for.
        asked: Environment,
    },
    /// The file is no ledger of Paydesk: another program's. It was not touched; pick another path.
    #[error("{} is not a Paydesk ledger; it was left as it is; choose another file", .file.display())]
    NotALedger {
        /// The file.
        file: PathBuf,
    },
    /// The chain key is not the one this ledger was made with: the keychain was reset, or the file comes from
    /// another computer. Nothing was written; give the right key, or salvage into a new ledger.
    #[error(
        "the key of this ledger's journal is not the one in the keychain; nothing was written; restore the \
         keychain item, or salvage into a new ledger"
    )]
    WrongChainKey,
    /// The file or its directory cannot be written. Nothing may be sent; fix the permissions.
    #[error("the ledger {} cannot be written; nothing was sent; check the permissions of it and its folder", .file.display())]
    ReadOnly {
        /// The ledger.
        file: PathBuf,
    },
    /// The disk is full. What is in flight is still written (a reserve is kept for it); nothing new may be
    /// sent until space is freed.
    #[error("the disk is full; nothing new was written or sent; free some space and try again")]
    DiskFull,
    /// The SQLite in this program has a known fault that can lose committed writes. A fault of the build.
    #[error(
        "this build has SQLite {found}, older than 3.51.3, which can lose committed writes; update Paydesk"
    )]
    SqliteTooOld {
        /// Its version.
        found: &'static str,
    },
    /// A backup could not be made or did not pass its check. The ledger is as before.
    #[error("the backup {} failed ({why}); the ledger is unchanged", .file.display())]
    BackupFailed {
        /// Where it was to be.
        file: PathBuf,
        /// What went wrong.
        why: String,
    },
    /// There is a file already where one would be written. It was kept.
    #[error("{} exists already and was kept; choose another name", .file.display())]
    FileExists {
        /// The file.
        file: PathBuf,
    },
    /// The number was used with other parameters. Nothing was written; use a new number for the new request.
    #[error("this number was already used with other parameters; nothing was sent; use a new number")]
    ParamsDiffer {
        /// What the number stands for already.
        existing: Box<Operation>,
    },
    /// The out_trade_no already names another payment of this merchant. Nothing was written; use a new one.
    #[error("this out_trade_no already names another payment; nothing was sent; use a new number")]
    NumberTaken,
    /// The amount is zero or negative. Nothing was written.
    #[error("the amount must be more than zero; nothing was sent")]
    AmountNotPositive,
    /// The refund is more than what is left of the payment, counting refunds whose outcome is still open.
    #[error("only {left} yuan of this payment can still be refunded; nothing was sent")]
    RefundExceeds {
        /// What can still be refunded.
        left: Fen,
    },
    /// The order has 50 refunds, and WeChat Pay takes no more. Nothing was written.
    #[error("this order already has 50 refunds, and WeChat Pay takes no more; nothing was sent")]
    TooManyRefunds,
    /// The order was paid more than a year ago, and WeChat Pay refunds no longer. Nothing was written.
    #[error(
        "this order was paid at {paid}, more than a year ago, and can no longer be refunded; nothing was sent"
    )]
    TooOldToRefund {
        /// When it was paid, UTC+8.
        paid: domain::CivilTime,
    },
    /// The order is not known to be paid. Query it first; nothing was written.
    #[error(
        "this order is {state}, not paid, so nothing can be refunded and nothing was sent; query it first"
    )]
    NotPaid {
        /// Where it stands.
        state: OrderState,
    },
    /// The ledger has no such order. Query it first, which stores it; nothing was written.
    #[error("this order is not in the ledger; nothing was sent; query it first")]
    UnknownOrder,
    /// The ledger has no such operation. A fault of the caller.
    #[error("there is no such operation in the ledger")]
    UnknownOperation,
    /// A certain outcome would be replaced by another one. Nothing was written; a person must look, because
    /// WeChat Pay said both.
    #[error("the outcome was already certain: {0}; it was kept; look at both replies")]
    Contradiction(#[from] SettleError),
    /// The operation cannot be sent again, because it is settled or somebody else has it.
    #[error("the operation is {state} and its lease is not held by this caller")]
    LeaseLost {
        /// Where the operation stands.
        state: OperationState,
    },
    /// A journal row was edited, deleted, inserted or moved: the chain breaks at `seq`. Show it to a person;
    /// compare with the newest backup.
    #[error("the journal was changed: its chain breaks at row {seq}; compare with the newest backup")]
    ChainBroken {
        /// The first row that does not fit.
        seq: i64,
    },
    /// The anchored head is ahead of the journal: rows at its end are gone (cut off, or an old copy was put
    /// in place). Payments may be missing; compare with the newest backup and with WeChat Pay.
    #[error("the journal ends at row {last} but row {anchored} was anchored: its end was cut off")]
    HeadAhead {
        /// The anchored row.
        anchored: i64,
        /// The journal's last row, 0 if it has none.
        last: i64,
    },
    /// The journal is another one than the anchored head belongs to.
    #[error("row {seq} of the journal is not the one that was anchored: the journal was replaced")]
    HeadDiffers {
        /// The anchored row.
        seq: i64,
    },
    /// Reading or writing the disk failed in another way. Nothing may be sent; check the disk.
    #[error("the disk failed at {} ({why}); nothing was written or sent", .file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The system's own words.
        why: String,
    },
    /// A row would break a rule of its table. A fault of Paydesk; nothing was written. Please report it.
    #[error(
        "the ledger refused a row that breaks its rules ({rule}); nothing was written; please report this"
    )]
    Rule {
        /// The rule, in SQLite's words.
        rule: String,
    },
    /// SQLite answered with a code that this version does not expect. Nothing was written. Please report it.
    #[error("the ledger's engine answered {code} ({why}); nothing was written; please report this")]
    Engine {
        /// SQLite's extended result code, 0 where there is none.
        code: i32,
        /// SQLite's own words.
        why: String,
    },
}

impl LedgerError {
    /// A stable word for it, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Busy => "ledger_busy",
            Self::InUse { .. } => "ledger_in_use",
            Self::Damaged { .. } => "ledger_damaged",
            Self::NewerThanProgram { .. } => "ledger_newer_than_program",
            Self::WrongEnvironment { .. } => "ledger_wrong_environment",
            Self::NotALedger { .. } => "ledger_not_a_ledger",
            Self::WrongChainKey => "ledger_wrong_chain_key",
            Self::ReadOnly { .. } => "ledger_read_only",
            Self::DiskFull => "ledger_disk_full",
            Self::SqliteTooOld { .. } => "ledger_sqlite_too_old",
            Self::BackupFailed { .. } => "ledger_backup_failed",
            Self::FileExists { .. } => "ledger_file_exists",
            Self::ParamsDiffer { .. } => "params_differ",
            Self::NumberTaken => "number_taken",
            Self::AmountNotPositive => "amount_not_positive",
            Self::RefundExceeds { .. } => "refund_exceeds",
            Self::TooManyRefunds => "too_many_refunds",
            Self::TooOldToRefund { .. } => "too_old_to_refund",
            Self::NotPaid { .. } => "not_paid",
            Self::UnknownOrder => "unknown_order",
            Self::UnknownOperation => "unknown_operation",
            Self::Contradiction(_) => "contradiction",
            Self::LeaseLost { .. } => "lease_lost",
            Self::ChainBroken { .. } => "chain_broken",
            Self::HeadAhead { .. } => "head_ahead",
            Self::HeadDiffers { .. } => "head_differs",
            Self::Io { .. } => "ledger_io",
            Self::Rule { .. } => "ledger_rule",
            Self::Engine { .. } => "ledger_engine",
        }
    }

    /// The system's error on `file`.
    pub(crate) fn io(file: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as K;
        match error.kind() {
            // A file that may not grow is a disk without room, for all that is to be written.
            K::StorageFull | K::QuotaExceeded | K::FileTooLarge => Self::DiskFull,
            K::PermissionDenied | K::ReadOnlyFilesystem => Self::ReadOnly { file: file.to_owned() },
            K::AlreadyExists => Self::FileExists { file: file.to_owned() },
            _ => Self::Io { file: file.to_owned(), why: error.to_string() },
        }
    }

    /// SQLite's error on the ledger `file`, as one of ours.
    pub(crate) fn sqlite(file: &Path, error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        use rusqlite::ErrorCode as C;
        match error {
            E::SqliteFailure(failure, text) => {
                let why = text.unwrap_or_else(|| failure.to_string());
                // SHMSIZE: the index of the write-ahead log could not grow, which only a full disk causes.
                if failure.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE {
                    return Self::DiskFull;
                }
                match failure.code {
                    C::DatabaseBusy | C::DatabaseLocked | C::FileLockingProtocolFailed => Self::Busy,
                    C::DatabaseCorrupt | C::NotADatabase => Self::Damaged { what: Damage::Unreadable(why) },
                    C::ReadOnly | C::PermissionDenied => Self::ReadOnly { file: file.to_owned() },
                    C::DiskFull => Self::DiskFull,
                    C::SystemIoFailure | C::CannotOpen => Self::Io {
                        file: file.to_owned(),
                        why: format!("{why}, code {}", failure.extended_code),
                    },
                    C::ConstraintViolation => Self::Rule { rule: why },
                    _ => Self::Engine { code: failure.extended_code, why },
                }
            }
            E::FromSqlConversionFailure(column, _, why) => {
                Self::Damaged { what: Damage::Row { column, why: why.to_string() } }
            }
            E::Utf8Error(column, why) => Self::Damaged { what: Damage::Row { column, why: why.to_string() } },
            E::IntegralValueOutOfRange(column, value) => {
                Self::Damaged { what: Damage::Row { column, why: format!("{value} is out of range") } }
            }
            E::InvalidColumnType(column, name, kind) => {
                Self::Damaged { what: Damage::Row { column, why: format!("{name} is a {kind}") } }
            }
            other => Self::Engine { code: 0, why: other.to_string() },
        }
    }

    /// Whether it is `Busy`, so that the same call may be made again.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        matches!(self, Self::Busy)
    }
}

/// How a moment is written in file names: `20060102150405` in UTC+8.
pub(crate) fn stamp(now: Timestamp) -> String {
    now.civil().compact()
}

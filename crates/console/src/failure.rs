//! The rooms' own errors in the console's closed codes.

mod detail;

use crate::error::{Code, ConsoleError};
use crate::words::Words;
use ledger::LedgerError;
use vault::{KeychainError, VaultError};

impl From<KeychainError> for ConsoleError {
    fn from(error: KeychainError) -> Self {
        use KeychainError as K;
        match &error {
            K::NoService { .. } => Self::new(Code::KeychainMissing).saying("detail", &error),
            K::NoCollection => Self::new(Code::KeychainMissing).saying("detail", &error),
            K::Locked => Self::new(Code::KeychainLocked),
            K::Denied { .. } => Self::new(Code::KeychainDenied).saying("detail", &error),
            K::PromptNeeded { .. } => Self::new(Code::KeychainPrompt),
            K::ItemGone { item } => Self::new(Code::KeychainItemGone).with("item", item),
            K::TooLong { max } => Self::new(Code::KeychainTooLong).with("max", max),
            K::Damaged { .. } => Self::new(Code::KeychainDamaged).saying("detail", &error),
            K::Ambiguous { .. } | K::Platform { .. } => {
                Self::new(Code::KeychainFailed).saying("detail", &error)
            }
        }
    }
}

impl From<VaultError> for ConsoleError {
    fn from(error: VaultError) -> Self {
        use VaultError as V;
        match error {
            V::Keychain(error) => error.into(),
            V::KeyShape(error) => Self::new(Code::KeyMalformed).saying("detail", &error),
            V::Certificate(error) => Self::new(Code::CertificateUnusable).saying("detail", &error),
            V::NoKey { kind } => Self::new(Code::KeyMissing).with("kind", kind.as_str()),
            V::NoCertificate => Self::new(Code::CertificateMissing),
            V::Name => Self::new(Code::InvalidField).with("field", "name").saying("detail", &error),
            V::SealedDamaged | V::SealedByAnotherKey | V::ProbeMismatch => {
                Self::new(Code::KeychainDamaged).saying("detail", &error)
            }
            V::SealingKeyGone => {
                Self::new(Code::KeychainItemGone).saying("item", Words::new("item.sealing_key"))
            }
            V::Newer { ref path } | V::MetadataDamaged { ref path } => {
                Self::new(Code::FileFailed).with("path", path.display()).saying("detail", &error)
            }
            V::Storage { ref path, ref source, .. } => crate::place::failed(path, source),
            V::NotSettable => Self::new(Code::KeyMalformed).saying("detail", &error),
        }
    }
}

impl From<LedgerError> for ConsoleError {
    fn from(error: LedgerError) -> Self {
        use LedgerError as L;
        match &error {
            L::Busy | L::InUse { .. } => Self::new(Code::LedgerBusy),
            L::Damaged { what } => Self::new(Code::LedgerDamaged).saying("detail", what),
            L::ChainBroken { .. } | L::HeadAhead { .. } | L::HeadDiffers { .. } => {
                Self::new(Code::LedgerDamaged).saying("detail", &error)
            }
            L::NewerThanProgram { found, known } => {
                Self::new(Code::LedgerNewer).with("found", found).with("known", known)
            }
            L::WrongChainKey => Self::new(Code::LedgerKeyLost),
            L::WrongEnvironment { .. } | L::NotALedger { .. } => {
                Self::new(Code::LedgerWrongFile).saying("detail", &error)
            }
            L::ReadOnly { file } => Self::new(Code::LedgerReadOnly).with("path", file.display()),
            L::DiskFull => Self::new(Code::DiskFull),
            L::FileExists { file } => Self::new(Code::FileExists).with("path", file.display()),
            L::ParamsDiffer { existing } => Self::new(Code::NumberUsed).with("number", existing.number()),
            L::NumberTaken => Self::new(Code::NumberUsed).with("number", ""),
            L::AmountNotPositive => {
                Self::new(Code::InvalidAmount).with("given", "0").saying("detail", &error)
            }
            L::RefundExceeds { left } => {
                Self::new(Code::RefundTooMuch).with("left_fen", left.get()).with("left", left)
            }
            L::TooManyRefunds => Self::new(Code::TooManyRefunds),
            L::TooOldToRefund { .. } => Self::new(Code::TooOldToRefund),
            L::NotPaid { state } => Self::new(Code::NotPaid).with("state", state),
            L::UnknownOrder => Self::new(Code::UnknownPayment).with("out_trade_no", ""),
            L::LeaseLost { .. } => Self::new(Code::InProgress).with("number", ""),
            L::SqliteTooOld { .. }
            | L::BackupFailed { .. }
            | L::UnknownOperation
            | L::Contradiction(_)
            | L::Io { .. }
            | L::Rule { .. }
            | L::Engine { .. } => Self::new(Code::LedgerFailed).saying("detail", &error),
        }
    }
}

//! The rooms' own errors in the console's closed codes.

use crate::error::{Code, ConsoleError};
use ledger::LedgerError;
use vault::{KeychainError, VaultError};

impl From<KeychainError> for ConsoleError {
    fn from(error: KeychainError) -> Self {
        use KeychainError as K;
        match &error {
            K::NoService { detail } => Self::new(Code::KeychainMissing).with("detail", detail),
            K::NoCollection => Self::new(Code::KeychainMissing).with("detail", &error),
            K::Locked => Self::new(Code::KeychainLocked),
            K::Denied { detail } => Self::new(Code::KeychainDenied).with("detail", detail),
            K::PromptNeeded { .. } => Self::new(Code::KeychainPrompt),
            K::ItemGone { item } => Self::new(Code::KeychainItemGone).with("item", item),
            K::TooLong { max } => Self::new(Code::KeychainTooLong).with("max", max),
            K::Damaged { .. } => Self::new(Code::KeychainDamaged).with("detail", &error),
            K::Ambiguous { .. } | K::Platform { .. } => {
                Self::new(Code::KeychainFailed).with("detail", &error)
            }
        }
    }
}

impl From<VaultError> for ConsoleError {
    fn from(error: VaultError) -> Self {
        use VaultError as V;
        match error {
            V::Keychain(error) => error.into(),
            V::KeyShape(error) => Self::new(Code::KeyMalformed).with("detail", error),
            V::Certificate(error) => Self::new(Code::CertificateUnusable).with("detail", error),
            V::NoKey { kind } => Self::new(Code::KeyMissing).with("kind", kind.as_str()),
            V::NoCertificate => Self::new(Code::CertificateMissing),
            V::Name => Self::new(Code::InvalidField).with("field", "name").with("detail", error),
            V::SealedDamaged | V::SealedByAnotherKey | V::ProbeMismatch => {
                Self::new(Code::KeychainDamaged).with("detail", error)
            }
            V::SealingKeyGone => Self::new(Code::KeychainItemGone).with("item", "certificate"),
            V::Newer { ref path } | V::MetadataDamaged { ref path } => {
                Self::new(Code::FileFailed).with("path", path.display()).with("detail", &error)
            }
            V::Storage { ref path, ref source, .. } => crate::place::failed(path, source),
            V::NotSettable => Self::new(Code::KeyMalformed).with("detail", error),
        }
    }
}

impl From<LedgerError> for ConsoleError {
    fn from(error: LedgerError) -> Self {
        use LedgerError as L;
        match &error {
            L::Busy | L::InUse { .. } => Self::new(Code::LedgerBusy),
            L::Damaged { what } => Self::new(Code::LedgerDamaged).with("detail", what),
            L::ChainBroken { .. } | L::HeadAhead { .. } | L::HeadDiffers { .. } => {
                Self::new(Code::LedgerDamaged).with("detail", &error)
            }
            L::NewerThanProgram { found, known } => {
                Self::new(Code::LedgerNewer).with("found", found).with("known", known)
            }
            L::WrongEnvironment { .. } | L::NotALedger { .. } | L::WrongChainKey => {
                Self::new(Code::LedgerWrongFile).with("detail", &error)
            }
            L::ReadOnly { file } => Self::new(Code::LedgerReadOnly).with("path", file.display()),
            L::DiskFull => Self::new(Code::DiskFull),
            L::FileExists { file } => Self::new(Code::FileExists).with("path", file.display()),
            L::ParamsDiffer { existing } => Self::new(Code::NumberUsed).with("number", existing.number()),
            L::NumberTaken => Self::new(Code::NumberUsed).with("number", ""),
            L::AmountNotPositive => Self::new(Code::InvalidAmount).with("given", "0").with("detail", &error),
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
            | L::Engine { .. } => Self::new(Code::LedgerFailed).with("detail", &error),
        }
    }
}

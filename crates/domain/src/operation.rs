use std::fmt;
use std::str::FromStr;

/// What was asked of the gateway. Only what can make an order or move money is an operation; queries are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationKind {
    /// Make an order.
    UnifiedOrder,
    /// Take money by the payer's code.
    Micropay,
    /// Close an unpaid order.
    CloseOrder,
    /// Undo a scanned payment.
    Reverse,
    /// Send money back.
    Refund,
}

impl OperationKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::UnifiedOrder, Self::Micropay, Self::CloseOrder, Self::Reverse, Self::Refund];

    /// The word for it in files and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnifiedOrder => "unified_order",
            Self::Micropay => "micropay",
            Self::CloseOrder => "close_order",
            Self::Reverse => "reverse",
            Self::Refund => "refund",
        }
    }
}

/// How far an operation has come. It is written down as [`Intended`](Self::Intended) before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationState {
    /// Written down; it may or may not have been sent.
    Intended,
    /// Certain never to have left this computer. The same number may be sent again.
    NotSent,
    /// It may have happened. Only a query tells.
    Unknown,
    /// WeChat Pay refused it: it did not happen.
    Rejected,
    /// WeChat Pay did it.
    Confirmed,
}

/// What came of sending an operation, or of asking about it afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationOutcome {
    /// Certain never to have left.
    NotSent,
    /// Timeout, reset, 5xx, unparsable or unsigned reply, a system error: anything that leaves it open.
    Unknown,
    /// A checked reply says no.
    Rejected,
    /// A checked reply says yes.
    Confirmed,
}

/// An outcome that contradicts what is already certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an operation that is {from} cannot become {outcome:?}")]
pub struct SettleError {
    /// The state it is in.
    pub from: OperationState,
    /// The outcome that does not fit.
    pub outcome: OperationOutcome,
}

impl OperationState {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Intended, Self::NotSent, Self::Unknown, Self::Rejected, Self::Confirmed];

    /// The word for it in files and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::NotSent => "not_sent",
            Self::Unknown => "unknown",
            Self::Rejected => "rejected",
            Self::Confirmed => "confirmed",
        }
    }

    /// Whether somebody still has to find out what became of it.
    #[must_use]
    pub const fn is_unresolved(self) -> bool {
        matches!(self, Self::Intended | Self::Unknown)
    }

    /// The state after `outcome`.
    ///
    /// "Never sent" is believed only of an operation that is still intended: once one attempt may have
    /// arrived, a later attempt that did not leave proves nothing. What is certain stays.
    ///
    /// # Errors
    /// [`SettleError`] where a certain answer would be replaced by another one.
    pub fn settle(self, outcome: OperationOutcome) -> Result<Self, SettleError> {
        use OperationOutcome as O;
        match (self, outcome) {
            (Self::Intended | Self::NotSent, O::NotSent) => Ok(Self::NotSent),
            (Self::Unknown, O::NotSent) => Ok(Self::Unknown),
            (Self::Intended | Self::NotSent | Self::Unknown, O::Unknown) => Ok(Self::Unknown),
            (Self::Intended | Self::NotSent | Self::Unknown | Self::Rejected, O::Rejected) => {
                Ok(Self::Rejected)
            }
            (Self::Intended | Self::NotSent | Self::Unknown | Self::Confirmed, O::Confirmed) => {
                Ok(Self::Confirmed)
            }
            (Self::Confirmed, O::NotSent | O::Unknown) => Ok(Self::Confirmed),
            (Self::Rejected, O::NotSent | O::Unknown) => Ok(Self::Rejected),
            (from @ Self::Rejected, O::Confirmed) | (from @ Self::Confirmed, O::Rejected) => {
                Err(SettleError { from, outcome })
            }
        }
    }
}

macro_rules! words {
    ($name:ident, $kind:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl FromStr for $name {
            type Err = crate::IdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .into_iter()
                    .find(|value| value.as_str() == text)
                    .ok_or(crate::IdError::Shape { kind: $kind, expected: "is none that this version knows" })
            }
        }
    };
}
words!(OperationKind, "operation kind");
words!(OperationState, "operation state");

#[cfg(test)]
mod tests {
    use super::OperationOutcome as O;
    use super::OperationState as S;
    use super::*;

    #[test]
    fn settling() {
        for (from, outcome, to) in [
            (S::Intended, O::NotSent, Some(S::NotSent)),
            (S::Intended, O::Unknown, Some(S::Unknown)),
            (S::Intended, O::Rejected, Some(S::Rejected)),
            (S::Intended, O::Confirmed, Some(S::Confirmed)),
            (S::NotSent, O::Unknown, Some(S::Unknown)),
            (S::NotSent, O::Confirmed, Some(S::Confirmed)),
            (S::Unknown, O::NotSent, Some(S::Unknown)),
            (S::Unknown, O::Confirmed, Some(S::Confirmed)),
            (S::Unknown, O::Rejected, Some(S::Rejected)),
            (S::Confirmed, O::Unknown, Some(S::Confirmed)),
            (S::Confirmed, O::NotSent, Some(S::Confirmed)),
            (S::Confirmed, O::Rejected, None),
            (S::Rejected, O::Confirmed, None),
            (S::Rejected, O::Unknown, Some(S::Rejected)),
        ] {
            assert_eq!(from.settle(outcome).ok(), to, "{from} {outcome:?}");
        }
    }

    #[test]
    fn words_are_read_back() {
        for state in OperationState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        for kind in OperationKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
    }
}

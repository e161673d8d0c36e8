use crate::Joined;
use std::fmt;
use std::str::FromStr;

/// Where a refund stands. As with [`OrderState`](crate::OrderState), it only ever moves up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefundState {
    /// Accepted by WeChat Pay; the money is on its way (minutes to balance, about three working days to cards).
    Processing,
    /// The payer's card or account cannot take it; the money is back with the merchant and somebody must act.
    Abnormal,
    /// Closed: nothing was sent back.
    Closed,
    /// The payer has the money.
    Success,
}

impl RefundState {
    /// Every state, lowest first.
    pub const ALL: [Self; 4] = [Self::Processing, Self::Abnormal, Self::Closed, Self::Success];

    /// The word for it in files and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::Abnormal => "abnormal",
            Self::Closed => "closed",
            Self::Success => "success",
        }
    }

    /// The state after `observed` was seen: the higher of the two. Closed and success cannot both be true.
    #[must_use]
    pub fn join(self, observed: Self) -> Joined<Self> {
        let state = self.max(observed);
        let conflict = self.min(observed) == Self::Closed && state == Self::Success;
        Joined { state, changed: state != self, conflict }
    }

    /// Whether this refund takes from what can still be refunded: it has, or it may yet.
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Closed)
    }

    /// Whether nothing more is expected to happen by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Processing)
    }
}

impl fmt::Display for RefundState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for RefundState {
    type Err = crate::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(crate::IdError::Shape {
            kind: "refund state",
            expected: "is none that this version knows",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_never_goes_back_and_order_does_not_matter() {
        for a in RefundState::ALL {
            assert_eq!(a.as_str().parse(), Ok(a));
            for b in RefundState::ALL {
                assert!(a.join(b).state >= a);
                assert_eq!(a.join(b).state, b.join(a).state);
                assert_eq!(a.join(b).conflict, b.join(a).conflict);
            }
        }
        assert!(RefundState::Closed.join(RefundState::Success).conflict);
        assert!(!RefundState::Abnormal.join(RefundState::Success).conflict);
    }
}

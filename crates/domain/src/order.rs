use crate::Joined;
use std::fmt;
use std::str::FromStr;

/// How a payment is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TradeType {
    /// Inside WeChat: an official account's page or a mini program.
    Jsapi,
    /// The payer scans a QR code.
    Native,
    /// A mobile app calls WeChat.
    App,
    /// A mobile browser calls WeChat.
    H5,
    /// The cashier scans the payer's code.
    Micropay,
}

impl TradeType {
    /// Every trade type.
    pub const ALL: [Self; 5] = [Self::Jsapi, Self::Native, Self::App, Self::H5, Self::Micropay];

    /// The word for it in files and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jsapi => "jsapi",
            Self::Native => "native",
            Self::App => "app",
            Self::H5 => "h5",
            Self::Micropay => "micropay",
        }
    }
}

impl fmt::Display for TradeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for TradeType {
    type Err = crate::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(crate::IdError::Shape {
            kind: "trade type",
            expected: "is jsapi, native, app, h5 or micropay",
        })
    }
}

/// Where a payment stands.
///
/// The states are in order of what they say about the money, and a payment only ever moves up:
/// [`join`](Self::join) keeps the higher of two observations. So notices, queries and bills may come in any
/// order, twice or late, and the result is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderState {
    /// Made, not paid.
    Unpaid,
    /// Taken, the deduction is to come.
    Accepted,
    /// The payer is entering a password.
    UserPaying,
    /// This attempt to pay failed. Another may follow.
    PayError,
    /// Closed by the merchant or by time. Can no longer be paid.
    Closed,
    /// Paid.
    Paid,
    /// Paid, and at least part of it has been sent back.
    Refunded,
    /// A scanned payment that was reversed: whatever had been paid went back.
    Revoked,
}

impl OrderState {
    /// Every state, lowest first.
    pub const ALL: [Self; 8] = [
        Self::Unpaid,
        Self::Accepted,
        Self::UserPaying,
        Self::PayError,
        Self::Closed,
        Self::Paid,
        Self::Refunded,
        Self::Revoked,
    ];

    /// The word for it in files and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Accepted => "accepted",
            Self::UserPaying => "user_paying",
            Self::PayError => "pay_error",
            Self::Closed => "closed",
            Self::Paid => "paid",
            Self::Refunded => "refunded",
            Self::Revoked => "revoked",
        }
    }

    /// The state after `observed` was seen: the higher of the two.
    ///
    /// Closed and paid cannot both be true of one payment. If both are seen the money wins (it must not be
    /// hidden) and `conflict` is set.
    #[must_use]
    pub fn join(self, observed: Self) -> Joined<Self> {
        let state = self.max(observed);
        let conflict = self.min(observed) == Self::Closed && state > Self::Closed;
        Joined { state, changed: state != self, conflict }
    }

    /// Whether money came in at some time, even if it went back since.
    #[must_use]
    pub const fn was_paid(self) -> bool {
        matches!(self, Self::Paid | Self::Refunded)
    }

    /// Whether the payer can still pay it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Unpaid | Self::Accepted | Self::UserPaying | Self::PayError)
    }
}

impl fmt::Display for OrderState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for OrderState {
    type Err = crate::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(crate::IdError::Shape { kind: "order state", expected: "is none that this version knows" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OrderState::*;

    #[test]
    fn a_state_never_goes_back_and_order_does_not_matter() {
        for a in OrderState::ALL {
            assert_eq!(a.join(a), Joined { state: a, changed: false, conflict: false });
            for b in OrderState::ALL {
                assert!(a.join(b).state >= a);
                assert_eq!(a.join(b).state, b.join(a).state);
                assert_eq!(a.join(b).conflict, b.join(a).conflict);
                for c in OrderState::ALL {
                    assert_eq!(a.join(b).state.join(c).state, a.join(b.join(c).state).state);
                }
            }
        }
    }

    #[test]
    fn what_may_and_may_not_be_true_together() {
        for (before, observed, state, conflict) in [
            (Unpaid, Paid, Paid, false),
            (UserPaying, Unpaid, UserPaying, false),
            (PayError, Paid, Paid, false),
            (Unpaid, Closed, Closed, false),
            (Closed, Paid, Paid, true),
            (Paid, Closed, Paid, true),
            (Paid, Refunded, Refunded, false),
            (Refunded, Paid, Refunded, false),
            (Paid, Unpaid, Paid, false),
            (Paid, Revoked, Revoked, false),
            (Closed, Revoked, Revoked, true),
        ] {
            let joined = before.join(observed);
            assert_eq!((joined.state, joined.conflict), (state, conflict), "{before} then {observed}");
        }
    }

    #[test]
    fn words_are_read_back() {
        for state in OrderState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        for kind in TradeType::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
    }
}

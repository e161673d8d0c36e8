//! What told us about a payment, kept apart by who told it.
//!
//! A payment carries up to three evidences: a verified notice (WeChat Pay told us), a confirmed query (we
//! asked), a bill line (it was billed). They are never averaged: [`disagreements`] lists every way in which
//! they differ from each other and from what was asked for.

use crate::{Fen, OrderState, Timestamp, TransactionId};
use std::fmt;
use std::str::FromStr;

/// Who told us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A notice whose signature was verified.
    Notice,
    /// A query, or the reply to the payment itself, whose signature was verified.
    Query,
    /// A line of the day's bill.
    Bill,
}

impl Source {
    /// All three, in the order they are shown.
    pub const ALL: [Self; 3] = [Self::Notice, Self::Query, Self::Bill];

    /// The word for it in files and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Query => "query",
            Self::Bill => "bill",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Source {
    type Err = crate::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|source| source.as_str() == text)
            .ok_or(crate::IdError::Shape { kind: "evidence", expected: "is notice, query or bill" })
    }
}

/// What one source says of a payment. A field is `None` where that source does not carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Who says it.
    pub source: Source,
    /// When Paydesk learned it.
    pub seen_at: Timestamp,
    /// Where the payment stands.
    pub state: OrderState,
    /// The order's amount.
    pub total: Option<Fen>,
    /// Its currency, ISO 4217.
    pub currency: Option<String>,
    /// WeChat Pay's number of the payment.
    pub transaction_id: Option<TransactionId>,
}

/// What the order was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The order's amount.
    pub total: Fen,
    /// Its currency, ISO 4217.
    pub currency: String,
}

impl Asked {
    /// Whether whoever says this speaks of other money than was asked for. Then nothing else that it says is
    /// believed of this order either. What is not said contradicts nothing.
    #[must_use]
    pub fn is_contradicted(&self, total: Option<Fen>, currency: Option<&str>) -> bool {
        total.is_some_and(|total| total != self.total)
            || currency.is_some_and(|currency| currency != self.currency)
    }
}

/// One way in which what we know does not fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disagreement {
    /// `source` gives another amount than was asked for.
    Total {
        /// Who says it.
        source: Source,
        /// What the order was made for.
        asked: Fen,
        /// What the source says.
        said: Fen,
    },
    /// `source` gives another currency than was asked for.
    Currency {
        /// Who says it.
        source: Source,
        /// What the order was made in.
        asked: String,
        /// What the source says.
        said: String,
    },
    /// Two sources give different WeChat Pay numbers.
    TransactionId {
        /// The first source and its number.
        one: (Source, TransactionId),
        /// The second source and its number.
        other: (Source, TransactionId),
    },
    /// Two sources cannot both be right about the state, such as closed and paid.
    State {
        /// The first source and its state.
        one: (Source, OrderState),
        /// The second source and its state.
        other: (Source, OrderState),
    },
}

impl Disagreement {
    /// A stable word for it: `total`, `currency`, `transaction_id` or `state`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Total { .. } => "total",
            Self::Currency { .. } => "currency",
            Self::TransactionId { .. } => "transaction_id",
            Self::State { .. } => "state",
        }
    }
}

/// Every way in which `evidences` differ from `asked` and from each other.
///
/// An older evidence that says less (unpaid before paid) does not disagree; only what cannot be true together
/// does. The order of the evidences does not change what is found.
#[must_use]
pub fn disagreements(asked: &Asked, evidences: &[Evidence]) -> Vec<Disagreement> {
    let mut found = Vec::new();
    let mut evidences: Vec<&Evidence> = evidences.iter().collect();
    evidences.sort_by_key(|evidence| (evidence.source, evidence.seen_at, evidence.state));
    for evidence in &evidences {
        let source = evidence.source;
        if let Some(said) = evidence.total.filter(|said| *said != asked.total) {
            found.push(Disagreement::Total { source, asked: asked.total, said });
        }
        if let Some(said) = evidence.currency.as_ref().filter(|said| **said != asked.currency) {
            found.push(Disagreement::Currency { source, asked: asked.currency.clone(), said: said.clone() });
        }
    }
    for (index, one) in evidences.iter().enumerate() {
        for other in &evidences[index + 1..] {
            if let (Some(a), Some(b)) = (&one.transaction_id, &other.transaction_id)
                && a != b
            {
                found.push(Disagreement::TransactionId {
                    one: (one.source, a.clone()),
                    other: (other.source, b.clone()),
                });
            }
            if one.state.join(other.state).conflict {
                found.push(Disagreement::State {
                    one: (one.source, one.state),
                    other: (other.source, other.state),
                });
            }
        }
    }
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(source: Source, state: OrderState, total: i64) -> Evidence {
        Evidence {
            source,
            seen_at: Timestamp::from_secs(1),
            state,
            total: Some(Fen::new(total)),
            currency: Some("CNY".into()),
            transaction_id: TransactionId::parse("4200000000000000000000000001").ok(),
        }
    }

    fn codes(evidences: &[Evidence]) -> Vec<&'static str> {
        let asked = Asked { total: Fen::new(100), currency: "CNY".into() };
        disagreements(&asked, evidences).iter().map(Disagreement::code).collect()
    }

    #[test]
    fn other_money_contradicts_and_silence_does_not() {
        let asked = Asked { total: Fen::new(100), currency: "CNY".into() };
        let cases = [
            (None, None, false),
            (Some(100), Some("CNY"), false),
            (Some(1), None, true),
            (None, Some("USD"), true),
            (Some(100), Some("USD"), true),
            (Some(101), Some("CNY"), true),
        ];
        for (total, currency, contradicted) in cases {
            assert_eq!(asked.is_contradicted(total.map(Fen::new), currency), contradicted);
        }
    }

    #[test]
    fn what_disagrees_and_what_does_not() {
        use OrderState::*;
        use Source::*;
        assert!(codes(&[]).is_empty());
        assert!(codes(&[evidence(Query, Unpaid, 100), evidence(Notice, Paid, 100)]).is_empty());
        assert!(codes(&[evidence(Notice, Paid, 100), evidence(Query, Refunded, 100)]).is_empty());
        assert_eq!(codes(&[evidence(Notice, Paid, 1)]), ["total"]);
        assert_eq!(codes(&[evidence(Notice, Paid, 100), evidence(Query, Closed, 100)]), ["state"]);
        let mut other = evidence(Bill, Paid, 100);
        other.currency = Some("USD".into());
        other.transaction_id = TransactionId::parse("4200000000000000000000000002").ok();
        assert_eq!(codes(&[evidence(Notice, Paid, 100), other.clone()]), ["currency", "transaction_id"]);
        assert_eq!(codes(&[other, evidence(Notice, Paid, 100)]), ["currency", "transaction_id"]);
    }
}

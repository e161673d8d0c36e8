//! How a payment stands, in the few words that a row of a long list shows.

use crate::{Payment, PaymentEvidence};
use domain::evidence::Source;
use domain::{IdError, OperationState, OrderState, Timestamp, TradeType};
use std::fmt;
use std::str::FromStr;

/// How long a paid order may go untold before that is a disagreement.
pub(crate) const NOTICE_MS: i64 = 600_000;

/// Where a payment stands, with what its making came to where WeChat Pay has not said that it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stands {
    /// As WeChat Pay has it.
    Is(OrderState),
    /// It was asked for, and nobody knows yet whether it was made.
    Unknown,
    /// WeChat Pay refused to make it.
    Rejected,
    /// It never left this computer.
    NotSent,
}

impl Stands {
    /// Every one.
    pub const ALL: [Self; 11] = [
        Self::Is(OrderState::Unpaid),
        Self::Is(OrderState::Accepted),
        Self::Is(OrderState::UserPaying),
        Self::Is(OrderState::PayError),
        Self::Is(OrderState::Closed),
        Self::Is(OrderState::Paid),
        Self::Is(OrderState::Refunded),
        Self::Is(OrderState::Revoked),
        Self::Unknown,
        Self::Rejected,
        Self::NotSent,
    ];

    /// The word for it, the [`OrderState`]'s own where it is one.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Is(state) => state.as_str(),
            Self::Unknown => "unknown",
            Self::Rejected => "rejected",
            Self::NotSent => "not_sent",
        }
    }

    /// What an order in this state, made by an operation that came so far, and spoken of by nobody or by somebody
    /// (`told_of`), comes to.
    pub(crate) const fn of(state: OrderState, asked: Option<OperationState>, told_of: bool) -> Self {
        match (state, asked, told_of) {
            (OrderState::Unpaid, Some(OperationState::Rejected), false) => Self::Rejected,
            (OrderState::Unpaid, Some(OperationState::NotSent), false) => Self::NotSent,
            (OrderState::Unpaid, Some(OperationState::Intended | OperationState::Unknown), false) => {
                Self::Unknown
            }
            (state, ..) => Self::Is(state),
        }
    }

    /// Whether money came in at some time, even if it went back since.
    #[must_use]
    pub const fn was_paid(self) -> bool {
        matches!(self, Self::Is(state) if state.was_paid())
    }
}

impl fmt::Display for Stands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Stands {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::ALL
            .into_iter()
            .find(|stands| stands.as_str() == text)
            .ok_or(IdError::Shape { kind: "state", expected: "is none that this version knows" })
    }
}

/// Whether one of the three evidences is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// There.
    Yes,
    /// Not there yet.
    Due,
    /// There or missing, and it does not fit.
    Differs,
    /// It does not apply.
    None,
}

/// Which evidences there are and which there should be; what of a payment does not change with the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) stands: Stands,
    /// By source, in the order of [`Source::ALL`].
    pub(crate) there: [bool; 3],
    pub(crate) applies: [bool; 3],
}

impl Proof {
    /// `counting`: the sources whose evidence proves something, by [`counts`]; `told_of`: whether there is any
    /// evidence at all.
    pub(crate) fn of(
        state: OrderState,
        asked: Option<OperationState>,
        told_of: bool,
        counting: [bool; 3],
        trade_type: Option<TradeType>,
    ) -> Self {
        let stands = Stands::of(state, asked, told_of);
        let order = matches!(stands, Stands::Is(_));
        let [notice, query, bill] = counting;
        // A scanned payment is answered at once, and what nobody asked for here may be told elsewhere.
        let notified = order
            && (state.is_open() || state.was_paid())
            && trade_type.is_some_and(|kind| kind != TradeType::Micropay);
        let asked = order || stands == Stands::Unknown;
        let applies = [notice || notified, query || asked, bill || state.was_paid()];
        Self { stands, there: counting, applies }
    }

    /// Whether a paid order should have been told of by now, if it is not.
    pub(crate) fn awaits_notice(&self) -> bool {
        self.stands.was_paid() && self.applies[0] && !self.there[0]
    }
}

/// Whether an evidence of this state says anything of an order that stands at `state`. The reply that made the
/// order says "unpaid", and proves nothing but that.
pub(crate) fn counts(evidence: OrderState, state: OrderState) -> bool {
    !evidence.is_open() || (state.is_open() && evidence != OrderState::Unpaid)
}

/// How a payment stands at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands.
    pub stands: Stands,
    /// A verified notice.
    pub told: Mark,
    /// A confirmed query.
    pub asked: Mark,
    /// A line of a bill.
    pub billed: Mark,
    /// What does not fit together: `total`, `currency`, `transaction_id`, `state` as in
    /// [`Payment::disagreements`], and `not_told` for a payment of more than ten minutes ago of which no notice
    /// has told though one was due, and notices of this merchant do come here.
    pub disagreements: Vec<String>,
}

impl Standing {
    /// How `row` with these evidences stands. Of notices that have not come, those that were due before `late_as_of`
    /// are late ([`Ledger::late_as_of`](crate::Ledger::late_as_of)).
    #[must_use]
    pub fn of(row: &Payment, evidences: &[PaymentEvidence], late_as_of: Timestamp) -> Self {
        let said = |source: Source| evidences.iter().find(|evidence| evidence.source == source);
        let counting =
            Source::ALL.map(|source| said(source).is_some_and(|evidence| counts(evidence.state, row.state)));
        let proof = Proof::of(row.state, row.asked, !evidences.is_empty(), counting, row.trade_type);
        let mut disagreements = row.disagreements.clone();
        let late = proof.awaits_notice() && notice_due(row.time_end, row.created) < late_as_of.millis();
        if late {
            disagreements.push("not_told".to_owned());
        }
        let differs = differing(row, evidences);
        let mark = |at: usize| match (proof.there[at], proof.applies[at]) {
            (true, _) if differs[at] => Mark::Differs,
            (true, _) => Mark::Yes,
            (false, true) if at == 0 && late => Mark::Differs,
            (false, true) => Mark::Due,
            (false, false) => Mark::None,
        };
        Self { stands: proof.stands, told: mark(0), asked: mark(1), billed: mark(2), disagreements }
    }
}

/// The last moment at which a missing notice is nothing to speak of.
pub(crate) fn notice_due(time_end: Option<domain::CivilTime>, created: Timestamp) -> i64 {
    let paid = time_end.map_or(created, domain::CivilTime::timestamp);
    paid.millis().saturating_add(NOTICE_MS)
}

/// Which of the three says something that does not fit what was asked for or what another says.
fn differing(row: &Payment, evidences: &[PaymentEvidence]) -> [bool; 3] {
    use domain::evidence::{Asked, Disagreement as D, disagreements};
    let mut differs = [false; 3];
    // Whatever differs now once came to be noted there.
    if row.disagreements.is_empty() {
        return differs;
    }
    let told: Vec<_> = evidences.iter().map(PaymentEvidence::evidence).collect();
    let asked = Asked {
        total: row.total.unwrap_or(domain::Fen::ZERO),
        currency: row.currency.clone().unwrap_or_else(|| "CNY".into()),
    };
    for found in disagreements(&asked, &told) {
        let (one, other) = match found {
            D::Total { source, .. } | D::Currency { source, .. } => (source, source),
            D::TransactionId { one, other } => (one.0, other.0),
            D::State { one, other } => (one.0, other.0),
        };
        for source in [one, other] {
            differs[source as usize] = true;
        }
    }
    differs
}

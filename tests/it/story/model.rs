//! The reference: what is true of each order, told from the gateway's effects and from what the shop asked for.
//!
//! It knows nothing of the product, its states or its tables. A hundred lines that are plainly right stand
//! against the many that are to be tested.

use simulator::{Effect, EffectKind};
use std::collections::BTreeMap;

/// What is true of one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deal {
    /// What the shop asked for, in fen.
    pub(super) asked: i64,
    /// It was asked for by the payer's code.
    pub(super) scanned: bool,
    /// It exists.
    pub(super) made: bool,
    /// The payer paid it.
    pub(super) paid: bool,
    /// The merchant closed it.
    pub(super) closed: bool,
    /// Its time ran out.
    pub(super) expired: bool,
    /// It was reversed.
    pub(super) revoked: bool,
    /// What the shop wanted to send back, by number.
    pub(super) backs: BTreeMap<String, Back>,
}

/// What is true of one refund.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Back {
    /// What the shop asked for, in fen.
    pub(super) asked: i64,
    /// The gateway took it.
    pub(super) accepted: bool,
    /// How it ended.
    pub(super) end: Option<End>,
}

/// How a refund ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The payer has the money.
    Done,
    /// The card cannot take it.
    Abnormal,
    /// Closed: nothing went back.
    Closed,
}

impl Deal {
    /// What went back or is on its way, in fen.
    #[must_use]
    pub(super) fn back(&self) -> i64 {
        self.backs
            .values()
            .filter(|back| back.accepted && back.end != Some(End::Closed))
            .map(|b| b.asked)
            .sum()
    }

    /// What the payer has got back, in fen.
    #[must_use]
    pub(super) fn done(&self) -> i64 {
        self.backs.values().filter(|back| back.end == Some(End::Done)).map(|back| back.asked).sum()
    }

    /// What may still go back, in fen.
    #[must_use]
    pub(super) fn left(&self) -> i64 {
        if self.paid && !self.revoked { self.asked - self.back() } else { 0 }
    }

    /// The state that everybody must agree on in the end, as the words of the field.
    #[must_use]
    pub(super) fn state(&self) -> &'static [&'static str] {
        if self.revoked {
            &["revoked"]
        } else if self.backs.values().any(|back| back.accepted) {
            &["refunded"]
        } else if self.paid {
            &["paid"]
        } else if self.closed || self.expired {
            &["closed"]
        } else if self.made {
            &["unpaid", "user_paying", "pay_error"]
        } else if self.scanned {
            // What never was is reversed as soon as somebody asks for that.
            &["unpaid", "revoked"]
        } else {
            &["unpaid"]
        }
    }
}

/// Everything that is true.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    /// The orders by number.
    pub(super) deals: BTreeMap<String, Deal>,
    /// Which order a refund belongs to.
    pub(super) order_of: BTreeMap<String, String>,
    /// How a failed refund failed: what the bank was told to say.
    pub(super) sentence: BTreeMap<String, End>,
    /// How many effects it has seen.
    pub(super) seen: usize,
}

impl Model {
    /// The shop wants money.
    pub(super) fn asks(&mut self, number: &str, fen: i64, scanned: bool) {
        let deal = self.deals.entry(number.to_owned()).or_default();
        (deal.asked, deal.scanned) = (fen, scanned);
    }

    /// The shop wants to send money back.
    pub(super) fn asks_back(&mut self, order: &str, number: &str, fen: i64) {
        self.order_of.insert(number.to_owned(), order.to_owned());
        let deal = self.deals.entry(order.to_owned()).or_default();
        deal.backs.insert(number.to_owned(), Back { asked: fen, ..Back::default() });
    }

    /// The gateway did something.
    ///
    /// # Errors
    /// What must never happen, whatever the ledger says: twice, without being asked, with another amount.
    pub(super) fn saw(&mut self, effect: &Effect) -> Result<(), String> {
        let number = effect.number.as_str();
        let fen = effect.amount_fen;
        let rule =
            |ok: bool, what: &str| if ok { Ok(()) } else { Err(format!("{what}: {number}, {fen} fen")) };
        if let EffectKind::RefundAccepted | EffectKind::RefundDone | EffectKind::RefundFailed = effect.kind {
            let order = self.order_of.get(number).ok_or(format!("nobody asked for refund {number}"))?;
            let deal = self.deals.get_mut(order).ok_or(format!("no order {order}"))?;
            let left = deal.left();
            let back = deal.backs.get_mut(number).ok_or(format!("refund {number} of another order"))?;
            match effect.kind {
                EffectKind::RefundAccepted => {
                    rule(!back.accepted, "a number was refunded twice")?;
                    rule(back.asked == fen, "another amount was refunded than asked for")?;
                    rule(fen <= left, "more was refunded than was left")?;
                    back.accepted = true;
                }
                EffectKind::RefundDone => back.end = Some(End::Done),
                _ => back.end = Some(self.sentence.get(number).copied().unwrap_or(End::Abnormal)),
            }
            return Ok(());
        }
        let deal = self.deals.get_mut(number).ok_or(format!("nobody asked for order {number}"))?;
        match effect.kind {
            EffectKind::OrderMade => {
                rule(!deal.made, "an order was made twice")?;
                rule(deal.asked == fen, "an order was made for another amount than asked for")?;
                deal.made = true;
            }
            EffectKind::Paid => {
                rule(!deal.paid, "an order was paid twice")?;
                deal.paid = true;
            }
            EffectKind::Closed => deal.closed = true,
            EffectKind::Expired => deal.expired = true,
            _ => deal.revoked = true,
        }
        Ok(())
    }
}

//! Compares a ledger with what happened at the gateway. The gateway's list of effects is the truth.

use domain::{OperationKind, OperationState};
use ledger::{Finding, Ledger, LedgerError, Operation, Payment, PaymentFilter, Refund};
use simulator::{Effect, EffectKind, Totals};
use std::collections::{HashMap, HashSet};

/// The journal key of every simulated ledger. The console publishes it; here it opens the file past the console.
pub const SIMULATED_CHAIN_KEY: [u8; 32] = *b"SIMULATED journal key, published";

/// One way in which a ledger and its gateway do not fit together. None of them may ever happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// It happened, and the ledger has never heard of it.
    EffectWithoutOperation {
        /// What happened.
        kind: EffectKind,
        /// Its number.
        number: String,
    },
    /// One number had two effects.
    EffectTwice {
        /// What happened.
        kind: EffectKind,
        /// The number.
        number: String,
    },
    /// It happened with another amount than was written down.
    AmountDiffers {
        /// Its number.
        number: String,
        /// What the ledger says.
        ledger_fen: i64,
        /// What the gateway did.
        gateway_fen: i64,
    },
    /// The ledger says that it happened, and it did not.
    ConfirmedWithoutEffect {
        /// What was asked.
        kind: OperationKind,
        /// Its number.
        number: String,
    },
    /// The ledger says that it did not happen, and it did.
    DeniedWithEffect {
        /// What was asked.
        kind: OperationKind,
        /// Its number.
        number: String,
    },
    /// Nobody knows what became of it.
    Unresolved {
        /// What was asked.
        kind: OperationKind,
        /// Its number.
        number: String,
    },
    /// More went back than came in.
    OverRefunded {
        /// The order.
        out_trade_no: String,
        /// What was paid.
        paid_fen: i64,
        /// What went back.
        refunded_fen: i64,
    },
    /// A sum differs.
    Totals {
        /// Which.
        what: &'static str,
        /// What the ledger says.
        ledger: i64,
        /// What the gateway says.
        gateway: i64,
    },
    /// The ledger's own check found something: structure, journal chain, seals, sums.
    Damaged {
        /// What.
        finding: Finding,
    },
}

/// Everything in a ledger that can be compared.
#[derive(Debug, Default)]
pub struct Books {
    /// Every operation, order by order.
    pub operations: Vec<Operation>,
    /// Every payment.
    pub payments: Vec<Payment>,
    /// Every refund.
    pub refunds: Vec<Refund>,
    /// What the full check found.
    pub findings: Vec<Finding>,
}

impl Books {
    /// Reads all of it, and runs the ledger's full check against the head that was kept outside.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn read(ledger: &Ledger, anchored: Option<ledger::Head>) -> Result<Self, LedgerError> {
        let mut books = Self { findings: ledger.check_full(anchored)?.findings, ..Self::default() };
        ledger.for_each_payment(&PaymentFilter::default(), |payment| {
            books.payments.push(payment);
            true
        })?;
        for payment in &books.payments {
            books.operations.extend(ledger.operations_of(&payment.merchant, &payment.out_trade_no)?);
            books.refunds.extend(ledger.refunds_of(&payment.merchant, &payment.out_trade_no)?);
        }
        Ok(books)
    }

    fn sums(&self) -> [(&'static str, i64); 5] {
        let paid = || self.payments.iter().filter(|row| row.state.was_paid());
        let back = || self.refunds.iter().filter(|row| row.state.counts());
        // Orders that WeChat Pay refused are in the ledger too.
        let made = || {
            self.operations.iter().filter(|row| {
                effect_of(row.kind) == EffectKind::OrderMade && row.state == OperationState::Confirmed
            })
        };
        let fen = |amount: Option<domain::Fen>| amount.map_or(0, domain::Fen::get);
        [
            ("orders", count(made())),
            ("payments", count(paid())),
            ("paid_fen", paid().map(|row| fen(row.total)).sum()),
            ("refunds", count(back())),
            ("refunded_fen", back().map(|row| row.amount.get()).sum()),
        ]
    }
}

fn count<T>(of: impl Iterator<Item = T>) -> i64 {
    i64::try_from(of.count()).unwrap_or(i64::MAX)
}

/// The effect that an operation has, if it has one of its own.
const fn effect_of(kind: OperationKind) -> EffectKind {
    match kind {
        OperationKind::UnifiedOrder | OperationKind::Micropay => EffectKind::OrderMade,
        OperationKind::CloseOrder => EffectKind::Closed,
        OperationKind::Reverse => EffectKind::Revoked,
        OperationKind::Refund => EffectKind::RefundAccepted,
    }
}

/// Every way in which the two do not fit together, after everything was resolved. Empty is right.
#[must_use]
pub fn compare(books: &Books, effects: &[Effect], totals: Totals) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut operations = HashMap::new();
    for row in &books.operations {
        operations.insert((effect_of(row.kind), row.number()), row);
    }
    let mut seen = HashSet::new();
    let (mut paid, mut back) = (HashMap::new(), HashMap::<&str, i64>::new());
    for effect in effects {
        let key = (effect.kind, effect.number.as_str());
        let number = effect.number.clone();
        match effect.kind {
            EffectKind::OrderMade | EffectKind::RefundAccepted | EffectKind::Closed | EffectKind::Revoked => {
                if !seen.insert(key) {
                    found.push(Violation::EffectTwice { kind: effect.kind, number });
                    continue;
                }
                let Some(row) = operations.get(&key) else {
                    found.push(Violation::EffectWithoutOperation { kind: effect.kind, number });
                    continue;
                };
                let (ledger_fen, gateway_fen) = (row.amount.get(), effect.amount_fen);
                let of_money = matches!(effect.kind, EffectKind::OrderMade | EffectKind::RefundAccepted);
                if of_money && ledger_fen != gateway_fen {
                    found.push(Violation::AmountDiffers { number, ledger_fen, gateway_fen });
                }
                if effect.kind == EffectKind::RefundAccepted {
                    *back.entry(row.out_trade_no.as_str()).or_default() += gateway_fen;
                }
            }
            EffectKind::Paid => {
                if paid.insert(effect.number.as_str(), effect.amount_fen).is_some() {
                    found.push(Violation::EffectTwice { kind: effect.kind, number });
                }
            }
            EffectKind::Expired | EffectKind::RefundDone | EffectKind::RefundFailed => {}
        }
    }
    for row in &books.operations {
        let (kind, number) = (row.kind, row.number().to_owned());
        let happened = seen.contains(&(effect_of(kind), row.number()));
        match row.state {
            OperationState::Intended | OperationState::Unknown => {
                found.push(Violation::Unresolved { kind, number });
            }
            OperationState::Confirmed if !happened => {
                found.push(Violation::ConfirmedWithoutEffect { kind, number });
            }
            OperationState::Rejected | OperationState::NotSent if happened => {
                found.push(Violation::DeniedWithEffect { kind, number });
            }
            _ => {}
        }
    }
    for (out_trade_no, refunded_fen) in back {
        let paid_fen = paid.get(out_trade_no).copied().unwrap_or(0);
        if refunded_fen > paid_fen {
            let out_trade_no = out_trade_no.to_owned();
            found.push(Violation::OverRefunded { out_trade_no, paid_fen, refunded_fen });
        }
    }
    let theirs = [
        i64::try_from(totals.orders).unwrap_or(i64::MAX),
        i64::try_from(totals.payments).unwrap_or(i64::MAX),
        totals.paid_fen,
        i64::try_from(totals.refunds).unwrap_or(i64::MAX),
        totals.refunded_fen,
    ];
    for ((what, ledger), gateway) in books.sums().into_iter().zip(theirs) {
        if ledger != gateway {
            found.push(Violation::Totals { what, ledger, gateway });
        }
    }
    found.extend(books.findings.iter().cloned().map(|finding| Violation::Damaged { finding }));
    found
}

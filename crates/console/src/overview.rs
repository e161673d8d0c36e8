//! A day at a glance: its figures beside those of a week before, and what needs a person.

use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::lists::payment_row_of;
use crate::merchants::Merchant;
use crate::shape::days;
use crate::view::{DayFigures, HourFigures, Need, OverviewView, PaymentRow, civil, moment};
use domain::{Day, Environment, Fen, OperationKind, Timestamp};
use ledger::{Figures, Ledger, PaymentFilter};

const DAY_MS: i64 = 86_400_000;
const WEEK_MS: i64 = 7 * DAY_MS;
/// How many payments the list of the latest has.
const LATEST: u32 = 8;
/// Of each kind of trouble at most so many: the lists have the rest.
const MOST_OF_A_KIND: u32 = 10;
/// How long a paid order may go untold before somebody should look.
const UNTOLD_MS: i64 = 600_000;

impl Console {
    /// A day at a glance; today if none is named.
    ///
    /// # Errors
    /// `invalid_field` for a day that is none; those of opening the ledger.
    pub fn overview(&self, merchant: &str, day: Option<&str>) -> Result<OverviewView> {
        let merchant = self.pick(Some(merchant))?;
        let now = self.now();
        let today = now.civil().day();
        let day = match day {
            Some(day) => Day::parse(day).map_err(|error| {
                ConsoleError::new(Code::InvalidField).with("field", "day").saying("detail", &error)
            })?,
            None => today,
        };
        let ledger = self.ledger_to_read(merchant.environment)?;
        let start = day.start();
        let end = start.plus_millis(DAY_MS);
        // The second that is passing belongs to what was.
        let until = if day == today { now.civil().timestamp().plus_millis(1_000).min(end) } else { end };
        let week = |at: Timestamp| at.plus_millis(-WEEK_MS).civil();
        let name = &merchant.name;
        let hours = ledger.takings_by_hour(name, day, until.civil())?;
        let hours_before = ledger.takings_by_hour(name, week(start).day(), week(end))?;
        Ok(OverviewView {
            day: day.to_string(),
            until: if day == today { moment(now) } else { civil(end.civil()) },
            empty: !ledger.has_payments(name)?,
            today: day_figures(&ledger.figures(name, start.civil(), until.civil())?),
            week_ago: day_figures(&ledger.figures(name, week(start), week(until))?),
            hours: (0..24)
                .zip(hours.into_iter().zip(hours_before))
                .map(|(hour, (takings, before))| HourFigures {
                    hour,
                    takings_fen: takings.get(),
                    week_ago_fen: before.get(),
                })
                .collect(),
            needs: self.needs(&ledger, &merchant, now)?,
            latest: self.latest(&ledger, &merchant, if day == today { now.plus_millis(1) } else { end })?,
        })
    }

    fn latest(&self, ledger: &Ledger, merchant: &Merchant, to: Timestamp) -> Result<Vec<PaymentRow>> {
        let filter = PaymentFilter {
            merchant: Some(merchant.name.clone()),
            to: Some(to),
            limit: Some(LATEST),
            ..PaymentFilter::default()
        };
        let now = self.now();
        ledger.payments(&filter)?.iter().map(|row| payment_row_of(ledger, row, now)).collect()
    }

    /// What a person should look at, the most urgent first: where money may have moved twice or not at all, then
    /// what does not fit, then what will stop working.
    fn needs(&self, ledger: &Ledger, merchant: &Merchant, now: Timestamp) -> Result<Vec<Need>> {
        let name = &merchant.name;
        let mut needs = Vec::new();
        let unresolved = ledger.unresolved(Some(name))?;
        for (kind, refunds) in [("unresolved_refund", true), ("unresolved_order", false)] {
            let these = unresolved.iter().filter(|row| (row.kind == OperationKind::Refund) == refunds);
            needs.extend(these.take(MOST_OF_A_KIND as usize).map(|row| Need {
                number: Some(row.number().to_owned()),
                out_trade_no: Some(row.out_trade_no.to_string()),
                amount_fen: Some(row.amount.get()).filter(|fen| *fen != 0),
                at: Some(moment(row.next_try)),
                ..need(kind)
            }));
        }
        for row in ledger.abnormal_refunds(name, MOST_OF_A_KIND)? {
            needs.push(Need {
                number: Some(row.out_refund_no.to_string()),
                out_trade_no: Some(row.out_trade_no.to_string()),
                amount_fen: Some(row.amount.get()),
                at: Some(moment(row.created)),
                ..need("refund_abnormal")
            });
        }
        let of_payment = |row: &ledger::Payment, kind| Need {
            number: Some(row.out_trade_no.to_string()),
            out_trade_no: Some(row.out_trade_no.to_string()),
            amount_fen: row.total.map(Fen::get),
            at: Some(row.time_end.map_or_else(|| moment(row.created), civil)),
            ..need(kind)
        };
        let disagreeing = ledger.disagreeing(name, MOST_OF_A_KIND)?;
        needs.extend(disagreeing.iter().map(|row| of_payment(row, "disagreement")));
        let (from, to) = (now.plus_millis(-DAY_MS).civil(), now.plus_millis(-UNTOLD_MS).civil());
        let untold = ledger.not_told(name, from, to, MOST_OF_A_KIND)?;
        needs.extend(untold.iter().map(|row| of_payment(row, "not_told")));
        needs.extend(self.settings_need(merchant, now)?);
        Ok(needs)
    }

    /// What will keep this merchant from working. The keychain is not asked.
    fn settings_need(&self, merchant: &Merchant, now: Timestamp) -> Result<Vec<Need>> {
        if merchant.is_built_in() {
            return Ok(Vec::new());
        }
        let mut needs = Vec::new();
        let wanted = match merchant.environment {
            Environment::Sandbox => vault::KeyKind::Sandbox,
            Environment::Simulated | Environment::Live => vault::KeyKind::ApiV2,
        };
        let keys = self.vault.keys(&merchant.name)?;
        if !keys.iter().any(|key| key.kind == wanted && key.retired_at.is_none()) {
            needs.push(need("key_missing"));
        }
        if let Some(info) = self.vault.certificate_info(&merchant.name)? {
            let kind = match info.validity(now) {
                vault::Validity::Expired { .. } => Some("certificate_expired"),
                vault::Validity::ExpiresSoon { .. } => Some("certificate_expiring"),
                vault::Validity::Valid { .. } | vault::Validity::NotYet { .. } => None,
            };
            needs.extend(kind.map(|kind| Need {
                at: Some(moment(info.not_after)),
                days: Some(days(now, info.not_after)),
                ..need(kind)
            }));
        }
        Ok(needs)
    }
}

fn need(kind: &str) -> Need {
    Need { kind: kind.into(), number: None, out_trade_no: None, amount_fen: None, at: None, days: None }
}

fn day_figures(figures: &Figures) -> DayFigures {
    let (takings, refunded) = (figures.takings.get(), figures.refunded.get());
    DayFigures {
        net_fen: takings.saturating_sub(refunded),
        takings_fen: takings,
        paid: figures.paid,
        average_fen: average(takings, figures.paid),
        refunded_fen: refunded,
        refunds: figures.refunds,
    }
}

/// Halves go up.
fn average(sum: i64, count: i64) -> Option<i64> {
    if count <= 0 { None } else { Some(sum.saturating_add(count / 2).div_euclid(count)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_is_rounded_to_the_fen() {
        for (sum, count, expected) in
            [(0, 0, None), (10, 3, Some(3)), (11, 3, Some(4)), (5, 2, Some(3)), (0, 7, Some(0))]
        {
            assert_eq!(average(sum, count), expected, "{sum} / {count}");
        }
    }
}

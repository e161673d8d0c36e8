//! The full check: structure, references, chain, every row against the journal, every sum.

use crate::ledger::Ledger;
use crate::open::structure;
use crate::table::{self, journal};
use crate::{Damage, Head, LedgerError};
use domain::Fen;
use rusqlite::Connection;
use std::collections::HashMap;

/// One thing that a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// SQLite's structure check failed; its words. Restore a backup, or salvage.
    Structure {
        /// The first line.
        line: String,
    },
    /// A part of the check could not read what it needs. Restore a backup, or salvage.
    Unreadable {
        /// The part.
        part: &'static str,
        /// Why.
        why: String,
    },
    /// A row refers to one that is not there.
    Reference {
        /// The table of the row.
        table: String,
        /// Its rowid.
        row: i64,
    },
    /// The journal's chain breaks at this row.
    ChainBroken {
        /// The row.
        seq: i64,
    },
    /// The journal's end was cut off.
    HeadAhead {
        /// The anchored row.
        anchored: i64,
        /// The last row.
        last: i64,
    },
    /// The journal is another than the anchored one.
    HeadDiffers {
        /// The anchored row.
        seq: i64,
    },
    /// A row is not as the journal last sealed it: it was changed past Paydesk, or damaged.
    RowChanged {
        /// The journal's subject, such as `payment:shop:20250101`.
        subject: String,
    },
    /// A row that the journal knows is gone.
    RowMissing {
        /// The journal's subject.
        subject: String,
    },
    /// A row that the journal does not know: it was put in past Paydesk.
    RowUnknown {
        /// What its subject would be.
        subject: String,
    },
    /// A payment's refunded amount is not the sum of its successful refunds.
    RefundSum {
        /// The payment's subject.
        subject: String,
        /// What the payment says.
        stored: Fen,
        /// The sum.
        summed: Fen,
    },
    /// The refunds of a payment are more than was paid.
    OverRefunded {
        /// The payment's subject.
        subject: String,
        /// What was paid.
        total: Fen,
        /// What was sent back or is on its way.
        refunds: Fen,
    },
    /// A confirmed operation has no payment or refund.
    ConfirmedWithoutRow {
        /// The operation's subject.
        subject: String,
    },
}

impl Finding {
    /// A stable word for it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Structure { .. } => "structure",
            Self::Unreadable { .. } => "unreadable",
            Self::Reference { .. } => "reference",
            Self::ChainBroken { .. } => "chain_broken",
            Self::HeadAhead { .. } => "head_ahead",
            Self::HeadDiffers { .. } => "head_differs",
            Self::RowChanged { .. } => "row_changed",
            Self::RowMissing { .. } => "row_missing",
            Self::RowUnknown { .. } => "row_unknown",
            Self::RefundSum { .. } => "refund_sum",
            Self::OverRefunded { .. } => "over_refunded",
            Self::ConfirmedWithoutRow { .. } => "confirmed_without_row",
        }
    }

    /// The part of the full check that it belongs to, one of [`Finding::PARTS`].
    #[must_use]
    pub fn part(&self) -> &'static str {
        match self {
            Self::Structure { .. } => "structure",
            // A table that cannot be compared with the journal is the journal's part.
            Self::Unreadable { part, .. } => {
                Self::PARTS.into_iter().find(|known| known == part).unwrap_or("journal")
            }
            Self::Reference { .. } | Self::ConfirmedWithoutRow { .. } => "references",
            Self::ChainBroken { .. }
            | Self::HeadAhead { .. }
            | Self::HeadDiffers { .. }
            | Self::RowChanged { .. }
            | Self::RowMissing { .. }
            | Self::RowUnknown { .. } => "journal",
            Self::RefundSum { .. } | Self::OverRefunded { .. } => "sums",
        }
    }

    /// The parts of the full check.
    pub const PARTS: [&'static str; 4] = ["structure", "references", "journal", "sums"];

    /// What it speaks of, by name: `subject`, `seq`, `anchored`, `last`, `table`, `row`, `part`, `detail`, and
    /// amounts in fen.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Structure { line } => vec![("detail", line.clone())],
            Self::Unreadable { part, why } => vec![("part", (*part).to_owned()), ("detail", why.clone())],
            Self::Reference { table, row } => vec![("table", table.clone()), ("row", row.to_string())],
            Self::ChainBroken { seq } | Self::HeadDiffers { seq } => vec![("seq", seq.to_string())],
            Self::HeadAhead { anchored, last } => {
                vec![("anchored", anchored.to_string()), ("last", last.to_string())]
            }
            Self::RowChanged { subject }
            | Self::RowMissing { subject }
            | Self::RowUnknown { subject }
            | Self::ConfirmedWithoutRow { subject } => vec![("subject", subject.clone())],
            Self::RefundSum { subject, stored, summed } => vec![
                ("subject", subject.clone()),
                ("stored_fen", stored.get().to_string()),
                ("summed_fen", summed.get().to_string()),
            ],
            Self::OverRefunded { subject, total, refunds } => vec![
                ("subject", subject.clone()),
                ("total_fen", total.get().to_string()),
                ("refunds_fen", refunds.get().to_string()),
            ],
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Everything that is wrong; empty if nothing is. Each kind is listed at most a hundred times.
    pub findings: Vec<Finding>,
    /// Rows compared with the journal.
    pub rows: u64,
    /// The journal's last row, where the chain is whole.
    pub head: Option<Head>,
}

impl CheckReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.findings.is_empty()
    }

    fn add(&mut self, finding: Finding) {
        const MOST: usize = 100;
        if self.findings.iter().filter(|known| known.code() == finding.code()).count() < MOST {
            self.findings.push(finding);
        }
    }

    /// Runs one part, and turns a failure of the part itself into a finding.
    fn part(&mut self, part: &'static str, work: impl FnOnce(&mut Self) -> Result<(), LedgerError>) {
        match work(self) {
            Ok(()) => {}
            Err(LedgerError::Damaged { what: Damage::Structure(line) }) => {
                self.add(Finding::Structure { line })
            }
            Err(LedgerError::ChainBroken { seq }) => self.add(Finding::ChainBroken { seq }),
            Err(LedgerError::HeadAhead { anchored, last }) => self.add(Finding::HeadAhead { anchored, last }),
            Err(LedgerError::HeadDiffers { seq }) => self.add(Finding::HeadDiffers { seq }),
            Err(error) => self.add(Finding::Unreadable { part, why: error.to_string() }),
        }
    }
}

/// The last seal of each subject in the journal.
pub(crate) type Seals = HashMap<String, [u8; 32]>;

/// Payments whose refunded amount is not the sum of their successful refunds.
const REFUND_SUMS: &str = "SELECT 'payment:' || p.merchant || ':' || p.out_trade_no, p.refunded_fen,
        coalesce((SELECT sum(r.refund_fen) FROM refunds r WHERE r.merchant = p.merchant
            AND r.out_trade_no = p.out_trade_no AND r.state = 'success'), 0) AS summed
     FROM payments p WHERE p.refunded_fen <> summed";

/// Payments of which more is going back than came in.
const OVER_REFUNDED: &str = "SELECT 'payment:' || p.merchant || ':' || p.out_trade_no, p.total_fen,
        sum(r.refund_fen) AS back
     FROM refunds r JOIN payments p ON p.merchant = r.merchant AND p.out_trade_no = r.out_trade_no
     WHERE r.state <> 'closed' AND p.total_fen IS NOT NULL
     GROUP BY p.id HAVING back > p.total_fen";

/// Confirmed operations that left no row.
const WITHOUT_ROW: &str = "SELECT 'operation:' || o.id FROM operations o WHERE o.state = 'confirmed' AND (
        (o.kind = 'refund' AND NOT EXISTS (SELECT 1 FROM refunds r
            WHERE r.merchant = o.merchant AND r.out_refund_no = o.number))
        OR (o.kind IN ('unified_order', 'micropay') AND NOT EXISTS (SELECT 1 FROM payments p
            WHERE p.merchant = o.merchant AND p.out_trade_no = o.number)))";

impl Ledger {
    /// Whether it was too large to be checked when it was opened.
    #[must_use]
    pub fn opened_unchecked(&self) -> bool {
        self.file.metadata().is_ok_and(|about| about.len() > crate::open::CHECKED_AT_OPENING)
    }

    /// SQLite's quick structure check: for a million payments two seconds, from a cold disk ten times that. A small
    /// ledger is checked whenever it is opened.
    ///
    /// # Errors
    /// `Damaged`, or where the ledger cannot be read.
    pub fn check_quick(&self) -> Result<(), LedgerError> {
        self.read(|conn| structure(conn, &self.file, "quick_check"))
            .map_err(|error| crate::open::name_damage(&self.file, error))
    }

    /// Checks everything: structure, references, the journal's chain against the head that was kept elsewhere,
    /// every row against its last seal in the journal, every sum. Changes nothing.
    ///
    /// # Errors
    /// Where the ledger cannot be opened for reading at all; everything else is in the report.
    pub fn check_full(&self, anchored: Option<Head>) -> Result<CheckReport, LedgerError> {
        self.read(|conn| Ok(self.check(conn, anchored)))
    }

    fn check(&self, conn: &Connection, anchored: Option<Head>) -> CheckReport {
        let mut report = CheckReport::default();
        let sqlite = |error| self.sqlite(error);
        report.part("structure", |_| structure(conn, &self.file, "integrity_check"));
        report.part("references", |report| {
            let mut statement = conn.prepare("PRAGMA foreign_key_check").map_err(sqlite)?;
            let mut rows = statement.query([]).map_err(sqlite)?;
            while let Some(row) = rows.next().map_err(sqlite)? {
                let row_id: Option<i64> = row.get(1).map_err(sqlite)?;
                report
                    .add(Finding::Reference { table: row.get(0).map_err(sqlite)?, row: row_id.unwrap_or(0) });
            }
            Ok(())
        });
        let mut seals = Seals::new();
        report.part("journal", |report| {
            let head = journal::verify(conn, &self.file, &self.key, anchored, |entry| {
                if entry.seal != [0; 32] {
                    seals.insert(entry.subject.clone(), entry.seal);
                }
            });
            report.head = Some(head?);
            Ok(())
        });
        // With a broken chain the seals prove nothing, and every row would be called changed.
        if report.head.is_some() {
            for table in table::ALL.into_iter().filter(|table| !table.subject.is_empty()) {
                report.part(table.name, |report| {
                    each_seal(conn, table, |subject, seal| {
                        report.rows += 1;
                        match seals.remove(&subject) {
                            Some(sealed) if sealed == seal => {}
                            Some(_) => report.add(Finding::RowChanged { subject }),
                            // The check value of the key is proved by opening.
                            None if subject == "meta:key_check" => {}
                            None => report.add(Finding::RowUnknown { subject }),
                        }
                    })
                    .map_err(sqlite)
                });
            }
            let mut gone: Vec<String> = seals.into_keys().collect();
            gone.sort();
            gone.into_iter().for_each(|subject| report.add(Finding::RowMissing { subject }));
        }
        report.part("sums", |report| {
            each_row(conn, REFUND_SUMS, |subject, stored, summed| {
                report.add(Finding::RefundSum { subject, stored, summed });
            })
            .map_err(sqlite)?;
            each_row(conn, OVER_REFUNDED, |subject, total, refunds| {
                report.add(Finding::OverRefunded { subject, total, refunds });
            })
            .map_err(sqlite)?;
            let mut statement = conn.prepare(WITHOUT_ROW).map_err(sqlite)?;
            let mut rows = statement.query([]).map_err(sqlite)?;
            while let Some(row) = rows.next().map_err(sqlite)? {
                report.add(Finding::ConfirmedWithoutRow { subject: row.get(0).map_err(sqlite)? });
            }
            Ok(())
        });
        report
    }
}

fn each_row(conn: &Connection, sql: &str, mut each: impl FnMut(String, Fen, Fen)) -> rusqlite::Result<()> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(row.get(0)?, Fen::new(row.get(1)?), Fen::new(row.get(2)?));
    }
    Ok(())
}

/// Every row's subject and seal as they are now.
fn each_seal(
    conn: &Connection,
    table: &table::Table,
    mut each: impl FnMut(String, [u8; 32]),
) -> rusqlite::Result<()> {
    let mut statement =
        conn.prepare(&format!("SELECT {}, {} FROM {}", table.subject, table.sealed, table.name))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (subject, seal) = table::sealed(row)?;
        each(subject, seal);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_belongs_to_a_part() {
        let subject = || "payment:shop:1".to_owned();
        let fen = Fen::new;
        let cases = [
            (Finding::Structure { line: "x".into() }, "structure"),
            (Finding::Unreadable { part: "sums", why: "x".into() }, "sums"),
            (Finding::Unreadable { part: "payments", why: "x".into() }, "journal"),
            (Finding::Reference { table: "refunds".into(), row: 1 }, "references"),
            (Finding::ConfirmedWithoutRow { subject: subject() }, "references"),
            (Finding::ChainBroken { seq: 1 }, "journal"),
            (Finding::HeadAhead { anchored: 2, last: 1 }, "journal"),
            (Finding::HeadDiffers { seq: 1 }, "journal"),
            (Finding::RowChanged { subject: subject() }, "journal"),
            (Finding::RowMissing { subject: subject() }, "journal"),
            (Finding::RowUnknown { subject: subject() }, "journal"),
            (Finding::RefundSum { subject: subject(), stored: fen(1), summed: fen(2) }, "sums"),
            (Finding::OverRefunded { subject: subject(), total: fen(1), refunds: fen(2) }, "sums"),
        ];
        for (finding, part) in cases {
            assert_eq!(finding.part(), part, "{finding:?}");
            assert!(Finding::PARTS.contains(&part));
            assert!(!finding.params().is_empty(), "{finding:?}");
        }
    }
}

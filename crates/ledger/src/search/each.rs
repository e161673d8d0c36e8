//! Everything that fits a filter, one payment after the other.

use super::{Listed, Wanted, listed};
use crate::LedgerError;
use crate::figures::late_as_of;
use crate::ledger::Ledger;
use domain::Timestamp;
use std::ops::ControlFlow;

/// So many rows are read at once.
const PIECE: usize = 500;

impl Ledger {
    /// Gives all payments that fit to `each`, newest first, piece by piece, in one consistent view, with their number
    /// altogether, until it breaks off. Only their places are held in memory, eight bytes each. It is called once
    /// with nothing before the first piece.
    ///
    /// # Errors
    /// Where the ledger cannot be read; what was given before stands.
    pub fn for_each_listed(
        &self,
        wanted: &Wanted,
        now: Timestamp,
        mut each: impl FnMut(usize, Vec<Listed>) -> ControlFlow<()>,
    ) -> Result<(), LedgerError> {
        let merchant = wanted.merchant.as_str();
        let room = self.search.room(merchant);
        self.query(|conn| {
            let ids = {
                // Others search while the rows are read.
                let mut shelf = room.lock();
                room.bring_up(&mut shelf, conn, merchant, &|| true)?;
                let now = late_as_of(conn, merchant, now)?;
                let found = shelf.answer(wanted, now.millis());
                shelf.ids(&found, 0, usize::MAX)
            };
            if each(ids.len(), Vec::new()).is_break() {
                return Ok(());
            }
            for piece in ids.chunks(PIECE) {
                if each(ids.len(), listed(conn, merchant, piece)?).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }
}

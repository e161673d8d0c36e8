//! A made-up past for the built-in simulated merchant. Only with the feature `seed`, which the product does not have.

use crate::console::Console;
use crate::error::Result;
use domain::Environment;
use ledger::Past;

impl Console {
    /// Writes a past into the simulated ledger, oldest first, and anchors its journal; no other ledger can be reached.
    /// Answers how many payments it has; `each` is told now and then how many are written.
    ///
    /// # Errors
    /// Those of opening and writing the ledger. What was written until then stays.
    pub fn import_past(
        &self,
        past: impl IntoIterator<Item = Past>,
        each: impl FnMut(usize),
    ) -> Result<usize> {
        let ledger = self.ledger(Environment::Simulated)?;
        let written = ledger.import_past(past, self.now(), each)?;
        self.anchor()?;
        Ok(written)
    }
}

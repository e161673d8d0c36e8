//! Seeded chance: the same seed gives the same throws.

/// A small generator (SplitMix64). Nothing secret comes from it.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Throws that depend on `seed` alone.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included; `low` where there is nothing between them.
    pub const fn from_to(&mut self, low: u64, high: u64) -> u64 {
        let span = high.saturating_sub(low).saturating_add(1);
        low + self.roll() % span
    }

    /// The same for amounts.
    pub fn fen(&mut self, low: i64, high: i64) -> domain::Fen {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0);
        domain::Fen::new(low.saturating_add(i64::try_from(self.from_to(0, span)).unwrap_or(0)))
    }

    /// Whether one of a hundred such throws out of `percent` came.
    pub const fn percent(&mut self, percent: u64) -> bool {
        self.roll() % 100 < percent
    }

    /// One of them; `None` only of none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let last = u64::try_from(of.len().checked_sub(1)?).ok()?;
        of.get(usize::try_from(self.from_to(0, last)).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throws_stay_in_their_bounds_and_reach_them() {
        let mut dice = Dice::new(1);
        let throws: Vec<_> = (0..1000).map(|_| dice.from_to(3, 5)).collect();
        assert!(
            (3..=5).all(|side| throws.contains(&side)) && throws.iter().all(|side| (3..=5).contains(side))
        );
        assert_eq!(dice.from_to(7, 7), 7);
        assert_eq!(dice.fen(-1, -1).get(), -1);
        assert_eq!(dice.pick::<u8>(&[]), None);
        assert_eq!(Dice::new(9).roll(), Dice::new(9).roll());
    }
}

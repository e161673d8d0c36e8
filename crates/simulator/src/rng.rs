use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

/// The simulator's own randomness: the same seed gives the same numbers, and a saved one goes on where it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "State", into = "State")]
pub(crate) struct Rng {
    seed: u64,
    chacha: ChaCha8Rng,
}

#[derive(Serialize, Deserialize)]
struct State {
    seed: u64,
    words: u64,
}

impl From<State> for Rng {
    fn from(state: State) -> Self {
        let mut rng = Self::new(state.seed);
        rng.chacha.set_word_pos(u128::from(state.words));
        rng
    }
}

impl From<Rng> for State {
    fn from(rng: Rng) -> Self {
        Self { seed: rng.seed, words: u64::try_from(rng.chacha.get_word_pos()).unwrap_or(u64::MAX) }
    }
}

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, chacha: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// `len` characters of `alphabet`. The tiny bias of a remainder does not matter here: nothing is secret.
    pub(crate) fn text(&mut self, alphabet: &[u8], len: usize) -> String {
        let count = u32::try_from(alphabet.len()).unwrap_or(1).max(1);
        (0..len)
            .map(|_| {
                let index = usize::try_from(self.chacha.next_u32() % count).unwrap_or(0);
                char::from(alphabet.get(index).copied().unwrap_or(b'0'))
            })
            .collect()
    }

    pub(crate) fn digits(&mut self, len: usize) -> String {
        self.text(b"0123456789", len)
    }

    pub(crate) fn hex(&mut self, len: usize) -> String {
        self.text(b"0123456789abcdef", len)
    }

    pub(crate) fn nonce(&mut self) -> String {
        self.text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_one_goes_on_where_it_was() {
        let mut rng = Rng::new(7);
        rng.digits(5);
        let saved = serde_json::to_string(&rng).unwrap();
        let mut other: Rng = serde_json::from_str(&saved).unwrap();
        assert_eq!(rng.hex(40), other.hex(40));
        assert_ne!(Rng::new(1).hex(40), Rng::new(2).hex(40));
    }
}

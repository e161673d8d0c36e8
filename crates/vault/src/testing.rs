//! A keychain in memory, for unit tests of this room and others. It is behind the feature `testing` and never
//! in the product: a keychain that forgets at exit loses merchants' keys without a word, which is how several
//! applications have lost theirs.

use crate::{Keychain, KeychainError};
use domain::{Entropy, Secret};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A keychain that can be made to fail in every way. Clones share their items.
#[derive(Clone, Default)]
pub struct MemoryKeychain(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    items: BTreeMap<String, Secret<Vec<u8>>>,
    failure: Option<KeychainError>,
    /// How many calls still succeed before `failure` is answered.
    calls_until_failure: usize,
    /// How many calls there were.
    calls: usize,
}

impl MemoryKeychain {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on every call answers `error`.
    pub fn fail(&self, error: KeychainError) {
        self.fail_after(0, error);
    }

    /// After `calls` more calls that work, every call answers `error`.
    pub fn fail_after(&self, calls: usize, error: KeychainError) {
        let mut state = self.state();
        state.failure = Some(error);
        state.calls_until_failure = calls;
    }

    /// Calls work again.
    pub fn recover(&self) {
        self.state().failure = None;
    }

    /// Deletes the items whose account contains `part`, behind the vault's back. Says how many.
    pub fn forget(&self, part: &str) -> usize {
        let mut state = self.state();
        let before = state.items.len();
        state.items.retain(|account, _| !account.contains(part));
        before - state.items.len()
    }

    /// Replaces the value of the items whose account contains `part`, behind the vault's back.
    pub fn overwrite(&self, part: &str, value: &[u8]) {
        for (_, secret) in self.state().items.iter_mut().filter(|(account, _)| account.contains(part)) {
            *secret = Secret::new(value.to_vec());
        }
    }

    /// The names of all items.
    #[must_use]
    pub fn accounts(&self) -> Vec<String> {
        self.state().items.keys().cloned().collect()
    }

    /// How many calls there were so far.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.state().calls
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer<T>(&self, work: impl FnOnce(&mut State) -> T) -> Result<T, KeychainError> {
        let mut state = self.state();
        state.calls += 1;
        if let Some(error) = state.failure.clone() {
            if state.calls_until_failure == 0 {
                return Err(error);
            }
            state.calls_until_failure -= 1;
        }
        Ok(work(&mut state))
    }
}

impl Keychain for MemoryKeychain {
    fn get(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, KeychainError> {
        self.answer(|state| state.items.get(account).cloned())
    }

    fn set(&self, account: &str, secret: &Secret<Vec<u8>>) -> Result<(), KeychainError> {
        self.answer(|state| {
            state.items.insert(account.to_owned(), secret.clone());
        })
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.answer(|state| {
            state.items.remove(account);
        })
    }
}

/// Random numbers that are not: each fill differs from the last, and a test gets the same ones every time.
#[derive(Default)]
pub struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let count = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
            let mixed = count.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
            chunk.copy_from_slice(&mixed[..chunk.len()]);
        }
    }
}

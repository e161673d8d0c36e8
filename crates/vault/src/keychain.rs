use crate::KeychainError;
use domain::Secret;
use std::sync::Arc;

/// A place that keeps small secrets by name. The product has one: [`OsKeychain`](crate::OsKeychain).
pub trait Keychain: Send + Sync {
    /// The secret of `account`, or `None` if there is no such item.
    ///
    /// # Errors
    /// [`KeychainError`], of which `ItemGone` is not one: here, absent is an answer.
    fn get(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, KeychainError>;

    /// Stores `secret` as `account`, replacing what was there.
    ///
    /// # Errors
    /// [`KeychainError`]; what was there is then still there, except after `PromptNeeded`, when either may be.
    fn set(&self, account: &str, secret: &Secret<Vec<u8>>) -> Result<(), KeychainError>;

    /// Removes `account`. Removing what is not there is done already, not an error.
    ///
    /// # Errors
    /// [`KeychainError`]; the item is then still there, except after `PromptNeeded`, when it may be gone.
    fn delete(&self, account: &str) -> Result<(), KeychainError>;
}

impl<K: Keychain + ?Sized> Keychain for Arc<K> {
    fn get(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, KeychainError> {
        (**self).get(account)
    }
    fn set(&self, account: &str, secret: &Secret<Vec<u8>>) -> Result<(), KeychainError> {
        (**self).set(account, secret)
    }
    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        (**self).delete(account)
    }
}

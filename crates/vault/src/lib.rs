//! Merchant keys and certificates in the OS keychain.

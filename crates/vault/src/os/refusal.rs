//! What the keychain libraries' errors mean, each as its own [`KeychainError`].

use crate::KeychainError;
use keyring_core::Error;
use zeroize::Zeroize as _;

type Cause = Box<dyn std::error::Error + Send + Sync>;

const SYSTEM: &str = if cfg!(target_os = "macos") {
    "macos"
} else if cfg!(target_os = "windows") {
    "windows"
} else {
    "secret-service"
};

/// What `error` means for the item `account`. The bytes that some errors carry are wiped, never shown.
pub(super) fn explain(error: Error, account: &str) -> KeychainError {
    let item = account.to_owned();
    match error {
        Error::PlatformFailure(cause) | Error::NoStorageAccess(cause) => from_cause(&cause),
        Error::NoEntry => KeychainError::ItemGone { item },
        Error::BadEncoding(mut bytes) => {
            bytes.zeroize();
            KeychainError::Damaged { item }
        }
        Error::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            KeychainError::Damaged { item }
        }
        Error::BadStoreFormat(detail) => KeychainError::Platform { system: SYSTEM, number: None, detail },
        Error::TooLong(_, max) => KeychainError::TooLong { max },
        Error::Invalid(name, why) => {
            KeychainError::Platform { system: SYSTEM, number: None, detail: format!("{name}: {why}") }
        }
        Error::Ambiguous(entries) => KeychainError::Ambiguous { item, count: entries.len() },
        Error::NoDefaultStore => {
            KeychainError::NoService { detail: "Paydesk has no keychain for this operating system".into() }
        }
        Error::NotSupportedByStore(detail) => {
            KeychainError::Platform { system: SYSTEM, number: None, detail }
        }
        // keyring-core may grow; a new kind is at least shown.
        other => KeychainError::Platform { system: "keyring", number: None, detail: other.to_string() },
    }
}

/// The words of an error and of what caused it.
#[cfg(not(target_os = "macos"))]
fn words(cause: &Cause) -> String {
    let mut text = cause.to_string();
    let mut next = cause.source();
    while let Some(inner) = next {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        next = inner.source();
    }
    text
}

#[cfg(target_os = "linux")]
fn from_cause(cause: &Cause) -> KeychainError {
    use secret_service::Error as Service;
    let detail = words(cause);
    match cause.downcast_ref::<Service>() {
        Some(Service::Unavailable) => KeychainError::NoService { detail },
        // A prompt that could not be shown and one that was dismissed come back alike.
        Some(Service::Locked | Service::Prompt | Service::PromptDisconnected) => KeychainError::Locked,
        Some(Service::NoResult) => KeychainError::NoCollection,
        _ => by_bus_name(detail),
    }
}

/// Tells D-Bus refusals apart by their names, which are part of the protocol and stand in the error's text.
#[cfg(any(target_os = "linux", test))]
fn by_bus_name(detail: String) -> KeychainError {
    const NO_SERVICE: [&str; 8] = [
        "org.freedesktop.DBus.Error.ServiceUnknown",
        "org.freedesktop.DBus.Error.NameHasNoOwner",
        "org.freedesktop.DBus.Error.Spawn.",
        "org.freedesktop.DBus.Error.NoServer",
        "org.freedesktop.DBus.Error.Disconnected",
        "org.freedesktop.DBus.Error.UnknownInterface",
        "Failed to connect",
        "Connection refused",
    ];
    const DENIED: [&str; 3] = [
        "org.freedesktop.DBus.Error.AccessDenied",
        "org.freedesktop.DBus.Error.AuthFailed",
        "Permission denied",
    ];
    if detail.contains("org.freedesktop.Secret.Error.IsLocked") {
        KeychainError::Locked
    } else if DENIED.iter().any(|name| detail.contains(name)) {
        KeychainError::Denied { detail }
    } else if NO_SERVICE.iter().any(|name| detail.contains(name)) {
        KeychainError::NoService { detail }
    } else {
        KeychainError::Platform { system: "secret-service", number: None, detail }
    }
}

#[cfg(target_os = "windows")]
fn from_cause(cause: &Cause) -> KeychainError {
    by_windows_error(words(cause))
}

/// Tells Windows errors apart by their number, or by the name the library gives to some.
#[cfg(any(target_os = "windows", test))]
fn by_windows_error(detail: String) -> KeychainError {
    let number = last_number(&detail);
    if detail.contains("ERROR_NO_SUCH_LOGON_SESSION") {
        // A service account or a network logon: Windows keeps no credentials for it.
        return KeychainError::NoService { detail };
    }
    match number {
        Some(5) => KeychainError::Denied { detail }, // ERROR_ACCESS_DENIED
        _ => KeychainError::Platform { system: "windows", number, detail },
    }
}

#[cfg(target_os = "macos")]
fn from_cause(cause: &Cause) -> KeychainError {
    // Only its debug form has the number beside the message.
    by_mac_status(format!("{cause:?}"))
}

/// Tells macOS errors apart by their OSStatus (SecBase.h).
#[cfg(any(target_os = "macos", test))]
fn by_mac_status(detail: String) -> KeychainError {
    let number = last_number(detail.split(',').next().unwrap_or_default());
    match number {
        // errSecUserCanceled, errSecAuthFailed, errSecInvalidOwnerEdit, errSecMissingEntitlement, wrPermErr,
        // errSecReadOnly
        Some(-128 | -25293 | -25244 | -34018 | -61 | -25292) => KeychainError::Denied { detail },
        // errSecInteractionNotAllowed, errSecInteractionRequired: locked, and nobody may be asked
        Some(-25308 | -25315) => KeychainError::Locked,
        // errSecNoDefaultKeychain, errSecNoSuchKeychain
        Some(-25307 | -25294) => KeychainError::NoCollection,
        // errSecNotAvailable
        Some(-25291) => KeychainError::NoService { detail },
        // errSecInvalidKeychain
        _ => KeychainError::Platform { system: "macos", number, detail },
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
fn from_cause(cause: &Cause) -> KeychainError {
    KeychainError::Platform { system: "keyring", number: None, detail: words(cause) }
}

/// The last whole number in a text, with its sign.
#[cfg(any(target_os = "macos", target_os = "windows", test))]
fn last_number(text: &str) -> Option<i64> {
    text.split(|c: char| !c.is_ascii_digit() && c != '-').filter_map(|piece| piece.parse().ok()).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(text: &str) -> Cause {
        text.into()
    }

    #[test]
    fn every_error_of_the_library_has_its_own_meaning() {
        for (error, code) in [
            (Error::NoEntry, "keychain_item_gone"),
            (Error::BadEncoding(b"hush".to_vec()), "keychain_damaged"),
            (Error::BadDataFormat(b"hush".to_vec(), cause("x")), "keychain_damaged"),
            (Error::BadStoreFormat("x".into()), "keychain_platform"),
            (Error::TooLong("secret".into(), 2560), "keychain_too_long"),
            (Error::Invalid("user".into(), "is empty".into()), "keychain_platform"),
            (Error::Ambiguous(Vec::new()), "keychain_ambiguous"),
            (Error::NoDefaultStore, "keychain_no_service"),
            (Error::NotSupportedByStore("x".into()), "keychain_platform"),
            (Error::PlatformFailure(cause("what is this")), "keychain_platform"),
        ] {
            let shown = format!("{error:?}");
            let meaning = explain(error, "a");
            assert_eq!(meaning.code(), code, "{shown}");
            assert!(!format!("{meaning:?} {meaning}").contains("hush"), "{shown}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_the_secret_service_means() {
        use secret_service::Error as Service;
        for (error, code) in [
            (Service::Unavailable, "keychain_no_service"),
            (Service::Locked, "keychain_locked"),
            (Service::Prompt, "keychain_locked"),
            (Service::PromptDisconnected, "keychain_locked"),
            (Service::NoResult, "keychain_no_collection"),
            (Service::Crypto("padding"), "keychain_platform"),
        ] {
            let shown = format!("{error:?}");
            assert_eq!(explain(Error::NoStorageAccess(Box::new(error)), "a").code(), code, "{shown}");
        }
    }

    #[test]
    fn what_the_bus_means() {
        for (text, code) in [
            ("org.freedesktop.DBus.Error.ServiceUnknown: The name is not activatable", "keychain_no_service"),
            ("I/O error: Failed to connect to address `unix:path=/run/user/0/bus`", "keychain_no_service"),
            ("org.freedesktop.DBus.Error.AccessDenied: rejected send message", "keychain_denied"),
            ("org.freedesktop.Secret.Error.IsLocked: Cannot get secret", "keychain_locked"),
            ("org.freedesktop.DBus.Error.NoReply: timed out", "keychain_platform"),
        ] {
            assert_eq!(by_bus_name(text.to_owned()).code(), code, "{text}");
        }
    }

    #[test]
    fn what_windows_and_macos_mean() {
        assert_eq!(by_windows_error("Windows error code 5".into()).code(), "keychain_denied");
        assert_eq!(
            by_windows_error("Windows ERROR_NO_SUCH_LOGON_SESSION".into()).code(),
            "keychain_no_service"
        );
        assert!(matches!(
            by_windows_error("Windows error code 87".into()),
            KeychainError::Platform { system: "windows", number: Some(87), .. }
        ));
        for (status, code) in [
            (-128, "keychain_denied"),
            (-25293, "keychain_denied"),
            (-25308, "keychain_locked"),
            (-25307, "keychain_no_collection"),
            (-25291, "keychain_no_service"),
            (-25295, "keychain_platform"),
        ] {
            let debug = format!("Error {{ code: {status}, message: \"macOS 14, what 3 it says\" }}");
            assert_eq!(by_mac_status(debug).code(), code, "{status}");
        }
    }
}

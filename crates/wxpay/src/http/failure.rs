//! What a failure means: reqwest's own message says only that sending failed, the reason stands deeper.

use super::connect::TooSlow;
use super::scope::{Forbidden, NoAddress};
use crate::transport::{MaybeSent, NotSent};
use rustls::AlertDescription as Alert;
use std::error::Error;
use std::io;

/// The error, what caused it, what caused that, and so on. An `io::Error` hides what it was made of: its `source`
/// is that thing's source, so it is looked into.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut links: Vec<&'a (dyn Error + 'static)> = Vec::new();
    let mut next = Some(error);
    while let Some(link) = next {
        links.push(link);
        next = match link.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => link.source(),
        };
    }
    links
}

fn find<'a, E: Error + 'static>(links: &[&'a (dyn Error + 'static)]) -> Option<&'a E> {
    links.iter().find_map(|link| link.downcast_ref())
}

/// The deepest error's own words.
pub(super) fn last_words(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

/// A failure before the connection stood. `certified`: the merchant's certificate was shown.
pub(super) fn before(error: &(dyn Error + 'static), host: String, certified: bool) -> NotSent {
    let links = chain(error);
    if let Some(NoAddress { name, .. }) = find(&links) {
        return NotSent::Name { host: name.clone() };
    }
    // No name of a host at all, so nobody was asked about it.
    if find::<rustls::pki_types::InvalidDnsNameError>(&links).is_some() {
        return NotSent::Name { host };
    }
    if find::<Forbidden>(&links).is_some() {
        return NotSent::Forbidden { host };
    }
    if find::<TooSlow>(&links).is_some() {
        return NotSent::ConnectTimeout { host };
    }
    match find::<rustls::Error>(&links) {
        Some(rustls::Error::AlertReceived(alert)) if certified && is_about_certificate(*alert) => {
            NotSent::BadCertificate { detail: format!("the other side answers {alert:?}") }
        }
        Some(tls) => NotSent::Tls { host, detail: tls.to_string() },
        None if find::<io::Error>(&links)
            .is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof) =>
        {
            NotSent::Tls { host, detail: String::from("the other side ended the handshake") }
        }
        None => NotSent::Connect { host },
    }
}

/// Whether an alert that we receive complains about the certificate that we showed.
fn is_about_certificate(alert: Alert) -> bool {
    matches!(
        alert,
        Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
    )
}

/// A failure after the connection stood. Whatever it is, the request may have arrived: with TLS 1.3 even a
/// refused certificate is told only after the request was written.
pub(super) fn after(error: &(dyn Error + 'static)) -> MaybeSent {
    let links = chain(error);
    if let Some(tls) = find::<rustls::Error>(&links) {
        return MaybeSent::Protocol { detail: tls.to_string() };
    }
    if let Some(http) = find::<hyper::Error>(&links)
        && http.is_parse()
    {
        return MaybeSent::Protocol { detail: last_words(http) };
    }
    match find::<io::Error>(&links) {
        // hyper's words for chunks that are none.
        Some(error) if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => {
            MaybeSent::Protocol { detail: error.to_string() }
        }
        _ => MaybeSent::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands around the reason, as in reqwest and hyper.
    #[derive(Debug, thiserror::Error)]
    #[error("error trying to connect")]
    struct Around(#[source] Box<dyn Error + Send + Sync>);

    fn wrapped(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Around {
        Around(io::Error::other(Around(io::Error::other(reason).into())).into())
    }

    #[test]
    fn the_reason_is_found_however_deep() {
        let host = || String::from("api.mch.weixin.qq.com");
        let no_address = NoAddress::for_test("elsewhere.example");
        let alert = |alert| wrapped(rustls::Error::AlertReceived(alert));
        let rows = [
            (wrapped(no_address), true, NotSent::Name { host: String::from("elsewhere.example") }),
            (wrapped(Forbidden), true, NotSent::Forbidden { host: host() }),
            (wrapped(TooSlow), true, NotSent::ConnectTimeout { host: host() }),
            (
                wrapped(io::Error::from(io::ErrorKind::ConnectionRefused)),
                true,
                NotSent::Connect { host: host() },
            ),
            (wrapped("something new"), true, NotSent::Connect { host: host() }),
            (
                alert(Alert::CertificateRevoked),
                true,
                NotSent::BadCertificate { detail: String::from("the other side answers CertificateRevoked") },
            ),
            (alert(Alert::CertificateRevoked), false, NotSent::Tls { host: host(), detail: String::new() }),
        ];
        for (error, certified, expected) in rows {
            match (before(&error, host(), certified), expected) {
                // The TLS library's words may change; where they come from may not.
                (NotSent::Tls { detail, .. }, NotSent::Tls { .. }) => {
                    assert!(!detail.is_empty(), "{error:?}")
                }
                (found, expected) => assert_eq!(found, expected, "{error:?}"),
            }
        }
        assert_eq!(last_words(&wrapped("deep")), "deep");
    }
}

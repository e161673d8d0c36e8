//! The merchant's certificate: shown where it is demanded, and what comes of a wrong one.

use crate::pki::{Ca, Clients, VERSIONS, Valid, config};
use crate::server::{Act, Server};
use crate::{check, options, request, send};
use domain::Secret;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use wxpay::http::{Roots, Scope};

fn ok() -> Vec<Act> {
    vec![Act::Read, Act::Write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi".to_vec())]
}

#[tokio::test]
async fn a_server_that_demands_it() {
    let (ca, other) = (Ca::new("ours"), Ca::new("another"));
    let merchant = |valid| ca.leaf(&["1900000109"], valid).identity_pem();
    // With TLS 1.3 the client is done, and has written its request, before the server has seen its certificate.
    let rows = [
        ("right", Some(merchant(Valid::Now)), true, ["200 hi", "200 hi"]),
        (
            "not shown, as the path does not need it",
            Some(merchant(Valid::Now)),
            false,
            ["NotSent(Tls…alert", "MaybeSent(Protocol…CertificateRequired"],
        ),
        (
            "absent, and not shown",
            None,
            false,
            ["NotSent(Tls…alert", "MaybeSent(Protocol…CertificateRequired"],
        ),
        ("absent", None, true, ["NotSent(NoCertificate)", "NotSent(NoCertificate)"]),
        (
            "of another authority",
            Some(other.leaf(&["1900000109"], Valid::Now).identity_pem()),
            true,
            ["NotSent(BadCertificate…UnknownCA", "MaybeSent(Protocol…UnknownCA"],
        ),
        (
            "expired",
            Some(merchant(Valid::Past)),
            true,
            ["NotSent(BadCertificate…CertificateExpired", "MaybeSent(Protocol…CertificateExpired"],
        ),
    ];
    for (case, identity, certificate, expected) in rows {
        for (version, expected) in [&TLS12, &TLS13].into_iter().zip(expected) {
            let server = Server::tls(ok(), config(&ca.server(), &[version], Clients::Certified(&ca))).await;
            let mut options = options(Scope::WeChat, Roots::Only(ca.pem.clone()));
            options.identity = identity.clone().map(Secret::new);
            let mut request = request(&server.https());
            request.certificate = certificate;
            let result = send(options, &request).await;
            check(&format!("{case}, {version:?}"), &result, expected);
            server.seen(|seen| {
                assert_eq!(seen.connections, usize::from(expected != "NotSent(NoCertificate)"), "{case}");
                assert_eq!(
                    seen.requests.len(),
                    usize::from(result.is_ok()),
                    "{case}: the server read nothing"
                );
            });
        }
    }
}

#[tokio::test]
async fn it_is_shown_only_where_it_is_demanded() {
    let ca = Ca::new("ours");
    for version in VERSIONS {
        let server = Server::tls(ok(), config(&ca.server(), &[version], Clients::Asked(&ca))).await;
        let mut options = options(Scope::WeChat, Roots::Only(ca.pem.clone()));
        options.identity = Some(Secret::new(ca.leaf(&["1900000109"], Valid::Now).identity_pem()));
        let transport = wxpay::http::HttpTransport::new(options).unwrap();
        for certificate in [false, true, false] {
            let mut request = request(&server.https());
            request.certificate = certificate;
            let result = wxpay::transport::Transport::send(&transport, &request).await;
            check("asked", &result, "200 hi");
        }
        server.seen(|seen| assert_eq!(seen.certified, [false, true, false]));
    }
}

#[tokio::test]
async fn one_that_cannot_be_used_stops_only_what_needs_it() {
    let ca = Ca::new("ours");
    let (one, two) = (ca.leaf(&["1900000109"], Valid::Now), ca.leaf(&["1900000110"], Valid::Now));
    let server = Server::tls(ok(), config(&ca.server(), &VERSIONS, Clients::Asked(&ca))).await;
    for (case, pem) in [
        ("empty", String::new()),
        ("not PEM", String::from("hush")),
        ("no key", one.certificate_pem.clone()),
        ("no certificate", one.key_pem()),
        ("another one's key", format!("{}{}", one.certificate_pem, two.key_pem())),
        ("cut off", one.identity_pem()[..one.identity_pem().len() - 40].to_owned()),
        (
            "something else beside",
            format!(
                "{}{}",
                one.identity_pem(),
                "-----BEGIN CERTIFICATE REQUEST-----\naHVzaA==\n-----END CERTIFICATE REQUEST-----\n"
            ),
        ),
        (
            "not base64",
            format!(
                "{}{}",
                one.key_pem(),
                "-----BEGIN CERTIFICATE-----\n*hush*\n-----END CERTIFICATE-----\n"
            ),
        ),
        (
            "not a certificate",
            format!(
                "{}{}",
                one.key_pem(),
                "-----BEGIN CERTIFICATE-----\naHVzaA==\n-----END CERTIFICATE-----\n"
            ),
        ),
        (
            "not a key",
            format!(
                "{}{}",
                one.certificate_pem, "-----BEGIN PRIVATE KEY-----\naHVzaA==\n-----END PRIVATE KEY-----\n"
            ),
        ),
    ] {
        let mut options = options(Scope::WeChat, Roots::Only(ca.pem.clone()));
        options.identity = Some(Secret::new(pem));
        let mut request = request(&server.https());
        check(case, &send(options.clone(), &request).await, "200 hi");
        request.certificate = true;
        let result = send(options, &request).await;
        check(case, &result, "NotSent(BadCertificate…");
        let said = format!("{result:?}");
        assert!(!said.contains("hush") && !said.contains("aHVzaA"), "{case}: {said}");
        assert!(!said.contains("detail: \"\""), "{case}: {said}");
    }
    server.seen(|seen| assert!(seen.certified.iter().all(|shown| !shown)));
}

//! Certificates made for one test run.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use std::sync::Arc;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

pub(crate) const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

/// An authority.
pub(crate) struct Ca {
    pub(crate) pem: String,
    der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key.
pub(crate) struct Leaf {
    der: CertificateDer<'static>,
    key: KeyPair,
    pub(crate) certificate_pem: String,
}

impl Leaf {
    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// Certificate and key in one text, as `HttpOptions::identity` takes it.
    pub(crate) fn identity_pem(&self) -> String {
        format!("{}{}", self.certificate_pem, self.key_pem())
    }
}

/// When a certificate is valid.
#[derive(Clone, Copy)]
pub(crate) enum Valid {
    Now,
    Past,
    Future,
}

impl Ca {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { pem: certificate.pem(), der: certificate.der().clone(), issuer: Issuer::new(params, key) }
    }

    pub(crate) fn leaf(&self, names: &[&str], valid: Valid) -> Leaf {
        let mut params =
            CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
        (params.not_before, params.not_after) = match valid {
            Valid::Now => (date_time_ymd(2020, 1, 1), date_time_ymd(4000, 1, 1)),
            Valid::Past => (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1)),
            Valid::Future => (date_time_ymd(3999, 1, 1), date_time_ymd(4000, 1, 1)),
        };
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Leaf { der: certificate.der().clone(), key, certificate_pem: certificate.pem() }
    }

    /// The certificate of a server at 127.0.0.1.
    pub(crate) fn server(&self) -> Leaf {
        self.leaf(&["127.0.0.1", "localhost"], Valid::Now)
    }
}

/// Whom a server lets in.
#[derive(Clone, Copy)]
pub(crate) enum Clients<'a> {
    Anyone,
    /// A certificate of this authority, and nobody without.
    Certified(&'a Ca),
    /// The certificate is asked for, and its absence forgiven.
    Asked(&'a Ca),
}

pub(crate) fn config(
    leaf: &Leaf,
    versions: &[&'static SupportedProtocolVersion],
    clients: Clients<'_>,
) -> ServerConfig {
    let provider = Arc::new(ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(versions).unwrap();
    let verifier = |ca: &Ca| {
        let mut roots = RootCertStore::empty();
        roots.add(ca.der.clone()).unwrap();
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
    };
    let builder = match clients {
        Clients::Anyone => builder.with_no_client_auth(),
        Clients::Certified(ca) => builder.with_client_cert_verifier(verifier(ca).build().unwrap()),
        Clients::Asked(ca) => {
            builder.with_client_cert_verifier(verifier(ca).allow_unauthenticated().build().unwrap())
        }
    };
    let key = PrivateKeyDer::Pkcs8(leaf.key.serialize_der().into());
    builder.with_single_cert(vec![leaf.der.clone()], key).unwrap()
}

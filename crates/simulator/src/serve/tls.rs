//! The simulator's own certificate authority, its server certificate and the merchant's client certificate. Made
//! anew at each start; nothing outside this run trusts them.

use super::error::ServeError;
use crate::merchant::CertId;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use std::sync::Arc;

/// What clients need, as PEM, and what the server needs.
pub(super) struct Certificates {
    pub(super) ca_pem: String,
    pub(super) client_cert_pem: String,
    pub(super) client_key_pem: String,
    pub(super) server: Arc<rustls::ServerConfig>,
    /// The merchant's certificate as it comes in a handshake, and whose it is.
    pub(super) client: (CertificateDer<'static>, CertId),
}

fn params(names: &[&str], common_name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.distinguished_name.push(DnType::OrganizationName, "Paydesk simulator, not WeChat Pay");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 12, 31);
    Ok(params)
}

pub(super) fn make(mch_id: &str) -> Result<Certificates, ServeError> {
    let bad = ServeError::Certificates;
    let ca_key = KeyPair::generate().map_err(bad)?;
    let mut ca = params(&[], "Paydesk simulated CA").map_err(bad)?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ca_cert = ca.self_signed(&ca_key).map_err(bad)?;
    let issuer = Issuer::new(ca, ca_key);

    let server_key = KeyPair::generate().map_err(bad)?;
    let mut server = params(&["localhost", "127.0.0.1", "::1"], "localhost").map_err(bad)?;
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let server_cert = server.signed_by(&server_key, &issuer).map_err(bad)?;

    let client_key = KeyPair::generate().map_err(bad)?;
    // As WeChat Pay's: the common name is the merchant's number.
    let mut client = params(&[], mch_id).map_err(bad)?;
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    client.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let client_cert = client.signed_by(&client_key, &issuer).map_err(bad)?;

    let tls = |error: &dyn std::fmt::Display| ServeError::Tls(error.to_string());
    let mut roots = RootCertStore::empty();
    roots.add(ca_cert.der().clone()).map_err(|error| tls(&error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .allow_unauthenticated()
        .build()
        .map_err(|error| tls(&error))?;
    let key = PrivateKeyDer::try_from(server_key.serialize_der()).map_err(|error| tls(&error))?;
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| tls(&error))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![server_cert.der().clone(), ca_cert.der().clone()], key)
        .map_err(|error| tls(&error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Certificates {
        ca_pem: ca_cert.pem(),
        client_cert_pem: client_cert.pem(),
        client_key_pem: client_key.serialize_pem(),
        server: Arc::new(config),
        client: (client_cert.der().clone(), CertId(mch_id.to_owned())),
    })
}

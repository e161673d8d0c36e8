//! The way to a running simulator that speaks plain HTTP.

use wxpay::http::HttpTransport;
use wxpay::transport::{Reply, Request, Transport};

/// Carries requests to it. Where there is no TLS there is no certificate to show, and the simulator demands
/// none there; the transport below would refuse to send without one.
pub(crate) struct PlainRunning(pub(crate) HttpTransport);

impl Transport for PlainRunning {
    fn send<'a>(&'a self, request: &'a Request) -> Reply<'a> {
        let plain = Request { certificate: false, ..request.clone() };
        Box::pin(async move { self.0.send(&plain).await })
    }
}

//! How bytes reach WeChat Pay and come back. One implementation speaks HTTPS (`http`), another
//! is the simulator in process; the client above cannot tell them apart.

use domain::Secret;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// One POST to the gateway.
#[derive(Clone, Debug)]
pub struct Request {
    /// Scheme and host, without a slash at the end, such as `https://api.mch.weixin.qq.com`.
    pub host: String,
    /// Path with its leading slash, such as `/pay/unifiedorder`.
    pub path: &'static str,
    /// The body, UTF-8 XML. It may hold a payer's code, so it is not printed.
    pub body: Secret<Vec<u8>>,
    /// Whether this path demands the merchant's client certificate.
    pub certificate: bool,
    /// Longest time to connect.
    pub connect_timeout: Duration,
    /// Longest time from connected to the last byte of the reply.
    pub read_timeout: Duration,
}

/// What came back.
#[derive(Clone)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// The gateway's own clock from the `Date` header, seconds since the epoch, where it sent one.
    pub date_secs: Option<i64>,
    /// The body as received, at most 1 MiB.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response").field("status", &self.status).field("len", &self.body.len()).finish()
    }
}

/// Why no whole reply came back, and above all whether the request may have arrived.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The request certainly did not arrive: nothing happened at the gateway. Sending it again, here or to
    /// the other host, is safe.
    #[error("the request was not sent: {0}")]
    NotSent(NotSent),
    /// The request may have arrived. For whatever moves money the outcome is unknown until it is asked about.
    #[error("no whole reply came back: {0}")]
    MaybeSent(MaybeSent),
}

/// Why a request certainly did not arrive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The host's name has no address (or there is no network).
    #[error("the name {host} was not found")]
    Name {
        /// The host.
        host: String,
    },
    /// Nobody listens there, or there is no route.
    #[error("no connection to {host}")]
    Connect {
        /// The host.
        host: String,
    },
    /// No connection within the time allowed.
    #[error("no connection to {host} in time")]
    ConnectTimeout {
        /// The host.
        host: String,
    },
    /// TLS failed: the other side is not who it says, or this computer's clock is wrong.
    #[error("TLS with {host} failed: {detail}")]
    Tls {
        /// The host.
        host: String,
        /// rustls' own words.
        detail: String,
    },
    /// This path demands a client certificate and the merchant has none here.
    #[error("this needs the merchant's certificate, and none is stored")]
    NoCertificate,
    /// The certificate stored cannot be used.
    #[error("the merchant's certificate cannot be used: {detail}")]
    BadCertificate {
        /// What is wrong with it.
        detail: String,
    },
    /// This transport must not go to that host: a simulated merchant's stays on the loopback.
    #[error("{host} is not allowed here: simulated requests never leave this computer")]
    Forbidden {
        /// The host.
        host: String,
    },
}

/// Why the reply did not come back whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MaybeSent {
    /// No whole reply within the time allowed.
    #[error("no reply in time")]
    ReadTimeout,
    /// The connection ended before the reply did.
    #[error("the connection was lost")]
    Lost,
    /// The reply is larger than 1 MiB.
    #[error("the reply is larger than 1 MiB")]
    TooLarge,
    /// The reply is not HTTP, or a redirect, which is never followed.
    #[error("the reply is not what an HTTP server answers here: {detail}")]
    Protocol {
        /// What it is.
        detail: String,
    },
}

/// Largest reply that is read, in bytes.
pub const MAX_REPLY_BYTES: usize = 1024 * 1024;

/// A reply, some time later.
pub type Reply<'a> = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>>;

/// Something that carries requests to WeChat Pay.
pub trait Transport: Send + Sync {
    /// Sends the request once. Never retries and never redirects; those decisions are the client's.
    fn send<'a>(&'a self, request: &'a Request) -> Reply<'a>;
}

//! HTTPS to WeChat Pay: the [`Transport`] that leaves this computer, and the one that stays on its loopback.
//!
//! What it is careful about is one question: after a failure, may the request have arrived? A connection is
//! opened for every request and never used again. With connections kept open, a server may close one at the
//! moment a request is written to it, and nobody could then say whether the request was read; opening one costs
//! a few ten milliseconds, a wrong answer costs money. So: before the connection stands, TLS included, not one
//! byte of the request has left ([`NotSent`]); from then on everything is [`MaybeSent`].

mod connect;
mod date;
mod failure;
mod scope;

use crate::transport::{
    MAX_REPLY_BYTES, MaybeSent, NotSent, Reply, Request, Response, Transport, TransportError,
};
use connect::{Progress, Watch};
use domain::Secret;
use reqwest::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, DATE};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Identity};
use scope::Resolver;
use std::sync::Arc;

/// Where a transport may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Any host, over https only.
    WeChat,
    /// This computer only, over http or https: the host is an IP address of the loopback, or `localhost` where
    /// that name has no other address. Everything else is [`NotSent::Forbidden`], before a packet leaves.
    Loopback,
}

/// Which authorities may vouch for the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roots {
    /// Those that this computer trusts. No certificate of WeChat Pay is pinned: it changes them.
    Platform,
    /// Only those in this PEM text. For the simulator's own certificate.
    Only(String),
}

/// Through what the request goes.
#[derive(Clone, Debug)]
pub enum Proxy {
    /// Nothing. Proxies named by the environment (`HTTPS_PROXY` and its like) are not used.
    None,
    /// This one, `http://` or `https://`; it may hold a name and password. It sees the host's name and the amount
    /// of traffic, and nothing inside of it.
    Url(Secret<String>),
    /// Whatever the environment names, because the person asked for that.
    Environment,
}

/// What a transport is made of.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// The merchant's certificate: PEM of its chain, leaf first, and of its private key. It is shown only where
    /// [`Request::certificate`] is set.
    pub identity: Option<Secret<String>>,
    /// Who may vouch for the server.
    pub roots: Roots,
    /// The proxy. A [`Scope::Loopback`] takes none.
    pub proxy: Proxy,
    /// Where it may go.
    pub scope: Scope,
    /// What it calls itself, such as `Paydesk/0.1`.
    pub user_agent: String,
}

/// Why a transport could not be made. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The PEM of [`Roots::Only`] holds no certificate, or one that cannot be read.
    #[error("the authorities' certificates cannot be read; nothing was sent")]
    Roots,
    /// The proxy's address is not one of `http://` or `https://`. It is not repeated: it may hold a password.
    #[error("the proxy's address is not an http:// or https:// address; nothing was sent")]
    Proxy,
    /// A proxy was asked for, but this transport stays on the loopback.
    #[error("simulated requests never leave this computer, so they take no proxy; nothing was sent")]
    ProxyOnLoopback,
    /// TLS cannot be set up here: the user agent cannot stand in a header, or this computer trusts no authority.
    #[error("HTTPS cannot be set up on this computer: {detail}; nothing was sent")]
    Setup {
        /// The TLS library's own words.
        detail: String,
    },
}

/// Carries requests over HTTP. Cheap to share; it needs a tokio runtime around [`Transport::send`].
pub struct HttpTransport {
    scope: Scope,
    plain: Client,
    certified: Certified,
}

/// The client that shows the merchant's certificate.
enum Certified {
    Absent,
    /// Paths that need none go on working, so this is told only where it is needed.
    Unusable(String),
    Client(Client),
}

impl std::fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpTransport").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl HttpTransport {
    /// Sets up TLS and reads the certificates. Opens no connection.
    ///
    /// A certificate of the merchant's that cannot be used is no error here: orders and queries need none. It
    /// comes as [`NotSent::BadCertificate`] from the first request that does.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn new(options: HttpOptions) -> Result<Self, HttpError> {
        // Fails where somebody has installed one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let plain = builder(&options)?.build().map_err(|error| setup(&error))?;
        let certified = match &options.identity {
            None => Certified::Absent,
            Some(pem) => {
                let identity = Identity::from_pem(pem.expose().as_bytes());
                let builder = builder(&options)?;
                // `plain` was built from the same options, so what fails here is the identity.
                match identity.and_then(|identity| builder.identity(identity).build()) {
                    Ok(client) => Certified::Client(client),
                    Err(error) => Certified::Unusable(failure::last_words(&error)),
                }
            }
        };
        Ok(Self { scope: options.scope, plain, certified })
    }

    async fn exchange(&self, request: &Request) -> Result<Response, TransportError> {
        let url = scope::url(self.scope, &request.host, request.path)
            .map_err(|scope::Forbidden| NotSent::Forbidden { host: request.host.clone() })?;
        let client = match (&self.certified, request.certificate) {
            (_, false) => &self.plain,
            (Certified::Client(client), true) => client,
            (Certified::Absent, true) => return Err(NotSent::NoCertificate.into()),
            (Certified::Unusable(detail), true) => {
                return Err(NotSent::BadCertificate { detail: detail.clone() }.into());
            }
        };
        let host = url.host_str().unwrap_or_default().to_owned();
        let progress = Arc::new(Progress::new(request.connect_timeout));
        let work = progress.clone().watch(async {
            let request = client
                .post(url)
                .header(CONTENT_TYPE, "text/xml; charset=utf-8")
                .header(ACCEPT, "*/*")
                .body(request.body.expose().clone());
            read(request.send().await?).await
        });
        let mut work = std::pin::pin!(work);
        // Until the connection stands its own timeout counts, from then on the reply's, over all of it: a server
        // that sends one byte a second does not win time with each.
        let end = tokio::select! {
            biased;
            end = &mut work => Some(end),
            () = progress.connected() => tokio::time::timeout(request.read_timeout, work).await.ok(),
        };
        match end {
            Some(Ok(response)) => Ok(response),
            None => Err(MaybeSent::ReadTimeout.into()),
            Some(Err(Broken::Reply(why))) => Err(why.into()),
            Some(Err(Broken::Http(error))) if progress.is_connected() => Err(failure::after(&error).into()),
            Some(Err(Broken::Http(error))) => Err(failure::before(&error, host, request.certificate).into()),
        }
    }
}

impl Transport for HttpTransport {
    fn send<'a>(&'a self, request: &'a Request) -> Reply<'a> {
        Box::pin(self.exchange(request))
    }
}

impl From<NotSent> for TransportError {
    fn from(why: NotSent) -> Self {
        Self::NotSent(why)
    }
}

impl From<MaybeSent> for TransportError {
    fn from(why: MaybeSent) -> Self {
        Self::MaybeSent(why)
    }
}

/// Why there is no reply.
enum Broken {
    Http(reqwest::Error),
    /// There is one, and it is refused.
    Reply(MaybeSent),
}

impl From<reqwest::Error> for Broken {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error)
    }
}

fn refused(detail: impl Into<String>) -> Broken {
    Broken::Reply(MaybeSent::Protocol { detail: detail.into() })
}

/// Reads the reply, at most [`MAX_REPLY_BYTES`] of it.
async fn read(mut reply: reqwest::Response) -> Result<Response, Broken> {
    let status = reply.status();
    if status.is_redirection() {
        return Err(refused(format!("HTTP {} sends elsewhere", status.as_u16())));
    }
    // None was asked for, and unpacking is where 1 KiB becomes 1 GiB.
    if let Some(encoding) = reply.headers().get(CONTENT_ENCODING)
        && !encoding.as_bytes().eq_ignore_ascii_case(b"identity")
    {
        return Err(refused("it is compressed"));
    }
    let date_secs = reply.headers().get(DATE).and_then(|date| date::secs(date.to_str().ok()?));
    let announced = reply.content_length().unwrap_or(0);
    if announced > MAX_REPLY_BYTES as u64 {
        return Err(Broken::Reply(MaybeSent::TooLarge));
    }
    let mut body = Vec::new();
    while let Some(chunk) = reply.chunk().await? {
        if chunk.len() > MAX_REPLY_BYTES - body.len() {
            return Err(Broken::Reply(MaybeSent::TooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status: status.as_u16(), date_secs, body })
}

fn setup(error: &reqwest::Error) -> HttpError {
    HttpError::Setup { detail: failure::last_words(error) }
}

fn builder(options: &HttpOptions) -> Result<ClientBuilder, HttpError> {
    let mut builder = Client::builder()
        .tls_backend_rustls()
        .http1_only()
        .https_only(options.scope == Scope::WeChat)
        .user_agent(&options.user_agent)
        .redirect(Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        // See the top of this file. It also keeps the connecting in the task that asks, which `connect` needs.
        .pool_max_idle_per_host(0)
        .dns_resolver(Resolver::new(options.scope))
        .connector_layer(Watch);
    builder = match (&options.proxy, options.scope) {
        (Proxy::None, _) => builder.no_proxy(),
        (_, Scope::Loopback) => return Err(HttpError::ProxyOnLoopback),
        (Proxy::Url(url), Scope::WeChat) => builder.proxy(proxy(url.expose())?),
        (Proxy::Environment, Scope::WeChat) => builder,
    };
    match &options.roots {
        Roots::Platform => Ok(builder),
        Roots::Only(pem) => {
            let roots = Certificate::from_pem_bundle(pem.as_bytes()).map_err(|_| HttpError::Roots)?;
            if roots.is_empty() {
                return Err(HttpError::Roots);
            }
            Ok(builder.tls_certs_only(roots))
        }
    }
}

fn proxy(url: &str) -> Result<reqwest::Proxy, HttpError> {
    let url = reqwest::Url::parse(url).map_err(|_| HttpError::Proxy)?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(HttpError::Proxy);
    }
    reqwest::Proxy::all(url).map_err(|_| HttpError::Proxy)
}

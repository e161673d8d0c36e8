//! The simulator on a loopback port, for any WeChat Pay client, with a control port beside it.
//!
//! The gateway speaks HTTP or HTTPS. Over HTTPS it asks for the client certificate and demands it where WeChat
//! Pay does; over HTTP there is none to demand. The control port speaks plain HTTP, because it carries nothing but
//! play, and answers only to its token. Both listen on the loopback and nowhere else.
//!
//! | control | body | answers |
//! |---|---|---|
//! | `POST /pay`, `/fail`, `/refund-result`, `/advance`, `/fault`, `/notice-fault`, `/disarm`, `/auth-code`, `/withdraw` | the fields of [`Control`](crate::Control) | 200 and an object |
//! | `GET /state` | | everything the gateway knows, without keys |
//! | `POST /stop` | | 200, then it stops |
//!
//! Every request carries `Authorization: Bearer <token>`. A refusal is `{"error":{"code","message"}}` with 400, 401
//! or 404.

mod body;
mod client;
mod connection;
mod error;
mod files;
mod post;
mod pump;
mod tls;

pub use client::{ClientError, control};
pub use error::ServeError;

use crate::config::Config;
use crate::in_process::Shared;
use crate::merchant::{APP_SECRET, APPID, MCH_ID};
use crate::simulator::Simulator;
use connection::{Gateway, Role};
use domain::{Clock, Entropy};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// How to listen.
pub struct ServeOptions {
    /// A loopback address; anything else is refused.
    pub address: IpAddr,
    /// The gateway's port; 0 for any that is free. The control port is always any that is free.
    pub port: u16,
    /// What the gateway's numbers come from. Not the certificates and the token, which are new each time.
    pub seed: u64,
    /// HTTPS, with the client certificate demanded where WeChat Pay demands it.
    pub tls: bool,
    /// What the gateway's clock follows; `advance` adds to it.
    pub clock: Arc<dyn Clock>,
    /// Where the control token comes from.
    pub entropy: Arc<dyn Entropy>,
    /// An existing folder for the files of keys and certificates; those of an earlier run are replaced.
    pub dir: PathBuf,
    /// How strict and how slow it is.
    pub config: Config,
}

impl ServeOptions {
    /// HTTP on any free port of 127.0.0.1.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, dir: PathBuf) -> Self {
        let address = Ipv4Addr::LOCALHOST.into();
        Self { address, port: 0, seed: 0, tls: false, clock, entropy, dir, config: Config::default() }
    }
}

/// Where it listens and what a client needs. As JSON it is one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// Scheme, address and port of the gateway, without a slash at the end.
    pub url: String,
    /// The built-in merchant's number.
    pub mch_id: String,
    /// Its appid.
    pub appid: String,
    /// Its AppSecret.
    pub app_secret: String,
    /// A file with its API v2 key and nothing else, not even a line end.
    pub key_file: PathBuf,
    /// A PEM file with its client certificate and the private key. `apiclient_cert.pem` and
    /// `apiclient_key.pem` beside it have them one by one.
    pub cert_file: PathBuf,
    /// A PEM file with the certificate authority of the gateway's own certificate.
    pub ca_file: PathBuf,
    /// Scheme, address and port of the control port.
    pub control_url: String,
    /// What the control port answers to.
    pub control_token: String,
}

/// A simulator that listens. Dropping it stops it at once; [`stop`](Self::stop) lets replies under way finish.
#[derive(Debug)]
pub struct Server {
    served: Served,
    simulator: Shared,
    stop: Arc<watch::Sender<bool>>,
    tasks: JoinSet<()>,
}

/// How long replies under way may take once it stops.
const GRACE: Duration = Duration::from_secs(2);

/// Listens. Must be called on a tokio runtime with IO and time.
///
/// # Errors
/// [`ServeError`]; then nothing listens.
pub async fn serve(options: ServeOptions) -> Result<Server, ServeError> {
    let ServeOptions { address, port, seed, tls, clock, entropy, dir, config } = options;
    if !address.is_loopback() {
        return Err(ServeError::NotLoopback { address });
    }
    let certificates = tls::make(MCH_ID)?;
    let written = files::write(&dir, &certificates)?;
    let bind = async |port| {
        let listener =
            TcpListener::bind((address, port)).await.map_err(|source| ServeError::Bind { port, source })?;
        let bound = listener.local_addr().map_err(|source| ServeError::Bind { port, source })?;
        Ok::<(TcpListener, SocketAddr), ServeError>((listener, bound))
    };
    let (listener, bound) = bind(port).await?;
    let (control_listener, control_bound) = bind(0).await?;
    let served = Served {
        url: format!("{}://{bound}", if tls { "https" } else { "http" }),
        mch_id: MCH_ID.into(),
        appid: APPID.into(),
        app_secret: APP_SECRET.into(),
        key_file: written.key,
        cert_file: written.certificate,
        ca_file: written.ca,
        control_url: format!("http://{control_bound}"),
        control_token: domain::new_nonce(&*entropy),
    };
    let mut simulator = Simulator::following(seed, clock);
    *simulator.config_mut() = config;
    let simulator: Shared = Arc::new(Mutex::new(simulator));
    let stop = Arc::new(watch::Sender::new(false));
    let gateway = Arc::new(Gateway {
        simulator: simulator.clone(),
        token: served.control_token.clone(),
        client: certificates.client,
        changed: Notify::new(),
        stop: stop.clone(),
    });
    let mut tasks = JoinSet::new();
    let role = if tls { Role::Tls(TlsAcceptor::from(certificates.server)) } else { Role::Plain };
    tasks.spawn(connection::accept(listener, gateway.clone(), role));
    tasks.spawn(connection::accept(control_listener, gateway.clone(), Role::Control));
    tasks.spawn(pump::run(gateway));
    Ok(Server { served, simulator, stop, tasks })
}

impl Server {
    /// Where it listens and what a client needs.
    #[must_use]
    pub const fn served(&self) -> &Served {
        &self.served
    }

    /// The gateway itself, to be looked at or changed from the same process.
    #[must_use]
    pub const fn simulator(&self) -> &Shared {
        &self.simulator
    }

    /// Waits until somebody stops it over the control port.
    pub async fn stopped(&self) {
        let mut stop = self.stop.subscribe();
        // It cannot end before: `self` holds a sender.
        let _ = stop.wait_for(|stop| *stop).await;
    }

    /// Takes no more connections, lets replies under way finish for two seconds, and ends.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(GRACE, all).await;
        self.tasks.abort_all();
    }
}

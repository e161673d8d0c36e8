//! Watches a connection being opened: it ends in time, and whoever asked knows that it stands.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::Notify;
use tower::{Layer, Service};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

tokio::task_local! {
    // The connector gets only the address, and the client is shared by all requests; so what belongs to one
    // request travels with its task. Without a pool the connector runs in that task.
    static PROGRESS: Arc<Progress>;
}

/// How far one request has come.
pub(super) struct Progress {
    connect_timeout: Duration,
    connected: AtomicBool,
    news: Notify,
}

impl Progress {
    pub(super) fn new(connect_timeout: Duration) -> Self {
        Self { connect_timeout, connected: AtomicBool::new(false), news: Notify::new() }
    }

    /// Runs `work`, whose one connection is watched from here.
    pub(super) fn watch<F: Future>(self: Arc<Self>, work: F) -> impl Future<Output = F::Output> {
        PROGRESS.scope(self, work)
    }

    /// Whether the connection stood, TLS included. While this is false, no byte of the request has left.
    pub(super) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::SeqCst)
    }

    /// Waits until the connection stands. For one waiter.
    pub(super) async fn connected(&self) {
        self.news.notified().await;
    }
}

/// No connection within [`Request::connect_timeout`](crate::transport::Request::connect_timeout).
#[derive(Debug, thiserror::Error)]
#[error("no connection in time")]
pub(super) struct TooSlow;

/// The connector was called outside of [`Progress::watch`], or twice for one request.
#[derive(Debug, thiserror::Error)]
#[error("a connection that nobody watches")]
struct Unwatched;

/// Puts [`Watched`] around the connector.
#[derive(Clone)]
pub(super) struct Watch;

impl<S> Layer<S> for Watch {
    type Service = Watched<S>;

    fn layer(&self, connector: S) -> Watched<S> {
        Watched(connector)
    }
}

/// A connector that reports to the [`Progress`] of its task.
#[derive(Clone)]
pub(super) struct Watched<S>(S);

impl<S, R> Service<R> for Watched<S>
where
    S: Service<R, Error = BoxError>,
    S::Future: Send + 'static,
    S::Response: 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, address: R) -> Self::Future {
        let connecting = self.0.call(address);
        Box::pin(async move {
            let progress = PROGRESS.try_with(Arc::clone).map_err(|_| Unwatched)?;
            // A second connection would mean that something below sends the request again.
            if progress.is_connected() {
                return Err(Unwatched.into());
            }
            let connection =
                tokio::time::timeout(progress.connect_timeout, connecting).await.map_err(|_| TooSlow)??;
            progress.connected.store(true, Ordering::SeqCst);
            progress.news.notify_one();
            Ok(connection)
        })
    }
}

//! The HTTP transport against servers that go wrong in every way this file could think of. All of them are on the
//! loopback, and each row says exactly what came of the request: that decides whether money is asked for again.

mod mutual_tls;
mod pki;
mod proxy;
mod replies;
mod scope;
mod server;
mod tls;

use domain::Secret;
use std::time::Duration;
use wxpay::http::{HttpOptions, HttpTransport, Proxy, Roots, Scope};
use wxpay::transport::{Request, Response, Transport as _, TransportError};

/// What every request here carries.
const BODY: &str = "<xml><attach>支付测试</attach></xml>";

/// Long enough for anything on the loopback, and never waited for where it should not be.
const AMPLE: Duration = Duration::from_secs(20);

/// Short enough to be waited for.
const SHORT: Duration = Duration::from_millis(400);

fn options(scope: Scope, roots: Roots) -> HttpOptions {
    HttpOptions { identity: None, roots, proxy: Proxy::None, scope, user_agent: String::from("Paydesk/test") }
}

fn request(host: &str) -> Request {
    Request {
        host: host.to_owned(),
        path: "/pay/orderquery",
        body: Secret::new(BODY.as_bytes().to_vec()),
        certificate: false,
        connect_timeout: AMPLE,
        read_timeout: AMPLE,
    }
}

async fn send(options: HttpOptions, request: &Request) -> Result<Response, TransportError> {
    HttpTransport::new(options).unwrap().send(request).await
}

/// The outcome in a form that a table can hold. Details are the TLS library's words, so rows name a part of them.
fn outcome(result: &Result<Response, TransportError>) -> String {
    match result {
        Ok(reply) => format!("{} {}", reply.status, String::from_utf8_lossy(&reply.body)),
        Err(error) => format!("{error:?}"),
    }
}

/// Asserts that the outcome starts with what is before `…` in `expected` and holds what is after it.
#[track_caller]
fn check(case: &str, result: &Result<Response, TransportError>, expected: &str) {
    let outcome = outcome(result);
    let (start, part) = expected.split_once('…').unwrap_or((expected, ""));
    let whole = !expected.contains('…');
    assert!(
        outcome.starts_with(start) && outcome.contains(part) && (!whole || outcome == expected),
        "{case}: expected {expected}, got {outcome}"
    );
}

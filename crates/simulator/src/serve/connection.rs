//! One connection: limits, TLS, and from HTTP to the gateway and back.

use super::body::{self, MAX_BYTES, Paced};
use crate::control::Control;
use crate::gate::{Call, Certificate, Outcome};
use crate::in_process::{Shared, lock};
use crate::merchant::CertId;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// What all connections share.
pub(super) struct Gateway {
    pub(super) simulator: Shared,
    pub(super) token: String,
    pub(super) client: (CertificateDer<'static>, CertId),
    /// Something happened: there may be a notice to send.
    pub(super) changed: Notify,
    pub(super) stop: Arc<watch::Sender<bool>>,
}

/// What a listener is for.
#[derive(Clone)]
pub(super) enum Role {
    Plain,
    Tls(TlsAcceptor),
    Control,
}

/// Waits until the server is to stop.
pub(super) async fn stopping(stop: &mut watch::Receiver<bool>) {
    // An error means that nobody can stop it any more, because it is gone.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Most connections at a time; more wait.
const MOST_CONNECTIONS: usize = 1024;
/// A client that takes longer for its handshake or its headers is dropped.
const SHAKE_WITHIN: Duration = Duration::from_secs(10);
/// How long a connection stays open in silence.
const SILENCE: Duration = Duration::from_secs(60);
const MOST_HEADERS: usize = 64;
const MOST_HEADER_BYTES: usize = 64 * 1024;

pub(super) async fn accept(listener: TcpListener, gateway: Arc<Gateway>, role: Role) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut stop = gateway.stop.subscribe();
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let stream = tokio::select! {
            () = stopping(&mut stop) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of descriptors, or the client is gone already: a pause lets others finish.
                Err(_) => { sleep(Duration::from_millis(50)).await; continue }
            },
        };
        let (gateway, role) = (gateway.clone(), role.clone());
        connections.spawn(async move {
            let _place = place;
            connection(stream, gateway, role).await;
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(stream: TcpStream, gateway: Arc<Gateway>, role: Role) {
    // Small replies, and a client that waits for each.
    let _ = stream.set_nodelay(true);
    match role {
        Role::Plain => http(stream, gateway, Some(Certificate::NotAsked)).await,
        Role::Control => http(stream, gateway, None).await,
        Role::Tls(acceptor) => {
            let Ok(Ok(stream)) = timeout(SHAKE_WITHIN, acceptor.accept(stream)).await else { return };
            let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
            let certificate = match shown {
                None => Certificate::Absent,
                Some(shown) if *shown == gateway.client.0 => Certificate::Shown(gateway.client.1.clone()),
                // Of our authority and yet not the merchant's: the handshake has let it through.
                Some(_) => Certificate::Shown(CertId("another".into())),
            };
            http(stream, gateway, Some(certificate)).await;
        }
    }
}

/// Serves one connection. `certificate` is `None` on the control port.
async fn http<S>(stream: S, gateway: Arc<Gateway>, certificate: Option<Certificate>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut stop = gateway.stop.subscribe();
    let service = service_fn(move |request: Request<Incoming>| {
        let (gateway, certificate) = (gateway.clone(), certificate.clone());
        async move {
            match certificate {
                Some(certificate) => pay(&gateway, request, certificate).await,
                None => Ok(control(&gateway, request).await),
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(SHAKE_WITHIN)
        .max_headers(MOST_HEADERS)
        .max_buf_size(MOST_HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // An error is a client that went away, or a loss we play: nobody to tell.
        _ = connection.as_mut() => {}
        () = stopping(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

fn text(status: u16, kind: &'static str, body: Paced) -> Response<Paced> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn lost() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "simulated loss")
}

/// Whether a body is announced that is not worth reading.
fn announces_too_much(request: &Request<Incoming>) -> bool {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > MAX_BYTES as u64)
}

async fn pay(
    gateway: &Gateway,
    request: Request<Incoming>,
    certificate: Certificate,
) -> Result<Response<Paced>, io::Error> {
    let refused = |status: u16| {
        let mut response = text(status, "text/html", Paced::whole(crate::message::page(status, "refused")));
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        Ok(response)
    };
    if announces_too_much(&request) {
        return refused(413);
    }
    let (head, incoming) = request.into_parts();
    let bytes = match body::read(incoming).await {
        Ok(bytes) => bytes,
        Err(status) => return refused(status),
    };
    let negative_test = head.headers.get("wechatpay-negative-test").and_then(|value| value.to_str().ok());
    let call = Call {
        method: head.method.as_str(),
        path: head.uri.path(),
        body: &bytes,
        certificate,
        negative_test,
    };
    let (outcome, now) = {
        let mut simulator = lock(&gateway.simulator);
        (simulator.handle(&call), simulator.now())
    };
    gateway.changed.notify_one();
    let mut response = match outcome {
        Outcome::Reply { status, body, delay, per_byte } => {
            if !delay.is_zero() {
                sleep(delay).await;
            }
            let kind = if body.starts_with(b"<html") { "text/html" } else { "text/plain" };
            text(status, kind, Paced::slow(body, per_byte))
        }
        Outcome::Silence => {
            let mut stop = gateway.stop.subscribe();
            tokio::select! {
                () = sleep(SILENCE) => {}
                () = stopping(&mut stop) => {}
            }
            return Err(lost());
        }
        Outcome::Reset => return Err(lost()),
        Outcome::ResetAfter(bytes) => text(200, "text/plain", Paced::cut(bytes)),
    };
    // The gateway's own time, so that a client can tell that its clock is wrong.
    if let Ok(date) = HeaderValue::from_str(&http_date(now)) {
        response.headers_mut().insert(DATE, date);
    }
    Ok(response)
}

fn object(status: u16, value: &Value) -> Response<Paced> {
    text(status, "application/json", Paced::whole(value.to_string().into_bytes()))
}

fn refusal(status: u16, code: &str, message: &str) -> Response<Paced> {
    object(status, &json!({ "error": { "code": code, "message": message } }))
}

async fn control(gateway: &Gateway, request: Request<Incoming>) -> Response<Paced> {
    let presented = request.headers().get(AUTHORIZATION).map_or(&b""[..], |value| value.as_bytes());
    let expected = format!("Bearer {}", gateway.token);
    if !bool::from(presented.ct_eq(expected.as_bytes())) {
        return refusal(401, "token", "the control token is missing or wrong");
    }
    if announces_too_much(&request) {
        return refusal(413, "too_large", "the body is larger than 1 MiB");
    }
    let (head, incoming) = request.into_parts();
    let bytes = match body::read(incoming).await {
        Ok(bytes) => bytes,
        Err(status) => {
            return refusal(status, "body", "the body did not arrive whole, in time and within 1 MiB");
        }
    };
    let name = head.uri.path().trim_start_matches('/');
    let known = match name {
        "state" => head.method == Method::GET,
        "pay" | "fail" | "refund-result" | "advance" | "fault" | "notice-fault" | "disarm" | "auth-code"
        | "withdraw" | "stop" => head.method == Method::POST,
        _ => false,
    };
    if !known {
        return refusal(
            404,
            "no_such_command",
            "there is no such command; see GET /state and the documentation",
        );
    }
    if name == "stop" {
        gateway.stop.send_replace(true);
        return object(200, &json!({}));
    }
    let fields =
        if bytes.is_empty() { Ok(Value::Object(Default::default())) } else { serde_json::from_slice(&bytes) };
    let command = fields.and_then(|mut fields| {
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("do".into(), name.into());
        }
        serde_json::from_value::<Control>(fields)
    });
    let command = match command {
        Ok(command) => command,
        Err(error) => return refusal(400, "body", &error.to_string()),
    };
    let answer = lock(&gateway.simulator).control(command);
    gateway.changed.notify_one();
    match answer {
        Ok(value) => object(200, &value),
        Err(error) => refusal(400, error.code(), &error.to_string()),
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(now: domain::Timestamp) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    // The wall clock eight hours earlier, in UTC+8, is the one of now in UTC.
    let civil = now.plus_millis(-8 * 3_600_000).civil().to_string();
    let part = |range: std::ops::Range<usize>| civil.get(range).unwrap_or("00");
    let day = usize::try_from(now.secs().div_euclid(86_400).rem_euclid(7)).unwrap_or(0);
    let month = part(5..7).parse::<usize>().unwrap_or(1).saturating_sub(1);
    let (day, month) = (DAYS.get(day).unwrap_or(&"Thu"), MONTHS.get(month).unwrap_or(&"Jan"));
    format!("{day}, {} {month} {} {} GMT", part(8..10), part(0..4), part(11..19))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (secs, expected) in
            [(784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT")]
        {
            assert_eq!(http_date(domain::Timestamp::from_secs(secs)), expected);
        }
    }
}

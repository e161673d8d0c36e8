//! Over sockets, with a client made of tokio and rustls alone.

use crate::bench::*;
use domain::{Clock, Entropy, Timestamp};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use serde_json::Value;
use simulator::fault::{Fault, FaultRule};
use simulator::serve::{ClientError, ServeError, ServeOptions, Served, Server, control, serve};
use simulator::{API_KEY, CodeKind, Control, Failure, NoticeState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

struct Standing;
impl Clock for Standing {
    fn now(&self) -> Timestamp {
        START
    }
}

#[derive(Default)]
struct Counting(AtomicU8);
impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        out.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
    }
}

async fn start(tls: bool, dir: &tempfile::TempDir) -> Server {
    let mut options = ServeOptions::new(Arc::new(Standing), Arc::new(Counting::default()), dir.path().into());
    options.tls = tls;
    serve(options).await.unwrap()
}

fn address(url: &str) -> &str {
    url.split_once("://").unwrap().1
}

/// One request over an open stream; everything until the other side closes. `Err` where it was cut off.
async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &[u8]) -> std::io::Result<Vec<u8>> {
    stream.write_all(request).await?;
    let mut answer = Vec::new();
    timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.expect("no answer in 20 s")?;
    Ok(answer)
}

fn post(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn body_of(message: &[u8]) -> &[u8] {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n").expect("an HTTP message");
    &message[end + 4..]
}

fn split(answer: &[u8]) -> (u16, &[u8]) {
    (std::str::from_utf8(&answer[9..12]).unwrap().parse().unwrap(), body_of(answer))
}

async fn plain(served: &Served, request: &[u8]) -> std::io::Result<Vec<u8>> {
    talk(TcpStream::connect(address(&served.url)).await?, request).await
}

async fn tls(served: &Served, with_certificate: bool, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&served.ca_file).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = if with_certificate {
        let chain = CertificateDer::pem_file_iter(&served.cert_file).unwrap().map(Result::unwrap).collect();
        config.with_client_auth_cert(chain, PrivateKeyDer::from_pem_file(&served.cert_file).unwrap()).unwrap()
    } else {
        config.with_no_client_auth()
    };
    let stream = TcpStream::connect(address(&served.url)).await?;
    let name = ServerName::try_from("127.0.0.1").unwrap();
    talk(TlsConnector::from(Arc::new(config)).connect(name, stream).await?, request).await
}

/// A merchant that answers every notice with these answers in turn, and hands out what it was sent.
async fn merchant(answers: Vec<&'static str>) -> (String, tokio::sync::mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/pay", listener.local_addr().unwrap());
    let (sender, receiver) = tokio::sync::mpsc::channel(16);
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = vec![0; 64 * 1024];
            let mut len = 0;
            while !bytes[..len].ends_with(b"</xml>") {
                len += stream.read(&mut bytes[len..]).await.unwrap();
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            drop(stream);
            sender.send(body_of(&bytes[..len]).to_vec()).await.unwrap();
        }
    });
    (url, receiver)
}

const YES: &str =
    "HTTP/1.1 200 OK\r\nContent-Length: 45\r\n\r\n<xml><return_code>SUCCESS</return_code></xml>";
const NO: &str = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_and_its_notice_over_http() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(false, &dir).await;
    let served = server.served().clone();
    let line = serde_json::to_string(&served).unwrap();
    assert!(!line.contains('\n'));
    assert_eq!(std::fs::read_to_string(&served.key_file).unwrap(), API_KEY);
    let (url, mut inbox) = merchant(vec![NO, YES]).await;
    let body = signed(fields(NATIVE, &[("notify_url", &url)]), API_KEY);
    let answer = plain(&served, &post("/pay/unifiedorder", &body)).await.unwrap();
    assert!(String::from_utf8_lossy(&answer).to_lowercase().contains("date: mon, 05 jan 2026 04:00:00 gmt"));
    let (status, reply) = split(&answer);
    assert_eq!((status, read(reply, API_KEY).verdict()), (200, "ok".into()));
    let command = Control::Pay { out_trade_no: "ORDER0001".into(), coupons: vec![], bank: None };
    let paid = control(&served.control_url, &served.control_token, &command).await.unwrap();
    let first = timeout(Duration::from_secs(10), inbox.recv()).await.unwrap().unwrap();
    assert_eq!(read(&first, API_KEY).get("transaction_id"), paid["transaction_id"].as_str().unwrap());
    // The merchant said no: the next attempt comes fifteen seconds later, which `advance` brings about.
    let settled = || async {
        for _ in 0..500 {
            let state = server.simulator().lock().unwrap().notices().next().unwrap().state;
            if state != NoticeState::Out {
                return state;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the notice stays unanswered");
    };
    assert_eq!(settled().await, NoticeState::Waiting);
    control(&served.control_url, &served.control_token, &Control::Advance { ms: 15_000 }).await.unwrap();
    timeout(Duration::from_secs(10), inbox.recv()).await.unwrap().unwrap();
    assert_eq!(settled().await, NoticeState::Delivered);
    // Without TLS there is no certificate to demand.
    let body = signed(fields(REFUND, &[]), API_KEY);
    let answer = plain(&served, &post("/secapi/pay/refund", &body)).await.unwrap();
    assert_eq!(read(split(&answer).1, API_KEY).verdict(), "ok");
    server.stop().await;
    assert!(TcpStream::connect(address(&served.url)).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_over_https() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(true, &dir).await;
    let served = server.served();
    assert!(served.url.starts_with("https://127.0.0.1:"));
    let order = post("/pay/unifiedorder", &signed(fields(NATIVE, &[]), API_KEY));
    for with_certificate in [false, true] {
        let answer = tls(served, with_certificate, &order).await.unwrap();
        assert_eq!(read(split(&answer).1, API_KEY).verdict(), "ok");
    }
    server.simulator().lock().unwrap().pay("ORDER0001", Default::default()).unwrap();
    let refund = post("/secapi/pay/refund", &signed(fields(REFUND, &[]), API_KEY));
    let answer = tls(served, false, &refund).await.unwrap();
    let (status, page) = split(&answer);
    assert_eq!(status, 400);
    assert!(String::from_utf8_lossy(page).contains("No required SSL certificate was sent"));
    assert_eq!(server.simulator().lock().unwrap().totals("9900000001").refunds, 0);
    let answer = tls(served, true, &refund).await.unwrap();
    assert_eq!(read(split(&answer).1, API_KEY).verdict(), "ok");
    // Speaking plain HTTP to it gets nowhere.
    let answer = plain(served, &order).await.unwrap_or_default();
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_on_the_wire() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(false, &dir).await;
    let served = server.served();
    let arm = |fault: Fault| server.simulator().lock().unwrap().arm(FaultRule::next(fault));
    let request = post("/pay/unifiedorder", &signed(fields(NATIVE, &[]), API_KEY));
    arm(Fault::ResetBefore);
    assert_eq!(plain(served, &request).await.unwrap_or_default(), b"");
    assert_eq!(server.simulator().lock().unwrap().effects().len(), 0);
    arm(Fault::ResetMidBody);
    let cut = plain(served, &request).await.unwrap_or_default();
    assert!(!cut.ends_with(b"</xml>"), "{}", String::from_utf8_lossy(&cut));
    assert_eq!(server.simulator().lock().unwrap().effects().len(), 1);
    arm(Fault::SlowBytes { ms: 1 });
    let slow = plain(served, &request).await.unwrap();
    assert_eq!(read(split(&slow).1, API_KEY).verdict(), "ok");
    arm(Fault::TimeoutAfter);
    let mut stream = TcpStream::connect(address(&served.url)).await.unwrap();
    stream.write_all(&request).await.unwrap();
    let mut byte = [0];
    assert!(
        timeout(Duration::from_millis(300), stream.read(&mut byte)).await.is_err(),
        "silence is expected"
    );
    arm(Fault::Status { status: 502, effect: false });
    assert_eq!(split(&plain(served, &request).await.unwrap()).0, 502);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_gateway_refuses_on_the_wire() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(false, &dir).await;
    let served = server.served();
    let get = plain(served, b"GET /pay/unifiedorder HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(read(split(&get).1, API_KEY).verdict(), "FAIL:请使用post方法");
    assert_eq!(split(&plain(served, &post("/nothing", b"<xml/>")).await.unwrap()).0, 404);
    let large = b"POST /pay/unifiedorder HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n";
    assert_eq!(split(&plain(served, large).await.unwrap()).0, 413);
    let chunk = format!("{:x}\r\n{}\r\n", 700_000, "x".repeat(700_000));
    let chunked =
        format!("POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}{chunk}0\r\n\r\n");
    if let Ok(answer) = plain(served, chunked.as_bytes()).await {
        assert_eq!(split(&answer).0, 413);
    }
    let many: String = (0..100).map(|n| format!("X-{n}: y\r\n")).collect();
    let headers = format!("POST /x HTTP/1.1\r\nHost: x\r\n{many}\r\n");
    assert_eq!(split(&plain(served, headers.as_bytes()).await.unwrap()).0, 431);
    // It goes on serving.
    let order = post("/pay/unifiedorder", &signed(fields(NATIVE, &[]), API_KEY));
    assert_eq!(split(&plain(served, &order).await.unwrap()).0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_control_port_and_its_token() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(false, &dir).await;
    let served = server.served();
    let order = post("/pay/unifiedorder", &signed(fields(NATIVE, &[]), API_KEY));
    plain(served, &order).await.unwrap();
    let ask = |token: String, command: Control| {
        let url = served.control_url.clone();
        async move { control(&url, &token, &command).await }
    };
    let code = |result: Result<Value, ClientError>| match result {
        Err(ClientError::Refused { code, .. }) => code,
        other => panic!("{other:?}"),
    };
    let pay = || Control::Pay {
        out_trade_no: "ORDER0001".into(),
        coupons: vec![],
        bank: Some("CMB_CREDIT".into()),
    };
    for wrong in ["", "x", &served.control_token[1..], &format!("{}x", served.control_token)] {
        assert_eq!(code(ask(wrong.to_owned(), pay()).await), "token");
    }
    let token = || served.control_token.clone();
    let fail = |how| Control::Fail { out_trade_no: "ORDER0001".into(), how };
    assert_eq!(ask(token(), fail(Failure::Mistype)).await.unwrap()["trade_state"], "PAYERROR");
    assert!(ask(token(), pay()).await.unwrap()["transaction_id"].is_string());
    assert_eq!(code(ask(token(), pay()).await), "state");
    let absent = Control::Pay { out_trade_no: "NONE".into(), coupons: vec![], bank: None };
    assert_eq!(code(ask(token(), absent).await), "no_such_order");
    let shown = ask(token(), Control::AuthCode { kind: CodeKind::Fresh }).await.unwrap();
    assert_eq!(shown["auth_code"].as_str().unwrap().len(), 18);
    let before = ask(token(), Control::State).await.unwrap()["now_ms"].as_i64().unwrap();
    let after = ask(token(), Control::Advance { ms: 5_000 }).await.unwrap()["now_ms"].as_i64().unwrap();
    assert_eq!(after - before, 5_000);
    ask(token(), Control::Fault(FaultRule::next(Fault::Html))).await.unwrap();
    assert!(plain(served, &order).await.unwrap().ends_with(b"</html>\r\n"));
    let state = ask(token(), Control::State).await.unwrap();
    assert_eq!(state["orders"][0]["trade_state"], "SUCCESS");
    assert_eq!(state["totals"]["9900000001"]["paid_fen"], 888);
    assert!(!state.to_string().contains(API_KEY));
    // By hand, as a script would.
    let raw = format!(
        "POST /stop HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        served.control_token
    );
    let stream = TcpStream::connect(address(&served.control_url)).await.unwrap();
    assert_eq!(split(&talk(stream, raw.as_bytes()).await.unwrap()).0, 200);
    timeout(Duration::from_secs(5), server.stopped()).await.unwrap();
}

#[tokio::test]
async fn it_listens_on_the_loopback_and_nowhere_else() {
    let dir = tempfile::tempdir().unwrap();
    for address in ["0.0.0.0", "10.0.0.1", "::"] {
        let mut options =
            ServeOptions::new(Arc::new(Standing), Arc::new(Counting::default()), dir.path().into());
        options.address = address.parse().unwrap();
        assert!(matches!(serve(options).await, Err(ServeError::NotLoopback { .. })), "{address}");
    }
    let mut options =
        ServeOptions::new(Arc::new(Standing), Arc::new(Counting::default()), dir.path().join("no"));
    assert!(matches!(serve(options).await, Err(ServeError::File { .. })));
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    options = ServeOptions::new(Arc::new(Standing), Arc::new(Counting::default()), dir.path().into());
    options.port = taken.local_addr().unwrap().port();
    assert!(matches!(serve(options).await, Err(ServeError::Bind { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_connections_one_order_each() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(false, &dir).await;
    let tasks = (0..64).map(|n| {
        let served = server.served().clone();
        tokio::spawn(async move {
            let number = format!("MANY{:04}", n / 2);
            let body = signed(fields(NATIVE, &[("out_trade_no", &number)]), API_KEY);
            let answer = plain(&served, &post("/pay/unifiedorder", &body)).await.unwrap();
            let reply = read(split(&answer).1, API_KEY);
            assert_eq!(reply.verdict(), "ok");
            reply.get("prepay_id").to_owned()
        })
    });
    let mut ids = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        ids.push(task.await.unwrap());
    }
    assert_eq!(server.simulator().lock().unwrap().totals("9900000001").orders, 32);
    assert!(ids.chunks(2).all(|pair| pair[0] == pair[1]));
}

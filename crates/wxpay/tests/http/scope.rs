//! Where requests go, and requests that certainly went nowhere.

use crate::server::Server;
use crate::{SHORT, check, options, request, send};
use domain::Secret;
use wxpay::http::{HttpError, HttpTransport, Proxy, Roots, Scope};

#[tokio::test]
async fn a_simulated_request_goes_nowhere_else() {
    // Addresses that would answer if they were asked: the server listens there.
    let server = Server::plain(Vec::new()).await;
    let port = server.port;
    for host in [
        format!("http://0.0.0.0:{port}"),
        format!("http://[::ffff:127.0.0.1]:{port}"),
        format!("http://user@127.0.0.1:{port}"),
        format!("http://127.0.0.1:{port}/x"),
        format!("http://127.0.0.1:{port}\\@127.0.0.1"),
        String::from("https://api.mch.weixin.qq.com"),
        String::from("http://8.8.8.8"),
        String::from("http://[::ffff:8.8.8.8]"),
        String::from("http://127.0.0.1.example"),
        String::from("http://127.0.0.1@8.8.8.8"),
        String::from("http://localhost.example"),
        String::from("not an address"),
    ] {
        let mut request = request(&host);
        request.connect_timeout = SHORT;
        let result = send(options(Scope::Loopback, Roots::Platform), &request).await;
        check(&host, &result, &format!("NotSent(Forbidden {{ host: {host:?} }})"));
    }
    server.seen(|seen| assert_eq!(seen.connections, 0));
}

#[tokio::test]
async fn localhost_is_the_loopback() {
    let reply = crate::server::Act::Write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi".to_vec());
    let server = Server::plain(vec![crate::server::Act::Read, reply]).await;
    let host = format!("http://localhost:{}", server.port);
    check(&host, &send(options(Scope::Loopback, Roots::Platform), &request(&host)).await, "200 hi");
}

#[tokio::test]
async fn wechat_is_asked_over_https_only() {
    let server = Server::plain(Vec::new()).await;
    let host = server.http();
    let result = send(options(Scope::WeChat, Roots::Platform), &request(&host)).await;
    check(&host, &result, &format!("NotSent(Forbidden {{ host: {host:?} }})"));
    server.seen(|seen| assert_eq!(seen.connections, 0));
}

#[tokio::test]
async fn a_name_without_address() {
    // Longer than the name system allows, so this fails on this computer and nobody is asked.
    let name = format!("{}.invalid", "a".repeat(70));
    let result = send(options(Scope::WeChat, Roots::Platform), &request(&format!("https://{name}"))).await;
    check("no such name", &result, &format!("NotSent(Name {{ host: {name:?} }})"));
}

#[tokio::test]
async fn nobody_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    for host in [format!("http://127.0.0.1:{port}"), format!("https://127.0.0.1:{port}")] {
        let result = send(options(Scope::Loopback, Roots::Platform), &request(&host)).await;
        check(&host, &result, "NotSent(Connect { host: \"127.0.0.1\" })");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nobody_answers() {
    let (port, _kept) = crate::server::full().await;
    let mut request = request(&format!("http://127.0.0.1:{port}"));
    request.connect_timeout = SHORT;
    let sending = send(options(Scope::Loopback, Roots::Platform), &request);
    let result = tokio::time::timeout(SHORT * 10, sending).await.expect("it ends with the connect timeout");
    check("blackhole", &result, "NotSent(ConnectTimeout { host: \"127.0.0.1\" })");
}

#[test]
fn what_no_transport_is_made_of() {
    let url = |url: &str| Proxy::Url(Secret::new(url.to_owned()));
    let rows = [
        (Scope::Loopback, url("http://127.0.0.1:1"), Roots::Platform, HttpError::ProxyOnLoopback),
        (Scope::Loopback, Proxy::Environment, Roots::Platform, HttpError::ProxyOnLoopback),
        (Scope::WeChat, url("socks5://127.0.0.1:1"), Roots::Platform, HttpError::Proxy),
        (Scope::WeChat, url("127.0.0.1:1"), Roots::Platform, HttpError::Proxy),
        (Scope::WeChat, url("hush"), Roots::Platform, HttpError::Proxy),
        (Scope::WeChat, Proxy::None, Roots::Only(String::new()), HttpError::Roots),
        (Scope::WeChat, Proxy::None, Roots::Only(String::from("hush")), HttpError::Roots),
    ];
    for (scope, proxy, roots, expected) in rows {
        let case = format!("{scope:?} {roots:?}");
        let error =
            HttpTransport::new(wxpay::http::HttpOptions { proxy, ..options(scope, roots) }).unwrap_err();
        assert_eq!(error, expected, "{case}");
        assert!(!error.to_string().contains("hush"), "{case}");
    }
    let mut bad_agent = options(Scope::WeChat, Roots::Platform);
    bad_agent.user_agent = String::from("a\nb");
    assert!(matches!(HttpTransport::new(bad_agent), Err(HttpError::Setup { .. })));
}

#[test]
fn secrets_are_not_printed() {
    let mut options = options(Scope::WeChat, Roots::Platform);
    options.proxy = Proxy::Url(Secret::new(String::from("http://user:hush@127.0.0.1:1")));
    options.identity = Some(Secret::new(String::from("hush")));
    let printed =
        format!("{options:?} {:?} {:?}", request("https://127.0.0.1"), HttpTransport::new(options.clone()));
    assert!(!printed.contains("hush") && !printed.contains("attach"), "{printed}");
}

//! Proxies: none of the environment's unless asked, and what one that is asked for gets to see.

use crate::pki::{Ca, Clients, VERSIONS, config};
use crate::server::{Act, Server};
use crate::{BODY, check, options, request, send};
use domain::Secret;
use std::process::Command;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wxpay::http::{HttpOptions, Proxy, Roots, Scope};

fn ok() -> Vec<Act> {
    vec![Act::Read, Act::Write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi".to_vec())]
}

/// A proxy that connects whatever it is asked for to `port`, and keeps the first bytes and all that passed.
async fn tunnel(port: u16) -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://user:word@{}", listener.local_addr().unwrap());
    let passed = Arc::new(Mutex::new(Vec::new()));
    tokio::spawn({
        let passed = passed.clone();
        async move {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(client.read_u8().await.unwrap());
            }
            passed.lock().unwrap().extend_from_slice(&head);
            let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            let (mut from_client, mut to_client) = client.split();
            let (mut from_server, mut to_server) = server.split();
            let up = async {
                let mut piece = [0; 4096];
                while let Ok(len @ 1..) = from_client.read(&mut piece).await {
                    passed.lock().unwrap().extend_from_slice(&piece[..len]);
                    let _ = to_server.write_all(&piece[..len]).await;
                }
                let _ = to_server.shutdown().await;
            };
            let _ = tokio::join!(up, tokio::io::copy(&mut from_server, &mut to_client));
        }
    });
    (url, passed)
}

#[tokio::test]
async fn a_proxy_that_is_asked_for_sees_no_request() {
    let ca = Ca::new("ours");
    let leaf = ca.leaf(&["api.mch.weixin.qq.com"], crate::pki::Valid::Now);
    let server = Server::tls(ok(), config(&leaf, &VERSIONS, Clients::Anyone)).await;
    let (url, passed) = tunnel(server.port).await;
    let options = HttpOptions {
        proxy: Proxy::Url(Secret::new(url)),
        ..options(Scope::WeChat, Roots::Only(ca.pem.clone()))
    };
    check("through a proxy", &send(options, &request("https://api.mch.weixin.qq.com")).await, "200 hi");
    server.seen(|seen| assert!(seen.requests[0].ends_with(BODY)));
    let passed = passed.lock().unwrap();
    let text = String::from_utf8_lossy(&passed);
    assert!(text.starts_with("CONNECT api.mch.weixin.qq.com:443 HTTP/1.1\r\n"), "{text}");
    assert!(
        text.contains("Basic dXNlcjp3b3Jk"),
        "the name and password in the proxy's address are used: {text}"
    );
    assert!(!text.contains("<xml>") && !text.contains("orderquery"), "{text}");
}

#[tokio::test]
async fn a_proxy_that_fails_has_sent_nothing() {
    let reply = |text: &str| vec![Act::Read, Act::Write(text.as_bytes().to_vec())];
    for (case, acts) in [
        ("refuses", reply("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")),
        (
            "wants a password",
            reply("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"),
        ),
        ("finds nobody", reply("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")),
        ("closes", vec![Act::Read]),
        ("is none", reply("SSH-2.0-OpenSSH_9.2\r\n\r\n")),
    ] {
        let proxy = Server::plain(acts).await;
        let options = HttpOptions {
            proxy: Proxy::Url(Secret::new(proxy.http())),
            ..options(Scope::WeChat, Roots::Platform)
        };
        let result = send(options, &request("https://api.mch.weixin.qq.com")).await;
        check(case, &result, "NotSent(…");
        proxy.seen(|seen| {
            assert_eq!(seen.connections, 1, "{case}");
            assert!(seen.requests.iter().all(|request| !request.contains("<xml>")), "{case}");
        });
    }
}

const CHILD: &str = "PAYDESK_TEST_PROXY_CHILD";

/// A process cannot safely change its own environment, so this test runs itself again with the proxies named.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_environments_proxy_is_used_only_when_asked_for() {
    if let Ok(target) = std::env::var(CHILD) {
        let plain = request(&target);
        check("plain", &send(options(Scope::Loopback, Roots::Platform), &plain).await, "200 hi");
        // Nobody listens there, which only someone who goes there finds out.
        let https = request("https://127.0.0.1:1");
        check("https", &send(options(Scope::WeChat, Roots::Platform), &https).await, "NotSent(Connect {…");
        let asked = HttpOptions { proxy: Proxy::Environment, ..options(Scope::WeChat, Roots::Platform) };
        check("asked for", &send(asked, &https).await, "NotSent(…");
        return;
    }
    let server = Server::plain(ok()).await;
    let proxy = Server::plain(vec![
        Act::Read,
        Act::Write(b"HTTP/1.1 418 I'm a teapot\r\ncontent-length: 0\r\n\r\n".to_vec()),
    ])
    .await;
    let (target, address) = (server.http(), proxy.http());
    let child = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "proxy::the_environments_proxy_is_used_only_when_asked_for", "--nocapture"]);
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env(name, &address);
        }
        command.env_remove("NO_PROXY").env_remove("no_proxy").env_remove("REQUEST_METHOD").env(CHILD, target);
        command.output().unwrap()
    });
    let output = child.await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the child ran the test");
    server.seen(|seen| assert_eq!(seen.connections, 1));
    proxy.seen(|seen| {
        let [only] = seen.requests.as_slice() else { panic!("{:?}", seen.requests) };
        assert!(only.starts_with("CONNECT 127.0.0.1:1 "), "asked for once, when it was asked for: {only}");
    });
}

//! Servers that are not who they say.

use crate::pki::{Ca, Clients, Leaf, VERSIONS, Valid, config};
use crate::server::{Act, Server};
use crate::{SHORT, check, options, request, send};
use wxpay::http::{Roots, Scope};

fn ok() -> Vec<Act> {
    vec![Act::Read, Act::Write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi".to_vec())]
}

#[tokio::test]
async fn who_is_believed() {
    let (ca, other) = (Ca::new("ours"), Ca::new("another"));
    let only = |ca: &Ca| Roots::Only(ca.pem.clone());
    let rows: Vec<(&str, Leaf, Roots, &str)> = vec![
        ("right", ca.server(), only(&ca), "200 hi"),
        ("one of two authorities", ca.server(), Roots::Only(format!("{}{}", other.pem, ca.pem)), "200 hi"),
        (
            "another name",
            ca.leaf(&["api.mch.weixin.qq.com"], Valid::Now),
            only(&ca),
            "NotSent(Tls { host: \"127.0.0.1\"…not valid for name",
        ),
        ("no name", ca.leaf(&[], Valid::Now), only(&ca), "NotSent(Tls { host: \"127.0.0.1\"…not valid for"),
        (
            "expired",
            ca.leaf(&["127.0.0.1"], Valid::Past),
            only(&ca),
            "NotSent(Tls { host: \"127.0.0.1\"…expired",
        ),
        (
            "not yet valid",
            ca.leaf(&["127.0.0.1"], Valid::Future),
            only(&ca),
            "NotSent(Tls { host: \"127.0.0.1\"…not valid yet",
        ),
        ("another authority", ca.server(), only(&other), "NotSent(Tls { host: \"127.0.0.1\"…UnknownIssuer"),
        (
            "another authority of the same name",
            Ca::new("ours").server(),
            only(&ca),
            "NotSent(Tls { host: \"127.0.0.1\"…certificate",
        ),
        (
            "an authority this computer does not know",
            ca.server(),
            Roots::Platform,
            "NotSent(Tls { host: \"127.0.0.1\"…UnknownIssuer",
        ),
    ];
    for (case, leaf, roots, expected) in rows {
        for version in VERSIONS {
            for scope in [Scope::Loopback, Scope::WeChat] {
                let server = Server::tls(ok(), config(&leaf, &[version], Clients::Anyone)).await;
                let result = send(options(scope, roots.clone()), &request(&server.https())).await;
                check(&format!("{case}, {version:?}, {scope:?}"), &result, expected);
                server.seen(|seen| {
                    assert_eq!(seen.connections, 1, "{case}: it was sent once");
                    assert_eq!(
                        seen.requests.len(),
                        usize::from(result.is_ok()),
                        "{case}: not one byte was sent"
                    );
                });
            }
        }
    }
}

#[tokio::test]
async fn handshakes_that_come_to_nothing() {
    let rows: [(&str, Vec<Act>, &str); 4] = [
        ("closed at once", vec![], "NotSent("),
        ("closed in the handshake", vec![Act::Write(b"\x16\x03\x03\x00\x40".to_vec())], "NotSent("),
        (
            "plain HTTP",
            vec![Act::Write(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()), Act::Wait],
            "NotSent(Tls…",
        ),
        ("silence", vec![Act::Wait], "NotSent(ConnectTimeout { host: \"127.0.0.1\" })"),
    ];
    for (case, acts, expected) in rows {
        let server = Server::plain(acts).await;
        let mut request = request(&server.https());
        if case == "silence" {
            request.connect_timeout = SHORT;
        }
        let result = send(options(Scope::WeChat, Roots::Platform), &request).await;
        check(case, &result, &format!("{expected}{}", if expected.ends_with('(') { "…" } else { "" }));
        server.seen(|seen| assert_eq!(seen.connections, 1, "{case}"));
    }
}

#[tokio::test]
async fn http_spoken_to_a_tls_server() {
    let ca = Ca::new("ours");
    let server = Server::tls(ok(), config(&ca.server(), &VERSIONS, Clients::Anyone)).await;
    let result = send(options(Scope::Loopback, Roots::Platform), &request(&server.http())).await;
    check("http to https", &result, "MaybeSent(Protocol…");
}

/// A connection cut without TLS's own goodbye may have been cut by anybody: the reply is not whole.
#[tokio::test]
async fn a_reply_cut_off() {
    let ca = Ca::new("ours");
    for (case, reply, expected) in [
        ("with its length", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n<xml", "MaybeSent(Lost)"),
        ("in the headers", "HTTP/1.1 200 OK\r\ncontent-le", "MaybeSent(Lost)"),
    ] {
        for version in VERSIONS {
            let acts = vec![Act::Read, Act::Write(reply.as_bytes().to_vec())];
            let server = Server::tls(acts, config(&ca.server(), &[version], Clients::Anyone)).await;
            let result =
                send(options(Scope::WeChat, Roots::Only(ca.pem.clone())), &request(&server.https())).await;
            check(case, &result, expected);
        }
    }
}

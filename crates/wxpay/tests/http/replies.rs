//! Replies that are right, broken, slow, huge or strange, over plain HTTP.

use crate::server::{Act, Server};
use crate::{BODY, SHORT, check, options, request, send};
use std::time::Duration;
use wxpay::http::{HttpTransport, Roots, Scope};
use wxpay::transport::{MAX_REPLY_BYTES, Transport as _};

const LOST: &str = "MaybeSent(Lost)";
const TOO_LARGE: &str = "MaybeSent(TooLarge)";
const TIMEOUT: &str = "MaybeSent(ReadTimeout)";
const PROTOCOL: &str = "MaybeSent(Protocol…";

fn text(text: &str) -> Act {
    Act::Write(text.as_bytes().to_vec())
}

fn head(extra: &str) -> Act {
    text(&format!("HTTP/1.1 200 OK\r\n{extra}\r\n"))
}

#[tokio::test]
async fn what_comes_of_each_reply() {
    use Act::{Read, Repeat};
    let body = |len: usize| Act::Write(vec![b'x'; len]);
    let plain = || options(Scope::Loopback, Roots::Platform);
    let megabyte_chunk = [b"100000\r\n".as_slice(), &vec![b'x'; MAX_REPLY_BYTES], b"\r\n"].concat();
    let rows: Vec<(&str, Vec<Act>, &str)> = vec![
        ("right", vec![Read, head("content-length: 6\r\n"), text("<xml/>")], "200 <xml/>"),
        ("no length, then closed", vec![Read, head(""), text("<xml/>")], "200 <xml/>"),
        (
            "chunked",
            vec![Read, head("transfer-encoding: chunked\r\n"), text("6\r\n<xml/>\r\n0\r\n\r\n")],
            "200 <xml/>",
        ),
        ("empty", vec![Read, head("content-length: 0\r\n")], "200 "),
        (
            "100 first",
            vec![Read, text("HTTP/1.1 100 Continue\r\n\r\n"), head("content-length: 1\r\n"), text("x")],
            "200 x",
        ),
        (
            "HTML from a gateway",
            vec![Read, text("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 13\r\n\r\n<html></html>")],
            "502 <html></html>",
        ),
        ("404", vec![Read, text("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")], "404 "),
        ("more than announced", vec![Read, head("content-length: 2\r\n"), text("<xml/>")], "200 <x"),
        // Closed
        ("closed before reading", vec![], LOST),
        ("closed after reading", vec![Read], LOST),
        ("closed in the status line", vec![Read, text("HTTP/1.1 20")], LOST),
        ("closed in the headers", vec![Read, text("HTTP/1.1 200 OK\r\ncontent-le")], LOST),
        ("closed before the body", vec![Read, head("content-length: 6\r\n")], LOST),
        ("closed in the body", vec![Read, head("content-length: 100\r\n"), text("<xml>")], LOST),
        ("closed in a chunk", vec![Read, head("transfer-encoding: chunked\r\n"), text("64\r\n<xml>")], LOST),
        (
            "closed after a chunk",
            vec![Read, head("transfer-encoding: chunked\r\n"), text("5\r\n<xml>\r\n")],
            LOST,
        ),
        // Not what HTTP is
        ("not HTTP", vec![Read, text("SSH-2.0-OpenSSH_9.2\r\n\r\n")], PROTOCOL),
        (
            "XML without HTTP",
            vec![Read, text("<xml><return_code>SUCCESS</return_code></xml>\r\n\r\n")],
            PROTOCOL,
        ),
        (
            "two lengths",
            vec![Read, head("content-length: 6\r\ncontent-length: 7\r\n"), text("<xml/>")],
            PROTOCOL,
        ),
        ("a length that is none", vec![Read, head("content-length: six\r\n"), text("<xml/>")], PROTOCOL),
        (
            "chunks that are none",
            vec![Read, head("transfer-encoding: chunked\r\n"), text("<xml/>\r\n")],
            PROTOCOL,
        ),
        (
            "chunk longer than it says",
            vec![Read, head("transfer-encoding: chunked\r\n"), text("2\r\n<xml/>\r\n0\r\n\r\n")],
            PROTOCOL,
        ),
        (
            "chunk size overflows",
            vec![Read, head("transfer-encoding: chunked\r\n"), text("fffffffffffffffff\r\nx")],
            PROTOCOL,
        ),
        // Redirects, which are never followed
        (
            "sent elsewhere",
            vec![
                Read,
                text("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"),
            ],
            "MaybeSent(Protocol…HTTP 302",
        ),
        (
            "sent elsewhere with the same method",
            vec![
                Read,
                text("HTTP/1.1 307 Temporary Redirect\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n"),
            ],
            "MaybeSent(Protocol…HTTP 307",
        ),
        // Compressed, which was not asked for
        (
            "gzip",
            vec![Read, head("content-encoding: gzip\r\ncontent-length: 4\r\n"), text("\x1f\x08__")],
            "MaybeSent(Protocol…compressed",
        ),
        (
            "br",
            vec![Read, head("content-encoding: br\r\ncontent-length: 4\r\n"), text("____")],
            "MaybeSent(Protocol…compressed",
        ),
        (
            "identity",
            vec![Read, head("content-encoding: identity\r\ncontent-length: 1\r\n"), text("x")],
            "200 x",
        ),
        // Huge
        (
            "one byte over, announced",
            vec![Read, head("content-length: 1048577\r\n"), body(MAX_REPLY_BYTES + 1)],
            TOO_LARGE,
        ),
        ("one byte over, not announced", vec![Read, head(""), body(MAX_REPLY_BYTES + 1)], TOO_LARGE),
        (
            "one byte over, chunked",
            vec![
                Read,
                head("transfer-encoding: chunked\r\n"),
                Act::Write(megabyte_chunk.clone()),
                text("1\r\nx\r\n0\r\n\r\n"),
            ],
            TOO_LARGE,
        ),
        (
            "100 MB, announced",
            vec![Read, head("content-length: 104857600\r\n"), Repeat(vec![b'x'; MAX_REPLY_BYTES], 100)],
            TOO_LARGE,
        ),
        (
            "100 MB, chunked",
            vec![Read, head("transfer-encoding: chunked\r\n"), Repeat(megabyte_chunk, 100)],
            TOO_LARGE,
        ),
        (
            "headers without end",
            vec![Read, text("HTTP/1.1 200 OK\r\n"), Repeat(b"x-more: and more\r\n".to_vec(), 10_000_000)],
            PROTOCOL,
        ),
        (
            "one header without end",
            vec![Read, text("HTTP/1.1 200 OK\r\nx-more: "), Repeat(vec![b'x'; 65536], 1_000_000)],
            PROTOCOL,
        ),
        ("a line without end", vec![Read, Repeat(vec![b'H'; 65536], 1_000_000)], PROTOCOL),
    ];
    for (case, acts, expected) in rows {
        let server = Server::plain(acts).await;
        check(case, &send(plain(), &request(&server.http())).await, expected);
        server.seen(|seen| {
            assert_eq!(seen.connections, 1, "{case}: it was sent once");
            assert!(seen.written < 32 << 20, "{case}: {} bytes were taken from the server", seen.written);
        });
    }
}

#[tokio::test]
async fn the_largest_reply_is_read_whole() {
    let server = Server::plain(vec![
        Act::Read,
        head("content-length: 1048576\r\n"),
        Act::Write(vec![b'x'; MAX_REPLY_BYTES]),
    ])
    .await;
    let reply = send(options(Scope::Loopback, Roots::Platform), &request(&server.http())).await.unwrap();
    assert_eq!((reply.status, reply.body.len()), (200, MAX_REPLY_BYTES));
}

#[tokio::test]
async fn slow_replies_end_with_the_time_allowed() {
    let pause = Duration::from_millis(20);
    let reply = || format!("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{}", "x".repeat(500)).into_bytes();
    // Each byte comes soon after the one before, so a limit on the silence alone would wait for ever.
    for (case, acts) in [
        ("nothing", vec![Act::Read, Act::Wait]),
        ("nothing, and the request is not read", vec![Act::Wait]),
        ("drips from the first byte", vec![Act::Read, Act::Drip(reply(), pause)]),
        (
            "drips the headers",
            vec![Act::Read, text("HTTP/1.1 200 OK\r\n"), Act::Drip(b"x: y\r\n".repeat(99), pause)],
        ),
        (
            "drips the body",
            vec![Act::Read, head("content-length: 500\r\n"), Act::Drip(vec![b'x'; 500], pause)],
        ),
        (
            "100 Continue again and again",
            vec![Act::Read, Act::Repeat(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), 1000), Act::Wait],
        ),
        ("stops in the body", vec![Act::Read, head("content-length: 6\r\n"), text("<xml"), Act::Wait]),
    ] {
        let server = Server::plain(acts).await;
        let mut request = request(&server.http());
        request.read_timeout = SHORT;
        let sending = send(options(Scope::Loopback, Roots::Platform), &request);
        let result = tokio::time::timeout(SHORT * 10, sending).await.expect(case);
        check(case, &result, TIMEOUT);
        server.seen(|seen| assert_eq!(seen.connections, 1, "{case}: it was sent once"));
    }
}

#[tokio::test]
async fn what_is_sent() {
    let reply = "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\nset-cookie: a=b\r\ncontent-length: 6\r\n\r\n<xml/>";
    // The connection is offered for more, and not used for more.
    let server = Server::plain(vec![Act::Read, text(reply), Act::Read, text(reply)]).await;
    let transport = HttpTransport::new(options(Scope::Loopback, Roots::Platform)).unwrap();
    for _ in 0..3 {
        let response = transport.send(&request(&server.http())).await.unwrap();
        assert_eq!(response.date_secs, Some(784_111_777));
    }
    server.seen(|seen| {
        assert_eq!(seen.connections, 3, "a connection is never used again");
        let request = &seen.requests[2];
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let mut lines: Vec<&str> = head.lines().collect();
        lines.sort_unstable();
        let host = format!("host: 127.0.0.1:{}", server.port);
        let length = format!("content-length: {}", BODY.len());
        let expected = [
            "POST /pay/orderquery HTTP/1.1",
            "accept: */*",
            &length,
            "content-type: text/xml; charset=utf-8",
            &host,
            "user-agent: Paydesk/test",
        ];
        assert_eq!(lines, expected, "no cookie, no accept-encoding, no referer");
        assert_eq!(body, BODY);
    });
}

#[tokio::test]
async fn a_date_that_is_none_is_left_out() {
    for date in ["", "date: yesterday\r\n", "date: 支付\r\n"] {
        let server = Server::plain(vec![Act::Read, head(&format!("{date}content-length: 0\r\n"))]).await;
        let reply = send(options(Scope::Loopback, Roots::Platform), &request(&server.http())).await.unwrap();
        assert_eq!(reply.date_secs, None, "{date}");
    }
}

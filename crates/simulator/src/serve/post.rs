//! One POST over plain HTTP to this computer, for notices and for the control client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A loopback address taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    host: String,
    addresses: Vec<SocketAddr>,
    path: String,
}

/// Largest answer that is read.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

impl Target {
    /// Takes `http://` to a loopback address or `localhost`. `None` for all else: those are not gone to.
    pub(super) fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("http://")?;
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        if !path.bytes().all(|byte| byte.is_ascii_graphic()) || authority.contains('@') {
            return None;
        }
        let (name, port) = match authority.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()?),
            _ => (authority, 80),
        };
        let ips: Vec<IpAddr> = if name.eq_ignore_ascii_case("localhost") {
            vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
        } else {
            let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
            vec![bare.parse().ok()?]
        };
        if !ips.iter().all(IpAddr::is_loopback) {
            return None;
        }
        let addresses = ips.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
        Some(Self { host: authority.to_owned(), addresses, path: path.to_owned() })
    }
}

/// Sends `body` and gives status and body of the answer. `None` if none came whole within `within`.
pub(super) async fn post(
    target: &Target,
    method: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    within: Duration,
) -> Option<(u16, Vec<u8>)> {
    timeout(within, exchange(target, method, headers, body)).await.ok().flatten()
}

async fn exchange(
    target: &Target,
    method: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(target.addresses.as_slice()).await.ok()?;
    let mut head = format!(
        "{method} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nUser-Agent: Mozilla/4.0\r\nContent-Length: {}\r\n",
        target.path,
        target.host,
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(body).await.ok()?;
    let mut bytes = Vec::new();
    let mut piece = vec![0; 8 * 1024];
    loop {
        if let Some(answer) = whole(&bytes, false) {
            return Some(answer);
        }
        match stream.read(&mut piece).await {
            Ok(0) => return whole(&bytes, true),
            Ok(count) if bytes.len() + count <= MAX_ANSWER => bytes.extend_from_slice(piece.get(..count)?),
            _ => return None,
        }
    }
}

/// The answer, if `bytes` hold all of it. `ended`: nothing more comes.
fn whole(bytes: &[u8], ended: bool) -> Option<(u16, Vec<u8>)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let body = bytes.get(end + 4..)?;
    let mut lines = head.split("\r\n");
    let status: u16 = lines.next()?.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    let header = |wanted: &str| {
        head.split("\r\n").skip(1).find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    };
    if (100..200).contains(&status) {
        return whole(body, ended);
    }
    if header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        return Some((status, chunks(body)?));
    }
    match header("content-length").and_then(|value| value.parse::<usize>().ok()) {
        Some(length) => Some((status, body.get(..length)?.to_vec())),
        None => (ended || status == 204).then(|| (status, body.to_vec())),
    }
}

fn chunks(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(body.get(..end)?).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(out);
        }
        let start = end + 2;
        out.extend_from_slice(body.get(start..start.checked_add(size)?)?);
        body = body.get(start.checked_add(size)?.checked_add(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_it_goes() {
        for (url, goes) in [
            ("http://127.0.0.1:8080/a", true),
            ("http://127.9.9.9/a", true),
            ("http://localhost:1/a", true),
            ("http://[::1]:81/a", true),
            ("http://[::1]", true),
            ("https://127.0.0.1/a", false),
            ("http://example.com/a", false),
            ("http://10.0.0.1/a", false),
            ("http://0.0.0.0/a", false),
            ("http://127.0.0.1@evil.example/a", false),
            ("http://localhost.evil.example/a", false),
            ("http://127.0.0.1:x/a", false),
            ("http://127.0.0.1/a\r\nX: y", false),
            ("ftp://127.0.0.1/", false),
        ] {
            assert_eq!(Target::parse(url).is_some(), goes, "{url}");
        }
    }

    #[test]
    fn answers_of_every_framing() {
        for (answer, ended, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", false, Some((200, "ok"))),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", false, None),
            ("HTTP/1.0 500 No\r\n\r\nok", true, Some((500, "ok"))),
            ("HTTP/1.0 500 No\r\n\r\nok", false, None),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n2\r\nok\r\n1;x\r\n!\r\n0\r\n\r\n",
                false,
                Some((200, "ok!")),
            ),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\nok", false, None),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 X\r\n\r\n", false, Some((204, ""))),
            ("SSH-2.0-x\r\n\r\n", true, None),
        ] {
            let expected = expected.map(|(status, body)| (status, body.as_bytes().to_vec()));
            assert_eq!(whole(answer.as_bytes(), ended), expected, "{answer:?}");
        }
    }
}

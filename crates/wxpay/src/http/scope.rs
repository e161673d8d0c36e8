//! Where a request may go: decided on the address before a packet leaves, and again on what a name resolves to.

use super::Scope;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::io;
use std::net::{IpAddr, SocketAddr};

/// This transport must not go there, or it is no address at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that host is not allowed here")]
pub(super) struct Forbidden;

/// No address for a name.
#[derive(Debug, thiserror::Error)]
#[error("the name {name} has no address")]
pub(super) struct NoAddress {
    pub(super) name: String,
    source: Option<io::Error>,
}

#[cfg(test)]
impl NoAddress {
    pub(super) fn for_test(name: &str) -> Self {
        Self { name: name.to_owned(), source: None }
    }
}

/// The address of `path` on `host`, if `scope` lets it be sent to. `host` is scheme, host and port and nothing
/// else: what could make another host of it (a user's name, a path, a query) is refused.
pub(super) fn url(scope: Scope, host: &str, path: &str) -> Result<Url, Forbidden> {
    let mut url = Url::parse(host).map_err(|_| Forbidden)?;
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        // The parser forgives these; nobody who means a host writes them.
        && !host.contains(['@', '\\', '\t', '\r', '\n', ' ']);
    let scheme = match scope {
        Scope::WeChat => url.scheme() == "https",
        Scope::Loopback => matches!(url.scheme(), "http" | "https"),
    };
    if !bare || !scheme || !url.has_host() || !path.starts_with('/') {
        return Err(Forbidden);
    }
    if scope == Scope::Loopback && !names_loopback(url.host_str().unwrap_or_default()) {
        return Err(Forbidden);
    }
    url.set_path(path);
    Ok(url)
}

/// Whether a host, as the URL parser writes it, is of the loopback. An IPv4 address in IPv6 clothes is not: what
/// it reaches differs between systems.
fn names_loopback(host: &str) -> bool {
    let ip = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    match ip.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback(),
        Err(_) => host == "localhost",
    }
}

/// Every address, if all are allowed. One address elsewhere spoils the name: it would be tried next.
fn allowed(
    scope: Scope,
    name: &str,
    found: io::Result<Vec<SocketAddr>>,
) -> Result<Vec<SocketAddr>, LookupError> {
    let no_address = |source| LookupError::NoAddress(NoAddress { name: name.to_owned(), source });
    let addresses = found.map_err(|error| no_address(Some(error)))?;
    if addresses.is_empty() {
        return Err(no_address(None));
    }
    if scope == Scope::Loopback && !addresses.iter().all(|address| address.ip().is_loopback()) {
        return Err(LookupError::Forbidden(Forbidden));
    }
    Ok(addresses)
}

#[derive(Debug)]
enum LookupError {
    NoAddress(NoAddress),
    Forbidden(Forbidden),
}

/// Resolves names as this computer does, and gives only addresses that the scope allows.
pub(super) struct Resolver(Scope);

impl Resolver {
    pub(super) const fn new(scope: Scope) -> Self {
        Self(scope)
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let scope = self.0;
        Box::pin(async move {
            let name = name.as_str();
            let found = tokio::net::lookup_host((name, 0)).await.map(Iterator::collect);
            match allowed(scope, name, found) {
                Ok(addresses) => Ok(Box::new(addresses.into_iter()) as Addrs),
                Err(LookupError::NoAddress(error)) => Err(error.into()),
                Err(LookupError::Forbidden(error)) => Err(error.into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_each_scope_may_go() {
        // host, over https to anywhere, on the loopback
        for (host, wechat, loopback) in [
            ("https://api.mch.weixin.qq.com", true, false),
            ("https://api.mch.weixin.qq.com:443", true, false),
            ("http://api.mch.weixin.qq.com", false, false),
            ("http://127.0.0.1:8080", false, true),
            ("https://127.0.0.1:8080", true, true),
            ("http://127.8.9.1", false, true),
            ("http://[::1]:8080", false, true),
            ("http://localhost:8080", false, true),
            ("http://LOCALHOST:8080", false, true),
            ("http://0.0.0.0:8080", false, false),
            ("http://0:8080", false, false),
            ("http://[::]:8080", false, false),
            ("http://[::ffff:8.8.8.8]", false, false),
            ("http://[::ffff:127.0.0.1]", false, false),
            ("http://8.8.8.8", false, false),
            ("http://192.168.1.1", false, false),
            ("http://169.254.169.254", false, false),
            ("http://127.0.0.1.example", false, false),
            ("http://127.0.0.1.nip.io", false, false),
            ("http://localhost.example", false, false),
            ("http://example.localhost", false, false),
            ("http://localhost.", false, false),
            // 127.0.0.1 in other clothes is 127.0.0.1 by the time it is asked for
            ("http://127.1", false, true),
            ("http://2130706433", false, true),
            ("http://0x7f.0.0.1", false, true),
            ("http://134744072", false, false), // 8.8.8.8
            ("http://127.0.0.1@8.8.8.8", false, false),
            ("http://8.8.8.8@127.0.0.1", false, false),
            ("https://user:word@api.mch.weixin.qq.com", false, false),
            ("https://@api.mch.weixin.qq.com", false, false),
            ("http://127.0.0.1\\@8.8.8.8", false, false),
            ("http://127.0.0.1/@8.8.8.8", false, false),
            ("http://127.0.0.1#@8.8.8.8", false, false),
            ("http://127.0.0.1?@8.8.8.8", false, false),
            ("https://api.mch.weixin.qq.com/elsewhere", false, false),
            ("https://api.mch.weixin.qq.com\t", false, false),
            ("ftp://127.0.0.1", false, false),
            ("file:///etc/passwd", false, false),
            ("127.0.0.1:8080", false, false),
            ("localhost:8080", false, false),
            ("//127.0.0.1", false, false),
            ("https://", false, false),
            ("", false, false),
        ] {
            assert_eq!(
                url(Scope::WeChat, host, "/pay/orderquery").is_ok(),
                wechat,
                "https, anywhere: {host}"
            );
            assert_eq!(url(Scope::Loopback, host, "/pay/orderquery").is_ok(), loopback, "loopback: {host}");
        }
    }

    #[test]
    fn the_path_stays_a_path() {
        for (path, expected) in [
            ("/pay/unifiedorder", Some("https://127.0.0.1/pay/unifiedorder")),
            ("//8.8.8.8/pay", Some("https://127.0.0.1//8.8.8.8/pay")),
            ("/pay?x=1", Some("https://127.0.0.1/pay%3Fx=1")),
            ("@8.8.8.8/pay", None),
            (".example/pay", None),
            ("", None),
        ] {
            let url = url(Scope::Loopback, "https://127.0.0.1", path);
            assert_eq!(url.ok().as_ref().map(Url::as_str), expected, "{path}");
        }
    }

    #[test]
    fn what_a_name_may_resolve_to() {
        let at = |ips: &[&str]| Ok(ips.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect());
        for (found, wechat, loopback) in [
            (at(&["127.0.0.1"]), "ok", "ok"),
            (at(&["::1", "127.0.0.1"]), "ok", "ok"),
            (at(&["127.0.0.1", "8.8.8.8"]), "ok", "forbidden"),
            (at(&["0.0.0.0"]), "ok", "forbidden"),
            (at(&["::ffff:8.8.8.8"]), "ok", "forbidden"),
            (at(&[]), "no address", "no address"),
            (Err(io::Error::other("no network")), "no address", "no address"),
        ] {
            for (scope, expected) in [(Scope::WeChat, wechat), (Scope::Loopback, loopback)] {
                let found = match &found {
                    Ok(addresses) => Ok(Vec::clone(addresses)),
                    Err(error) => Err(io::Error::other(error.to_string())),
                };
                let verdict = match allowed(scope, "localhost", found) {
                    Ok(_) => "ok",
                    Err(LookupError::Forbidden(_)) => "forbidden",
                    Err(LookupError::NoAddress(_)) => "no address",
                };
                assert_eq!(verdict, expected, "{scope:?}");
            }
        }
    }
}

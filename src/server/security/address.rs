//! The client's address, and whether it uses TLS: a proxy's headers count only if the proxy is trusted.

use axum::http::HeaderMap;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Once;

/// Returns the client's address: the last one in `X-Forwarded-For` that is not a trusted proxy, or the peer itself.
pub fn client_ip(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut client = peer.to_canonical();
    if !is_trusted(client, trusted) {
        if headers.contains_key("x-forwarded-for") {
            warn_of_unknown_proxy(client);
        }
        return client;
    }
    let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
    // As bytes: a client may send any before the entry that the proxy appends to the same line.
    for hop in lines.into_iter().rev().flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')) {
        // Anything before a malformed hop was not written by a trusted proxy.
        let Some(address) = str::from_utf8(hop).ok().and_then(|hop| address_of(hop.trim())) else { break };
        client = address.to_canonical();
        if !is_trusted(client, trusted) {
            break;
        }
    }
    client
}

/// Parses an entry of `X-Forwarded-For`. Some proxies add the client's port (Azure, IIS), and then enclose IPv6 in
/// brackets, as RFC 7239, section 6, does for `Forwarded`.
fn address_of(hop: &str) -> Option<IpAddr> {
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    hop.parse().ok().or_else(|| hop.parse().ok().map(|socket: SocketAddr| socket.ip())).or_else(bracketed)
}

/// Logs once per process, because any client can send the header.
fn warn_of_unknown_proxy(peer: IpAddr) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::warn!(
            %peer,
            "ignored X-Forwarded-For from a peer that is not in QR_LOGIN_TRUSTED_PROXIES. If it is your proxy, all \
             its clients share one rate limit"
        );
    });
}

/// Returns whether a trusted proxy says that the client used TLS.
pub fn came_over_tls(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> bool {
    is_trusted(peer.to_canonical(), trusted)
        && headers.get("x-forwarded-proto").and_then(|proto| proto.to_str().ok()).is_some_and(|proto| {
            // With several proxies, the first entry is from the one that the client connected to.
            proto.split(',').next().is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
        })
}

/// Returns whether a (canonical) address belongs to a trusted proxy.
pub fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        client_ip(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn an_address_is_shown_in_one_form() {
        assert_eq!(seen("::ffff:203.0.113.9", &[]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["::ffff:203.0.113.9"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, ::ffff:10.0.0.2"]), "198.51.100.1", "a proxy of ours, mapped");
        assert_eq!(seen("10.0.0.1", &["2001:0db8:0000::0001"]), "2001:db8::1");
    }

    #[test]
    fn a_request_that_passed_proxies_alone_comes_from_the_first_of_them() {
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }

    #[test]
    fn a_client_cannot_prepend_an_address() {
        assert_eq!(seen("10.0.0.1", &["1.2.3.4, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4, nonsense, 10.0.0.2"]), "10.0.0.2");
    }

    #[test]
    fn an_entry_may_have_a_port() {
        for (entry, client) in [
            ("1.2.3.4:5678", "1.2.3.4"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[::ffff:1.2.3.4]:80", "1.2.3.4"),
        ] {
            assert_eq!(seen("10.0.0.1", &[entry]), client);
            assert_eq!(seen("10.0.0.1", &[&format!("9.9.9.9, {entry}, 10.0.0.2:80")]), client);
        }
        for entry in ["1.2.3.4:", "1.2.3.4:99999", "[1.2.3.4]", "[2001:db8::1", "[]", ":80", "unknown", "_hidden"] {
            assert_eq!(seen("10.0.0.1", &[&format!("9.9.9.9, {entry}")]), "10.0.0.1", "{entry}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_says_that_a_request_came_over_tls() {
        let over_tls = |peer: &str, proto: &[u8]| {
            let headers = HeaderMap::from_iter([("x-forwarded-proto".parse().unwrap(), proto.try_into().unwrap())]);
            came_over_tls(peer.parse().unwrap(), &headers, &["10.0.0.0/8".parse().unwrap()])
        };
        for proto in ["https", "HTTPS", " https ", "https, http", "https,http"] {
            assert!(over_tls("10.0.0.1", proto.as_bytes()), "{proto}");
            assert!(over_tls("::ffff:10.0.0.1", proto.as_bytes()), "{proto} of a mapped peer");
            assert!(!over_tls("203.0.113.9", proto.as_bytes()), "{proto} of a stranger");
        }
        for proto in ["http", "", "http, https", "httpsx", "ws"] {
            assert!(!over_tls("10.0.0.1", proto.as_bytes()), "{proto}");
        }
        assert!(!over_tls("10.0.0.1", b"https\xff"));
        assert!(!came_over_tls("10.0.0.1".parse().unwrap(), &HeaderMap::new(), &["10.0.0.0/8".parse().unwrap()]));
    }
}

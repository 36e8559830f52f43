//! The policy on where requests may come from: which hosts this server serves (DNS rebinding), and which pages may
//! change state (CSRF).

use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use std::net::{Ipv4Addr, Ipv6Addr};
use url::Url;

/// The site's own origins.
#[derive(Clone, Debug)]
pub struct OwnOrigins {
    public_url: Url,
    /// Its origin, as browsers serialise it.
    public_origin: String,
    /// Whether the owner has set the public URL; then no other origin is ours.
    is_set: bool,
}

impl OwnOrigins {
    /// Creates the policy for `public_url`. If the owner has not set it, the IP literals and `localhost` under which
    /// the server is reached are also allowed.
    pub fn new(public_url: Url, is_set: bool) -> Self {
        let public_origin = public_url.origin().ascii_serialization();
        Self { public_url, public_origin, is_set }
    }

    /// Returns whether the request's host is ours: that of the public URL, an IP literal or `localhost`. Rejects a page
    /// that rebinds its own name to our address (RFC 9110, section 15.5.20).
    pub fn is_known_host(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next();
        if hosts.next().is_some() {
            return false;
        }
        // An absolute URI takes precedence (RFC 9112, section 3.2.2). Without either, the client is no browser.
        let authority = match (uri.authority(), host) {
            (Some(authority), _) => Some(authority.clone()),
            (None, Some(host)) => match Authority::try_from(host.as_bytes()) {
                Ok(authority) => Some(authority),
                Err(_) => return false,
            },
            (None, None) => None,
        };
        authority.is_none_or(|authority| is_numeric(authority.host()) || self.is_public(&authority))
    }

    /// Returns whether a page of another site made this state-changing request. `secure` is whether it came over TLS.
    ///
    /// Browsers send `Origin` with every POST. It is `null` if the page's referrer policy hides it; then
    /// `Sec-Fetch-Site` decides, which also takes precedence if both are sent. A request with neither does not come
    /// from a browser. A bearer token without cookies is no ambient credential.
    pub fn is_foreign(&self, method: &Method, headers: &HeaderMap, secure: bool) -> bool {
        let has_bearer = headers.get(header::AUTHORIZATION).and_then(bearer).is_some();
        if method.is_safe() || has_bearer && !headers.contains_key(header::COOKIE) {
            return false;
        }
        self.is_foreign_page(headers, secure)
    }

    /// The same for a request that carries cookies regardless of its method, such as the upgrade to a WebSocket.
    pub fn is_foreign_page(&self, headers: &HeaderMap, secure: bool) -> bool {
        let fetch_site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        if fetch_site.is_some_and(|site| site != b"same-origin") {
            return true;
        }
        match headers.get(header::ORIGIN).map(HeaderValue::to_str) {
            Some(Ok("null")) => fetch_site.is_none(),
            Some(Ok(origin)) => !self.is_ours(origin, headers, secure),
            Some(Err(_)) => true,
            None => false,
        }
    }

    fn is_ours(&self, origin: &str, headers: &HeaderMap, secure: bool) -> bool {
        if origin == self.public_origin {
            return true;
        }
        let Ok(origin) = Url::parse(origin) else { return false };
        if origin.origin() == self.public_url.origin() {
            return true;
        }
        let scheme = if secure { "https" } else { "http" };
        if self.is_set || origin.scheme() != scheme || !origin.host_str().is_some_and(is_numeric) {
            return false;
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let sent_to = host.and_then(|host| Url::parse(&format!("{scheme}://{host}")).ok());
        sent_to.is_some_and(|url| url.origin() == origin.origin())
    }

    fn is_public(&self, authority: &Authority) -> bool {
        let is_port = match authority.port_u16() {
            Some(port) => Some(port) == self.public_url.port_or_known_default(),
            None => self.public_url.port().is_none(),
        };
        is_port && self.public_url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(authority.host()))
    }
}

/// Returns the token of an `Authorization: Bearer` header (RFC 6750). Other schemes belong to a reverse proxy in front
/// of us.
pub fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Returns whether a host is one that cannot be registered by others: an IP literal, or `localhost` (RFC 6761, section
/// 6.3).
fn is_numeric(host: &str) -> bool {
    let is_ipv6 = || host.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    let name = host.to_ascii_lowercase();
    name.parse::<Ipv4Addr>().is_ok() || is_ipv6().is_some() || name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const PUBLIC: &str = "https://login.example";

    fn origins(is_set: bool) -> OwnOrigins {
        OwnOrigins::new(Url::parse(PUBLIC).unwrap(), is_set)
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    /// Returns whether a POST with these headers is rejected if the owner has set the public URL.
    fn foreign(pairs: &[(&'static str, &str)]) -> bool {
        origins(true).is_foreign(&Method::POST, &headers(pairs), true)
    }

    /// The same if the public URL is not set.
    fn foreign_by_default(secure: bool, pairs: &[(&'static str, &str)]) -> bool {
        origins(false).is_foreign(&Method::POST, &headers(pairs), secure)
    }

    #[test]
    fn our_own_pages_may_post() {
        assert!(!foreign(&[("origin", PUBLIC)]));
        assert!(!foreign(&[("origin", "https://login.example:443"), ("sec-fetch-site", "same-origin")]));
        assert!(!foreign(&[("origin", "null"), ("sec-fetch-site", "same-origin")]));
        assert!(!foreign(&[("host", "login.example")]));
    }

    #[test]
    fn other_sites_may_not() {
        assert!(foreign(&[("origin", "https://evil.example"), ("host", "login.example")]));
        assert!(foreign(&[("origin", "https://login.example.evil.example"), ("host", "login.example")]));
        assert!(foreign(&[("origin", "https://xlogin.example"), ("host", "login.example")]));
        assert!(foreign(&[("origin", "null")]));
        assert!(foreign(&[("origin", "null"), ("sec-fetch-site", "cross-site")]));
        assert!(foreign(&[("sec-fetch-site", "same-site")]));
        assert!(foreign(&[("origin", "https://evil.example"), ("authorization", "Bearer x"), ("cookie", "a=b")]));
        let not_text = HeaderValue::from_bytes(b"https://login.example\xff").unwrap();
        let odd = HeaderMap::from_iter([(header::ORIGIN, not_text)]);
        assert!(origins(true).is_foreign(&Method::POST, &odd, true));
    }

    #[test]
    fn the_browsers_own_word_outweighs_an_origin() {
        for site in ["cross-site", "same-site", "none", "nonsense"] {
            assert!(foreign(&[("origin", PUBLIC), ("sec-fetch-site", site)]), "{site}");
        }
    }

    #[test]
    fn a_set_public_url_is_the_only_origin_its_scheme_included() {
        assert!(foreign(&[("origin", "http://login.example"), ("host", "login.example")]));
        assert!(foreign(&[("origin", "https://login.example:8443"), ("host", "login.example:8443")]));
        for scheme in ["http", "https"] {
            let origin = format!("{scheme}://192.168.1.5:3000");
            assert!(foreign(&[("origin", &origin), ("host", "192.168.1.5:3000")]), "{origin}");
        }
        assert!(foreign(&[("origin", "http://evil.example"), ("host", "evil.example")]));
    }

    #[test]
    fn without_one_the_address_that_was_asked_is_ours_but_never_a_name() {
        for host in ["192.168.1.5:3000", "[fe80::1]:3000", "localhost:3000", "127.0.0.1"] {
            let origin = format!("http://{host}");
            assert!(!foreign_by_default(false, &[("origin", &origin), ("host", host)]), "{host}");
            assert!(foreign_by_default(true, &[("origin", &origin), ("host", host)]), "{host} without TLS");
        }
        assert!(!foreign_by_default(true, &[("origin", "https://10.0.0.1"), ("host", "10.0.0.1:443")]));
        assert!(foreign_by_default(true, &[("origin", "http://10.0.0.1"), ("host", "10.0.0.1:443")]));
        assert!(foreign_by_default(false, &[("origin", "http://10.0.0.1"), ("host", "10.0.0.2")]));
        assert!(foreign_by_default(false, &[("origin", "http://10.0.0.1:3000"), ("host", "10.0.0.1:3001")]));
        assert!(foreign_by_default(false, &[("origin", "http://evil.example"), ("host", "evil.example")]));
        assert!(foreign_by_default(false, &[("origin", "http://10.0.0.1")]));
    }

    #[test]
    fn an_app_with_a_bearer_token_has_no_origin_to_check() {
        assert!(!foreign(&[("origin", "capacitor://localhost"), ("authorization", "bearer x")]));
        for scheme in ["Basic eDp5", "Bearer", "Digest x"] {
            assert!(foreign(&[("origin", "https://evil.example"), ("authorization", scheme)]), "{scheme}");
        }
    }

    #[test]
    fn reading_is_open_to_all() {
        assert!(!origins(true).is_foreign(&Method::GET, &headers(&[("origin", "https://evil.example")]), true));
    }

    #[test]
    fn only_our_own_hosts_are_answered_for() {
        let origins = OwnOrigins::new(Url::parse("https://login.example:8443").unwrap(), true);
        let known = |uri: &str, host: &str| origins.is_known_host(&uri.parse().unwrap(), &headers(&[("host", host)]));
        for host in ["login.example:8443", "LOGIN.example:8443", "127.0.0.1", "[::1]:3000", "localhost:80"] {
            assert!(known("/", host), "{host}");
        }
        for host in ["login.example", "login.example:443", "evil.example", "login.example.evil.example:8443", "", "a b"]
        {
            assert!(!known("/", host), "{host}");
        }
        assert!(!known("http://evil.example/", "127.0.0.1"), "an absolute URI takes precedence");
        assert!(origins.is_known_host(&Uri::from_static("/"), &HeaderMap::new()));
        let mut twice = headers(&[("host", "127.0.0.1")]);
        twice.append(header::HOST, HeaderValue::from_static("127.0.0.1"));
        assert!(!origins.is_known_host(&Uri::from_static("/"), &twice));
        for (public, ours, other) in [(PUBLIC, 443, 80), ("http://login.example", 80, 443)] {
            let plain = OwnOrigins::new(Url::parse(public).unwrap(), true);
            let known = |host: &str| plain.is_known_host(&Uri::from_static("/"), &headers(&[("host", host)]));
            assert!(known("login.example") && known(&format!("login.example:{ours}")), "{public}");
            assert!(!known(&format!("login.example:{other}")), "{public}");
        }
    }
}

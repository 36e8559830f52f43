//! Requests that change something are taken from our own pages alone.

use axum::http::{HeaderMap, HeaderValue, Method, header};
use url::Url;

/// Whether a page of another site made this request.
///
/// Browsers send `Origin` with every POST. It is `null` where the page's referrer policy hides it, and then
/// `Sec-Fetch-Site` tells. A request with neither comes from no browser, and a bearer token is no ambient credential.
pub fn is_foreign(method: &Method, headers: &HeaderMap, public_url: &Url) -> bool {
    if method.is_safe() || headers.contains_key(header::AUTHORIZATION) && !headers.contains_key(header::COOKIE) {
        return false;
    }
    is_foreign_page(headers, public_url)
}

/// The same for a request that carries cookies whatever its method, such as the upgrade to a WebSocket.
pub fn is_foreign_page(headers: &HeaderMap, public_url: &Url) -> bool {
    let fetch_site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    match headers.get(header::ORIGIN).map(HeaderValue::to_str) {
        Some(Ok("null")) => fetch_site != Some(b"same-origin"),
        Some(Ok(origin)) => !is_ours(origin, headers, public_url),
        Some(Err(_)) => true,
        None => matches!(fetch_site, Some(b"cross-site" | b"same-site")),
    }
}

fn is_ours(origin: &str, headers: &HeaderMap, public_url: &Url) -> bool {
    let Ok(origin) = Url::parse(origin) else { return false };
    if origin.origin() == public_url.origin() {
        return true;
    }
    // A site may be reached under several names, such as localhost and an address of the local network.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.authority();
    host.is_some_and(|host| {
        host.eq_ignore_ascii_case(authority)
            || host
                .strip_suffix(if origin.scheme() == "https" { ":443" } else { ":80" })
                .is_some_and(|name| name.eq_ignore_ascii_case(authority))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn foreign(pairs: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        is_foreign(&Method::POST, &headers, &Url::parse("https://login.example").unwrap())
    }

    #[test]
    fn our_own_pages_may_post() {
        assert!(!foreign(&[("origin", "https://login.example")]));
        assert!(!foreign(&[("origin", "http://192.168.1.5:3000"), ("host", "192.168.1.5:3000")]));
        assert!(!foreign(&[("origin", "null"), ("sec-fetch-site", "same-origin")]));
        assert!(!foreign(&[("host", "login.example")]));
    }

    #[test]
    fn other_sites_may_not() {
        assert!(foreign(&[("origin", "https://evil.example"), ("host", "login.example")]));
        assert!(foreign(&[("origin", "https://login.example.evil.example"), ("host", "login.example")]));
        assert!(foreign(&[("origin", "null")]));
        assert!(foreign(&[("origin", "null"), ("sec-fetch-site", "cross-site")]));
        assert!(foreign(&[("sec-fetch-site", "same-site")]));
        assert!(foreign(&[("origin", "https://evil.example"), ("authorization", "Bearer x"), ("cookie", "a=b")]));
    }

    #[test]
    fn an_app_with_a_bearer_token_has_no_origin_to_check() {
        assert!(!foreign(&[("origin", "capacitor://localhost"), ("authorization", "Bearer x")]));
    }
}

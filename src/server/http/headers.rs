//! The headers of every response, and the Content-Security-Policy of every page.

use crate::server::state::App;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

const FIXED: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
    ),
];

/// What anything but a page may load: nothing.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// For a year browsers use TLS for this host, whatever a link says (RFC 6797). Without `includeSubDomains`, because the server
/// knows of its own host alone: subdomains may belong to others or have no TLS. A proxy may add it.
const TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds the headers that a response has not set for itself. Only a file that never changes says that it may be kept.
pub fn add(app: &App, response: &mut Response) {
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.entry(name).or_insert(value);
    }
    if app.public_url.scheme() == "https" {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(TLS_ONLY);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// The policy of a page whose inline script and style carry `nonce`. In development the reload socket is let through.
pub fn page_policy(nonce: &str, development: bool) -> String {
    let sockets = if development { " ws:" } else { "" };
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data: https:; connect-src 'self'{sockets}; manifest-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

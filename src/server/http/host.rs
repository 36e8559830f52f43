//! Rejects requests for a host that is not ours before anything else handles them.

use super::api::error_response;
use super::{forward_auth, site};
use crate::error::ErrorCode;
use crate::routes;
use crate::server::state::App;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::atomic::{AtomicBool, Ordering};

/// Paths that probes and collectors request under any host name. Their responses do not depend on the host.
const FOR_OPERATORS: [&str; 3] = [routes::HEALTHZ, routes::READYZ, routes::METRICS];

/// Returns `421 Misdirected Request` (RFC 9110, section 15.5.20) if the request is for an unknown host.
pub fn refuse(app: &App, request: &Request) -> Option<Response> {
    let path = request.uri().path();
    let is_exempt = || FOR_OPERATORS.contains(&path) || forward_auth::is_asked_at(path) || site::is_own(app, request);
    if app.origins.is_known_host(request.uri(), request.headers()) || is_exempt() {
        return None;
    }
    static HAS_WARNED: AtomicBool = AtomicBool::new(false);
    if !HAS_WARNED.swap(true, Ordering::Relaxed) {
        let host = request.headers().get(header::HOST);
        tracing::warn!(?host, "refused a request for a host that is not ours: see QR_LOGIN_PUBLIC_URL");
    }
    if path.strip_prefix(routes::API).is_some_and(|rest| rest.starts_with('/')) {
        return Some(error_response(&ErrorCode::MisdirectedRequest.into()));
    }
    let text = format!(
        "This server does not answer for that host. Open it at {} or at its IP address. Its operator can set \
         QR_LOGIN_PUBLIC_URL to the address that people use, and a proxy before it must pass the Host header on.\n",
        app.public_url
    );
    Some((StatusCode::MISDIRECTED_REQUEST, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

//! Serves the site's files.

use super::api::error_response;
use crate::error::ErrorCode;
use crate::routes::STATIC;
use crate::server::assets;
use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::EmbeddedFile;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ONE_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");
/// A worker obeys the policy of its own response, not that of the page: it may load and compile its WASM.
const WORKER_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; frame-ancestors 'none'",
);

/// `GET /static/{hash}/{file}`: cached by browsers indefinitely. A page of an earlier build gets this build's file,
/// uncached.
pub async fn versioned(path: Result<Path<(String, String)>, PathRejection>, headers: HeaderMap) -> Response {
    // What is not UTF-8 is no file.
    let Ok(Path((hash, file))) = path else { return missing() };
    let is_current = assets::root().strip_prefix(STATIC) == Some(hash.as_str());
    let keep = if is_current && !cfg!(debug_assertions) { Some(FOR_EVER) } else { None };
    serve(&file, &headers, keep).unwrap_or_else(missing)
}

/// Returns the file at a fixed path, such as `/icon.svg`, if there is one.
pub fn fixed(uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    serve(uri.path().trim_start_matches('/'), headers, Some(ONE_DAY))
}

fn serve(name: &str, headers: &HeaderMap, keep: Option<HeaderValue>) -> Option<Response> {
    let compressed = takes_brotli(headers).then(|| assets::get(&format!("{name}.br"))).flatten();
    let is_compressed = compressed.is_some();
    let file = compressed.or_else(|| assets::get(name))?;
    let media_type = mime_guess::from_path(name).first_or_octet_stream();
    let tag = tag(&file)?;
    let mut response = if headers.get(header::IF_NONE_MATCH) == Some(&tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data).into_response()
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_str(media_type.as_ref()).ok()?);
    out.insert(header::ETAG, tag);
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_compressed {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    if name == assets::SCANNER_WORKER {
        out.insert(header::CONTENT_SECURITY_POLICY, WORKER_POLICY);
    }
    if let Some(keep) = keep {
        out.insert(header::CACHE_CONTROL, keep);
    }
    Some(response)
}

fn tag(file: &EmbeddedFile) -> Option<HeaderValue> {
    let hash = u64::from_be_bytes(file.metadata.sha256_hash()[..8].try_into().ok()?);
    HeaderValue::from_str(&format!("\"{hash:016x}\"")).ok()
}

fn takes_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|codings| codings.split(',').any(|coding| coding.trim() == "br"))
}

fn missing() -> Response {
    error_response(&ErrorCode::NotFound.into())
}

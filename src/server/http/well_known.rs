//! Resources at well-known paths.

use super::{api, cors};
use crate::routes;
use crate::server::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

const FIVE_MINUTES: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// `GET /.well-known/jwks.json` (RFC 7517): the keys that verify our tokens.
pub async fn jwks(State(app): State<AppState>) -> Response {
    let mut response = Json(app.tokens.public_keys()).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, FIVE_MINUTES);
    response
}

/// `GET /oauth/jwks.json`: the keys that verify the tokens of OpenID Connect. Only RSA, because some clients fail on a set
/// that has another kind of key.
pub async fn oidc_jwks(State(app): State<AppState>) -> Response {
    let mut response = match app.oidc_keys.public().await {
        Ok(keys) => Json(keys).into_response(),
        Err(error) => return cors::public(api::error_response(&error.into())),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, FIVE_MINUTES);
    cors::public(response)
}

/// `GET /manifest.webmanifest`: the name and icon on a phone's home screen.
pub async fn manifest(State(app): State<AppState>) -> Response {
    let icon = |src: &str, sizes: &str, kind: &str, purpose: &str| json!({ "src": src, "sizes": sizes, "type": kind, "purpose": purpose });
    let manifest = json!({
        "name": app.site.name,
        "short_name": app.site.name,
        "start_url": routes::ACCOUNT,
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": [
            icon("/icon.svg", "any", "image/svg+xml", "any"),
            icon("/icon-192.png", "192x192", "image/png", "any"),
            icon("/icon-512.png", "512x512", "image/png", "any"),
            icon("/icon-maskable.png", "512x512", "image/png", "maskable"),
        ],
    });
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/manifest+json")),
            (header::CACHE_CONTROL, FIVE_MINUTES),
        ],
        manifest.to_string(),
    )
        .into_response()
}

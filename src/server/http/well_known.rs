//! Resources at well-known paths.

use super::{api, cors};
use crate::server::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

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

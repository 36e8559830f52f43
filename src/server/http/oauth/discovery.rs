//! What clients have to know, as one document at two paths (OpenID Connect Discovery 1.0; RFC 8414).

use super::device::GRANT_TYPE;
use crate::i18n::TAGS;
use crate::routes;
use crate::server::http::cors;
use crate::server::state::{App, AppState};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::authorization::{ACR_ASSERTION, ACR_PASSWORD, ACR_SCAN};
use domain::client::Scope;
use serde_json::{Value, json};

/// `GET /.well-known/openid-configuration` and `GET /.well-known/oauth-authorization-server`.
pub async fn metadata(State(app): State<AppState>) -> Response {
    let mut response = Json(document(&app.oidc.issuer, &grant_types(&app))).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    cors::public(response)
}

/// The grant types that the configuration permits.
fn grant_types(app: &App) -> Vec<&'static str> {
    let mut types = vec!["authorization_code", "refresh_token", GRANT_TYPE];
    if app.clients.current().issuers().next().is_some() {
        types.push(super::vouching::GRANT_TYPE);
    }
    types
}

fn document(issuer: &str, grant_types: &[&str]) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    let scopes = Scope::ALL.map(Scope::as_str);
    json!({
        "issuer": issuer,
        "authorization_endpoint": at(routes::AUTHORIZE),
        "token_endpoint": at(routes::TOKEN),
        "userinfo_endpoint": at(routes::USERINFO),
        "jwks_uri": at(routes::OIDC_JWKS),
        "end_session_endpoint": at(routes::END_SESSION),
        "revocation_endpoint": at(routes::REVOKE_TOKEN),
        "introspection_endpoint": at(routes::INTROSPECT),
        "device_authorization_endpoint": at(routes::DEVICE_AUTHORIZATION),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": grant_types,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": scopes,
        "claim_types_supported": ["normal"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "name",
            "preferred_username", "picture", "email", "email_verified", "groups",
        ],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "acr_values_supported": [ACR_SCAN, ACR_PASSWORD, ACR_ASSERTION],
        "ui_locales_supported": TAGS,
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        // Would be true if it were omitted.
        "request_uri_parameter_supported": false,
    })
}

//! The endpoints of the OpenID Connect provider. Plain routes, because their formats are those of the specifications:
//! errors are `{error, error_description}`, and programs on other sites call some of them.

pub mod authorize;
pub mod continuation;
pub mod device;
pub mod discovery;
pub mod logout;
pub mod programs;
mod vouching;

use super::api;
use crate::server::failure::oauth_error;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::authorization::Parameters;
use domain::ids::Secret;
use domain::oauth::OAuthErrorCode;
use serde_json::json;
use service::oidc::{ClientCredentials, OAuthError};
use url::form_urlencoded::parse;

/// Decoded parameters, in order.
pub type Pairs = Vec<(String, String)>;

const fn refuse(code: OAuthErrorCode, description: &'static str) -> OAuthError {
    OAuthError::Refused(code, description)
}

const fn invalid(description: &'static str) -> OAuthError {
    refuse(OAuthErrorCode::InvalidRequest, description)
}

/// Reads the form that a program posts. Parameters only count in the body, so that no secret ends up in a log of URLs
/// (RFC 6749, section 2.3.1).
async fn read_form(query: Option<&str>, headers: &HeaderMap, body: Body) -> Result<Pairs, OAuthError> {
    if query.is_some_and(|query| !query.is_empty()) {
        return Err(invalid("parameters belong in the body, not in the URL"));
    }
    if !is_form(headers) {
        return Err(invalid("the content type must be application/x-www-form-urlencoded"));
    }
    let body = api::read(headers, body).await.map_err(|_| invalid("the body is too large or incomplete"))?;
    let pairs: Pairs = parse(&body).into_owned().collect();
    if Parameters::new(&pairs).repeated().is_some() {
        return Err(invalid("a parameter is repeated"));
    }
    Ok(pairs)
}

fn is_form(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Reads how a client authenticates: by `Authorization: Basic`, by parameters, or as a public client by its id alone.
fn credentials(headers: &HeaderMap, parameters: Parameters<'_>) -> Result<ClientCredentials, OAuthError> {
    let given_id = parameters.get("client_id");
    let given_secret = parameters.get("client_secret");
    let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
    let Some(authorization) = authorizations.next() else {
        let id = given_id.ok_or(refuse(OAuthErrorCode::InvalidClient, "client authentication is missing"))?;
        let secret = given_secret.map(|secret| Secret::new(secret.to_owned()));
        return Ok(ClientCredentials { id: id.to_owned(), secret });
    };
    let (id, secret) = basic(authorization)
        .filter(|_| authorizations.next().is_none())
        .ok_or(refuse(OAuthErrorCode::InvalidClient, "the Authorization header is not valid Basic authentication"))?;
    if given_secret.is_some() {
        return Err(invalid("a client must authenticate in one way only"));
    }
    if given_id.is_some_and(|given| given != id) {
        return Err(invalid("client_id differs from the Authorization header"));
    }
    Ok(ClientCredentials { id, secret: Some(Secret::new(secret)) })
}

/// Reads Basic authentication. Both parts are form-encoded (RFC 6749, section 2.3.1); most clients do not do that, but
/// ids and secrets of ours look the same either way.
fn basic(value: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decoded(id)?, form_decoded(secret)?))
}

/// Decodes one form-encoded value. `&` would begin another one.
fn form_decoded(text: &str) -> Option<String> {
    let encoded = format!("v={text}");
    let mut values = parse(encoded.as_bytes());
    values.next().filter(|_| !text.contains('&')).map(|(_, value)| value.into_owned())
}

/// Converts an error to the response that RFC 6749, section 5.2 and RFC 6750, section 3 describe.
fn error_response(error: OAuthError) -> Response {
    let (code, description) = oauth_error(error);
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let body = axum::Json(json!({ "error": code.as_str(), "error_description": description }));
    let mut response = (status, body).into_response();
    let challenge = match code {
        OAuthErrorCode::InvalidClient => Some("Basic realm=\"qr-login\"".to_owned()),
        OAuthErrorCode::InvalidToken | OAuthErrorCode::InsufficientScope => {
            Some(format!("Bearer error=\"{}\", error_description=\"{description}\"", code.as_str()))
        }
        _ => None,
    };
    if let Some(challenge) = challenge.and_then(|challenge| HeaderValue::from_str(&challenge).ok()) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    if code == OAuthErrorCode::TemporarilyUnavailable {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

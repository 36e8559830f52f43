//! The endpoints that programs call: token, introspection, revocation and userinfo.

use super::device::{self, GRANT_TYPE};
use super::{Pairs, credentials, error_response, invalid, is_form, read_form, refuse, vouching};
use crate::server::context::RequestContext;
use crate::server::http::cors;
use crate::server::security::origin::bearer;
use crate::server::state::AppState;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::authorization::Parameters;
use domain::ids::Secret;
use domain::oauth::OAuthErrorCode;
use serde::Serialize;
use service::oidc::{OAuthError, TokenRequest, TokenResponse};
use service::vouching::VouchedResponse;

/// `POST /oauth/token` (RFC 6749, section 3.2).
pub async fn token(cx: RequestContext, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut applied = None;
    let mut response = answer(exchange(&cx, parts, body, &mut applied).await);
    device::note_preference(&mut response, applied);
    response
}

/// A response of the token endpoint.
#[derive(Serialize)]
#[serde(untagged)]
enum Exchanged {
    Tokens(TokenResponse),
    Vouched(VouchedResponse),
}

async fn exchange(
    cx: &RequestContext,
    parts: Parts,
    body: Body,
    applied: &mut Option<HeaderValue>,
) -> Result<Exchanged, OAuthError> {
    let pairs = read_form(parts.uri.query(), &parts.headers, body).await?;
    let parameters = Parameters::new(&pairs);
    if parameters.get("grant_type") == Some(vouching::GRANT_TYPE) {
        return vouching::exchange(cx, &parts.headers, parameters).await.map(Exchanged::Vouched);
    }
    let credentials = credentials(&parts.headers, parameters)?;
    let text = |name: &str| parameters.get(name).map(str::to_owned);
    let secret = |name: &str| text(name).map(Secret::new);
    let request = match parameters.get("grant_type") {
        Some("authorization_code") => TokenRequest::Code {
            code: secret("code").ok_or(invalid("code is missing"))?,
            redirect_uri: text("redirect_uri"),
            verifier: secret("code_verifier"),
            resource: text("resource"),
        },
        Some("refresh_token") => TokenRequest::Refresh {
            token: secret("refresh_token").ok_or(invalid("refresh_token is missing"))?,
            scope: text("scope"),
            resource: text("resource"),
        },
        Some(GRANT_TYPE) => {
            let (outcome, preference) = device::poll(cx, &parts.headers, &credentials, parameters).await;
            *applied = preference;
            return outcome.map(Exchanged::Tokens);
        }
        Some(_) => {
            let description = "grant_type must be one of those in the discovery document";
            return Err(refuse(OAuthErrorCode::UnsupportedGrantType, description));
        }
        None => return Err(invalid("grant_type is missing")),
    };
    cx.app.oidc.token(&credentials, request).await.map(Exchanged::Tokens)
}

/// `POST /oauth/introspect` (RFC 7662).
pub async fn introspect(State(app): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let outcome = async {
        let pairs = read_form(parts.uri.query(), &parts.headers, body).await?;
        let token = token_of(&pairs)?;
        app.oidc.introspect(&credentials(&parts.headers, Parameters::new(&pairs))?, token).await
    };
    answer(outcome.await)
}

/// `POST /oauth/revoke` (RFC 7009).
pub async fn revoke(State(app): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let outcome = async {
        let pairs = read_form(parts.uri.query(), &parts.headers, body).await?;
        let token = token_of(&pairs)?;
        app.oidc.revoke(&credentials(&parts.headers, Parameters::new(&pairs))?, token).await
    };
    answer(outcome.await.map(|()| serde_json::json!({})))
}

fn token_of(pairs: &Pairs) -> Result<&str, OAuthError> {
    Parameters::new(pairs).get("token").ok_or(invalid("token is missing"))
}

/// `GET` and `POST /oauth/userinfo` (OpenID Connect Core, section 5.3). The token is in the header, or in the body of a
/// form (RFC 6750, section 2), never in the URL.
pub async fn user_info(State(app): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let outcome = async {
        let header = parts.headers.get(header::AUTHORIZATION).and_then(bearer).map(str::to_owned);
        // Any other body is ignored: libraries send an empty JSON document beside the header.
        let posted = match parts.method == Method::POST && is_form(&parts.headers) {
            true => {
                let pairs = read_form(None, &parts.headers, body).await?;
                Parameters::new(&pairs).get("access_token").map(str::to_owned)
            }
            false => None,
        };
        match (header, posted) {
            (Some(_), Some(_)) => Err(invalid("the token is sent in two ways")),
            (Some(token), None) | (None, Some(token)) => app.oidc.user_info(&token).await.map(Some),
            (None, None) => Ok(None),
        }
    };
    match outcome.await {
        // No credentials at all: no error code (RFC 6750, section 3.1).
        Ok(None) => {
            let mut response = (StatusCode::UNAUTHORIZED, "Send an access token.\n").into_response();
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            cors::public(response)
        }
        Ok(Some(claims)) => answer(Ok(claims)),
        Err(error) => answer::<()>(Err(error)),
    }
}

/// Never cached (RFC 6749, section 5.1): the default of every response.
fn answer<T: Serialize>(outcome: Result<T, OAuthError>) -> Response {
    cors::public(match outcome {
        Ok(body) => axum::Json(body).into_response(),
        Err(error) => error_response(error),
    })
}

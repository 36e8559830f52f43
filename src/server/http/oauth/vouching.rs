//! The token endpoint's grant by an assertion (RFC 7523, section 2.1). A client may authenticate beside it, and does not
//! have to: the issuer's signature is what counts.

use super::{credentials, invalid};
use crate::server::context::RequestContext;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use domain::account::{SignIn, clean_display_name};
use domain::authorization::Parameters;
use domain::ids::Secret;
use service::oidc::OAuthError;
use service::vouching::VouchedResponse;

/// Its name.
pub(super) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Signs a phone's app in.
pub(super) async fn exchange(
    cx: &RequestContext,
    headers: &HeaderMap,
    parameters: Parameters<'_>,
) -> Result<VouchedResponse, OAuthError> {
    let assertion = parameters.get("assertion").ok_or(invalid("assertion is missing"))?;
    let names_client = headers.contains_key(AUTHORIZATION) || parameters.get("client_id").is_some();
    let credentials = if names_client { Some(credentials(headers, parameters)?) } else { None };
    let device_id = parameters.get("device_id").filter(|id| !id.is_empty()).map(str::parse).transpose();
    let device_id = device_id
        .map_err(|_| invalid("device_id must have 1 to 64 letters, digits, dots, colons, dashes or underscores"))?;
    let label = |name: &str| Some(clean_display_name(parameters.get(name)?)).filter(|text| !text.is_empty());
    let sign_in = SignIn {
        username: String::new(),
        device_id,
        device_name: label("device_name").unwrap_or_else(|| cx.client.agent().name()),
        device_kind: label("device_kind").unwrap_or_else(|| "phone".to_owned()),
        // The token goes to a program, which is bound to the device by its id.
        is_browser: false,
    };
    let assertion = Secret::new(assertion.to_owned());
    cx.app.vouching.exchange(&assertion, credentials.as_ref(), sign_in, cx.client.ip).await
}

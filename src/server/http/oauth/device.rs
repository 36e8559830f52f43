//! The endpoints of the device grant that a device calls (RFC 8628).

use super::{credentials, error_response, invalid, read_form};
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::http::cors;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use domain::authorization::Parameters;
use domain::ids::Secret;
use service::error::ServiceError;
use service::oidc::{ClientCredentials, DeviceAuthorization, OAuthError, TokenResponse};
use std::time::Duration;

/// The grant type (RFC 8628, section 3.4).
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// How long a poll is held at most, in seconds: as long as our other long polls.
const LONGEST_WAIT: u64 = 25;
const PREFER: &str = "prefer";
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// `POST /oauth/device_authorization` (RFC 8628, section 3.1).
pub async fn authorize(cx: RequestContext, request: Request) -> Response {
    cors::public(match begin(&cx, request).await {
        Ok(body) => axum::Json(body).into_response(),
        Err(error) => error_response(error),
    })
}

async fn begin(cx: &RequestContext, request: Request) -> Result<DeviceAuthorization, OAuthError> {
    let (parts, body) = request.into_parts();
    let pairs = read_form(parts.uri.query(), &parts.headers, body).await?;
    let parameters = Parameters::new(&pairs);
    let credentials = credentials(&parts.headers, parameters)?;
    let nonce = parameters.get("nonce").map(str::to_owned);
    let scope = parameters.get("scope");
    cx.app.device.authorize(&credentials, scope, nonce, cx.requester(), cx.client.ip, routes::DEVICE).await
}

/// Answers a poll of the token endpoint. Returns the tokens, and how long the poll was willing to wait if it had said so
/// itself.
///
/// A poll is held only on request: clients of this grant expect an answer at once, and their timeouts are unknown.
pub(super) async fn poll(
    cx: &RequestContext,
    headers: &HeaderMap,
    credentials: &ClientCredentials,
    parameters: Parameters<'_>,
) -> (Result<TokenResponse, OAuthError>, Option<HeaderValue>) {
    let mut applied = None;
    let outcome = async {
        let code = parameters.get("device_code").ok_or(invalid("device_code is missing"))?;
        let device = &cx.app.device;
        let poll = device.poll(credentials, &Secret::new(code.to_owned())).await?;
        let preferred = preferred_wait(headers);
        let seconds = preferred.or(poll.is_long().then_some(LONGEST_WAIT)).unwrap_or(0).min(LONGEST_WAIT);
        if seconds > 0 && device.is_undecided(&poll) {
            let (ticket, secret) = poll.counted_as();
            let watch = device.watch(&poll).await?;
            // At the cap, the device polls as it would without waiting.
            if let Ok(_place) = cx.app.waits.for_ticket(ticket, secret, cx.client.ip) {
                applied = preferred.and_then(|_| HeaderValue::from_str(&format!("wait={seconds}")).ok());
                cx.app.tickets.wait_for_decision(watch, Duration::from_secs(seconds)).await;
            }
        }
        device.answer(&poll, cx.client.ip).await
    };
    let outcome: Result<_, OAuthError> = outcome.await;
    if let Err(OAuthError::Service(ServiceError::RateLimited { .. })) = &outcome {
        tracing::debug!("a poll was refused");
    }
    (outcome, applied)
}

/// Adds how long the poll was willing to wait (RFC 7240, section 3).
pub(super) fn note_preference(response: &mut Response, applied: Option<HeaderValue>) {
    if let Some(value) = applied {
        response.headers_mut().insert(PREFERENCE_APPLIED, value);
    }
}

/// Reads `Prefer: wait=25` (RFC 7240, section 4.3). Of several, the first counts.
fn preferred_wait(headers: &HeaderMap) -> Option<u64> {
    let values = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).find_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("wait").then(|| value.parse().ok())?
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_read_from_among_other_preferences() {
        for (value, wait) in [
            ("wait=25", Some(25)),
            ("respond-async, Wait = 10", Some(10)),
            ("wait=\"5\";x=y", Some(5)),
            ("wait=1, wait=2", Some(1)),
            ("wait", None),
            ("wait=", None),
            ("wait=-1", None),
            ("wait=soon, handling=lenient", None),
            ("waits=3", None),
        ] {
            let headers = [(HeaderName::from_static(PREFER), HeaderValue::from_static(value))].into_iter().collect();
            assert_eq!(preferred_wait(&headers), wait, "{value}");
        }
        assert_eq!(preferred_wait(&HeaderMap::new()), None);
    }
}

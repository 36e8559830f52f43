//! Sign-in by another provider: `POST /sign-in/{id}` begins it, `GET /sign-in/{id}/callback` ends it.

use super::api::{self, take_cookies};
use super::form::{field, fields};
use super::navigation::{hop, keep_opener};
use super::pages::device::kind_of;
use super::render::{frame, page, unavailable};
use crate::app::Frame;
use crate::components::icon::Icon;
use crate::components::outcome::OutcomeTexts;
use crate::error::{ApiError, ErrorCode};
use crate::i18n::text;
use crate::pages::error_text;
use crate::pages::message::MessagePage;
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::security::cookie::{Lifetime, Name};
use axum::extract::{Path, Query, Request};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use domain::account::{SignIn, local_path};
use leptos::prelude::*;
use serde::Deserialize;
use service::providers::{Attempt, LIFE, ProviderError, Response as Answer};
use service::security::device_binding;

/// What a provider sends back. Parameters that occur twice make it malformed.
#[derive(Debug, Default, Deserialize)]
pub struct Parameters {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Returns our redirect URI for that provider. One for each, so that a response is never taken for another's (RFC 9700,
/// section 4.4.2).
fn callback_of(cx: &RequestContext, id: &str) -> String {
    let path = routes::PROVIDER_CALLBACK.replace("{id}", id);
    format!("{}{path}", cx.app.public_url.as_str().trim_end_matches('/'))
}

/// `POST /sign-in/{id}`: sends the browser to the provider. A form, so that no link signs anybody in.
pub async fn begin(cx: RequestContext, Path(id): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let outcome = async {
        if cx.app.origins.is_foreign(&parts.method, &parts.headers, cx.client.secure) {
            return Err(ApiError::from(ErrorCode::CrossOrigin).into());
        }
        let fields = fields(&api::read(&parts.headers, body).await?);
        let next = field(&fields, "next").and_then(local_path).unwrap_or_else(|| routes::ACCOUNT.to_owned());
        let (url, attempt) = cx.app.providers.begin(&id, &next, &callback_of(&cx, &id), cx.client.ip).await?;
        cx.set_cookie(Name::Provider, attempt.write().reveal(), Lifetime::Seconds(LIFE.as_secs()))?;
        // Browsers forbid a form to redirect to another site.
        Ok::<_, Stop>(hop(&url))
    };
    let outcome = outcome.await;
    finish(&cx, &id, outcome)
}

/// `GET /sign-in/{id}/callback`.
pub async fn callback(
    cx: RequestContext,
    Path(id): Path<String>,
    query: Result<Query<Parameters>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let attempt = cx.client.cookie(Name::Provider).and_then(Attempt::read);
    let parameters = query.map(|query| query.0).unwrap_or_default();
    let outcome = async {
        let answer = Answer {
            code: parameters.code.as_deref(),
            state: parameters.state.as_deref(),
            issuer: parameters.iss.as_deref(),
            error: parameters.error.as_deref(),
        };
        let callback = callback_of(&cx, &id);
        let ip = cx.client.ip;
        let begun = cx.app.providers.finish(&id, attempt.as_ref(), answer, &callback, sign_in(&cx), ip).await;
        // The response to another sign-in must not end the sign-in that this browser is in the middle of.
        if !matches!(begun, Err(ProviderError::Over)) {
            cx.set_cookie(Name::Provider, "", Lifetime::Remove)?;
        }
        cx.keep_sign_in(&begun?, true)?;
        // By a page of ours, so that the next one does not look like a link of another site.
        Ok::<_, Stop>(hop(attempt.as_ref().map_or(routes::ACCOUNT, Attempt::next)))
    };
    let outcome = outcome.await;
    finish(&cx, &id, outcome)
}

/// Describes the browser that signs in.
fn sign_in(cx: &RequestContext) -> SignIn {
    SignIn {
        username: String::new(),
        device_id: cx.client.cookie(Name::Device).and_then(device_binding::device_id),
        device_name: cx.client.agent().name(),
        device_kind: kind_of(cx).to_owned(),
        is_browser: true,
    }
}

/// Why there is no session.
enum Stop {
    Provider(ProviderError),
    Api(ApiError),
}

impl From<ProviderError> for Stop {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Service(error) => Self::Api(error.into()),
            error => Self::Provider(error),
        }
    }
}

impl From<ApiError> for Stop {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

fn finish(cx: &RequestContext, id: &str, outcome: Result<Response, Stop>) -> Response {
    let mut response = match outcome {
        Ok(response) => response,
        Err(Stop::Api(error)) if error.code == ErrorCode::Unavailable => unavailable(cx, here(cx), &error),
        Err(Stop::Api(error)) => failed(cx, id, Err(error.code)),
        Err(Stop::Provider(error)) => failed(cx, id, Ok(error)),
    };
    take_cookies(cx, &mut response);
    keep_opener(&mut response);
    response
}

fn here(cx: &RequestContext) -> Frame {
    frame(cx, &Uri::from_static(routes::PC_LOGIN))
}

/// Shows that the sign-in failed. Nothing of the request is repeated.
fn failed(cx: &RequestContext, id: &str, error: Result<ProviderError, ErrorCode>) -> Response {
    let frame = here(cx);
    let locale = frame.locale;
    let name = cx.app.clients.current().provider(id).map(|provider| provider.name.clone()).unwrap_or_default();
    let (status, text) = match error {
        Ok(ProviderError::Over) => (StatusCode::BAD_REQUEST, text!(locale, provider.over)),
        Ok(ProviderError::Declined) => (StatusCode::OK, text!(locale, provider.declined, name = name)),
        Ok(ProviderError::NoAccount) => (StatusCode::FORBIDDEN, text!(locale, provider.no_account, name = name)),
        Ok(ProviderError::Disabled) => (StatusCode::FORBIDDEN, text!(locale, provider.disabled)),
        Ok(_) => (StatusCode::BAD_GATEWAY, text!(locale, provider.failed, name = name)),
        Err(code) => (super::status(code), error_text(locale, code)),
    };
    let texts = OutcomeTexts {
        heading: text!(locale, provider.not_signed_in),
        text,
        link: Some((format!("{}?tab=password", routes::PC_LOGIN), text!(locale, provider.again))),
    };
    page(cx, status, || view! { <MessagePage frame icon=Icon::Cross good=false texts/> })
}

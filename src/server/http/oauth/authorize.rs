//! `GET` and `POST /oauth/authorize`. No redirect to an app before its id and redirect URI are validated.

use super::Pairs;
use crate::app::Frame;
use crate::components::icon::Icon;
use crate::components::outcome::OutcomeTexts;
use crate::error::{ApiError, ErrorCode};
use crate::i18n::text;
use crate::pages::message::MessagePage;
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::http::api::{self, take_cookies};
use crate::server::http::navigation::{keep_opener, respond, see_other};
use crate::server::http::render::{frame, over, page, unavailable};
use crate::server::security::fetch_metadata::is_for_frame;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::authorization::{AuthorizationRequest, InvalidTarget, Parameters, RequestError, Target, read_request};
use domain::client::Client;
use domain::ids::InteractionId;
use domain::limits::Key;
use leptos::prelude::*;
use service::audit::Event;
use service::oidc::sites::VisitError;
use service::oidc::{AuthorizationResponse, Next};
use url::form_urlencoded::{Serializer, parse};

/// Handles an authorization request.
///
/// A `POST` (OpenID Connect Core, section 3.1.2.1) is answered by a redirect to the same request as a `GET`, because a
/// browser sends our cookies with a `GET` from another site only.
pub async fn authorize(cx: RequestContext, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut response = match parts.method {
        Method::POST => match posted(&parts.headers, body).await {
            Ok(query) => see_other(&format!("{}?{query}", routes::AUTHORIZE)),
            Err(error) => api::error_response(&error),
        },
        _ => {
            let pairs: Pairs = parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
            match answer(&cx, &pairs, is_for_frame(&parts.headers)).await {
                Ok(response) => response,
                Err(error) => unavailable(&cx, frame(&cx, &Uri::from_static(routes::PC_LOGIN)), &error),
            }
        }
    };
    take_cookies(&cx, &mut response);
    keep_opener(&mut response);
    response
}

async fn posted(headers: &HeaderMap, body: Body) -> Result<String, ApiError> {
    let is_form = headers
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().to_ascii_lowercase().starts_with(b"application/x-www-form-urlencoded"));
    if !is_form {
        return Err(ErrorCode::UnsupportedMediaType.into());
    }
    let body = api::read(headers, body).await?;
    Ok(Serializer::new(String::new()).extend_pairs(parse(&body)).finish())
}

async fn answer(cx: &RequestContext, pairs: &Pairs, in_frame: bool) -> Result<Response, ApiError> {
    let app = &cx.app;
    let parameters = Parameters::new(pairs);
    let clients = app.oidc.clients.current();
    let (target, client) = match Target::read(parameters, |id| clients.client(id)) {
        Ok(found) => found,
        Err(reason) => return Ok(refused(cx, reason)),
    };
    let hinted = match parameters.get("id_token_hint") {
        Some(hint) => app.oidc.hinted_account(hint).await?,
        None => None,
    };
    let request = match read_request(parameters, target.clone(), &client, hinted) {
        Ok(request) => request,
        Err(RequestError { code, description }) => {
            return Ok(to_app(cx, &app.oidc.refusal(&target, code, Some(description))));
        }
    };
    decide(cx, request, &client, in_frame).await
}

/// `GET /oauth/site?r=`: signs a visitor of a site behind a proxy in. The request is stored; the URL only has its id.
pub async fn site(cx: RequestContext, uri: Uri, headers: HeaderMap) -> Response {
    let id = parse(uri.query().unwrap_or_default().as_bytes()).find(|(name, _)| name == "r");
    let visit = match id.and_then(|(_, id)| id.parse().ok()) {
        Some(id) => cx.app.sites.request(id).await,
        None => Err(VisitError::Over),
    };
    let outcome = match visit {
        Ok((request, client)) => decide(&cx, request, &client, is_for_frame(&headers)).await,
        Err(VisitError::Service(error)) => Err(error.into()),
        Err(VisitError::Over | VisitError::Forbidden) => Ok(over(&cx)),
    };
    let mut response =
        outcome.unwrap_or_else(|error| unavailable(&cx, frame(&cx, &Uri::from_static(routes::PC_LOGIN)), &error));
    take_cookies(&cx, &mut response);
    keep_opener(&mut response);
    response
}

async fn decide(
    cx: &RequestContext,
    request: AuthorizationRequest,
    client: &Client,
    in_frame: bool,
) -> Result<Response, ApiError> {
    let app = &cx.app;
    let caller = cx.person().await?;
    match &caller {
        Some(caller) => app.limits.charge(Key::GrantBy(caller.account.id)).await?,
        // Refused, and nothing is stored.
        None if request.prompts.none => {}
        // It would lead to the sign-in page, which is not for frames.
        None if in_frame => return Ok(StatusCode::FORBIDDEN.into_response()),
        None => app.limits.charge(Key::Authorize(cx.client.ip)).await?,
    }
    let browser = cx.bind_browser()?;
    let next = app.oidc.authorize(request, client, caller.as_ref(), browser).await.map_err(ApiError::from);
    if let (Ok(Next::Respond(_)) | Err(_), Some(caller)) = (&next, &caller) {
        cx.audit(Event::Authorize, Some(caller.account.id), &next);
    }
    Ok(match next? {
        Next::Respond(response) => to_app(cx, &response),
        Next::SignIn(id) => see_other(&sign_in_page(id)),
        Next::Consent(id) => see_other(&continuation(id)),
    })
}

/// Returns to the app, with a nonce for the one line of script that a form needs.
pub(super) fn to_app(cx: &RequestContext, response: &AuthorizationResponse) -> Response {
    respond(response, &nonce(cx), false)
}

/// Returns a nonce for a page's script. Without random bytes the page's button is left.
pub(super) fn nonce(cx: &RequestContext) -> String {
    cx.app.random.uuid().map(|id| id.simple().to_string()).unwrap_or_default()
}

/// Returns the URL at which an interaction continues.
pub fn continuation(id: InteractionId) -> String {
    format!("{}?i={id}", routes::CONTINUE)
}

/// Returns the URL of the sign-in page for an interaction.
pub fn sign_in_page(id: InteractionId) -> String {
    let next = continuation(id);
    crate::pages::pc_login::address(&[("next", Some(&next))])
}

/// Shows why a request leads nowhere. For the app's developer, because no person can mend it.
fn refused(cx: &RequestContext, reason: InvalidTarget) -> Response {
    let frame = Frame { here: routes::PC_LOGIN.to_owned(), ..frame(cx, &Uri::from_static(routes::PC_LOGIN)) };
    let locale = frame.locale;
    let texts = OutcomeTexts {
        heading: text!(locale, app.invalid_heading),
        text: text!(locale, app.invalid_text),
        link: Some((routes::PC_LOGIN.to_owned(), text!(locale, outcome.not_found_action))),
    };
    let reason = reason.to_string();
    page(cx, StatusCode::BAD_REQUEST, || view! { <MessagePage frame icon=Icon::Cross good=false texts reason/> })
}

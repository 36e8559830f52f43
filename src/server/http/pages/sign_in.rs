//! Chooses what the sign-in page shows, and whether it is for an app.

use super::onward::onward;
use super::{MaybeQuery, PageQuery, attempt, read_query};
use crate::error::{ApiError, ErrorCode};
use crate::pages::pc_login::{Code, PcLoginPage, Way, Ways, address as pc_login_address};
use crate::pages::sign_in_form::Attempt;
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::http::navigation::keep_opener;
use crate::server::http::render::{frame, over, page, unavailable};
use crate::server::http::status;
use crate::server::security::cookie::Name;
use crate::server::security::fetch_metadata::{is_for_window, is_from_elsewhere};
use axum::extract::OriginalUri;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::authorization::Step;
use domain::ids::InteractionId;
use domain::ticket::RequestingApp;
use leptos::prelude::*;
use service::oidc::InteractionError;

/// `GET /`. Only a real visit gets a new code: not an image or script request from another page (which would use up the
/// codes of its visitor's address), and not `HEAD`, which is read-only.
pub async fn pc_login(
    cx: RequestContext,
    method: Method,
    headers: HeaderMap,
    uri: OriginalUri,
    query: MaybeQuery,
) -> Response {
    if !is_for_window(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    if method == Method::HEAD {
        return StatusCode::OK.into_response();
    }
    let query = read_query(query);
    let next = onward(&query.next, is_from_elsewhere(&headers));
    match next.as_deref().and_then(routes::interaction_of) {
        // A popup that an app opened passes through here.
        Some(id) => {
            let mut response = match sign_in_to_app(&cx, id).await {
                Ok(ToApp::SignIn(app)) => sign_in(&cx, &uri.0, query, next, Some(app)).await,
                Ok(ToApp::GoOn) => Redirect::to(next.as_deref().unwrap_or(routes::ACCOUNT)).into_response(),
                Ok(ToApp::Over) => over(&cx),
                Err(error) => unavailable(&cx, frame(&cx, &uri.0), &error),
            };
            keep_opener(&mut response);
            response
        }
        None => {
            let is_phone = cx.client.agent().is_phone;
            let has_session =
                cx.client.cookie(Name::Pc).is_some() || (is_phone && cx.client.cookie(Name::Phone).is_some());
            if has_session && query.ticket.is_empty() && cx.caller().await.is_ok() {
                return Redirect::to(next.as_deref().unwrap_or(routes::ACCOUNT)).into_response();
            }
            sign_in(&cx, &uri.0, query, next, None).await
        }
    }
}

/// What a visit to the sign-in page for an app leads to.
enum ToApp {
    SignIn(RequestingApp),
    /// The person has signed in meanwhile, in another tab.
    GoOn,
    Over,
}

async fn sign_in_to_app(cx: &RequestContext, id: InteractionId) -> Result<ToApp, ApiError> {
    let caller = cx.person().await?;
    match cx.app.oidc.peek(id, &cx.browser(), caller.as_ref()).await {
        Ok((Step::SignIn, app)) => Ok(ToApp::SignIn(app)),
        Ok(_) => Ok(ToApp::GoOn),
        Err(InteractionError::Over) => Ok(ToApp::Over),
        Err(InteractionError::Service(error)) => Err(error.into()),
    }
}

async fn sign_in(
    cx: &RequestContext,
    uri: &Uri,
    query: PageQuery,
    next: Option<String>,
    app: Option<RequestingApp>,
) -> Response {
    // A code on the phone's own screen is useless.
    let is_phone = cx.client.agent().is_phone;
    let wants_code = !is_phone || query.tab == "code" || !query.ticket.is_empty();
    let shown = if query.tab == "password" || !wants_code { Way::Password } else { Way::Code };
    // An error belongs to what is shown, or to the page as a whole.
    let mut attempt = if shown == Way::Password { attempt(cx, &query) } else { Attempt::default() };
    if let Some(hint) = app.as_ref().and_then(|app| app.login_hint.clone()).filter(|_| attempt.username.is_empty()) {
        attempt.username = hint;
    }
    let (mut code, refused) = if wants_code { offer_code(cx, &query, app.clone()).await } else { (None, None) };
    if let Some(code) = code.as_mut().filter(|_| shown == Way::Password) {
        code.error = None;
    }
    let mut frame = frame(cx, uri);
    let kept = code.as_ref().and_then(|code| code.ticket.as_ref().ok()).map(|ticket| ticket.id.to_string());
    if kept.is_some() || next.is_some() {
        // Switching the language keeps the code, and where to go on.
        let tab = if shown == Way::Password { Some("password") } else { is_phone.then_some("code") };
        frame.here = pc_login_address(&[("tab", tab), ("ticket", kept.as_deref()), ("next", next.as_deref())]);
    }
    // Who asked for the form gets it, whether or not there is a code beside it.
    let refused = refused.filter(|_| shown == Way::Code);
    let found = refused.as_ref().map_or(StatusCode::OK, |error| status(error.code));
    let ways = Ways { code, attempt, device_kind: if is_phone { "phone" } else { "pc" }, shown };
    let mut response = page(cx, found, || view! { <PcLoginPage frame ways next app/> });
    if let Some(seconds) = refused.and_then(|error| error.retry_after) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Returns the code, or an empty one and the reason.
async fn offer_code(
    cx: &RequestContext,
    query: &PageQuery,
    app: Option<RequestingApp>,
) -> (Option<Code>, Option<ApiError>) {
    match code(cx, query, app).await {
        Ok(code) => (Some(code), None),
        Err(error) => {
            let code = Code {
                asked: query.ticket(),
                ticket: Err(error.code),
                svg: String::new(),
                renewals: 0,
                error: query.error(),
            };
            (Some(code), Some(error))
        }
    }
}

/// Returns the code to show: the one the URL asked to keep, if the server still has it, or a new one.
async fn code(cx: &RequestContext, query: &PageQuery, app: Option<RequestingApp>) -> Result<Code, ApiError> {
    let renewals = query.renewals.parse().unwrap_or(0);
    let asked = query.ticket();
    let kept = match asked {
        Some(id) => match cx.app.tickets.find_own(id, cx.browser()).await {
            Err(error) if error.code() == ErrorCode::Unavailable => return Err(error.into()),
            found => found.ok(),
        },
        None => None,
    };
    let ticket = match kept {
        Some(ticket) => ticket,
        None => cx.issue_ticket(app).await?,
    };
    Ok(Code {
        asked,
        svg: cx.app.tickets.issued(&ticket)?.svg,
        ticket: Ok(ticket.view(cx.app.clock.now())),
        renewals,
        error: query.error(),
    })
}

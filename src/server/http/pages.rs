//! Loads what a page needs, picks the page, renders it. All slow work is done before rendering.

pub mod confirm;
pub mod device;
mod onward;
pub mod scan;
pub mod settings;
pub mod sign_in;

use super::render::{frame, page, unavailable};
use super::{assets, form};
use crate::app::Frame;
use crate::components::icon::Icon;
use crate::components::outcome::OutcomeTexts;
use crate::error::ErrorCode;
use crate::i18n::text;
use crate::pages::account::AccountPage;
use crate::pages::message::MessagePage;
use crate::pages::sign_in_form::Attempt;
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::security::cookie::{Lifetime, Name};
use crate::server::security::fetch_metadata::{is_for_frame, is_for_window, is_prefetch};
use axum::extract::{OriginalUri, Query, Request};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::ids::{ConnectionId, TicketId};
use leptos::prelude::*;
use serde::Deserialize;
use service::error::ServiceError;
use service::session::Caller;

/// The query parameters of our pages. Malformed ones are ignored, so that a mangled URL still shows a page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PageQuery {
    id: String,
    ticket: String,
    tab: String,
    next: String,
    from: String,
    error: String,
    renewals: String,
    user_code: String,
    done: String,
    at: String,
}

impl PageQuery {
    pub(super) fn id(&self) -> Option<ConnectionId> {
        self.id.parse().ok()
    }

    fn ticket(&self) -> Option<TicketId> {
        self.ticket.parse().ok()
    }

    pub(super) fn error(&self) -> Option<ErrorCode> {
        if self.error.is_empty() { None } else { serde_json::from_value(self.error.clone().into()).ok() }
    }
}

/// Returns the previous attempt at a sign-in form. Its username is shown once.
fn attempt(cx: &RequestContext, query: &PageQuery) -> Attempt {
    let username = form::typed(&cx.client);
    if cx.client.cookie(Name::Typed).is_some() {
        forget(cx, Name::Typed);
    }
    Attempt { username: username.unwrap_or_default(), error: query.error(), in_app: cx.client.agent().in_app }
}

fn forget(cx: &RequestContext, name: Name) {
    // An empty value is always a valid header value.
    let _ = cx.set_cookie(name, "", Lifetime::Remove);
}

pub(super) type MaybeQuery = Result<Query<PageQuery>, axum::extract::rejection::QueryRejection>;

pub(super) fn read_query(query: MaybeQuery) -> PageQuery {
    query.map(|query| query.0).unwrap_or_default()
}

/// Rejects prefetches, which would use up the codes of a visitor of any site.
pub async fn refuse_prefetch(request: Request, next: Next) -> Response {
    if is_prefetch(request.headers()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

/// Rejects what a page loads as a part of itself, such as an image. A frame is no such part: an app asks in a hidden one
/// whether a person is still signed in (`prompt=none`).
pub async fn refuse_parts(request: Request, next: Next) -> Response {
    if !is_for_window(request.headers()) && !is_for_frame(request.headers()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

/// Returns the caller, or the way to the sign-in page.
async fn signed_in(cx: &RequestContext, frame: &Frame) -> Result<Caller, Box<Response>> {
    cx.caller().await.map_err(|error| {
        Box::new(match error.code {
            ErrorCode::Unavailable => unavailable(cx, frame.clone(), &error),
            ErrorCode::Unauthenticated => Redirect::to(routes::PC_LOGIN).into_response(),
            code => Redirect::to(&format!("{}?error={}", routes::PC_LOGIN, code.name())).into_response(),
        })
    })
}

/// `GET /account`
pub async fn account(cx: RequestContext, uri: OriginalUri, query: MaybeQuery) -> Response {
    let query = read_query(query);
    let frame = frame(&cx, &uri.0);
    let caller = match signed_in(&cx, &frame).await {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let loaded = async {
        let sessions = cx.app.sessions.all(&caller).await?;
        let has_connections = !cx.app.connected_services.services(&caller.account).is_empty()
            || !cx.app.connected_services.list(caller.account.id).await?.is_empty();
        Ok::<_, ServiceError>((sessions, cx.app.oidc.connections(caller.account.id).await?, has_connections))
    };
    let agent = cx.client.agent();
    match loaded.await {
        Ok((sessions, apps, has_connections)) => page(&cx, StatusCode::OK, || {
            view! {
                <AccountPage
                    frame
                    may_end_others=caller.may_end_others(cx.app.clock.now())
                    account=caller.account
                    sessions
                    apps
                    has_connections
                    may_install=agent.is_phone && agent.in_app.is_none()
                    current=caller.session.id
                    error=query.error()
                />
            }
        }),
        Err(error) => unavailable(&cx, frame, &error.into()),
    }
}

/// `GET /gallery`
#[cfg(debug_assertions)]
pub async fn gallery(cx: RequestContext, uri: OriginalUri) -> Response {
    use crate::pages::gallery::GalleryPage;
    let svg = service::qr::svg(cx.app.public_url.as_str()).unwrap_or_default();
    let frame = frame(&cx, &uri.0);
    page(&cx, StatusCode::OK, || view! { <GalleryPage frame svg/> })
}

/// Handles any other path: a static file, or the "not found" page.
pub async fn file_or_not_found(cx: RequestContext, uri: Uri, headers: HeaderMap) -> Response {
    if let Some(file) = assets::fixed(&uri, &headers) {
        return file;
    }
    let frame = Frame { here: routes::PC_LOGIN.to_owned(), ..frame(&cx, &uri) };
    let locale = frame.locale;
    let texts = OutcomeTexts {
        heading: text!(locale, outcome.not_found),
        text: text!(locale, outcome.not_found_text),
        link: Some((routes::PC_LOGIN.to_owned(), text!(locale, outcome.not_found_action))),
    };
    page(&cx, StatusCode::NOT_FOUND, || {
        view! { <MessagePage frame icon=Icon::Cross good=false texts/> }
    })
}

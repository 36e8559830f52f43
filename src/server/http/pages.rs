//! Loads what a page needs, picks the page, renders it. All slow work is done before rendering.

pub mod confirm;

use super::api::take_cookies;
use super::{assets, form, status};
use crate::app::Frame;
use crate::components::icon::Icon;
use crate::components::outcome::OutcomeTexts;
use crate::error::{ApiError, ErrorCode};
use crate::i18n::{tag, text};
use crate::pages::account::AccountPage;
use crate::pages::message::MessagePage;
use crate::pages::pc_login::{Code, PcLoginPage, Tab, address as pc_login_address};
use crate::pages::sign_in_form::Attempt;
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::http::headers::page_policy;
use crate::server::security::cookie::{Lifetime, Name};
use axum::extract::{OriginalUri, Query, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::account::local_path;
use domain::ids::TicketId;
use hydration_context::SsrSharedContext;
use leptos::nonce::{provide_nonce, use_nonce};
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

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
}

impl PageQuery {
    fn next(&self) -> Option<String> {
        local_path(&self.next)
    }

    fn ticket(&self) -> Option<TicketId> {
        self.ticket.parse().ok()
    }

    fn error(&self) -> Option<ErrorCode> {
        if self.error.is_empty() { None } else { serde_json::from_value(self.error.clone().into()).ok() }
    }
}

/// Returns the previous attempt at a sign-in form. Its username is shown once.
fn attempt(cx: &RequestContext, query: &PageQuery) -> Attempt {
    let username = form::typed(&cx.client);
    if cx.client.cookie(Name::Typed).is_some() {
        forget(cx, Name::Typed);
    }
    Attempt { username: username.unwrap_or_default(), error: query.error() }
}

fn forget(cx: &RequestContext, name: Name) {
    // An empty value is always a valid header value.
    let _ = cx.set_cookie(name, "", Lifetime::Remove);
}

type MaybeQuery = Result<Query<PageQuery>, axum::extract::rejection::QueryRejection>;

fn read_query(query: MaybeQuery) -> PageQuery {
    query.map(|query| query.0).unwrap_or_default()
}

/// Rejects prefetches. Any site can make a browser prefetch our page with speculation rules, which would use up its
/// visitor's codes, and the browser sends such a request as if the user had typed the URL. On a real visit the browser
/// requests the page again.
pub async fn refuse_prefetch(request: Request, next: Next) -> Response {
    let is_prefetch = |purpose: &HeaderValue| purpose.as_bytes().starts_with(b"prefetch");
    if ["sec-purpose", "purpose"].into_iter().filter_map(|name| request.headers().get(name)).any(is_prefetch) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

/// `GET /`. Only a real visit gets a new code: not an image or script request from another page (which would use up the
/// codes of its visitor's address), and not `HEAD`, which is read-only.
pub async fn pc_login(
    cx: RequestContext,
    method: Method,
    headers: HeaderMap,
    uri: OriginalUri,
    query: MaybeQuery,
) -> Response {
    if headers.get("sec-fetch-dest").is_some_and(|destination| destination != "document") {
        return StatusCode::FORBIDDEN.into_response();
    }
    if method == Method::HEAD {
        return StatusCode::OK.into_response();
    }
    let query = read_query(query);
    let next = query.next();
    // A code on the phone's own screen is useless.
    let is_phone = cx.client.agent().is_phone;
    let has_session = cx.client.cookie(Name::Pc).is_some() || (is_phone && cx.client.cookie(Name::Phone).is_some());
    if has_session && query.ticket.is_empty() && cx.caller().await.is_ok() {
        return Redirect::to(next.as_deref().unwrap_or(routes::ACCOUNT)).into_response();
    }
    let wants_password = query.tab == "password" || (is_phone && query.tab != "code" && query.ticket.is_empty());
    if wants_password {
        let tab = Tab::Password { attempt: attempt(&cx, &query), device_kind: if is_phone { "phone" } else { "pc" } };
        let frame = frame(&cx, &uri.0);
        return page(&cx, StatusCode::OK, || view! { <PcLoginPage frame tab next/> });
    }
    let (code, refused) = match code(&cx, &query).await {
        Ok(code) => (code, None),
        Err(error) => {
            let code = Code {
                asked: query.ticket(),
                ticket: Err(error.code),
                svg: String::new(),
                renewals: 0,
                error: query.error(),
            };
            (code, Some(error))
        }
    };
    let mut frame = frame(&cx, &uri.0);
    if let Ok(ticket) = &code.ticket {
        // Switching the language keeps the code.
        frame.here = pc_login_address(&[("ticket", Some(&ticket.id.to_string())), ("next", next.as_deref())]);
    }
    let found = refused.as_ref().map_or(StatusCode::OK, |error| status(error.code));
    let mut response = page(&cx, found, || view! { <PcLoginPage frame tab=Tab::Code(code) next/> });
    if let Some(seconds) = refused.and_then(|error| error.retry_after) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Returns the code to show: the one the URL asked to keep, if the server still has it, or a new one.
async fn code(cx: &RequestContext, query: &PageQuery) -> Result<Code, ApiError> {
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
        None => cx.issue_ticket().await?,
    };
    Ok(Code {
        asked,
        svg: cx.app.tickets.issued(&ticket)?.svg,
        ticket: Ok(ticket.view(cx.app.clock.now())),
        renewals,
        error: query.error(),
    })
}

/// `GET /account`
pub async fn account(cx: RequestContext, uri: OriginalUri, query: MaybeQuery) -> Response {
    let query = read_query(query);
    let frame = frame(&cx, &uri.0);
    let caller = match cx.caller().await {
        Ok(caller) => caller,
        Err(error) if error.code == ErrorCode::Unavailable => return unavailable(&cx, frame, &error),
        Err(error) if error.code == ErrorCode::Unauthenticated => {
            return Redirect::to(routes::PC_LOGIN).into_response();
        }
        Err(error) => {
            return Redirect::to(&format!("{}?error={}", routes::PC_LOGIN, error.code.name())).into_response();
        }
    };
    match cx.app.sessions.all(&caller).await {
        Ok(sessions) => page(&cx, StatusCode::OK, || {
            view! {
                <AccountPage
                    frame
                    may_end_others=caller.may_end_others(cx.app.clock.now())
                    account=caller.account
                    sessions
                    current=caller.session.id
                    error=query.error()
                />
            }
        }),
        Err(error) => unavailable(&cx, frame, &error.into()),
    }
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

fn unavailable(cx: &RequestContext, frame: Frame, error: &ApiError) -> Response {
    let locale = frame.locale;
    let texts = OutcomeTexts {
        heading: text!(locale, outcome.unavailable),
        text: text!(locale, outcome.unavailable_text),
        link: Some((frame.here.clone(), text!(locale, outcome.try_again))),
    };
    page(cx, status(error.code), || {
        view! { <MessagePage frame icon=Icon::Offline good=false texts/> }
    })
}

fn frame(cx: &RequestContext, here: &Uri) -> Frame {
    Frame {
        site: cx.app.site.clone(),
        locale: cx.client.locale,
        here: here.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
    }
}

/// Renders a page with its own nonce.
fn page<V: IntoView + 'static>(cx: &RequestContext, found: StatusCode, build: impl FnOnce() -> V) -> Response {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new())));
    let (html, nonce) = owner.with(|| {
        provide_nonce();
        let html = build().into_view().to_html();
        (html, use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default())
    });
    let mut response = (found, Html(html)).into_response();
    let headers = response.headers_mut();
    let development = std::env::var_os("LEPTOS_WATCH").is_some();
    if let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce, development)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(tag(cx.client.locale)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    take_cookies(cx, &mut response);
    response
}

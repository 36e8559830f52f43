//! Renders pages.

use super::api::take_cookies;
use super::status;
use crate::app::Frame;
use crate::components::icon::Icon;
use crate::components::outcome::OutcomeTexts;
use crate::error::ApiError;
use crate::i18n::{tag, text};
use crate::pages::message::MessagePage;
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::http::headers::page_policy;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use hydration_context::SsrSharedContext;
use leptos::nonce::{provide_nonce, use_nonce};
use leptos::prelude::*;
use std::sync::Arc;

/// Returns the data that every page needs. `here` is where a change of the language returns to.
pub fn frame(cx: &RequestContext, here: &Uri) -> Frame {
    let clients = cx.app.clients.current();
    Frame {
        providers: clients.providers().map(|provider| (provider.id.clone(), provider.name.clone())).collect(),
        site: cx.app.site.clone(),
        locale: cx.client.locale,
        here: here.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
    }
}

/// Renders a page with its own nonce.
pub fn page<V: IntoView + 'static>(cx: &RequestContext, found: StatusCode, build: impl FnOnce() -> V) -> Response {
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

/// Handles a failure of a store.
pub fn unavailable(cx: &RequestContext, frame: Frame, error: &ApiError) -> Response {
    let locale = frame.locale;
    let texts = OutcomeTexts {
        heading: text!(locale, outcome.unavailable),
        text: text!(locale, outcome.unavailable_text),
        link: Some((frame.here.clone(), text!(locale, outcome.try_again))),
    };
    let mut response = page(cx, status(error.code), || {
        view! { <MessagePage frame icon=Icon::Offline good=false texts/> }
    });
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Shows that an interaction is over.
pub fn over(cx: &RequestContext) -> Response {
    let frame = Frame { here: routes::PC_LOGIN.to_owned(), ..frame(cx, &Uri::from_static(routes::PC_LOGIN)) };
    let locale = frame.locale;
    let texts =
        OutcomeTexts { heading: text!(locale, app.over_heading), text: text!(locale, app.over_text), link: None };
    page(cx, StatusCode::BAD_REQUEST, || view! { <MessagePage frame icon=Icon::Clock good=false texts/> })
}

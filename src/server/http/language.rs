//! Stores the language that the user chose.

use super::api::{read, take_cookies};
use super::navigation::keep_opener;
use super::{form, status};
use crate::i18n;
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::security::cookie::{Lifetime, Name};
use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use domain::account::local_path;

/// `POST /language`: a form with `language` and the page to return to.
pub async fn choose(cx: RequestContext, headers: HeaderMap, body: Body) -> Response {
    if cx.app.origins.is_foreign(&Method::POST, &headers, cx.client.secure) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let fields = match read(&headers, body).await {
        Ok(body) => form::fields(&body),
        Err(error) => return status(error.code).into_response(),
    };
    let language = form::field(&fields, "language").unwrap_or_default();
    let Some(locale) = i18n::by_tag(language) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let next = form::field(&fields, "next").and_then(local_path);
    let mut response = Redirect::to(next.as_deref().unwrap_or(routes::PC_LOGIN)).into_response();
    // This may be a popup that an app opened; the page that follows decides.
    keep_opener(&mut response);
    if cx.set_cookie(Name::Language, i18n::tag(locale), Lifetime::Forever).is_ok() {
        take_cookies(&cx, &mut response);
    }
    response
}

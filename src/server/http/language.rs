//! Remembers the language that a person chose.

use super::api::take_cookies;
use crate::account::local_path;
use crate::i18n;
use crate::server::context::RequestContext;
use crate::server::security::cookie::{Keep, Name};
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// The fields of the switch.
#[derive(Debug, Deserialize)]
pub struct Choice {
    language: String,
    next: Option<String>,
}

/// `POST /language`: a form with `language` and the page to return to.
pub async fn choose(cx: RequestContext, headers: HeaderMap, form: Result<Form<Choice>, FormRejection>) -> Response {
    if cx.app.origins.is_foreign(&Method::POST, &headers, cx.client.secure) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Ok(Form(choice)) = form else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(locale) = i18n::by_tag(&choice.language) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let next = choice.next.as_deref().and_then(local_path);
    let mut response = Redirect::to(next.as_deref().unwrap_or("/")).into_response();
    if cx.set_cookie(Name::Language, i18n::tag(locale), Keep::Forever).is_ok() {
        take_cookies(&cx, &mut response);
    }
    response
}

//! The middleware around every endpoint under `/api`: limits on requests, and the shape of errors.
//!
//! leptos responds to every failed server function with 500; here, and only here, it gets the status of its error code.

use super::{form, peer, status};
use crate::error::{ApiError, ErrorCode};
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::state::AppState;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use leptos::prelude::provide_context;
use leptos_axum::handle_server_fns_with_context;
use std::sync::PoisonError;

/// Limit of a request body, in bytes: many times the largest form.
const LARGEST_BODY: usize = 16 * 1024;
/// Limit of an error's body, in bytes; ours are far smaller.
const LARGEST_ERROR: usize = 64 * 1024;

/// Runs the server function for this path.
pub async fn server_function(cx: RequestContext, mut request: Request) -> Response {
    // HEAD is GET without a response body (RFC 9110, section 9.3.2). axum removes the body, but leptos does not handle
    // HEAD.
    if request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
    let provided = cx.clone();
    let mut response =
        handle_server_fns_with_context(move || provide_context(provided.clone()), request).await.into_response();
    take_cookies(&cx, &mut response);
    response
}

/// Moves the cookies that were collected for a request into its response.
pub fn take_cookies(cx: &RequestContext, response: &mut Response) {
    let collected = cx.response.0.read().unwrap_or_else(PoisonError::into_inner);
    for cookie in collected.headers.get_all(header::SET_COOKIE) {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
}

/// Responds to a path under `/api` that does not exist.
pub async fn not_found() -> Response {
    error_response(&ErrorCode::NotFound.into())
}

/// Converts an error to its status and body.
pub fn error_response(error: &ApiError) -> Response {
    let mut response = (status(error.code), axum::Json(error)).into_response();
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Checks a request, runs it, and gives every failure its status and body. A plain form is redirected to a page
/// instead.
pub async fn layer(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let is_form = parts.method == Method::POST && accepts_html(&parts.headers);
    let path = parts.uri.path().to_owned();
    let sign_in = match is_form && path == routes::LOGIN {
        true => RequestContext::from_request_parts(&mut parts, &app).await.ok(),
        false => None,
    };
    let checked = match check(&app, &parts, &path) {
        // A file is read by its endpoint, once it is known who sends it.
        Ok(()) if path == routes::SETTINGS_PICTURE => Ok((body, Vec::new())),
        Ok(()) => read(&parts.headers, body).await.map(|bytes| {
            let fields = if is_form { form::fields(&bytes) } else { Vec::new() };
            (Body::from(bytes), fields)
        }),
        Err(error) => Err(error),
    };
    let (outcome, fields) = match checked {
        Ok((body, fields)) => {
            // leptos would respond to a form with a redirect to the Referer, which we tell browsers not to send.
            parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
            (next.run(Request::from_parts(parts, body)).await, fields)
        }
        Err(error) => (error_response(&error), Vec::new()),
    };
    let (mut response, error) = shape(outcome).await;
    if let Some(error) = &error {
        app.metrics.api_error(error.code.name());
    }
    if let Some(cx) = sign_in
        && form::hand_over(&cx, &fields, error.is_none()).is_ok()
    {
        take_cookies(&cx, &mut response);
    }
    if is_form { form::redirect(&path, &fields, error.as_ref(), response) } else { response }
}

fn check(app: &AppState, Parts { method, headers, extensions, .. }: &Parts, path: &str) -> Result<(), ApiError> {
    let secure = app.is_secure(peer(extensions), headers);
    if app.origins.is_foreign(method, headers, secure) {
        return Err(ErrorCode::CrossOrigin.into());
    }
    let media_type = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    let essence = media_type.map(|value| value.split(';').next().unwrap_or_default().trim());
    let accepted = match path {
        routes::SETTINGS_PICTURE => "multipart/form-data",
        _ => "application/x-www-form-urlencoded",
    };
    match essence {
        Some(essence) if !essence.eq_ignore_ascii_case(accepted) && !method.is_safe() => {
            let message = format!("Send {accepted}.");
            Err(ApiError { message, ..ErrorCode::UnsupportedMediaType.into() })
        }
        _ => Ok(()),
    }
}

/// Reads a request's body.
///
/// # Errors
/// `body_too_large`, or `invalid_request` if it is incomplete.
pub async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, ApiError> {
    read_up_to(LARGEST_BODY, headers, body).await
}

/// The same with another limit, in bytes.
///
/// # Errors
/// Those of [`read`].
pub async fn read_up_to(limit: usize, headers: &HeaderMap, body: Body) -> Result<Bytes, ApiError> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(ErrorCode::BodyTooLarge.into());
    }
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    // Copied immediately: each chunk, however small, keeps a whole buffer of the connection alive.
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| ErrorCode::InvalidRequest)?;
        if bytes.len() + chunk.len() > limit {
            return Err(ErrorCode::BodyTooLarge.into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

/// Returns the response with the right status and body, and its error, if any.
async fn shape(response: Response) -> (Response, Option<ApiError>) {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return (response, None);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, LARGEST_ERROR).await.unwrap_or_default();
    let error = serde_json::from_slice(&body).unwrap_or_else(|_| framework_error(status));
    let mut response = error_response(&error);
    for name in [header::SET_COOKIE, header::ALLOW] {
        for value in parts.headers.get_all(&name) {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    (response, Some(error))
}

/// Converts a rejection by the framework to our error format.
fn framework_error(status: StatusCode) -> ApiError {
    match status {
        StatusCode::NOT_FOUND => ErrorCode::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ErrorCode::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::BodyTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorCode::UnsupportedMediaType,
        StatusCode::UPGRADE_REQUIRED => ErrorCode::UpgradeRequired,
        status if status.is_client_error() => ErrorCode::InvalidRequest,
        _ => ErrorCode::Unavailable,
    }
    .into()
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|value| value.to_str().is_ok_and(|value| value.contains("text/html")))
}

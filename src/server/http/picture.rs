//! People's pictures.

use super::api::error_response;
use crate::error::{ApiError, ErrorCode};
use crate::server::state::AppState;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// The browser keeps it, because a new picture has another path. Shared caches do not: it is a person's.
const FOR_EVER: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");

/// `GET /picture/{file}`: the picture with that hash. A name that is none, and a picture that no account has any more,
/// are not found.
pub async fn picture(State(app): State<AppState>, file: Result<Path<String>, PathRejection>) -> Response {
    let id = file.ok().and_then(|file| file.parse().ok());
    let Some(id) = id else { return error_response(&ErrorCode::NotFound.into()) };
    match app.accounts.picture(id).await {
        Ok(Some(bytes)) => (
            [
                (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
                (header::CACHE_CONTROL, FOR_EVER),
                // The pages of other apps may show it, also those that isolate themselves.
                (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
            ],
            bytes,
        )
            .into_response(),
        Ok(None) => error_response(&ErrorCode::NotFound.into()),
        Err(error) => error_response(&ApiError::from(error)),
    }
}

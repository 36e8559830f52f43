//! Receives a picture: the one endpoint whose body is a file (`multipart/form-data`, RFC 7578).
//!
//! A request is refused before its file is read unless the caller may change a picture.

use super::api::{error_response, take_cookies};
use crate::error::{ApiError, ErrorCode};
use crate::server::context::RequestContext;
use axum::Json;
use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::account::AccountView;
use futures::StreamExt;
use multer::{Constraints, Field, Multipart, SizeLimit};
use service::audit::Event;
use service::picture::{Crop, MAX_BYTES};
use service::session::Caller;

/// Limit of the other fields and what is between the parts, in bytes.
const MOST_AROUND: u64 = 16 * 1024;
/// Limit of each other field, in bytes: a number.
const LARGEST_NUMBER: u64 = 32;
/// Limit of the number of parts.
const MOST_PARTS: usize = 8;
/// How much of a refused body is read, in bytes.
const MOST_DRAINED: usize = 64 * 1024 * 1024;
/// The field with the file.
const FILE: &str = "picture";

/// `POST /api/settings/picture`: a form with the file `picture`, and if a part of it is to be shown `x`, `y` and `size`.
pub async fn picture(cx: RequestContext, headers: HeaderMap, body: Body) -> Response {
    match receive(&cx, &headers, body).await {
        Ok(account) => {
            let mut response = Json(account).into_response();
            take_cookies(&cx, &mut response);
            response
        }
        Err(error) => error_response(&error),
    }
}

async fn receive(cx: &RequestContext, headers: &HeaderMap, body: Body) -> Result<AccountView, ApiError> {
    let caller = cx.caller().await?;
    let mut body = body.into_data_stream();
    let outcome = take(cx, &caller, headers, &mut body).await;
    if outcome.is_err() {
        drain(&mut body).await;
    }
    cx.audit(Event::Picture, Some(caller.account.id), &outcome);
    outcome
}

/// Reads what is left of a refused body, without keeping it: a browser shows no response before it has sent everything.
async fn drain(body: &mut BodyDataStream) {
    let mut left = MOST_DRAINED;
    while let Some(Ok(chunk)) = body.next().await {
        left = left.saturating_sub(chunk.len());
        if left == 0 {
            return;
        }
    }
}

async fn take(
    cx: &RequestContext,
    caller: &Caller,
    headers: &HeaderMap,
    body: &mut BodyDataStream,
) -> Result<AccountView, ApiError> {
    let settings = &cx.app.settings;
    settings.admit(caller).await?;
    let _place = cx.app.uploads.take(caller.account.id)?;
    let Sent { file, crop } = read(headers, body).await?;
    let picture = settings.draw(file, crop).await?;
    // The session may have ended meanwhile, and the account may be gone.
    let now = cx.caller().await?;
    if now.account.id != caller.account.id {
        return Err(ErrorCode::TokenRevoked.into());
    }
    Ok(settings.set_picture(&now, picture).await?.view())
}

/// What the form contains.
struct Sent {
    file: Vec<u8>,
    crop: Option<Crop>,
}

async fn read(headers: &HeaderMap, body: &mut BodyDataStream) -> Result<Sent, ApiError> {
    let largest = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > largest + MOST_AROUND) {
        return Err(ErrorCode::PictureTooLarge.into());
    }
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(media_type).map_err(|_| {
        let message = "Send multipart/form-data.".to_owned();
        ApiError { message, ..ErrorCode::UnsupportedMediaType.into() }
    })?;
    let sizes = SizeLimit::new().whole_stream(largest + MOST_AROUND).for_field(FILE, largest).per_field(LARGEST_NUMBER);
    let limits = Constraints::new().size_limit(sizes);
    let mut form = Multipart::with_constraints(body, boundary, limits);
    let (mut file, mut numbers) = (None, [None; 3]);
    for _ in 0..MOST_PARTS {
        let Some(field) = form.next_field().await.map_err(refusal)? else { break };
        match field.name() {
            Some(FILE) if file.is_none() => file = Some(contents(field).await?),
            Some(name) => {
                let Some(at) = ["x", "y", "size"].iter().position(|known| *known == name) else { continue };
                numbers[at] = number(&field.text().await.map_err(refusal)?)?;
            }
            None => {}
        }
    }
    let file = file.ok_or_else(|| ApiError::invalid("`picture` is missing"))?;
    let crop = match numbers {
        [Some(x), Some(y), Some(size)] => Some(Crop { x, y, size }),
        [None, None, None] => None,
        _ => return Err(ApiError::invalid("`x`, `y` and `size` belong together")),
    };
    Ok(Sent { file, crop })
}

/// Reads a field into a buffer of its own: chunks, however small, would keep a buffer of the connection alive each.
async fn contents(mut field: Field<'_>) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.next().await {
        bytes.extend_from_slice(&chunk.map_err(refusal)?);
    }
    Ok(bytes)
}

fn number(text: &str) -> Result<Option<u32>, ApiError> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        _ if text.is_empty() => Ok(None),
        Ok(number) if is_number => Ok(Some(number)),
        _ => Err(ApiError::invalid("`x`, `y` and `size` are whole pixels")),
    }
}

fn refusal(error: multer::Error) -> ApiError {
    match error {
        multer::Error::FieldSizeExceeded { field_name, .. } if field_name.as_deref() != Some(FILE) => {
            ApiError::invalid("a field is too long")
        }
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => {
            ErrorCode::PictureTooLarge.into()
        }
        _ => ApiError::invalid("The body is malformed."),
    }
}

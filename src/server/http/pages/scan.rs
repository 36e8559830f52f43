//! `/scan`: the page that scans, and the photos that it sends if the browser cannot read them itself.

use crate::error::{ApiError, ErrorCode};
use crate::pages::scan::{Finding, ScanPage};
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::http::api::read_up_to;
use crate::server::http::render::{frame, page, unavailable};
use crate::server::http::status;
use axum::body::Body;
use axum::extract::{FromRequest, Multipart, OriginalUri, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use domain::ids::TicketId;
use domain::limits::Key;
use domain::ticket::UserCode;
use leptos::prelude::*;
use service::photo::{MAX_BYTES, read_code};
use service::picture::PictureError;
use service::session::Caller;
use url::Url;
use url::form_urlencoded::byte_serialize;

/// What a multipart form adds to its file, in bytes, at most.
const ENVELOPE: usize = 4 * 1024;

/// `GET /scan`
pub async fn show(cx: RequestContext, uri: OriginalUri) -> Response {
    match cx.caller().await {
        Ok(_) => scanner(&cx, StatusCode::OK, None),
        Err(error) => refused(&cx, &uri.0, &error),
    }
}

/// `POST /scan`: a form with a photo of a code. Leads to the page that the code of ours leads to.
pub async fn read(cx: RequestContext, uri: OriginalUri, request: Request) -> Response {
    let caller = match cx.caller().await {
        Ok(caller) => caller,
        Err(error) => return refused(&cx, &uri.0, &error),
    };
    match find(&cx, &caller, request).await {
        Ok(Found::Ours(path)) => Redirect::to(&path).into_response(),
        Ok(Found::Else(finding)) => scanner(&cx, StatusCode::OK, Some(finding)),
        Err(error) if error.code == ErrorCode::Unavailable => refused(&cx, &uri.0, &error),
        Err(error) => {
            let finding = match error.code {
                ErrorCode::RateLimited => Finding::Limited,
                ErrorCode::CrossOrigin => Finding::Refused,
                _ => Finding::Unreadable,
            };
            scanner(&cx, status(error.code), Some(finding))
        }
    }
}

/// Leads to the sign-in page and back.
fn refused(cx: &RequestContext, uri: &Uri, error: &ApiError) -> Response {
    if error.code == ErrorCode::Unavailable {
        return unavailable(cx, frame(cx, uri), error);
    }
    let next: String = byte_serialize(routes::SCANNER.as_bytes()).collect();
    Redirect::to(&format!("{}?next={next}", routes::PC_LOGIN)).into_response()
}

fn scanner(cx: &RequestContext, found: StatusCode, finding: Option<Finding>) -> Response {
    let frame = frame(cx, &Uri::from_static(routes::SCANNER));
    let agent = cx.client.agent();
    let mut response = page(cx, found, || view! { <ScanPage frame finding browser=agent.browser os=agent.os/> });
    response.headers_mut().insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(self), geolocation=(), microphone=()"),
    );
    response
}

/// What a code leads to.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// A page of ours, by a path that is put together here.
    Ours(String),
    /// Something that is not opened.
    Else(Finding),
}

async fn find(cx: &RequestContext, caller: &Caller, request: Request) -> Result<Found, ApiError> {
    let (parts, body) = request.into_parts();
    if cx.app.origins.is_foreign(&parts.method, &parts.headers, cx.client.secure) {
        return Err(ErrorCode::CrossOrigin.into());
    }
    // From the first byte to the end of the work. An account has one, and nothing is charged to those who have to wait.
    let place = cx.app.uploads.take(caller.account.id)?;
    cx.app.limits.charge(Key::PhotoBy(caller.account.id)).await?;
    let bytes = read_up_to(MAX_BYTES + ENVELOPE, &parts.headers, body).await?;
    let file = file(Request::from_parts(parts, Body::from(bytes))).await.ok_or(ErrorCode::InvalidRequest)?;
    match read_code(file, place).await {
        Ok(Some(text)) => Ok(judge(&text, &cx.app.public_url)),
        Ok(None) => Ok(Found::Else(Finding::Nothing)),
        Err(PictureError::TooLarge | PictureError::Format | PictureError::Damaged | PictureError::Crop) => {
            Ok(Found::Else(Finding::Unreadable))
        }
    }
}

/// Returns the file in a form.
async fn file(request: Request) -> Option<Vec<u8>> {
    let mut form = Multipart::from_request(request, &()).await.ok()?;
    while let Some(field) = form.next_field().await.ok()? {
        if field.name() == Some("photo") {
            return Some(field.bytes().await.ok()?.into());
        }
    }
    None
}

/// Decides what to do with the text of a code, as `judge` in `crates/scanner/web/page.js` does in the browser.
fn judge(text: &str, public_url: &Url) -> Found {
    let other = Found::Else(Finding::Other);
    let Ok(url) = Url::parse(text) else { return other };
    if !matches!(url.scheme(), "http" | "https") {
        return other;
    }
    if url.origin() != public_url.origin() {
        let host = url.host_str().unwrap_or_default();
        let host = url.port().map_or(host.to_owned(), |port| format!("{host}:{port}"));
        return Found::Else(Finding::Foreign(host));
    }
    let parameter = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let path = match url.path() {
        routes::PHONE_CONFIRM => parameter("id")
            .and_then(|id| id.parse::<TicketId>().ok())
            .map(|id| format!("{}?id={id}", routes::PHONE_CONFIRM)),
        routes::DEVICE => parameter("user_code")
            .and_then(|code| code.parse::<UserCode>().ok())
            .map(|code| format!("{}?user_code={code}", routes::DEVICE)),
        path => [routes::CODE, routes::CODE_IN_LOWER_CASE]
            .into_iter()
            .find_map(|prefix| TicketId::of_code(path.strip_prefix(prefix)?).ok())
            .map(|id| format!("{}?id={id}", routes::PHONE_CONFIRM)),
    };
    path.map_or(other, Found::Ours)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_codes_are_opened() {
        let ours = Url::parse("https://login.example:8443/").unwrap();
        let id = "0123abcd-4567-489a-bcde-f0123456789a";
        let read = |text: &str| judge(text, &ours);
        let confirm = Found::Ours(format!("/confirm?id={id}"));
        assert_eq!(read(&format!("https://login.example:8443/confirm?id={id}")), confirm);
        assert_eq!(read(&format!("https://login.example:8443/confirm?x=1&id={id}#y")), confirm);
        assert_eq!(read(&format!("https://evil@login.example:8443/confirm?id={id}")), confirm);
        let id: TicketId = id.parse().unwrap();
        assert_eq!(read(&format!("HTTPS://LOGIN.EXAMPLE:8443/C/{}", id.to_code())), confirm);
        assert_eq!(read(&format!("https://login.example:8443/c/{}", id.to_code().to_lowercase())), confirm);
        let device = Found::Ours("/device?user_code=BCDF-GHJK".to_owned());
        assert_eq!(read("https://login.example:8443/device?user_code=bcdfghjk"), device);
        for text in [
            format!("https://login.example:8443/confirm?id={id}%0d%0a"),
            format!("https://login.example:8443/account?id={id}"),
            "https://login.example:8443/confirm?id=1".to_owned(),
            "https://login.example:8443/device?user_code=%2F..".to_owned(),
            "https://login.example:8443/oauth/authorize?client_id=x".to_owned(),
            "javascript:alert(1)//https://login.example:8443/".to_owned(),
            "data:text/html,<script>alert(1)</script>".to_owned(),
            "WIFI:T:WPA;S:cafe;P:secret;;".to_owned(),
            String::new(),
        ] {
            assert_eq!(read(&text), Found::Else(Finding::Other), "{text}");
        }
        for (text, host) in [
            ("https://login.example/confirm?id=", "login.example"),
            ("http://login.example:8443/confirm?id=", "login.example:8443"),
            ("https://login.example:8443@evil.example/confirm?id=", "evil.example"),
            ("https://login.example.evil.example:8443/confirm?id=", "login.example.evil.example:8443"),
            ("https://lоgin.example:8443/confirm?id=", "xn--lgin-55d.example:8443"),
        ] {
            assert_eq!(read(&format!("{text}{id}")), Found::Else(Finding::Foreign(host.to_owned())), "{text}");
        }
    }
}

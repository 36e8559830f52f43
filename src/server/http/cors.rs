//! Lets pages of other origins read public endpoints (CORS, Fetch standard, section 3.2).
//!
//! Never with credentials: what they read is what anybody may read, or needs a secret in the request that is no cookie.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// How long a browser may remember the answer to a preflight: two hours, which is Chromium's limit.
const TWO_HOURS: HeaderValue = HeaderValue::from_static("7200");

/// Lets any page read this response.
pub fn public(mut response: Response) -> Response {
    allow(response.headers_mut());
    response
}

/// Answers the preflight of a POST that any page may send, with a token or a client's password in `Authorization`.
pub async fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    allow(headers);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Authorization, Content-Type"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, TWO_HOURS);
    response
}

fn allow(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    // Says why a token is refused (RFC 6750, section 3).
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("WWW-Authenticate"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn any_page_may_read_and_none_with_its_visitors_cookies() {
        for response in [public(StatusCode::OK.into_response()), preflight().await] {
            let headers = response.headers();
            assert_eq!(headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).map(HeaderValue::as_bytes), Some(&b"*"[..]));
            assert_eq!(headers.get(header::ACCESS_CONTROL_ALLOW_CREDENTIALS), None);
        }
    }
}

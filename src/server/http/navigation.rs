//! How a browser gets back to an app.
//!
//! Two headers of ours would break that. `form-action 'self'` stops the redirects that follow a form, also those of the
//! app itself, in every browser but Firefox: so a form is answered by a page of our own that moves on by itself.
//! `Cross-Origin-Opener-Policy` cuts a popup off from the app that opened it: so no response on the way has it.

use crate::html::escape;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use domain::authorization::ResponseMode;
use service::oidc::AuthorizationResponse;

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// The policy of a page that only moves on. Without `form-action`, which would also apply to the app's redirects.
const MOVES_ON: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Lets a popup keep its opener.
pub fn keep_opener(response: &mut Response) {
    response.headers_mut().insert(OPENER_POLICY, HeaderValue::from_static("unsafe-none"));
}

/// Returns `303 See Other` (RFC 9700, section 4.12: never 307, which would repeat a form to the app).
pub fn see_other(location: &str) -> Response {
    // A registered URI has no control characters, and all parameters are percent-encoded.
    let Ok(location) = HeaderValue::from_str(location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    keep_opener(&mut response);
    response
}

/// Returns a page that moves on to `location`, as the answer to a form.
pub fn hop(location: &str) -> Response {
    let location = escape(location);
    page(
        &format!("<meta http-equiv=\"refresh\" content=\"0;url={location}\">"),
        &format!("<a href=\"{location}\">Continue · 继续</a>"),
        MOVES_ON.to_owned(),
    )
}

/// Returns the browser to the app. `after_form` is whether this answers a form of ours.
pub fn respond(response: &AuthorizationResponse, nonce: &str, after_form: bool) -> Response {
    match response.mode {
        ResponseMode::Query if after_form => hop(&response.url()),
        ResponseMode::Query => see_other(&response.url()),
        ResponseMode::FormPost => {
            let fields: String = response
                .parameters
                .iter()
                .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value)))
                .collect();
            let action = escape(&response.redirect_uri);
            page(
                "",
                &format!(
                    "<form method=\"post\" action=\"{action}\">{fields}<button>Continue · 继续</button></form>\
                     <script nonce=\"{nonce}\">document.forms[0].submit()</script>"
                ),
                format!("{MOVES_ON}; script-src 'nonce-{nonce}'"),
            )
        }
    }
}

/// Returns a page without style and script.
pub fn bare_page(body: &str) -> Response {
    page("", body, MOVES_ON.to_owned())
}

fn page(head: &str, body: &str, policy: String) -> Response {
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"robots\" content=\"noindex\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>…</title>{head}</head><body>{body}</body></html>"
    );
    let mut response = Html(html).into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    keep_opener(&mut response);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(parameters: Vec<(&'static str, String)>, mode: ResponseMode) -> (Response, AuthorizationResponse) {
        let response =
            AuthorizationResponse { redirect_uri: "https://app.example/cb?x=1".to_owned(), mode, parameters };
        (respond(&response, "n", true), response)
    }

    #[test]
    fn parameters_are_added_to_a_query() {
        let (_, response) = html(vec![("state", "a b\"\r\n&=é".to_owned())], ResponseMode::Query);
        assert_eq!(response.url(), "https://app.example/cb?x=1&state=a+b%22%0D%0A%26%3D%C3%A9");
    }

    #[test]
    fn a_form_is_not_answered_by_a_redirect() {
        for mode in [ResponseMode::Query, ResponseMode::FormPost] {
            let (page, _) = html(vec![("code", "c".to_owned())], mode);
            assert_eq!(page.status(), StatusCode::OK);
            assert!(!page.headers().contains_key(header::LOCATION));
        }
    }
}

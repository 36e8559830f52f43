//! `/.qr-login/*` on the host of a site behind a proxy, which routes these paths to us: the site's own cookie is set and
//! removed here, so that it needs no domain-wide cookie.

use super::api::error_response;
use super::forward_auth::to_sign_in;
use super::navigation::{bare_page, see_other};
use crate::error::{ApiError, ErrorCode};
use crate::html::escape;
use crate::i18n::text;
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::security::cookie::{self, Cookies, Lifetime, Name};
use crate::server::security::fetch_metadata::is_for_foreign_frame;
use crate::server::state::App;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::client::Site;
use service::audit::Event;
use service::oidc::sites::VisitError;
use url::form_urlencoded::parse;

/// Returns whether a request is for one of these paths on the host of a site.
pub fn is_own(app: &App, request: &Request) -> bool {
    let is_path = [routes::SITE_START, routes::SITE_CALLBACK, routes::SITE_LOGOUT].contains(&request.uri().path());
    is_path && host(request.uri(), request.headers()).is_some_and(|host| app.clients.current().site(host).is_some())
}

fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (uri.authority(), hosts.next(), hosts.next()) {
        (Some(authority), ..) => Some(authority.as_str()),
        (None, Some(host), None) => host.to_str().ok(),
        _ => None,
    }
}

/// The site that a request is for, and the cookies there, which are always `Secure`.
fn visited(cx: &RequestContext, uri: &Uri, headers: &HeaderMap) -> Result<(Site, Cookies), ApiError> {
    let clients = cx.app.clients.current();
    let site = host(uri, headers).and_then(|host| clients.site(host));
    Ok((site.cloned().ok_or(ErrorCode::NotFound)?, Cookies::read(headers, true)))
}

/// `GET /.qr-login/start`: signs in, and returns to the site's first page. A site may link to it.
pub async fn start(cx: RequestContext, uri: Uri, headers: HeaderMap) -> Response {
    if is_for_foreign_frame(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let outcome = async {
        let (site, cookies) = visited(&cx, &uri, &headers)?;
        let url = Site::url(&site.host, "/");
        to_sign_in(&cx.app, &site, url, &cookies, cx.client.ip, StatusCode::SEE_OTHER).await
    };
    outcome.await.unwrap_or_else(|error| error_response(&error))
}

/// `GET /.qr-login/callback`: the visitor returns, with a code or an error.
pub async fn callback(cx: RequestContext, uri: Uri, headers: HeaderMap) -> Response {
    let (site, cookies) = match visited(&cx, &uri, &headers) {
        Ok(found) => found,
        Err(error) => return error_response(&error),
    };
    let parameter = |name: &str| {
        let mut values = parse(uri.query().unwrap_or_default().as_bytes()).filter(|(key, _)| key == name);
        values.next().filter(|_| values.next().is_none()).map(|(_, value)| value.into_owned())
    };
    let visit = parameter("state").and_then(|id| id.parse().ok());
    let outcome = match (visit, parameter("code"), parameter("error").as_deref()) {
        (Some(visit), Some(code), None) => cx.app.sites.arrive(&site, visit, &code, cookies.get(Name::Visit)).await,
        (Some(_), None, Some("access_denied")) => Err(VisitError::Forbidden),
        _ => Err(VisitError::Over),
    };
    match outcome {
        Ok(arrival) => {
            cx.audit(Event::Authorize, Some(arrival.account), &Ok::<_, ApiError>(()));
            let mut response = see_other(&arrival.url);
            add_cookie(&mut response, arrival.cookie.reveal(), Lifetime::Session);
            response
        }
        Err(VisitError::Service(error)) => error_response(&error.into()),
        Err(VisitError::Forbidden) => message(&cx, StatusCode::FORBIDDEN, &text!(cx.client.locale, site.forbidden)),
        Err(VisitError::Over) => message(&cx, StatusCode::BAD_REQUEST, &text!(cx.client.locale, site.over)),
    }
}

/// `GET /.qr-login/logout`: signs out of this site, then asks on our own host whether to sign out there, too. A link on
/// another site only leads to that question.
pub async fn logout(cx: RequestContext, uri: Uri, headers: HeaderMap) -> Response {
    let outcome = async {
        let (site, cookies) = visited(&cx, &uri, &headers)?;
        let from = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        let mut response = see_other(&format!("{}{}", cx.app.oidc.issuer, routes::END_SESSION));
        if from.is_none_or(|from| from == b"same-origin" || from == b"none") {
            if let Some(account) = cx.app.sites.leave(&site, cookies.get(Name::Site)).await? {
                cx.audit(Event::SignOut, Some(account), &Ok::<_, ApiError>(()));
            }
            add_cookie(&mut response, "", Lifetime::Remove);
        }
        Ok::<_, ApiError>(response)
    };
    outcome.await.unwrap_or_else(|error| error_response(&error))
}

fn add_cookie(response: &mut Response, value: &str, lifetime: Lifetime) {
    // Our values are of base64url.
    if let Ok(line) = HeaderValue::from_str(&cookie::set(Name::Site, value, lifetime, true)) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

/// A page without styles, because the site's host serves none of ours. Its link starts again.
fn message(cx: &RequestContext, status: StatusCode, words: &str) -> Response {
    let again = text!(cx.client.locale, site.again);
    let body = format!("<p>{}</p><p><a href=\"/\">{}</a></p>", escape(words), escape(&again));
    let mut response = bare_page(&body);
    *response.status_mut() = status;
    response
}

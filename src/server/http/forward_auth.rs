//! `/forward-auth/*`: a proxy asks whether a request to a site may pass. One path per proxy, because each says in another
//! way what it was asked for, and reading the headers of another's way would let a client say it.

use super::peer;
use crate::error::ApiError;
use crate::routes;
use crate::server::security::address::{client_ip, is_trusted};
use crate::server::security::cookie::{self, Cookies, Lifetime, Name};
use crate::server::security::fetch_metadata::{is_for_foreign_frame, is_for_frame, is_for_window, is_prefetch};
use crate::server::state::{App, AppState};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::account::Account;
use domain::client::Site;
use domain::limits::Key;
use service::oidc::sites::Verdict;
use std::fmt::Write;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

/// Which proxy asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// `auth_request` of nginx.
    Nginx,
    /// `forward_auth` of Caddy.
    Caddy,
    /// The middleware `ForwardAuth` of Traefik.
    Traefik,
    /// `ext_authz` of Envoy, by HTTP.
    Envoy,
}

/// The request that a proxy received.
#[derive(Debug, PartialEq, Eq)]
struct Asked<'a> {
    host: &'a str,
    path: &'a str,
    method: &'a str,
    is_secure: bool,
}

/// Returns whether a proxy asks at this path, for whichever host it serves.
pub fn is_asked_at(path: &str) -> bool {
    [routes::FORWARD_NGINX, routes::FORWARD_CADDY, routes::FORWARD_TRAEFIK].contains(&path)
        || path.strip_prefix(routes::FORWARD_ENVOY).is_some_and(|rest| rest.starts_with('/'))
}

/// Answers a proxy. The body of the request and, except for Envoy, its query are ignored.
pub async fn decide(contract: Contract, State(app): State<AppState>, request: Request) -> Response {
    let peer = peer(request.extensions());
    if !is_trusted(peer.to_canonical(), &app.config.trusted_proxies) {
        warn_once(&UNTRUSTED, "a peer that is not in QR_LOGIN_TRUSTED_PROXIES asked like a proxy");
        return StatusCode::FORBIDDEN.into_response();
    }
    let (parts, _) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let Some(asked) = read(contract, &parts.method, path, &parts.headers) else {
        warn_once(&UNREADABLE, "a proxy did not say which URL it was asked for: compare its configuration with ours");
        return StatusCode::FORBIDDEN.into_response();
    };
    let clients = app.clients.current();
    let Some(site) = clients.site(asked.host) else {
        warn_once(&UNKNOWN, "a proxy asked about a host that is no [[site]] in clients.toml");
        return StatusCode::FORBIDDEN.into_response();
    };
    let cookies = Cookies::read(&parts.headers, true);
    match app.sites.check(site, cookies.get(Name::Site)).await {
        Ok(Verdict::Welcome(account, assertion)) => welcome(&account, &assertion),
        Ok(Verdict::Forbidden) => StatusCode::FORBIDDEN.into_response(),
        Ok(Verdict::Stranger) if asked.is_secure && is_navigation(asked.method, &parts.headers) => {
            let ip = client_ip(peer, &parts.headers, &app.config.trusted_proxies);
            let url = Site::url(&site.host, asked.path);
            // nginx takes no other answer than this for a refusal, and copies its headers.
            let status = if contract == Contract::Nginx { StatusCode::UNAUTHORIZED } else { StatusCode::FOUND };
            match to_sign_in(&app, site, url, &cookies, ip, status).await {
                Ok(response) => response,
                Err(error) if error.retry_after.is_some() && contract == Contract::Nginx => refuse(),
                Err(error) => super::status(error.code).into_response(),
            }
        }
        Ok(Verdict::Stranger) => refuse(),
        Err(error) => super::status(ApiError::from(error).code).into_response(),
    }
}

/// Sends a visitor to the sign-in on our own host, with the one cookie that binds it to the browser: nginx copies no
/// second one.
///
/// # Errors
/// `rate_limited` or `unavailable`.
pub async fn to_sign_in(
    app: &App,
    site: &Site,
    url: String,
    cookies: &Cookies,
    ip: IpAddr,
    status: StatusCode,
) -> Result<Response, ApiError> {
    app.limits.charge(Key::Authorize(ip)).await?;
    let secret = app.sites.secret(cookies.get(Name::Visit))?;
    let visit = app.sites.remember(site, url, &secret).await?;
    let location = format!("{}{}?r={visit}", app.oidc.issuer, routes::SITE);
    let cookie = cookie::set(Name::Visit, secret.reveal(), Lifetime::Session, true);
    Ok((status, [(header::LOCATION, location), (header::SET_COOKIE, cookie)]).into_response())
}

fn refuse() -> Response {
    StatusCode::UNAUTHORIZED.into_response()
}

/// The contract as measured with nginx 1.22, Caddy 2.11, Traefik 3.7 and Envoy 1.40. `None` if it is not kept, in which
/// case the request may not come from that proxy.
fn read<'a>(contract: Contract, method: &'a Method, path: &'a str, headers: &'a HeaderMap) -> Option<Asked<'a>> {
    let one = |name: &str| {
        let mut values = headers.get_all(name).iter();
        values.next().filter(|_| values.next().is_none())?.to_str().ok()
    };
    match contract {
        Contract::Nginx => {
            let url = one("x-original-url")?;
            let (host, path) = Site::split_url(url)?;
            Some(Asked { host, path, method: one("x-original-method")?, is_secure: true })
        }
        Contract::Caddy | Contract::Traefik => Some(Asked {
            host: one("x-forwarded-host")?,
            path: one("x-forwarded-uri")?,
            method: one("x-forwarded-method")?,
            is_secure: one("x-forwarded-proto")? == "https",
        }),
        Contract::Envoy => Some(Asked {
            host: one("host")?,
            path: path.strip_prefix(routes::FORWARD_ENVOY)?,
            method: method.as_str(),
            is_secure: one("x-forwarded-proto").is_none_or(|scheme| scheme == "https"),
        }),
    }
}

/// Returns whether a browser loads a page, so that a redirect helps. Fetch Metadata is exact; without it, the page's type
/// has to be asked for by name. The sign-in page is not for frames of other sites, and a prefetch is no visit: each would only
/// use up what the visitor's address may do.
fn is_navigation(method: &str, headers: &HeaderMap) -> bool {
    let is_reading = method == "GET" || method == "HEAD";
    let mode = headers.get("sec-fetch-mode").map(HeaderValue::as_bytes);
    let wants_page = || {
        let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        accepts.into_iter().any(|types| types.to_ascii_lowercase().contains("text/html"))
    };
    let is_visit =
        !is_prefetch(headers) && (is_for_window(headers) || is_for_frame(headers)) && !is_for_foreign_frame(headers);
    is_reading
        && is_visit
        && !headers.contains_key(header::UPGRADE)
        && mode.map_or_else(wants_page, |mode| mode == b"navigate")
}

/// Lets a request pass, with every header each time: one that is missing might reach the site as the client has forged it.
fn welcome(account: &Account, assertion: &str) -> Response {
    let headers = [
        ("remote-user", encoded(&account.username)),
        ("remote-name", encoded(&account.display_name)),
        ("remote-email", encoded(account.email.as_deref().unwrap_or_default())),
        ("remote-groups", encoded(&account.groups.join(","))),
        ("remote-sub", account.id.to_string()),
        ("x-qr-login-assertion", assertion.to_owned()),
    ];
    let mut response = StatusCode::OK.into_response();
    for (name, value) in headers {
        match HeaderValue::from_str(&value) {
            Ok(value) => response.headers_mut().insert(HeaderName::from_static(name), value),
            Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        };
    }
    response
}

/// Percent-encodes what is neither visible ASCII nor a space between words, and the percent sign itself.
fn encoded(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for byte in text.trim().bytes() {
        match byte {
            b'%' | ..b' ' | 0x7f.. => {
                let _ = write!(value, "%{byte:02X}");
            }
            _ => value.push(char::from(byte)),
        }
    }
    value
}

static UNTRUSTED: AtomicBool = AtomicBool::new(false);
static UNREADABLE: AtomicBool = AtomicBool::new(false);
static UNKNOWN: AtomicBool = AtomicBool::new(false);

/// Logs once per process, because any client may cause it.
fn warn_once(said: &AtomicBool, text: &'static str) {
    if !said.swap(true, Ordering::Relaxed) {
        tracing::warn!("forward-auth: {text}");
    }
}

#[cfg(test)]
mod tests;

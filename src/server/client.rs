//! The caller's side of a request, as its headers tell.

use super::security::address::client_ip;
use super::security::cookie::{Cookies, Name};
use super::security::origin::bearer;
use super::state::App;
use super::user_agent::Agent;
use crate::i18n::{self, Locale};
use axum::http::{HeaderMap, header};
use domain::ids::{Secret, TicketId};
use std::net::IpAddr;

/// The caller's side of a request.
#[derive(Clone)]
pub struct Client {
    /// Its address.
    pub ip: IpAddr,
    /// Whether it came over TLS, so that its cookies may be told never to travel without.
    pub secure: bool,
    /// The language it reads.
    pub locale: Locale,
    /// Whether a browser's page made the request: apps send neither an origin nor Fetch Metadata.
    pub(super) is_browser: bool,
    user_agent: String,
    cookies: Cookies,
    /// The token of an app.
    pub(super) bearer: Option<String>,
    /// The device id that an app sends beside it.
    pub(super) device_header: Option<String>,
}

impl std::fmt::Debug for Client {
    /// Without headers, for they hold the caller's credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("ip", &self.ip).field("secure", &self.secure).finish_non_exhaustive()
    }
}

impl Client {
    /// Reads a request's headers.
    pub fn new(peer: IpAddr, headers: &HeaderMap, app: &App) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let trusted = &app.config.trusted_proxies;
        let secure = app.is_secure(peer, headers);
        let cookies = Cookies::read(headers, secure);
        let chosen = cookies.get(Name::Language);
        Self {
            ip: client_ip(peer, headers, trusted),
            secure,
            is_browser: headers.contains_key("sec-fetch-site") || headers.contains_key(header::ORIGIN),
            user_agent: text("user-agent").unwrap_or_default().to_owned(),
            locale: i18n::negotiate(chosen, text("accept-language").unwrap_or_default()),
            bearer: headers.get(header::AUTHORIZATION).and_then(bearer).map(str::to_owned),
            device_header: text("x-device-id").map(str::to_owned),
            cookies,
        }
    }

    /// Its browser. Read only when asked for, which most requests never do.
    pub fn agent(&self) -> Agent {
        Agent::parse(&self.user_agent)
    }

    /// The value of one of our cookies.
    pub fn cookie(&self, name: Name) -> Option<&str> {
        self.cookies.get(name)
    }

    /// The confirm token that this phone was given for `ticket`.
    pub fn confirm_token(&self, ticket: TicketId) -> Option<Secret> {
        let (id, token) = self.cookie(Name::Confirm)?.split_once('~')?;
        (id.parse() == Ok(ticket)).then(|| Secret::new(token.to_owned()))
    }
}

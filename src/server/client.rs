//! The client of a request, as described by its headers.

use super::security::address::client_ip;
use super::security::cookie::{Cookies, Name};
use super::security::origin::bearer;
use super::state::App;
use super::user_agent::Agent;
use crate::i18n::{self, Locale};
use axum::http::{HeaderMap, header};
use domain::ids::{Secret, TicketId};
use std::net::IpAddr;

/// The client of a request.
#[derive(Clone)]
pub struct Client {
    /// Its address.
    pub ip: IpAddr,
    /// Whether it came over TLS, so that its cookies can be marked `Secure`.
    pub secure: bool,
    /// Its language.
    pub locale: Locale,
    /// Whether a page in a browser made the request: apps send neither `Origin` nor Fetch Metadata.
    pub(super) is_browser: bool,
    user_agent: String,
    cookies: Cookies,
    /// The bearer token of an app.
    pub(super) bearer: Option<String>,
    /// The device id that an app sends with it.
    pub(super) device_header: Option<String>,
}

impl std::fmt::Debug for Client {
    /// Omits the headers, because they contain the client's credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("ip", &self.ip).field("secure", &self.secure).finish_non_exhaustive()
    }
}

impl Client {
    /// Parses a request's headers.
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

    /// Returns its browser. Parsed on demand, because most requests never need it.
    pub fn agent(&self) -> Agent {
        Agent::parse(&self.user_agent)
    }

    /// Returns the value of one of our cookies.
    pub fn cookie(&self, name: Name) -> Option<&str> {
        self.cookies.get(name)
    }

    /// Returns the confirm token that this phone was given for `ticket`.
    pub fn confirm_token(&self, ticket: TicketId) -> Option<Secret> {
        let (id, token) = self.cookie(Name::Confirm)?.split_once('~')?;
        (id.parse() == Ok(ticket)).then(|| Secret::new(token.to_owned()))
    }
}

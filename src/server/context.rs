//! What one request brings: who asks, from where, with which credentials. And what its response takes back as cookies.

use super::security::address::{came_over_tls, client_ip};
use super::security::cookie::{self, Keep, Name};
use super::security::rate_limit::Key;
use super::security::secret;
use super::service::session::Caller;
use super::state::AppState;
use super::user_agent::Agent;
use crate::account::{SessionKind, SignIn, SignedIn, clean_device_name};
use crate::error::{ApiError, ErrorCode};
use crate::i18n::{self, Locale};
use crate::ids::{DeviceId, Secret, SecretHash, TicketId};
use crate::ticket::{Phone, Requester};
use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::CookieJar;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use std::net::IpAddr;
use std::sync::Arc;

/// The caller's side of a request.
#[derive(Clone)]
pub struct Client {
    /// Its address.
    pub ip: IpAddr,
    /// Whether it came over TLS, so that its cookies may be told never to travel without.
    pub secure: bool,
    /// The language it reads.
    pub locale: Locale,
    user_agent: String,
    cookies: CookieJar,
    bearer: Option<String>,
    device_header: Option<String>,
}

impl std::fmt::Debug for Client {
    /// Without headers, for they hold the caller's credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("ip", &self.ip).field("secure", &self.secure).finish_non_exhaustive()
    }
}

impl Client {
    /// Reads a request's headers.
    pub fn new(peer: IpAddr, headers: &HeaderMap, app: &super::state::App) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let trusted = &app.config.trusted_proxies;
        let cookies = CookieJar::from_headers(headers);
        let secure = app.public_url.scheme() == "https" || came_over_tls(peer, headers, trusted);
        let chosen = cookies.get(Name::Language.as_str(secure)).map(|cookie| cookie.value());
        Self {
            ip: client_ip(peer, headers, trusted),
            secure,
            user_agent: text("user-agent").unwrap_or_default().to_owned(),
            locale: i18n::negotiate(chosen, text("accept-language").unwrap_or_default()),
            bearer: text("authorization").map(bearer).map(str::to_owned),
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
        self.cookies.get(name.as_str(self.secure)).map(|cookie| cookie.value())
    }

    /// The confirm token that this phone was given for `ticket`.
    pub fn confirm_token(&self, ticket: TicketId) -> Option<Secret> {
        let (id, token) = self.cookie(Name::Confirm)?.split_once('~')?;
        (id.parse() == Ok(ticket)).then(|| Secret::new(token.to_owned()))
    }
}

/// The token of an `Authorization` header; of another scheme, a text that no token matches.
fn bearer(value: &str) -> &str {
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => "",
    }
}

/// One request: the server's parts and the caller's side.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// The server's parts.
    pub app: AppState,
    /// The caller's side.
    pub client: Arc<Client>,
    /// Collects what the response sets.
    pub response: ResponseOptions,
}

/// The request that a server function answers.
///
/// # Errors
/// `unavailable`, when called outside of a request.
pub fn current() -> Result<RequestContext, ApiError> {
    use_context().ok_or_else(|| ErrorCode::Unavailable.into())
}

impl RequestContext {
    /// Counts one more new code of this address.
    ///
    /// # Errors
    /// `rate_limited`.
    pub async fn limit_generate(&self) -> Result<(), ApiError> {
        self.app.limits.charge(Key::Generate(self.client.ip)).await
    }

    /// Counts one more scan of this address and of this account.
    ///
    /// # Errors
    /// `rate_limited`.
    pub async fn limit_scan(&self, phone: &Phone) -> Result<(), ApiError> {
        self.app.limits.charge(Key::ScanFrom(self.client.ip)).await?;
        self.app.limits.charge(Key::ScanBy(phone.account)).await
    }

    /// The caller as the PC that asks.
    pub fn requester(&self) -> Requester {
        let agent = self.client.agent();
        Requester { ip: self.client.ip.to_string(), browser: agent.browser, os: agent.os }
    }

    /// Hash of the secret that binds this browser, if it has one.
    pub fn browser(&self) -> Option<SecretHash> {
        let text = self.client.cookie(Name::Browser)?;
        secret::is_well_formed(text).then(|| secret::hash(&Secret::new(text.to_owned())))
    }

    /// The same, given to the browser now if it had none. One secret serves all of a browser's tabs.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn bind_browser(&self) -> Result<SecretHash, ApiError> {
        if let Some(hash) = self.browser() {
            return Ok(hash);
        }
        let fresh = secret::draw()?;
        self.set_cookie(Name::Browser, fresh.reveal(), Keep::Session)?;
        Ok(secret::hash(&fresh))
    }

    /// Who calls: by bearer token, or else by the cookie of a PC or of a phone.
    ///
    /// # Errors
    /// As of [`super::service::session::SessionService::authenticate`].
    pub async fn caller(&self) -> Result<Caller, ApiError> {
        match self.by_credential(SessionKind::Pc).await {
            // A PC's session that has ended does not hide a phone's that lives.
            Err(error) if self.client.bearer.is_none() && self.client.cookie(Name::Phone).is_some() => {
                tracing::debug!(%error, "the PC's session is over");
                self.by_credential(SessionKind::Phone).await
            }
            outcome => outcome,
        }
    }

    /// Who calls, if it is a phone.
    ///
    /// # Errors
    /// As of [`Self::caller`], and `wrong_device` when it is a PC.
    pub async fn phone(&self) -> Result<Phone, ApiError> {
        Ok(self.by_credential(SessionKind::Phone).await?.phone()?)
    }

    /// Who holds the bearer token, or else the cookie of that kind.
    async fn by_credential(&self, kind: SessionKind) -> Result<Caller, ApiError> {
        let Client { ip, bearer, device_header, .. } = &*self.client;
        let (token, device) = match bearer {
            Some(token) => (token.as_str(), device_header.as_deref()),
            None => (
                self.client.cookie(Name::of_session(kind)).ok_or(ErrorCode::Unauthenticated)?,
                self.client.cookie(Name::Device),
            ),
        };
        self.app.sessions.authenticate(token, device, *ip).await
    }

    /// What a sign-in form says, with what is left out filled in from the browser.
    ///
    /// # Errors
    /// `invalid_request`, naming the field.
    pub fn sign_in(
        &self,
        username: String,
        device_id: Option<String>,
        device_name: Option<String>,
        device_kind: Option<String>,
    ) -> Result<SignIn, ApiError> {
        let username = username.trim();
        if username.is_empty() {
            return Err(ApiError::invalid("`username` is empty"));
        }
        let given = device_id.filter(|id| !id.is_empty());
        let device_id: Option<DeviceId> = match given {
            Some(id) => Some(id.parse().map_err(|_| {
                ApiError::invalid("`device_id` must have 1 to 64 letters, digits, dots, colons, dashes or underscores")
            })?),
            None => self.client.cookie(Name::Device).and_then(|id| id.parse().ok()),
        };
        let name = clean_device_name(&device_name.unwrap_or_default());
        let kind = clean_device_name(&device_kind.unwrap_or_default());
        Ok(SignIn {
            username: username.chars().take(256).collect(),
            device_id,
            device_name: if name.is_empty() { self.client.agent().name() } else { name },
            device_kind: if kind.is_empty() { "phone".to_owned() } else { kind },
        })
    }

    /// Gives the browser the session it just began.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn keep_sign_in(&self, signed_in: &SignedIn, remember: bool) -> Result<(), ApiError> {
        let Some(device) = &signed_in.device_id else {
            return self.keep_pc_session(signed_in.token.reveal());
        };
        let keep = if remember { Keep::Forever } else { Keep::Session };
        self.set_cookie(Name::Phone, signed_in.token.reveal(), keep)?;
        self.set_cookie(Name::Device, device.as_str(), Keep::Forever)
    }

    /// Gives the browser its PC session.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn keep_pc_session(&self, token: &str) -> Result<(), ApiError> {
        self.set_cookie(Name::Pc, token, Keep::Seconds(self.app.config.pc_session_ttl))
    }

    /// Gives the phone its confirm token, for the buttons that work without script.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn keep_confirm_token(&self, ticket: TicketId, token: &str) -> Result<(), ApiError> {
        let value = format!("{ticket}~{token}");
        self.set_cookie(Name::Confirm, &value, Keep::Seconds(self.app.config.ticket_ttl))
    }

    /// Takes the session of that kind from the browser.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn forget_session(&self, kind: SessionKind) -> Result<(), ApiError> {
        self.set_cookie(Name::of_session(kind), "", Keep::Remove)
    }

    /// Adds a cookie to the response.
    ///
    /// # Errors
    /// `unavailable`, when the value does not fit into a header, which none of ours ever does.
    pub fn set_cookie(&self, name: Name, value: &str, keep: Keep) -> Result<(), ApiError> {
        let value = HeaderValue::from_str(&cookie::set(name, value, keep, self.client.secure))
            .map_err(|_| ErrorCode::Unavailable)?;
        self.response.append_header(header::SET_COOKIE, value);
        Ok(())
    }
}

//! The context of one request: client, address and credentials, and the cookies that its response sets.

mod approver;
mod cookies;

use super::client::Client;
use super::config::Switch;
use super::security::cookie::{Lifetime, Name};
use super::security::waits::Place;
use super::state::AppState;
use crate::error::{ApiError, ErrorCode};
use domain::account::{Account, KnownAccount, SessionKind, SignIn, clean_display_name};
use domain::ids::{AccountId, DeviceId, InteractionId, SecretHash, TicketId};
use domain::limits::Key;
use domain::ticket::{Phone, Requester, RequestingApp, Ticket};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use service::audit::Event;
use service::oidc::{InteractionError, OidcService};
use service::security::binding::{self, Binding};
use service::security::device_binding::{self, Presented};
use service::security::password::Turn;
use service::session::Caller;
use service::settings::Asker;
use service::watch::Watch;
use std::sync::Arc;

/// The context of one request: the server's state and the client.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// The server's state.
    pub app: AppState,
    /// The client.
    pub client: Arc<Client>,
    /// Collects the headers that the response sets.
    pub response: ResponseOptions,
}

/// Returns the context of the request that a server function handles.
///
/// # Errors
/// `unavailable`, if called outside of a request.
pub fn current() -> Result<RequestContext, ApiError> {
    use_context().ok_or_else(|| ErrorCode::Unavailable.into())
}

impl RequestContext {
    /// Writes an entry to the audit log.
    pub fn audit<T>(&self, event: Event, account: Option<AccountId>, outcome: &Result<T, ApiError>) {
        self.app.audit.record(event, account, self.client.ip, outcome.as_ref().map(drop).map_err(|error| error.code));
    }

    /// Reserves a place in the queue for a request that verifies a password; see
    /// [`service::security::password::Passwords::turn`].
    ///
    /// # Errors
    /// `rate_limited` or `unavailable`.
    pub fn password_turn(&self, event: Event, account: Option<AccountId>) -> Result<Turn, ApiError> {
        let is_limited = self.app.config.rate_limit == Switch::On;
        let turn = self.app.passwords.turn(is_limited.then_some(self.client.ip)).map_err(ApiError::from);
        if turn.is_err() {
            self.audit(event, account, &turn);
        }
        turn
    }

    /// Issues a new ticket to this browser, counted against its address. `app` is the app that the sign-in is for.
    ///
    /// # Errors
    /// `rate_limited` or `unavailable`.
    pub async fn issue_ticket(&self, app: Option<RequestingApp>) -> Result<Arc<Ticket>, ApiError> {
        self.app.limits.charge(Key::Generate(self.client.ip)).await?;
        let known_accounts = self.known_accounts().into_iter().map(|known| known.account).collect();
        Ok(self.app.tickets.issue(self.requester(), self.bind_browser()?, known_accounts, app).await?)
    }

    /// Returns the app of an interaction of this browser; `None` if the interaction is over.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn requesting_app(&self, id: InteractionId) -> Result<Option<RequestingApp>, ApiError> {
        match self.app.oidc.open(id, &self.browser()).await {
            Ok((interaction, client)) => Ok(Some(OidcService::requesting_app(&interaction, &client))),
            Err(InteractionError::Over) => Ok(None),
            Err(InteractionError::Service(error)) => Err(error.into()),
        }
    }

    /// Counts a scan against this address and this account.
    ///
    /// # Errors
    /// `rate_limited`.
    pub async fn limit_scan(&self, phone: &Phone) -> Result<(), ApiError> {
        self.app.limits.charge(Key::ScanFrom(self.client.ip)).await?;
        Ok(self.app.limits.charge(Key::ScanBy(phone.account)).await?)
    }

    /// Describes the caller as the requesting PC or device.
    pub fn requester(&self) -> Requester {
        let agent = self.client.agent();
        Requester { ip: self.client.ip.to_string(), browser: agent.browser, os: agent.os }
    }

    /// Returns the secrets that bind tickets to this browser.
    pub fn browser(&self) -> Binding {
        self.client.cookie(Name::Browser).map(Binding::read).unwrap_or_default()
    }

    /// Returns the hash that a new ticket of this browser is bound to, setting a new secret if the browser has none.
    /// All tabs of a browser share one secret.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn bind_browser(&self) -> Result<SecretHash, ApiError> {
        match self.browser().newest() {
            Some(hash) => Ok(hash),
            None => self.rotate_binding(),
        }
    }

    /// Sets a new secret for the browser's future tickets. Returns its hash.
    fn rotate_binding(&self) -> Result<SecretHash, ApiError> {
        let fresh = binding::rotate(self.client.cookie(Name::Browser), &self.app.random)?;
        self.set_cookie(Name::Browser, fresh.reveal(), Lifetime::Session)?;
        Binding::read(fresh.reveal()).newest().ok_or_else(|| ErrorCode::Unavailable.into())
    }

    /// Returns the accounts that have signed in on this browser before, most recent first.
    pub fn known_accounts(&self) -> Vec<KnownAccount> {
        let devices = self.app.tokens.device_cookies();
        self.client.cookie(Name::Known).map(|cookie| devices.read(cookie)).unwrap_or_default()
    }

    /// Returns the proofs that an account has signed in on this device before: the browser's cookie, or an app's last
    /// token, even if revoked.
    pub fn known_devices(&self) -> Vec<KnownAccount> {
        let claims =
            self.client.bearer.as_deref().and_then(|token| self.app.tokens.verify(token, self.app.clock.now()).ok());
        let app = claims.map(|claims| KnownAccount::by_session(claims.sub, claims.sid));
        app.into_iter().chain(self.known_accounts()).collect()
    }

    /// Returns the caller as one whose password is verified. `known` are [`Self::known_devices`].
    pub fn asker<'a>(&self, caller: &'a Caller, known: &'a [KnownAccount]) -> Asker<'a> {
        Asker { caller, known, ip: self.client.ip }
    }

    /// Authenticates the caller by bearer token, or else by the cookie of a PC or of a phone.
    ///
    /// # Errors
    /// Those of [`service::session::SessionService::authenticate`].
    pub async fn caller(&self) -> Result<Caller, ApiError> {
        match self.by_credential(SessionKind::Pc).await {
            // An ended PC session must not hide a live phone session.
            Err(error) if self.client.bearer.is_none() && self.client.cookie(Name::Phone).is_some() => {
                tracing::debug!(%error, "the PC's session is over");
                self.by_credential(SessionKind::Phone).await
            }
            outcome => outcome,
        }
    }

    /// Returns who is signed in, if anybody is.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn person(&self) -> Result<Option<Caller>, ApiError> {
        match self.caller().await {
            Ok(caller) => Ok(Some(caller)),
            Err(error) if error.code == ErrorCode::Unavailable => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Authenticates the caller, who must be a phone.
    ///
    /// # Errors
    /// Those of [`Self::caller`], and `wrong_device` if it is a PC.
    pub async fn phone_caller(&self) -> Result<(Phone, Account), ApiError> {
        let caller = self.by_credential(SessionKind::Phone).await?;
        Ok((caller.phone()?, caller.account))
    }

    /// Authenticates the bearer token, or else the cookie of that kind.
    async fn by_credential(&self, kind: SessionKind) -> Result<Caller, ApiError> {
        let Client { ip, bearer, device_header, .. } = &*self.client;
        let (token, device) = match bearer {
            Some(token) => (token.as_str(), Presented::Id(device_header.as_deref())),
            None => (
                self.client.cookie(Name::of_session(kind)).ok_or(ErrorCode::Unauthenticated)?,
                Presented::Cookie(self.client.cookie(Name::Device)),
            ),
        };
        Ok(self.app.sessions.authenticate(token, device, *ip).await?)
    }

    /// Watches a ticket of this browser, counted against the cap on waits.
    ///
    /// # Errors
    /// `ticket_not_found`, `wrong_browser`, `rate_limited` or `unavailable`.
    pub async fn watch_ticket(&self, id: TicketId) -> Result<(Watch, Place), ApiError> {
        let watch = self.app.tickets.watch(id, self.browser()).await?;
        // Counted by the secret that the ticket is bound to, because a client can send any others before it.
        let place = self.app.waits.for_ticket(id, watch.browser(), self.client.ip)?;
        Ok((watch, place))
    }

    /// Builds the sign-in from a form, with defaults taken from the browser.
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
            None => self.client.cookie(Name::Device).and_then(device_binding::device_id),
        };
        let name = clean_display_name(&device_name.unwrap_or_default());
        let kind = clean_display_name(&device_kind.unwrap_or_default());
        Ok(SignIn {
            username: username.to_owned(),
            device_id,
            device_name: if name.is_empty() { self.client.agent().name() } else { name },
            device_kind: if kind.is_empty() { "phone".to_owned() } else { kind },
            is_browser: self.client.is_browser,
        })
    }
}

//! What one request brings: who asks, from where, with which credentials. And what its response takes back as cookies.

use super::client::Client;
use super::config::Switch;
use super::security::cookie::{self, Lifetime, Name};
use super::security::waits::Place;
use super::state::AppState;
use crate::error::{ApiError, ErrorCode};
use axum::http::{HeaderValue, header};
use domain::account::KnownAccount;
use domain::account::{SessionKind, SignIn, SignedIn, clean_display_name};
use domain::ids::{AccountId, DeviceId, SecretHash, SessionId, TicketId};
use domain::limits::Key;
use domain::ticket::{Phone, Requester, Ticket};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use service::audit::Event;
use service::security::binding::{self, Binding};
use service::security::device_binding::{self, Presented};
use service::security::password::Turn;
use service::session::Caller;
use service::sign_in::{Begun, Collected};
use service::watch::Watch;
use std::sync::Arc;

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
    /// Writes a line of the audit log.
    pub fn audit<T>(&self, event: Event, account: Option<AccountId>, outcome: &Result<T, ApiError>) {
        self.app.audit.record(event, account, self.client.ip, outcome.as_ref().map(drop).map_err(|error| error.code));
    }

    /// Runs a step that only a phone may take, and writes its line of the audit log.
    ///
    /// # Errors
    /// As of [`Self::phone`], and the step's own.
    pub async fn as_phone<T>(
        &self,
        event: Event,
        step: impl AsyncFnOnce(Phone) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let phone = self.phone().await;
        let account = phone.as_ref().ok().map(|phone| phone.account);
        let outcome = match phone {
            Ok(phone) => step(phone).await,
            Err(error) => Err(error),
        };
        self.audit(event, account, &outcome);
        outcome
    }

    /// A place in the queue for a request that verifies a password; see [`service::security::password::Passwords::turn`].
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

    /// A new ticket for this browser, counted for its address.
    ///
    /// # Errors
    /// `rate_limited` or `unavailable`.
    pub async fn issue_ticket(&self) -> Result<Arc<Ticket>, ApiError> {
        self.app.limits.charge(Key::Generate(self.client.ip)).await?;
        let known_accounts = self.known_accounts().into_iter().map(|known| known.account).collect();
        Ok(self.app.tickets.issue(self.requester(), self.bind_browser()?, known_accounts).await?)
    }

    /// Counts one more scan of this address and of this account.
    ///
    /// # Errors
    /// `rate_limited`.
    pub async fn limit_scan(&self, phone: &Phone) -> Result<(), ApiError> {
        self.app.limits.charge(Key::ScanFrom(self.client.ip)).await?;
        Ok(self.app.limits.charge(Key::ScanBy(phone.account)).await?)
    }

    /// The caller as the PC that asks.
    fn requester(&self) -> Requester {
        let agent = self.client.agent();
        Requester { ip: self.client.ip.to_string(), browser: agent.browser, os: agent.os }
    }

    /// What binds tickets to this browser.
    pub fn browser(&self) -> Binding {
        self.client.cookie(Name::Browser).map(Binding::read).unwrap_or_default()
    }

    /// What a new ticket of this browser is bound to; given to the browser now if it had nothing. One secret serves all
    /// of a browser's tabs.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn bind_browser(&self) -> Result<SecretHash, ApiError> {
        match self.browser().newest() {
            Some(hash) => Ok(hash),
            None => self.rotate_binding(),
        }
    }

    /// Gives the browser a new secret for the tickets to come. Returns the secret's hash.
    fn rotate_binding(&self) -> Result<SecretHash, ApiError> {
        let fresh = binding::rotate(self.client.cookie(Name::Browser))?;
        self.set_cookie(Name::Browser, fresh.reveal(), Lifetime::Session)?;
        Binding::read(fresh.reveal()).newest().ok_or_else(|| ErrorCode::Unavailable.into())
    }

    /// Accounts that have signed in on this browser before, the last first.
    pub fn known_accounts(&self) -> Vec<KnownAccount> {
        let devices = self.app.tokens.device_cookies();
        self.client.cookie(Name::Known).map(|cookie| devices.read(cookie)).unwrap_or_default()
    }

    /// What shows that an account has signed in on this device before: the browser's cookie, or an app's last token,
    /// even one that was revoked.
    pub fn known_devices(&self) -> Vec<KnownAccount> {
        let claims =
            self.client.bearer.as_deref().and_then(|token| self.app.tokens.verify(token, self.app.clock.now()).ok());
        let app = claims.map(|claims| KnownAccount::by_session(claims.sub, claims.sid));
        app.into_iter().chain(self.known_accounts()).collect()
    }

    /// Who calls: by bearer token, or else by the cookie of a PC or of a phone.
    ///
    /// # Errors
    /// As of [`service::session::SessionService::authenticate`].
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
            Some(token) => (token.as_str(), Presented::Id(device_header.as_deref())),
            None => (
                self.client.cookie(Name::of_session(kind)).ok_or(ErrorCode::Unauthenticated)?,
                Presented::Cookie(self.client.cookie(Name::Device)),
            ),
        };
        Ok(self.app.sessions.authenticate(token, device, *ip).await?)
    }

    /// Follows a ticket of this browser, with a place among the waits.
    ///
    /// # Errors
    /// `ticket_not_found`, `wrong_browser`, `rate_limited` or `unavailable`.
    pub async fn watch_ticket(&self, id: TicketId) -> Result<(Watch, Place), ApiError> {
        let watch = self.app.tickets.watch(id, self.browser()).await?;
        // By the secret that the ticket is bound to, since a client may send any other before it.
        let place = self.app.waits.for_ticket(id, watch.browser(), self.client.ip)?;
        Ok((watch, place))
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

    /// Gives the browser the session it just began.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn keep_sign_in(&self, begun: &Begun, remember: bool) -> Result<(), ApiError> {
        let SignedIn { token, device_id, account } = &begun.signed_in;
        let Some(device) = device_id else {
            self.rotate_binding()?;
            return self.keep_pc_session(token.reveal(), account.id, begun.session);
        };
        let keep = if remember { Lifetime::Forever } else { Lifetime::Session };
        self.set_cookie(Name::Phone, token.reveal(), keep)?;
        let secret = begun.device_secret.as_ref().ok_or(ErrorCode::Unavailable)?;
        self.set_cookie(Name::Device, &device_binding::cookie(device, secret), Lifetime::Forever)?;
        self.remember_account(account.id, begun.session)
    }

    /// Gives the browser the PC session that it collected with a ticket.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn keep_collected(&self, collected: &Collected) -> Result<(), ApiError> {
        // A repeated call finds the secret replaced already, unless the first answer was lost.
        if self.browser().newest() == Some(collected.browser) {
            self.rotate_binding()?;
        }
        self.keep_pc_session(collected.redeemed.token.reveal(), collected.redeemed.account.id, collected.session)
    }

    fn keep_pc_session(&self, token: &str, account: AccountId, session: SessionId) -> Result<(), ApiError> {
        self.set_cookie(Name::Pc, token, Lifetime::Seconds(self.app.config.pc_session_ttl))?;
        self.remember_account(account, session)
    }

    /// Gives the browser the proof that this account has signed in on it.
    fn remember_account(&self, account: AccountId, session: SessionId) -> Result<(), ApiError> {
        let cookie = self.client.cookie(Name::Known);
        let devices = self.app.tokens.device_cookies();
        self.set_cookie(Name::Known, &devices.remember(cookie, account, session), Lifetime::Forever)
    }

    /// Gives the phone its confirm token, for the buttons that work without script.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn keep_confirm_token(&self, ticket: TicketId, token: &str) -> Result<(), ApiError> {
        let value = format!("{ticket}~{token}");
        self.set_cookie(Name::Confirm, &value, Lifetime::Seconds(self.app.config.ticket_ttl))
    }

    /// Takes the session of that kind from the browser.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn forget_session(&self, kind: SessionKind) -> Result<(), ApiError> {
        self.set_cookie(Name::of_session(kind), "", Lifetime::Remove)?;
        self.rotate_binding().map(drop)
    }

    /// Adds a cookie to the response.
    ///
    /// # Errors
    /// `unavailable`, when the value does not fit into a header, which none of ours ever does.
    pub fn set_cookie(&self, name: Name, value: &str, lifetime: Lifetime) -> Result<(), ApiError> {
        let value = HeaderValue::from_str(&cookie::set(name, value, lifetime, self.client.secure))
            .map_err(|_| ErrorCode::Unavailable)?;
        self.response.append_header(header::SET_COOKIE, value);
        Ok(())
    }
}

//! The device grant (RFC 8628): a device shows a code, a person approves it elsewhere, the device polls for its tokens.
//!
//! It is a ticket whose browser is the device: the hash of the device code takes the place of the browser's binding. The
//! tokens belong to a session of the device's own, which `/account` lists and which ends them at once.

use super::error::INVALID_GRANT;
use super::{ClientCredentials, DAY, OAuthError, OidcService, TokenResponse};
use crate::audit::{Audit, Event};
use crate::error::ServiceError;
use crate::security::binding::Binding;
use crate::security::rate_limit::RateLimits;
use crate::security::secret;
use crate::sign_in::{Delivery, SignInService};
use crate::ticket::{Purpose, TicketService};
use crate::watch::Watch;
use domain::account::Began;
use domain::client::{Client, Scope, Scopes};
use domain::error::ErrorCode;
use domain::grant::Grant;
use domain::ids::{Secret, SecretHash, TicketId};
use domain::limits::Key;
use domain::oauth::OAuthErrorCode;
use domain::ticket::{DEVICE_INTERVAL, DeviceRequest, Requester, Ticket, TicketState, TicketStatus, UserCode};
use serde::Serialize;
use std::net::IpAddr;
use std::sync::Arc;
use store::StoreError;

/// Limit of a nonce, in bytes: stored with the ticket, and many times what clients send.
const LONGEST_NONCE: usize = 512;

/// The use cases of the device grant.
#[derive(Clone, Debug)]
pub struct DeviceService {
    /// Clients, grants and tokens.
    pub oidc: OidcService,
    /// Tickets.
    pub tickets: TicketService,
    /// Begins the device's session.
    pub sign_in: SignInService,
    /// Rate limits.
    pub limits: Arc<RateLimits>,
    /// The audit log.
    pub audit: Audit,
}

/// The response to a device authorization request (RFC 8628, section 3.2).
#[derive(Clone, Debug, Serialize)]
pub struct DeviceAuthorization {
    /// What the device polls with: the ticket's id and a secret.
    pub device_code: Secret,
    /// What the device shows.
    pub user_code: UserCode,
    /// Where a person types it.
    pub verification_uri: String,
    /// What the device shows as a QR code: the URL that every QR code of ours encodes.
    pub verification_uri_complete: String,
    /// Seconds until both codes expire.
    pub expires_in: u64,
    /// Seconds between two polls.
    pub interval: u64,
}

/// A poll of the token endpoint, by the device that has the code.
#[derive(Clone, Debug)]
pub struct Poll {
    client: Arc<Client>,
    ticket: Arc<Ticket>,
}

impl Poll {
    /// Returns the ticket's id and the hash that it is bound to, by which waits are counted.
    pub fn counted_as(&self) -> (TicketId, SecretHash) {
        (self.ticket.id, self.ticket.browser)
    }

    /// Returns whether the client's entry asks for polls to be held.
    pub fn is_long(&self) -> bool {
        self.client.long_poll
    }
}

const fn refused(code: OAuthErrorCode, description: &'static str) -> OAuthError {
    OAuthError::Refused(code, description)
}

/// Hashes a device code. The whole of it, so that no browser's cookie can have the same hash: a cookie's secrets have no
/// dot.
fn hash(device_code: &Secret) -> SecretHash {
    secret::hash(device_code)
}

impl DeviceService {
    fn client(&self, credentials: &ClientCredentials) -> Result<Arc<Client>, OAuthError> {
        let client = self.oidc.client(credentials)?;
        if client.device {
            return Ok(client);
        }
        Err(refused(OAuthErrorCode::UnauthorizedClient, "this client may not use the device grant"))
    }

    /// Issues a device code. `page` is the path at which a person types the user code.
    ///
    /// # Errors
    /// `invalid_client`, `unauthorized_client`, `invalid_request`, `invalid_scope` or a failure.
    pub async fn authorize(
        &self,
        credentials: &ClientCredentials,
        scope: Option<&str>,
        nonce: Option<String>,
        requester: Requester,
        ip: IpAddr,
        page: &str,
    ) -> Result<DeviceAuthorization, OAuthError> {
        let client = self.client(credentials)?;
        if nonce.as_ref().is_some_and(|nonce| nonce.len() > LONGEST_NONCE) {
            return Err(refused(OAuthErrorCode::InvalidRequest, "nonce is too long"));
        }
        let asked = match scope {
            Some(scope) => Scopes::parse(scope),
            // No e-mail address by default: a device may be anybody's (RFC 10027).
            None => [Scope::Openid, Scope::Profile].into_iter().collect(),
        };
        let scopes = asked.intersection(&client.scopes);
        if scopes.is_empty() {
            return Err(refused(OAuthErrorCode::InvalidScope, "none of these scopes is one of the client's"));
        }
        self.limits.charge(Key::DeviceCode(ip)).await.map_err(ServiceError::from)?;
        let id = self.tickets.new_id().map_err(ServiceError::from)?;
        let random = self.oidc.random.secret().map_err(ServiceError::from)?;
        let device_code = Secret::new(format!("{id}.{}", random.reveal()));
        let request = |user_code| DeviceRequest {
            client: client.id.clone(),
            name: client.name.clone(),
            logo_url: client.logo_url.clone(),
            scopes: scopes.clone(),
            nonce: nonce.clone(),
            user_code,
        };
        let ticket = self.tickets.issue_to_device(id, requester, hash(&device_code), request).await?;
        let user_code = ticket.device.as_ref().map(|device| device.user_code).ok_or(INVALID_GRANT)?;
        Ok(DeviceAuthorization {
            device_code,
            user_code,
            verification_uri: format!("{}{page}", self.oidc.issuer),
            verification_uri_complete: self.tickets.url(id),
            expires_in: ticket.expires_in(self.oidc.clock.now()),
            interval: DEVICE_INTERVAL,
        })
    }

    /// Begins a poll: authenticates the client, and finds the ticket that the code belongs to.
    ///
    /// # Errors
    /// `invalid_client`, `unauthorized_client`, `invalid_grant` for a code that is unknown, wrong, or another client's,
    /// `slow_down`, or a failure.
    pub async fn poll(&self, credentials: &ClientCredentials, device_code: &Secret) -> Result<Poll, OAuthError> {
        let client = self.client(credentials)?;
        let id = device_code.reveal().split_once('.').and_then(|(id, _)| id.parse().ok()).ok_or(INVALID_GRANT)?;
        let ticket = match self.tickets.find_own(id, Binding::of_device(hash(device_code))).await {
            Ok(ticket) => ticket,
            Err(ServiceError::Refused(_)) => return Err(INVALID_GRANT),
            Err(error) => return Err(error.into()),
        };
        // Before anything is counted: another client cannot slow this one down.
        if ticket.device.as_ref().is_none_or(|device| device.client != client.id) {
            return Err(INVALID_GRANT);
        }
        let poll = Poll { client, ticket };
        if self.is_undecided(&poll) && self.limits.charge(Key::DevicePoll(id)).await.is_err() {
            return Err(refused(OAuthErrorCode::SlowDown, "poll less often: every 5 seconds, and 5 more from now on"));
        }
        Ok(poll)
    }

    /// Returns whether the request was undecided when the poll began.
    pub fn is_undecided(&self, poll: &Poll) -> bool {
        let status = poll.ticket.status_at(self.oidc.clock.now());
        matches!(status, TicketStatus::Pending | TicketStatus::Scanned)
    }

    /// Watches the ticket of a poll that is to be held.
    ///
    /// # Errors
    /// A failure.
    pub async fn watch(&self, poll: &Poll) -> Result<Watch, ServiceError> {
        self.tickets.watch(poll.ticket.id, Binding::of_device(poll.ticket.browser)).await
    }

    /// Answers a poll by what the ticket is now. Of any number of polls, exactly one gets the tokens.
    ///
    /// # Errors
    /// `authorization_pending`, `access_denied`, `expired_token`, `invalid_grant` if the tokens were given out, or a
    /// failure.
    pub async fn answer(&self, poll: &Poll, ip: IpAddr) -> Result<TokenResponse, OAuthError> {
        let ticket = self.tickets.find(poll.ticket.id).await.map_err(unusable)?;
        let phone = match (ticket.status_at(self.oidc.clock.now()), &ticket.state) {
            (TicketStatus::Pending | TicketStatus::Scanned, _) => {
                let description = "nobody has approved this code yet";
                return Err(refused(OAuthErrorCode::AuthorizationPending, description));
            }
            (TicketStatus::Expired, _) => return Err(unusable(ErrorCode::TicketExpired.into())),
            (_, TicketState::Confirmed { phone, .. } | TicketState::Redeemed { phone, .. }) => phone,
            _ => return Err(unusable(ErrorCode::TicketCancelled.into())),
        };
        let outcome = self.collect(poll, ip).await;
        let code = match &outcome {
            Ok(_) => Ok(()),
            Err(OAuthError::Service(error)) => Err(error.code()),
            Err(OAuthError::Refused(..)) => Err(ErrorCode::AlreadyUsed),
        };
        self.audit.record(Event::Device, Some(phone.account), ip, code);
        outcome
    }

    /// Exchanges an approved ticket for tokens.
    ///
    /// The session and the grant have ids derived from the ticket. So if a store fails in between, nothing is lost: the
    /// device polls again, and the grant, which can be added once, decides which poll gets the tokens.
    async fn collect(&self, Poll { client, ticket }: &Poll, ip: IpAddr) -> Result<TokenResponse, OAuthError> {
        let is_offline = ticket.device.as_ref().is_some_and(|device| device.scopes.contains(Scope::OfflineAccess));
        let ttl = if is_offline { DAY * client.refresh_days } else { self.sign_in.pc_session_ttl };
        let binding = Binding::of_device(ticket.browser);
        let name = client.name.clone();
        let delivered = self.sign_in.deliver(ticket.id, binding, Purpose::Device, name, ip, ttl).await;
        let Delivery { redeem, session, account } = delivered.map_err(unusable)?;
        let device = redeem.device().ok_or(INVALID_GRANT)?;
        if !client.admits(&account.groups) {
            self.oidc.sessions.end(account.id, store::RevokeScope::One(session.id)).await?;
            return Err(refused(OAuthErrorCode::AccessDenied, "this account may not use this client"));
        }
        let now = self.oidc.clock.now();
        let grant = Grant {
            id: secret::derive_id(b"qr-login grant of ticket", ticket.id.into(), ticket.browser).into(),
            client: client.id.clone(),
            account: account.id,
            session: session.id,
            // What was approved, of what the client may still have.
            scopes: device.scopes.intersection(&client.scopes),
            resource: None,
            nonce: device.nonce.clone(),
            redirect_uri: String::new(),
            code_challenge: None,
            // There is no code to exchange.
            code_used_at: Some(now),
            counter: 0,
            rotated_at: None,
            auth_time: redeem.at,
            began: Began::Code,
            created_at: now,
            expires_at: session.expires_at.unwrap_or(now + ttl),
            revoked_at: None,
        };
        // Before there are tokens, as for a code: the client must also learn of the end.
        let is_told = client.backchannel_logout_uri.is_some();
        if is_told && !self.oidc.notices.expect_end(session.id, &client.id, now).await? {
            return Err(INVALID_GRANT);
        }
        match self.oidc.grants.put_grant(&grant).await {
            Ok(true) => {}
            // Another poll was faster, or the session has ended since.
            Ok(false) | Err(StoreError::Exists) => return Err(INVALID_GRANT),
            Err(error) => return Err(error.into()),
        }
        self.oidc.respond(client, &grant, &account, &grant.scopes, 0, grant.nonce.clone()).await
    }
}

/// Maps why a ticket cannot be redeemed to the errors of RFC 8628, section 3.5.
fn unusable(error: ServiceError) -> OAuthError {
    match error.code() {
        ErrorCode::Unavailable | ErrorCode::RateLimited => error.into(),
        ErrorCode::TicketExpired => refused(OAuthErrorCode::ExpiredToken, "the code has expired: begin again"),
        // Signed out or disabled after approving counts as declining.
        ErrorCode::TicketCancelled | ErrorCode::TokenRevoked => {
            refused(OAuthErrorCode::AccessDenied, "the person declined")
        }
        _ => INVALID_GRANT,
    }
}

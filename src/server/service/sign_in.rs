//! The two ways a session begins: by password, and by a ticket that a phone approved.

use super::account::AccountService;
use super::session::SessionService;
use super::ticket::TicketService;
use crate::account::{Account, Device, Session, SessionKind, SignIn, SignedIn};
use crate::error::{ApiError, ErrorCode};
use crate::ids::{DeviceId, SecretHash, SessionId, TicketId};
use crate::server::clock::now;
use crate::server::metrics::Metrics;
use crate::server::security::rate_limit::{Key, RateLimits};
use crate::server::security::token::Tokens;
use crate::server::store::{Credentials, RevokeScope, SessionStore};
use crate::ticket::Redeemed;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// The device kind that asks for a PC session.
const PC: &str = "pc";

/// The use cases that begin a session.
#[derive(Clone, Debug)]
pub struct SignInService {
    /// People.
    pub accounts: AccountService,
    /// Tickets.
    pub tickets: TicketService,
    /// Living sessions.
    pub sessions: SessionService,
    /// Where phones are kept.
    pub devices: Arc<dyn SessionStore>,
    /// Signs the tokens.
    pub tokens: Arc<Tokens>,
    /// Slows down guessing.
    pub limits: Arc<RateLimits>,
    /// Counts.
    pub metrics: Metrics,
    /// How long a PC stays signed in.
    pub pc_session_ttl: Duration,
}

impl SignInService {
    /// Signs in by password: a phone, or if it says so, a PC.
    ///
    /// # Errors
    /// `invalid_credentials`, `rate_limited` or `unavailable`.
    pub async fn by_password(&self, sign_in: SignIn, password: String, ip: IpAddr) -> Result<SignedIn, ApiError> {
        self.limits.charge(Key::SignInFrom(ip)).await?;
        let guessed = Key::FailedSignIn(sign_in.username.to_lowercase());
        self.limits.peek(guessed.clone()).await?;
        let Some(Credentials { account, password_hash }) = self.accounts.verify(&sign_in.username, password).await?
        else {
            self.metrics.sign_in(false);
            // Guesses that ran side by side are all counted, and those beyond the burst are told so.
            self.limits.charge(guessed).await?;
            return Err(ErrorCode::InvalidCredentials.into());
        };
        self.metrics.sign_in(true);
        let session = if sign_in.device_kind == PC {
            self.new_session(&account, SessionKind::Pc, None, sign_in.device_name, ip)
        } else {
            let device = self.device(&account, sign_in).await?;
            self.new_session(&account, SessionKind::Phone, Some(device.id), device.name, ip)
        };
        if !self.sessions.begin_by_password(&session, &password_hash).await? {
            // It was right when it was read, and is no longer.
            return Err(ErrorCode::InvalidCredentials.into());
        }
        tracing::info!(session = %session.id, kind = session.kind.as_str(), "signed in by password");
        Ok(SignedIn { token: self.tokens.issue(&session)?, device_id: session.device, account: account.view() })
    }

    /// The PC collects the session that a phone approved. Of any number of attempts exactly one succeeds.
    ///
    /// The session is kept first, under an id that the ticket gives, and the ticket is redeemed second. So where the
    /// database fails in between nothing is lost: the PC tries again and finds the ticket still confirmed.
    ///
    /// # Errors
    /// The transition's, `ticket_not_found`, `wrong_browser` or `unavailable`.
    pub async fn by_ticket(
        &self,
        id: TicketId,
        browser: Option<SecretHash>,
        name: String,
        ip: IpAddr,
    ) -> Result<Redeemed, ApiError> {
        let phone = self.tickets.redeemable(id, browser).await?;
        let account = self.account_of(&phone).await?;
        let session = Session {
            id: SessionId::from(Uuid::from(id)),
            ..self.new_session(&account, SessionKind::Pc, None, name, ip)
        };
        let token = self.tokens.issue(&session)?;
        self.sessions.begin(&session).await?;
        if let Err(error) = self.tickets.redeem(id, browser).await {
            // Too late by a hair: nobody will ever hold this session's token, so the list should not show it.
            if error.code == ErrorCode::TicketExpired {
                self.sessions.end(account.id, RevokeScope::One(session.id)).await?;
            }
            return Err(error);
        }
        tracing::info!(session = %session.id, "signed in by ticket");
        Ok(Redeemed {
            token,
            token_type: "Bearer".to_owned(),
            expires_in: self.pc_session_ttl.as_secs(),
            account: account.view(),
        })
    }

    /// The account behind a phone, unless it was barred since it approved.
    async fn account_of(&self, phone: &crate::ticket::Phone) -> Result<Account, ApiError> {
        let account = self.accounts.by_id(phone.account).await?;
        Ok(account.filter(|account| !account.disabled).ok_or(ErrorCode::TokenRevoked)?)
    }

    async fn device(&self, account: &Account, sign_in: SignIn) -> Result<Device, ApiError> {
        let fresh = || DeviceId::from(Uuid::new_v4());
        let device = Device {
            id: sign_in.device_id.unwrap_or_else(fresh),
            account: account.id,
            name: sign_in.device_name,
            kind: sign_in.device_kind,
        };
        self.devices.put_device(&device, now()).await?;
        Ok(device)
    }

    fn new_session(
        &self,
        account: &Account,
        kind: SessionKind,
        device: Option<DeviceId>,
        name: String,
        ip: IpAddr,
    ) -> Session {
        let now = now();
        Session {
            id: Uuid::new_v4().into(),
            account: account.id,
            kind,
            device,
            name,
            ip: ip.to_string(),
            created_at: now,
            last_seen_at: now,
            expires_at: (kind == SessionKind::Pc).then(|| now + self.pc_session_ttl),
            revoked_at: None,
        }
    }
}

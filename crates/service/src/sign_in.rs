//! The two ways to begin a session: by password, and by a ticket that a phone approved.

mod start;
mod tickets;
mod vouched;

use super::account::AccountService;
use super::session::{Caller, SessionService};
use super::ticket::TicketService;
use crate::audit::{Audit, Event};
use crate::error::ServiceError;
use crate::metrics::Metrics;
use crate::security::random::Random;
use crate::security::rate_limit::RateLimits;
use crate::security::secret;
use crate::security::token::Tokens;
use clock::Clock;
use domain::account::{Account, Began, Device, KnownAccount, Session, SignIn, SignedIn, clean_username};
use domain::error::ErrorCode;
use domain::ids::{Secret, SecretHash, SessionId};
use domain::limits::Key;
use domain::ticket::Redeemed;
use start::Start;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use store::{Credentials, SessionStore, StoreError};
pub use tickets::Delivery;

/// The device kind that requests a PC session.
const PC: &str = "pc";

/// A session that has just begun, and what its browser stores.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The response to the client.
    pub signed_in: SignedIn,
    /// The secret that binds a phone's browser; a PC has none.
    pub device_secret: Option<Secret>,
    /// The session.
    pub session: SessionId,
}

/// A session that a PC collected with a ticket.
#[derive(Clone, Debug)]
pub struct Collected {
    /// The response to the client.
    pub redeemed: Redeemed,
    /// Hash of the secret that the ticket was bound to.
    pub browser: SecretHash,
    /// The session.
    pub session: SessionId,
}

/// The use cases that begin a session.
#[derive(Clone, Debug)]
pub struct SignInService {
    /// Accounts.
    pub accounts: AccountService,
    /// Tickets.
    pub tickets: TicketService,
    /// Live sessions.
    pub sessions: SessionService,
    /// The store of devices.
    pub devices: Arc<dyn SessionStore>,
    /// Signs the tokens.
    pub tokens: Arc<Tokens>,
    /// Rate limits on guessing.
    pub limits: Arc<RateLimits>,
    /// Counters.
    pub metrics: Metrics,
    /// The audit log.
    pub audit: Audit,
    /// The time source.
    pub clock: Clock,
    /// The source of ids and secrets.
    pub random: Random,
    /// How long a PC stays signed in.
    pub pc_session_ttl: Duration,
}

impl SignInService {
    /// Signs in by password: a phone, or a PC if requested. `known` are accounts that signed in on this device before.
    ///
    /// # Errors
    /// `invalid_credentials`, `rate_limited` or `unavailable`.
    pub async fn by_password(
        &self,
        sign_in: SignIn,
        password: String,
        known: &[KnownAccount],
        ip: IpAddr,
    ) -> Result<Begun, ServiceError> {
        let credentials = self.guess(Event::SignIn, &sign_in.username, password, known, ip).await?;
        let account = &credentials.account;
        if sign_in.device_kind == PC {
            let start = Start { account: account.id, name: sign_in.device_name, ip, at: self.clock.now() };
            let session = start.pc(self.random.uuid()?.into(), self.pc_session_ttl);
            return self.begin(Session { began: Began::Password, ..session }, &credentials, None).await;
        }
        let is_browser = sign_in.is_browser;
        let device = self.device(account, sign_in).await?;
        let device_secret = self.random.secret()?;
        let start = Start { account: account.id, name: device.name, ip, at: self.clock.now() };
        let session = Session {
            device: Some(device.id),
            device_secret: is_browser.then(|| secret::hash(&device_secret)),
            ..start.phone(self.random.uuid()?.into())
        };
        self.begin(session, &credentials, Some(device_secret)).await
    }

    /// Verifies the password in a session that began by a code, which may then end other sessions for a while.
    ///
    /// # Errors
    /// `invalid_credentials`, `rate_limited` or `unavailable`.
    pub async fn step_up(
        &self,
        caller: &Caller,
        password: String,
        known: &[KnownAccount],
        ip: IpAddr,
    ) -> Result<(), ServiceError> {
        self.guess(Event::StepUp, &caller.account.username, password, known, ip).await?;
        self.sessions.step_up(caller).await
    }

    /// Returns the credentials of that name, if the password is right, and writes an entry to the audit log.
    async fn guess(
        &self,
        event: Event,
        username: &str,
        password: String,
        known: &[KnownAccount],
        ip: IpAddr,
    ) -> Result<Credentials, ServiceError> {
        let outcome = self.counted_guess(username, password, known, ip).await;
        let account = match &outcome {
            Ok(found) => Some(found.account.id),
            // Which account was attacked is only logged.
            Err(error) if error.code() == ErrorCode::InvalidCredentials => self.accounts.id_of(username).await?,
            Err(_) => None,
        };
        self.audit.record(event, account, ip, outcome.as_ref().map(drop).map_err(ServiceError::code));
        outcome
    }

    /// Returns the credentials of that name, if the password is right. Every guess is counted before it is verified, so
    /// that the limit also holds for parallel guesses; a right one is refunded.
    ///
    /// Strangers share the limits of the username. A device that signed in to the account before has its own limit, so
    /// that strangers cannot lock its owner out.
    ///
    /// # Errors
    /// `invalid_credentials`, `rate_limited` or `unavailable`.
    pub(crate) async fn counted_guess(
        &self,
        username: &str,
        password: String,
        known: &[KnownAccount],
        ip: IpAddr,
    ) -> Result<Credentials, ServiceError> {
        self.limits.charge(Key::SignInFrom(ip)).await?;
        // Normalised first: the counted name and the one looked up must not differ.
        let Ok(username) = clean_username(username) else {
            self.metrics.sign_in(false);
            return Err(ErrorCode::InvalidCredentials.into());
        };
        let counted = self.counted_as(&username, known, ip).await?;
        self.limits.charge_all(&counted).await?;
        let found = self.accounts.verify(&username, password).await?;
        self.metrics.sign_in(found.is_some());
        let found = found.ok_or(ErrorCode::InvalidCredentials)?;
        self.limits.give_back(&counted).await;
        Ok(found)
    }

    /// Returns the limits that a guess counts against. Names count in lower case whether or not they exist, so that the
    /// limits do not reveal which names exist.
    async fn counted_as(&self, username: &str, known: &[KnownAccount], ip: IpAddr) -> Result<Vec<Key>, ServiceError> {
        if !known.is_empty()
            && let Some(account) = self.accounts.id_of(username).await?
            && let Some(device) = known.iter().find(|known| known.account == account)
        {
            return Ok(vec![Key::GuessOn(*device)]);
        }
        let username = username.to_lowercase();
        Ok(vec![Key::GuessFrom(ip, username.clone()), Key::Guess(username)])
    }

    async fn begin(
        &self,
        session: Session,
        Credentials { account, password_hash }: &Credentials,
        device_secret: Option<Secret>,
    ) -> Result<Begun, ServiceError> {
        if !self.sessions.begin_by_password(&session, password_hash).await? {
            // The password was right when it was verified, and has been changed since.
            return Err(ErrorCode::InvalidCredentials.into());
        }
        let token = self.tokens.issue(&session)?;
        let signed_in = SignedIn { token, device_id: session.device, account: account.view() };
        Ok(Begun { signed_in, device_secret, session: session.id })
    }

    async fn device(&self, account: &Account, sign_in: SignIn) -> Result<Device, ServiceError> {
        let device = Device {
            id: match sign_in.device_id {
                Some(id) => id,
                None => self.random.uuid()?.into(),
            },
            account: account.id,
            name: sign_in.device_name,
            kind: sign_in.device_kind,
        };
        match self.devices.put_device(&device, self.clock.now()).await {
            // The account was deleted while its password was verified.
            Err(StoreError::Gone) => Err(ErrorCode::InvalidCredentials.into()),
            outcome => Ok(outcome.map(|()| device)?),
        }
    }
}

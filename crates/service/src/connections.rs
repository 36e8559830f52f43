//! Connections: a person lets this server get tokens of another service for them, by that service's device grant
//! (RFC 8628), and a script of theirs fetches a fresh access token from here.
//!
//! Refresh tokens never leave this server, and are encrypted in the database. One node polls for an attempt, and one request
//! refreshes, whatever happens at the same time: each claims the row for a while by a compare-and-swap.

mod kept;
mod poll;
mod tokens;

pub use tokens::{AccessToken, KEY_PREFIX};

use crate::account::AccountService;
use crate::audit::Audit;
use crate::clients::Registry;
use crate::error::ServiceError;
use crate::security::random::Random;
use crate::security::rate_limit::RateLimits;
use crate::security::sealing::Sealing;
use crate::security::secret;
use crate::session::Caller;
use crate::upstream::{UpstreamError, Upstreams};
use clock::Clock;
use domain::account::Account;
use domain::client::Upstream;
use domain::connection::{Connection, ConnectionState, MOST};
use domain::error::ErrorCode;
use domain::ids::{AccountId, ConnectionId, Secret};
use domain::limits::Key;
use kept::{ATTEMPT, context};
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;
use store::connections::ConnectionStore;
use tokio::sync::Notify;

/// How long a claim on a row lasts: longer than a request to the service and the writes that follow it may take.
const LEASE: Duration = Duration::from_secs(30);
/// Pause between two looks at a row that another request or node is to change.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Longest wait of a page for an attempt's end.
const LONGEST_WAIT: Duration = Duration::from_secs(25);

/// The use cases.
#[derive(Clone, Debug)]
pub struct ConnectionService {
    /// The connections.
    pub store: Arc<dyn ConnectionStore>,
    /// Accounts.
    pub accounts: AccountService,
    /// The services.
    pub clients: Registry,
    /// Talks to them.
    pub upstreams: Upstreams,
    /// Encrypts their tokens.
    pub sealing: Sealing,
    /// Rate limits.
    pub limits: Arc<RateLimits>,
    /// The audit log.
    pub audit: Audit,
    /// The time source.
    pub clock: Clock,
    /// The source of ids and keys.
    pub random: Random,
    /// Wakes this node's poller.
    pub wake: Arc<Notify>,
}

/// Maps a failure of a service to what clients see, and logs it.
fn unavailable(upstream: &str, error: &UpstreamError) -> ServiceError {
    tracing::warn!(upstream, %error, "a service did not answer as it should");
    ErrorCode::UpstreamUnavailable.into()
}

impl ConnectionService {
    /// Returns the services that an account may connect to, by their names.
    pub fn services(&self, account: &Account) -> Vec<Arc<Upstream>> {
        let clients = self.clients.current();
        let mut found: Vec<_> =
            clients.upstreams().filter(|upstream| upstream.admits(&account.groups)).cloned().collect();
        found.sort_by(|one, other| one.name.cmp(&other.name));
        found
    }

    /// Returns the account's connections and attempts, the newest first.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn list(&self, account: AccountId) -> Result<Vec<Connection>, ServiceError> {
        Ok(self.store.connections_of(account).await?)
    }

    /// Returns a connection of that account.
    ///
    /// # Errors
    /// `not_found` or `unavailable`.
    pub async fn find(&self, account: AccountId, id: ConnectionId) -> Result<Connection, ServiceError> {
        let found = self.store.connection(id).await?;
        found.filter(|it| it.account == account).ok_or_else(|| ErrorCode::NotFound.into())
    }

    /// Starts an attempt, in place of earlier ones at the same service. A session that began by a code must have verified
    /// the password, like for everything that outlives it.
    ///
    /// # Errors
    /// `step_up_required`, `not_found`, `rate_limited`, `upstream_unavailable` or `unavailable`.
    pub async fn start(&self, caller: &Caller, upstream: &str) -> Result<ConnectionId, ServiceError> {
        caller.check_may_end_others(self.clock.now())?;
        let account = caller.account.id;
        let found = self.clients.current().upstream(upstream).filter(|it| it.admits(&caller.account.groups));
        let upstream = found.ok_or(ErrorCode::NotFound)?;
        self.limits.charge(Key::ConnectBy(account)).await?;
        let mut count = 0;
        for other in self.store.connections_of(account).await? {
            let is_over = other.state == ConnectionState::Pending || other.state.came_to_nothing();
            if is_over && other.upstream == upstream.id {
                self.store.drop_connection(other.id, account).await?;
            } else {
                count += 1;
            }
        }
        if count >= MOST {
            return Err(ServiceError::RateLimited { retry_after: 60 });
        }
        let offer = self.upstreams.offer(&upstream).await.map_err(|error| unavailable(&upstream.id, &error))?;
        let id: ConnectionId = self.random.uuid()?.into();
        let ids = (id.to_string(), account.to_string());
        let sealed = self.sealing.seal(&context(ATTEMPT, &ids, &upstream), offer.device_code.reveal()).await?;
        let now = self.clock.now();
        let attempt = Connection {
            id,
            account,
            upstream: upstream.id.clone(),
            version: 1,
            state: ConnectionState::Pending,
            prompt: Some(offer.prompt),
            label: None,
            sealed: Some(sealed),
            due_at: Some(now + offer.interval),
            interval: offer.interval,
            script_key: None,
            created_at: now,
            expires_at: Some(now + offer.life),
            used_at: None,
        };
        match self.store.add_connection(&attempt).await {
            Err(StoreError::Gone) => return Err(ErrorCode::TokenRevoked.into()),
            outcome => outcome?,
        }
        self.wake.notify_one();
        Ok(id)
    }

    /// Waits until the attempt is no longer pending, and returns whether that is so; for at most 25 seconds.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn wait_for_end(&self, account: AccountId, id: ConnectionId) -> Result<bool, ServiceError> {
        let until = self.clock.now() + LONGEST_WAIT;
        loop {
            match self.find(account, id).await {
                Ok(found) if found.state == ConnectionState::Pending => {}
                Err(error) if error.code() == ErrorCode::Unavailable => return Err(error),
                _ => return Ok(true),
            }
            if self.clock.now() >= until {
                return Ok(false);
            }
            self.clock.sleep(LOOK_EVERY * 4).await;
        }
    }

    /// Deletes a connection or an attempt, and revokes its tokens at the service, if that can. Scripts get no more tokens at
    /// once.
    ///
    /// # Errors
    /// `step_up_required`, `not_found` or `unavailable`.
    pub async fn disconnect(&self, caller: &Caller, id: ConnectionId) -> Result<(), ServiceError> {
        caller.check_may_end_others(self.clock.now())?;
        let dropped = self.store.drop_connection(id, caller.account.id).await?.ok_or(ErrorCode::NotFound)?;
        let service = self.clone();
        // The page does not wait for the other service.
        tokio::spawn(async move {
            let Some(upstream) = service.clients.current().upstream(&dropped.upstream) else { return };
            if let Ok(kept) = service.kept(&dropped, &upstream).await {
                service.revoke(&upstream, &kept).await;
            }
        });
        Ok(())
    }

    /// Makes the key that scripts get tokens by, in place of an earlier one. Only its hash is kept.
    ///
    /// # Errors
    /// `step_up_required`, `not_found` or `unavailable`.
    pub async fn new_key(&self, caller: &Caller, id: ConnectionId) -> Result<Secret, ServiceError> {
        let key = Secret::new(format!("{KEY_PREFIX}{}", self.random.secret()?.reveal()));
        self.set_key(caller, id, Some(&key)).await.map(|()| key)
    }

    /// Removes the key.
    ///
    /// # Errors
    /// Those of [`Self::new_key`].
    pub async fn remove_key(&self, caller: &Caller, id: ConnectionId) -> Result<(), ServiceError> {
        self.set_key(caller, id, None).await
    }

    async fn set_key(&self, caller: &Caller, id: ConnectionId, key: Option<&Secret>) -> Result<(), ServiceError> {
        caller.check_may_end_others(self.clock.now())?;
        let script_key = key.map(secret::hash);
        loop {
            let found = self.find(caller.account.id, id).await?;
            if !matches!(found.state, ConnectionState::Connected | ConnectionState::Lost) {
                return Err(ErrorCode::NotFound.into());
            }
            if self.store.swap_connection(&Connection { script_key, ..found.next() }).await? {
                return Ok(());
            }
        }
    }

    /// Forgets attempts that came to nothing.
    ///
    /// # Errors
    /// If the store is down.
    pub async fn sweep(&self) -> Result<(), ServiceError> {
        self.store.forget_attempts(self.clock.now()).await?;
        Ok(())
    }
}

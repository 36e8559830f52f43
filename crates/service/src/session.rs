//! Live sessions: authenticate the caller, list sessions, end them.

mod caller;
mod upkeep;

pub use caller::Caller;

use crate::error::ServiceError;
use crate::metrics::Metrics;
use crate::security::device_binding::Presented;
use crate::security::token::Tokens;
use clock::{Clock, rfc3339};
use domain::account::{Account, Session, SessionView};
use domain::error::ErrorCode;
use domain::ids::{AccountId, Secret, SessionId};
use domain::time::Timestamp;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use store::feed::Feed;
use store::{MOST_LISTED, RevokeScope, SessionStore, StoreError};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Resolution of the last-use time, so that a busy session does not cause a write per request.
const SEEN_EVERY: Duration = Duration::from_secs(60);
/// How long a request waits for its session's last use to be written.
const PATIENCE: Duration = Duration::from_millis(250);
/// Maximum duration of one wait for a session's end.
const LONGEST_WAIT: Duration = Duration::from_secs(25);

/// Maximum number of phones, and separately of PCs, signed in to an account: as many as a list shows, so that none is
/// hidden. A new one ends the least recently used one.
pub const MOST: u32 = MOST_LISTED;

/// The use cases of live sessions.
#[derive(Clone, Debug)]
pub struct SessionService {
    store: Arc<dyn SessionStore>,
    tokens: Arc<Tokens>,
    ended: Feed<SessionId, ()>,
    noting: Arc<Semaphore>,
    metrics: Metrics,
    clock: Clock,
    shutdown: CancellationToken,
}

impl SessionService {
    /// Creates the service for the sessions in `store`, authenticated by `tokens`.
    pub fn new(
        store: Arc<dyn SessionStore>,
        tokens: Arc<Tokens>,
        metrics: Metrics,
        clock: Clock,
        shutdown: CancellationToken,
    ) -> Self {
        Self { store, tokens, ended: Feed::default(), noting: Arc::new(Semaphore::new(1)), metrics, clock, shutdown }
    }

    /// Authenticates `token`. A phone's token is only valid together with what binds it to the phone.
    ///
    /// # Errors
    /// `unauthenticated`, `token_expired`, `token_revoked`, `device_mismatch` or `unavailable`.
    pub async fn authenticate(&self, token: &str, device: Presented<'_>, ip: IpAddr) -> Result<Caller, ServiceError> {
        let claims = self.tokens.verify(token, self.clock.now())?;
        let (mut session, account) = self.store.session(claims.sid).await?.ok_or(ErrorCode::TokenRevoked)?;
        let now = self.clock.now();
        if session.revoked_at.is_some() || account.disabled || session.account != claims.sub {
            return Err(ErrorCode::TokenRevoked.into());
        }
        if session.expires_at.is_some_and(|end| end <= now) {
            return Err(ErrorCode::TokenExpired.into());
        }
        if !device.proves(&session) {
            return Err(ErrorCode::DeviceMismatch.into());
        }
        let ip = ip.to_string();
        if now.saturating_duration_since(session.last_seen_at) >= SEEN_EVERY || session.ip != ip {
            self.note_use(session.id, &ip, now).await;
            session.last_seen_at = now;
            session.ip = ip;
        }
        Ok(Caller { account, session })
    }

    /// Records when and from where a session was last used. Best effort: a failure is only logged, because a database
    /// that accepts no writes (full disk, locked by another process) must not fail reads.
    async fn note_use(&self, id: SessionId, ip: &str, now: Timestamp) {
        let noted = async {
            // One at a time, so that hanging writes do not take all connections from the reads.
            let Ok(turn) = Arc::clone(&self.noting).acquire_owned().await else { return Ok(()) };
            let (store, ip) = (Arc::clone(&self.store), ip.to_owned());
            let write = tokio::spawn(async move {
                let _turn = turn;
                store.touch_session(id, &ip, now).await
            });
            write.await.unwrap_or_else(|error| Err(StoreError::unavailable("note the use of a session", error)))
        };
        match timeout(PATIENCE, noted).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last use of a session was not noted"),
            Err(_) => tracing::debug!("noting the last use of a session takes long"),
        }
    }

    /// Lists the signed-in phones and PCs of the caller's account.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<SessionView>, ServiceError> {
        let sessions = self.all(caller).await?;
        Ok(sessions
            .into_iter()
            .map(|session| SessionView {
                current: session.id == caller.session.id,
                id: session.id,
                kind: session.kind,
                began: session.began,
                name: session.name,
                ip: session.ip,
                created_at: rfc3339(session.created_at),
                last_seen_at: rfc3339(session.last_seen_at),
            })
            .collect())
    }

    /// Lists them as domain sessions.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn all(&self, caller: &Caller) -> Result<Vec<Session>, ServiceError> {
        Ok(self.store.sessions(caller.account.id, self.clock.now()).await?)
    }

    /// Ends one session of the caller's account immediately. Idempotent.
    ///
    /// # Errors
    /// `step_up_required`, `not_found` if the account has no such session, or `unavailable`.
    pub async fn revoke(&self, caller: &Caller, id: SessionId) -> Result<(), ServiceError> {
        if id != caller.session.id {
            caller.check_may_end_others(self.clock.now())?;
        }
        let account = caller.account.id;
        let known = self.store.session(id).await?.is_some_and(|(_, owner)| owner.id == account);
        if !known {
            return Err(ErrorCode::NotFound.into());
        }
        self.end(account, RevokeScope::One(id)).await
    }

    /// Ends every session of the account except the caller's.
    ///
    /// # Errors
    /// `step_up_required` or `unavailable`.
    pub async fn revoke_others(&self, caller: &Caller) -> Result<(), ServiceError> {
        caller.check_may_end_others(self.clock.now())?;
        self.end(caller.account.id, RevokeScope::Others(caller.session.id)).await
    }

    /// Records that the password was verified: the caller may end other sessions for ten minutes.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn step_up(&self, caller: &Caller) -> Result<(), ServiceError> {
        Ok(self.store.step_up_session(caller.session.id, self.clock.now()).await?)
    }

    /// Returns the session and its account if it is live.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn living(&self, id: SessionId) -> Result<Option<(Session, Account)>, ServiceError> {
        let found = self.store.session(id).await?;
        Ok(found.filter(|(session, account)| session.lives_at(self.clock.now()) && !account.disabled))
    }

    /// Ends the sessions in scope and notifies their subscribers.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn end(&self, account: AccountId, scope: RevokeScope) -> Result<(), ServiceError> {
        let ended = self.store.revoke_sessions(account, &scope, self.clock.now()).await?;
        self.announce(&ended);
        Ok(())
    }

    /// Tells the pages that wait for it that these sessions have ended.
    pub fn announce(&self, ended: &[SessionId]) {
        for id in ended {
            tracing::info!(session = %id, "session ended");
            self.ended.publish(*id, ());
        }
    }

    /// Returns `Ok` after 25 seconds, or when the server shuts down, if the caller's session is still live.
    ///
    /// # Errors
    /// `token_revoked` or `token_expired` as soon as it is not, or `unavailable`.
    pub async fn wait_for_end(&self, caller: &Caller) -> Result<(), ServiceError> {
        let mut ended = self.ended.subscribe(caller.session.id);
        let _waiting = self.metrics.waiting_session();
        let until = self.clock.now() + LONGEST_WAIT;
        loop {
            let (session, account) = self.store.session(caller.session.id).await?.ok_or(ErrorCode::TokenRevoked)?;
            if session.revoked_at.is_some() || account.disabled {
                return Err(ErrorCode::TokenRevoked.into());
            }
            let left = session.expires_at.map_or(Duration::MAX, |end| end.saturating_duration_since(self.clock.now()));
            tokio::select! {
                // The notification may be spurious: the row decides.
                () = ended.next() => {}
                () = self.clock.sleep(left), if left < LONGEST_WAIT => return Err(ErrorCode::TokenExpired.into()),
                () = self.clock.sleep(until.saturating_duration_since(self.clock.now())) => return Ok(()),
                () = self.shutdown.cancelled() => return Ok(()),
            }
        }
    }

    /// Publishes locally the sessions that end on other nodes, for as long as it is polled.
    pub async fn follow(&self) {
        self.store.follow(&self.ended).await;
    }

    /// Stores a new session. A phone has one credential: its previous session ends.
    ///
    /// # Errors
    /// `token_revoked` if the account was deleted, or `unavailable`.
    pub async fn begin(&self, session: &Session) -> Result<(), ServiceError> {
        let ended = match self.store.put_session(session).await {
            Err(StoreError::Gone) => return Err(ErrorCode::TokenRevoked.into()),
            outcome => outcome?,
        };
        for id in ended {
            self.ended.publish(id, ());
        }
        Ok(())
    }

    /// Stores a session that began by password, verified against `password_hash`. Returns false if that is no longer
    /// the account's hash or the account was disabled. The account keeps the [`MOST`] most recently used phones and PCs
    /// each; the others end.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn begin_by_password(&self, session: &Session, password_hash: &Secret) -> Result<bool, ServiceError> {
        let Some(ended) = self.store.put_session_by_password(session, password_hash, MOST).await? else {
            return Ok(false);
        };
        for id in ended {
            self.ended.publish(id, ());
        }
        Ok(true)
    }
}

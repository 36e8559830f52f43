//! Sessions while they live: who calls, which there are, how they end.

mod upkeep;

use crate::account::{Account, Session, SessionSummary, SessionView, UserInfo};
use crate::error::{ApiError, ErrorCode};
use crate::ids::{AccountId, Secret, SessionId};
use crate::server::clock::{now, rfc3339};
use crate::server::feed::Feed;
use crate::server::security::token::Tokens;
use crate::server::store::{MOST_LISTED, RevokeScope, SessionStore};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How fine the time of last use is kept, so that a busy session does not write with every request.
const SEEN_EVERY: Duration = Duration::from_secs(60);
/// How long one wait for a session's end lasts at the most.
const LONGEST_WAIT: Duration = Duration::from_secs(25);

/// Phones, and beside them PCs, that stay signed in to an account: as many as a list shows, so that none is hidden. A new
/// one ends the one whose last use is longest ago.
pub const MOST: u32 = MOST_LISTED;

/// Who calls, proved by a living session.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Whose session.
    pub account: Account,
    /// The session.
    pub session: Session,
}

impl Caller {
    /// What the caller may know of itself.
    pub fn user_info(&self) -> UserInfo {
        UserInfo {
            account: self.account.view(),
            session: SessionSummary {
                id: self.session.id,
                kind: self.session.kind,
                device_id: self.session.device.clone(),
                name: self.session.name.clone(),
            },
        }
    }
}

/// The use cases of living sessions.
#[derive(Clone, Debug)]
pub struct SessionService {
    store: Arc<dyn SessionStore>,
    tokens: Arc<Tokens>,
    ended: Feed<SessionId, ()>,
    shutdown: CancellationToken,
}

impl SessionService {
    /// Sessions in `store`, opened by tokens of `tokens`.
    pub fn new(store: Arc<dyn SessionStore>, tokens: Arc<Tokens>, shutdown: CancellationToken) -> Self {
        Self { store, tokens, ended: Feed::default(), shutdown }
    }

    /// Who holds `token`. A phone's token counts only together with the device it is bound to.
    ///
    /// # Errors
    /// `unauthenticated`, `token_expired`, `token_revoked`, `device_mismatch` or `unavailable`.
    pub async fn authenticate(&self, token: &str, device: Option<&str>, ip: IpAddr) -> Result<Caller, ApiError> {
        let claims = self.tokens.verify(token)?;
        let (mut session, account) = self.store.session(claims.sid).await?.ok_or(ErrorCode::TokenRevoked)?;
        let now = now();
        if session.revoked_at.is_some() || account.disabled || session.account != claims.sub {
            return Err(ErrorCode::TokenRevoked.into());
        }
        if session.expires_at.is_some_and(|end| end <= now) {
            return Err(ErrorCode::TokenExpired.into());
        }
        if let Some(bound) = &session.device
            && device != Some(bound.as_str())
        {
            return Err(ErrorCode::DeviceMismatch.into());
        }
        let ip = ip.to_string();
        if now.since(session.last_seen_at) >= SEEN_EVERY || session.ip != ip {
            self.store.touch_session(session.id, &ip, now).await?;
            session.last_seen_at = now;
            session.ip = ip;
        }
        Ok(Caller { account, session })
    }

    /// The caller's signed-in phones and PCs.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<SessionView>, ApiError> {
        let sessions = self.all(caller).await?;
        Ok(sessions
            .into_iter()
            .map(|session| SessionView {
                current: session.id == caller.session.id,
                id: session.id,
                kind: session.kind,
                name: session.name,
                ip: session.ip,
                created_at: rfc3339(session.created_at),
                last_seen_at: rfc3339(session.last_seen_at),
            })
            .collect())
    }

    /// The same, as the domain knows them.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn all(&self, caller: &Caller) -> Result<Vec<Session>, ApiError> {
        Ok(self.store.sessions(caller.account.id, now()).await?)
    }

    /// Ends one session of the account at once. To end it twice is no error.
    ///
    /// # Errors
    /// `not_found` when the account has no such session, or `unavailable`.
    pub async fn revoke(&self, account: AccountId, id: SessionId) -> Result<(), ApiError> {
        let known = self.store.session(id).await?.is_some_and(|(_, owner)| owner.id == account);
        if !known {
            return Err(ErrorCode::NotFound.into());
        }
        self.end(account, RevokeScope::One(id)).await
    }

    /// Ends every session of the account but the caller's.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn revoke_others(&self, caller: &Caller) -> Result<(), ApiError> {
        self.end(caller.account.id, RevokeScope::Others(caller.session.id)).await
    }

    /// Ends the sessions in scope and tells those who wait for it.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn end(&self, account: AccountId, scope: RevokeScope) -> Result<(), ApiError> {
        for id in self.store.revoke_sessions(account, &scope, now()).await? {
            tracing::info!(session = %id, "session ended");
            self.ended.publish(id, ());
        }
        Ok(())
    }

    /// Returns after 25 seconds, or when the server stops, if the caller's session still lives then.
    ///
    /// # Errors
    /// `token_revoked` or `token_expired` as soon as it does not, or `unavailable`.
    pub async fn wait_for_end(&self, caller: &Caller) -> Result<(), ApiError> {
        let mut ended = self.ended.subscribe(caller.session.id);
        let until = now() + LONGEST_WAIT;
        loop {
            let (session, account) = self.store.session(caller.session.id).await?.ok_or(ErrorCode::TokenRevoked)?;
            if session.revoked_at.is_some() || account.disabled {
                return Err(ErrorCode::TokenRevoked.into());
            }
            let left = session.expires_at.map_or(Duration::MAX, |end| end.since(now()));
            tokio::select! {
                // A notice may be a false alarm: the row decides.
                () = ended.next() => {}
                () = sleep(left), if left < LONGEST_WAIT => return Err(ErrorCode::TokenExpired.into()),
                () = sleep(until.since(now())) => return Ok(()),
                () = self.shutdown.cancelled() => return Ok(()),
            }
        }
    }

    /// Passes on what ends at other nodes to those who wait here, for as long as it is polled.
    pub async fn follow(&self) {
        self.store.follow(&self.ended).await;
    }

    /// Keeps a session that begins. A phone has one credential: the session it had before ends.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn begin(&self, session: &Session) -> Result<(), ApiError> {
        for id in self.store.put_session(session).await? {
            self.ended.publish(id, ());
        }
        Ok(())
    }

    /// Keeps a session that a password began, which `password_hash` is the hash of. False, when that is no longer the
    /// account's or the account was disabled. Of the account's phones and PCs the [`MOST`] last used of each stay; the
    /// others end.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn begin_by_password(&self, session: &Session, password_hash: &Secret) -> Result<bool, ApiError> {
        let Some(ended) = self.store.put_session_by_password(session, password_hash, MOST).await? else {
            return Ok(false);
        };
        for id in ended {
            self.ended.publish(id, ());
        }
        Ok(true)
    }
}

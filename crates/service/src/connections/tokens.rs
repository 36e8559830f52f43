//! Gives a script a fresh access token.

use super::kept::Kept;
use super::{ConnectionService, LEASE, LOOK_EVERY, unavailable};
use crate::audit::Event;
use crate::error::ServiceError;
use crate::security::secret;
use crate::upstream::UpstreamError;
use domain::client::Upstream;
use domain::connection::{Connection, ConnectionState};
use domain::error::ErrorCode;
use domain::ids::{AccountId, ConnectionId, Secret};
use domain::limits::Key;
use domain::time::Timestamp;
use serde::Serialize;
use std::net::IpAddr;
use std::time::Duration;

/// Beginning of each key, by which people, and scanners for leaked secrets, recognise it.
pub const KEY_PREFIX: &str = "qrk_";
/// Longest wait for another request that refreshes.
const PATIENCE: Duration = Duration::from_secs(20);
/// Resolution of the last use.
const USED_EVERY: Duration = Duration::from_secs(60);

/// What a script gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccessToken {
    /// The service's access token.
    pub access_token: Secret,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds until it expires, if the service says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u64>,
}

impl AccessToken {
    fn of(kept: &Kept, now: Timestamp) -> Self {
        let left = kept.expires_at.map(|end| end.saturating_duration_since(now).as_secs());
        Self { access_token: kept.access.clone(), token_type: "Bearer", expires_in: left }
    }
}

impl ConnectionService {
    /// Returns a fresh access token of a connection to a caller with its key, refreshed first if necessary.
    ///
    /// # Errors
    /// `unauthenticated` for a wrong key, an unknown connection, a disabled account and one without an allowed group
    /// alike; `rate_limited`, `reconnect_required`, `upstream_unavailable` or `unavailable`.
    pub async fn token(&self, id: ConnectionId, key: &Secret, ip: IpAddr) -> Result<AccessToken, ServiceError> {
        let mut account = None;
        let outcome = self.fresh(id, key, &mut account).await;
        self.audit.record(Event::ConnectionToken, account, ip, outcome.as_ref().map(drop).map_err(ServiceError::code));
        outcome
    }

    async fn fresh(
        &self,
        id: ConnectionId,
        key: &Secret,
        account: &mut Option<AccountId>,
    ) -> Result<AccessToken, ServiceError> {
        let until = self.clock.now() + PATIENCE;
        let mut is_first = true;
        loop {
            // The key is verified each time: it may be removed while the request waits.
            let row = self.authenticate(id, key).await?;
            *account = Some(row.account);
            if std::mem::take(&mut is_first) {
                self.limits.charge(Key::ConnectionToken(id)).await?;
            }
            let upstream = self.clients.current().upstream(&row.upstream).ok_or(ErrorCode::UpstreamUnavailable)?;
            if row.state != ConnectionState::Connected {
                return Err(ErrorCode::ReconnectRequired.into());
            }
            let kept = self.kept(&row, &upstream).await?;
            let now = self.clock.now();
            if kept.is_fresh_at(now) {
                self.note_use(&row, now).await;
                return Ok(AccessToken::of(&kept, now));
            }
            let Some(refresh) = kept.refresh.clone() else {
                self.store.swap_connection(&row.lost()).await?;
                return Err(ErrorCode::ReconnectRequired.into());
            };
            if row.is_claimed_at(now) {
                if now >= until {
                    return Err(ErrorCode::UpstreamUnavailable.into());
                }
                self.clock.sleep(LOOK_EVERY).await;
                continue;
            }
            let claimed = row.claimed(now + LEASE);
            if self.store.swap_connection(&claimed).await? {
                let service = self.clone();
                // A task of its own: a script that hangs up must not stop it between the refresh and the write.
                let refreshing = async move { service.refresh(&claimed, &upstream, &kept, &refresh).await };
                return tokio::spawn(refreshing).await.unwrap_or(Err(ErrorCode::Unavailable.into()));
            }
        }
    }

    async fn authenticate(&self, id: ConnectionId, key: &Secret) -> Result<Connection, ServiceError> {
        let hash = secret::hash(key);
        let row = self.store.connection(id).await?.filter(|row| row.script_key == Some(hash));
        let row = row.ok_or(ErrorCode::Unauthenticated)?;
        let account = self.accounts.by_id(row.account).await?.filter(|account| !account.disabled);
        let account = account.ok_or(ErrorCode::Unauthenticated)?;
        // The operator has taken the account out of the group, or the service away from it.
        let is_barred = self.clients.current().upstream(&row.upstream).is_some_and(|it| !it.admits(&account.groups));
        if is_barred { Err(ErrorCode::Unauthenticated.into()) } else { Ok(row) }
    }

    /// Refreshes the tokens of a row that this request has claimed.
    ///
    /// If the service does not answer, it is unknown whether it has replaced the refresh token, so the same is sent again
    /// later: if it was replaced, the connection is lost anyway.
    async fn refresh(
        &self,
        claimed: &Connection,
        upstream: &Upstream,
        kept: &Kept,
        refresh: &Secret,
    ) -> Result<AccessToken, ServiceError> {
        match self.upstreams.refresh(upstream, refresh).await {
            Ok(tokens) => {
                let now = self.clock.now();
                let kept = Kept::new(tokens, Some(kept), now);
                let renew = |row: &Connection, sealed: String| {
                    let is_ours = row.sealed == claimed.sealed && row.state == ConnectionState::Connected;
                    is_ours.then(|| Connection { used_at: Some(now), ..row.connected(sealed) })
                };
                self.store(claimed.id, upstream, &kept, renew).await?;
                Ok(AccessToken::of(&kept, now))
            }
            Err(UpstreamError::Refused(refused)) if refused.code() == "invalid_grant" => {
                tracing::warn!(connection = %claimed.id, upstream = upstream.id, "a service ended a connection");
                self.end_claim(claimed, Connection::lost).await?;
                Err(ErrorCode::ReconnectRequired.into())
            }
            Err(error) => {
                self.end_claim(claimed, |row| Connection { due_at: None, ..row.next() }).await?;
                Err(unavailable(&upstream.id, &error))
            }
        }
    }

    /// Changes a row that this request has claimed, whatever else of it was changed in the meantime.
    async fn end_claim(
        &self,
        claimed: &Connection,
        change: impl Fn(&Connection) -> Connection + Send,
    ) -> Result<(), ServiceError> {
        while let Some(row) = self.store.connection(claimed.id).await? {
            if row.sealed != claimed.sealed || self.store.swap_connection(&change(&row)).await? {
                break;
            }
        }
        Ok(())
    }

    /// Records the last use. Best effort.
    async fn note_use(&self, row: &Connection, now: Timestamp) {
        if row.used_at.is_none_or(|at| now.saturating_duration_since(at) >= USED_EVERY) {
            let noted = self.store.swap_connection(&Connection { used_at: Some(now), ..row.next() }).await;
            if let Err(error) = noted {
                tracing::debug!(%error, "the last use of a connection was not noted");
            }
        }
    }
}

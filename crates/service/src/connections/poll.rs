//! The poller of pending attempts. Every node runs one; the store says whose turn it is.

use super::kept::{ATTEMPT, Kept, context};
use super::{ConnectionService, LEASE};
use crate::error::ServiceError;
use crate::upstream::{Polled, Tokens};
use domain::client::Upstream;
use domain::connection::{Connection, ConnectionState};
use domain::time::Timestamp;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Maximum number of polls at once.
const MOST: usize = 64;
/// Pause between two looks for attempts of other nodes, which may have stopped.
const EVERY: Duration = Duration::from_secs(5);

impl ConnectionService {
    /// Polls until the server shuts down. A poll on its way then is not waited for: another node repeats it.
    pub async fn poll(&self, shutdown: CancellationToken) {
        let mut polls = JoinSet::new();
        loop {
            let next = match self.poll_due(&mut polls).await {
                Ok(next) => next,
                Err(error) => {
                    tracing::warn!(%error, "pending connections were not read");
                    self.clock.now() + EVERY
                }
            };
            tokio::select! {
                () = self.clock.sleep(next.saturating_duration_since(self.clock.now())) => {}
                () = self.wake.notified() => {}
                Some(_) = polls.join_next() => {}
                () = shutdown.cancelled() => return,
            }
        }
    }

    /// Begins the polls that are due, and returns when to look again.
    async fn poll_due(&self, polls: &mut JoinSet<()>) -> Result<Timestamp, ServiceError> {
        let now = self.clock.now();
        let later = now + EVERY;
        if self.clients.current().upstreams().next().is_none() || polls.len() >= MOST {
            return Ok(later);
        }
        for attempt in self.store.pending_until(later, MOST - polls.len()).await? {
            let Some(due_at) = attempt.due_at else { continue };
            if due_at > now {
                return Ok(due_at);
            }
            let claimed = attempt.claimed(now + LEASE);
            if self.store.swap_connection(&claimed).await? {
                let service = self.clone();
                polls.spawn(async move { service.poll_once(claimed).await });
            }
        }
        Ok(later)
    }

    /// Polls for an attempt that this node has claimed, and stores what follows.
    async fn poll_once(&self, attempt: Connection) {
        let id = attempt.id;
        let outcome = match self.clients.current().upstream(&attempt.upstream) {
            Some(upstream) => self.next_step(&attempt, &upstream).await,
            None => Ok(Some(attempt.ended(ConnectionState::Failed, self.clock.now()))),
        };
        let stored = match outcome {
            Ok(Some(next)) => self.store.swap_connection(&next).await.map(drop).map_err(ServiceError::from),
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = stored {
            // The claim ends by itself, and another node goes on.
            tracing::warn!(connection = %id, %error, "a pending connection was not polled");
        }
    }

    /// Returns the row after a poll; `None` if it is stored already.
    async fn next_step(&self, attempt: &Connection, upstream: &Upstream) -> Result<Option<Connection>, ServiceError> {
        let (id, now) = (attempt.id, self.clock.now());
        if attempt.expires_at.is_none_or(|end| now >= end) {
            return Ok(Some(attempt.ended(ConnectionState::Expired, now)));
        }
        let ids = (id.to_string(), attempt.account.to_string());
        let sealed = attempt.sealed.as_deref().unwrap_or_default();
        let code = self.sealing.open(&context(ATTEMPT, &ids, upstream), sealed).await?;
        let polled = self.upstreams.poll(upstream, &code).await;
        let now = self.clock.now();
        let next = match polled {
            Polled::Pending => attempt.waiting(now),
            Polled::SlowDown(asked) => attempt.slower(asked, now),
            Polled::Declined => attempt.ended(ConnectionState::Declined, now),
            Polled::Expired => attempt.ended(ConnectionState::Expired, now),
            Polled::Failed(error) => {
                tracing::warn!(connection = %id, upstream = upstream.id, %error, "a service refused a connection");
                attempt.ended(ConnectionState::Failed, now)
            }
            Polled::Unanswered(error) => {
                tracing::warn!(connection = %id, upstream = upstream.id, %error, "a service did not answer a poll");
                attempt.backed_off(now)
            }
            Polled::Approved(tokens) => {
                self.keep(attempt, upstream, *tokens, now).await?;
                tracing::info!(connection = %id, upstream = upstream.id, account = %attempt.account, "connected");
                return Ok(None);
            }
        };
        // The last poll is at the end, so that the page is not late to say so.
        let due_at = next.due_at.map(|due_at| next.expires_at.map_or(due_at, |end| due_at.min(end)));
        Ok(Some(Connection { due_at, ..next }))
    }

    async fn keep(
        &self,
        attempt: &Connection,
        upstream: &Upstream,
        tokens: Tokens,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let label = tokens.label();
        let kept = Kept::new(tokens, None, now);
        let connect = |row: &Connection, sealed: String| {
            let is_pending = row.state == ConnectionState::Pending;
            is_pending.then(|| Connection { label: label.clone(), ..row.connected(sealed) })
        };
        self.store(attempt.id, upstream, &kept, connect).await
    }
}

//! Tickets on Redis. Each is a hash: its version, its JSON, and the id of the attempt that wrote it. Redis expires it.

use super::{PREFIX, RESPONSE, Redis, silent};
use crate::feed::Feed;
use crate::retry::Retries;
use crate::{RETENTION, StoreError, Swap, TicketStore};
use ::redis::{Cmd, RedisError, RedisResult, Script};
use async_trait::async_trait;
use domain::ids::TicketId;
use domain::ticket::{Ticket, UserCode};
use domain::time::Timestamp;
use futures::StreamExt;
use futures::stream;
use std::convert::Infallible;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

/// Idle time after which the subscription is probed.
const SILENCE: Duration = Duration::from_secs(30);
/// Number of tickets read concurrently after a gap.
const READ_AT_ONCE: usize = 64;
/// Delay before a ticket that could not be read is retried.
const READ_AGAIN: Duration = Duration::from_secs(1);

/// Adds a ticket unless it exists or its user code is taken. Idempotent: a retry, because the response was lost, finds
/// its own work done.
static INSERT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
            local key, ticket, version, attempt, life = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
            if redis.call('EXISTS', key) == 1 then
                return redis.call('HGET', key, 'attempt') == attempt and 1 or 0
            end
            if KEYS[2] and not redis.call('SET', KEYS[2], ARGV[5], 'NX', 'PX', ARGV[6]) then
                return 0
            end
            redis.call('HSET', key, 'version', version, 'ticket', ticket, 'attempt', attempt)
            redis.call('PEXPIRE', key, life)
            return 1
        ",
    )
});

/// Replaces the previous version of a ticket and notifies every node. Idempotent: a retry finds its own work done.
static SWAP: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
            local key, ticket, version, attempt = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
            local before, id, channel = ARGV[4], ARGV[5], ARGV[6]
            local kept = redis.call('HMGET', key, 'version', 'attempt')
            if kept[1] == before then
                redis.call('HSET', key, 'version', version, 'ticket', ticket, 'attempt', attempt)
                redis.call('PUBLISH', channel, id .. ticket)
                return 1
            end
            return kept[1] == version and kept[2] == attempt and 1 or 0
        ",
    )
});

fn key(id: TicketId) -> String {
    format!("{PREFIX}:ticket:{id}")
}

/// Key of the ticket's id by its user code.
fn code_key(code: UserCode) -> String {
    format!("{PREFIX}:user-code:{code}")
}

fn channel() -> String {
    format!("{PREFIX}:tickets")
}

fn write(ticket: &Ticket) -> Result<String, StoreError> {
    serde_json::to_string(ticket).map_err(|error| StoreError::unavailable("write a ticket", error))
}

fn read(json: &str) -> Result<Arc<Ticket>, StoreError> {
    serde_json::from_str(json).map(Arc::new).map_err(|error| StoreError::unavailable("read a ticket", error))
}

/// Splits a notification into the ticket's id and its JSON, which is parsed only if the ticket has subscribers here.
fn split_notice(notice: &str) -> Option<(TicketId, &str)> {
    let (id, json) = notice.split_at_checked(36)?;
    Some((id.parse().ok()?, json))
}

#[async_trait]
impl TicketStore for Redis {
    async fn insert(&self, ticket: Arc<Ticket>) -> Result<(), StoreError> {
        let json = write(&ticket)?;
        let life = ticket.expires_at.saturating_duration_since(ticket.created_at);
        let millis = |life: Duration| u64::try_from(life.as_millis()).unwrap_or(u64::MAX).max(1);
        let mut script = INSERT.key(key(ticket.id));
        if let Some(device) = &ticket.device {
            script.key(code_key(device.user_code));
        }
        script.arg(json).arg(ticket.version).arg(Uuid::new_v4().to_string()).arg(millis(life + RETENTION));
        script.arg(ticket.id.to_string()).arg(millis(life));
        let is_added: bool = self.run_script("keep a ticket", &script).await?;
        if is_added { Ok(()) } else { Err(StoreError::Exists) }
    }

    async fn get(&self, id: TicketId) -> Result<Option<Arc<Ticket>>, StoreError> {
        let json: Option<String> = self.run("read a ticket", &Cmd::hget(key(id), "ticket")).await?;
        json.as_deref().map(read).transpose()
    }

    async fn by_user_code(&self, code: UserCode) -> Result<Option<Arc<Ticket>>, StoreError> {
        let id: Option<String> = self.run("find a device's code", &Cmd::get(code_key(code))).await?;
        match id.and_then(|id| id.parse().ok()) {
            Some(id) => self.get(id).await,
            None => Ok(None),
        }
    }

    async fn swap(&self, next: Arc<Ticket>) -> Result<Swap, StoreError> {
        let Some(before) = next.version.checked_sub(1) else { return Ok(Swap::Lost) };
        let json = write(&next)?;
        let mut script = SWAP.key(key(next.id));
        script.arg(json).arg(next.version).arg(Uuid::new_v4().to_string());
        script.arg(before).arg(next.id.to_string()).arg(channel());
        let is_done: bool = self.run_script("change a ticket", &script).await?;
        Ok(if is_done { Swap::Done } else { Swap::Lost })
    }

    /// Always empty: Redis expires each ticket, and waiters wake at the ticket's own deadline before that.
    async fn overdue(&self, _: Timestamp) -> Result<Vec<TicketId>, StoreError> {
        Ok(Vec::new())
    }

    /// Does nothing: Redis expires tickets itself.
    async fn forget(&self, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    async fn follow(&self, changes: &Feed<TicketId, Arc<Ticket>>) {
        let mut retries = Retries::new();
        loop {
            let Err(error) = self.try_follow(changes).await;
            retries.wait("tickets", &error).await;
        }
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.run("reach Redis", &Cmd::ping()).await
    }
}

impl Redis {
    /// Listens until an error occurs.
    async fn try_follow(&self, changes: &Feed<TicketId, Arc<Ticket>>) -> RedisResult<Infallible> {
        let (mut commands, mut notices) = self.subscribe(&channel()).await?.split();
        tracing::debug!("listening to what other nodes do with tickets");
        let listening = async {
            loop {
                match timeout(SILENCE, notices.next()).await {
                    Ok(Some(notice)) => publish(changes, &notice.get_payload::<String>()?),
                    Ok(None) => {
                        return Err(RedisError::from(std::io::Error::from(std::io::ErrorKind::ConnectionReset)));
                    }
                    Err(_) => timeout(RESPONSE, commands.ping()).await.unwrap_or_else(|_| Err(silent()))?,
                }
            }
        };
        // Changes from before the subscription are read after it began, so none is missed.
        let rereading = async {
            self.read_again(changes).await;
            Ok(())
        };
        let ((), never) = tokio::try_join!(rereading, listening)?;
        Ok(never)
    }

    /// Reads every ticket that has subscribers. A ticket that cannot be read, for example while Redis loads its data,
    /// is retried, because no notification for it will follow.
    async fn read_again(&self, changes: &Feed<TicketId, Arc<Ticket>>) {
        let read_one = async |id| {
            while changes.is_awaited(id) {
                match self.get(id).await {
                    Ok(ticket) => return ticket.into_iter().for_each(|ticket| changes.publish(id, ticket)),
                    Err(error) => tracing::debug!(%error, "a ticket was not read again"),
                }
                sleep(READ_AGAIN).await;
            }
        };
        stream::iter(changes.keys()).for_each_concurrent(READ_AT_ONCE, read_one).await;
    }
}

fn publish(changes: &Feed<TicketId, Arc<Ticket>>, notice: &str) {
    if let Some((id, json)) = split_notice(notice)
        && changes.is_awaited(id)
        && let Ok(ticket) = read(json)
    {
        changes.publish(id, ticket);
    }
}

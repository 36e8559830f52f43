//! Cleans up the rows of `devices` and `sessions`.

use super::Sql;
use super::engine::Engine;
use super::query::Query;
use crate::{StoreError, Upkeep};
use async_trait::async_trait;
use domain::account::SessionKind;
use domain::ids::{AccountId, SessionId};
use domain::time::Timestamp;
use std::time::Duration;
use tokio::time::sleep;

/// Maximum number of rows per statement, so that no request waits long for it.
const AT_ONCE: u16 = 1000;
/// Pause between two batches. SQLite lets one connection write at a time and has no fair queue for the others.
const PAUSE: Duration = Duration::from_millis(20);

#[async_trait]
impl<E: Engine> Upkeep for Sql<E> {
    async fn end_unused_phones(&self, before: Timestamp, now: Timestamp) -> Result<Vec<SessionId>, StoreError> {
        let mut ended = Vec::new();
        loop {
            let update = Query::new(
                "UPDATE sessions SET revoked_at = $2
                 WHERE revoked_at IS NULL AND last_seen_at < $1 AND id IN (
                     SELECT id FROM sessions
                     WHERE kind = 'phone' AND revoked_at IS NULL AND last_seen_at < $1 LIMIT $3)
                 RETURNING id",
            )
            .bind(before.as_millis())
            .bind(now.as_millis())
            .bind(i64::from(AT_ONCE));
            let part: Vec<SessionId> = self.fetch_all("end unused phones", update, |row| row.parse("id")).await?;
            let is_last = part.len() < usize::from(AT_ONCE);
            ended.extend(part);
            if is_last {
                return Ok(ended);
            }
            sleep(PAUSE).await;
        }
    }

    async fn crowded_accounts(&self, most: u32) -> Result<Vec<AccountId>, StoreError> {
        let select = Query::new("SELECT account_id FROM sessions GROUP BY account_id HAVING COUNT(*) > $1")
            .bind(i64::from(most));
        self.fetch_all("count sessions", select, |row| row.parse("account_id")).await
    }

    async fn end_surplus(
        &self,
        account: AccountId,
        kind: SessionKind,
        most: u32,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        const ACTION: &str = "end surplus sessions";
        let account = account.to_string();
        let mut ended = Vec::new();
        let Some(place) = most.checked_sub(1) else { return Ok(ended) };
        // Selected first and only once: sorting is what takes long if there are many rows, and a read does not block
        // writers.
        let select = Query::new(
            "SELECT last_seen_at FROM sessions
             WHERE account_id = $1 AND kind = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
             ORDER BY last_seen_at DESC LIMIT 1 OFFSET $4",
        )
        .bind(&account)
        .bind(kind.as_str())
        .bind(now.as_millis())
        .bind(i64::from(place));
        let last_to_stay = self.fetch_optional(ACTION, select, |row| row.number("last_seen_at")).await?;
        let Some(last_to_stay) = last_to_stay else { return Ok(ended) };
        loop {
            let update = Query::new(
                "UPDATE sessions SET revoked_at = $3
                 WHERE revoked_at IS NULL AND last_seen_at < $4 AND id IN (
                     SELECT id FROM sessions
                     WHERE account_id = $1 AND kind = $2 AND revoked_at IS NULL
                         AND (expires_at IS NULL OR expires_at > $3) AND last_seen_at < $4 AND created_at < $5
                     LIMIT $6)
                 RETURNING id",
            )
            .bind(&account)
            .bind(kind.as_str())
            .bind(now.as_millis())
            .bind(last_to_stay)
            .bind(before.as_millis())
            .bind(i64::from(AT_ONCE));
            let part: Vec<SessionId> = self.fetch_all(ACTION, update, |row| row.parse("id")).await?;
            let is_last = part.len() < usize::from(AT_ONCE);
            ended.extend(part);
            if is_last {
                return Ok(ended);
            }
            sleep(PAUSE).await;
        }
    }

    async fn forget_surplus(&self, account: AccountId, most: u32, before: Timestamp) -> Result<u64, StoreError> {
        const ACTION: &str = "forget surplus sessions";
        let account = account.to_string();
        let Some(place) = most.checked_sub(1) else { return Ok(0) };
        let select = Query::new(
            "SELECT COALESCE(revoked_at, expires_at) AS ended_at FROM sessions
             WHERE account_id = $1 AND (revoked_at IS NOT NULL OR expires_at < $2)
             ORDER BY ended_at DESC LIMIT 1 OFFSET $3",
        )
        .bind(&account)
        .bind(before.as_millis())
        .bind(i64::from(place));
        let last_to_stay = self.fetch_optional(ACTION, select, |row| row.number("ended_at")).await?;
        let Some(last_to_stay) = last_to_stay else { return Ok(0) };
        let mut forgotten = 0;
        loop {
            let delete = Query::new(
                "DELETE FROM sessions WHERE id IN (
                     SELECT id FROM sessions
                     WHERE account_id = $1 AND COALESCE(revoked_at, expires_at) < $2 LIMIT $3)",
            )
            .bind(&account)
            .bind(last_to_stay.min(before.as_millis()))
            .bind(i64::from(AT_ONCE));
            let part = self.execute(ACTION, delete).await?;
            forgotten += part;
            if part < u64::from(AT_ONCE) {
                return Ok(forgotten);
            }
            sleep(PAUSE).await;
        }
    }

    async fn forget_sessions(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        for part_of in [
            "DELETE FROM sessions WHERE id IN (
                 SELECT id FROM sessions WHERE revoked_at < $1 OR expires_at < $1 LIMIT $2)",
            "DELETE FROM devices WHERE (account_id, id) IN (
                 SELECT d.account_id, d.id FROM devices d
                 WHERE d.created_at < $1 AND NOT EXISTS (
                     SELECT 1 FROM sessions s WHERE s.account_id = d.account_id AND s.device_id = d.id)
                 LIMIT $2)",
        ] {
            forgotten += self.delete_in_batches("forget old sessions", part_of, before).await?;
        }
        Ok(forgotten)
    }
}

impl<E: Engine> Sql<E> {
    /// Runs `delete`, whose arguments are a time and the size of a batch, until nothing is left. Returns how many rows
    /// it deleted.
    pub(super) async fn delete_in_batches(
        &self,
        action: &'static str,
        delete: &'static str,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut deleted = 0;
        loop {
            let part = Query::new(delete).bind(before.as_millis()).bind(i64::from(AT_ONCE));
            let part = self.execute(action, part).await?;
            deleted += part;
            if part < u64::from(AT_ONCE) {
                return Ok(deleted);
            }
            sleep(PAUSE).await;
        }
    }
}

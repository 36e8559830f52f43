//! Keeps the rows of `devices` and `sessions` few. Compiled once for each SQL engine, which names itself `Engine` and its
//! rows `EngineRow`.

use super::sessions::parse;
use super::{Engine, EngineRow};
use crate::account::SessionKind;
use crate::ids::{AccountId, SessionId};
use crate::server::store::sql::Asked;
use crate::server::store::{StoreError, Upkeep};
use crate::time::Timestamp;
use async_trait::async_trait;
use sqlx::{Row, query};

/// Rows that one statement changes at the most, so that no request waits long for it.
const AT_ONCE: i64 = 1000;

#[async_trait]
impl Upkeep for Engine {
    async fn end_unused_phones(&self, before: Timestamp, now: Timestamp) -> Result<Vec<SessionId>, StoreError> {
        query(
            "UPDATE sessions SET revoked_at = $2
             WHERE revoked_at IS NULL AND last_seen_at < $1 AND id IN (
                 SELECT id FROM sessions
                 WHERE kind = 'phone' AND revoked_at IS NULL AND last_seen_at < $1 LIMIT $3)
             RETURNING id",
        )
        .bind(before.as_millis())
        .bind(now.as_millis())
        .bind(AT_ONCE)
        .try_map(|row: EngineRow| parse(row.try_get(0)?))
        .fetch_all(&self.pool)
        .or_fail("end unused phones")
        .await
    }

    async fn crowded_accounts(&self, most: u32) -> Result<Vec<AccountId>, StoreError> {
        query("SELECT account_id FROM sessions GROUP BY account_id HAVING COUNT(*) > $1")
            .bind(i64::from(most))
            .try_map(|row: EngineRow| parse(row.try_get(0)?))
            .fetch_all(&self.pool)
            .or_fail("count sessions")
            .await
    }

    async fn end_surplus(
        &self,
        account: AccountId,
        kind: SessionKind,
        most: u32,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        let account = account.to_string();
        let Some(last_to_stay) = most.checked_sub(1) else { return Ok(Vec::new()) };
        let change = async {
            // Read first: to sort is what takes long where there are many, and a read keeps nobody from writing.
            let last_to_stay: Option<i64> = query(
                "SELECT last_seen_at FROM sessions
                 WHERE account_id = $1 AND kind = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
                 ORDER BY last_seen_at DESC LIMIT 1 OFFSET $4",
            )
            .bind(&account)
            .bind(kind.as_str())
            .bind(now.as_millis())
            .bind(i64::from(last_to_stay))
            .try_map(|row: EngineRow| row.try_get(0))
            .fetch_optional(&self.pool)
            .await?;
            let Some(last_to_stay) = last_to_stay else { return Ok(Vec::new()) };
            query(
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
            .bind(AT_ONCE)
            .try_map(|row: EngineRow| parse(row.try_get(0)?))
            .fetch_all(&self.pool)
            .await
        };
        change.or_fail("end surplus sessions").await
    }

    async fn forget_surplus(&self, account: AccountId, most: u32, before: Timestamp) -> Result<u64, StoreError> {
        let account = account.to_string();
        let Some(last_to_stay) = most.checked_sub(1) else { return Ok(0) };
        let change = async {
            let last_to_stay: Option<i64> = query(
                "SELECT COALESCE(revoked_at, expires_at) AS ended_at FROM sessions
                 WHERE account_id = $1 AND (revoked_at IS NOT NULL OR expires_at < $2)
                 ORDER BY ended_at DESC LIMIT 1 OFFSET $3",
            )
            .bind(&account)
            .bind(before.as_millis())
            .bind(i64::from(last_to_stay))
            .try_map(|row: EngineRow| row.try_get(0))
            .fetch_optional(&self.pool)
            .await?;
            let Some(last_to_stay) = last_to_stay else { return Ok(0) };
            let forgotten = query(
                "DELETE FROM sessions WHERE id IN (
                     SELECT id FROM sessions
                     WHERE account_id = $1 AND COALESCE(revoked_at, expires_at) < $2 LIMIT $3)",
            )
            .bind(&account)
            .bind(last_to_stay.min(before.as_millis()))
            .bind(AT_ONCE)
            .execute(&self.pool)
            .await?;
            Ok(forgotten.rows_affected())
        };
        change.or_fail("forget surplus sessions").await
    }

    async fn forget_sessions(&self, before: Timestamp) -> Result<u64, StoreError> {
        let change = async {
            let sessions = query(
                "DELETE FROM sessions WHERE id IN (
                     SELECT id FROM sessions WHERE revoked_at < $1 OR expires_at < $1 LIMIT $2)",
            )
            .bind(before.as_millis())
            .bind(AT_ONCE)
            .execute(&self.pool)
            .await?;
            let devices = query(
                "DELETE FROM devices WHERE (account_id, id) IN (
                     SELECT d.account_id, d.id FROM devices d
                     WHERE d.created_at < $1 AND NOT EXISTS (
                         SELECT 1 FROM sessions s WHERE s.account_id = d.account_id AND s.device_id = d.id)
                     LIMIT $2)",
            )
            .bind(before.as_millis())
            .bind(AT_ONCE)
            .execute(&self.pool)
            .await?;
            Ok(sessions.rows_affected() + devices.rows_affected())
        };
        change.or_fail("forget old sessions").await
    }
}

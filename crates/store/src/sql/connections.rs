//! Queries on `connections`.

use super::engine::{Engine, Row};
use super::query::{Query, placeholders};
use super::{Asked, Sql};
use crate::StoreError;
use crate::connections::ConnectionStore;
use async_trait::async_trait;
use domain::connection::{Connection, ConnectionState};
use domain::ids::{AccountId, ConnectionId};
use domain::time::Timestamp;
use std::time::Duration;

const KEEP: &str = "keep a connection";

fn read_connection<E: Engine>(row: &Row<'_, E>) -> Result<Connection, sqlx::Error> {
    let prompt = row.text_or_null("prompt")?.map(serde_json::from_str).transpose();
    let interval = u64::try_from(row.number("poll_interval")?);
    Ok(Connection {
        id: row.parse("id")?,
        account: row.parse("account_id")?,
        upstream: row.text("upstream")?.to_owned(),
        version: row.number("version")?,
        state: row.parse("state")?,
        prompt: prompt.map_err(|error| sqlx::Error::Decode(error.into()))?,
        label: row.text_or_null("label")?.map(str::to_owned),
        sealed: row.text_or_null("sealed")?.map(str::to_owned),
        due_at: row.time_or_null("due_at")?,
        interval: Duration::from_millis(interval.map_err(|error| sqlx::Error::Decode(error.into()))?),
        script_key: row.parse_or_null("script_key")?,
        created_at: row.time("created_at")?,
        expires_at: row.time_or_null("expires_at")?,
        used_at: row.time_or_null("used_at")?,
    })
}

/// Binds what a change may change, in the order of the columns.
fn bind_changing<E: Engine>(query: Query<E>, connection: &Connection) -> Result<Query<E>, StoreError> {
    let prompt = connection.prompt.as_ref().map(serde_json::to_string).transpose();
    let prompt = prompt.map_err(|error| StoreError::unavailable(KEEP, error))?;
    let interval = i64::try_from(connection.interval.as_millis()).unwrap_or(i64::MAX);
    Ok(query
        .bind(connection.version)
        .bind(connection.state.as_str())
        .bind(prompt.as_deref())
        .bind(connection.label.as_deref())
        .bind(connection.sealed.as_deref())
        .bind(connection.due_at.map(Timestamp::as_millis))
        .bind(interval)
        .bind(connection.script_key.map(|hash| hash.to_hex()).as_deref())
        .bind(connection.expires_at.map(Timestamp::as_millis))
        .bind(connection.used_at.map(Timestamp::as_millis)))
}

#[async_trait]
impl<E: Engine> ConnectionStore for Sql<E> {
    async fn add_connection(&self, connection: &Connection) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO connections (id, account_id, upstream, created_at, version, state, prompt, label, sealed, due_at,
             poll_interval, script_key, expires_at, used_at) VALUES ({})",
            placeholders(1, 14)
        );
        let insert = Query::of(sql)
            .bind(&connection.id.to_string())
            .bind(&connection.account.to_string())
            .bind(&connection.upstream)
            .bind(connection.created_at.as_millis());
        self.execute(KEEP, bind_changing(insert, connection)?).await.map(drop)
    }

    async fn connection(&self, id: ConnectionId) -> Result<Option<Connection>, StoreError> {
        let select = Query::new("SELECT * FROM connections WHERE id = $1").bind(&id.to_string());
        self.fetch_optional("read a connection", select, |row| read_connection(&row)).await
    }

    async fn connections_of(&self, account: AccountId) -> Result<Vec<Connection>, StoreError> {
        let select = Query::new("SELECT * FROM connections WHERE account_id = $1 ORDER BY created_at DESC, id")
            .bind(&account.to_string());
        self.fetch_all("list the connections", select, |row| read_connection(&row)).await
    }

    async fn pending_until(&self, until: Timestamp, most: usize) -> Result<Vec<Connection>, StoreError> {
        let select = Query::new("SELECT * FROM connections WHERE state = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3")
            .bind(ConnectionState::Pending.as_str())
            .bind(until.as_millis())
            .bind(i64::try_from(most).unwrap_or(i64::MAX));
        self.fetch_all("list the connections to poll", select, |row| read_connection(&row)).await
    }

    async fn swap_connection(&self, next: &Connection) -> Result<bool, StoreError> {
        let update = Query::new(
            "UPDATE connections SET version = $2, state = $3, prompt = $4, label = $5, sealed = $6, due_at = $7,
             poll_interval = $8, script_key = $9, expires_at = $10, used_at = $11 WHERE id = $1 AND version = $12",
        )
        .bind(&next.id.to_string());
        let update = bind_changing(update, next)?.bind(next.version - 1);
        Ok(self.execute("change a connection", update).await? > 0)
    }

    async fn drop_connection(&self, id: ConnectionId, account: AccountId) -> Result<Option<Connection>, StoreError> {
        let change = async {
            let mut transaction = self.pool.begin().await?;
            let delete = Query::<E>::new("DELETE FROM connections WHERE id = $1 AND account_id = $2 RETURNING *")
                .bind(&id.to_string())
                .bind(&account.to_string());
            let dropped = delete.fetch_optional(&mut transaction, |row| read_connection(&row)).await?;
            transaction.commit().await?;
            Ok(dropped)
        };
        change.or_fail("delete a connection").await
    }

    async fn forget_attempts(&self, now: Timestamp) -> Result<u64, StoreError> {
        let came_to_nothing = ConnectionState::ALL.into_iter().filter(|state| state.came_to_nothing());
        let states: Vec<_> = came_to_nothing.map(ConnectionState::as_str).collect();
        let sql =
            format!("DELETE FROM connections WHERE expires_at <= $1 AND state IN ({})", placeholders(2, states.len()));
        let mut delete = Query::of(sql).bind(now.as_millis());
        for state in states {
            delete = delete.bind(state);
        }
        self.execute("forget attempts to connect", delete).await
    }
}

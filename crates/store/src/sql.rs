//! What the SQL engines share: each query is written once, for any [`Engine`].
//!
//! `accounts`, `changes`, `sessions`, `new_sessions`, `ending`, `interactions`, `grants`, `identities`, `connections`,
//! `notices` and `upkeep` contain the queries, in SQL that both SQLite and PostgreSQL support. Each is compiled for the driver of each engine, because sqlx's common
//! type for both is slower.

mod accounts;
mod changes;
mod connections;
mod ending;
pub(crate) mod engine;
mod grants;
mod identities;
mod interactions;
mod loader;
pub(crate) mod migrations;
mod new_sessions;
mod notices;
mod query;
mod sessions;
mod upkeep;

use crate::StoreError;
use engine::{Engine, Row};
use loader::Batch;
use query::Query;
use sqlx::Pool;
use std::time::Duration;
use tokio::time::timeout;

/// Longer than the engines' own query timeouts. After that no response will come, for example because the database's
/// machine lost power.
const LONGEST_ANSWER: Duration = Duration::from_secs(8);

/// A migrated database.
#[derive(Debug)]
pub struct Sql<E: Engine> {
    pool: Pool<E>,
    accounts: Batch<accounts::ById<E>>,
    sessions: Batch<sessions::ById<E>>,
    new_sessions: Batch<new_sessions::Insert<E>>,
    grants: Batch<grants::ById<E>>,
}

impl<E: Engine> Sql<E> {
    /// Wraps `pool`.
    pub(crate) fn over(pool: Pool<E>) -> Self {
        Self {
            accounts: Batch::new(&pool),
            sessions: Batch::new(&pool),
            new_sessions: Batch::new(&pool),
            grants: Batch::new(&pool),
            pool,
        }
    }

    /// Runs a statement outside of a transaction, and returns how many rows it changed.
    async fn execute(&self, action: &'static str, query: Query<E>) -> Result<u64, StoreError> {
        let run = async { query.execute(&mut *self.pool.acquire().await?).await };
        run.or_fail(action).await
    }

    /// Runs a statement outside of a transaction, and reads its rows.
    async fn fetch_all<T: Send>(
        &self,
        action: &'static str,
        query: Query<E>,
        read: impl Fn(Row<'_, E>) -> Result<T, sqlx::Error> + Send,
    ) -> Result<Vec<T>, StoreError> {
        let run = async { query.fetch_all(&mut *self.pool.acquire().await?, read).await };
        run.or_fail(action).await
    }

    /// The same for a statement that returns at most one row.
    async fn fetch_optional<T: Send>(
        &self,
        action: &'static str,
        query: Query<E>,
        read: impl Fn(Row<'_, E>) -> Result<T, sqlx::Error> + Send,
    ) -> Result<Option<T>, StoreError> {
        let run = async { query.fetch_optional(&mut *self.pool.acquire().await?, read).await };
        run.or_fail(action).await
    }
}

/// A database request in flight.
trait Asked<T>: Future<Output = Result<T, sqlx::Error>> + Send + Sized {
    /// Awaits the result, with a timeout; `action` says in the error what was attempted.
    fn or_fail(self, action: &'static str) -> impl Future<Output = Result<T, StoreError>> + Send {
        async move { in_time(action, self).await?.map_err(failed(action)) }
    }
}

impl<T, F: Future<Output = Result<T, sqlx::Error>> + Send> Asked<T> for F {}

/// Awaits `future`, with a timeout.
async fn in_time<T>(action: &'static str, future: impl Future<Output = T>) -> Result<T, StoreError> {
    timeout(LONGEST_ANSWER, future).await.map_err(|_| StoreError::unavailable(action, "the database does not answer"))
}

/// Adds what was attempted to an engine's error.
fn failed(action: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => StoreError::Exists,
        sqlx::Error::Database(database) if database.is_foreign_key_violation() => StoreError::Gone,
        _ => StoreError::unavailable(action, error),
    }
}

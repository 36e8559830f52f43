//! What the SQL engines share. `sql/accounts.rs` and `sql/sessions.rs` hold the one set of queries: each engine compiles
//! them for its own driver, for sqlx has no one type for both that is as fast.

pub(super) mod batch;
pub(super) mod migrations;

use super::StoreError;
use std::time::Duration;
use tokio::time::timeout;

/// Longer than the engines themselves let a query take. After that no answer will come, such as when the database's machine
/// lost its power.
const LONGEST_ANSWER: Duration = Duration::from_secs(8);

/// What is asked of a database.
pub(super) trait Asked<T>: Future<Output = Result<T, sqlx::Error>> + Send + Sized {
    /// Its answer, in time; `action` names what was tried in the error.
    fn or_fail(self, action: &'static str) -> impl Future<Output = Result<T, StoreError>> + Send {
        async move { in_time(action, self).await?.map_err(failed(action)) }
    }
}

impl<T, F: Future<Output = Result<T, sqlx::Error>> + Send> Asked<T> for F {}

/// What `future` brings, unless it takes so long that nothing will come.
async fn in_time<T>(action: &'static str, future: impl Future<Output = T>) -> Result<T, StoreError> {
    timeout(LONGEST_ANSWER, future).await.map_err(|_| StoreError::unavailable(action, "the database does not answer"))
}

/// Names what was tried in an engine's error.
fn failed(action: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => StoreError::Exists,
        _ => StoreError::unavailable(action, error),
    }
}

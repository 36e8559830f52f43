//! What the SQL engines share. `sql/accounts.rs` and `sql/sessions.rs` hold the one set of queries: each engine compiles
//! them for its own driver, for sqlx has no one type for both that is as fast.

use super::StoreError;

/// Names what was tried in an engine's error.
pub(super) fn failed(action: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => StoreError::Exists,
        _ => StoreError::unavailable(action, error),
    }
}

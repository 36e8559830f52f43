//! Accounts, phones and sessions in SQLite: the embedded default.

mod accounts;
mod sessions;

use super::StoreError;
use super::connect::is_in_memory;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use std::str::FromStr;
use std::time::Duration;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// The database, migrated.
#[derive(Clone, Debug)]
pub struct Sqlite {
    pool: SqlitePool,
}

impl Sqlite {
    /// Opens the database at `url`, creates it if it is not there, and migrates it.
    ///
    /// # Errors
    /// When the file cannot be opened or is not a database of ours.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|error| StoreError::unavailable("read the database URL", error))?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // With WAL, a power cut may lose the last commits but never harms the file.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5));
        // A database in memory belongs to its connection: exactly one, kept for ever.
        let pool = SqlitePoolOptions::new()
            .min_connections(1)
            .max_connections(if is_in_memory(url) { 1 } else { 4 })
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options)
            .await
            .map_err(|error| StoreError::unavailable("open the database", error))?;
        MIGRATIONS.run(&pool).await.map_err(|error| StoreError::unavailable("migrate the database", error))?;
        Ok(Self { pool })
    }
}

fn failed(action: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => StoreError::Exists,
        _ => StoreError::unavailable(action, error),
    }
}

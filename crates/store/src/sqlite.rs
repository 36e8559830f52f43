//! Accounts, devices and sessions in SQLite: the embedded default.

use super::StoreError;
use super::sql::Sql;
use super::sql::engine::{Argument, Engine, driver};
use super::sql::migrations::{Files, migrator};
use crate::feed::Feed;
use crate::private_file;
use domain::ids::SessionId;
use sqlx::error::BoxDynError;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqlStr};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;
use tokio::time::sleep;

/// Attempts to open a file that other processes may open at the same time: neither SQLite's switch to WAL nor sqlx's
/// migrations of SQLite take a lock, so one of two concurrent attempts fails.
const ATTEMPTS: u32 = 8;
/// Pause after the first attempt; later ones are longer.
const PAUSE: Duration = Duration::from_millis(40);

pub(crate) const MIGRATIONS: &Files = &[
    (1, "accounts devices sessions", include_str!("../migrations/sqlite/0001_accounts_devices_sessions.sql")),
    (2, "how sessions began", include_str!("../migrations/sqlite/0002_how_sessions_began.sql")),
    (3, "people", include_str!("../migrations/sqlite/0003_people.sql")),
    (4, "grants", include_str!("../migrations/sqlite/0004_grants.sql")),
    (5, "logout notices", include_str!("../migrations/sqlite/0005_logout_notices.sql")),
    (6, "identities", include_str!("../migrations/sqlite/0006_identities.sql")),
    (7, "connections", include_str!("../migrations/sqlite/0007_connections.sql")),
    (8, "void approvals", include_str!("../migrations/sqlite/0008_void_approvals.sql")),
];

/// Accounts, devices and sessions in a file, or in memory.
pub type Sqlite = Sql<sqlx::Sqlite>;

impl Engine for sqlx::Sqlite {
    /// Locks the database for writing with an update that changes nothing, because SQLite has no `FOR UPDATE`.
    const LOCK_ACCOUNT: &'static str =
        "UPDATE accounts SET username = username WHERE username = $1 RETURNING id, disabled_at";

    const LOCK_ACCOUNT_BY_ID: &'static str =
        "UPDATE accounts SET username = username WHERE id = $1 RETURNING id, disabled_at";

    /// A statement that writes has locked the database.
    const LOCK_OWNER: &'static str = "";

    /// Does nothing: all sessions of a file end in this process, which notifies its waiters itself.
    async fn follow(_: &SqlitePool, _: &Feed<SessionId, ()>) {
        std::future::pending().await
    }

    driver!();
}

impl Sqlite {
    /// Opens the database at `url`, creates it if it does not exist, and migrates it. Safe to run concurrently.
    ///
    /// # Errors
    /// If the file cannot be opened or is not a database of ours.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|error| StoreError::unavailable("read the database URL", error))?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // With WAL, a power failure may lose the last commits but never corrupts the file.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5));
        if !is_in_memory(url) {
            make_private(options.get_filename());
        }
        let mut attempt = 1;
        loop {
            match Self::try_open(options.clone(), is_in_memory(url)).await {
                Ok(database) => return Ok(database),
                Err((error, true)) if attempt < ATTEMPTS => {
                    tracing::debug!(%error, "another process opens the database, too");
                    sleep(PAUSE * attempt).await;
                    attempt += 1;
                }
                Err((error, _)) => return Err(error),
            }
        }
    }

    /// Makes one attempt; on failure also returns whether another process doing the same may be the cause.
    async fn try_open(options: SqliteConnectOptions, in_memory: bool) -> Result<Self, (StoreError, bool)> {
        // An in-memory database belongs to its connection, so use exactly one and never close it.
        let pool = SqlitePoolOptions::new()
            .min_connections(1)
            .max_connections(if in_memory { 1 } else { 4 })
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(5))
            // Unlike a server, a file does not disconnect.
            .test_before_acquire(false)
            // If a full disk made SQLite roll back on its own, sqlx still assumes an open transaction and will not
            // begin another.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            .connect_with(options)
            .await
            .map_err(|error| {
                let is_busy = error.as_database_error().is_some_and(|error| error.message().contains("locked"));
                (StoreError::unavailable("open the database", error), is_busy)
            })?;
        migrator(MIGRATIONS).run(&pool).await.map_err(|error| {
            let is_race = matches!(error, MigrateError::Execute(_) | MigrateError::ExecuteMigration(..));
            (StoreError::unavailable("migrate the database", error), is_race)
        })?;
        Ok(Self::over(pool))
    }
}

/// Creates the file before SQLite does, which would follow the umask; the files that SQLite creates beside it inherit
/// the mode. Errors are ignored, because SQLite reports them when it opens the file.
fn make_private(file: &Path) {
    if private_file::create(file).is_err() {
        private_file::warn_if_shared(file, "the database with its password hashes");
    }
}

/// Returns whether the database is an embedded one that is lost with its connection.
pub fn is_in_memory(database_url: &str) -> bool {
    database_url.contains(":memory:") || database_url.contains("mode=memory")
}

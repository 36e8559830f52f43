//! Accounts, phones and sessions in PostgreSQL: for several nodes.

use super::StoreError;
use super::retry::Retries;
use super::sql::Sql;
use super::sql::engine::{Argument, Engine, driver};
use super::sql::migrations::{Files, migrator};
use crate::feed::Feed;
use domain::ids::SessionId;
use sqlx::error::BoxDynError;
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPool, PgPoolOptions};
use sqlx::{Connection, SqlStr};
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Connections of one node. A query holds one for a few milliseconds.
const CONNECTIONS: u32 = 10;
/// How long a request waits for a connection before it is told that the database is away.
const PATIENCE: Duration = Duration::from_secs(2);
/// What no query of ours ever takes. Milliseconds.
const LONGEST_QUERY: &str = "5000";
/// How long to wait at the start for a database that starts at the same time.
const START: Duration = Duration::from_secs(30);
/// Pause between two attempts to reach it.
const PAUSE: Duration = Duration::from_millis(500);
/// Silence after which the listening connection is tried.
const SILENCE: Duration = Duration::from_secs(30);
/// Where the database says which sessions have ended; its triggers name it, too.
const ENDED: &str = "qr_login_session_ended";

pub(crate) const MIGRATIONS: &Files = &[
    (1, "accounts devices sessions", include_str!("../migrations/postgres/0001_accounts_devices_sessions.sql")),
    (2, "how sessions began", include_str!("../migrations/postgres/0002_how_sessions_began.sql")),
];

/// Accounts, phones and sessions in a database that nodes share.
pub type Postgres = Sql<sqlx::Postgres>;

impl Engine for sqlx::Postgres {
    /// `FOR UPDATE` also conflicts with the lock that a new session's foreign key takes, so a session is either there to be
    /// ended or begins after the commit.
    const LOCK_ACCOUNT: &'static str = "SELECT id, disabled_at FROM accounts WHERE username = $1 FOR UPDATE";

    /// At this node or at another. After a gap every waiter is told to look again.
    async fn follow(pool: &PgPool, ended: &Feed<SessionId, ()>) {
        let mut retries = Retries::new();
        loop {
            let Err(error) = listen(pool, ended).await;
            retries.wait("sessions", &error).await;
        }
    }

    driver!();
}

impl Postgres {
    /// Opens the database and migrates it. Nodes that start together take turns by a lock in the database.
    ///
    /// # Errors
    /// When it refuses us, or does not answer for half a minute.
    pub async fn open(options: PgConnectOptions) -> Result<Self, StoreError> {
        let options = options.application_name("qr-login");
        migrate(&options).await?;
        let options = options
            .options([("statement_timeout", LONGEST_QUERY), ("idle_in_transaction_session_timeout", LONGEST_QUERY)]);
        let pool =
            PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE).connect_lazy_with(options);
        Ok(Self::over(pool))
    }
}

/// Passes on what the database tells, until the connection is lost.
async fn listen(pool: &PgPool, ended: &Feed<SessionId, ()>) -> Result<Infallible, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(ENDED).await?;
    ended.publish_to_all(());
    loop {
        match timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(notice))) => {
                if let Ok(id) = notice.payload().parse() {
                    ended.publish(id, ());
                }
            }
            Ok(Ok(None)) => return Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset).into()),
            Ok(Err(error)) => return Err(error),
            Err(_) => timeout(PATIENCE, sqlx::query("SELECT 1").execute(&mut listener))
                .await
                .map_err(|_| sqlx::Error::PoolTimedOut)?
                .map(drop)?,
        }
    }
}

/// Prepares the database over a connection of its own: a migration may take as long as it takes, and so may the node
/// whose turn it is.
async fn migrate(options: &PgConnectOptions) -> Result<(), StoreError> {
    let deadline = Instant::now() + START;
    loop {
        let attempt = async {
            let mut connection = timeout(PATIENCE, PgConnection::connect_with(options)).await.map_err(|_| away())??;
            migrator(MIGRATIONS).run(&mut connection).await?;
            Ok(connection.close().await?)
        };
        match attempt.await {
            Ok(()) => return Ok(()),
            Err(MigrateError::Execute(error)) if is_away(&error) && Instant::now() < deadline => {
                tracing::warn!(%error, "waiting for the database");
                sleep(PAUSE).await;
            }
            Err(error) => return Err(StoreError::unavailable("open the database", error)),
        }
    }
}

/// What sqlx says when there was no connection in time.
const fn away() -> sqlx::Error {
    sqlx::Error::PoolTimedOut
}

/// Whether it may be there soon.
fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
        // 57P03: it is starting or stopping.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code == "57P03"),
        _ => false,
    }
}

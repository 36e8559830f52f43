//! Accounts, devices and sessions in PostgreSQL: for several nodes.

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

/// Connections per node. A query holds one for a few milliseconds.
const CONNECTIONS: u32 = 10;
/// How long a request waits for a connection before it fails as unavailable.
const PATIENCE: Duration = Duration::from_secs(2);
/// Statement timeout, in milliseconds: longer than any of our queries takes.
const LONGEST_QUERY: &str = "5000";
/// Idle time after which a connection is probed before its next query. Probing each time would double the round trips.
const FRESH: Duration = Duration::from_secs(1);
/// How long to wait on startup for a database that is starting as well.
const START: Duration = Duration::from_secs(30);
/// Pause between two connection attempts.
const PAUSE: Duration = Duration::from_millis(500);
/// Idle time after which the listening connection is probed.
const SILENCE: Duration = Duration::from_secs(30);
/// The notification channel for ended sessions; the database's triggers use the same name.
const ENDED: &str = "qr_login_session_ended";

pub(crate) const MIGRATIONS: &Files = &[
    (1, "accounts devices sessions", include_str!("../migrations/postgres/0001_accounts_devices_sessions.sql")),
    (2, "how sessions began", include_str!("../migrations/postgres/0002_how_sessions_began.sql")),
    (3, "people", include_str!("../migrations/postgres/0003_people.sql")),
    (4, "grants", include_str!("../migrations/postgres/0004_grants.sql")),
    (5, "logout notices", include_str!("../migrations/postgres/0005_logout_notices.sql")),
    (6, "identities", include_str!("../migrations/postgres/0006_identities.sql")),
    (7, "connections", include_str!("../migrations/postgres/0007_connections.sql")),
    (8, "void approvals", include_str!("../migrations/postgres/0008_void_approvals.sql")),
];

/// Accounts, devices and sessions in a database shared by all nodes.
pub type Postgres = Sql<sqlx::Postgres>;

impl Engine for sqlx::Postgres {
    /// `FOR UPDATE` also conflicts with the lock that a new session's foreign key takes, so a session either exists
    /// already and is ended, or begins after the commit.
    const LOCK_ACCOUNT: &'static str = "SELECT id, disabled_at FROM accounts WHERE username = $1 FOR UPDATE";

    const LOCK_ACCOUNT_BY_ID: &'static str = "SELECT id, disabled_at FROM accounts WHERE id = $1 FOR UPDATE";

    /// The account first, like a statement that ends its sessions, so that the two do not wait for each other.
    const LOCK_OWNER: &'static str = "FOR KEY SHARE OF a FOR SHARE OF s";

    /// On this node or another one. After a gap every waiter is told to read again.
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
    /// Opens the database and migrates it. Nodes that start together serialise on a lock in the database.
    ///
    /// # Errors
    /// If it rejects the connection, or does not respond for half a minute.
    pub async fn open(options: PgConnectOptions) -> Result<Self, StoreError> {
        let options = options.application_name("qr-login");
        migrate(&options).await?;
        let options = options.options([
            ("statement_timeout", LONGEST_QUERY),
            ("idle_in_transaction_session_timeout", LONGEST_QUERY),
            // A connection keeps the plan of a statement. One that was made while the tables were small would read them
            // whole for ever; each of our frequent queries has an index.
            ("enable_seqscan", "off"),
            // With that, statements without an index seem expensive, and would be compiled, which takes longer than they do.
            ("jit", "off"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .before_acquire(|connection, state| {
                Box::pin(async move {
                    if state.idle_for > FRESH {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        Ok(Self::over(pool))
    }
}

/// Publishes the database's notifications until the connection is lost.
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

/// Migrates the database over a separate connection, without timeouts: a migration may take long, and so may waiting
/// for the node that runs it.
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

/// Returns sqlx's error for a connection timeout.
const fn away() -> sqlx::Error {
    sqlx::Error::PoolTimedOut
}

/// Returns whether the database may be available soon.
fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
        // 57P03: the database is starting or stopping.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code == "57P03"),
        _ => false,
    }
}

//! Selects the engines by their URLs.

use super::memory::MemoryTickets;
use super::memory::limits::MemoryLimits;
use super::postgres::Postgres;
use super::redis::Redis;
use super::sqlite::{Sqlite, is_in_memory};
use crate::connections::ConnectionStore;
use crate::grants::GrantStore;
use crate::identities::IdentityStore;
use crate::notices::NoticeStore;
use crate::{AccountStore, LimitStore, SessionStore, StoreError, TicketStore};
use clock::Clock;
use std::path::PathBuf;
use std::sync::Arc;

/// The stores of a server.
#[derive(Clone, Debug)]
pub struct Stores {
    /// Tickets.
    pub tickets: Arc<dyn TicketStore>,
    /// Accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Devices and sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// What apps may do.
    pub grants: Arc<dyn GrantStore>,
    /// Notices of ended sessions.
    pub notices: Arc<dyn NoticeStore>,
    /// Users of other issuers.
    pub identities: Arc<dyn IdentityStore>,
    /// What accounts are connected to elsewhere.
    pub connections: Arc<dyn ConnectionStore>,
    /// Rate limits.
    pub limits: Arc<dyn LimitStore>,
}

/// Why the stores cannot be opened. Never contains a URL, which may contain a password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL's scheme is not supported.
    #[error(
        "QR_LOGIN_DATABASE_URL must be sqlite://FILE, such as sqlite://qr-login.db, or \
         postgres://USER:PASSWORD@HOST/DATABASE"
    )]
    DatabaseUrl,
    /// The database rejects the connection, or is down.
    #[error("QR_LOGIN_DATABASE_URL: {0}")]
    Database(StoreError),
    /// Not a Redis URL.
    #[error("QR_LOGIN_REDIS_URL must be redis://HOST:PORT, or with TLS and a password rediss://:PASSWORD@HOST:PORT")]
    RedisUrl,
    /// Redis cannot be used.
    #[error("QR_LOGIN_REDIS_URL: {0}")]
    Redis(StoreError),
}

/// A database engine, which stores accounts and sessions together.
#[derive(Clone, Debug)]
pub struct Database {
    /// Accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Devices and sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// What apps may do.
    pub grants: Arc<dyn GrantStore>,
    /// Notices of ended sessions.
    pub notices: Arc<dyn NoticeStore>,
    /// Users of other issuers.
    pub identities: Arc<dyn IdentityStore>,
    /// What accounts are connected to elsewhere.
    pub connections: Arc<dyn ConnectionStore>,
}

impl Database {
    fn of<S: AccountStore + SessionStore + GrantStore + NoticeStore + IdentityStore + ConnectionStore + 'static>(
        store: S,
    ) -> Self {
        let store = Arc::new(store);
        Self {
            accounts: Arc::clone(&store) as Arc<dyn AccountStore>,
            sessions: Arc::clone(&store) as Arc<dyn SessionStore>,
            grants: Arc::clone(&store) as Arc<dyn GrantStore>,
            notices: Arc::clone(&store) as Arc<dyn NoticeStore>,
            identities: Arc::clone(&store) as Arc<dyn IdentityStore>,
            connections: store,
        }
    }

    /// Opens the database at `url`.
    ///
    /// # Errors
    /// If the engine is unknown or does not respond.
    pub async fn open(url: &str) -> Result<Self, ConnectError> {
        match url.split_once(':') {
            Some(("sqlite", _)) => Sqlite::open(url).await.map(Self::of).map_err(ConnectError::Database),
            Some(("postgres" | "postgresql", _)) => {
                let options = url.parse().map_err(|_| ConnectError::DatabaseUrl)?;
                Postgres::open(options).await.map(Self::of).map_err(ConnectError::Database)
            }
            _ => Err(ConnectError::DatabaseUrl),
        }
    }
}

/// Connects to the database, and to Redis if a URL is given. Otherwise tickets stay in this process, whose rate limits
/// are counted by `clock`.
///
/// # Errors
/// If an engine is unknown or the database does not respond. Redis may start later.
pub async fn connect(database_url: &str, redis_url: Option<&str>, clock: Clock) -> Result<Stores, ConnectError> {
    let redis = redis_url.map(open_redis).transpose()?;
    let Database { accounts, sessions, grants, notices, identities, connections } =
        Database::open(database_url).await?;
    let (tickets, limits): (Arc<dyn TicketStore>, Arc<dyn LimitStore>) = match redis {
        Some(redis) => (Arc::new(redis.clone()), Arc::new(redis)),
        None => (Arc::new(MemoryTickets::default()), Arc::new(MemoryLimits::new(clock))),
    };
    Ok(Stores { tickets, accounts, sessions, grants, notices, identities, connections, limits })
}

fn open_redis(url: &str) -> Result<Redis, ConnectError> {
    let client = ::redis::Client::open(url).map_err(|_| ConnectError::RedisUrl)?;
    Redis::new(client).map_err(ConnectError::Redis)
}

/// Returns the file of an embedded database, beside which other private files are kept; `None` for any other database.
pub fn database_file(database_url: &str) -> Option<PathBuf> {
    let path = database_url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && !is_in_memory(database_url)).then(|| PathBuf::from(path))
}

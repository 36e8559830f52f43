//! The engines under test.

use clock::Clock;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use store::connect::{self, Stores, connect};
use store::{LimitStore, TicketStore};
use tempfile::TempDir;

/// Accounts and sessions in one database.
#[derive(Debug)]
pub struct Database {
    stores: connect::Database,
    /// Removed at the end of the test.
    _folder: Option<TempDir>,
}

impl Deref for Database {
    type Target = connect::Database;

    fn deref(&self) -> &connect::Database {
        &self.stores
    }
}

impl Database {
    async fn open(url: &str) -> Self {
        Self { stores: connect::Database::open(url).await.unwrap(), _folder: None }
    }

    /// Opens the SQLite file.
    pub async fn at(file: &Path) -> Self {
        Self::open(&format!("sqlite://{}", file.display())).await
    }
}

/// Returns the URL of an engine that the test script started.
pub fn started(engine: &str) -> String {
    let name = format!("QR_LOGIN_TEST_{engine}_URL");
    std::env::var(&name)
        .unwrap_or_else(|_| panic!("{name} is not set: run the tests by `make test` or beside scripts/with-engines.sh"))
}

async fn stores(redis_url: Option<&str>) -> Stores {
    connect("sqlite::memory:", redis_url, Clock::default()).await.unwrap()
}

pub async fn redis() -> Arc<dyn TicketStore> {
    stores(Some(&started("REDIS"))).await.tickets
}

pub async fn memory() -> Arc<dyn TicketStore> {
    stores(None).await.tickets
}

pub async fn redis_limits() -> Arc<dyn LimitStore> {
    stores(Some(&started("REDIS"))).await.limits
}

pub async fn memory_limits() -> Arc<dyn LimitStore> {
    stores(None).await.limits
}

pub async fn sqlite_in_memory() -> Database {
    Database::open("sqlite::memory:").await
}

pub async fn sqlite_in_a_file() -> Database {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::at(&folder.path().join("test.db")).await;
    Database { _folder: Some(folder), ..database }
}

pub async fn postgres() -> Database {
    Database::open(&started("POSTGRES")).await
}

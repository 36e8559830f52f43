//! The engines under test.

use qr_login::server::store::memory::MemoryTickets;
use qr_login::server::store::sqlite::Sqlite;
use qr_login::server::store::{AccountStore, SessionStore, TicketStore};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// Accounts and sessions in one database.
#[derive(Debug)]
pub struct Database {
    pub accounts: Arc<dyn AccountStore>,
    pub sessions: Arc<dyn SessionStore>,
    /// Goes with the test.
    _folder: Option<TempDir>,
}

impl Database {
    fn of(store: Sqlite, folder: Option<TempDir>) -> Self {
        let store = Arc::new(store);
        Self { accounts: Arc::clone(&store) as Arc<dyn AccountStore>, sessions: store, _folder: folder }
    }

    /// Opens the SQLite file.
    pub async fn at(file: &Path) -> Self {
        Self::of(Sqlite::open(&format!("sqlite://{}", file.display())).await.unwrap(), None)
    }
}

pub async fn memory() -> Arc<dyn TicketStore> {
    Arc::new(MemoryTickets::default())
}

pub async fn sqlite_in_memory() -> Database {
    Database::of(Sqlite::open("sqlite::memory:").await.unwrap(), None)
}

pub async fn sqlite_in_a_file() -> Database {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("test.db").display());
    Database::of(Sqlite::open(&url).await.unwrap(), Some(folder))
}

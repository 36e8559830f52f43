//! Picks the engines by their URLs.

use super::memory::MemoryTickets;
use super::sqlite::Sqlite;
use super::{AccountStore, SessionStore, StoreError, TicketStore};
use std::path::PathBuf;
use std::sync::Arc;

/// The stores that a server runs on.
#[derive(Clone, Debug)]
pub struct Stores {
    /// Tickets.
    pub tickets: Arc<dyn TicketStore>,
    /// Accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Phones and sessions.
    pub sessions: Arc<dyn SessionStore>,
}

/// Connects to the database at `database_url`; tickets stay in this process.
///
/// # Errors
/// When the engine is unknown or does not answer.
pub async fn connect(database_url: &str) -> Result<Stores, StoreError> {
    let database = Arc::new(Sqlite::open(database_url).await?);
    Ok(Stores {
        tickets: Arc::new(MemoryTickets::default()),
        accounts: Arc::clone(&database) as Arc<dyn AccountStore>,
        sessions: database,
    })
}

/// The file of an embedded database, beside which other private files are kept; none when it lives in memory.
pub fn database_file(database_url: &str) -> Option<PathBuf> {
    let path = database_url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && !is_in_memory(database_url)).then(|| PathBuf::from(path))
}

/// Whether an embedded database is gone with its connection.
pub fn is_in_memory(database_url: &str) -> bool {
    database_url.contains(":memory:") || database_url.contains("mode=memory")
}

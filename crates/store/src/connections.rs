//! The store of connections: what accounts may do at services that this server is a client of. Any node may poll or refresh
//! what is in it.

use crate::StoreError;
use async_trait::async_trait;
use domain::connection::Connection;
use domain::ids::{AccountId, ConnectionId};
use domain::time::Timestamp;
use std::fmt;

/// Stores connections. What is secret in them is encrypted by the caller.
#[async_trait]
pub trait ConnectionStore: fmt::Debug + Send + Sync {
    /// Adds a connection. `Gone` if its account was deleted.
    async fn add_connection(&self, connection: &Connection) -> Result<(), StoreError>;

    /// Returns the connection.
    async fn connection(&self, id: ConnectionId) -> Result<Option<Connection>, StoreError>;

    /// Returns all of an account, the newest first.
    async fn connections_of(&self, account: AccountId) -> Result<Vec<Connection>, StoreError>;

    /// Returns pending ones that are to be polled at `until` or before, the first due first.
    async fn pending_until(&self, until: Timestamp, most: usize) -> Result<Vec<Connection>, StoreError>;

    /// Replaces the previous version with `next`, if that version is the stored one. Of any number of attempts, exactly one
    /// returns true.
    async fn swap_connection(&self, next: &Connection) -> Result<bool, StoreError>;

    /// Deletes a connection of that account, and returns it as it was.
    async fn drop_connection(&self, id: ConnectionId, account: AccountId) -> Result<Option<Connection>, StoreError>;

    /// Deletes attempts that came to nothing and are kept no longer than until `now`. Returns how many.
    async fn forget_attempts(&self, now: Timestamp) -> Result<u64, StoreError>;
}

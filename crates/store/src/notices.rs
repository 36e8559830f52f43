//! The store of notices to apps that sessions ended. It outlives restarts, and any node may send what is in it.

use crate::StoreError;
use async_trait::async_trait;
use domain::client::ClientId;
use domain::ids::SessionId;
use domain::logout_notice::LogoutNotice;
use domain::time::Timestamp;
use std::fmt;

/// Stores logout notices.
///
/// A notice is added while its session is live, and is due when that expires. If the session ends earlier, by whatever
/// means and in whatever process, it is due at once: the database itself moves it.
#[async_trait]
pub trait NoticeStore: fmt::Debug + Send + Sync {
    /// Adds a notice for a client and a session, unless there is one. Returns false, and adds none, if the session ended
    /// before `now`: of this and the end of the session, one sees the other.
    async fn expect_end(&self, session: SessionId, client: &ClientId, now: Timestamp) -> Result<bool, StoreError>;

    /// Returns notices that are due at `now`, of other clients than `busy`, the longest due first.
    async fn due_notices(
        &self,
        now: Timestamp,
        busy: &[ClientId],
        most: usize,
    ) -> Result<Vec<LogoutNotice>, StoreError>;

    /// Replaces what is stored of a notice if it is still `known`. Of any number of attempts, exactly one succeeds.
    async fn move_notice(&self, known: &LogoutNotice, to: &LogoutNotice) -> Result<bool, StoreError>;

    /// Deletes a notice: it was delivered, or never will be. Idempotent.
    async fn drop_notice(&self, session: SessionId, client: &ClientId) -> Result<(), StoreError>;
}

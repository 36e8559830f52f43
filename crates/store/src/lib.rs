//! Storage: one trait per kind of data, one module per engine. `connect` selects the engine by URL.
//!
//! Every method is atomic. A ticket is only changed by compare-and-swap on its version.

pub mod connect;
pub mod connections;
pub mod feed;
pub mod grants;
pub mod identities;
pub mod memory;
pub mod notices;
pub mod postgres;
pub mod private_file;
pub mod redis;
mod retry;
mod sql;
pub mod sqlite;
mod whose;

pub use whose::Whose;

use async_trait::async_trait;
use domain::account::{Account, AccountChange, Device, InvalidAccount, PictureId, Session, SessionKind};
use domain::ids::{AccountId, Secret, SessionId, TicketId};
use domain::limits::Key as LimitKey;
use domain::ticket::{Ticket, UserCode};
use domain::time::Timestamp;
use feed::Feed;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How long an ended ticket is retained, so that a late phone can be told what happened.
pub const RETENTION: Duration = Duration::from_secs(600);

/// Why a store operation failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine is down, full, broken or slow. A retry may help, and if only the response was lost, it finds the work
    /// done.
    #[error("could not {action}: {reason}")]
    Unavailable {
        /// What was attempted.
        action: &'static str,
        /// The engine's error, for the log only.
        reason: String,
    },
    /// The row to insert exists already.
    #[error("it exists already")]
    Exists,
    /// The row that the new one belongs to does not exist: its account was deleted in the meantime.
    #[error("what it belongs to is gone")]
    Gone,
    /// The store is at its cap. The store logs this itself, rate limited.
    #[error("there is no room for more")]
    Full,
}

impl StoreError {
    /// Creates `Unavailable` from any error.
    pub fn unavailable(action: &'static str, reason: impl fmt::Display) -> Self {
        Self::Unavailable { action, reason: reason.to_string() }
    }
}

/// The result of a compare-and-swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a lost swap has changed nothing"]
pub enum Swap {
    /// The ticket was replaced.
    Done,
    /// Another request changed it first. Read it again.
    Lost,
}

/// Stores tickets.
#[async_trait]
pub trait TicketStore: fmt::Debug + Send + Sync {
    /// Adds a new ticket. `Exists` if its id is taken, or its user code by another ticket that has not expired.
    async fn insert(&self, ticket: Arc<Ticket>) -> Result<(), StoreError>;

    /// Returns the ticket, if it is still stored.
    async fn get(&self, id: TicketId) -> Result<Option<Arc<Ticket>>, StoreError>;

    /// Returns the ticket of the device that shows this code. One that has expired may be gone already.
    async fn by_user_code(&self, code: UserCode) -> Result<Option<Arc<Ticket>>, StoreError>;

    /// Replaces the previous version with `next`, if that version is the stored one.
    async fn swap(&self, next: Arc<Ticket>) -> Result<Swap, StoreError>;

    /// Returns tickets that should have expired but are not marked as expired. Empty for an engine with built-in
    /// expiry.
    async fn overdue(&self, now: Timestamp) -> Result<Vec<TicketId>, StoreError>;

    /// Deletes tickets that expired before `before`.
    async fn forget(&self, before: Timestamp) -> Result<(), StoreError>;

    /// Publishes what other nodes change, for as long as it is polled. Does nothing if this process makes every change.
    async fn follow(&self, changes: &Feed<TicketId, Arc<Ticket>>) {
        let _ = changes;
        std::future::pending().await
    }

    /// Checks that the engine responds.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// An account as stored, for the one use case that verifies a password.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The account.
    pub account: Account,
    /// The hash in PHC string format.
    pub password_hash: Secret,
}

/// Why an account was not changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ChangeError {
    /// It may not be like that.
    #[error(transparent)]
    Invalid(#[from] InvalidAccount),
    /// The engine failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Stores accounts and their pictures.
#[async_trait]
pub trait AccountStore: fmt::Debug + Send + Sync {
    /// Adds an account. `Exists` if the username is taken. A picture is added by [`Self::change_account`].
    async fn add_account(&self, account: &Account, password_hash: &str, now: Timestamp) -> Result<(), StoreError>;

    /// Returns the account with that name, and its hash.
    async fn credentials(&self, username: &str) -> Result<Option<Credentials>, StoreError>;

    /// Returns the account.
    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError>;

    /// Returns all accounts, sorted by name.
    async fn accounts(&self) -> Result<Vec<Account>, StoreError>;

    /// Returns the bytes of the picture, if an account has it.
    async fn picture(&self, id: PictureId) -> Result<Option<Vec<u8>>, StoreError>;

    /// Changes an account and its picture, and returns it as it is then. `None` if there is no such account.
    async fn change_account(&self, whose: Whose<'_>, change: &AccountChange) -> Result<Option<Account>, ChangeError>;

    /// Deletes an account with everything that is its own, and returns its sessions that were live. `None` if there is
    /// no such account.
    async fn delete_account(&self, whose: Whose<'_>, now: Timestamp) -> Result<Option<Vec<SessionId>>, StoreError>;

    /// Disables an account or enables it again, and in the same transaction ends its live sessions, which are returned.
    /// Enabling an account that is not disabled changes nothing. `None` if there is no account with that name.
    async fn set_disabled(
        &self,
        username: &str,
        disabled: bool,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError>;

    /// Replaces an account's password hash, and in the same transaction ends its live sessions, which are returned.
    /// `None` if there is no account with that name.
    async fn set_password(
        &self,
        username: &str,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError>;

    /// Replaces an account's password hash, if it is still `verified`, and in the same transaction ends its live sessions
    /// other than `keep`, which are returned. `None`, and nothing changes, if it is another one by now, or the account is
    /// disabled or gone.
    async fn change_password(
        &self,
        account: AccountId,
        verified: &Secret,
        password_hash: &str,
        keep: SessionId,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError>;

    /// Ends an account's live sessions, which are returned. `None` if there is no account with that name.
    async fn sign_out(&self, username: &str, now: Timestamp) -> Result<Option<Vec<SessionId>>, StoreError>;

    /// Checks that the engine responds.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// Maximum number of phones, and separately of PCs, in a list of sessions.
pub const MOST_LISTED: u32 = 100;

/// Stores devices and sessions.
#[async_trait]
pub trait SessionStore: Upkeep + fmt::Debug + Send + Sync {
    /// Adds the phone, or updates its name and kind.
    async fn put_device(&self, device: &Device, now: Timestamp) -> Result<(), StoreError>;

    /// Adds a session unless one with that id exists, so a retry is idempotent. A phone's earlier sessions end in the
    /// same transaction, and are returned.
    async fn put_session(&self, session: &Session) -> Result<Vec<SessionId>, StoreError>;

    /// The same for a session that began by password, if the account still has that password hash and is not disabled;
    /// `None` otherwise. Of the account's live sessions of this kind the `most` most recently used stay; the others end
    /// in the same transaction, and are returned, too.
    async fn put_session_by_password(
        &self,
        session: &Session,
        password_hash: &Secret,
        most: u32,
    ) -> Result<Option<Vec<SessionId>>, StoreError>;

    /// Returns the session with its account.
    async fn session(&self, id: SessionId) -> Result<Option<(Session, Account)>, StoreError>;

    /// Returns the account's live sessions, most recently used first. At most twice [`MOST_LISTED`]: however many PCs
    /// there are, they do not displace phones.
    async fn sessions(&self, account: AccountId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Records that the session was used.
    async fn touch_session(&self, id: SessionId, ip: &str, now: Timestamp) -> Result<(), StoreError>;

    /// Records that the account's password was verified in this session.
    async fn step_up_session(&self, id: SessionId, now: Timestamp) -> Result<(), StoreError>;

    /// Ends those of the account's live sessions that are in scope, and returns their ids.
    async fn revoke_sessions(
        &self,
        account: AccountId,
        scope: &RevokeScope,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// Publishes which sessions may have ended on other nodes, for as long as it is polled.
    async fn follow(&self, ended: &Feed<SessionId, ()>);
}

/// Cleans up the rows of devices and sessions. Bulk changes run in batches, so that no request waits long for them;
/// each batch is atomic.
#[async_trait]
pub trait Upkeep: Send + Sync {
    /// Ends phones' live sessions that were last used before `before`, and returns their ids.
    async fn end_unused_phones(&self, before: Timestamp, now: Timestamp) -> Result<Vec<SessionId>, StoreError>;

    /// Returns the accounts that have more than `most` sessions, live and ended.
    async fn crowded_accounts(&self, most: u32) -> Result<Vec<AccountId>, StoreError>;

    /// Ends those of the account's live sessions of that kind that began before `before` and are not among the `most`
    /// most recently used, and returns their ids. Ties with the last of these (same millisecond) stay.
    async fn end_surplus(
        &self,
        account: AccountId,
        kind: SessionKind,
        most: u32,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// Deletes those of the account's sessions that ended before `before` and are not among the `most` that ended last.
    /// Returns how many.
    async fn forget_surplus(&self, account: AccountId, most: u32, before: Timestamp) -> Result<u64, StoreError>;

    /// Deletes sessions that ended before `before`, and phones that were first seen before it and have no session left.
    /// Returns how many.
    async fn forget_sessions(&self, before: Timestamp) -> Result<u64, StoreError>;
}

/// Counts for the rate limits.
#[async_trait]
pub trait LimitStore: fmt::Debug + Send + Sync {
    /// Counts an event, if it is allowed. Returns zero, or how long `key` has to wait.
    async fn take(&self, key: &LimitKey) -> Result<Duration, StoreError>;

    /// Refunds an event that was counted.
    async fn give_back(&self, key: &LimitKey) -> Result<(), StoreError>;
}

/// The sessions of an account to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevokeScope {
    /// Only that one.
    One(SessionId),
    /// All except that one.
    Others(SessionId),
}

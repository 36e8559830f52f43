//! Where things are kept: one trait for each thing, one module for each engine. `connect` picks the engine by URL.
//!
//! Every method is atomic. A ticket changes by compare-and-swap on its version and in no other way.

pub mod connect;
pub mod feed;
pub mod memory;
pub mod postgres;
pub mod private_file;
pub mod redis;
mod retry;
mod sql;
pub mod sqlite;

use async_trait::async_trait;
use domain::account::{Account, Device, Session, SessionKind};
use domain::ids::{AccountId, Secret, SessionId, TicketId};
use domain::limits::Key as LimitKey;
use domain::ticket::Ticket;
use domain::time::Timestamp;
use feed::Feed;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How long an ended ticket is remembered, so that a late phone is told what happened.
pub const RETENTION: Duration = Duration::from_secs(600);

/// Why a store did not do what it was asked for.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine is down, full, broken or slow. Trying again may help, and where the answer alone was lost finds that
    /// it is done.
    #[error("could not {action}: {reason}")]
    Unavailable {
        /// What was tried.
        action: &'static str,
        /// What the engine said. For the log alone.
        reason: String,
    },
    /// What should be new is there already.
    #[error("it exists already")]
    Exists,
    /// The store is at its cap. The store logs this itself, at a limited rate.
    #[error("there is no room for more")]
    Full,
}

impl StoreError {
    /// `Unavailable`, from any error.
    pub fn unavailable(action: &'static str, reason: impl fmt::Display) -> Self {
        Self::Unavailable { action, reason: reason.to_string() }
    }
}

/// The outcome of a compare-and-swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a lost swap has changed nothing"]
pub enum Swap {
    /// The ticket is now the one given.
    Done,
    /// Another call changed it first. Read it again.
    Lost,
}

/// Keeps tickets.
#[async_trait]
pub trait TicketStore: fmt::Debug + Send + Sync {
    /// Adds a new ticket.
    async fn insert(&self, ticket: Arc<Ticket>) -> Result<(), StoreError>;

    /// The ticket, if it is still kept.
    async fn get(&self, id: TicketId) -> Result<Option<Arc<Ticket>>, StoreError>;

    /// Puts `next` in the place of its predecessor, the version before, if that is what is there.
    async fn swap(&self, next: Arc<Ticket>) -> Result<Swap, StoreError>;

    /// Tickets whose time is over and whose state does not say so. An engine with expiry of its own has none.
    async fn overdue(&self, now: Timestamp) -> Result<Vec<TicketId>, StoreError>;

    /// Forgets tickets whose time was over before `before`.
    async fn forget(&self, before: Timestamp) -> Result<(), StoreError>;

    /// Passes on what other nodes change, for as long as it is polled. Where this process makes every change, nothing.
    async fn follow(&self, changes: &Feed<TicketId, Arc<Ticket>>) {
        let _ = changes;
        std::future::pending().await
    }

    /// Whether the engine answers.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// An account as stored, for the one use case that compares a password.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whose.
    pub account: Account,
    /// Hash in PHC string format.
    pub password_hash: Secret,
}

/// Keeps accounts.
#[async_trait]
pub trait AccountStore: fmt::Debug + Send + Sync {
    /// Adds an account. `Exists` when the username is taken.
    async fn add_account(&self, account: &Account, password_hash: &str, now: Timestamp) -> Result<(), StoreError>;

    /// The account of that name, with its hash.
    async fn credentials(&self, username: &str) -> Result<Option<Credentials>, StoreError>;

    /// The account.
    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError>;

    /// All accounts, by name.
    async fn accounts(&self) -> Result<Vec<Account>, StoreError>;

    /// Disables an account or enables it again, and ends its living sessions in the same step, which are returned.
    /// Enabling an account that is not disabled changes nothing. None when there is no account of that name.
    async fn set_disabled(
        &self,
        username: &str,
        disabled: bool,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError>;

    /// Gives an account another password hash and ends its living sessions in the same step, which are returned. None
    /// when there is no account of that name.
    async fn set_password(
        &self,
        username: &str,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError>;

    /// Ends an account's living sessions, which are returned. None when there is no account of that name.
    async fn sign_out(&self, username: &str, now: Timestamp) -> Result<Option<Vec<SessionId>>, StoreError>;

    /// Whether the engine answers.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// Phones, and beside them PCs, that a list of sessions has room for.
pub const MOST_LISTED: u32 = 100;

/// Keeps phones and sessions.
#[async_trait]
pub trait SessionStore: Upkeep + fmt::Debug + Send + Sync {
    /// Adds the phone, or renews its name and kind.
    async fn put_device(&self, device: &Device, now: Timestamp) -> Result<(), StoreError>;

    /// Adds a session unless one of that id is there, so that trying again is harmless. A phone's earlier sessions end
    /// in the same step, and are returned.
    async fn put_session(&self, session: &Session) -> Result<Vec<SessionId>, StoreError>;

    /// The same for a session that a password began, if that is still the account's password hash and the account is
    /// not disabled; none otherwise. Of the account's living sessions of this kind the `most` last used stay; the others
    /// end in the same step, and are returned, too.
    async fn put_session_by_password(
        &self,
        session: &Session,
        password_hash: &Secret,
        most: u32,
    ) -> Result<Option<Vec<SessionId>>, StoreError>;

    /// The session with its account.
    async fn session(&self, id: SessionId) -> Result<Option<(Session, Account)>, StoreError>;

    /// The account's sessions that neither ended nor were ended, the last used first. Twice [`MOST_LISTED`] at the most, and
    /// however many PCs there are, none of them takes a phone's place.
    async fn sessions(&self, account: AccountId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Notes that the session was used.
    async fn touch_session(&self, id: SessionId, ip: &str, now: Timestamp) -> Result<(), StoreError>;

    /// Notes that the person gave the account's password in this session.
    async fn step_up_session(&self, id: SessionId, now: Timestamp) -> Result<(), StoreError>;

    /// Ends those of the account's living sessions that are in scope, and says which.
    async fn revoke_sessions(
        &self,
        account: AccountId,
        scope: &RevokeScope,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// Passes on which sessions may have ended at other nodes, for as long as it is polled.
    async fn follow(&self, ended: &Feed<SessionId, ()>);
}

/// Keeps the rows of phones and sessions few. What changes many rows does so part by part, so that no request waits long
/// for it; each part is atomic.
#[async_trait]
pub trait Upkeep: Send + Sync {
    /// Ends phones' living sessions that were last used before `before`, and says which.
    async fn end_unused_phones(&self, before: Timestamp, now: Timestamp) -> Result<Vec<SessionId>, StoreError>;

    /// Accounts that have more than `most` sessions, living and ended.
    async fn crowded_accounts(&self, most: u32) -> Result<Vec<AccountId>, StoreError>;

    /// Ends those of the account's living sessions of that kind that began before `before` and are not among the `most`
    /// last used, and says which. Those that were last used in the same millisecond as the last of these stay.
    async fn end_surplus(
        &self,
        account: AccountId,
        kind: SessionKind,
        most: u32,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// Forgets those of the account's sessions that ended before `before` and are not among the `most` that ended last, and
    /// says how many.
    async fn forget_surplus(&self, account: AccountId, most: u32, before: Timestamp) -> Result<u64, StoreError>;

    /// Forgets sessions that ended before `before`, and phones that were first known before it and have no session left.
    /// Says how many.
    async fn forget_sessions(&self, before: Timestamp) -> Result<u64, StoreError>;
}

/// Keeps count for rate limits.
#[async_trait]
pub trait LimitStore: fmt::Debug + Send + Sync {
    /// Counts one more, if it is allowed. How much longer `key` must wait; zero when it was allowed and counted.
    async fn take(&self, key: &LimitKey) -> Result<Duration, StoreError>;

    /// Takes back one that was counted, so that it is as if it had not been.
    async fn give_back(&self, key: &LimitKey) -> Result<(), StoreError>;
}

/// Which sessions of an account to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevokeScope {
    /// That one.
    One(SessionId),
    /// All but that one.
    Others(SessionId),
}

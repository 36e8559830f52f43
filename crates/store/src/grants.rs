//! The store of what apps may do: interactions, grants and consents.

use crate::StoreError;
use async_trait::async_trait;
use domain::account::{Account, lives_at};
use domain::authorization::Interaction;
use domain::client::{ClientId, Scopes};
use domain::grant::Grant;
use domain::ids::{AccountId, GrantId, InteractionId};
use domain::time::Timestamp;
use std::fmt;

/// A grant with the rows that it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRow {
    /// The grant.
    pub grant: Grant,
    /// The person's account.
    pub account: Account,
    /// When the session ends or ended, if it is still on record.
    pub session: Option<SessionSpan>,
}

impl GrantRow {
    /// Returns whether the grant, its account, and the session it depends on are live at `now`.
    pub fn lives_at(&self, now: Timestamp) -> bool {
        let has_session = || self.session.is_some_and(|session| session.lives_at(now));
        let outlives_session = self.grant.is_offline() && !self.grant.is_for_device();
        self.grant.lives_at(now) && !self.account.disabled && (outlives_session || has_session())
    }
}

/// The life of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionSpan {
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl SessionSpan {
    /// Returns whether it is neither expired nor revoked at `now`.
    pub fn lives_at(self, now: Timestamp) -> bool {
        lives_at(self.expires_at, self.revoked_at, now)
    }
}

/// An app that an account is connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The app.
    pub client: ClientId,
    /// What it may learn.
    pub scopes: Scopes,
    /// When the account consented.
    pub since: Timestamp,
}

/// Stores interactions, grants and consents.
#[async_trait]
pub trait GrantStore: fmt::Debug + Send + Sync {
    /// Adds an interaction.
    async fn put_interaction(&self, interaction: &Interaction) -> Result<(), StoreError>;

    /// Returns the interaction, expired or not.
    async fn interaction(&self, id: InteractionId) -> Result<Option<Interaction>, StoreError>;

    /// Records that the account has consented to an interaction. If `remember`, it is recorded for later requests of
    /// the client, too, together with the scopes of earlier consents. Nothing changes if the interaction is gone.
    async fn consent(
        &self,
        interaction: &Interaction,
        account: AccountId,
        remember: bool,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Deletes the interaction. Returns false if it was gone already: of any number of attempts, exactly one succeeds.
    async fn take_interaction(&self, id: InteractionId) -> Result<bool, StoreError>;

    /// Returns what the account has consented to for this client.
    async fn consented(&self, account: AccountId, client: &ClientId) -> Result<Option<Scopes>, StoreError>;

    /// Adds a grant. `Exists` if there is one with its id. Returns false, and adds none, if its session ended before
    /// `created_at`: of this and the end of the session, one sees the other.
    async fn put_grant(&self, grant: &Grant) -> Result<bool, StoreError>;

    /// Returns the grant with what it depends on.
    async fn grant(&self, id: GrantId) -> Result<Option<GrantRow>, StoreError>;

    /// Records that the code was exchanged. Returns false if it was before, or the grant is revoked.
    async fn use_code(&self, id: GrantId, now: Timestamp) -> Result<bool, StoreError>;

    /// Replaces the number of the valid refresh token, if it is still `counter`. Returns whether it was.
    async fn rotate_grant(
        &self,
        id: GrantId,
        counter: u32,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Revokes the grant. Idempotent.
    async fn revoke_grant(&self, id: GrantId, now: Timestamp) -> Result<(), StoreError>;

    /// Returns the apps that the account is connected to, oldest first.
    async fn connections(&self, account: AccountId, now: Timestamp) -> Result<Vec<Connection>, StoreError>;

    /// Revokes the account's grants for a client, and forgets its consent, also for requests that are not answered yet.
    /// Idempotent.
    async fn disconnect(&self, account: AccountId, client: &ClientId, now: Timestamp) -> Result<(), StoreError>;

    /// Deletes the interactions that are expired. Returns how many.
    async fn forget_interactions(&self, now: Timestamp) -> Result<u64, StoreError>;

    /// Deletes grants that ended before `before`, and grants whose code was not exchanged by then. Returns how many.
    async fn forget_grants(&self, before: Timestamp) -> Result<u64, StoreError>;
}

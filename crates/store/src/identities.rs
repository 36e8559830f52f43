//! The store of identities: users of other issuers, and their accounts here.

use crate::StoreError;
use async_trait::async_trait;
use domain::account::Account;
use domain::time::Timestamp;
use std::fmt;

/// A user of an issuer. Both parts are compared as exact strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The user there.
    pub subject: &'a str,
}

/// Stores identities, and which assertions were used.
#[async_trait]
pub trait IdentityStore: fmt::Debug + Send + Sync {
    /// Returns the identity's account.
    async fn account_of(&self, identity: Identity<'_>) -> Result<Option<Account>, StoreError>;

    /// Adds an account for an identity. `Exists` if the identity has one, or the username is taken; then nothing is added.
    async fn add_account_of(
        &self,
        identity: Identity<'_>,
        account: &Account,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Gives an identity to the account with that name. `Exists` if it has an account; false if there is no such account.
    async fn link(&self, identity: Identity<'_>, username: &str, now: Timestamp) -> Result<bool, StoreError>;

    /// Takes an identity from the account with that name. False if that account does not have it.
    async fn unlink(&self, identity: Identity<'_>, username: &str) -> Result<bool, StoreError>;

    /// Records that an issuer's assertion was used. Of any number of attempts, exactly one returns true.
    async fn use_assertion(&self, issuer: &str, id: &str, until: Timestamp) -> Result<bool, StoreError>;

    /// Forgets assertions that cannot be used since `before`. Returns how many.
    async fn forget_assertions(&self, before: Timestamp) -> Result<u64, StoreError>;
}

//! People: how an account comes to be, and how it is barred.

use crate::account::{Account, clean_username};
use crate::error::ApiError;
use crate::ids::AccountId;
use crate::server::clock::now;
use crate::server::security::password::{MAX_LENGTH, Passwords};
use crate::server::store::{AccountStore, Credentials, StoreError};
use std::sync::Arc;
use uuid::Uuid;

/// Why an account could not be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The name breaks a rule.
    #[error("{0}")]
    Name(ApiError),
    /// The password breaks a rule.
    #[error("a password must have 1 to {MAX_LENGTH} bytes")]
    Password,
    /// Somebody has that name.
    #[error("there is an account of that name already")]
    Taken,
    /// The store is down.
    #[error(transparent)]
    Store(StoreError),
}

/// The use cases of accounts.
#[derive(Clone, Debug)]
pub struct AccountService {
    store: Arc<dyn AccountStore>,
    passwords: Passwords,
}

impl AccountService {
    /// Accounts in `store`.
    pub fn new(store: Arc<dyn AccountStore>, passwords: Passwords) -> Self {
        Self { store, passwords }
    }

    /// Adds an account.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn add(
        &self,
        username: &str,
        display_name: Option<String>,
        password: String,
    ) -> Result<Account, AccountError> {
        let username = clean_username(username).map_err(AccountError::Name)?;
        let hash = self.hash(password).await?;
        let account = Account {
            id: Uuid::new_v4().into(),
            display_name: display_name.unwrap_or_else(|| username.clone()),
            username,
            avatar_url: None,
            disabled: false,
        };
        match self.store.add_account(&account, &hash, now()).await {
            Ok(()) => Ok(account),
            Err(StoreError::Exists) => Err(AccountError::Taken),
            Err(error) => Err(AccountError::Store(error)),
        }
    }

    /// Whether there is an account of that name.
    ///
    /// # Errors
    /// When the store is down.
    pub async fn exists(&self, username: &str) -> Result<bool, StoreError> {
        Ok(self.store.credentials(username).await?.is_some())
    }

    /// The id of the account of that name.
    ///
    /// # Errors
    /// When the store is down.
    pub async fn id_of(&self, username: &str) -> Result<Option<AccountId>, StoreError> {
        Ok(self.store.credentials(username).await?.map(|found| found.account.id))
    }

    /// The account, if username and password belong together and it is not barred.
    ///
    /// # Errors
    /// When the store is down.
    pub async fn verify(&self, username: &str, password: String) -> Result<Option<Account>, StoreError> {
        let (account, hash) = match self.store.credentials(username).await? {
            Some(Credentials { account, password_hash }) => (Some(account), Some(password_hash)),
            None => (None, None),
        };
        let matches = self.passwords.verify(password, hash).await?;
        Ok(account.filter(|account| matches && !account.disabled))
    }

    /// The account.
    ///
    /// # Errors
    /// When the store is down.
    pub async fn by_id(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.store.account(id).await
    }

    /// All accounts, by name.
    ///
    /// # Errors
    /// When the store is down.
    pub async fn list(&self) -> Result<Vec<Account>, StoreError> {
        self.store.accounts().await
    }

    /// Bars an account, whose sessions are refused from then on, or lets it in again. False when there is none of that
    /// name.
    ///
    /// # Errors
    /// When the store is down.
    pub async fn set_disabled(&self, username: &str, disabled: bool) -> Result<bool, StoreError> {
        self.store.set_disabled(username, disabled.then(now)).await
    }

    /// Gives an account a new password. False when there is none of that name.
    ///
    /// # Errors
    /// [`AccountError::Password`] or [`AccountError::Store`].
    pub async fn set_password(&self, username: &str, password: String) -> Result<bool, AccountError> {
        let hash = self.hash(password).await?;
        self.store.set_password(username, &hash).await.map_err(AccountError::Store)
    }

    async fn hash(&self, password: String) -> Result<String, AccountError> {
        if password.is_empty() || password.len() > MAX_LENGTH {
            return Err(AccountError::Password);
        }
        self.passwords.hash(password).await.map_err(AccountError::Store)
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::server::store::connect::Database;

    #[tokio::test]
    async fn a_password_is_compared_whether_or_not_the_name_exists() {
        let store = Database::open("sqlite::memory:").await.unwrap().accounts;
        let accounts = AccountService::new(store, Passwords::with_decoy("no hash"));
        // That the stand-in cannot be read is the sign that it was to be compared with.
        accounts.verify("nobody", "correct horse".to_owned()).await.unwrap_err();
        accounts.add("somebody", None, "correct horse".to_owned()).await.unwrap();
        assert_eq!(accounts.verify("somebody", "wrong".to_owned()).await.unwrap(), None);
    }
}

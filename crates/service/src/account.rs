//! The use cases of accounts: create, change, verify, disable, change the password, end all sessions, and delete.

use crate::error::ServiceError;
use crate::security::password::{MAX_LENGTH, MIN_CHARACTERS, PasswordError, Passwords, is_set};
use crate::security::random::Random;
use clock::Clock;
use domain::account::{Account, AccountChange, InvalidAccount, InvalidUsername, PictureId, clean_username};
use domain::ids::{AccountId, SessionId};
use std::sync::Arc;
use std::time::Duration;
use store::{AccountStore, ChangeError, Credentials, StoreError, Whose};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Pictures that are read at a time. Anybody may ask for one, so they must not take all connections to the database.
const PICTURE_READS: usize = 2;
/// How long a request for a picture waits for its turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why an account could not be created or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The name is invalid.
    #[error("{0}")]
    Name(InvalidUsername),
    /// The account may not be like that.
    #[error(transparent)]
    Invalid(#[from] InvalidAccount),
    /// The password is too short or too long.
    #[error("a password must have at least {MIN_CHARACTERS} characters and at most {MAX_LENGTH} bytes")]
    Password,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(PasswordError),
    /// The name is taken.
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
    clock: Clock,
    random: Random,
    picture_reads: Arc<Semaphore>,
}

impl AccountService {
    /// Creates the service for the accounts in `store`.
    pub fn new(store: Arc<dyn AccountStore>, passwords: Passwords, clock: Clock, random: Random) -> Self {
        Self { store, passwords, clock, random, picture_reads: Arc::new(Semaphore::new(PICTURE_READS)) }
    }

    /// Adds an account. `about` says more of it than its name. The picture is stored in a second step: if that fails,
    /// the account exists without it.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn add(&self, username: &str, about: &AccountChange, password: String) -> Result<Account, AccountError> {
        is_allowed(&password)?;
        self.add_with_any_password(username, about, password).await
    }

    /// Adds an account without validating the password, for demo accounts only.
    ///
    /// # Errors
    /// [`AccountError`], but not [`AccountError::Password`].
    pub async fn add_with_any_password(
        &self,
        username: &str,
        about: &AccountChange,
        password: String,
    ) -> Result<Account, AccountError> {
        let username = clean_username(username).map_err(AccountError::Name)?;
        let id = self.random.uuid().map_err(|error| AccountError::Hash(error.into()))?.into();
        let (picture, rest) = (about.picture.clone().flatten(), AccountChange { picture: None, ..about.clone() });
        let account = rest.apply(Account {
            id,
            display_name: username.clone(),
            username,
            email: None,
            email_verified: false,
            groups: Vec::new(),
            avatar_url: None,
            disabled: false,
        })?;
        let hash = self.passwords.hash(password).await.map_err(AccountError::Hash)?;
        match self.store.add_account(&account, &hash, self.clock.now()).await {
            Ok(()) => {}
            Err(StoreError::Exists) => return Err(AccountError::Taken),
            Err(error) => return Err(AccountError::Store(error)),
        }
        if picture.is_none() {
            return Ok(account);
        }
        let change = AccountChange { picture: Some(picture), ..AccountChange::default() };
        Ok(self.change(account.id, &change).await?.unwrap_or(account))
    }

    /// Changes an account, for its live sessions from their next request on. Returns it as it is then, or `None` if
    /// there is no account with that name.
    ///
    /// # Errors
    /// [`AccountError::Invalid`] or [`AccountError::Store`].
    pub async fn change(
        &self,
        whose: impl Into<Whose<'_>>,
        change: &AccountChange,
    ) -> Result<Option<Account>, AccountError> {
        self.store.change_account(whose.into(), change).await.map_err(|error| match error {
            ChangeError::Invalid(error) => AccountError::Invalid(error),
            ChangeError::Store(error) => AccountError::Store(error),
        })
    }

    /// Deletes an account: its sessions, phones and picture, and all that it granted. Returns the sessions that ended,
    /// or `None` if there is no account with that name. A later account of the same name is another one, with another
    /// id.
    ///
    /// # Errors
    /// If the store is down.
    pub async fn delete(&self, whose: impl Into<Whose<'_>>) -> Result<Option<Vec<SessionId>>, StoreError> {
        self.store.delete_account(whose.into(), self.clock.now()).await
    }

    /// Returns the JPEG file of that name, if it is the picture of an account.
    ///
    /// # Errors
    /// `unavailable`, also if too many others are being read.
    pub async fn picture(&self, id: PictureId) -> Result<Option<Vec<u8>>, ServiceError> {
        let turn = timeout(PATIENCE, self.picture_reads.acquire()).await;
        let _turn = turn.map_err(|_| ServiceError::Overloaded { retry_after: PATIENCE.as_secs() })?;
        Ok(self.store.picture(id).await?)
    }

    /// Returns the account with that name.
    ///
    /// # Errors
    /// If the store is down.
    pub async fn by_name(&self, username: &str) -> Result<Option<Account>, StoreError> {
        Ok(self.store.credentials(username).await?.map(|found| found.account))
    }

    /// Returns whether there is an account with that name.
    ///
    /// # Errors
    /// If the store is down.
    pub async fn exists(&self, username: &str) -> Result<bool, StoreError> {
        Ok(self.store.credentials(username).await?.is_some())
    }

    /// Returns the id of the account with that name.
    ///
    /// # Errors
    /// If the store is down.
    pub async fn id_of(&self, username: &str) -> Result<Option<AccountId>, StoreError> {
        match clean_username(username) {
            Ok(username) => Ok(self.store.credentials(&username).await?.map(|found| found.account.id)),
            Err(_) => Ok(None),
        }
    }

    /// Verifies a username and password. Returns the account with the verified hash, unless it is disabled. Store the
    /// session with [`super::session::SessionService::begin_by_password`], because either may have changed in the
    /// meantime.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn verify(&self, username: &str, password: String) -> Result<Option<Credentials>, ServiceError> {
        let found = match clean_username(username) {
            Ok(username) => self.store.credentials(&username).await?,
            // No account can have such a name, and PostgreSQL rejects text with a NUL. Verifying the dummy hash below
            // takes the same time.
            Err(_) => None,
        };
        let hash = found.as_ref().map(|found| found.password_hash.reveal().to_owned());
        let matches = self.passwords.verify(password, hash).await?;
        Ok(found.filter(|found| matches && !found.account.disabled))
    }

    /// Returns the account.
    ///
    /// # Errors
    /// If the store is down.
    pub async fn by_id(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.store.account(id).await
    }

    /// Returns all accounts, sorted by name.
    ///
    /// # Errors
    /// If the store is down.
    pub async fn list(&self) -> Result<Vec<Account>, StoreError> {
        self.store.accounts().await
    }

    /// Disables an account and ends its sessions, or enables it again, which does not restore them. Returns the
    /// sessions that ended, or `None` if there is no account with that name.
    ///
    /// # Errors
    /// If the store is down.
    pub async fn set_disabled(&self, username: &str, disabled: bool) -> Result<Option<Vec<SessionId>>, StoreError> {
        self.store.set_disabled(username, disabled, self.clock.now()).await
    }

    /// Ends all sessions of an account. Returns them, or `None` if there is no account with that name.
    ///
    /// # Errors
    /// If the store is down.
    pub async fn sign_out(&self, username: &str) -> Result<Option<Vec<SessionId>>, StoreError> {
        self.store.sign_out(username, self.clock.now()).await
    }

    /// Sets a new password and ends the account's sessions, because they may have begun with the old one. Returns the
    /// sessions that ended, or `None` if there is no account with that name.
    ///
    /// # Errors
    /// [`AccountError::Password`], [`AccountError::Hash`] or [`AccountError::Store`].
    pub async fn set_password(&self, username: &str, password: String) -> Result<Option<Vec<SessionId>>, AccountError> {
        is_allowed(&password)?;
        let hash = self.passwords.hash(password).await.map_err(AccountError::Hash)?;
        self.store.set_password(username, &hash, self.clock.now()).await.map_err(AccountError::Store)
    }

    /// Replaces the password that was `verified`, and ends the account's sessions other than `keep`. Returns the
    /// sessions that ended, or `None` if the password was changed meanwhile, or the account disabled or deleted.
    ///
    /// # Errors
    /// [`AccountError::Password`], [`AccountError::Hash`] or [`AccountError::Store`].
    pub async fn change_password(
        &self,
        verified: &Credentials,
        password: String,
        keep: SessionId,
    ) -> Result<Option<Vec<SessionId>>, AccountError> {
        is_allowed(&password)?;
        let hash = self.passwords.hash(password).await.map_err(AccountError::Hash)?;
        let Credentials { account, password_hash } = verified;
        let changed = self.store.change_password(account.id, password_hash, &hash, keep, self.clock.now()).await;
        changed.map_err(AccountError::Store)
    }

    /// Returns whether the account has a password.
    ///
    /// # Errors
    /// If the store is down.
    pub async fn has_password(&self, account: &Account) -> Result<bool, StoreError> {
        let found = self.store.credentials(&account.username).await?;
        let own = found.filter(|found| found.account.id == account.id);
        Ok(own.is_some_and(|found| is_set(found.password_hash.reveal())))
    }

    /// Checks that the store responds.
    ///
    /// # Errors
    /// If it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }
}

/// Validates a new password. Existing passwords are not checked.
///
/// # Errors
/// [`AccountError::Password`].
pub(crate) fn is_allowed(password: &str) -> Result<(), AccountError> {
    let long_enough = password.chars().nth(MIN_CHARACTERS - 1).is_some();
    if long_enough && password.len() <= MAX_LENGTH { Ok(()) } else { Err(AccountError::Password) }
}

#[cfg(test)]
mod tests;

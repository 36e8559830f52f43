//! Passwords by argon2id (RFC 9106), the same answer and the same time for an unknown user and a wrong password.

use crate::server::store::StoreError;
use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Bytes a password may have at the most, so that hashing one is never the attack itself.
pub const MAX_LENGTH: usize = 1024;

/// Hashes and verifies passwords, as many at a time as there are cores: each takes 19 MiB and about 20 ms of one.
#[derive(Clone, Debug)]
pub struct Passwords {
    slots: Arc<Semaphore>,
    decoy: Arc<str>,
}

impl Passwords {
    /// Prepares the hash that stands in for that of an unknown user.
    ///
    /// # Errors
    /// When no hash can be made.
    pub fn new() -> Result<Self, StoreError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        // Same parameters, no password: the text after the last `$` is a digest nobody can produce on purpose.
        let salt = salt()?;
        let decoy = format!("$argon2id$v=19$m=19456,t=2,p=1${salt}${}", "A".repeat(43));
        Ok(Self { slots: Arc::new(Semaphore::new(cores)), decoy: decoy.into() })
    }

    /// With another stand-in for the hash of an unknown user: one that is no hash makes it visible that it is used.
    #[cfg(test)]
    pub(crate) fn with_decoy(decoy: &str) -> Self {
        Self { slots: Arc::new(Semaphore::new(1)), decoy: decoy.into() }
    }

    /// The hash to store for `password`, in PHC string format.
    ///
    /// # Errors
    /// When no hash can be made.
    pub async fn hash(&self, password: String) -> Result<String, StoreError> {
        self.on_a_core(move || {
            let salt = salt()?;
            let hash = Argon2::default()
                .hash_password(password.as_bytes(), &salt)
                .map_err(|error| StoreError::unavailable("hash a password", error))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether `password` belongs to `stored`; with nothing stored, no, after the same time.
    ///
    /// # Errors
    /// When the stored hash is not one.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, StoreError> {
        let decoy = Arc::clone(&self.decoy);
        self.on_a_core(move || {
            let known = stored.is_some();
            let stored = stored.as_deref().unwrap_or(&decoy);
            let hash = PasswordHash::new(stored).map_err(|error| StoreError::unavailable("read a hash", error))?;
            let matches = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
            Ok(known && matches)
        })
        .await
    }

    async fn on_a_core<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _slot = self.slots.acquire().await.map_err(|error| StoreError::unavailable("wait for a core", error))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::unavailable("hash a password", error))?
    }
}

fn salt() -> Result<SaltString, StoreError> {
    let bytes = super::secret::random_bytes().map_err(|error| StoreError::unavailable("draw a salt", error))?;
    SaltString::encode_b64(&bytes[..16]).map_err(|error| StoreError::unavailable("encode a salt", error))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_alone() {
        let passwords = Passwords::new().unwrap();
        let stored = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse".to_owned(), Some(stored.clone())).await.unwrap());
        assert!(!passwords.verify("wrong".to_owned(), Some(stored)).await.unwrap());
        assert!(!passwords.verify("correct horse".to_owned(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_password_is_compared_for_an_unknown_user_too() {
        let passwords = Passwords::with_decoy("no hash");
        passwords.verify("correct horse".to_owned(), None).await.unwrap_err();
    }

    #[test]
    fn the_decoy_costs_what_a_real_hash_costs() {
        let passwords = Passwords::new().unwrap();
        let decoy = PasswordHash::new(&passwords.decoy).unwrap();
        let real = Argon2::default().hash_password(b"x", &salt().unwrap()).unwrap().to_string();
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!(decoy.params, real.params);
        assert_eq!(decoy.algorithm, real.algorithm);
    }
}

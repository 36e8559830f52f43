//! Password hashing with argon2id (RFC 9106). An unknown username and a wrong password get the same response after the
//! same time.

mod queue;

pub use queue::{QueueFull, Turn};

use super::random::{Random, RandomError};
use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use prometheus_client::metrics::counter::Counter;
use queue::Queue;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Minimum length of a new password, in characters (NIST SP 800-63B revision 3, section 5.1.1.2).
pub const MIN_CHARACTERS: usize = 8;
/// Maximum length of a password, in bytes, so that hashing one cannot be used as an attack.
pub const MAX_LENGTH: usize = 1024;

/// Why a password could not be hashed or verified.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PasswordError {
    /// No salt could be generated.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The hash could not be computed or parsed.
    #[error("could not {action}: {reason}")]
    Hash {
        /// What was attempted.
        action: &'static str,
        /// The cause, for the log only.
        reason: String,
    },
}

impl PasswordError {
    fn hash(action: &'static str, reason: impl fmt::Display) -> Self {
        Self::Hash { action, reason: reason.to_string() }
    }
}

/// Maximum number of concurrent hashes: each takes 19 MiB, so all of them 76 MiB, on any machine.
const MOST_AT_ONCE: usize = 4;

/// Hashes and verifies passwords, with one concurrent hash per core, up to four: each takes 19 MiB and about 20 ms of
/// CPU time.
#[derive(Clone, Debug)]
pub struct Passwords {
    slots: Arc<Semaphore>,
    decoy: Arc<str>,
    random: Random,
    queue: Arc<Queue>,
    begun: Counter,
}

impl Passwords {
    /// Creates the dummy hash that is verified for an unknown username.
    ///
    /// # Errors
    /// If no hash can be computed.
    pub fn new(random: Random) -> Result<Self, PasswordError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_AT_ONCE);
        let decoy = of_nobody(&random)?;
        Ok(Self {
            slots: Arc::new(Semaphore::new(cores)),
            decoy: decoy.into(),
            random,
            queue: Arc::new(Queue::new(cores)),
            begun: Counter::default(),
        })
    }

    /// Counts every hash that begins with `begun`.
    pub fn counted_by(self, begun: Counter) -> Self {
        Self { begun, ..self }
    }

    /// Reserves a place in the queue for a request that verifies a password. Call it first, so that excess requests
    /// cost nothing. `from` is the client's address, if addresses are limited.
    ///
    /// # Errors
    /// [`QueueFull`].
    pub fn turn(&self, from: Option<IpAddr>) -> Result<Turn, QueueFull> {
        self.queue.turn(from)
    }

    /// Replaces the dummy hash of an unknown user with a malformed one, so that a test can tell when it is used.
    #[cfg(test)]
    pub(crate) fn with_decoy(decoy: &str) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(1)),
            decoy: decoy.into(),
            random: Random::default(),
            queue: Arc::new(Queue::new(1)),
            begun: Counter::default(),
        }
    }

    /// Computes the hash to store for `password`, in PHC string format.
    ///
    /// # Errors
    /// If no hash can be computed.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        let random = self.random.clone();
        self.on_a_core(move || {
            let salt = salt(&random)?;
            let hash = Argon2::default()
                .hash_password(password.as_bytes(), &salt)
                .map_err(|error| PasswordError::hash("hash a password", error))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Returns a hash to store for an account that signs in without a password: no password matches it, and to find that
    /// out takes as long as for any other.
    ///
    /// # Errors
    /// If no salt can be generated.
    pub fn none(&self) -> Result<String, PasswordError> {
        of_nobody(&self.random)
    }

    /// Verifies `password` against `stored`. If nothing is stored, returns false after the same time.
    ///
    /// # Errors
    /// If the stored hash is malformed.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, PasswordError> {
        let decoy = Arc::clone(&self.decoy);
        self.on_a_core(move || {
            let known = stored.is_some();
            let stored = stored.as_deref().unwrap_or(&decoy);
            let hash = PasswordHash::new(stored).map_err(|error| PasswordError::hash("read a hash", error))?;
            let matches = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
            Ok(known && matches)
        })
        .await
    }

    async fn on_a_core<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        // A request that is cancelled while it waits leaves the queue here, and its password is never hashed.
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        let slot = slot.map_err(|error| PasswordError::hash("wait for a core", error))?;
        let begun = self.begun.clone();
        let hashing = tokio::task::spawn_blocking(move || {
            // A blocking task cannot be cancelled, so the permit belongs to the task, not to the request.
            let _slot = slot;
            begun.inc();
            work()
        });
        hashing.await.map_err(|error| PasswordError::hash("hash a password", error))?
    }
}

/// What is in place of a digest where there is no password: 32 zero bytes, which no known password has as its digest.
const NO_DIGEST: &str = "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Returns whether a password can match the hash that is stored.
pub fn is_set(stored: &str) -> bool {
    !stored.ends_with(NO_DIGEST)
}

/// Returns a hash with the parameters of all others that no password matches.
fn of_nobody(random: &Random) -> Result<String, PasswordError> {
    Ok(format!("$argon2id$v=19$m=19456,t=2,p=1${}{NO_DIGEST}", salt(random)?))
}

fn salt(random: &Random) -> Result<SaltString, PasswordError> {
    let bytes = random.bytes()?;
    SaltString::encode_b64(&bytes[..16]).map_err(|error| PasswordError::hash("encode a salt", error))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_alone() {
        let passwords = Passwords::new(Random::default()).unwrap();
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
        let passwords = Passwords::new(Random::default()).unwrap();
        let decoy = PasswordHash::new(&passwords.decoy).unwrap();
        let real = Argon2::default().hash_password(b"x", &salt(&Random::default()).unwrap()).unwrap().to_string();
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!(decoy.params, real.params);
        assert_eq!(decoy.algorithm, real.algorithm);
    }

    #[tokio::test]
    async fn no_password_is_another_thing_than_an_empty_one() {
        let passwords = Passwords::new(Random::default()).unwrap();
        let none = passwords.none().unwrap();
        assert!(!is_set(&none) && is_set(&passwords.hash(String::new()).await.unwrap()));
        assert!(!passwords.verify(String::new(), Some(none.clone())).await.unwrap());
        assert_ne!(none, passwords.none().unwrap(), "each has its own salt");
    }
}

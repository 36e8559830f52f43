//! Random bytes for ids, secrets and salts.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::Secret;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// The operating system could not provide random bytes.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the operating system gave no random bytes: {0}")]
pub struct RandomError(#[from] getrandom::Error);

/// A source of random bytes. Passed to everything that generates an id, a secret or a salt, so that tests can control it.
/// Cheap to clone.
///
/// The default is the operating system, which the server uses. No setting selects another.
#[derive(Clone, Debug, Default)]
pub struct Random {
    /// The values of a scripted source; `None` for the operating system.
    scripted: Option<Arc<Mutex<VecDeque<[u8; 32]>>>>,
}

impl Random {
    /// Creates a source that returns these values and then fails. For tests.
    pub fn scripted(values: impl IntoIterator<Item = [u8; 32]>) -> Self {
        Self { scripted: Some(Arc::new(Mutex::new(values.into_iter().collect()))) }
    }

    /// Returns 256 random bits.
    ///
    /// # Errors
    /// If there are none.
    pub fn bytes(&self) -> Result<[u8; 32], RandomError> {
        if let Some(values) = &self.scripted {
            let mut values = values.lock().unwrap_or_else(PoisonError::into_inner);
            return values.pop_front().ok_or(RandomError(getrandom::Error::UNSUPPORTED));
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(bytes)
    }

    /// Generates a secret of 256 random bits, in base64url.
    ///
    /// # Errors
    /// If there are no random bytes.
    pub fn secret(&self) -> Result<Secret, RandomError> {
        Ok(Secret::new(URL_SAFE_NO_PAD.encode(self.bytes()?)))
    }

    /// Generates an id: a UUID of version 4 (RFC 9562, section 5.4).
    ///
    /// # Errors
    /// If there are no random bytes.
    pub fn uuid(&self) -> Result<Uuid, RandomError> {
        let mut half = [0; 16];
        half.copy_from_slice(&self.bytes()?[..16]);
        Ok(uuid::Builder::from_random_bytes(half).into_uuid())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::security::secret::is_well_formed;

    #[test]
    fn the_operating_system_never_gives_the_same_twice() {
        let random = Random::default();
        assert_ne!(random.bytes().unwrap(), random.bytes().unwrap());
        assert_ne!(random.uuid().unwrap(), random.uuid().unwrap());
        assert!(is_well_formed(random.secret().unwrap().reveal()));
        assert_eq!(random.uuid().unwrap().get_version_num(), 4);
    }

    #[test]
    fn a_scripted_source_ends_with_an_error() {
        let random = Random::scripted([[7; 32]]);
        assert_eq!(random.clone().bytes().unwrap(), [7; 32]);
        random.uuid().unwrap_err();
        random.secret().unwrap_err();
    }
}

//! Rate limits as requests meet them; [`domain::limits`] says what is counted and how much of it is allowed.
//!
//! A guess at a password is counted before it is compared, and given back when it was right, so that guesses sent in
//! parallel cannot pass the limit. The usual crates cannot give back, nor count on Redis.

use clock::Clock;
use domain::limits::Key;
use std::sync::Arc;
use store::LimitStore;
use store::memory::limits::MemoryLimits;

/// The client asks too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests: try again in {retry_after} s")]
pub struct RateLimited {
    /// Seconds after which it may try again.
    pub retry_after: u64,
}

/// The limits, as requests meet them.
#[derive(Debug)]
pub struct RateLimits {
    /// None when nothing is limited.
    store: Option<Arc<dyn LimitStore>>,
    /// Counts while the store does not answer: a limit for each node is better than none.
    fallback: MemoryLimits,
}

impl RateLimits {
    /// Limits that are counted in `store`, or if there is none, no limits.
    pub fn new(store: Option<Arc<dyn LimitStore>>, clock: Clock) -> Self {
        Self { store, fallback: MemoryLimits::new(clock) }
    }

    /// Counts one more, if it is allowed.
    ///
    /// # Errors
    /// With the seconds to wait.
    pub async fn charge(&self, key: Key) -> Result<(), RateLimited> {
        let site = key.of_site();
        // First its own: what one address asks for in excess does not count against its neighbours.
        self.take(key).await?;
        match site {
            Some(site) => self.take(site).await,
            None => Ok(()),
        }
    }

    async fn take(&self, key: Key) -> Result<(), RateLimited> {
        let Some(store) = &self.store else { return Ok(()) };
        let key = key.narrowed();
        let excess = match store.take(&key).await {
            Ok(excess) => excess,
            Err(error) => {
                tracing::warn!(%error, "this node counts alone for a while");
                self.fallback.count(&key)
            }
        };
        if excess.is_zero() {
            return Ok(());
        }
        let retry_after = excess.as_millis().div_ceil(1000).try_into().unwrap_or(1);
        Err(RateLimited { retry_after })
    }

    /// Counts one more of each, or of none.
    ///
    /// # Errors
    /// With the seconds to wait for the first that is not allowed.
    pub async fn charge_all(&self, keys: &[Key]) -> Result<(), RateLimited> {
        for (at, key) in keys.iter().enumerate() {
            if let Err(refused) = self.charge(key.clone()).await {
                self.give_back(&keys[..at]).await;
                return Err(refused);
            }
        }
        Ok(())
    }

    /// Takes back one of each that was counted. One that cannot be given back stays counted.
    pub async fn give_back(&self, keys: &[Key]) {
        let Some(store) = &self.store else { return };
        for key in keys {
            let key = key.clone().narrowed();
            if store.give_back(&key).await.is_err() {
                let _ = self.fallback.give_back(&key).await;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;

//! Applies the rate limits; [`domain::limits`] defines what is counted and how much is allowed.
//!
//! A password guess is counted before it is verified and refunded if it was right, so that parallel guesses cannot
//! exceed the limit. The usual crates support neither refunds nor counting on Redis.

use clock::Clock;
use domain::limits::Key;
use std::sync::Arc;
use store::LimitStore;
use store::memory::limits::MemoryLimits;

/// The client exceeded a rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests: try again in {retry_after} s")]
pub struct RateLimited {
    /// Seconds after which it may retry.
    pub retry_after: u64,
}

/// Applies the rate limits to requests.
#[derive(Debug)]
pub struct RateLimits {
    /// `None` if rate limits are off.
    store: Option<Arc<dyn LimitStore>>,
    /// Counts while the store is down: a limit per node is better than none.
    fallback: MemoryLimits,
}

impl RateLimits {
    /// Creates limits counted in `store`, or no limits if there is none.
    pub fn new(store: Option<Arc<dyn LimitStore>>, clock: Clock) -> Self {
        Self { store, fallback: MemoryLimits::new(clock) }
    }

    /// Counts an event, if it is allowed.
    ///
    /// # Errors
    /// The seconds to wait.
    pub async fn charge(&self, key: Key) -> Result<(), RateLimited> {
        let site = key.of_site();
        // The narrower key first, so that the excess of one address does not count against its neighbours.
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

    /// Counts one event for each key, or for none.
    ///
    /// # Errors
    /// The seconds to wait for the first key that is exceeded.
    pub async fn charge_all(&self, keys: &[Key]) -> Result<(), RateLimited> {
        for (at, key) in keys.iter().enumerate() {
            if let Err(refused) = self.charge(key.clone()).await {
                self.give_back(&keys[..at]).await;
                return Err(refused);
            }
        }
        Ok(())
    }

    /// Refunds one event for each key. One that cannot be refunded stays counted.
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

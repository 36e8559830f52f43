//! Rate limits by the generic cell rate algorithm: one timestamp a key, no timers.

use crate::server::clock::now;
use crate::server::security::rate_limit::Key;
use crate::server::store::{LimitStore, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Keys after which those that have recovered are forgotten.
const SWEEP_AT: usize = 10_000;

/// Counters in this process.
#[derive(Debug, Default)]
pub struct MemoryLimits {
    /// For each key the time at which its burst is whole again.
    whole_at: Mutex<HashMap<Key, Timestamp>>,
}

impl MemoryLimits {
    fn take_at(&self, key: &Key, now: Timestamp, count: bool) -> Duration {
        let quota = key.quota();
        let mut whole_at = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        if whole_at.len() >= SWEEP_AT {
            whole_at.retain(|_, at| *at > now);
        }
        let next = whole_at.get(key).copied().unwrap_or(now).max(now) + quota.every;
        let excess = next.since(now + quota.window());
        if excess.is_zero() && count {
            whole_at.insert(key.clone(), next);
        }
        excess
    }
}

#[async_trait]
impl LimitStore for MemoryLimits {
    async fn take(&self, key: &Key, count: bool) -> Result<Duration, StoreError> {
        Ok(self.take_at(key, now(), count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn a_burst_passes_and_then_one_at_a_time() {
        let limits = MemoryLimits::default();
        let key = Key::FailedSignIn("somebody".to_owned());
        for _ in 0..10 {
            assert_eq!(limits.take_at(&key, START, true), Duration::ZERO);
        }
        assert_eq!(limits.take_at(&key, START, true), Duration::from_secs(10));
        let later = START + Duration::from_secs(10);
        assert_eq!(limits.take_at(&key, later, true), Duration::ZERO);
        assert_eq!(limits.take_at(&key, later, true), Duration::from_secs(10));
        let whole = later + Duration::from_secs(100);
        for _ in 0..10 {
            assert_eq!(limits.take_at(&key, whole, true), Duration::ZERO);
        }
        assert_ne!(limits.take_at(&key, whole, true), Duration::ZERO);
    }
}

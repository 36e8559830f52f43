//! Rate limits by the generic cell rate algorithm: one timestamp a key, no timers.

use crate::server::clock::Clock;
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
    clock: Clock,
}

impl MemoryLimits {
    /// Counts by this clock.
    pub fn new(clock: Clock) -> Self {
        Self { clock, ..Self::default() }
    }

    fn take_at(&self, key: &Key, now: Timestamp) -> Duration {
        let quota = key.quota();
        let mut whole_at = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        if whole_at.len() >= SWEEP_AT {
            whole_at.retain(|_, at| *at > now);
        }
        let next = whole_at.get(key).copied().unwrap_or(now).max(now) + quota.every;
        let excess = next.since(now + quota.window());
        if excess.is_zero() {
            whole_at.insert(key.clone(), next);
        }
        excess
    }

    fn give_back_now(&self, key: &Key) {
        let mut whole_at = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = whole_at.get_mut(key) {
            *at = *at - key.quota().every;
        }
    }
}

#[async_trait]
impl LimitStore for MemoryLimits {
    async fn take(&self, key: &Key) -> Result<Duration, StoreError> {
        Ok(self.take_at(key, self.clock.now()))
    }

    async fn give_back(&self, key: &Key) -> Result<(), StoreError> {
        self.give_back_now(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    /// Thirty at once, then one every ten seconds.
    fn key() -> Key {
        Key::Guess("somebody".to_owned())
    }

    #[test]
    fn a_burst_passes_and_then_one_at_a_time() {
        let limits = MemoryLimits::default();
        for _ in 0..30 {
            assert_eq!(limits.take_at(&key(), START), Duration::ZERO);
        }
        assert_eq!(limits.take_at(&key(), START), Duration::from_secs(10));
        let later = START + Duration::from_secs(10);
        assert_eq!(limits.take_at(&key(), later), Duration::ZERO);
        assert_eq!(limits.take_at(&key(), later), Duration::from_secs(10));
        let whole = later + Duration::from_secs(300);
        for _ in 0..30 {
            assert_eq!(limits.take_at(&key(), whole), Duration::ZERO);
        }
        assert_ne!(limits.take_at(&key(), whole), Duration::ZERO);
    }

    #[test]
    fn what_is_given_back_was_never_counted() {
        let limits = MemoryLimits::default();
        for _ in 0..100 {
            assert_eq!(limits.take_at(&key(), START), Duration::ZERO);
            limits.give_back_now(&key());
        }
        for _ in 0..30 {
            assert_eq!(limits.take_at(&key(), START), Duration::ZERO);
        }
        assert_ne!(limits.take_at(&key(), START), Duration::ZERO, "giving back adds nothing to the burst");
    }

    #[test]
    fn giving_back_late_or_without_having_taken_adds_nothing() {
        let limits = MemoryLimits::default();
        limits.give_back_now(&key());
        limits.take_at(&key(), START);
        let later = START + Duration::from_secs(600);
        for _ in 0..5 {
            limits.give_back_now(&key());
        }
        for _ in 0..30 {
            assert_eq!(limits.take_at(&key(), later), Duration::ZERO);
        }
        assert_ne!(limits.take_at(&key(), later), Duration::ZERO);
    }
}

//! Rate limits by the generic cell rate algorithm: one timestamp per key, no timers.

use super::shrink_after_burst;
use crate::{LimitStore, StoreError};
use async_trait::async_trait;
use clock::Clock;
use domain::limits::Key;
use domain::time::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often recovered keys are removed. Not at every call, because it walks all keys under the lock.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// Counts in this process.
#[derive(Debug, Default)]
pub struct MemoryLimits {
    /// The theoretical arrival time of each key: when its burst is fully available again.
    tat: Mutex<HashMap<Key, Timestamp>>,
    /// When recovered keys were last removed, in milliseconds of a [`Timestamp`].
    swept_at: AtomicI64,
    clock: Clock,
}

impl MemoryLimits {
    /// Creates counters that use this clock.
    pub fn new(clock: Clock) -> Self {
        Self { clock, ..Self::default() }
    }

    /// Counts an event, if it is allowed; otherwise returns how long to wait.
    pub fn count(&self, key: &Key) -> Duration {
        self.take_at(key, self.clock.now())
    }

    fn take_at(&self, key: &Key, now: Timestamp) -> Duration {
        let quota = key.quota();
        let mut tat = self.tat.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_time_to_sweep(now) {
            tat.retain(|_, at| *at > now);
            shrink_after_burst(&mut tat);
        }
        // The upper bound matters if the clock was set back.
        let next = tat.get(key).copied().unwrap_or(now).clamp(now, now + quota.window()) + quota.every;
        let excess = next.saturating_duration_since(now + quota.window());
        if excess.is_zero() {
            tat.insert(key.clone(), next);
        }
        excess
    }

    fn give_back_now(&self, key: &Key) {
        let mut tat = self.tat.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = tat.get_mut(key) {
            *at = *at - key.quota().every;
        }
    }

    fn is_time_to_sweep(&self, now: Timestamp) -> bool {
        let last = Timestamp::from_millis(self.swept_at.load(Ordering::Relaxed));
        // In both directions: the clock may be set back.
        let is_time = now.abs_diff(last) >= SWEEP_EVERY;
        if is_time {
            self.swept_at.store(now.as_millis(), Ordering::Relaxed);
        }
        is_time
    }
}

#[async_trait]
impl LimitStore for MemoryLimits {
    async fn take(&self, key: &Key) -> Result<Duration, StoreError> {
        Ok(self.count(key))
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

    /// A burst of thirty, then one every ten seconds.
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
        assert_ne!(limits.take_at(&key(), START), Duration::ZERO, "refunds do not extend the burst");
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

    #[test]
    fn a_key_is_forgotten_at_the_moment_in_which_it_has_recovered() {
        let limits = MemoryLimits::default();
        limits.take_at(&key(), START);
        let at = START + key().quota().every;
        assert!(key().quota().every >= SWEEP_EVERY);
        limits.take_at(&Key::Guess("another".to_owned()), at);
        assert_eq!(limits.tat.lock().unwrap_or_else(PoisonError::into_inner).len(), 1);
    }

    #[test]
    fn keys_that_have_recovered_are_forgotten_by_time_and_not_at_every_call() {
        let limits = MemoryLimits::default();
        let key = |number: u32| Key::Generate(std::net::Ipv4Addr::from_bits(number).into());
        let kept = || limits.tat.lock().unwrap_or_else(PoisonError::into_inner).len();
        for number in 0..20_000 {
            limits.take_at(&key(number), START);
        }
        // All have recovered, but the next sweep is not due yet.
        limits.take_at(&key(1), START + SWEEP_EVERY - Duration::from_millis(1));
        assert_eq!(kept(), 20_000);
        limits.take_at(&key(2), START + SWEEP_EVERY);
        assert_eq!(kept(), 2);
        let set_back = START - Duration::from_secs(3600);
        limits.take_at(&key(3), set_back);
        assert_eq!(limits.swept_at.load(Ordering::Relaxed), set_back.as_millis());
    }
}

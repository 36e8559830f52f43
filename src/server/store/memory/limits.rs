//! Rate limits by the generic cell rate algorithm: one timestamp a key, no timers.

use crate::server::clock::now;
use crate::server::security::rate_limit::Key;
use crate::server::store::{LimitStore, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often recovered keys are removed. Not at every call, because it walks all keys under the lock.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// Counters in this process.
#[derive(Debug, Default)]
pub struct MemoryLimits {
    /// For each key the time at which its burst is whole again.
    whole_at: Mutex<HashMap<Key, Timestamp>>,
    /// When keys were last forgotten, as milliseconds of a [`Timestamp`].
    swept_at: AtomicI64,
}

impl MemoryLimits {
    fn take_at(&self, key: &Key, now: Timestamp, count: bool) -> Duration {
        let quota = key.quota();
        let mut whole_at = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_time_to_sweep(now) {
            whole_at.retain(|_, at| *at > now);
            // After a rush, give the memory back.
            if whole_at.capacity() > 1024 && whole_at.len() < whole_at.capacity() / 4 {
                whole_at.shrink_to_fit();
            }
        }
        let next = whole_at.get(key).copied().unwrap_or(now).max(now) + quota.every;
        let excess = next.since(now + quota.window());
        if excess.is_zero() && count {
            whole_at.insert(key.clone(), next);
        }
        excess
    }

    fn is_time_to_sweep(&self, now: Timestamp) -> bool {
        let last = Timestamp::from_millis(self.swept_at.load(Ordering::Relaxed));
        // The second case: the clock was set back.
        let is_time = now.since(last) >= SWEEP_EVERY || now < last;
        if is_time {
            self.swept_at.store(now.as_millis(), Ordering::Relaxed);
        }
        is_time
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

    #[test]
    fn keys_that_have_recovered_are_forgotten_by_time_and_not_at_every_call() {
        let limits = MemoryLimits::default();
        let key = |number: u32| Key::Generate(std::net::Ipv4Addr::from_bits(number).into());
        let kept = || limits.whole_at.lock().unwrap_or_else(PoisonError::into_inner).len();
        for number in 0..20_000 {
            limits.take_at(&key(number), START, true);
        }
        // All have recovered, but it is not yet time to look.
        limits.take_at(&key(1), START + SWEEP_EVERY - Duration::from_millis(1), true);
        assert_eq!(kept(), 20_000);
        limits.take_at(&key(2), START + SWEEP_EVERY, true);
        assert_eq!(kept(), 2);
        let set_back = START - Duration::from_secs(3600);
        limits.take_at(&key(3), set_back, true);
        assert_eq!(limits.swept_at.load(Ordering::Relaxed), set_back.as_millis());
    }
}

//! Rate limits on Redis: shared by all nodes, using Redis's clock.

use super::{PREFIX, Redis};
use crate::{LimitStore, StoreError};
use ::redis::Script;
use async_trait::async_trait;
use domain::limits::Key;
use std::sync::LazyLock;
use std::time::Duration;

/// The generic cell rate algorithm, as in `memory/limits.rs`: a key's value is the millisecond at which its burst is
/// fully available again.
static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
            local key, every, window = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
            local clock = redis.call('TIME')
            local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
            -- The upper bound holds where the clock was set back.
            local stored = math.min(tonumber(redis.call('GET', key) or now), now + window)
            local next = math.max(stored, now) + every
            local excess = next - now - window
            if excess > 0 then return excess end
            redis.call('SET', key, string.format('%.0f', next), 'PX', next - now)
            return 0
        ",
    )
});

/// Moves the key's timestamp back by one event. A fully recovered key has expired.
static GIVE_BACK: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
            local key, every = KEYS[1], tonumber(ARGV[1])
            local clock = redis.call('TIME')
            local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
            local before = tonumber(redis.call('GET', key) or now) - every
            if before > now then
                redis.call('SET', key, string.format('%.0f', before), 'PX', before - now)
            else
                redis.call('DEL', key)
            end
            return 1
        ",
    )
});

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[async_trait]
impl LimitStore for Redis {
    async fn take(&self, key: &Key) -> Result<Duration, StoreError> {
        let quota = key.quota();
        let mut script = TAKE.key(format!("{PREFIX}:limit:{key}"));
        script.arg(millis(quota.every)).arg(millis(quota.window()));
        let excess: u64 = self.run_script("count for a limit", &script).await?;
        Ok(Duration::from_millis(excess))
    }

    /// Never retried: a repetition would allow one guess too many, and a loss only one too few.
    async fn give_back(&self, key: &Key) -> Result<(), StoreError> {
        let mut script = GIVE_BACK.key(format!("{PREFIX}:limit:{key}"));
        script.arg(millis(key.quota().every));
        self.run_once("give back to a limit", &script).await
    }
}

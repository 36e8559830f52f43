//! Rate limits on Redis: one count for all nodes, by the clock of Redis.

use super::{PREFIX, Redis, script};
use crate::server::security::rate_limit::Key;
use crate::server::store::{LimitStore, StoreError};
use async_trait::async_trait;
use std::time::Duration;

/// The generic cell rate algorithm, as in `memory/limits.rs`: a key holds the millisecond at which its burst is whole.
const TAKE: &str = r"
    local key, every, window, count = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
    local clock = redis.call('TIME')
    local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
    local next = math.max(tonumber(redis.call('GET', key) or now), now) + every
    local excess = next - now - window
    if excess > 0 then return excess end
    if count == '1' then redis.call('SET', key, string.format('%.0f', next), 'PX', next - now) end
    return 0
";

#[async_trait]
impl LimitStore for Redis {
    async fn take(&self, key: &Key, count: bool) -> Result<Duration, StoreError> {
        let quota = key.quota();
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let mut command = script(TAKE, &format!("{PREFIX}:limit:{key}"));
        command.arg(millis(quota.every)).arg(millis(quota.window())).arg(count);
        let excess: u64 = self.run("count for a limit", &command).await?;
        Ok(Duration::from_millis(excess))
    }
}

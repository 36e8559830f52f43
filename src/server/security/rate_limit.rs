//! Rate limits by the generic cell rate algorithm: one timestamp a key, no timers.
//!
//! Sign-in needs to look before it pays (only failures count against a username), which the usual crates cannot do.

use crate::error::ApiError;
use crate::ids::AccountId;
use crate::time::Timestamp;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Keys after which those that have recovered are forgotten.
const SWEEP_AT: usize = 10_000;

/// Lets `burst` through at once and then one every `every`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many at once.
    pub burst: u32,
    /// Time until one more.
    pub every: Duration,
}

/// What is counted, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// New codes of an address.
    Generate(IpAddr),
    /// Scans of an address.
    ScanFrom(IpAddr),
    /// Scans of an account.
    ScanBy(AccountId),
    /// Sign-ins, good or bad, of an address.
    SignInFrom(IpAddr),
    /// Failed sign-ins of a username, whether or not it exists.
    FailedSignIn(String),
}

impl Key {
    const fn quota(&self) -> Quota {
        let (burst, millis) = match self {
            Self::Generate(_) => (60, 500),
            Self::ScanFrom(_) => (120, 500),
            Self::ScanBy(_) => (30, 2_000),
            Self::SignInFrom(_) => (60, 1_000),
            Self::FailedSignIn(_) => (10, 10_000),
        };
        Quota { burst, every: Duration::from_millis(millis) }
    }

    /// A home has a /64 of IPv6 to itself, so that is what counts as one address.
    fn narrowed(self) -> Self {
        fn network(ip: IpAddr) -> IpAddr {
            match ip {
                IpAddr::V4(_) => ip,
                IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() >> 64 << 64).into()),
            }
        }
        match self {
            Self::Generate(ip) => Self::Generate(network(ip)),
            Self::ScanFrom(ip) => Self::ScanFrom(network(ip)),
            Self::SignInFrom(ip) => Self::SignInFrom(network(ip)),
            Self::ScanBy(_) | Self::FailedSignIn(_) => self,
        }
    }
}

/// The counters.
#[derive(Debug)]
pub struct RateLimits {
    enabled: bool,
    /// For each key the time at which its burst is whole again.
    whole_at: Mutex<HashMap<Key, Timestamp>>,
}

impl RateLimits {
    /// Counters that refuse, or if not `enabled`, only pretend.
    pub fn new(enabled: bool) -> Self {
        Self { enabled, whole_at: Mutex::default() }
    }

    /// Whether one more is allowed, without counting it.
    ///
    /// # Errors
    /// `rate_limited`, with the seconds to wait.
    pub fn peek(&self, key: Key, now: Timestamp) -> Result<(), ApiError> {
        self.advance(key, now, false)
    }

    /// Counts one more, if it is allowed.
    ///
    /// # Errors
    /// `rate_limited`, with the seconds to wait.
    pub fn charge(&self, key: Key, now: Timestamp) -> Result<(), ApiError> {
        self.advance(key, now, true)
    }

    fn advance(&self, key: Key, now: Timestamp, count: bool) -> Result<(), ApiError> {
        if !self.enabled {
            return Ok(());
        }
        let quota = key.quota();
        let key = key.narrowed();
        let mut whole_at = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        if whole_at.len() >= SWEEP_AT {
            whole_at.retain(|_, at| *at > now);
        }
        let next = whole_at.get(&key).copied().unwrap_or(now).max(now) + quota.every;
        let excess = next.since(now + quota.every * quota.burst);
        if !excess.is_zero() {
            return Err(ApiError::rate_limited(excess.as_millis().div_ceil(1000).try_into().unwrap_or(1)));
        }
        if count {
            whole_at.insert(key, next);
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn key() -> Key {
        Key::FailedSignIn("somebody".to_owned())
    }

    #[test]
    fn a_burst_passes_and_then_one_at_a_time() {
        let limits = RateLimits::new(true);
        for _ in 0..10 {
            limits.charge(key(), START).unwrap();
        }
        let refused = limits.charge(key(), START).unwrap_err();
        assert_eq!(refused.code, ErrorCode::RateLimited);
        assert_eq!(refused.retry_after, Some(10));
        let later = START + Duration::from_secs(10);
        limits.charge(key(), later).unwrap();
        limits.charge(key(), later).unwrap_err();
    }

    #[test]
    fn looking_costs_nothing() {
        let limits = RateLimits::new(true);
        for _ in 0..100 {
            limits.peek(key(), START).unwrap();
        }
        limits.charge(key(), START).unwrap();
    }

    #[test]
    fn keys_do_not_share() {
        let limits = RateLimits::new(true);
        for _ in 0..10 {
            limits.charge(key(), START).unwrap();
        }
        limits.charge(Key::FailedSignIn("another".to_owned()), START).unwrap();
    }

    #[test]
    fn one_ipv6_network_is_one_address() {
        let limits = RateLimits::new(true);
        for host in 0..60 {
            let ip: IpAddr = format!("2001:db8::{host:x}").parse().unwrap();
            limits.charge(Key::Generate(ip), START).unwrap();
        }
        limits.charge(Key::Generate("2001:db8::ffff".parse().unwrap()), START).unwrap_err();
        limits.charge(Key::Generate("2001:db8:0:1::1".parse().unwrap()), START).unwrap();
    }
}

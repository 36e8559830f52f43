//! Rate limits: what is counted, how much of it is allowed, and who counts.
//!
//! Sign-in needs to look before it pays (only failures count against a username), which the usual crates cannot do.

use super::address::{network_of, site_of};
use crate::error::ApiError;
use crate::ids::AccountId;
use crate::server::store::LimitStore;
use crate::server::store::memory::limits::MemoryLimits;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

/// Lets `burst` through at once and then one every `every`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many at once.
    pub burst: u32,
    /// Time until one more.
    pub every: Duration,
}

impl Quota {
    /// Time in which a whole burst comes back.
    pub fn window(self) -> Duration {
        self.every * self.burst
    }
}

/// What is counted, and for whom. As text it is a name for a store.
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
    /// New codes of a /48 of IPv6, which has 65,536 addresses of the kind above.
    GenerateAtSite(Ipv6Addr),
    /// Scans of a /48.
    ScanAtSite(Ipv6Addr),
    /// Sign-ins, good or bad, of a /48.
    SignInAtSite(Ipv6Addr),
}

impl Key {
    /// How much of it is allowed.
    pub const fn quota(&self) -> Quota {
        let (burst, millis) = match self {
            Self::Generate(_) => (60, 500),
            Self::ScanFrom(_) => (120, 500),
            Self::ScanBy(_) => (30, 2_000),
            Self::SignInFrom(_) => (60, 1_000),
            Self::FailedSignIn(_) => (10, 10_000),
            // Sixteen times the limits of an address. A /48 is the largest network of one company or university (RFC 6177),
            // or a part of a provider's with some hundred homes or handsets, few of which sign in at the same moment.
            Self::GenerateAtSite(_) => (960, 31),
            Self::ScanAtSite(_) => (1_920, 31),
            Self::SignInAtSite(_) => (960, 62),
        };
        Quota { burst, every: Duration::from_millis(millis) }
    }

    /// A home has a /64 of IPv6 to itself, so that is what counts as one address.
    fn narrowed(self) -> Self {
        match self {
            Self::Generate(ip) => Self::Generate(network_of(ip)),
            Self::ScanFrom(ip) => Self::ScanFrom(network_of(ip)),
            Self::SignInFrom(ip) => Self::SignInFrom(network_of(ip)),
            other => other,
        }
    }

    /// The key of an IPv6 address that counts for its whole /48, too.
    fn of_site(&self) -> Option<Self> {
        let (ip, at_site): (_, fn(Ipv6Addr) -> Self) = match self {
            Self::Generate(ip) => (ip, Self::GenerateAtSite),
            Self::ScanFrom(ip) => (ip, Self::ScanAtSite),
            Self::SignInFrom(ip) => (ip, Self::SignInAtSite),
            _ => return None,
        };
        site_of(*ip).map(at_site)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generate(ip) => write!(f, "generate:{ip}"),
            Self::ScanFrom(ip) => write!(f, "scan-from:{ip}"),
            Self::ScanBy(account) => write!(f, "scan-by:{account}"),
            Self::SignInFrom(ip) => write!(f, "sign-in-from:{ip}"),
            Self::FailedSignIn(username) => write!(f, "failed-sign-in:{username}"),
            Self::GenerateAtSite(site) => write!(f, "generate:{site}/48"),
            Self::ScanAtSite(site) => write!(f, "scan-from:{site}/48"),
            Self::SignInAtSite(site) => write!(f, "sign-in-from:{site}/48"),
        }
    }
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
    pub fn new(store: Option<Arc<dyn LimitStore>>) -> Self {
        Self { store, fallback: MemoryLimits::default() }
    }

    /// Whether one more is allowed, without counting it.
    ///
    /// # Errors
    /// `rate_limited`, with the seconds to wait.
    pub async fn peek(&self, key: Key) -> Result<(), ApiError> {
        self.take(key, false).await
    }

    /// Counts one more, if it is allowed.
    ///
    /// # Errors
    /// `rate_limited`, with the seconds to wait.
    pub async fn charge(&self, key: Key) -> Result<(), ApiError> {
        let site = key.of_site();
        // The address first, so that what its limit refuses does not count against its neighbours.
        self.take(key, true).await?;
        match site {
            Some(site) => self.take(site, true).await,
            None => Ok(()),
        }
    }

    async fn take(&self, key: Key, count: bool) -> Result<(), ApiError> {
        let Some(store) = &self.store else { return Ok(()) };
        let key = key.narrowed();
        let excess = match store.take(&key, count).await {
            Ok(excess) => excess,
            Err(error) => {
                tracing::warn!(%error, "this node counts alone for a while");
                self.fallback.take(&key, count).await?
            }
        };
        if excess.is_zero() {
            return Ok(());
        }
        Err(ApiError::rate_limited(excess.as_millis().div_ceil(1000).try_into().unwrap_or(1)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[tokio::test]
    async fn a_refusal_says_how_long_to_wait() {
        let limits = RateLimits::new(Some(Arc::new(MemoryLimits::default())));
        let key = || Key::FailedSignIn("somebody".to_owned());
        for _ in 0..10 {
            limits.charge(key()).await.unwrap();
        }
        let refused = limits.charge(key()).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::RateLimited);
        assert!(matches!(refused.retry_after, Some(9 | 10)), "{refused:?}");
    }

    #[tokio::test]
    async fn one_ipv6_network_is_one_address() {
        let limits = RateLimits::new(Some(Arc::new(MemoryLimits::default())));
        // More than the burst, whatever comes back meanwhile.
        let mut refused = false;
        for host in 0..=200 {
            let ip: IpAddr = format!("2001:db8::{host:x}").parse().unwrap();
            refused |= limits.charge(Key::Generate(ip)).await.is_err();
        }
        assert!(refused);
        limits.charge(Key::Generate("2001:db8:0:1::1".parse().unwrap())).await.unwrap();
    }

    #[tokio::test]
    async fn the_networks_of_one_site_have_a_limit_together_and_one_of_them_cannot_use_it_up() {
        let limits = RateLimits::new(Some(Arc::new(MemoryLimits::default())));
        let neighbour = |number: u32| Key::Generate(format!("2001:db8:0:{number:x}::1").parse().unwrap());
        for _ in 0..5_000 {
            // Far more than it may.
            let _ = limits.charge(neighbour(0)).await;
        }
        limits.charge(neighbour(1)).await.unwrap();
        let mut allowed = 0;
        for number in 2..5_000 {
            allowed += usize::from(limits.charge(neighbour(number)).await.is_ok());
        }
        // What comes back meanwhile is one every 31 ms.
        assert!((500..2_500).contains(&allowed), "{allowed}");
        limits.charge(Key::Generate("2001:db8:1::1".parse().unwrap())).await.unwrap();
        limits.charge(Key::Generate("192.0.2.1".parse().unwrap())).await.unwrap();
    }
}

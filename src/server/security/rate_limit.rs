//! Rate limits: what is counted, how much of it is allowed, and who counts.
//!
//! A guess at a password is counted before it is compared, and given back when it was right, so that guesses sent in
//! parallel cannot pass the limit. The usual crates cannot give back, nor count on Redis.

use super::device_cookie::KnownAccount;
use crate::error::ApiError;
use crate::ids::AccountId;
use crate::server::clock::Clock;
use crate::server::store::LimitStore;
use crate::server::store::memory::limits::MemoryLimits;
use std::fmt;
use std::net::IpAddr;
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
    /// Wrong passwords for a username, whether or not it exists, from an address.
    GuessFrom(IpAddr, String),
    /// Wrong passwords for a username from everywhere, apart from devices that signed in to the account before.
    Guess(String),
    /// Wrong passwords for an account from one device that signed in to it before.
    GuessOn(KnownAccount),
}

impl Key {
    /// How much of it is allowed.
    pub const fn quota(&self) -> Quota {
        let (burst, millis) = match self {
            Self::Generate(_) => (60, 500),
            Self::ScanFrom(_) => (120, 500),
            Self::ScanBy(_) => (30, 2_000),
            Self::SignInFrom(_) => (60, 1_000),
            Self::GuessFrom(..) => (10, 60_000),
            Self::Guess(_) => (30, 10_000),
            Self::GuessOn(_) => (10, 10_000),
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
            Self::GuessFrom(ip, username) => Self::GuessFrom(network(ip), username),
            Self::ScanBy(_) | Self::Guess(_) | Self::GuessOn(_) => self,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generate(ip) => write!(f, "generate:{ip}"),
            Self::ScanFrom(ip) => write!(f, "scan-from:{ip}"),
            Self::ScanBy(account) => write!(f, "scan-by:{account}"),
            Self::SignInFrom(ip) => write!(f, "sign-in-from:{ip}"),
            // What a person typed comes last, so that it cannot be taken for another part.
            Self::GuessFrom(ip, username) => write!(f, "guess-from:{ip}:{username}"),
            Self::Guess(username) => write!(f, "guess:{username}"),
            Self::GuessOn(KnownAccount { account, nonce }) => write!(f, "guess-on:{account}:{nonce:016x}"),
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
    pub fn new(store: Option<Arc<dyn LimitStore>>, clock: Clock) -> Self {
        Self { store, fallback: MemoryLimits::new(clock) }
    }

    /// Counts one more, if it is allowed.
    ///
    /// # Errors
    /// `rate_limited`, with the seconds to wait.
    pub async fn charge(&self, key: Key) -> Result<(), ApiError> {
        let Some(store) = &self.store else { return Ok(()) };
        let key = key.narrowed();
        let excess = match store.take(&key).await {
            Ok(excess) => excess,
            Err(error) => {
                tracing::warn!(%error, "this node counts alone for a while");
                self.fallback.take(&key).await?
            }
        };
        if excess.is_zero() {
            return Ok(());
        }
        Err(ApiError::rate_limited(excess.as_millis().div_ceil(1000).try_into().unwrap_or(1)))
    }

    /// Counts one more of each, or of none.
    ///
    /// # Errors
    /// `rate_limited`, with the seconds to wait for the first that is not allowed.
    pub async fn charge_all(&self, keys: &[Key]) -> Result<(), ApiError> {
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
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use crate::server::store::StoreError;
    use async_trait::async_trait;
    use std::collections::HashSet;
    use uuid::Uuid;

    const EVERY: u64 = 10;
    const BURST: u32 = 30;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn account(number: u128) -> AccountId {
        Uuid::from_u128(number).into()
    }

    /// Thirty at once, then one every ten seconds.
    fn guess() -> Key {
        Key::Guess("somebody".to_owned())
    }

    /// One key of each kind, all for the same address, username and account.
    fn keys(ip: IpAddr) -> [Key; 7] {
        let (name, known) = ("somebody".to_owned(), KnownAccount { account: account(1), nonce: 2 });
        [
            Key::Generate(ip),
            Key::ScanFrom(ip),
            Key::ScanBy(account(1)),
            Key::SignInFrom(ip),
            Key::GuessFrom(ip, name.clone()),
            Key::Guess(name),
            Key::GuessOn(known),
        ]
    }

    /// Limits whose clock stands still.
    fn limits() -> (RateLimits, crate::server::clock::ClockHand) {
        let (clock, hand) = Clock::manual();
        (RateLimits::new(Some(Arc::new(MemoryLimits::new(clock.clone()))), clock), hand)
    }

    /// How many pass one after the other until one is refused.
    async fn passing(limits: &RateLimits, key: &Key) -> u32 {
        for count in 0..1_000 {
            if limits.charge(key.clone()).await.is_err() {
                return count;
            }
        }
        panic!("no limit");
    }

    #[test]
    fn as_much_is_allowed_as_the_documentation_says() {
        let quotas = keys(ip("192.0.2.1")).map(|key| (key.quota().burst, key.quota().every.as_millis()));
        assert_eq!(quotas, [(60, 500), (120, 500), (30, 2_000), (60, 1_000), (10, 60_000), (30, 10_000), (10, 10_000)]);
    }

    #[test]
    fn every_key_has_a_name_of_its_own() {
        let mut all = Vec::from(keys(ip("192.0.2.1")));
        all.extend(
            keys(ip("192.0.2.2"))
                .into_iter()
                .filter(|key| !matches!(key, Key::ScanBy(_) | Key::Guess(_) | Key::GuessOn(_))),
        );
        all.extend([
            Key::ScanBy(account(2)),
            Key::Guess("another".to_owned()),
            Key::Guess("192.0.2.1:somebody".to_owned()),
            Key::GuessFrom(ip("192.0.2.1"), "another".to_owned()),
            Key::GuessOn(KnownAccount { account: account(2), nonce: 2 }),
            Key::GuessOn(KnownAccount { account: account(1), nonce: 3 }),
        ]);
        let names: HashSet<String> = all.iter().map(Key::to_string).collect();
        assert_eq!(names.len(), all.len(), "{names:?}");
    }

    #[test]
    fn one_ipv6_network_of_64_bits_is_one_address() {
        let network = keys(ip("2001:db8:0:1::")).map(Key::narrowed);
        for host in ["2001:db8:0:1::1", "2001:db8:0:1:8000::", "2001:db8:0:1:ffff:ffff:ffff:ffff"] {
            assert_eq!(keys(ip(host)).map(Key::narrowed), network, "{host}");
        }
        for (key, other) in keys(ip("2001:db8:0:2::1")).map(Key::narrowed).iter().zip(&network) {
            let is_by_address = !matches!(key, Key::ScanBy(_) | Key::Guess(_) | Key::GuessOn(_));
            assert_eq!(key != other, is_by_address, "{key}");
        }
        for address in ["192.0.2.1", "192.0.2.2"] {
            assert_eq!(keys(ip(address)).map(Key::narrowed), keys(ip(address)), "an IPv4 address is one address");
        }
    }

    #[tokio::test]
    async fn what_is_narrowed_is_counted_and_given_back_together() {
        let (limits, _hand) = limits();
        for host in 0..60 {
            let ip = IpAddr::V6((0x2001_0db8_u128 << 96 | u128::from(u64::MAX / 60 * host)).into());
            limits.charge(Key::Generate(ip)).await.unwrap();
        }
        limits.charge(Key::Generate(ip("2001:db8::ffff"))).await.unwrap_err();
        limits.give_back(&[Key::Generate(ip("2001:db8::fffe"))]).await;
        limits.charge(Key::Generate(ip("2001:db8::ffff"))).await.unwrap();
        limits.charge(Key::Generate(ip("2001:db8:0:1::1"))).await.unwrap();
    }

    #[tokio::test]
    async fn a_refusal_says_how_many_seconds_to_wait_and_that_is_enough() {
        let (limits, hand) = limits();
        for (key, seconds) in keys(ip("192.0.2.1")).into_iter().zip([1, 1, 2, 1, 60, 10, 10]) {
            assert_eq!(passing(&limits, &key).await, key.quota().burst, "{key}");
            let refused = limits.charge(key.clone()).await.unwrap_err();
            assert_eq!((refused.code, refused.retry_after), (ErrorCode::RateLimited, Some(seconds)), "{key}");
            hand.advance(key.quota().every - Duration::from_millis(1));
            assert_eq!(limits.charge(key.clone()).await.unwrap_err().retry_after, Some(1), "{key}");
            hand.advance(Duration::from_millis(1));
            assert_eq!(passing(&limits, &key).await, 1, "{key}");
        }
    }

    #[tokio::test]
    async fn what_is_refused_by_one_limit_is_not_counted_by_another() {
        let (limits, _hand) = limits();
        let narrow = Key::GuessFrom(ip("192.0.2.1"), "narrow".to_owned());
        for _ in 0..10 {
            limits.charge(narrow.clone()).await.unwrap();
        }
        for _ in 0..100 {
            limits.charge_all(&[guess(), narrow.clone()]).await.unwrap_err();
        }
        assert_eq!(passing(&limits, &guess()).await, BURST);
    }

    #[tokio::test]
    async fn without_a_store_nothing_is_limited() {
        let limits = RateLimits::new(None, Clock::default());
        for _ in 0..1_000 {
            limits.charge(guess()).await.unwrap();
        }
        limits.give_back(&[guess()]).await;
    }

    /// A store that is away.
    #[derive(Debug)]
    struct Away;

    #[async_trait]
    impl LimitStore for Away {
        async fn take(&self, _: &Key) -> Result<Duration, StoreError> {
            Err(StoreError::unavailable("count", "away"))
        }

        async fn give_back(&self, _: &Key) -> Result<(), StoreError> {
            Err(StoreError::unavailable("count", "away"))
        }
    }

    #[tokio::test]
    async fn a_node_without_its_store_counts_by_itself() {
        let (clock, hand) = Clock::manual();
        let limits = RateLimits::new(Some(Arc::new(Away)), clock);
        assert_eq!(passing(&limits, &guess()).await, BURST);
        assert_eq!(limits.charge(guess()).await.unwrap_err().retry_after, Some(EVERY));
        limits.give_back(&[guess()]).await;
        assert_eq!(passing(&limits, &guess()).await, 1);
        hand.advance(Duration::from_secs(EVERY));
        assert_eq!(passing(&limits, &guess()).await, 1);
    }
}

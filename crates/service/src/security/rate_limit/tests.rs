//! Tests of the limits, with a manual clock.

use super::*;
use async_trait::async_trait;
use domain::account::KnownAccount;
use domain::ids::AccountId;
use std::collections::HashSet;
use std::net::IpAddr;
use std::time::Duration;
use store::StoreError;
use uuid::Uuid;

const EVERY: u64 = 10;
const BURST: u32 = 30;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn account(number: u128) -> AccountId {
    Uuid::from_u128(number).into()
}

/// A burst of thirty, then one every ten seconds.
fn guess() -> Key {
    Key::Guess("somebody".to_owned())
}

/// One key of each kind, all for the same address, username and account.
fn keys(ip: IpAddr) -> [Key; 9] {
    let (name, known) = ("somebody".to_owned(), KnownAccount { account: account(1), nonce: 2 });
    [
        Key::Generate(ip),
        Key::Authorize(ip),
        Key::DeviceCode(ip),
        Key::ScanFrom(ip),
        Key::ScanBy(account(1)),
        Key::SignInFrom(ip),
        Key::GuessFrom(ip, name.clone()),
        Key::Guess(name),
        Key::GuessOn(known),
    ]
}

/// Limits with a manual clock.
fn limits() -> (RateLimits, clock::ClockHand) {
    let (clock, hand) = Clock::manual();
    (RateLimits::new(Some(Arc::new(MemoryLimits::new(clock.clone()))), clock), hand)
}

/// Returns the seconds after which a refused event may be retried.
async fn refused(limits: &RateLimits, key: Key) -> u64 {
    limits.charge(key).await.unwrap_err().retry_after
}

/// Returns how many events pass in a row until one is refused.
async fn passing(limits: &RateLimits, key: &Key) -> u32 {
    for count in 0..1_000 {
        if limits.charge(key.clone()).await.is_err() {
            return count;
        }
    }
    panic!("no limit");
}

#[test]
fn quotas_match_the_documentation() {
    let quotas = keys(ip("192.0.2.1")).map(|key| (key.quota().burst, key.quota().every.as_millis()));
    let codes = [(60, 500); 3];
    assert_eq!(quotas[..3], codes);
    assert_eq!(quotas[3..], [(120, 500), (30, 2_000), (60, 1_000), (10, 60_000), (30, 10_000), (10, 10_000)]);
    let of_site = keys(ip("2001:db8::1")).map(|key| key.of_site().map(|key| (key.quota().burst, key.quota().every)));
    let sites: Vec<_> = of_site.into_iter().flatten().map(|(burst, every)| (burst, every.as_millis())).collect();
    assert_eq!(sites, [(960, 31), (960, 31), (960, 31), (1_920, 31), (960, 62)]);
}

#[test]
fn every_key_has_a_distinct_name() {
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
    all.extend(keys(ip("2001:db8::")).iter().filter_map(Key::of_site));
    all.extend(keys(ip("2001:db8::")).into_iter().filter(|key| key.of_site().is_some()));
    let names: HashSet<String> = all.iter().map(Key::to_string).collect();
    assert_eq!(names.len(), all.len(), "{names:?}");
}

#[test]
fn an_ipv6_64_counts_as_one_address() {
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
async fn addresses_of_one_64_are_counted_and_refunded_together() {
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
async fn a_refusal_returns_a_sufficient_retry_after() {
    let (limits, hand) = limits();
    for (key, seconds) in keys(ip("192.0.2.1")).into_iter().zip([1, 1, 1, 1, 2, 1, 60, 10, 10]) {
        assert_eq!(passing(&limits, &key).await, key.quota().burst, "{key}");
        assert_eq!(refused(&limits, key.clone()).await, seconds, "{key}");
        hand.advance(key.quota().every - Duration::from_millis(1));
        assert_eq!(refused(&limits, key.clone()).await, 1, "{key}");
        hand.advance(Duration::from_millis(1));
        assert_eq!(passing(&limits, &key).await, 1, "{key}");
    }
}

#[tokio::test]
async fn an_event_refused_by_one_limit_is_not_counted_by_another() {
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

/// A store that is down.
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
async fn a_node_counts_in_memory_while_its_store_is_down() {
    let (clock, hand) = Clock::manual();
    let limits = RateLimits::new(Some(Arc::new(Away)), clock);
    assert_eq!(passing(&limits, &guess()).await, BURST);
    assert_eq!(refused(&limits, guess()).await, EVERY);
    limits.give_back(&[guess()]).await;
    assert_eq!(passing(&limits, &guess()).await, 1);
    hand.advance(Duration::from_secs(EVERY));
    assert_eq!(passing(&limits, &guess()).await, 1);
}

#[tokio::test]
async fn networks_of_one_site_share_a_limit_that_no_single_one_can_use_up() {
    let (limits, _hand) = limits();
    let neighbour = |number: u32| Key::Generate(format!("2001:db8:0:{number:x}::1").parse().unwrap());
    for _ in 0..5_000 {
        // Many more than allowed.
        let _ = limits.charge(neighbour(0)).await;
    }
    limits.charge(neighbour(1)).await.unwrap();
    let mut allowed = 0;
    for number in 2..5_000 {
        allowed += usize::from(limits.charge(neighbour(number)).await.is_ok());
    }
    assert_eq!(allowed, 16 * 60 - 60 - 1);
    limits.charge(Key::Generate("2001:db8:1::1".parse().unwrap())).await.unwrap();
    limits.charge(Key::Generate("192.0.2.1".parse().unwrap())).await.unwrap();
}

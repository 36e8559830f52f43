//! The contract of [`LimitStore`].

use super::samples::name;
use domain::account::KnownAccount;
use domain::limits::Key;
use futures::future::join_all;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::LimitStore;
use uuid::Uuid;

type Store = Arc<dyn LimitStore>;

macro_rules! limit_contract {
    ($backend:ident) => {
        contract! { limits, $backend:
            a_burst_passes_and_the_next_one_gets_a_retry_after
            a_refunded_event_was_not_counted
            refunding_more_than_was_counted_adds_nothing
            a_device_of_an_account_and_its_username_do_not_share
            keys_do_not_share
            kinds_of_keys_do_not_share
            exactly_a_burst_of_concurrent_events_passes
            the_burst_refills_over_time
        }
    };
}
pub(super) use limit_contract as contract;

/// A burst of ten, then one a minute: nothing is refilled during a test.
fn slow_key() -> Key {
    Key::GuessFrom([192, 0, 2, 1].into(), name("somebody"))
}

async fn passes(store: &Store, key: &Key) -> bool {
    store.take(key).await.unwrap().is_zero()
}

pub async fn a_burst_passes_and_the_next_one_gets_a_retry_after(store: &Store) {
    let key = slow_key();
    for _ in 0..10 {
        assert!(passes(store, &key).await);
    }
    let left = store.take(&key).await.unwrap();
    assert!(left > Duration::from_secs(30) && left <= Duration::from_secs(60), "{left:?}");
}

pub async fn a_refunded_event_was_not_counted(store: &Store) {
    let key = slow_key();
    for _ in 0..50 {
        assert!(passes(store, &key).await);
        store.give_back(&key).await.unwrap();
    }
    exactly_a_burst_is_left(store, &key).await;
}

pub async fn refunding_more_than_was_counted_adds_nothing(store: &Store) {
    let key = slow_key();
    assert!(passes(store, &key).await);
    for _ in 0..5 {
        store.give_back(&key).await.unwrap();
    }
    exactly_a_burst_is_left(store, &key).await;
}

async fn exactly_a_burst_is_left(store: &Store, key: &Key) {
    for _ in 0..10 {
        assert!(passes(store, key).await);
    }
    assert!(!passes(store, key).await);
}

pub async fn keys_do_not_share(store: &Store) {
    let (one, other) = (slow_key(), slow_key());
    exactly_a_burst_is_left(store, &one).await;
    assert!(passes(store, &other).await);
}

pub async fn kinds_of_keys_do_not_share(store: &Store) {
    let (name, account) = (name("somebody"), Uuid::new_v4().into());
    let ip = IpAddr::V6(Uuid::new_v4().as_u128().into());
    let keys = [
        Key::Generate(ip),
        Key::Authorize(ip),
        Key::DeviceCode(ip),
        Key::ScanFrom(ip),
        Key::ScanBy(account),
        Key::SignInFrom(ip),
        Key::GuessFrom(ip, name.clone()),
        Key::Guess(name),
        Key::GuessOn(KnownAccount { account, nonce: 0 }),
    ];
    for key in keys {
        let mut count = 0;
        while passes(store, &key).await {
            count += 1;
            assert!(count < 1_000, "{key}: no limit");
        }
        assert!(count >= key.quota().burst, "{key}: {count} passed, for another had used some up");
    }
}

pub async fn a_device_of_an_account_and_its_username_do_not_share(store: &Store) {
    let known = |nonce| KnownAccount { account: Uuid::from_u128(1).into(), nonce };
    let random = Uuid::new_v4().as_u64_pair().0;
    let (one, other) = (Key::GuessOn(known(random)), Key::GuessOn(known(random ^ 1)));
    exactly_a_burst_is_left(store, &one).await;
    assert!(passes(store, &other).await);
    assert!(passes(store, &Key::Guess(name("somebody"))).await);
}

pub async fn exactly_a_burst_of_concurrent_events_passes(store: &Store) {
    let key = slow_key();
    let tries = join_all((0..40).map(|_| {
        let (store, key) = (Arc::clone(store), key.clone());
        tokio::spawn(async move { passes(&store, &key).await })
    }))
    .await;
    assert_eq!(tries.into_iter().filter(|passed| *passed.as_ref().unwrap()).count(), 10);
}

pub async fn the_burst_refills_over_time(store: &Store) {
    // A burst of thirty, then one every two seconds. On a slow machine some are refilled in the meantime.
    let key = Key::ScanBy(Uuid::new_v4().into());
    let mut burst = 0;
    let left = loop {
        let left = store.take(&key).await.unwrap();
        if !left.is_zero() {
            break left;
        }
        burst += 1;
        assert!(burst < 1_000, "no limit");
    };
    let start = Instant::now();
    assert!(burst >= 30, "{burst}");
    assert!(left <= Duration::from_secs(2), "{left:?}");
    while !passes(store, &key).await {
        assert!(start.elapsed() < Duration::from_secs(60), "nothing is refilled");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // As long as it was told to wait, with a tolerance for two clocks.
    assert!(start.elapsed() + Duration::from_millis(100) >= left, "{:?} of {left:?}", start.elapsed());
}

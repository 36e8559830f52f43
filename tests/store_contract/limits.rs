//! What a [`LimitStore`] must do.

use super::samples::name;
use futures::future::join_all;
use qr_login::server::security::rate_limit::Key;
use qr_login::server::store::LimitStore;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

type Store = Arc<dyn LimitStore>;

macro_rules! limit_contract {
    ($backend:ident) => {
        contract! { limits, $backend:
            a_burst_passes_and_the_next_is_told_how_long_to_wait
            looking_costs_nothing
            keys_do_not_share
            of_many_at_once_exactly_a_burst_passes
            what_was_used_comes_back_with_time
        }
    };
}
pub(super) use limit_contract as contract;

/// Ten at once, then one every ten seconds: nothing comes back while a test runs.
fn slow_key() -> Key {
    Key::FailedSignIn(name("somebody"))
}

async fn passes(store: &Store, key: &Key) -> bool {
    store.take(key, true).await.unwrap().is_zero()
}

pub async fn a_burst_passes_and_the_next_is_told_how_long_to_wait(store: &Store) {
    let key = slow_key();
    for _ in 0..10 {
        assert!(passes(store, &key).await);
    }
    let left = store.take(&key, true).await.unwrap();
    assert!(left > Duration::from_secs(5) && left <= Duration::from_secs(10), "{left:?}");
}

pub async fn looking_costs_nothing(store: &Store) {
    let key = slow_key();
    for _ in 0..50 {
        assert_eq!(store.take(&key, false).await.unwrap(), Duration::ZERO);
    }
    for _ in 0..10 {
        assert!(passes(store, &key).await);
    }
    assert!(!store.take(&key, false).await.unwrap().is_zero());
}

pub async fn keys_do_not_share(store: &Store) {
    let (one, other) = (slow_key(), slow_key());
    while passes(store, &one).await {}
    assert!(passes(store, &other).await);
}

pub async fn of_many_at_once_exactly_a_burst_passes(store: &Store) {
    let key = slow_key();
    let tries = join_all((0..40).map(|_| {
        let (store, key) = (Arc::clone(store), key.clone());
        tokio::spawn(async move { passes(&store, &key).await })
    }))
    .await;
    assert_eq!(tries.into_iter().filter(|passed| *passed.as_ref().unwrap()).count(), 10);
}

pub async fn what_was_used_comes_back_with_time(store: &Store) {
    // One every two seconds.
    let key = Key::ScanBy(Uuid::new_v4().into());
    while passes(store, &key).await {}
    tokio::time::timeout(Duration::from_secs(60), async { while !passes(store, &key).await {} }).await.unwrap();
}

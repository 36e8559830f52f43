//! Publish/subscribe by key: the one source of notifications behind long polling, WebSocket and session watching.
//!
//! A waiter subscribes first and reads the store second, so it cannot miss a change in between. It is woken only by a
//! change or by its own deadline: waiting costs no CPU.

use domain::ticket::Ticket;
use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

type Channels<K, V> = Mutex<HashMap<K, watch::Sender<Option<V>>>>;

/// A value that may arrive out of order.
pub trait Versioned: Clone {
    /// Returns whether this replaces `earlier` for subscribers that have not received it yet.
    fn is_newer_than(&self, earlier: &Self) -> bool;
}

impl Versioned for () {
    /// Every notification is only a reason to read again.
    fn is_newer_than(&self, (): &Self) -> bool {
        true
    }
}

impl Versioned for Arc<Ticket> {
    fn is_newer_than(&self, earlier: &Self) -> bool {
        self.version > earlier.version
    }
}

/// Delivers values of type `V` to the subscribers of a key. A key without subscribers costs nothing.
#[derive(Debug)]
pub struct Feed<K: Eq + Hash, V> {
    channels: Arc<Channels<K, V>>,
    /// Notified of every key, for those who need no value.
    any: Arc<watch::Sender<()>>,
}

impl<K: Eq + Hash, V> Clone for Feed<K, V> {
    fn clone(&self) -> Self {
        Self { channels: Arc::clone(&self.channels), any: Arc::clone(&self.any) }
    }
}

impl<K: Eq + Hash, V> Default for Feed<K, V> {
    fn default() -> Self {
        Self { channels: Arc::default(), any: Arc::default() }
    }
}

impl<K: Copy + Debug + Eq + Hash, V: Versioned> Feed<K, V> {
    /// Subscribes to `key`.
    pub fn subscribe(&self, key: K) -> Subscription<K, V> {
        let receiver = lock(&self.channels).entry(key).or_insert_with(|| watch::channel(None).0).subscribe();
        Subscription { receiver, key, channels: Arc::clone(&self.channels) }
    }

    /// Notifies all subscribers of `key`.
    pub fn publish(&self, key: K, value: V) {
        if let Some(channel) = lock(&self.channels).get(&key) {
            tell(channel, value);
        }
        self.any.send_replace(());
    }
}

impl<K: Copy + Eq + Hash, V: Versioned> Feed<K, V> {
    /// Notifies all subscribers of all keys.
    pub fn publish_to_all(&self, value: V) {
        for channel in lock(&self.channels).values() {
            tell(channel, value.clone());
        }
        self.any.send_replace(());
    }

    /// Returns a receiver that is notified whenever anything is published, also for a key without subscribers.
    pub fn subscribe_to_any(&self) -> watch::Receiver<()> {
        self.any.subscribe()
    }

    /// Returns the keys that have subscribers.
    pub fn keys(&self) -> Vec<K> {
        lock(&self.channels).keys().copied().collect()
    }

    /// Returns whether `key` has subscribers.
    pub fn is_awaited(&self, key: K) -> bool {
        lock(&self.channels).contains_key(&key)
    }
}

/// A subscription to a key; dropping it unsubscribes.
#[derive(Debug)]
pub struct Subscription<K: Eq + Hash, V> {
    receiver: watch::Receiver<Option<V>>,
    key: K,
    channels: Arc<Channels<K, V>>,
}

impl<K: Eq + Hash, V: Clone> Subscription<K, V> {
    /// Returns the next value. A slow subscriber skips values, but never the last one.
    pub async fn next(&mut self) -> V {
        loop {
            if self.receiver.changed().await.is_err() {
                // Unreachable, because the sender lives as long as this subscription.
                std::future::pending::<()>().await;
            }
            let value = self.receiver.borrow_and_update().clone();
            if let Some(value) = value {
                return value;
            }
        }
    }
}

impl<K: Eq + Hash, V> Drop for Subscription<K, V> {
    fn drop(&mut self) {
        let mut channels = lock(&self.channels);
        // This receiver is still counted.
        if channels.get(&self.key).is_some_and(|channel| channel.receiver_count() <= 1) {
            channels.remove(&self.key);
        }
    }
}

fn tell<V: Versioned>(channel: &watch::Sender<Option<V>>, value: V) {
    channel.send_if_modified(|told| {
        let is_newer = told.as_ref().is_none_or(|earlier| value.is_newer_than(earlier));
        if is_newer {
            *told = Some(value);
        }
        is_newer
    });
}

fn lock<K: Eq + Hash, V>(channels: &Channels<K, V>) -> MutexGuard<'_, HashMap<K, watch::Sender<Option<V>>>> {
    channels.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    impl Versioned for u8 {
        fn is_newer_than(&self, earlier: &Self) -> bool {
            self > earlier
        }
    }

    #[tokio::test]
    async fn everybody_who_waits_under_a_key_hears_of_it() {
        let feed = Feed::<char, u8>::default();
        let (mut one, mut two, mut other) = (feed.subscribe('a'), feed.subscribe('a'), feed.subscribe('b'));
        feed.publish('a', 1);
        assert_eq!((one.next().await, two.next().await), (1, 1));
        feed.publish('b', 2);
        assert_eq!(other.next().await, 2);
        feed.publish_to_all(3);
        assert_eq!((one.next().await, two.next().await, other.next().await), (3, 3, 3));
    }

    #[tokio::test]
    async fn what_comes_late_does_not_hide_what_came_after_it() {
        let feed = Feed::<char, u8>::default();
        let mut waiting = feed.subscribe('a');
        feed.publish('a', 2);
        feed.publish('a', 1);
        assert_eq!(waiting.next().await, 2);
        feed.publish('a', 2);
        assert!(waiting.next().now_or_never().is_none());
    }

    #[tokio::test]
    async fn who_listens_to_any_key_hears_of_each() {
        let feed = Feed::<char, u8>::default();
        let mut any = feed.subscribe_to_any();
        assert!(any.changed().now_or_never().is_none());
        feed.publish('a', 1);
        assert!(any.changed().await.is_ok());
        assert!(any.changed().now_or_never().is_none());
        feed.publish_to_all(2);
        assert!(any.changed().await.is_ok());
    }

    #[test]
    fn a_key_is_forgotten_with_its_last_waiter() {
        let feed = Feed::<u8, u8>::default();
        let (one, two) = (feed.subscribe(1), feed.subscribe(1));
        drop(one);
        assert_eq!(lock(&feed.channels).len(), 1);
        drop(two);
        assert_eq!(lock(&feed.channels).len(), 0);
        feed.publish(1, 1);
        assert_eq!(lock(&feed.channels).len(), 0);
    }
}

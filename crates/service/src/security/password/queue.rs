//! Limits how many requests wait for a password hash, in total and per address.

use domain::network::network_of;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Queued requests per concurrent hash: at 20 to 30 ms each, the last one waits for about three seconds.
const PER_SLOT: usize = 100;
/// One address may use this fraction (1/8) of the queue, so that it cannot fill it.
const SHARE: usize = 8;
/// Seconds after which to retry.
const RETRY_AFTER: u64 = 2;

/// Why a request was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueueFull {
    /// Its address has reached its share.
    #[error("the address waits for too many password hashes")]
    ForAddress {
        /// Seconds after which it may retry.
        retry_after: u64,
    },
    /// The queue is full.
    #[error("too many password hashes are waited for")]
    ForAll {
        /// Seconds after which to retry.
        retry_after: u64,
    },
}

/// The requests that wait for a hash or run one.
#[derive(Debug)]
pub(super) struct Queue {
    most: usize,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

impl Queue {
    /// Creates a queue for that many concurrent hashes.
    pub(super) fn new(slots: usize) -> Self {
        Self { most: slots * PER_SLOT, waiting: Mutex::default() }
    }

    /// Enters the queue. A full queue is 503, because the server is overloaded; a full share of one address is 429,
    /// because the client sends too many requests.
    pub(super) fn turn(self: &Arc<Self>, from: Option<IpAddr>) -> Result<Turn, QueueFull> {
        let from = from.map(network_of);
        let mut waiting = self.lock();
        if waiting.all >= self.most {
            return Err(QueueFull::ForAll { retry_after: RETRY_AFTER });
        }
        if let Some(from) = from {
            let count = waiting.by_address.entry(from).or_insert(0);
            if *count >= self.most / SHARE {
                return Err(QueueFull::ForAddress { retry_after: RETRY_AFTER });
            }
            *count += 1;
        }
        waiting.all += 1;
        Ok(Turn { queue: Arc::clone(self), from })
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request's place in the queue; released on drop.
#[derive(Debug)]
pub struct Turn {
    queue: Arc<Queue>,
    from: Option<IpAddr>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut waiting = self.queue.lock();
        waiting.all -= 1;
        if let Some(from) = self.from
            && let Some(count) = waiting.by_address.get_mut(&from)
        {
            *count -= 1;
            if *count == 0 {
                waiting.by_address.remove(&from);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn one_address_takes_its_share_and_no_more() {
        let queue = Arc::new(Queue::new(2));
        let (one, other) = ("2001:db8::1".parse().unwrap(), "2001:db8:0:1::1".parse().unwrap());
        let neighbour = "2001:db8::2".parse().unwrap();
        let mut turns: Vec<_> = (0..25).map(|_| queue.turn(Some(one)).unwrap()).collect();
        let refused = queue.turn(Some(neighbour)).unwrap_err();
        assert_eq!(refused, QueueFull::ForAddress { retry_after: RETRY_AFTER });
        queue.turn(Some(other)).unwrap();
        turns.pop();
        queue.turn(Some(neighbour)).unwrap();
        drop(turns);
        assert!(queue.lock().by_address.is_empty());
    }

    #[test]
    fn all_together_wait_for_some_seconds_at_the_most() {
        let queue = Arc::new(Queue::new(2));
        let turns: Vec<_> = (0..200).map(|_| queue.turn(None).unwrap()).collect();
        let refused = queue.turn(None).unwrap_err();
        assert_eq!(refused, QueueFull::ForAll { retry_after: RETRY_AFTER });
        drop(turns);
        queue.turn(None).unwrap();
    }
}

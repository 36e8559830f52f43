//! Caps on waiting: a WebSocket or a long poll lasts for as long as its client wants, so their number is limited.
//!
//! Counted in this node's memory, at about 90 bytes per wait. A page that is refused falls back to the next transport, down to
//! polling every two seconds.

use super::address::network_of;
use crate::error::ApiError;
use crate::ids::{SecretHash, SessionId, TicketId};
use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::{BuildHasher, Hash};
use std::net::IpAddr;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};

/// Per ticket: a tab needs one, and a second one until a broken connection is noticed.
const PER_TICKET: u32 = 4;
/// Per browser: its tabs share the binding secret.
const PER_BROWSER: u32 = 20;
/// Per signed-in session: tabs with `/account`.
const PER_SESSION: u32 = 20;
/// Per address, or /64 of IPv6: a large office behind one NAT.
const PER_ADDRESS: u32 = 1_000;
/// `Retry-After` of a refusal, in seconds.
const RETRY_AFTER: u64 = 5;

/// What a wait counts for. Only its hash is kept, because that is smaller.
#[derive(Hash)]
enum Key {
    /// With the browser's secret, so that a client that has only the id cannot use up the owner's quota.
    Ticket(TicketId, SecretHash),
    Browser(SecretHash),
    Session(SessionId),
    Address(IpAddr),
}

/// The waits at this node.
#[derive(Debug)]
pub struct Waits {
    /// Randomly seeded, so that collisions cannot be constructed.
    hasher: RandomState,
    counts: Mutex<HashMap<NonZeroU64, u32>>,
    counts_addresses: bool,
}

impl Waits {
    /// Caps on tickets, browsers and sessions, and if asked for on addresses.
    pub fn new(counts_addresses: bool) -> Arc<Self> {
        Arc::new(Self { hasher: RandomState::new(), counts: Mutex::default(), counts_addresses })
    }

    /// A place to wait for `ticket`. A browser without a secret is refused later anyway and counts by its address only.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn for_ticket(
        self: &Arc<Self>,
        ticket: TicketId,
        browser: Option<SecretHash>,
        ip: IpAddr,
    ) -> Result<Place, ApiError> {
        let address = self.address(ip);
        match browser {
            Some(secret) => self.take([
                Some((Key::Ticket(ticket, secret), PER_TICKET)),
                Some((Key::Browser(secret), PER_BROWSER)),
                address,
            ]),
            None => self.take([None, None, address]),
        }
    }

    /// A place to wait for a session's end.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn for_session(self: &Arc<Self>, session: SessionId, ip: IpAddr) -> Result<Place, ApiError> {
        self.take([Some((Key::Session(session), PER_SESSION)), None, self.address(ip)])
    }

    fn address(&self, ip: IpAddr) -> Option<(Key, u32)> {
        self.counts_addresses.then(|| (Key::Address(network_of(ip)), PER_ADDRESS))
    }

    fn take(self: &Arc<Self>, wanted: [Option<(Key, u32)>; 3]) -> Result<Place, ApiError> {
        // On an error its drop releases the keys that were counted.
        let mut place = Place { waits: Arc::clone(self), keys: [None; 3] };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (held, (key, most)) in place.keys.iter_mut().zip(wanted.into_iter().flatten()) {
            let key = NonZeroU64::new(self.hasher.hash_one(key)).unwrap_or(NonZeroU64::MIN);
            let count = counts.entry(key).or_insert(0);
            if *count >= most {
                drop(counts);
                return Err(ApiError::rate_limited(RETRY_AFTER));
            }
            *count += 1;
            *held = Some(key);
        }
        drop(counts);
        Ok(place)
    }
}

/// One wait; counted until dropped.
#[derive(Debug)]
pub struct Place {
    waits: Arc<Waits>,
    keys: [Option<NonZeroU64>; 3],
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.waits.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for key in self.keys.into_iter().flatten() {
            if let Entry::Occupied(mut entry) = counts.entry(key) {
                *entry.get_mut() -= 1;
                if *entry.get() == 0 {
                    entry.remove();
                }
            }
        }
        // After a rush, give the memory back.
        if counts.capacity() > 1024 && counts.len() < counts.capacity() / 8 {
            counts.shrink_to_fit();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn ticket() -> TicketId {
        Uuid::new_v4().into()
    }

    fn browser(number: u32) -> Option<SecretHash> {
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&number.to_be_bytes());
        Some(SecretHash::new(digest))
    }

    #[test]
    fn an_address_waits_a_thousand_times_whatever_its_browsers() {
        let waits = Waits::new(true);
        let ip = |host: u32| format!("2001:db8::{host:x}").parse().unwrap();
        let mut held: Vec<_> = (0..1_000).map(|n| waits.for_ticket(ticket(), browser(n), ip(n)).unwrap()).collect();
        for refused in [
            waits.for_ticket(ticket(), browser(5_000), ip(5_000)).unwrap_err(),
            waits.for_ticket(ticket(), None, ip(1)).unwrap_err(),
            waits.for_session(Uuid::new_v4().into(), ip(2)).unwrap_err(),
        ] {
            assert_eq!(refused.retry_after, Some(RETRY_AFTER));
        }
        let elsewhere = "2001:db8:0:1::1".parse().unwrap();
        // The refused were counted nowhere.
        let again: Vec<_> = (0..4).map(|_| waits.for_ticket(ticket(), browser(5_000), elsewhere).unwrap()).collect();
        held.pop();
        waits.for_session(Uuid::new_v4().into(), ip(3)).unwrap();
        drop((held, again));
        assert!(waits.counts.lock().unwrap().is_empty());
    }

    #[test]
    fn without_rate_limits_an_address_waits_as_often_as_it_likes() {
        let waits = Waits::new(false);
        let ip = [192, 0, 2, 1].into();
        let _held: Vec<_> = (0..2_000).map(|n| waits.for_ticket(ticket(), browser(n), ip).unwrap()).collect();
        let shown = ticket();
        let _tabs: Vec<_> = (0..4).map(|_| waits.for_ticket(shown, browser(1), ip).unwrap()).collect();
        waits.for_ticket(shown, browser(1), ip).unwrap_err();
    }
}

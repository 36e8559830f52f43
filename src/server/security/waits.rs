//! Caps on waiting: a WebSocket or a long poll lasts as long as its client wants, so their number is limited.
//!
//! Counted in this node's memory, at about 100 bytes per wait. A page that is refused falls back to the next transport,
//! down to polling every two seconds.

use crate::error::ApiError;
use domain::ids::{SecretHash, SessionId, TicketId};
use domain::network::{network_of, site_of};
use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::{BuildHasher, Hash};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};

/// Per ticket: a tab needs one, and a second one until a broken connection is detected.
const PER_TICKET: u32 = 4;
/// Per browser: its tabs share the binding secret.
const PER_BROWSER: u32 = 20;
/// Per signed-in session: tabs with `/account`.
const PER_SESSION: u32 = 20;
/// Per address, or /64 of IPv6: a large office behind one NAT.
const PER_ADDRESS: u32 = 1_000;
/// Per /48 of IPv6, the largest network of one site: sixteen addresses, as in [`super::rate_limit`].
const PER_SITE: u32 = 16 * PER_ADDRESS;
/// `Retry-After` of a refusal, in seconds.
const RETRY_AFTER: u64 = 5;

/// What a wait counts against. Only its hash is stored, because it is smaller.
#[derive(Hash)]
enum Key {
    Ticket(TicketId),
    Browser(SecretHash),
    Session(SessionId),
    Address(IpAddr),
    Site(Ipv6Addr),
}

/// The waits at this node.
#[derive(Debug)]
pub struct Waits {
    /// Randomly seeded, so that collisions cannot be constructed.
    hasher: RandomState,
    counts: Mutex<Counts>,
    counts_addresses: bool,
    /// Waits in total, so that some connections remain for short requests.
    most: usize,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_key: HashMap<NonZeroU64, u32>,
}

impl Waits {
    /// Creates caps per ticket, browser and session, in total, and optionally per address, for a listener with that
    /// many connections.
    pub fn new(counts_addresses: bool, connections: usize) -> Arc<Self> {
        let most = connections / 4 * 3;
        Arc::new(Self { hasher: RandomState::new(), counts: Mutex::default(), counts_addresses, most })
    }

    /// Reserves a wait for `ticket`, which is bound to `browser`.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn for_ticket(self: &Arc<Self>, ticket: TicketId, browser: SecretHash, ip: IpAddr) -> Result<Place, ApiError> {
        let own = [Some((Key::Ticket(ticket), PER_TICKET)), Some((Key::Browser(browser), PER_BROWSER))];
        self.take(own, ip)
    }

    /// Reserves a wait for the end of a session.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn for_session(self: &Arc<Self>, session: SessionId, ip: IpAddr) -> Result<Place, ApiError> {
        self.take([Some((Key::Session(session), PER_SESSION)), None], ip)
    }

    fn take(self: &Arc<Self>, own: [Option<(Key, u32)>; 2], ip: IpAddr) -> Result<Place, ApiError> {
        let address = self.counts_addresses.then(|| (Key::Address(network_of(ip)), PER_ADDRESS));
        let site = site_of(ip).filter(|_| self.counts_addresses).map(|site| (Key::Site(site), PER_SITE));
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.all >= self.most {
            return Err(ApiError::rate_limited(RETRY_AFTER));
        }
        counts.all += 1;
        // On an error, dropping it releases what was counted.
        let mut place = Place { waits: Arc::clone(self), keys: [None; 4] };
        for (held, (key, most)) in place.keys.iter_mut().zip(own.into_iter().chain([address, site]).flatten()) {
            let key = NonZeroU64::new(self.hasher.hash_one(key)).unwrap_or(NonZeroU64::MIN);
            let count = counts.by_key.entry(key).or_insert(0);
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
    keys: [Option<NonZeroU64>; 4],
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.waits.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all -= 1;
        let by_key = &mut counts.by_key;
        for key in self.keys.into_iter().flatten() {
            if let Entry::Occupied(mut entry) = by_key.entry(key) {
                *entry.get_mut() -= 1;
                if *entry.get() == 0 {
                    entry.remove();
                }
            }
        }
        // Shrink after a burst.
        if by_key.capacity() > 1024 && by_key.len() < by_key.capacity() / 8 {
            by_key.shrink_to_fit();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use uuid::Uuid;

    const MANY: usize = 100_000;

    fn ticket() -> TicketId {
        Uuid::new_v4().into()
    }

    fn browser(number: u32) -> SecretHash {
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&number.to_be_bytes());
        SecretHash::new(digest)
    }

    fn is_empty(waits: &Waits) -> bool {
        let counts = waits.counts.lock().unwrap();
        counts.all == 0 && counts.by_key.is_empty()
    }

    #[test]
    fn an_address_waits_a_thousand_times_whatever_its_browsers() {
        let waits = Waits::new(true, MANY);
        let ip = |host: u32| format!("2001:db8::{host:x}").parse().unwrap();
        let mut held: Vec<_> = (0..1_000).map(|n| waits.for_ticket(ticket(), browser(n), ip(n)).unwrap()).collect();
        for refused in [
            waits.for_ticket(ticket(), browser(5_000), ip(5_000)).unwrap_err(),
            waits.for_session(Uuid::new_v4().into(), ip(2)).unwrap_err(),
        ] {
            assert_eq!(refused.retry_after, Some(RETRY_AFTER));
        }
        let elsewhere = "2001:db8:0:1::1".parse().unwrap();
        // Refused waits must not be counted.
        let again: Vec<_> = (0..4).map(|_| waits.for_ticket(ticket(), browser(5_000), elsewhere).unwrap()).collect();
        held.pop();
        waits.for_session(Uuid::new_v4().into(), ip(3)).unwrap();
        drop((held, again));
        assert!(is_empty(&waits));
    }

    #[test]
    fn a_site_waits_as_often_as_sixteen_of_its_networks() {
        let waits = Waits::new(true, MANY);
        let ip = |network: u32| format!("2001:db8:0:{network:x}::1").parse().unwrap();
        let held: Vec<_> = (0..PER_SITE).map(|n| waits.for_ticket(ticket(), browser(n), ip(n % 17)).unwrap()).collect();
        waits.for_ticket(ticket(), browser(PER_SITE), ip(99)).unwrap_err();
        waits.for_ticket(ticket(), browser(PER_SITE), "2001:db8:1::1".parse().unwrap()).unwrap();
        drop(held);
        assert!(is_empty(&waits));
    }

    #[test]
    fn a_quarter_of_the_connections_is_kept_for_other_requests() {
        let waits = Waits::new(false, 100);
        let ip = [192, 0, 2, 1].into();
        let mut held: Vec<_> = (0..75).map(|n| waits.for_ticket(ticket(), browser(n), ip).unwrap()).collect();
        waits.for_ticket(ticket(), browser(99), ip).unwrap_err();
        waits.for_session(Uuid::new_v4().into(), ip).unwrap_err();
        held.pop();
        waits.for_ticket(ticket(), browser(99), ip).unwrap();
    }

    #[test]
    fn without_rate_limits_an_address_waits_as_often_as_it_likes() {
        let waits = Waits::new(false, MANY);
        let ip = [192, 0, 2, 1].into();
        let _held: Vec<_> = (0..2_000).map(|n| waits.for_ticket(ticket(), browser(n), ip).unwrap()).collect();
        let shown = ticket();
        let _tabs: Vec<_> = (0..4).map(|_| waits.for_ticket(shown, browser(1), ip).unwrap()).collect();
        waits.for_ticket(shown, browser(1), ip).unwrap_err();
    }
}

//! Tickets in this process: for a single node, lost when it stops. Waiting pages then get a new code automatically.

pub mod limits;

use super::{StoreError, Swap, TicketStore};
use async_trait::async_trait;
use domain::ids::TicketId;
use domain::ticket::{Ticket, UserCode};
use domain::time::Timestamp;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Maximum number of tickets: at about 380 bytes each they take 190 MB. That is 4,000 new codes a second for the two
/// minutes that each one lives.
const MOST: usize = 500_000;
/// Minimum interval between searches of a full map for expired tickets.
const SEARCH_EVERY: Duration = Duration::from_secs(1);

/// Number of entries for which a map always keeps its memory.
const SMALL: usize = 256;

/// Tickets in a map. The lock is only held for a look-up, never across an await.
#[derive(Debug)]
pub struct MemoryTickets {
    tickets: Mutex<HashMap<TicketId, Arc<Ticket>>>,
    /// The tickets of devices by the code that the device shows. Locked after `tickets`.
    by_user_code: Mutex<HashMap<UserCode, TicketId>>,
    most: usize,
    /// When a full map was last searched, in milliseconds of a [`Timestamp`].
    searched_at: AtomicI64,
}

impl Default for MemoryTickets {
    fn default() -> Self {
        Self::with_room_for(MOST)
    }
}

impl MemoryTickets {
    /// Creates a store for at most `most` tickets.
    pub fn with_room_for(most: usize) -> Self {
        Self { tickets: Mutex::default(), by_user_code: Mutex::default(), most, searched_at: AtomicI64::new(0) }
    }

    /// Returns whether there is room for one more. A full map evicts expired tickets early: a new code matters more
    /// than telling a late phone what happened to an old one.
    fn has_room(&self, tickets: &mut HashMap<TicketId, Arc<Ticket>>, now: Timestamp) -> bool {
        if tickets.len() >= self.most {
            let last = Timestamp::from_millis(self.searched_at.load(Ordering::Relaxed));
            // In both directions: the clock may be set back.
            if now.abs_diff(last) >= SEARCH_EVERY {
                self.searched_at.store(now.as_millis(), Ordering::Relaxed);
                tracing::warn!(tickets = tickets.len(), "the cap on tickets is reached");
                tickets.retain(|_, ticket| ticket.expires_at > now);
            }
        }
        tickets.len() < self.most
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TicketId, Arc<Ticket>>> {
        // Every change is a single insert, so a thread that panicked left the map consistent.
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_codes(&self) -> MutexGuard<'_, HashMap<UserCode, TicketId>> {
        self.by_user_code.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the user code for a new ticket. Returns false if a live ticket has it.
    fn takes_user_code(&self, tickets: &HashMap<TicketId, Arc<Ticket>>, ticket: &Ticket) -> bool {
        let Some(device) = &ticket.device else { return true };
        let mut codes = self.lock_codes();
        let other = codes.get(&device.user_code).and_then(|id| tickets.get(id));
        let is_free = other.is_none_or(|other| other.expires_at <= ticket.created_at);
        if is_free {
            codes.insert(device.user_code, ticket.id);
        }
        is_free
    }
}

#[async_trait]
impl TicketStore for MemoryTickets {
    async fn insert(&self, ticket: Arc<Ticket>) -> Result<(), StoreError> {
        let mut tickets = self.lock();
        if !self.has_room(&mut tickets, ticket.created_at) {
            return Err(StoreError::Full);
        }
        if tickets.contains_key(&ticket.id) || !self.takes_user_code(&tickets, &ticket) {
            return Err(StoreError::Exists);
        }
        tickets.insert(ticket.id, ticket);
        Ok(())
    }

    async fn get(&self, id: TicketId) -> Result<Option<Arc<Ticket>>, StoreError> {
        Ok(self.lock().get(&id).cloned())
    }

    async fn by_user_code(&self, code: UserCode) -> Result<Option<Arc<Ticket>>, StoreError> {
        let tickets = self.lock();
        let id = self.lock_codes().get(&code).copied();
        Ok(id.and_then(|id| tickets.get(&id)).cloned())
    }

    async fn swap(&self, next: Arc<Ticket>) -> Result<Swap, StoreError> {
        match self.lock().get_mut(&next.id) {
            Some(current) if current.version.checked_add(1) == Some(next.version) => {
                *current = next;
                Ok(Swap::Done)
            }
            _ => Ok(Swap::Lost),
        }
    }

    async fn overdue(&self, now: Timestamp) -> Result<Vec<TicketId>, StoreError> {
        let tickets = self.lock();
        Ok(tickets.values().filter(|ticket| ticket.is_overdue(now)).map(|ticket| ticket.id).collect())
    }

    async fn forget(&self, before: Timestamp) -> Result<(), StoreError> {
        let mut tickets = self.lock();
        tickets.retain(|_, ticket| ticket.expires_at >= before);
        self.lock_codes().retain(|_, id| tickets.contains_key(id));
        shrink_after_burst(&mut tickets);
        Ok(())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Frees the memory of a map that has become much smaller.
fn shrink_after_burst<K: Eq + Hash, V>(map: &mut HashMap<K, V>) {
    if map.capacity() > 4 * map.len().max(SMALL) {
        map.shrink_to_fit();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use domain::ids::SecretHash;
    use domain::ticket::{Requester, TicketState};
    use uuid::Uuid;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn ticket(created_at: Timestamp) -> Arc<Ticket> {
        Arc::new(Ticket {
            id: Uuid::new_v4().into(),
            version: 0,
            browser: SecretHash::new([0; 32]),
            requester: Requester { ip: String::new(), browser: String::new(), os: String::new() },
            known_accounts: Vec::new(),
            app: None,
            device: None,
            created_at,
            expires_at: created_at + Duration::from_secs(120),
            state: TicketState::Pending,
        })
    }

    #[tokio::test]
    async fn a_full_map_refuses_more_until_some_have_ended() {
        let store = MemoryTickets::with_room_for(2);
        let (first, second) = (ticket(START), ticket(START + Duration::from_secs(60)));
        store.insert(Arc::clone(&first)).await.unwrap();
        store.insert(Arc::clone(&second)).await.unwrap();
        let refused = store.insert(ticket(START + Duration::from_secs(119))).await.unwrap_err();
        assert!(matches!(refused, StoreError::Full));
        // Not searched again within the second.
        store.insert(ticket(START + Duration::from_millis(119_999))).await.unwrap_err();
        store.insert(ticket(START + Duration::from_secs(120))).await.unwrap();
        assert!(store.get(first.id).await.unwrap().is_none());
        assert!(store.get(second.id).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_full_map_is_searched_again_after_the_clock_was_set_back() {
        let store = MemoryTickets::with_room_for(1);
        store.insert(ticket(START)).await.unwrap();
        store.insert(ticket(START + Duration::from_secs(3600))).await.unwrap();
        store.insert(ticket(START)).await.unwrap_err();
        assert_eq!(store.searched_at.load(Ordering::Relaxed), START.as_millis());
    }

    #[test]
    fn a_map_shrinks_when_it_is_three_quarters_empty_and_not_small() {
        let capacity_with = |entries: usize, least: usize| {
            let mut map: HashMap<usize, ()> = (0..entries).map(|number| (number, ())).collect();
            map.reserve(least.saturating_sub(entries));
            let before = map.capacity();
            shrink_after_burst(&mut map);
            (before, map.capacity())
        };
        let (before, after) = capacity_with(SMALL, 100_000);
        assert!(before >= 100_000 && after < 4 * SMALL, "{after}");
        let (before, after) = capacity_with(0, 4 * SMALL - 200);
        assert_eq!(before, after, "a small map stays as it is");
        let (quarter, _) = capacity_with(0, 100_000);
        assert_eq!(quarter % 4, 0);
        let (before, after) = capacity_with(quarter / 4, 100_000);
        assert_eq!((before, after), (quarter, quarter));
        let (before, after) = capacity_with(quarter / 4 - 1, 100_000);
        assert!(after < before, "{after}");
    }
}
